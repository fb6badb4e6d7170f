//! Whose certificates are trusted: the system's authorities, one named by the operator, and those
//! that a provider pins.
//!
//! AWS asks its library of authorities first and a provider's thumbprints only for hosts that none of
//! them vouches for (IAM User Guide, "Obtain the thumbprint for an OpenID Connect identity provider").
//! A pinned certificate is the topmost that the host shows, and stands in for an authority: name and
//! dates are still checked.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Where systems keep their authorities: Debian and Alpine, Fedora, SUSE.
const SYSTEM_BUNDLES: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
];

/// The authorities, read when the first issuer is asked for.
pub(super) struct Roots {
    extra: Vec<CertificateDer<'static>>,
    all: OnceLock<Arc<RootCertStore>>,
}

impl Roots {
    pub(super) fn new(extra: Vec<CertificateDer<'static>>) -> Self {
        Self {
            extra,
            all: OnceLock::new(),
        }
    }

    pub(super) fn all(&self) -> Arc<RootCertStore> {
        Arc::clone(self.all.get_or_init(|| {
            let mut store = RootCertStore::empty();
            let system = SYSTEM_BUNDLES
                .iter()
                .find_map(|path| std::fs::read(path).ok());
            let system = system
                .and_then(|pem| certificates(&pem).ok())
                .unwrap_or_default();
            store.add_parsable_certificates(system.into_iter().chain(self.extra.iter().cloned()));
            Arc::new(store)
        }))
    }
}

/// The certificates in a PEM text.
pub(super) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match read {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err("no certificate in PEM".to_owned()),
        Err(why) => Err(format!("not certificates in PEM: {why}")),
    }
}

/// Trusts authorities, and what is pinned.
#[derive(Debug)]
pub(super) struct Verifier {
    roots: Arc<RootCertStore>,
    pins: Vec<String>,
    provider: Arc<CryptoProvider>,
    /// The topmost certificate that was refused.
    refused: Mutex<Option<String>>,
}

impl Verifier {
    pub(super) fn new(roots: &Roots, pins: &[String], provider: Arc<CryptoProvider>) -> Self {
        Self {
            roots: roots.all(),
            pins: pins.to_vec(),
            provider,
            refused: Mutex::default(),
        }
    }

    /// The thumbprint of what was refused, if that is why the handshake failed.
    pub(super) fn refused(&self) -> Option<String> {
        self.refused
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn verified_by(
        &self,
        roots: Arc<RootCertStore>,
        shown: &Shown<'_>,
    ) -> Result<ServerCertVerified, Error> {
        let untrusted = |_| Error::InvalidCertificate(CertificateError::UnknownIssuer);
        WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&self.provider))
            .build()
            .map_err(untrusted)?
            .verify_server_cert(
                shown.leaf,
                shown.others,
                shown.name,
                shown.stapled,
                shown.now,
            )
    }
}

/// What a host shows.
struct Shown<'a> {
    leaf: &'a CertificateDer<'a>,
    others: &'a [CertificateDer<'a>],
    name: &'a ServerName<'a>,
    stapled: &'a [u8],
    now: UnixTime,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = Shown {
            leaf: end_entity,
            others: intermediates,
            name: server_name,
            stapled: ocsp_response,
            now,
        };
        let by_authority = self.verified_by(Arc::clone(&self.roots), &shown);
        let Err(refused) = by_authority else {
            return by_authority;
        };
        let topmost = intermediates.last().unwrap_or(end_entity);
        let thumbprint = thumbprint(topmost);
        if self
            .pins
            .iter()
            .any(|pin| pin.eq_ignore_ascii_case(&thumbprint))
        {
            let mut pinned = RootCertStore::empty();
            pinned.add(topmost.clone().into_owned())?;
            return self.verified_by(Arc::new(pinned), &shown);
        }
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(thumbprint);
        Err(refused)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// The SHA-1 of a certificate in hex: what IAM calls its thumbprint.
pub(super) fn thumbprint(certificate: &CertificateDer<'_>) -> String {
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, certificate);
    hash.as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
