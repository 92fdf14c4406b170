//! WHOIS (RFC 2812, section 3.6.2).

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When, version};
use crate::core::ClientId;
use crate::core::channel::Rank;
use crate::core::idle::{LastMessages, with_last_messages};
use crate::core::policy;
use crate::core::session::Session;
use crate::core::targets;
use crate::wire::capability::Capability;
use crate::wire::message::{Line, pack};

pub(super) const VERB: Verb = Verb {
    name: "WHOIS",
    when: When::Registered,
    parameters: 0,
    usage: "WHOIS [<server>] <nickname>[,<nickname>...] - tells who somebody is: account, certificate, channels",
    run,
};

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    // With two parameters the first one is the server to ask, or somebody who is on it.
    let (server, nicknames) = match message.params() {
        [server, nicknames, ..] => (Some(*server), *nicknames),
        params => (None, params.first().copied().unwrap_or_default()),
    };
    if nicknames.is_empty() {
        return Err(Refusal::new(Numeric::NoNicknameGiven));
    }
    version::must_be_this_server(turn, server)?;
    let asked = targets::answered(nicknames).filter_map(|nickname| turn.state.user(nickname)).map(|(client, _)| client);
    let (asked, nicknames) = (asked.collect::<Vec<_>>(), nicknames.to_owned());
    with_last_messages(turn, asked, move |turn, last_messages| tell(turn, &nicknames, last_messages));
    Ok(())
}

fn tell(turn: &mut Turn<'_>, nicknames: &str, last_messages: &LastMessages) {
    for nickname in targets::answered(nicknames) {
        match turn.user(nickname).map(|(client, session)| describe(turn, client, session, last_messages)) {
            Ok(lines) => lines.iter().for_each(|line| turn.answer(line)),
            Err(refusal) => turn.refuse(&refusal),
        }
    }
    if let Err(refusal) = targets::excess(nicknames) {
        turn.refuse(&refusal);
    }
    turn.reply(Numeric::EndOfWhois, [nicknames]);
}

fn describe(turn: &Turn<'_>, client: ClientId, session: &Session, last_messages: &LastMessages) -> Vec<Line> {
    let about = |numeric: Numeric| turn.numeric(numeric).param(session.name());
    let said = |numeric: Numeric| about(numeric).text(numeric.text());
    let user =
        about(Numeric::WhoisUser).params([session.username(), session.shown_host(), "*"]).text(session.realname());
    let mut lines = vec![user];
    lines.extend(pack(&about(Numeric::WhoisChannels), channels(turn, client, session)));
    lines.push(about(Numeric::WhoisServer).param(turn.server_of(client)).text(turn.server_description_of(client)));
    lines.extend(session.modes.operator.then(|| said(Numeric::WhoisOperator)));
    lines.extend(session.modes.bot.then(|| said(Numeric::WhoisBot)));
    lines.extend(session.away.as_ref().map(|text| about(Numeric::Away).text(text)));
    lines.extend(account(session, &about));
    lines.extend(session.secure.then(|| said(Numeric::WhoisSecure)));
    if policy::may_inspect(turn, client) {
        lines.extend(private(session, &about));
    }
    let idle = last_messages.idle_seconds(turn, client, session);
    let signed_on = session.connected.seconds();
    lines.extend(
        idle.map(|idle| about(Numeric::WhoisIdle).number(idle).number(signed_on).text(Numeric::WhoisIdle.text())),
    );
    lines
}

fn account(session: &Session, about: &dyn Fn(Numeric) -> Line) -> Option<Line> {
    let account = session.account()?;
    Some(about(Numeric::WhoisAccount).param(account.as_str()).text(Numeric::WhoisAccount.text()))
}

/// What only the user itself and operators who may look are told: certificate, address and modes.
fn private(session: &Session, about: &dyn Fn(Numeric) -> Line) -> Vec<Line> {
    let certificate = session.identity.as_ref().map(|identity| {
        about(Numeric::WhoisCertFp).text(&format!("has client certificate fingerprint {}", identity.fingerprint))
    });
    let host = &session.host;
    let address = [
        about(Numeric::WhoisActually).param(host).text(Numeric::WhoisActually.text()),
        about(Numeric::WhoisHost).text(&format!("is connecting from *@{host} {host}")),
        about(Numeric::WhoisModes).text(&format!("is using modes {}", session.modes.letters())),
    ];
    certificate.into_iter().chain(address).collect()
}

fn channels(turn: &Turn<'_>, client: ClientId, session: &Session) -> Vec<String> {
    let all_prefixes = turn.me().has(Capability::MultiPrefix);
    let channels = session.channels.iter().filter_map(|key| turn.state.channels.get(key));
    let all = policy::may_inspect(turn, client);
    let visible = channels.filter(|channel| {
        all || channel.has(turn.client) || (policy::may_see(turn, channel) && !session.modes.invisible)
    });
    let rank = |rank: Option<Rank>| rank.unwrap_or_default().prefix(all_prefixes);
    visible.map(|channel| format!("{}{}", rank(channel.rank(client)), channel.name)).collect()
}
