//! The chat's core through its public door: several clients, any lines, in any order and at any time. What comes out is well-formed,
//! and for somebody who is there.
//!
//! The input is a script. What a row begins with says what happens:
//!
//! - `0` to `5`: that client types the rest; its connection is made where there is none
//! - `+N ACCOUNT`: client N connects, with a certificate of that account if one is named
//! - `*N NICK`: it asks for every capability and registers under that nickname
//! - `-N`: its connection is lost; `#N`: its certificate does not count any longer
//! - `~MS`: so many milliseconds pass, and the alarm goes off when it is due
//! - `?`: answers are held back, or come at once again
#![no_main]

use chat::archive::{Archive, Bounds};
use chat::core::keep::{Answer, AssignedPort, Derive, Derived, Question};
use chat::core::limits::QUEUE_BYTES;
use chat::core::{
    Account, AccountSettings, Action, Actions, ClientId, Core, Event, Identity, Limits, Now, Operator, Password, Right,
    Settings,
};
use chat::wire::capability::Capability;
use chat::wire::line::{BODY_LENGTH, LineSplitter, TooLong};
use chat::wire::message::Message;
use libfuzzer_sys::fuzz_target;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

const START: Now = Now { unix_ms: 1_769_862_896_000 };
/// As many as a digit names.
const CLIENTS: u64 = 6;
/// Milliseconds that pass at most at a time: two days, over which everything that is due becomes due.
const LONGEST_WAIT: i64 = 172_800_000;
/// Rows of a script; what comes after them would only take time.
const ROWS: usize = 200;

fuzz_target!(|data: &[u8]| {
    let mut world = World::new();
    for row in data.split(|byte| *byte == b'\n').take(ROWS) {
        world.row(row);
    }
    world.end();
});

/// One connection, as the edge and its client know it.
struct Connection {
    splitter: LineSplitter,
    /// Whether it has ever asked for a capability.
    asked: bool,
    /// The batches that were opened to it.
    batches: BTreeSet<String>,
}

struct World {
    core: Core,
    archive: Archive,
    now: Now,
    wake_at: Option<i64>,
    /// The connection that each digit stands for at present.
    numbers: BTreeMap<u64, ClientId>,
    connections: BTreeMap<ClientId, Connection>,
    made: u64,
    questions: VecDeque<(ClientId, Question)>,
    held_back: bool,
    drawn: u8,
}

impl World {
    fn new() -> World {
        World {
            core: Core::new(settings(), &[]),
            archive: Archive::in_memory(Bounds::default()).expect("memory"),
            now: START,
            wake_at: None,
            numbers: BTreeMap::new(),
            connections: BTreeMap::new(),
            made: 0,
            questions: VecDeque::new(),
            held_back: false,
            drawn: 0,
        }
    }

    fn row(&mut self, row: &[u8]) {
        let Some((kind, rest)) = row.split_first() else { return };
        let (number, text) = number_and_text(rest);
        match kind {
            b'0'..=b'5' => self.types(u64::from(kind - b'0'), rest),
            b'+' => self.connect(number, text),
            b'*' => self.register(number, text),
            b'-' => self.lose(number),
            b'#' => {
                if let Some(client) = self.numbers.get(&number).copied() {
                    self.event(Event::Dismissed { client, reason: "revoked".to_owned() });
                }
            }
            b'~' => self.pass(String::from_utf8_lossy(rest).trim().parse().unwrap_or(1000)),
            b'?' => {
                self.held_back = !self.held_back;
                self.answer_all();
            }
            _ => {}
        }
    }

    /// Through the same splitter as at the edge.
    fn types(&mut self, number: u64, bytes: &[u8]) {
        let client = self.connected(number);
        let mut lines = Vec::new();
        if let Some(connection) = self.connections.get_mut(&client) {
            connection.splitter.push(bytes);
            connection.splitter.push(b"\r\n");
            lines.extend(std::iter::from_fn(|| connection.splitter.next_line()));
        }
        for line in lines {
            let Some(connection) = self.connections.get_mut(&client) else { return };
            match line {
                Ok(line) => {
                    let text = String::from_utf8_lossy(&line);
                    connection.asked |=
                        Message::parse(text.as_bytes()).is_ok_and(|it| it.command.eq_ignore_ascii_case("CAP"));
                    self.event(Event::Line { client, line });
                }
                Err(TooLong { tags }) => self.event(Event::LineTooLong { client, tags }),
            }
        }
    }

