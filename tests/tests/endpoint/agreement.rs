//! What a server and its clients have to agree on before a certificate counts, and fixes that lead there: the group of the key exchange,
//! the application protocol, the site, the CA of a client, and a proxy in front.

use std::io::{Read as _, Write as _};

use serde_json::Value;
use tests::Sandbox;
use tests::peers::peer;
use tests::ports::FreePort;

use super::{OTHER, OWN, ask, expect, finding, openssl, prepared, says, server};

fn fix(report: &Value) -> String {
    report["cause"]["fix"].as_str().unwrap_or_else(|| panic!("no fix: {report:#}")).to_owned()
}

/// The last command of a fix: the question asked again.
fn again(report: &Value) -> String {
    let fix = fix(report);
    fix.lines().rfind(|line| line.starts_with("pki diagnose ")).unwrap_or_else(|| panic!("{fix}")).to_owned()
}

/// Measured with curl, wget, Python, Node, Java, Go, NSS and Chromium as well, in both versions.
const GROUPS: &[(&str, &str, &[&str])] = &[
    ("-tls1_3", "P-521", &["rustls", "rustls-aws-lc", "chromium"]),
    ("-tls1_2", "P-521", &["rustls", "rustls-aws-lc", "chromium"]),
    ("-tls1_3", "X448", &["rustls", "rustls-aws-lc", "go", "nss", "chromium"]),
    ("-tls1_2", "X448", &["rustls", "rustls-aws-lc", "go", "nss", "chromium"]),
    ("-tls1_3", "ffdhe2048", &["rustls", "rustls-aws-lc", "go", "chromium"]),
];

#[test]
fn a_group_that_only_some_clients_have_is_named_with_those_who_lack_it() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    for (version, group, refusing) in GROUPS {
        let (_server, address) = openssl(&sandbox, &format!("{OWN} {version} -groups {group}"));
        let report = ask(&sandbox, &address, "--name localhost");
        expect(&report, Some("cipher-suite-mismatch"));
        assert_eq!(report["cause"]["evidence"]["group_asked_for"], *group, "{report:#}");
        let offered = report["cause"]["evidence"]["groups_offered"].to_string();
        assert!(offered.contains("X25519") && offered.contains("P-256"), "{offered}");
        let all = report["clients"].as_array().expect("an array");
        let rejecting: Vec<_> =
            all.iter().filter(|it| it["verdict"] == "rejects").filter_map(|it| it["client"].as_str()).collect();
        assert_eq!(rejecting, *refusing, "{version} {group}");
        // openssl has them all, and gets in.
        let connect = format!(
            "openssl s_client -connect {address} -CAfile store/ca/root.pem -verify_return_error -servername localhost </dev/null"
        );
        sandbox.shell(&connect).exits(0);
        assert!(fix(&report).contains("ssl_ecdh_curve"), "{report:#}");
    }
    // What the fix lays down, and a server that prefers the rarer group and has another as well.
    for groups in ["X25519:P-256:P-384", "P-521:P-256"] {
        let (_server, address) = openssl(&sandbox, &format!("{OWN} -groups {groups}"));
        expect(&ask(&sandbox, &address, "--name localhost"), None);
    }
}

#[test]
fn the_fix_of_a_protocol_that_is_refused_offers_what_the_server_takes() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    for (taken, flags, offers) in
        [("irc", "--alpn h2 --alpn http/1.1", Some(" --alpn irc")), ("own-protocol", "--alpn h2", None)]
    {
        let (_server, address) = openssl(&sandbox, &format!("{OWN} -alpn {taken}"));
        let report = ask(&sandbox, &address, &format!("--name localhost {flags}"));
        expect(&report, Some("alpn-mismatch"));
        let again = again(&report);
        assert!(!again.contains("--alpn h2") && again.contains("--name localhost"), "{again}");
        assert!(offers.map_or(!again.contains("--alpn"), |offer| again.contains(offer)), "{again}");
        sandbox.shell(&again).exits(0);
    }
}

