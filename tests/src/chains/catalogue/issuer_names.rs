//! Names of issuers.

use super::{
    AKI, Case, Certificate, GOOD, GOOD_SHORT, HOST_ROOT, ISSUING, LEAF, LEAF_OF_ROOT, LEAF_USAGE, NO_CA, ROOT, SAN,
    SERVER, SIGNS, SKI, Scene, invalid, valid,
};

const NO_AKI: &[&str] = &[NO_CA, LEAF_USAGE, SERVER, SKI, "authorityKeyIdentifier = none", SAN];
const CA_NO_AKI: &[&str] =
    &["basicConstraints = critical, CA:TRUE, pathlen:0", SIGNS, SKI, "authorityKeyIdentifier = none"];
const RSA: &[&str] = &["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
/// The root once more, as its certificate would be under another spelling of its name.
const RESPELLED: Certificate = Certificate { name: "respelled", key: "root", issuer: "respelled", ..ROOT };
const RESPELLED_ISSUING: Certificate = Certificate { name: "respelled", key: "issuing", ..ISSUING };
const NAMELESS: Certificate = Certificate { subject: "/", serial: Some("7"), ..ROOT };

pub(super) const CASES: &[Case] = &[
    invalid(
        "same-subject-as-issuer",
        "without AKI",
        Some(18),
        Scene { certificates: &[HOST_ROOT, Certificate { extensions: NO_AKI, ..LEAF_OF_ROOT }], ..GOOD_SHORT },
        GOOD_SHORT,
    ),
    invalid(
        "same-subject-as-issuer",
        "without AKI, the root sent along",
        Some(18),
        Scene {
            certificates: &[HOST_ROOT, Certificate { extensions: NO_AKI, ..LEAF_OF_ROOT }],
            chain: &["leaf", "root"],
            ..GOOD_SHORT
        },
        GOOD_SHORT,
    ),
    invalid(
        "same-subject-as-issuer",
        "without key identifiers",
        Some(18),
        Scene {
            certificates: &[
                HOST_ROOT,
                Certificate {
                    extensions: &[
                        NO_CA,
                        LEAF_USAGE,
                        SERVER,
                        "subjectKeyIdentifier = none",
                        "authorityKeyIdentifier = none",
                        SAN,
                    ],
                    ..LEAF_OF_ROOT
                },
            ],
            ..GOOD_SHORT
        },
        GOOD_SHORT,
    ),
    invalid(
        "same-subject-as-issuer",
        "an issuing CA named like the host",
        Some(18),
        Scene {
            certificates: &[
                ROOT,
                Certificate { subject: "/CN=app.example.test", ..ISSUING },
                Certificate { extensions: NO_AKI, ..LEAF },
            ],
            ..GOOD
        },
        GOOD,
    ),
    invalid(
        "same-subject-as-issuer",
        "an issuing CA named like the root, no AKI at all",
        Some(7),
        Scene {
            certificates: &[
                ROOT,
                Certificate { subject: ROOT.subject, extensions: CA_NO_AKI, ..ISSUING },
                Certificate { extensions: NO_AKI, ..LEAF },
            ],
            ..GOOD
        },
        GOOD,
    ),
    invalid(
        "same-subject-as-issuer",
        "an issuing CA named like the root, without AKI",
        Some(19),
        Scene {
            certificates: &[ROOT, Certificate { subject: ROOT.subject, extensions: CA_NO_AKI, ..ISSUING }, LEAF],
            ..GOOD
        },
        GOOD,
    ),
    invalid(
        "same-subject-as-issuer",
        "an issuing CA named like the root, the leaf without AKI",
        Some(7),
        Scene {
            certificates: &[
                ROOT,
                Certificate { subject: ROOT.subject, ..ISSUING },
                Certificate { extensions: NO_AKI, ..LEAF },
            ],
            ..GOOD
        },
        GOOD,
    ),
    valid(
        "same-subject-as-issuer",
        "with AKI",
        None,
        Scene { certificates: &[HOST_ROOT, LEAF_OF_ROOT], ..GOOD_SHORT },
        GOOD_SHORT,
    ),
    valid(
        "same-subject-as-issuer",
        "without AKI, the leaf's key of another kind",
        None,
        Scene {
            certificates: &[HOST_ROOT, Certificate { extensions: NO_AKI, kind: RSA, ..LEAF_OF_ROOT }],
            ..GOOD_SHORT
        },
        GOOD_SHORT,
    ),
    invalid(
        "same-subject-as-issuer",
        "in another letter case, without AKI",
        Some(18),
        Scene {
            certificates: &[
                HOST_ROOT,
                Certificate { subject: "/CN=APP.example.test", extensions: NO_AKI, ..LEAF_OF_ROOT },
            ],
            ..GOOD_SHORT
        },
        GOOD_SHORT,
    ),
    valid(
        "same-key-as-issuer",
        "",
        None,
        Scene { certificates: &[ROOT, Certificate { key: "root", ..LEAF_OF_ROOT }], ..GOOD_SHORT },
        GOOD_SHORT,
    ),
    valid(
        "same-key-as-issuer",
        "of an issuing CA",
        None,
        Scene { certificates: &[ROOT, ISSUING, Certificate { key: "issuing", ..LEAF }], ..GOOD },
        GOOD,
    ),
    valid(
        "same-key-as-issuer",
        "of the root, below an issuing CA",
        None,
        Scene { certificates: &[ROOT, ISSUING, Certificate { key: "root", ..LEAF }], ..GOOD },
        GOOD,
    ),
    valid(
        "same-key-as-issuer",
        "an issuing CA with the root's key",
        None,
        Scene { certificates: &[ROOT, Certificate { key: "root", ..ISSUING }, LEAF], ..GOOD },
        GOOD,
    ),
    invalid(
        "same-key-as-issuer",
        "and its name",
        Some(18),
        Scene { certificates: &[HOST_ROOT, Certificate { key: "root", ..LEAF_OF_ROOT }], ..GOOD_SHORT },
        GOOD_SHORT,
    ),
    valid(
        "root-named-like-host",
        "",
        None,
        Scene {
            certificates: &[HOST_ROOT, Certificate { subject: "/O=Example/CN=app.example.test", ..LEAF_OF_ROOT }],
            ..GOOD_SHORT
        },
        GOOD_SHORT,
    ),
    invalid(
        "issuer-renamed",
        "",
        Some(20),
        Scene {
            certificates: &[ROOT, LEAF_OF_ROOT, Certificate { subject: "/O=Example/CN=Example Trust CA", ..RESPELLED }],
            trust: &["respelled"],
            ..GOOD_SHORT
        },
        GOOD_SHORT,
    ),
    invalid(
        "issuer-renamed",
        "the issuing CA",
        Some(20),
        Scene {
            certificates: &[
                ROOT,
                ISSUING,
                LEAF,
                Certificate { name: "renamed", subject: "/O=Example/CN=Example Server CA", key: "issuing", ..ISSUING },
            ],
            chain: &["leaf", "renamed"],
            ..GOOD
        },
        GOOD,
    ),
    valid(
        "issuer-name-encoding",
        "",
        None,
        Scene {
            certificates: &[ROOT, LEAF_OF_ROOT, Certificate { strings: "default", ..RESPELLED }],
            trust: &["respelled"],
            ..GOOD_SHORT
        },
        GOOD_SHORT,
    ),
    valid(
        "issuer-name-case",
        "",
        None,
        Scene {
            certificates: &[ROOT, LEAF_OF_ROOT, Certificate { subject: "/O=Example/CN=EXAMPLE Root CA", ..RESPELLED }],
            trust: &["respelled"],
            ..GOOD_SHORT
        },
        GOOD_SHORT,
    ),
    valid(
        "issuer-name-encoding",
        "of the issuing CA",
        None,
        Scene {
            certificates: &[ROOT, ISSUING, LEAF, Certificate { strings: "default", ..RESPELLED_ISSUING }],
            chain: &["leaf", "respelled"],
            ..GOOD
        },
        GOOD,
    ),
    valid(
        "issuer-name-case",
        "of the issuing CA",
        None,
        Scene {
            certificates: &[
                ROOT,
                ISSUING,
                LEAF,
                Certificate { subject: "/O=Example/CN=EXAMPLE Issuing CA", ..RESPELLED_ISSUING },
            ],
            chain: &["leaf", "respelled"],
            ..GOOD
        },
        GOOD,
    ),
    valid(
        "empty-issuer-name",
        "the root",
        None,
        Scene { certificates: &[NAMELESS, LEAF_OF_ROOT], ..GOOD_SHORT },
        GOOD_SHORT,
    ),
    valid(
        "empty-issuer-name",
        "the root, without AKI",
        None,
        Scene { certificates: &[NAMELESS, Certificate { extensions: NO_AKI, ..LEAF_OF_ROOT }], ..GOOD_SHORT },
        GOOD_SHORT,
    ),
    valid(
        "empty-issuer-name",
        "the issuing CA",
        None,
        Scene {
            certificates: &[
                ROOT,
                Certificate {
                    subject: "/",
                    serial: Some("8"),
                    extensions: &["basicConstraints = critical, CA:TRUE, pathlen:0", SIGNS, SKI, AKI],
                    ..ISSUING
                },
                LEAF,
            ],
            ..GOOD
        },
        GOOD,
    ),
];
