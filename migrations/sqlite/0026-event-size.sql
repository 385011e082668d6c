-- How many events there are, and what they hold, is read from the index alone: it is asked every minute, and for each step of removing.
CREATE INDEX event_size ON event (bytes);
