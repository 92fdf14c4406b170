//! What `pki` issues is taken by every client that knows its keys: by our tables, and by openssl, GnuTLS and Python themselves.

use proptest::prelude::*;
use serde_json::Value;
use tests::judges::accepts;
use tests::peers::peer;
use tests::{Outcome, Sandbox};

/// Each case runs half a dozen programs.
const CHAINS: u32 = 8;
/// Keys of RSA 4096 take seconds where nothing is optimised.
const LARGE: u32 = 2;

/// The kinds that are made quickly.
const KINDS: [&str; 4] = ["ecdsa-p256", "ecdsa-p384", "ed25519", "rsa-2048"];
/// Those that lack Ed25519.
const WITHOUT_ED25519: [&str; 2] = ["nss", "chromium"];

fn of(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(of(CHAINS))]

    #[test]
    fn what_is_issued_is_taken_by_every_client_that_knows_its_keys(
        kind_of_ca in prop::sample::select(&KINDS[..]),
        kind in prop::sample::select(&KINDS[..]),
        with_intermediate: bool,
        labels in prop::collection::vec("[a-z][a-z0-9]{0,8}", 1..4),
        address: Option<[u8; 4]>,
    ) {
        let sandbox = Sandbox::new();
        let between: &[&str] = if with_intermediate { &["--intermediate", "Example Issuing CA"] } else { &[] };
        let made = sandbox.pki(["init-ca", "--name", "Example Root CA", "--key", kind_of_ca].iter().chain(between).copied()).exits(0);
        let mut names: Vec<String> = labels.iter().map(|label| format!("{label}.example.test")).collect();
        names.extend(address.map(|octets| std::net::Ipv4Addr::from(octets).to_string()));
        names.dedup();
        let words = ["issue", "server", "--key", kind, "--out", "out"].into_iter();
        let issued = sandbox.pki(words.chain(names.iter().map(String::as_str))).exits(0);
        let refusing: &[&str] = if [kind, kind_of_ca].contains(&"ed25519") { &WITHOUT_ED25519 } else { &[] };
        for name in &names {
            let asked = ["diagnose", "--chain", "out/fullchain.pem", "--key", "out/privkey.pem", "--name", name, "--json"];
            let report = sandbox.pki(asked).exits(0).json();
            prop_assert_eq!(refusals(&report), refusing);
            prop_assert_eq!(report["cause"]["code"].as_str(), refusing.first().map(|_| "key-type-support"));
        }
        accepts(&sandbox, &names[0], ("out", "out/ca.pem"), true);
        prop_assert_eq!(warned(&made), kind_of_ca == "ed25519", "{}", made);
        prop_assert_eq!(warned(&issued), !refusing.is_empty(), "{}", issued);
    }
}

proptest! {
    #![proptest_config(of(CHAINS))]

    #[test]
    fn what_is_issued_to_a_client_is_taken_by_every_peer_that_knows_its_keys(
        kind_of_ca in prop::sample::select(&KINDS[..]),
        kind in prop::sample::select(&KINDS[..]),
        with_intermediate: bool,
        name in "[a-z][a-z0-9]{0,8}",
        with_email: bool,
    ) {
        client_is_taken(kind_of_ca, kind, with_intermediate, &name, with_email)?;
    }
}

proptest! {
    #![proptest_config(of(LARGE))]

    #[test]
    fn long_keys_of_rsa_are_taken_by_every_client(
        of_ca in prop::sample::select(&["rsa-3072", "rsa-4096"][..]),
        of_leaf in prop::sample::select(&["rsa-3072", "ecdsa-p256"][..]),
    ) {
        let sandbox = Sandbox::new();
        sandbox.pki(["init-ca", "--name", "Example Root CA", "--key", of_ca]).exits(0);
        sandbox.pki(["issue", "server", "app.example.test", "--key", of_leaf, "--out", "out"]).exits(0);
        let asked = ["diagnose", "--chain", "out/fullchain.pem", "--key", "out/privkey.pem", "--name", "app.example.test", "--json"];
        let report = sandbox.pki(asked).exits(0).json();
        prop_assert_eq!(refusals(&report), Vec::<&str>::new());
        prop_assert!(report["cause"].is_null(), "{report:#}");
        accepts(&sandbox, "app.example.test", ("out", "out/ca.pem"), true);
    }
}

