//! `pki diagnose` on every mistake of the catalogue: the true cause, the values that show it, and a fix that, typed as
//! it stands, leaves nothing to mend for us and for openssl.

use serde_json::Value;
use tests::chains::{CATALOGUE, Case, GOOD, HOST, MUTUAL, Scene, make};
use tests::peers::peer;
use tests::{Outcome, Running, Sandbox};

/// How many mistakes a scene of the catalogue may have.
const MOST_MISTAKES: usize = 3;

#[test]
fn every_mistake_is_named_with_evidence() {
    let Some(_) = peer("openssl") else { return };
    let wrong: Vec<String> = CATALOGUE.iter().filter_map(|case| misjudged(case).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_good_chain_is_valid_with_nothing_to_mend() {
    let Some(_) = peer("openssl") else { return };
    for case in CATALOGUE.iter() {
        let report = diagnose(&made(&case.good), &case.good, 0);
        assert_eq!(report["verdict"], "valid", "{} {}: {report:#}", case.code, case.variant);
        assert_eq!(report["cause"], Value::Null, "{} {}: {report:#}", case.code, case.variant);
    }
}

#[test]
fn every_fix_holds_when_it_is_typed() {
    let Some(_) = peer("openssl") else { return };
    let wrong: Vec<String> = CATALOGUE.iter().filter_map(|case| unmended(case).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_fix_makes_the_ca_that_is_not_there() {
    let Some(_) = peer("openssl") else { return };
    let case = CATALOGUE.iter().find(|it| it.code == "expired").expect("a row of this code");
    let sandbox = Sandbox::new();
    case.bad.make(sandbox.path());
    let fix = fix_of(&diagnose(&sandbox, &case.bad, 1), case.code);
    assert!(fix.contains("pki init-ca"), "{fix}");
    sandbox.shell(&fix).exits(0);
}

#[test]
fn the_same_subject_is_explained_client_by_client() {
    let Some(_) = peer("openssl") else { return };
    // Without an AKI, OpenSSL's family and GnuTLS take the leaf for self-signed; with the right one nearly all pass.
    let clients = |variant: &str, code: i32| {
        let case = CATALOGUE.iter().find(|it| it.variant == variant).expect("a row of this variant");
        let report = diagnose(&made(&case.bad), &case.bad, code);
        verdicts(&report)
    };
    let without = clients("without AKI", 1);
    for client in ["openssl", "curl", "python-3.11", "python-3.13", "node"] {
        assert_eq!(verdict(&without, client), "rejects", "{without:?}");
    }
    for client in ["go", "rustls"] {
        assert_eq!(verdict(&without, client), "accepts", "{without:?}");
    }
    for client in ["gnutls", "java", "nss", "chromium", "wget", "openssl-strict", "rustls-aws-lc"] {
        verdict(&without, client);
    }
    let with = clients("with AKI", 0);
    for client in ["openssl", "curl", "python-3.11", "go", "rustls"] {
        assert_eq!(verdict(&with, client), "accepts", "{with:?}");
    }
}

#[test]
fn the_text_report_says_the_cause_first_draws_the_chain_and_ends_with_what_to_type() {
    let Some(_) = peer("openssl") else { return };
    let case = CATALOGUE.iter().find(|it| it.variant == "without AKI").expect("a row of this variant");
    let sandbox = made(&case.bad);
    let text = sandbox.pki(arguments(&case.bad)).exits(1).text();
    let cause = text.find("same-subject-as-issuer").unwrap_or_else(|| panic!("{text}"));
    let fix = text.find("pki issue server").unwrap_or_else(|| panic!("{text}"));
    assert!(cause < fix && text[cause..].contains("app.example.test"), "{text}");
    assert!(!text.contains('\u{1b}'), "colour is for terminals: {text}");
}

#[test]
fn nobody_listening_is_told_and_mended_by_a_server() {
    let sandbox = Sandbox::with_ca();
    let free =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port").to_string();
    let report = sandbox.pki(["diagnose", &free, "--name", "localhost", "--json"]).exits(1).json();
    assert_eq!(report["cause"]["code"], "connection-refused", "{report:#}");
    assert!(!fix_of(&report, "connection-refused").is_empty());
    let server = sandbox.serve(["--name", "localhost", "--mtls", "off"]);
    let address = server.address().to_string();
    let report = sandbox.pki(["diagnose", &address, "--name", "localhost", "--json"]).exits(0).json();
    assert_eq!(report["verdict"], "valid", "{report:#}");
}

#[test]
fn a_port_that_speaks_something_else_is_named() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound").to_string();
    std::thread::spawn(move || {
        use std::io::{Read, Write};
        for mut stream in listener.incoming().flatten() {
            let mut hello = [0; 64];
            let _ = stream.read(&mut hello);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
        }
    });
    let sandbox = Sandbox::with_ca();
    let report = sandbox.pki(["diagnose", &address, "--name", "localhost", "--json"]).exits(1).json();
    assert_eq!(report["cause"]["code"], "not-tls", "{report:#}");
    assert!(report.to_string().contains("HTTP"), "what it speaks instead is told: {report:#}");
    assert!(!fix_of(&report, "not-tls").is_empty());
}

#[test]
fn a_missing_client_certificate_is_named_and_mended() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "localhost", "127.0.0.1"]).exits(0);
    let server = sandbox.serve(["--name", "localhost", "--mtls", "required"]);
    let address = server.address().to_string();
    let ask = ["diagnose", &address, "--name", "localhost", "--json"];
    let report = sandbox.pki(ask).exits(1).json();
    assert_eq!(report["cause"]["code"], "client-certificate-missing", "{report:#}");
    let fix = fix_of(&report, "client-certificate-missing");
    assert!(fix.contains("pki issue client"), "{fix}");
    sandbox.shell(&fix).exits(0);
    let report = sandbox.pki(["diagnose", "--purpose", "client", "--json"]).exits(1).json();
    assert_eq!(report["cause"]["code"], "client-certificate-missing", "{report:#}");
}

