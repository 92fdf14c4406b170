//! How far people have read (IRCv3 draft/read-marker): an account's for all its sessions, a guest's for its own.

use std::collections::{BTreeMap, HashMap};

use super::limits::{READ_MARKERS, READ_MARKERS_EACH};
use super::{ClientId, Now};
use crate::wire::casemap::Folded;

/// Whose marker it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Reader {
    /// By its folded name.
    Account(Folded),
    /// For as long as it is connected.
    Guest(ClientId),
}

/// The time of the last message that somebody has read, for each conversation.
#[derive(Debug, Default)]
pub(super) struct Markers {
    readers: HashMap<Reader, BTreeMap<Folded, i64>>,
    count: usize,
}

impl Markers {
    pub(super) fn get(&self, reader: &Reader, target: &Folded) -> Option<Now> {
        self.readers.get(reader)?.get(target).map(|unix_ms| Now { unix_ms: *unix_ms })
    }

    /// Moves a marker forward. False: there is no room for it.
    pub(super) fn set(&mut self, reader: Reader, target: Folded, at: Now) -> bool {
        let full = self.count >= READ_MARKERS;
        let markers = self.readers.entry(reader).or_default();
        if !markers.contains_key(&target) {
            if full || markers.len() >= READ_MARKERS_EACH {
                return false;
            }
            self.count += 1;
        }
        markers.insert(target, at.unix_ms);
        true
    }

    /// Takes one out.
    pub(super) fn take(&mut self, reader: &Reader, target: &Folded) -> Option<Now> {
        let unix_ms = self.readers.get_mut(reader)?.remove(target)?;
        self.count -= 1;
        Some(Now { unix_ms })
    }

    /// A guest is gone, with its markers.
    pub(super) fn forget_guest(&mut self, client: ClientId) {
        let gone = self.readers.remove(&Reader::Guest(client));
        self.count -= gone.map_or(0, |markers| markers.len());
    }

    /// Those of guests, in the order of their keys.
    pub(super) fn of_guests(&self) -> Vec<(ClientId, String, i64)> {
        let guests = self.readers.iter().filter_map(|(reader, markers)| match reader {
            Reader::Guest(client) => Some((*client, markers)),
            Reader::Account(_) => None,
        });
        let markers = guests.flat_map(|(client, markers)| {
            markers.iter().map(move |(target, at)| (client, target.as_str().to_owned(), *at))
        });
        let mut all: Vec<_> = markers.collect();
        all.sort_unstable();
        all
    }

    /// One of them, as another node knows it.
    pub(super) fn restore_guest(&mut self, client: ClientId, target: &str, unix_ms: i64) {
        self.set(Reader::Guest(client), Folded::new(target), Now { unix_ms });
    }

    /// One that was kept.
    pub(super) fn remember(&mut self, key: &str, value: &str) {
        if let Some((account, target)) = key.split_once(' ')
            && let Ok(unix_ms) = value.parse()
        {
            self.set(Reader::Account(Folded::new(account)), Folded::new(target), Now { unix_ms });
        }
    }
}

/// Under which key an account's marker is kept.
pub(super) fn record_key(account: &Folded, target: &Folded) -> String {
    // Neither has a space.
    format!("{} {}", account.as_str(), target.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_counted_and_bounded_for_each_reader() {
        let mut markers = Markers::default();
        let guest = Reader::Guest(ClientId(1));
        let at = Now { unix_ms: 7 };
        for number in 0..READ_MARKERS_EACH {
            assert!(markers.set(guest.clone(), Folded::new(&format!("#{number}")), at));
        }
        assert!(!markers.set(guest.clone(), Folded::new("#more"), at));
        assert!(markers.set(guest.clone(), Folded::new("#1"), at), "it is there already");
        markers.remember("al #a", "42");
        let account = Reader::Account(Folded::new("al"));
        assert_eq!(markers.get(&account, &Folded::new("#a")), Some(Now { unix_ms: 42 }));
        assert_eq!(markers.take(&account, &Folded::new("#a")), Some(Now { unix_ms: 42 }));
        markers.forget_guest(ClientId(1));
        assert_eq!(markers.count, 0);
    }
}
