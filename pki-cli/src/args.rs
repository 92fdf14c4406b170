//! The command line: what may be typed.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{CommandFactory as _, FromArgMatches as _};

use crate::exit::Exit;
use crate::habits::HABITS;
use crate::mistyped::Mistyped;
use crate::output::Output;
use crate::{command, render};

/// A certificate authority that a person can understand.
///
/// Make a CA, issue certificates from it, and find out why a certificate is refused and what mends it.
#[derive(Debug, clap::Parser)]
#[command(name = "pki", version, propagate_version = true, arg_required_else_help = true, max_term_width = 120)]
#[command(
    after_help = "Examples:\n  pki init-ca --name 'Example Root CA' --intermediate 'Example Issuing CA'\n  pki issue server chat.example.test\n  pki diagnose chat.example.test:6697\n\nExit status: 0 done or valid, 1 invalid, 2 wrong usage, 3 unreadable input, 4 store, 5 network, 6 a hook failed, 70 a bug"
)]
pub(crate) struct Cli {
    // Set to nothing, the variable is not set; clap would take it for a value that is missing.
    /// The folder of the CA [default: $PKI_STORE, or ~/.local/share/pki]
    #[arg(long, global = true, value_name = "DIR", display_order = 900)]
    pub(crate) store: Option<PathBuf>,
    /// Prints the result as JSON
    #[arg(long, global = true, display_order = 901)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do. Only the command that is typed gets its flags built: all of them take longer than most commands do.
#[derive(Debug, clap::Subcommand)]
#[command(defer = true)]
pub(crate) enum Command {
    InitCa(command::init_ca::Args),
    Issue(command::issue::Args),
    Request(command::request::Args),
    Sign(command::sign::Args),
    Renew(command::renew::Args),
    Revoke(command::revoke::Args),
    Crl(command::crl::Args),
    Rollover(Box<command::rollover::Args>),
    Passphrase(command::passphrase::Args),
    List(command::list::Args),
    Show(command::show::Args),
    Log(command::log::Args),
    Check(command::check::Args),
    Backup(command::backup::Args),
    Export(command::export::Args),
    Config(command::config::Args),
    Trust(command::trust::Args),
    Inspect(command::inspect::Args),
    Verify(command::verify::Args),
    Diagnose(Box<command::diagnose::Args>),
    Completions(command::completions::Args),
    Man(command::man::Args),
}

impl Cli {
    /// What was typed; asks for help and mistakes are answered here, and end the program.
    pub(crate) fn of_arguments() -> Cli {
        let mut definition = Cli::command();
        let typed: Vec<OsString> = std::env::args_os().skip(1).collect();
        if !names_a_command(&definition, &typed) {
            // The list of commands tells what each is for.
            definition.build();
        }
        let matches = definition.try_get_matches_from_mut(std::env::args_os());
        let matches = matches.unwrap_or_else(|error| end(&error, &definition, &typed));
        let typed = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        let store = std::env::var_os("PKI_STORE").filter(|store| !store.is_empty());
        Cli { store: typed.store.or(store.map(PathBuf::from)), ..typed }
    }
}

/// Ends the program over a command line that does not read: with our words, or with clap's for help that was asked for.
fn end(error: &clap::Error, definition: &clap::Command, typed: &[OsString]) -> ! {
    let Some(Mistyped { message, hint }) = Mistyped::of(error, definition, HABITS, typed) else { error.exit() };
    render::error(Output { json: false }, &message, Some(&hint), None);
    std::process::exit(Exit::Usage.status().into())
}

/// Whether a command is named, and no help asked for.
fn names_a_command(definition: &clap::Command, typed: &[OsString]) -> bool {
    let asks = |word: &OsString| ["help", "--help", "-h"].iter().any(|help| word == help);
    let names = |word: &OsString| definition.get_subcommands().any(|command| word == command.get_name());
    typed.iter().any(names) && !typed.iter().any(asks)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
