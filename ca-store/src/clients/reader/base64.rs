//! Base64 as each program reads it.

/// What a program passes over, and what it takes for the end.
pub(super) struct Rules {
    /// White space that is passed over.
    pub(super) skipped: &'static [u8],
    /// A hyphen ends it, whatever comes behind.
    pub(super) ends_at_hyphen: bool,
    /// The `=` at the end may be missing.
    pub(super) may_lack_padding: bool,
}

/// The octets; none where there is another character, or a group is not whole.
pub(super) fn decode(text: &[u8], rules: &Rules) -> Option<Vec<u8>> {
    let end = text.iter().position(|octet| rules.ends_at_hyphen && *octet == b'-').unwrap_or(text.len());
    let digits: Vec<u8> = text[..end].iter().copied().filter(|octet| !rules.skipped.contains(octet)).collect();
    let padding = digits.iter().rev().take_while(|octet| **octet == b'=').count();
    let bare = &digits[..digits.len() - padding];
    let is_whole = match padding {
        0 => bare.len().is_multiple_of(4) || rules.may_lack_padding && bare.len() % 4 != 1,
        1 => bare.len() % 4 == 3,
        2 => bare.len() % 4 == 2,
        _ => false,
    };
    let mut octets = Vec::with_capacity(bare.len() / 4 * 3 + 3);
    for group in bare.chunks(4) {
        let bits = group.iter().try_fold(0u32, |sum, digit| Some(sum << 6 | u32::from(sextet(*digit)?)))?;
        let bits = bits << (6 * (4 - group.len()));
        octets.extend_from_slice(bits.to_be_bytes().get(1..group.len())?);
    }
    is_whole.then_some(octets)
}

fn sextet(digit: u8) -> Option<u8> {
    Some(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}
