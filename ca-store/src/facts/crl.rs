//! Revocation lists (RFC 5280 section 5) as plain data.
//!
//! A list of a million entries is tens of megabytes: its head is read once, its bytes are shared, and an entry is looked up
//! where it stands. Nothing is made of the others.

use std::ops::Range;
use std::sync::Arc;

use time::OffsetDateTime;
use x509_parser::extensions::{ParsedExtension, X509Extension};
use x509_parser::prelude::FromDer as _;
use x509_parser::time::ASN1Time;
use x509_parser::x509::{AlgorithmIdentifier, X509Name};

use super::der::Element;
use super::distribution::{self, PointName};
use super::oid::dotted;
use super::shape::{is_algorithm, is_extension, is_name};
use super::{Malformed, Name, PublicKey, SignatureAlgorithm, SignatureCheck, der, escape, hex, sha256};

const EXPECTED: &str = "the DER of a revocation list (RFC 5280 section 5.1)";

/// What a revocation list says.
#[derive(Debug, Clone)]
pub struct Crl {
    der: Arc<Vec<u8>>,
    tbs: Range<usize>,
    revoked: Range<usize>,
    signature: Vec<u8>,
    /// Whose list it is.
    pub issuer: Name,
    /// How it was signed.
    pub signature_algorithm: SignatureAlgorithm,
    /// From when on it holds.
    pub this_update: OffsetDateTime,
    /// When the next one is due at the latest.
    pub next_update: Option<OffsetDateTime>,
    /// cRLNumber in hexadecimal.
    pub number: Option<String>,
    /// The number of the complete list that this one only changes (section 5.2.4), in hexadecimal.
    pub delta_of: Option<String>,
    /// The key identifier of authorityKeyIdentifier.
    pub authority_key_identifier: Option<Vec<u8>>,
    /// What part of the certificates it is about (section 5.2.5); none: all of them.
    pub distribution: Option<IssuingDistributionPoint>,
    /// Critical extensions that are not understood, in dotted form.
    pub unknown_critical: Vec<String>,
    /// Extensions that are critical and must not be, or the other way round (section 5.2), by name.
    pub misgraded: Vec<&'static str>,
    /// The first extension that is there twice, in dotted form.
    pub twice: Option<String>,
    /// Whether it has no extension at all, as a list of version 1.
    pub is_bare: bool,
}

/// Whether each extension of a list must be critical (sections 5.2.1, 5.2.3, 5.2.4 and 5.2.5).
const CRITICALITY: [(&str, bool, &str); 4] = [
    ("2.5.29.35", false, "authorityKeyIdentifier"),
    ("2.5.29.20", false, "cRLNumber"),
    ("2.5.29.27", true, "deltaCRLIndicator"),
    ("2.5.29.28", true, "issuingDistributionPoint"),
];

/// issuingDistributionPoint.
#[derive(Debug, Clone, Default)]
pub struct IssuingDistributionPoint {
    /// The extension's octets, by which two scopes are compared (section 5.2.4).
    der: Vec<u8>,
    /// The names of its distribution point; none: it has none, and the list is about all that the rest allows.
    pub names: Option<Vec<PointName>>,
    /// onlyContainsUserCerts
    pub only_leaves: bool,
    /// onlyContainsCACerts
    pub only_cas: bool,
    /// onlyContainsAttributeCerts
    pub only_attributes: bool,
    /// indirectCRL: it may list certificates of other issuers.
    pub indirect: bool,
    /// onlySomeReasons is there.
    pub some_reasons: bool,
}

impl IssuingDistributionPoint {
    /// An empty SEQUENCE: the list is then about everything, as without it.
    pub fn says_nothing(&self) -> bool {
        self.der == [0x30, 0x00]
    }
}

impl PartialEq for IssuingDistributionPoint {
    fn eq(&self, other: &IssuingDistributionPoint) -> bool {
        self.der == other.der
    }
}

/// One revoked certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokedEntry {
    /// Its serial number.
    pub serial: Vec<u8>,
    /// Since when.
    pub at: OffsetDateTime,
    /// Why (RFC 5280 section 5.3.1), where it is told.
    pub reason: Option<String>,
    /// Since when the certificate is to be taken for invalid (section 5.3.2), where it is told: as a rule before it was revoked.
    pub invalid_since: Option<OffsetDateTime>,
}

