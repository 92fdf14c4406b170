//! After a connection that nobody wanted to end: waiting, and trying again, while the person may leave.

use std::io;
use std::time::Duration;
use tokio::time::sleep;

use super::input::Input;
use super::interface::{Interface, Status, Typed};
use super::link::LinkError;
use super::view::{Entry, Kind};

/// Seconds before each try, the last again and again: a server that was started anew is back in one or two, and a
/// network that is down is not asked more often than a person would.
const PAUSES: [u64; 5] = [1, 2, 5, 10, 30];

/// What came of a try.
#[derive(Debug)]
pub enum Try<S, E> {
    /// There is a connection.
    Connected(S),
    /// Not now, for this reason; later perhaps.
    NotYet(String),
    /// Not at all.
    Never(E),
}

/// How often it was tried since one was in.
#[derive(Debug, Default)]
pub struct Again {
    tries: usize,
}

impl Again {
    /// One is in again: the next time begins with the shortest pause.
    pub fn is_in(&mut self) {
        self.tries = 0;
    }

    /// Waits and tries until there is a connection; none where the person left before.
    ///
    /// # Errors
    /// What stands in the way for good, and a terminal that fails.
    pub async fn connect<S, E: From<LinkError>, I: Interface>(
        &mut self,
        mut why: String,
        status: &Status,
        interface: &mut I,
        mut connect: impl AsyncFnMut() -> Try<S, E>,
    ) -> Result<Option<S>, E> {
        loop {
            let pause = PAUSES[self.tries.min(PAUSES.len() - 1)];
            self.tries += 1;
            let text = format!("{why}; trying again in {pause} s, /quit ends");
            interface.show(vec![Entry::new(Kind::Event, text)], status).map_err(LinkError::Interface)?;
            let pause = Duration::from_secs(pause);
            if leaves_within(pause, status, interface).await.map_err(LinkError::Interface)? {
                return Ok(None);
            }
            match connect().await {
                Try::Connected(stream) => return Ok(Some(stream)),
                Try::NotYet(reason) => why = reason,
                Try::Never(error) => return Err(error),
            }
        }
    }
}

/// Whether the person leaves within a time. Other lines can't be sent, and it is said so.
async fn leaves_within<I: Interface>(pause: Duration, status: &Status, interface: &mut I) -> io::Result<bool> {
    let end = sleep(pause);
    tokio::pin!(end);
    loop {
        let typed = tokio::select! {
            () = &mut end => return Ok(false),
            typed = interface.typed() => typed?,
        };
        match typed {
            Typed::End => return Ok(true),
            Typed::Complete { .. } => {}
            Typed::Line(line) => match Input::parse(&line) {
                Input::Quit(_) => return Ok(true),
                Input::Empty => {}
                _ => {
                    let entry = Entry::new(Kind::Error, "there is no connection: this was not sent");
                    interface.show(vec![entry], status)?;
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    /// A person who types these lines, one at a time, and then nothing.
    struct Person {
        lines: VecDeque<&'static str>,
        shown: Vec<String>,
    }

    impl Person {
        fn types(lines: &[&'static str]) -> Person {
            Person { lines: lines.iter().copied().collect(), shown: Vec::new() }
        }
    }

    impl Interface for Person {
        fn show(&mut self, entries: Vec<Entry>, _: &Status) -> io::Result<()> {
            self.shown.extend(entries.iter().map(ToString::to_string));
            Ok(())
        }

        async fn typed(&mut self) -> io::Result<Typed> {
            match self.lines.pop_front() {
                Some(line) => Ok(Typed::Line(line.to_owned())),
                None => std::future::pending().await,
            }
        }

        fn waits_for_ready(&self) -> bool {
            false
        }
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_until_the_server_is_there() {
        let (mut person, mut again, mut left) = (Person::types(&["hello?"]), Again::default(), 7);
        let begun = tokio::time::Instant::now();
        let stream: Result<_, LinkError> = again
            .connect("lost".to_owned(), &Status::default(), &mut person, async || {
                left -= 1;
                if left == 0 { Try::Connected("stream") } else { Try::NotYet(format!("refused {left}")) }
            })
            .await;
        assert_eq!(stream.expect("no error"), Some("stream"));
        assert_eq!(begun.elapsed().as_secs(), 1 + 2 + 5 + 10 + 30 + 30 + 30);
        assert!(person.shown[0].contains("lost; trying again in 1 s, /quit ends"), "{:#?}", person.shown);
        assert!(person.shown[1].contains("this was not sent"), "{:#?}", person.shown);
        assert!(person.shown[7].contains("refused 1; trying again in 30 s"), "{:#?}", person.shown);
        again.is_in();
        let refused: Result<Option<()>, LinkError> =
            again.connect(String::new(), &Status::default(), &mut person, async || Try::Never(LinkError::Silent)).await;
        assert!(refused.is_err());
        assert!(person.shown.last().is_some_and(|line| line.contains("in 1 s")), "{:#?}", person.shown);
    }

    #[tokio::test(start_paused = true)]
    async fn who_leaves_is_not_held() {
        let mut person = Person::types(&["", "/quit"]);
        let stream: Result<Option<()>, LinkError> = Again::default()
            .connect("lost".to_owned(), &Status::default(), &mut person, async || unreachable!("he has left"))
            .await;
        assert_eq!(stream.expect("no error"), None);
    }
}
