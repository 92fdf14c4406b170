//! A node that comes late, that may not come, and that goes: what the others have it has, too.

use std::time::{Duration, Instant};

use chat::core::network::PROTOCOL;
use tests::redis::Redis;
use tests::sandbox::DEADLINE;
use tests::tls_client::{TlsClient, config};
use tests::{Sandbox, programs};

use crate::client::Client;
use crate::node::{Difference, Node};
use crate::people::with_bundles;
use crate::wire::{Proxy, Wire};

/// Less than a lease: who goes with a word is not waited for.
const AT_ONCE: Duration = Duration::from_secs(4);

const CAPABILITIES: &str = "batch server-time message-tags draft/chathistory draft/read-marker";

/// `\0carol\0open sesame`
const PROOF_OF_CAROL: &str = "AGNhcm9sAG9wZW4gc2VzYW1l";

/// `\0ally\0open sesame`
const PROOF_OF_ALLY: &str = "AGFsbHkAb3BlbiBzZXNhbWU=";

#[test]
fn other_settings_are_refused_by_their_names() {
    let Some(redis) = Redis::start(&[]) else { return };
    let sandbox = Sandbox::new();
    let _first = Node::all(&sandbox, &redis, &["n1"], Difference::default());
    let table = [
        (Difference { limits: "nick_length = 16\n", ..Difference::default() }, "nick_length is 16 here and 32 there"),
        (
            Difference { sections: "[guests]\nlist = false\n", ..Difference::default() },
            "guests_list is false here and true there",
        ),
    ];
    for (difference, expected) in table {
        let mut other = Node::start(&sandbox, "n2", &format!("redis://{}", redis.place()), difference);
        let (code, printed) = other.ends();
        let printed = printed.join("\n");
        assert_eq!(code, 5, "{printed}");
        assert!(printed.contains("can't join the network") && printed.contains(expected), "{printed}");
        assert!(printed.contains("n1.test"), "whose settings they are: {printed}");
    }
}

/// The version of the protocol that the network's first node spoke, as Redis has it.
fn speaks(redis: &Redis, version: u32) {
    redis.cli(&["hset", "{chat:net}:meta", "protocol", &version.to_string()]);
}

/// Of another version of the program there is only what it leaves in Redis: the number that it speaks.
#[test]
fn a_node_of_another_protocol_is_refused_with_both_numbers_and_comes_when_they_are_alike() {
    let Some(redis) = Redis::start(&[]) else { return };
    let (sandbox, proxy) = (Sandbox::new(), Proxy::before(&redis));
    let (straight, later) = (format!("redis://{}", redis.place()), PROTOCOL + 1);
    let first = Node::start(&sandbox, "n1", &straight, Difference::default());
    let mut al = first.user("al", "#a");
    let second = Node::start(&sandbox, "n2", &proxy.url(), Difference::default());
    let mut bo = second.user("bo", "#a");
    al.hears_with(&[":bo!", " JOIN #a"]);
    proxy.cut();
    al.hears_with(&[":bo!", "QUIT", "n2.test is gone"]);
    speaks(&redis, later);
    let numbers = (
        format!("this node speaks version {PROTOCOL} "),
        format!("n1.test make up version {later}: run the same version"),
    );
    // One that starts ends with the reason.
    let (code, printed) = Node::start(&sandbox, "n3", &straight, Difference::default()).ends();
    let printed = printed.join("\n");
    assert_eq!(code, 5, "{printed}");
    assert!(printed.contains(&numbers.0) && printed.contains(&numbers.1), "{printed}");
    // One that has people keeps them, says so, and goes on trying.
    proxy.mend();
    second.log().line_with(&["bus-refused", &numbers.0, &numbers.1]);
    bo.says("PRIVMSG #a :refused");
    bo.hears_with(&[" 400 bo PRIVMSG ", "the others have other settings"]);
    al.answers("PRIVMSG #a :we go on");
    speaks(&redis, PROTOCOL);
    bo.hears("This server is back with the others");
    bo.hears("PRIVMSG #a :we go on");
    al.hears_with(&[":bo!", " JOIN #a"]);
}

