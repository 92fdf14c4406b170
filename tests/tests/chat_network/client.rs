//! A client that types IRC by hand over a plaintext listener. Whatever it hears is kept, and looked at in order.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tests::sandbox::DEADLINE;

/// Lines shown of what was heard, where something else was expected.
const SHOWN: usize = 60;

/// A connection. Dropping it closes it.
pub(crate) struct Client {
    pub(crate) nickname: String,
    stream: TcpStream,
    heard: Arc<Heard>,
    /// How many lines were looked at.
    at: usize,
    pings: usize,
}

#[derive(Default)]
struct Heard {
    lines: Mutex<Lines>,
    changed: Condvar,
}

#[derive(Default)]
struct Lines {
    lines: Vec<Arc<str>>,
    closed: bool,
}

impl Client {
    /// A connection that has said nothing yet.
    pub(crate) fn connect(address: &str) -> Client {
        let stream = TcpStream::connect(address).unwrap_or_else(|why| panic!("{address}: {why}"));
        stream.set_nodelay(true).expect("an option of every socket");
        let heard = Arc::new(Heard::default());
        let (reader, collected) = (stream.try_clone().expect("a second handle"), heard.clone());
        std::thread::spawn(move || collected.collect(BufReader::new(reader)));
        Client { nickname: "*".to_owned(), stream, heard, at: 0, pings: 0 }
    }

    /// A registered user with these capabilities.
    pub(crate) fn register(address: &str, nickname: &str, capabilities: &str) -> Client {
        let mut client = Client::connect(address);
        if !capabilities.is_empty() {
            client.says(&format!("CAP REQ :{capabilities}"));
            client.says("CAP END");
        }
        client.says(&format!("NICK {nickname}"));
        client.says(&format!("USER {nickname} 0 * :{nickname}"));
        client.hears(&format!(" 001 {nickname} "));
        nickname.clone_into(&mut client.nickname);
        client.answers("");
        client
    }

    /// The same without capabilities, in a channel.
    pub(crate) fn join(address: &str, nickname: &str, channel: &str) -> Client {
        let mut client = Client::register(address, nickname, "");
        client.says(&format!("JOIN {channel}"));
        client.hears(&format!(" 366 {nickname} {channel} "));
        client
    }

    pub(crate) fn says(&mut self, line: &str) {
        self.try_says(line)
            .unwrap_or_else(|why| panic!("{} can't say {line:?}: {why}\n{}", self.nickname, self.text()));
    }

    /// Says a line to a server that may be gone.
    pub(crate) fn try_says(&mut self, line: &str) -> std::io::Result<()> {
        self.stream.write_all(format!("{line}\r\n").as_bytes())
    }

    /// The next line with this text; those before it count as looked at.
    #[track_caller]
    pub(crate) fn hears(&mut self, text: &str) -> String {
        self.hears_with(&[text])
    }

    /// The next line with all of these texts.
    #[track_caller]
    pub(crate) fn hears_with(&mut self, texts: &[&str]) -> String {
        let found = self.next(DEADLINE, |line| texts.iter().all(|text| line.contains(text)));
        found.unwrap_or_else(|| panic!("{} expected a line with all of {texts:?}\n{}", self.nickname, self.text()))
    }

    /// The same within this time: `None` where it did not come, and everything is to be looked at again.
    pub(crate) fn next(&mut self, patience: Duration, fits: impl Fn(&str) -> bool) -> Option<String> {
        let (begin, end) = (self.at, Instant::now() + patience);
        let mut lines = self.heard.lock();
        loop {
            if let Some(found) = lines.lines[self.at..].iter().position(|line| fits(line)) {
                self.at += found + 1;
                return Some(lines.lines[self.at - 1].to_string());
            }
            self.at = lines.lines.len();
            let left = end.saturating_duration_since(Instant::now());
            if lines.closed || left == Duration::ZERO {
                self.at = begin;
                return None;
            }
            lines = self.heard.changed.wait_timeout(lines, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// All that the server answers to a line, and tells besides, up to the answer of a PING behind it.
    #[track_caller]
    pub(crate) fn answers(&mut self, line: &str) -> Vec<String> {
        let begin = self.at;
        if !line.is_empty() {
            self.says(line);
        }
        self.pings += 1;
        let word = format!("ping-{}", self.pings);
        self.says(&format!("PING {word}"));
        self.hears_with(&[" PONG ", &word]);
        self.heard.lock().lines[begin..self.at - 1].iter().map(ToString::to_string).collect()
    }

    /// A line of the answer with all of these texts.
    #[track_caller]
    pub(crate) fn answer_with(&mut self, line: &str, texts: &[&str]) -> String {
        let answers = self.answers(line);
        let found = answers.iter().find(|line| texts.iter().all(|text| line.contains(text))).cloned();
        found.unwrap_or_else(|| panic!("{line:?}: expected a line with all of {texts:?}\n{answers:#?}"))
    }

    /// Everything heard since the beginning.
    pub(crate) fn everything(&self) -> Vec<Arc<str>> {
        self.heard.lock().lines.clone()
    }

    /// Whether a line with all of these texts was heard, at whatever time.
    pub(crate) fn has_heard(&self, texts: &[&str]) -> bool {
        self.heard.lock().lines.iter().any(|line| texts.iter().all(|text| line.contains(text)))
    }

    /// How many lines with this text were heard so far.
    pub(crate) fn count(&self, text: &str) -> usize {
        self.heard.lock().lines.iter().filter(|line| line.contains(text)).count()
    }

    /// Waits until the server has closed.
    #[track_caller]
    pub(crate) fn is_closed(&mut self) {
        let end = Instant::now() + DEADLINE;
        let mut lines = self.heard.lock();
        while !lines.closed {
            let left = end.saturating_duration_since(Instant::now());
            assert!(left > Duration::ZERO, "{} is still connected", self.nickname);
            lines = self.heard.changed.wait_timeout(lines, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn text(&self) -> String {
        let lines = self.heard.lock();
        let first = lines.lines.len().saturating_sub(SHOWN);
        let closed = if lines.closed { "\n(closed)" } else { "" };
        format!("{}{closed}", lines.lines[first..].join("\n"))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // Ends the thread that reads, too; where the server has closed there is nothing to end.
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
    }
}

impl Heard {
    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn collect(&self, reader: impl BufRead) {
        for line in reader.split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).trim_end().into();
            self.lock().lines.push(line);
            self.changed.notify_all();
        }
        self.lock().closed = true;
        self.changed.notify_all();
    }
}
