//! A peer that closes without a word of why, as a finding: what it had been shown or asked for by then tells.

use crate::facts::escape;
use crate::finding::{Code, Finding};

use super::Survey;
use super::client::with_cas;
use super::hello::Version;
use super::observed::{Asked, alert_fix, client_certificate, host_of, versions};

/// In the handshake, or right after it.
pub(super) fn closed(survey: &Survey, asked: Asked<'_>) -> Finding {
    let endpoint = asked.endpoint;
    let taken = survey.versions_taken();
    let offered = if survey.only_tls13 { Version::Tls13 } else { Version::Tls12 };
    if !taken.is_empty() && taken.iter().all(|version| *version < offered) {
        return versions(survey, asked);
    }
    if survey.expects_proxy {
        return proxied(asked);
    }
    if survey.only_without_name {
        return closed_on_name(survey, asked);
    }
    if survey.main.client_certificate_shown {
        return closed_on_client(survey, asked);
    }
    if survey.main.client_certificate_wanted {
        return closed_without_client(survey, asked);
    }
    let message = format!("{} closed the connection in the handshake, without an alert", escape(endpoint));
    Finding::new(Code::ConnectionClosed, message).shown_by("octets_received", survey.main.greeting.len()).mended_by(
        "# the server's log tells why; if a proxy or firewall stands between, ask again from the server's own machine; one that routes by name (HAProxy: req.ssl_sni, nginx: ssl_preread) closes for a name that it does not know",
    )
}

/// It has a site for whoever sends no name, and closes for the one that was sent.
fn closed_on_name(survey: &Survey, asked: Asked<'_>) -> Finding {
    let host = survey.name.as_deref().unwrap_or_else(|| host_of(asked.endpoint));
    let message = format!(
        "{}, asked for `{}`, closes the connection without an alert, and shakes hands where no name is sent: the server knows no such name",
        escape(asked.endpoint),
        escape(host)
    );
    Finding::new(Code::SniRefused, message)
        .shown_by("asked_for", escape(host))
        .shown_by("ended_by", "close")
        .mended_by(alert_fix(Code::SniRefused, survey, asked))
}

/// It has seen the client's certificate, and closes without a word of why.
pub(super) fn closed_on_client(survey: &Survey, asked: Asked<'_>) -> Finding {
    let message = format!(
        "{} closes the connection without an alert once it has been shown the client certificate: it refuses it, most likely",
        escape(asked.endpoint)
    );
    let finding = Finding::new(Code::ClientCertificateRefused, message)
        .shown_by("ended_by", "close")
        .shown_by("client_certificate_shown", true)
        .mended_by(alert_fix(Code::ClientCertificateRefused, survey, asked));
    with_cas(finding, &survey.main)
}

/// It has asked for a client's certificate, got none, and closes without a word of why (Java's `HttpsServer`; and whoever closes so soon
/// after its alert that the network loses it).
fn closed_without_client(survey: &Survey, asked: Asked<'_>) -> Finding {
    let message = format!(
        "{} asks for a client certificate, and closes the connection without an alert once it got none: it requires one, most likely",
        escape(asked.endpoint)
    );
    let finding = Finding::new(Code::ClientCertificateMissing, message)
        .shown_by("ended_by", "close")
        .shown_by("client_certificate_shown", false)
        .mended_by(client_certificate(asked));
    with_cas(finding, &survey.main)
}

/// It is made for a proxy in front of it, which tells it who the client is; a client that comes by itself is closed.
fn proxied(asked: Asked<'_>) -> Finding {
    let message = format!(
        "{} closes at once where it is not told the client's address first: it expects the PROXY protocol, which a proxy in front of it speaks and no client does",
        escape(asked.endpoint)
    );
    Finding::new(Code::ConnectionClosed, message).shown_by("expects", "PROXY protocol").mended_by(format!(
        "# ask the proxy in front of it, as clients do; or, where there is none, let the server take clients as they come (nginx: `listen … ssl` without proxy_protocol, HAProxy: `bind` without accept-proxy, Postfix: no upstream_proxy_protocol), then\n{}",
        asked.again()
    ))
}