/// The trust that was typed is what the certificate will be judged by.
#[test]
fn a_client_certificate_is_asked_for_by_the_trust_that_was_typed() {
    let sandbox = Sandbox::with_ca();
    sandbox.shell("pki --store other init-ca --name 'Other Root' && mv other/ca/root.pem theirs.pem").exits(0);
    sandbox.shell("cp store/ca/root.pem own.pem").exits(0);
    for (trust, asked) in [("own.pem", "--trust own.pem"), ("theirs.pem", "--trust client/ca.pem")] {
        let report = sandbox.pki(["diagnose", "--purpose", "client", "--trust", trust, "--json"]).exits(1).json();
        let fix = fix_of(&report, "client-certificate-missing");
        assert!(fix.contains(asked), "{trust}: {fix}");
        sandbox
            .shell(&format!("rm -rf client; {}", fix.replace("$(id -un)", &format!("of-{trust}"))))
            .exits(0)
            .says("nothing to mend");
    }
}

/// What has been revoked since is in order at no later time.
#[test]
fn what_is_revoked_is_not_said_to_be_in_order_now() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", HOST]).exits(0);
    let format = |days: i64| {
        let time = time::OffsetDateTime::now_utc() + time::Duration::days(days);
        let time = time.replace_nanosecond(0).expect("a time");
        time.format(&time::format_description::well_known::Rfc3339).expect("a time of this era")
    };
    let cause = |days: i64| {
        let (chain, at) = (format!("store/certs/{HOST}/fullchain.pem"), format(days));
        let words = ["diagnose", "--chain", &chain, "--name", HOST, "--at", &at, "--json"];
        sandbox.pki(words).exits(1).json()["cause"]["code"].as_str().expect("a cause").to_owned()
    };
    assert_eq!((cause(-30).as_str(), cause(400).as_str()), ("clock-wrong", "clock-wrong"));
    sandbox.pki(["revoke", HOST]).exits(0);
    assert_eq!(cause(-30), "not-yet-valid");
    assert!(["expired", "revoked"].contains(&cause(400).as_str()));
}

