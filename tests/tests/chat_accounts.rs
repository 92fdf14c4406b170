//! Accounts with a password: made with `chat account`, used by a SCRAM client that is not ours, gone when they are removed.

use std::path::Path;

use tests::peers::peer;
use tests::{Outcome, Running, Sandbox, programs};

const CONFIG: &str = r#"
name = "irc.test"
[listen]
tls = []
plaintext = ["127.0.0.1:0"]
[accounts]
registration = true
sasl_over_plaintext = true
password_cost = "lowest"
"#;

/// A client of Python's standard library alone: logs in with the mechanism of its arguments, and types what is left.
const CLIENT: &str = r#"
import base64, hashlib, hmac, os, socket, sys
port, mechanism, account, password, *lines = sys.argv[1:]
link = socket.create_connection(("127.0.0.1", int(port)), timeout=60)
heard = link.makefile("r", newline="\r\n")
def say(line):
    link.sendall((line + "\r\n").encode())
def wait(*wanted):
    for line in heard:
        print(line.rstrip(), flush=True)
        words = line.split()
        if words[0] in wanted or (len(words) > 1 and words[1] in wanted):
            return words
    sys.exit("closed")
def send(message):
    say("AUTHENTICATE " + base64.b64encode(message.encode()).decode())
def mac(key, text):
    return hmac.digest(key, text.encode(), "sha256")
say("CAP LS 302"); say("NICK " + account); say("USER x 0 * :x"); say("CAP REQ sasl"); wait("CAP")
if mechanism == "PLAIN":
    say("AUTHENTICATE PLAIN"); wait("AUTHENTICATE")
    send("\0" + account + "\0" + password)
elif mechanism == "SCRAM-SHA-256":
    say("AUTHENTICATE " + mechanism); wait("AUTHENTICATE")
    bare = "n=" + account + ",r=" + os.urandom(9).hex()
    send("n,," + bare)
    first = base64.b64decode(wait("AUTHENTICATE")[1]).decode()
    fields = dict(field.split("=", 1) for field in first.split(","))
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(fields["s"]), int(fields["i"]))
    client = mac(salted, "Client Key")
    final = "c=biws,r=" + fields["r"]
    signed = ",".join([bare, first, final])
    proof = bytes(a ^ b for a, b in zip(client, mac(hashlib.sha256(client).digest(), signed)))
    send(final + ",p=" + base64.b64encode(proof).decode())
    words = wait("AUTHENTICATE", "904")
    if words[0] == "AUTHENTICATE":
        expected = base64.b64encode(mac(mac(salted, "Server Key"), signed)).decode()
        assert base64.b64decode(words[1]).decode() == "v=" + expected, "the server does not know the password"
        say("AUTHENTICATE +"); wait("903")
if mechanism == "PLAIN":
    wait("903", "904")
say("CAP END"); wait("422", "433")
for line in lines:
    wait(line[5:]) if line.startswith("WAIT ") else say(line)
say("PING end"); wait("PONG")
"#;

fn served(sandbox: &Sandbox) -> Running {
    sandbox.write("chat.toml", CONFIG);
    sandbox.write("client.py", CLIENT);
    let server = sandbox.start(programs::chat(), ["serve", "--config", "chat.toml", "--data", "data"]);
    server.address();
    server
}

fn client(sandbox: &Sandbox, python: &Path, server: &Running, arguments: &[&str]) -> String {
    let port = server.address().port().to_string();
    let start = ["client.py", &port];
    sandbox.run(python, start.iter().chain(arguments)).exits(0).stdout.clone()
}

fn account(sandbox: &Sandbox, arguments: &[&str], password: &str) -> Outcome {
    let given = ["account"].iter().chain(arguments).chain(&["--data", "data"]).copied().collect::<Vec<_>>();
    sandbox.run_with_input(programs::chat(), given, password)
}

