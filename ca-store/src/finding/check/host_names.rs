//! Names of hosts (RFC 9525 section 6.3): what the certificate covers, what was asked for, and the narrowest reason where
//! the two do not meet.

use std::net::IpAddr;

use crate::explain::{Case, PeerName, Purpose, dns_covers, wildcard_of};
use crate::facts::{Certificate, escape};
use crate::finding::fix::{ask_for, leaf_covers, reissue_for};
use crate::finding::{Code, Finding, Severity};

fn is_server(case: &Case<'_>) -> bool {
    case.question.purpose == Purpose::Server
}

/// RFC 9525 section 6.3 looks at the SAN alone; the common name has been out of use since RFC 6125.
pub(super) fn no_san(case: &Case<'_>) -> Vec<Finding> {
    let leaf = &case.path.leaf().certificate;
    if leaf.subject_alt_names().is_some()
        || (!is_server(case) && case.question.names.is_empty())
        || asked_ip_in_common_name(case)
    {
        return Vec::new();
    }
    let common_name = leaf.subject.common_name().map(escape);
    let covers = asked_is_common_name(case, leaf);
    let message = match &common_name {
        Some(name) if covers == "no" => {
            format!("no subjectAltName, and the common name `{name}` is not the host that was asked for either")
        }
        Some(name) => format!(
            "no subjectAltName: the host name stands in the common name `{name}` only, where current clients do not look"
        ),
        None => "no subjectAltName: the certificate is for no host at all".to_owned(),
    };
    vec![
        Finding::new(Code::NoSan, message)
            .about(0)
            .shown_by("common_name", common_name.unwrap_or_default())
            .shown_by("subject_alt_names", Vec::<String>::new())
            .shown_by("common_name_covers", covers)
            .reissued(case),
    ]
}

