-- One row: the number of the rules by which the addresses in this database are folded (src/xmpp/fold.ts); 0: by none.
CREATE TABLE fold (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  version INTEGER NOT NULL
) STRICT;
INSERT INTO fold (one, version) VALUES (1, 0);
