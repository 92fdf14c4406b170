//! Whatever is typed and however late it comes: all nodes know the same.

use proptest::prelude::*;

use super::Net;
use crate::core::Event;

/// What happens to the network.
#[derive(Debug, Clone)]
enum Deed {
    Connect(usize, u32, Option<&'static str>),
    Type(usize, String),
    Lose(usize),
    Step(u32),
    Deliver,
    Join,
    Cut(u32),
}

fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "#a", "#b", "#a,#b", "al", "bo", "cy", "dee", "+o", "-o", "+b", "+im", "-im", "+k", "+v", "key", "*", ":text",
        "0", "+l", "2", ":+i", "root", "pw", "op", "#c",
    ])
}

fn line() -> impl Strategy<Value = String> {
    let verbs = prop::sample::select(vec![
        "JOIN",
        "JOIN",
        "JOIN",
        "PART",
        "PRIVMSG",
        "PRIVMSG",
        "NOTICE",
        "NICK",
        "NICK",
        "MODE #a",
        "MODE #b",
        "MODE",
        "KICK #a",
        "INVITE",
        "TOPIC",
        "SETNAME",
        "RENAME #a",
        "MARKREAD #a timestamp=2020-01-01T00:00:00.000Z",
        "METADATA * SET url",
        "METADATA #a SET url",
        "AWAY",
        "QUIT",
        "OPER root pw",
        "KILL",
        "WALLOPS",
        "CHANNEL REGISTER",
        "CHANNEL ACCESS #a ADD",
        "CHANNEL DROP",
        "CHGHOST al u h",
        "WHOIS",
        "NAMES",
        "LIST",
        "MODE al +i",
        "MODE bo -o",
    ]);
    (verbs, prop::collection::vec(word(), 0..3))
        .prop_map(|(verb, words)| std::iter::once(verb).chain(words).collect::<Vec<_>>().join(" "))
}

fn deed() -> impl Strategy<Value = Deed> {
    let account = prop::sample::select(vec![None, None, Some("al"), Some("bo@x.test")]);
    prop_oneof![
        2 => (0..4_usize, 1..4_u32, account).prop_map(|(who, node, account)| Deed::Connect(who, node, account)),
        30 => (0..4_usize, line()).prop_map(|(who, line)| Deed::Type(who, line)),
        1 => (0..4_usize).prop_map(Deed::Lose),
        20 => (1..4_u32).prop_map(Deed::Step),
        3 => Just(Deed::Deliver),
        1 => Just(Deed::Join),
        1 => (2..4_u32).prop_map(Deed::Cut),
    ]
}

const NAMES: [&str; 4] = ["al", "bo", "cy", "dee"];

impl Net {
    fn is_connected(&self, name: &str) -> bool {
        let client = self.names.get(name);
        client.is_some_and(|client| {
            self.nodes[&client.node().0].core.state.sessions.get(client).is_some_and(|session| !session.ending)
        })
    }

    fn act(&mut self, deed: Deed) {
        match deed {
            Deed::Connect(who, node, account) if !self.is_connected(NAMES[who]) => {
                self.connect(NAMES[who], node, account);
                self.type_line(NAMES[who], &format!("NICK {}", NAMES[who]));
                self.type_line(NAMES[who], "USER u 0 * :u");
            }
            Deed::Type(who, line) if self.is_connected(NAMES[who]) => self.type_line(NAMES[who], &line),
            Deed::Lose(who) if self.is_connected(NAMES[who]) => self.lose(NAMES[who]),
            Deed::Step(node) => drop(self.step(node)),
            Deed::Deliver => self.deliver(),
            Deed::Join if self.nodes.len() < 5 => {
                self.deliver();
                self.join(u32::try_from(self.nodes.len()).unwrap() + 1);
            }
            Deed::Cut(node) => {
                self.deliver();
                self.event(node, Event::CutOff { why: "away".to_owned() });
                self.give_up(node);
                self.deliver();
                self.come_back(node);
            }
            _ => {}
        }
        self.seen.clear();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_nodes_know_the_same_whatever_is_typed_and_however_late_it_comes(deeds in prop::collection::vec(deed(), 0..150)) {
        let mut net = Net::of(3);
        for (who, node) in [(0, 1), (1, 2), (2, 3), (3, 1)] {
            net.act(Deed::Connect(who, node, None));
        }
        for deed in deeds {
            net.act(deed);
        }
        net.deliver();
        net.check();
    }
}
