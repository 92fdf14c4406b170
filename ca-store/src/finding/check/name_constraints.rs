//! Name constraints (RFC 5280 sections 4.2.1.10 and 6.1.3 (b), (c)): every name below a CA must lie within the permitted
//! trees of its kind, and in no excluded one.

mod support;

use std::net::IpAddr;

pub(super) use support::support;

use super::issuing::issuers;
use crate::explain::{Case, Presented};
use crate::facts::{Certificate, GeneralName, Name, NameConstraints, escape};
use crate::finding::{Code, Finding, Severity};

/// The most pairs of name and tree that are compared for one question: webpki and Go stop there too. A CA with a thousand
/// trees above a leaf of two hundred names stays below it; the square of what a certificate can hold does not.
const MAX_COMPARISONS: usize = 250_000;

/// RFC 5280 sections 4.2.1.10 and 6.1.3 (b) and (c): every name of each certificate below against the constraints of each CA above it.
pub(super) fn permitted_names(case: &Case<'_>) -> Vec<Finding> {
    let constrained = || issuers(case).filter_map(|(index, p, anchor)| Some((index, p, anchor, trees(p)?)));
    let comparisons: usize = constrained()
        .map(|(index, _, _, trees)| trees.len() * below(case, index).map(|(_, _, n)| n.len()).sum::<usize>())
        .sum();
    if comparisons > MAX_COMPARISONS {
        return vec![too_many(comparisons)];
    }
    constrained()
        .flat_map(|(index, ca, anchor, _)| {
            let violations = below(case, index).flat_map(move |(at, certificate, names)| {
                names.into_iter().filter_map(move |name| violation(ca, certificate, &name).map(|why| (at, name, why)))
            });
            violations.map(move |(at, name, why)| describe(case, ca, anchor, at, &name, &why)).collect::<Vec<_>>()
        })
        .collect()
}

fn trees(presented: &Presented) -> Option<Vec<&GeneralName>> {
    let constraints = presented.certificate.name_constraints()?;
    Some(constraints.permitted.iter().chain(&constraints.excluded).collect())
}

/// The certificates below the CA at that place, with their names. Self-issued CAs are left out: a roll-over passes through
/// constraints (section 6.1.3 (b)).
fn below<'a>(case: &Case<'a>, index: usize) -> impl Iterator<Item = (usize, &'a Certificate, Vec<GeneralName>)> {
    case.path.certificates().take(index).filter_map(|(at, presented)| {
        let certificate = &presented.certificate;
        (at == 0 || !certificate.is_self_issued()).then(|| (at, certificate, names(certificate)))
    })
}

/// All names that constraints look at: the SAN, the subject, and the mailboxes in the subject where the SAN has none.
fn names(certificate: &Certificate) -> Vec<GeneralName> {
    let mut names = certificate.subject_alt_names().unwrap_or_default().to_vec();
    if !names.iter().any(|name| matches!(name, GeneralName::Email(_))) {
        let mailboxes = certificate.subject.attributes().filter(|a| a.oid == "1.2.840.113549.1.9.1");
        names.extend(mailboxes.map(|a| GeneralName::Email(a.value.clone())));
    }
    if !certificate.subject.is_empty() {
        names.push(GeneralName::Directory(Box::new(certificate.subject.clone())));
    }
    names
}

fn violation(ca: &Presented, _: &Certificate, name: &GeneralName) -> Option<String> {
    let constraints = ca.certificate.name_constraints()?;
    excluded(constraints, name).or_else(|| not_permitted(constraints, name))
}

fn excluded(constraints: &NameConstraints, name: &GeneralName) -> Option<String> {
    let tree = constraints.excluded.iter().find(|tree| touches(name, tree))?;
    Some(format!("it excludes {tree}"))
}

