//! A good certificate that lies beside the files unused: a renewal that nobody has put in its place, or a CA's renewal that was
//! not sent. It is used, and no other is made.

use crate::explain::{
    Case, End, Evidence, KeyFile, MAX_DEPTH, PeerName, Presented, Proposed, Question, Verdict, dns_covers, judge,
};
use crate::facts::{Certificate, SignatureCheck};

use super::{ask_again, quote_file};

/// The most certificates that are tried: a folder has a renewal or two.
const MAX_TRIED: usize = 4;
/// The most octets of revocation lists that are looked at again for each.
const MAX_LISTS: usize = 1 << 20;

/// What to type to use it, if there is one.
pub(super) fn unused(case: &Case<'_>) -> Option<String> {
    if !is_looked_for(case) {
        return None;
    }
    found(case).map(|set| set.command(case)).or_else(|| renewed_root(case))
}

/// The certificates and the key's file of what [`unused`] proposes in these words.
pub(super) fn used_by(case: &Case<'_>, fix: &str) -> Option<Proposed> {
    let set = found(case).filter(|_| is_looked_for(case)).filter(|set| fix.starts_with(&set.command(case)))?;
    let chain = set.chain.iter().map(|it| it.certificate.clone()).collect();
    Some(Proposed { chain, chain_file: set.made(case).0, key_file: set.key.file.clone() })
}

fn is_looked_for(case: &Case<'_>) -> bool {
    let lists: usize = case.evidence.crls.iter().map(|(crl, _)| crl.der().len()).sum();
    !case.evidence.neighbours.is_empty() && lists <= MAX_LISTS
}

fn found<'a>(case: &'a Case<'a>) -> Option<Set<'a>> {
    let trust = &case.evidence.trust;
    candidates(case).filter(|set| !set.is_path(case)).find(|set| set.would_do(case, trust))
}

/// The root that is trusted is over, and its renewal lies there: of the same name and key, so that all below it holds.
fn renewed_root(case: &Case<'_>) -> Option<String> {
    let old = &case.path.top().certificate;
    if case.path.end != End::Anchored || !old.is_self_issued() || is_current(case, old) {
        return None;
    }
    let set = Set::of(case, case.path.leaf())?;
    let is_renewal = |it: &&Presented| {
        let new = &it.certificate;
        new.is_self_signed() && new.public_key.same_as(&old.public_key) && new.subject.same_as(&old.subject)
    };
    let renewals = case.evidence.neighbours.iter().filter(|it| it.file.is_some()).filter(is_renewal);
    let found = renewals.take(MAX_TRIED).find(|it| set.would_do(case, std::slice::from_ref(it)))?;
    let file = found.file.as_deref()?;
    Some(format!(
        "# the root was renewed with its key, and the renewal lies there unused ({}, until {}):\n{}\n# then give clients {} as their CA file",
        found.source,
        found.certificate.validity.not_after.date(),
        ask_again(case, None, None, Some(file)),
        quote_file(file)
    ))
}

/// Leaves that may do, the one of the given key first and then the one that is valid longest; at last the leaf itself, below other
/// CAs.
fn candidates<'a>(case: &'a Case<'a>) -> impl Iterator<Item = Set<'a>> + 'a {
    let own = case.path.leaf();
    let mut others: Vec<&Presented> = Vec::new();
    for it in case.evidence.neighbours.iter().filter(|it| may_stand_for(case, own, it)) {
        let is_new = others.iter().chain(&[own]).all(|known| known.certificate.der() != it.certificate.der());
        if is_new {
            others.push(it);
        }
    }
    let given = case.evidence.key.as_ref();
    others.sort_by_cached_key(|it| {
        let fits = given.is_some_and(|key| is_of(key, &it.certificate));
        (!fits, !is_for(&it.certificate, &case.question.names), std::cmp::Reverse(it.certificate.validity.not_after))
    });
    others.truncate(MAX_TRIED);
    others.into_iter().chain([own]).filter_map(move |leaf| Set::of(case, leaf))
}

/// A certificate that is no CA's, is valid now, and is the same one's: somebody else's key is nobody's way in.
fn may_stand_for(case: &Case<'_>, own: &Presented, other: &Presented) -> bool {
    let (own, other) = (&own.certificate, &other.certificate);
    !other.is_ca() && is_current(case, other) && (!case.question.names.is_empty() || names_the_same(own, other))
}

