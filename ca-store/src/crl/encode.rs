//! A revocation list in DER (RFC 5280, 5.1), written into one buffer as the entries come. rcgen makes none of a delta's, takes
//! all entries at once, and copies them; a list of a million entries would need three times its own size.
//!
//! ```text
//! [ gap | front            | header, entries … | extensions ]  tbsCertList, signed where it stands
//!   └ the headers, whose length is known at the end            [ algorithm | signature ]
//! ```

use rcgen::SigningKey as _;
use time::OffsetDateTime;

use crate::error::Error;
use crate::key::{KeyKind, PrivateKey, crypto};
use crate::reason::Reason;
use crate::sign::extensions::{self, element};
use crate::uri::Uri;

/// What a list says besides its entries.
#[derive(Debug, Clone)]
pub(crate) struct Heading<'a> {
    /// The issuer's subject in DER, as it stands in its certificate.
    pub(crate) issuer: &'a [u8],
    /// The issuer's subjectKeyIdentifier.
    pub(crate) key_id: &'a [u8],
    /// The kind of the issuer's key.
    pub(crate) key_kind: KeyKind,
    /// cRLNumber.
    pub(crate) number: i64,
    /// thisUpdate and nextUpdate.
    pub(crate) life: (OffsetDateTime, OffsetDateTime),
    /// The number of the complete list that this one changes.
    pub(crate) base: Option<i64>,
    /// The names of the partition that it is about; empty: it is about all certificates of its issuer.
    pub(crate) partition: &'a [Uri],
    /// Where the deltas that change it are found.
    pub(crate) deltas: &'a [Uri],
}

const SEQUENCE: u8 = 0x30;
const BOOLEAN_TRUE: [u8; 3] = [0x01, 0x01, 0xff];
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// Context tag 0, constructed: crlExtensions, and what holds a distribution point's name.
const CONTEXT_0: u8 = 0xa0;
/// Context tag 0, primitive: keyIdentifier.
const KEY_IDENTIFIER: u8 = 0x80;

/// Version 2, which a list with extensions has.
const VERSION_2: [u8; 3] = [INTEGER, 1, 1];

/// Octets of a header: the tag, and a length of up to four octets.
const LONGEST_HEADER: usize = 6;

/// Object identifiers, whole with tag and length: id-ce 35, 20, 27, 28 and 46 (RFC 5280, 5.2).
const AUTHORITY_KEY_IDENTIFIER: [u8; 5] = [0x06, 0x03, 0x55, 0x1d, 0x23];
const CRL_NUMBER: [u8; 5] = [0x06, 0x03, 0x55, 0x1d, 0x14];
const DELTA_CRL_INDICATOR: [u8; 5] = [0x06, 0x03, 0x55, 0x1d, 0x1b];
const ISSUING_DISTRIBUTION_POINT: [u8; 5] = [0x06, 0x03, 0x55, 0x1d, 0x1c];
const FRESHEST_CRL: [u8; 5] = [0x06, 0x03, 0x55, 0x1d, 0x2e];

/// crlEntryExtensions with nothing but reasonCode, whose value is the last octet.
const REASON_CODE: [u8; 13] = [SEQUENCE, 0x0c, SEQUENCE, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15, OCTET_STRING, 3, 0x0a, 1];

/// A list that is being written.
#[derive(Debug)]
pub(crate) struct Draft {
    buffer: Vec<u8>,
    /// What stands before the entries, without headers.
    front: Vec<u8>,
    key_kind: KeyKind,
    extensions: Vec<u8>,
    entries: usize,
}

impl Draft {
    /// A list without entries yet.
    pub(crate) fn new(heading: &Heading<'_>) -> Draft {
        let mut front = VERSION_2.to_vec();
        front.extend(algorithm(heading.key_kind));
        front.extend(heading.issuer);
        push_time(&mut front, heading.life.0);
        push_time(&mut front, heading.life.1);
        Draft {
            buffer: vec![0; 3 * LONGEST_HEADER + front.len()],
            front,
            key_kind: heading.key_kind,
            extensions: crl_extensions(heading),
            entries: 0,
        }
    }

    /// Adds an entry: a serial number, since when, and why.
    pub(crate) fn push(&mut self, serial: &[u8], at: OffsetDateTime, reason: Reason) {
        let start = self.buffer.len();
        // Serial numbers have 20 octets at most (RFC 5280, 4.1.2.2), so an entry has less than 128.
        self.buffer.extend([SEQUENCE, 0]);
        push_positive(&mut self.buffer, serial);
        push_time(&mut self.buffer, at);
        // Without a reason the extension is left out (RFC 5280, 5.3.1).
        if reason != Reason::Unspecified {
            self.buffer.extend(REASON_CODE);
            self.buffer.push(reason.code());
        }
        self.buffer[start + 1] = (self.buffer.len() - start - 2) as u8;
        self.entries += 1;
    }

