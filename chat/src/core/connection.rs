//! The beginning of a connection, and what comes in on it.

use super::command::nick;
use super::keep::{Keep, RecordKind};
use super::label::Label;
use super::limits::HOST_LENGTH;
use super::network::{self, Change, propose, propose_unasked};
use super::refusal::{Outcome, Refusal};
use super::registration;
use super::session::Session;
use super::turn::Turn;
use super::waiting::Held;
use super::{Account, Identity, LogEntry, accounts, command, multiline, waiting};
use crate::wire::message::{Message, ParseError};
use crate::wire::nickname::Nickname;
use crate::wire::numeric::Numeric;

/// Takes a connection in, or says why not.
pub(super) fn accept(turn: &mut Turn<'_>, host: &str, secure: bool, identity: Option<Identity>, may_move: bool) {
    let mut session = Session::new(&shown_host(host), secure, identity, turn.now);
    session.may_move = may_move;
    turn.state.alarm.set(session.deadline_ms(&turn.settings.limits));
    turn.state.insert(turn.client, session);
    if let Some(reason) = full(turn) {
        return turn.close(&reason);
    }
    if let Some(account) = turn.me().account().cloned() {
        came_with(turn, account);
    }
    if let Some(reason) = turn.me().identity.as_ref().and_then(|identity| identity.refusal.clone()) {
        turn.log(LogEntry::NoAccount { client: turn.client, reason });
    }
}

/// A connection has this account: if that is news, all nodes hear of it.
pub(super) fn came_with(turn: &mut Turn<'_>, account: Account) {
    if is_news(turn, &account) {
        return propose_unasked(turn, Change::AccountSeen(account));
    }
    own_nicknames(turn, &account);
}

/// Whether an account changes what is known: it was not here before, or somebody else has made one of its name.
fn is_news(turn: &Turn<'_>, account: &Account) -> bool {
    let names = [account.as_str(), account.local_part()];
    !turn.state.known_accounts.knows(account) || names.iter().any(|name| turn.state.registered.is_holders(name))
}

/// An account has come with a certificate.
pub(super) fn seen(turn: &mut Turn<'_>, account: &Account) {
    [account.as_str(), account.local_part()].into_iter().for_each(|name| accounts::give_way(turn, name));
    if own_nicknames(turn, account) {
        let (kind, key) = (RecordKind::CertificateAccount, account.to_string());
        turn.keep(Keep::Put { kind, key, value: String::new() });
    }
}

/// The nicknames of an account are its own from here on. Whether it was here for the first time.
pub(super) fn own_nicknames(turn: &mut Turn<'_>, account: &Account) -> bool {
    let is_new = turn.state.known_accounts.learn(account);
    [account.as_str(), account.local_part()].into_iter().for_each(|name| reclaim(turn, name));
    is_new
}

/// An address that can stand in the middle of a line: `::1` would be read as the last parameter.
fn shown_host(host: &str) -> String {
    let host = host.strip_prefix("::ffff:").unwrap_or(host);
    let zero = if host.starts_with(':') { "0" } else { "" };
    let allowed = |c: char| if c.is_ascii_graphic() && !"!@*?".contains(c) { c } else { '_' };
    zero.chars().chain(host.chars().map(allowed)).take(HOST_LENGTH).collect()
}

fn full(turn: &Turn<'_>) -> Option<String> {
    let limits = &turn.settings.limits;
    let from_here = turn.state.addresses.get(&turn.me().host).copied().unwrap_or(0);
    if turn.state.clients > limits.clients {
        return Some(format!("The server is full: {} clients", limits.clients));
    }
    let too_many = limits.clients_per_address != 0 && from_here > limits.clients_per_address;
    too_many.then(|| format!("Too many connections from your address: at most {}", limits.clients_per_address))
}

/// The rightful owner is here: whoever holds the nickname without the account gets a guest's.
fn reclaim(turn: &mut Turn<'_>, nickname: &str) {
    let Some(holder) = turn.state.holder(nickname) else { return };
    let is_user = turn.state.sessions.get(&holder).is_some_and(Session::is_registered);
    if is_user && !turn.state.network.is_settled() {
        return;
    }
    let account = turn.state.sessions.get(&holder).and_then(Session::account);
    let Some(owner) = turn.state.known_accounts.owner_other_than(nickname, account).map(ToString::to_string) else {
        return;
    };
    let Some(guest) = guest_nickname(turn) else { return };
    let mut turn = turn.of(holder);
    turn.notice(&format!(
        "The nickname {nickname} belongs to the account {owner}, which has connected: you are {guest} now."
    ));
    turn.rename(guest);
    turn.log(LogEntry::NicknameReclaimed { client: holder, nickname: nickname.to_owned(), account: owner });
}

/// `Guest` and the first number that is free; there are fewer clients than numbers to try.
pub(super) fn guest_nickname(turn: &Turn<'_>) -> Option<Nickname> {
    (1..=turn.state.sessions.len() + 1)
        .filter_map(|number| Nickname::parse(&format!("Guest{number}"), usize::MAX).ok())
        .find(|guest| registration::nickname_is_free(turn, guest, None))
}

/// Carries out a line.
pub(super) fn line(turn: &mut Turn<'_>, line: &[u8]) {
    let line = without_leading_spaces(line);
    if count_line(turn, line) {
        carry_out(turn, line);
    }
}

