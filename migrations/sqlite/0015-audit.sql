-- What governing acts changed. The room by its name and not by its number: a row outlives the room.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  room TEXT NOT NULL,
  -- Who: `actor` is a bare JID, or the name of an operator, token or plug-in; NULL: the room itself.
  kind TEXT NOT NULL,
  actor TEXT,
  face TEXT NOT NULL,
  claimed INTEGER NOT NULL,
  act TEXT NOT NULL,
  -- How many things changed; the first of them stand in audit_item.
  count INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_by_room ON audit (room, id);
CREATE INDEX audit_by_actor ON audit (actor, id) WHERE actor IS NOT NULL;
CREATE INDEX audit_by_time ON audit (at);
CREATE TABLE audit_item (
  audit INTEGER NOT NULL,
  place INTEGER NOT NULL,
  object TEXT NOT NULL,
  before TEXT,
  after TEXT,
  reason TEXT,
  PRIMARY KEY (audit, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_item_by_object ON audit_item (object, audit);
