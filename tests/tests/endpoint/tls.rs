//! Versions, ciphers, names and protocols: what a server offers, and to whom.

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ServerConfig, ServerConnection, Stream};
use tests::peers::peer;
use tests::ports::FreePort;

use super::{OTHER, OWN, ask, expect, finding, openssl, prepared, says, server};
use tests::Sandbox;

#[test]
fn a_good_server_has_nothing_to_mend_and_its_report_tells_of_it() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    let (_server, address) = openssl(&sandbox, OWN);
    let report = ask(&sandbox, &address, "--name localhost");
    expect(&report, None);
    let endpoint = &report["endpoint"];
    assert_eq!(endpoint["address"], address.as_str());
    assert_eq!(endpoint["version"], "TLS 1.3");
    assert_eq!(endpoint["versions"], serde_json::json!(["TLS 1.3", "TLS 1.2"]), "{report:#}");
    assert_eq!(endpoint["client_certificate_wanted"], false);
    sandbox.pki(["diagnose", &address, "--name", "localhost"]).exits(0).says("TLS 1.3, TLS 1.2");
}

/// openssl's words, ours, and the cause.
const MISTAKES: &[(&str, &str, Option<&str>)] = &[
    ("OWN -tls1_1 -cipher ALL:@SECLEVEL=0", "--name localhost", Some("tls-version-mismatch")),
    ("OWN -tls1_2", "--name localhost --min-tls 1.3", Some("tls-version-mismatch")),
    ("OWN -tls1_2", "--name localhost", None),
    ("OWN -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256", "--name localhost", Some("cipher-suite-mismatch")),
    ("OWN -tls1_2 -cipher ECDHE-ECDSA-AES128-SHA", "--name localhost", Some("cipher-suite-mismatch")),
    ("OWN -tls1_3 -ciphersuites TLS_AES_128_CCM_SHA256", "--name localhost", Some("cipher-suite-mismatch")),
    ("-nocert", "--name localhost", Some("cipher-suite-mismatch")),
    ("OWN -alpn foo", "--name localhost", Some("alpn-mismatch")),
    ("OWN -alpn irc", "--name localhost", None),
    // As servers of gRPC do: curl and browsers offer it.
    ("OWN -alpn h2", "--name localhost", None),
    ("OWN -alpn irc", "--name localhost --alpn h2", Some("alpn-mismatch")),
    ("OWN -alpn irc", "--name localhost --alpn irc", None),
    ("OTHER", "--name www.other.test", Some("wrong-virtual-host")),
    ("OTHER", "--name www.example.test", Some("name-mismatch")),
    ("OTHER SECOND -servername localhost -servername_fatal", "--name www.example.test", Some("sni-refused")),
    ("OTHER SECOND -servername shop.example.test", "--name www.example.test", Some("wrong-virtual-host")),
    ("OWN -Verify 1 -CAfile store/ca/root.pem", "--name localhost", Some("client-certificate-missing")),
    ("OWN -tls1_2 -Verify 1 -CAfile store/ca/root.pem", "--name localhost", Some("client-certificate-missing")),
];

#[test]
fn every_mistake_of_a_live_server_is_named() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    let second = "-cert2 store/certs/localhost/cert.pem -key2 store/certs/localhost/privkey.pem";
    for (words, flags, code) in MISTAKES {
        let words = words.replace("OWN", OWN).replace("OTHER", OTHER).replace("SECOND", second);
        let (_server, address) = openssl(&sandbox, &words);
        let report = ask(&sandbox, &address, flags);
        assert_eq!(report["cause"]["code"].as_str(), *code, "{words} {flags}: {report:#}");
    }
}

