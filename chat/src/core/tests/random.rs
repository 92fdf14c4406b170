//! Random events: whatever clients send, the state stays in step and nobody receives what is not for them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use proptest::prelude::*;

use super::{START_MS, identity, settings};
use crate::core::channel::{ChannelModes, Level};
use crate::core::keep::{Answer, Keep, Question};
use crate::core::limits::{LIST_LENGTH, MONITORED, WHOWAS};
use crate::core::session::UserModes;
use crate::core::{
    AccountSettings, Action, Actions, ClientId, Core, Event, Limits, Now, Operator, Password, Right, Settings,
};
use crate::server::derive;
use crate::wire::casemap::Folded;
use crate::wire::message::Message;
use crate::wire::mode::ChannelMode;

const CLIENTS: u64 = 6;

/// A deed of a client, or of time.
#[derive(Debug, Clone)]
enum Deed {
    Connect(u64, Option<&'static str>),
    Type(u64, String),
    Bytes(u64, Vec<u8>),
    TooLong(u64),
    Lose(u64),
    Wait(i64),
}

fn word() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "#a",
        "#b",
        "#A",
        "#c,#a",
        "0",
        "al",
        "BO",
        "cy",
        "dee",
        "al,bo,#a",
        "*",
        "+o",
        "-o",
        "+b",
        "+ims",
        "-t",
        "+k",
        "+l",
        "+v",
        "3",
        "key",
        "EXTERNAL",
        "PLAIN",
        "SCRAM-SHA-256",
        "AGFsAG9wZW4gc2VzYW1l",
        "AGJvAG9wZW4gc2VzYW1l",
        "biwsbj1hbCxyPXg=",
        ":open sesame",
        "sasl",
        "+",
        "LS",
        "302",
        "END",
        "REQ",
        ":echo-message server-time account-tag message-tags",
        ":batch draft/multiline draft/channel-rename draft/read-marker setname labeled-response",
        ":a text of several words",
        ":",
        ":+i",
        "?*",
        "+hv",
        "-h",
        "+eI",
        "+CMRf",
        "-CMR",
        "@#a",
        "%#A,+#b",
        "~a:bo",
        "~m:*!*@*",
        "root",
        "pw",
        "o%tcuihsnfdlar,7",
        "-",
        "C",
        "S",
        "u",
        "irc.test",
        ":\u{1}VERSION\u{1}",
    ]);
    prop_oneof![9 => fixed.prop_map(str::to_owned), 1 => "\\PC{0,40}"]
}

fn line() -> impl Strategy<Value = String> {
    let verbs = prop::sample::select(vec![
        "JOIN",
        "JOIN",
        "JOIN",
        "PART",
        "PRIVMSG",
        "PRIVMSG",
        "NOTICE",
        "@+typing=active TAGMSG",
        "NICK",
        "NICK",
        "USER a 0 *",
        "MODE #a",
        "MODE #b",
        "MODE",
        "KICK #a",
        "CHANNEL REGISTER",
        "CHANNEL ACCESS #a ADD",
        "CHANNEL DROP",
        "CHANNEL TRANSFER #a",
        "INVITE",
        "TOPIC",
        "NAMES",
        "LIST",
        "WHO",
        "WHOIS",
        "SETNAME",
        "RENAME #a",
        "RENAME #b",
        "MARKREAD",
        "METADATA * SET url",
        "METADATA #a",
        "METADATA * SUB url",
        "BATCH +7 draft/multiline",
        "@batch=7 PRIVMSG #a",
        "BATCH -7",
        "AWAY",
        "CAP",
        "AUTHENTICATE",
        "REGISTER * *",
        "QUIT",
        "PING",
        "USERHOST",
        "ISON",
        "HELP",
        "LUSERS",
        "VERSION",
        "DANCE",
        "OPER root pw",
        "OPER",
        "KILL",
        "WALLOPS",
        "REHASH",
        "MONITOR +",
        "MONITOR",
        "WHOWAS",
        "STATS",
        "LINKS",
        "LIST C>1,T<3,",
        "MODE al +Riw",
        "MODE bo -Roi",
    ]);
    (verbs, prop::collection::vec(word(), 0..4)).prop_map(|(verb, words)| {
        words.iter().fold(verb.to_owned(), |mut line, word| {
            let _ = write!(line, " {word}");
            line
        })
    })
}

fn deed() -> impl Strategy<Value = Deed> {
    let client = 0..CLIENTS;
    let account = prop::sample::select(vec![None, Some("al@example.test"), Some("bo"), Some("Not An Account")]);
    prop_oneof![
        2 => (client.clone(), account).prop_map(|(client, account)| Deed::Connect(client, account)),
        30 => (client.clone(), line()).prop_map(|(client, line)| Deed::Type(client, line)),
        1 => (client.clone(), prop::collection::vec(any::<u8>(), 0..40)).prop_map(|(client, bytes)| Deed::Bytes(client, bytes)),
        1 => client.clone().prop_map(Deed::TooLong),
        1 => client.prop_map(Deed::Lose),
        1 => (0..90_000_i64).prop_map(Deed::Wait),
    ]
}

