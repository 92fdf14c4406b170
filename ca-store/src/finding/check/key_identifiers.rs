//! Key identifiers (RFC 5280 sections 4.2.1.1 and 4.2.1.2).

use crate::explain::{Case, End};
use crate::facts::{Certificate, GeneralName, hex};
use crate::finding::{Code, Finding, Severity};

/// Sections 4.2.1.1 and 4.2.1.2: MUST be there in what a conforming CA issues; path validation does without.
pub(super) fn key_identifiers(case: &Case<'_>) -> Vec<Finding> {
    let found = case.path.links().filter_map(|(index, child, issuer)| {
        let (child, issuer) = (&child.certificate, &issuer.certificate);
        let (code, message) = what_differs(child, issuer)?;
        let about = if code == Code::SkiMissing { index + 1 } else { index };
        let shown = |id: Option<&[u8]>| id.map_or_else(|| "absent".to_owned(), hex);
        Some(
            Finding::new(code, message)
                .about(about)
                .shown_by("authority_key_id", shown(child.authority_key_identifier()))
                .shown_by("issuer_key_id", shown(issuer.subject_key_identifier()))
                .shown_by("authority_serial", shown(child.authority_serial()))
                .shown_by("issuer_serial", issuer.serial_hex())
                .shown_by("differs", part_that_differs(child, issuer))
                .reissued(case),
        )
    });
    found.chain(anchors_own(case)).chain(halves(case)).collect()
}

/// Section 4.2.1.1: authorityCertIssuer and authorityCertSerialNumber are both there or both absent. Chromium alone asks that, and
/// refuses the whole certificate.
fn halves(case: &Case<'_>) -> Vec<Finding> {
    let is_half = |it: &Certificate| it.authority_issuer().is_some() != it.authority_serial().is_some();
    case.path
        .certificates()
        .filter(|(_, p)| is_half(&p.certificate))
        .map(|(index, p)| half(case, index, &p.certificate))
        .collect()
}

fn half(case: &Case<'_>, index: usize, certificate: &Certificate) -> Finding {
    let is_issuer = certificate.authority_issuer().is_some();
    let (there, missing) = if is_issuer { ("an issuer", "serial number") } else { ("a serial number", "issuer") };
    let subject = &certificate.subject;
    let message =
        format!("the authorityKeyIdentifier of `{subject}` has {there} and no {missing}: Chromium refuses it");
    Finding::new(Code::ExtensionMalformed, message)
        .about(index)
        .graded(Severity::Warning)
        .shown_by("extension", "authorityKeyIdentifier")
        .shown_by("fault", HALF)
        .shown_by("there", there)
        .shown_by("missing", missing)
        .reissued(case)
}

/// How half of a pair is told.
const HALF: &str = "expected both an issuer and a serial number, or neither";

/// Who takes only what issued itself for a root (X509_check_issued() of OpenSSL, without partial chains) asks the root's own identifier
/// as well; a trust anchor is a name and a key to everybody else.
fn anchors_own(case: &Case<'_>) -> Option<Finding> {
    let (index, top) = case.path.certificates().last()?;
    let root = &top.certificate;
    let other_key =
        root.authority_key_identifier().zip(root.subject_key_identifier()).is_some_and(|(aki, ski)| aki != ski);
    if case.path.end != End::Anchored
        || !root.is_self_issued()
        || !(other_key || other_serial(root, root) || other_issuer(root, root))
    {
        return None;
    }
    let message = format!(
        "the authorityKeyIdentifier of `{}` names another certificate than itself, though it is self-signed: OpenSSL, and most that \
         use it, look for the other one above it",
        root.subject
    );
    Some(
        Finding::new(Code::AkiMismatch, message)
            .about(index)
            .graded(Severity::Warning)
            .shown_by("authority_key_id", root.authority_key_identifier().map_or_else(|| "absent".to_owned(), hex))
            .shown_by("subject_key_id", root.subject_key_identifier().map_or_else(|| "absent".to_owned(), hex))
            .shown_by("authority_serial", root.authority_serial().map_or_else(|| "absent".to_owned(), hex))
            .shown_by("serial", root.serial_hex())
            .shown_by("names", "another than itself")
            .reissued(case),
    )
}

/// What of the two identifiers is not there, or does not fit the other, and how it is told.
fn what_differs(child: &Certificate, issuer: &Certificate) -> Option<(Code, String)> {
    let no_ski = || {
        let message = format!("the CA `{}` has no subjectKeyIdentifier: strict clients refuse it", issuer.subject);
        Some((Code::SkiMissing, message))
    };
    let mismatch = |what: &str| {
        let (child, issuer) = (&child.subject, &issuer.subject);
        let message = format!(
            "the authorityKeyIdentifier of `{child}` names another {what} than that of `{issuer}`, which signed it"
        );
        Some((Code::AkiMismatch, message))
    };
    match (child.authority_key_identifier(), issuer.subject_key_identifier()) {
        _ if child.version < 3 => None,
        (None, None) if issuer.version == 3 => no_ski(),
        _ if other_serial(child, issuer) => mismatch("certificate by its serial number"),
        _ if other_issuer(child, issuer) => mismatch("certificate by its issuer"),
        (None, _) => Some((
            Code::AkiMissing,
            format!("`{}` has no authorityKeyIdentifier: strict clients refuse it", child.subject),
        )),
        (Some(_), None) if issuer.version == 3 => no_ski(),
        (Some(aki), Some(ski)) if aki != ski => mismatch("key"),
        _ => None,
    }
}

/// authorityCertSerialNumber is that of another certificate than the issuer's: OpenSSL's family then looks for that one.
fn other_serial(child: &Certificate, issuer: &Certificate) -> bool {
    child.authority_serial().is_some_and(|serial| serial != issuer.serial)
}

/// authorityCertIssuer holds no name of the issuer's own issuer: OpenSSL compares the first directory name in it (X509_check_akid()).
fn other_issuer(child: &Certificate, issuer: &Certificate) -> bool {
    let named = child.authority_issuer().and_then(|names| {
        names.iter().find_map(|name| if let GeneralName::Directory(name) = name { Some(name) } else { None })
    });
    named.is_some_and(|name| !name.same_as(&issuer.issuer))
}

fn part_that_differs(child: &Certificate, issuer: &Certificate) -> &'static str {
    match () {
        () if other_serial(child, issuer) => "serial number",
        () if other_issuer(child, issuer) => "issuer",
        () => "key identifier",
    }
}
