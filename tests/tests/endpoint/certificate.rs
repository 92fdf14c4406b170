//! Client certificates: wanted, missing, refused, and of an account that may not come in.

use serde_json::Value;
use tests::Sandbox;
use tests::peers::peer;
use tests::ports::FreePort;

use super::{OWN, ask, expect, finding, openssl, prepared, says};

#[test]
fn the_servers_word_on_a_client_certificate_is_explained() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    sandbox
        .shell(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout stranger.key -out stranger.pem \
             -subj /CN=stranger -days 10 -addext basicConstraints=critical,CA:FALSE -addext extendedKeyUsage=clientAuth",
        )
        .exits(0);
    let store = |name: &str| {
        format!("--client-chain store/certs/{name}/fullchain.pem --client-key store/certs/{name}/privkey.pem")
    };
    let stranger = "--client-chain stranger.pem --client-key stranger.key".to_owned();
    let named = "-CAfile store/ca/root.pem";
    // Trusted, and not named: the server's list of CAs stays empty.
    let unnamed = "-verifyCAfile store/ca/root.pem";
    for version in ["-tls1_3", "-tls1_2"] {
        for (trust, shown, code) in [
            (named, store("alice"), None),
            (named, stranger.clone(), Some("self-signed-leaf")),
            (unnamed, stranger.clone(), Some("self-signed-leaf")),
            (named, store("shop.example.test"), Some("wrong-purpose")),
            (named, "--client-chain none.pem --client-key none.key".to_owned(), Some("file-missing")),
        ] {
            let words = format!("{OWN} {version} -Verify 1 -verify_return_error {trust}");
            let (_server, address) = openssl(&sandbox, &words);
            let report = ask(&sandbox, &address, &format!("--name localhost {shown}"));
            assert_eq!(report["cause"]["code"].as_str(), code, "{version} {trust} {shown}: {report:#}");
            assert_eq!(report["endpoint"]["client_certificate_wanted"], true, "{report:#}");
            // The chain that the cause is about stands in the report, and rustls, which judged the server's, does not differ by it.
            let own = &report["endpoint"]["client_chain"];
            assert_eq!(own["has_cause"], code.is_some(), "{report:#}");
            let place = if own["chain"][0].is_null() || code.is_none() { Value::Null } else { 0.into() };
            assert_eq!(own["certificate"], place, "{report:#}");
            assert_eq!(
                (report["cause"]["certificate"].as_u64(), &report["rustls"]["agrees"]),
                (None, &true.into()),
                "{report:#}"
            );
        }
    }
    let (_server, address) = openssl(&sandbox, &format!("{OWN} -Verify 1 {named}"));
    let report = ask(&sandbox, &address, "--name localhost");
    assert_eq!(report["endpoint"]["accepted_cas"], serde_json::json!(["CN=Test Root CA"]), "{report:#}");
    // An empty list says nothing of whom the server takes.
    let (_server, address) = openssl(&sandbox, &format!("{OWN} -Verify 1 {unnamed}"));
    sandbox.pki(["diagnose", &address, "--name", "localhost"]).says("wanted; it names no CA").does_not_say("any CA");
}

const NGINX: &str = "
master_process off;
error_log stderr notice;
pid nginx.pid;
events {}
http {
    access_log off;
    client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
    server {
        listen ADDRESS ssl;
        ssl_certificate store/certs/localhost/fullchain.pem;
        ssl_certificate_key store/certs/localhost/privkey.pem;
        ssl_client_certificate store/ca/root.pem;
        ssl_verify_client on;
        location / { return 204; }
    }
}
";

