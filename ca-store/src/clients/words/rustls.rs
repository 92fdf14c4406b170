//! rustls and rustls-webpki (`CertificateError`, and webpki's own errors inside `Other`).

use crate::finding::Code as C;

use super::super::when::When::{Anchor, Leaf, Shows};
use super::super::when::{CONSTRAINT, Row, row};

pub(super) const ALL: &[Row] = &[
    row(C::RootNotTrusted, &[], "invalid peer certificate: UnknownIssuer"),
    row(C::RootRegenerated, &[], "invalid peer certificate: BadSignature"),
    row(C::SignatureInvalid, &[], "invalid peer certificate: BadSignature"),
    row(C::LeafAsTrustAnchor, &[Shows("self_issued", "yes")], "invalid peer certificate: BadSignature"),
    row(C::ValidityEncoding, &[], "invalid peer certificate: BadEncoding"),
    row(
        C::ExtensionMalformed,
        &[CONSTRAINT, Shows("fault", "expected neither a minimum nor a maximum (RFC 5280 section 4.2.1.10)")],
        "invalid peer certificate: BadEncoding",
    ),
    row(
        C::ExtensionMalformed,
        &[CONSTRAINT, Shows("fault", "a mask whose ones do not all come first")],
        "invalid peer certificate: Other(OtherError(InvalidNetworkMaskConstraint))",
    ),
    row(
        C::ExtensionMalformed,
        &[CONSTRAINT, Shows("fault", "expected no trailing dot in a DNS name")],
        "invalid peer certificate: Other(OtherError(MalformedNameConstraint))",
    ),
    row(C::ExtensionMalformed, &[CONSTRAINT], "invalid peer certificate: Other(OtherError(NameConstraintViolation))"),
    row(C::CertificateCorrupt, &[Anchor, Shows("fault", "version")], "invalid peer certificate: UnknownIssuer"),
    row(
        C::CertificateCorrupt,
        &[Shows("fault", "version")],
        "invalid peer certificate: Other(OtherError(UnsupportedCertVersion))",
    ),
    row(
        C::ExtensionMalformed,
        &[Shows("extension", "policyConstraints")],
        "invalid peer certificate: Other(OtherError(UnsupportedCriticalExtension))",
    ),
    row(
        C::ExtensionMalformed,
        &[Shows("extension", "inhibitAnyPolicy")],
        "invalid peer certificate: Other(OtherError(UnsupportedCriticalExtension))",
    ),
    row(
        C::ExtensionMalformed,
        &[Shows("fault", "expected at least one entry, found none"), Shows("extension", "extendedKeyUsage")],
        "invalid peer certificate: Other(OtherError(EmptyEkuExtension))",
    ),
    // An anchor that it cannot read is none.
    row(C::ExtensionMalformed, &[Anchor], "invalid peer certificate: UnknownIssuer"),
    row(C::NameConstraintSupport, &[], "invalid peer certificate: Other(OtherError(NameConstraintViolation))"),
    row(C::ExtensionMalformed, &[], "invalid peer certificate: BadEncoding"),
    row(C::Expired, &[], "invalid peer certificate: certificate expired"),
    row(C::NotYetValid, &[], "invalid peer certificate: certificate not valid yet"),
    row(C::NameMismatch, &[], "invalid peer certificate: certificate not valid for name \"{host}\""),
    row(
        C::NoSan,
        &[],
        "invalid peer certificate: certificate not valid for name \"{host}\"; certificate is not valid for any names (according to its subjectAltName extension)",
    ),
    row(C::Version1, &[Anchor], "invalid peer certificate: UnknownIssuer"),
    row(C::Version1, &[], "invalid peer certificate: Other(OtherError(UnsupportedCertVersion))"),
    row(C::IssuerNotCa, &[], "invalid peer certificate: Other(OtherError(EndEntityUsedAsCa))"),
    row(C::LeafMissing, &[Leaf], "invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))"),
    row(C::LeafIsCa, &[], "invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))"),
    row(
        C::SelfSignedLeaf,
        &[Shows("says", "CA:TRUE")],
        "invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))",
    ),
    row(
        C::WrongPurpose,
        &[],
        "invalid peer certificate: certificate does not allow extended key usage for server authentication",
    ),
    row(C::PathLengthExceeded, &[], "invalid peer certificate: Other(OtherError(PathLenConstraintViolated))"),
    row(C::NameConstraintViolated, &[], "invalid peer certificate: Other(OtherError(NameConstraintViolation))"),
    row(
        C::UnknownCriticalExtension,
        &[Shows("in", "CRL")],
        "invalid certificate revocation list: UnsupportedCriticalExtension",
    ),
    row(C::UnknownCriticalExtension, &[], "invalid peer certificate: Other(OtherError(UnsupportedCriticalExtension))"),
    row(C::PolicyViolated, &[], "invalid peer certificate: Other(OtherError(UnsupportedCriticalExtension))"),
    row(
        C::WeakSignature,
        &[Shows("in", "CRL")],
        "invalid certificate revocation list: UnsupportedSignatureAlgorithmContext",
    ),
    row(C::WeakSignature, &[], "invalid peer certificate: UnsupportedSignatureAlgorithmContext"),
    row(C::WeakKey, &[Shows("class", "RSA of 1024 bits or more")], "invalid peer certificate: BadSignature"),
    row(C::WeakKey, &[], "received fatal alert: HandshakeFailure"),
    row(C::EcExplicitParameters, &[], "invalid peer certificate: UnsupportedSignatureAlgorithmForPublicKeyContext"),
    row(C::SignatureUnsupported, &[], "invalid peer certificate: UnsupportedSignatureAlgorithmContext"),
    row(
        C::KeyTypeSupport,
        &[Shows("kind", "RSA-PSS parameters")],
        "invalid peer certificate: UnsupportedSignatureAlgorithmContext",
    ),
    row(
        C::KeyTypeSupport,
        &[Shows("kind", "ECDSA with SHA-512")],
        "invalid peer certificate: UnsupportedSignatureAlgorithmContext",
    ),
    row(
        C::KeyTypeSupport,
        &[Shows("kind", "ECDSA with parameters")],
        "invalid peer certificate: UnsupportedSignatureAlgorithmContext",
    ),
    row(C::KeyTypeSupport, &[Shows("kind", "RSA of 2041 to 2047 bits")], "invalid peer certificate: BadSignature"),
    row(C::KeyTypeSupport, &[Shows("kind", "compressed point")], "invalid peer certificate: BadSignature"),
    row(C::VerifyDepthExceeded, &[], "invalid peer certificate: Other(OtherError(MaximumPathDepthExceeded))"),
    row(C::ExtensionCriticality, &[], "invalid peer certificate: Other(OtherError(UnsupportedCriticalExtension))"),
    row(C::KeyTypeSupport, &[Shows("place", "CA")], "invalid peer certificate: UnsupportedSignatureAlgorithmContext"),
    row(C::KeyTypeSupport, &[], "received fatal alert: HandshakeFailure"),
    row(C::Revoked, &[], "invalid peer certificate: Revoked"),
    row(
        C::CrlMalformed,
        &[Shows("missing", "nextUpdate")],
        "provided CRL could not be parsed: Other(OtherError(TrailingData(Time)))",
    ),
    row(C::CrlMalformed, &[Shows("missing", "every extension")], "provided CRL could not be parsed: ParseError"),
    row(C::CrlMalformed, &[Shows("entry", "removeFromCRL")], "invalid peer certificate: Revoked"),
    row(C::CrlSignatureInvalid, &[], "invalid certificate revocation list: BadSignature"),
    row(
        C::CrlNotApplicable,
        &[Shows("because", "no full name")],
        "invalid certificate revocation list: UnsupportedCrlIssuingDistributionPoint",
    ),
    row(C::CrlNotApplicable, &[], "invalid peer certificate: UnknownRevocationStatus"),
];
