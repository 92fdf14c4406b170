//! Certificates as plain data.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use time::OffsetDateTime;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::time::ASN1Time;

use super::oid::dotted;
use super::shape::misshapen;
use super::{
    BasicConstraints, CertType, Extension, ExtensionValue, GeneralName, KeyUsage, Malformed, Name, NameConstraints,
    PublicKey, SignatureAlgorithm, SignatureCheck, der, escape, hex, sha256,
};

/// When a certificate may be used (RFC 5280 section 4.1.2.5). Both bounds belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The first second.
    pub not_before: OffsetDateTime,
    /// The last second.
    pub not_after: OffsetDateTime,
    /// How the first is written.
    pub not_before_form: TimeForm,
    /// How the last is written.
    pub not_after_form: TimeForm,
    /// The first of both that is written otherwise than in whole seconds of GMT, and how.
    pub misspelt: Option<(&'static str, Spelling)>,
}

/// What RFC 5280 forbids in a time (sections 4.1.2.5.1 and 4.1.2.5.2: `YYMMDDHHMMSSZ` and `YYYYMMDDHHMMSSZ`, and nothing else).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// It ends with the minutes.
    NoSeconds,
    /// It goes on with a fraction of a second.
    Fraction,
    /// It is the time of another zone than GMT.
    Offset,
}

/// The ASN.1 type that a time is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeForm {
    /// Two digits of the year: 1950 to 2049.
    Utc,
    /// All four.
    Generalized,
}

/// What a certificate says, and the bytes that it says it with. A clone shares both, and what was found of its signature.
#[derive(Debug, Clone)]
pub struct Certificate(Arc<Content>);

/// What a certificate says.
#[derive(Debug)]
pub struct Content {
    der: Vec<u8>,
    tbs: std::ops::Range<usize>,
    signature: Vec<u8>,
    self_issued: bool,
    checked: Mutex<Vec<(PublicKey, SignatureCheck)>>,
    /// 1, 2 or 3.
    pub version: u32,
    /// The octets of the serial number, as they stand there.
    pub serial: Vec<u8>,
    /// Who issued it.
    pub issuer: Name,
    /// Whom it is for.
    pub subject: Name,
    /// When it may be used.
    pub validity: Validity,
    /// Whose signatures it vouches for.
    pub public_key: PublicKey,
    /// How the issuer signed it.
    pub signature_algorithm: SignatureAlgorithm,
    /// Whether the signed part names that algorithm too, with the same parameters (RFC 5280 section 4.1.1.2).
    pub names_one_algorithm: bool,
    /// Whether at least the algorithm is one, whatever its parameters are.
    pub differs_in_parameters_alone: bool,
    /// Whether the algorithm comes with parameters.
    pub signature_has_parameters: bool,
    /// Its extensions, in their order.
    pub extensions: Vec<Extension>,
}

/// The most keys whose verdict on one signature is remembered: a search tries a few, and a hostile one gains nothing.
const MAX_REMEMBERED: usize = 8;

impl std::ops::Deref for Certificate {
    type Target = Content;

    fn deref(&self) -> &Content {
        &self.0
    }
}

impl Certificate {
    /// Reads one certificate that fills the bytes.
    ///
    /// # Errors
    /// [`Malformed`] where the bytes are not the DER of a certificate (RFC 5280 section 4.1) or go on after it.
    pub fn from_der(der: &[u8]) -> Result<Certificate, Malformed> {
        const EXPECTED: &str = "the DER of an X.509 certificate (RFC 5280 section 4.1)";
        let (rest, parsed) = X509Certificate::from_der(der)
            .map_err(|error| Malformed { expected: EXPECTED, found: escape(&error.to_string()) })?;
        if !rest.is_empty() {
            let found = format!("{} octets after its end", rest.len());
            return Err(Malformed { expected: EXPECTED, found });
        }
        if let Some(what) = misshapen(der) {
            return Err(Malformed { expected: EXPECTED, found: format!("{what} in another shape") });
        }
        if let Some(position) = broken_extension(parsed.tbs_certificate.as_ref()) {
            let found = format!("extension {position} without its SEQUENCE of OID, BOOLEAN and OCTET STRING");
            return Err(Malformed { expected: EXPECTED, found });
        }
        // Every signature is whole octets; rustls and OpenSSL refuse what says otherwise.
        if parsed.signature_value.unused_bits != 0 {
            let found = format!("a signature with {} unused bits", parsed.signature_value.unused_bits);
            return Err(Malformed { expected: EXPECTED, found });
        }
        Ok(Self::read(&parsed, der))
    }

