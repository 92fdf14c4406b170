//! Who was here: nicknames that were given up, the last ones first.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::Now;
use super::limits::{WHOWAS, WHOWAS_ANSWERS};
use super::session::Session;
use crate::wire::casemap;

/// Somebody who had a nickname.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Former {
    pub(super) nickname: Box<str>,
    pub(super) username: Box<str>,
    pub(super) host: Box<str>,
    pub(super) realname: Box<str>,
    /// The name of the server that it was on.
    pub(super) server: Box<str>,
    pub(super) until: Now,
}

/// The last of them, within a bound.
#[derive(Debug, Default)]
pub(super) struct WhoWas(VecDeque<Former>);

impl WhoWas {
    /// Remembers who gives its nickname up now; the oldest gives way.
    pub(super) fn remember(&mut self, session: &Session, server: &str, now: Now) {
        if self.0.len() >= WHOWAS {
            self.0.pop_back();
        }
        self.0.push_front(Former {
            nickname: session.name().into(),
            username: session.username().into(),
            host: session.shown_host().into(),
            realname: session.realname().into(),
            server: server.into(),
            until: now,
        });
    }

    /// Every one, the last one first.
    pub(super) fn all(&self) -> Vec<Former> {
        self.0.iter().cloned().collect()
    }

    /// As another node remembers them.
    pub(super) fn restore(&mut self, former: Vec<Former>) {
        self.0 = former.into_iter().take(WHOWAS).collect();
    }

    /// Those who had a nickname, the last one first.
    pub(super) fn of<'a>(&'a self, nickname: &'a str) -> impl Iterator<Item = &'a Former> {
        self.0.iter().filter(move |former| casemap::same(&former.nickname, nickname)).take(WHOWAS_ANSWERS)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::nickname::Nickname;

    #[test]
    fn the_oldest_gives_way() {
        let mut whowas = WhoWas::default();
        let mut session = Session::new("10.0.0.1", true, None, Now { unix_ms: 0 });
        for number in 0..=WHOWAS {
            session.set_nickname(Nickname::parse(&format!("n{number}"), 32).unwrap());
            whowas.remember(&session, "irc.test", Now { unix_ms: 0 });
        }
        assert_eq!((whowas.len(), whowas.of("n0").count(), whowas.of("N1").count()), (WHOWAS, 0, 1));
    }
}
