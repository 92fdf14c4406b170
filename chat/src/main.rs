//! `chat`: serve, connect, and both at once with everything made that is missing.

mod args;
mod command;
mod failure;
mod habits;
mod logging;
mod machine;
#[path = "../../pki-cli/src/mistyped.rs"]
mod mistyped;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use failure::{Exit, Failure};

fn main() -> ExitCode {
    let cli = match args::Cli::of_arguments() {
        Ok(cli) => cli,
        Err(failure) => return failure.report(),
    };
    // A panic is a bug of ours, and has an exit code of its own.
    let outcome = catch_unwind(AssertUnwindSafe(|| command::run(cli.command)))
        .unwrap_or_else(|_| Err(Failure::new(Exit::Bug, "a bug in this program ended it; what it was stands above")));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
