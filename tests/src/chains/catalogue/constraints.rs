//! CA constraints.

use super::{
    AKI, AKI_BY_SERIAL, Case, Certificate, Change, GOOD, GOOD_SHORT, ISSUING, LEAF, LEAF_USAGE, MAY_ISSUE, NO_CA, ROOT,
    SAN, SERVER, SIGNS, SKI, Scene, invalid, valid,
};

const LONG_ENOUGH: &str = "basicConstraints = critical, CA:TRUE";
const NO_AKI: &str = "authorityKeyIdentifier = none";
const NO_SKI: &str = "subjectKeyIdentifier = none";
/// A private extension that nobody knows.
const PRIVATE: &str = "1.3.6.1.4.1.99999.1 = critical, ASN1:UTF8String:private";

/// The good scene with a root of these extensions.
macro_rules! root {
    ($($extension:expr),+) => {
        Scene { certificates: &[Certificate { extensions: &[$($extension),+], ..ROOT }, ISSUING, LEAF], ..GOOD }
    };
}

/// A leaf of an issuer without a key identifier.
const BY_SERIAL: Certificate =
    Certificate { extensions: &[NO_CA, LEAF_USAGE, SERVER, SKI, AKI_BY_SERIAL, SAN], ..LEAF };
const POLICY: Certificate = Certificate {
    name: "policy",
    subject: "/O=Example/CN=Example Policy CA",
    key: "policy",
    extensions: &[LONG_ENOUGH, SIGNS, SKI, AKI],
    ..ISSUING
};

