-- Tokens of the HTTP API. `hash`: SHA-256 of the token, hexadecimal; the token itself is nowhere.
CREATE TABLE token (
  name TEXT NOT NULL PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  scope TEXT NOT NULL CHECK (scope IN ('read', 'moderate', 'administer')),
  rooms TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;
