//! Who sent the last direct messages that no history has, so that their senders can take them back.

use std::collections::VecDeque;

use super::ClientId;
use super::limits::RECENT_MESSAGES;
use crate::wire::casemap::Folded;

/// A message by its identifier, from whom and to whom.
#[derive(Debug)]
struct Sent {
    msgid: Box<str>,
    sender: ClientId,
    receiver: ClientId,
    /// As the receiver was called.
    name: Folded,
}

/// The last ones, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Recent(VecDeque<Sent>);

impl Recent {
    pub(super) fn add(&mut self, msgid: &str, sender: ClientId, (receiver, name): (ClientId, &str)) {
        if self.0.len() >= RECENT_MESSAGES {
            self.0.pop_front();
        }
        self.0.push_back(Sent { msgid: msgid.into(), sender, receiver, name: Folded::new(name) });
    }

    /// Who sent this message, if it went between these two.
    pub(super) fn sender(&self, msgid: &str, one: ClientId, other: ClientId) -> Option<ClientId> {
        let between = |sent: &&Sent| [(one, other), (other, one)].contains(&(sent.sender, sent.receiver));
        self.0.iter().filter(between).find(|sent| *sent.msgid == *msgid).map(|sent| sent.sender)
    }

    /// To whom this client sent this message, by the name that the receiver had then.
    pub(super) fn receiver(&self, msgid: &str, sender: ClientId, name: &str) -> Option<ClientId> {
        let name = Folded::new(name);
        let is_it = |sent: &&Sent| *sent.msgid == *msgid && sent.sender == sender && sent.name == name;
        self.0.iter().find(is_it).map(|sent| sent.receiver)
    }

    /// It is taken back, and can't be again.
    pub(super) fn remove(&mut self, msgid: &str) {
        self.0.retain(|sent| *sent.msgid != *msgid);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_are_known_and_only_to_those_two() {
        let (one, other, third) = (ClientId(1), ClientId(2), ClientId(3));
        let mut recent = Recent::default();
        (0..=RECENT_MESSAGES).for_each(|number| recent.add(&format!("m{number}"), one, (other, "Bo")));
        assert_eq!(recent.sender("m0", one, other), None);
        assert_eq!(recent.sender("m1", other, one), Some(one));
        assert_eq!(recent.sender("m1", third, one), None);
        assert_eq!(recent.receiver("m1", one, "bo"), Some(other));
        assert_eq!((recent.receiver("m1", other, "bo"), recent.receiver("m1", one, "al")), (None, None));
        recent.remove("m1");
        assert_eq!(recent.sender("m1", one, other), None);
    }
}
