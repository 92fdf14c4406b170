//! What each profile makes of a finding, as data: where it is stricter or laxer than the code's own severity.

use super::{Code, Finding, Severity};
use crate::explain::Profile;

/// A grade: `E` error, `W` warning, `N` note, `-` as the check graded it.
struct Row {
    code: Code,
    rfc5280: u8,
    webpki: u8,
    /// The rule that the grade rests on.
    rule: &'static str,
}

const fn row(code: Code, grades: &'static str, rule: &'static str) -> Row {
    let bytes = grades.as_bytes();
    Row { code, rfc5280: bytes[0], webpki: bytes[1], rule }
}

/// The private profile takes every code as its check graded it, so it has no column.
const ROWS: &[Row] = {
    use Code as C;
    &[
        row(C::AkiMissing, "EE", "RFC 5280 section 4.2.1.1"),
        row(C::SkiMissing, "EE", "RFC 5280 section 4.2.1.2"),
        row(C::AkiMismatch, "EE", "RFC 5280 section 4.2.1.1"),
        row(C::BasicConstraintsNotCritical, "EE", "RFC 5280 section 4.2.1.9"),
        row(C::BasicConstraintsMissing, "EE", "RFC 5280 section 4.2.1.9"),
        row(C::KeyCertSignMissing, "EE", "RFC 5280 section 4.2.1.3"),
        row(C::Version1, "EE", "RFC 5280 section 4.1.2.1"),
        row(C::ExtensionMalformed, "EE", "RFC 5280 section 4.2"),
        row(C::ExtensionCriticality, "EE", "RFC 5280 section 4.2"),
        row(C::ExtensionNotAllowed, "EE", "RFC 5280 section 4.2"),
        row(C::SanMalformed, "EE", "RFC 5280 section 4.2.1.6"),
        row(C::HostUnderscore, "EE", "RFC 5280 section 4.2.1.6"),
        row(C::IpAsDnsName, "EE", "RFC 5280 section 4.2.1.6"),
        row(C::EmptyIssuerName, "EE", "RFC 5280 section 4.1.2.4"),
        row(C::SerialNegative, "EE", "RFC 5280 section 4.1.2.2"),
        row(C::SerialZero, "EE", "RFC 5280 section 4.1.2.2"),
        row(C::SerialTooLong, "EE", "RFC 5280 section 4.1.2.2"),
        row(C::ValidityEncoding, "EE", "RFC 5280 section 4.1.2.5"),
        row(C::CrlMalformed, "EE", "RFC 5280 section 5.2"),
        row(C::DigitalSignatureMissing, "N-", "RFC 5280 section 4.2.1.3 leaves it to the application"),
        row(C::KeyEnciphermentMissing, "NN", "RFC 5280 section 4.2.1.3 leaves it to the application"),
        row(C::LeafIsCa, "NE", "Baseline Requirements section 7.1.2.7.8"),
        row(C::LeafMissing, "NE", "Baseline Requirements section 7.1.2.7.8"),
        row(C::EkuMissing, "NE", "Baseline Requirements section 7.1.2.7.10"),
        row(C::StapleMissing, "NN", "RFC 7633 section 4.2.3.1 is about the handshake"),
        row(C::NameConstraintSupport, "NN", "RFC 5280 section 4.2.1.10: which kinds are processed"),
        row(C::KeyTypeSupport, "NE", "Baseline Requirements section 6.1.1.3"),
        row(C::EcExplicitParameters, "EE", "RFC 5480 section 2.1.1"),
        row(C::KeyNotAllowed, "NE", "Baseline Requirements sections 6.1.5 and 7.1.3.2"),
        row(C::WildcardTooBroad, "NE", "Baseline Requirements section 3.2.2.6"),
        row(C::ValidityLong, "NE", "Baseline Requirements section 6.3.2, by the day of issue"),
        row(C::CommonNameNotInSan, "NE", "Baseline Requirements section 7.1.4.3"),
        row(C::IntermediateAsTrustAnchor, "NN", "RFC 5280 section 6.1.1 (d): an anchor is a name and a key"),
        row(C::IssuerNameEncoding, "NN", "RFC 5280 section 7.1"),
        row(C::IssuerNameCase, "NN", "RFC 5280 section 7.1"),
        row(C::SameSubjectAsIssuer, "NN", "RFC 5280 section 6.1: self-issued, not self-signed"),
        row(C::SerialReused, "NN", "RFC 5280 section 4.1.2.2 binds the issuer, not the path"),
    ]
};

/// Grades the findings of one path as the profile does.
pub(crate) fn grade(profile: Profile, findings: &mut [Finding]) {
    for finding in findings {
        if let Some(severity) = severity(profile, finding) {
            finding.severity = severity;
        }
    }
}

/// What a code is graded as, where nothing in the finding itself makes an exception.
pub(super) fn usual(profile: Profile, code: Code) -> Severity {
    severity(profile, &Finding::new(code, "")).unwrap_or(code.severity())
}

fn severity(profile: Profile, finding: &Finding) -> Option<Severity> {
    let row = ROWS.iter().find(|row| row.code == finding.code)?;
    let grade = match profile {
        Profile::Private => return None,
        _ if is_exempt(profile, finding) => b'N',
        Profile::Rfc5280 => row.rfc5280,
        Profile::Webpki => row.webpki,
    };
    letter(grade)
}

/// A rule of the Baseline Requirements is none of RFC 5280; and they let name constraints be not critical
/// (section 7.1.2.5.2), as old clients choked on them. What Apple's systems take is none of either.
fn is_exempt(profile: Profile, finding: &Finding) -> bool {
    let shows = |name: &str, text: &str| {
        finding.evidence.get(name).and_then(|value| value.as_str()).is_some_and(|value| value.contains(text))
    };
    match profile {
        Profile::Private => false,
        // Section 4.1.2.5.1 gives a UTCTime the years from 1950 on: a client's own bound is none of it.
        _ if finding.code == Code::ValidityEncoding && shows("fault", "before 1970") => true,
        Profile::Rfc5280 => shows("rule", "Baseline Requirements"),
        Profile::Webpki if finding.code == Code::ValidityLong => {
            !finding.evidence.is_empty() && !shows("rule", "Baseline Requirements")
        }
        // Section 6.1.5 allows P-521 as well.
        Profile::Webpki if finding.code == Code::KeyTypeSupport => shows("kind", "P-521"),
        Profile::Webpki => finding.code == Code::ExtensionCriticality && shows("extension", "nameConstraints"),
    }
}

fn letter(grade: u8) -> Option<Severity> {
    match grade {
        b'E' => Some(Severity::Error),
        b'W' => Some(Severity::Warning),
        b'N' => Some(Severity::Note),
        _ => None,
    }
}

/// The table as documentation shows it: code, severity by itself, under `rfc5280`, under `webpki`, and the rule.
pub fn profile_rows() -> impl Iterator<Item = (Code, [Severity; 3], &'static str)> {
    ROWS.iter().map(|row| {
        let own = row.code.severity();
        (row.code, [own, letter(row.rfc5280).unwrap_or(own), letter(row.webpki).unwrap_or(own)], row.rule)
    })
}

#[cfg(test)]
mod tests {
    use super::ROWS;

    #[test]
    fn a_code_has_one_row_and_every_grade_is_one() {
        for (at, row) in ROWS.iter().enumerate() {
            assert!(!ROWS[..at].iter().any(|known| known.code == row.code), "{}", row.code);
            assert!(b"EWN-".contains(&row.rfc5280) && b"EWN-".contains(&row.webpki), "{}", row.code);
        }
    }
}
