//! `pki crl`

use std::path::{Path, PathBuf};

use ca_store::crl::lists_made_by_hand;
use ca_store::store::Store;
use time::OffsetDateTime;

use super::flags::{CaPassphrase, RootKey};
use super::{misused, open};
use crate::exit::Exit;
use crate::hook;
use crate::output::Output;
use crate::render::{ListsMade, TimerInstalled, in_place, warning};
use crate::request;
use crate::timer::{LISTS, Timer};

/// Make the revocation lists, which tell clients what was revoked
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pki crl
  pki crl --hours 36 --out /etc/nginx/crl.pem
  pki crl --url http://crl.example.test --publish /srv/www/crl
  pki crl --partitions 16 --url http://crl.example.test
  pki crl --delta --hours 6
  pki crl --root-key /media/usb/root.key --days 200
  pki crl --out /etc/nginx/crl.pem --hook 'systemctl reload nginx' --install-timer

Servers read ca/crl.pem in the store, which has the complete lists of all CAs; ca/crl/ has each list in DER, as it is \
published. With --root-key the root's list is made, and no other. The hook is run by sh -c, with PKI_STORE and PKI_CRL, \
which is ca/crl.pem, in its environment.")]
pub(crate) struct Args {
    /// Days that the lists are good for [default: 7; of a root with a CA below it 180; a delta 1]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) days: Option<u32>,
    /// Hours that the lists are good for
    #[arg(long, value_name = "N", conflicts_with = "days")]
    pub(crate) hours: Option<u32>,
    /// Makes lists of what has changed since the last complete ones
    #[arg(long, conflicts_with = "root_key")]
    pub(crate) delta: bool,
    /// Into how many partitions certificates are put from now on, each with a list of its own; 0: none
    #[arg(long, value_name = "N")]
    pub(crate) partitions: Option<u32>,
    /// The folder from which clients fetch lists (http://); certificates say so from now on
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Writes a copy of ca/crl.pem to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Writes copies of the lists that were made into this folder, in DER, as they are fetched
    #[arg(long, value_name = "DIR")]
    pub(crate) publish: Option<PathBuf>,
    /// A command to run after the lists were made: what reads them has to read them again
    #[arg(long, value_name = "CMD")]
    pub(crate) hook: Option<String>,
    /// Writes a systemd service and timer that do this in time, instead of doing it now
    #[arg(long, conflicts_with_all = ["root_key", "partitions", "url", "delta", "passphrase_fd"])]
    pub(crate) install_timer: bool,
    /// The folder for them [default: the user's units; for root the system's]
    #[arg(long, value_name = "DIR", requires = "install_timer")]
    pub(crate) timer_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) root_key: RootKey,
    #[command(flatten)]
    pub(crate) passphrase: CaPassphrase,
}

pub(crate) fn run(args: &Args, store: &Path, out: Output) -> anyhow::Result<Exit> {
    let store = open(store)?;
    if args.install_timer {
        return install_timer(args, &store, out);
    }
    let made = ca_store::crl::make_crls(&store, &request::crl(args)?, OffsetDateTime::now_utc())?;
    let failed = args
        .hook
        .as_ref()
        .and_then(|hook| hook::after_lists(store.dir(), &made.bundle, hook).err().map(|why| (hook, why)));
    let by_hand = args.root_key.root_key.is_some();
    let exit = out.show(&ListsMade { made, by_hand, store: store.dir().to_owned() })?;
    match failed {
        None => Ok(exit),
        Some((hook, why)) => {
            warning(out, &format!("the hook {hook:?} failed: {why}. The lists are made; run it by hand"));
            Ok(Exit::Hook)
        }
    }
}

fn install_timer(args: &Args, store: &Store, out: Output) -> anyhow::Result<Exit> {
    let mut arguments = vec!["crl".to_owned()];
    let numbers = [("--days", args.days), ("--hours", args.hours)];
    let number = |(name, number): (&str, Option<u32>)| number.map(|number| [name.to_owned(), number.to_string()]);
    arguments.extend(numbers.into_iter().filter_map(number).flatten());
    for (name, path) in [("--out", &args.out), ("--publish", &args.publish)] {
        if let Some(path) = path {
            arguments.extend([name.to_owned(), std::path::absolute(path)?.display().to_string()]);
        }
    }
    arguments.extend(args.hook.iter().flat_map(|hook| ["--hook".to_owned(), hook.clone()]));
    arguments.extend(args.passphrase.for_a_unit()?);
    let hours = args.hours.or(args.days.map(|days| days.saturating_mul(24)));
    let by_hand = lists_made_by_hand(store, OffsetDateTime::now_utc())?;
    match Timer::put(LISTS.before(hours), store, arguments, args.timer_dir.as_deref())? {
        Ok(installed) => {
            let note = |list| format!("the timer has no key for this one. {}", in_place(list, store.dir()));
            out.show(&TimerInstalled { notes: by_hand.iter().map(note).collect(), ..installed })
        }
        Err(why) => Ok(misused(why, out)),
    }
}
