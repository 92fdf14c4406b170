//! What a TLS handshake lets one see, kept for an explanation afterwards.
//!
//! ```text
//! survey: resolve ─► connect ─► starttls ─► handshake ─► versions, names, protocols, addresses ─► findings, facts
//! ```
//!
//! In a chat's handshake the verdict is always rustls's own: the recorders here only remember what was presented, because rustls forgets it
//! when it refuses.

mod client;
mod closed;
mod compared;
mod endpoint;
mod greeting;
mod groups;
mod hello;
mod http;
mod irc;
mod observed;
mod parameters;
mod plain;
mod postgres;
mod proof;
mod recorder;
mod session;
mod starttls;
mod survey;
mod trial;
mod watcher;
mod wire;

pub(crate) use client::CA_SETTINGS;
pub use client::{
    ClientFiles, either_trust_it, hangs_on_trust, let_in_though_faulty, let_it_trust, likely_reason, may_mean,
    not_offered, of_another_ca, reason, revoked_by_its_word,
};
pub use compared::findings;
pub use endpoint::{AddressFacts, EndpointFacts, facts};
pub use greeting::Plain;
pub use groups::ForeignGroup;
pub use hello::{Answer, Version};
pub use http::HttpAnswer;
pub(crate) use observed::NEW_SITE;
pub use observed::{Asked, client_certificate, failure};
pub use recorder::{ClientRecorder, MAX_SENT_BESIDE, ServerRecorder, TooManySent, few_enough};
pub use session::{FAREWELL_TIMEOUT, Observation, ProbeError, ProbeOptions, UnprovenKey, probe};
pub use starttls::Starttls;
pub use survey::{AtAddress, Survey, survey};
pub use trial::{Trial, try_client};
pub use wire::{MAX_ADDRESSES, OVERALL_TIMEOUT, TIMEOUT};

use std::sync::Arc;

use rustls::AlertDescription;
use rustls::crypto::CryptoProvider;

use crate::finding::Code;

/// The cryptography that everything here uses: aws-lc-rs, with X25519MLKEM768 offered first.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// What a fatal alert from a *server* says of the client's certificate (RFC 8446 section 6.2), if anything.
///
/// `shown` tells whether the client showed one.
pub fn code_of_alert(alert: AlertDescription, shown: bool) -> Option<Code> {
    use AlertDescription as A;
    match alert {
        A::CertificateRequired => Some(Code::ClientCertificateMissing),
        // Before TLS 1.3 there was no alert of its own for a certificate that was not sent.
        A::HandshakeFailure | A::BadCertificate if !shown => Some(Code::ClientCertificateMissing),
        A::AccessDenied => Some(Code::AccessDenied),
        A::UnrecognisedName => Some(Code::SniRefused),
        A::ProtocolVersion => Some(Code::TlsVersionMismatch),
        A::NoApplicationProtocol => Some(Code::AlpnMismatch),
        A::UnknownCA
        | A::BadCertificate
        | A::UnsupportedCertificate
        | A::CertificateRevoked
        | A::CertificateExpired
        | A::CertificateUnknown
        | A::DecryptError => Some(Code::ClientCertificateRefused),
        A::HandshakeFailure | A::InsufficientSecurity => Some(Code::CipherSuiteMismatch),
        _ => None,
    }
}

/// The same of a server that ends the handshake before it has sent a certificate: of the client's it cannot speak yet.
pub fn code_before_certificate(alert: AlertDescription) -> Option<Code> {
    match alert {
        alert if says_no_certificate(alert) => Some(Code::SniRefused),
        _ => code_of_alert(alert, true).filter(|code| *code != Code::ClientCertificateRefused),
    }
}

/// What Go's servers (Caddy, Traefik) and those of rustls say where they have no certificate for a name.
fn says_no_certificate(alert: AlertDescription) -> bool {
    matches!(alert, AlertDescription::InternalError | AlertDescription::AccessDenied)
}

/// What an alert means that came before the server's certificate.
pub fn early_alert_meaning(alert: AlertDescription) -> &'static str {
    match alert {
        _ if says_no_certificate(alert) => {
            "it has sent no certificate before, and has none for that, most likely, as servers in Go (Caddy, Traefik) and of rustls say so; else its log tells why"
        }
        AlertDescription::HandshakeFailure => "no parameters in common",
        _ => alert_meaning(alert),
    }
}

/// What the alert means for whoever reads it, in words.
pub fn alert_meaning(alert: AlertDescription) -> &'static str {
    use AlertDescription as A;
    match alert {
        A::CertificateRequired => "the server requires a client certificate, and none was sent",
        // OpenSSL sends these two of revocation lists as well (ssl_x509err2alert()).
        A::UnknownCA => {
            "the other side does not trust the CA that issued the certificate it was shown, or asks for a revocation list of it and has none"
        }
        A::BadCertificate => "the other side found the certificate it was shown to be broken or wrongly signed",
        A::UnsupportedCertificate => "the certificate is not made for this purpose, or of a kind the other side lacks",
        A::CertificateRevoked => "the certificate has been revoked",
        A::CertificateExpired => {
            "the certificate has expired or is not valid yet, by the other side's clock, or a revocation list of the other side's has"
        }
        A::CertificateUnknown => "the other side refuses the certificate for a reason that it keeps to itself",
        A::AccessDenied => "the certificate is in order, but its account may not come in",
        A::DecryptError => "a signature of the handshake did not verify: certificate and key may not belong together",
        A::ProtocolVersion => "no TLS version in common",
        A::HandshakeFailure => "no parameters in common, or a client certificate is required and none was sent",
        A::UnrecognisedName => "the server knows no such name",
        A::NoApplicationProtocol => "no application protocol in common",
        A::InternalError => {
            "the other side failed by itself, as Apache does at a client's chain that is longer than its SSLVerifyDepth"
        }
        _ => "the other side ended the handshake",
    }
}
