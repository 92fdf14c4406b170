//! What can be typed. What it means is decided in [`crate::command`].

pub(crate) mod account;

use chat::config::{Flags, MutualTls};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use crate::failure::{Exit, Failure};
use crate::habits::HABITS;
use crate::mistyped::Mistyped;

/// A chat over mutual TLS: certificates of your own CA are the accounts, and any IRC client can join.
#[derive(Debug, Parser)]
#[command(name = "chat", version, propagate_version = true, arg_required_else_help = true, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// What was typed. Help that was asked for is given here, and ends the program.
    pub(crate) fn of_arguments() -> Result<Cli, Failure> {
        let mut definition = Cli::command();
        let matches = definition.try_get_matches_from_mut(std::env::args_os());
        matches.and_then(|matches| Cli::from_arg_matches(&matches)).map_err(|error| {
            let typed: Vec<OsString> = std::env::args_os().skip(1).collect();
            let Some(Mistyped { message, hint }) = Mistyped::of(&error, &definition, HABITS, &typed) else {
                error.exit()
            };
            Failure::new(Exit::Usage, message).hint(hint)
        })
    }
}

const EXAMPLES: &str = "\
Examples:
  chat quickstart                                   everything on this machine, in one command
  chat serve --name chat.example.test --mtls required
  chat connect chat.example.test --as alice --join '#lobby'

Exit status: 0 done, 1 the certificate is bad, 2 wrong usage, 3 unreadable input, 4 store, 5 network, 70 a bug";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make what is missing, serve on this machine, and enter the chat
    Quickstart(Quickstart),
    /// Run a server
    Serve(Serve),
    /// Enter a chat on a server
    Connect(Connect),
    /// Make, list, change and remove accounts with a password
    Account(account::Account),
    /// Print the script that completes commands, flags and their values in a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the man page, or write one for each command into a folder
    #[command(after_help = "Examples:\n  chat man | man -l -\n  chat man ~/.local/share/man/man1")]
    Man {
        /// The folder for chat.1, chat-serve.1 and so on; it is made where it is missing
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
}

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  chat completions bash > ~/.local/share/bash-completion/completions/chat
  chat completions zsh > ~/.zfunc/_chat       # with fpath+=~/.zfunc before compinit in ~/.zshrc
  chat completions fish > ~/.config/fish/completions/chat.fish";

const SERVE_EXAMPLES: &str = "\
Examples:
  pki issue server chat.example.test && chat serve --name chat.example.test
  chat serve --cert fullchain.pem --key privkey.pem --trust ca.pem --mtls required
  chat serve --name chat.example.test --bundle chat.example.test.bundle.pem
  chat serve --config chat.toml
  chat serve --name localhost --listen 127.0.0.1:0      the port chosen is printed";

