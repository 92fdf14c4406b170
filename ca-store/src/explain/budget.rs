//! What one question may cost, however many certificates are at hand.

use std::cell::Cell;

use crate::facts::{Certificate, PublicKey, SignatureCheck};
use crate::finding::{Code, Finding};

use super::{Case, End, Path};

/// The most signatures that are checked for one question, beside the first [`MAX_DEPTH`] that are good: a path as long as any may be
/// found, whatever lies beside it. webpki and Go have the same budget, and it is far beyond every honest chain (a cross-signed
/// four-certificate chain takes about ten) while it ends a hostile one in milliseconds.
pub const MAX_SIGNATURE_CHECKS: usize = 100;
/// The most signatures that are checked to find what is missing among the files beside the given ones: a budget of its own,
/// since a system's store of 150 roots, each of which might be the CA under another name, uses the other one up.
pub const MAX_CHECKS_BESIDE: usize = 100;
/// The most candidates that are looked at for one question; webpki's figure too.
pub const MAX_STEPS: usize = 200_000;
/// The most certificates on one path, the anchor counted: OpenSSL follows 100 CAs between leaf and root (X509_STORE_CTX's depth), and no
/// client more; chains in use have at most five.
pub const MAX_DEPTH: usize = 102;
/// The most paths that are judged; each cross-signature doubles them, and people want to know of one.
pub const MAX_PATHS: usize = 32;

/// Signatures that may still be checked: first by the search for paths, then by the checks that explain where one ends.
#[derive(Debug)]
pub struct Budget {
    signatures: Cell<usize>,
    /// Good ones that cost nothing more.
    links: Cell<usize>,
    beside: Cell<usize>,
}

impl Budget {
    pub(crate) fn new() -> Budget {
        Budget {
            signatures: Cell::new(MAX_SIGNATURE_CHECKS),
            links: Cell::new(MAX_DEPTH),
            beside: Cell::new(MAX_CHECKS_BESIDE),
        }
    }

    /// Whether the key verifies the certificate's signature; `None` where none may be checked any more, so that nothing is known.
    pub(crate) fn verify(&self, child: &Certificate, issuer: &PublicKey) -> Option<SignatureCheck> {
        let check = spend(&self.signatures, child, issuer)?;
        if check == SignatureCheck::Good
            && let Some(links) = self.links.get().checked_sub(1)
        {
            self.links.set(links);
            self.signatures.set(self.signatures.get() + 1);
        }
        Some(check)
    }

    /// The same for a certificate that lies beside the files, within [`MAX_CHECKS_BESIDE`].
    pub(crate) fn verify_beside(&self, child: &Certificate, issuer: &PublicKey) -> Option<SignatureCheck> {
        spend(&self.beside, child, issuer)
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.signatures.get() == 0
    }
}

fn spend(left: &Cell<usize>, child: &Certificate, issuer: &PublicKey) -> Option<SignatureCheck> {
    left.set(left.get().checked_sub(1)?);
    Some(child.verified_by(issuer))
}

/// A bound of the search for paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// [`MAX_DEPTH`]
    Depth,
    /// [`MAX_SIGNATURE_CHECKS`]
    Signatures,
    /// [`MAX_STEPS`]
    Steps,
    /// [`MAX_PATHS`]
    Paths,
}

impl Bound {
    /// Its name in evidence, its number, and what it counts.
    fn describe(self) -> (&'static str, usize, &'static str) {
        match self {
            Bound::Depth => ("depth", MAX_DEPTH, "certificates on a path"),
            Bound::Signatures => ("signatures", MAX_SIGNATURE_CHECKS, "signatures to check"),
            Bound::Steps => ("steps", MAX_STEPS, "candidates to look at"),
            Bound::Paths => ("paths", MAX_PATHS, "paths"),
        }
    }
}

/// A search that was cut short (RFC 5280 section 6.1 leaves it to the implementation how paths are found, and RFC 4158
/// section 2.3 asks for a limit), about the certificate whose issuers were not all tried.
pub(crate) fn exceeded(case: &Case<'_>, bound: Bound) -> Finding {
    let (name, limit, what) = bound.describe();
    let (index, child) = widest(case);
    let at_hand = case.evidence.pool().count();
    let named = case.evidence.pool().filter(|(p, _)| p.certificate.subject.same_as(&child.issuer)).count();
    let message = format!(
        "expected at most {limit} {what} in the search for the issuer of `{}`, found more: {at_hand} certificates are at \
         hand, {named} with its issuer's name",
        child.subject
    );
    let fix = "# send only the leaf and its intermediates, each once: see with `pki inspect FILE` what the file holds";
    Finding::new(Code::PathBudgetExceeded, message)
        .about(index)
        .shown_by("budget", name)
        .shown_by("limit", limit)
        .shown_by("certificates_at_hand", at_hand)
        .shown_by("subject", child.subject.to_string())
        .shown_by("candidates_for_its_issuer", named)
        .shown_by("told_apart_by", told_apart_by(child))
        .shown_by("top", top(case, child))
        .mended_by(fix)
}

/// Who looks for an issuer by its name alone takes the first that has it, and who has a key identifier takes the one that it names.
fn told_apart_by(child: &Certificate) -> &'static str {
    if child.authority_key_identifier().is_some() { "key identifiers" } else { "nothing" }
}

/// Whether one of those that have the issuer's name issued itself and is not trusted: most clients end there.
fn top(case: &Case<'_>, child: &Certificate) -> &'static str {
    let mut sent = case.evidence.chain.iter().map(|p| &p.certificate).filter(|it| it.subject.same_as(&child.issuer));
    let is_trusted = |it: &Certificate| case.evidence.trust.iter().any(|anchor| anchor.certificate.der() == it.der());
    if sent.any(|it| it.is_self_signed() && !is_trusted(it)) { "sent" } else { "not sent" }
}

/// The top of a path that was cut short; of another, the certificate with the most candidates for its issuer.
fn widest<'a>(case: &Case<'a>) -> (usize, &'a Certificate) {
    let path: &Path<'a> = case.path;
    let top = path.steps.len() - 1;
    let candidates = |child: &Certificate| {
        case.evidence.pool().filter(|(p, _)| p.certificate.subject.same_as(&child.issuer)).count()
    };
    let found = match path.end {
        End::CutShort(_) => None,
        _ => path.certificates().max_by_key(|(_, p)| candidates(&p.certificate)),
    };
    found.map_or((top, &path.top().certificate), |(index, p)| (index, &p.certificate))
}
