//! Which key, chain and root belong to which leaf, and whether it is a set that a server or client can use.

use serde::Serialize;

use crate::explain::{
    Evidence, KeyFile, MAX_DEPTH, PeerName, Presented, Purpose, Question, Report, Verdict, diagnose, dns_covers,
    rfc3339,
};
use crate::facts::{Certificate, SignatureCheck, escape};
use crate::finding::fix::replace;
use crate::finding::{Code, Finding, Role, Severity};

use super::content::{Content, Other};
use super::{FolderQuestion, MAX_LEAVES};

/// The most files that are tried as the chain of one leaf.
const MAX_CHAIN_FILES: usize = 8;
/// The most CAs of one name whose key is tried on a signature: a CA has a few certificates, renewed or cross-signed.
const MAX_NAMESAKES: usize = 16;

/// A leaf and what belongs to it.
#[derive(Debug, Clone, Serialize)]
pub struct Pair {
    /// Its subject, escaped.
    pub subject: String,
    /// Its names, escaped.
    pub names: Vec<String>,
    /// `server` or `client`.
    pub purpose: &'static str,
    /// Its last second (RFC 3339).
    pub not_after: String,
    /// Its fingerprint.
    pub sha256: String,
    /// The file that is best given as its chain.
    pub chain_file: String,
    /// The file of its private key.
    pub key_file: Option<String>,
    /// The file of its root.
    pub trust_file: Option<String>,
    /// Whether the chain file leads from the leaf up to a root of the folder or of the given trust.
    pub whole: bool,
    /// Where each certificate of the chain stands, the leaf first.
    pub order: Vec<String>,
    /// The report's.
    pub verdict: Verdict,
    /// The report's cause.
    pub cause: Option<Code>,
}

impl Pair {
    /// Whether it can be used as it is: a key, and no error.
    pub fn is_usable(&self) -> bool {
        self.verdict == Verdict::Valid && self.key_file.is_some()
    }
}

/// A leaf, judged.
pub(super) struct Set {
    pub(super) pair: Pair,
    pub(super) report: Report,
    pub(super) evidence: Evidence,
    /// Another name was asked for than those that it covers.
    pub(super) of_another_name: bool,
    /// A certificate beside it was signed by its key: it was meant for a CA.
    pub(super) has_issued: bool,
    /// A link leads to its chain, as Certbot's do to the files that are in use.
    pub(super) is_linked: bool,
    /// It was to be used, cannot be, and nothing here is in its place.
    pub(super) is_missed: bool,
    /// It was made for another purpose than the one that is asked about.
    pub(super) of_another_purpose: bool,
    /// It is a person's, or another client's.
    pub(super) is_clients: bool,
}

impl Set {
    /// Whether it was put here to be used, and cannot be. What was revoked, and a person's that has ended, is a matter of the past;
    /// what has no key here is used elsewhere.
    fn fails(&self) -> bool {
        let past = match self.pair.cause {
            Some(Code::Revoked) => true,
            Some(Code::Expired) => self.is_clients,
            _ => false,
        };
        let is_here = self.pair.key_file.is_some() || self.pair.cause == Some(Code::KeyMismatch);
        self.pair.verdict == Verdict::Invalid && is_here && !past && !self.has_issued && !self.of_another_purpose
    }

    /// Whether it can be used in place of the other.
    fn stands_for(&self, other: &Set) -> bool {
        let named = |name: &String| self.pair.names.iter().any(|own| own.eq_ignore_ascii_case(name));
        let same = if other.pair.names.is_empty() {
            self.pair.subject == other.pair.subject
        } else {
            other.pair.names.iter().all(named)
        };
        same && self.pair.is_usable()
    }
}

