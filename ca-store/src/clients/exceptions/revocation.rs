//! Revocation lists.

use crate::clients::when::{Row, When, row};
use crate::finding::{Code, Severity};

//                                                          openssl, strict, curl, wget, gnutls, Python 3.11 and 3.13,
//                                                   node, java, rustls with ring and with aws-lc, go, nss, chromium
pub(super) const REVOCATION: &[Row] = {
    use Code as C;
    use When::{BelowAnchor, Leaf, Lists, Severity as Graded, Shows};
    &[
        // Only the store that issued it knows so far.
        row(C::Revoked, &[Shows("listed", "no")], ".............."),
        row(C::Revoked, &[Leaf], "XXXXXXXXXXX.X."),
        // OpenSSL and Python ask about the leaf alone in these runs.
        row(C::Revoked, &[], "..XXX..XXXX.X."),
        row(C::CrlMalformed, &[Shows("missing", "nextUpdate")], "........XXX..."),
        row(C::CrlMalformed, &[Shows("missing", "every extension")], ".........XX..."),
        // OpenSSL and Java read the reason.
        row(C::CrlMalformed, &[Shows("entry", "removeFromCRL")], "...XX....XX.X."),
        row(C::CrlMalformed, &[Shows("number", "critical")], "XXX..XXXX....."),
        // rustls holds no list to its dates unless told so (enforce_revocation_expiration), nor does NSS.
        row(C::CrlExpired, &[Shows("asked_about", "a CA")], "..X.X..XX....."),
        row(C::CrlExpired, &[], "XXX.XXXXX....."),
        row(C::CrlNotYetValid, &[Shows("asked_about", "a CA")], "..X.X..XX....."),
        row(C::CrlNotYetValid, &[], "XXX.XXXXX....."),
        row(C::CrlSignatureInvalid, &[Shows("asked_about", "a CA")], "..X.X..XXXX.X."),
        row(C::CrlSignatureInvalid, &[], "XXX.XXXXXXX.X."),
        row(C::SignatureUnsupported, &[Shows("kind", "CRL")], "XXX.XXXXXXX.X."),
        // Java and webpki know of an anchor its name and its key.
        row(C::CrlSignMissing, &[BelowAnchor], "XXX.XXXX....X."),
        row(C::CrlSignMissing, &[], "XXX.XXXXXXX.X."),
        // Without X509_V_FLAG_EXTENDED_CRL_SUPPORT OpenSSL takes a delta for a complete list (get_crl_score); GnuTLS does not know its
        // critical extension.
        row(C::CrlNotApplicable, &[Lists("found", "a delta CRL alone")], "....X...XXX..."),
        row(C::CrlNotApplicable, &[Shows("because", "key identifier")], "XXX..XXXX....."),
        row(C::CrlNotApplicable, &[Shows("because", "no anchor's")], "....X.......X."),
        row(C::CrlNotApplicable, &[Shows("because", "no full name")], ".........XX..."),
        row(C::CrlNotApplicable, &[Shows("because", "no URI")], ".........XX..."),
        // webpki asks a partition's name of those certificates alone that name one themselves.
        row(
            C::CrlNotApplicable,
            &[Shows("because", "scope"), Shows("names", "no distribution point"), BelowAnchor],
            "XXX..XXXX...X.",
        ),
        row(
            C::CrlNotApplicable,
            &[Shows("because", "scope"), Shows("names", "no distribution point")],
            "XXX.XXXXX...X.",
        ),
        row(C::CrlNotApplicable, &[Shows("because", "scope"), Shows("asked_about", "a CA")], "..X.X..XXXX.X."),
        row(C::CrlNotApplicable, &[Shows("list_of", "a trust anchor")], "XXX..XXXXXX..."),
        row(C::CrlNotApplicable, &[Shows("because", "scope"), BelowAnchor], "XXX..XXXXXX.X."),
        row(C::CrlNotApplicable, &[], "XXX.XXXXXXX.X."),
        // curl, Node, Java and rustls ask about every certificate of the path unless told otherwise, as our chat tells it; GnuTLS and NSS's
        // crlutil take no list but a trust anchor's.
        row(C::CrlMissing, &[Graded(Severity::Warning), Shows("of", "the root itself")], "..X....X......"),
        row(C::CrlMissing, &[Graded(Severity::Warning)], "..X.X..XXX..X."),
        row(C::CrlMissing, &[], "XXX.XXXXXXX.X."),
        // RFC 7633: of these clients GnuTLS alone asks (gnutls_certificate_verify_peers3).
        row(C::StapleMissing, &[], "...XX........."),
    ]
};
