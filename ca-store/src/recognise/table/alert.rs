//! TLS alerts by number and name (RFC 8446, section 6; RFC 5246 for the older ones), in every library's spelling: OpenSSL
//! `tlsv1 alert unknown ca`, Java and Go `unknown_ca`, rustls `UnknownCA`, GnuTLS `CA is unknown`, NSS `SSL_ERROR_UNKNOWN_CA_ALERT`.
//!
//! An alert is what the *other* side found wrong. Where a client prints it, the server refused the client's certificate
//! (`@client`); where a server prints it, a client refused the server's (`@server`). Which errors a library turns into
//! which alert: OpenSSL's `ssl_x509err2alert`, rustls's `From<CertificateError> for AlertDescription`, Go's and Java's are similar.

use crate::finding::Code::{self, *};
use crate::recognise::rule::{Rule, alert, says};

const BAD: &[&str] = &[
    "alert bad certificate",
    "badcertificate",
    "bad certificate",
    "certificate is bad",
    "error bad cert alert",
    "bad cert alert",
];
const UNSUPPORTED: &[&str] = &[
    "alert unsupported certificate",
    "unsupportedcertificate",
    "unsupported certificate",
    "certificate is not supported",
    "unsupported cert alert",
];
const EXPIRED: &[&str] = &[
    "alert certificate expired",
    "certificateexpired",
    "certificate expired",
    "certificate was expired",
    "tls: expired certificate",
    "expired cert alert",
];
const UNKNOWN: &[&str] = &[
    "alert certificate unknown",
    "certificateunknown",
    "certificate unknown",
    "unknown certificate",
    "certificate unknown alert",
];
const UNKNOWN_CA: &[&str] = &[
    "alert unknown ca",
    "unknownca",
    "unknown ca",
    "ca is unknown",
    "unknown certificate authority",
    "unknown ca alert",
];
const HANDSHAKE: &[&str] = &[
    "alert handshake failure",
    "handshakefailure",
    "handshake failure",
    "tls: handshake failure",
    "handshake failure alert",
];
const DECRYPT: &[&str] =
    &["alert decrypt error", "decrypterror", "decrypt error", "error decrypting message", "decrypt error alert"];
const REVOKED: &[&str] = &[
    "alert certificate revoked",
    "certificaterevoked",
    "certificate was revoked",
    "tls: revoked certificate",
    "revoked cert alert",
];
const INTERNAL: &[&str] = &[
    "alert internal error",
    "internalerror",
    "tls: internal error",
    "fatal alert: internal error",
    "internal error alert",
];

/// A client knows no issuer of the server's certificate, or takes it for self-signed.
const SERVER_UNKNOWN: &[Code] = &[
    RootNotTrusted,
    MissingIntermediate,
    SameSubjectAsIssuer,
    SelfSignedLeaf,
    RootRegenerated,
    IssuerNotCa,
    IntermediateAsTrustAnchor,
    PathLengthExceeded,
];

/// The server knows no issuer of the client's certificate.
const CLIENT_UNKNOWN: &[Code] = &[
    RootNotTrusted,
    MissingIntermediate,
    RootRegenerated,
    ClientCertificateRefused,
    SelfSignedLeaf,
    SameSubjectAsIssuer,
    IntermediateAsTrustAnchor,
    VerifyDepthExceeded,
    CrlMissing,
];