impl RevokedEntry {
    /// In a delta: the certificate is on hold no longer (section 5.3.1).
    pub fn is_removal(&self) -> bool {
        self.reason.as_deref() == Some("removeFromCRL")
    }

    /// From when on the certificate is not to be believed: when it was revoked, or when its key is known to have been lost.
    pub fn since(&self) -> OffsetDateTime {
        self.invalid_since.map_or(self.at, |invalid| invalid.min(self.at))
    }
}

impl Crl {
    /// Reads one list that fills the bytes.
    ///
    /// # Errors
    /// [`Malformed`] where the bytes are not the DER of a CertificateList.
    pub fn from_der(der: &[u8]) -> Result<Crl, Malformed> {
        let shell = Crl::shell(der)?;
        Ok(Crl { der: Arc::new(der.to_vec()), ..shell })
    }

    /// As [`Crl::from_der`], of bytes that are kept.
    ///
    /// # Errors
    /// The bytes, where [`Crl::from_der`] would fail.
    pub fn from_vec(der: Vec<u8>) -> Result<Crl, Vec<u8>> {
        match Crl::shell(&der) {
            Ok(shell) => Ok(Crl { der: Arc::new(der), ..shell }),
            Err(_) => Err(der),
        }
    }

    /// Everything but the bytes.
    fn shell(der: &[u8]) -> Result<Crl, Malformed> {
        let head = Head::read(der).ok_or_else(|| Malformed { expected: EXPECTED, found: found(der) })?;
        let within = |part: &[u8]| range_of(der, part);
        let mut crl = Crl {
            tbs: within(head.tbs),
            revoked: within(head.revoked),
            signature: head.signature.to_vec(),
            issuer: head.issuer,
            signature_algorithm: head.algorithm,
            this_update: head.this_update,
            next_update: head.next_update,
            number: None,
            delta_of: None,
            authority_key_identifier: None,
            distribution: None,
            unknown_critical: Vec::new(),
            misgraded: Vec::new(),
            twice: None,
            is_bare: head.extensions.is_empty(),
            der: Arc::new(Vec::new()),
        };
        crl.read_extensions(head.extensions)?;
        Ok(crl)
    }

    fn read_extensions(&mut self, mut rest: &[u8]) -> Result<(), Malformed> {
        let mut known = std::collections::HashSet::new();
        while !rest.is_empty() {
            let (after, extension) = X509Extension::from_der(rest)
                .map_err(|error| Malformed { expected: EXPECTED, found: escape(&error.to_string()) })?;
            if !known.insert(extension.oid.clone()) && self.twice.is_none() {
                self.twice = Some(dotted(&extension.oid));
            }
            self.take_extension(&extension)?;
            rest = after;
        }
        Ok(())
    }

    fn take_extension(&mut self, extension: &X509Extension<'_>) -> Result<(), Malformed> {
        use ParsedExtension as P;
        let oid = dotted(&extension.oid);
        let wrong = CRITICALITY.iter().filter(|(known, critical, _)| *known == oid && *critical != extension.critical);
        self.misgraded.extend(wrong.map(|(_, _, name)| *name));
        match extension.parsed_extension() {
            P::AuthorityKeyIdentifier(aki) => {
                self.authority_key_identifier = aki.key_identifier.as_ref().map(|id| id.0.to_vec());
            }
            P::CRLNumber(number) => self.number = Some(format!("{number:x}")),
            P::IssuingDistributionPoint(point) => self.distribution = Some(scope(point, extension.value)),
            P::ParseError { error } => {
                let found = format!("a broken extension {oid}: {}", escape(&error.to_string()));
                return Err(Malformed { expected: EXPECTED, found });
            }
            // deltaCRLIndicator, which the parser does not know.
            _ if oid == "2.5.29.27" => self.delta_of = Some(integer(extension.value).unwrap_or_default()),
            P::UnsupportedExtension { .. } | P::Unparsed if extension.critical => self.unknown_critical.push(oid),
            _ => {}
        }
        Ok(())
    }

    /// Whether this delta may be combined with a complete list: it changes one that is no later, and is itself later (section 5.2.4).
    pub fn changes(&self, complete: &Crl) -> bool {
        let (Some(base), Some(own), Some(number)) = (&self.delta_of, &self.number, &complete.number) else {
            return false;
        };
        self.distribution == complete.distribution && !precedes(number, base) && precedes(number, own)
    }

