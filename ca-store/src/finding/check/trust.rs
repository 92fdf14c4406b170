//! Where the path ends, and what stands at its top.

use crate::explain::{Case, End, MAX_DEPTH, Origin, Presented, Situation, exceeded};
use crate::facts::{Certificate, NameMatch, SignatureCheck};
use crate::finding::fix::{ask, ask_again, files_of, hold_just, missing_above, neighbour_issuer, quote_file, reissue};
use crate::finding::{Code, Finding, Severity};

use super::interception::intercepted;

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

fn top<'a>(case: &Case<'a>) -> (usize, &'a Certificate) {
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
    let (other, origin) = case.evidence.pool().find(|(p, _)| {
        not_itself(p)
            && child.issuer.same_as(&p.certificate.subject)
            && case.budget.verify(child, &p.certificate.public_key) == Some(SignatureCheck::Bad)
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
fn looks_like_ca(case: &Case<'_>, certificate: &Certificate) -> bool {
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

/// A leaf whose CA was not sent (RFC 8446 section 4.4.2: each certificate certifies the one before).
fn missing_intermediate(case: &Case<'_>) -> Option<Finding> {
    let (index, child) = top(case);
    let beside = neighbour_issuer(case, child);
    let gap = child.is_self_signed() || (child.is_ca() && beside.is_none_or(|p| p.certificate.is_self_issued()));
    if gap {
        return None;
    }
    let message =
        format!("the CA that issued `{}` was not sent: expected a certificate of `{}`", child.subject, child.issuer);
    let fix = match missing(case) {
        Some(missing) => append(case, &missing),
        None => ask_for_intermediate(case, child),
    };
    let mut finding =
        Finding::new(Code::MissingIntermediate, message).about(index).shown_by("issuer", child.issuer.to_string());
    if let Some(id) = child.authority_key_identifier() {
        finding = finding.shown_by("authority_key_id", crate::facts::hex(id));
    }
    if let Some(found) = beside {
        finding = finding.shown_by("found_in", found.source.clone());
    }
    Some(finding.mended_by(fix))
}

/// All that is missing above the path, where its first CA lies beside the files.
pub(crate) fn missing<'a>(case: &'a Case<'a>) -> Option<Vec<&'a Presented>> {
    let first = neighbour_issuer(case, top(case).1).filter(|p| !p.certificate.is_self_issued())?;
    Some(missing_above(case, first))
}

/// All that is missing, behind what is sent; put in order again where it would not be.
fn append(case: &Case<'_>, missing: &[&Presented]) -> String {
    let chain = case.evidence.situation.chain_file.as_deref();
    if let (None, Some(written)) = (chain, written_by_store(case)) {
        return written;
    }
    let files = files_of(missing);
    let out = case.evidence.situation.mend_file();
    let words: Vec<String> = [chain.unwrap_or("cert.pem")].iter().chain(&files).map(|file| quote_file(file)).collect();
    let whose = if chain.is_none() { "# cert.pem is the server's certificate file:\n" } else { "" };
    let joined = format!("{whose}cat {} > {out}", words.join(" "));
    if is_whole(case, missing) {
        let again = ask_again(case, Some(out), None, None);
        return format!("{joined}\n{again}\n# then give the server {out} in place of its certificate file");
    }
    let folder = case.evidence.situation.mend_folder();
    let mend = ask_again(case, Some(out), None, None);
    let again = ask_again(case, Some(&format!("{folder}/fullchain.pem")), None, None);
    format!("{joined}\n{mend} --repair {folder} || true\n{again}\n# then give the server {folder}/fullchain.pem")
}

/// Whether what was sent and these files, joined, are the chain and nothing else.
fn is_whole(case: &Case<'_>, missing: &[&Presented]) -> bool {
    case.path.steps.len() == case.evidence.chain.len() && hold_just(case, &files_of(missing), missing)
}

/// The file in which [`append`] leaves the chain.
pub(crate) fn joined_file(case: &Case<'_>, missing: &[&Presented]) -> String {
    let situation = &case.evidence.situation;
    match is_whole(case, missing) {
        true => situation.mend_file().to_owned(),
        false => format!("{}/fullchain.pem", situation.mend_folder()),
    }
}

/// Of a server's own certificate that the store has issued, the store has written the whole chain.
fn written_by_store(case: &Case<'_>) -> Option<String> {
    let (situation, leaf) = (&case.evidence.situation, &case.path.leaf().certificate);
    situation.issued_certificate.as_ref().filter(|issued| issued.der() == leaf.der())?;
    let is_its = |name: &str| leaf.dns_names().any(|own| own.eq_ignore_ascii_case(name));
    let issued = situation.issued.iter().find(|issued| issued.names.iter().any(|name| is_its(name)))?;
    let chain = format!("{}/fullchain.pem", issued.folder);
    let again = ask(&Situation { endpoint: None, ..situation.clone() }, case.question, Some(&chain), None, None);
    Some(format!("{again}\n# then give the server {} in place of its certificate file", quote_file(&chain)))
}

fn ask_for_intermediate(case: &Case<'_>, child: &Certificate) -> String {
    format!(
        "# if {0} is a root, its certificate belongs among the trust anchors of the other side (here: --trust FILE); if it is an\n\
         # intermediate CA and you have its certificate:  cat {1} INTERMEDIATE.pem > {3}\n# if neither, issue the certificate again from a CA of your own:\n{2}",
        child.issuer,
        quote_file(case.evidence.situation.chain_file.as_deref().unwrap_or("cert.pem")),
        reissue(case, Code::MissingIntermediate),
        case.evidence.situation.mend_file()
    )
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

/// What would be trusted, where it lies beside the files.
pub(crate) fn root_beside<'a>(case: &Case<'a>) -> Option<&'a Presented> {
    let child = top(case).1;
    neighbour_issuer(case, child).or_else(|| {
        case.evidence.neighbours.iter().find(|p| child.is_self_issued() && p.certificate.der() == child.der())
    })
}

/// The root where it lies beside the files or was sent along, else the certificate from a CA that is trusted.
fn trust_it(case: &Case<'_>) -> String {
    match root_beside(case).and_then(|p| p.file.as_deref().map(|file| (file, p))) {
        Some((file, root)) => format!(
            "# compare first with what the CA's owner says: SHA-256 {}\n{}\n# then give clients {} as their CA file",
            root.certificate.sha256_hex(),
            ask_again(case, None, None, Some(file)),
            quote_file(file)
        ),
        None => format!(
            "# if this CA is yours, give its root as --trust; if not, issue the certificate from a CA that your clients trust:\n{}",
            reissue(case, Code::RootNotTrusted)
        ),
    }
}

/// An anchor that says it signed itself, and neither its own key nor another of that name did: a changed byte. Clients
/// that check the signatures of anchors refuse it, and mostly its key is not the one that signed below. Where it is, the
/// path holds all the same (RFC 5280 section 6.1.1 (d): of an anchor only name and key count).
pub(super) fn damaged_anchor(case: &Case<'_>) -> Vec<Finding> {
    let others_bad = |anchor: &Certificate| {
        let namesakes = case.evidence.pool().map(|(p, _)| &p.certificate).filter(|p| p.der() != anchor.der());
        namesakes
            .filter(|p| p.subject.same_as(&anchor.issuer))
            .all(|p| case.budget.verify(anchor, &p.public_key) == Some(SignatureCheck::Bad))
    };
    // Its own key is tried first, outside of the budget: that is one signature an anchor, however large the store is.
    let damaged = case.evidence.trust.iter().find(|p| {
        let anchor = &p.certificate;
        anchor.is_ca() && is_changed(anchor) && others_bad(anchor)
    });
    damaged
        .map(|p| {
            let message = format!(
                "the CA file's certificate `{}` ({}) is damaged: no key of that name verifies its signature",
                p.certificate.subject, p.source
            );
            // X509_check_issued() of OpenSSL: a root has one name, and its key's identifier where it names one.
            let id = p.certificate.authority_key_identifier();
            let is_root = p.certificate.is_self_issued()
                && id.is_none_or(|id| p.certificate.subject_key_identifier().is_none_or(|own| own == id));
            let anchors = case.path.end == End::Anchored && case.path.top().certificate.der() == p.certificate.der();
            Finding::new(Code::CertificateCorrupt, message)
                .graded(if anchors { Severity::Warning } else { Severity::Error })
                .shown_by("sha256", p.certificate.sha256_hex())
                .shown_by("source", p.source.clone())
                .shown_by("still_a_root", if is_root { "yes" } else { "no" })
                .mended_by(format!(
                    "# copy the CA file again from where it came, and compare its fingerprint; or issue anew:\n{}",
                    reissue(case, Code::CertificateCorrupt)
                ))
        })
        .into_iter()
        .collect()
}

/// By its names or by its key's identifier it says that it signed itself, and its key did not.
fn is_changed(anchor: &Certificate) -> bool {
    let id = anchor.authority_key_identifier();
    let is_own = anchor.is_self_issued() || id.is_some() && id == anchor.subject_key_identifier();
    is_own && anchor.verified_by(&anchor.public_key) == SignatureCheck::Bad
}

/// The server's own certificate stands among the anchors in place of its CA's (RFC 5280 section 6.1.1 (d)).
pub(super) fn leaf_as_anchor(case: &Case<'_>) -> Vec<Finding> {
    let leaf = &case.path.leaf().certificate;
    let alone = case.path.end == End::Anchored && case.path.steps.len() == 1;
    if !alone {
        return Vec::new();
    }
    if leaf.is_self_signed() {
        if looks_like_ca(case, leaf) {
            return Vec::new();
        }
        let message = format!(
            "`{}` is signed by its own key and trusted by name: it works where each client is told of it, and nowhere else",
            leaf.subject
        );
        return vec![
            Finding::new(Code::SelfSignedLeaf, message)
                .about(0)
                .graded(Severity::Warning)
                .shown_by("subject", leaf.subject.to_string())
                .shown_by("key_sha256", leaf.public_key.sha256_hex())
                .shown_by(
                    "says",
                    leaf.basic_constraints().map_or("nothing", |b| if b.ca { "CA:TRUE" } else { "CA:FALSE" }),
                )
                .reissued(case),
        ];
    }
    if leaf.is_ca() {
        return Vec::new();
    }
    let message = format!(
        "the server's own certificate `{}` was given as the CA file: expected the certificate of `{}`",
        leaf.subject, leaf.issuer
    );
    vec![
        Finding::new(Code::LeafAsTrustAnchor, message)
            .about(0)
            .shown_by("trust_anchor", leaf.subject.to_string())
            .shown_by("expected", leaf.issuer.to_string())
            .shown_by("self_issued", if leaf.is_self_issued() { "yes" } else { "no" })
            .shown_by("cas_sent", if sent_with_cas(case) { "yes" } else { "no" })
            .mended_by(root_instead(case, leaf)),
    ]
}

fn sent_with_cas(case: &Case<'_>) -> bool {
    case.evidence.chain.iter().any(|p| p.certificate.is_ca())
}

/// The root that lies beside the files, by way of what lies there or was sent: of an endpoint the CAs between may be nowhere else.
pub(crate) fn root_above<'a>(case: &Case<'a>, leaf: &Certificate) -> Option<&'a Presented> {
    let above = |child: &Certificate| {
        let issuer = neighbour_issuer(case, child).or_else(|| sent_issuer(case, child));
        issuer.filter(|_| !child.is_self_issued())
    };
    // Cross-certificates may issue each other.
    let upwards = std::iter::successors(above(leaf), |issuer| above(&issuer.certificate)).take(MAX_DEPTH);
    upwards.last().filter(|top| top.certificate.is_self_issued())
}

/// A CA that was sent and issued `child`.
fn sent_issuer<'a>(case: &Case<'a>, child: &Certificate) -> Option<&'a Presented> {
    let named = |sent: &&Presented| {
        let issuer = &sent.certificate;
        issuer.is_ca() && issuer.der() != child.der() && child.issuer.same_as(&issuer.subject)
    };
    let mut sent = case.evidence.chain.iter().filter(named);
    sent.find(|it| case.budget.verify_beside(child, &it.certificate.public_key) == Some(SignatureCheck::Good))
}

