//! The client as a function of state and event: lines from the server and from the person in, steps out. No I/O.

mod history;
mod profile;
mod step;
#[cfg(test)]
mod tests;
mod typed;
mod words;

use std::collections::VecDeque;

use super::help;
use super::input::is_channel;
use super::people::People;
use super::session::{Incoming, Registration, replies};
use super::view::{Entry, Kind, shown};
use crate::limits::client::{CHANNELS, LINE_BYTES, LISTED_ROWS};

pub(super) use self::history::CAPABILITIES as HISTORY;
pub use self::history::Seen;
use self::history::{History, Told};
pub use self::profile::Profile;
pub use self::step::{Port, Step};
use self::words::line;

/// The token of the PING whose answer says that everything asked for at the start has been answered.
const READY_TOKEN: &str = "ready";

/// The same for everything that was typed.
const DONE_TOKEN: &str = "done";

/// The client's state.
#[derive(Debug)]
pub struct Client {
    registration: Registration,
    join: Vec<String>,
    phase: Phase,
    /// Where typed lines go.
    current: Option<String>,
    /// Channels that one is in, in the order in which one came.
    channels: Vec<String>,
    people: People,
    history: History,
    catches_up: bool,
    rows: Vec<String>,
    welcome: Vec<String>,
    /// People of whom it was asked whether they are here, in the order of the answers that come.
    looked_for: VecDeque<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Registering,
    Joining,
    Ready,
    Leaving,
}

impl Client {
    /// A client, and its first steps. The nonce is a word that nobody can foresee, and no other conversation has.
    pub fn start(profile: Profile, nonce: String) -> (Self, Vec<Step>) {
        let (join, welcome) = (profile.join.clone(), profile.welcome.clone());
        let (history, catches_up) = (History::after(profile.seen.clone()), profile.catches_up);
        let mut steps = Vec::new();
        let registration = Registration::start(profile, nonce, &mut steps);
        let client = Self {
            registration,
            join,
            phase: Phase::Registering,
            current: None,
            channels: Vec::new(),
            people: People::default(),
            history,
            catches_up,
            rows: Vec::new(),
            welcome,
            looked_for: VecDeque::new(),
        };
        (client, steps)
    }

    /// One's nickname.
    pub fn nick(&self) -> &str {
        self.registration.nick()
    }

    /// Where typed lines go.
    pub fn current(&self) -> Option<&str> {
        self.current.as_deref()
    }

    /// Channels that one is in, the current one last.
    pub fn channels(&self) -> Vec<String> {
        let mut channels = self.channels.clone();
        channels.sort_by_key(|channel| self.current.as_ref().is_some_and(|current| same_channel(current, channel)));
        channels
    }

    /// What one has seen of the channels, for coming back.
    pub fn seen(&self) -> &[Seen] {
        self.history.seen()
    }

    /// Takes a line from the server, without its CR LF.
    pub fn received(&mut self, line: &[u8]) -> Vec<Step> {
        let mut steps = Vec::new();
        if let Some(incoming) = Incoming::parse(line) {
            self.take(&incoming, &mut steps);
        }
        steps
    }

    fn take(&mut self, incoming: &Incoming, steps: &mut Vec<Step>) {
        if self.phase == Phase::Registering && self.registration.take(incoming, steps) {
            return;
        }
        match incoming.command.as_str() {
            "PING" => steps.push(Step::Send(format!("PONG :{}", incoming.raw_last()))),
            "PONG" => self.token(incoming.raw_last(), steps),
            "376" | "422" if self.phase == Phase::Registering => self.enter_channels(steps),
            "352" | "354" | "322" => self.row(incoming),
            "303" if !self.looked_for.is_empty() => self.found(incoming, steps),
            "315" => self.listed("online", "online", steps),
            "323" => self.listed("channel", "channels", steps),
            // How many users there are is for who asks; in the greeting it only pushes the rest off the screen.
            "251" | "252" | "253" | "254" | "255" | "265" | "266" if self.is_greeted_only() => {}
            "ERROR" if self.phase == Phase::Registering => steps.push(Step::Refused(incoming.last())),
            // The server's good-bye to who has left.
            "ERROR" if self.phase == Phase::Leaving => {}
            _ => self.show(incoming, steps),
        }
    }

    fn is_greeted_only(&self) -> bool {
        matches!(self.phase, Phase::Registering | Phase::Joining)
    }

    fn show(&mut self, incoming: &Incoming, steps: &mut Vec<Step>) {
        let entry = match self.history.take(incoming) {
            Told::Not => return self.show_news(incoming, steps),
            Told::Line => replies::entry(incoming, self.nick()).map(|entry| Entry { said: incoming.said(), ..entry }),
            Told::End(entry) => entry,
            Told::More(next) => return steps.push(Step::Send(next)),
            Told::Silently => None,
        };
        steps.extend(entry.map(Step::Show));
    }

