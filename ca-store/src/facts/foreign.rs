//! What a file is that holds neither PEM nor DER, as far as its first octets tell.

use super::block::{Block, BlockKind};
use super::{base64, escape};
use zeroize::Zeroizing;

/// Octets that are shown of a file of which nothing is known: enough to recognise it by.
const SHOWN: usize = 40;

/// The same, where they are no text.
const SHOWN_OCTETS: usize = 8;

/// How the files of other programs begin.
const BEGINNINGS: &[(&[u8], &str)] = &[
    (b"\x1f\x8b", "gzip data"),
    (b"PK\x03\x04", "a zip archive"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ", "xz data"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3", "an SQLite database"),
    (b"%PDF", "a PDF document"),
    (b"-----BEGIN PGP", "an OpenPGP block"),
    (b"-----BEGIN AGE", "a file encrypted with age"),
    (b"age-encryption.org", "a file encrypted with age"),
    (b"PuTTY-User-Key-File", "a key of PuTTY's"),
];

/// How a web page begins, in small letters.
const PAGES: &[&str] = &["<!doctype html", "<html", "<?xml"];

/// How the lines of OpenSSH's public keys begin (RFC 4253 section 6.6, RFC 8709).
const SSH: &[&str] = &["ssh-rsa ", "ssh-ed25519 ", "ssh-dss ", "ecdsa-sha2-", "sk-ssh-ed25519", "sk-ecdsa-sha2-"];

/// What the file is, in words.
pub(super) fn name(bytes: &[u8]) -> String {
    if let Some((_, name)) = BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning)) {
        return (*name).to_owned();
    }
    if bytes.iter().all(|octet| *octet == 0) {
        return "zeros alone, as a full disk or a lost write leaves them".to_owned();
    }
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN)]);
    let lower = start.trim_start().to_ascii_lowercase();
    if PAGES.iter().any(|page| lower.starts_with(page)) {
        return "a web page or XML".to_owned();
    }
    if !is_text(&bytes[..bytes.len().min(SHOWN)]) {
        let octets: Vec<String> = bytes.iter().take(SHOWN_OCTETS).map(|octet| format!("{octet:02x}")).collect();
        return format!("octets that begin with {}", octets.join(" "));
    }
    let line = start.trim().lines().next().unwrap_or_default();
    format!("text that begins with `{}`", escape(line.trim_end_matches(['\u{fffd}', ' '])))
}

/// Whether these octets, which may end within a character, are text.
fn is_text(start: &[u8]) -> bool {
    let whole = match std::str::from_utf8(start) {
        Ok(text) => text,
        Err(error) if error.error_len().is_some() => return false,
        Err(error) => std::str::from_utf8(&start[..error.valid_up_to()]).unwrap_or_default(),
    };
    whole.chars().all(|c| !c.is_control() || c.is_ascii_whitespace())
}

/// A public key of OpenSSH's, which is one line of text.
pub(super) fn ssh_public_key(text: &str) -> Option<Block> {
    let line = text.trim_start();
    let kind = SSH.iter().any(|start| line.starts_with(start)).then_some(BlockKind::OpenSshKey)?;
    let label = escape(line.split_whitespace().next().unwrap_or_default());
    Some(Block { label, kind, der: Zeroizing::new(Vec::new()), line: 1, cipher: None, has_settings: false })
}

/// The DER structure whose base64 the text is, with neither BEGIN nor END.
pub(super) fn bare_base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let body: Zeroizing<String> = Zeroizing::new(text.split_whitespace().collect());
    let der = body.starts_with('M').then(|| base64::decode(&body)).flatten()?;
    (super::der::announced_length(&der) == Some(der.len())).then_some(der)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_named_and_the_rest_is_shown() {
        for (bytes, expected) in [
            (&b"\x1f\x8b\x08\x00"[..], "gzip data"),
            (b"  <HTML><body>404", "a web page or XML"),
            (b"\0\0\0\0\0", "zeros alone, as a full disk or a lost write leaves them"),
            (b"not found\n", "text that begins with `not found`"),
            (b"one\r\ntwo\r\n", "text that begins with `one`"),
            (b"\x01\x00\x1b[2J", "octets that begin with 01 00 1b 5b 32 4a"),
            (b"\xe3\x81\x7f and so on", "octets that begin with e3 81 7f 20 61 6e 64 20"),
            (
                "0123456789012345678901234567890123456789é".as_bytes(),
                "text that begins with `0123456789012345678901234567890123456789`",
            ),
            (
                "012345678901234567890123456789012345678é".as_bytes(),
                "text that begins with `012345678901234567890123456789012345678`",
            ),
        ] {
            assert_eq!(name(bytes), expected);
        }
    }

    #[test]
    fn lost_boundaries_are_told_from_any_text() {
        assert!(bare_base64("MAMC\nAQE=\n").is_some());
        for text in ["", "hello", "MAMCAQ", "Maybe"] {
            assert!(bare_base64(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_public_key_of_openssh_is_one() {
        assert_eq!(
            ssh_public_key("ssh-ed25519 AAAA me@host\n").map(|block| block.label).as_deref(),
            Some("ssh-ed25519")
        );
        assert!(ssh_public_key("sshd").is_none());
    }
}
