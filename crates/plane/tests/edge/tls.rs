//! TLS on the port: who trusts the plane's authority is answered, and nobody else takes it for AWS.

use crate::stage::{AT_MOST, connect, start};
use plane::{Limits, Running};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// What a client that trusts these certificates is answered under that name.
async fn ask(plane: &Running, trusted: &[u8], name: &'static str) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(trusted) {
        roots
            .add(certificate.expect("a certificate"))
            .expect("an authority");
    }
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name).expect("a name");
    let shaken = TlsConnector::from(Arc::new(config)).connect(name, connect(plane).await);
    let mut stream = tokio::time::timeout(AT_MOST, shaken).await??;
    let asked = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(asked).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn who_trusts_the_authority_is_answered_under_each_name() {
    let plane = start(Limits::default()).await;
    let authority = std::fs::read(plane.folder().join("ca.pem")).unwrap();
    for name in [
        "localhost",
        "127.0.0.1",
        "sts.amazonaws.com",
        "sts.us-west-2.amazonaws.com",
        "oidc.eks.us-west-2.amazonaws.com",
    ] {
        let answer = ask(&plane, &authority, name).await;
        assert!(
            answer.is_ok_and(|text| text.starts_with("HTTP/1.1 200 ")),
            "{name}"
        );
    }
}

#[tokio::test]
async fn no_other_name_and_no_other_authority_is_believed() {
    let plane = start(Limits::default()).await;
    let authority = std::fs::read(plane.folder().join("ca.pem")).unwrap();
    for name in [
        "example.com",
        "sts.us-west-2.amazonaws.com.evil.example",
        "10.0.0.1",
    ] {
        assert!(ask(&plane, &authority, name).await.is_err(), "{name}");
    }
    let other = start(Limits::default()).await;
    let others = std::fs::read(other.folder().join("ca.pem")).unwrap();
    let refused = ask(&plane, &others, "localhost").await.unwrap_err();
    assert!(refused.to_string().contains("certificate"), "{refused}");
}
