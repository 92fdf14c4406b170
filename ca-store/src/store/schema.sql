-- Format 1 of a store's index; PRAGMA user_version holds the number. docs/store-format.md says what each column means.
CREATE TABLE authority (
  id          INTEGER PRIMARY KEY,
  role        TEXT    NOT NULL CHECK (role IN ('root', 'issuing')),
  state       TEXT    NOT NULL CHECK (state IN ('planned', 'ready')),
  name        TEXT    NOT NULL,
  serial      BLOB    NOT NULL UNIQUE,
  not_after   INTEGER NOT NULL,
  planned     INTEGER NOT NULL,
  certificate BLOB
);
CREATE TABLE certificate (
  id          INTEGER PRIMARY KEY,
  serial      BLOB    NOT NULL UNIQUE,
  state       TEXT    NOT NULL CHECK (state IN ('reserved', 'withdrawn', 'planned', 'issued')),
  name        TEXT    NOT NULL,
  folded      TEXT    NOT NULL,
  purpose     TEXT    NOT NULL CHECK (purpose IN ('server', 'client')),
  days        INTEGER NOT NULL,
  reserved    INTEGER NOT NULL,
  folder      TEXT,
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
  reason      TEXT
);
CREATE UNIQUE INDEX certificate_current ON certificate (folded) WHERE state = 'issued' AND replaced_by IS NULL;
CREATE INDEX certificate_folded ON certificate (folded);
CREATE INDEX certificate_not_after ON certificate (not_after);
