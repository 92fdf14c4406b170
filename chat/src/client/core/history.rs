//! What was said before one came, or while one was away: asked for where one enters a channel, and by `/history` (IRCv3
//! chathistory). Each line carries the time at which it was said (IRCv3 server-time), and so it is shown.

use super::same_channel;
use crate::client::session::Incoming;
use crate::client::view::{Entry, Kind};
use crate::limits::client::{CHANNELS, HISTORY_MISSED, HISTORY_ON_ENTERING};

/// The capabilities that it takes, all or none of them.
pub(in crate::client) const CAPABILITIES: [&str; 3] = ["batch", "server-time", "draft/chathistory"];

/// The newest line that one has seen of a channel, by the time that the server gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    channel: String,
    /// As the server wrote it.
    time: String,
}

/// What was seen of each channel, and what is being told of before.
#[derive(Debug, Default)]
pub(super) struct History {
    seen: Vec<Seen>,
    telling: Option<Telling>,
}

/// A batch that is open.
#[derive(Debug)]
struct Telling {
    reference: String,
    target: String,
    lines: usize,
}

/// What a line of the server's is to the history.
pub(super) enum Told {
    /// Not of it.
    Not,
    /// Of it, and shown with the time of it.
    Line,
    /// Its end, and what to say of it.
    End(Option<Entry>),
    /// Nothing to show.
    Silently,
}

impl History {
    /// With what was seen over an earlier connection.
    pub(super) fn after(seen: Vec<Seen>) -> History {
        History { seen, telling: None }
    }

    pub(super) fn seen(&self) -> &[Seen] {
        &self.seen
    }

    /// What to ask for on entering a channel: what was missed since, or the last that was said.
    pub(super) fn on_entering(&self, channel: &str) -> String {
        match self.seen.iter().find(|seen| same_channel(&seen.channel, channel)) {
            Some(Seen { time, .. }) => format!("CHATHISTORY LATEST {channel} timestamp={time} {HISTORY_MISSED}"),
            None => format!("CHATHISTORY LATEST {channel} * {HISTORY_ON_ENTERING}"),
        }
    }

    /// Takes a line of the server's.
    pub(super) fn take(&mut self, incoming: &Incoming) -> Told {
        if incoming.command == "BATCH" {
            return self.batch(incoming);
        }
        let is_of_it = |telling: &&mut Telling| incoming.batch() == Some(&telling.reference);
        if let Some(telling) = self.telling.as_mut().filter(is_of_it) {
            telling.lines += 1;
            let target = telling.target.clone();
            self.remember(&target, incoming);
            return Told::Line;
        }
        if incoming.command == "PRIVMSG"
            && let Some(target) = incoming.raw(0)
        {
            self.remember(target, incoming);
        }
        Told::Not
    }

    fn batch(&mut self, incoming: &Incoming) -> Told {
        let Some((sign, reference)) = incoming.raw(0).and_then(|word| word.split_at_checked(1)) else {
            return Told::Silently;
        };
        if sign == "+" && incoming.raw(1) == Some("chathistory") {
            let target = incoming.raw(2).unwrap_or_default().to_owned();
            self.telling = Some(Telling { reference: reference.to_owned(), target, lines: 0 });
            return Told::Silently;
        }
        match self.telling.take_if(|telling| sign == "-" && telling.reference == reference) {
            Some(Telling { lines: 1.., target, .. }) => {
                let target = crate::client::view::shown(&target);
                Told::End(Some(Entry::at(&target, Kind::Event, "so far what was said before")))
            }
            Some(_) => Told::End(None),
            None => Told::Silently,
        }
    }

