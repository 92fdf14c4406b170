//! A client as the server knows it.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::accounts::sasl::Exchange;
use super::limits::{BURST, INVITATIONS};
use super::metadata::Metadata;
use super::multiline::Open;
use super::network::Arrival;
use super::waiting::Waiting;
use super::{Account, ClientId, Identity, Limits, Now, Right, Rights};
use crate::wire::capability::{Capability, CapabilitySet};
use crate::wire::casemap::Folded;
use crate::wire::extban::Subject;
use crate::wire::nickname::Nickname;

/// What has to be settled before a client is registered, and whether it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It has not said or done everything yet.
    Registering {
        /// Between `CAP LS` or `CAP REQ` and `CAP END`.
        negotiating: bool,
        /// Whether the last PASS was right, if there was one.
        password_given: Option<bool>,
    },
    /// It is a user.
    Registered,
}

/// Every user mode's letter.
pub(super) const USER_LETTERS: &str = "BRiow";

/// User modes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct UserModes {
    /// `i`: not listed to people who share no channel.
    pub(super) invisible: bool,
    /// `w`: gets the operators' announcements.
    pub(super) wallops: bool,
    /// `o`: an IRC operator.
    pub(super) operator: bool,
    /// `B`: a program, not a person.
    pub(super) bot: bool,
    /// `R`: takes messages only from those who are logged in.
    pub(super) only_registered: bool,
}

impl UserModes {
    /// The mode of a letter. `o` is given by OPER, and only given up by its holder.
    pub(super) fn flag(&mut self, letter: char) -> Option<&mut bool> {
        match letter {
            'B' => Some(&mut self.bot),
            'R' => Some(&mut self.only_registered),
            'i' => Some(&mut self.invisible),
            'o' => Some(&mut self.operator),
            'w' => Some(&mut self.wallops),
            _ => None,
        }
    }

    /// As in 221.
    pub(super) fn letters(mut self) -> String {
        let on: Vec<char> = USER_LETTERS.chars().filter(|letter| self.flag(*letter).is_some_and(|on| *on)).collect();
        std::iter::once('+').chain(on).collect()
    }
}

/// A client, from its connection on.
#[derive(Debug)]
pub(super) struct Session {
    nickname: Option<Nickname>,
    user: Option<User>,
    source: Box<str>,
    /// Its address.
    pub(super) host: Box<str>,
    /// What is shown instead, if an operator has said so.
    shown_host: Option<Box<str>>,
    pub(super) secure: bool,
    pub(super) identity: Option<Identity>,
    pub(super) stage: Stage,
    /// The account that it logged in as with a password; it goes before that of the certificate.
    pub(super) login: Option<Account>,
    /// A login that goes on.
    pub(super) sasl: Option<Box<Exchange>>,
    /// The account of the login that goes on, for the log.
    pub(super) tried_account: Option<Box<Account>>,
    /// It was told that it is logged in.
    pub(super) logged_in: bool,
    /// Logins that failed since the last that did not.
    pub(super) failed_logins: u32,
    pub(super) capabilities: CapabilitySet,
    /// Speaks version 302 of the capability negotiation.
    pub(super) cap_302: bool,
    pub(super) channels: Vec<Folded>,
    pub(super) away: Option<Box<str>>,
    pub(super) modes: UserModes,
    /// What it may do while it has the mode `o`.
    pub(super) rights: Rights,
    /// OPER commands that failed.
    pub(super) failed_opers: u32,
    /// Nicknames that it wants to hear of, in the order in which it named them.
    pub(super) monitored: Vec<Nickname>,
    pub(super) connected: Now,
    pub(super) last_message: Now,
    pub(super) last_heard: Now,
    pub(super) ping_sent: Option<Now>,
    /// Whether it may be given a port of its own.
    pub(super) may_move: bool,
    /// How many warnings of its certificate's end it has had.
    pub(super) expiry_warnings: usize,
    /// It has been closed here, and the other nodes do not know it yet.
    pub(super) ending: bool,
    /// The other nodes have been asked to take it in as a user.
    pub(super) coming: bool,
    /// A command whose answer has to be found out; the lines after it wait.
    pub(super) waiting: Option<Box<Waiting>>,
    /// What it says about itself, and wants to know of others; none as long as there is nothing of either.
    pub(super) metadata: Option<Box<Metadata>>,
    /// A message of several lines that it is sending.
    pub(super) batch: Option<Box<Open>>,
    invitations: VecDeque<Invitation>,
    busy_until_ms: i64,
}

/// An invitation to a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Invitation {
    pub(super) channel: Folded,
    /// When the channel was made: one of the same name that comes later is another.
    pub(super) created: Now,
    /// Whether it opens the door: that of an operator or half-operator does.
    pub(super) opens: bool,
}

impl Invitation {
    /// Whether it is to this very channel.
    pub(super) fn is_to(&self, channel: &Folded, created: Now) -> bool {
        self.channel == *channel && self.created == created
    }
}

/// What USER said.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) username: Box<str>,
    pub(super) realname: Box<str>,
}

