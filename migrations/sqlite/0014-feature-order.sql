-- In which order the rows of a feature were first set: the number of the batch, and the place in it. 0: before anybody counted.
ALTER TABLE feature ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
