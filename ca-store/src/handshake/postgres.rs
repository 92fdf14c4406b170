//! A word of PostgreSQL's protocol after the handshake ("Message Formats" of its documentation), version 3.0.

/// StartupMessage for an account that nobody has: its rules are looked at before it is.
pub(super) fn start() -> Vec<u8> {
    const WORDS: &[u8] = b"\0\x03\0\0user\0pki-diagnose\0database\0postgres\0\0";
    // The length counts itself, and is far below 2^32.
    let length = WORDS.len() as u32 + 4;
    [&length.to_be_bytes(), WORDS].concat()
}

/// The text of an ErrorResponse.
pub(super) fn error(answer: &[u8]) -> Option<String> {
    let fields = answer.strip_prefix(b"E")?.get(4..)?;
    let text = fields.split(|octet| *octet == 0).find_map(|field| field.strip_prefix(b"M"))?;
    Some(String::from_utf8_lossy(text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::{error, start};

    #[test]
    fn an_error_is_read_and_the_start_tells_its_own_length() {
        let words = start();
        assert_eq!(u32::from_be_bytes([words[0], words[1], words[2], words[3]]) as usize, words.len());
        let answer = b"E\0\0\0\x30SFATAL\0VFATAL\0C28000\0Mno entry\0Fauth.c\0\0";
        assert_eq!(error(answer).as_deref(), Some("no entry"));
        for other in [&b""[..], b"E", b"E\0\0\0\x04", b"R\0\0\0\x08\0\0\0\0"] {
            assert_eq!(error(other), None);
        }
    }
}
