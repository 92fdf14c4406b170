//! What a person types: a message, or a command that begins with `/`.

use crate::limits::client::HISTORY_ASKED;

/// A typed line, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Nothing.
    Empty,
    /// Say it where one is.
    Say(String),
    /// `/me`
    Act(String),
    /// `/msg NICK TEXT`
    Message {
        /// To whom.
        to: String,
        /// What.
        text: String,
    },
    /// `/query NICK [TEXT]`
    Talk {
        /// With whom.
        to: String,
        /// What is said at once.
        text: Option<String>,
    },
    /// `/switch [#CHANNEL]`
    Switch(Option<String>),
    /// `/join CHANNEL [KEY]`
    Join {
        /// Which, with its `#`.
        channel: String,
        /// Its key.
        key: Option<String>,
    },
    /// A command that goes to the server as it is: verb and parameters, the last of which may have spaces.
    Command(&'static str, Vec<String>),
    /// A command about a channel, which is the current one where none was named.
    About {
        /// The verb.
        verb: &'static str,
        /// The channel, if named.
        channel: Option<String>,
        /// The rest, as one parameter.
        rest: Option<String>,
    },
    /// A command about what belongs to accounts: of the current channel where none was named.
    Owned {
        /// What of it: `REGISTER`, say.
        subcommand: &'static str,
        /// The channel, if named.
        channel: Option<String>,
        /// What follows it.
        words: Vec<String>,
    },
    /// `/accounts [#CHANNEL]`
    Accounts(Option<String>),
    /// `/history [#CHANNEL or NICK] [LINES]`
    History {
        /// Of whom or what; the current one where none is named.
        of: Option<String>,
        /// How many lines.
        lines: usize,
    },
    /// `/list`: who is online.
    Users,
    /// `/quit [REASON]`
    Quit(Option<String>),
    /// `/welcome`
    Welcome,
    /// `/help [COMMAND]`
    Help(Option<String>),
    /// It makes no sense; the text says what would.
    Wrong(String),
}

impl Input {
    /// Understands a typed line. Control characters become spaces: a line break would begin another command.
    pub fn parse(line: &str) -> Self {
        let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        match line.strip_prefix('/') {
            None if line.trim().is_empty() => Self::Empty,
            None => Self::Say(line),
            Some(said) if said.starts_with('/') => Self::Say(said.to_owned()),
            Some(command) => {
                let (verb, rest) = first_word(command);
                Self::command(&verb.to_ascii_lowercase(), rest)
            }
        }
    }

    fn command(verb: &str, rest: &str) -> Self {
        match verb {
            "list" | "users" => Self::Users,
            "channels" => Self::Command("LIST", words(rest)),
            "join" | "j" => join(rest),
            "part" | "leave" => about("PART", rest),
            "switch" => Self::Switch(words(rest).into_iter().next()),
            "msg" => message(rest),
            "query" => needs(rest, "/query NICK [TEXT]", talk),
            "me" => needs(rest, "/me TEXT", |text| Self::Act(text.to_owned())),
            "nick" => needs(rest, "/nick NICK", |nick| Self::Command("NICK", words(nick))),
            "who" => Self::Command("WHO", or_all(rest)),
            "whois" => needs(rest, "/whois NICK", |nick| Self::Command("WHOIS", words(nick))),
            "names" => about("NAMES", rest),
            "topic" => about("TOPIC", rest),
            "away" => Self::Command("AWAY", one(rest)),
            "invite" => invite(rest),
            "kick" => kick(rest),
            "register" => owned("REGISTER", rest),
            "drop" => owned("DROP", rest),
            "owner" => owned("INFO", rest),
            "transfer" => transfer(rest),
            "access" => access(rest),
            "accounts" => Self::Accounts(words(rest).into_iter().next()),
            "mode" => mode(rest),
            "history" => history(rest),
            "raw" | "quote" => raw(rest),
            "quit" | "exit" => Self::Quit(one(rest).pop()),
            "welcome" => Self::Welcome,
            "help" | "?" => Self::Help(words(rest).into_iter().next()),
            other => Self::Wrong(unknown(other)),
        }
    }
}

