//! Names of hosts.

use crate::clients::when::{Row, When, row};
use crate::finding::Code;

//                                                          openssl, strict, curl, wget, gnutls, Python 3.11 and 3.13,
//                                                   node, java, rustls with ring and with aws-lc, go, nss, chromium
pub(super) const HOST_NAMES: &[Row] = {
    use Code as C;
    use When::Shows;
    &[
        // The common name is dead for rustls, Go and Chromium (RFC 9525 section 1.4.2), and alive elsewhere.
        row(C::NoSan, &[Shows("common_name_covers", "no")], "XXXXXXXXXXXXXX"),
        // OpenSSL and Node read each of several, curl, Java and NSS the last, and GnuTLS none.
        row(C::NoSan, &[Shows("common_name_covers", "the last of several")], "...XX....XXX.X"),
        row(C::NoSan, &[Shows("common_name_covers", "one of several")], "..XXX...XXXXXX"),
        row(C::NoSan, &[], ".........XXX.X"),
        // The others look at it where the SAN has no DNS name; curl not where it has an address.
        // GnuTLS not where it has an address or a URI either.
        row(C::NameMismatch, &[Shows("fallback", "common name, beside a mailbox")], ".........XXX.X"),
        row(C::NameMismatch, &[Shows("fallback", "common name")], "...XX....XXX.X"),
        row(C::NameMismatch, &[Shows("fallback", "common name, beside an address")], "..XXX....XXX.X"),
        row(C::SanMalformed, &[Shows("fallback", "common name")], "...XX....XXX.X"),
        row(C::SanMalformed, &[Shows("fallback", "common name, beside an address")], "..XXX....XXX.X"),
        // Of entries beside a good one: Go reads every one, Chromium every address and every text, and GnuTLS takes no empty name.
        row(
            C::SanMalformed,
            &[Shows("of_an_entry", "beside"), Shows("fault", "expected 4 or 16 octets of address")],
            "...........X.X",
        ),
        row(
            C::SanMalformed,
            &[Shows("of_an_entry", "beside"), Shows("fault", "expected a host name, found none")],
            "...XX.........",
        ),
        row(C::SanMalformed, &[Shows("of_an_entry", "beside")], "...........X.X"),
        // curl, Node and Chromium drop a trailing dot on both sides before they compare.
        row(
            C::SanMalformed,
            &[Shows("fault", "trailing dot"), Shows("asked_with", "a trailing dot")],
            "...XX...XXX...",
        ),
        row(C::SanMalformed, &[Shows("fault", "trailing dot")], "XX.XXXX.XXXXX."),
        // Java reads a wildcard in any label, for any part of it. Nobody reads one for more than a label, or in an A-label.
        row(C::WildcardMalformed, &[Shows("fault", "the beginning of a label")], "..XXXXX..XXX.X"),
        row(C::WildcardMalformed, &[Shows("fault", "the end of a label")], "..X..XX..XXXXX"),
        row(C::WildcardMalformed, &[Shows("fault", "inside a label")], "XXXXXXX..XXXXX"),
        row(C::WildcardMalformed, &[Shows("fault", "several in a label")], "XXXXXXXX.XXXXX"),
        row(C::WildcardMalformed, &[Shows("fault", "elsewhere")], "XXXXXXXX.XXXXX"),
        // OpenSSL, Node, rustls and NSS want two labels behind the wildcard; Chromium knows the public suffixes.
        row(C::WildcardTooBroad, &[Shows("needed", "no")], ".............."),
        row(C::WildcardTooBroad, &[Shows("suffix", "top-level name")], "XXXXXXXX.XX.XX"),
        row(C::WildcardTooBroad, &[Shows("suffix", "public suffix of a company")], ".............."),
        row(C::WildcardTooBroad, &[], ".............X"),
        row(C::HostTrailingDot, &[], "XX...XX.....X."),
        // Java's SNIHostName and OpenSSL's wildcards take letters, digits and hyphens (RFC 952).
        row(C::HostUnderscore, &[Shows("covered_by", "a wildcard")], "XX...XX.X....."),
        row(C::HostUnderscore, &[], "........X....."),
        row(C::IpAsDnsName, &[Shows("fallback", "common name")], "XXXXXXXXXXXX.X"),
        // Java and NSS compare the address in ::ffff:192.0.2.1; Go reads no certificate that has one.
        row(C::IpNotCovered, &[Shows("mapped", "yes")], "XXXXXXXX.XXX.X"),
        row(C::IpInCommonName, &[Shows("beside", "no SAN with a name")], "XX.XXXXXXXXX.X"),
        row(C::IpInCommonName, &[], "XXXXXXXXXXXX.X"),
    ]
};
