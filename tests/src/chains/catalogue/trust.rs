//! Trust and path.

use super::{
    AKI, Case, Certificate, Change, GOOD, GOOD_SHORT, HOST_ROOT, ISSUING, LEAF, LEAF_OF_ROOT, LEAF_USAGE, NO_CA, ROOT,
    SAN, SERVER, SIGNS, SKI, Scene, invalid, valid,
};

const OTHER_ROOT: Certificate =
    Certificate { name: "other", subject: "/O=Elsewhere/CN=Elsewhere Root CA", key: "other", issuer: "other", ..ROOT };
const NEW_ROOT: Certificate = Certificate { name: "new-root", key: "new-root", issuer: "new-root", ..ROOT };
const NEW_ISSUING: Certificate = Certificate { name: "new-issuing", key: "new-issuing", ..ISSUING };
const INSPECTING: Certificate = Certificate {
    name: "inspecting",
    subject: "/O=Example Corp/CN=Example Corp TLS Inspection CA",
    key: "inspecting",
    issuer: "inspecting",
    ..ROOT
};
/// Self-signed, as `openssl req -x509` leaves it with a SAN.
const OWN: Certificate = Certificate { issuer: "leaf", extensions: &[NO_CA, LEAF_USAGE, SERVER, SKI, SAN], ..LEAF };
const OWN_CA: Certificate = Certificate {
    issuer: "leaf",
    extensions: &["basicConstraints = critical, CA:TRUE", SKI, "authorityKeyIdentifier = keyid", SAN],
    ..LEAF
};

/// A leaf that says nothing of its issuer but the name.
const LEAF_WITHOUT_AKI: Certificate =
    Certificate { extensions: &[NO_CA, LEAF_USAGE, SERVER, SKI, SAN, "authorityKeyIdentifier = none"], ..LEAF };

const LEAF_OF_ROOT_WITHOUT_AKI: Certificate =
    Certificate { extensions: &[NO_CA, LEAF_USAGE, SERVER, SKI, SAN, "authorityKeyIdentifier = none"], ..LEAF_OF_ROOT };

