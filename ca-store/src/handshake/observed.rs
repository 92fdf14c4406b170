//! What a handshake showed, as findings.

use crate::facts::escape;
use crate::finding::{Code, Finding, Severity, quote};

use super::{Observation, ProbeError, alert_meaning, code_of_alert};

/// How a protocol greets that begins in plain text: the bytes, its name, and whether it upgrades with STARTTLS.
const GREETINGS: &[(&[u8], &str, bool)] = &[
    (b"HTTP/", "HTTP", false),
    (b"<html", "HTTP", false),
    (b"SSH-", "SSH", false),
    (b"* OK", "IMAP", true),
    (b"+OK", "POP3", true),
    (b"220 ", "SMTP or FTP", true),
    (b"220-", "SMTP or FTP", true),
    (b"421 ", "SMTP or FTP", true),
    (b"<?xml", "XMPP", true),
    (b"<stream", "XMPP", true),
    (b"-ERR", "Redis or POP3", false),
    (b"RFB ", "VNC", false),
];

/// What went wrong on the way, as findings. `endpoint` is `HOST:PORT` as typed.
pub fn findings(observation: &Observation, endpoint: &str) -> Vec<Finding> {
    let shown = escape(endpoint);
    let Some(failure) = &observation.failure else {
        return Vec::new();
    };
    let finding = match failure {
        ProbeError::HostNotFound(error) => {
            let fix = format!("getent hosts {}", quote(host_of(endpoint)));
            Finding::new(Code::HostNotFound, format!("the host of {shown} does not resolve: {error}")).mended_by(fix)
        }
        ProbeError::Refused(error) => refused(endpoint, error),
        ProbeError::TimedOut => {
            let message = format!(
                "{shown} does not answer: expected a TLS handshake within {} seconds",
                super::probe::TIMEOUT.as_secs()
            );
            let (host, port) = (host_of(endpoint), port_of(endpoint));
            Finding::new(Code::ConnectionTimeout, message).mended_by(format!(
                "nc -vz -w 5 {} {}",
                quote(host),
                quote(port)
            ))
        }
        ProbeError::Closed => closed(observation, endpoint),
        ProbeError::NotTls => not_tls(observation, endpoint),
        ProbeError::Alert(alert) => refused_by_alert(observation, endpoint, *alert),
        ProbeError::Other(error) => {
            let message = format!("the handshake with {shown} failed: {}", escape(error));
            Finding::new(Code::ConnectionClosed, message).mended_by(again(endpoint))
        }
    };
    vec![finding.shown_by("endpoint", shown)]
}

fn host_of(endpoint: &str) -> &str {
    endpoint.rsplit_once(':').map_or(endpoint, |(host, _)| host.trim_start_matches('[').trim_end_matches(']'))
}

fn port_of(endpoint: &str) -> &str {
    endpoint.rsplit_once(':').map_or("", |(_, port)| port)
}

fn again(endpoint: &str) -> String {
    format!("pki diagnose {}", quote(endpoint))
}

fn refused(endpoint: &str, error: &std::io::Error) -> Finding {
    let message = format!("nothing listens on {}: {error}", escape(endpoint));
    let fix = format!(
        "ss -ltn\n# on the server's machine this lists the ports that are listened on; if it is the chat that should be there:\nchat serve --listen {}\n# and then\n{}",
        quote(endpoint),
        again(endpoint)
    );
    Finding::new(Code::ConnectionRefused, message).shown_by("error", error.to_string()).mended_by(fix)
}

fn closed(observation: &Observation, endpoint: &str) -> Finding {
    let hint = if observation.client_certificate_wanted { " (it had asked for a client certificate)" } else { "" };
    let message = format!("{} closed the connection in the handshake, without an alert{hint}", escape(endpoint));
    Finding::new(Code::ConnectionClosed, message).shown_by("octets_received", observation.greeting.len()).mended_by(
        "# the server's log tells why; if a proxy or firewall stands between, ask again from the server's own machine",
    )
}

