//! What curl, Python, Node, Ruby, PHP and OpenSSL's own commands add to OpenSSL's words.

use crate::finding::Code::*;
use crate::recognise::rule::{Rule, says};

pub(super) const RULES: &[Rule] = &[
    says(&["couldn't get x509 issuer name"], &[EmptyIssuerName]).exact(),
    // curl: 77 is the CA file, 58 the client's certificate and key, 60 the verification, 35 the handshake, 56 a read.
    says(
        &[
            "error setting certificate file",
            "error setting certificate verify locations",
            "error setting certificate verify",
        ],
        &[
            FileMissing,
            FileIsDer,
            FileBadBoundary,
            FileEmpty,
            FileIndented,
            FileIsPrivateKey,
            FileIsCsr,
            FileUnreadable,
        ],
    )
    .exact(),
    says(&["curl: (77)", "problem with the ssl ca cert"], &[FileMissing, FileIsDer, FileBadBoundary, FileEmpty]),
    says(
        &["curl: (58)", "problem with the local ssl certificate", "could not load pem client certificate"],
        &[FileMissing, KeyMismatch, PasswordWrong, FileIsPkcs12, KeyEncrypted],
    ),
    // OpenSSL has read the file, and found no certificate in it.
    says(&["could not load pem client certificate"], &[FileIsDer, FilesSwapped, FileEmpty, FileIsPkcs12, FileIsCsr])
        .when(&["no start line"])
        .exact(),
    says(&["unable to set private key file"], &[FileMissing, KeyMismatch, KeyEncrypted, PasswordWrong]),
    says(
        &[
            "curl: (60)",
            "peer certificate cannot be authenticated with given ca certificates",
            "ssl peer certificate or ssh remote key was not ok",
            "curl failed to verify the legitimacy of the server",
        ],
        &[RootNotTrusted, MissingIntermediate, SelfSignedLeaf],
    )
    .vague(),
    says(&["curl: (35)", "ssl connect error"], &[NotTls, TlsVersionMismatch, ConnectionClosed, CipherSuiteMismatch])
        .vague(),
    says(&["curl: (91)", "ssl server certificate status verification failed"], &[Revoked, ExtensionMalformed]),
    says(&["curl: (82)", "failed to load crl file", "error loading crl file"], &[CrlMalformed, FileMissing, FileIsDer])
        .exact(),
    // OpenSSL's commands.
    says(
        &[
            "unable to load certificate",
            "unable to load certificates",
            "could not read certificate",
            "could not find certificate",
            "could not open file or uri for loading",
        ],
        &[FileIsDer, FileMissing, FileEmpty, FilesSwapped, FileBadBoundary],
    ),
    says(
        &[
            "could not read server certificate private key",
            "could not read private key",
            "could not find private key",
            "unable to load private key",
            "unable to load key",
        ],
        &[FilesSwapped, FileIsDer, KeyEncrypted, FileMissing, KeyWrongLabel, FileIsPublicKey, FileEmpty],
    ),
    says(
        &["could not read server certificate from"],
        &[FilesSwapped, FileIsCrl, FileEmpty, FileIsDirectory, FileTruncated, FileIsCsr],
    ),
    says(&["error loading file"], &[FileIsDer, FileBadBoundary, FileEmpty, FileMissing, FileIndented]),
    says(&["loading crl", "unable to load crl", "could not read crl"], &[CrlMalformed, FileMissing, FileIsDer]),
    says(&["no peer certificate available"], &[NotTls, ConnectionClosed, SniRefused, TlsVersionMismatch]).vague(),
    // Python: what a context says when it is given files, and where ssl ends without a reason.
    says(&["key values mismatch"], &[KeyMismatch, ChainOrder, FileHasBom, KeyIsCaKey]),
    says(
        &[
            "not enough data: cadata does not contain a certificate",
            "no start line: cadata does not contain a certificate",
        ],
        &[FileEmpty, FileIsDer, FileBadBoundary],
    )
    .exact(),
    says(&["unable to load client ca", "cafile, capath and cadata cannot be all omitted"], &[FileMissing]),
    says(&["could not find a suitable tls ca certificate bundle", "invalid path:"], &[FileMissing]).exact(),
    says(
        &["max retries exceeded", "certificateerror", "sslcertverificationerror", "ssl: certificate verify failed"],
        &[RootNotTrusted, MissingIntermediate],
    )
    .vague(),
    // Node.
    says(&["err ossl x509 key values mismatch"], &[KeyMismatch, ChainOrder, FileHasBom, KeyTypeMismatch]),
    says(&["err ossl pem no start line"], &[FilesSwapped, FileIsDer, FileEmpty, FileBadBoundary, FileMissing]),
    says(&["err tls cert altname format"], &[SanMalformed]).exact(),
    says(
        &["socket hang up", "client network socket disconnected before secure tls connection was established"],
        &[ConnectionClosed, NotTls, ClientCertificateMissing, TlsVersionMismatch],
    ),
    says(
        &["unable to get local issuer certificate", "unable to get issuer cert locally"],
        &[MissingIntermediate, RootNotTrusted, RootInOtherStore, FileBadBoundary, RootRegenerated],
    )
    .when(&["if the root ca is installed locally, try running node.js with"]),
    // Ruby, PHP, Perl, git.
    says(&["ssl connect returned=1 errno=0 state=error"], &[RootNotTrusted, MissingIntermediate, TlsVersionMismatch])
        .vague(),
    says(
        &["server certificate verification failed. cafile"],
        &[RootNotTrusted, MissingIntermediate, Expired, RootInOtherStore],
    ),
];
