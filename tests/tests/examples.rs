//! Every code of the findings has an example that is made and seen: most in the catalogue of chains, each with a chain that
//! hasn't it, the others in the tests of their subjects. Those that have no subject of their own are here.

use std::path::Path;

use ca_store::explain::{Evidence, Question, diagnose};
use ca_store::finding::{Code, FileError, Role};
use serde_json::Value;
use tests::Sandbox;
use tests::chains::{CATALOGUE, GOOD, HOST};
use tests::peers::peer;
use tests::programs::workspace;
use tests::sources::files;

/// Where examples are made, beside the catalogue: files and live servers from outside, hostile chains, lists and peers from inside.
const EXAMPLES: [&str; 7] = [
    "tests/tests/examples.rs",
    "tests/tests/files.rs",
    "tests/tests/endpoint",
    "tests/tests/diagnose.rs",
    "tests/tests/verify.rs",
    "ca-store/src/explain/tests",
    "ca-store/src/handshake/survey/tests.rs",
];

#[test]
fn every_code_has_an_example() {
    let texts: Vec<String> = EXAMPLES
        .iter()
        .flat_map(|place| {
            let found = files(&workspace().join(place));
            assert!(!found.is_empty(), "{place} is not there");
            found
        })
        .map(|path| std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display())))
        .collect();
    // As scripts spell it in a test from outside, and as a variant in one from inside.
    let named = |code: Code| {
        let (spelt, variant) = (format!("\"{code}\""), format!("Code::{code:?}"));
        let is_whole = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric());
        texts.iter().any(|text| text.contains(&spelt) || text.split(&variant).skip(1).any(is_whole))
    };
    let in_catalogue = |code: Code| CATALOGUE.iter().any(|case| case.code == code.as_str());
    let without: Vec<&str> =
        Code::ALL.iter().filter(|code| !in_catalogue(**code) && !named(**code)).map(|code| code.as_str()).collect();
    assert!(without.is_empty(), "codes without an example: {without:?}");
}

/// The good chain, made.
fn good() -> Sandbox {
    let sandbox = Sandbox::new();
    GOOD.make(sandbox.path());
    sandbox
}

/// The report of the chain with these further words.
fn report(sandbox: &Sandbox, words: &[&str]) -> Value {
    let asked = ["diagnose", "--json", "--chain", "chain.pem", "--trust", "trust.pem", "--name", HOST];
    sandbox.pki(asked.iter().chain(words)).json()
}

fn severity<'a>(report: &'a Value, code: &str) -> Option<&'a str> {
    let findings = report["findings"].as_array().expect("an array");
    findings.iter().find(|finding| finding["code"] == code).and_then(|finding| finding["severity"].as_str())
}

#[test]
fn line_ends_and_text_around_are_noted_and_harm_nothing() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = good();
    let whole = std::fs::read_to_string(sandbox.file("chain.pem")).expect("the scene was made");
    for (code, text) in
        [("file-crlf", whole.replace('\n', "\r\n")), ("file-has-text", format!("The chain of the server\n{whole}"))]
    {
        sandbox.write("chain.pem", text);
        let report = report(&sandbox, &[]);
        assert_eq!((report["verdict"].as_str(), severity(&report, code)), (Some("valid"), Some("note")), "{report:#}");
    }
    sandbox.write("chain.pem", whole);
    assert_eq!(report(&sandbox, &[])["findings"], serde_json::json!([]));
}

/// A list whose entries do not read cannot say that a certificate is not among them.
#[test]
fn a_list_that_breaks_its_definition_is_told() {
    let (Some(_), Some(_)) = (peer("openssl"), peer("python3")) else { return };
    let sandbox = good();
    std::fs::create_dir_all(sandbox.file("issued-by-serial")).expect("the sandbox can be written");
    sandbox.shell("openssl ca -batch -config scene.cnf -keyfile issuing.key -cert issuing.pem -gencrl -crldays 30 -out crl.pem && openssl crl -in crl.pem -outform DER -out crl.der").exits(0);
    assert_eq!(report(&sandbox, &["--crl", "crl.pem"])["verdict"], "valid");
    // Its version is no number any more.
    sandbox.shell("python3 -c \"d=open('crl.der','rb').read(); at=d.index(b'\\x02\\x01\\x01'); open('broken.der','wb').write(d[:at]+b'\\x04'+d[at+1:])\"").exits(0);
    sandbox.shell("(echo '-----BEGIN X509 CRL-----'; openssl base64 -in broken.der; echo '-----END X509 CRL-----') > broken.pem").exits(0);
    let report = report(&sandbox, &["--crl", "broken.pem"]);
    assert_eq!(
        (report["verdict"].as_str(), report["cause"]["code"].as_str()),
        (Some("invalid"), Some("crl-malformed"))
    );
}

