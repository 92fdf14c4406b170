//! rustls's own verifiers, wrapped so that the chain a peer showed is still known after it was refused. The verdict
//! is theirs, unchanged.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use std::sync::{Arc, Mutex, PoisonError};

/// The most certificates of a peer's chain that are kept: far above any path that is accepted, and a bound on what a
/// stranger can make us hold.
const MOST_KEPT: usize = 16;

/// What a peer showed in one handshake, leaf first.
#[derive(Debug, Default)]
pub struct Presented(Mutex<Vec<CertificateDer<'static>>>);

impl Presented {
    /// The chain, empty where none was shown.
    pub fn chain(&self) -> Vec<CertificateDer<'static>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, end_entity: &CertificateDer<'_>, intermediates: &[CertificateDer<'_>]) {
        let all = std::iter::once(end_entity).chain(intermediates);
        let kept = all.take(MOST_KEPT).map(|certificate| certificate.clone().into_owned()).collect();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = kept;
    }
}

/// Wraps a server's verifier of clients, for one connection.
#[derive(Debug)]
pub struct ClientRecorder {
    inner: Arc<dyn ClientCertVerifier>,
    presented: Arc<Presented>,
}

impl ClientRecorder {
    /// A recorder, and where to read what it saw.
    pub fn new(inner: Arc<dyn ClientCertVerifier>) -> (Self, Arc<Presented>) {
        let presented = Arc::new(Presented::default());
        (Self { inner, presented: presented.clone() }, presented)
    }
}

impl ClientCertVerifier for ClientRecorder {
    fn offer_client_auth(&self) -> bool {
        self.inner.offer_client_auth()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.inner.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.inner.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.presented.keep(end_entity, intermediates);
        self.inner.verify_client_cert(end_entity, intermediates, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// Wraps a client's verifier of servers, for one connection.
#[derive(Debug)]
pub struct ServerRecorder {
    inner: Arc<dyn ServerCertVerifier>,
    presented: Arc<Presented>,
}

impl ServerRecorder {
    /// A recorder, and where to read what it saw.
    pub fn new(inner: Arc<dyn ServerCertVerifier>) -> (Self, Arc<Presented>) {
        let presented = Arc::new(Presented::default());
        (Self { inner, presented: presented.clone() }, presented)
    }
}

impl ServerCertVerifier for ServerRecorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.presented.keep(end_entity, intermediates);
        self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
