-- What a session has of the lists of affiliations (XEP-0463). NULL: it never asked. '': it asked, and has nothing that holds; so has whoever came before this was kept.
ALTER TABLE session ADD COLUMN held_lists TEXT;
UPDATE session SET held_lists = '';
