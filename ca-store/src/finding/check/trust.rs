//! Where the path ends, and what stands at its top.

use crate::explain::{Case, End, Origin, Presented, exceeded};
use crate::facts::{Certificate, NameMatch, SignatureCheck};
use crate::finding::fix::{is_client, neighbour_issuer, neighbour_issuers, reissue};
use crate::finding::{Code, Finding};

use super::anchors::{as_ca_file, is_changed};
use super::interception::intercepted;
use super::missing::missing_intermediate;

/// Why no path leads to a trust anchor (RFC 5280 section 6.1: the path begins with one). One finding: the narrowest.
pub(super) fn broken_link(case: &Case<'_>) -> Vec<Finding> {
    match case.path.end {
        End::Anchored => return Vec::new(),
        End::CutShort(bound) => return vec![exceeded(case, bound)],
        End::SelfSigned | End::NoIssuer => {}
    }
    let explanations: [fn(&Case<'_>) -> Option<Finding>; 7] =
        [ca_key_reused, regenerated, renamed, self_signed_leaf, intercepted, missing_intermediate, not_trusted];
    explanations.into_iter().find_map(|explain| explain(case)).into_iter().collect()
}

pub(super) fn top<'a>(case: &Case<'a>) -> (usize, &'a Certificate) {
    (case.path.steps.len() - 1, &case.path.top().certificate)
}

/// A leaf with its CA's name and its CA's key as well is self-signed in the end, and the CA beside it tells why.
fn ca_key_reused(case: &Case<'_>) -> Option<Finding> {
    let (index, leaf) = top(case);
    let (ca, origin) = case.evidence.pool().find(|(p, _)| {
        p.certificate.der() != leaf.der()
            && p.certificate.is_ca()
            && p.certificate.public_key.same_as(&leaf.public_key)
            && leaf.issuer.same_as(&p.certificate.subject)
    })?;
    let message = format!(
        "`{}` has the name and the key of its CA ({}): it is self-signed, and whoever holds this key is the CA",
        leaf.subject, ca.source
    );
    (index == 0 && !leaf.is_ca()).then(|| {
        key_evidence(Finding::new(Code::SameKeyAsIssuer, message).about(0), leaf, &ca.certificate)
            .shown_by("ca_is", if origin == Origin::Trust { "trusted" } else { "not trusted" })
            .reissued(case)
    })
}

/// A CA of the right name is there, and its key is not the one that signed (RFC 5280 section 6.1.3 (a)(1)).
fn regenerated(case: &Case<'_>) -> Option<Finding> {
    let (index, child) = top(case);
    let not_itself = |p: &Presented| p.certificate.der() != child.der();
    // The search may have spent its budget on exactly those of that name: one more look tells what they are.
    let verify = |key| case.budget.verify(child, key).or_else(|| case.budget.verify_beside(child, key));
    let (other, origin) = case.evidence.pool().find(|(p, _)| {
        not_itself(p)
            && child.issuer.same_as(&p.certificate.subject)
            && verify(&p.certificate.public_key) == Some(SignatureCheck::Bad)
    })?;
    // A self-signed leaf names itself as issuer; another leaf of that name is no CA that was made anew.
    if child.is_self_signed() && !other.certificate.is_ca() {
        return None;
    }
    let (aki, ski) = (child.authority_key_identifier(), other.certificate.subject_key_identifier());
    let same_key_named = aki.is_some() && aki == ski;
    let trusted = origin == Origin::Trust;
    let (code, what) = match (same_key_named, trusted) {
        (true, _) => (
            Code::SignatureInvalid,
            "its key identifier fits as well, so the certificate was changed after it was signed, or is damaged",
        ),
        (false, true) => {
            (Code::RootRegenerated, "the CA was made anew under the old name, and this certificate is from the old one")
        }
        (false, false) => (
            Code::IntermediateRegenerated,
            "the intermediate was made anew under the old name, and this certificate is from the old one",
        ),
    };
    let message = format!(
        "`{}` was signed by another key than that of `{}` ({}): {what}",
        child.subject, other.certificate.subject, other.source
    );
    Some(
        key_evidence(Finding::new(code, message).about(index), child, &other.certificate)
            .shown_by("issuer_source", other.source.clone())
            .reissued(case),
    )
}

/// The key is right and the name is not (RFC 5280 section 6.1.3 (a)(4)).
fn renamed(case: &Case<'_>) -> Option<Finding> {
    let (index, child) = top(case);
    let named = |p: &Presented| {
        child.authority_key_identifier().is_some_and(|id| p.certificate.subject_key_identifier() == Some(id))
    };
    let others = || {
        let pool = case.evidence.pool().map(|(p, _)| p);
        pool.filter(|p| p.certificate.der() != child.der())
            .filter(|p| child.issuer.compare(&p.certificate.subject) == NameMatch::Different)
    };
    // Those that the key identifier names come first: the budget may not be enough for a whole system's store.
    let mut likeliest_first = others().filter(|p| named(p)).chain(others().filter(|p| !named(p)));
    let other =
        likeliest_first.find(|p| case.budget.verify(child, &p.certificate.public_key) == Some(SignatureCheck::Good))?;
    // A changed name of an anchor is damage, which is told as such.
    if other.certificate.public_key.same_as(&child.public_key) || is_changed(&other.certificate) {
        return None;
    }
    let message = format!(
        "the key of `{}` signed `{}`, which names another issuer, `{}`: the CA's name was changed after it was issued",
        other.certificate.subject, child.subject, child.issuer
    );
    Some(
        key_evidence(Finding::new(Code::IssuerRenamed, message).about(index), child, &other.certificate)
            .shown_by("issuer_source", other.source.clone())
            .reissued(case),
    )
}

/// Its own key verifies its signature, and no CA is above it.
fn self_signed_leaf(case: &Case<'_>) -> Option<Finding> {
    let (index, leaf) = top(case);
    if index > 0 || !leaf.is_self_signed() || looks_like_ca(case, leaf) {
        return None;
    }
    let message = format!(
        "`{}` is signed by its own key: no CA vouches for it, so every client would have to be told of it",
        leaf.subject
    );
    Some(
        Finding::new(Code::SelfSignedLeaf, message)
            .about(0)
            .shown_by("subject", leaf.subject.to_string())
            .shown_by("issuer", leaf.issuer.to_string())
            .shown_by("key_sha256", leaf.public_key.sha256_hex())
            .reissued(case),
    )
}

/// A CA certificate on its own is a root that was handed over as a chain, not a leaf that signed itself.
pub(super) fn looks_like_ca(case: &Case<'_>, certificate: &Certificate) -> bool {
    certificate.is_ca() && certificate.subject_alt_names().is_none() && !serves_as_leaf(case, certificate)
}

/// `openssl req -x509` makes CAs, and people give them to servers: alone, with their own key, or under the server's name.
pub(super) fn serves_as_leaf(case: &Case<'_>, certificate: &Certificate) -> bool {
    let alone = case.evidence.chain.len() == 1 && certificate.is_self_signed();
    let named = || {
        let common_name = certificate.subject.common_name();
        case.question.names.iter().any(|name| common_name.is_some_and(|cn| cn.eq_ignore_ascii_case(&name.to_string())))
    };
    let key = case.evidence.key.as_ref().and_then(|file| file.key.public_key.as_ref());
    alone && key.map_or_else(named, |key| key.same_as(&certificate.public_key) && may_name_a_host(certificate))
}

/// `Example Root` names no host: who gives such a certificate to a server, with its key, has given it the CA.
fn may_name_a_host(certificate: &Certificate) -> bool {
    let part_of_host = |c: char| c.is_alphanumeric() || ".-_:*".contains(c);
    certificate.subject.common_name().is_none_or(|name| name.chars().all(part_of_host))
}

/// The top is a CA, and nothing trusted issued it or is it (RFC 5280 section 6.1.1 (d)).
fn not_trusted(case: &Case<'_>) -> Option<Finding> {
    let (index, child) = top(case);
    let anchors: Vec<String> = case.evidence.trust.iter().map(|p| p.certificate.subject.to_string()).collect();
    let found = match &anchors[..] {
        [] => "no trust anchor at all".to_owned(),
        [one] => format!("only `{one}`"),
        several => format!("{} others", several.len()),
    };
    let wanted = if child.is_self_issued() { &child.subject } else { &child.issuer };
    let message = format!("`{wanted}` is not among the trust anchors: expected it there, found {found}");
    let finding = Finding::new(Code::RootNotTrusted, message)
        .about(index)
        .shown_by("issuer_wanted", wanted.to_string())
        .shown_by("top", if child.is_self_issued() { "sent" } else { "not sent" })
        .shown_by("trust_anchors", anchors);
    Some(finding.mended_by(trust_it(case)))
}

/// What would be trusted, where it lies beside the files: the root itself before what others have certified of it.
pub(crate) fn root_beside<'a>(case: &Case<'a>) -> Option<&'a Presented> {
    let child = top(case).1;
    let root = neighbour_issuers(case, child).find(|it| it.certificate.is_self_issued());
    root.or_else(|| neighbour_issuer(case, child)).or_else(|| {
        case.evidence.neighbours.iter().find(|p| child.is_self_issued() && p.certificate.der() == child.der())
    })
}