#[test]
fn what_nginx_says_of_a_client_certificate_by_http_is_heard() {
    let (Some(nginx), Some(_)) = (peer("nginx"), peer("openssl")) else { return };
    let (sandbox, port) = (prepared(), FreePort::take());
    sandbox.write("nginx.conf", NGINX.replace("ADDRESS", &port.address()));
    let folder = format!("{}/", sandbox.path().display());
    let server = sandbox.start(nginx, ["-p", &folder, "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off;"]);
    server.line("OS: ");
    let asked = |shown: &str| ask(&sandbox, &port.address(), &format!("--name localhost {shown}"));
    let without = asked("");
    expect(&without, Some("client-certificate-missing"));
    assert_eq!(without["cause"]["evidence"]["http_status"], 400, "{without:#}");
    assert_eq!(says(&without, "curl"), "HTTP/1.1 400 Bad Request: No required SSL certificate was sent");
    let shown = |name: &str| {
        format!("--client-chain store/certs/{name}/fullchain.pem --client-key store/certs/{name}/privkey.pem")
    };
    expect(&asked(&shown("alice")), None);
    // A server's certificate is none for a client: nginx refuses it, and why is seen in it.
    let wrong = asked(&shown("shop.example.test"));
    expect(&wrong, Some("wrong-purpose"));
    let refused = finding(&wrong, "client-certificate-refused");
    assert_eq!(
        (&refused["evidence"]["http_status"], &refused["follows_from"]),
        (&400.into(), &"wrong-purpose".into()),
        "{wrong:#}"
    );
    // Of the client's own certificate nobody but the server judges.
    assert_eq!(says(&wrong, "curl"), "HTTP/1.1 400 Bad Request: The SSL certificate error");
}

#[test]
fn an_account_that_may_not_come_in_is_told_from_a_certificate_that_is_refused() {
    let sandbox = prepared();
    sandbox.pki(["issue", "client", "bob"]).exits(0);
    sandbox.write("chat.toml", "[access]\ndeny = [\"alice\"]\n");
    for mode in ["required", "optional"] {
        let server = sandbox.serve(["--name", "localhost", "--mtls", mode, "--config", "chat.toml"]);
        let address = server.address().to_string();
        let shown = |name: &str| {
            format!(
                "--name localhost --client-chain store/certs/{name}/fullchain.pem --client-key store/certs/{name}/privkey.pem"
            )
        };
        let denied = ask(&sandbox, &address, &shown("alice"));
        expect(&denied, Some("access-denied"));
        assert!(denied["cause"]["fix"].as_str().is_some_and(|fix| fix.contains("[access]")), "{denied:#}");
        expect(&ask(&sandbox, &address, &shown("bob")), None);
    }
}

/// A CA that openssl made, `NAME.pem` with its key: the store of `pki` has no part in it.
fn home_ca(sandbox: &Sandbox, name: &str) {
    sandbox
        .shell(&format!(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout {name}.key -out {name}.pem \
             -subj '/CN={name}' -days 90 -addext keyUsage=critical,keyCertSign,cRLSign"
        ))
        .exits(0);
}

/// A certificate of it for the person `alice`, below a folder of its own.
fn home_client(sandbox: &Sandbox, ca: &str, name: &str, usage: &str) {
    sandbox.write(
        "client.ext",
        format!("basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage={usage}\nsubjectAltName=email:alice@example.test\nauthorityKeyIdentifier=keyid\n"),
    );
    let lines = "mkdir -p own && openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout own/NAME.key -out it.csr -subj /CN=alice && \
                 openssl x509 -req -in it.csr -CA CA.pem -CAkey CA.key -days 60 -extfile client.ext -out own/NAME.pem";
    sandbox.shell(&lines.replace("NAME", name).replace("CA.", &format!("{ca}."))).exits(0);
}

/// What lies there is in order by the files; whether the server takes it, the server knows.
#[test]
fn a_fix_for_a_clients_certificate_is_shown_to_the_server_before_it_is_proposed() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    home_ca(&sandbox, "home");
    home_client(&sandbox, "home", "wrong", "serverAuth");
    home_client(&sandbox, "home", "right", "clientAuth");
    let shown = "--name localhost --trust home.pem --trust store/ca/root.pem --client-chain own/wrong.pem --client-key own/wrong.key";
    let (server, address) = openssl(&sandbox, &format!("{OWN} -Verify 1 -verify_return_error -verifyCAfile home.pem"));
    let report = ask(&sandbox, &address, shown);
    expect(&report, Some("wrong-purpose"));
    let fix = report["cause"]["fix"].as_str().expect("a fix");
    assert!(fix.contains("own/right.pem") && fix.ends_with("\n# the server was asked with it, and takes it"), "{fix}");
    drop(server);
    // Nothing but a new one would do, which is not there yet: the last line shows it to the server.
    sandbox.shell("rm own/right.pem own/right.key").exits(0);
    let (_server, address) = openssl(&sandbox, &format!("{OWN} -Verify 1 -verify_return_error -verifyCAfile home.pem"));
    let report = ask(&sandbox, &address, shown);
    expect(&report, Some("wrong-purpose"));
    let fix = report["cause"]["fix"].as_str().expect("a fix").to_owned();
    let last = fix.lines().last().expect("a line");
    assert!(fix.contains("has not been asked") && last.starts_with(&format!("pki diagnose {address}")), "{fix}");
    sandbox.shell(&fix).exits(0);
}

