//! Extensions that break their own definition: who reads which, and how far.

use crate::finding::{Code, Severity};

use crate::clients::when::{Row, When, row};

/// How a list is told that has to have an entry.
const EMPTY: &str = "expected at least one entry, found none";

/// What is told where an extension goes on behind its value.
const BEHIND: When = When::Shows("fault", "octets behind the value");

/// What is told where an extension is there twice.
const TWICE: When = When::Shows("fault", "there twice");

//                                                          openssl, strict, curl, wget, gnutls, Python 3.11 and 3.13,
//                                                   node, java, rustls with ring and with aws-lc, go, nss, chromium
pub(super) const MALFORMED: &[Row] = {
    use Code as C;
    use When::{Anchor, Leaf, Severity as Graded, Shows};
    &[
        // RFC 5280 section 4.2.1.1: half of the pair of issuer and serial number.
        row(
            C::ExtensionMalformed,
            &[Shows("fault", "expected both an issuer and a serial number, or neither")],
            ".............X",
        ),
        // One that is there twice: NSS takes the first, and OpenSSL does not look at what it does not read.
        row(C::ExtensionMalformed, &[TWICE, Shows("read_by", "OpenSSL as well")], "XXXXXXXXXXXX.X"),
        row(C::ExtensionMalformed, &[TWICE], "...XX...X..X.X"),
        // Octets behind the value: OpenSSL, Python, Node and Go read none of it further. Of a leaf.
        row(C::ExtensionMalformed, &[BEHIND, Graded(Severity::Note)], ".............."),
        row(
            C::ExtensionMalformed,
            &[BEHIND, Leaf, Shows("extension", "subjectAltName"), Shows("critical", "yes")],
            "...XX...XXX..X",
        ),
        row(C::ExtensionMalformed, &[BEHIND, Shows("extension", "subjectAltName")], "...XX....XX..X"),
        row(C::ExtensionMalformed, &[BEHIND, Shows("extension", "issuerAltName")], "...XX........."),
        row(C::ExtensionMalformed, &[BEHIND, Leaf, Shows("extension", "basicConstraints")], "........XXX..X"),
        row(
            C::ExtensionMalformed,
            &[BEHIND, Leaf, Shows("extension", "keyUsage"), Shows("critical", "yes")],
            "........X....X",
        ),
        row(C::ExtensionMalformed, &[BEHIND, Leaf, Shows("extension", "keyUsage")], ".............X"),
        row(
            C::ExtensionMalformed,
            &[BEHIND, Shows("extension", "extendedKeyUsage"), Shows("critical", "yes")],
            "....X...XXX..X",
        ),
        row(C::ExtensionMalformed, &[BEHIND, Anchor, Shows("extension", "extendedKeyUsage")], ".........XX..X"),
        row(C::ExtensionMalformed, &[BEHIND, Shows("extension", "extendedKeyUsage")], "....X....XX..X"),
        row(C::ExtensionMalformed, &[BEHIND, Shows("extension", "cRLDistributionPoints")], ".........XX..."),
        row(
            C::ExtensionMalformed,
            &[BEHIND, Anchor, Shows("extension", "certificatePolicies"), Shows("critical", "yes")],
            "........X....X",
        ),
        row(
            C::ExtensionMalformed,
            &[BEHIND, Shows("extension", "certificatePolicies"), Shows("critical", "yes")],
            "........XXX.XX",
        ),
        // The same of a CA.
        row(C::ExtensionMalformed, &[BEHIND, Shows("extension", "basicConstraints")], "...XX...XXX.XX"),
        row(C::ExtensionMalformed, &[BEHIND, Shows("extension", "keyUsage")], "...XX...X....X"),
        row(C::ExtensionMalformed, &[BEHIND, Shows("extension", "nameConstraints")], "...XX...XXXXXX"),
        row(C::ExtensionMalformed, &[BEHIND, Anchor, Shows("extension", "policyConstraints")], "...XX...X....X"),
        row(C::ExtensionMalformed, &[BEHIND, Anchor, Shows("extension", "inhibitAnyPolicy")], "........X....X"),
        row(C::ExtensionMalformed, &[BEHIND, Shows("extension", "policyConstraints")], "...XX...XXX.XX"),
        row(C::ExtensionMalformed, &[BEHIND, Shows("extension", "inhibitAnyPolicy")], "........XXX.XX"),
        row(C::ExtensionMalformed, &[BEHIND], ".............X"),
        // A subjectKeyIdentifier that is no OCTET STRING, which is for naming issuers alone.
        row(C::ExtensionMalformed, &[Anchor, Shows("extension", "subjectKeyIdentifier")], "XXX..XXXX..X.X"),
        row(C::ExtensionMalformed, &[Shows("extension", "subjectKeyIdentifier")], "XXX..XXX...X.X"),
        // What only Go and Chromium parse, in whichever certificate.
        row(C::ExtensionMalformed, &[Shows("extension", "authorityInfoAccess")], "...........X.X"),
        row(
            C::ExtensionMalformed,
            &[Shows("extension", "certificatePolicies"), Shows("fault", "expected at least one policy, found none")],
            ".............X",
        ),
        row(
            C::ExtensionMalformed,
            &[Shows("extension", "certificatePolicies"), Shows("fault", "expected each policy once, found one twice")],
            ".............X",
        ),
        row(C::ExtensionMalformed, &[Shows("extension", "certificatePolicies")], "...........X.X"),
        // Who knows no limits of policies refuses what is critical, before it reads it.
        row(
            C::ExtensionMalformed,
            &[
                Shows("fault", "expected requireExplicitPolicy or inhibitPolicyMapping, found neither"),
                Shows("critical", "yes"),
            ],
            "...XX....XX.XX",
        ),
        row(
            C::ExtensionMalformed,
            &[Shows("fault", "expected requireExplicitPolicy or inhibitPolicyMapping, found neither")],
            ".............X",
        ),
        row(
            C::ExtensionMalformed,
            &[Anchor, Shows("extension", "inhibitAnyPolicy"), Shows("critical", "yes")],
            "........X..X.X",
        ),
        row(
            C::ExtensionMalformed,
            &[Anchor, Shows("extension", "policyConstraints"), Shows("critical", "yes")],
            "...XX...X..X.X",
        ),
        row(
            C::ExtensionMalformed,
            &[Shows("extension", "inhibitAnyPolicy"), Shows("critical", "yes")],
            "........XXX.XX",
        ),
        row(C::ExtensionMalformed, &[Shows("extension", "inhibitAnyPolicy")], ".............X"),
        row(
            C::ExtensionMalformed,
            &[Shows("extension", "policyConstraints"), Shows("critical", "yes")],
            "...XX...XXXXXX",
        ),
        // OpenSSL reads both for every certificate, Java and GnuTLS neither.
        row(C::ExtensionMalformed, &[Shows("extension", "authorityKeyIdentifier")], "XXX..XXX...X.X"),
        row(C::ExtensionMalformed, &[Shows("extension", "nsCertType")], "XXX..XXX......"),
        row(C::ExtensionMalformed, &[Shows("extension", "signedCertificateTimestamps")], ".............."),
        // GnuTLS takes no purpose at all for every purpose. The common name has to do for an empty SAN where it can.
        row(
            C::ExtensionMalformed,
            &[Leaf, Shows("fault", EMPTY), Shows("extension", "extendedKeyUsage")],
            "XXX..XXXXXX.XX",
        ),
        row(
            C::ExtensionMalformed,
            &[Leaf, Shows("fault", EMPTY), Shows("extension", "subjectAltName")],
            ".X....X..XXX.X",
        ),
        // Java passes over what is not critical; GnuTLS, rustls and NSS read what they ask for, and Java and NSS look at the common
        // name where they find no SAN.
        row(C::ExtensionMalformed, &[Leaf, Shows("extension", "basicConstraints")], "XXX..XXXXXXX.X"),
        row(C::ExtensionMalformed, &[Leaf, Shows("extension", "keyUsage"), Shows("critical", "no")], "XXX..XXX...X.X"),
        row(C::ExtensionMalformed, &[Leaf, Shows("extension", "keyUsage")], "XXX..XXXX..X.X"),
        row(
            C::ExtensionMalformed,
            &[Leaf, Shows("common_name_covers", "yes"), Shows("critical", "no")],
            "XXXXXXXX.XXX.X",
        ),
        row(C::ExtensionMalformed, &[Leaf, Shows("common_name_covers", "yes")], "XXXXXXXXXXXX.X"),
        row(C::ExtensionMalformed, &[Leaf, Shows("extension", "subjectAltName")], "XXXXXXXXXXXXXX"),
        // Of a CA; Go reads no anchor that it cannot parse.
        row(C::ExtensionMalformed, &[Shows("fault", EMPTY), Shows("extension", "subjectAltName")], ".X....X......X"),
        row(C::ExtensionMalformed, &[Shows("fault", "expected names alone")], "XXXXXXXX.....X"),
        row(C::ExtensionMalformed, &[Shows("extension", "subjectAltName")], "XXXXXXXX.XXX.X"),
        row(
            C::ExtensionMalformed,
            &[Anchor, Shows("fault", EMPTY), Shows("extension", "extendedKeyUsage")],
            "XXX..XXX.....X",
        ),
        row(C::ExtensionMalformed, &[Shows("fault", EMPTY), Shows("extension", "extendedKeyUsage")], "XXX..XXX.XX..X"),
        row(C::ExtensionMalformed, &[Anchor, Shows("extension", "extendedKeyUsage")], "XXX..XXX.XXX.X"),
        row(
            C::ExtensionMalformed,
            &[Shows("extension", "extendedKeyUsage"), Shows("critical", "yes")],
            "XXX.XXXXXXXX.X",
        ),
        row(C::ExtensionMalformed, &[Shows("extension", "extendedKeyUsage")], "XXX.XXXX.XXX.X"),
        row(C::ExtensionMalformed, &[Shows("extension", "keyUsage"), Shows("critical", "no")], "XXXXXXXX...X.X"),
        row(C::ExtensionMalformed, &[Shows("extension", "keyUsage")], "XXXXXXXXX..X.X"),
        row(C::ExtensionMalformed, &[Shows("extension", "cRLDistributionPoints")], "XXX..XXX.XXX.."),
        row(C::ExtensionMalformed, &[Shows("extension", "nameConstraints"), Shows("critical", "no")], "XXXXXXXX.XXXXX"),
    ]
};
