//! Forms of files other than those of a CA file, which `reader` reads.

use crate::clients::when::{Row, When, row};
use crate::finding::{Code, Severity};

//                                                          openssl, strict, curl, wget, gnutls, Python 3.11 and 3.13,
//                                                   node, java, rustls with ring and with aws-lc, go, nss, chromium
pub(super) const FILES: &[Row] = {
    use Code as C;
    use When::{Chain, Crl, Severity as Graded, Shows};
    &[
        // What each client makes of a CA file that is there, `reader` knows. A server's files are the server's to read.
        // Go and Chromium have no lists to read.
        row(C::FileMissing, &[Crl], "XXXXXXXXXXX.X."),
        row(C::FileEmpty, &[Crl], "XXXXXXXXXXX.X."),
        row(C::FileTruncated, &[Crl], "XXXXXXXXXXX.X."),
        row(C::FileBadBase64, &[Crl, Shows("place", "behind base64")], "...XX...XXX..."),
        row(C::FileBadBase64, &[Crl, Shows("place", "behind every line")], "...XX...XXX..."),
        row(C::FileBadBase64, &[Crl], "XXXXXXXXXXX.X."),
        // `openssl verify` is given the server's file itself, and a server that got over it sends no such line.
        row(C::FileBadBase64, &[Chain, Shows("character", "empty line")], ".X............"),
        // A damaged anchor that OpenSSL takes for no root any more.
        row(C::CertificateCorrupt, &[Graded(Severity::Warning), Shows("still_a_root", "no")], "XX...X.X......"),
    ]
};
