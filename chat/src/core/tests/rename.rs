//! Channels that get another name (IRCv3 draft/channel-rename).

use super::{World, settings};
use crate::core::Settings;

/// Alice runs `#old`; bob knows RENAME, too, and carl does not.
fn world() -> World {
    let mut world = World::with(Settings { history: true, ..settings() });
    world.user("alice", "draft/channel-rename", None);
    world.user("bob", "draft/channel-rename draft/read-marker", Some("bob"));
    world.user("carl", "extended-join", Some("carl"));
    ["alice", "bob", "carl"].into_iter().for_each(|name| world.line(name, "JOIN #old"));
    world.line("alice", "TOPIC #old :tea");
    world.seen();
    world
}

#[test]
fn everybody_moves_and_those_who_know_no_rename_see_another_channel() {
    world().play(
        r"
        alice > RENAME #OLD #new :a better one
        alice < :alice!alice@10.0.0.1 RENAME #old #new :a better one
        bob < :alice!alice@10.0.0.1 RENAME #old #new :a better one
        carl < :carl!carl@10.0.0.3 PART #old :a better one
        carl < :carl!carl@10.0.0.3 JOIN #new carl :The carl
        carl < 332 #new :tea
        carl < 333 #new alice!alice@10.0.0.1 …
        carl < 353 = #new :@alice bob carl
        carl < 366 #new :End of NAMES list
        carl > PRIVMSG #new :here
        alice < :carl!carl@10.0.0.3 PRIVMSG #new :here
        bob < :carl!carl@10.0.0.3 PRIVMSG #new :here
        carl > PRIVMSG #old :gone
        carl < 403 #old :No such channel
        alice > RENAME #new #newer
        alice < :alice!alice@10.0.0.1 RENAME #new #newer :
        bob < :alice!alice@10.0.0.1 RENAME #new #newer :
        carl < :carl!carl@10.0.0.3 PART #new
        carl < …JOIN #newer…
        carl < 332 …
        carl < 333 …
        carl < 353 …
        carl < 366 …
        alice > RENAME #newer #newer
        alice < :irc.test FAIL RENAME CHANNEL_NAME_IN_USE #newer #newer :The channel name is already taken
        alice > RENAME #newer #NEWER
        alice < :alice!alice@10.0.0.1 RENAME #newer #NEWER :
        bob < :alice!alice@10.0.0.1 RENAME #newer #NEWER :
        bob > PART #newer
        alice < :bob!bob@10.0.0.2 PART #NEWER
        bob < :bob!bob@10.0.0.2 PART #NEWER
        carl < :bob!bob@10.0.0.2 PART #NEWER
        ",
    );
}

#[test]
fn the_history_goes_along_and_so_do_the_members_markers() {
    let mut world = world();
    world.line("bob", "PRIVMSG #old :before");
    world.line("bob", "MARKREAD #old timestamp=2026-01-31T12:00:00.000Z");
    world.line("alice", "RENAME #old #new");
    world.seen();
    world.play(
        r"
        bob > CHATHISTORY LATEST #new * 5
        bob < :bob!bob@10.0.0.2 PRIVMSG #new :before
        bob > MARKREAD #new
        bob < :irc.test MARKREAD #new timestamp=2026-01-31T12:00:00.000Z
        bob > MARKREAD #old
        bob < :irc.test MARKREAD #old *
        ",
    );
}

#[test]
fn what_was_said_and_happened_before_names_the_channel_as_it_is_now() {
    let mut world = World::with(Settings { history: true, ..settings() });
    world.user("alice", "batch draft/multiline draft/chathistory draft/event-playback", None);
    for line in
        ["JOIN #old", "MODE #old +m", "TOPIC #old :#old tea", "NICK #", "NICK ally", "BATCH +1 draft/multiline #old"]
    {
        world.line("alice", line);
    }
    for line in ["@batch=1 PRIVMSG #old :#old", "@batch=1 PRIVMSG #old :two", "BATCH -1", "RENAME #old #newer-than-it"]
    {
        world.line("alice", line);
    }
    world.seen();
    world.play(
        r"
        alice > CHATHISTORY LATEST #newer-than-it * 50
        alice < :irc.test BATCH +2 chathistory #newer-than-it
        alice < @batch=2 :alice!alice@10.0.0.1 JOIN #newer-than-it
        alice < @batch=2 :alice!alice@10.0.0.1 MODE #newer-than-it +m
        alice < @batch=2 :alice!alice@10.0.0.1 TOPIC #newer-than-it :#old tea
        alice < @batch=2 :alice!alice@10.0.0.1 NICK :ally
        alice < @batch=2 :ally!alice@10.0.0.1 BATCH +3 draft/multiline #newer-than-it
        alice < @batch=3 :ally!alice@10.0.0.1 PRIVMSG #newer-than-it :#old
        alice < @batch=3 :ally!alice@10.0.0.1 PRIVMSG #newer-than-it :two
        alice < @batch=2 :ally!alice@10.0.0.1 BATCH -3
        alice < :irc.test BATCH -2
        ",
    );
}

#[test]
fn a_channel_is_not_renamed_over_and_over() {
    let mut world = world();
    for (from, to) in [("#old", "#b"), ("#b", "#c"), ("#c", "#d")] {
        world.line("alice", &format!("RENAME {from} {to}"));
    }
    world.seen();
    world.play(
        r"
        alice > RENAME #d #e
        alice < :irc.test FAIL RENAME CANNOT_RENAME #d #e :This channel has been renamed recently…
        alice > RENAME #d #D
        alice < :alice!alice@10.0.0.1 RENAME #d #D :
        bob < :alice!alice@10.0.0.1 RENAME #d #D :
        ",
    );
    world.pass(60);
    world.seen();
    world.line("alice", "RENAME #d #e");
    assert!(world.seen()[0].ends_with(" RENAME #D #e :"));
}

#[test]
fn what_cannot_be_renamed_is_told() {
    let mut world = world();
    world.line("carl", "JOIN #taken");
    world.seen();
    world.play(
        r"
        alice > RENAME #old
        alice < 461 RENAME :…
        alice > RENAME #none #new
        alice < 403 #none :No such channel
        bob > RENAME #old #new
        bob < 482 #old :You're not channel operator
        alice > RENAME #taken #new
        alice < 442 #taken :You're not on that channel
        alice > RENAME #old #Taken
        alice < :irc.test FAIL RENAME CHANNEL_NAME_IN_USE #old #Taken :The channel name is already taken
        alice > RENAME #old &local
        alice < :irc.test FAIL RENAME CANNOT_RENAME #old &local :The channel cannot be renamed: …
        ",
    );
}

#[test]
fn who_was_invited_before_comes_in_after() {
    let mut world = world();
    world.user("dora", "no-implicit-names", None);
    ["MODE #old +i", "INVITE dora #old", "RENAME #old #new"].into_iter().for_each(|line| world.line("alice", line));
    world.seen();
    world.line("dora", "JOIN #new");
    assert!(world.seen().contains(&"dora < :dora!dora@10.0.0.4 JOIN #new".to_owned()));
}
