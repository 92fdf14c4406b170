//! The certificate does not hold the name: every client says it in words of its own (`@mismatch`), and the names in the text
//! tell the narrower cause. Rows without names are ordered by what private certificates are made with: a forgotten name,
//! then a wildcard stretched too far or the common name alone.

use crate::finding::Code::{self, *};
use crate::recognise::rule::{Rule, says};

/// Every client's words for a name that does not match, whatever the reason.
pub(super) const MISMATCH: &[&str] = &[
    // OpenSSL 62 and 64; Python; Ruby
    "hostname mismatch",
    "ip address mismatch",
    "email mismatch",
    "email address mismatch",
    "host name mismatch",
    "does not match the server certificate",
    // curl with OpenSSL, GnuTLS, and others
    "no alternative certificate subject name matches target host name",
    "no alternative certificate subject name matches target hostname",
    "no alternative certificate subject name matches target",
    "does not match target host name",
    "does not match target ipv4 address",
    "does not match target ipv6 address",
    "matches target ipv4 address",
    "matches target ipv6 address",
    "is not in the cert's altnames",
    "is not in the cert's list",
    "certificate subject name does not match",
    // GnuTLS, wget
    "the name in the certificate does not match the expected",
    "the certificate's owner does not match hostname",
    "gnutls cert unexpected owner",
    "doesn't match requested host name",
    // PostgreSQL, PHP
    "does not match host name",
    "did not match expected cn",
    "no certificate subject alternative name matches",
    // Node
    "err tls cert altname invalid",
    "hostname/ip does not match certificate's altnames",
    "doesn't match either of",
    // Java
    "no subject alternative dns name matching",
    "no subject alternative names matching ip address",
    "no name matching",
    "hostname in certificate didn't match",
    "doesn't match any of the subject alternative names",
    // Go
    "certificate is valid for",
    "certificate is not valid for any names",
    "hostnameerror",
    // rustls
    "not valid for name",
    "notvalidforname",
    "certnotvalidforname",
    // NSS, Firefox, Chromium, Safari, Schannel
    "ssl error bad cert domain",
    "requested domain name does not match the server's certificate",
    "err cert common name invalid",
    "err certificate name mismatch",
    "sslxhostnamemismatch",
    "errsslhostnamemismatch",
    "cert e cn no match",
    "the certificate's cn name does not match the passed value",
    "sec e wrong principal",
    "the target principal name is incorrect",
    "remotecertificatenamemismatch",
];

/// Without names in the text. The common name counts for OpenSSL, GnuTLS and NSS where there is no DNS name in the
/// subjectAltName, so that `no-san` stands back; curl and Java have other words for it.
const GENERIC: &[Code] = &[
    NameMismatch,
    WildcardScope,
    SanMalformed,
    NoSan,
    WrongVirtualHost,
    WildcardMalformed,
    IpNotCovered,
    SniMissing,
    HostTrailingDot,
    StaleCertificateServed,
];
const ADDRESS: &[Code] = &[IpNotCovered, IpAsDnsName, IpInCommonName, NoSan, NameMismatch];
/// A number that a text without names has.
const IP_MISMATCH: &[&str] = &["@x509-64", "ip address mismatch", "no subject alternative names matching ip address"];