/// Members with their ranks and modes of each channel, and who listens only to those who are logged in.
struct Picture {
    channels: BTreeMap<String, (BTreeMap<ClientId, Level>, ChannelModes)>,
    deaf: BTreeSet<ClientId>,
    logged_in: bool,
}

impl Picture {
    /// Whether modes and ranks let `client` hear what `sender` says. A sender hears its own echo.
    fn may_hear(&self, client: ClientId, sender: Option<ClientId>, message: &Message<'_>) -> bool {
        let sender = sender.expect("somebody said it");
        let target = message.params()[0];
        let name = target.trim_start_matches(['@', '%', '+']);
        if !name.starts_with('#') {
            return client == sender || self.logged_in || !self.deaf.contains(&client);
        }
        let (levels, modes) = &self.channels[&name.to_ascii_lowercase()];
        let least = target.chars().next().and_then(Level::of_sign).unwrap_or(Level::Member);
        let rank = levels.get(&sender).copied().unwrap_or(Level::Member);
        let ctcp = modes.no_ctcp && message.param(1).is_some_and(|text| text.starts_with("\u{1}VERSION"));
        let silent = rank < Level::Voice
            && (modes.moderated
                || (modes.no_external && !levels.contains_key(&sender))
                || (modes.registered_speak && !self.logged_in));
        let addressed = client == sender || levels.get(&client).is_some_and(|level| *level >= least);
        addressed && !silent && !ctcp
    }
}

/// The core and the socket numbers that clients have at present.
struct Play {
    core: Core,
    now: Now,
    sockets: BTreeMap<u64, ClientId>,
    next: u64,
    kept: BTreeMap<(&'static str, String), String>,
}

impl Play {
    fn new() -> Play {
        let limits = Limits { channels_per_client: 2, commands_per_second: 50, ..Limits::default() };
        let operator = Operator {
            name: "root".to_owned(),
            password: Some(Password::new("pw".to_owned())),
            fingerprint: None,
            rights: Right::ALL.into_iter().collect(),
        };
        let accounts = AccountSettings { registration: true, iterations: 1, ..AccountSettings::default() };
        let settings = Settings { limits, accounts, operators: vec![operator], ..settings() };
        let mut play = Play {
            core: Core::new(settings, &[]),
            now: Now { unix_ms: START_MS },
            sockets: BTreeMap::new(),
            next: 0,
            kept: BTreeMap::new(),
        };
        for (client, nickname) in ["al", "bo", "cy", "dee"].iter().enumerate() {
            let client = client as u64;
            play.act(Deed::Connect(client, None));
            play.act(Deed::Type(client, format!("NICK {nickname}")));
            play.act(Deed::Type(client, format!("USER {nickname} 0 * :x")));
        }
        play
    }

    fn act(&mut self, deed: Deed) {
        let mut next = self.event(deed);
        while let Some(event) = next.take() {
            let sender = if let Event::Line { client, .. } = &event { Some(*client) } else { None };
            let before = self.picture(sender);
            let mut actions = Actions::new();
            self.core.handle(self.now, event, &mut actions);
            for action in actions.drain() {
                self.check_action(&action, sender, &before);
                next = self.answer(action).or(next);
            }
            self.check_state();
        }
    }

    /// What the edge does with a question and with what is to be kept.
    fn answer(&mut self, action: Action) -> Option<Event> {
        let (client, question) = match action {
            Action::Ask { client, question } => (client, *question),
            Action::Keep(keep) => {
                match *keep {
                    Keep::Put { kind, key, value } => drop(self.kept.insert((kind.name(), key), value)),
                    Keep::Forget { kind, key } => drop(self.kept.remove(&(kind.name(), key))),
                    _ => {}
                }
                return None;
            }
            _ => return None,
        };
        let answer = match question {
            Question::Record { kind, key } => Answer::Record(self.kept.get(&(kind.name(), key)).cloned()),
            Question::Derive(asked) => derive(asked),
            Question::Random { length } => Answer::Random(vec![7; length]),
            _ => Answer::Unavailable,
        };
        Some(Event::Answered { client, answer: Box::new(answer) })
    }

    fn event(&mut self, deed: Deed) -> Option<Event> {
        let socket = |play: &Play, client| play.sockets.get(&client).copied();
        Some(match deed {
            Deed::Connect(client, account) => {
                if self.sockets.contains_key(&client) {
                    return None;
                }
                self.next += 1;
                self.sockets.insert(client, ClientId(self.next));
                let identity = account.map(identity);
                Event::Accepted {
                    client: ClientId(self.next),
                    host: "::1".to_owned(),
                    secure: true,
                    identity,
                    may_move: false,
                }
            }
            Deed::Type(client, line) => Event::Line { client: socket(self, client)?, line: line.into_bytes() },
            Deed::Bytes(client, line) => Event::Line { client: socket(self, client)?, line },
            Deed::TooLong(client) => Event::LineTooLong { client: socket(self, client)?, tags: b"@label=x".to_vec() },
            Deed::Lose(client) => Event::Gone { client: self.sockets.remove(&client)?, reason: "lost".to_owned() },
            Deed::Wait(milliseconds) => {
                self.now.unix_ms += milliseconds;
                Event::Tick
            }
        })
    }