    fn read(parsed: &X509Certificate<'_>, der: &[u8]) -> Certificate {
        let tbs = parsed.tbs_certificate.as_ref();
        // The signed part begins behind the header of the outer SEQUENCE, which takes 2 to 6 octets.
        let start = der.windows(tbs.len()).take(8).position(|window| window == tbs).unwrap_or(0);
        let (issuer, subject) = (Name::read(&parsed.issuer), Name::read(&parsed.subject));
        Certificate(Arc::new(Content {
            checked: Mutex::default(),
            self_issued: subject.same_as(&issuer),
            tbs: start..start + tbs.len(),
            signature: parsed.signature_value.data.to_vec(),
            version: parsed.version.0 + 1,
            serial: parsed.raw_serial().to_vec(),
            issuer,
            subject,
            validity: Validity {
                not_before: when(parsed.validity.not_before),
                not_after: when(parsed.validity.not_after),
                not_before_form: form(parsed.validity.not_before),
                not_after_form: form(parsed.validity.not_after),
                misspelt: misspelt(tbs),
            },
            public_key: PublicKey::read(&parsed.subject_pki),
            signature_algorithm: SignatureAlgorithm::read(&parsed.signature_algorithm),
            names_one_algorithm: parsed.signature_algorithm == parsed.tbs_certificate.signature,
            differs_in_parameters_alone: parsed.signature_algorithm.algorithm
                == parsed.tbs_certificate.signature.algorithm,
            signature_has_parameters: parsed.signature_algorithm.parameters.is_some(),
            extensions: parsed.extensions().iter().map(Extension::read).collect(),
            der: der.to_vec(),
        }))
    }
}

impl Content {
    /// The bytes.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The fingerprint: SHA-256 of the DER, in hexadecimal.
    pub fn sha256_hex(&self) -> String {
        hex(&sha256(&self.der))
    }

    /// The serial number in hexadecimal.
    pub fn serial_hex(&self) -> String {
        hex(&self.serial)
    }

    /// Whether `issuer`'s key verifies the signature. Asked once for each key: an intermediate that was verified for one
    /// chain need not be verified for the next.
    pub fn verified_by(&self, issuer: &PublicKey) -> SignatureCheck {
        let mut checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = checked.iter().find(|(key, _)| key.same_as(issuer)) {
            return *known;
        }
        let check = self.signature_algorithm.check(issuer, &self.der[self.tbs.clone()], &self.signature);
        if checked.len() < MAX_REMEMBERED {
            checked.push((issuer.clone(), check));
        }
        check
    }

    /// Subject and issuer are one name: it says that it issued itself, whichever key signed it.
    pub fn is_self_issued(&self) -> bool {
        self.self_issued
    }

    /// Its own key verifies its signature.
    pub fn is_self_signed(&self) -> bool {
        self.is_self_issued() && self.verified_by(&self.public_key) == SignatureCheck::Good
    }

    /// A CA by basicConstraints; a version 1 certificate that issued itself counts as well, as roots of old are such.
    pub fn is_ca(&self) -> bool {
        match self.basic_constraints() {
            Some(constraints) => constraints.ca,
            None => self.version < 3 && self.is_self_issued(),
        }
    }

    /// basicConstraints, where there is one that can be read.
    pub fn basic_constraints(&self) -> Option<BasicConstraints> {
        self.find(|value| if let ExtensionValue::BasicConstraints(b) = value { Some(*b) } else { None })
    }

