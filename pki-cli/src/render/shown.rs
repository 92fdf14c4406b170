//! The look of `pki show`.

use std::io::{self, Write};

use ca_store::facts::escape;
use ca_store::store::{Delivered, IndexEntry, IssuedFiles, Status, certificate_pem};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{field, life, minute, typed};
use crate::outcome::Outcome;

/// One certificate of the store.
pub(crate) struct Shown {
    pub(crate) entry: IndexEntry,
    pub(crate) files: IssuedFiles,
    /// Where it is instead.
    pub(crate) delivered: Option<Delivered>,
    pub(crate) now: OffsetDateTime,
}

impl Outcome for Shown {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let entry = &self.entry;
        writeln!(out, "{}", escape(&entry.name))?;
        field(out, "status", &self.status())?;
        field(out, "purpose", entry.purpose.as_str())?;
        field(out, "subject", &entry.subject)?;
        if !entry.sans.is_empty() {
            field(out, "names", &entry.sans.join(", "))?;
        }
        field(out, "valid", &life(entry.not_before, entry.not_after))?;
        field(out, "issuer", &entry.issuer)?;
        field(out, "serial", &entry.serial.to_string())?;
        field(out, "sha256", &entry.sha256)?;
        match (entry.replaced_by, &self.delivered) {
            (Some(serial), _) => field(out, "replaced", &format!("by {serial}"))?,
            (None, None) => field(out, "files", &typed(&self.files.folder))?,
            (None, Some(Delivered { form, file: Some(file) })) => field(out, "files", &format!("in {file} ({form})"))?,
            (None, Some(Delivered { form, file: None })) => field(out, "files", &format!("went out as {form}"))?,
        }
        write!(out, "{}", certificate_pem(&entry.der))
    }

    fn json(&self) -> Value {
        let mut value = json!(self.entry.at(self.now));
        value["certificate"] = certificate_pem(&self.entry.der).into();
        value["files"] = match (self.entry.replaced_by, &self.delivered) {
            (None, None) => json!(self.files),
            _ => Value::Null,
        };
        value["delivered"] = json!(self.delivered);
        value
    }
}

impl Shown {
    fn status(&self) -> String {
        let standing = self.entry.status(self.now);
        let status = standing.as_str();
        match self.entry.revoked {
            None if standing == Status::Valid => match self.entry.distrust {
                Some(distrust) => format!("{status} by its dates, but {distrust}"),
                None => status.to_owned(),
            },
            Some(at) => format!("{status} since {} ({})", minute(at), self.entry.reason.unwrap_or_default()),
            None => status.to_owned(),
        }
    }
}
