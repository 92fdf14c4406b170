//! What changes while a server runs: certificates are revoked and renewed, lists and configuration are written anew.

use std::time::{Duration, Instant};

use tests::Sandbox;
use tests::irc::{raw, served, welcomed, with_certificates};
use tests::peers::peer;

#[test]
fn who_is_revoked_is_put_out_and_does_not_get_back_in() {
    let Some(_) = peer("openssl") else { return };
    let (sandbox, server) = served();
    let mut alice = welcomed(&sandbox, &server, "alice");
    let mut bob = welcomed(&sandbox, &server, "bob");
    alice.types("JOIN #room");
    alice.line(" 366 alice ");
    bob.types("JOIN #room");
    alice.line("JOIN #room");
    sandbox.pki(["revoke", "bob"]).exits(0);
    bob.line_with(&["ERROR", "revoked"]);
    alice.line_with(&[":bob!", "QUIT", "revoked"]);
    let again = raw(&sandbox, &server, "bob");
    again.line_with(&["ERROR", "revoked"]);
    // With a list the handshake itself refuses.
    sandbox.pki(["crl"]).exits(0);
    server.line_with(&["certificates-read"]);
    alice.types("PING still-here");
    alice.line("still-here");
}

/// The quickest of several counts: what else the machine does is not the server's time.
#[test]
fn a_revocation_acts_within_a_second() {
    let Some(_) = peer("openssl") else { return };
    let (sandbox, server) = served();
    let times = (0..5).map(|number| {
        let name = format!("carl{number}");
        sandbox.pki(["issue", "client", &name]).exits(0);
        let client = welcomed(&sandbox, &server, &name);
        sandbox.pki(["revoke", &name]).exits(0);
        let since = Instant::now();
        client.line_with(&["ERROR", "revoked"]);
        since.elapsed()
    });
    let quickest = times.min().expect("five of them");
    assert!(quickest < Duration::from_secs(1), "{quickest:?} after the store had changed");
}

/// A CA takes with it whoever came in by it, as the store says and before any list; who has a certificate of another CA stays.
#[test]
fn with_a_revoked_ca_all_below_it_are_put_out() {
    let Some(_) = peer("openssl") else { return };
    let (sandbox, server) = served();
    let bob = welcomed(&sandbox, &server, "bob");
    sandbox.pki(["rollover", "--intermediate"]).exits(0);
    sandbox.pki(["issue", "client", "carol"]).exits(0);
    let mut carol = welcomed(&sandbox, &server, "carol");
    let serial = sandbox.shell("openssl x509 -noout -serial -in store/certs/bob/chain.pem | cut -d= -f2").stdout;
    sandbox.pki(["revoke", serial.trim(), "--reason", "cACompromise"]).exits(0);
    bob.line_with(&["ERROR", "revoked", "Test Issuing CA"]);
    raw(&sandbox, &server, "bob").line_with(&["ERROR", "revoked", "Test Issuing CA"]);
    carol.types("PING still-here");
    carol.line("still-here");
}

/// Who runs the server is told when it happens and at each start, with the line that says more; what the certificate is good for no more is
/// the clients' to find out otherwise.
#[test]
fn a_server_that_is_revoked_itself_or_by_its_ca_says_so() {
    let Some(_) = peer("openssl") else { return };
    for (what, words) in
        [("localhost", ["CN=localhost", "--name localhost"]), ("the CA", ["Test Issuing CA", "diagnose --chain"])]
    {
        let (sandbox, server) = served();
        let serial =
            sandbox.shell("openssl x509 -noout -serial -in store/certs/localhost/chain.pem | cut -d= -f2").stdout;
        let revoked = if what == "localhost" { what } else { serial.trim() };
        assert!(!server.printed().iter().any(|line| line.contains("revoked")), "{:?}", server.printed());
        sandbox.pki(["revoke", revoked]).exits(0);
        server.line_with(&["warning: ", "revoked: ", words[0], words[1]]);
        let again = sandbox.serve(["--name", "localhost", "--mtls", "off"]);
        again.line_with(&["warning: ", "revoked: ", words[0], words[1]]);
        let line = again.line("what mends it: ");
        let command = line.rsplit("what mends it: ").next().expect("a command");
        let told = sandbox.shell(command).stdout;
        assert!(told.contains("revoked") && told.contains(words[0]), "{command}: {told}");
    }
}

