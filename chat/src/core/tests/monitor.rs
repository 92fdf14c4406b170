//! MONITOR.

use super::World;

#[test]
fn people_who_come_and_go_are_told_of() {
    let mut world = World::new().users(&["al", "bo"]);
    world.play(
        "al > MONITOR + BO,cy,bo,1x
         al < 730 :bo!bo@10.0.0.2
         al < 731 :cy
         al > MONITOR + bo
         al > MONITOR L
         al < 732 :BO,cy
         al < 733 :End of MONITOR list
         bo > NICK Bo
         bo < :bo!bo@10.0.0.2 NICK :Bo
         bo > NICK cy
         bo < :Bo!bo@10.0.0.2 NICK :cy
         al < 731 :Bo
         al < 730 :cy!bo@10.0.0.2
         al > MONITOR S
         al < 730 :cy!bo@10.0.0.2
         al < 731 :BO
         bo > QUIT
         bo < ERROR …
         al < 731 :cy
         bo closed",
    );
    world.connect("bo", true, None);
    world.line("bo", "NICK bo");
    assert_eq!(world.seen(), [""; 0], "it is not registered yet");
    world.line("bo", "USER bo 0 * :bo");
    assert!(world.seen().contains(&"al < :irc.test 730 al :bo!bo@10.0.0.3".to_owned()));
}

#[test]
fn who_does_not_want_to_know_is_not_told() {
    let mut world = World::new().users(&["al", "bo"]);
    world.line("al", "MONITOR + bo,cy");
    world.seen();
    world.play(
        "al > MONITOR - BO
         al > MONITOR L
         al < 732 :cy
         al < 733 :End of MONITOR list
         al > MONITOR c
         al > MONITOR l
         al < 733 :End of MONITOR list
         al > MONITOR S
         al > MONITOR +
         al < 461 MONITOR :Not enough parameters
         al > MONITOR
         al < 461 MONITOR :…
         al > MONITOR x
         al < 400 MONITOR x :…
         bo > NICK bob
         bo < :bo!bo@10.0.0.2 NICK :bob",
    );
    world.line("al", "MONITOR + bo,cy");
    world.line("al", "QUIT");
    assert!(world.core.state.watchers.is_empty());
}

#[test]
fn a_full_list_says_what_did_not_fit() {
    let mut world = World::new().users(&["al"]);
    let nicknames: Vec<String> = (0..99).map(|n| format!("n{n}")).collect();
    for some in nicknames.chunks(33) {
        world.line("al", &format!("MONITOR + {}", some.join(",")));
    }
    world.seen();
    world.play(
        "al > MONITOR + x,n1,y,z
         al < 731 :x
         al < 734 100 y,z :Monitor list is full.
         al > MONITOR - x
         al > MONITOR + y
         al < 731 :y",
    );
    world.line("al", "MONITOR L");
    let seen = world.seen();
    let listed: usize = seen.iter().filter(|line| line.contains(" 732 ")).map(|line| line.split(',').count()).sum();
    assert_eq!((listed, seen.iter().all(|line| line.len() < 512)), (100, true));
}

#[test]
fn who_watches_itself_is_told_of_its_new_nickname_and_not_of_its_end() {
    let mut world = World::new().users(&["al"]);
    world.play(
        "al > MONITOR + al,bo
         al < 730 :al!al@10.0.0.1
         al < 731 :bo
         al > NICK bo
         al < :al!al@10.0.0.1 NICK :bo
         al < :irc.test 731 bo :al
         al < :irc.test 730 bo :bo!al@10.0.0.1
         al > QUIT
         al < ERROR :…
         al closed",
    );
}
