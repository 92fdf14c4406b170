//! The look of `pki rollover`.

use std::io::{self, Write};
use std::path::PathBuf;

use ca_store::facts::escape;
use ca_store::{CreatedAuthority, Finished};
use serde_json::{Value, json};

use super::ca_created::{authority_json, write_authority};
use super::{field, pki, typed};
use crate::outcome::Outcome;

/// A new generation of CAs was made.
pub(crate) struct RolledOver {
    pub(crate) rolled: ca_store::RolledOver,
    pub(crate) store: PathBuf,
}

impl Outcome for RolledOver {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        for (title, _, authority) in self.made() {
            writeln!(out, "{title} {}", escape(&authority.name))?;
            write_authority(out, authority)?;
        }
        let rolled = &self.rolled;
        writeln!(out, "From now on")?;
        field(out, "issues", self.issuer())?;
        match &rolled.old_root {
            Some(old) => field(
                out,
                "trusted",
                &format!("{}  (the new root, and {old} until --finish)", typed(&rolled.root_pem)),
            )?,
            None => field(out, "trusted", &format!("{}  (as before)", typed(&rolled.root_pem)))?,
        }
        if let Some(path) = &rolled.root_key_out {
            let kept = format!("{}  (the only copy: keep it apart, and keep another)", typed(path));
            field(out, "root's key", &kept)?;
        }
        if let Some(path) = &rolled.crl_pem {
            field(out, "lists", &format!("{}  (made anew: give it to servers)", typed(path)))?;
        }
        field(out, "in use", &format!("{} certificates of CAs before", rolled.in_use))?;
        writeln!(out, "Next")?;
        self.next().iter().try_for_each(|command| writeln!(out, "  {command}"))
    }

    fn json(&self) -> Value {
        let rolled = &self.rolled;
        let made: Vec<Value> = self.made().map(|(_, role, authority)| authority_json(role, authority)).collect();
        json!({
            "authorities": made,
            "old_issuer": rolled.old_issuer,
            "old_root": rolled.old_root,
            "in_use": rolled.in_use,
            "root_pem": rolled.root_pem,
            "root_key_out": rolled.root_key_out,
            "crl_pem": rolled.crl_pem,
            "notes": rolled.notes,
        })
    }

    fn warnings(&self) -> Vec<String> {
        self.rolled.notes.clone()
    }
}

impl RolledOver {
    fn made(&self) -> impl Iterator<Item = (&'static str, &'static str, &CreatedAuthority)> {
        let rolled = &self.rolled;
        let root = rolled.root.iter().map(|ca| ("Root CA", "root", ca));
        let cross = rolled.cross.iter().map(|ca| ("The same, signed by the old root:", "cross", ca));
        root.chain(cross).chain(rolled.issuing.iter().map(|ca| ("Issuing CA", "intermediate", ca)))
    }

    fn issuer(&self) -> &str {
        let rolled = &self.rolled;
        rolled.issuing.as_ref().or(rolled.root.as_ref()).map_or(&rolled.old_issuer, |ca| &ca.name)
    }

    fn next(&self) -> Vec<String> {
        let mut commands = vec![pki(&self.store, "list --issued-by old"), pki(&self.store, "renew NAME")];
        if self.rolled.crl_pem.is_none() {
            // Each CA has a list of its own: whoever checks revocation waits for the new one's.
            commands.insert(0, pki(&self.store, "crl"));
        }
        if self.rolled.old_root.is_some() {
            commands.push(pki(&self.store, "rollover --finish"));
        }
        commands
    }
}

/// An old root is trusted no more.
pub(crate) struct RolloverFinished {
    pub(crate) finished: Finished,
    pub(crate) root_pem: PathBuf,
}

impl Outcome for RolloverFinished {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let finished = &self.finished;
        writeln!(out, "Roll-over finished: {} is trusted no more", escape(&finished.old_root))?;
        field(out, "root", &finished.root)?;
        field(out, "trusted", &typed(&self.root_pem))?;
        writeln!(out, "Next")?;
        writeln!(
            out,
            "  give this file to clients and servers in place of the one with both roots, and renew what should send a"
        )?;
        writeln!(out, "  shorter chain; the old root's key is needed for nothing but its revocation list")
    }

    fn json(&self) -> Value {
        let finished = &self.finished;
        json!({
            "old_root": finished.old_root,
            "root": finished.root,
            "in_use": finished.in_use,
            "root_pem": self.root_pem,
        })
    }

    fn warnings(&self) -> Vec<String> {
        match self.finished.in_use {
            0 => Vec::new(),
            count => vec![format!("{count} certificates in use led to the old root alone, and are trusted no more")],
        }
    }
}
