//! What a certificate is for (RFC 5280 sections 4.2.1.3 and 4.2.1.12).

use crate::explain::{Case, PeerName, Purpose, Question, Situation};
use crate::facts::{CertType, Certificate, KeyUsage, oid_name};
use crate::finding::fix::{ask, reissue};
use crate::finding::{Code, Finding, Severity};

const ANY: &str = "2.5.29.37.0";
/// What browsers once asked of a server with strong encryption, and OpenSSL and Java still take for serverAuth: Microsoft's and
/// Netscape's.
const GATED: [(&str, &str); 2] = [("1.3.6.1.4.1.311.10.3.3", "msSGC"), ("2.16.840.1.113730.4.1", "nsSGC")];
/// serverAuth and clientAuth.
const TLS: [&str; 2] = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"];

fn wanted(case: &Case<'_>) -> Option<&'static str> {
    match case.question.purpose {
        Purpose::Server => Some("1.3.6.1.5.5.7.3.1"),
        Purpose::Client => Some("1.3.6.1.5.5.7.3.2"),
        Purpose::Any => None,
    }
}

/// extendedKeyUsage, where there is one, must name the purpose: on the leaf by its own section, on the CAs above by
/// the practice of all clients (Baseline Requirements section 7.1.2.10.6).
pub(super) fn purpose(case: &Case<'_>) -> Vec<Finding> {
    let Some(wanted) = wanted(case) else { return Vec::new() };
    case.path
        .certificates()
        .filter_map(|(index, presented)| {
            let certificate = &presented.certificate;
            let Some(allowed) = certificate.extended_key_usage() else {
                return (index == 0 && certificate.version == 3).then(|| without(case, wanted));
            };
            if allowed.iter().any(|purpose| purpose == wanted) {
                return None;
            }
            // Section 4.2.1.12 lets an application refuse what does not name its own purpose, and OpenSSL does.
            let any = allowed.iter().any(|purpose| purpose == ANY);
            let severity = if any { Severity::Warning } else { Severity::Error };
            let of_tls = allowed.iter().any(|purpose| TLS.contains(&purpose.as_str()));
            let names: Vec<&str> = allowed.iter().map(|purpose| oid_name(purpose)).collect();
            let code = if index == 0 { Code::WrongPurpose } else { Code::IssuerPurpose };
            let message =
                format!("`{}` is for {}: expected {}", certificate.subject, names.join(", "), oid_name(wanted));
            let finding = Finding::new(code, message)
                .about(index)
                .graded(severity)
                .shown_by("expected", oid_name(wanted))
                .shown_by("found", names)
                .shown_by("of_tls", if of_tls { "yes" } else { "no" })
                .shown_by("any_purpose", if any { "yes" } else { "no" })
                .mended_by(of_client(case, index, allowed).unwrap_or_else(|| reissue(case, code)));
            Some(match stands_for(wanted, allowed) {
                Some(name) => finding.shown_by("stands_for_it", name),
                None => finding,
            })
        })
        .collect()
}

/// The purpose that some take for serverAuth.
fn stands_for(wanted: &str, allowed: &[String]) -> Option<&'static str> {
    let gated = GATED.iter().find(|(oid, _)| allowed.iter().any(|purpose| purpose == oid));
    gated.filter(|_| wanted == TLS[0]).map(|(_, name)| *name)
}

/// Netscape's certificate type, where there is one, must name the side of TLS, and of a CA that it issues for TLS. OpenSSL and
/// Java ask the leaf for it whatever extendedKeyUsage says; NSS asks where that is missing, and asks CAs as well.
pub(super) fn netscape_type(case: &Case<'_>) -> Vec<Finding> {
    if wanted(case).is_none() {
        return Vec::new();
    }
    // Nobody asks the anchor, which is the topmost.
    let top = case.path.steps.len() - 1;
    case.path
        .certificates()
        .filter(|(index, _)| *index == 0 || *index < top)
        .filter_map(|(index, presented)| {
            let certificate = &presented.certificate;
            let found = certificate.netscape_cert_type()?;
            let limited = certificate.extended_key_usage().is_some();
            let (fits, expected) = match case.question.purpose {
                // What has no bit at all NSS takes for no type.
                _ if index > 0 => (found.ssl_ca() || found.is_empty() || limited, "SSL CA"),
                Purpose::Client => (found.ssl_client(), "SSL client"),
                _ => (found.ssl_server(), "SSL server"),
            };
            (!fits).then(|| of_another_type(case, index, certificate, found, expected))
        })
        .collect()
}

