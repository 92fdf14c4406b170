//! Servers' logs: nginx, Apache, haproxy, Postfix, Dovecot, PostgreSQL, stunnel, Go, Node, and our chat. A server sees a handshake's other end:
//! an alert in its log is the client's opinion of the server's certificate.

use crate::finding::Code::*;
use crate::recognise::rule::{Rule, says};

pub(super) const RULES: &[Rule] = &[
    says(
        &["client sent no required ssl certificate", "no required ssl certificate was sent"],
        &[ClientCertificateMissing, ClientCertificateNotOffered],
    )
    .exact(),
    says(
        &["client ssl certificate verify error", "the ssl certificate error"],
        &[RootNotTrusted, MissingIntermediate, WrongPurpose, RootRegenerated, Expired],
    )
    .vague(),
    says(
        &[
            "client sent plain http request to https port",
            "plain http request was sent to https port",
            "speaking plain http to an ssl enabled server port",
            "http request to an https",
            "http spoken on https port",
            "received http/1.x",
        ],
        &[NotTls],
    )
    .exact(),
    says(
        &["ah01909", "does not match server name", "certificate does not include an id which matches the server name"],
        &[NameMismatch, NoSan, WrongVirtualHost],
    )
    .exact(),
    says(&["ah01906", "is a ca certificate (basicconstraints: ca == true"], &[LeafIsCa, SelfSignedLeaf, LeafMissing])
        .exact(),
    says(
        &["ah02562", "failed to configure certificate"],
        &[KeyMismatch, FileIsDer, FilesSwapped, FileTruncated, FileBadBoundary],
    ),
    says(&["main: tls init def ctx failed"], &[FileMissing, FileUnreadable, KeyMismatch, FilesSwapped, KeyEncrypted]),
    // nginx's ssl_reject_handshake.
    says(&["handshake rejected while ssl handshaking"], &[SniRefused, SniMissing, WrongVirtualHost]).exact(),
    says(&["ah02033", "no hostname was provided via sni"], &[SniMissing]).exact(),
    says(&["ah02032", "provided via sni and hostname", "misdirected request"], &[WrongVirtualHost, SniMissing]).exact(),
    says(
        &[
            "ah02217",
            "ah02604",
            "unable to configure certificate for stapling",
            "issuer certificate not found for stapling",
            "ssl stapling ignored",
        ],
        &[MissingIntermediate, ChainOrder, SelfSignedLeaf],
    )
    .exact(),
    says(
        &["ah02276", "ah02039", "certificate verification failed"],
        &[RootNotTrusted, MissingIntermediate, WrongPurpose],
    )
    .vague(),
    says(&["upstream ssl certificate does not match"], &[NameMismatch, NoSan, WrongVirtualHost]).exact(),
    says(
        &["ah02261", "re negotiation handshake failed", "ah02219", "not acceptable client certificate"],
        &[ClientCertificateMissing, AccessDenied],
    )
    .vague(),
    says(
        &[
            "ah02565",
            "and private key",
            "from certificate and private key do not match",
            "inconsistencies between certificate and private key",
        ],
        &[KeyMismatch, ChainOrder, KeyTypeMismatch],
    ),
    says(
        &[
            "ah02572",
            "failed to configure at least one certificate and key",
            "no ssl certificate is defined",
            "no 'ssl certificate' is defined",
            "sslengine on without certificate",
        ],
        &[FileMissing, FileIsDer, KeyMissing],
    )
    .exact(),
    says(
        &["the page you requested requires a client certificate", "400 no required ssl certificate"],
        &[ClientCertificateMissing],
    )
    .exact(),
    says(
        &[
            "ssl client ca chain cannot be verified",
            "ssl client certificate not trusted",
            "client certificate not trusted",
        ],
        &[RootNotTrusted, MissingIntermediate, RootRegenerated, WrongPurpose],
    ),
    says(
        &["ssl handshake failure", "ssl do handshake() failed", "tls handshake error from", "tls handshake failed"],
        &[RootNotTrusted, TlsVersionMismatch, NotTls],
    )
    .vague(),
    says(
        &[
            "connection closed during ssl handshake",
            "timeout during ssl handshake",
            "peer closed connection in ssl handshake",
        ],
        &[ConnectionClosed, RootNotTrusted, ConnectionTimeout, NotTls],
    ),
    // haproxy looks whether a file is there before it reads it, and takes a folder as one of certificates.
    says(
        &["unable to load certificate from file"],
        &[FileIsDer, FileTruncated, FileBadBoundary, FileEmpty, FileBadBase64, FileIsPrivateKey, FileIsCsr],
    )
    .exact(),
    says(&["no ssl certificate specified for bind"], &[FileIsDirectory, FileMissing, FileEmpty]).exact(),
    // Apache, of the file of each of its directives.
    says(&["does not exist or is empty"], &[FileMissing, FileEmpty, FileIsDirectory, FileUnreadable]).exact(),
    says(
        &["no certificates found in", "unable to load ssl private key from pem file", "no private key found in"],
        &[KeyMissing, FileIsDer, FilesSwapped, FileEmpty],
    ),
    says(
        &["unable to load ssl certificate from pem file", "unable to stat ssl certificate"],
        &[FileMissing, FileIsDer, FileEmpty],
    ),
    says(&["inconsistencies between private key and certificate loaded"], &[KeyMismatch, ChainOrder, KeyTypeMismatch])
        .exact(),
    says(
        &["untrusted issuer", "certificate verification depth exceeded", "verify depth"],
        &[VerifyDepthExceeded, RootNotTrusted],
    )
    .vague(),
    says(
        &["server certificate not verified", "server certificate not trusted", "verification failed for"],
        &[RootNotTrusted, MissingIntermediate, SelfSignedLeaf],
    ),
    says(&["connection requires a valid client certificate"], &[ClientCertificateMissing, ClientCertificateNotOffered])
        .exact(),
    says(&["no ssl certificate provided by peer"], &[ClientCertificateMissing, ClientCertificateNotOffered]).exact(),
    // PostgreSQL reads the first octets of a client that begins with TLS as a length.
    says(&["invalid length of startup packet"], &[StarttlsNeeded, NotTls]).exact(),
    says(&["could not load private key file"], &[KeyEncrypted, PasswordWrong]).when(&["processing error"]).exact(),
    says(
        &["could not load private key file"],
        &[KeyWrongLabel, FileIsPublicKey, FileIsSshKey, FileIsDer, FilesSwapped],
    )
    .when(&["unsupported"])
    .exact(),
    // OpenVPN.
    says(
        &["verify ku error", "verify eku error", "verify nscerttype error"],
        &[WrongPurpose, DigitalSignatureMissing, EkuMissing],
    )
    .exact(),
    says(&["verify x509name error"], &[NameMismatch]).exact(),
    says(&["certificate authentication failed for user"], &[AccessDenied, ClientCertificateMissing]).exact(),
    says(&["root certificate file", "either provide the file"], &[FileMissing, RootInOtherStore]).vague(),
    says(
        &[
            "ssl is not enabled on the server",
            "server does not support ssl",
            "the server does not support ssl",
            "ssl is required but the server doesn't support it",
            "ssl connection has been closed unexpectedly",
            "must issue a starttls command first",
            "starttls required",
            "encryption required for requested authentication",
            "tls required",
        ],
        &[StarttlsNeeded, NotTls, TlsVersionMismatch],
    ),
    says(
        &[
            "not registered as an account",
            "this account may not come in",
            "you are not allowed",
            "sasl authentication failed",
        ],
        &[AccessDenied],
    ),
    says(
        &["ssl closezeroreturn", "sslzeroreturnerror", "tls/ssl connection has been closed (eof)"],
        &[ConnectionClosed, RootNotTrusted, NameMismatch, EmptyIssuerName],
    )
    .vague(),
    // What OpenLDAP's clients say of any failure behind it.
    says(&["ldap start tls"], &[RootNotTrusted, NameMismatch, StarttlsNeeded]).vague(),
    says(&["cannot find matching private key", "no matching private key"], &[KeyMismatch, KeyMissing]),
    says(&["ssl: no alternative certificate"], &[NameMismatch]).vague(),
    says(&["stale certificate", "certificate changed on disk"], &[StaleCertificateServed]).vague(),
    // A web server that wants a client certificate, or TLS where none is spoken, answers so; wget shows the line alone.
    says(&["error 400: bad request"], &[ClientCertificateMissing, ClientCertificateRefused, NotTls]).vague(),
];
