//! The shape of a certificate, and of the parts that a list has as well, tag by tag (RFC 5280 section 4.1): a changed octet of a tag
//! is passed over by the parser, and every client refuses the whole certificate for it.

use super::der::{self, Element};

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
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
    let fields = match fields {
        [version, rest @ ..] if version.tag == 0xa0 => {
            if !all(version, |number| number.tag == INTEGER) {
                return Some("its version");
            }
            rest
        }
        all => all,
    };
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
        (rest.iter().all(is_last), "what follows its public key"),
    ];
    sound.into_iter().find(|(is_sound, _)| !is_sound).map(|(_, what)| what)
}

fn is_last(element: &Element<'_>) -> bool {
    let extensions = element.tag == 0xa3;
    LAST.contains(&element.tag) && (!extensions || all(element, |list| list.tag == SEQUENCE))
}

pub(super) fn is_algorithm(element: &Element<'_>) -> bool {
    let fields = parts(element.content).unwrap_or_default();
    let is_sound = match &fields[..] {
        [name] => der::is_oid(name),
        // Nothing, a curve's name, or more of them.
        [name, parameters] => der::is_oid(name) && [0x05, 0x06, SEQUENCE].contains(&parameters.tag),
        _ => false,
    };
    element.tag == SEQUENCE && is_sound
}

/// An extension begins with its name; its value is looked at by whoever knows it.
pub(super) fn is_extension(element: &Element<'_>) -> bool {
    element.tag == SEQUENCE && der::element(element.content).is_some_and(|name| der::is_oid(&name))
}

fn is_key(element: &Element<'_>) -> bool {
    let fields = parts(element.content).unwrap_or_default();
    element.tag == SEQUENCE
        && matches!(&fields[..], [algorithm, bits] if is_algorithm(algorithm) && bits.tag == BIT_STRING && is_whole(algorithm, bits))
}

/// Every key is whole octets. A point is compressed or not, and no mixture of both (RFC 5480 section 2.2); a key of RSA is a modulus and an
/// exponent (RFC 8017 appendix A.1.1).
fn is_whole(algorithm: &Element<'_>, bits: &Element<'_>) -> bool {
    const ID_EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
    const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    let [0, key @ ..] = bits.content else { return false };
    match der::element(algorithm.content).map(|oid| oid.content) {
        Some(ID_EC_PUBLIC_KEY) => matches!(key, [2..=4, ..]),
        Some(RSA_ENCRYPTION) => are_numbers(key),
        _ => true,
    }
}

fn are_numbers(key: &[u8]) -> bool {
    let numbers = der::sequence(key).and_then(parts).unwrap_or_default();
    matches!(&numbers[..], [n, e] if n.tag == INTEGER && e.tag == INTEGER)
}

pub(super) fn is_name(element: &Element<'_>) -> bool {
    element.tag == SEQUENCE && all(element, |set| set.tag == SET && all(set, is_attribute))
}

fn is_attribute(element: &Element<'_>) -> bool {
    let fields = parts(element.content).unwrap_or_default();
    element.tag == SEQUENCE && matches!(&fields[..], [kind, text] if der::is_oid(kind) && is_text(text))
}

/// In UTF-8 where it says so, and in whole characters of two octets (X.690 section 8.23).
fn is_text(element: &Element<'_>) -> bool {
    match element.tag {
        0x0c => std::str::from_utf8(element.content).is_ok(),
        0x1e => element.content.len().is_multiple_of(2),
        tag => TEXTS.contains(&tag),
    }
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
