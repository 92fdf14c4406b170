//! CHANNEL: registers channels, without a service bot to talk to. The answers are NOTE and FAIL (IRCv3 standard replies).

use super::{Message, Outcome, Turn, Verb, When};
use crate::core::channel::{Channel, Level};
use crate::core::fanout::rfc3339;
use crate::core::limits::{ACCESS_LENGTH, CHANNELS_PER_ACCOUNT};
use crate::core::ownership::{self, Ownership};
use crate::core::{Account, Right};
use crate::wire::casemap::Folded;

pub(super) const VERB: Verb = Verb {
    name: "CHANNEL",
    when: When::Registered,
    parameters: 2,
    usage: "CHANNEL REGISTER|DROP|INFO <channel> | ACCESS <channel> [ADD <account> voice|halfop|op | DEL <account>] | TRANSFER \
            <channel> <account> - makes a channel your account's: it stays, with its modes and topic, and you run it",
    run,
};

/// Why something is not done: code and text of a FAIL.
type Wrong = (&'static str, String);

/// What was done: code, further parameters and text of each NOTE.
type Done = Vec<(&'static str, Vec<String>, String)>;

fn wrong<T>(code: &'static str, text: impl Into<String>) -> Result<T, Wrong> {
    Err((code, text.into()))
}

fn done(code: &'static str, text: impl Into<String>) -> Done {
    vec![(code, Vec::new(), text.into())]
}

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let (subcommand, name) = (message.params()[0].to_ascii_uppercase(), message.params()[1]);
    let rest = &message.params()[2..];
    let outcome = match &*subcommand {
        "REGISTER" => register(turn, name),
        "DROP" => drop(turn, name),
        "INFO" => info(turn, name),
        "ACCESS" => access(turn, name, rest),
        "TRANSFER" => transfer(turn, name, rest),
        _ => wrong("UNKNOWN_COMMAND", VERB.usage),
    };
    match outcome {
        Ok(notes) => notes.into_iter().for_each(|(code, parameters, text)| {
            let line = turn.server_line("NOTE").params(["CHANNEL", code, name]).params(&parameters);
            turn.answer(&line.text(&text));
        }),
        Err((code, text)) => {
            let line = turn.server_line("FAIL").params(["CHANNEL", code, name]).text(&text);
            turn.answer(&line);
        }
    }
    Ok(())
}

fn my_account(turn: &Turn<'_>) -> Result<Account, Wrong> {
    let account = turn.me().account().cloned();
    account.ok_or_else(|| ("ACCOUNT_REQUIRED", "Log in first: channels belong to accounts".to_owned()))
}

fn register(turn: &mut Turn<'_>, name: &str) -> Result<Done, Wrong> {
    let founder = my_account(turn)?;
    let Ok((key, channel)) = turn.channel(name) else { return wrong("NO_SUCH_CHANNEL", "Join the channel first") };
    if let Some(owned) = &channel.owned {
        return wrong("ALREADY_REGISTERED", format!("The channel belongs to {}", owned.founder));
    }
    if channel.level(turn.client) < Level::Operator {
        return wrong("NO_PRIVILEGES", "Only an operator of the channel can register it");
    }
    if !turn.state.owners.has_room(&founder) {
        return wrong("TOO_MANY_CHANNELS", format!("An account registers at most {CHANNELS_PER_ACCOUNT} channels"));
    }
    let text = format!("The channel belongs to {founder} from now on");
    ownership::set(turn, &key, Ownership { founder, access: Vec::new(), since: turn.now });
    Ok(done("REGISTERED", text))
}

/// A channel that is registered.
fn registered<'t>(turn: &'t Turn<'_>, name: &str) -> Result<(Folded, &'t Channel, &'t Ownership), Wrong> {
    ownership::find(turn, name).ok_or_else(|| ("NOT_REGISTERED", "No such channel is registered".to_owned()))
}

/// A channel that is registered, and this client's to change.
fn mine<'t>(turn: &'t Turn<'_>, name: &str) -> Result<(Folded, &'t Ownership), Wrong> {
    let (key, channel, owned) = registered(turn, name)?;
    // An operator who may close connections may also settle whose a channel is.
    if ownership::is_founder(channel, turn.me()) || turn.me().may(Right::Kill) {
        return Ok((key, owned));
    }
    wrong("NO_PRIVILEGES", format!("Only {} can do that", owned.founder))
}

fn drop(turn: &mut Turn<'_>, name: &str) -> Result<Done, Wrong> {
    let (key, _) = mine(turn, name)?;
    ownership::drop(turn, &key);
    Ok(done("DROPPED", "The channel is nobody's any more"))
}

