//! Which of several findings is the cause: the one that, once mended, lets the rest be seen.

use super::{Code, Finding, Severity};

/// The order of causes. What stands further up hides what stands below: an unreadable file before what it would hold,
/// no connection before what it would show, a broken path before what stands on it, the issuer before the leaf.
const ORDER: &[Code] = {
    use Code as C;
    &[
        // Nothing can be said of a file that cannot be read.
        C::FilesSwapped,
        C::FileMissing,
        C::FileIsDirectory,
        C::FileUnreadable,
        C::FileEmpty,
        C::FileIsPrivateKey,
        C::FileIsPublicKey,
        C::FileIsCsr,
        C::FileIsCertificate,
        C::FileIsCrl,
        C::FileIsOther,
        // Of a store that is locked or lacks something, that comes before its form.
        C::PasswordWrong,
        C::Pkcs12LegacyEncryption,
        C::KeyMissing,
        C::FileIsPkcs12,
        C::FileIsPkcs7,
        C::FileIsJks,
        C::FileIsSshKey,
        C::FileIsUtf16,
        C::FileBadBoundary,
        C::FileBadBase64,
        C::FileJoinedBlocks,
        C::FileTruncated,
        C::FileEscapedNewlines,
        C::FileOneLine,
        C::FileHasBom,
        C::FileIndented,
        C::CertificateCorrupt,
        C::FileWrongLabel,
        C::KeyWrongLabel,
        C::KeyEncrypted,
        C::FileIsDer,
        // Nothing can be said of a peer that does not answer.
        C::HostNotFound,
        C::ConnectionRefused,
        C::ConnectionTimeout,
        C::StarttlsNeeded,
        C::NotTls,
        C::ConnectionClosed,
        C::TlsVersionMismatch,
        C::CipherSuiteMismatch,
        C::SniRefused,
        C::SniMissing,
        C::AlpnMismatch,
        // What is wrong with the certificate that is sent is mended by the one that lies on the disk.
        C::StaleCertificateServed,
        C::AddressMismatch,
        // And that of another site by the one of this.
        C::WrongVirtualHost,
        // The leaf must be found before its chain.
        C::LeafMissing,
        C::ChainOrder,
        C::KeyIsCaKey,
        C::KeyTypeMismatch,
        C::KeyMismatch,
        // Then what it hangs from.
        C::SameKeyAsIssuer,
        C::SameSubjectAsIssuer,
        C::SelfSignedLeaf,
        C::LeafAsTrustAnchor,
        C::RootRegenerated,
        C::IntermediateRegenerated,
        C::IssuerRenamed,
        C::SignatureInvalid,
        C::SignatureUnsupported,
        C::PathBudgetExceeded,
        C::Intercepted,
        C::RootInOtherStore,
        C::MissingIntermediate,
        C::RootNotTrusted,
        // Then whether each CA may do what it did.
        C::Version1,
        C::BasicConstraintsMissing,
        C::IssuerNotCa,
        C::KeyCertSignMissing,
        C::PathLengthExceeded,
        C::VerifyDepthExceeded,
        C::NameConstraintViolated,
        C::PolicyViolated,
        C::IssuerPurpose,
        C::AkiMismatch,
        C::UnknownCriticalExtension,
        C::ExtensionMalformed,
        C::EcExplicitParameters,
        C::WeakSignature,
        C::WeakKey,
        C::KeyTypeSupport,
        // Then when, for what, and for whom.
        C::ClockWrong,
        C::ValidityEncoding,
        C::ValidityInverted,
        C::Expired,
        C::NotYetValid,
        C::Revoked,
        C::CrlMalformed,
        C::CrlSignatureInvalid,
        C::CrlSignMissing,
        C::CrlExpired,
        C::CrlNotYetValid,
        C::CrlNotApplicable,
        C::WrongPurpose,
        C::DigitalSignatureMissing,
        C::NoSan,
        C::IpInCommonName,
        C::IpAsDnsName,
        C::IpNotCovered,
        C::SanMalformed,
        C::WildcardMalformed,
        C::WildcardTooBroad,
        C::WildcardScope,
        C::NameMismatch,
        C::HostTrailingDot,
        // Then what the peer thinks of us.
        C::ClientCertificateMissing,
        C::ClientCertificateNotOffered,
        C::ClientCertificateRefused,
        C::AccessDenied,
        // Of mere warnings, the one that most clients refuse comes first.
        C::IssuerNameEncoding,
        C::IssuerNameCase,
        C::EmptyIssuerName,
        C::HostUnderscore,
        C::ExpiredAlternativePath,
        C::StapleMissing,
        C::IntermediateAsTrustAnchor,
        C::NameConstraintSupport,
        C::LeafIsCa,
        C::BasicConstraintsNotCritical,
        C::SkiMissing,
        C::AkiMissing,
        C::SerialNegative,
        C::SerialReused,
        C::KeyEnciphermentMissing,
        C::ExtensionNotAllowed,
        C::ExtensionCriticality,
    ]
};

