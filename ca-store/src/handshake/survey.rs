//! Everything that is asked of one endpoint: the handshake itself, then what explains it. One connection at a time to each address,
//! because many a test server takes no second one, several addresses side by side, and all of it within [`OVERALL_TIMEOUT`].

use std::net::SocketAddr;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{AlertDescription, ProtocolVersion};

use super::greeting::{Plain, find_out, find_out_at_once};
use super::groups::{self, ForeignGroup};
use super::hello::{Answer, Greeted, Version, ask};
use super::session::{Observation, ProbeError, ProbeOptions, Session, last_failure, probe_patiently};
use super::wire::{Budget, OVERALL_TIMEOUT, TIMEOUT, reach, resolve};
use super::{HttpAnswer, Starttls};
use crate::explain::dns_covers;
use crate::facts::Certificate;

#[cfg(test)]
mod tests;

/// How long each question after the first handshake may take. The first one has shown that the peer answers.
const QUESTION: Duration = Duration::from_secs(3);
/// How long a port that has been silent altogether is asked once more, after the handshake with it was given up.
const AFTERTHOUGHT: Duration = Duration::from_millis(1500);
/// The most names of a certificate that does not fit that are asked for, to see whether other sites live there.
const MAX_SIBLINGS: usize = 2;
/// What is offered to a server that refuses HTTP, to learn what it speaks: the protocols of the IANA's registry that
/// servers ask for by name.
const APPLICATIONS: [&str; 14] = [
    "h2",
    "http/1.0",
    "irc",
    "imap",
    "pop3",
    "smtp",
    "ftp",
    "xmpp-client",
    "xmpp-server",
    "postgresql",
    "mqtt",
    "dot",
    "managesieve",
    "acme-tls/1",
];

/// All that was seen of an endpoint.
#[derive(Debug, Default)]
pub struct Survey {
    /// The handshake that the question is about.
    pub main: Observation,
    /// Every address of the name that was asked, the first with the handshake above.
    pub addresses: Vec<AtAddress>,
    /// What the port speaks, where it is not TLS.
    pub plain: Option<Plain>,
    /// What the server says to each version of TLS.
    pub versions: Vec<(Version, Answer)>,
    /// The group of the key exchange that the server asks for and current clients do not have, where it refused for that.
    pub foreign_group: Option<ForeignGroup>,
    /// It does not upgrade as it was asked to, and answers to TLS from the first octet.
    pub speaks_at_once: bool,
    /// It shakes hands with a client that sends no name, and with none that sends the one asked for.
    pub only_without_name: bool,
    /// It speaks TLS where a line of the PROXY protocol comes first, and closes where none does.
    pub expects_proxy: bool,
    /// The handshake of a client that sends no name.
    pub without_name: Option<Observation>,
    /// The handshakes with other names that the certificate has, where it does not have the one asked for.
    pub siblings: Vec<(String, Observation)>,
    /// The application protocols that were offered.
    pub offered: Vec<String>,
    /// The server refused all of them; what it takes instead, where that is known.
    pub takes_instead: Option<String>,
    /// The server refuses clients that offer HTTP; what it takes instead, where that is known.
    pub refuses_http: Option<Option<String>>,
    /// What it said by HTTP.
    pub http: Option<HttpAnswer>,
    /// It agreed on HTTP, and closed instead of an answer.
    pub closed_on_http: bool,
    /// What PostgreSQL says to a session without a certificate, where it asked for one.
    pub postgres_says: Option<String>,
    /// How the connection became one of TLS.
    pub starttls: Option<Starttls>,
    /// The name that was asked for.
    pub name: Option<String>,
    /// That is an address, so that no name was sent (RFC 6066 section 3).
    pub by_address: bool,
    /// TLS 1.3 alone was offered.
    pub only_tls13: bool,
}

/// What one address of a name answered.
#[derive(Debug)]
pub struct AtAddress {
    /// The address.
    pub address: SocketAddr,
    /// The handshake; its chain is empty where it failed early.
    pub chain: Vec<Vec<u8>>,
    /// Whether it took the connection.
    pub connected: bool,
    /// It took the connection and ended it, or spoke something else, before it sent a certificate.
    pub refused: bool,
}

impl AtAddress {
    /// One that took no connection.
    fn silent(address: SocketAddr) -> AtAddress {
        AtAddress { address, chain: Vec::new(), connected: false, refused: false }
    }

