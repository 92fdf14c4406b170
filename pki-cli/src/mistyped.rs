//! A command line that does not read: what was expected, what was found, and the line that was probably meant.
//!
//! `pki` and `chat` both compile this file: it knows the definition of a command line and the words that were typed, and
//! nothing of either program.

use std::error::Error as _;
use std::ffi::OsString;

use ca_store::facts::escape;
use ca_store::shell::quote;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Commands that are listed where none is like the word; more of them are what `--help` is for.
const LISTED: usize = 8;

/// What is said of a line.
pub(crate) struct Mistyped {
    /// What was expected and what was found, without control characters.
    pub(crate) message: String,
    /// A line that can be typed next.
    pub(crate) hint: String,
}

impl Mistyped {
    /// `None` for help that was asked for, and for what clap has better words.
    pub(crate) fn of(error: &clap::Error, definition: &clap::Command, typed: &[OsString]) -> Option<Mistyped> {
        let line = Line::new(error, definition, typed);
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
    words: Vec<String>,
    /// The commands that were named: `pki issue server`.
    command: String,
    /// The definition of the last of them.
    within: &'a clap::Command,
}

impl<'a> Line<'a> {
    fn new(error: &'a clap::Error, definition: &'a clap::Command, typed: &[OsString]) -> Line<'a> {
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
        Line { error, program, words, command, within }
    }

    fn no_such_command(&self) -> Option<Mistyped> {
        let word = self.text(ContextKind::InvalidSubcommand)?;
        let known: Vec<&str> =
            self.within.get_subcommands().map(clap::Command::get_name).filter(|name| *name != "help").collect();
        let like = self.texts(ContextKind::SuggestedSubcommand);
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
        if !word.starts_with('-') {
            return Some(self.said(&format!("takes nothing more: found {}", shown(word)), self.help()));
        }
        let like = self.text(ContextKind::SuggestedArg).map(flag);
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
        let why = self.error.source()?.to_string();
        // Most reasons say themselves what was found.
        let found = if why.contains(value) { String::new() } else { format!(", found {}", shown(value)) };
        let said = format!("cannot take {}: {}{found}", bare(argument), escape(&why));
        Some(self.said(&said, self.with_value(argument, value, &placeholder(argument))?))
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

    fn said(&self, what: &str, hint: String) -> Mistyped {
        Mistyped { message: format!("`{}` {what}", self.command), hint }
    }

    fn help(&self) -> String {
        format!("{} --help", self.command)
    }

    /// The line with this after it.
    fn completed(&self, missing: &str) -> String {
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
        Some(format!("{}{left} {before}{}{after}{right}", self.program, instead.join(" ")))
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
