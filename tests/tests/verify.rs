//! `pki verify chain`: its verdicts beside those of openssl, its questions, its JSON.

use serde_json::Value;
use tests::Sandbox;
use tests::chains::{CATALOGUE, Case, GOOD, HOST};
use tests::peers::peer;

/// Where openssl's verdict is another than ours, and why.
const DIFFERENT: &[(&str, &str)] = &[
    ("no-san", "openssl takes the common name for a host name; every current browser and rustls wants a SAN"),
    ("name-mismatch", "the same, where the SAN has no DNS name"),
    ("san-malformed", "the same"),
    ("version-1", "the same: a leaf of version 1 can have no SAN"),
    ("wildcard-malformed", "openssl reads a wildcard at either end of a label"),
    ("wildcard-too-broad", "openssl wants two labels behind a wildcard, which no standard asks for"),
    ("host-trailing-dot", "openssl compares the dot, others drop it"),
    ("host-underscore", "openssl's wildcards stand for letters, digits and hyphens"),
    ("key-mismatch", "a path has no private key; `pki diagnose` is given one"),
    ("key-type-mismatch", "the same"),
    ("key-is-ca-key", "the same"),
    ("chain-order", "openssl takes the first certificate of a file for the leaf"),
    ("leaf-as-trust-anchor", "openssl takes a certificate that names itself as issuer for a root"),
    ("intermediate-as-trust-anchor", "openssl wants a self-signed root unless -partial_chain is given"),
    ("root-regenerated", "openssl takes the first root of that name in a CA file"),
    ("intermediate-regenerated", "openssl takes the first of two CAs of one name, whichever signed"),
    ("aki-mismatch", "openssl takes a root that names another than itself for no root"),
    ("basic-constraints-missing", "openssl looks into a trust anchor, which is a name and a key by RFC 5280"),
    ("issuer-purpose", "openssl does not take anyExtendedKeyUsage for the purpose"),
    ("wrong-purpose", "the same"),
    ("policy-violated", "openssl looks at policies with -policy_check alone"),
    ("digital-signature-missing", "openssl takes any of three usages for a server's"),
    ("weak-key", "`openssl verify` applies no security level; TLS clients do"),
    ("weak-signature", "the same"),
    ("key-type-support", "`openssl verify` has no handshake to make, and checks signatures that are not checked here"),
    ("extension-criticality", "openssl knows no critical key identifier, and refuses what it does not know"),
    (
        "extension-malformed",
        "openssl takes an empty SAN for none, and the common name for a host name, and a constraint of nothing for none; it does not read where to fetch what is missing",
    ),
    ("unknown-critical-extension", "openssl heeds Netscape's certificate type, which RFC 5280 does not know"),
    ("certificate-corrupt", "openssl reads a certificate of whatever version"),
];

#[test]
fn verdicts_are_openssls_but_where_the_reason_is_known() {
    let Some(_) = peer("openssl") else { return };
    let wrong: Vec<String> =
        CATALOGUE.iter().flat_map(|case| [judge(case, true), judge(case, false)]).flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with our verdict on the good or the bad scene of a row.
fn judge(case: &Case, bad: bool) -> Option<String> {
    let scene = if bad { &case.bad } else { &case.good };
    let sandbox = Sandbox::new();
    scene.make(sandbox.path());
    let output = scene.verify_command(sandbox.path()).output().expect("openssl can be started");
    let asked = if scene.host.parse::<std::net::IpAddr>().is_ok() { "--ip" } else { "--dns" };
    let mut arguments = vec!["verify", "chain", "chain.pem", "--trust", "trust.pem", "--no-compare"];
    arguments.extend(if scene.client {
        vec!["--purpose", "client"]
    } else {
        vec!["--purpose", "server", asked, scene.host]
    });
    arguments.extend(scene.crl.iter().flat_map(|_| ["--crl", "crl.pem"]));
    let outcome = sandbox.pki(arguments);
    let same = outcome.succeeded() == output.status.success();
    let known = bad && DIFFERENT.iter().any(|it| it.0 == case.code);
    (!same && !known).then(|| format!("{} {} bad={bad}: openssl {}\n{outcome}", case.code, case.variant, output.status))
}

#[test]
fn a_good_chain_is_valid_and_says_so() {
    let Some(sandbox) = made() else { return };
    let report =
        sandbox.pki(["verify", "chain", "chain.pem", "--trust", "trust.pem", "--dns", HOST, "--json"]).exits(0).json();
    assert_eq!(report["verdict"], "valid", "{report:#}");
    assert_eq!(report["cause"], Value::Null, "{report:#}");
    let roles: Vec<&str> =
        report["chain"].as_array().expect("a chain").iter().filter_map(|it| it["role"].as_str()).collect();
    assert_eq!(roles, ["leaf", "intermediate", "root"]);
    let rustls =
        report["clients"].as_array().expect("clients").iter().find(|it| it["client"] == "rustls").expect("rustls");
    assert_eq!(rustls["verdict"], "accepts", "{report:#}");
}

#[test]
fn trust_is_the_stores_root_where_none_is_given() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", HOST]).exits(0);
    sandbox.pki(["verify", "chain", "store/certs/app.example.test/fullchain.pem", "--dns", HOST]).exits(0);
    let elsewhere = Sandbox::new();
    elsewhere.pki(["init-ca", "--name", "Elsewhere CA"]).exits(0);
    let file = sandbox.issued(HOST, "fullchain.pem").display().to_string();
    elsewhere.pki(["verify", "chain", &file, "--dns", HOST]).exits(1).says("root-not-trusted");
}

