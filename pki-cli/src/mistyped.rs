//! A word that is no command: what was expected in its place, and the line that was probably meant.

use std::ffi::OsString;

use ca_store::facts::escape;
use ca_store::shell::quote;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::exit::Exit;
use crate::output::Output;
use crate::render;

/// Commands that are listed where none is like the word; more of them are what `--help` is for.
const LISTED: usize = 8;

/// Ends the program over a command line that does not read: with our words for a command that there is not, with clap's for
/// all else, and for help that was asked for.
pub(crate) fn end(error: &clap::Error, definition: &clap::Command, typed: &[OsString]) -> ! {
    let Some(mistyped) = Mistyped::of(error, definition, typed) else { error.exit() };
    render::error(Output { json: false }, &mistyped.message(), Some(&mistyped.hint()), None);
    std::process::exit(Exit::Usage.status().into())
}

/// A word where a command belongs.
struct Mistyped {
    /// The commands before it: `pki issue`.
    before: String,
    word: String,
    /// What comes after it, as it was typed.
    after: Vec<String>,
    /// Commands like it, the likest last.
    like: Vec<String>,
    /// All that there are.
    known: Vec<String>,
}

impl Mistyped {
    fn of(error: &clap::Error, definition: &clap::Command, typed: &[OsString]) -> Option<Mistyped> {
        let (ErrorKind::InvalidSubcommand, Some(ContextValue::String(word))) =
            (error.kind(), error.get(ContextKind::InvalidSubcommand))
        else {
            return None;
        };
        let at = typed.iter().position(|it| it.to_string_lossy() == word.as_str())?;
        let (mut within, mut before) = (definition, definition.get_name().to_owned());
        for name in &typed[..at] {
            if let Some(found) = within.find_subcommand(name) {
                before = format!("{before} {}", found.get_name());
                within = found;
            }
        }
        let like = match error.get(ContextKind::SuggestedSubcommand) {
            Some(ContextValue::Strings(like)) => like.clone(),
            Some(ContextValue::String(like)) => vec![like.clone()],
            _ => Vec::new(),
        };
        let known = within.get_subcommands().map(|it| it.get_name().to_owned()).filter(|name| name != "help");
        let after = typed[at + 1..].iter().map(|it| it.to_string_lossy().into_owned()).collect();
        Some(Mistyped { before, word: word.clone(), after, like, known: known.collect() })
    }

    fn message(&self) -> String {
        let expected = match self.known.as_slice() {
            [only] => format!("expected {only}"),
            known if known.len() <= LISTED => format!("expected one of {}", known.join(", ")),
            _ if self.like.is_empty() => "expected one of those that its help lists".to_owned(),
            _ => format!("the likest is {}", self.like.join(" or ")),
        };
        format!("`{}` has no command {:?}: {expected}", self.before, escape(&self.word))
    }

    fn hint(&self) -> String {
        let after: String = self.after.iter().map(|word| format!(" {}", quote(word))).collect();
        match (self.like.last(), self.known.as_slice()) {
            (Some(like), _) => format!("{} {like}{after}", self.before),
            // The word is no slip: the only command was left out.
            (None, [only]) => format!("{} {only} {}{after}", self.before, quote(&self.word)),
            (None, _) => format!("{} --help", self.before),
        }
    }
}
