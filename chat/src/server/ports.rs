//! Ports of their own for clients that ask for one (`--assign-ports`), guarded: only the same certificate, or the ticket, takes one.
//!
//! A port is opened when it is assigned and closed when its client is through or its time is over, so there is nothing to
//! take before or after. Everyone who connects meanwhile is heard, each on its own: whoever is first and has no right to it is
//! closed and logged, and is in nobody's way.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::admission::{Admission, Refused};
use super::driver::Message;
use super::entrance::{Held, turn_away};
use super::handshake::Secured;
use super::limits::{CONTENDERS, PORT_WAITS, TICKET_LINE};
use super::listener::{self, Listener};
use super::{Shared, secrets};
use crate::bus::Command;
use crate::config::settings::Endpoint;
use crate::core::keep::{Answer, AssignedPort};
use crate::core::{ClientId, Event, Identity};

/// Who waits for a port.
#[derive(Debug, Clone)]
pub(super) enum Whose {
    /// A client of this server.
    Client {
        /// Which.
        client: ClientId,
    },
    /// A client of another node, which asks under this number; the ticket lies on the bus.
    Node {
        /// The node.
        node: u32,
        /// Its number of the question.
        id: u64,
        /// Where the ticket is.
        bus: mpsc::Sender<Command>,
    },
}

/// A client that asked for a port.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) whose: Whose,
    pub(super) fingerprint: Option<String>,
}

/// Which ports may be assigned, and where.
#[derive(Debug, Clone)]
pub struct PortRange {
    /// The first and the last.
    pub numbers: RangeInclusive<u16>,
    /// The addresses on which each is opened: those of the listeners.
    pub addresses: Vec<IpAddr>,
}

/// Who may take a port.
#[derive(Debug)]
struct Owner {
    fingerprint: Option<String>,
    ticket: Ticket,
}

/// A word that is good once.
#[derive(Debug)]
enum Ticket {
    /// Known to this server alone.
    Here {
        /// The word, until it was used.
        word: Mutex<Option<String>>,
        /// To which certificate it is bound; none, where none was shown: it is good for whoever has it.
        bound: Option<String>,
    },
    /// This word, which lies on the bus: whoever takes it there gets the certificate that it is bound to.
    OnTheBus(String, mpsc::Sender<Command>),
}

/// To what a ticket is bound whose client showed no certificate.
pub(super) const NOBODY: &str = "-";

/// The ports in use. Each is given back when its holder is dropped.
#[derive(Debug, Default)]
struct Used(Mutex<BTreeSet<u16>>);

#[derive(Debug)]
pub(super) struct Port {
    number: u16,
    used: Arc<Used>,
}

impl Drop for Port {
    fn drop(&mut self) {
        self.used.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.number);
    }
}

/// Assigns ports to those who ask, until nobody can ask any more.
pub(super) async fn assign(shared: Arc<Shared>, range: PortRange, mut requests: mpsc::Receiver<Request>) {
    let used = Arc::new(Used::default());
    while let Some(Request { whose, fingerprint }) = requests.recv().await {
        let opened = open(&range, &used).zip(secrets::secret_word());
        if opened.is_none() {
            tracing::warn!(?whose, "no-port-free");
        }
        let port = opened.map(|((port, listeners), ticket)| {
            let number = port.number;
            let owner =
                Owner { fingerprint: fingerprint.clone(), ticket: Ticket::of(&whose, &ticket, fingerprint.as_deref()) };
            tokio::spawn(guard(shared.clone(), port, listeners, Arc::new(owner)));
            AssignedPort { node: None, number, ticket, seconds: PORT_WAITS.as_secs() }
        });
        let _ = shared.core.send(told(&whose, fingerprint, port)).await;
    }
}

fn told(whose: &Whose, fingerprint: Option<String>, port: Option<AssignedPort>) -> Message {
    match whose {
        Whose::Client { client } => {
            let answer = Box::new(port.map_or(Answer::Unavailable, Answer::Port));
            Message::Happened(Event::Answered { client: *client, answer })
        }
        Whose::Node { node, id, .. } => Message::PortFor { node: *node, id: *id, fingerprint, port },
    }
}

impl Ticket {
    fn of(whose: &Whose, word: &str, fingerprint: Option<&str>) -> Ticket {
        match whose {
            Whose::Client { .. } => {
                Ticket::Here { word: Mutex::new(Some(word.to_owned())), bound: fingerprint.map(str::to_owned) }
            }
            Whose::Node { bus, .. } => Ticket::OnTheBus(word.to_owned(), bus.clone()),
        }
    }

