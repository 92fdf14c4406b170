//! One handshake with a live endpoint, to see what it does: no verdict is made of it here.

use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{AlertDescription, ClientConfig, ClientConnection, Error, PeerIncompatible, ProtocolVersion, version};
use time::OffsetDateTime;

use super::greeting::speaks_plainly;
use super::watcher::Watcher;
use super::wire::{Budget, QUIET, SILENCE, TIMEOUT, Wire, reach, resolve};
use super::{HttpAnswer, Starttls, http, irc, postgres, provider, starttls};

/// How long the answer to our farewell may take. It brings the alert of a server that refuses the client (TLS 1.3).
pub const FAREWELL_TIMEOUT: Duration = Duration::from_secs(3);

/// How long a server that has asked for a client's certificate may take to close by itself. One that refuses so does it at once.
const MOMENT: Duration = Duration::from_millis(700);

/// Whom to ask, and what to show.
#[derive(Debug, Clone)]
pub struct ProbeOptions {
    /// Where to connect.
    pub host: String,
    /// Where to connect.
    pub port: u16,
    /// The name to ask for.
    pub server_name: ServerName<'static>,
    /// Whether the name is sent (SNI); an address never is.
    pub send_name: bool,
    /// The client's certificate and key, where there is one to show.
    pub client: Option<Arc<CertifiedKey>>,
    /// How the connection becomes one of TLS, where it does not begin so.
    pub starttls: Option<Starttls>,
    /// The application protocols to offer; none: the extension is not sent.
    pub alpn: Vec<String>,
    /// Offer TLS 1.3 alone.
    pub only_tls13: bool,
    /// When what is sent is judged: where it is not valid then, the server's clock is asked for, whatever it speaks.
    pub judged_at: Option<OffsetDateTime>,
}

impl ProbeOptions {
    /// A plain question: that name, nothing to show.
    pub fn new(host: &str, port: u16, server_name: ServerName<'static>) -> ProbeOptions {
        ProbeOptions {
            host: host.to_owned(),
            port,
            server_name,
            send_name: true,
            client: None,
            starttls: None,
            alpn: Vec::new(),
            only_tls13: false,
            judged_at: None,
        }
    }
}

/// What happened.
#[derive(Debug, Default)]
pub struct Observation {
    /// The address that was connected to.
    pub address: Option<SocketAddr>,
    /// What the server sent, leaf first.
    pub chain: Vec<CertificateDer<'static>>,
    /// The protocol version agreed upon.
    pub version: Option<ProtocolVersion>,
    /// The cipher suite agreed upon.
    pub cipher: Option<String>,
    /// The application protocol agreed upon.
    pub alpn: Option<String>,
    /// The server stapled an answer of OCSP to its certificate.
    pub stapled: bool,
    /// The server's proof that it has the certificate's key does not verify.
    pub unproven_key: Option<UnprovenKey>,
    /// The server asked for a client certificate.
    pub client_certificate_wanted: bool,
    /// The subjects of the CAs that it named with its request, as DER.
    pub wanted_issuers: Vec<Vec<u8>>,
    /// A client certificate was shown.
    pub client_certificate_shown: bool,
    /// What the peer said first.
    pub greeting: Vec<u8>,
    /// What ended it, if not we.
    pub failure: Option<ProbeError>,
}

/// A proof of having a key that does not verify.
#[derive(Debug)]
pub struct UnprovenKey {
    /// The family of keys that it was made with, as [`crate::facts::KeyKind::family`] has it.
    pub family: &'static str,
    /// What is wrong, in the library's words.
    pub error: String,
}

