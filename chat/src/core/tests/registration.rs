//! CAP, PASS, NICK, USER, PING and QUIT before and at registration.

use super::{World, settings};
use crate::core::{Event, Limits, LogEntry, Password};

#[test]
fn nick_and_user_make_a_user() {
    let mut world = World::new();
    world.connect("al", true, None);
    world.play(
        "al > NICK al
         al > USER al 0 * :Al
         al < 001 :Welcome to the TestNet network, al!al@10.0.0.1
         al < 002 :Your host is irc.test, running version chat-0.1.0
         al < 003 :This server was started today
         al < 004 irc.test chat-0.1.0 BRiow CIMRbefhiklmnostv Ibefhklov
         al < 005 ACCOUNTEXTBAN=a AWAYLEN=300 BOT=B CASEMAPPING=ascii CHANLIMIT=#:100 CHANMODES=beI,k,fl,CMRimnst CHANNELLEN=64 …ELIST=CMNTU EXCEPTS=e EXTBAN=~,am HOSTLEN=63 :are supported by this server
         al < 005 INVEX=I KEYLEN=23 KICKLEN=300 MAXLIST=b:100,e:100,I:100 …MODES=6 MONITOR=100 …NICKLEN=32 PREFIX=(ohv)@%+ SAFELIST STATUSMSG=@%+ :are supported by this server
         al < 005 TARGMAX=… UTF8ONLY WHOX :are supported by this server
         al < 251 :There are 1 users and 0 invisible on 1 servers
         al < 252 0 :operator(s) online
         al < 253 0 :unknown connection(s)
         al < 254 0 :channels formed
         al < 255 :I have 1 clients and 0 servers
         al < 265 1 1 :Current local users 1, max 1
         al < 266 1 1 :Current global users 1, max 1
         al < 375 :- irc.test Message of the day -
         al < 372 :- Be kind
         al < 376 :End of MOTD command",
    );
    let registered = LogEntry::Registered {
        client: world.client("al"),
        host: "10.0.0.1".to_owned(),
        nickname: "al".to_owned(),
        account: None,
    };
    assert_eq!(world.logs, [registered]);
}

#[test]
fn before_registration_only_some_verbs_work() {
    let mut world = World::new();
    world.connect("*", true, None);
    world.play(
        "* > JOIN #a
         * < 451 :You have not registered…
         * > PING 1
         * < :irc.test PONG irc.test :1
         * > PING
         * < 461 PING :…
         * > ERROR :x
         * > NICK
         * < 431 :No nickname given
         * > NICK 1x
         * < 432 1x :Erroneous nickname: …
         * > USER x
         * < 461 USER :…
         * > USER : 0 * :x
         * < 461 USER :…
         * > USER x 0 * :
         * < 461 USER :Not enough parameters
         * > DANCE
         * < 421 DANCE :Unknown command
         * > QUIT :bye
         * < ERROR :Closing link: 10.0.0.1 (Quit: bye)
         * closed
         * > PING 1",
    );
}

#[test]
fn a_browser_speaks_no_irc() {
    let mut world = World::new();
    world.connect("*", true, None);
    world.play(
        "* > POST / HTTP/1.1
         * < ERROR :Closing link: 10.0.0.1 (This is a chat server: it speaks IRC)
         * closed
         * > NICK al",
    );
}

#[test]
fn a_user_name_in_other_letters_keeps_nobody_out() {
    let mut world = World::new();
    world.connect("al", true, None);
    world.line("al", "NICK al");
    world.line("al", "USER 李 0 * :李");
    world.seen();
    world.play(
        "al > USERHOST al
         al < 302 :al=+user@10.0.0.1",
    );
}

#[test]
fn capabilities_are_negotiated_before_the_welcome() {
    let mut world = World::new();
    world.connect("*", true, None);
    world.play(
        "* > CAP LS 302
         * < :irc.test CAP * LS :account-notify …sasl=SCRAM-SHA-256,PLAIN…userhost-in-names draft/…draft/multiline=max-bytes=16384,max-lines=100…
         * > CAP LIST
         * < :irc.test CAP * LIST :cap-notify
         * > CAP REQ :multi-prefix server-time
         * < …:irc.test CAP * ACK :multi-prefix server-time
         * > CAP REQ :away-notify telepathy
         * < …:irc.test CAP * NAK :away-notify telepathy
         * > CAP REQ :-server-time -cap-notify
         * < :irc.test CAP * ACK :-server-time -cap-notify
         * > CAP LIST
         * < :irc.test CAP * LIST :cap-notify multi-prefix
         * > CAP REQ :-multi-prefix multi-prefix -away-notify
         * < :irc.test CAP * ACK :-multi-prefix multi-prefix -away-notify
         * > CAP LIST
         * < :irc.test CAP * LIST :cap-notify multi-prefix
         * > CAP LS
         * < :irc.test CAP * LS :account-notify …sasl server-time setname…
         * > CAP DANCE
         * < 410 DANCE :Invalid CAP command
         * > USER al 0 * :Al",
    );
    world.line("*", "NICK al");
    assert_eq!(world.seen(), [""; 0]);
    world.line("*", "CAP END");
    assert!(world.seen()[0].contains(" 001 al "));
}

#[test]
fn sasl_is_offered_over_tls_only() {
    let mut world = World::new();
    world.connect("*", false, None);
    world.line("*", "CAP LS 302");
    assert!(!world.seen()[0].contains("sasl"));
    world.play(
        "* > CAP REQ sasl
         * < :irc.test CAP * NAK :sasl",
    );
}

