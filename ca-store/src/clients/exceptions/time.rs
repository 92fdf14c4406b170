//! Times, and how they are written.

use crate::clients::when::{Row, When, row};
use crate::finding::{Code, Severity};

//                                                          openssl, strict, curl, wget, gnutls, Python 3.11 and 3.13,
//                                                   node, java, rustls with ring and with aws-lc, go, nss, chromium
pub(super) const TIME: &[Row] = {
    use Code as C;
    use When::{Anchor, Leaf, Severity as Graded, Shows};
    &[
        // Of a leaf that is trusted itself Java looks at the name alone, and rustls at all but the signature.
        row(C::Expired, &[Anchor, Leaf], "XXXXXXXX.XXXXX"),
        row(C::NotYetValid, &[Anchor, Leaf], "XXXXXXXX.XXXXX"),
        row(C::ValidityInverted, &[Anchor, Leaf], "XXXXXXXX.XXXXX"),
        row(C::Expired, &[Anchor], "XXXXXXXX...XXX"),
        row(C::NotYetValid, &[Anchor, Shows("begins", "within a day")], "XXXXXXXX...X.X"),
        row(C::NotYetValid, &[Anchor], "XXXXXXXX...XXX"),
        row(C::NotYetValid, &[Shows("begins", "within a day")], "XXXXXXXXXXXX.X"),
        row(C::ValidityInverted, &[Anchor], "XXXXXXXX...XXX"),
        // A time in another form than RFC 5280 allows: who reads ASN.1 more widely, takes it.
        row(C::ValidityEncoding, &[Anchor, Shows("fault", "no seconds")], "XXX..XXX.....X"),
        row(C::ValidityEncoding, &[Shows("fault", "no seconds")], "XXX..XXX.XX..X"),
        row(C::ValidityEncoding, &[Anchor, Shows("fault", "an offset from GMT")], "XXXXXXXX.....X"),
        row(C::ValidityEncoding, &[Shows("fault", "an offset from GMT")], "XXXXXXXX.XX..X"),
        row(C::ValidityEncoding, &[Anchor, Shows("fault", "a fraction of a second")], "XXXXXXXX...XXX"),
        row(C::ValidityEncoding, &[Shows("fault", "a fraction of a second")], "XXXXXXXX.XXXXX"),
        row(C::ValidityEncoding, &[Shows("fault", "before 1970"), Anchor], ".............."),
        row(C::ValidityEncoding, &[Shows("fault", "before 1970")], ".........XX..."),
        row(C::ValidityEncoding, &[Anchor, Graded(Severity::Error)], "XXXXXXXX...XXX"),
        // GnuTLS follows the first issuer that is sent, and builds no other path.
        row(C::ExpiredAlternativePath, &[Graded(Severity::Warning)], "...XX........."),
    ]
};
