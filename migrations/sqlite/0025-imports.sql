-- Rooms that are being brought along: their rows are there, by this number, and a row in `room` makes them one. `seq`, `stamp`: of the latest message
-- that is in place. Whatever is here when the database is opened was never finished, and goes.
CREATE TABLE room_import (
  room INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL,
  stamp INTEGER NOT NULL
) STRICT;