/// No message begins with a space (RFC 2812, section 2.3.1). Who types one by hand means what follows, and other servers take it so.
fn without_leading_spaces(line: &[u8]) -> &[u8] {
    let spaces = line.iter().take_while(|byte| **byte == b' ').count();
    &line[spaces..]
}

/// Carries out a line that was counted, or puts it behind one that waits.
pub(super) fn carry_out(turn: &mut Turn<'_>, line: &[u8]) {
    if let Some(message) = asks_whether_we_are_here(turn, line) {
        return command::run(turn, &message);
    }
    if waiting::queue(turn, || Held::Line(line.to_vec())) {
        return;
    }
    match Message::parse(line) {
        Ok(message) if multiline::collect(turn, &message) => {}
        Ok(message) => {
            let label = Label::of(turn, &message);
            waiting::labelled(turn, label, |turn| {
                if network::shared(turn, &message) {
                    return share(turn, line, &message);
                }
                command::run(turn, &message);
            });
        }
        Err(ParseError::NotUtf8) => not_utf8(turn, line),
        Err(ParseError::NoCommand) if line.iter().all(|byte| *byte == b' ') => {}
        Err(error @ (ParseError::NoCommand | ParseError::ControlCharacter)) => {
            turn.refuse(&Refusal::new(Numeric::UnknownCommand).with("*").because(format!("Unknown command: {error}")));
        }
    }
}

/// A PING behind a line that waits for the others while this node is cut off from them, or of who reads slowly what it has missed: it asks
/// about this connection alone, and a client that hears nothing for long gives it up. One with a label is answered in its turn, as labels ask.
fn asks_whether_we_are_here<'a>(turn: &Turn<'_>, line: &'a [u8]) -> Option<Message<'a>> {
    let waiting = turn.me().waiting.as_ref()?;
    let is_cut = waiting.is_for_others() && turn.state.network.why_cut().is_some();
    if !is_cut && !turn.state.network.catch_up.is_slow(turn.client) {
        return None;
    }
    let message = Message::parse(line).ok()?;
    let is_ping = message.command.eq_ignore_ascii_case("PING") && Label::of(turn, &message).is_none();
    is_ping.then_some(message)
}

/// Has a line carried out on every node that it concerns.
fn share(turn: &mut Turn<'_>, line: &[u8], message: &Message<'_>) {
    if let Err(refusal) = may_be_proposed(turn, message) {
        return turn.refuse(&refusal);
    }
    let (client, command) = (turn.client, message.command.to_owned());
    let line = String::from_utf8_lossy(line).into_owned();
    propose(turn, Change::Line { client, line }, move |turn, made| {
        if let Err(why) = made {
            turn.refuse(&why.refusal(&command));
        }
    });
}

/// What this node alone decides, before the others hear of it.
fn may_be_proposed(turn: &Turn<'_>, message: &Message<'_>) -> Outcome {
    match message.params() {
        [nickname, ..] if message.command.eq_ignore_ascii_case("NICK") => nick::may_be_asked_for(turn, nickname),
        _ => Ok(()),
    }
}

/// The connection is no more. What the client has said before that is still carried out, as it would be on a server by itself.
pub(super) fn gone(turn: &mut Turn<'_>, reason: &str) {
    let says_more = turn.me().waiting.as_ref().is_some_and(|waiting| waiting.is_for_others());
    if !(says_more && waiting::queue(turn, || Held::Gone(reason.to_owned()))) {
        turn.depart(reason);
    }
}

/// Drops the line and names its command, if that much can be read (IRCv3 UTF8ONLY).
fn not_utf8(turn: &mut Turn<'_>, line: &[u8]) {
    let readable = String::from_utf8_lossy(line);
    let message = Message::parse(readable.as_bytes()).ok();
    let command = message.as_ref().map_or("*", |message| message.command);
    let fail = turn.server_line("FAIL").param(&command.to_ascii_uppercase()).param("INVALID_UTF8");
    let fail = fail.text("Message rejected: this server takes UTF-8 only. Set your client's encoding to UTF-8.");
    multiline::refuse_line(turn, message.as_ref(), |turn| turn.answer(&fail));
}

/// Answers a line of which the tags were kept, if any.
pub(super) fn line_too_long(turn: &mut Turn<'_>, tags: Vec<u8>) {
    if count_line(turn, b"") {
        refuse_too_long(turn, tags);
    }
}

/// Answers it in its turn, and with its label.
pub(super) fn refuse_too_long(turn: &mut Turn<'_>, tags: Vec<u8>) {
    let tagged = [&tags, &b" X"[..]].concat();
    if waiting::queue(turn, || Held::TooLong(tags)) {
        return;
    }
    let message = Message::parse(&tagged).ok();
    multiline::refuse_line(turn, message.as_ref(), |turn| turn.refuse(&Refusal::new(Numeric::InputTooLong)));
}

/// False if there were too many lines, and the client is closed.
fn count_line(turn: &mut Turn<'_>, line: &[u8]) -> bool {
    let (now, limits) = (turn.now, &turn.settings.limits);
    turn.me_mut().heard(now);
    if turn.me_mut().batch.as_mut().is_some_and(|open| open.takes_for_free(line)) {
        return true;
    }
    let allowed = turn.me_mut().may_send_line(now, limits);
    if !allowed {
        turn.close(&format!("Excess flood: more than {} lines a second", limits.commands_per_second));
    }
    allowed
}
