//! What a CA may do, and critical extensions.

use crate::clients::when::{CONSTRAINT, Row, When, row};
use crate::finding::{Code, Severity};

/// How a name constraint with a minimum or a maximum is told.
const BOUND: &str = "expected neither a minimum nor a maximum (RFC 5280 section 4.2.1.10)";
const BOUND_OF_NOTHING: &str =
    "expected neither a minimum nor a maximum (RFC 5280 section 4.2.1.10); no name below is of its kind";

//                                                          openssl, strict, curl, wget, gnutls, Python 3.11 and 3.13,
//                                                   node, java, rustls with ring and with aws-lc, go, nss, chromium
pub(super) const CONSTRAINTS: &[Row] = {
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
        // A CA in the leaf's place: webpki alone says that it is one, and the strict checks ask
        // every CA for a keyUsage; the others say what its key usage and its names lack.
        row(C::LeafMissing, &[Leaf, Shows("key_usage", "absent")], ".X....X..XX..."),
        row(C::LeafMissing, &[Leaf], ".........XX..."),
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
        row(
            C::NameConstraintViolated,
            &[Shows("permitted_but_for", "a trailing dot"), Shows("constrained_by", "trust anchor")],
            "XXX..XXX.XXXX.",
        ),
        row(C::NameConstraintViolated, &[Shows("permitted_but_for", "a trailing dot")], "XXX..XXXXXXXX."),
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
        row(C::IssuerPurpose, &[Graded(Severity::Warning), Shows("of_tls", "yes")], "XXX.XXXX.XX..."),
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
        row(C::AkiMismatch, &[Shows("differs", "issuer")], "XXX..XXX......"),
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
        row(
            C::VerifyDepthExceeded,
            &[Shows("too_many_for", "rustls, Java, GnuTLS, NSS and Chromium")],
            "...XX...XXX.XX",
        ),
        row(
            C::VerifyDepthExceeded,
            &[Shows("too_many_for", "rustls, Java, GnuTLS, NSS, Chromium and Go")],
            "...XX...XXXXXX",
        ),
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
        row(C::PolicyViolated, &[Shows("fault", "required by the trust anchor")], ".............X"),
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
        row(
            C::ExtensionMalformed,
            &[CONSTRAINT, Shows("fault", "expected no trailing dot in a DNS name")],
            ".........XXX..",
        ),
        row(
            C::ExtensionMalformed,
            &[
                CONSTRAINT,
                Shows("fault", "expected no trailing dot in a DNS name; without it, it excludes a name below"),
            ],
            "...XX....XXX.X",
        ),
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
