//! Request, profile, issuer, serial and time become a plan. Pure: no key, no disk, no clock is in reach.

mod extensions;
mod rules;

use time::OffsetDateTime;

use crate::authority::Authority;
use crate::clients::refusing_key;
use crate::constraint::NameConstraints;
use crate::error::Error;
use crate::facts::Name;
use crate::key::{KeyKind, PublicKey};
use crate::name::CommonName;
use crate::profile::{BasicConstraints, Profile, Purpose};
use crate::san::{Names, San};
use crate::serial::Serial;
use crate::subject::SubjectAttributes;
use crate::uri::Uri;
use crate::validity::{APPLE_DAYS, BROWSER_DAYS, Validity, rfc3339};

pub use extensions::{Extensions, KeptExtension};

/// Everything that a certificate will say, before anything is signed. Only this module makes one.
#[derive(Debug, Clone)]
pub struct CertificatePlan {
    serial: Serial,
    subject: Subject,
    attributes: SubjectAttributes,
    issuer: Name,
    subject_key_id: Vec<u8>,
    authority_key_id: Vec<u8>,
    public_key: PublicKey,
    sans: Vec<San>,
    validity: Validity,
    profile: Profile,
    constraints: NameConstraints,
    extensions: Extensions,
    notes: Vec<String>,
}

/// The subject of a planned certificate.
#[derive(Debug, Clone)]
pub(crate) enum Subject {
    /// None: the names are in subjectAltName.
    Empty,
    /// A common name, beside the attributes.
    CommonName(CommonName),
    /// That of a certificate that there is, kept octet by octet.
    Taken(Name),
}

/// What of a plan stays out of the certificate's maker: who asks, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// What the certificate is for.
    pub purpose: Purpose,
    /// Days that it shall live.
    pub days: u32,
    /// Its serial number.
    pub serial: Serial,
    /// The time.
    pub now: OffsetDateTime,
}

impl CertificatePlan {
    /// Plans a server's or a client's certificate. `chain` is the CAs above it, the issuer first.
    ///
    /// # Errors
    /// [`Error::IssuerExpired`], [`Error::SubjectIsIssuers`], [`Error::KeyIsIssuers`], [`Error::NameNotPermitted`] or
    /// [`Error::DaysOutOfRange`].
    pub fn leaf(names: &Names, public_key: PublicKey, chain: &[Authority], terms: &Terms) -> Result<Self, Error> {
        let issuer = &chain[0];
        refuse_expired(chain, terms.now)?;
        refuse_subject_of_ca(names, chain, terms.purpose)?;
        refuse_key_of_ca(&public_key, chain)?;
        refuse_names_outside(names, chain, terms.purpose)?;
        let validity = Validity::new(terms.now, terms.days, Some(issuer.validity))?;
        Ok(CertificatePlan {
            serial: terms.serial,
            subject: names.common_name().cloned().map_or(Subject::Empty, Subject::CommonName),
            attributes: names.attributes().clone(),
            issuer: issuer.certificate.subject.clone(),
            subject_key_id: public_key.key_id(),
            authority_key_id: issuer.key_id.clone(),
            profile: Profile::of(terms.purpose, public_key.is_rsa()),
            sans: names.sans().to_vec(),
            constraints: NameConstraints::default(),
            extensions: Extensions::default(),
            notes: notes_on_life(&validity, terms, issuer)
                .into_iter()
                .chain(notes_on_keys(&public_key, chain, terms.purpose))
                .collect(),
            public_key,
            validity,
        })
    }

    /// Plans a CA below `issuer`, for a key that is elsewhere. What the issuer may not issue, it may not either.
    ///
    /// # Errors
    /// [`Error::PathLengthSpent`], [`Error::IssuerExpired`], [`Error::KeyIsIssuers`] or [`Error::DaysOutOfRange`].
    pub fn delegate(names: &Names, key: &PublicKey, issuer: &Authority, terms: &Terms) -> Result<Self, Error> {
        let chain = std::slice::from_ref(issuer);
        if issuer.path_length == Some(0) {
            return Err(Error::PathLengthSpent { ca: issuer.name.to_string() });
        }
        refuse_expired(chain, terms.now)?;
        refuse_key_of_ca(key, chain)?;
        let name = names.common_name().ok_or(Error::NameMissing { purpose: terms.purpose })?;
        let validity = Validity::new(terms.now, terms.days, Some(issuer.validity))?;
        let (serial, profile) = (terms.serial, Profile::of(terms.purpose, key.is_rsa()));
        let (attributes, constraints) = (names.attributes(), &issuer.constraints);
        let draft = CaDraft { name, attributes, public_key: key, serial, validity, profile, constraints };
        let plan = CertificatePlan::below(draft, issuer);
        Ok(CertificatePlan { notes: notes_on_life(&validity, terms, issuer), ..plan })
    }

