//! Between the client's core, the server and the interface: the only part of the client that waits.

use rustls::AlertDescription;
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::core::{Client, Port, Profile, Seen, Step};
use super::interface::{Interface, Status, Typed};
use super::view::Entry;
use crate::limits::client::{FIRST_WORD, GOODBYE, READ, READY, WRITE};
use crate::wire::base64;
use crate::wire::line::LineSplitter;
use zeroize::Zeroizing;

/// Octets of a login's nonce: 144 bits, as many as clients usually take.
const NONCE: usize = 18;

/// How a conversation ended, where nothing was wrong with the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// One left.
    Left,
    /// The server closed; it said why before, and that was shown.
    Closed,
    /// The server has a port for us alone, where we are to go on.
    Moved(Port),
    /// The server did not take us in.
    Refused(String),
    /// There is no login to the account that was named.
    NotLoggedIn(String),
}

/// Why a conversation broke off.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// The server refused the handshake, which in TLS 1.3 a client learns with its first read (RFC 8446, section 4.4.2).
    #[error("the server refused with the TLS alert {alert:?}")]
    Alert {
        /// Which alert.
        alert: AlertDescription,
    },
    /// The connection broke.
    #[error("the connection to the server broke")]
    Broken(#[source] io::Error),
    /// The server closed before it said anything.
    #[error("the server closed the connection before it said anything")]
    Silent,
    /// The server took the connection and never said anything.
    #[error("the server took the connection and said nothing for {} s", FIRST_WORD.as_secs())]
    NoAnswer,
    /// The server talked, and did not take one in.
    #[error("the server talks, and has not let us in for {} s", READY.as_secs())]
    NotReady,
    /// The system gave no chance for the login's nonce.
    #[error("the system gave no random bytes")]
    NoChance,
    /// Standard input or output, or the terminal, failed.
    #[error("the terminal or pipe failed")]
    Interface(#[source] io::Error),
}

/// What became of a conversation.
#[derive(Debug)]
pub struct Conversation {
    /// How it ended. A closed output (a broken pipe) is a way to leave, not an error.
    pub ended: Result<Ending, LinkError>,
    /// Who and where one was at its end; none where one never got in.
    pub place: Option<Place>,
}

/// Who one was, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// One's nickname.
    pub nick: String,
    /// One's channels, the current one last.
    pub channels: Vec<String>,
    /// What one has seen of them.
    pub seen: Vec<Seen>,
}

/// Speaks for a person until he leaves or the server closes.
pub async fn converse<S, I>(stream: S, server: &str, profile: Profile, interface: &mut I) -> Conversation
where
    S: AsyncRead + AsyncWrite,
    I: Interface,
{
    let nonce = match nonce() {
        Ok(nonce) => nonce,
        Err(error) => return Conversation { ended: Err(error), place: None },
    };
    let (client, steps) = Client::start(profile, nonce);
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut link = Link { client, server, interface, ready: false, input_open: true, ending: None };
    let ended = match link.run(&mut reader, &mut writer, steps).await {
        Err(LinkError::Interface(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Ending::Left),
        ended => ended,
    };
    let Link { client, ready, .. } = link;
    let place = ready.then(|| Place {
        nick: client.nick().to_owned(),
        channels: client.channels(),
        seen: client.seen().to_vec(),
    });
    Conversation { ended, place }
}

/// A word of printable ASCII without a comma (RFC 5802, section 5.1).
fn nonce() -> Result<String, LinkError> {
    let mut octets = [0; NONCE];
    aws_lc_rs::rand::fill(&mut octets).map_err(|_| LinkError::NoChance)?;
    Ok(base64::encode(&octets))
}

struct Link<'a, I> {
    client: Client,
    server: &'a str,
    interface: &'a mut I,
    ready: bool,
    input_open: bool,
    ending: Option<Ending>,
}

