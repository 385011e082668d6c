-- Destroyed rooms are remembered for a time (XEP-0045 §10.9): JSON of what is told to those who come; NULL for all others.
ALTER TABLE room ADD COLUMN tombstone TEXT;
