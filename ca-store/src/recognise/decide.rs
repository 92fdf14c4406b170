//! What tells whether a candidate is the cause: a command to type, with what to look at. One table, by code.
//!
//! `HOST`, `PORT` and file names in capitals are the reader's to fill in; `HOST` is filled in where the text names the host.

use crate::finding::Code::{self, *};
use crate::finding::quote;

/// Which evidence shows a cause, or shows that it is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// The chain that is sent, beside the name asked for and the time.
    Chain,
    /// The chain, beside what is trusted.
    Trust,
    /// The private key, beside the certificate.
    Key,
    /// A revocation list.
    Crl,
    /// A live endpoint.
    Endpoint,
    /// The file itself, as it is read.
    File,
    /// None of them: another machine, another store, another time.
    Elsewhere,
}

/// Cause → what shows it, and what to type.
const ROWS: &[(&[Code], Shown, &str)] = &[
    (
        &[SelfSignedLeaf, SameSubjectAsIssuer, SameKeyAsIssuer],
        Shown::Trust,
        "pki diagnose --chain CHAIN.pem --trust CA.pem --name {host}   # whether the leaf's own key verifies its signature, or the CA's",
    ),
    (
        &[RootNotTrusted, MissingIntermediate],
        Shown::Trust,
        "pki diagnose {host}:PORT --trust CA.pem   # where the tree of the chain breaks off: below the root, or right above the leaf",
    ),
    (
        &[RootRegenerated, IntermediateRegenerated, SignatureInvalid, AkiMismatch],
        Shown::Trust,
        "pki diagnose --chain CHAIN.pem --trust CA.pem --name {host}   # whether the issuer of that name has the key that signed",
    ),
    (
        &[IssuerRenamed, IssuerNameEncoding, IssuerNameCase, EmptyIssuerName],
        Shown::Trust,
        "pki diagnose --chain CHAIN.pem --trust CA.pem --name {host}   # the issuer beside the CA's subject",
    ),
    (
        &[LeafAsTrustAnchor, IntermediateAsTrustAnchor],
        Shown::Trust,
        "pki inspect CA.pem   # whether what clients trust is a root: subject and issuer the same, CA:TRUE",
    ),
    (&[RootNamedLikeHost], Shown::Trust, "pki inspect CA.pem   # whether the root's common name is a host's"),
    (
        &[RootInOtherStore],
        Shown::Elsewhere,
        "pki diagnose {host}:PORT --system-trust   # where this is valid, the program that refuses reads another store than the system's",
    ),
    (
        &[Intercepted],
        Shown::Elsewhere,
        "pki inspect {host}:PORT   # from here and from another network: whether the issuer is the same",
    ),
    (
        &[StaleCertificateServed],
        Shown::Elsewhere,
        "pki inspect {host}:PORT CERT.pem   # whether what is served has the serial number of the file; if not, reload the server",
    ),
    (
        &[
            NoSan,
            CommonNameNotInSan,
            NameMismatch,
            SanMalformed,
            WildcardScope,
            WildcardMalformed,
            WildcardTooBroad,
            HostUnderscore,
            HostTrailingDot,
        ],
        Shown::Chain,
        "pki diagnose --chain CHAIN.pem --name {host}   # the names in the certificate beside the one asked for",
    ),
    (
        &[IpAsDnsName, IpInCommonName, IpNotCovered],
        Shown::Chain,
        "pki diagnose --chain CHAIN.pem --name {host}   # whether the address stands in the certificate, and as an IP address",
    ),
    (
        &[WrongVirtualHost, SniRefused, SniMissing],
        Shown::Endpoint,
        "pki diagnose {host}:PORT   # the certificate that comes for this name, beside the one that comes for none",
    ),
    (
        &[AddressMismatch],
        Shown::Endpoint,
        "pki diagnose ADDRESS:PORT --name {host}   # once for each address of the name",
    ),
    (
        &[Expired, NotYetValid, ValidityInverted, ValidityEncoding, ValidityLong],
        Shown::Chain,
        "pki diagnose --chain CHAIN.pem --trust CA.pem --name {host}   # notBefore and notAfter of every certificate, the CA's too",
    ),
    (
        &[ExpiredAlternativePath],
        Shown::Trust,
        "pki diagnose --chain CHAIN.pem --trust CA.pem --name {host}   # whether the expired one lies on the path that is used",
    ),
    (&[ClockWrong], Shown::Elsewhere, "date -u   # on the machine that refuses, beside a clock that is right"),
    (
        &[ChainOrder, LeafMissing, ChainHasRoot, ChainExtra, ChainDuplicate],
        Shown::Chain,
        "pki inspect CHAIN.pem   # the leaf first, then what issued it, upwards",
    ),
    (
        &[IssuerNotCa, BasicConstraintsMissing, BasicConstraintsNotCritical, KeyCertSignMissing, Version1, SkiMissing],
        Shown::Trust,
        "pki inspect CHAIN.pem CA.pem   # of every CA: version 3, CA:TRUE and critical, keyCertSign",
    ),
    (
        &[
            LeafIsCa,
            AkiMissing,
            UnknownCriticalExtension,
            ExtensionMalformed,
            ExtensionCriticality,
            ExtensionNotAllowed,
            PolicyViolated,
        ],
        Shown::Chain,
        "pki diagnose --chain CHAIN.pem --trust CA.pem --name {host}   # the extensions that it names",
    ),
    (
        &[PathLengthExceeded, NameConstraintViolated, NameConstraintSupport, IssuerPurpose],
        Shown::Trust,
        "pki diagnose --chain CHAIN.pem --trust CA.pem --name {host}   # what the CAs above permit: path length, names, purpose",
    ),
    (
        &[VerifyDepthExceeded],
        Shown::Elsewhere,
        "grep -ri verify.*depth SERVER_CONFIGURATION; pki inspect CHAIN.pem   # the limit, beside how many CAs stand above the leaf",
    ),
    (
        &[PathBudgetExceeded],
        Shown::Chain,
        "pki inspect CHAIN.pem   # how many certificates it holds, and of how many names",
    ),
    (
        &[WrongPurpose, EkuMissing, DigitalSignatureMissing, KeyEnciphermentMissing],
        Shown::Chain,
        "pki inspect CHAIN.pem   # serverAuth for a server, clientAuth for a client; digitalSignature for both, keyEncipherment with RSA",
    ),
    (
        &[WeakKey, WeakSignature, SignatureUnsupported, KeyNotAllowed, EcExplicitParameters, KeyTypeSupport],
        Shown::Chain,
        "pki inspect CHAIN.pem CA.pem   # kind and size of every key, and the digest of every signature",
    ),
    (&[SerialNegative, SerialTooLong, SerialZero], Shown::Chain, "pki inspect CHAIN.pem CA.pem   # the serial numbers"),
    (
        &[SerialReused],
        Shown::Chain,
        "pki inspect CHAIN.pem CA.pem OLD.pem   # two certificates of one issuer with one serial number",
    ),
    (
        &[KeyMismatch, KeyTypeMismatch, KeyIsCaKey],
        Shown::Key,
        "pki diagnose --chain CHAIN.pem --key KEY.pem --name {host}   # whose certificate the key belongs to",
    ),
    (
        &[KeyEncrypted, KeyMissing, KeyWrongLabel, FileIsSshKey],
        Shown::File,
        "pki inspect KEY.pem   # what the file holds, and whether a passphrase keeps it",
    ),
    (
        &[PasswordWrong],
        Shown::Elsewhere,
        "openssl pkey -in KEY.pem -noout   # asks for the passphrase, and takes the right one",
    ),
    (
        &[Pkcs12LegacyEncryption],
        Shown::Elsewhere,
        "openssl pkcs12 -in FILE.p12 -info -noout   # RC2 or 3DES; opens only with -legacy",
    ),
    (
        &[KeyPermissions, FileUnreadable],
        Shown::Elsewhere,
        "ls -l FILE   # as the user that the program runs as: the owner, and who may read",
    ),
    (
        &[FileMissing, FileIsDirectory],
        Shown::Elsewhere,
        "ls -ld FILE   # the path as the program is given it, from the folder that it runs in",
    ),
    (
        &[
            FileEmpty,
            FileIsDer,
            FileIsPkcs12,
            FileIsPkcs7,
            FileIsJks,
            FileIsCsr,
            FileIsPrivateKey,
            FileIsPublicKey,
            FileIsCertificate,
            FileIsCrl,
            FileIsOther,
            FileWrongLabel,
            CertificateCorrupt,
        ],
        Shown::File,
        "pki inspect FILE   # what the file holds, and in which form",
    ),
    (&[FilesSwapped, FileHasKey], Shown::File, "pki inspect CHAIN.pem KEY.pem   # which of them holds the private key"),
    (
        &[FileHasBom, FileIsUtf16],
        Shown::File,
        "head -c 4 FILE | od -An -tx1   # 2d 2d 2d 2d is right; ef bb bf or ff fe is not",
    ),
    (
        &[
            FileTruncated,
            FileBadBase64,
            FileBadBoundary,
            FileJoinedBlocks,
            FileEscapedNewlines,
            FileOneLine,
            FileIndented,
            FileCrlf,
            FileHasText,
        ],
        Shown::File,
        "pki diagnose --chain FILE   # the line that is damaged",
    ),
    (
        &[Revoked],
        Shown::Crl,
        "pki diagnose --chain CHAIN.pem --trust CA.pem --crl CRL.pem   # whether its serial number is on the list, since when and why",
    ),
    (&[CrlExpired, CrlNotYetValid, CrlMalformed], Shown::Crl, "pki inspect CRL.pem   # thisUpdate and nextUpdate"),
    (
        &[CrlSignatureInvalid, CrlSignMissing, CrlNotApplicable],
        Shown::Crl,
        "pki diagnose --chain CHAIN.pem --trust CA.pem --crl CRL.pem   # whose list it is, and which key signed it",
    ),
    (
        &[CrlMissing],
        Shown::Elsewhere,
        "grep -ri crl CONFIGURATION   # whether revocation is asked for, and a list of every CA in the chain is given",
    ),
    (
        &[StapleMissing],
        Shown::Endpoint,
        "openssl s_client -connect {host}:PORT -status </dev/null   # \"OCSP response: no response sent\", and TLS Feature in the certificate",
    ),
    (
        &[ClientCertificateMissing],
        Shown::Endpoint,
        "pki diagnose {host}:PORT   # without a client certificate: whether the server asks for one",
    ),
    (
        &[ClientCertificateNotOffered],
        Shown::Endpoint,
        "openssl s_client -connect {host}:PORT </dev/null   # whether \"Acceptable client certificate CA names\" has your issuer",
    ),
    (
        &[ClientCertificateRefused],
        Shown::Endpoint,
        "pki diagnose {host}:PORT --client-chain CLIENT.pem --client-key CLIENT.key   # the alert; the reason stands in the server's log",
    ),
    (
        &[AccessDenied],
        Shown::Elsewhere,
        "# the server's log: the handshake was good, and the account of the certificate may not come in",
    ),
    (&[TlsVersionMismatch], Shown::Endpoint, "pki diagnose {host}:PORT   # which TLS versions the server speaks"),
    (
        &[CipherSuiteMismatch],
        Shown::Endpoint,
        "openssl s_client -connect {host}:PORT -cipher ALL </dev/null   # which suite comes out; and the server's own list",
    ),
    (
        &[AlpnMismatch],
        Shown::Endpoint,
        "openssl s_client -connect {host}:PORT -alpn h2,http/1.1 </dev/null   # \"ALPN protocol\"",
    ),
    (&[NotTls, StarttlsNeeded], Shown::Endpoint, "pki diagnose {host}:PORT   # what the port speaks instead of TLS"),
    (
        &[ConnectionClosed],
        Shown::Endpoint,
        "pki diagnose {host}:PORT   # when it is closed; the reason stands in the server's log",
    ),
    (
        &[ConnectionRefused, ConnectionTimeout],
        Shown::Endpoint,
        "pki diagnose {host}:PORT   # whether anything answers there",
    ),
    (&[HostNotFound], Shown::Endpoint, "getent hosts {host}   # whether the name resolves on this machine"),
];

