//! IRC clients that people use, told by the commands that are typed in them, or by a file of theirs.

use std::path::Path;

use super::{Installation, export_joined, typed};

/// The port of IRC over TLS (IANA: `ircs-u`).
const IRCS: &str = "6697";

/// The longest nickname that the chat takes, unless its configuration says otherwise.
const NICK: usize = 32;

/// What the server is called in the client.
const CHAT: &str = "chat";

/// Commands for WeeChat's input line, which takes a path with spaces as it is.
pub(super) fn weechat(at: &Installation) -> Vec<String> {
    let (host, port) = server(at);
    let mut lines = vec![
        format!("# in WeeChat, line by line{}; before WeeChat 4 it is ssl for tls, twice:", with_host(at)),
        format!("/set weechat.network.gnutls_ca_user {}", at.ca.display()),
        format!("/server add {CHAT} {host}/{port} -tls"),
        format!("/set irc.server.{CHAT}.tls_cert {}", at.joined.display()),
        format!("/set irc.server.{CHAT}.sasl_mechanism external"),
    ];
    lines.extend(nick(at).map(|nick| format!("/set irc.server.{CHAT}.nicks {nick}")));
    lines.push(format!("/connect {CHAT}"));
    lines
}

/// Commands for irssi's input line, which takes a path with spaces in double quotes.
pub(super) fn irssi(at: &Installation) -> Vec<String> {
    let (host, port) = server(at);
    let (ca, certificate) = (quoted(&at.ca), quoted(&at.fullchain));
    let key = if at.privkey == at.fullchain { String::new() } else { format!(" -tls_pkey {}", quoted(&at.privkey)) };
    let nick = nick(at).map(|nick| format!("-nick {nick} ")).unwrap_or_default();
    vec![
        format!("# in irssi, line by line{}; /save keeps them:", with_host(at)),
        format!("/network add {nick}-sasl_mechanism external {CHAT}"),
        format!(
            "/server add -network {CHAT} -tls -tls_verify -tls_cafile {ca} -tls_cert {certificate}{key} {host} {port}"
        ),
        format!("/connect {CHAT}"),
    ]
}

/// Where HexChat keeps its files on Unix. A shell completes the `~`.
const HEXCHAT: &str = "~/.config/hexchat";

/// A network of HexChat's list: its name, the login `SASL EXTERNAL`, the encoding, flags (TLS, the user's names, the proxy if
/// there is one), and host and port.
pub(super) fn hexchat(at: &Installation) -> Vec<String> {
    let (host, port) = server(at);
    vec![
        format!("# at the end of {HEXCHAT}/servlist.conf, while HexChat is closed{}:", with_host(at)),
        format!("N={CHAT}"),
        "L=10".to_owned(),
        "E=UTF-8 (Unicode)".to_owned(),
        "F=22".to_owned(),
        format!("S={host}/{port}"),
    ]
}

/// What HexChat is not told by its list: it shows the certificate in the file that has the network's name, and believes the CAs
/// that OpenSSL believes here.
pub(super) fn hexchat_files(at: &Installation) -> Vec<String> {
    let file = format!("{HEXCHAT}/certs/{CHAT}.pem");
    let put = if at.bundled {
        vec![format!("  install -D -m 0600 {} {file}", typed(&at.joined))]
    } else {
        vec![format!("  install -d -m 0700 {HEXCHAT}/certs"), format!("  {}", export_joined(at, &file))]
    };
    let (when, trust) = match at.bundled {
        true => ("now:", "start HexChat so that it believes the chat's certificate:".to_owned()),
        false => (
            "now and after each renewal:",
            format!(
                "once, so that HexChat believes the chat's certificate: {}; or start it by",
                at.pki("trust install")
            ),
        ),
    };
    let start = format!("  SSL_CERT_FILE={} hexchat", typed(&at.ca));
    [vec![when.to_owned()], put, vec![trust, start]].concat()
}

/// Host and port of the chat, the host without brackets.
fn server(at: &Installation) -> (String, String) {
    let (address, port) = at.listen_or(IRCS);
    let host = at.host.clone().or(address).unwrap_or_else(|| "HOST".to_owned());
    (host.trim_matches(['[', ']']).to_owned(), port)
}

/// The certificate's name where it can be a nickname (RFC 2812, 2.3.1); otherwise the client has one of its own.
fn nick(at: &Installation) -> Option<&str> {
    let special = |c: char| "[]\\`_^{|}".contains(c);
    let first = |c: char| c.is_ascii_alphabetic() || special(c);
    let is_nick = at.name.starts_with(first) && at.name.chars().all(|c| first(c) || c.is_ascii_digit() || c == '-');
    (is_nick && at.name.len() <= NICK).then_some(at.name.as_str())
}

fn with_host(at: &Installation) -> &'static str {
    let (host, _) = server(at);
    if host == "HOST" { ", with the chat's name for HOST" } else { "" }
}

fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    if path.contains(' ') { format!("\"{path}\"") } else { path }
}
