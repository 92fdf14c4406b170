//! A command line that does not read: what was expected, what was found, and the line that was probably meant.
//!
//! `pki` and `chat` both compile this file: it knows the definition of a command line and the words that were typed, and
//! nothing of either program.

use std::error::Error as _;
use std::ffi::OsString;

use ca_store::facts::escape;
use ca_store::san::San;
use ca_store::shell::quote;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Commands that are listed where none is like the word; more of them are what `--help` is for.
const LISTED: usize = 8;

/// What is typed by the habit of other programs, and what does it here.
pub(crate) struct Habit {
    /// The command that it is typed within, or one above that: `pki issue`.
    pub(crate) command: &'static str,
    /// The word; `*` is any that is no option, and `*.*` one with a dot in it, both kept after what stands here.
    pub(crate) word: &'static str,
    /// What stands for it here; nothing where it is only left out.
    pub(crate) instead: &'static str,
}

impl Habit {
    fn is_for(&self, word: &str) -> bool {
        match self.word {
            "*" => !word.starts_with('-'),
            "*.*" => !word.starts_with('-') && word.contains('.'),
            own => own.eq_ignore_ascii_case(word),
        }
    }

    fn keeps_the_word(&self) -> bool {
        self.word.starts_with('*')
    }
}

/// What is said of a line.
pub(crate) struct Mistyped {
    /// What was expected and what was found, without control characters.
    pub(crate) message: String,
    /// A line that can be typed next.
    pub(crate) hint: String,
}

impl Mistyped {
    /// `None` for help that was asked for, and for what clap has better words.
    pub(crate) fn of(
        error: &clap::Error,
        definition: &clap::Command,
        habits: &[Habit],
        typed: &[OsString],
    ) -> Option<Mistyped> {
        // What is below a command that was not typed is built only now.
        let mut whole = definition.clone();
        whole.build();
        let line = Line::new(error, &whole, habits, typed);
        match error.kind() {
            ErrorKind::InvalidSubcommand => line.no_such_command(),
            ErrorKind::UnknownArgument => line.no_such_argument(),
            ErrorKind::InvalidValue => line.refused_value(),
            ErrorKind::ValueValidation => line.malformed_value(),
            ErrorKind::TooManyValues => line.needless_value(),
            ErrorKind::MissingRequiredArgument => line.incomplete(),
            ErrorKind::ArgumentConflict => line.contradictory(),
            _ => None,
        }
    }
}

/// A line and what clap says of it.
struct Line<'a> {
    error: &'a clap::Error,
    /// The program's name, and what was typed after it.
    program: &'a str,
    whole: &'a clap::Command,
    habits: &'a [Habit],
    words: Vec<String>,
    /// The commands that were named: `pki issue server`.
    command: String,
    /// The definition of the last of them.
    within: &'a clap::Command,
}

impl<'a> Line<'a> {
    fn new(error: &'a clap::Error, definition: &'a clap::Command, habits: &'a [Habit], typed: &[OsString]) -> Line<'a> {
        let words: Vec<String> = typed.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        let program = definition.get_name();
        let (mut within, mut command) = (definition, program.to_owned());
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            if let Some(found) = within.find_subcommand(word).filter(|found| found.get_name() != "help") {
                command = format!("{command} {}", found.get_name());
                within = found;
            } else if takes_value(within, word) {
                rest.next();
            }
        }
        Line { error, program, whole: definition, habits, words, command, within }
    }

