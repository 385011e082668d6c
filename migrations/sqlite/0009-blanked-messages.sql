-- What stands in the place of a message that was retracted or erased. The message's own row is blanked, byte for byte: a row that
-- became longer or shorter would make SQLite move its neighbours to other pages, and leave copies of them in unused space, which no
-- later retraction of theirs reaches.
CREATE TABLE message_tombstone (
  id INTEGER PRIMARY KEY,
  payload TEXT NOT NULL
) STRICT;