#[derive(Debug, Args)]
#[command(after_help = SERVE_EXAMPLES)]
pub(crate) struct Serve {
    /// Settings in TOML; a flag wins over its key
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) config: Option<PathBuf>,
    /// The store with certificate, key and trust [default: $PKI_STORE, or ~/.local/share/pki]
    #[arg(long, value_name = "DIR", conflicts_with_all = ["cert", "key", "bundle"])]
    store: Option<PathBuf>,
    /// The server's certificate chain, leaf first, in PEM
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// Its private key
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// Certificate, key and trust in one file, as `pki export bundle` writes it: PEM or PKCS#12
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cert", "key", "trust"])]
    bundle: Option<PathBuf>,
    /// A file whose first line opens the bundle
    #[arg(long, value_name = "FILE", requires = "bundle")]
    passphrase_file: Option<PathBuf>,
    /// The CA certificates that clients' certificates must lead to
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// Their revocation list
    #[arg(long, value_name = "FILE")]
    crl: Option<PathBuf>,
    /// The folder for the chat's own state, apart from the CA's store [default: ~/.local/share/chat]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// The server's name, for which it shows a certificate [default: this machine's host name]
    #[arg(long, value_name = "HOST")]
    name: Option<String>,
    /// Where to speak TLS; may be given more than once [default: [::]:6697 and 0.0.0.0:6697]
    #[arg(long, value_name = "ADDR:PORT", value_parser = address)]
    listen: Vec<SocketAddr>,
    /// Whether clients must show a certificate [default: optional]
    #[arg(long, value_enum)]
    mtls: Option<Mtls>,
    /// Ports of their own for clients that ask for one, as `chat connect` does: only who was told of a port can take it
    #[arg(long, value_name = "FIRST-LAST", value_parser = port_range)]
    assign_ports: Option<RangeInclusive<u16>>,
    /// Where to speak plain text: loopback addresses only, for bouncers, proxies and tests
    #[arg(long, value_name = "LOOPBACK:PORT", value_parser = address)]
    plaintext: Vec<SocketAddr>,
    /// Where to tell what is counted, for Prometheus: a loopback address
    #[arg(long, value_name = "LOOPBACK:PORT", value_parser = address)]
    metrics: Option<SocketAddr>,
    /// The Redis by which several servers are one chat: redis://HOST:PORT, or rediss://HOST:PORT over TLS
    #[arg(long, value_name = "URL")]
    bus: Option<String>,
    /// A file whose first line is the password of that Redis
    #[arg(long, value_name = "FILE")]
    bus_password_file: Option<PathBuf>,
    /// A client certificate with key and trust for rediss://, as `pki export bundle` writes it
    #[arg(long, value_name = "FILE")]
    bus_bundle: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Mtls {
    /// No certificate is asked for
    Off,
    /// A valid certificate logs in, none makes a guest
    Optional,
    /// Nobody gets in without one
    Required,
}

impl Serve {
    /// The flags that have a key in the configuration file.
    pub(crate) fn flags(&self) -> Flags {
        Flags {
            store: self.store.clone(),
            certificate: self.cert.clone(),
            key: self.key.clone(),
            bundle: self.bundle.clone(),
            passphrase_file: self.passphrase_file.clone(),
            trust: self.trust.clone(),
            crl: self.crl.clone(),
            name: self.name.clone(),
            listen: self.listen.clone(),
            plaintext: self.plaintext.clone(),
            metrics: self.metrics,
            bus: self.bus.clone(),
            bus_password_file: self.bus_password_file.clone(),
            bus_bundle: self.bus_bundle.clone(),
            assign_ports: self.assign_ports.clone(),
            mtls: self.mtls.map(|mtls| match mtls {
                Mtls::Off => MutualTls::Off,
                Mtls::Optional => MutualTls::Optional,
                Mtls::Required => MutualTls::Required,
            }),
        }
    }
}

/// `127.0.0.1:6697`.
fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| format!("expected an address and a port, like 127.0.0.1:6697 or [::]:6697, found {text:?}"))
}

/// `7000-7099`.
fn port_range(text: &str) -> Result<RangeInclusive<u16>, String> {
    let wrong = || format!("expected two ports with a dash between, like 7000-7099, found {text:?}");
    let (first, last) = text.split_once('-').ok_or_else(wrong)?;
    let port = |text: &str| text.trim().parse::<u16>().ok().filter(|port| *port > 0).ok_or_else(wrong);
    let (first, last) = (port(first)?, port(last)?);
    if first <= last { Ok(first..=last) } else { Err(wrong()) }
}

const CONNECT_EXAMPLES: &str = "\
Examples:
  chat connect localhost --as alice --join '#lobby'
  chat connect chat.example.test:6697 --trust ca.pem --cert fullchain.pem --key privkey.pem
  chat connect chat.example.test --bundle alice.bundle.pem
  chat connect chat.example.test --trust ca.pem --account carol
  echo 'the build is done' | chat connect localhost --as bot --join '#builds'";