    fn no_such_command(&self) -> Option<Mistyped> {
        let word = self.text(ContextKind::InvalidSubcommand)?;
        let known: Vec<&str> =
            self.within.get_subcommands().map(clap::Command::get_name).filter(|name| *name != "help").collect();
        if let Some((meant, next)) = self.by_habit(word).or_else(|| self.elsewhere(word)) {
            return Some(self.said(&format!("has no command {}: expected {meant}", shown(word)), next));
        }
        let mut like = self.texts(ContextKind::SuggestedSubcommand);
        like.retain(|like| is_a_slip_of(word, like));
        let expected = match known.as_slice() {
            [only] => format!("expected {only}"),
            known if known.len() <= LISTED => format!("expected one of {}", known.join(", ")),
            _ if like.is_empty() => "expected one of those that its help lists".to_owned(),
            _ => format!("the likest is {}", like.join(" or ")),
        };
        let next = match (like.last(), known.as_slice()) {
            (Some(like), _) => self.with(word, &[like])?,
            // The word is no slip: the only command was left out.
            (None, [only]) => self.with(word, &[only, &quote(word)])?,
            (None, _) => self.help(),
        };
        Some(self.said(&format!("has no command {}: {expected}", shown(word)), next))
    }

    fn no_such_argument(&self) -> Option<Mistyped> {
        let word = self.text(ContextKind::InvalidArg)?;
        if let Some((meant, next)) = self.by_habit(word) {
            return Some(self.said(&format!("does not know {}: expected {meant}", shown(word)), next));
        }
        if !word.starts_with('-') {
            return Some(self.said(&format!("takes nothing more: found {}", shown(word)), self.help()));
        }
        let like = self.text(ContextKind::SuggestedArg).map(flag).filter(|like| is_a_slip_of(word, like));
        let expected = match like {
            Some(like) => format!("the likest is {like}"),
            None => "expected one of those that its help lists".to_owned(),
        };
        let next = like.and_then(|like| self.with(word, &[like])).unwrap_or_else(|| self.help());
        Some(self.said(&format!("has no option {}: {expected}", shown(word)), next))
    }

    fn refused_value(&self) -> Option<Mistyped> {
        let (argument, value) = (self.text(ContextKind::InvalidArg)?, self.text(ContextKind::InvalidValue)?);
        let known = self.texts(ContextKind::ValidValue);
        let name = bare(argument);
        if value.is_empty() {
            let missing = placeholder(argument);
            let completed = || self.with_value(argument, value, &missing).unwrap_or_else(|| self.completed(&missing));
            let (expected, next) =
                if known.is_empty() { (missing.clone(), completed()) } else { (one_of(&known), self.help()) };
            return Some(self.said(&format!("expects {expected} after {}, and found nothing", flag(&name)), next));
        }
        let said = format!("takes {} for {}: found {}", one_of(&known), flag(&name), shown(value));
        // The values have just been listed; which of them was meant nobody knows, and a word like `MTLS` is none of them.
        let like = self.text(ContextKind::SuggestedValue);
        let next = like.map_or_else(|| Some(self.help()), |like| self.with_value(argument, value, like))?;
        Some(self.said(&said, next))
    }

    fn malformed_value(&self) -> Option<Mistyped> {
        let (argument, value) = (self.text(ContextKind::InvalidArg)?, self.text(ContextKind::InvalidValue)?);
        let told = self.error.source()?.to_string();
        // Who reads a value may know what was meant, and say it as a line of its own.
        let (why, meant) = match told.split_once("\n\n  ") {
            Some((why, meant)) => (why, Some(meant.to_owned())),
            None => (told.as_str(), None),
        };
        let why = if is_about_a_number(why) { "expected a whole number" } else { why };
        // Most reasons say themselves what was found.
        let found = if names(why, value) { String::new() } else { format!(", found {}", shown(value)) };
        let said = format!("cannot take {}: {}{found}", bare(argument), escape(why));
        let asks = placeholder(argument);
        let wanted = host_in(value).filter(|_| asks.contains("HOST")).unwrap_or(asks);
        let completed =
            || if wanted.contains('|') { Some(self.help()) } else { self.with_value(argument, value, &wanted) };
        Some(self.said(&said, meant.or_else(completed)?))
    }

