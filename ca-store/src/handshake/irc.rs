//! What an IRC server says to whom it will not have, after a handshake that was in order.

use crate::facts::escape;

/// The most that is kept of it: a line (RFC 2812 section 2.3).
pub(super) const MAX_ERROR: usize = 512;

/// Words by which servers tell who may not come in: our own, and those of other servers for bans of accounts and hosts.
const WORDS: [&str; 8] = [
    "access-denied",
    "access denied",
    "not authorized",
    "unauthorized",
    "banned",
    "-lined",
    "not welcome",
    "not allowed",
];

/// The reason of an ERROR (RFC 2812 section 3.7.4) that says so.
pub(super) fn turned_away(said: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(said);
    let line = text.lines().find_map(|line| line.strip_prefix("ERROR "))?;
    let reason = line.strip_prefix(':').unwrap_or(line).trim_end();
    let folded = reason.to_ascii_lowercase();
    WORDS.iter().any(|word| folded.contains(word)).then(|| escape(reason))
}

#[cfg(test)]
mod tests {
    use super::turned_away;

    #[test]
    fn a_ban_is_told_from_a_farewell() {
        for (said, reason) in [
            (&b"ERROR :Closing Link: ::1 (access-denied: alice is denied)\r\n"[..], true),
            (b":irc.test NOTICE * :*** Looking up\r\nERROR :Closing Link: host (K-Lined)\r\n", true),
            (b"ERROR :Closing Link: host (You are not authorized to use this server)\r\n", true),
            (b"ERROR :Closing Link: ::1 (Connection closed)\r\n", false),
            (b"HTTP/1.1 403 access denied\r\n", false),
            (b"", false),
        ] {
            assert_eq!(turned_away(said).is_some(), reason, "{said:?}");
        }
    }
}
