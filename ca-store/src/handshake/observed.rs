//! Why there is no handshake, as a finding.

use std::io::ErrorKind;

use rustls::AlertDescription;

use crate::facts::escape;
use crate::finding::{Code, Finding, Severity, quote};

use super::client::with_cas;
use super::closed::closed;
use super::parameters::{group, suites};
use super::plain::{at_once, no_upgrade, plain_text};
use super::wire::{SILENCE, TIMEOUT};
use super::{ProbeError, Starttls, Survey, alert_meaning, code_of_alert, early_alert_meaning, says_no_certificate};

/// What was typed, for fixes that ask again.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// `HOST:PORT`.
    pub endpoint: &'a str,
    /// The name that was typed (`--name`), where one was.
    pub name: Option<&'a str>,
    /// The other flags of `pki diagnose` that say how and by what to judge, quoted, each with a space before it.
    pub flags: &'a str,
}

impl Asked<'_> {
    /// The same question again.
    pub fn again(self) -> String {
        self.of(&quote(self.endpoint), None)
    }

    /// The same of another endpoint, quoted; which is asked for by that name where none was typed.
    pub(super) fn of(self, endpoint: &str, name: Option<&str>) -> String {
        let name = self.name.or(name).map(|name| format!(" --name {}", quote(name))).unwrap_or_default();
        format!("pki diagnose {endpoint}{name}{}", self.flags)
    }

    /// The same question with this upgrade, or with none, whatever was typed.
    pub(super) fn upgraded(self, by: Option<Starttls>) -> String {
        let typed = |flags: String, (_, name, _): &(Starttls, &str, &str)| without(&flags, "--starttls", name);
        let flags = Starttls::ALL.iter().fold(self.flags.to_owned(), typed);
        let upgrade = by.map(|protocol| format!(" --starttls {}", protocol.as_str())).unwrap_or_default();
        let flags = flags + &upgrade;
        Asked { flags: &flags, ..self }.again()
    }

    /// The same question with this application protocol in the place of those that were offered, or with none.
    fn offering(self, protocol: Option<&str>, offered: &[String]) -> String {
        let flags = offered.iter().fold(self.flags.to_owned(), |flags, name| without(&flags, "--alpn", name));
        let offer = protocol.map(|name| format!(" --alpn {}", quote(name))).unwrap_or_default();
        Asked { flags: &(flags + &offer), ..self }.again()
    }
}

/// The flags without this one and its value.
fn without(flags: &str, flag: &str, value: &str) -> String {
    let typed = format!(" {flag} {} ", quote(value));
    format!("{flags} ").replace(&typed, " ").trim_end().to_owned()
}

/// What kept the handshake from coming about.
pub fn failure(survey: &Survey, asked: Asked<'_>) -> Option<Finding> {
    let endpoint = asked.endpoint;
    let shown = escape(endpoint);
    if let Some(plain) = &survey.plain {
        return Some(plain_text(survey, plain.protocol, plain.starttls, &plain.said, asked));
    }
    let finding = match survey.main.failure.as_ref()? {
        _ if survey.speaks_at_once => at_once(survey, asked),
        _ if let Some(foreign) = survey.foreign_group => group(foreign, survey, asked),
        ProbeError::HostNotFound(error) => not_found(endpoint, error),
        ProbeError::Refused(error) => refused(asked, error),
        ProbeError::TimedOut => timed_out(survey, asked),
        ProbeError::Closed => closed(survey, asked),
        ProbeError::NotTls => plain_text(survey, "something else", None, &survey.main.greeting, asked),
        ProbeError::NoUpgrade { protocol, expected, found } => no_upgrade(*protocol, expected, found, asked),
        ProbeError::TurnedAway(said) => turned_away(endpoint, said),
        ProbeError::Alert(alert) => refused_by_alert(survey, asked, *alert),
        ProbeError::Version => versions(survey, asked),
        ProbeError::Parameters(error) => suites(survey, asked, error),
        ProbeError::Other(error) => {
            let message = format!("the handshake with {shown} failed: {}", escape(error));
            Finding::new(Code::ConnectionClosed, message).mended_by(asked.again())
        }
    };
    Some(finding.shown_by("endpoint", shown))
}

