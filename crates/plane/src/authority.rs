//! The plane's own certificate authority, and the certificates it signs.
//!
//! The authority is constrained to the names it serves (RFC 5280 section 4.2.1.10): whoever trusts it
//! trusts it for this machine, AWS's hosts and issuers, and nothing else.

use jiff::Timestamp;
use names::secret::Secret;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, GeneralSubtree, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256,
};
use rustls::pki_types::PrivatePkcs8KeyDer;
use std::time::Duration;
use time::OffsetDateTime;

/// Names that the authority may sign for, with everything below them.
const PERMITTED: &[&str] = &["localhost", "amazonaws.com", "amazonaws.com.cn"];

/// How long an authority is good: whoever trusts it does so once.
const AUTHORITY_LIFE: Duration = Duration::from_hours(10 * 365 * 24);

/// How far the clock of a client may be behind.
const CLOCK_SKEW: Duration = Duration::from_hours(1);

/// A certificate and its private key.
pub(crate) struct Authority {
    /// The certificate, as PEM.
    pub(crate) pem: String,
    /// The private key, PKCS#8.
    pub(crate) key: Secret,
}

/// Makes a new authority with that name.
pub(crate) fn new_authority(name: &str, now: Timestamp) -> Result<Authority, rcgen::Error> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut certificate = parameters(name)?;
    (certificate.not_before, certificate.not_after) = valid(now, AUTHORITY_LIFE);
    let pem = certificate.self_signed(&key)?.pem();
    Ok(Authority {
        pem,
        key: Secret::new(key.serialize_der()),
    })
}

/// The authority as rcgen signs with it.
pub(crate) fn issuer(
    authority: &Authority,
    name: &str,
) -> Result<Issuer<'static, KeyPair>, rcgen::Error> {
    let key = PrivatePkcs8KeyDer::from(authority.key.expose().to_vec());
    Ok(Issuer::new(parameters(name)?, KeyPair::try_from(&key)?))
}

/// From a little before now, for clocks that are behind, until a life has passed.
pub(crate) fn valid(now: Timestamp, life: Duration) -> (OffsetDateTime, OffsetDateTime) {
    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    let now = rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds);
    (now - CLOCK_SKEW, now + life)
}

/// Whether the authority's certificate lets it sign for a name.
pub(crate) fn is_permitted(name: &str) -> bool {
    PERMITTED.iter().any(|permitted| {
        let above = name.strip_suffix(permitted);
        above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
    })
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
