//! The chat in a browser: a page joins over WebSocket and TLS, and is heard by everybody.

use std::fmt::Write as _;

use tests::Sandbox;
use tests::irc::{welcomed, with_certificates};
use tests::peers::peer;

#[test]
fn a_page_in_a_browser_joins_over_tls_and_talks() {
    let (Some(chromium), Some(certutil), Some(_)) = (peer("chromium"), peer("certutil"), peer("openssl")) else {
        return;
    };
    let sandbox = with_certificates();
    sandbox.write("chat.toml", "[listen]\nwebsocket_tls = [\"127.0.0.1:0\"]\norigins = [\"null\"]\n");
    // Chromium connects a WebSocket to a server that asks for a certificate only after its user has visited the host.
    let server = sandbox.serve(["--name", "localhost", "--mtls", "off", "--config", "chat.toml"]);
    let mut bob = welcomed(&sandbox, &server, "bob");
    bob.types("JOIN #lobby");
    bob.line(" 366 bob #lobby ");
    let port = last_port(&server);
    trust_in_browser(&sandbox, &certutil.display().to_string());
    let page = page(&format!("wss://localhost:{port}"));
    let path = sandbox.write("page.html", page).display().to_string();
    let profile = format!("--user-data-dir={}", sandbox.file("browser").display());
    let quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
    let rest = ["--disable-component-update", "--disable-sync", "--remote-debugging-port=0"];
    let page = format!("file://{path}");
    let all = quiet.iter().chain(&rest).copied().chain([profile.as_str(), page.as_str()]);
    let _browser = sandbox.start(chromium, all);
    bob.line_with(&["JOIN", "#lobby", "page"]);
    bob.line_with(&["PRIVMSG", "hello from a page"]);
    bob.types("PRIVMSG #lobby :hello, page");
    bob.line_with(&["PRIVMSG", "the page heard: hello, page"]);
}

#[test]
fn a_page_of_another_host_is_turned_away_and_a_program_is_not() {
    let Some(python) = peer("python3") else { return };
    let sandbox = Sandbox::new();
    sandbox.write("chat.toml", "[listen]\ntls = []\nwebsocket = [\"127.0.0.1:0\"]\n[history]\nstore = \"off\"\n");
    let server = sandbox.start(tests::programs::chat(), ["serve", "--config", "chat.toml", "--name", "chat.test"]);
    let port = server.address().port();
    let ask = |headers: &[&str]| {
        let mut program = format!(
            "import socket\ns = socket.create_connection(('127.0.0.1', {port}))\ns.sendall(b'GET / HTTP/1.1\\r\\nHost: \
             chat.test\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Version: \
             13\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n"
        );
        headers.iter().for_each(|header| write!(program, "{header}\\r\\n").expect("text"));
        program.push_str("\\r\\n')\nprint(s.recv(4096).decode().splitlines()[0])\n");
        sandbox.run(&python, ["-c", &program]).exits(0).stdout
    };
    assert!(ask(&["Origin: https://evil.test"]).contains(" 403 "));
    assert!(ask(&["Origin: http://chat.test"]).contains(" 101 "));
    assert!(ask(&[]).contains(" 101 "));
}

/// The port of the listener that was opened last.
fn last_port(server: &tests::Running) -> String {
    let told: Vec<String> = server.printed().into_iter().filter(|line| line.contains("listening on ")).collect();
    let told =
        told.last().expect("a listener").trim_end_matches(" (websocket)").trim_end_matches(" (websocket over TLS)");
    told.rsplit(':').next().expect("a port").to_owned()
}

/// The root in the database that Chromium reads on Linux.
fn trust_in_browser(sandbox: &Sandbox, certutil: &str) {
    let lines = format!(
        "mkdir -p \"$HOME/.pki/nssdb\" && '{certutil}' -d sql:$HOME/.pki/nssdb -N --empty-password && \
         '{certutil}' -d sql:$HOME/.pki/nssdb -A -t C,, -n root -i store/ca/root.pem"
    );
    sandbox.shell(&lines).exits(0);
}

/// A chat client in a few lines: joins, says hello, and repeats what it hears.
fn page(url: &str) -> String {
    format!(
        r#"<!doctype html><title>chat</title><script>
const socket = new WebSocket("{url}", ["text.ircv3.net"]);
socket.onopen = () => ["NICK page", "USER page 0 * :A page"].forEach(line => socket.send(line));
socket.onmessage = ({{data}}) => {{
  if (data.startsWith("PING")) socket.send("PONG" + data.slice(4));
  if (data.includes(" 001 page ")) ["JOIN #lobby", "PRIVMSG #lobby :hello from a page"].forEach(line => socket.send(line));
  const heard = data.match(/^:bob!.* PRIVMSG #lobby :(.*)$/);
  if (heard) socket.send("PRIVMSG #lobby :the page heard: " + heard[1]);
}};
</script>"#
    )
}
