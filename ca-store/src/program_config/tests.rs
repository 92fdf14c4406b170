//! What can be told without the program: names, quoting, and what is asked of whom.

use super::*;

fn asked(purpose: Purpose) -> Installation {
    Installation {
        store: None,
        name: "chat.example.test".to_owned(),
        hosts: vec!["chat.example.test".to_owned(), "192.0.2.7".to_owned()],
        purpose,
        fullchain: "/srv/my certs/fullchain.pem".into(),
        privkey: "/srv/my certs/privkey.pem".into(),
        has_key: true,
        ca: "/srv/my certs/ca.pem".into(),
        crl: None,
        joined: "/srv/my certs/chat.example.test.haproxy.pem".into(),
        folder: None,
        bundled: false,
        host: None,
        listen: None,
        mtls: false,
    }
}

fn text(program: Program, asked: &Installation) -> String {
    lines(program, asked).unwrap().join("\n")
}

#[test]
fn names_are_read_back() {
    for program in Program::ALL {
        assert_eq!(program.as_str().parse(), Ok(program));
    }
    assert!("lighttpd".parse::<Program>().is_err());
}

#[test]
fn a_servers_lines_need_a_servers_certificate() {
    for program in Program::ALL {
        let refused = matches!(lines(program, &asked(Purpose::Client)), Err(Error::NotForServers { .. }));
        assert_eq!(refused, program.is_server(), "{program}");
    }
}

#[test]
fn clients_are_asked_for_a_certificate_only_where_it_is_wanted() {
    let words = [
        "ssl_verify_client",
        "SSLVerifyClient",
        "verify required",
        "all cert",
        "tls-ca-cert-file",
        "CERT_REQUIRED",
        "requestCert",
    ];
    let mutual = Installation { mtls: true, ..asked(Purpose::Server) };
    let programs = Program::ALL.into_iter().filter(|program| *program != Program::Curl && !program.is_irc());
    for (program, word) in programs.zip(words) {
        assert!(text(program, &mutual).lines().any(|line| line.contains(word)), "{program}");
        assert!(!text(program, &asked(Purpose::Server)).contains(word), "{program}");
    }
}

#[test]
fn paths_with_spaces_are_quoted_as_each_program_wants_it() {
    for (program, quoted) in [
        (Program::Nginx, "ssl_certificate \"/srv/my certs/fullchain.pem\";"),
        (Program::Postgres, "ssl_cert_file = '/srv/my certs/fullchain.pem'"),
        (Program::Redis, "tls-cert-file \"/srv/my certs/fullchain.pem\""),
        (Program::Curl, "cacert = \"/srv/my certs/ca.pem\""),
        (Program::Python, "load_cert_chain(\"/srv/my certs/fullchain.pem\""),
    ] {
        assert!(text(program, &asked(Purpose::Server)).contains(quoted), "{program}");
    }
}

#[test]
fn copies_are_named_where_they_will_be() {
    let there = Installation { folder: Some("/etc/redis/tls".into()), ..asked(Purpose::Server) };
    let lines = text(Program::Redis, &there);
    assert!(lines.contains("tls-key-file /etc/redis/tls/privkey.pem"), "{lines}");
    assert!(lines.contains("install -m 0600 -o redis '/srv/my certs/privkey.pem' /etc/redis/tls"), "{lines}");
}

#[test]
fn weechat_is_told_the_server_and_its_one_file() {
    let asked = Installation { listen: Some("[::1]:7000".to_owned()), ..asked(Purpose::Client) };
    let lines = text(Program::Weechat, &asked);
    assert!(lines.contains("/server add chat ::1/7000 -tls"), "{lines}");
    assert!(lines.contains("pki export haproxy chat.example.test --force --out '/srv/my certs/"), "{lines}");
    assert!(lines.contains("tls_cert /srv/my certs/chat.example.test.haproxy.pem"), "{lines}");
}

#[test]
fn irssi_is_told_the_server_and_its_files() {
    let asked = Installation { host: Some("chat.example.test".to_owned()), ..asked(Purpose::Client) };
    let lines = text(Program::Irssi, &asked);
    for part in [
        "-tls_cafile \"/srv/my certs/ca.pem\"",
        "-tls_cert \"/srv/my certs/fullchain.pem\" -tls_pkey \"/srv/my certs/privkey.pem\" chat.example.test 6697",
    ] {
        assert!(lines.contains(part), "{lines}");
    }
    assert!(!lines.contains("HOST"), "{lines}");
}

#[test]
fn a_bundle_is_all_that_an_irc_client_needs() {
    let file = PathBuf::from("/home/bob/bob.bundle.pem");
    let (fullchain, privkey, ca, joined) = (file.clone(), file.clone(), file.clone(), file);
    let asked = Installation { fullchain, privkey, ca, joined, bundled: true, ..asked(Purpose::Client) };
    let irssi = text(Program::Irssi, &asked);
    assert!(irssi.contains("-tls_cert /home/bob/bob.bundle.pem HOST 6697"), "{irssi}");
    let weechat = text(Program::Weechat, &asked);
    assert!(weechat.contains("tls_cert /home/bob/bob.bundle.pem"), "{weechat}");
    assert!(!weechat.contains("pki export"), "{weechat}");
}

#[test]
fn hexchat_is_told_a_network_and_where_its_certificate_lies() {
    let asked = Installation { listen: Some("[::1]:7000".to_owned()), ..asked(Purpose::Client) };
    let lines = text(Program::Hexchat, &asked);
    for part in [
        "#   pki export haproxy chat.example.test --force --out ~/.config/hexchat/certs/chat.pem\n",
        "#   SSL_CERT_FILE='/srv/my certs/ca.pem' hexchat\n",
        "servlist.conf, while HexChat is closed:\nN=chat\nL=10\n",
        "\nS=::1/7000",
    ] {
        assert!(lines.contains(part), "{lines}");
    }
    let bundled = Installation { bundled: true, joined: PathBuf::from("/home/bob/bob.pem"), ..asked };
    let lines = text(Program::Hexchat, &bundled);
    assert!(lines.contains("install -D -m 0600 /home/bob/bob.pem ~/.config/hexchat/certs/chat.pem"), "{lines}");
    assert!(!lines.contains("pki export"), "{lines}");
}

#[test]
fn a_place_to_listen_is_an_address_a_port_or_both() {
    for (listen, nginx, haproxy) in [
        (None, "listen 443 ssl;", "bind :443 "),
        (Some("8443"), "listen 8443 ssl;", "bind :8443 "),
        (Some("127.0.0.1:8443"), "listen 127.0.0.1:8443 ssl;", "bind 127.0.0.1:8443 "),
        (Some("[::1]:8443"), "listen [::1]:8443 ssl;", "bind [::1]:8443 "),
    ] {
        let asked = Installation { listen: listen.map(str::to_owned), ..asked(Purpose::Server) };
        assert!(text(Program::Nginx, &asked).contains(nginx), "{listen:?}");
        assert!(text(Program::Haproxy, &asked).contains(haproxy), "{listen:?}");
    }
}
