-- What the chat keeps: conversations and facts. `PRAGMA user_version` is the format's number, 1.
CREATE TABLE message (
    seq     INTEGER PRIMARY KEY,  -- the order in which they were kept
    msgid   TEXT NOT NULL UNIQUE,
    at      INTEGER NOT NULL,     -- milliseconds since 1970
    buffer  TEXT NOT NULL,        -- `#channel`, or two names with a space between
    account TEXT,                 -- the sender's, if it had one
    bot     INTEGER NOT NULL,
    tags    TEXT NOT NULL,        -- client-only tags, as written
    line    TEXT NOT NULL,        -- without tags and CR LF
    event   INTEGER NOT NULL      -- JOIN, MODE, TAGMSG …: not read by people
);
CREATE INDEX message_place ON message (buffer, at, seq);
CREATE INDEX message_age ON message (at);
CREATE TABLE conversation (
    buffer TEXT PRIMARY KEY,
    one    TEXT,                  -- the two people of a direct conversation
    other  TEXT,
    last   INTEGER NOT NULL,      -- when the last message was said that people read, or 0
    kept   INTEGER NOT NULL       -- how many rows of `message`
) WITHOUT ROWID;
CREATE INDEX conversation_one ON conversation (one) WHERE one IS NOT NULL;
CREATE INDEX conversation_other ON conversation (other) WHERE other IS NOT NULL;
CREATE TABLE record (
    kind  TEXT NOT NULL,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;