/// nginx with a site, and a default that answers nobody.
const NGINX: &str = "
master_process off;
error_log stderr notice;
pid nginx.pid;
events {}
http {
    access_log off;
    client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
    server { listen ADDRESS ssl default_server; ssl_reject_handshake on; }
    server {
        listen ADDRESS ssl;
        server_name shop.example.test;
        ssl_certificate store/certs/shop.example.test/fullchain.pem;
        ssl_certificate_key store/certs/shop.example.test/privkey.pem;
    }
    server {
        listen PROXIED ssl proxy_protocol;
        ssl_certificate store/certs/localhost/fullchain.pem;
        ssl_certificate_key store/certs/localhost/privkey.pem;
    }
}
";

#[test]
fn a_site_that_is_asked_for_by_its_address_is_told_from_one_that_is_not_there() {
    let (Some(nginx), Some(_)) = (peer("nginx"), peer("openssl")) else { return };
    let (sandbox, port, proxied) = (prepared(), FreePort::take(), FreePort::take());
    sandbox.write("nginx.conf", NGINX.replace("ADDRESS", &port.address()).replace("PROXIED", &proxied.address()));
    let folder = format!("{}/", sandbox.path().display());
    let server = sandbox.start(nginx, ["-p", &folder, "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off;"]);
    server.line("OS: ");
    let asked = |flags: &str| ask(&sandbox, &port.address(), flags);
    expect(&asked("--name shop.example.test"), None);
    // No name is sent to an address.
    let by_address = asked("");
    expect(&by_address, Some("sni-missing"));
    assert_eq!(by_address["verdict"], "invalid", "{by_address:#}");
    assert!(again(&by_address).contains("--name "), "{by_address:#}");
    assert!(says(&by_address, "curl").contains("unrecognized name"), "{by_address:#}");
    // One that the store has issued has only to be put in its place; one that it has not is issued.
    let known = asked("--name localhost");
    expect(&known, Some("sni-refused"));
    assert!(fix(&known).contains("certs/localhost/fullchain.pem") && !fix(&known).contains("pki issue"), "{known:#}");
    let unknown = asked("--name new.example.test");
    expect(&unknown, Some("sni-refused"));
    let steps = fix(&unknown);
    let issue: String =
        steps.lines().take_while(|line| !line.starts_with("# and when")).fold(String::new(), |a, b| a + b + "\n");
    sandbox.shell(&issue).exits(0).says("nothing to mend");
    let closed = ask(&sandbox, &proxied.address(), "--name localhost");
    expect(&closed, Some("connection-closed"));
    assert_eq!(closed["cause"]["evidence"]["expects"], "PROXY protocol", "{closed:#}");
}

/// A site for whoever sends no name, and an end to the handshake for a name that is not known.
const BY_NAME: &str = r#"
import socket, ssl
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("store/certs/localhost/fullchain.pem", "store/certs/localhost/privkey.pem")
def choose(tls, name, _):
    return ssl.ALERT_DESCRIPTION_HANDSHAKE_FAILURE if name not in (None, "localhost") else None
context.sni_callback = choose
with socket.create_server(("127.0.0.1", 0)) as listener:
    print("listening on %s:%d" % listener.getsockname(), flush=True)
    while True:
        peer, _ = listener.accept()
        try:
            with context.wrap_socket(peer, server_side=True) as tls:
                tls.recv(1)
        except OSError as error:
            print("ended:", error, flush=True)
        finally:
            peer.close()
"#;

#[test]
fn a_server_that_refuses_a_name_by_another_alert_is_found_out_without_the_name() {
    let Some(python) = peer("python3") else { return };
    let sandbox = prepared();
    sandbox.write("name.py", BY_NAME);
    let server = sandbox.start(&python, ["name.py"]);
    let address = server.address().to_string();
    expect(&ask(&sandbox, &address, "--name localhost"), None);
    let refused = ask(&sandbox, &address, "--name www.example.test");
    expect(&refused, Some("sni-refused"));
    assert!(says(&refused, "curl").ends_with("sslv3 alert handshake failure"), "{refused:#}");
}

