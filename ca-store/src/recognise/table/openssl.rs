//! OpenSSL's error queue: `error:0A000086:SSL routines::…` (3.x) and `error:14094410:SSL routines:…` (1.1), of which Python prints
//! `[SSL: REASON] text`, Node `ERR_SSL_REASON`, nginx `(SSL: error:…)`. Reasons: `sslerr.h`, `pemerr.h`, `x509err.h`, `evperr.h`.

use crate::finding::Code::{self, *};
use crate::recognise::rule::{Rule, says};

/// A PEM reader that found no block of the kind that it wants: it skips all lines that do not begin with the dashes, so
/// the block may be of another kind, indented, damaged, or not be PEM.
pub(super) const NO_CERTIFICATE: &[Code] = &[
    FileIsDer,
    FileBadBoundary,
    FileEmpty,
    FilesSwapped,
    FileIndented,
    FileIsCsr,
    FileIsPrivateKey,
    FileHasBom,
    FileIsPkcs12,
    FileIsPkcs7,
    FileIsUtf16,
    FileIsPublicKey,
    FileOneLine,
    FileEscapedNewlines,
];
/// The same of the certificate that is to be shown, beside which its key lies.
const SHOWN_CERTIFICATE: &[Code] = &[
    FilesSwapped,
    FileIsDer,
    FileEmpty,
    FileTruncated,
    FileHasBom,
    FileBadBoundary,
    FileIsPkcs12,
    FileIsPkcs7,
    FileIsCsr,
    FileIsPrivateKey,
    FileIsUtf16,
    FileIsOther,
    FileIsCrl,
];
const NO_KEY: &[Code] = &[
    FilesSwapped,
    FileIsDer,
    FileIsPublicKey,
    FileEmpty,
    FileBadBoundary,
    KeyWrongLabel,
    FileIsSshKey,
    FileHasBom,
    FileIsPkcs12,
    FileIsCertificate,
    FileIsOther,
];
const EOF: &[&str] =
    &["unexpected eof while reading", "unexpected eof", "eof occurred in violation of protocol", "ssl error syscall"];
const WRONG_VERSION: &[&str] = &[
    "wrong version number",
    "wrong ssl version",
    "packet length too long",
    "unknown protocol",
    "record layer failure",
];

