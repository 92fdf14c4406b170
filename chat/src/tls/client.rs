//! The client's side of TLS: connecting, and the whole explanation where that fails.

use ca_store::explain::{self, Evidence, PeerName, Question, Report};
use ca_store::facts::escape;
use ca_store::finding::{Code, Finding};
use ca_store::handshake::{
    ServerRecorder, TooManySent, alert_meaning, code_before_certificate, code_of_alert, early_alert_meaning, provider,
};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{AlertDescription, ClientConfig};
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use time::OffsetDateTime;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::asked::{Own, Typed};
use super::material::{Credential, MaterialError};
use super::server::roots;
use crate::limits::tls::{CONNECT, HANDSHAKE};

/// Whom to connect to, and by what to believe it.
#[derive(Debug)]
pub struct Target {
    /// The host as typed: a DNS name or an address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The CA certificates.
    pub anchors: Vec<CertificateDer<'static>>,
    /// Where they were read.
    pub anchors_source: PathBuf,
    /// The client certificate to show.
    pub credential: Option<Credential>,
    /// What was shown of it, leaf first, once the server has asked: a refusal is explained from it.
    pub shown: Vec<CertificateDer<'static>>,
    /// Whether there is a store with a CA, from which what is missing can be issued.
    pub store_has_ca: bool,
    /// What was typed, for commands that ask again.
    pub typed: Typed,
    /// The subjects of the CAs that the server named when it asked for a certificate, as DER.
    pub taken: Vec<Vec<u8>>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// Something is wrong that a report explains: the certificate, or what listens there.
    #[error("{}", .0.cause.as_ref().map_or("the handshake failed", |cause| cause.message.as_str()))]
    Explained(Box<Report>),
    /// A file of trust or certificate can't be used.
    #[error(transparent)]
    Material(#[from] MaterialError),
    /// The host is no name that a certificate could have.
    #[error("\"{}\" is neither a DNS name nor an IP address", host.escape_debug())]
    Host {
        /// What was typed.
        host: String,
    },
}

impl ConnectError {
    /// Whether it may be otherwise in a moment: nothing was found there that could be judged.
    pub fn may_pass(&self) -> bool {
        let code = match self {
            ConnectError::Explained(report) => report.cause.as_ref().map(|cause| cause.code),
            _ => None,
        };
        matches!(
            code,
            Some(Code::ConnectionRefused | Code::ConnectionTimeout | Code::ConnectionClosed | Code::HostNotFound)
        )
    }
}

impl Target {
    /// Host and port as they are typed.
    pub fn endpoint(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// Connects and shakes hands. In TLS 1.3 the server may still refuse the client's certificate: that shows in the
    /// first read, and [`Target::explain_alert`] explains it.
    ///
    /// # Errors
    /// Fails with a report where the network or the server's certificate is at fault.
    pub async fn connect(&mut self) -> Result<TlsStream<TcpStream>, ConnectError> {
        let name =
            ServerName::try_from(self.host.clone()).map_err(|_| ConnectError::Host { host: self.host.clone() })?;
        let verifier = WebPkiServerVerifier::builder_with_provider(
            Arc::new(roots(&self.anchors, &self.anchors_source)?),
            provider(),
        )
        .build()
        .map_err(|error| self.unusable(&self.anchors_source, &error))?;
        let recorder = ServerRecorder::new(verifier);
        let credential = self.credential.as_ref().map(Credential::copy);
        let chain = credential.as_ref().map(|it| it.chain.clone()).unwrap_or_default();
        let certified = credential.map(|credential| self.certified(credential)).transpose()?;
        let own = Arc::new(Own::of(certified));
        let connector = TlsConnector::from(Arc::new(config(recorder.clone(), own.clone())));
        let stream = self.reach().await?;
        let connected = timeout(HANDSHAKE, connector.connect(name, stream)).await;
        if let Some(taken) = own.asked() {
            self.taken = taken.to_vec();
            self.shown = chain;
        }
        match connected {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(self.explain(&error, &recorder.presented())),
            Err(_) => Err(self.observed(Finding::new(
                Code::ConnectionTimeout,
                format!(
                    "{} accepted the connection and did not answer within {} s",
                    self.endpoint(),
                    HANDSHAKE.as_secs()
                ),
            ))),
        }
    }

    fn unusable(&self, path: &std::path::Path, error: &impl ToString) -> MaterialError {
        MaterialError::Unusable { path: path.to_owned(), problem: error.to_string().escape_debug().to_string() }
    }

    fn certified(&self, credential: Credential) -> Result<CertifiedKey, ConnectError> {
        let source = credential.source;
        let certified = CertifiedKey::from_der(credential.chain, credential.key, &provider());
        Ok(certified.map_err(|error| self.unusable(&source, &error))?)
    }

    async fn reach(&self) -> Result<TcpStream, ConnectError> {
        match timeout(CONNECT, TcpStream::connect((self.host.as_str(), self.port))).await {
            Ok(Ok(stream)) => {
                // Lines are sent as they are typed; waiting for more would only delay them.
                let _ = stream.set_nodelay(true);
                Ok(stream)
            }
            Ok(Err(error)) => Err(self.observed(self.unreached(&error))),
            Err(_) => {
                let message = format!("no answer from {} within {} s", self.endpoint(), CONNECT.as_secs());
                Err(self.observed(Finding::new(Code::ConnectionTimeout, message)))
            }
        }
    }

    fn unreached(&self, error: &io::Error) -> Finding {
        let endpoint = self.endpoint();
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Finding::new(
                Code::ConnectionRefused,
                format!("expected a chat server at {endpoint}, found nothing that listens"),
            )
            .mended_by(format!(
                "# on the server's machine:\nchat serve --name {} --listen {}",
                ca_store::finding::quote(&self.host),
                self.listen_hint()
            )),
            io::ErrorKind::TimedOut | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
                Finding::new(Code::ConnectionTimeout, format!("{endpoint} can't be reached: {error}"))
            }
            // Resolvers have no error kind of their own.
            _ if error.raw_os_error().is_none() => {
                let host = ca_store::finding::quote(&self.host);
                // A name is mistyped more often than it is missing, and what is entered in a machine's file of hosts stays there.
                let fix = format!(
                    "# what this machine knows of the name:\ngetent hosts {host}\n\
                     # nothing printed: look for a typing error in the name, or have it entered with your DNS provider; where the \
                     server runs on this machine, and nobody else has to find it, in /etc/hosts"
                );
                Finding::new(Code::HostNotFound, format!("the name of {endpoint} does not resolve: {error}"))
                    .mended_by(fix)
            }
            _ => Finding::new(Code::ConnectionClosed, format!("connecting to {endpoint} failed: {error}")),
        }
    }