/// Whether those who still read a common name as a host name would find the host there; `unknown` where none is asked for.
pub(super) fn asked_is_common_name(case: &Case<'_>, leaf: &Certificate) -> &'static str {
    let common_names: Vec<&str> = leaf.subject.common_names().collect();
    let in_any = |name: &PeerName| matches!(name, PeerName::Dns(host) if common_names.iter().any(|common_name| dns_covers(common_name, host)));
    let in_last = |name: &PeerName| matches!(name, PeerName::Dns(host) if common_names.last().is_some_and(|last| dns_covers(last, host)));
    match &case.question.names[..] {
        [] => "unknown",
        names if names.iter().all(in_last) && common_names.len() == 1 => "yes",
        names if names.iter().all(in_last) => "the last of several",
        names if names.iter().all(in_any) => "one of several",
        _ => "no",
    }
}

fn asked_ip_in_common_name(case: &Case<'_>) -> bool {
    let common_name = case.path.leaf().certificate.subject.common_name();
    case.question
        .names
        .iter()
        .any(|name| matches!(name, PeerName::Ip(address) if common_name == Some(&address.to_string())))
}

/// Whether the SAN covers each name asked for (RFC 9525 section 6.3), and if not, the narrowest reason.
pub(super) fn host(case: &Case<'_>) -> Vec<Finding> {
    let leaf = &case.path.leaf().certificate;
    case.question
        .names
        .iter()
        .filter_map(|name| {
            match name {
                PeerName::Ip(address) => address_covered(leaf, *address),
                PeerName::Dns(host) => host_covered(leaf, host),
                PeerName::Email(mailbox) => mailbox_covered(leaf, mailbox),
            }
            .map(|finding| describe(finding, case, name))
            .map(|finding| mended_by_asking(finding, case, name))
        })
        .collect()
}

fn describe(finding: Finding, case: &Case<'_>, asked: &PeerName) -> Finding {
    let leaf = &case.path.leaf().certificate;
    finding
        .about(0)
        .shown_by("asked_for", asked.to_string())
        .shown_by("subject_alt_names", listed(leaf))
        .shown_by("dns_names", if leaf.dns_names().next().is_some() { "some" } else { "none" })
        .shown_by("common_name", leaf.subject.common_name().map(escape).unwrap_or_default())
        .reissued(case)
}

/// What is wrong with the question is mended in the question.
fn mended_by_asking(finding: Finding, case: &Case<'_>, asked: &PeerName) -> Finding {
    let name = asked.to_string();
    match finding.code {
        Code::HostTrailingDot => {
            let again = ask_for(case, asked, name.trim_end_matches('.'));
            finding.mended_by(format!("# ask without the dot:\n{again}"))
        }
        Code::HostUnderscore => {
            let renamed = vec![name.replace('_', "-")];
            let issue = reissue_for(&renamed, case.question, &case.evidence.situation);
            finding
                .mended_by(format!("# give the host a name without an underscore, and a certificate for it:\n{issue}"))
        }
        _ => finding,
    }
}

/// The most names that evidence lists; a certificate of a hundred thousand is shown by its first ones.
const MAX_LISTED: usize = 100;

fn listed(leaf: &Certificate) -> Vec<String> {
    let names = leaf.subject_alt_names().unwrap_or_default();
    let more = names.len().checked_sub(MAX_LISTED).filter(|more| *more > 0).map(|more| format!("and {more} more"));
    names.iter().take(MAX_LISTED).map(ToString::to_string).chain(more).collect()
}

fn address_covered(leaf: &Certificate, address: IpAddr) -> Option<Finding> {
    if leaf.ip_addresses().any(|known| known == address) {
        return None;
    }
    let same = |text: &str| text.trim().trim_matches(['[', ']']).parse() == Ok(address);
    if leaf.dns_names().any(same) {
        let message = format!(
            "the address {address} stands in the SAN as a DNS name: expected an IP entry (RFC 5280 section 4.2.1.6)"
        );
        let fallback = if leaf.subject.common_name().is_some_and(same) { "common name" } else { "none" };
        return Some(Finding::new(Code::IpAsDnsName, message).shown_by("fallback", fallback));
    }
    if leaf.subject.common_name().is_some_and(same) {
        let message = format!("the address {address} stands in the common name only: expected an IP entry in the SAN");
        let named = leaf.dns_names().next().is_some() || leaf.ip_addresses().next().is_some();
        let beside = if named { "a SAN" } else { "no SAN with a name" };
        return Some(Finding::new(Code::IpInCommonName, message).shown_by("beside", beside));
    }
    // Without any SAN that is the reason.
    leaf.subject_alt_names()?;
    let message = format!("asked for by the address {address}, and the SAN has {}", has(leaf));
    let entries = if leaf.ip_addresses().next().is_some() { "others" } else { "none" };
    let finding = Finding::new(Code::IpNotCovered, message).shown_by("ip_entries", entries);
    // RFC 4291 section 2.5.5.2: some programs take it for the address in it.
    let is_mapped = |known: IpAddr| known != address && known.to_canonical() == address.to_canonical();
    Some(if leaf.ip_addresses().any(is_mapped) { finding.shown_by("mapped", "yes") } else { finding })
}

fn host_covered(leaf: &Certificate, asked: &str) -> Option<Finding> {
    let host = asked.strip_suffix('.').unwrap_or(asked);
    if leaf_covers(leaf, host) {
        return tolerated(leaf, asked);
    }
    // Without any SAN that is the reason.
    leaf.subject_alt_names()?;
    let (code, fault, why) = leaf
        .dns_names()
        .find_map(|entry| nearly(entry, host))
        .or_else(|| leaf.uris().find_map(|uri| within_uri(uri, host)))
        .or_else(|| no_name(leaf))
        .unwrap_or_else(|| (Code::NameMismatch, "", format!("the SAN has {}", has(leaf))));
    let finding = Finding::new(code, format!("asked for `{}`: {why}", escape(asked)));
    let finding = if fault.is_empty() { finding } else { finding.shown_by("fault", fault) };
    let finding = finding.shown_by("asked_with", if asked == host { "no dot" } else { "a trailing dot" });
    Some(finding.shown_by("fallback", fallback(leaf, host)))
}

/// RFC 6125 section 6.4.4 let a client look at the common name where the SAN has no DNS name, and some still do.
fn fallback(leaf: &Certificate, host: &str) -> &'static str {
    let covers = leaf.subject.common_name().is_some_and(|name| dns_covers(name, host));
    match (covers && leaf.dns_names().next().is_none(), leaf.ip_addresses().next(), leaf.uris().next()) {
        (true, Some(_), _) => "common name, beside an address",
        (true, None, Some(_)) => "common name",
        (true, None, None) => "common name, beside a mailbox",
        (false, ..) => "none",
    }
}

