//! The verbs: one file each. This one only chooses.

mod admin;
mod authenticate;
mod away;
mod batch;
pub(super) mod cap;
mod channel;
mod chathistory;
mod chghost;
mod connect;
mod die;
mod error;
mod help;
mod info;
mod invite;
mod ison;
mod isupport;
pub(super) mod join;
mod kick;
mod kill;
mod links;
mod list;
pub(super) mod lusers;
mod map;
mod markread;
pub(super) mod metadata;
mod mode;
mod monitor;
pub(super) mod motd;
mod names;
pub(super) mod nick;
mod notice;
pub(super) mod oper;
mod part;
mod pass;
mod ping;
mod pong;
mod privmsg;
mod quit;
pub(super) mod redact;
pub(super) mod register;
pub(super) mod rehash;
mod rename;
mod restart;
mod servlist;
mod setname;
mod squery;
mod squit;
mod stats;
mod summon;
mod tagmsg;
mod ticket;
mod time;
pub(super) mod topic;
mod user;
mod userhost;
mod users;
mod verify;
mod version;
mod wallops;
mod who;
mod whois;
mod whowas;

use super::refusal::{Outcome, Refusal};
use super::turn::Turn;
use crate::wire::message::Message;
use crate::wire::numeric::Numeric;

/// When a verb may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// At any time.
    Always,
    /// By registered users.
    Registered,
}

/// A command: its name, what it needs, and what it does.
struct Verb {
    name: &'static str,
    when: When,
    /// Parameters that have to be there.
    parameters: usize,
    /// What to type, and what it is for; shown by HELP.
    usage: &'static str,
    run: fn(&mut Turn<'_>, &Message<'_>) -> Outcome,
}

/// How many verbs there are.
const VERB_COUNT: usize = VERBS.len();

/// How often each verb was used, in the order of their table.
#[derive(Debug)]
pub(super) struct Uses([u64; VERB_COUNT]);

impl Default for Uses {
    fn default() -> Uses {
        Uses([0; VERB_COUNT])
    }
}

/// Every verb, the frequent ones first.
const VERBS: &[&Verb] = &[
    &privmsg::VERB,
    &ping::VERB,
    &pong::VERB,
    &join::VERB,
    &part::VERB,
    &notice::VERB,
    &tagmsg::VERB,
    &nick::VERB,
    &user::VERB,
    &cap::VERB,
    &authenticate::VERB,
    &quit::VERB,
    &mode::VERB,
    &who::VERB,
    &whois::VERB,
    &topic::VERB,
    &names::VERB,
    &list::VERB,
    &away::VERB,
    &invite::VERB,
    &kick::VERB,
    &pass::VERB,
    &motd::VERB,
    &lusers::VERB,
    &version::VERB,
    &admin::VERB,
    &info::VERB,
    &time::VERB,
    &userhost::VERB,
    &ison::VERB,
    &help::VERB,
    &monitor::VERB,
    &whowas::VERB,
    &oper::VERB,
    &kill::VERB,
    &chghost::VERB,
    &wallops::VERB,
    &rehash::VERB,
    &chathistory::VERB,
    &help::HELPOP,
    &stats::VERB,
    &links::VERB,
    &map::VERB,
    &connect::VERB,
    &squit::VERB,
    &die::VERB,
    &restart::VERB,
    &summon::VERB,
    &users::VERB,
    &servlist::VERB,
    &squery::VERB,
    &setname::VERB,
    &redact::VERB,
    &register::VERB,
    &verify::VERB,
    &channel::VERB,
    &ticket::VERB,
    &batch::VERB,
    &rename::VERB,
    &markread::VERB,
    &metadata::VERB,
    &isupport::VERB,
    &error::VERB,
];

/// Carries out a message, or answers why not.
pub(super) fn run(turn: &mut Turn<'_>, message: &Message<'_>) {
    if !turn.me().is_registered() && is_http(message) {
        return turn.close("This is a chat server: it speaks IRC");
    }
    if let Err(refusal) = choose(turn, message).and_then(|verb| (verb.run)(turn, message)) {
        turn.refuse(&refusal);
    }
}

/// Whether a browser sent this. A page of somebody else's may make one POST here, with the user's certificate even: what it
/// sends after this line would be commands.
fn is_http(message: &Message<'_>) -> bool {
    message.params().last().is_some_and(|last| last.starts_with("HTTP/"))
}

fn choose(turn: &mut Turn<'_>, message: &Message<'_>) -> Result<&'static Verb, Refusal> {
    let unknown = || Refusal::new(Numeric::UnknownCommand).with(message.command);
    let (number, verb) = find_numbered(message.command).ok_or_else(unknown)?;
    turn.state.uses.0[number] += 1;
    if verb.when == When::Registered && !turn.me().is_registered() {
        return Err(not_registered());
    }
    if message.params().len() < verb.parameters {
        let reason = format!("Not enough parameters: {}", verb.usage);
        return Err(Refusal::new(Numeric::NeedMoreParams).with(verb.name).because(reason));
    }
    Ok(verb)
}

fn not_registered() -> Refusal {
    Refusal::new(Numeric::NotRegistered).because("You have not registered: send NICK and USER first")
}

fn find(command: &str) -> Option<&'static Verb> {
    find_numbered(command).map(|(_, verb)| verb)
}

fn find_numbered(command: &str) -> Option<(usize, &'static Verb)> {
    VERBS.iter().copied().enumerate().find(|(_, verb)| verb.name.eq_ignore_ascii_case(command))
}
