//! TLS inspection: a CA of a proxy, a firewall or a virus scanner between client and server issued what is seen.

use crate::explain::{Case, End, Presented};
use crate::facts::Certificate;
use crate::finding::fix::ask_again;
use crate::finding::{Code, Finding};

/// Names that the products give the CA they sign with, in lower case. A name alone proves nothing, so it is looked at
/// only where the CA is not trusted, and the message says what was seen.
const PRODUCTS: &[&str] = &[
    "adguard personal",
    "avast web",
    "avg web/mail shield",
    "barracuda",
    "bitdefender personal ca",
    "blue coat",
    "bluecoat",
    "burp suite",
    "cato networks",
    "charles proxy",
    "check point",
    "checkpoint",
    "cisco secure web",
    "cisco umbrella",
    "cloudflare for teams",
    "do_not_trust",
    "eset ssl filter",
    "fiddlerroot",
    "forcepoint",
    "fortigate",
    "fortinet",
    "goguardian",
    "iboss",
    "kaspersky anti-virus personal",
    "kaspersky web",
    "mcafee web gateway",
    "menlo security",
    "mitmproxy",
    "netskope",
    "packet inspection",
    "palo alto",
    "portswigger",
    "proxyman",
    "securly",
    "skyhigh",
    "smoothwall",
    "sonicwall",
    "sophos",
    "squid",
    "superfish",
    "symantec web security",
    "untangle",
    "watchguard",
    "websense",
    "zed attack proxy",
    "zscaler",
];
/// What people call such a CA themselves: one of the first and one of the second.
const OF_TRAFFIC: &[&str] = &["ssl", "tls", "https", "web", "traffic", "content"];
const LOOKED_INTO: &[&str] =
    &["inspect", "intercept", "decrypt", "proxy", "gateway", "scan", "filter", "firewall", "man-in-the-middle"];

/// The CA that a proxy signs with, where the chain ends in one that is not trusted.
pub(super) fn intercepted(case: &Case<'_>) -> Option<Finding> {
    let top = case.path.top();
    let (index, certificate) = (case.path.steps.len() - 1, &top.certificate);
    let name = if certificate.is_self_issued() { &certificate.subject } else { &certificate.issuer };
    let inspects = case.path.end != End::Anchored && (index > 0 || !certificate.is_self_issued());
    let called = name.attributes().map(|attribute| attribute.value.to_lowercase()).find(|text| is_inspection(text))?;
    let message = format!(
        "`{name}` is called like the CA of a proxy that looks into TLS traffic, and it is not trusted: it stands between this client and the server"
    );
    inspects.then(|| {
        Finding::new(Code::Intercepted, message)
            .about(index)
            .shown_by("issuer", name.to_string())
            .shown_by("top", if certificate.is_self_issued() { "sent" } else { "not sent" })
            .shown_by("called_like", crate::facts::escape(&called))
            .shown_by("trust_anchors", anchors(case))
            .mended_by(fix(case, certificate))
    })
}

fn anchors(case: &Case<'_>) -> Vec<String> {
    case.evidence.trust.iter().map(|p| p.certificate.subject.to_string()).collect()
}

fn is_inspection(text: &str) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    has(PRODUCTS) || (has(OF_TRAFFIC) && has(LOOKED_INTO))
}

fn fix(case: &Case<'_>, top: &Certificate) -> String {
    let root = |p: &&Presented| p.certificate.is_self_issued() && p.certificate.is_ca();
    let found = case
        .evidence
        .neighbours
        .iter()
        .filter(root)
        .find(|p| p.certificate.der() == top.der() || p.certificate.subject.same_as(&top.issuer));
    match found.and_then(|p| p.file.as_deref().map(|file| (file, p))) {
        Some((file, p)) => format!(
            "# if your organisation runs this proxy, compare with what it says: SHA-256 {}; then trust its CA:\n{}\n# if it does not, go around it: somebody reads your traffic",
            p.certificate.sha256_hex(),
            ask_again(case, None, None, Some(file))
        ),
        None => format!(
            "# if your organisation runs this proxy, get its CA certificate from there, and trust it:\n#   {}\n# if it does not, go around it: somebody reads your traffic",
            ask_again(case, None, None, Some("PROXY-CA.pem"))
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::is_inspection;

    #[test]
    fn the_cas_of_proxies_are_told_from_others_by_their_names() {
        for (name, inspects) in [
            ("zscaler root ca", true),
            ("mitmproxy", true),
            ("corp tls inspection ca", true),
            ("example web proxy ca", true),
            ("example root ca", false),
            ("example issuing ca for tls", false),
            ("proxy team", false),
        ] {
            assert_eq!(is_inspection(name), inspects, "{name}");
        }
    }
}
