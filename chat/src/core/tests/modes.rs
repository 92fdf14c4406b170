//! MODE of channels and users.

use super::World;

fn channel_of_two() -> World {
    let mut world = World::new().users(&["al", "bo", "cy"]);
    world.line("al", "JOIN #a");
    world.line("bo", "JOIN #a");
    world.seen();
    world
}

#[test]
fn modes_are_shown() {
    channel_of_two().play(
        "bo > MODE #a
         bo < 324 #a +nt
         bo < 329 #a 1769862896
         al > MODE #a +kl key 5
         al < :al!al@10.0.0.1 MODE #a +kl key 5
         bo < :al!al@10.0.0.1 MODE #a +kl key 5
         bo > MODE #a
         bo < 324 #a +ntkl key 5
         bo < 329 #a 1769862896
         cy > MODE #a
         cy < 324 #a +ntkl * 5
         cy < 329 #a 1769862896
         cy > MODE #b
         cy < 403 #b :No such channel",
    );
}

#[test]
fn ranks_are_given_and_taken() {
    channel_of_two().play(
        "al > MODE #a +ov BO bo
         al < :al!al@10.0.0.1 MODE #a +ov bo bo
         bo < :al!al@10.0.0.1 MODE #a +ov bo bo
         al > MODE #a +o bo
         bo > MODE #a -o al
         al < :bo!bo@10.0.0.2 MODE #a -o al
         bo < :bo!bo@10.0.0.2 MODE #a -o al
         al > MODE #a +o al
         al < 482 #a :You're not channel operator
         bo > MODE #a +o cy
         bo < 441 cy #a :They aren't on that channel
         bo > MODE #a +o zoe
         bo < 401 zoe :No such nick/channel
         bo > MODE #a +o
         bo < 696 #a o * :Invalid mode parameter: a nickname is needed",
    );
}

#[test]
fn only_operators_change_modes() {
    channel_of_two().play(
        "bo > MODE #a +imns
         bo < 482 #a :You're not channel operator
         cy > MODE #a +i
         cy < 482 #a :You're not channel operator
         al > MODE #a +Zi
         al < :irc.test 472 al Z :is unknown mode char to me
         al < :al!al@10.0.0.1 MODE #a +i
         bo < :al!al@10.0.0.1 MODE #a +i
         al > MODE #a +i-i
         al < :al!al@10.0.0.1 MODE #a -i
         bo < :al!al@10.0.0.1 MODE #a -i",
    );
}

#[test]
fn keys_and_limits_are_checked() {
    channel_of_two().play(
        "al > MODE #a +k
         al < 696 #a k * :Invalid mode parameter: a key is needed
         al > MODE #a +k a,b
         al < 696 #a k a,b :Invalid mode parameter: …
         al > MODE #a +k :two words
         al < 696 #a k * :…
         al > MODE #a +k :
         al < 696 #a k * :Invalid mode parameter: a key is needed
         al > MODE #a +k 123456789012345678901234
         al < 696 #a k 123456789012345678901234 :…
         al > MODE #a +l 0
         al < 696 #a l 0 :Invalid mode parameter: a number from 1 is needed
         al > MODE #a +l many
         al < 696 #a l many :…
         al > MODE #a -k x
         al > MODE #a +k key
         al < :al!al@10.0.0.1 MODE #a +k key
         bo < :al!al@10.0.0.1 MODE #a +k key
         al > MODE #a -k wrong
         al < :al!al@10.0.0.1 MODE #a -k key
         bo < :al!al@10.0.0.1 MODE #a -k key",
    );
}

#[test]
fn bans_are_listed_once_each_and_bounded() {
    let mut world = channel_of_two();
    world.play(
        "al > MODE #a +b x
         al < :al!al@10.0.0.1 MODE #a +b x!*@*
         bo < :al!al@10.0.0.1 MODE #a +b x!*@*
         al > MODE #a +b X!*@*
         bo > MODE #a b
         bo < 367 #a x!*@* al!al@10.0.0.1 1769862896
         bo < 368 #a :End of channel ban list
         al > MODE #a -b y
         al > MODE #a -b x
         al < :al!al@10.0.0.1 MODE #a -b x!*@*
         bo < :al!al@10.0.0.1 MODE #a -b x!*@*
         cy > MODE #a +b
         cy < 368 #a :End of channel ban list",
    );
    for n in 0..100 {
        world.line("al", &format!("MODE #a +b n{n}"));
    }
    world.seen();
    world.play(
        "al > MODE #a +b more
         al < 478 #a b :Channel ban list is full",
    );
}

#[test]
fn a_mode_command_makes_so_many_changes() {
    let mut world = channel_of_two();
    world.line("al", "MODE #a +bbbbbbbb 1 2 3 4 5 6 7 8");
    assert!(world.seen()[0].ends_with("MODE #a +bbbbbb 1!*@* 2!*@* 3!*@* 4!*@* 5!*@* 6!*@*"));
}

#[test]
fn users_change_their_own_modes_only() {
    let mut world = channel_of_two();
    world.play(
        "al > MODE al
         al < 221 +
         al > MODE AL +iw
         al < :al!al@10.0.0.1 MODE al +iw
         al > MODE al
         al < 221 +iw
         al > MODE al +oBR-o
         al < :al!al@10.0.0.1 MODE al +BR
         al > MODE al -BZR
         al < :al!al@10.0.0.1 MODE al -BR
         al < 501 :Unknown MODE flag
         al > MODE al -w+i
         al < :al!al@10.0.0.1 MODE al -w
         al > MODE bo +i
         al < 502 :Cannot change mode for other users
         al > MODE zoe +i
         al < 401 zoe :No such nick/channel",
    );
    assert_eq!(world.core.state.counts.invisible, 1);
    world.line("al", "QUIT");
    assert_eq!((world.core.state.counts.invisible, world.core.state.counts.registered), (0, 2));
}