pub(super) const RULES: &[Rule] = &[
    // What the other side speaks.
    says(WRONG_VERSION, &[NotTls, StarttlsNeeded, TlsVersionMismatch]),
    // Alone, `http request` is in every web server's log.
    says(
        &[
            ":http request",
            "ssl: http request",
            "ssl http request",
            "ssl r http request",
            "ssl error: http request",
            "https proxy request",
        ],
        &[NotTls, StarttlsNeeded],
    )
    .exact(),
    says(EOF, &[ConnectionClosed, NotTls, TlsVersionMismatch, ClientCertificateMissing, SniRefused]),
    says(
        &[
            "unsupported protocol",
            "no protocols available",
            "version too low",
            "version too high",
            "unsupported ssl version",
            "no supported versions",
        ],
        &[TlsVersionMismatch, NotTls],
    ),
    says(
        &["unsafe legacy renegotiation disabled", "legacy sigalg disallowed or unsupported"],
        &[TlsVersionMismatch, WeakSignature, CipherSuiteMismatch],
    ),
    says(
        &["no shared cipher", "no ciphers available", "no cipher match", "no cipher suites"],
        &[CipherSuiteMismatch, KeyTypeMismatch, FileMissing, KeyTypeSupport],
    ),
    says(
        &[
            "no suitable signature algorithm",
            "no shared signature algorithms",
            "no shared signature algorithm",
            "no suitable key share",
            "no suitable groups",
            "no shared groups",
            "wrong signature type",
            "wrong curve",
        ],
        &[KeyTypeSupport, KeyTypeMismatch, CipherSuiteMismatch, WeakKey],
    ),
    says(&["digest check failed", "bad signature"], &[KeyMismatch, SignatureInvalid, CertificateCorrupt]),
    says(&["dh key too small"], &[WeakKey, CipherSuiteMismatch]),
    // Client certificates.
    says(
        &[
            "peer did not return a certificate",
            "no certificate returned",
            "no certificates returned",
            "peer certificate cannot be null",
        ],
        &[ClientCertificateMissing, ClientCertificateNotOffered],
    )
    .exact(),
    says(&["no client cert method"], &[ClientCertificateNotOffered, ClientCertificateMissing]).vague(),
    // The certificate's own strength, when it is loaded.
    says(&["ca md too weak", "ee md too weak"], &[WeakSignature]).exact(),
    // A key and a certificate that do not belong together.
    says(
        &["key values mismatch", "key values dismatch"],
        &[KeyMismatch, ChainOrder, FileHasBom, KeyIsCaKey, StaleCertificateServed],
    ),
    says(&["key type mismatch"], &[KeyTypeMismatch, KeyMismatch, ChainOrder]).exact(),
    says(&["no private key assigned", "no certificate set"], &[FileMissing, KeyMismatch, FileEmpty]),
    // A key finds no certificate in the place of its own type (SSL_CTX_check_private_key).
    says(&["no certificate assigned"], &[KeyTypeMismatch, KeyMismatch, FileMissing, FileEmpty]),
    says(
        &["private key does not match the certificate public key"],
        &[KeyMismatch, ChainOrder, KeyTypeMismatch, FilesSwapped],
    )
    .exact(),
    // PEM and DER.
    says(&["no start line"], NO_CERTIFICATE),
    says(&["no start line"], NO_KEY).when(&["@loads-key"]),
    says(
        &["pem lib", "[ssl] pem lib"],
        &[FilesSwapped, FileIsDer, FileTruncated, FileBadBoundary, FileEmpty, KeyWrongLabel],
    ),
    says(&["no certificate or crl found", "no certificate or crl found in"], NO_CERTIFICATE),
    says(&["no certificate found", "no certificates found"], NO_CERTIFICATE).vague(),
    says(&["bad end line", "pem bad end line"], &[FileBadBoundary, FileTruncated, FileJoinedBlocks, FileWrongLabel])
        .exact(),
    says(
        &[
            "bad base64 decode",
            "base64 decode error",
            "base64decode",
            "illegal base64 data",
            "illegal base64 character",
        ],
        &[FileBadBase64, FileTruncated, FileJoinedBlocks],
    )
    .exact(),
    says(
        &["short header", "bad iv chars", "not dek info", "not proc type", "unsupported encryption"],
        &[KeyEncrypted, FileBadBoundary, FileTruncated],
    ),
    says(
        &[
            "wrong tag",
            "nested asn1 error",
            "header too long",
            "not enough data",
            "bad object header",
            "asn1 encoding routines",
            "asn1 lib",
            "invalid object encoding",
            "unexpected asn1 tag",
        ],
        &[CertificateCorrupt, FileTruncated, FileWrongLabel, KeyWrongLabel, FileIsPkcs12, ExtensionMalformed],
    )
    .vague(),
    // X509_check_ca and its kin, of an extension that cannot be read or says what it must not.
    says(
        &[
            "x509 v3 routines::invalid certificate",
            "ossl x509v3 cache extensions:invalid certificate",
            "x509v3: invalid certificate",
        ],
        &[ExtensionMalformed, SanMalformed, KeyCertSignMissing, DigitalSignatureMissing, CertificateCorrupt],
    )
    .exact(),
    // X509_CRL_verify and X509_verify, as curl tells them.
    says(
        &["asn1 encoding routines::evp lib"],
        &[CrlSignatureInvalid, IntermediateRegenerated, RootRegenerated, CertificateCorrupt],
    )
    .exact(),
    // The same where the key is an RSA key: what comes out of it is no digest.
    says(
        &["rsa routines::invalid padding", "rsa routines::padding check failed", "rsa routines::block type is not 01"],
        &[CertificateCorrupt, RootRegenerated, SignatureInvalid, CrlSignatureInvalid],
    )
    .exact(),
    // s_client, which hears no more than that the connection was reset.
    says(
        &["write:errno=104", "read:errno=104", "write:errno=32"],
        &[ConnectionClosed, NotTls, ClientCertificateMissing],
    ),
    says(&["@der-damaged"], &[KeyWrongLabel, FileTruncated, FileIsPkcs12, CertificateCorrupt]).when(&["@loads-key"]),
    // Decoders of OpenSSL 3: nothing that it knows.
    says(
        &["decoder routines::unsupported", "error:1e08010c", "no supported data to decode", "err ossl unsupported"],
        // A key out of a variable has its line feeds spelled out, as often as its label is wrong.
        &[
            KeyWrongLabel,
            FileIsDer,
            FileEscapedNewlines,
            FileIsPublicKey,
            FileIsSshKey,
            KeyEncrypted,
            FilesSwapped,
            FileBadBoundary,
        ],
    ),
    says(
        &[
            "unsupported (rc2 40",
            "inner evp generic fetch:unsupported",
            "global default library context, algorithm (rc2",
            "algorithm (rc2 40 cbc",
            "rc2 40 cbc",
            "pbewithsha1and40bitrc2",
            "unsupported algorithm rc2",
        ],
        &[Pkcs12LegacyEncryption, PasswordWrong],
    )
    .exact(),
    // Node.
    says(&["unsupported pkcs12 pfx data"], &[Pkcs12LegacyEncryption, PasswordWrong, FileIsPkcs12]).exact(),
    // OpenSSL 3 tries a PKCS#12 file's contents without a password, whatever it was asked for.
    says(
        &["error verifying pkcs12 mac", "try pkcs12:", "empty password"],
        &[FileIsPkcs12, PasswordWrong, Pkcs12LegacyEncryption, KeyMissing],
    )
    .when(&["error verifying pkcs12 mac"])
    .exact(),
    // Passphrases.
    says(
        &[
            "bad decrypt",
            "err ossl evp bad decrypt",
            "pkcs12 cipherfinal error",
            "mac verify failure",
            "mac verify error",
            "invalid password",
            "maybe wrong password",
            "password incorrect",
            "wrong password",
            "incorrect password",
            "decryption failed",
        ],
        &[PasswordWrong, KeyEncrypted, Pkcs12LegacyEncryption],
    )
    .exact(),
    says(
        &[
            "bad password read",
            "problems getting password",
            "interrupted or cancelled",
            "while reading strings",
            "err ossl crypto interrupted or cancelled",
            "passphrase required",
            "err missing passphrase",
            "empty password",
            "password callback",
            "enter pem pass phrase",
            "bad password",
        ],
        &[KeyEncrypted, PasswordWrong],
    )
    .exact(),
    says(&["@loads-key"], &[FilesSwapped, FileMissing, KeyEncrypted, FileIsDer, FileUnreadable, KeyWrongLabel]).vague(),
    says(&["@loads-ca"], &[FileMissing, FileIsDer, FileBadBoundary, FileEmpty, FileIndented, FileUnreadable]).vague(),
    says(&["@loads-certificate"], &[FileMissing, FileIsDer, FilesSwapped, FileEmpty, FileUnreadable]).vague(),
    says(
        &["decoder routines::unsupported", "error:1e08010c"],
        &[FilesSwapped, FileTruncated, FileBadBoundary, CertificateCorrupt, FileEmpty],
    )
    .when(&["@loads-certificate"]),
    says(
        &["digital envelope routines::unsupported", "error:0308010c"],
        &[Pkcs12LegacyEncryption, KeyEncrypted, PasswordWrong],
    ),
    // A PEM block was there, and what it holds is no certificate, or no key.
    says(&["@der-damaged"], &[CertificateCorrupt, FileTruncated, FileBadBase64, FileWrongLabel])
        .when(&["@loads-ca"])
        .exact(),
    says(&["[x509] pem lib"], &[CertificateCorrupt, FileBadBase64, FileTruncated, FileBadBoundary]),
    says(&["no start line", "pem lib"], SHOWN_CERTIFICATE).when(&["@loads-certificate"]),
    says(
        &["could not read server certificate from", "could not read certificate"],
        &[FilesSwapped, FileTruncated, FileEmpty, FileBadBoundary, CertificateCorrupt, FileIsCsr],
    )
    .when(&["store routines"]),
    // OpenSSL 3 reads a key's DER as well: what lies there holds something else.
    says(
        &["could not read server certificate private key", "could not read private key"],
        &[FilesSwapped, FileIsCertificate, FileIsPublicKey, KeyWrongLabel, FileEmpty, FileIsDirectory],
    )
    .when(&["ossl store handle load result:unsupported"]),
];
