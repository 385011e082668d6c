-- Tokens with which a program posts in one room under a name: `id` is what the room knows of it, `post_as` the name. The table is made anew for its scope.
CREATE TABLE token_with_posting (
  name TEXT NOT NULL PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  scope TEXT NOT NULL CHECK (scope IN ('post', 'read', 'moderate', 'administer')),
  rooms TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  id TEXT UNIQUE,
  post_as TEXT,
  CHECK ((scope = 'post') = (id IS NOT NULL) AND (scope = 'post') = (post_as IS NOT NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO token_with_posting (name, hash, scope, rooms, created_at, created_by)
  SELECT name, hash, scope, rooms, created_at, created_by FROM token;
DROP TABLE token;
ALTER TABLE token_with_posting RENAME TO token;
