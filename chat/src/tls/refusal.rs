//! Why a handshake failed, seen from the server: a code and a reason, from rustls's verdict and what the peer showed.

use ca_store::explain::{self, Evidence, Question};
use ca_store::facts::{Certificate, Malformed};
use ca_store::finding::Code;
use ca_store::handshake::{TooManySent, alert_meaning};
use rustls::pki_types::CertificateDer;
use rustls::{AlertDescription, CertificateError, PeerIncompatible};
use std::io;
use std::path::Path;
use std::time::Duration;
use time::OffsetDateTime;

use super::own_fault::OwnFault;

/// What went wrong.
#[derive(Debug)]
pub enum Trouble {
    /// The peer closed before the handshake was done.
    Closed,
    /// The peer connected, and closed or reset without a word, as what only asks whether somebody listens does.
    Untouched,
    /// The first bytes are none of TLS.
    NotTls(Vec<u8>),
    /// The handshake took longer than this.
    TimedOut(Duration),
    /// The network failed.
    Network(io::Error),
    /// rustls refused, or the peer did.
    Tls(rustls::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(error) => Self::Tls(error.clone()),
            None if error.kind() == io::ErrorKind::UnexpectedEof => Self::Closed,
            None => Self::Network(error),
        }
    }
}

/// A failed handshake, explained.
#[derive(Debug)]
pub struct Refusal {
    /// What kind of fault it is.
    pub code: Code,
    /// What was expected and what was found.
    pub reason: String,
    /// What the peer showed.
    pub certificate: Option<Shown>,
    /// Whether nothing was wrong: it tells nobody anything that he could mend.
    pub is_harmless: bool,
    /// Whether it was the peer who refused our certificate.
    refuses_ours: bool,
}

/// The certificate that a peer showed.
#[derive(Debug)]
pub struct Shown {
    /// Its subject, escaped.
    pub subject: String,
    /// Its fingerprint.
    pub sha256: String,
}

impl Refusal {
    /// Explains what happened before any certificate could be shown.
    pub fn before_tls(trouble: Trouble) -> Self {
        Self::explain(trouble, &[], &[], Path::new(""), OffsetDateTime::UNIX_EPOCH)
    }

