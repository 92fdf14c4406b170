//! What the store's own CA certificates say, in the types that a plan is made of.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::constraint::{IpBlock, NameConstraints};
use crate::facts::{self, GeneralName};
use crate::key::{KeyKind, PublicKey};
use crate::name::{CommonName, DnsName};
use crate::validity::Validity;

/// A CA of this store: everything that issuing needs to know about it, and no key.
#[derive(Debug, Clone)]
pub struct Authority {
    /// The certificate.
    pub certificate: facts::Certificate,
    /// Its subject, a single common name.
    pub name: CommonName,
    /// Its subjectKeyIdentifier.
    pub key_id: Vec<u8>,
    /// Its public key.
    pub public_key: PublicKey,
    /// The kind of its key.
    pub key_kind: KeyKind,
    /// Its life.
    pub validity: Validity,
    /// pathLenConstraint.
    pub path_length: u8,
    /// What it may issue.
    pub constraints: NameConstraints,
}

impl Authority {
    /// Reads a CA certificate that this crate made.
    ///
    /// # Errors
    /// What does not fit: this is no reader of anyone's certificates, since rcgen could not write their names back
    /// unchanged.
    pub fn from_der(der: &[u8]) -> Result<Authority, String> {
        let certificate = facts::Certificate::from_der(der).map_err(|error| error.to_string())?;
        let name = certificate.subject.common_name().ok_or("its subject has no common name")?;
        let constraints = certificate.basic_constraints().filter(|constraints| constraints.ca);
        let path_length = constraints.ok_or("it is not a CA's")?.path_len.ok_or("it has no path length")?;
        Ok(Authority {
            name: CommonName::parse(name).map_err(|fault| format!("of its common name {name:?}: {fault}"))?,
            key_id: certificate.subject_key_identifier().ok_or("it has no subjectKeyIdentifier")?.to_vec(),
            public_key: PublicKey::from_spki(&certificate.public_key.spki).ok_or("its key is of an unknown kind")?,
            key_kind: KeyKind::of(&certificate.public_key.kind).ok_or("its key is of an unknown kind")?,
            validity: Validity::from_bounds(certificate.validity.not_before, certificate.validity.not_after),
            path_length: u8::try_from(path_length).map_err(|_| "its path length is over 255")?,
            constraints: certificate.name_constraints().map_or(Ok(NameConstraints::default()), read_constraints)?,
            certificate,
        })
    }
}

fn read_constraints(found: &facts::NameConstraints) -> Result<NameConstraints, String> {
    let mut constraints = NameConstraints::default();
    for subtree in &found.permitted {
        match subtree {
            GeneralName::Dns(name) => {
                constraints.dns.push(DnsName::parse_host(name).map_err(|fault| format!("of {name:?}: {fault}"))?);
            }
            GeneralName::IpOctets(octets) => {
                constraints.ip.push(read_block(octets).ok_or("an address block is damaged")?);
            }
            _ => return Err("it limits names of a kind that is not known here".to_owned()),
        }
    }
    Ok(constraints)
}

/// Address and mask, 8 or 32 octets (RFC 5280, 4.2.1.10).
fn read_block(octets: &[u8]) -> Option<IpBlock> {
    let (address, mask) = octets.split_at(octets.len() / 2);
    let ones = mask.iter().map(|octet| octet.count_ones()).sum::<u32>();
    let address = match octets.len() {
        8 => IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(address).ok()?)),
        32 => IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(address).ok()?)),
        _ => return None,
    };
    Some(IpBlock { address, prefix: u8::try_from(ones).ok()? })
}
