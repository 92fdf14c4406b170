//! A chain that ends nowhere here, and why that may not be the server's fault: its root is trusted by another store of
//! this machine, or somebody on the way re-signs the traffic.

use crate::explain::{Case, End, OtherStore};
use crate::facts::{Certificate, SignatureCheck};
use crate::finding::check::root_beside;
use crate::finding::fix::{ask_again, quote_file};
use crate::finding::{Code, Finding};

/// The root is an anchor, of another store than the one that was asked (RFC 5280 section 6.1.1 (d) leaves the choice
/// of anchors to each program).
pub(super) fn root_in_other_store(case: &Case<'_>) -> Vec<Finding> {
    if case.path.end == End::Anchored {
        return Vec::new();
    }
    let (index, top) = (case.path.steps.len() - 1, &case.path.top().certificate);
    let is_root = |anchor: &Certificate| {
        anchor.der() == top.der()
            || (top.issuer.same_as(&anchor.subject) && top.verified_by(&anchor.public_key) == SignatureCheck::Good)
    };
    let stores = case.evidence.elsewhere.iter();
    let found = stores
        .filter_map(|store| Some((store, store.anchors.iter().find(|anchor| is_root(&anchor.certificate))?)))
        .next();
    let Some((store, root)) = found else { return Vec::new() };
    let message = format!(
        "`{}` is trusted by {}, and not by what was asked here: programs that read another store refuse it",
        root.certificate.subject, store.name
    );
    let asked: Vec<String> = case.evidence.trust.iter().take(8).map(|p| p.certificate.subject.to_string()).collect();
    let finding = Finding::new(Code::RootInOtherStore, message)
        .about(index)
        .shown_by("root", root.certificate.subject.to_string())
        .shown_by("root_sha256", root.certificate.sha256_hex())
        .shown_by("found_in", root.source.clone())
        .shown_by("trust_asked", asked);
    let (export, file) = match &store.export {
        Some(export) => (format!("{export}\n"), Some(OtherStore::EXPORTED)),
        None => (String::new(), root.file.as_deref()),
    };
    let given = file.map_or_else(|| "FILE".to_owned(), quote_file);
    vec![finding.mended_by(format!(
        "{export}{}\n# give the program that refuses this root as well: Java keytool -importcert -cacerts -file {given}, Node NODE_EXTRA_CA_CERTS={given}, Python and curl SSL_CERT_FILE={given}",
        ask_again(case, None, None, file)
    ))]
}

/// Somebody on the way copies a certificate that the store issued; what gives itself away by its name is told with the
/// broken link ([`super::interception`]).
pub(super) fn impersonated(case: &Case<'_>) -> Vec<Finding> {
    let leaf = &case.path.leaf().certificate;
    if case.path.end == End::Anchored || leaf.is_self_signed() || super::interception::intercepted(case).is_some() {
        return Vec::new();
    }
    if root_beside(case).is_some() {
        // Whose root lies with the user's own files is another CA of the user's, not a stranger's.
        return Vec::new();
    }
    let copied = case.evidence.situation.issued_certificate.as_ref().filter(|issued| copies(leaf, issued));
    let Some(issued) = copied else { return Vec::new() };
    let (index, top) = (case.path.steps.len() - 1, &case.path.top().certificate);
    let message = format!(
        "`{}` was issued by `{}`, which is not trusted; it has the names of the certificate that this store issued, another key, and another issuer than `{}`: the connection is intercepted, or the server was given another CA's certificate",
        leaf.subject, leaf.issuer, issued.issuer
    );
    vec![
        Finding::new(Code::Intercepted, message)
            .about(index)
            .shown_by("issuer_found", top.issuer.to_string())
            .shown_by("leaf_sha256", leaf.sha256_hex())
            .shown_by("issuer_expected", issued.issuer.to_string())
            .shown_by("issued_sha256", issued.sha256_hex())
            .mended_by(fix(case)),
    ]
}

fn fix(case: &Case<'_>) -> String {
    let again = ask_again(case, None, None, None);
    let trusting = ask_again(case, None, None, Some("ITS-ROOT.pem"));
    format!(
        "# ask whoever runs the network whether a proxy re-signs TLS. From another network, or the server's own machine, this should show the true certificate:\n{again}\n# if the proxy is to be there: exempt this host from it, or give the clients its root as a CA file\n# if it is a CA of yours that issued it, the same with its root: {trusting}"
    )
}

/// The same names under another key, by another CA, and no older: an older one would be of a former CA of one's own.
fn copies(leaf: &Certificate, issued: &Certificate) -> bool {
    let names = |certificate: &Certificate| {
        let mut names: Vec<String> = certificate.dns_names().map(str::to_ascii_lowercase).collect();
        names.sort_unstable();
        names
    };
    !leaf.public_key.same_as(&issued.public_key)
        && !leaf.issuer.same_as(&issued.issuer)
        && leaf.validity.not_before >= issued.validity.not_before
        && !names(leaf).is_empty()
        && names(leaf) == names(issued)
}
