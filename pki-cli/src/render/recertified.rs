//! The look of `pki rollover --same-key`.

use std::io::{self, Write};
use std::path::PathBuf;

use ca_store::Generation;
use ca_store::facts::escape;
use serde_json::{Value, json};

use super::ca_created::{authority_json, write_authority};
use super::{field, pki, typed};
use crate::outcome::Outcome;

/// A CA's certificate was made anew for the same key.
pub(crate) struct Recertified {
    pub(crate) recertified: ca_store::Recertified,
    pub(crate) store: PathBuf,
}

impl Outcome for Recertified {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let it = &self.recertified;
        writeln!(out, "{} certified again: {}", self.title(), escape(&it.authority.name))?;
        write_authority(out, &it.authority)?;
        field(out, "file", &typed(&it.file))?;
        writeln!(out, "Before")?;
        write_authority(out, &it.former)?;
        field(out, "file", &typed(&it.former_file))?;
        writeln!(out, "From now on")?;
        field(out, "key", self.key())?;
        field(out, "lists", "go on as they were")?;
        field(out, "in use", &format!("{} certificates below it, as they were", it.in_use))?;
        writeln!(out, "{}", self.when())?;
        self.next().iter().try_for_each(|line| writeln!(out, "  {line}"))
    }

    fn json(&self) -> Value {
        let it = &self.recertified;
        let role = if it.generation == Generation::Root { "root" } else { "intermediate" };
        let mut former = authority_json(role, &it.former);
        former["file"] = json!(it.former_file);
        json!({
            "same_key": true,
            "authorities": [authority_json(role, &it.authority)],
            "file": it.file,
            "former": former,
            "former_ended": it.former_ended,
            "in_use": it.in_use,
            "root_pem": it.root_pem,
            "notes": it.notes,
        })
    }

    fn warnings(&self) -> Vec<String> {
        self.recertified.notes.clone()
    }
}

impl Recertified {
    fn title(&self) -> &'static str {
        match self.recertified.generation {
            Generation::Root => "Root CA",
            Generation::Intermediate => "Issuing CA",
        }
    }

    fn key(&self) -> &'static str {
        match self.recertified.former_ended {
            true => "the same: whoever has the new certificate accepts what it has issued and will issue",
            false => "the same: whoever has either certificate accepts what it has issued and will issue",
        }
    }

    /// Until when it has to be done.
    fn when(&self) -> &'static str {
        match self.recertified.former_ended {
            true => "Next, and at once: the old certificate has ended, and with it alone nothing below it is accepted",
            false => "Next, before the old certificate ends",
        }
    }

    fn next(&self) -> Vec<String> {
        match self.recertified.generation {
            Generation::Root => vec![
                format!("give {} to clients and servers in place of the old root", typed(&self.recertified.root_pem)),
                pki(&self.store, "trust install"),
            ],
            Generation::Intermediate => vec![
                "renew what servers and clients send: the new certificate comes with it".to_owned(),
                pki(&self.store, "renew NAME"),
            ],
        }
    }
}
