//! OpenSSL's verification errors, by number, name and text; what curl, Python, Node, Ruby, PHP, nginx, Apache and haproxy print of
//! them. Numbers and texts: `openssl verify`, "Diagnostics", and `x509_vfy.h` of 1.1.1 and 3.x; Node's names are those without
//! `X509_V_ERR_`. 3.x says "self-signed" for 1.1's "self signed", "unsuitable" for "unsupported certificate purpose", and
//! has 79 for 24.

use crate::finding::Code::{self, *};
use crate::recognise::rule::{Rule, says, x509};

/// Nothing above the leaf: it came alone, or what came with it did not issue it.
const ABOVE_LEAF: &[Code] = &[
    MissingIntermediate,
    RootNotTrusted,
    RootRegenerated,
    IntermediateRegenerated,
    AkiMismatch,
    IssuerRenamed,
    IssuerNameEncoding,
    RootInOtherStore,
    SameSubjectAsIssuer,
    FileBadBoundary,
];

/// The chain goes on above the leaf and ends below a root that is not there.
const ABOVE_CA: &[Code] = &[
    RootNotTrusted,
    RootRegenerated,
    MissingIntermediate,
    IntermediateAsTrustAnchor,
    IssuerRenamed,
    AkiMismatch,
    RootInOtherStore,
    Intercepted,
];

