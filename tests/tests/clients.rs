//! The tables of clients, held against the clients themselves: OpenSSL, curl, GnuTLS and Python judge every scene of the
//! catalogue, the good ones as well, in a handshake on loopback, and each verdict has to be the one that `pki diagnose` foretells.

use std::path::Path;

use serde_json::{Value, json};
use tests::Sandbox;
use tests::chains::{CATALOGUE, Case, Scene};
use tests::peers::peer;

/// Serves the scenes and lets the clients connect.
const HANDSHAKES: &str = include_str!("../data/handshakes.py");

/// Where a client of this machine decides otherwise than the table says: the code, the client, and why.
const KNOWN: &[(&str, &str, &str)] = &[];

#[test]
fn every_verdict_is_the_one_that_was_foretold() {
    let peers = ["openssl", "curl", "gnutls-cli", "python3"].map(peer);
    if peers.iter().any(Option::is_none) {
        return;
    }
    let (names, scenes): (Vec<String>, Vec<Scene>) = scenes().into_iter().unzip();
    let sandbox = Sandbox::new();
    let judged = judge(&sandbox, &scenes);
    let wrong: Vec<String> = names
        .iter()
        .zip(scenes.iter().zip(&judged).enumerate())
        .flat_map(|(name, (place, (scene, real)))| {
            let differences = differences(name, real, &foretold(&sandbox, place, scene));
            differences.into_iter().map(move |text| format!("{name}: {text}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every bad scene, and every good one, of which many are the same.
fn scenes() -> Vec<(String, Scene)> {
    let mut scenes: Vec<(String, Scene)> = Vec::new();
    for Case { code, variant, bad, good, .. } in CATALOGUE.iter() {
        scenes.push((format!("{code} {variant}"), *bad));
        if !scenes.iter().any(|(_, known)| known == good) {
            scenes.push((format!("{code} {variant}, mended"), *good));
        }
    }
    scenes
}

/// What the clients really decide of each scene.
fn judge(sandbox: &Sandbox, scenes: &[Scene]) -> Vec<Value> {
    let mut input = String::new();
    for (place, scene) in scenes.iter().enumerate() {
        let folder = sandbox.file(format!("scene-{place}"));
        std::fs::create_dir(&folder).expect("the sandbox can be written");
        scene.make(&folder);
        let line = json!({ "folder": folder, "host": scene.host, "crl": scene.crl.is_some(), "client": scene.client });
        input.push_str(&format!("{line}\n"));
    }
    let lines = scenes.chunks(SCENES_PER_RUN).zip(chunked(&input)).flat_map(|(_, part)| {
        let outcome = sandbox.run_with_input("python3", ["-c", HANDSHAKES], &part).exits(0);
        outcome.stdout.lines().map(str::to_owned).collect::<Vec<_>>()
    });
    let judged: Vec<Value> = lines.map(|line| serde_json::from_str(&line).expect("a line of JSON")).collect();
    assert_eq!(judged.len(), scenes.len(), "a verdict for every scene");
    judged
}

/// How many scenes one process judges: few enough to stay within the deadline of a command on a loaded machine.
const SCENES_PER_RUN: usize = 40;

fn chunked(input: &str) -> Vec<String> {
    let lines: Vec<&str> = input.lines().collect();
    lines.chunks(SCENES_PER_RUN).map(|part| part.join("\n") + "\n").collect()
}

fn foretold(sandbox: &Sandbox, place: usize, scene: &Scene) -> Value {
    let file = |name: &str| Path::new(&format!("scene-{place}")).join(name).display().to_string();
    let (chain, trust, key, crl) = (file("chain.pem"), file("trust.pem"), file("server.key"), file("crl.pem"));
    let mut arguments = vec!["diagnose", "--json", "--chain", &chain, "--trust", &trust, "--key", &key];
    arguments.extend(if scene.client { ["--purpose", "client"] } else { ["--name", scene.host] });
    arguments.extend(scene.crl.iter().flat_map(|_| ["--crl", crl.as_str()]));
    sandbox.pki(arguments).json()
}

/// Where the two differ.
fn differences(name: &str, real: &Value, report: &Value) -> Vec<String> {
    let told = |client: &str| {
        let clients = report["clients"].as_array().expect("an array of clients");
        clients.iter().find(|it| it["client"] == client).unwrap_or_else(|| panic!("{client} in {report:#}"))
    };
    let Some(clients) = real["clients"].as_object() else {
        // No server can be started with these files, so no client accepts.
        let accepts = told("curl")["verdict"] == "accepts";
        return if accepts { vec![format!("no server: {}", real["no_server"])] } else { Vec::new() };
    };
    let known = |client: &str| KNOWN.iter().any(|it| name.starts_with(it.0) && it.1 == client);
    let differs = |(client, decided): (&String, &Value)| {
        let verdict = if decided[0] == true { "accepts" } else { "rejects" };
        let other = told(client)["verdict"] != verdict && !known(client);
        other.then(|| format!("{client} {verdict}: {}", decided[1]))
    };
    clients.iter().filter_map(differs).collect()
}
