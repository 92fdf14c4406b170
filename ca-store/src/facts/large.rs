//! Large files of one thing: a revocation list of a million entries is 50 MiB of text. It is decoded where it lies, so that
//! it is in memory once.

/// The DER in a file that is DER, or one sound PEM block (RFC 7468) of that label with nothing around it but white space.
///
/// # Errors
/// The bytes as they were, where the file is anything else: then [`super::Input`] says what.
pub(crate) fn der_in_place(mut bytes: Vec<u8>, label: &str) -> Result<Vec<u8>, Vec<u8>> {
    if bytes.first() == Some(&0x30) && bytes.get(1).is_some_and(|second| *second >= 0x80) {
        return Ok(bytes);
    }
    let Some((start, end)) = body(&bytes, label) else { return Err(bytes) };
    if !bytes[start..end].iter().all(|byte| sextet(*byte).is_some() || matches!(byte, b'\r' | b'\n' | b'=')) {
        return Err(bytes);
    }
    match decode(&mut bytes, start, end) {
        Some(length) => {
            bytes.truncate(length);
            Ok(bytes)
        }
        // Whatever stood there has been written over, and it was no base64 that could be mended.
        None => Err(Vec::new()),
    }
}

/// Where the base64 of the only block stands.
fn body(bytes: &[u8], label: &str) -> Option<(usize, usize)> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let rest = bytes.strip_prefix(begin.as_bytes())?;
    let trimmed = rest.trim_ascii_end();
    let body = trimmed.strip_suffix(end.as_bytes())?;
    let start = begin.len();
    (!body.contains(&b'-')).then_some((start, start + body.len()))
}

/// Decodes into the beginning of the same bytes: four characters become three octets, so what is written never reaches
/// what is to be read. Gives the length; `None` where characters are missing.
fn decode(bytes: &mut [u8], start: usize, end: usize) -> Option<usize> {
    let (mut length, mut bits, mut count) = (0, 0u32, 0u32);
    let mut at = start;
    while at < end {
        if count == 0
            && let Some(octets) = group(&bytes[at..end])
        {
            bytes[length..length + 3].copy_from_slice(&octets);
            (length, at) = (length + 3, at + 4);
            continue;
        }
        let value = sextet(bytes[at]);
        at += 1;
        let Some(value) = value else { continue };
        bits = bits << 6 | u32::from(value);
        count += 1;
        if count == 4 {
            bytes[length..length + 3].copy_from_slice(&bits.to_be_bytes()[1..]);
            (length, bits, count) = (length + 3, 0, 0);
        }
    }
    let left = match count {
        0 => 0,
        1 => return None,
        _ => count as usize - 1,
    };
    let last = (bits << (6 * (4 - count) % 24)).to_be_bytes();
    bytes[length..length + left].copy_from_slice(&last[1..=left]);
    Some(length + left)
}

/// Decodes lines of base64, padded to whole groups; `None` where a character is none or any are missing.
pub(super) fn decode_into(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut count, mut padding) = (0u32, 0u32, 0u32);
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        if count == 0
            && padding == 0
            && let Some(octets) = group(rest)
        {
            out.extend_from_slice(&octets);
            rest = &rest[4..];
            continue;
        }
        rest = after;
        match (sextet(*byte), *byte) {
            (Some(value), _) if padding == 0 => {
                bits = bits << 6 | u32::from(value);
                count += 1;
            }
            (None, b'\n') => continue,
            (None, b'=') => padding += 1,
            _ => return None,
        }
        if count == 4 {
            out.extend_from_slice(&bits.to_be_bytes()[1..]);
            (bits, count) = (0, 0);
        }
    }
    match (count, padding) {
        (0, 0) => {}
        (2, 2) => out.push((bits >> 4) as u8),
        (3, 1) => out.extend_from_slice(&((bits >> 2) as u16).to_be_bytes()),
        _ => return None,
    }
    Some(out)
}

/// The octets of four digits that stand together, which nearly all do; `None` where the first four are anything else.
fn group(text: &[u8]) -> Option<[u8; 3]> {
    let [a, b, c, d] = *text.first_chunk()?;
    let at = |place: usize, digit: u8| PLACES[place][usize::from(digit)];
    let bits = at(0, a) | at(1, b) | at(2, c) | at(3, d);
    let [none, octets @ ..] = bits.to_be_bytes();
    (none == 0).then_some(octets)
}

/// The bits of each digit at each place of a group; what is no digit has bits above them.
static PLACES: [[u32; 256]; 4] = {
    let mut places = [[0; 256]; 4];
    let mut digit = 0;
    while digit < 256 {
        let mut place = 0;
        while place < 4 {
            let value = SEXTETS[digit];
            places[place][digit] = if value == NONE { 1 << 31 } else { (value as u32) << (18 - 6 * place) };
            place += 1;
        }
        digit += 1;
    }
    places
};

const NONE: u8 = 0xff;

/// The value of each base64 digit (RFC 4648 section 4).
const SEXTETS: [u8; 256] = {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut table = [NONE; 256];
    let mut value = 0;
    while value < digits.len() {
        table[digits[value] as usize] = value as u8;
        value += 1;
    }
    table
};

fn sextet(digit: u8) -> Option<u8> {
    Some(SEXTETS[usize::from(digit)]).filter(|value| *value != NONE)
}

#[cfg(test)]
mod tests {
    use super::der_in_place;
    use crate::facts::{Input, to_pem};

    #[test]
    fn a_block_of_any_length_is_read_as_elsewhere() {
        for length in [1usize, 2, 3, 47, 48, 49, 1000] {
            let der: Vec<u8> = (0..length).map(|n| n as u8).collect();
            let pem = to_pem("X509 CRL", &der);
            assert_eq!(der_in_place(pem.clone().into_bytes(), "X509 CRL"), Ok(der.clone()), "{length}");
            assert_eq!(*Input::read(pem.as_bytes()).blocks[0].der, der);
            assert_eq!(der_in_place(pem.replace('\n', "\r\n").into_bytes(), "X509 CRL"), Ok(der));
        }
    }

    #[test]
    fn anything_else_is_given_back_as_it_was() {
        let pem = to_pem("X509 CRL", b"abc");
        for text in [
            pem.replace("X509 CRL", "CERTIFICATE"),
            format!("text\n{pem}"),
            pem.clone() + &pem,
            pem.replace("YWJj", "YW!j"),
            String::new(),
            "-----BEGIN X509 CRL-----".to_owned(),
        ] {
            assert_eq!(der_in_place(text.clone().into_bytes(), "X509 CRL"), Err(text.into_bytes()));
        }
    }
}
