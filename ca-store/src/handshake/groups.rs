//! The groups of the key exchange (RFC 8446 section 4.2.7): which are offered to learn what a server takes, and which clients have.

use super::hello::{Answer, Greeted, Version, ask_with};
use super::provider;
use super::wire::Budget;

use std::time::Duration;

/// The groups that are offered, by the IANA's registry, those that all clients have first. Finite fields are asked for in TLS 1.3 alone:
/// before it they would change which suites a server of RFC 7919 takes.
const GROUPS: &[(u16, &str)] = &[
    (29, "X25519"),
    (23, "P-256"),
    (24, "P-384"),
    (25, "P-521"),
    (30, "X448"),
    (26, "brainpoolP256r1"),
    (27, "brainpoolP384r1"),
    (28, "brainpoolP512r1"),
    (31, "brainpoolP256r1tls13"),
    (32, "brainpoolP384r1tls13"),
    (33, "brainpoolP512r1tls13"),
    (22, "secp256k1"),
    (21, "P-224"),
    (19, "P-192"),
    (256, "ffdhe2048"),
    (257, "ffdhe3072"),
    (258, "ffdhe4096"),
    (259, "ffdhe6144"),
    (260, "ffdhe8192"),
    (4588, "X25519MLKEM768"),
    (4587, "SecP256r1MLKEM768"),
    (4589, "SecP384r1MLKEM1024"),
];

/// A group as its number.
pub(super) type Group = u16;

/// All that are offered in that version.
pub(super) fn all(version: Version) -> Vec<Group> {
    let numbers = GROUPS.iter().map(|(number, _)| *number);
    numbers.filter(|number| version == Version::Tls13 || *number < 256).collect()
}

/// Those that our own handshake offers, which are those of every current client and the post-quantum one.
pub(super) fn ours() -> Vec<Group> {
    provider().kx_groups.iter().map(|group| u16::from(group.name())).collect()
}

/// The registered name of a group, or its number.
pub(super) fn name(group: Group) -> String {
    GROUPS
        .iter()
        .find(|(number, _)| *number == group)
        .map_or_else(|| format!("group 0x{group:04x}"), |(_, name)| (*name).to_owned())
}

/// What clients choose groups by.
pub(super) fn class(group: Group) -> &'static str {
    match group {
        25 => "P-521",
        30 => "X448",
        256..=260 => "finite field",
        _ => "another",
    }
}

/// A group that keeps current clients out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForeignGroup {
    /// The version of TLS in which the server asked for it.
    pub version: Version,
    /// Its number.
    pub group: u16,
}

/// Whether the server refused us for our groups alone: by the same hello it takes one that we did not offer, and nothing where only
/// ours are offered.
pub(super) fn foreign(
    peer: &Greeted<'_>,
    answers: &[(Version, Answer)],
    budget: Budget,
    each: Duration,
) -> Option<ForeignGroup> {
    let ours = ours();
    let (version, group) = answers.iter().find_map(|(version, answer)| match answer {
        Answer::Hello { version: chosen, group: Some(group), .. } if *chosen == version.wire() => {
            Some((*version, *group))
        }
        _ => None,
    })?;
    if ours.contains(&group) || budget.is_spent() {
        return None;
    }
    let with_ours = ask_with(peer, version, &ours, budget.step(each));
    (!matches!(with_ours, Answer::Hello { .. })).then_some(ForeignGroup { version, group })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_of_ours_is_among_those_that_are_offered() {
        for group in ours() {
            assert!(all(Version::Tls13).contains(&group), "{}", name(group));
        }
        assert!(!all(Version::Tls12).contains(&256));
        assert_eq!((name(25).as_str(), name(0x4242).as_str()), ("P-521", "group 0x4242"));
    }
}
