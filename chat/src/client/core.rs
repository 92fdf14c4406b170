//! The client as a function of state and event: lines from the server and from the person in, steps out. No I/O.

use super::help;
use super::input::{Input, is_channel};
use super::people::People;
use super::secret::Secret;
use super::session::{Incoming, Login, Registration, replies};
use super::view::{Entry, Kind};
use crate::limits::client::{CHANNELS, LISTED_ROWS, TEXT_BYTES};

/// The token of the PING whose answer says that everything asked for at the start has been answered.
const READY_TOKEN: &str = "ready";

/// The same for everything that was typed.
const DONE_TOKEN: &str = "done";

/// Who wants to be whom, where.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The nickname wanted.
    pub nick: String,
    /// The user name, shown in the host mask.
    pub user: String,
    /// The real name, shown by `/whois`.
    pub real_name: String,
    /// Channels to enter at once.
    pub join: Vec<String>,
    /// A client certificate is shown, so that SASL EXTERNAL can log in.
    pub certificate: bool,
    /// An account to log in to with its password, before all else.
    pub login: Option<Login>,
    /// What the server wants of every connection.
    pub password: Option<Secret>,
    /// The ticket for the port that this is: the server assigned it before.
    pub ticket: Option<String>,
    /// No port of one's own is asked for.
    pub stays: bool,
    /// What was told at the start, for who wants to read it again.
    pub welcome: Vec<String>,
}

/// What the link and the interface are to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send a line; without CR LF.
    Send(String),
    /// Send a line that nobody else may see.
    SendSecret(Secret),
    /// Show something.
    Show(Entry),
    /// Registered, and in all channels asked for: typed lines may come.
    Ready,
    /// No more is sent; the server closes.
    Leave,
    /// The server has a port for us alone: go on there, with the ticket first.
    Moved(Port),
    /// It could not be: the server did not take us in.
    Refused(String),
    /// It could not be: there is no login to the account that was named.
    NotLoggedIn(String),
}