pub(super) const CASES: &[Case] = &[
    invalid("issuer-not-ca", "issuing CA", Some(79), issuing!(NO_CA, SIGNS, SKI, AKI), GOOD),
    invalid("issuer-not-ca", "root", Some(79), root!(NO_CA, SIGNS, SKI), GOOD),
    invalid(
        "issuer-not-ca",
        "a server's certificate as issuer",
        Some(79),
        issuing!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, "subjectAltName = DNS:www.example.test"),
        GOOD,
    ),
    invalid("basic-constraints-missing", "issuing CA", Some(79), issuing!(SIGNS, SKI, AKI), GOOD),
    // keyCertSign is enough for OpenSSL to take a root for a CA.
    valid("basic-constraints-missing", "root", None, root!(SIGNS, SKI), GOOD),
    valid("basic-constraints-missing", "root without usage", Some(79), root!(SKI), GOOD),
    valid(
        "basic-constraints-not-critical",
        "issuing CA",
        None,
        issuing!("basicConstraints = CA:TRUE", SIGNS, SKI, AKI),
        GOOD,
    ),
    valid("basic-constraints-not-critical", "root", None, root!("basicConstraints = CA:TRUE", SIGNS, SKI), GOOD),
    invalid(
        "key-cert-sign-missing",
        "issuing CA",
        Some(32),
        issuing!(MAY_ISSUE, "keyUsage = critical, digitalSignature, cRLSign", SKI, AKI),
        GOOD,
    ),
    invalid(
        "key-cert-sign-missing",
        "root",
        Some(32),
        root!(LONG_ENOUGH, "keyUsage = critical, digitalSignature, cRLSign", SKI),
        GOOD,
    ),
    valid(
        "version-1",
        "root",
        None,
        Scene {
            certificates: &[
                Certificate { extensions: &[], ..ROOT },
                Certificate { extensions: &[MAY_ISSUE, SIGNS, SKI, AKI_BY_SERIAL], ..ISSUING },
                LEAF,
            ],
            ..GOOD
        },
        GOOD,
    ),
    invalid(
        "version-1",
        "issuing CA",
        Some(79),
        Scene { certificates: &[ROOT, Certificate { extensions: &[], ..ISSUING }, BY_SERIAL], ..GOOD },
        GOOD,
    ),
    invalid(
        "version-1",
        "leaf",
        None,
        Scene { certificates: &[ROOT, ISSUING, Certificate { extensions: &[], ..LEAF }], ..GOOD },
        GOOD,
    ),
    valid(
        "leaf-is-ca",
        "",
        None,
        Scene {
            certificates: &[
                ROOT,
                Certificate { extensions: &[LONG_ENOUGH, SIGNS, SKI, AKI], ..ISSUING },
                Certificate {
                    extensions: &[
                        LONG_ENOUGH,
                        "keyUsage = critical, digitalSignature, keyCertSign",
                        SERVER,
                        SKI,
                        AKI,
                        SAN,
                    ],
                    ..LEAF
                },
            ],
            ..GOOD
        },
        GOOD,
    ),
    valid(
        "leaf-is-ca",
        "below a CA that may have none below it",
        None,
        leaf!("basicConstraints = CA:TRUE", LEAF_USAGE, SERVER, SKI, AKI, SAN),
        GOOD,
    ),
    valid("leaf-is-ca", "that names no use", None, leaf!("basicConstraints = CA:TRUE", SKI, AKI, SAN), GOOD),
    invalid(
        "path-length-exceeded",
        "root",
        Some(25),
        root!("basicConstraints = critical, CA:TRUE, pathlen:0", SIGNS, SKI),
        GOOD,
    ),
    invalid(
        "path-length-exceeded",
        "issuing CA",
        Some(25),
        Scene {
            certificates: &[
                ROOT,
                Certificate { extensions: &[MAY_ISSUE, SIGNS, SKI, AKI], ..POLICY },
                Certificate { issuer: "policy", ..ISSUING },
                LEAF,
            ],
            chain: &["leaf", "issuing", "policy"],
            ..GOOD
        },
        Scene {
            certificates: &[ROOT, POLICY, Certificate { issuer: "policy", ..ISSUING }, LEAF],
            chain: &["leaf", "issuing", "policy"],
            ..GOOD
        },
    ),
    invalid(
        "name-constraint-violated",
        "not permitted",
        Some(47),
        issuing!(MAY_ISSUE, SIGNS, SKI, AKI, "nameConstraints = critical, permitted;DNS:corp.test"),
        issuing!(MAY_ISSUE, SIGNS, SKI, AKI, "nameConstraints = critical, permitted;DNS:example.test"),
    ),
    invalid(
        "name-constraint-violated",
        "excluded",
        Some(48),
        issuing!(MAY_ISSUE, SIGNS, SKI, AKI, "nameConstraints = critical, excluded;DNS:example.test"),
        issuing!(MAY_ISSUE, SIGNS, SKI, AKI, "nameConstraints = critical, excluded;DNS:other.test"),
    ),
    invalid(
        "name-constraint-violated",
        "by the root",
        Some(47),
        root!(LONG_ENOUGH, SIGNS, SKI, "nameConstraints = critical, permitted;DNS:corp.test"),
        root!(LONG_ENOUGH, SIGNS, SKI, "nameConstraints = critical, permitted;DNS:example.test"),
    ),
    invalid(
        "issuer-purpose",
        "issuing CA",
        Some(26),
        issuing!(MAY_ISSUE, SIGNS, SKI, AKI, "extendedKeyUsage = clientAuth"),
        issuing!(MAY_ISSUE, SIGNS, SKI, AKI, "extendedKeyUsage = serverAuth, clientAuth"),
    ),
    invalid(
        "issuer-purpose",
        "root",
        Some(26),
        root!(LONG_ENOUGH, SIGNS, SKI, "extendedKeyUsage = clientAuth"),
        root!(LONG_ENOUGH, SIGNS, SKI, "extendedKeyUsage = serverAuth"),
    ),
    valid(
        "issuer-purpose",
        "any purpose",
        Some(26),
        issuing!(MAY_ISSUE, SIGNS, SKI, AKI, "extendedKeyUsage = anyExtendedKeyUsage"),
        issuing!(MAY_ISSUE, SIGNS, SKI, AKI, "extendedKeyUsage = serverAuth, clientAuth"),
    ),
    valid(
        "unknown-critical-extension",
        "policies, which some do not understand",
        None,
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, "certificatePolicies = critical, 1.3.6.1.4.1.99999.7"),
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, "certificatePolicies = 1.3.6.1.4.1.99999.7"),
    ),
    valid(
        "unknown-critical-extension",
        "limits of policies, which some do not understand",
        None,
        Scene {
            certificates: &[
                ROOT,
                Certificate {
                    extensions: &[
                        MAY_ISSUE,
                        SIGNS,
                        SKI,
                        AKI,
                        "certificatePolicies = 1.3.6.1.4.1.99999.7",
                        "policyConstraints = critical, requireExplicitPolicy:0",
                        "inhibitAnyPolicy = critical, 0",
                    ],
                    ..ISSUING
                },
                Certificate {
                    extensions: &[
                        NO_CA,
                        LEAF_USAGE,
                        SERVER,
                        SKI,
                        AKI,
                        SAN,
                        "certificatePolicies = 1.3.6.1.4.1.99999.7",
                    ],
                    ..LEAF
                },
            ],
            ..GOOD
        },
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, "certificatePolicies = 1.3.6.1.4.1.99999.7"),
    ),
    // OpenSSL looks at policies only where it is asked to (-policy_check).
    invalid(
        "policy-violated",
        "",
        None,
        issuing!(MAY_ISSUE, SIGNS, SKI, AKI, "policyConstraints = critical, requireExplicitPolicy:0"),
        GOOD,
    ),
    valid("aki-missing", "leaf", None, leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, NO_AKI, SAN), GOOD),
    valid("aki-missing", "issuing CA", None, issuing!(MAY_ISSUE, SIGNS, SKI, NO_AKI), GOOD),
    valid(
        "ski-missing",
        "issuing CA",
        None,
        Scene {
            certificates: &[ROOT, Certificate { extensions: &[MAY_ISSUE, SIGNS, NO_SKI, AKI], ..ISSUING }, BY_SERIAL],
            ..GOOD
        },
        GOOD,
    ),
    valid(
        "ski-missing",
        "root",
        None,
        Scene {
            certificates: &[
                Certificate { extensions: &[LONG_ENOUGH, SIGNS, NO_SKI], ..ROOT },
                Certificate { issuer: "root", ..BY_SERIAL },
            ],
            ..GOOD_SHORT
        },
        GOOD_SHORT,
    ),
    invalid(
        "aki-mismatch",
        "key identifier",
        Some(20),
        leaf!(
            NO_CA,
            LEAF_USAGE,
            SERVER,
            SKI,
            SAN,
            "2.5.29.35 = DER:30:16:80:14:00:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f:10:11:12:13"
        ),
        GOOD,
    ),
    invalid(
        "aki-mismatch",
        "issuer and serial number",
        Some(20),
        // authorityCertIssuer (directoryName, an empty one) and authorityCertSerialNumber 5.
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, SAN, "2.5.29.35 = DER:30:09:a1:04:a4:02:30:00:82:01:05"),
        GOOD,
    ),
    valid(
        "aki-mismatch",
        "the root names another than itself",
        Some(2),
        root!(
            LONG_ENOUGH,
            SIGNS,
            SKI,
            "2.5.29.35 = DER:30:16:80:14:00:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f:10:11:12:13"
        ),
        GOOD,
    ),
    invalid(
        "unknown-critical-extension",
        "where delta lists are",
        Some(34),
        leaf!(
            NO_CA,
            LEAF_USAGE,
            SERVER,
            SKI,
            AKI,
            SAN,
            "freshestCRL = critical, URI:http://crl.example.test/delta.crl"
        ),
        GOOD,
    ),
    valid(
        "unknown-critical-extension",
        "where lists are",
        None,
        leaf!(
            NO_CA,
            LEAF_USAGE,
            SERVER,
            SKI,
            AKI,
            SAN,
            "crlDistributionPoints = critical, URI:http://crl.example.test/list.crl"
        ),
        GOOD,
    ),
    valid(
        "leaf-is-ca",
        "with a path length and without keyCertSign",
        None,
        leaf!("basicConstraints = critical, CA:TRUE, pathlen:0", LEAF_USAGE, SERVER, SKI, AKI, SAN),
        GOOD,
    ),
    valid(
        "path-length-exceeded",
        "by a CA's new key under its old name, which does not count",
        None,
        Scene {
            certificates: &[
                ROOT,
                ISSUING,
                Certificate {
                    name: "renewed",
                    key: "renewed",
                    issuer: "issuing",
                    extensions: &[MAY_ISSUE, SIGNS, SKI, AKI],
                    ..ISSUING
                },
                Certificate { issuer: "renewed", ..LEAF },
            ],
            chain: &["leaf", "renewed", "issuing"],
            ..GOOD
        },
        GOOD,
    ),
    // permitted;dirName: CN=app.example.test, which the leaf's subject is.
    valid(
        "name-constraint-support",
        "a directory name",
        None,
        issuing!(
            MAY_ISSUE,
            SIGNS,
            SKI,
            AKI,
            "2.5.29.30 = critical, DER:30:23:a0:21:30:1f:a4:1d:30:1b:31:19:30:17:06:03:55:04:03:0c:10:61:70:70:2e:65:78:61:6d:70:6c:65:2e:74:65:73:74"
        ),
        GOOD,
    ),
    invalid(
        "unknown-critical-extension",
        "leaf",
        Some(34),
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, PRIVATE),
        GOOD,
    ),
    invalid("unknown-critical-extension", "issuing CA", Some(34), issuing!(MAY_ISSUE, SIGNS, SKI, AKI, PRIVATE), GOOD),
    invalid("unknown-critical-extension", "root", Some(34), root!(LONG_ENOUGH, SIGNS, SKI, PRIVATE), GOOD),
    invalid(
        "extension-malformed",
        "SAN",
        Some(20),
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, "2.5.29.17 = DER:04:02:01:02"),
        GOOD,
    ),
    valid("key-cert-sign-missing", "no key usage", None, root!(LONG_ENOUGH, SKI), GOOD),
    valid(
        "extension-not-allowed",
        "keyCertSign of a leaf",
        None,
        leaf!(NO_CA, "keyUsage = critical, digitalSignature, keyCertSign", SERVER, SKI, AKI, SAN),
        GOOD,
    ),
    valid(
        "extension-criticality",
        "subjectKeyIdentifier",
        Some(34),
        issuing!(MAY_ISSUE, SIGNS, "subjectKeyIdentifier = critical, hash", AKI),
        GOOD,
    ),
    invalid(
        "extension-malformed",
        "empty SAN",
        // The common name has the host, and OpenSSL still looks there.
        None,
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, "2.5.29.17 = DER:30:00"),
        GOOD,
    ),
    invalid(
        "extension-malformed",
        "a purpose that is none",
        Some(20),
        leaf!(NO_CA, LEAF_USAGE, "2.5.29.37 = DER:30:03:02:01:01", SKI, AKI, SAN),
        GOOD,
    ),
    invalid(
        "extension-malformed",
        "basicConstraints of the issuing CA",
        Some(20),
        issuing!("2.5.29.19 = critical, DER:30:03:04:01:ff", SIGNS, SKI, AKI),
        GOOD,
    ),
    invalid(
        "extension-malformed",
        "key usage",
        Some(20),
        leaf!(NO_CA, "2.5.29.15 = critical, DER:04:02:01:02", SERVER, SKI, AKI, SAN),
        GOOD,
    ),
    invalid(
        "extension-malformed",
        "key usage of the issuing CA",
        Some(20),
        issuing!(MAY_ISSUE, "2.5.29.15 = critical, DER:04:04:03:02:07:80", SKI, AKI),
        GOOD,
    ),
    invalid(
        "extension-malformed",
        "no purpose",
        Some(26),
        leaf!(NO_CA, LEAF_USAGE, "2.5.29.37 = DER:30:00", SKI, AKI, SAN),
        GOOD,
    ),
    invalid(
        "extension-malformed",
        "no purpose of the issuing CA",
        Some(26),
        issuing!(MAY_ISSUE, SIGNS, SKI, AKI, "2.5.29.37 = DER:30:00"),
        GOOD,
    ),
    invalid(
        "extension-malformed",
        "SAN of the issuing CA",
        Some(20),
        issuing!(MAY_ISSUE, SIGNS, SKI, AKI, "2.5.29.17 = DER:04:03:61:62:63"),
        GOOD,
    ),
    invalid(
        "extension-malformed",
        "authorityKeyIdentifier",
        Some(20),
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, "2.5.29.35 = DER:04:02:01:02", SAN),
        GOOD,
    ),
    invalid(
        "extension-malformed",
        "Netscape's certificate type",
        Some(20),
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, "nsCertType = DER:30:00"),
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, "nsCertType = server"),
    ),
    invalid(
        "extension-malformed",
        "no policy",
        // Chromium alone reads so closely.
        None,
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, "certificatePolicies = DER:30:00"),
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, "certificatePolicies = 1.2.3.4"),
    ),
    invalid(
        "extension-malformed",
        "a policy twice",
        None,
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, "certificatePolicies = 1.2.3.4, 1.2.3.4"),
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, "certificatePolicies = 1.2.3.4, 1.2.3.5"),
    ),
    invalid(
        "extension-malformed",
        "a limit of policies below zero",
        None,
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, "inhibitAnyPolicy = critical, DER:02:01:ff"),
        GOOD,
    ),
    invalid(
        "extension-malformed",
        "no limit of policies",
        None,
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, "policyConstraints = critical, DER:30:00"),
        GOOD,
    ),
    valid(
        "extension-malformed",
        "signed timestamps",
        None,
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, "1.3.6.1.4.1.11129.2.4.2 = DER:04:04:00:05:00:01"),
        // None at all is in order.
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, "1.3.6.1.4.1.11129.2.4.2 = DER:04:02:00:00"),
    ),
    invalid(
        "extension-malformed",
        "an empty one of a leaf",
        None,
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, "nameConstraints = DER:30:00"),
        GOOD,
    ),
    valid(
        "unknown-critical-extension",
        "a limit of policies of a leaf",
        None,
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, "inhibitAnyPolicy = critical, 3"),
        GOOD,
    ),
    invalid(
        "unknown-critical-extension",
        "Netscape's certificate type",
        None,
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, "nsCertType = critical, server"),
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, "nsCertType = server"),
    ),
    invalid(
        "unknown-critical-extension",
        "a proxy certificate's sign",
        Some(20),
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, "proxyCertInfo = critical, language:id-ppl-anyLanguage"),
        GOOD,
    ),
    invalid(
        "extension-malformed",
        "authorityInfoAccess",
        // It is for those who fetch what it names.
        None,
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, "1.3.6.1.5.5.7.1.1 = DER:04:00"),
        GOOD,
    ),
    invalid(
        "key-cert-sign-missing",
        "no use at all",
        Some(20),
        issuing!(MAY_ISSUE, "2.5.29.15 = critical, DER:03:02:07:00", SKI, AKI),
        GOOD,
    ),
    invalid(
        "extension-malformed",
        "nothing",
        None,
        issuing!(MAY_ISSUE, SIGNS, SKI, AKI, "2.5.29.30 = critical, DER:30:00"),
        GOOD,
    ),
    invalid(
        "name-constraint-violated",
        "of a URI by the root",
        Some(47),
        Scene {
            certificates: &[
                Certificate {
                    extensions: &[LONG_ENOUGH, SIGNS, SKI, "nameConstraints = critical, permitted;URI:.example.com"],
                    ..ROOT
                },
                ISSUING,
                Certificate {
                    extensions: &[
                        NO_CA,
                        LEAF_USAGE,
                        SERVER,
                        SKI,
                        AKI,
                        "subjectAltName = DNS:app.example.test, URI:spiffe://a.example.org/web",
                    ],
                    ..LEAF
                },
            ],
            ..GOOD
        },
        GOOD,
    ),
    // What a program makes that leaves the version at its default: OpenSSL reads its extensions all the same.
    invalid(
        "version-1",
        "a leaf with extensions",
        None,
        Scene { certificates: &[ROOT, ISSUING, Certificate { change: Change::Version(0), ..LEAF }], ..GOOD },
        GOOD,
    ),
    invalid(
        "version-1",
        "an issuing CA with extensions",
        None,
        Scene { certificates: &[ROOT, Certificate { change: Change::Version(1), ..ISSUING }, LEAF], ..GOOD },
        GOOD,
    ),
    valid(
        "version-1",
        "a root with extensions",
        None,
        Scene { certificates: &[Certificate { change: Change::Version(0), ..ROOT }, ISSUING, LEAF], ..GOOD },
        GOOD,
    ),
    invalid(
        "certificate-corrupt",
        "a version that nobody has defined",
        None,
        Scene { certificates: &[ROOT, ISSUING, Certificate { change: Change::Version(3), ..LEAF }], ..GOOD },
        GOOD,
    ),
];
