//! What somebody new to the chat stumbles over, and what he is told then: what was expected, what was found, what to type.

use std::net::TcpListener;

use tests::irc::{raw, served, served_with, with_certificates};
use tests::peers::peer;
use tests::{Sandbox, programs};

#[test]
fn commands_name_the_store_that_was_named() {
    let sandbox = Sandbox::new();
    sandbox.pki(["init-ca", "--name", "Test Root CA", "--store", "my store"]).exits(0);
    let alice = ["connect", "localhost", "--store", "my store", "--as", "alice"];
    sandbox.chat(alice).exits(4).says("pki --store 'my store' issue client alice");
    let missing = ["serve", "--name", "chat.example.test", "--store", "nowhere"];
    sandbox.chat(missing).exits(4).says("pki --store nowhere issue server chat.example.test");
    sandbox.pki(["issue", "client", "alice", "--store", "my store"]).exits(0);
    let of_a_client = ["serve", "--name", "alice", "--store", "my store"];
    sandbox.chat(of_a_client).exits(2).says("chat serve --name chat.example.test --store 'my store'");
}

/// He is given a file by whoever runs the CA; a CA of his own would not let him in.
#[test]
fn who_has_no_store_is_told_of_the_file_that_he_was_given() {
    let sandbox = Sandbox::new();
    let told = sandbox.chat(["connect", "chat.example.test"]).exits(4);
    told.says("--bundle NAME.bundle.pem").says("--trust ca.pem").does_not_say("init-ca");
}

#[test]
fn what_a_store_has_itself_is_not_taken_from_elsewhere() {
    let sandbox = with_certificates();
    for (flag, store) in [("--crl", &[][..]), ("--trust", &[]), ("--crl", &["--store", "store"])] {
        let typed = ["serve", "--name", "localhost", "--listen", "127.0.0.1:0", flag, "store/ca/root.pem"];
        sandbox
            .chat(typed.iter().chain(store))
            .exits(2)
            .says(flag)
            .says("beside a store")
            .says("pki crl")
            .says("--cert");
    }
}

#[test]
fn the_chats_state_has_no_place_in_a_store() {
    let sandbox = with_certificates();
    let serve = ["serve", "--name", "localhost", "--listen", "127.0.0.1:0", "--data", "store"];
    sandbox.chat(serve).exits(4).says("CA's store").says("--data DIR");
    sandbox.chat(["account", "list", "--data", "store"]).exits(4).says("CA's store");
    assert!(!sandbox.file("store/chat.sqlite").exists());
}

/// A certificate that was issued stays issued, also for a server that never was.
#[test]
fn a_server_that_cannot_start_has_issued_nothing() {
    let sandbox = Sandbox::with_ca();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port is left");
    let taken = taken.local_addr().expect("an address").to_string();
    sandbox.write("file", "");
    sandbox.write("damaged.pem", "no bundle\n");
    for (arguments, says) in [
        (&["--listen", &taken][..], "another process has the port"),
        (&["--listen", "127.0.0.1:0", "--metrics", &taken], &taken),
        (&["--listen", "127.0.0.1:0", "--data", "file"], "file"),
        (&["--listen", "127.0.0.1:0", "--data", "store"], "CA's store"),
        (&["--listen", "127.0.0.1:0", "--bus", "rediss://localhost:1", "--bus-bundle", "damaged.pem"], "damaged.pem"),
    ] {
        let told = sandbox.chat(["serve", "--name", "localhost"].iter().chain(arguments));
        assert!(!told.succeeded(), "{told}");
        told.says(says).does_not_say("issued a server certificate");
        sandbox.pki(["show", "localhost"]).exits(2);
    }
    sandbox.write("store/ca/root.pem", "no root\n");
    let told = sandbox.chat(["serve", "--name", "localhost", "--listen", "127.0.0.1:0", "--data", "data"]);
    assert!(!told.succeeded() && !sandbox.file("data").exists(), "{told}");
    sandbox.pki(["show", "localhost"]).exits(2);
}

#[test]
fn accounts_are_not_looked_for_where_there_are_none() {
    let sandbox = Sandbox::new();
    for typed in [&["account", "list"][..], &["account", "list", "--json"], &["account", "remove", "carol"]] {
        let told = sandbox.chat(typed.iter().chain(&["--data", "nowhere"])).exits(4);
        told.says("nowhere: expected the folder of a chat's state, found none").says("chat account add");
        assert!(!sandbox.file("nowhere").exists(), "{typed:?} makes nothing");
    }
}

