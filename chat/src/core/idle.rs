//! How long somebody has said nothing. Only his own node knows it: what is said in a channel does not go to all nodes.

use super::keep::{Answer, Question};
use super::session::Session;
use super::turn::Turn;
use super::{ByClient, ClientId, Now, waiting};

/// When users of other nodes said something last, as far as their nodes have told it.
#[derive(Debug, Default)]
pub(super) struct LastMessages(ByClient<Now>);

impl LastMessages {
    /// Seconds since this user said something; none where his node did not tell.
    pub(super) fn idle_seconds(&self, turn: &Turn<'_>, client: ClientId, session: &Session) -> Option<i64> {
        let here = turn.state.network.is_here(client).then_some(session.last_message);
        let last = here.or_else(|| self.0.get(&client).copied())?;
        Some((turn.now.seconds() - last.seconds()).max(0))
    }
}

/// Goes on with `then` when the nodes of these users have told. The command that asks has to end with this.
pub(super) fn with_last_messages(
    turn: &mut Turn<'_>,
    of: impl IntoIterator<Item = ClientId>,
    then: impl FnOnce(&mut Turn<'_>, &LastMessages) + Send + Sync + 'static,
) {
    let elsewhere: Vec<ClientId> = of.into_iter().filter(|client| !turn.state.network.is_here(*client)).collect();
    // A node that is cut off from the others tells what it knows.
    if elsewhere.is_empty() || turn.state.network.why_cut().is_some() {
        return then(turn, &LastMessages::default());
    }
    waiting::ask(turn, Question::LastMessages(elsewhere), move |turn, answer| {
        let told = match answer {
            Answer::LastMessages(told) => told,
            _ => Vec::new(),
        };
        then(turn, &LastMessages(told.into_iter().collect()));
    });
}