fn not_permitted(constraints: &NameConstraints, name: &GeneralName) -> Option<String> {
    let trees: Vec<&GeneralName> = constraints.permitted.iter().filter(|tree| within(name, tree).is_some()).collect();
    let outside = !trees.is_empty() && !trees.iter().any(|tree| within(name, tree) == Some(true));
    outside.then(|| format!("it permits {}", trees.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")))
}

fn describe(case: &Case<'_>, ca: &Presented, anchor: bool, at: usize, name: &GeneralName, why: &str) -> Finding {
    let listed = |list: &[GeneralName]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    let constraints = ca.certificate.name_constraints().cloned().unwrap_or_default();
    let hostless = matches!(name, GeneralName::Uri(uri) if !uri.contains("://"));
    let finding = Finding::new(
        Code::NameConstraintViolated,
        format!("`{}` may not issue for {name}: {why}", ca.certificate.subject),
    );
    let finding = if hostless { finding.shown_by("host", "none") } else { finding };
    let is_dotted = permits_without_dot(&constraints.permitted, name);
    let finding = if is_dotted { finding.shown_by("permitted_but_for", "a trailing dot") } else { finding };
    finding
        .about(at)
        .shown_by("name", name.to_string())
        .shown_by("kind", kind(name))
        .shown_by("tree", if why.starts_with("it excludes") { "excluded" } else { "not permitted" })
        .shown_by("critical", if is_critical(ca) { "yes" } else { "no" })
        .shown_by("constrained_by", if anchor { "trust anchor" } else { "intermediate" })
        .shown_by("permitted", listed(&constraints.permitted))
        .shown_by("excluded", listed(&constraints.excluded))
        .reissued(case)
}

fn is_critical(ca: &Presented) -> bool {
    ca.certificate.extension("2.5.29.30").is_some_and(|extension| extension.critical)
}

fn too_many(comparisons: usize) -> Finding {
    let message = format!(
        "names and name constraints would take {comparisons} comparisons: expected at most {MAX_COMPARISONS} on a path"
    );
    Finding::new(Code::PathBudgetExceeded, message)
        .shown_by("comparisons", comparisons)
        .shown_by("most", MAX_COMPARISONS)
        .mended_by("# issue the certificate for fewer names, or from a CA with fewer constraints")
}

/// A constraint that is none: it breaks the syntax of its own kind (section 4.2.1.10).
pub(super) fn malformed(case: &Case<'_>) -> Vec<Finding> {
    // A leaf's constrain nothing, and still those who parse them refuse it.
    case.path
        .certificates()
        .flat_map(|(index, presented)| {
            let constraints = presented.certificate.name_constraints();
            let listed = constraints.into_iter().flat_map(|c| c.permitted.iter().chain(&c.excluded));
            let empty = constraints.filter(|c| c.permitted.is_empty() && c.excluded.is_empty());
            let urls = constraints.into_iter().flat_map(urls);
            let bounded = constraints
                .into_iter()
                .flat_map(|c| &c.bounded)
                .map(move |tree| (tree.to_string(), bound(case, index, tree)));
            let faults = listed.filter_map(|tree| Some((tree.to_string(), fault(tree)?))).chain(urls).chain(bounded);
            let nothing = empty.map(|_| ("(nothing)".to_owned(), "neither permits nor excludes anything"));
            faults.chain(nothing).map(move |(tree, why)| {
                let why = match why {
                    MASK if !has_addresses_below(case, index) => MASK_OF_NOTHING,
                    TRAILING_DOT if excludes_without_dot(case, index) => TRAILING_DOT_MEETS,
                    why => why,
                };
                let subject = &presented.certificate.subject;
                Finding::new(Code::ExtensionMalformed, format!("a name constraint of `{subject}`, {tree}: {why}"))
                    .about(index)
                    .graded(severity(case, index, why))
                    .shown_by("part", "a constraint")
                    .shown_by("constraint", tree)
                    .shown_by("fault", why)
                    .reissued(case)
            })
        })
        .collect()
}

/// A leading dot is read alike by every client, if not as RFC 5280 has it. A URL names no host that a URI could have, which refuses every
/// URI that has to lie within; where there is none, Java alone reads it at all.
fn severity(case: &Case<'_>, index: usize, why: &str) -> Severity {
    let uri = || below(case, index).any(|(_, _, names)| names.iter().any(|name| matches!(name, GeneralName::Uri(_))));
    match why {
        LEADING_DOT => Severity::Note,
        PERMITTED_URL if uri() => Severity::Error,
        PERMITTED_URL | EXCLUDED_URL | BOUND_OF_NOTHING | TRAILING_DOT | TRAILING_DOT_MEETS => Severity::Warning,
        _ => Severity::Error,
    }
}

const PERMITTED_URL: &str =
    "expected a host, or a domain with a leading dot, found a whole URL: it permits no URI at all";
const EXCLUDED_URL: &str =
    "expected a host, or a domain with a leading dot, found a whole URL: it excludes no URI at all";
const LEADING_DOT: &str = "a leading dot is for URIs and mailboxes: without it, a DNS name stands for itself and all below it, and with \
                           it, clients leave the domain itself out";

/// RFC 1034 section 3.5, to which section 4.2.1.6 leads: GnuTLS and Chromium take it for the name without, Go and webpki for none.
const TRAILING_DOT: &str = "expected no trailing dot in a DNS name";
const TRAILING_DOT_MEETS: &str = "expected no trailing dot in a DNS name; without it, it excludes a name below";

/// Section 4.2.1.10: where a name of the form that it bounds is below, a verifier processes a minimum or a maximum, or refuses.
const BOUND: &str = "expected neither a minimum nor a maximum (RFC 5280 section 4.2.1.10)";
const BOUND_OF_NOTHING: &str =
    "expected neither a minimum nor a maximum (RFC 5280 section 4.2.1.10); no name below is of its kind";

fn has_addresses_below(case: &Case<'_>, index: usize) -> bool {
    below(case, index).any(|(_, _, names)| names.iter().any(|name| kind(name) == "ip"))
}

/// Whether a name below would be excluded if constraints had no trailing dots.
fn excludes_without_dot(case: &Case<'_>, index: usize) -> bool {
    let constraints = case.path.steps[index].presented.certificate.name_constraints();
    let dotless = |tree: &GeneralName| match tree {
        GeneralName::Dns(text) => text.strip_suffix('.').map(|text| GeneralName::Dns(text.to_owned())),
        _ => None,
    };
    let trees: Vec<GeneralName> = constraints.into_iter().flat_map(|c| &c.excluded).filter_map(dotless).collect();
    below(case, index).any(|(_, _, names)| names.iter().any(|name| trees.iter().any(|tree| touches(name, tree))))
}

/// Whether a tree with a trailing dot would permit the name without it.
fn permits_without_dot(permitted: &[GeneralName], name: &GeneralName) -> bool {
    permitted.iter().any(|tree| match (name, tree) {
        (GeneralName::Dns(name), GeneralName::Dns(tree)) => {
            tree.strip_suffix('.').is_some_and(|tree| below_domain(name, tree))
        }
        _ => false,
    })
}

fn bound(case: &Case<'_>, index: usize, tree: &GeneralName) -> &'static str {
    let is_met = below(case, index).any(|(_, _, names)| names.iter().any(|name| kind(name) == kind(tree)));
    if is_met { BOUND } else { BOUND_OF_NOTHING }
}

/// Constraints on URIs that are URLs.
fn urls(constraints: &NameConstraints) -> impl Iterator<Item = (String, &'static str)> {
    let is_url = |tree: &&GeneralName| matches!(tree, GeneralName::Uri(text) if text.contains([':', '/']));
    let told = move |trees: &Vec<GeneralName>, why| -> Vec<(String, &'static str)> {
        trees.iter().filter(is_url).map(|tree| (tree.to_string(), why)).collect()
    };
    told(&constraints.permitted, PERMITTED_URL).into_iter().chain(told(&constraints.excluded, EXCLUDED_URL))
}

/// RFC 4632 section 3.1. OpenSSL, Java and NSS take the mask by its bits all the same.
const MASK: &str = "a mask whose ones do not all come first";
const MASK_OF_NOTHING: &str = "a mask whose ones do not all come first; no address is below";

fn fault(tree: &GeneralName) -> Option<&'static str> {
    match tree {
        GeneralName::Dns(text) if text.contains('*') => Some("a wildcard is no part of a constraint"),
        GeneralName::Dns(text) if text.ends_with('.') => Some(TRAILING_DOT),
        GeneralName::Dns(text) if text.starts_with('.') => Some(LEADING_DOT),
        GeneralName::Dns(text) if !text.is_ascii() || text.contains([' ', '/', ':', '@']) => Some("no DNS name"),
        GeneralName::Ip(_) => Some("an address without its mask"),
        GeneralName::IpOctets(octets) if !matches!(octets.len(), 8 | 32) => Some("no address with its mask"),
        GeneralName::IpOctets(octets) if !is_block(octets) => Some(MASK),
        GeneralName::Email(text) if text.matches('@').count() > 1 || text.ends_with('@') => {
            Some("neither a mailbox, a host, nor a domain with a leading dot")
        }
        _ => None,
    }
}

/// An address and a mask whose ones all come first (RFC 4632 section 3.1).
fn is_block(octets: &[u8]) -> bool {
    let mask = &octets[octets.len() / 2..];
    let ones: u32 = mask.iter().map(|octet| octet.count_ones()).sum();
    let leading = mask.iter().fold((0, true), |(count, going), octet| match (going, octet.leading_ones()) {
        (true, 8) => (count + 8, true),
        (true, some) => (count + some, false),
        (false, _) => (count, false),
    });
    matches!(octets.len(), 8 | 32) && ones == leading.0
}

/// Whether the name lies in the tree; `None` where they are of different kinds. A kind that is not understood lies in no
/// tree: where such a constraint meets such a name, the certificate must be refused (section 4.2.1.10).
fn within(name: &GeneralName, tree: &GeneralName) -> Option<bool> {
    match (name, tree) {
        (GeneralName::Dns(name), GeneralName::Dns(tree)) => Some(below_domain(name, tree)),
        (GeneralName::Email(name), GeneralName::Email(tree)) => Some(mailbox_within(name, tree)),
        (GeneralName::Ip(address), GeneralName::IpOctets(network)) => Some(address_within(*address, network)),
        (GeneralName::IpOctets(_), GeneralName::IpOctets(_)) => Some(false),
        (GeneralName::Uri(uri), GeneralName::Uri(tree)) => {
            Some(uri_host(uri).is_some_and(|host| host_within(host, tree)))
        }
        (GeneralName::Directory(name), GeneralName::Directory(tree)) => Some(directory_within(name, tree)),
        (GeneralName::Other(name, _), GeneralName::Other(tree, _)) if is_one_form(name, tree) => Some(false),
        _ => None,
    }
}

/// Whether any host that the name stands for lies in the excluded tree.
fn touches(name: &GeneralName, tree: &GeneralName) -> bool {
    match (name, tree) {
        // `*.example.test` stands for `a.example.test` as well, and so touches a tree that begins there.
        (GeneralName::Dns(name), GeneralName::Dns(tree)) => {
            let covers = name.strip_prefix("*.").is_some_and(|base| {
                tree.trim_start_matches('.').split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(base))
            });
            covers || below_domain(name, tree)
        }
        (GeneralName::Other(name, _), GeneralName::Other(tree, _)) => is_one_form(name, tree),
        (GeneralName::Uri(uri), GeneralName::Uri(tree)) => uri_host(uri).is_none_or(|host| host_within(host, tree)),
        _ => within(name, tree) == Some(true),
    }
}

/// Whether two names that are none of the common kinds have one form; a Windows account is an otherName too.
fn is_one_form(name: &str, tree: &str) -> bool {
    let form = |name| if name == "UPN" { "otherName" } else { name };
    form(name) == form(tree)
}

fn kind(name: &GeneralName) -> &'static str {
    match name {
        GeneralName::Dns(_) => "dns",
        GeneralName::Ip(_) | GeneralName::IpOctets(_) => "ip",
        GeneralName::Email(_) => "email",
        GeneralName::Uri(_) => "uri",
        GeneralName::Directory(_) => "directory",
        GeneralName::Other("UPN" | "otherName", _) => "otherName",
        GeneralName::Other(..) => "other",
    }
}

