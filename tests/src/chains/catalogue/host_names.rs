//! Names of hosts.

use super::{
    AKI, Case, Certificate, GOOD, GOOD_ADDRESS, ISSUING, LEAF, LEAF_FOR_ADDRESS, LEAF_USAGE, NO_CA, ROOT, SAN, SERVER,
    SKI, Scene, invalid, valid,
};

/// A leaf whose SAN is this.
macro_rules! names {
    ($san:literal) => {
        Certificate { extensions: &[NO_CA, LEAF_USAGE, SERVER, SKI, AKI, $san], ..LEAF }
    };
}

/// The good scene with a leaf whose SAN is this, asked for by that host.
macro_rules! asked {
    ($host:literal, $san:literal) => {
        Scene { certificates: &[ROOT, ISSUING, names!($san)], host: $host, ..GOOD }
    };
}

/// The good scene with a leaf of this subject, and no SAN.
macro_rules! named {
    ($subject:literal) => {
        Scene {
            certificates: &[ROOT, ISSUING, Certificate { subject: $subject, extensions: WITHOUT_SAN, ..LEAF }],
            ..GOOD
        }
    };
}

const WITHOUT_SAN: &[&str] = &[NO_CA, LEAF_USAGE, SERVER, SKI, AKI];

pub(super) const CASES: &[Case] = &[
    // OpenSSL still falls back to the common name, as browsers have not done for years.
    invalid(
        "no-san",
        "",
        None,
        Scene { certificates: &[ROOT, ISSUING, Certificate { extensions: WITHOUT_SAN, ..LEAF }], ..GOOD },
        GOOD,
    ),
    invalid(
        "no-san",
        "the common name is another host",
        Some(62),
        Scene {
            certificates: &[
                ROOT,
                ISSUING,
                Certificate { subject: "/CN=mail.example.test", extensions: WITHOUT_SAN, ..LEAF },
            ],
            ..GOOD
        },
        GOOD,
    ),
    invalid(
        "no-san",
        "several common names, the last of them the host",
        None,
        named!("/CN=other/CN=app.example.test"),
        GOOD,
    ),
    invalid(
        "no-san",
        "several common names, the first of them the host",
        None,
        named!("/CN=app.example.test/CN=other"),
        GOOD,
    ),
    invalid("name-mismatch", "", Some(62), asked!("app.example.test", "subjectAltName = DNS:mail.example.test"), GOOD),
    invalid(
        "name-mismatch",
        "the SAN has an address only",
        None,
        asked!("app.example.test", "subjectAltName = IP:192.0.2.7"),
        GOOD,
    ),
    invalid(
        "ip-as-dns-name",
        "",
        Some(64),
        Scene {
            certificates: &[
                ROOT,
                ISSUING,
                Certificate {
                    extensions: &[NO_CA, LEAF_USAGE, SERVER, SKI, AKI, "subjectAltName = DNS:127.0.0.1"],
                    ..LEAF_FOR_ADDRESS
                },
            ],
            ..GOOD_ADDRESS
        },
        GOOD_ADDRESS,
    ),
    invalid(
        "ip-in-common-name",
        "without SAN",
        Some(64),
        Scene {
            certificates: &[
                ROOT,
                ISSUING,
                Certificate { subject: "/CN=127.0.0.1", extensions: WITHOUT_SAN, ..LEAF_FOR_ADDRESS },
            ],
            ..GOOD_ADDRESS
        },
        GOOD_ADDRESS,
    ),
    invalid(
        "ip-in-common-name",
        "beside a SAN with a name",
        Some(64),
        Scene {
            certificates: &[
                ROOT,
                ISSUING,
                Certificate {
                    subject: "/CN=127.0.0.1",
                    extensions: &[NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN],
                    ..LEAF_FOR_ADDRESS
                },
            ],
            ..GOOD_ADDRESS
        },
        GOOD_ADDRESS,
    ),
    invalid("ip-not-covered", "", Some(64), Scene { host: "127.0.0.1", ..GOOD }, GOOD_ADDRESS),
    invalid(
        "ip-not-covered",
        "another address",
        Some(64),
        asked!("127.0.0.1", "subjectAltName = IP:192.0.2.8, DNS:app.example.test"),
        GOOD_ADDRESS,
    ),
    invalid(
        "ip-not-covered",
        "the address in one of IPv6",
        Some(64),
        asked!("127.0.0.1", "subjectAltName = IP:::ffff:127.0.0.1, DNS:app.example.test"),
        GOOD_ADDRESS,
    ),
    invalid(
        "wildcard-scope",
        "two labels",
        Some(62),
        asked!("a.app.example.test", "subjectAltName = DNS:*.example.test"),
        asked!("app.example.test", "subjectAltName = DNS:*.example.test"),
    ),
    invalid(
        "wildcard-scope",
        "the bare domain",
        Some(62),
        asked!("example.test", "subjectAltName = DNS:*.example.test"),
        asked!("example.test", "subjectAltName = DNS:*.example.test, DNS:example.test"),
    ),
    invalid("wildcard-malformed", "twice", Some(62), asked!("app.example.test", "subjectAltName = DNS:*.*.test"), GOOD),
    // OpenSSL, Python and GnuTLS still read a wildcard at the beginning or the end of a label.
    invalid(
        "wildcard-malformed",
        "the first part of a label",
        None,
        asked!("app.example.test", "subjectAltName = DNS:a*.example.test"),
        GOOD,
    ),
    invalid(
        "wildcard-malformed",
        "the last part of a label",
        None,
        asked!("app.example.test", "subjectAltName = DNS:*pp.example.test"),
        GOOD,
    ),
    invalid(
        "wildcard-malformed",
        "inside a label",
        Some(62),
        asked!("app.example.test", "subjectAltName = DNS:a*p.example.test"),
        GOOD,
    ),
    invalid(
        "wildcard-malformed",
        "not leftmost",
        Some(62),
        asked!("app.example.test", "subjectAltName = DNS:app.*.test"),
        GOOD,
    ),
    invalid(
        "wildcard-malformed",
        "the last label",
        Some(62),
        asked!("app.example.test", "subjectAltName = DNS:app.example.*"),
        GOOD,
    ),
    invalid(
        "wildcard-malformed",
        "two asterisks in one label",
        Some(62),
        asked!("app.example.test", "subjectAltName = DNS:**.example.test"),
        GOOD,
    ),
    invalid(
        "wildcard-malformed",
        "alone",
        Some(62),
        asked!("app", "subjectAltName = DNS:*"),
        asked!("app", "subjectAltName = DNS:app"),
    ),
    invalid(
        "wildcard-malformed",
        "alone, for a host of several labels",
        Some(62),
        asked!("app.example.test", "subjectAltName = DNS:*"),
        GOOD,
    ),
    invalid(
        "wildcard-too-broad",
        "a top-level name",
        Some(62),
        asked!("app.com", "subjectAltName = DNS:*.com"),
        asked!("app.com", "subjectAltName = DNS:app.com"),
    ),
    valid(
        "wildcard-too-broad",
        "a public suffix of two labels",
        None,
        asked!("app.co.uk", "subjectAltName = DNS:*.co.uk"),
        asked!("app.co.uk", "subjectAltName = DNS:app.co.uk"),
    ),
    valid(
        "wildcard-too-broad",
        "the suffix of a company",
        None,
        asked!("app.github.io", "subjectAltName = DNS:*.github.io"),
        asked!("app.github.io", "subjectAltName = DNS:app.github.io"),
    ),
    invalid(
        "san-malformed",
        "a space within",
        Some(62),
        asked!("app.example.test", "subjectAltName = DNS:app .example.test"),
        GOOD,
    ),
    invalid(
        "san-malformed",
        "a label of nothing",
        Some(62),
        asked!("app.example.test", "subjectAltName = DNS:app..example.test"),
        GOOD,
    ),
    invalid(
        "san-malformed",
        "a name of no host at all",
        Some(62),
        asked!("app.example.test", "subjectAltName = DNS:web server (new)"),
        GOOD,
    ),
    invalid(
        "san-malformed",
        "trailing dot, asked for with one",
        None,
        asked!("app.example.test.", "subjectAltName = DNS:app.example.test."),
        GOOD,
    ),
    invalid(
        "ip-as-dns-name",
        "in brackets",
        Some(64),
        asked!("127.0.0.1", "subjectAltName = DNS:[127.0.0.1]"),
        GOOD_ADDRESS,
    ),
    invalid(
        "san-malformed",
        "port",
        Some(62),
        asked!("app.example.test", "subjectAltName = DNS:app.example.test:8443"),
        GOOD,
    ),
    valid(
        "san-malformed",
        "an empty name beside the right one",
        None,
        // GnuTLS reads none of it.
        asked!("app.example.test", "2.5.29.17 = DER:30:14:82:00:82:10:61:70:70:2e:65:78:61:6d:70:6c:65:2e:74:65:73:74"),
        GOOD,
    ),
    valid(
        "san-malformed",
        "raw Unicode beside the right one",
        None,
        asked!(
            "app.example.test",
            "2.5.29.17 = DER:30:1d:82:10:61:70:70:2e:65:78:61:6d:70:6c:65:2e:74:65:73:74:82:09:62:c3:bc:2e:74:65:73:74:61"
        ),
        GOOD,
    ),
    invalid(
        "san-malformed",
        "URL",
        Some(62),
        asked!("app.example.test", "subjectAltName = DNS:https\\://app.example.test/"),
        GOOD,
    ),
    invalid(
        "san-malformed",
        "URI entry",
        None,
        asked!("app.example.test", "subjectAltName = URI:https\\://app.example.test/"),
        GOOD,
    ),
    invalid(
        "san-malformed",
        "leading space",
        Some(62),
        // A SEQUENCE of one dNSName: openssl's own spelling drops the space.
        asked!("app.example.test", "2.5.29.17 = DER:30:13:82:11:20:61:70:70:2e:65:78:61:6d:70:6c:65:2e:74:65:73:74"),
        GOOD,
    ),
    invalid(
        "san-malformed",
        "trailing dot",
        Some(62),
        asked!("app.example.test", "subjectAltName = DNS:app.example.test."),
        GOOD,
    ),
    invalid(
        "san-malformed",
        "wildcard with a trailing dot",
        Some(62),
        asked!("app.example.test", "subjectAltName = DNS:*.example.test."),
        GOOD,
    ),
    invalid(
        "san-malformed",
        "NUL",
        Some(62),
        // `app.example.test`, a NUL, and `.x`.
        asked!(
            "app.example.test",
            "2.5.29.17 = DER:30:15:82:13:61:70:70:2e:65:78:61:6d:70:6c:65:2e:74:65:73:74:00:2e:78"
        ),
        GOOD,
    ),
    invalid(
        "san-malformed",
        "Latin-1",
        Some(62),
        asked!("xn--bcher-kva.test", "2.5.29.17 = DER:30:0d:82:0b:62:fc:63:68:65:72:2e:74:65:73:74"),
        asked!("xn--bcher-kva.test", "subjectAltName = DNS:xn--bcher-kva.test"),
    ),
    invalid(
        "san-malformed",
        "raw Unicode",
        Some(62),
        asked!("xn--bcher-kva.example.test", "subjectAltName = DNS:b\u{fc}cher.example.test"),
        asked!("xn--bcher-kva.example.test", "subjectAltName = DNS:xn--bcher-kva.example.test"),
    ),
    invalid(
        "san-malformed",
        "all names in one entry",
        Some(62),
        asked!(
            "app.example.test",
            "2.5.29.17 = DER:30:24:82:22:61:70:70:2e:65:78:61:6d:70:6c:65:2e:74:65:73:74:2c:6d:61:69:6c:2e:65:78:61:6d:70:6c:65:2e:74:65:73:74"
        ),
        GOOD,
    ),
    valid("host-trailing-dot", "", Some(62), Scene { host: "app.example.test.", ..GOOD }, GOOD),
    valid(
        "host-underscore",
        "",
        None,
        asked!("my_app.example.test", "subjectAltName = DNS:my_app.example.test"),
        asked!("my-app.example.test", "subjectAltName = DNS:my-app.example.test"),
    ),
    valid(
        "host-underscore",
        "by a wildcard",
        Some(62),
        asked!("my_app.example.test", "subjectAltName = DNS:*.example.test"),
        asked!("my-app.example.test", "subjectAltName = DNS:*.example.test"),
    ),
];
