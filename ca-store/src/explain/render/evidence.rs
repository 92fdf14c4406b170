//! Evidence as it is shown: the values of both sides under each other, and what tells the story first.

use serde_json::Value;

use crate::finding::{Code, Finding};

/// The longest value that is shown whole; a certificate may carry hundreds of names.
const MAX_VALUE: usize = 400;

/// What makes a pair worth seeing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tells {
    /// That the two are not the same.
    Difference,
    /// That they are.
    Sameness,
}

/// Two values that belong beside each other.
struct Pair {
    left: &'static str,
    right: &'static str,
    tells: Tells,
    /// For these codes alone; for all where it is empty.
    codes: &'static [Code],
}

const fn pair(left: &'static str, right: &'static str) -> Pair {
    Pair { left, right, tells: Tells::Difference, codes: &[] }
}

const fn pair_of(left: &'static str, right: &'static str, tells: Tells, codes: &'static [Code]) -> Pair {
    Pair { left, right, tells, codes }
}

/// In the order of showing; a value belongs to the first pair that is whole.
const PAIRS: &[Pair] = &[
    pair_of("subject", "issuer_subject", Tells::Sameness, &[Code::SameSubjectAsIssuer, Code::SameKeyAsIssuer]),
    pair_of("key_sha256", "issuer_key_sha256", Tells::Sameness, &[Code::SameKeyAsIssuer]),
    pair_of("key_sha256", "issuer_key_sha256", Tells::Difference, &[Code::SameSubjectAsIssuer]),
    pair_of("not_before", "judged_at", Tells::Difference, &[Code::NotYetValid]),
    pair_of("not_after", "judged_at", Tells::Difference, &[Code::Expired]),
    pair_of("not_before", "not_after", Tells::Difference, &[Code::ValidityInverted]),
    pair("expected", "found"),
    pair("asked_for", "subject_alt_names"),
    pair("name", "permitted"),
    pair("issuer", "issuer_subject"),
    pair("issuer_der", "issuer_subject_der"),
    pair("authority_key_id", "issuer_key_id"),
    pair("issuer_wanted", "trust_anchors"),
    pair("trust_anchor", "expected"),
    pair("certificate_key", "private_key"),
    pair("certificate_key_sha256", "private_key_sha256"),
    pair("path_len", "cas_below"),
    pair("max_depth", "intermediates"),
    pair("label", "content"),
];

/// What the clients' tables tell cases apart by, and the message says already or a person does not ask: scripts read it in
/// the JSON.
const FOR_TABLES: &[&str] = &[
    "any_purpose",
    "asked_with",
    "begins",
    "class",
    "differs_from",
    "fallback",
    "list_of",
    "needs_it",
    "newest",
    "of_an_entry",
    "of_tls",
    "other_is",
    "other_stands",
    "other_use",
    "place",
    "read_by",
    "spelling",
    "stands_for_it",
    "string_types",
    "told_apart_by",
    "top",
    "tree",
];

/// One or two values, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// A value alone.
    One(Shown),
    /// Two that are not the same.
    Differ(Shown, Shown),
    /// Two that are the same.
    Same(Shown, Shown),
}

/// A value with its label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) label: String,
    pub(super) value: String,
}

/// What shows the finding: the pairs that tell, then single values, then what is as it should be.
pub(super) fn items(finding: &Finding) -> Vec<Item> {
    let mut left: Vec<&String> = finding.evidence.keys().filter(|name| !FOR_TABLES.contains(&name.as_str())).collect();
    let (mut telling, mut rest) = (Vec::new(), Vec::new());
    for pair in PAIRS.iter().filter(|pair| pair.codes.is_empty() || pair.codes.contains(&finding.code)) {
        let whole = [pair.left, pair.right].iter().all(|name| left.iter().any(|known| known == name));
        if !whole {
            continue;
        }
        left.retain(|name| *name != pair.left && *name != pair.right);
        let (one, other) = (shown(finding, pair.left), shown(finding, pair.right));
        let same = one.value == other.value;
        let tells = same == (pair.tells == Tells::Sameness);
        let item = if same { Item::Same(one, other) } else { Item::Differ(one, other) };
        if tells { telling.push(item) } else { rest.push(item) }
    }
    telling.extend(left.into_iter().map(|name| Item::One(shown(finding, name))));
    telling.extend(rest);
    telling
}

fn shown(finding: &Finding, name: &str) -> Shown {
    let value = finding.evidence.get(name).map(plain).unwrap_or_default();
    Shown { label: crate::facts::escape(&name.replace('_', " ")), value }
}

