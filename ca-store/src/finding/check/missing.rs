//! A CA between the leaf and the root that was not sent.

use super::trust::top;
use crate::explain::{Case, Presented, Situation};
use crate::facts::Certificate;
use crate::finding::fix::{ask, ask_again, files_of, hold_just, missing_above, neighbour_issuer, quote_file, reissue};
use crate::finding::{Code, Finding};

/// A leaf whose CA was not sent (RFC 8446 section 4.4.2: each certificate certifies the one before).
pub(super) fn missing_intermediate(case: &Case<'_>) -> Option<Finding> {
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
