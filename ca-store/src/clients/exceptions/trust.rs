//! What is trusted, and what is sent.

use crate::clients::when::{Row, When, row};
use crate::finding::{Code, Severity};

//                                                          openssl, strict, curl, wget, gnutls, Python 3.11 and 3.13,
//                                                   node, java, rustls with ring and with aws-lc, go, nss, chromium
pub(super) const TRUST: &[Row] = {
    use Code as C;
    use When::{Severity as Graded, Shows};
    &[
        // webpki wants a leaf that is no CA; NSS and Chromium trust with `CT,,`, which is for CAs.
        row(C::SelfSignedLeaf, &[Graded(Severity::Warning), Shows("says", "CA:TRUE")], ".........XX..."),
        row(
            C::SelfSignedLeaf,
            &[Graded(Severity::Warning), Shows("says", "nothing"), Shows("may_sign", "yes")],
            "..............",
        ),
        row(C::SelfSignedLeaf, &[Graded(Severity::Warning), Shows("says", "nothing")], ".............X"),
        row(C::SelfSignedLeaf, &[Graded(Severity::Warning)], "............XX"),
        row(C::LeafAsTrustAnchor, &[Shows("self_issued", "yes")], ".........XX.XX"),
        // Where its issuer is sent, Python 3.13 asks even this one for an identifier of its key.
        row(C::LeafAsTrustAnchor, &[Shows("cas_sent", "yes"), Shows("authority_key_id", "absent")], "XX.XXXXX.XX.XX"),
        row(
            C::LeafAsTrustAnchor,
            &[Shows("cas_sent", "a root alone"), Shows("authority_key_id", "absent")],
            "XX...XXX.XX.XX",
        ),
        row(C::LeafAsTrustAnchor, &[Shows("cas_sent", "yes")], "XX.XXX.X.XX.XX"),
        row(C::LeafAsTrustAnchor, &[], "XX...X.X.XX.XX"),
        row(C::IntermediateAsTrustAnchor, &[], "XX...X.X......"),
        // In a CA file beside the one that signed: OpenSSL takes the first of a name, GnuTLS the last, NSS the newest.
        row(
            C::RootRegenerated,
            &[
                Graded(Severity::Warning),
                Shows("told_apart_by", "serial number"),
                Shows("other_stands", "before the issuer"),
            ],
            "..............",
        ),
        row(
            C::RootRegenerated,
            &[Graded(Severity::Warning), Shows("told_apart_by", "serial number")],
            "...XX.........",
        ),
        row(
            C::RootRegenerated,
            &[Graded(Severity::Warning), Shows("other_stands", "before the issuer"), Shows("newest", "the other")],
            "XXX..XXX....X.",
        ),
        row(
            C::RootRegenerated,
            &[Graded(Severity::Warning), Shows("other_stands", "before the issuer")],
            "XXX..XXX......",
        ),
        row(C::RootRegenerated, &[Graded(Severity::Warning), Shows("newest", "the other")], "...XX.......X."),
        row(C::RootRegenerated, &[Graded(Severity::Warning)], "...XX........."),
        row(C::IntermediateRegenerated, &[Graded(Severity::Warning), Shows("other_is", "not valid")], "...XX........."),
        // Sent beside the one that signed: Java, rustls, Go and Chromium try both. Measured with one, five and 130 of them before it and behind it.
        row(
            C::IntermediateRegenerated,
            &[Graded(Severity::Warning), Shows("told_apart_by", "serial number")],
            "...XX.........",
        ),
        row(
            C::IntermediateRegenerated,
            &[Graded(Severity::Warning), Shows("other_stands", "before the issuer"), Shows("newest", "the other")],
            "XXXXXXXX....X.",
        ),
        row(
            C::IntermediateRegenerated,
            &[Graded(Severity::Warning), Shows("other_stands", "before the issuer")],
            "XXXXXXXX......",
        ),
        row(C::IntermediateRegenerated, &[Graded(Severity::Warning)], "............X."),
    ]
};
