//! Programs that serve.
//!
//! The chain from leaf to root has one CA between at least, so a depth of 2 is what a client's certificate needs; nginx and
//! Apache count the root, and their default of 1 is too little.

use super::{Installation, path_word, word};

/// CAs between a client's certificate and its root, the root counted.
const DEPTH: usize = 2;

/// A `server` block (ngx_http_ssl_module).
pub(super) fn nginx(at: &Installation) -> Vec<String> {
    let (address, port) = at.listen_or("443");
    let listen = address.map_or_else(|| port.clone(), |address| format!("{address}:{port}"));
    let hosts: Vec<String> = at.hosts.iter().map(|host| word(host)).collect();
    let mut lines = vec![
        "server {".to_owned(),
        format!("    listen {listen} ssl;"),
        format!("    server_name {};", hosts.join(" ")),
        format!("    ssl_certificate {};", path_word(&at.fullchain)),
        format!("    ssl_certificate_key {};", path_word(&at.privkey)),
        "    ssl_protocols TLSv1.2 TLSv1.3;".to_owned(),
    ];
    if at.mtls {
        lines.push("    # only clients with a certificate of this CA; their subject is $ssl_client_s_dn".to_owned());
        lines.push(format!("    ssl_client_certificate {};", path_word(&at.ca)));
        lines.push("    ssl_verify_client on;".to_owned());
        lines.push(format!("    ssl_verify_depth {DEPTH};"));
        lines.push(
            at.crl
                .as_deref()
                .map_or_else(|| format!("    # {}", at.no_list()), |crl| format!("    ssl_crl {};", path_word(crl))),
        );
    }
    lines.push("}".to_owned());
    lines
}

/// A virtual host (mod_ssl).
pub(super) fn apache(at: &Installation) -> Vec<String> {
    let (address, port) = at.listen_or("443");
    let address = address.unwrap_or_else(|| "*".to_owned());
    let mut hosts = at.hosts.iter().filter(|host| host.parse::<std::net::IpAddr>().is_err());
    let name = hosts.next().map(|host| format!("    ServerName {}", word(host)));
    let aliases = hosts.map(|host| format!("    ServerAlias {}", word(host)));
    let mut lines = vec![
        format!("# needs mod_ssl (Debian: a2enmod ssl, Fedora: dnf install mod_ssl) and Listen {port}"),
        format!("<VirtualHost {address}:{port}>"),
    ];
    lines.extend(name.into_iter().chain(aliases));
    lines.extend([
        "    SSLEngine on".to_owned(),
        format!("    SSLCertificateFile {}", path_word(&at.fullchain)),
        format!("    SSLCertificateKeyFile {}", path_word(&at.privkey)),
        "    SSLProtocol -all +TLSv1.2 +TLSv1.3".to_owned(),
    ]);
    if at.mtls {
        lines.push("    # only clients with a certificate of this CA".to_owned());
        lines.push(format!("    SSLCACertificateFile {}", path_word(&at.ca)));
        lines.push("    SSLVerifyClient require".to_owned());
        lines.push(format!("    SSLVerifyDepth {DEPTH}"));
        if let Some(crl) = &at.crl {
            lines.push(format!("    SSLCARevocationFile {}", path_word(crl)));
            lines.push("    SSLCARevocationCheck leaf".to_owned());
        } else {
            lines.push(format!("    # {}", at.no_list()));
        }
    }
    lines.push("</VirtualHost>".to_owned());
    lines
}

/// A `bind` line; HAProxy takes certificate, chain and key in one file.
pub(super) fn haproxy(at: &Installation) -> Vec<String> {
    let (address, port) = at.listen_or("443");
    let address = address.unwrap_or_default();
    let mut bind = format!("    bind {address}:{port} ssl crt {} ssl-min-ver TLSv1.2", path_word(&at.joined));
    if at.mtls {
        bind.push_str(&format!(" ca-file {} verify required", path_word(&at.ca)));
        bind.push_str(&at.crl.as_deref().map(|crl| format!(" crl-file {}", path_word(crl))).unwrap_or_default());
    }
    let no_list = (at.mtls && at.crl.is_none()).then(|| format!("    # {}", at.no_list()));
    ["# in a frontend or listen section:".to_owned()].into_iter().chain(no_list).chain([bind]).collect()
}

/// `postgresql.conf` and `pg_hba.conf`.
pub(super) fn postgres(at: &Installation) -> Vec<String> {
    let (address, port) = at.listen_or("5432");
    let quoted = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"));
    let path = |path: &std::path::Path| quoted(&path.display().to_string());
    let mut lines = vec!["# postgresql.conf".to_owned()];
    if at.listen.is_some() {
        lines.extend(address.map(|address| format!("listen_addresses = {}", quoted(&address))));
        lines.push(format!("port = {port}"));
    }
    lines.extend([
        "ssl = on".to_owned(),
        format!("ssl_cert_file = {}", path(&at.fullchain)),
        format!("ssl_key_file = {}", path(&at.privkey)),
        "ssl_min_protocol_version = 'TLSv1.2'".to_owned(),
    ]);
    let mut rules = vec!["# pg_hba.conf; lines above it that fit as well come first".to_owned()];
    if at.mtls {
        lines.push(format!("ssl_ca_file = {}", path(&at.ca)));
        let crl = at.crl.as_deref().map(|crl| format!("ssl_crl_file = {}", path(crl)));
        lines.push(crl.unwrap_or_else(|| format!("# {}", at.no_list())));
        rules.push("# the certificate's common name is the role that it logs in as".to_owned());
        rules.push("hostssl all all all cert".to_owned());
    } else {
        rules.push("hostssl all all all scram-sha-256".to_owned());
    }
    lines.into_iter().chain(rules).collect()
}

/// `redis.conf`.
pub(super) fn redis(at: &Installation) -> Vec<String> {
    let (address, port) = at.listen_or("6379");
    let mut lines: Vec<String> = address.map(|address| format!("bind {address}")).into_iter().collect();
    lines.extend([
        "# no plain text".to_owned(),
        "port 0".to_owned(),
        format!("tls-port {port}"),
        format!("tls-cert-file {}", path_word(&at.fullchain)),
        format!("tls-key-file {}", path_word(&at.privkey)),
        "tls-protocols \"TLSv1.2 TLSv1.3\"".to_owned(),
    ]);
    if at.mtls {
        lines.push("# only clients with a certificate of this CA; Redis reads no revocation list".to_owned());
        lines.push(format!("tls-ca-cert-file {}", path_word(&at.ca)));
        lines.push("tls-auth-clients yes".to_owned());
    } else {
        lines.push("tls-auth-clients no".to_owned());
    }
    lines
}
