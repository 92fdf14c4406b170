//! The scenes, a row a code. Each bad scene differs from a good one in its mistake alone.

use super::{Case, Certificate, HOST, Scene};

const SIGNS: &str = "keyUsage = critical, keyCertSign, cRLSign";
const SKI: &str = "subjectKeyIdentifier = hash";
const AKI: &str = "authorityKeyIdentifier = keyid:always";
const LEAF_USAGE: &str = "keyUsage = critical, digitalSignature";
const NO_CA: &str = "basicConstraints = critical, CA:FALSE";
const SERVER: &str = "extendedKeyUsage = serverAuth";
const SAN: &str = "subjectAltName = DNS:app.example.test";
/// Two years back and ten ahead: no certificate of a good scene ends or begins near the day of the test.
const LONG: (i64, i64) = (-730, 3650);

const ROOT: Certificate = Certificate {
    name: "root",
    subject: "/O=Example/CN=Example Root CA",
    key: "root",
    issuer: "root",
    extensions: &["basicConstraints = critical, CA:TRUE", SIGNS, SKI],
    days: LONG,
};

const ISSUING: Certificate = Certificate {
    name: "issuing",
    subject: "/O=Example/CN=Example Issuing CA",
    key: "issuing",
    issuer: "root",
    extensions: &["basicConstraints = critical, CA:TRUE, pathlen:0", SIGNS, SKI, AKI],
    days: LONG,
};

const LEAF: Certificate = Certificate {
    name: "leaf",
    subject: "/CN=app.example.test",
    key: "leaf",
    issuer: "issuing",
    extensions: &[NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN],
    days: (-1, 90),
};

const LEAF_FOR_ADDRESS: Certificate = Certificate {
    subject: "/O=Example/CN=gateway",
    extensions: &[NO_CA, LEAF_USAGE, SERVER, SKI, AKI, "subjectAltName = IP:192.0.2.7"],
    ..LEAF
};

const LEAF_OF_ROOT: Certificate = Certificate { issuer: "root", ..LEAF };

/// Root, issuing CA and leaf, all in order.
pub const GOOD: Scene = Scene {
    certificates: &[ROOT, ISSUING, LEAF],
    chain: &["leaf", "issuing"],
    trust: &["root"],
    key: "leaf",
    host: HOST,
};

/// The same with a leaf straight below the root.
const GOOD_SHORT: Scene = Scene { certificates: &[ROOT, LEAF_OF_ROOT], chain: &["leaf"], ..GOOD };

/// The same, asked for by address.
const GOOD_ADDRESS: Scene = Scene { certificates: &[ROOT, ISSUING, LEAF_FOR_ADDRESS], host: "192.0.2.7", ..GOOD };

const CLIENT: &[&str] =
    &[NO_CA, LEAF_USAGE, "extendedKeyUsage = clientAuth", SKI, AKI, "subjectAltName = email:alice@example.test"];

/// A server on loopback and its clients: `alice` and `bob` are in order, each of the others has its one mistake.
pub const MUTUAL: Scene = Scene {
    certificates: &[
        ROOT,
        ISSUING,
        Certificate {
            subject: "/CN=localhost",
            extensions: &[NO_CA, LEAF_USAGE, SERVER, SKI, AKI, "subjectAltName = DNS:localhost, IP:127.0.0.1"],
            ..LEAF
        },
        Certificate { name: "alice", subject: "/CN=alice", key: "alice", issuer: "root", extensions: CLIENT, ..LEAF },
        Certificate {
            name: "bob",
            subject: "/CN=bob",
            key: "bob",
            issuer: "root",
            extensions: &[NO_CA, LEAF_USAGE, "extendedKeyUsage = clientAuth", SKI, AKI],
            ..LEAF
        },
        Certificate {
            name: "expired",
            subject: "/CN=expired",
            key: "expired",
            issuer: "root",
            extensions: CLIENT,
            days: (-100, -10),
        },
        Certificate {
            name: "misused",
            subject: "/CN=misused",
            key: "misused",
            issuer: "root",
            extensions: &[NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN],
            ..LEAF
        },
        Certificate {
            name: "stranger-root",
            subject: "/CN=Stranger CA",
            key: "stranger-root",
            issuer: "stranger-root",
            ..ROOT
        },
        Certificate {
            name: "stranger",
            subject: "/CN=stranger",
            key: "stranger",
            issuer: "stranger-root",
            extensions: CLIENT,
            ..LEAF
        },
        Certificate {
            name: "stray",
            subject: "/CN=stray",
            key: "stray",
            issuer: "stranger-root",
            extensions: CLIENT,
            ..LEAF
        },
    ],
    host: "localhost",
    ..GOOD
};

