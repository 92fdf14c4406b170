//! What people and channels say about themselves (IRCv3 draft/metadata-2), and draft/extended-isupport.

use super::{World, settings};
use crate::core::keep::{Keep, RecordKind};
use crate::core::limits::{METADATA_KEYS, METADATA_SUBS};

const CAPABILITIES: &str = "batch draft/metadata-2";

/// Al runs a channel; bo is in it, and cy is somewhere else.
fn world() -> World {
    let mut world = World::new();
    ["al", "bo", "cy"].into_iter().for_each(|name| world.user(name, CAPABILITIES, Some(name)));
    ["al", "bo"].into_iter().for_each(|name| world.line(name, "JOIN #a"));
    world.seen();
    world
}

#[test]
fn values_are_set_read_and_removed() {
    let mut world = world();
    world.play(
        "al > METADATA * SET url :http://a.test
         al < 761 al url * :http://a.test
         bo > METADATA AL GET url nothing $x
         bo < :irc.test BATCH +4 metadata al
         bo < @batch=4 :irc.test 761 bo al url * :http://a.test
         bo < @batch=4 :irc.test 766 bo al nothing :key not set
         bo < @batch=4 :irc.test FAIL METADATA KEY_INVALID $x :invalid key
         bo < :irc.test BATCH -4
         al > METADATA #a SET topic.colour :red
         al < 761 #a topic.colour * :red
         bo > METADATA #a LIST
         bo < :irc.test BATCH +5 metadata #a
         bo < @batch=5 :irc.test 761 bo #a topic.colour * :red
         bo < :irc.test BATCH -5
         al > METADATA * SET url
         al < 766 al url :key not set
         al > METADATA al CLEAR
         al < :irc.test BATCH +6 metadata al
         al < :irc.test BATCH -6
         al > METADATA #a CLEAR
         al < :irc.test BATCH +7 metadata #a
         al < @batch=7 :irc.test 766 al #a topic.colour :key not set
         al < :irc.test BATCH -7",
    );
    let key = "al url".to_owned();
    let put = Keep::Put { kind: RecordKind::Metadata, key: key.clone(), value: "http://a.test".to_owned() };
    assert_eq!(world.kept, [put, Keep::Forget { kind: RecordKind::Metadata, key }]);
}

#[test]
fn who_subscribes_hears_of_changes_by_those_it_sees() {
    world().play(
        "bo > METADATA * SUB url $x status
         bo < 770 url status
         bo < :irc.test FAIL METADATA KEY_INVALID $x :invalid key
         al > METADATA * SET url :x
         bo < :al!al@10.0.0.1 METADATA al url * :x
         al < 761 al url * :x
         al > METADATA * SET url :x
         al < 761 al url * :x
         al > METADATA * SET other :x
         al < 761 al other * :x
         al > METADATA #a SET status :open
         bo < :al!al@10.0.0.1 METADATA #a status * :open
         al < 761 #a status * :open
         al > METADATA * SET url
         bo < :al!al@10.0.0.1 METADATA al url *
         al < 766 al url :key not set
         bo > METADATA * UNSUB status $x nothing
         bo < 771 status nothing
         bo < :irc.test FAIL METADATA KEY_INVALID $x :invalid key
         bo > METADATA * SUBS
         bo < :irc.test BATCH +4 metadata-subs
         bo < @batch=4 :irc.test 772 bo url
         bo < :irc.test BATCH -4
         bo > CAP REQ -draft/metadata-2
         bo < :irc.test CAP bo ACK :-draft/metadata-2
         al > METADATA * SET url :y
         al < 761 al url * :y",
    );
}

