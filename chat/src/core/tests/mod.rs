//! Several clients talk to a core in virtual time. A test is a script of what is typed and of what everybody then sees.

mod accounts;
mod changes;
mod channels;
mod guests;
mod history;
mod invitations;
mod labels;
mod lists;
mod markers;
mod messages;
mod metadata;
mod modes;
mod monitor;
mod multiline;
mod names;
mod network;
mod operators;
mod ownership;
mod queries;
mod random;
mod ranks;
mod redaction;
mod registration;
mod rename;
mod sasl;
mod simulated;
mod time;
mod who;
mod whowas;

use crate::archive::{Archive, Bounds};
use std::collections::{BTreeMap, VecDeque};

use super::keep::{Answer, AssignedPort, Keep, Question, Record, RecordKind};
use super::{Account, Action, Actions, ClientId, Core, Event, Identity, Limits, LogEntry, Now, Settings};
use crate::server::derive;

pub(super) const START_MS: i64 = 1_769_862_896_000;

pub(super) fn settings() -> Settings {
    Settings {
        network: "TestNet".to_owned(),
        description: "A test server".to_owned(),
        motd: vec!["Be kind".to_owned()],
        version: "chat-0.1.0".to_owned(),
        instance: "test".to_owned(),
        created: "today".to_owned(),
        started: Now { unix_ms: START_MS },
        ..Settings::of("irc.test")
    }
}

pub(super) fn identity(account: &str) -> Identity {
    let (account, refusal) = match Account::parse(account) {
        Ok(account) => (Some(account), None),
        Err(error) => (None, Some(error.to_string())),
    };
    Identity { account, refusal, fingerprint: "ab12".to_owned(), not_after_unix: 2_000_000_000 }
}

/// A core, its clients by name, and what each was sent.
pub(super) struct World {
    pub(super) core: Core,
    pub(super) now: Now,
    pub(super) logs: Vec<LogEntry>,
    pub(super) kept: Vec<Keep>,
    asked: VecDeque<(ClientId, Question)>,
    /// False: questions wait until [`World::answer`].
    pub(super) answers_at_once: bool,
    /// Whether clients may have a port of their own.
    pub(super) may_move: bool,
    pub(super) archive: Archive,
    pub(super) wake_at: Option<i64>,
    names: BTreeMap<String, ClientId>,
    connections: u64,
    seen: Vec<String>,
}

impl World {
    pub(super) fn new() -> World {
        World::with(settings())
    }

    pub(super) fn with(settings: Settings) -> World {
        World::with_records(settings, &[])
    }

    /// With what an earlier run kept.
    pub(super) fn with_records(settings: Settings, records: &[Record]) -> World {
        let now = Now { unix_ms: START_MS };
        World {
            core: Core::new(settings, records),
            now,
            logs: vec![],
            kept: vec![],
            asked: VecDeque::new(),
            answers_at_once: true,
            may_move: false,
            archive: Archive::in_memory(Bounds::default()).unwrap(),
            wake_at: None,
            names: BTreeMap::new(),
            connections: 0,
            seen: vec![],
        }
    }

    /// Lets registered users come in, each named as its nickname.
    pub(super) fn users(mut self, names: &[&str]) -> World {
        names.iter().for_each(|name| self.user(name, "", None));
        self
    }

    /// Lets one come in, with capabilities and an account.
    pub(super) fn user(&mut self, name: &str, capabilities: &str, account: Option<&str>) {
        self.connect(name, true, account.map(identity));
        if !capabilities.is_empty() {
            self.line(name, &format!("CAP REQ :{capabilities}"));
            self.line(name, "CAP END");
        }
        self.line(name, &format!("NICK {name}"));
        self.line(name, &format!("USER {name} 0 * :The {name}"));
        self.seen.clear();
    }

    /// Lets one come in whose certificate ends at this time.
    pub(super) fn user_until(&mut self, name: &str, not_after_unix: i64) {
        self.connect(name, true, Some(Identity { not_after_unix, ..identity(name) }));
        self.line(name, &format!("NICK {name}"));
        self.line(name, &format!("USER {name} 0 * :The {name}"));
        self.seen.clear();
    }

    pub(super) fn connect(&mut self, name: &str, secure: bool, identity: Option<Identity>) {
        let host = format!("10.0.0.{}", self.connections + 1);
        self.connect_from(name, host, secure, identity);
    }

    pub(super) fn connect_from(&mut self, name: &str, host: String, secure: bool, identity: Option<Identity>) {
        self.connections += 1;
        let client = ClientId(self.connections);
        self.names.insert(name.to_owned(), client);
        self.event(Event::Accepted { client, host, secure, identity, may_move: self.may_move });
    }

    pub(super) fn client(&self, name: &str) -> ClientId {
        self.names[name]
    }

    pub(super) fn line(&mut self, name: &str, line: &str) {
        self.bytes(name, line.as_bytes());
    }