/// rustls reads none of these certificates, so that it looks at no signature of theirs; the server has the key all the same.
#[test]
fn a_certificate_that_rustls_cannot_read_is_not_taken_for_another_keys() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    let make = "openssl req -new -newkey KIND -noenc -keyout KEY -out it.csr -subj /CN=localhost && \
                openssl x509 -req -in it.csr -CA store/ca/root.pem -CAkey ca.key -days 90 EXTENSIONS -out CERT";
    sandbox
        .shell("openssl req -x509 -newkey rsa:2048 -noenc -keyout ca.key -out ca.pem -subj /CN=Home -days 90")
        .exits(0);
    sandbox.write("odd.ext", "subjectAltName=DNS:localhost\n1.2.3.4=critical,DER:0500\n");
    for (name, kind, extensions) in [
        ("old", "ec -pkeyopt ec_paramgen_curve:P-256", ""),
        ("old-rsa", "rsa:2048", ""),
        ("odd", "rsa:2048", "-extfile odd.ext"),
    ] {
        let make = make.replace("store/ca/root.pem", "ca.pem").replace("KIND", kind).replace("EXTENSIONS", extensions);
        sandbox.shell(&make.replace("KEY", &format!("{name}.key")).replace("CERT", &format!("{name}.pem"))).exits(0);
        for version in ["-tls1_3", "-tls1_2"] {
            let (_server, address) = openssl(&sandbox, &format!("{version} -cert {name}.pem -key {name}.key"));
            let report = ask(&sandbox, &address, "--name localhost --trust ca.pem");
            let code = report["cause"]["code"].as_str().unwrap_or("none");
            let expected = if name == "odd" { "unknown-critical-extension" } else { "version-1" };
            assert_eq!(code, expected, "{name} {version}: {report:#}");
            let codes: Vec<_> = report["findings"].as_array().expect("an array").iter().map(|it| &it["code"]).collect();
            assert!(!codes.iter().any(|code| *code == "key-mismatch"), "{name} {version}: {codes:?}");
        }
    }
}

/// Left out, each of them would ask something else.
#[test]
fn a_fix_asks_the_endpoint_with_every_flag_that_was_typed() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    sandbox.pki(["crl"]).exits(0);
    let at = (time::OffsetDateTime::now_utc() + time::Duration::hours(1)).replace_nanosecond(0).expect("a time");
    let at = at.format(&time::format_description::well_known::Rfc3339).expect("a time of this era");
    let flags = [
        "--name localhost".to_owned(),
        "--min-tls 1.3".to_owned(),
        "--alpn irc".to_owned(),
        "--crl store/ca/crl.pem".to_owned(),
        "--system-trust".to_owned(),
        format!("--at {at}"),
    ];
    let (_server, address) = openssl(&sandbox, &format!("{OWN} -tls1_2"));
    let by_connection = ask(&sandbox, &address, &flags.join(" "));
    expect(&by_connection, Some("tls-version-mismatch"));
    // What the system trusts did not issue it; the fix asks with the store's root in its place.
    let (_other, address) = openssl(&sandbox, OWN);
    let by_chain = ask(&sandbox, &address, &flags.join(" "));
    expect(&by_chain, Some("root-in-other-store"));
    for (report, left_out) in [(&by_connection, ""), (&by_chain, "--system-trust")] {
        let fix = report["cause"]["fix"].as_str().expect("a fix");
        let command = fix.lines().find(|line| line.starts_with("pki diagnose")).unwrap_or_else(|| panic!("{fix}"));
        for flag in flags.iter().filter(|flag| *flag != left_out) {
            assert!(command.contains(flag.as_str()), "no {flag} in {command}");
        }
    }
}

#[test]
fn old_versions_are_seen_beside_the_new_and_as_all_there_is() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    for (words, versions) in [
        ("-cipher ALL:@SECLEVEL=0", serde_json::json!(["TLS 1.3", "TLS 1.2", "TLS 1.1", "TLS 1.0"])),
        ("-no_tls1_3", serde_json::json!(["TLS 1.2"])),
        ("-tls1 -cipher ALL:@SECLEVEL=0", serde_json::json!(["TLS 1.0"])),
    ] {
        let (_server, address) = openssl(&sandbox, &format!("{OWN} {words}"));
        let report = ask(&sandbox, &address, "--name localhost");
        assert_eq!(report["endpoint"]["versions"], versions, "{words}: {report:#}");
    }
}

#[test]
fn another_certificate_without_a_name_is_told_and_harmless() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    sandbox.pki(["issue", "server", "chat.example.test"]).exits(0);
    let words = format!(
        "{OTHER} -cert2 store/certs/chat.example.test/cert.pem -key2 store/certs/chat.example.test/privkey.pem -servername chat.example.test"
    );
    let (_server, address) = openssl(&sandbox, &words);
    let report = ask(&sandbox, &address, "--name chat.example.test");
    let missing = finding(&report, "sni-missing");
    assert_eq!(missing["severity"], "note", "{report:#}");
    assert_eq!(missing["evidence"]["without_name"], "shop.example.test", "{report:#}");
}

#[test]
fn a_server_that_has_not_read_its_new_certificate_is_told() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    let (_server, address) = openssl(&sandbox, OWN);
    let same = ask(&sandbox, &address, "--name localhost --chain store/certs/localhost/fullchain.pem");
    expect(&same, None);
    // Served: one for another name; on the disk: one that is right.
    let (_other, other) = openssl(&sandbox, OTHER);
    let report = ask(&sandbox, &other, "--name localhost --chain store/certs/localhost/fullchain.pem");
    expect(&report, Some("stale-certificate-served"));
    assert_eq!(finding(&report, "name-mismatch")["follows_from"], "stale-certificate-served", "{report:#}");
}

