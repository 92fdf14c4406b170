//! Conversations: two of our clients, and any TLS client that can type IRC.

use tests::irc::{raw, served, welcomed, with_certificates};
use tests::peers::peer;
use tests::ports::FreePort;
use tests::screen::Screen;
use tests::{Running, Sandbox, programs};

#[test]
fn two_clients_hold_a_conversation() {
    let (sandbox, server) = served();
    let mut alice = join(&sandbox, &server, "alice");
    alice.line("#lobby");
    let mut bob = join(&sandbox, &server, "bob");
    bob.line("#lobby");
    alice.line("bob");
    alice.types("good morning, bob");
    let heard = bob.line("good morning, bob");
    assert!(heard.contains("alice"), "who said it is shown: {heard}");
    bob.types("good morning, alice: grüß dich");
    assert!(alice.line("grüß dich").contains("bob"));
    bob.types("/msg alice a word in private");
    alice.line("a word in private");
    alice.types("/list");
    alice.line_with(&["alice", "bob"]);
    bob.types("/quit so long");
    let (code, printed) = bob.ends();
    assert_eq!(code, 0, "{}", printed.join("\n"));
    alice.line("so long");
    alice.ends_input();
    let (code, printed) = alice.ends();
    assert_eq!(code, 0, "{}", printed.join("\n"));
}

#[test]
fn who_sits_at_a_terminal_comes_back_when_the_server_does() {
    let Some(tmux) = peer("tmux") else { return };
    let (sandbox, port) = (with_certificates(), FreePort::take());
    let start = || sandbox.start(programs::chat(), ["serve", "--name", "localhost", "--listen", &port.address()]);
    let server = start();
    server.address();
    let alice = format!(
        "'{}' connect localhost:{} --as alice --join '#tea' --join '#cake'",
        programs::chat().display(),
        port.number()
    );
    let alice = Screen::start(&sandbox, tmux, "alice", &alice);
    let talks = |server: &Running, text: &str| {
        let mut bob = welcomed(&sandbox, server, "bob");
        bob.types("JOIN #tea,#cake");
        bob.line(" 366 bob #cake ");
        // She may have been there before, or come now.
        bob.line_with(&["alice", " #cake"]);
        alice.types(text);
        bob.line(&format!(" PRIVMSG #cake :{text}"));
    };
    talks(&server, "the first of the day");
    drop(server);
    let server = start();
    server.address();
    talks(&server, "here again");
    alice.types("/quit enough");
    server.line_with(&["closed", "Quit"]);
}

#[test]
fn on_a_terminal_words_are_completed_long_pastes_parted_and_what_was_said_scrolled() {
    let Some(tmux) = peer("tmux") else { return };
    let (sandbox, server) = served();
    let mut bob = join(&sandbox, &server, "bob");
    bob.line("here: @bob");
    let address = format!("localhost:{}", server.address().port());
    let alice = format!("'{}' connect {address} --as alice --nick alice --join '#lobby'", programs::chat().display());
    let alice = Screen::start(&sandbox, tmux, "alice", &alice);
    alice.shows(&format!(" alice on {address}  #lobby  /help"));
    alice.types_only("b");
    alice.presses("Tab");
    alice.shows("> bob:");
    alice.types("good morning");
    bob.line("<alice> bob: good morning");
    alice.resizes(40, 8);
    bob.types("a line that takes more than one row on a screen as narrow as this");
    let rows = alice.shows("narrow as this");
    assert!(rows.len() == 8 && rows[6].contains("#lobby"), "the status is above the line that is typed: {rows:?}");
    alice.resizes(100, 12);
    for number in 0..30 {
        bob.types(&format!("line {number}."));
    }
    alice.shows("line 29.");
    alice.presses("PPage");
    alice.shows("scrolled back: PageDown");
    bob.types("below what is seen");
    alice.shows("scrolled back, 1 new: PageDown");
    // A page keeps a row of the one before, so that the new line is on the second.
    alice.presses("NPage");
    alice.presses("NPage");
    alice.shows("below what is seen");
    alice.pastes(&format!("{}the end", "word ".repeat(1_000)));
    alice.shows("5007 characters for #lobby, in 2 parts: Enter sends them, Escape drops them");
    alice.presses("Enter");
    bob.line("word the end");
    alice.types("/quit enough");
    assert!(bob.line("enough").contains("alice"), "who left is shown");
}

