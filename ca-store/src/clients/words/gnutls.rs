//! gnutls-cli, and wget as Debian builds it (gnutls_certificate_verification_status_print()).

use crate::finding::Code as C;

use super::super::when::When::{Anchor, Leaf, Shows};
use super::super::when::{CONSTRAINT, Row, row};

/// wget's own words, where it has some.
pub(super) const WGET: &[Row] = &[
    row(C::ChainExtra, &[], "ERROR: No certificate presented by {host}."),
    row(C::VerifyDepthExceeded, &[], "ERROR: No certificate presented by {host}."),
    row(C::PathBudgetExceeded, &[], "ERROR: No certificate presented by {host}."),
    row(C::ChainDuplicate, &[], "ERROR: No certificate presented by {host}."),
    row(
        C::SanMalformed,
        &[Shows("fault", "expected a host name, found none")],
        "GnuTLS: Unknown Subject Alternative name in X.509 certificate.",
    ),
    row(C::NameMismatch, &[], "The certificate's owner does not match hostname ‘{host}’"),
    row(
        C::IssuerNotCa,
        &[],
        "ERROR: The certificate of ‘{host}’ is not trusted.\nERROR: The certificate signer of ‘{host}’ was not a CA.",
    ),
    row(
        C::RootNotTrusted,
        &[],
        "ERROR: The certificate of ‘{host}’ is not trusted.\nERROR: The certificate of ‘{host}’ doesn't have a known issuer.",
    ),
    row(
        C::Expired,
        &[],
        "ERROR: The certificate of ‘{host}’ is not trusted.\nERROR: The certificate of ‘{host}’ has expired.",
    ),
    row(
        C::NotYetValid,
        &[],
        "ERROR: The certificate of ‘{host}’ is not trusted.\nERROR: The certificate of ‘{host}’ is not yet activated.",
    ),
    row(
        C::WeakSignature,
        &[],
        "ERROR: The certificate of ‘{host}’ is not trusted.\nERROR: The certificate of ‘{host}’ was signed using an insecure algorithm.",
    ),
    row(
        C::Revoked,
        &[],
        "ERROR: The certificate of ‘{host}’ is not trusted.\nERROR: The certificate of ‘{host}’ has been revoked.",
    ),
    row(C::CrlMalformed, &[], "ERROR: The certificate of ‘{host}’ is not trusted."),
    row(C::PathLengthExceeded, &[], "ERROR: The certificate of ‘{host}’ is not trusted."),
    row(C::NameConstraintViolated, &[], "ERROR: The certificate of ‘{host}’ is not trusted."),
    row(C::NameConstraintSupport, &[], "ERROR: The certificate of ‘{host}’ is not trusted."),
    row(C::ExtensionMalformed, &[CONSTRAINT], "ERROR: The certificate of ‘{host}’ is not trusted."),
    row(C::ExtensionMalformed, &[Anchor, Shows("extension", "subjectAltName")], "ERROR: Failed to open cert"),
    row(C::ExtensionMalformed, &[Leaf], "Unable to establish SSL connection."),
    row(C::ExtensionMalformed, &[Shows("extension", "subjectAltName")], "ERROR: No certificate presented by {host}."),
    row(C::ExtensionMalformed, &[], "ERROR: The certificate of ‘{host}’ is not trusted."),
    row(C::KeyCertSignMissing, &[], "ERROR: The certificate of ‘{host}’ is not trusted."),
    row(C::UnknownCriticalExtension, &[], "ERROR: The certificate of ‘{host}’ is not trusted."),
    row(C::PolicyViolated, &[], "ERROR: The certificate of ‘{host}’ is not trusted."),
    row(
        C::RootRegenerated,
        &[Shows("authority_key_id", "absent")],
        "ERROR: The certificate of ‘{host}’ is not trusted.",
    ),
    row(
        C::IntermediateRegenerated,
        &[Shows("authority_key_id", "absent")],
        "ERROR: The certificate of ‘{host}’ is not trusted.",
    ),
    row(C::SignatureInvalid, &[Shows("signed", "another"), Anchor], "ERROR: Failed to open cert"),
    row(C::SignatureInvalid, &[Shows("signed", "another"), Leaf], "Unable to establish SSL connection."),
    row(C::SignatureInvalid, &[Shows("signed", "another")], "ERROR: No certificate presented by {host}."),
    row(C::SignatureInvalid, &[], "ERROR: The certificate of ‘{host}’ is not trusted."),
    row(C::SameSubjectAsIssuer, &[], "ERROR: The certificate of ‘{host}’ is not trusted."),
    row(C::StapleMissing, &[], "ERROR: The certificate of ‘{host}’ is not trusted."),
];