#[test]
fn names_purposes_and_times_are_asked_for() {
    let Some(sandbox) = made() else { return };
    let ask = |more: &[&str]| {
        let start = ["verify", "chain", "leaf.pem", "--untrusted", "issuing.pem", "--trust", "root.pem"];
        sandbox.pki(start.iter().chain(more))
    };
    ask(&["--dns", HOST, "--purpose", "server"]).exits(0);
    ask(&["--dns", "other.example.test"]).exits(1).says("name-mismatch");
    ask(&["--ip", "192.0.2.7"]).exits(1).says("ip-not-covered");
    ask(&["--purpose", "client"]).exits(1).says("wrong-purpose");
    ask(&["--at", "2099-01-01T00:00:00Z"]).exits(1).says("expired");
    ask(&["--at", "2001-01-01T00:00:00Z"]).exits(1).says("not-yet-valid");
    ask(&["--max-depth", "1"]).exits(0);
    ask(&["--max-depth", "0"]).exits(1).says("verify-depth-exceeded").says("ssl_verify_depth 1");
    ask(&["--at", "yesterday"]).exits(2).says("RFC3339").says("T12:00:00Z");
}

#[test]
fn several_files_give_a_json_line_each() {
    let Some(sandbox) = made() else { return };
    let start = ["verify", "chain", "chain.pem", "leaf.pem", "--trust", "root.pem", "--json"];
    let outcome = sandbox.pki(start).exits(1);
    let lines: Vec<Value> = outcome.stdout.lines().map(|it| serde_json::from_str(it).expect("JSON Lines")).collect();
    let verdicts: Vec<_> = lines.iter().map(|it| (it["file"].clone(), it["verdict"].clone())).collect();
    assert_eq!(verdicts, [("chain.pem".into(), "valid".into()), ("leaf.pem".into(), "invalid".into())]);
}

#[test]
fn files_that_can_not_be_read_are_told_apart_from_bad_chains() {
    let Some(sandbox) = made() else { return };
    sandbox.pki(["verify", "chain", "nowhere.pem", "--trust", "root.pem"]).exits(3).says("nowhere.pem");
    sandbox.pki(["verify", "chain", "chain.pem", "--trust", "nowhere.pem"]).exits(3).says("nowhere.pem");
    sandbox.pki(["verify", "chain"]).exits(2);
}

fn made() -> Option<Sandbox> {
    peer("openssl")?;
    let sandbox = Sandbox::new();
    GOOD.make(sandbox.path());
    Some(sandbox)
}

/// Whatever it is for, a client's certificate is judged and made anew as a client's.
#[test]
fn a_certificate_for_any_purpose_is_held_to_its_own() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    let verify = ["verify", "chain", "store/certs/alice/fullchain.pem", "--purpose", "any", "--json"];
    let now = sandbox.pki(verify).exits(0).json();
    assert_eq!((&now["rustls"]["accepts"], &now["rustls"]["agrees"]), (&true.into(), &true.into()), "{now:#}");
    let later = sandbox.pki(verify.iter().chain(&["--at", "2096-01-01T00:00:00Z"])).exits(1).json();
    let fix = later["cause"]["fix"].as_str().expect("a fix");
    assert!(!fix.contains("issue server") && fix.contains("alice"), "{later:#}");
}

