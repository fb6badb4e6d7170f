//! TLS to a program that is asked how it is, whoever it says that it is.
//!
//! The kubelet believes any certificate here, and so does this: a Pod's is mostly of an authority of its
//! own, and what is asked is whether the program answers. That the program holds the certificate's key is
//! checked as ever. Nothing else may connect by this.

use std::io;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{self, CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    ClientConfig, DigitallySignedStruct, Error, InvalidMessage, SignatureScheme,
};

/// Speaks TLS over a connection to a host.
pub(super) async fn over(stream: TcpStream, host: &str) -> io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let config = Arc::new(config().map_err(io::Error::other)?);
    let connected = TlsConnector::from(config).connect(name, stream).await;
    connected.map_err(|why| match is_plain(&why) {
        true => io::Error::other("http: server gave HTTP response to HTTPS client"),
        false => why,
    })
}

fn config() -> Result<ClientConfig, Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let any = Arc::new(AnyCertificate(Arc::clone(&provider)));
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let config = config.dangerous().with_custom_certificate_verifier(any);
    Ok(config.with_no_client_auth())
}

/// Whether what came was no TLS.
fn is_plain(why: &io::Error) -> bool {
    let why = why.get_ref().and_then(|why| why.downcast_ref::<Error>());
    matches!(
        why,
        Some(Error::InvalidMessage(InvalidMessage::InvalidContentType))
    )
}

#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.0.signature_verification_algorithms;
        crypto::verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.0.signature_verification_algorithms;
        crypto::verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::super::http;
    use crate::pod::{Container, HttpGet};
    use rcgen::{KeyPair, generate_simple_self_signed};
    use serde::Deserialize;
    use serde_json::json;
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::crypto::aws_lc_rs;
    use tokio_rustls::rustls::pki_types::PrivateKeyDer;

    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n";

    /// A server of a certificate for another name, of an authority that nobody knows.
    fn acceptor(key_of_another: bool) -> TlsAcceptor {
        let made = generate_simple_self_signed(["elsewhere".to_owned()]).unwrap();
        let key = match key_of_another {
            true => KeyPair::generate().unwrap().serialize_der(),
            false => made.signing_key.serialize_der(),
        };
        let key = PrivateKeyDer::try_from(key).unwrap();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let signing = provider.key_provider.load_private_key(key).unwrap();
        let certified =
            tokio_rustls::rustls::sign::CertifiedKey::new(vec![made.cert.into()], signing);
        let only = tokio_rustls::rustls::sign::SingleCertAndKey::from(certified);
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(only));
        TlsAcceptor::from(Arc::new(config))
    }

    async fn asked(acceptor: Option<TlsAcceptor>) -> Result<(), String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let serve = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let Some(acceptor) = acceptor else {
                stream.write_all(ANSWER).await.unwrap();
                let _ = stream.read(&mut [0; 1024]).await;
                return;
            };
            // A client that does not believe it ends it.
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let _ = stream.read(&mut [0; 1024]).await;
                let _ = stream.write_all(ANSWER).await;
                let _ = stream.shutdown().await;
            }
        });
        let wanted = json!({"scheme": "HTTPS", "path": "/", "port": port});
        let wanted = HttpGet::deserialize(wanted).unwrap();
        let patience = Duration::from_secs(30);
        let found = http(&wanted, &Container::default(), "127.0.0.1", patience).await;
        serve.await.unwrap();
        found.map_err(|why| why.replace(&port.to_string(), "PORT"))
    }

    #[tokio::test]
    async fn a_program_is_asked_over_tls_whatever_its_certificate_says() {
        assert_eq!(asked(Some(acceptor(false))).await, Ok(()));
    }

    #[tokio::test]
    async fn who_does_not_hold_the_key_of_the_certificate_is_not_believed() {
        let why = asked(Some(acceptor(true))).await.unwrap_err();
        assert!(
            why.starts_with("Get \"https://127.0.0.1:PORT/\": "),
            "{why}"
        );
        assert!(why.contains("BadSignature"), "{why}");
    }

    #[tokio::test]
    async fn plain_http_where_tls_is_wanted_is_told() {
        let why =
            "Get \"https://127.0.0.1:PORT/\": http: server gave HTTP response to HTTPS client";
        assert_eq!(asked(None).await, Err(why.to_owned()));
    }
}
