//! What somebody without an account may do.

use super::{World, settings};
use crate::core::{GuestSettings, Settings};

fn world() -> World {
    let guests = GuestSettings {
        join: vec!["#lobby".to_owned(), "#open-*".to_owned()],
        create: false,
        write_to_users: false,
        list: false,
    };
    let mut world = World::with(Settings { guests, ..settings() });
    world.user("alice", "", Some("alice"));
    world.user("guest", "", None);
    for channel in ["#lobby", "#staff"] {
        world.line("alice", &format!("JOIN {channel}"));
    }
    world.seen();
    world
}

#[test]
fn guests_join_what_is_open_to_them_and_begin_nothing() {
    world().play(
        r"
        guest > JOIN #staff
        guest < 477 #staff :Cannot join channel: it is not open to guests…
        guest > JOIN #open-new
        guest < 477 #open-new :Cannot join channel: guests may not begin one…
        guest > JOIN #lobby
        alice < :guest!guest@10.0.0.2 JOIN #lobby
        guest < :guest!guest@10.0.0.2 JOIN #lobby
        guest < 353 = #lobby :@alice guest
        guest < 366 #lobby :…
        alice > JOIN #open-new
        alice < :alice!alice@10.0.0.1 JOIN #open-new
        alice < 353 = #open-new :@alice
        alice < 366 #open-new :…
        ",
    );
}

#[test]
fn guests_write_to_those_with_an_account_whom_they_meet() {
    let mut world = world();
    world.user("other", "", None);
    world.play(
        r"
        guest > PRIVMSG alice :hello
        guest < 531 alice :Cannot send to user: guests may not here…
        ",
    );
    world.line("guest", "JOIN #lobby");
    world.seen();
    world.play(
        r"
        guest > PRIVMSG alice :hello
        alice < :guest!guest@10.0.0.2 PRIVMSG alice :hello
        guest > PRIVMSG other :hello
        guest < 531 other :…
        alice > PRIVMSG guest :hello
        guest < :alice!alice@10.0.0.1 PRIVMSG guest :hello
        ",
    );
}

#[test]
fn guests_see_only_where_they_are() {
    world().play(
        r"
        guest > LIST
        guest < 321 Channel :Users  Name
        guest < 323 :End of LIST
        guest > WHO *
        guest < 352 * guest…
        guest < 315 * :…
        ",
    );
}