#[test]
fn a_port_of_tls_that_is_asked_to_upgrade_is_said_to_need_no_upgrade() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    let (_server, address) = openssl(&sandbox, OWN);
    for protocol in ["irc", "ldap", "postgres"] {
        let report = ask(&sandbox, &address, &format!("--name localhost --starttls {protocol}"));
        expect(&report, Some("not-tls"));
        let message = report["cause"]["message"].as_str().expect("a message");
        assert!(message.contains("speaks TLS from the first octet"), "{message}");
        assert!(!again(&report).contains("--starttls"), "{report:#}");
        sandbox.shell(&again(&report)).exits(0);
    }
}

/// Where the server is to speak first nothing comes, on a port of TLS too: that is not waited for to the end.
#[test]
fn a_port_of_tls_that_is_waited_for_to_greet_is_told_before_the_time_is_up() {
    let sandbox = prepared();
    let server = sandbox.serve(["--name", "localhost", "--mtls", "optional"]);
    let begun = std::time::Instant::now();
    let report = ask(&sandbox, &server.address().to_string(), "--name localhost --starttls imap");
    expect(&report, Some("not-tls"));
    assert!(!again(&report).contains("--starttls"), "{report:#}");
    // The wire itself has ten seconds.
    assert!(begun.elapsed().as_secs() < 9, "{:?}", begun.elapsed());
}

#[test]
fn a_port_that_closes_is_not_said_to_wait_for_a_proxy() {
    let sandbox = Sandbox::with_ca();
    // Reads what comes and closes, whatever it is.
    let address = server(|stream| {
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.flush();
    });
    let closed = ask(&sandbox, &address, "--name localhost");
    expect(&closed, Some("connection-closed"));
    assert_eq!(closed["cause"]["evidence"]["expects"], Value::Null, "{closed:#}");
}

/// Another server's site is answered for: the certificate that the store has already is named, and not issued again.
#[test]
fn the_certificate_of_a_site_that_is_not_served_is_found_in_the_store() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    sandbox.pki(["issue", "server", "app.other.test"]).exits(0);
    let (_server, address) = openssl(&sandbox, OTHER);
    let report = ask(&sandbox, &address, "--name app.other.test");
    expect(&report, Some("wrong-virtual-host"));
    assert!(fix(&report).contains("certs/app.other.test/fullchain.pem"), "{report:#}");
    assert!(!fix(&report).contains("pki issue"), "{report:#}");
}

/// A new certificate of the same CA would be refused for the same reason.
#[test]
fn a_server_that_does_not_know_the_stores_ca_is_told_of_it() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    sandbox.shell("pki --store other init-ca --name 'Other Root' >/dev/null").exits(0);
    let alice =
        "--name localhost --client-chain store/certs/alice/fullchain.pem --client-key store/certs/alice/privkey.pem";
    for trust in ["-CAfile other/ca/root.pem", "-verifyCAfile other/ca/root.pem", "-CAfile store/ca/issuing.pem"] {
        let (server, address) = openssl(&sandbox, &format!("{OWN} -Verify 3 -verify_return_error {trust}"));
        let report = ask(&sandbox, &address, alice);
        assert_eq!(report["verdict"], "invalid", "{report:#}");
        let steps = fix(&report);
        assert!(steps.contains("store/ca/root.pem") && !steps.contains("pki issue"), "{trust}: {steps}");
        // The server is told of the CA, and the last command holds.
        drop(server);
        let port = address.rsplit(':').next().expect("a port");
        let mended = format!(
            "exec openssl s_server -accept 127.0.0.1:{port} {OWN} -Verify 3 -verify_return_error -CAfile store/ca/root.pem"
        );
        let knowing = sandbox.start("sh", ["-c", &mended]);
        knowing.line("ACCEPT");
        sandbox.shell(&again(&report)).exits(0);
    }
    // And who has none yet is not sent to a CA that the server does not name.
    let (_server, address) =
        openssl(&sandbox, &format!("{OWN} -Verify 3 -verify_return_error -CAfile other/ca/root.pem"));
    let report = ask(&sandbox, &address, "--name localhost");
    expect(&report, Some("client-certificate-missing"));
    let issues = fix(&report).lines().any(|line| line.starts_with("pki issue"));
    assert!(!issues && fix(&report).contains("none of them is the CA at hand"), "{report:#}");
    assert_eq!(
        finding(&report, "client-certificate-missing")["evidence"]["server_takes"],
        serde_json::json!(["CN=Other Root"])
    );
}