    fn connected(&mut self, number: u64) -> ClientId {
        if !self.numbers.contains_key(&number) {
            self.connect(number, "");
        }
        self.numbers.get(&number).copied().unwrap_or(ClientId(self.made))
    }

    fn connect(&mut self, number: u64, account: &str) {
        if number >= CLIENTS || self.numbers.contains_key(&number) {
            return;
        }
        self.made += 1;
        let client = ClientId(self.made);
        self.numbers.insert(number, client);
        let connection = Connection { splitter: LineSplitter::for_clients(), asked: false, batches: BTreeSet::new() };
        self.connections.insert(client, connection);
        let identity = (!account.is_empty()).then(|| identity(account, number));
        let (host, secure, may_move) = (format!("10.0.0.{number}"), number != 5, number == 4);
        self.event(Event::Accepted { client, host, secure, identity, may_move });
    }

    fn register(&mut self, number: u64, nickname: &str) {
        if number >= CLIENTS {
            return;
        }
        let mut lines = vec!["CAP LS 302".to_owned()];
        // Each by itself, so that one that is not on offer does not keep the rest away.
        lines.extend(Capability::ALL.iter().map(|capability| format!("CAP REQ :{}", capability.name())));
        lines.extend([
            "CAP END".to_owned(),
            format!("NICK {nickname}"),
            format!("USER {nickname} 0 * :The {nickname}"),
        ]);
        lines.iter().for_each(|line| self.types(number, line.as_bytes()));
    }

    fn lose(&mut self, number: u64) {
        if let Some(client) = self.numbers.remove(&number) {
            self.connections.remove(&client);
            self.event(Event::Gone { client, reason: "lost".to_owned() });
        }
    }

    fn pass(&mut self, milliseconds: i64) {
        let end = self.now.unix_ms + milliseconds.clamp(0, LONGEST_WAIT);
        while let Some(at_ms) = self.wake_at.filter(|at_ms| *at_ms <= end) {
            self.now = Now { unix_ms: at_ms.max(self.now.unix_ms) };
            self.wake_at = None;
            self.event(Event::Tick);
            assert!(self.wake_at.is_none_or(|next| next > at_ms), "the alarm goes on");
        }
        self.now = Now { unix_ms: end };
    }

    /// Everybody is told, and nobody is left.
    fn end(&mut self) {
        self.event(Event::Shutdown { reason: "the end".to_owned() });
        assert!(self.connections.is_empty());
    }

    fn event(&mut self, event: Event) {
        let mut actions = Actions::new();
        self.core.handle(self.now, event, &mut actions);
        let mut sent = BTreeMap::<ClientId, usize>::new();
        for action in actions.drain() {
            if let Action::Send { client, line } = &action {
                *sent.entry(*client).or_default() += line.len();
            }
            self.carry_out(action);
        }
        assert!(sent.values().all(|bytes| *bytes <= QUEUE_BYTES), "no event fills anybody's queue");
        assert!(self.connections.values().all(|connection| connection.batches.is_empty()), "batches are closed");
        assert_eq!(self.core.clients(), self.connections.len());
        if !self.held_back {
            self.answer_all();
        }
    }

    fn carry_out(&mut self, action: Action) {
        match action {
            Action::Send { client, line } => {
                let there = self.connections.get_mut(&client);
                let connection = there.unwrap_or_else(|| panic!("nobody is there to read {}", line.escape_ascii()));
                check_line(connection, &line);
            }
            Action::Close { client, .. } => {
                self.connections.remove(&client).expect("only who is there is closed");
                self.numbers.retain(|_, known| *known != client);
            }
            Action::WakeAt { at_ms } => self.wake_at = Some(at_ms),
            Action::Keep(keep) => self.archive.keep(&keep).expect("what is kept can be kept"),
            Action::Ask { client, question } => {
                assert!(self.questions.iter().all(|(waits, _)| *waits != client), "one question at a time");
                self.questions.push_back((client, *question));
            }
            Action::Propose(_) | Action::Describe { .. } => unreachable!("a server by itself asks nobody"),
            Action::Reload | Action::Log(_) | Action::Listen { .. } => {}
        }
    }

    fn answer_all(&mut self) {
        while let Some((client, question)) = self.questions.pop_front() {
            let answer = self.answer(&question);
            self.event(Event::Answered { client, answer: Box::new(answer) });
        }
    }