#[test]
fn an_account_that_is_added_changed_and_removed_while_the_server_runs() {
    let Some(python) = peer("python3") else { return };
    let sandbox = Sandbox::new();
    let server = served(&sandbox);
    account(&sandbox, &["add", "carol", "--password-file", "-"], "open sesame\n").exits(0);
    for mechanism in ["SCRAM-SHA-256", "PLAIN"] {
        let seen = client(&sandbox, &python, &server, &[mechanism, "carol", "open sesame", "WHOIS carol"]);
        assert!(seen.contains(" 330 carol carol carol "), "{mechanism}: {seen}");
        let seen = client(&sandbox, &python, &server, &[mechanism, "carol", "close sesame"]);
        assert!(seen.contains(" 904 ") && seen.contains(" 433 "), "{mechanism}: {seen}");
    }
    account(&sandbox, &["password", "carol", "--password-file", "-"], "close sesame\n").exits(0);
    let seen = client(&sandbox, &python, &server, &["SCRAM-SHA-256", "carol", "close sesame"]);
    assert!(seen.contains(" 903 "), "{seen}");
    let port = server.address().port().to_string();
    let wait = ["client.py", &port, "PLAIN", "carol", "close sesame", "JOIN #a", "WAIT 901"];
    let waiting = sandbox.start(&python, wait);
    waiting.line(" 366 carol #a ");
    account(&sandbox, &["remove", "carol"], "").exits(0);
    waiting.line(" 901 carol ");
    let seen = client(&sandbox, &python, &server, &["PLAIN", "carol", "close sesame"]);
    assert!(seen.contains(" 904 "), "{seen}");
    server.line("login-failed");
    assert!(!server.printed().iter().any(|line| line.contains("sesame")), "no password is logged");
}

#[test]
fn a_registered_account_is_there_after_a_restart() {
    let Some(python) = peer("python3") else { return };
    let sandbox = Sandbox::new();
    let server = served(&sandbox);
    let seen = client(&sandbox, &python, &server, &["-", "carol", "", "REGISTER * carol@example.test :open sesame"]);
    assert!(seen.contains(" REGISTER SUCCESS carol ") && seen.contains(" 900 "), "{seen}");
    // Ended by force and waited for: the next one finds the folder free.
    drop(server);
    let server = served(&sandbox);
    let seen = client(&sandbox, &python, &server, &["SCRAM-SHA-256", "carol", "open sesame"]);
    assert!(seen.contains(" 903 "), "{seen}");
    let listed = account(&sandbox, &["list"], "").exits(0).stdout.clone();
    assert!(listed.starts_with("carol  made 2") && listed.contains("by its holder  carol@example.test"), "{listed}");
    let json: serde_json::Value = account(&sandbox, &["list", "--json"], "").exits(0).json();
    assert_eq!(json["accounts"][0]["account"], "carol");
    let kept: Vec<u8> = ["chat.sqlite", "chat.sqlite-wal"]
        .iter()
        .flat_map(|file| std::fs::read(sandbox.file("data").join(file)))
        .flatten()
        .collect();
    assert!(!String::from_utf8_lossy(&kept).contains("sesame"), "no password is kept");
}

#[test]
fn what_cannot_be_done_with_an_account_says_why() {
    let sandbox = Sandbox::new();
    account(&sandbox, &["add", "carol", "--password-file", "-"], "open sesame\n").exits(0);
    let table: [(&[&str], &str, &str); 5] = [
        (&["add", "Carol", "--password-file", "-"], "open sesame\n", "there is an account carol already"),
        (&["add", "two words", "--password-file", "-"], "open sesame\n", "an account name consists of"),
        (&["add", "dave", "--password-file", "-"], "dave\n", "a password has at least 6 characters"),
        (&["add", "dave"], "", "--password-file FILE"),
        (&["remove", "dave"], "", "there is no account"),
    ];
    for (arguments, input, expected) in table {
        let outcome = account(&sandbox, arguments, input).exits(2);
        assert!(outcome.stderr.contains(expected), "{arguments:?}: {}", outcome.stderr);
    }
}

#[test]
fn a_registered_channel_is_as_it_was_after_a_kill() {
    let Some(python) = peer("python3") else { return };
    let sandbox = Sandbox::new();
    let server = served(&sandbox);
    account(&sandbox, &["add", "carol", "--password-file", "-"], "open sesame\n").exits(0);
    let lines = [
        "JOIN #tea",
        "CHANNEL REGISTER #tea",
        "TOPIC #tea :green or black",
        "MODE #tea +i",
        "CHANNEL ACCESS #tea ADD dave op",
    ];
    let seen = client(&sandbox, &python, &server, &[&["PLAIN", "carol", "open sesame"], &lines[..]].concat());
    assert!(seen.contains(" NOTE CHANNEL REGISTERED #tea ") && seen.contains(" ACCESS_ADDED #tea dave op "), "{seen}");
    // Ended by force and waited for: the next one finds the folder free.
    drop(server);
    let server = served(&sandbox);
    let seen = client(&sandbox, &python, &server, &["-", "eve", "", "JOIN #tea", "LIST"]);
    assert!(seen.contains(" 473 eve #tea ") && seen.contains(" 322 eve #tea 0 :green or black"), "{seen}");
    let seen = client(&sandbox, &python, &server, &["PLAIN", "carol", "open sesame", "JOIN #tea"]);
    assert!(seen.contains(" 353 carol = #tea :@carol"), "{seen}");
    let removed = account(&sandbox, &["remove", "carol"], "").exits(0);
    assert!(removed.stderr.contains("#tea"), "its channels are named: {}", removed.stderr);
}

