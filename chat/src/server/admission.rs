//! Who may come in, and who may stay: the certificate, the lists of `[access]`, and what the store has revoked since its list.

use rustls::pki_types::{CertificateDer, UnixTime};
use std::collections::HashSet;
use std::fmt;

use crate::core::Identity;
use crate::tls::access::Access;
use crate::tls::identity::{serial, subject};
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
    /// The certificates of CAs that are revoked: nobody comes in by one of them, whatever the lists say so far.
    pub revoked_cas: HashSet<CertificateDer<'static>>,
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
    /// Whether the holder of a certificate that TLS has verified may come in, leaf first.
    pub(super) fn admits(
        &self,
        chain: &[CertificateDer<'_>],
        identity: &Identity,
        now: UnixTime,
    ) -> Result<(), Refused> {
        let Some((leaf, intermediates)) = chain.split_first() else { return Ok(()) };
        let revoked = |reason: String| Err(Refused { code: "revoked", reason });
        if !self.revoked.is_empty() && serial(leaf).is_some_and(|serial| self.revoked.contains(&serial)) {
            return revoked("your certificate has been revoked".to_owned());
        }
        let tls = self.tls.as_ref();
        if let Some(ca) = tls.and_then(|tls| tls.rests_on(leaf, intermediates, &self.revoked_cas, now)) {
            return revoked(format!("the CA above your certificate has been revoked: {}", subject(&ca)));
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
        self.admits(chain, identity, now)?;
        let Some(tls) = &self.tls else { return Ok(()) };
        tls.verify_client(leaf, intermediates, now).map_err(|(code, reason)| Refused {
            code,
            reason: format!("your certificate is not accepted any longer: {reason}"),
        })
    }
}
