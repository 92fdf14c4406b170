//! Having an account from here on, or no longer: what the client and its neighbours are told.

use std::collections::{BTreeSet, HashSet};

use super::AccountRecord;
use crate::core::keep::{Answer, Keep, Question, Record, RecordKind};
use crate::core::network::{Change, propose, propose_unasked};
use crate::core::registration::logged_in;
use crate::core::turn::Turn;
use crate::core::{Account, ClientId, LogEntry, connection, ownership, presence, waiting};
use crate::wire::capability::Capability;
use crate::wire::casemap::{self, Folded};
use crate::wire::numeric::Numeric;

/// Looks an account up where accounts are kept, and goes on with it, with nothing where there is none, or with why that
/// can't be known.
pub(in crate::core) fn look_up(
    turn: &mut Turn<'_>,
    name: &str,
    then: impl FnOnce(&mut Turn<'_>, Result<Option<AccountRecord>, &'static str>) + Send + Sync + 'static,
) {
    let question = Question::Record { kind: RecordKind::Account, key: AccountRecord::key(name) };
    waiting::ask(turn, question, move |turn, answer| {
        let found = match answer {
            Answer::Record(value) => Ok(value.as_deref().and_then(AccountRecord::parse)),
            _ => Err("accounts can't be looked up at the moment"),
        };
        then(turn, found);
    });
}

/// From here on the client has this account, or with `None` that of its certificate: 900, and its neighbours are told. Then it
/// goes on with `then`.
pub(in crate::core) fn log_in(
    turn: &mut Turn<'_>,
    login: Option<Account>,
    then: impl FnOnce(&mut Turn<'_>) + Send + Sync + 'static,
) {
    if !turn.me().is_registered() {
        // The other nodes hear of it when it is a user.
        has_account(turn, login);
        return then(turn);
    }
    let client = turn.client;
    propose(turn, Change::LoggedIn { client, login }, move |turn, made| match made {
        Ok(()) => then(turn),
        Err(why) => turn.refuse(&why.refusal("AUTHENTICATE")),
    });
}

/// The client has this account. Those who are no users yet have none that anybody else knows of.
pub(in crate::core) fn has_account(turn: &mut Turn<'_>, login: Option<Account>) {
    let before = turn.me().account().cloned();
    let me = turn.me_mut();
    (me.login, me.logged_in, me.failed_logins) = (login, true, 0);
    me.tried_account = None;
    let Some(account) = turn.me().account().cloned() else { return };
    if turn.state.network.is_settled() {
        connection::own_nicknames(turn, &account);
    } else if turn.me().login.is_none() {
        connection::came_with(turn, account.clone());
    } else if turn.state.known_accounts.knows(&account) {
        // Nothing new to anybody. One that is not known yet becomes so when this node looks at what is kept.
        connection::own_nicknames(turn, &account);
    }
    logged_in(turn);
    if before.as_ref() != Some(&account) {
        tell_neighbours(turn);
        ownership::give_ranks(turn);
    }
    let (host, account) = (turn.my_address(), account.to_string());
    turn.log(LogEntry::LoggedIn { client: turn.client, host, account });
}

/// IRCv3 account-notify, which is for the client itself too.
fn tell_neighbours(turn: &mut Turn<'_>) {
    if turn.me().is_registered() {
        let line = turn.my_line("ACCOUNT").param(turn.me().account().map_or("*", |account| account.as_str()));
        if turn.me().has(Capability::AccountNotify) {
            turn.me_to(turn.client, &line);
        }
        presence::changed(turn, &line, Capability::AccountNotify);
    }
}

/// A certificate has this name: an account that somebody else made under it is no more.
pub(in crate::core) fn give_way(turn: &mut Turn<'_>, name: &str) {
    if turn.state.registered.is_holders(name) {
        end(turn, name, "is that of a certificate, which has connected: your account is no more.");
    }
}

/// Another program has added or removed accounts.
pub(in crate::core) fn changed(turn: &mut Turn<'_>, records: &[Record]) {
    let accounts = || records.iter().filter(|record| record.kind == RecordKind::Account);
    let there: HashSet<Folded> = accounts().map(|record| Folded::new(&record.key)).collect();
    // An account may have come, been used and gone between two looks.
    let used = turn.state.sessions.values().filter_map(|session| session.login.as_ref());
    let used = used.map(|account| Folded::new(account.as_str())).filter(|name| !there.contains(name));
    let gone: BTreeSet<Folded> = used.chain(turn.state.registered.missing(&there)).collect();
    let gone: Vec<String> = gone.iter().map(|name| name.as_str().to_owned()).collect();
    let new = accounts().filter(|record| turn.state.registered.is_news(&record.value));
    let come: Vec<String> = new.map(|record| record.value.clone()).collect();
    if !gone.is_empty() || !come.is_empty() {
        propose_unasked(turn, Change::AccountsChanged { gone, come });
    }
    let seen = records.iter().filter(|record| record.kind == RecordKind::CertificateAccount);
    if turn.state.network.is_alone() {
        seen.for_each(|record| crate::core::remember(turn.state, record));
    }
}

/// Accounts are no more, and others have come.
pub(in crate::core) fn make_changes(turn: &mut Turn<'_>, gone: &[String], come: &[String]) {
    for name in gone {
        end(turn, name, "was removed by the administrator.");
    }
    for record in come.iter().filter_map(|value| AccountRecord::parse(value)) {
        if !turn.state.network.is_alone() {
            turn.keep(record.put());
        }
        turn.state.known_accounts.learn(&record.account);
        turn.state.registered.learn(&record);
    }
}

/// After another configuration: who uses an account that is not admitted any more is logged out.
pub(in crate::core) fn look_again(turn: &mut Turn<'_>) {
    if let Some(account) = turn.me().login.clone().filter(|account| !turn.settings.admitted.admits(account)) {
        let notice = format!("The account {account} may not be used here any more.");
        if turn.me().is_registered() {
            let client = turn.client;
            return propose_unasked(turn, Change::LoggedOut { client, notice });
        }
        log_out(turn, &notice);
    }
}

/// An account is no more, and whoever uses it is told.
fn end(turn: &mut Turn<'_>, name: &str, why: &str) {
    let Ok(account) = Account::parse(name) else { return };
    turn.state.registered.forget(&account);
    turn.state.known_accounts.forget(name);
    ownership::drop_all_of(turn, &account);
    turn.keep(Keep::Forget { kind: RecordKind::Account, key: AccountRecord::key(name) });
    let users = |login: &Account| casemap::same(login.as_str(), name);
    let clients = turn.state.sessions.iter().filter(|(_, session)| session.login.as_ref().is_some_and(users));
    let mut clients: Vec<ClientId> = clients.map(|(client, _)| *client).collect();
    clients.sort_unstable();
    for client in clients {
        log_out(&mut turn.of(client), &format!("The account {name} {why}"));
    }
}

/// Its account is no more the client's.
pub(in crate::core) fn log_out(turn: &mut Turn<'_>, notice: &str) {
    turn.me_mut().login = None;
    let line = turn.numeric(Numeric::LoggedOut).param(turn.me().source()).text("You are now logged out");
    turn.answer(&line);
    turn.notice(notice);
    tell_neighbours(turn);
}
