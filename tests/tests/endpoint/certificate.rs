//! Client certificates: wanted, missing, refused, and of an account that may not come in.

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
