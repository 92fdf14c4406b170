//! Java's JSSE and PKIX provider (OpenJDK 8 and later): `sun.security.validator`, `sun.security.provider.certpath`, `sun.security.util`, and `keytool`.

use crate::finding::Code::*;
use crate::recognise::rule::{Rule, says};

pub(super) const RULES: &[Rule] = &[
    says(
        &["unable to find valid certification path to requested target", "suncertpathbuilderexception"],
        &[
            RootNotTrusted,
            MissingIntermediate,
            SelfSignedLeaf,
            Intercepted,
            RootInOtherStore,
            IssuerRenamed,
            IssuerNameEncoding,
            AkiMismatch,
        ],
    ),
    // Android.
    says(&["trust anchor for certification path not found"], &[RootNotTrusted, MissingIntermediate, SelfSignedLeaf])
        .exact(),
    says(&["pkix path building failed"], &[RootNotTrusted, MissingIntermediate, SelfSignedLeaf]).vague(),
    says(
        &["path does not chain with any of the trust anchors"],
        &[RootNotTrusted, RootRegenerated, AkiMismatch, IntermediateRegenerated, IssuerRenamed, SelfSignedLeaf],
    ),
    says(
        &["no trusted certificate found", "untrusted certificate", "unknown certificate chain"],
        &[RootNotTrusted, SelfSignedLeaf, MissingIntermediate],
    ),
    says(
        &["signature check failed", "signature does not match", "invalid signature"],
        &[
            RootRegenerated,
            SignatureInvalid,
            IntermediateRegenerated,
            SameSubjectAsIssuer,
            CertificateCorrupt,
            LeafAsTrustAnchor,
        ],
    ),
    says(&["certificateexpiredexception", "notafter:"], &[Expired, ClockWrong, StaleCertificateServed]).exact(),
    says(&["certificatenotyetvalidexception", "notbefore:"], &[NotYetValid, ClockWrong]).exact(),
    says(&["validity check failed", "timestamp check failed"], &[Expired, ClockWrong, NotYetValid]),
    says(
        &[
            "basic constraints check failed: this is not a ca certificate",
            "this is not a ca certificate",
            "is not a ca certificate",
        ],
        &[IssuerNotCa, BasicConstraintsMissing, Version1],
    )
    .exact(),
    says(
        &["is not a ca certificate"],
        &[BasicConstraintsMissing, IssuerNotCa, Version1, SameSubjectAsIssuer, LeafAsTrustAnchor],
    )
    .when(&["trustanchor with subject"])
    .exact(),
    says(
        &[
            "basic constraints check failed: pathlenconstraint violated",
            "pathlenconstraint violated",
            "pathlenconstraint",
        ],
        &[PathLengthExceeded],
    )
    .exact(),
    says(
        &["ca key usage check failed", "keycertsign bit is not set", "does not have keycertsign bit set"],
        &[KeyCertSignMissing, IssuerNotCa],
    )
    .exact(),
    says(&["crlsign bit is not set"], &[CrlSignMissing, KeyCertSignMissing, CrlSignatureInvalid]).exact(),
    says(&["name constraints check failed", "name constraints"], &[NameConstraintViolated]).exact(),
    says(&["basedistance in name constraints not supported"], &[ExtensionMalformed, NameConstraintViolated]).exact(),
    says(&["duplicate extensions not allowed"], &[ExtensionMalformed, ExtensionNotAllowed]).exact(),
    says(
        &["extended key usage does not permit use for", "extendedkeyusage does not", "extended key usage"],
        &[WrongPurpose, IssuerPurpose],
    )
    .exact(),
    says(
        &[
            "keyusage does not allow digital signatures",
            "keyusage does not allow",
            "does not allow digital signatures",
            "wrong key usage",
        ],
        &[DigitalSignatureMissing, ChainOrder, LeafMissing, WrongPurpose],
    )
    .exact(),
    says(
        &[
            "unrecognized critical extension",
            "unsupported critical extension",
            "critical extension",
            "certificate contains unsupported critical extensions",
        ],
        &[UnknownCriticalExtension],
    )
    .exact(),
    says(
        &[
            "algorithm constraints check failed",
            "certificates do not conform to algorithm constraints",
            "algorithm constraints",
        ],
        &[WeakKey, WeakSignature, KeyTypeSupport],
    )
    .exact(),
    says(
        &[
            "algorithm constraints check failed",
            "certificates do not conform to algorithm constraints",
            "algorithm constraints",
        ],
        &[WeakSignature, WeakKey],
    )
    .when(&["@weak-digest"])
    .exact(),
    says(
        &[
            "algorithm constraints check failed",
            "certificates do not conform to algorithm constraints",
            "algorithm constraints",
        ],
        &[WeakKey, WeakSignature],
    )
    .when(&["@key-size"])
    .exact(),
    says(&["certificate has been revoked", "certificaterevokedexception"], &[Revoked, SerialReused]).exact(),
    says(
        &[
            "could not determine revocation status",
            "undetermined revocation status",
            "unable to determine revocation status",
        ],
        &[CrlMissing, CrlExpired, CrlNotApplicable, CrlSignatureInvalid],
    )
    .exact(),
    says(
        &["subject/issuer name chaining check failed", "name chaining check failed"],
        &[IssuerRenamed, IssuerNameEncoding, ChainOrder, MissingIntermediate],
    )
    .exact(),
    says(&["empty issuer dn not allowed", "empty issuer"], &[EmptyIssuerName]).exact(),
    says(&["non null policy tree required"], &[PolicyViolated]).exact(),
    says(
        &["encountered an issuerdomainpolicy of any policy", "encountered a subjectdomainpolicy of any policy"],
        &[PolicyViolated, ExtensionMalformed],
    )
    .exact(),
    says(&["netscape cert type does not permit"], &[WrongPurpose, ExtensionMalformed]).exact(),
    says(&["certificate policies", "certificate policy"], &[PolicyViolated, ExtensionMalformed]),
    // AlgorithmChecker: fewer bits than a key usage has.
    says(&["incorrect keyusage extension"], &[DigitalSignatureMissing, ExtensionMalformed, KeyCertSignMissing]).exact(),
    says(&["only named ecparameters supported"], &[EcExplicitParameters, KeyTypeSupport]).exact(),
    says(
        &["failed to parse server certificates"],
        &[CertificateCorrupt, ExtensionMalformed, EcExplicitParameters, EmptyIssuerName, Version1, SanMalformed],
    ),
    says(&["the certificate chain length"], &[VerifyDepthExceeded, PathBudgetExceeded, PathLengthExceeded]),
    // Loading.
    says(
        &["no certificate data found"],
        &[FileIsPrivateKey, FileEmpty, FileIndented, FileIsCsr, FileBadBoundary, FileIsPublicKey],
    )
    .exact(),
    says(&["incomplete data", "incomplete ber/der data"], &[FileTruncated, FileBadBoundary, FileBadBase64]).exact(),
    says(
        &["signed fields invalid", "illegal header", "x509.object identifier"],
        &[FileIsPrivateKey, FileIsCsr, FileHasKey, CertificateCorrupt],
    )
    .exact(),
    says(&["illegal header"], &[FileBadBoundary, FileHasBom, FileIsDer, FileHasText]).exact(),
    says(&["header and footer do not match"], &[FileBadBoundary, FileJoinedBlocks, FileWrongLabel]).exact(),
    says(
        &["too short", "extra data at the end", "not enough content"],
        &[FileIsPrivateKey, FileHasKey, FileIsPublicKey, FileTruncated],
    )
    .when(&["unable to initialize"])
    .exact(),
    says(&["illegal footer", "error in footer", "illegal end"], &[FileTruncated, FileBadBoundary, FileJoinedBlocks])
        .exact(),
    says(
        &[
            "could not parse certificate",
            "unable to initialize",
            "certificateparsingexception",
            "invalid der encoded certificate data",
            "dervalue",
        ],
        &[CertificateCorrupt, FileTruncated, FileIsDer, FileIsPkcs12],
    ),
    says(
        &[
            "empty input",
            "toderinputstream rejects tag type",
            "derinputstream.getlength()",
            "lengthtag=",
            "invalid length",
            "extra data at end",
            "too short",
        ],
        &[FileIsPkcs12, FileTruncated, FileIsDer, CertificateCorrupt, FileEmpty],
    ),
    says(
        &[
            "keystore was tampered with, or password was incorrect",
            "keystore password was incorrect",
            "cannot recover key",
            "failed to decrypt safe contents entry",
            "given final block not properly padded",
            "badpaddingexception",
        ],
        &[PasswordWrong, KeyEncrypted, Pkcs12LegacyEncryption],
    )
    .exact(),
    says(
        &["invalid keystore format", "unrecognized keystore format"],
        &[FileIsPkcs12, FileIsJks, FileIsDer, FileEmpty],
    )
    .exact(),
    says(
        &["the trustanchors parameter must be non empty", "trustanchors parameter must be non empty"],
        &[FileMissing, FileEmpty, PasswordWrong, KeyMissing],
    )
    .exact(),
    says(
        &[
            "no available authentication scheme",
            "no x509 certificate for server authentication",
            "no private keys were found",
            "alias name does not identify a key entry",
            "does not identify a key entry",
        ],
        &[KeyMissing, KeyTypeSupport, WrongPurpose],
    ),
    says(
        &[
            "invalidkeyspecexception",
            "invalidkeyexception",
            "algid parse error",
            "invalid key format",
            "unable to decode key",
        ],
        &[KeyWrongLabel, KeyEncrypted, FileIsSshKey, FileIsPublicKey],
    ),
    // keytool, of what a CA has sent for a request.
    says(
        &["public keys in reply and keystore don't match", "certificate reply does not contain public key for"],
        &[KeyMismatch, FilesSwapped],
    )
    .exact(),
    says(&["failed to establish chain from reply"], &[MissingIntermediate, RootNotTrusted, ChainOrder]).exact(),
    says(&["invalid ec key", "invalid rsa public key"], &[KeyTypeSupport, CertificateCorrupt, WeakKey]).exact(),
    says(
        &["private key must be accompanied by certificate chain", "private key does not match"],
        &[KeyMismatch, ChainOrder, FileEmpty],
    ),
    // The handshake.
    says(&["no appropriate protocol"], &[TlsVersionMismatch, CipherSuiteMismatch]).exact(),
    says(
        &["no cipher suites in common", "no negotiable cipher suite"],
        &[CipherSuiteMismatch, KeyMissing, KeyTypeSupport],
    )
    .exact(),
    says(
        &[
            "unrecognized ssl message, plaintext connection",
            "unsupported or unrecognized ssl message",
            "not an ssl/tls record",
            "notsslrecordexception",
        ],
        &[NotTls, StarttlsNeeded],
    )
    .exact(),
    says(
        &["the server selected protocol version", "is not accepted by client preferences", "client requested protocol"],
        &[TlsVersionMismatch],
    )
    .exact(),
    says(
        &[
            "remote host terminated the handshake",
            "remote host closed connection during handshake",
            "ssl peer shut down incorrectly",
        ],
        &[ConnectionClosed, NotTls, TlsVersionMismatch, ClientCertificateMissing, SniRefused],
    ),
    says(
        &[
            "empty client certificate chain",
            "empty server certificate chain",
            "null cert chain",
            "peer not authenticated",
        ],
        &[ClientCertificateMissing, ClientCertificateNotOffered],
    )
    .exact(),
    says(&["no eligible", "no x.509 cert selected"], &[ClientCertificateNotOffered, ClientCertificateMissing]),
    says(
        &["not an oid", "dervalue.getoid", "dervalue.getsequence"],
        &[FileIsCsr, CertificateCorrupt, FileIsPrivateKey, FileIsPublicKey],
    )
    .exact(),
    says(&["the size of the handshake message"], &[ChainExtra, PathBudgetExceeded])
        .when(&["exceeds the maximum allowed size"])
        .exact(),
    says(&["no more data allowed for version 1 certificate"], &[Version1, ExtensionMalformed]).exact(),
    // A letter by its number: a backslash, a dash, `<`.
    says(&["illegal base64 character 5c"], &[FileEscapedNewlines, FileBadBase64]).exact(),
    says(&["illegal base64 character 2d"], &[FileBadBoundary, FileJoinedBlocks, FileTruncated]).exact(),
    says(
        &["input byte array has wrong 4 byte ending unit", "input byte array has incorrect ending byte"],
        &[FileTruncated, FileBadBase64, CertificateCorrupt],
    )
    .exact(),
    says(&["certificateexception: signature algorithm mismatch"], &[CertificateCorrupt]).exact(),
];
