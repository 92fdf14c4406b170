//! `pki diagnose HOST:PORT` on live servers: openssl with every mistake that it can make, small servers of other
//! protocols, and peers that close, are silent, or never stop.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use serde_json::Value;
use tests::peers::peer;
use tests::ports::FreePort;
use tests::{Running, Sandbox};

/// The server's own files, issued for `localhost`.
const OWN: &str = "-cert_chain store/certs/localhost/chain.pem -cert store/certs/localhost/cert.pem -key store/certs/localhost/privkey.pem";
/// The same for another site.
const OTHER: &str = "-cert_chain store/certs/shop.example.test/chain.pem -cert store/certs/shop.example.test/cert.pem -key store/certs/shop.example.test/privkey.pem";

/// A store with certificates for `localhost`, `shop.example.test` and the client `alice`.
fn prepared() -> Sandbox {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "localhost", "127.0.0.1"]).exits(0);
    sandbox.pki(["issue", "server", "shop.example.test"]).exits(0);
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    sandbox
}

/// openssl as a server with these words on its command line, and its address.
fn openssl(sandbox: &Sandbox, words: &str) -> (Running, String) {
    let server = sandbox.start("sh", ["-c", &format!("exec openssl s_server -accept 127.0.0.1:0 {words}")]);
    let port = server.line("ACCEPT ").rsplit(':').next().expect("a port").to_owned();
    (server, format!("127.0.0.1:{port}"))
}

fn ask(sandbox: &Sandbox, address: &str, flags: &str) -> Value {
    let words = ["diagnose", address, "--json"].into_iter().chain(flags.split_whitespace());
    sandbox.pki(words).json()
}

#[track_caller]
fn expect(report: &Value, code: Option<&str>) {
    assert_eq!(report["cause"]["code"].as_str(), code, "{report:#}");
    if code.is_some() {
        let text = |field: &str| report["cause"][field].as_str().unwrap_or_default().to_owned();
        assert!(!text("message").is_empty() && !text("fix").is_empty(), "{report:#}");
    }
}

fn finding<'a>(report: &'a Value, code: &str) -> &'a Value {
    let all = report["findings"].as_array().expect("an array");
    all.iter().find(|it| it["code"] == code).unwrap_or_else(|| panic!("no {code}: {report:#}"))
}

/// A server that hands each connection to `talk`, in turn; and its address.
fn server(talk: impl Fn(&mut TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound").to_string();
    std::thread::spawn(move || listener.incoming().flatten().for_each(|mut stream| talk(&mut stream)));
    address
}

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
    ("OWN -tls1_3 -ciphersuites TLS_AES_128_CCM_SHA256", "--name localhost", Some("cipher-suite-mismatch")),
    ("-nocert", "--name localhost", Some("cipher-suite-mismatch")),
    ("OWN -alpn foo", "--name localhost", Some("alpn-mismatch")),
    ("OWN -alpn irc", "--name localhost", None),
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
            (named, stranger.clone(), Some("client-certificate-not-offered")),
            (unnamed, stranger.clone(), Some("self-signed-leaf")),
            (named, store("shop.example.test"), Some("wrong-purpose")),
            (named, "--client-chain none.pem --client-key none.key".to_owned(), Some("file-missing")),
        ] {
            let words = format!("{OWN} {version} -Verify 1 -verify_return_error {trust}");
            let (_server, address) = openssl(&sandbox, &words);
            let report = ask(&sandbox, &address, &format!("--name localhost {shown}"));
            assert_eq!(report["cause"]["code"].as_str(), code, "{version} {trust} {shown}: {report:#}");
            assert_eq!(report["endpoint"]["client_certificate_wanted"], true, "{report:#}");
        }
    }
    let (_server, address) = openssl(&sandbox, &format!("{OWN} -Verify 1 {named}"));
    let report = ask(&sandbox, &address, "--name localhost");
    assert_eq!(report["endpoint"]["accepted_cas"], serde_json::json!(["CN=Test Root CA"]), "{report:#}");
}

