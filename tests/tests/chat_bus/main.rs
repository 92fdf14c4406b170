//! The bus against a real Redis: order and once-only, a Redis that dies, stops, is full, wants a password or TLS, and
//! the model that simulations use, held against it.

mod compare;
mod node;
mod redis;

use std::time::Duration;

use chat::bus::limits::{INBOX_ENTRIES, SLOW_MS, TOMBSTONES};
use chat::bus::{Body, Command, Happened, Ordered, Reach, Welcome};

use node::{Node, card, charter};
use redis::Settings;
use tests::redis::Redis;

fn left(happened: &Happened, why: &str) -> bool {
    let is_left = |it: &Ordered| matches!(&it.body, Body::Left { reason, .. } if reason.contains(why));
    matches!(happened, Happened::Ordered(all) if all.iter().any(is_left))
}

#[tokio::test]
async fn three_nodes_see_one_order_each_change_once() {
    let Some(redis) = Redis::start(&[]) else { return };
    let mut nodes = Vec::new();
    for name in ["one", "two", "three"] {
        nodes.push(Node::join(&redis, name, "hello").await);
    }
    for (index, node) in nodes.iter_mut().enumerate() {
        for count in 0..500 {
            node.propose(Reach::Everyone, &format!("{index} {count}")).await;
        }
    }
    let mut orders = Vec::new();
    for node in &mut nodes {
        orders.push(node.changes(1500).await);
    }
    assert_eq!(orders[0], orders[1]);
    assert_eq!(orders[1], orders[2]);
    for index in 0..3 {
        let own = orders[0].iter().filter_map(|text| text.strip_prefix(&format!("{index} ")));
        assert!(own.map(|it| it.parse::<usize>().unwrap()).eq(0..500), "each once and in its node's order");
    }
}

#[tokio::test]
async fn a_change_goes_only_to_those_it_reaches_and_whispers_to_others() {
    let Some(redis) = Redis::start(&[]) else { return };
    let mut one = Node::join(&redis, "one", "state").await;
    let mut two = Node::join(&redis, "two", "state").await;
    let mut three = Node::join(&redis, "three", "state").await;
    assert_eq!(two.snapshot.as_deref(), Some("state"));
    one.propose(Reach::Nodes(vec![two.number]), "for two").await;
    one.propose(Reach::Everyone, "for all").await;
    assert_eq!(one.changes(2).await, ["for two", "for all"]);
    assert_eq!(two.changes(2).await, ["for two", "for all"]);
    assert_eq!(three.changes(1).await, ["for all"]);
    one.command(Command::Whisper { to: Reach::Everyone, text: "psst".to_owned() }).await;
    let whispered = |it: &Happened| matches!(it, Happened::Whispered { text, .. } if text == "psst");
    two.until(whispered).await;
    three.until(whispered).await;
}