    fn needless_value(&self) -> Option<Mistyped> {
        let (argument, value) = (self.text(ContextKind::InvalidArg)?, self.text(ContextKind::InvalidValue)?);
        let (name, word) = (flag(argument), format!("{}={value}", flag(argument)));
        let said = format!("takes no value for {name}: found {}", shown(value));
        Some(self.said(&said, self.with(&word, &[name])?))
    }

    fn incomplete(&self) -> Option<Mistyped> {
        let missing: Vec<String> = self.texts(ContextKind::InvalidArg).iter().map(|missing| bare(missing)).collect();
        if missing.is_empty() {
            return None;
        }
        let said = format!("expects {}, and nothing was given for it", missing.join(" and "));
        Some(self.said(&said, self.completed(&missing.join(" "))))
    }

    fn contradictory(&self) -> Option<Mistyped> {
        let one = flag(self.text(ContextKind::InvalidArg)?);
        let others: Vec<&str> = self.texts(ContextKind::PriorArg).into_iter().map(flag).collect();
        let said = if others.iter().all(|other| *other == one) {
            format!("takes {one} once: found it again")
        } else {
            format!("takes {one} or {}, not both", others.join(" and "))
        };
        Some(self.said(&said, self.help()))
    }

    /// What does here what the word does elsewhere, and the line with it.
    fn by_habit(&self, word: &str) -> Option<(String, String)> {
        let within = |habit: &&Habit| format!("{} ", self.command).starts_with(&format!("{} ", habit.command));
        let habit = self.habits.iter().filter(within).find(|habit| habit.is_for(word))?;
        let kept = if habit.keeps_the_word() { quote(word) } else { String::new() };
        let instead: Vec<&str> = [habit.instead, &kept].into_iter().filter(|word| !word.is_empty()).collect();
        let meant = if habit.instead.is_empty() { "what follows it alone" } else { habit.instead };
        Some((meant.to_owned(), self.with(word, &instead)?))
    }

    /// A command of that name below another: `pki server` for `pki issue server`.
    fn elsewhere(&self, word: &str) -> Option<(String, String)> {
        if self.command != self.program {
            return None;
        }
        let above = self.whole.get_subcommands().filter(|above| above.get_name() != "help");
        let found = above.into_iter().find(|above| above.find_subcommand(word).is_some())?;
        let meant = format!("{} {word}", found.get_name());
        Some((meant.clone(), self.with(word, &[&meant])?))
    }

    fn said(&self, what: &str, hint: String) -> Mistyped {
        Mistyped { message: format!("`{}` {what}", self.command), hint }
    }

    fn help(&self) -> String {
        format!("{} --help", self.command)
    }

    /// The line with this after it; its help where there is a choice, which a shell would take for a pipe.
    fn completed(&self, missing: &str) -> String {
        if missing.contains('|') {
            return self.help();
        }
        let words: String = self.words.iter().map(|word| format!(" {}", quote(word))).collect();
        format!("{}{words} {missing}", self.program)
    }

    /// The line with these words in place of the first that is `word`, which may stand before or after an equals sign.
    fn with(&self, word: &str, instead: &[&str]) -> Option<String> {
        let at = self.words.iter().position(|typed| part(typed, word).is_some())?;
        self.with_at(at, word, instead)
    }

    /// The line with this in place of an argument's value.
    fn with_value(&self, argument: &str, value: &str, instead: &str) -> Option<String> {
        let name = flag(argument);
        let is_its = |at: usize| {
            let follows = at > 0 && self.words[at - 1] == name && self.words[at] == value;
            follows || self.words[at].split_once('=') == Some((name, value))
        };
        let at = (0..self.words.len()).find(|at| is_its(*at));
        at.map_or_else(|| self.with(value, &[instead]), |at| self.with_at(at, value, &[instead]))
    }

