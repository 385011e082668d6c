-- What each act holds, in bytes: the trail is bounded by it. Rows from before are counted as they stand.
ALTER TABLE audit ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
UPDATE audit SET bytes = 100 + coalesce((
  SELECT sum(50 + length(CAST(object AS BLOB)) + length(CAST(coalesce(before, '') AS BLOB)) + length(CAST(coalesce(after, '') AS BLOB))
    + length(CAST(coalesce(reason, '') AS BLOB))) FROM audit_item WHERE audit = audit.id), 0);
-- Sums and counts by room are read from the index alone.
DROP INDEX audit_by_room;
CREATE INDEX audit_by_room ON audit (room, id, bytes);
