//! INVITE without parameters, what an invitation opens, and channels that send people on.

use super::World;

fn closed(modes: &str) -> World {
    let mut world = World::new().users(&["al", "bo", "cy"]);
    world.line("al", "JOIN #a");
    world.line("cy", "JOIN #a");
    world.line("al", &format!("MODE #a {modes}"));
    world.seen();
    world
}

#[test]
fn invitations_are_listed() {
    closed("+n").play(
        "bo > INVITE
         bo < 337 :End of INVITE list
         bo > INVITE al
         bo < 461 INVITE :Not enough parameters
         al > INVITE bo #A
         al < 341 bo #a
         bo < :al!al@10.0.0.1 INVITE bo #a
         bo > INVITE
         bo < 336 #a
         bo < 337 :End of INVITE list
         al > INVITE bo #none
         al < 403 #none :No such channel",
    );
}

#[test]
fn an_operators_invitation_opens_everything() {
    let mut world = closed("+iklRb key 2 bo");
    world.line("al", "INVITE bo #a");
    world.line("bo", "JOIN #a");
    assert!(world.seen().iter().any(|line| line.ends_with(":bo!bo@10.0.0.2 JOIN #a")));
}

#[test]
fn a_members_invitation_opens_nothing() {
    let mut world = closed("+k key");
    world.line("cy", "INVITE bo #a");
    world.seen();
    world.play(
        "bo > INVITE
         bo < 336 #a
         bo < 337 :End of INVITE list
         bo > JOIN #a
         bo < 475 #a :Cannot join channel (+k)",
    );
}

#[test]
fn a_channel_of_the_same_name_is_another_one() {
    let mut world = closed("+i");
    world.line("al", "INVITE bo #a");
    world.line("al", "PART #a");
    world.line("cy", "PART #a");
    world.pass(1);
    world.line("al", "JOIN #a");
    world.line("al", "MODE #a +i");
    world.seen();
    world.play(
        "bo > INVITE
         bo < 337 :End of INVITE list
         bo > JOIN #a
         bo < 473 #a :Cannot join channel (+i)",
    );
}

#[test]
fn who_is_not_logged_in_may_be_kept_out() {
    let mut world = closed("+R");
    world.user("di", "", Some("di"));
    world.play(
        "bo > JOIN #a
         bo < 477 #a :Cannot join channel (+R): log in first",
    );
    world.line("di", "JOIN #a");
    assert!(world.seen()[0].ends_with("JOIN #a"));
}

#[test]
fn who_may_not_join_is_sent_on() {
    let mut world = closed("+i");
    world.line("al", "JOIN #b");
    world.line("cy", "JOIN #c");
    world.seen();
    world.play(
        "al > MODE #a +f #a
         al < 696 #a f #a :Invalid mode parameter: the name of another channel is needed
         al > MODE #a +f
         al < 696 #a f * :…
         al > MODE #a +f #none
         al < 403 #none :No such channel
         al > MODE #a +f #c
         al < 482 #c :You're not channel operator
         al > MODE #a +f #B
         al < :al!al@10.0.0.1 MODE #a +f #b
         cy < :al!al@10.0.0.1 MODE #a +f #b
         al > MODE #a +f #b
         al > MODE #a
         al < 324 #a +intf #b
         al < 329 …
         bo > JOIN #a
         bo < 470 #a #b :Forwarding to another channel
         al < :bo!bo@10.0.0.2 JOIN #b
         bo < :bo!bo@10.0.0.2 JOIN #b
         bo < 353 = #b :@al bo
         bo < 366 #b :End of NAMES list
         al > MODE #b +if #a
         al < :al!al@10.0.0.1 MODE #b +if #a
         bo < :al!al@10.0.0.1 MODE #b +if #a
         bo > PART #b
         al < :bo!bo@10.0.0.2 PART #b
         bo < :bo!bo@10.0.0.2 PART #b
         bo > JOIN #a
         bo < 470 #a #b :Forwarding to another channel
         bo < 473 #b :Cannot join channel (+i)
         al > MODE #a -f
         al < :al!al@10.0.0.1 MODE #a -f
         cy < :al!al@10.0.0.1 MODE #a -f",
    );
}