impl Session {
    pub(super) fn new(host: &str, secure: bool, identity: Option<Identity>, now: Now) -> Session {
        Session {
            nickname: None,
            user: None,
            source: format!("*!*@{host}").into(),
            host: host.into(),
            shown_host: None,
            secure,
            identity,
            stage: Stage::Registering { negotiating: false, password_given: None },
            login: None,
            sasl: None,
            tried_account: None,
            logged_in: false,
            failed_logins: 0,
            capabilities: CapabilitySet::default(),
            cap_302: false,
            channels: Vec::new(),
            away: None,
            modes: UserModes::default(),
            rights: Rights::default(),
            failed_opers: 0,
            monitored: Vec::new(),
            connected: now,
            last_message: now,
            last_heard: now,
            ping_sent: None,
            may_move: false,
            expiry_warnings: 0,
            ending: false,
            coming: false,
            waiting: None,
            metadata: None,
            batch: None,
            invitations: VecDeque::new(),
            busy_until_ms: now.unix_ms,
        }
    }

    /// A user of another node.
    pub(super) fn of(arrival: &Arrival) -> Session {
        let mut session = Session::new(&arrival.host, arrival.secure, arrival.identity.clone(), arrival.connected);
        session.take_over(arrival);
        session
    }

    /// What all nodes know of a user is so here.
    pub(super) fn take_over(&mut self, arrival: &Arrival) {
        let (username, realname) = (arrival.username.clone(), arrival.realname.clone());
        self.user = Some(User { username, realname });
        self.shown_host.clone_from(&arrival.shown_host);
        self.login.clone_from(&arrival.login);
        self.away.clone_from(&arrival.away);
        (self.modes, self.rights) = (arrival.modes, arrival.rights);
        self.last_message = self.last_message.max(arrival.last_message);
        if !arrival.metadata.is_empty() {
            self.metadata.get_or_insert_default().values.clone_from(&arrival.metadata);
        }
        self.invitations = arrival.invitations.iter().cloned().collect();
        self.compose_source();
    }

    /// A user from now on.
    pub(super) fn enter(&mut self) {
        (self.stage, self.coming) = (Stage::Registered, false);
    }

    /// The network does not know it any more: it has to be taken in again, if it was a user.
    pub(super) fn leave_network(&mut self) {
        if self.is_registered() {
            self.stage = Stage::Registering { negotiating: false, password_given: Some(true) };
            self.coming = true;
        }
    }

    /// What all nodes know of this user, without its channels.
    pub(super) fn arrival(&self, client: ClientId) -> Arrival {
        Arrival {
            client,
            nickname: self.name().to_owned(),
            username: self.username().into(),
            realname: self.realname().into(),
            host: self.host.clone(),
            shown_host: self.shown_host.clone(),
            secure: self.secure,
            identity: self.identity.clone(),
            login: self.login.clone(),
            away: self.away.clone(),
            modes: self.modes,
            rights: self.rights,
            connected: self.connected,
            last_message: self.last_message,
            metadata: self.metadata.as_ref().map(|metadata| metadata.values.clone()).unwrap_or_default(),
            invitations: self.invitations.iter().cloned().collect(),
            seats: Vec::new(),
            returns: false,
        }
    }

    /// Its nickname, or `*` while it has none, as numerics address it.
    pub(super) fn name(&self) -> &str {
        self.nickname.as_ref().map_or("*", Nickname::as_str)
    }

    pub(super) fn nickname(&self) -> Option<&Nickname> {
        self.nickname.as_ref()
    }

