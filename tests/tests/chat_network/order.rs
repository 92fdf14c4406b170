//! A hundred people talk while Redis stops, is slow and dies, and nodes are cut off, stop and die: one order for all, nothing twice, and
//! nothing lost that its author saw said.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::{ScopedJoinHandle, scope};
use std::time::{Duration, Instant};

use tests::irssi::Irssi;
use tests::peers::peer;
use tests::redis::Redis;
use tests::sandbox::DEADLINE;
use tests::{Running, Sandbox, programs};

use crate::client::Client;
use crate::node::{Difference, Node};
use crate::people::with_bundles;
use crate::wire::{Cable, Namespace, Proxy, Wire};

/// Talkers of each node; with the listeners they are a little more than a hundred.
const TALKERS: usize = 33;

const CHANNELS: [&str; 5] = ["#a", "#b", "#c", "#d", "#e"];

const CAPABILITIES: &str = "echo-message labeled-response message-tags batch server-time draft/chathistory";

/// Between two messages of one talker: some two hundred messages a second in all, which two cores carry in a debug build.
const PACE: Duration = Duration::from_millis(450);

/// For how long Redis stops: less than the bus waits for an answer.
const REDIS_STOPS: Duration = Duration::from_secs(2);

/// For how long Redis stops, three times in a row, when it is slow: more than what is told of, and less than an answer waits.
const REDIS_IS_SLOW: Duration = Duration::from_millis(800);

/// For how long a node stops: longer than a lease.
const NODE_STOPS: Duration = Duration::from_secs(7);

/// Within this the others have to notice the end of a node.
const NOTICED: Duration = Duration::from_secs(10);

/// The end of talking.
#[derive(Default)]
struct Stop {
    said: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    fn say(&self) {
        *self.said.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Whether it was said within a talker's pause.
    fn within_a_pause(&self) -> bool {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let paused = self.changed.wait_timeout_while(said, PACE, |said| !*said);
        *paused.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// Says it also where an expectation is broken, so that nobody is waited for in vain.
struct SayAtTheEnd<'a>(&'a Stop);

impl Drop for SayAtTheEnd<'_> {
    fn drop(&mut self) {
        self.0.say();
    }
}

/// Somebody who says one thing after the other, each when the one before was answered.
struct Talker {
    client: Client,
    channels: [&'static str; 2],
    /// What was echoed.
    said: Vec<String>,
    /// What was refused.
    refused: Vec<String>,
}

impl Talker {
    fn join(node: &Node, prefix: &str, number: usize) -> Talker {
        let mut client = Client::register(&node.address(), &format!("{prefix}{number}"), CAPABILITIES);
        let channels = [number, number + 1 + number % 3].map(|at| CHANNELS[at % CHANNELS.len()]);
        client.says(&format!("JOIN {},{}", channels[0], channels[1]));
        client.answers("");
        Talker { client, channels, said: Vec::new(), refused: Vec::new() }
    }

