//! What a store says of certificates that it has issued: asked by those who verify one by its own root.

use std::cell::OnceCell;

use time::OffsetDateTime;

use crate::explain::{OwnRevocation, Saying};
use crate::facts::{Certificate, Crl, RevokedEntry, SignatureCheck, SoundBlock, der_in_place, sound_blocks};
use crate::reason::Reason;
use crate::serial::{Serial, without_zeros};

use super::named::pki;
use super::{Index, Store};

/// The revocations that a store has recorded. Nothing is opened before a certificate of one of its CAs is asked about.
#[derive(Debug)]
pub struct OwnRevocations {
    store: Store,
    cas: Vec<Certificate>,
    /// Opened once; none where it cannot be read.
    index: OnceCell<Option<Index>>,
}

impl OwnRevocations {
    /// Of that store.
    pub fn of(store: Store) -> OwnRevocations {
        let paths = store.ca_certificate_paths().into_iter();
        let cas = paths.filter_map(|path| std::fs::read(path).ok()).flat_map(|pem| certificates(&pem)).collect();
        OwnRevocations { store, cas, index: OnceCell::new() }
    }

    /// What is known of a certificate: by the index, which has a revocation at once; by the lists that were made, where the index
    /// cannot be read. None: it is not revoked, or not of this store.
    pub fn of_certificate(&self, certificate: &Certificate) -> Option<OwnRevocation> {
        let issuer = self.issuer(certificate)?;
        let revocation = |at, reason: &str, said_by, is_listed: bool| {
            let (sha256, reason) = (certificate.sha256_hex(), reason.to_owned());
            let to_list = (!is_listed).then(|| pki(self.store.dir(), "crl"));
            Some(OwnRevocation { sha256, at, reason, said_by, to_list })
        };
        match self.indexed(certificate, issuer) {
            Ok(None) => None,
            Ok(Some((at, reason))) => {
                let index = Saying::Index(self.store.dir().display().to_string());
                revocation(at, reason.as_str(), index, self.listed(certificate, issuer).is_some())
            }
            Err(_) => {
                let entry = self.listed(certificate, issuer)?;
                let list = Saying::List(self.store.crl_place().display().to_string());
                revocation(entry.at, entry.reason.as_deref().unwrap_or("no reason given"), list, true)
            }
        }
    }

    fn issuer(&self, certificate: &Certificate) -> Option<&Certificate> {
        let issued = |ca: &&Certificate| ca.der() != certificate.der() && certificate.issuer.same_as(&ca.subject);
        let signed = |ca: &&Certificate| certificate.verified_by(&ca.public_key) == SignatureCheck::Good;
        self.cas.iter().filter(issued).find(signed)
    }

    fn indexed(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
    ) -> Result<Option<(OffsetDateTime, Reason)>, Unreadable> {
        let opened = self.index.get_or_init(|| self.store.index().ok());
        let index = opened.as_ref().ok_or(Unreadable)?;
        let serial = without_zeros(&certificate.serial);
        let entry = Serial::from_octets(serial).map(|serial| index.by_serial(serial)).transpose();
        if let Some(entry) = entry.map_err(|_| Unreadable)?.flatten() {
            let revoked = entry.revoked.filter(|_| entry.der == certificate.der());
            return Ok(revoked.map(|at| (at, entry.reason.unwrap_or_default())));
        }
        let other = match certificate.is_ca() && certificate.der() != issuer.der() {
            true => index.revocable_authority(&certificate.serial_hex()),
            false => index.revocable_plan(serial),
        };
        Ok(other.map_err(|_| Unreadable)?.and_then(|other| other.revoked))
    }

    /// Its entry in the list of its CA, in the file that servers read.
    fn listed(&self, certificate: &Certificate, issuer: &Certificate) -> Option<RevokedEntry> {
        let own = |crl: &Crl| crl.issuer.same_as(&issuer.subject) && crl.delta_of.is_none();
        let signed = |crl: &Crl| crl.verified_by(&issuer.public_key) == SignatureCheck::Good;
        let lists = self.lists().into_iter().filter(|crl| own(crl) && signed(crl));
        lists.filter_map(|crl| crl.entry(&certificate.serial).ok().flatten()).next()
    }

    fn lists(&self) -> Vec<Crl> {
        let Ok(bytes) = std::fs::read(self.store.crl_place()) else { return Vec::new() };
        let ders: Vec<Vec<u8>> = match der_in_place(bytes, "X509 CRL") {
            Ok(der) => vec![der],
            Err(bytes) => {
                let blocks = sound_blocks(&bytes, "X509 CRL").unwrap_or_default();
                blocks.iter().filter_map(SoundBlock::der).map(|der| der.to_vec()).collect()
            }
        };
        ders.into_iter().filter_map(|der| Crl::from_vec(der).ok()).collect()
    }
}

/// The index cannot be read: whoever needs it is told by the commands that change it.
struct Unreadable;

fn certificates(pem: &[u8]) -> Vec<Certificate> {
    let blocks = sound_blocks(pem, "CERTIFICATE").unwrap_or_default();
    blocks.iter().filter_map(|block| Certificate::from_der(&block.der()?).ok()).collect()
}
