//! WHO (RFC 2812, section 3.6.1), and with a list of fields WHOX (IRCv3).

use super::{Message, Numeric, Outcome, Turn, Verb, When};
use crate::core::channel::{Channel, Rank};
use crate::core::idle::{LastMessages, with_last_messages};
use crate::core::limits::ROWS;
use crate::core::policy;
use crate::core::session::Session;
use crate::core::{Account, ClientId};
use crate::wire::capability::Capability;
use crate::wire::channel_name::is_channel;
use crate::wire::mask;
use crate::wire::message::Line;

pub(super) const VERB: Verb = Verb {
    name: "WHO",
    when: When::Registered,
    parameters: 0,
    usage: "WHO [<channel or mask> [o][%<fields>[,<token>]]] - lists people; o: operators; %: such fields only (WHOX)",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    let mask = message.param(0).unwrap_or("*").to_owned();
    let question = Question::parse(message.param(1).unwrap_or_default());
    let found = if is_channel(&mask) { of_channel(turn, &mask, &question) } else { by_mask(turn, &mask, &question) };
    let idle_of = if question.asks_for('l') { found.clone() } else { Vec::new() };
    with_last_messages(turn, idle_of, move |turn, last_messages| {
        tell(turn, &mask, &found, &Row { question: &question, last_messages });
    });
    Ok(())
}

fn tell(turn: &mut Turn<'_>, mask: &str, found: &[ClientId], row: &Row<'_>) {
    let channel = turn.channel(mask).ok().map(|(_, channel)| channel).filter(|_| is_channel(mask));
    let present = found.iter().filter_map(|client| Some((*client, turn.state.sessions.get(client)?)));
    let lines: Vec<Line> = present.take(ROWS).map(|user| row.of(turn, user, channel)).collect();
    lines.iter().for_each(|line| turn.answer(line));
    if found.len() > ROWS {
        turn.reply(Numeric::TooManyMatches, ["WHO"]);
    }
    turn.reply(Numeric::EndOfWho, [mask]);
}

/// What is asked of whom.
struct Question {
    operators_only: bool,
    /// The letters of WHOX and its token.
    fields: Option<(String, String)>,
}

impl Question {
    fn parse(text: &str) -> Question {
        let (flags, fields) = text.split_once('%').map_or((text, None), |(flags, fields)| (flags, Some(fields)));
        let fields = fields.map(|fields| fields.split_once(',').unwrap_or((fields, "")));
        let fields = fields.map(|(letters, token)| (letters.to_owned(), token.to_owned()));
        Question { operators_only: flags.contains('o'), fields }
    }

    fn asks_for(&self, letter: char) -> bool {
        self.fields.as_ref().is_some_and(|(letters, _)| letters.contains(letter))
    }

    fn concerns(&self, session: &Session) -> bool {
        !self.operators_only || session.modes.operator
    }
}

/// Those that may be listed, and one more than are shown where there are more.
fn of_channel(turn: &Turn<'_>, name: &str, question: &Question) -> Vec<ClientId> {
    let Ok((_, channel)) = turn.channel(name) else { return Vec::new() };
    let inside = channel.has(turn.client);
    let member = |client: &ClientId| turn.state.sessions.get(client).map(|session| (*client, session));
    let members = channel.members.keys().filter_map(member);
    let listed = members
        .filter(|(client, session)| question.concerns(session) && (inside || policy::may_list(turn, *client, session)));
    listed.take(ROWS + 1).map(|(client, _)| client).collect()
}

fn by_mask(turn: &Turn<'_>, mask: &str, question: &Question) -> Vec<ClientId> {
    // Whoever asks for one nickname wants that one, and not others with that user name.
    if let Some((client, session)) = turn.state.user(mask) {
        return question.concerns(session).then_some(client).into_iter().collect();
    }
    // `0` is an old way to say everybody.
    let mask = if mask == "0" { "*" } else { mask };
    let users = turn.state.users().into_iter().filter(|(client, session)| {
        question.concerns(session) && fits(turn, *client, session, mask) && policy::may_list(turn, *client, session)
    });
    users.take(ROWS + 1).map(|(client, _)| client).collect()
}

