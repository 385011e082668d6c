-- What only a message's content says of its names (what it corrects, an origin-id that is not its id) is in message_name from the commit on, and
-- its `client_id` is a column: so a message that waits for the index is found, with its versions, without reading contents.
-- `names_up_to`: messages with id <= names_up_to have all their names in message_name. Other rules for words do not set it back; where there are
-- none (''), the program fills in names anew too.
ALTER TABLE text_rules ADD COLUMN names_up_to INTEGER NOT NULL DEFAULT 0;
UPDATE text_rules SET names_up_to = (SELECT up_to FROM filled WHERE name = 'text') WHERE rules <> '';
INSERT OR IGNORE INTO message_name (room, hash, id)
  SELECT message.room, name.value, message.id FROM message, json_each(names_at_once(message.occupant_id, message.client_id, message.payload)) AS name
  WHERE message.id > (SELECT names_up_to FROM text_rules) AND (SELECT rules FROM text_rules) <> '';
