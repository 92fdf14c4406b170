//! What a report tells of an endpoint.

use serde::Serialize;

use crate::explain::{ClientChain, rfc3339};
use crate::facts::{escape, hex, sha256};

use super::client::{MAX_LISTED, accepted};
use super::{Observation, Survey};

/// A live endpoint, as plain data.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EndpointFacts {
    /// The address that was talked to.
    pub address: Option<String>,
    /// Every address of the name that was asked.
    pub addresses: Vec<AddressFacts>,
    /// What it speaks in plain text, where it does not speak TLS.
    pub protocol: Option<&'static str>,
    /// How it was upgraded to TLS.
    pub starttls: Option<&'static str>,
    /// The version agreed upon.
    pub version: Option<String>,
    /// The cipher suite agreed upon.
    pub cipher: Option<String>,
    /// The application protocol agreed upon, or taken when HTTP was offered.
    pub alpn: Option<String>,
    /// The versions that it takes, the newest first.
    pub versions: Vec<String>,
    /// It asked for a client certificate.
    pub client_certificate_wanted: bool,
    /// One was shown.
    pub client_certificate_shown: bool,
    /// That one and what is above it, where its files were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_chain: Option<ClientChain>,
    /// From which CAs; empty where it named none.
    pub accepted_cas: Vec<String>,
    /// The fingerprint of the leaf that clients get which send no name.
    pub certificate_without_name: Option<String>,
    /// Its clock, where it told it.
    pub time: Option<String>,
}

/// One address of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AddressFacts {
    /// The address and port.
    pub address: String,
    /// Whether it took the connection.
    pub connected: bool,
    /// The fingerprint of its leaf.
    pub sha256: Option<String>,
}

/// The facts of a survey.
pub fn facts(survey: &Survey) -> EndpointFacts {
    let main = &survey.main;
    let fingerprint = |seen: &Observation| seen.chain.first().map(|der| hex(&sha256(der)));
    let http = survey.http.as_ref();
    EndpointFacts {
        address: main.address.map(|address| address.to_string()),
        addresses: survey
            .addresses
            .iter()
            .map(|at| AddressFacts {
                address: at.address.to_string(),
                connected: at.connected,
                sha256: at.chain.first().map(|der| hex(&sha256(der))),
            })
            .collect(),
        protocol: survey.plain.as_ref().map(|plain| plain.protocol),
        starttls: survey.starttls.map(super::Starttls::as_str),
        version: main.version.and_then(|it| super::Version::from_wire(it.into())).map(|it| it.to_string()),
        cipher: main.cipher.clone(),
        alpn: main.alpn.as_deref().map(escape).or_else(|| http.map(|_| "http/1.1".to_owned())),
        versions: survey.versions_taken().iter().map(ToString::to_string).collect(),
        client_certificate_wanted: main.client_certificate_wanted,
        client_certificate_shown: main.client_certificate_shown,
        client_chain: None,
        accepted_cas: accepted(main).iter().take(MAX_LISTED).map(ToString::to_string).collect(),
        certificate_without_name: survey.without_name.as_ref().and_then(fingerprint),
        time: http.and_then(|answer| answer.date).map(rfc3339),
    }
}
