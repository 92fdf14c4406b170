//! Chromium's `net_error_list.h` (also Electron, Edge, Brave, Android's WebView) and what Safari and Firefox show beside their names.

use crate::finding::Code::*;
use crate::recognise::rule::{Rule, says};

pub(super) const RULES: &[Rule] = &[
    says(
        &["err cert authority invalid"],
        &[
            RootNotTrusted,
            MissingIntermediate,
            SelfSignedLeaf,
            RootRegenerated,
            RootInOtherStore,
            Intercepted,
            SameSubjectAsIssuer,
            IntermediateRegenerated,
            LeafAsTrustAnchor,
        ],
    ),
    says(&["err cert date invalid"], &[Expired, ClockWrong, NotYetValid, StaleCertificateServed]),
    says(
        &["err cert common name invalid"],
        &[
            NameMismatch,
            NoSan,
            WildcardScope,
            IpNotCovered,
            SanMalformed,
            WrongVirtualHost,
            WildcardMalformed,
            IpAsDnsName,
        ],
    ),
    // What its path builder finds wrong with the chain, whatever it is.
    says(
        &["err cert invalid"],
        &[
            NameConstraintViolated,
            WrongPurpose,
            IssuerNotCa,
            Version1,
            BasicConstraintsMissing,
            SanMalformed,
            PathLengthExceeded,
            UnknownCriticalExtension,
            SignatureInvalid,
            KeyCertSignMissing,
            CertificateCorrupt,
        ],
    ),
    says(&["err cert weak signature algorithm"], &[WeakSignature]).exact(),
    says(&["err cert weak key"], &[WeakKey]).exact(),
    says(&["err cert validity too long"], &[ValidityLong]).exact(),
    says(&["err cert name constraint violation"], &[NameConstraintViolated]).exact(),
    says(&["err cert revoked"], &[Revoked, SerialReused]).exact(),
    says(
        &["err cert no revocation mechanism", "err cert unable to check revocation"],
        &[CrlMissing, CrlExpired, Revoked],
    )
    .exact(),
    says(&["err cert non unique name"], &[NameMismatch, NoSan]),
    says(&["err cert contains errors"], &[CertificateCorrupt, ExtensionMalformed, SanMalformed, RootNotTrusted]),
    says(&["err cert symantec legacy", "err cert known interception blocked"], &[Intercepted, RootNotTrusted]),
    says(&["err certificate transparency required"], &[RootInOtherStore, PolicyViolated]),
    says(
        &["err ssl server cert bad format"],
        &[CertificateCorrupt, SanMalformed, ExtensionMalformed, SerialNegative, EcExplicitParameters],
    ),
    says(&["err ssl key usage incompatible"], &[DigitalSignatureMissing, ChainOrder, LeafMissing, WrongPurpose])
        .exact(),
    says(
        &["err ssl version or cipher mismatch"],
        &[TlsVersionMismatch, CipherSuiteMismatch, KeyTypeMismatch, KeyTypeSupport, SniRefused],
    )
    .exact(),
    says(&["err ssl obsolete version", "err ssl version interference"], &[TlsVersionMismatch]).exact(),
    says(&["err ssl protocol error"], &[NotTls, StarttlsNeeded, SniRefused, TlsVersionMismatch, CipherSuiteMismatch]),
    says(&["err ssl client auth cert needed"], &[ClientCertificateMissing, ClientCertificateNotOffered]).exact(),
    says(
        &["err bad ssl client auth cert", "err ssl client auth"],
        &[RootNotTrusted, ClientCertificateMissing, MissingIntermediate, WrongPurpose, ClientCertificateRefused],
    ),
    says(
        &[
            "err ssl client auth private key access denied",
            "err ssl client auth cert no private key",
            "err ssl client auth signature failed",
        ],
        &[KeyMissing, FileUnreadable, KeyMismatch],
    )
    .exact(),
    says(&["err ssl weak server ephemeral dh key"], &[WeakKey, CipherSuiteMismatch]).exact(),
    says(&["err ssl server cert changed"], &[AddressMismatch, StaleCertificateServed]).exact(),
    says(&["err ssl pinned key not in cert chain"], &[RootRegenerated, Intercepted]),
    says(&["err empty response"], &[ConnectionClosed, NotTls]),
    says(&["err ssl decrypt error alert"], &[KeyMismatch, SignatureInvalid]),
    says(&["err http2 protocol error", "err alpn negotiation failed"], &[AlpnMismatch]),
    // Firefox's and Safari's sentences.
    says(
        &[
            "uses an invalid security certificate",
            "warning: potential security risk ahead",
            "your connection is not private",
            "this connection is not private",
            "safari can't verify the identity",
        ],
        &[RootNotTrusted, NameMismatch, Expired, SelfSignedLeaf],
    )
    .vague(),
    says(
        &["the certificate is not trusted because it is self signed"],
        &[SelfSignedLeaf, RootNotTrusted, SameSubjectAsIssuer],
    )
    .exact(),
    says(
        &[
            "the certificate is not trusted because the issuer certificate is unknown",
            "the certificate is not trusted because the issuer certificate is not trusted",
            "the server might not be sending the appropriate intermediate certificates",
        ],
        &[MissingIntermediate, RootNotTrusted, RootRegenerated],
    )
    .exact(),
    says(&["the certificate is only valid for"], &[NameMismatch, WildcardScope, WrongVirtualHost, NoSan]),
    says(
        &["you have received an invalid certificate", "contains the same serial number as another certificate"],
        &[SerialReused],
    )
    .exact(),
];
