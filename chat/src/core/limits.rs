//! Every bound of the core: its name, its number and its reason.

/// What an administrator may set; the defaults are the bounds' usual values.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Clients at a time. 20,000 sockets fit the usual raised file descriptor limit and 2 GiB of memory.
    pub clients: usize,
    /// Clients of one address at a time; 0 for no bound, since a school or a proxy is one address.
    pub clients_per_address: usize,
    /// Bytes of a nickname. 32 leaves room for names from certificates and fits a line's prefix many times over.
    pub nick_length: usize,
    /// Channels that a client may be in: a person reads no more, and a flood of joins ends there.
    pub channels_per_client: usize,
    /// Lines a client may send each second once its burst is used up; 0 for no bound.
    pub commands_per_second: u32,
    /// Seconds from connecting to the end of registration: a person's client needs a few round trips.
    pub registration_timeout: u32,
    /// Seconds of silence before a PING is sent. Below the five minutes after which home routers forget a connection.
    pub ping_interval: u32,
    /// Seconds to answer that PING before the connection is given up.
    pub ping_timeout: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            clients: 20_000,
            clients_per_address: 0,
            nick_length: 32,
            channels_per_client: 100,
            commands_per_second: 0,
            registration_timeout: 10,
            ping_interval: 120,
            ping_timeout: 60,
        }
    }
}

/// Bytes that may wait for a client at the edge: about 2,000 full lines. A reader that is slower is closed, so that
/// others never wait for it.
pub const QUEUE_BYTES: usize = 1024 * 1024;

/// Rows of one WHO or LIST: at the longest they still fit [`QUEUE_BYTES`], so that no question closes who asked it.
pub const ROWS: usize = 1_500;

/// Targets of one PRIVMSG or NOTICE: more is a flood, not a conversation.
pub const TARGETS: usize = 4;

/// Bytes of a topic: with the longest prefix and channel name it still fits a line.
pub const TOPIC_LENGTH: usize = 300;

/// Bytes of the reason in KICK, PART and QUIT, for the same reason as a topic.
pub const REASON_LENGTH: usize = 300;

/// Bytes of an AWAY text, for the same reason as a topic.
pub const AWAY_LENGTH: usize = 300;

/// Bytes of a channel's name with its `#`. RFC 2812 has 50; people write longer ones.
pub const CHANNEL_LENGTH: usize = 64;

/// Bytes of a user name, as long as clients show one.
pub const USERNAME_LENGTH: usize = 16;

/// Bytes of a real name.
pub const REALNAME_LENGTH: usize = 150;

/// Bytes of a channel's key; RFC 2812 has 23.
pub const KEY_LENGTH: usize = 23;

/// Entries of a channel's list of bans: every message is matched against them.
pub const LIST_LENGTH: usize = 100;

/// Bytes of a mask in such a list, which is a whole line's prefix at most.
pub const MASK_LENGTH: usize = 150;

/// Invitations that a client holds at a time; the oldest gives way.
pub const INVITATIONS: usize = 50;

/// Nicknames that a client may MONITOR: a person knows no more, and with every client's list full the map has
/// 2,000,000 entries.
pub const MONITORED: usize = 100;

/// People who left or changed their nickname that WHOWAS remembers: the last hours of a busy server, some 2 MiB.
pub const WHOWAS: usize = 5_000;

/// Answers to one WHOWAS, so that it stays a screenful: somebody may have come and gone without end.
pub const WHOWAS_ANSWERS: usize = 50;

/// OPER commands with a wrong name or password before the connection is closed: a person mistypes, a program guesses.
pub const OPER_ATTEMPTS: u32 = 5;

/// Logins that fail before the connection is closed: a person mistypes, a program guesses.
pub const SASL_ATTEMPTS: u32 = 5;

/// Bytes of one message of a login, as base64: ten times what the longest name and password of an account need.
pub const SASL_RESPONSE: usize = 8 * 1024;

/// Characters that a password has at least. Five tries a connection and the cost of each are what holds a guesser off;
/// this only keeps out what is guessed at the first of them.
pub const PASSWORD_LENGTH_LEAST: usize = 6;

/// Bytes that a password has at most: what fits a line in which it may have to be sent (IRCv3 account-registration).
pub const PASSWORD_LENGTH: usize = 300;

/// Bytes of an e-mail address (RFC 5321, section 4.5.3.1.3, without the angle brackets).
pub const EMAIL_LENGTH: usize = 254;

