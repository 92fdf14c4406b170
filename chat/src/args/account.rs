//! `chat account`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  chat account add carol
  chat account add carol --password-file carol.txt --data /var/lib/chat
  chat account list --json
  chat account password carol
  chat account remove carol

A server that runs on the same folder takes the change at once.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct Account {
    #[command(subcommand)]
    pub(crate) action: Action,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Make an account that logs in with a password
    #[command(
        after_help = "Examples:\n  chat account add carol\n  chat account add carol --password-file carol.txt --data /var/lib/chat"
    )]
    Add(Given),
    /// List the accounts that have a password
    #[command(after_help = "Examples:\n  chat account list\n  chat account list --json --data /var/lib/chat")]
    List {
        /// One JSON document
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: Data,
    },
    /// Give an account another password
    #[command(
        after_help = "Examples:\n  chat account password carol\n  chat account password carol --password-file carol.txt"
    )]
    Password(Given),
    /// Remove an account, and the channels that it registered
    #[command(after_help = "Examples:\n  chat account remove carol\n  chat account remove carol --data /var/lib/chat")]
    Remove {
        /// The account's name
        name: String,
        #[command(flatten)]
        data: Data,
    },
}

/// An account and its password.
#[derive(Debug, Args)]
pub(crate) struct Given {
    /// The account's name: letters, digits and . _ @ -
    pub(crate) name: String,
    /// A file whose first line is the password; - reads standard input [default: it is asked for on a terminal]
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) data: Data,
}

/// Where accounts are kept.
#[derive(Debug, Args)]
pub(crate) struct Data {
    /// The folder for the chat's own state [default: ~/.local/share/chat]
    #[arg(long = "data", value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
}
