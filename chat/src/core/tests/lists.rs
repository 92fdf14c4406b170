//! Lists of masks: bans, exceptions, invite exceptions, and extended bans.

use super::World;

/// `al` runs `#a`; `bo` and `cy` are in it, `cy` logged in; `di` is outside.
fn world() -> World {
    let mut world = World::new().users(&["al", "bo"]);
    world.user("cy", "", Some("cy@example.test"));
    world.user("di", "", None);
    for name in ["al", "bo", "cy"] {
        world.line(name, "JOIN #a");
    }
    world.seen();
    world
}

fn quietly(world: &mut World, line: &str) {
    world.line("al", line);
    world.seen();
}

#[test]
fn each_list_has_its_numerics() {
    let mut world = world();
    quietly(&mut world, "MODE #a +beI b e i");
    world.play(
        "bo > MODE #a +b
         bo < 367 #a b!*@* al!al@10.0.0.1 1769862896
         bo < 368 #a :End of channel ban list
         bo > MODE #a e
         bo < 348 #a e!*@* al!al@10.0.0.1 1769862896
         bo < 349 #a :End of channel exception list
         bo > MODE #a +II
         bo < 346 #a i!*@* al!al@10.0.0.1 1769862896
         bo < 347 #a :End of channel invite exception list
         bo > MODE #a -e :
         bo < 348 …
         bo < 349 …
         al > MODE #a -eI e I
         al < :al!al@10.0.0.1 MODE #a -eI e!*@* i!*@*
         bo < :al!al@10.0.0.1 MODE #a -eI e!*@* i!*@*
         cy < :al!al@10.0.0.1 MODE #a -eI e!*@* i!*@*",
    );
}

#[test]
fn an_exception_goes_before_a_ban() {
    let mut world = world();
    quietly(&mut world, "MODE #a +bb *!*@10.0.0.2 *!*@10.0.0.4");
    world.play(
        "bo > PRIVMSG #a :x
         bo < 404 #a :Cannot send to channel (+b): you are banned
         di > JOIN #a
         di < 474 #a :Cannot join channel (+b)",
    );
    quietly(&mut world, "MODE #a +e *!*@10.0.0.*");
    world.play(
        "bo > PRIVMSG #a :x
         al < :bo!bo@10.0.0.2 PRIVMSG #a :x
         cy < :bo!bo@10.0.0.2 PRIVMSG #a :x",
    );
    world.line("di", "JOIN #a");
    assert!(world.seen()[0].ends_with("JOIN #a"));
}

#[test]
fn an_invite_exception_goes_before_invite_only_and_nothing_else() {
    let mut world = world();
    quietly(&mut world, "MODE #a +iIb DI di");
    world.play(
        "di > JOIN #a
         di < 474 #a :Cannot join channel (+b)",
    );
    quietly(&mut world, "MODE #a -b di");
    world.line("di", "JOIN #a");
    assert!(world.seen()[0].ends_with("JOIN #a"));
}

#[test]
fn accounts_are_banned_and_excepted() {
    let mut world = world();
    world.play(
        "al > MODE #a +b ~a:CY@*
         al < :al!al@10.0.0.1 MODE #a +b ~a:CY@*
         bo < :al!al@10.0.0.1 MODE #a +b ~a:CY@*
         cy < :al!al@10.0.0.1 MODE #a +b ~a:CY@*
         cy > PRIVMSG #a :x
         cy < 404 #a :Cannot send to channel (+b): you are banned
         cy > PART #a
         al < :cy!cy@10.0.0.3 PART #a
         bo < :cy!cy@10.0.0.3 PART #a
         cy < :cy!cy@10.0.0.3 PART #a
         cy > JOIN #a
         cy < 474 #a :Cannot join channel (+b)",
    );
    quietly(&mut world, "MODE #a -b+be ~a:CY@* *!*@* ~a:cy@example.test");
    world.line("cy", "JOIN #a");
    assert!(world.seen()[0].ends_with("JOIN #a"));
    world.play(
        "di > JOIN #a
         di < 474 #a :Cannot join channel (+b)",
    );
}

