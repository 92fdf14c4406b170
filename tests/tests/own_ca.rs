//! A leaf that is at fault is issued again by the user's own CA, where its key is at hand: whoever trusts the root needs nothing
//! new. Only where the CA itself is at fault, another is made.

use std::process::Command;

use serde_json::Value;
use tests::Sandbox;
use tests::chains::{CATALOGUE, Case, GOOD, HOST, make};
use tests::peers::peer;

/// Codes and variants whose CAs are at fault themselves, all that have a key here.
const CA_AT_FAULT: &[(&str, &str)] = &[
    ("same-key-as-issuer", ""),
    ("same-key-as-issuer", "and its name"),
    ("root-named-like-host", ""),
    ("empty-issuer-name", "the root"),
    ("empty-issuer-name", "the root, without AKI"),
    ("expired", "root"),
    ("expired", "root, of a leaf straight below it"),
    ("expired", "all of them"),
    ("not-yet-valid", "root"),
    ("issuer-not-ca", "root"),
    ("basic-constraints-missing", "root"),
    ("basic-constraints-missing", "root without usage"),
    ("basic-constraints-not-critical", "root"),
    ("key-cert-sign-missing", "root"),
    ("key-cert-sign-missing", "no key usage"),
    ("version-1", "root"),
    ("version-1", "a root with extensions"),
    ("validity-encoding", "a root without seconds"),
    ("aki-mismatch", "the root names another than itself"),
    ("name-constraint-violated", "by the root"),
    ("name-constraint-violated", "of a URI by the root"),
    ("issuer-purpose", "root"),
    ("crl-sign-missing", "of a root that may sign certificates alone"),
    ("ski-missing", "root"),
    ("unknown-critical-extension", "root"),
    ("weak-key", "RSA 1024 of the root"),
    ("ec-explicit-parameters", "root"),
    ("key-type-support", "Ed25519 of the root"),
    ("key-type-support", "P-521 of the root"),
    ("key-type-support", "RSASSA-PSS of the root"),
];

#[test]
fn what_was_trusted_before_is_trusted_after_the_fix_wherever_the_root_is_sound() {
    let Some(_) = peer("openssl") else { return };
    let wrong: Vec<String> = CATALOGUE.iter().filter_map(|case| forsaken(case).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Where a fix issues anew and the root is sound, openssl accepts what comes of it by the trust that there was.
fn forsaken(case: &Case) -> Result<(), String> {
    let sandbox = Sandbox::new();
    case.bad.make(sandbox.path());
    let fix = fix_of(&asked(&sandbox, case), case.code);
    let about = |what: &str| format!("{} {}: {what}\n{fix}", case.code, case.variant);
    let at_fault = CA_AT_FAULT.contains(&(case.code, case.variant));
    if fix.contains("pki init-ca --name") {
        return if at_fault { Ok(()) } else { Err(about("another CA is made")) };
    }
    if at_fault {
        return Err(about("the CA at fault issues again"));
    }
    if !fix.contains("need nothing new") && !fix.contains("needs nothing new") {
        return Ok(());
    }
    sandbox.shell(&fix);
    // A name that no host may have is another in the fix.
    let named =
        fix.lines().filter_map(|line| line.split_once(" --name ")).map(|(_, name)| name.trim_matches('\'')).next_back();
    let mut judge = judge(&sandbox, case, named);
    let said = judge.output().expect("openssl can be started");
    if said.status.success() { Ok(()) } else { Err(about(&String::from_utf8_lossy(&said.stderr))) }
}

fn judge(sandbox: &Sandbox, case: &Case, named: Option<&str>) -> Command {
    let chain = "reissued/fullchain.pem";
    match case.bad.client {
        true => make::verify_client(sandbox.path(), chain, "trust.pem"),
        false => make::verify(sandbox.path(), chain, "trust.pem", named.unwrap_or(case.bad.host)),
    }
}

fn asked(sandbox: &Sandbox, case: &Case) -> Value {
    let mut words = vec!["diagnose", "--json", "--chain", "chain.pem", "--trust", "trust.pem", "--key", "server.key"];
    words.extend(if case.bad.client { ["--purpose", "client"] } else { ["--name", case.bad.host] });
    words.extend(case.bad.crl.iter().flat_map(|_| ["--crl", "crl.pem"]));
    sandbox.pki(words).json()
}

fn fix_of(report: &Value, code: &str) -> String {
    let findings = report["findings"].as_array().expect("a list of findings");
    let found = findings.iter().find(|it| it["code"] == code);
    found.and_then(|it| it["fix"].as_str()).unwrap_or_else(|| panic!("no fix of {code}: {report:#}")).to_owned()
}

fn variant(code: &str, variant: &str) -> &'static Case {
    CATALOGUE.iter().find(|case| case.code == code && case.variant == variant).expect("a row of this code")
}

fn case(code: &str) -> &'static Case {
    CATALOGUE.iter().find(|case| case.code == code).expect("a row of this code")
}