    /// Whether this complete list takes the place of another, of the same certificates.
    pub fn replaces(&self, other: &Crl) -> bool {
        let numbers = self.number.as_ref().zip(other.number.as_ref());
        self.distribution == other.distribution && numbers.is_some_and(|(own, others)| precedes(others, own))
    }

    /// The list's octets.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// SHA-256 of the DER, in hexadecimal.
    pub fn sha256_hex(&self) -> String {
        hex(&sha256(&self.der))
    }

    /// Whether `issuer`'s key verifies the list's signature.
    pub fn verified_by(&self, issuer: &PublicKey) -> SignatureCheck {
        self.signature_algorithm.check(issuer, &self.der[self.tbs.clone()], &self.signature)
    }

    /// The revoked certificates, in their order, up to the first that does not read.
    pub fn entries(&self) -> impl Iterator<Item = RevokedEntry> + '_ {
        self.raw_entries().map_while(|raw| raw.and_then(read_entry))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.raw_entries().count()
    }

    /// The entry of a serial number: the last one, where a careless CA lists it twice.
    ///
    /// # Errors
    /// [`Malformed`] where an entry does not read: the list can say nothing then.
    pub fn entry(&self, serial: &[u8]) -> Result<Option<RevokedEntry>, Malformed> {
        let broken = || Malformed { expected: EXPECTED, found: "an entry that is none".to_owned() };
        let mut found = None;
        for raw in self.raw_entries() {
            let content = raw.ok_or_else(broken)?;
            if der::element(content).ok_or_else(broken)?.content == serial {
                found = Some(read_entry(content).ok_or_else(broken)?);
            }
        }
        Ok(found)
    }

    /// The object identifier of a critical extension of any entry that is not understood: the list MUST NOT be used then, of
    /// whichever certificate (section 5.3).
    pub fn unknown_critical_of_entry(&self) -> Option<String> {
        // Of a million entries hardly one has such an extension: its octets are looked for before anything is read.
        memchr::memmem::find(&self.der[self.revoked.clone()], &CRITICAL)?;
        self.raw_entries().map_while(|raw| raw).find_map(unknown_critical)
    }

    /// The content of each entry; none in place of one that is no SEQUENCE, after which nothing is read.
    fn raw_entries(&self) -> impl Iterator<Item = Option<&[u8]>> {
        let mut rest = &self.der[self.revoked.clone()];
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let entry = der::element(rest).filter(|entry| entry.tag == 0x30);
            rest = entry.as_ref().map_or(&[][..], |entry| entry.rest);
            Some(entry.map(|entry| entry.content))
        })
    }
}

/// The parts of a list, its entries unread.
struct Head<'a> {
    tbs: &'a [u8],
    signature: &'a [u8],
    algorithm: SignatureAlgorithm,
    issuer: Name,
    this_update: OffsetDateTime,
    next_update: Option<OffsetDateTime>,
    revoked: &'a [u8],
    extensions: &'a [u8],
}