pub(super) const RULES: &[Rule] = &[
    says(&["@mismatch", "@x509-62"], GENERIC),
    // A CA's certificate where the leaf should be.
    says(&["@mismatch", "@x509-62"], &[LeafMissing, ChainOrder, NameMismatch, WrongVirtualHost])
        .when(&["@leaf-named-like-ca"]),
    says(IP_MISMATCH, ADDRESS).exact(),
    says(&["@x509-63", "email address mismatch"], &[NameMismatch, NoSan]),
    says(&["@mismatch"], ADDRESS).when(&["@asked-ip"]).exact(),
    says(&["@mismatch"], &[WildcardScope, NameMismatch, WildcardMalformed, NoSan]).when(&["@asked-deep"]),
    says(&["@mismatch"], &[NameMismatch, WildcardScope, WildcardTooBroad, NoSan, SniMissing]).when(&["@asked-bare"]),
    says(&["@mismatch"], &[NameMismatch, NoSan, SanMalformed, SniMissing]).when(&["@asked-short"]),
    says(&["@mismatch"], &[SanMalformed, NameMismatch, WildcardScope]).when(&["@asked-idn"]),
    says(&["@mismatch"], &[HostTrailingDot, NameMismatch, SanMalformed]).when(&["@asked-dot"]).exact(),
    says(&["@mismatch"], &[HostUnderscore, NameMismatch, WildcardScope, SanMalformed]).when(&["@asked-underscore"]),
    // With the certificate's own names the cause can be told.
    says(&["@mismatch"], &[SanMalformed, NameMismatch]).when(&["@offered-malformed"]).exact(),
    says(&["@mismatch"], &[WildcardMalformed, WildcardScope]).when(&["@offered-odd-wildcard"]).exact(),
    says(&["@mismatch"], &[WildcardScope, NameMismatch]).when(&["@offered-wildcard-near"]).exact(),
    says(&["@mismatch"], &[IpAsDnsName, IpNotCovered]).when(&["@offered-ip-as-name"]).exact(),
    says(&["@mismatch"], &[IpNotCovered, NameMismatch]).when(&["@asked-ip", "@offered-ip"]).exact(),
    says(&["@mismatch"], &[NameMismatch, WrongVirtualHost, SniMissing, StaleCertificateServed])
        .when(&["@offered-other"]),
    // What covers the name to the eye and does not match differs in what is not seen: a space, a letter of another script.
    says(&["@mismatch"], &[SanMalformed, HostTrailingDot, NameMismatch]).when(&["@offered-covers"]).exact(),
    says(&["@mismatch"], &[HostUnderscore, SanMalformed]).when(&["@offered-covers", "@asked-underscore"]).exact(),
    // `*.test` for `example.test`: OpenSSL and Chromium take no wildcard right below a top-level name.
    says(&["@mismatch"], &[WildcardTooBroad, SanMalformed]).when(&["@offered-covers", "@asked-bare"]).exact(),
    // No subjectAltName at all, or none of the right kind.
    says(
        &[
            "certificate is not valid for any names",
            "cert does not contain a dns name",
            "is not cert's cn",
            "certificate has no subject alternative name",
        ],
        &[NoSan, NameMismatch, WrongVirtualHost],
    )
    .exact(),
    // Go, where there is no SAN at all.
    says(
        &["certificate relies on legacy common name", "legacy common name field, use sans instead"],
        &[NoSan, Version1, WrongVirtualHost, IpInCommonName, SelfSignedLeaf],
    )
    .exact(),
    says(&["illegal given domain name"], &[HostUnderscore, HostTrailingDot, NameMismatch]).exact(),
    says(
        &["no subject alternative names present", "doesn't contain any ip sans"],
        &[IpNotCovered, IpInCommonName, IpAsDnsName, NoSan],
    )
    .exact(),
    says(
        &["ssl: unable to obtain common name", "unable to obtain common name from peer certificate"],
        &[NoSan, NameMismatch, EmptyIssuerName, WrongVirtualHost],
    ),
    says(&["no name matching"], &[NoSan, NameMismatch, WrongVirtualHost]).exact(),
    says(
        &[
            "san dnsname is malformed",
            "cannot parse dnsname",
            "x509: cannot parse ip address of length",
            "invalid subject alternative name",
            "malformedsan",
            "malformeddnsidentifier",
        ],
        &[SanMalformed, ExtensionMalformed],
    )
    .exact(),
    says(
        &["err ssl unrecognized name alert", "ssl error unrecognized name alert"],
        &[SniRefused, HostTrailingDot, HostUnderscore],
    )
    .exact(),
    says(
        &[
            "invalid dns name",
            "invaliddnsnameerror",
            "invalid dnsname",
            "illegal server name",
            "invalid hostname",
            "hostname is not valid",
        ],
        &[HostUnderscore, HostTrailingDot, SanMalformed],
    ),
    // curl says so only where there is no DNS name in a subjectAltName.
    says(&["ssl: certificate subject name"], &[NoSan, NameMismatch, WrongVirtualHost]).exact(),
    says(&["ssl: certificate subject name"], &[IpInCommonName, IpNotCovered, NoSan, IpAsDnsName])
        .when(&["@asked-ip"])
        .exact(),
];