pub(super) const CASES: &[Case] = &[
    invalid(
        "root-not-trusted",
        "",
        Some(20),
        Scene { certificates: &[ROOT, ISSUING, LEAF, OTHER_ROOT], trust: &["other"], ..GOOD },
        GOOD,
    ),
    invalid(
        "root-not-trusted",
        "the root sent along",
        Some(19),
        Scene {
            certificates: &[ROOT, ISSUING, LEAF, OTHER_ROOT],
            chain: &["leaf", "issuing", "root"],
            trust: &["other"],
            ..GOOD
        },
        GOOD,
    ),
    invalid(
        "intercepted",
        "the CA sent along",
        Some(19),
        Scene {
            certificates: &[ROOT, INSPECTING, Certificate { issuer: "inspecting", ..LEAF }],
            chain: &["leaf", "inspecting"],
            ..GOOD
        },
        GOOD,
    ),
    invalid(
        "intercepted",
        "the CA not sent",
        Some(20),
        Scene {
            certificates: &[
                ROOT,
                Certificate { subject: "/O=Fortinet/CN=FortiGate CA", ..INSPECTING },
                Certificate { issuer: "inspecting", ..LEAF },
            ],
            chain: &["leaf"],
            ..GOOD
        },
        GOOD,
    ),
    invalid(
        "root-regenerated",
        "",
        Some(20),
        Scene { certificates: &[ROOT, LEAF_OF_ROOT, NEW_ROOT], trust: &["new-root"], ..GOOD_SHORT },
        GOOD_SHORT,
    ),
    invalid(
        "root-regenerated",
        "without AKI",
        Some(7),
        Scene { certificates: &[ROOT, LEAF_OF_ROOT_WITHOUT_AKI, NEW_ROOT], trust: &["new-root"], ..GOOD_SHORT },
        GOOD_SHORT,
    ),
    invalid(
        "root-regenerated",
        "above an issuing CA",
        Some(20),
        Scene { certificates: &[ROOT, ISSUING, LEAF, NEW_ROOT], trust: &["new-root"], ..GOOD },
        GOOD,
    ),
    invalid(
        "root-regenerated",
        "the old root sent along",
        Some(19),
        Scene {
            certificates: &[ROOT, ISSUING, LEAF, NEW_ROOT],
            chain: &["leaf", "issuing", "root"],
            trust: &["new-root"],
            ..GOOD
        },
        GOOD,
    ),
    invalid(
        "intermediate-regenerated",
        "",
        Some(20),
        Scene { certificates: &[ROOT, ISSUING, LEAF, NEW_ISSUING], chain: &["leaf", "new-issuing"], ..GOOD },
        GOOD,
    ),
    invalid(
        "intermediate-regenerated",
        "without AKI",
        Some(7),
        Scene {
            certificates: &[ROOT, ISSUING, LEAF_WITHOUT_AKI, NEW_ISSUING],
            chain: &["leaf", "new-issuing"],
            ..GOOD
        },
        GOOD,
    ),
    valid(
        "intermediate-regenerated",
        "without AKI, before the one that signed",
        Some(7),
        Scene {
            certificates: &[ROOT, ISSUING, LEAF_WITHOUT_AKI, NEW_ISSUING],
            chain: &["leaf", "new-issuing", "issuing"],
            ..GOOD
        },
        GOOD,
    ),
    valid(
        "root-regenerated",
        "both trusted, without AKI",
        Some(7),
        Scene {
            certificates: &[
                ROOT,
                Certificate {
                    extensions: &[
                        "basicConstraints = critical, CA:TRUE, pathlen:0",
                        SIGNS,
                        SKI,
                        "authorityKeyIdentifier = none",
                    ],
                    ..ISSUING
                },
                LEAF,
                NEW_ROOT,
            ],
            trust: &["new-root", "root"],
            ..GOOD
        },
        GOOD,
    ),
    invalid("missing-intermediate", "", Some(20), Scene { chain: &["leaf"], ..GOOD }, GOOD),
    invalid(
        "missing-intermediate",
        "the root in its place",
        Some(20),
        Scene { chain: &["leaf", "root"], ..GOOD },
        GOOD,
    ),
    invalid(
        "missing-intermediate",
        "the upper of two",
        Some(20),
        Scene {
            certificates: &[
                ROOT,
                Certificate {
                    name: "policy",
                    subject: "/O=Example/CN=Example Policy CA",
                    key: "policy",
                    extensions: &["basicConstraints = critical, CA:TRUE", SIGNS, SKI, AKI],
                    ..ISSUING
                },
                Certificate { issuer: "policy", ..ISSUING },
                LEAF,
            ],
            ..GOOD
        },
        GOOD,
    ),
    invalid("leaf-missing", "the issuing CA alone", Some(62), Scene { chain: &["issuing"], ..GOOD }, GOOD),
    invalid("leaf-missing", "issuing CA and root", Some(62), Scene { chain: &["issuing", "root"], ..GOOD }, GOOD),
    valid("chain-has-root", "", None, Scene { chain: &["leaf", "issuing", "root"], ..GOOD }, GOOD),
    invalid(
        "chain-order",
        "the issuing CA first",
        // `openssl verify` looks at the first certificate: here a CA, which has no such host name.
        Some(62),
        Scene { chain: &["issuing", "leaf"], ..GOOD },
        GOOD,
    ),
    invalid("chain-order", "the root first", Some(62), Scene { chain: &["root", "issuing", "leaf"], ..GOOD }, GOOD),
    valid(
        "chain-order",
        "the root before the issuing CA",
        None,
        Scene { chain: &["leaf", "root", "issuing"], ..GOOD },
        GOOD,
    ),
    valid(
        "chain-extra",
        "",
        None,
        Scene { certificates: &[ROOT, ISSUING, LEAF, OTHER_ROOT], chain: &["leaf", "issuing", "other"], ..GOOD },
        GOOD,
    ),
    valid(
        "chain-extra",
        "another leaf",
        None,
        Scene {
            certificates: &[
                ROOT,
                ISSUING,
                LEAF,
                Certificate { name: "mail", subject: "/CN=mail.example.test", key: "mail", ..LEAF },
            ],
            chain: &["leaf", "mail", "issuing"],
            ..GOOD
        },
        GOOD,
    ),
    valid("chain-duplicate", "the leaf", None, Scene { chain: &["leaf", "leaf", "issuing"], ..GOOD }, GOOD),
    valid("chain-duplicate", "the issuing CA", None, Scene { chain: &["leaf", "issuing", "issuing"], ..GOOD }, GOOD),
    invalid("leaf-as-trust-anchor", "", Some(20), Scene { trust: &["leaf"], ..GOOD_SHORT }, GOOD_SHORT),
    invalid("leaf-as-trust-anchor", "below an issuing CA", Some(20), Scene { trust: &["leaf"], ..GOOD }, GOOD),
    invalid(
        "leaf-as-trust-anchor",
        "of its CA's name",
        None,
        Scene { certificates: &[HOST_ROOT, LEAF_OF_ROOT_WITHOUT_AKI], trust: &["leaf"], ..GOOD_SHORT },
        GOOD_SHORT,
    ),
    valid("intermediate-as-trust-anchor", "", Some(2), Scene { trust: &["issuing"], ..GOOD }, GOOD),
    valid(
        "intermediate-as-trust-anchor",
        "the leaf sent alone",
        Some(2),
        Scene { trust: &["issuing"], chain: &["leaf"], ..GOOD },
        GOOD,
    ),
    invalid("self-signed-leaf", "", Some(18), Scene { certificates: &[ROOT, OWN], ..GOOD_SHORT }, GOOD_SHORT),
    invalid("self-signed-leaf", "CA:TRUE", Some(18), Scene { certificates: &[ROOT, OWN_CA], ..GOOD_SHORT }, GOOD_SHORT),
    valid(
        "self-signed-leaf",
        "trusted",
        None,
        Scene { certificates: &[ROOT, OWN], trust: &["leaf"], ..GOOD_SHORT },
        GOOD_SHORT,
    ),
    valid(
        "self-signed-leaf",
        "CA:TRUE, trusted",
        None,
        Scene { certificates: &[ROOT, OWN_CA], trust: &["leaf"], ..GOOD_SHORT },
        GOOD_SHORT,
    ),
    invalid(
        "signature-invalid",
        "leaf",
        Some(7),
        Scene { certificates: &[ROOT, ISSUING, Certificate { change: Change::Damaged, ..LEAF }], ..GOOD },
        GOOD,
    ),
    invalid(
        "signature-invalid",
        "issuing CA",
        Some(7),
        Scene { certificates: &[ROOT, Certificate { change: Change::Damaged, ..ISSUING }, LEAF], ..GOOD },
        GOOD,
    ),
];
