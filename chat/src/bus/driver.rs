//! The task of a node's bus: it carries between the chat, the member and Redis.

use std::collections::VecDeque;
use std::future::pending;
use std::pin::Pin;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use super::limits::{BACKOFF_MS, CHANNEL};
use super::member::Member;
use super::redis::{Connection, Link};
use super::request::{Entry, Reply};
use super::{Command, Happened};

/// Milliseconds before the second attempt to connect; each later one waits twice as long, up to [`BACKOFF_MS`].
const FIRST_BACKOFF_MS: u64 = 20;

/// The longest sleep where nothing is due, as a timer has an end.
const LONG_MS: u64 = 3_600_000;

/// Who wants to know how long Redis took.
pub(super) type Observer = Box<dyn Fn(Duration) + Send>;

type Answer<T> = Option<Pin<Box<dyn Future<Output = Result<T, String>> + Send>>>;

/// One thing that came.
enum Came {
    Commands,
    NoMoreCommands,
    Connected(Result<Connection, String>),
    Replied(Result<Vec<Reply>, String>),
    Read(u64, Result<Vec<Entry>, String>),
    Due,
    Heard,
    NobodyListens,
}

/// The connection and what is on its way over it.
struct Traffic {
    link: Link,
    connection: Option<Connection>,
    connecting: Answer<Connection>,
    call: Answer<Vec<Reply>>,
    called_at: Instant,
    answered: Observer,
    read: Answer<Vec<Entry>>,
    /// The membership whose inbox is read.
    read_of: u64,
    backoff_ms: u64,
}

struct Driver {
    member: Member,
    traffic: Traffic,
    begin: Instant,
    commands: mpsc::Receiver<Command>,
    taken: Vec<Command>,
    happened: mpsc::Sender<Happened>,
    /// What the chat has not taken yet. While there is any, nothing is read, so that it has a bound.
    told: VecDeque<Happened>,
    is_leaving: bool,
}

/// Runs a node's bus until it has left.
pub(super) async fn run(
    member: Member,
    link: Link,
    commands: mpsc::Receiver<Command>,
    happened: mpsc::Sender<Happened>,
    answered: Observer,
) {
    let (begin, taken, told) = (Instant::now(), Vec::with_capacity(CHANNEL), VecDeque::new());
    let traffic = Traffic::new(link, answered);
    let mut driver = Driver { member, traffic, begin, commands, taken, happened, told, is_leaving: false };
    while !driver.member.is_over() {
        driver.turn().await;
    }
}

impl Driver {
    fn now(&self) -> i64 {
        i64::try_from(self.begin.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    async fn turn(&mut self) {
        let now = self.now();
        self.traffic.send(&mut self.member, now, self.told.is_empty());
        match self.next().await {
            Came::Commands => self.taken.drain(..).for_each(|command| self.member.command(command)),
            Came::NoMoreCommands | Came::NobodyListens => {
                self.is_leaving = true;
                self.told.clear();
                self.member.command(Command::Leave { reason: "its process ended".to_owned() });
            }
            Came::Due | Came::Heard => {}
            came => {
                let now = self.now();
                self.traffic.take(&mut self.member, now, came);
            }
        }
        self.tell();
    }

    async fn next(&mut self) -> Came {
        let due = self.due();
        let Traffic { connecting, call, read, read_of, .. } = &mut self.traffic;
        tokio::select! {
            count = self.commands.recv_many(&mut self.taken, CHANNEL), if !self.is_leaving => {
                if count == 0 { Came::NoMoreCommands } else { Came::Commands }
            }
            result = of(connecting) => Came::Connected(result),
            result = of(call) => Came::Replied(result),
            result = of(read) => Came::Read(*read_of, result),
            permit = self.happened.reserve(), if !self.told.is_empty() => match permit {
                Ok(permit) => {
                    if let Some(first) = self.told.pop_front() {
                        permit.send(first);
                    }
                    Came::Heard
                }
                Err(_) => Came::NobodyListens,
            },
            () = self.happened.closed(), if !self.is_leaving => Came::NobodyListens,
            () = sleep_until(due) => Came::Due,
        }
    }

    fn due(&self) -> Instant {
        let due = u64::try_from(self.member.due()).unwrap_or_default();
        let passed = u64::try_from(self.now()).unwrap_or_default();
        Instant::now() + Duration::from_millis(due.saturating_sub(passed).min(LONG_MS))
    }

    fn tell(&mut self) {
        self.told.extend(self.member.happened());
        while let Some(happened) = self.told.pop_front() {
            match self.happened.try_send(happened) {
                Ok(()) => {}
                Err(mpsc::error::TrySendError::Full(happened)) => return self.told.push_front(happened),
                Err(mpsc::error::TrySendError::Closed(_)) => {}
            }
        }
    }
}

/// What comes of this, if there is anything; it is taken out then.
async fn of<T>(answer: &mut Answer<T>) -> Result<T, String> {
    let result = match answer {
        Some(future) => future.await,
        None => pending().await,
    };
    *answer = None;
    result
}

impl Traffic {
    fn new(link: Link, answered: Observer) -> Traffic {
        let called_at = Instant::now();
        let (connection, connecting, call, read) = (None, None, None, None);
        Traffic { link, connection, connecting, call, called_at, answered, read, read_of: 0, backoff_ms: 0 }
    }

    /// Sends what is to be sent: a call at a time, and a read at a time.
    fn send(&mut self, member: &mut Member, now: i64, may_read: bool) {
        let Some(connection) = &self.connection else {
            return if self.connecting.is_none() {
                self.connect();
            };
        };
        if self.call.is_none() {
            let requests = member.requests(now);
            if !requests.is_empty() {
                self.call = Some(Box::pin(connection.call(requests)));
                self.called_at = Instant::now();
            }
        }
        if let (None, true, Some(reading)) = (&self.read, may_read, member.reading()) {
            self.read_of = reading.membership;
            self.read = Some(Box::pin(connection.read(reading)));
        }
    }

    fn connect(&mut self) {
        let (link, wait) = (self.link.clone(), Duration::from_millis(self.backoff_ms));
        self.backoff_ms = (self.backoff_ms * 2).clamp(FIRST_BACKOFF_MS, BACKOFF_MS);
        self.connecting = Some(Box::pin(async move {
            sleep(wait).await;
            link.connect().await
        }));
    }

    fn take(&mut self, member: &mut Member, now: i64, came: Came) {
        match came {
            Came::Connected(Ok(connection)) => {
                member.connected(now, connection.process());
                self.connection = Some(connection);
            }
            Came::Replied(Ok(replies)) => {
                self.backoff_ms = 0;
                (self.answered)(self.called_at.elapsed());
                member.replied(now, replies);
            }
            Came::Read(membership, Ok(entries)) => member.read(now, membership, entries),
            Came::Connected(Err(why)) | Came::Replied(Err(why)) | Came::Read(_, Err(why)) => {
                (self.connection, self.call, self.read) = (None, None, None);
                member.lost(why);
            }
            _ => {}
        }
    }
}
