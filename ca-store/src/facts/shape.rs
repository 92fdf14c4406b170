//! The shape of a certificate, tag by tag (RFC 5280 section 4.1): a changed octet of a tag is passed over by the parser, and
//! every client refuses the whole certificate for it.

use super::der::{self, Element};

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OID: u8 = 0x06;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
/// UTCTime and GeneralizedTime.
const TIMES: [u8; 2] = [0x17, 0x18];
/// What an attribute of a name is written in: UTF8String, PrintableString and the older ones; a BIT STRING for
/// x500UniqueIdentifier.
const TEXTS: [u8; 11] = [0x0c, 0x13, 0x14, 0x16, 0x1e, 0x1c, 0x12, 0x1a, 0x19, 0x1b, BIT_STRING];
/// The unique identifiers of old, and the extensions.
const LAST: [u8; 5] = [0x81, 0x82, 0xa1, 0xa2, 0xa3];

/// What of a certificate is not of its shape, if anything.
pub(super) fn misshapen(certificate: &[u8]) -> Option<&'static str> {
    let outer = der::sequence(certificate).and_then(parts).unwrap_or_default();
    let [tbs, algorithm, signature] = &outer[..] else { return Some("its three parts") };
    if tbs.tag != SEQUENCE {
        return Some("its signed part");
    }
    if !is_algorithm(algorithm) || signature.tag != BIT_STRING {
        return Some("its signature");
    }
    of_signed_part(&parts(tbs.content).unwrap_or_default())
}

fn of_signed_part(fields: &[Element<'_>]) -> Option<&'static str> {
    let fields = if fields.first().is_some_and(|version| version.tag == 0xa0) { &fields[1..] } else { fields };
    let [serial, algorithm, issuer, validity, subject, key, rest @ ..] = fields else {
        return Some("the fields of its signed part");
    };
    let sound = [
        (serial.tag == INTEGER, "its serial number"),
        (is_algorithm(algorithm), "the algorithm of its signature"),
        (is_name(issuer), "its issuer"),
        (validity.tag == SEQUENCE && all(validity, |time| TIMES.contains(&time.tag)), "its validity"),
        (is_name(subject), "its subject"),
        (is_key(key), "its public key"),
        (rest.iter().all(|field| LAST.contains(&field.tag)), "what follows its public key"),
    ];
    sound.into_iter().find(|(is_sound, _)| !is_sound).map(|(_, what)| what)
}

fn is_algorithm(element: &Element<'_>) -> bool {
    element.tag == SEQUENCE && der::element(element.content).is_some_and(|first| first.tag == OID)
}

fn is_key(element: &Element<'_>) -> bool {
    let fields = parts(element.content).unwrap_or_default();
    element.tag == SEQUENCE
        && matches!(&fields[..], [algorithm, bits] if is_algorithm(algorithm) && bits.tag == BIT_STRING && fits(algorithm, bits))
}

/// A modulus and an exponent, where it is a key of RSA (RFC 8017 appendix A.1.1).
fn fits(algorithm: &Element<'_>, bits: &Element<'_>) -> bool {
    const RSA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
    let numbers = bits.content.get(1..).and_then(der::sequence).and_then(parts).unwrap_or_default();
    !algorithm.content.starts_with(RSA) || matches!(&numbers[..], [n, e] if n.tag == INTEGER && e.tag == INTEGER)
}

fn is_name(element: &Element<'_>) -> bool {
    element.tag == SEQUENCE && all(element, |set| set.tag == SET && all(set, is_attribute))
}

fn is_attribute(element: &Element<'_>) -> bool {
    let fields = parts(element.content).unwrap_or_default();
    element.tag == SEQUENCE && matches!(&fields[..], [kind, text] if kind.tag == OID && TEXTS.contains(&text.tag))
}

fn all(element: &Element<'_>, is_sound: impl Fn(&Element<'_>) -> bool) -> bool {
    parts(element.content).is_some_and(|parts| parts.iter().all(is_sound))
}

/// The elements that fill the content.
fn parts(content: &[u8]) -> Option<Vec<Element<'_>>> {
    let (mut parts, mut rest) = (Vec::new(), content);
    while !rest.is_empty() {
        let element = der::element(rest)?;
        rest = element.rest;
        parts.push(element);
    }
    Some(parts)
}
