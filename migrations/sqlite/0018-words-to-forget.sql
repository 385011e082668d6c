-- Messages whose words are still in `message_text` although they were retracted: with what they said, which the index has to be told to forget
-- it. No search finds them; a few leave at a time (src/store/sqlite/text-index.ts).
CREATE TABLE message_forget (
  id INTEGER PRIMARY KEY,
  room INTEGER NOT NULL,
  payload TEXT NOT NULL
) STRICT;
