//! How each client is asked: data, one entry a client. A client that is missing here is on no machine we know of as a
//! command, or would need a network.

use std::ffi::OsString;
use std::net::IpAddr;

use ca_store::explain::PeerName;

use super::Scene;

/// What a client connects to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// A server that sends the chain.
    Server,
    /// Nothing: it reads the files.
    Files,
}

/// One client.
pub(super) struct Client {
    /// Its name in reports.
    pub(super) name: &'static str,
    /// Its programs, the first that passes the probe is run.
    pub(super) programs: &'static [&'static str],
    /// What it is asked first, and a word of the right answer: other builds of a program are other clients.
    pub(super) probe: (&'static [&'static str], &'static str),
    /// What it connects to.
    pub(super) needs: Needs,
    /// What to type, for a port of 127.0.0.1; none where it cannot be asked this. It accepts where it ends with 0.
    pub(super) arguments: fn(&Scene, u16) -> Option<Vec<OsString>>,
    /// Words by which it is known to refuse where it ends with 0 all the same.
    pub(super) refusing: &'static [&'static str],
    /// Words of the line that says why it refuses, the most telling first.
    pub(super) telling: &'static [&'static str],
}

const PYTHON_IS_OLD: &[&str] = &["-c", "import sys; print('strict' if sys.version_info >= (3, 13) else 'lenient')"];

/// Every client that can be run.
pub(super) const CLIENTS: &[Client] = &[
    Client {
        name: "openssl",
        programs: &["openssl"],
        probe: (&["version"], "OpenSSL"),
        needs: Needs::Server,
        arguments: s_client,
        refusing: &[],
        telling: &["verify error"],
    },
    Client {
        name: "openssl-strict",
        programs: &["openssl"],
        probe: (&["version"], "OpenSSL"),
        needs: Needs::Files,
        arguments: verify_strictly,
        refusing: &[],
        telling: &["depth lookup"],
    },
    Client {
        name: "curl",
        programs: &["curl"],
        probe: (&["--version"], "OpenSSL/"),
        needs: Needs::Server,
        arguments: curl,
        refusing: &[],
        telling: &["curl: ("],
    },
    Client {
        name: "wget",
        programs: &["wget"],
        probe: (&["--version"], "+ssl/gnutls"),
        needs: Needs::Server,
        arguments: wget,
        refusing: &[],
        telling: &["ERROR:"],
    },
    Client {
        name: "gnutls",
        programs: &["gnutls-cli"],
        probe: (&["--version"], "gnutls-cli"),
        needs: Needs::Server,
        arguments: gnutls_cli,
        refusing: &[],
        telling: &["- Status:", "Fatal error:", "Error setting"],
    },
    Client {
        name: "python-3.11",
        programs: &["python3.11", "python3.12", "python3"],
        probe: (PYTHON_IS_OLD, "lenient"),
        needs: Needs::Server,
        arguments: python,
        refusing: &[],
        telling: &["ssl.SSL", "Error"],
    },
    Client {
        name: "python-3.13",
        programs: &["python3.13", "python3.14", "python3"],
        probe: (PYTHON_IS_OLD, "strict"),
        needs: Needs::Server,
        arguments: python,
        refusing: &[],
        telling: &["ssl.SSL", "Error"],
    },
    Client {
        name: "node",
        programs: &["node"],
        probe: (&["--version"], "v"),
        needs: Needs::Server,
        arguments: node,
        refusing: &[],
        telling: &[": "],
    },
    Client {
        name: "java",
        programs: &["java"],
        // A source is run without being compiled by hand, which a mere runtime cannot.
        probe: (&["--list-modules"], "jdk.compiler"),
        needs: Needs::Server,
        arguments: java,
        refusing: &[],
        telling: &["Exception"],
    },
    Client {
        name: "go",
        programs: &["go"],
        probe: (&["version"], "go version go1."),
        needs: Needs::Server,
        arguments: go,
        refusing: &[],
        telling: &["x509: ", "tls: "],
    },
    Client {
        name: "nss",
        programs: &["tstclnt"],
        probe: (&["-?"], "Ping the server"),
        needs: Needs::Server,
        arguments: tstclnt,
        refusing: &[],
        telling: &["authentication of server cert failed"],
    },
    Client {
        name: "chromium",
        programs: &["chromium", "chromium-browser", "google-chrome"],
        probe: (&["--version"], "Chrom"),
        needs: Needs::Server,
        arguments: chromium,
        refusing: &["net::ERR_"],
        telling: &["net::ERR_"],
    },
];

