//! Path building (RFC 4158): which chains lead from the leaf to a trust anchor, and where the others end.

use std::collections::HashSet;

use crate::facts::SignatureCheck;

use super::budget::{Bound, Budget, MAX_DEPTH, MAX_PATHS, MAX_STEPS};
use super::{Evidence, Origin, Presented, Question};

/// A certificate on a path.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// The certificate.
    pub presented: &'a Presented,
    /// Where it stands in the evidence.
    pub origin: Origin,
}

/// Why a path goes no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Its topmost certificate is a trust anchor.
    Anchored,
    /// Its topmost certificate is signed by its own key, and is not trusted.
    SelfSigned,
    /// Nothing at hand issued its topmost certificate.
    NoIssuer,
    /// It was not followed any further: what may have issued its topmost certificate is at hand, beyond this bound.
    CutShort(Bound),
}

/// Certificates from the leaf upwards, each signed by the key of the next and naming it as its issuer.
#[derive(Debug, Clone)]
pub struct Path<'a> {
    /// The certificates.
    pub steps: Vec<Step<'a>>,
    /// Why there are no more.
    pub end: End,
}

impl<'a> Path<'a> {
    /// The certificate that the question is about.
    pub fn leaf(&self) -> &'a Presented {
        self.steps[0].presented
    }

    /// The topmost certificate.
    pub fn top(&self) -> &'a Presented {
        self.steps[self.steps.len() - 1].presented
    }

    /// Each certificate with its index.
    pub fn certificates(&self) -> impl Iterator<Item = (usize, &'a Presented)> + '_ {
        self.steps.iter().enumerate().map(|(index, step)| (index, step.presented))
    }

    /// Each certificate but the topmost, with its index and its issuer.
    pub fn links(&self) -> impl Iterator<Item = (usize, &'a Presented, &'a Presented)> + '_ {
        self.steps.windows(2).enumerate().map(|(index, pair)| (index, pair[0].presented, pair[1].presented))
    }
}

/// One path under one question: what every check looks at.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// All there is.
    pub evidence: &'a Evidence,
    /// What is asked.
    pub question: &'a Question,
    /// The path to judge.
    pub path: &'a Path<'a>,
    /// What the search for paths has left over for checks that look at further signatures.
    pub budget: &'a Budget,
}

/// All paths that were found, the anchored ones first, then the longest.
#[derive(Debug)]
pub(super) struct Search<'a> {
    pub(super) paths: Vec<Path<'a>>,
    /// The first bound that kept a candidate from being tried.
    pub(super) cut: Option<Bound>,
    pub(super) budget: Budget,
}

/// Builds all paths from the leaf, within the budget.
pub(super) fn search<'a>(evidence: &'a Evidence, question: &Question) -> Search<'a> {
    let mut builder = Builder { evidence, question, found: Vec::new(), budget: Budget::new(), steps: 0, cut: None };
    if let Some(index) = leaf_index(evidence) {
        builder.extend(&mut vec![Step { presented: &evidence.chain[index], origin: Origin::Chain(index) }]);
    }
    let mut paths = builder.found;
    paths.sort_by_key(|path| (path.end != End::Anchored, std::cmp::Reverse(path.steps.len())));
    Search { paths, cut: builder.cut, budget: builder.budget }
}

/// The certificate that the chain is about: the key's, else the first, unless that is a CA and another is not.
pub(crate) fn leaf_index(evidence: &Evidence) -> Option<usize> {
    let key = evidence.key.as_ref().and_then(|file| file.key.public_key.as_ref());
    let is_keys =
        |p: &Presented| key.is_some_and(|key| key.same_as(&p.certificate.public_key)) && !p.certificate.is_ca();
    let by_key = evidence.chain.iter().position(is_keys);
    let first_leaf = || evidence.chain.iter().position(|p| !p.certificate.is_ca());
    by_key.or_else(first_leaf).or(if evidence.chain.is_empty() { None } else { Some(0) })
}

struct Builder<'a, 'q> {
    evidence: &'a Evidence,
    question: &'q Question,
    found: Vec<Path<'a>>,
    budget: Budget,
    steps: usize,
    cut: Option<Bound>,
}