/// What two users of different nodes are told when they ask the same; the names of asker and node are taken out.
fn same(one: &mut Client, other: &mut Client, question: &str) {
    let ask = |client: &mut Client, node: &str| -> Vec<String> {
        let name = format!(" {} ", client.nickname);
        let answers = client.answers(question);
        let untagged =
            |line: &str| line.split_once(" :").filter(|_| line.starts_with('@')).map(|(_, it)| format!(":{it}"));
        let plain = |line: String| {
            untagged(&line)
                .unwrap_or(line)
                .replacen(&format!(":{node}.test "), ":NODE ", 1)
                .replacen(&name, " ASKER ", 1)
        };
        let mut answers: Vec<String> = answers.into_iter().map(plain).collect();
        answers.retain(|line| line.starts_with(":NODE "));
        answers
    };
    let (first, second) = (ask(one, "n1"), ask(other, "n2"));
    assert!(!first.is_empty(), "{question} is answered");
    assert_eq!(first, second, "{question}");
}

/// A channel with all that a channel can have.
fn furnished(node: &Node) -> [Client; 2] {
    let mut al = Client::register(&node.address(), "al", &format!("sasl {CAPABILITIES}"));
    al.answer_with("AUTHENTICATE PLAIN", &["AUTHENTICATE +"]);
    al.answer_with(&format!("AUTHENTICATE {PROOF_OF_ALLY}"), &[" 903 "]);
    al.answer_with("JOIN #tea", &[" 366 al #tea "]);
    al.answer_with("CHANNEL REGISTER #tea", &[" NOTE CHANNEL REGISTERED #tea "]);
    al.answer_with("TOPIC #tea :green or black", &[" TOPIC #tea :green or black"]);
    let mut bo = Client::register(&node.address(), "bo", CAPABILITIES);
    bo.answer_with("JOIN #tea", &[" 366 bo #tea "]);
    for line in ["MODE #tea +vbl bo mallory!*@* 30", "MODE #tea +e *!*@good.example", "PRIVMSG #tea :the first word"] {
        al.answers(line);
    }
    bo.answers("PRIVMSG #tea :the second word");
    bo.answers("AWAY :for tea");
    al.answer_with(
        "MARKREAD #tea timestamp=2026-01-31T12:00:00.000Z",
        &["MARKREAD #tea timestamp=2026-01-31T12:00:00.000Z"],
    );
    [al, bo]
}

#[test]
fn a_node_that_comes_late_knows_all_that_the_others_do() {
    let Some(redis) = Redis::start(&[]) else { return };
    let sandbox = with_bundles();
    let tls = Difference { tls: true, ..Difference::default() };
    add_account(&sandbox, "ally", "n1.data");
    let mut nodes = Node::all(&sandbox, &redis, &["n1"], tls);
    let [mut al, mut bo] = furnished(&nodes[0]);
    nodes.extend(Node::all(&sandbox, &redis, &["n2"], tls));
    let mut dora = Client::register(&nodes[1].address(), "dora", CAPABILITIES);
    dora.answer_with("JOIN #tea", &[" 332 dora #tea :green or black"]);
    al.hears_with(&[":dora!", " JOIN #tea"]);
    for question in ["NAMES #tea", "TOPIC #tea", "MODE #tea", "MODE #tea b", "MODE #tea e", "LIST", "CHANNEL INFO #tea"]
    {
        same(&mut bo, &mut dora, question);
    }
    dora.answer_with("WHOIS al", &[" 330 dora al ally "]);
    dora.answer_with("WHOIS bo", &[" 301 dora bo :for tea"]);
    dora.answer_with("WHOIS bo", &[" 317 dora bo ", "seconds idle, signon time"]);
    for text in ["the first word", "the second word"] {
        dora.answer_with("CHATHISTORY LATEST #tea * 50", &[&format!(" PRIVMSG #tea :{text}")]);
    }
    dora.answer_with("NICK ally", &[" 433 dora ally "]);
    add_account(&sandbox, "carol", &nodes[0].data());
    is_kept(&sandbox, &nodes[1], "carol");
    logs_in_over_tls(&sandbox, &nodes[1], "carol", PROOF_OF_CAROL);
    let mut second = logs_in_over_tls(&sandbox, &nodes[1], "again", PROOF_OF_ALLY);
    second.types(&["JOIN #tea", "MARKREAD #tea"]).expect("the server reads");
    let marked = second.line_with("MARKREAD #tea ").expect("the server answers").expect("it has not closed");
    assert!(marked.ends_with("timestamp=2026-01-31T12:00:00.000Z"), "{marked}");
    al.hears_with(&["MODE #tea ", " again"]);
}

fn add_account(sandbox: &Sandbox, account: &str, data: &str) {
    let arguments = ["account", "add", account, "--password-file", "-", "--data", data];
    sandbox.run_with_input(programs::chat(), arguments, "open sesame\n").exits(0);
}