/// A client's certificate mends nothing of what the server sends: both are told.
#[test]
fn what_the_server_does_not_send_is_joined_beside_the_clients_certificate() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    sandbox.shell("mkdir ca; cp store/ca/root.pem store/ca/issuing.pem ca").exits(0);
    let server = "-cert store/certs/localhost/cert.pem -key store/certs/localhost/privkey.pem";
    let words = format!("{server} -Verify 3 -verify_return_error -CAfile ca/root.pem");
    let (_server, address) = openssl(&sandbox, &words);
    let report = ask(&sandbox, &address, "--store none --trust ca/root.pem --name localhost");
    expect(&report, Some("missing-intermediate"));
    let fix = report["cause"]["fix"].as_str().expect("a fix");
    let (first, second) =
        fix.split_once("# once joined, it is refused still: client-certificate-missing: ").expect(fix);
    assert!(first.contains("ca/issuing.pem > ") && second.contains(" issue client "), "{fix}");
    sandbox.shell(&first.replace("pki diagnose", "pki --store none diagnose")).exits(0).says("nothing to mend");
}

#[test]
fn the_ca_that_a_clients_chain_lacks_is_joined_and_shown_to_the_server() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    sandbox.shell("pki --store other init-ca --name 'Other Root' >/dev/null; mkdir alone; cp store/certs/alice/cert.pem store/certs/alice/privkey.pem alone; cp store/certs/alice/chain.pem alone/between.pem").exits(0);
    let shown = "--store none --trust store/ca/root.pem --name localhost --client-chain alone/cert.pem --client-key alone/privkey.pem";
    for (trust, taken) in [("store/ca/root.pem", true), ("other/ca/root.pem", false)] {
        let words = format!("{OWN} -Verify 3 -verify_return_error -verifyCAfile {trust}");
        let (_server, address) = openssl(&sandbox, &words);
        let report = ask(&sandbox, &address, shown);
        expect(&report, Some("missing-intermediate"));
        let fix = report["cause"]["fix"].as_str().expect("a fix");
        assert!(fix.contains("cat alone/cert.pem alone/between.pem > "), "{fix}");
        let told = if taken { "and takes it" } else { "refuses it as well (alert UnknownCA)" };
        assert!(fix.contains(told), "{fix}");
        // What the server has to be told of is named then, and the same question asked with what was joined.
        assert_eq!(fix.contains("let the server trust the CA, by the file store/ca/root.pem"), !taken, "{fix}");
    }
}

/// Each in a file of its own, or the second would be written over the first.
#[test]
fn what_both_sides_lack_is_joined_in_two_files() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    sandbox.shell("cp store/certs/localhost/cert.pem s.pem; cp store/certs/localhost/privkey.pem s.key; cp store/certs/alice/cert.pem c.pem; cp store/certs/alice/privkey.pem c.key; cp store/ca/issuing.pem .").exits(0);
    let words = "-cert s.pem -key s.key -Verify 3 -verify_return_error -CAfile store/ca/root.pem";
    let (_server, address) = openssl(&sandbox, words);
    let shown = "--store none --trust store/ca/root.pem --name localhost --client-chain c.pem --client-key c.key";
    let report = ask(&sandbox, &address, shown);
    expect(&report, Some("missing-intermediate"));
    sandbox.shell(report["cause"]["fix"].as_str().expect("a fix")).exits(0);
    for (joined, leaf) in [("fullchain-mended.pem", "s.pem"), ("client-mended.pem", "c.pem")] {
        assert!(sandbox.read(joined).starts_with(&sandbox.read(leaf)), "{report:#}");
    }
}

