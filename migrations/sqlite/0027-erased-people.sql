-- Whom the service has erased from all rooms, so that they can be erased again when a backup from before is restored. `hash`: HMAC-SHA-256 of the bare
-- JID under the key, hexadecimal: whoever has the database can tell whether an address that they know was erased, and no more.
CREATE TABLE erased_key (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  key TEXT NOT NULL
) STRICT;
INSERT INTO erased_key (one, key) VALUES (1, lower(hex(randomblob(32))));
CREATE TABLE erased_person (
  hash TEXT PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX erased_person_by_time ON erased_person (at);