/// Names what the port speaks, where its first words tell.
fn not_tls(observation: &Observation, endpoint: &str) -> Finding {
    let start = String::from_utf8_lossy(&observation.greeting[..observation.greeting.len().min(60)]).into_owned();
    let greeting = escape(start.trim_end());
    let known = GREETINGS
        .iter()
        .find(|(words, ..)| observation.greeting.starts_with(words))
        .map(|(_, name, upgrades)| (*name, *upgrades));
    let (name, upgrades) = known.unwrap_or(if irc(&observation.greeting) {
        ("IRC in plain text", false)
    } else {
        ("something else", false)
    });
    let code = if upgrades { Code::StarttlsNeeded } else { Code::NotTls };
    let message = format!("{} does not speak TLS but {name}: it said `{greeting}`", escape(endpoint));
    let fix = match (upgrades, name) {
        (true, _) => format!(
            "# this protocol begins in plain text and upgrades: connect to its TLS port (465 for SMTP, 993 for IMAP, 995 for POP3)\nopenssl s_client -starttls smtp -connect {}",
            quote(endpoint)
        ),
        (_, "HTTP") => format!("pki diagnose {}:443", quote(host_of(endpoint))),
        _ => format!(
            "# give the port on which the server speaks TLS (the chat's is 6697 unless told otherwise)\npki diagnose {}:6697",
            quote(host_of(endpoint))
        ),
    };
    Finding::new(code, message).shown_by("protocol", name).shown_by("greeting", greeting).mended_by(fix)
}

/// A server message of IRC: `:server 451 …`, `ERROR :…`, `NOTICE …`, `FAIL …`.
fn irc(greeting: &[u8]) -> bool {
    [&b":"[..], b"ERROR", b"NOTICE", b"PING", b"FAIL "].iter().any(|word| greeting.starts_with(word))
}

fn refused_by_alert(observation: &Observation, endpoint: &str, alert: rustls::AlertDescription) -> Finding {
    let shown = observation.client_certificate_shown;
    let wanted = observation.client_certificate_wanted;
    let code = match code_of_alert(alert, shown || !wanted) {
        Some(Code::ClientCertificateRefused) if !wanted => Code::ConnectionClosed,
        Some(code) => code,
        None => Code::ConnectionClosed,
    };
    let name = format!("{alert:?}");
    let message = format!("{} refused with the alert {name}: {}", escape(endpoint), alert_meaning(alert));
    let fix = match code {
        Code::ClientCertificateMissing => client_certificate(endpoint),
        Code::ClientCertificateRefused => format!(
            "# the server's log has the reason; a certificate that this CA's server takes is made by:\n{}",
            client_certificate(endpoint)
        ),
        Code::AccessDenied => {
            "# ask the server's owner to let your account in: `[access] allow` in the configuration of `chat serve`"
                .to_owned()
        }
        _ => again(endpoint),
    };
    Finding::new(code, message)
        .graded(Severity::Error)
        .shown_by("alert", name)
        .shown_by("client_certificate_shown", shown)
        .mended_by(fix)
}

/// Make a client certificate and show it.
pub fn client_certificate(endpoint: &str) -> String {
    format!(
        "pki issue client \"$(id -un)\" --out client\npki diagnose {} --client-chain client/fullchain.pem --client-key client/privkey.pem",
        quote(endpoint)
    )
}

#[cfg(test)]
mod tests {
    use super::{Code, Observation, ProbeError, findings};

    #[test]
    fn a_port_that_speaks_something_else_is_named() {
        for (greeting, code, protocol) in [
            (&b"HTTP/1.1 400 Bad Request\r\n"[..], Code::NotTls, "HTTP"),
            (b"220 mail.example.test ESMTP\r\n", Code::StarttlsNeeded, "SMTP or FTP"),
            (b"* OK IMAP4rev1\r\n", Code::StarttlsNeeded, "IMAP"),
            (b"SSH-2.0-OpenSSH\r\n", Code::NotTls, "SSH"),
            (b":irc.example.test 451 * :You have not registered\r\n", Code::NotTls, "IRC in plain text"),
            (b"\x00\x01\x02", Code::NotTls, "something else"),
        ] {
            let observation = Observation {
                greeting: greeting.to_vec(),
                failure: Some(ProbeError::NotTls),
                ..Observation::default()
            };
            let found = findings(&observation, "127.0.0.1:1");
            assert_eq!((found[0].code, &found[0].evidence["protocol"]), (code, &protocol.into()));
        }
    }

    #[test]
    fn an_alert_tells_a_missing_client_certificate_from_a_refused_one() {
        use rustls::AlertDescription as A;
        for (alert, shown, code) in [
            (A::CertificateRequired, false, Code::ClientCertificateMissing),
            (A::HandshakeFailure, false, Code::ClientCertificateMissing),
            (A::UnknownCA, true, Code::ClientCertificateRefused),
            (A::CertificateExpired, true, Code::ClientCertificateRefused),
            (A::AccessDenied, true, Code::AccessDenied),
        ] {
            let observation = Observation {
                client_certificate_wanted: true,
                client_certificate_shown: shown,
                failure: Some(ProbeError::Alert(alert)),
                ..Observation::default()
            };
            assert_eq!(findings(&observation, "h:1")[0].code, code, "{alert:?}");
        }
    }
}
