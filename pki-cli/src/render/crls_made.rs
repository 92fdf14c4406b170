//! The look of `pki crl`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ca_store::crl::{CrlMade, CrlsMade, ListInPlace};
use ca_store::facts::escape;
use ca_store::validity::rfc3339;
use serde_json::{Value, json};

use super::{field, minute, pki, typed};
use crate::outcome::Outcome;

/// Revocation lists were made.
pub(crate) struct ListsMade {
    pub(crate) made: CrlsMade,
    /// With a key that is not in the store, so that no timer can do it.
    pub(crate) by_hand: bool,
    pub(crate) store: PathBuf,
}

/// Lists that are told one by one; of more partitions, the first and how many there are.
const SHOWN: usize = 8;

impl Outcome for ListsMade {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let lists = &self.made.lists;
        let shown = if lists.len() > SHOWN { SHOWN - 1 } else { lists.len() };
        lists[..shown].iter().try_for_each(|list| write_list(out, list))?;
        if shown < lists.len() {
            writeln!(out, "… and {} more", lists.len() - shown)?;
        }
        if lists.is_empty() {
            writeln!(out, "No list was made")?;
        }
        writeln!(out, "Servers read {}", escape(&typed(&self.made.bundle)))?;
        self.made.copies.iter().try_for_each(|copy| field(out, "copy", &typed(copy)))?;
        let complete = lists.iter().filter(|list| list.base.is_none());
        if let Some(end) = complete.map(|list| list.next_update).min() {
            let timer = if self.by_hand { "" } else { ", or once with --install-timer" };
            let refuse = "Servers refuse everybody whose list has ended: make them again before";
            writeln!(out, "{refuse} {}{timer}", minute(end))?;
        }
        self.made.others.iter().try_for_each(|list| writeln!(out, "{}", escape(&in_place(list, &self.store))))
    }

    fn json(&self) -> Value {
        json!({
            "lists": self.made.lists.iter().map(list_json).collect::<Vec<_>>(),
            "bundle": self.made.bundle,
            "copies": self.made.copies,
            "in_place": self.made.others.iter().map(in_place_json).collect::<Vec<_>>(),
            "notes": self.made.notes,
        })
    }

    fn warnings(&self) -> Vec<String> {
        self.made.notes.clone()
    }
}

fn write_list(out: &mut dyn Write, list: &CrlMade) -> io::Result<()> {
    let kind = match list.base {
        Some(base) => format!("delta of {base}"),
        None => "complete".to_owned(),
    };
    let of = if list.partition > 0 { format!(", partition {}", list.partition) } else { String::new() };
    writeln!(out, "{}: list {}, {kind}{of}", escape(&list.ca), list.number)?;
    field(
        out,
        "names",
        &match list.entries {
            1 => "1 certificate".to_owned(),
            entries => format!("{entries} certificates"),
        },
    )?;
    field(out, "good until", &minute(list.next_update))?;
    field(out, "file", &typed(&list.file))?;
    list.urls.iter().try_for_each(|url| field(out, "fetched at", url.as_str()))
}

/// A list that another command makes again, and by when.
pub(crate) fn in_place(list: &ListInPlace, store: &Path) -> String {
    let command = pki(store, if list.key_here { "crl" } else { "crl --root-key FILE" });
    format!("Made before: list {} of {}, which ends at {}: {command}", list.number, list.ca, minute(list.next_update))
}

fn in_place_json(list: &ListInPlace) -> Value {
    json!({"ca": list.ca, "number": list.number, "next_update": rfc3339(list.next_update)})
}

fn list_json(list: &CrlMade) -> Value {
    json!({
        "ca": list.ca,
        "number": list.number,
        "base": list.base,
        "partition": list.partition,
        "entries": list.entries,
        "this_update": rfc3339(list.this_update),
        "next_update": rfc3339(list.next_update),
        "file": list.file,
        "urls": list.urls.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}