/// Why there was no complete handshake.
#[derive(Debug)]
pub enum ProbeError {
    /// The name does not resolve.
    HostNotFound(io::Error),
    /// Nothing listens there.
    Refused(io::Error),
    /// No answer in time.
    TimedOut,
    /// The peer closed without an alert.
    Closed,
    /// The peer speaks something else than TLS.
    NotTls,
    /// The upgrade from plain text came to nothing.
    NoUpgrade {
        /// What was spoken.
        protocol: Starttls,
        /// What it should have said.
        expected: &'static str,
        /// What it said.
        found: String,
    },
    /// The peer took the certificate, and said in IRC's words that its holder may not come in.
    TurnedAway(String),
    /// The peer sent a fatal alert.
    Alert(AlertDescription),
    /// The peer chose a version that no current client speaks.
    Version,
    /// The peer chose parameters that this library lacks, in its words.
    Parameters(String),
    /// Something else, in the library's words.
    Other(String),
}

/// Connects to the first address that answers, shakes hands, takes leave, and tells what was seen.
pub fn probe(options: &ProbeOptions) -> Observation {
    let budget = Budget::new(TIMEOUT * 2);
    let addresses = match resolve(&options.host, options.port, budget) {
        Ok(addresses) => addresses,
        Err(failure) => return Observation { failure: Some(failure), ..Observation::default() },
    };
    let reached = reach(&addresses, budget.step(TIMEOUT));
    match reached.taken {
        Some(taken) => probe_patiently(taken, options, budget, None),
        None => Observation { failure: last_failure(reached.failures), ..Observation::default() },
    }
}

/// Of several addresses that did not answer, what the last one did, as clients tell that have tried them in their order.
pub(super) fn last_failure(failures: Vec<(SocketAddr, ProbeError)>) -> Option<ProbeError> {
    failures.into_iter().next_back().map(|(_, failure)| failure)
}

/// The same with an address that took the connection; where the peer says nothing for a while, `meanwhile` is called, and after that waited for it again, unless
/// what was found out makes it needless. A peer that still says nothing is given up sooner than one that is slow.
pub(super) fn probe_patiently(
    taken: (SocketAddr, Wire),
    options: &ProbeOptions,
    budget: Budget,
    meanwhile: Option<&mut dyn FnMut() -> bool>,
) -> Observation {
    let mut seen = Observation::default();
    let result = Session::open_patiently(taken, options, budget, &mut seen, meanwhile);
    let result = result.and_then(|session| session.farewell(seen.client_certificate_wanted));
    seen.failure = match result {
        Ok(said) => irc::turned_away(&said).filter(|_| seen.client_certificate_shown).map(ProbeError::TurnedAway),
        Err(failure) => Some(failure),
    };
    seen
}

/// A connection that has shaken hands.
pub(super) struct Session {
    tls: ClientConnection,
    wire: Wire,
}

impl Session {
    pub(super) fn open(
        address: SocketAddr,
        options: &ProbeOptions,
        budget: Budget,
        seen: &mut Observation,
    ) -> Result<Session, ProbeError> {
        let wire = Wire::connect(address, budget.step(TIMEOUT))?;
        Session::open_patiently((address, wire), options, budget, seen, None)
    }

