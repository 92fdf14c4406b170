//! A Redis that does not let a node in, has no memory left, is slow, or has what nobody can read: what the log says, what people are
//! told, and that it goes on.

use tests::Sandbox;
use tests::redis::Redis;

use crate::node::{Difference, Node};

#[test]
fn a_wrong_password_is_told_in_the_log_and_the_node_comes_when_it_is_right() {
    let Some(redis) = Redis::start(&["--requirepass", "hunter2"]) else { return };
    let sandbox = Sandbox::new();
    let url = |password: &str| format!("redis://:{password}@{}", redis.place());
    let right = Node::start(&sandbox, "n1", &url("hunter2"), Difference::default());
    let mut al = right.user("al", "#a");
    let wrong = Node::start(&sandbox, "n2", &url("letmein"), Difference::default());
    let told = wrong.log().line_with(&["bus-lost", "WRONGPASS", &redis.place()]);
    assert!(told.contains("does not know this user or password"), "{told}");
    redis.cli(&["config", "set", "requirepass", "letmein"]);
    wrong.log().line(" joined node=");
    let mut bo = wrong.user("bo", "#a");
    bo.says("PRIVMSG #a :in at last");
    al.hears("PRIVMSG #a :in at last");
    let printed = wrong.log().printed().join("\n");
    assert!(!printed.contains("letmein") && !printed.contains("hunter2"), "{printed}");
}

#[test]
fn a_redis_without_memory_refuses_what_is_said_and_takes_it_again() {
    let Some(redis) = Redis::start(&[]) else { return };
    let sandbox = Sandbox::new();
    let nodes = Node::all(&sandbox, &redis, &["n1", "n2"], Difference::default());
    let (mut al, mut bo) = (nodes[0].user("al", "#a"), nodes[1].user("bo", "#a"));
    let cy = nodes[1].user("cy", "#a");
    al.hears_with(&[":cy!", " JOIN #a"]);
    redis.cli(&["config", "set", "maxmemory", "1"]);
    bo.says("PRIVMSG #a :too much");
    bo.hears_with(&[" 400 bo PRIVMSG :Not done: ", "log of this server"]);
    for node in &nodes {
        let told = node.log().line_with(&["bus-lost", "OOM", &redis.place()]);
        assert!(told.contains("config set maxmemory") && told.contains("noeviction"), "{told}");
    }
    nodes[1].log().line_with(&["not-taken", "OOM"]);
    bo.hears("NOTICE bo :This server is cut off from the others");
    bo.says("PRIVMSG #a :still too much");
    bo.hears_with(&[" 400 bo PRIVMSG :Not done: ", "cut off"]);
    // Who leaves meanwhile has left when it is mended.
    drop(cy);
    redis.cli(&["config", "set", "maxmemory", "0"]);
    for client in [&mut al, &mut bo] {
        client.hears("This server is back with the others");
    }
    al.hears_with(&[":cy!", "QUIT"]);
    bo.says("PRIVMSG #a :enough");
    al.hears("PRIVMSG #a :enough");
    assert!(!al.has_heard(&["too much"]) && !al.has_heard(&[":bo!", "QUIT"]), "refused is refused, and nobody is lost");
}

#[test]
fn a_slow_redis_is_told_in_the_log_and_to_nobody_else() {
    let Some(redis) = Redis::start(&[]) else { return };
    let sandbox = Sandbox::new();
    let nodes = Node::all(&sandbox, &redis, &["n1", "n2"], Difference::default());
    let (mut al, mut bo) = (nodes[0].user("al", "#a"), nodes[1].user("bo", "#a"));
    al.hears_with(&[":bo!", " JOIN #a"]);
    redis.cli(&["client", "pause", "1500"]);
    bo.says("PRIVMSG #a :in a while");
    al.hears("PRIVMSG #a :in a while");
    let told = nodes[1].log().line_with(&["bus-slow", &redis.place(), "delay_ms=", "slow_from_ms=500"]);
    assert!(told.contains("slowlog get"), "{told}");
    assert!(nodes[1].counted("chat_bus_seconds_count") > 0);
    bo.answers("");
    assert!(!al.has_heard(&["cut off"]) && !bo.has_heard(&["cut off"]), "it took longer, and that is all");
}

/// Puts a change that nobody can read into the inbox of a node, and of no other.
fn spoil(redis: &Redis, node: u32) {
    let inboxes = redis.cli(&["keys", "{chat:net}:in:*"]);
    let inbox = inboxes.lines().find(|key| key.ends_with(&format!(":{node}"))).expect("its inbox");
    let sequence = redis.cli(&["hget", "{chat:net}:meta", "seq"]);
    redis.cli(&["xadd", inbox, &format!("{sequence}-9"), "h", "1 1 0 *", "b", "{\"FromTheFuture\":{}}"]);
}

#[test]
fn who_can_not_read_what_the_others_say_leaves_them_and_comes_again_with_what_they_know() {
    let Some(redis) = Redis::start(&[]) else { return };
    let sandbox = Sandbox::new();
    let nodes = Node::all(&sandbox, &redis, &["n1", "n2"], Difference::default());
    let (mut al, mut bo) = (nodes[0].user("al", "#a"), nodes[1].user("bo", "#a"));
    al.hears_with(&[":bo!", " JOIN #a"]);
    spoil(&redis, 2);
    let told = nodes[1].log().line_with(&["change-unreadable", "run the same version of chat on all nodes"]);
    assert!(told.contains("FromTheFuture"), "{told}");
    bo.hears("NOTICE bo :This server is cut off from the others");
    al.hears_with(&[":bo!", "QUIT", "n2.test is gone", "could not read what the others said"]);
    al.says("TOPIC #a :said meanwhile");
    bo.hears("NOTICE bo :This server is back with the others");
    al.hears_with(&[":bo!", " JOIN #a"]);
    bo.answer_with("TOPIC #a", &[" 332 bo #a :said meanwhile"]);
    bo.says("PRIVMSG #a :here again");
    al.hears("PRIVMSG #a :here again");
}
