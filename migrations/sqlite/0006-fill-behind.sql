-- Indexes of messages leave the path of a live message: an insert into the index of each room that speaks cost more than all else
-- of a commit together. They are filled behind it, many rows at once. Message ids rise with the order of commits, and within a room
-- with time and number, so what is not indexed yet of a room (its tail) is always newer than all that is.

-- A room's messages in order; `id` is that of the message.
CREATE TABLE message_time (
  room INTEGER NOT NULL,
  stamp INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  id INTEGER NOT NULL,
  PRIMARY KEY (room, stamp, seq)
) STRICT, WITHOUT ROWID;
-- The old index has all columns of the new one, in its order.
INSERT INTO message_time (room, stamp, seq, id) SELECT room, stamp, seq, id FROM message INDEXED BY message_by_time ORDER BY room, stamp, seq;
DROP INDEX message_by_time;

-- What each occupant said.
CREATE TABLE message_occupant (
  room INTEGER NOT NULL,
  occupant_id TEXT NOT NULL,
  id INTEGER NOT NULL,
  PRIMARY KEY (room, occupant_id, id)
) STRICT, WITHOUT ROWID;

-- Of which rooms the messages `first`, `first` + 1, ... are: room numbers of four bytes, the lowest first. One row for each batch,
-- kept until message_time has all its messages.
CREATE TABLE message_tail (
  first INTEGER PRIMARY KEY,
  rooms BLOB NOT NULL
) STRICT;

-- How far each index is filled: it has all messages with id <= up_to, and of those up to `ahead` the ones of rooms below `room`, and
-- of `room` itself those with id <= `id`.
CREATE TABLE filled (
  name TEXT PRIMARY KEY,
  up_to INTEGER NOT NULL,
  ahead INTEGER NOT NULL,
  room INTEGER NOT NULL,
  id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO filled (name, up_to, ahead, room, id) SELECT 'time', newest, newest, 0, 0 FROM (SELECT coalesce(max(id), 0) AS newest FROM message);
INSERT INTO filled (name, up_to, ahead, room, id) VALUES ('occupant', 0, 0, 0, 0);
