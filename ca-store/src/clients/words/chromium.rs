//! Chromium's net errors (net/base/net_error_list.h).

use crate::finding::Code as C;

use super::super::when::When::{Leaf, Shows};
use super::super::when::{CONSTRAINT, Row, row};

pub(super) const ALL: &[Row] = &[
    row(C::RootNotTrusted, &[], "ERR_CERT_AUTHORITY_INVALID"),
    // What it cannot read: of the server a fault of form, of a CA none that it knows.
    row(C::Version1, &[Leaf, Shows("extensions", "present")], "ERR_SSL_SERVER_CERT_BAD_FORMAT"),
    row(C::Version1, &[Shows("extensions", "present")], "ERR_CERT_AUTHORITY_INVALID"),
    row(C::CertificateCorrupt, &[Shows("fault", "public key")], "ERR_CERT_INVALID"),
    row(C::CertificateCorrupt, &[Leaf, Shows("fault", "version")], "ERR_SSL_SERVER_CERT_BAD_FORMAT"),
    row(C::CertificateCorrupt, &[Shows("fault", "version")], "ERR_CERT_AUTHORITY_INVALID"),
    row(C::ValidityEncoding, &[Leaf, Shows("fault", "no seconds")], "ERR_SSL_SERVER_CERT_BAD_FORMAT"),
    row(C::ValidityEncoding, &[Leaf, Shows("fault", "an offset from GMT")], "ERR_SSL_SERVER_CERT_BAD_FORMAT"),
    row(C::ValidityEncoding, &[Leaf, Shows("fault", "a fraction of a second")], "ERR_SSL_SERVER_CERT_BAD_FORMAT"),
    row(C::ValidityEncoding, &[Shows("fault", "no seconds")], "ERR_CERT_AUTHORITY_INVALID"),
    row(C::ValidityEncoding, &[Shows("fault", "an offset from GMT")], "ERR_CERT_AUTHORITY_INVALID"),
    row(C::ValidityEncoding, &[Shows("fault", "a fraction of a second")], "ERR_CERT_AUTHORITY_INVALID"),
    row(
        C::ExtensionMalformed,
        &[CONSTRAINT, Shows("fault", "expected neither a minimum nor a maximum (RFC 5280 section 4.2.1.10)")],
        "ERR_CERT_AUTHORITY_INVALID",
    ),
    row(C::Expired, &[], "ERR_CERT_DATE_INVALID"),
    row(C::NotYetValid, &[], "ERR_CERT_DATE_INVALID"),
    row(C::NameMismatch, &[], "ERR_CERT_COMMON_NAME_INVALID"),
    row(C::SanMalformed, &[Shows("of_an_entry", "beside")], "ERR_CERT_INVALID"),
    row(
        C::ExtensionMalformed,
        &[CONSTRAINT, Shows("fault", "a mask whose ones do not all come first")],
        "ERR_CERT_AUTHORITY_INVALID",
    ),
    row(
        C::ExtensionMalformed,
        &[CONSTRAINT, Shows("fault", "a mask whose ones do not all come first; no address is below")],
        "ERR_CERT_AUTHORITY_INVALID",
    ),
    row(C::ExtensionMalformed, &[CONSTRAINT, Leaf], "ERR_CERT_INVALID"),
    row(C::IssuerNotCa, &[], "ERR_CERT_INVALID"),
    row(C::WrongPurpose, &[], "ERR_CERT_INVALID"),
    row(C::PathLengthExceeded, &[], "ERR_CERT_INVALID"),
    row(C::NameConstraintViolated, &[], "ERR_CERT_INVALID"),
    row(C::ExtensionMalformed, &[CONSTRAINT], "ERR_CERT_INVALID"),
    row(C::PolicyViolated, &[], "ERR_CERT_INVALID"),
    row(C::UnknownCriticalExtension, &[], "ERR_CERT_INVALID"),
    row(C::ExtensionCriticality, &[], "ERR_CERT_INVALID"),
    row(C::NameConstraintSupport, &[], "ERR_CERT_INVALID"),
    // A CA that it does not read is none that it knows.
    row(C::ExtensionMalformed, &[Leaf, Shows("extension", "keyUsage")], "ERR_SSL_PROTOCOL_ERROR"),
    row(C::ExtensionMalformed, &[Leaf], "ERR_CERT_INVALID"),
    row(C::ExtensionMalformed, &[], "ERR_CERT_AUTHORITY_INVALID"),
    row(C::WeakSignature, &[], "ERR_CERT_INVALID"),
    row(C::DigitalSignatureMissing, &[], "ERR_SSL_KEY_USAGE_INCOMPATIBLE"),
    row(C::WeakKey, &[Shows("place", "CA")], "ERR_CERT_INVALID"),
    row(C::WeakKey, &[], "ERR_SSL_VERSION_OR_CIPHER_MISMATCH"),
    row(C::KeyTypeSupport, &[Shows("kind", "RSA-PSS parameters")], "ERR_CERT_INVALID"),
    row(C::KeyTypeSupport, &[Shows("kind", "ECDSA with parameters")], "ERR_CERT_INVALID"),
    row(C::SignatureInvalid, &[Shows("signed", "another")], "ERR_CERT_INVALID"),
    row(C::KeyTypeSupport, &[], "ERR_SSL_VERSION_OR_CIPHER_MISMATCH"),
    row(C::Revoked, &[], "ERR_CERT_REVOKED"),
];
