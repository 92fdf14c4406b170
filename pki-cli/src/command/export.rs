//! `pki export p12`, `p7b`, `bundle`, `haproxy`, `der` and `ca`

use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use ca_store::Error;
use ca_store::export::{Export, Lock};
use ca_store::store::{Leaving, Noted, Readers, Store, certificate_pem, check_new, write_export};
use time::OffsetDateTime;

use super::{misused, open};
use crate::exit::Exit;
use crate::output::Output;
use crate::password::Password;
use crate::render::{Exported, Form};

/// Write a certificate with its key in the form that another program takes
///
/// The store's log has it before it is written: who, what, whether with the key, and to where.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// A PKCS#12 file: for browsers, Java, Windows and macOS
    #[command(after_help = "\
Examples:
  pki export p12 alice --password-file password.txt
  pki export p12 alice --password-fd 3 3<password.txt --out alice.pfx
  pki export p12 chat.example.test --password-env P12_PASSWORD --legacy")]
    #[command(aliases = ["pfx", "pkcs12"])]
    P12(P12Args),
    /// A PKCS#7 file of certificate, chain and root, without a key: for Windows, Java and mail programs
    #[command(after_help = "Examples:\n  pki export p7b alice\n  pki export p7b www.example.test --der --out www.p7b")]
    P7b(P7bArgs),
    /// All that another machine needs in one file: certificate, chain, key, root and revocation list
    #[command(
        long_about = "All that another machine needs in one file: certificate, chain, key, root and revocation list.\n\nPEM, as chat, HAProxy and curl take it; with a password a PKCS#12 file (without the revocation list), as chat and browsers take it.",
        after_help = "\
Examples:
  pki export bundle chat.example.test
  pki export bundle alice --password-file password.txt
  chat serve --name chat.example.test --bundle chat.example.test.bundle.pem"
    )]
    Bundle(BundleArgs),
    /// Certificate, chain and key in one PEM, as HAProxy's `crt` takes them
    #[command(after_help = "Examples:\n  pki export haproxy www.example.test --out /etc/haproxy/www.example.test.pem")]
    Haproxy(PlainArgs),
    /// The certificate in DER; with --key its private key (PKCS#8)
    #[command(after_help = "Examples:\n  pki export der alice\n  pki export der alice --key --out alice.key.der")]
    Der(DerArgs),
    /// The root, which clients and servers trust
    #[command(after_help = "Examples:\n  pki export ca\n  pki export ca --der --out example-root.cer")]
    Ca(CaArgs),
}

#[derive(Debug, clap::Args)]
struct P12Args {
    #[command(flatten)]
    plain: PlainArgs,
    /// Seals it with 3DES and SHA-1, for readers from before 2019
    #[arg(long)]
    legacy: bool,
    #[command(flatten)]
    password: Password,
}

#[derive(Debug, clap::Args)]
struct P7bArgs {
    #[command(flatten)]
    plain: PlainArgs,
    /// DER instead of PEM
    #[arg(long)]
    der: bool,
}

#[derive(Debug, clap::Args)]
struct BundleArgs {
    #[command(flatten)]
    plain: PlainArgs,
    #[command(flatten)]
    password: Password,
}

#[derive(Debug, clap::Args)]
struct DerArgs {
    #[command(flatten)]
    plain: PlainArgs,
    /// The private key instead of the certificate
    #[arg(long)]
    key: bool,
}

#[derive(Debug, clap::Args)]
struct CaArgs {
    /// DER instead of PEM
    #[arg(long)]
    der: bool,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, clap::Args)]
struct PlainArgs {
    /// The certificate's name, or its serial number
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    target: Target,
}