pub(super) const RULES: &[Rule] = &[
    alert(0, &["alert close notify", "closenotify", "close notify"], &[ConnectionClosed]).vague(),
    alert(
        10,
        &[
            "alert unexpected message",
            "unexpectedmessage",
            "fatal alert: unexpected message",
            "tls: unexpected message",
        ],
        &[NotTls, ClientCertificateMissing, TlsVersionMismatch],
    )
    .vague(),
    alert(20, &["alert bad record mac", "badrecordmac", "bad record mac"], &[NotTls, ConnectionClosed]).vague(),
    alert(22, &["alert record overflow", "recordoverflow", "record overflow"], &[NotTls, StarttlsNeeded]).vague(),
    alert(
        40,
        HANDSHAKE,
        &[
            CipherSuiteMismatch,
            ClientCertificateMissing,
            KeyTypeMismatch,
            TlsVersionMismatch,
            SniRefused,
            KeyTypeSupport,
            ClientCertificateRefused,
        ],
    ),
    alert(40, HANDSHAKE, &[CipherSuiteMismatch, TlsVersionMismatch, ClientCertificateMissing, WeakKey])
        .when(&["@server"]),
    alert(41, &["alert no certificate", "nocertificate"], &[ClientCertificateMissing]),
    // OpenSSL: hostname mismatch, not yet valid, key or digest too weak. rustls: name, encoding. Go and older: everything.
    alert(
        42,
        BAD,
        &[
            NameMismatch,
            NotYetValid,
            IpNotCovered,
            WeakKey,
            NoSan,
            WildcardScope,
            ClientCertificateMissing,
            RootNotTrusted,
            WeakSignature,
        ],
    ),
    alert(
        42,
        BAD,
        &[
            RootNotTrusted,
            ClientCertificateMissing,
            NotYetValid,
            WrongPurpose,
            WeakKey,
            MissingIntermediate,
            ClientCertificateRefused,
        ],
    )
    .when(&["@client"]),
    // Go sends it for whatever is wrong; Java for a chain that is missing.
    alert(42, BAD, &[RootNotTrusted, ClientCertificateMissing, WrongPurpose, NameMismatch])
        .when(&["remote error: tls"]),
    alert(42, BAD, &[RootNotTrusted, NameMismatch, NoSan, Expired])
        .when(&["remote error: tls", "tls handshake error from"]),
    alert(42, BAD, &[ClientCertificateMissing, RootNotTrusted, NameMismatch, NotYetValid])
        .when(&["received fatal alert"]),
    alert(43, UNSUPPORTED, &[WrongPurpose, KeyTypeSupport, DigitalSignatureMissing, WeakKey, IssuerPurpose]),
    alert(44, REVOKED, &[Revoked, ClientCertificateRefused]).exact(),
    alert(45, EXPIRED, &[Expired, ClockWrong, CrlExpired, StaleCertificateServed]).exact(),
    // OpenSSL: whatever has no alert of its own. Java, NSS and browsers: nearly everything.
    alert(
        46,
        UNKNOWN,
        &[
            RootNotTrusted,
            NameConstraintViolated,
            NameMismatch,
            UnknownCriticalExtension,
            MissingIntermediate,
            SelfSignedLeaf,
            BasicConstraintsNotCritical,
        ],
    ),
    alert(46, UNKNOWN, &[RootNotTrusted, MissingIntermediate, WrongPurpose, ClientCertificateRefused, CrlMissing])
        .when(&["@client"]),
    alert(
        47,
        &["alert illegal parameter", "illegalparameter", "fatal alert: illegal parameter", "tls: illegal parameter"],
        &[TlsVersionMismatch, KeyTypeSupport, CipherSuiteMismatch],
    ),
    alert(48, UNKNOWN_CA, CLIENT_UNKNOWN),
    alert(48, UNKNOWN_CA, SERVER_UNKNOWN).when(&["@server"]),
    alert(48, UNKNOWN_CA, SERVER_UNKNOWN).when(&["@in-handshake"]),
    alert(
        49,
        &[
            "alert access denied",
            "accessdenied",
            "fatal alert: access denied",
            "tls: access denied",
            "access was denied",
        ],
        &[AccessDenied, ClientCertificateRefused],
    ),
    alert(
        50,
        &[
            "alert decode error",
            "decodeerror",
            "fatal alert: decode error",
            "error decoding message received",
            "error decoding message",
        ],
        &[CertificateCorrupt, ExtensionMalformed, NotTls],
    ),
    alert(
        51,
        DECRYPT,
        &[
            SignatureInvalid,
            RootRegenerated,
            KeyMismatch,
            CertificateCorrupt,
            IntermediateRegenerated,
            WeakSignature,
            CrlSignatureInvalid,
        ],
    ),
    alert(60, &["alert export restriction"], &[CipherSuiteMismatch]),
    alert(
        70,
        &[
            "alert protocol version",
            "protocolversion",
            "protocol version",
            "protocol version not supported",
            "error in protocol version",
            "protocol version alert",
        ],
        &[TlsVersionMismatch, NotTls],
    ),
    alert(
        71,
        &[
            "alert insufficient security",
            "insufficientsecurity",
            "insufficient security",
            "insufficient security level",
        ],
        &[CipherSuiteMismatch, WeakKey, TlsVersionMismatch],
    ),
    // Servers without a certificate for the name: Go's autocert, Caddy, some CDNs.
    alert(80, INTERNAL, &[SniRefused, KeyMismatch, CrlMissing, CipherSuiteMismatch]).vague(),
    alert(
        86,
        &["alert inappropriate fallback", "inappropriatefallback", "inappropriate fallback"],
        &[TlsVersionMismatch],
    ),
    alert(
        90,
        &[
            "alert user canceled",
            "alert user cancelled",
            "usercanceled",
            "fatal alert: user canceled",
            "tls: user canceled",
        ],
        &[RootNotTrusted, ConnectionClosed],
    )
    .vague(),
    alert(
        100,
        &["alert no renegotiation", "norenegotiation", "no renegotiation"],
        &[ClientCertificateMissing, TlsVersionMismatch],
    ),
    alert(
        109,
        &["alert missing extension", "missingextension", "missing extension"],
        &[SniMissing, TlsVersionMismatch, CipherSuiteMismatch],
    ),
    alert(
        110,
        &["alert unsupported extension", "unsupportedextension", "unsupported extension"],
        &[TlsVersionMismatch, ExtensionMalformed],
    ),
    alert(
        111,
        &["alert certificate unobtainable", "certificateunobtainable"],
        &[MissingIntermediate, ConnectionClosed],
    ),
    alert(
        112,
        &[
            "alert unrecognized name",
            "tlsv1 unrecognized name",
            "unrecognisedname",
            "unrecognizedname",
            "unrecognized name",
            "the server name sent was not recognized",
            "unrecognized name alert",
        ],
        &[SniRefused, SniMissing, HostTrailingDot, WrongVirtualHost],
    ),
    alert(
        113,
        &["alert bad certificate status response", "badcertificatestatusresponse", "bad certificate status response"],
        &[Revoked, StapleMissing, ExtensionMalformed],
    ),
    alert(115, &["alert unknown psk identity", "unknownpskidentity"], &[ConnectionClosed]).vague(),
    alert(
        116,
        &[
            "alert certificate required",
            "certificaterequired",
            "certificate required",
            "certificate is required",
            "rx certificate required alert",
        ],
        &[ClientCertificateMissing, ClientCertificateNotOffered, WrongPurpose],
    )
    .exact(),
    alert(
        120,
        &[
            "alert no application protocol",
            "noapplicationprotocol",
            "no application protocol",
            "no supported application protocol could be negotiated",
            "next protocol no protocol",
        ],
        &[AlpnMismatch],
    )
    .exact(),
    says(
        &["a tls fatal alert has been received", "received fatal alert", "remote error: tls", "fatal alert received"],
        &[ClientCertificateRefused, RootNotTrusted, TlsVersionMismatch],
    )
    .vague(),
    says(&["handshake failed"], &[RootNotTrusted, CipherSuiteMismatch, ClientCertificateMissing]).vague(),
];