    /// Talks until it is told to stop, or its node is gone.
    fn talk(mut self, stop: &Stop) -> Talker {
        for number in 0.. {
            let (channel, text) = (self.channels[number % 2], format!("{} says {number}", self.client.nickname));
            let label = format!("label=L{number}");
            if self.client.try_says(&format!("@{label} PRIVMSG {channel} :{text}")).is_err() {
                break;
            }
            let is_answer = |line: &str| line.split(' ').next().is_some_and(|tags| has_tag(tags, &label));
            match self.client.next(DEADLINE, is_answer) {
                Some(line) if line.ends_with(&format!(" PRIVMSG {channel} :{text}")) => self.said.push(text),
                Some(line) => {
                    assert!(line.contains(" 400 ") && line.contains("cut off"), "{text}: {line}");
                    self.refused.push(text);
                }
                None => {
                    self.client.is_closed();
                    break;
                }
            }
            if stop.within_a_pause() {
                break;
            }
        }
        self
    }
}

fn has_tag(tags: &str, wanted: &str) -> bool {
    tags.strip_prefix('@').is_some_and(|tags| tags.split(';').any(|tag| tag == wanted))
}

/// Something that happened in the channels, as somebody heard it.
#[derive(Debug)]
enum Heard {
    Came { who: String, channel: String },
    Left { who: String },
    Said { channel: String, msgid: String, text: String },
}

fn heard(line: &str) -> Option<Heard> {
    let (tags, rest) = line.strip_prefix('@').and_then(|it| it.split_once(' ')).unwrap_or(("", line));
    let mut words = rest.splitn(4, ' ');
    let who = words.next()?.strip_prefix(':')?.split('!').next()?.to_owned();
    let (verb, channel) = (words.next()?, words.next().unwrap_or_default().trim_start_matches(':').to_owned());
    match verb {
        "JOIN" => Some(Heard::Came { who, channel }),
        "QUIT" => Some(Heard::Left { who }),
        "PRIVMSG" => {
            let msgid = tags.split(';').find_map(|tag| tag.strip_prefix("msgid="))?.to_owned();
            Some(Heard::Said { channel, msgid, text: words.next()?.trim_start_matches(':').to_owned() })
        }
        _ => None,
    }
}

/// What is said in a channel, by its identifiers, in order.
type Conversations = BTreeMap<String, Vec<String>>;

/// What somebody has heard.
fn conversations(client: &Client) -> Conversations {
    let mut all = Conversations::new();
    for line in client.everything() {
        if let Some(Heard::Said { channel, msgid, .. }) = heard(&line) {
            all.entry(channel).or_default().push(msgid);
        }
    }
    all
}

/// Whether somebody stays connected to the end: all but those of the third node.
fn stays(who: &str) -> bool {
    who.starts_with(['a', 'b']) || ["ears1", "ears2"].contains(&who)
}

/// The whole of it, as one heard it who was there all the time: what each of the others has to have heard, too.
struct Whole {
    /// By nickname: what was said while it was there.
    of_each: BTreeMap<String, Conversations>,
    all: Conversations,
    texts: Vec<String>,
    /// The same by channel.
    texts_in: BTreeMap<String, Vec<String>>,
}

impl Whole {
    fn of(listener: &Client) -> Whole {
        let mut there: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let (of_each, all) = (BTreeMap::new(), conversations(listener));
        let mut whole = Whole { of_each, all, texts: Vec::new(), texts_in: BTreeMap::new() };
        for line in listener.everything() {
            match heard(&line) {
                Some(Heard::Came { who, channel }) => drop(there.entry(channel).or_default().insert(who)),
                // Of the second node everybody comes back, and is told what was said meanwhile.
                Some(Heard::Left { who }) if stays(&who) => {}
                Some(Heard::Left { who }) => there.values_mut().for_each(|members| members.retain(|it| *it != who)),
                Some(Heard::Said { channel, msgid, text }) => {
                    for who in there.get(&channel).into_iter().flatten() {
                        let of_one = whole.of_each.entry(who.clone()).or_default();
                        of_one.entry(channel.clone()).or_default().push(msgid.clone());
                    }
                    whole.texts_in.entry(channel).or_default().push(text.clone());
                    whole.texts.push(text);
                }
                None => {}
            }
        }
        whole
    }

    /// What talkers said in a channel.
    fn texts_of(&self, channel: &str) -> Vec<String> {
        self.texts_in[channel].iter().filter(|text| text.contains(" says ")).cloned().collect()
    }

    /// Holds somebody who is there to the end to it.
    fn is_heard_by(&self, client: &Client) {
        let (name, own) = (&client.nickname, conversations(client));
        let expected = &self.of_each[name];
        for (channel, messages) in expected {
            let heard = own.get(channel).map_or(&[][..], Vec::as_slice);
            let differs = heard.iter().zip(messages).position(|(one, other)| one != other);
            assert!(differs.is_none(), "{name} in {channel}: {:?} at {differs:?}", differs.map(|at| &heard[at..]));
            assert_eq!(heard.len(), messages.len(), "{name} in {channel}");
        }
        assert_eq!(own.len(), expected.len(), "{name} is told of other channels");
    }

    /// Holds somebody whose node died to it: the end is missing, and nothing else.
    fn begins_with(&self, client: &Client) {
        for (channel, messages) in conversations(client) {
            assert!(
                self.of_each[&client.nickname][&channel].starts_with(&messages),
                "{} in {channel}",
                client.nickname
            );
        }
    }

