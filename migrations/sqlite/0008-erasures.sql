-- People who are to be erased from every room, and how far that is: a walk over all rooms that goes on after a restart.
CREATE TABLE person_erasure (
  jid TEXT PRIMARY KEY,
  -- Who asked for it, a bare JID.
  asked_by TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  -- The last room that is done; '' = none yet.
  after_room TEXT NOT NULL,
  rooms INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  failed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
