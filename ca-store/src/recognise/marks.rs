//! What a text holds beside its words: the number of an error or alert, the depth in the chain, and the certificate that
//! stands beside them. Each becomes a mark, which the tables ask for like a phrase.

use super::names;
use super::normalise::{folded, plain};
use super::rule::Number;
use super::table::SENDS_ALERT;

/// Where a verification error's number stands, in folded text: s_client, `verify`, its summary, nginx, Apache, stunnel and
/// haproxy's log formats.
const X509_NUMBER: &[&str] = &[
    "verify error:num=",
    "verify return code: ",
    "verify error: (",
    "verification: error (",
    "verify error: ",
    "verification error: ",
    "x509 v err ",
    "ssl c err=",
    "verify result: ",
    "verify result=",
];

/// Where an alert's number stands: OpenSSL's error strings, GnuTLS, Schannel, and others.
const ALERT_NUMBER: &[&str] = &[
    "ssl alert number ",
    "alert number ",
    "received alert [",
    "received alert ",
    "fatal alert code is ",
    "alert code ",
    "fatal alert: ",
    "fatal alert ",
    "alert description ",
    "fatal error alert ",
    "tls alert ",
];

/// Before the numbers that say all there is: a text without any of these and without a phrase of the tables says nothing.
pub(super) fn prefixes() -> impl Iterator<Item = &'static str> {
    X509_NUMBER.iter().chain(ALERT_NUMBER).copied().chain([CURL_ALERT, REASON, " depth lookup"])
}

/// Where a reason's number stands in OpenSSL's error strings.
const REASON: &str = "::reason(";

/// In curl's trace an alert is its level (256 or 512) and its description added up.
const CURL_ALERT: &str = "tls alert, ";

/// The descriptions of alerts (RFC 8446, section 6; RFC 5246, section 7.2; RFC 6066, section 9), as folded text has them.
const ALERTS: &[(&str, u16)] = &[
    ("close notify", 0),
    ("unexpected message", 10),
    ("bad record mac", 20),
    ("record overflow", 22),
    ("handshake failure", 40),
    ("no certificate", 41),
    ("bad certificate", 42),
    ("unsupported certificate", 43),
    ("certificate revoked", 44),
    ("certificate expired", 45),
    ("certificate unknown", 46),
    ("illegal parameter", 47),
    ("unknown ca", 48),
    ("access denied", 49),
    ("decode error", 50),
    ("decrypt error", 51),
    ("export restriction", 60),
    ("protocol version", 70),
    ("insufficient security", 71),
    ("internal error", 80),
    ("inappropriate fallback", 86),
    ("user canceled", 90),
    ("no renegotiation", 100),
    ("missing extension", 109),
    ("unsupported extension", 110),
    ("certificate unobtainable", 111),
    ("unrecognized name", 112),
    ("bad certificate status response", 113),
    ("unknown psk identity", 115),
    ("certificate required", 116),
    ("no application protocol", 120),
];

/// Alerts as a program tells that it sent them itself.
pub(super) fn sent_alerts() -> impl Iterator<Item = String> {
    SENDS_ALERT.iter().flat_map(|sends| ALERTS.iter().map(move |(name, _)| format!("{sends}{name}")))
}

/// What may stand before an alert's name where nothing else is said: OpenSSL's constants, and plain words.
const BEFORE_ALERT: &[&str] = &["ssl ad ", "ssl3 ad ", "tls1 ad ", "tls13 ad ", "tls alert ", "alert "];

/// Whether the text is the name of an alert and nothing else.
pub(super) fn is_an_alert(folded: &str) -> bool {
    alert_alone(folded).is_some()
}

/// The number of an alert whose name is all that the text says: within a sentence, `access denied` may be anybody's.
fn alert_alone(folded: &str) -> Option<u16> {
    // NSS has errors of its own, and those that an alert told.
    let of_nss = folded.strip_prefix("ssl error ").map(|name| name.strip_suffix(" alert").unwrap_or_default());
    let bare = || BEFORE_ALERT.iter().find_map(|before| folded.strip_prefix(before)).unwrap_or(folded);
    let name = of_nss.unwrap_or_else(bare);
    ALERTS.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
}

/// Words that are anybody's within a sentence, and a client's where they are the whole text: rustls over a plain stream.
const ALONE: &[&str] = &["unexpected end of file"];

/// Words of a subject that a CA has and a host has not.
const CA_WORDS: &[&str] = &["ca", "root", "authority", "issuing", "intermediate", "ca1", "ca2", "rootca"];

/// All marks of a record's text, for the name that was asked for where it is known besides.
pub(super) fn of(text: &str, asked: Option<&str>) -> Vec<String> {
    let (folded, plain) = (folded(text), plain(text));
    let numbers = X509_NUMBER.iter().flat_map(|prefix| numbers_after(&folded, prefix)).map(Number::X509);
    let at_depth = depth_errors(&folded).map(|(number, _)| Number::X509(number));
    // A reason that OpenSSL's library has no words for: 1000 and the alert.
    let unnamed = numbers_after(&folded, REASON).filter_map(|reason| reason.checked_sub(1000)).filter(|it| *it < 256);
    let alerts = ALERT_NUMBER.iter().flat_map(|prefix| numbers_after(&folded, prefix)).chain(unnamed);
    let alerts = alerts.chain(curl_alert(&folded));
    let alerts = alerts.chain(alert_alone(&folded));
    let numbers = numbers.chain(at_depth).chain(alerts.map(Number::Alert)).map(Number::mark);
    let depth = depth(&folded).map(|depth| if depth == 0 { "@depth-0" } else { "@depth-above" });
    let subject = (depth == Some("@depth-0") && subject_is_of_a_ca(&plain)).then_some("@leaf-named-like-ca");
    let alone = ALONE.contains(&folded.as_str()).then_some("@alone");
    let named = depth.into_iter().chain(subject).chain(alone).chain(phase(&plain)).chain(names::marks(&plain, asked));
    numbers.chain(named.map(str::to_owned)).collect()
}

