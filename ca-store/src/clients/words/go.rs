//! Go's crypto/x509 and crypto/tls (verify.go's error types).

use crate::finding::Code as C;

use super::super::when::When::{Anchor, Leaf, Shows};
use super::super::when::{CONSTRAINT, Row, row};

const NOT_A_CA: &str = "tls: failed to verify certificate: x509: certificate signed by unknown authority (possibly because of \"x509: invalid signature: parent certificate cannot sign this kind of certificate\" while trying to verify candidate authority certificate)";
const BAD_SIGNATURE: &str = "tls: failed to verify certificate: x509: certificate signed by unknown authority (possibly because of \"x509: ECDSA verification failure\" while trying to verify candidate authority certificate)";
const UNIMPLEMENTED: &str = "tls: failed to verify certificate: x509: certificate signed by unknown authority (possibly because of \"x509: cannot verify signature: algorithm unimplemented\" while trying to verify candidate authority certificate)";

pub(super) const ALL: &[Row] = &[
    row(C::RootNotTrusted, &[], "tls: failed to verify certificate: x509: certificate signed by unknown authority"),
    row(
        C::PathBudgetExceeded,
        &[],
        "tls: failed to verify certificate: x509: signature check attempts limit reached while verifying certificate chain",
    ),
    row(
        C::VerifyDepthExceeded,
        &[],
        "tls: failed to verify certificate: x509: signature check attempts limit reached while verifying certificate chain",
    ),
    row(C::RootRegenerated, &[], BAD_SIGNATURE),
    row(
        C::SignatureInvalid,
        &[Shows("signed", "another"), Anchor],
        "tls: failed to verify certificate: x509: certificate signed by unknown authority",
    ),
    row(
        C::SignatureInvalid,
        &[Shows("signed", "another")],
        "tls: failed to parse certificate from server: x509: inner and outer signature algorithm identifiers don't match",
    ),
    row(C::SignatureInvalid, &[], BAD_SIGNATURE),
    row(C::IssuerNotCa, &[], NOT_A_CA),
    row(
        C::ExtensionMalformed,
        &[CONSTRAINT, Anchor, Shows("fault", "a mask whose ones do not all come first")],
        "tls: failed to verify certificate: x509: certificate signed by unknown authority",
    ),
    row(
        C::ExtensionMalformed,
        &[CONSTRAINT, Shows("fault", "a mask whose ones do not all come first")],
        "tls: failed to parse certificate from server: x509: IP constraint contained invalid mask",
    ),
    row(
        C::ExtensionMalformed,
        &[CONSTRAINT, Anchor, Shows("fault", "a mask whose ones do not all come first; no address is below")],
        "tls: failed to verify certificate: x509: certificate signed by unknown authority",
    ),
    row(
        C::ExtensionMalformed,
        &[CONSTRAINT, Shows("fault", "a mask whose ones do not all come first; no address is below")],
        "tls: failed to parse certificate from server: x509: IP constraint contained invalid mask",
    ),
    row(
        C::ExtensionMalformed,
        &[CONSTRAINT, Anchor],
        "tls: failed to verify certificate: x509: certificate signed by unknown authority",
    ),
    row(
        C::ExtensionMalformed,
        &[CONSTRAINT, Shows("fault", "expected no trailing dot in a DNS name")],
        "tls: failed to parse certificate from server: x509: failed to parse dnsName constraint",
    ),
    row(
        C::ExtensionMalformed,
        &[CONSTRAINT, Leaf],
        "tls: failed to parse certificate from server: x509: empty name constraints extension",
    ),
    row(
        C::SanMalformed,
        &[Shows("fault", "expected ASCII (an IA5String), with the A-label of an international name")],
        "tls: failed to parse certificate from server: x509: SAN dNSName is malformed",
    ),
    row(
        C::Version1,
        &[Leaf, Shows("extensions", "present")],
        "tls: failed to verify certificate: x509: certificate relies on legacy Common Name field, use SANs instead",
    ),
    row(
        C::CertificateCorrupt,
        &[Anchor, Shows("fault", "public key")],
        "tls: failed to verify certificate: x509: certificate signed by unknown authority",
    ),
    row(
        C::CertificateCorrupt,
        &[Shows("fault", "public key")],
        "tls: failed to parse certificate from server: x509: failed to unmarshal elliptic curve point",
    ),
    row(
        C::CertificateCorrupt,
        &[Anchor, Shows("fault", "version")],
        "tls: failed to verify certificate: x509: certificate signed by unknown authority",
    ),
    row(
        C::CertificateCorrupt,
        &[Shows("fault", "version")],
        "tls: failed to parse certificate from server: x509: invalid version",
    ),
    row(
        C::CertificateCorrupt,
        &[Shows("fault", "serial number")],
        "tls: failed to parse certificate from server: x509: malformed serial number",
    ),
    row(
        C::ValidityEncoding,
        &[Anchor],
        "tls: failed to verify certificate: x509: certificate signed by unknown authority",
    ),
    row(
        C::ValidityEncoding,
        &[Shows("fault", "an offset from GMT")],
        "tls: failed to parse certificate from server: x509: malformed UTCTime",
    ),
    row(
        C::ValidityEncoding,
        &[Shows("fault", "a fraction of a second")],
        "tls: failed to parse certificate from server: x509: malformed GeneralizedTime",
    ),
    row(
        C::Version1,
        &[],
        "tls: failed to verify certificate: x509: certificate is not authorized to sign other certificates",
    ),
    row(C::Expired, &[], "tls: failed to verify certificate: x509: certificate has expired or is not yet valid"),
    row(C::NotYetValid, &[], "tls: failed to verify certificate: x509: certificate has expired or is not yet valid"),
    row(
        C::NameMismatch,
        &[Shows("dns_names", "none")],
        "tls: failed to verify certificate: x509: certificate is not valid for any names, but wanted to match {host}",
    ),
    row(C::NameMismatch, &[], "tls: failed to verify certificate: x509: certificate is valid for {names}, not {host}"),
    row(
        C::NoSan,
        &[Shows("common_name_covers", "no")],
        "tls: failed to verify certificate: x509: certificate is not valid for any names, but wanted to match {host}",
    ),
    row(
        C::NoSan,
        &[],
        "tls: failed to verify certificate: x509: certificate relies on legacy Common Name field, use SANs instead",
    ),
    row(
        C::IpAsDnsName,
        &[],
        "tls: failed to verify certificate: x509: cannot validate certificate for {host} because it doesn't contain any IP SANs",
    ),
    row(
        C::IpInCommonName,
        &[],
        "tls: failed to verify certificate: x509: cannot validate certificate for {host} because it doesn't contain any IP SANs",
    ),
    row(
        C::IpNotCovered,
        &[Shows("mapped", "yes")],
        "tls: failed to parse certificate from server: x509: SAN iPAddress contains IPv4-mapped IPv6 address",
    ),
    row(
        C::IpNotCovered,
        &[Shows("ip_entries", "none")],
        "tls: failed to verify certificate: x509: cannot validate certificate for {host} because it doesn't contain any IP SANs",
    ),
    row(C::IpNotCovered, &[], "tls: failed to verify certificate: x509: certificate is valid for {names}, not {host}"),
    row(
        C::WrongPurpose,
        &[],
        "tls: failed to verify certificate: x509: certificate specifies an incompatible key usage",
    ),
    row(
        C::PathLengthExceeded,
        &[],
        "tls: failed to verify certificate: x509: too many intermediates for path length constraint",
    ),
    row(
        C::NameConstraintViolated,
        &[],
        "tls: failed to verify certificate: x509: a root or intermediate certificate is not authorized to sign for this name",
    ),
    row(
        C::ExtensionMalformed,
        &[CONSTRAINT],
        "tls: failed to verify certificate: x509: a root or intermediate certificate is not authorized to sign for this name",
    ),
    row(C::NameConstraintSupport, &[], "tls: failed to verify certificate: x509: unhandled critical extension"),
    row(C::UnknownCriticalExtension, &[], "tls: failed to verify certificate: x509: unhandled critical extension"),
    row(C::PolicyViolated, &[], "tls: failed to verify certificate: x509: no valid chains built"),
    row(
        C::WeakSignature,
        &[],
        "tls: failed to verify certificate: x509: certificate signed by unknown authority (possibly because of \"x509: cannot verify signature: insecure algorithm\" while trying to verify candidate authority certificate)",
    ),
    row(C::WeakKey, &[], "remote error: tls: handshake failure"),
    row(C::SignatureUnsupported, &[], UNIMPLEMENTED),
    row(C::KeyTypeSupport, &[Shows("kind", "RSA-PSS parameters")], UNIMPLEMENTED),
    row(
        C::KeyTypeSupport,
        &[Shows("kind", "compressed point")],
        "tls: failed to parse certificate from server: ecdsa: invalid uncompressed public key",
    ),
    row(C::KeyTypeSupport, &[], "remote error: tls: handshake failure"),
    row(C::EcExplicitParameters, &[], "tls: failed to parse certificate from server: x509: invalid ECDSA parameters"),
    row(
        C::ExtensionCriticality,
        &[Anchor],
        "tls: failed to verify certificate: x509: certificate signed by unknown authority",
    ),
    row(
        C::ExtensionCriticality,
        &[Shows("extension", "subjectKeyIdentifier")],
        "tls: failed to parse certificate from server: x509: subject key identifier incorrectly marked critical",
    ),
    row(
        C::ExtensionCriticality,
        &[],
        "tls: failed to parse certificate from server: x509: authority key identifier incorrectly marked critical",
    ),
    row(C::SerialNegative, &[], "tls: failed to parse certificate from server: x509: negative serial number"),
    row(
        C::ExtensionMalformed,
        &[Shows("fault", "there twice")],
        "tls: failed to parse certificate from server: x509: certificate contains duplicate extensions",
    ),
    // An anchor that it cannot read is none.
    row(
        C::ExtensionMalformed,
        &[Anchor],
        "tls: failed to verify certificate: x509: certificate signed by unknown authority",
    ),
    row(
        C::ExtensionMalformed,
        &[Shows("extension", "subjectAltName")],
        "tls: failed to parse certificate from server: x509: invalid subject alternative names",
    ),
    row(
        C::ExtensionMalformed,
        &[Shows("extension", "basicConstraints")],
        "tls: failed to parse certificate from server: x509: invalid basic constraints",
    ),
    row(
        C::ExtensionMalformed,
        &[Shows("extension", "keyUsage")],
        "tls: failed to parse certificate from server: x509: invalid key usage",
    ),
    row(
        C::ExtensionMalformed,
        &[Shows("extension", "extendedKeyUsage")],
        "tls: failed to parse certificate from server: x509: invalid extended key usages",
    ),
    row(
        C::ExtensionMalformed,
        &[Shows("extension", "authorityKeyIdentifier")],
        "tls: failed to parse certificate from server: x509: invalid authority key identifier",
    ),
    row(
        C::ExtensionMalformed,
        &[Shows("extension", "cRLDistributionPoints")],
        "tls: failed to parse certificate from server: x509: invalid CRL distribution points",
    ),
    row(
        C::ExtensionMalformed,
        &[Shows("extension", "certificatePolicies")],
        "tls: failed to parse certificate from server: x509: invalid certificate policies",
    ),
    row(
        C::ExtensionMalformed,
        &[Shows("extension", "authorityInfoAccess")],
        "tls: failed to parse certificate from server: x509: invalid authority info access",
    ),
    row(
        C::ExtensionMalformed,
        &[Shows("extension", "nameConstraints")],
        "tls: failed to parse certificate from server: x509: invalid NameConstraints extension",
    ),
    row(C::ExtensionMalformed, &[], "tls: failed to parse certificate from server: x509: invalid extension"),
];
