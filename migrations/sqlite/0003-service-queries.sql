-- What is asked about the whole service: in which rooms somebody has an affiliation, and how many rooms the list has.

CREATE INDEX affiliation_by_jid ON affiliation (jid);

-- One row: the number of rooms in the service's list, kept by the triggers below, so that a page of the list never counts it.
CREATE TABLE room_list (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  rooms INTEGER NOT NULL
) STRICT;
INSERT INTO room_list (one, rooms) SELECT 1, count(*) FROM room WHERE listed = 1 AND state = 'open';

CREATE TRIGGER room_list_added AFTER INSERT ON room WHEN new.listed = 1 AND new.state = 'open' BEGIN
  UPDATE room_list SET rooms = rooms + 1;
END;
CREATE TRIGGER room_list_removed AFTER DELETE ON room WHEN old.listed = 1 AND old.state = 'open' BEGIN
  UPDATE room_list SET rooms = rooms - 1;
END;
CREATE TRIGGER room_list_changed AFTER UPDATE OF listed, state ON room
WHEN (old.listed = 1 AND old.state = 'open') <> (new.listed = 1 AND new.state = 'open') BEGIN
  UPDATE room_list SET rooms = rooms + CASE WHEN new.listed = 1 AND new.state = 'open' THEN 1 ELSE -1 END;
END;
