//! From a connection to a user: what has to be settled, and the greeting.

use super::command::{lusers, metadata, motd};
use super::limits::{
    AWAY_LENGTH, CHANNEL_LENGTH, HISTORY_LINES, HOST_LENGTH, KEY_LENGTH, LIST_LENGTH, MODES_PER_COMMAND, MONITORED,
    REALNAME_LENGTH, REASON_LENGTH, TARGETS, TOPIC_LENGTH, USERNAME_LENGTH,
};
use super::network::{Arrival, Change, NotMade, propose};
use super::refusal::{Outcome, Refusal};
use super::session::{Session, Stage, USER_LETTERS};
use super::turn::Turn;
use super::{ClientId, LogEntry, history, port, presence};
use crate::wire::capability::Capability;
use crate::wire::message::Line;
use crate::wire::nickname::Nickname;
use crate::wire::numeric::Numeric;
use crate::wire::{casemap, channel_name, extban, mode};

/// Registers the client if everything is settled.
pub(super) fn complete(turn: &mut Turn<'_>) {
    let Stage::Registering { negotiating: false, password_given } = turn.me().stage else { return };
    if turn.me().nickname().is_none() || turn.me().user().is_none() {
        return;
    }
    if lacks_password(turn) {
        return refuse_password(turn, password_given.is_some());
    }
    if !may_keep_nickname(turn) || port::offer(turn) {
        return;
    }
    let arrival = Box::new(turn.me().arrival(turn.client));
    turn.me_mut().coming = true;
    propose(turn, Change::Came(arrival), |turn, made| {
        turn.me_mut().coming = false;
        match made {
            Ok(()) => {}
            Err(NotMade::Overtaken(refusal)) => give_up_nickname(turn, &refusal),
            Err(NotMade::Unordered(why)) => turn.close(&format!("You can't come in now: {why}")),
        }
    });
}

/// A client is a user from now on, if its nickname is still to be had.
pub(super) fn enter(turn: &mut Turn<'_>, arrival: &Arrival) -> Outcome {
    let erroneous = |_| Refusal::new(Numeric::ErroneousNickname).with(&arrival.nickname);
    let nickname = Nickname::parse(&arrival.nickname, usize::MAX).map_err(erroneous)?;
    check_nickname(turn, &nickname, Some(turn.client))?;
    become_user(turn, nickname, arrival);
    metadata::remember(turn);
    if turn.is_here() {
        greet(turn);
    }
    presence::came(turn);
    tell_absence(turn);
    Ok(())
}

/// With this nickname, whoever else has been about to take it.
pub(super) fn become_user(turn: &mut Turn<'_>, nickname: Nickname, arrival: &Arrival) {
    if let Some(other) = turn.state.holder(nickname.as_str()).filter(|holder| *holder != turn.client) {
        too_late(&mut turn.of(other), &nickname);
    }
    turn.state.set_nickname(turn.client, nickname);
    turn.me_mut().enter();
    turn.state.count_registered(turn.client);
    turn.state.count_modes(arrival.modes);
    if turn.is_here() {
        turn.state.alarm.set(super::deadline::deadline_ms(turn.me(), turn.settings));
    }
}

/// Somebody on another node was faster.
pub(super) fn too_late(turn: &mut Turn<'_>, nickname: &Nickname) {
    turn.state.take_nickname(turn.client);
    turn.refuse(&Refusal::new(Numeric::NicknameInUse).with(nickname.as_str()));
}

/// Whether this client has yet to send the connection password.
pub(super) fn lacks_password(turn: &Turn<'_>) -> bool {
    let Stage::Registering { password_given, .. } = turn.me().stage else { return false };
    turn.settings.password.is_some() && password_given != Some(true)
}

/// 464, and the end.
fn refuse_password(turn: &mut Turn<'_>, given: bool) {
    let refusal = Refusal::new(Numeric::PasswdMismatch);
    if given {
        turn.refuse(&refusal);
        return turn.close("Password incorrect");
    }
    turn.refuse(&refusal.because("Password required: send PASS before NICK and USER"));
    turn.close("Password required");
}