/// A CA that was signed on request is known by what its clients send.
#[test]
fn a_revoked_department_takes_its_people_with_it() {
    let Some(_) = peer("openssl") else { return };
    let (sandbox, server) = served();
    sandbox.shell(DEPARTMENT).exits(0);
    sandbox.pki(["sign", "dep.csr", "--profile", "intermediate", "--yes"]).exits(0);
    sandbox.shell(PERSON).exits(0);
    let (start, address) = (["s_client", "-quiet", "-crlf", "-connect"], server.address().to_string());
    let files = ["-cert", "eve.pem", "-cert_chain", "chain.pem", "-key", "eve.key", "-CAfile", "store/ca/root.pem"];
    let connect = || sandbox.start("openssl", start.iter().chain(&[address.as_str()]).chain(&files));
    let mut eve = connect();
    eve.types("NICK eve");
    eve.types("USER eve 0 * :eve");
    eve.line(" 001 eve ");
    sandbox.pki(["revoke", "Department CA"]).exits(0);
    eve.line_with(&["ERROR", "revoked", "Department CA"]);
    connect().line_with(&["ERROR", "revoked", "Department CA"]);
}

/// A department's key and its request.
const DEPARTMENT: &str = "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout dep.key -out dep.csr \
                          -subj '/CN=Department CA' 2>&1";

/// What the department issues to somebody, and what its people send along.
const PERSON: &str = "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout eve.key -out eve.csr \
    -subj /CN=eve 2>&1 && cat store/certs/*epartment*/fullchain.pem >chain.pem && \
    printf 'extendedKeyUsage=clientAuth\\nkeyUsage=digitalSignature\\nauthorityKeyIdentifier=keyid\\n' >ext && \
    openssl x509 -req -in eve.csr -CA chain.pem -CAkey dep.key -set_serial 0x77 -days 9 -extfile ext -out eve.pem";

/// A session that was kept is none that skips the certificate: the handshake is a whole one each time.
#[test]
fn a_kept_session_does_not_get_the_revoked_back_in() {
    let Some(_) = peer("openssl") else { return };
    for version in ["-tls1_2", "-tls1_3"] {
        let (sandbox, server) = served();
        let [cert, key, ca] =
            ["cert.pem", "privkey.pem", "ca.pem"].map(|file| sandbox.issued("bob", file).display().to_string());
        let client = format!("openssl s_client {version} -connect {} -CAfile {ca}", server.address());
        let shown = format!("-cert {cert} -key {key}");
        let said = "printf 'NICK bob\\r\\nUSER b 0 * :b\\r\\nQUIT\\r\\n'";
        let talk = |options: &str| sandbox.shell(&format!("{said} | {client} {options} -ign_eof 2>&1")).stdout;
        let first = talk(&format!("{shown} -sess_out kept"));
        assert!(first.contains(" 001 bob ") && first.contains("New, "), "{version}: {first}");
        let here = welcomed(&sandbox, &server, "bob");
        sandbox.pki(["revoke", "bob"]).exits(0);
        here.line_with(&["ERROR", "revoked"]);
        for certificate in [&*shown, ""] {
            let again = talk(&format!("{certificate} -sess_in kept"));
            assert!(!again.contains(" 001 ") && !again.contains("Reused, "), "{version} {certificate}: {again}");
        }
    }
}

#[test]
fn a_list_that_comes_later_puts_out_whom_it_names() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = with_certificates();
    sandbox.pki(["crl"]).exits(0);
    sandbox.shell("mkdir -m 700 there && cp store/ca/crl.pem there/crl.pem").exits(0);
    let [chain, key, trust] =
        ["fullchain.pem", "privkey.pem", "ca.pem"].map(|file| sandbox.issued("localhost", file).display().to_string());
    let server = sandbox.serve([
        "--cert",
        &chain,
        "--key",
        &key,
        "--trust",
        &trust,
        "--crl",
        "there/crl.pem",
        "--mtls",
        "required",
    ]);
    let bob = welcomed(&sandbox, &server, "bob");
    sandbox.pki(["revoke", "bob"]).exits(0);
    sandbox.pki(["crl"]).exits(0);
    sandbox.shell("cp store/ca/crl.pem there/next.pem && mv there/next.pem there/crl.pem").exits(0);
    bob.line_with(&["ERROR", "revoked"]);
}

