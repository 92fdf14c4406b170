//! The look of `pki passphrase`.

use std::io::{self, Write};

use ca_store::ChangedKey;
use serde_json::{Value, json};

use super::typed;
use crate::outcome::Outcome;

/// The CA's private keys were encrypted anew, or are not encrypted any more.
pub(crate) struct PassphraseChanged {
    pub(crate) changed: Vec<ChangedKey>,
    pub(crate) encrypted: bool,
}

impl Outcome for PassphraseChanged {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let now = if self.encrypted { "encrypted with the new passphrase" } else { "not encrypted" };
        for key in &self.changed {
            let before = if key.was_so { ", as it was before" } else { "" };
            writeln!(out, "{}: {now}{before}", typed(&key.path))?;
        }
        Ok(())
    }

    fn json(&self) -> Value {
        let keys: Vec<Value> =
            self.changed.iter().map(|key| json!({"key": key.path, "changed": !key.was_so})).collect();
        json!({"keys": keys, "encrypted": self.encrypted})
    }

    fn warnings(&self) -> Vec<String> {
        if self.encrypted {
            return Vec::new();
        }
        vec!["whoever gets a copy of the store can now sign with its keys".to_owned()]
    }
}