    fn remember(&mut self, channel: &str, incoming: &Incoming) {
        let Some(time) = incoming.time().filter(|_| crate::client::input::is_channel(channel)) else { return };
        match self.seen.iter().position(|seen| same_channel(&seen.channel, channel)) {
            // The server's form of a time sorts as the times do.
            Some(at) if self.seen[at].time.as_str() < time => time.clone_into(&mut self.seen[at].time),
            None if self.seen.len() < CHANNELS => {
                self.seen.push(Seen { channel: channel.to_owned(), time: time.to_owned() });
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{profile, sent, started, text};
    use super::super::{Client, Profile, Step};

    const GREETING: [&str; 4] = [
        ":s CAP * LS :batch server-time draft/chathistory=50 echo-message",
        ":s CAP alice ACK :echo-message batch server-time draft/chathistory",
        ":s 001 alice :Welcome",
        ":s 422 alice :none",
    ];

    fn greeted(profile: Profile) -> (Client, Vec<Step>) {
        let (mut client, mut steps) = started(profile);
        for line in GREETING {
            steps.extend(client.received(line.as_bytes()));
        }
        (client, steps)
    }

    fn said(client: &mut Client, lines: &[&str]) -> Vec<Step> {
        lines.iter().flat_map(|line| client.received(line.as_bytes())).collect()
    }

    #[test]
    fn what_was_said_before_is_shown_with_its_time_on_entering() {
        let (mut client, steps) = greeted(Profile { catches_up: true, ..profile(false) });
        assert!(sent(&steps).contains(&"CAP REQ :echo-message batch server-time draft/chathistory"), "{steps:?}");
        let joined = said(&mut client, &[":alice!a@h JOIN #tea"]);
        assert_eq!(sent(&joined), ["CHATHISTORY LATEST #tea * 20"]);
        let told = said(
            &mut client,
            &[
                ":s BATCH +7 chathistory #tea",
                "@batch=7;time=2026-02-03T04:05:06.007Z :bob!b@h PRIVMSG #tea :first",
                ":s BATCH -7",
            ],
        );
        assert_eq!(text(&told), ["[#tea] 2026-02-03 04:05 UTC <bob> first", "[#tea] -- so far what was said before"]);
        let live = said(&mut client, &["@time=2026-02-03T04:06:00.000Z :bob!b@h PRIVMSG #tea :now"]);
        assert_eq!(text(&live), ["[#tea] <bob> now"]);
        // Where nothing was said there is nothing to end.
        assert!(text(&said(&mut client, &[":s BATCH +8 chathistory #tea", ":s BATCH -8"])).is_empty());
    }

    #[test]
    fn who_comes_back_is_told_what_came_after_the_last_that_was_seen() {
        let (mut client, _) = greeted(Profile { catches_up: true, ..profile(false) });
        said(&mut client, &[":alice!a@h JOIN #tea", "@time=2026-02-03T04:06:00.000Z :bob!b@h PRIVMSG #tea :now"]);
        let seen = client.seen().to_vec();
        let (mut again, _) = greeted(Profile { catches_up: true, seen, ..profile(false) });
        let steps = said(&mut again, &[":alice!a@h JOIN #Tea"]);
        assert_eq!(sent(&steps), ["CHATHISTORY LATEST #Tea timestamp=2026-02-03T04:06:00.000Z 100"]);
    }

    #[test]
    fn a_script_is_told_nothing_twice_and_may_ask() {
        let (mut client, _) = greeted(profile(false));
        assert!(sent(&said(&mut client, &[":alice!a@h JOIN #tea"])).is_empty());
        for (typed, asked) in [
            ("/history", "CHATHISTORY LATEST #tea * 50"),
            ("/history 5", "CHATHISTORY LATEST #tea * 5"),
            ("/history bob 7", "CHATHISTORY LATEST bob * 7"),
        ] {
            assert_eq!(sent(&client.typed(typed)), [asked]);
        }
        let (mut other, _) = started(profile(false));
        said(&mut other, &[":s 001 alice :Welcome", ":s 422 alice :none", ":alice!a@h JOIN #tea"]);
        assert!(text(&other.typed("/history"))[0].contains("keeps no history"));
    }
}
