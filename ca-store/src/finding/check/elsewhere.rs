//! A chain that ends nowhere here, and why that may not be the server's fault: its root is trusted by another store of
//! this machine, or somebody on the way re-signs the traffic.

use crate::explain::{Case, End};
use crate::facts::{Certificate, Name, SignatureCheck};
use crate::finding::fix::{ask_again, quote};
use crate::finding::{Code, Finding};

/// Names that TLS-inspecting proxies and filters give their CAs, in lower case: makers and products, then the words
/// that administrators use.
const INSPECTORS: &[&str] = &[
    "zscaler",
    "fortigate",
    "fortinet",
    "palo alto",
    "blue coat",
    "bluecoat",
    "netskope",
    "cisco umbrella",
    "cisco secure web",
    "sophos",
    "kaspersky anti-virus",
    "kaspersky web",
    "eset ssl filter",
    "avast! web",
    "avast web",
    "avg web",
    "bitdefender personal ca",
    "mcafee web gateway",
    "skyhigh",
    "check point",
    "barracuda",
    "watchguard",
    "untangle",
    "mitmproxy",
    "charles proxy",
    "portswigger",
    "do_not_trust",
    "fiddlerroot",
    "zed attack proxy",
    "proxyman",
    "sonicwall",
    "forcepoint",
    "websense",
    "iboss",
    "squid",
    "securly",
    "goguardian",
    "adguard personal",
    "cloudflare for teams",
    "cato networks",
    "menlo security",
    "smoothwall",
    "superfish",
    "ssl inspection",
    "tls inspection",
    "https inspection",
    "packet inspection",
    "inspection ca",
    "interception",
    "ssl decrypt",
    "tls decrypt",
    "mitm",
    "ssl proxy",
    "tls proxy",
    "web proxy",
    "proxy ca",
    "proxy root",
    "web gateway",
    "web filter",
];

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
    let file = root.file.as_deref();
    vec![finding.mended_by(format!(
        "{}\n# give the program that refuses this root as well: Java keytool -importcert -cacerts -file FILE, Node NODE_EXTRA_CA_CERTS=FILE, Python and curl SSL_CERT_FILE=FILE",
        ask_again(case, None, None, file)
    ))]
}

/// An unknown CA that calls itself as a proxy does, or that copies a certificate which the store issued.
pub(super) fn intercepted(case: &Case<'_>) -> Vec<Finding> {
    if case.path.end == End::Anchored || case.path.leaf().certificate.is_self_signed() {
        return Vec::new();
    }
    let (index, top) = (case.path.steps.len() - 1, &case.path.top().certificate);
    let leaf = &case.path.leaf().certificate;
    let proxy = case.path.certificates().map(|(_, p)| &p.certificate.issuer).find(|name| is_inspector(name));
    let copied = case.evidence.situation.issued_certificate.as_ref().filter(|issued| copies(leaf, issued));
    let why = match (proxy, copied) {
        (Some(name), _) => format!("`{name}` is the name of a TLS-inspecting proxy or filter"),
        (None, Some(issued)) => format!(
            "it has the names of the certificate that this store issued, another key, and another issuer than `{}`",
            issued.issuer
        ),
        (None, None) => return Vec::new(),
    };
    let message = format!(
        "the connection is intercepted: `{}` was issued by `{}`, which is not trusted; {why}",
        leaf.subject, leaf.issuer
    );
    let mut finding = Finding::new(Code::Intercepted, message)
        .about(index)
        .shown_by("issuer_found", top.issuer.to_string())
        .shown_by("leaf_sha256", leaf.sha256_hex());
    if let Some(issued) = copied {
        finding = finding
            .shown_by("issuer_expected", issued.issuer.to_string())
            .shown_by("issued_sha256", issued.sha256_hex());
    }
    vec![finding.mended_by(fix(case))]
}

fn fix(case: &Case<'_>) -> String {
    let again = case
        .evidence
        .situation
        .endpoint
        .as_ref()
        .map_or_else(|| ask_again(case, None, None, None), |endpoint| format!("pki diagnose {}", quote(endpoint)));
    format!(
        "# ask whoever runs the network whether a proxy re-signs TLS. From another network, or the server's own machine, this should show the true certificate:\n{again}\n# if the proxy is to be there: exempt this host from it, or give the clients its root as a CA file"
    )
}

fn is_inspector(name: &Name) -> bool {
    name.attributes().any(|attribute| {
        let value = attribute.value.to_lowercase();
        INSPECTORS.iter().any(|words| value.contains(words))
    })
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
