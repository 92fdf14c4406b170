//! Keys, signatures and serial numbers.

use super::{AKI, Case, Certificate, GOOD, ISSUING, LEAF, NO_CA, P256, ROOT, SAN, SERVER, SKI, Scene, invalid, valid};

macro_rules! rsa {
    ($bits:literal) => {
        &["genpkey", "-algorithm", "RSA", "-pkeyopt", concat!("rsa_keygen_bits:", $bits)]
    };
}

macro_rules! curve {
    ($curve:literal) => {
        &["genpkey", "-algorithm", "EC", "-pkeyopt", concat!("ec_paramgen_curve:", $curve)]
    };
}

const EXPLICIT: &[&str] =
    &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt", "ec_param_enc:explicit"];
const DSA: &[&str] = &["dsaparam", "-genkey", "-noout", "1024"];
const RSA: &[&str] = rsa!("2048");
/// For RSASSA-PSS alone, by any parameters (RFC 4055 section 1.2).
const RSA_PSS: &[&str] = &["genpkey", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"];

/// With keyEncipherment, which NSS wants of an RSA key.
const ANY_KEY: &[&str] = &[NO_CA, "keyUsage = critical, digitalSignature, keyEncipherment", SERVER, SKI, AKI, SAN];

/// The good scene with a leaf whose key is of this kind.
macro_rules! leaf_key {
    ($kind:expr) => {
        Scene { certificates: &[ROOT, ISSUING, Certificate { kind: $kind, extensions: ANY_KEY, ..LEAF }], ..GOOD }
    };
}

/// The good scene with an issuing CA whose key is of this kind.
macro_rules! issuing_key {
    ($kind:expr) => {
        Scene { certificates: &[ROOT, Certificate { kind: $kind, ..ISSUING }, LEAF], ..GOOD }
    };
}

/// The good scene with a root whose key is of this kind.
macro_rules! root_key {
    ($kind:expr) => {
        Scene { certificates: &[Certificate { kind: $kind, ..ROOT }, ISSUING, LEAF], ..GOOD }
    };
}

/// The good scene with keys of RSA, signed by this digest.
macro_rules! signed {
    ($digest:literal, leaf) => {
        Scene { certificates: &[ROOT, RSA_ISSUING, Certificate { digest: $digest, ..LEAF }], ..GOOD }
    };
    ($digest:literal, issuing) => {
        Scene { certificates: &[RSA_ROOT, Certificate { digest: $digest, ..ISSUING }, LEAF], ..GOOD }
    };
}

/// The good scene with a leaf that a key of RSA signed by RSASSA-PSS with these options.
macro_rules! pss {
    ($($option:literal),*) => {
        Scene {
            certificates: &[
                ROOT,
                RSA_ISSUING,
                Certificate { signing: &["-sigopt", "rsa_padding_mode:pss" $(, "-sigopt", $option)*], ..LEAF },
            ],
            ..GOOD
        }
    };
}

const RSA_ROOT: Certificate = Certificate { kind: RSA, ..ROOT };
const RSA_ISSUING: Certificate = Certificate { kind: RSA, ..ISSUING };

/// The good scene with a leaf of this serial number.
macro_rules! serial {
    ($serial:literal) => {
        Scene { certificates: &[ROOT, ISSUING, Certificate { serial: Some($serial), ..LEAF }], ..GOOD }
    };
}

const LONG_SERIAL: &str = "0x0102030405060708090a0b0c0d0e0f101112131415161718";

pub(super) const CASES: &[Case] = &[
    invalid("weak-key", "RSA 1024 of the leaf", None, leaf_key!(rsa!("1024")), GOOD),
    invalid("weak-key", "RSA 1024 of the issuing CA", None, issuing_key!(rsa!("1024")), GOOD),
    invalid("weak-key", "RSA 1024 of the root", None, root_key!(rsa!("1024")), GOOD),
    invalid("weak-key", "RSA 512", None, leaf_key!(rsa!("512")), GOOD),
    invalid("weak-key", "DSA", None, leaf_key!(DSA), GOOD),
    invalid("weak-key", "P-192", None, leaf_key!(curve!("P-192")), GOOD),
    invalid("ec-explicit-parameters", "leaf", Some(94), leaf_key!(EXPLICIT), GOOD),
    invalid("ec-explicit-parameters", "root", Some(94), root_key!(EXPLICIT), GOOD),
    invalid("weak-signature", "SHA-1 on the leaf", None, signed!("sha1", leaf), GOOD),
    invalid("weak-signature", "SHA-1 on the issuing CA", None, signed!("sha1", issuing), GOOD),
    invalid("weak-signature", "MD5 on the leaf", None, signed!("md5", leaf), GOOD),
    invalid("weak-signature", "MD5 on the issuing CA", None, signed!("md5", issuing), GOOD),
    invalid(
        "weak-signature",
        "ECDSA with SHA-1",
        None,
        Scene { certificates: &[ROOT, ISSUING, Certificate { digest: "sha1", ..LEAF }], ..GOOD },
        GOOD,
    ),
    valid(
        "key-type-support",
        "ECDSA P-256 with SHA-512",
        None,
        Scene { certificates: &[ROOT, ISSUING, Certificate { digest: "sha512", ..LEAF }], ..GOOD },
        GOOD,
    ),
    valid("key-type-support", "Ed25519", None, leaf_key!(&["genpkey", "-algorithm", "ED25519"]), GOOD),
    valid(
        "key-type-support",
        "Ed25519 of the issuing CA",
        None,
        issuing_key!(&["genpkey", "-algorithm", "ED25519"]),
        GOOD,
    ),
    valid("key-type-support", "Ed25519 of the root", None, root_key!(&["genpkey", "-algorithm", "ED25519"]), GOOD),
    valid("key-type-support", "Ed448", None, leaf_key!(&["genpkey", "-algorithm", "ED448"]), GOOD),
    invalid(
        "key-type-support",
        "Ed448 of the issuing CA",
        None,
        issuing_key!(&["genpkey", "-algorithm", "ED448"]),
        GOOD,
    ),
    valid("key-type-support", "RSASSA-PSS of the root", None, root_key!(RSA_PSS), GOOD),
    valid("key-type-support", "RSASSA-PSS of the issuing CA", None, issuing_key!(RSA_PSS), GOOD),
    valid(
        "key-type-support",
        "RSASSA-PSS of the issuing CA, with the longest salt",
        None,
        Scene {
            certificates: &[
                ROOT,
                Certificate { kind: RSA_PSS, ..ISSUING },
                Certificate { signing: &["-sigopt", "rsa_pss_saltlen:222"], ..LEAF },
            ],
            ..GOOD
        },
        GOOD,
    ),
    valid("key-type-support", "RSASSA-PSS of the leaf", None, leaf_key!(RSA_PSS), GOOD),
    valid("key-type-support", "P-521", None, leaf_key!(curve!("P-521")), GOOD),
    valid("key-type-support", "P-521 of the issuing CA", None, issuing_key!(curve!("P-521")), GOOD),
    valid("key-type-support", "P-521 of the root", None, root_key!(curve!("P-521")), GOOD),
    invalid("key-type-support", "secp256k1", None, leaf_key!(curve!("secp256k1")), GOOD),
    valid("key-type-support", "secp256k1 of the issuing CA", None, issuing_key!(curve!("secp256k1")), GOOD),
    invalid(
        "key-type-support",
        "brainpoolP256r1 of the issuing CA",
        None,
        issuing_key!(curve!("brainpoolP256r1")),
        GOOD,
    ),
    invalid(
        "key-type-support",
        "ECDSA with SHA-3",
        Some(20),
        Scene { certificates: &[ROOT, ISSUING, Certificate { digest: "sha3-256", ..LEAF }], ..GOOD },
        GOOD,
    ),
    invalid("key-type-support", "brainpoolP256r1", None, leaf_key!(curve!("brainpoolP256r1")), GOOD),
    invalid("key-type-support", "P-224", None, leaf_key!(curve!("P-224")), GOOD),
    valid(
        "key-type-support",
        "RSA-PSS",
        None,
        leaf_key!(&["genpkey", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"]),
        GOOD,
    ),
    valid("key-type-support", "RSA-PSS with openssl's own salt", None, pss!(), pss!("rsa_pss_saltlen:digest")),
    valid("key-type-support", "RSA-PSS without salt", None, pss!("rsa_pss_saltlen:0"), pss!("rsa_pss_saltlen:digest")),
    valid(
        "key-type-support",
        "RSA-PSS with openssl's own salt, of the issuing CA",
        None,
        Scene {
            certificates: &[RSA_ROOT, Certificate { signing: &["-sigopt", "rsa_padding_mode:pss"], ..ISSUING }, LEAF],
            ..GOOD
        },
        // A root's own signature is nobody's concern.
        Scene {
            certificates: &[Certificate { signing: &["-sigopt", "rsa_padding_mode:pss"], ..RSA_ROOT }, ISSUING, LEAF],
            ..GOOD
        },
    ),
    invalid(
        "key-type-support",
        "RSA-PSS with a mask by another digest",
        None,
        pss!("rsa_pss_saltlen:digest", "rsa_mgf1_md:sha512"),
        pss!("rsa_pss_saltlen:digest"),
    ),
    invalid(
        "weak-signature",
        "RSA-PSS with SHA-1",
        None,
        Scene {
            certificates: &[
                ROOT,
                RSA_ISSUING,
                Certificate { digest: "sha1", signing: &["-sigopt", "rsa_padding_mode:pss"], ..LEAF },
            ],
            ..GOOD
        },
        GOOD,
    ),
    invalid(
        "key-mismatch",
        "",
        // The key is no concern of `openssl verify`. Not the issuing CA's key: that would be a mistake of its own.
        None,
        Scene {
            certificates: &[ROOT, ISSUING, LEAF, Certificate { name: "other", key: "other", kind: P256, ..LEAF }],
            key: "other",
            ..GOOD
        },
        GOOD,
    ),
    invalid(
        "key-type-mismatch",
        "",
        None,
        Scene {
            certificates: &[ROOT, ISSUING, LEAF, Certificate { name: "other", key: "other", kind: RSA, ..LEAF }],
            key: "other",
            ..GOOD
        },
        GOOD,
    ),
    invalid("key-is-ca-key", "issuing CA", None, Scene { key: "issuing", ..GOOD }, GOOD),
    invalid("key-is-ca-key", "root", None, Scene { key: "root", ..GOOD }, GOOD),
    valid("serial-negative", "", None, serial!("-5"), GOOD),
    valid("serial-too-long", "", None, serial!("0x0102030405060708090a0b0c0d0e0f101112131415161718"), GOOD),
    valid(
        "serial-too-long",
        "issuing CA",
        None,
        Scene { certificates: &[ROOT, Certificate { serial: Some(LONG_SERIAL), ..ISSUING }, LEAF], ..GOOD },
        GOOD,
    ),
    valid("serial-zero", "", None, serial!("0"), GOOD),
    valid(
        "serial-reused",
        "root and issuing CA",
        None,
        Scene {
            certificates: &[
                Certificate { serial: Some("1"), ..ROOT },
                Certificate { serial: Some("1"), ..ISSUING },
                LEAF,
            ],
            ..GOOD
        },
        GOOD,
    ),
    valid(
        "serial-reused",
        "root and leaf",
        None,
        Scene {
            certificates: &[
                Certificate { serial: Some("1"), ..ROOT },
                Certificate { serial: Some("1"), issuer: "root", ..LEAF },
            ],
            chain: &["leaf"],
            ..GOOD
        },
        GOOD,
    ),
];