/// What other clients call it, and what is typed here.
const ELSEWHERE: [(&str, &str); 14] = [
    ("ban", "/mode +b NICK!*@*"),
    ("unban", "/mode -b NICK!*@*"),
    ("op", "/mode +o NICK"),
    ("deop", "/mode -o NICK"),
    ("voice", "/mode +v NICK"),
    ("devoice", "/mode -v NICK"),
    ("w", "/msg NICK TEXT"),
    ("dm", "/msg NICK TEXT"),
    ("q", "/quit, or /query NICK"),
    ("window", "/switch [#CHANNEL]"),
    ("oper", "/raw OPER NAME PASSWORD"),
    ("ns", "/help register: no services are needed"),
    ("cs", "/help register: no services are needed"),
    ("clear", "Ctrl-L"),
];

fn unknown(verb: &str) -> String {
    match ELSEWHERE.iter().find(|(name, _)| *name == verb) {
        Some((_, here)) => format!("no command /{verb}: here it is {here}"),
        None => format!("no command /{verb}; /help lists them"),
    }
}

/// Of the current channel where the modes come first.
fn mode(rest: &str) -> Input {
    if rest.is_empty() || rest.starts_with(['+', '-']) {
        about("MODE", rest)
    } else {
        Input::Command("MODE", words(rest))
    }
}

fn history(rest: &str) -> Input {
    let words = words(rest);
    let number = |word: &str| word.parse().ok().filter(|lines| *lines > 0);
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Input::History { of: None, lines: HISTORY_ASKED },
        [.., number] if number.parse::<i64>().is_ok_and(|lines| lines < 1) => {
            Input::Wrong("expected /history [#CHANNEL or NICK] [LINES], with a number from 1 on".to_owned())
        }
        [one] => match number(one) {
            Some(lines) => Input::History { of: None, lines },
            None => Input::History { of: Some(one.to_owned()), lines: HISTORY_ASKED },
        },
        [of, lines] if number(lines).is_some() => {
            Input::History { of: Some(of.to_owned()), lines: number(lines).unwrap_or(HISTORY_ASKED) }
        }
        _ => Input::Wrong("expected /history [#CHANNEL or NICK] [LINES]".to_owned()),
    }
}

fn first_word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    text.split_once(' ').map_or((text, ""), |(word, rest)| (word, rest.trim_start()))
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn one(text: &str) -> Vec<String> {
    let text = text.trim_end();
    if text.is_empty() { Vec::new() } else { vec![text.to_owned()] }
}

fn or_all(text: &str) -> Vec<String> {
    let found = words(text);
    if found.is_empty() { vec!["*".to_owned()] } else { found }
}

fn needs(rest: &str, usage: &str, make: impl FnOnce(&str) -> Input) -> Input {
    match rest.trim_end() {
        "" => Input::Wrong(format!("expected {usage}")),
        rest => make(rest),
    }
}

/// Whether a word is a channel's name.
pub fn is_channel(word: &str) -> bool {
    word.starts_with(['#', '&'])
}

fn join(rest: &str) -> Input {
    let (channel, key) = first_word(rest);
    if channel.is_empty() {
        return Input::Wrong("expected /join #CHANNEL".to_owned());
    }
    let channel = if is_channel(channel) { channel.to_owned() } else { format!("#{channel}") };
    Input::Join { channel, key: one(key).pop() }
}

fn message(rest: &str) -> Input {
    let (to, text) = first_word(rest);
    if to.is_empty() || text.is_empty() {
        return Input::Wrong("expected /msg NICK TEXT".to_owned());
    }
    Input::Message { to: to.to_owned(), text: text.to_owned() }
}

fn talk(rest: &str) -> Input {
    let (to, text) = first_word(rest);
    Input::Talk { to: to.to_owned(), text: one(text).pop() }
}

fn about(verb: &'static str, rest: &str) -> Input {
    let (word, after) = first_word(rest);
    let (channel, rest) = if is_channel(word) { (Some(word.to_owned()), after) } else { (None, rest) };
    Input::About { verb, channel, rest: one(rest).pop() }
}

fn invite(rest: &str) -> Input {
    let (nick, channel) = first_word(rest);
    if nick.is_empty() {
        return Input::Wrong("expected /invite NICK [#CHANNEL]".to_owned());
    }
    // The verb's parameters are NICK CHANNEL: the core puts the current channel where none is named.
    Input::About { verb: "INVITE", channel: one(channel).pop(), rest: Some(nick.to_owned()) }
}

