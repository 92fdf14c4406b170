//! The codes: every cause that a report may name.

use super::Severity;

macro_rules! codes {
    ($($variant:ident = $code:literal, $severity:ident, $summary:literal;)*) => {
        /// A cause. A code never changes its meaning; new ones may be added.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $summary] $variant,)*
        }

        impl Code {
            /// All codes, in the order of the catalogue.
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];

            /// The code as scripts see it.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $code),* }
            }

            /// What is wrong, in general.
            pub fn summary(self) -> &'static str {
                match self { $(Code::$variant => $summary),* }
            }

            /// How grave it is, unless a check says otherwise of one instance.
            pub fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity),* }
            }
        }
    };
}

codes! {
    // Names of issuers
    SameSubjectAsIssuer = "same-subject-as-issuer", Error, "a certificate and the CA above it carry the same subject, with different keys; OpenSSL's family then takes it for self-signed unless the AKI tells them apart. Compared as OpenSSL does, without letter case";
    SameKeyAsIssuer = "same-key-as-issuer", Error, "a certificate uses its CA's own key";
    RootNamedLikeHost = "root-named-like-host", Note, "the root's common name is the host that clients connect to: harmless in itself, nearly always a mistake";
    IssuerRenamed = "issuer-renamed", Error, "the CA's key is right, but its name was changed after this certificate was issued";
    IssuerNameEncoding = "issuer-name-encoding", Warning, "issuer and subject spell the same text in different ASN.1 string types; half of the clients see two names";
    IssuerNameCase = "issuer-name-case", Warning, "issuer and subject differ in letter case only";
    EmptyIssuerName = "empty-issuer-name", Warning, "a CA with an empty subject";
    // Names of hosts
    NoSan = "no-san", Error, "no subjectAltName, whether or not the common name holds the host";
    NameMismatch = "name-mismatch", Error, "the SAN does not cover the name asked for, and nothing narrower below says why";
    IpAsDnsName = "ip-as-dns-name", Error, "an IP address written as a DNS name in the SAN";
    IpInCommonName = "ip-in-common-name", Error, "an IP address only in the common name";
    IpNotCovered = "ip-not-covered", Error, "asked for by IP address, and the SAN has no such IP entry";
    WildcardScope = "wildcard-scope", Error, "a wildcard stands for one label: it covers neither the bare domain nor two labels";
    WildcardMalformed = "wildcard-malformed", Error, "partial or repeated wildcard";
    CommonNameNotInSan = "common-name-not-in-san", Note, "the common name is no name of the SAN, character for character";
    WildcardTooBroad = "wildcard-too-broad", Warning, "a wildcard right below a public suffix or top-level name";
    SanMalformed = "san-malformed", Error, "a SAN entry that no client can match: port, URL, space, trailing dot, raw Unicode";
    HostTrailingDot = "host-trailing-dot", Warning, "asked for with a trailing dot";
    HostUnderscore = "host-underscore", Warning, "an underscore in the host name, which some clients refuse";
    WrongVirtualHost = "wrong-virtual-host", Error, "the server answered with another site's certificate for this SNI name";
    SniRefused = "sni-refused", Error, "the server knows no such name and refuses the handshake";
    SniMissing = "sni-missing", Warning, "the client sends no name, and gets the default site";
    // Time
    Expired = "expired", Error, "past notAfter, by how long";
    ExpiredAlternativePath = "expired-alternative-path", Note, "an expired cross-sign or root lies on one path, and another path is good";
    NotYetValid = "not-yet-valid", Error, "before notBefore, by how long";
    ClockWrong = "clock-wrong", Error, "every certificate is in order at the real time: the machine that refused has a wrong clock";
    ValidityInverted = "validity-inverted", Error, "notAfter lies before notBefore";
    ValidityEncoding = "validity-encoding", Note, "UTCTime past 2049 or GeneralizedTime before 2050";
    ValidityLong = "validity-long", Note, "longer than browsers or Apple accept";
    // Trust and path
    RootNotTrusted = "root-not-trusted", Error, "the topmost certificate sent is a CA or self-signed, and nothing among the trust anchors issued it or is it";
    RootInOtherStore = "root-in-other-store", Error, "the root is installed in one store of this machine, and the program reads another (Java, Node, Python's certifi, Firefox)";
    Intercepted = "intercepted", Error, "an unknown CA on the way re-signs the traffic (a TLS-inspecting proxy)";
    RootRegenerated = "root-regenerated", Error, "a trust anchor has the right name and another key: the CA was made anew, the chain is from the old one";
    IntermediateRegenerated = "intermediate-regenerated", Error, "an intermediate that was sent has the right name and another key";
    MissingIntermediate = "missing-intermediate", Error, "a lone leaf, or a gap in the chain: the CA between was not sent";
    LeafMissing = "leaf-missing", Error, "only CAs in the chain file";
    ChainHasRoot = "chain-has-root", Note, "the root is sent along (harmless)";
    StaleCertificateServed = "stale-certificate-served", Error, "the server still sends the old certificate, though the file on disk has been renewed";
    ChainOrder = "chain-order", Warning, "the file does not begin with the leaf, or the order is broken";
    ChainExtra = "chain-extra", Note, "certificates that belong to no path";
    ChainDuplicate = "chain-duplicate", Note, "a certificate sent twice";
    LeafAsTrustAnchor = "leaf-as-trust-anchor", Error, "the server's certificate was given as the CA file";
    IntermediateAsTrustAnchor = "intermediate-as-trust-anchor", Warning, "only the intermediate was given as trust; half of the clients want the root";
    SelfSignedLeaf = "self-signed-leaf", Error, "truly self-signed: its own key verifies its signature, and no CA of that name is given";
    SignatureInvalid = "signature-invalid", Error, "name and key identifiers agree, and the issuer's key still does not verify the signature (otherwise it is …-regenerated)";
    // CA constraints
    IssuerNotCa = "issuer-not-ca", Error, "the issuer says CA:FALSE";
    BasicConstraintsMissing = "basic-constraints-missing", Error, "a CA without basicConstraints";
    BasicConstraintsNotCritical = "basic-constraints-not-critical", Warning, "a CA's basicConstraints is not critical";
    KeyCertSignMissing = "key-cert-sign-missing", Error, "a CA whose keyUsage lacks keyCertSign";
    Version1 = "version-1", Error, "X.509 v1: no extensions at all";
    LeafIsCa = "leaf-is-ca", Warning, "a leaf that says CA:TRUE";
    PathLengthExceeded = "path-length-exceeded", Error, "more CAs below than pathLenConstraint allows";
    VerifyDepthExceeded = "verify-depth-exceeded", Error, "longer than the verifier's own limit (nginx ssl_verify_depth 1)";
    NameConstraintViolated = "name-constraint-violated", Error, "a name outside what the CA may issue";
    NameConstraintSupport = "name-constraint-support", Warning, "a name constraint of a kind that some clients do not process";
    IssuerPurpose = "issuer-purpose", Error, "the CA's extendedKeyUsage does not cover this purpose";
    AkiMissing = "aki-missing", Warning, "no authorityKeyIdentifier";
    SkiMissing = "ski-missing", Warning, "a CA without subjectKeyIdentifier";
    AkiMismatch = "aki-mismatch", Error, "the authorityKeyIdentifier names another key than the issuer's";
    UnknownCriticalExtension = "unknown-critical-extension", Error, "critical, and not understood";
    PolicyViolated = "policy-violated", Error, "certificate policies required, and none is valid for the path";
    PathBudgetExceeded = "path-budget-exceeded", Error, "more paths or signatures to try than the bound allows";
    ExtensionMalformed = "extension-malformed", Error, "an extension that breaks its own definition";
    ExtensionCriticality = "extension-criticality", Note, "an extension that must be critical and is not, or is and must not be";
    ExtensionNotAllowed = "extension-not-allowed", Note, "an extension, or a part of one, that certificates of this kind must not have";
    // Usage and keys
    WrongPurpose = "wrong-purpose", Error, "extendedKeyUsage lacks serverAuth or clientAuth";
    EkuMissing = "eku-missing", Note, "no extendedKeyUsage";
    DigitalSignatureMissing = "digital-signature-missing", Error, "keyUsage lacks digitalSignature, which (EC)DHE and TLS 1.3 need";
    KeyEnciphermentMissing = "key-encipherment-missing", Warning, "an RSA key whose keyUsage lacks keyEncipherment, which NSS asks for";
    WeakKey = "weak-key", Error, "too short, or a broken kind";
    SignatureUnsupported = "signature-unsupported", Error, "a signature by an algorithm that cannot be checked, so that nothing shows who made it";
    EcExplicitParameters = "ec-explicit-parameters", Error, "a curve written out instead of named";
    WeakSignature = "weak-signature", Error, "SHA-1 or MD5";
    KeyTypeSupport = "key-type-support", Warning, "a key type or curve that some clients lack";
    KeyNotAllowed = "key-not-allowed", Note, "a sound key of a kind or size, or with a digest, that the profile leaves out";
    KeyMismatch = "key-mismatch", Error, "the private key is not the certificate's, and nothing narrower says why";
    KeyTypeMismatch = "key-type-mismatch", Error, "nor even of its type";
    KeyIsCaKey = "key-is-ca-key", Error, "the CA's private key was put on a server";
    KeyEncrypted = "key-encrypted", Error, "the private key needs a passphrase";
    SerialNegative = "serial-negative", Warning, "negative serial number";
    SerialTooLong = "serial-too-long", Note, "over 20 octets";
    SerialZero = "serial-zero", Note, "zero";
    SerialReused = "serial-reused", Warning, "two certificates of one issuer with one serial";
    // Revocation
    Revoked = "revoked", Error, "on the issuer's CRL, since when and why";
    CrlExpired = "crl-expired", Error, "past nextUpdate";
    CrlNotYetValid = "crl-not-yet-valid", Error, "before thisUpdate";
    CrlSignatureInvalid = "crl-signature-invalid", Error, "the CRL is not signed by the issuer's key";
    CrlSignMissing = "crl-sign-missing", Error, "the CRL's issuer has a keyUsage without cRLSign";
    CrlNotApplicable = "crl-not-applicable", Error, "a CRL is given, but of another CA or another partition";
    CrlMissing = "crl-missing", Error, "revocation must be checked, and no CRL at all is given";
    StapleMissing = "staple-missing", Warning, "the certificate demands that its server staples an OCSP answer (must-staple), and none was seen";
    CrlMalformed = "crl-malformed", Error, "the CRL breaks its own definition";
    // Handshake
    ClientCertificateMissing = "client-certificate-missing", Error, "the server asks for a client certificate and got none";
    ClientCertificateNotOffered = "client-certificate-not-offered", Error, "the client has one, but the server's list of CAs leaves out its issuer, so it is not sent";
    ClientCertificateRefused = "client-certificate-refused", Error, "it got one and refuses it: which alert, and the likely reason";
    AccessDenied = "access-denied", Error, "the certificate is right, but its account may not come in";
    TlsVersionMismatch = "tls-version-mismatch", Error, "no TLS version in common";
    CipherSuiteMismatch = "cipher-suite-mismatch", Error, "no cipher suite in common, or none that fits the key";
    AlpnMismatch = "alpn-mismatch", Error, "no application protocol in common";
    NotTls = "not-tls", Error, "the port speaks something else, which is named where it can be told";
    StarttlsNeeded = "starttls-needed", Error, "a greeting was seen of a plain-text protocol that upgrades with STARTTLS, which is named";
    ConnectionClosed = "connection-closed", Error, "closed before or in the handshake with no alert";
    ConnectionRefused = "connection-refused", Error, "nothing listens there";
    AddressMismatch = "address-mismatch", Warning, "the addresses of one name answer with different certificates";
    HostNotFound = "host-not-found", Error, "the name does not resolve";
    ConnectionTimeout = "connection-timeout", Error, "no answer";
    // Files
    FileMissing = "file-missing", Error, "no such file";
    FileEmpty = "file-empty", Error, "nothing in it";
    FileIsDer = "file-is-der", Warning, "DER where the program that reads it expects PEM";
    FileIsPkcs12 = "file-is-pkcs12", Error, "a PKCS#12 file";
    FileIsPkcs7 = "file-is-pkcs7", Error, "a PKCS#7 bundle";
    FileIsPrivateKey = "file-is-private-key", Error, "a private key where a certificate belongs";
    FileIsPublicKey = "file-is-public-key", Error, "a public key where a private key or a certificate belongs";
    FileIsJks = "file-is-jks", Error, "a Java key store";
    FileIsSshKey = "file-is-ssh-key", Error, "an OpenSSH key";
    FileIsDirectory = "file-is-directory", Error, "a folder where a file belongs (a container mount of a path that did not exist)";
    FileUnreadable = "file-unreadable", Error, "no permission to read it";
    KeyMissing = "key-missing", Error, "a PKCS#12 or Java store without a private key";
    PasswordWrong = "password-wrong", Error, "the passphrase does not open it";
    Pkcs12LegacyEncryption = "pkcs12-legacy-encryption", Warning, "RC2 or 3DES, which OpenSSL 3 opens only with its legacy provider";
    FileIsCsr = "file-is-csr", Error, "a request where a certificate belongs";
    FileIsCertificate = "file-is-certificate", Error, "a certificate where a private key or a revocation list belongs";
    FileIsCrl = "file-is-crl", Error, "a revocation list where a certificate or a private key belongs";
    FileIsOther = "file-is-other", Error, "nothing of a PKI: text, a web page, an archive, parameters";
    FileHasKey = "file-has-key", Warning, "a private key lies in a file that is handed out";
    FileHasBom = "file-has-bom", Warning, "begins with a byte order mark";
    FileIsUtf16 = "file-is-utf16", Error, "UTF-16 text";
    FileTruncated = "file-truncated", Error, "cut off: the END line is missing, or the DER is shorter than its own length says";
    FileBadBase64 = "file-bad-base64", Error, "a character that is not base64, at which line";
    FileBadBoundary = "file-bad-boundary", Error, "a damaged BEGIN or END line";
    FileWrongLabel = "file-wrong-label", Warning, "the PEM label does not fit the content, of a certificate";
    FileJoinedBlocks = "file-joined-blocks", Error, "two blocks run together on one line";
    FileEscapedNewlines = "file-escaped-newlines", Error, "literal \\n in place of newlines";
    FileOneLine = "file-one-line", Warning, "newlines turned into spaces";
    FileIndented = "file-indented", Warning, "indented lines";
    FileCrlf = "file-crlf", Note, "CRLF line ends (harmless)";
    FileHasText = "file-has-text", Note, "text around the blocks (harmless)";
    KeyPermissions = "key-permissions", Note, "a private key that others can read";
    FilesSwapped = "files-swapped", Error, "certificate and key changed places";
    CertificateCorrupt = "certificate-corrupt", Error, "whole, but its DER does not parse, or a changed byte breaks the signature";
    KeyWrongLabel = "key-wrong-label", Warning, "the same of a key";
}

impl Code {
    /// Whether it is a fault of a file: what it holds cannot be read, or is something else than was expected there.
    pub fn is_of_file(self) -> bool {
        // The files are the last part of the catalogue.
        self >= Code::FileMissing || self == Code::CrlMalformed
    }

    /// Whether it is a fault of the connection or the handshake, which no certificate explains.
    pub fn is_of_connection(self) -> bool {
        (Code::ClientCertificateMissing..=Code::ConnectionTimeout).contains(&self) || self == Code::SniRefused
    }

    /// The code of that spelling.
    pub fn parse(text: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.as_str() == text)
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