/// Judges each leaf, the best first.
pub(super) fn judge(contents: &[Content<'_>], base: &Evidence, question: &FolderQuestion) -> Vec<Set> {
    let mut sets: Vec<Set> =
        leaves(contents).into_iter().map(|leaf| Search { contents, base, question, leaf }.best()).collect();
    for index in 0..sets.len() {
        let set = &sets[index];
        sets[index].is_missed = set.fails() && !sets.iter().any(|other| other.stands_for(set));
    }
    sets.sort_by_cached_key(Set::rank);
    sets
}

/// Certificates that are no CA's, and those of CAs that have a name and a key here: each once.
fn leaves<'a>(contents: &'a [Content<'_>]) -> Vec<&'a Certificate> {
    let mut leaves: Vec<&Certificate> = Vec::new();
    for certificate in contents.iter().flat_map(|content| &content.certificates) {
        let known = leaves.iter().any(|leaf| leaf.der() == certificate.der());
        if !known && !is_authority(certificate) && leaves.len() < MAX_LEAVES {
            leaves.push(certificate);
        }
    }
    leaves
}

/// A CA that was not made to be shown by a server as well.
fn is_authority(certificate: &Certificate) -> bool {
    certificate.is_ca() && certificate.subject_alt_names().is_none()
}

struct Search<'a, 'f> {
    contents: &'a [Content<'f>],
    base: &'a Evidence,
    question: &'a FolderQuestion,
    leaf: &'a Certificate,
}

impl<'a, 'f> Search<'a, 'f> {
    /// The chain file with which the fewest errors and warnings are found.
    fn best(&self) -> Set {
        let key = self.key_file();
        let chains = self.chain_files();
        let sets = chains.into_iter().map(|chain| self.set(chain, key));
        let cost = |set: &Set| {
            let count = |severity| set.report.findings.iter().filter(|f| f.severity == severity).count();
            // Of two that end alike, the one that sends more of the path is to be given to a server.
            let below_root = set.evidence.chain.iter().filter(|it| !it.certificate.is_self_issued());
            let sent = std::cmp::Reverse(below_root.count().min(set.report.chain.len()));
            (count(Severity::Error), count(Severity::Warning), sent, count(Severity::Note))
        };
        // A leaf was read from some file, so that there is a chain file.
        sets.min_by_key(cost).unwrap_or_else(|| self.set(&self.contents[0], key))
    }

    /// Files that hold the leaf, those that begin with it first.
    fn chain_files(&self) -> Vec<&'a Content<'f>> {
        let is_leaf = |certificate: &Certificate| certificate.der() == self.leaf.der();
        let mut files: Vec<_> = self.contents.iter().filter(|c| c.certificates.iter().any(is_leaf)).collect();
        // `server.crt` lies beside `server.key`, or `issued/server.crt` beside `private/server.key`.
        let key = self.key_file();
        let (stem, name) = (key.and_then(Content::stem), key.and_then(Content::base_stem));
        files.sort_by_key(|content| {
            let begins = content.certificates.first().is_some_and(is_leaf);
            let is_beside = key.is_some() && content.stem() == stem;
            let is_of_name = key.is_some() && content.base_stem() == name;
            (!begins, !content.file.is_link, !is_beside, !is_of_name)
        });
        files.truncate(MAX_CHAIN_FILES);
        files
    }

    /// The file of the leaf's key: one of PEM before others, and one that holds only the key before others.
    fn key_file(&self) -> Option<&'a Content<'f>> {
        let fits = self.contents.iter().filter(|content| content.has_key_of(&self.leaf.public_key));
        fits.min_by_key(|content| {
            (content.form != "PEM", content.certificates.len(), !content.file.is_link, content.faults.len())
        })
    }

    fn set(&self, chain: &'a Content<'f>, key: Option<&'a Content<'f>>) -> Set {
        let question = self.question();
        // The report on what lies in the folder tells the root; then the root's own file is taken in, with its faults.
        let (draft, _) = self.judge(chain, key, None, &Question { compare: false, ..question.clone() });
        let reached = draft.chain.last().filter(|entry| entry.trusted).map(|root| root.sha256.clone());
        let trust = reached.or_else(|| self.root_above()).and_then(|root| self.trust_file(&root));
        let (report, evidence) = self.judge(chain, key, trust, &question);
        Set {
            pair: self.pair(chain, key, trust, &report),
            report,
            evidence,
            of_another_name: self.question.purpose != Some(Purpose::Client) && self.covers_asked() == Some(false),
            has_issued: self.has_issued(),
            is_linked: chain.file.is_link,
            is_missed: false,
            of_another_purpose: match self.question.purpose {
                Some(Purpose::Server) => !serves(self.leaf),
                Some(Purpose::Client) => !is_for_clients(self.leaf),
                _ => false,
            },
            is_clients: !serves(self.leaf),
        }
    }

    /// The fingerprint of the folder's root to which its certificates lead, where the chain file alone does not: its CA lies
    /// in a file of its own.
    fn root_above(&self) -> Option<String> {
        let above = |below: &&'a Certificate| self.issuer(below);
        let top = std::iter::successors(Some(self.leaf), above).take(MAX_DEPTH).last()?;
        (top.is_ca() && top.is_self_signed() && !self.question.trust_is_given).then(|| top.sha256_hex())
    }

    /// Every certificate of the folder.
    fn all(&self) -> impl Iterator<Item = &'a Certificate> {
        self.contents.iter().flat_map(|content| &content.certificates)
    }

    /// The CA of the folder whose key signed it, a root before others.
    fn issuer(&self, below: &Certificate) -> Option<&'a Certificate> {
        let named = self.all().filter(|it| it.is_ca() && it.der() != below.der() && below.issuer.same_as(&it.subject));
        let signed = |it: &&Certificate| below.verified_by(&it.public_key) == SignatureCheck::Good;
        named
            .take(MAX_NAMESAKES)
            .filter(signed)
            .min_by_key(|it| !it.is_self_signed())
            .filter(|_| !below.is_self_signed())
    }

    /// The file that holds that root and as little else as possible; never one with a key, which is not handed out.
    fn trust_file(&self, sha256: &str) -> Option<&'a Content<'f>> {
        let holds = |content: &&Content<'_>| content.certificates.iter().any(|c| c.sha256_hex() == sha256);
        let files = self.contents.iter().filter(holds).filter(|content| content.keys.is_empty());
        files.min_by_key(|content| (content.form != "PEM", content.certificates.len(), !content.file.is_link))
    }

    fn question(&self) -> Question {
        let server = match self.question.purpose {
            Some(purpose) => purpose != Purpose::Client,
            // Whom a host is asked for by its name, that is to be a server.
            None => serves(self.leaf) || (self.is_host_asked_for() && self.is_likeliest()),
        };
        let own = self
            .leaf
            .dns_names()
            .map(|name| name.replacen("*.", "www.", 1))
            .find_map(|name| PeerName::parse(&name).ok());
        let own = own.or_else(|| self.leaf.ip_addresses().next().map(PeerName::Ip)).or_else(|| self.common_host());
        let asked = if server {
            Question::server(self.question.name.clone().or(own), self.question.at)
        } else {
            Question::client(self.question.at)
        };
        Question { machine_now: self.question.machine_now, ..asked }
    }

    /// The common name where it is a host's: clients that are given it ask for it, and find no such name (RFC 9525 section 2).
    fn common_host(&self) -> Option<PeerName> {
        let common = self.leaf.subject.common_name().filter(|name| name.contains('.'))?;
        PeerName::parse(&common.replacen("*.", "www.", 1)).ok().filter(|name| !matches!(name, PeerName::Email(_)))
    }

    /// Whether it is for the name that was asked for, or none is.
    fn is_likeliest(&self) -> bool {
        let covers = |leaf: &Certificate| self.covers(leaf) == Some(true);
        covers(self.leaf) || !self.all().any(|it| !is_authority(it) && covers(it))
    }

    /// Whether the certificate is for the name that was asked for; none where no name was.
    fn covers_asked(&self) -> Option<bool> {
        self.covers(self.leaf)
    }

    fn covers(&self, leaf: &Certificate) -> Option<bool> {
        // Of one without names, the common name tells what it was made for.
        let common = leaf.subject.common_name().filter(|_| leaf.subject_alt_names().is_none());
        self.question.name.as_ref().map(|name| match name {
            PeerName::Dns(host) => leaf.dns_names().chain(common).any(|own| dns_covers(own, host)),
            PeerName::Ip(address) => leaf.ip_addresses().any(|own| own == *address),
            PeerName::Email(mailbox) => leaf.email_addresses().any(|own| own.eq_ignore_ascii_case(mailbox)),
        })
    }

    fn is_host_asked_for(&self) -> bool {
        matches!(self.question.name, Some(PeerName::Dns(_) | PeerName::Ip(_)))
    }

    fn has_issued(&self) -> bool {
        let named = self.all().filter(|it| !it.is_self_issued() && it.issuer.same_as(&self.leaf.subject));
        named.take(MAX_NAMESAKES).any(|it| it.verified_by(&self.leaf.public_key) == SignatureCheck::Good)
    }

    fn judge(
        &self,
        chain: &Content<'_>,
        key: Option<&Content<'_>>,
        trust: Option<&Content<'_>>,
        question: &Question,
    ) -> (Report, Evidence) {
        let mut evidence = self.base.clone();
        evidence.add_file(Role::Chain, &chain.file.name, chain.bytes());
        let locked = || self.contents.iter().find(|content| content.has_locked_key());
        let key = key.or_else(locked).or_else(|| self.ssh_key(chain)).or_else(|| self.closed(chain));
        if let Some(key) = key {
            evidence.add_file(Role::Key, &key.file.name, key.bytes());
        }
        if !self.question.trust_is_given {
            match trust {
                Some(trust) => evidence.add_file(Role::Trust, &trust.file.name, trust.bytes()),
                None => evidence.trust.extend(roots(self.contents)),
            }
        }
        for crl in self.lists(&evidence) {
            evidence.add_file(Role::Crl, &crl.file.name, crl.bytes());
        }
        add_neighbours(self.contents, &mut evidence);
        if key.is_none() {
            let finding = self.no_key(chain, &evidence, question);
            evidence.observed.push(finding);
        }
        (diagnose(&evidence, question), evidence)
    }

    /// The files of revocation lists that concern it, those of PEM first; none of which all lists are in one before it.
    fn lists(&self, evidence: &Evidence) -> Vec<&'a Content<'f>> {
        let mut files: Vec<_> = self.contents.iter().filter(|content| self.concerns(content, evidence)).collect();
        files.sort_by_key(|content| content.form != "PEM");
        let mut taken: Vec<&Content<'f>> = Vec::new();
        for file in files {
            if !file.has_lists_of(&taken) {
                taken.push(file);
            }
        }
        taken
    }

    /// A list of a CA that issued something here.
    fn concerns(&self, content: &Content<'_>, evidence: &Evidence) -> bool {
        let issues = |certificate: &Certificate| content.crls.iter().any(|crl| crl.issuer.same_as(&certificate.issuer));
        evidence.chain.iter().any(|presented| issues(&presented.certificate))
    }

    /// A key in OpenSSH's form of the same name as the chain file, which was meant for it.
    fn ssh_key(&self, chain: &Content<'_>) -> Option<&'a Content<'f>> {
        let is_ssh = |content: &&Content<'_>| content.others.iter().any(|other| matches!(other, Other::SshKey));
        self.contents.iter().filter(is_ssh).find(|content| content.stem() == chain.stem())
    }

    /// Where no key lies open, it is in what is closed: in the chain's own file, in one of its name, or in another.
    fn closed(&self, chain: &Content<'_>) -> Option<&'a Content<'f>> {
        let has_open_keys = self.contents.iter().any(|content| !content.keys.is_empty());
        let closed = self.contents.iter().filter(|content| content.is_closed() && !has_open_keys);
        closed.min_by_key(|content| (content.shown != chain.shown, content.stem() != chain.stem()))
    }

    /// No key of the folder is the leaf's. Those that belong to what lies there are not meant for it, unless one is named so or
    /// no certificate has its own.
    fn no_key(&self, chain: &Content<'_>, evidence: &Evidence, question: &Question) -> Finding {
        let keys = || self.contents.iter().filter(|content| !content.keys.is_empty());
        let is_paired = self.all().any(|it| !is_authority(it) && keys().any(|key| key.has_key_of(&it.public_key)));
        let belongs = |key: &Content<'_>| is_paired && self.all().any(|it| key.has_key_of(&it.public_key));
        let meant = keys().filter(|key| key.stem() == chain.stem() || !belongs(key));
        let meant: Vec<String> = meant.map(|content| content.shown.clone()).collect();
        let subject = &self.leaf.subject;
        let anew = || {
            let anew = replace(question, &evidence.situation, Some(self.leaf));
            format!("# put its own key into the folder; if that is gone, issue anew:\n{anew}")
        };
        let (code, message, fix) = match (keys().next().is_some(), meant.is_empty()) {
            (false, _) => {
                let message = format!("the folder holds no private key: expected that of `{subject}`");
                (Code::FileMissing, message, String::new())
            }
            (true, true) => {
                let message = format!(
                    "the private key of `{subject}` is not in the folder: each one there belongs to another certificate"
                );
                (Code::FileMissing, message, anew())
            }
            _ => (Code::KeyMismatch, format!("no private key of the folder belongs to `{subject}`"), anew()),
        };
        Finding::new(code, message)
            .mended_by(fix)
            .graded(Severity::Error)
            .shown_by("given_as", "--key")
            .shown_by("file", "the private key")
            .shown_by("keys_of_others", meant)
    }

    fn pair(
        &self,
        chain: &Content<'_>,
        key: Option<&Content<'_>>,
        trust: Option<&Content<'_>>,
        report: &Report,
    ) -> Pair {
        let leaf = self.leaf;
        let addresses = leaf.ip_addresses().map(|address| address.to_string());
        let names = leaf.dns_names().chain(leaf.email_addresses()).map(escape).chain(addresses).collect();
        Pair {
            subject: leaf.subject.to_string(),
            names,
            purpose: if self.question().purpose == Purpose::Client { "client" } else { "server" },
            not_after: rfc3339(leaf.validity.not_after),
            sha256: leaf.sha256_hex(),
            chain_file: chain.shown.clone(),
            key_file: key.map(|key| key.shown.clone()),
            trust_file: trust.map(|trust| trust.shown.clone()),
            whole: report.path_end == "anchored",
            order: report.chain.iter().map(|entry| entry.source.clone()).collect(),
            verdict: report.verdict,
            cause: report.cause.as_ref().map(|cause| cause.code),
        }
    }
}

