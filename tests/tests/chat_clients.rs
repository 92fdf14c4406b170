//! Clients that people use join by mutual TLS with SASL EXTERNAL, and talk to each other and to ours: irssi, WeeChat, Python's `ssl`.
//!
//! What a client shows is read from the log that it writes, followed as it grows.

use std::path::Path;

use tests::irc::served;
use tests::irssi::{Irssi, identity};
use tests::peers::peer;
use tests::{Running, Sandbox, programs};

#[test]
fn irssi_weechat_and_our_client_talk_to_each_other() {
    let (Some(irssi), Some(tmux), Some(weechat)) = (peer("irssi"), peer("tmux"), peer("weechat-headless")) else {
        return;
    };
    let (sandbox, server) = served();
    sandbox.pki(["issue", "client", "carol"]).exits(0);
    let alice = Irssi::join(&sandbox, server.address().port(), &irssi, tmux);
    let (carol, shown_to_carol) = weechat_joins(&sandbox, &server, &weechat);
    let address = format!("localhost:{}", server.address().port());
    let join = ["connect", &address, "--as", "bob", "--nick", "bob", "--join", "#lobby", "--plain"];
    let mut bob = sandbox.start(programs::chat(), join);
    server.line_with(&["registered", "alice@example.test"]);
    bob.line("#lobby");
    let log = sandbox.start("tail", ["-F", "-n", "+1", &alice.log.display().to_string()]);
    log.line("joined #lobby");
    shown_to_carol.line("carol");
    bob.types("hello from our client");
    log.line("hello from our client");
    shown_to_carol.line("hello from our client");
    alice.types("/msg #lobby hello from irssi");
    bob.line("hello from irssi");
    shown_to_carol.line("hello from irssi");
    std::fs::write(sandbox.file("weechat/fifo"), "irc.t.#lobby *hello from weechat\n").expect("a line for WeeChat");
    bob.line("hello from weechat");
    log.line("hello from weechat");
    // The certificates are the accounts, as each shows it to the others.
    bob.types("/whois alice");
    bob.line("alice@example.test");
    drop(carol);
}

#[test]
fn a_python_client_logs_in_and_is_heard() {
    let Some(python) = peer("python3") else { return };
    let (sandbox, server) = served();
    let mut bob = tests::irc::welcomed(&sandbox, &server, "bob");
    bob.types("JOIN #lobby");
    bob.line(" 366 bob #lobby ");
    let program = r#"
import socket, ssl, sys
port, folder, ca = int(sys.argv[1]), sys.argv[2], sys.argv[3]
context = ssl.create_default_context(cafile=ca)
context.load_cert_chain(folder + "/fullchain.pem", folder + "/privkey.pem")
stream = context.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname="localhost")
lines = stream.makefile("r", newline="\r\n")
def send(line): stream.sendall((line + "\r\n").encode())
def until(text):
    for line in lines:
        print(line.rstrip(), flush=True)
        if text in line: return
    sys.exit("closed before " + text)
send("CAP REQ :sasl")
until(" ACK ")
send("AUTHENTICATE EXTERNAL")
until("AUTHENTICATE +")
send("AUTHENTICATE +")
until(" 903 ")
send("CAP END"); send("NICK py"); send("USER py 0 * :Python")
until(" 001 ")
send("JOIN #lobby"); send("PRIVMSG #lobby :hello from Python"); send("QUIT :done")
until("ERROR")
"#;
    let (port, folder) = (server.address().port().to_string(), sandbox.store().join("certs/alice"));
    let (folder, ca) = (folder.display().to_string(), sandbox.store().join("ca/root.pem").display().to_string());
    sandbox.run(python, ["-c", program, &port, &folder, &ca]).exits(0).says("alice@example.test");
    bob.line("hello from Python");
}

/// WeeChat without a screen, told what to do by its options, and then by its pipe. With it the log of the channel.
fn weechat_joins(sandbox: &Sandbox, server: &Running, weechat: &Path) -> (Running, Running) {
    let (port, certificate) = (server.address().port(), identity(sandbox, "carol"));
    let home = sandbox.file("weechat");
    let home = home.display();
    let ca = sandbox.store().join("ca/root.pem");
    let commands = [
        "/set logger.file.flush_delay 0".to_owned(),
        format!("/set weechat.network.gnutls_ca_user {}", ca.display()),
        format!("/set fifo.file.path {home}/fifo"),
        "/fifo enable".to_owned(),
        format!(
            "/server add t localhost/{port} -ssl -ssl_cert={} -sasl_mechanism=external -nicks=carol -autojoin=#lobby",
            certificate.display()
        ),
        "/connect t".to_owned(),
    ];
    let mut arguments = vec!["-d".to_owned(), home.to_string()];
    arguments.extend(commands.into_iter().flat_map(|command| ["-r".to_owned(), command]));
    let running = sandbox.start(weechat, &arguments);
    let log = format!("{home}/logs/irc.t.#lobby.weechatlog");
    (running, sandbox.start("tail", ["-F", "-n", "+1", &log]))
}