    fn open_patiently(
        (address, mut wire): (SocketAddr, Wire),
        options: &ProbeOptions,
        budget: Budget,
        seen: &mut Observation,
        mut meanwhile: Option<&mut dyn FnMut() -> bool>,
    ) -> Result<Session, ProbeError> {
        seen.address = Some(address);
        wire.deadline = budget.step(TIMEOUT);
        if let Some(protocol) = options.starttls {
            let is_quiet = meanwhile.is_some() && protocol.greets() && wire.is_quiet(budget.step(QUIET));
            if is_quiet && meanwhile.as_mut().is_some_and(|it| it()) {
                return Err(starttls::no_greeting(protocol));
            }
            let upgraded = starttls::upgrade(&mut wire, protocol, &options.host);
            seen.greeting.clone_from(&wire.greeting);
            upgraded?;
        }
        let watcher = Arc::new(Watcher::new(options.client.clone()));
        let mut tls =
            ClientConnection::new(config(&watcher, options)?, options.server_name.clone()).map_err(|e| other(&e))?;
        let result = match meanwhile {
            Some(meanwhile) => shake_patiently(&mut tls, &mut wire, budget, meanwhile),
            None => shake(&mut tls, &mut wire),
        };
        seen.version = tls.protocol_version();
        seen.cipher = tls.negotiated_cipher_suite().map(|suite| super::hello::suite_name(suite.suite().into()));
        seen.alpn = tls.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned());
        seen.greeting.clone_from(&wire.greeting);
        watcher.report(seen);
        result.map_err(|error| classify(&error, seen))?;
        Ok(Session { tls, wire })
    }

    /// In TLS 1.3 the client is done before the server has judged its certificate (RFC 8446 section 4.4.4, appendix
    /// E.1.2). We say good-bye and read until the server does the same or says why it will not have us: by an alert, or in the
    /// words of its protocol, of which the first are kept.
    pub(super) fn farewell(mut self, is_judged: bool) -> Result<Vec<u8>, ProbeError> {
        let mut said = if is_judged { self.listen()? } else { Vec::new() };
        self.tls.send_close_notify();
        let _ = self.tls.complete_io(&mut self.wire);
        self.wire.deadline = self.wire.deadline.min(Instant::now() + FAREWELL_TIMEOUT);
        let room = irc::MAX_ERROR.saturating_sub(said.len());
        said.extend(self.read(room, |_| false)?);
        Ok(said)
    }

    /// What a server says by itself that has asked for a client's certificate. Some complete the handshake with one that they do not take
    /// (Node: `rejectUnauthorized`) or without any (Java's `HttpsServer`), and close without an alert or a farewell.
    fn listen(&mut self) -> Result<Vec<u8>, ProbeError> {
        let whole = self.wire.deadline;
        let moment = whole.min(Instant::now() + MOMENT);
        self.wire.deadline = moment;
        let said = self.read(irc::MAX_ERROR, |said| !said.is_empty())?;
        self.wire.deadline = whole;
        let took_leave = self.tls.process_new_packets().is_ok_and(|state| state.peer_has_closed());
        if said.is_empty() && !took_leave && Instant::now() < moment { Err(ProbeError::Closed) } else { Ok(said) }
    }

    /// One request of HTTP, and the answer as far as it is needed; none where there is none that can be read.
    ///
    /// # Errors
    /// [`ProbeError::Closed`] where the server closes instead of an answer, and its alert where it sends one.
    pub(super) fn ask_http(mut self, method: &str, host: &str) -> Result<Option<HttpAnswer>, ProbeError> {
        self.wire.deadline = self.wire.deadline.min(Instant::now() + FAREWELL_TIMEOUT);
        let request = http::request(method, host);
        let written = self.tls.writer().write_all(request.as_bytes());
        while written.is_ok() && self.tls.wants_write() {
            if self.tls.write_tls(&mut self.wire).is_err() {
                // What it said before it closed may still be read.
                break;
            }
        }
        let answer = self.read(http::MAX_ANSWER, |answer| http::is_whole(answer, method == "GET"))?;
        let is_in_time = Instant::now() < self.wire.deadline;
        if answer.is_empty() && is_in_time { Err(ProbeError::Closed) } else { Ok(http::parse(&answer)) }
    }

    /// Begins a session of PostgreSQL without a certificate, for nobody's account, and tells what the server says to it: it takes every
    /// handshake and looks at the account's rules (`pg_hba.conf`) afterwards.
    pub(super) fn start_postgres(mut self) -> Option<String> {
        self.wire.deadline = self.wire.deadline.min(Instant::now() + FAREWELL_TIMEOUT);
        self.tls.writer().write_all(&postgres::start()).ok()?;
        while self.tls.wants_write() {
            self.tls.write_tls(&mut self.wire).ok()?;
        }
        let answer = self.read(irc::MAX_ERROR, |answer| !answer.is_empty()).ok()?;
        postgres::error(&answer)
    }

    /// Takes what was decrypted, and keeps at most so much of it: more must still be taken out, so that it does not pile up.
    fn take(&mut self, kept: &mut Vec<u8>, most: usize) {
        let mut part = [0; 4096];
        while let Ok(count @ 1..) = self.tls.reader().read(&mut part) {
            kept.extend_from_slice(&part[..count.min(most.saturating_sub(kept.len()))]);
        }
    }

    /// Reads until the peer closes, the deadline passes or `done` says so, and keeps at most so much of it.
    fn read(&mut self, most: usize, done: impl Fn(&[u8]) -> bool) -> Result<Vec<u8>, ProbeError> {
        let mut kept = Vec::new();
        // A quick peer has spoken already, while we said good-bye.
        self.take(&mut kept, most);
        loop {
            match self.tls.read_tls(&mut self.wire) {
                Ok(0) | Err(_) => return Ok(kept),
                Ok(_) => match self.tls.process_new_packets() {
                    Ok(state) => {
                        self.take(&mut kept, most);
                        if state.peer_has_closed() || done(&kept) || (most > 0 && kept.len() >= most) {
                            return Ok(kept);
                        }
                    }
                    Err(Error::AlertReceived(alert)) => return Err(ProbeError::Alert(alert)),
                    Err(_) => return Ok(kept),
                },
            }
        }
    }
}