pub(super) const ALL: &[Row] = &[
    // More than sixteen certificates are none to it.
    row(C::PathBudgetExceeded, &[], "*** Fatal error: Error in the certificate."),
    row(C::VerifyDepthExceeded, &[], "*** Fatal error: Error in the certificate."),
    row(
        C::ExtensionMalformed,
        &[Shows("fault", "there twice")],
        "*** Fatal error: Duplicate extension in X.509 certificate.",
    ),
    row(
        C::Version1,
        &[Anchor, Shows("extensions", "present")],
        "Error setting the x509 trust file: Error in the certificate.",
    ),
    row(C::Version1, &[Shows("extensions", "present")], "*** Fatal error: Error in the certificate."),
    row(
        C::ValidityEncoding,
        &[Anchor, Shows("fault", "an offset from GMT")],
        "Error setting the x509 trust file: The DER time encoding is invalid.",
    ),
    row(
        C::ValidityEncoding,
        &[Shows("fault", "an offset from GMT")],
        "*** Fatal error: The DER time encoding is invalid.",
    ),
    row(
        C::ValidityEncoding,
        &[Anchor, Shows("fault", "a fraction of a second")],
        "Error setting the x509 trust file: Error in the time fields of certificate.",
    ),
    row(
        C::ValidityEncoding,
        &[Shows("fault", "a fraction of a second")],
        "*** Fatal error: Error in the time fields of certificate.",
    ),
    row(C::ChainExtra, &[], "*** PKI verification of server certificate failed..."),
    row(C::ChainDuplicate, &[], "*** PKI verification of server certificate failed..."),
    row(
        C::SameSubjectAsIssuer,
        &[Shows("missing_from", "the CA")],
        "Status: The certificate is NOT trusted. The certificate issuer is unknown.",
    ),
    row(
        C::SameSubjectAsIssuer,
        &[],
        "Status: The certificate is NOT trusted. The signature in the certificate is invalid.",
    ),
    row(
        C::StapleMissing,
        &[],
        "Status: The certificate is NOT trusted. The certificate requires the server to include an OCSP status in its response, but the OCSP status is missing.",
    ),
    row(C::RootNotTrusted, &[], "Status: The certificate is NOT trusted. The certificate issuer is unknown."),
    row(
        C::RootRegenerated,
        &[Shows("authority_key_id", "absent")],
        "Status: The certificate is NOT trusted. The signature in the certificate is invalid.",
    ),
    row(
        C::IntermediateRegenerated,
        &[Shows("authority_key_id", "absent")],
        "Status: The certificate is NOT trusted. The signature in the certificate is invalid.",
    ),
    row(C::IntermediateRegenerated, &[], "Status: The certificate is NOT trusted. The certificate issuer is unknown."),
    row(
        C::SignatureInvalid,
        &[Shows("signed", "another"), Anchor],
        "Error setting the x509 trust file: Error in the certificate.",
    ),
    row(C::SignatureInvalid, &[Shows("signed", "another")], "*** Fatal error: Error in the certificate."),
    row(
        C::SignatureInvalid,
        &[],
        "Status: The certificate is NOT trusted. The signature in the certificate is invalid.",
    ),
    row(
        C::ValidityInverted,
        &[],
        "Status: The certificate is NOT trusted. The certificate chain uses expired certificate.",
    ),
    row(C::Expired, &[], "Status: The certificate is NOT trusted. The certificate chain uses expired certificate."),
    row(
        C::NotYetValid,
        &[],
        "Status: The certificate is NOT trusted. The certificate chain uses not yet valid certificate.",
    ),
    row(
        C::SanMalformed,
        &[Shows("fault", "expected a host name, found none")],
        "*** Fatal error: Unknown Subject Alternative name in X.509 certificate.",
    ),
    row(
        C::NameMismatch,
        &[],
        "Status: The certificate is NOT trusted. The name in the certificate does not match the expected.",
    ),
    row(C::IssuerNotCa, &[], "Status: The certificate is NOT trusted. The certificate issuer is not a CA."),
    row(
        C::KeyCertSignMissing,
        &[],
        "Status: The certificate is NOT trusted. The certificate chain violates the signer's constraints.",
    ),
    row(
        C::WrongPurpose,
        &[],
        "Status: The certificate is NOT trusted. The certificate chain does not match the intended purpose.",
    ),
    row(
        C::PathLengthExceeded,
        &[],
        "Status: The certificate is NOT trusted. The certificate chain violates the signer's constraints.",
    ),
    row(
        C::NameConstraintViolated,
        &[],
        "Status: The certificate is NOT trusted. The certificate chain violates the signer's constraints.",
    ),
    row(
        C::ExtensionMalformed,
        &[CONSTRAINT],
        "Status: The certificate is NOT trusted. The certificate chain violates the signer's constraints.",
    ),
    row(
        C::UnknownCriticalExtension,
        &[],
        "Status: The certificate is NOT trusted. The certificate contains an unknown critical extension.",
    ),
    row(
        C::WeakSignature,
        &[],
        "Status: The certificate is NOT trusted. The certificate chain uses insecure algorithm.",
    ),
    row(C::EcExplicitParameters, &[], "*** Fatal error: ASN1 parser: Error in DER parsing."),
    row(
        C::NameConstraintSupport,
        &[],
        "Status: The certificate is NOT trusted. The certificate chain violates the signer's constraints.",
    ),
    row(
        C::ExtensionMalformed,
        &[Shows("extension", "extendedKeyUsage")],
        "Status: The certificate is NOT trusted. The certificate chain does not match the intended purpose.",
    ),
    row(C::ExtensionMalformed, &[Leaf], "*** Fatal error: ASN1 parser: Error in DER parsing."),
    row(
        C::ExtensionMalformed,
        &[Anchor, Shows("extension", "subjectAltName")],
        "Error setting the x509 trust file: ASN1 parser: Error in DER parsing.",
    ),
    // Of a CA.
    row(C::ExtensionMalformed, &[Shows("extension", "subjectAltName")], "*** Fatal error: Error in the certificate."),
    row(
        C::ExtensionMalformed,
        &[Shows("extension", "basicConstraints")],
        "Status: The certificate is NOT trusted. The certificate issuer is not a CA.",
    ),
    row(
        C::ExtensionMalformed,
        &[Shows("extension", "nameConstraints")],
        "Status: The certificate is NOT trusted. The certificate chain violates the signer's constraints.",
    ),
    row(
        C::ExtensionMalformed,
        &[Shows("extension", "policyConstraints")],
        "Status: The certificate is NOT trusted. The certificate contains an unknown critical extension.",
    ),
    row(C::ExtensionMalformed, &[], "Status: The certificate is NOT trusted."),
    row(
        C::KeyTypeSupport,
        &[Shows("kind", "RSA-PSS parameters")],
        "Status: The certificate is NOT trusted. The signature in the certificate is invalid.",
    ),
    row(
        C::KeyTypeSupport,
        &[Shows("place", "CA")],
        "Status: The certificate is NOT trusted. The certificate chain uses insecure algorithm.",
    ),
    row(C::KeyTypeSupport, &[], "*** Fatal error: A TLS fatal alert has been received."),
    row(
        C::WeakKey,
        &[Shows("place", "CA")],
        "Status: The certificate is NOT trusted. The certificate chain uses insecure algorithm.",
    ),
    row(C::WeakKey, &[], "*** Fatal error: A TLS fatal alert has been received."),
    row(C::DigitalSignatureMissing, &[], "*** Fatal error: Key usage violation in certificate has been detected."),
    row(
        C::CrlMalformed,
        &[Shows("entry", "removeFromCRL")],
        "Status: The certificate is NOT trusted. The certificate chain is revoked.",
    ),
    row(C::Revoked, &[], "Status: The certificate is NOT trusted. The certificate chain is revoked."),
    row(C::CrlNotApplicable, &[], "Error setting the x509 CRL file: Error in the CRL verification."),
];