pub(super) const RULES: &[Rule] = &[
    x509(
        2,
        &["unable to get issuer certificate", "unable to get issuer cert"],
        &[IntermediateAsTrustAnchor, RootNotTrusted, AkiMismatch, MissingIntermediate, RootRegenerated, IssuerRenamed],
    ),
    x509(
        3,
        &["unable to get certificate crl", "unable to get crl"],
        &[CrlMissing, CrlNotApplicable, CrlSignatureInvalid, CrlExpired, IssuerRenamed, CrlMalformed],
    ),
    x509(
        4,
        &["unable to decrypt certificate's signature", "unable to decrypt cert signature"],
        &[SignatureInvalid, CertificateCorrupt, RootRegenerated, WeakSignature],
    ),
    x509(
        5,
        &["unable to decrypt crl's signature", "unable to decrypt crl signature"],
        &[CrlSignatureInvalid, CrlMalformed, RootRegenerated],
    ),
    x509(6, &["unable to decode issuer public key"], &[CertificateCorrupt, KeyTypeSupport, EcExplicitParameters]),
    x509(
        7,
        &["certificate signature failure", "cert signature failure"],
        &[
            RootRegenerated,
            SignatureInvalid,
            IntermediateRegenerated,
            CertificateCorrupt,
            SameSubjectAsIssuer,
            WeakSignature,
        ],
    ),
    x509(
        7,
        &["certificate signature failure", "cert signature failure"],
        &[RootRegenerated, IntermediateRegenerated, SignatureInvalid, CertificateCorrupt, SameSubjectAsIssuer],
    )
    .when(&["@depth-0"]),
    x509(8, &["crl signature failure"], &[CrlSignatureInvalid, RootRegenerated, CrlNotApplicable, CrlMalformed]),
    x509(9, &["certificate is not yet valid", "cert not yet valid"], &[NotYetValid, ClockWrong, ValidityInverted]),
    x509(
        10,
        &["certificate has expired", "cert has expired"],
        &[Expired, ClockWrong, StaleCertificateServed, ExpiredAlternativePath, ValidityInverted],
    ),
    x509(
        10,
        &["certificate has expired", "cert has expired"],
        &[Expired, ClockWrong, ExpiredAlternativePath, StaleCertificateServed],
    )
    .when(&["@depth-above"]),
    x509(11, &["crl is not yet valid", "crl not yet valid"], &[CrlNotYetValid, ClockWrong]),
    x509(12, &["crl has expired"], &[CrlExpired, ClockWrong]),
    x509(
        13,
        &["format error in certificate's notbefore field", "error in cert not before field"],
        &[ValidityEncoding, CertificateCorrupt],
    ),
    x509(
        14,
        &["format error in certificate's notafter field", "error in cert not after field"],
        &[ValidityEncoding, CertificateCorrupt],
    ),
    x509(15, &["format error in crl's lastupdate field", "error in crl last update field"], &[CrlMalformed]),
    x509(16, &["format error in crl's nextupdate field", "error in crl next update field"], &[CrlMalformed]),
    x509(
        18,
        &["self signed certificate", "depth zero self signed cert", "self signed cert"],
        &[
            SelfSignedLeaf,
            SameSubjectAsIssuer,
            LeafAsTrustAnchor,
            RootNotTrusted,
            LeafIsCa,
            SameKeyAsIssuer,
            Intercepted,
        ],
    ),
    x509(
        18,
        &["self signed certificate", "depth zero self signed cert", "self signed cert"],
        &[LeafMissing, ChainOrder, SelfSignedLeaf, SameSubjectAsIssuer, WrongVirtualHost],
    )
    .when(&["@leaf-named-like-ca"]),
    x509(
        19,
        &[
            "self signed certificate in certificate chain",
            "self signed certificate in chain",
            "self signed cert in chain",
        ],
        &[RootNotTrusted, RootRegenerated, Intercepted, RootInOtherStore, ChainOrder, SameSubjectAsIssuer],
    ),
    x509(20, &["unable to get local issuer certificate", "unable to get issuer cert locally"], ABOVE_LEAF),
    x509(20, &["unable to get local issuer certificate", "unable to get issuer cert locally"], ABOVE_LEAF)
        .when(&["@depth-0"]),
    x509(20, &["unable to get local issuer certificate", "unable to get issuer cert locally"], ABOVE_CA)
        .when(&["@depth-above"]),
    // Said of a single certificate that came alone, beside error 20 or 27.
    x509(21, &["unable to verify the first certificate", "unable to verify leaf signature"], ABOVE_LEAF),
    x509(
        22,
        &["certificate chain too long", "cert chain too long"],
        &[VerifyDepthExceeded, PathBudgetExceeded, PathLengthExceeded],
    ),
    x509(23, &["certificate revoked", "cert revoked", "certificate has been revoked"], &[Revoked, SerialReused]),
    x509(24, &["invalid ca"], &[IssuerNotCa, BasicConstraintsMissing, Version1, KeyCertSignMissing]),
    x509(79, &["invalid ca certificate"], &[IssuerNotCa, BasicConstraintsMissing, Version1, KeyCertSignMissing]),
    x509(79, &["invalid ca certificate"], &[IssuerNotCa, KeyCertSignMissing, BasicConstraintsMissing, Version1])
        .when(&["key usage does not include certificate signing"]),
    x509(
        25,
        &["path length constraint exceeded", "path length exceeded"],
        &[PathLengthExceeded, IssuerNotCa, VerifyDepthExceeded],
    ),
    x509(
        26,
        &["unsuitable certificate purpose", "unsupported certificate purpose", "invalid purpose"],
        &[WrongPurpose, IssuerPurpose, DigitalSignatureMissing, Version1, BasicConstraintsMissing],
    ),
    x509(26, &["unsuitable certificate purpose"], &[LeafMissing, ChainOrder, WrongPurpose])
        .when(&["@leaf-named-like-ca"]),
    x509(
        26,
        &["unsuitable certificate purpose", "unsupported certificate purpose", "invalid purpose"],
        &[IssuerPurpose, Version1, IssuerNotCa, BasicConstraintsMissing, WrongPurpose],
    )
    .when(&["@depth-above"]),
    x509(
        27,
        &["certificate not trusted", "cert untrusted"],
        &[RootNotTrusted, MissingIntermediate, IntermediateAsTrustAnchor, WrongPurpose],
    ),
    x509(
        28,
        &["certificate rejected", "cert rejected"],
        &[RootNotTrusted, WrongPurpose, FileWrongLabel, IssuerPurpose],
    ),
    x509(29, &["subject issuer mismatch"], &[IssuerRenamed, IssuerNameEncoding, IssuerNameCase, MissingIntermediate]),
    x509(
        30,
        &["authority and subject key identifier mismatch", "akid skid mismatch"],
        &[AkiMismatch, RootRegenerated, IntermediateRegenerated, SameSubjectAsIssuer],
    ),
    x509(
        31,
        &["authority and issuer serial number mismatch", "akid issuer serial mismatch"],
        &[AkiMismatch, RootRegenerated, IntermediateRegenerated, SerialReused],
    ),
    x509(
        32,
        &["key usage does not include certificate signing", "keyusage no certsign"],
        &[KeyCertSignMissing, IssuerNotCa, LeafMissing, SameSubjectAsIssuer],
    ),
    x509(
        33,
        &["unable to get crl issuer certificate", "unable to get crl issuer"],
        &[CrlNotApplicable, CrlSignatureInvalid, MissingIntermediate],
    ),
    x509(34, &["unhandled critical extension"], &[UnknownCriticalExtension, ExtensionCriticality, ExtensionMalformed]),
    x509(
        35,
        &["key usage does not include crl signing", "keyusage no crl sign"],
        &[CrlSignMissing, KeyCertSignMissing, CrlSignatureInvalid, IssuerPurpose],
    ),
    x509(36, &["unhandled critical crl extension"], &[CrlMalformed, CrlNotApplicable, UnknownCriticalExtension]),
    x509(37, &["invalid non ca certificate", "invalid non ca"], &[LeafIsCa, LeafMissing, ChainOrder]),
    x509(
        39,
        &["key usage does not include digital signature", "keyusage no digital signature"],
        &[DigitalSignatureMissing, WrongPurpose],
    ),
    x509(40, &["proxy certificates not allowed"], &[UnknownCriticalExtension, WrongPurpose]),
    x509(
        41,
        &["invalid or inconsistent certificate extension", "invalid extension"],
        &[ExtensionMalformed, CertificateCorrupt, UnknownCriticalExtension],
    ),
    x509(
        42,
        &["invalid or inconsistent certificate policy extension", "invalid policy extension"],
        &[PolicyViolated, ExtensionMalformed],
    ),
    x509(43, &["no explicit policy"], &[PolicyViolated]),
    x509(44, &["different crl scope"], &[CrlNotApplicable, CrlMissing]),
    x509(45, &["unsupported extension feature"], &[ExtensionMalformed, UnknownCriticalExtension]),
    x509(
        47,
        &["permitted subtree violation", "permitted violation"],
        &[NameConstraintViolated, NameMismatch, WildcardScope],
    ),
    x509(48, &["excluded subtree violation", "excluded violation"], &[NameConstraintViolated]),
    x509(
        49,
        &["name constraints minimum and maximum not supported", "subtree minmax"],
        &[ExtensionMalformed, NameConstraintViolated],
    ),
    x509(
        51,
        &["unsupported name constraint type", "unsupported constraint type"],
        &[NameConstraintViolated, ExtensionMalformed],
    ),
    x509(
        52,
        &["unsupported or invalid name constraint syntax", "unsupported constraint syntax"],
        &[ExtensionMalformed, NameConstraintViolated],
    ),
    x509(
        53,
        &["unsupported or invalid name syntax", "unsupported name syntax"],
        &[SanMalformed, NameConstraintViolated, ExtensionMalformed],
    ),
    x509(54, &["crl path validation error"], &[CrlSignatureInvalid, CrlNotApplicable, CrlMissing]),
    x509(55, &["path loop"], &[SameSubjectAsIssuer, ChainExtra, PathBudgetExceeded]),
    x509(66, &["ee certificate key too weak", "ee key too small"], &[WeakKey]),
    x509(67, &["ca certificate key too weak", "ca key too small"], &[WeakKey]),
    x509(68, &["ca signature digest algorithm too weak", "ca md too weak"], &[WeakSignature]),
    x509(70, &["issuer certificate lookup error", "store lookup"], &[FileMissing, FileUnreadable, RootNotTrusted]),
    x509(
        76,
        &["cannot find certificate signature algorithm", "unsupported signature algorithm"],
        &[SignatureUnsupported, KeyTypeSupport, WeakSignature],
    ),
    x509(
        77,
        &["subject signature algorithm and issuer public key algorithm mismatch", "signature algorithm mismatch"],
        &[RootRegenerated, IntermediateRegenerated, SameSubjectAsIssuer, SignatureInvalid],
    ),
    x509(
        78,
        &["cert info signature and signature algorithm mismatch", "signature algorithm inconsistency"],
        &[CertificateCorrupt, SignatureInvalid],
    ),
    x509(
        80,
        &["path length invalid for non ca cert", "pathlen invalid for non ca"],
        &[IssuerNotCa, ExtensionMalformed, BasicConstraintsMissing],
    ),
    x509(
        81,
        &["path length given without key usage keycertsign", "pathlen without ku key cert sign"],
        &[KeyCertSignMissing, LeafIsCa, IssuerNotCa],
    ),
    x509(
        82,
        &["key usage keycertsign invalid for non ca cert", "ku key cert sign invalid for non ca"],
        &[IssuerNotCa, BasicConstraintsMissing, DigitalSignatureMissing, ExtensionNotAllowed],
    ),
    x509(83, &["issuer name empty"], &[EmptyIssuerName]),
    x509(84, &["subject name empty"], &[EmptyIssuerName, NoSan]),
    x509(85, &["missing authority key identifier"], &[AkiMissing]),
    x509(86, &["missing subject key identifier"], &[SkiMissing]),
    x509(87, &["empty subject alternative name extension", "empty subject alt name"], &[NoSan, SanMalformed]),
    x509(
        88,
        &["empty subject and subject alternative name extension not critical", "empty subject san not critical"],
        &[ExtensionCriticality, NoSan, ExtensionMalformed],
    ),
    x509(
        89,
        &["basic constraints of ca cert not marked critical", "ca bcons not critical"],
        &[BasicConstraintsNotCritical, LeafIsCa],
    ),
    x509(
        90,
        &["authority key identifier marked critical", "authority key identifier critical"],
        &[ExtensionCriticality, ExtensionMalformed, AkiMismatch],
    ),
    x509(
        91,
        &["subject key identifier marked critical", "subject key identifier critical"],
        &[ExtensionCriticality, ExtensionMalformed, SkiMissing],
    ),
    x509(
        92,
        &["ca cert does not include key usage extension", "ca cert missing key usage"],
        &[KeyCertSignMissing, LeafIsCa],
    ),
    x509(
        93,
        &["using cert extension requires at least x509v3", "extensions require version 3"],
        &[Version1, ExtensionMalformed],
    ),
    x509(
        94,
        &["certificate public key has explicit ecc parameters", "ec key explicit params"],
        &[EcExplicitParameters],
    ),
    // RFC 6460's profile, which few ask for: P-256 or P-384, and nothing else.
    x509(56, &["suite b: certificate version invalid", "suite b invalid version"], &[Version1]),
    x509(57, &["suite b: invalid public key algorithm", "suite b invalid algorithm"], &[KeyTypeSupport, WeakKey]),
    x509(58, &["suite b: invalid ecc curve", "suite b invalid curve"], &[KeyTypeSupport, EcExplicitParameters]),
    x509(
        59,
        &["suite b: invalid signature algorithm", "suite b invalid signature algorithm"],
        &[WeakSignature, KeyTypeSupport],
    ),
    x509(60, &["suite b: curve not allowed for this los", "suite b los not allowed"], &[KeyTypeSupport]),
    x509(61, &["suite b: cannot sign p 384 with p 256", "suite b cannot sign p 384 with p 256"], &[KeyTypeSupport]),
    x509(73, &["ocsp verification needed", "ocsp verify needed"], &[StapleMissing]),
    x509(74, &["ocsp verification failed", "ocsp verify failed"], &[Revoked, StapleMissing]),
    x509(75, &["ocsp unknown cert", "ocsp cert unknown"], &[Revoked, RootRegenerated]),
    // The whole of what a server's log or an error queue has, where the reason stands elsewhere.
    says(
        &["certificate verify failed"],
        &[RootNotTrusted, MissingIntermediate, RootRegenerated, SelfSignedLeaf, Expired],
    )
    .vague(),
    says(
        &["certificate verify failed"],
        &[RootNotTrusted, MissingIntermediate, WrongPurpose, Expired, ClientCertificateRefused],
    )
    .vague()
    .when(&["@server"]),
];