pub(super) fn host_of(endpoint: &str) -> &str {
    endpoint.rsplit_once(':').map_or(endpoint, |(host, _)| host.trim_start_matches('[').trim_end_matches(']'))
}

pub(super) fn port_of(endpoint: &str) -> &str {
    endpoint.rsplit_once(':').map_or("", |(_, port)| port)
}

fn not_found(endpoint: &str, error: &std::io::Error) -> Finding {
    let host = quote(host_of(endpoint));
    let fix = format!(
        "getent hosts {host}\n# nothing printed: look for a typing error in the name, or enter it with your DNS provider or in /etc/hosts"
    );
    let message = format!("the host of {} does not resolve: {error}", escape(endpoint));
    Finding::new(Code::HostNotFound, message)
        .shown_by("host", escape(host_of(endpoint)))
        .shown_by("error", error.to_string())
        .mended_by(fix)
}

fn refused(asked: Asked<'_>, error: &std::io::Error) -> Finding {
    let endpoint = asked.endpoint;
    let shown = escape(endpoint);
    if error.kind() != ErrorKind::ConnectionRefused {
        let message = format!("{shown} can't be reached: {error}");
        return Finding::new(Code::ConnectionTimeout, message)
            .shown_by("error", error.to_string())
            .mended_by(reachable(endpoint));
    }
    let message = format!("nothing listens on {shown}: {error}");
    // What is listened on is an address: every one of the machine's where a name was asked for.
    let (host, port) = endpoint.rsplit_once(':').unwrap_or((endpoint, "6697"));
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().map_or("0.0.0.0", |_| host);
    let fix = format!(
        "ss -ltn\n# on the server's machine this lists the ports that are listened on; if it is the chat that should be there:\nchat serve --name {} --listen {}\n# and then\n{}",
        quote(host.trim_matches(['[', ']'])),
        quote(&format!("{}:{port}", if host == "localhost" { "127.0.0.1" } else { address })),
        asked.again()
    );
    Finding::new(Code::ConnectionRefused, message).shown_by("error", error.to_string()).mended_by(fix)
}

fn reachable(endpoint: &str) -> String {
    format!("nc -vz -w 5 {} {}", quote(host_of(endpoint)), quote(port_of(endpoint)))
}

fn timed_out(survey: &Survey, asked: Asked<'_>) -> Finding {
    let endpoint = asked.endpoint;
    let connected = survey.main.address.is_some();
    let is_silent = survey.main.greeting.is_empty();
    let seconds = if connected && is_silent && survey.starttls.is_none() { SILENCE } else { TIMEOUT }.as_secs();
    let what = match (connected, is_silent) {
        (false, _) => {
            format!("does not answer: no connection within {seconds} seconds; a firewall may drop the packets")
        }
        (true, true) => {
            format!("takes the connection and says nothing within {seconds} seconds, neither TLS nor plain text")
        }
        (true, false) => format!("began to answer and did not end the handshake within {seconds} seconds"),
    };
    let fix = if connected {
        format!(
            "# the port is open, and the program behind it is stuck or speaks another protocol: look at its log, then\n{}",
            asked.again()
        )
    } else {
        reachable(endpoint)
    };
    Finding::new(Code::ConnectionTimeout, format!("{} {what}", escape(endpoint)))
        .shown_by("connected", connected)
        .shown_by("octets_received", survey.main.greeting.len())
        .mended_by(fix)
}

/// The certificate was accepted, and its holder is not.
fn turned_away(endpoint: &str, said: &str) -> Finding {
    let message = format!("{} takes the certificate and lets its account not in: it says `{said}`", escape(endpoint));
    Finding::new(Code::AccessDenied, message).shown_by("said", said).mended_by(LET_IN)
}

/// The server's owner alone can do it.
const LET_IN: &str = "# ask the server's owner to let your account in: `[access]` `allow` and `deny` in the configuration of `chat serve`";

