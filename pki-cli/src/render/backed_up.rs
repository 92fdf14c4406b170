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
        if let Some(mark) = mark {
            field(out, "log", &format!("pki log verify --expect {mark}"))?;
        }
        self.write_way_back(out)
    }

    fn json(&self) -> Value {
        json!(self.backup)
    }

    fn warnings(&self) -> Vec<String> {
        let elsewhere = self.backup.elsewhere.iter();
        elsewhere.map(|folder| format!("{} is not in the store, and not in the copy", typed(folder))).collect()
    }
}

impl BackedUp {
    /// What is in an archive is in a folder of its own.
    fn write_way_back(&self, out: &mut dyn Write) -> io::Result<()> {
        let copy = &self.backup.path;
        let (unpack, store) = match copy.is_dir() {
            true => (String::new(), typed(copy)),
            false => (format!("tar -xf {} && ", typed(copy)), "pki".to_owned()),
        };
        writeln!(out, "To use it in the store's place\n  {unpack}pki --store {store} check")
    }
}
