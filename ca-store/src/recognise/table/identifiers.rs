//! Names of errors as programs hand them on without the message: Go's error types and reasons (`crypto/x509`, `crypto/tls`), Java's
//! `BasicReason` and `PKIXReason` (`java.security.cert`) and exceptions, NSS's and GnuTLS's constants. Where the message has a
//! row that the name leads to as well, it stands there.

use crate::finding::Code::*;
use crate::recognise::rule::{Rule, says};

pub(super) const RULES: &[Rule] = &[
    // Go. `Expired` is its reason before notBefore, too.
    says(&["x509.expired"], &[Expired, ClockWrong, NotYetValid, StaleCertificateServed]).exact(),
    says(&["x509.namemismatch"], &[IssuerRenamed, IssuerNameEncoding, IssuerNameCase, ChainOrder]).exact(),
    says(&["notauthorizedtosign"], &[IssuerNotCa, BasicConstraintsMissing, Version1, KeyCertSignMissing]).exact(),
    says(&["constraintviolationerror"], &[IssuerNotCa, KeyCertSignMissing, BasicConstraintsMissing]).exact(),
    says(&["canotauthorizedforthisname"], &[NameConstraintViolated]).exact(),
    says(&["unconstrainedname"], &[NameConstraintViolated, SanMalformed]).exact(),
    says(&["nameconstraintswithoutsans"], &[NoSan, NameConstraintViolated]).exact(),
    says(&["toomanyintermediates"], &[PathLengthExceeded]).exact(),
    says(&["toomanyconstraints"], &[PathBudgetExceeded]).exact(),
    says(&["x509.incompatibleusage", "incompatibleusage"], &[WrongPurpose, IssuerPurpose]).exact(),
    says(&["canotauthorizedforextkeyusage"], &[IssuerPurpose, WrongPurpose]).exact(),
    says(&["x509.novalidchains"], &[PolicyViolated, WrongPurpose, IssuerPurpose]),
    says(&["systemrootserror"], &[RootNotTrusted, RootInOtherStore, FileMissing]),
    says(&["certificateinvaliderror"], &[Expired, WrongPurpose, IssuerNotCa, NameConstraintViolated]),
    says(&["x509.incorrectpassworderror"], &[PasswordWrong, KeyEncrypted]).exact(),
    says(&["x509.errunsupportedalgorithm"], &[KeyTypeSupport, SignatureUnsupported, WeakSignature]).exact(),
    says(&["tls.recordheadererror"], &[NotTls, StarttlsNeeded]).exact(),
    says(&["tls.certificateverificationerror"], &[RootNotTrusted, MissingIntermediate, NameMismatch, Expired]).vague(),
    says(&["tls.alerterror"], &[ClientCertificateRefused, RootNotTrusted, TlsVersionMismatch]).vague(),
    // Java.
    says(&["basicreason.expired"], &[Expired, ClockWrong, StaleCertificateServed]).exact(),
    says(&["basicreason.not yet valid"], &[NotYetValid, ClockWrong]).exact(),
    says(&["algorithm constrained"], &[WeakKey, WeakSignature, KeyTypeSupport]).exact(),
    says(&["pkixreason.invalid key usage"], &[KeyCertSignMissing, DigitalSignatureMissing, WrongPurpose]).exact(),
    says(&["pkixreason.invalid name"], &[NameConstraintViolated, EmptyIssuerName]).exact(),
    says(&["pkixreason.invalid policy"], &[PolicyViolated]).exact(),
    says(&["pkixreason.name chaining"], &[IssuerRenamed, IssuerNameEncoding, ChainOrder, MissingIntermediate]).exact(),
    says(&["not ca cert"], &[IssuerNotCa, BasicConstraintsMissing, Version1]).exact(),
    says(&["pkixreason.no trust anchor"], &[RootNotTrusted, MissingIntermediate, RootRegenerated, SelfSignedLeaf])
        .exact(),
    says(&["pkixreason.path too long"], &[PathLengthExceeded, VerifyDepthExceeded]).exact(),
    says(&["unrecognized crit ext"], &[UnknownCriticalExtension]).exact(),
    says(&["security.cert.crlexception"], &[CrlMalformed, CrlNotApplicable]),
    says(&["security.signatureexception"], &[SignatureInvalid, RootRegenerated, SameSubjectAsIssuer]),
    says(&["unrecoverablekeyexception"], &[PasswordWrong, KeyEncrypted]).exact(),
    says(&["sslpeerunverifiedexception"], &[NameMismatch, NoSan, ClientCertificateMissing]).vague(),
    says(&["sslkeyexception"], &[KeyMismatch, KeyTypeMismatch, KeyTypeSupport]),
    // NSS.
    says(&["sec error bad key", "sec error invalid key"], &[KeyTypeSupport, WeakKey, EcExplicitParameters]),
    says(&["sec error cert not valid"], &[RootNotTrusted, Expired, WrongPurpose]).vague(),
    says(&["sec error unsupported ec point form"], &[EcExplicitParameters, KeyTypeSupport]).exact(),
    says(&["sec error cert usages invalid"], &[WrongPurpose, IssuerPurpose]).exact(),
    says(&["sec error krl expired"], &[CrlExpired, ClockWrong]).exact(),
    says(&["ssl error wrong certificate"], &[KeyMismatch, FilesSwapped]).exact(),
    says(&["ssl error rx unknown record type"], &[NotTls, StarttlsNeeded]).exact(),
    says(&["ssl error rx malformed certificate"], &[CertificateCorrupt, ExtensionMalformed]).exact(),
    says(&["ssl error no ciphers supported"], &[CipherSuiteMismatch, TlsVersionMismatch]).exact(),
    says(&["mozilla pkix error key pinning failure"], &[Intercepted, RootNotTrusted]).exact(),
    says(&["mozilla pkix error validity too long"], &[ValidityLong]).exact(),
    says(&["mozilla pkix error required tls feature missing"], &[StapleMissing]).exact(),
    // GnuTLS.
    says(&["gnutls cert invalid"], &[RootNotTrusted, MissingIntermediate, Expired]).vague(),
    says(&["gnutls cert revocation data issued in future"], &[CrlNotYetValid, ClockWrong]).exact(),
    says(
        &["gnutls e asn1 tag error", "gnutls e asn1 element not found"],
        &[CertificateCorrupt, FileWrongLabel, FileIsCsr, ExtensionMalformed],
    ),
    says(&["gnutls e asn1 time error"], &[ValidityEncoding, CertificateCorrupt]).exact(),
    says(&["gnutls e insufficient credentials"], &[KeyMissing, FileMissing, ClientCertificateMissing]),
    says(&["gnutls e x509 unknown san"], &[SanMalformed, NoSan]),
    says(&["gnutls e constraint error"], &[NameConstraintViolated, PathLengthExceeded]),
    says(&["gnutls e certificate list unsorted"], &[ChainOrder, ChainExtra]).exact(),
    says(&["gnutls e no common key share"], &[CipherSuiteMismatch, TlsVersionMismatch]).exact(),
    says(&["gnutls e received disallowed name"], &[SniRefused, HostUnderscore, HostTrailingDot]).exact(),
    says(&["gnutls e session eof"], &[ConnectionClosed, NotTls]),
    says(&["gnutls e timedout"], &[ConnectionTimeout, NotTls]),
    says(&["gnutls e unknown pk algorithm"], &[KeyTypeSupport, EcExplicitParameters, SignatureUnsupported]),
    says(&["gnutls e pkcs1 wrong pad"], &[SignatureInvalid, KeyMismatch, RootRegenerated]),
    says(&["gnutls e received illegal parameter"], &[TlsVersionMismatch, KeyTypeSupport, CipherSuiteMismatch]),
    // OpenSSL.
    says(&["x509 v err no issuer public key"], &[CertificateCorrupt, KeyTypeSupport]),
    says(&["x509 v err rpk untrusted"], &[RootNotTrusted]),
];
