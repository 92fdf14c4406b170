//! Programs that connect, and languages in which somebody writes either side.

use std::path::Path;

use super::{Installation, typed};
use crate::profile::Purpose;

/// A path as a string of Python, JavaScript and curl's configuration file, whose escapes agree with JSON's.
fn string(path: &Path) -> String {
    serde_json::Value::from(path.display().to_string()).to_string()
}

/// The host of an address that is typed.
fn host(at: &Installation) -> String {
    match (at.purpose, at.hosts.first()) {
        (Purpose::Server, Some(host)) if host.contains(':') => format!("[{host}]"),
        (Purpose::Server, Some(host)) => host.replacen("*.", "www.", 1),
        _ => "HOST".to_owned(),
    }
}

/// `~/.curlrc`, or a file for `curl --config`.
pub(super) fn curl(at: &Installation) -> Vec<String> {
    let mut command = format!("curl --cacert {}", typed(&at.ca));
    let mut lines = vec![format!("cacert = {}", string(&at.ca))];
    if at.purpose == Purpose::Client {
        command.push_str(&format!(" --cert {} --key {}", typed(&at.fullchain), typed(&at.privkey)));
        lines.push(format!("cert = {}", string(&at.fullchain)));
        lines.push(format!("key = {}", string(&at.privkey)));
    }
    let heading = [
        format!("# {command} https://{}/", host(at)),
        "# or in ~/.curlrc, or in a file for curl --config FILE:".to_owned(),
    ];
    heading.into_iter().chain(lines).collect()
}

/// The `ssl` module: a context for either side.
pub(super) fn python(at: &Installation) -> Vec<String> {
    let (ca, chain, key) = (string(&at.ca), string(&at.fullchain), string(&at.privkey));
    let load = format!("context.load_cert_chain({chain}, {key})");
    let mut lines = vec!["import ssl".to_owned()];
    match (at.purpose, at.mtls) {
        (Purpose::Client | Purpose::Intermediate, _) => lines.extend([
            format!("context = ssl.create_default_context(cafile={ca})"),
            load,
            "# urllib.request.urlopen(\"https://HOST/\", context=context)".to_owned(),
            format!("# requests.get(\"https://HOST/\", verify={ca}, cert=({chain}, {key}))"),
        ]),
        (Purpose::Server, mtls) => {
            lines.push("context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)".to_owned());
            lines.push(load);
            if mtls {
                lines.push("# only clients with a certificate of this CA".to_owned());
                lines.push(format!("context.load_verify_locations({ca})"));
                lines.push("context.verify_mode = ssl.CERT_REQUIRED".to_owned());
                if let Some(crl) = &at.crl {
                    lines.push(format!("context.load_verify_locations({})", string(crl)));
                    lines.push("context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF".to_owned());
                }
            }
            lines.push("# server.socket = context.wrap_socket(server.socket, server_side=True)".to_owned());
        }
    }
    lines
}

/// Node takes one list of a string, and wants that of every CA of the chain.
fn revocation_lists(crl: &Path) -> String {
    let each = "/-----BEGIN X509 CRL-----[^]+?-----END X509 CRL-----/g";
    format!("  crl: fs.readFileSync({}, 'utf8').match({each}),", string(crl))
}

/// Options for `https` and `tls`, of either side.
pub(super) fn node(at: &Installation) -> Vec<String> {
    let read = |name: &str, path: &Path| format!("  {name}: fs.readFileSync({}),", string(path));
    let mut lines = vec![
        "const fs = require('node:fs');".to_owned(),
        "const options = {".to_owned(),
        read("cert", &at.fullchain),
        read("key", &at.privkey),
        "  minVersion: 'TLSv1.2',".to_owned(),
    ];
    let usage = match at.purpose {
        Purpose::Client | Purpose::Intermediate => {
            lines.push(read("ca", &at.ca));
            "// https.get('https://HOST/', options, (response) => response.pipe(process.stdout));"
        }
        Purpose::Server => {
            if at.mtls {
                lines.push("  // only clients with a certificate of this CA".to_owned());
                lines.push(read("ca", &at.ca));
                lines.extend(at.crl.as_deref().map(revocation_lists));
                lines.push("  requestCert: true,".to_owned());
                lines.push("  rejectUnauthorized: true,".to_owned());
            }
            "// https.createServer(options, (request, response) => response.end('hello')).listen(443);"
        }
    };
    lines.extend(["};".to_owned(), usage.to_owned()]);
    lines
}
