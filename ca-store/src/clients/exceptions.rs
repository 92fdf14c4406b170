//! Where clients differ: a row a finding, a column a client.
//!
//! Measured with OpenSSL 3.0, curl 7.88, wget with GnuTLS, gnutls-cli 3.7, Python 3.11 and 3.13, Node 20, Java 17,
//! rustls 0.23, Go, NSS 3.87 and Chromium 156, on the same chains. A row that rests on more than the measurement
//! says on what. What holds for many rows:
//!
//! - OpenSSL, curl and Python run at Debian's security level 2 (SSL_CTX_set_security_level(3)): 112 bits, no SHA-1.
//!   `openssl verify` applies no level, and Node level 1 (RSA 1024 passes, SHA-1 does not).
//! - `openssl verify -x509_strict` and Python 3.13 (VERIFY_X509_STRICT, on by default there) hold a chain to RFC 5280's
//!   rules for CAs; Python 3.13 and curl take an intermediate as anchor (X509_V_FLAG_PARTIAL_CHAIN).
//! - Java, rustls and webpki take a trust anchor as a name and a key (RFC 5280 section 6.1.1 (d)), and look at none of
//!   its dates and extensions, but for Java's "is not a CA certificate".
//! - rustls does not look at keyUsage, wget's GnuTLS not at purposes, Go and Chromium have no CRLs to look at.

mod extensions;

/// How a name constraint with a minimum or a maximum is told.
const BOUND: &str = "expected neither a minimum nor a maximum (RFC 5280 section 4.2.1.10)";
const BOUND_OF_NOTHING: &str =
    "expected neither a minimum nor a maximum (RFC 5280 section 4.2.1.10); no name below is of its kind";

use crate::finding::{Code, Finding, Severity};

use super::when::{CONSTRAINT, Row, When, row};

/// The first row that fits a finding holds.
const ROWS: &[&[Row]] = &[
    ISSUER_NAMES,
    HOST_NAMES,
    UNKNOWN_TO_CLIENTS,
    TIME,
    TRUST,
    CONSTRAINTS,
    extensions::MALFORMED,
    USAGE_AND_KEYS,
    REVOCATION,
    CONNECTION,
    FILES,
];

