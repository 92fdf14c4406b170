//! Names, parsed once at the edge: DNS names in their A-label form, e-mail addresses, common names.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

pub use crate::ca_name::{CaName, CaNameFault};
pub use crate::name_fault::NameFault;

/// Octets of a DNS name in text form, without a trailing dot (RFC 1035, 2.3.4: 255 on the wire).
pub const MAX_DNS_NAME: usize = 253;
/// Octets of a label (RFC 1035, 2.3.4).
pub const MAX_LABEL: usize = 63;
/// Characters of a common name (RFC 5280, appendix A.1, ub-common-name).
pub const MAX_COMMON_NAME: usize = 64;
/// Octets of an e-mail address (RFC 5321, 4.5.3.1.3, less the angle brackets).
pub const MAX_EMAIL: usize = 254;

/// A DNS name as a certificate holds it: lower-case letters, digits and hyphens, A-labels for others, no trailing dot;
/// perhaps with `*` as its whole leftmost label.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DnsName(String);

impl DnsName {
    /// Parses a name that stands for one host or, with `*.` before it, for all hosts right below a domain.
    ///
    /// # Errors
    /// The first of the faults in [`NameFault`] that the name has.
    pub fn parse(text: &str) -> Result<DnsName, NameFault> {
        refuse_what_is_no_host(text)?;
        if !text.contains('*') {
            return Self::parse_host(text);
        }
        let Some(base) = text.strip_prefix("*.").filter(|base| !base.contains('*')) else {
            return Err(NameFault::WildcardPartial);
        };
        if base.parse::<IpAddr>().is_ok() {
            return Err(NameFault::WildcardAddress);
        }
        let base = Self::parse_host(base)?;
        if is_public_suffix(&base.0) {
            return Err(NameFault::WildcardTooBroad { suffix: base.0 });
        }
        fits(format!("*.{}", base.0))
    }

    /// Parses a name without a wildcard.
    ///
    /// # Errors
    /// As [`DnsName::parse`], and for a wildcard.
    pub fn parse_host(text: &str) -> Result<DnsName, NameFault> {
        refuse_what_is_no_host(text)?;
        let ascii = to_ascii(text)?;
        if let Some(label) = ascii.split('.').find(|label| label.len() > MAX_LABEL) {
            return Err(NameFault::LabelTooLong { label: label.to_owned() });
        }
        if let Some(label) = ascii.split('.').find(|label| !is_ldh(label)) {
            return Err(NameFault::LabelMalformed { label: label.to_owned() });
        }
        if ascii.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit())) {
            return Err(NameFault::AddressMalformed);
        }
        fits(ascii.to_ascii_lowercase())
    }

    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether its leftmost label is `*`.
    pub fn is_wildcard(&self) -> bool {
        self.0.starts_with("*.")
    }

    /// Whether it is `suffix` or lies below it (RFC 5280, 4.2.1.10). A wildcard lies where all that it stands for does.
    pub fn is_within(&self, suffix: &DnsName) -> bool {
        match self.0.strip_prefix("*.") {
            Some(base) => is_within(base, &suffix.0),
            None => is_within(&self.0, &suffix.0),
        }
    }
}

impl fmt::Display for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_within(name: &str, suffix: &str) -> bool {
    name.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// What people type where a host name belongs, told apart so that the answer can be to the point.
fn refuse_what_is_no_host(text: &str) -> Result<(), NameFault> {
    if text.is_empty() {
        return Err(NameFault::Empty);
    }
    if text.contains("://") {
        return Err(NameFault::Url);
    }
    if text.contains('/') {
        return Err(NameFault::Slash);
    }
    if text.contains('@') {
        return Err(NameFault::Email);
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(NameFault::Blank);
    }
    if text.contains(':') || text.contains('[') {
        return Err(address_with_more(text));
    }
    if text.contains('_') {
        return Err(NameFault::Underscore);
    }
    if text == "." || text.starts_with('.') || text.contains("..") {
        return Err(NameFault::EmptyLabel);
    }
    if text.ends_with('.') {
        return Err(NameFault::TrailingDot);
    }
    Ok(())
}

/// A colon or a bracket in what is no IP address: a port, brackets, or a zone.
fn address_with_more(text: &str) -> NameFault {
    let inner = text.trim_start_matches('[').split(']').next().unwrap_or_default();
    if text.starts_with('[') && inner.parse::<IpAddr>().is_ok() {
        return if text.ends_with(']') { NameFault::Brackets } else { NameFault::Port };
    }
    match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') && port.bytes().all(|b| b.is_ascii_digit()) => NameFault::Port,
        _ => NameFault::AddressMalformed,
    }
}

