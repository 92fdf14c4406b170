//! IRC clients that people use, told by the commands that are typed in them.

use std::path::Path;

use super::Installation;

/// The port of IRC over TLS (IANA: `ircs-u`).
const IRCS: &str = "6697";

/// What the server is called in the client.
const CHAT: &str = "chat";

/// Commands for WeeChat's input line, which takes a path with spaces as it is.
pub(super) fn weechat(at: &Installation) -> Vec<String> {
    let (host, port) = server(at);
    vec![
        format!("# in WeeChat, line by line{}; before WeeChat 4 it is ssl for tls, twice:", with_host(at)),
        format!("/set weechat.network.gnutls_ca_user {}", at.ca.display()),
        format!("/server add {CHAT} {host}/{port} -tls"),
        format!("/set irc.server.{CHAT}.tls_cert {}", at.joined.display()),
        format!("/set irc.server.{CHAT}.sasl_mechanism external"),
        format!("/connect {CHAT}"),
    ]
}

/// Commands for irssi's input line, which takes a path with spaces in double quotes.
pub(super) fn irssi(at: &Installation) -> Vec<String> {
    let (host, port) = server(at);
    let (ca, certificate) = (quoted(&at.ca), quoted(&at.fullchain));
    let key = if at.privkey == at.fullchain { String::new() } else { format!(" -tls_pkey {}", quoted(&at.privkey)) };
    vec![
        format!("# in irssi, line by line{}; /save keeps them:", with_host(at)),
        format!("/network add -sasl_mechanism external {CHAT}"),
        format!(
            "/server add -network {CHAT} -tls -tls_verify -tls_cafile {ca} -tls_cert {certificate}{key} {host} {port}"
        ),
        format!("/connect {CHAT}"),
    ]
}

/// Host and port of the chat, the host without brackets.
fn server(at: &Installation) -> (String, String) {
    let (address, port) = at.listen_or(IRCS);
    let host = at.host.clone().or(address).unwrap_or_else(|| "HOST".to_owned());
    (host.trim_matches(['[', ']']).to_owned(), port)
}

fn with_host(at: &Installation) -> &'static str {
    let (host, _) = server(at);
    if host == "HOST" { ", with the chat's name for HOST" } else { "" }
}

fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    if path.contains(' ') { format!("\"{path}\"") } else { path }
}
