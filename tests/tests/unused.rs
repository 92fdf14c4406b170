//! A good certificate that lies unused beside the files: the fix is to use it, and it holds when it is typed.

use serde_json::Value;
use tests::Sandbox;
use tests::chains::{CATALOGUE, HOST, make};
use tests::peers::peer;

/// What signs a leaf anew below the scene's issuing CA: `sign KEY DAYS NAME`, and `new KEY` for one of its own.
const BEGIN: &str = r#"
printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:app.example.test\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n' > leaf.ext
sign() {
    openssl req -new -key "$1.key" -subj /CN=app.example.test -out "$1.csr"
    openssl x509 -req -in "$1.csr" -CA issuing.pem -CAkey issuing.key -extfile leaf.ext -days "$2" -out "$3.pem"
}
new() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"; chmod 600 "$1.key"; }
"#;

/// The scene of an expired leaf, and more.
fn made(more: &str) -> Sandbox {
    made_of("leaf", more)
}

fn made_of(expired: &str, more: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let case = CATALOGUE.iter().find(|case| case.code == "expired" && case.variant == expired);
    case.expect("a row of this variant").bad.make(sandbox.path());
    sandbox.shell(&format!("{BEGIN}{more}")).exits(0);
    sandbox
}

/// The cause's fix for a chain and key, typed: no certificate is issued, and openssl takes what comes of it.
#[track_caller]
fn used(sandbox: &Sandbox, chain: &str, key: &str, trust: &str, code: &str) -> String {
    let words = ["diagnose", "--chain", chain, "--key", key, "--trust", trust, "--name", HOST, "--json"];
    let report = sandbox.pki(words).exits(1).json();
    assert_eq!(report["cause"]["code"], code, "{report:#}");
    let fix = report["cause"]["fix"].as_str().expect("a fix").to_owned();
    assert!(!fix.contains("pki issue") && !fix.contains("init-ca"), "{fix}");
    sandbox.shell(&fix).exits(0).says("nothing to mend");
    let last = fix.lines().rfind(|line| line.starts_with("pki diagnose")).expect("a last look");
    let chain = last.split(" --chain ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a chain");
    let said = make::verify(sandbox.path(), chain, trust, HOST).output().expect("openssl can be started");
    assert!(said.status.success(), "{fix}\n{}", String::from_utf8_lossy(&said.stderr));
    fix
}

#[test]
fn a_renewal_that_was_never_put_in_place_is_used() {
    let Some(_) = peer("openssl") else { return };
    // Of the same key, and of a new one.
    for more in ["sign leaf 20 renewed", "new renewed\nsign renewed 20 renewed"] {
        let fix = used(&made(more), "chain.pem", "server.key", "trust.pem", "expired");
        assert!(fix.contains("lies there unused (renewed.pem"), "{fix}");
    }
}

/// Of a live server too, by whatever CA file is typed.
#[test]
fn a_renewal_is_used_for_a_live_endpoint() {
    let Some(_) = peer("openssl") else { return };
    let other = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj '/CN=Other Root' -keyout other.key -out other.pem";
    let sandbox =
        made(&format!("{other}\nnew renewed\nsign renewed 20 renewed\ncat renewed.pem issuing.pem > whole.pem"));
    let files = "-cert chain.pem -cert_chain chain.pem -key server.key";
    let server = sandbox.start("sh", ["-c", &format!("exec openssl s_server -accept 127.0.0.1:0 {files}")]);
    let endpoint = format!("127.0.0.1:{}", server.line("ACCEPT ").rsplit(':').next().expect("a port"));
    for (trust, code) in [("trust.pem", "expired"), ("other.pem", "root-not-trusted")] {
        let report = sandbox.pki(["diagnose", &endpoint, "--trust", trust, "--name", HOST, "--json"]).exits(1).json();
        assert_eq!(report["cause"]["code"], code, "{report:#}");
        let fix = report["cause"]["fix"].as_str().expect("a fix");
        assert!(
            fix.contains("lies there unused (renewed.pem") && fix.contains("--chain whole.pem --key renewed.key"),
            "{fix}"
        );
        assert!(!fix.contains("pki issue") && !fix.contains("init-ca"), "{fix}");
        sandbox.shell(fix).exits(0).says("nothing to mend");
    }
}

/// Where nothing lies there, the CA whose root is to be trusted issues, and that root is still told to be given to clients.
#[test]
fn what_is_expired_under_a_root_that_is_not_trusted_is_issued_by_its_own_ca() {
    let Some(_) = peer("openssl") else { return };
    let other = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj '/CN=Other Root' -keyout other.key -out other.pem";
    let sandbox = made(other);
    let words = ["diagnose", "--chain", "chain.pem", "--key", "server.key", "--trust", "other.pem", "--name", HOST];
    let report = sandbox.pki(words.iter().chain(&["--json"])).exits(1).json();
    assert_eq!(report["cause"]["code"], "root-not-trusted", "{report:#}");
    let fix = report["cause"]["fix"].as_str().expect("a fix");
    assert!(fix.contains("\n# once it is trusted, it is refused still: expired"), "{fix}");
    assert!(fix.contains("init-ca --import issuing.pem issuing.key") && !fix.contains("other.key"), "{fix}");
    assert!(fix.ends_with(", and its clients root.pem") && !fix.contains("trusted already"), "{fix}");
    sandbox.shell(fix).exits(0).says("nothing to mend");
}

