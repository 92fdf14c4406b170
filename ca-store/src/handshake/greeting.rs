//! What a port speaks that does not speak TLS: by what it says first, or by what it answers when it is spoken to.

use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use super::Starttls;
use super::starttls::{CLIENT_SSL, LDAP_REQUEST, POSTGRES_REQUEST, ldap_agrees, mysql_greeting, xmpp_stream};
use super::wire::{Budget, Wire};

/// How long a port may think before it is asked in another language. Those that greet do so at once.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a port that answered TLS with nothing is listened to. Most have said hello by then, and were not asked.
const LISTENING: Duration = Duration::from_secs(1);
/// The most that is read of such an answer.
const MAX_ANSWER: usize = 4096;

/// What a port speaks in plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plain {
    /// The protocol's name.
    pub protocol: &'static str,
    /// How it upgrades, where it does.
    pub starttls: Option<Starttls>,
    /// What it said.
    pub said: Vec<u8>,
}

/// How a protocol greets or answers, its name, and how it upgrades.
const GREETINGS: &[(&[u8], &str, Option<Starttls>)] = &[
    (b"HTTP/", "HTTP", None),
    (b"<html", "HTTP", None),
    (b"<!DOCTYPE", "HTTP", None),
    (b"SSH-", "SSH", None),
    (b"* OK", "IMAP", Some(Starttls::Imap)),
    (b"* PREAUTH", "IMAP", Some(Starttls::Imap)),
    (b"* BYE", "IMAP", Some(Starttls::Imap)),
    (b"+OK", "POP3", Some(Starttls::Pop3)),
    (b"<?xml", "XMPP", Some(Starttls::Xmpp)),
    (b"<stream", "XMPP", Some(Starttls::Xmpp)),
    (b"+PONG", "Redis", None),
    (b"-NOAUTH", "Redis", None),
    (b"-DENIED", "Redis", None),
    (b"-ERR wrong number of arguments", "Redis", None),
    (b"-ERR unknown command", "Redis", None),
    (b"-ERR", "Redis or POP3", None),
    (b"RFB ", "VNC", None),
    (b"AMQP", "AMQP", None),
    (b"ERROR\r\n", "memcached", None),
    (b"200 ", "NNTP", None),
    (b"201 ", "NNTP", None),
    (b"\"IMPLEMENTATION\"", "ManageSieve", None),
];

/// What is said to a port that waits to be spoken to. IRC's list of capabilities tells whether it upgrades.
const QUESTIONS: [Question; 6] =
    [Question::Http, Question::Xmpp, Question::Ldap, Question::Postgres, Question::Irc, Question::Redis];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    Http,
    Xmpp,
    Ldap,
    Postgres,
    Irc,
    Redis,
}

impl Question {
    fn words(self, host: &str) -> Vec<u8> {
        match self {
            Question::Http => b"GET / HTTP/1.0\r\n\r\n".to_vec(),
            Question::Xmpp => xmpp_stream(host).into_bytes(),
            Question::Ldap => LDAP_REQUEST.to_vec(),
            Question::Postgres => POSTGRES_REQUEST.to_vec(),
            Question::Irc => b"CAP LS 302\r\n".to_vec(),
            Question::Redis => b"PING\r\n".to_vec(),
        }
    }

    /// Whether that much of an answer is enough to tell.
    fn is_answered(self, said: &[u8]) -> bool {
        match self {
            Question::Http => contains(said, b"\r\n\r\n") && said.len() > 512,
            Question::Xmpp => contains(said, b"features>") || contains(said, b"error>"),
            Question::Irc => contains(said, b" LS ") || contains(said, b"ERROR :") || contains(said, b" 451 "),
            Question::Postgres => !said.is_empty(),
            Question::Ldap => said.len() >= 14,
            Question::Redis => said.ends_with(b"\n"),
        }
    }

    /// What the answer shows.
    fn understood(self, said: &[u8], port: u16) -> Option<Plain> {
        let plain = |protocol, starttls: Option<Starttls>| Plain { protocol, starttls, said: said.to_vec() };
        match self {
            Question::Http if speaks_of_tls(said) => None,
            Question::Postgres if said == b"S" => Some(plain("PostgreSQL", Some(Starttls::Postgres))),
            Question::Postgres if said == b"N" => Some(plain("PostgreSQL without TLS", None)),
            Question::Ldap if ldap(said) && ldap_agrees(said) => Some(plain("LDAP", Some(Starttls::Ldap))),
            Question::Ldap if ldap(said) => Some(plain("LDAP without StartTLS", None)),
            Question::Xmpp if contains(said, b"<stream:features") && !contains(said, b"<starttls") => {
                Some(plain("XMPP without STARTTLS", None))
            }
            _ => recognise(said, port),
        }
    }
}

