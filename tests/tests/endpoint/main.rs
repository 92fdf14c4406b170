//! `pki diagnose HOST:PORT` on live servers: openssl with every mistake that it can make, small servers of other
//! protocols, and peers that close, are silent, or never stop.

mod agreement;
mod certificate;
mod plain;
mod tls;
mod trust;

use std::net::{TcpListener, TcpStream};

use serde_json::Value;
use tests::{Running, Sandbox};

/// The server's own files, issued for `localhost`.
const OWN: &str = "-cert_chain store/certs/localhost/chain.pem -cert store/certs/localhost/cert.pem -key store/certs/localhost/privkey.pem";
/// The same for another site.
const OTHER: &str = "-cert_chain store/certs/shop.example.test/chain.pem -cert store/certs/shop.example.test/cert.pem -key store/certs/shop.example.test/privkey.pem";

/// A store with certificates for `localhost`, `shop.example.test` and the client `alice`.
fn prepared() -> Sandbox {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "localhost", "127.0.0.1"]).exits(0);
    sandbox.pki(["issue", "server", "shop.example.test"]).exits(0);
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    sandbox
}

/// openssl as a server with these words on its command line, and its address.
fn openssl(sandbox: &Sandbox, words: &str) -> (Running, String) {
    let server = sandbox.start("sh", ["-c", &format!("exec openssl s_server -accept 127.0.0.1:0 {words}")]);
    let port = server.line("ACCEPT ").rsplit(':').next().expect("a port").to_owned();
    (server, format!("127.0.0.1:{port}"))
}

fn ask(sandbox: &Sandbox, address: &str, flags: &str) -> Value {
    let words = ["diagnose", address, "--json"].into_iter().chain(flags.split_whitespace());
    sandbox.pki(words).json()
}

#[track_caller]
fn expect(report: &Value, code: Option<&str>) {
    assert_eq!(report["cause"]["code"].as_str(), code, "{report:#}");
    if code.is_some() {
        let text = |field: &str| report["cause"][field].as_str().unwrap_or_default().to_owned();
        assert!(!text("message").is_empty() && !text("fix").is_empty(), "{report:#}");
    }
}

fn finding<'a>(report: &'a Value, code: &str) -> &'a Value {
    let all = report["findings"].as_array().expect("an array");
    all.iter().find(|it| it["code"] == code).unwrap_or_else(|| panic!("no {code}: {report:#}"))
}

/// A server that hands each connection to `talk`, in turn; and its address.
fn server(talk: impl Fn(&mut TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound").to_string();
    std::thread::spawn(move || listener.incoming().flatten().for_each(|mut stream| talk(&mut stream)));
    address
}

/// What a client prints, by the report.
fn says(report: &Value, client: &str) -> String {
    let all = report["clients"].as_array().expect("an array");
    let one = all.iter().find(|it| it["client"] == client).unwrap_or_else(|| panic!("{client}: {report:#}"));
    one["error"].as_str().unwrap_or_default().to_owned()
}
