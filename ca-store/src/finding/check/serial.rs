//! Serial numbers (RFC 5280 section 4.1.2.2).

use crate::explain::{Case, Presented};
use crate::finding::{Code, Finding, Severity};

/// RFC 5280 section 4.1.2.2: positive, and at most 20 octets: that is asked of CAs. Verifiers SHOULD be prepared for others, and only Go refuses a
/// negative one.
pub(super) fn numbers(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .certificates()
        .filter_map(|(index, p)| {
            let serial = &p.certificate.serial;
            let (code, severity, what) = match serial.first() {
                Some(first) if first & 0x80 != 0 => {
                    (Code::SerialNegative, Severity::Warning, "is negative: expected a positive number")
                }
                _ if serial.iter().all(|octet| *octet == 0) => {
                    (Code::SerialZero, Severity::Note, "is zero: expected a positive number")
                }
                _ if serial.len() > 20 => (Code::SerialTooLong, Severity::Note, "is longer than 20 octets"),
                _ => return None,
            };
            let message = format!("the serial number of `{}` {what}", p.certificate.subject);
            Some(
                Finding::new(code, message)
                    .about(index)
                    .graded(severity)
                    .shown_by("serial", p.certificate.serial_hex())
                    .shown_by("octets", serial.len())
                    .reissued(case),
            )
        })
        .collect()
}

/// X.690 section 8.3: an INTEGER has at least one octet, and no more in front than its sign takes.
pub(super) fn encoding(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .certificates()
        .filter_map(|(index, p)| {
            let (octets, what) = match p.certificate.serial[..] {
                [] => ("none", "has no octet at all"),
                [0, next, ..] if next & 0x80 == 0 => ("padded", "begins with a zero that it needs not"),
                [0xff, next, ..] if next & 0x80 != 0 => ("padded", "begins with an octet that it needs not"),
                _ => return None,
            };
            let message = format!("the serial number of `{}` {what}: it is no DER", p.certificate.subject);
            Some(
                Finding::new(Code::CertificateCorrupt, message)
                    .about(index)
                    .shown_by("fault", "serial number")
                    .shown_by("octets", octets)
                    .shown_by("serial", p.certificate.serial_hex())
                    .reissued(case),
            )
        })
        .collect()
}

/// Issuer and serial number name a certificate: two that share them are one to a client that keeps them by it.
pub(super) fn reused(case: &Case<'_>) -> Vec<Finding> {
    let path: Vec<_> = case.path.certificates().collect();
    let on_path = |sent: &Presented| path.iter().any(|(_, p)| p.certificate.der() == sent.certificate.der());
    let beside: Vec<_> = case.evidence.chain.iter().filter(|sent| !on_path(sent)).collect();
    path.iter()
        .filter_map(|(index, p)| {
            let above = path[index + 1..].iter().map(|(_, other)| *other);
            let twin = above.chain(beside.iter().copied()).find(|other| {
                p.certificate.serial == other.certificate.serial
                    && p.certificate.issuer.same_as(&other.certificate.issuer)
            })?;
            let message = format!(
                "`{}` and `{}` carry one serial number of one issuer",
                p.certificate.subject, twin.certificate.subject
            );
            Some(
                Finding::new(Code::SerialReused, message)
                    .about(*index)
                    .graded(Severity::Warning)
                    .shown_by("issuer", p.certificate.issuer.to_string())
                    .shown_by("subjects", vec![p.certificate.subject.to_string(), twin.certificate.subject.to_string()])
                    .shown_by("serial", p.certificate.serial_hex())
                    .reissued(case),
            )
        })
        .collect()
}
