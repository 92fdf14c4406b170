//! What people change about themselves, and who hears of it: SETNAME, extended-monitor, draft/pre-away, the tag `bot`.

use super::{Settings, World, settings};

#[test]
fn a_new_real_name_is_told_to_those_who_asked() {
    let mut world = World::new();
    world.user("al", "setname", None);
    world.user("bo", "setname", None);
    world.user("cy", "", None);
    for name in ["al", "bo", "cy"] {
        world.line(name, "JOIN #a");
    }
    world.seen();
    world.play(
        "al > SETNAME :Al the First
         al < :al!al@10.0.0.1 SETNAME :Al the First
         bo < :al!al@10.0.0.1 SETNAME :Al the First
         cy > SETNAME :Cy
         al < :cy!cy@10.0.0.3 SETNAME :Cy
         bo < :cy!cy@10.0.0.3 SETNAME :Cy
         bo > WHO al
         bo < 352 * al 10.0.0.1 irc.test al H :0 Al the First
         bo < 315 al :End of WHO list
         al > SETNAME
         al < 461 SETNAME :…
         al > SETNAME :
         al < :irc.test FAIL SETNAME INVALID_REALNAME :Realname is not valid…",
    );
    world.line("al", &format!("SETNAME :{}", "x".repeat(151)));
    assert!(world.seen()[0].starts_with("al < :irc.test FAIL SETNAME INVALID_REALNAME :"));
}

#[test]
fn who_monitors_hears_of_changes_too() {
    let mut world = World::new();
    world.user("al", "", None);
    world.user("bo", "extended-monitor setname away-notify", None);
    world.user("cy", "setname away-notify", None);
    world.user("dee", "extended-monitor", None);
    for name in ["al", "bo", "cy", "dee"] {
        world.line(name, "MONITOR + al");
    }
    world.seen();
    world.play(
        "al > SETNAME :X
         bo < :al!al@10.0.0.1 SETNAME :X
         al > AWAY :tea
         al < 306 …
         bo < :al!al@10.0.0.1 AWAY :tea
         al > AWAY
         al < 305 …
         bo < :al!al@10.0.0.1 AWAY",
    );
}

#[test]
fn who_asked_for_it_can_be_away_from_the_beginning() {
    let mut world = World::new().users(&["bo"]);
    world.user("cy", "extended-monitor away-notify", None);
    world.line("cy", "MONITOR + al");
    world.seen();
    world.connect("al", true, None);
    world.line("al", "NICK al");
    world.play(
        "al > AWAY :early
         al < 451 :You have not registered…
         al > CAP REQ draft/pre-away
         al < :irc.test CAP al ACK :draft/pre-away
         al > AWAY *
         al < 306 :You have been marked as being away
         al > USER al 0 * :Al",
    );
    world.line("al", "CAP END");
    let told: Vec<String> = world.seen().into_iter().filter(|line| line.starts_with("cy ")).collect();
    assert_eq!(told, ["cy < :irc.test 730 cy :al!al@10.0.0.3", "cy < :al!al@10.0.0.3 AWAY :*"]);
    world.play(
        "bo > PRIVMSG al :hi
         al < :bo!bo@10.0.0.1 PRIVMSG al :hi
         bo < 301 al :*",
    );
}

#[test]
fn what_a_bot_says_is_marked() {
    let mut world = World::new();
    world.user("al", "message-tags", None);
    world.user("bo", "", None);
    world.line("bo", "MODE bo +B");
    world.seen();
    world.play(
        "bo > NOTICE al :beep
         al < @bot;msgid=test-1 :bo!bo@10.0.0.2 NOTICE al :beep",
    );
}

/// "All commands sent by a bot", and no numerics (IRCv3 bot-mode, "The bot tag").
#[test]
fn everything_that_comes_from_a_bot_is_marked() {
    for history in [false, true] {
        let mut world = World::with(Settings { history, ..settings() });
        world.user(
            "al",
            "message-tags batch away-notify setname extended-join account-notify invite-notify draft/channel-rename \
             draft/multiline",
            None,
        );
        world.user("bo", "batch message-tags draft/multiline", None);
        world.line("bo", "MODE bo +B");
        for line in ["JOIN #a", "MODE #a -t+v bo", "INVITE al #a"] {
            world.line("bo", line);
        }
        world.line("al", "JOIN #a");
        for line in [
            "PRIVMSG #a :x",
            "NOTICE al :x",
            "TAGMSG #a",
            "BATCH +1 draft/multiline #a",
            "@batch=1 PRIVMSG #a :one",
            "@batch=1 PRIVMSG #a :two",
            "BATCH -1",
            "TOPIC #a :x",
            "MODE #a +m",
            "AWAY :x",
            "SETNAME :x",
            "RENAME #a #b",
            "NICK bob",
            "PART #b",
            "JOIN #b",
            "QUIT",
        ] {
            world.line("bo", line);
        }
        let seen = world.seen();
        let from_bot = seen.iter().filter(|line| line.starts_with("al < ") && line.contains(":bo"));
        let (marked, unmarked): (Vec<_>, Vec<_>) =
            from_bot.filter(|line| line.contains("!bo@")).partition(|line| line.contains("bot"));
        assert!(marked.len() >= 17 && unmarked.is_empty(), "{unmarked:#?} of {seen:#?}");
    }
}

#[test]
fn names_come_with_join_unless_they_are_not_wanted() {
    for name in ["no-implicit-names", "draft/no-implicit-names"] {
        let mut world = World::new();
        world.user("al", name, None);
        world.play(
            "al > JOIN #a
             al < :al!al@10.0.0.1 JOIN #a
             al > NAMES #a
             al < 353 = #a :@al
             al < 366 #a :End of NAMES list",
        );
    }
}