fn config(watcher: &Arc<Watcher>, options: &ProbeOptions) -> Result<Arc<ClientConfig>, ProbeError> {
    let versions: &[_] = if options.only_tls13 { &[&version::TLS13] } else { &[&version::TLS13, &version::TLS12] };
    let builder = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(versions)
        .map_err(|error| other(&error))?;
    let verified = builder.dangerous().with_custom_certificate_verifier(watcher.clone());
    let mut config = verified.with_client_cert_resolver(watcher.clone());
    config.enable_sni = options.send_name;
    config.alpn_protocols = options.alpn.iter().map(|name| name.clone().into_bytes()).collect();
    config.resumption = rustls::client::Resumption::disabled();
    Ok(Arc::new(config))
}

fn shake(tls: &mut ClientConnection, wire: &mut Wire) -> io::Result<()> {
    while tls.is_handshaking() {
        tls.complete_io(wire)?;
    }
    Ok(())
}

/// The handshake of a peer that may be silent: what it says while something else is done waits in its socket.
fn shake_patiently(
    tls: &mut ClientConnection,
    wire: &mut Wire,
    budget: Budget,
    meanwhile: &mut dyn FnMut() -> bool,
) -> io::Result<()> {
    let silence = budget.step(SILENCE);
    wire.first_by = Some(budget.step(QUIET));
    match shake(tls, wire) {
        Err(error) if wire.greeting.is_empty() && is_time_out(&error) && !meanwhile() => {
            wire.first_by = Some(silence);
            shake(tls, wire)
        }
        ended => ended,
    }
}

fn is_time_out(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

fn other(error: &Error) -> ProbeError {
    ProbeError::Other(error.to_string())
}

fn classify(error: &io::Error, seen: &Observation) -> ProbeError {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match (tls, error.kind()) {
        (Some(Error::AlertReceived(alert)), _) => ProbeError::Alert(*alert),
        _ if speaks_plainly(&seen.greeting) => ProbeError::NotTls,
        (Some(Error::PeerIncompatible(reason)), _) => incompatible(reason),
        (Some(error), _) => ProbeError::Other(error.to_string()),
        (None, io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => ProbeError::TimedOut,
        (
            None,
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionAborted,
        ) => ProbeError::Closed,
        _ => ProbeError::Other(error.to_string()),
    }
}

fn incompatible(reason: &PeerIncompatible) -> ProbeError {
    match reason {
        PeerIncompatible::ServerDoesNotSupportTls12Or13
        | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
        | PeerIncompatible::SupportedVersionsExtensionRequired => ProbeError::Version,
        reason => ProbeError::Parameters(format!("{reason:?}")),
    }
}