#[test]
fn a_clients_chain_is_judged_for_its_own_purpose() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = made(&MUTUAL);
    for (name, code) in [("alice", None), ("expired", Some("expired")), ("misused", Some("wrong-purpose"))] {
        let [chain, key] = [format!("{name}.pem"), format!("{name}.key")];
        let start =
            ["diagnose", "--purpose", "client", "--chain", &chain, "--key", &key, "--trust", "root.pem", "--json"];
        let outcome = sandbox.pki(start);
        let report = outcome.json();
        assert_eq!(outcome.succeeded(), code.is_none(), "{outcome}");
        assert_eq!(report["cause"]["code"].as_str(), code, "{report:#}");
    }
}

#[test]
fn a_live_endpoint_is_judged_like_its_files() {
    let Some(_) = peer("openssl") else { return };
    let codes = ["same-subject-as-issuer", "name-mismatch", "expired", "root-not-trusted", "missing-intermediate"];
    for version in ["", "-tls1_2"] {
        for code in codes {
            let case = CATALOGUE.iter().find(|it| it.code == code && it.refused).expect("a row of this code");
            let sandbox = made(&case.bad);
            let (_server, address) = openssl_server(&sandbox, version);
            let report =
                sandbox.pki(["diagnose", &address, "--name", HOST, "--trust", "trust.pem", "--json"]).exits(1).json();
            assert_eq!(report["cause"]["code"], code, "{version}: {report:#}");
        }
    }
    let sandbox = made(&GOOD);
    let (_server, address) = openssl_server(&sandbox, "");
    let report = sandbox.pki(["diagnose", &address, "--name", HOST, "--trust", "trust.pem", "--json"]).exits(0).json();
    assert_eq!(report["verdict"], "valid", "{report:#}");
}

/// What is wrong with the report on a bad scene.
fn misjudged(case: &Case) -> Result<(), String> {
    let report = asked(&made(&case.bad), &case.bad).json();
    let context = |what: &str| format!("{} {}: {what}: {report:#}", case.code, case.variant);
    let verdict = if case.refused { "invalid" } else { "valid" };
    if report["verdict"] != verdict {
        return Err(context("the verdict is wrong"));
    }
    let cause = report["cause"]["code"].as_str();
    // Where the chain is valid, the code is the cause if a client refuses all the same, and otherwise there is none.
    if cause != Some(case.code) && (case.refused || cause.is_some()) {
        return Err(context("the cause is wrong"));
    }
    let finding = finding(&report, case.code).ok_or_else(|| context("not among the findings"))?;
    let evidence = finding["evidence"].as_object().ok_or_else(|| context("no evidence"))?;
    // One value alone cannot show that two sides disagree.
    if evidence.len() < 2 {
        return Err(context("evidence from one side only"));
    }
    if finding["fix"].as_str().is_none_or(str::is_empty) || finding["message"].as_str().is_none_or(str::is_empty) {
        return Err(context("no fix or no message"));
    }
    Ok(())
}

