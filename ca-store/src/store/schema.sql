-- Format 3 of a store's index; PRAGMA user_version holds the number. docs/store-format.md says what each column means.
CREATE TABLE authority (
  id          INTEGER PRIMARY KEY,
  role        TEXT    NOT NULL CHECK (role IN ('root', 'issuing', 'cross')),
  state       TEXT    NOT NULL CHECK (state IN ('planned', 'ready', 'retired')),
  name        TEXT    NOT NULL,
  serial      BLOB    NOT NULL,
  not_after   INTEGER NOT NULL,
  planned     INTEGER NOT NULL,
  certificate BLOB,
  key_id      BLOB,
  issuer      INTEGER REFERENCES authority (id),
  crl_number  INTEGER NOT NULL DEFAULT 0,
  partitions  INTEGER NOT NULL DEFAULT 0,
  crl_url     TEXT,
  revoked     INTEGER,
  reason      TEXT,
  crl_before  INTEGER
);
CREATE TABLE recertified (
  id          INTEGER PRIMARY KEY,
  authority   INTEGER NOT NULL REFERENCES authority (id),
  state       TEXT    NOT NULL CHECK (state IN ('planned', 'former', 'withdrawn')),
  serial      BLOB    NOT NULL,
  not_after   INTEGER NOT NULL,
  planned     INTEGER NOT NULL,
  certificate BLOB
);
CREATE TABLE batch (
  id       INTEGER PRIMARY KEY,
  manifest BLOB    UNIQUE,
  state    TEXT    NOT NULL CHECK (state IN ('begun', 'finished')),
  form     TEXT    NOT NULL CHECK (form IN ('folders', 'jsonl', 'tar')),
  target   TEXT,
  days     INTEGER,
  key      TEXT,
  rows     INTEGER NOT NULL,
  length   INTEGER NOT NULL DEFAULT 0,
  begun    INTEGER NOT NULL
);
CREATE TABLE certificate (
  id          INTEGER PRIMARY KEY,
  serial      BLOB    NOT NULL UNIQUE,
  state       TEXT    NOT NULL CHECK (state IN ('reserved', 'withdrawn', 'planned', 'issued')),
  name        TEXT    NOT NULL,
  folded      TEXT    NOT NULL,
  purpose     TEXT    NOT NULL CHECK (purpose IN ('server', 'client', 'intermediate')),
  days        INTEGER NOT NULL,
  reserved    INTEGER NOT NULL,
  authority   INTEGER NOT NULL REFERENCES authority (id),
  partition   INTEGER NOT NULL DEFAULT 0,
  batch       INTEGER REFERENCES batch (id),
  folder      TEXT,
  key_here    INTEGER,
  replaces    BLOB,
  replaced_by BLOB,
  common_name TEXT,
  sans        TEXT,
  subject     TEXT,
  issuer      TEXT,
  not_before  INTEGER,
  not_after   INTEGER,
  sha256      BLOB,
  certificate BLOB,
  revoked     INTEGER,
  reason      TEXT,
  crl_before  INTEGER
);
CREATE UNIQUE INDEX certificate_current ON certificate (folded) WHERE state = 'issued' AND replaced_by IS NULL;
CREATE INDEX certificate_folded ON certificate (folded);
CREATE INDEX certificate_not_after ON certificate (not_after);
CREATE INDEX certificate_revoked ON certificate (authority, partition, serial, revoked, reason, not_after, crl_before)
  WHERE revoked IS NOT NULL;
CREATE INDEX certificate_changed ON certificate (authority, crl_before) WHERE crl_before IS NOT NULL;
CREATE INDEX certificate_unfinished ON certificate (state) WHERE state IN ('reserved', 'planned');
CREATE TABLE crl (
  id          INTEGER PRIMARY KEY,
  authority   INTEGER NOT NULL REFERENCES authority (id),
  number      INTEGER NOT NULL,
  base        INTEGER,
  partition   INTEGER NOT NULL DEFAULT 0,
  state       TEXT    NOT NULL CHECK (state IN ('reserved', 'written', 'withdrawn')),
  this_update INTEGER NOT NULL,
  next_update INTEGER NOT NULL,
  UNIQUE (authority, number)
);
CREATE TABLE hook (
  serial   BLOB    PRIMARY KEY,
  command  TEXT    NOT NULL,
  since    INTEGER NOT NULL,
  failures INTEGER NOT NULL DEFAULT 0,
  message  TEXT
);
CREATE TABLE log (
  id        INTEGER PRIMARY KEY,
  time      INTEGER NOT NULL,
  user      TEXT    NOT NULL,
  host      TEXT    NOT NULL,
  operation TEXT    NOT NULL,
  detail    TEXT    NOT NULL,
  previous  BLOB    NOT NULL,
  hash      BLOB    NOT NULL
);
CREATE TABLE log_head (
  entry     INTEGER PRIMARY KEY,
  hash      BLOB    NOT NULL,
  authority INTEGER NOT NULL REFERENCES authority (id),
  time      INTEGER NOT NULL,
  signature BLOB    NOT NULL
);
