//! What was said before one came, or while one was away: asked for where one enters a channel, and by `/history` (IRCv3
//! chathistory). Each line carries the time at which it was said (IRCv3 server-time), and so it is shown.

use super::same_channel;
use crate::client::session::Incoming;
use crate::client::view::{Entry, Kind};
use crate::limits::client::{CHANNELS, HISTORY_MISSED, HISTORY_ON_ENTERING, HISTORY_PARTS};

/// The capabilities that it takes, all or none of them.
pub(in crate::client) const CAPABILITIES: [&str; 3] = ["batch", "server-time", "draft/chathistory"];

/// The newest line that one has seen of a channel, by the time that the server gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    channel: String,
    /// As the server wrote it.
    time: String,
    /// The first line that came by itself since one entered: what is told of before ends with it.
    live: Option<String>,
}

/// What was seen of each channel, and what is being told of before.
#[derive(Debug, Default)]
pub(super) struct History {
    seen: Vec<Seen>,
    telling: Option<Telling>,
    /// Channels of which it was asked for on entering, and of how many more parts it may be.
    asked: Vec<(String, usize)>,
}

/// A batch that is open.
#[derive(Debug)]
struct Telling {
    reference: String,
    target: String,
    lines: usize,
    /// The time of the last.
    last: String,
}

/// What a line of the server's is to the history.
pub(super) enum Told {
    /// Not of it.
    Not,
    /// Of it, and shown with the time of it.
    Line,
    /// Its end, and what to say of it.
    End(Option<Entry>),
    /// The end of a part: what to ask for next.
    More(String),
    /// Nothing to show.
    Silently,
}

impl History {
    /// With what was seen over an earlier connection.
    pub(super) fn after(seen: Vec<Seen>) -> History {
        History { seen, ..History::default() }
    }

    pub(super) fn seen(&self) -> &[Seen] {
        &self.seen
    }

    /// What to ask for on entering a channel: what was missed since, from its beginning, or the last that was said.
    pub(super) fn on_entering(&mut self, channel: &str) -> String {
        let known = self.position(channel);
        self.asked.retain(|(asked, _)| !same_channel(asked, channel));
        if self.asked.len() < CHANNELS {
            self.asked.push((channel.to_owned(), if known.is_some() { HISTORY_PARTS } else { 0 }));
        }
        match known.map(|at| &mut self.seen[at]) {
            Some(seen) => {
                seen.live = None;
                after(channel, &seen.time)
            }
            None => format!("CHATHISTORY LATEST {channel} * {HISTORY_ON_ENTERING}"),
        }
    }

    fn position(&self, channel: &str) -> Option<usize> {
        self.seen.iter().position(|seen| same_channel(&seen.channel, channel))
    }

    /// Takes a line of the server's.
    pub(super) fn take(&mut self, incoming: &Incoming) -> Told {
        if incoming.command == "BATCH" {
            return self.batch(incoming);
        }
        let is_of_it = |telling: &&mut Telling| incoming.batch() == Some(&telling.reference);
        if let Some(telling) = self.telling.as_mut().filter(is_of_it) {
            telling.lines += 1;
            incoming.time().unwrap_or_default().clone_into(&mut telling.last);
            let target = telling.target.clone();
            let is_known = self.is_live(&target, incoming);
            self.remember(&target, incoming);
            return if is_known { Told::Silently } else { Told::Line };
        }
        if let ("FAIL", Some("CHATHISTORY"), Some(target)) =
            (incoming.command.as_str(), incoming.raw(0), incoming.raw(3))
        {
            self.asked.retain(|(asked, _)| !same_channel(asked, target));
        }
        if incoming.command == "PRIVMSG"
            && let Some(target) = incoming.raw(0)
        {
            self.remember(target, incoming);
            if let (Some(at), Some(time)) = (self.position(target), incoming.time()) {
                self.seen[at].live.get_or_insert_with(|| time.to_owned());
            }
        }
        Told::Not
    }

    fn batch(&mut self, incoming: &Incoming) -> Told {
        let Some((sign, reference)) = incoming.raw(0).and_then(|word| word.split_at_checked(1)) else {
            return Told::Silently;
        };
        if sign == "+" && incoming.raw(1) == Some("chathistory") {
            let target = incoming.raw(2).unwrap_or_default().to_owned();
            let (reference, last) = (reference.to_owned(), String::new());
            self.telling = Some(Telling { reference, target, lines: 0, last });
            return Told::Silently;
        }
        match self.telling.take_if(|telling| sign == "-" && telling.reference == reference) {
            Some(telling @ Telling { lines: 1.., .. }) => self.end(&telling),
            Some(telling) => self.end_of_nothing(&telling.target),
            None => Told::Silently,
        }
    }

    /// Who enters a channel need not know that nothing was said there; who asks is answered.
    fn end_of_nothing(&mut self, target: &str) -> Told {
        let was_asked_for_on_entering = self.is_awaited(target);
        self.asked.retain(|(asked, _)| !same_channel(asked, target));
        if was_asked_for_on_entering {
            return Told::Silently;
        }
        let text = "nothing that was said before is kept here";
        Told::End(Some(Entry::at(&crate::client::view::shown(target), Kind::Event, text)))
    }

    fn is_awaited(&self, channel: &str) -> bool {
        self.asked.iter().any(|(asked, _)| same_channel(asked, channel))
    }

