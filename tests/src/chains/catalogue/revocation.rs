//! Revocation.

use super::super::Crl;
use super::{Case, Certificate, GOOD, ISSUING, LEAF, ROOT, Scene, invalid};

const NOTHING: Crl = Crl { issuer: "issuing", revoked: &[], days: (-1, 30) };
const NEW_ISSUING: Certificate = Certificate { name: "new-issuing", key: "new-issuing", ..ISSUING };
const GOOD_LIST: Scene = Scene { crl: Some(NOTHING), ..GOOD };

pub(super) const CASES: &[Case] = &[
    invalid("revoked", "", Some(23), Scene { crl: Some(Crl { revoked: &["leaf"], ..NOTHING }), ..GOOD }, GOOD_LIST),
    invalid("crl-expired", "", Some(12), Scene { crl: Some(Crl { days: (-60, -30), ..NOTHING }), ..GOOD }, GOOD_LIST),
    invalid(
        "crl-not-yet-valid",
        "",
        Some(11),
        Scene { crl: Some(Crl { days: (10, 30), ..NOTHING }), ..GOOD },
        GOOD_LIST,
    ),
    invalid(
        "crl-signature-invalid",
        "",
        Some(3),
        Scene {
            certificates: &[ROOT, ISSUING, LEAF, NEW_ISSUING],
            crl: Some(Crl { issuer: "new-issuing", ..NOTHING }),
            ..GOOD
        },
        GOOD_LIST,
    ),
    invalid(
        "crl-not-applicable",
        "",
        Some(3),
        Scene { crl: Some(Crl { issuer: "root", ..NOTHING }), ..GOOD },
        GOOD_LIST,
    ),
];