/// The domain itself and everything below it; a leading dot leaves the domain itself out. A wildcard is a label below as others.
fn below_domain(name: &str, tree: &str) -> bool {
    let (name, tree) = (name.to_ascii_lowercase(), tree.to_ascii_lowercase());
    tree.is_empty()
        || name == tree
        || name.strip_suffix(tree.trim_start_matches('.')).is_some_and(|head| head.ends_with('.'))
}

/// A mailbox, all mailboxes of a host, or (with a leading dot) of all hosts below a domain. The part before the `@` is
/// compared as it stands (RFC 5321 section 2.4).
fn mailbox_within(mailbox: &str, tree: &str) -> bool {
    let Some((local, host)) = mailbox.rsplit_once('@') else { return false };
    match tree.rsplit_once('@') {
        Some((tree_local, tree_host)) => local == tree_local && host.eq_ignore_ascii_case(tree_host),
        None => host_within(host, tree),
    }
}

/// A host alone, or (with a leading dot) every host below a domain.
fn host_within(host: &str, tree: &str) -> bool {
    match tree.strip_prefix('.') {
        Some(domain) => below_domain(host, domain) && !host.eq_ignore_ascii_case(domain),
        None => host.eq_ignore_ascii_case(tree),
    }
}

/// The host of a URI with an authority (RFC 3986 section 3.2); none where it is an address or missing.
fn uri_host(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?.split(':').next()?;
    (!host.is_empty() && !authority.contains('[') && host.parse::<IpAddr>().is_err()).then_some(host)
}

