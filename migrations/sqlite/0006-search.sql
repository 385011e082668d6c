-- Full-text search over what was said. The table reads its content from nowhere: it is told what to index and, with the same
-- words, what to forget. External content and not none at all, because only so does `secure-delete` take a word out of the file.
-- `room` is one token (r37), so that a search reads the lists of one room; `payload` are the words of the bodies; `cjk` are
-- overlapping trigrams of writing without spaces. Marks are parts of words: vowel signs in Hindi, Thai and others are marks.
CREATE VIRTUAL TABLE message_text USING fts5(
  room, payload, cjk,
  content = 'message', content_rowid = 'id', columnsize = 0,
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* M* Co'"
);
INSERT INTO message_text (message_text, rank) VALUES ('secure-delete', 1);

-- One row: messages with id <= position are in `message_text` if they have words; `made_by` is what decided which words.
CREATE TABLE text_filled (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  position INTEGER NOT NULL,
  made_by TEXT NOT NULL
) STRICT;
INSERT INTO text_filled (one, position, made_by) VALUES (1, 0, '');