#[derive(Debug, Args)]
#[command(after_help = CONNECT_EXAMPLES)]
pub(crate) struct Connect {
    /// The server; the port is 6697 where none is given
    #[arg(value_name = "HOST[:PORT]")]
    pub(crate) server: String,
    /// The store with trust and certificates [default: $PKI_STORE, or ~/.local/share/pki]
    #[arg(long, value_name = "DIR")]
    pub(crate) store: Option<PathBuf>,
    /// Shows the store's client certificate of this name
    #[arg(long = "as", value_name = "NAME", conflicts_with_all = ["cert", "key"])]
    pub(crate) identity: Option<String>,
    /// The CA certificates that the server's must lead to [default: the store's root]
    #[arg(long, value_name = "FILE")]
    pub(crate) trust: Option<PathBuf>,
    /// The client certificate chain, leaf first, in PEM
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    /// Its private key
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    /// Certificate, key and trust in one file, as `pki export bundle` writes it: PEM or PKCS#12
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cert", "key", "identity", "store"])]
    pub(crate) bundle: Option<PathBuf>,
    /// A file whose first line opens the bundle [default: it is asked for on a terminal]
    #[arg(long, value_name = "FILE", requires = "bundle")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Logs in to the account of this name with its password, which the server does not learn (SASL SCRAM-SHA-256)
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
    /// A file whose first line is that password; - reads standard input [default: it is asked for on a terminal]
    #[arg(long, value_name = "FILE", requires = "account")]
    pub(crate) password_file: Option<PathBuf>,
    /// A file whose first line is the password that the server wants of every connection (PASS); - reads standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) server_password_file: Option<PathBuf>,
    /// The nickname wanted [default: the account's name, the certificate's, or yours]
    #[arg(long, value_name = "NICK")]
    pub(crate) nick: Option<String>,
    /// A channel to enter; may be given more than once
    #[arg(long, value_name = "CHANNEL")]
    pub(crate) join: Vec<String>,
    /// Lines in, text out, also on a terminal
    #[arg(long)]
    pub(crate) plain: bool,
}

const QUICKSTART_EXAMPLES: &str = "\
Examples:
  chat quickstart
  chat quickstart --store ~/chat-ca --port 0
  echo 'hello' | chat quickstart";

#[derive(Debug, Args)]
#[command(after_help = QUICKSTART_EXAMPLES)]
pub(crate) struct Quickstart {
    /// The store to use or make [default: $PKI_STORE, or ~/.local/share/pki]
    #[arg(long, value_name = "DIR")]
    pub(crate) store: Option<PathBuf>,
    /// The port on loopback; 0 takes a free one [default: 6697, or a free one where that is taken]
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Option<u16>,
    /// The nickname wanted [default: yours]
    #[arg(long, value_name = "NICK")]
    pub(crate) nick: Option<String>,
    /// Lines in, text out, also on a terminal
    #[arg(long)]
    pub(crate) plain: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_flag_of_another_version_is_refused_and_not_ignored() {
        assert!(Cli::try_parse_from(["chat", "serve", "--peers=chat2:6698"]).is_err());
        assert!(Cli::try_parse_from(["chat", "serve", "--assign-ports=1-2", "--metrics=127.0.0.1:1"]).is_ok());
    }

    #[test]
    fn an_address_without_its_port_is_told_how_one_is_written() {
        for flag in ["--metrics", "--listen", "--plaintext"] {
            let refused = Cli::try_parse_from(["chat", "serve", flag, "9100"]).map(|_| ()).expect_err("no address");
            assert!(refused.to_string().contains("127.0.0.1:6697"), "{refused}");
        }
    }

    #[test]
    fn a_password_is_one_of_an_account_and_never_an_argument() {
        assert!(Cli::try_parse_from(["chat", "connect", "h", "--password-file", "f"]).is_err());
        assert!(Cli::try_parse_from(["chat", "connect", "h", "--account", "a", "--password", "p"]).is_err());
        assert!(Cli::try_parse_from(["chat", "connect", "h", "--account", "a", "--password-file", "-"]).is_ok());
    }

    #[test]
    fn a_certificate_needs_its_key() {
        assert!(Cli::try_parse_from(["chat", "serve", "--cert", "c"]).is_err());
        assert!(Cli::try_parse_from(["chat", "connect", "h", "--key", "k"]).is_err());
    }
}