impl<'a> Head<'a> {
    /// CertificateList (section 5.1). `None` where the bytes are another thing.
    fn read(bytes: &'a [u8]) -> Option<Head<'a>> {
        let whole = der::element(bytes).filter(|e| e.tag == 0x30 && e.rest.is_empty())?;
        let tbs = der::element(whole.content).filter(|e| e.tag == 0x30)?;
        let (rest, algorithm) = AlgorithmIdentifier::from_der(shaped(tbs.rest, is_algorithm)?).ok()?;
        let signature = der::element(rest).filter(|e| e.tag == 0x03 && e.rest.is_empty())?;
        let version = der::element(tbs.content)?;
        let after_version = if version.tag == 0x02 { version.rest } else { tbs.content };
        let (rest, _) = AlgorithmIdentifier::from_der(shaped(after_version, is_algorithm)?).ok()?;
        let (rest, issuer) = X509Name::from_der(shaped(rest, is_name)?).ok()?;
        let (rest, this_update) = ASN1Time::from_der(rest).ok()?;
        let (rest, next_update) = match rest.first() {
            Some(0x17 | 0x18) => ASN1Time::from_der(rest).ok().map(|(rest, time)| (rest, Some(time.to_datetime())))?,
            _ => (rest, None),
        };
        let entries = der::element(rest).filter(|e| e.tag == 0x30);
        let (revoked, rest) = entries.map_or((&rest[..0], rest), |e| (e.content, e.rest));
        Some(Head {
            tbs: tbs.whole,
            // The first octet counts unused bits, of which a signature has none.
            signature: signature.content.strip_prefix(&[0])?,
            algorithm: SignatureAlgorithm::read(&algorithm),
            issuer: Name::read(&issuer),
            this_update: this_update.to_datetime(),
            next_update,
            revoked,
            extensions: extensions(rest)?,
        })
    }
}

/// The same bytes, where they begin with an element of this shape: the parser does not look at every tag.
fn shaped(bytes: &[u8], is_sound: fn(&Element<'_>) -> bool) -> Option<&[u8]> {
    der::element(bytes).filter(is_sound).map(|_| bytes)
}

/// crlExtensions: the content of `[0] EXPLICIT SEQUENCE OF Extension`, empty where there is none.
fn extensions(rest: &[u8]) -> Option<&[u8]> {
    if rest.is_empty() {
        return Some(rest);
    }
    let tagged = der::element(rest).filter(|e| e.tag == 0xa0 && e.rest.is_empty())?;
    der::sequence(tagged.content).filter(|all| der::are(all, is_extension))
}

fn found(bytes: &[u8]) -> String {
    match der::announced_length(bytes) {
        Some(expected) if expected > bytes.len() => format!("{} octets of {expected}", bytes.len()),
        _ => "something else".to_owned(),
    }
}

/// Where `part`, a slice of `whole`, stands in it.
fn range_of(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize).min(whole.len());
    start..(start + part.len()).min(whole.len())
}

/// Whether a number is below another, both in hexadecimal without leading zeros.
fn precedes(one: &str, other: &str) -> bool {
    (one.len(), one) < (other.len(), other)
}

/// An INTEGER in hexadecimal.
fn integer(value: &[u8]) -> Option<String> {
    let content = der::element(value).filter(|e| e.tag == 0x02)?.content;
    let digits = hex(content);
    Some(digits.trim_start_matches('0').to_owned())
}

/// serial, date, and extensions of which the reason counts.
fn read_entry(content: &[u8]) -> Option<RevokedEntry> {
    let serial = der::element(content).filter(|e| e.tag == 0x02)?;
    let (rest, at) = ASN1Time::from_der(serial.rest).ok()?;
    let mut entry =
        RevokedEntry { serial: serial.content.to_vec(), at: at.to_datetime(), reason: None, invalid_since: None };
    let mut extensions = der::sequence(rest).unwrap_or_default();
    while let Ok((rest, extension)) = X509Extension::from_der(extensions) {
        match extension.parsed_extension() {
            ParsedExtension::ReasonCode(code) => entry.reason = entry.reason.or_else(|| Some(reason_name(code.0))),
            ParsedExtension::InvalidityDate(date) => entry.invalid_since = Some(date.to_datetime()),
            _ => {}
        }
        extensions = rest;
    }
    Some(entry)
}

/// The names of section 5.3.1.
fn reason_name(code: u8) -> String {
    const NAMES: [&str; 11] = [
        "unspecified",
        "keyCompromise",
        "cACompromise",
        "affiliationChanged",
        "superseded",
        "cessationOfOperation",
        "certificateHold",
        "reason 7",
        "removeFromCRL",
        "privilegeWithdrawn",
        "aACompromise",
    ];
    NAMES.get(usize::from(code)).map_or_else(|| format!("reason {code}"), |name| (*name).to_owned())
}

fn scope(point: &x509_parser::extensions::IssuingDistributionPoint<'_>, value: &[u8]) -> IssuingDistributionPoint {
    IssuingDistributionPoint {
        der: value.to_vec(),
        // The parser passes over a name below the issuer's.
        names: der::sequence(value).and_then(distribution::names),
        only_leaves: point.only_contains_user_certs,
        only_cas: point.only_contains_ca_certs,
        only_attributes: point.only_contains_attribute_certs,
        indirect: point.indirect_crl,
        some_reasons: point.only_some_reasons.is_some(),
    }
}

/// A critical extension of an entry: a BOOLEAN that is TRUE, then the OCTET STRING (X.690 section 11.1: TRUE is FF).
const CRITICAL: [u8; 4] = [0x01, 0x01, 0xff, 0x04];

/// The object identifier of the entry's first critical extension that is not understood (section 5.3). certificateIssuer is
/// not: it is of indirect lists.
fn unknown_critical(content: &[u8]) -> Option<String> {
    let date = der::element(der::element(content)?.rest)?;
    let mut extensions = der::sequence(date.rest)?;
    while !extensions.is_empty() {
        let (rest, extension) = X509Extension::from_der(extensions).ok()?;
        let oid = dotted(&extension.oid);
        if extension.critical && !UNDERSTOOD.contains(&oid.as_str()) {
            return Some(oid);
        }
        extensions = rest;
    }
    None
}

/// reasonCode and invalidityDate (sections 5.3.1 and 5.3.2), which change nothing in that the certificate is revoked.
const UNDERSTOOD: [&str; 2] = ["2.5.29.21", "2.5.29.24"];

#[cfg(test)]
mod tests {
    use rcgen::{
        CertificateParams, CertificateRevocationListParams, IsCa, Issuer, KeyIdMethod, KeyPair, RevocationReason,
        RevokedCertParams, SerialNumber,
    };
    use time::macros::datetime;