/// The tree's attributes, in their order, begin the name (section 7.1).
fn directory_within(name: &Name, tree: &Name) -> bool {
    tree.begins(name)
}

/// Address octets, then mask octets.
fn address_within(address: IpAddr, network: &[u8]) -> bool {
    let octets = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    let (base, mask) = network.split_at(network.len() / 2);
    base.len() == octets.len()
        && octets.iter().zip(base).zip(mask).all(|((octet, base), mask)| octet & mask == base & mask)
}

/// A SAN entry whose octets break the syntax of its kind (section 4.2.1.6): clients pass over it, or refuse the whole.
pub(super) fn malformed_names(case: &Case<'_>) -> Vec<Finding> {
    let leaf = &case.path.leaf().certificate;
    let faults = leaf.subject_alt_names().unwrap_or_default().iter().filter_map(|name| Some((name, name_fault(name)?)));
    faults
        .map(|(name, why)| {
            Finding::new(Code::SanMalformed, format!("the SAN entry {name}: {why}"))
                .about(0)
                .graded(if REFUSED.contains(&why) { Severity::Warning } else { Severity::Note })
                .shown_by("entry", name.to_string())
                .shown_by("fault", why)
                .shown_by("of_an_entry", if REFUSED.contains(&why) { "beside" } else { "harmless" })
                .reissued(case)
        })
        .collect()
}

