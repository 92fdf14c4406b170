//! CHGHOST (IRCv3 chghost): an operator gives somebody another user name and host to be seen with.

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When, join};
use crate::core::channel::Rank;
use crate::core::limits::{HOST_LENGTH, USERNAME_LENGTH};
use crate::core::policy;
use crate::core::{ClientId, Right, presence};
use crate::wire::capability::Capability;
use crate::wire::casemap::Folded;

pub(super) const VERB: Verb = Verb {
    name: "CHGHOST",
    when: When::Registered,
    parameters: 3,
    usage: "CHGHOST <nickname> <user name> <host> - shows somebody with another host; for operators",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    policy::must_have_right(turn, Right::ChgHost)?;
    let [nickname, username, host] = [0, 1, 2].map(|index| message.params()[index]);
    let (target, session) = turn.user(nickname)?;
    check(username, USERNAME_LENGTH)?;
    check(host, HOST_LENGTH)?;
    if (session.username(), session.shown_host()) != (username, host) {
        change(&mut turn.of(target), username, host);
    }
    Ok(())
}

fn change(turn: &mut Turn<'_>, username: &str, host: &str) {
    // The line comes from who it was before.
    let line = turn.my_line("CHGHOST").params([username, host]);
    if turn.me().has(Capability::ChgHost) {
        turn.me_to(turn.client, &line);
    }
    presence::changed(turn, &line, Capability::ChgHost);
    let unaware = unaware(turn);
    turn.me_to_all(unaware.iter().copied(), &turn.my_line("QUIT").text("Changing host"), |_, _| true);
    turn.me_mut().show_as(username, host);
    for key in turn.me().channels.clone() {
        come_back(turn, &key, &unaware);
    }
    turn.reply(Numeric::HostHidden, [host]);
}

/// Those who share a channel and don't know what CHGHOST means. To them somebody leaves and comes back as another, so that what
/// they know of people stays true (IRCv3 chghost, "Fallback").
fn unaware(turn: &Turn<'_>) -> Vec<ClientId> {
    let knows =
        |client: &ClientId| turn.state.sessions.get(client).is_none_or(|session| session.has(Capability::ChgHost));
    turn.neighbours().into_iter().filter(|client| *client != turn.client && !knows(client)).collect()
}

/// JOIN, the ranks, and that somebody is away, for those of the unaware who are in this channel.
fn come_back(turn: &mut Turn<'_>, key: &Folded, unaware: &[ClientId]) {
    let Some(channel) = turn.state.channels.get(key) else { return };
    let (name, rank) = (channel.name.to_string(), channel.rank(turn.client).unwrap_or_default());
    let members: Vec<ClientId> = unaware.iter().copied().filter(|client| channel.has(*client)).collect();
    let (plain, extended) = join::lines(turn, key);
    turn.me_to_all(members.iter().copied(), &plain, |_, session| !session.has(Capability::ExtendedJoin));
    turn.me_to_all(members.iter().copied(), &extended, |_, session| session.has(Capability::ExtendedJoin));
    tell_rank(turn, &name, rank, &members);
    if let Some(away) = turn.me().away.as_ref().map(|text| turn.my_line("AWAY").text(text)) {
        turn.me_to_all(members, &away, |_, session| session.has(Capability::AwayNotify));
    }
}

fn tell_rank(turn: &mut Turn<'_>, channel: &str, rank: Rank, members: &[ClientId]) {
    let letters = rank.letters();
    if letters.is_empty() {
        return;
    }
    let nicknames = letters.chars().map(|_| turn.me().name());
    let line = turn.server_line("MODE").params([channel, &format!("+{letters}")]).params(nicknames);
    members.iter().for_each(|member| turn.server_to(*member, &line));
}

/// What can stand in a source: letters, digits and what host names and addresses have.
fn check(word: &str, longest: usize) -> Outcome {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/:".contains(&byte);
    if !word.is_empty() && word.len() <= longest && !word.starts_with(':') && word.bytes().all(allowed) {
        return Ok(());
    }
    let reason =
        format!("Invalid: expected 1 to {longest} letters, digits, - . _ / :, not with a colon at the beginning");
    Err(Refusal::new(Numeric::UnknownError).with("CHGHOST").with(word).because(reason))
}
