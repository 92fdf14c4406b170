//! WHO with flags, WHOX, and bots.

use super::{World, identity, settings};
use crate::core::{Operator, Password, Right};

fn world() -> World {
    let operator = Operator {
        name: "root".to_owned(),
        password: Some(Password::new("pw".to_owned())),
        fingerprint: None,
        rights: [Right::Auspex].into_iter().collect(),
    };
    let mut world = World::with(super::Settings { operators: vec![operator], ..settings() }).users(&["al", "bo"]);
    world.connect("cy", true, Some(identity("cy@example.test")));
    for line in ["NICK cy", "USER cyu 0 * :Cy of Test", "JOIN #a"] {
        world.line("cy", line);
    }
    world.line("al", "JOIN #a");
    world.line("al", "OPER root pw");
    world.pass(9);
    world.seen();
    world
}

#[test]
fn operators_are_found() {
    world().play(
        "bo > WHO * o
         bo < 352 * al 10.0.0.1 irc.test al H* :0 The al
         bo < 315 * :End of WHO list
         bo > WHO #a o
         bo < 352 #a al 10.0.0.1 irc.test al H* :0 The al
         bo < 315 #a :End of WHO list
         bo > WHO cy o
         bo < 315 cy :End of WHO list
         bo > WHO 0
         bo < 352 * al …
         bo < 352 * bo …
         bo < 352 * cyu …
         bo < 315 0 :End of WHO list
         bo > WHO cyu
         bo < 352 * cyu 10.0.0.3 irc.test cy H :0 Cy of Test
         bo < 315 cyu :End of WHO list
         bo > WHO *!*@10.0.0.3
         bo < 352 * cyu …
         bo < 315 *!*@10.0.0.3 :End of WHO list",
    );
}

#[test]
fn fields_come_in_the_order_of_the_specification() {
    world().play(
        "bo > WHO cy %tcuihsnfdlaor,42
         bo < 354 42 * cyu 10.0.0.3 10.0.0.3 irc.test cy H 0 9 cy@example.test n/a :Cy of Test
         bo < 315 cy :End of WHO list
         bo > WHO #a %nfact,7
         bo < 354 7 #a al H* 0
         bo < 354 7 #a cy H@ cy@example.test
         bo < 315 #a :End of WHO list
         bo > WHO cy %r
         bo < 354 :Cy of Test
         bo < 315 cy :End of WHO list
         bo > WHO * o%tna,1234
         bo < 354 0 al 0
         bo < 315 * :End of WHO list",
    );
}

#[test]
fn bots_are_shown_as_such() {
    let mut world = world();
    world.line("cy", "MODE cy +B");
    world.user("di", "message-tags", None);
    world.play(
        "bo > WHO cy
         bo < 352 * cyu 10.0.0.3 irc.test cy HB :0 Cy of Test
         bo < 315 cy :End of WHO list
         bo > WHO #a %fn
         bo < 354 al H*
         bo < 354 cy H@B
         bo < 315 …
         bo > WHOIS cy
         bo < 311 …
         bo < 319 …
         bo < 312 …
         bo < 335 cy :is a bot
         bo < 330 …
         bo < 671 …
         bo < 317 …
         bo < 318 …",
    );
    world.line("cy", "PRIVMSG di :hello");
    let seen = world.seen();
    assert!(
        seen[0].starts_with("di < @bot;msgid=") && seen[0].ends_with(":cy!cyu@10.0.0.3 PRIVMSG di :hello"),
        "{seen:?}"
    );
}

#[test]
fn operators_who_may_look_see_what_is_hidden() {
    let mut world = world();
    world.line("bo", "JOIN #s");
    world.line("bo", "MODE #s +s");
    world.line("bo", "MODE bo +i");
    world.seen();
    world.play(
        "cy > NAMES #s
         cy < 366 #s :End of NAMES list
         al > NAMES #s
         al < 353 @ #s :@bo
         al < 366 #s :End of NAMES list
         al > WHO b*
         al < 352 * bo …
         al < 315 …
         cy > WHO b*
         cy < 315 b* :End of WHO list
         al > WHOIS cy
         al < 311 …
         al < 319 …
         al < 312 …
         al < 330 …
         al < 671 …
         al < 276 cy :has client certificate fingerprint ab12
         al < 338 cy 10.0.0.3 :is actually using host
         al < 378 …
         al < 379 cy :is using modes +
         al < 317 …
         al < 318 …",
    );
    world.line("al", "LIST");
    assert!(world.seen().contains(&"al < :irc.test 322 al #s 1 :".to_owned()));
    world.line("al", "WHOIS bo");
    assert!(world.seen().contains(&"al < :irc.test 319 al bo :@#s".to_owned()));
}
