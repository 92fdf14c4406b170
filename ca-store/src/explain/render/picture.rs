//! The chain as it is drawn, on a terminal and as SVG: certificates and gaps from the top down, and which link is broken.

use serde_json::Value;

use crate::explain::{ChainEntry, Report};
use crate::finding::{Code, Finding};

/// The most nodes that are drawn; people compare the ends and the place that is marked, and honest chains have five at
/// most.
const MAX_NODES: usize = 8;

/// Codes that are about a certificate and the one above it together: the link is marked, not the certificate.
const OF_LINKS: &[Code] = &[
    Code::SameSubjectAsIssuer,
    Code::SameKeyAsIssuer,
    Code::IssuerRenamed,
    Code::IssuerNameEncoding,
    Code::IssuerNameCase,
    Code::RootNotTrusted,
    Code::RootInOtherStore,
    Code::RootRegenerated,
    Code::IntermediateRegenerated,
    Code::IntermediateAsTrustAnchor,
    Code::MissingIntermediate,
    Code::SignatureInvalid,
    Code::AkiMismatch,
    Code::Intercepted,
];

/// Codes that are about the chain as it was handed over, and of no place in it.
const OF_THE_WHOLE: &[Code] = &[Code::ChainOrder, Code::ChainExtra, Code::ChainDuplicate, Code::LeafMissing];

/// What stands at one place of the chain.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node<'a> {
    /// A certificate; the cause where it is about this one.
    Certificate(&'a ChainEntry, Option<&'a Finding>),
    /// A certificate of this subject would belong here and is not among what was given; where one lies all the same, if one does.
    Missing(&'a str, Option<&'a str>),
    /// A certificate of the right name that did not sign what is below, and where it comes from.
    Stranger(&'a str, &'a str),
    /// The path ends below, with nothing that is trusted.
    NoAnchor,
    /// So many certificates are not drawn.
    Elided(usize),
}

/// How a node hangs from the one above it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Link<'a> {
    /// Nothing is above.
    Top,
    /// In order, as far as this link goes.
    Whole,
    /// In order by the rules, and some clients refuse it.
    Doubted(&'a Finding),
    /// Broken, and by what.
    Broken(Option<&'a Finding>),
}

/// A node and its link upwards.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row<'a> {
    pub(super) node: Node<'a>,
    pub(super) link: Link<'a>,
}

/// A chain as it is drawn.
#[derive(Debug, PartialEq)]
pub(super) struct Drawing<'a> {
    /// Whose it is.
    pub(super) title: &'static str,
    /// From the top down.
    pub(super) rows: Vec<Row<'a>>,
}

/// What is drawn, the chain first that the cause is about; nothing where there is no chain.
pub(super) fn drawings(report: &Report) -> Vec<Drawing<'_>> {
    let judged = Chain {
        entries: &report.chain,
        end: report.path_end,
        cause: report.cause.as_ref().map(|cause| (cause, cause.certificate)),
    };
    let client = report.endpoint.as_ref().and_then(|it| it.client_chain.as_ref()).filter(|it| it.has_cause);
    let chains = match client {
        Some(client) => {
            let cause = report.cause.as_ref().map(|cause| (cause, client.certificate));
            let shown = Chain { entries: &client.chain, end: client.path_end, cause };
            vec![("The client's chain", shown), ("The server's chain", Chain { cause: None, ..judged })]
        }
        None if report.asked.purpose == "client" => vec![("The client's chain", judged)],
        None => vec![("Chain", judged)],
    };
    let drawn = chains.into_iter().map(|(title, chain)| Drawing { title, rows: rows(chain) });
    drawn.filter(|it| !it.rows.is_empty()).collect()
}

/// A path, why it ends, and the cause with its place where it is about this one.
#[derive(Clone, Copy)]
struct Chain<'a> {
    entries: &'a [ChainEntry],
    end: &'static str,
    cause: Option<(&'a Finding, Option<usize>)>,
}

