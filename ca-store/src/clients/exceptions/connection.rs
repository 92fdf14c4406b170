//! Handshakes.

use crate::clients::when::{Row, When, row};
use crate::finding::Code;

//                                                          openssl, strict, curl, wget, gnutls, Python 3.11 and 3.13,
//                                                   node, java, rustls with ring and with aws-lc, go, nss, chromium
pub(super) const CONNECTION: &[Row] = {
    use Code as C;
    use When::{Lists, Shows};
    // GnuTLS 3.7 and NSS 3.87 speak TLS 1.0 and 1.1 where nobody tells them not to.
    const CURRENT: When = Shows("clients_take", "TLS 1.2 or 1.3");
    &[
        // OpenSSL, GnuTLS and Java have these groups; NSS and Go leave out X448, Go finite fields, and Chromium and rustls all three.
        //                                                                                           oscwgPPnjrRgNC
        row(C::CipherSuiteMismatch, &[Shows("kind_of_group", "P-521")], ".........XX..X"),
        row(C::CipherSuiteMismatch, &[Shows("kind_of_group", "X448")], ".........XXXXX"),
        row(C::CipherSuiteMismatch, &[Shows("kind_of_group", "finite field")], ".........XXX.X"),
        // Python takes ECDHE and DHE, without SHA-1; rustls ECDHE with AEAD; Go since 1.22 ECDHE alone; GnuTLS and Go no CBC with
        // SHA-256 or SHA-384, NSS none with SHA-384, and Chromium no DHE and with ECDSA keys no CBC. CCM is GnuTLS's and Node's, and
        // with eight octets of the tag Node's alone.                                                    oscwgPPnjrRgNC
        row(C::CipherSuiteMismatch, &[Shows("kind_of_suite", "ECDHE-ECDSA CBC with SHA-1")], ".....XX..XX..X"),
        row(C::CipherSuiteMismatch, &[Shows("kind_of_suite", "ECDHE-ECDSA CBC with SHA-256")], "...XX....XXX.X"),
        row(C::CipherSuiteMismatch, &[Shows("kind_of_suite", "ECDHE-ECDSA CBC with SHA-384")], "...XX....XXXXX"),
        row(C::CipherSuiteMismatch, &[Shows("kind_of_suite", "ECDHE-ECDSA CCM")], "XXX..XX.XXXXXX"),
        row(C::CipherSuiteMismatch, &[Shows("kind_of_suite", "ECDHE-RSA CBC with SHA-1")], ".....XX..XX..."),
        row(C::CipherSuiteMismatch, &[Shows("kind_of_suite", "ECDHE-RSA CBC with SHA-256")], "...XX....XXX.X"),
        row(C::CipherSuiteMismatch, &[Shows("kind_of_suite", "ECDHE-RSA CBC with SHA-384")], "...XX....XXXXX"),
        row(C::CipherSuiteMismatch, &[Shows("kind_of_suite", "DHE-RSA AEAD")], ".........XXX.X"),
        row(C::CipherSuiteMismatch, &[Shows("kind_of_suite", "DHE-RSA CBC with SHA-1")], ".....XX..XXX.X"),
        row(C::CipherSuiteMismatch, &[Shows("kind_of_suite", "DHE-RSA CBC with SHA-256")], "...XX....XXX.X"),
        row(C::CipherSuiteMismatch, &[Shows("kind_of_suite", "DHE-RSA CCM")], "XXX..XX.XXXXXX"),
        row(C::CipherSuiteMismatch, &[Shows("kind_of_suite", "DHE-RSA CCM-8")], "XXXXXXX.XXXXXX"),
        row(C::CipherSuiteMismatch, &[Shows("kind_of_suite", "RSA CCM")], "XXX..XX.XXXXXX"),
        row(C::CipherSuiteMismatch, &[Shows("kind_of_suite", "RSA CCM-8")], "XXXXXXX.XXXXXX"),
        row(C::CipherSuiteMismatch, &[Shows("kind_of_suite", "RSA AEAD")], ".....XX..XXXX."),
        row(C::CipherSuiteMismatch, &[Shows("kind_of_suite", "RSA CBC with SHA-1")], ".....XX..XXXX."),
        row(C::CipherSuiteMismatch, &[Shows("kind_of_suite", "RSA CBC with SHA-256")], "...XXXX..XXX.X"),
        row(C::TlsVersionMismatch, &[CURRENT, Lists("server_takes", "TLS 1.1")], "XXX..XXXXXXX.X"),
        row(C::TlsVersionMismatch, &[CURRENT, Lists("server_takes", "TLS 1.0")], "XXX..XXXXXXX.X"),
    ]
};
