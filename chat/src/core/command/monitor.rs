//! MONITOR (IRCv3): tells when people come and go.

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When, metadata};
use crate::core::limits::MONITORED;
use crate::wire::message::join_to_fit_with;
use crate::wire::nickname::Nickname;

pub(super) const VERB: Verb = Verb {
    name: "MONITOR",
    when: When::Registered,
    parameters: 1,
    usage: "MONITOR + or - <nickname>[,<nickname>...] | C | L | S - tells when people come and go",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let subcommand = message.params()[0].to_ascii_uppercase();
    match (&*subcommand, message.param(1)) {
        ("+" | "-", None) => return Err(Refusal::new(Numeric::NeedMoreParams).with("MONITOR")),
        ("+", Some(targets)) => add(turn, targets),
        ("-", Some(targets)) => remove(turn, targets),
        ("C", _) => clear(turn),
        ("L", _) => list(turn),
        ("S", _) => status(turn, &turn.me().monitored.clone()),
        _ => {
            let unknown = Refusal::new(Numeric::UnknownError).with("MONITOR").with(message.params()[0]);
            return Err(unknown.because("Unknown subcommand: + - C L S are known"));
        }
    }
    Ok(())
}

fn add(turn: &mut Turn<'_>, targets: &str) {
    let mut added = Vec::new();
    let mut left = targets;
    while !left.is_empty() {
        let (target, rest) = left.split_once(',').unwrap_or((left, ""));
        if let Some(nickname) = wanted(turn, target) {
            if turn.me().monitored.len() >= MONITORED {
                break;
            }
            turn.state.add_watcher(turn.client, nickname.as_str());
            turn.me_mut().monitored.push(nickname.clone());
            added.push(nickname);
        }
        left = rest;
    }
    status(turn, &added);
    added.iter().for_each(|nickname| metadata::show_monitored(turn, nickname.as_str()));
    if !left.is_empty() {
        let full = turn.numeric(Numeric::MonListFull).number(MONITORED).param(left);
        turn.answer(&full.text(Numeric::MonListFull.text()));
    }
}

/// A nickname that can be somebody's and is not in the list yet.
fn wanted(turn: &Turn<'_>, target: &str) -> Option<Nickname> {
    let nickname = Nickname::parse(target, turn.settings.limits.nick_length).ok()?;
    (!turn.me().monitored.contains(&nickname)).then_some(nickname)
}

fn remove(turn: &mut Turn<'_>, targets: &str) {
    for target in targets.split(',') {
        let Ok(nickname) = Nickname::parse(target, usize::MAX) else { continue };
        turn.me_mut().monitored.retain(|monitored| *monitored != nickname);
        turn.state.forget_watcher(turn.client, target);
    }
}

fn clear(turn: &mut Turn<'_>) {
    for nickname in std::mem::take(&mut turn.me_mut().monitored) {
        turn.state.forget_watcher(turn.client, nickname.as_str());
    }
}

fn list(turn: &mut Turn<'_>) {
    let nicknames: Vec<String> = turn.me().monitored.iter().map(ToString::to_string).collect();
    answer_targets(turn, Numeric::MonList, &nicknames);
    turn.reply(Numeric::EndOfMonList, []);
}

fn status(turn: &mut Turn<'_>, nicknames: &[Nickname]) {
    let (mut online, mut offline) = (Vec::new(), Vec::new());
    for nickname in nicknames {
        match turn.state.user(nickname.as_str()) {
            Some((_, session)) => online.push(session.source().to_owned()),
            None => offline.push(nickname.to_string()),
        }
    }
    answer_targets(turn, Numeric::MonOnline, &online);
    answer_targets(turn, Numeric::MonOffline, &offline);
}

/// Commas between them, in as many lines as it takes.
fn answer_targets(turn: &mut Turn<'_>, numeric: Numeric, targets: &[String]) {
    let start = turn.numeric(numeric);
    for text in join_to_fit_with(',', targets, start.room().saturating_sub(" :".len())) {
        turn.answer(&start.clone().text(&text));
    }
}