/// Where it is written.
#[derive(Debug, clap::Args)]
struct Target {
    /// The file to write, or a folder for it; - is standard output [default: a file in this folder, named after it]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Writes over a file that is there
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(args: &Args, store: &Path, out: Output) -> anyhow::Result<Exit> {
    match &args.what {
        What::P12(args) => p12(args, store, out),
        What::P7b(args) => p7b(args, store, out),
        What::Bundle(args) => bundle(args, store, out),
        What::Haproxy(args) => {
            let store = open(store)?;
            let export = store.export(&args.name)?;
            written(&store, &export, (Form::Haproxy, &export.haproxy()?), &args.target, out)
        }
        What::Der(args) => der(args, store, out),
        What::Ca(args) => ca(args, store, out),
    }
}

fn p12(args: &P12Args, store: &Path, out: Output) -> anyhow::Result<Exit> {
    let store = open(store)?;
    let export = store.export(&args.plain.name)?;
    let Some(password) = args.password.read_or_ask()? else {
        return Ok(misused(
            "a PKCS#12 file needs a password: give --password-file FILE, --password-fd N or --password-env VARIABLE",
            out,
        ));
    };
    let lock = if args.legacy { Lock::Legacy } else { Lock::Modern };
    written(&store, &export, (Form::Pkcs12(lock), &export.pkcs12(&password, lock)?), &args.plain.target, out)
}

fn p7b(args: &P7bArgs, store: &Path, out: Output) -> anyhow::Result<Exit> {
    let store = open(store)?;
    let export = store.export(&args.plain.name)?;
    let bytes = if args.der { export.pkcs7() } else { export.pkcs7_pem().into_bytes() };
    written(&store, &export, (Form::Pkcs7 { der: args.der }, &bytes), &args.plain.target, out)
}

fn bundle(args: &BundleArgs, store: &Path, out: Output) -> anyhow::Result<Exit> {
    let store = open(store)?;
    let export = store.export(&args.plain.name)?;
    let target = &args.plain.target;
    match args.password.read()? {
        Some(password) => {
            let bytes = export.pkcs12(&password, Lock::Modern)?;
            written(&store, &export, (Form::Bundle { sealed: true }, &bytes), target, out)
        }
        None if target.wants_pkcs12() => Ok(misused(
            "a bundle of this name is a PKCS#12 file, and needs a password: give --password-file FILE, --password-fd N or --password-env VARIABLE",
            out,
        )),
        None => written(&store, &export, (Form::Bundle { sealed: false }, &export.bundle()?), target, out),
    }
}

fn der(args: &DerArgs, store: &Path, out: Output) -> anyhow::Result<Exit> {
    let store = open(store)?;
    let export = store.export(&args.plain.name)?;
    let (form, bytes) = match args.key {
        true => (Form::DerKey, export.key()?),
        false => (Form::Der, &export.certificate[..]),
    };
    written(&store, &export, (form, bytes), &args.plain.target, out)
}

fn ca(args: &CaArgs, store: &Path, out: Output) -> anyhow::Result<Exit> {
    let store = open(store)?;
    let roots = store.roots()?;
    if args.der && roots.len() > 1 {
        return Ok(misused(
            "two roots are trusted while one takes the place of the other, and DER holds one: leave --der out",
            out,
        ));
    }
    let bytes = match (args.der, roots.as_slice()) {
        (true, [root, ..]) => root.clone(),
        _ => roots.iter().map(|root| certificate_pem(root)).collect::<String>().into_bytes(),
    };
    let form = if args.der { Form::DerRoot } else { Form::Root };
    let file = args.target.path("ca", form)?;
    let noted = log(&store, None, form, file.as_deref())?;
    args.target.write(&noted, file.as_deref(), form, &bytes)?;
    told(&Exported { form, file, export: None, expired: None, is_logged: noted.is_logged(), store: store.dir() }, out)
}

/// Puts it into the log, writes it, and tells what was written.
fn written(
    store: &Store,
    export: &Export,
    (form, bytes): (Form, &[u8]),
    target: &Target,
    out: Output,
) -> anyhow::Result<Exit> {
    let file = target.path(&export.name, form)?;
    let noted = log(store, Some(export), form, file.as_deref())?;
    target.write(&noted, file.as_deref(), form, bytes)?;
    let now = OffsetDateTime::now_utc();
    let certificate = ca_store::facts::Certificate::from_der(&export.certificate).ok();
    let expired = certificate.map(|certificate| certificate.validity.not_after).filter(|end| *end < now);
    told(&Exported { form, file, export: Some(export), expired, is_logged: noted.is_logged(), store: store.dir() }, out)
}

fn log(store: &Store, export: Option<&Export>, form: Form, to: Option<&Path>) -> Result<Noted, Error> {
    store.log_export(&Leaving { export, form: form.word(), key: form.has_key(), sealed: form.is_sealed(), to })
}

/// What went to standard output has no result beside it.
fn told(exported: &Exported<'_>, out: Output) -> anyhow::Result<Exit> {
    if exported.file.is_some() {
        return out.show(exported);
    }
    exported.unlogged().iter().for_each(|warning| crate::render::warning(out, warning));
    Ok(Exit::Done)
}

impl Target {
    fn wants_pkcs12(&self) -> bool {
        let extension = self.out.as_deref().and_then(Path::extension);
        extension.is_some_and(|it| it.eq_ignore_ascii_case("p12") || it.eq_ignore_ascii_case("pfx"))
    }

    /// The file that is to be written, absolute; none for standard output.
    fn path(&self, name: &str, form: Form) -> Result<Option<PathBuf>, Error> {
        let own = || format!("{name}.{}", form.extension());
        let path = match &self.out {
            Some(path) if path.as_os_str() == OsStr::new("-") => return Ok(None),
            Some(path) if path.is_dir() => path.join(own()),
            Some(path) => path.clone(),
            None => PathBuf::from(own()),
        };
        check_new(&path, self.force)?;
        Ok(Some(path))
    }

    fn write(&self, noted: &Noted, file: Option<&Path>, form: Form, bytes: &[u8]) -> anyhow::Result<()> {
        let readers = if form.has_key() { Readers::Owner } else { Readers::All };
        match file {
            Some(path) => Ok(write_export(noted, path, bytes, readers, self.force)?),
            None => Ok(io::stdout().lock().write_all(bytes)?),
        }
    }
}
