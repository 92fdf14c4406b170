//! The forms of a report, and clients that are run, from outside: what a reader opens is well-formed, loads nothing and
//! runs nothing, whatever a certificate says.

use serde_json::Value;
use tests::Sandbox;
use tests::chains::{CATALOGUE, Case, GOOD, HOST, Scene};
use tests::peers::peer;

/// What a page begins with.
const DOCTYPE: &str = "<!DOCTYPE html>";

#[test]
fn every_mistake_makes_a_page_and_a_picture_that_are_whole() {
    let Some(_) = peer("openssl") else { return };
    for case in CATALOGUE.iter() {
        let sandbox = made(&case.bad);
        let outcome = diagnose(&sandbox, &case.bad, &["--html", "report.html", "--svg", "chain.svg"]);
        outcome.exits(i32::from(case.refused)).says("wrote report.html").says("wrote chain.svg");
        let (page, picture) = (sandbox.read("report.html"), sandbox.read("chain.svg"));
        assert!(page.contains(case.code), "{} is not on its page", case.code);
        for (form, text) in [("html", &page), ("svg", &picture)] {
            let wrong = unsound(text);
            assert!(wrong.is_none(), "{} {} as {form}: {}\n{text}", case.code, case.variant, wrong.unwrap_or_default());
        }
    }
}

#[test]
fn a_page_is_for_everyone() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = made(&GOOD);
    diagnose(&sandbox, &GOOD, &["--html", "report.html"]).exits(0);
    let page = sandbox.read("report.html");
    for expected in
        ["<html lang=\"en\">", "name=\"viewport\"", "<title>", "<main>", "<h1>", "prefers-color-scheme:dark"]
    {
        assert!(page.contains(expected), "no {expected}");
    }
    assert!(
        page.contains("role=\"img\" aria-labelledby=\"chain-title chain-description\""),
        "the picture has no words"
    );
}

#[test]
fn a_hostile_certificate_stays_text() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    let subject = "/O=\u{202e}txet/CN=<script>alert(1)<\\/script>\" onload=\"alert(1)";
    let request = "req -utf8 -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout a.key -out a.pem -subj";
    sandbox.run("openssl", request.split(' ').chain([subject])).exits(0);
    let arguments = ["diagnose", "--chain", "a.pem", "--trust", "a.pem", "--html", "a.html", "--svg", "a.svg"];
    sandbox.pki(arguments.into_iter().chain(["--name", "<b>.test"])).exits(1);
    for file in ["a.html", "a.svg"] {
        let text = sandbox.read(file);
        assert!(unsound(&text).is_none(), "{file}: {}\n{text}", unsound(&text).unwrap_or_default());
        assert!(text.contains("&lt;script&gt;") && !text.contains('\u{202e}'), "{file}: {text}");
    }
}

#[test]
fn xml_readers_take_both() {
    let (Some(_), Some(python)) = (peer("openssl"), peer("python3")) else { return };
    let sandbox = made(&GOOD);
    diagnose(&sandbox, &GOOD, &["--html", "report.html", "--svg", "chain.svg"]).exits(0);
    let parse = "import sys, xml.dom.minidom as m; [m.parse(f) for f in sys.argv[1:]]";
    sandbox.run(python, ["-c", parse, "report.html", "chain.svg"]).exits(0);
}

#[test]
fn a_dash_is_standard_output_and_takes_one_result() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = made(&GOOD);
    let page = diagnose(&sandbox, &GOOD, &["--html", "-"]).exits(0);
    assert!(page.stdout.starts_with(DOCTYPE) && page.stdout.ends_with("</html>\n"), "{page}");
    let picture = diagnose(&sandbox, &GOOD, &["--svg", "-"]).exits(0);
    assert!(picture.stdout.starts_with("<svg ") && picture.stdout.ends_with("</svg>\n"), "{picture}");
    for several in [&["--html", "-", "--svg", "-"][..], &["--html", "-", "--json"]] {
        diagnose(&sandbox, &GOOD, several).exits(2).says("one result on standard output");
    }
    let arguments = ["verify", "chain", "chain.pem", "--trust", "trust.pem", "--svg", "-"];
    assert!(sandbox.pki(arguments).exits(0).stdout.starts_with("<svg "));
    let two = ["verify", "chain", "chain.pem", "chain.pem", "--trust", "trust.pem", "--html", "x.html"];
    sandbox.pki(two).exits(2).says("one file");
}

