-- The spelling in which a session came in, where it is not the folded one: what is said to it goes there.
ALTER TABLE session ADD COLUMN spelling TEXT;
