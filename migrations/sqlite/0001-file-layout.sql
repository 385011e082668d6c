-- outside a transaction
-- The layout of the file. SQLite takes these only before the first table, and only outside a transaction; afterwards a
-- change would need a rewrite of the whole file. Incremental: erased rooms give their pages back while the file is in use.
PRAGMA page_size = 4096;
PRAGMA auto_vacuum = INCREMENTAL;
