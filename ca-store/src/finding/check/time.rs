//! Time (RFC 5280 sections 4.1.2.5 and 6.1.3 (a)(2)).

use time::{Duration, OffsetDateTime};

use crate::explain::{Case, rfc3339};
use crate::finding::fix::reissue;
use crate::finding::{Code, Finding};

/// Both bounds belong to the validity.
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
                    .mended_by(fix(case, code)),
            )
        })
        .collect()
}

fn fix(case: &Case<'_>, code: Code) -> String {
    let reissue = reissue(case);
    match code {
        Code::NotYetValid => format!(
            "# if this machine's clock is wrong (it says {}), set it; else issue the certificate again:\n{reissue}",
            rfc3339(case.question.at)
        ),
        _ => reissue,
    }
}

/// notAfter before notBefore: never valid.
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
                .mended_by(reissue(case))
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
