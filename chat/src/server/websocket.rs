//! IRC in messages of a WebSocket (RFC 6455; IRCv3 WebSocket), between the plain bytes of a connection and what goes over TLS or as
//! it is: one line a message, without its CR LF, so that a page in a browser can join.
//!
//! No socket here: bytes go in, bytes come out.

use std::io::{self, Cursor, Read, Write};
use std::sync::Arc;
use tungstenite::handshake::machine::TryParse;
use tungstenite::handshake::server::{Request, create_response, write_response};
use tungstenite::http::header::{HOST, ORIGIN, SEC_WEBSOCKET_PROTOCOL, UPGRADE as UPGRADE_HEADER};
use tungstenite::http::{HeaderMap, HeaderValue};
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::{CloseFrame, Role, WebSocketConfig, WebSocketContext};
use tungstenite::{Error, Message};

use super::limits::{UPGRADE, WEBSOCKET_MESSAGE};

/// Lines as UTF-8; the first choice where a client names both.
const TEXT: &str = "text.ircv3.net";

/// Lines as octets.
const BINARY: &str = "binary.ircv3.net";

/// One connection's WebSocket.
pub(super) struct WebSocket {
    stage: Stage,
    /// Pages of which hosts may join besides those of the server's own name; `*` for all.
    origins: Arc<[String]>,
    /// A line that is not whole yet.
    unfinished: Vec<u8>,
    /// What was to be said before the other side has upgraded.
    early: Vec<u8>,
}

enum Stage {
    /// The request as far as it is here.
    Upgrading(Vec<u8>),
    Open {
        context: Box<WebSocketContext>,
        text: bool,
    },
    Closed,
}

/// Why a request is no way in: the answer's status, and the reason for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Refused(&'static str, &'static str);

impl WebSocket {
    pub(super) fn new(origins: Arc<[String]>) -> WebSocket {
        WebSocket { stage: Stage::Upgrading(Vec::new()), origins, unfinished: Vec::new(), early: Vec::new() }
    }

    /// Hands out the lines in `bytes` from the other side, each with CR LF, and adds what WebSocket itself has to say to `answer`.
    /// True: the other side has closed.
    pub(super) fn decode(
        &mut self,
        bytes: &[u8],
        mut line: impl FnMut(&[u8]),
        answer: &mut Vec<u8>,
    ) -> io::Result<bool> {
        let rest = match &mut self.stage {
            Stage::Upgrading(request) => {
                request.extend_from_slice(bytes);
                match self.upgrade(answer)? {
                    Some(rest) => rest,
                    None => return Ok(false),
                }
            }
            Stage::Open { .. } => bytes.to_vec(),
            Stage::Closed => return Ok(true),
        };
        let closed = self.messages(rest, &mut line, answer);
        if closed {
            self.stage = Stage::Closed;
        }
        Ok(closed)
    }

    /// Adds the messages of these lines to `wire`; the end of a line may come with the next call.
    pub(super) fn encode(&mut self, lines: &[u8], wire: &mut Vec<u8>) {
        match &mut self.stage {
            Stage::Upgrading(_) => self.early.extend_from_slice(lines),
            Stage::Closed => {}
            Stage::Open { context, text } => {
                self.unfinished.extend_from_slice(lines);
                let whole = self.unfinished.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
                let mut pipe = Pipe { from: Cursor::new(Vec::new()), to: wire };
                for line in self.unfinished[..whole].split_inclusive(|byte| *byte == b'\n') {
                    // Into memory: there is nothing that could fail but a WebSocket that has been closed.
                    let _ = context.write(&mut pipe, message(line, *text));
                }
                let _ = context.flush(&mut pipe);
                self.unfinished.drain(..whole);
            }
        }
    }

    /// Adds the closing frame.
    pub(super) fn close(&mut self, wire: &mut Vec<u8>) {
        if let Stage::Open { context, .. } = &mut self.stage {
            let mut pipe = Pipe { from: Cursor::new(Vec::new()), to: wire };
            let _ = context.close(&mut pipe, None);
            let _ = context.flush(&mut pipe);
        }
        self.stage = Stage::Closed;
    }

