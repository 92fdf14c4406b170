//! The name that was asked for and the names that the certificate has, where the text tells them. Together they often say
//! more than the message: `valid for *.example.test, not a.b.example.test` is a wildcard's scope and nothing else.

use std::net::IpAddr;

use crate::explain::{dns_covers, wildcard_of};

/// What stands around the name that was asked for. Java, curl, OpenSSL's users, rustls, Go, Node, wget, Firefox.
const ASKED: &[(&str, &str)] = &[
    ("target host name '", "'"),
    ("target hostname '", "'"),
    ("target ipv4 address '", "'"),
    ("target ipv6 address '", "'"),
    ("requested host name '", "'"),
    ("is not valid for '", "'"),
    ("not valid for name '", "'"),
    ("not match hostname '", "'"),
    ("name matching ip address ", " found"),
    ("names matching ip address ", " found"),
    ("dns name matching ", " found"),
    ("no name matching ", " found"),
    ("cannot validate certificate for ", " because"),
    ("host: ", ". is not"),
    ("ip: ", " is not in the cert"),
    ("the certificate of '", "'"),
    ("hostname '", "' doesn't match"),
    (", not ", ""),
];

/// What stands around the certificate's names.
const OFFERED: &[(&str, &str)] = &[
    ("is valid for ", ", not "),
    ("certificate is only valid for ", ""),
    ("only valid for the following names: ", ""),
    ("in the cert's altnames: ", ""),
    ("in the cert's list: ", ""),
    ("doesn't match either of ", ""),
    ("' doesn't match '", "'"),
    ("certificate common name '", "'"),
];

/// What the names of a text tell, as marks for the tables.
pub(super) fn marks(plain: &str, known: Option<&str>) -> Vec<&'static str> {
    let asked = asked(plain).or(known);
    let mut marks = Vec::new();
    if let Some(asked) = asked {
        marks.extend(marks_of_asked(asked));
        if let Some(offered) = between(plain, OFFERED) {
            marks.extend(marks_of_both(asked, &listed(offered)));
        }
    }
    marks
}

/// The name that was asked for, as far as the text tells it.
pub(super) fn asked(plain: &str) -> Option<&str> {
    between(plain, ASKED).filter(|name| is_name(name))
}

/// A text that reads like a host's name or address: what is put into a command must be one.
fn is_name(text: &str) -> bool {
    let sound = |c: char| c.is_alphanumeric() || ".-_:".contains(c);
    !text.is_empty() && text.len() <= 255 && text.chars().all(sound) && !text.starts_with('-')
}

fn between<'a>(text: &'a str, around: &[(&str, &str)]) -> Option<&'a str> {
    around.iter().find_map(|(before, after)| {
        let rest = &text[text.find(before)? + before.len()..];
        let end =
            if after.is_empty() { rest.find([' ', '\'']).filter(|_| *before == ", not ") } else { rest.find(after) };
        match (end, after.is_empty()) {
            (Some(end), _) => Some(&rest[..end]),
            (None, true) => Some(rest),
            (None, false) => None,
        }
    })
}

fn marks_of_asked(asked: &str) -> impl Iterator<Item = &'static str> {
    let is_address = address(asked).is_some();
    let labels = asked.trim_end_matches('.').split('.').count();
    [
        (is_address, "@asked-ip"),
        (asked.ends_with('.'), "@asked-dot"),
        (asked.contains('_'), "@asked-underscore"),
        (asked.split('.').any(|label| label.starts_with("xn--")), "@asked-idn"),
        (!is_address && labels > 3, "@asked-deep"),
        (!is_address && labels == 2, "@asked-bare"),
        (!is_address && labels == 1, "@asked-short"),
    ]
    .into_iter()
    .filter_map(|(holds, mark)| holds.then_some(mark))
}

fn address(name: &str) -> Option<IpAddr> {
    name.trim_matches(['[', ']']).parse().ok()
}

/// `DnsName('a'), IpAddress(…)`, `DNS:a, IP Address:b`, `'a', 'b'`: the names alone.
fn listed(offered: &str) -> Vec<&str> {
    offered.split(", ").flat_map(|part| part.split(" or ")).map(bare).filter(|name| !name.is_empty()).collect()
}