/// The root above, where it was sent or lies beside the files, else a new issue.
fn root_instead(case: &Case<'_>, leaf: &Certificate) -> String {
    match root_above(case, leaf).and_then(|p| p.file.as_deref()) {
        Some(file) => {
            format!(
                "{}\n# then give clients {} as their CA file",
                ask_again(case, None, None, Some(file)),
                quote_file(file)
            )
        }
        None => reissue(case, Code::LeafAsTrustAnchor),
    }
}

/// An intermediate as anchor: RFC 5280 allows it, and OpenSSL without `-partial_chain` does not.
pub(super) fn intermediate_as_anchor(case: &Case<'_>) -> Vec<Finding> {
    let (index, anchor) = top(case);
    if case.path.end != End::Anchored || anchor.is_self_issued() || index == 0 || is_changed(anchor) {
        return Vec::new();
    }
    let message = format!(
        "only the intermediate `{}` is trusted: clients that want a self-signed root go on to look for `{}`",
        anchor.subject, anchor.issuer
    );
    let fix = match neighbour_issuer(case, anchor).and_then(|p| p.file.as_deref()) {
        Some(file) => {
            format!(
                "{}\n# then give clients {} as their CA file",
                ask_again(case, None, None, Some(file)),
                quote_file(file)
            )
        }
        None => format!("# give clients the root `{}` as their CA file", anchor.issuer),
    };
    vec![
        Finding::new(Code::IntermediateAsTrustAnchor, message)
            .about(index)
            .shown_by("trust_anchor", anchor.subject.to_string())
            .shown_by("root", anchor.issuer.to_string())
            .mended_by(fix),
    ]
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