fn info(turn: &mut Turn<'_>, name: &str) -> Result<Done, Wrong> {
    let (_, _, owned) = registered(turn, name)?;
    let (founder, since) = (owned.founder.to_string(), rfc3339(owned.since));
    let text = format!("The channel belongs to {founder} since {since}");
    Ok(vec![("INFO", vec![founder, since], text)])
}

fn access(turn: &mut Turn<'_>, name: &str, words: &[&str]) -> Result<Done, Wrong> {
    let what = words.first().map(|word| word.to_ascii_uppercase());
    match (what.as_deref(), words) {
        (None | Some("LIST"), _) => list(turn, name),
        (Some("ADD"), [_, account, level, ..]) => add(turn, name, account, level),
        (Some("DEL"), [_, account, ..]) => remove(turn, name, account),
        _ => wrong("INVALID_PARAMS", VERB.usage),
    }
}

/// For those whom it is about.
fn list(turn: &mut Turn<'_>, name: &str) -> Result<Done, Wrong> {
    let (_, _, owned) = registered(turn, name)?;
    if turn.me().account().is_none_or(|account| owned.level(account) == Level::Member) {
        return wrong("NO_PRIVILEGES", "Only those who are in the list can see it");
    }
    let founder = ("ACCESS", vec![owned.founder.to_string(), "founder".to_owned()], "owns the channel".to_owned());
    let entry = |(account, level): &(Account, Level)| {
        let text = format!("is given +{} when coming in", level.letter());
        ("ACCESS", vec![account.to_string(), level.name().to_owned()], text)
    };
    let mut notes: Done = std::iter::once(founder).chain(owned.access.iter().map(entry)).collect();
    notes.extend(done("ACCESS_END", "End of the access list"));
    Ok(notes)
}

fn add(turn: &mut Turn<'_>, name: &str, account: &str, level: &str) -> Result<Done, Wrong> {
    let (key, owned) = mine(turn, name)?;
    let account = known(turn, account)?;
    let Some(level) = Level::named(level) else {
        return wrong("INVALID_PARAMS", "The levels are voice, halfop and op");
    };
    let mut owned = owned.clone();
    owned.access.retain(|(holder, _)| *holder != account);
    if owned.access.len() >= ACCESS_LENGTH {
        return wrong("LIST_FULL", format!("An access list has at most {ACCESS_LENGTH} entries"));
    }
    let text = format!("{account} is given +{} when coming in", level.letter());
    owned.access.push((account.clone(), level));
    ownership::set(turn, &key, owned);
    Ok(vec![("ACCESS_ADDED", vec![account.to_string(), level.name().to_owned()], text)])
}

fn remove(turn: &mut Turn<'_>, name: &str, account: &str) -> Result<Done, Wrong> {
    let (key, owned) = mine(turn, name)?;
    let account = known(turn, account)?;
    let mut owned = owned.clone();
    let before = owned.access.len();
    owned.access.retain(|(holder, _)| *holder != account);
    if owned.access.len() == before {
        return wrong("NOT_IN_LIST", format!("{account} is not in the access list"));
    }
    ownership::set(turn, &key, owned);
    Ok(vec![("ACCESS_REMOVED", vec![account.to_string()], format!("{account} is given no rank any more"))])
}

/// A name typed is an account's that is known, or may be one of tomorrow.
fn known(turn: &Turn<'_>, name: &str) -> Result<Account, Wrong> {
    let account = Account::parse(name).map_err(|error| ("BAD_ACCOUNT_NAME", error.to_string()))?;
    Ok(turn.state.known_accounts.named(&account).cloned().unwrap_or(account))
}

/// Only to an account that was seen: a channel given to a misspelt one would be lost.
fn transfer(turn: &mut Turn<'_>, name: &str, words: &[&str]) -> Result<Done, Wrong> {
    let Some(heir) = words.first() else { return wrong("INVALID_PARAMS", VERB.usage) };
    let (key, owned) = mine(turn, name)?;
    let typed = Account::parse(heir).map_err(|error| ("BAD_ACCOUNT_NAME", error.to_string()))?;
    let Some(founder) = turn.state.known_accounts.named(&typed).cloned() else {
        return wrong("UNKNOWN_ACCOUNT", format!("Nobody has been here as {typed}"));
    };
    if !turn.state.owners.has_room(&founder) {
        return wrong("TOO_MANY_CHANNELS", format!("{founder} has as many channels as it may"));
    }
    let mut owned = owned.clone();
    owned.access.retain(|(holder, _)| *holder != founder);
    let text = format!("The channel belongs to {founder} from now on");
    ownership::set(turn, &key, Ownership { founder: founder.clone(), ..owned });
    Ok(vec![("TRANSFERRED", vec![founder.to_string()], text)])
}