    /// Holds what talkers were told about their messages to it.
    fn has_what_was_said(&self, talker: &Talker) {
        let name = &talker.client.nickname;
        let own: Vec<&String> = self.texts.iter().filter(|text| text.starts_with(&format!("{name} says "))).collect();
        let echoed = |text: &&String| talker.said.contains(text);
        assert!(own.iter().copied().filter(echoed).eq(&talker.said), "{name}: {own:?} but {:?}", talker.said);
        let refused = own.iter().filter(|text| talker.refused.contains(text)).collect::<Vec<_>>();
        assert!(refused.is_empty(), "{name}: refused, and said all the same: {refused:?}");
    }
}

/// Somebody of each node who is in all channels and says nothing.
fn listener(node: &Node, name: &str) -> Client {
    let mut client = Client::register(&node.address(), name, CAPABILITIES);
    client.says(&format!("JOIN {}", CHANNELS.join(",")));
    client.answers("");
    client
}

/// Talk goes on, of all nodes and to all nodes.
fn goes_on(listeners: &mut [Client], prefixes: [char; 3]) {
    for listener in listeners {
        listener.answers("");
        for prefix in prefixes {
            let start = format!(" :{prefix}");
            let is_said = |line: &str| line.contains(" PRIVMSG #") && line.contains(&start) && line.contains(" says ");
            assert!(listener.next(DEADLINE, is_said).is_some(), "{} hears nobody of {prefix}", listener.nickname);
        }
    }
}

/// Nothing of this is heard for so long.
fn nobody_is_told(listener: &mut Client, text: &str, long: Duration) {
    listener.answers("");
    assert_eq!(listener.next(long, |line| line.contains(text)), None);
}

/// A page of what a node tells about a channel.
const PAGE: usize = 100;

/// Two people with clients that people use: alice with irssi on the first node, bob with `chat connect` on the second. What they are
/// shown of one busy channel is judged as that of the others, and what they say to each other has to come after each fault.
struct Viewers<'a> {
    alice: Irssi<'a>,
    /// The log that irssi writes of the busy channel.
    log: Running,
    /// That of the channel in which they talk.
    lobby: Running,
    bob: Running,
    words: usize,
}

/// The channel that they watch.
const WATCHED: &str = "#a";

impl Viewers<'_> {
    /// None where this machine lacks irssi, or what it is run on.
    fn join<'a>(sandbox: &'a Sandbox, nodes: &[Node]) -> Option<Viewers<'a>> {
        let (irssi, tmux) = (peer("irssi")?, peer("tmux")?);
        let alice = Irssi::join(sandbox, nodes[0].tls_port(), &irssi, tmux);
        let tail = |path: &std::path::Path| sandbox.start("tail", ["-F", "-n", "+1", &path.display().to_string()]);
        let lobby = tail(&alice.log);
        lobby.line("joined #lobby");
        alice.types(&format!("/join {WATCHED}"));
        let log = tail(&alice.log.with_file_name(format!("{WATCHED}.log")));
        log.line("joined #a");
        let place = format!("localhost:{}", nodes[1].tls_port());
        let bob =
            ["connect", &place, "--bundle", "bob.bundle.pem", "--nick", "bob", "--join", "#lobby", "--join", WATCHED];
        let bob = sandbox.start(programs::chat(), bob.into_iter().chain(["--plain"]));
        lobby.line("bob");
        Some(Viewers { alice, log, lobby, bob, words: 0 })
    }

    /// Each says a word, and the other is shown it.
    fn talk(&mut self) {
        self.words += 1;
        let (to, from) = (format!("to-bob-{}.", self.words), format!("to-alice-{}.", self.words));
        self.alice.types(&format!("/msg #lobby {to}"));
        self.bob.line(&to);
        self.bob.types(&format!("/msg #lobby {from}"));
        self.lobby.line(&from);
    }

    /// Holds what they were shown of the busy channel to what was said there: each text once and in order, from where they came.
    fn saw(&self, whole: &Whole) {
        let said = whole.texts_of(WATCHED);
        for (name, program) in [("alice", &self.log), ("bob", &self.bob)] {
            program.line(LAST_WORD);
            let shown: Vec<String> = program.printed().iter().filter_map(|line| text_in(line)).collect();
            let of_channel: BTreeSet<&String> = said.iter().collect();
            let shown: Vec<&String> = shown.iter().filter(|text| of_channel.contains(text)).collect();
            let first = said.iter().position(|text| Some(&text) == shown.first()).expect("something of it");
            let differs = shown.iter().zip(&said[first..]).position(|(one, other)| *one != other);
            assert!(differs.is_none(), "{name} at {differs:?}: {:?}", differs.map(|at| &shown[at..]));
            assert_eq!(shown.len(), said.len() - first, "{name}");
        }
    }
}

/// What a talker said, in a line that a client shows.
fn text_in(line: &str) -> Option<String> {
    let (before, number) = line.rsplit_once(" says ")?;
    let who = before.rsplit(' ').next()?;
    Some(format!("{who} says {number}"))
}