/// Arguments from words and paths.
macro_rules! words {
    ($($word:expr),* $(,)?) => { vec![$(OsString::from($word)),*] };
}

fn s_client(scene: &Scene, port: u16) -> Option<Vec<OsString>> {
    // Of -CRL it reads the first list alone; of a CA file all that is in it.
    let trust = match &scene.crl {
        Some(crl) => scene.joined("ca-and-lists.pem", [scene.trust.as_path(), crl.as_path()])?,
        None => scene.trust.clone(),
    };
    let mut words = words!["s_client", "-connect", format!("127.0.0.1:{port}"), "-CAfile", trust];
    words.extend(words!["-verify_return_error"]);
    words.extend(depth(scene));
    match &scene.name {
        Some(PeerName::Dns(host)) => words.extend(words!["-servername", host, "-verify_hostname", host]),
        Some(PeerName::Ip(address)) => words.extend(words!["-noservername", "-verify_ip", address.to_string()]),
        Some(PeerName::Email(_)) | None => words.extend(words!["-noservername"]),
    }
    if scene.crl.is_some() {
        words.extend(words!["-crl_check"]);
    }
    Some(words)
}

/// The limit that was asked for; no other client has such an option.
fn depth(scene: &Scene) -> Vec<OsString> {
    scene.max_depth.map(|depth| words!["-verify_depth", depth.to_string()]).unwrap_or_default()
}

fn verify_strictly(scene: &Scene, _port: u16) -> Option<Vec<OsString>> {
    let mut words = words!["verify", "-x509_strict", "-purpose", scene.purpose, "-CAfile", &scene.trust];
    words.extend(depth(scene));
    match &scene.name {
        Some(PeerName::Dns(host)) => words.extend(words!["-verify_hostname", host]),
        Some(PeerName::Ip(address)) => words.extend(words!["-verify_ip", address.to_string()]),
        Some(PeerName::Email(mailbox)) => words.extend(words!["-verify_email", mailbox]),
        None => {}
    }
    if let Some(crl) = &scene.crl {
        words.extend(words!["-crl_check", "-CRLfile", crl]);
    }
    words.extend(words!["-untrusted", &scene.chain, &scene.chain]);
    Some(words)
}

fn curl(scene: &Scene, port: u16) -> Option<Vec<OsString>> {
    let host = match scene.name.as_ref()? {
        PeerName::Dns(host) => host.clone(),
        PeerName::Ip(IpAddr::V6(address)) => format!("[{address}]"),
        PeerName::Ip(IpAddr::V4(address)) => address.to_string(),
        PeerName::Email(_) => return None,
    };
    // Whatever the host is called, the connection goes to our server.
    let mut words = words!["-q", "-sS", "--noproxy", "*", "--connect-to", format!("::127.0.0.1:{port}")];
    words.extend(words!["--output", "/dev/null", "--cacert", &scene.trust]);
    if let Some(crl) = &scene.crl {
        words.extend(words!["--crlfile", crl]);
    }
    words.push(format!("https://{host}/").into());
    Some(words)
}

/// It has no way to send a name elsewhere than where the resolver says.
fn wget(scene: &Scene, port: u16) -> Option<Vec<OsString>> {
    let host = match scene.name.as_ref()? {
        PeerName::Dns(host) if host.eq_ignore_ascii_case("localhost") => host.clone(),
        PeerName::Ip(address @ IpAddr::V4(_)) if address.is_loopback() => address.to_string(),
        _ => return None,
    };
    let mut words = words!["--no-config", "--no-hsts", "--no-proxy", "--tries=1", "-4", "-O", "/dev/null"];
    words.extend(words!["--ca-certificate", &scene.trust]);
    if let Some(crl) = &scene.crl {
        words.extend(words!["--crl-file", crl]);
    }
    words.push(format!("https://{host}:{port}/").into());
    Some(words)
}

