-- What searches look through and show of a description has at most 4,000 bytes (features/search.ts): rows from before that bound may have more. A cut may be within a
-- character: the last one is left out, whole or not.
UPDATE room SET channel = json_set(channel, '$.description', (
  SELECT substr(cut, 1, length(cut) - 1) FROM (SELECT CAST(substr(CAST(json_extract(channel, '$.description') AS BLOB), 1, 4000) AS TEXT) AS cut)
)) WHERE channel IS NOT NULL AND length(CAST(json_extract(channel, '$.description') AS BLOB)) > 4000;
UPDATE findable SET description = (
  SELECT substr(cut, 1, length(cut) - 1) FROM (SELECT CAST(substr(CAST(description AS BLOB), 1, 4000) AS TEXT) AS cut)
) WHERE length(CAST(description AS BLOB)) > 4000;
