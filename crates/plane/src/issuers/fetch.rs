//! One document over https, without trusting whoever answers.

use super::trust::{Roots, Verifier};
use super::{Reach, Unfetched};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{Request, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Longest document.
pub(super) const DOCUMENT_BYTES_MAX: usize = 1024 * 1024;
/// For the whole of one document, from name to last byte.
const WAIT: Duration = Duration::from_secs(5);
const HTTPS_PORT: u16 = 443;

/// The rules of a fetch.
pub(super) struct Within<'a> {
    pub(super) reach: Reach,
    pub(super) roots: &'a Roots,
    pub(super) pins: &'a [String],
}

/// Fetches a document.
pub(super) async fn get(address: &str, within: &Within<'_>) -> Result<Bytes, Unfetched> {
    match tokio::time::timeout(WAIT, fetched(address, within)).await {
        Ok(answer) => answer,
        Err(_) => Err(unreachable(
            address,
            format!("no answer within {} s", WAIT.as_secs()),
        )),
    }
}

async fn fetched(address: &str, within: &Within<'_>) -> Result<Bytes, Unfetched> {
    let target = Target::parse(address)?;
    let stream = connect(&target, within).await?;
    let stream = shake_hands(&target, stream, within).await?;
    ask(&target, stream).await
}

/// An https address in its parts.
struct Target {
    address: String,
    host: String,
    port: u16,
    uri: Uri,
}

impl Target {
    fn parse(address: &str) -> Result<Self, Unfetched> {
        let no = |why: &str| Unfetched::Unusable {
            address: address.to_owned(),
            why: why.to_owned(),
        };
        let uri: Uri = address.parse().map_err(|_| no("is no address"))?;
        if uri.scheme_str() != Some("https") {
            return Err(no("is not https"));
        }
        let host = uri.host().ok_or_else(|| no("has no host"))?;
        Ok(Self {
            address: address.to_owned(),
            host: host
                .trim_start_matches('[')
                .trim_end_matches(']')
                .to_owned(),
            port: uri.port_u16().unwrap_or(HTTPS_PORT),
            uri,
        })
    }
}

/// Resolves once, looks at what came, and connects to just that.
async fn connect(target: &Target, within: &Within<'_>) -> Result<TcpStream, Unfetched> {
    let resolved = tokio::net::lookup_host((target.host.as_str(), target.port)).await;
    let resolved = resolved.map_err(|why| unreachable(&target.address, why.to_string()))?;
    let allowed: Vec<SocketAddr> = resolved
        .filter(|found| within.reach == Reach::Private || is_public(found.ip()))
        .collect();
    if allowed.is_empty() {
        return Err(Unfetched::PrivateAddress {
            host: target.host.clone(),
        });
    }
    let stream = TcpStream::connect(allowed.as_slice()).await;
    stream.map_err(|why| unreachable(&target.address, why.to_string()))
}

async fn shake_hands(
    target: &Target,
    stream: TcpStream,
    within: &Within<'_>,
) -> Result<TlsStream<TcpStream>, Unfetched> {
    let cannot = |why: String| unreachable(&target.address, why);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = Arc::new(Verifier::new(
        within.roots,
        within.pins,
        Arc::clone(&provider),
    ));
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|why| cannot(why.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::<Verifier>::clone(&verifier))
        .with_no_client_auth();
    let name = ServerName::try_from(target.host.clone()).map_err(|why| cannot(why.to_string()))?;
    let shaken = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await;
    shaken.map_err(|why| match verifier.refused() {
        Some(found) => Unfetched::Untrusted {
            host: target.host.clone(),
            found,
            why: why.to_string(),
        },
        None => cannot(why.to_string()),
    })
}

async fn ask(target: &Target, stream: TlsStream<TcpStream>) -> Result<Bytes, Unfetched> {
    let cannot = |why: hyper::Error| unreachable(&target.address, why.to_string());
    let no = |why: String| Unfetched::Unusable {
        address: target.address.clone(),
        why,
    };
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(cannot)?;
    let request = Request::get(
        target
            .uri
            .path_and_query()
            .map_or("/", |path| path.as_str()),
    )
    .header(
        header::HOST,
        target
            .uri
            .authority()
            .map_or("", |authority| authority.as_str()),
    )
    .header(header::ACCEPT, "application/json")
    .header(header::CONNECTION, "close")
    .body(Empty::<Bytes>::new())
    .map_err(|why| no(why.to_string()))?;
    let answer = async {
        let response = sender.send_request(request).await.map_err(cannot)?;
        // A redirect is an answer of another host; it is not followed.
        if response.status() != StatusCode::OK {
            return Err(no(format!("answers {}", response.status())));
        }
        let body = Limited::new(response.into_body(), DOCUMENT_BYTES_MAX)
            .collect()
            .await;
        body.map(|body| body.to_bytes())
            .map_err(|why| no(why.to_string()))
    };
    // The connection is driven by the one who asks, so it ends with the question.
    let mut answer = std::pin::pin!(answer);
    tokio::select! {
        biased;
        answer = answer.as_mut() => answer,
        _ = connection => answer.await,
    }
}

/// Whether an address is one of the open internet (IANA's special-purpose registries).
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b));
    !is_special
}

/// Global unicast (2000::/3), but for what is documentation or carries an IPv4 address in disguise.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let is_global = a & 0xe000 == 0x2000;
    let is_documentation = (a == 0x2001 && b == 0x0db8) || (a == 0x3fff && b < 0x1000);
    let is_disguise = a == 0x2002 || (a == 0x2001 && b < 0x0200);
    is_global && !is_documentation && !is_disguise
}

fn unreachable(address: &str, why: impl Into<String>) -> Unfetched {
    Unfetched::Unreachable {
        address: address.to_owned(),
        why: why.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_open_internet_are_public() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "198.18.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "224.0.0.1",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "fd00:ec2::254",
            "fe80::1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "ff02::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in [
            "1.1.1.1",
            "100.63.0.1",
            "172.32.0.1",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn only_https_is_fetched() {
        for address in [
            "http://a.example/",
            "file:///etc/passwd",
            "gopher://a.example/",
            "/x",
        ] {
            assert!(
                matches!(Target::parse(address), Err(Unfetched::Unusable { .. })),
                "{address}"
            );
        }
    }
}
