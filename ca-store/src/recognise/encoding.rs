//! The characters of a text that comes as bytes.

/// The bytes that may have to be read for [`super::MAX_TEXT_BYTES`] of text, and for one character more that tells that there is
/// more: in UTF-16 each octet of ASCII is two, behind a byte order mark.
pub const MAX_ENCODED_BYTES: usize = 2 * (super::MAX_TEXT_BYTES + 1) + 2;

/// The text of a log. With a byte order mark it is UTF-16, which PowerShell's `>` writes, or UTF-8; anything else is read as UTF-8: in
/// other encodings the messages are in ASCII all the same.
pub fn decoded(bytes: &[u8]) -> String {
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => String::from_utf8_lossy(rest).into_owned(),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn byte_order_marks_tell_the_encoding() {
        let text = "unknown ca \u{2717} \u{1f512}";
        let wide =
            |octets: fn(u16) -> [u8; 2]| format!("\u{feff}{text}").encode_utf16().flat_map(octets).collect::<Vec<u8>>();
        for bytes in [wide(u16::to_le_bytes), wide(u16::to_be_bytes), format!("\u{feff}{text}").into(), text.into()] {
            assert_eq!(decoded(&bytes), text, "{bytes:?}");
        }
        assert_eq!(decoded(b"\xff\xfea\0\0\xd8b"), "a\u{fffd}");
        assert_eq!(decoded(b"a\xffb"), "a\u{fffd}b");
    }
}
