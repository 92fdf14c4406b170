//! `pki diagnose --error`: from a text alone to the likeliest causes, each with what decides; with files these decide.

use serde_json::Value;
use tests::Sandbox;
use tests::chains::CATALOGUE;
use tests::peers::peer;
use tests::programs::pki;

#[test]
fn a_text_alone_gives_candidates_and_what_decides_between_them() {
    let sandbox = Sandbox::new();
    let report =
        sandbox.pki(["diagnose", "--json", "--error", "curl: (60) SSL certificate problem: self-signed certificate"]);
    let report = report.exits(1).json();
    assert_eq!((&report["verdict"], &report["cause"]), (&Value::from("invalid"), &Value::Null), "{report:#}");
    assert!(first(&report, 3).contains(&"self-signed-leaf".to_owned()), "{report:#}");
    for candidate in report["candidates"].as_array().expect("an array") {
        assert!(candidate["decide"].as_str().is_some_and(|it| !it.is_empty()), "{candidate:#}");
    }
    assert_eq!(report["text"]["client"], "curl");
    let text = sandbox.pki([
        "diagnose",
        "--error",
        "- Status: The certificate is NOT trusted. The certificate chain is revoked.",
    ]);
    text.exits(1).says("no chain was judged").says("  1. revoked").says("--crl");
}

#[test]
fn a_log_in_utf16_is_read_as_any_other() {
    let sandbox = Sandbox::new();
    let log = "\u{feff}Caf\u{e9}\r\ncurl: (60) SSL certificate problem: self-signed certificate\r\n";
    sandbox.write("log", log.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    let report = sandbox.shell("pki diagnose --json --error - < log").exits(1).json();
    assert!(first(&report, 3).contains(&"self-signed-leaf".to_owned()), "{report:#}");
    assert_eq!(report["text"]["client"], "curl");
    assert_eq!(report["text"]["lines"][0]["line"], 2, "{report:#}");
}

#[test]
fn the_name_that_was_asked_for_helps() {
    let sandbox = Sandbox::new();
    let by_address = sandbox.pki(["diagnose", "--json", "--error", "hostname mismatch", "--name", "192.0.2.7"]);
    assert_eq!(first(&by_address.exits(1).json(), 1), ["ip-not-covered"]);
    let by_name = sandbox.pki(["diagnose", "--json", "--error", "hostname mismatch", "--name", "app.example.test"]);
    assert_eq!(first(&by_name.exits(1).json(), 1), ["name-mismatch"]);
}

#[test]
fn in_a_log_on_standard_input_the_relevant_lines_are_found() {
    let sandbox = Sandbox::new();
    let mut log: String =
        (0..500).map(|n| format!("2026/11/23 20:00:{:02} [notice] {n}#0: worker\n", n % 60)).collect();
    log.push_str(
        "2026/11/23 20:08:47 [info] 7#7: *1 client SSL certificate verify error: (22:certificate chain too long)\n",
    );
    log.push_str("2026/11/23 20:08:48 [notice] \u{1b}[2Jdone\u{7}\n");
    let arguments = ["diagnose", "--error", "-"];
    let text =
        sandbox.run_with_input(pki(), arguments, &log).exits(1).says("line 501:").says("1. verify-depth-exceeded");
    assert!(!text.stdout.contains(['\u{1b}', '\u{7}']), "{text}");
    let report = sandbox.run_with_input(pki(), [&arguments[..], &["--json"]].concat(), &log).exits(1).json();
    assert_eq!(
        (&report["text"]["lines"][0]["line"], &report["text"]["client"]),
        (&Value::from(501), &Value::from("nginx"))
    );
}

#[test]
fn what_a_text_holds_of_control_characters_is_spelled_out() {
    let sandbox = Sandbox::new();
    let hostile = "self-signed certificate \u{1b}]0;owned\u{7} \u{202e}";
    let text = sandbox.pki(["diagnose", "--error", hostile]).exits(1).says("\\u{1b}]0;owned\\u{7} \\u{202e}");
    assert!(!text.text().contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text}");
}

#[test]
fn a_text_that_cannot_be_placed_is_said_to_be_so() {
    let sandbox = Sandbox::new();
    let text = sandbox.pki(["diagnose", "--error", "the printer is on fire"]).exits(1);
    text.says("not recognised").says("pki diagnose HOST:PORT");
    let report = sandbox.pki(["diagnose", "--json", "--error", "the printer is on fire"]).exits(1).json();
    assert_eq!(report["candidates"], Value::Array(Vec::new()));
    sandbox.run_with_input(pki(), ["diagnose", "--error", "-"], "").exits(1).says("not recognised");
}

#[test]
fn a_files_name_in_place_of_a_text_is_told() {
    let sandbox = Sandbox::new();
    sandbox.write("curl.log", "curl: (60) SSL certificate problem: certificate has expired");
    sandbox.pki(["diagnose", "--error", "curl.log"]).exits(1).says("pki diagnose --error - < curl.log");
}

#[test]
fn files_decide_between_candidates() {
    let Some(_) = peer("openssl") else { return };
    let case = CATALOGUE.iter().find(|it| it.code == "expired").expect("a row of this code");
    let sandbox = Sandbox::new();
    case.bad.make(sandbox.path());
    let files = ["diagnose", "--chain", "chain.pem", "--trust", "trust.pem", "--name", case.bad.host];
    let with = |text| [&files[..], &["--json", "--error", text]].concat();
    let report = sandbox.pki(with("unable to get local issuer certificate")).exits(1).json();
    assert_eq!((&report["cause"]["code"], first(&report, 1)), (&Value::from("expired"), vec!["expired".to_owned()]));
    let standing = |code: &str| {
        let all = report["candidates"].as_array().expect("an array");
        all.iter().find(|it| it["code"] == code).map(|it| it["standing"].clone())
    };
    assert_eq!(standing("expired"), Some("cause".into()), "{report:#}");
    assert_eq!(standing("missing-intermediate"), Some("ruled-out".into()), "{report:#}");
    assert_eq!(standing("root-in-other-store"), Some("open".into()), "{report:#}");
    let text = sandbox.pki([&files[..], &["--error", "certificate has expired"]].concat()).exits(1);
    text.says("invalid: expired").says("1. expired  ← the cause");
}

fn first(report: &Value, count: usize) -> Vec<String> {
    let candidates = report["candidates"].as_array().expect("an array of candidates").iter().take(count);
    candidates.map(|it| it["code"].as_str().expect("a code").to_owned()).collect()
}
