//! Revocation. Each list is the root's, of a leaf straight below it.

use super::super::Crl;
use super::{Case, Certificate, GOOD, GOOD_SHORT, LEAF_OF_ROOT, ROOT, SKI, Scene, invalid, valid};

const NOTHING: Crl = Crl { issuer: "root", revoked: &[], days: (-1, 30) };
const NEW_ROOT: Certificate = Certificate { name: "new-root", key: "new-root", issuer: "new-root", ..ROOT };
const OTHER_ROOT: Certificate =
    Certificate { name: "other", subject: "/O=Elsewhere/CN=Elsewhere Root CA", key: "other", issuer: "other", ..ROOT };
const GOOD_LIST: Scene = Scene { crl: Some(NOTHING), ..GOOD_SHORT };

pub(super) const CASES: &[Case] = &[
    invalid(
        "revoked",
        "",
        Some(23),
        Scene { crl: Some(Crl { revoked: &["leaf"], ..NOTHING }), ..GOOD_SHORT },
        GOOD_LIST,
    ),
    invalid(
        "revoked",
        "by an issuing CA",
        Some(23),
        Scene { crl: Some(Crl { issuer: "issuing", revoked: &["leaf"], ..NOTHING }), ..GOOD },
        GOOD_LIST,
    ),
    valid(
        "crl-missing",
        "of the root, above an issuing CA",
        None,
        Scene { crl: Some(Crl { issuer: "issuing", ..NOTHING }), ..GOOD },
        GOOD_LIST,
    ),
    invalid(
        "crl-expired",
        "",
        Some(12),
        Scene { crl: Some(Crl { days: (-60, -30), ..NOTHING }), ..GOOD_SHORT },
        GOOD_LIST,
    ),
    invalid(
        "crl-not-yet-valid",
        "",
        Some(11),
        Scene { crl: Some(Crl { days: (10, 30), ..NOTHING }), ..GOOD_SHORT },
        GOOD_LIST,
    ),
    invalid(
        "crl-signature-invalid",
        "a CA of that name made anew",
        Some(3),
        Scene {
            certificates: &[ROOT, LEAF_OF_ROOT, NEW_ROOT],
            crl: Some(Crl { issuer: "new-root", ..NOTHING }),
            ..GOOD_SHORT
        },
        GOOD_LIST,
    ),
    invalid(
        "crl-sign-missing",
        "of a root that may sign certificates alone",
        Some(35),
        Scene {
            certificates: &[
                Certificate {
                    extensions: &["basicConstraints = critical, CA:TRUE", "keyUsage = critical, keyCertSign", SKI],
                    ..ROOT
                },
                LEAF_OF_ROOT,
            ],
            ..GOOD_LIST
        },
        GOOD_LIST,
    ),
    invalid(
        "crl-not-applicable",
        "of a stranger",
        Some(3),
        Scene {
            certificates: &[ROOT, LEAF_OF_ROOT, OTHER_ROOT],
            crl: Some(Crl { issuer: "other", ..NOTHING }),
            ..GOOD_SHORT
        },
        GOOD_LIST,
    ),
    invalid(
        "crl-not-applicable",
        "of the root, for a leaf of an issuing CA",
        Some(3),
        Scene { crl: Some(NOTHING), ..GOOD },
        GOOD_LIST,
    ),
];
