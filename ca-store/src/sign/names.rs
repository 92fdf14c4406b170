//! Names that are kept octet by octet. rcgen writes every name anew, from one value a type: another CA's name would come out
//! in another spelling, and its certificates would carry an issuer that is not its subject. So the names are put into what is
//! signed in the moment of signing, between rcgen's encoding of it and the signature.

use std::cell::RefCell;

use rcgen::{PublicKeyData, SignatureAlgorithm, SigningKey};

use crate::facts::{Name, element, sequence, wrapped};

/// DER's tag of a SEQUENCE.
const SEQUENCE: u8 = 0x30;

/// A key that writes these names into a certificate before it signs it.
pub(super) struct NamingKey<'a, K> {
    key: &'a K,
    issuer: &'a Name,
    subject: Option<&'a Name>,
    signed: RefCell<Vec<u8>>,
}

impl<'a, K: SigningKey> NamingKey<'a, K> {
    pub(super) fn new(key: &'a K, issuer: &'a Name, subject: Option<&'a Name>) -> NamingKey<'a, K> {
        NamingKey { key, issuer, subject, signed: RefCell::new(Vec::new()) }
    }

    /// The certificate around what was signed, in place of what was to be signed.
    pub(super) fn rename(self, certificate: &[u8]) -> Option<Vec<u8>> {
        let tbs = element(sequence(certificate)?)?;
        let signed = self.signed.into_inner();
        (!signed.is_empty()).then(|| wrapped(SEQUENCE, &[&signed, tbs.rest]))
    }

    /// A tbsCertificate with the names (RFC 5280, 4.1): version, serial number, signature, issuer, validity, subject.
    fn named(&self, tbs: &[u8]) -> Option<Vec<u8>> {
        let body = sequence(tbs)?;
        let version = element(body)?;
        let serial = element(version.rest)?;
        let algorithm = element(serial.rest)?;
        let issuer = element(algorithm.rest)?;
        let validity = element(issuer.rest)?;
        let subject = element(validity.rest)?;
        let before = [version.whole, serial.whole, algorithm.whole].concat();
        let own = self.subject.map_or(subject.whole, Name::der);
        Some(wrapped(SEQUENCE, &[&before, self.issuer.der(), validity.whole, own, subject.rest]))
    }
}

impl<K: SigningKey> PublicKeyData for NamingKey<'_, K> {
    fn der_bytes(&self) -> &[u8] {
        self.key.der_bytes()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.key.algorithm()
    }
}

impl<K: SigningKey> SigningKey for NamingKey<'_, K> {
    fn sign(&self, tbs: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let named = self.named(tbs).ok_or(rcgen::Error::CouldNotParseCertificate)?;
        let signature = self.key.sign(&named)?;
        self.signed.replace(named);
        Ok(signature)
    }
}
