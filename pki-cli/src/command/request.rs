//! `pki request`

use std::path::PathBuf;

use ca_store::Asking;
use ca_store::key::KeyKind;

use super::flags::{Subject, key_kinds};
use crate::exit::{self, Exit};
use crate::output::Output;
use crate::render::{RequestMade, error};
use crate::request;

/// Make a key and a request for its certificate, for a CA that is elsewhere
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pki request server chat.example.test 192.0.2.7
  pki request client alice --email alice@example.test --out /etc/alice
  pki request intermediate 'Example Department CA'
  pki request server www.example.test --organization 'Example Ltd' --country GB

The key is born where it is used, and only the request travels: `pki sign` or `pki issue --csr` takes it where the CA is.
No store is needed here, and none is touched.")]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

/// What the certificate is to be for.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum What {
    /// For a server: DNS names, wildcards and IP addresses
    Server {
        /// DNS names, wildcards or IP addresses; the first names the request
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        /// The subject's common name, one of the names; empty leaves it out [default: the first that fits]
        #[arg(long, value_name = "CN")]
        common_name: Option<String>,
        #[command(flatten)]
        terms: Terms,
    },
    /// For a client: a person or a machine
    Client {
        /// The client's name
        name: Option<String>,
        /// An e-mail address to stand beside the name
        #[arg(long)]
        email: Option<String>,
        #[command(flatten)]
        terms: Terms,
    },
    /// For a CA that a root elsewhere is to sign
    Intermediate {
        /// The CA's name
        name: Option<String>,
        #[command(flatten)]
        terms: Terms,
    },
}

/// What all requests have in common.
#[derive(Debug, clap::Args)]
pub(crate) struct Terms {
    /// The kind of the key [default: ecdsa-p256]
    #[arg(long, value_name = "KIND", value_parser = key_kinds())]
    pub(crate) key: Option<KeyKind>,
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// Writes both files into this folder, which must not be there yet [default: one of the first name]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, out: Output) -> anyhow::Result<Exit> {
    match ca_store::make_request(&request::csr(&args.what)) {
        Ok(made) => out.show(&RequestMade { made }),
        Err(refused) => Ok(refuse(refused, out)),
    }
}

/// Names are refused as where certificates are issued; what to type in their place is a request all the same.
fn refuse(refused: ca_store::Error, out: Output) -> Exit {
    let hint = refused.hint_to(Asking::Request);
    let refused = anyhow::Error::from(refused);
    error(out, &exit::message(&refused), hint.as_deref(), None);
    exit::of(&refused).unwrap_or(Exit::Bug)
}
