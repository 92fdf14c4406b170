//! WHOWAS.

use super::World;

#[test]
fn the_last_one_comes_first() {
    let mut world = World::new().users(&["al", "bo"]);
    world.line("bo", "NICK cy");
    world.pass(60);
    world.line("al", "NICK BO");
    world.line("al", "NICK al");
    world.seen();
    world.play(
        "al > WHOWAS bo
         al < 314 BO al 10.0.0.1 * :The al
         al < 312 BO irc.test :2026-01-31T12:35:56.000Z
         al < 314 bo bo 10.0.0.2 * :The bo
         al < 312 bo irc.test :2026-01-31T12:34:56.000Z
         al < 369 bo :End of WHOWAS
         al > WHOWAS Bo 1
         al < 314 BO al 10.0.0.1 * :The al
         al < 312 BO irc.test …
         al < 369 Bo :End of WHOWAS",
    );
    for count in ["0", "-1", "x", "2 irc.test"] {
        world.line("al", &format!("WHOWAS bo {count}"));
        assert_eq!(world.seen().len(), 5, "{count}");
    }
}

#[test]
fn who_was_never_here_is_told() {
    let mut world = World::new().users(&["al", "bo"]);
    world.line("bo", "QUIT");
    world.connect("cy", true, None);
    world.line("cy", "NICK cy");
    world.line("cy", "QUIT");
    world.seen();
    world.play(
        "al > WHOWAS al
         al < 406 al :There was no such nickname
         al < 369 al :End of WHOWAS
         al > WHOWAS cy,bo
         al < 406 cy :There was no such nickname
         al < 314 bo bo 10.0.0.2 * :The bo
         al < 312 bo irc.test …
         al < 369 cy,bo :End of WHOWAS
         al > WHOWAS a,b,c,d,bo
         al < 406 a :There was no such nickname
         al < 406 b :There was no such nickname
         al < 406 c :There was no such nickname
         al < 406 d :There was no such nickname
         al < 407 bo :Too many targets…
         al < 369 a,b,c,d,bo :End of WHOWAS
         al > WHOWAS bo 1 other.test
         al < 402 other.test :No such server
         al > WHOWAS
         al < 431 :No nickname given",
    );
}

#[test]
fn letter_case_is_no_other_nickname() {
    let mut world = World::new().users(&["al"]);
    world.line("al", "NICK AL");
    assert_eq!(world.core.state.whowas.len(), 0);
}
