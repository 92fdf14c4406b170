//! NSS, as its tstclnt prints it (PR_ErrorToName() and PR_ErrorToString()).

use crate::finding::Code as C;

use super::super::when::When::{Anchor, Leaf, Shows};
use super::super::when::{CONSTRAINT, Row, row};

const BAD_SIGNATURE: &str = "SEC_ERROR_BAD_SIGNATURE: Peer's certificate has an invalid signature.";
const NOT_A_CA: &str = "SEC_ERROR_CA_CERT_INVALID: Issuer certificate is invalid.";
const UNKNOWN: &str = "SEC_ERROR_UNKNOWN_ISSUER: Peer's Certificate issuer is not recognized.";

pub(super) const ALL: &[Row] = &[
    row(
        C::RootNotTrusted,
        &[Shows("top", "sent")],
        "SEC_ERROR_UNTRUSTED_ISSUER: Peer's certificate issuer has been marked as not trusted by the user.",
    ),
    row(
        C::Intercepted,
        &[Shows("top", "sent")],
        "SEC_ERROR_UNTRUSTED_ISSUER: Peer's certificate issuer has been marked as not trusted by the user.",
    ),
    row(C::RootNotTrusted, &[], UNKNOWN),
    row(
        C::PathBudgetExceeded,
        &[Shows("top", "sent")],
        "SEC_ERROR_UNTRUSTED_ISSUER: Peer's certificate issuer has been marked as not trusted by the user.",
    ),
    row(C::PathBudgetExceeded, &[Shows("budget", "depth")], UNKNOWN),
    row(
        C::SignatureInvalid,
        &[Shows("signed", "another")],
        "SEC_ERROR_ALGORITHM_MISMATCH: The signature algorithm in the signature field of the certificate does not match the algorithm in its signatureAlgorithm field.",
    ),
    row(C::WeakKey, &[Shows("place", "CA"), Shows("class", "P-192")], BAD_SIGNATURE),
    row(C::PathBudgetExceeded, &[Shows("told_apart_by", "nothing")], BAD_SIGNATURE),
    row(C::PathBudgetExceeded, &[], UNKNOWN),
    row(
        C::ValidityEncoding,
        &[Leaf, Shows("fault", "a fraction of a second")],
        "SEC_ERROR_INVALID_TIME: Improperly formatted time string.",
    ),
    row(C::ValidityEncoding, &[Shows("fault", "a fraction of a second")], BAD_SIGNATURE),
    row(
        C::CertificateCorrupt,
        &[Shows("fault", "serial number")],
        "SEC_ERROR_LIBRARY_FAILURE: security library failure.",
    ),
    row(
        C::SameSubjectAsIssuer,
        &[Shows("missing_from", "the CA")],
        "SEC_ERROR_UNTRUSTED_ISSUER: Peer's certificate issuer has been marked as not trusted by the user.",
    ),
    row(C::SameSubjectAsIssuer, &[], BAD_SIGNATURE),
    row(C::SameKeyAsIssuer, &[], NOT_A_CA),
    row(C::SelfSignedLeaf, &[], NOT_A_CA),
    row(C::RootRegenerated, &[Shows("authority_key_id", "absent")], BAD_SIGNATURE),
    row(C::IntermediateRegenerated, &[Shows("authority_key_id", "absent")], BAD_SIGNATURE),
    row(C::IntermediateRegenerated, &[], UNKNOWN),
    row(C::LeafAsTrustAnchor, &[Shows("self_issued", "yes")], BAD_SIGNATURE),
    row(C::SignatureInvalid, &[], BAD_SIGNATURE),
    row(C::IssuerNotCa, &[Anchor], NOT_A_CA),
    row(
        C::KeyCertSignMissing,
        &[],
        "SEC_ERROR_INADEQUATE_KEY_USAGE: Certificate key usage inadequate for attempted operation.",
    ),
    row(
        C::KeyEnciphermentMissing,
        &[],
        "SEC_ERROR_INADEQUATE_KEY_USAGE: Certificate key usage inadequate for attempted operation.",
    ),
    row(C::IssuerPurpose, &[], NOT_A_CA),
    row(C::Expired, &[], "SEC_ERROR_EXPIRED_CERTIFICATE: Peer's Certificate has expired."),
    row(C::NotYetValid, &[], "SEC_ERROR_EXPIRED_CERTIFICATE: Peer's Certificate has expired."),
    row(
        C::NameMismatch,
        &[],
        "SSL_ERROR_BAD_CERT_DOMAIN: Unable to communicate securely with peer: requested domain name does not match the server's certificate.",
    ),
    row(C::LeafIsCa, &[], "SEC_ERROR_INADEQUATE_CERT_TYPE: Certificate type not approved for application."),
    row(
        C::DigitalSignatureMissing,
        &[],
        "SEC_ERROR_INADEQUATE_KEY_USAGE: Certificate key usage inadequate for attempted operation.",
    ),
    row(C::WrongPurpose, &[], "SEC_ERROR_INADEQUATE_CERT_TYPE: Certificate type not approved for application."),
    row(
        C::PathLengthExceeded,
        &[],
        "SEC_ERROR_PATH_LEN_CONSTRAINT_INVALID: Certificate path length constraint is invalid.",
    ),
    row(
        C::ExtensionMalformed,
        &[Shows("extension", "extendedKeyUsage")],
        "SEC_ERROR_INADEQUATE_CERT_TYPE: Certificate type not approved for application.",
    ),
    row(
        C::ExtensionMalformed,
        &[Anchor, Shows("extension", "basicConstraints")],
        "SEC_ERROR_BAD_DER: security library: improperly formatted DER-encoded message.",
    ),
    row(
        C::ExtensionMalformed,
        &[Shows("extension", "nameConstraints")],
        "SEC_ERROR_CERT_NOT_IN_NAME_SPACE: The Certifying Authority for this certificate is not permitted to issue a certificate with this name.",
    ),
    row(
        C::ExtensionMalformed,
        &[Shows("extension", "policyConstraints")],
        "SEC_ERROR_UNKNOWN_CRITICAL_EXTENSION: Certificate contains unknown critical extension.",
    ),
    row(
        C::ExtensionMalformed,
        &[Shows("extension", "inhibitAnyPolicy")],
        "SEC_ERROR_UNKNOWN_CRITICAL_EXTENSION: Certificate contains unknown critical extension.",
    ),
    row(
        C::NameConstraintViolated,
        &[],
        "SEC_ERROR_CERT_NOT_IN_NAME_SPACE: The Certifying Authority for this certificate is not permitted to issue a certificate with this name.",
    ),
    row(
        C::ExtensionMalformed,
        &[CONSTRAINT],
        "SEC_ERROR_CERT_NOT_IN_NAME_SPACE: The Certifying Authority for this certificate is not permitted to issue a certificate with this name.",
    ),
    row(
        C::UnknownCriticalExtension,
        &[],
        "SEC_ERROR_UNKNOWN_CRITICAL_EXTENSION: Certificate contains unknown critical extension.",
    ),
    row(
        C::PolicyViolated,
        &[],
        "SEC_ERROR_UNKNOWN_CRITICAL_EXTENSION: Certificate contains unknown critical extension.",
    ),
    row(
        C::WeakSignature,
        &[],
        "SEC_ERROR_CERT_SIGNATURE_ALGORITHM_DISABLED: The certificate was signed using a signature algorithm that is disabled because it is not secure.",
    ),
    row(
        C::EcExplicitParameters,
        &[],
        "SSL_ERROR_EXTRACT_PUBLIC_KEY_FAILURE: SSL was unable to extract the public key from the peer's certificate.",
    ),
    row(C::KeyTypeSupport, &[Shows("kind", "compressed point")], BAD_SIGNATURE),
    row(
        C::KeyTypeSupport,
        &[],
        "SSL_ERROR_NO_CYPHER_OVERLAP: Cannot communicate securely with peer: no common encryption algorithm(s).",
    ),
    row(
        C::WeakKey,
        &[],
        "SSL_ERROR_NO_CYPHER_OVERLAP: Cannot communicate securely with peer: no common encryption algorithm(s).",
    ),
    row(
        C::SerialReused,
        &[],
        "SEC_ERROR_REUSED_ISSUER_AND_SERIAL: You are attempting to import a cert with the same issuer/serial as an existing cert, but that is not the same cert.",
    ),
    row(
        C::CrlMalformed,
        &[Shows("entry", "removeFromCRL")],
        "SEC_ERROR_REVOKED_CERTIFICATE: Peer's Certificate has been revoked.",
    ),
    row(C::Revoked, &[], "SEC_ERROR_REVOKED_CERTIFICATE: Peer's Certificate has been revoked."),
    row(
        C::CrlSignatureInvalid,
        &[],
        "SEC_ERROR_CRL_BAD_SIGNATURE: The CRL for the certificate's issuer has an invalid signature.",
    ),
    row(C::CrlNotApplicable, &[], UNKNOWN),
];