/// A value as a person reads it.
pub(super) fn plain(value: &Value) -> String {
    let text = match value {
        Value::String(text) if text.is_empty() => "(none)".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Null => "(none)".to_owned(),
        Value::Array(items) if items.is_empty() => "(none)".to_owned(),
        Value::Array(items) => return listed(items),
        Value::Object(map) => map
            .iter()
            .map(|(name, value)| format!("{} {}", crate::facts::escape(&name.replace('_', " ")), plain(value)))
            .collect::<Vec<_>>()
            .join(", "),
        Value::Number(number) => number.to_string(),
    };
    super::layout::cut(&crate::facts::escape(&text), MAX_VALUE)
}

/// As many as fit, and how many there are besides.
fn listed(items: &[Value]) -> String {
    // Subjects have commas of their own.
    let apart = if items.iter().any(|item| item.as_str().is_some_and(|it| it.contains(", "))) { "; " } else { ", " };
    let mut text = String::new();
    for (index, item) in items.iter().enumerate() {
        let item = plain(item);
        if !text.is_empty() && text.len() + item.len() > MAX_VALUE {
            return format!("{text}{apart}… and {} more", items.len() - index);
        }
        if !text.is_empty() {
            text.push_str(apart);
        }
        text.push_str(&item);
    }
    text
}

/// Where two texts differ, if most of them is the same: the octets of each from the first difference to the last.
pub(super) fn difference(one: &str, other: &str) -> Option<(std::ops::Range<usize>, std::ops::Range<usize>)> {
    let same = |(a, b): &(char, char)| a == b;
    let octets = |pairs: &mut dyn Iterator<Item = (char, char)>| pairs.map(|(c, _)| c.len_utf8()).sum::<usize>();
    let prefix = octets(&mut one.chars().zip(other.chars()).take_while(same));
    let (one_rest, other_rest) = (&one[prefix..], &other[prefix..]);
    let suffix = octets(&mut one_rest.chars().rev().zip(other_rest.chars().rev()).take_while(same));
    // A beginning in common is what tells a misspelt name from another one.
    let alike = prefix >= 3 && 2 * (prefix + suffix) >= one.len().max(other.len());
    alike.then(|| (prefix..one.len() - suffix, prefix..other.len() - suffix))
}

#[cfg(test)]
mod tests {
    use super::{Item, difference, items};
    use crate::finding::{Code, Finding};

    fn labels(finding: &Finding) -> Vec<String> {
        let labels = items(finding).into_iter().map(|item| match item {
            Item::One(it) => it.label,
            Item::Differ(one, other) => format!("{} ≠ {}", one.label, other.label),
            Item::Same(one, other) => format!("{} = {}", one.label, other.label),
        });
        labels.collect()
    }

    #[test]
    fn what_tells_comes_first_and_what_is_in_order_last() {
        let finding = |code| {
            Finding::new(code, "")
                .shown_by("subject", "CN=a")
                .shown_by("issuer", "CN=a")
                .shown_by("issuer_subject", "CN=a")
                .shown_by("authority_key_id", "absent")
                .shown_by("issuer_key_id", "01")
        };
        assert_eq!(
            labels(&finding(Code::SameSubjectAsIssuer)),
            ["subject = issuer subject", "authority key id ≠ issuer key id", "issuer"]
        );
        assert_eq!(
            labels(&finding(Code::RootRegenerated)),
            ["authority key id ≠ issuer key id", "subject", "issuer = issuer subject"]
        );
    }

    #[test]
    fn what_only_tables_ask_for_is_left_to_scripts() {
        let finding = Finding::new(Code::NameMismatch, "").shown_by("asked_for", "a").shown_by("fallback", "none");
        assert_eq!(labels(&finding), ["asked for"]);
    }

    #[test]
    fn many_values_are_counted() {
        let names: Vec<String> = (0..500).map(|n| format!("DNS:host{n}.example.test")).collect();
        let finding = Finding::new(Code::NameMismatch, "").shown_by("subject_alt_names", names);
        let Some(Item::One(it)) = items(&finding).pop() else { panic!("one value") };
        assert!(it.value.len() < 500 && it.value.ends_with(" more"), "{}", it.value);
    }

    #[test]
    fn the_part_that_differs_is_found_where_most_is_the_same() {
        assert_eq!(difference("CN=Root CA", "CN=root CA"), Some((3..4, 3..4)));
        assert_eq!(difference("CN=Zoë CA", "CN=Zoé CA"), Some((5..7, 5..7)));
        assert_eq!(difference("CN=A", "CN=A B"), Some((4..4, 4..6)));
        assert_eq!(difference("aabb", "ccdd"), None);
    }
}
