//! Every bound: its name, its number and its reason, by the part of the program that keeps it. What an administrator may set has its usual
//! number here, too. Only those of the bus stand in a file of their own, beside it.

/// Lines and their parts.
pub mod wire {
    /// Bytes of a line after its tags, CR LF included (RFC 2812, section 2.3).
    pub const BODY_LENGTH: usize = 512;

    /// Bytes of the tags that a client may send, `@` and the space included (IRCv3 message tags, "Size limit").
    pub const CLIENT_TAGS_LENGTH: usize = 4096;

    /// Bytes of the tags that a server may send, `@` and the space included (IRCv3 message tags, "Size limit").
    pub const SERVER_TAGS_LENGTH: usize = 8191;

    /// Parameters of a message: fourteen and a trailing one (RFC 2812, section 2.3).
    pub const PARAMETERS: usize = 15;
}

/// The rules of the chat.
pub mod core {
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

    /// Lines of a client that wait behind one whose answer has to be found out before no more of them are read: a client that joins its
    /// channels while its password is looked at has a few dozen. On several nodes, where each line waits for its place in the order, who
    /// pastes a long text has more, and writes as fast as they are ordered.
    pub const HELD_LINES: usize = 256;

    /// Bytes of those lines before no more are read.
    pub const HELD_BYTES: usize = 64 * 1024;

    /// Lines of a client that wait at all. More than [`HELD_LINES`] are those that were read and on their way before the edge heard that it
    /// should read no more, which are at most the events that wait for the core: nobody who is held in time meets this.
    pub const WAITING_LINES: usize = 10_000;

    /// Bytes of those lines, for the same reason: hundreds of reads after the edge should have stopped.
    pub const WAITING_BYTES: usize = 1024 * 1024;

    /// Channels of which is noted that they were closed, over their end: a hundred octets each.
    pub const CLOSED_CHANNELS: usize = 20_000;

    /// Entries of one CHATHISTORY answer: a screen or two; a client asks again for more.
    pub const HISTORY_LINES: usize = 100;

    /// Messages of a channel that are told again to those whose server was cut off, and by which a slow reader may be behind: half of
    /// what a history has of it (`archive::ENTRIES`), two hours of a lively one. What was said before is in the history.
    pub const CATCH_UP_LINES: usize = 5_000;

    /// Bytes of such messages that a node tells another at a time: some hundred lines. All that is on its way is this for each node, and
    /// for each of [`CATCH_UP_QUESTIONS`] channels.
    pub const CATCH_UP_PAGE_BYTES: usize = 64 * 1024;

    /// Milliseconds until it is looked again whether one who reads slowly has room for more of them.
    pub const CATCH_UP_REST_MS: i64 = 1_000;

    /// Bytes that may wait for a client, of all its channels, when it is told such messages: a quarter of [`QUEUE_BYTES`], so that who
    /// reads them at the pace of a telephone is not closed.
    pub const CATCH_UP_BYTES: usize = QUEUE_BYTES / 4;

    /// Bytes that the tags `time`, `msgid`, `account` and `bot` add to such a message, if the account's name is not a very long one.
    pub const CATCH_UP_TAGS: usize = 160;

    /// Channels about which the other nodes are asked at a time by one that is back: a few megabytes on their way at the most.
    pub const CATCH_UP_QUESTIONS: usize = 8;

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

    /// Characters of an account name: as long as the local part of an e-mail address (RFC 5321, section 4.5.3.1.1).
    pub const ACCOUNT_LENGTH: usize = 64;

    /// Bytes of a label (IRCv3 labeled-response, "The label tag").
    pub const LABEL_LENGTH: usize = 64;

    /// Nicknames in one USERHOST (RFC 2812, section 4.8).
    pub const USERHOST_NICKNAMES: usize = 5;

    /// Letters of one MODE that are looked at: as many as there are, several times over.
    pub const MODE_LETTERS: usize = 40;