    /// Where a part is as long as it may be, the next one follows; after so many of them it is said that there is more.
    fn end(&mut self, telling: &Telling) -> Told {
        let asked = self.asked.iter().position(|(channel, _)| same_channel(channel, &telling.target));
        let is_full = telling.lines >= HISTORY_MISSED;
        match asked.map(|at| (at, &mut self.asked[at].1)) {
            Some((_, parts)) if is_full && *parts > 0 => {
                *parts -= 1;
                return Told::More(after(&telling.target, &telling.last));
            }
            Some((at, _)) => _ = self.asked.swap_remove(at),
            None => {}
        }
        let text = match is_full && asked.is_some() {
            true => "so far what was said before; what came after it is shown by /history",
            false => "so far what was said before",
        };
        Told::End(Some(Entry::at(&crate::client::view::shown(&telling.target), Kind::Event, text)))
    }

    /// Whether it came by itself already: what is asked for on entering reaches into what was said since.
    fn is_live(&self, channel: &str, incoming: &Incoming) -> bool {
        let live = self.position(channel).and_then(|at| self.seen[at].live.as_deref());
        self.is_awaited(channel) && live.zip(incoming.time()).is_some_and(|(live, time)| time >= live)
    }

    fn remember(&mut self, channel: &str, incoming: &Incoming) {
        let Some(time) = incoming.time().filter(|_| crate::client::input::is_channel(channel)) else { return };
        match self.position(channel) {
            // The server's form of a time sorts as the times do.
            Some(at) if self.seen[at].time.as_str() < time => time.clone_into(&mut self.seen[at].time),
            None if self.seen.len() < CHANNELS => {
                self.seen.push(Seen { channel: channel.to_owned(), time: time.to_owned(), live: None });
            }
            _ => {}
        }
    }
}

fn after(channel: &str, time: &str) -> String {
    format!("CHATHISTORY AFTER {channel} timestamp={time} {HISTORY_MISSED}")
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
        said(&mut client, &[":alice!a@h JOIN #milk"]);
        assert!(text(&said(&mut client, &[":s BATCH +8 chathistory #milk", ":s BATCH -8"])).is_empty());
    }

    #[test]
    fn who_asks_what_was_said_is_answered_also_where_nothing_was() {
        let (mut client, _) = greeted(Profile { catches_up: true, ..profile(false) });
        assert_eq!(sent(&client.typed("/history bob")), ["CHATHISTORY LATEST bob * 50"]);
        let told = said(&mut client, &[":s BATCH +1 chathistory bob", ":s BATCH -1"]);
        assert_eq!(text(&told), ["[bob] -- nothing that was said before is kept here"]);
        // What came by itself after one had entered an empty channel is part of it, and told when it is asked for.
        said(&mut client, &[":alice!a@h JOIN #tea", ":s BATCH +2 chathistory #tea", ":s BATCH -2"]);
        said(&mut client, &["@time=2026-02-03T04:06:00.000Z :bob!b@h PRIVMSG #tea :now"]);
        client.typed("/history");
        let told = said(
            &mut client,
            &[
                ":s BATCH +3 chathistory #tea",
                "@batch=3;time=2026-02-03T04:06:00.000Z :bob!b@h PRIVMSG #tea :now",
                ":s BATCH -3",
            ],
        );
        assert_eq!(text(&told), ["[#tea] 2026-02-03 04:06 UTC <bob> now", "[#tea] -- so far what was said before"]);
    }

    #[test]
    fn who_comes_back_is_told_what_came_after_the_last_that_was_seen() {
        let (mut client, _) = greeted(Profile { catches_up: true, ..profile(false) });
        said(&mut client, &[":alice!a@h JOIN #tea", "@time=2026-02-03T04:06:00.000Z :bob!b@h PRIVMSG #tea :now"]);
        let seen = client.seen().to_vec();
        let (mut again, _) = greeted(Profile { catches_up: true, seen, ..profile(false) });
        let steps = said(&mut again, &[":alice!a@h JOIN #Tea"]);
        assert_eq!(sent(&steps), ["CHATHISTORY AFTER #Tea timestamp=2026-02-03T04:06:00.000Z 100"]);
    }

    #[test]
    fn what_was_missed_is_told_part_by_part_and_nothing_twice() {
        let (mut client, _) = greeted(Profile { catches_up: true, ..profile(false) });
        said(&mut client, &[":alice!a@h JOIN #tea", "@time=2026-02-03T04:00:00.000Z :bob!b@h PRIVMSG #tea :old"]);
        let seen = client.seen().to_vec();
        let (mut again, _) = greeted(Profile { catches_up: true, seen, ..profile(false) });
        said(&mut again, &[":alice!a@h JOIN #tea", "@time=2026-02-03T04:09:00.000Z :bob!b@h PRIVMSG #tea :live"]);
        let line = |n: usize| format!("@batch=1;time=2026-02-03T04:05:00.{n:03}Z :bob!b@h PRIVMSG #tea :{n}");
        let part: Vec<String> = (0..100).map(line).collect();
        said(&mut again, &[":s BATCH +1 chathistory #tea"]);
        let part: Vec<&str> = part.iter().map(String::as_str).collect();
        assert_eq!(text(&said(&mut again, &part)).len(), 100);
        let next = said(&mut again, &[":s BATCH -1"]);
        assert_eq!(sent(&next), ["CHATHISTORY AFTER #tea timestamp=2026-02-03T04:05:00.099Z 100"]);
        let last = said(
            &mut again,
            &[
                ":s BATCH +1 chathistory #tea",
                "@batch=1;time=2026-02-03T04:06:00.000Z :bob!b@h PRIVMSG #tea :last",
                "@batch=1;time=2026-02-03T04:09:00.000Z :bob!b@h PRIVMSG #tea :live",
                ":s BATCH -1",
            ],
        );
        assert_eq!(text(&last), ["[#tea] 2026-02-03 04:06 UTC <bob> last", "[#tea] -- so far what was said before"]);
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