    /// Answers the request once it is whole; what came after it, or nothing yet.
    fn upgrade(&mut self, answer: &mut Vec<u8>) -> io::Result<Option<Vec<u8>>> {
        let Stage::Upgrading(bytes) = &self.stage else { return Ok(None) };
        let (length, request) = match Request::try_parse(bytes) {
            Ok(Some(parsed)) => parsed,
            Ok(None) if bytes.len() < UPGRADE => return Ok(None),
            Ok(None) | Err(_) => return Err(refuse(Refused("400 Bad Request", "no request for a WebSocket"), answer)),
        };
        let rest = bytes[length..].to_vec();
        let text = self.accept(&request, answer).map_err(|refused| refuse(refused, answer))?;
        let config = WebSocketConfig::default()
            .read_buffer_size(0)
            .write_buffer_size(0)
            .max_message_size(Some(WEBSOCKET_MESSAGE))
            .max_frame_size(Some(WEBSOCKET_MESSAGE));
        self.stage = Stage::Open { context: Box::new(WebSocketContext::new(Role::Server, Some(config))), text };
        let early = std::mem::take(&mut self.early);
        self.encode(&early, answer);
        Ok(Some(rest))
    }

    /// Writes the answer to a request that may be granted; true for lines as text.
    fn accept(&self, request: &Request, answer: &mut Vec<u8>) -> Result<bool, Refused> {
        let bad = Refused("400 Bad Request", "no request for a WebSocket");
        if !self.may_come_from(request.headers()) {
            return Err(Refused("403 Forbidden", "a page of another host: its origin is not among [listen] origins"));
        }
        if !request.headers().contains_key(UPGRADE_HEADER) {
            return Err(Refused("426 Upgrade Required", "a chat: join it with IRC over WebSocket"));
        }
        let asked = protocols(request.headers());
        // The client's order is its preference (IRCv3 WebSocket).
        let chosen = asked.iter().find_map(|asked| [TEXT, BINARY].into_iter().find(|known| asked == known));
        let mut response = create_response(request).map_err(|_| bad)?;
        if let Some(chosen) = chosen {
            response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(chosen));
        }
        write_response(answer, &response).map_err(|_| bad)?;
        Ok(chosen != Some(BINARY))
    }

    /// A browser says whose page it is that connects, and would show the user's certificate on behalf of any (RFC 6454; RFC 6455,
    /// section 10.2). Programs that are no browsers say nothing.
    fn may_come_from(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(ORIGIN) else { return true };
        let Ok(origin) = origin.to_str() else { return false };
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let own = origin.split_once("://").is_some_and(|(_, name)| Some(name) == host);
        own || self.origins.iter().any(|allowed| allowed == "*" || allowed.eq_ignore_ascii_case(origin))
    }

    fn messages(&mut self, bytes: Vec<u8>, line: &mut impl FnMut(&[u8]), answer: &mut Vec<u8>) -> bool {
        let Stage::Open { context, .. } = &mut self.stage else { return true };
        let mut pipe = Pipe { from: Cursor::new(bytes), to: answer };
        loop {
            match context.read(&mut pipe) {
                Ok(Message::Text(text)) => given(text.as_bytes(), line),
                Ok(Message::Binary(octets)) => given(&octets, line),
                // Pings are answered and closing is agreed to by the protocol itself, with the next flush.
                Ok(_) => {}
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => {
                    if let Some(frame) = fault(&error) {
                        let _ = context.close(&mut pipe, Some(frame));
                    }
                    let _ = context.flush(&mut pipe);
                    return true;
                }
            }
        }
        let _ = context.flush(&mut pipe);
        false
    }
}

/// What the other side did wrong, for the closing frame (RFC 6455, section 7.4.1); none where it has closed.
fn fault(error: &Error) -> Option<CloseFrame> {
    let (code, reason) = match error {
        Error::Capacity(_) => (CloseCode::Size, "a message is one line of IRC, with its tags"),
        Error::Utf8(_) => (CloseCode::Invalid, "a message of text is UTF-8"),
        Error::Protocol(_) => (CloseCode::Protocol, "these frames are none of RFC 6455"),
        _ => return None,
    };
    Some(CloseFrame { code, reason: reason.into() })
}