    /// Keys of metadata in one line: with nickname they stay below fifteen parameters.
    pub const METADATA_KEYS_PER_LINE: usize = 10;

    /// Seconds after which a client may ask for the metadata that was too much for JOIN.
    pub const METADATA_RETRY_SECONDS: u32 = 4;
}

/// The server's edge: connections, queues, time-outs.
pub mod server {
    use std::time::Duration;

    /// Connections at once, those in a handshake included. Above the core's own bound on clients, so that the core can
    /// say that it is full, and far below a raised limit of file descriptors.
    pub const CONNECTIONS: usize = 24_000;

    /// Descriptors that are not clients': listeners, assigned ports, the database, files that are read again.
    pub const OTHER_DESCRIPTORS: usize = 128;

    /// Connections below which it is said at the start that there is room for few.
    pub const ENOUGH_CONNECTIONS: usize = 10_000;

    /// Handshakes at once. One costs about 1 ms of CPU and 20 KiB of memory, so this is 80 MiB, and a thousand strangers
    /// who begin one and say no more leave three quarters of it free.
    pub const HANDSHAKES: usize = 4_096;

    /// How long a handshake may take: a slow mobile link needs three seconds.
    pub const HANDSHAKE: Duration = Duration::from_secs(10);

    /// Events that wait for the core. Connections wait when it is full, which slows the senders down and nobody else.
    pub const EVENTS: usize = 8_192;

    /// Events that the core takes before what they cause goes out, to each client in one piece: enough for what a thousand
    /// clients say at the same moment, and done in a few milliseconds.
    pub const EVENTS_A_TURN: usize = 1_024;

    /// Lines for clients that a turn may cause before it ends early: 6 MiB of entries.
    pub const LINES_A_TURN: usize = 256 * 1024;

    /// Clients that were cut off of whom others are told in one turn: that a thousand slow readers of one channel leave at the same
    /// moment makes a million lines, and is no reason for anybody to wait.
    pub const CUT_A_TURN: usize = 32;

    /// Bytes that are written at once: the plain text of one TLS record (RFC 8446, section 5.1).
    pub const WRITE: usize = 16 * 1024;

    /// Clients that are written to together, if that is a record's worth at most: as many as a processor has loads on their way at a
    /// time.
    pub const WRITTEN_TOGETHER: usize = 16;

    /// Bytes that are read at once from one client, before others have their turn: some ten full lines, which in a channel of a
    /// thousand make ten milliseconds of work.
    pub const READ: usize = 4 * 1024;

    /// Bytes that are made ready for a ClientHello; most are shorter, also with a key of X25519MLKEM768.
    pub const HELLO: usize = 2 * 1024;

    /// How long what was sent before a close may take to leave.
    pub const FLUSH: Duration = Duration::from_secs(5);

    /// How long the peer is heard after our last word, so that its unread bytes don't make the kernel answer with a
    /// reset that takes the last word with it.
    pub const LINGER: Duration = Duration::from_secs(2);

    /// Bytes that are read and thrown away in that time.
    pub const LINGER_BYTES: usize = 64 * 1024;

    /// Bytes of them at once.
    pub const LINGER_READ: usize = 2 * 1024;

    /// How long the connections may take to end when the server does.
    pub const SHUTDOWN: Duration = Duration::from_secs(4);

    /// Connections that the kernel holds until they are taken: a thousand clients that come back together.
    pub const BACKLOG: i32 = 1_024;

    /// How long to wait after the system had no descriptor or memory for a new connection.
    pub const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

    /// How often the files of certificates and revocation are looked at. Twice in a second, so that a revocation acts within one.
    pub const LOOK: Duration = Duration::from_millis(300);

    /// How long an assigned port waits for its client: a second connection takes a phone three seconds.
    pub const PORT_WAITS: Duration = Duration::from_secs(10);

    /// Connections that are heard at once on an assigned port; the longest heard gives way to the next.
    pub const CONTENDERS: usize = 64;