/// Our own client, with its password and then the lines that it types on standard input.
fn connected(sandbox: &Sandbox, server: &Running, arguments: &[&str], input: &str) -> Outcome {
    let address = format!("localhost:{}", server.address().port());
    sandbox.run_with_input(programs::chat(), ["connect", &*address].iter().chain(arguments), input)
}

#[test]
fn our_client_logs_in_with_a_password_and_does_not_come_in_without() {
    let (sandbox, server) = tests::irc::served_with(&["--mtls", "optional", "--data", "data"]);
    account(&sandbox, &["add", "carol", "--password-file", "-"], "open sesame\n").exits(0);
    let flags = ["--account", "carol", "--password-file", "-", "--join", "lobby"];
    let seen = connected(&sandbox, &server, &flags, "open sesame\n/whois carol\nhello\n").exits(0);
    let seen = seen.says("You are now logged in as carol").says("carol is logged in as carol").says("<carol> hello");
    seen.does_not_say("sesame");
    server.line_with(&["registered", "nickname=\"carol\"", "account=\"carol\""]);
    let refused = connected(&sandbox, &server, &flags, "close sesame\nhello\n").exits(1);
    refused.says("does not log in carol").says("wrong password").says("chat account password carol");
    connected(&sandbox, &server, &["--account", "dave", "--password-file", "-"], "open sesame\n").exits(1);
    let table = [("", "expected a password"), ("\n", "expected a password")];
    for (input, expected) in table {
        connected(&sandbox, &server, &flags, input).exits(3).says(expected);
    }
    connected(&sandbox, &server, &["--account", "carol"], "open sesame\n").exits(2).says("--password-file FILE");
    assert!(!server.printed().iter().any(|line| line.contains("sesame")), "no password is logged");
}

/// With a port of its own, the client logs in there once more.
#[test]
fn our_client_logs_in_again_on_the_port_that_it_is_given() {
    let port = tests::ports::FreePort::take().number();
    let ports = format!("{port}-{port}");
    let (sandbox, server) =
        tests::irc::served_with(&["--mtls", "optional", "--data", "data", "--assign-ports", &ports]);
    account(&sandbox, &["add", "carol", "--password-file", "-"], "open sesame\n").exits(0);
    let seen =
        connected(&sandbox, &server, &["--account", "carol", "--password-file", "-"], "open sesame\n/whois carol\n");
    seen.exits(0).says("is yours alone").says("carol is logged in as carol");
}

#[test]
fn our_client_has_the_password_of_the_server() {
    let sandbox = tests::irc::with_certificates();
    sandbox.write("chat.toml", "password = \"open sesame\"\n");
    let server = sandbox.serve(["--name", "localhost", "--config", "chat.toml"]);
    sandbox.write("password.txt", "open sesame\n");
    let flags = ["--as", "bob", "--server-password-file", "password.txt"];
    connected(&sandbox, &server, &flags, "/whois bob\n").exits(0).says("bob is logged in as bob");
    connected(&sandbox, &server, &["--as", "bob"], "").exits(5).says("--server-password-file FILE");
    connected(&sandbox, &server, &["--as", "bob", "--server-password-file", "-"], "x\n").exits(5).says("incorrect");
    let both = ["--account", "a", "--password-file", "-", "--server-password-file", "-"];
    connected(&sandbox, &server, &both, "x\n").exits(2).says("one password from standard input");
}

#[test]
fn weechat_logs_in_with_a_password_over_tls() {
    let Some(weechat) = peer("weechat-headless") else { return };
    let (sandbox, server) = tests::irc::served_with(&["--mtls", "optional", "--data", "data"]);
    account(&sandbox, &["add", "carol", "--password-file", "-"], "open sesame\n").exits(0);
    let home = sandbox.file("weechat").display().to_string();
    let ca = sandbox.store().join("ca/root.pem").display().to_string();
    let commands = [
        format!("/set weechat.network.gnutls_ca_user {ca}"),
        format!("/server add t localhost/{} -ssl -nicks=carol -sasl_username=carol", server.address().port()),
        "/set irc.server.t.sasl_mechanism scram-sha-256".to_owned(),
        "/set irc.server.t.sasl_password open sesame".to_owned(),
        "/connect t".to_owned(),
    ];
    let mut arguments = vec!["-d".to_owned(), home];
    arguments.extend(commands.into_iter().flat_map(|command| ["-r".to_owned(), command]));
    let _running = sandbox.start(weechat, &arguments);
    server.line_with(&["logged-in", "carol"]);
    server.line_with(&["registered", "nickname=\"carol\"", "account=\"carol\""]);
}
