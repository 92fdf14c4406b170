//! Whether a name in a certificate covers a name that was asked for (RFC 9525 section 6.3).

/// Whether the DNS name of a certificate covers the host: label by label without letter case, a wildcard only as the
/// whole leftmost label and for exactly one label.
pub fn dns_covers(presented: &str, host: &str) -> bool {
    match wildcard_of(presented) {
        Some(suffix) => {
            host.split_once('.').is_some_and(|(first, rest)| !first.is_empty() && rest.eq_ignore_ascii_case(suffix))
        }
        None => presented.eq_ignore_ascii_case(host),
    }
}

/// The part behind `*.` of a well-formed wildcard name.
pub fn wildcard_of(presented: &str) -> Option<&str> {
    presented.strip_prefix("*.").filter(|suffix| !suffix.contains('*') && !suffix.is_empty())
}

#[cfg(test)]
mod tests {
    use super::dns_covers;

    #[test]
    fn a_wildcard_stands_for_one_whole_leftmost_label() {
        for (presented, host, covers) in [
            ("app.example.test", "APP.example.TEST", true),
            ("*.example.test", "a.example.test", true),
            ("*.example.test", "a.b.example.test", false),
            ("*.example.test", "example.test", false),
            ("*.example.test", ".example.test", false),
            ("a*.example.test", "ab.example.test", false),
            ("*.*.test", "a.b.test", false),
            ("*", "host", false),
        ] {
            assert_eq!(dns_covers(presented, host), covers, "{presented} for {host}");
        }
    }
}
