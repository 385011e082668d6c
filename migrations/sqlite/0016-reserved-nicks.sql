-- Nicks that people have reserved without belonging to a room, by whose they are: asked of all rooms at once.
CREATE INDEX feature_reserved_nick ON feature (key) WHERE feature = 'reserved-nicks';