    use super::Crl;
    use crate::facts::{Certificate, SignatureCheck};

    fn list(serials: &[u64]) -> (Vec<u8>, Certificate) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.key_usages = vec![rcgen::KeyUsagePurpose::CrlSign];
        let ca = params.self_signed(&key).unwrap();
        let revoked = serials.iter().map(|serial| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: datetime!(2026-01-01 0:00 UTC),
            reason_code: serial.is_multiple_of(2).then_some(RevocationReason::KeyCompromise),
            invalidity_date: None,
        });
        let params_of_list = CertificateRevocationListParams {
            this_update: datetime!(2026-01-01 0:00 UTC),
            next_update: datetime!(2026-02-01 0:00 UTC),
            crl_number: SerialNumber::from(7u64),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let crl = params_of_list.signed_by(&Issuer::from_params(&params, &key)).unwrap();
        (crl.der().to_vec(), Certificate::from_der(ca.der()).unwrap())
    }

    #[test]
    fn a_list_is_read_and_an_entry_found_where_it_stands() {
        let (der, ca) = list(&[1, 2, 300]);
        let crl = Crl::from_der(&der).unwrap();
        assert_eq!((crl.count(), crl.number.as_deref(), crl.delta_of.as_deref()), (3, Some("7"), None));
        assert_eq!(crl.next_update, Some(datetime!(2026-02-01 0:00 UTC)));
        assert_eq!(crl.verified_by(&ca.public_key), SignatureCheck::Good);
        let entry = crl.entry(&[2]).unwrap().unwrap();
        assert_eq!((entry.at, entry.reason.as_deref()), (datetime!(2026-01-01 0:00 UTC), Some("keyCompromise")));
        assert!(crl.entry(&[3]).unwrap().is_none());
        assert_eq!(crl.entries().last().unwrap().serial, [1, 44]);
        assert_eq!(Crl::from_der(&list(&[]).0).unwrap().count(), 0);
    }

    #[test]
    fn a_delta_changes_lists_between_its_base_and_itself() {
        let complete = |number: &str| {
            let mut crl = Crl::from_der(&list(&[1]).0).unwrap();
            crl.number = Some(number.to_owned());
            crl
        };
        let mut delta = complete("1f");
        delta.delta_of = Some("a".to_owned());
        for (number, expected) in
            [("9", false), ("a", true), ("1e", true), ("1f", false), ("20", false), ("100", false)]
        {
            assert_eq!(delta.changes(&complete(number)), expected, "{number}");
        }
        assert!(complete("10").replaces(&complete("f")) && !complete("f").replaces(&complete("10")));
        let elsewhere = super::IssuingDistributionPoint { der: vec![0x30, 0x00], ..Default::default() };
        delta.distribution = Some(elsewhere);
        assert!(!delta.changes(&complete("b")));
    }

    #[test]
    fn what_is_cut_off_or_something_else_is_no_list() {
        let (der, ca) = list(&[1, 2]);
        for cut in 0..der.len() {
            assert!(Crl::from_der(&der[..cut]).is_err(), "{cut}");
        }
        assert!(Crl::from_der(ca.der()).is_err());
        let longer = [der.as_slice(), &[0]].concat();
        assert!(Crl::from_der(&longer).is_err());
    }

    #[test]
    fn a_broken_entry_is_an_error_where_it_matters() {
        let (mut der, _) = list(&[1, 2]);
        let crl = Crl::from_der(&der).unwrap();
        let first = crl.revoked.start;
        der[first] = 0x31;
        assert!(Crl::from_der(&der).unwrap().entry(&[1]).is_err());
    }
}
