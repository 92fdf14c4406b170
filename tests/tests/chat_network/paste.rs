//! Who writes faster than the bus puts in order: each line comes once and in order, whatever becomes of the bus meanwhile.

use std::ops::Range;
use std::time::Duration;

use tests::Sandbox;
use tests::redis::Redis;
use tests::sandbox::DEADLINE;

use crate::client::Client;
use crate::node::{Difference, Node};
use crate::wire::{Proxy, Wire};

/// Lines that are written without waiting for anything: ten times what may wait in a node.
const LINES: usize = 20_000;

/// Lines, where the bus is cut in the middle.
const FEWER_LINES: usize = 3_000;

/// A client that says these numbers at once, then something else.
fn pastes(client: &mut Client, lines: Range<usize>, then: &str) {
    let text: String = lines.map(|number| format!("PRIVMSG #a :{number}\r\n")).collect();
    client.says(&format!("{text}{then}"));
}

/// What a client is told when its node has joined again.
const BACK: &str = "This server is back with the others";

/// The number that a line says.
fn number(line: &str) -> Option<usize> {
    line.rsplit_once(" PRIVMSG #a :")?.1.parse().ok()
}

/// The last that it says.
const END: &str = "QUIT :that was all";

/// Up to the end of the one who pastes.
fn hears_the_end(client: &mut Client) {
    // Each line is waited for anew, so that only a standstill is a failure.
    loop {
        let line = client.next(DEADLINE, |_| true).expect("more comes");
        if line.starts_with(":al!") && line.contains(" QUIT :Quit: that was all") {
            return;
        }
    }
}

fn heard(client: &Client) -> Vec<usize> {
    client.everything().iter().filter_map(|line| number(line)).collect()
}

#[test]
fn twenty_thousand_lines_at_once_come_each_once_and_in_order() {
    let Some(redis) = Redis::start(&[]) else { return };
    let sandbox = Sandbox::new();
    let nodes = Node::all(&sandbox, &redis, &["n1", "n2"], Difference::default());
    let (mut al, mut near, mut far) = (nodes[0].user("al", "#a"), nodes[0].user("bo", "#a"), nodes[1].user("cy", "#a"));
    pastes(&mut al, 0..LINES, END);
    // Others of the same node are not held up by it.
    near.says("PING early");
    let early = near.next(DEADLINE, |line| line.contains(" PONG ") || line.contains(" QUIT ")).expect("more comes");
    assert!(early.contains(" PONG "), "{early}");
    for client in [&mut far, &mut near] {
        hears_the_end(client);
        assert!(heard(client).into_iter().eq(0..LINES), "{} heard {:?}", client.nickname, heard(client).len());
    }
}

#[test]
fn a_bus_that_is_cut_in_the_middle_loses_no_line_that_was_not_refused_and_lets_the_client_go_at_last() {
    let Some(redis) = Redis::start(&[]) else { return };
    let (sandbox, proxy) = (Sandbox::new(), Proxy::before(&redis));
    let first = Node::start(&sandbox, "n1", &proxy.url(), Difference::default());
    let second = Node::start(&sandbox, "n2", &format!("redis://{}", redis.place()), Difference::default());
    let (mut al, mut bo, mut cy) = (first.user("al", "#a"), first.user("bo", "#a"), second.user("cy", "#a"));
    al.hears_with(&[":cy!", " JOIN #a"]);
    let cut = FEWER_LINES / 2;
    pastes(&mut al, 0..cut, "PING cut");
    cy.hears("PRIVMSG #a :100");
    proxy.cut();
    // However fast the first half went, there is something left to be refused.
    pastes(&mut al, cut..FEWER_LINES, END);
    cy.hears_with(&[":al!", "QUIT", "n1.test is gone"]);
    proxy.mend();
    // The node lets the client go before it is back, or after: what comes first is a question of who else is at the processor.
    hears_the_end(&mut bo);
    if !bo.has_heard(&[BACK]) {
        bo.hears(BACK);
    }
    al.is_closed();
    let (said, mut refused) = (heard(&bo), 0);
    for line in al.everything().iter().filter(|line| line.contains(" 400 al PRIVMSG ")) {
        assert!(line.contains("cut off"), "{line}");
        refused += 1;
    }
    assert!(said.is_sorted() && said.iter().zip(&said[1..]).all(|(one, next)| one < next), "once, and in order");
    assert_eq!(said.len() + refused, FEWER_LINES, "said or refused, each of them");
    assert!(cy.next(Duration::ZERO, |_| false).is_none() && heard(&cy).is_sorted());
}