    /// keyUsage.
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.find(|value| if let ExtensionValue::KeyUsage(usage) = value { Some(*usage) } else { None })
    }

    /// extendedKeyUsage: purposes in dotted form.
    pub fn extended_key_usage(&self) -> Option<&[String]> {
        self.find(|value| if let ExtensionValue::ExtendedKeyUsage(list) = value { Some(list.as_slice()) } else { None })
    }

    /// Netscape's certificate type.
    pub fn netscape_cert_type(&self) -> Option<CertType> {
        self.find(|value| if let ExtensionValue::NetscapeCertType(of) = value { Some(*of) } else { None })
    }

    /// subjectAltName.
    pub fn subject_alt_names(&self) -> Option<&[GeneralName]> {
        self.find(|value| if let ExtensionValue::SubjectAltName(list) = value { Some(list.as_slice()) } else { None })
    }

    /// subjectKeyIdentifier.
    pub fn subject_key_identifier(&self) -> Option<&[u8]> {
        self.find(|value| if let ExtensionValue::SubjectKeyIdentifier(id) = value { Some(id.as_slice()) } else { None })
    }

    /// The key identifier of authorityKeyIdentifier.
    pub fn authority_key_identifier(&self) -> Option<&[u8]> {
        self.find(|value| match value {
            ExtensionValue::AuthorityKeyIdentifier { key_identifier, .. } => key_identifier.as_deref(),
            _ => None,
        })
    }

    /// The issuer's serial number in authorityKeyIdentifier.
    pub fn authority_serial(&self) -> Option<&[u8]> {
        self.find(|value| match value {
            ExtensionValue::AuthorityKeyIdentifier { serial, .. } => serial.as_deref(),
            _ => None,
        })
    }

    /// The issuer's own issuer in authorityKeyIdentifier.
    pub fn authority_issuer(&self) -> Option<&[GeneralName]> {
        self.find(|value| match value {
            ExtensionValue::AuthorityKeyIdentifier { issuer, .. } => issuer.as_deref(),
            _ => None,
        })
    }

    /// nameConstraints.
    pub fn name_constraints(&self) -> Option<&NameConstraints> {
        self.find(|value| if let ExtensionValue::NameConstraints(c) = value { Some(c) } else { None })
    }

    fn find<'a, T>(&'a self, pick: impl Fn(&'a ExtensionValue) -> Option<T>) -> Option<T> {
        self.extensions.iter().find_map(|extension| pick(&extension.value))
    }

    /// The octets of each extension's value, with its type in dotted form and whether it is critical.
    pub fn extension_octets(&self) -> Vec<(String, bool, Vec<u8>)> {
        // It was read from these octets.
        let Ok((_, parsed)) = X509Certificate::from_der(self.der()) else { return Vec::new() };
        let octets =
            |it: &x509_parser::extensions::X509Extension<'_>| (dotted(&it.oid), it.critical, it.value.to_vec());
        parsed.extensions().iter().map(octets).collect()
    }

    /// Whether its server has to staple an answer of OCSP: the TLS features (RFC 7633 section 4.1) list status_request (RFC 6066
    /// section 8).
    pub fn must_staple(&self) -> bool {
        self.extensions.iter().any(|extension| matches!(extension.value, ExtensionValue::TlsFeature { staple: true }))
    }

    /// The extension of that type.
    pub fn extension(&self, oid: &str) -> Option<&Extension> {
        self.extensions.iter().find(|extension| extension.oid == oid)
    }

    /// The DNS names of the SAN, raw.
    pub fn dns_names(&self) -> impl Iterator<Item = &str> {
        self.names().filter_map(|name| if let GeneralName::Dns(text) = name { Some(text.as_str()) } else { None })
    }

    /// The addresses of the SAN.
    pub fn ip_addresses(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.names().filter_map(|name| if let GeneralName::Ip(address) = name { Some(*address) } else { None })
    }

    /// The URIs of the SAN, raw.
    pub fn uris(&self) -> impl Iterator<Item = &str> {
        self.names().filter_map(|name| if let GeneralName::Uri(text) = name { Some(text.as_str()) } else { None })
    }

    /// The mailboxes of the SAN, raw.
    pub fn email_addresses(&self) -> impl Iterator<Item = &str> {
        self.names().filter_map(|name| if let GeneralName::Email(text) = name { Some(text.as_str()) } else { None })
    }

    fn names(&self) -> impl Iterator<Item = &GeneralName> {
        self.subject_alt_names().unwrap_or_default().iter()
    }
}

/// The first extension, from 1, that is not a SEQUENCE of an OID, a BOOLEAN that may be left out, and an OCTET STRING
/// (RFC 5280 section 4.1). The parser stops there without a word, and every client refuses the whole certificate.
fn broken_extension(tbs: &[u8]) -> Option<usize> {
    let mut field = der::element(der::sequence(tbs)?)?;
    while field.tag != 0xa3 {
        field = der::element(field.rest)?;
    }
    let mut rest = der::sequence(field.content)?;
    for position in 1.. {
        if rest.is_empty() {
            return None;
        }
        let Some(extension) = der::element(rest) else { return Some(position) };
        if extension.tag != 0x30 || !is_extension(extension.content) {
            return Some(position);
        }
        rest = extension.rest;
    }
    None
}

fn is_extension(content: &[u8]) -> bool {
    let Some(oid) = der::element(content).filter(der::is_oid) else { return false };
    let Some(second) = der::element(oid.rest) else { return false };
    // TRUE is FF (X.690 section 11.1): rustls, Go and Chromium read no other.
    let is_boolean = matches!(second.content, [0 | 0xff]);
    let value = if second.tag == 0x01 { der::element(second.rest).filter(|_| is_boolean) } else { Some(second) };
    value.is_some_and(|value| value.tag == 0x04 && value.rest.is_empty())
}

/// The octets of both times, which the parser reads in more forms than RFC 5280 allows.
fn misspelt(tbs: &[u8]) -> Option<(&'static str, Spelling)> {
    let first = der::element(der::sequence(tbs)?)?;
    let serial = if first.tag == 0xa0 { der::element(first.rest)? } else { first };
    let issuer = der::element(der::element(serial.rest)?.rest)?;
    let from = der::element(der::sequence(issuer.rest)?)?;
    let until = der::element(from.rest)?;
    [("notBefore", from), ("notAfter", until)].into_iter().find_map(|(field, time)| Some((field, spelling(&time)?)))
}

fn spelling(time: &der::Element<'_>) -> Option<Spelling> {
    // UTCTime has two digits of the year.
    let whole = if time.tag == 0x17 { 12 } else { 14 };
    let digits = time.content.iter().take_while(|octet| octet.is_ascii_digit()).count();
    match time.content.get(digits) {
        Some(b'Z') if digits == whole => None,
        Some(b'.' | b',') => Some(Spelling::Fraction),
        Some(b'+' | b'-') => Some(Spelling::Offset),
        _ => Some(Spelling::NoSeconds),
    }
}

fn when(time: ASN1Time) -> OffsetDateTime {
    time.to_datetime()
}

fn form(time: ASN1Time) -> TimeForm {
    if time.is_utctime() { TimeForm::Utc } else { TimeForm::Generalized }
}
