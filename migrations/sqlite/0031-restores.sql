-- The restores of backups that this database goes back to, the first first. `name`: by chance. `batch`, `rooms`: how far the backup was, by its batches and by the numbers of its rooms.
-- A restore makes both tables itself in a backup of an earlier version: so they may be there already.
CREATE TABLE IF NOT EXISTS restored (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  at INTEGER NOT NULL,
  batch INTEGER NOT NULL,
  rooms INTEGER NOT NULL
) STRICT;
-- Rooms that there were at the latest restore, and the number of the last message of each. `secret`, `created_at`: a room that is made by the name of a remembered one has its number, but not these.
CREATE TABLE IF NOT EXISTS restored_room (
  room INTEGER PRIMARY KEY,
  secret TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  seq INTEGER NOT NULL
) STRICT;
