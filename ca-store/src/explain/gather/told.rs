//! How the blocks of a file are told that are not what the file was given for, or not in order.

use super::{Place, given_as};
use crate::facts::{
    Block, BlockKind, CertificateRequest, Fault, GeneralName, Input, PrivateKey, announced_length,
    begins_as_certificate, escape, kind_of_der,
};
use crate::finding::{Code, Finding, Role, Severity};

/// The file is whole and holds something else than it was given for.
pub(super) fn other_content(role: Role, file: &str, input: &Input) -> Option<Finding> {
    let is_bundle = input.faults.iter().any(|it| matches!(it, Fault::Pkcs7(_)));
    // A key may have its parameters in front of it.
    let is_telling = |block: &&Block| !block.label.ends_with("PARAMETERS");
    let block = input.blocks.iter().find(is_telling).or(input.blocks.first()).filter(|_| !is_bundle)?;
    if block.line == 0 && block.kind == BlockKind::Other && begins_as_certificate(&block.der) {
        let message = format!(
            "{} begins as the DER of a certificate does, and is damaged: an octet was changed, or its line ends were converted as those of a text",
            escape(file)
        );
        let finding = Finding::new(Code::CertificateCorrupt, message).graded(Severity::Error);
        return Some(finding.shown_by("file", escape(file)).shown_by("given_as", role.flag()));
    }
    let (code, what) = match block.kind {
        BlockKind::PrivateKey | BlockKind::EncryptedKey => (Code::FileIsPrivateKey, "a private key"),
        BlockKind::PublicKey => (Code::FileIsPublicKey, "a public key"),
        BlockKind::CertificateRequest => (Code::FileIsCsr, "a certificate request"),
        BlockKind::OpenSshKey => (Code::FileIsSshKey, "an OpenSSH key"),
        BlockKind::Certificate => (Code::FileIsCertificate, "a certificate"),
        BlockKind::Crl => (Code::FileIsCrl, "a revocation list"),
        BlockKind::Other => (Code::FileIsOther, "something else"),
        // What it is was told with its lock.
        BlockKind::Pkcs7 | BlockKind::Pkcs12 | BlockKind::JavaKeyStore => return None,
    };
    let label = if block.line == 0 { "DER" } else { block.label.as_str() };
    let message = format!("{} holds {what} ({label}): expected {}", escape(file), role.expected());
    let finding = Finding::new(code, message)
        .graded(Severity::Error)
        .shown_by("file", escape(file))
        .shown_by("found", label)
        .shown_by("expected", role.expected())
        .shown_by("given_as", role.flag());
    Some(match names_asked_for(block) {
        Some(names) => finding.shown_by("names", names),
        None => finding,
    })
}

/// The hosts and addresses that a request asks for.
fn names_asked_for(block: &Block) -> Option<String> {
    let request =
        CertificateRequest::from_der(&block.der).ok().filter(|_| block.kind == BlockKind::CertificateRequest)?;
    let names = request.subject_alt_names().iter().filter_map(|name| match name {
        GeneralName::Dns(name) | GeneralName::Email(name) => Some(escape(name)),
        GeneralName::Ip(address) => Some(address.to_string()),
        _ => None,
    });
    let names: Vec<String> = names.collect();
    let common = request.subject.common_name().map(escape);
    let names = if names.is_empty() { common.into_iter().collect() } else { names };
    (!names.is_empty()).then(|| names.join(" "))
}

/// A certificate that does not parse; if it is something else under the wrong label, that is said.
pub(super) fn corrupt(place: &Place<'_>, block: &Block, error: &str) -> Finding {
    let at = format!("{} of {} (line {})", place.position, escape(place.file), block.line);
    let content = match kind_of_der(&block.der) {
        BlockKind::CertificateRequest => Some("a certificate request"),
        BlockKind::PrivateKey | BlockKind::EncryptedKey => Some("a private key"),
        BlockKind::PublicKey => Some("a public key"),
        BlockKind::Crl => Some("a revocation list"),
        BlockKind::Pkcs7 => Some("a PKCS#7 bundle"),
        BlockKind::Pkcs12 => Some("a PKCS#12 file"),
        _ => None,
    };
    let (code, message) = match (content, announced_length(&block.der)) {
        (Some(content), _) => {
            (Code::FileWrongLabel, format!("block {at} is labelled {} and holds {content}", block.label))
        }
        (None, Some(expected)) if expected > block.der.len() => (
            Code::FileTruncated,
            format!("certificate {at} is cut off: expected {expected} octets, found {}", block.der.len()),
        ),
        _ => (Code::CertificateCorrupt, format!("certificate {at} is damaged: {error}")),
    };
    given_as(Finding::new(code, message), place)
        .graded(Severity::Error)
        .shown_by("line", block.line)
        .shown_by("octets", block.der.len())
        .shown_by("content", content.unwrap_or("no DER of a certificate"))
        .shown_by("others", if place.position > 1 { "readable" } else { "not reached" })
}