#[test]
fn a_renewed_certificate_is_shown_to_the_next_and_nobody_is_dropped() {
    let Some(_) = peer("openssl") else { return };
    let (sandbox, server) = served();
    let mut alice = welcomed(&sandbox, &server, "alice");
    let serial = |sandbox: &Sandbox| {
        let address = server.address();
        let ask = format!("openssl s_client -connect {address} </dev/null 2>/dev/null | openssl x509 -noout -serial");
        sandbox.shell(&ask).exits(0).stdout
    };
    let before = serial(&sandbox);
    sandbox.pki(["renew", "localhost"]).exits(0);
    let file = sandbox.issued("localhost", "cert.pem").display().to_string();
    let renewed = sandbox.shell(&format!("openssl x509 -in {file} -noout -serial")).exits(0).stdout;
    let hex = renewed.trim().trim_start_matches("serial=").to_lowercase();
    // The store may be read while it changes; the new one is named when it is taken.
    server.line_with(&["certificates-read", &format!("serial=\"{hex}\""), "not_after=\"2"]);
    let after = serial(&sandbox);
    assert!(after != before && after == renewed, "{before}{after}{renewed}");
    alice.types("PING still-here");
    alice.line("still-here");
}

#[test]
fn an_operator_who_has_everything_read_again_is_told_what_came_of_it() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = with_certificates();
    let operator = "[[operator]]\nname = \"root\"\npassword = \"open sesame\"\nrights = [\"rehash\"]\n";
    sandbox.write("chat.toml", operator);
    let server = sandbox.serve(["--name", "localhost", "--mtls", "required", "--config", "chat.toml"]);
    let mut alice = welcomed(&sandbox, &server, "alice");
    alice.types("OPER root :open sesame");
    alice.line(" 381 alice ");
    sandbox.write("chat.toml", format!("[listen]\norigins = [\"https://page.test\"]\n{operator}"));
    alice.types("REHASH");
    alice.line_with(&["NOTICE alice", "were read again"]);
    server.line_with(&["listen-changed", "restart"]);
    sandbox.write("chat.toml", "motd = 7\n");
    alice.types("REHASH");
    alice.line_with(&["NOTICE alice", "what was read before holds", "chat.toml:1"]);
}

#[test]
fn a_hang_up_reads_the_configuration_and_its_lists_again() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = with_certificates();
    sandbox.write("chat.toml", "motd = [\"before\"]\n");
    let server = sandbox.serve(["--name", "localhost", "--mtls", "required", "--config", "chat.toml"]);
    let mut alice = welcomed(&sandbox, &server, "alice");
    let bob = welcomed(&sandbox, &server, "bob");
    sandbox.write("chat.toml", "motd = [\"after\"]\n[access]\ndeny = [\"bob\"]\n");
    server.signal("HUP");
    bob.line_with(&["ERROR", "access-denied"]);
    alice.types("MOTD");
    alice.line_with(&[" 372 alice ", "after"]);
    sandbox.write("chat.toml", "motd = 7\n");
    server.signal("HUP");
    server.line_with(&["configuration-not-read", "chat.toml:1"]);
    alice.types("MOTD");
    alice.line_with(&[" 372 alice ", "after"]);
}

#[test]
fn another_name_is_said_to_need_a_restart() {
    let sandbox = Sandbox::new();
    let config = |name: &str| {
        let listen = "[listen]\ntls = []\nplaintext = [\"127.0.0.1:0\"]\n";
        sandbox.write("chat.toml", format!("name = \"{name}\"\n{listen}"));
    };
    config("one.test");
    let server = sandbox.start(tests::programs::chat(), ["serve", "--config", "chat.toml", "--data", "data"]);
    server.address();
    config("two.test");
    server.signal("HUP");
    server.line_with(&["name-changed", "restart", "one.test", "two.test"]);
}