#[test]
fn a_file_that_cannot_be_read_is_told_from_one_that_is_not_there() {
    let Some(_) = peer("openssl") else { return };
    let mut evidence = Evidence::default();
    evidence.add_file(Role::Chain, "chain.pem", Err(FileError::Denied));
    let cause = diagnose(&evidence, &Question::client(time::OffsetDateTime::now_utc())).cause.expect("a cause");
    assert_eq!(cause.code, Code::FileUnreadable);
    assert!(cause.fix.contains("chown"), "{}", cause.fix);
    // Nobody can read from the beginning of a process's memory.
    if Path::new("/proc/self/mem").exists() {
        let report = good().pki(["diagnose", "--json", "--chain", "/proc/self/mem", "--trust", "trust.pem"]).json();
        assert_eq!(report["cause"]["code"], "file-unreadable", "{report:#}");
    }
}

/// A CA whose constraint is none, and the leaf below it.
#[test]
fn a_name_constraint_that_breaks_its_syntax_is_told() {
    let Some(_) = peer("openssl") else { return };
    for (constraint, broken) in [
        ("permitted;DNS:example.test", false),
        ("permitted;DNS:*.example.test", true),
        ("excluded;DNS:.other.test", true),
    ] {
        let sandbox = Sandbox::new();
        let common = "-days 30 -addext subjectKeyIdentifier=hash";
        sandbox.shell(&format!("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout ca.key -out trust.pem -subj '/CN=Constrained Root CA' {common} -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign -addext 'nameConstraints=critical,{constraint}'")).exits(0);
        sandbox.shell(&format!("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout leaf.key -out chain.pem -CA trust.pem -CAkey ca.key -subj /CN={HOST} {common} -addext basicConstraints=critical,CA:FALSE -addext keyUsage=critical,digitalSignature -addext extendedKeyUsage=serverAuth -addext subjectAltName=DNS:{HOST}")).exits(0);
        let report = report(&sandbox, &[]);
        assert_eq!(severity(&report, "extension-malformed").is_some(), broken, "{constraint}: {report:#}");
    }
}

/// What the Baseline Requirements leave out is a note, and an error where they are the rules.
#[test]
fn what_only_browsers_rules_refuse_is_a_note_by_all_others() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    sandbox.pki(["init-ca", "--name", "Example Root CA"]).exits(0);
    sandbox.pki(["issue", "server", HOST, "--key", "ed25519", "--out", "out"]).exits(0);
    let judged = |profile: &str, chain: &str, trust: &str| {
        sandbox.pki(["verify", "chain", chain, "--trust", trust, "--dns", HOST, "--json", "--profile", profile]).json()
    };
    let ours = |profile| judged(profile, "out/fullchain.pem", "out/ca.pem");
    assert_eq!(severity(&ours("private"), "key-not-allowed"), Some("note"));
    assert_eq!(severity(&ours("webpki"), "key-not-allowed"), Some("error"));
    // The common name is another host than those of the SAN.
    sandbox.shell(&format!("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout leaf.key -out named.pem -CA out/ca.pem -CAkey store/ca/root.key -subj /CN=other.example.test -days 30 -addext basicConstraints=critical,CA:FALSE -addext keyUsage=critical,digitalSignature -addext extendedKeyUsage=serverAuth -addext subjectAltName=DNS:{HOST}")).exits(0);
    let theirs = |profile| judged(profile, "named.pem", "out/ca.pem");
    assert_eq!(severity(&theirs("private"), "common-name-not-in-san"), Some("note"));
    assert_eq!(severity(&theirs("webpki"), "common-name-not-in-san"), Some("error"));
    assert_eq!(severity(&ours("webpki"), "common-name-not-in-san"), None);
}

/// `--system-trust`, `--at` and the passphrase decide as well: a fix that leaves one out asks something else.
#[test]
fn a_fix_asks_with_every_flag_that_was_typed() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = good();
    let reversed: String = {
        let read = |name: &str| std::fs::read_to_string(sandbox.file(name)).expect("the scene was made");
        read("issuing.pem") + &read("leaf.pem")
    };
    sandbox.write("chain.pem", reversed);
    let at = (time::OffsetDateTime::now_utc() + time::Duration::days(2)).replace_nanosecond(0).expect("a time");
    let at = at.format(&time::format_description::well_known::Rfc3339).expect("a time of this era");
    let report = report(&sandbox, &["--system-trust", "--at", &at]);
    assert_eq!(report["cause"]["code"], "chain-order", "{report:#}");
    let fix = report["cause"]["fix"].as_str().expect("a fix");
    for line in fix.lines().filter(|line| line.starts_with("pki diagnose")) {
        assert!(line.contains("--system-trust") && line.contains(&format!("--at {at}")), "{fix}");
    }
    sandbox.shell(fix).exits(0);
}
