//! rustls and webpki: `CertificateError`, `InvalidMessage`, `PeerIncompatible`, `rustls_pki_types::pem::Error`, in Debug and in Display. reqwest, hyper,
//! cargo, uv and our chat speak so. webpki builds paths backwards, so its "unknown issuer" is also said of an issuer it did not take.

use crate::finding::Code::*;
use crate::recognise::rule::{Rule, says};

pub(super) const RULES: &[Rule] = &[
    says(
        &["invalid peer certificate: unknownissuer", "unknownissuer", "unknown issuer"],
        &[
            RootNotTrusted,
            MissingIntermediate,
            SelfSignedLeaf,
            Intercepted,
            IssuerRenamed,
            IssuerNameEncoding,
            LeafAsTrustAnchor,
            IntermediateAsTrustAnchor,
            RootInOtherStore,
            FileBadBoundary,
        ],
    ),
    says(
        &["invalid peer certificate: badsignature", "badsignature", "bad signature", "invalidsignatureforpublickey"],
        &[
            RootRegenerated,
            SignatureInvalid,
            WeakKey,
            IntermediateRegenerated,
            CertificateCorrupt,
            SameSubjectAsIssuer,
            LeafAsTrustAnchor,
        ],
    ),
    says(
        &[
            "certificate expired: verification time",
            "certexpired",
            "invalid peer certificate: expired",
            "expiredcontext",
        ],
        &[Expired, ClockWrong, StaleCertificateServed],
    )
    .exact(),
    says(
        &["certificate not valid yet: verification time", "notvalidyet", "certnotvalidyet", "notvalidyetcontext"],
        &[NotYetValid, ClockWrong],
    )
    .exact(),
    says(&["invalidcertvalidity"], &[ValidityInverted]).exact(),
    says(&["endentityusedasca"], &[IssuerNotCa, BasicConstraintsMissing, LeafAsTrustAnchor]).exact(),
    says(
        &["causedasendentity", "ca used as end entity", "caused as end entity"],
        &[LeafIsCa, SelfSignedLeaf, LeafMissing, ChainOrder, LeafAsTrustAnchor],
    )
    .exact(),
    says(&["nameconstraintviolation"], &[NameConstraintViolated, NameConstraintSupport]).exact(),
    says(&["malformednameconstraint"], &[ExtensionMalformed, NameConstraintViolated]).exact(),
    says(&["issuernotcrlsigner"], &[CrlSignMissing]).exact(),
    says(&["pathlenconstraintviolated"], &[PathLengthExceeded]).exact(),
    says(&["unsupportedcertversion"], &[Version1]).exact(),
    says(
        &[
            "does not allow extended key usage for",
            "invalidpurpose",
            "requiredekunotfound",
            "requiredekunotfoundcontext",
        ],
        &[WrongPurpose, IssuerPurpose],
    )
    .exact(),
    says(
        &["unsupportedcriticalextension", "unhandledcriticalextension"],
        &[UnknownCriticalExtension, PolicyViolated, ExtensionCriticality],
    )
    .exact(),
    says(
        &[
            "unsupportedsignaturealgorithm",
            "unsupportedsignaturealgorithmcontext",
            "unsupportedsignaturealgorithmforpublickey",
        ],
        &[KeyTypeSupport, WeakSignature, RootRegenerated, WeakKey, EcExplicitParameters, SignatureUnsupported],
    )
    .exact(),
    says(&["signaturealgorithmmismatch"], &[CertificateCorrupt, SignatureInvalid]).exact(),
    says(
        &[
            "maximumsignaturechecksexceeded",
            "maximumpathbuildcallsexceeded",
            "maximumpathdepthexceeded",
            "maximumnameconstraintcomparisonsexceeded",
        ],
        &[PathBudgetExceeded, PathLengthExceeded, VerifyDepthExceeded],
    )
    .exact(),
    says(&["unknownrevocationstatus", "unknown revocation status"], &[CrlMissing, CrlNotApplicable]).exact(),
    says(
        &[
            "invalid peer certificate: revoked",
            "certrevoked",
            "invalid peer certificate: certificate revoked",
            "revoked",
        ],
        &[Revoked],
    )
    .exact(),
    says(
        &["expiredrevocationlist", "crlexpired", "expiredrevocationlistcontext", "certificate revocation list expired"],
        &[CrlExpired, ClockWrong],
    )
    .exact(),
    says(&["invalid certificate revocation list: badsignature"], &[CrlSignatureInvalid, CrlNotApplicable]).exact(),
    says(
        &["provided crl could not be parsed", "invalid certificate revocation list"],
        &[CrlMalformed, CrlNotApplicable],
    )
    .exact(),
    says(&["invalidcrlsignatureforpublickey", "crlsignature", "invalidcrlsignature"], &[CrlSignatureInvalid]).exact(),
    says(
        &[
            "unsupportedcrl",
            "invalidcrl",
            "invalidcertrevocationlist",
            "unsupportedindirectcrl",
            "unsupporteddeltacrl",
            "parseerror crl",
            "issuerinvalidforcrl",
        ],
        &[CrlMalformed, CrlNotApplicable],
    )
    .exact(),
    says(&["extensionvalueinvalid", "malformedextensions"], &[ExtensionMalformed, SanMalformed, CertificateCorrupt])
        .exact(),
    says(
        &[
            "invalid peer certificate: badencoding",
            "badencoding",
            "badder",
            "trailingdata",
            "invalidcertificate(badencoding)",
            "badsignedcertificatetimestamp",
        ],
        &[
            CertificateCorrupt,
            ExtensionMalformed,
            ValidityEncoding,
            FileTruncated,
            SerialNegative,
            SanMalformed,
            FileIsPrivateKey,
        ],
    ),
    says(&["invalidserialnumber"], &[SerialTooLong, SerialNegative]).exact(),
    says(&["applicationverificationfailure"], &[AccessDenied, ClientCertificateRefused, RootNotTrusted]),
    says(&["invalid peer certificate"], &[RootNotTrusted, CertificateCorrupt]).vague(),
    // Loading.
    says(
        &["keys may not be consistent", "keymismatch", "inconsistentkeys"],
        &[KeyMismatch, ChainOrder, FileHasBom, KeyTypeMismatch, KeyIsCaKey],
    )
    .exact(),
    says(
        &["failed to parse private key as rsa, ecdsa, or eddsa", "failed to parse private key as"],
        &[KeyWrongLabel, KeyEncrypted, WeakKey, KeyTypeSupport, CertificateCorrupt, FileTruncated],
    )
    .exact(),
    says(
        &["noitemsfound", "no items found", "iterator empty", "no certificate in file", "no private key found"],
        &[FilesSwapped, FileIsDer, FileEmpty, FileBadBoundary, FileIndented, FileIsPublicKey, FileIsCsr, KeyEncrypted],
    ),
    says(
        &["ca file: iterator empty"],
        &[FileIsDer, FileEmpty, FileBadBoundary, FileIndented, FileIsPrivateKey, FileIsCsr, FileIsPkcs12],
    )
    .exact(),
    says(&["no certificate in file"], &[FilesSwapped, FileIsDer, FileEmpty, FileIsPrivateKey]).exact(),
    says(
        &["missingsectionend", "missing section end", "section end"],
        &[FileTruncated, FileBadBoundary, FileJoinedBlocks],
    )
    .exact(),
    // What it shows of the line, as numbers of characters: a space or the letters of a line's end behind the dashes.
    says(&["missing section end", "illegal section start"], &[FileOneLine, FileBadBoundary])
        .when(&["45, 45, 32,"])
        .exact(),
    says(&["missing section end", "illegal section start"], &[FileEscapedNewlines, FileOneLine])
        .when(&["45, 45, 92, 110"])
        .exact(),
    says(&["illegalsectionstart", "illegal section start"], &[FileBadBoundary, FileJoinedBlocks]).exact(),
    says(
        &["nocertificatespresented", "no certificates presented", "peer sent no certificates"],
        &[ClientCertificateMissing, ClientCertificateNotOffered],
    )
    .exact(),
    says(&["norootanchors", "no root certificates"], &[FileEmpty, FileIsDer, FileBadBoundary, FileMissing]).exact(),
    // The handshake.
    says(
        &["received corrupt message", "invalidcontenttype", "invalid content type", "corrupt message of type"],
        &[NotTls, StarttlsNeeded],
    )
    .exact(),
    says(&["peer is incompatible"], &[TlsVersionMismatch, CipherSuiteMismatch, KeyTypeSupport]),
    says(
        &[
            "tls12notoffered",
            "servertlsversionisdisabled",
            "tls13requiredforquic",
            "tls12notofferedorenabled",
            "serverdoesnotsupporttls12or13",
            "supportedversionsextensionrequired",
            "unsupportedprotocolversion",
        ],
        &[TlsVersionMismatch],
    )
    .exact(),
    says(
        &["nociphersuitesincommon", "noecpointformatsincommon", "nokxgroupsincommon", "nokeyexchangegroupsincommon"],
        &[CipherSuiteMismatch, KeyTypeSupport],
    )
    .exact(),
    says(
        &["nosignatureschemesincommon", "nocertificaterequestsignatureschemesincommon", "nosignatureschemes"],
        &[KeyTypeSupport, CipherSuiteMismatch],
    )
    .exact(),
    says(
        &["no server certificate chain resolved", "noserverchainresolved", "nocertificateresolved"],
        &[SniRefused, KeyTypeSupport, SniMissing],
    )
    .exact(),
    says(&["peer doesn't support any known protocol"], &[AlpnMismatch]).exact(),
    says(
        &[
            "peer closed connection without sending tls close notify",
            "tls handshake eof",
            "unexpectedeof",
            "handshake not complete",
        ],
        &[ConnectionClosed, NotTls, ClientCertificateMissing],
    ),
    says(&["unexpected end of file"], &[ConnectionClosed, NotTls, ClientCertificateMissing]).when(&["@alone"]),
    // An encrypted key has a label of its own, which the reader passes over.
    says(
        &["key file: no items found", "no private key found"],
        &[KeyEncrypted, FilesSwapped, FileIsDer, FileIsPublicKey, FileIsSshKey, FileEmpty],
    ),
];