/// Where no DNS name is one (RFC 5280 section 4.2.1.6: the preferred name syntax), the first that is none: it was meant for some host,
/// and matches nothing.
fn no_name(leaf: &Certificate) -> Option<(Code, &'static str, String)> {
    let mut entries = leaf.dns_names().peekable();
    let first = *entries.peek()?;
    entries.all(|entry| !could_be_name(entry)).then(|| {
        let why = format!("the SAN entry `{}` is no name of a host, and can match nothing", escape(first));
        (Code::SanMalformed, "no name", why)
    })
}

/// Labels of letters, digits, hyphens and underscores, or wildcards, which are told on their own; a leading dot was once read as one.
fn could_be_name(entry: &str) -> bool {
    let letters = |label: &str| label.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '*'));
    let entry = entry.strip_prefix('.').unwrap_or(entry);
    entry.split('.').all(|label| !label.is_empty() && letters(label))
}

/// A URI whose host is the one asked for: the name that was meant is in it, and in the wrong kind of entry.
fn within_uri(uri: &str, host: &str) -> Option<(Code, &'static str, String)> {
    dns_covers(&cleaned(uri), host).then(|| {
        let why = format!("the SAN has the URI `{}`: expected the DNS name `{}`", escape(uri), escape(host));
        (Code::SanMalformed, "URI entry", why)
    })
}

/// The name is covered, and still some clients refuse how it was asked for (RFC 1123 section 2.1; RFC 6066 section 3).
fn tolerated(leaf: &Certificate, asked: &str) -> Option<Finding> {
    if asked.ends_with('.') {
        let message = format!(
            "asked for `{}` with a trailing dot, which some clients compare as it stands: leave the dot away",
            escape(asked)
        );
        return Some(Finding::new(Code::HostTrailingDot, message));
    }
    let message = || {
        format!(
            "`{}` has an underscore, which is no letter of a host name (RFC 952): some clients refuse to ask for it",
            escape(asked)
        )
    };
    let covered =
        if leaf.dns_names().any(|name| name.eq_ignore_ascii_case(asked)) { "its own name" } else { "a wildcard" };
    asked.contains('_').then(|| Finding::new(Code::HostUnderscore, message()).shown_by("covered_by", covered))
}

/// A SAN entry that was meant to cover the host, in short what is wrong with it, and why it does not.
fn nearly(entry: &str, host: &str) -> Option<(Code, &'static str, String)> {
    let shown = escape(entry);
    if let Some(suffix) = wildcard_of(entry).filter(|suffix| !suffix.ends_with('.')) {
        let deeper = host.to_ascii_lowercase().ends_with(&format!(".{}", suffix.to_ascii_lowercase()));
        let bare = host.eq_ignore_ascii_case(suffix);
        let why = format!(
            "`{shown}` stands for exactly one label, so it covers {}",
            if bare { "not the domain itself" } else { "no name two labels down" }
        );
        return (deeper || bare).then_some((Code::WildcardScope, "", why));
    }
    if entry.contains('*') && wildcard_of(entry).is_none() {
        return globs(&entry.to_ascii_lowercase(), &host.to_ascii_lowercase())
            .then(|| (Code::WildcardMalformed, wildcard_fault(entry, host), format!("`{shown}` has its wildcard elsewhere than as the whole leftmost label, where clients do not read it as one")));
    }
    if let Some(one) = entry.split([',', ' ', ';']).find(|one| *one != entry && dns_covers(one, host)) {
        let several = entry.trim() != one;
        let why =
            format!("the SAN entry `{shown}` is one name to every client: expected `{one}` as an entry of its own");
        if several {
            return Some((Code::SanMalformed, "several names", why));
        }
    }
    let meant = cleaned(entry);
    (meant != entry && (dns_covers(&meant, host))).then(|| {
        (
            Code::SanMalformed,
            entry_fault(entry),
            format!("the SAN entry `{shown}` can match nothing: expected the bare name `{meant}`"),
        )
    })
}

fn wildcard_fault(entry: &str, host: &str) -> &'static str {
    match entry.split_once('.') {
        Some((_, rest)) if rest.rsplit('.').next().is_some_and(|last| last.contains('*')) => "in the last label",
        Some((first, rest)) if rest.contains('*') || first == "*" => "elsewhere",
        None if host.contains('.') => "alone, for a host of several labels",
        None => "alone",
        // What covers the host as a pattern of letters, and as one of labels for nobody.
        Some(parts) if !fits_by_labels(parts, host) => "across labels",
        Some((first, _)) if first.to_ascii_lowercase().starts_with("xn--") => "in an A-label",
        // Those who read partial wildcards want the one asterisk at an end of the label; Java alone reads several.
        Some((first, _)) if first.matches('*').count() > 1 => "several in a label",
        Some((first, _)) if first.ends_with('*') => "the beginning of a label",
        Some((first, _)) if first.starts_with('*') => "the end of a label",
        Some(_) => "inside a label",
    }
}