fn fits(turn: &Turn<'_>, client: ClientId, session: &Session, pattern: &str) -> bool {
    // A server's name has a dot: whoever asks for `i*` wants people of that name, and not all of irc.example.test.
    let server = Some(turn.server_of(client)).filter(|_| pattern.contains('.'));
    let of_person = [session.name(), session.username(), session.shown_host(), session.realname(), session.source()];
    of_person.into_iter().chain(server).any(|text| mask::matches(pattern, text))
}

/// How a row is made.
struct Row<'a> {
    question: &'a Question,
    last_messages: &'a LastMessages,
}

impl Row<'_> {
    fn of(&self, turn: &Turn<'_>, user: (ClientId, &Session), channel: Option<&Channel>) -> Line {
        let (client, session) = user;
        let name = channel.map_or("*", |channel| channel.name.as_str());
        let rank = channel.and_then(|channel| channel.rank(client)).unwrap_or_default();
        let flags = flags(turn, session, rank);
        match &self.question.fields {
            Some((fields, token)) => {
                let idle = self.last_messages.idle_seconds(turn, client, session);
                // 0 stands for what is not known.
                extended(turn, user, &Member { channel: name, flags, idle: idle.unwrap_or(0) }, (fields, token))
            }
            None => plain(turn, user, name, &flags),
        }
    }
}

/// What a row tells of somebody besides his session.
struct Member<'a> {
    channel: &'a str,
    flags: String,
    idle: i64,
}

/// `<channel> <user> <host> <server> <nick> <flags> :<hops> <real name>`
fn plain(turn: &Turn<'_>, (client, session): (ClientId, &Session), channel: &str, flags: &str) -> Line {
    turn.numeric(Numeric::WhoReply)
        .params([channel, session.username(), session.shown_host(), turn.server_of(client), session.name()])
        .param(flags)
        .text(&format!("{} {}", hops(turn, client), session.realname()))
}

/// Between this server and another node lies one step.
fn hops(turn: &Turn<'_>, client: ClientId) -> &'static str {
    if turn.state.network.is_here(client) { "0" } else { "1" }
}

/// The fields that were asked for, in the order of the specification, whatever the order of the letters.
fn extended(
    turn: &Turn<'_>,
    (client, session): (ClientId, &Session),
    member: &Member<'_>,
    (fields, token): (&str, &str),
) -> Line {
    let idle = member.idle.to_string();
    let account = session.account().map_or("0", Account::as_str);
    let values: [(char, &str); 12] = [
        ('t', if is_token(token) { token } else { "0" }),
        ('c', member.channel),
        ('u', session.username()),
        ('i', session.shown_host()),
        ('h', session.shown_host()),
        ('s', turn.server_of(client)),
        ('n', session.name()),
        ('f', &member.flags),
        ('d', hops(turn, client)),
        ('l', &idle),
        ('a', account),
        ('o', "n/a"),
    ];
    let asked = values.iter().filter(|(letter, _)| fields.contains(*letter)).map(|(_, value)| value);
    let line = turn.numeric(Numeric::WhoSpecialReply).params(asked);
    if fields.contains('r') { line.text(session.realname()) } else { line }
}

fn is_token(token: &str) -> bool {
    (1..=3).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_digit())
}

/// Here or gone, an operator, the rank in the channel, a bot.
fn flags(turn: &Turn<'_>, session: &Session, rank: Rank) -> String {
    let presence = if session.away.is_some() { "G" } else { "H" };
    let operator = if session.modes.operator { "*" } else { "" };
    let bot = if session.modes.bot { "B" } else { "" };
    format!("{presence}{operator}{}{bot}", rank.prefix(turn.me().has(Capability::MultiPrefix)))
}
