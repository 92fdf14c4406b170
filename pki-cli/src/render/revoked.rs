//! The look of `pki revoke`.

use std::io::{self, Write};
use std::path::PathBuf;

use ca_store::facts::escape;
use ca_store::reason::Reason;
use ca_store::shell::quote;
use ca_store::validity::rfc3339;
use ca_store::{Change, MAX_TOLD, Revoked};
use serde_json::{Value, json};

use super::{field, minute, pki};
use crate::outcome::Outcome;

/// A certificate was revoked, or its hold lifted.
pub(crate) struct CertificateRevoked {
    pub(crate) revoked: Revoked,
    pub(crate) store: PathBuf,
}

impl Outcome for CertificateRevoked {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let revoked = &self.revoked;
        writeln!(out, "{}: {}", self.title(), escape(&revoked.name))?;
        field(out, "serial", &revoked.serial)?;
        field(out, "since", &minute(revoked.at))?;
        if revoked.change != Change::HoldLifted {
            field(out, "reason", revoked.reason.as_str())?;
        }
        if !revoked.also.is_empty() {
            field(out, "also", &self.also())?;
        }
        field(out, "clients", &self.known())?;
        if let Some(below) = self.below() {
            field(out, "below it", &below)?;
        }
        writeln!(out, "Next")?;
        self.next().iter().try_for_each(|command| writeln!(out, "  {}", pki(&self.store, command)))
    }

    fn json(&self) -> Value {
        let revoked = &self.revoked;
        let lifted = revoked.change == Change::HoldLifted;
        json!({
            "name": revoked.name,
            "serial": revoked.serial,
            "status": if lifted { "valid" } else { "revoked" },
            "change": change(revoked.change),
            "revoked": (!lifted).then(|| rfc3339(revoked.at)),
            "reason": (!lifted).then_some(revoked.reason.as_str()),
            "crl": revoked.list.map(|list| json!({
                "number": list.number,
                "this_update": rfc3339(list.this_update),
                "next_update": rfc3339(list.next_update),
            })),
            "also": revoked.also,
            "issued_in_use": revoked.ca.map(|ca| ca.in_use),
            "notes": revoked.notes,
        })
    }

    fn warnings(&self) -> Vec<String> {
        self.revoked.notes.clone()
    }
}

impl CertificateRevoked {
    fn title(&self) -> &'static str {
        if self.revoked.change == Change::Already && !self.is_unchanged() {
            return "Revoked already, older ones of the name are now";
        }
        match (self.revoked.change, self.revoked.reason) {
            (Change::Revoked, Reason::CertificateHold) => "Put on hold",
            (Change::Revoked, _) => "Revoked",
            (Change::Already, _) => "Revoked already, nothing was changed",
            (Change::HoldMadeFinal, _) => "Revoked for good, after a hold",
            (Change::HoldLifted, _) => "Hold lifted",
        }
    }

    /// The older ones by their numbers, as many as a person reads.
    fn also(&self) -> String {
        let also = &self.revoked.also;
        let told = also[..also.len().min(MAX_TOLD)].join(", ");
        let more = match also.len().saturating_sub(MAX_TOLD) {
            0 => String::new(),
            more => {
                let list = pki(&self.store, &format!("list --name {}", quote(&self.revoked.name)));
                format!(" and {more} more: {list}")
            }
        };
        format!("{} older of the same name: {told}{more}", also.len())
    }

    /// A CA stands in its root's list, whose key may be elsewhere, and what it issued has to come from another.
    fn next(&self) -> Vec<String> {
        let key = if self.revoked.ca.is_some_and(|ca| !ca.has_root_key) { " --root-key FILE" } else { "" };
        let mut commands = vec![format!("crl{key}")];
        let Some(ca) = self.revoked.ca else { return commands };
        if ca.issues {
            commands.push(format!("rollover --intermediate{key}"));
        }
        if ca.issues || ca.in_use > 0 {
            commands.push(format!("list --issued-by {}", quote(&self.revoked.name)));
        }
        commands
    }

    /// Who goes down with a CA.
    fn below(&self) -> Option<String> {
        let renew = pki(&self.store, "renew NAME");
        match self.revoked.ca?.in_use {
            0 => None,
            1 => Some(format!("1 certificate in use, which is refused with it and has to be renewed: {renew}")),
            many => {
                Some(format!("{many} certificates in use, which are refused with it and have to be renewed: {renew}"))
            }
        }
    }

    fn is_unchanged(&self) -> bool {
        self.revoked.change == Change::Already && self.revoked.also.is_empty()
    }

    /// What those who look at lists make of it so far.
    fn known(&self) -> String {
        match self.revoked.list {
            None => "learn of it from a revocation list, and none was made yet".to_owned(),
            Some(list) if self.is_unchanged() && list.this_update > self.revoked.at => {
                format!("are told by list {} of {}", list.number, minute(list.this_update))
            }
            Some(list) => format!(
                "learn of it from the next revocation list: number {} of {} does not know",
                list.number,
                minute(list.this_update)
            ),
        }
    }
}

fn change(change: Change) -> &'static str {
    match change {
        Change::Revoked => "revoked",
        Change::Already => "none",
        Change::HoldMadeFinal => "hold-made-final",
        Change::HoldLifted => "hold-lifted",
    }
}
