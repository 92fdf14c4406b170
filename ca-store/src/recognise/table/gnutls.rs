//! GnuTLS: the sentences of `gnutls_certificate_verification_status_print`, the names and texts of `gnutls_strerror`, and wget's words
//! for both. Debian's wget, lftp, Exim and Emacs speak so.

use crate::finding::Code::*;
use crate::recognise::rule::{Rule, says};

pub(super) const RULES: &[Rule] = &[
    says(
        &[
            "the certificate issuer is unknown",
            "doesn't have a known issuer",
            "signer not found",
            "gnutls cert signer not found",
        ],
        &[
            RootNotTrusted,
            MissingIntermediate,
            RootRegenerated,
            SameSubjectAsIssuer,
            SelfSignedLeaf,
            IntermediateRegenerated,
            IssuerNameEncoding,
            IntermediateAsTrustAnchor,
            AkiMismatch,
        ],
    ),
    says(
        &["the certificate issuer is not a ca", "was not a ca", "gnutls cert signer not ca"],
        &[IssuerNotCa, Version1, BasicConstraintsMissing, KeyCertSignMissing],
    )
    .exact(),
    says(
        &["the certificate chain violates the signer's constraints", "gnutls cert signer constraints failure"],
        &[NameConstraintViolated, PathLengthExceeded, KeyCertSignMissing, IssuerNotCa],
    )
    .exact(),
    says(
        &["the certificate chain does not match the intended purpose", "gnutls cert purpose mismatch"],
        &[WrongPurpose, IssuerPurpose, DigitalSignatureMissing],
    )
    .exact(),
    says(
        &[
            "the certificate chain uses expired certificate",
            "gnutls cert expired",
            "the certificate has expired",
            "' has expired",
            "expired certificate",
            "the session or certificate has expired",
            "gnutls e expired",
        ],
        &[Expired, ClockWrong, StaleCertificateServed, ExpiredAlternativePath],
    ),
    says(
        &[
            "the certificate chain uses not yet valid certificate",
            "is not yet activated",
            "the certificate has not yet been activated",
            "gnutls cert not activated",
            "gnutls e not yet activated",
        ],
        &[NotYetValid, ClockWrong, ValidityInverted],
    ),
    // Of one certificate, both at once.
    says(&["is not yet activated", "the certificate has not yet been activated"], &[ValidityInverted, ClockWrong])
        .when(&["the certificate has expired"])
        .exact(),
    says(
        &[
            "the certificate chain uses insecure algorithm",
            "uses an insecure algorithm",
            "gnutls cert insecure algorithm",
            "insecure algorithm",
        ],
        &[WeakKey, WeakSignature, EcExplicitParameters, KeyTypeSupport],
    ),
    says(
        &[
            "the signature in the certificate is invalid",
            "the certificate chain signature is invalid",
            "gnutls cert signature failure",
        ],
        &[RootRegenerated, SignatureInvalid, IntermediateRegenerated, CertificateCorrupt],
    ),
    says(
        &[
            "the certificate chain revoked",
            "the certificate chain is revoked",
            "has been revoked",
            "gnutls cert revoked",
        ],
        &[Revoked, SerialReused],
    ),
    says(
        &[
            "the certificate or an issuer is unusable",
            "gnutls cert invalid ocsp status",
            "the received ocsp status response is invalid",
        ],
        &[Revoked, ExtensionMalformed],
    ),
    says(
        &["contains an unknown critical extension", "gnutls cert unknown crit extensions"],
        &[UnknownCriticalExtension, PolicyViolated, ExtensionCriticality],
    )
    .exact(),
    says(
        &[
            "the revocation or ocsp data are old and have been superseded",
            "the revocation or ocsp data are issued with a future date",
            "revocation data superseded",
        ],
        &[CrlExpired, CrlNotYetValid, ClockWrong],
    ),
    says(
        &[
            "the certificate requires the server to include an ocsp status",
            "gnutls cert missing ocsp status",
            "there is no certificate status (ocsp)",
            "gnutls e no certificate status",
        ],
        &[StapleMissing],
    )
    .exact(),
    // wget says no more where GnuTLS has no bit of its own for it.
    says(
        &["is not trusted", "the certificate is not trusted"],
        &[NameConstraintViolated, PathLengthExceeded, UnknownCriticalExtension, WeakSignature, RootNotTrusted],
    )
    .vague(),
    says(
        &["no certificate was found", "gnutls e no certificate found"],
        &[FileIsDer, FileEmpty, FileBadBoundary, FileIsCsr, FileIsPrivateKey, FileIndented],
    ),
    says(
        &["no certificate was found", "gnutls e no certificate found", "the peer did not send any certificate"],
        &[ClientCertificateMissing, ClientCertificateNotOffered],
    )
    .when(&["@handshake"]),
    says(&["failed to open cert"], &[FileIsDer, FileBadBoundary, FileEmpty, FileMissing, FileIndented]).exact(),
    says(
        &["the certificate and the given key do not match", "gnutls e certificate key mismatch"],
        &[KeyMismatch, ChainOrder, KeyTypeMismatch, FileHasBom, KeyIsCaKey],
    )
    .exact(),
    says(
        &["the requested data were not available", "gnutls e requested data not available"],
        &[FilesSwapped, FileIsDer, FileEmpty, FileBadBoundary],
    ),
    says(
        &["base64 unexpected header error", "base64 unexpected header", "gnutls e base64 unexpected header error"],
        &[
            FileBadBoundary,
            FileTruncated,
            FileIsDer,
            FileIndented,
            FilesSwapped,
            FileEmpty,
            FileWrongLabel,
            FileJoinedBlocks,
        ],
    ),
    says(
        &["base64 decoding error", "gnutls e base64 decoding error"],
        &[FileBadBase64, FileTruncated, FileIsDer, FileBadBoundary],
    )
    .exact(),
    says(
        &[
            "asn1 parser: error in der parsing",
            "asn1 parser: element was not found",
            "gnutls e asn1 der error",
            "asn1 parser",
        ],
        &[CertificateCorrupt, KeyWrongLabel, FileTruncated, FileIsPrivateKey, FileIsCsr, FileIsPkcs12],
    ),
    says(
        &[
            "error in the certificate's time fields",
            "error in the time fields of certificate",
            "gnutls e x509 certificate error",
            "gnutls e certificate time error",
            "the der time encoding is invalid",
            "gnutls e asn1 time error",
        ],
        &[ValidityEncoding, CertificateCorrupt],
    ),
    says(
        &[
            "decryption has failed",
            "gnutls e decryption failed",
            "the given password contains invalid characters",
            "gnutls e encrypted structure",
            "gnutls e invalid password",
            "the provided string has an embedded null",
        ],
        &[KeyEncrypted, PasswordWrong],
    )
    .exact(),
    says(
        &["error while reading file", "gnutls e file error", "error setting the x509 trust file"],
        &[FileMissing, FileUnreadable, FileIsDirectory, FileIsDer, FileEmpty],
    )
    .vague(),
    says(
        &[
            "a packet with illegal or unsupported version was received",
            "an unexpected tls packet was received",
            "the tls packet was too large",
            "gnutls e unsupported version packet",
            "gnutls e unexpected packet",
            "gnutls e unexpected packet length",
            "a tls packet with unexpected length was received",
            "a tls record packet with invalid length was received",
            "error decoding the received tls packet",
            "gnutls e tls packet decoding error",
            "gnutls e record overflow",
        ],
        &[NotTls, StarttlsNeeded, TlsVersionMismatch],
    ),
    says(
        &[
            "no supported cipher suites have been found",
            "no or insufficient priorities were set",
            "could not negotiate a supported cipher suite",
            "gnutls e no cipher suites",
            "gnutls e unknown cipher suite",
            "none of the server's cipher suites",
        ],
        &[CipherSuiteMismatch, TlsVersionMismatch, KeyTypeSupport],
    ),
    says(
        &[
            "error in the pull function",
            "the tls connection was non properly terminated",
            "gnutls e premature termination",
            "gnutls e pull error",
            "error in the push function",
            "server has terminated the connection abnormally",
            "gnutls e push error",
            "peer has terminated the connection",
            "gnutls e session eof",
        ],
        &[ConnectionClosed, NotTls, TlsVersionMismatch],
    )
    .vague(),
    says(
        &[
            "error in the certificate",
            "gnutls e certificate error",
            "gnutls e certificate verification error",
            "pki verification of server certificate failed",
            "certificate verification error",
            "could not authenticate peer",
            "gnutls e auth error",
        ],
        &[RootNotTrusted, NameMismatch, Expired],
    )
    .vague(),
    says(
        &["public key signature verification has failed", "gnutls e pk sig verify failed"],
        &[KeyMismatch, SignatureInvalid, KeyTypeSupport],
    ),
    says(
        &["the certificate is required", "gnutls e certificate required", "certificate is required"],
        &[ClientCertificateMissing, ClientCertificateNotOffered],
    )
    .exact(),
    says(
        &["key usage violation in certificate has been detected", "gnutls e key usage violation"],
        &[DigitalSignatureMissing, ChainOrder, LeafMissing, WrongPurpose],
    )
    .exact(),
    says(
        &[
            "unsupported certificate type",
            "the certificate type is not supported",
            "gnutls e unsupported certificate type",
            "the curve is unsupported",
            "gnutls e ecc unsupported curve",
            "the signature algorithm is not supported",
            "gnutls e unsupported signature algorithm",
            "the oid is not supported",
            "gnutls e x509 unsupported oid",
            "an unknown public key algorithm was encountered",
            "gnutls e unknown pk algorithm",
            "the specified algorithm or protocol is unknown",
            "gnutls e unknown algorithm",
            "the hash algorithm is unknown",
            "gnutls e unknown hash algorithm",
        ],
        &[KeyTypeSupport, EcExplicitParameters, WeakSignature],
    ),
    // In TLS 1.3 the server's refusal of the client's certificate arrives after the handshake.
    says(
        &["could not save ssl session data"],
        &[ClientCertificateMissing, RootNotTrusted, MissingIntermediate, RootRegenerated, ClientCertificateRefused],
    ),
    says(&["unable to establish ssl connection"], &[TlsVersionMismatch, ConnectionClosed, NotTls]).vague(),
    // wget prints GnuTLS's number alone: GNUTLS_E_FILE_ERROR, _ASN1_TAG_ERROR, _ASN1_DER_ERROR, the two of base64.
    says(&["failed to open cert"], &[FileMissing, FileUnreadable, FileIsDirectory]).when(&[": ( 64)"]).exact(),
    says(&["failed to open cert"], &[CertificateCorrupt, FileIsCsr, FileIsPrivateKey]).when(&[": ( 73)"]).exact(),
    says(&["failed to open cert"], &[CertificateCorrupt, FileTruncated, FileIsCsr]).when(&[": ( 69)"]).exact(),
    says(&["failed to open cert"], &[FileBadBase64, FileTruncated, FileBadBoundary]).when(&[": ( 34)"]).exact(),
    says(&["failed to open cert"], &[FileTruncated, FileBadBase64, FileEscapedNewlines, FileBadBoundary, FileOneLine])
        .when(&[": ( 207)"])
        .exact(),
    // libcurl with GnuTLS, of a client's certificate and key.
    says(
        &["error reading x.509 key or certificate file"],
        &[FileMissing, KeyMismatch, FileIsDer, KeyEncrypted, FilesSwapped, FileEmpty],
    )
    .exact(),
    says(&["error loading cert file"], &[FileMissing, FileIsDirectory, FileUnreadable]),
    says(&["no pin given"], &[KeyEncrypted, PasswordWrong]).exact(),
    says(
        &["the requested data were not available"],
        &[FilesSwapped, FileIsPublicKey, FileIsSshKey, FileIsDer, FileEmpty],
    )
    .when(&["@loads-key"])
    .exact(),
    says(
        &["error in tag", "asn1 parser: error in tag"],
        &[FileIsCsr, CertificateCorrupt, FileIsPrivateKey, FileIsPublicKey],
    )
    .exact(),
    says(
        &["error in the crl verification", "gnutls e crl verification error", "error setting the x509 crl file"],
        &[CrlNotApplicable, CrlSignatureInvalid, CrlExpired, CrlMalformed, FileMissing],
    ),
    // Names and sentences of errors that speak of one thing each.
    says(
        &["insufficient credentials for that request", "gnutls e insufficient credentials"],
        &[ClientCertificateMissing, FileMissing, KeyMissing],
    ),
    says(
        &["the message authentication code verification failed", "gnutls e mac verify failed"],
        &[PasswordWrong, FileTruncated],
    )
    .exact(),
    says(
        &["the pkcs structure's content type is unknown", "the pkcs structure's bag type is unknown"],
        &[FileIsPkcs7, FileIsPkcs12],
    ),
    says(
        &["the provided x.509 certificate list is not sorted", "gnutls e certificate list unsorted"],
        &[ChainOrder, ChainExtra],
    )
    .exact(),
    says(
        &["cidr name constraint is malformed", "gnutls e malformed cidr"],
        &[ExtensionMalformed, NameConstraintViolated],
    )
    .exact(),
    says(
        &["unknown subject alternative name in x.509 certificate", "gnutls e x509 unknown san"],
        &[SanMalformed, ExtensionMalformed],
    )
    .exact(),
    says(
        &["the given string contains invalid utf 8 characters", "gnutls e invalid utf8 string", "gnutls e idna error"],
        &[SanMalformed],
    ),
    says(&["duplicate extension in x.509 certificate", "gnutls e x509 duplicate extension"], &[ExtensionMalformed])
        .exact(),
    says(
        &["unsupported extension in x.509 certificate", "gnutls e x509 unsupported extension"],
        &[UnknownCriticalExtension, ExtensionMalformed],
    )
    .exact(),
    says(
        &[
            "the sni host name not recogni",
            "a disallowed sni server name has been received",
            "gnutls e unrecognized name",
            "gnutls e received disallowed name",
        ],
        &[SniRefused, WrongVirtualHost],
    )
    .exact(),
    says(&["no common application protocol could be negotiated", "gnutls e no application protocol"], &[AlpnMismatch])
        .exact(),
    says(
        &[
            "no common key share with peer",
            "gnutls e no common key share",
            "no supported ecc curves were found",
            "gnutls e ecc no supported curves",
        ],
        &[CipherSuiteMismatch, KeyTypeSupport, TlsVersionMismatch],
    ),
    says(
        &["the diffie hellman prime sent by the server is not acceptable", "gnutls e dh prime unacceptable"],
        &[WeakKey, CipherSuiteMismatch],
    )
    .exact(),
    says(
        &["the signature is incompatible with the public key", "gnutls e incompatible sig with key"],
        &[SignatureInvalid, KeyTypeMismatch, RootRegenerated],
    ),
    says(&["public key signing has failed", "gnutls e pk sign failed"], &[KeyMismatch, KeyTypeMismatch]),
    says(
        &["the public key is invalid", "the public key parameters are invalid", "gnutls e pk invalid pubkey"],
        &[WeakKey, EcExplicitParameters, CertificateCorrupt],
    ),
    says(
        &["the private key is invalid", "gnutls e pk invalid privkey", "gnutls e privkey verification error"],
        &[CertificateCorrupt, KeyWrongLabel, KeyMismatch],
    ),
    says(
        &["some constraint limits were reached", "gnutls e constraint error"],
        &[VerifyDepthExceeded, PathLengthExceeded, PathBudgetExceeded],
    ),
    says(&["error setting the x509 trust file"], &[CertificateCorrupt, ExtensionMalformed, Version1])
        .when(&["error in the certificate"])
        .exact(),
];