    pub(super) fn bytes(&mut self, name: &str, line: &[u8]) {
        self.event(Event::Line { client: self.client(name), line: line.to_vec() });
    }

    pub(super) fn event(&mut self, event: Event) {
        let mut actions = Actions::new();
        self.core.handle(self.now, event, &mut actions);
        for action in actions.drain() {
            self.record(action);
        }
        while self.answers_at_once && self.answer() {}
    }

    /// Answers the question that waits longest, as the edge does. False if there is none.
    pub(super) fn answer(&mut self) -> bool {
        let Some((client, question)) = self.asked.pop_front() else { return false };
        let answer = match question {
            Question::Port { fingerprint: Some(fingerprint) } => Answer::Port(AssignedPort {
                node: None,
                number: 7001,
                ticket: format!("for-{fingerprint}"),
                seconds: 10,
            }),
            Question::Port { .. } => Answer::Unavailable,
            Question::Random { length } => Answer::Random(vec![7; length]),
            Question::Derive(asked) => derive(asked),
            question => self.archive.answer(&question).unwrap(),
        };
        self.event(Event::Answered { client, answer: Box::new(answer) });
        true
    }

    fn record(&mut self, action: Action) {
        match action {
            Action::Send { client, line } => {
                let line = std::str::from_utf8(&line).unwrap().strip_suffix("\r\n").unwrap().to_owned();
                self.seen.push(format!("{} < {line}", self.name(client)));
            }
            Action::Close { client, .. } => self.seen.push(format!("{} closed", self.name(client))),
            Action::WakeAt { at_ms } => self.wake_at = Some(at_ms),
            Action::Reload => self.seen.push("reload".to_owned()),
            Action::Log(entry) => self.logs.push(*entry),
            Action::Keep(keep) => {
                self.archive.keep(&keep).unwrap();
                // That somebody came with a certificate is kept in every test, and is what few of them are about.
                if !matches!(*keep, Keep::Put { kind: RecordKind::CertificateAccount, .. }) {
                    self.kept.push(*keep);
                }
            }
            Action::Ask { client, question } => self.asked.push_back((client, *question)),
            Action::Listen { client, listens } => {
                let name = self.name(client);
                self.seen.push(format!("{name} is {}read", if listens { "" } else { "not " }));
            }
            Action::Propose(_) | Action::Describe { .. } => unreachable!("a server by itself asks nobody"),
        }
    }

    fn name(&self, client: ClientId) -> &str {
        self.names.iter().find(|(_, id)| **id == client).map_or("?", |(name, _)| name)
    }

    /// What everybody saw since the last call.
    pub(super) fn seen(&mut self) -> Vec<String> {
        std::mem::take(&mut self.seen)
    }

    /// Lets time pass, and the alarm go off whenever it is due.
    pub(super) fn pass(&mut self, seconds: i64) {
        let end = self.now.unix_ms + seconds * 1000;
        while let Some(at_ms) = self.wake_at.filter(|at_ms| *at_ms <= end) {
            self.now = Now { unix_ms: at_ms.max(self.now.unix_ms) };
            self.wake_at = None;
            self.event(Event::Tick);
        }
        self.now = Now { unix_ms: end };
    }

    /// Plays a script: `alice > LINE` is typed, and the `bob < LINE` after it are all that anybody then sees, in order.
    /// `…` stands for any text. Numerics may leave out `:irc.test` and the nickname: `bob < 401 nobody :No such nick`.
    pub(super) fn play(&mut self, script: &str) {
        let mut rows = script.lines().map(str::trim).filter(|row| !row.is_empty()).peekable();
        while let Some(row) = rows.next() {
            let (name, line) = row.split_once(" > ").unwrap_or_else(|| panic!("not typed by anybody: {row}"));
            self.line(name, line);
            let mut expected = Vec::new();
            while let Some(row) = rows.next_if(|row| !row.contains(" > ")) {
                expected.push(row);
            }
            let seen = self.seen();
            let same = seen.len() == expected.len() && seen.iter().zip(&expected).all(|(seen, row)| fits(seen, row));
            assert!(same, "after {row}\nexpected {expected:#?}\nseen     {seen:#?}");
        }
    }
}

fn fits(seen: &str, expected: &str) -> bool {
    let expected = complete(expected);
    let mut parts = expected.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = seen.strip_prefix(first) else { return false };
    let mut exact = rest.is_empty();
    for part in parts {
        let Some(at) = (if part.is_empty() { Some(rest.len()) } else { rest.find(part) }) else { return false };
        rest = &rest[at + part.len()..];
        exact = rest.is_empty();
    }
    exact
}

/// `bob < 401 x` becomes `bob < :irc.test 401 bob x`.
fn complete(expected: &str) -> String {
    let Some((name, line)) = expected.split_once(" < ") else { return expected.to_owned() };
    match line.get(..3).filter(|code| code.bytes().all(|byte| byte.is_ascii_digit())) {
        Some(code) => format!("{name} < :irc.test {code} {name}{}", &line[3..]),
        None => expected.to_owned(),
    }
}
