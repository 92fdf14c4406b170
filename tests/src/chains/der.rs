//! The few octets of a certificate that openssl's command line will not write as asked: they are changed here, and
//! openssl signs the result.

use super::Change;

/// The tag of a SEQUENCE.
pub const SEQUENCE: u8 = 0x30;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The certificate with the last bit of its signature turned over.
pub(super) fn damaged(der: &[u8]) -> Vec<u8> {
    let mut der = der.to_vec();
    if let Some(last) = der.last_mut() {
        *last ^= 1;
    }
    der
}

/// The part that is signed, with what the change is about written as it says.
pub(super) fn rewritten(certificate: &[u8], change: Change) -> Vec<u8> {
    let signed = children(content(certificate))[0];
    let parts = children(content(signed));
    // RFC 5280 section 4.1: version, serialNumber, signature, issuer, validity …
    let body: Vec<u8> = parts
        .iter()
        .enumerate()
        .flat_map(|(place, part)| match (place, change) {
            (0, Change::Version(number)) => wrapped(0xa0, &[0x02, 1, number]),
            (4, _) => validity(part, change),
            // The extensions come last.
            (7, Change::Twice) => twice(part),
            _ => part.to_vec(),
        })
        .collect();
    wrapped(SEQUENCE, &body)
}

/// The extensions, with the last of them once more.
fn twice(part: &[u8]) -> Vec<u8> {
    let all = content(content(part));
    let last = children(all).pop().unwrap_or_default();
    wrapped(part[0], &wrapped(SEQUENCE, &[all, last].concat()))
}

/// A certificate of this signed part and signature, with the algorithm of another one.
pub(super) fn assembled(signed: &[u8], certificate: &[u8], signature: &[u8]) -> Vec<u8> {
    let algorithm = children(content(certificate))[1];
    let bits = wrapped(0x03, &[&[0], signature].concat());
    wrapped(SEQUENCE, &[signed, algorithm, &bits].concat())
}

fn validity(part: &[u8], change: Change) -> Vec<u8> {
    let [from, until] = children(content(part))[..] else { panic!("a validity has two times") };
    let times = match change {
        Change::ShortYear => [from.to_vec(), short(until)],
        Change::GeneralizedTime => [long(from), long(until)],
        Change::NoSeconds => [from.to_vec(), ending(until, b"Z", 3)],
        Change::Offset => [from.to_vec(), ending(until, b"+0000", 1)],
        Change::Fraction => [from.to_vec(), ending(&long(until), b".5Z", 1)],
        _ => return part.to_vec(),
    };
    wrapped(SEQUENCE, &times.concat())
}

/// The time with another end in the place of so many octets of its own.
fn ending(time: &[u8], end: &[u8], without: usize) -> Vec<u8> {
    let digits = content(time);
    wrapped(time[0], &[&digits[..digits.len() - without], end].concat())
}

fn long(time: &[u8]) -> Vec<u8> {
    if time[0] == GENERALIZED_TIME {
        return time.to_vec();
    }
    wrapped(GENERALIZED_TIME, &[b"20", content(time)].concat())
}

fn short(time: &[u8]) -> Vec<u8> {
    if time[0] == UTC_TIME { time.to_vec() } else { wrapped(UTC_TIME, &content(time)[2..]) }
}

/// The elements that follow one another.
///
/// # Panics
/// Where one is cut off.
pub fn children(mut octets: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    while !octets.is_empty() {
        let (element, rest) = octets.split_at(header(octets).0 + header(octets).1);
        found.push(element);
        octets = rest;
    }
    found
}

/// What an element holds.
///
/// # Panics
/// Where it is cut off.
pub fn content(element: &[u8]) -> &[u8] {
    let (header, length) = header(element);
    &element[header..header + length]
}

/// The lengths of an element's header and of its content.
fn header(octets: &[u8]) -> (usize, usize) {
    let first = usize::from(octets[1]);
    let more = if first < 0x80 { 0 } else { first & 0x7f };
    let long = octets[2..2 + more].iter().fold(0, |length, octet| length << 8 | usize::from(*octet));
    (2 + more, if more == 0 { first } else { long })
}

/// An element of this tag.
pub fn wrapped(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let octets = length.to_be_bytes();
    let significant = &octets[octets.iter().take_while(|octet| **octet == 0).count()..];
    let header = match length {
        0..0x80 => vec![tag, octets[octets.len() - 1]],
        _ => [&[tag, 0x80 | u8::try_from(significant.len()).expect("at most eight octets")], significant].concat(),
    };
    [&header, content].concat()
}
