//! `pki inspect` reads what others made, in both encodings, and says first what people look for first.

use tests::chains::GOOD;
use tests::peers::peer;
use tests::{Outcome, Sandbox};

#[test]
fn a_certificate_is_read_in_pem_and_der_alike() {
    let Some(sandbox) = made() else { return };
    sandbox.shell("openssl x509 -in leaf.pem -outform DER -out leaf.der").exits(0);
    let printed = sandbox.shell("openssl x509 -in leaf.pem -noout -fingerprint -sha256").exits(0).stdout;
    let fingerprint = printed.trim().rsplit('=').next().unwrap_or_default().replace(':', "").to_lowercase();
    for file in ["leaf.pem", "leaf.der"] {
        let text = plain(&sandbox.pki(["inspect", file]).exits(0));
        for expected in ["app.example.test", "Example Issuing CA", "P-256", "days left 89", &fingerprint] {
            assert!(text.contains(expected), "{file}: expected {expected:?}\n{text}");
        }
    }
}

#[test]
fn names_validity_issuer_key_usage_and_fingerprint_come_first_and_in_this_order() {
    let Some(sandbox) = made() else { return };
    let text = sandbox.pki(["inspect", "leaf.pem"]).exits(0).stdout;
    let places: Vec<usize> = ["app.example.test", "days", "Example Issuing CA", "P-256", "serverAuth"]
        .iter()
        .map(|word| text.find(word).unwrap_or_else(|| panic!("{word} is missing\n{text}")))
        .collect();
    assert!(places.is_sorted(), "{places:?}\n{text}");
}

/// Who means a certificate of the store is told of the command that shows it.
#[test]
fn a_name_that_is_no_file_is_told_with_the_command_that_shows_it() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    let told = sandbox.pki(["inspect", "alice"]).exits(3).says("file-missing");
    told.says("\n  pki show alice\n");
    sandbox.pki(["--store", "other", "inspect", "alice"]).exits(3).says("  pki --store other show alice");
    sandbox.pki(["inspect", "./alice"]).exits(3).does_not_say("pki show");
}

#[test]
fn a_chain_a_request_a_crl_and_a_key_are_told_apart() {
    let Some(sandbox) = made() else { return };
    sandbox
        .shell("openssl ca -config scene.cnf -gencrl -crldays 30 -keyfile root.key -cert root.pem -out root.crl")
        .exits(0);
    sandbox.shell("openssl crl -in root.crl -outform DER -out root.crl.der").exits(0);
    sandbox.shell("openssl req -new -key leaf.key -subj /CN=asked.example.test -out leaf.csr").exits(0);
    sandbox.shell("openssl pkey -in leaf.key -outform DER -out leaf.key.der && chmod 600 leaf.key.der").exits(0);
    for (file, expected) in [
        ("chain.pem", &["app.example.test", "Example Issuing CA"][..]),
        ("leaf.csr", &["request", "asked.example.test"]),
        ("root.crl", &["CRL", "Example Root CA"]),
        ("root.crl.der", &["CRL", "Example Root CA"]),
        ("leaf.key", &["private key", "P-256"]),
        ("leaf.key.der", &["private key", "P-256"]),
    ] {
        let text = sandbox.pki(["inspect", file]).exits(0).stdout;
        for word in expected {
            assert!(text.to_lowercase().contains(&word.to_lowercase()), "{file}: expected {word:?}\n{text}");
        }
    }
}

#[test]
fn a_private_key_is_described_and_never_shown() {
    let Some(sandbox) = made() else { return };
    let secret = sandbox.shell("openssl pkey -in leaf.key -text -noout").exits(0).stdout;
    let hex: String = secret.lines().skip_while(|line| !line.starts_with("priv")).skip(1).take(2).collect();
    let hex: String = hex.chars().filter(char::is_ascii_hexdigit).collect();
    assert!(hex.len() >= 40, "openssl prints the key: {secret}");
    for arguments in [&["inspect", "leaf.key"][..], &["inspect", "leaf.key", "--json"]] {
        let text = plain(&sandbox.pki(arguments).exits(0));
        assert!(!text.contains(&hex[..20]) && !text.contains("BEGIN"), "{text}");
    }
}

#[test]
fn json_is_one_document() {
    let Some(sandbox) = made() else { return };
    let json = sandbox.pki(["inspect", "leaf.pem", "--json"]).exits(0).json();
    assert!(json.to_string().contains("app.example.test"), "{json:#}");
}

#[test]
fn a_live_endpoint_is_read() {
    let Some(sandbox) = made() else { return };
    let command = "exec openssl s_server -accept 127.0.0.1:0 -cert chain.pem -cert_chain chain.pem -key server.key";
    let server = sandbox.start("sh", ["-c", command]);
    let port = server.line("ACCEPT ").rsplit(':').next().expect("a port").to_owned();
    let text = sandbox.pki(["inspect", &format!("127.0.0.1:{port}")]).exits(0).stdout;
    for expected in ["app.example.test", "Example Issuing CA"] {
        assert!(text.contains(expected), "expected {expected:?}\n{text}");
    }
}

#[test]
fn what_can_not_be_read_is_named_with_what_was_expected() {
    let sandbox = Sandbox::new();
    sandbox.pki(["inspect", "nowhere.pem"]).exits(3).says("nowhere.pem");
    sandbox.write("text.pem", "this is a letter, not a certificate\n");
    sandbox.pki(["inspect", "text.pem"]).exits(3).says("text.pem");
    sandbox.write("cut.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n");
    sandbox.pki(["inspect", "cut.pem"]).exits(3).says("cut.pem");
    sandbox.write("empty.pem", "");
    sandbox.pki(["inspect", "empty.pem"]).exits(3).says("empty.pem");
}

#[test]
fn control_characters_of_a_certificate_never_reach_the_terminal() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    let evil = "printf '/CN=evil\\033[2Jname\\r\\007' > subject; openssl req -x509 -newkey ec -pkeyopt \
                ec_paramgen_curve:P-256 -noenc -keyout k.pem -out evil.pem -subj \"$(cat subject)\"";
    sandbox.shell(evil).exits(0);
    for arguments in [
        &["inspect", "evil.pem"][..],
        &["inspect", "evil.pem", "--json"],
        &["verify", "chain", "evil.pem", "--trust", "evil.pem"],
    ] {
        let text = sandbox.pki(arguments).text();
        assert!(text.contains("evil"), "{text}");
        assert!(!text.contains(['\u{1b}', '\u{7}', '\r']), "{text:?}");
    }
}

fn made() -> Option<Sandbox> {
    peer("openssl")?;
    let sandbox = Sandbox::new();
    GOOD.make(sandbox.path());
    Some(sandbox)
}

/// Without the colons and letter case that a fingerprint may be written with, and one space between words.
fn plain(outcome: &Outcome) -> String {
    outcome.stdout.replace(':', "").replace("SHA256", "sha256").lines().map(lower_if_hex).collect()
}

fn lower_if_hex(line: &str) -> String {
    let word = |it: &str| {
        let hex = it.len() >= 16 && it.bytes().all(|byte| byte.is_ascii_hexdigit());
        if hex { it.to_lowercase() } else { it.to_owned() }
    };
    line.split_whitespace().map(word).collect::<Vec<_>>().join(" ") + "\n"
}
