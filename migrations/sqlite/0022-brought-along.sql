-- What rooms and messages bring along from where they were before.
-- How a room makes occupant-ids, so that people keep theirs: 'own': by its secret; 'prosody': as that server does, by `id_salt`.
ALTER TABLE room ADD COLUMN id_scheme TEXT NOT NULL DEFAULT 'own' CHECK (id_scheme IN ('own', 'prosody'));
ALTER TABLE room ADD COLUMN id_salt TEXT;
-- Stanza-ids that messages had there: asked only for an id that is none of ours. `message`: the id of its row.
CREATE TABLE foreign_id (
  room INTEGER NOT NULL,
  id TEXT NOT NULL,
  message INTEGER NOT NULL,
  PRIMARY KEY (room, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX foreign_id_by_message ON foreign_id (message);
