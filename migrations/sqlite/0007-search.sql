-- Full-text search over what was said. The table reads its content from nowhere: it is told what to index and, with the same
-- words, what to forget. External content and not none at all, because only so does `secure-delete` take a word out of the file.
-- `room` is one token (r37), so that a search reads the lists of one room; `payload` are the words of the bodies; `cjk` are
-- overlapping trigrams of writing without spaces, and its single characters. Two letters that begin something are indexed as such: what
-- begins with them would be gathered from the whole archive. Marks are parts of words: vowel signs in Hindi, Thai and others are marks.
CREATE VIRTUAL TABLE message_text USING fts5(
  room, payload, cjk,
  content = 'message', content_rowid = 'id', columnsize = 0, prefix = '2',
  tokenize = "unicode61 remove_diacritics 2 categories 'L* N* M* Co'"
);
INSERT INTO message_text (message_text, rank) VALUES ('secure-delete', 1);
-- Merging half as eagerly as usual makes filling cheaper and its steps shorter, and searches hardly slower.
INSERT INTO message_text (message_text, rank) VALUES ('automerge', 8);

-- `up_to`: messages with id <= up_to are in `message_text` if they have words. The other columns are not used.
INSERT INTO filled (name, up_to, ahead, room, id) VALUES ('text', 0, 0, 0, 0);

-- One row: what decided which words a message has; if another program decides otherwise, the index is made anew.
CREATE TABLE text_rules (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  rules TEXT NOT NULL
) STRICT;
INSERT INTO text_rules (one, rules) VALUES (1, '');