#[test]
fn who_is_muted_may_join_and_not_speak() {
    let mut world = world();
    quietly(&mut world, "MODE #a +bb ~m:bo ~m:~a:cy@*");
    world.play(
        "bo > PRIVMSG #a :x
         bo < 404 #a :Cannot send to channel (+b): you are banned
         cy > PRIVMSG #a :x
         cy < 404 #a :Cannot send to channel (+b): you are banned
         bo > NOTICE #a :x",
    );
    world.line("bo", "PART #a");
    world.line("bo", "JOIN #a");
    assert!(world.seen().iter().any(|line| line.ends_with(":bo!bo@10.0.0.2 JOIN #a")));
    quietly(&mut world, "MODE #a +e ~m:bo");
    world.line("bo", "PRIVMSG #a :x");
    assert_eq!(world.seen().len(), 2);
    quietly(&mut world, "MODE #a -e+v ~m:bo bo");
    world.line("bo", "PRIVMSG #a :x");
    assert_eq!(world.seen().len(), 2, "a voice is heard");
}

#[test]
fn masks_that_fit_nobody_are_refused() {
    world().play(
        "al > MODE #a +b ~z:x
         al < 696 #a b ~z:x :Invalid mode parameter: the kinds of extended bans are ~a:account and ~m:mask
         al > MODE #a +e ~a:
         al < 696 #a e ~a: :Invalid mode parameter: an extended ban needs something after the colon
         al > MODE #a +b :bo has spaces
         al < :al!al@10.0.0.1 MODE #a +b bo!*@*
         bo < :al!al@10.0.0.1 MODE #a +b bo!*@*
         cy < :al!al@10.0.0.1 MODE #a +b bo!*@*",
    );
}

#[test]
fn bans_by_address_fit_as_they_are_typed() {
    let mut world = world();
    world.event(super::Event::Accepted {
        client: super::ClientId(9),
        host: "2001:db8::7".to_owned(),
        secure: true,
        identity: None,
        may_move: false,
    });
    for line in ["NICK six", "USER six 0 * :x"] {
        world.event(super::Event::Line { client: super::ClientId(9), line: line.into() });
    }
    quietly(&mut world, "MODE #a +b 2001:db8::*");
    world.event(super::Event::Line { client: super::ClientId(9), line: "JOIN #a".into() });
    assert!(world.seen()[0].contains(" 474 six #a "));
}

#[test]
fn long_changes_are_told_in_several_lines() {
    let mut world = World::new().users(&["al"]);
    world.line("al", "JOIN #a");
    world.seen();
    let mask = |n: usize| format!("{n}{}!*@*", "x".repeat(140));
    for (first, second, third) in [(1, 2, 3), (4, 5, 6)] {
        world.line("al", &format!("MODE #a +bbb {} {} {}", mask(first), mask(second), mask(third)));
    }
    world.seen();
    world.line("al", &format!("MODE #a -bbb {} {} {}", mask(4), mask(5), mask(6)));
    world.line("al", &format!("MODE #a -bb {} {}", mask(2), mask(3)));
    let seen = world.seen();
    assert!(seen.iter().all(|line| line.len() < 512 && line.contains(" MODE #a -b")), "{seen:?}");
    assert_eq!(seen.iter().map(|line| line.matches("!*@*").count()).sum::<usize>(), 5, "each whole, once");
}

#[test]
fn whom_a_ban_silences_keeps_the_nickname_until_it_is_lifted() {
    let mut world = World::new().users(&["al", "bo"]);
    for (name, line) in [("al", "JOIN #a"), ("bo", "JOIN #a"), ("al", "MODE #a +b ~m:bo")] {
        world.line(name, line);
    }
    world.seen();
    world.play(
        "bo > NICK free
         bo < 435 free #a :Cannot change nickname while banned in a channel
         al > MODE #a +v bo
         al < :al!al@10.0.0.1 MODE #a +v bo
         bo < :al!al@10.0.0.1 MODE #a +v bo
         bo > NICK free
         al < :bo!bo@10.0.0.2 NICK :free
         bo < :bo!bo@10.0.0.2 NICK :free",
    );
}
