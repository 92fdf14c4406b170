//! Files that cannot be opened (the words of the C library, which every program repeats), and what programs were about to
//! load when they failed: the certificate, its key, or the trusted CAs.

use crate::finding::Code::*;
use crate::recognise::rule::{Rule, says};

/// A private key was being loaded.
pub(super) const LOADS_KEY: &[&str] = &[
    "expecting: any private key",
    "ssl ctx use privatekey",
    "ssl ctx use privatekey file",
    "pem read bio privatekey",
    "cannot load certificate key",
    "could not read server certificate private key",
    "could not read private key",
    "could not find private key",
    "unable to load private key",
    "unable to load server private key",
    "unable to load client private key",
    "unable to set private key file",
    "unable to use client private key",
    "error setting private key",
    "failed to parse private key",
    "failed to load private key",
    "could not load private key file",
    "error importing key",
    "key file:",
    "no start line for key",
    "ah02565",
    "ah02577",
    "sslcertificatekeyfile",
];

/// The trusted CAs were being loaded.
pub(super) const LOADS_CA: &[&str] = &[
    "error loading file",
    "error setting certificate verify locations",
    "error setting certificate file",
    "error loading ca file",
    "error setting the x509 trust file",
    "x509 load cert crl file ex",
    "x509 load cert crl file",
    "ssl ctx load verify locations",
    "ssl load client ca file",
    "failed to open cert",
    "appendcertsfrompem",
    "ca file",
    "cafile",
    "unable to load ca",
    "ah02554",
    "trust anchor",
];

/// A certificate was being loaded to be shown.
pub(super) const LOADS_CERTIFICATE: &[&str] = &[
    "cannot load certificate",
    "ssl ctx use certificate",
    "ssl ctx use certificate chain file",
    "ssl ctx use certificate file",
    "pem read bio x509 aux",
    "pem read bio x509",
    "could not read certificate",
    "could not read server certificate from",
    "could not load certificate",
    "could not load server certificate file",
    "failed to load certificate",
    "unable to load certificate",
    "unable to load server certificate",
    "could not load pem client certificate",
    "unable to get certificate from",
    "can't load ssl certificate",
    "error setting certificate",
    "unable to set certificate file",
    "unable to set local cert",
    "ah02561",
    "sslcertificatefile",
    "expecting: trusted certificate",
    "expecting: certificate",
];

/// DER that breaks off or has the wrong type.
pub(super) const DER_DAMAGED: &[&str] = &[
    "wrong tag",
    "nested asn1 error",
    "header too long",
    "not enough data",
    "bad object header",
    "asn1 encoding routines",
    "asn1 lib",
];

pub(super) const RULES: &[Rule] = &[
    // Dovecot, MySQL: what was read holds no certificate, or no key.
    says(
        &["there is no valid pem certificate", "unable to get certificate from"],
        &[FileIsDer, FileMissing, FileBadBoundary, FileIsPrivateKey, FileEmpty],
    ),
    says(
        &["there is no valid pem private key", "unable to get private key from"],
        &[FileIsCertificate, FileMissing, KeyEncrypted, FileBadBoundary, KeyMismatch],
    ),
    says(
        &[
            "no such file or directory",
            "no such file",
            "enoent",
            "nosuchfileexception",
            "filenotfoundexception",
            "filenotfounderror",
            "the system cannot find the file specified",
            "pr file not found error",
            "file not found",
            "cannot find the path",
            "os error 2",
            "err file not found",
            "could not open file or uri",
            "can't open",
        ],
        &[FileMissing, FileUnreadable],
    )
    .exact(),
    says(
        &[
            "permission denied",
            "eacces: permission denied, open",
            "accessdeniedexception",
            "permissionerror",
            "operation not permitted",
            "os error 13",
        ],
        &[FileUnreadable, KeyPermissions, FileMissing],
    )
    .exact(),
    says(&["is a directory", "eisdir", "isadirectoryerror", "os error 21"], &[FileIsDirectory]).exact(),
    says(
        &[
            "unprotected private key file",
            "are too open",
            "group or world access",
            "has group or world access",
            "bad permissions",
            "permissions should be u=rw",
        ],
        &[KeyPermissions],
    )
    .exact(),
    says(
        &["file is empty", "certificate is empty", "bundle is empty", "empty file", "0 certificates"],
        &[FileEmpty, FileIsDer, FileBadBoundary],
    ),
    says(&["openssh private key", "begin openssh private key", "not a valid openssh"], &[FileIsSshKey, KeyWrongLabel])
        .exact(),
    says(&["byte order mark", "\u{feff}"], &[FileHasBom]).exact(),
    says(&["utf 16", "null byte", "nul byte"], &[FileIsUtf16, FileHasBom]),
    says(&["certificate request", "begin certificate request", "[certificate request]"], &[FileIsCsr]),
    says(&["@loads-certificate"], &[FileIsCsr]).when(&["certificate request"]).exact(),
];
