//! What stands in the place of a verifier where a handshake is only watched.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{DigitallySignedStruct, Error, SignatureScheme};

use super::session::{Observation, UnprovenKey};
use super::{proof, provider};

/// Lets every certificate pass, because the chain is judged afterwards and no secret is ever sent over the connection,
/// and remembers what the server showed and asked for.
#[derive(Debug)]
pub(super) struct Watcher {
    provider: Arc<CryptoProvider>,
    client: Option<Arc<CertifiedKey>>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    chain: Vec<CertificateDer<'static>>,
    stapled: bool,
    unproven: Option<UnprovenKey>,
    wanted: bool,
    issuers: Vec<Vec<u8>>,
    shown: bool,
}

impl Watcher {
    pub(super) fn new(client: Option<Arc<CertifiedKey>>) -> Watcher {
        Watcher { provider: provider(), client, seen: Mutex::default() }
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn report(&self, observation: &mut Observation) {
        let seen = std::mem::take(&mut *self.seen());
        observation.chain = seen.chain;
        observation.stapled = seen.stapled;
        observation.unproven_key = seen.unproven;
        observation.client_certificate_wanted = seen.wanted;
        observation.wanted_issuers = seen.issuers;
        observation.client_certificate_shown = seen.shown;
    }

    /// A key that this library cannot judge, or that is not the certificate's, is told of, and does not end the visit.
    fn note(&self, scheme: SignatureScheme, verified: Result<(), Error>) -> HandshakeSignatureValid {
        if let Err(error) = verified {
            self.seen().unproven = Some(UnprovenKey { family: family(scheme), error: error.to_string() });
        }
        HandshakeSignatureValid::assertion()
    }
}

/// The family of keys that a scheme goes with (RFC 8446 section 4.2.3).
fn family(scheme: SignatureScheme) -> &'static str {
    use SignatureScheme as S;
    match scheme {
        S::ECDSA_SHA1_Legacy | S::ECDSA_NISTP256_SHA256 | S::ECDSA_NISTP384_SHA384 | S::ECDSA_NISTP521_SHA512 => "EC",
        S::ED25519 => "Ed25519",
        S::ED448 => "Ed448",
        S::RSA_PKCS1_SHA1 | S::RSA_PKCS1_SHA256 | S::RSA_PKCS1_SHA384 | S::RSA_PKCS1_SHA512 => "RSA",
        S::RSA_PSS_SHA256 | S::RSA_PSS_SHA384 | S::RSA_PSS_SHA512 => "RSA",
        _ => "other",
    }
}

impl ServerCertVerifier for Watcher {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        staple: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let mut seen = self.seen();
        seen.chain = std::iter::once(end_entity).chain(intermediates).map(|der| der.clone().into_owned()).collect();
        seen.stapled = !staple.is_empty();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(self.note(dss.scheme, proof::of_tls12(&self.provider, message, cert, dss)))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(self.note(dss.scheme, proof::of_tls13(&self.provider, message, cert, dss)))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl ResolvesClientCert for Watcher {
    fn resolve(&self, root_hint_subjects: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let mut seen = self.seen();
        seen.wanted = true;
        seen.issuers = root_hint_subjects.iter().map(|subject| subject.to_vec()).collect();
        seen.shown = self.client.is_some();
        self.client.clone()
    }

    fn has_certs(&self) -> bool {
        // Asked before the server speaks; the truth is told in `resolve`.
        true
    }
}
