-- The domains whose addresses were folded as the server's own (src/xmpp/fold.ts), with a blank between; '*': all of them.
ALTER TABLE fold ADD COLUMN own TEXT NOT NULL DEFAULT '*';
