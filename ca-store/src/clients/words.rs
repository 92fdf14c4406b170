//! What clients print. `{host}` stands for the name asked for.

use crate::explain::{PeerName, Question};
use crate::finding::{Code, Finding};

/// What the client prints of that finding.
pub(super) fn says(client: &str, finding: &Finding, question: &Question) -> String {
    if finding.code.is_of_connection() {
        // There is no certificate to speak of, and what is printed depends on the program around the client.
        return String::new();
    }
    if let Some(text) = super::ca_file::says(client, finding) {
        return text;
    }
    let host = question.names.first().map_or_else(|| "HOST".to_owned(), PeerName::to_string);
    let text = match client {
        "openssl" | "openssl-strict" | "curl" | "python-3.11" | "python-3.13" | "node" => {
            openssl_family(client, finding)
        }
        "wget" | "gnutls" => own(GNUTLS, finding.code),
        "java" => own(JAVA, finding.code),
        "rustls" | "rustls-aws-lc" => own(RUSTLS, finding.code),
        "go" => own(GO, finding.code),
        "nss" => own(NSS, finding.code),
        _ => own(CHROMIUM, finding.code),
    };
    text.replace("{host}", &host)
}

/// The row of a code, or the row of codes that have none of their own: the issuer cannot be found.
fn own(table: &[(Code, &'static str)], code: Code) -> String {
    let find = |code| table.iter().find(|(known, _)| *known == code).map(|(_, text)| (*text).to_owned());
    find(stands_for(code)).or_else(|| find(Code::RootNotTrusted)).unwrap_or_default()
}

/// Codes that a client cannot tell from another one.
fn stands_for(code: Code) -> Code {
    use Code as C;
    match code {
        C::IpAsDnsName
        | C::IpInCommonName
        | C::IpNotCovered
        | C::WildcardScope
        | C::WildcardMalformed
        | C::SanMalformed
        | C::HostTrailingDot
        | C::WrongVirtualHost => C::NameMismatch,
        C::BasicConstraintsMissing | C::Version1 | C::KeyCertSignMissing | C::BasicConstraintsNotCritical => {
            C::IssuerNotCa
        }
        C::SignatureInvalid => C::SignatureInvalid,
        other => other,
    }
}

/// OpenSSL's errors by number and text (`openssl verify` documents them), and Node's name for each.
struct X509Error {
    code: Code,
    number: u8,
    text: &'static str,
    node: &'static str,
}

const fn x509(code: Code, number: u8, text: &'static str, node: &'static str) -> X509Error {
    X509Error { code, number, text, node }
}

const OPENSSL: &[X509Error] = {
    use Code as C;
    &[
        x509(C::SameSubjectAsIssuer, 18, "self-signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT"),
        x509(C::SameKeyAsIssuer, 18, "self-signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT"),
        x509(C::SelfSignedLeaf, 18, "self-signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT"),
        x509(C::RootNotTrusted, 20, "unable to get local issuer certificate", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"),
        x509(C::MissingIntermediate, 20, "unable to get local issuer certificate", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
        x509(C::LeafAsTrustAnchor, 20, "unable to get local issuer certificate", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
        x509(C::IntermediateAsTrustAnchor, 2, "unable to get issuer certificate", "UNABLE_TO_GET_ISSUER_CERT"),
        x509(C::SignatureInvalid, 7, "certificate signature failure", "CERT_SIGNATURE_FAILURE"),
        x509(C::NotYetValid, 9, "certificate is not yet valid", "CERT_NOT_YET_VALID"),
        x509(C::Expired, 10, "certificate has expired", "CERT_HAS_EXPIRED"),
        x509(C::Revoked, 23, "certificate revoked", "CERT_REVOKED"),
        x509(C::CrlExpired, 12, "CRL has expired", "CRL_HAS_EXPIRED"),
        x509(C::CrlNotApplicable, 3, "unable to get certificate CRL", "UNABLE_TO_GET_CRL"),
        x509(C::IssuerNotCa, 79, "invalid CA certificate", "INVALID_CA"),
        x509(C::PathLengthExceeded, 25, "path length constraint exceeded", "PATH_LENGTH_EXCEEDED"),
        x509(C::WrongPurpose, 26, "unsuitable certificate purpose", "INVALID_PURPOSE"),
        x509(C::IssuerPurpose, 26, "unsuitable certificate purpose", "INVALID_PURPOSE"),
        x509(C::UnknownCriticalExtension, 34, "unhandled critical extension", "UNSPECIFIED"),
        x509(C::NameConstraintViolated, 47, "permitted subtree violation", "UNSPECIFIED"),
        x509(C::NameMismatch, 62, "hostname mismatch", "ERR_TLS_CERT_ALTNAME_INVALID"),
        x509(C::WeakKey, 66, "EE certificate key too weak", "UNSPECIFIED"),
        x509(C::WeakSignature, 68, "CA signature digest algorithm too weak", "UNSPECIFIED"),
        x509(C::AkiMissing, 85, "Missing Authority Key Identifier", "UNSPECIFIED"),
        x509(C::SkiMissing, 86, "Missing Subject Key Identifier", "UNSPECIFIED"),
        x509(C::BasicConstraintsNotCritical, 89, "Basic Constraints of CA cert not marked critical", "UNSPECIFIED"),
    ]
};

fn openssl_family(client: &str, finding: &Finding) -> String {
    let code = stands_for(finding.code);
    let known = |code| OPENSSL.iter().find(|error| error.code == code);
    // Strict checks have errors of their own for what other programs do not look at.
    let Some(error) = known(finding.code).or_else(|| known(code)).or_else(|| known(Code::RootNotTrusted)) else {
        return String::new();
    };
    let (number, text) = (error.number, error.text);
    match (client, error.code) {
        ("openssl", _) => format!("verify error:num={number}:{text}"),
        ("openssl-strict", _) => format!("error {number} at {} depth lookup: {text}", finding.certificate.unwrap_or(0)),
        ("curl", Code::NameMismatch) => {
            "curl: (60) SSL: no alternative certificate subject name matches target host name '{host}'".to_owned()
        }
        ("curl", _) => format!("curl: (60) SSL certificate problem: {text}"),
        ("node", Code::NameMismatch) => format!("{}: Hostname/IP does not match certificate's altnames", error.node),
        ("node", _) => format!("{}: {text}", error.node),
        (_, Code::NameMismatch) => {
            "certificate verify failed: Hostname mismatch, certificate is not valid for '{host}'.".to_owned()
        }
        _ => {
            format!("ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {text}")
        }
    }
}

const GNUTLS: &[(Code, &str)] = &[
    (Code::RootNotTrusted, "The certificate is NOT trusted. The certificate issuer is unknown."),
    (Code::Expired, "The certificate is NOT trusted. The certificate chain uses expired certificate."),
    (Code::NotYetValid, "The certificate is NOT trusted. The certificate chain uses not yet valid certificate."),
    (Code::NameMismatch, "The certificate is NOT trusted. The name in the certificate does not match the expected."),
    (Code::IssuerNotCa, "The certificate is NOT trusted. The certificate issuer is not a CA."),
    (Code::WrongPurpose, "The certificate is NOT trusted. The certificate chain does not match the intended purpose."),
    (
        Code::PathLengthExceeded,
        "The certificate is NOT trusted. The certificate chain violates the signer's constraints.",
    ),
    (
        Code::NameConstraintViolated,
        "The certificate is NOT trusted. The certificate chain violates the signer's constraints.",
    ),
    (Code::WeakSignature, "The certificate is NOT trusted. The certificate chain uses insecure algorithm."),
    (Code::SignatureInvalid, "The certificate is NOT trusted. The signature in the certificate is invalid."),
    (Code::Revoked, "The certificate is NOT trusted. The certificate chain is revoked."),
];

const JAVA: &[(Code, &str)] = &[
    (
        Code::RootNotTrusted,
        "PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target",
    ),
    (
        Code::RootRegenerated,
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: Path does not chain with any of the trust anchors",
    ),
    (
        Code::Expired,
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed",
    ),
    (
        Code::NotYetValid,
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed",
    ),
    (Code::NameMismatch, "No subject alternative DNS name matching {host} found."),
    (Code::NoSan, "No name matching {host} found"),
    (
        Code::IssuerNotCa,
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: basic constraints check failed: this is not a CA certificate",
    ),
    (Code::WrongPurpose, "Extended key usage does not permit use for TLS server authentication"),
    (
        Code::SignatureInvalid,
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: signature check failed",
    ),
    (
        Code::NameConstraintViolated,
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: name constraints check failed",
    ),
    (
        Code::WeakSignature,
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: Algorithm constraints check failed on signature algorithm",
    ),
    (
        Code::Revoked,
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: Certificate has been revoked",
    ),
];

const RUSTLS: &[(Code, &str)] = &[
    (Code::RootNotTrusted, "invalid peer certificate: UnknownIssuer"),
    (Code::RootRegenerated, "invalid peer certificate: BadSignature"),
    (Code::SignatureInvalid, "invalid peer certificate: BadSignature"),
    (Code::Expired, "invalid peer certificate: certificate expired"),
    (Code::NotYetValid, "invalid peer certificate: certificate not valid yet"),
    (Code::NameMismatch, "invalid peer certificate: certificate not valid for name \"{host}\""),
    (
        Code::NoSan,
        "invalid peer certificate: certificate not valid for name \"{host}\"; certificate is not valid for any names (according to its subjectAltName extension)",
    ),
    (Code::IssuerNotCa, "invalid peer certificate: Other(OtherError(EndEntityUsedAsCa))"),
    (Code::LeafIsCa, "invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))"),
    (
        Code::WrongPurpose,
        "invalid peer certificate: certificate does not allow extended key usage for server authentication",
    ),
    (Code::PathLengthExceeded, "invalid peer certificate: Other(OtherError(PathLenConstraintViolated))"),
    (Code::NameConstraintViolated, "invalid peer certificate: Other(OtherError(NameConstraintViolation))"),
    (Code::UnknownCriticalExtension, "invalid peer certificate: UnhandledCriticalExtension"),
    (Code::Revoked, "invalid peer certificate: Revoked"),
];

const GO: &[(Code, &str)] = &[
    (Code::RootNotTrusted, "tls: failed to verify certificate: x509: certificate signed by unknown authority"),
    (Code::Expired, "tls: failed to verify certificate: x509: certificate has expired or is not yet valid"),
    (Code::NotYetValid, "tls: failed to verify certificate: x509: certificate has expired or is not yet valid"),
    (Code::NameMismatch, "tls: failed to verify certificate: x509: certificate is not valid for {host}"),
    (
        Code::NoSan,
        "tls: failed to verify certificate: x509: certificate relies on legacy Common Name field, use SANs instead",
    ),
    (Code::WrongPurpose, "tls: failed to verify certificate: x509: certificate specifies an incompatible key usage"),
    (
        Code::PathLengthExceeded,
        "tls: failed to verify certificate: x509: too many intermediates for path length constraint",
    ),
    (Code::UnknownCriticalExtension, "tls: failed to verify certificate: x509: unhandled critical extension"),
];

const NSS: &[(Code, &str)] = &[
    (Code::RootNotTrusted, "SEC_ERROR_UNKNOWN_ISSUER: Peer's Certificate issuer is not recognized."),
    (Code::SameSubjectAsIssuer, "SEC_ERROR_BAD_SIGNATURE: Peer's certificate has an invalid signature."),
    (Code::SignatureInvalid, "SEC_ERROR_BAD_SIGNATURE: Peer's certificate has an invalid signature."),
    (Code::Expired, "SEC_ERROR_EXPIRED_CERTIFICATE: Peer's Certificate has expired."),
    (Code::NotYetValid, "SEC_ERROR_EXPIRED_CERTIFICATE: Peer's Certificate has expired."),
    (
        Code::NameMismatch,
        "SSL_ERROR_BAD_CERT_DOMAIN: Unable to communicate securely with peer: requested domain name does not match the server's certificate.",
    ),
    (Code::WrongPurpose, "SEC_ERROR_INADEQUATE_CERT_TYPE: Certificate type not approved for application."),
    (
        Code::SerialReused,
        "SEC_ERROR_REUSED_ISSUER_AND_SERIAL: You are attempting to import a cert with the same issuer/serial as an existing cert.",
    ),
    (Code::Revoked, "SEC_ERROR_REVOKED_CERTIFICATE: Peer's Certificate has been revoked."),
];

const CHROMIUM: &[(Code, &str)] = &[
    (Code::RootNotTrusted, "ERR_CERT_AUTHORITY_INVALID"),
    (Code::Expired, "ERR_CERT_DATE_INVALID"),
    (Code::NotYetValid, "ERR_CERT_DATE_INVALID"),
    (Code::NameMismatch, "ERR_CERT_COMMON_NAME_INVALID"),
    (Code::NoSan, "ERR_CERT_COMMON_NAME_INVALID"),
    (Code::IssuerNotCa, "ERR_CERT_INVALID"),
    (Code::WrongPurpose, "ERR_CERT_INVALID"),
    (Code::PathLengthExceeded, "ERR_CERT_INVALID"),
    (Code::NameConstraintViolated, "ERR_CERT_INVALID"),
    (Code::UnknownCriticalExtension, "ERR_CERT_INVALID"),
    (Code::WeakSignature, "ERR_CERT_WEAK_SIGNATURE_ALGORITHM"),
    (Code::Revoked, "ERR_CERT_REVOKED"),
];
