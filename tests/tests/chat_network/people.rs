//! People of three nodes: what they see of each other, and what they can do to each other.

use tests::irssi::Irssi;
use tests::peers::peer;
use tests::redis::Redis;
use tests::{Sandbox, programs};

use crate::client::Client;
use crate::node::{Difference, Node};

/// How often a nickname is taken at the same time on all nodes.
const RACES: usize = 50;

const NAMES: [&str; 3] = ["n1", "n2", "n3"];

/// Certificates for three nodes and three people, each in a bundle.
pub(crate) fn with_bundles() -> Sandbox {
    let sandbox = Sandbox::with_ca();
    for name in NAMES {
        sandbox.pki(["issue", "server", &format!("{name}.test"), "localhost", "127.0.0.1"]).exits(0);
        sandbox.pki(["export", "bundle", &format!("{name}.test")]).exits(0);
    }
    for name in ["alice", "bob", "carol"] {
        sandbox.pki(["issue", "client", name]).exits(0);
        sandbox.pki(["export", "bundle", name]).exits(0);
    }
    sandbox
}

#[test]
fn irssi_our_client_and_one_by_hand_talk_over_three_nodes_by_tls() {
    let (Some(irssi), Some(tmux), Some(_)) = (peer("irssi"), peer("tmux"), peer("openssl")) else { return };
    let Some(redis) = Redis::start(&[]) else { return };
    let sandbox = with_bundles();
    let nodes = Node::all(&sandbox, &redis, &NAMES, Difference { tls: true, ..Difference::default() });
    let alice = Irssi::join(&sandbox, nodes[0].tls_port(), &irssi, tmux);
    let place = format!("localhost:{}", nodes[1].tls_port());
    let bundle = ["connect", &place, "--bundle", "bob.bundle.pem", "--nick", "bob", "--join", "#lobby", "--plain"];
    let mut bob = sandbox.start(programs::chat(), bundle);
    bob.line("here:");
    let mut carol = tests::irc::welcomed(&sandbox, nodes[2].log(), "carol");
    carol.types("JOIN #lobby");
    let log = sandbox.start("tail", ["-F", "-n", "+1", &alice.log.display().to_string()]);
    log.line("joined #lobby");
    bob.line("carol joined");
    bob.types("hello from our client");
    log.line("hello from our client");
    carol.line(" PRIVMSG #lobby :hello from our client");
    alice.types("/msg #lobby hello from irssi");
    bob.line("<alice> hello from irssi");
    carol.line(" PRIVMSG #lobby :hello from irssi");
    carol.types("PRIVMSG #lobby :hello by hand");
    bob.line("<carol> hello by hand");
    log.line("hello by hand");
    bob.types("/list");
    bob.line("3 online");
    for name in ["alice", "bob", "carol"] {
        bob.line(&format!("  {name} "));
    }
    for (nickname, node) in [("alice", "n1.test"), ("bob", "n2.test"), ("carol", "n3.test")] {
        carol.types(&format!("WHOIS {nickname}"));
        carol.line(&format!(":n3.test 312 carol {nickname} {node} "));
    }
}

#[test]
fn links_map_lusers_kick_kill_and_monitor_know_of_all_nodes() {
    let Some(redis) = Redis::start(&[]) else { return };
    let sandbox = Sandbox::new();
    let nodes = Node::all(&sandbox, &redis, &NAMES, Difference::default());
    let mut al = nodes[0].user("al", "#a");
    let mut bo = nodes[1].user("bo", "#a");
    let mut cy = nodes[2].user("cy", "#a");
    al.hears_with(&[":bo!", " JOIN #a"]);
    al.hears_with(&[":cy!", " JOIN #a"]);
    bo.hears_with(&[":cy!", " JOIN #a"]);
    let links = al.answers("LINKS");
    let map = al.answers("MAP");
    for name in NAMES {
        let named = |lines: &[String]| lines.iter().filter(|line| line.contains(&format!("{name}.test "))).count();
        assert!(named(&links[..links.len() - 1]) >= 1, "{name}: {links:#?}");
        assert!(named(&map) >= 1, "{name}: {map:#?}");
    }
    al.answer_with("LUSERS", &[" 251 al ", "3 users", "3 servers"]);
    al.answer_with("LUSERS", &[" 255 al ", "I have 1 clients and 2 servers"]);
    for (nickname, node) in [("al", "n1.test"), ("bo", "n2.test"), ("cy", "n3.test")] {
        bo.answer_with(&format!("WHOIS {nickname}"), &[&format!(" 312 bo {nickname} {node} ")]);
    }
    al.says("KICK #a bo :out of here");
    bo.hears_with(&[":al!", " KICK #a bo ", "out of here"]);
    cy.hears(" KICK #a bo ");
    bo.answer_with("PRIVMSG #a :still there", &[" 404 bo #a "]);
    monitored(&mut cy, &nodes[0]);
    al.answer_with("OPER root :let me", &[" 381 "]);
    al.says("KILL cy :enough");
    cy.hears("ERROR ");
    cy.is_closed();
    al.hears_with(&[":cy!", "QUIT", "enough"]);
}