/// The store that is used anyway has a CA, and the user's is another.
#[test]
fn beside_a_store_of_another_ca_the_own_one_gets_a_store_of_its_own() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    let case = case("no-san");
    case.bad.make(sandbox.path());
    let fix = fix_of(&asked(&sandbox, case), case.code);
    assert!(fix.contains("pki --store own-ca init-ca --import issuing.pem issuing.key --chain "), "{fix}");
    sandbox.shell(&fix).exits(0).says("nothing to mend");
    assert!(judge(&sandbox, case, None).output().expect("openssl can be started").status.success());
}

/// Asked again, with or without what was issued: the CA is taken over once, as a second store would count its lists anew.
#[test]
fn a_store_that_has_taken_the_ca_over_is_used_again() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    let case = case("no-san");
    case.bad.make(sandbox.path());
    sandbox.shell(&fix_of(&asked(&sandbox, case), case.code)).exits(0);
    let again = fix_of(&asked(&sandbox, case), case.code);
    assert!(again.contains("pki --store own-ca renew ") && !again.contains("--import"), "{again}");
    sandbox.shell(&again).exits(0).says("nothing to mend");
    let words =
        ["diagnose", "--json", "--chain", "chain.pem", "--trust", "trust.pem", "--name", "another.example.test"];
    let other = fix_of(&sandbox.pki(words).json(), case.code);
    assert!(other.contains("pki --store own-ca issue server another.") && !other.contains("--import"), "{other}");
    sandbox.shell(&other).exits(0).says("nothing to mend");
}

/// A key that others can read is closed first, as the store takes no other.
#[test]
fn a_ca_key_that_others_can_read_is_closed_first() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    let case = case("no-san");
    case.bad.make(sandbox.path());
    sandbox.shell("chmod 644 issuing.key").exits(0);
    let fix = fix_of(&asked(&sandbox, case), case.code);
    assert!(fix.contains("chmod 600 issuing.key\npki init-ca --import "), "{fix}");
    sandbox.shell(&fix).exits(0).says("nothing to mend");
}

/// An encrypted key: what would keep the CA is said, and with the passphrase the fix goes through without a question.
#[test]
fn an_encrypted_ca_key_is_opened_by_the_passphrase_that_was_given() {
    let Some(_) = peer("openssl") else { return };
    let case = case("no-san");
    for ask in ["--chain chain.pem --key server.key --trust trust.pem", "."] {
        let sandbox = Sandbox::new();
        case.bad.make(sandbox.path());
        let lock = "echo secret-words > p.txt; chmod 600 p.txt\nfor ca in issuing root; do openssl pkcs8 -topk8 -in $ca.key -passout file:p.txt -out locked && mv locked $ca.key; done; chmod 600 *.key";
        sandbox.shell(lock).exits(0);
        let asked =
            |more: &str| sandbox.shell(&format!("pki diagnose {ask} --name {HOST} {more} --json")).exits(1).json();
        let fix = fix_of(&asked(""), case.code);
        assert!(fix.contains("is encrypted: if it is the key of a CA of yours"), "{fix}");
        let fix = fix_of(&asked("--passphrase-file p.txt"), case.code);
        assert!(fix.contains("init-ca --import ") && !fix.contains("is encrypted"), "{fix}");
        sandbox.shell(&fix).exits(0).says("nothing to mend");
    }
}

/// `openssl req -x509` without an extension for the key's usage makes a root that strict clients refuse: what it issues, they refuse too.
#[test]
fn a_store_whose_ca_is_at_fault_does_not_issue_again() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    let make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj '/O=Example/CN=Plain Root' -days 90 -keyout ca.key -out ca.crt
pki init-ca --import ca.crt ca.key && pki issue server app.example.test --out out";
    sandbox.shell(make).exits(0);
    let words = ["diagnose", "--json", "--chain", "out/fullchain.pem", "--trust", "ca.crt", "--name", HOST];
    let fix = fix_of(&sandbox.pki(words).json(), "key-cert-sign-missing");
    assert!(fix.contains("pki --store own-ca init-ca --name") && !fix.contains("pki renew"), "{fix}");
    sandbox.shell(&fix).exits(0).says("nothing to mend");
}

