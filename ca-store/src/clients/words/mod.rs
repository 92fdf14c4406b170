//! What clients print, a table each. In a text, `{host}` stands for the name asked for and `{names}` for those that the
//! certificate has.

mod chromium;
mod connection;
mod gnutls;
mod go;
mod identity;
mod java;
mod nss;
mod openssl;
mod rustls;

use crate::explain::{PeerName, Question};
use crate::finding::{Code, Finding};

use super::when::Row;

/// What the client prints of that finding.
pub(super) fn says(client: &str, finding: &Finding, question: &Question, anchor: Option<usize>) -> String {
    let without_certificate =
        identity::says(client, finding, question).or_else(|| connection::says(client, finding, question));
    if let Some(text) = without_certificate.or_else(|| super::ca_file::says(client, finding)) {
        return text;
    }
    let table = match client {
        "wget" => &[gnutls::WGET, gnutls::ALL][..],
        "gnutls" => &[gnutls::ALL][..],
        "java" => &[java::ALL],
        "rustls" | "rustls-aws-lc" => &[rustls::ALL],
        "go" => &[go::ALL],
        "nss" => &[nss::ALL],
        "chromium" => &[chromium::ALL],
        _ => return filled(&openssl::says(client, finding, anchor), finding, question),
    };
    filled(own(table, finding, anchor), finding, question)
}

/// The row of a finding, or that of the code which the client cannot tell it from, or the one of an unknown issuer.
fn own(tables: &[&'static [Row]], finding: &Finding, anchor: Option<usize>) -> &'static str {
    let rows = || tables.iter().copied().flatten();
    let common = |code: Code| rows().find(|row| row.code == code && row.when.is_empty());
    let found = rows().find(|row| row.fits(finding, anchor)).or_else(|| common(stands_for(finding.code)));
    found.or_else(|| common(Code::RootNotTrusted)).map_or("", |row| row.text)
}

/// Codes that clients cannot tell from another one, where they have no row of their own.
fn stands_for(code: Code) -> Code {
    use Code as C;
    match code {
        C::IpAsDnsName
        | C::IpInCommonName
        | C::IpNotCovered
        | C::WildcardScope
        | C::WildcardMalformed
        | C::WildcardTooBroad
        | C::SanMalformed
        | C::NoSan
        | C::HostUnderscore
        | C::HostTrailingDot
        | C::WrongVirtualHost => C::NameMismatch,
        C::BasicConstraintsMissing | C::Version1 | C::KeyCertSignMissing | C::BasicConstraintsNotCritical => {
            C::IssuerNotCa
        }
        C::IntermediateRegenerated | C::CertificateCorrupt => C::SignatureInvalid,
        C::ValidityInverted | C::ValidityEncoding | C::ExpiredAlternativePath => C::Expired,
        C::IssuerPurpose => C::WrongPurpose,
        C::CrlExpired | C::CrlNotYetValid | C::CrlSignatureInvalid | C::CrlSignMissing | C::CrlMissing => {
            C::CrlNotApplicable
        }
        other => other,
    }
}

fn filled(text: &str, finding: &Finding, question: &Question) -> String {
    let host = question.names.first().map_or_else(|| "HOST".to_owned(), PeerName::to_string);
    let listed = ["subject_alt_names", "certificate_names"].iter().find_map(|it| finding.evidence.get(*it)?.as_array());
    // Each with its kind before it, but for those of another site, which are all of one kind.
    let bare = |name: &'_ serde_json::Value| {
        name.as_str().map(|name| name.split_once(':').map_or(name, |(_, bare)| bare).to_owned())
    };
    // Of the kind that is asked for.
    let kind = if matches!(question.names.first(), Some(PeerName::Ip(_))) { "IP" } else { "DNS" };
    let is_of_kind = |name: &&serde_json::Value| {
        name.as_str().is_some_and(|name| name.split_once(':').is_none_or(|(of, _)| of == kind))
    };
    let names: Vec<String> = listed.into_iter().flatten().filter(is_of_kind).filter_map(bare).collect();
    let common_name = finding.evidence.get("common_name").and_then(|name| name.as_str()).unwrap_or_default();
    text.replace("{common_name}", common_name).replace("{host}", &host).replace("{names}", &names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::when::hidden;
    use super::{chromium, gnutls, go, java, nss, openssl, rustls};

    #[test]
    fn no_row_is_hidden_by_one_above() {
        for (client, table) in [
            ("openssl", &openssl::rows()[..]),
            ("gnutls", gnutls::ALL),
            ("wget", gnutls::WGET),
            ("java", java::ALL),
            ("rustls", rustls::ALL),
            ("go", go::ALL),
            ("nss", nss::ALL),
            ("chromium", chromium::ALL),
        ] {
            let rows: Vec<_> = table.iter().collect();
            assert_eq!(hidden(&rows), Vec::<String>::new(), "{client}");
        }
    }
}