#[test]
fn a_root_that_another_store_trusts_is_found_there() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    sandbox.shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout x.key -out x.pem -subj '/CN=Unrelated CA' -days 9").exits(0);
    let (_server, address) = openssl(&sandbox, OWN);
    let report = ask(&sandbox, &address, "--name localhost --trust x.pem");
    expect(&report, Some("root-in-other-store"));
    let again = report["cause"]["fix"].as_str().and_then(|fix| fix.lines().next()).expect("a line").to_owned();
    sandbox.shell(&again).exits(0);
}

#[test]
fn a_root_that_only_a_variable_java_or_a_browser_knows_is_found_there() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    sandbox.pki(["init-ca", "--store", "else", "--name", "Unrelated CA"]).exits(0);
    sandbox.shell("cp store/ca/root.pem mine.pem && cp store/certs/localhost/fullchain.pem .").exits(0);
    let ask = "pki --store none diagnose --json --chain fullchain.pem --name localhost --trust else/ca/root.pem";
    for name in ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE"] {
        let report = sandbox.shell(&format!("{name}=mine.pem {ask}")).json();
        expect(&report, Some("root-in-other-store"));
        assert!(report["cause"]["message"].as_str().is_some_and(|it| it.contains(name)), "{report:#}");
    }
    expect(&sandbox.shell(ask).json(), Some("root-not-trusted"));
    if peer("keytool").is_some() {
        let made = "mkdir -p jdk/lib/security && keytool -importcert -noprompt -alias mine -file mine.pem -storepass changeit \\
                    -keystore jdk/lib/security/cacerts";
        sandbox.shell(made).exits(0);
        let report = sandbox.shell(&format!("JAVA_HOME=$PWD/jdk {ask}")).json();
        assert!(report["cause"]["message"].as_str().is_some_and(|it| it.contains("Java")), "{report:#}");
        let fix = report["cause"]["fix"].as_str().expect("a fix").replace("pki ", "pki --store none ");
        sandbox.shell(&fix).exits(0);
    }
    let Some(_) = peer("certutil") else { return };
    let made = "mkdir -p home/.pki/nssdb && certutil -N -d sql:home/.pki/nssdb --empty-password && \
                certutil -A -d sql:home/.pki/nssdb -n 'my root' -t C,, -i mine.pem";
    sandbox.shell(made).exits(0);
    let report = sandbox.shell(ask).json();
    expect(&report, Some("root-in-other-store"));
    assert!(report["cause"]["message"].as_str().is_some_and(|it| it.contains("nssdb")), "{report:#}");
    // The fix takes it out of there, and asks by it.
    let fix = report["cause"]["fix"].as_str().expect("a fix").replace("pki ", "pki --store none ");
    sandbox.shell(&fix).exits(0);
}

#[test]
fn traffic_that_a_proxy_signs_again_is_told() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    // A proxy copies the names, signs by its own CA, and the store knows what it issued for them.
    for (store, ca) in [("proxy", "Example TLS Inspection CA"), ("plain", "Some Other CA")] {
        sandbox.pki(["init-ca", "--store", store, "--name", ca]).exits(0);
        sandbox.pki(["issue", "server", "localhost", "127.0.0.1", "--store", store]).exits(0);
        let words = OWN.replace("store/certs", &format!("{store}/certs"));
        let (_server, address) = openssl(&sandbox, &words);
        expect(&ask(&sandbox, &address, "--name localhost"), Some("intercepted"));
    }
}

