//! The chain of a client's certificate, in a report about the server that it was shown to.

use serde::Serialize;

use crate::finding::{Code, Finding};

use super::{ChainEntry, Report};

/// What was shown to a server as the client's certificate, with the path above it by the trust at hand.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClientChain {
    /// The path that was judged, from the leaf upwards.
    pub chain: Vec<ChainEntry>,
    /// Why the path goes no further, as in [`Report::path_end`].
    pub path_end: &'static str,
    /// Whether the report's cause is about it, and not about what the server sends.
    pub has_cause: bool,
    /// Which certificate of it the cause is about, where it is about one.
    pub certificate: Option<usize>,
    /// What the report says of it, each with its place in it.
    #[serde(skip)]
    faults: Vec<Finding>,
}

impl ClientChain {
    /// As it was judged.
    pub fn of(judged: &Report) -> ClientChain {
        ClientChain {
            chain: judged.chain.clone(),
            path_end: judged.path_end,
            has_cause: false,
            certificate: None,
            faults: Vec::new(),
        }
    }

    /// Takes note of a finding that is about it. In the server's report that is about no certificate, as none of the server's is meant.
    pub fn add_fault(&mut self, finding: &Finding, certificate: Option<usize>) {
        self.faults.push(Finding { certificate, ..finding.clone() });
    }

    /// The same in a report that has this cause.
    pub(crate) fn under(&self, cause: Option<&Finding>) -> ClientChain {
        let is_it = |it: &&Finding| cause.is_some_and(|cause| (it.code, &it.message) == (cause.code, &cause.message));
        let place = match cause {
            // By the list of CAs, the alert or the account it is what was shown first that does not come in.
            Some(cause) if is_of_what_was_shown(cause.code) => Some(Some(0)),
            _ => self.faults.iter().find(is_it).map(|fault| fault.certificate),
        };
        let certificate = place.flatten().filter(|index| *index < self.chain.len());
        ClientChain { has_cause: place.is_some(), certificate, ..self.clone() }
    }
}

fn is_of_what_was_shown(code: Code) -> bool {
    use Code as C;
    matches!(
        code,
        C::ClientCertificateMissing | C::ClientCertificateNotOffered | C::ClientCertificateRefused | C::AccessDenied
    )
}
