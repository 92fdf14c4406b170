//! The clock: certificates that are in order, at a time that is not.

use time::{Duration, OffsetDateTime};

use crate::explain::{Case, rfc3339};
use crate::facts::{Certificate, SignatureCheck, escape};
use crate::finding::{Code, Finding};

/// Clocks this close are the same: a handshake and a judgement take seconds, and NTP keeps machines closer.
const SAME: Duration = Duration::minutes(2);

/// How far in the future a chain of files has to lie before this machine's clock is suspected rather than the CA's: a
/// clock without a battery starts years back, and a CA's that is set by hand is seldom a year ahead.
const BEHIND: Duration = Duration::days(366);

/// Every certificate on the path is in order at the true time, and not at the judged one (RFC 5280 section 6.1.3 (a)(2)
/// takes "the current time" for granted). Of the true time there are three witnesses: this machine's clock, where the
/// chain is judged as of another time; the peer's clock, where its protocol tells it; the certificates' own dates.
pub(super) fn wrong(case: &Case<'_>) -> Vec<Finding> {
    if valid_at(case, case.question.at) {
        return Vec::new();
    }
    // Of what has been revoked since, nobody can say that it is in order now.
    if is_revoked_by_now(case) {
        return Vec::new();
    }
    let found = by_machine(case).or_else(|| by_peer(case)).or_else(|| by_certificates(case));
    found.into_iter().collect()
}

/// Whether a certificate of the path is revoked by now, whatever time was asked for.
fn is_revoked_by_now(case: &Case<'_>) -> bool {
    let known = &case.evidence.own_revocations;
    let recorded =
        case.path.certificates().any(|(_, it)| known.iter().any(|own| own.sha256 == it.certificate.sha256_hex()));
    let listed = |subject: &Certificate, issuer: &Certificate| {
        let own = case.evidence.crls.iter().map(|(crl, _)| crl).filter(|crl| crl.issuer.same_as(&subject.issuer));
        let mut entries = own.filter(|crl| crl.verified_by(&issuer.public_key) == SignatureCheck::Good);
        entries.any(|crl| matches!(crl.entry(&subject.serial), Ok(Some(entry)) if !entry.is_removal()))
    };
    recorded || case.path.links().any(|(_, subject, issuer)| listed(&subject.certificate, &issuer.certificate))
}

fn valid_at(case: &Case<'_>, time: OffsetDateTime) -> bool {
    case.path.certificates().all(|(_, presented)| valid(&presented.certificate, time))
}

/// Validity is whole seconds: the last one lasts until the next begins.
fn valid(certificate: &Certificate, time: OffsetDateTime) -> bool {
    let validity = certificate.validity;
    validity.not_before <= time && time < validity.not_after.saturating_add(Duration::SECOND)
}

fn apart(one: OffsetDateTime, other: OffsetDateTime) -> bool {
    (one - other).abs() > SAME
}

/// `--at`, which may be what another machine's clock says, or a question about the future: the words hold for both.
fn by_machine(case: &Case<'_>) -> Option<Finding> {
    let (at, now) = (case.question.at, case.question.machine_now?.truncate_to_second());
    if !apart(at, now) || !valid_at(case, now) {
        return None;
    }
    let message = format!(
        "every certificate is in order now ({}), and not at the time asked about ({}): a machine whose clock says that has a wrong clock",
        rfc3339(now),
        rfc3339(at)
    );
    let (from, until) = bounds(case);
    let fix = format!(
        "# on the machine whose clock says {}: compare with the true time, and let it be kept\ndate -u\n# timedatectl set-ntp true\n# if that time was asked about on purpose: the chain is good from {} until {}",
        rfc3339(at),
        rfc3339(from),
        rfc3339(until)
    );
    Some(finding(case, message).shown_by("true_time", rfc3339(now)).mended_by(fix))
}

/// What the other side of a live connection takes for the time.
fn by_peer(case: &Case<'_>) -> Option<Finding> {
    let theirs = case.evidence.peer_time.as_ref()?;
    let at = case.question.at;
    if !apart(at, theirs.time) || !valid_at(case, theirs.time) {
        return None;
    }
    let message = format!(
        "every certificate is in order at the time that the server tells ({}, {}), and not at this machine's ({}): the clock here is wrong",
        rfc3339(theirs.time),
        escape(&theirs.source),
        rfc3339(at)
    );
    Some(
        finding(case, message)
            .shown_by("true_time", rfc3339(theirs.time))
            .shown_by("told_by", escape(&theirs.source))
            .mended_by(set_clock(case)),
    )
}

/// A whole chain from the future, the trust anchor included, by this machine's own clock: nobody can have issued it yet,
/// and where a server already sends it, or it is years ahead, the clock is behind.
fn by_certificates(case: &Case<'_>) -> Option<Finding> {
    let (at, several) = (case.question.at, case.path.steps.len() > 1);
    let future = case.path.certificates().all(|(_, presented)| at < presented.certificate.validity.not_before);
    let (from, until) = bounds(case);
    let own_clock = case.question.machine_now.is_some_and(|now| !apart(at, now));
    let suspect = case.evidence.endpoint.is_some() || from - at > BEHIND;
    if !own_clock || !suspect || !several || !future || from > until {
        return None;
    }
    let message = format!(
        "no certificate of the chain is valid yet, not even the root's: the clock that says {} is behind, most likely",
        rfc3339(at)
    );
    Some(finding(case, message).shown_by("true_time", format!("after {}", rfc3339(from))).mended_by(set_clock(case)))
}

fn finding(case: &Case<'_>, message: String) -> Finding {
    let (from, until) = bounds(case);
    Finding::new(Code::ClockWrong, message)
        .shown_by("judged_at", rfc3339(case.question.at.truncate_to_second()))
        .shown_by("all_valid_from", rfc3339(from))
        .shown_by("all_valid_until", rfc3339(until))
}

fn set_clock(case: &Case<'_>) -> String {
    format!(
        "# this clock says {}: compare with the true time, and let it be kept\ndate -u\n# timedatectl set-ntp true",
        rfc3339(case.question.at.truncate_to_second())
    )
}

/// From when and until when all of the path is valid.
fn bounds(case: &Case<'_>) -> (OffsetDateTime, OffsetDateTime) {
    let first = case.path.leaf().certificate.validity;
    case.path.certificates().fold((first.not_before, first.not_after), |(from, until), (_, presented)| {
        let validity = presented.certificate.validity;
        (from.max(validity.not_before), until.min(validity.not_after))
    })
}
