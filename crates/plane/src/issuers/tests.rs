//! A relying party against hosts that are right, and hosts that are not.

use super::trust::thumbprint;
use super::*;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// What a host answers to a path; `None` lets it hang.
type Answers = fn(path: &str, issuer: &str) -> Option<String>;

struct Host {
    issuer: IssuerUrl,
    authority_pem: String,
    authority_thumbprint: String,
}

/// A host with a certificate for `localhost` of an authority of its own.
async fn host(answers: Answers) -> Host {
    let mut of_authority = CertificateParams::new(Vec::new()).unwrap();
    of_authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority =
        CertifiedIssuer::self_signed(of_authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &authority).unwrap();
    let chain = vec![leaf.der().clone(), authority.der().clone()];
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let tls = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    let spoken = issuer.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(stream) = tls.accept(stream).await {
                tokio::spawn(speak(stream, answers, spoken.clone()));
            }
        }
    });
    Host {
        issuer: issuer.parse().unwrap(),
        authority_pem: authority.pem(),
        authority_thumbprint: thumbprint(&CertificateDer::from(authority.der().to_vec())),
    }
}

async fn speak<S>(mut stream: S, answers: Answers, issuer: String)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let mut head = vec![0; 4096];
    let read = stream.read(&mut head).await.unwrap_or(0);
    let head = String::from_utf8_lossy(&head[..read]).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default();
    match answers(path, &issuer) {
        Some(answer) => {
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
        None => std::future::pending().await,
    }
}

fn ok(body: &str) -> Option<String> {
    Some(format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ))
}

/// An issuer as it should be.
fn honest(path: &str, issuer: &str) -> Option<String> {
    match path {
        "/.well-known/openid-configuration" => ok(&format!(
            r#"{{"issuer":"{issuer}","jwks_uri":"{issuer}/keys"}}"#
        )),
        _ => ok(r#"{"keys":[]}"#),
    }
}

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

async fn fetched(
    host: &Host,
    reach: Reach,
    with_ca: bool,
    pins: &[String],
) -> Result<KeySet, Unfetched> {
    let ca = with_ca.then_some(host.authority_pem.as_str());
    Issuers::new(reach, ca)
        .unwrap()
        .key_set(&host.issuer, pins, None, now())
        .await
}

#[tokio::test]
async fn an_issuer_of_a_trusted_authority_is_read() {
    let host = host(honest).await;
    fetched(&host, Reach::Private, true, &[]).await.unwrap();
}

#[tokio::test]
async fn a_private_address_is_not_connected_to() {
    let host = host(honest).await;
    let refused = fetched(&host, Reach::Public, true, &[]).await.unwrap_err();
    assert_eq!(
        refused,
        Unfetched::PrivateAddress {
            host: "localhost".to_owned()
        }
    );
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_needs_its_thumbprint() {
    let host = host(honest).await;
    let refused = fetched(&host, Reach::Private, false, &["00".repeat(20)])
        .await
        .unwrap_err();
    let Unfetched::Untrusted { found, .. } = refused else {
        panic!("{refused}")
    };
    assert_eq!(found, host.authority_thumbprint);
    let pins = [host.authority_thumbprint.to_uppercase()];
    fetched(&host, Reach::Private, false, &pins).await.unwrap();
}

#[tokio::test]
async fn what_one_provider_pins_another_does_not_trust() {
    let host = host(honest).await;
    let issuers = Issuers::new(Reach::Private, None).unwrap();
    let pins = [host.authority_thumbprint.clone()];
    issuers
        .key_set(&host.issuer, &pins, None, now())
        .await
        .unwrap();
    let other = issuers.key_set(&host.issuer, &[], None, now()).await;
    assert!(matches!(other, Err(Unfetched::Untrusted { .. })));
}

async fn check_unusable(answers: Answers, expected: &str) {
    let host = host(answers).await;
    let refused = fetched(&host, Reach::Private, true, &[]).await.unwrap_err();
    assert!(refused.to_string().contains(expected), "{refused}");
}

#[tokio::test]
async fn answers_that_are_no_keys_are_refused() {
    let elsewhere: Answers = |_, issuer| {
        Some(format!(
            "HTTP/1.1 302 Found\r\nlocation: {issuer}/x\r\ncontent-length: 0\r\n\r\n"
        ))
    };
    check_unusable(elsewhere, "302").await;
    check_unusable(
        |_, _| ok(r#"{"issuer":"https://evil.example","jwks_uri":"https://evil.example/k"}"#),
        "evil.example",
    )
    .await;
    check_unusable(
        |_, _| ok(&" ".repeat(fetch::DOCUMENT_BYTES_MAX + 1)),
        "limit",
    )
    .await;
    check_unusable(
        |path, issuer| match path {
            "/keys" => ok("<html>"),
            _ => honest(path, issuer),
        },
        "/keys",
    )
    .await;
}

#[tokio::test]
async fn a_host_that_never_answers_is_given_up() {
    let host = host(|_, _| None).await;
    let refused = fetched(&host, Reach::Private, true, &[]).await.unwrap_err();
    assert!(
        matches!(refused, Unfetched::Unreachable { .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn a_failure_is_remembered_for_a_while_and_good_keys_outlive_it() {
    let nowhere: IssuerUrl = "https://localhost:1".parse().unwrap();
    let issuers = Issuers::new(Reach::Private, None).unwrap();
    let failed = issuers
        .key_set(&nowhere, &[], None, now())
        .await
        .unwrap_err();
    let again = issuers
        .key_set(&nowhere, &[], None, now())
        .await
        .unwrap_err();
    assert_eq!(failed, again);
    let mut held = Held {
        keys: Some((KeySet::of([]), now())),
        asked: Some(now()),
        failure: None,
    };
    let later = |seconds| now() + jiff::SignedDuration::from_secs(seconds);
    assert!(held.answer(None, later(FRESH_SECONDS - 1)).is_some());
    assert!(held.answer(None, later(FRESH_SECONDS)).is_none());
    assert!(
        held.answer(Some("new"), later(RETRY_SECONDS - 1)).is_some(),
        "not asked too often"
    );
    assert!(
        held.answer(Some("new"), later(RETRY_SECONDS)).is_none(),
        "a new key is looked for"
    );
    assert!(held.stale(later(STALE_SECONDS_MAX)).is_some());
    assert!(held.stale(later(STALE_SECONDS_MAX + 1)).is_none());
    held.keys = None;
    assert!(
        held.answer(None, later(1)).is_none(),
        "never answered, never failed"
    );
}