/// Logins by password from one address that fail within an hour before none is looked at until the next: a school mistypes less, and
/// a guesser needs four days for the 10,000 best known passwords of one account.
pub const LOGIN_FAILURES_PER_ADDRESS: u32 = 100;

/// Addresses of which it is remembered what came from them within the hour: some 10 MiB.
pub const TALLIED_ADDRESSES: usize = 100_000;

/// Accounts that are registered from one address within an hour: a class of pupils behind one.
pub const REGISTRATIONS_PER_ADDRESS: u32 = 30;

/// Accounts that are registered in all within an hour: a minute of one core, at 30 ms each.
pub const REGISTRATIONS_PER_HOUR: u32 = 2_000;

/// Channels that an account registers: a person runs no more, and each is kept for good.
pub const CHANNELS_PER_ACCOUNT: usize = 20;

/// Registered channels in all, which are there without members too: far below [`CHANNELS`], and with full lists 500 MiB of disk.
pub const REGISTERED_CHANNELS: usize = 10_000;

/// Accounts in the access list of a registered channel, as many as a list of masks has.
pub const ACCESS_LENGTH: usize = 100;

/// Mode changes with a parameter in one MODE: more would not fit the line that tells the channel.
pub const MODES_PER_COMMAND: usize = 6;

/// Lines of a burst that are free before `commands_per_second` counts: a client joins its channels at once.
pub const BURST: u32 = 20;

/// Channels on a server; an empty one is gone at once, so this is clients times what they usually hold.
pub const CHANNELS: usize = 100_000;

/// Nicknames kept for accounts, two for each at most. A CA of people has fewer; the memory is some 20 MiB at most.
pub const KNOWN_ACCOUNTS: usize = 100_000;

/// Lines of a client that wait behind one whose answer has to be found out: a client that joins its channels while its
/// password is looked at has a few dozen, and on several nodes, where each line waits for its place in the order, who pastes a long text
/// has a thousand.
pub const WAITING_LINES: usize = 2_048;

/// Bytes of those lines, so that few clients cannot make the server hold much.
pub const WAITING_BYTES: usize = 256 * 1024;

/// Channels of which is noted that they were closed, over their end: a hundred octets each.
pub const CLOSED_CHANNELS: usize = 20_000;

/// Entries of one CHATHISTORY answer: a screen or two; a client asks again for more.
pub const HISTORY_LINES: usize = 100;

/// Bytes of a message of several lines: a page of text, or a piece of a program.
pub const MULTILINE_BYTES: usize = 16_384;

/// Lines of such a message: with the longest prefix they are a twentieth of [`QUEUE_BYTES`].
pub const MULTILINE_LINES: usize = 100;

/// Seconds in which such a message has to be sent whole.
pub const BATCH_SECONDS: i64 = 60;

/// Conversations of which it is remembered how far they were read, in all: some 20 MiB.
pub const READ_MARKERS: usize = 200_000;

/// Of these, those of one account or guest: more conversations than anybody has.
pub const READ_MARKERS_EACH: usize = 1_000;

/// Keys that somebody, or a channel, may set: a name, a picture, a colour, an address, and what clients think of next.
pub const METADATA_KEYS: usize = 20;

/// Keys that a client may subscribe to: those that it can show.
pub const METADATA_SUBS: usize = 50;

/// Bytes of a key.
pub const METADATA_KEY_LENGTH: usize = 48;

/// Bytes of a value: with the longest prefix, target and key it still fits a line.
pub const METADATA_VALUE_LENGTH: usize = 200;

/// Accounts whose metadata is remembered while they are away: with every key set to the longest value 100 MiB.
pub const PROFILES: usize = 20_000;

/// Members of a channel up to which metadata comes with JOIN; for more a client asks when it has the time.
pub const METADATA_SYNC_MEMBERS: usize = 200;

/// Direct messages of guests, which no history has, that can still be taken back: the last minutes of a busy server.
pub const RECENT_MESSAGES: usize = 1_000;

/// Channels whose history has a NICK or QUIT, of those that somebody is in: people are in fewer, and whoever is in a hundred
/// does not make each NICK a hundred rows.
pub const EVENT_COPIES: usize = 20;

/// Other names that a channel is given within [`RENAME_SECONDS`]: a mistake, its correction, and one more.
pub const RENAMES: usize = 3;

/// See [`RENAMES`].
pub const RENAME_SECONDS: i64 = 60;

/// Bytes of a host as it is shown, as HOSTLEN tells clients: what a name of the DNS has in one label.
pub const HOST_LENGTH: usize = 63;