/// What follows from what, and is mended with it.
const CONSEQUENCES: &[(Code, &[Code])] = {
    use Code as C;
    &[
        (C::IssuerNotCa, &[C::KeyCertSignMissing, C::PathLengthExceeded]),
        (C::Version1, &[C::BasicConstraintsMissing, C::IssuerNotCa, C::NoSan, C::SkiMissing, C::AkiMissing]),
        (C::BasicConstraintsMissing, &[C::IssuerNotCa]),
        (C::WrongVirtualHost, OF_ANOTHER_CERTIFICATE),
        // With the name comes another certificate, and it brings the CAs above it: whoever joins them to this one gains nothing.
        (C::NameMismatch, &[C::MissingIntermediate]),
        (C::Intercepted, &[C::RootInOtherStore, C::RootNotTrusted, C::MissingIntermediate, C::SelfSignedLeaf]),
        (C::RootInOtherStore, &[C::RootNotTrusted, C::MissingIntermediate, C::SelfSignedLeaf]),
        // They are said only where the file on the disk, or what another address sends, is in order by itself.
        (C::StaleCertificateServed, OF_ANOTHER_CERTIFICATE),
        (C::AddressMismatch, OF_ANOTHER_CERTIFICATE),
        (C::ClientCertificateNotOffered, &[C::ClientCertificateRefused]),
        (C::ClockWrong, &[C::Expired, C::NotYetValid, C::CrlExpired, C::CrlNotYetValid]),
        (C::ValidityEncoding, &[C::ValidityInverted, C::Expired]),
        (C::ValidityInverted, &[C::Expired, C::NotYetValid]),
        (
            C::ExtensionMalformed,
            &[
                C::NoSan,
                C::NameMismatch,
                C::IpNotCovered,
                C::IpInCommonName,
                C::EkuMissing,
                C::AkiMissing,
                C::SkiMissing,
                C::BasicConstraintsMissing,
                C::IssuerNotCa,
                C::NameConstraintSupport,
            ],
        ),
        (
            C::LeafMissing,
            &[
                C::KeyMismatch,
                C::KeyTypeMismatch,
                C::KeyIsCaKey,
                C::DigitalSignatureMissing,
                C::NoSan,
                C::NameMismatch,
                C::EkuMissing,
            ],
        ),
        (C::EcExplicitParameters, &[C::SignatureUnsupported]),
        (C::KeyTypeSupport, &[C::SignatureUnsupported]),
        (C::WeakKey, &[C::SignatureUnsupported]),
        (C::LeafIsCa, &[C::PathLengthExceeded, C::BasicConstraintsNotCritical]),
        (C::SelfSignedLeaf, &[C::LeafIsCa, C::AkiMissing, C::BasicConstraintsNotCritical]),
        (C::SameSubjectAsIssuer, &[C::RootNamedLikeHost, C::AkiMissing]),
        (C::SameKeyAsIssuer, &[C::SameSubjectAsIssuer, C::AkiMissing, C::AkiMismatch, C::KeyIsCaKey]),
        (C::IssuerRenamed, &[C::RootNotTrusted, C::MissingIntermediate]),
        (
            C::FilesSwapped,
            &[
                C::FileIsPrivateKey,
                C::KeyMismatch,
                C::KeyTypeMismatch,
                C::LeafMissing,
                C::LeafAsTrustAnchor,
                C::RootNotTrusted,
                C::NoSan,
                C::NameMismatch,
                C::DigitalSignatureMissing,
            ],
        ),
        (C::PasswordWrong, &[C::FileIsPkcs12, C::FileIsJks, C::Pkcs12LegacyEncryption]),
        (C::Pkcs12LegacyEncryption, &[C::FileIsPkcs12]),
        (C::KeyMissing, &[C::FileIsPkcs12, C::FileIsJks]),
    ]
};

