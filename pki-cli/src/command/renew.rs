//! `pki renew`

use std::path::{Path, PathBuf};

use ca_store::store::Store;
use ca_store::{Issued, Renewer};
use time::OffsetDateTime;

use super::flags::CaPassphrase;
use super::{misused, open};
use crate::exit::{self, Exit};
use crate::hook::Hook;
use crate::output::Output;
use crate::render::{CertificateIssued, Due, FailedRenewal, Round, error, named, warning};
use crate::request;
use crate::timer::{RENEWAL, Timer};
use crate::within::Within;

/// Issue a certificate again: same names and purpose, new dates; or with more names
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pki renew chat.example.test
  pki renew chat.example.test --add www.example.test --add 192.0.2.7
  pki renew chat.example.test --rekey --days 30
  pki renew --expiring 30d --hook 'systemctl reload nginx'
  pki renew --expiring 30d --check
  pki renew --expiring 30d --hook 'systemctl reload nginx' --install-timer

Exit status with --expiring: 0 something was due, and all of it was renewed; 1 nothing was due; 6 a hook failed; else the \
first error's. A timer takes 1 for a success: SuccessExitStatus=1.

The hook is run by sh -c after each renewal, with PKI_NAME, PKI_NAMES, PKI_PURPOSE, PKI_SERIAL, PKI_NOT_AFTER, PKI_STORE \
and the files PKI_FOLDER, PKI_CERT, PKI_CHAIN, PKI_FULLCHAIN, PKI_CA and PKI_KEY in its environment. One that fails is run \
again the next time, also where nothing is due.")]
pub(crate) struct Args {
    /// The certificate's name, or its serial number
    #[arg(conflicts_with = "expiring")]
    pub(crate) name: Option<String>,
    /// Renews all in use that end within this time: hours, days or weeks (12h, 30d, 4w)
    #[arg(long, value_name = "WITHIN")]
    pub(crate) expiring: Option<Within>,
    /// Tells what is due, and renews nothing
    #[arg(long, requires = "expiring", conflicts_with_all = ["hook", "install_timer"])]
    pub(crate) check: bool,
    /// A name that it shall have besides those that it has; for a client, an e-mail address
    #[arg(long, value_name = "NAME", conflicts_with = "expiring")]
    pub(crate) add: Vec<String>,
    /// Makes a new key; otherwise the key is kept
    #[arg(long)]
    pub(crate) rekey: bool,
    /// Days that it lives [default: as many as the last time]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) days: Option<u32>,
    /// A command to run after a renewal
    #[arg(long, value_name = "CMD")]
    pub(crate) hook: Option<String>,
    /// Writes a systemd service and timer that do this daily, instead of doing it now
    #[arg(long, requires = "expiring", conflicts_with = "passphrase_fd")]
    pub(crate) install_timer: bool,
    /// The folder for them [default: the user's units; for root the system's]
    #[arg(long, value_name = "DIR", requires = "install_timer")]
    pub(crate) timer_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) passphrase: CaPassphrase,
}

pub(crate) fn run(args: &Args, store: &Path, out: Output) -> anyhow::Result<Exit> {
    let now = OffsetDateTime::now_utc();
    match (&args.name, &args.expiring) {
        (_, Some(within)) if args.install_timer => install_timer(args, within, store, out),
        (_, Some(within)) if args.check => check(within, &open(store)?, now, out),
        (_, Some(within)) => round(args, within, &open(store)?, now, out),
        (Some(name), None) => one(args, name, &open(store)?, now, out),
        (None, None) => Ok(nothing_named(store, out)),
    }
}

/// Either is as likely as the other.
fn nothing_named(store: &Path, out: Output) -> Exit {
    let hint = "pki renew NAME\npki renew --expiring 30d";
    let message =
        "`pki renew` expects the name of a certificate, or --expiring for all that end soon, and found neither";
    error(out, message, Some(hint), Some(store));
    Exit::Usage
}

