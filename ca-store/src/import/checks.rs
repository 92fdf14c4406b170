//! Whether a CA that was made elsewhere can issue here: it is one, it is trusted by way of a root, and it asks for nothing
//! that issuing here does not heed.

use std::path::Path;

use time::OffsetDateTime;

use super::files::Found;
use crate::authority::Authority;
use crate::clients::CLIENTS;
use crate::error::Error;
use crate::facts::{Certificate, ExtensionValue, SignatureCheck};
use crate::name::CaName;
use crate::rehearse::{Failing, failings};
use crate::store::host_name;
use crate::validity::rfc3339;

/// id-kp-serverAuth, id-kp-clientAuth and anyExtendedKeyUsage (RFC 5280, 4.2.1.12).
const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
const ANY_PURPOSE: &str = "2.5.29.37.0";

/// The CA and its root, or a root alone; each looked at.
///
/// # Errors
/// [`Error::ImportRefused`] or [`Error::IssuerExpired`].
pub(super) fn chain(path: &Path, found: &Found, now: OffsetDateTime) -> Result<Vec<Authority>, Error> {
    let line = line(found).map_err(|reason| refused(path, &found.own, reason))?;
    let authorities = line.into_iter().map(|certificate| {
        let refuse = |reason| refused(path, certificate, reason);
        if certificate.validity.not_after < now {
            let not_after = rfc3339(certificate.validity.not_after);
            return Err(Error::IssuerExpired { ca: certificate.subject.to_string(), not_after });
        }
        refuse_unheeded(certificate, now).map_err(refuse)?;
        Authority::from_der(certificate.der()).map_err(refuse)
    });
    authorities.collect()
}

fn refused(path: &Path, certificate: &Certificate, reason: String) -> Error {
    Error::ImportRefused { path: path.to_owned(), ca: certificate.subject.to_string(), reason }
}

/// The CA's certificate, and its root's where it is no root.
fn line(found: &Found) -> Result<Vec<&Certificate>, String> {
    let own = &found.own;
    if own.is_self_signed() {
        return Ok(vec![own]);
    }
    let above = |below: &Certificate| {
        found.above.iter().find(|certificate| {
            certificate.subject.same_as(&below.issuer)
                && below.verified_by(&certificate.public_key) == SignatureCheck::Good
        })
    };
    let root = above(own).ok_or_else(|| {
        format!("it is no root, and no certificate given with --chain is that of its issuer, {}", own.issuer)
    })?;
    if !root.is_self_signed() {
        return Err(format!("its issuer {} is no root: only one CA below a root is taken over", root.subject));
    }
    Ok(vec![own, root])
}

/// Whether a CA can be taken over by its certificate alone.
pub(super) fn fits(certificate: &Certificate, now: OffsetDateTime) -> bool {
    certificate.validity.not_after >= now && refuse_unheeded(certificate, now).is_ok()
}

/// What only this reader would overlook.
fn refuse_unheeded(certificate: &Certificate, now: OffsetDateTime) -> Result<(), String> {
    if certificate.subject.is_empty() {
        return Err("its subject is empty, and a CA must have a name".to_owned());
    }
    if certificate.validity.not_before > now {
        return Err(format!("it is not valid before {}", rfc3339(certificate.validity.not_before)));
    }
    if certificate.key_usage().is_some_and(|usage| !usage.key_cert_sign()) {
        return Err("its keyUsage does not let it sign certificates (keyCertSign)".to_owned());
    }
    let purposes = certificate.extended_key_usage().unwrap_or_default();
    let has = |oid: &str| purposes.iter().any(|purpose| purpose == oid);
    let serves_both = purposes.is_empty() || has(ANY_PURPOSE) || has(SERVER_AUTH) && has(CLIENT_AUTH);
    if !serves_both {
        return Err("its extendedKeyUsage limits what its certificates are for, which is not heeded here".to_owned());
    }
    for extension in certificate.extensions.iter().filter(|extension| extension.critical) {
        match extension.value {
            ExtensionValue::BasicConstraints(_)
            | ExtensionValue::KeyUsage(_)
            | ExtensionValue::ExtendedKeyUsage(_)
            | ExtensionValue::NameConstraints(_) => {}
            _ => {
                let name = crate::facts::oid_name(&extension.oid);
                return Err(format!("its extension {name} is critical, and is not heeded here"));
            }
        }
    }
    Ok(())
}

/// What should be known of a CA that issues, and keeps nobody from it: with each failing, who refuses what it issues.
///
/// # Errors
/// [`Error::Crypto`].
pub(super) fn notes(chain: &[Authority], now: OffsetDateTime) -> Result<Vec<String>, Error> {
    let issuing = &chain[0];
    let mut notes: Vec<String> = failings(chain, now)?.iter().map(note_on).collect();
    if issuing.certificate.key_usage().is_some_and(|usage| !usage.crl_sign()) {
        notes.push("its keyUsage does not let it sign revocation lists (cRLSign): clients refuse those".to_owned());
    }
    if let Err(Error::CaNameRefused { fault, .. }) = CaName::parse(&issuing.name, host_name().as_deref(), false) {
        notes.push(format!("its name {:?} is kept, though {fault}", issuing.name));
    }
    Ok(notes)
}

fn note_on(failing: &Failing) -> String {
    let Failing { finding, refusing } = failing;
    let consequence = match refusing.as_slice() {
        [] => "no client that is known here minds".to_owned(),
        all if all.len() == CLIENTS.len() => "every client refuses what it issues".to_owned(),
        some => format!("what it issues is refused by {}", some.join(", ")),
    };
    format!("{}: {} ({consequence})", finding.code.as_str(), finding.message)
}