impl<'a> Builder<'a, '_> {
    /// The bound that keeps a candidate for the top of this path from being tried.
    fn exhausted(&self, path: &[Step<'a>]) -> Option<Bound> {
        let bounds = [
            (path.len() >= MAX_DEPTH, Bound::Depth),
            (self.budget.is_spent(), Bound::Signatures),
            (self.steps >= MAX_STEPS, Bound::Steps),
            (self.found.len() >= MAX_PATHS, Bound::Paths),
        ];
        bounds.into_iter().find(|(reached, _)| *reached).map(|(_, bound)| bound)
    }

    fn extend(&mut self, path: &mut Vec<Step<'a>>) {
        let top = path[path.len() - 1];
        if self.is_anchor(top.presented) {
            self.end(path, End::Anchored);
            // A leaf or an intermediate among the anchors may still lead to a root among them.
            if top.presented.certificate.is_self_issued() {
                return;
            }
        }
        let (mut issued, mut cut) = (false, None);
        // The likeliest is followed to its end before the next one's signature is looked at: a crowd of namesakes cannot
        // use up the budget before the right one had its turn.
        for issuer in self.candidates(path) {
            cut = self.exhausted(path);
            if cut.is_some() {
                break;
            }
            if self.signed(path, issuer.presented) {
                issued = true;
                path.push(issuer);
                self.extend(path);
                path.pop();
            }
        }
        self.cut = self.cut.or(cut);
        if !issued && !self.is_anchor(top.presented) {
            self.end(path, cut.map_or_else(|| natural_end(top.presented), End::CutShort));
        }
    }

    fn end(&mut self, path: &[Step<'a>], end: End) {
        self.found.push(Path { steps: path.to_vec(), end });
    }

    fn is_anchor(&self, presented: &Presented) -> bool {
        self.evidence.trust.iter().any(|anchor| anchor.certificate.der() == presented.certificate.der())
    }

    /// Whoever at hand may have issued the topmost certificate: the right name, and not on the path yet. The likeliest
    /// first: named by the AKI, valid at the time of the question, trusted.
    fn candidates(&mut self, path: &[Step<'a>]) -> Vec<Step<'a>> {
        let child = &path[path.len() - 1].presented.certificate;
        let mut named: Vec<Step<'a>> = Vec::new();
        let mut known: HashSet<&[u8]> = path.iter().map(|step| step.presented.certificate.der()).collect();
        for (presented, origin) in self.evidence.pool() {
            self.steps += 1;
            let issued = child.issuer.same_as(&presented.certificate.subject);
            if issued && known.insert(presented.certificate.der()) && !loops(path, presented) {
                named.push(Step { presented, origin });
            }
        }
        let now = self.question.at;
        named.sort_by_key(|step| {
            let certificate = &step.presented.certificate;
            let key_named =
                child.authority_key_identifier().is_some_and(|id| certificate.subject_key_identifier() == Some(id));
            let current = certificate.validity.not_before <= now && now <= certificate.validity.not_after;
            (!key_named, !current, step.origin != Origin::Trust)
        });
        named
    }

    fn signed(&self, path: &[Step<'a>], issuer: &Presented) -> bool {
        let child = &path[path.len() - 1].presented.certificate;
        let checked = self.budget.verify(child, &issuer.certificate.public_key);
        // An algorithm that cannot be checked is a finding of its own; the path goes on, so that it can be seen.
        checked.is_some_and(|check| check != SignatureCheck::Bad)
    }
}

/// Why a path ends where nothing at hand issued its top.
fn natural_end(top: &Presented) -> End {
    if top.certificate.is_self_signed() { End::SelfSigned } else { End::NoIssuer }
}

/// The same name and key again: a loop of cross-signatures (RFC 4158 section 2.4.2).
fn loops(path: &[Step<'_>], presented: &Presented) -> bool {
    path.iter().any(|step| {
        let known = &step.presented.certificate;
        known.subject.same_as(&presented.certificate.subject)
            && known.public_key.same_as(&presented.certificate.public_key)
    })
}