    /// Bytes of the line in which a ticket comes: the word is 32 octets in hexadecimal.
    pub const TICKET_LINE: usize = 128;

    /// Requests for a port that wait for the task that assigns them.
    pub const PORT_REQUESTS: usize = 256;

    /// How often it is looked whether another program has changed what is kept: an account that is removed is out within a second.
    pub const LOOK_AT_ARCHIVE: Duration = Duration::from_secs(1);

    /// Passwords that wait for that: at 30 ms each the last is looked at within the time that a client has to register.
    pub const DERIVATIONS_WAITING: usize = 256;
    /// Bytes of a request for a WebSocket: a browser's with its cookies has one or two thousand.
    pub const UPGRADE: usize = 8 * 1024;

    /// Bytes of a message of a WebSocket, which is one line with its tags.
    pub const WEBSOCKET_MESSAGE: usize = 8 * 1024;

    /// Bytes of a request for the numbers that are counted.
    pub const METRICS_REQUEST: usize = 8 * 1024;

    /// Such requests at a time: one collector is what there is, and who only connects may hold most of these.
    pub const METRICS_CONNECTIONS: usize = 32;

    /// How long such a request may take: the collector is on this machine.
    pub const METRICS_TIME: Duration = Duration::from_secs(5);

    /// Bytes that may wait for all clients together: a fraction of a small machine's memory. Above it a client has [`FAIR_QUEUE`].
    pub const ALL_QUEUES: usize = 256 * 1024 * 1024;

    /// Bytes that may wait for one client where too much waits in all: a long answer, or a moment of a busy channel.
    pub const FAIR_QUEUE: usize = 64 * 1024;

    /// Passwords that are worked on at once. Each takes a core for tens of milliseconds; the other one is for those who chat.
    pub const DERIVATIONS: usize = 1;

    /// How long other nodes are waited for when they are asked what was said, before those that have not told all are asked again: many
    /// times the way there and back.
    pub const GATHER: Duration = Duration::from_millis(500);

    /// How often they are asked: once more than where nothing is lost on the way. Who asked waits for a second at the most.
    pub const GATHER_TRIES: u32 = 2;

    /// Pieces of an answer: the longest entries of a history, each in a piece by itself.
    pub const ANSWER_PIECES: u32 = 128;

    /// How long a node is waited for when it is asked for a port.
    pub const PORT_ANSWER: Duration = Duration::from_secs(1);

    /// Questions that may wait for other nodes at a time; the next are answered with what is here.
    pub const GATHERS: usize = 1_000;

    /// How long other nodes are waited for when they are asked what this one's people missed, before they are asked again: half a lease,
    /// after which one that is dead is known to be.
    pub const MISSED: Duration = Duration::from_millis(2_500);

    /// How often they are asked: who has not answered by then lives, and is too busy for it.
    pub const MISSED_TRIES: u32 = 4;

    /// For how long such a node is not waited for again: what was missed of all channels is told meanwhile.
    pub const MISSED_REST: Duration = Duration::from_secs(60);

    /// Bytes that wait for all clients together, above which nobody is told what it missed but a little: half of [`ALL_QUEUES`], from
    /// which on a client is closed for much less.
    pub const CATCH_UP_QUEUES: usize = ALL_QUEUES / 2;

    /// How long the end of a server waits until the other nodes know of it.
    pub const LEAVE: Duration = Duration::from_secs(1);

    /// For how long a node is asked for no port after it had none: those that wait for their client are free again by then.
    pub const NO_PORTS: Duration = Duration::from_secs(10);

    /// How often a node that has not joined yet says so: often enough for whoever looks into the log because nobody gets in.
    pub const JOIN_WAITS: Duration = Duration::from_secs(5);

    /// How long who comes waits for a node to join before he is turned away: a bus that answers takes milliseconds.
    pub const JOIN_PATIENCE: Duration = Duration::from_secs(2);

    /// Clients that are turned away at once by a node that has not joined; the others wait in the kernel's queue.
    pub const WAITING_ROOM: usize = 256;