/// Plain ASCII stays as it is; all else, and what claims to be an A-label, goes through UTS 46.
fn to_ascii(text: &str) -> Result<Cow<'_, str>, NameFault> {
    let has_a_label = || text.split('.').any(|label| label.len() > 3 && label[..4].eq_ignore_ascii_case("xn--"));
    if text.is_ascii() && !has_a_label() {
        return Ok(Cow::Borrowed(text));
    }
    Uts46::new()
        .to_ascii(text.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify)
        .map_err(|_| NameFault::NotInternational)
}

/// Letters, digits, hyphens, and no hyphen at either end (RFC 1123, 2.1).
fn is_ldh(label: &str) -> bool {
    !label.starts_with('-') && !label.ends_with('-') && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn fits(name: String) -> Result<DnsName, NameFault> {
    if name.len() > MAX_DNS_NAME {
        return Err(NameFault::TooLong { most: MAX_DNS_NAME });
    }
    Ok(DnsName(name))
}

/// A public suffix or a top-level name: below it, hosts belong to different owners.
fn is_public_suffix(name: &str) -> bool {
    psl::suffix(name.as_bytes()).is_none_or(|suffix| suffix.as_bytes() == name.as_bytes())
}

/// An e-mail address for an rfc822Name: an ASCII local part, and a host in A-label form (RFC 5280, 4.2.1.6 and 7.5).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Parses `local@host`. The local part is an RFC 5321 dot-string: quoted ones exist, and no program uses them.
    ///
    /// # Errors
    /// [`NameFault::EmailMalformed`] with the part that does not fit, or the fault of its host.
    pub fn parse(text: &str) -> Result<EmailAddress, NameFault> {
        let Some((local, host)) = text.split_once('@') else {
            return Err(NameFault::EmailMalformed { reason: "it has no @" });
        };
        if host.contains('@') {
            return Err(NameFault::EmailMalformed { reason: "it has more than one @" });
        }
        if !local.is_ascii() {
            return Err(NameFault::EmailMalformed { reason: "the part before the @ must be ASCII" });
        }
        let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
        if local.is_empty() || !local.chars().all(atom) {
            return Err(NameFault::EmailMalformed { reason: "the part before the @ is no mailbox name" });
        }
        if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
            return Err(NameFault::EmailMalformed { reason: "a dot stands at an end or twice" });
        }
        let address = format!("{local}@{}", DnsName::parse_host(host)?);
        if address.len() > MAX_EMAIL {
            return Err(NameFault::TooLong { most: MAX_EMAIL });
        }
        Ok(EmailAddress(address))
    }

    /// The address's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A subject's common name: 1 to [`MAX_COMMON_NAME`] characters, none of them a control character, no blanks at its ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
pub struct CommonName(String);

impl CommonName {
    /// Parses a common name.
    ///
    /// # Errors
    /// [`NameFault::Empty`], [`NameFault::TooLong`] or [`NameFault::Blank`].
    pub fn parse(text: &str) -> Result<CommonName, NameFault> {
        if text.is_empty() {
            return Err(NameFault::Empty);
        }
        if text.chars().count() > MAX_COMMON_NAME {
            return Err(NameFault::TooLong { most: MAX_COMMON_NAME });
        }
        if text.chars().any(char::is_control) || text.trim() != text {
            return Err(NameFault::Blank);
        }
        Ok(CommonName(text.to_owned()))
    }

    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether OpenSSL and its kin would take the two for one name: letter case and the number of blanks do not count.
    pub fn is_alike(&self, other: &CommonName) -> bool {
        fold(&self.0) == fold(&other.0)
    }
}