/// RFC 7468 section 5.1: the label of a certificate is `CERTIFICATE`. OpenSSL reads two older ones.
pub(super) fn unusual_label(place: &Place<'_>, block: &Block) -> Option<Finding> {
    let older = ["X509 CERTIFICATE", "TRUSTED CERTIFICATE"].contains(&block.label.as_str());
    older.then(|| {
        let message = format!(
            "certificate {} of {} (line {}) is labelled {}, which OpenSSL reads and others do not: expected CERTIFICATE",
            place.position,
            escape(place.file),
            block.line,
            block.label
        );
        given_as(Finding::new(Code::FileWrongLabel, message), place)
            .shown_by("line", block.line)
            .shown_by("label", block.label.clone())
            .shown_by("settings", if block.has_settings { "behind the certificate" } else { "none" })
            .shown_by("content", "a certificate")
    })
}

/// The label hides from every program what is there.
pub(super) fn wrong_label(place: &Place<'_>, block: &Block) -> Finding {
    let code = if place.role == Role::Key { Code::KeyWrongLabel } else { Code::FileWrongLabel };
    let content = match place.role {
        Role::Key => "a private key",
        Role::Crl => "a revocation list",
        _ => "a certificate",
    };
    let message = format!(
        "line {} of {} says BEGIN {}, and what follows is {content}",
        block.line,
        escape(place.file),
        block.label
    );
    given_as(Finding::new(code, message), place)
        .graded(Severity::Error)
        .shown_by("line", block.line)
        .shown_by("label", block.label.clone())
        .shown_by("content", content)
}

/// Java stops at whatever is no certificate among the CA's, and GnuTLS at a request.
pub(super) fn among_certificates(place: &Place<'_>, block: &Block) -> Option<Finding> {
    let (code, what) = match block.kind {
        BlockKind::CertificateRequest => (Code::FileIsCsr, "a certificate request".to_owned()),
        BlockKind::PublicKey => (Code::FileIsPublicKey, "a public key".to_owned()),
        BlockKind::Crl => (Code::FileIsCrl, "a revocation list".to_owned()),
        BlockKind::Other => (Code::FileIsOther, format!("a block of {}", block.label)),
        _ => return None,
    };
    let message = format!("{} holds {what} (line {}) among its certificates", escape(place.file), block.line);
    let finding = given_as(Finding::new(code, message), place).graded(Severity::Warning);
    Some(finding.shown_by("line", block.line).shown_by("others", "readable"))
}

pub(super) fn has_key(place: &Place<'_>, block: &Block) -> Finding {
    let kind = if place.role == Role::Trust { "a CA file" } else { "a chain" };
    let message = format!("{} holds a private key (line {}), and {kind} is handed out", escape(place.file), block.line);
    given_as(Finding::new(Code::FileHasKey, message), place).shown_by("line", block.line)
}

/// RFC 7468 section 10 and RFC 5915 section 4: the label says which form the DER has.
pub(super) fn wrong_key_label(file: &str, block: &Block) -> Option<Finding> {
    let form = PrivateKey::form(&block.der)?;
    let of_key = block.kind == BlockKind::PrivateKey && block.label.ends_with("PRIVATE KEY");
    let fits = block.line == 0 || block.label == form || !of_key;
    let message = || {
        format!(
            "the key in line {} of {} is labelled {}, and its content is a {form}",
            block.line,
            escape(file),
            block.label
        )
    };
    (!fits).then(|| {
        Finding::new(Code::KeyWrongLabel, message())
            .shown_by("file", escape(file))
            .shown_by("given_as", Role::Key.flag())
            .shown_by("line", block.line)
            .shown_by("label", block.label.clone())
            .shown_by("content", form)
    })
}