/// For these some read nothing of the whole certificate: Go's parser (parseSANExtension() in crypto/x509), Chromium's, and
/// GnuTLS for an empty name.
const REFUSED: [&str; 3] = [ADDRESS_LENGTH, NOT_ASCII, EMPTY];
const ADDRESS_LENGTH: &str = "expected 4 or 16 octets of address";
const EMPTY: &str = "expected a host name, found none";
const NOT_ASCII: &str = "expected ASCII (an IA5String), with the A-label of an international name";

fn name_fault(name: &GeneralName) -> Option<&'static str> {
    match name {
        GeneralName::IpOctets(_) => Some(ADDRESS_LENGTH),
        GeneralName::Email(text) if text.matches('@').count() != 1 || text.starts_with('@') || text.ends_with('@') => {
            Some("expected one mailbox, as local@host")
        }
        GeneralName::Dns(text) if !text.is_ascii() => Some(NOT_ASCII),
        GeneralName::Dns(text) if text.contains('_') => Some("an underscore is no letter of a host name (RFC 1034)"),
        GeneralName::Dns(text) if text.is_empty() => Some(EMPTY),
        GeneralName::Dns(text) if text.contains(' ') || escape(text) != *text => Some("expected a host name"),
        GeneralName::Dns(text) => unspeakable(text),
        GeneralName::Uri(text) if !text.contains(':') => Some("expected a URI with its scheme"),
        _ => None,
    }
}

/// RFC 1034 section 3.1 and RFC 1123 section 2.1: labels of 1 to 63 letters, digits and hyphens inside, 253 octets in all. No client holds
/// an entry to that which is not asked for.
fn unspeakable(name: &str) -> Option<&'static str> {
    let labels = || name.strip_prefix("*.").unwrap_or(name).split('.');
    if name.parse::<IpAddr>().is_ok() {
        return Some("an address is an IP entry (RFC 5280 section 4.2.1.6)");
    }
    if name.len() > 253 || labels().any(|label| label.len() > 63) {
        return Some("expected 253 octets at most, and 63 in a label (RFC 1034 section 3.1)");
    }
    let is_edged = |label: &str| label.starts_with('-') || label.ends_with('-');
    labels().any(is_edged).then_some("a label neither begins nor ends with a hyphen (RFC 1034 section 3.5)")
}