#[test]
fn the_clock_is_named_where_the_real_time_makes_everything_valid() {
    let sandbox = prepared();
    for at in ["2015-06-01T00:00:00Z", "2090-01-01T00:00:00Z"] {
        let files = "--chain store/certs/localhost/fullchain.pem --name localhost";
        let words = ["diagnose", "--json", "--at", at].into_iter().chain(files.split_whitespace());
        let report = sandbox.pki(words).exits(1).json();
        expect(&report, Some("clock-wrong"));
        assert!(
            report["cause"]["evidence"]["true_time"].is_string()
                && report["cause"]["evidence"]["judged_at"].is_string()
        );
        let rejects = report["clients"].as_array().expect("clients").iter().all(|it| it["verdict"] == "rejects");
        assert!(rejects, "{report:#}");
    }
}

#[test]
fn what_a_port_speaks_in_plain_text_is_named() {
    let sandbox = Sandbox::with_ca();
    for (said, code, protocol) in [
        (&b"220 mail.example.test ESMTP\r\n"[..], "starttls-needed", "SMTP"),
        (b"220 (vsFTPd 3.0.5)\r\n", "starttls-needed", "FTP"),
        (b"* OK IMAP4rev1 ready\r\n", "starttls-needed", "IMAP"),
        (b"+OK ready\r\n", "starttls-needed", "POP3"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not-tls", "SSH"),
        (
            b"\x2c\0\0\0\x0a8.0.36\0\x01\0\0\0abcdefgh\0\xff\xff\x2d\x02\0\xff\xdf\x15\0\0\0\0\0\0\0\0\0\0",
            "starttls-needed",
            "MySQL",
        ),
        (b":irc.example.test NOTICE * :*** Looking up your hostname\r\n", "not-tls", "IRC in plain text"),
    ] {
        let address = server(move |stream| {
            let _ = stream.write_all(said);
            let _ = stream.read(&mut [0; 1024]);
        });
        let report = ask(&sandbox, &address, "--name localhost");
        expect(&report, Some(code));
        assert_eq!(report["cause"]["evidence"]["protocol"], protocol, "{report:#}");
    }
}

/// What a server answers that waits to be spoken to.
type Answer = (&'static [u8], &'static [u8], &'static str, &'static str);

#[test]
fn a_port_that_waits_to_be_spoken_to_is_asked() {
    let sandbox = Sandbox::with_ca();
    let table: [Answer; 5] = [
        (b"GET ", b"HTTP/1.0 200 OK\r\n\r\nhello", "not-tls", "HTTP"),
        (
            b"<?xml",
            b"<?xml version='1.0'?><stream:stream><stream:features><starttls/></stream:features>",
            "starttls-needed",
            "XMPP",
        ),
        (b"\x30\x1d", b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\0\x04\0\x04\0", "starttls-needed", "LDAP"),
        (b"\0\0\0\x08", b"S", "starttls-needed", "PostgreSQL"),
        (b"CAP LS", b":irc.example.test CAP * LS :multi-prefix tls\r\n", "starttls-needed", "IRC"),
    ];
    for (question, answer, code, protocol) in table {
        let address = server(move |stream| {
            let mut heard = [0; 1024];
            let count = stream.read(&mut heard).unwrap_or(0);
            // Everything else is closed without a word, as these servers do.
            if heard[..count].starts_with(question) {
                let _ = stream.write_all(answer);
            }
        });
        let report = ask(&sandbox, &address, "--name localhost");
        expect(&report, Some(code));
        assert_eq!(report["cause"]["evidence"]["protocol"], protocol, "{report:#}");
    }
}

#[test]
fn peers_that_close_are_silent_or_never_stop_end_in_a_finding() {
    let sandbox = Sandbox::with_ca();
    let closing = server(|_| {});
    expect(&ask(&sandbox, &closing, "--name localhost"), Some("connection-closed"));
    let flooding = server(|stream| while stream.write_all(&[b'x'; 4096]).is_ok() {});
    expect(&ask(&sandbox, &flooding, "--name localhost"), Some("not-tls"));
    // Records of TLS without end, and none that means anything.
    let endless = server(|stream| while stream.write_all(&[0x17, 3, 3, 0, 1, 0]).is_ok() {});
    let report = ask(&sandbox, &endless, "--name localhost");
    assert_eq!(report["verdict"], "invalid", "{report:#}");
    let garbage = server(|stream| drop(stream.write_all(b"\x16\x03\x03\xff\xff\0\0\0")));
    assert_eq!(ask(&sandbox, &garbage, "--name localhost")["verdict"], "invalid");
}

#[test]
fn a_name_that_does_not_resolve_is_told() {
    let report = ask(&Sandbox::with_ca(), "no-such-host.invalid:443", "");
    expect(&report, Some("host-not-found"));
    assert_eq!(says(&report, "curl"), "curl: (6) Could not resolve host: no-such-host.invalid");
}

/// What a client prints, by the report.
fn says(report: &Value, client: &str) -> String {
    let all = report["clients"].as_array().expect("an array");
    let one = all.iter().find(|it| it["client"] == client).unwrap_or_else(|| panic!("{client}: {report:#}"));
    one["error"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_closed_port_is_told_in_every_clients_words() {
    let (sandbox, port) = (Sandbox::with_ca(), FreePort::take());
    let report = ask(&sandbox, &port.address(), "");
    expect(&report, Some("connection-refused"));
    let curl = says(&report, "curl");
    assert!(curl.contains(&format!("Failed to connect to 127.0.0.1 port {} ", port.number())), "{curl}");
    if let Some(client) = peer("curl") {
        let ended = sandbox.run(client, ["-sS", &format!("https://{}/", port.address())]);
        // Between the two are the milliseconds that it took.
        assert!(ended.stderr.contains(curl.split(" after").next().expect("a part")), "{}", ended.stderr);
    }
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
}

#[test]
fn the_upgrade_of_each_protocol_leads_to_a_handshake() {
    let (Some(_), Some(python)) = (peer("openssl"), peer("python3")) else { return };
    let sandbox = prepared();
    sandbox.write("plain.py", PLAIN);
    for protocol in ["smtp", "imap", "pop3", "ftp", "xmpp", "ldap", "postgres", "mysql", "irc"] {
        let server = sandbox.start(&python, ["plain.py", protocol]);
        let address = server.address().to_string();
        let report = ask(&sandbox, &address, &format!("--name localhost --starttls {protocol}"));
        expect(&report, None);
        assert_eq!(report["endpoint"]["starttls"], protocol, "{report:#}");
        assert_eq!(report["endpoint"]["versions"], serde_json::json!(["TLS 1.3", "TLS 1.2"]), "{protocol}: {report:#}");
    }
}

#[test]
fn an_upgrade_that_is_not_offered_is_told_and_so_is_the_wrong_protocol() {
    let sandbox = Sandbox::with_ca();
    let without = server(|stream| {
        let _ = stream.write_all(b"220 mail.example.test ESMTP\r\n");
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"250-mail.example.test\r\n250 SIZE 1000\r\n");
        let _ = stream.read(&mut [0; 1024]);
    });
    let report = ask(&sandbox, &without, "--name localhost --starttls smtp");
    expect(&report, Some("not-tls"));
    let report = ask(&sandbox, &without, "--name localhost --starttls imap");
    expect(&report, Some("starttls-needed"));
    assert!(report["cause"]["fix"].as_str().is_some_and(|fix| fix.contains("--starttls smtp")), "{report:#}");
}

#[test]
fn a_web_servers_clock_shows_that_ours_is_wrong() {
    let (Some(_), Some(python)) = (peer("openssl"), peer("python3")) else { return };
    let sandbox = prepared();
    sandbox.write("plain.py", PLAIN);
    let server = sandbox.start(&python, ["plain.py", "http"]);
    let report = ask(&sandbox, &server.address().to_string(), "--name localhost --at 2015-06-01T00:00:00Z");
    expect(&report, Some("clock-wrong"));
    assert!(report["endpoint"]["time"].is_string(), "{report:#}");
}

/// A server that says a protocol's words up to the upgrade, then speaks TLS. It asserts what it is told.
const PLAIN: &str = r#"
import socket, ssl, sys, email.utils
protocol = sys.argv[1]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("store/certs/localhost/fullchain.pem", "store/certs/localhost/privkey.pem")
if protocol == "http":
    context.set_alpn_protocols(["http/1.1"])

def line(peer):
    text = b""
    while not text.endswith(b"\n"):
        octet = peer.recv(1)
        if not octet:
            raise OSError("closed")
        text += octet
    return text.strip()

def until(peer, end):
    text = b""
    while not text.endswith(end):
        octet = peer.recv(1)
        if not octet:
            raise OSError("closed")
        text += octet
    return text

def exactly(peer, octets):
    got = b""
    while len(got) < len(octets):
        part = peer.recv(len(octets) - len(got))
        if not part:
            raise OSError("closed")
        got += part
    assert got == octets, got

def smtp(peer):
    peer.sendall(b"220-mail.example.test\r\n220 ESMTP\r\n")
    assert line(peer).startswith(b"EHLO ")
    peer.sendall(b"250-mail.example.test\r\n250-STARTTLS\r\n250 SIZE\r\n")
    assert line(peer) == b"STARTTLS"
    peer.sendall(b"220 ready\r\n")

def imap(peer):
    peer.sendall(b"* OK ready\r\n")
    tag, word = line(peer).split(b" ")
    assert word == b"STARTTLS"
    peer.sendall(b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK begin\r\n")

def pop3(peer):
    peer.sendall(b"+OK ready\r\n")
    assert line(peer) == b"STLS"
    peer.sendall(b"+OK begin\r\n")

def ftp(peer):
    peer.sendall(b"220-Welcome\r\n text\r\n220 ready\r\n")
    assert line(peer) == b"AUTH TLS"
    peer.sendall(b"234 begin\r\n")

def xmpp(peer):
    opened = until(peer, b"version='1.0'>")
    assert b"to='127.0.0.1'" in opened, opened
    peer.sendall(b"<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
                 b"<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>")
    assert until(peer, b"/>").startswith(b"<starttls")
    peer.sendall(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")

def ldap(peer):
    exactly(peer, b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037")
    peer.sendall(b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00")

def postgres(peer):
    exactly(peer, bytes([0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]))
    peer.sendall(b"S")

def mysql(peer):
    body = b"\x0a8.0.36\0\x01\0\0\0abcdefgh\0\xff\xff\x2d\x02\0\xff\xdf\x15" + bytes(10) + b"ijklmnopqrst\0"
    peer.sendall(len(body).to_bytes(3, "little") + b"\0" + body)
    head = peer.recv(4)
    assert head == b"\x20\0\0\x01", head
    flags = int.from_bytes(peer.recv(32)[:4], "little")
    assert flags & 0x0800, flags

def irc(peer):
    peer.sendall(b":irc.example.test NOTICE * :looking you up\r\n")
    assert line(peer) == b"STARTTLS"
    peer.sendall(b":irc.example.test 670 * :go on\r\n")

def answer(tls):
    if protocol == "http" and tls.selected_alpn_protocol():
        assert line(tls) == b"HEAD / HTTP/1.1"
        while line(tls):
            pass
        date = email.utils.formatdate(usegmt=True)
        tls.sendall(("HTTP/1.1 200 OK\r\nDate: %s\r\nConnection: close\r\n\r\n" % date).encode())
    tls.recv(1)

with socket.create_server(("127.0.0.1", 0)) as listener:
    print("listening on %s:%d" % listener.getsockname(), flush=True)
    while True:
        peer, _ = listener.accept()
        peer.settimeout(30)
        try:
            if protocol != "http":
                globals()[protocol](peer)
            with context.wrap_socket(peer, server_side=True) as tls:
                answer(tls)
        except OSError as error:
            # A question that ends after the first answer, such as that for a version.
            print("ended:", error, flush=True)
        finally:
            peer.close()
"#;