/// Types the fix into a shell, and asks us and openssl about the files that it names.
fn unmended(case: &Case) -> Result<(), String> {
    let sandbox = made(&case.bad);
    sandbox.pki(["init-ca", "--name", "Test Root CA", "--intermediate", "Test Issuing CA"]).exits(0);
    let report = asked(&sandbox, &case.bad).json();
    let fix = fix_of(&report, case.code);
    if finding(&report, case.code).is_some_and(|it| it["severity"] == "note") {
        // Harmless: everything is in order as it stands, and the fix is one that need not be typed. Where it is one for
        // these files, it holds all the same.
        judged_good(case, &sandbox)?;
        if asked_again(&fix).is_none() {
            return Ok(());
        }
    }
    let again = mended(&sandbox, case.code, fix).map_err(|why| format!("{} {}: {why}", case.code, case.variant))?;
    let context = |what: &str| format!("{} {}: {what}\n$ {again}", case.code, case.variant);
    let option = |flag: &str| after(&again, flag).ok_or_else(|| context(&format!("the last look has no {flag}")));
    let (chain, trust) = (option("--chain")?, option("--trust")?);
    let mut command = if case.bad.client {
        make::verify_client(sandbox.path(), &chain, &trust)
    } else {
        make::verify(sandbox.path(), &chain, &trust, &option("--name")?)
    };
    let output = command.output().expect("openssl can be started");
    if output.status.success() { Ok(()) } else { Err(context(&String::from_utf8_lossy(&output.stderr))) }
}

/// Types the fix of a code; where that brings to light another mistake, its fix as well. Gives the last look, which finds
/// all in order.
fn mended(sandbox: &Sandbox, code: &str, fix: String) -> Result<String, String> {
    let (mut codes, mut fix) = (vec![code.to_owned()], fix);
    loop {
        let typed = sandbox.shell(&fix);
        let again =
            asked_again(&fix).ok_or_else(|| format!("the fix does not end with a look at the result\n{fix}"))?;
        let report = sandbox.shell(&format!("{again} --json")).json();
        let Some(next) = report["cause"]["code"].as_str() else {
            let valid = report["verdict"] == "valid" && typed.succeeded();
            return if valid { Ok(again) } else { Err(format!("the fix fails: {typed}")) };
        };
        if codes.iter().any(|code| code == next) || codes.len() == MOST_MISTAKES {
            return Err(format!("still not in order after the fixes of {codes:?}\n{fix}\n{report:#}"));
        }
        fix = fix_of(&report, next);
        codes.push(next.to_owned());
    }
}

/// Holds the bad scene, as it is, to being valid for openssl.
fn judged_good(case: &Case, sandbox: &Sandbox) -> Result<(), String> {
    let output = case.bad.verify_command(sandbox.path()).output().expect("openssl can be started");
    let context = || format!("{}: called harmless: {}", case.code, String::from_utf8_lossy(&output.stderr));
    if output.status.success() { Ok(()) } else { Err(context()) }
}

/// The last `pki diagnose` of a fix.
fn asked_again(fix: &str) -> Option<String> {
    fix.lines().rfind(|line| line.starts_with("pki diagnose")).map(str::to_owned)
}

/// The word after a flag.
fn after(command: &str, flag: &str) -> Option<String> {
    let mut words = command.split_whitespace();
    words.find(|word| *word == flag)?;
    words.next().map(|word| word.trim_matches('\'').to_owned())
}

fn fix_of(report: &Value, code: &str) -> String {
    let fix = finding(report, code).and_then(|it| it["fix"].as_str());
    fix.unwrap_or_else(|| panic!("no fix for {code}: {report:#}")).to_owned()
}

fn finding<'a>(report: &'a Value, code: &str) -> Option<&'a Value> {
    report["findings"].as_array()?.iter().find(|it| it["code"] == code)
}

fn verdicts(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let clients = report["clients"].as_array().expect("an array of clients");
    clients.iter().map(|it| (text(&it["client"]), text(&it["verdict"]))).collect()
}

fn verdict<'a>(verdicts: &'a [(String, String)], client: &str) -> &'a str {
    let found = verdicts.iter().find(|it| it.0 == client);
    &found.unwrap_or_else(|| panic!("no verdict of {client}: {verdicts:?}")).1
}

