//! A plan held to what the store's owner has laid down.

use super::CertificatePlan;
use crate::error::Error;
use crate::name::NameFault;
use crate::profile::Purpose;
use crate::san::{FolderName, San};
use crate::settings::{EMAIL_PROTECTION, Rules};

impl CertificatePlan {
    /// The plan with what `rules` add to it, for the certificate that is known by `name`.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] for a life, key or name that the rules do not allow; [`Error::NameRefused`] where no URI or user
    /// principal name comes of `name`.
    pub fn governed_by(mut self, rules: &Rules, name: &FolderName, purpose: Purpose) -> Result<CertificatePlan, Error> {
        self.refuse(rules)?;
        let refused = |fault: NameFault| Error::NameRefused { name: name.to_string(), purpose, fault };
        let uris = rules.uri.iter().map(|template| template.fill_uri(name.as_str()));
        let upns = rules.upn.iter().map(|template| template.fill_upn(name.as_str()));
        for san in uris.chain(upns) {
            let san = san.map_err(refused)?;
            if !self.sans.contains(&san) {
                self.sans.push(san);
            }
        }
        self.extensions = rules.extensions.clone();
        let own = self.profile.extended_key_usage;
        self.extensions.extended_key_usage.retain(|usage| own.iter().all(|own| own.oid() != usage.to_string()));
        self.profile = self.profile.for_mail(self.is_for_mail() && self.public_key.is_rsa());
        self.notes.extend(note_on_stapling(rules));
        Ok(self)
    }

    fn is_for_mail(&self) -> bool {
        self.extensions.extended_key_usage.iter().any(|usage| usage.to_string() == EMAIL_PROTECTION)
    }

    fn refuse(&self, rules: &Rules) -> Result<(), Error> {
        let refused = |key, reason| Err(Error::NotAllowed { place: rules.place.clone(), key, reason });
        if let Some(most) = rules.max_days.filter(|most| self.validity.days() > i64::from(*most)) {
            return refused("max_days", format!("a certificate may live {most} days, not {}", self.validity.days()));
        }
        if let Some(keys) = &rules.keys
            && !self.public_key.kind().is_some_and(|kind| keys.contains(&kind))
        {
            let found = self.public_key.kind().map_or("another one", crate::key::KeyKind::as_str);
            let allowed: Vec<_> = keys.iter().map(|kind| kind.as_str()).collect();
            return refused("keys", format!("a key may be {}, not {found}", allowed.join(", ")));
        }
        for san in &self.sans {
            if let Err(allowed) = rules.allow(san) {
                return refused(key_of(san), format!("names that are allowed: {allowed}; not {san}"));
            }
        }
        Ok(())
    }
}

/// The setting that speaks of names of this kind.
fn key_of(san: &San) -> &'static str {
    match san {
        San::Dns(_) => "dns",
        San::Ip(_) => "ip",
        San::Email(_) => "email",
        San::Uri(_) => "uri",
        San::Upn(_) => "upn",
    }
}

fn note_on_stapling(rules: &Rules) -> Option<String> {
    (rules.extensions.must_staple && rules.extensions.ocsp.is_empty()).then(|| {
        "the server has to send an OCSP answer along (must_staple), and nothing tells it where to get one: set ocsp too"
            .to_owned()
    })
}