/// What goes away with the certificate, where one that is in order takes its place.
const OF_ANOTHER_CERTIFICATE: &[Code] = {
    use Code as C;
    &[
        C::WrongVirtualHost,
        C::SelfSignedLeaf,
        C::RootRegenerated,
        C::IntermediateRegenerated,
        C::IssuerRenamed,
        C::MissingIntermediate,
        C::RootNotTrusted,
        C::RootInOtherStore,
        C::Intercepted,
        C::Expired,
        C::NotYetValid,
        C::Revoked,
        C::WrongPurpose,
        C::NoSan,
        C::NameMismatch,
        C::IpNotCovered,
        C::WildcardScope,
    ]
};

/// The finding to mend first, and the findings in the order to show them: the cause, then by severity and order.
///
/// Findings that only follow from another are marked so. A note is never the cause.
pub fn root_cause(mut findings: Vec<Finding>) -> (Option<Finding>, Vec<Finding>) {
    let present: Vec<(Code, Severity)> = findings.iter().map(|finding| (finding.code, finding.severity)).collect();
    for finding in &mut findings {
        finding.follows_from = finding.follows_from.or_else(|| source_of(finding, &present));
    }
    findings.sort_by_key(|finding| (finding.severity, finding.follows_from.is_some(), place(finding.code)));
    let cause = findings.first().filter(|finding| finding.severity != Severity::Note).cloned();
    (cause, findings)
}

/// What a finding follows from, among those that are there and at least as grave.
fn source_of(finding: &Finding, present: &[(Code, Severity)]) -> Option<Code> {
    let leads =
        |(source, consequences): &&(Code, &[Code])| *source != finding.code && consequences.contains(&finding.code);
    let sources = CONSEQUENCES.iter().filter(leads).map(|(source, _)| *source);
    let grave_enough = |source: &Code| present.iter().any(|(code, grade)| code == source && *grade <= finding.severity);
    sources.into_iter().find(grave_enough)
}

/// Codes without a place in [`ORDER`] come last, in the order of the catalogue.
fn place(code: Code) -> (usize, Code) {
    (ORDER.iter().position(|known| *known == code).unwrap_or(ORDER.len()), code)
}

#[cfg(test)]
mod tests {
    use super::{Code, Finding, root_cause};

    #[test]
    fn an_error_comes_before_a_warning_and_a_note_is_never_the_cause() {
        let found = [Code::EkuMissing, Code::AkiMissing, Code::NameMismatch, Code::Expired];
        let (cause, findings) = root_cause(found.iter().map(|code| Finding::new(*code, "")).collect());
        assert_eq!(cause.map(|finding| finding.code), Some(Code::Expired));
        let order: Vec<Code> = findings.iter().map(|finding| finding.code).collect();
        assert_eq!(order, [Code::Expired, Code::NameMismatch, Code::AkiMissing, Code::EkuMissing]);
        assert_eq!(root_cause(vec![Finding::new(Code::EkuMissing, "")]).0, None);
    }

    /// Another site's certificate is not mended by what is wanting above it.
    #[test]
    fn a_certificate_for_another_name_comes_before_what_goes_with_it() {
        use Code as C;
        for (cause, others) in [
            (C::NameMismatch, &[C::MissingIntermediate][..]),
            (C::WrongVirtualHost, &[C::MissingIntermediate, C::NameMismatch, C::Expired, C::SelfSignedLeaf]),
        ] {
            let found = others.iter().chain([&cause]).map(|code| Finding::new(*code, "")).collect();
            let (first, findings) = root_cause(found);
            assert_eq!(first.map(|it| (it.code, it.follows_from)), Some((cause, None)));
            assert!(findings.iter().skip(1).all(|it| it.follows_from.is_some()), "{findings:?}");
        }
    }

    #[test]
    fn what_follows_from_another_finding_says_so() {
        let found = [Code::KeyCertSignMissing, Code::IssuerNotCa];
        let (cause, findings) = root_cause(found.iter().map(|code| Finding::new(*code, "")).collect());
        assert_eq!(cause.map(|finding| finding.code), Some(Code::IssuerNotCa));
        assert_eq!(findings[1].follows_from, Some(Code::IssuerNotCa));
    }
}