fn of_another_type(
    case: &Case<'_>,
    index: usize,
    certificate: &Certificate,
    found: CertType,
    expected: &'static str,
) -> Finding {
    let (code, severity) = match index {
        0 => (Code::WrongPurpose, Severity::Error),
        // NSS alone refuses it.
        _ => (Code::IssuerPurpose, Severity::Warning),
    };
    let names = found.names();
    let said = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
    let message = format!("nsCertType of `{}` is {said}: expected {expected}, or no nsCertType", certificate.subject);
    Finding::new(code, message)
        .about(index)
        .graded(severity)
        .shown_by("extension", "nsCertType")
        .shown_by("expected", expected)
        .shown_by("found", names)
        .shown_by("extended_key_usage", if certificate.extended_key_usage().is_some() { "present" } else { "absent" })
        .reissued(case)
}

/// A client's certificate of which nobody has asked a host's name is looked at as what it is.
fn of_client(case: &Case<'_>, index: usize, allowed: &[String]) -> Option<String> {
    let (question, situation) = (case.question, &case.evidence.situation);
    let is_clients = allowed.iter().any(|purpose| purpose == TLS[1]);
    let of_host = question.names.iter().any(|name| !matches!(name, PeerName::Email(_)));
    if index > 0 || !is_clients || question.purpose != Purpose::Server || of_host {
        return None;
    }
    let as_client = Question { purpose: Purpose::Client, ..question.clone() };
    let again = ask(&Situation { endpoint: None, ..situation.clone() }, &as_client, None, None, None);
    situation.chain_file.as_ref()?;
    Some(format!(
        "# it is a client's certificate; looked at as that:\n{again}\n# a server needs one of its own: pki issue server NAME"
    ))
}

fn without(case: &Case<'_>, wanted: &str) -> Finding {
    let message =
        format!("no extendedKeyUsage: the certificate is for every purpose, so for {} as well", oid_name(wanted));
    Finding::new(Code::EkuMissing, message)
        .about(0)
        .shown_by("expected", oid_name(wanted))
        .shown_by("found", "no extendedKeyUsage")
        .reissued(case)
}

/// RSA key transport is gone from TLS 1.3 (RFC 8446 section 1.2), and NSS's CERT_VerifyCertificate() asks a server's RSA
/// key for it all the same.
pub(super) fn key_encipherment(case: &Case<'_>) -> Vec<Finding> {
    let leaf = &case.path.leaf().certificate;
    let rsa = leaf.public_key.kind.family() == "RSA" && case.question.purpose == Purpose::Server;
    let Some(usage) = leaf.key_usage().filter(|usage| rsa && usage.digital_signature() && !usage.key_encipherment())
    else {
        return Vec::new();
    };
    let names = usage.names().join(", ");
    let message =
        format!("keyUsage of `{}` is {names}: its key is RSA, and NSS asks for keyEncipherment as well", leaf.subject);
    vec![
        Finding::new(Code::KeyEnciphermentMissing, message)
            .about(0)
            .shown_by("expected", "digitalSignature, keyEncipherment")
            .shown_by("key_usage", names)
            .reissued(case),
    ]
}

/// Section 4.2.1.3: the key of a TLS 1.3 or (EC)DHE handshake signs (RFC 8446 section 4.4.2.2).
pub(super) fn digital_signature(case: &Case<'_>) -> Vec<Finding> {
    let leaf = &case.path.leaf().certificate;
    let Some(usage) =
        leaf.key_usage().filter(|usage| !usage.digital_signature() && case.question.purpose != Purpose::Any)
    else {
        return Vec::new();
    };
    let names = usage.names().join(", ");
    let uses = if names.is_empty() { "of no use at all" } else { &names };
    let message =
        format!("keyUsage of `{}` is {uses}: expected digitalSignature, which TLS 1.3 and (EC)DHE need", leaf.subject);
    vec![
        Finding::new(Code::DigitalSignatureMissing, message)
            .about(0)
            .shown_by("expected", "digitalSignature")
            .shown_by("key_usage", names)
            .shown_by("other_use", other_use(leaf, usage))
            .reissued(case),
    ]
}

/// What it is for besides, as far as key exchanges of old go: an RSA key enciphers, one on a curve agrees.
fn other_use(leaf: &Certificate, usage: KeyUsage) -> &'static str {
    let (enciphers, agrees) = (usage.key_encipherment(), usage.key_agreement());
    let rsa = leaf.public_key.kind.family() == "RSA";
    match (enciphers, agrees) {
        (false, false) => "none of TLS",
        _ if if rsa { enciphers } else { agrees } => "of this kind of key",
        _ => "not of this kind of key",
    }
}