fn refused_by_alert(survey: &Survey, asked: Asked<'_>, alert: AlertDescription) -> Finding {
    let endpoint = asked.endpoint;
    let main = &survey.main;
    let (shown, wanted) = (main.client_certificate_shown, main.client_certificate_wanted);
    let of_name = survey.only_without_name || is_of_name(survey, alert);
    let code = match code_of_alert(alert, shown || !wanted) {
        Some(Code::ClientCertificateRefused) if !wanted => Code::ConnectionClosed,
        // What comes before the client's certificate is agreed on by then.
        Some(Code::CipherSuiteMismatch) | None if shown => Code::ClientCertificateRefused,
        Some(Code::SniRefused) if survey.by_address => Code::SniMissing,
        _ if of_name && survey.by_address => Code::SniMissing,
        _ if of_name => Code::SniRefused,
        Some(code) => code,
        None => Code::ConnectionClosed,
    };
    match code {
        Code::TlsVersionMismatch => return versions(survey, asked),
        Code::CipherSuiteMismatch if !wanted => return suites(survey, asked, &format!("alert {alert:?}")),
        _ => {}
    }
    let name = format!("{alert:?}");
    let host = survey.name.as_deref().unwrap_or_else(|| host_of(endpoint));
    let whom = match code {
        Code::SniRefused => format!(", asked for `{}`,", escape(host)),
        Code::SniMissing => format!(", asked by the address {} and so without a name,", escape(host)),
        _ => String::new(),
    };
    let meaning = match alert {
        _ if survey.only_without_name => "it shakes hands where no name is sent, and knows no such name",
        _ if of_name => early_alert_meaning(alert),
        _ => alert_meaning(alert),
    };
    let message = format!("{}{whom} refused with the alert {name}: {meaning}", escape(endpoint));
    let finding = Finding::new(code, message)
        .graded(Severity::Error)
        .shown_by("asked_for", escape(host))
        .shown_by("alert", name)
        .shown_by("alert_number", u8::from(alert))
        .shown_by("client_certificate_shown", shown)
        .mended_by(alert_fix(code, survey, asked));
    with_cas(with_protocols(finding, survey), main)
}

/// Whether a server that ends the handshake so, before it sent a certificate, has most likely none for the name.
fn is_of_name(survey: &Survey, alert: AlertDescription) -> bool {
    let is_early = survey.main.chain.is_empty() && !survey.main.client_certificate_wanted;
    is_early && says_no_certificate(alert)
}

/// What was offered, and what the server takes.
fn with_protocols(finding: Finding, survey: &Survey) -> Finding {
    if finding.code != Code::AlpnMismatch {
        return finding;
    }
    let taken = survey.takes_instead.as_deref().map_or_else(|| "none that is known here".to_owned(), escape);
    let offered: Vec<String> = survey.offered.iter().map(|name| escape(name)).collect();
    let message = format!("{}: expected {taken}, found {}", finding.message, offered.join(", "));
    Finding { message, ..finding }.shown_by("offered", offered).shown_by("server_takes", taken)
}

pub(super) fn alert_fix(code: Code, survey: &Survey, asked: Asked<'_>) -> String {
    match code {
        Code::ClientCertificateMissing => client_certificate(asked),
        Code::ClientCertificateRefused => format!(
            "# the server's log has the reason; a certificate that this CA's server takes is made by:\n{}",
            client_certificate(asked)
        ),
        Code::AccessDenied => LET_IN.to_owned(),
        // The certificate of the site comes from the CA that is at hand, which is known later.
        Code::SniRefused => format!("{}\n{}", NEW_SITE, asked.again()),
        Code::SniMissing => format!(
            "# no name is sent to an address: ask by the name of a site that the server has, here and in its clients:\n{}\n# or give the server a site for clients that send none (nginx: listen … default_server, HAProxy: a bind without strict-sni), with a certificate of the address",
            Asked { name: Some("chat.example.test"), ..asked }.again()
        ),
        Code::AlpnMismatch => {
            let taken = survey.takes_instead.as_deref();
            let what = match taken {
                Some(_) => "what the server takes",
                None => "no protocol, which every server takes, or one of those that the server's settings name",
            };
            format!(
                "# offer {what}; or let the server take what was offered (HAProxy: alpn, nginx: http2, OpenSSL: -alpn):\n{}",
                asked.offering(taken, &survey.offered)
            )
        }
        _ => asked.again(),
    }
}