    fn show_news(&mut self, incoming: &Incoming, steps: &mut Vec<Step>) {
        let own = self.registration.is_self(incoming.source_nick());
        self.people.take(incoming, self.registration.nick());
        match incoming.command.as_str() {
            "NICK" if own => self.registration.set_nick(incoming.raw_last()),
            "JOIN" if own => self.joined(incoming.raw(0), steps),
            "PART" if own => self.left(incoming.raw(0)),
            "KICK" if incoming.raw(1).is_some_and(|nick| self.registration.is_self(nick)) => self.left(incoming.raw(0)),
            _ => {}
        }
        steps.extend(replies::entry(incoming, self.nick()).map(Step::Show));
    }

    fn joined(&mut self, channel: Option<&str>, steps: &mut Vec<Step>) {
        let Some(channel) = channel else { return };
        self.left(Some(channel));
        if self.channels.len() < CHANNELS {
            self.channels.push(channel.to_owned());
        }
        self.current = Some(channel.to_owned());
        if self.catches_up && self.keeps_history() {
            steps.push(Step::Send(self.history.on_entering(channel)));
        }
    }

    /// Whether what was said before can be asked for.
    fn keeps_history(&self) -> bool {
        HISTORY.iter().all(|name| self.registration.has(name))
    }

    fn left(&mut self, channel: Option<&str>) {
        let Some(channel) = channel else { return };
        self.channels.retain(|known| !same_channel(known, channel));
        if self.current.as_ref().is_some_and(|current| same_channel(current, channel)) {
            self.current = None;
        }
    }

    fn enter_channels(&mut self, steps: &mut Vec<Step>) {
        self.phase = Phase::Joining;
        for channel in std::mem::take(&mut self.join) {
            steps.push(Step::Send(format!("JOIN {channel}")));
            self.current = Some(channel);
        }
        steps.push(Step::Send(format!("PING :{READY_TOKEN}")));
    }

    fn token(&mut self, token: &str, steps: &mut Vec<Step>) {
        match (token, self.phase) {
            (READY_TOKEN, Phase::Joining) => {
                self.phase = Phase::Ready;
                steps.push(Step::Ready);
            }
            (DONE_TOKEN, Phase::Ready) => self.leave(None, steps),
            _ => {}
        }
    }

    /// How a word may go on: a command where it begins a line, a channel of one's own, or somebody's nickname.
    pub fn complete(&self, word: &str, begins: bool) -> Vec<String> {
        let is_so = |name: &&str| name.to_ascii_lowercase().starts_with(&word.to_ascii_lowercase());
        if begins && word.starts_with('/') {
            return help::verbs().filter(is_so).map(str::to_owned).collect();
        }
        if is_channel(word) {
            return self.channels.iter().map(String::as_str).filter(is_so).map(str::to_owned).collect();
        }
        self.people.named(word, self.current(), self.nick())
    }

    /// Of a person who is not here it is told before anything is typed.
    fn found(&mut self, incoming: &Incoming, steps: &mut Vec<Step>) {
        let Some(wanted) = self.looked_for.pop_front() else { return };
        if !incoming.raw_last().split_whitespace().any(|nick| nick.eq_ignore_ascii_case(&wanted)) {
            let text = format!("{} is not online, and gets nothing of it; /list shows who is", shown(&wanted));
            steps.push(Step::Show(Entry::new(Kind::Event, text)));
        }
    }

    fn row(&mut self, incoming: &Incoming) {
        if self.rows.len() < LISTED_ROWS {
            self.rows.push(replies::row(incoming));
        }
    }

    fn listed(&mut self, one: &str, many: &str, steps: &mut Vec<Step>) {
        let rows = std::mem::take(&mut self.rows);
        let what = if rows.len() == 1 { one } else { many };
        steps.push(Step::Show(Entry::new(Kind::Answer, format!("{} {what}", rows.len()))));
        steps.extend(rows.into_iter().map(|row| Step::Show(Entry::new(Kind::Answer, format!("  {row}")))));
    }

    /// No more will be typed: leaves when everything sent so far has been answered.
    pub fn input_ended(&mut self) -> Vec<Step> {
        match self.phase {
            Phase::Ready => vec![Step::Send(format!("PING :{DONE_TOKEN}"))],
            Phase::Leaving => Vec::new(),
            Phase::Registering | Phase::Joining => {
                let mut steps = Vec::new();
                self.leave(None, &mut steps);
                steps
            }
        }
    }

    fn leave(&mut self, reason: Option<String>, steps: &mut Vec<Step>) {
        self.phase = Phase::Leaving;
        let mut reason = reason.unwrap_or_default();
        let most = reason.floor_char_boundary(LINE_BYTES - "QUIT :".len());
        if most < reason.len() {
            reason.truncate(most);
            let text = "the reason is cut: a line has no room for more";
            steps.push(Step::Show(Entry::new(Kind::Event, text)));
        }
        let parameters: Vec<String> = Some(reason).filter(|reason| !reason.is_empty()).into_iter().collect();
        steps.push(Step::Send(line("QUIT", &parameters)));
        steps.push(Step::Leave);
    }
}

fn same_channel(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}
