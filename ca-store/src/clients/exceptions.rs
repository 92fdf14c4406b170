//! Where clients differ: a row a finding, a column a client.
//!
//! Measured with OpenSSL 3.0, curl 7.88, wget with GnuTLS, gnutls-cli 3.7, Python 3.11 and 3.13, Node 20, Java 17,
//! rustls 0.23, Go 1.27, NSS 3.87 and Chromium 156, on the same chains.

use crate::finding::{Code, Finding, Role, Severity};

/// When a row holds.
enum When {
    Always,
    Severity(Severity),
    /// The finding is about the trust anchor.
    Anchor,
    /// The finding's evidence has this value.
    Shows(&'static str, &'static str),
    /// The finding is about a CA file, and its evidence has this value.
    InTrust(&'static str, &'static str),
    /// The finding is about a CA file.
    Trust,
}

struct Row {
    code: Code,
    when: When,
    /// `X` refuses, `.` accepts; the columns are those of [`super::CLIENTS`].
    clients: &'static str,
}

const fn row(code: Code, when: When, clients: &'static str) -> Row {
    Row { code, when, clients }
}

/// The first row that fits a finding holds.
const ROWS: &[Row] = {
    use Code as C;
    use Severity as S;
    use When::{Always, Anchor, InTrust, Severity as Graded, Shows, Trust};
    &[
        //                                                                oscwgPPnjrrgNC
        row(C::SameSubjectAsIssuer, Graded(S::Warning), ".............."),
        row(C::SameSubjectAsIssuer, Shows("spelling", "differs"), "XXX..XXX......"),
        row(C::SameSubjectAsIssuer, Always, "XXX..XXX....X."),
        row(C::IssuerNameEncoding, Always, "...XX....XXXXX"),
        row(C::IssuerNameCase, Always, "...XX....XXXX."),
        row(C::EmptyIssuerName, Always, ".XX...X.X....."),
        row(C::NoSan, Always, ".........XXX.X"),
        row(C::SanMalformed, Shows("fault", "trailing dot"), "XX.XXXX.XXXXX."),
        row(C::WildcardMalformed, Always, "XXXXXXXX.XXXXX"),
        row(C::HostTrailingDot, Always, "XX...XX.....X."),
        row(C::IpAsDnsName, Always, "XXX..XXXXXXXXX"),
        row(C::IpInCommonName, Always, "XXX..XXXXXXXXX"),
        // No client knows that its clock is wrong: what it refuses is the date, which is a finding beside.
        row(C::ClockWrong, Always, ".............."),
        // Nor that a better certificate lies on the server's disk.
        row(C::StaleCertificateServed, Always, ".............."),
        row(C::Expired, Anchor, "XXXXXXXX...XXX"),
        row(C::NotYetValid, Anchor, "XXXXXXXX...XXX"),
        row(C::SelfSignedLeaf, Graded(S::Warning), "............XX"),
        row(C::LeafAsTrustAnchor, Always, "XX...X.X.XX.XX"),
        row(C::IntermediateAsTrustAnchor, Always, "XX...X.X......"),
        row(C::IssuerNotCa, Anchor, "XXXXXXXXX..XXX"),
        row(C::BasicConstraintsMissing, Anchor, ".X....X.X..X.."),
        row(C::BasicConstraintsNotCritical, Always, ".X....X......."),
        row(C::Version1, Anchor, ".X....X......."),
        row(C::LeafIsCa, Always, ".........XX.X."),
        row(C::AkiMissing, Always, ".X....X......."),
        row(C::SkiMissing, Always, ".X....X......."),
        row(C::AkiMismatch, Always, "XXX..XXX......"),
        row(C::NameConstraintViolated, Shows("constrained_by", "trust anchor"), "XXXXXXXX.XXXXX"),
        row(C::WrongPurpose, Always, "XXX.XXXXXXXXXX"),
        row(C::WeakSignature, Always, "X.XXXXXXXXXXXX"),
        row(C::WeakKey, Always, "X.X..XX..XX..."),
        row(C::SerialReused, Always, "............X."),
        row(C::KeyTypeSupport, Always, "............XX"),
        row(C::Revoked, Always, "XXX.XXXXXXX.X."),
        row(C::CrlExpired, Always, "XXX.XXXXXXX.X."),
        row(C::CrlNotApplicable, Always, "XXX.XXXXXXX.X."),
        row(C::CrlMissing, Always, "XXX.XXXXXXX.X."),
        // A CA file that a client cannot use. OpenSSL's reader wants BEGIN and END alone on their lines, from the first
        // column on; GnuTLS looks for them anywhere; Java takes any label, but stops at what is no certificate; Node and
        // Go pass over what they cannot read behind a good certificate. A server's files are the server's to read.
        row(C::FileIndented, InTrust("indented", "base64"), ".............."),
        row(C::FileIndented, Trust, "XXX..XXXXXXX.."),
        row(C::FileHasBom, Trust, "........XXXX.."),
        row(C::FileOneLine, InTrust("line_ends", "CR"), "XXX..XXX...X.."),
        row(C::FileOneLine, Trust, "XXX..XXXXXXX.."),
        row(C::FileIsDer, Trust, "XXXXXXXX.XXX.."),
        row(C::FileIsPkcs7, Trust, "XXXXXXXX.XXXXX"),
        row(C::FileJoinedBlocks, Trust, "XXX..XXXXXXX.."),
        row(C::FileBadBoundary, InTrust("boundary", "not alone"), "XXX..XXXXXXX.."),
        row(C::FileBadBoundary, InTrust("boundary", "too many dashes"), "XXX..XXXXXXX.."),
        row(C::FileBadBoundary, InTrust("others", "readable"), "........X....."),
        row(C::FileBadBase64, InTrust("character", "empty line"), "XXX..XXX......"),
        row(C::FileBadBase64, InTrust("others", "readable"), "XXXXXXX.XXX.XX"),
        row(C::FileTruncated, InTrust("others", "readable"), "XXXXXXX.XXX.XX"),
        row(C::CertificateCorrupt, InTrust("others", "readable"), "XXXXXXX.XXX.XX"),
        row(C::FileWrongLabel, InTrust("label", "X509 CERTIFICATE"), ".........XXX.."),
        row(C::FileWrongLabel, InTrust("label", "TRUSTED CERTIFICATE"), "...XX....XXX.."),
        row(C::FileWrongLabel, InTrust("label_ends", "otherwise"), "XXX..XXXXXXX.."),
        row(C::FileWrongLabel, InTrust("content", "a certificate"), "XXXXXXXX.XXXXX"),
        row(C::FileIsCsr, InTrust("others", "readable"), "...XX...X....."),
        row(C::FileHasKey, Trust, "........X...XX"),
    ]
};