/// Whether it is for one of the names that are asked for, or none is.
fn is_for(certificate: &Certificate, asked: &[PeerName]) -> bool {
    let covers = |name: &PeerName| match name {
        PeerName::Dns(host) => certificate.dns_names().any(|own| dns_covers(own, host)),
        PeerName::Ip(address) => certificate.ip_addresses().any(|own| own == *address),
        PeerName::Email(mailbox) => certificate.email_addresses().any(|own| own.eq_ignore_ascii_case(mailbox)),
    };
    asked.is_empty() || asked.iter().any(covers)
}

/// Whether one certificate is for all that another is for. A host that was asked for is compared by the verdict instead: what is
/// refused may well name another.
fn names_the_same(own: &Certificate, other: &Certificate) -> bool {
    let names = |it: &Certificate| -> Vec<String> {
        it.subject_alt_names().unwrap_or_default().iter().map(|name| name.to_string().to_lowercase()).collect()
    };
    match &names(own)[..] {
        [] => own.subject.same_as(&other.subject),
        own => own.iter().all(|name| names(other).contains(name)),
    }
}

fn is_current(case: &Case<'_>, certificate: &Certificate) -> bool {
    (certificate.validity.not_before..=certificate.validity.not_after).contains(&case.question.at)
}

fn is_of(key: &KeyFile, certificate: &Certificate) -> bool {
    key.key.public_key.as_ref().is_some_and(|public| public.same_as(&certificate.public_key))
}

/// A leaf with the CAs above it, but for the root, and its key.
struct Set<'a> {
    chain: Vec<&'a Presented>,
    key: &'a KeyFile,
}

impl<'a> Set<'a> {
    fn of(case: &'a Case<'a>, leaf: &'a Presented) -> Option<Set<'a>> {
        leaf.file.as_ref()?;
        let keys = case.evidence.key.iter().chain(&case.evidence.neighbour_keys);
        let key = keys.into_iter().find(|key| is_of(key, &leaf.certificate))?;
        let mut chain = vec![leaf];
        while let Some(issuer) = issuer(case, &chain).filter(|_| chain.len() < MAX_DEPTH) {
            chain.push(issuer);
        }
        Some(Set { chain, key })
    }

    /// Whether it is what is judged now.
    fn is_path(&self, case: &Case<'_>) -> bool {
        let ders = |it: &Presented| it.certificate.der().to_vec();
        let path: Vec<_> = case.path.certificates().map(|(_, it)| ders(it)).collect();
        path.starts_with(&self.chain.iter().map(|it| ders(it)).collect::<Vec<_>>())
    }

    /// By the same question, the same trust and the same lists.
    fn would_do(&self, case: &Case<'_>, trust: &[Presented]) -> bool {
        let evidence = Evidence {
            chain: self.chain.iter().map(|it| (*it).clone()).collect(),
            key: Some(self.key.clone()),
            trust: trust.to_vec(),
            crls: case.evidence.crls.clone(),
            own_revocations: case.evidence.own_revocations.clone(),
            ..Evidence::default()
        };
        let question = Question { compare: false, ..case.question.clone() };
        let (verdict, cause) = judge(&evidence, &question);
        // What is said of a CA above is not of this certificate's making.
        verdict == Verdict::Valid && cause.is_none_or(|cause| cause.certificate.is_some_and(|index| index > 0))
    }

    /// The file of the chain, and what makes it.
    fn made(&self, case: &Case<'_>) -> (String, String) {
        if let Some(whole) = holding_just(case, &self.chain) {
            return (whole.to_owned(), String::new());
        }
        let (files, joined) = (files_of(&self.chain), case.evidence.situation.mend_file());
        let used = |chain: &str| self.used(case, chain);
        match &files[..] {
            [file] if self.is_all_of(case, &files) => ((*file).to_owned(), String::new()),
            [file] => mended(case, &used(file)),
            _ => {
                let words: Vec<String> = files.iter().map(|file| quote_file(file)).collect();
                let join = format!("cat {} > {joined}\n", words.join(" "));
                match self.is_all_of(case, &files) {
                    true => (joined.to_owned(), join),
                    false => {
                        let (chain, mend) = mended(case, &used(joined));
                        (chain, join + &mend)
                    }
                }
            }
        }
    }

    fn used(&self, case: &Case<'_>, chain: &str) -> String {
        ask_again(case, Some(chain), Some(&self.key.file), None)
    }

    fn command(&self, case: &Case<'_>) -> String {
        let (chain, begin) = self.made(case);
        let (leaf, until) = (self.chain[0], self.chain[0].certificate.validity.not_after.date());
        format!(
            "# what would do lies there unused ({}, until {until}):\n{begin}{}\n# then use {} with {}, which needs nobody to be told of anything",
            leaf.source,
            self.used(case, &chain),
            quote_file(&chain),
            quote_file(&self.key.file)
        )
    }

    fn is_all_of(&self, case: &Case<'_>, files: &[&str]) -> bool {
        hold_just(case, files, &self.chain)
    }
}

/// The files in the order in which they have to be joined, each once.
pub(crate) fn files_of<'a>(chain: &[&'a Presented]) -> Vec<&'a str> {
    let mut files: Vec<&str> = Vec::new();
    for file in chain.iter().filter_map(|it| it.file.as_deref()) {
        if !files.contains(&file) {
            files.push(file);
        }
    }
    files
}