impl fmt::Display for CommonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `text` as names are compared: without regard to letter case, to how an accent is encoded, and to runs of blanks (RFC 5280,
/// 7.1). OpenSSL folds ASCII letters only and file systems fold differently, so this holds more names for alike than any of
/// them, which errs on the safe side.
pub fn fold(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    let compatible: String = text.nfkc().collect();
    // Upper case first: it spells out the sharp s and the ligatures, and knows no final sigma.
    let folded: String = compatible.to_uppercase().to_lowercase().nfkc().collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_file_system_may_take_for_one_fold_to_one() {
        for (a, b) in [
            ("Alice", "aLICE"),
            ("caf\u{e9}", "cafe\u{301}"),
            ("stra\u{df}e", "strasse"),
            ("\u{17f}am", "sam"),
            ("\u{fb01}n", "fin"),
            ("\u{3a3}\u{3b1}\u{3c2}", "\u{3c3}\u{3b1}\u{3c3}"),
            (" a  b ", "a b"),
        ] {
            assert_eq!(fold(a), fold(b), "{a} {b}");
        }
        assert_ne!(fold("a"), fold("b"));
    }

    #[test]
    fn dns_names_in_their_canonical_form() {
        for (typed, parsed) in [
            ("chat.example.test", "chat.example.test"),
            ("Chat.EXAMPLE.test", "chat.example.test"),
            ("localhost", "localhost"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("BÜCHER.example", "xn--bcher-kva.example"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("*.example.test", "*.example.test"),
            ("*.bücher.example", "*.xn--bcher-kva.example"),
            ("r3---sn.example.test", "r3---sn.example.test"),
            ("3com.example", "3com.example"),
        ] {
            assert_eq!(DnsName::parse(typed).map(|name| name.0), Ok(parsed.to_owned()), "{typed}");
        }
    }

    #[test]
    fn names_that_no_client_matches() {
        let long = format!("{}.test", "a".repeat(64));
        let longer = ["abcdefgh"; 30].join(".");
        for (typed, fault) in [
            ("", NameFault::Empty),
            ("https://chat.example.test/", NameFault::Url),
            ("10.0.0.0/8", NameFault::Slash),
            ("alice@example.test", NameFault::Email),
            ("chat.example.test:443", NameFault::Port),
            ("[::1]:443", NameFault::Port),
            ("[::1]", NameFault::Brackets),
            ("fe80::1%eth0", NameFault::AddressMalformed),
            ("chat example", NameFault::Blank),
            ("chat\u{7}.test", NameFault::Blank),
            ("my_host.example.test", NameFault::Underscore),
            ("chat..test", NameFault::EmptyLabel),
            (".example.test", NameFault::EmptyLabel),
            (".", NameFault::EmptyLabel),
            ("chat.example.test.", NameFault::TrailingDot),
            ("10.0.0.256", NameFault::AddressMalformed),
            ("-a.test", NameFault::LabelMalformed { label: "-a".into() }),
            ("a!.test", NameFault::LabelMalformed { label: "a!".into() }),
            (&long, NameFault::LabelTooLong { label: "a".repeat(64) }),
            (&longer, NameFault::TooLong { most: MAX_DNS_NAME }),
            ("xn--a.test", NameFault::NotInternational),
        ] {
            assert_eq!(DnsName::parse(typed), Err(fault), "{typed}");
        }
    }

    #[test]
    fn wildcards_stand_for_one_whole_label() {
        for typed in
            ["w*.example.test", "*w.example.test", "a.*.example.test", "*.*.example.test", "*", "*example.test"]
        {
            assert_eq!(DnsName::parse(typed), Err(NameFault::WildcardPartial), "{typed}");
        }
        for typed in ["*.com", "*.test", "*.co.uk", "*.github.io", "*.localhost"] {
            let suffix = typed[2..].to_owned();
            assert_eq!(DnsName::parse(typed), Err(NameFault::WildcardTooBroad { suffix }), "{typed}");
        }
        assert_eq!(DnsName::parse("*.10.0.0.1"), Err(NameFault::WildcardAddress));
    }

    #[test]
    fn within_a_suffix_by_whole_labels() {
        let suffix = DnsName::parse("example.test").unwrap();
        for (name, within) in [
            ("example.test", true),
            ("a.b.example.test", true),
            ("*.example.test", true),
            ("notexample.test", false),
            ("test", false),
        ] {
            assert_eq!(DnsName::parse(name).unwrap().is_within(&suffix), within, "{name}");
        }
    }

    #[test]
    fn email_addresses() {
        assert_eq!(EmailAddress::parse("Alice.B@EXAMPLE.test").unwrap().as_str(), "Alice.B@example.test");
        assert_eq!(EmailAddress::parse("a@bücher.example").unwrap().as_str(), "a@xn--bcher-kva.example");
        for bad in ["alice", "@example.test", "a@b@c", "ü@example.test", ".a@example.test", "a b@example.test", "a@b_c"]
        {
            assert!(EmailAddress::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn common_names_alike() {
        let name = |text| CommonName::parse(text).unwrap();
        assert!(name("Example Root CA").is_alike(&name("example  ROOT ca")));
        assert!(!name("Example Root CA").is_alike(&name("Example RootCA")));
        assert_eq!(CommonName::parse(&"x".repeat(65)), Err(NameFault::TooLong { most: MAX_COMMON_NAME }));
        assert_eq!(CommonName::parse(" x"), Err(NameFault::Blank));
    }
}