/// The row for a finding, if clients differ on it.
pub(super) fn row_of(finding: &Finding, anchor: Option<usize>) -> Option<&'static str> {
    ROWS.iter().find(|row| row.code == finding.code && holds(&row.when, finding, anchor)).map(|row| row.clients)
}

fn holds(when: &When, finding: &Finding, anchor: Option<usize>) -> bool {
    match when {
        When::Always => true,
        When::Anchor => anchor.is_some() && finding.certificate == anchor,
        When::Severity(severity) => finding.severity == *severity,
        When::Shows(name, value) => shows(finding, name, value),
        When::InTrust(name, value) => in_trust(finding) && shows(finding, name, value),
        When::Trust => in_trust(finding),
    }
}

fn shows(finding: &Finding, name: &str, value: &str) -> bool {
    finding.evidence.get(name).is_some_and(|shown| shown.as_str() == Some(value))
}

fn in_trust(finding: &Finding) -> bool {
    shows(finding, "given_as", Role::Trust.flag())
}

#[cfg(test)]
mod tests {
    use super::ROWS;

    #[test]
    fn every_row_has_a_column_for_every_client() {
        for row in ROWS {
            assert_eq!(row.clients.len(), super::super::CLIENTS.len(), "{}", row.code);
            assert!(row.clients.chars().all(|c| c == 'X' || c == '.'), "{}", row.code);
        }
    }
}