/// What the CA has revoked stays revoked.
#[test]
fn the_list_that_was_given_is_gone_on_from() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    let case = case("revoked");
    case.bad.make(sandbox.path());
    let fix = fix_of(&asked(&sandbox, case), case.code);
    assert!(fix.contains("init-ca --import") && fix.contains(" --crl crl.pem"), "{fix}");
    sandbox.shell(&fix).exits(0).says("nothing to mend");
}

/// A folder and `pki verify chain` find the CA as well as `pki diagnose` does.
#[test]
fn every_way_to_ask_finds_the_ca_beside_the_files() {
    let Some(_) = peer("openssl") else { return };
    let case = case("no-san");
    for words in [
        &["diagnose", ".", "--name", HOST][..],
        &["verify", "chain", "chain.pem", "--trust", "trust.pem", "--dns", HOST],
        &["verify", "chain", "server/chain.pem", "--trust", "trust.pem", "--dns", HOST],
    ] {
        let sandbox = Sandbox::new();
        case.bad.make(sandbox.path());
        sandbox.shell("mkdir server; cp chain.pem server/").exits(0);
        let report = sandbox.pki(words.iter().chain(&["--json"]).copied()).exits(1).json();
        assert_eq!(report["cause"]["code"], case.code, "{report:#}");
        let fix = report["cause"]["fix"].as_str().expect("a fix");
        assert!(fix.contains("init-ca --import"), "{fix}");
        sandbox.shell(fix).exits(0).says("nothing to mend");
        assert!(judge(&sandbox, case, None).output().expect("openssl can be started").status.success(), "{fix}");
    }
}

/// A root in the system's manner, with its key in a folder of its own, is found by the CA file that is named.
#[test]
fn the_key_beside_the_ca_file_is_found_for_a_live_endpoint() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    let case = case("no-san");
    case.bad.make(sandbox.path());
    sandbox.shell("mkdir ca; mv root.pem root.key issuing.pem issuing.key trust.pem ca/").exits(0);
    let files = "-cert chain.pem -cert_chain chain.pem -key server.key";
    let server = sandbox.start("sh", ["-c", &format!("exec openssl s_server -accept 127.0.0.1:0 {files}")]);
    let port = server.line("ACCEPT ").rsplit(':').next().expect("a port").to_owned();
    let endpoint = format!("127.0.0.1:{port}");
    let words = ["diagnose", &endpoint, "--trust", "ca/trust.pem", "--name", HOST, "--json"];
    let report = sandbox.pki(words).exits(1).json();
    let fix = fix_of(&report, case.code);
    assert!(fix.contains("init-ca --import ca/issuing.pem ca/issuing.key --chain ca/"), "{fix}");
    sandbox.shell(&fix).exits(0).says("nothing to mend");
}

/// A live server wants a client's certificate of a CA whose key lies beside the CA file.
#[test]
fn a_client_certificate_for_a_live_endpoint_comes_from_the_ca_beside_the_ca_file() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    GOOD.make(sandbox.path());
    let files =
        "-cert chain.pem -cert_chain chain.pem -key server.key -Verify 3 -CAfile trust.pem -verify_return_error";
    let server = sandbox.start("sh", ["-c", &format!("exec openssl s_server -accept 127.0.0.1:0 {files}")]);
    let port = server.line("ACCEPT ").rsplit(':').next().expect("a port").to_owned();
    let endpoint = format!("127.0.0.1:{port}");
    let words = ["diagnose", &endpoint, "--trust", "trust.pem", "--name", HOST, "--json"];
    let fix = fix_of(&sandbox.pki(words).exits(1).json(), "client-certificate-missing");
    assert!(fix.contains("\npki init-ca --import ") && fix.contains("\npki issue client "), "{fix}");
    sandbox.shell(&fix).exits(0).says("nothing to mend");
}