    fn of(address: SocketAddr, seen: &Observation) -> AtAddress {
        AtAddress {
            address,
            chain: seen.chain.iter().map(|der| der.to_vec()).collect(),
            connected: seen.address.is_some(),
            // Who is slow may answer yet.
            refused: seen.chain.is_empty()
                && !matches!(seen.failure, None | Some(ProbeError::TimedOut | ProbeError::Refused(_))),
        }
    }
}

/// Asks an endpoint everything.
pub fn survey(options: &ProbeOptions) -> Survey {
    let budget = Budget::new(OVERALL_TIMEOUT);
    match resolve(&options.host, options.port, budget) {
        Ok(addresses) => survey_at(&addresses, options, budget),
        Err(failure) => {
            Survey { main: Observation { failure: Some(failure), ..Observation::default() }, ..Survey::default() }
        }
    }
}

/// The same with addresses that are known.
pub(super) fn survey_at(addresses: &[SocketAddr], options: &ProbeOptions, budget: Budget) -> Survey {
    let mut survey = Survey {
        starttls: options.starttls,
        name: Some(options.server_name.to_str().into_owned()),
        by_address: matches!(options.server_name, ServerName::IpAddress(_)),
        offered: options.alpn.clone(),
        only_tls13: options.only_tls13,
        ..Survey::default()
    };
    let begins_with_tls = options.starttls.is_none();
    let reached = reach(addresses, budget.step(TIMEOUT));
    survey.addresses = reached.failures.iter().map(|(address, _)| AtAddress::silent(*address)).collect();
    let Some((address, wire)) = reached.taken else {
        survey.main.failure = last_failure(reached.failures);
        return survey;
    };
    let (mut found, mut at_once) = (None, false);
    let mut meanwhile = || {
        match begins_with_tls {
            true => found = find_out_at_once(address, &options.host, budget),
            false => at_once = answers_in_tls(address, options, budget),
        }
        at_once
    };
    survey.main = probe_patiently((address, wire), options, budget, Some(&mut meanwhile));
    survey.addresses.push(AtAddress::of(address, &survey.main));
    if is_mute(&survey.main) && begins_with_tls {
        survey.plain = match survey.main.failure {
            // One that takes a connection at a time has answered none of the questions before.
            Some(ProbeError::TimedOut) if survey.main.greeting.is_empty() => {
                found.or_else(|| find_out_at_once(address, &options.host, budget.within(AFTERTHOUGHT)))
            }
            _ => find_out(address, &options.host, &survey.main.greeting, budget),
        };
    }
    survey.speaks_at_once = at_once || (!begins_with_tls && speaks_at_once(&survey.main, address, options, budget));
    if survey.speaks_at_once || !spoke_tls(&survey) {
        return survey;
    }
    ask_versions(&mut survey, address, options, budget);
    ask_names(&mut survey, address, options, budget);
    ask_applications(&mut survey, address, options, budget);
    ask_others(&mut survey, addresses, options, budget);
    survey
}