    /// What of a stranger's first bytes is shown: enough to tell `GET / HTTP` and `CAP LS` apart.
    pub const FIRST_BYTES: usize = 16;
}

/// What is kept on disk.
pub mod archive {
    use std::time::Duration;

    /// How long SQLite waits for another program's change, such as the adding of an account.
    pub const PATIENCE: Duration = Duration::from_secs(5);

    /// Days that an entry is kept where the configuration says nothing: a month.
    pub const DAYS: u32 = 30;

    /// Entries of one conversation: what a person can read of a channel.
    pub const ENTRIES: u32 = 10_000;

    /// Entries of all conversations: some 2 GiB of disk.
    pub const TOTAL: u32 = 5_000_000;

    /// Prepared statements that are kept: more than there are.
    pub const STATEMENTS: usize = 64;

    /// Entries by which these bounds may be exceeded before the oldest go, all at once: one deletion in so many insertions.
    pub const SLACK: u32 = 256;

    /// Entries that go by age or total in one look: a millisecond or two of work.
    pub const STEP: u32 = 1_024;

    /// How often it is looked whether the log of what was written is to be merged into the file.
    pub const LOOK: Duration = Duration::from_millis(200);

    /// Commits that are worth that: some 4 MiB of log.
    pub const COMMITS: u64 = 128;

    /// Bytes of that log at which those who write have to wait for once: while they never pause it can't begin anew.
    pub const LOG_BYTES: u64 = 64 * 1024 * 1024;
}

/// What is read of certificates, and how long a handshake of our own client takes.
pub mod tls {
    use std::time::Duration;

    /// How long the network may take to connect: what most systems need to give up on a dead address is longer than
    /// anybody waits.
    pub const CONNECT: Duration = Duration::from_secs(10);

    /// How long a handshake of the client may take, once it is connected: the same again.
    pub const HANDSHAKE: Duration = Duration::from_secs(10);

    /// Sessions kept for resumption where no client shows a certificate: 1,024 of a few hundred bytes each.
    pub const SESSIONS_KEPT: usize = 1024;

    /// The largest file of certificates or keys that is read: 4 MiB, ten times a whole system's bundle of roots.
    pub const LARGEST_FILE: u64 = 4 * 1024 * 1024;

    /// The largest revocation list: 64 MiB, which holds more than a million entries.
    pub const LARGEST_CRL: u64 = 64 * 1024 * 1024;

    /// The most entries in each list of `[access]`: 10,000, above which a CA of its own is the better list.
    pub const ACCESS_ENTRIES: usize = 10_000;
}

/// What is typed and read before there is a server or a client.
pub mod settings {
    /// The largest configuration file that is read: 1 MiB, a thousand times what one with every key needs, so that a
    /// wrong path (a log, a device) ends in a message and not in memory.
    pub const LARGEST_FILE: u64 = 1024 * 1024;

    /// The longest text that is repeated to clients, in bytes: what fits a line of 512 beside names and numeric.
    pub const LONGEST_TEXT: usize = 300;

    /// The longest server name: 63, as Modern IRC sets it.
    pub const LONGEST_NAME: usize = 63;

    /// Octets that are read of a password file: more than a password may have.
    pub const LONGEST_PASSWORD_LINE: u64 = 4096;

    /// The most names of a certificate that are told: a line that can still be read.
    pub const TOLD_NAMES: usize = 8;

    /// Bytes of a connection's password: what fits a line of 512 beside `PASS :` and its end (RFC 2812, section 2.3).
    pub const LONGEST_PASS: usize = 504;

    /// What the nickname may have at most; servers announce 30 or so.
    pub const LONGEST_NICKNAME: usize = 28;
}

/// The client: what a server may make it hold, and how long it waits.
pub mod client {
    use std::time::Duration;

    /// Capabilities that are remembered: several times what any server has.
    pub const MOST_CAPABILITIES: usize = 512;