    /// How many entries it has.
    pub(crate) fn entries(&self) -> usize {
        self.entries
    }

    /// The whole list, signed.
    ///
    /// # Errors
    /// [`Error::Crypto`].
    pub(crate) fn sign(mut self, key: &PrivateKey) -> Result<Vec<u8>, Error> {
        let entries_start = 3 * LONGEST_HEADER + self.front.len();
        let mut start = entries_start;
        // A list of nobody has no revokedCertificates (RFC 5280, 5.1.2.6).
        if self.entries > 0 {
            start = self.write_header_before(start);
        }
        start -= self.front.len();
        self.buffer[start..start + self.front.len()].copy_from_slice(&self.front);
        let extensions = std::mem::take(&mut self.extensions);
        self.buffer.extend(extensions);
        start = self.write_header_before(start);
        let signature = key.pair().sign(&self.buffer[start..]).map_err(crypto("signing a revocation list"))?;
        self.buffer.extend(algorithm(self.key_kind));
        // No unused bits.
        self.buffer.extend(element(BIT_STRING, &[&[0], signature.as_slice()].concat()));
        start = self.write_header_before(start);
        self.buffer.drain(..start);
        Ok(self.buffer)
    }

    /// Writes the header of a SEQUENCE of all that follows `end`, right before it. Gives its start.
    fn write_header_before(&mut self, end: usize) -> usize {
        let header = extensions::header(SEQUENCE, self.buffer.len() - end);
        let start = end - header.len();
        self.buffer[start..end].copy_from_slice(&header);
        start
    }
}

/// AlgorithmIdentifier of the signature (RFC 5758, 3.2; RFC 8410, 3; RFC 4055, 5).
fn algorithm(kind: KeyKind) -> &'static [u8] {
    match kind {
        KeyKind::EcdsaP256 => &[0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
        KeyKind::EcdsaP384 => &[0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03],
        KeyKind::Ed25519 => &[0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70],
        KeyKind::Rsa2048 | KeyKind::Rsa3072 | KeyKind::Rsa4096 => {
            &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00]
        }
    }
}

/// crlExtensions, in their explicit tag.
fn crl_extensions(heading: &Heading<'_>) -> Vec<u8> {
    let key_id = element(SEQUENCE, &element(KEY_IDENTIFIER, heading.key_id));
    let mut list = extension(&AUTHORITY_KEY_IDENTIFIER, false, &key_id);
    list.extend(extension(&CRL_NUMBER, false, &integer(heading.number)));
    if let Some(base) = heading.base {
        list.extend(extension(&DELTA_CRL_INDICATOR, true, &integer(base)));
    }
    if !heading.partition.is_empty() {
        let point = element(SEQUENCE, &extensions::full_name(heading.partition));
        list.extend(extension(&ISSUING_DISTRIBUTION_POINT, true, &point));
    }
    if !heading.deltas.is_empty() {
        let point = element(SEQUENCE, &extensions::full_name(heading.deltas));
        list.extend(extension(&FRESHEST_CRL, false, &element(SEQUENCE, &point)));
    }
    element(CONTEXT_0, &element(SEQUENCE, &list))
}

fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &BOOLEAN_TRUE } else { &[] };
    element(SEQUENCE, &[oid, critical, &element(OCTET_STRING, value)].concat())
}

fn integer(number: i64) -> Vec<u8> {
    let mut bytes = Vec::new();
    push_positive(&mut bytes, &number.to_be_bytes());
    bytes
}

/// A positive INTEGER in the fewest octets (X.690, 8.3.2).
fn push_positive(buffer: &mut Vec<u8>, octets: &[u8]) {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count().min(octets.len().saturating_sub(1));
    let octets = &octets[zeros..];
    let sign = octets.first().is_some_and(|first| first & 0x80 != 0);
    buffer.extend([INTEGER, octets.len() as u8 + u8::from(sign)]);
    if sign {
        buffer.push(0);
    }
    buffer.extend_from_slice(octets);
}