    /// What a server there would listen on: this machine alone where it was asked for, else every address of its own.
    fn listen_hint(&self) -> String {
        let here = self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        let address = match self.host.as_str() {
            "localhost" => "127.0.0.1",
            host if here => host,
            _ => "0.0.0.0",
        };
        if address.contains(':') { format!("'[{address}]:{}'", self.port) } else { format!("{address}:{}", self.port) }
    }

    /// Explains a failed handshake from its error and what the server showed.
    fn explain(&self, error: &io::Error, chain: &[CertificateDer<'_>]) -> ConnectError {
        let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        match tls {
            Some(rustls::Error::InvalidCertificate(reason)) => match TooManySent::of(reason) {
                Some(many) => {
                    let message = format!("{}: {many}", self.endpoint());
                    self.observed(Finding::new(Code::PathBudgetExceeded, message))
                }
                None => self.refused_by_us(error, chain),
            },
            Some(rustls::Error::AlertReceived(alert)) if chain.is_empty() => self.explain_early_alert(*alert),
            Some(rustls::Error::AlertReceived(alert)) => self.explain_alert(*alert),
            Some(rustls::Error::InvalidMessage(_)) => {
                let message = format!("expected TLS at {}, found something else: {error}", self.endpoint());
                self.observed(Finding::new(Code::NotTls, message).mended_by(self.mending(Code::NotTls)))
            }
            Some(rustls::Error::PeerIncompatible(_)) => self.observed(
                Finding::new(Code::CipherSuiteMismatch, error.to_string())
                    .mended_by(self.mending(Code::CipherSuiteMismatch)),
            ),
            _ => {
                let message = format!("{} closed the connection in the handshake: {error}", self.endpoint());
                self.observed(
                    Finding::new(Code::ConnectionClosed, message).mended_by(self.mending(Code::ConnectionClosed)),
                )
            }
        }
    }

    /// rustls refused the server's certificate: the diagnosis of the same chain against the same trust.
    fn refused_by_us(&self, error: &io::Error, chain: &[CertificateDer<'_>]) -> ConnectError {
        let source = self.anchors_source.display().to_string();
        let question = Question::server(PeerName::parse(&self.host).ok(), OffsetDateTime::now_utc());
        match super::refusal::evidence(chain, &self.endpoint(), &self.anchors, &source) {
            Ok(mut evidence) => {
                evidence.situation.store_has_ca = self.store_has_ca;
                evidence.situation.endpoint = Some(self.endpoint());
                evidence.situation.trust_files = vec![source];
                let report = explain::diagnose(&evidence, &question);
                if report.cause.is_some() {
                    return ConnectError::Explained(Box::new(self.of_whom(report)));
                }
                self.observed(Finding::new(Code::SignatureInvalid, error.to_string()))
            }
            Err(malformed) => self.observed(Finding::new(Code::CertificateCorrupt, malformed.to_string())),
        }
    }

    /// The report with whose it is to mend its cause. The cause stands among the findings as well, and stays the same one there.
    fn of_whom(&self, mut report: Report) -> Report {
        if let Some(cause) = report.cause.as_mut().filter(|cause| is_the_servers(cause.code)) {
            let listed = report.findings.iter_mut().filter(|it| *it == cause).collect::<Vec<_>>();
            let endpoint = escape(&self.endpoint());
            let fix = match cause.code {
                Code::MissingIntermediate => format!(
                    "# if {} is a root, its certificate is what --trust FILE is to name; if not, whoever runs {endpoint} has to send it:\n\
                     # typed in the folder where the certificates lie, this finds it, and says what to do with it\n{}",
                    cause.evidence.get("issuer").and_then(|it| it.as_str()).unwrap_or("the CA"),
                    self.diagnose()
                ),
                _ => format!("# whoever runs {endpoint} can mend it; if that is you:\n{}", cause.fix),
            };
            listed.into_iter().chain([cause]).for_each(|it| it.fix.clone_from(&fix));
        }
        report
    }

    /// Explains the alert by which a server refused. Where it refused the certificate that was shown, that is judged by
    /// the trust at hand: what is wrong with it is the likely reason.
    pub fn explain_alert(&self, alert: AlertDescription) -> ConnectError {
        let code = match alert {
            // What it says of the certificate that was shown leaves no choice.
            AlertDescription::CertificateRevoked if !self.shown.is_empty() => Code::Revoked,
            _ => code_of_alert(alert, !self.shown.is_empty()).unwrap_or(Code::ConnectionClosed),
        };
        let message =
            format!("{} refused the handshake with the alert {alert:?}: {}", self.endpoint(), alert_meaning(alert));
        let refused = Finding::new(code, message).mended_by(self.mending(code));
        match code {
            Code::ClientCertificateRefused => {
                self.own_fault(alert, refused.clone()).unwrap_or_else(|| self.observed(refused))
            }
            _ => self.observed(self.with_taken(refused)),
        }
    }

    /// Explains the alert of a server that has sent no certificate: it cannot be about ours.
    fn explain_early_alert(&self, alert: AlertDescription) -> ConnectError {
        let code = code_before_certificate(alert).unwrap_or(Code::ConnectionClosed);
        let meaning = early_alert_meaning(alert);
        let message = format!("{} refused the handshake with the alert {alert:?}: {meaning}", self.endpoint());
        self.observed(Finding::new(code, message).mended_by(self.mending(code)))
    }

    /// What the certificate that was shown is called in its store, as a word of a command; `NAME` where that is not seen.
    pub fn shown_name(&self) -> String {
        let leaf = self.shown.first().and_then(|der| ca_store::facts::Certificate::from_der(der).ok());
        leaf.as_ref()
            .and_then(|leaf| leaf.subject.common_name())
            .map_or_else(|| "NAME".to_owned(), ca_store::finding::quote)
    }

    fn mending(&self, code: Code) -> String {
        match code {
            Code::ClientCertificateMissing => self.another_certificate(),
            Code::ClientCertificateRefused => {
                format!("# the server's log has the whole reason; what is seen from here:\n{}", self.diagnose())
            }
            Code::Revoked => {
                let name = self.shown_name();
                format!(
                    "# where the CA is, if the same person is to come in again, with a new key:\n\
                     pki renew {name} --rekey\n{}\n\
                     # from another machine, with what `pki export bundle {name} --force` writes: --bundle {name}.bundle.pem",
                    self.again_as(&name)
                )
            }
            Code::NotTls => format!("# what speaks there, and which port it may be:\n{}", self.diagnose()),
            Code::TlsVersionMismatch | Code::CipherSuiteMismatch | Code::SniRefused | Code::ConnectionClosed => {
                format!("# what the server offers, and what has to be changed there:\n{}", self.diagnose())
            }
            _ => String::new(),
        }
    }

    /// A report of something seen on the way, with no chain to judge.
    fn observed(&self, finding: Finding) -> ConnectError {
        let evidence = Evidence { observed: vec![finding], ..Evidence::default() };
        let question = Question { compare: false, ..Question::server(None, OffsetDateTime::now_utc()) };
        // With no chain to judge there is nothing that other clients could refuse.
        let report = Report { clients: Vec::new(), ..explain::diagnose(&evidence, &question) };
        ConnectError::Explained(Box::new(report))
    }
}

/// Whether it is for the server to mend, and not for who connects: of trust and of the clock, both may be wrong.
fn is_the_servers(code: Code) -> bool {
    use Code as C;
    !matches!(
        code,
        C::RootNotTrusted
            | C::RootRegenerated
            | C::RootInOtherStore
            | C::Intercepted
            | C::ClockWrong
            | C::LeafAsTrustAnchor
            | C::IntermediateAsTrustAnchor
    )
}

fn config(recorder: Arc<ServerRecorder>, own: Arc<Own>) -> ClientConfig {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .expect("the provider has suites for TLS 1.3 and 1.2, which a test holds it to")
        // The recorder hands every question to rustls's own verifier; nothing is accepted that it refuses.
        .dangerous()
        .with_custom_certificate_verifier(recorder);
    let mut config = builder.with_client_cert_resolver(own);
    // One connection a process: there is nothing to resume.
    config.resumption = Resumption::disabled();
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(host: &str) -> Target {
        Target {
            host: host.into(),
            port: 6697,
            anchors: Vec::new(),
            anchors_source: PathBuf::new(),
            credential: None,
            shown: Vec::new(),
            store_has_ca: true,
            typed: Typed::default(),
            taken: Vec::new(),
        }
    }

    fn cause(error: &ConnectError) -> Option<Code> {
        match error {
            ConnectError::Explained(report) => report.cause.as_ref().map(|cause| cause.code),
            _ => None,
        }
    }

    #[test]
    fn the_provider_has_suites_for_both_versions() {
        let builder = ClientConfig::builder_with_provider(provider());
        assert!(builder.with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12]).is_ok());
    }

