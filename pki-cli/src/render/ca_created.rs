//! The look of `pki init-ca`.

use std::io::{self, Write};

use ca_store::validity::rfc3339;
use ca_store::{CreatedAuthority, CreatedCa, ListsGoOn};
use serde_json::{Value, json};

use super::{field, life, pki, typed};
use crate::outcome::Outcome;

/// A certificate authority was made.
pub(crate) struct CaCreated {
    pub(crate) created: CreatedCa,
    /// What should be known of a CA that was taken over.
    pub(crate) notes: Vec<String>,
    /// Of a CA that was taken over: from where its revocation lists go on, where its last one was given.
    pub(crate) lists: Option<Option<ListsGoOn>>,
}

impl Outcome for CaCreated {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let created = &self.created;
        for (position, authority) in created.authorities.iter().enumerate() {
            writeln!(out, "{} {}", title(position), ca_store::facts::escape(&authority.name))?;
            write_authority(out, authority)?;
        }
        writeln!(out, "Store {}", typed(&created.dir))?;
        field(out, "root", &format!("{}  (what clients and servers trust)", typed(&created.root_pem)))?;
        let keys =
            if created.encrypted { "encrypted with the passphrase" } else { "readable by you alone, not encrypted" };
        field(out, "keys", keys)?;
        if let Some(path) = &created.root_key_out {
            let kept = format!("{}  (the only copy: keep it apart, and keep another)", typed(path));
            field(out, "root's key", &kept)?;
        }
        field(out, "may issue", &self.limits())?;
        if let Some(lists) = &self.lists {
            field(out, "lists", &told(lists.as_ref()))?;
        }
        writeln!(out, "Next")?;
        for command in [format!("issue server {}", self.example()), "issue client alice".to_owned()] {
            writeln!(out, "  {}", pki(&created.dir, &command))?;
        }
        Ok(())
    }

    fn json(&self) -> Value {
        let created = &self.created;
        let authorities: Vec<Value> =
            created.authorities.iter().enumerate().map(|(position, ca)| authority_json(role(position), ca)).collect();
        json!({
            "store": created.dir,
            "root_pem": created.root_pem,
            "authorities": authorities,
            "permit_dns": created.constraints.dns.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "permit_ip": created.constraints.ip.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "encrypted": created.encrypted,
            "root_key_out": created.root_key_out,
            "notes": self.notes,
            "lists": self.lists.flatten().map(|lists| json!({"number": lists.number, "entries": lists.entries})),
        })
    }

    fn warnings(&self) -> Vec<String> {
        self.notes.iter().cloned().chain(self.refused()).collect()
    }
}

impl CaCreated {
    /// The clients that take no certificate of a CA with such a key.
    fn refused(&self) -> Option<String> {
        let kind = self.created.authorities.first()?.key;
        let clients = ca_store::clients::refusing_key(kind, true);
        let word = format!(
            "{} refuse certificates of a CA whose key is {kind}; {} is taken by all",
            clients.join(", "),
            ca_store::key::KeyKind::default()
        );
        (!clients.is_empty()).then_some(word)
    }

    /// A name that it may issue for.
    fn example(&self) -> String {
        let constraints = &self.created.constraints;
        match (constraints.dns.first(), constraints.ip.first()) {
            (Some(tree), _) => format!("chat.{}", tree.domain()),
            (None, Some(block)) => block.address.to_string(),
            (None, None) => "chat.example.test".to_owned(),
        }
    }

    /// What it may issue; a kind of name that is not limited is said to be so.
    fn limits(&self) -> String {
        let constraints = &self.created.constraints;
        if constraints.is_empty() {
            return "everything".to_owned();
        }
        let rest = match (constraints.dns.is_empty(), constraints.ip.is_empty()) {
            (false, true) => ", and every IP address",
            (true, false) => ", and every DNS name",
            _ => "",
        };
        format!("{constraints}{rest}")
    }
}

/// What becomes of the revocation lists that were made elsewhere.
fn told(lists: Option<&ListsGoOn>) -> String {
    match lists {
        Some(ListsGoOn { number, entries }) => {
            let certificates = if *entries == 1 { "certificate" } else { "certificates" };
            format!("the next is number {}, and names what the last one did: {entries} {certificates}", number + 1)
        }
        None => "the next is number 1 and names nothing of before; if this CA ever made one, take it over anew with --crl FILE, \
                 its last: clients keep the higher number, and what it revoked would be valid again"
            .to_owned(),
    }
}

fn role(position: usize) -> &'static str {
    if position == 0 { "root" } else { "intermediate" }
}

fn title(position: usize) -> &'static str {
    if position == 0 { "Root CA" } else { "Issuing CA" }
}

pub(super) fn write_authority(out: &mut dyn Write, authority: &CreatedAuthority) -> io::Result<()> {
    field(out, "key", authority.key.as_str())?;
    field(out, "valid", &life(authority.validity.not_before(), authority.validity.not_after()))?;
    field(out, "serial", &authority.serial)?;
    field(out, "sha256", &authority.sha256)
}

pub(super) fn authority_json(role: &str, authority: &CreatedAuthority) -> Value {
    json!({
        "role": role,
        "name": authority.name,
        "key": authority.key,
        "serial": authority.serial,
        "not_before": rfc3339(authority.validity.not_before()),
        "not_after": rfc3339(authority.validity.not_after()),
        "sha256": authority.sha256,
    })
}