fn gnutls_cli(scene: &Scene, port: u16) -> Option<Vec<OsString>> {
    let (host, is_name) = match scene.name.as_ref()? {
        PeerName::Dns(host) => (host.clone(), true),
        PeerName::Ip(address) => (address.to_string(), false),
        PeerName::Email(_) => return None,
    };
    let mut words = words!["--port", port.to_string(), "--x509cafile", &scene.trust, "--verify-hostname", &host];
    if is_name {
        words.extend(words!["--sni-hostname", &host]);
    }
    if let Some(crl) = &scene.crl {
        words.extend(words!["--x509crlfile", crl]);
    }
    words.push("127.0.0.1".into());
    Some(words)
}

fn python(scene: &Scene, port: u16) -> Option<Vec<OsString>> {
    let mut words = words!["-I", "-c", include_str!("client.py")];
    words.extend(scripted(scene, port)?);
    Some(words)
}

fn node(scene: &Scene, port: u16) -> Option<Vec<OsString>> {
    let mut words = words!["-e", include_str!("client.js"), "--"];
    words.extend(scripted(scene, port)?);
    Some(words)
}

/// Its source is written beside the other files of this run. Revocation would need settings of the whole machine.
fn java(scene: &Scene, port: u16) -> Option<Vec<OsString>> {
    if scene.crl.is_some() || scene.name.is_none() {
        return None;
    }
    let source = scene.folder.path().join("Client.java");
    std::fs::write(&source, include_str!("Client.java")).ok()?;
    let mut words = words![source];
    words.extend(scripted(scene, port)?);
    Some(words)
}

/// Its source is written beside the other files of this run. It has no revocation lists.
fn go(scene: &Scene, port: u16) -> Option<Vec<OsString>> {
    if scene.crl.is_some() || scene.name.is_none() {
        return None;
    }
    let source = scene.folder.path().join("client.go");
    std::fs::write(&source, include_str!("client.go")).ok()?;
    let mut words = words!["run", source];
    words.extend(scripted(scene, port)?);
    Some(words)
}

fn tstclnt(scene: &Scene, port: u16) -> Option<Vec<OsString>> {
    let host = match scene.name.as_ref()? {
        PeerName::Email(_) => return None,
        name => name.to_string(),
    };
    if scene.crl.is_some() {
        return None;
    }
    let port = port.to_string();
    Some(words!["-h", "127.0.0.1", "-p", port, "-a", host, "-d", scene.nss()?, "-Q"])
}

/// Without a window, and without a word to anybody but our server. Its sandbox asks for rights that not every machine gives;
/// there is one empty page to load, and that one is ours.
fn chromium(scene: &Scene, port: u16) -> Option<Vec<OsString>> {
    let (host, url) = match scene.name.as_ref()? {
        PeerName::Dns(host) => (host.clone(), format!("https://{host}:{port}/")),
        PeerName::Ip(IpAddr::V4(address)) => (address.to_string(), format!("https://{address}:{port}/")),
        PeerName::Ip(IpAddr::V6(_)) | PeerName::Email(_) => return None,
    };
    if scene.crl.is_some() {
        return None;
    }
    scene.nss()?;
    let mut words = words!["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
    words.extend(words!["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
    words.extend(words!["--no-proxy-server", format!("--host-resolver-rules=MAP {host} 127.0.0.1")]);
    let mut data = OsString::from("--user-data-dir=");
    data.push(scene.folder.path().join("chromium"));
    words.extend(words![data, "--enable-logging=stderr", "--dump-dom", url]);
    Some(words)
}

/// What our scripts take: the CA file, the port, the host or nothing, the revocation lists or nothing.
fn scripted(scene: &Scene, port: u16) -> Option<Vec<OsString>> {
    let host = match &scene.name {
        Some(PeerName::Email(_)) => return None,
        Some(name) => name.to_string(),
        None => String::new(),
    };
    let crl = scene.crl.as_ref().map(OsString::from).unwrap_or_default();
    Some(words![&scene.trust, port.to_string(), host, crl])
}

#[cfg(test)]
mod tests {
    use super::CLIENTS;

    #[test]
    fn every_client_that_can_be_run_is_one_of_the_table_of_verdicts() {
        for client in CLIENTS {
            assert!(ca_store::clients::CLIENTS.contains(&client.name), "{}", client.name);
            assert!(!client.programs.is_empty() && !client.telling.is_empty(), "{}", client.name);
        }
    }
}