/// What `openssl req -x509` makes by default says CA:TRUE and has no SAN: it is no CA, whoever gives it to a server.
#[test]
fn a_self_signed_certificate_of_openssls_is_no_ca_without_a_leaf() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    sandbox.shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj /CN=app.example.test -keyout own.key -out own.pem").exits(0);
    for more in [&["--key", "own.key"][..], &[]] {
        let asked = ["diagnose", "--chain", "own.pem", "--name", "app.example.test", "--json"];
        let report = sandbox.pki(asked.iter().chain(more).copied()).exits(1).json();
        assert_eq!(report["cause"]["code"], "self-signed-leaf", "{report:#}");
    }
}

#[test]
fn what_there_is_nothing_to_hold_against_is_not_called_valid() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = made(&GOOD);
    sandbox.pki(["diagnose", "--key", "server.key"]).exits(2).says("expected --chain FILE or HOST:PORT");
    sandbox.pki(["diagnose", "--trust", "trust.pem"]).exits(2).says("expected --chain FILE or HOST:PORT");
}

fn diagnose(sandbox: &Sandbox, scene: &Scene, code: i32) -> Value {
    asked(sandbox, scene).exits(code).json()
}

fn asked(sandbox: &Sandbox, scene: &Scene) -> Outcome {
    sandbox.pki(arguments(scene).into_iter().chain(["--json"]))
}

fn arguments(scene: &Scene) -> Vec<&str> {
    let mut arguments = vec!["diagnose", "--chain", "chain.pem", "--trust", "trust.pem", "--key", "server.key"];
    arguments.extend(if scene.client { ["--purpose", "client"] } else { ["--name", scene.host] });
    arguments.extend(scene.crl.iter().flat_map(|_| ["--crl", "crl.pem"]));
    arguments
}

fn made(scene: &Scene) -> Sandbox {
    let sandbox = Sandbox::new();
    scene.make(sandbox.path());
    sandbox
}

/// openssl as a server on the scene's chain and key, and its address.
fn openssl_server(sandbox: &Sandbox, version: &str) -> (Running, String) {
    let files = "-cert chain.pem -cert_chain chain.pem -key server.key";
    let server = sandbox.start("sh", ["-c", &format!("exec openssl s_server -accept 127.0.0.1:0 {version} {files}")]);
    let port = server.line("ACCEPT ").rsplit(':').next().expect("a port").to_owned();
    (server, format!("127.0.0.1:{port}"))
}

/// The store has what is missing, whichever of its CAs it is.
#[test]
fn a_missing_intermediate_of_the_store_is_taken_from_there() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "app.example.test", "--out", "out"]).exits(0);
    sandbox.shell("mkdir alone; cp out/cert.pem alone/").exits(0);
    for rolled in [false, true] {
        if rolled {
            sandbox.pki(["rollover", "--intermediate"]).exits(0);
        }
        let asked = ["diagnose", "--chain", "alone/cert.pem", "--name", "app.example.test", "--json"];
        let report = sandbox.pki(asked).exits(1).json();
        assert_eq!(report["cause"]["code"], "missing-intermediate", "{report:#}");
        let fix = report["cause"]["fix"].as_str().expect("a fix");
        assert!(fix.starts_with("cat alone/cert.pem ") && fix.contains("store/ca/issuing"), "{fix}");
        sandbox.shell(fix).exits(0);
        sandbox.shell("rm fullchain-mended.pem").exits(0);
    }
}

