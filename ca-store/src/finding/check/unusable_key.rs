//! Public keys that no program can use.

use crate::explain::Case;
use crate::finding::{Code, Finding};

/// RFC 5480 section 2.2 and SEC 1 section 3.2.2: an elliptic curve's key is a point on it; RFC 8017 section 3.1 and RFC 8410
/// section 4 on the others. A changed octet makes such a key, or a program that writes it by hand.
pub(super) fn unusable_key(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .certificates()
        .filter_map(|(index, p)| Some((index, p, p.certificate.public_key.fault()?)))
        .map(|(index, p, fault)| {
            let (subject, key) = (&p.certificate.subject, &p.certificate.public_key);
            let message = format!("the public key of `{subject}` is none: {fault}");
            Finding::new(Code::CertificateCorrupt, message)
                .about(index)
                .shown_by("fault", "public key")
                .shown_by("key", key.kind.to_string())
                .shown_by("expected", fault)
                .shown_by("octets", key.bits.len())
                .reissued(case)
        })
        .collect()
}
