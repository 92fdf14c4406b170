//! From the first line to the greeting: capabilities, a login, and a nickname that is free.

use super::Incoming;
use super::login::Exchange;
use crate::client::core::{HISTORY, Port, Profile, Step};
use crate::client::secret::Secret;
use crate::client::view::{Entry, Kind, shown};
use crate::limits::client::{LONGEST_HOST, LONGEST_TICKET, MOST_CAPABILITIES, NICKNAMES_TRIED};
use zeroize::Zeroizing;

/// The capability of servers that assign ports.
const ASSIGNED_PORT: &str = "example.org/assigned-port";

/// How registering stands.
#[derive(Debug)]
pub(in crate::client) struct Registration {
    nick: String,
    wanted: String,
    refused: usize,
    /// How one logs in, if at all.
    login: Option<Exchange>,
    has_password: bool,
    offered: Vec<String>,
    capabilities: Vec<String>,
    /// Not where we were sent: one move is enough.
    may_move: bool,
    port: Option<Port>,
}

impl Registration {
    /// Begins: capabilities first, so that the server waits for the login before it greets.
    pub(in crate::client) fn start(profile: Profile, nonce: String, steps: &mut Vec<Step>) -> Self {
        let real_name = profile.real_name;
        let marked = if real_name.contains(' ') || real_name.is_empty() { ":" } else { "" };
        steps.extend(profile.ticket.iter().map(|ticket| Step::Send(format!("TICKET {ticket}"))));
        steps.extend(profile.password.as_ref().map(|password| Step::SendSecret(pass(password))));
        steps.push(Step::Send("CAP LS 302".to_owned()));
        steps.push(Step::Send(format!("NICK {}", profile.nick)));
        steps.push(Step::Send(format!("USER {} 0 * {marked}{real_name}", profile.user)));
        let login = match profile.login {
            Some(login) => Some(Exchange::password(login, nonce)),
            None => profile.certificate.then(Exchange::external),
        };
        Self {
            nick: profile.nick.clone(),
            wanted: profile.nick,
            refused: 0,
            login,
            has_password: profile.password.is_some(),
            may_move: !profile.stays && profile.ticket.is_none(),
            port: None,
            offered: Vec::new(),
            capabilities: Vec::new(),
        }
    }

    pub(in crate::client) fn nick(&self) -> &str {
        &self.nick
    }

    pub(in crate::client) fn set_nick(&mut self, nick: &str) {
        nick.clone_into(&mut self.nick);
    }

    pub(in crate::client) fn is_self(&self, nick: &str) -> bool {
        self.nick.eq_ignore_ascii_case(nick)
    }

