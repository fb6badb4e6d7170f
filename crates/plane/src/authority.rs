//! The plane's own certificate authority, and the certificates it signs.
//!
//! The authority is constrained to the names it serves (RFC 5280 section 4.2.1.10): whoever trusts it
//! trusts it for this machine, AWS's hosts and issuers, and nothing else.

use names::secret::Secret;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, GeneralSubtree, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256,
};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::sync::Arc;

/// Names that the authority may sign for, with everything below them.
const PERMITTED: &[&str] = &["localhost", "amazonaws.com", "amazonaws.com.cn"];

/// A certificate and its private key.
pub(crate) struct Authority {
    /// The certificate, as PEM.
    pub(crate) pem: String,
    /// The private key, PKCS#8.
    pub(crate) key: Secret,
}

/// Makes a new authority with that name.
pub(crate) fn new_authority(name: &str) -> Result<Authority, rcgen::Error> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let pem = parameters(name)?.self_signed(&key)?.pem();
    Ok(Authority {
        pem,
        key: Secret::new(key.serialize_der()),
    })
}

/// The TLS set-up of the listener: a fresh certificate of the authority.
pub(crate) fn server_config(
    authority: &Authority,
    name: &str,
) -> Result<rustls::ServerConfig, String> {
    let failed = |why: &dyn std::fmt::Display| format!("certificates: {why}");
    let key = PrivatePkcs8KeyDer::from(authority.key.expose().to_vec());
    let key = KeyPair::try_from(&key).map_err(|why| failed(&why))?;
    let issuer = Issuer::new(parameters(name).map_err(|why| failed(&why))?, key);
    let names = [
        "localhost",
        "127.0.0.1",
        "::1",
        "*.amazonaws.com",
        "*.us-west-2.amazonaws.com",
    ];
    let mut leaf = CertificateParams::new(names.map(str::to_owned)).map_err(|why| failed(&why))?;
    leaf.distinguished_name.push(DnType::CommonName, "rolecall");
    leaf.use_authority_key_identifier_extension = true;
    let leaf_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(|why| failed(&why))?;
    let leaf = leaf
        .signed_by(&leaf_key, &issuer)
        .map_err(|why| failed(&why))?;
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(leaf_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|why| failed(&why))?
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], private)
        .map_err(|why| failed(&why))
}

/// An authority's parameters follow from its name, so it is rebuilt without reading its certificate.
fn parameters(name: &str) -> Result<CertificateParams, rcgen::Error> {
    let mut parameters = CertificateParams::new(Vec::<String>::new())?;
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let permitted = PERMITTED
        .iter()
        .map(|name| GeneralSubtree::DnsName((*name).to_owned()));
    let loopback = [
        GeneralSubtree::IpAddress(rcgen::CidrSubnet::from_v4_prefix([127, 0, 0, 0], 8)),
        GeneralSubtree::IpAddress(rcgen::CidrSubnet::from_v6_prefix(
            std::net::Ipv6Addr::LOCALHOST.octets(),
            128,
        )),
    ];
    parameters.name_constraints = Some(NameConstraints {
        permitted_subtrees: permitted.chain(loopback).collect(),
        excluded_subtrees: Vec::new(),
    });
    Ok(parameters)
}