/// An HTTPS server that was spoken to in plain text answers in plain text, and says so: nginx, Apache, Go, haproxy.
fn speaks_of_tls(said: &[u8]) -> bool {
    [&b"HTTPS port"[..], b"HTTPS server", b"SSL-enabled server port", b"sent to HTTPS"]
        .iter()
        .any(|words| contains(said, words))
}

/// An LDAPMessage with number 1 (RFC 4511 section 4.1.1) and an ExtendedResponse.
fn ldap(said: &[u8]) -> bool {
    said.first() == Some(&0x30) && said.iter().take(12).any(|octet| *octet == 0x78)
}

fn contains(text: &[u8], words: &[u8]) -> bool {
    text.windows(words.len()).any(|part| part == words)
}

/// A TLS record begins with its type, 20 to 23, and major version 3 (RFC 8446 section 5.1).
pub(super) fn speaks_plainly(greeting: &[u8]) -> bool {
    match greeting {
        [] => false,
        [kind] => !(20..=23).contains(kind),
        [kind, major, ..] => !((20..=23).contains(kind) && *major == 3),
    }
}

/// The protocol of a greeting, where it is known.
pub(super) fn recognise(said: &[u8], port: u16) -> Option<Plain> {
    let plain = |protocol, starttls| Plain { protocol, starttls, said: said.to_vec() };
    if [&b"220"[..], b"421", b"554"].iter().any(|code| said.starts_with(code)) {
        let words = said.to_ascii_lowercase();
        let ftp = contains(&words, b"ftp") || contains(&words, b"filezilla") || port == 21;
        return Some(if ftp { plain("FTP", Some(Starttls::Ftp)) } else { plain("SMTP", Some(Starttls::Smtp)) });
    }
    if let Some((capabilities, _)) = said.get(4..).and_then(mysql_greeting) {
        let upgrades = capabilities & CLIENT_SSL != 0;
        return Some(plain(if upgrades { "MySQL" } else { "MySQL without TLS" }, upgrades.then_some(Starttls::Mysql)));
    }
    if irc(said) {
        let upgrades = irc_upgrades(said);
        return Some(plain(if upgrades { "IRC" } else { "IRC in plain text" }, upgrades.then_some(Starttls::Irc)));
    }
    let known = GREETINGS.iter().find(|(words, ..)| said.starts_with(words));
    known.map(|(_, protocol, starttls)| plain(protocol, *starttls))
}

/// A server message of IRC: `:server 451 …`, `ERROR :…`, `NOTICE …`, `FAIL …`.
fn irc(said: &[u8]) -> bool {
    [&b":"[..], b"ERROR :", b"NOTICE ", b"PING ", b"FAIL ", b"CAP "].iter().any(|word| said.starts_with(word))
}

/// Its list of capabilities has `tls`.
fn irc_upgrades(said: &[u8]) -> bool {
    let text = String::from_utf8_lossy(said);
    let lists = text.lines().filter_map(|line| line.split_once(" LS ")).map(|(_, list)| list);
    lists.flat_map(|list| list.split([' ', ':'])).any(|capability| capability == "tls")
}

/// Finds out what a port speaks: listens, then asks. `said` is what it said to a TLS greeting.
pub(super) fn find_out(address: SocketAddr, host: &str, said: &[u8], budget: Budget) -> Option<Plain> {
    let port = address.port();
    let heard = recognise(said, port);
    match heard {
        // Whether IRC upgrades is told by its capabilities, which it has to be asked for.
        Some(plain) if plain.protocol.starts_with("IRC") => {
            let asked = ask(address, host, Question::Irc, budget).filter(|asked| asked.starttls.is_some());
            Some(asked.unwrap_or(plain))
        }
        Some(plain) => Some(plain),
        None => listen(address, budget)
            .or_else(|| QUESTIONS.into_iter().find_map(|question| ask(address, host, question, budget))),
    }
}

/// The same of a port that has said nothing: all questions are asked at the same time, each on a connection of its own.
pub(super) fn find_out_at_once(address: SocketAddr, host: &str, budget: Budget) -> Option<Plain> {
    std::thread::scope(|scope| {
        let heard = scope.spawn(move || listen(address, budget));
        let asked = QUESTIONS.map(|question| scope.spawn(move || ask(address, host, question, budget)));
        let heard = heard.join().ok().flatten();
        heard.or_else(|| asked.into_iter().find_map(|answer| answer.join().ok().flatten()))
    })
}

