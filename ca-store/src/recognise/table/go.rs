//! Go's `crypto/tls`, `crypto/x509` and `encoding/pem`: Caddy, Traefik, Docker, Kubernetes, Terraform, Prometheus speak so.

use crate::finding::Code::*;
use crate::recognise::rule::{Rule, says};

pub(super) const RULES: &[Rule] = &[
    says(
        &["certificate signed by unknown authority", "unknownauthorityerror"],
        &[
            RootNotTrusted,
            MissingIntermediate,
            SelfSignedLeaf,
            Intercepted,
            RootInOtherStore,
            IssuerRenamed,
            IssuerNameEncoding,
            FileBadBoundary,
            EcExplicitParameters,
        ],
    ),
    // An issuer of the right name was there: what was wrong with it stands in the brackets.
    says(
        &["parent certificate cannot sign this kind of certificate"],
        &[IssuerNotCa, BasicConstraintsMissing, KeyCertSignMissing, Version1],
    )
    .exact(),
    says(
        &[
            "crypto/rsa: verification error",
            "ecdsa verification failure",
            "ed25519 verification failure",
            "x509: ecdsa verification failure",
        ],
        &[RootRegenerated, IntermediateRegenerated, SignatureInvalid, CertificateCorrupt, SameSubjectAsIssuer],
    )
    .exact(),
    says(
        &["signature algorithm specifies an", "public key has type"],
        &[RootRegenerated, IntermediateRegenerated, SameSubjectAsIssuer, SignatureInvalid],
    )
    .exact(),
    says(
        &["insecure algorithm", "cannot verify signature: insecure algorithm", "insecurealgorithmerror"],
        &[WeakSignature, WeakKey],
    )
    .exact(),
    says(
        &["cannot verify signature: algorithm unimplemented", "algorithm unimplemented"],
        &[KeyTypeSupport, WeakSignature, EcExplicitParameters, SignatureUnsupported],
    )
    .exact(),
    says(&["certificate has expired or is not yet valid"], &[Expired, ClockWrong, NotYetValid, StaleCertificateServed]),
    says(&["certificate has expired or is not yet valid"], &[Expired, ClockWrong, StaleCertificateServed])
        .when(&["is after"])
        .exact(),
    says(&["certificate has expired or is not yet valid"], &[NotYetValid, ClockWrong, ValidityInverted])
        .when(&["is before"])
        .exact(),
    says(
        &["certificate is not authorized to sign other certificates"],
        &[IssuerNotCa, BasicConstraintsMissing, Version1, KeyCertSignMissing],
    )
    .exact(),
    says(
        &["not authorized to sign for this name", "is not permitted by any constraint", "is excluded by constraint"],
        &[NameConstraintViolated],
    )
    .exact(),
    says(&["invalid nameconstraints extension"], &[ExtensionMalformed]).exact(),
    says(&["certificate contains duplicate extensions"], &[ExtensionNotAllowed, ExtensionMalformed]).exact(),
    says(&["too many intermediates for path length constraint"], &[PathLengthExceeded]).exact(),
    says(&["certificate specifies an incompatible key usage"], &[WrongPurpose, IssuerPurpose]).exact(),
    // It knows constraints for names, addresses and mailboxes, and none for directory names.
    says(
        &["unhandled critical extension"],
        &[UnknownCriticalExtension, NameConstraintViolated, PolicyViolated, ExtensionCriticality],
    ),
    says(
        &[
            "too many signatures",
            "signature check attempts limit reached",
            "too many name constraints",
            "tls: chain is too long",
        ],
        &[PathBudgetExceeded, ChainExtra],
    )
    .exact(),
    says(
        &["issuer name does not match subject from issuing certificate"],
        &[IssuerRenamed, IssuerNameEncoding, IssuerNameCase, ChainOrder],
    )
    .exact(),
    says(&["candidate chains with invalid policies", "no valid certificate policies"], &[PolicyViolated]).exact(),
    // Certificates that it does not read.
    says(
        &["malformed utctime", "malformed generalizedtime", "unsupported time format"],
        &[ValidityEncoding, CertificateCorrupt],
    )
    .exact(),
    says(&["x509: invalid ecdsa parameters"], &[EcExplicitParameters, CertificateCorrupt]).exact(),
    says(
        &["invalid uncompressed public key", "x509: failed to unmarshal elliptic curve point"],
        &[KeyTypeSupport, CertificateCorrupt],
    )
    .exact(),
    says(&["incorrectly marked critical"], &[ExtensionCriticality, ExtensionMalformed]).exact(),
    says(
        &[
            "x509: failed to parse dnsname constraint",
            "x509: failed to parse rfc822name constraint",
            "x509: failed to parse uri constraint",
            "x509: ip constraint contained",
        ],
        &[ExtensionMalformed, NameConstraintViolated],
    )
    .exact(),
    says(&["inner and outer signature algorithm identifiers don't match"], &[SignatureInvalid, CertificateCorrupt])
        .exact(),
    // etcd, of a peer's address.
    says(&["does not match any of dnsnames"], &[NameMismatch, IpNotCovered, NoSan]).exact(),
    says(&["bit keys are insecure"], &[WeakKey]).exact(),
    says(&["x509: negative serial number", "negative serial number"], &[SerialNegative]).exact(),
    says(&["serial number too long", "x509: serial number"], &[SerialTooLong, SerialNegative]).exact(),
    says(
        &[
            "x509: malformed",
            "x509: invalid",
            "x509: failed to parse",
            "failed to parse certificate from server",
            "failed to parse certificate",
            "x509: unsupported",
            "asn1: structure error",
            "asn1: syntax error",
            "trailing data",
            "unsupported elliptic curve",
        ],
        &[CertificateCorrupt, ExtensionMalformed, FileTruncated, SanMalformed, FileWrongLabel],
    ),
    says(
        &[
            "x509: unsupported elliptic curve",
            "unsupported elliptic curve",
            "unknown elliptic curve",
            "unsupported public key algorithm",
            "unsupported certificate curve",
            "certificate used with invalid signature algorithm",
            "peer doesn't support any of the certificate's signature algorithms",
            "doesn't support any of the certificate's signature algorithms",
        ],
        &[KeyTypeSupport, EcExplicitParameters, CipherSuiteMismatch],
    )
    .exact(),
    says(
        &[
            "rsa key size too small",
            "tls: server sent certificate containing rsa key",
            "rsa key smaller than",
            "insecure rsa key",
            "certificate containing rsa key larger than",
        ],
        &[WeakKey],
    )
    .exact(),
    says(
        &[
            "x509: invalid basic constraints",
            "x509: invalid key usage",
            "x509: invalid extended key usage",
            "x509: invalid authority key identifier",
            "x509: invalid subject key identifier",
            "x509: invalid version",
            "x509: certificate contains duplicate extension",
        ],
        &[ExtensionMalformed, CertificateCorrupt],
    )
    .exact(),
    // Loading.
    says(
        &["appendcertsfrompem returned false"],
        &[
            FileIsDer,
            FileBadBoundary,
            FileEmpty,
            FileIndented,
            FileIsPrivateKey,
            FileIsCsr,
            FileBadBase64,
            FileTruncated,
            FileIsPkcs12,
        ],
    )
    .exact(),
    says(
        &["failed to find any pem data in certificate input", "failed to find any pem data"],
        &[FileIsDer, FileEmpty, FileTruncated, FileBadBoundary, FileHasBom, FileIndented, FileIsPkcs12, FileIsUtf16],
    )
    .exact(),
    says(&["failed to find any pem data in key input"], &[FileIsDer, FileEmpty, FileBadBoundary, FileHasBom]).exact(),
    says(
        &["pem inputs may have been switched", "found a certificate rather than a key"],
        &[FilesSwapped, FileIsCertificate],
    )
    .exact(),
    says(
        &["after skipping pem blocks of the following types"],
        &[FileIsCsr, FileIsPrivateKey, FileIsPkcs7, FileWrongLabel, FileIsPublicKey],
    )
    .exact(),
    says(&["after skipping pem blocks of the following types"], &[FileIsPublicKey, FilesSwapped, FileIsCsr])
        .exact()
        .when(&["in key input after skipping"]),
    says(&["after skipping pem blocks of the following types"], &[FileIsPublicKey]).exact().when(&["[public key]"]),
    says(&["after skipping pem blocks of the following types"], &[FileIsCsr]).exact().when(&["[certificate request]"]),
    says(&["after skipping pem blocks of the following types"], &[FileIsCrl]).exact().when(&["[x509 crl]"]),
    says(&["after skipping pem blocks of the following types"], &[FileWrongLabel]).exact().when(&["[x509 certificate"]),
    says(&["after skipping pem blocks of the following types"], &[FileWrongLabel])
        .exact()
        .when(&["[trusted certificate"]),
    says(&["after skipping pem blocks of the following types"], &[FileIsPkcs7]).exact().when(&["[pkcs7]"]),
    says(
        &["failed to parse private key", "tls: failed to parse private key"],
        &[KeyEncrypted, KeyWrongLabel, FileIsSshKey, CertificateCorrupt],
    )
    .exact(),
    says(
        &["use parsepkcs8privatekey instead", "use parsepkcs1privatekey instead", "use parseecprivatekey instead"],
        &[KeyWrongLabel],
    )
    .exact(),
    says(
        &["private key does not match public key"],
        &[KeyMismatch, ChainOrder, FileHasBom, KeyIsCaKey, StaleCertificateServed],
    )
    .exact(),
    says(&["private key type does not match public key type"], &[KeyTypeMismatch, KeyMismatch, ChainOrder]).exact(),
    // The handshake.
    says(
        &[
            "first record does not look like a tls handshake",
            "server gave http response to https client",
            "client sent an http request to an https server",
            "oversized record received",
            "http response to https",
            "malformed http response",
        ],
        &[NotTls, StarttlsNeeded],
    )
    .exact(),
    says(
        &["client didn't provide a certificate", "client did not provide a certificate", "no client certificate"],
        &[ClientCertificateMissing, ClientCertificateNotOffered],
    )
    .exact(),
    says(
        &[
            "unsupported versions",
            "client offered only unsupported versions",
            "server selected unsupported protocol version",
            "no supported versions satisfy",
        ],
        &[TlsVersionMismatch],
    )
    .exact(),
    says(
        &["no cipher suite supported by both client and server", "server chose an unconfigured cipher suite"],
        &[CipherSuiteMismatch, KeyTypeSupport],
    )
    .exact(),
    says(
        &[
            "client requested unsupported application protocols",
            "server selected unadvertised alpn protocol",
            "unsupported application protocol",
        ],
        &[AlpnMismatch],
    )
    .exact(),
    says(
        &[
            "no certificates configured",
            "missing server name",
            "no certificate available for",
            "unrecognized server name",
        ],
        &[SniMissing, SniRefused, FileMissing],
    )
    .exact(),
    says(
        &["invalid signature by the server certificate", "invalid signature by the client certificate"],
        &[KeyMismatch, CertificateCorrupt, Intercepted],
    )
    .exact(),
    says(
        &[
            "unsupported type of public key",
            "unsupported public key",
            "unsupported elliptic curve",
            "unsupported curve",
        ],
        &[KeyTypeSupport, KeyTypeMismatch, CipherSuiteMismatch],
    ),
    says(&["tls handshake timeout"], &[ConnectionTimeout, NotTls, StarttlsNeeded]),
];