/// The root that was given the host's name.
const HOST_ROOT: Certificate = Certificate { subject: "/CN=app.example.test", ..ROOT };

/// The mistake that began it all: the root was given the server's name, and the server's certificate no AKI.
pub const STORY: Scene = Scene {
    certificates: &[
        Certificate { subject: "/CN=localhost", ..ROOT },
        Certificate {
            subject: "/CN=localhost",
            extensions: &[
                NO_CA,
                LEAF_USAGE,
                SERVER,
                SKI,
                "authorityKeyIdentifier = none",
                "subjectAltName = DNS:localhost, IP:127.0.0.1",
            ],
            ..LEAF_OF_ROOT
        },
    ],
    host: "localhost",
    ..GOOD_SHORT
};

const NO_AKI: &[&str] = &[NO_CA, LEAF_USAGE, SERVER, SKI, "authorityKeyIdentifier = none", SAN];

/// Every code that files can show, once or in its variants.
pub const CATALOGUE: &[Case] = &[
    Case {
        code: "same-subject-as-issuer",
        variant: "without AKI",
        bad: Scene { certificates: &[HOST_ROOT, Certificate { extensions: NO_AKI, ..LEAF_OF_ROOT }], ..GOOD_SHORT },
        good: GOOD_SHORT,
        openssl_error: Some(18),
        refused: true,
    },
    Case {
        code: "same-subject-as-issuer",
        variant: "with AKI",
        bad: Scene { certificates: &[HOST_ROOT, LEAF_OF_ROOT], ..GOOD_SHORT },
        good: GOOD_SHORT,
        openssl_error: None,
        refused: false,
    },
    Case {
        code: "same-subject-as-issuer",
        variant: "in another letter case, without AKI",
        bad: Scene {
            certificates: &[
                HOST_ROOT,
                Certificate { subject: "/CN=APP.example.test", extensions: NO_AKI, ..LEAF_OF_ROOT },
            ],
            ..GOOD_SHORT
        },
        good: GOOD_SHORT,
        openssl_error: Some(18),
        refused: true,
    },
    Case {
        code: "same-key-as-issuer",
        variant: "",
        bad: Scene { certificates: &[ROOT, Certificate { key: "root", ..LEAF_OF_ROOT }], ..GOOD_SHORT },
        good: GOOD_SHORT,
        openssl_error: None,
        refused: false,
    },
    Case {
        code: "root-named-like-host",
        variant: "",
        bad: Scene {
            certificates: &[HOST_ROOT, Certificate { subject: "/O=Example/CN=app.example.test", ..LEAF_OF_ROOT }],
            ..GOOD_SHORT
        },
        good: GOOD_SHORT,
        openssl_error: None,
        refused: false,
    },
    Case {
        code: "issuer-renamed",
        variant: "",
        bad: Scene {
            certificates: &[
                ROOT,
                LEAF_OF_ROOT,
                Certificate {
                    name: "renamed",
                    subject: "/O=Example/CN=Example Trust CA",
                    key: "root",
                    issuer: "renamed",
                    ..ROOT
                },
            ],
            trust: &["renamed"],
            ..GOOD_SHORT
        },
        good: GOOD_SHORT,
        openssl_error: Some(20),
        refused: true,
    },
    Case {
        code: "no-san",
        variant: "",
        bad: Scene {
            certificates: &[ROOT, ISSUING, Certificate { extensions: &[NO_CA, LEAF_USAGE, SERVER, SKI, AKI], ..LEAF }],
            ..GOOD
        },
        good: GOOD,
        // OpenSSL still falls back to the common name, as browsers have not done for years.
        openssl_error: None,
        refused: true,
    },
    Case {
        code: "name-mismatch",
        variant: "",
        bad: Scene {
            certificates: &[
                ROOT,
                ISSUING,
                Certificate {
                    extensions: &[NO_CA, LEAF_USAGE, SERVER, SKI, AKI, "subjectAltName = DNS:mail.example.test"],
                    ..LEAF
                },
            ],
            ..GOOD
        },
        good: GOOD,
        openssl_error: Some(62),
        refused: true,
    },
    Case {
        code: "ip-as-dns-name",
        variant: "",
        bad: Scene {
            certificates: &[
                ROOT,
                ISSUING,
                Certificate {
                    extensions: &[NO_CA, LEAF_USAGE, SERVER, SKI, AKI, "subjectAltName = DNS:192.0.2.7"],
                    ..LEAF_FOR_ADDRESS
                },
            ],
            ..GOOD_ADDRESS
        },
        good: GOOD_ADDRESS,
        openssl_error: Some(64),
        refused: true,
    },
    Case {
        code: "ip-not-covered",
        variant: "",
        bad: Scene { host: "192.0.2.7", ..GOOD },
        good: GOOD_ADDRESS,
        openssl_error: Some(64),
        refused: true,
    },
    Case {
        code: "expired",
        variant: "leaf",
        bad: Scene { certificates: &[ROOT, ISSUING, Certificate { days: (-100, -10), ..LEAF }], ..GOOD },
        good: GOOD,
        openssl_error: Some(10),
        refused: true,
    },
    Case {
        code: "expired",
        variant: "issuing CA",
        bad: Scene { certificates: &[ROOT, Certificate { days: (-700, -10), ..ISSUING }, LEAF], ..GOOD },
        good: GOOD,
        openssl_error: Some(10),
        refused: true,
    },
    Case {
        code: "not-yet-valid",
        variant: "",
        bad: Scene { certificates: &[ROOT, ISSUING, Certificate { days: (10, 100), ..LEAF }], ..GOOD },
        good: GOOD,
        openssl_error: Some(9),
        refused: true,
    },
    Case {
        code: "root-not-trusted",
        variant: "",
        bad: Scene {
            certificates: &[
                ROOT,
                ISSUING,
                LEAF,
                Certificate {
                    name: "other",
                    subject: "/O=Elsewhere/CN=Elsewhere Root CA",
                    key: "other",
                    issuer: "other",
                    ..ROOT
                },
            ],
            trust: &["other"],
            ..GOOD
        },
        good: GOOD,
        openssl_error: Some(20),
        refused: true,
    },
    Case {
        code: "root-regenerated",
        variant: "",
        bad: Scene {
            certificates: &[
                ROOT,
                LEAF_OF_ROOT,
                Certificate { name: "new-root", key: "new-root", issuer: "new-root", ..ROOT },
            ],
            trust: &["new-root"],
            ..GOOD_SHORT
        },
        good: GOOD_SHORT,
        openssl_error: Some(20),
        refused: true,
    },
    Case {
        code: "missing-intermediate",
        variant: "",
        bad: Scene { chain: &["leaf"], ..GOOD },
        good: GOOD,
        openssl_error: Some(20),
        refused: true,
    },
    Case {
        code: "self-signed-leaf",
        variant: "",
        bad: Scene {
            certificates: &[
                ROOT,
                Certificate { issuer: "leaf", extensions: &[NO_CA, LEAF_USAGE, SERVER, SKI, SAN], ..LEAF },
            ],
            ..GOOD_SHORT
        },
        good: GOOD_SHORT,
        openssl_error: Some(18),
        refused: true,
    },
    Case {
        code: "leaf-as-trust-anchor",
        variant: "",
        bad: Scene { trust: &["leaf"], ..GOOD_SHORT },
        good: GOOD_SHORT,
        openssl_error: Some(20),
        refused: true,
    },
    Case {
        code: "issuer-not-ca",
        variant: "",
        bad: Scene {
            certificates: &[ROOT, Certificate { extensions: &[NO_CA, SIGNS, SKI, AKI], ..ISSUING }, LEAF],
            ..GOOD
        },
        good: GOOD,
        openssl_error: Some(79),
        refused: true,
    },
    Case {
        code: "wrong-purpose",
        variant: "",
        bad: Scene {
            certificates: &[
                ROOT,
                ISSUING,
                Certificate {
                    extensions: &[NO_CA, LEAF_USAGE, "extendedKeyUsage = clientAuth", SKI, AKI, SAN],
                    ..LEAF
                },
            ],
            ..GOOD
        },
        good: GOOD,
        openssl_error: Some(26),
        refused: true,
    },
    Case {
        code: "key-mismatch",
        variant: "",
        // Not the issuing CA's key: that would be a mistake of its own.
        bad: Scene {
            certificates: &[ROOT, ISSUING, LEAF, Certificate { name: "other", key: "other", ..LEAF }],
            key: "other",
            ..GOOD
        },
        good: GOOD,
        // The key is no concern of `openssl verify`.
        openssl_error: None,
        refused: true,
    },
    Case {
        code: "chain-order",
        variant: "",
        bad: Scene { chain: &["issuing", "leaf"], ..GOOD },
        good: GOOD,
        // `openssl verify` looks at the first certificate: here a CA, which has no such host name.
        openssl_error: Some(62),
        refused: true,
    },
];
