/** Events in the database file: no byte of what was taken back stays, and another fold finds them. */
import Sqlite from 'better-sqlite3';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { EVENT_KINDS, EVENTS, type EventValue } from '../../src/room/contract/events';
import { undeclaredIn } from '../../src/room/contract/declared-rows';
import type { Change } from '../../src/room/contract/rows';
import { asBare, asRoom } from '../support/jids';
import { batch, create, idOf, message } from './batches';
import { event, said } from './events-conformance';
import { TempDatabase } from './temp';
import { asStanzaId } from '../support/ids';

const A = asRoom('a@rooms.example.org');

test.each([
  [
    'retracted one by one',
    [1, 2, 3].map((seq): Change => ({ table: 'retraction', id: asStanzaId(idOf(seq)), payload: '<gone/>', person: 'kept' })),
  ],
  ['of a person who is erased', [{ table: 'audit-erasure', jid: asBare('evangeline@x.lit') } as const]],
  ['of a room that ended', [{ table: 'clear' } as const]],
])('words %s are in no byte of the file, nor is the rest of an erased person', async (what, changes) => {
  const database = new TempDatabase();
  const store = await database.open({ durability: 'normal' });
  await store.subscribe(['slow', 'fast']);
  const pad = (n: number): Change => event('entered', { jid: asBare(`p${n}@x.lit`), nick: 'p'.repeat(n % 90) });
  const hers = [1, 2, 3].flatMap((seq) => [
    ...Array.from({ length: 40 }, (_, i) => pad(seq * 40 + i)),
    said(seq, `xyzzyword-${seq}`, 'evangeline@x.lit'),
  ]);
  await store.commit(batch(1, { room: A, changes: [create(A), ...hers], messages: [message(1), message(2), message(3)] }));
  // Some before them go, so that what stays is moved.
  const { events } = await store.eventsAfter(0, 1_000, 1_000_000);
  for (const name of ['slow', 'fast']) await store.moveCursor(name, events[30]?.number ?? 0);
  await store.commit(batch(2, { room: A, changes: [...changes, ...Array.from({ length: 50 }, (_, i) => pad(i))] }));
  await store.checkpoint();
  await store.close();
  const folder = path.dirname(database.file);
  const bytes = Buffer.concat(readdirSync(folder).map((name) => readFileSync(path.join(folder, name))));
  expect(bytes.includes('xyzzyword')).toBe(false);
  if (what === 'of a person who is erased') expect(bytes.includes('evangeline')).toBe(false);
  await database.dispose();
});

test('every member that an event can have is declared, and no other', () => {
  const value: Required<EventValue> = {
    jid: asBare('ann@x.lit'),
    nick: 'ann',
    occupantId: 'o',
    id: 'i',
    body: 'b',
    taken: true,
    removed: false,
    before: 'none',
    after: 'member',
    to: A,
  };
  expect(undeclaredIn(EVENTS, { key: A, value: JSON.stringify(value) })).toBeUndefined();
  expect(undeclaredIn(EVENTS, { key: A, value: JSON.stringify({ ...value, other: 'x' }) })).toContain('other');
  expect(new Set(EVENT_KINDS).size).toBe(EVENT_KINDS.length);
});

test('events are brought to another fold with the rest of the database', async () => {
  const database = new TempDatabase();
  const store = await database.open({ durability: 'normal' });
  await store.subscribe(['one']);
  await store.commit(batch(1, { room: A, changes: [create(A), said(1, 'words', 'ann@x.lit'), said(2, 'words', 'bob@x.lit')] }));
  await store.close();
  const db = new Sqlite(database.file);
  db.exec(
    `UPDATE event SET person = 'Ann@X.lit', value = replace(value, 'ann@x.lit', 'Ann@X.lit') WHERE person = 'ann@x.lit';
     UPDATE fold SET version = 0`,
  );
  db.close();
  const next = await database.open({ durability: 'normal' });
  await next.noteErasure(asBare('ann@x.lit'), null);
  const { events } = await next.eventsAfter(0, 10, 1_000_000);
  expect(events.map(({ value }) => value.jid)).toEqual(['bob@x.lit']);
  await database.dispose();
});
