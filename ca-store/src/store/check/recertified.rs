//! Certificates that CAs were to have in place of the ones that they have, for the same key.

use super::Findings;
use super::remedy::Remedy;
use crate::shell::quote;
use crate::store::recertified::Recertified;
use crate::store::trouble::{Trouble, TroubleCode};

impl Recertified {
    /// Tells that its making was cut short.
    pub(super) fn unfinished(&self, findings: &mut Findings) {
        let message = "its certification anew, with the same key, was cut short: it has the certificate that it had";
        let place = format!("the CA {}", quote(&self.name));
        findings
            .push(Trouble::new(TroubleCode::AuthorityUnfinished, place, message), Some(Remedy::WithdrawRecertified));
    }
}
