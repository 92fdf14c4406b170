//! Time.

use super::{Case, Certificate, Change, GOOD, GOOD_SHORT, ISSUING, LEAF, LEAF_OF_ROOT, ROOT, Scene, invalid, valid};

const EXPIRED_ROOT: Certificate = Certificate { days: (-700, -10), ..ROOT };
/// The root's key and name in an older certificate that is past its end.
const OLD_ROOT: Certificate =
    Certificate { name: "old-root", key: "root", issuer: "old-root", days: (-700, -10), ..ROOT };

pub(super) const CASES: &[Case] = &[
    invalid(
        "expired",
        "leaf",
        Some(10),
        Scene { certificates: &[ROOT, ISSUING, Certificate { days: (-100, -10), ..LEAF }], ..GOOD },
        GOOD,
    ),
    invalid(
        "expired",
        "issuing CA",
        Some(10),
        Scene { certificates: &[ROOT, Certificate { days: (-700, -10), ..ISSUING }, LEAF], ..GOOD },
        GOOD,
    ),
    invalid("expired", "root", Some(10), Scene { certificates: &[EXPIRED_ROOT, ISSUING, LEAF], ..GOOD }, GOOD),
    invalid(
        "expired",
        "root, of a leaf straight below it",
        Some(10),
        Scene { certificates: &[EXPIRED_ROOT, LEAF_OF_ROOT], ..GOOD_SHORT },
        GOOD_SHORT,
    ),
    invalid(
        "expired",
        "all of them",
        Some(10),
        Scene {
            certificates: &[
                EXPIRED_ROOT,
                Certificate { days: (-600, -10), ..ISSUING },
                Certificate { days: (-100, -10), ..LEAF },
            ],
            ..GOOD
        },
        GOOD,
    ),
    valid(
        "expired-alternative-path",
        "the old root sent along",
        None,
        Scene { certificates: &[ROOT, ISSUING, LEAF, OLD_ROOT], chain: &["leaf", "issuing", "old-root"], ..GOOD },
        GOOD,
    ),
    valid(
        "expired-alternative-path",
        "the old root trusted as well",
        None,
        Scene { certificates: &[ROOT, ISSUING, LEAF, OLD_ROOT], trust: &["old-root", "root"], ..GOOD },
        GOOD,
    ),
    valid(
        "expired-alternative-path",
        "an expired issuing CA before the current one",
        None,
        Scene {
            certificates: &[
                ROOT,
                ISSUING,
                LEAF,
                Certificate { name: "old-issuing", key: "issuing", days: (-700, -10), ..ISSUING },
            ],
            chain: &["leaf", "old-issuing", "issuing"],
            ..GOOD
        },
        GOOD,
    ),
    valid(
        "expired-alternative-path",
        "an expired cross-sign",
        None,
        Scene {
            certificates: &[
                ROOT,
                ISSUING,
                LEAF,
                Certificate {
                    name: "former",
                    subject: "/O=Example/CN=Former Root CA",
                    key: "former",
                    issuer: "former",
                    days: (-700, -10),
                    ..ROOT
                },
                Certificate { name: "cross", key: "root", issuer: "former", days: (-600, -20), ..ROOT },
            ],
            chain: &["leaf", "issuing", "cross"],
            ..GOOD
        },
        GOOD,
    ),
    invalid(
        "not-yet-valid",
        "leaf",
        Some(9),
        Scene { certificates: &[ROOT, ISSUING, Certificate { days: (10, 100), ..LEAF }], ..GOOD },
        GOOD,
    ),
    invalid(
        "not-yet-valid",
        "issuing CA",
        Some(9),
        Scene { certificates: &[ROOT, Certificate { days: (10, 700), ..ISSUING }, LEAF], ..GOOD },
        GOOD,
    ),
    invalid(
        "not-yet-valid",
        "root",
        Some(9),
        Scene { certificates: &[Certificate { days: (10, 3650), ..ROOT }, ISSUING, LEAF], ..GOOD },
        GOOD,
    ),
    invalid(
        "validity-inverted",
        "both in the past",
        Some(10),
        Scene { certificates: &[ROOT, ISSUING, Certificate { days: (-10, -100), ..LEAF }], ..GOOD },
        GOOD,
    ),
    invalid(
        "validity-inverted",
        "now between them",
        Some(9),
        Scene { certificates: &[ROOT, ISSUING, Certificate { days: (100, -10), ..LEAF }], ..GOOD },
        GOOD,
    ),
    valid(
        "validity-encoding",
        "GeneralizedTime before 2050",
        None,
        Scene { certificates: &[ROOT, ISSUING, Certificate { change: Change::GeneralizedTime, ..LEAF }], ..GOOD },
        GOOD,
    ),
    valid(
        "validity-encoding",
        "GeneralizedTime before 2050 of an issuing CA",
        None,
        Scene { certificates: &[ROOT, Certificate { change: Change::GeneralizedTime, ..ISSUING }, LEAF], ..GOOD },
        GOOD,
    ),
    invalid(
        "validity-encoding",
        "UTCTime past 2049",
        Some(10),
        Scene {
            certificates: &[
                Certificate { days: (-730, 15_000), ..ROOT },
                Certificate { days: (-730, 15_000), ..ISSUING },
                Certificate { days: (-1, 14_000), change: Change::ShortYear, ..LEAF },
            ],
            ..GOOD
        },
        Scene {
            certificates: &[
                Certificate { days: (-730, 15_000), ..ROOT },
                Certificate { days: (-730, 15_000), ..ISSUING },
                LEAF,
            ],
            ..GOOD
        },
    ),
    valid(
        "validity-long",
        "",
        None,
        Scene { certificates: &[ROOT, ISSUING, Certificate { days: (-1, 3600), ..LEAF }], ..GOOD },
        GOOD,
    ),
    invalid(
        "validity-encoding",
        "a leaf without seconds",
        Some(14),
        Scene { certificates: &[ROOT, ISSUING, Certificate { change: Change::NoSeconds, ..LEAF }], ..GOOD },
        GOOD,
    ),
    invalid(
        "validity-encoding",
        "a leaf in another zone",
        Some(14),
        Scene { certificates: &[ROOT, ISSUING, Certificate { change: Change::Offset, ..LEAF }], ..GOOD },
        GOOD,
    ),
    invalid(
        "validity-encoding",
        "a leaf with a fraction of a second",
        Some(14),
        Scene { certificates: &[ROOT, ISSUING, Certificate { change: Change::Fraction, ..LEAF }], ..GOOD },
        GOOD,
    ),
    invalid(
        "validity-encoding",
        "an issuing CA in another zone",
        Some(14),
        Scene { certificates: &[ROOT, Certificate { change: Change::Offset, ..ISSUING }, LEAF], ..GOOD },
        GOOD,
    ),
    invalid(
        "validity-encoding",
        "a root without seconds",
        Some(14),
        Scene { certificates: &[Certificate { change: Change::NoSeconds, ..ROOT }, ISSUING, LEAF], ..GOOD },
        GOOD,
    ),
];