//                                                          openssl, strict, curl, wget, gnutls, Python 3.11 and 3.13,
//                                                   node, java, rustls with ring and with aws-lc, go, nss, chromium
const ISSUER_NAMES: &[Row] = {
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

const HOST_NAMES: &[Row] = {
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

/// What no client knows: what it refuses is told in a finding beside.
const UNKNOWN_TO_CLIENTS: &[Row] = {
    use Code as C;
    &[
        // That its own clock is wrong: it refuses the date.
        row(C::ClockWrong, &[], ".............."),
        // That a better certificate lies on the server's disk.
        row(C::StaleCertificateServed, &[], ".............."),
        row(C::AddressMismatch, &[], ".............."),
    ]
};

const TIME: &[Row] = {
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

const TRUST: &[Row] = {
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

const CONSTRAINTS: &[Row] = {
    use Code as C;
    use When::{Anchor, BelowAnchor, Leaf, Severity as Graded, Shows};
    &[
        row(C::IssuerNotCa, &[Anchor], "XXXXXXXXX..XXX"),
        // keyCertSign alone makes a root a CA for OpenSSL (check_ca() in v3_purp.c).
        row(C::BasicConstraintsMissing, &[Anchor, Shows("key_usage", "absent")], "XXX..XXXX..X.."),
        row(C::BasicConstraintsMissing, &[Anchor], ".X....X.X..X.."),
        row(C::BasicConstraintsNotCritical, &[], ".X....X......."),
        // X509_V_ERR_CA_CERT_MISSING_KEY_USAGE of the strict checks.
        row(C::KeyCertSignMissing, &[Graded(Severity::Warning)], ".X....X......."),
        // Go takes no bit at all for no extension.
        row(C::KeyCertSignMissing, &[Anchor, Shows("key_usage", "")], "XXXXXXXXX....X"),
        row(C::KeyCertSignMissing, &[Shows("key_usage", "")], "XXXXXXXXX...XX"),
        row(C::KeyCertSignMissing, &[Anchor], "XXXXXXXXX..X.X"),
        row(C::KeyCertSignMissing, &[], "XXXXXXXXX..XXX"),
        // Version 1 or 2 with extensions, which it cannot have: OpenSSL, curl, Python, Node and NSS read them all the same.
        row(C::Version1, &[Anchor, Shows("extensions", "present")], ".X.XX.X.XXX..X"),
        row(C::Version1, &[Shows("extensions", "present")], ".X.XX.X.XXXX.X"),
        row(C::CertificateCorrupt, &[Shows("fault", "version")], "........XXXX.X"),
        row(C::CertificateCorrupt, &[Shows("fault", "serial number"), Shows("octets", "none")], "XXX..XXXX..XX."),
        row(C::CertificateCorrupt, &[Shows("fault", "serial number")], "XXX..XXX...X.."),
        row(C::Version1, &[Anchor], ".X....X......."),
        // UnsupportedCertVersion; that it has no SAN is told on its own.
        row(C::Version1, &[Leaf], ".........XX..."),
        row(C::LeafIsCa, &[Anchor, Shows("extended_key_usage", "present")], ".........XX.X."),
        row(C::LeafIsCa, &[Anchor], ".........XX..."),
        // The strict checks ask every CA for a keyUsage, the leaf as well; NSS takes a CA for every purpose where it names none.
        row(
            C::LeafIsCa,
            &[Shows("path_length", "without keyCertSign"), Shows("extended_key_usage", "absent")],
            ".X....X..XX...",
        ),
        row(C::LeafIsCa, &[Shows("path_length", "without keyCertSign")], ".X....X..XX.X."),
        row(C::LeafIsCa, &[Shows("key_usage", "absent"), Shows("extended_key_usage", "absent")], ".X....X..XX..."),
        row(C::LeafIsCa, &[Shows("key_usage", "absent")], ".X....X..XX.X."),
        row(C::LeafIsCa, &[Shows("extended_key_usage", "absent")], ".........XX..."),
        row(C::LeafIsCa, &[], ".........XX.X."),
        // Section 4.2.1.9 leaves self-issued CAs out of the count.
        row(C::PathLengthExceeded, &[Anchor, Graded(Severity::Warning)], "...XX......X.."),
        row(C::PathLengthExceeded, &[Graded(Severity::Warning)], "...XX....XXX.."),
        row(C::PathLengthExceeded, &[Anchor], "XXXXXXXX...XXX"),
        // GnuTLS compares no directory names, and refuses every one where any is excluded. Java looks at no anchor's constraints, and Go
        // passes over those on directory names where they are not critical.
        row(
            C::NameConstraintViolated,
            &[
                Shows("kind", "directory"),
                Shows("tree", "excluded"),
                Shows("constrained_by", "trust anchor"),
                Shows("critical", "no"),
            ],
            "XXXXXXXX.XX.XX",
        ),
        row(
            C::NameConstraintViolated,
            &[Shows("kind", "directory"), Shows("constrained_by", "trust anchor"), Shows("critical", "no")],
            "XXX..XXX.XX.XX",
        ),
        row(
            C::NameConstraintViolated,
            &[Shows("kind", "directory"), Shows("tree", "excluded"), Shows("constrained_by", "trust anchor")],
            "XXXXXXXX.XXXXX",
        ),
        row(
            C::NameConstraintViolated,
            &[Shows("kind", "directory"), Shows("constrained_by", "trust anchor")],
            "XXX..XXX.XXXXX",
        ),
        row(
            C::NameConstraintViolated,
            &[Shows("kind", "directory"), Shows("tree", "excluded"), Shows("critical", "no")],
            "XXXXXXXXXXX.XX",
        ),
        row(C::NameConstraintViolated, &[Shows("kind", "directory"), Shows("tree", "excluded")], "XXXXXXXXXXXXXX"),
        row(C::NameConstraintViolated, &[Shows("kind", "directory"), Shows("critical", "no")], "XXX..XXXXXX.XX"),
        row(C::NameConstraintViolated, &[Shows("kind", "directory")], "XXX..XXXXXXXXX"),
        // Nor URIs: it refuses every one where any is excluded.
        row(
            C::NameConstraintViolated,
            &[Shows("kind", "uri"), Shows("tree", "excluded"), Shows("constrained_by", "trust anchor")],
            "XXXXXXXX.XXXXX",
        ),
        row(C::NameConstraintViolated, &[Shows("kind", "uri"), Shows("tree", "excluded")], "XXXXXXXXXXXXXX"),
        row(
            C::NameConstraintViolated,
            &[Shows("kind", "uri"), Shows("constrained_by", "trust anchor")],
            "XXX..XXX.XXXXX",
        ),
        row(C::NameConstraintViolated, &[Shows("kind", "uri")], "XXX..XXXXXXXXX"),
        // Java and NSS know neither kind, and Java reads no otherName in a constraint.
        row(
            C::NameConstraintViolated,
            &[Shows("kind", "otherName"), Shows("constrained_by", "trust anchor")],
            "XXX..XXX.XXX.X",
        ),
        row(C::NameConstraintViolated, &[Shows("kind", "otherName")], "XXX..XXXXXXX.X"),
        row(C::NameConstraintViolated, &[Shows("kind", "other")], "XXXXXXXX.XXX.X"),
        row(C::NameConstraintViolated, &[Shows("constrained_by", "trust anchor")], "XXXXXXXX.XXXXX"),
        // webpki processes neither URIs nor mailboxes, critical or not; Chromium no URIs; Go refuses what it does not know and is critical.
        row(
            C::NameConstraintSupport,
            &[Shows("kind", "uri"), Shows("tree", "excluded"), Shows("critical", "yes")],
            "...XX....XX..X",
        ),
        row(C::NameConstraintSupport, &[Shows("kind", "uri"), Shows("tree", "excluded")], "...XX....XX..."),
        row(C::NameConstraintSupport, &[Shows("kind", "uri"), Shows("critical", "yes")], ".........XX..X"),
        row(C::NameConstraintSupport, &[Shows("kind", "uri")], ".........XX..."),
        row(C::NameConstraintSupport, &[Shows("kind", "email")], ".........XX..."),
        // webpki takes none on directory names for one that is kept, nor does Go where it is critical.
        row(
            C::NameConstraintSupport,
            &[Shows("kind", "directory"), Shows("tree", "excluded"), Shows("critical", "no")],
            "...XX....XX...",
        ),
        row(C::NameConstraintSupport, &[Shows("kind", "directory"), Shows("tree", "excluded")], "...XX....XXX.."),
        row(C::NameConstraintSupport, &[Shows("kind", "directory"), Shows("critical", "no")], ".........XX..."),
        row(C::NameConstraintSupport, &[Shows("kind", "directory")], ".........XXX.."),
        row(C::NameConstraintSupport, &[Shows("kind", "other"), Shows("critical", "no")], "...XX........."),
        row(C::NameConstraintSupport, &[Shows("kind", "other")], "...XX......X.."),
        row(C::NameConstraintSupport, &[], "...........X.."),
        // OpenSSL wants the purpose itself, and so do webpki and NSS; anyExtendedKeyUsage is enough for the others.
        // NSS asks a CA without extendedKeyUsage for Netscape's type.
        row(C::IssuerPurpose, &[Shows("extension", "nsCertType")], "............X."),
        row(C::IssuerPurpose, &[Graded(Severity::Warning), Anchor], "XXX..XXX......"),
        row(C::IssuerPurpose, &[Graded(Severity::Warning)], "XXX.XXXX.XX.X."),
        // Those who still know it take msSGC and nsSGC for serverAuth; of an anchor as OpenSSL reads it.
        row(C::IssuerPurpose, &[Anchor, Shows("stands_for_it", "msSGC")], "...........X.X"),
        row(C::IssuerPurpose, &[Anchor, Shows("stands_for_it", "nsSGC")], "...........X.X"),
        row(C::IssuerPurpose, &[Anchor], "XXX..XXX...X.X"),
        row(C::IssuerPurpose, &[Shows("stands_for_it", "msSGC")], "....X....XXX.X"),
        row(C::IssuerPurpose, &[Shows("stands_for_it", "nsSGC")], "....X....XXX.X"),
        // NSS takes a CA of either side of TLS for one of both.
        row(C::IssuerPurpose, &[Shows("of_tls", "yes")], "XXX.XXXX.XXX.X"),
        row(C::IssuerPurpose, &[], "XXX.XXXX.XXXXX"),
        row(C::AkiMissing, &[], ".X....X......."),
        row(C::SkiMissing, &[], ".X....X......."),
        // The strict checks again; Java and Chromium read no certificate whose SAN has to stand in for a subject and is not critical.
        row(C::ExtensionNotAllowed, &[Graded(Severity::Warning)], ".X....X......."),
        row(
            C::ExtensionCriticality,
            &[Graded(Severity::Warning), Shows("extension", "subjectAltName")],
            ".X....X.X....X",
        ),
        // OpenSSL, Java, webpki and Chromium know no critical key identifiers, and Go reads no certificate that has one.
        row(C::ExtensionCriticality, &[Graded(Severity::Warning), Anchor], "XXX..XXX...X.X"),
        row(C::ExtensionCriticality, &[Graded(Severity::Warning)], "XXX..XXXXXXX.X"),
        // Of a root itself.
        row(C::AkiMismatch, &[Shows("names", "another than itself")], "XX...X.X......"),
        row(C::AkiMismatch, &[Shows("differs", "serial number"), BelowAnchor], "XXX..XXXX....."),
        row(C::AkiMismatch, &[Shows("differs", "serial number")], "XXX..XXX......"),
        // Java's PKIXCertPathValidator looks for an anchor of the key identifier that is named.
        row(C::AkiMismatch, &[BelowAnchor], "XXXXXXXXX...X."),
        row(C::AkiMismatch, &[], "XXXXXXXX....X."),
        // webpki and NSS process no policies, GnuTLS no limits of them; Go does since 1.24.
        // Of a CRL, or of one of its entries: GnuTLS passes over it, Go and Chromium have no lists to read.
        // No other client has such a limit to set.
        row(C::VerifyDepthExceeded, &[Shows("too_many_for", "rustls")], ".........XX..."),
        row(C::VerifyDepthExceeded, &[Shows("too_many_for", "rustls and Java")], "........XXX..."),
        row(C::VerifyDepthExceeded, &[Shows("too_many_for", "rustls, Java and GnuTLS")], "...XX...XXX..."),
        row(C::VerifyDepthExceeded, &[], "XX............"),
        row(C::UnknownCriticalExtension, &[Shows("in", "CRL")], "XXX..XXXXXX.X."),
        row(
            C::UnknownCriticalExtension,
            &[Anchor, Graded(Severity::Warning), Shows("extension", "certificatePolicies")],
            "..............",
        ),
        row(
            C::UnknownCriticalExtension,
            &[Anchor, Graded(Severity::Warning), Shows("extension", "inhibitAnyPolicy")],
            "..............",
        ),
        row(
            C::UnknownCriticalExtension,
            &[Anchor, Graded(Severity::Warning), Shows("extension", "cRLDistributionPoints")],
            "..............",
        ),
        row(
            C::UnknownCriticalExtension,
            &[Graded(Severity::Warning), Shows("extension", "cRLDistributionPoints")],
            "........X...X.",
        ),
        row(C::UnknownCriticalExtension, &[Anchor, Graded(Severity::Warning)], "...XX........."),
        row(
            C::UnknownCriticalExtension,
            &[Graded(Severity::Warning), Shows("extension", "certificatePolicies")],
            ".........XX.X.",
        ),
        // Of the limits GnuTLS knows this one; Go none before 1.24, and all since.
        row(
            C::UnknownCriticalExtension,
            &[Graded(Severity::Warning), Shows("extension", "inhibitAnyPolicy")],
            ".........XX.X.",
        ),
        row(C::UnknownCriticalExtension, &[Graded(Severity::Warning)], "...XX....XX.X."),
        // OpenSSL looks at policies only when asked (X509_V_FLAG_POLICY_CHECK), and does not refuse their limits.
        row(C::PolicyViolated, &[Shows("fault", "anyPolicy is mapped")], "........X..X.X"),
        // Who knows no limits of policies heeds only that they are critical.
        row(C::PolicyViolated, &[Shows("critical", "no")], "........X..X.X"),
        row(C::PolicyViolated, &[], "...XX...XXXXXX"),
        row(C::UnknownCriticalExtension, &[Anchor, Shows("oid", "2.16.840.1.113730.1.1")], "...XX......X.X"),
        // A leaf that is trusted itself: GnuTLS and Java look no further.
        row(C::UnknownCriticalExtension, &[Anchor, Leaf], "XXX..XXX.XXX.X"),
        row(C::UnknownCriticalExtension, &[Anchor], "XXXXXXXX...X.X"),
        // authorityInfoAccess, issuerAltName, Netscape's comment and signed timestamps.
        row(C::UnknownCriticalExtension, &[Shows("oid", "1.3.6.1.5.5.7.1.1")], "XXX..XXXXXXX.X"),
        row(C::UnknownCriticalExtension, &[Shows("oid", "2.5.29.18")], "XXX..XXXXXXXXX"),
        row(C::UnknownCriticalExtension, &[Shows("oid", "2.16.840.1.113730.1.13")], "XXXXXXXXXXXX.X"),
        row(C::UnknownCriticalExtension, &[Shows("oid", "1.3.6.1.4.1.11129.2.4.2")], "XXXXXXXXX..XXX"),
        // Netscape's certificate type, and the sign of a proxy certificate (RFC 3820), which OpenSSL knows and does not allow.
        row(C::UnknownCriticalExtension, &[Shows("oid", "2.16.840.1.113730.1.1")], "...XX...XXXX.X"),
        row(C::UnknownCriticalExtension, &[Shows("oid", "1.3.6.1.5.5.7.1.14")], "XXX..XXXXXXXXX"),
        // The empty list: Go and Chromium alone read SIZE (1..MAX) of section 4.2.1.10.
        row(
            C::ExtensionMalformed,
            &[CONSTRAINT, Shows("fault", "neither permits nor excludes anything")],
            "...........X.X",
        ),
        // OpenSSL asks for a name of that kind below, Java and rustls do not look at an anchor's, and GnuTLS, Go and NSS read neither bound.
        row(C::ExtensionMalformed, &[CONSTRAINT, Anchor, Shows("fault", BOUND)], "XXX..XXX.....X"),
        row(C::ExtensionMalformed, &[CONSTRAINT, Shows("fault", BOUND)], "XXX..XXXXXX..X"),
        row(C::ExtensionMalformed, &[CONSTRAINT, Anchor, Shows("fault", BOUND_OF_NOTHING)], ".............X"),
        row(C::ExtensionMalformed, &[CONSTRAINT, Shows("fault", BOUND_OF_NOTHING)], "........XXX..X"),
        // webpki looks at a mask where it has an address to compare; GnuTLS, Go and Chromium parse every one.
        row(
            C::ExtensionMalformed,
            &[CONSTRAINT, Shows("fault", "a mask whose ones do not all come first")],
            "...XX....XXX.X",
        ),
        row(
            C::ExtensionMalformed,
            &[CONSTRAINT, Shows("fault", "a mask whose ones do not all come first; no address is below")],
            "...XX......X.X",
        ),
        // Java alone asks a URI's constraint to be none.
        row(C::ExtensionMalformed, &[CONSTRAINT, Graded(Severity::Warning)], "........X....."),
        row(
            C::ExtensionMalformed,
            &[
                CONSTRAINT,
                Shows(
                    "fault",
                    "expected a host, or a domain with a leading dot, found a whole URL: it permits no URI at all",
                ),
            ],
            "XXX..XXXXXXXXX",
        ),
    ]
};

const USAGE_AND_KEYS: &[Row] = {
    use Code as C;
    use When::{Anchor, Leaf, Severity as Graded, Shows};
    &[
        // OpenSSL and Java ask Netscape's type whatever extendedKeyUsage says; NSS where there is none.
        row(
            C::WrongPurpose,
            &[Shows("extension", "nsCertType"), Shows("extended_key_usage", "absent")],
            "XXX..XXXX...X.",
        ),
        row(C::WrongPurpose, &[Shows("extension", "nsCertType")], "XXX..XXXX....."),
        // Of a leaf that is trusted itself Java looks at the name alone.
        row(C::WrongPurpose, &[Leaf, Anchor, Graded(Severity::Error)], "XXX.XXXX.XXXXX"),
        row(C::DigitalSignatureMissing, &[Leaf, Anchor, Shows("other_use", "none of TLS")], "XXX.XXXX....XX"),
        row(C::DigitalSignatureMissing, &[Leaf, Anchor], "....X.......XX"),
        row(C::WrongPurpose, &[Shows("stands_for_it", "msSGC")], "....X....XXXXX"),
        row(C::WrongPurpose, &[Shows("stands_for_it", "nsSGC")], "....X....XXX.X"),
        row(C::WrongPurpose, &[Graded(Severity::Warning)], "XXX..XXX.XX.X."),
        row(C::WrongPurpose, &[], "XXX.XXXXXXXXXX"),
        // OpenSSL wants one use of TLS, whichever; NSS the one that the key exchange of its kind of key once had.
        row(C::DigitalSignatureMissing, &[Shows("key_usage", "")], "XXX..XXXX...XX"),
        row(C::DigitalSignatureMissing, &[Shows("other_use", "none of TLS")], "XXX.XXXXX...XX"),
        row(C::DigitalSignatureMissing, &[Shows("other_use", "not of this kind of key")], "....X...X...XX"),
        row(C::DigitalSignatureMissing, &[], "....X...X....X"),
        row(C::KeyEnciphermentMissing, &[], "............X."),
        // Java's jdk.certpath.disabledAlgorithms bars SHA-1 below the JDK's own CAs alone (SHA1 jdkCA), MD5 always.
        row(C::WeakSignature, &[Shows("digest", "SHA-1")], "X.XXXXXX.XXX.X"),
        row(C::WeakSignature, &[], "X.XXXXXXXXXXXX"),
        // `openssl verify` reads no key, and everybody else sees no server come up.
        row(C::KeyMismatch, &[], "X.XXXXXXXXXXXX"),
        row(C::KeyTypeMismatch, &[], "X.XXXXXXXXXXXX"),
        row(C::KeyIsCaKey, &[], "X.XXXXXXXXXXXX"),
        row(C::WeakKey, &[Shows("class", "RSA of 1024 bits or more")], "X.X..XX..XX..."),
        row(C::WeakKey, &[], "X.XXXXXXXXXXXX"),
        // What cannot be checked here, others can check.
        // The weak key beside it says who refuses it.
        row(C::SignatureUnsupported, &[Shows("kind", "short RSA")], ".............."),
        row(C::SignatureUnsupported, &[Shows("kind", "Ed448")], ".........XXXXX"),
        row(C::SignatureUnsupported, &[Shows("kind", "other curve")], "...XX...XXXXXX"),
        row(C::SignatureUnsupported, &[Shows("kind", "P-224")], "........XXX.XX"),
        row(C::SignatureUnsupported, &[Shows("kind", "SHA-3")], "XXX..XXXXXXXXX"),
        row(C::SignatureUnsupported, &[Shows("kind", "SHA-224")], ".........XXX.X"),
        // Measured with salts of 0, 20 and 222 octets, and with a mask by SHA-512; a root's own signature nobody looks at.
        row(C::SignatureUnsupported, &[Shows("kind", "RSA-PSS parameters")], "...XX....XXX.X"),
        // GnuTLS takes the salt that the signature names where the key is for RSASSA-PSS alone, and its own for rsaEncryption.
        // Measured with salts of 0, 20, 32 and 222 octets of SHA-256, SHA-384 and SHA-512, for the root, the intermediate and the leaf.
        row(
            C::KeyTypeSupport,
            &[Shows("kind", "RSA-PSS parameters"), Shows("issuer_key", "RSASSA-PSS")],
            ".........XXX.X",
        ),
        row(C::KeyTypeSupport, &[Shows("kind", "RSA-PSS parameters")], "...XX....XXX.X"),
        row(C::KeyTypeSupport, &[Shows("kind", "P-224")], "........XXX.XX"),
        row(C::KeyTypeSupport, &[Shows("kind", "SHA-3")], "XXX..XXXXXXXXX"),
        row(C::KeyTypeSupport, &[Shows("kind", "SHA-224")], ".........XXX.X"),
        row(C::KeyTypeSupport, &[Shows("kind", "ECDSA with SHA-512")], ".........X...."),
        row(C::KeyTypeSupport, &[Shows("kind", "compressed point")], "...XX...XX.XX."),
        row(C::KeyTypeSupport, &[Shows("kind", "Ed25519")], "............XX"),
        row(C::KeyTypeSupport, &[Shows("kind", "Ed448")], ".........XXXXX"),
        // ring has no P-521; Chromium offers no ecdsa_secp521r1_sha512 in a handshake.
        row(C::KeyTypeSupport, &[Shows("kind", "ECDSA P-521"), Shows("place", "leaf")], ".........X...X"),
        row(C::KeyTypeSupport, &[Shows("kind", "ECDSA P-521")], ".........X...."),
        row(C::KeyTypeSupport, &[Shows("kind", "other curve"), Shows("place", "leaf")], "X.XXXXXXXXXXXX"),
        row(C::KeyTypeSupport, &[Shows("kind", "other curve")], "...XX...XXXXXX"),
        // NSS checks what such a key of a CA signed, and has no signature scheme of a handshake for a leaf's (rsa_pss_pss_*).
        row(C::KeyTypeSupport, &[Shows("kind", "RSA-PSS"), Shows("place", "CA")], ".........XXX.X"),
        row(C::KeyTypeSupport, &[Shows("kind", "RSA-PSS")], ".........XXXXX"),
        row(C::KeyTypeSupport, &[], "XXXXXXXXXXXXXX"),
        // "x509: negative serial number", since Go 1.23.
        row(C::SerialNegative, &[], "...........X.."),
        // jdk.tls.maxCertificateChainLength is 10, GnuTLS's DEFAULT_MAX_VERIFY_DEPTH 16.
        row(C::ChainExtra, &[Shows("too_many_for", "Java")], "........X....."),
        row(C::ChainExtra, &[Shows("too_many_for", "Java and GnuTLS")], "...XX...X....."),
        row(C::ChainDuplicate, &[Shows("too_many_for", "Java")], "........X....."),
        row(C::ChainDuplicate, &[Shows("too_many_for", "Java and GnuTLS")], "...XX...X....."),
        // Of a CA that was installed by hand nobody asks the limits of public ones.
        row(C::ValidityLong, &[], ".............."),
        // NSS names certificates by issuer and serial number.
        row(C::SerialReused, &[], "............X."),
    ]
};

const REVOCATION: &[Row] = {
    use Code as C;
    use When::{BelowAnchor, Leaf, Lists, Severity as Graded, Shows};
    &[
        // Only the store that issued it knows so far.
        row(C::Revoked, &[Shows("listed", "no")], ".............."),
        row(C::Revoked, &[Leaf], "XXXXXXXXXXX.X."),
        // OpenSSL and Python ask about the leaf alone in these runs.
        row(C::Revoked, &[], "..XXX..XXXX.X."),
        row(C::CrlMalformed, &[Shows("missing", "nextUpdate")], "........XXX..."),
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

const CONNECTION: &[Row] = {
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
        // SHA-256 or SHA-384, NSS none with SHA-384, and Chromium no DHE and with ECDSA keys no CBC.    oscwgPPnjrRgNC
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
        row(C::CipherSuiteMismatch, &[Shows("kind_of_suite", "RSA AEAD")], ".....XX..XXXX."),
        row(C::CipherSuiteMismatch, &[Shows("kind_of_suite", "RSA CBC with SHA-1")], ".....XX..XXXX."),
        row(C::CipherSuiteMismatch, &[Shows("kind_of_suite", "RSA CBC with SHA-256")], "...XXXX..XXX.X"),
        row(C::TlsVersionMismatch, &[CURRENT, Lists("server_takes", "TLS 1.1")], "XXX..XXXXXXX.X"),
        row(C::TlsVersionMismatch, &[CURRENT, Lists("server_takes", "TLS 1.0")], "XXX..XXXXXXX.X"),
    ]
};

const FILES: &[Row] = {
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

/// The row for a finding, if clients differ on it: `X` refuses, `.` accepts, a column for each of [`super::CLIENTS`].
pub(super) fn row_of(finding: &Finding, anchor: Option<usize>) -> Option<&'static str> {
    ROWS.iter().copied().flatten().find(|row| row.fits(finding, anchor)).map(|row| row.text)
}

#[cfg(test)]
mod tests {
    use super::ROWS;

    #[test]
    fn every_row_has_a_column_for_every_client() {
        for row in ROWS.iter().copied().flatten() {
            assert_eq!(row.text.len(), super::super::CLIENTS.len(), "{}", row.code);
            assert!(row.text.chars().all(|c| c == 'X' || c == '.'), "{}", row.code);
        }
    }

    #[test]
    fn no_row_is_hidden_by_one_above() {
        let rows: Vec<_> = ROWS.iter().copied().flatten().collect();
        assert_eq!(super::super::when::hidden(&rows), Vec::<String>::new());
    }
}
