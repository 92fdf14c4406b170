//! The upgrade from plain text to TLS, as each protocol spells it: only as far as the first octet of TLS.

use std::io::{self, Read as _, Write as _};

use super::ProbeError;
use super::wire::Wire;

/// The most lines of one answer: a server's greeting and its list of features have some tens.
const MAX_LINES: usize = 100;
/// The most of an XMPP stream's features or of a binary packet.
const MAX_PACKET: usize = 16 << 10;

/// A protocol that begins in plain text and upgrades.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Starttls {
    /// RFC 3207.
    Smtp,
    /// RFC 9051 section 6.2.1.
    Imap,
    /// RFC 2595 section 4.
    Pop3,
    /// RFC 4217.
    Ftp,
    /// RFC 6120 section 5.
    Xmpp,
    /// RFC 4511 section 4.14.
    Ldap,
    /// PostgreSQL's `SSLRequest`.
    Postgres,
    /// MySQL's `SSLRequest` packet.
    Mysql,
    /// IRC's STARTTLS.
    Irc,
}

impl Starttls {
    /// All of them, with the names that are typed, and those that messages use.
    pub const ALL: [(Starttls, &'static str, &'static str); 9] = [
        (Starttls::Smtp, "smtp", "SMTP"),
        (Starttls::Imap, "imap", "IMAP"),
        (Starttls::Pop3, "pop3", "POP3"),
        (Starttls::Ftp, "ftp", "FTP"),
        (Starttls::Xmpp, "xmpp", "XMPP"),
        (Starttls::Ldap, "ldap", "LDAP"),
        (Starttls::Postgres, "postgres", "PostgreSQL"),
        (Starttls::Mysql, "mysql", "MySQL"),
        (Starttls::Irc, "irc", "IRC"),
    ];

    /// The name that is typed.
    pub fn as_str(self) -> &'static str {
        Starttls::ALL.iter().find(|(protocol, ..)| *protocol == self).map_or("", |(_, name, _)| name)
    }

    /// Whether the server speaks first.
    pub(super) fn greets(self) -> bool {
        matches!(self, Starttls::Smtp | Starttls::Imap | Starttls::Pop3 | Starttls::Ftp | Starttls::Mysql)
    }

    /// The name for a sentence.
    pub fn title(self) -> &'static str {
        Starttls::ALL.iter().find(|(protocol, ..)| *protocol == self).map_or("", |(.., title)| title)
    }
}

/// The extended request of RFC 4511 section 4.14.1, with message number 1.
pub(super) const LDAP_REQUEST: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";
/// Length 8, then the code 80877103 (PostgreSQL's documentation, "Message Formats").
pub(super) const POSTGRES_REQUEST: &[u8] = &[0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f];

/// The opening of an XMPP stream (RFC 6120 section 4.2).
pub(super) fn xmpp_stream(host: &str) -> String {
    format!(
        "<?xml version='1.0'?><stream:stream to='{}' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>",
        host.replace(['<', '>', '&', '\'', '"'], "")
    )
}

/// Speaks the upgrade; after it the wire speaks TLS.
pub(super) fn upgrade(wire: &mut Wire, protocol: Starttls, host: &str) -> Result<(), ProbeError> {
    let conversation = match protocol {
        Starttls::Smtp => smtp(wire),
        Starttls::Imap => imap(wire),
        Starttls::Pop3 => pop3(wire),
        Starttls::Ftp => ftp(wire),
        Starttls::Xmpp => xmpp(wire, host),
        Starttls::Ldap => ldap(wire),
        Starttls::Postgres => postgres(wire),
        Starttls::Mysql => mysql(wire),
        Starttls::Irc => irc(wire),
    };
    match conversation {
        Ok(()) => {
            wire.begin_anew();
            Ok(())
        }
        Err(Stop::Said { expected, found }) => Err(ProbeError::NoUpgrade { protocol, expected, found }),
        Err(Stop::Failed(error)) => Err(silent(wire, protocol, &error)),
    }
}

/// The peer stopped in the middle.
fn silent(wire: &Wire, protocol: Starttls, error: &io::Error) -> ProbeError {
    let said = String::from_utf8_lossy(&wire.greeting).into_owned();
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => ProbeError::Closed,
        // Where the client speaks first, and no answer comes, the port is not of another kind but stuck.
        _ if said.is_empty() && speaks_second(protocol) => ProbeError::TimedOut,
        _ if said.is_empty() => no_greeting(protocol),
        _ => ProbeError::NoUpgrade { protocol, expected: "an answer to the request to upgrade", found: said },
    }
}

/// The peer was to speak first, and did not.
pub(super) fn no_greeting(protocol: Starttls) -> ProbeError {
    ProbeError::NoUpgrade { protocol, expected: "a greeting", found: "silence".to_owned() }
}

/// Whether the server of that protocol waits to be spoken to.
fn speaks_second(protocol: Starttls) -> bool {
    matches!(protocol, Starttls::Xmpp | Starttls::Ldap | Starttls::Postgres)
}

