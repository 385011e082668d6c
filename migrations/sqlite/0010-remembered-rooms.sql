-- Destroyed rooms that are remembered count among the rooms of their creator: their names are taken.
DROP INDEX room_by_creator;
CREATE INDEX room_by_creator ON room (creator) WHERE state <> 'destroyed' OR tombstone IS NOT NULL;
-- A room is remembered if anybody beside its creator was ever in it. Of the rooms that are there nobody counted.
INSERT INTO feature (room, feature, key, value) SELECT id, 'visited', 'others', 'true' FROM room WHERE state = 'open';