/// The addresses that are still to be asked, side by side: one that does not answer takes no time from the others.
fn ask_others(survey: &mut Survey, addresses: &[SocketAddr], options: &ProbeOptions, budget: Budget) {
    let mut others = addresses.to_vec();
    for known in &survey.addresses {
        if let Some(place) = others.iter().position(|address| *address == known.address) {
            others.remove(place);
        }
    }
    let ask = |other: &SocketAddr| AtAddress::of(*other, &question(*other, options, budget));
    let seen: Vec<AtAddress> = std::thread::scope(|scope| {
        let asked: Vec<_> = others.iter().map(|other| scope.spawn(move || ask(other))).collect();
        asked.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    survey.addresses.extend(seen);
}

/// Nothing of TLS came back.
fn is_mute(seen: &Observation) -> bool {
    seen.chain.is_empty()
        && matches!(seen.failure, Some(ProbeError::NotTls | ProbeError::Closed | ProbeError::TimedOut))
}

/// Whether a port that did not upgrade speaks TLS at once.
fn speaks_at_once(main: &Observation, address: SocketAddr, options: &ProbeOptions, budget: Budget) -> bool {
    let has_not_upgraded = main.version.is_none()
        && matches!(main.failure, Some(ProbeError::NoUpgrade { .. } | ProbeError::Closed | ProbeError::TimedOut));
    has_not_upgraded && answers_in_tls(address, options, budget)
}

/// Whether a hello from the first octet is answered.
fn answers_in_tls(address: SocketAddr, options: &ProbeOptions, budget: Budget) -> bool {
    let name = Some(options.server_name.to_str());
    let name = name.as_deref().filter(|_| matches!(options.server_name, ServerName::DnsName(_)));
    let peer = Greeted { address, name, host: &options.host, starttls: None, proxied: false };
    let answers = |version| !budget.is_spent() && ask(&peer, version, budget.step(QUESTION)) != Answer::Nothing;
    answers(Version::Tls13) || answers(Version::Tls12)
}

/// Whether it is worth to go on in TLS: it answered so, or closed without a word, as some do for a version alone.
fn spoke_tls(survey: &Survey) -> bool {
    let failed =
        matches!(survey.main.failure, Some(ProbeError::NotTls | ProbeError::NoUpgrade { .. } | ProbeError::TimedOut));
    survey.plain.is_none() && !(failed && survey.main.chain.is_empty())
}

/// One more handshake, without waiting for what comes after it.
fn question(address: SocketAddr, options: &ProbeOptions, budget: Budget) -> Observation {
    let mut seen = Observation::default();
    if !budget.is_spent() {
        seen.failure = Session::open(address, options, budget.within(QUESTION), &mut seen).err();
    }
    seen
}

fn ask_versions(survey: &mut Survey, address: SocketAddr, options: &ProbeOptions, budget: Budget) {
    let name = match &options.server_name {
        ServerName::DnsName(name) if options.send_name && !name_refused(&survey.main) => Some(name.as_ref()),
        _ => None,
    };
    let peer = Greeted { address, name, host: &options.host, starttls: options.starttls, proxied: false };
    let agreed = survey.main.version.map(ProtocolVersion::to_array);
    let mut of_tls11 = None;
    for version in Version::ALL {
        let answer = match agreed.and_then(|wire| Version::from_wire(u16::from_be_bytes(wire))) {
            Some(known) if known == version => Answer::Hello { version: version.wire(), suite: 0, group: None },
            _ if budget.is_spent() => Answer::Nothing,
            // Who offers TLS 1.1 offers all below it (RFC 4346 appendix E): an answer in another version is one to 1.0 as well, and
            // the server's log has one line less.
            _ if version == Version::Tls10 && of_tls11.is_some_and(|it| !is_in(Version::Tls11, it)) => {
                of_tls11.unwrap_or(Answer::Nothing)
            }
            _ => ask(&peer, version, budget.step(QUESTION)),
        };
        if version == Version::Tls11 {
            of_tls11 = Some(answer);
        }
        survey.versions.push((version, answer));
    }
    let current: Vec<_> = survey.versions.iter().filter(|(it, _)| is_offered(*it, options)).copied().collect();
    if survey.main.chain.is_empty() && matches!(survey.main.failure, Some(ProbeError::Alert(_) | ProbeError::Closed)) {
        survey.foreign_group = groups::foreign(&peer, &current, budget, QUESTION);
    }
    let says_nothing = survey.versions.iter().all(|(_, answer)| *answer == Answer::Nothing);
    if matches!(survey.main.failure, Some(ProbeError::Closed)) && says_nothing && !budget.is_spent() {
        let proxied = Greeted { proxied: true, ..peer };
        survey.expects_proxy = ask(&proxied, Version::Tls13, budget.step(QUESTION)) != Answer::Nothing;
    }
}

/// Whether our own handshake offers that version.
fn is_offered(version: Version, options: &ProbeOptions) -> bool {
    version == Version::Tls13 || (version == Version::Tls12 && !options.only_tls13)
}

fn is_in(version: Version, answer: Answer) -> bool {
    matches!(answer, Answer::Hello { version: chosen, .. } if chosen == version.wire())
}

fn name_refused(seen: &Observation) -> bool {
    matches!(seen.failure, Some(ProbeError::Alert(AlertDescription::UnrecognisedName)))
}

/// What other names get: no name at all, and those of a certificate that is another's.
fn ask_names(survey: &mut Survey, address: SocketAddr, options: &ProbeOptions, budget: Budget) {
    let ServerName::DnsName(asked) = &options.server_name else { return };
    let ended = matches!(survey.main.failure, Some(ProbeError::Alert(_) | ProbeError::Closed));
    if !options.send_name || (survey.main.chain.is_empty() && !ended) {
        return;
    }
    let without_name = question(address, &ProbeOptions { send_name: false, ..options.clone() }, budget);
    // Asked twice, as one of several servers behind an address may be broken.
    survey.only_without_name = survey.main.chain.is_empty()
        && !without_name.chain.is_empty()
        && question(address, options, budget).chain.is_empty();
    survey.without_name = Some(without_name);
    let leaf = survey.main.chain.first().and_then(|der| Certificate::from_der(der).ok());
    let Some(leaf) = leaf.filter(|leaf| !leaf.dns_names().any(|name| dns_covers(name, asked.as_ref()))) else { return };
    for name in leaf.dns_names().filter(|name| !name.contains('*')).take(MAX_SIBLINGS) {
        if let Ok(server_name) = ServerName::try_from(name.to_owned()) {
            let seen = question(address, &ProbeOptions { server_name, ..options.clone() }, budget);
            survey.siblings.push((name.to_owned(), seen));
        }
    }
}

/// Whether clients that offer HTTP are taken, and what the server says to them. Where the caller offers protocols of
/// his own, or has upgraded from another one, HTTP is not the question.
fn ask_applications(survey: &mut Survey, address: SocketAddr, options: &ProbeOptions, budget: Budget) {
    if matches!(survey.main.failure, Some(ProbeError::Alert(AlertDescription::NoApplicationProtocol))) {
        survey.takes_instead = application(address, options, budget);
    }
    let is_asked = survey.main.client_certificate_wanted && !survey.main.client_certificate_shown;
    if survey.main.failure.is_none() && options.starttls == Some(Starttls::Postgres) && is_asked && !budget.is_spent() {
        let session = Session::open(address, options, budget.within(QUESTION), &mut Observation::default());
        survey.postgres_says = session.ok().and_then(Session::start_postgres);
    }
    if survey.main.failure.is_some() || options.starttls.is_some() || !options.alpn.is_empty() || budget.is_spent() {
        return;
    }
    let mut seen = Observation::default();
    let http = ProbeOptions { alpn: vec!["http/1.1".to_owned()], ..options.clone() };
    match Session::open(address, &http, budget.within(QUESTION), &mut seen) {
        Ok(session) if seen.alpn.is_some() => {
            // Some servers ask for the certificate in TLS and insist on it in HTTP, and say so in the body.
            let method = if seen.client_certificate_wanted { "GET" } else { "HEAD" };
            match session.ask_http(method, &options.host) {
                // Why it is forbidden is told in the body alone.
                Ok(Some(answer)) if answer.status == 403 && method == "HEAD" => {
                    survey.http = body(address, &http, budget).or(Some(answer));
                }
                Ok(answer) => survey.http = answer,
                Err(ended) => survey.closed_on_http = matches!(ended, ProbeError::Closed),
            }
        }
        // Many servers of HTTP name no protocol; others take one line that they do not know.
        Ok(session) if is_out_of_date(&survey.main, options) => {
            survey.http = session.ask_http("HEAD", &options.host).ok().flatten();
        }
        Err(ProbeError::Alert(AlertDescription::NoApplicationProtocol)) => {
            survey.refuses_http = Some(application(address, options, budget));
        }
        _ => {}
    }
}

/// The answer of HTTP with its body.
fn body(address: SocketAddr, options: &ProbeOptions, budget: Budget) -> Option<HttpAnswer> {
    let session = Session::open(address, options, budget.within(QUESTION), &mut Observation::default());
    session.ok().and_then(|session| session.ask_http("GET", &options.host).ok().flatten())
}

/// Whether something that was sent is not valid at the time of the judgement: then the clocks are compared.
fn is_out_of_date(seen: &Observation, options: &ProbeOptions) -> bool {
    let mut sent = seen.chain.iter().filter_map(|der| Certificate::from_der(der).ok());
    options.judged_at.is_some_and(|at| sent.any(|it| at < it.validity.not_before || it.validity.not_after < at))
}

/// Which of the known protocols the server takes.
fn application(address: SocketAddr, options: &ProbeOptions, budget: Budget) -> Option<String> {
    let alpn = APPLICATIONS.iter().chain(&["http/1.1"]).map(|name| (*name).to_owned()).collect();
    question(address, &ProbeOptions { alpn, ..options.clone() }, budget).alpn
}

impl Survey {
    /// The versions that the server takes, the newest first.
    pub fn versions_taken(&self) -> Vec<Version> {
        let takes = |(version, answer): &&(Version, Answer)| is_in(*version, *answer);
        self.versions.iter().filter(takes).map(|(version, _)| *version).collect()
    }

    /// A failure before TLS or in it, with nothing else known.
    pub fn of(main: Observation) -> Survey {
        Survey { main, ..Survey::default() }
    }
}