    /// Takes it with a word, once; to which certificate it is bound, if the word is right.
    async fn take(&self, word: &str, fingerprint: Option<&str>) -> Option<String> {
        match self {
            // Whoever shows another certificate does not use it up.
            Ticket::Here { bound: Some(bound), .. } if fingerprint != Some(bound) => Some(bound.clone()),
            Ticket::Here { word: ticket, .. } => {
                let mut ticket = ticket.lock().unwrap_or_else(PoisonError::into_inner);
                ticket.take_if(|ticket| secrets::same(ticket, word))?;
                Some(fingerprint.unwrap_or(NOBODY).to_owned())
            }
            // That of another port is left to whom it is for.
            Ticket::OnTheBus(own, _) if !secrets::same(own, word) => None,
            Ticket::OnTheBus(_, bus) => {
                let (reply, value) = oneshot::channel();
                bus.send(Command::TakeTicket { word: word.to_owned(), reply }).await.ok()?;
                value.await.ok()?
            }
        }
    }
}

/// Whether a word can be a ticket: it becomes part of a key on the bus.
fn is_word(text: &str) -> bool {
    (1..=TICKET_LINE).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The first port of the range that nobody has, opened on every address.
fn open(range: &PortRange, used: &Arc<Used>) -> Option<(Port, Vec<Listener>)> {
    range.numbers.clone().find_map(|number| {
        if !used.0.lock().unwrap_or_else(PoisonError::into_inner).insert(number) {
            return None;
        }
        let port = Port { number, used: used.clone() };
        let listen = |address: &IpAddr| {
            let endpoint = Endpoint { address: SocketAddr::new(*address, number), may_be_missing: false };
            Listener::open(endpoint, listener::Kind::Tls).ok().flatten()
        };
        let listeners: Option<Vec<Listener>> = range.addresses.iter().map(listen).collect();
        listeners.map(|listeners| (port, listeners))
    })
}

/// The rightful client.
struct Winner {
    secured: Secured,
    peer: SocketAddr,
    admission: Arc<Admission>,
}

/// Waits for the rightful client, hears everyone who comes meanwhile, and then serves it.
async fn guard(shared: Arc<Shared>, port: Port, listeners: Vec<Listener>, owner: Arc<Owner>) {
    let number = port.number;
    let (won, winner) = mpsc::channel(1);
    let mut accepting = JoinSet::new();
    for listener in listeners {
        accepting.spawn(hear_all(shared.clone(), listener, owner.clone(), won.clone()));
    }
    drop(won);
    let mut winner = winner;
    let mut stopping = shared.stopping.clone();
    let found = tokio::select! {
        found = timeout(PORT_WAITS, winner.recv()) => found.ok().flatten(),
        _ = stopping.wait_for(|stopping| *stopping) => None,
    };
    // Closes the listeners, and everyone who was still to prove something.
    accepting.shutdown().await;
    match found {
        Some(Winner { secured, peer, admission }) => {
            tracing::info!(%peer, port = number, "port-taken");
            let Ok(permit) = shared.connections.clone().acquire_owned().await else { return };
            let held = Held::new(permit, Some(port), &shared.metrics);
            shared.welcome(secured, peer, admission, held, listener::Kind::Tls).await;
        }
        None => tracing::info!(port = number, "port-not-taken: its client did not come"),
    }
}

/// Hears those who connect to one address. Where there are too many, the one who has been heard longest gives way: the rightful
/// client needs no time to think.
async fn hear_all(shared: Arc<Shared>, listener: Listener, owner: Arc<Owner>, won: mpsc::Sender<Winner>) {
    let mut heard = std::collections::VecDeque::new();
    loop {
        let Ok((stream, peer)) = listener.socket.accept().await else {
            tokio::time::sleep(super::limits::ACCEPT_PAUSE).await;
            continue;
        };
        heard.retain(|(task, _): &(tokio::task::JoinHandle<()>, oneshot::Sender<()>)| !task.is_finished());
        if heard.len() >= CONTENDERS {
            heard.pop_front();
        }
        // Dropping the sender ends the hearing, as the end of this task does.
        let (hold, held) = oneshot::channel::<()>();
        let hearing = hear(shared.clone(), stream, peer, owner.clone(), won.clone());
        let task = tokio::spawn(async move {
            tokio::select! {
                () = hearing => {}
                _ = held => {}
            }
        });
        heard.push_back((task, hold));
    }
}

async fn hear(shared: Arc<Shared>, stream: TcpStream, peer: SocketAddr, owner: Arc<Owner>, won: mpsc::Sender<Winner>) {
    let _ = stream.set_nodelay(true);
    let port = stream.local_addr().map_or(0, |address| address.port());
    let admission = shared.admission();
    let Some(tls) = &admission.tls else { return };
    let Some(mut secured) = shared.handshake(tls, stream, peer).await else { return };
    let proven = owner.is_shown_by(secured.identity.as_ref()) || owner.is_told_by(&mut secured).await;
    if proven {
        // The second of two that prove it is closed: the port is for one.
        let _ = won.try_send(Winner { secured, peer, admission });
        return;
    }
    let Secured { stream, codec, identity, .. } = secured;
    let sha256 = identity.as_ref().map_or("-", |identity| identity.fingerprint.as_str());
    tracing::warn!(%peer, port, sha256, "port-refused: neither the certificate nor the ticket of the one it was assigned to");
    let reason = "this port was assigned to somebody else".to_owned();
    turn_away(stream, codec, peer, &Refused { code: "port-refused", reason }).await;
}

impl Owner {
    fn is_shown_by(&self, identity: Option<&Identity>) -> bool {
        self.fingerprint.is_some()
            && self.fingerprint.as_deref() == identity.map(|identity| identity.fingerprint.as_str())
    }

    /// Whether the client's first line has the ticket.
    async fn is_told_by(&self, secured: &mut Secured) -> bool {
        let line = timeout(PORT_WAITS, secured.line(TICKET_LINE)).await;
        let shown = secured.identity.as_ref().map(|identity| identity.fingerprint.clone());
        match line.ok().flatten() {
            Some(line) => self.takes_ticket(&line, shown.as_deref()).await,
            None => false,
        }
    }

    /// Takes the ticket in a line, if it is the right one, nobody has used it, and it is bound to no other certificate.
    async fn takes_ticket(&self, line: &str, shown: Option<&str>) -> bool {
        let word = line.strip_prefix("TICKET ").map(|word| word.trim_start_matches(':')).filter(|word| is_word(word));
        let Some(word) = word else { return false };
        let bound = timeout(PORT_WAITS, self.ticket.take(word, shown)).await.ok().flatten();
        bound.is_some_and(|bound| bound == NOBODY || Some(&*bound) == shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner() -> Owner {
        owner_bound_to(None)
    }

    fn owner_bound_to(bound: Option<&str>) -> Owner {
        let (word, bound) = (Mutex::new(Some("right".to_owned())), bound.map(str::to_owned));
        Owner { fingerprint: Some("ab".to_owned()), ticket: Ticket::Here { word, bound } }
    }

    #[tokio::test]
    async fn a_bound_ticket_is_no_use_to_another_and_not_used_up_by_him() {
        let owner = owner_bound_to(Some("ab"));
        for (shown, taken) in [(Some("cd"), false), (None, false), (Some("ab"), true), (Some("ab"), false)] {
            assert_eq!(owner.takes_ticket("TICKET right", shown).await, taken, "{shown:?}");
        }
    }

    fn identity(fingerprint: &str) -> Identity {
        Identity { account: None, refusal: None, fingerprint: fingerprint.to_owned(), not_after_unix: 0 }
    }

    #[tokio::test]
    async fn a_ticket_is_good_once() {
        let owner = owner();
        for (line, taken) in
            [("TICKET wrong", false), ("NICK right", false), ("TICKET :right", true), ("TICKET right", false)]
        {
            assert_eq!(owner.takes_ticket(line, None).await, taken, "{line}");
        }
    }

    #[tokio::test]
    async fn a_ticket_on_the_bus_is_good_with_its_certificate_alone() {
        let (bus, mut asked) = mpsc::channel(1);
        let owner = Owner { fingerprint: Some("ab".to_owned()), ticket: Ticket::OnTheBus("right".to_owned(), bus) };
        tokio::spawn(async move {
            while let Some(Command::TakeTicket { word, reply }) = asked.recv().await {
                assert_eq!(word, "right", "the word of another port is not even asked for");
                let _ = reply.send(Some("ab".to_owned()));
            }
        });
        for (line, shown, taken) in [
            ("TICKET right", Some("ab"), true),
            ("TICKET right", Some("cd"), false),
            ("TICKET right", None, false),
            ("TICKET wrong", Some("ab"), false),
            ("TICKET a:b", Some("ab"), false),
        ] {
            assert_eq!(owner.takes_ticket(line, shown).await, taken, "{line} {shown:?}");
        }
    }

    #[test]
    fn only_the_certificate_it_was_assigned_to_shows_it() {
        let owner = owner();
        assert!(owner.is_shown_by(Some(&identity("ab"))));
        assert!(!owner.is_shown_by(Some(&identity("cd"))) && !owner.is_shown_by(None));
        let of_nobody = Owner { fingerprint: None, ..owner };
        assert!(!of_nobody.is_shown_by(None), "who shows nothing has not shown the same certificate");
    }

    #[tokio::test]
    async fn a_port_is_one_clients_until_it_is_given_back() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port").port();
        let range = PortRange { numbers: free..=free, addresses: vec![IpAddr::from([127, 0, 0, 1])] };
        let used = Arc::new(Used::default());
        let first = open(&range, &used);
        assert!(first.is_some() && open(&range, &used).is_none());
        drop(first);
        assert!(open(&range, &used).is_some());
    }
}
