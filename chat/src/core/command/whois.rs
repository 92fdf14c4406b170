//! WHOIS (RFC 2812, section 3.6.2).

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::core::limits::TARGETS;
use crate::core::policy;
use crate::core::session::Session;
use crate::core::{ClientId, Now};
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
    // With two parameters the first one is the server to ask; there is only this one.
    let nicknames = message.param(1).or(message.param(0)).ok_or_else(|| Refusal::new(Numeric::NoNicknameGiven))?;
    for nickname in nicknames.split(',').filter(|nickname| !nickname.is_empty()).take(TARGETS) {
        match turn.user(nickname).map(|(client, session)| describe(turn, client, session)) {
            Ok(lines) => lines.iter().for_each(|line| turn.answer(line)),
            Err(refusal) => turn.refuse(&refusal),
        }
    }
    turn.reply(Numeric::EndOfWhois, [nicknames]);
    Ok(())
}

fn describe(turn: &Turn<'_>, client: ClientId, session: &Session) -> Vec<Line> {
    let about = |numeric: Numeric| turn.numeric(numeric).param(session.name());
    let user = about(Numeric::WhoisUser).params([session.username(), &session.host, "*"]).text(session.realname());
    let server = about(Numeric::WhoisServer).param(&turn.settings.name).text(&turn.settings.description);
    let mut lines = vec![user];
    lines.extend(pack(&about(Numeric::WhoisChannels), channels(turn, client, session)));
    lines.push(server);
    lines.extend(session.away.as_ref().map(|text| about(Numeric::Away).text(text)));
    lines.extend(trust(session, &about));
    lines.push(idle(session, turn.now, about(Numeric::WhoisIdle)));
    lines
}

/// Account, certificate and encryption.
fn trust(session: &Session, about: &dyn Fn(Numeric) -> Line) -> Vec<Line> {
    let account = session
        .account()
        .map(|account| about(Numeric::WhoisAccount).param(account.as_str()).text(Numeric::WhoisAccount.text()));
    let certificate = session.identity.as_ref().map(|identity| {
        about(Numeric::WhoisCertFp).text(&format!("has client certificate fingerprint {}", identity.fingerprint))
    });
    let secure = session.secure.then(|| about(Numeric::WhoisSecure).text(Numeric::WhoisSecure.text()));
    [account, certificate, secure].into_iter().flatten().collect()
}

fn channels(turn: &Turn<'_>, client: ClientId, session: &Session) -> Vec<String> {
    let all_prefixes = turn.me().has(Capability::MultiPrefix);
    let channels = session.channels.iter().filter_map(|key| turn.state.channels.get(key));
    let visible = channels.filter(|channel| {
        channel.has(turn.client) || (policy::may_see(channel, turn.client) && !session.modes.invisible)
    });
    let rank = |prefix: Option<crate::core::channel::Rank>| prefix.unwrap_or_default().prefix(all_prefixes);
    visible.map(|channel| format!("{}{}", rank(channel.rank(client)), channel.name)).collect()
}

fn idle(session: &Session, now: Now, about: Line) -> Line {
    let idle = (now.seconds() - session.last_message.seconds()).max(0);
    about.number(idle).number(session.connected.seconds()).text(Numeric::WhoisIdle.text())
}
