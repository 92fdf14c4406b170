//! Two mistakes at once: the row's code is the one to mend first.

use super::{
    AKI, Case, Certificate, GOOD, GOOD_SHORT, HOST_ROOT, ISSUING, LEAF, LEAF_OF_ROOT, LEAF_USAGE, NO_CA, ROOT, SAN,
    SERVER, SIGNS, SKI, Scene, invalid,
};

const OTHER_ROOT: Certificate =
    Certificate { name: "other", subject: "/O=Elsewhere/CN=Elsewhere Root CA", key: "other", issuer: "other", ..ROOT };
const FOR_MAIL: &[&str] = &[NO_CA, LEAF_USAGE, SERVER, SKI, AKI, "subjectAltName = DNS:mail.example.test"];
const WITHOUT_SAN: &[&str] = &[NO_CA, LEAF_USAGE, SERVER, SKI, AKI];
const CONSTRAINED: Certificate = Certificate {
    extensions: &[
        "basicConstraints = critical, CA:TRUE, pathlen:0",
        SIGNS,
        SKI,
        AKI,
        "nameConstraints = critical, permitted;DNS:elsewhere.test",
    ],
    ..ISSUING
};
const RSA_1024: &[&str] = &["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"];

pub(super) const CASES: &[Case] = &[
    invalid(
        "root-not-trusted",
        "and a wrong name",
        Some(20),
        Scene {
            certificates: &[ROOT, ISSUING, Certificate { extensions: FOR_MAIL, ..LEAF }, OTHER_ROOT],
            trust: &["other"],
            ..GOOD
        },
        GOOD,
    ),
    invalid(
        "expired",
        "and a wrong name",
        Some(62),
        Scene {
            certificates: &[ROOT, ISSUING, Certificate { extensions: FOR_MAIL, days: (-100, -10), ..LEAF }],
            ..GOOD
        },
        GOOD,
    ),
    invalid(
        "missing-intermediate",
        "and expired",
        Some(20),
        Scene { certificates: &[ROOT, ISSUING, Certificate { days: (-100, -10), ..LEAF }], chain: &["leaf"], ..GOOD },
        GOOD,
    ),
    invalid(
        "missing-intermediate",
        "and a name that the missing CA may not issue for",
        Some(20),
        Scene { certificates: &[ROOT, CONSTRAINED, LEAF], chain: &["leaf"], ..GOOD },
        GOOD,
    ),
    invalid(
        "weak-key",
        "and no SAN",
        None,
        Scene {
            certificates: &[ROOT, ISSUING, Certificate { kind: RSA_1024, extensions: WITHOUT_SAN, ..LEAF }],
            ..GOOD
        },
        GOOD,
    ),
    invalid(
        "key-mismatch",
        "and expired",
        Some(10),
        Scene {
            certificates: &[
                ROOT,
                ISSUING,
                Certificate { days: (-100, -10), ..LEAF },
                Certificate { name: "other", key: "other", ..LEAF },
            ],
            key: "other",
            ..GOOD
        },
        GOOD,
    ),
    invalid(
        "same-subject-as-issuer",
        "and no SAN",
        Some(18),
        Scene {
            certificates: &[
                HOST_ROOT,
                Certificate {
                    extensions: &[NO_CA, LEAF_USAGE, SERVER, SKI, "authorityKeyIdentifier = none"],
                    ..LEAF_OF_ROOT
                },
            ],
            ..GOOD_SHORT
        },
        GOOD_SHORT,
    ),
    invalid(
        "self-signed-leaf",
        "and no SAN",
        Some(18),
        Scene { certificates: &[ROOT, Certificate { issuer: "leaf", extensions: &[SKI], ..LEAF }], ..GOOD_SHORT },
        GOOD_SHORT,
    ),
    invalid(
        "self-signed-leaf",
        "and expired",
        Some(18),
        Scene {
            certificates: &[
                ROOT,
                Certificate {
                    issuer: "leaf",
                    extensions: &[NO_CA, LEAF_USAGE, SERVER, SKI, SAN],
                    days: (-100, -10),
                    ..LEAF
                },
            ],
            ..GOOD_SHORT
        },
        GOOD_SHORT,
    ),
    invalid(
        "chain-order",
        "and a wrong name",
        Some(62),
        Scene {
            certificates: &[ROOT, ISSUING, Certificate { extensions: FOR_MAIL, ..LEAF }],
            chain: &["issuing", "leaf"],
            ..GOOD
        },
        GOOD,
    ),
    invalid(
        "wrong-purpose",
        "and a wrong name",
        Some(26),
        Scene {
            certificates: &[
                ROOT,
                ISSUING,
                Certificate {
                    extensions: &[
                        NO_CA,
                        LEAF_USAGE,
                        "extendedKeyUsage = clientAuth",
                        SKI,
                        AKI,
                        "subjectAltName = DNS:mail.example.test",
                    ],
                    ..LEAF
                },
            ],
            ..GOOD
        },
        GOOD,
    ),
];
