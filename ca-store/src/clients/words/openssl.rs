//! OpenSSL, and what curl, Python and Node make of its errors.

use crate::finding::{Code, Finding};

use super::super::when::CONSTRAINT;
use super::super::when::When::{self, AboveLeaf, Leaf, Shows};
#[cfg(test)]
use super::super::when::{Row, row};
use super::stands_for;

/// An error by number and text (x509_vfy.h; `man openssl-verification-options`), and Node's name for it.
struct Error {
    code: Code,
    when: &'static [When],
    number: u8,
    text: &'static str,
    node: &'static str,
}

const fn error(code: Code, when: &'static [When], number: u8, text: &'static str, node: &'static str) -> Error {
    Error { code, when, number, text, node }
}

const NOT_AFTER: &str = "format error in certificate's notAfter field";
const NODE_NOT_AFTER: &str = "ERROR_IN_CERT_NOT_AFTER_FIELD";

/// The first that fits holds.
const ERRORS: &[Error] = {
    use Code as C;
    &[
        error(
            C::SameSubjectAsIssuer,
            &[Shows("missing_from", "the CA")],
            19,
            "self-signed certificate in certificate chain",
            "SELF_SIGNED_CERT_IN_CHAIN",
        ),
        error(
            C::SameSubjectAsIssuer,
            &[Shows("missing_from", "both")],
            7,
            "certificate signature failure",
            "CERT_SIGNATURE_FAILURE",
        ),
        error(
            C::SameSubjectAsIssuer,
            &[Shows("missing_from", "what it issued")],
            7,
            "certificate signature failure",
            "CERT_SIGNATURE_FAILURE",
        ),
        error(C::SameSubjectAsIssuer, &[], 18, "self-signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT"),
        error(
            C::CertificateCorrupt,
            &[Shows("still_a_root", "no")],
            2,
            "unable to get issuer certificate",
            "UNABLE_TO_GET_ISSUER_CERT",
        ),
        // Whose key it cannot read issued nothing.
        error(
            C::CertificateCorrupt,
            &[Shows("fault", "public key"), AboveLeaf],
            20,
            "unable to get local issuer certificate",
            "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        ),
        error(
            C::CertificateCorrupt,
            &[Shows("fault", "public key")],
            20,
            "unable to get local issuer certificate",
            "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
        ),
        error(C::SameKeyAsIssuer, &[], 18, "self-signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT"),
        error(C::SelfSignedLeaf, &[], 18, "self-signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT"),
        error(
            C::RootNotTrusted,
            &[Shows("top", "sent")],
            19,
            "self-signed certificate in certificate chain",
            "SELF_SIGNED_CERT_IN_CHAIN",
        ),
        error(
            C::Intercepted,
            &[Shows("top", "sent")],
            19,
            "self-signed certificate in certificate chain",
            "SELF_SIGNED_CERT_IN_CHAIN",
        ),
        error(
            C::RootNotTrusted,
            &[Leaf],
            20,
            "unable to get local issuer certificate",
            "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        ),
        error(
            C::RootNotTrusted,
            &[],
            20,
            "unable to get local issuer certificate",
            "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
        ),
        error(
            C::RootRegenerated,
            &[Shows("authority_key_id", "absent")],
            7,
            "certificate signature failure",
            "CERT_SIGNATURE_FAILURE",
        ),
        error(
            C::RootRegenerated,
            &[Leaf],
            20,
            "unable to get local issuer certificate",
            "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        ),
        error(
            C::RootRegenerated,
            &[],
            20,
            "unable to get local issuer certificate",
            "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
        ),
        error(
            C::IntermediateRegenerated,
            &[Shows("authority_key_id", "absent")],
            7,
            "certificate signature failure",
            "CERT_SIGNATURE_FAILURE",
        ),
        error(
            C::IntermediateRegenerated,
            &[Leaf],
            20,
            "unable to get local issuer certificate",
            "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        ),
        error(
            C::IntermediateRegenerated,
            &[],
            20,
            "unable to get local issuer certificate",
            "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
        ),
        error(
            C::MissingIntermediate,
            &[],
            20,
            "unable to get local issuer certificate",
            "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        ),
        error(C::Intercepted, &[], 20, "unable to get local issuer certificate", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
        error(C::IssuerRenamed, &[], 20, "unable to get local issuer certificate", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
        error(
            C::AkiMismatch,
            &[Shows("names", "another than itself"), Leaf],
            20,
            "unable to get local issuer certificate",
            "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        ),
        error(
            C::AkiMismatch,
            &[Shows("names", "another than itself")],
            2,
            "unable to get issuer certificate",
            "UNABLE_TO_GET_ISSUER_CERT",
        ),
        error(C::AkiMismatch, &[], 20, "unable to get local issuer certificate", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
        error(
            C::LeafAsTrustAnchor,
            &[],
            20,
            "unable to get local issuer certificate",
            "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        ),
        error(C::IntermediateAsTrustAnchor, &[], 2, "unable to get issuer certificate", "UNABLE_TO_GET_ISSUER_CERT"),
        // Node tells an error of its own there.
        error(
            C::PathBudgetExceeded,
            &[Shows("budget", "depth")],
            22,
            "certificate chain too long",
            "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
        ),
        error(
            C::PathBudgetExceeded,
            &[Shows("top", "sent")],
            19,
            "self-signed certificate in certificate chain",
            "SELF_SIGNED_CERT_IN_CHAIN",
        ),
        error(
            C::PathBudgetExceeded,
            &[Shows("told_apart_by", "nothing")],
            7,
            "certificate signature failure",
            "CERT_SIGNATURE_FAILURE",
        ),
        error(
            C::PathBudgetExceeded,
            &[Leaf],
            20,
            "unable to get local issuer certificate",
            "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        ),
        error(C::SignatureInvalid, &[], 7, "certificate signature failure", "CERT_SIGNATURE_FAILURE"),
        error(C::EmptyIssuerName, &[], 83, "Issuer name empty", "UNSPECIFIED"),
        error(
            C::ValidityEncoding,
            &[Shows("field", "notAfter"), Shows("fault", "no seconds")],
            14,
            NOT_AFTER,
            NODE_NOT_AFTER,
        ),
        error(
            C::ValidityEncoding,
            &[Shows("field", "notAfter"), Shows("fault", "an offset from GMT")],
            14,
            NOT_AFTER,
            NODE_NOT_AFTER,
        ),
        error(
            C::ValidityEncoding,
            &[Shows("field", "notAfter"), Shows("fault", "a fraction of a second")],
            14,
            NOT_AFTER,
            NODE_NOT_AFTER,
        ),
        error(
            C::Version1,
            &[Shows("extensions", "present")],
            93,
            "Using cert extension requires at least X509v3",
            "UNSPECIFIED",
        ),
        error(
            C::ExtensionMalformed,
            &[CONSTRAINT, Shows("fault", "expected neither a minimum nor a maximum (RFC 5280 section 4.2.1.10)")],
            49,
            "name constraints minimum and maximum not supported",
            "UNSPECIFIED",
        ),
        error(C::ExtensionMalformed, &[CONSTRAINT], 47, "permitted subtree violation", "UNSPECIFIED"),
        error(C::NotYetValid, &[], 9, "certificate is not yet valid", "CERT_NOT_YET_VALID"),
        error(
            C::ValidityEncoding,
            &[Shows("field", "notBefore"), When::Severity(crate::finding::Severity::Error)],
            13,
            "format error in certificate's notBefore field",
            "ERROR_IN_CERT_NOT_BEFORE_FIELD",
        ),
        error(C::Expired, &[], 10, "certificate has expired", "CERT_HAS_EXPIRED"),
        error(C::Revoked, &[], 23, "certificate revoked", "CERT_REVOKED"),
        error(C::CrlExpired, &[], 12, "CRL has expired", "CRL_HAS_EXPIRED"),
        error(C::CrlNotYetValid, &[], 11, "CRL is not yet valid", "CRL_NOT_YET_VALID"),
        error(C::CrlSignMissing, &[], 35, "key usage does not include CRL signing", "UNSPECIFIED"),
        // A list that names another key is passed over, as one of another CA (crl_akid_check).
        error(
            C::CrlSignatureInvalid,
            &[Shows("names_key", "another")],
            3,
            "unable to get certificate CRL",
            "UNABLE_TO_GET_CRL",
        ),
        error(C::CrlSignatureInvalid, &[], 8, "CRL signature failure", "CRL_SIGNATURE_FAILURE"),
        error(C::CrlNotApplicable, &[], 3, "unable to get certificate CRL", "UNABLE_TO_GET_CRL"),
        error(
            C::KeyCertSignMissing,
            &[When::Severity(crate::finding::Severity::Warning)],
            92,
            "CA cert does not include key usage extension",
            "UNSPECIFIED",
        ),
        error(C::KeyCertSignMissing, &[], 79, "invalid CA certificate", "UNSPECIFIED"),
        error(C::IssuerNotCa, &[], 79, "invalid CA certificate", "INVALID_CA"),
        error(C::PathLengthExceeded, &[], 25, "path length constraint exceeded", "PATH_LENGTH_EXCEEDED"),
        error(C::VerifyDepthExceeded, &[], 22, "certificate chain too long", "CERT_CHAIN_TOO_LONG"),
        error(C::WrongPurpose, &[], 26, "unsuitable certificate purpose", "INVALID_PURPOSE"),
        error(C::DigitalSignatureMissing, &[], 26, "unsuitable certificate purpose", "INVALID_PURPOSE"),
        error(
            C::UnknownCriticalExtension,
            &[Shows("in", "CRL")],
            36,
            "unhandled critical CRL extension",
            "UNSPECIFIED",
        ),
        error(C::CrlMalformed, &[Shows("number", "critical")], 36, "unhandled critical CRL extension", "UNSPECIFIED"),
        error(C::UnknownCriticalExtension, &[], 34, "unhandled critical extension", "UNSPECIFIED"),
        // What it cannot read issued nothing, and nothing issued it (ossl_x509v3_cache_extensions() in x509_check_issued_int()).
        error(
            C::ExtensionMalformed,
            &[Shows("fault", "expected at least one entry, found none"), Shows("extension", "extendedKeyUsage")],
            26,
            "unsuitable certificate purpose",
            "INVALID_PURPOSE",
        ),
        error(
            C::ExtensionMalformed,
            &[Shows("fault", "expected at least one entry, found none")],
            87,
            "Empty Subject Alternative Name extension",
            "UNSPECIFIED",
        ),
        error(
            C::ExtensionMalformed,
            &[Leaf],
            20,
            "unable to get local issuer certificate",
            "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        ),
        error(
            C::ExtensionMalformed,
            &[AboveLeaf],
            20,
            "unable to get local issuer certificate",
            "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        ),
        error(
            C::ExtensionMalformed,
            &[],
            20,
            "unable to get local issuer certificate",
            "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
        ),
        error(
            C::NameConstraintViolated,
            &[Shows("host", "none")],
            53,
            "unsupported or invalid name syntax",
            "UNSPECIFIED",
        ),
        error(
            C::NameConstraintViolated,
            &[Shows("kind", "otherName")],
            51,
            "unsupported name constraint type",
            "UNSPECIFIED",
        ),
        error(
            C::NameConstraintViolated,
            &[Shows("kind", "other")],
            51,
            "unsupported name constraint type",
            "UNSPECIFIED",
        ),
        error(C::NameConstraintViolated, &[Shows("tree", "excluded")], 48, "excluded subtree violation", "UNSPECIFIED"),
        error(C::NameConstraintViolated, &[], 47, "permitted subtree violation", "UNSPECIFIED"),
        error(C::PolicyViolated, &[], 43, "no explicit policy", "UNSPECIFIED"),
        error(C::IpNotCovered, &[], 64, "IP address mismatch", "ERR_TLS_CERT_ALTNAME_INVALID"),
        error(C::IpAsDnsName, &[], 64, "IP address mismatch", "ERR_TLS_CERT_ALTNAME_INVALID"),
        error(C::IpInCommonName, &[], 64, "IP address mismatch", "ERR_TLS_CERT_ALTNAME_INVALID"),
        error(C::NameMismatch, &[], 62, "hostname mismatch", "ERR_TLS_CERT_ALTNAME_INVALID"),
        error(C::EcExplicitParameters, &[], 94, "Certificate public key has explicit ECC parameters", "UNSPECIFIED"),
        error(C::WeakKey, &[Shows("place", "CA")], 67, "CA certificate key too weak", "UNSPECIFIED"),
        error(C::WeakKey, &[], 66, "EE certificate key too weak", "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE"),
        error(C::WeakSignature, &[], 68, "CA signature digest algorithm too weak", "UNSPECIFIED"),
        error(C::AkiMissing, &[], 85, "Missing Authority Key Identifier", "UNSPECIFIED"),
        error(
            C::ExtensionCriticality,
            &[Shows("extension", "subjectAltName")],
            88,
            "Subject empty and Subject Alt Name extension not critical",
            "UNSPECIFIED",
        ),
        error(C::ExtensionCriticality, &[], 34, "unhandled critical extension", "UNSPECIFIED"),
        error(
            C::ExtensionNotAllowed,
            &[Shows("extension", "keyUsage")],
            82,
            "Key usage keyCertSign invalid for non-CA cert",
            "UNSPECIFIED",
        ),
        error(C::ExtensionNotAllowed, &[], 80, "Path length invalid for non-CA cert", "UNSPECIFIED"),
        error(
            C::LeafIsCa,
            &[Shows("path_length", "without keyCertSign")],
            81,
            "Path length given without key usage keyCertSign",
            "UNSPECIFIED",
        ),
        error(
            C::LeafIsCa,
            &[Shows("key_usage", "absent")],
            92,
            "CA cert does not include key usage extension",
            "UNSPECIFIED",
        ),
        error(
            C::LeafMissing,
            &[Shows("key_usage", "absent")],
            92,
            "CA cert does not include key usage extension",
            "UNSPECIFIED",
        ),
        error(C::SkiMissing, &[], 86, "Missing Subject Key Identifier", "UNSPECIFIED"),
        error(
            C::BasicConstraintsNotCritical,
            &[],
            89,
            "Basic Constraints of CA cert not marked critical",
            "UNSPECIFIED",
        ),
    ]
};

/// What OpenSSL's handshake says where the two sides share no algorithm for the certificate's key.
const NO_SHARED: &str = "sslv3 alert handshake failure (SSL alert number 40)";

pub(super) fn says(client: &str, finding: &Finding, anchor: Option<usize>) -> String {
    if finding.code == Code::KeyTypeSupport {
        return no_shared(client);
    }
    match error_of(finding, anchor) {
        Some(error) => worded(client, error, finding),
        None => String::new(),
    }
}

/// The table as the others are, for a check that they share.
#[cfg(test)]
pub(super) fn rows() -> Vec<Row> {
    ERRORS.iter().map(|error| row(error.code, error.when, error.text)).collect()
}

fn error_of(finding: &Finding, anchor: Option<usize>) -> Option<&'static Error> {
    let common = |code| ERRORS.iter().find(|error| error.code == code && error.when.is_empty());
    let fits = |error: &&Error| error.code == finding.code && error.when.iter().all(|when| when.holds(finding, anchor));
    ERRORS.iter().find(fits).or_else(|| common(stands_for(finding.code))).or_else(|| common(Code::RootNotTrusted))
}

fn worded(client: &str, error: &Error, finding: &Finding) -> String {
    let (number, text, node) = (error.number, error.text, error.node);
    let name = matches!(number, 62 | 64);
    match client {
        "openssl" => format!("verify error:num={number}:{text}"),
        // The strict checks come before the signatures.
        "openssl-strict" if error.code == Code::PathBudgetExceeded && number == 7 => {
            "error 85 at 0 depth lookup: Missing Authority Key Identifier".to_owned()
        }
        "openssl-strict" if names_two(finding) => {
            format!("error 78 at {} depth lookup: {TWO_ALGORITHMS}", depth(error, finding))
        }
        "openssl-strict" => format!("error {number} at {} depth lookup: {text}", depth(error, finding)),
        "curl" => by_curl(error, finding),
        "node" if name => format!("{node}: Hostname/IP does not match certificate's altnames"),
        // Its own words for error 21, which comes after 20 at the leaf.
        "node" if node == "UNABLE_TO_VERIFY_LEAF_SIGNATURE" => {
            format!("{node}: unable to verify the first certificate")
        }
        "node" if node == "UNABLE_TO_GET_ISSUER_CERT_LOCALLY" => {
            format!("{node}: unable to get local issuer certificate")
        }
        "node" => format!("{node}: {text}"),
        _ => {
            let reason = match number {
                62 => "Hostname mismatch, certificate is not valid for '{host}'.",
                64 => "IP address mismatch, certificate is not valid for '{host}'.",
                _ if client == "python-3.13" && names_two(finding) => TWO_ALGORITHMS,
                _ => text,
            };
            format!(
                "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {reason}"
            )
        }
    }
}

fn by_curl(error: &Error, finding: &Finding) -> String {
    let (number, text) = (error.number, error.text);
    let name = matches!(number, 62 | 64);
    match () {
        // curl reads both names itself, after OpenSSL was content.
        _ if error.code == Code::EmptyIssuerName => "curl: (60) SSL: couldn't get X509-issuer name".to_owned(),
        _ if name && looks_at_common_name(finding) => match finding.evidence.get("common_name") {
            Some(name) if name.as_str().is_some_and(|name| !name.is_empty()) => {
                "curl: (60) SSL: certificate subject name '{common_name}' does not match target host name '{host}'"
                    .to_owned()
            }
            _ => "curl: (60) SSL: unable to obtain common name from peer certificate".to_owned(),
        },
        _ if name => {
            "curl: (60) SSL: no alternative certificate subject name matches target host name '{host}'".to_owned()
        }
        _ if names_two(finding) => format!("curl: (60) SSL certificate problem: {text}"),
        // The library's own error comes before that of the verification.
        _ if error.code == Code::CertificateCorrupt && number == 20 => {
            "curl: (35) OpenSSL/3.0: error:03000072:digital envelope routines::decode error".to_owned()
        }
        _ if matches!(number, 7 | 8) => format!("curl: (35) OpenSSL/3.0: error:{}", bad_signature(finding)),
        _ => format!("curl: (60) SSL certificate problem: {text}"),
    }
}

/// curl looks at the common name where the SAN has neither a DNS name nor an address.
fn looks_at_common_name(finding: &Finding) -> bool {
    let listed = finding.evidence.get("subject_alt_names").and_then(|names| names.as_array());
    let is_host = |name: &serde_json::Value| {
        name.as_str().is_some_and(|name| name.starts_with("DNS:") || name.starts_with("IP:"))
    };
    listed.is_none_or(|names| !names.iter().any(is_host)) && finding.evidence.contains_key("common_name")
}

/// X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH of the strict checks.
const TWO_ALGORITHMS: &str = "cert info signature and signature algorithm mismatch";

fn names_two(finding: &Finding) -> bool {
    finding.code == Code::SignatureInvalid && finding.evidence.get("signed").is_some_and(|it| it == "another")
}

/// Which certificate it is told of, counted from the leaf: of a CA that is not read, the one that it issued.
fn depth(error: &Error, finding: &Finding) -> usize {
    let index = finding.certificate.unwrap_or(0);
    let is_of_child = matches!(error.code, Code::ExtensionMalformed | Code::CertificateCorrupt) && error.number == 20;
    if is_of_child { index.saturating_sub(1) } else { index }
}

/// What fails of a signature, by the kind of key that made it: of a list where it is told, else ECDSA.
fn bad_signature(finding: &Finding) -> &'static str {
    match finding.evidence.get("algorithm").and_then(|kind| kind.as_str()) {
        Some("RSA") => "0200008A:rsa routines::invalid padding",
        Some("another") => "068000C8:asn1 encoding routines::wrong public key type",
        _ => "06880006:asn1 encoding routines::EVP lib",
    }
}

fn no_shared(client: &str) -> String {
    match client {
        "curl" => format!("curl: (35) OpenSSL/3.0: error:0A000410:SSL routines::{NO_SHARED}"),
        "node" => format!("ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: {NO_SHARED}"),
        "openssl" => format!("error:0A000410:SSL routines:ssl3_read_bytes:{NO_SHARED}"),
        _ => "ssl.SSLError: [SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] sslv3 alert handshake failure".to_owned(),
    }
}
