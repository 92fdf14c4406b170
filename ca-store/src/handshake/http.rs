//! A word of HTTP after the handshake: what the server's clock says, and whether it wants a client certificate that it
//! did not insist on in TLS.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// The most that is read of an answer.
pub(super) const MAX_ANSWER: usize = 16 << 10;

/// What an HTTP server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpAnswer {
    /// The status, such as 200.
    pub status: u16,
    /// The `Date` header (RFC 9110 section 6.6.1).
    pub date: Option<OffsetDateTime>,
    /// It says that a client certificate is missing.
    pub certificate_missing: bool,
    /// It says that the client certificate that it got is refused.
    pub certificate_refused: bool,
    /// It asks for a client certificate after the handshake (RFC 8446 section 4.6.2), and says that the client cannot be asked so.
    pub asks_afterwards: bool,
}

/// The request. `Connection: close` lets the server end it.
pub(super) fn request(method: &str, host: &str) -> String {
    let host: String = host.chars().filter(char::is_ascii_graphic).collect();
    format!("{method} / HTTP/1.1\r\nHost: {host}\r\nUser-Agent: pki\r\nConnection: close\r\n\r\n")
}

/// Whether that is as much of an answer as is needed.
pub(super) fn is_whole(answer: &[u8], with_body: bool) -> bool {
    !with_body && answer.windows(4).any(|part| part == b"\r\n\r\n")
}

/// Reads an answer.
pub(super) fn parse(answer: &[u8]) -> Option<HttpAnswer> {
    let text = String::from_utf8_lossy(answer);
    let status = text.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.get(..3)?.parse().ok()?;
    let headers = text.lines().skip(1).take_while(|line| !line.is_empty());
    let date = headers.filter_map(|line| line.split_once(':')).find(|(name, _)| name.eq_ignore_ascii_case("date"));
    // nginx answers so, and completes the handshake first.
    Some(HttpAnswer {
        status,
        date: date.and_then(|(_, value)| http_date(value.trim())),
        certificate_missing: text.contains("No required SSL certificate was sent"),
        certificate_refused: text.contains("The SSL certificate error"),
        // Apache, of a directory that wants a certificate where its host does not.
        asks_afterwards: text.contains("Cannot perform Post-Handshake Authentication"),
    })
}

/// An IMF-fixdate (RFC 9110 section 5.6.7) is a date of RFC 2822 with `GMT`.
fn http_date(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(&text.replace("GMT", "+0000"), &Rfc2822).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn the_clock_of_a_server_is_read() {
        let answer = b"HTTP/1.1 200 OK\r\nServer: x\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\nDate: never";
        let parsed = parse(answer).unwrap();
        assert_eq!((parsed.status, parsed.date), (200, Some(datetime!(1994-11-06 08:49:37 UTC))));
        assert!(!parsed.certificate_missing && is_whole(answer, false) && !is_whole(answer, true));
    }

    /// As Apache 2.4 words it.
    #[test]
    fn a_server_that_asks_for_a_certificate_afterwards_says_so_in_the_body() {
        let forbidden = "HTTP/1.1 403 Forbidden\r\n\r\n<p>You don't have permission to access this resource.";
        for (body, afterwards) in [("", false), ("Reason: Cannot perform Post-Handshake Authentication.<br />", true)] {
            let parsed = parse(format!("{forbidden}{body}</p>").as_bytes()).unwrap();
            assert_eq!((parsed.status, parsed.asks_afterwards), (403, afterwards));
        }
    }

    #[test]
    fn what_is_no_answer_is_none() {
        for answer in [&b""[..], b"HTTP/1.1", b"HTTP/1.1 abc", b"SSH-2.0", b"HTTP/1.1 \xff\xff\xff"] {
            assert_eq!(parse(answer), None);
        }
        assert_eq!(parse(b"HTTP/1.1 200 OK\r\nDate: soon\r\n\r\n").and_then(|it| it.date), None);
    }

    #[test]
    fn a_request_cannot_be_broken_by_its_host() {
        assert_eq!(request("HEAD", "a\r\nX: y").lines().filter(|line| line.starts_with("X:")).count(), 0);
    }
}
