/** What was retracted or erased is nowhere any more: not in the database's file, not in its log, not in the index of words. */
import { existsSync, readFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import type { MessageRow } from '../../src/room/contract/rows';
import type { SqliteStore } from '../../src/store/sqlite/sqlite-store';
import { indexed, retraction, said, search } from './archive-conformance';
import { batch, create } from './batches';
import { TempDatabase } from './temp';
import { asFull, asRoom } from '../support/jids';
import { asNick } from '../support/ids';

const A = asRoom('a@rooms.example.org');
const B = 'b@rooms.example.org';
const DAY = 86_400_000;

const SECRET = 'Xylophonquartett wird Öltjebüdel am 龘靐齉爩 verraten';
/**
 * Pieces of it as they would stand in one of the files. The index leaves out of a word what it shares with the word before, so
 * the beginnings do not count; and it has the words in small letters without diacritics.
 */
const PIECES = ['lophonquartett', 'phonquartett', 'ltjebudel', 'tjebüdel', '靐', '齉', '爩'];

let database: TempDatabase;
let store: SqliteStore;

beforeEach(async () => {
  database = new TempDatabase();
  store = await database.open();
});
afterEach(() => database.dispose());

/** Which of the pieces stand in any file of the database. */
function there(): string[] {
  const files = ['', '-wal', '-shm', '-journal'].map((end) => database.file + end).filter((file) => existsSync(file));
  const bytes = files.map((file) => readFileSync(file));
  return PIECES.filter((piece) => bytes.some((content) => content.includes(piece)));
}

/** Much talk, in which the secret is said now and then: several batches, and several segments of the index. */
async function talk(secret: string, rooms: readonly string[] = [A]): Promise<MessageRow[]> {
  const secrets: MessageRow[] = [];
  for (let number = 1; number <= 5; number++) {
    const rows = Array.from({ length: 200 }, (_, i) => {
      const seq = (number - 1) * 200 + i + 1;
      const row = said(seq, i % 50 === 7 ? secret : `xenial xylem ${seq} 龍龜 and so on`, { stamp: (seq <= 900 ? 1 : 90) * DAY + seq });
      if (i % 50 === 7) secrets.push(row);
      return row;
    });
    await store.commit(batch(number, ...rooms.map((room) => ({ room, changes: number === 1 ? [create(room)] : [], messages: rows }))));
    if (number < 5) await indexed(store);
  }
  return secrets;
}

test.each([
  ['that are in the index', true],
  ['some of which are not in the index yet', false],
])('messages that were retracted, %s', async (_what, waits) => {
  const secrets = await talk(SECRET);
  if (waits) {
    await indexed(store);
    expect(await store.checkpoint()).toBe(true);
    expect(there()).toEqual(PIECES);
  }
  expect(await search(store, A, { text: 'xylophonquartett' })).toHaveLength(20);
  await store.commit(batch(6, { room: A, counters: { rev: 1_001, seq: 1_000 }, changes: secrets.map(({ id }) => retraction(id)) }));
  for (const text of ['xylophonquartett', '龘靐', '齉爩']) expect(await search(store, A, { text })).toEqual([]);
  expect(await store.checkpoint()).toBe(true);
  expect(there()).toEqual([]);
  // Nor do they come back.
  await indexed(store);
  await store.checkpoint();
  expect(there()).toEqual([]);
  expect(await search(store, A, { text: 'xylem' }, { max: 1_000 })).toHaveLength(980);
});

test('short messages with long tombstones first, then the long ones, and who said them: nothing is left where rows were moved', async () => {
  const long = `<retracted xmlns="urn:xmpp:message-retract:1" stamp="2026-01-01T00:00:00Z" id="${'x'.repeat(22)}"><reason>${'No, sorry. '.repeat(20)}</reason></retracted>`;
  const rows = Array.from({ length: 900 }, (_, i) =>
    said(i + 1, 'xylophonquartett! '.repeat(i % 7 === 0 ? 1 : 1 + ((i * 31) % 23)), {
      sender: asFull('xylobert@localhost/test'),
      nick: asNick('xylobert'),
    }),
  );
  await store.commit(batch(1, { room: A, changes: [create(A)], messages: rows }));
  const ids = [...rows].sort((one, other) => one.payload.length - other.payload.length).map(({ id }) => id);
  for (let i = 0; i < ids.length; i += 20) {
    const changes = ids.slice(i, i + 20).map((id) => ({ table: 'retraction', id, payload: long, person: 'erased' }) as const);
    await store.commit(batch(2 + i / 20, { room: A, counters: { rev: 901 + i, seq: 900 }, changes }));
  }
  await indexed(store);
  expect(await store.checkpoint()).toBe(true);
  const bytes = readFileSync(database.file);
  expect(['xylophonquartett', 'xylobert'].filter((word) => bytes.includes(word))).toEqual([]);
  const [last] = await store.messages(A, { limit: 1 });
  expect(last).toMatchObject({ payload: long, sender: null, nick: null, clientId: null });
});

test('of its own accord soon after, where little is said', async () => {
  const secrets = await talk(SECRET);
  await indexed(store);
  await store.checkpoint();
  await store.commit(batch(6, { room: A, counters: { rev: 1_001, seq: 1_000 }, changes: secrets.map(({ id }) => retraction(id)) }));
  expect(there()).toEqual(PIECES);
  for (let tries = 0; there().length > 0; tries++) {
    if (tries > 200) throw new Error('They stay in the files.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(await search(store, A, { text: 'xylem' }, { max: 1_000 })).toHaveLength(980);
}, 20_000);

test('a message that was retracted in the batch that said it', async () => {
  const row = said(1, SECRET);
  await store.commit(batch(1, { room: A, changes: [create(A), retraction(row.id)], messages: [row] }));
  await indexed(store);
  expect(await store.checkpoint()).toBe(true);
  expect(there()).toEqual([]);
});

test('messages of a room that was destroyed, while another room keeps the same words', async () => {
  await talk('Nobody says it here', [B]);
  await store.commit(batch(6, { room: A, changes: [create(A)], messages: Array.from({ length: 450 }, (_, i) => said(i + 1, SECRET)) }));
  await indexed(store);
  await store.checkpoint();
  expect(there()).toEqual(PIECES);
  await store.commit(
    batch(7, {
      room: A,
      counters: { rev: 451, deliveredRev: 451, seq: 450 },
      changes: [{ table: 'clear' }, create(A, { state: 'destroyed', archiveFrom: 450 })],
    }),
  );
  for (let tries = 0; (await store.counts()).messages !== 1_000; tries++) {
    if (tries > 400) throw new Error('They are never erased');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  expect(await store.checkpoint()).toBe(true);
  expect(there()).toEqual([]);
  expect(await search(store, B, { text: 'nobody' })).toHaveLength(20);
  await store.close();
  expect(there()).toEqual([]);
  const db = new Sqlite(database.file, { readonly: true });
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  db.close();
});

test('messages that a room does not keep any longer', async () => {
  await talk(SECRET);
  await indexed(store);
  await store.checkpoint();
  expect(there()).toEqual(PIECES);
  const step = { now: 100 * DAY, days: { default: 30, max: null }, messages: { default: 45, max: null } };
  for (let after: string | null = ''; after !== null;) after = (await store.retain({ ...step, after: asRoom(after), budget: 100 })).next;
  expect(await store.counts()).toMatchObject({ messages: 45 });
  await store.commit(batch(6, { room: A, counters: { rev: 1_001, deliveredRev: 1_001, seq: 1_000 } }));
  expect(await search(store, A, { text: 'xylophonquartett' })).toHaveLength(1);
  for (let after: string | null = ''; after !== null;)
    after = (await store.retain({ ...step, days: { default: 0, max: null }, after: asRoom(after), budget: 100 })).next;
  expect(await store.checkpoint()).toBe(true);
  expect(there()).toEqual([]);
  expect(await store.counts()).toMatchObject({ messages: 0 });
});
