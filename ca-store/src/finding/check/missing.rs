//! A CA between the leaf and the root that was not sent.

use super::trust::top;
use crate::explain::{Case, Presented, Situation};
use crate::facts::Certificate;
use crate::finding::fix::{
    ask, ask_again, files_of, hold_just, holding_just, in_place, is_below_anchor, missing_above, neighbour_issuer,
    neighbour_issuers, quote_file, reissue,
};
use crate::finding::{Code, Finding};

/// A leaf whose CA was not sent (RFC 8446 section 4.4.2: each certificate certifies the one before).
pub(super) fn missing_intermediate(case: &Case<'_>) -> Option<Finding> {
    let (index, child) = top(case);
    let beside = between_beside(case, child);
    // Below a root nothing is missing but the trust in it.
    let below_root = || child.is_ca() || neighbour_issuer(case, child).is_some();
    if child.is_self_signed() || (beside.is_none() && below_root()) {
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
    let first = between_beside(case, top(case).1)?;
    Some(missing_above(case, first))
}

/// The CA that issued `child`, where it lies beside the files and is no root. Of a root that others have certified as well, what
/// they made of it is missing only where it leads to what is trusted.
fn between_beside<'a>(case: &'a Case<'a>, child: &Certificate) -> Option<&'a Presented> {
    let (roots, between): (Vec<&Presented>, Vec<&Presented>) =
        neighbour_issuers(case, child).partition(|it| it.certificate.is_self_issued());
    let is_trusted =
        |it: &&Presented| missing_above(case, it).last().is_some_and(|top| is_below_anchor(case, &top.certificate));
    let mut leading = between.iter().copied().filter(is_trusted);
    leading.next().or_else(|| between.first().copied().filter(|_| roots.is_empty()))
}

/// All that is missing, behind what is sent; put in order again where it would not be.
fn append(case: &Case<'_>, missing: &[&Presented]) -> String {
    if let Some(chain) = written_by_store(case) {
        let unsent = Situation { endpoint: None, ..case.evidence.situation.clone() };
        let again = ask(&unsent, case.question, Some(&chain), None, None);
        return format!("{again}\n{}", in_place(case, &chain));
    }
    let (begin, chain) = sent(case);
    let out = case.evidence.situation.mend_file();
    let words: Vec<String> = [chain.as_str()].into_iter().chain(files_of(missing)).map(quote_file).collect();
    let joined = format!("{begin}cat {} > {out}", words.join(" "));
    if is_whole(case, missing) {
        let again = ask_again(case, Some(out), None, None);
        return format!("{joined}\n{again}\n{}", in_place(case, out));
    }
    let (folder, file) = (order_folder(case), joined_file(case, missing));
    let mend = ask_again(case, Some(out), None, None);
    let again = ask_again(case, Some(&file), None, None);
    format!("{joined}\n{mend} --repair {folder} || true\n{again}\n{}", in_place(case, &file))
}

/// The file of what is sent: the one that was given, or one that lies there and holds the same.
fn sent_file<'a>(case: &'a Case<'a>) -> Option<&'a str> {
    let sent: Vec<&Presented> = case.evidence.chain.iter().collect();
    let given = case.evidence.situation.chain_file.as_deref();
    given.or_else(|| holding_just(case, &sent))
}

/// The file of what is sent and what makes it: what a peer sends is in no file before it is written into one.
fn sent(case: &Case<'_>) -> (String, String) {
    match sent_file(case) {
        Some(file) => (String::new(), file.to_owned()),
        None if case.evidence.situation.endpoint.is_none() => {
            ("# cert.pem is the server's certificate file:\n".to_owned(), "cert.pem".to_owned())
        }
        None => {
            let folder = case.evidence.situation.mend_folder();
            let look = ask_again(case, None, None, None);
            (
                format!("# what is sent, written into a file:\n{look} --repair {folder} || true\n"),
                format!("{folder}/fullchain.pem"),
            )
        }
    }
}

/// Whether what was sent and these files, joined, are the chain and nothing else. What is written of a peer's is the path alone.
fn is_whole(case: &Case<'_>, missing: &[&Presented]) -> bool {
    let is_written = sent_file(case).is_none() && case.evidence.situation.endpoint.is_some();
    let in_order = is_written || case.path.steps.len() == case.evidence.chain.len();
    in_order && hold_just(case, &files_of(missing), missing)
}

/// The folder that the joined chain is put in order in: not the one that what was sent is written into.
fn order_folder(case: &Case<'_>) -> String {
    let folder = case.evidence.situation.mend_folder();
    if sent_file(case).is_none() { format!("{folder}/joined") } else { folder.to_owned() }
}

/// The file in which [`append`] leaves the chain.
pub(crate) fn joined_file(case: &Case<'_>, missing: &[&Presented]) -> String {
    if let Some(written) = written_by_store(case) {
        return written;
    }
    match is_whole(case, missing) {
        true => case.evidence.situation.mend_file().to_owned(),
        false => format!("{}/fullchain.pem", order_folder(case)),
    }
}

/// The whole chain, which the store has written, of a server's own certificate that it has issued; none where a file was given.
fn written_by_store(case: &Case<'_>) -> Option<String> {
    let (situation, leaf) = (&case.evidence.situation, &case.path.leaf().certificate);
    if situation.chain_file.is_some() {
        return None;
    }
    situation.issued_certificate.as_ref().filter(|issued| issued.der() == leaf.der())?;
    let is_its = |name: &str| leaf.dns_names().any(|own| own.eq_ignore_ascii_case(name));
    let issued = situation.issued.iter().find(|issued| issued.names.iter().any(|name| is_its(name)))?;
    Some(format!("{}/fullchain.pem", issued.folder))
}

fn ask_for_intermediate(case: &Case<'_>, child: &Certificate) -> String {
    let situation = &case.evidence.situation;
    let join = match sent_file(case) {
        Some(file) => format!("cat {} INTERMEDIATE.pem > {}", quote_file(file), situation.mend_file()),
        None if situation.endpoint.is_some() => {
            format!("{} --untrusted INTERMEDIATE.pem", ask_again(case, None, None, None))
        }
        None => format!("cat cert.pem INTERMEDIATE.pem > {}", situation.mend_file()),
    };
    format!(
        "# if {} is a root, its certificate belongs among the trust anchors of the other side (here: --trust FILE); if it is an\n\
         # intermediate CA and you have its certificate:  {join}\n# if neither, issue the certificate again from a CA of your own:\n{}",
        child.issuer,
        reissue(case, Code::MissingIntermediate)
    )
}
