//! The few forms of DER that PKCS#12 is made of, written by hand. What passes through may be a key, so every buffer is
//! wiped.

use zeroize::Zeroizing;

/// Octets that are wiped when dropped.
pub(super) type Octets = Zeroizing<Vec<u8>>;

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const NULL: u8 = 0x05;
const OBJECT_IDENTIFIER: u8 = 0x06;
const BMP_STRING: u8 = 0x1e;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;

/// Tag, length and content (X.690 sections 8.1.3 and 10.1).
fn element(tag: u8, parts: &[&[u8]]) -> Octets {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let octets = length.to_be_bytes();
    let long = &octets[octets.iter().position(|octet| *octet != 0).unwrap_or(octets.len() - 1)..];
    let mut out = Zeroizing::new(Vec::with_capacity(2 + long.len() + length));
    out.push(tag);
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => out.push(short),
        // At most eight octets of a length: the count fits the low bits.
        _ => {
            out.push(0x80 | u8::try_from(long.len()).unwrap_or(8));
            out.extend_from_slice(long);
        }
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

pub(super) fn sequence(parts: &[&[u8]]) -> Octets {
    element(SEQUENCE, parts)
}

/// A SET of one member needs no sorting; the caller sorts more.
pub(super) fn set(parts: &[&[u8]]) -> Octets {
    element(SET, parts)
}

pub(super) fn octet_string(content: &[u8]) -> Octets {
    element(OCTET_STRING, &[content])
}

/// `[0] EXPLICIT`
pub(super) fn explicit(content: &[u8]) -> Octets {
    element(0xa0, &[content])
}

/// `[0] IMPLICIT SET OF`, in the order given.
pub(super) fn implicit_set(parts: &[&[u8]]) -> Octets {
    element(0xa0, parts)
}

/// `[0] IMPLICIT OCTET STRING`
pub(super) fn implicit_octets(content: &[u8]) -> Octets {
    element(0x80, &[content])
}

pub(super) fn null() -> Octets {
    element(NULL, &[])
}

/// An object identifier, given as its encoded content.
pub(super) fn oid(content: &[u8]) -> Octets {
    element(OBJECT_IDENTIFIER, &[content])
}

pub(super) fn integer(value: u32) -> Octets {
    let octets = value.to_be_bytes();
    let first = octets.iter().position(|octet| *octet != 0).unwrap_or(octets.len() - 1);
    // A leading one bit would read as negative.
    let sign: &[u8] = if octets[first] & 0x80 == 0 { &[] } else { &[0] };
    element(INTEGER, &[sign, &octets[first..]])
}

/// Text of the basic multilingual plane; what lies beyond becomes the replacement character.
pub(super) fn bmp_string(text: &str) -> Octets {
    let within = |c: char| if u32::from(c) > 0xffff { char::REPLACEMENT_CHARACTER } else { c };
    let units: Vec<u8> =
        text.chars().map(within).collect::<String>().encode_utf16().flat_map(u16::to_be_bytes).collect();
    element(BMP_STRING, &[&units])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_take_the_short_form_where_they_fit_it() {
        assert_eq!(octet_string(&[7; 2])[..2], [4, 2]);
        assert_eq!(octet_string(&[7; 127])[..2], [4, 127]);
        assert_eq!(octet_string(&[7; 128])[..3], [4, 0x81, 128]);
        assert_eq!(octet_string(&[7; 256])[..4], [4, 0x82, 1, 0]);
        assert_eq!(null()[..], [5, 0]);
    }

    #[test]
    fn integers_are_minimal_and_positive() {
        for (value, encoded) in
            [(0, &[2, 1, 0][..]), (127, &[2, 1, 127]), (128, &[2, 2, 0, 128]), (200_000, &[2, 3, 3, 13, 64])]
        {
            assert_eq!(integer(value)[..], *encoded);
        }
    }

    #[test]
    fn text_beyond_the_plane_is_replaced() {
        assert_eq!(bmp_string("aé")[..], [0x1e, 4, 0, b'a', 0, 0xe9]);
        assert_eq!(bmp_string("🔑")[..], [0x1e, 2, 0xff, 0xfd]);
    }
}