/// What lies beside a certificate and issued it is a root: nothing is missing but the trust in it. What another CA has made of the
/// root is missing where that CA is trusted.
#[test]
fn a_root_that_lies_beside_a_certificate_is_trusted_and_not_sent() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    let make = r"printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n' > ca.ext
printf 'subjectAltName=DNS:app.example.test\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid\n' > leaf.ext
root() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj /CN=$1 -addext keyUsage=critical,keyCertSign -keyout $1.key -out $1.pem; }
root home; root old; root other
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj /CN=app -keyout app.key -out app.csr
openssl x509 -req -in app.csr -CA home.pem -CAkey home.key -extfile leaf.ext -days 20 -out app.pem
openssl req -new -key home.key -subj /CN=home -out home.csr
openssl x509 -req -in home.csr -CA old.pem -CAkey old.key -extfile ca.ext -days 20 -out cross.pem
mkdir here more; cp app.pem other.pem home.pem here/; cp app.pem other.pem old.pem home.pem cross.pem more/";
    sandbox.shell(make).exits(0);
    for (folder, trust, code, mends) in [
        ("here", "other.pem", "root-not-trusted", "--trust home.pem "),
        ("more", "other.pem", "root-not-trusted", "--trust home.pem "),
        ("more", "old.pem", "missing-intermediate", "cat app.pem cross.pem > "),
    ] {
        let words =
            format!("cd {folder} && pki diagnose --chain app.pem --trust {trust} --name app.example.test --json");
        let report = sandbox.shell(&words).exits(1).json();
        assert_eq!(report["cause"]["code"], code, "{folder} {trust}: {report:#}");
        let fix = report["cause"]["fix"].as_str().expect("a fix");
        assert!(fix.contains(mends), "{fix}");
        sandbox.shell(&format!("cd {folder}\n{fix}")).exits(0).says("nothing to mend");
    }
}

/// A client's chain is shown by the client.
#[test]
fn a_clients_chain_that_is_joined_is_not_given_to_the_server() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "client", "alice", "--out", "out"]).exits(0);
    sandbox.shell("mkdir alone; cp out/cert.pem out/privkey.pem alone/").exits(0);
    for (key, shown) in [
        (&["--key", "alone/privkey.pem"][..], "# then show fullchain-mended.pem with alone/privkey.pem"),
        (&[], "# then show fullchain-mended.pem in place of the client's certificate file"),
    ] {
        let asked = ["diagnose", "--purpose", "client", "--chain", "alone/cert.pem", "--json"];
        let report = sandbox.pki(asked.iter().chain(key)).exits(1).json();
        assert_eq!(report["cause"]["code"], "missing-intermediate", "{report:#}");
        let fix = report["cause"]["fix"].as_str().expect("a fix");
        assert!(fix.ends_with(shown) && !fix.contains("give the server"), "{fix}");
    }
}

/// Two CAs are between, and both lie beside the files: one fix joins all of it, and never into a file that it reads.
#[test]
fn all_that_is_missing_is_joined_at_once_into_a_file_of_its_own() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    let make = r"printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n' > ca.ext
printf 'subjectAltName=DNS:app.example.test\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid\n' > leaf.ext
new() { openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj /CN=$1 -keyout $1.key -out $1.csr; }
sign() { openssl x509 -req -in $1.csr -CA $2.crt -CAkey $2.key -extfile $3.ext -days 20 -out $1.crt; }
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj '/CN=Example Root' -addext keyUsage=critical,keyCertSign -keyout root.key -out root.crt
new upper; new lower; new app; sign upper root ca; sign lower upper ca; sign app lower leaf
mkdir server && mv app.crt app.key upper.crt lower.crt root.crt server/ && cd server && cp app.crt fullchain-mended.pem";
    sandbox.shell(make).exits(0);
    for chain in ["app.crt", "fullchain-mended.pem"] {
        let words =
            format!("cd server && pki diagnose --chain {chain} --key app.key --trust root.crt --name app.example.test");
        let report = sandbox.shell(&format!("{words} --json")).exits(1).json();
        let fix = report["cause"]["fix"].as_str().expect("a fix");
        let joined = format!("cat {chain} lower.crt upper.crt > fullchain-mended-");
        assert!(fix.starts_with(&joined), "{fix}");
        sandbox.shell(&format!("cd server\n{fix}")).exits(0).says("nothing to mend");
        sandbox.shell("cd server && cmp app.crt fullchain-mended.pem").exits(0);
    }
}