/// UTCTime through 2049, GeneralizedTime from then on (RFC 5280, 5.1.2.4).
fn push_time(buffer: &mut Vec<u8>, at: OffsetDateTime) {
    let two = |value: u8| [b'0' + value / 10, b'0' + value % 10];
    let year = at.year().clamp(0, 9999);
    let (century, rest) = ((year / 100) as u8, (year % 100) as u8);
    if (1950..2050).contains(&year) {
        buffer.extend([UTC_TIME, 13]);
    } else {
        buffer.extend([GENERALIZED_TIME, 15]);
        buffer.extend(two(century));
    }
    for part in [rest, at.month().into(), at.day(), at.hour(), at.minute(), at.second()] {
        buffer.extend(two(part));
    }
    buffer.push(b'Z');
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::facts::{Crl, PublicKey, SignatureCheck, escape};

    /// A list of these entries, signed by a new key of `kind`, read back.
    fn made(kind: KeyKind, heading: impl Fn(&mut Heading<'_>), entries: &[(&[u8], Reason)]) -> Crl {
        let key = PrivateKey::generate(kind).unwrap();
        let name = element(SEQUENCE, &[]);
        let life = (datetime!(2026-01-02 3:04:05 UTC), datetime!(2050-01-02 3:04:05 UTC));
        let mut about = Heading {
            issuer: &name,
            key_id: &[7; 20],
            key_kind: kind,
            number: 128,
            life,
            base: None,
            partition: &[],
            deltas: &[],
        };
        heading(&mut about);
        let mut draft = Draft::new(&about);
        for (serial, reason) in entries {
            draft.push(serial, datetime!(2025-12-31 23:59:59 UTC), *reason);
        }
        let crl = Crl::from_der(&draft.sign(&key).unwrap()).unwrap();
        let public = PublicKey::from_spki(&rcgen::PublicKeyData::subject_public_key_info(key.pair())).unwrap();
        assert_eq!(crl.verified_by(&public), SignatureCheck::Good, "{kind}");
        crl
    }

    #[test]
    fn every_kind_of_key_signs_a_list_that_is_read_back() {
        for kind in [KeyKind::EcdsaP256, KeyKind::EcdsaP384, KeyKind::Ed25519, KeyKind::Rsa2048] {
            let crl = made(kind, |_| (), &[(&[0x40; 16], Reason::KeyCompromise), (&[0x90, 1], Reason::Unspecified)]);
            assert_eq!((crl.number.as_deref(), crl.count()), (Some("80"), 2));
            assert_eq!(
                (crl.this_update, crl.next_update),
                (datetime!(2026-01-02 3:04:05 UTC), Some(datetime!(2050-01-02 3:04:05 UTC)))
            );
            assert_eq!(crl.authority_key_identifier, Some(vec![7; 20]));
            let entries: Vec<_> = crl.entries().collect();
            assert_eq!(
                (entries[0].serial.as_slice(), entries[0].reason.as_deref()),
                (&[0x40; 16][..], Some("keyCompromise"))
            );
            assert_eq!((entries[1].serial.as_slice(), entries[1].reason.as_deref()), (&[0, 0x90, 1][..], None));
            assert_eq!(entries[1].at, datetime!(2025-12-31 23:59:59 UTC));
        }
    }

    #[test]
    fn a_list_of_nobody_and_lists_around_the_lengths_of_headers_are_read_back() {
        for count in [0, 1, 2, 3, 4, 7, 8, 200, 1400, 2000, 40_000] {
            let serials: Vec<[u8; 16]> = (0..count).map(|n: u128| ((0x40 << 120) | n).to_be_bytes()).collect();
            let entries: Vec<_> = serials.iter().map(|it| (it.as_slice(), Reason::Superseded)).collect();
            let crl = made(KeyKind::EcdsaP256, |_| (), &entries);
            assert_eq!(crl.count(), entries.len());
            assert!(serials.iter().step_by(97).all(|it| crl.entry(it).unwrap().is_some()));
        }
    }

    #[test]
    fn deltas_and_partitions_say_what_they_are() {
        let points =
            [Uri::parse("http://crl.example.test/1.crl").unwrap(), Uri::parse("http://old.example.test/1").unwrap()];
        let delta = made(KeyKind::EcdsaP256, |heading| heading.base = Some(127), &[(&[1], Reason::RemoveFromCrl)]);
        assert_eq!(delta.delta_of.as_deref(), Some("7f"));
        assert!(delta.entries().next().is_some_and(|entry| entry.is_removal()));
        let key = PrivateKey::generate(KeyKind::EcdsaP256).unwrap();
        let name = element(SEQUENCE, &[]);
        let now = datetime!(2026-01-01 0:00 UTC);
        let heading = Heading {
            issuer: &name,
            key_id: &[7; 20],
            key_kind: KeyKind::EcdsaP256,
            number: 1,
            life: (now, now),
            base: None,
            partition: &points,
            deltas: &points[..1],
        };
        let crl = Crl::from_der(&Draft::new(&heading).sign(&key).unwrap()).unwrap();
        let uris: Vec<String> = points.iter().map(|uri| escape(uri.as_str())).collect();
        let names = crl.distribution.and_then(|point| point.names).unwrap();
        assert_eq!(names.iter().map(ToString::to_string).collect::<Vec<_>>(), uris);
        assert_eq!((crl.misgraded.len(), crl.unknown_critical.len()), (0, 0));
    }
}
