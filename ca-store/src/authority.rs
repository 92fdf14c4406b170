//! What the CA certificates of a store say, in the types that a plan is made of: its own, and those made elsewhere.

use time::OffsetDateTime;

use crate::constraint::{DnsTree, IpBlock, NameConstraints};
use crate::facts::{self, GeneralName};
use crate::key::{KeyKind, PublicKey};
use crate::name::CommonName;
use crate::serial::Serial;
use crate::subject::SubjectAttributes;
use crate::validity::Validity;

/// A CA of this store: everything that issuing needs to know about it, and no key.
#[derive(Debug, Clone)]
pub struct Authority {
    /// The certificate.
    pub certificate: facts::Certificate,
    /// What it is called: its subject's common name, or where there is none all of its subject.
    pub name: String,
    /// What its subject says besides, so that a CA which takes its place says the same.
    pub attributes: SubjectAttributes,
    /// Its subjectKeyIdentifier, or where it has none what would be ours.
    pub key_id: Vec<u8>,
    /// Its public key.
    pub public_key: PublicKey,
    /// The kind of its key.
    pub key_kind: KeyKind,
    /// Its life.
    pub validity: Validity,
    /// pathLenConstraint; none: any number of CAs may follow.
    pub path_length: Option<u8>,
    /// What it may issue.
    pub constraints: NameConstraints,
}

impl Authority {
    /// Reads a CA certificate.
    ///
    /// # Errors
    /// What does not fit: it is no CA's, or says something that issuing would have to heed and does not know.
    pub fn from_der(der: &[u8]) -> Result<Authority, String> {
        let certificate = facts::Certificate::from_der(der).map_err(|error| error.to_string())?;
        let name = certificate.subject.common_name().map(str::to_owned);
        let constraints = certificate.basic_constraints().filter(|constraints| constraints.ca);
        let path_length = constraints.ok_or("it is not a CA's: its basicConstraints do not say cA TRUE")?.path_len;
        let kind = &certificate.public_key.kind;
        let public_key = PublicKey::from_spki(&certificate.public_key.spki);
        let public_key = public_key.ok_or_else(|| format!("its key, {kind}, is of a kind that does not sign here"))?;
        Ok(Authority {
            name: name.unwrap_or_else(|| certificate.subject.to_string()),
            attributes: SubjectAttributes::of(&certificate.subject),
            key_id: certificate.subject_key_identifier().map_or_else(|| public_key.key_id(), <[u8]>::to_vec),
            public_key,
            key_kind: KeyKind::of(kind).ok_or_else(|| {
                let kinds = KeyKind::ALL.map(KeyKind::as_str).join(", ");
                format!("its key, {kind}, is of a kind that does not sign here: {kinds}")
            })?,
            validity: Validity::from_bounds(certificate.validity.not_before, certificate.validity.not_after),
            // Whoever may be followed by 255 CAs is not limited in earnest.
            path_length: path_length.map(|length| u8::try_from(length).unwrap_or(u8::MAX)),
            constraints: certificate.name_constraints().map_or(Ok(NameConstraints::default()), read_constraints)?,
            certificate,
        })
    }

    /// Whether a subject of this common name with these attributes is the CA's own subject, as clients compare.
    pub fn is_called(&self, attributes: &SubjectAttributes, subject: &CommonName) -> bool {
        if !attributes.is_empty() {
            return self.certificate.subject.same_as(&attributes.name(Some(subject)));
        }
        let mut attributes = self.certificate.subject.attributes();
        let only = attributes.next().filter(|attribute| attribute.oid == COMMON_NAME);
        let rest = attributes.next();
        only.is_some_and(|own| rest.is_none() && CommonName::parse(&own.value).is_ok_and(|own| own.is_alike(subject)))
    }

    /// Its serial number; one that is not as ours are is known by its hash, which a stand-in may have as well.
    pub(crate) fn serial(&self) -> Serial {
        let octets = &self.certificate.serial;
        Serial::from_octets(octets).unwrap_or_else(|| {
            let mut random = [0; Serial::OCTETS];
            random.copy_from_slice(&facts::sha256(octets)[..Serial::OCTETS]);
            Serial::from_random(random)
        })
    }
}

/// The CAs above a certificate: what issuing needs to know of them, and what is sent along and trusted.
#[derive(Debug, Clone)]
pub struct Chain {
    /// The issuing one first and the root last.
    authorities: Vec<Authority>,
    /// The root's certificate from the root before it, while both are trusted.
    cross: Option<Vec<u8>>,
    /// The root before it, while both are trusted.
    old_root: Option<Vec<u8>>,
}

impl Chain {
    pub(crate) fn new(authorities: Vec<Authority>, cross: Option<Vec<u8>>, old_root: Option<Vec<u8>>) -> Chain {
        Chain { authorities, cross, old_root }
    }

    /// The root alone, for what it signs itself.
    pub(crate) fn of_root(self) -> Chain {
        let root = self.root().clone();
        Chain { authorities: vec![root], ..self }
    }

    /// The root.
    pub fn root(&self) -> &Authority {
        self.authorities.last().expect("a chain has at least its root")
    }

    /// While two roots are trusted: the root's certificate from the one before it, and that one. None once either has ended: who
    /// knows the old root alone takes nothing any more.
    pub(crate) fn line_to_old_root(&self, now: OffsetDateTime) -> Option<[Authority; 2]> {
        let read = |der: &Vec<u8>| Authority::from_der(der).ok().filter(|ca| ca.validity.not_after() >= now);
        Some([read(self.cross.as_ref()?)?, read(self.old_root.as_ref()?)?])
    }

    /// What is sent along with a certificate, in DER: the CAs between it and the root, and while two roots are trusted, what
    /// leads from the new one to the old.
    pub fn sent(&self) -> impl Iterator<Item = &[u8]> {
        let between = &self.authorities[..self.authorities.len() - 1];
        between.iter().map(|ca| ca.certificate.der()).chain(self.cross.as_deref())
    }

    /// What is trusted, in DER: the root, and before the end of a roll-over the one before it. Programs that read one
    /// certificate of a file take the first.
    pub fn trusted(&self) -> impl Iterator<Item = &[u8]> {
        std::iter::once(self.root().certificate.der()).chain(self.old_root.as_deref())
    }
}

impl std::ops::Deref for Chain {
    type Target = [Authority];

    fn deref(&self) -> &[Authority] {
        &self.authorities
    }
}

/// id-at-commonName.
const COMMON_NAME: &str = "2.5.4.3";

fn read_constraints(found: &facts::NameConstraints) -> Result<NameConstraints, String> {
    if !found.excluded.is_empty() {
        return Err("it excludes names, and only permitted ones are heeded here".to_owned());
    }
    let mut constraints = NameConstraints::default();
    for subtree in &found.permitted {
        match subtree {
            GeneralName::Dns(name) => {
                constraints.dns.push(DnsTree::read(name).map_err(|fault| format!("of {name:?}: {fault}"))?);
            }
            GeneralName::IpOctets(octets) => {
                constraints.ip.push(IpBlock::from_octets(octets).ok_or("an address block is damaged")?);
            }
            _ => return Err("it limits names of a kind that is not known here".to_owned()),
        }
    }
    Ok(constraints)
}