/// Issues a client's certificate, and asks us and openssl of it.
fn client_is_taken(
    kind_of_ca: &str,
    kind: &str,
    with_intermediate: bool,
    name: &str,
    with_email: bool,
) -> Result<(), TestCaseError> {
    let sandbox = Sandbox::new();
    let between: &[&str] = if with_intermediate { &["--intermediate", "Example Issuing CA"] } else { &[] };
    sandbox.pki(["init-ca", "--name", "Example Root CA", "--key", kind_of_ca].iter().chain(between)).exits(0);
    let mailbox = format!("{name}@example.test");
    let email: &[&str] = if with_email { &["--email", &mailbox] } else { &[] };
    sandbox.pki(["issue", "client", name, "--key", kind, "--out", "out"].iter().chain(email)).exits(0);
    let asked =
        ["diagnose", "--purpose", "client", "--chain", "out/fullchain.pem", "--key", "out/privkey.pem", "--json"];
    let report = sandbox.pki(asked).exits(0).json();
    let refusing: &[&str] = if [kind, kind_of_ca].contains(&"ed25519") { &WITHOUT_ED25519 } else { &[] };
    prop_assert_eq!(refusals(&report), refusing);
    // As a server's it is none.
    let server = sandbox.pki(["diagnose", "--chain", "out/fullchain.pem", "--purpose", "server", "--json"]).json();
    prop_assert_eq!(server["cause"]["code"].as_str(), Some("wrong-purpose"));
    if peer("openssl").is_some() {
        sandbox.shell("openssl verify -no-CApath -no-CAstore -CAfile out/ca.pem -purpose sslclient -x509_strict -untrusted out/fullchain.pem out/fullchain.pem").exits(0);
    }
    Ok(())
}

/// The clients that refuse, by the report.
fn refusals(report: &Value) -> Vec<&str> {
    let clients = report["clients"].as_array().expect("an array of clients");
    clients.iter().filter(|it| it["verdict"] == "rejects").filter_map(|it| it["client"].as_str()).collect()
}

/// Whether the command named each of those that lack the kind of key.
fn warned(outcome: &Outcome) -> bool {
    WITHOUT_ED25519.iter().all(|client| outcome.stderr.contains(client))
}

/// OpenSSL's reader takes no notice of it, and then finds that the last octet has changed, or has not.
#[test]
fn a_signature_with_unused_bits_is_no_certificate() {
    let sandbox = Sandbox::new();
    sandbox.pki(["init-ca", "--name", "Example Root CA", "--intermediate", "Example Issuing CA"]).exits(0);
    sandbox.pki(["issue", "server", "app.example.test", "--out", "out"]).exits(0);
    let Some(_) = peer("openssl") else { return };
    sandbox.shell("openssl x509 -in out/cert.pem -outform DER -out leaf.der").exits(0);
    let mut leaf = std::fs::read(sandbox.file("leaf.der")).expect("openssl wrote it");
    // ECDSA with SHA-256, then the BIT STRING: its tag, a short length and the count of unused bits.
    let algorithm = [0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
    let at = leaf.windows(algorithm.len()).rposition(|window| window == algorithm).expect("an ECDSA signature");
    let unused = &mut leaf[at + algorithm.len() + 2];
    assert_eq!(*unused, 0);
    *unused = 1;
    std::fs::write(sandbox.file("leaf.der"), leaf).expect("written");
    sandbox.shell("openssl base64 -in leaf.der -out leaf.b64 && (echo '-----BEGIN CERTIFICATE-----'; cat leaf.b64; echo '-----END CERTIFICATE-----'; cat out/chain.pem) > chain.pem").exits(0);
    let asked = ["diagnose", "--chain", "chain.pem", "--trust", "out/ca.pem", "--name", "app.example.test", "--json"];
    let report = sandbox.pki(asked).json();
    assert_eq!(report["cause"]["code"], "certificate-corrupt", "{report:#}");
}
