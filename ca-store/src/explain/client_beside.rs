//! A client certificate that lies beside the files, with its key, where a server wants one and none was shown. It is named before one is
//! issued, and the server is not asked with it: whom to show it to is for its owner to say.

use crate::facts::{Certificate, SignatureCheck};
use crate::finding::{Code, Finding, quote_file};

use super::{Evidence, KeyFile, Presented, Question, Verdict};

/// id-kp-clientAuth (RFC 5280 section 4.2.1.12).
const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
/// The most certificates that are tried: a folder has one or two.
const MAX_TRIED: usize = 8;

/// What to type to show it, by the line of the fix that asks the server with one.
pub(super) fn fix(finding: &Finding, evidence: &Evidence, question: &Question) -> Option<String> {
    let ask = finding.fix.lines().rfind(|line| line.contains(" --client-chain "))?.split(" --client-chain ").next()?;
    let asked = Question { compare: false, ..Question::client(question.at) };
    let found = candidates(evidence).filter(|(leaf, _)| is_of_its_cas(finding, evidence, &leaf.certificate));
    found.take(MAX_TRIED).find_map(|(leaf, key)| {
        let (chain, begin) = made(&alone(evidence, leaf, key), &asked)?;
        let until = leaf.certificate.validity.not_after.date();
        Some(format!(
            "# a client certificate that would do lies there unused ({}, until {until}):\n{begin}{ask} --client-chain {} --client-key {}",
            leaf.source,
            quote_file(&chain),
            quote_file(&key.file)
        ))
    })
}

/// Those that are made for clients, whole chains first, each with its key.
fn candidates(evidence: &Evidence) -> impl Iterator<Item = (&Presented, &KeyFile)> {
    let is_for_clients = |it: &Certificate| {
        !it.is_ca() && it.extended_key_usage().is_some_and(|usage| usage.iter().any(|oid| oid == CLIENT_AUTH))
    };
    let is_served = |it: &Certificate| evidence.chain.iter().any(|sent| sent.certificate.der() == it.der());
    let mut leaves: Vec<&Presented> = evidence.neighbours.iter().filter(|it| it.file.is_some()).collect();
    leaves.retain(|it| is_for_clients(&it.certificate) && !is_served(&it.certificate));
    leaves.sort_by_cached_key(|leaf| std::cmp::Reverse(of_file(evidence, leaf).count()));
    leaves.into_iter().filter_map(|leaf| {
        let is_its = |it: &&KeyFile| {
            it.key.public_key.as_ref().is_some_and(|public| public.same_as(&leaf.certificate.public_key))
        };
        Some((leaf, evidence.neighbour_keys.iter().find(is_its)?))
    })
}

fn of_file<'a>(evidence: &'a Evidence, leaf: &'a Presented) -> impl Iterator<Item = &'a Presented> {
    evidence.neighbours.iter().filter(|it| it.file == leaf.file)
}

/// The roots at hand.
fn roots(evidence: &Evidence) -> impl Iterator<Item = &Presented> {
    let at_hand = evidence.trust.iter().chain(&evidence.neighbours);
    at_hand.filter(|it| it.certificate.is_ca() && it.certificate.is_self_signed())
}

/// Whether the server names a CA above it; where it names none, whether one above it is the server's own as well.
fn is_of_its_cas(finding: &Finding, evidence: &Evidence, leaf: &Certificate) -> bool {
    let above: Vec<&Certificate> = above(evidence, leaf);
    let listed = finding.evidence.get("server_takes").and_then(|list| list.as_array()).filter(|list| !list.is_empty());
    match listed {
        Some(list) => above.iter().any(|ca| list.iter().any(|name| *name == ca.subject.to_string())),
        None => evidence.chain.iter().any(|sent| above.iter().any(|ca| issued(ca, &sent.certificate))),
    }
}

/// The CAs above it that are at hand.
fn above<'a>(evidence: &'a Evidence, leaf: &'a Certificate) -> Vec<&'a Certificate> {
    let cas: Vec<&Certificate> = evidence
        .trust
        .iter()
        .chain(&evidence.neighbours)
        .chain(&evidence.chain)
        .map(|it| &it.certificate)
        .filter(|it| it.is_ca())
        .collect();
    let mut line = vec![leaf];
    while let Some(ca) = cas.iter().find(|ca| line.last().is_some_and(|last| issued(ca, last))) {
        if line.len() >= super::MAX_DEPTH || line.iter().any(|known| known.der() == ca.der()) {
            break;
        }
        line.push(ca);
    }
    line.split_off(1)
}

fn issued(ca: &Certificate, child: &Certificate) -> bool {
    ca.der() != child.der()
        && child.issuer.same_as(&ca.subject)
        && child.verified_by(&ca.public_key) == SignatureCheck::Good
}

/// It by itself, by the roots at hand.
fn alone(evidence: &Evidence, leaf: &Presented, key: &KeyFile) -> Evidence {
    let mut own = Evidence {
        chain: of_file(evidence, leaf).cloned().collect(),
        key: Some(key.clone()),
        trust: roots(evidence).cloned().collect(),
        neighbours: evidence.neighbours.clone(),
        ..Evidence::default()
    };
    own.situation.chain_file.clone_from(&leaf.file);
    own.situation.key_file = Some(key.file.clone());
    own.situation.mend_file.clone_from(&evidence.situation.mend_file);
    own
}

/// The file of its chain, and what makes it.
fn made(own: &Evidence, asked: &Question) -> Option<(String, String)> {
    let (verdict, cause) = super::judge(own, asked);
    if verdict == Verdict::Valid {
        return Some((own.situation.chain_file.clone()?, String::new()));
    }
    let cause = cause.filter(|cause| cause.code == Code::MissingIntermediate)?;
    let proposed = super::proposed(own, asked)?;
    let chain = proposed.chain.into_iter().map(|certificate| Presented {
        certificate,
        source: proposed.chain_file.clone(),
        file: None,
    });
    let joined = Evidence { chain: chain.collect(), ..own.clone() };
    let join: String =
        cause.fix.lines().filter(|line| line.starts_with("cat ")).map(|line| format!("{line}\n")).collect();
    (super::judge(&joined, asked).0 == Verdict::Valid).then_some((proposed.chain_file, join))
}
