-- Rooms and everything in them. Every row of a room carries the room's number as its leading key. Times are milliseconds
-- since 1970-01-01 UTC.

CREATE TABLE room (
  -- AUTOINCREMENT: the number of a removed room is never used again, so a new room of the same name sees none of its rows.
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  jid TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('locked', 'open', 'destroyed')),
  options TEXT NOT NULL,
  name TEXT NOT NULL,
  listed INTEGER NOT NULL CHECK (listed IN (0, 1)),
  subject TEXT,
  secret TEXT NOT NULL,
  creator TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  archive_from INTEGER NOT NULL,
  deadline INTEGER
) STRICT;
-- The service's room list, in order, without touching the rooms themselves.
CREATE INDEX room_listed ON room (jid, name) WHERE listed = 1 AND state = 'open';
CREATE INDEX room_due ON room (deadline) WHERE deadline IS NOT NULL;
CREATE INDEX room_by_creator ON room (creator) WHERE state <> 'destroyed';
CREATE INDEX room_destroyed ON room (id) WHERE state = 'destroyed';

-- What moves with every message, apart from the wide room rows: a batch over 300 rooms then dirties a few pages, not 300.
CREATE TABLE counters (
  room INTEGER PRIMARY KEY,
  rev INTEGER NOT NULL,
  delivered_rev INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  stamp INTEGER NOT NULL
) STRICT;
CREATE INDEX counters_unsaid ON counters (room) WHERE delivered_rev < rev;

CREATE TABLE affiliation (
  room INTEGER NOT NULL,
  jid TEXT NOT NULL,
  affiliation TEXT NOT NULL CHECK (affiliation IN ('owner', 'admin', 'member', 'outcast')),
  nick TEXT,
  reason TEXT,
  set_by TEXT,
  set_at INTEGER NOT NULL,
  expires_at INTEGER,
  PRIMARY KEY (room, jid)
) STRICT, WITHOUT ROWID;

CREATE TABLE occupant (
  room INTEGER NOT NULL,
  id TEXT NOT NULL,
  jid TEXT NOT NULL,
  nick TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('moderator', 'participant', 'visitor', 'none')),
  rev INTEGER NOT NULL,
  PRIMARY KEY (room, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  room INTEGER NOT NULL,
  jid TEXT NOT NULL,
  occupant_id TEXT NOT NULL,
  presence TEXT NOT NULL,
  priority INTEGER NOT NULL,
  entering INTEGER NOT NULL CHECK (entering IN (0, 1)),
  asked_nick TEXT,
  joined_at INTEGER NOT NULL,
  PRIMARY KEY (room, jid)
) STRICT, WITHOUT ROWID;
-- Whether somebody is still there belongs to the full JID: from it to his rooms.
CREATE INDEX session_by_jid ON session (jid);
CREATE INDEX session_entering ON session (room) WHERE entering = 1;

CREATE TABLE saying (
  id INTEGER PRIMARY KEY,
  room INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  what TEXT NOT NULL
) STRICT;
CREATE INDEX saying_by_room ON saying (room, rev);

CREATE TABLE feature (
  room INTEGER NOT NULL,
  feature TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (room, feature, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE message (
  id INTEGER PRIMARY KEY,
  room INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  rev INTEGER NOT NULL,
  stamp INTEGER NOT NULL,
  stanza_id TEXT NOT NULL,
  nick TEXT,
  sender TEXT,
  occupant_id TEXT,
  client_id TEXT,
  lang TEXT,
  in_history INTEGER NOT NULL CHECK (in_history IN (0, 1)),
  payload TEXT NOT NULL
) STRICT;
-- The only index on the path of a live message: each further one nearly halves the rate.
CREATE UNIQUE INDEX message_by_time ON message (room, stamp, seq);

-- Messages that are no longer visible and wait to be erased: those of `room` with seq <= up_to.
CREATE TABLE erasure (
  room INTEGER PRIMARY KEY,
  up_to INTEGER NOT NULL
) STRICT;

-- One row: the latest batch, whom it refused (JSON, null: nobody), and how many message rows there are.
CREATE TABLE progress (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  batch INTEGER NOT NULL,
  refused TEXT,
  messages INTEGER NOT NULL
) STRICT;
INSERT INTO progress (one, batch, refused, messages) VALUES (1, 0, NULL, 0);

-- Holds a row only during a probe of whether writing is possible.
CREATE TABLE probe (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  filler BLOB NOT NULL
) STRICT;
