//! Usage.

use super::{
    AKI, CLIENT, Case, Certificate, GOOD, GOOD_SHORT, ISSUING, LEAF, LEAF_OF_ROOT, LEAF_USAGE, NO_CA, ROOT, SAN,
    SERVER, SIGNS, SKI, Scene, invalid, valid,
};

/// The good client with a certificate of these extensions.
macro_rules! alice {
    ($($extension:expr),+) => {
        Scene {
            certificates: &[ROOT, Certificate { subject: "/CN=alice", extensions: &[$($extension),+], ..LEAF_OF_ROOT }],
            ..GOOD_CLIENT
        }
    };
}

const RSA: &[&str] = &["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
const ENCIPHERS: &[&str] = &[NO_CA, "keyUsage = critical, keyEncipherment", SERVER, SKI, AKI, SAN];
const BOTH: &[&str] = &[NO_CA, "keyUsage = critical, digitalSignature, keyEncipherment", SERVER, SKI, AKI, SAN];
const AGREES: &[&str] = &[NO_CA, "keyUsage = critical, keyAgreement", SERVER, SKI, AKI, SAN];
const EMAIL_CA: &[&str] = &["basicConstraints = critical, CA:TRUE, pathlen:0", SIGNS, SKI, AKI, "nsCertType = emailCA"];
const SSL_CA: &[&str] =
    &["basicConstraints = critical, CA:TRUE, pathlen:0", SIGNS, SKI, AKI, "nsCertType = sslCA, emailCA"];
const GOOD_CLIENT: Scene = Scene {
    certificates: &[ROOT, Certificate { subject: "/CN=alice", extensions: CLIENT, ..LEAF_OF_ROOT }],
    client: true,
    ..GOOD_SHORT
};

pub(super) const CASES: &[Case] = &[
    invalid(
        "wrong-purpose",
        "a client's on a server",
        Some(26),
        leaf!(NO_CA, LEAF_USAGE, "extendedKeyUsage = clientAuth", SKI, AKI, SAN),
        GOOD,
    ),
    invalid(
        "wrong-purpose",
        "Netscape's type is a client's",
        Some(26),
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, "nsCertType = client"),
        GOOD,
    ),
    invalid(
        "wrong-purpose",
        "Netscape's type is a client's, and there is no other purpose",
        Some(26),
        leaf!(NO_CA, LEAF_USAGE, SKI, AKI, SAN, "nsCertType = client, email"),
        leaf!(NO_CA, LEAF_USAGE, SKI, AKI, SAN, "nsCertType = client, server"),
    ),
    invalid(
        "wrong-purpose",
        "Netscape's type is nothing",
        Some(26),
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, "nsCertType = DER:03:01:00"),
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, "nsCertType = server"),
    ),
    invalid(
        "wrong-purpose",
        "Netscape's type is a server's on a client",
        Some(26),
        alice!(NO_CA, LEAF_USAGE, "extendedKeyUsage = clientAuth", SKI, AKI, "nsCertType = server"),
        GOOD_CLIENT,
    ),
    valid(
        "issuer-purpose",
        "Netscape's type of the issuing CA",
        // NSS alone asks.
        None,
        Scene { certificates: &[ROOT, Certificate { extensions: EMAIL_CA, ..ISSUING }, LEAF], ..GOOD },
        Scene { certificates: &[ROOT, Certificate { extensions: SSL_CA, ..ISSUING }, LEAF], ..GOOD },
    ),
    invalid(
        "wrong-purpose",
        "Microsoft's purpose for strong encryption",
        // OpenSSL takes it for serverAuth.
        None,
        leaf!(NO_CA, LEAF_USAGE, "extendedKeyUsage = msSGC", SKI, AKI, SAN),
        GOOD,
    ),
    invalid(
        "wrong-purpose",
        "another purpose",
        Some(26),
        leaf!(NO_CA, LEAF_USAGE, "extendedKeyUsage = codeSigning, emailProtection", SKI, AKI, SAN),
        GOOD,
    ),
    invalid(
        "wrong-purpose",
        "a server's on a client",
        Some(26),
        alice!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI),
        GOOD_CLIENT,
    ),
    valid("eku-missing", "", None, leaf!(NO_CA, LEAF_USAGE, SKI, AKI, SAN), GOOD),
    valid(
        "wrong-purpose",
        "any purpose",
        Some(26),
        leaf!(NO_CA, LEAF_USAGE, "extendedKeyUsage = anyExtendedKeyUsage", SKI, AKI, SAN),
        GOOD,
    ),
    invalid(
        "digital-signature-missing",
        "RSA",
        None,
        Scene { certificates: &[ROOT, ISSUING, Certificate { extensions: ENCIPHERS, kind: RSA, ..LEAF }], ..GOOD },
        GOOD,
    ),
    invalid(
        "digital-signature-missing",
        "EC",
        None,
        Scene { certificates: &[ROOT, ISSUING, Certificate { extensions: AGREES, ..LEAF }], ..GOOD },
        GOOD,
    ),
    valid(
        "key-encipherment-missing",
        "",
        None,
        Scene { certificates: &[ROOT, ISSUING, Certificate { kind: RSA, ..LEAF }], ..GOOD },
        Scene { certificates: &[ROOT, ISSUING, Certificate { kind: RSA, extensions: BOTH, ..LEAF }], ..GOOD },
    ),
];
