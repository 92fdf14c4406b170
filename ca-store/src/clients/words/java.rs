//! Java's PKIX validator and its HTTPS host name check (sun.security.validator, sun.security.util.HostnameChecker).

use crate::finding::Code as C;

use super::super::when::When::{Anchor, Shows};
use super::super::when::{CONSTRAINT, Row, row};

pub(super) const ALL: &[Row] = &[
    row(
        C::PathBudgetExceeded,
        &[],
        "javax.net.ssl.SSLProtocolException: The certificate chain length (11) exceeds the maximum allowed length (10)",
    ),
    row(
        C::PolicyViolated,
        &[Shows("fault", "anyPolicy is mapped")],
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: encountered an issuerDomainPolicy of ANY_POLICY",
    ),
    row(
        C::Version1,
        &[Anchor, Shows("extensions", "present")],
        "java.security.cert.CertificateParsingException: no more data allowed for version 1 certificate",
    ),
    row(C::Version1, &[Shows("extensions", "present")], "Failed to parse server certificates"),
    row(
        C::CertificateCorrupt,
        &[Anchor, Shows("fault", "version")],
        "java.security.cert.CertificateParsingException: Extensions not allowed in v2 certificate",
    ),
    row(C::CertificateCorrupt, &[Shows("fault", "version")], "Failed to parse server certificates"),
    row(C::CertificateCorrupt, &[Shows("fault", "serial number")], "Failed to parse server certificates"),
    row(
        C::SignatureInvalid,
        &[Shows("signed", "another"), Anchor],
        "java.security.cert.CertificateException: Signature algorithm mismatch",
    ),
    row(C::SignatureInvalid, &[Shows("signed", "another")], "Failed to parse server certificates"),
    row(
        C::WeakKey,
        &[Shows("class", "P-192"), Shows("place", "CA")],
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: Algorithm constraints check failed on keysize limits: EC 192",
    ),
    row(
        C::ExtensionMalformed,
        &[CONSTRAINT, Shows("fault", "expected neither a minimum nor a maximum (RFC 5280 section 4.2.1.10)")],
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: java.io.IOException: Non-zero minimum BaseDistance in name constraints not supported",
    ),
    row(
        C::ChainExtra,
        &[],
        "javax.net.ssl.SSLProtocolException: The certificate chain length (11) exceeds the maximum allowed length (10)",
    ),
    row(
        C::ChainDuplicate,
        &[],
        "javax.net.ssl.SSLProtocolException: The certificate chain length (11) exceeds the maximum allowed length (10)",
    ),
    row(
        C::RootNotTrusted,
        &[],
        "PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target",
    ),
    row(
        C::RootRegenerated,
        &[],
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: Path does not chain with any of the trust anchors",
    ),
    row(
        C::SignatureInvalid,
        &[],
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: signature check failed",
    ),
    row(
        C::Expired,
        &[],
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed",
    ),
    row(
        C::NotYetValid,
        &[],
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed",
    ),
    row(
        C::EmptyIssuerName,
        &[],
        "java.security.cert.CertificateParsingException: Empty issuer DN not allowed in X509Certificates",
    ),
    row(C::NameMismatch, &[Shows("dns_names", "none")], "No name matching {host} found"),
    row(C::NameMismatch, &[], "No subject alternative DNS name matching {host} found."),
    row(C::NoSan, &[], "No name matching {host} found"),
    row(C::HostUnderscore, &[], "Illegal given domain name: {host}"),
    row(C::IpInCommonName, &[Shows("beside", "no SAN with a name")], "No subject alternative names present"),
    row(C::IpInCommonName, &[], "No subject alternative names matching IP address {host} found"),
    row(C::IpAsDnsName, &[], "No subject alternative names matching IP address {host} found"),
    row(C::IpNotCovered, &[], "No subject alternative names matching IP address {host} found"),
    row(
        C::IssuerNotCa,
        &[Anchor],
        "PKIX path validation failed: sun.security.validator.ValidatorException: TrustAnchor is not a CA certificate",
    ),
    row(
        C::BasicConstraintsMissing,
        &[Anchor],
        "PKIX path validation failed: sun.security.validator.ValidatorException: TrustAnchor is not a CA certificate",
    ),
    row(
        C::KeyCertSignMissing,
        &[Anchor],
        "PKIX path validation failed: sun.security.validator.ValidatorException: TrustAnchor does not have keyCertSign bit set in KeyUsage extension",
    ),
    row(
        C::KeyCertSignMissing,
        &[],
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: CA key usage check failed: keyCertSign bit is not set",
    ),
    row(
        C::IssuerNotCa,
        &[],
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: basic constraints check failed: this is not a CA certificate",
    ),
    row(
        C::PathLengthExceeded,
        &[],
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: basic constraints check failed: pathLenConstraint violated - this cert must be the last cert in the certification path",
    ),
    row(
        C::NameConstraintViolated,
        &[],
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: name constraints check failed",
    ),
    row(
        C::UnknownCriticalExtension,
        &[],
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: unrecognized critical extension(s)",
    ),
    row(
        C::PolicyViolated,
        &[],
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: non-null policy tree required and policy tree is null",
    ),
    row(C::WrongPurpose, &[Shows("expected", "SSL server")], "Netscape cert type does not permit use for SSL server"),
    row(C::WrongPurpose, &[Shows("expected", "SSL client")], "Netscape cert type does not permit use for SSL client"),
    row(C::WrongPurpose, &[], "Extended key usage does not permit use for TLS server authentication"),
    row(C::DigitalSignatureMissing, &[], "KeyUsage does not allow digital signatures"),
    row(
        C::EcExplicitParameters,
        &[],
        "java.security.cert.CertificateParsingException: java.io.IOException: Only named ECParameters supported",
    ),
    row(
        C::ExtensionMalformed,
        &[CONSTRAINT, Anchor],
        "java.security.cert.CertificateParsingException: java.io.IOException: invalid URI name constraint (should not include scheme)",
    ),
    row(C::ExtensionMalformed, &[CONSTRAINT], "Failed to parse server certificates"),
    row(
        C::ExtensionMalformed,
        &[Anchor, Shows("fault", "octets behind the value")],
        "java.security.cert.CertificateParsingException: java.io.IOException: extra data at the end",
    ),
    row(
        C::ExtensionMalformed,
        &[Anchor],
        "java.security.cert.CertificateParsingException: java.io.IOException: Invalid encoding",
    ),
    row(
        C::ExtensionMalformed,
        &[Shows("fault", "expected at least one entry, found none"), Shows("extension", "extendedKeyUsage")],
        "Extended key usage does not permit use for TLS server authentication",
    ),
    row(C::ExtensionMalformed, &[], "Failed to parse server certificates"),
    row(
        C::WeakSignature,
        &[],
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: Algorithm constraints check failed on signature algorithm: MD5withRSA",
    ),
    row(C::WeakKey, &[], "Received fatal alert: handshake_failure"),
    row(C::KeyTypeSupport, &[Shows("kind", "compressed point")], "Failed to parse server certificates"),
    row(C::KeyTypeSupport, &[], "Received fatal alert: handshake_failure"),
    row(
        C::Revoked,
        &[],
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: Certificate has been revoked",
    ),
    row(
        C::CrlNotApplicable,
        &[],
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: Could not determine revocation status",
    ),
    row(
        C::VerifyDepthExceeded,
        &[],
        "javax.net.ssl.SSLProtocolException: The certificate chain length (11) exceeds the maximum allowed length (10)",
    ),
    row(
        C::CrlMalformed,
        &[Shows("missing", "nextUpdate")],
        "PKIX path validation failed: java.security.cert.CertPathValidatorException: Could not determine revocation status",
    ),
    row(C::FileHasKey, &[], "java.security.cert.CertificateParsingException: signed fields invalid"),
];