/// Somebody is told of a nickname that comes and goes on another node.
fn monitored(watcher: &mut Client, node: &Node) {
    watcher.answer_with("MONITOR + dora", &[" 731 cy :dora"]);
    let dora = Client::register(&node.address(), "dora", "");
    watcher.hears(" 730 cy :dora!");
    watcher.answer_with("MONITOR S", &[" 730 cy :dora"]);
    drop(dora);
    watcher.hears(" 731 cy :dora");
}

#[test]
fn a_nickname_wanted_on_all_nodes_at_once_goes_to_one() {
    let Some(redis) = Redis::start(&[]) else { return };
    let sandbox = Sandbox::new();
    let nodes = Node::all(&sandbox, &redis, &NAMES, Difference::default());
    let mut users: Vec<Client> =
        nodes.iter().zip(["al", "bo", "cy"]).map(|(node, name)| node.user(name, "#a")).collect();
    for race in 0..RACES {
        let nickname = format!("same{race}");
        if race % 2 == 0 {
            wanted_by_users(&mut users, &nickname);
        } else {
            wanted_by_strangers(&nodes, &nickname);
        }
    }
    // All know the same of who has what.
    let mut names = users.iter_mut().map(|user| user.answer_with("NAMES #a", &[" 353 "]));
    let members = |line: String| line.rsplit(':').next().map(str::to_owned);
    let first = names.next().and_then(members).expect("a list");
    assert_eq!(first.split_whitespace().count(), NAMES.len(), "{first}");
    names.for_each(|other| assert_eq!(members(other).as_deref(), Some(&*first)));
}

/// Users who have another nickname want this one.
fn wanted_by_users(users: &mut [Client], nickname: &str) {
    users.iter_mut().for_each(|user| user.says(&format!("NICK {nickname}")));
    let refusal = format!(" {nickname} :Nickname is already in use");
    let answers: Vec<Vec<String>> = users.iter_mut().map(|user| user.answers("")).collect();
    let refused = |lines: &&Vec<String>| lines.iter().any(|line| line.contains(" 433 ") && line.contains(&refusal));
    assert_eq!(answers.iter().filter(refused).count(), 2, "{answers:#?}");
    for (user, lines) in users.iter_mut().zip(&answers) {
        let own = format!(":{}!", user.nickname);
        let is_taken = |line: &String| line.starts_with(&own) && line.contains(" NICK ") && line.ends_with(nickname);
        let taken = lines.iter().any(is_taken);
        assert_ne!(taken, refused(&lines), "{lines:#?}");
        if taken {
            nickname.clone_into(&mut user.nickname);
        }
    }
}

/// So do those who are not users yet: one is let in.
fn wanted_by_strangers(nodes: &[Node], nickname: &str) {
    let mut strangers: Vec<Client> = nodes.iter().map(|node| Client::connect(&node.address())).collect();
    for stranger in &mut strangers {
        stranger.says(&format!("NICK {nickname}"));
        stranger.says(&format!("USER {nickname} 0 * :{nickname}"));
    }
    let answer = |stranger: &mut Client| {
        let fits = |line: &str| line.contains(" 001 ") || line.contains(" 433 ");
        stranger.next(tests::sandbox::DEADLINE, fits).expect("an answer")
    };
    let answers: Vec<String> = strangers.iter_mut().map(answer).collect();
    assert_eq!(answers.iter().filter(|line| line.contains(&format!(" 001 {nickname} "))).count(), 1, "{answers:#?}");
    assert_eq!(answers.iter().filter(|line| line.contains(" 433 ")).count(), 2, "{answers:#?}");
}
