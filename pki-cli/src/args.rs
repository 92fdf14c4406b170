//! The command line: what may be typed.

use std::path::PathBuf;

use crate::command;

/// A certificate authority that a person can understand.
///
/// Make a CA, issue certificates from it, and find out why a certificate is refused and what mends it.
#[derive(Debug, clap::Parser)]
#[command(name = "pki", version, propagate_version = true, arg_required_else_help = true, max_term_width = 120)]
#[command(
    after_help = "Examples:\n  pki init-ca --name 'Example Root CA' --intermediate 'Example Issuing CA'\n  pki issue server chat.example.test\n  pki diagnose chat.example.test:6697\n\nExit status: 0 done or valid, 1 invalid, 2 wrong usage, 3 unreadable input, 4 store, 5 network, 6 a hook failed, 70 a bug"
)]
pub(crate) struct Cli {
    /// The folder of the CA
    #[arg(long, global = true, value_name = "DIR", env = "PKI_STORE", hide_env_values = true)]
    pub(crate) store: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    InitCa(command::init_ca::Args),
    Issue(command::issue::Args),
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
    Export(command::export::Args),
    Config(command::config::Args),
    Trust(command::trust::Args),
    Inspect(command::inspect::Args),
    Verify(command::verify::Args),
    Diagnose(Box<command::diagnose::Args>),
    Completions(command::completions::Args),
    Man(command::man::Args),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