    /// What decides who may hear what, before an event.
    fn picture(&self, sender: Option<ClientId>) -> Picture {
        let state = &self.core.state;
        let channels = state.channels.iter().map(|(key, channel)| {
            let levels = channel.members.iter().map(|(client, rank)| (*client, rank.level())).collect();
            (key.as_str().to_owned(), (levels, channel.modes.clone()))
        });
        let deaf =
            state.sessions.iter().filter(|(_, session)| session.modes.only_registered).map(|(client, _)| *client);
        let sender = sender.and_then(|sender| state.sessions.get(&sender));
        let (channels, deaf) = (channels.collect(), deaf.collect());
        Picture { channels, deaf, logged_in: sender.is_some_and(|session| session.account().is_some()) }
    }

    fn check_action(&mut self, action: &Action, sender: Option<ClientId>, before: &Picture) {
        match action {
            Action::Close { client, .. } => self.sockets.retain(|_, socket| socket != client),
            Action::Send { client, line } => {
                let line = line.strip_suffix(b"\r\n").expect("a line ends in CR LF");
                let message = Message::parse(line).expect("a line is a message, without CR and LF inside");
                let body = if line[0] == b'@' { line.iter().position(|byte| *byte == b' ').unwrap() + 1 } else { 0 };
                assert!(line.len() - body <= 510, "{}", line.escape_ascii());
                let said = matches!(message.command, "PRIVMSG" | "NOTICE" | "TAGMSG");
                if said && message.source != Some("irc.test") {
                    let heard = before.may_hear(*client, sender, &message);
                    assert!(heard, "{}", line.escape_ascii());
                }
            }
            Action::Propose(_) | Action::Describe { .. } => unreachable!("a server by itself asks nobody"),
            Action::WakeAt { .. } | Action::Reload | Action::Log(_) | Action::Keep(_) | Action::Ask { .. } => {}
            Action::Listen { .. } => {}
        }
    }

    fn check_lists(&self) {
        let state = &self.core.state;
        let flags = |flag: fn(&UserModes) -> bool| {
            let users = state.sessions.values().filter(|session| session.is_registered());
            users.filter(|session| flag(&session.modes)).count()
        };
        assert_eq!(state.counts.invisible, flags(|modes| modes.invisible));
        assert_eq!(state.counts.operators, flags(|modes| modes.operator));
        for (client, session) in &state.sessions {
            for nickname in &session.monitored {
                assert!(
                    state.watchers[&Folded::new(nickname.as_str())].contains(client),
                    "a nickname knows its watchers"
                );
            }
            assert!(session.monitored.len() <= MONITORED);
        }
        let watched: usize = state.watchers.values().map(BTreeSet::len).sum();
        assert_eq!(watched, state.sessions.values().map(|session| session.monitored.len()).sum::<usize>());
        assert!(state.whowas.len() <= WHOWAS);
        for channel in state.channels.values() {
            for mode in [ChannelMode::Ban, ChannelMode::Exception, ChannelMode::InviteException] {
                let list = channel.lists.of(mode).unwrap();
                let masks: BTreeSet<String> = list.iter().map(|entry| entry.mask.to_ascii_lowercase()).collect();
                assert!(masks.len() == list.len() && list.len() <= LIST_LENGTH, "no mask twice");
            }
        }
    }

    fn check_state(&self) {
        self.check_lists();
        let state = &self.core.state;
        for (client, session) in &state.sessions {
            for key in &session.channels {
                assert!(state.channels[key].members.contains_key(client), "a channel knows its members");
            }
            if let Some(nickname) = session.nickname() {
                assert_eq!(state.holder(nickname.as_str()), Some(*client), "a nickname leads to who has it");
            }
            assert!(session.channels.len() <= 2);
        }
        for (key, channel) in &state.channels {
            assert!(!channel.members.is_empty() || channel.owned.is_some(), "an empty channel is gone");
            for member in channel.members.keys() {
                assert!(state.sessions[member].channels.contains(key), "a member knows its channels");
            }
        }
        let named = state.sessions.values().filter(|session| session.nickname().is_some()).count();
        let registered = state.sessions.values().filter(|session| session.is_registered()).count();
        assert_eq!((state.nicknames.len(), state.counts.registered), (named, registered));
        assert_eq!(state.addresses.values().sum::<usize>(), state.sessions.len());
        assert_eq!(self.sockets.len(), state.sessions.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_deeds_leave_everything_in_step(deeds in prop::collection::vec(deed(), 0..120)) {
        let mut play = Play::new();
        for deed in deeds {
            play.act(deed);
        }
    }
}