    fn with_at(&self, at: usize, word: &str, instead: &[&str]) -> Option<String> {
        let (before, after) = part(&self.words[at], word)?;
        let quoted = |words: &[String]| words.iter().map(|word| format!(" {}", quote(word))).collect::<String>();
        let (left, right) = (quoted(&self.words[..at]), quoted(&self.words[at + 1..]));
        let here = format!("{before}{}{after}", instead.join(" "));
        let space = if here.is_empty() { "" } else { " " };
        Some(format!("{}{left}{space}{here}{right}", self.program))
    }

    fn text(&self, kind: ContextKind) -> Option<&'a str> {
        self.texts(kind).last().copied()
    }

    fn texts(&self, kind: ContextKind) -> Vec<&'a str> {
        match self.error.get(kind) {
            Some(ContextValue::String(text)) => vec![text],
            Some(ContextValue::Strings(texts)) => texts.iter().map(String::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

/// Whether a text has the value in it, and not only its letters within a word.
fn names(text: &str, value: &str) -> bool {
    let is_apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(value)
        .any(|(at, _)| is_apart(text[..at].chars().next_back()) && is_apart(text[at + value.len()..].chars().next()))
}

/// What the standard library says of a text that is no number, or of one that no `u32` holds: nothing about what was wanted.
fn is_about_a_number(why: &str) -> bool {
    let of_the_library = [
        "invalid digit found in string",
        "cannot parse integer from empty string",
        "number too large to fit in target type",
    ];
    of_the_library.contains(&why) || why.ends_with("is not in 0..=4294967295")
}

/// Whether a word may be a slip of the finger for another: what is merely like it may do something else altogether.
fn is_a_slip_of(word: &str, known: &str) -> bool {
    let (word, known) = (word.trim_start_matches('-').to_lowercase(), known.trim_start_matches('-'));
    strsim::osa_distance(&word, known) <= (known.len() / 4).max(1)
}

/// Whether the next word is an option's value and no command.
fn takes_value(command: &clap::Command, word: &str) -> bool {
    let named = |argument: &clap::Arg| {
        word.strip_prefix("--").is_some_and(|name| argument.get_long() == Some(name))
            || word.strip_prefix('-').is_some_and(|name| argument.get_short().is_some_and(|c| name == c.to_string()))
    };
    command.get_arguments().any(|argument| named(argument) && argument.get_action().takes_values())
}

/// What stands before and after `word` where it is a typed word, or one side of its equals sign.
fn part<'w>(typed: &'w str, word: &str) -> Option<(&'w str, String)> {
    if typed == word {
        return Some(("", String::new()));
    }
    let (name, value) = typed.split_once('=').filter(|_| typed.starts_with('-'))?;
    match word {
        word if word == name => Some(("", format!("={}", quote(value)))),
        word if word == value => Some((&typed[..=name.len()], String::new())),
        _ => None,
    }
}

/// `--listen ADDR:PORT` for clap's `--listen <ADDR:PORT>`.
fn bare(argument: &str) -> String {
    argument.trim_end_matches("...").replace(['<', '>'], "")
}

/// `--listen` of it.
fn flag(argument: &str) -> &str {
    argument.split([' ', '=']).next().unwrap_or(argument)
}

/// `ADDR:PORT` of it.
fn placeholder(argument: &str) -> String {
    let bare = bare(argument);
    bare.split_once([' ', '=']).map_or(bare.as_str(), |(_, value)| value).to_owned()
}

/// The host in a URL, or before a port or a path.
fn host_in(value: &str) -> Option<String> {
    let host = value.contains([':', '/']).then(|| San::parse_host(value).err()?.better(value))??;
    San::parse_host(&host).is_ok().then(|| quote(&host))
}

/// As it was typed, without control characters.
fn shown(word: &str) -> String {
    format!("\"{}\"", escape(word))
}

fn one_of(values: &[&str]) -> String {
    match values {
        [all @ .., last] if !all.is_empty() => format!("{} or {last}", all.join(", ")),
        _ => values.concat(),
    }
}