    /// Plans a CA that signs itself.
    pub(crate) fn root(draft: CaDraft<'_>) -> CertificatePlan {
        let key_id = draft.public_key.key_id();
        draft.plan(draft.attributes.name(Some(draft.name)), key_id)
    }

    /// Plans a CA below `issuer`, a root that was planned for it.
    pub(crate) fn intermediate(draft: CaDraft<'_>, issuer: &CertificatePlan) -> CertificatePlan {
        draft.plan(issuer.issuer.clone(), issuer.subject_key_id.clone())
    }

    /// Plans a CA below one that there is.
    pub(crate) fn below(draft: CaDraft<'_>, issuer: &Authority) -> CertificatePlan {
        draft.plan(issuer.certificate.subject.clone(), issuer.key_id.clone())
    }

    /// The plan that `authority`'s certificate was made of, for a rehearsal with a stand-in of it.
    pub(crate) fn again(authority: &Authority, issuer: &Authority) -> CertificatePlan {
        CertificatePlan {
            serial: authority.serial(),
            subject: Subject::Taken(authority.certificate.subject.clone()),
            attributes: SubjectAttributes::default(),
            issuer: issuer.certificate.subject.clone(),
            subject_key_id: authority.key_id.clone(),
            authority_key_id: issuer.key_id.clone(),
            public_key: authority.public_key.clone(),
            sans: Vec::new(),
            validity: authority.validity,
            profile: Profile {
                basic_constraints: BasicConstraints::Authority { path_length: authority.path_length },
                ..crate::profile::intermediate()
            },
            constraints: authority.constraints.clone(),
            extensions: Extensions::default(),
            notes: Vec::new(),
        }
    }

    /// Plans a further certificate of a CA that has one, for the same name and key: what the one that it has says besides is
    /// said again, octet by octet.
    pub(crate) fn recertified(
        authority: &Authority,
        issuer: &Authority,
        (serial, validity): (Serial, Validity),
    ) -> CertificatePlan {
        let again = CertificatePlan::again(authority, issuer);
        let kept = KeptExtension::of(&authority.certificate);
        let is_kept = |oid: &str| kept.iter().any(|kept| kept.oid == oid);
        let key_usage = if is_kept(KeptExtension::KEY_USAGE) { &[] } else { again.profile.key_usage };
        CertificatePlan {
            serial,
            validity,
            profile: Profile { key_usage, ..again.profile },
            extensions: Extensions { kept, ..Extensions::default() },
            ..again
        }
    }

    /// The same plan with these extensions besides.
    #[must_use]
    pub fn with_extensions(self, extensions: Extensions) -> CertificatePlan {
        CertificatePlan { extensions, ..self }
    }

    /// The same plan, saying where its issuer's revocation list is found, unless it says so already.
    #[must_use]
    pub fn with_crl_points(mut self, points: Vec<Uri>) -> CertificatePlan {
        if self.extensions.crl.is_empty() && !points.is_empty() {
            self.extensions.kept.retain(|kept| kept.oid != KeptExtension::CRL_POINTS);
            self.extensions.crl = points;
        }
        self
    }

    /// The serial number.
    pub fn serial(&self) -> Serial {
        self.serial
    }

    /// The whole subject.
    pub fn subject_name(&self) -> Name {
        self.taken_subject().cloned().unwrap_or_else(|| self.attributes.name(self.subject()))
    }

    /// What the subject says besides its common name.
    pub fn attributes(&self) -> &SubjectAttributes {
        &self.attributes
    }

    /// The subject's common name.
    pub fn subject(&self) -> Option<&CommonName> {
        match &self.subject {
            Subject::CommonName(name) => Some(name),
            Subject::Empty | Subject::Taken(_) => None,
        }
    }

    /// The subject that is kept octet by octet.
    pub(crate) fn taken_subject(&self) -> Option<&Name> {
        match &self.subject {
            Subject::Taken(name) => Some(name),
            Subject::Empty | Subject::CommonName(_) => None,
        }
    }

    /// The issuer: its certificate's subject, octet by octet.
    pub fn issuer(&self) -> &Name {
        &self.issuer
    }

    /// subjectKeyIdentifier.
    pub fn subject_key_id(&self) -> &[u8] {
        &self.subject_key_id
    }

    /// authorityKeyIdentifier: the issuer's subjectKeyIdentifier.
    pub fn authority_key_id(&self) -> &[u8] {
        &self.authority_key_id
    }

    /// The key that is certified.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// subjectAltName.
    pub fn sans(&self) -> &[San] {
        &self.sans
    }

    /// When it is valid.
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// What it may do.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// What it may issue, if it is a CA's.
    pub fn constraints(&self) -> &NameConstraints {
        &self.constraints
    }