/// Who only asks, and takes whatever comes, is told beside what those will say who look.
#[test]
fn a_server_that_does_not_look_at_a_faulty_client_certificate_is_told_of() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    let (_server, address) = openssl(&sandbox, &format!("{OWN} -Verify 3 -CAfile store/ca/root.pem"));
    let shown = |name: &str| {
        let files = format!("store/certs/{name}");
        format!("--name localhost --client-chain {files}/fullchain.pem --client-key {files}/privkey.pem")
    };
    expect(&ask(&sandbox, &address, &shown("alice")), None);
    let report = ask(&sandbox, &address, &shown("localhost"));
    assert_eq!(
        (report["verdict"].as_str(), report["cause"]["code"].as_str()),
        (Some("valid"), Some("wrong-purpose")),
        "{report:#}"
    );
    assert_eq!(report["endpoint"]["client_chain"]["has_cause"], true);
}

#[test]
fn a_clients_certificate_that_the_given_list_names_is_told_where_the_server_refuses_it() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    sandbox.pki(["revoke", "alice"]).exits(0);
    sandbox.pki(["crl", "--out", "lists.pem"]).exits(0);
    sandbox.shell("cat store/ca/root.pem store/ca/issuing.pem lists.pem > known.pem").exits(0);
    let words = format!("{OWN} -Verify 3 -verify_return_error -crl_check -CAfile known.pem");
    let (_server, address) = openssl(&sandbox, &words);
    let shown = "--name localhost --trust store/ca/root.pem --client-chain store/certs/alice/fullchain.pem --client-key store/certs/alice/privkey.pem";
    let by_list = ask(&sandbox, &address, &format!("{shown} --crl lists.pem"));
    expect(&by_list, Some("revoked"));
    assert_eq!(by_list["findings"][1]["code"], "client-certificate-refused", "{by_list:#}");
    // And by the server's own word, where no list is at hand.
    let by_word = ask(&sandbox, &address, &format!("--store none {shown}"));
    expect(&by_word, Some("revoked"));
    assert_eq!(finding(&by_word, "client-certificate-refused")["follows_from"], "revoked", "{by_word:#}");
}

/// The programs that are to show it read no other form; and a pair that changed places is told as that, as of a server's files.
#[test]
fn the_form_of_a_clients_files_is_told_though_the_server_takes_what_is_in_them() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    sandbox
        .shell(
            "cp store/certs/alice/privkey.pem a.key; cp store/certs/alice/fullchain.pem a.pem
             printf '\\357\\273\\277' | cat - a.pem > bom.pem; iconv -t UTF-16 a.pem > wide.pem
             openssl crl2pkcs7 -nocrl -certfile a.pem -out a.p7b; openssl pkey -in a.key -outform DER -out der.key; chmod 600 *.key
             openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout ca.key -out ca.pem -subj '/CN=Some CA' -days 9 -addext keyUsage=critical,keyCertSign",
        )
        .exits(0);
    let words = format!("{OWN} -Verify 3 -verify_return_error -CAfile store/ca/root.pem");
    let (_server, address) = openssl(&sandbox, &words);
    for (chain, key, code) in [
        ("a.pem", "a.key", None),
        ("bom.pem", "a.key", Some("file-has-bom")),
        ("wide.pem", "a.key", Some("file-is-utf16")),
        ("a.p7b", "a.key", Some("file-is-pkcs7")),
        ("a.pem", "der.key", Some("file-is-der")),
        ("a.key", "a.pem", Some("files-swapped")),
    ] {
        let report = ask(&sandbox, &address, &format!("--name localhost --client-chain {chain} --client-key {key}"));
        expect(&report, code);
        assert_eq!(report["endpoint"]["client_chain"]["has_cause"], code.is_some(), "{report:#}");
    }
    let (_server, address) = openssl(&sandbox, &format!("{OWN} -Verify 3 -verify_return_error -CAfile ca.pem"));
    let report = ask(&sandbox, &address, "--name localhost --client-chain ca.pem --client-key ca.key");
    expect(&report, Some("leaf-missing"));
}

