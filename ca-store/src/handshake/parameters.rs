//! A server and clients that agree on a version and on nothing else: the cipher suite, or the group of the key exchange.

use crate::facts::escape;
use crate::finding::{Code, Finding};

use super::compared::WITH_ITS_FILES;
use super::groups::{self, ForeignGroup};
use super::hello::{Answer, SuiteKey, Version, suite_class, suite_key, suite_name};
use super::observed::Asked;
use super::{ProbeError, Survey};

/// No suite in common (RFC 8446 section 4.1.1), or none that fits the server's key (RFC 5246 section 7.4.2).
pub(super) fn suites(survey: &Survey, asked: Asked<'_>, error: &str) -> Finding {
    let endpoint = asked.endpoint;
    let chosen: Vec<(Version, u16)> = survey
        .versions
        .iter()
        .filter_map(|(version, answer)| match answer {
            Answer::Hello { version: chosen, suite, .. } if *chosen == version.wire() => Some((*version, *suite)),
            _ => None,
        })
        .collect();
    let names: Vec<String> =
        chosen.iter().map(|(version, suite)| format!("{} ({version})", suite_name(*suite))).collect();
    let shown = escape(endpoint);
    let message = match &chosen[..] {
        [] => format!(
            "{shown} finds no cipher suite for any client, of all that there are: its private key is of another type than its certificate's (nginx starts all the same), its certificate is missing, or its suites need a key of another kind"
        ),
        [(_, suite), ..] => format!(
            "{shown} has no cipher suite that all current clients take: expected one with ECDHE and AES-GCM or ChaCha20, found {}{}",
            names.join(", "),
            match suite_key(*suite) {
                Some(SuiteKey::Rsa) => ", which needs an RSA key",
                Some(SuiteKey::Ecdsa) => ", which needs an ECDSA key",
                _ => "",
            }
        ),
    };
    let of_key = if chosen.is_empty() {
        format!("{WITH_ITS_FILES}\n# that is whether they belong together, and if they do: ")
    } else {
        "# ".to_owned()
    };
    // Of a version that is current: what clients make of older ones is another question.
    let class = chosen.iter().find(|(version, _)| *version >= Version::Tls12).map(|(_, suite)| suite_class(*suite));
    let finding = Finding::new(Code::CipherSuiteMismatch, message);
    let finding = class.into_iter().fold(finding, |finding, class| finding.shown_by("kind_of_suite", class));
    finding.shown_by("server_takes", names).shown_by("error", error).mended_by(format!(
        "{of_key}allow suites that fit the server's key: ECDHE-ECDSA-… for an ECDSA key, ECDHE-RSA-… for RSA (nginx: ssl_ciphers HIGH; Apache: SSLCipherSuite HIGH; OpenSSL: -cipher DEFAULT), then\n{}",
        asked.again()
    ))
}

/// No group in common (RFC 8446 section 4.1.1, RFC 8422 section 4): then no suite with a key exchange by groups can be taken either.
pub(super) fn group(foreign: ForeignGroup, survey: &Survey, asked: Asked<'_>) -> Finding {
    let ForeignGroup { version, group } = foreign;
    let (found, offered) = (groups::name(group), groups::ours().into_iter().map(groups::name).collect::<Vec<_>>());
    let message = format!(
        "{} exchanges keys in a group that not all current clients have: expected X25519, P-256 or P-384, found {found} alone ({version}); the cipher suite is not the reason",
        escape(asked.endpoint)
    );
    let finding = Finding::new(Code::CipherSuiteMismatch, message)
        .shown_by("kind_of_group", groups::class(group))
        .shown_by("groups_offered", offered)
        .shown_by("group_asked_for", found)
        .shown_by("version", version.to_string());
    let finding = match survey.main.failure {
        Some(ProbeError::Alert(alert)) => {
            finding.shown_by("alert", format!("{alert:?}")).shown_by("alert_number", u8::from(alert))
        }
        _ => finding,
    };
    finding.mended_by(format!(
        "# let the server take the groups that all clients have (nginx: ssl_ecdh_curve X25519:prime256v1:secp384r1; Apache: SSLOpenSSLConfCmd Groups X25519:P-256:P-384; HAProxy: curves X25519:P-256:P-384; OpenSSL: -groups X25519:P-256:P-384; Java: -Djdk.tls.namedGroups=x25519,secp256r1,secp384r1; Node: ecdhCurve), let it read its settings again, then\n{}",
        asked.again()
    ))
}
