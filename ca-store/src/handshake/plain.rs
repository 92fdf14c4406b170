//! A port that begins in plain text, as a finding: what it speaks, and how it is asked for TLS.

use crate::facts::escape;
use crate::finding::{Code, Finding, quote};

use super::greeting::recognise;
use super::observed::{Asked, port_of};
use super::{Starttls, Survey};

/// The ports on which a protocol speaks TLS from the first octet (IANA's registry).
const TLS_PORTS: &[(Starttls, u16)] = &[
    (Starttls::Smtp, 465),
    (Starttls::Imap, 993),
    (Starttls::Pop3, 995),
    (Starttls::Ftp, 990),
    (Starttls::Xmpp, 5223),
    (Starttls::Ldap, 636),
    (Starttls::Irc, 6697),
];
/// How much of what a peer said is quoted.
const QUOTED: usize = 60;

/// Host and port with the host as it was typed, brackets and all.
fn with_port(endpoint: &str, port: u16) -> String {
    quote(&format!("{}:{port}", endpoint.rsplit_once(':').map_or(endpoint, |(host, _)| host)))
}

/// The first line of it.
fn quoted(said: &[u8]) -> String {
    let start = String::from_utf8_lossy(&said[..said.len().min(QUOTED)]).into_owned();
    escape(start.trim().lines().next().unwrap_or_default().trim_end())
}

/// The port speaks, and not TLS: named where its words tell.
pub(super) fn plain_text(
    survey: &Survey,
    protocol: &str,
    starttls: Option<Starttls>,
    said: &[u8],
    asked: Asked<'_>,
) -> Finding {
    let endpoint = asked.endpoint;
    let (words, shown) = (quoted(said), escape(endpoint));
    let finding = match starttls {
        Some(upgrade) => {
            let message = format!(
                "{shown} begins in plain text, as {protocol} does, and upgrades to TLS when asked: it said `{words}`"
            );
            Finding::new(Code::StarttlsNeeded, message).mended_by(upgrade_fix(upgrade, asked))
        }
        None => {
            let message = format!("{shown} does not speak TLS but {protocol}: it said `{words}`");
            Finding::new(Code::NotTls, message).mended_by(other_port(protocol, asked))
        }
    };
    finding
        .shown_by("protocol", protocol)
        .shown_by("greeting", words)
        .shown_by("expected", "a TLS handshake")
        .shown_by("spoke_first", !survey.main.greeting.is_empty())
        .shown_by("endpoint", shown)
}

fn upgrade_fix(protocol: Starttls, asked: Asked<'_>) -> String {
    let upgrade = asked.upgraded(Some(protocol));
    match TLS_PORTS.iter().find(|(known, _)| *known == protocol) {
        Some((_, port)) => format!(
            "{upgrade}\n# and set the client to STARTTLS on this port, or to TLS on {} where the server has that too",
            with_port(asked.endpoint, *port)
        ),
        None => format!(
            "{upgrade}\n# and let the client ask for TLS (for PostgreSQL: sslmode=verify-full; for MySQL: --ssl-mode=VERIFY_IDENTITY)"
        ),
    }
}

fn other_port(protocol: &str, asked: Asked<'_>) -> String {
    let port = match protocol {
        "HTTP" => 443,
        "NNTP" => 563,
        "Redis" => 6380,
        "AMQP" => 5671,
        _ => 6697,
    };
    let again = asked.of(&with_port(asked.endpoint, port), None);
    match protocol {
        "HTTP" | "NNTP" | "Redis" | "AMQP" => {
            format!("# with TLS, {protocol} usually is on another port\n{again}")
        }
        "SSH" | "VNC" => {
            format!("# {protocol} has no certificates of this kind: give the port of the TLS server\nss -ltnp")
        }
        _ => format!(
            "# give the port on which the server speaks TLS (the chat's is {port} unless told otherwise)\n{again}"
        ),
    }
}

/// `--starttls` was asked for, and the peer speaks TLS without it.
pub(super) fn at_once(survey: &Survey, asked: Asked<'_>) -> Finding {
    let title = survey.starttls.map_or("", Starttls::title);
    let message = format!(
        "{} speaks TLS from the first octet, and no {title} in plain text that upgrades to it: the port is in order for clients that begin with TLS",
        escape(asked.endpoint)
    );
    Finding::new(Code::NotTls, message)
        .shown_by("protocol", "TLS")
        .shown_by("expected", format!("{title} in plain text, and its upgrade"))
        .shown_by("found", "TLS from the first octet")
        .mended_by(format!(
            "# leave --starttls out, and set the client to TLS from the first octet (SSL/TLS, not STARTTLS) on this port:\n{}",
            asked.upgraded(None)
        ))
}

/// `--starttls` was asked for, and the peer did not go along.
pub(super) fn no_upgrade(protocol: Starttls, expected: &str, found: &str, asked: Asked<'_>) -> Finding {
    let endpoint = asked.endpoint;
    let (title, shown) = (protocol.title(), escape(endpoint));
    let words = quoted(found.as_bytes());
    let other = recognise(found.as_bytes(), port_of(endpoint).parse().unwrap_or(0));
    let other = other.and_then(|plain| plain.starttls).filter(|other| *other != protocol);
    let (code, fix) = match other {
        Some(other) => (Code::StarttlsNeeded, upgrade_fix(other, asked)),
        None if found == "silence" => {
            (Code::NotTls, format!("# perhaps it speaks TLS from the first octet:\n{}", asked.upgraded(None)))
        }
        None => (
            Code::NotTls,
            format!(
                "# switch TLS on in the {title} server (its certificate and key have to be set), then\n{}",
                asked.upgraded(Some(protocol))
            ),
        ),
    };
    let message = format!("{shown} does not upgrade to TLS as {title} does: expected {expected}, found `{words}`");
    Finding::new(code, message)
        .shown_by("protocol", other.map_or(title, Starttls::title))
        .shown_by("expected", expected)
        .shown_by("found", words)
        .mended_by(fix)
}