/// The numbers that follow a prefix.
fn numbers_after(text: &str, prefix: &str) -> impl Iterator<Item = u16> {
    text.match_indices(prefix).filter_map(move |(at, _)| leading_number(&text[at + prefix.len()..]))
}

fn leading_number(text: &str) -> Option<u16> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

/// `error 18 at 0 depth lookup`: the number and the depth.
fn depth_errors(folded: &str) -> impl Iterator<Item = (u16, u16)> {
    folded.match_indices("error ").filter_map(|(at, word)| {
        let rest = &folded[at + word.len()..];
        let number = leading_number(rest)?;
        let (_, rest) = rest.split_once(" at ").filter(|(before, _)| before.len() <= 3)?;
        rest.contains(" depth").then(|| Some((number, leading_number(rest)?)))?
    })
}

/// The depth that the first error is about; s_client prints it on the line before.
fn depth(folded: &str) -> Option<u16> {
    let in_line = depth_errors(folded).map(|(_, depth)| depth).next();
    in_line.or_else(|| {
        let before = folded.find("verify error").map_or(folded, |at| &folded[..at]);
        let (at, prefix) = ["depth=", "depth: "].iter().filter_map(|it| Some((before.rfind(it)?, it))).max()?;
        leading_number(&before[at + prefix.len()..])
    })
}

/// The common name beside the error reads like an authority's.
fn subject_is_of_a_ca(plain: &str) -> bool {
    let error = ["verify error", " at 0 depth"].iter().filter_map(|it| plain.find(it)).min().unwrap_or(plain.len());
    let before = &plain[..error];
    let Some(at) = before.rfind("cn = ").map(|at| at + 5).or_else(|| before.rfind("cn=").map(|at| at + 3)) else {
        return false;
    };
    let name = before[at..].split([',', '/']).next().unwrap_or_default();
    let name = name.split(" error ").next().unwrap_or_default();
    name.split([' ', '-', '_']).any(|word| CA_WORDS.contains(&word))
}

/// Python names the line of its `_ssl.c`: `do_handshake` stands in the first 2000 lines of every version since 3.6, `read` below.
/// An alert in the handshake is the client's refusal, one after it (TLS 1.3) is the server's of the client's certificate.
fn phase(plain: &str) -> Option<&'static str> {
    let line = numbers_after(plain, "_ssl.c:").next()?;
    Some(if line < 2000 { "@in-handshake" } else { "@after-handshake" })
}

/// An alert that curl received; one that it sent follows from what it found.
fn curl_alert(folded: &str) -> impl Iterator<Item = u16> {
    folded.match_indices(CURL_ALERT).filter(|(at, _)| !folded[..*at].ends_with("(out), ")).filter_map(|(at, _)| {
        let rest = folded[at..].split_once('(')?.1;
        leading_number(rest)?.checked_sub(256).map(|number| number % 256)
    })
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn numbers_and_depths_leave_marks() {
        for (text, expected) in [
            ("error 18 at 0 depth lookup: self-signed certificate", vec!["@x509-18", "@depth-0"]),
            ("depth=1 CN = Example Issuing CA\nverify error:num=2:unable", vec!["@x509-2", "@depth-above"]),
            ("depth=2 CN = R\ndepth=0 CN = a.example\nverify error:num=9:x", vec!["@x509-9", "@depth-0"]),
            (
                "CN = Example Root CA\nerror 18 at 0 depth lookup: x",
                vec!["@x509-18", "@depth-0", "@leaf-named-like-ca"],
            ),
            ("Verify return code: 21 (unable)", vec!["@x509-21"]),
            ("client SSL certificate verify error: (20:unable)", vec!["@x509-20"]),
            ("Certificate Verification: Error (10): expired", vec!["@x509-10"]),
            ("SSL alert number 48", vec!["@alert-48", "@alert-48"]),
            ("*** Received alert [70]: Error", vec!["@alert-70"]),
            ("TLSv1.3 (IN), TLS alert, unknown CA (560):", vec!["@alert-48"]),
            ("TLSv1.3 (OUT), TLS alert, unknown CA (560):", vec![]),
            ("illegal_parameter", vec!["@alert-47"]),
            ("SSL_AD_ACCESS_DENIED", vec!["@alert-49"]),
            ("SSL_ERROR_DECODE_ERROR_ALERT", vec!["@alert-50"]),
            ("/etc/ssl: access denied", vec![]),
            ("unexpected end of file", vec!["@alone"]),
            ("line 2: unexpected end of file", vec![]),
            ("nothing of it: error at 5", vec![]),
            ("error 99999999999 at 0 depth", vec![]),
        ] {
            assert_eq!(of(text, None), expected, "{text}");
        }
    }
}
