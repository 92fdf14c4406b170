//! The scenes, a row a code and variant, a file a section of the findings. Each bad scene differs from its good one in
//! its mistake alone.

/// The good scene with an issuing CA of these extensions.
macro_rules! issuing {
    ($($extension:expr),+) => {
        Scene { certificates: &[ROOT, Certificate { extensions: &[$($extension),+], ..ISSUING }, LEAF], ..GOOD }
    };
}

/// The good scene with a leaf of these extensions.
macro_rules! leaf {
    ($($extension:expr),+) => {
        Scene { certificates: &[ROOT, ISSUING, Certificate { extensions: &[$($extension),+], ..LEAF }], ..GOOD }
    };
}

mod constraints;
mod extensions;
mod host_names;
mod issuer_names;
mod keys;
mod pairs;
mod revocation;
mod time;
mod trust;
mod usage;

use std::sync::LazyLock;

use super::{Case, Certificate, Change, HOST, Scene};

/// Every code that certificates, their keys and revocation lists can show, once or in its variants.
pub static CATALOGUE: LazyLock<Vec<Case>> = LazyLock::new(|| {
    [
        issuer_names::CASES,
        host_names::CASES,
        time::CASES,
        trust::CASES,
        constraints::CASES,
        extensions::CASES,
        usage::CASES,
        keys::CASES,
        revocation::CASES,
        pairs::CASES,
    ]
    .concat()
});

/// A scene that is invalid for this code.
const fn invalid(code: &'static str, variant: &'static str, openssl: Option<u32>, bad: Scene, good: Scene) -> Case {
    Case { code, variant, bad, good, openssl_error: openssl, refused: true }
}

/// A scene in which the code is seen, and which is valid.
const fn valid(code: &'static str, variant: &'static str, openssl: Option<u32>, bad: Scene, good: Scene) -> Case {
    Case { code, variant, bad, good, openssl_error: openssl, refused: false }
}

const MAY_ISSUE: &str = "basicConstraints = critical, CA:TRUE, pathlen:0";
const SIGNS: &str = "keyUsage = critical, keyCertSign, cRLSign";
const SKI: &str = "subjectKeyIdentifier = hash";
const AKI: &str = "authorityKeyIdentifier = keyid:always";
/// All that can be said of an issuer which has no key identifier.
const AKI_BY_SERIAL: &str = "authorityKeyIdentifier = issuer:always";
const LEAF_USAGE: &str = "keyUsage = critical, digitalSignature";
const NO_CA: &str = "basicConstraints = critical, CA:FALSE";
const SERVER: &str = "extendedKeyUsage = serverAuth";
const SAN: &str = "subjectAltName = DNS:app.example.test";
const P256: &[&str] = &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
const P384: &[&str] = &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"];
/// Two years back and ten ahead: no certificate of a good scene ends or begins near the day of the test.
const LONG: (i64, i64) = (-730, 3650);

const ROOT: Certificate = Certificate {
    name: "root",
    subject: "/O=Example/CN=Example Root CA",
    key: "root",
    issuer: "root",
    extensions: &["basicConstraints = critical, CA:TRUE", SIGNS, SKI],
    days: LONG,
    kind: P256,
    digest: "sha256",
    signing: &[],
    serial: None,
    strings: "utf8only",
    change: Change::None,
};

const ISSUING: Certificate = Certificate {
    name: "issuing",
    subject: "/O=Example/CN=Example Issuing CA",
    key: "issuing",
    issuer: "root",
    extensions: &["basicConstraints = critical, CA:TRUE, pathlen:0", SIGNS, SKI, AKI],
    ..ROOT
};

const LEAF: Certificate = Certificate {
    name: "leaf",
    subject: "/CN=app.example.test",
    key: "leaf",
    issuer: "issuing",
    extensions: &[NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN],
    days: (-1, 90),
    ..ROOT
};

const LEAF_FOR_ADDRESS: Certificate = Certificate {
    subject: "/O=Example/CN=gateway",
    extensions: &[NO_CA, LEAF_USAGE, SERVER, SKI, AKI, "subjectAltName = IP:127.0.0.1"],
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
    client: false,
    crl: None,
};

/// Another CA's chain, of other names, other times and another kind of key.
pub const OTHER: Scene = Scene {
    certificates: &[
        Certificate { subject: "/O=Other/CN=Other Root CA", days: (-700, 3000), kind: P384, ..ROOT },
        Certificate { subject: "/O=Other/CN=Other Issuing CA", days: (-700, 3000), kind: P384, ..ISSUING },
        Certificate {
            subject: "/CN=other.example.test",
            extensions: &[
                NO_CA,
                "keyUsage = critical, keyEncipherment",
                "extendedKeyUsage = clientAuth",
                SKI,
                AKI,
                "subjectAltName = DNS:other.example.test",
            ],
            days: (-2, 80),
            kind: P384,
            ..LEAF
        },
    ],
    ..GOOD
};

/// The same with a leaf straight below the root.
const GOOD_SHORT: Scene = Scene { certificates: &[ROOT, LEAF_OF_ROOT], chain: &["leaf"], ..GOOD };

/// The same, asked for by address.
const GOOD_ADDRESS: Scene = Scene { certificates: &[ROOT, ISSUING, LEAF_FOR_ADDRESS], host: "127.0.0.1", ..GOOD };

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
            ..LEAF
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