/// What a live server does not send lies beside the CA file; what it sends is in a file that is there, or is written into one.
#[test]
fn the_intermediate_beside_the_ca_file_is_joined_for_a_live_endpoint() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    let case = case("missing-intermediate");
    case.bad.make(sandbox.path());
    sandbox
        .shell("mkdir ca; mv root.pem issuing.pem trust.pem ca/; rm issuing.key root.key; cp leaf.pem chain.pem")
        .exits(0);
    let files = "-cert chain.pem -key server.key";
    let server = sandbox.start("sh", ["-c", &format!("exec openssl s_server -accept 127.0.0.1:0 {files}")]);
    let port = server.line("ACCEPT ").rsplit(':').next().expect("a port").to_owned();
    let endpoint = format!("127.0.0.1:{port}");
    let words = ["diagnose", &endpoint, "--trust", "ca/trust.pem", "--name", HOST, "--json"];
    for (before, joins) in [
        ("rm leaf.pem", "cat chain.pem ca/issuing.pem > "),
        ("rm chain.pem fullchain-mended.pem", "\ncat mended/fullchain.pem ca/issuing.pem > "),
        ("rm -r mended fullchain-mended.pem; cat ca/root.pem >> ca/issuing.pem", "--repair mended/joined "),
    ] {
        sandbox.shell(before).exits(0);
        let fix = fix_of(&sandbox.pki(words).exits(1).json(), case.code);
        assert!(fix.contains(joins) && !fix.contains("pki issue") && !fix.contains("cert.pem"), "{fix}");
        sandbox.shell(&fix).exits(0).says("nothing to mend");
    }
}

/// The CA file that was meant lies beside the one that was typed, of a live server as well; nothing is issued.
#[test]
fn the_ca_file_that_was_meant_is_found_for_a_live_endpoint() {
    let Some(_) = peer("openssl") else { return };
    for sent in ["chain.pem", "leaf.pem"] {
        let sandbox = Sandbox::new();
        GOOD.make(sandbox.path());
        sandbox.shell("rm trust.pem; : > empty.pem").exits(0);
        let files = format!("-cert leaf.pem -cert_chain {sent} -key server.key");
        let server = sandbox.start("sh", ["-c", &format!("exec openssl s_server -accept 127.0.0.1:0 {files}")]);
        let port = server.line("ACCEPT ").rsplit(':').next().expect("a port").to_owned();
        let endpoint = format!("127.0.0.1:{port}");
        for (typed, code) in
            [("none.pem", "file-missing"), ("root.key", "file-is-private-key"), ("empty.pem", "file-empty")]
        {
            let words = ["diagnose", &endpoint, "--trust", typed, "--name", HOST, "--json"];
            let fix = fix_of(&sandbox.pki(words).exits(1).json(), code);
            let expected =
                format!("# what was meant lies in root.pem:\npki diagnose {endpoint} --trust root.pem --name {HOST}");
            assert_eq!(fix, expected);
            sandbox.shell(&fix).exits(i32::from(sent == "leaf.pem"));
        }
    }
}

/// `openssl req -x509` says CA:TRUE of what a server is given: that is no CA of the user's.
#[test]
fn a_certificate_that_signed_itself_is_no_ca_to_issue_from() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    sandbox
        .shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj /CN=app.example.test -keyout own.key -out own.pem")
        .exits(0);
    let words = ["diagnose", "--chain", "own.pem", "--name", HOST, "--json"];
    let fix = fix_of(&sandbox.pki(words).exits(1).json(), "self-signed-leaf");
    assert!(fix.contains("pki init-ca --name"), "{fix}");
}

/// A name that reads like a slip is not carried on, and said so; hosts that are told apart by a number are.
#[test]
fn a_slip_in_a_name_is_not_carried_on() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    GOOD.make(sandbox.path());
    for (asked, kept) in [("app.exmaple.test", false), ("app2.example.test", true)] {
        let words = ["diagnose", "--chain", "chain.pem", "--trust", "trust.pem", "--name", asked, "--json"];
        let fix = fix_of(&sandbox.pki(words).exits(1).json(), "name-mismatch");
        let issue = fix.lines().find(|line| line.contains(" issue server ")).expect("it is issued anew");
        assert_eq!(issue.contains(HOST), kept, "{fix}");
        assert_eq!(fix.contains("is left out, as a slip of"), !kept, "{fix}");
        sandbox.shell(&fix).exits(0).says("nothing to mend");
        sandbox.shell("rm -r reissued; rm -rf \"$PKI_STORE\"; rm -rf own-ca").exits(0);
    }
}