/// A nickname that was taken before its owner could log in has to be its own by now.
fn may_keep_nickname(turn: &mut Turn<'_>) -> bool {
    let Some(nickname) = turn.me().nickname().cloned() else { return false };
    let Err(refusal) = check_nickname(turn, &nickname, Some(turn.client)) else { return true };
    give_up_nickname(turn, &refusal);
    false
}

fn give_up_nickname(turn: &mut Turn<'_>, refusal: &Refusal) {
    let nickname = turn.me().name().to_owned();
    turn.state.take_nickname(turn.client);
    turn.refuse(refusal);
    let reason = refusal.text().to_owned();
    turn.log(LogEntry::NicknameRefused { client: turn.client, host: turn.my_address(), nickname, reason });
}

/// Who was away from the beginning is so for those who monitor it.
fn tell_absence(turn: &mut Turn<'_>) {
    if let Some(text) = turn.me().away.clone() {
        let line = turn.my_line("AWAY").text(&text);
        presence::changed(turn, &line, Capability::AwayNotify);
    }
}

fn greet(turn: &mut Turn<'_>) {
    welcome(turn);
    isupport(turn);
    metadata::show_own(turn);
    lusers::reply(turn);
    motd::reply(turn);
    tell_account(turn);
    let me = turn.me();
    let (nickname, account) = (me.name().to_owned(), me.account().map(ToString::to_string));
    turn.log(LogEntry::Registered { client: turn.client, host: turn.my_address(), nickname, account });
}

fn welcome(turn: &mut Turn<'_>) {
    let settings = turn.settings;
    let (name, version) = (&settings.name, &settings.version);
    let welcome = format!("Welcome to the {} network, {}", settings.network, turn.me().source());
    turn.reply_text(Numeric::Welcome, &welcome);
    turn.reply_text(Numeric::YourHost, &format!("Your host is {name}, running version {version}"));
    turn.reply_text(Numeric::Created, &format!("This server was started {}", settings.created));
    let modes: String = mode::CHANNEL_LETTERS.iter().map(|(letter, ..)| *letter).collect();
    turn.answer(&turn.numeric(Numeric::MyInfo).params([&**name, version, USER_LETTERS, &modes, mode::WITH_PARAMETER]));
}

/// Says who the certificate is, where SASL has not done so, or why it is nobody.
fn tell_account(turn: &mut Turn<'_>) {
    if !turn.me().logged_in {
        logged_in(turn);
    }
    if let Some(reason) = turn.me().identity.as_ref().and_then(|identity| identity.refusal.clone()) {
        turn.notice(&format!("Your certificate is valid, but gives you no account: {reason}"));
        turn.notice("For one that does, type: pki issue client NAME --email EMAIL");
    }
}

/// 900, if there is an account.
pub(super) fn logged_in(turn: &mut Turn<'_>) {
    if let Some(account) = turn.me().account().map(ToString::to_string) {
        let line = turn.numeric(Numeric::LoggedIn).param(turn.me().source()).param(&account);
        turn.answer(&line.text(&format!("You are now logged in as {account}")));
    }
}

/// 005: what this server does and how much of it.
pub(super) fn isupport(turn: &mut Turn<'_>) {
    // Twelve tokens a line: with nickname and text they stay below fifteen parameters (RFC 2812, section 2.3).
    let line = |tokens: &[String]| turn.numeric(Numeric::ISupport).params(tokens).text(Numeric::ISupport.text());
    let lines: Vec<Line> = isupport_tokens(turn).chunks(12).map(line).collect();
    if turn.me().has(Capability::ExtendedIsupport) {
        return history::batch_of(turn, &["draft/isupport"], &lines);
    }
    lines.iter().for_each(|line| turn.answer(line));
}

