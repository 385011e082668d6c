-- What messages are called by those who wrote them, and which they correct: to find all versions of one at once. Filled behind the
-- commits together with the words. `hash`: 48 bits of what `name-index.ts` makes of the author and the name.
CREATE TABLE message_name (
  room INTEGER NOT NULL,
  hash INTEGER NOT NULL,
  id INTEGER NOT NULL,
  PRIMARY KEY (room, hash, id)
) STRICT, WITHOUT ROWID;
-- So that the words and with them the names of all messages are filled in again.
UPDATE text_rules SET rules = '';
