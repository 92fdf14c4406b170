-- An index of format 1, as it was written, with a CA that was never finished, two others and a certificate: what the migration is tested with.
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

INSERT INTO authority VALUES (1, 'root', 'planned', 'Old Root CA', x'41000000000000000000000000000000', 2100000000, 1600000000, NULL);
INSERT INTO authority VALUES (2, 'root', 'ready', 'Old Root CA', x'41000000000000000000000000000001', 2100000000, 1700000000, x'00');
INSERT INTO authority VALUES (3, 'issuing', 'ready', 'Old Issuing CA', x'41000000000000000000000000000002', 2100000000, 1700000000, x'00');
INSERT INTO certificate (serial, state, name, folded, purpose, days, reserved, common_name, sans, subject, issuer, not_before,
                         not_after, sha256, certificate)
  VALUES (x'41000000000000000000000000000003', 'issued', 'Alice', 'alice', 'client', 90, 1700000000, 'Alice', '', 'CN=Alice',
          'CN=Old Issuing CA', 1700000000, 1710000000, x'00', x'00');
PRAGMA user_version = 1;