#[test]
fn only_a_report_is_written_over() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = made(&GOOD);
    let key = sandbox.read("server.key");
    for (flag, file) in [("--html", "server.key"), ("--svg", "chain.pem")] {
        diagnose(&sandbox, &GOOD, &[flag, file]).exits(2).says(file);
    }
    assert_eq!(sandbox.read("server.key"), key, "an input was written over");
    for _ in 0..2 {
        diagnose(&sandbox, &GOOD, &["--html", "report.html", "--svg", "chain.svg"]).exits(0);
    }
    diagnose(&sandbox, &GOOD, &["--html", "x", "--svg", "x"]).exits(2).says("two files");
}

#[test]
fn a_report_without_a_chain_has_no_picture_and_is_whole() {
    let sandbox = Sandbox::new();
    sandbox.write("chain.pem", "");
    let arguments = ["diagnose", "--chain", "chain.pem", "--html", "report.html", "--svg", "chain.svg"];
    sandbox.pki(arguments).exits(1);
    let page = sandbox.read("report.html");
    assert!(unsound(&page).is_none() && !page.contains("<svg"), "{page}");
    assert!(unsound(&sandbox.read("chain.svg")).is_none());
}

#[test]
fn real_clients_do_what_is_foretold() {
    let (Some(_), Some(_)) = (peer("openssl"), peer("python3")) else { return };
    let codes = ["same-subject-as-issuer", "name-mismatch", "expired", "root-not-trusted", "missing-intermediate"];
    let bad = codes.iter().map(|code| &case(code).bad);
    for scene in bad.chain([&GOOD]) {
        let report = diagnose(&made(scene), scene, &["--run-clients", "--json"]).json();
        let ran = ran(&report);
        let has = |name: &str| ran.iter().any(|(client, _)| client.starts_with(name));
        assert!(has("openssl") && has("openssl-strict") && has("python-3."), "{report:#}");
        for (client, program) in [("nss", "tstclnt"), ("chromium", "chromium")] {
            assert!(has(client) || peer(program).is_none(), "{client}: {report:#}");
        }
        let why = report["not_run"].as_str().unwrap_or_default();
        for client in names(&report).iter().filter(|name| !has(name)) {
            assert!(why.contains(client.as_str()), "{client}: {why}");
        }
        for (client, ran) in &ran {
            assert_eq!(ran["agrees"], true, "{client}: {ran}");
            assert!(ran["output"].as_str().is_some_and(|it| it.len() <= 4000), "{client}: {ran}");
        }
    }
}

/// Clients are run with the files that were given, damaged ones as well, and with the limit that was set.
#[test]
fn real_clients_get_what_was_given() {
    let (Some(_), Some(_)) = (peer("openssl"), peer("python3")) else { return };
    let sandbox = made(&GOOD);
    sandbox.write("bad.crl", "-----BEGIN X509 CRL-----\nAA!C\n-----END X509 CRL-----\n");
    let start = ["diagnose", "--chain", "chain.pem", "--key", "server.key", "--trust", "trust.pem", "--name", HOST];
    let asked = |more: [&str; 2]| {
        let rest = ["--run-clients", "--json"];
        sandbox.pki(start.into_iter().chain(more).chain(rest)).exits(1).json()
    };
    let verdicts = |report: &Value, clients: [&str; 3]| {
        let ran = ran(report);
        clients.map(|client| {
            let found = ran.iter().find(|(name, _)| name.starts_with(client));
            found.map(|(_, ran)| ran["verdict"].as_str().unwrap_or_default().to_owned()).unwrap_or_default()
        })
    };
    let report = asked(["--crl", "bad.crl"]);
    assert_eq!(verdicts(&report, ["openssl", "openssl-strict", "python-3."]), ["rejects"; 3], "{report:#}");
    let report = asked(["--max-depth", "0"]);
    let expected = ["rejects", "rejects", "accepts"];
    assert_eq!(verdicts(&report, ["openssl", "openssl-strict", "python-3."]), expected, "{report:#}");
    assert!(ran(&report).iter().all(|(_, ran)| ran["agrees"] == true), "{report:#}");
}

