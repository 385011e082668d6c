-- What the archive needs to answer queries (XEP-0313): who saw real JIDs when a message was said, how long a room keeps what
-- is said, and when somebody belonged to a room.
ALTER TABLE message ADD COLUMN jid_shown INTEGER NOT NULL DEFAULT 0 CHECK (jid_shown IN (0, 1));
ALTER TABLE room ADD COLUMN keep_days INTEGER;
ALTER TABLE room ADD COLUMN keep_messages INTEGER;

-- Somebody belonged to the room from behind message `begin_seq` up to message `end_seq`; NULL: he still does.
CREATE TABLE stay (
  room INTEGER NOT NULL,
  jid TEXT NOT NULL,
  begin_seq INTEGER NOT NULL,
  end_seq INTEGER,
  PRIMARY KEY (room, jid, begin_seq)
) STRICT, WITHOUT ROWID;