impl<I: Interface> Link<'_, I> {
    async fn run<R, W>(&mut self, reader: &mut R, writer: &mut W, first: Vec<Step>) -> Result<Ending, LinkError>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let mut splitter = LineSplitter::for_servers();
        let mut buffer = vec![0; READ];
        let mut heard = false;
        let first_word = tokio::time::sleep(FIRST_WORD);
        tokio::pin!(first_word);
        let ready = tokio::time::sleep(READY);
        tokio::pin!(ready);
        let mut written = self.carry_out(first, writer).await;
        while self.ending.is_none() {
            if let Err(LinkError::Broken(error)) = written {
                // What broke it may stand in what the server sent before: an alert, or its last words.
                return Err(last_words(reader, &mut buffer, error).await);
            }
            written?;
            let may_type = self.input_open && (self.ready || !self.interface.waits_for_ready());
            written = tokio::select! {
                read = reader.read(&mut buffer) => match read {
                    Ok(0) if heard => return Ok(Ending::Closed),
                    Ok(0) => return Err(LinkError::Silent),
                    Ok(length) => {
                        heard = true;
                        splitter.push(&buffer[..length]);
                        self.receive(&mut splitter, writer).await
                    }
                    Err(error) if heard && error.kind() == io::ErrorKind::UnexpectedEof => return Ok(Ending::Closed),
                    Err(error) => return Err(read_error(error)),
                },
                () = &mut first_word, if !heard => return Err(LinkError::NoAnswer),
                () = &mut ready, if !self.ready => return Err(LinkError::NotReady),
                typed = self.interface.typed(), if may_type => {
                    self.typed(typed.map_err(LinkError::Interface)?, writer).await
                }
            };
        }
        if matches!(self.ending, Some(Ending::Moved(_))) {
            return Ok(self.ending.take().unwrap_or(Ending::Closed));
        }
        let _ = timeout(GOODBYE, self.hear_out(reader, &mut splitter, &mut buffer)).await;
        Ok(self.ending.take().unwrap_or(Ending::Left))
    }

    /// Shows what the server still answers to lines that were sent before one left; nothing more is sent.
    async fn hear_out<R: AsyncRead + Unpin>(
        &mut self,
        reader: &mut R,
        lines: &mut LineSplitter,
        buffer: &mut [u8],
    ) -> Result<(), LinkError> {
        loop {
            let length = reader.read(buffer).await.map_err(LinkError::Broken)?;
            if length == 0 {
                return Ok(());
            }
            lines.push(&buffer[..length]);
            self.receive(lines, &mut tokio::io::sink()).await?;
        }
    }

    async fn receive<W: AsyncWrite + Unpin>(
        &mut self,
        lines: &mut LineSplitter,
        writer: &mut W,
    ) -> Result<(), LinkError> {
        let mut steps = Vec::new();
        while let Some(line) = lines.next_line() {
            // A line above the bound is dropped: no server may send one.
            steps.extend(line.map(|line| self.client.received(&line)).unwrap_or_default());
        }
        self.carry_out(steps, writer).await
    }

    async fn typed<W: AsyncWrite + Unpin>(&mut self, typed: Typed, writer: &mut W) -> Result<(), LinkError> {
        let steps = match typed {
            Typed::Line(line) => self.client.typed(&line),
            Typed::Complete { word, begins } => {
                let candidates = self.client.complete(&word, begins);
                return self.interface.complete(candidates).map_err(LinkError::Interface);
            }
            Typed::End => {
                self.input_open = false;
                self.client.input_ended()
            }
        };
        self.carry_out(steps, writer).await
    }

    async fn carry_out<W: AsyncWrite + Unpin>(&mut self, steps: Vec<Step>, writer: &mut W) -> Result<(), LinkError> {
        let mut entries: Vec<Entry> = Vec::new();
        // Room for all of it at once: bytes that grow would leave copies of a password behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(steps.iter().map(length).sum()));
        for step in steps {
            match step {
                Step::Send(line) => push_line(&mut bytes, &line),
                Step::SendSecret(line) => push_line(&mut bytes, line.expose()),
                Step::Show(entry) => entries.push(entry),
                Step::Ready => self.ready = true,
                Step::Leave => self.ending = self.ending.take().or(Some(Ending::Left)),
                Step::Moved(port) => self.ending = Some(Ending::Moved(port)),
                // The server's last word to somebody who goes elsewhere is no refusal.
                Step::Refused(reason) => self.ending = self.ending.take().or(Some(Ending::Refused(reason))),
                Step::NotLoggedIn(reason) => self.ending = self.ending.take().or(Some(Ending::NotLoggedIn(reason))),
            }
        }
        let status = Status {
            server: self.server.to_owned(),
            nick: self.client.nick().to_owned(),
            current: self.client.current().map(str::to_owned),
        };
        self.interface.show(entries, &status).map_err(LinkError::Interface)?;
        write(writer, &bytes).await.map_err(LinkError::Broken)
    }
}