/// The root where it lies beside the files or was sent along, else the certificate from a CA that is trusted.
fn trust_it(case: &Case<'_>) -> String {
    match root_beside(case).and_then(|p| p.file.as_deref().map(|file| (file, p))) {
        Some((file, root)) => format!(
            "# compare first with what the CA's owner says: SHA-256 {}\n{}",
            root.certificate.sha256_hex(),
            as_ca_file(case, file)
        ),
        None => format!(
            "# if this CA is yours, give its root as --trust; if not, issue the certificate from a CA that {}:\n{}",
            if is_client(case) { "the server trusts" } else { "your clients trust" },
            reissue(case, Code::RootNotTrusted)
        ),
    }
}

/// Both sides of a link: names and key identifiers.
pub(super) fn key_evidence(finding: Finding, child: &Certificate, issuer: &Certificate) -> Finding {
    let id = |id: Option<&[u8]>| id.map_or_else(|| "absent".to_owned(), crate::facts::hex);
    finding
        .shown_by("subject", child.subject.to_string())
        .shown_by("issuer", child.issuer.to_string())
        .shown_by("issuer_subject", issuer.subject.to_string())
        .shown_by("subject_key_id", id(child.subject_key_identifier()))
        .shown_by("authority_key_id", id(child.authority_key_identifier()))
        .shown_by("issuer_key_id", id(issuer.subject_key_identifier()))
        .shown_by("key_sha256", child.public_key.sha256_hex())
        .shown_by("issuer_key_sha256", issuer.public_key.sha256_hex())
}