/// Measured with all of the clients: GnuTLS and wget alone ask for what the certificate demands.
#[test]
fn a_certificate_that_demands_a_staple_and_comes_without_is_told() {
    let (Some(_), Some(client)) = (peer("openssl"), peer("gnutls-cli")) else { return };
    let sandbox = Sandbox::new();
    sandbox.write("leaf.ext", "subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\nkeyUsage=critical,digitalSignature\nbasicConstraints=CA:FALSE\nauthorityKeyIdentifier=keyid\ntlsfeature=status_request\n");
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc";
    let make = format!(
        "openssl req -x509 {key} -keyout ca.key -out ca.pem -subj /CN=Home -days 90 -addext keyUsage=critical,keyCertSign,cRLSign
        openssl req -new {key} -keyout leaf.key -out leaf.csr -subj /CN=web
        openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -set_serial 0x1234 -days 60 -extfile leaf.ext -out leaf.pem
        printf 'V\\t480101000000Z\\t\\t1234\\tunknown\\t/CN=web\\n' > index
        openssl ocsp -issuer ca.pem -cert leaf.pem -no_nonce -reqout ask.der
        openssl ocsp -index index -CA ca.pem -rsigner ca.pem -rkey ca.key -reqin ask.der -respout staple.der -ndays 7"
    );
    sandbox.shell(&make).exits(0);
    for version in ["-tls1_3", "-tls1_2"] {
        for (staple, told) in [("", true), ("-status_file staple.der", false)] {
            let words = format!("-cert leaf.pem -key leaf.key {version} {staple}");
            let (_server, address) = openssl(&sandbox, &words);
            let report = ask(&sandbox, &address, "--name localhost --trust ca.pem");
            expect(&report, told.then_some("staple-missing"));
            assert_eq!(report["verdict"], "valid", "{report:#}");
            let port = address.rsplit(':').next().expect("a port");
            let words = ["--x509cafile", "ca.pem", "--verify-hostname", "localhost", "-p", port, "127.0.0.1"];
            let outcome = sandbox.run(&client, words);
            assert_eq!(outcome.succeeded(), !told, "{outcome}");
            let foretold = says(&report, "gnutls");
            assert_eq!(foretold.is_empty(), !told, "{report:#}");
            outcome.says(&foretold);
        }
    }
}

/// No client reads the file that is compared with what is sent.
#[test]
fn a_file_that_cannot_be_compared_says_nothing_of_the_endpoint() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    sandbox.write("empty.pem", "");
    let (_server, address) = openssl(&sandbox, OWN);
    for (file, code) in [("no-such.pem", "file-missing"), ("empty.pem", "file-empty"), ("store", "file-is-directory")] {
        let report = ask(&sandbox, &address, &format!("--name localhost --chain {file}"));
        expect(&report, Some(code));
        let message = report["cause"]["message"].as_str().expect("a message");
        assert!(message.contains(file) && message.ends_with("is in order by itself"), "{message}");
        let refusing = report["clients"].as_array().expect("an array").iter().find(|it| it["verdict"] == "rejects");
        assert_eq!(refusing, None, "{report:#}");
        let fix = report["cause"]["fix"].as_str().expect("a fix");
        sandbox.shell(fix.lines().last().expect("a line")).exits(0);
    }
    // What is wrong there comes first.
    let wrong = ask(&sandbox, &address, "--name www.example.test --chain no-such.pem");
    expect(&wrong, Some("name-mismatch"));
    assert_eq!(finding(&wrong, "file-missing")["severity"], "warning", "{wrong:#}");
    assert!(says(&wrong, "curl").contains("SSL: no alternative certificate subject name matches"), "{wrong:#}");
}

#[test]
fn gnutls_and_nss_still_speak_what_others_have_left() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    let (_server, address) = openssl(&sandbox, &format!("{OWN} -tls1_1 -cipher ALL:@SECLEVEL=0"));
    let report = ask(&sandbox, &address, "--name localhost");
    expect(&report, Some("tls-version-mismatch"));
    let all = report["clients"].as_array().expect("an array");
    let accepting = all.iter().filter(|it| it["verdict"] == "accepts").filter_map(|it| it["client"].as_str());
    assert_eq!(accepting.collect::<Vec<_>>(), ["wget", "gnutls", "nss"]);
    assert_eq!(says(&report, "go"), "remote error: tls: protocol version not supported");
    let Some(client) = peer("gnutls-cli") else { return };
    let port = address.rsplit(':').next().expect("a port");
    let words = ["--x509cafile", "store/ca/root.pem", "--verify-hostname", "localhost", "-p", port, "127.0.0.1"];
    sandbox.run(client, words).says("Handshake was completed");
}

