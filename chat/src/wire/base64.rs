//! Base64 as AUTHENTICATE carries it (RFC 4648, section 4): padded, without line breaks.

/// The bytes that `text` stands for, or `None` if it is not canonical base64.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let padding = text.bytes().rev().take_while(|byte| *byte == b'=').count();
    let digits = &text.as_bytes()[..text.len() - padding.min(3)];
    if padding > 2 {
        return None;
    }
    digits.chunks(4).try_fold(Vec::with_capacity(text.len() / 4 * 3), |mut bytes, group| {
        bytes.extend_from_slice(&decode_group(group)?);
        Some(bytes)
    })
}

/// `bytes` as base64.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0u32, |bits, at| bits << 8 | u32::from(group.get(at).copied().unwrap_or(0)));
        let digit = |at: usize| char::from(DIGITS[(bits >> (18 - 6 * at)) as usize & 63]);
        (0..4).for_each(|at| text.push(if at <= group.len() { digit(at) } else { '=' }));
    }
    text
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Two to four digits make one to three bytes; bits left over have to be zero, so that no text has two spellings.
fn decode_group(group: &[u8]) -> Option<Vec<u8>> {
    let bits = group.iter().try_fold(0u32, |bits, digit| Some(bits << 6 | value(*digit)?))?;
    let bits = bits << (6 * (4 - group.len()));
    let [_, bytes @ ..] = bits.to_be_bytes();
    let (used, left_over) = bytes.split_at(group.len().checked_sub(1)?);
    left_over.iter().all(|byte| *byte == 0).then(|| used.to_vec())
}

fn value(digit: u8) -> Option<u32> {
    let value = match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn the_vectors_of_rfc_4648_hold_both_ways() {
        let table =
            [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmE=", "fooba"), ("Zm9vYmFy", "foobar")];
        for (text, expected) in table {
            assert_eq!(decode(text).as_deref(), Some(expected.as_bytes()), "{text}");
            assert_eq!(encode(expected.as_bytes()), text);
        }
    }

    #[test]
    fn what_is_not_canonical_is_refused() {
        for text in ["Z", "Zg", "Zg=", "Zh==", "Z===", "====", "Zm9*", "Zg==Zg=="] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
