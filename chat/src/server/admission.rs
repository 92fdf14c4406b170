//! Who may come in, and who may stay: the certificate, the lists of `[access]`, and what the store has revoked since its list.

use rustls::pki_types::{CertificateDer, UnixTime};
use std::collections::HashSet;
use std::fmt;

use crate::core::Identity;
use crate::tls::access::Access;
use crate::tls::identity::serial;
use crate::tls::server::ServerTls;

/// What admits, as it was read last.
#[derive(Debug, Default)]
pub struct Admission {
    /// How TLS is spoken and whom it believes; none where only plain text is.
    pub tls: Option<ServerTls>,
    /// The lists of who of them is welcome.
    pub access: Access,
    /// Serial numbers that were revoked after the revocation list was made, without leading zeros.
    pub revoked: HashSet<Vec<u8>>,
}

/// Why somebody may not be here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    /// The code of `findings.md`, or the name that the log has for it.
    pub(super) code: &'static str,
    /// For the holder, for others and the log.
    pub(super) reason: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.reason)
    }
}

impl Admission {
    /// Whether the holder of a certificate that TLS has verified may come in.
    pub(super) fn admits(&self, leaf: &CertificateDer<'_>, identity: &Identity) -> Result<(), Refused> {
        if !self.revoked.is_empty() && serial(leaf).is_some_and(|serial| self.revoked.contains(&serial)) {
            return Err(Refused { code: "revoked", reason: "your certificate has been revoked".to_owned() });
        }
        self.access.check(identity).map_err(|reason| Refused { code: "access-denied", reason })
    }

    /// Whether somebody who came in by an earlier reading may stay.
    pub(super) fn still_admits(
        &self,
        chain: &[CertificateDer<'_>],
        identity: &Identity,
        now: UnixTime,
    ) -> Result<(), Refused> {
        let Some((leaf, intermediates)) = chain.split_first() else { return Ok(()) };
        self.admits(leaf, identity)?;
        let Some(tls) = &self.tls else { return Ok(()) };
        tls.verify_client(leaf, intermediates, now).map_err(|(code, reason)| Refused {
            code,
            reason: format!("your certificate is not accepted any longer: {reason}"),
        })
    }
}