    /// `nick!user@host`, the source of what it says.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    pub(super) fn user(&self) -> Option<&User> {
        self.user.as_ref()
    }

    pub(super) fn username(&self) -> &str {
        self.user.as_ref().map_or("*", |user| &user.username)
    }

    pub(super) fn realname(&self) -> &str {
        self.user.as_ref().map_or("", |user| &user.realname)
    }

    pub(super) fn set_nickname(&mut self, nickname: Nickname) {
        self.nickname = Some(nickname);
        self.compose_source();
    }

    /// It has none any more, and is not registered without.
    pub(super) fn forget_nickname(&mut self) {
        self.nickname = None;
        self.compose_source();
    }

    pub(super) fn set_user(&mut self, user: User) {
        self.user = Some(user);
        self.compose_source();
    }

    /// Another real name for somebody who has one.
    pub(super) fn set_realname(&mut self, realname: &str) {
        if let Some(user) = &mut self.user {
            user.realname = realname.into();
        }
    }

    fn compose_source(&mut self) {
        self.source = format!("{}!{}@{}", self.name(), self.username(), self.shown_host()).into();
    }

    /// Its account: that of the last login by password, else the verified certificate's.
    pub(super) fn account(&self) -> Option<&Account> {
        self.login.as_ref().or_else(|| self.identity.as_ref()?.account.as_ref())
    }

    pub(super) fn is_registered(&self) -> bool {
        self.stage == Stage::Registered
    }

    /// The host as others see it.
    pub(super) fn shown_host(&self) -> &str {
        self.shown_host.as_ref().unwrap_or(&self.host)
    }

    /// Is seen with another user name and host from now on.
    pub(super) fn show_as(&mut self, username: &str, host: &str) {
        if let Some(user) = &mut self.user {
            user.username = username.into();
        }
        self.shown_host = Some(host.into());
        self.compose_source();
    }

    /// What masks are compared with.
    pub(super) fn subject(&self) -> Subject<'_> {
        let address = self.shown_host.as_ref().map(|_| &*self.host);
        Subject { source: &self.source, address, account: self.account().map(Account::as_str) }
    }

    /// Whether it is an operator with this right.
    pub(super) fn may(&self, right: Right) -> bool {
        self.modes.operator && self.rights.has(right)
    }

    pub(super) fn has(&self, capability: Capability) -> bool {
        self.capabilities.has(capability)
    }

    /// Remembers an invitation; the oldest gives way.
    pub(super) fn invite(&mut self, invitation: Invitation) {
        self.use_invitation(&invitation.channel);
        self.invitations.push_back(invitation);
        if self.invitations.len() > INVITATIONS {
            self.invitations.pop_front();
        }
    }

    /// Its invitations, the oldest first.
    pub(super) fn invitations(&self) -> impl Iterator<Item = &Invitation> {
        self.invitations.iter()
    }

    pub(super) fn invitations_mut(&mut self) -> impl Iterator<Item = &mut Invitation> {
        self.invitations.iter_mut()
    }

    /// Whether it has an invitation to this channel that opens the door.
    pub(super) fn is_let_into(&self, channel: &Folded, created: Now) -> bool {
        self.invitations.iter().any(|invitation| invitation.opens && invitation.is_to(channel, created))
    }

    /// An invitation is good for one JOIN.
    pub(super) fn use_invitation(&mut self, channel: &Folded) {
        self.invitations.retain(|invitation| invitation.channel != *channel);
    }

    /// Any line shows that the client is there.
    pub(super) fn heard(&mut self, now: Now) {
        self.last_heard = now;
        self.ping_sent = None;
    }

    /// Whether no lines of it are read, because too many wait.
    fn is_held(&self) -> bool {
        self.waiting.as_ref().is_some_and(|waiting| waiting.is_held())
    }

    /// Counts a line; false if there were too many. Each line keeps the client busy for its share of a second, and it
    /// may be ahead by a burst.
    pub(super) fn may_send_line(&mut self, now: Now, limits: &Limits) -> bool {
        let Some(cost) = 1000_i64.checked_div(i64::from(limits.commands_per_second)) else { return true };
        let busy_until = self.busy_until_ms.max(now.unix_ms) + cost;
        let allowed = busy_until - now.unix_ms <= cost * i64::from(BURST);
        if allowed {
            self.busy_until_ms = busy_until;
        }
        allowed
    }

    /// When something is due if nothing is heard until then.
    pub(super) fn deadline_ms(&self, limits: &Limits) -> i64 {
        let seconds = |seconds: u32| i64::from(seconds) * 1000;
        match (self.stage, self.ping_sent) {
            (Stage::Registering { .. }, _) => self.connected.unix_ms + seconds(limits.registration_timeout),
            // It may have answered: it is not read.
            (Stage::Registered, Some(_)) if self.is_held() => i64::MAX,
            (Stage::Registered, Some(sent)) => sent.unix_ms + seconds(limits.ping_timeout),
            (Stage::Registered, None) => self.last_heard.unix_ms + seconds(limits.ping_interval),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        Session::new("10.0.0.1", true, None, Now { unix_ms: 0 })
    }

    #[test]
    fn the_source_follows_nickname_and_user() {
        let mut session = session();
        session.set_nickname(Nickname::parse("bob", 32).unwrap());
        session.set_user(User { username: "b".into(), realname: "Bob".into() });
        assert_eq!(session.source(), "bob!b@10.0.0.1");
    }

    #[test]
    fn lines_are_counted_by_the_second() {
        let limits = Limits { commands_per_second: 2, ..Limits::default() };
        let mut session = session();
        let at = |unix_ms| Now { unix_ms };
        assert_eq!((0..BURST + 9).filter(|_| session.may_send_line(at(0), &limits)).count(), BURST as usize);
        assert!(!session.may_send_line(at(499), &limits));
        assert!(session.may_send_line(at(500), &limits));
        assert!(!session.may_send_line(at(500), &limits));
    }

    #[test]
    fn the_oldest_invitation_gives_way() {
        let mut session = session();
        let created = Now { unix_ms: 0 };
        let channel = |n: usize| Folded::new(&format!("#{n}"));
        (0..=INVITATIONS).for_each(|n| session.invite(Invitation { channel: channel(n), created, opens: true }));
        assert!(!session.is_let_into(&channel(0), created) && session.is_let_into(&channel(INVITATIONS), created));
        assert!(!session.is_let_into(&channel(INVITATIONS), Now { unix_ms: 1 }), "it is another channel by then");
    }
}