#[test]
fn what_is_known_already_comes_with_subscribing_joining_and_monitoring() {
    let mut world = world();
    for line in ["METADATA * SET url :x", "METADATA #a SET url :y"] {
        world.line("al", line);
    }
    world.seen();
    world.play(
        "bo > METADATA * SUB url
         bo < 770 url
         bo < :irc.test BATCH +4 metadata #a
         bo < @batch=4 :irc.test METADATA #a url * :y
         bo < :irc.test BATCH -4
         bo < :irc.test BATCH +5 metadata al
         bo < @batch=5 :irc.test METADATA al url * :x
         bo < :irc.test BATCH -5
         cy > METADATA * SUB url
         cy < 770 url
         cy > MONITOR + al
         cy < 730 :al!al@10.0.0.1
         cy < :irc.test BATCH +6 metadata al
         cy < @batch=6 :irc.test METADATA al url * :x
         cy < :irc.test BATCH -6
         al > METADATA * SET url :z
         bo < :al!al@10.0.0.1 METADATA al url * :z
         cy < :al!al@10.0.0.1 METADATA al url * :z
         al < 761 al url * :z
         cy > JOIN #a
         al < :cy!cy@10.0.0.3 JOIN #a
         bo < :cy!cy@10.0.0.3 JOIN #a
         cy < :cy!cy@10.0.0.3 JOIN #a
         cy < 353 …
         cy < 366 …
         cy < :irc.test BATCH +7 metadata #a
         cy < @batch=7 :irc.test METADATA #a url * :y
         cy < @batch=7 :irc.test METADATA al url * :z
         cy < :irc.test BATCH -7
         cy > METADATA #a SYNC
         cy < :irc.test BATCH +8 metadata #a
         cy < @batch=8 :irc.test METADATA #a url * :y
         cy < @batch=8 :irc.test METADATA al url * :z
         cy < :irc.test BATCH -8",
    );
}

#[test]
fn an_accounts_values_are_there_when_it_comes_again() {
    let mut world = world();
    world.line("al", "METADATA * SET url :x");
    world.line("al", "QUIT");
    world.connect("al2", true, Some(super::identity("al")));
    for line in ["CAP REQ :batch draft/metadata-2", "CAP END", "NICK al2", "USER al 0 * :x"] {
        world.line("al2", line);
    }
    let seen = world.seen();
    let at = seen.iter().position(|line| line.contains("METADATA al2 url * :x")).unwrap();
    assert!(seen[at - 1].ends_with("metadata al2") && seen[at + 1].contains("BATCH -"), "{seen:?}");
    assert!(at < seen.iter().position(|line| line.contains(" 376 ")).unwrap());
}

#[test]
fn what_cannot_be_done_is_told() {
    let mut world = world();
    world.play(
        "bo > METADATA
         bo < 461 METADATA :…
         bo > METADATA * SET
         bo < 461 METADATA :…
         bo > METADATA * DESTROY
         bo < :irc.test FAIL METADATA SUBCOMMAND_INVALID DESTROY :invalid subcommand
         bo > METADATA nobody LIST
         bo < :irc.test FAIL METADATA INVALID_TARGET nobody :invalid metadata target
         bo > METADATA al SET URL :x
         bo < :irc.test FAIL METADATA KEY_INVALID URL :invalid key
         bo > METADATA al SET url :x
         bo < :irc.test FAIL METADATA KEY_NO_PERMISSION al url :permission denied
         bo > METADATA #a SET url :x
         bo < :irc.test FAIL METADATA KEY_NO_PERMISSION #a url :permission denied
         bo > METADATA #a CLEAR
         bo < :irc.test FAIL METADATA KEY_NO_PERMISSION #a * :permission denied
         bo > METADATA * SET url
         bo < :irc.test FAIL METADATA KEY_NOT_SET bo url :key not set",
    );
    world.line("bo", &format!("METADATA * SET url :{}", "x".repeat(201)));
    assert_eq!(world.seen(), ["bo < :irc.test FAIL METADATA VALUE_INVALID :value is too long"]);
    (0..METADATA_KEYS).for_each(|number| world.line("bo", &format!("METADATA * SET k{number} :x")));
    (0..METADATA_SUBS).for_each(|number| world.line("bo", &format!("METADATA * SUB k{number}")));
    world.seen();
    world.play(
        "bo > METADATA * SET more :x
         bo < :irc.test FAIL METADATA LIMIT_REACHED bo :metadata limit reached
         bo > METADATA * SET k1 :y
         bo < 761 bo k1 * :y
         bo > METADATA * SUB one two
         bo < :irc.test FAIL METADATA TOO_MANY_SUBS one :too many subscriptions",
    );
}

#[test]
fn what_the_server_supports_can_be_asked_for_before_registration() {
    let mut world = World::with(settings());
    world.connect("*", true, None);
    world.play(
        "* > ISUPPORT
         * < 451 …
         * > CAP REQ :draft/extended-isupport batch
         * < :irc.test CAP * ACK :draft/extended-isupport batch
         * > ISUPPORT
         * < :irc.test BATCH +1 draft/isupport
         * < @batch=1 :irc.test 005 * …
         * < @batch=1 :irc.test 005 * …
         * < @batch=1 :irc.test 005 * …
         * < :irc.test BATCH -1",
    );
    World::new().users(&["al"]).play(
        "al > ISUPPORT
         al < 005 …
         al < 005 …
         al < 005 …",
    );
}