#[cfg(test)]
mod tests {
    use super::{GeneralName, fault, touches, within};

    fn dns(text: &str) -> GeneralName {
        GeneralName::Dns(text.to_owned())
    }

    fn mail(text: &str) -> GeneralName {
        GeneralName::Email(text.to_owned())
    }

    fn uri(text: &str) -> GeneralName {
        GeneralName::Uri(text.to_owned())
    }

    #[test]
    fn names_lie_within_trees_of_their_own_kind_alone() {
        let network = GeneralName::IpOctets(vec![192, 0, 2, 0, 255, 255, 255, 0]);
        let other = || GeneralName::Other("otherName", String::new());
        for (name, tree, expected) in [
            (dns("a.example.test"), dns("example.test"), Some(true)),
            (dns("EXAMPLE.test"), dns("example.test"), Some(true)),
            (dns("badexample.test"), dns("example.test"), Some(false)),
            (dns("*.example.test"), dns("example.test"), Some(true)),
            (dns("example.test"), dns(".example.test"), Some(false)),
            (dns("a.example.test"), dns(".example.test"), Some(true)),
            (dns("*.example.test"), dns(".example.test"), Some(true)),
            (dns("*.example.test"), dns("a.example.test"), Some(false)),
            (mail("a@example.test"), mail("example.test"), Some(true)),
            (mail("a@b.example.test"), mail("example.test"), Some(false)),
            (mail("a@b.example.test"), mail(".example.test"), Some(true)),
            (mail("a@example.test"), mail("a@EXAMPLE.test"), Some(true)),
            (mail("A@example.test"), mail("a@example.test"), Some(false)),
            (mail("user@example.test"), mail("*@example.test"), Some(false)),
            (uri("https://a.example.test:1/x"), uri(".example.test"), Some(true)),
            (uri("https://example.test/"), uri(".example.test"), Some(false)),
            (uri("https://u@example.test/"), uri("example.test"), Some(true)),
            (uri("urn:x"), uri("example.test"), Some(false)),
            (GeneralName::Ip([192, 0, 2, 9].into()), network.clone(), Some(true)),
            (GeneralName::Ip([192, 0, 3, 9].into()), network.clone(), Some(false)),
            (GeneralName::IpOctets(vec![192, 0, 2, 0, 255, 255, 255, 0]), network.clone(), Some(false)),
            (other(), other(), Some(false)),
            (dns("a.example.test"), network, None),
        ] {
            assert_eq!(within(&name, &tree), expected, "{name} in {tree}");
        }
    }

    #[test]
    fn a_wildcard_touches_what_it_may_stand_for() {
        for (name, tree, expected) in [
            ("*.example.test", "a.example.test", true),
            ("*.example.test", "b.a.example.test", false),
            ("*.a.example.test", "example.test", true),
            ("*.example.test", ".example.test", true),
            ("example.test", ".example.test", false),
            ("*.example.test", "other.test", false),
        ] {
            assert_eq!(touches(&dns(name), &dns(tree)), expected, "{name} and {tree}");
        }
    }

    #[test]
    fn constraints_that_are_none_are_told() {
        let octets = |octets: &[u8]| GeneralName::IpOctets(octets.to_vec());
        for (tree, bad) in [
            (dns("example.test"), false),
            (dns(""), false),
            (dns(".example.test"), true),
            (dns("*.example.test"), true),
            (mail("invalid@invalid@example.test"), true),
            (mail(".example.test"), false),
            (octets(&[192, 0, 2, 0, 255, 255, 255, 0]), false),
            (octets(&[192, 0, 2, 0, 255, 0, 255, 0]), true),
            (octets(&[192, 0, 2, 0, 255]), true),
            (GeneralName::Ip([192, 0, 2, 0].into()), true),
        ] {
            assert_eq!(fault(&tree).is_some(), bad, "{tree}");
        }
    }
}
