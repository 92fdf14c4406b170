//! A ClientHello made by hand, and the ServerHello or alert that answers it: to learn which versions and cipher suites
//! a server takes, also those that no current library speaks. Nothing follows the first answer.

use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::time::Instant;

use rustls::AlertDescription;

use super::groups::{self, Group};
use super::wire::Wire;
use super::{ProbeError, Starttls, starttls};

/// The most that is read of an answer. A ServerHello has some hundred octets; in TLS 1.2 the chain lies before the message that names
/// the group.
const MAX_ANSWER: usize = 64 << 10;
/// The most records that are read before the answer; a server may warn of a name that it does not know first, and send each message in a
/// record of its own.
const MAX_RECORDS: usize = 12;
/// The longest record, with what encryption may add (RFC 8446 section 5.2).
const MAX_RECORD: usize = (1 << 14) + 256;

/// A version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// RFC 2246; forbidden by RFC 8996.
    Tls10,
    /// RFC 4346; forbidden by RFC 8996.
    Tls11,
    /// RFC 5246.
    Tls12,
    /// RFC 8446.
    Tls13,
}

impl Version {
    /// All of them, the newest first.
    pub const ALL: [Version; 4] = [Version::Tls13, Version::Tls12, Version::Tls11, Version::Tls10];

    pub(super) fn wire(self) -> u16 {
        match self {
            Version::Tls10 => 0x0301,
            Version::Tls11 => 0x0302,
            Version::Tls12 => 0x0303,
            Version::Tls13 => 0x0304,
        }
    }

    /// The version of those two octets.
    pub fn from_wire(wire: u16) -> Option<Version> {
        Version::ALL.into_iter().find(|version| version.wire() == wire)
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Version::Tls10 => "TLS 1.0",
            Version::Tls11 => "TLS 1.1",
            Version::Tls12 => "TLS 1.2",
            Version::Tls13 => "TLS 1.3",
        })
    }
}

/// The kind of key that a cipher suite needs in the server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SuiteKey {
    /// RSA.
    Rsa,
    /// ECDSA or EdDSA (RFC 8422 section 5.10).
    Ecdsa,
    /// TLS 1.3 settles the key apart from the suite.
    Any,
}

