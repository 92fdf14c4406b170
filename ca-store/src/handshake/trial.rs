//! One more handshake, with another certificate of the client's: what a fix proposes is shown to the server before it is proposed.

use std::net::SocketAddr;
use std::time::Duration;

use super::session::{Observation, ProbeError, ProbeOptions, Session};
use super::wire::Budget;

/// How long it may take, the words of HTTP and the farewell included. The server has answered a handshake before it.
const TRIAL: Duration = Duration::from_secs(6);

/// What the server makes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trial {
    /// It takes the certificate.
    Takes,
    /// It refuses it, and how.
    Refuses(String),
    /// It was not asked, did not answer, or did not want one.
    Unknown,
}

/// Shows the client's certificate of these options: one connection, and a word of HTTP where the server speaks that, as some refuse
/// there alone.
pub fn try_client(address: SocketAddr, options: &ProbeOptions, speaks_http: bool) -> Trial {
    let mut seen = Observation::default();
    let alpn = if speaks_http { vec!["http/1.1".to_owned()] } else { options.alpn.clone() };
    let options = ProbeOptions { alpn, ..options.clone() };
    let opened = Session::open(address, &options, Budget::new(TRIAL), &mut seen);
    let session = match opened {
        Ok(session) => session,
        Err(failure) => return of_failure(&failure, &seen),
    };
    if !seen.client_certificate_shown {
        return Trial::Unknown;
    }
    if !speaks_http {
        return session.farewell(true).map_or_else(|failure| of_failure(&failure, &seen), |_| Trial::Takes);
    }
    match session.ask_http("GET", &options.host) {
        Ok(Some(answer)) if answer.certificate_refused => Trial::Refuses(format!("{} by HTTP", answer.status)),
        Ok(Some(_)) => Trial::Takes,
        Ok(None) => Trial::Unknown,
        Err(failure) => of_failure(&failure, &seen),
    }
}

/// Of a server that did not answer nothing is known; one that ends the handshake once it has the certificate refuses it.
fn of_failure(failure: &ProbeError, seen: &Observation) -> Trial {
    match failure {
        ProbeError::Alert(alert) if seen.client_certificate_shown => Trial::Refuses(format!("alert {alert:?}")),
        ProbeError::Closed if seen.client_certificate_shown => Trial::Refuses("it closes the connection".to_owned()),
        _ => Trial::Unknown,
    }
}