fn bare(part: &str) -> &str {
    const KINDS: [&str; 5] = ["dns:", "ip address:", "dnsname(", "ipaddress(", "the following names: "];
    let part = part.trim_matches(' ');
    let part = KINDS.iter().find_map(|kind| part.strip_prefix(kind)).unwrap_or(part);
    part.trim_end_matches(')').trim_matches('\'')
}

fn marks_of_both(asked: &str, offered: &[&str]) -> Vec<&'static str> {
    let mut marks: Vec<&'static str> = offered.iter().map(|name| mark_of_pair(asked, name)).collect();
    marks.sort_unstable();
    marks.dedup();
    marks
}

/// What one of the certificate's names is to the one asked for.
fn mark_of_pair(asked: &str, name: &str) -> &'static str {
    match name {
        _ if address(asked).is_some() && address(name) == address(asked) => "@offered-ip-as-name",
        _ if dns_covers(name, asked) => "@offered-covers",
        _ if is_malformed(name) => "@offered-malformed",
        _ if is_odd_wildcard(name) => "@offered-odd-wildcard",
        _ if wildcard_misses(asked, name) => "@offered-wildcard-near",
        _ if address(name).is_some() => "@offered-ip",
        _ => "@offered-other",
    }
}

/// Port, URL, space, trailing dot, letters beyond ASCII: no client matches these.
fn is_malformed(name: &str) -> bool {
    let odd = |c: char| !(c.is_ascii_alphanumeric() || "-._*".contains(c));
    address(name).is_none() && (name.is_empty() || name.ends_with('.') || name.starts_with('.') || name.contains(odd))
}

/// A star elsewhere than alone in the first label (RFC 9525, 6.3).
fn is_odd_wildcard(name: &str) -> bool {
    name.contains('*') && wildcard_of(name).is_none_or(|base| base.contains('*'))
}

/// A wildcard of the same domain, one label off: the bare domain or two labels.
fn wildcard_misses(asked: &str, name: &str) -> bool {
    let Some(base) = wildcard_of(name) else { return false };
    let below = asked.strip_suffix(base).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    below && !dns_covers(name, asked)
}

#[cfg(test)]
mod tests {
    use super::{asked, marks};
    use crate::recognise::normalise::plain;

    #[test]
    fn names_tell_what_the_message_does_not() {
        for (text, expected) in [
            (
                "x509: certificate is valid for *.example.test, not a.b.example.test",
                "@asked-deep @offered-wildcard-near",
            ),
            ("x509: certificate is valid for *.example.test, not example.test", "@asked-bare @offered-wildcard-near"),
            ("x509: certificate is valid for a.test., not a.b.test", "@offered-malformed"),
            ("certificate is valid for *.*.example.test, not a.b.example.test", "@asked-deep @offered-odd-wildcard"),
            ("certificate is valid for 10.0.0.1, not 10.0.0.2", "@asked-ip @offered-ip"),
            (
                r#"not valid for name "10.0.0.1"; certificate is only valid for DnsName("10.0.0.1")"#,
                "@asked-ip @offered-ip-as-name",
            ),
            (
                "altnames: Host: app.example.test. is not in the cert's altnames: DNS:a.test, DNS:b c",
                "@offered-malformed @offered-other",
            ),
            ("target host name '192.0.2.7'", "@asked-ip"),
            ("No name matching my_host.example.test found", "@asked-underscore"),
            ("nothing here", ""),
        ] {
            assert_eq!(marks(&plain(text), None).join(" "), expected, "{text}");
        }
        assert_eq!(marks("hostname mismatch", Some("[::1]")), ["@asked-ip"]);
    }

    #[test]
    fn only_what_reads_like_a_name_is_taken_for_one() {
        assert_eq!(asked("no name matching app.example.test found"), Some("app.example.test"));
        assert_eq!(asked("no name matching $(reboot) found"), None);
        assert_eq!(asked("is not valid for '-x'"), None);
    }
}