/// Waits until an account is kept on a node.
fn is_kept(sandbox: &Sandbox, node: &Node, account: &str) {
    let end = Instant::now() + DEADLINE;
    loop {
        let listed = sandbox.chat(["account", "list", "--data", &node.data()]).exits(0).stdout;
        if listed.lines().any(|line| line.starts_with(account)) {
            return;
        }
        assert!(Instant::now() < end, "{account} is not kept: {listed}");
    }
}

/// A user of a node by SASL PLAIN over TLS.
fn logs_in_over_tls(sandbox: &Sandbox, node: &Node, nickname: &str, proof: &str) -> TlsClient {
    let trust = config(&sandbox.store().join("ca/root.pem"), None);
    let address = ([127, 0, 0, 1], node.tls_port()).into();
    let mut client = TlsClient::connect(&trust, address).expect("the node listens");
    let (nick, user) = (format!("NICK {nickname}"), format!("USER {nickname} 0 * :x"));
    client.types(&["CAP REQ :sasl draft/read-marker", &nick, &user, "AUTHENTICATE PLAIN"]).expect("the server reads");
    client.types(&[&format!("AUTHENTICATE {proof}")]).expect("the server reads");
    for expected in [" 903 ", &format!(" 001 {nickname} ")] {
        if expected.contains("001") {
            client.types(&["CAP END"]).expect("the server reads");
        }
        assert!(client.line_with(expected).expect("the server answers").is_some(), "{expected}");
    }
    client
}

#[test]
fn a_node_that_has_not_joined_yet_turns_people_away_and_says_why() {
    let Some(mut redis) = Redis::start(&[]) else { return };
    redis.kill();
    let sandbox = with_bundles();
    let node = Node::start(
        &sandbox,
        "n1",
        &format!("redis://{}", redis.place()),
        Difference { tls: true, ..Difference::default() },
    );
    node.log().line("bus-lost");
    let mut al = Client::connect(&node.address());
    al.hears("ERROR :Closing Link: 127.0.0.1 (this server waits for its network");
    al.is_closed();
    let place = format!("127.0.0.1:{}", node.tls_port());
    let told = sandbox.chat(["connect", &place, "--bundle", "alice.bundle.pem"]).exits(5);
    told.says("this server waits for its network");
    node.log().line_with(&["refused", "not-joined-yet"]);
    node.log().line("not-joined-yet: clients are turned away");
    assert_eq!((node.counted("chat_bus_cut"), node.counted("chat_nodes")), (1, 0));
    redis.start_again();
    node.log().line(" joined node=");
    let mut al = node.user("al", "#a");
    al.answers("PRIVMSG #a :in at last");
    assert_eq!((node.counted("chat_bus_cut"), node.counted("chat_nodes")), (0, 1));
    assert!(node.counted("chat_proposals_total") >= 3, "who came, the channel and what was said");
}

#[test]
fn two_nodes_of_one_name_are_told_by_both() {
    let Some(redis) = Redis::start(&[]) else { return };
    let sandbox = Sandbox::new();
    let nodes = Node::all(&sandbox, &redis, &["n1"], Difference::default());
    let same = Difference { named: "n1.test", ..Difference::default() };
    let second = Node::start(&sandbox, "n2", &format!("redis://{}", redis.place()), same);
    for node in [&nodes[0], &second] {
        node.log().line_with(&["name-twice", "n1.test", "`name` in its configuration"]);
    }
}

#[test]
fn a_node_that_is_ended_says_so_to_its_users_and_to_the_others() {
    let Some(redis) = Redis::start(&[]) else { return };
    let sandbox = Sandbox::new();
    let mut nodes = Node::all(&sandbox, &redis, &["n1", "n2"], Difference::default());
    let (mut al, mut bo) = (nodes[0].user("al", "#a"), nodes[1].user("bo", "#a"));
    al.hears_with(&[":bo!", " JOIN #a"]);
    let begun = Instant::now();
    nodes[1].signal("TERM");
    bo.hears_with(&["ERROR ", "Server is shutting down"]);
    bo.is_closed();
    al.hears_with(&[":bo!", "QUIT", "shut"]);
    assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
    nodes[0].log().line_with(&["node-left", "n2.test"]);
    assert_eq!(nodes[1].ends().0, 0);
    // It comes again, and so do its users.
    nodes[1].start_again(&sandbox);
    nodes[1].log().line(" joined node=");
    let mut bo = nodes[1].user("bo", "#a");
    bo.says("PRIVMSG #a :again");
    al.hears("PRIVMSG #a :again");
}
