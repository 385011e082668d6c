-- Who may write rooms. A process that has the database for itself claims all of it: `owner` is its number, which each of its commits compares.
-- Processes that share the database claim rooms one by one, and `owner` is NULL. What an earlier process claimed is over as soon as one opens it alone.
ALTER TABLE progress ADD COLUMN owner INTEGER;

-- Processes that have it open to write: numbers are never used again. `lease_until`: claims of one that shares it hold so long; NULL: it shares nothing.
-- `batch`, `refused`: as in `progress`, of one that shares it.
CREATE TABLE writer (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  lease_until INTEGER,
  batch INTEGER NOT NULL,
  refused TEXT
) STRICT;
-- Rooms that are run by a process that shares the database; by name, since a room that is not there yet is claimed too.
CREATE TABLE claim (
  room TEXT PRIMARY KEY,
  writer INTEGER NOT NULL,
  token TEXT NOT NULL
) STRICT, WITHOUT ROWID;
