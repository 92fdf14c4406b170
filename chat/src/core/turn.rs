//! One client's turn: what a handler sees, and how it answers and tells others.

use std::collections::BTreeSet;

use super::channel::Channel;
use super::fanout::Fanout;
use super::keep::Keep;
use super::network::{Change, depart_unknown, propose_unasked};
use super::refusal::Refusal;
use super::session::Session;
use super::state::State;
use super::{Action, Actions, ClientId, LogEntry, NOBODY, Now, Settings, history, presence};
use crate::wire::casemap::Folded;
use crate::wire::message::{Line, pack};
use crate::wire::nickname::Nickname;
use crate::wire::numeric::Numeric;

/// A client that is known, the time, everything there is, and where actions go.
pub(super) struct Turn<'a> {
    pub(super) settings: &'a Settings,
    pub(super) state: &'a mut State,
    pub(super) actions: &'a mut Actions,
    pub(super) now: Now,
    pub(super) client: ClientId,
}

impl Turn<'_> {
    /// Another client's turn within this one.
    pub(super) fn of(&mut self, client: ClientId) -> Turn<'_> {
        Turn { settings: self.settings, state: self.state, actions: self.actions, now: self.now, client }
    }

    /// The client whose turn it is.
    pub(super) fn me(&self) -> &Session {
        self.state.sessions.get(&self.client).expect("a turn is given to known clients only and ends when they leave")
    }

    /// Whether the client is still there: a command may have closed it.
    pub(super) fn is_known(&self) -> bool {
        self.state.sessions.get(&self.client).is_some_and(|session| !session.ending)
    }

    /// Whether the client is connected to this node: nobody else is answered here.
    pub(super) fn is_here(&self) -> bool {
        self.state.network.is_here(self.client)
    }

    pub(super) fn me_mut(&mut self) -> &mut Session {
        let session = self.state.sessions.get_mut(&self.client);
        session.expect("a turn is given to known clients only and ends when they leave")
    }

    /// A channel that this client may know of; otherwise 403.
    pub(super) fn channel(&self, name: &str) -> Result<(Folded, &Channel), Refusal> {
        let found = self.state.channel(name).filter(|(_, channel)| super::policy::may_see(self, channel));
        let (key, channel) = found.ok_or_else(|| Refusal::new(Numeric::NoSuchChannel).with(name))?;
        Ok((key.clone(), channel))
    }

    /// A channel, also one that is hidden from this client: for what only members may do, since JOIN would find it too.
    pub(super) fn any_channel(&self, name: &str) -> Result<(Folded, &Channel), Refusal> {
        let found = self.state.channel(name).map(|(key, channel)| (key.clone(), channel));
        found.ok_or_else(|| Refusal::new(Numeric::NoSuchChannel).with(name))
    }

    /// A registered user; otherwise 401.
    pub(super) fn user(&self, nickname: &str) -> Result<(ClientId, &Session), Refusal> {
        self.state.user(nickname).ok_or_else(|| Refusal::new(Numeric::NoSuchNick).with(nickname))
    }

    /// The name of the server that a client is connected to.
    pub(super) fn server_of(&self, client: ClientId) -> &str {
        self.state.network.name_of(client, &self.settings.name)
    }

    /// What the server that a client is connected to says it is.
    pub(super) fn server_description_of(&self, client: ClientId) -> &str {
        self.state.network.description_of(client, &self.settings.description)
    }

    /// A line from the server.
    pub(super) fn server_line(&self, command: &str) -> Line {
        Line::new(&self.settings.name, command)
    }

    /// A line from this client.
    pub(super) fn my_line(&self, command: &str) -> Line {
        Line::new(self.me().source(), command)
    }

    /// The beginning of a numeric for this client.
    pub(super) fn numeric(&self, numeric: Numeric) -> Line {
        self.server_line(numeric.code()).param(self.me().name())
    }

    /// Answers with a numeric that has its own text.
    pub(super) fn reply<'p>(&mut self, numeric: Numeric, parameters: impl IntoIterator<Item = &'p str>) {
        let line = self.numeric(numeric).params(parameters).text(numeric.text());
        self.answer(&line);
    }

    /// Answers with a numeric and a text.
    pub(super) fn reply_text(&mut self, numeric: Numeric, text: &str) {
        let line = self.numeric(numeric).text(text);
        self.answer(&line);
    }

    /// Answers with a numeric whose last parameter is words, in as many lines as it takes.
    pub(super) fn reply_words<T: AsRef<str>>(&mut self, start: &Line, words: impl IntoIterator<Item = T>) {
        for line in pack(start, words) {
            self.answer(&line);
        }
    }

    pub(super) fn refuse(&mut self, refusal: &Refusal) {
        let line = self.numeric(refusal.numeric).params(&refusal.parameters).text(refusal.text());
        self.answer(&line);
    }

    /// Tells this client something that is no answer.
    pub(super) fn notice(&mut self, text: &str) {
        let line = self.server_line("NOTICE").param(self.me().name()).text(text);
        self.answer(&line);
    }

    /// Sends this client a line from the server.
    pub(super) fn answer(&mut self, line: &Line) {
        self.server_to(self.client, line);
    }

    /// Sends a client a line from the server.
    pub(super) fn server_to(&mut self, client: ClientId, line: &Line) {
        let mut fanout = Fanout::from_server(line, self.now);
        deliver(self.state, self.actions, [client], &mut fanout, |_, _| true);
    }

    /// Sends a client a line from this client.
    pub(super) fn me_to(&mut self, client: ClientId, line: &Line) {
        self.me_to_all([client], line, |_, _| true);
    }

    /// Sends those of the receivers that are `wanted` a line from this client.
    pub(super) fn me_to_all(
        &mut self,
        receivers: impl IntoIterator<Item = ClientId>,
        line: &Line,
        wanted: impl Fn(ClientId, &Session) -> bool,
    ) {
        let mut fanout = Fanout::from_session(line, self.now, self.me(), String::new());
        deliver(self.state, self.actions, receivers, &mut fanout, wanted);
    }

    /// Sends a line from this client to those members of a channel that are `wanted`.
    pub(super) fn me_to_channel(&mut self, key: &Folded, line: &Line, wanted: impl Fn(ClientId, &Session) -> bool) {
        let mut fanout = Fanout::from_session(line, self.now, self.me(), String::new());
        self.fan_out_to_channel(key, &mut fanout, wanted);
    }

    /// Hands a message to those members of a channel that are `wanted`.
    pub(super) fn fan_out_to_channel(
        &mut self,
        key: &Folded,
        fanout: &mut Fanout,
        wanted: impl Fn(ClientId, &Session) -> bool,
    ) {
        if let Some(channel) = self.state.channels.get(key) {
            deliver(self.state, self.actions, channel.members_on(self.state.network.here), fanout, wanted);
        }
    }

    /// Hands a message to one client, if it is `wanted`.
    pub(super) fn fan_out_to(&mut self, client: ClientId, fanout: &mut Fanout, wanted: impl Fn(&Session) -> bool) {
        deliver(self.state, self.actions, [client], fanout, |_, session| wanted(session));
    }

    /// Hands a message to one client, for whom it is no answer even if it comes from itself.
    pub(super) fn hand_over(&mut self, client: ClientId, fanout: &mut Fanout, wanted: impl Fn(&Session) -> bool) {
        if let Some(session) = self.state.sessions.get(&client)
            && self.state.network.is_here(client)
            && wanted(session)
        {
            self.actions.send_unasked(client, fanout.line_for(session.capabilities));
        }
    }

    /// Everybody on this node who shares a channel with this client.
    pub(super) fn neighbours(&self) -> BTreeSet<ClientId> {
        self.state.neighbours(self.client)
    }

    /// Has something kept; it is safe before anything that is sent from here on.
    pub(super) fn keep(&mut self, keep: Keep) {
        self.actions.push(Action::Keep(Box::new(keep)));
    }

    /// This client's address, for the log: never what is shown of it instead.
    pub(super) fn my_address(&self) -> String {
        self.me().host.to_string()
    }

    /// Logs what a client of this node did.
    pub(super) fn log(&mut self, entry: LogEntry) {
        if !self.is_here() && self.client != NOBODY {
            return;
        }
        self.actions.push(Action::Log(Box::new(entry)));
    }

    /// Gives this client another nickname and tells everybody who sees it.
    pub(super) fn rename(&mut self, nickname: Nickname) {
        if self.me().is_registered() {
            let line = self.my_line("NICK").text(nickname.as_str());
            history::happened_wherever_i_am(self, &line);
            let mut receivers = self.neighbours();
            receivers.insert(self.client);
            self.me_to_all(receivers, &line, |_, _| true);
            return presence::renamed(self, nickname);
        }
        self.state.set_nickname(self.client, nickname);
    }

    /// Forgets this client and tells those who shared a channel, on all nodes. Its turn is over.
    pub(super) fn depart(&mut self, reason: &str) {
        if self.me().ending && !self.state.network.is_settled() {
            return;
        }
        if self.me().is_registered() && self.state.network.is_out() && !self.state.network.is_settled() {
            return depart_unknown(self, reason);
        }
        if (self.me().is_registered() || self.me().coming) && !self.state.network.is_settled() {
            (self.me_mut().ending, self.me_mut().waiting) = (true, None);
            let (client, reason) = (self.client, reason.to_owned());
            return propose_unasked(self, Change::Left { client, reason });
        }
        if self.me().is_registered() {
            let line = self.my_line("QUIT").text(reason);
            history::happened_wherever_i_am(self, &line);
            let receivers = self.neighbours();
            self.me_to_all(receivers, &line, |_, _| true);
            presence::left(self);
        }
        self.state.remove(self.client);
    }

    /// Closes this client and tells those who shared a channel. Its turn is over.
    pub(super) fn close(&mut self, reason: &str) {
        self.close_and_log(reason, reason);
    }

    /// Closes this client with a reason that is not for the log.
    pub(super) fn close_and_log(&mut self, reason: &str, logged: &str) {
        self.send_error(reason);
        self.depart(reason);
        self.close_socket(logged);
    }

    /// Closes this client without telling others. Its turn is over.
    pub(super) fn close_silently(&mut self, reason: &str) {
        self.send_error(reason);
        self.state.remove(self.client);
        self.close_socket(reason);
    }

    fn send_error(&mut self, reason: &str) {
        if self.me().ending {
            return;
        }
        let line = Line::command("ERROR").text(&format!("Closing link: {} ({reason})", self.me().host));
        self.answer(&line);
    }

    fn close_socket(&mut self, reason: &str) {
        if !self.is_here() {
            return;
        }
        let client = self.client;
        for line in self.actions.release(client).unwrap_or_default() {
            self.actions.send(client, line);
        }
        self.log(LogEntry::Closed { client: self.client, reason: reason.to_owned() });
        self.actions.push(Action::Close { client: self.client, reason: reason.to_owned() });
    }
}

/// The innermost loop of a chat: one line to each receiver, encoded once for each kind of them.
fn deliver(
    state: &State,
    actions: &mut Actions,
    receivers: impl IntoIterator<Item = ClientId>,
    fanout: &mut Fanout,
    wanted: impl Fn(ClientId, &Session) -> bool,
) {
    for client in receivers {
        if state.network.is_here(client)
            && let Some(session) = state.sessions.get(&client)
            && wanted(client, session)
        {
            actions.send(client, fanout.line_for(session.capabilities));
        }
    }
}
