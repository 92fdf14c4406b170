//! Time (RFC 5280 sections 4.1.2.5 and 6.1.3 (a)(2)).

use time::macros::date;
use time::{Date, Duration, OffsetDateTime, UtcOffset};

use crate::explain::{Case, Presented, Profile, Purpose, Situation, rfc3339};
use crate::facts::{Certificate, Spelling, TimeForm};
use crate::finding::fix::{ask, reissue, rewrite};
use crate::finding::{Code, Finding, Severity};

/// RFC 5280 sections 4.1.2.5 and 6.1.3 (a)(2): the time is within the validity, whose first and last second both belong to it.
pub(super) fn validity(case: &Case<'_>) -> Vec<Finding> {
    let now = case.question.at;
    case.path
        .certificates()
        .filter_map(|(index, presented)| {
            let certificate = &presented.certificate;
            let validity = certificate.validity;
            // Validity is whole seconds: the last one lasts until the next begins.
            let (code, message) = if now >= validity.not_after.saturating_add(Duration::SECOND) {
                let message = format!(
                    "`{}` expired on {}, {} ago",
                    certificate.subject,
                    day(validity.not_after),
                    span(now - validity.not_after)
                );
                (Code::Expired, message)
            } else if now < validity.not_before {
                let message = format!(
                    "`{}` is not valid before {}, {} from now",
                    certificate.subject,
                    day(validity.not_before),
                    span(validity.not_before - now)
                );
                (Code::NotYetValid, message)
            } else {
                return None;
            };
            Some(
                Finding::new(code, message)
                    .about(index)
                    .shown_by("not_before", rfc3339(validity.not_before))
                    .shown_by("not_after", rfc3339(validity.not_after))
                    .shown_by("judged_at", rfc3339(now))
                    .shown_by("begins", if validity.not_before - now <= SLOP { "within a day" } else { "later" })
                    .mended_by(fix(case, code)),
            )
        })
        .collect()
}

/// By how much NSS lets a certificate begin in the future (PENDING_SLOP in lib/certdb).
const SLOP: Duration = Duration::DAY;

fn fix(case: &Case<'_>, code: Code) -> String {
    if let Some(later) = asked_too_early(case).filter(|_| code == Code::NotYetValid) {
        return later;
    }
    let reissue = reissue(case, code);
    match code {
        Code::NotYetValid => format!(
            "# if this machine's clock is wrong (it says {}), set it; else issue the certificate again:\n{reissue}",
            rfc3339(case.question.at)
        ),
        _ => reissue,
    }
}

/// At a time that was asked about and is past, nothing that is issued now is valid either: the same question, of the chain's first second.
fn asked_too_early(case: &Case<'_>) -> Option<String> {
    let asked = case.evidence.situation.at?;
    let from = case.path.certificates().map(|(_, p)| p.certificate.validity.not_before).max()?;
    case.question.machine_now.filter(|now| asked < *now)?;
    let situation = Situation { at: Some(from), ..case.evidence.situation.clone() };
    let again = ask(&situation, case.question, None, None, None);
    Some(format!(
        "# what is issued now is not valid at {} either; the chain is valid from {} on, if it has not ended then:\n{again}",
        rfc3339(asked),
        rfc3339(from)
    ))
}

/// RFC 5280 section 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050 on. UTCTime has two digits of the year, so
/// that one past 2049 is read as a year of the last century, and the certificate ended before it began.
pub(super) fn encoding(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .certificates()
        .filter_map(|(index, p)| {
            let (severity, field, fault, message) = misspelt(&p.certificate)?;
            let validity = p.certificate.validity;
            Some(
                Finding::new(Code::ValidityEncoding, message)
                    .about(index)
                    .graded(severity)
                    .shown_by("field", field)
                    .shown_by("fault", fault)
                    .shown_by("not_before", rfc3339(validity.not_before))
                    .shown_by("not_after", rfc3339(validity.not_after))
                    .reissued(case),
            )
        })
        .collect()
}

/// How grave it is, which of the two, what is wrong with it, and how it is told.
type Misspelt = (Severity, &'static str, &'static str, String);