/// Hosts of a name with one letter more are no slips where another fault is mended, and what is renewed keeps all its names.
#[test]
fn every_name_is_kept_that_is_not_asked_about() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    let make = "openssl req -x509 -newkey rsa:1024 -noenc -subj /CN=nodea.example.test -addext subjectAltName=DNS:nodea.example.test,DNS:nodeb.example.test -keyout w.key -out w.pem";
    sandbox.shell(make).exits(0);
    let of_name =
        |chain: &str, name: &str| sandbox.pki(["diagnose", "--json", "--chain", chain, "--name", name]).exits(1).json();
    let report = of_name("w.pem", "nodea.example.test");
    let fix = report["cause"]["fix"].as_str().expect("a fix");
    assert!(fix.contains("issue server nodea.example.test nodeb.example.test ") && !fix.contains("left out"), "{fix}");
    sandbox.pki(["issue", "server", "nodec.example.test", "noded.example.test"]).exits(0);
    sandbox.shell("cp \"$PKI_STORE/certs/nodec.example.test/fullchain.pem\" c.pem").exits(0);
    let report = of_name("c.pem", "nodee.example.test");
    let fix = report["cause"]["fix"].as_str().expect("a fix");
    assert!(fix.contains("nodec.example.test is left out, as a slip of nodee.example.test"), "{fix}");
    sandbox.pki(["revoke", "nodec.example.test"]).exits(0);
    let report = of_name("c.pem", "nodec.example.test");
    let fix = report["cause"]["fix"].as_str().expect("a fix");
    assert!(fix.contains("pki renew nodec.example.test") && !fix.contains("left out"), "{fix}");
}

/// What was typed to say how to judge is typed again.
#[test]
fn a_fix_keeps_the_rules_that_were_typed() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    GOOD.make(sandbox.path());
    sandbox.shell("cat issuing.pem leaf.pem > swapped.pem; cp issuing.pem more.pem").exits(0);
    let rules = ["--untrusted", "more.pem", "--max-depth", "3", "--profile", "rfc5280"];
    let words = ["diagnose", "--chain", "swapped.pem", "--trust", "trust.pem", "--name", HOST, "--json"];
    let report = sandbox.pki(words.iter().chain(&rules)).exits(1).json();
    let fix = fix_of(&report, "chain-order");
    let again = fix.lines().rfind(|line| line.starts_with("pki diagnose")).expect("a last look");
    for pair in rules.chunks(2) {
        assert!(again.contains(&pair.join(" ")), "{fix}");
    }
    sandbox.shell(&fix).exits(0).says("nothing to mend");
}

/// A mended copy lies in a folder of its own: the CA beside the first one issues all the same.
#[test]
fn a_mended_copy_is_issued_again_by_the_ca_beside_the_first_one() {
    let Some(_) = peer("openssl") else { return };
    let case = case("no-san");
    for (indented, trust) in [("chain.pem", "trust.pem"), ("chain.pem trust.pem", "mended/ca.pem")] {
        let again = format!("pki diagnose --chain mended/fullchain.pem --key server.key --trust {trust} --name {HOST}");
        let sandbox = Sandbox::new();
        case.bad.make(sandbox.path());
        let indent = "for f in FILES; do sed 's/^/  /' $f > indented && mv indented $f; done";
        sandbox.shell(&indent.replace("FILES", indented)).exits(0);
        let fix = fix_of(&asked(&sandbox, case), "file-indented");
        assert!(fix.contains("init-ca --import issuing.pem issuing.key") && !fix.contains("init-ca --name"), "{fix}");
        let copies = sandbox.shell(&format!(
            "pki diagnose --chain chain.pem --key server.key --trust trust.pem --repair mended; {again}"
        ));
        copies.exits(1).says("init-ca --import issuing.pem issuing.key");
        sandbox.shell("rm -r mended").exits(0);
        sandbox.shell(&fix).exits(0).says("nothing to mend");
    }
}