/// First that of the key that was given, then those for the name, and of these the one that lasts longest.
#[test]
fn of_several_renewals_the_one_that_fits_best_is_used() {
    let Some(_) = peer("openssl") else { return };
    let several = "for it in short long other; do new $it; done\nsign short 20 short\nsign long 40 long\n\
                   sed -i s/app.example.test/other.example.test/ leaf.ext\nsign other 80 other\n";
    let own = format!("sign leaf 10 own\n{several}");
    for (more, chosen) in [(several, "long.pem"), (&own, "own.pem")] {
        let fix = used(&made(more), "chain.pem", "server.key", "trust.pem", "expired");
        assert!(fix.contains(&format!("lies there unused ({chosen}")), "{fix}");
    }
}

#[test]
fn the_certificate_of_the_key_that_was_given_is_used() {
    let Some(_) = peer("openssl") else { return };
    let more = "new renewed\nsign renewed 20 renewed\nsign leaf 20 old\nrm leaf.key server.key\ncat old.pem issuing.pem > old-chain.pem";
    let fix = used(&made(more), "old-chain.pem", "renewed.key", "trust.pem", "key-mismatch");
    assert!(fix.contains("cat renewed.pem ") && fix.contains("--key renewed.key"), "{fix}");
}

/// The longest of several is taken, and never one that is expired too, for another host, or without its key.
#[test]
fn only_what_would_do_is_used() {
    let Some(_) = peer("openssl") else { return };
    let more = "sed 's/app[.]/other./' leaf.ext > kept.ext; cp leaf.ext own.ext; cp kept.ext leaf.ext\n\
                sign leaf 25 other; cp own.ext leaf.ext\n\
                new lost; sign lost 28 lost; rm lost.key\n\
                sign leaf 10 short; sign leaf 20 long";
    let fix = used(&made(more), "chain.pem", "server.key", "trust.pem", "expired");
    assert!(fix.contains("(long.pem, certificate 1, until "), "{fix}");
    let words = ["diagnose", "--chain", "chain.pem", "--key", "server.key", "--trust", "trust.pem", "--name", HOST];
    let report: Value = made("").pki(words.iter().chain(&["--json"])).exits(1).json();
    assert!(report["cause"]["fix"].as_str().is_some_and(|fix| fix.contains("pki issue server")), "{report:#}");
}

/// A client asks for no host, and yet somebody else's certificate is not his way in.
#[test]
fn nobody_is_told_to_use_what_is_somebody_elses() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    for name in ["alice", "bob"] {
        sandbox.pki(["issue", "client", name, "--out", name]).exits(0);
    }
    sandbox.shell("mkdir here && cp bob/fullchain.pem bob/privkey.pem here/ && cat alice/fullchain.pem alice/privkey.pem > here/alice.pem")
        .exits(0);
    sandbox.pki(["revoke", "bob"]).exits(0);
    let words =
        ["diagnose", "--chain", "here/fullchain.pem", "--key", "here/privkey.pem", "--purpose", "client", "--json"];
    let report = sandbox.pki(words).exits(1).json();
    let fix = report["cause"]["fix"].as_str().expect("a fix");
    assert!(
        report["cause"]["code"] == "revoked" && !fix.contains("alice") && fix.contains("renew bob --rekey"),
        "{fix}"
    );
}

/// A CA that was renewed with its key, and not sent.
#[test]
fn a_renewed_intermediate_beside_an_expired_one_is_sent() {
    let Some(_) = peer("openssl") else { return };
    let again = r"printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n' > ca.ext
openssl req -new -key issuing.key -subj '/O=Example/CN=Example Issuing CA' -out issuing.csr
openssl x509 -req -in issuing.csr -CA root.pem -CAkey root.key -extfile ca.ext -days 20 -out renewed.pem
mkdir server && mv chain.pem server.key renewed.pem root.pem server/";
    let sandbox = made_of("issuing CA", again);
    let fix = used(&sandbox, "server/chain.pem", "server/server.key", "server/root.pem", "expired");
    assert!(fix.contains("cat server/chain.pem server/renewed.pem"), "{fix}");
}

/// A folder with several says which one it reports on, and why.
#[test]
fn a_folder_says_why_it_reports_on_one_of_several() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = made("sign leaf 20 renewed; cat renewed.pem issuing.pem > renewed-chain.pem");
    let report = sandbox.pki(["diagnose", ".", "--name", HOST, "--json"]).exits(0).json();
    assert_eq!(report["verdict"], "valid", "{report:#}");
    let why = report["folder"]["chosen"].as_str().expect("a reason");
    assert!(
        why.contains(" certificates `CN=app.example.test` is")
            && why.contains("the only one that can be used as it is; of the others, "),
        "{why}"
    );
    sandbox.pki(["diagnose", ".", "--name", HOST]).says("is the one that is reported on");
}

/// A root that was renewed with its key: clients get that one, and everything below it stays.
#[test]
fn a_renewed_root_beside_an_expired_one_is_given_to_clients() {
    let Some(_) = peer("openssl") else { return };
    let renew = "openssl req -x509 -new -key root.key -subj '/O=Example/CN=Example Root CA' -days 20 \\
-addext keyUsage=critical,keyCertSign,cRLSign -out renewed.pem";
    let sandbox = made_of("root", renew);
    let words = ["diagnose", "--chain", "chain.pem", "--key", "server.key", "--trust", "trust.pem", "--name", HOST];
    let report = sandbox.pki(words.iter().chain(&["--json"])).exits(1).json();
    let fix = report["cause"]["fix"].as_str().expect("a fix");
    assert!(fix.contains("--trust renewed.pem") && !fix.contains("pki issue"), "{fix}");
    sandbox.shell(fix).exits(0).says("nothing to mend");
    let said = make::verify(sandbox.path(), "chain.pem", "renewed.pem", HOST).output().expect("openssl can be started");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}
