//! Constraints that are in order, of a kind that some clients do not process.

use crate::explain::{Case, Presented};
use crate::facts::{GeneralName, NameConstraints};
use crate::finding::check::issuing::issuers;
use crate::finding::{Code, Finding};

use super::{below, excluded, is_critical, kind, not_permitted};

/// Section 4.2.1.10: a client that does not process a kind of constraint rejects what has a name of that kind, where the extension is
/// critical; webpki does in any case. Names that lie outside are told as that.
pub(in crate::finding::check) fn support(case: &Case<'_>) -> Vec<Finding> {
    issuers(case).filter_map(|(index, ca, _)| unprocessed(case, index, ca)).collect()
}

fn unprocessed(case: &Case<'_>, index: usize, ca: &Presented) -> Option<Finding> {
    let constraints = ca.certificate.name_constraints()?;
    let critical = is_critical(ca);
    let (tree, name) = not_by_all(case, index, constraints).or_else(|| known_to_few(constraints, critical))?;
    let excludes = constraints.excluded.iter().any(|excluded| kind(excluded) == kind(tree));
    let below = name.as_ref().map_or_else(|| "none of that kind".to_owned(), ToString::to_string);
    let message = format!(
        "`{}` constrains names by {tree} (below it: {below}), a kind of constraint that some clients do not process: they refuse \
         what they cannot judge (RFC 5280 section 4.2.1.10)",
        ca.certificate.subject
    );
    Some(
        Finding::new(Code::NameConstraintSupport, message)
            .about(index)
            .shown_by("constraint", tree.to_string())
            .shown_by("kind", kind(tree))
            .shown_by("name", below)
            .shown_by("tree", if excludes { "excluded" } else { "permitted" })
            .shown_by("critical", if critical { "yes" } else { "no" })
            .reissued(case),
    )
}

/// A URI, a mailbox or a directory name below, which is within, and the constraint on its kind.
fn not_by_all<'a>(
    case: &Case<'_>,
    index: usize,
    constraints: &'a NameConstraints,
) -> Option<(&'a GeneralName, Option<GeneralName>)> {
    let is_one =
        |name: &GeneralName| matches!(name, GeneralName::Uri(_) | GeneralName::Email(_) | GeneralName::Directory(_));
    let names = below(case, index).flat_map(|(_, _, names)| names).filter(is_one);
    let outside = |name: &GeneralName| excluded(constraints, name).or_else(|| not_permitted(constraints, name));
    names.filter(|name| outside(name).is_none()).find_map(|name| {
        let mut trees = constraints.permitted.iter().chain(&constraints.excluded);
        trees.find(|tree| kind(tree) == kind(&name)).map(|tree| (tree, Some(name)))
    })
}

/// A constraint of a kind that hardly anybody knows, without a name of that kind: Go refuses it where it is critical, and GnuTLS all but
/// an otherName in any case.
fn known_to_few(constraints: &NameConstraints, critical: bool) -> Option<(&GeneralName, Option<GeneralName>)> {
    let mut trees = constraints.permitted.iter().chain(&constraints.excluded);
    let refused = |tree: &&GeneralName| matches!(tree, GeneralName::Other(..)) && (critical || kind(tree) == "other");
    trees.find(refused).map(|tree| (tree, None))
}
