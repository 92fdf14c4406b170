//! What is wrong with the chain that a server shows, as its clients will find it.

use ca_store::explain::{self, PeerName, Question};
use ca_store::facts::{Certificate, Crl, SignatureCheck};
use ca_store::finding::{Code, Severity};
use ca_store::store::OwnRevocations;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};
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

/// What says that certificates are revoked.
#[derive(Clone, Copy, Debug)]
pub struct Revocations<'r> {
    /// Lists, by their octets.
    pub lists: &'r [CertificateRevocationListDer<'static>],
    /// Where they were read.
    pub lists_source: &'r Path,
    /// The store that issued the certificates, if one is at hand.
    pub recorded: Option<&'r OwnRevocations>,
}

impl OwnFault {
    /// The first certificate of a chain that is revoked: by the lists at hand, or by what the store that issued it has recorded. A CA
    /// takes with it what it issued.
    pub fn of_revocation(
        chain: &[CertificateDer<'_>],
        (anchors, anchors_source): (&[CertificateDer<'_>], &Path),
        revocations: Revocations<'_>,
        at: OffsetDateTime,
    ) -> Option<OwnFault> {
        let mut evidence = evidence(chain, "the server", anchors, &anchors_source.display().to_string()).ok()?;
        let lists_source = revocations.lists_source.display().to_string();
        let lists = revocations.lists.iter().filter_map(|list| Crl::from_der(list).ok());
        evidence.crls = lists.map(|list| (list, lists_source.clone())).collect();
        let recorded = |store: &OwnRevocations| {
            let chain = evidence.chain.iter();
            chain.filter_map(|presented| store.of_certificate(&presented.certificate)).collect()
        };
        evidence.own_revocations = revocations.recorded.map(recorded).unwrap_or_default();
        let question = Question { compare: false, ..Question::server(None, at) };
        let found = explain::diagnose(&evidence, &question).findings;
        let revoked = found.into_iter().find(|finding| finding.code == Code::Revoked)?;
        Some(OwnFault { code: revoked.code, message: revoked.message, is_of_client: false })
    }

    /// Judges a chain for a server's name by the CA certificates at hand. That the CA that issued it is not among them is no fault: what
    /// its clients trust is known to nobody here.
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
        let is_ours = |code| !matches!(code, Code::RootNotTrusted | Code::RootInOtherStore);
        let found = explain::diagnose(&evidence, &question).findings;
        let fault = found.into_iter().find(|it| it.severity == Severity::Error && is_ours(it.code))?;
        Some(OwnFault { code: fault.code, message: fault.message, is_of_client: false })
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