/// What to type to find out, about that host where it is known.
pub(super) fn command(code: Code, host: Option<&str>) -> String {
    let template = row(code).map_or("pki diagnose {host}:PORT", |(_, _, template)| template);
    let host = host.map(|host| bracketed(host, template));
    template.replace("{host}", &host.as_deref().map_or_else(|| "HOST".to_owned(), quote))
}

/// An IPv6 address needs its brackets before a port.
fn bracketed(host: &str, template: &str) -> String {
    let bare = host.trim_matches(['[', ']']);
    let brackets = bare.contains(':') && template.contains("{host}:PORT");
    if brackets { format!("[{bare}]") } else { bare.to_owned() }
}

/// Which evidence shows it.
pub(super) fn shown_by(code: Code) -> Shown {
    row(code).map_or(Shown::Elsewhere, |(_, shown, _)| *shown)
}

fn row(code: Code) -> Option<&'static (&'static [Code], Shown, &'static str)> {
    ROWS.iter().find(|(codes, _, _)| codes.contains(&code))
}

#[cfg(test)]
mod tests {
    use super::{ROWS, command};
    use crate::finding::Code;

    #[test]
    fn every_code_has_one_way_to_decide() {
        for code in Code::ALL {
            let rows = ROWS.iter().filter(|(codes, _, _)| codes.contains(code)).count();
            assert_eq!(rows, 1, "{code}");
        }
    }

    #[test]
    fn the_host_is_filled_in_as_a_shell_needs_it() {
        for (host, expected) in [
            (None, "pki diagnose HOST:PORT   #"),
            (Some("app.example.test"), "pki diagnose app.example.test:PORT   #"),
            (Some("::1"), "pki diagnose '[::1]':PORT   #"),
            (Some("*.example.test"), "pki diagnose '*.example.test':PORT   #"),
        ] {
            let shown = command(Code::NotTls, host);
            assert!(shown.starts_with(expected), "{shown}");
        }
    }
}