/// Whether these files hold the chain in its order, and no other certificate.
pub(crate) fn hold_just(case: &Case<'_>, files: &[&str], chain: &[&Presented]) -> bool {
    let held = files.iter().flat_map(|file| at_hand(case).filter(move |it| it.file.as_deref() == Some(file)));
    held.map(|it| it.certificate.der()).eq(chain.iter().map(|it| it.certificate.der()))
}

/// A file that lies there and holds the chain in its order, and no other certificate.
pub(crate) fn holding_just<'a>(case: &Case<'a>, chain: &[&Presented]) -> Option<&'a str> {
    let first = chain.first()?.certificate.der();
    let begun = at_hand(case).filter(|it| it.certificate.der() == first);
    begun.filter_map(|it| it.file.as_deref()).find(|file| hold_just(case, &[file], chain))
}

/// A CA that lies beside the files, and those above it up to one that a trust anchor issued, or none is found above. What is sent
/// already is not among them.
pub(crate) fn missing_above<'a>(case: &'a Case<'a>, first: &'a Presented) -> Vec<&'a Presented> {
    let mut line = vec![first];
    while let Some(above) = issuer(case, &line).filter(|_| line.len() < MAX_DEPTH) {
        line.push(above);
    }
    let is_sent =
        |it: &Presented| case.evidence.chain.iter().any(|sent| sent.certificate.der() == it.certificate.der());
    line.retain(|it| !is_sent(it));
    line
}

/// The first look writes the chain in order and without what does not belong to it; where there is something to say of the order, it
/// ends with 1.
fn mended(case: &Case<'_>, look: &str) -> (String, String) {
    let folder = case.evidence.situation.mend_folder();
    (format!("{folder}/fullchain.pem"), format!("{look} --repair {folder} || true\n"))
}

fn at_hand<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a Presented> {
    let evidence = case.evidence;
    evidence.chain.iter().chain(&evidence.untrusted).chain(&evidence.neighbours)
}

/// The CA above, where it is none of the anchors and no root: one that is sent already before others, and one that is valid now.
fn issuer<'a>(case: &Case<'a>, chain: &[&Presented]) -> Option<&'a Presented> {
    let child = &chain[chain.len() - 1].certificate;
    let is_anchor = |it: &Presented| case.evidence.trust.iter().any(|p| p.certificate.der() == it.certificate.der());
    let named = |it: &&Presented| {
        let issuer = &it.certificate;
        let is_new = chain.iter().all(|known| known.certificate.der() != issuer.der());
        is_new && child.issuer.same_as(&issuer.subject) && !issuer.is_self_issued() && it.file.is_some()
    };
    let trusted = is_below_anchor(case, child);
    let mut found = at_hand(case).filter(|_| !trusted).filter(named).filter(|it| !is_anchor(it));
    found.find(|it| is_current(case, &it.certificate) && signed(case, child, &it.certificate))
}

/// Whether a trust anchor issued it.
pub(crate) fn is_below_anchor(case: &Case<'_>, child: &Certificate) -> bool {
    let issued = |anchor: &Certificate| child.issuer.same_as(&anchor.subject) && signed(case, child, anchor);
    case.evidence.trust.iter().any(|anchor| issued(&anchor.certificate))
}

fn signed(case: &Case<'_>, child: &Certificate, issuer: &Certificate) -> bool {
    case.budget.verify_beside(child, &issuer.public_key) == Some(SignatureCheck::Good)
}
