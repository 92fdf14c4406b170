//! Base64 as PEM has it (RFC 4648 section 4), for octets that may be a key.

use zeroize::Zeroizing;

/// The octets that text without white space stands for. `None` where characters are missing or too many.
pub(super) fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let digits = text.trim_end_matches('=');
    if digits.contains('=') || digits.len() % 4 == 1 || !text.len().is_multiple_of(4) || text.is_empty() {
        return None;
    }
    let mut out = Zeroizing::new(Vec::with_capacity(digits.len() / 4 * 3 + 3));
    for chunk in digits.as_bytes().chunks(4) {
        let value = chunk.iter().fold(0u32, |sum, digit| sum << 6 | sextet(*digit)) << (6 * (4 - chunk.len()));
        out.extend_from_slice(&value.to_be_bytes()[1..chunk.len()]);
    }
    Some(out)
}

fn sextet(digit: u8) -> u32 {
    u32::from(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        _ => 63,
    })
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn padding_is_read() {
        for (text, bytes) in [("AA==", &[0u8][..]), ("AAE=", &[0, 1]), ("AAEC", &[0, 1, 2])] {
            assert_eq!(decode(text).expect(text).as_slice(), bytes);
        }
        for text in ["A", "AA=", "AAAAA", "=AAA", ""] {
            assert!(decode(text).is_none(), "{text}");
        }
    }
}
