//! The story that this project began with, played to its end: the root was given the server's own name. OpenSSL says
//! "self-signed certificate" and nothing of the cause. `pki` names it, mends it, and OpenSSL is content.

use tests::chains::{STORY, make};
use tests::peers::peer;
use tests::{Outcome, Sandbox, programs};

#[test]
fn the_wrong_common_name_is_seen_named_mended_and_gone() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    STORY.make(sandbox.path());

    let seen = sandbox.shell("openssl verify -CAfile trust.pem chain.pem");
    assert!(!seen.succeeded(), "{seen}");
    seen.says("error 18 at 0 depth lookup: self-signed certificate");

    let named = diagnose(&sandbox, &[]).exits(1);
    named.says("same-subject-as-issuer").says("CN=localhost");
    let report = diagnose(&sandbox, &["--json"]).exits(1).json();
    let fix = report["cause"]["fix"].as_str().expect("a fix");

    sandbox.shell(fix).exits(0);
    let output = make::verify(sandbox.path(), "reissued/fullchain.pem", "reissued/ca.pem", "localhost").output();
    let output = output.expect("openssl can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_chat_tells_the_same_story_on_connecting() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    STORY.make(sandbox.path());
    let server = sandbox.start(
        "sh",
        ["-c", "exec openssl s_server -accept 127.0.0.1:0 -cert chain.pem -cert_chain chain.pem -key server.key"],
    );
    let port = server.line("ACCEPT ").rsplit(':').next().expect("a port").to_owned();
    let client = format!("openssl s_client -connect 127.0.0.1:{port} -CAfile trust.pem </dev/null 2>&1 || true");
    sandbox.shell(&client).says("self-signed certificate");
    let report = sandbox.pki(["diagnose", &format!("127.0.0.1:{port}"), "--name", "localhost", "--trust", "trust.pem"]);
    report.exits(1).says("same-subject-as-issuer").says("pki issue server localhost");
}

/// Starts the chat on a chain; the server says what clients will find before they come, and in its log when they have found it.
fn is_told_by_the_server(sandbox: &Sandbox, [chain, key, trust]: [&str; 3], code: &str) {
    let files = ["--cert", chain, "--key", key, "--trust", trust, "--mtls", "optional"];
    let serve = ["serve", "--name", "localhost", "--listen", "127.0.0.1:0"];
    let server = sandbox.start(programs::chat(), serve.iter().chain(&files));
    let command = format!("diagnose --chain {chain} --trust {trust} --name localhost");
    server.line_with(&["warning: ", code, &format!("pki {command}")]);
    sandbox.pki(command.split(' ')).exits(1).says(code);
    let address = server.address();
    let client = format!("openssl s_client -connect {address} -CAfile '{trust}' -verify_return_error </dev/null 2>&1");
    assert!(!sandbox.shell(&client).succeeded());
    server.line_with(&["handshake-failed", &format!("code={code}"), "refused this server's certificate"]);
}

#[test]
fn the_chat_names_its_own_mistake_before_and_after_a_client_refuses_it() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    STORY.make(sandbox.path());
    is_told_by_the_server(&sandbox, ["chain.pem", "server.key", "trust.pem"], "same-subject-as-issuer");
}

#[test]
fn a_leaf_without_its_intermediate_is_no_lack_of_the_clients() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "localhost"]).exits(0);
    let [leaf, key] = ["cert.pem", "privkey.pem"].map(|file| sandbox.issued("localhost", file).display().to_string());
    let root = sandbox.store().join("ca/root.pem").display().to_string();
    is_told_by_the_server(&sandbox, [&leaf, &key, &root], "missing-intermediate");
}

#[test]
fn the_mistake_can_not_be_made_with_pki() {
    let sandbox = Sandbox::new();
    sandbox.pki(["init-ca", "--name", "localhost"]).exits(2).says("localhost").says("pki init-ca --name");
    sandbox.pki(["init-ca", "--name", "localhost", "--allow-host-like-name"]).exits(0);
    let refused = sandbox.pki(["issue", "server", "localhost"]).exits(2);
    refused.says("CN=localhost").says("OpenSSL");
}

fn diagnose(sandbox: &Sandbox, more: &[&str]) -> Outcome {
    let files =
        ["diagnose", "--chain", "chain.pem", "--key", "server.key", "--trust", "trust.pem", "--name", "localhost"];
    sandbox.pki(files.iter().chain(more))
}