#[tokio::test]
async fn who_leaves_is_gone_at_once_and_who_ends_without_a_word_within_ten_seconds() {
    let Some(redis) = Redis::start(&[]) else { return };
    let mut one = Node::join(&redis, "one", "").await;
    let two = Node::join(&redis, "two", "").await;
    two.command(Command::Leave { reason: "good night".to_owned() }).await;
    one.until(|it| left(it, "good night")).await;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let settings = redis.settings("three");
    let three = runtime.spawn(async move { Node::with(settings, "").await }).await.unwrap();
    // Its tasks end right where they are, as a killed process does.
    runtime.shutdown_background();
    drop(three);
    let begin = std::time::Instant::now();
    one.until(|it| left(it, "no sign of life")).await;
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn a_node_that_does_not_read_is_declared_dead_before_its_inbox_fills_redis() {
    let Some(redis) = Redis::start(&[]) else { return };
    let mut one = Node::join(&redis, "one", "").await;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let settings = redis.settings("two");
    let two = runtime.spawn(async move { Node::with(settings, "").await }).await.unwrap();
    runtime.shutdown_background();
    let inbox = format!("{{chat:test}}:in:{}:{}", two.network, two.number);
    let fill = "for i = 0, tonumber(ARGV[1]) do redis.call('XADD', KEYS[1], '2-*', 'h', '', 'b', '') end";
    redis.cli(&["eval", fill, "1", &inbox, &INBOX_ENTRIES.to_string()]);
    one.until(|it| left(it, "it did not read")).await;
    assert!(redis.cli(&["ttl", &inbox]).parse::<i64>().unwrap() > 0, "its inbox will be gone");
}

#[tokio::test]
async fn a_killed_redis_loses_nothing_that_it_wrote_down() {
    let Some(mut redis) = Redis::start(&[]) else { return };
    let mut one = Node::join(&redis, "one", "").await;
    let mut two = Node::join(&redis, "two", "").await;
    for count in 0..300 {
        one.propose(Reach::Everyone, &count.to_string()).await;
        if count == 100 {
            redis.kill();
        }
        if count == 200 {
            redis.start_again();
        }
    }
    let expected: Vec<String> = (0..300).map(|count: usize| count.to_string()).collect();
    assert_eq!(one.changes(300).await, expected);
    assert_eq!(two.changes(300).await, expected);
    assert!(one.lost.iter().any(|why| why.contains(&redis.place())), "{:?}", one.lost);
    assert!(one.outs.is_empty() && two.outs.is_empty(), "nobody was declared dead");
}

#[tokio::test]
async fn a_redis_that_forgot_everything_is_joined_anew() {
    let Some(mut redis) = Redis::start(&[]) else { return };
    let mut one = Node::join(&redis, "one", "").await;
    one.propose(Reach::Everyone, "before").await;
    one.changes(1).await;
    redis.kill();
    redis.forget();
    redis.start_again();
    let out = one.until(|it| matches!(it, Happened::Out { .. })).await;
    assert_eq!(out, Happened::Out { lost: Vec::new() });
    one.until(|it| matches!(it, Happened::Joined(Welcome { snapshot: None, .. }))).await;
    one.propose(Reach::Everyone, "after").await;
    assert_eq!(one.changes(1).await, ["after"]);
}

#[tokio::test]
async fn a_stopped_redis_declares_nobody_dead() {
    let Some(redis) = Redis::start(&[]) else { return };
    let mut one = Node::join(&redis, "one", "").await;
    let mut two = Node::join(&redis, "two", "").await;
    redis.signal("STOP");
    let lost = one.until(|it| matches!(it, Happened::Lost { .. })).await;
    assert!(matches!(&lost, Happened::Lost { why } if why.contains("does not answer") && why.contains(&redis.place())));
    one.propose(Reach::Everyone, "meanwhile").await;
    // Longer than a lease: the other node's notice of it, and then one attempt more.
    two.until(|it| matches!(it, Happened::Lost { .. })).await;
    let later = tokio::time::Instant::now() + Duration::from_secs(3);
    assert!(tokio::time::timeout_at(later, two.until(|it| matches!(it, Happened::Back))).await.is_err());
    redis.signal("CONT");
    one.until(|it| matches!(it, Happened::Back)).await;
    assert_eq!(one.changes(1).await, ["meanwhile"]);
    assert_eq!(two.changes(1).await, ["meanwhile"]);
    assert!(one.outs.is_empty() && two.outs.is_empty());
}

#[tokio::test]
async fn a_full_redis_refuses_and_says_what_to_type_and_is_well_again() {
    let Some(redis) = Redis::start(&[]) else { return };
    let mut one = Node::join(&redis, "one", "").await;
    redis.cli(&["config", "set", "maxmemory", "1"]);
    one.propose(Reach::Everyone, "too much").await;
    let refused = one.until(|it| matches!(it, Happened::NotTaken { .. })).await;
    let Happened::NotTaken { number, why, .. } = refused else { unreachable!() };
    assert_eq!(number, one.next - 1);
    assert!(why.contains("OOM") && why.contains("maxmemory") && why.contains(&redis.place()), "{why}");
    redis.cli(&["config", "set", "maxmemory", "0"]);
    one.propose(Reach::Everyone, "enough").await;
    assert_eq!(one.changes(1).await, ["enough"]);
}

/// As where Redis refused a part of an operation to a user without the right to it.
#[tokio::test]
async fn nobody_waits_for_a_node_that_is_none() {
    let Some(redis) = Redis::start(&[]) else { return };
    let settings = redis.settings("one");
    let key = format!("{{chat:{}}}:ready", settings.network);
    redis.cli(&["sadd", &key, "99"]);
    let mut one = Node::start(settings);
    one.until(|it| matches!(it, Happened::Joined(Welcome { snapshot: None, .. }))).await;
    assert!(!redis.cli(&["smembers", &key]).contains("99"));
}

#[tokio::test]
async fn a_wrong_password_is_told_without_it_and_tried_again() {
    let Some(redis) = Redis::start(&["--requirepass", "hunter2"]) else { return };
    let lost = |it: &Happened, code: &str| matches!(it, Happened::Lost { why } if why.contains(code));
    let mut without = Node::start(redis.settings("one"));
    without.until(|it| lost(it, "NOAUTH")).await;
    let mut wrong = redis.settings("two");
    wrong.address.password = Some("letmein".to_owned().into());
    assert!(!format!("{:?}", wrong.address).contains("letmein"));
    let mut wrong = Node::start(wrong);
    let Happened::Lost { why } = wrong.until(|it| lost(it, "WRONGPASS")).await else { unreachable!() };
    assert!(!why.contains("letmein") && why.contains(&redis.place()), "{why}");
    redis.cli(&["config", "set", "requirepass", "letmein"]);
    wrong.until(|it| matches!(it, Happened::Joined { .. })).await;
}

#[tokio::test]
async fn another_charter_is_refused_with_both_sides() {
    let Some(redis) = Redis::start(&[]) else { return };
    let _one = Node::join(&redis, "one", "").await;
    let mut settings = redis.settings("two");
    settings.card = charter(card("two"), r#"{"nick-length":16}"#);
    let mut two = Node::start(settings);
    let Happened::Refused { why } = two.until(|it| matches!(it, Happened::Refused { .. })).await else {
        unreachable!()
    };
    assert!(why.contains("nick-length is 16 here and 32 there") && why.contains("one"), "{why}");
}

#[tokio::test]
async fn nobody_there_is_told_with_the_address_and_found_when_it_comes() {
    let Some(mut redis) = Redis::start(&[]) else { return };
    redis.kill();
    let mut one = Node::start(redis.settings("one"));
    let Happened::Lost { why } = one.until(|it| matches!(it, Happened::Lost { .. })).await else { unreachable!() };
    assert!(why.contains("refused") && why.contains(&format!("redis://{}", redis.place())), "{why}");
    redis.start_again();
    one.until(|it| matches!(it, Happened::Joined { .. })).await;
}

#[tokio::test]
async fn redis_over_mutual_tls_and_a_client_without_a_certificate() {
    let Some((redis, with, without)) = Redis::over_tls() else { return };
    let mut one = Node::start(redis.tls_settings("one", with));
    one.until(|it| matches!(it, Happened::Joined { .. })).await;
    one.propose(Reach::Everyone, "sealed").await;
    assert_eq!(one.changes(1).await, ["sealed"]);
    let mut two = Node::start(redis.tls_settings("two", without));
    let Happened::Lost { why } = two.until(|it| matches!(it, Happened::Lost { .. })).await else { unreachable!() };
    assert!(why.contains("TLS") && why.contains("localhost:") && why.contains("certificate"), "{why}");
}

#[tokio::test]
async fn records_history_and_tickets_outlive_the_nodes() {
    let Some(redis) = Redis::start(&[]) else { return };
    let one = Node::join(&redis, "one", "").await;
    let record = |sequence, key: &str, value: Option<&str>| Command::Record {
        sequence,
        key: key.to_owned(),
        value: value.map(str::to_owned),
    };
    for command in [
        record(5, "topic", Some("new")),
        record(4, "topic", Some("old")),
        record(6, "gone", Some("x")),
        record(7, "gone", None),
        Command::HistoryOp { text: "redact 1".to_owned() },
        Command::PutTicket { word: "w".to_owned(), value: "v".to_owned(), seconds: 60 },
    ] {
        one.command(command).await;
    }
    for expected in [Some("v"), None] {
        let (reply, answer) = tokio::sync::oneshot::channel();
        one.command(Command::TakeTicket { word: "w".to_owned(), reply }).await;
        assert_eq!(answer.await.unwrap().as_deref(), expected);
    }
    one.leave().await;
    let mut two = Node::start(redis.settings("two"));
    let joined = two.until(|it| matches!(it, Happened::Joined { .. })).await;
    let Happened::Joined(Welcome { mut records, history_ops, snapshot, .. }) = joined else { unreachable!() };
    records.sort();
    assert_eq!(records, [("gone".to_owned(), None), ("topic".to_owned(), Some("new".to_owned()))]);
    assert_eq!((history_ops, snapshot), (vec!["redact 1".to_owned()], None));
}

#[tokio::test]
async fn marks_of_what_is_over_are_bounded_and_nothing_older_comes_back() {
    let Some(redis) = Redis::start(&[]) else { return };
    let (records, over) = ("{chat:test}:records", "{chat:test}:over");
    let one = Node::join(&redis, "one", "").await;
    let fill = "for i = 1, tonumber(ARGV[1]) do redis.call('HSET', KEYS[1], 'k' .. i, i .. '-') \
                redis.call('ZADD', KEYS[2], i, 'k' .. i) end";
    redis.cli(&["eval", fill, "2", records, over, &TOMBSTONES.to_string()]);
    let after = TOMBSTONES as u64;
    let record = |sequence, key: &str, value: Option<&str>| Command::Record {
        sequence,
        key: key.to_owned(),
        value: value.map(str::to_owned),
    };
    for command in [
        record(after + 1, "next", None),
        record(after + 2, "last", None),
        // Late, from before what has gone; and one that is new.
        record(2, "k2", Some("back")),
        record(after + 3, "k9", Some("new")),
    ] {
        one.command(command).await;
    }
    one.leave().await;
    assert_eq!(redis.cli(&["zcard", over]), (TOMBSTONES - 1).to_string());
    assert_eq!(redis.cli(&["hlen", records]), TOMBSTONES.to_string());
    let mut two = Node::start(redis.settings("two"));
    let joined = two.until(|it| matches!(it, Happened::Joined { .. })).await;
    let Happened::Joined(Welcome { records, buried, .. }) = joined else { unreachable!() };
    assert_eq!(buried, 2, "the place up to which it is not known what is over");
    let known = |key: &str| records.iter().find(|(known, _)| known == key).map(|(_, value)| value.clone());
    assert_eq!((known("k1"), known("k2"), known("k3")), (None, None, Some(None)));
    assert_eq!((known("last"), known("k9")), (Some(None), Some(Some("new".to_owned()))));
}

#[tokio::test]
async fn a_slow_redis_is_told_of_and_is_not_lost() {
    let Some(redis) = Redis::start(&[]) else { return };
    let mut one = Node::join(&redis, "one", "").await;
    redis.cli(&["client", "pause", "1200"]);
    one.propose(Reach::Everyone, "late").await;
    let slow = one.until(|it| matches!(it, Happened::Slow { .. })).await;
    assert!(matches!(slow, Happened::Slow { delay_ms } if delay_ms >= SLOW_MS), "{slow:?}");
    assert_eq!(one.changes(1).await, ["late"]);
    assert!(one.lost.is_empty(), "{:?}", one.lost);
}

#[tokio::test]
async fn the_model_answers_as_redis_does() {
    let Some(redis) = Redis::start(&[]) else { return };
    for seed in 0..20 {
        compare::run(&redis, seed).await;
    }
}