fn given(message: &[u8], line: &mut impl FnMut(&[u8])) {
    line(message);
    // Some clients send the end of the line all the same.
    if !message.ends_with(b"\n") {
        line(b"\r\n");
    }
}

fn message(line: &[u8], text: bool) -> Message {
    let line = line.strip_suffix(b"\r\n").or_else(|| line.strip_suffix(b"\n")).unwrap_or(line);
    match std::str::from_utf8(line) {
        Ok(line) if text => Message::text(line),
        _ => Message::binary(line.to_vec()),
    }
}

fn protocols(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(|name| name.trim().to_owned()).collect()
}

fn refuse(Refused(status, reason): Refused, answer: &mut Vec<u8>) -> io::Error {
    let body = format!("{reason}\n");
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\nConnection: close");
    answer.extend_from_slice(format!("{head}\r\n\r\n{body}").as_bytes());
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

/// What is read and where is written, as one stream.
struct Pipe<'a> {
    from: Cursor<Vec<u8>>,
    to: &'a mut Vec<u8>,
}

impl Read for Pipe<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.from.read(buffer)? {
            // More may come later: nothing is over.
            0 if !buffer.is_empty() => Err(io::ErrorKind::WouldBlock.into()),
            length => Ok(length),
        }
    }
}

impl Write for Pipe<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.to.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &str) -> String {
        format!(
            "GET / HTTP/1.1\r\nHost: chat.test:8097\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
        )
    }

    fn open(headers: &str) -> (WebSocket, String) {
        let origins = ["https://page.test".to_owned()];
        let mut socket = WebSocket::new(Arc::from(origins));
        let mut answer = Vec::new();
        let _ = socket.decode(request(headers).as_bytes(), |_| panic!("no line yet"), &mut answer);
        (socket, String::from_utf8(answer).expect("text"))
    }

    /// A frame as a client sends it, masked.
    fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
        let mask = [1, 2, 3, 4];
        let length = u8::try_from(payload.len()).expect("short");
        let masked = payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask);
        [0x80 | opcode, 0x80 | length].into_iter().chain(mask).chain(masked).collect()
    }

    fn lines(socket: &mut WebSocket, bytes: &[u8]) -> (String, Vec<u8>, bool) {
        let (mut lines, mut answer) = (Vec::new(), Vec::new());
        let closed = socket.decode(bytes, |line| lines.extend_from_slice(line), &mut answer).expect("no fault");
        (String::from_utf8(lines).expect("text"), answer, closed)
    }

    #[test]
    fn a_request_is_granted_with_the_protocol_that_was_asked_for() {
        for (asked, granted) in [
            ("Sec-WebSocket-Protocol: binary.ircv3.net, text.ircv3.net\r\n", Some("binary.ircv3.net")),
            ("Sec-WebSocket-Protocol: chat, text.ircv3.net, binary.ircv3.net\r\n", Some("text.ircv3.net")),
            ("Sec-WebSocket-Protocol: binary.ircv3.net\r\n", Some("binary.ircv3.net")),
            ("Sec-WebSocket-Protocol: chat\r\n", None),
            ("", None),
        ] {
            let (_, answer) = open(asked);
            assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
            // The accept value of RFC 6455, section 1.3.
            assert!(answer.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{answer}");
            let protocol = answer.lines().find_map(|line| line.strip_prefix("sec-websocket-protocol: "));
            assert_eq!(protocol, granted);
        }
    }

    #[test]
    fn who_breaks_the_protocol_is_told_how() {
        let long = [&[0x81, 0xff][..], &(1_u64 << 40).to_be_bytes(), &[1, 2, 3, 4]].concat();
        for (bytes, code) in
            [(frame(3, b"x"), 1002), (b"\x81\x01x".to_vec(), 1002), (frame(1, b"PING \xff"), 1007), (long, 1009)]
        {
            let (mut socket, _) = open("");
            let (said, answer, closed) = lines(&mut socket, &bytes);
            assert!(closed && said.is_empty(), "{code}: {said}");
            assert_eq!(
                answer.get(..4),
                Some(&[&[0x88, answer[1]][..], &u16::to_be_bytes(code)].concat()[..]),
                "{answer:?}"
            );
        }
        let (mut socket, _) = open("");
        let (_, answer, closed) = lines(&mut socket, &frame(8, &1000_u16.to_be_bytes()));
        assert!(closed && answer == [0x88, 2, 3, 0xe8], "its own closing is agreed to: {answer:?}");
    }

    #[test]
    fn pages_of_other_hosts_are_turned_away() {
        for (origin, granted) in [
            ("Origin: https://chat.test:8097\r\n", true),
            ("Origin: https://page.test\r\n", true),
            ("Origin: https://evil.test\r\n", false),
            ("Origin: null\r\n", false),
            ("", true),
        ] {
            let (_, answer) = open(origin);
            assert_eq!(answer.starts_with("HTTP/1.1 101 "), granted, "{origin}{answer}");
            assert!(granted || answer.starts_with("HTTP/1.1 403 "), "{answer}");
        }
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for (bytes, status) in [
            ("NICK a\r\nUSER a 0 * :a\r\n", "400"),
            ("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n", "400"),
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "426"),
            (&"x".repeat(2 * UPGRADE), "400"),
        ] {
            let mut socket = WebSocket::new(Arc::from([]));
            let mut answer = Vec::new();
            assert!(socket.decode(bytes.as_bytes(), |_| panic!("no line"), &mut answer).is_err());
            assert!(answer.starts_with(format!("HTTP/1.1 {status} ").as_bytes()), "{}", answer.escape_ascii());
        }
    }

    #[test]
    fn a_message_is_a_line_each_way() {
        let (mut socket, _) = open("Sec-WebSocket-Protocol: text.ircv3.net\r\n");
        let two = [frame(1, b"NICK a"), frame(2, b"USER a 0 * :a\r\n")].concat();
        let (first, second) = two.split_at(9);
        assert_eq!(lines(&mut socket, first).0, "NICK a\r\n".get(..0).unwrap_or_default());
        assert_eq!(lines(&mut socket, second).0, "NICK a\r\nUSER a 0 * :a\r\n");
        let mut wire = Vec::new();
        socket.encode(b":s 001 a :hi\r\n:s 0", &mut wire);
        socket.encode(b"02 a :ho\r\n", &mut wire);
        let expected: Vec<u8> = [&b"\x81\x0c:s 001 a :hi"[..], b"\x81\x0c:s 002 a :ho"].concat();
        assert_eq!(wire, expected, "{}", wire.escape_ascii());
    }

    #[test]
    fn what_is_said_before_the_upgrade_comes_after_it() {
        let mut socket = WebSocket::new(Arc::from([]));
        let mut wire = Vec::new();
        socket.encode(b"ERROR :full\r\n", &mut wire);
        assert!(wire.is_empty());
        assert!(!socket.decode(request("").as_bytes(), |_| (), &mut wire).expect("granted"));
        assert!(wire.ends_with(b"\x81\x0bERROR :full"), "{}", wire.escape_ascii());
    }

    #[test]
    fn pings_are_answered_and_closing_is_agreed_to() {
        let (mut socket, _) = open("");
        assert_eq!(lines(&mut socket, &frame(9, b"x")), (String::new(), b"\x8a\x01x".to_vec(), false));
        let (_, answer, closed) = lines(&mut socket, &frame(8, b"\x03\xe8"));
        assert!(closed && answer.starts_with(b"\x88"), "{}", answer.escape_ascii());
        let mut wire = Vec::new();
        socket.encode(b"too late\r\n", &mut wire);
        assert!(wire.is_empty());
    }

    #[test]
    fn a_message_above_the_bound_ends_it() {
        let (mut socket, _) = open("");
        let length = u16::try_from(WEBSOCKET_MESSAGE + 1).expect("a bound below 65,535").to_be_bytes();
        let head = [0x81, 0xfe, length[0], length[1], 0, 0, 0, 0];
        assert!(lines(&mut socket, &head).2);
    }
}
