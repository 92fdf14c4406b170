//! A file a command; this only chooses.

mod account;
mod bus;
mod completions;
mod connect;
mod conversation;
mod data;
mod own_certificate;
pub(crate) mod owner;
mod password_file;
mod provisions;
mod quickstart;
mod serve;
mod store;
mod typed;

use crate::args::Command;
use crate::failure::{Exit, Failure};

/// Runs what was typed.
pub(crate) fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Quickstart(arguments) => quickstart::run(arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Connect(arguments) => connect::run(arguments),
        Command::Account(arguments) => account::run(arguments),
        Command::Completions { shell } => completions::completions(shell),
        Command::Man { folder } => completions::man(folder.as_deref()),
    }
}

/// The runtime of a command. What still waits for a terminal or a pipe does not hold the process.
fn block_on<T>(
    mut builder: tokio::runtime::Builder,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let runtime = builder
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Bug, format!("the system gave no threads or timers: {error}")))?;
    let result = runtime.block_on(work);
    runtime.shutdown_background();
    result
}
