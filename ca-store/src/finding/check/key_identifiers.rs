//! Key identifiers (RFC 5280 sections 4.2.1.1 and 4.2.1.2).

use crate::explain::Case;
use crate::facts::{Certificate, hex};
use crate::finding::{Code, Finding};

/// Sections 4.2.1.1 and 4.2.1.2: MUST be there in what a conforming CA issues; path validation does without.
pub(super) fn key_identifiers(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .links()
        .filter_map(|(index, child, issuer)| {
            let (child, issuer) = (&child.certificate, &issuer.certificate);
            let (aki, ski) = (child.authority_key_identifier(), issuer.subject_key_identifier());
            let (code, message, about) = match (aki, ski) {
                _ if child.version < 3 => return None,
                (None, None) if issuer.version == 3 => (
                    Code::SkiMissing,
                    format!("the CA `{}` has no subjectKeyIdentifier: strict clients refuse it", issuer.subject),
                    index + 1,
                ),
                _ if other_serial(child, issuer) => (
                    Code::AkiMismatch,
                    format!(
                        "the authorityKeyIdentifier of `{}` names another certificate by its serial number than that of `{}`, which signed it",
                        child.subject, issuer.subject
                    ),
                    index,
                ),
                (None, _) => (
                    Code::AkiMissing,
                    format!("`{}` has no authorityKeyIdentifier: strict clients refuse it", child.subject),
                    index,
                ),
                (Some(_), None) if issuer.version == 3 => (
                    Code::SkiMissing,
                    format!("the CA `{}` has no subjectKeyIdentifier: strict clients refuse it", issuer.subject),
                    index + 1,
                ),
                (Some(aki), Some(ski)) if aki != ski => (
                    Code::AkiMismatch,
                    format!(
                        "the authorityKeyIdentifier of `{}` names another key than that of `{}`, which signed it",
                        child.subject, issuer.subject
                    ),
                    index,
                ),
                _ => return None,
            };
            let shown = |id: Option<&[u8]>| id.map_or_else(|| "absent".to_owned(), hex);
            Some(
                Finding::new(code, message)
                    .about(about)
                    .shown_by("authority_key_id", shown(aki))
                    .shown_by("issuer_key_id", shown(ski))
                    .shown_by("authority_serial", shown(child.authority_serial()))
                    .shown_by("issuer_serial", issuer.serial_hex())
                    .shown_by("differs", if other_serial(child, issuer) { "serial number" } else { "key identifier" })
                    .reissued(case),
            )
        })
        .collect()
}

/// authorityCertSerialNumber is that of another certificate than the issuer's: OpenSSL's family then looks for that one.
fn other_serial(child: &Certificate, issuer: &Certificate) -> bool {
    child.authority_serial().is_some_and(|serial| serial != issuer.serial)
}
