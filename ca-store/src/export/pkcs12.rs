//! A PKCS#12 file (RFC 7292): certificates and key under one passphrase, as browsers, Windows, macOS and Java take them.
//!
//! Written by hand rather than with p12-keystore, which reads such files here: that names the certificate by its subject
//! instead of by its name, and leaves copies of the key in memory.

use super::Export;
use super::der::{Octets, bmp_string, explicit, implicit_octets, integer, octet_string, oid, sequence, set};
use super::seal::Lock;
use crate::error::Error;
use crate::facts::{self, Certificate};
use crate::key::Passphrase;

const DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
const ENCRYPTED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06";
const SHROUDED_KEY_BAG: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x02";
const CERTIFICATE_BAG: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x03";
const X509_CERTIFICATE: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x16\x01";
const FRIENDLY_NAME: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x14";
const LOCAL_KEY_ID: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x15";
/// Java's own attribute of a trusted certificate; its value names the usages that it is trusted for.
const TRUSTED_KEY_USAGE: &[u8] = b"\x60\x86\x48\x01\x86\xf9\x66\xad\xca\x7b\x01\x01";
const ANY_USAGE: &[u8] = b"\x55\x1d\x25\x00";

/// The certificate with its key, the CAs between, and the roots, which Java also takes as trusted.
///
/// # Errors
/// [`Error::KeyElsewhere`] where the store has no key of it, or [`Error::Crypto`].
pub(super) fn write(export: &Export, passphrase: &Passphrase, lock: Lock) -> Result<Octets, Error> {
    let key = export.key()?;
    let own_id = local_key_id(&export.certificate);
    let own = certificate_bag(&export.certificate, &[friendly_name(&export.name), own_id.clone()]);
    let between = export.between.iter().map(|der| certificate_bag(der, &[friendly_name(&name_of(der))]));
    let roots = export.roots.iter().map(|der| certificate_bag(der, &[friendly_name(&name_of(der)), trusted()]));
    let certificates: Vec<Octets> = std::iter::once(own).chain(between).chain(roots).collect();
    let certificates = encrypted(&list(&certificates), passphrase, lock)?;
    let shrouded = lock.encrypt(key, passphrase)?;
    let shrouded = sequence(&[&shrouded.algorithm, &octet_string(&shrouded.octets)]);
    let key = bag(SHROUDED_KEY_BAG, &shrouded, &[friendly_name(&export.name), own_id]);
    let keys = content(DATA, &octet_string(&list(&[key])));
    let safe = list(&[certificates, keys]);
    let mac = lock.mac(&safe, passphrase)?;
    Ok(sequence(&[&integer(3), &content(DATA, &octet_string(&safe)), &mac]))
}

fn list(members: &[Octets]) -> Octets {
    let members: Vec<&[u8]> = members.iter().map(|member| &member[..]).collect();
    sequence(&members)
}

/// ContentInfo.
fn content(kind: &[u8], inner: &[u8]) -> Octets {
    sequence(&[&oid(kind), &explicit(inner)])
}

/// EncryptedData, version 0 (RFC 2315 section 13).
fn encrypted(bags: &[u8], passphrase: &Passphrase, lock: Lock) -> Result<Octets, Error> {
    let sealed = lock.encrypt(bags, passphrase)?;
    let info = sequence(&[&oid(DATA), &sealed.algorithm, &implicit_octets(&sealed.octets)]);
    Ok(content(ENCRYPTED_DATA, &sequence(&[&integer(0), &info])))
}

fn certificate_bag(der: &[u8], attributes: &[Octets]) -> Octets {
    bag(CERTIFICATE_BAG, &sequence(&[&oid(X509_CERTIFICATE), &explicit(&octet_string(der))]), attributes)
}

/// SafeBag; its attributes are a SET OF, which DER sorts.
fn bag(kind: &[u8], value: &[u8], attributes: &[Octets]) -> Octets {
    let mut attributes: Vec<&[u8]> = attributes.iter().map(|attribute| &attribute[..]).collect();
    attributes.sort_unstable();
    sequence(&[&oid(kind), &explicit(value), &set(&attributes)])
}

fn attribute(kind: &[u8], value: &[u8]) -> Octets {
    sequence(&[&oid(kind), &set(&[value])])
}

/// What the certificate is called in lists: browsers, keytool's alias, NSS's nickname.
fn friendly_name(name: &str) -> Octets {
    attribute(FRIENDLY_NAME, &bmp_string(name))
}

/// Ties the key to its certificate; any octets do.
fn local_key_id(der: &[u8]) -> Octets {
    attribute(LOCAL_KEY_ID, &octet_string(&facts::sha256(der)))
}

fn trusted() -> Octets {
    attribute(TRUSTED_KEY_USAGE, &oid(ANY_USAGE))
}

fn name_of(der: &[u8]) -> String {
    let certificate = Certificate::from_der(der).ok();
    let name = certificate.as_ref().and_then(|certificate| certificate.subject.common_name());
    name.unwrap_or("certificate authority").to_owned()
}