fn rows(chain: Chain<'_>) -> Vec<Row<'_>> {
    let Some(top) = chain.entries.last() else { return Vec::new() };
    let last = chain.entries.len() - 1;
    let above = above(chain, top, last);
    let mut link = if above.is_some() { upwards(chain, last) } else { Link::Top };
    let mut rows: Vec<Row<'_>> = above.map(|node| Row { node, link: Link::Top }).into_iter().collect();
    for (index, entry) in chain.entries.iter().enumerate().rev() {
        rows.push(Row { node: Node::Certificate(entry, mark(chain, index)), link });
        link = index.checked_sub(1).map_or(Link::Whole, |below| of_link(chain, below).unwrap_or(Link::Whole));
    }
    elide(rows)
}

impl<'a> Chain<'a> {
    /// The cause, where it is about that certificate.
    fn at(self, index: usize) -> Option<&'a Finding> {
        self.cause.filter(|(_, place)| *place == Some(index)).map(|(cause, _)| cause)
    }
}

/// What is drawn above the topmost certificate: nothing where it is trusted and no more is wanted.
fn above<'a>(chain: Chain<'a>, top: &'a ChainEntry, last: usize) -> Option<Node<'a>> {
    let finding = link_finding(chain, last);
    let anchored = chain.end == "anchored";
    if anchored && finding.is_none() {
        return None;
    }
    let other = |name: &str| finding.and_then(|it| it.evidence.get(name)).and_then(Value::as_str);
    match (other("issuer_subject"), other("issuer_source")) {
        (Some(subject), Some(source)) => Some(Node::Stranger(subject, source)),
        _ if chain.end == "self-signed" => Some(Node::NoAnchor),
        _ => Some(Node::Missing(&top.issuer, other("found_in"))),
    }
}

fn upwards(chain: Chain<'_>, last: usize) -> Link<'_> {
    of_link(chain, last).unwrap_or(Link::Broken(None))
}

fn of_link(chain: Chain<'_>, index: usize) -> Option<Link<'_>> {
    use crate::finding::Severity::Error;
    let finding = link_finding(chain, index)?;
    Some(if finding.severity == Error { Link::Broken(Some(finding)) } else { Link::Doubted(finding) })
}

/// The cause, where it is about the link above that certificate.
fn link_finding(chain: Chain<'_>, index: usize) -> Option<&Finding> {
    chain.at(index).filter(|cause| OF_LINKS.contains(&cause.code))
}

/// The cause, where it is about that certificate itself.
fn mark(chain: Chain<'_>, index: usize) -> Option<&Finding> {
    let elsewhere = |code: &Code| OF_LINKS.contains(code) || OF_THE_WHOLE.contains(code);
    chain.at(index).filter(|cause| !elsewhere(&cause.code))
}

/// Leaves out what stands between the ends and the marked place, where there is too much of it.
fn elide(rows: Vec<Row<'_>>) -> Vec<Row<'_>> {
    if rows.len() <= MAX_NODES {
        return rows;
    }
    let count = rows.len();
    let marked = rows.iter().rposition(is_marked).unwrap_or(0);
    let kept = |index: usize| index < 2 || index + 2 >= count || index.abs_diff(marked) <= 1;
    let mut shown: Vec<Row<'_>> = Vec::new();
    for (index, row) in rows.into_iter().enumerate() {
        match shown.last_mut().map(|row| &mut row.node) {
            _ if kept(index) => shown.push(row),
            Some(Node::Elided(hidden)) => *hidden += 1,
            _ => shown.push(Row { node: Node::Elided(1), link: Link::Whole }),
        }
    }
    shown
}

fn is_marked(row: &Row<'_>) -> bool {
    matches!(row.node, Node::Certificate(_, Some(_))) || matches!(row.link, Link::Broken(_) | Link::Doubted(_))
}
