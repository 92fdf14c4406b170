//! What is wrong with the chain that a server shows, as its clients will find it.

use ca_store::explain::{self, PeerName, Question};
use ca_store::facts::{Certificate, SignatureCheck};
use ca_store::finding::{Code, Severity};
use rustls::pki_types::CertificateDer;
use std::path::Path;
use time::OffsetDateTime;

use super::refusal::evidence;

/// An error that clients find in the server's chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnFault {
    /// Its code.
    pub code: Code,
    /// What was expected and what was found.
    pub message: String,
    /// Whether it is a fault only for clients that lack a CA: nothing to warn of before one comes.
    pub is_of_client: bool,
}

impl OwnFault {
    /// Judges a chain for a server's name by the CA certificates at hand. None where it is sound, and where the CA that issued it is
    /// not among them: what its clients trust is known to nobody here.
    pub fn of(
        chain: &[CertificateDer<'_>],
        name: &str,
        anchors: &[CertificateDer<'_>],
        anchors_source: &Path,
        at: OffsetDateTime,
    ) -> Option<OwnFault> {
        if anchors.is_empty() {
            return None;
        }
        let source = anchors_source.display().to_string();
        let evidence = evidence(chain, "the server", anchors, &source).ok()?;
        let question = Question { compare: false, ..Question::server(PeerName::parse(name).ok(), at) };
        let cause = explain::diagnose(&evidence, &question).cause?;
        let is_theirs = !matches!(cause.code, Code::RootNotTrusted | Code::RootInOtherStore);
        (is_theirs && cause.severity == Severity::Error).then_some(OwnFault {
            code: cause.code,
            message: cause.message,
            is_of_client: false,
        })
    }

    /// What a client finds that does not know the issuer of a certificate that is sent alone. The server knows which of two it is where
    /// it has the issuer at hand: a root is the client's to have, any other CA the server's to send.
    pub fn of_lone(chain: &[CertificateDer<'_>], anchors: &[CertificateDer<'_>]) -> Option<OwnFault> {
        let [leaf] = chain else { return None };
        let leaf = Certificate::from_der(leaf).ok().filter(|leaf| !leaf.is_self_issued())?;
        let is_issuer = |anchor: &Certificate| leaf.verified_by(&anchor.public_key) == SignatureCheck::Good;
        let by_root = anchors.iter().filter_map(|anchor| Certificate::from_der(anchor).ok()).any(|it| is_issuer(&it));
        let (subject, issuer) = (&leaf.subject, &leaf.issuer);
        let (code, message) = if by_root {
            let text = format!(
                "it does not trust the root `{issuer}`, which issued `{subject}`, and may take it for a CA that was not sent \
                 (missing-intermediate); the client needs the root: for chat connect, --trust FILE"
            );
            (Code::RootNotTrusted, text)
        } else {
            let text = format!(
                "the CA that issued `{subject}` was not sent: expected `{issuer}` after it in the certificate's file; if that is a root, \
                 the client needs it instead: for chat connect, --trust FILE"
            );
            (Code::MissingIntermediate, text)
        };
        Some(OwnFault { code, message, is_of_client: true })
    }
}