/// Whether the first label's letters fit the host's first label, and the others are the host's.
fn fits_by_labels((first, rest): (&str, &str), host: &str) -> bool {
    host.split_once('.').is_some_and(|(label, others)| {
        globs(&first.to_ascii_lowercase(), &label.to_ascii_lowercase()) && rest.eq_ignore_ascii_case(others)
    })
}

fn entry_fault(entry: &str) -> &'static str {
    match entry {
        _ if entry.contains(char::is_control) => "control character",
        _ if entry.trim() != entry => "space",
        _ if entry.contains("://") => "URL",
        _ if !entry.is_ascii() => "raw Unicode",
        _ if entry.ends_with('.') => "trailing dot",
        _ if entry.contains(':') => "port",
        _ => "no name",
    }
}

/// What the entry would be without its port, scheme, user, quotes, spaces, needless dots and raw Unicode, without the kind that a
/// settings file has in front of a name (`DNS:`), and up to a control character (a NUL was once read as the end of the name).
fn cleaned(entry: &str) -> String {
    let entry = entry.trim().split(char::is_control).next().unwrap_or(entry);
    let entry: String = entry.chars().filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'' | '`')).collect();
    let bare = entry.split_once("://").map_or(&*entry, |(_, rest)| rest);
    let kinds = ["DNS:", "DNS=", "DNS.1=", "CN="];
    let kind =
        kinds.into_iter().find(|kind| bare.get(..kind.len()).is_some_and(|start| start.eq_ignore_ascii_case(kind)));
    let bare = kind.map_or(bare, |kind| &bare[kind.len()..]);
    let bare = bare.split(['/', ':', '?']).next().unwrap_or(bare);
    let bare = bare.rsplit_once('@').map_or(bare, |(_, host)| host).trim_matches('.').replace("..", ".");
    if bare.is_ascii() {
        return bare;
    }
    idna::domain_to_ascii(&bare).unwrap_or(bare)
}

/// Whether the pattern fits with each `*` standing for any run of characters.
fn globs(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

fn has(leaf: &Certificate) -> String {
    match &listed(leaf)[..] {
        [] => "no entry".to_owned(),
        few @ ([_] | [_, _] | [_, _, _]) => format!("only {}", few.join(", ")),
        many => {
            let all = leaf.subject_alt_names().map_or(many.len(), <[_]>::len);
            format!("{}, {} and {} more", many[0], many[1], all - 2)
        }
    }
}

/// RFC 5280 section 4.2.1.6: the host of a mailbox is compared without letter case, the rest as it stands.
fn mailbox_covered(leaf: &Certificate, mailbox: &str) -> Option<Finding> {
    let same = |known: &str| match (known.rsplit_once('@'), mailbox.rsplit_once('@')) {
        (Some((a, host_a)), Some((b, host_b))) => a == b && host_a.eq_ignore_ascii_case(host_b),
        _ => false,
    };
    if leaf.email_addresses().any(same) {
        return None;
    }
    leaf.subject_alt_names()?;
    Some(Finding::new(
        Code::NameMismatch,
        format!("asked for the mailbox `{}`, and the SAN has {}", escape(mailbox), has(leaf)),
    ))
}

/// A wildcard over a whole public suffix (CA/Browser Forum Baseline Requirements section 3.2.2.6).
pub(super) fn wildcard_too_broad(case: &Case<'_>) -> Vec<Finding> {
    let leaf = &case.path.leaf().certificate;
    let broad = leaf.dns_names().filter(|name| wildcard_of(name).is_some_and(is_public_suffix));
    broad
        .map(|name| {
            let message = format!(
                "`{}` stands for every site below a public suffix: expected at least one label of your own before it",
                escape(name)
            );
            let finding = Finding::new(Code::WildcardTooBroad, message)
                .about(0)
                .shown_by("subject_alt_names", listed(leaf))
                .shown_by("suffix", suffix_kind(name))
                .shown_by("needed", if is_needed(case, leaf) { "yes" } else { "no" })
                .reissued(case);
            // OpenSSL, GnuTLS, NSS and webpki let no wildcard stand right below a top-level name.
            let nobody = suffix_kind(name) == "top-level name" && is_needed(case, leaf);
            if nobody { finding.graded(Severity::Error) } else { finding }
        })
        .collect()
}

/// Whether a name that was asked for is covered by such a wildcard alone.
fn is_needed(case: &Case<'_>, leaf: &Certificate) -> bool {
    let broad = |name: &str| wildcard_of(name).is_some_and(is_public_suffix);
    case.question.names.iter().any(|asked| match asked {
        PeerName::Dns(host) => {
            let mut covering = leaf.dns_names().filter(|name| dns_covers(name, host)).peekable();
            covering.peek().is_some() && covering.all(broad)
        }
        PeerName::Ip(_) | PeerName::Email(_) => false,
    })
}

/// Of the list of public suffixes Chromium heeds what registries made, not what companies added for their customers.
fn suffix_kind(name: &str) -> &'static str {
    let suffix = wildcard_of(name).unwrap_or(name).to_ascii_lowercase();
    let private = psl::suffix(suffix.as_bytes()).is_some_and(|it| it.typ() == Some(psl::Type::Private));
    match name.matches('.').count() {
        1 => "top-level name",
        _ if private => "public suffix of a company",
        _ => "public suffix",
    }
}

