/**
 * Messages archived per second through the store, against a bare loop of better-sqlite3 with the same rows, an index by room and time,
 * and the same groups; and how far the indexes are behind when it ends. Run: node dist/bench/archive-insert.js [rooms] [messages] [rounds]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Lag } from '../src/store/maintenance';
import type { Batch } from '../src/store/room-store';
import { openSqliteStore } from '../src/store/sqlite';
import { Source } from './rows';

const ROOMS = Number(process.argv[2] ?? 1_000);
const MESSAGES = Number(process.argv[3] ?? 100_000);
const ROUNDS = Number(process.argv[4] ?? 3);
const GROUPS = [50, 250, 1_000];

const SCHEMA = `
  CREATE TABLE message (
    id INTEGER PRIMARY KEY, room INTEGER NOT NULL, seq INTEGER NOT NULL, rev INTEGER NOT NULL, stamp INTEGER NOT NULL,
    stanza_id TEXT NOT NULL, nick TEXT, sender TEXT, jid_shown INTEGER NOT NULL, occupant_id TEXT, client_id TEXT, lang TEXT,
    in_history INTEGER NOT NULL, payload TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX message_by_time ON message (room, stamp, seq);`;
const INSERT =
  'INSERT INTO message (room, seq, rev, stamp, stanza_id, nick, sender, jid_shown, occupant_id, client_id, lang, in_history, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)';

/** All batches of one run are made before it, so that only taking them in is measured. */
function batches(group: number): { first: Batch; rest: Batch[] } {
  const source = new Source(ROOMS);
  const first = source.first();
  return { first, rest: Array.from({ length: Math.ceil(MESSAGES / group) }, () => source.next(group)) };
}

async function inFolder<T>(work: (file: string) => Promise<T> | T): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'parlour-bench-'));
  try {
    return await work(path.join(folder, 'bench.db'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const seconds = (since: number): number => (performance.now() - since) / 1_000;

/** Rows per second of the bare loop. */
function bare(file: string, group: number): number {
  const { rest } = batches(group);
  const db = new Sqlite(file);
  // As the store has it, but that nothing needs to be overwritten when it is deleted.
  for (const setting of [
    'page_size = 4096',
    'journal_mode = WAL',
    'synchronous = FULL',
    'cache_size = -64000',
    'wal_autocheckpoint = 16000',
  ])
    db.pragma(setting);
  db.exec(SCHEMA);
  const insert = db.prepare(INSERT);
  const take = db.transaction((batch: Batch) => {
    const m = batch.messages;
    for (let j = 0; j < m.room.length; j++) {
      const room = Number((batch.rooms[m.room[j] as number] as string).slice(4).split('@')[0]);
      const [shown, history] = [m.jidShown[j] ? 1 : 0, m.inHistory[j] ? 1 : 0];
      insert.run(
        room,
        m.seq[j],
        m.rev[j],
        m.stamp[j],
        m.id[j],
        m.nick[j],
        m.sender[j],
        shown,
        m.occupantId[j],
        m.clientId[j],
        m.lang[j],
        history,
        m.payload[j],
      );
    }
  });
  const start = performance.now();
  for (const batch of rest) take.immediate(batch);
  const spent = seconds(start);
  db.close();
  return (rest.length * group) / spent;
}

interface Through {
  readonly rate: number;
  readonly lag: Lag;
  /** Seconds from the last answer until every index was complete, and the messages per second that this makes. */
  readonly rest: number;
  readonly fillRate: number;
}

async function through(file: string, group: number): Promise<Through> {
  const { first, rest } = batches(group);
  const store = openSqliteStore({ path: file });
  await store.open();
  await store.commit(first);
  const start = performance.now();
  for (const batch of rest) await store.commit(batch);
  const spent = seconds(start);
  const lag = await store.lag();
  const end = performance.now();
  for (let now = lag; now.time > 0 || now.occupant > 0; now = await store.lag()) await new Promise((resolve) => setTimeout(resolve, 5));
  const behind = seconds(end);
  await store.close();
  return { rate: (rest.length * group) / spent, lag, rest: behind, fillRate: (lag.time + lag.occupant) / behind };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

async function run(): Promise<void> {
  const show = (n: number): string => Math.round(n).toLocaleString('en');
  console.log(`${show(MESSAGES)} messages in ${show(ROOMS)} rooms, medians of ${ROUNDS}`);
  for (const group of GROUPS) {
    const bares: number[] = [];
    const stores: Through[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      bares.push(await inFolder((file) => bare(file, group)));
      stores.push(await inFolder((file) => through(file, group)));
    }
    const rate = median(stores.map((one) => one.rate));
    const ratio = median(stores.map((one, i) => one.rate / (bares[i] as number)));
    const last = stores.at(-1) as Through;
    console.log(
      `groups of ${String(group).padStart(5)}: store ${show(rate)}/s, bare loop ${show(median(bares))}/s, ratio ${ratio.toFixed(2)}; ` +
        `behind at the end: time ${show(last.lag.time)}, occupant ${show(last.lag.occupant)}; complete after ${last.rest.toFixed(2)} s, ` +
        `${show(median(stores.map((one) => one.fillRate)))} index rows/s`,
    );
  }
}

void run();
