-- What happened in rooms, for plug-ins that asked for it and are told after the commit. What nobody asked for is not written. The room by its name and not
-- by its number: that a room is over is told when it is gone. Numbers are never used again.
CREATE TABLE event (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  room TEXT NOT NULL,
  kind TEXT NOT NULL,
  -- The bare JID in `value`, if there is one: who is erased is found by it.
  person TEXT,
  -- stanza-id of the message whose words are in `value`.
  message TEXT,
  bytes INTEGER NOT NULL,
  value TEXT NOT NULL
) STRICT;
CREATE INDEX event_by_room ON event (room);
CREATE INDEX event_by_person ON event (person) WHERE person IS NOT NULL;
CREATE INDEX event_by_message ON event (message) WHERE message IS NOT NULL;
-- Up to which number each plug-in has been told.
CREATE TABLE event_cursor (
  name TEXT PRIMARY KEY,
  number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Up to which number events were removed because they were too old or too many: whoever is behind that has missed some.
CREATE TABLE event_removed (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  up_to INTEGER NOT NULL
) STRICT;
INSERT INTO event_removed (one, up_to) VALUES (1, 0);
