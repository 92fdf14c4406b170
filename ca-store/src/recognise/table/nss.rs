//! NSS: `certutil`, `tstclnt`, Firefox and Thunderbird. Names and texts: `SECerrs.h`, `SSLerrs.h`, and mozilla::pkix's own.
//!
//! NSS calls a certificate that is not valid yet expired as well, and its path building says "unknown issuer" where the issuer
//! was found and may not issue.

use crate::finding::Code::*;
use crate::recognise::rule::{Rule, says};

pub(super) const RULES: &[Rule] = &[
    says(
        &["sec error unknown issuer", "peer's certificate issuer is not recognized", "issuer is not recognized"],
        &[
            RootNotTrusted,
            MissingIntermediate,
            RootRegenerated,
            IssuerNotCa,
            Intercepted,
            RootInOtherStore,
            IntermediateRegenerated,
            Version1,
            FileBadBoundary,
        ],
    ),
    says(
        &[
            "sec error untrusted issuer",
            "peer's certificate issuer has been marked as not trusted by the user",
            "marked as not trusted",
        ],
        &[RootNotTrusted, Intercepted, SelfSignedLeaf, LeafAsTrustAnchor, RootRegenerated, RootInOtherStore],
    ),
    says(
        &["sec error untrusted cert", "peer's certificate has been marked as not trusted by the user"],
        &[RootNotTrusted, SelfSignedLeaf, LeafAsTrustAnchor],
    ),
    says(
        &["sec error ca cert invalid", "issuer certificate is invalid"],
        &[IssuerNotCa, LeafAsTrustAnchor, BasicConstraintsMissing, SelfSignedLeaf, Version1, KeyCertSignMissing],
    )
    .exact(),
    says(
        &["sec error bad signature", "peer's certificate has an invalid signature"],
        &[
            SameSubjectAsIssuer,
            SignatureInvalid,
            RootRegenerated,
            CertificateCorrupt,
            LeafAsTrustAnchor,
            IntermediateRegenerated,
        ],
    ),
    says(
        &["sec error expired certificate", "peer's certificate has expired"],
        &[Expired, NotYetValid, ClockWrong, StaleCertificateServed],
    ),
    says(
        &["sec error expired issuer certificate", "the certificate issuer's certificate has expired"],
        &[Expired, NotYetValid, ClockWrong, ExpiredAlternativePath],
    ),
    says(
        &["mozilla pkix error not yet valid certificate", "mozilla pkix error not yet valid issuer certificate"],
        &[NotYetValid, ClockWrong],
    )
    .exact(),
    says(
        &["sec error invalid time", "improperly formatted time string"],
        &[ValidityEncoding, ValidityInverted, CertificateCorrupt],
    ),
    says(
        &["sec error revoked certificate", "peer's certificate has been revoked", "sec error revoked key"],
        &[Revoked, SerialReused],
    ),
    says(&["sec error crl expired", "the crl for the certificate's issuer has expired"], &[CrlExpired, ClockWrong])
        .exact(),
    says(&["sec error crl not yet valid"], &[CrlNotYetValid, ClockWrong]).exact(),
    says(
        &["sec error crl bad signature", "the crl for the certificate's issuer has an invalid signature"],
        &[CrlSignatureInvalid],
    )
    .exact(),
    says(
        &[
            "sec error crl invalid",
            "new crl has an invalid format",
            "sec error crl unknown critical extension",
            "sec error crl v1 critical extension",
        ],
        &[CrlMalformed, CrlNotApplicable, UnknownCriticalExtension],
    )
    .exact(),
    says(
        &["sec error crl not found", "no matching crl was found", "sec error krl", "unable to find crl"],
        &[CrlMissing, CrlNotApplicable],
    )
    .exact(),
    says(
        &["sec error inadequate cert type", "certificate type not approved for application"],
        &[WrongPurpose, IssuerPurpose, LeafIsCa],
    )
    .exact(),
    says(
        &[
            "sec error inadequate key usage",
            "certificate key usage inadequate for attempted operation",
            "key usage inadequate",
        ],
        &[KeyEnciphermentMissing, DigitalSignatureMissing, ChainOrder, LeafMissing, KeyCertSignMissing],
    )
    .exact(),
    says(
        &["sec error cert not in name space", "not permitted to issue a certificate with this name"],
        &[NameConstraintViolated],
    )
    .exact(),
    says(
        &["sec error path len constraint invalid", "certificate path length constraint is invalid"],
        &[PathLengthExceeded, IssuerNotCa],
    )
    .exact(),
    says(
        &["sec error unknown critical extension", "certificate contains unknown critical extension"],
        &[UnknownCriticalExtension, PolicyViolated, ExtensionCriticality],
    )
    .exact(),
    says(
        &[
            "sec error extension value invalid",
            "certificate extension value is invalid",
            "sec error extension not found",
        ],
        &[ExtensionMalformed, CertificateCorrupt, SanMalformed],
    )
    .exact(),
    says(
        &["sec error reused issuer and serial", "attempting to import a cert with the same issuer/serial"],
        &[SerialReused],
    )
    .exact(),
    says(
        &[
            "sec error cert signature algorithm disabled",
            "signature algorithm that is disabled because it is not secure",
        ],
        &[WeakSignature],
    )
    .exact(),
    says(&["sec error policy validation failed", "cert chain fails policy validation"], &[PolicyViolated]).exact(),
    says(
        &["sec error bad der", "improperly formatted der encoded message"],
        &[
            FileBadBoundary,
            CertificateCorrupt,
            FileTruncated,
            FileIsCsr,
            FileBadBase64,
            FileIsPublicKey,
            FileIsPrivateKey,
            FileJoinedBlocks,
        ],
    )
    .exact(),
    says(
        &["could not decode certificate", "could not obtain certificate from file", "unable to decode certificate"],
        &[FileIsDer, FileBadBoundary, FileIsPrivateKey, FileTruncated],
    ),
    says(&["ignoring private key"], &[FileHasKey, FileIsPrivateKey, FilesSwapped]).exact().when(&["certutil"]),
    says(&["consider to use pk12util"], &[FileHasKey, FileIsPrivateKey, FilesSwapped]).exact(),
    says(
        &[
            "sec error bad password",
            "security password entered is incorrect",
            "sec error pkcs12 privacy password incorrect",
        ],
        &[PasswordWrong, KeyEncrypted],
    )
    .exact(),
    says(
        &[
            "sec error pkcs12 unable to import key",
            "sec error pkcs12 decoding pfx",
            "sec error pkcs12 unsupported pbe algorithm",
            "unable to import. encryption algorithm not supported",
        ],
        &[Pkcs12LegacyEncryption, PasswordWrong, FileIsPkcs12],
    ),
    says(
        &[
            "sec error unsupported elliptic curve",
            "sec error unsupported keyalg",
            "unsupported or unknown key algorithm",
            "unsupported elliptic curve",
        ],
        &[KeyTypeSupport, EcExplicitParameters],
    )
    .exact(),
    says(
        &["sec error invalid args", "security library: invalid arguments"],
        &[CertificateCorrupt, FileIsPrivateKey, ExtensionMalformed],
    ),
    says(&["mozilla pkix error self signed cert"], &[SelfSignedLeaf, RootNotTrusted, SameSubjectAsIssuer]).exact(),
    says(&["mozilla pkix error ca cert used as end entity"], &[LeafIsCa, SelfSignedLeaf, LeafMissing]).exact(),
    says(&["mozilla pkix error v1 cert used as ca"], &[Version1]).exact(),
    says(&["mozilla pkix error empty issuer name"], &[EmptyIssuerName]).exact(),
    says(&["mozilla pkix error inadequate key size"], &[WeakKey]).exact(),
    says(&["mozilla pkix error invalid integer encoding"], &[SerialNegative, SerialZero, CertificateCorrupt]).exact(),
    says(&["mozilla pkix error mitm detected"], &[Intercepted, RootNotTrusted]).exact(),
    says(&["mozilla pkix error signature algorithm mismatch"], &[CertificateCorrupt, SignatureInvalid]),
    says(
        &["mozilla pkix error additional policy constraint failed"],
        &[PolicyViolated, ExtensionMalformed, RootNotTrusted],
    ),
    says(&["sec error ocsp", "sec error revoked certificate crl"], &[Revoked, ClockWrong]).vague(),
    says(
        &["ssl error no certificate", "unable to find the certificate or key necessary for authentication"],
        &[ClientCertificateMissing, ClientCertificateNotOffered, KeyMissing],
    ),
    says(&["ssl error revoked cert alert"], &[Revoked, ClientCertificateRefused]).exact(),
    says(&["ssl error expired cert alert"], &[Expired, ClockWrong]).exact(),
    says(
        &[
            "ssl error rx record too long",
            "ssl received a record that exceeded the maximum permissible length",
            "ssl error rx malformed",
            "ssl error rx unexpected",
        ],
        &[NotTls, StarttlsNeeded],
    )
    .exact(),
    says(
        &["ssl error no cypher overlap", "no common encryption algorithm"],
        &[CipherSuiteMismatch, TlsVersionMismatch, KeyTypeMismatch, KeyTypeSupport],
    )
    .exact(),
    says(
        &[
            "ssl error unsupported version",
            "peer using unsupported version of security protocol",
            "ssl error protocol version alert",
            "peer reports incompatible or unsupported protocol version",
        ],
        &[TlsVersionMismatch],
    )
    .exact(),
    says(
        &[
            "ssl error handshake failure alert",
            "ssl peer was unable to negotiate an acceptable set of security parameters",
        ],
        &[CipherSuiteMismatch, ClientCertificateMissing, TlsVersionMismatch],
    ),
    says(&["ssl error weak server ephemeral dh key", "ssl error weak server cert key"], &[WeakKey]).exact(),
    says(
        &["ssl error bad certificate", "unable to communicate securely with peer: peers's certificate is invalid"],
        &[CertificateCorrupt, RootNotTrusted],
    )
    .vague(),
    says(&["ssl error unsupported certificate type", "unsupported certificate type"], &[KeyTypeSupport, WrongPurpose]),
    says(
        &["ssl error bad mac", "ssl error sign hashes failure", "ssl error unsupported signature algorithm"],
        &[KeyTypeSupport, KeyMismatch],
    ),
    says(&["pr end of file error", "encountered end of file"], &[ConnectionClosed, NotTls]),
    says(
        &["peer does not recognize and trust the ca that issued your certificate"],
        &[RootNotTrusted, MissingIntermediate, RootRegenerated, ClientCertificateRefused],
    ),
    says(
        &["ssl peer cannot verify your certificate"],
        &[ClientCertificateMissing, RootNotTrusted, WrongPurpose, ClientCertificateRefused],
    ),
    says(&["ssl peer rejected your certificate as expired"], &[Expired, ClockWrong]).exact(),
    says(&["ssl peer rejected your certificate as revoked"], &[Revoked]).exact(),
    says(&["ssl peer does not support certificates of the type it received"], &[WrongPurpose, KeyTypeSupport]),
    says(
        &["ssl peer had some unspecified issue with the certificate it received"],
        &[RootNotTrusted, WrongPurpose, MissingIntermediate],
    ),
    // certutil and crlutil, before anything is judged. The numbers are NSPR's: PR_FILE_NOT_FOUND_ERROR, PR_NO_ACCESS_RIGHTS_ERROR.
    says(&["unable to open"], &[FileMissing, FileUnreadable, FileIsDirectory]).when(&["certutil"]).exact(),
    says(&["unable to open"], &[FileMissing]).when(&["for reading ( 5950"]).exact(),
    says(&["unable to open"], &[FileUnreadable, KeyPermissions]).when(&["for reading ( 5966"]).exact(),
    says(&["could not decode certificate"], &[CertificateCorrupt, FileIsCsr, FileIsPrivateKey])
        .when(&["sec error library failure"])
        .exact(),
    says(&["unable to import crl"], &[CrlNotApplicable, CrlSignatureInvalid, CrlMalformed, CrlExpired]).exact(),
    says(&["unable to import crl"], &[CrlNotApplicable, CrlMissing, CrlSignatureInvalid])
        .when(&["sec error unknown issuer"])
        .exact(),
    says(&["unable to import crl"], &[CrlSignatureInvalid, RootRegenerated, CrlNotApplicable])
        .when(&["sec error crl bad signature"])
        .exact(),
    says(&["unable to import crl"], &[CrlSignatureInvalid, RootRegenerated, CrlNotApplicable])
        .when(&["sec error bad signature"])
        .exact(),
];