/// What is wrong with the chain that a fix makes is told with the fix, and one fix mends both.
#[test]
fn what_is_refused_once_the_chain_is_joined_is_told_at_once() {
    let Some(_) = peer("openssl") else { return };
    let case = variant("missing-intermediate", "and a name that the missing CA may not issue for");
    let sandbox = Sandbox::new();
    case.bad.make(sandbox.path());
    let report = asked(&sandbox, case);
    let after =
        report["findings"].as_array().expect("a list").iter().find(|it| it["code"] == "name-constraint-violated");
    let after = after.unwrap_or_else(|| panic!("the second cause: {report:#}"));
    assert_eq!(after["evidence"]["once_mended"], case.code, "{report:#}");
    assert_eq!(after["certificate"], Value::Null, "it is of no chain that there is");
    let fix = report["cause"]["fix"].as_str().expect("a fix");
    assert!(fix.starts_with("# once joined, it is refused still: name-constraint-violated: "), "{fix}");
    sandbox.shell(fix).exits(0).says("nothing to mend");
    let said = judge(&sandbox, case, None).output().expect("openssl can be started");
    assert!(said.status.success(), "{fix}");
}

/// Without a second fault there is nothing to foretell.
#[test]
fn a_chain_that_is_whole_once_it_is_joined_has_no_second_cause() {
    let Some(_) = peer("openssl") else { return };
    let case = variant("missing-intermediate", "");
    let sandbox = Sandbox::new();
    case.bad.make(sandbox.path());
    let report = asked(&sandbox, case);
    assert!(!report.to_string().contains("once joined"), "{report:#}");
    sandbox.shell(report["cause"]["fix"].as_str().expect("a fix")).exits(0).says("nothing to mend");
}

/// Every flag that was typed is in the commands of the fix.
#[test]
fn a_fix_of_verify_asks_for_everything_that_was_asked() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "client", "alice", "--email", "alice@example.test", "--out", "alice"]).exits(0);
    let asked = "pki verify chain alice/fullchain.pem --purpose any --email bob@example.test --max-depth 3 --json";
    let fix = fix_of(&sandbox.shell(asked).exits(1).json(), "name-mismatch");
    assert!(fix.contains("pki renew alice --add bob@example.test\n"), "{fix}");
    assert!(fix.contains("--purpose client --name bob@example.test --max-depth 3"), "{fix}");
    sandbox.shell(&fix).exits(0).says("nothing to mend");

    sandbox.pki(["issue", "server", HOST, "www.example.test", "--out", "server"]).exits(0);
    sandbox.shell("cat server/chain.pem server/cert.pem > swapped.pem").exits(0);
    let rules = "--purpose any --max-depth 3 --profile rfc5280";
    let asked = format!("pki verify chain swapped.pem --dns {HOST} --dns www.example.test {rules} --json");
    let fix = fix_of(&sandbox.shell(&asked).exits(1).json(), "chain-order");
    let again = fix.lines().rfind(|line| line.starts_with("pki diagnose")).expect("a last look");
    for flag in ["--purpose any", "--max-depth 3", "--profile rfc5280", "--name www.example.test", HOST] {
        assert!(again.contains(flag), "{fix}");
    }
    sandbox.shell(&fix).exits(0).says("nothing to mend");
}

/// Files that this user may not read may be those of his CA: that is said before another one is made.
#[test]
fn files_that_may_not_be_read_are_named_before_another_ca_is_made() {
    let (Some(_), Some(setpriv)) = (peer("openssl"), peer("setpriv")) else { return };
    let sandbox = Sandbox::new();
    let case = case("no-san");
    case.bad.make(sandbox.path());
    // Only the system's administrator can give files away, and reads those of others.
    let close = "cp \"$(command -v pki)\" pki; chmod 755 . pki; rm issuing.pem issuing.key; chmod 600 trust.pem root.pem; id -u";
    if sandbox.shell(close).exits(0).stdout.trim() != "0" {
        return;
    }
    let other = ["--reuid=65534", "--regid=65534", "--clear-groups", "./pki", "diagnose", "--json"];
    let ask = ["--chain", "chain.pem", "--trust", "trust.pem", "--name", HOST];
    let report = sandbox.run(setpriv, other.iter().chain(&ask).copied()).exits(1).json();
    assert_eq!(report["cause"]["code"], "file-unreadable", "{report:#}");
    let opened =
        "sudo chown \"$(id -un)\" trust.pem && chmod u+r trust.pem\npki diagnose --chain chain.pem --trust trust.pem";
    assert!(fix_of(&report, "file-unreadable").starts_with(opened), "{report:#}");
    assert_eq!(fix_of(&report, "root-not-trusted"), fix_of(&report, "file-unreadable"));
    let anew = fix_of(&report, "no-san");
    assert!(anew.starts_with("# ") && anew.contains("root.key root.pem") && anew.contains("may not be read"), "{anew}");
}