/// A channel, if the first word is one, and the words after it.
fn channel_and_words(rest: &str) -> (Option<String>, Vec<String>) {
    let (word, after) = first_word(rest);
    if is_channel(word) { (Some(word.to_owned()), words(after)) } else { (None, words(rest)) }
}

fn owned(subcommand: &'static str, rest: &str) -> Input {
    match channel_and_words(rest) {
        (channel, words) if words.is_empty() => Input::Owned { subcommand, channel, words },
        (_, words) => {
            let found = &words[0];
            Input::Wrong(format!("expected a channel, which begins with #, found {found}"))
        }
    }
}

fn transfer(rest: &str) -> Input {
    match channel_and_words(rest) {
        (channel, words) if words.len() == 1 => Input::Owned { subcommand: "TRANSFER", channel, words },
        _ => Input::Wrong("expected /transfer [#CHANNEL] ACCOUNT".to_owned()),
    }
}

fn access(rest: &str) -> Input {
    let (channel, mut words) = channel_and_words(rest);
    if let Some(verb) = words.first_mut() {
        verb.make_ascii_uppercase();
    }
    let verb = words.first().map_or("LIST", String::as_str);
    match (verb, words.len()) {
        ("LIST", 0 | 1) | ("ADD", 3) | ("DEL", 2) => Input::Owned { subcommand: "ACCESS", channel, words },
        _ => Input::Wrong(
            "expected /access [#CHANNEL], with add ACCOUNT op|halfop|voice or del ACCOUNT after it".to_owned(),
        ),
    }
}

fn kick(rest: &str) -> Input {
    match rest.trim_end() {
        "" => Input::Wrong("expected /kick NICK [REASON]".to_owned()),
        rest => Input::About { verb: "KICK", channel: None, rest: Some(rest.to_owned()) },
    }
}

fn raw(rest: &str) -> Input {
    needs(rest, "/raw LINE", |line| Input::Command("", vec![line.to_owned()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_messages_and_slashes_commands() {
        let text = |text: &str| text.to_owned();
        for (line, expected) in [
            ("hello there", Input::Say(text("hello there"))),
            ("  ", Input::Empty),
            ("//slash", Input::Say(text("/slash"))),
            ("two\r\nQUIT", Input::Say(text("two  QUIT"))),
            ("/list", Input::Users),
            ("/LIST", Input::Users),
            ("/join lobby", Input::Join { channel: text("#lobby"), key: None }),
            ("/join #lobby secret", Input::Join { channel: text("#lobby"), key: Some(text("secret")) }),
            ("/msg bob hi  you", Input::Message { to: text("bob"), text: text("hi  you") }),
            ("/part", Input::About { verb: "PART", channel: None, rest: None }),
            ("/part #a see you", Input::About { verb: "PART", channel: Some(text("#a")), rest: Some(text("see you")) }),
            ("/topic a b", Input::About { verb: "TOPIC", channel: None, rest: Some(text("a b")) }),
            ("/invite bob", Input::About { verb: "INVITE", channel: None, rest: Some(text("bob")) }),
            ("/who", Input::Command("WHO", vec![text("*")])),
            ("/away", Input::Command("AWAY", vec![])),
            ("/query bob", Input::Talk { to: text("bob"), text: None }),
            ("/query bob hi you", Input::Talk { to: text("bob"), text: Some(text("hi you")) }),
            ("/switch", Input::Switch(None)),
            ("/help", Input::Help(None)),
            ("/? join", Input::Help(Some(text("join")))),
            ("/quit", Input::Quit(None)),
            ("/quit bye all", Input::Quit(Some(text("bye all")))),
        ] {
            assert_eq!(Input::parse(line), expected, "{line:?}");
        }
    }

    #[test]
    fn what_is_incomplete_is_told_what_is_missing() {
        for line in ["/access bob", "/access add bob", "/access del", "/transfer", "/register bob", "/drop x y"] {
            assert!(matches!(Input::parse(line), Input::Wrong(_)), "{line}");
        }
        for line in ["/join", "/msg bob", "/nick", "/nosuch", "/kick", "/invite", "/query"] {
            assert!(matches!(Input::parse(line), Input::Wrong(_)), "{line}");
        }
    }
}
