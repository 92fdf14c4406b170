//! `pki config`

use std::path::{Path, PathBuf};

use ca_store::Error;
use ca_store::program_config::{self, Installation, Program};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::json;

use super::open;
use crate::exit::Exit;
use crate::output::Output;

/// Print the lines that make a program use a certificate
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pki config nginx www.example.test --mtls > /etc/nginx/conf.d/www.example.test.conf
  pki config postgres db.example.test --mtls --dir /etc/postgresql/tls
  pki config curl alice
  pki config weechat alice
  pki config python chat.example.test --mtls")]
pub(crate) struct Args {
    /// The program
    #[arg(value_name = "PROGRAM", value_parser = programs())]
    program: Program,
    /// The certificate's name, or its serial number
    #[arg(value_name = "NAME")]
    name: String,
    /// Lets in only clients that show a certificate of this CA
    #[arg(long)]
    mtls: bool,
    /// Where the server listens, or the one that weechat connects to [default: the program's own port, on all addresses that it takes by itself]
    #[arg(long, value_name = "[ADDR:]PORT", value_parser = place)]
    listen: Option<String>,
    /// The folder for copies of the files, which the lines then name, with the commands that make them
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

fn programs() -> impl TypedValueParser<Value = Program> {
    PossibleValuesParser::new(Program::ALL.map(Program::as_str)).try_map(|name| name.parse::<Program>())
}

/// A port, or an address (one of IPv6 in brackets) and a port.
fn place(text: &str) -> Result<String, String> {
    let (address, port) = text.rsplit_once(':').unwrap_or(("", text));
    let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
    let known = bare.is_empty() || bare.parse::<std::net::IpAddr>().is_ok();
    match port.parse::<u16>() {
        Ok(1..) if known => Ok(text.to_owned()),
        _ => Err("expected a port such as 8443, or an address and a port such as 127.0.0.1:8443".to_owned()),
    }
}

pub(crate) fn run(args: &Args, store: &Path, out: Output) -> anyhow::Result<Exit> {
    let store = open(store)?;
    let entry = store.show(&args.name)?;
    let files = store.files_of(&entry);
    let has_key = files.privkey.exists();
    if !has_key && entry.key_here == Some(true) {
        return Err(Error::KeyLost { name: entry.name, key: files.privkey }.into());
    }
    let asked = Installation {
        hosts: if entry.sans.is_empty() { vec![entry.name.clone()] } else { entry.sans },
        purpose: entry.purpose,
        fullchain: absolute(&files.fullchain),
        privkey: absolute(&files.privkey),
        has_key,
        ca: absolute(&files.ca),
        crl: store.crl_path().as_deref().map(absolute),
        joined: absolute(Path::new(&format!("{}.{}.pem", entry.name, args.program))),
        folder: args.dir.as_deref().map(absolute),
        listen: args.listen.clone(),
        mtls: args.mtls,
        name: entry.name,
    };
    let lines = program_config::lines(args.program, &asked)?;
    if out.json {
        out.json(&json!({"program": args.program.as_str(), "name": asked.name, "mtls": args.mtls, "lines": lines}))?;
        return Ok(Exit::Done);
    }
    // Names and paths of our own store hold no control characters, and a configuration is taken as it stands.
    out.text(&format!("{}\n", lines.join("\n")))?;
    Ok(Exit::Done)
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
