//! What is wrong with the chain that a server shows, as its clients will find it.

use ca_store::explain::{self, PeerName, Question};
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
        (is_theirs && cause.severity == Severity::Error)
            .then_some(OwnFault { code: cause.code, message: cause.message })
    }
}
