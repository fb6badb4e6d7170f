//! A cluster's own certificates: its API's, and its administrator's.

use names::secret::Secret;
use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, SanType,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// Whom the administrator's certificate names.
const ADMINISTRATOR: &str = "kubernetes-admin";

/// Signs for one cluster.
pub(super) struct ClusterAuthority {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key, as PEM.
#[derive(Debug, Clone)]
pub(super) struct ClientCertificate {
    pub(super) certificate_pem: String,
    pub(super) key_pem: Secret,
}

impl ClusterAuthority {
    pub(super) fn new(pem: &str, key: &Secret) -> Result<Self, String> {
        let certificate =
            CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|why| why.to_string())?;
        let key = PrivatePkcs8KeyDer::from(key.expose().to_vec());
        let key = KeyPair::try_from(&key).map_err(|why| why.to_string())?;
        let issuer = Issuer::new(crate::aws::cluster_authority(), key);
        Ok(Self {
            certificate,
            issuer,
        })
    }

    /// The TLS set-up of the API: a fresh certificate, and clients' certificates of this authority
    /// where clients have one.
    pub(super) fn server_config(&self, host: IpAddr) -> Result<ServerConfig, String> {
        let failed = |why: &dyn std::fmt::Display| format!("certificates: {why}");
        let mut leaf =
            CertificateParams::new(vec!["localhost".to_owned()]).map_err(|why| failed(&why))?;
        let local = [
            IpAddr::from(Ipv4Addr::LOCALHOST),
            Ipv6Addr::LOCALHOST.into(),
        ];
        let other = Some(host).filter(|host| !local.contains(host));
        let addresses = local.into_iter().chain(other).map(SanType::IpAddress);
        leaf.subject_alt_names.extend(addresses);
        leaf.distinguished_name
            .push(DnType::CommonName, "kube-apiserver");
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let (certificate, key) = self.sign(leaf).map_err(|why| failed(&why))?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        roots
            .add(self.certificate.clone())
            .map_err(|why| failed(&why))?;
        let clients =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .allow_unauthenticated()
                .build()
                .map_err(|why| failed(&why))?;
        let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|why| failed(&why))?
            .with_client_cert_verifier(clients)
            .with_single_cert(vec![certificate.der().clone()], private)
            .map_err(|why| failed(&why))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }

    /// A certificate of somebody who may do everything.
    pub(super) fn administrator(&self) -> Result<ClientCertificate, rcgen::Error> {
        let mut leaf = CertificateParams::default();
        leaf.distinguished_name
            .push(DnType::OrganizationName, apiserver::MASTERS);
        leaf.distinguished_name
            .push(DnType::CommonName, ADMINISTRATOR);
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let (certificate, key) = self.sign(leaf)?;
        Ok(ClientCertificate {
            certificate_pem: certificate.pem(),
            key_pem: Secret::from(key.serialize_pem()),
        })
    }

    fn sign(
        &self,
        mut leaf: CertificateParams,
    ) -> Result<(rcgen::Certificate, KeyPair), rcgen::Error> {
        leaf.use_authority_key_identifier_extension = true;
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate = leaf.signed_by(&key, &self.issuer)?;
        Ok((certificate, key))
    }
}
