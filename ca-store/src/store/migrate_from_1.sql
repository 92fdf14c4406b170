-- Format 1 to the one of today. SQLite cannot change a CHECK, so both tables are made anew and the rows copied.
ALTER TABLE authority RENAME TO authority_1;
ALTER TABLE certificate RENAME TO certificate_1;
DROP INDEX certificate_current;
DROP INDEX certificate_folded;
DROP INDEX certificate_not_after;
--SCHEMA--
-- A CA whose making was cut short signed nothing: it is above no other.
INSERT INTO authority (id, role, state, name, serial, not_after, planned, certificate, issuer)
  SELECT id, role, state, name, serial, not_after, planned, certificate, (SELECT min(id) FROM authority_1 WHERE state = 'ready') FROM authority_1;
INSERT INTO certificate (id, serial, state, name, folded, purpose, days, reserved, authority, folder, replaces, replaced_by,
                         common_name, sans, subject, issuer, not_before, not_after, sha256, certificate, revoked, reason)
  SELECT id, serial, state, name, folded, purpose, days, reserved, (SELECT max(id) FROM authority_1), folder, replaces,
         replaced_by, common_name, sans, subject, issuer, not_before, not_after, sha256, certificate, revoked, reason
  FROM certificate_1;
DROP TABLE certificate_1;
DROP TABLE authority_1;