/// What has to be done before a server can answer to a name.
pub(crate) const NEW_SITE: &str = "# give the server a site of this name (nginx: server_name, Apache: ServerName and ServerAlias, HAProxy: crt), with a certificate that has it";

/// RFC 8996: nothing below TLS 1.2 is spoken by a current client.
pub(super) fn versions(survey: &Survey, asked: Asked<'_>) -> Finding {
    let endpoint = asked.endpoint;
    let taken: Vec<String> = survey.versions_taken().iter().map(ToString::to_string).collect();
    let offers = match &taken[..] {
        [] => "none of 1.0 to 1.3".to_owned(),
        some => format!("only {}", some.join(", ")),
    };
    let wanted = if survey.only_tls13 { "TLS 1.3" } else { "TLS 1.2 or 1.3" };
    let message = format!(
        "{} has no TLS version in common with its clients: expected {wanted}, found {offers}",
        escape(endpoint)
    );
    let finding = Finding::new(Code::TlsVersionMismatch, message).shown_by("server_takes", taken);
    let finding = match survey.main.failure {
        Some(ProbeError::Closed) => finding.shown_by("ended_by", "close"),
        _ => finding,
    };
    finding.shown_by("clients_take", wanted).mended_by(format!(
        "# allow TLS 1.2 and 1.3 in the server (nginx: ssl_protocols TLSv1.2 TLSv1.3; Apache: SSLProtocol -all +TLSv1.2 +TLSv1.3; OpenSSL: MinProtocol), then\n{}",
        asked.again()
    ))
}