/// All that a node tells about a channel.
fn history(client: &mut Client, channel: &str) -> Vec<String> {
    client.answers("");
    let mut all: Vec<String> = Vec::new();
    loop {
        let after = all.last().map_or("timestamp=2000-01-01T00:00:00.000Z".to_owned(), |last| format!("msgid={last}"));
        let answers = client.answers(&format!("CHATHISTORY AFTER {channel} {after} {PAGE}"));
        let said = |line: &String| match heard(line) {
            Some(Heard::Said { msgid, .. }) => Some(msgid),
            _ => None,
        };
        let page: Vec<String> = answers.iter().filter_map(said).collect();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

fn redis_stops(redis: &Redis, listeners: &mut [Client]) {
    redis.signal("STOP");
    nobody_is_told(&mut listeners[0], "QUIT", REDIS_STOPS);
    redis.signal("CONT");
    goes_on(listeners, ['a', 'b', 'c']);
}

fn redis_is_slow(redis: &Redis, node: &Node, listeners: &mut [Client]) {
    for _ in 0..3 {
        redis.signal("STOP");
        nobody_is_told(&mut listeners[0], "cut off", REDIS_IS_SLOW);
        redis.signal("CONT");
        goes_on(listeners, ['a', 'b', 'c']);
    }
    node.log().line("bus-slow");
}

/// The way of the second node to Redis is cut for longer than a lease: its people stay connected, and come again.
fn a_node_is_cut_off(wire: &dyn Wire, listeners: &mut [Client]) {
    wire.cut();
    listeners[1].hears("This server is cut off from the others");
    listeners[0].hears_with(&[" QUIT ", "n2.test is gone"]);
    wire.mend();
    listeners[1].hears("This server is back with the others");
    goes_on(listeners, ['a', 'b', 'c']);
}

fn redis_dies(redis: &mut Redis, listeners: &mut [Client]) {
    let gone = |listeners: &[Client]| listeners.iter().map(|listener| listener.count(" QUIT ")).collect::<Vec<_>>();
    let before = gone(listeners);
    redis.kill();
    listeners.iter_mut().for_each(|listener| drop(listener.hears("This server is cut off from the others")));
    redis.start_again();
    listeners.iter_mut().for_each(|listener| drop(listener.hears("This server is back with the others")));
    goes_on(listeners, ['a', 'b', 'c']);
    assert_eq!(gone(listeners), before, "nobody goes for it");
}

fn a_node_stops(node: &Node, listeners: &mut [Client]) {
    node.signal("STOP");
    let begun = Instant::now();
    listeners[0].hears_with(&[" QUIT ", "n2.test is gone"]);
    nobody_is_told(&mut listeners[0], " JOIN ", NODE_STOPS.saturating_sub(begun.elapsed()));
    node.signal("CONT");
    listeners[1].hears("This server is back with the others");
    goes_on(listeners, ['a', 'b', 'c']);
}

/// A node dies, and is there again with what it kept; its listener is another one from now on.
fn a_node_dies(sandbox: &Sandbox, node: &mut Node, listeners: &mut [Client]) -> Client {
    node.kill();
    let begun = Instant::now();
    listeners[0].hears_with(&[" QUIT ", "n3.test is gone"]);
    assert!(begun.elapsed() < NOTICED, "{:?}", begun.elapsed());
    listeners[2].is_closed();
    node.start_again(sandbox);
    node.log().line(" joined node=");
    std::mem::replace(&mut listeners[2], listener(node, "ears3again"))
}

/// The way to Redis, and one that can be cut: by cables of a network of its own, where the machine allows it.
fn ways<'a>(namespace: Option<&'a Namespace>, redis: &Redis) -> (String, Box<dyn Wire + 'a>) {
    let port = redis.port();
    match namespace {
        Some(namespace) => (namespace.place(0, port), Box::new(Cable { namespace, port })),
        None => (format!("redis://{}", redis.place()), Box::new(Proxy::before(redis))),
    }
}

#[test]
fn one_order_once_only_while_redis_and_nodes_fail() {
    let namespace = Namespace::if_possible();
    let redis = namespace.as_ref().map_or_else(|| Redis::start(&[]), Namespace::redis);
    let Some(mut redis) = redis else { return };
    let (sandbox, (straight, wire)) = (with_bundles(), ways(namespace.as_ref(), &redis));
    let mut nodes: Vec<Node> = [("n1", &straight), ("n2", &wire.url()), ("n3", &straight)]
        .map(|(name, url)| {
            let node = Node::start(&sandbox, name, url, Difference { tls: true, ..Difference::default() });
            node.log().line(" joined node=");
            node
        })
        .into();
    let mut viewers = Viewers::join(&sandbox, &nodes);
    let mut listeners: Vec<Client> =
        nodes.iter().zip(["ears1", "ears2", "ears3"]).map(|(node, name)| listener(node, name)).collect();
    let people = |node: &Node, prefix: &str| -> Vec<Talker> {
        (0..TALKERS).map(|number| Talker::join(node, prefix, number)).collect()
    };
    let talkers: Vec<Talker> =
        nodes.iter().zip(["a", "b", "c"]).flat_map(|(node, prefix)| people(node, prefix)).collect();
    let stop = Stop::default();
    let (talkers, gone) = scope(|scope| {
        let talk = |talker: Talker| scope.spawn(|| talker.talk(&stop));
        let until = SayAtTheEnd(&stop);
        let mut talking: Vec<_> = talkers.into_iter().map(talk).collect();
        goes_on(&mut listeners, ['a', 'b', 'c']);
        let mut and_they_talk = || viewers.iter_mut().for_each(Viewers::talk);
        and_they_talk();
        redis_stops(&redis, &mut listeners);
        and_they_talk();
        redis_is_slow(&redis, &nodes[0], &mut listeners);
        and_they_talk();
        redis_dies(&mut redis, &mut listeners);
        and_they_talk();
        a_node_is_cut_off(&*wire, &mut listeners);
        and_they_talk();
        a_node_stops(&nodes[1], &mut listeners);
        and_they_talk();
        let gone = a_node_dies(&sandbox, &mut nodes[2], &mut listeners);
        talking.extend(people(&nodes[2], "d").into_iter().map(talk));
        goes_on(&mut listeners, ['a', 'b', 'd']);
        and_they_talk();
        drop(until);
        let end = |it: ScopedJoinHandle<'_, Talker>| it.join().unwrap_or_else(|why| std::panic::resume_unwind(why));
        (talking.into_iter().map(end).collect::<Vec<_>>(), gone)
    });
    let whole = judge(&mut listeners, talkers, &gone);
    viewers.iter().for_each(|viewers| viewers.saw(&whole));
}

/// The last word of all, after which nobody has anything more to hear.
const LAST_WORD: &str = "that was all";

fn judge(listeners: &mut [Client], mut talkers: Vec<Talker>, gone: &Client) -> Whole {
    for channel in CHANNELS {
        listeners[0].says(&format!("PRIVMSG {channel} :{LAST_WORD}"));
    }
    let hear_out = |client: &mut Client, channels: &[&str]| {
        for channel in channels {
            let word = format!(" PRIVMSG {channel} :{LAST_WORD}");
            assert!(client.has_heard(&[&word]) || client.next(DEADLINE, |line| line.contains(&word)).is_some());
        }
    };
    listeners.iter_mut().for_each(|listener| hear_out(listener, &CHANNELS));
    let is_of_the_dead = |talker: &Talker| talker.client.nickname.starts_with('c');
    talkers.iter_mut().filter(|it| !is_of_the_dead(it)).for_each(|it| hear_out(&mut it.client, &it.channels));
    let whole = Whole::of(&listeners[0]);
    for (channel, messages) in &whole.all {
        assert_eq!(messages.iter().collect::<BTreeSet<_>>().len(), messages.len(), "twice in {channel}");
    }
    for client in listeners[1..].iter().chain(talkers.iter().filter(|it| !is_of_the_dead(it)).map(|it| &it.client)) {
        whole.is_heard_by(client);
    }
    let the_dead = talkers.iter().filter(|it| is_of_the_dead(it)).map(|it| &it.client);
    the_dead.chain([gone]).for_each(|client| whole.begins_with(client));
    talkers.iter().for_each(|talker| whole.has_what_was_said(talker));
    for listener in listeners {
        for channel in CHANNELS {
            let (told, name) = (history(listener, channel), &listener.nickname);
            assert_eq!(told, whole.all[channel], "the history of {channel}, as {name} is told it");
        }
    }
    let (said, refused) =
        talkers.iter().fold((0, 0), |(said, refused), it| (said + it.said.len(), refused + it.refused.len()));
    assert!(said > 1000 && refused > 0, "{said} said, {refused} refused");
    whole
}