#[test]
fn clients_that_need_a_server_wait_for_a_key_and_files_that_no_server_takes_are_named() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = made(&GOOD);
    let start = ["diagnose", "--chain", "chain.pem", "--trust", "trust.pem", "--name", HOST, "--run-clients"];
    let report = sandbox.pki(start.into_iter().chain(["--json"])).exits(0).json();
    let names: Vec<String> = ran(&report).into_iter().map(|(client, _)| client).collect();
    assert_eq!(names, ["openssl-strict"], "{report:#}");
    assert!(report["not_run"].as_str().is_some_and(|it| it.contains("--key")), "{report:#}");
    sandbox.run("openssl", ["genpkey", "-algorithm", "ed25519", "-out", "other.key"]).exits(0);
    let wrong = sandbox.pki(start.into_iter().chain(["--key", "other.key"])).exits(1);
    wrong.says("no client was run").says("other.key");
}

fn case(code: &str) -> &'static Case {
    CATALOGUE.iter().find(|it| it.code == code && it.refused).expect("a row of this code")
}

fn names(report: &Value) -> Vec<String> {
    let clients = report["clients"].as_array().expect("an array of clients");
    clients.iter().map(|it| it["client"].as_str().unwrap_or_default().to_owned()).collect()
}

fn ran(report: &Value) -> Vec<(String, Value)> {
    let clients = report["clients"].as_array().expect("an array of clients");
    let name = |it: &Value| it["client"].as_str().unwrap_or_default().to_owned();
    clients.iter().filter(|it| it["ran"].is_object()).map(|it| (name(it), it["ran"].clone())).collect()
}

fn made(scene: &Scene) -> Sandbox {
    let sandbox = Sandbox::new();
    scene.make(sandbox.path());
    sandbox
}

fn diagnose(sandbox: &Sandbox, scene: &Scene, more: &[&str]) -> tests::Outcome {
    let mut files = vec!["--chain", "chain.pem", "--trust", "trust.pem", "--key", "server.key"];
    files.extend(if scene.client { ["--purpose", "client"] } else { ["--name", scene.host] });
    files.extend(scene.crl.iter().flat_map(|_| ["--crl", "crl.pem"]));
    sandbox.pki(["diagnose"].into_iter().chain(files).chain(more.iter().copied()))
}

/// What is wrong with markup: tags that do not balance, or something that would load or run.
fn unsound(text: &str) -> Option<String> {
    for banned in ["<script", "<iframe", "<link", "@import", "url(", "src=", "href=", "javascript:"] {
        if text.to_ascii_lowercase().contains(banned) {
            return Some(format!("has {banned}"));
        }
    }
    // A URL that a certificate has for a name is text like any other.
    let addresses = text.replace("xmlns=\"http://www.w3.org/2000/svg\"", "").replace("https://app.example.test", "");
    if addresses.contains("http://") || addresses.contains("https://") {
        return Some("names an address".to_owned());
    }
    unbalanced(text.strip_prefix(DOCTYPE).unwrap_or(text))
}

fn unbalanced(text: &str) -> Option<String> {
    let mut open: Vec<&str> = Vec::new();
    for part in text.split('<').skip(1) {
        let Some((tag, _)) = part.split_once('>') else { return Some(format!("<{part} has no end")) };
        if tag.matches('"').count() % 2 == 1 {
            return Some(format!("<{tag}> has an open quote"));
        }
        match (tag.strip_prefix('/'), tag.ends_with('/')) {
            (Some(name), _) if open.pop() != Some(name) => return Some(format!("</{name}> closes nothing")),
            (Some(_), _) | (None, true) => {}
            (None, false) => open.push(tag.split([' ', '\n']).next().unwrap_or_default()),
        }
    }
    (!open.is_empty()).then(|| format!("still open: {open:?}"))
}
