//! The certificate that the listener shows: made by the plane's authority, renewed while it runs.
//!
//! A handshake finds a certificate that is good for two thirds of its life yet and has the names of
//! every region in use; where that is not so, it makes one first. No timer is needed for it.

use crate::{Inner, authority, chance};
use arc_swap::ArcSwapOption;
use jiff::{SignedDuration, Timestamp};
use names::Region;
use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256,
};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::Revision;
use tokio_rustls::TlsAcceptor;

/// How long a certificate is good. Clients refuse those of more than 398 days.
const LIFE: Duration = Duration::from_hours(90 * 24);

/// When the next one is made: two thirds into its life.
const RENEWAL: SignedDuration = SignedDuration::from_hours(60 * 24);

/// Names beside those of regions.
const NAMES: [&str; 4] = ["localhost", "127.0.0.1", "::1", "*.amazonaws.com"];

/// The listener's certificate of now.
pub(crate) struct Certificates {
    issuer: Issuer<'static, KeyPair>,
    crypto: Arc<CryptoProvider>,
    current: ArcSwapOption<Shown>,
    /// Held while one is made, so that many handshakes make one.
    making: Mutex<()>,
}

/// A certificate, and until when it serves.
pub(crate) struct Shown {
    key: Arc<CertifiedKey>,
    renewal: Timestamp,
    regions: BTreeSet<Region>,
    /// The newest world whose regions it is known to have.
    revision: Revision,
}

impl Certificates {
    pub(crate) fn new(issuer: Issuer<'static, KeyPair>) -> Self {
        Self {
            issuer,
            crypto: Arc::new(rustls::crypto::aws_lc_rs::default_provider()),
            current: ArcSwapOption::empty(),
            making: Mutex::new(()),
        }
    }

    /// The certificate for now and for the regions of a world's revision; made when there is none
    /// that serves.
    fn current(
        &self,
        now: Timestamp,
        revision: Revision,
        regions: impl FnOnce() -> BTreeSet<Region>,
    ) -> Result<Arc<Shown>, String> {
        let serves = |shown: &Arc<Shown>| now < shown.renewal && shown.revision == revision;
        if let Some(shown) = self.current.load_full().filter(serves) {
            return Ok(shown);
        }
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        let regions = regions();
        let before = self.current.load_full();
        let key = match before.filter(|shown| now < shown.renewal && shown.regions == regions) {
            Some(shown) => (Arc::clone(&shown.key), shown.renewal),
            None => (self.make(now, &regions)?, now + RENEWAL),
        };
        let shown = Arc::new(Shown {
            key: key.0,
            renewal: key.1,
            regions,
            revision,
        });
        self.current.store(Some(Arc::clone(&shown)));
        Ok(shown)
    }

    fn make(
        &self,
        now: Timestamp,
        regions: &BTreeSet<Region>,
    ) -> Result<Arc<CertifiedKey>, String> {
        let failed = |why: &dyn fmt::Display| format!("certificates: {why}");
        let names = NAMES.map(str::to_owned).into_iter();
        let names: Vec<String> = names.chain(regions.iter().flat_map(names_of)).collect();
        let mut leaf = CertificateParams::new(names).map_err(|why| failed(&why))?;
        leaf.distinguished_name.push(DnType::CommonName, "rolecall");
        leaf.use_authority_key_identifier_extension = true;
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        (leaf.not_before, leaf.not_after) = authority::valid(now, LIFE);
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(|why| failed(&why))?;
        let signed = leaf.signed_by(&key, &self.issuer);
        let chain = vec![signed.map_err(|why| failed(&why))?.der().clone()];
        let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let key = self.crypto.key_provider.load_private_key(private);
        let key = key.map_err(|why| failed(&why))?;
        Ok(Arc::new(CertifiedKey::new(chain, key)))
    }
}

/// The hosts of a region: its services, and below `eks` its issuers.
fn names_of(region: &Region) -> Vec<String> {
    let suffix = region.partition().dns_suffix();
    let names = [
        format!("*.{region}.{suffix}"),
        format!("*.eks.{region}.{suffix}"),
    ];
    // Of a partition that the authority may not sign for, no certificate would be believed.
    names
        .into_iter()
        .filter(|name| authority::is_permitted(name))
        .collect()
}

/// TLS with the plane's certificate of the moment.
pub(crate) fn acceptor(plane: &Arc<Inner>) -> Result<TlsAcceptor, String> {
    let crypto = Arc::clone(&plane.certificates.crypto);
    let config = rustls::ServerConfig::builder_with_provider(crypto)
        .with_safe_default_protocol_versions()
        .map_err(|why| why.to_string())?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(OfPlane(Arc::clone(plane))));
    Ok(TlsAcceptor::from(Arc::new(config)))
}

struct OfPlane(Arc<Inner>);

impl ResolvesServerCert for OfPlane {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let Self(plane) = self;
        let shown = plane.certificate(chance::now()).ok()?;
        Some(Arc::clone(&shown.key))
    }
}

impl fmt::Debug for OfPlane {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("OfPlane")
    }
}

impl Inner {
    /// The certificate that a handshake gets now.
    pub(crate) fn certificate(&self, now: Timestamp) -> Result<Arc<Shown>, String> {
        let world = self.worlds.now();
        self.certificates.current(now, world.revision, || {
            let clusters = world.clusters.iter();
            let regions = clusters.map(|cluster| cluster.region().clone());
            regions.chain([self.config.region.clone()]).collect()
        })
    }
}

#[cfg(test)]
mod tests;
