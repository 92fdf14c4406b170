//! `pki`: a certificate authority that a person can understand.
//!
//! `main` chooses the command and turns its outcome into words and an exit status; each command has a file of its own.

mod args;
mod clients;
mod command;
mod endpoint;
mod error_text;
mod evidence;
mod exit;
mod folder;
mod habits;
mod hook;
mod mistyped;
mod outcome;
mod output;
mod passphrase;
mod password;
mod render;
mod repair;
mod report_file;
mod request;
mod terminal;
mod timer;
mod trust;
mod within;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Error;
use ca_store::store::Store;

use args::{Cli, Command};
use exit::Exit;
use output::Output;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(report_bug));
    let cli = Cli::of_arguments();
    let out = Output { json: cli.json };
    match std::panic::catch_unwind(|| run(&cli, out)) {
        Ok(Ok(exit)) => exit.into(),
        Ok(Err(error)) => report(&error, out, cli.store.as_deref()),
        Err(_) => Exit::Bug.into(),
    }
}

fn run(cli: &Cli, out: Output) -> Result<Exit, Error> {
    let store = match &cli.command {
        // Made where programs are packaged, and no user has a home.
        Command::Completions(_) | Command::Man(_) => PathBuf::new(),
        // The CA is elsewhere.
        Command::Request(_) | Command::Inspect(_) => PathBuf::new(),
        _ => store(cli)?,
    };
    match &cli.command {
        Command::InitCa(args) => command::init_ca::run(args, &store, out),
        Command::Issue(args) => command::issue::run(args, &store, out),
        Command::Request(args) => command::request::run(args, out),
        Command::Sign(args) => command::sign::run(args, &store, out),
        Command::Renew(args) => command::renew::run(args, &store, out),
        Command::Revoke(args) => command::revoke::run(args, &store, out),
        Command::Crl(args) => command::crl::run(args, &store, out),
        Command::Rollover(args) => command::rollover::run(args, &store, out),
        Command::Passphrase(args) => command::passphrase::run(args, &store, out),
        Command::List(args) => command::list::run(args, &store, out),
        Command::Show(args) => command::show::run(args, &store, out),
        Command::Log(args) => command::log::run(args, &store, out),
        Command::Check(args) => command::check::run(args, &store, out),
        Command::Backup(args) => command::backup::run(args, &store, out),
        Command::Export(args) => command::export::run(args, &store, out),
        Command::Config(args) => command::config::run(args, &store, out),
        Command::Trust(args) => command::trust::run(args, &store, out),
        Command::Inspect(args) => command::inspect::run(args, cli.store.as_deref(), out),
        Command::Verify(args) => command::verify::run(args, &store, out),
        Command::Diagnose(args) => command::diagnose::run(args, &store, out),
        Command::Completions(args) => command::completions::run(args, out),
        Command::Man(args) => command::man::run(args, out),
    }
}

/// What looks at files and endpoints works without a store. Where nothing says where one would be, its fixes name a new
/// folder here, which cannot be one that somebody else has left.
fn store(cli: &Cli) -> Result<PathBuf, ca_store::Error> {
    match cli.store.clone().map_or_else(Store::default_dir, Ok) {
        Err(ca_store::Error::NoStoreFolder) if works_without_store(&cli.command) => {
            Ok(PathBuf::from(evidence::free_folder("pki-store")))
        }
        named => named,
    }
}

fn works_without_store(command: &Command) -> bool {
    match command {
        Command::Verify(_) | Command::Diagnose(_) => true,
        Command::Config(args) => args.is_of_bundle(),
        _ => false,
    }
}

/// The message, what caused it, and what to type next.
fn report(error: &Error, out: Output, store: Option<&Path>) -> ExitCode {
    let Some(exit) = exit::of(error) else { return ExitCode::SUCCESS };
    let hint = error.downcast_ref::<ca_store::Error>().and_then(ca_store::Error::hint);
    render::error(out, &exit::message(error), hint.as_deref(), store);
    exit.into()
}

fn report_bug(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    Output { json: false }.note(&format!("pki: a bug of ours, at {place}: nothing that was done before is lost. Please report it with the command you typed."));
}
