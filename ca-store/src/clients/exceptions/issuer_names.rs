//! Names of issuers, and keys that issuer and subject share.

use crate::clients::when::{Row, When, row};
use crate::finding::{Code, Severity};

//                                                          openssl, strict, curl, wget, gnutls, Python 3.11 and 3.13,
//                                                   node, java, rustls with ring and with aws-lc, go, nss, chromium
pub(super) const ISSUER_NAMES: &[Row] = {
    use Code as C;
    use When::{Leaf, Severity as Graded, Shows};
    &[
        // X509_check_issued(leaf, leaf) decides in OpenSSL; NSS takes a leaf of its own issuer's name for self-signed as
        // well, and only a key identifier keeps it from that. GnuTLS compares octets, and tries the signature.
        //                                                                                           oscwgPPnjrRgNC
        // Of CAs. Those that OpenSSL's strict checks refuse for a missing AKI say so instead.
        row(C::SameSubjectAsIssuer, &[Shows("missing_from", "the CA")], "XXXXXXXX....X."),
        // NSS takes the newest.
        row(C::SameSubjectAsIssuer, &[Shows("missing_from", "both"), Shows("newest", "the upper")], "X.XXXX.X....X."),
        row(C::SameSubjectAsIssuer, &[Shows("missing_from", "both")], "X.XXXX.X......"),
        row(
            C::SameSubjectAsIssuer,
            &[Shows("missing_from", "what it issued"), Shows("newest", "the upper")],
            "X.X..X.X....X.",
        ),
        row(C::SameSubjectAsIssuer, &[Shows("missing_from", "what it issued")], "X.X..X.X......"),
        row(
            C::SameSubjectAsIssuer,
            &[Graded(Severity::Warning), Shows("told_apart_by", "kind of key")],
            "............X.",
        ),
        row(C::SameSubjectAsIssuer, &[Graded(Severity::Warning)], ".............."),
        row(C::SameSubjectAsIssuer, &[Shows("spelling", "differs")], "XXX..XXX......"),
        row(C::SameSubjectAsIssuer, &[], "XXX..XXX....X."),
        row(C::SameKeyAsIssuer, &[Graded(Severity::Error), Shows("ca_is", "trusted")], "XXX..XXX....X."),
        // RFC 5280 section 7.1 and OpenSSL compare the text; the others compare octets. Chromium folds both sides, but
        // asks NSS for an anchor by its octets.
        row(
            C::IssuerNameEncoding,
            &[Shows("differs_from", "an intermediate"), Shows("string_types", "older ones")],
            "........XXXXX.",
        ),
        row(C::IssuerNameEncoding, &[Shows("string_types", "older ones")], "...XX...XXXXXX"),
        row(C::IssuerNameEncoding, &[Shows("differs_from", "an intermediate")], ".........XXXX."),
        row(C::IssuerNameEncoding, &[], "...XX....XXXXX"),
        row(C::IssuerNameCase, &[Shows("differs_from", "an intermediate")], "...XX....XXXX."),
        row(C::IssuerNameCase, &[], "...XX....XXXXX"),
        // "Issuer name empty" of the strict checks; curl and Java ask for a name too.
        row(C::EmptyIssuerName, &[Leaf], ".XX...X.X....."),
        row(C::EmptyIssuerName, &[], ".X....X.X....."),
    ]
};
