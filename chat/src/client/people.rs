//! Who is where, as far as one has heard: for completing names.

use std::collections::{BTreeMap, VecDeque};

use super::input::is_channel;
use super::session::Incoming;
use crate::limits::client::{CANDIDATES, CHANNELS, PEOPLE, SPEAKERS};

/// The people of one's channels, and who spoke last.
#[derive(Debug, Default)]
pub(super) struct People {
    /// Nicknames by their lower case, by the channel's.
    channels: BTreeMap<String, BTreeMap<String, String>>,
    /// Nicknames in all of these.
    known: usize,
    /// Where somebody spoke, and who: the last one first.
    spoke: VecDeque<(String, String)>,
}

impl People {
    /// Takes what a line tells of who comes, goes, speaks, or has another name.
    pub(super) fn take(&mut self, incoming: &Incoming, own: &str) {
        let source = incoming.source_nick();
        let is_own = source.eq_ignore_ascii_case(own);
        let first = incoming.raw(0).unwrap_or_default();
        match incoming.command.as_str() {
            "353" => incoming.raw_last().split_whitespace().for_each(|name| {
                self.enter(incoming.raw(2).unwrap_or_default(), bare(name));
            }),
            "JOIN" if is_own => self.begin(first),
            "JOIN" => self.enter(first, source),
            "PART" if is_own => self.end(first),
            "PART" => self.leave(first, source),
            "KICK" => match incoming.raw(1).unwrap_or_default() {
                nick if nick.eq_ignore_ascii_case(own) => self.end(first),
                nick => self.leave(first, nick),
            },
            "QUIT" => self.leave_all(source),
            "NICK" => self.rename(source, incoming.raw_last()),
            "PRIVMSG" if !is_own => self.speak(if is_channel(first) { first } else { source }, source),
            _ => {}
        }
    }

    fn begin(&mut self, channel: &str) {
        self.end(channel);
        if self.channels.len() < CHANNELS {
            self.channels.insert(channel.to_ascii_lowercase(), BTreeMap::new());
        }
    }

    fn end(&mut self, channel: &str) {
        let gone = self.channels.remove(&channel.to_ascii_lowercase());
        self.known -= gone.map_or(0, |people| people.len());
    }

    fn enter(&mut self, channel: &str, nick: &str) {
        let Some(people) = self.channels.get_mut(&channel.to_ascii_lowercase()) else { return };
        let fits = self.known < PEOPLE && !nick.is_empty() && !nick.contains(char::is_control);
        if fits && people.insert(nick.to_ascii_lowercase(), nick.to_owned()).is_none() {
            self.known += 1;
        }
    }

    fn leave(&mut self, channel: &str, nick: &str) {
        let people = self.channels.get_mut(&channel.to_ascii_lowercase());
        self.known -= usize::from(people.is_some_and(|people| people.remove(&nick.to_ascii_lowercase()).is_some()));
    }

    fn leave_all(&mut self, nick: &str) {
        let nick = nick.to_ascii_lowercase();
        let gone = self.channels.values_mut().filter_map(|people| people.remove(&nick)).count();
        self.known -= gone;
        self.spoke.retain(|(_, speaker)| !speaker.eq_ignore_ascii_case(&nick));
    }

    fn rename(&mut self, from: &str, to: &str) {
        let from = from.to_ascii_lowercase();
        let there: Vec<String> = self
            .channels
            .iter()
            .filter(|(_, people)| people.contains_key(&from))
            .map(|(name, _)| name.clone())
            .collect();
        for channel in there {
            self.leave(&channel, &from);
            self.enter(&channel, to);
        }
        self.spoke
            .iter_mut()
            .filter(|(_, nick)| nick.eq_ignore_ascii_case(&from))
            .for_each(|(_, nick)| to.clone_into(nick));
    }

    fn speak(&mut self, place: &str, nick: &str) {
        if nick.contains(char::is_control) {
            return;
        }
        let said = (place.to_ascii_lowercase(), nick.to_owned());
        self.spoke.retain(|other| *other != said);
        self.spoke.push_front(said);
        self.spoke.truncate(SPEAKERS);
    }

    /// Nicknames that begin so: who spoke here last, then who else is here, then who wrote to one.
    pub(super) fn named(&self, begins: &str, here: Option<&str>, own: &str) -> Vec<String> {
        let here = here.unwrap_or_default().to_ascii_lowercase();
        let begins = begins.to_ascii_lowercase();
        let at_here = |at: bool| {
            let here = here.as_str();
            self.spoke.iter().filter(move |(place, _)| (place == here) == at).map(|(_, nick)| nick)
        };
        let others = self.channels.get(&here).into_iter().flat_map(BTreeMap::values);
        let mut found: Vec<String> = Vec::new();
        for nick in at_here(true).chain(others).chain(at_here(false)) {
            let fits = nick.to_ascii_lowercase().starts_with(&begins) && !nick.eq_ignore_ascii_case(own);
            if fits && !found.contains(nick) {
                found.push(nick.clone());
            }
            if found.len() == CANDIDATES {
                break;
            }
        }
        found
    }
}

/// A name of the list without its ranks, and without user and host (`multi-prefix`, `userhost-in-names`).
fn bare(name: &str) -> &str {
    let name = name.trim_start_matches(['~', '&', '@', '%', '+', '!']);
    name.split('!').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(lines: &[&str]) -> People {
        let mut people = People::default();
        for line in lines {
            people.take(&Incoming::parse(line.as_bytes()).expect("a line"), "alice");
        }
        people
    }

    const TALK: &[&str] = &[":alice!a@h JOIN #a", ":s 353 alice = #a :@alice +bob Bert carol", ":bea!b@h JOIN #A"];

    #[test]
    fn who_spoke_last_is_named_first() {
        let mut lines = TALK.to_vec();
        lines.extend([":carol!c@h PRIVMSG #a :hi", ":bob!b@h PRIVMSG #a :hi", ":boris!b@h PRIVMSG alice :psst"]);
        let people = people(&lines);
        assert_eq!(people.named("b", Some("#a"), "alice"), ["bob", "bea", "Bert", "boris"]);
        assert_eq!(people.named("", Some("#a"), "alice")[..2], ["bob", "carol"]);
        assert_eq!(people.named("BER", Some("#a"), "alice"), ["Bert"]);
        assert_eq!(people.named("b", None, "alice").last().map(String::as_str), Some("bob"));
    }

    #[test]
    fn who_left_is_named_no_more_and_who_is_renamed_by_his_new_name() {
        let mut lines = TALK.to_vec();
        lines.extend([":bob!b@h PART #a", ":bea!b@h QUIT :bye", ":alice!a@h KICK #a carol :out", ":Bert!b@h NICK zoe"]);
        let told = people(&lines);
        assert_eq!(told.named("", Some("#a"), "alice"), ["zoe"]);
        assert_eq!(told.known, 2);
        lines.push(":alice!a@h PART #a");
        assert_eq!(people(&lines).known, 0);
    }

    #[test]
    fn people_and_speakers_have_bounds() {
        let mut people = people(TALK);
        for number in 0..PEOPLE + 10 {
            people.enter("#a", &format!("n{number}"));
            people.speak(&format!("p{number}"), "somebody");
        }
        assert_eq!((people.known, people.spoke.len()), (PEOPLE, SPEAKERS));
        assert_eq!(people.named("n", Some("#a"), "alice").len(), CANDIDATES);
        people.enter("#a", "\u{1b}[2J");
        assert!(people.named("\u{1b}", Some("#a"), "alice").is_empty());
    }
}