#[test]
fn a_channel_is_made_ones_own_in_plain_words() {
    let (sandbox, server) = served();
    let mut bob = join(&sandbox, &server, "bob");
    bob.line("here: @bob");
    for (typed, expected) in [
        ("/owner", "[#lobby] !! No such channel is registered"),
        ("/register", "[#lobby] The channel belongs to bob from now on"),
        ("/access add alice@example.test op", "[#lobby] alice@example.test is given +o when coming in"),
        ("/access", "[#lobby] bob owns the channel"),
        ("/owner", "[#lobby] The channel belongs to bob since 2"),
        ("/accounts #lobby", "  bob              bob"),
        ("/help", "/register /drop"),
        ("/help register", "/register [#CHANNEL]"),
        ("/drop", "[#lobby] The channel is nobody's any more"),
    ] {
        bob.types(typed);
        bob.line(expected);
    }
    let printed = bob.printed();
    assert_eq!(printed.iter().filter(|line| line.contains("from now on")).count(), 1, "{printed:?}");
    assert_eq!(printed.iter().filter(|line| line.contains("!!")).count(), 1, "{printed:?}");
}

#[test]
fn piped_lines_are_all_delivered_before_the_client_ends() {
    let (sandbox, server) = served();
    let bob = join(&sandbox, &server, "bob");
    bob.line("#lobby");
    let address = format!("localhost:{}", server.address().port());
    let arguments = ["connect", &address, "--as", "alice", "--nick", "alice", "--join", "#lobby"];
    let lines: String = (0..50).map(|number| format!("line {number}.\n")).collect();
    sandbox.run_with_input(programs::chat(), arguments, &lines).exits(0);
    for number in 0..50 {
        bob.line(&format!("line {number}."));
    }
}

#[test]
fn the_certificate_is_the_account() {
    let Some(_) = peer("openssl") else { return };
    let (sandbox, server) = served();
    let mut alice = raw(&sandbox, &server, "alice");
    alice.types("NICK alice");
    alice.types("USER a 0 * :Alice");
    alice.line(" 001 alice ");
    alice.types("WHOIS alice");
    alice.line_with(&[" 330 ", "alice@example.test"]);
    let fingerprint = "openssl x509 -in store/certs/alice/cert.pem -noout -fingerprint -sha256";
    let printed = sandbox.shell(fingerprint).exits(0).stdout.replace(':', "").to_lowercase();
    let hex = printed.rsplit('=').next().unwrap_or_default().trim().to_owned();
    alice.line_with(&[" 276 ", &hex]);
}

#[test]
fn sasl_external_logs_in() {
    let Some(_) = peer("openssl") else { return };
    let (sandbox, server) = served();
    let mut alice = raw(&sandbox, &server, "alice");
    for line in ["CAP LS 302", "NICK alice", "USER a 0 * :Alice", "CAP REQ :sasl"] {
        alice.types(line);
    }
    alice.line_with(&["CAP", "sasl=EXTERNAL"]);
    alice.line_with(&["ACK", "sasl"]);
    alice.types("AUTHENTICATE EXTERNAL");
    alice.line("AUTHENTICATE +");
    alice.types("AUTHENTICATE +");
    alice.line_with(&[" 900 ", "alice@example.test"]);
    alice.line(" 903 ");
    alice.types("CAP END");
    alice.line(" 001 alice ");
}

#[test]
fn a_nickname_is_reserved_for_its_account() {
    let Some(_) = peer("openssl") else { return };
    let (sandbox, server) = served();
    let mut alice = raw(&sandbox, &server, "alice");
    alice.types("NICK alice");
    alice.types("USER a 0 * :Alice");
    alice.line(" 001 alice ");
    let mut bob = raw(&sandbox, &server, "bob");
    bob.types("NICK alice");
    bob.types("USER b 0 * :Bob");
    bob.line(" 433 ");
    bob.types("NICK bob");
    bob.line(" 001 bob ");
    alice.types("NICK elsewhere");
    alice.line("NICK");
    bob.types("NICK alice");
    bob.line_with(&[" 433 ", "bob alice"]);
}

#[test]
fn channels_work_as_irc_has_them() {
    let Some(_) = peer("openssl") else { return };
    let (sandbox, server) = served();
    let mut alice = welcomed(&sandbox, &server, "alice");
    let mut bob = welcomed(&sandbox, &server, "bob");
    alice.types("JOIN #room");
    alice.line(" 366 alice #room ");
    alice.types("TOPIC #room :What we talk about");
    alice.line("TOPIC #room");
    bob.types("JOIN #room");
    bob.line_with(&[" 332 bob #room ", "What we talk about"]);
    bob.line_with(&[" 353 bob ", "@alice"]);
    bob.types("KICK #room alice :no");
    bob.line(" 482 bob #room ");
    alice.types("MODE #room +m");
    bob.line("MODE #room +m");
    bob.types("PRIVMSG #room :unheard");
    bob.line(" 404 bob #room ");
    alice.types("KICK #room bob :till later");
    bob.line_with(&["KICK #room bob", "till later"]);
    bob.types("FROBNICATE");
    bob.line(" 421 bob FROBNICATE ");
}

/// Our client in line mode, in the channel `#lobby`.
fn join(sandbox: &Sandbox, server: &Running, name: &str) -> Running {
    let address = format!("localhost:{}", server.address().port());
    sandbox.start(programs::chat(), ["connect", &address, "--as", name, "--nick", name, "--join", "#lobby", "--plain"])
}