pub(crate) fn is_public_suffix(name: &str) -> bool {
    !name.contains('.')
        || psl::suffix(name.to_ascii_lowercase().as_bytes())
            .is_some_and(|suffix| suffix.is_known() && suffix.as_bytes().len() == name.len())
}

#[cfg(test)]
mod tests {
    use super::{Code, could_be_name, globs, nearly, suffix_kind, wildcard_fault};

    #[test]
    fn an_entry_that_nearly_covers_the_host_is_told_from_one_that_does_not() {
        for (entry, host, code) in [
            ("*.example.test", "a.b.example.test", Some(Code::WildcardScope)),
            ("*.example.test", "example.test", Some(Code::WildcardScope)),
            ("*.other.test", "example.test", None),
            ("a*.example.test", "app.example.test", Some(Code::WildcardMalformed)),
            ("*.*.example.test", "a.b.example.test", Some(Code::WildcardMalformed)),
            ("app.example.test.", "app.example.test", Some(Code::SanMalformed)),
            (" app.example.test", "app.example.test", Some(Code::SanMalformed)),
            ("https://app.example.test/", "app.example.test", Some(Code::SanMalformed)),
            ("app.example.test:8443", "app.example.test", Some(Code::SanMalformed)),
            ("b\u{fc}cher.example.test", "xn--bcher-kva.example.test", Some(Code::SanMalformed)),
            ("*.example.test.", "app.example.test", Some(Code::SanMalformed)),
            ("app.example.test\0.other.test", "app.example.test", Some(Code::SanMalformed)),
            ("app .example.test", "app.example.test", Some(Code::SanMalformed)),
            ("DNS:app.example.test", "app.example.test", Some(Code::SanMalformed)),
            ("\"app.example.test\"", "app.example.test", Some(Code::SanMalformed)),
            ("app..example.test", "app.example.test", Some(Code::SanMalformed)),
            ("admin@app.example.test", "app.example.test", Some(Code::SanMalformed)),
            ("other.example.test", "app.example.test", None),
        ] {
            assert_eq!(nearly(entry, host).map(|(code, ..)| code), code, "{entry} for {host}");
        }
        for (entry, host, fault) in [
            ("a*.example.test", "app.example.test", "the beginning of a label"),
            ("*example.test", "app.example.test", "across labels"),
            ("xn--*.example.test", "xn--bcher-kva.example.test", "in an A-label"),
            ("app.*.test", "app.example.test", "elsewhere"),
            ("app.example.*", "app.example.test", "in the last label"),
            ("**.example.test", "app.example.test", "several in a label"),
        ] {
            assert_eq!(wildcard_fault(entry, host), fault, "{entry} for {host}");
        }
        for (entry, could) in [
            ("*.example.test", true),
            ("my_app", true),
            (".example.test", true),
            ("", false),
            ("a..b", false),
            ("a b", false),
        ] {
            assert_eq!(could_be_name(entry), could, "{entry}");
        }
        for (name, kind) in
            [("*.test", "top-level name"), ("*.co.uk", "public suffix"), ("*.github.io", "public suffix of a company")]
        {
            assert_eq!(suffix_kind(name), kind, "{name}");
        }
        assert!(globs("a*c", "abbc") && !globs("a*c", "abbd") && globs("abc", "abc"));
    }
}