/// The cipher suites that are offered, by the IANA's registry: all of TLS 1.3, and those of before that servers are
/// configured with, weak ones too, since the question is what the server takes.
const SUITES: &[(u16, &str, SuiteKey)] = {
    use SuiteKey::{Any, Ecdsa, Rsa};
    &[
        (0x1301, "TLS_AES_128_GCM_SHA256", Any),
        (0x1302, "TLS_AES_256_GCM_SHA384", Any),
        (0x1303, "TLS_CHACHA20_POLY1305_SHA256", Any),
        (0x1304, "TLS_AES_128_CCM_SHA256", Any),
        (0x1305, "TLS_AES_128_CCM_8_SHA256", Any),
        (0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", Ecdsa),
        (0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", Ecdsa),
        (0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", Ecdsa),
        (0xc0ac, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM", Ecdsa),
        (0xc0ad, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM", Ecdsa),
        (0xc023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", Ecdsa),
        (0xc024, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", Ecdsa),
        (0xc009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", Ecdsa),
        (0xc00a, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", Ecdsa),
        (0xc008, "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA", Ecdsa),
        (0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", Rsa),
        (0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", Rsa),
        (0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", Rsa),
        (0xc027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", Rsa),
        (0xc028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", Rsa),
        (0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", Rsa),
        (0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", Rsa),
        (0xc012, "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", Rsa),
        (0x009e, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", Rsa),
        (0x009f, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", Rsa),
        (0xccaa, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256", Rsa),
        (0xc09e, "TLS_DHE_RSA_WITH_AES_128_CCM", Rsa),
        (0xc09f, "TLS_DHE_RSA_WITH_AES_256_CCM", Rsa),
        (0xc0a2, "TLS_DHE_RSA_WITH_AES_128_CCM_8", Rsa),
        (0xc0a3, "TLS_DHE_RSA_WITH_AES_256_CCM_8", Rsa),
        (0x0067, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256", Rsa),
        (0x006b, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256", Rsa),
        (0x0033, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", Rsa),
        (0x0039, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA", Rsa),
        (0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256", Rsa),
        (0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384", Rsa),
        (0xc09c, "TLS_RSA_WITH_AES_128_CCM", Rsa),
        (0xc09d, "TLS_RSA_WITH_AES_256_CCM", Rsa),
        (0xc0a0, "TLS_RSA_WITH_AES_128_CCM_8", Rsa),
        (0xc0a1, "TLS_RSA_WITH_AES_256_CCM_8", Rsa),
        (0x003c, "TLS_RSA_WITH_AES_128_CBC_SHA256", Rsa),
        (0x003d, "TLS_RSA_WITH_AES_256_CBC_SHA256", Rsa),
        (0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA", Rsa),
        (0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA", Rsa),
        (0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA", Rsa),
        (0x0005, "TLS_RSA_WITH_RC4_128_SHA", Rsa),
    ]
};

/// The registered name of a suite, or its number.
pub(super) fn suite_name(suite: u16) -> String {
    SUITES
        .iter()
        .find(|(number, ..)| *number == suite)
        .map_or_else(|| format!("0x{suite:04x}"), |(_, name, _)| (*name).to_owned())
}

/// What clients choose suites by: the key exchange, and how records are sealed.
pub(super) fn suite_class(suite: u16) -> String {
    let name = suite_name(suite);
    let exchange =
        ["ECDHE_ECDSA", "ECDHE_RSA", "DHE_RSA", "RSA"].into_iter().find(|it| name.starts_with(&format!("TLS_{it}_")));
    let sealing = match name.as_str() {
        name if name.contains("3DES") || name.contains("RC4") => "3DES or RC4",
        name if name.contains("GCM") || name.contains("CHACHA20") => "AEAD",
        name if name.ends_with("CCM_8") => "CCM-8",
        name if name.contains("CCM") => "CCM",
        name if name.ends_with("CBC_SHA") => "CBC with SHA-1",
        name if name.ends_with("CBC_SHA256") => "CBC with SHA-256",
        name if name.ends_with("CBC_SHA384") => "CBC with SHA-384",
        _ => "another",
    };
    format!("{} {sealing}", exchange.unwrap_or("another").replace('_', "-"))
}

/// The key that a suite needs.
pub(super) fn suite_key(suite: u16) -> Option<SuiteKey> {
    SUITES.iter().find(|(number, ..)| *number == suite).map(|(_, _, key)| *key)
}

/// What a server said to a ClientHello.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It takes this version with this cipher suite.
    Hello {
        /// The version, as two octets.
        version: u16,
        /// The suite's number.
        suite: u16,
        /// The number of the group of the key exchange, where there is one.
        group: Option<u16>,
    },
    /// It refuses.
    Alert(AlertDescription),
    /// It closed, was silent, or spoke no TLS.
    Nothing,
}

/// Whom to say hello to.
#[derive(Debug, Clone)]
pub(super) struct Greeted<'a> {
    pub(super) address: SocketAddr,
    pub(super) name: Option<&'a str>,
    pub(super) host: &'a str,
    pub(super) starttls: Option<Starttls>,
    /// A line of the PROXY protocol comes first.
    pub(super) proxied: bool,
}

/// What a proxy says before the first octet of a client that it knows nothing of (the PROXY protocol, version 1, section 2.1).
const PROXY_LINE: &[u8] = b"PROXY UNKNOWN\r\n";

/// The alert user_canceled (RFC 8446 section 6.1): nothing is wrong, and that was all. As a warning it would not end the handshake.
const FAREWELL: [u8; 7] = [21, 3, 3, 0, 2, 2, 90];

/// Offers one version with every suite and group of it, and reads the first answer.
pub(super) fn ask(peer: &Greeted<'_>, version: Version, deadline: Instant) -> Answer {
    ask_with(peer, version, &groups::all(version), deadline)
}

/// The same with these groups alone.
pub(super) fn ask_with(peer: &Greeted<'_>, version: Version, groups: &[Group], deadline: Instant) -> Answer {
    let asked = || -> Result<Answer, ProbeError> {
        let mut wire = Wire::connect(peer.address, deadline)?;
        if peer.proxied {
            wire.write_all(PROXY_LINE).map_err(|_| ProbeError::Closed)?;
        }
        if let Some(protocol) = peer.starttls {
            starttls::upgrade(&mut wire, protocol, peer.host)?;
        }
        wire.write_all(&client_hello(version, peer.name, groups)).map_err(|_| ProbeError::Closed)?;
        let answer = read_answer(&mut wire).map_err(|_| ProbeError::Closed)?;
        if matches!(answer, Answer::Hello { .. }) {
            // The answer is known, whether the farewell arrives or not.
            let _ = wire.write_all(&FAREWELL);
        }
        Ok(answer)
    };
    asked().unwrap_or(Answer::Nothing)
}

fn read_answer(wire: &mut Wire) -> io::Result<Answer> {
    let (mut handshake, mut known) = (Vec::new(), Answer::Nothing);
    for _ in 0..MAX_RECORDS {
        let (kind, body) = match read_record(wire) {
            Ok(Some(record)) if handshake.len() + record.1.len() <= MAX_ANSWER => record,
            // What is known is known, whatever comes after it.
            Err(error) if known == Answer::Nothing => return Err(error),
            _ => break,
        };
        match (kind, &body[..]) {
            // RFC 5246 section 7.2: a warning does not end the handshake.
            (21, [1, _]) => {}
            (21, [_, alert]) if known == Answer::Nothing => {
                return Ok(Answer::Alert(AlertDescription::from(*alert)));
            }
            (22, _) => {
                handshake.extend_from_slice(&body);
                known = server_hello(&handshake).unwrap_or(known);
                if is_all(known, &handshake) {
                    break;
                }
            }
            _ => break,
        }
    }
    Ok(match (known, exchange_group(&handshake)) {
        (Answer::Hello { version, suite, group: None }, group) => Answer::Hello { version, suite, group },
        (known, _) => known,
    })
}

/// The kind of a record and what it holds; none where it is longer than a record can be.
fn read_record(wire: &mut Wire) -> io::Result<Option<(u8, Vec<u8>)>> {
    let mut header = [0; 5];
    wire.read_exact(&mut header)?;
    let length = usize::from(u16::from_be_bytes([header[3], header[4]]));
    if length > MAX_RECORD {
        return Ok(None);
    }
    let mut body = vec![0; length];
    wire.read_exact(&mut body)?;
    Ok(Some((header[0], body)))
}

/// Whether nothing more is to be learnt: TLS 1.3 names the group in its first message, and before it a message of its own does where the
/// suite has a group at all.
fn is_all(known: Answer, handshake: &[u8]) -> bool {
    let Answer::Hello { suite, group, .. } = known else { return false };
    let done = || messages(handshake).any(|(kind, _)| matches!(kind, SERVER_KEY_EXCHANGE | SERVER_HELLO_DONE));
    group.is_some() || !suite_name(suite).starts_with("TLS_ECDHE") || done()
}

const SERVER_KEY_EXCHANGE: u8 = 12;
const SERVER_HELLO_DONE: u8 = 14;

/// The whole handshake messages that the octets hold: kind and body.
fn messages(octets: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut reader = Reader(octets);
    std::iter::from_fn(move || {
        let [kind] = reader.take(1)? else { return None };
        let length = usize::try_from(reader.number(3)?).ok()?;
        Some((*kind, reader.take(length)?))
    })
}

/// The named curve of a ServerKeyExchange (RFC 8422 section 5.4).
fn exchange_group(handshake: &[u8]) -> Option<Group> {
    let (_, body) = messages(handshake).find(|(kind, _)| *kind == SERVER_KEY_EXCHANGE)?;
    match body {
        [3, high, low, ..] => Some(u16::from_be_bytes([*high, *low])),
        _ => None,
    }
}

/// A ServerHello (RFC 8446 section 4.1.3, RFC 5246 section 7.4.1.3), where the octets hold a whole one.
fn server_hello(message: &[u8]) -> Option<Answer> {
    let mut reader = Reader(message);
    let [2] = reader.take(1)? else { return None };
    let length = usize::try_from(reader.number(3)?).ok()?;
    let mut body = Reader(reader.take(length)?);
    let legacy = u16::try_from(body.number(2)?).ok()?;
    body.take(32)?;
    let session = usize::try_from(body.number(1)?).ok()?;
    body.take(session)?;
    let suite = u16::try_from(body.number(2)?).ok()?;
    body.take(1)?;
    let extensions = extensions_of(body).unwrap_or_default();
    let content = |wanted: u16| extensions.iter().find(|(kind, _)| *kind == wanted).map(|(_, content)| *content);
    let number = |wanted: u16| Reader(content(wanted)?).number(2).and_then(|number| u16::try_from(number).ok());
    // RFC 8446 sections 4.2.1 and 4.2.8: a HelloRetryRequest has the group alone in the place of a key's.
    Some(Answer::Hello { version: number(43).unwrap_or(legacy), suite, group: number(51) })
}

/// The extensions of a ServerHello: kind and content.
fn extensions_of(mut body: Reader<'_>) -> Option<Vec<(u16, &[u8])>> {
    let length = usize::try_from(body.number(2)?).ok()?;
    let mut octets = Reader(body.take(length)?);
    let mut extensions = Vec::new();
    while !octets.0.is_empty() {
        let kind = u16::try_from(octets.number(2)?).ok()?;
        let length = usize::try_from(octets.number(2)?).ok()?;
        extensions.push((kind, octets.take(length)?));
    }
    Some(extensions)
}

/// Octets that are taken from the front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self, octets: usize) -> Option<u32> {
        Some(self.take(octets)?.iter().fold(0, |number, octet| number << 8 | u32::from(*octet)))
    }
}

/// A ClientHello (RFC 8446 section 4.1.2) in one record, with every suite of that version.
fn client_hello(version: Version, name: Option<&str>, groups: &[Group]) -> Vec<u8> {
    let mut body = Vec::new();
    body.extend(version.wire().min(Version::Tls12.wire()).to_be_bytes());
    body.extend(random());
    // A session id makes it look like TLS 1.2 to what stands between (RFC 8446 appendix D.4).
    body.extend(if version == Version::Tls13 { counted(1, &random()) } else { vec![0] });
    let suites = SUITES.iter().filter(|(.., key)| (*key == SuiteKey::Any) == (version == Version::Tls13));
    body.extend(counted(2, &suites.flat_map(|(number, ..)| number.to_be_bytes()).collect::<Vec<_>>()));
    body.extend([1, 0]);
    body.extend(counted(2, &extensions(version, name, groups)));
    let message = [vec![1], counted(3, &body)].concat();
    [vec![22, 3, 1], counted(2, &message)].concat()
}

fn extensions(version: Version, name: Option<&str>, groups: &[Group]) -> Vec<u8> {
    let mut all = Vec::new();
    let mut add = |kind: u16, content: &[u8]| {
        all.extend(kind.to_be_bytes());
        all.extend(counted(2, content));
    };
    if let Some(name) = name {
        add(0, &counted(2, &[vec![0], counted(2, name.as_bytes())].concat()));
    }
    // The groups, and uncompressed points.
    add(10, &counted(2, &groups.iter().flat_map(|group| group.to_be_bytes()).collect::<Vec<_>>()));
    add(11, &[1, 0]);
    // RFC 5746 section 3.4, and RFC 7627.
    add(0xff01, &[0]);
    add(23, &[]);
    if version >= Version::Tls12 {
        // ECDSA, EdDSA, RSA-PSS, RSA PKCS#1, and SHA-1 with either key.
        let schemes: [u8; 32] =
            [4, 3, 5, 3, 6, 3, 8, 7, 8, 8, 8, 4, 8, 5, 8, 6, 8, 9, 8, 10, 8, 11, 4, 1, 5, 1, 6, 1, 2, 1, 2, 3];
        add(13, &counted(2, &schemes));
    }
    if version == Version::Tls13 {
        add(43, &[2, 3, 4]);
        add(45, &[1, 1]);
        add(51, &counted(2, &[vec![0, 29], counted(2, &random())].concat()));
    }
    all
}

/// Content with its length before it, in so many octets. What is sent here fits.
fn counted(octets: usize, content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u64).to_be_bytes();
    [&length[8 - octets..], content].concat()
}

/// 32 octets; any are a key of X25519 (RFC 7748 section 5), and no secret comes of this handshake.
fn random() -> [u8; 32] {
    let mut octets = [0x5a; 32];
    // Without chance the server still answers.
    let _ = aws_lc_rs::rand::fill(&mut octets);
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ServerHello by RFC 5246: version, random, empty session id, suite, no compression, extensions.
    fn hello(legacy: [u8; 2], suite: [u8; 2], extensions: &[u8]) -> Vec<u8> {
        let body = [&legacy[..], &[7; 32], &[0], &suite, &[0], extensions].concat();
        [vec![2], counted(3, &body)].concat()
    }

    #[test]
    fn a_server_hello_tells_version_and_suite() {
        let supported = counted(2, &[0, 43, 0, 2, 3, 4]);
        let retry = counted(2, &[0, 43, 0, 2, 3, 4, 0, 51, 0, 2, 0, 25]);
        for (message, version, suite, group) in [
            (hello([3, 3], [0xc0, 0x2f], &[]), 0x0303, 0xc02f, None),
            (hello([3, 1], [0, 0x2f], &counted(2, &[0xff, 1, 0, 1, 0])), 0x0301, 0x002f, None),
            (hello([3, 3], [0x13, 1], &supported), 0x0304, 0x1301, None),
            (hello([3, 3], [0x13, 1], &retry), 0x0304, 0x1301, Some(25)),
        ] {
            assert_eq!(server_hello(&message), Some(Answer::Hello { version, suite, group }));
        }
    }

    #[test]
    fn before_tls_1_3_a_message_of_its_own_names_the_group() {
        let message = |kind: u8, body: &[u8]| [vec![kind], counted(3, body)].concat();
        let flight =
            [hello([3, 3], [0xc0, 0x2f], &[]), message(11, &[0; 900]), message(12, &[3, 0, 25, 1, 4])].concat();
        let known = server_hello(&flight).expect("a whole message");
        assert_eq!(exchange_group(&flight), Some(25));
        assert!(is_all(known, &flight) && !is_all(known, &flight[..flight.len() - 1]));
        assert_eq!(exchange_group(&flight[..flight.len() - 1]), None);
        // A key exchange by RSA has none.
        let rsa = hello([3, 3], [0, 0x2f], &[]);
        assert!(is_all(server_hello(&rsa).expect("a whole message"), &rsa));
    }

    #[test]
    fn no_part_of_an_answer_is_taken_for_a_whole_one() {
        let whole = hello([3, 3], [0x13, 1], &counted(2, &[0, 43, 0, 2, 3, 4]));
        for end in 0..whole.len() {
            assert_eq!(server_hello(&whole[..end]), None, "{end} octets");
        }
        assert_eq!(server_hello(&[1, 0, 0, 0]), None);
        assert_eq!(server_hello(&[2, 0, 0, 1, 3]), None);
    }

    #[test]
    fn a_client_hello_counts_what_it_holds() {
        for version in Version::ALL {
            let record = client_hello(version, Some("chat.example.test"), &groups::all(version));
            let length = usize::from(u16::from_be_bytes([record[3], record[4]]));
            assert_eq!(record.len(), 5 + length);
            assert_eq!(record[5], 1);
            assert!(record.windows(17).any(|part| part == b"chat.example.test"));
        }
    }
}