    /// What is entered in a machine's file of hosts stays there, and a name is mistyped more often than it is missing.
    #[test]
    fn a_name_that_does_not_resolve_is_only_looked_at() {
        let fix = target("nosuch.invalid").unreached(&io::Error::other("Name or service not known")).fix;
        let commands: Vec<&str> = fix.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(commands, ["getent hosts nosuch.invalid"], "{fix}");
    }

    #[test]
    fn an_alert_names_what_was_missing_and_the_command_that_mends_it() {
        let missing = target("localhost").explain_alert(AlertDescription::CertificateRequired);
        assert_eq!(cause(&missing), Some(Code::ClientCertificateMissing));
        let showing = Target { shown: vec![CertificateDer::from(vec![0])], ..target("localhost") };
        let refused = showing.explain_alert(AlertDescription::UnknownCA);
        assert_eq!(cause(&refused), Some(Code::ClientCertificateRefused));
    }

    #[test]
    fn an_alert_before_the_servers_certificate_is_not_about_ours() {
        for (alert, code) in [
            (AlertDescription::HandshakeFailure, Code::CipherSuiteMismatch),
            (AlertDescription::InternalError, Code::SniRefused),
            (AlertDescription::AccessDenied, Code::SniRefused),
            (AlertDescription::ProtocolVersion, Code::TlsVersionMismatch),
            (AlertDescription::BadCertificate, Code::ConnectionClosed),
        ] {
            assert_eq!(cause(&target("localhost").explain_early_alert(alert)), Some(code), "{alert:?}");
        }
    }

    #[test]
    fn an_address_of_six_is_bracketed() {
        assert_eq!(target("::1").endpoint(), "[::1]:6697");
        assert_eq!(target("localhost").endpoint(), "localhost:6697");
    }
}