/// What lies there comes before what is issued; and what issues has a CA, and asks by the trust that was offered just before.
#[test]
fn a_client_certificate_that_lies_beside_the_root_is_shown_and_one_is_issued_where_there_is_none() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    sandbox.shell("cp store/ca/root.pem root.pem").exits(0);
    let certs = "store/certs/alice";
    for named in ["-CAfile", "-verifyCAfile"] {
        let words = format!("{OWN} -Verify 3 -verify_return_error {named} store/ca/root.pem");
        let (_server, address) = openssl(&sandbox, &words);
        for (made, shown) in [
            ("true", "client/fullchain.pem --client-key client/privkey.pem"),
            (
                &*format!("cp {certs}/cert.pem a.pem; cp {certs}/chain.pem b.pem; cp {certs}/privkey.pem a.key"),
                "fullchain-mended.pem --client-key a.key",
            ),
            (&*format!("cp {certs}/fullchain.pem a.pem"), "a.pem --client-key a.key"),
        ] {
            sandbox.shell(made).exits(0);
            let report = ask(&sandbox, &address, "--store none --name localhost");
            expect(&report, Some("root-not-trusted"));
            let fix = report["cause"]["fix"].as_str().expect("a fix");
            let last = format!("pki diagnose {address} --trust root.pem --name localhost --client-chain {shown}");
            assert_eq!(fix.lines().last().map(|line| line.replace(" --store none", "")), Some(last), "{fix}");
            let place = |words: &str| fix.find(words);
            assert!(place(" init-ca ") <= place(" issue client "), "{fix}");
            assert_eq!(place(" issue client ").is_some(), made == "true", "{fix}");
            assert_eq!(place(" init-ca ").is_some(), made == "true", "{fix}");
            if made != "true" {
                sandbox.shell(fix).exits(0).says("nothing to mend");
            }
        }
        sandbox.shell("rm -f a.pem a.key b.pem fullchain-mended.pem").exits(0);
    }
}

/// What is typed opens what the report opened, names the flags of an endpoint, and ends with the files that are to be shown.
#[test]
fn the_form_of_a_clients_files_is_mended_by_what_is_typed() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    sandbox
        .shell(
            "mkdir it; cd it; cp ../store/ca/root.pem .; cp ../store/certs/alice/chain.pem between.pem; echo secret > pass; chmod 600 pass
             openssl pkcs12 -export -in ../store/certs/alice/fullchain.pem -inkey ../store/certs/alice/privkey.pem -passout pass:secret -out a.p12
             openssl x509 -in ../store/certs/alice/cert.pem -outform DER -out a.der
             openssl pkey -in ../store/certs/alice/privkey.pem -outform DER -out a.key.der; chmod 600 a.*",
        )
        .exits(0);
    let words = format!("{OWN} -Verify 3 -verify_return_error -verifyCAfile store/ca/root.pem");
    let (_server, address) = openssl(&sandbox, &words);
    for (shown, code, given_as, key) in [
        (
            "--client-chain it/a.p12 --client-key it/a.p12 --passphrase-file it/pass",
            "file-is-pkcs12",
            "--client-chain",
            "mended-client/privkey.pem",
        ),
        (
            "--client-chain it/a.der --client-key it/a.key.der",
            "file-is-der",
            "--client-chain",
            "mended-client/privkey.pem",
        ),
        ("--client-chain it/none.pem --client-key it/a.key.der", "file-missing", "--client-chain", ""),
        ("--client-chain store/certs/alice/fullchain.pem --client-key it/none.key", "file-missing", "--client-key", ""),
    ] {
        sandbox.shell("rm -rf mended-client client-mended.pem").exits(0);
        let report = ask(&sandbox, &address, &format!("--store none --trust it/root.pem --name localhost {shown}"));
        expect(&report, Some(code));
        assert_eq!(report["cause"]["evidence"]["given_as"], given_as, "{report:#}");
        let fix = report["cause"]["fix"].as_str().expect("a fix");
        assert!(!fix.contains("client-certificate-refused"), "{fix}");
        assert!(!fix.contains("with it/a.key.der"), "{fix}");
        if !key.is_empty() {
            sandbox.shell(fix).exits(0);
            assert!(sandbox.path().join(key).exists(), "{fix}");
        }
    }
}