#[test]
fn capabilities_can_be_negotiated_later() {
    World::new().users(&["al"]).play(
        "al > CAP REQ :echo-message
         al < :irc.test CAP al ACK :echo-message
         al > CAP LIST
         al < :irc.test CAP al LIST :echo-message
         al > CAP END
         al > NICK al",
    );
}

#[test]
fn a_password_is_needed_where_there_is_one() {
    let with_password =
        || World::with(super::Settings { password: Some(Password::new("s3".to_owned())), ..settings() });
    let mut world = with_password();
    world.connect("*", true, None);
    world.play(
        "* > PASS :
         * < 461 PASS :Not enough parameters
         * > PASS
         * < 461 PASS :…
         * > PASS wrong
         * > USER al 0 * :Al
         * > PASS s3",
    );
    world.line("*", "NICK al");
    assert!(world.seen()[0].contains(" 001 al "));
    world.play(
        "* > PASS s3
         * < :irc.test 462 al :You may not reregister",
    );
    let mut world = with_password();
    world.connect("al", true, None);
    world.play(
        "al > PASS s3
         al > PASS wrong
         al > NICK al
         al > USER al 0 * :Al
         al < 464 :Password incorrect
         al < ERROR :Closing link: 10.0.0.1 (Password incorrect)
         al closed",
    );
    let mut world = with_password();
    world.connect("al", true, None);
    world.play(
        "al > USER al 0 * :Al
         al > NICK al
         al < 464 :Password required…
         al < ERROR :Closing link: 10.0.0.1 (Password required)
         al closed",
    );
    assert!(!format!("{:?}", Password::new("s3".to_owned())).contains("s3"));
}

#[test]
fn without_a_password_pass_is_refused_kindly() {
    let mut world = World::new();
    world.connect("*", true, None);
    world.play(
        "* > PASS x
         * < :irc.test NOTICE * :No password is needed here: a client certificate logs you in …
         * > NICK al",
    );
    world.line("*", "USER al 0 * :Al");
    assert!(world.seen()[0].contains(" 001 "));
}

#[test]
fn once_is_enough() {
    World::new().users(&["al"]).play(
        "al > USER x 0 * :x
         al < 462 :You may not reregister
         al > PASS x
         al < 462 :You may not reregister",
    );
}

#[test]
fn a_full_server_says_so() {
    let mut world = World::with(super::Settings {
        limits: Limits { clients: 2, clients_per_address: 1, ..Limits::default() },
        ..settings()
    });
    world.connect("a", true, None);
    let twice = Event::Accepted {
        client: super::ClientId(9),
        host: "10.0.0.1".to_owned(),
        secure: true,
        identity: None,
        may_move: false,
    };
    world.event(twice);
    assert!(world.seen()[0].contains("(Too many connections from your address: at most 1)"));
    world.connect("b", true, None);
    world.connect("c", true, None);
    assert_eq!(world.seen(), ["c < ERROR :Closing link: 10.0.0.3 (The server is full: 2 clients)", "c closed"]);
    assert_eq!(world.core.clients(), 2);
}

#[test]
fn addresses_fit_the_middle_of_a_line() {
    let mut world = World::new();
    let event = |id, host: &str| Event::Accepted {
        client: super::ClientId(id),
        host: host.to_owned(),
        secure: true,
        identity: None,
        may_move: false,
    };
    for (id, host, shown) in [(1, "::1", "0::1"), (2, "::ffff:10.1.2.3", "10.1.2.3"), (3, "a b!c", "a_b_c")] {
        world.event(event(id, host));
        assert_eq!(&*world.core.state.sessions[&super::ClientId(id)].host, shown);
    }
}

#[test]
fn who_asks_for_a_port_of_its_own_is_sent_there_with_a_ticket() {
    let mut world = World::new();
    world.may_move = true;
    world.connect("al", true, Some(super::identity("al")));
    for line in ["CAP REQ :example.org/assigned-port", "NICK al", "USER al 0 * :Al"] {
        world.line("al", line);
    }
    world.seen();
    world.play(
        r"
        al > CAP END
        al < :irc.test NOTE * ASSIGNED_PORT 7001 for-ab12 10 :…
        al < 010 irc.test 7001 :…
        al < ERROR :Closing link: 10.0.0.1 (You go on at port 7001)
        al closed
        ",
    );
}

#[test]
fn who_does_not_ask_or_finds_none_free_stays() {
    let mut world = World::new();
    world.may_move = true;
    world.connect("al", true, Some(super::identity("al")));
    world.connect("bo", true, None);
    for line in ["NICK al", "USER al 0 * :Al"] {
        world.line("al", line);
    }
    assert!(world.seen().iter().any(|line| line.contains(" 001 al ")));
    for line in ["CAP REQ :example.org/assigned-port", "NICK bo", "USER bo 0 * :Bo", "CAP END"] {
        world.line("bo", line);
    }
    assert!(world.seen().iter().any(|line| line.contains(" 001 bo ")));
}

#[test]
fn a_port_of_its_own_is_offered_only_where_it_can_be_had() {
    let mut world = World::new();
    world.connect("al", true, None);
    world.line("al", "CAP LS 302");
    assert!(!world.seen()[0].contains("assigned-port"));
}