    /// Characters of a ticket: ours have 64.
    pub const LONGEST_TICKET: usize = 96;

    /// Characters of a server's name (Modern IRC).
    pub const LONGEST_HOST: usize = 63;

    /// How many nicknames are tried when the one wanted is taken.
    pub const NICKNAMES_TRIED: usize = 5;

    /// The longest message of a server that is put together: many times what SCRAM needs.
    pub const LONGEST_SASL_MESSAGE: usize = 16 * 1024;

    /// The most rounds that a server may ask for: a few seconds of work, a hundred times what servers ask for, so that none
    /// keeps the client busy for ever.
    pub const MOST_SCRAM_ROUNDS: u32 = 10_000_000;

    /// Bytes of a message's text in one line. A line has 512 (RFC 2812, section 2.3), of which the sender's prefix takes
    /// up to about 100 and verb and target the rest; a longer text goes out as several.
    pub const TEXT_BYTES: usize = 350;

    /// Bytes of a line without its end (RFC 2812, section 2.3).
    pub const LINE_BYTES: usize = 510;

    /// Rows of one answer (`/list`, `/channels`) that are kept until it is complete.
    pub const LISTED_ROWS: usize = 10_000;

    /// Lines that are shown of what was said before one came: half a screen.
    pub const HISTORY_ON_ENTERING: usize = 20;

    /// Lines of one part of what was said while one was away: as many as servers give at once.
    pub const HISTORY_MISSED: usize = 100;

    /// Parts that are asked for after the first: together the length of what the screen keeps would be read by nobody.
    pub const HISTORY_PARTS: usize = 20;

    /// Lines that `/history` asks for where no number is named: a screenful or two.
    pub const HISTORY_ASKED: usize = 50;

    /// Channels that are remembered for coming back: as many as servers let one be in.
    pub const CHANNELS: usize = 100;

    /// The longest line that is read at once; a longer one is taken in parts, so that an endless one fills no memory.
    pub const LONGEST_LINE: u64 = 64 * 1024;

    /// Lines that are read ahead of the server.
    pub const LINES_AHEAD: usize = 64;

    /// Bytes that are read at once: one TLS record.
    pub const READ: usize = 16 * 1024;

    /// How long a write may take before the server counts as lost.
    pub const WRITE: Duration = Duration::from_secs(30);

    /// How long the server may take for its first word. It looks up no names before it answers.
    pub const FIRST_WORD: Duration = Duration::from_secs(30);

    /// How long the server may take until one is in one's channels: servers give clients about as long to register.
    pub const READY: Duration = Duration::from_secs(90);

    /// How long the server may take to close after one has left.
    pub const GOODBYE: Duration = Duration::from_secs(5);

    /// Entries that can be scrolled back to: an evening's talk, in a few megabytes.
    pub const SCROLLBACK: usize = 5_000;

    /// Characters that are taken in one line: a long paragraph, which is sent as several messages.
    pub const LONGEST_INPUT: usize = 4_000;

    /// Key presses that wait to be handled: a paste.
    pub const EVENTS: usize = 8_192;

    /// Nicknames that are known for completing them: the people of a large network's largest channels, in a megabyte.
    pub const PEOPLE: usize = 20_000;

    /// People of whom it is asked at a time whether they are online: more than anybody turns to before a server answers.
    pub const LOOKED_FOR: usize = 20;

    /// Who spoke last, and where: what is completed first. Further back nobody remembers who spoke.
    pub const SPEAKERS: usize = 200;

    /// Completions of one word that are offered in turn: nobody presses a key more often.
    pub const CANDIDATES: usize = 100;

    /// Lines of one paste: a page. More would flood a channel, and a server that limits commands would close.
    pub const PASTED_LINES: usize = 100;

    /// Lines that were typed and can be brought back.
    pub const TYPED_BEFORE: usize = 1_000;

    /// CAs of a server's list that a line of a report names; the evidence has more of them.
    pub const CAS_NAMED: usize = 3;
}