fn isupport_tokens(turn: &Turn<'_>) -> Vec<String> {
    let (limits, network) = (&turn.settings.limits, turn.settings.network.replace(' ', "\\x20"));
    let mut tokens = vec![
        format!("ACCOUNTEXTBAN={}", extban::ACCOUNT),
        format!("AWAYLEN={AWAY_LENGTH}"),
        "BOT=B".to_owned(),
        format!("CASEMAPPING={}", casemap::NAME),
        format!("CHANLIMIT={}:{}", channel_name::TYPES, limits.channels_per_client),
        format!("CHANMODES={}", mode::CHANNEL_MODES),
        format!("CHANNELLEN={CHANNEL_LENGTH}"),
        format!("CHANTYPES={}", channel_name::TYPES),
        format!("CHATHISTORY={HISTORY_LINES}"),
        "ELIST=CMNTU".to_owned(),
        "EXCEPTS=e".to_owned(),
        format!("EXTBAN={}", extban::ISUPPORT),
        format!("HOSTLEN={HOST_LENGTH}"),
        "INVEX=I".to_owned(),
        format!("KEYLEN={KEY_LENGTH}"),
        format!("KICKLEN={REASON_LENGTH}"),
        format!("MAXLIST=b:{LIST_LENGTH},e:{LIST_LENGTH},I:{LIST_LENGTH}"),
        format!("MAXTARGETS={TARGETS}"),
        format!("MODES={MODES_PER_COMMAND}"),
        format!("MONITOR={MONITORED}"),
        "MSGREFTYPES=msgid,timestamp".to_owned(),
        format!("NETWORK={network}"),
        format!("NICKLEN={}", limits.nick_length),
        format!("PREFIX={}", mode::PREFIX),
        "SAFELIST".to_owned(),
        format!("STATUSMSG={}", mode::RANK_SIGNS),
        format!(
            "TARGMAX=JOIN:,KICK:,LIST:,MONITOR:,NAMES:{TARGETS},NOTICE:{TARGETS},PART:,PRIVMSG:{TARGETS},TAGMSG:{TARGETS},WHOIS:{TARGETS},WHOWAS:{TARGETS}"
        ),
        format!("NAMELEN={REALNAME_LENGTH}"),
        format!("TOPICLEN={TOPIC_LENGTH}"),
        format!("USERLEN={USERNAME_LENGTH}"),
        "UTF8ONLY".to_owned(),
        "WHOX".to_owned(),
    ];
    if !turn.settings.history {
        tokens.retain(|token| !token.starts_with("CHATHISTORY=") && !token.starts_with("MSGREFTYPES="));
    }
    tokens
}

/// Whether a nickname can be had by `client`, or by somebody new without an account.
pub(super) fn nickname_is_free(turn: &Turn<'_>, nickname: &Nickname, client: Option<ClientId>) -> bool {
    check_nickname(turn, nickname, client).is_ok()
}

/// 433 with the reason, if a nickname is somebody else's.
pub(super) fn check_nickname(turn: &Turn<'_>, nickname: &Nickname, client: Option<ClientId>) -> Result<(), Refusal> {
    let refusal = || Refusal::new(Numeric::NicknameInUse).with(nickname.as_str());
    let account = client.and_then(|client| turn.state.sessions.get(&client)).and_then(Session::account);
    if let Some(owner) = turn.state.known_accounts.owner_other_than(nickname.as_str(), account) {
        let reason = format!("Nickname is reserved for the account {owner}: log in as it to use it");
        return Err(refusal().because(reason));
    }
    match turn.state.holder(nickname.as_str()) {
        // On another node nobody knows of those who are no users yet.
        Some(holder) if Some(holder) != client && (!turn.state.network.is_applying() || is_user(turn, holder)) => {
            Err(refusal())
        }
        _ => Ok(()),
    }
}

fn is_user(turn: &Turn<'_>, client: ClientId) -> bool {
    turn.state.sessions.get(&client).is_some_and(Session::is_registered)
}