/// Make a client certificate and show it.
pub fn client_certificate(asked: Asked<'_>) -> String {
    format!(
        "# of the CA that the server trusts; where that is not yours, ask whoever runs the server\n\
         pki issue client \"$(id -un)\" --out client\n{} --client-chain client/fullchain.pem --client-key client/privkey.pem",
        asked.again()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handshake::hello::Version;
    use crate::handshake::{Answer, Observation, Plain};

    const ASKED: Asked<'_> = Asked { endpoint: "h:1", name: None, flags: "" };

    fn code(survey: &Survey) -> Code {
        failure(survey, ASKED).expect("a finding").code
    }

    #[test]
    fn a_port_that_speaks_something_else_is_named() {
        for (protocol, starttls, code) in
            [("SMTP", Some(Starttls::Smtp), Code::StarttlsNeeded), ("HTTP", None, Code::NotTls)]
        {
            let plain = Plain { protocol, starttls, said: b"hello\x1b[2J\r\n".to_vec() };
            let survey = Survey { plain: Some(plain), ..Survey::default() };
            let found =
                failure(&survey, Asked { endpoint: "mail.example.test:25", name: None, flags: "" }).expect("a finding");
            assert_eq!((found.code, &found.evidence["protocol"]), (code, &protocol.into()));
            assert!(!found.message.contains('\u{1b}'), "{}", found.message);
            assert!(found.fix.contains("pki diagnose mail.example.test:"), "{}", found.fix);
        }
    }

    #[test]
    fn an_alert_tells_a_missing_client_certificate_from_a_refused_one() {
        use AlertDescription as A;
        for (alert, shown, expected) in [
            (A::CertificateRequired, false, Code::ClientCertificateMissing),
            (A::HandshakeFailure, false, Code::ClientCertificateMissing),
            (A::UnknownCA, true, Code::ClientCertificateRefused),
            (A::CertificateExpired, true, Code::ClientCertificateRefused),
            (A::AccessDenied, true, Code::AccessDenied),
            // Apache, of a chain that is longer than its SSLVerifyDepth; and a server that has rules of its own.
            (A::InternalError, true, Code::ClientCertificateRefused),
            (A::HandshakeFailure, true, Code::ClientCertificateRefused),
            (A::DecodeError, false, Code::ConnectionClosed),
            (A::UnrecognisedName, false, Code::SniRefused),
        ] {
            let survey = Survey::of(Observation {
                client_certificate_wanted: true,
                client_certificate_shown: shown,
                failure: Some(ProbeError::Alert(alert)),
                ..Observation::default()
            });
            assert_eq!(code(&survey), expected, "{alert:?}");
        }
    }

    /// Measured with a server of Go and one of rustls that choose the certificate by the name.
    #[test]
    fn a_server_without_a_certificate_for_the_name_is_told_from_one_that_turns_its_account_away() {
        use AlertDescription as A;
        for (alert, wanted, by_address, expected) in [
            (A::InternalError, false, false, Code::SniRefused),
            (A::AccessDenied, false, false, Code::SniRefused),
            (A::InternalError, false, true, Code::SniMissing),
            (A::AccessDenied, true, false, Code::AccessDenied),
        ] {
            let main = Observation {
                client_certificate_wanted: wanted,
                client_certificate_shown: wanted,
                failure: Some(ProbeError::Alert(alert)),
                ..Observation::default()
            };
            assert_eq!(code(&Survey { by_address, ..Survey::of(main) }), expected, "{alert:?}");
        }
        for failure in [ProbeError::Closed, ProbeError::Alert(A::HandshakeFailure)] {
            let main = Observation { failure: Some(failure), ..Observation::default() };
            assert_eq!(code(&Survey { only_without_name: true, ..Survey::of(main) }), Code::SniRefused);
        }
    }

    #[test]
    fn a_server_that_closes_for_a_version_is_told_by_what_it_takes() {
        let taken = Answer::Hello { version: 0x0303, suite: 0xc02f, group: None };
        let closed = || Observation { failure: Some(ProbeError::Closed), ..Observation::default() };
        for (only_tls13, expected) in [(true, Code::TlsVersionMismatch), (false, Code::ConnectionClosed)] {
            let survey = Survey { versions: vec![(Version::Tls12, taken)], only_tls13, ..Survey::of(closed()) };
            assert_eq!(code(&survey), expected);
        }
    }

    #[test]
    fn the_cas_that_a_server_names_are_told_with_the_fix() {
        let named = b"\x30\x0f\x31\x0d\x30\x0b\x06\x03\x55\x04\x03\x0c\x04Beta".to_vec();
        let survey = Survey::of(Observation {
            client_certificate_wanted: true,
            wanted_issuers: vec![named],
            failure: Some(ProbeError::Alert(AlertDescription::CertificateRequired)),
            ..Observation::default()
        });
        let found = failure(&survey, ASKED).expect("a finding");
        assert_eq!(found.evidence["server_takes"], serde_json::json!(["CN=Beta"]));
        assert!(found.fix.starts_with("# the server says that it takes certificates of `CN=Beta`\n"), "{}", found.fix);
    }

    #[test]
    fn a_server_without_anything_current_is_told_by_what_it_takes() {
        let alert = Answer::Alert(AlertDescription::ProtocolVersion);
        let main = || Observation {
            failure: Some(ProbeError::Alert(AlertDescription::ProtocolVersion)),
            ..Observation::default()
        };
        let old = Answer::Hello { version: 0x0301, suite: 0x002f, group: None };
        let survey = Survey {
            versions: vec![
                (Version::Tls13, alert),
                (Version::Tls12, alert),
                (Version::Tls11, old),
                (Version::Tls10, old),
            ],
            ..Survey::of(main())
        };
        let found = failure(&survey, ASKED).expect("a finding");
        assert_eq!(found.code, Code::TlsVersionMismatch);
        // Asked for 1.1 it answered with 1.0: that is no 1.1.
        assert_eq!(found.evidence["server_takes"], serde_json::json!(["TLS 1.0"]));
    }
}
