//! `pki completions`

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::args::Cli;
use crate::exit::Exit;
use crate::output::Output;

/// Print the script that completes commands, flags and their values in a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pki completions bash > ~/.local/share/bash-completion/completions/pki
  pki completions zsh > ~/.zfunc/_pki       # with fpath+=~/.zfunc before compinit in ~/.zshrc
  pki completions fish > ~/.config/fish/completions/pki.fish")]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(args: &Args, out: Output) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "pki", &mut script);
    out.text(&String::from_utf8(script)?)?;
    Ok(Exit::Done)
}