fn misspelt(certificate: &Certificate) -> Option<Misspelt> {
    let validity = certificate.validity;
    if let Some((field, spelling)) = validity.misspelt {
        let fault = match spelling {
            Spelling::NoSeconds => "no seconds",
            Spelling::Fraction => "a fraction of a second",
            Spelling::Offset => "an offset from GMT",
        };
        let message = format!(
            "{field} of `{}` is written with {fault}: expected whole seconds of GMT, as YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ",
            certificate.subject
        );
        return Some((Severity::Error, field, fault, message));
    }
    let (from, until) = (validity.not_before, validity.not_after);
    if validity.not_after_form == TimeForm::Utc && until.year() < 2000 && from.year() >= 2000 {
        let message = format!(
            "notAfter of `{}` is a UTCTime, whose two digits are the year {}: expected a GeneralizedTime if {} was meant",
            certificate.subject,
            until.year(),
            until.year() + 100
        );
        return Some((Severity::Error, "notAfter", "two digits of the year", message));
    }
    if from.year() < EPOCH {
        let message = format!(
            "notBefore of `{}` is in {}, before which rustls reads no time{}",
            certificate.subject,
            from.year(),
            if validity.not_before_form == TimeForm::Utc { "; a UTCTime has two digits of the year" } else { "" }
        );
        return Some((Severity::Warning, "notBefore", "before 1970", message));
    }
    let early = |form, time: OffsetDateTime| form == TimeForm::Generalized && time.year() < 2050;
    let field = match (early(validity.not_before_form, from), early(validity.not_after_form, until)) {
        (_, true) => "notAfter",
        (true, false) => "notBefore",
        (false, false) => return None,
    };
    let message = format!("{field} of `{}` is a GeneralizedTime before 2050: expected a UTCTime", certificate.subject);
    Some((Severity::Note, field, "GeneralizedTime before 2050", message))
}

/// The year from which systems count seconds.
const EPOCH: i32 = 1970;

/// The longest that Apple's systems take from any CA, a private one as well (support.apple.com/103769: 825 days). The
/// limits of browsers are shorter, and for public CAs alone (Baseline Requirements section 6.3.2).
const LONGEST_FOR_APPLE: Duration = Duration::days(825);

/// A server's certificate that is valid for longer than some clients take.
pub(super) fn long(case: &Case<'_>) -> Vec<Finding> {
    let leaf = &case.path.leaf().certificate;
    let span = leaf.validity.not_after - leaf.validity.not_before;
    if case.question.purpose == Purpose::Server
        && let Some(found) = longer_than_public(case, leaf)
    {
        return vec![found];
    }
    if case.question.purpose != Purpose::Server || span <= LONGEST_FOR_APPLE {
        return Vec::new();
    }
    let message = format!(
        "`{}` is valid for {} days: Apple's systems take at most {}",
        leaf.subject,
        span.whole_days(),
        LONGEST_FOR_APPLE.whole_days()
    );
    vec![
        Finding::new(Code::ValidityLong, message)
            .about(0)
            .shown_by("days", span.whole_days())
            .shown_by("at_most", LONGEST_FOR_APPLE.whole_days())
            .reissued(case),
    ]
}

/// The most days that a public CA may certify a server for (Baseline Requirements section 6.3.2), by the day from which it was issued:
/// of ballot 193, of SC-031 and of SC-081v3.
const PUBLIC_LIMITS: [(Date, i64); 5] = [
    (date!(2029 - 03 - 15), 47),
    (date!(2027 - 03 - 15), 100),
    (date!(2026 - 03 - 15), 200),
    (date!(2020 - 09 - 01), 398),
    (date!(2018 - 03 - 01), 825),
];

/// The limit for what is issued at that time.
fn public_limit(issued: OffsetDateTime) -> Option<(Date, i64)> {
    PUBLIC_LIMITS.into_iter().find(|(from, _)| *from <= issued.to_offset(UtcOffset::UTC).date())
}

/// That limit is one of public CAs, so that only their profile asks it.
fn longer_than_public(case: &Case<'_>, leaf: &Certificate) -> Option<Finding> {
    let (from, most) = public_limit(leaf.validity.not_before).filter(|_| case.question.profile == Profile::Webpki)?;
    // Both ends belong to it, and a second more is a day more (section 1.6.1).
    let span = leaf.validity.not_after - leaf.validity.not_before + Duration::SECOND;
    if span <= Duration::days(most) {
        return None;
    }
    let rule = format!("Baseline Requirements section 6.3.2: at most {most} days from {from} on");
    let days = (span - Duration::SECOND).whole_days() + 1;
    let message = format!("`{}` is valid for {days} days: expected {most} at most ({rule})", leaf.subject);
    let finding = Finding::new(Code::ValidityLong, message)
        .about(0)
        .shown_by("days", days)
        .shown_by("at_most", most)
        .shown_by("issued", rfc3339(leaf.validity.not_before))
        .shown_by("rule", rule)
        .reissued(case);
    // A new one is held to the limit of its own time.
    let fix = public_limit(case.question.machine_now.unwrap_or(case.question.at))
        .map(|(_, most)| finding.fix.lines().map(|line| for_days(line, most)).collect::<Vec<_>>().join("\n"));
    Some(match fix {
        Some(fix) => finding.mended_by(fix),
        None => finding,
    })
}