    /// Whether the server agreed to a capability.
    pub(in crate::client) fn has(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|name| name == capability)
    }

    /// Takes a line; false where it is none of registering's.
    pub(in crate::client) fn take(&mut self, incoming: &Incoming, steps: &mut Vec<Step>) -> bool {
        match incoming.command.as_str() {
            "CAP" => self.capability(incoming, steps),
            "AUTHENTICATE" => self.authenticate(incoming.raw_last(), steps),
            "903" => self.logged_in(steps),
            // It tells the mechanisms; the refusal itself comes with the 904 after it.
            "908" => steps.push(Step::Show(Entry::new(Kind::Error, incoming.from(1)))),
            "902" | "904" | "905" | "906" | "907" => self.not_logged_in(incoming.last(), steps),
            "464" => steps.push(Step::Show(Entry::new(Kind::Error, self.wrong_password(&incoming.last())))),
            "NOTE" if incoming.raw(1) == Some("ASSIGNED_PORT") => self.port = assigned(incoming),
            "010" => steps.extend(self.port.take().map(Step::Moved)),
            "432" | "433" | "436" | "437" => self.another_nick(incoming, steps),
            // A server that knows no capabilities lets everybody in as a guest.
            "001" if self.is_login_demanded() && !self.login.as_ref().is_some_and(Exchange::may_succeed) => {
                self.not_logged_in("the server asks for no login".to_owned(), steps);
            }
            "001" => {
                self.set_nick(incoming.raw(0).unwrap_or_default());
                steps.push(Step::Show(Entry::new(Kind::Answer, incoming.last())));
            }
            _ => return false,
        }
        true
    }

    fn capability(&mut self, incoming: &Incoming, steps: &mut Vec<Step>) {
        let names = || incoming.raw_last().split_whitespace().map(str::to_owned);
        match incoming.raw(1) {
            Some("LS") => {
                let room = MOST_CAPABILITIES.saturating_sub(self.offered.len());
                self.offered.extend(names().take(room));
                // An asterisk says that the list goes on in the next line.
                if incoming.raw(2) != Some("*") {
                    self.request(steps);
                }
            }
            Some("ACK") => {
                let room = MOST_CAPABILITIES.saturating_sub(self.capabilities.len());
                self.capabilities.extend(names().take(room));
                match self.login.as_ref().filter(|login| login.is_demanded() || self.has("sasl")) {
                    Some(login) => steps.push(Step::Send(format!("AUTHENTICATE {}", login.mechanism()))),
                    None => end_negotiation(steps),
                }
            }
            Some("NAK") if self.is_login_demanded() => {
                self.not_logged_in("the server takes back that one can log in".to_owned(), steps);
            }
            Some("NAK") => end_negotiation(steps),
            _ => {}
        }
    }

    fn request(&mut self, steps: &mut Vec<Step>) {
        let mut wanted: Vec<&str> = Vec::new();
        if self.offered.iter().any(|offer| offer == "echo-message") {
            wanted.push("echo-message");
        }
        if HISTORY.iter().all(|name| self.offered.iter().any(|offer| offer.split('=').next() == Some(name))) {
            wanted.extend(HISTORY);
        }
        if self.may_move && self.offered.iter().any(|offer| offer == ASSIGNED_PORT) {
            wanted.push(ASSIGNED_PORT);
        }
        if let Some(login) = &self.login {
            if self.offered.iter().any(|offer| offers(offer, login.mechanism())) {
                wanted.push("sasl");
            } else if login.is_demanded() {
                let found = mechanisms(&self.offered);
                let text = format!("expected a server that logs in with SCRAM-SHA-256, found one with {found}");
                return self.not_logged_in(text, steps);
            }
        }
        match wanted.is_empty() {
            true => end_negotiation(steps),
            false => steps.push(Step::Send(format!("CAP REQ :{}", wanted.join(" ")))),
        }
    }

    fn is_login_demanded(&self) -> bool {
        self.login.as_ref().is_some_and(Exchange::is_demanded)
    }

    fn authenticate(&mut self, piece: &str, steps: &mut Vec<Step>) {
        match self.login.as_mut().map(|login| login.take(piece)) {
            Some(Ok(answers)) => {
                steps.extend(answers.into_iter().map(|answer| Step::Send(format!("AUTHENTICATE {answer}"))));
            }
            Some(Err(problem)) => self.not_logged_in(shown(&problem), steps),
            None => {}
        }
    }

    fn logged_in(&mut self, steps: &mut Vec<Step>) {
        match self.login.as_ref().is_none_or(Exchange::may_succeed) {
            true => end_negotiation(steps),
            false => self.not_logged_in("the server has not proven that it knows the password".to_owned(), steps),
        }
    }

    /// The server closes after it.
    fn wrong_password(&self, said: &str) -> String {
        match self.has_password {
            true => format!("{said} (the first line of what --server-password-file names)"),
            false => format!("{said} (with --server-password-file FILE)"),
        }
    }

    /// A certificate that is no account makes a guest; who named an account does not come in as somebody else.
    fn not_logged_in(&mut self, reason: String, steps: &mut Vec<Step>) {
        if self.is_login_demanded() {
            steps.push(Step::Send("QUIT".to_owned()));
            return steps.push(Step::NotLoggedIn(reason));
        }
        steps.push(Step::Show(Entry::new(Kind::Error, reason)));
        end_negotiation(steps);
    }

    fn another_nick(&mut self, incoming: &Incoming, steps: &mut Vec<Step>) {
        self.refused += 1;
        if self.refused > NICKNAMES_TRIED {
            let last = incoming.last();
            return steps
                .push(Step::Refused(format!("no nickname that the server takes: {last}; choose one with --nick")));
        }
        // Underscores first, as people do; a number where those are taken too.
        self.nick = match self.refused {
            tries @ 1..=2 => format!("{}{}", self.wanted, "_".repeat(tries)),
            tries => format!("{}{tries}", self.wanted),
        };
        let text = format!("{}; trying {}", incoming.from(1), self.nick);
        steps.push(Step::Show(Entry::new(Kind::Event, text)));
        steps.push(Step::Send(format!("NICK {}", self.nick)));
    }
}

/// What a server says of a port that is ours: number, ticket, seconds, and where it is if not on the server itself.
fn assigned(incoming: &Incoming) -> Option<Port> {
    let number = incoming.raw(2)?.parse().ok()?;
    let ticket = incoming.raw(3)?;
    let sound = ticket.len() <= LONGEST_TICKET && ticket.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let named = |host: &&str| {
        host.len() <= LONGEST_HOST && host.bytes().all(|it| it.is_ascii_alphanumeric() || b".-:".contains(&it))
    };
    // The last parameter is the text.
    let host = incoming.raw(6).and_then(|_| incoming.raw(5)).filter(named).map(str::to_owned);
    sound.then(|| Port { host, number, ticket: ticket.to_owned() })
}

/// Servers without CAP 302 tell no mechanisms.
fn offers(offer: &str, mechanism: &str) -> bool {
    match offer.split_once('=') {
        None => offer == "sasl",
        Some((name, mechanisms)) => name == "sasl" && mechanisms.split(',').any(|offered| offered == mechanism),
    }
}

/// What a server offers instead, to show.
fn mechanisms(offered: &[String]) -> String {
    let found = offered.iter().find_map(|offer| offer.strip_prefix("sasl="));
    found.map_or_else(|| "no login at all".to_owned(), shown)
}

/// The line with the connection's password.
fn pass(password: &Secret) -> Secret {
    Secret::new(Zeroizing::new(format!("PASS :{}", password.expose())))
}

fn end_negotiation(steps: &mut Vec<Step>) {
    steps.push(Step::Send("CAP END".to_owned()));
}
