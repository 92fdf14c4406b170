//! The look of `pki backup`.

use std::io::{self, Write};

use ca_store::store::Backup;
use serde_json::{Value, json};

use super::{field, typed};
use crate::outcome::Outcome;

/// A copy of the store.
pub(crate) struct BackedUp {
    pub(crate) backup: Backup,
}

impl Outcome for BackedUp {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let Backup { path, files, octets, certificates, mark, .. } = &self.backup;
        writeln!(out, "the store was copied: keep the copy as safe as the store, it holds the private keys")?;
        field(out, "copy", &typed(path))?;
        field(out, "holds", &format!("{certificates} certificates, {files} files, {octets} octets"))?;
        match mark {
            Some(mark) => field(out, "log", &format!("pki log verify --expect {mark}")),
            None => Ok(()),
        }
    }

    fn json(&self) -> Value {
        json!(self.backup)
    }

    fn warnings(&self) -> Vec<String> {
        let elsewhere = self.backup.elsewhere.iter();
        elsewhere.map(|folder| format!("{} is not in the store, and not in the copy", typed(folder))).collect()
    }
}
