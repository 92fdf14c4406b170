//! `chat completions` and `chat man`: what is made of the definition of the command line.

use clap::CommandFactory;
use clap_complete::Shell;
use std::io::{self, Write};
use std::path::Path;

use crate::args::Cli;
use crate::failure::{Exit, Failure};

/// Prints the script that completes commands and flags in a shell.
pub(crate) fn completions(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "chat", &mut script);
    print(&script)
}

/// Prints the man page, or writes one for each command into a folder.
pub(crate) fn man(folder: Option<&Path>) -> Result<(), Failure> {
    let Some(folder) = folder else {
        let mut page = Vec::new();
        // A vector takes every write.
        clap_mangen::Man::new(Cli::command()).render(&mut page).unwrap_or_default();
        return print(&page);
    };
    std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(Cli::command(), folder)).map_err(|error| {
        Failure::new(Exit::Input, format!("{}: man pages can't be written here: {error}", folder.display()))
    })
}

fn print(text: &[u8]) -> Result<(), Failure> {
    match io::stdout().write_all(text) {
        // A reader that goes away has seen enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Input, format!("standard output can't be written: {error}")))
        }
        _ => Ok(()),
    }
}