    /// What it says besides what its profile asks for.
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// What the user should know of the plan: a shortened life, a long one.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}

/// A CA to be planned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CaDraft<'a> {
    pub(crate) name: &'a CommonName,
    pub(crate) attributes: &'a SubjectAttributes,
    pub(crate) public_key: &'a PublicKey,
    pub(crate) serial: Serial,
    pub(crate) validity: Validity,
    pub(crate) profile: Profile,
    pub(crate) constraints: &'a NameConstraints,
}

impl CaDraft<'_> {
    fn plan(self, issuer: Name, authority_key_id: Vec<u8>) -> CertificatePlan {
        CertificatePlan {
            serial: self.serial,
            subject: Subject::CommonName(self.name.clone()),
            attributes: self.attributes.clone(),
            issuer,
            subject_key_id: self.public_key.key_id(),
            authority_key_id,
            public_key: self.public_key.clone(),
            sans: Vec::new(),
            validity: self.validity,
            profile: self.profile,
            constraints: self.constraints.clone(),
            extensions: Extensions::default(),
            notes: Vec::new(),
        }
    }
}

fn refuse_expired(chain: &[Authority], now: OffsetDateTime) -> Result<(), Error> {
    match chain.iter().find(|ca| ca.validity.not_after() < now) {
        Some(ca) => Err(Error::IssuerExpired { ca: ca.name.clone(), not_after: rfc3339(ca.validity.not_after()) }),
        None => Ok(()),
    }
}

/// The heart of the matter: OpenSSL and all that is built on it take a certificate whose subject is its issuer's for
/// self-signed, and stop looking for the issuer.
fn refuse_subject_of_ca(names: &Names, chain: &[Authority], purpose: Purpose) -> Result<(), Error> {
    let Some(subject) = names.common_name() else { return Ok(()) };
    match chain.iter().find(|ca| ca.is_called(names.attributes(), subject)) {
        Some(ca) => Err(Error::SubjectIsIssuers {
            subject: subject.to_string(),
            ca: ca.name.clone(),
            names: names.sans().iter().map(San::to_string).collect(),
            purpose,
        }),
        None => Ok(()),
    }
}

fn refuse_key_of_ca(key: &PublicKey, chain: &[Authority]) -> Result<(), Error> {
    match chain.iter().find(|ca| ca.public_key == *key) {
        Some(ca) => Err(Error::KeyIsIssuers { ca: ca.name.clone() }),
        None => Ok(()),
    }
}

fn refuse_names_outside(names: &Names, chain: &[Authority], purpose: Purpose) -> Result<(), Error> {
    for ca in chain {
        if let Some(san) = names.sans().iter().find(|san| !ca.constraints.permit(san)) {
            return Err(Error::NameNotPermitted {
                name: san.to_string(),
                ca: ca.name.clone(),
                permitted: ca.constraints.to_string(),
                nearest: ca.constraints.nearest(san).map(|san| san.to_string()),
                purpose,
            });
        }
    }
    Ok(())
}

fn notes_on_life(validity: &Validity, terms: &Terms, issuer: &Authority) -> Vec<String> {
    let mut notes = Vec::new();
    if validity.days() < terms.days.into() && validity.not_after() >= issuer.validity.not_after() {
        notes.push(format!(
            "it ends with its issuer {:?} at {}, before the {} days that were asked for",
            issuer.name,
            rfc3339(validity.not_after()),
            terms.days
        ));
    }
    if terms.purpose == Purpose::Server {
        notes.extend(note_on_clients(validity.days()));
    }
    notes
}

/// A key that some clients do not take, of the certificate's own or of a CA above it: they are named.
fn notes_on_keys(own: &PublicKey, chain: &[Authority], purpose: Purpose) -> Vec<String> {
    let of_cas = chain.iter().map(|ca| (ca.public_key.kind(), true));
    let keys = [(own.kind(), false)].into_iter().chain(of_cas).filter(|_| purpose == Purpose::Server);
    let note = |(kind, of_ca): (Option<KeyKind>, bool)| {
        let clients = kind.map(|kind| refusing_key(kind, of_ca)).filter(|clients| !clients.is_empty())?;
        let (whose, kind) = (if of_ca { "the key of a CA above it" } else { "its key" }, kind?);
        Some(format!("{whose} is {kind}, which {} refuse; {} is taken by all", clients.join(", "), KeyKind::default()))
    };
    let mut notes: Vec<String> = keys.filter_map(note).collect();
    notes.dedup();
    notes
}

fn note_on_clients(days: i64) -> Option<String> {
    if days > APPLE_DAYS.into() {
        return Some(format!(
            "Apple's systems refuse server certificates that live longer than {APPLE_DAYS} days, and this one lives {days}"
        ));
    }
    (days > BROWSER_DAYS.into()).then(|| {
        format!(
            "it lives {days} days: over {BROWSER_DAYS} some browsers and Apple devices refuse server certificates of CAs \
             that their administrator did not install"
        )
    })
}

#[cfg(test)]
mod tests;