/// As it is where servers and clients have CAs of their own: the trust at hand is for the server.
#[test]
fn what_is_wrong_with_a_clients_certificate_of_another_ca_is_named_all_the_same() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    home_ca(&sandbox, "home");
    home_client(&sandbox, "home", "wrong", "serverAuth");
    let words = format!("{OWN} -Verify 1 -verify_return_error -CAfile home.pem");
    let (_server, address) = openssl(&sandbox, &words);
    let shown = "--name localhost --trust store/ca/root.pem --client-chain own/wrong.pem --client-key own/wrong.key";
    let report = ask(&sandbox, &address, shown);
    expect(&report, Some("wrong-purpose"));
    assert_eq!(finding(&report, "client-certificate-refused")["follows_from"], "wrong-purpose", "{report:#}");
}

/// Whom a client's certificate is shown to has to know its CA: nothing is given to the clients.
#[test]
fn a_client_certificate_of_another_ca_is_mended_at_the_server_or_by_the_ca_that_it_takes() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    home_ca(&sandbox, "home");
    home_client(&sandbox, "home", "stranger", "clientAuth");
    home_ca(&sandbox, "known");
    sandbox.shell("mkdir away; mv *.key away; cat known.pem store/ca/root.pem > both.pem").exits(0);
    let files = "--chain own/stranger.pem --key own/stranger.key";
    let words = format!("{OWN} -Verify 3 -verify_return_error -verifyCAfile known.pem");
    let (_server, address) = openssl(&sandbox, &words);
    let trust = "--trust both.pem";
    let shown = format!("--name localhost {trust} --client-chain own/stranger.pem --client-key own/stranger.key");
    let fix = || {
        let report = ask(&sandbox, &address, &format!("{shown} --store none"));
        expect(&report, Some("root-not-trusted"));
        report["cause"]["fix"].as_str().expect("a fix").to_owned()
    };
    let told = fix();
    assert!(told.contains("let the server trust the CA, by the file home.pem"), "{told}");
    assert!(told.ends_with(&format!("\npki diagnose {address} {shown}")), "{told}");
    assert!(!told.contains("clients home.pem"), "{told}");
    sandbox
        .pki(format!("--store none diagnose {files} {trust} --purpose client").split(' '))
        .says("then let the server trust home.pem")
        .does_not_say("give clients");
    // With the key of the CA that the server takes, one of that is issued.
    // The server's root lies there too: to trust it mends nothing of the client's, and nothing is said twice.
    sandbox.shell("mv away/known.key .; cp store/ca/root.pem .").exits(0);
    let told = fix();
    assert!(told.starts_with("# either let the server trust the CA of what was shown, by the file home.pem"), "{told}");
    assert!(told.contains(" init-ca --import ") && told.contains(" known.key"), "{told}");
    assert_eq!(told.matches("either let the server trust").count(), 1, "{told}");
    sandbox.shell(&told).exits(0).says("nothing to mend");
}

/// A list of the client's CA says nothing of the server's certificate.
#[test]
fn a_list_of_the_clients_ca_is_held_against_the_client_alone() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    sandbox.shell("pki --store other init-ca --name 'Other Root' && pki --store other issue client bob --out bob && pki --store other crl --out bob.crl && cat other/ca/root.pem store/ca/root.pem > both.pem").exits(0);
    let words = format!("{OWN} -Verify 3 -verify_return_error -CAfile other/ca/root.pem");
    let (_server, address) = openssl(&sandbox, &words);
    let shown = "--name localhost --trust both.pem --client-chain bob/fullchain.pem --client-key bob/privkey.pem";
    expect(&ask(&sandbox, &address, &format!("{shown} --crl bob.crl")), None);
}