fn listen(address: SocketAddr, budget: Budget) -> Option<Plain> {
    let mut wire = Wire::connect(address, budget.step(LISTENING)).ok()?;
    let said = wire.some(MAX_ANSWER, |said| said.ends_with(b"\n"));
    recognise(&said, address.port())
}

fn ask(address: SocketAddr, host: &str, question: Question, budget: Budget) -> Option<Plain> {
    if budget.is_spent() {
        return None;
    }
    let mut wire = Wire::connect(address, budget.step(PATIENCE)).ok()?;
    wire.write_all(&question.words(host)).ok()?;
    let said = wire.some(MAX_ANSWER, |said| question.is_answered(said));
    question.understood(&said, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greetings_are_recognised() {
        let mysql = [&b"\x20\0\0\0\x0a8.0.36\0\x01\0\0\0abcdefgh\0"[..], &CLIENT_SSL.to_le_bytes(), &[45]].concat();
        for (said, protocol, starttls) in [
            (&b"HTTP/1.1 400 Bad Request\r\n"[..], "HTTP", None),
            (b"220 mail.example.test ESMTP\r\n", "SMTP", Some(Starttls::Smtp)),
            (b"220-FileZilla Server 1.8\r\n", "FTP", Some(Starttls::Ftp)),
            (b"220 (vsFTPd 3.0.5)\r\n", "FTP", Some(Starttls::Ftp)),
            (b"* OK [CAPABILITY IMAP4rev1] ready\r\n", "IMAP", Some(Starttls::Imap)),
            (b"+OK ready\r\n", "POP3", Some(Starttls::Pop3)),
            (b"<?xml version='1.0'?><stream:stream>", "XMPP", Some(Starttls::Xmpp)),
            (b"SSH-2.0-OpenSSH\r\n", "SSH", None),
            (b"-ERR wrong number of arguments for 'get' command\r\n", "Redis", None),
            (b":irc.example.test 451 * :You have not registered\r\n", "IRC in plain text", None),
            (b":irc.example.test CAP * LS :multi-prefix tls\r\n", "IRC", Some(Starttls::Irc)),
            (&mysql, "MySQL", Some(Starttls::Mysql)),
        ] {
            let plain = recognise(said, 1).unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(said)));
            assert_eq!((plain.protocol, plain.starttls), (protocol, starttls));
        }
        assert_eq!(recognise(b"\x00\x01\x02", 1), None);
    }

    #[test]
    fn answers_are_understood_by_what_was_asked() {
        for (question, said, protocol) in [
            (Question::Postgres, &b"S"[..], Some("PostgreSQL")),
            (Question::Postgres, b"N", Some("PostgreSQL without TLS")),
            (Question::Ldap, b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00", Some("LDAP")),
            (Question::Http, b"HTTP/1.0 200 OK\r\n\r\n", Some("HTTP")),
            (
                Question::Http,
                b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n",
                None,
            ),
            (Question::Redis, b"+PONG\r\n", Some("Redis")),
            (Question::Redis, b"", None),
        ] {
            let plain = question.understood(said, 1);
            assert_eq!(plain.map(|plain| plain.protocol), protocol, "{question:?}");
        }
    }

    /// Nobody is asked after another: all connections are there before the first answer could be.
    #[test]
    fn a_silent_port_is_asked_everything_at_once() {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = silent.local_addr().unwrap();
        let asking =
            std::thread::spawn(move || find_out_at_once(address, "a.test", Budget::new(Duration::from_secs(30))));
        let held: Vec<_> = silent.incoming().take(QUESTIONS.len() + 1).collect();
        assert!(held.iter().all(Result::is_ok));
        drop(held);
        assert_eq!(asking.join().unwrap(), None);
    }

    #[test]
    fn a_port_that_waits_to_be_spoken_to_is_told_by_its_answer() {
        let waiting = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = waiting.local_addr().unwrap();
        std::thread::spawn(move || {
            for mut peer in waiting.incoming().flatten() {
                std::thread::spawn(move || {
                    let mut said = [0; 6];
                    let read = std::io::Read::read(&mut peer, &mut said).unwrap_or(0);
                    if &said[..read] == b"PING\r\n" {
                        let _ = peer.write_all(b"+PONG\r\n");
                    }
                });
            }
        });
        let found = find_out_at_once(address, "a.test", Budget::new(Duration::from_secs(30)));
        assert_eq!(found.map(|plain| plain.protocol), Some("Redis"));
    }

    #[test]
    fn tls_is_told_from_everything_else() {
        for (greeting, plainly) in [(&b""[..], false), (b"\x16\x03\x01", false), (b"\x15", false), (b"HT", true)] {
            assert_eq!(speaks_plainly(greeting), plainly);
        }
    }
}