/// A port that the server assigned to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// The server that has it; none where it is the one that told of it.
    pub host: Option<String>,
    /// Its number.
    pub number: u16,
    /// What proves there who we are, where our certificate does not.
    pub ticket: String,
}

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
    rows: Vec<String>,
    welcome: Vec<String>,
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
        let mut steps = Vec::new();
        let registration = Registration::start(profile, nonce, &mut steps);
        let client = Self {
            registration,
            join,
            phase: Phase::Registering,
            current: None,
            channels: Vec::new(),
            people: People::default(),
            rows: Vec::new(),
            welcome,
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
        let own = self.registration.is_self(incoming.source_nick());
        self.people.take(incoming, self.registration.nick());
        match incoming.command.as_str() {
            "NICK" if own => self.registration.set_nick(incoming.raw_last()),
            "JOIN" if own => self.joined(incoming.raw(0)),
            "PART" if own => self.left(incoming.raw(0)),
            "KICK" if incoming.raw(1).is_some_and(|nick| self.registration.is_self(nick)) => self.left(incoming.raw(0)),
            _ => {}
        }
        steps.extend(replies::entry(incoming, self.nick()).map(Step::Show));
    }

    fn joined(&mut self, channel: Option<&str>) {
        let Some(channel) = channel else { return };
        self.left(Some(channel));
        if self.channels.len() < CHANNELS {
            self.channels.push(channel.to_owned());
        }
        self.current = Some(channel.to_owned());
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

    /// Takes a line that was typed.
    pub fn typed(&mut self, line: &str) -> Vec<Step> {
        let mut steps = Vec::new();
        self.obey(Input::parse(line), &mut steps);
        steps
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

    fn obey(&mut self, input: Input, steps: &mut Vec<Step>) {
        match input {
            Input::Empty => {}
            Input::Say(text) => self.say(&text, steps),
            Input::Act(text) => self.act(&text, steps),
            Input::Message { to, text } => self.message(&to, &text, steps),
            Input::Talk { to, text } => self.talk(to, text, steps),
            Input::Switch(to) => self.switch(to.as_deref(), steps),
            Input::Join { channel, key } => self.enter(channel, key, steps),
            Input::Command("", parameters) => steps.extend(parameters.into_iter().map(Step::Send)),
            Input::Command(verb, parameters) => steps.push(Step::Send(line(verb, &parameters))),
            Input::About { verb, channel, rest } => self.about(verb, channel, rest, steps),
            Input::Owned { subcommand, channel, words } => self.owned(subcommand, channel, words, steps),
            // WHOX, which says accounts; the token tells servers that know it apart.
            Input::Accounts(of) => steps.push(Step::Send(format!("WHO {} %tna,1", of.as_deref().unwrap_or("*")))),
            Input::Users => steps.push(Step::Send("WHO *".to_owned())),
            Input::Quit(reason) => self.leave(reason, steps),
            Input::Welcome => steps.extend(answers(self.welcome())),
            Input::Help(None) => steps.extend(answers(help::overview())),
            Input::Help(Some(command)) => steps.extend(help_of(&command)),
            Input::Wrong(text) => steps.push(Step::Show(Entry::new(Kind::Error, text))),
        }
    }

    fn say(&mut self, text: &str, steps: &mut Vec<Step>) {
        match self.current.clone() {
            Some(channel) => self.message(&channel, text, steps),
            None => steps.push(no_channel()),
        }
    }

    fn act(&mut self, text: &str, steps: &mut Vec<Step>) {
        let Some(channel) = self.current.clone() else { return steps.push(no_channel()) };
        for part in parts(text) {
            steps.push(Step::Send(format!("PRIVMSG {channel} :\x01ACTION {part}\x01")));
            let kind = Kind::Action { from: self.nick().to_owned() };
            self.show_own(&channel, kind, part, steps);
        }
    }

    fn message(&mut self, to: &str, text: &str, steps: &mut Vec<Step>) {
        for part in parts(text) {
            steps.push(Step::Send(format!("PRIVMSG {to} :{part}")));
            let kind = Kind::Message { from: self.nick().to_owned() };
            self.show_own(to, kind, part, steps);
        }
    }

    /// With echo-message the server says it back once it was taken; that is shown instead.
    fn show_own(&self, place: &str, kind: Kind, text: &str, steps: &mut Vec<Step>) {
        if !self.registration.has("echo-message") {
            steps.push(Step::Show(Entry::at(place, kind, text)));
        }
    }

    fn enter(&mut self, channel: String, key: Option<String>, steps: &mut Vec<Step>) {
        let parameters: Vec<String> = std::iter::once(channel.clone()).chain(key).collect();
        steps.push(Step::Send(line("JOIN", &parameters)));
        // The server takes lines in their order, so what is typed next can be meant for it already.
        self.current = Some(channel);
    }

    /// What is typed goes to one person from here on.
    fn talk(&mut self, to: String, text: Option<String>, steps: &mut Vec<Step>) {
        let told = format!("what you type goes to {}; /switch goes back", super::view::shown(&to));
        steps.push(Step::Show(Entry::new(Kind::Event, told)));
        if let Some(text) = text {
            self.message(&to, &text, steps);
        }
        self.current = Some(to);
    }

    /// To the channel that is named, else to the one after the current one.
    fn switch(&mut self, to: Option<&str>, steps: &mut Vec<Step>) {
        let position = |name: &str| self.channels.iter().position(|channel| same_channel(channel, name));
        let wanted = match to {
            Some(name) => position(name).or_else(|| position(&format!("#{name}"))),
            None => {
                let here = self.current.as_deref().and_then(position);
                here.map_or(0, |at| at + 1).checked_rem(self.channels.len())
            }
        };
        match wanted.and_then(|at| self.channels.get(at)).cloned() {
            Some(channel) => {
                steps.push(Step::Show(Entry::new(
                    Kind::Event,
                    format!("what you type goes to {}", super::view::shown(&channel)),
                )));
                self.current = Some(channel);
            }
            None => steps.push(Step::Show(Entry::new(Kind::Error, self.not_there(to)))),
        }
    }

    fn not_there(&self, name: Option<&str>) -> String {
        match name {
            Some(name) => {
                format!("you are not in {0}: /join {0}, or /query {0} for a person", super::view::shown(name))
            }
            None => "you are in no channel: /join #CHANNEL".to_owned(),
        }
    }

    fn welcome(&self) -> Vec<String> {
        if self.welcome.is_empty() {
            let nick = super::view::shown(self.nick());
            return vec![format!(
                "you are {nick}; /list shows who is online, /channels where they talk, /help the commands"
            )];
        }
        self.welcome.clone()
    }

    /// The channel that one types into, where it is one.
    fn current_channel(&self) -> Option<String> {
        self.current.clone().filter(|place| is_channel(place))
    }

    fn about(&mut self, verb: &str, channel: Option<String>, rest: Option<String>, steps: &mut Vec<Step>) {
        let Some(channel) = channel.or_else(|| self.current_channel()) else { return steps.push(no_channel()) };
        let parameters = match (verb, rest) {
            ("INVITE", Some(nick)) => vec![nick, channel],
            ("KICK", Some(rest)) => {
                let (nick, reason) = rest.split_once(' ').unwrap_or((&rest, "no reason given"));
                vec![channel, nick.to_owned(), reason.trim_start().to_owned()]
            }
            (_, rest) => std::iter::once(channel).chain(rest).collect(),
        };
        steps.push(Step::Send(line(verb, &parameters)));
    }

    fn owned(&mut self, subcommand: &str, channel: Option<String>, words: Vec<String>, steps: &mut Vec<Step>) {
        let Some(channel) = channel.or_else(|| self.current_channel()) else { return steps.push(no_channel()) };
        let parameters: Vec<String> = [subcommand.to_owned(), channel].into_iter().chain(words).collect();
        steps.push(Step::Send(line("CHANNEL", &parameters)));
    }

    fn leave(&mut self, reason: Option<String>, steps: &mut Vec<Step>) {
        self.phase = Phase::Leaving;
        steps.push(Step::Send(line("QUIT", &reason.into_iter().collect::<Vec<_>>())));
        steps.push(Step::Leave);
    }
}

fn same_channel(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

fn no_channel() -> Step {
    Step::Show(Entry::new(Kind::Error, "you are in no channel: /join #CHANNEL, or /msg NICK TEXT"))
}

fn answers(rows: Vec<String>) -> impl Iterator<Item = Step> {
    rows.into_iter().map(|row| Step::Show(Entry::new(Kind::Answer, row)))
}

fn help_of(command: &str) -> Vec<Step> {
    let rows = help::of(command);
    if rows.is_empty() {
        let text = format!("no command {}; /help lists them", super::view::shown(command));
        return vec![Step::Show(Entry::new(Kind::Error, text))];
    }
    answers(rows).collect()
}

/// A line of IRC. The last parameter is marked as such where it needs it.
fn line(verb: &str, parameters: &[String]) -> String {
    let mut line = verb.to_owned();
    for (index, parameter) in parameters.iter().enumerate() {
        let last = index + 1 == parameters.len();
        let marked = last && (parameter.is_empty() || parameter.starts_with(':') || parameter.contains(' '));
        line.push_str(if marked { " :" } else { " " });
        line.push_str(parameter);
    }
    line
}

/// A text in parts that each fit a line, cut between words, or between characters where a word is too long.
fn parts(mut text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    while text.len() > TEXT_BYTES {
        let most = text.floor_char_boundary(TEXT_BYTES);
        // The space may stand right after what fits. It is not said: no part begins or ends with it.
        let space = text[..text.ceil_char_boundary(most + 1)].rfind(' ').filter(|at| *at > TEXT_BYTES / 2);
        let (part, rest) = space.map_or_else(|| text.split_at(most), |at| (&text[..at], &text[at + 1..]));
        parts.push(part);
        text = rest;
    }
    parts.push(text);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::scram::tests::{CHALLENGE, NONCE, PROOF, SIGNATURE, secret};
    use crate::wire::base64;

    fn profile(certificate: bool) -> Profile {
        Profile {
            nick: "alice".into(),
            user: "alice".into(),
            real_name: "Alice".into(),
            join: vec!["#lobby".into()],
            certificate,
            login: None,
            password: None,
            ticket: None,
            stays: false,
            welcome: Vec::new(),
        }
    }

    fn started(profile: Profile) -> (Client, Vec<Step>) {
        Client::start(profile, NONCE.to_owned())
    }

    fn sent(steps: &[Step]) -> Vec<&str> {
        steps.iter().filter_map(|step| if let Step::Send(line) = step { Some(line.as_str()) } else { None }).collect()
    }

    fn text(steps: &[Step]) -> Vec<String> {
        steps
            .iter()
            .filter_map(|step| if let Step::Show(entry) = step { Some(entry.to_string()) } else { None })
            .collect()
    }

    fn ready() -> Client {
        let (mut client, _) = started(profile(false));
        client.received(b":s CAP * LS :multi-prefix");
        client.received(b":s 001 alice :Welcome");
        client.received(b":s 422 alice :No MOTD");
        client.received(b":alice!a@h JOIN #lobby");
        assert_eq!(client.received(b":s PONG s :ready"), [Step::Ready]);
        client
    }

    #[test]
    fn the_channels_that_one_is_in_are_known_the_current_one_last() {
        let mut client = ready();
        for line in [":alice!a@h JOIN #tea", ":alice!a@h JOIN #cake", ":alice!a@h JOIN #Tea", ":bob!b@h JOIN #other"] {
            client.received(line.as_bytes());
        }
        assert_eq!(client.channels(), ["#lobby", "#cake", "#Tea"]);
        client.typed("/join #lobby");
        assert_eq!(client.channels(), ["#cake", "#Tea", "#lobby"]);
        client.received(b":alice!a@h PART #CAKE");
        client.received(b":op!o@h KICK #tea alice :out");
        assert_eq!(client.channels(), ["#lobby"]);
    }

    #[test]
    fn a_certificate_logs_in_with_sasl_external() {
        let (mut client, steps) = started(profile(true));
        assert_eq!(sent(&steps), ["CAP LS 302", "NICK alice", "USER alice 0 * Alice"]);
        let steps = client.received(b":s CAP * LS :sasl=EXTERNAL echo-message");
        assert_eq!(sent(&steps), ["CAP REQ :echo-message sasl"]);
        assert_eq!(sent(&client.received(b":s CAP * ACK :echo-message sasl")), ["AUTHENTICATE EXTERNAL"]);
        assert_eq!(sent(&client.received(b"AUTHENTICATE +")), ["AUTHENTICATE +"]);
        assert_eq!(sent(&client.received(b":s 903 alice :done")), ["CAP END"]);
    }

    #[test]
    fn a_failed_login_is_shown_and_does_not_stop_the_registration() {
        let (mut client, _) = started(profile(true));
        client.received(b":s CAP * LS :sasl=EXTERNAL");
        client.received(b":s CAP * ACK :sasl");
        let steps = client.received(b":s 904 alice :no account");
        assert_eq!(sent(&steps), ["CAP END"]);
        assert_eq!(text(&steps), ["!! no account"]);
    }

    fn with_password(offer: &str) -> (Client, Vec<Step>) {
        let login = Login { account: "user".into(), password: secret("pencil") };
        let (mut client, _) = started(Profile { login: Some(login), ..profile(true) });
        let steps = client.received(format!(":s CAP * LS :{offer}").as_bytes());
        (client, steps)
    }

    fn authenticate(message: &str) -> String {
        format!("AUTHENTICATE {}", base64::encode(message.as_bytes()))
    }

    #[test]
    fn a_password_is_proven_and_never_sent() {
        let (mut client, steps) = with_password("sasl=EXTERNAL,SCRAM-SHA-256,PLAIN");
        assert_eq!(sent(&steps), ["CAP REQ :sasl"]);
        assert_eq!(sent(&client.received(b":s CAP * ACK :sasl")), ["AUTHENTICATE SCRAM-SHA-256"]);
        let first = authenticate(&format!("n,,n=user,r={NONCE}"));
        assert_eq!(sent(&client.received(b"AUTHENTICATE +")), [first]);
        assert_eq!(sent(&client.received(authenticate(CHALLENGE).as_bytes())), [authenticate(PROOF)]);
        assert_eq!(sent(&client.received(authenticate(SIGNATURE).as_bytes())), ["AUTHENTICATE +"]);
        assert_eq!(sent(&client.received(b":s 903 alice :done")), ["CAP END"]);
    }

    #[test]
    fn who_names_an_account_does_not_come_in_without_it() {
        for (offer, lines) in [
            ("echo-message", &[][..]),
            ("sasl=EXTERNAL,PLAIN", &[]),
            ("sasl", &[":s CAP * NAK :sasl"]),
            ("sasl", &[":s CAP * ACK :sasl", "AUTHENTICATE +", ":s 904 alice :wrong password"]),
            ("sasl", &[":s CAP * ACK :sasl", "AUTHENTICATE +", ":s 903 alice :come in, whatever it is"]),
            ("sasl", &[":s CAP * ACK :sasl", "AUTHENTICATE +", "AUTHENTICATE nonsense"]),
            ("sasl", &[":s CAP * ACK :sasl", ":s 001 alice :Welcome, whoever you are"]),
        ] {
            let (mut client, mut steps) = with_password(offer);
            steps.extend(lines.iter().flat_map(|line| client.received(line.as_bytes())));
            assert!(matches!(steps.last(), Some(Step::NotLoggedIn(_))), "{offer} {lines:?}: {steps:?}");
            assert_eq!(sent(&steps).last(), Some(&"QUIT"), "{offer} {lines:?}");
        }
    }

    #[test]
    fn the_connections_password_goes_first_and_is_not_shown() {
        let (_, steps) = started(Profile { password: Some(secret("open sesame")), ..profile(false) });
        assert_eq!(steps.first(), Some(&Step::SendSecret(secret("PASS :open sesame"))));
        assert!(!format!("{steps:?}").contains("sesame"));
        let (mut client, _) = started(profile(false));
        let steps = client.received(b":s 464 * :Password required");
        assert_eq!(text(&steps), ["!! Password required (with --server-password-file FILE)"]);
    }

    #[test]
    fn a_nickname_in_use_gives_way_to_another_and_ends_at_a_bound() {
        let (mut client, _) = started(profile(false));
        let refusals: Vec<Step> = (0..20).flat_map(|_| client.received(b":s 433 * alice :in use")).collect();
        assert_eq!(sent(&refusals)[0], "NICK alice_");
        assert!(matches!(refusals.last(), Some(Step::Refused(_))), "{refusals:?}");
    }

    #[test]
    fn channels_are_joined_after_the_greeting_and_typing_waits_for_them() {
        let (mut client, _) = started(profile(false));
        client.received(b":s CAP * LS :");
        client.received(b":s 001 alice :Welcome");
        assert_eq!(sent(&client.received(b":s 376 alice :End")), ["JOIN #lobby", "PING :ready"]);
    }

    #[test]
    fn what_is_typed_goes_to_the_current_channel() {
        let mut client = ready();
        let steps = client.typed("hello");
        assert_eq!(sent(&steps), ["PRIVMSG #lobby :hello"]);
        assert_eq!(text(&steps), ["[#lobby] <alice> hello"]);
        client.typed("/join other");
        assert_eq!(sent(&client.typed("x")), ["PRIVMSG #other :x"]);
        client.received(b":alice!a@h PART #other");
        assert!(text(&client.typed("x"))[0].contains("no channel"));
    }

    #[test]
    fn what_is_typed_goes_where_one_switched_to() {
        let mut client = ready();
        client.received(b":alice!a@h JOIN #tea");
        for (typed, place) in [
            ("/switch", "#lobby"),
            ("/switch", "#tea"),
            ("/query bob", "bob"),
            ("/switch", "#lobby"),
            ("/switch tea", "#tea"),
            ("/switch #Lobby", "#lobby"),
        ] {
            client.typed(typed);
            assert_eq!(sent(&client.typed("x")), [format!("PRIVMSG {place} :x")], "{typed}");
        }
        assert_eq!(sent(&client.typed("/query bob hi")), ["PRIVMSG bob :hi"]);
        assert!(text(&client.typed("/topic"))[0].contains("no channel"), "a person has no topic");
        assert!(text(&client.typed("/switch #cake"))[0].contains("/join #cake"));
        assert_eq!(sent(&client.typed("x")), ["PRIVMSG bob :x"]);
    }

    #[test]
    fn commands_channels_and_nicknames_are_completed() {
        let mut client = ready();
        client.received(b":s 353 alice = #lobby :alice @bob bert");
        assert_eq!(client.complete("/wh", true), ["/whois", "/who"]);
        assert_eq!(client.complete("#l", false), ["#lobby"]);
        assert_eq!(client.complete("b", true), ["bert", "bob"]);
        assert!(client.complete("/wh", false).is_empty());
    }

    #[test]
    fn what_was_told_at_the_start_and_the_help_of_a_command_can_be_read_again() {
        let mut client = ready();
        assert!(text(&client.typed("/welcome"))[0].contains("you are alice"));
        let (mut told, _) = started(Profile { welcome: vec!["others join so".into()], ..profile(false) });
        assert_eq!(text(&told.typed("/welcome")), ["others join so"]);
        assert!(text(&client.typed("/help join"))[0].starts_with("/join #CHANNEL"));
        assert!(text(&client.typed("/help nosuch"))[0].contains("no command nosuch"));
    }

    #[test]
    fn a_long_text_goes_out_in_parts_between_words_or_characters() {
        let mut client = ready();
        let steps = client.typed(&"ü".repeat(400));
        assert_eq!(sent(&steps).len(), 3);
        assert!(sent(&steps).iter().all(|line| line.len() < 400));
        let words = "a word ".repeat(120);
        let said = client.typed(&words);
        let parts: Vec<&str> = sent(&said).iter().filter_map(|line| line.strip_prefix("PRIVMSG #lobby :")).collect();
        assert_eq!(parts.join(" "), words);
        assert!(parts.len() == 3 && parts.iter().all(|part| part.starts_with("a word") || part.starts_with("word")));
    }

    #[test]
    fn list_shows_users_and_channels_shows_channels() {
        let mut client = ready();
        assert_eq!(sent(&client.typed("/list")), ["WHO *"]);
        client.received(b":s 352 alice #lobby bob host s bob H :0 Bob B");
        let steps = client.received(b":s 315 alice * :End");
        assert_eq!(text(&steps)[0], "1 online");
        assert!(text(&steps)[1].contains("bob"), "{:?}", text(&steps));
        assert_eq!(sent(&client.typed("/channels")), ["LIST"]);
        client.received(b":s 322 alice #lobby 2 :the topic");
        assert!(text(&client.received(b":s 323 alice :End"))[1].contains("the topic"));
    }

    #[test]
    fn the_end_of_input_leaves_after_everything_was_answered() {
        let mut client = ready();
        assert_eq!(sent(&client.input_ended()), ["PING :done"]);
        let steps = client.received(b":s PONG s :done");
        assert_eq!(sent(&steps), ["QUIT"]);
        assert_eq!(steps.last(), Some(&Step::Leave));
    }

    #[test]
    fn answers_are_shown_after_one_has_left_and_the_good_bye_is_not() {
        let mut client = ready();
        client.typed("/quit");
        assert_eq!(text(&client.received(b":alice!a@h PRIVMSG #lobby :last words")), ["[#lobby] <alice> last words"]);
        assert_eq!(client.received(b"ERROR :Closing link"), []);
    }

    #[test]
    fn commands_about_a_channel_mean_the_current_one() {
        let mut client = ready();
        for (typed, line) in [
            ("/topic", "TOPIC #lobby"),
            ("/topic new topic", "TOPIC #lobby :new topic"),
            ("/invite bob", "INVITE bob #lobby"),
            ("/kick bob be nice", "KICK #lobby bob :be nice"),
            ("/names", "NAMES #lobby"),
            ("/part", "PART #lobby"),
            ("/raw VERSION", "VERSION"),
            ("/register", "CHANNEL REGISTER #lobby"),
            ("/register #tea", "CHANNEL REGISTER #tea"),
            ("/owner", "CHANNEL INFO #lobby"),
            ("/drop #tea", "CHANNEL DROP #tea"),
            ("/transfer #tea carol", "CHANNEL TRANSFER #tea carol"),
            ("/access", "CHANNEL ACCESS #lobby"),
            ("/access add carol op", "CHANNEL ACCESS #lobby ADD carol op"),
            ("/access #tea del carol", "CHANNEL ACCESS #tea DEL carol"),
            ("/accounts", "WHO * %tna,1"),
            ("/accounts #tea", "WHO #tea %tna,1"),
        ] {
            assert_eq!(sent(&client.typed(typed)), [line]);
        }
    }

    #[test]
    fn accounts_are_listed_beside_nicknames() {
        let mut client = ready();
        client.received(b":s 354 alice 1 bob bob@example.test");
        client.received(b":s 354 alice 1 eve 0");
        let listed = text(&client.received(b":s 315 alice * :End"));
        assert_eq!(listed, ["2 online", "  bob              bob@example.test", "  eve              no account"]);
    }

    #[test]
    fn every_command_of_the_help_is_one() {
        for verb in help::verbs() {
            let unknown = format!("no command {verb};");
            assert!(!matches!(Input::parse(verb), Input::Wrong(told) if told.starts_with(&unknown)), "{verb}");
        }
    }

    #[test]
    fn control_characters_of_others_never_reach_the_screen() {
        let mut client = ready();
        let steps = client.received(b":bob!b@h PRIVMSG #lobby :\x1b[2Jboo\x02!");
        assert_eq!(text(&steps), ["[#lobby] <bob> \\u{1b}[2Jboo!"]);
    }

    #[test]
    fn one_is_asked_whether_one_is_there_and_answers() {
        assert_eq!(sent(&ready().received(b"PING :abc")), ["PONG :abc"]);
    }
}