/// Node ends the handshake with a certificate that it does not take, and closes without a word.
const NODE: &str = r#"
const fs = require('fs'), [over] = process.argv.slice(1);
const options = { cert: fs.readFileSync('store/certs/localhost/fullchain.pem'), key: fs.readFileSync('store/certs/localhost/privkey.pem'),
  ca: fs.readFileSync('store/ca/root.pem'), requestCert: true, rejectUnauthorized: true };
const server = over === 'https' ? require('https').createServer(options, (_, answer) => answer.end('ok')) : require('tls').createServer(options);
server.listen(0, '127.0.0.1', () => console.log('listening on 127.0.0.1:' + server.address().port));
"#;

#[test]
fn a_server_that_closes_once_it_has_seen_the_clients_certificate_refuses_it() {
    let (Some(node), Some(_)) = (peer("node"), peer("openssl")) else { return };
    let sandbox = prepared();
    home_ca(&sandbox, "home");
    home_client(&sandbox, "home", "stranger", "clientAuth");
    for over in ["https", "tls"] {
        let server = sandbox.start(&node, ["-e", NODE, "--", over]);
        let address = server.address().to_string();
        let ask = |shown: &str| ask(&sandbox, &address, &format!("--name localhost {shown}"));
        let alice = "--client-key store/certs/alice/privkey.pem --client-chain store/certs/alice";
        expect(&ask(&format!("{alice}/fullchain.pem")), None);
        expect(&ask(""), Some("client-certificate-missing"));
        let alone = ask(&format!("{alice}/cert.pem"));
        expect(&alone, Some("missing-intermediate"));
        assert_eq!(finding(&alone, "client-certificate-refused")["evidence"]["ended_by"], "close", "{alone:#}");
        assert_eq!(says(&alone, "curl"), "curl: (52) Empty reply from server");
        let stranger = ask("--client-chain own/stranger.pem --client-key own/stranger.key");
        expect(&stranger, Some("client-certificate-not-offered"));
        assert_eq!(stranger["verdict"], "invalid", "{stranger:#}");
    }
}

/// Java's `HttpsServer` ends the handshake with a client that shows no certificate, and closes without a word; before TLS 1.3 in its midst.
const SILENT: &str = r#"
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("store/certs/localhost/fullchain.pem", "store/certs/localhost/privkey.pem")
context.load_verify_locations("store/ca/root.pem")
context.verify_mode = ssl.CERT_OPTIONAL
context.maximum_version = getattr(ssl.TLSVersion, sys.argv[1])
with socket.create_server(("127.0.0.1", 0)) as listener:
    print("listening on %s:%d" % listener.getsockname(), flush=True)
    while True:
        peer, _ = listener.accept()
        try:
            with context.wrap_socket(peer, server_side=True) as tls:
                if tls.getpeercert():
                    tls.recv(1)
        except OSError as error:
            print("ended:", error, flush=True)
        finally:
            peer.close()
"#;

#[test]
fn a_server_that_closes_where_no_client_certificate_was_shown_requires_one() {
    let Some(python) = peer("python3") else { return };
    let sandbox = prepared();
    sandbox.write("silent.py", SILENT);
    let alice = "--client-chain store/certs/alice/fullchain.pem --client-key store/certs/alice/privkey.pem";
    for version in ["TLSv1_3", "TLSv1_2"] {
        let server = sandbox.start(&python, ["silent.py", version]);
        let address = server.address().to_string();
        expect(&ask(&sandbox, &address, &format!("--name localhost {alice}")), None);
        let report = ask(&sandbox, &address, "--name localhost");
        expect(&report, Some("client-certificate-missing"));
        assert_eq!(report["cause"]["evidence"]["ended_by"], "close", "{report:#}");
        assert_eq!(says(&report, "curl"), "curl: (52) Empty reply from server");
    }
}

