//! CAs of one name and of different keys, all of them at hand: not every client goes on to the one that signed.

use super::trust::key_evidence;
use crate::explain::{Case, Presented};
use crate::facts::Certificate;
use crate::finding::fix::{reissue, rewrite};
use crate::finding::{Code, Finding, Severity};

/// RFC 4158 section 3.2: a name may stand for several keys, and a path builder tries each. Of two that no key identifier tells apart,
/// OpenSSL (find_issuer() in x509_vfy.c) takes the first, GnuTLS the first that is sent or the last of the CA file, and NSS the newest;
/// where its key is not the one that signed, they refuse the certificate.
pub(super) fn beside_issuer(case: &Case<'_>) -> Vec<Finding> {
    let links = case.path.links();
    links.filter_map(|(index, child, issuer)| mistaken(case, index, &child.certificate, issuer)).collect()
}

fn mistaken(case: &Case<'_>, index: usize, child: &Certificate, issuer: &Presented) -> Option<Finding> {
    let among = Among::of(case, issuer)?;
    let at_hand = || among.all.iter().copied().enumerate();
    let namesakes = || at_hand().filter(|(_, p)| is_namesake(child, issuer, &p.certificate));
    let valid = || namesakes().filter(|(_, p)| is_valid(case, &p.certificate));
    let stands_before = |(at, _): &(usize, &Presented)| *at < among.place;
    let began = issuer.certificate.validity.not_before;
    // Of two that began at once NSS takes the later one at hand.
    let is_newer = |(at, p): &(usize, &Presented)| {
        let other = p.certificate.validity.not_before;
        other > began || (other == began && *at > among.place)
    };
    let (first, newest) = (valid().find(stands_before), valid().find(is_newer));
    // One that is sent behind the right one misleads only those who look for the newest, and one that has ended only GnuTLS.
    let last = || if among.trusted { valid().next() } else { namesakes().find(stands_before) };
    let (_, other) = first.or(newest).or_else(last)?;
    let by_serial = child.authority_serial().is_some_and(|serial| serial != other.certificate.serial);
    Some(
        key_evidence(Finding::new(among.code(), among.message(child, other)).about(index), child, &other.certificate)
            .graded(Severity::Warning)
            .shown_by("issuer_source", issuer.source.clone())
            .shown_by("other_source", other.source.clone())
            .shown_by("other_stands", if first.is_some() { "before the issuer" } else { "behind the issuer" })
            .shown_by("newest", if newest.is_some() { "the other" } else { "the issuer" })
            .shown_by("other_is", if is_valid(case, &other.certificate) { "valid" } else { "not valid" })
            .shown_by("told_apart_by", if by_serial { "serial number" } else { "nothing" })
            .mended_by(among.fix(case)),
    )
}

/// The certificates that a client has to choose from, and the place of the right one among them.
struct Among<'a> {
    all: Vec<&'a Presented>,
    place: usize,
    trusted: bool,
}

impl<'a> Among<'a> {
    /// What is sent with the issuer, or trusted with it.
    fn of(case: &'a Case<'a>, issuer: &Presented) -> Option<Among<'a>> {
        let evidence = case.evidence;
        let sent: Vec<&Presented> = evidence.chain.iter().chain(&evidence.untrusted).collect();
        let trust: Vec<&Presented> = evidence.trust.iter().collect();
        // What is trusted is looked at first.
        [(trust, true), (sent, false)].into_iter().find_map(|(all, trusted)| {
            let place = all.iter().position(|p| p.certificate.der() == issuer.certificate.der())?;
            Some(Among { all, place, trusted })
        })
    }

    fn code(&self) -> Code {
        if self.trusted { Code::RootRegenerated } else { Code::IntermediateRegenerated }
    }

    fn message(&self, child: &Certificate, other: &Presented) -> String {
        format!(
            "`{}` does not say which key signed it, and two CAs of its issuer's name are {}: {} has another key, and OpenSSL, GnuTLS and \
             NSS take one of them and look no further",
            child.subject,
            if self.trusted { "trusted" } else { "sent" },
            other.source
        )
    }

    fn fix(&self, case: &Case<'_>) -> String {
        if self.trusted { reissue(case, self.code()) } else { rewrite(case) }
    }
}

/// Whether a client may take it for the issuer: the same name, another key, and no key identifier that says otherwise.
fn is_namesake(child: &Certificate, issuer: &Presented, ca: &Certificate) -> bool {
    let same_name = ca.subject.same_as(&child.issuer) && ca.der() != child.der();
    same_name && !ca.public_key.same_as(&issuer.certificate.public_key) && is_named_by(child, ca)
}

/// Whether no key identifier tells the CA from the one that issued the certificate.
fn is_named_by(child: &Certificate, ca: &Certificate) -> bool {
    let identifiers = child.authority_key_identifier().zip(ca.subject_key_identifier());
    identifiers.is_none_or(|(named, own)| named == own)
}

/// What is past its end is passed over for what is not, but by GnuTLS.
fn is_valid(case: &Case<'_>, ca: &Certificate) -> bool {
    (ca.validity.not_before..=ca.validity.not_after).contains(&case.question.at)
}