/// Two addresses of one name, of which one has kept an old certificate. Both are loopback's, in a name space of its own where the
/// file of hosts can be another.
#[test]
fn addresses_of_one_name_that_differ_are_told() {
    let (Some(_), Some(unshare)) = (peer("openssl"), peer("unshare")) else { return };
    let (sandbox, port) = (prepared(), FreePort::take());
    sandbox.pki(["issue", "server", "two.example.test", "--out", "old"]).exits(0);
    sandbox.pki(["renew", "two.example.test"]).exits(0);
    sandbox.pki(["issue", "server", "elsewhere.example.test", "--out", "new"]).exits(0);
    sandbox.write("hosts", "127.0.0.1 two.example.test\n127.0.0.2 two.example.test\n");
    let serve = |address: &str, folder: &str| {
        let words = format!(
            "exec openssl s_server -accept {address}:{} -cert_chain {folder}/chain.pem -cert {folder}/cert.pem -key {folder}/privkey.pem",
            port.number()
        );
        let server = sandbox.start("sh", ["-c", &words]);
        server.line("ACCEPT");
        server
    };
    let _right = serve("127.0.0.1", "old");
    let _other = serve("127.0.0.2", "new");
    let lines = format!("mount --bind hosts /etc/hosts && pki diagnose --json two.example.test:{}", port.number());
    let outcome = sandbox.run(&unshare, ["--map-root-user", "--mount", "sh", "-c", &lines]);
    if outcome.stdout.is_empty() {
        writeln!(std::io::stderr(), "skipped: this machine lets nobody put another file in the place of /etc/hosts")
            .expect("stderr");
        return;
    }
    let report = outcome.json();
    let differ = finding(&report, "address-mismatch");
    assert!(differ["evidence"].to_string().contains("127.0.0.2"), "{report:#}");
    assert!(!differ["fix"].as_str().unwrap_or_default().is_empty(), "{report:#}");
    expect(&report, Some("address-mismatch"));
    // Whichever of them clients get first: the certificate that is refused gets that of the other address, and no new one is issued.
    drop((_right, _other));
    for (good, bad) in [("127.0.0.1", "127.0.0.2"), ("127.0.0.2", "127.0.0.1")] {
        let _good = serve(good, "old");
        let words =
            format!("exec openssl s_server -accept {bad}:{} -cert old/cert.pem -key old/privkey.pem", port.number());
        let _bad = sandbox.start("sh", ["-c", &words]);
        _bad.line("ACCEPT");
        let report = sandbox.run(&unshare, ["--map-root-user", "--mount", "sh", "-c", &lines]).json();
        expect(&report, Some("address-mismatch"));
        let fix = report["cause"]["fix"].as_str().expect("a fix");
        assert!(fix.contains(&format!("that of {good}:")) && !fix.contains("pki issue"), "{report:#}");
        let gets_bad = report["endpoint"]["address"].as_str().is_some_and(|it| it.starts_with(bad));
        assert_eq!(report["verdict"] == "invalid", gets_bad, "{report:#}");
        assert_eq!(says(&report, "curl").contains("unable to get local issuer certificate"), gets_bad, "{report:#}");
    }
    let _right = serve("127.0.0.1", "old");
    // One that lacks the CA between, and one that no CA of ours has issued: whoever gets there is shut out, and is told of.
    sandbox.shell("pki --store other init-ca --name 'Other Root' && pki --store other issue server two.example.test --out foreign").exits(0);
    for (words, reason) in [
        ("-cert old/cert.pem -key old/privkey.pem", "missing-intermediate"),
        ("-cert foreign/cert.pem -key foreign/privkey.pem", ""),
    ] {
        let words = format!("exec openssl s_server -accept 127.0.0.2:{} {words}", port.number());
        let server = sandbox.start("sh", ["-c", &words]);
        server.line("ACCEPT");
        let report = sandbox.run(&unshare, ["--map-root-user", "--mount", "sh", "-c", &lines]).json();
        let differ = finding(&report, "address-mismatch");
        let refused = differ["evidence"]["refused"].to_string();
        assert!(
            refused.contains("127.0.0.2") && refused.contains(reason) && !refused.contains("127.0.0.1"),
            "{report:#}"
        );
        assert!(
            differ["fix"].as_str().is_some_and(|fix| fix.contains("127.0.0.2:") && fix.contains("that of 127.0.0.1")),
            "{report:#}"
        );
    }
}

