//! Path validation beside a judge that we did not write: the cases of x509-limbo (C2SP), where a copy lies beside the
//! workspace. Exceptions are listed in `tests/data/path-validation-exceptions.txt`, each with its reason.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;
use tests::Sandbox;
use tests::peers::skipped;
use tests::programs::workspace;

/// The cases, or none after a line that says why the test is skipped.
fn cases() -> Option<Vec<Value>> {
    let path = workspace().join("../shared/path-validation/cases.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        skipped(&format!("{} is not there", path.display()));
        return None;
    };
    let cases: Value = serde_json::from_str(&text).expect("the cases are JSON");
    cases["testcases"].as_array().cloned()
}

fn exceptions() -> BTreeMap<String, String> {
    let path = workspace().join("tests/data/path-validation-exceptions.txt");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(": ")).map(|(id, why)| (id.to_owned(), why.to_owned())).collect()
}

#[test]
fn every_case_comes_out_as_expected_but_for_the_listed_ones() {
    let Some(cases) = cases() else { return };
    let exceptions = exceptions();
    let mut wrong = Vec::new();
    for case in &cases {
        let id = case["id"].as_str().expect("a case has an id");
        let right = judge(case);
        match (right, exceptions.get(id)) {
            (Err(why), None) => wrong.push(format!("{id}: {why}")),
            (Ok(()), Some(reason)) => wrong.push(format!("{id} comes out as expected, and is listed: {reason}")),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn judge(case: &Value) -> Result<(), String> {
    let sandbox = Sandbox::new();
    let outcome = sandbox.pki(arguments(case, &sandbox));
    let code = outcome.code();
    if ![0, 1, 3].contains(&code) {
        return Err(format!("ended with {code}: {outcome}"));
    }
    let report = outcome.json();
    let expected = if case["expected_result"] == "SUCCESS" { "valid" } else { "invalid" };
    if report["verdict"] == expected {
        return Ok(());
    }
    Err(format!("expected {expected}, found {} ({})", report["verdict"], report["cause"]["code"]))
}

/// The case as a command, its files in the sandbox.
fn arguments(case: &Value, sandbox: &Sandbox) -> Vec<String> {
    let text = |key: &str| case[key].as_str().unwrap_or_default().to_owned();
    let file = |name: &str, content: String| -> PathBuf { sandbox.write(name, content) };
    file("leaf.pem", text("peer_certificate"));
    file("trust.pem", joined(&case["trusted_certs"]));
    file("untrusted.pem", joined(&case["untrusted_intermediates"]));
    let mut words: Vec<String> =
        ["verify", "chain", "leaf.pem", "--json", "--trust", "trust.pem"].map(String::from).to_vec();
    let mut option = |flag: &str, value: String| words.extend([flag.to_owned(), value]);
    if case["untrusted_intermediates"].as_array().is_some_and(|list| !list.is_empty()) {
        option("--untrusted", "untrusted.pem".to_owned());
    }
    for (number, crl) in case["crls"].as_array().into_iter().flatten().enumerate() {
        let name = format!("{number}.crl");
        file(&name, crl.as_str().unwrap_or_default().to_owned());
        option("--crl", name);
    }
    if let Some(time) = case["validation_time"].as_str() {
        option("--at", time.to_owned());
    }
    option("--purpose", if case["validation_kind"] == "SERVER" { "server" } else { "client" }.to_owned());
    for name in names(case) {
        let flag = match name["kind"].as_str() {
            Some("IP") => "--ip",
            Some("RFC822") => "--email",
            _ => "--dns",
        };
        option(flag, name["value"].as_str().unwrap_or_default().to_owned());
    }
    if let Some(depth) = case["max_chain_depth"].as_u64() {
        option("--max-depth", depth.to_string());
    }
    let web = case["id"].as_str().is_some_and(|id| id.starts_with("webpki::"));
    option("--profile", if web { "webpki" } else { "rfc5280" }.to_owned());
    words
}

fn names(case: &Value) -> Vec<Value> {
    let one = Some(case["expected_peer_name"].clone()).filter(Value::is_object);
    one.into_iter().chain(case["expected_peer_names"].as_array().cloned().unwrap_or_default()).collect()
}

fn joined(list: &Value) -> String {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(|pem| format!("{}\n", pem.trim_end())).collect()
}
