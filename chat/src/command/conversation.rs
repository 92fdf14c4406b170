//! A person's stay in a chat: on the port that was named, on one that the server assigns, and again after a connection is lost.

use ca_store::facts::escape;
use ca_store::finding::quote;
use chat::client::again::{Again, Try};
use chat::client::core::{Port, Profile};
use chat::client::interface::{Interface, Status};
use chat::client::lines::Lines;
use chat::client::link::{Conversation, Ending, LinkError, converse};
use chat::client::terminal::Terminal;
use chat::client::view::{Entry, Kind};
use chat::tls::client::Target;
use std::io;
use time::UtcOffset;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::connect::is_screen;
use crate::failure::{Exit, Failure};

type Stream = TlsStream<TcpStream>;

/// Connects, shows `greeting`, talks, and explains where that fails.
pub(super) async fn enter(
    mut target: Target,
    profile: Profile,
    Look { plain, offset }: Look,
    mut greeting: Vec<Entry>,
) -> Result<(), Failure> {
    let stream = target.connect().await?;
    if profile.certificate && target.shown.is_empty() && profile.login.is_none() {
        let text = "this server asks for no certificate: you come in without an account";
        greeting.push(Entry::new(Kind::Event, text));
    }
    match terminal(plain, offset) {
        Some(mut terminal) => Stay::new(target, profile, &mut terminal).last(stream, greeting).await,
        None => {
            let mut lines = Lines::new(io::stdin(), io::stdout());
            Stay::new(target, profile, &mut lines).last(stream, greeting).await
        }
    }
}

/// The full screen; lines where that fails, as on a dumb terminal.
fn terminal(plain: bool, offset: Option<UtcOffset>) -> Option<Terminal> {
    if is_screen(plain) { Terminal::open(offset).ok() } else { None }
}

/// How a conversation is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// As lines, though there may be a screen.
    plain: bool,
    offset: Option<UtcOffset>,
}

impl Look {
    /// Reads the clock on the wall, which the system tells only while there is no second thread.
    pub(super) fn new(plain: bool) -> Look {
        Look { plain, offset: UtcOffset::current_local_offset().ok() }
    }

    /// Whether there is a full screen to draw on.
    pub(super) fn is_screen(self) -> bool {
        is_screen(self.plain)
    }
}

/// Somebody's stay, over several connections.
struct Stay<'a, I> {
    target: Target,
    /// Host and port that were named.
    main: (String, u16),
    profile: Profile,
    interface: &'a mut I,
    again: Again,
    /// Whether one has been in.
    was_in: bool,
}

impl<'a, I: Interface> Stay<'a, I> {
    fn new(target: Target, profile: Profile, interface: &'a mut I) -> Self {
        let main = (target.host.clone(), target.port);
        let (certificate, catches_up) = (!target.shown.is_empty(), interface.outlives_connection());
        let profile = Profile { certificate, catches_up, ..profile };
        Stay { target, main, profile, interface, again: Again::default(), was_in: false }
    }

    /// Talks to the end.
    async fn last(mut self, mut stream: Stream, mut greeting: Vec<Entry>) -> Result<(), Failure> {
        loop {
            let ended = self.talk(stream, greeting).await;
            (stream, greeting) = match ended {
                Ok(Ending::Moved(port)) => self.move_to(port).await?,
                ended => match self.reason_to_return(&ended) {
                    None => return self.judge(ended),
                    Some(why) => match self.come_back(why).await? {
                        Some(stream) => (stream, Vec::new()),
                        None => return Ok(()),
                    },
                },
            };
        }
    }

    async fn talk(&mut self, stream: Stream, greeting: Vec<Entry>) -> Result<Ending, LinkError> {
        self.interface.show(greeting, &Status::default()).map_err(LinkError::Interface)?;
        let endpoint = self.target.endpoint();
        let Conversation { ended, place } = converse(stream, &endpoint, self.profile.clone(), self.interface).await;
        if let Some(place) = place {
            self.was_in = true;
            self.again.is_in();
            (self.profile.nick, self.profile.join, self.profile.seen) = (place.nick, place.channels, place.seen);
        }
        ended
    }

    /// Goes on on the port that the server assigned.
    async fn move_to(&mut self, port: Port) -> Result<(Stream, Vec<Entry>), Failure> {
        let Port { host, number, ticket } = port;
        let place = host.as_ref().map_or_else(String::new, |host| format!(" of {}", escape(host)));
        self.target.port = number;
        if let Some(host) = host {
            self.target.host = host;
        }
        if let Ok(stream) = self.target.connect().await {
            self.profile.ticket = Some(ticket);
            return Ok((stream, vec![Entry::new(Kind::Event, format!("port {number}{place} is yours alone"))]));
        }
        // A firewall knows the main port only, most likely.
        self.go_to_main_port();
        self.profile.stays = true;
        let text = format!("port {number}{place} can't be reached: you stay on port {}", self.target.port);
        Ok((self.target.connect().await?, vec![Entry::new(Kind::Event, text)]))
    }

