//! A node whose way to Redis is cut: for a moment, for less than a lease, for more.

use std::time::Duration;

use tests::Sandbox;
use tests::redis::Redis;

use crate::client::Client;
use crate::node::{Difference, Node};
use crate::wire::{Cable, Namespace, Proxy, Wire};

/// A moment that nobody has to notice: less than the bus waits for an answer, with what TCP takes to send again.
const MOMENT: Duration = Duration::from_secs(1);

/// A user of each node, and one more of the second, which is the one that is cut off.
struct Torn {
    first: Node,
    _second: Node,
    al: Client,
    bo: Client,
    cy: Client,
}

impl Torn {
    fn new(sandbox: &Sandbox, first: &str, second: &str) -> Torn {
        let first = Node::start(sandbox, "n1", first, Difference::default());
        let second = Node::start(sandbox, "n2", second, Difference::default());
        let mut al = first.user("al", "#a");
        let bo = Client::register(&second.address(), "bo", "labeled-response batch draft/chathistory");
        let mut bo = in_channel(bo, "#a");
        let cy = second.user("cy", "#a");
        al.hears_with(&[":cy!", " JOIN #a"]);
        bo.hears_with(&[":cy!", " JOIN #a"]);
        Torn { first, _second: second, al, bo, cy }
    }

    /// What is said while the way is cut for a moment arrives afterwards, and nobody is told anything.
    fn for_a_moment(&mut self, wire: &dyn Wire) {
        wire.cut();
        self.al.says("PRIVMSG #a :held from the first");
        self.bo.says("PRIVMSG #a :held from the second");
        assert_eq!(self.al.next(MOMENT, |line| line.contains("held from") || line.contains("QUIT")), None);
        wire.mend();
        self.al.hears("PRIVMSG #a :held from the second");
        self.bo.hears("PRIVMSG #a :held from the first");
        self.cy.hears("PRIVMSG #a :held from the first");
        // Its node knows by now that the message is in the order, and what is said next does not wait for that.
        self.bo.answers("");
        assert!(!self.al.has_heard(&["QUIT"]) && !self.bo.has_heard(&["QUIT"]));
    }

    /// Longer than a lease: users of both sides see those of the other go, and come again.
    fn for_long(&mut self, wire: &dyn Wire) {
        let Torn { first, al, bo, cy, .. } = self;
        wire.cut();
        cy.hears("NOTICE cy :This server is cut off from the others");
        is_refused(bo);
        al.hears_with(&[":bo!", "QUIT", "n2.test is gone"]);
        let mut other = first.user("bo", "#a");
        other.says("PRIVMSG #a :in between");
        al.hears(":in between");
        wire.mend();
        bo.hears_with(&[":al!", "QUIT", "cut off"]);
        let renamed = bo.hears_with(&[":bo!", " NICK "]);
        let guest = renamed.rsplit([' ', ':']).next().expect("a word").to_owned();
        assert!(guest.starts_with("Guest"), "{renamed}");
        bo.hears_with(&["NOTICE", "Somebody took your nickname", &guest]);
        bo.hears_with(&[":bo!", " JOIN #a"]);
        cy.hears_with(&[":bo!", " NICK ", &guest]);
        al.hears_with(&[&format!(":{guest}!"), " JOIN #a"]);
        cy.hears_with(&[":bo!", " JOIN #a"]);
        cy.hears("This server is back with the others. What they said in your channels meanwhile follows.");
        cy.hears_with(&[":bo!", "PRIVMSG #a :in between"]);
        bo.hears_with(&[":bo!", "PRIVMSG #a :in between"]);
        cy.says("PRIVMSG #a :here again");
        al.hears_with(&[":cy!", "PRIVMSG #a :here again"]);
        other.hears("PRIVMSG #a :here again");
        al.says(&format!("PRIVMSG {guest} :still you?"));
        bo.hears(":still you?");
        assert!(!cy.has_heard(&[":bo!", "QUIT"]), "neighbours never leave each other");
        assert!(
            bo.answers("NAMES #a").iter().any(|line| ["al", "bo", "cy", &guest].iter().all(|it| line.contains(it)))
        );
        bo.answer_with("CHATHISTORY LATEST #a * 50", &["PRIVMSG #a :in between"]);
    }

    /// Less than a lease, and noticed: who says something meanwhile is told that it was not said.
    fn for_a_while(&mut self, proxy: &Proxy) {
        let Torn { al, bo, cy, .. } = self;
        proxy.breaks();
        bo.hears("NOTICE bo :This server is cut off from the others");
        is_refused(bo);
        al.says("PRIVMSG #a :meanwhile");
        proxy.mend();
        cy.hears("PRIVMSG #a :meanwhile");
        bo.hears("NOTICE bo :This server is back with the others");
        bo.says("PRIVMSG #a :afterwards");
        al.hears("PRIVMSG #a :afterwards");
        // As above.
        bo.answers("");
        assert!(!al.has_heard(&["QUIT"]) && !bo.has_heard(&["QUIT"]) && !al.has_heard(&[":lost"]));
    }
}

fn in_channel(mut client: Client, channel: &str) -> Client {
    client.says(&format!("JOIN {channel}"));
    client.hears(" 366 ");
    client
}

fn is_refused(client: &mut Client) {
    client.says("@label=x PRIVMSG #a :lost");
    client.hears_with(&["label=x", " 400 ", " PRIVMSG :", "cut off"]);
}

#[test]
fn a_node_cut_off_by_a_proxy_loses_nobody_and_nothing() {
    let Some(redis) = Redis::start(&[]) else { return };
    let (sandbox, proxy) = (Sandbox::new(), Proxy::before(&redis));
    let mut torn = Torn::new(&sandbox, &format!("redis://{}", redis.place()), &proxy.url());
    torn.for_a_moment(&proxy);
    torn.for_a_while(&proxy);
    torn.for_long(&proxy);
}

#[test]
fn a_node_whose_cable_is_pulled_loses_nobody_and_nothing() {
    let Some(namespace) = Namespace::new() else { return };
    let Some(redis) = namespace.redis() else { return };
    let (sandbox, cable) = (Sandbox::new(), Cable { namespace: &namespace, port: redis.port() });
    let mut torn = Torn::new(&sandbox, &namespace.place(0, redis.port()), &cable.url());
    torn.for_a_moment(&cable);
    torn.for_long(&cable);
}