/// The roots that lie in the folder.
pub(super) fn roots(contents: &[Content<'_>]) -> Vec<Presented> {
    let all = contents.iter().flat_map(|content| content.certificates.iter().map(move |c| (content, c)));
    let roots = all.filter(|(_, certificate)| certificate.is_ca() && certificate.is_self_signed());
    roots.map(|(content, certificate)| presented(content, certificate)).collect()
}

/// Takes in everything that lies in the folder as what lies beside.
pub(super) fn add_neighbours(contents: &[Content<'_>], evidence: &mut Evidence) {
    for content in contents {
        evidence.neighbours.extend(content.certificates.iter().map(|certificate| presented(content, certificate)));
        let keys = content.keys.iter().map(|key| KeyFile { key: key.clone(), file: content.file.name.clone() });
        evidence.neighbour_keys.extend(keys);
    }
}

fn presented(content: &Content<'_>, certificate: &Certificate) -> Presented {
    let position = content.certificates.iter().position(|c| c.der() == certificate.der()).map_or(1, |index| index + 1);
    Presented {
        certificate: certificate.clone(),
        source: format!("{}, certificate {position}", content.shown),
        file: Some(content.file.name.clone()),
    }
}

const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";

/// RFC 5280 section 4.2.1.12: without an extendedKeyUsage it is for everything, and most are servers'.
fn serves(leaf: &Certificate) -> bool {
    names_usage(leaf, SERVER_AUTH) || !names_usage(leaf, CLIENT_AUTH)
}

fn is_for_clients(leaf: &Certificate) -> bool {
    names_usage(leaf, CLIENT_AUTH) || leaf.extended_key_usage().is_none()
}

fn names_usage(leaf: &Certificate, oid: &str) -> bool {
    leaf.extended_key_usage().is_some_and(|list| list.iter().any(|known| *known == oid))
}