/// Clients that go by the list send nothing, and see what a client without a certificate sees; the others see their refusal. Measured with
/// all but Chromium.
#[test]
fn a_list_that_leaves_the_clients_ca_out_is_seen_by_each_client_as_it_goes_by_it() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    home_ca(&sandbox, "home");
    home_client(&sandbox, "home", "stranger", "clientAuth");
    let words = format!("{OWN} -Verify 3 -verify_return_error -CAfile store/ca/root.pem");
    for (version, missing) in [("-tls1_3", "certificate required"), ("-tls1_2", "handshake failure")] {
        let (_server, address) = openssl(&sandbox, &format!("{words} {version}"));
        let shown = "--name localhost --client-chain own/stranger.pem --client-key own/stranger.key";
        let report = ask(&sandbox, &address, shown);
        expect(&report, Some("client-certificate-not-offered"));
        for client in ["openssl", "curl", "python-3.11", "node"] {
            assert!(says(&report, client).to_lowercase().contains("unknown ca"), "{version} {client}: {report:#}");
        }
        assert_eq!(says(&report, "go"), format!("remote error: tls: {missing}"));
        assert!(says(&report, "java").ends_with(&missing.replace(' ', "_")), "{version}: {report:#}");
    }
}

#[test]
fn a_client_certificate_without_any_ca_is_told_before_a_list_that_cannot_have_it() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    sandbox.shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout self.key -out self.pem -subj /CN=alice -days 30 -addext extendedKeyUsage=clientAuth -addext basicConstraints=critical,CA:FALSE").exits(0);
    let words = format!("{OWN} -Verify 3 -verify_return_error -CAfile store/ca/root.pem");
    let (_server, address) = openssl(&sandbox, &words);
    let report = ask(&sandbox, &address, "--name localhost --client-chain self.pem --client-key self.key");
    expect(&report, Some("self-signed-leaf"));
    for code in ["client-certificate-not-offered", "client-certificate-refused"] {
        assert_eq!(finding(&report, code)["follows_from"], "self-signed-leaf", "{report:#}");
    }
}

/// PostgreSQL asks for a certificate in every handshake, and insists on it by the rules of the account.
const POSTGRES: &str = r#"
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("store/certs/localhost/fullchain.pem", "store/certs/localhost/privkey.pem")
context.load_verify_locations("store/ca/root.pem")
context.verify_mode = ssl.CERT_OPTIONAL
REQUEST = bytes([0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f])
def answer(tls):
    length = int.from_bytes(tls.recv(4), "big")
    assert tls.recv(length).startswith(b"\0\3\0\0user\0"), "no StartupMessage"
    if tls.getpeercert() or sys.argv[1] == "trust":
        return
    fields = b"SFATAL\0C28000\0Mconnection requires a valid client certificate\0\0"
    tls.sendall(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)
with socket.create_server(("127.0.0.1", 0)) as listener:
    print("listening on %s:%d" % listener.getsockname(), flush=True)
    while True:
        peer, _ = listener.accept()
        try:
            if peer.recv(8) == REQUEST:
                peer.sendall(b"S")
                with context.wrap_socket(peer, server_side=True) as tls:
                    answer(tls)
        except (OSError, AssertionError) as error:
            print("ended:", error, flush=True)
        finally:
            peer.close()
"#;

#[test]
fn what_postgresql_says_of_a_missing_client_certificate_is_heard() {
    let Some(python) = peer("python3") else { return };
    let sandbox = prepared();
    sandbox.write("postgres.py", POSTGRES);
    let alice = "--client-chain store/certs/alice/fullchain.pem --client-key store/certs/alice/privkey.pem";
    for (rule, shown, code) in
        [("cert", "", Some("client-certificate-missing")), ("cert", alice, None), ("trust", "", None)]
    {
        let server = sandbox.start(&python, ["postgres.py", rule]);
        let address = server.address().to_string();
        let report = ask(&sandbox, &address, &format!("--name localhost --starttls postgres {shown}"));
        expect(&report, code);
        assert_eq!(report["endpoint"]["client_certificate_wanted"], true, "{report:#}");
        if code.is_some() {
            let said = "connection requires a valid client certificate";
            assert_eq!(report["cause"]["evidence"]["said"], said, "{report:#}");
            assert_eq!(says(&report, "openssl"), format!("FATAL:  {said}"));
        }
    }
}