    /// Explains a failed handshake with a client that showed `chain`, by a server that trusts `anchors`, at a time.
    pub fn explain(
        trouble: Trouble,
        chain: &[CertificateDer<'_>],
        anchors: &[CertificateDer<'_>],
        anchors_source: &Path,
        at: OffsetDateTime,
    ) -> Self {
        let refuses_ours =
            matches!(&trouble, Trouble::Tls(rustls::Error::AlertReceived(alert)) if is_about_our_certificate(*alert));
        let is_cancelled =
            matches!(&trouble, Trouble::Tls(rustls::Error::AlertReceived(AlertDescription::UserCanceled)));
        let is_harmless = is_cancelled || matches!(&trouble, Trouble::Untouched);
        let (code, reason) = match trouble {
            Trouble::Untouched => (Code::ConnectionClosed, "the peer closed the connection without a word".to_owned()),
            // For a reason of its own (RFC 8446, section 6.1), as what only asks for a version does.
            Trouble::Tls(_) if is_cancelled => (Code::ConnectionClosed, "the peer has seen enough".to_owned()),
            Trouble::Closed => (Code::ConnectionClosed, "the peer closed the connection in the handshake".to_owned()),
            Trouble::NotTls(first) => (Code::NotTls, not_tls(&first)),
            Trouble::TimedOut(limit) => (Code::ConnectionTimeout, format!("no handshake within {} s", limit.as_secs())),
            Trouble::Network(error) => (Code::ConnectionClosed, error.to_string()),
            Trouble::Tls(rustls::Error::InvalidCertificate(error)) => {
                invalid(&error, cause(chain, anchors, anchors_source, at))
            }
            Trouble::Tls(error) => of_tls(&error),
        };
        Self { code, reason, certificate: chain.first().and_then(shown), is_harmless, refuses_ours }
    }

    /// Where the client refused our certificate, and our chain has a fault, that is the cause, whatever the alert calls it.
    #[must_use]
    pub fn or_own(self, fault: Option<&OwnFault>) -> Self {
        // That nobody knows the issuer is what an alert of another kind does not say.
        let fits = |fault: &&OwnFault| self.refuses_ours && (!fault.is_of_client || self.code == Code::RootNotTrusted);
        match fault.filter(fits) {
            Some(OwnFault { code, message, .. }) => {
                Self { code: *code, reason: format!("the client refused this server's certificate: {message}"), ..self }
            }
            None => self,
        }
    }
}

/// What clients send that verify a chain and find it wrong (RFC 8446, section 6.2).
fn is_about_our_certificate(alert: AlertDescription) -> bool {
    use AlertDescription as A;
    matches!(
        alert,
        A::UnknownCA
            | A::CertificateUnknown
            | A::BadCertificate
            | A::UnsupportedCertificate
            | A::CertificateExpired
            | A::CertificateRevoked
            | A::DecryptError
    )
}

fn shown(leaf: &CertificateDer<'_>) -> Option<Shown> {
    let certificate = Certificate::from_der(leaf).ok()?;
    Some(Shown { subject: certificate.subject.to_string(), sha256: certificate.sha256_hex() })
}

fn not_tls(first: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(first).chars().filter(|c| *c != '\u{fffd}').collect();
    format!("expected a TLS ClientHello, found plain text that begins with \"{}\"", text.escape_debug())
}

/// What our own diagnosis says of the chain, where it finds an error.
fn cause(
    chain: &[CertificateDer<'_>],
    anchors: &[CertificateDer<'_>],
    anchors_source: &Path,
    at: OffsetDateTime,
) -> Option<(Code, String)> {
    let source = anchors_source.display().to_string();
    let evidence = evidence(chain, "the client", anchors, &source).ok()?;
    let question = Question { compare: false, ..Question::client(at) };
    let report = explain::diagnose(&evidence, &question);
    let cause = report.cause.filter(|finding| finding.severity == ca_store::finding::Severity::Error)?;
    Some((cause.code, cause.message))
}

/// Evidence from a handshake.
pub(super) fn evidence(
    chain: &[CertificateDer<'_>],
    source: &str,
    anchors: &[CertificateDer<'_>],
    anchors_source: &str,
) -> Result<Evidence, Malformed> {
    let chain = chain.iter().map(AsRef::as_ref);
    let anchors = anchors.iter().map(AsRef::as_ref);
    Evidence::from_ders(chain, source, anchors, anchors_source)
}

/// rustls refused the certificate. Where it alone knows the reason, such as a revocation, it is believed; else the
/// diagnosis words it, as it knows more of the cause.
fn invalid(error: &CertificateError, diagnosed: Option<(Code, String)>) -> (Code, String) {
    let words = || TooManySent::of(error).map_or_else(|| error.to_string(), ToString::to_string);
    match (of_revocation(error), diagnosed) {
        (Some(code), _) => (code, error.to_string()),
        // Where rustls names its reason, a diagnosis of something else is no explanation of this refusal.
        (None, Some((code, _))) if told(error).is_some_and(|reasons| !reasons.contains(&code)) => {
            (of_certificate_error(error), words())
        }
        (None, Some((code, message))) => (code, message),
        (None, None) => (of_certificate_error(error), words()),
    }
}

/// The codes that rustls's own reason allows, where it gives one; an unknown issuer may be many things.
fn told(error: &CertificateError) -> Option<&'static [Code]> {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            Some(&[Code::Expired, Code::ValidityInverted])
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            Some(&[Code::NotYetValid, Code::ValidityInverted])
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            Some(&[Code::WrongPurpose, Code::IssuerPurpose])
        }
        _ if TooManySent::of(error).is_some() => Some(&[Code::PathBudgetExceeded]),
        _ => None,
    }
}

fn of_revocation(error: &CertificateError) -> Option<Code> {
    match error {
        CertificateError::Revoked => Some(Code::Revoked),
        CertificateError::ExpiredRevocationList | CertificateError::ExpiredRevocationListContext { .. } => {
            Some(Code::CrlExpired)
        }
        CertificateError::UnknownRevocationStatus => Some(Code::CrlMissing),
        _ => None,
    }
}

fn of_certificate_error(error: &CertificateError) -> Code {
    match error {
        CertificateError::BadEncoding => Code::CertificateCorrupt,
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Code::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Code::NotYetValid,
        CertificateError::UnhandledCriticalExtension => Code::UnknownCriticalExtension,
        CertificateError::UnknownIssuer => Code::RootNotTrusted,
        // The chain is in order by the diagnosis: what did not verify is the handshake's own signature.
        CertificateError::BadSignature => Code::KeyMismatch,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Code::NameMismatch,
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => Code::WrongPurpose,
        _ if TooManySent::of(error).is_some() => Code::PathBudgetExceeded,
        _ => Code::ClientCertificateRefused,
    }
}

fn of_tls(error: &rustls::Error) -> (Code, String) {
    match error {
        rustls::Error::NoCertificatesPresented => (
            Code::ClientCertificateMissing,
            "a client certificate is required, and the client showed none; one is made with: pki issue client NAME"
                .to_owned(),
        ),
        rustls::Error::AlertReceived(alert) => of_alert(*alert),
        rustls::Error::InvalidMessage(_) => (Code::NotTls, format!("expected TLS, found something else: {error}")),
        rustls::Error::PeerIncompatible(incompatible) => match of_incompatible(incompatible) {
            Code::TlsVersionMismatch => (
                Code::TlsVersionMismatch,
                format!("expected TLS 1.3 or 1.2, and the client offers neither ({error}): bring it up to date"),
            ),
            code => (code, error.to_string()),
        },
        error => (Code::ConnectionClosed, error.to_string()),
    }
}

/// The client ended the handshake: it refuses *our* certificate, or our parameters.
fn of_alert(alert: AlertDescription) -> (Code, String) {
    use AlertDescription as A;
    let code = match alert {
        // OpenSSL and NSS say unknown_ca, Java and browsers certificate_unknown.
        A::UnknownCA | A::CertificateUnknown => Code::RootNotTrusted,
        // What clients send when the name asked for is not in the certificate.
        A::BadCertificate => Code::NameMismatch,
        A::UnsupportedCertificate => Code::WrongPurpose,
        A::CertificateRevoked => Code::Revoked,
        A::CertificateExpired => Code::Expired,
        A::ProtocolVersion => Code::TlsVersionMismatch,
        A::HandshakeFailure | A::InsufficientSecurity => Code::CipherSuiteMismatch,
        A::NoApplicationProtocol => Code::AlpnMismatch,
        _ => Code::ConnectionClosed,
    };
    let advice = match code {
        Code::RootNotTrusted => "; the client needs the root: for chat connect, --trust FILE",
        Code::NameMismatch => "; most likely it asked for a name that the certificate does not have",
        _ => "",
    };
    (code, format!("the client refused with the alert {alert:?}: {}{advice}", alert_meaning(alert)))
}

fn of_incompatible(incompatible: &PeerIncompatible) -> Code {
    match incompatible {
        PeerIncompatible::Tls12NotOffered
        | PeerIncompatible::Tls12NotOfferedOrEnabled
        | PeerIncompatible::Tls13RequiredForQuic
        | PeerIncompatible::SupportedVersionsExtensionRequired
        // An extension of TLS 1.2 that a client of 1.1 does not send (RFC 5246 section 7.4.1.4.1).
        | PeerIncompatible::SignatureAlgorithmsExtensionRequired => Code::TlsVersionMismatch,
        _ => Code::CipherSuiteMismatch,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(error: rustls::Error) -> Code {
        Refusal::before_tls(Trouble::Tls(error)).code
    }

    #[test]
    fn each_trouble_has_its_code() {
        for (error, code) in [
            (rustls::Error::NoCertificatesPresented, Code::ClientCertificateMissing),
            (rustls::Error::AlertReceived(AlertDescription::UnknownCA), Code::RootNotTrusted),
            (rustls::Error::AlertReceived(AlertDescription::ProtocolVersion), Code::TlsVersionMismatch),
            (rustls::Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon), Code::CipherSuiteMismatch),
            (rustls::Error::InvalidCertificate(CertificateError::Revoked), Code::Revoked),
            (rustls::Error::InvalidCertificate(CertificateError::InvalidPurpose), Code::WrongPurpose),
        ] {
            assert_eq!(code_of(error.clone()), code, "{error}");
        }
    }

    #[test]
    fn what_only_asks_whether_somebody_listens_is_no_failure() {
        let cancelled = Trouble::Tls(rustls::Error::AlertReceived(AlertDescription::UserCanceled));
        for (trouble, harmless) in [(Trouble::Untouched, true), (cancelled, true), (Trouble::Closed, false)] {
            let refusal = Refusal::before_tls(trouble);
            assert_eq!((refusal.code, refusal.is_harmless), (Code::ConnectionClosed, harmless), "{}", refusal.reason);
        }
    }

    #[test]
    fn a_fault_of_the_clients_trust_is_named_for_an_unknown_issuer_alone() {
        let fault = |is_of_client| OwnFault { code: Code::MissingIntermediate, message: String::new(), is_of_client };
        for (alert, is_of_client, code) in [
            (AlertDescription::UnknownCA, true, Code::MissingIntermediate),
            (AlertDescription::CertificateExpired, true, Code::Expired),
            (AlertDescription::CertificateExpired, false, Code::MissingIntermediate),
            (AlertDescription::ProtocolVersion, false, Code::TlsVersionMismatch),
        ] {
            let refusal = Refusal::before_tls(Trouble::Tls(rustls::Error::AlertReceived(alert)));
            assert_eq!(refusal.or_own(Some(&fault(is_of_client))).code, code, "{alert:?}");
        }
    }

    #[test]
    fn plain_text_is_quoted_without_its_control_characters() {
        let refusal = Refusal::before_tls(Trouble::NotTls(b"NICK a\r\n\x1b[2J".to_vec()));
        assert_eq!(refusal.code, Code::NotTls);
        assert!(refusal.reason.contains("NICK a"), "{}", refusal.reason);
        assert!(!refusal.reason.chars().any(char::is_control));
    }

    #[test]
    fn a_revocation_is_believed_over_the_diagnosis() {
        let diagnosed = Some((Code::Expired, "expired".to_owned()));
        assert_eq!(invalid(&CertificateError::Revoked, diagnosed.clone()).0, Code::Revoked);
        assert_eq!(invalid(&CertificateError::UnknownIssuer, diagnosed).0, Code::Expired);
    }
}
