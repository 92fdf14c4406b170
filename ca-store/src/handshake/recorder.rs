//! Verifiers that remember what they were shown and leave the verdict to rustls's own.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, SignatureScheme};

/// The most certificates that are looked at beside a leaf. Chains in use send at most four. The search for a path tries each behind each:
/// with six it ends after some 700 steps, with nine after 60,000, and with the 150 that fit into a handshake after 200,000, which
/// is more than a second for whoever asks with certificates that all signed each other.
pub const MAX_SENT_BESIDE: usize = 6;

/// More than [`MAX_SENT_BESIDE`].
#[derive(Debug, thiserror::Error)]
#[error(
    "{sent} certificates came beside the leaf: expected at most {MAX_SENT_BESIDE}, the CAs between it and the root"
)]
pub struct TooManySent {
    /// How many came.
    pub sent: usize,
}

impl TooManySent {
    /// It, where it is why a certificate was refused.
    pub fn of(error: &CertificateError) -> Option<&TooManySent> {
        match error {
            CertificateError::Other(OtherError(reason)) => reason.downcast_ref(),
            _ => None,
        }
    }
}

/// Refuses what would take long to search, before it is searched.
///
/// # Errors
/// [`CertificateError::Other`] with [`TooManySent`].
pub fn few_enough(intermediates: &[CertificateDer<'_>]) -> Result<(), Error> {
    match intermediates.len() {
        sent if sent > MAX_SENT_BESIDE => {
            Err(Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(TooManySent { sent })))))
        }
        _ => Ok(()),
    }
}

/// The certificates of one handshake, leaf first, as they were sent.
#[derive(Debug, Default)]
struct Seen(Mutex<Vec<CertificateDer<'static>>>);

impl Seen {
    fn remember(&self, leaf: &CertificateDer<'_>, rest: &[CertificateDer<'_>]) {
        let chain = std::iter::once(leaf).chain(rest).map(|der| der.clone().into_owned()).collect();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = chain;
    }

    fn get(&self) -> Vec<CertificateDer<'static>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Judges servers as [`WebPkiServerVerifier`] does, and remembers the chain that the server sent. One a connection.
#[derive(Debug)]
pub struct ServerRecorder {
    verifier: Arc<WebPkiServerVerifier>,
    seen: Seen,
}

impl ServerRecorder {
    /// A recorder around rustls's verifier.
    pub fn new(verifier: Arc<WebPkiServerVerifier>) -> Arc<ServerRecorder> {
        Arc::new(ServerRecorder { verifier, seen: Seen::default() })
    }

    /// What the server sent in the last handshake, leaf first; empty where it sent nothing.
    pub fn presented(&self) -> Vec<CertificateDer<'static>> {
        self.seen.get()
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
        self.seen.remember(end_entity, intermediates);
        few_enough(intermediates)?;
        self.verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

/// Judges clients as the verifier inside does, and remembers the chain that the client sent. One a connection.
#[derive(Debug)]
pub struct ClientRecorder {
    verifier: Arc<dyn ClientCertVerifier>,
    at_hand: Arc<[CertificateDer<'static>]>,
    seen: Seen,
}

impl ClientRecorder {
    /// A recorder around rustls's verifier, normally a `WebPkiClientVerifier`. The intermediates `at_hand` help to build a
    /// path where the client sends its leaf alone, as several programs do; they are trusted no more for it.
    pub fn new(verifier: Arc<dyn ClientCertVerifier>, at_hand: Arc<[CertificateDer<'static>]>) -> Arc<ClientRecorder> {
        Arc::new(ClientRecorder { verifier, at_hand, seen: Seen::default() })
    }

    /// What the client sent, leaf first; empty where it sent nothing.
    pub fn presented(&self) -> Vec<CertificateDer<'static>> {
        self.seen.get()
    }
}

impl ClientCertVerifier for ClientRecorder {
    fn offer_client_auth(&self) -> bool {
        self.verifier.offer_client_auth()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.verifier.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.verifier.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.seen.remember(end_entity, intermediates);
        few_enough(intermediates)?;
        let all: Vec<CertificateDer<'_>> = intermediates.iter().chain(self.at_hand.iter()).cloned().collect();
        self.verifier.verify_client_cert(end_entity, &all, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}