/// The key's kind, a suite, and who refuses it. Measured with all of them but rustls, which lacks them by its own list, Go of 1.22 and
/// later, and Python's own build, whose lists say so.
const SUITES: &[(&str, &str, &[&str])] = &[
    ("ECDSA", "ECDHE-ECDSA-AES128-SHA", &["python-3.11", "python-3.13", "rustls", "rustls-aws-lc", "chromium"]),
    ("ECDSA", "ECDHE-ECDSA-AES128-SHA256", &["wget", "gnutls", "rustls", "rustls-aws-lc", "go", "chromium"]),
    ("ECDSA", "ECDHE-ECDSA-AES256-SHA384", &["wget", "gnutls", "rustls", "rustls-aws-lc", "go", "nss", "chromium"]),
    ("RSA", "DHE-RSA-AES128-SHA256", &["wget", "gnutls", "rustls", "rustls-aws-lc", "go", "chromium"]),
    ("RSA", "DHE-RSA-AES256-CCM", NO_CCM),
    ("RSA", "AES128-CCM", NO_CCM),
];

/// Who has no suite of AES in CCM.
const NO_CCM: &[&str] = &[
    "openssl",
    "openssl-strict",
    "curl",
    "python-3.11",
    "python-3.13",
    "java",
    "rustls",
    "rustls-aws-lc",
    "go",
    "nss",
    "chromium",
];

/// Nobody is said to refuse who does not.
#[test]
fn suites_of_old_are_refused_by_those_who_lack_them() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    sandbox.pki(["issue", "server", "rsa.example.test", "localhost", "--key", "rsa-2048"]).exits(0);
    let rsa = OWN.replace("/localhost/", "/rsa.example.test/");
    for (own, suite, refusing) in SUITES {
        let own = if *own == "RSA" { &rsa } else { OWN };
        let (_server, address) = openssl(&sandbox, &format!("{own} -tls1_2 -cipher {suite}"));
        let report = ask(&sandbox, &address, "--name localhost");
        expect(&report, Some("cipher-suite-mismatch"));
        let all = report["clients"].as_array().expect("an array");
        let rejecting = all.iter().filter(|it| it["verdict"] == "rejects").filter_map(|it| it["client"].as_str());
        assert_eq!(rejecting.collect::<Vec<_>>(), *refusing, "{suite}");
    }
}

/// The certificate of `localhost` with the key of another one, which openssl would not start with; and where it listens.
fn with_the_key_of(sandbox: &Sandbox, other: &str) -> String {
    let chain =
        CertificateDer::pem_file_iter(sandbox.file("store/certs/localhost/fullchain.pem")).expect("it is issued");
    let chain = chain.collect::<Result<_, _>>().expect("certificates");
    let key = PrivateKeyDer::from_pem_file(sandbox.file(format!("store/certs/{other}/privkey.pem"))).expect("a key");
    let provider = ca_store::handshake::provider();
    let key = provider.key_provider.load_private_key(key).expect("a key that rustls takes");
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has both versions")
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(CertifiedKey::new(chain, key))));
    let config = Arc::new(config);
    server(move |stream| {
        let mut connection = ServerConnection::new(Arc::clone(&config)).expect("the configuration is whole");
        // That the client goes away in the middle is what is asked about.
        let _ = Stream::new(&mut connection, stream).read(&mut [0; 64]);
    })
}

/// The server runs: what its clients say is of the handshake, not of a port that is closed.
#[test]
fn a_server_with_another_key_is_refused_for_its_signature() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    sandbox.pki(["issue", "server", "rsa.example.test", "--key", "rsa-2048"]).exits(0);
    for (other, code, said) in [
        ("shop.example.test", "key-mismatch", "bad signature"),
        ("rsa.example.test", "key-type-mismatch", "wrong signature type"),
    ] {
        let address = with_the_key_of(&sandbox, other);
        let report = ask(&sandbox, &address, "--name localhost");
        expect(&report, Some(code));
        for client in report["clients"].as_array().expect("an array").iter().filter(|it| it["verdict"] == "rejects") {
            let words = client["error"].as_str().expect("words").to_ascii_lowercase();
            assert!(!words.is_empty() && !words.contains("refused"), "{client}");
        }
        let connect = format!("openssl s_client -connect {address} -CAfile store/ca/root.pem -servername localhost");
        sandbox.shell(&format!("{connect} < /dev/null 2>&1")).says(said);
        assert!(says(&report, "openssl").ends_with(said), "{report:#}");
        assert!(says(&report, "curl").ends_with(said), "{report:#}");
    }
}
