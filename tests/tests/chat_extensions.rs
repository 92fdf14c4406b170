//! What the chat's IRCv3 extensions keep, over the end of the server that comes without warning.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use tests::{Running, Sandbox, programs};

const CONFIG: &str = r#"
name = "irc.test"
[listen]
tls = []
plaintext = ["127.0.0.1:0"]
[accounts]
sasl_over_plaintext = true
password_cost = "lowest"
"#;

/// `\0carol\0open sesame`
const PROOF: &str = "AGNhcm9sAG9wZW4gc2VzYW1l";

#[test]
fn what_was_said_marked_and_set_is_there_after_a_kill() {
    let sandbox = Sandbox::new();
    sandbox.write("chat.toml", CONFIG);
    let add = ["account", "add", "carol", "--password-file", "-", "--data", "data"];
    sandbox.run_with_input(programs::chat(), add, "open sesame\n").exits(0);

    let server = served(&sandbox);
    let mut carol = Client::logged_in(&server);
    carol.says(&["JOIN #a", "BATCH +1 draft/multiline #a", "@batch=1 PRIVMSG #a :one", "@batch=1 PRIVMSG #a :two"]);
    carol.says(&["BATCH -1", "PRIVMSG #a :a slip"]);
    let slip = carol.answers("PING 1").into_iter().find(|line| line.contains("a slip")).expect("an echo");
    let msgid = slip.split(['@', ';', ' ']).find_map(|tag| tag.strip_prefix("msgid="));
    carol.says(&[
        &format!("REDACT #a {}", msgid.expect("an identifier")),
        "MARKREAD #a timestamp=2026-01-31T12:00:00.000Z",
        "METADATA * SET display-name :Carol the First",
        "RENAME #a #b",
    ]);
    carol.answers("PING 2");
    // The drop kills it and waits for its end.
    drop(server);

    let server = served(&sandbox);
    let mut carol = Client::logged_in(&server);
    assert!(carol.greeting.iter().any(|line| line.ends_with("METADATA carol display-name * :Carol the First")));
    carol.says(&["JOIN #b"]);
    let joined = carol.answers("PING 3").join("\n");
    assert!(joined.contains("MARKREAD #b timestamp=2026-01-31T12:00:00.000Z"), "{joined}");
    carol.says(&["CHATHISTORY LATEST #b * 50"]);
    let history = carol.answers("PING 4");
    let texts: Vec<&str> = history.iter().filter_map(|line| line.split_once(" PRIVMSG #b :")).map(|it| it.1).collect();
    assert_eq!(texts, ["one", "two"], "{history:#?}");
    let joins = history.iter().filter(|line| line.contains(" JOIN #")).count();
    assert_eq!(joins, 2, "events are given, too: {history:#?}");
}

#[test]
fn a_message_of_several_lines_is_answered_under_its_label_whatever_comes_of_it() {
    let sandbox = Sandbox::new();
    sandbox.write("chat.toml", CONFIG);
    let server = served(&sandbox);
    let mut guest = Client::connect(&server);
    guest.says(&[
        "CAP REQ :batch labeled-response echo-message draft/multiline",
        "NICK dora",
        "USER d 0 * :Dora",
        "CAP END",
        "JOIN #a",
    ]);
    guest.answers("PING 0");
    let long = format!("@batch=1 PRIVMSG #a :{}", "x".repeat(600));
    let table: [(&str, &[&str], &str); 6] = [
        ("#a", &["@batch=1 PRIVMSG #a :one", "@batch=1 PRIVMSG #a :two"], ":dora!d@127.0.0.1 BATCH +"),
        ("#a", &[], ":irc.test FAIL BATCH MULTILINE_INVALID :"),
        ("#a", &["@batch=1 PRIVMSG #b :one"], ":irc.test FAIL BATCH MULTILINE_INVALID_TARGET #a #b :"),
        ("#b", &["@batch=1 PRIVMSG #b :one"], ":irc.test 403 dora #b :"),
        ("nobody", &["@batch=1 PRIVMSG nobody :one"], ":irc.test 401 dora nobody :"),
        ("#a", &["@batch=1 PRIVMSG #a :one", &long, "@batch=1 PRIVMSG #a :three"], ":irc.test 417 dora :"),
    ];
    for (target, lines, answer) in table {
        guest.says(&[&format!("@label=L BATCH +1 draft/multiline {target}")]);
        guest.says(lines);
        guest.says(&["@label=M BATCH -1"]);
        let seen = guest.answers("PING 1");
        let labelled = |label: &str| {
            let mut found = seen.iter().filter_map(|line| line.strip_prefix(label));
            (found.next().unwrap_or_default().to_owned(), found.count())
        };
        let (first, more) = labelled("@label=L ");
        assert!(first.starts_with(answer) && more == 0, "{target} {lines:?}: {seen:#?}");
        assert_eq!(labelled("@label=M "), (":irc.test ACK".to_owned(), 0), "{target}: {seen:#?}");
    }
}

fn served(sandbox: &Sandbox) -> Running {
    let server = sandbox.start(programs::chat(), ["serve", "--config", "chat.toml", "--data", "data"]);
    server.address();
    server
}

struct Client {
    writer: TcpStream,
    reader: BufReader<TcpStream>,
    greeting: Vec<String>,
}

impl Client {
    fn connect(server: &Running) -> Client {
        let writer = TcpStream::connect(server.address()).expect("the server listens");
        writer.set_read_timeout(Some(tests::sandbox::DEADLINE)).expect("not zero");
        let reader = BufReader::new(writer.try_clone().expect("a second handle"));
        Client { writer, reader, greeting: Vec::new() }
    }

    fn logged_in(server: &Running) -> Client {
        let mut client = Client::connect(server);
        client.says(&[
            "CAP REQ :sasl batch message-tags echo-message draft/multiline draft/message-redaction",
            "CAP REQ :draft/read-marker draft/metadata-2 draft/chathistory draft/event-playback draft/channel-rename",
            "NICK carol",
            "USER c 0 * :Carol",
            "AUTHENTICATE PLAIN",
            &format!("AUTHENTICATE {PROOF}"),
            "CAP END",
        ]);
        client.greeting = client.answers("PING 0");
        client
    }

    fn says(&mut self, lines: &[&str]) {
        for line in lines {
            self.writer.write_all(format!("{line}\r\n").as_bytes()).expect("the server reads");
        }
    }

    /// What the server says up to its answer to this PING.
    fn answers(&mut self, ping: &str) -> Vec<String> {
        self.says(&[ping]);
        let end = ping.replace("PING ", ":");
        let mut seen = Vec::new();
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line).expect("the server answers");
            let line = line.trim_end().to_owned();
            assert!(!line.is_empty(), "closed: {seen:#?}");
            if line.contains(" PONG ") && line.ends_with(&end) {
                return seen;
            }
            seen.push(line);
        }
    }
}
