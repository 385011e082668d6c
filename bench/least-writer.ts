/** The thread in which the least durable program commits messages: one prepared INSERT into one table without an index, a transaction for each group, as durable as Parlour's. */
import { parentPort, workerData } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';
import type { Kept } from './least';

const SCHEMA = `
  CREATE TABLE message (
    id INTEGER PRIMARY KEY, room TEXT NOT NULL, stamp INTEGER NOT NULL, stanza_id TEXT NOT NULL, sender TEXT NOT NULL,
    occupant_id TEXT NOT NULL, client_id TEXT NOT NULL, payload TEXT NOT NULL
  ) STRICT`;
const INSERT = 'INSERT INTO message (room, stamp, stanza_id, sender, occupant_id, client_id, payload) VALUES (?, ?, ?, ?, ?, ?, ?)';

const db = new Sqlite(workerData as string);
// As the store has it (src/store/sqlite/files/connection.ts).
for (const setting of ['page_size = 4096', 'journal_mode = WAL', 'synchronous = FULL', 'cache_size = -64000', 'wal_autocheckpoint = 16000'])
  db.pragma(setting);
db.exec(SCHEMA);
const insert = db.prepare(INSERT);
const take = db.transaction((kept: Kept) => {
  const stamp = Date.now();
  for (let i = 0; i < kept.room.length; i++)
    insert.run(kept.room[i], stamp, kept.stanzaId[i], kept.sender[i], kept.occupantId[i], kept.clientId[i], kept.payload[i]);
});

parentPort?.on('message', (kept: Kept | null) => {
  if (kept === null) {
    db.close();
    parentPort?.close();
    return;
  }
  take.immediate(kept);
  parentPort?.postMessage(kept.room.length);
});