fn one(args: &Args, name: &str, store: &Store, now: OffsetDateTime, out: Output) -> anyhow::Result<Exit> {
    let issued = ca_store::renew(store, &request::renew(args, name)?, now)?;
    let hook = run_hook(store, &issued)?;
    let exit = out.show(&CertificateIssued { issued, store: store.dir().to_owned() })?;
    match hook.and_then(|hook| hook.failure.map(|failure| (hook.command, failure))) {
        None => Ok(exit),
        Some((command, failure)) => {
            warning(out, &format!("the hook {command:?} failed: {failure}. It is run again by the next pki renew"));
            Ok(Exit::Hook)
        }
    }
}

fn run_hook(store: &Store, issued: &Issued) -> anyhow::Result<Option<Hook>> {
    let Some(command) = &issued.hook else { return Ok(None) };
    let entry = store.show(&issued.serial.to_string())?;
    Ok(Some(Hook::run(store, &entry, command)?))
}

fn check(within: &Within, store: &Store, now: OffsetDateTime, out: Output) -> anyhow::Result<Exit> {
    let due = store.due(now + within.span())?;
    let exit = if due.is_empty() { Exit::Bad } else { Exit::Done };
    out.show(&Due { due, within: within.to_string(), hooks: store.pending_hooks()?, now })?;
    Ok(exit)
}

/// All that is due, one after the other: what fails stops nothing but itself. Then the hooks that were left undone.
fn round(args: &Args, within: &Within, store: &Store, now: OffsetDateTime, out: Output) -> anyhow::Result<Exit> {
    let until = now + within.span();
    let due = store.due(until)?;
    let mut round = Round::new(within.to_string());
    let mut exit = if due.is_empty() { Exit::Bad } else { Exit::Done };
    if !due.is_empty() {
        let mut request = request::renew(args, "")?;
        let mut renewer = Renewer::open(store, request.passphrase.as_ref())?;
        for entry in &due {
            request.name = entry.serial.to_string();
            // A hook may have taken its time: each has the life that it would have alone.
            let renewed = renewer.renew_due(&request, until, OffsetDateTime::now_utc());
            exit = exit.max(keep(renewed, store, &entry.name, &mut round)?);
        }
    }
    retry(args, store, &mut round)?;
    if round.hooks.iter().any(|hook| hook.failure.is_some()) {
        exit = exit.max(Exit::Hook);
    }
    out.show(&round)?;
    Ok(exit)
}

/// Keeps what came of one renewal, and runs its hook.
fn keep(
    renewed: Result<Option<Issued>, ca_store::Error>,
    store: &Store,
    name: &str,
    round: &mut Round,
) -> anyhow::Result<Exit> {
    match renewed {
        Ok(Some(issued)) => {
            round.hooks.extend(run_hook(store, &issued)?);
            round.renewed.push(issued);
            Ok(Exit::Done)
        }
        Ok(None) => {
            round.settled.push(name.to_owned());
            Ok(Exit::Done)
        }
        Err(error) => {
            let hint = error.hint().map(|hint| named::lines(&hint, store.dir()));
            let error = anyhow::Error::from(error);
            round.failed.push(FailedRenewal { name: name.to_owned(), error: exit::message(&error), hint });
            Ok(exit::of(&error).unwrap_or(Exit::Done))
        }
    }
}

fn retry(args: &Args, store: &Store, round: &mut Round) -> anyhow::Result<()> {
    for pending in store.pending_hooks()? {
        if round.renewed.iter().any(|issued| issued.serial == pending.entry.serial) {
            // It has just been run.
            continue;
        }
        // The command may have been mended since.
        let command = args.hook.as_deref().unwrap_or(&pending.command);
        round.hooks.push(Hook::run(store, &pending.entry, command)?);
    }
    Ok(())
}

fn install_timer(args: &Args, within: &Within, store: &Path, out: Output) -> anyhow::Result<Exit> {
    let mut arguments = vec!["renew".to_owned(), "--expiring".to_owned(), within.to_string()];
    arguments.extend(args.rekey.then(|| "--rekey".to_owned()));
    arguments.extend(args.days.iter().flat_map(|days| ["--days".to_owned(), days.to_string()]));
    arguments.extend(args.hook.iter().flat_map(|hook| ["--hook".to_owned(), hook.clone()]));
    arguments.extend(args.passphrase.for_a_unit()?);
    match Timer::put(RENEWAL, &open(store)?, arguments, args.timer_dir.as_deref())? {
        Ok(installed) => out.show(&installed),
        Err(why) => Ok(misused(why, out)),
    }
}
