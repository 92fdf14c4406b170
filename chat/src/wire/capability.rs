//! Client capabilities (IRCv3 capability negotiation).

macro_rules! capabilities {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)*) => {
        /// A capability that this server has.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Capability { $($(#[$doc])* $variant,)* }

        impl Capability {
            /// Every one, in the order of the table: those that are still drafts last.
            pub const ALL: &'static [Capability] = &[$(Capability::$variant,)*];

            /// As it is written on the wire.
            pub fn name(self) -> &'static str {
                match self { $(Capability::$variant => $name,)* }
            }
        }
    };
}

capabilities! {
    /// A client is told when somebody logs in or out.
    AccountNotify = "account-notify";
    /// Messages carry the sender's account.
    AccountTag = "account-tag";
    /// A client is told when somebody goes away.
    AwayNotify = "away-notify";
    /// Lines that belong together are marked.
    Batch = "batch";
    /// A client is told when somebody is seen with another host.
    ChgHost = "chghost";
    /// A client is told when capabilities come and go.
    CapNotify = "cap-notify";
    /// A client gets its own messages back.
    EchoMessage = "echo-message";
    /// JOIN carries account and real name.
    ExtendedJoin = "extended-join";
    /// A client is told more about those whom it monitors.
    ExtendedMonitor = "extended-monitor";
    /// A client is told when somebody is invited to its channel.
    InviteNotify = "invite-notify";
    /// Answers carry the label of the command that they answer.
    LabeledResponse = "labeled-response";
    /// Client-only tags are relayed.
    MessageTags = "message-tags";
    /// NAMES, WHO and WHOIS show every rank of a member.
    MultiPrefix = "multi-prefix";
    /// JOIN is answered without NAMES.
    NoImplicitNames = "no-implicit-names";
    /// AUTHENTICATE.
    Sasl = "sasl";
    /// Messages carry the time.
    ServerTime = "server-time";
    /// A client is told when somebody changes the real name.
    SetName = "setname";
    /// FAIL, WARN and NOTE.
    StandardReplies = "standard-replies";
    /// NAMES shows user and host.
    UserhostInNames = "userhost-in-names";
    /// A client is given a port of its own, as `chat serve --assign-ports` has it.
    AssignedPort = "example.org/assigned-port";
    /// REGISTER.
    AccountRegistration = "draft/account-registration";
    /// CHATHISTORY.
    ChatHistory = "draft/chathistory";
    /// CHATHISTORY shows events too.
    EventPlayback = "draft/event-playback";
    /// ISUPPORT can be asked for before registration.
    ExtendedIsupport = "draft/extended-isupport";
    /// What people and channels say about themselves.
    Metadata = "draft/metadata-2";
    /// Messages of several lines.
    Multiline = "draft/multiline";
    /// JOIN is answered without NAMES, by the name that this had before it was agreed on.
    DraftNoImplicitNames = "draft/no-implicit-names";
    /// A client is told when a channel has another name.
    ChannelRename = "draft/channel-rename";
    /// A client is told when a message is taken back.
    MessageRedaction = "draft/message-redaction";
    /// AWAY can be said before registration.
    PreAway = "draft/pre-away";
    /// A client is told how far its user has read.
    ReadMarker = "draft/read-marker";
}

impl Capability {
    /// The capability of this name.
    pub fn parse(name: &str) -> Option<Capability> {
        Capability::ALL.iter().copied().find(|capability| capability.name() == name)
    }
}

/// Some capabilities.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CapabilitySet(u64);

impl CapabilitySet {
    /// Whether it is among them.
    pub fn has(self, capability: Capability) -> bool {
        self.0 & 1_u64 << capability as u8 != 0
    }

    /// Adds or removes one.
    pub fn set(&mut self, capability: Capability, on: bool) {
        let bit = 1_u64 << capability as u8;
        self.0 = if on { self.0 | bit } else { self.0 & !bit };
    }

    /// Those in the set, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        Capability::ALL.iter().copied().filter(move |capability| self.has(*capability))
    }
}

/// One wish of `CAP REQ`: a capability, or `-` and a capability. `None` where this server does not have it.
pub fn parse_request(word: &str) -> Option<(Capability, bool)> {
    match word.strip_prefix('-') {
        Some(name) => Some((Capability::parse(name)?, false)),
        None => Some((Capability::parse(word)?, true)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_add_and_remove() {
        assert_eq!(parse_request("sasl"), Some((Capability::Sasl, true)));
        assert_eq!(parse_request("-sasl"), Some((Capability::Sasl, false)));
        assert_eq!(parse_request("telepathy"), None);
    }

    #[test]
    fn a_set_keeps_what_was_set() {
        let mut set = CapabilitySet::default();
        set.set(Capability::Sasl, true);
        set.set(Capability::AwayNotify, true);
        set.set(Capability::Sasl, false);
        assert_eq!(set.iter().collect::<Vec<_>>(), [Capability::AwayNotify]);
        assert!(Capability::ALL.len() <= u64::BITS as usize);
    }
}
