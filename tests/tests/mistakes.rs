//! Real mistakes and what real clients made of them, where the collection lies beside the workspace: whether the cause and the
//! verdict are right, whether each client does what is foretold, and whether the text of an error alone leads to its cause.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use tests::peers::{peer, skipped};
use tests::programs::{pki, workspace};
use tests::sandbox::complete;
use tests::{Running, Sandbox};

/// Cases whose cause and verdict have to be right.
const CAUSE_BAR: f64 = 0.98;
/// Verdicts of clients that have to be as foretold.
const CLIENT_BAR: f64 = 0.97;
/// Texts whose cause has to be among the first three candidates.
const TEXT_BAR: f64 = 0.85;

/// The clients of the collection, and what a report calls them.
const CLIENTS: &[(&str, &str)] = &[
    ("openssl-s_client", "openssl"),
    ("openssl-verify-x509_strict", "openssl-strict"),
    ("curl", "curl"),
    ("wget-gnutls", "wget"),
    ("gnutls-cli", "gnutls"),
    ("python3.11-ssl", "python-3.11"),
    ("python3.13-ssl", "python-3.13"),
    ("node20-tls", "node"),
    ("java17", "java"),
    ("rustls", "rustls"),
    ("go", "go"),
    ("nss-tstclnt", "nss"),
    ("chromium", "chromium"),
];

/// The collection, unpacked.
struct Mistakes {
    folder: TempDir,
    cases: Vec<Value>,
}

impl Mistakes {
    /// Unpacks it; none, after a line that says why, where it or the unpacking programs are missing.
    fn unpacked() -> Option<Mistakes> {
        let archive = workspace().join("../shared/mistakes/dev-cases.tar.xz");
        if !archive.exists() {
            skipped(&format!("{} is not there", archive.display()));
            return None;
        }
        let (tar, _) = (peer("tar")?, peer("xz")?);
        let folder = TempDir::with_prefix("mistakes-").expect("a temporary folder can be made");
        let unpacked = Command::new(tar).arg("-xf").arg(archive).arg("-C").arg(folder.path()).status();
        assert!(unpacked.expect("tar can be started").success());
        let text = std::fs::read_to_string(folder.path().join("cases.json")).expect("the archive has its index");
        let cases: Value = serde_json::from_str(&text).expect("the index is JSON");
        Some(Mistakes { folder, cases: cases.as_array().expect("a list of cases").clone() })
    }

    fn file(&self, case: &Value, role: &str) -> Option<String> {
        let name = case["files"][role].as_str()?;
        let folder = self.folder.path().join("cases").join(case["id"].as_str()?);
        Some(folder.join(name).display().to_string())
    }

    /// The flags that show a case's files: of the client's side where it is the client's certificate that is judged.
    fn flags(&self, case: &Value) -> Vec<String> {
        let setup = &case["setup"];
        let client = setup["require_client_cert"] == true;
        let roles: &[(&str, &str)] = if client {
            &[("--chain", "client"), ("--key", "client_key"), ("--trust", "client_ca"), ("--crl", "crl")]
        } else if setup["no_ca"] == true {
            &[("--chain", "chain"), ("--key", "key"), ("--crl", "crl")]
        } else {
            &[("--chain", "chain"), ("--key", "key"), ("--trust", "ca"), ("--crl", "crl")]
        };
        let files = roles.iter().filter_map(|(flag, role)| Some([(*flag).to_owned(), self.file(case, role)?]));
        let mut flags: Vec<String> = files.flatten().collect();
        let mut push = |words: &[&str]| flags.extend(words.iter().map(ToString::to_string));
        match client {
            true => push(&["--purpose", "client"]),
            false => push(&["--name", case["host"].as_str().unwrap_or_default()]),
        }
        if setup["no_ca"] == true {
            push(&["--system-trust"]);
        }
        if let Some(day) = setup["fake_time"].as_str() {
            push(&["--at", &format!("{day}T00:00:00Z")]);
        }
        flags
    }

    /// The report of a case, from its files or, where these are in order, from a server that does the same.
    fn report(&self, sandbox: &Sandbox, case: &Value) -> Value {
        let live = Live::of(self, sandbox, case);
        let mut flags = self.flags(case);
        if let Some(live) = &live {
            let chain = flags.iter().position(|flag| flag == "--chain").expect("every case has a chain");
            flags.drain(chain..chain + 4);
            flags.extend(live.flags.iter().cloned());
        }
        let mut command = sandbox.command(pki());
        command.args(["diagnose", "--json"]).args(flags);
        complete(command, "").json()
    }
}

/// A server that makes the mistake of a case.
struct Live {
    flags: Vec<String>,
    _server: Option<Running>,
}