/// Why a conversation came to nothing.
enum Stop {
    Said { expected: &'static str, found: String },
    Failed(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        Stop::Failed(error)
    }
}

fn expect(fits: bool, expected: &'static str, found: String) -> Result<(), Stop> {
    if fits { Ok(()) } else { Err(Stop::Said { expected, found }) }
}

/// An answer of SMTP or FTP: lines `250-…` to the last one, `250 …` (RFC 5321 section 4.2.1, RFC 959 section 4.2).
fn reply(wire: &mut Wire) -> io::Result<Vec<String>> {
    let mut lines: Vec<String> = Vec::new();
    while lines.len() < MAX_LINES {
        let line = wire.line()?;
        let code = |line: &str| line.get(..3).map(str::to_owned);
        let first = lines.first().and_then(|line| code(line)).or_else(|| code(&line));
        let last = line.as_bytes().get(3) != Some(&b'-') && code(&line) == first;
        lines.push(line);
        if last {
            break;
        }
    }
    Ok(lines)
}

fn begins(lines: &[String], code: &str) -> bool {
    lines.last().is_some_and(|line| line.starts_with(code))
}

fn smtp(wire: &mut Wire) -> Result<(), Stop> {
    let greeting = reply(wire)?;
    expect(begins(&greeting, "220"), "SMTP's greeting, `220 …`", greeting.join(" / "))?;
    wire.write_all(b"EHLO pki.invalid\r\n")?;
    let features = reply(wire)?;
    let offered = features.iter().any(|line| line.get(4..).is_some_and(|word| word.eq_ignore_ascii_case("STARTTLS")));
    expect(offered, "STARTTLS among the features", features.join(" / "))?;
    wire.write_all(b"STARTTLS\r\n")?;
    let ready = reply(wire)?;
    expect(begins(&ready, "220"), "`220 …` to STARTTLS", ready.join(" / "))
}

fn ftp(wire: &mut Wire) -> Result<(), Stop> {
    let greeting = reply(wire)?;
    expect(begins(&greeting, "220"), "FTP's greeting, `220 …`", greeting.join(" / "))?;
    wire.write_all(b"AUTH TLS\r\n")?;
    let ready = reply(wire)?;
    expect(begins(&ready, "234"), "`234 …` to AUTH TLS", ready.join(" / "))
}

fn imap(wire: &mut Wire) -> Result<(), Stop> {
    let greeting = wire.line()?;
    expect(greeting.starts_with("* OK") || greeting.starts_with("* PREAUTH"), "IMAP's greeting, `* OK …`", greeting)?;
    wire.write_all(b"a1 STARTTLS\r\n")?;
    for _ in 0..MAX_LINES {
        let line = wire.line()?;
        if line.starts_with("a1 ") {
            return expect(line.to_ascii_uppercase().starts_with("A1 OK"), "`a1 OK …` to STARTTLS", line);
        }
    }
    expect(false, "`a1 OK …` to STARTTLS", "other lines".to_owned())
}

fn pop3(wire: &mut Wire) -> Result<(), Stop> {
    let greeting = wire.line()?;
    expect(greeting.starts_with("+OK"), "POP3's greeting, `+OK …`", greeting)?;
    wire.write_all(b"STLS\r\n")?;
    let ready = wire.line()?;
    expect(ready.starts_with("+OK"), "`+OK …` to STLS", ready)
}

fn irc(wire: &mut Wire) -> Result<(), Stop> {
    wire.write_all(b"STARTTLS\r\n")?;
    for _ in 0..MAX_LINES {
        let line = wire.line()?;
        // Servers say hello with a few notices first; 670 is RPL_STARTTLS.
        let numeric = line.split(' ').nth(1).unwrap_or_default();
        if numeric == "670" {
            return Ok(());
        }
        let notice = line.split(' ').take(2).any(|word| word == "NOTICE" || word == "PING" || word == "020");
        if !notice {
            return expect(false, "`670 …` to STARTTLS", line);
        }
    }
    expect(false, "`670 …` to STARTTLS", "notices".to_owned())
}

fn xmpp(wire: &mut Wire, host: &str) -> Result<(), Stop> {
    wire.write_all(xmpp_stream(host).as_bytes())?;
    let ends = ["</stream:features>", "<stream:features/>", "</stream:error>", "</stream:stream>"];
    let features = wire.until(&ends, MAX_PACKET)?;
    expect(features.contains("<starttls"), "<starttls/> among the stream's features", features)?;
    wire.write_all(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")?;
    let ready = wire.until(&[">"], MAX_PACKET)?;
    expect(ready.contains("<proceed"), "<proceed/>", ready)
}

fn ldap(wire: &mut Wire) -> Result<(), Stop> {
    wire.write_all(LDAP_REQUEST)?;
    let mut header = [0; 2];
    wire.read_exact(&mut header)?;
    let long = usize::from(header[1] & 0x7f);
    let length = if header[1] < 0x80 {
        long
    } else {
        let mut octets = [0; 2];
        let used = octets.get_mut(..long).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
        wire.read_exact(used)?;
        used.iter().fold(0, |length, octet| length << 8 | usize::from(*octet))
    };
    let mut body = vec![0; length.min(MAX_PACKET)];
    wire.read_exact(&mut body)?;
    expect(header[0] == 0x30 && ldap_agrees(&body), "success to StartTLS", ldap_words(&body))
}

/// Message number, then an ExtendedResponse whose result is success (RFC 4511 sections 4.1.9 and 4.12).
pub(super) fn ldap_agrees(body: &[u8]) -> bool {
    let place = body.iter().position(|octet| *octet == 0x78);
    place.is_some_and(|place| body[place..].windows(3).any(|part| part == [0x0a, 1, 0]))
}

/// The diagnostic message within, as far as it is text.
fn ldap_words(body: &[u8]) -> String {
    let text: String =
        body.iter().filter(|octet| octet.is_ascii_graphic() || **octet == b' ').map(|o| char::from(*o)).collect();
    if text.trim().is_empty() { "a refusal".to_owned() } else { text }
}

fn postgres(wire: &mut Wire) -> Result<(), Stop> {
    wire.write_all(POSTGRES_REQUEST)?;
    let mut answer = [0];
    wire.read_exact(&mut answer)?;
    expect(answer == *b"S", "`S` to SSLRequest", char::from(answer[0]).to_string())
}

fn mysql(wire: &mut Wire) -> Result<(), Stop> {
    let mut header = [0; 4];
    wire.read_exact(&mut header)?;
    let length = usize::from(header[0]) | usize::from(header[1]) << 8 | usize::from(header[2]) << 16;
    let mut body = vec![0; length.min(MAX_PACKET)];
    wire.read_exact(&mut body)?;
    let said = || String::from_utf8_lossy(&body).into_owned();
    let Some((capabilities, charset)) = mysql_greeting(&body) else {
        return expect(false, "MySQL's greeting", said());
    };
    expect(capabilities & CLIENT_SSL != 0, "MySQL with TLS (CLIENT_SSL)", "a server without TLS".to_owned())?;
    // CLIENT_PROTOCOL_41, CLIENT_SECURE_CONNECTION, CLIENT_SSL; the largest packet; the server's own character set.
    let flags: u32 = 0x0200 | 0x8000 | u32::from(CLIENT_SSL);
    let packet = [&[32, 0, 0, 1][..], &flags.to_le_bytes(), &[0, 0, 0, 1], &[charset], &[0; 23]].concat();
    Ok(wire.write_all(&packet)?)
}

/// The server has TLS ("Capabilities Flags" of MySQL's client/server protocol).
pub(super) const CLIENT_SSL: u16 = 0x0800;

/// The lower capabilities and the character set of a version 10 greeting, without its packet header.
pub(super) fn mysql_greeting(body: &[u8]) -> Option<(u16, u8)> {
    let rest = body.strip_prefix(&[10])?;
    let version = rest.iter().position(|octet| *octet == 0)?;
    rest[..version].iter().all(u8::is_ascii_graphic).then_some(())?;
    // After the version: thread number (4), a part of the challenge (8), a filler (1).
    let flags = rest.get(version + 14..version + 16)?;
    let charset = rest.get(version + 16).copied().unwrap_or(33);
    Some((u16::from_le_bytes([flags[0], flags[1]]), charset))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::time::{Duration, Instant};

    use super::{CLIENT_SSL, ProbeError, Starttls, Wire, ldap_agrees, mysql_greeting, upgrade};

    /// A port that greets nobody may speak TLS at once; one that does not answer its own protocol is stuck.
    #[test]
    fn a_port_that_is_silent_after_the_request_to_upgrade_is_stuck() {
        // Nobody takes the connection out of the queue.
        let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = silent.local_addr().expect("it is bound");
        let ask = |protocol| {
            let mut wire = Wire::connect(address, Instant::now() + Duration::from_millis(50)).expect("it listens");
            upgrade(&mut wire, protocol, "localhost").expect_err("nobody answers")
        };
        for protocol in [Starttls::Postgres, Starttls::Ldap, Starttls::Xmpp] {
            assert!(matches!(ask(protocol), ProbeError::TimedOut), "{protocol:?}");
        }
        assert!(matches!(ask(Starttls::Smtp), ProbeError::NoUpgrade { .. }));
    }

    #[test]
    fn a_mysql_greeting_tells_whether_it_has_tls() {
        let greeting =
            |flags: u16| [&b"\x0a8.0.36\0\x01\0\0\0abcdefgh\0"[..], &flags.to_le_bytes(), &[45, 2, 0]].concat();
        assert_eq!(mysql_greeting(&greeting(CLIENT_SSL | 1)), Some((CLIENT_SSL | 1, 45)));
        assert_eq!(mysql_greeting(&greeting(1)), Some((1, 45)));
        for other in [&b""[..], b"\x0a", b"\x0a8.0.36", b"\xff\x10\x04Too many connections", b"220 mail"] {
            assert_eq!(mysql_greeting(other), None);
        }
    }

    #[test]
    fn an_ldap_server_agrees_with_success_only() {
        assert!(ldap_agrees(b"\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"));
        assert!(!ldap_agrees(b"\x02\x01\x01\x78\x07\x0a\x01\x35\x04\x00\x04\x00"));
        assert!(!ldap_agrees(b""));
    }
}