/// Bytes of a step's line, with its end.
fn length(step: &Step) -> usize {
    match step {
        Step::Send(line) => line.len() + 2,
        Step::SendSecret(line) => line.expose().len() + 2,
        _ => 0,
    }
}

fn push_line(bytes: &mut Vec<u8>, line: &str) {
    bytes.extend_from_slice(line.as_bytes());
    bytes.extend_from_slice(b"\r\n");
}

async fn write<W: AsyncWrite + Unpin>(writer: &mut W, bytes: &[u8]) -> io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    let write = async {
        writer.write_all(bytes).await?;
        writer.flush().await
    };
    timeout(WRITE, write).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

async fn last_words<R: AsyncRead + Unpin>(reader: &mut R, buffer: &mut [u8], broken: io::Error) -> LinkError {
    match timeout(GOODBYE, until_closed(reader, buffer)).await {
        Ok(Err(error)) => read_error(error),
        _ => LinkError::Broken(broken),
    }
}

async fn until_closed<R: AsyncRead + Unpin>(reader: &mut R, buffer: &mut [u8]) -> io::Result<()> {
    while reader.read(buffer).await? > 0 {}
    Ok(())
}

fn read_error(error: io::Error) -> LinkError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::AlertReceived(alert)) => LinkError::Alert { alert: *alert },
        _ => LinkError::Broken(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::lines::Lines;

    fn profile() -> Profile {
        Profile {
            nick: "alice".into(),
            user: "alice".into(),
            real_name: "Alice".into(),
            join: vec!["#lobby".into()],
            certificate: false,
            login: None,
            password: None,
            ticket: None,
            stays: false,
            catches_up: false,
            seen: Vec::new(),
            welcome: Vec::new(),
        }
    }

    /// Plays a server: answers each line that begins with a key by the value.
    async fn play(stream: tokio::io::DuplexStream, script: &[(&str, &str)]) -> Vec<String> {
        use tokio::io::AsyncBufReadExt;
        let (reader, mut writer) = tokio::io::split(stream);
        let mut lines = tokio::io::BufReader::new(reader).lines();
        let mut heard = Vec::new();
        while let Ok(Some(line)) = lines.next_line().await {
            for (_, answer) in script.iter().filter(|(begin, _)| line.starts_with(begin)) {
                writer.write_all(answer.as_bytes()).await.expect("the client reads");
            }
            let quit = line.starts_with("QUIT");
            heard.push(line);
            if quit {
                break;
            }
        }
        heard
    }

    #[tokio::test]
    async fn piped_lines_wait_for_the_channel_and_leave_after_the_answers() {
        let (ours, theirs) = tokio::io::duplex(4096);
        let script = [
            ("CAP LS", ":s CAP * LS :\r\n"),
            ("CAP END", ":s 001 alice :Welcome\r\n:s 422 alice :No MOTD\r\n"),
            ("PING :ready", ":alice!a@h JOIN #lobby\r\n:s PONG s :ready\r\n"),
            ("PING :done", ":s PONG s :done\r\n"),
        ];
        let mut interface = Lines::new(&b"hello\n"[..], Vec::new());
        let (heard, talk) = tokio::join!(play(theirs, &script), converse(ours, "s", profile(), &mut interface));
        assert_eq!(talk.ended.expect("no error"), Ending::Left);
        assert_eq!(talk.place, Some(Place { nick: "alice".into(), channels: vec!["#lobby".into()], seen: Vec::new() }));
        let after_ready: Vec<&str> =
            heard.iter().map(String::as_str).skip_while(|line| *line != "PING :ready").skip(1).collect();
        assert_eq!(after_ready, ["PRIVMSG #lobby :hello", "PING :done", "QUIT"]);
    }

    #[tokio::test]
    async fn a_server_that_closes_without_a_word_is_an_error() {
        let (ours, theirs) = tokio::io::duplex(4096);
        drop(theirs);
        let mut interface = Lines::new(io::empty(), Vec::new());
        let talk = converse(ours, "s", profile(), &mut interface).await;
        assert!(talk.ended.is_err() && talk.place.is_none(), "{talk:?}");
    }
}