    fn answer(&mut self, question: &Question) -> Answer {
        match question {
            Question::Port { .. } => {
                Answer::Port(AssignedPort { node: None, number: 7001, ticket: "ticket".to_owned(), seconds: 10 })
            }
            Question::Random { length } => {
                self.drawn = self.drawn.wrapping_add(1);
                Answer::Random(vec![self.drawn; *length])
            }
            Question::Derive(derive) => Answer::Derived(derived(derive)),
            question => self.archive.answer(question).expect("what is kept can be read"),
        }
    }
}

/// A row's digit, and what follows it.
fn number_and_text(rest: &[u8]) -> (u64, &str) {
    let number = rest.first().map_or(u64::MAX, |digit| u64::from(digit.wrapping_sub(b'0')));
    (number, std::str::from_utf8(rest.get(1..).unwrap_or_default()).unwrap_or_default().trim())
}

/// A line is one message of at most 512 octets after its tags, and says nothing that its reader did not ask to be told.
fn check_line(connection: &mut Connection, line: &[u8]) {
    let shown = line.escape_ascii();
    let body =
        if line.starts_with(b"@") { line.iter().position(|byte| *byte == b' ').expect("tags end") + 1 } else { 0 };
    assert!(line.len() - body <= BODY_LENGTH && line.ends_with(b"\r\n"), "{shown}");
    let mut splitter = LineSplitter::for_servers();
    splitter.push(line);
    let read = splitter.next_line().expect("a line").expect("neither it nor its tags are too long");
    assert_eq!((read.len() + 2, splitter.next_line()), (line.len(), None), "{shown}");
    let message = Message::parse(&read).expect("a line is a message");
    assert!(
        message.source.is_some_and(|source| !source.is_empty()) || matches!(message.command, "ERROR" | "AUTHENTICATE"),
        "{shown}"
    );
    let named: Vec<&str> = message.tags.iter().map(|(key, _)| key).collect();
    assert_eq!(named.iter().collect::<BTreeSet<_>>().len(), named.len(), "no tag twice: {shown}");
    if !connection.asked {
        let told = ["TAGMSG", "BATCH", "SETNAME", "ACCOUNT", "AWAY", "CHGHOST", "REDACT", "RENAME", "ACK"];
        assert!(body == 0 && !told.contains(&message.command), "nobody asked for {shown}");
    }
    check_batch(connection, &message);
}

fn check_batch(connection: &mut Connection, message: &Message<'_>) {
    if let Some(batch) = message.tags.written("batch") {
        assert!(connection.batches.contains(batch), "a batch that is open");
    }
    if message.command == "BATCH" {
        let reference = message.param(0).expect("a reference");
        let known = match reference.strip_prefix('+') {
            Some(opened) => connection.batches.insert(opened.to_owned()),
            None => connection.batches.remove(&reference[1..]),
        };
        assert!(known, "opened once, closed once: {reference}");
    }
}

fn identity(account: &str, number: u64) -> Identity {
    let (account, refusal) = match Account::parse(account) {
        Ok(account) => (Some(account), None),
        Err(error) => (None, Some(error.to_string())),
    };
    // The last one's certificate ends within a wait or two.
    let not_after_unix = START.seconds() + if number == 3 { 90_000 } else { 100_000_000 };
    Identity { account, refusal, fingerprint: "ab12".to_owned(), not_after_unix }
}

/// Not what PBKDF2 says, but as different for different passwords, and at once.
fn derived(derive: &Derive) -> Derived {
    let mut salted = vec![0; 32];
    for (at, byte) in derive.password.bytes().enumerate() {
        salted[at % 32] ^= byte.rotate_left(at as u32 / 32);
    }
    let salt = derive.salt.clone().unwrap_or_else(|| vec![7; 16]);
    Derived { salt, iterations: derive.iterations, salted_password: salted.into() }
}

fn settings() -> Settings {
    let operator = Operator {
        name: "root".to_owned(),
        password: Some(Password::new("pw".to_owned())),
        fingerprint: None,
        rights: Right::ALL.into_iter().collect(),
    };
    Settings {
        description: "A test server".to_owned(),
        motd: vec!["Be kind".to_owned()],
        instance: "test".to_owned(),
        started: START,
        history: true,
        limits: Limits { channels_per_client: 5, ..Limits::default() },
        accounts: AccountSettings { registration: true, ..AccountSettings::default() },
        operators: vec![operator],
        ..Settings::of("irc.test")
    }
}
