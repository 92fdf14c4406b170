//! What to type about certificates that were issued or revoked.

use crate::error::Error;
use crate::reason::Reason;
use crate::serial;
use crate::shell::quote;

pub(super) fn of(error: &Error) -> Option<String> {
    Some(match error {
        Error::RenewedFromRequest { .. } => {
            "its owner makes a request with the same key, and it takes the place of the old one:\n\
             pki sign FILE --profile intermediate"
                .into()
        }
        Error::AlreadyIssued { name, .. } => {
            format!(
                "to issue it again, with more names if need be, or to see it:\npki renew {0}\n\
                 pki renew {0} --add ANOTHER.NAME\npki show {0}",
                quote(name)
            )
        }
        Error::NameFallsTogether { existing, .. } => format!("choose another name, or\npki renew {}", quote(existing)),
        Error::NotIssued { name, .. } if serial::typed(name).is_empty() && !name.contains('*') => {
            format!("pki list --name {}", quote(&format!("*{name}*")))
        }
        Error::NotIssued { .. } => "pki list".into(),
        Error::RevokedBefore { name, .. } | Error::KeyRevoked { name, .. } => {
            format!("issue it again, with a new key:\npki renew {} --rekey", quote(name))
        }
        Error::CrlUrlRefused { .. } | Error::CrlUrlMissing => {
            "pki crl --partitions 16 --url http://crl.example.test".into()
        }
        Error::CrlBaseMissing { .. } => "pki crl".into(),
        Error::OnHold { name, .. } => format!(
            "lift the hold, or revoke it for good:\npki revoke {0} --reason removeFromCRL\n\
             pki revoke {0} --reason privilegeWithdrawn",
            quote(name)
        ),
        Error::ReasonRefused { reason: Reason::RemoveFromCrl, name, .. } => format!("pki show {}", quote(name)),
        Error::ReasonRefused { name, reason: Reason::KeyCompromise, .. } => {
            format!("pki revoke {} --reason cACompromise", quote(name))
        }
        Error::ReasonRefused { name, reason: Reason::CaCompromise, .. } => {
            format!("pki revoke {} --reason keyCompromise", quote(name))
        }
        Error::ReasonRefused { name, .. } => format!("pki revoke {} --reason privilegeWithdrawn", quote(name)),
        Error::RehearsalFailed { fix, .. } => fix.clone(),
        _ => return None,
    })
}