#[test]
fn what_a_revoked_certificate_needs_is_a_new_key() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "app.example.test"]).exits(0);
    sandbox.pki(["revoke", "app.example.test", "--reason", "keyCompromise"]).exits(0);
    sandbox.pki(["crl"]).exits(0);
    let files = ["--chain", "store/certs/app.example.test/fullchain.pem", "--crl", "store/ca/crl.pem"];
    let asked = ["diagnose", "--name", "app.example.test", "--json"];
    let report = sandbox.pki(asked.iter().chain(&files)).exits(1).json();
    assert_eq!(report["cause"]["code"], "revoked", "{report:#}");
    let fix = report["cause"]["fix"].as_str().expect("a fix");
    assert!(fix.contains("pki renew app.example.test --rekey"), "{fix}");
    sandbox.shell(fix).exits(0);
    sandbox.pki(asked.iter().chain(&files)).exits(0);
}

#[test]
fn a_clients_certificate_is_told_from_a_servers_and_so_are_its_words() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "client", "alice", "--out", "alice"]).exits(0);
    sandbox.pki(["issue", "client", "bob", "--out", "bob"]).exits(0);
    let chain = ["diagnose", "--json", "--chain", "alice/fullchain.pem", "--key"];
    let report = sandbox.pki(chain.iter().chain(&["alice/privkey.pem"])).exits(1).json();
    assert_eq!(report["cause"]["code"], "wrong-purpose", "{report:#}");
    let fix = report["cause"]["fix"].as_str().expect("a fix");
    assert!(fix.contains("--purpose client"), "{fix}");
    sandbox.shell(fix).exits(0);

    let report = sandbox.pki(chain.iter().chain(&["bob/privkey.pem", "--purpose", "client"])).exits(1).json();
    assert_eq!(report["cause"]["code"], "key-mismatch", "{report:#}");
    let clients = report["clients"].as_array().expect("an array").iter();
    let said = |name: &str| clients.clone().find(|it| it["client"] == name).map(|it| it["error"].to_string());
    assert!(said("go").is_some_and(|text| text.contains("private key does not match public key")), "{report:#}");
    assert!(!report["clients"].to_string().contains("local issuer"), "{report:#}");
}

/// A list of the issuing CA alone: curl and Node refuse, as they ask about every certificate of the path.
#[test]
fn a_ca_without_a_list_is_told_where_clients_refuse_for_it() {
    let Some(openssl) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "localhost", "--out", "out"]).exits(0);
    sandbox.pki(["crl"]).exits(0);
    for (ca, file) in [("issuing-2", "issuing.pem"), ("root-1", "root.pem")] {
        let list = format!("store/ca/crl/{ca}.crl");
        sandbox.run(&openssl, ["crl", "-inform", "der", "-in", &list, "-out", file]).exits(0);
    }
    let asked = ["diagnose", "--chain", "out/fullchain.pem", "--key", "out/privkey.pem", "--trust", "out/ca.pem"];
    let asked = asked.iter().chain(&["--name", "localhost", "--run-clients", "--json", "--crl", "issuing.pem"]);
    let alone = sandbox.pki(asked.clone()).exits(0).json();
    assert_eq!(
        (&alone["cause"]["code"], &alone["cause"]["severity"]),
        (&"crl-missing".into(), &"warning".into()),
        "{alone:#}"
    );
    let fix = alone["cause"]["fix"].as_str().expect("a fix");
    assert!(fix.starts_with("pki crl\n") && fix.contains("store/ca/crl.pem"), "{fix}");
    sandbox.shell(fix).exits(0);
    let both = sandbox.pki(asked.chain(&["--crl", "root.pem"])).exits(0).json();
    assert_eq!(both["cause"], Value::Null, "{both:#}");
    for report in [alone, both] {
        let clients = report["clients"].as_array().expect("an array").iter();
        for client in clients.filter(|client| client["ran"].is_object()) {
            assert_eq!(client["ran"]["verdict"], client["verdict"], "{client}");
        }
    }
}
