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
    says(&["failed to load system roots"], &[RootNotTrusted, FileMissing]).exact(),
    says(&["rsa modulus is not a positive number"], &[WeakKey, CertificateCorrupt]).exact(),
    says(&["expected exactly two safe bags"], &[KeyMissing, FileIsPkcs12]).exact(),
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
    says(&["not verified"], &[NameMismatch, NoSan, IpNotCovered]).when(&["sslpeerunverifiedexception"]).exact(),
    says(&["sslpeerunverifiedexception"], &[NameMismatch, NoSan, ClientCertificateMissing]).vague(),
    says(&["sslkeyexception"], &[KeyMismatch, KeyTypeMismatch, KeyTypeSupport]),
    says(&["input not an x.509 certificate"], &[FileIsCsr, FileIsPrivateKey, FileBadBoundary, FileIsPkcs12]).exact(),
    says(&["key protection algorithm not found"], &[Pkcs12LegacyEncryption, PasswordWrong]).exact(),
    says(
        &["certpathvalidatorexception", "certpathbuilderexception", "validatorexception"],
        &[RootNotTrusted, MissingIntermediate, RootRegenerated],
    )
    .vague(),
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
    says(&["sec error signature algorithm disabled"], &[WeakSignature]).exact(),
    says(&["sec error algorithm mismatch"], &[SignatureInvalid, CertificateCorrupt]),
    says(&["sec error invalid algorithm", "sec error unrecognized oid"], &[KeyTypeSupport, SignatureUnsupported]),
    says(&["sec error unknown signer", "sec error unknown cert"], &[RootNotTrusted, MissingIntermediate]),
    says(&["sec error invalid policy mapping"], &[PolicyViolated]).exact(),
    says(&["sec error old crl"], &[CrlExpired, CrlNotApplicable]),
    says(&["sec error cert addr mismatch"], &[NameMismatch, NoSan]).exact(),
    says(&["sec error pkcs12 invalid mac"], &[PasswordWrong, FileTruncated]).exact(),
    says(
        &[
            "sec error pkcs12 unsupported mac algorithm",
            "sec error pkcs12 unsupported transport mode",
            "sec error pkcs12 unsupported version",
        ],
        &[Pkcs12LegacyEncryption],
    ),
    says(&["sec error adding cert"], &[SerialReused, CertificateCorrupt, EcExplicitParameters]),
    says(&["sec error pkcs12 corrupt pfx structure"], &[FileTruncated, FileIsPkcs12, FileIsPkcs7]),
    says(&["sec error extra input", "sec error input len", "sec error bad data"], &[CertificateCorrupt, FileTruncated]),
    says(&["ssl error no trusted ssl client ca"], &[ClientCertificateNotOffered, RootNotTrusted]).exact(),
    says(
        &[
            "ssl error no supported signature algorithm",
            "ssl error incorrect signature algorithm",
            "ssl error unsupported hash algorithm",
        ],
        &[KeyTypeSupport, WeakSignature, CipherSuiteMismatch],
    ),
    says(&["ssl error pub key size limit exceeded"], &[KeyTypeSupport, WeakKey]),
    says(&["ssl error extract public key failure"], &[EcExplicitParameters, KeyTypeSupport]),
    says(&["ssl error cert kea mismatch", "ssl error no server key for alg"], &[KeyTypeMismatch, CipherSuiteMismatch]),
    says(
        &["ssl error server key exchange failure", "ssl error bad handshake hash value"],
        &[KeyMismatch, CipherSuiteMismatch],
    ),
    says(
        &["ssl error unknown cipher suite", "ssl error cipher disallowed for version", "ssl error missing key share"],
        &[CipherSuiteMismatch, TlsVersionMismatch],
    ),
    says(
        &["ssl error ssl disabled", "ssl error ssl2 disabled", "ssl error invalid version range"],
        &[TlsVersionMismatch],
    )
    .exact(),
    says(&["ssl error bad cert status response alert"], &[Revoked, StapleMissing]).exact(),
    says(&["ssl error missing alpn extension"], &[AlpnMismatch]).exact(),
    says(&["ssl error bad server", "ssl error bad client"], &[NotTls, TlsVersionMismatch]).vague(),
    // Node and OpenSSL's decoders.
    says(&["err ossl evp unsupported"], &[Pkcs12LegacyEncryption, KeyEncrypted, WeakSignature]),
    says(&["err tls dh param size"], &[WeakKey]).exact(),
    // GnuTLS.
    says(&["gnutls cert invalid"], &[RootNotTrusted, MissingIntermediate, Expired]).vague(),
    says(&["gnutls cert revocation data issued in future"], &[CrlNotYetValid, ClockWrong]).exact(),
    says(
        &["gnutls e asn1 tag error", "gnutls e asn1 element not found"],
        &[CertificateCorrupt, FileWrongLabel, FileIsCsr, ExtensionMalformed],
    ),
    says(&["gnutls e timedout"], &[ConnectionTimeout, NotTls]),
    says(&["gnutls e pkcs1 wrong pad"], &[SignatureInvalid, KeyMismatch, RootRegenerated]),
    says(&["gnutls e received illegal parameter"], &[TlsVersionMismatch, KeyTypeSupport, CipherSuiteMismatch]),
    // OpenSSL.
    says(&["x509 v err no issuer public key"], &[CertificateCorrupt, KeyTypeSupport]),
    says(&["x509 v err rpk untrusted"], &[RootNotTrusted]),
];
