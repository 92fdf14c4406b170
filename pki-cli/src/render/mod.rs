//! How results look. Decides nothing: what is shown was decided before.

mod backed_up;
mod batched;
mod ca_created;
pub(crate) mod card;
mod checked;
mod crls_made;
mod exported;
pub(crate) mod folder;
mod issued;
mod listed;
mod logged;
mod message;
pub(crate) mod named;
mod passphrase_changed;
mod progress;
mod recertified;
mod renewal;
mod request_made;
mod reviewed;
mod revoked;
mod rolled_over;
mod shown;
mod trouble;
mod trusted;

use std::io::{self, Write};
use std::path::Path;

use ca_store::shell::quote_file;
use ca_store::store::named::pki;
use time::OffsetDateTime;

pub(crate) use backed_up::BackedUp;
pub(crate) use batched::{BatchCarriedOut, BatchRefused};
pub(crate) use ca_created::CaCreated;
pub(crate) use checked::{CertificateChecked, Checked};
pub(crate) use crls_made::{ListsMade, in_place};
pub(crate) use exported::{Exported, Form};
pub(crate) use issued::CertificateIssued;
pub(crate) use listed::Listing;
pub(crate) use logged::{LogVerified, Logged};
pub(crate) use message::{error, waiting, warning};
pub(crate) use passphrase_changed::PassphraseChanged;
pub(crate) use progress::Progress;
pub(crate) use recertified::Recertified;
pub(crate) use renewal::{Due, FailedRenewal, Round, TimerInstalled};
pub(crate) use request_made::RequestMade;
pub(crate) use reviewed::RequestReviewed;
pub(crate) use revoked::CertificateRevoked;
pub(crate) use rolled_over::{RolledOver, RolloverFinished};
pub(crate) use shown::Shown;
pub(crate) use trusted::{Step, StoreRow, Trusted};

/// Columns of a label before its value.
const LABEL: usize = 10;

/// A line `label   value`, the value without control characters.
fn field(out: &mut dyn Write, label: &str, value: &str) -> io::Result<()> {
    writeln!(out, "  {label:LABEL$} {}", ca_store::facts::escape(value))
}

/// A path as a word that can be typed.
fn typed(path: &Path) -> String {
    quote_file(&path.display().to_string())
}

/// `2030-01-01 to 2030-04-01 (90 days)`; the seconds are in the JSON.
fn life(not_before: OffsetDateTime, not_after: OffsetDateTime) -> String {
    let days = (not_after - not_before + time::Duration::SECOND).whole_days();
    format!("{} to {} ({days} days)", minute(not_before), minute(not_after))
}

/// `2030-01-01 12:00 UTC`
fn minute(at: OffsetDateTime) -> String {
    format!("{} {:02}:{:02} UTC", at.date(), at.hour(), at.minute())
}
