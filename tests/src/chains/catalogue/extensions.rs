//! Extensions as their octets are, and constraints and features that some clients alone heed.

use super::{
    AKI, Case, Certificate, Change, GOOD, ISSUING, LEAF, LEAF_USAGE, MAY_ISSUE, NO_CA, ROOT, SAN, SERVER, SIGNS, SKI,
    Scene, invalid, valid,
};

/// The good scene with an issuing CA of this constraint, and a leaf with this name besides its own.
macro_rules! constrained {
    ($constraint:literal, $name:literal) => {
        Scene {
            certificates: &[
                ROOT,
                Certificate {
                    extensions: &[MAY_ISSUE, SIGNS, SKI, AKI, concat!("nameConstraints = critical, ", $constraint)],
                    ..ISSUING
                },
                Certificate {
                    extensions: &[
                        NO_CA,
                        LEAF_USAGE,
                        SERVER,
                        SKI,
                        AKI,
                        concat!("subjectAltName = DNS:app.example.test, ", $name),
                    ],
                    ..LEAF
                },
            ],
            ..GOOD
        }
    };
}

pub(super) const CASES: &[Case] = &[
    valid(
        "name-constraint-support",
        "a URI",
        None,
        constrained!("permitted;URI:.example.test", "URI:spiffe://a.example.test/web"),
        GOOD,
    ),
    valid(
        "name-constraint-support",
        "a URI that is not excluded",
        None,
        constrained!("excluded;URI:.example.com", "URI:spiffe://a.example.test/web"),
        GOOD,
    ),
    valid(
        "name-constraint-support",
        "a mailbox",
        None,
        constrained!("permitted;email:example.test", "email:alice@example.test"),
        GOOD,
    ),
    valid(
        "name-constraint-support",
        "a kind that hardly anybody knows",
        None,
        constrained!("permitted;RID:1.2.3.4", "URI:spiffe://a.example.test/web"),
        GOOD,
    ),
    valid(
        "extension-malformed",
        "a URL that excludes nothing",
        None,
        constrained!("excluded;URI:spiffe://a.example.com/", "email:alice@example.test"),
        GOOD,
    ),
    invalid(
        "name-constraint-violated",
        "a URI by a URL",
        Some(47),
        constrained!("permitted;URI:spiffe://a.example.test/", "URI:spiffe://a.example.test/web"),
        GOOD,
    ),
    invalid(
        "name-constraint-violated",
        "a URI that is excluded",
        Some(48),
        constrained!("excluded;URI:.example.test", "URI:spiffe://a.example.test/web"),
        GOOD,
    ),
    invalid(
        "name-constraint-violated",
        "a registered ID",
        Some(51),
        constrained!("permitted;RID:1.2.3.4", "RID:1.2.3.4"),
        GOOD,
    ),
    valid(
        "staple-missing",
        "",
        None,
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, "tlsfeature = status_request"),
        GOOD,
    ),
    // A SEQUENCE with app.example.test as dNSName, and a NULL behind it.
    invalid(
        "extension-malformed",
        "octets behind the SAN",
        None,
        leaf!(
            NO_CA,
            LEAF_USAGE,
            SERVER,
            SKI,
            AKI,
            "2.5.29.17 = DER:30:12:82:10:61:70:70:2e:65:78:61:6d:70:6c:65:2e:74:65:73:74:05:00"
        ),
        GOOD,
    ),
    invalid(
        "extension-malformed",
        "octets behind the purposes",
        None,
        leaf!(NO_CA, LEAF_USAGE, "2.5.29.37 = DER:30:0a:06:08:2b:06:01:05:05:07:03:01:05:00", SKI, AKI, SAN),
        GOOD,
    ),
    invalid(
        "extension-malformed",
        "octets behind the basicConstraints of the issuing CA",
        None,
        issuing!("2.5.29.19 = critical, DER:30:06:01:01:ff:02:01:00:05:00", SIGNS, SKI, AKI),
        GOOD,
    ),
    invalid(
        "extension-malformed",
        "a minimum",
        Some(49),
        issuing!(
            MAY_ISSUE,
            SIGNS,
            SKI,
            AKI,
            "nameConstraints = critical, DER:30:15:a0:13:30:11:82:0c:65:78:61:6d:70:6c:65:2e:74:65:73:74:80:01:01"
        ),
        issuing!(MAY_ISSUE, SIGNS, SKI, AKI, "nameConstraints = critical, permitted;DNS:example.test"),
    ),
    invalid(
        "policy-violated",
        "any policy is mapped",
        None,
        issuing!(
            MAY_ISSUE,
            SIGNS,
            SKI,
            AKI,
            "certificatePolicies = 2.5.29.32.0",
            "policyMappings = critical, 2.5.29.32.0:1.2.3.4"
        ),
        GOOD,
    ),
    invalid(
        "extension-malformed",
        "a SAN twice",
        Some(20),
        Scene { certificates: &[ROOT, ISSUING, Certificate { change: Change::Twice, ..LEAF }], ..GOOD },
        GOOD,
    ),
    invalid(
        "extension-malformed",
        "one that nobody knows, twice",
        None,
        Scene {
            certificates: &[
                ROOT,
                ISSUING,
                Certificate {
                    extensions: &[NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, "1.3.6.1.4.1.99999.1 = DER:05:00"],
                    change: Change::Twice,
                    ..LEAF
                },
            ],
            ..GOOD
        },
        leaf!(NO_CA, LEAF_USAGE, SERVER, SKI, AKI, SAN, "1.3.6.1.4.1.99999.1 = DER:05:00"),
    ),
    // The mask as routers write it in their lists, which is the other way round.
    invalid(
        "extension-malformed",
        "a mask the wrong way round",
        None,
        issuing!(MAY_ISSUE, SIGNS, SKI, AKI, "nameConstraints = critical, permitted;IP:192.0.2.0/0.0.0.255"),
        issuing!(MAY_ISSUE, SIGNS, SKI, AKI, "nameConstraints = critical, permitted;IP:192.0.2.0/255.255.255.0"),
    ),
];