#[test]
fn who_leaves_out_the_word_chain_is_told_the_whole_command() {
    let sandbox = Sandbox::new();
    let typed = sandbox.pki(["verify", "leaf.pem", "--dns", "chat.example.test"]).exits(2);
    typed.says("pki verify chain leaf.pem --dns chat.example.test");
    sandbox.pki(["verify"]).exits(2).says("Usage: pki verify");
}

/// What the store has revoked is not valid by its own root, whether a list says so yet or not.
#[test]
fn what_the_store_has_revoked_is_invalid_at_once() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    sandbox.pki(["issue", "client", "bob"]).exits(0);
    let chain = |name: &str| format!("store/certs/{name}/fullchain.pem");
    let (alice, bob) = (chain("alice"), chain("bob"));
    let words = |name| ["verify", "chain", name, "--purpose", "client", "--json"];
    sandbox.pki(words(&alice)).exits(0);
    sandbox.pki(["revoke", "alice", "--reason", "superseded"]).exits(0);
    let before = sandbox.pki(words(&alice)).exits(1).json();
    assert_eq!(before["cause"]["code"], "revoked", "{before:#}");
    let refusing = |report: &Value| {
        let clients = report["clients"].as_array().expect("a list of clients").iter();
        clients.filter(|client| client["verdict"] == "rejects").count()
    };
    let unheard = before["cause"]["message"].as_str().is_some_and(|it| it.contains("no list of its CA says so yet"));
    assert!(unheard && refusing(&before) == 0, "{before:#}");
    sandbox.pki(["crl"]).exits(0);
    let after = sandbox.pki(words(&alice)).exits(1).json();
    assert_eq!(after["cause"]["evidence"]["listed"], "yes", "{after:#}");
    assert!(refusing(&after) > 0, "{after:#}");
    // The others stay as they were, among several as well, and in a folder.
    let several = sandbox.pki(["verify", "chain", &alice, &bob, "--purpose", "client"]).exits(1);
    several.says("alice/fullchain.pem: invalid: revoked").says("bob/fullchain.pem: valid");
    let folder = sandbox.pki(["diagnose", "store/certs/alice", "--json"]).exits(1).json();
    assert_eq!(folder["cause"]["code"], "revoked", "{folder:#}");
    let fix = after["cause"]["fix"].as_str().expect("a fix");
    assert!(fix.contains("pki renew alice --rekey"), "{fix}");
    sandbox.shell(fix).exits(0).says("nothing to mend");
    sandbox.pki(words(&alice)).exits(0);
}

/// A list that is missing or out of date says nothing against those that are not on it.
#[test]
fn a_missing_or_old_list_of_the_store_makes_nothing_invalid() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", HOST]).exits(0);
    sandbox.pki(["issue", "server", "other.example.test"]).exits(0);
    let chain = format!("store/certs/{HOST}/fullchain.pem");
    let asked = ["verify", "chain", &chain, "--dns", HOST, "--json"];
    sandbox.pki(["crl", "--days", "1"]).exits(0);
    let next_month = time::OffsetDateTime::now_utc() + time::Duration::days(30);
    let at = next_month.format(&time::format_description::well_known::Rfc3339).expect("it can be written");
    let later = sandbox.pki(asked.iter().chain(&["--at", &at])).exits(0).json();
    assert_eq!(later["cause"], Value::Null, "{later:#}");
    sandbox.shell("rm -r store/ca/crl store/ca/crl.pem").exits(0);
    assert_eq!(sandbox.pki(asked).exits(0).json()["cause"], Value::Null);
}

/// Where the index cannot be read, the list that was made tells; a hold that was lifted is none.
#[test]
fn the_list_tells_where_the_index_does_not() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    let asked = ["verify", "chain", "store/certs/alice/fullchain.pem", "--purpose", "client", "--json"];
    sandbox.pki(["revoke", "alice", "--reason", "certificateHold"]).exits(0);
    sandbox.pki(["crl"]).exits(0);
    let whole = sandbox.shell("cp store/index.sqlite index.kept; cat index.kept | wc -c");
    whole.exits(0);
    sandbox.write("store/index.sqlite", "this is no database");
    let report = sandbox.pki(asked).exits(1).json();
    assert_eq!(report["cause"]["code"], "revoked", "{report:#}");
    assert!(report["cause"]["evidence"]["said_by"].as_str().is_some_and(|by| by.contains("list")), "{report:#}");
    sandbox.shell("cat index.kept > store/index.sqlite").exits(0);
    sandbox.pki(["revoke", "alice", "--reason", "removeFromCRL"]).exits(0);
    sandbox.pki(asked).exits(0);
}