    fn go_to_main_port(&mut self) {
        (self.target.host, self.target.port) = self.main.clone();
        self.profile.ticket = None;
    }

    /// Why somebody who was in is to come back; none where it is over.
    fn reason_to_return(&self, ended: &Result<Ending, LinkError>) -> Option<String> {
        if !self.was_in || !self.interface.outlives_connection() {
            return None;
        }
        match ended {
            Ok(Ending::Closed) => Some("the server closed the connection".to_owned()),
            Ok(Ending::Refused(reason)) if !is_denied(reason) => Some(format!("not let in: {}", escape(reason))),
            Err(LinkError::Alert { .. } | LinkError::Interface(_) | LinkError::NoChance) | Ok(_) => None,
            Err(error) => Some(error.to_string()),
        }
    }

    /// None where the person has had enough.
    async fn come_back(&mut self, why: String) -> Result<Option<Stream>, Failure> {
        self.go_to_main_port();
        self.profile.stays = false;
        let status = Status { server: self.target.endpoint(), nick: self.profile.nick.clone(), current: None };
        let (target, interface) = (&mut self.target, &mut *self.interface);
        let connect = async || match target.connect().await {
            Ok(stream) => Try::Connected(stream),
            Err(error) if error.may_pass() => Try::NotYet(error.to_string()),
            Err(error) => Try::Never(Failure::from(error)),
        };
        self.again.connect(why, &status, interface, connect).await
    }

    /// What shows that a port is another program's, though it speaks TLS.
    fn no_chat(&self) -> String {
        format!(
            "{} shows what TLS there is; with that in order, the port may be of another program, and the log of a chat server has its \
             own after `listening on`",
            self.target.diagnose()
        )
    }

    fn judge(self, ended: Result<Ending, LinkError>) -> Result<(), Failure> {
        let endpoint = self.target.endpoint();
        match ended {
            Err(LinkError::Alert { alert }) => Err(self.target.explain_alert(alert).into()),
            Err(error @ (LinkError::Silent | LinkError::NoAnswer | LinkError::NotReady)) => {
                Err(Failure::from(error).hint(self.no_chat()))
            }
            // A reset is how a peer closes that has not read everything.
            Ok(Ending::Closed) | Err(LinkError::Broken(_)) if !self.was_in => {
                let text = format!("{endpoint} closed the connection before it let us in: expected a chat (IRC) there");
                Err(Failure::new(Exit::Network, text).hint(self.no_chat()))
            }
            Err(error) => Err(error.into()),
            Ok(Ending::Left | Ending::Moved(_)) => Ok(()),
            Ok(Ending::Closed) => Err(Failure::new(Exit::Network, format!("{endpoint} closed the connection"))),
            Ok(Ending::NotLoggedIn(reason)) => {
                let account = self.profile.login.as_ref().map(|login| quote(&login.account)).unwrap_or_default();
                Err(Failure::new(Exit::Bad, format!("{endpoint} does not log in {account}: {reason}"))
                    .hint(format!("who runs the server can make the account, or give it another password: chat account add {account}, chat account password {account}")))
            }
            Ok(Ending::Refused(reason)) if is_denied(&reason) => {
                Err(Failure::new(Exit::Bad, format!("{endpoint} does not let this certificate's account in: {reason}"))
                    .hint("who runs the server decides, in its configuration: [access] allow = [\"ACCOUNT\"]"))
            }
            Ok(Ending::Refused(reason)) if is_revoked(&reason) => Err(Failure::new(
                Exit::Bad,
                format!("{endpoint} does not take this certificate any more: {reason}"),
            )
            .hint(format!(
                "where the CA is: pki renew {0} --rekey; for another machine then: pki export bundle {0} --force",
                self.target.shown_name()
            ))),
            Ok(Ending::Refused(reason)) => {
                Err(Failure::new(Exit::Network, format!("{endpoint} did not take us in: {reason}")))
            }
        }
    }
}

/// Whether the server's lists are the reason, which no further try changes.
fn is_denied(reason: &str) -> bool {
    reason.contains("access-denied")
}

/// Whether it is the certificate, which its CA has revoked.
fn is_revoked(reason: &str) -> bool {
    reason.contains("revoked")
}