impl Live {
    fn of(all: &Mistakes, sandbox: &Sandbox, case: &Value) -> Option<Live> {
        if case["setup"]["plain"] == "close" {
            return Some(Live { flags: vec![closing()], _server: None });
        }
        case["setup"]["server_max_tls"].as_str()?;
        let file = |role| all.file(case, role).expect("a server has its files");
        let words = ["-cert", &file("chain"), "-cert_chain", &file("chain"), "-key", &file("key"), "-no_tls1_3"];
        let server = sandbox.start("openssl", ["s_server", "-accept", "127.0.0.1:0"].iter().chain(&words));
        let port = server.line("ACCEPT ").rsplit(':').next().expect("a port").to_owned();
        let least = case["setup"]["client_min_tls"].as_str().expect("what the client asks for");
        let flags = [format!("127.0.0.1:{port}"), "--min-tls".to_owned(), least.to_owned()];
        Some(Live { flags: flags.to_vec(), _server: Some(server) })
    }
}

/// The address of a server that closes every connection.
fn closing() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound").to_string();
    std::thread::spawn(move || listener.incoming().flatten().for_each(drop::<TcpStream>));
    address
}

/// Holds `right` of `all` to a bar, and says which were missed.
#[track_caller]
fn hold(bar: f64, all: u32, missed: &[String]) {
    assert!(all > 0, "nothing was asked");
    let right = all - u32::try_from(missed.len()).expect("no more than were asked");
    let _ = writeln!(std::io::stderr(), "{right} of {all} right");
    assert!(f64::from(right) >= bar * f64::from(all), "{right} of {all}; missed:\n{}", missed.join("\n"));
}

#[test]
fn the_cause_and_every_clients_verdict_are_right() {
    let (Some(all), Some(_)) = (Mistakes::unpacked(), peer("openssl")) else { return };
    let sandbox = Sandbox::new();
    let (mut verdicts, mut causes_missed, mut verdicts_missed) = (0, Vec::new(), Vec::new());
    for case in &all.cases {
        let report = all.report(&sandbox, case);
        causes_missed.extend(wrong_cause(case, &report));
        if case["setup"].as_object().is_some_and(serde_json::Map::is_empty) {
            for (theirs, ours) in CLIENTS {
                let Some(wrong) = wrong_verdict(case, &report, theirs, ours) else { continue };
                verdicts += 1;
                verdicts_missed.extend(wrong.err());
            }
        }
    }
    hold(CAUSE_BAR, u32::try_from(all.cases.len()).expect("a collection of hundreds"), &causes_missed);
    hold(CLIENT_BAR, verdicts, &verdicts_missed);
}

fn wrong_cause(case: &Value, report: &Value) -> Option<String> {
    let expected = &case["expected"];
    let cause = expected["cause"].as_array().is_some_and(|causes| causes.contains(&report["cause"]["code"]));
    let verdict = expected["verdict"] == "any" || expected["verdict"] == report["verdict"];
    let found = format!("{} {}", report["verdict"], report["cause"]["code"]);
    (!(cause && verdict)).then(|| format!("{}: expected {expected}, found {found}", case["id"]))
}

/// Whether what was foretold of a client is what it did; none where one of the two is not known.
fn wrong_verdict(case: &Value, report: &Value, theirs: &str, ours: &str) -> Option<Result<(), String>> {
    let did = if case["results"][theirs]["ok"].as_bool()? { "accepts" } else { "rejects" };
    let clients = report["clients"].as_array()?;
    let foretold = &clients.iter().find(|client| client["client"] == ours)?["verdict"];
    Some(if foretold == did { Ok(()) } else { Err(format!("{} {ours}: foretold {foretold}, {did}", case["id"])) })
}

#[test]
fn of_real_texts_the_true_cause_is_among_the_first_three() {
    let Some(mistakes) = Mistakes::unpacked() else { return };
    let (mut all, mut missed) = (0, Vec::new());
    for (case, client, text, causes) in mistakes.cases.iter().flat_map(texts) {
        let report = ca_store::recognise::recognise(text, None);
        all += 1;
        if !report.candidates.iter().take(3).any(|it| causes.contains(&it.code.as_str())) {
            missed.push(format!("{case} {client} {causes:?}: {text}"));
        }
    }
    hold(TEXT_BAR, all, &missed);
}

/// Case, client, text and true causes of every refusal that said something.
fn texts(case: &Value) -> Vec<(&str, &str, &str, Vec<&str>)> {
    let causes = case["expected"]["cause"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let causes: Vec<&str> = causes.collect();
    let results = case["results"].as_object().into_iter().flatten().filter(|(_, result)| result["ok"] != true);
    let texts = results.filter_map(|(client, result)| Some((client.as_str(), result["text"].as_str()?)));
    let told = texts.filter(|(_, text)| !causes.is_empty() && !text.is_empty() && *text != "OK");
    told.map(|(client, text)| (case["id"].as_str().unwrap_or_default(), client, text, causes.clone())).collect()
}