/// Piped, it stands beside the talk; on request it is said in it.
#[test]
fn a_quickstart_tells_what_it_made_and_how_others_come_in_and_says_it_again() {
    let sandbox = Sandbox::new();
    let quickstart = ["quickstart", "--port", "0"];
    let told = sandbox.run_with_input(programs::chat(), quickstart, "/welcome\n/quit\n").exits(0);
    let folder = sandbox.store().display().to_string();
    for expected in [
        &format!("made a certificate authority, \"alice's Root CA\", in {folder}") as &str,
        "issued a server certificate for localhost",
        "issued a client certificate for alice",
        "you are alice, in #lobby",
        &format!("issue client NAME --store {folder}"),
        "config irssi alice --host localhost:",
        "export bundle NAME",
        "connect HOST --bundle NAME.bundle.pem",
    ] {
        assert!(told.stderr.contains(expected) && told.stdout.contains(expected), "{expected}: {told}");
    }
    let again = sandbox.run_with_input(programs::chat(), quickstart, "/quit\n").exits(0);
    again.says("you are alice").does_not_say("made a certificate authority").does_not_say("issued");
}

#[test]
fn a_quickstart_on_a_taken_port_leaves_nothing_behind() {
    let sandbox = Sandbox::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port is left");
    let port = taken.local_addr().expect("an address").port().to_string();
    sandbox
        .chat(["quickstart", "--port", &port])
        .exits(5)
        .says("--port 0")
        .does_not_say("made a certificate authority");
    assert!(!sandbox.store().exists());
}

#[test]
fn mistakes_in_the_configuration_have_their_line_and_what_was_meant() {
    let sandbox = Sandbox::new();
    for (text, code, expected) in [
        ("[listen]\ntsl = []\n", 3, "chat.toml:2: there is no key `tsl` in [listen]; did you mean `tls`?"),
        ("[limits]\nnick_length = \"9\"\n", 3, "chat.toml:2: `limits.nick_length`: expected a whole number"),
        ("[access]\nallow = [\n\"ok\",\n\"3f:zz\"]\n", 2, "chat.toml:4: `access` has \"3f:zz\""),
        (
            "[[operator]]\nname = \"a\"\nrights = []\nfingerprint = \"3f\"\n",
            2,
            "chat.toml:4: `operator` \"a\": `fingerprint` is not the 64 hex digits",
        ),
    ] {
        sandbox.write("chat.toml", text);
        sandbox.chat(["serve", "--config", "chat.toml"]).exits(code).says(expected);
    }
}

#[test]
fn who_comes_as_a_guest_hears_how_to_come_as_somebody() {
    let (sandbox, server) = served_with(&["--mtls", "optional"]);
    let address = format!("localhost:{}", server.address().port());
    let seen = sandbox.run_with_input(programs::chat(), ["connect", &address, "--join", "lobby"], "hello\n").exits(0);
    let invited = seen.stdout.lines().filter(|line| line.contains("as a guest")).collect::<Vec<_>>();
    let [invited] = invited[..] else { panic!("once: {seen}") };
    assert!(invited.contains(&format!("chat connect {address} --as NAME")) && invited.contains("--account NAME"));
    let named = ["connect", &address, "--store", "store"];
    let seen = sandbox.run_with_input(programs::chat(), named, "").exits(0);
    seen.says("--store store --as NAME (pki --store store issue client NAME makes one)");
    let seen = sandbox.run_with_input(programs::chat(), ["connect", &address, "--as", "alice"], "").exits(0);
    seen.does_not_say("as a guest");
}

#[test]
fn who_looks_for_the_bots_of_other_networks_is_told_what_does_their_work() {
    let Some(_) = peer("openssl") else { return };
    let (sandbox, server) = served();
    let mut alice = raw(&sandbox, &server, "alice");
    alice.types("PASS alice:sesame");
    alice.line_with(&["NOTICE", "SASL"]);
    alice.types("NICK alice");
    alice.types("USER a 0 * :Alice");
    alice.line(" 001 alice ");
    for (line, expected) in [
        ("PRIVMSG nickserv :IDENTIFY sesame", &[" 401 alice nickserv ", "SASL"][..]),
        ("PRIVMSG ChanServ :REGISTER #a", &[" 401 alice ChanServ ", "CHANNEL REGISTER"]),
        ("PRIVMSG nobody :hello", &[" 401 alice nobody :No such nick"]),
    ] {
        alice.types(line);
        alice.line_with(expected);
    }
    assert!(!alice.line(" 401 alice nobody ").contains("service"));
}

#[test]
fn a_ca_key_under_a_passphrase_is_not_said_to_be_elsewhere() {
    let sandbox = Sandbox::new();
    sandbox.write("passphrase.txt", "open sesame\n");
    let names = ["--name", "Test Root CA", "--intermediate", "Test Issuing CA", "--passphrase-file", "passphrase.txt"];
    sandbox.pki(["--store", "mine", "init-ca"].iter().chain(&names)).exits(0);
    let told = sandbox.chat(["serve", "--store", "mine", "--name", "localhost", "--listen", "127.0.0.1:0"]);
    assert!(!told.succeeded(), "{told}");
    told.says("asks for its passphrase").says("pki --store mine issue server localhost").says("pki --store mine list");
}