/// The command with a lifetime, where it issues a server's certificate for one that is not typed.
fn for_days(line: &str, most: i64) -> String {
    let issues = !line.starts_with('#') && (line.contains(" issue server ") || line.contains(" renew "));
    // What is issued is valid from some minutes before.
    let own = i64::from(crate::profile::DEFAULT_LEAF_DAYS);
    if issues && own >= most { format!("{line} --days {}", most - 1) } else { line.to_owned() }
}

/// An expired certificate with the name and key of one on the path: a former root, a cross-sign, or an issuing CA before
/// its renewal (RFC 4158 section 2.4.2 has such pairs). Who builds paths takes the other one; GnuTLS takes the first
/// issuer that is sent.
pub(super) fn expired_alternative(case: &Case<'_>) -> Vec<Finding> {
    let now = case.question.at;
    let path: Vec<_> = case.path.certificates().collect();
    let known = |p: &Presented| path.iter().any(|(_, step)| step.certificate.der() == p.certificate.der());
    let ended = |p: &Presented| p.certificate.validity.not_after.saturating_add(Duration::SECOND) <= now;
    let (trust, chain) = (&case.evidence.trust, &case.evidence.chain);
    trust
        .iter()
        .chain(chain)
        .filter(|p| ended(p) && !known(p))
        .filter_map(|p| {
            let twin = path.iter().skip(1).find(|(_, step)| is_twin(&step.certificate, &p.certificate))?;
            Some((p, twin))
        })
        .map(|(p, (index, step))| {
            let misleads = place(chain, p) < place(chain, step) && !p.certificate.is_self_issued();
            let severity =
                if misleads && place(chain, step) < chain.len() { Severity::Warning } else { Severity::Note };
            alternative(case, p, *index, step).graded(severity)
        })
        .collect()
}

fn is_twin(one: &Certificate, other: &Certificate) -> bool {
    one.subject.same_as(&other.subject) && one.public_key.same_as(&other.public_key)
}

/// The place among those sent; behind all of them where it was not.
fn place(chain: &[Presented], presented: &Presented) -> usize {
    chain.iter().position(|p| p.certificate.der() == presented.certificate.der()).unwrap_or(chain.len())
}

fn alternative(case: &Case<'_>, expired: &Presented, index: usize, current: &Presented) -> Finding {
    let message = format!(
        "`{}` ({}) expired on {}; {} has the same name and key and is current, so leave the old one away",
        expired.certificate.subject,
        expired.source,
        day(expired.certificate.validity.not_after),
        current.source
    );
    Finding::new(Code::ExpiredAlternativePath, message)
        .about(index)
        .shown_by("expired", rfc3339(expired.certificate.validity.not_after))
        .shown_by("expired_source", expired.source.clone())
        .shown_by("current_source", current.source.clone())
        .shown_by("current_until", rfc3339(current.certificate.validity.not_after))
        .mended_by(rewrite(case))
}

/// RFC 5280 section 4.1.2.5: the validity is the time from notBefore through notAfter, so with the two in the other order there is
/// none (section 6.1.3 (a)(2) is never met).
pub(super) fn inverted(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .certificates()
        .filter(|(_, p)| p.certificate.validity.not_after < p.certificate.validity.not_before)
        .map(|(index, p)| {
            let validity = p.certificate.validity;
            let message = format!(
                "`{}` ends ({}) before it begins ({}): it is never valid",
                p.certificate.subject,
                day(validity.not_after),
                day(validity.not_before)
            );
            Finding::new(Code::ValidityInverted, message)
                .about(index)
                .shown_by("not_before", rfc3339(validity.not_before))
                .shown_by("not_after", rfc3339(validity.not_after))
                .reissued(case)
        })
        .collect()
}

fn day(time: OffsetDateTime) -> String {
    time.date().to_string()
}

/// `3 days`, `5 hours`, `40 seconds`: the largest unit that there is more than one of.
fn span(duration: Duration) -> String {
    let units =
        [(duration.whole_days(), "days"), (duration.whole_hours(), "hours"), (duration.whole_minutes(), "minutes")];
    let largest = units.into_iter().find(|(count, _)| *count > 1);
    largest.map_or_else(|| format!("{} seconds", duration.whole_seconds()), |(count, unit)| format!("{count} {unit}"))
}

#[cfg(test)]
mod tests {
    use super::{Duration, span};

    #[test]
    fn spans_are_told_in_the_largest_unit_of_which_there_are_several() {
        for (seconds, text) in [
            (1, "1 seconds"),
            (90, "90 seconds"),
            (150, "2 minutes"),
            (7_200, "2 hours"),
            (90_000, "25 hours"),
            (172_800, "2 days"),
        ] {
            assert_eq!(span(Duration::seconds(seconds)), text);
        }
    }
}
