-- Rooms that people find by searching (XEP-0433). `channel`: what search shows of a room, JSON, if its owner wants it to be found.
ALTER TABLE room ADD COLUMN channel TEXT;

-- One row for each room that can be found: listed, open, and with a channel. `rank`: minus the number of occupants, so that one direction sorts. `name`, `description`: in the
-- form in which searches compare.
CREATE TABLE findable (
  room INTEGER PRIMARY KEY,
  jid TEXT NOT NULL,
  rank INTEGER NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL
) STRICT;
CREATE INDEX findable_by_address ON findable (jid);
CREATE INDEX findable_by_rank ON findable (rank, jid);

-- A row of an occupant is replaced whenever others see them change: only a new one counts.
CREATE TRIGGER findable_entered BEFORE INSERT ON occupant
WHEN EXISTS (SELECT 1 FROM findable WHERE room = new.room) AND NOT EXISTS (SELECT 1 FROM occupant WHERE room = new.room AND id = new.id) BEGIN
  UPDATE findable SET rank = rank - 1 WHERE room = new.room;
END;
CREATE TRIGGER findable_left AFTER DELETE ON occupant WHEN EXISTS (SELECT 1 FROM findable WHERE room = old.room) BEGIN
  UPDATE findable SET rank = rank + 1 WHERE room = old.room;
END;
