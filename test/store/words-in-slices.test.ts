/** Of the kind of F4: taking the words of long messages out of the index costs a commit no more than putting them in costs a step. */
import { readFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import * as searchText from '../../src/store/sqlite/messages/search-text';
import { administrator } from '../../src/room/contract/audit';
import type { Change } from '../../src/room/contract/rows';
import { CHARACTERS_PER_STEP } from '../../src/store/sqlite/messages/text-index';
import { Writer } from '../../src/store/sqlite/writing/writer';
import { asBare, asRoom } from '../support/jids';
import { indexed, retraction, said, search } from './archive-conformance';
import { batch, create } from './batches';
import { TempDatabase } from './temp';
import { asStanzaId } from '../support/ids';

const A = asRoom('a@rooms.example.org');
const LENGTH = 45_000;
const COUNT = 20;
/** Long, and with a word that the file has nowhere else. */
const rows = Array.from({ length: COUNT }, (_, i) =>
  said(i + 1, `xylophonquartett ${`wort${i} ße `.repeat(LENGTH / 9)}`, { stamp: i + 1 }),
);
const [longest] = rows.map(({ payload }) => payload.length).sort((a, b) => b - a) as [number];
const MOST = CHARACTERS_PER_STEP + longest;
const erased = (id: string): Change => ({
  table: 'retraction',
  id: asStanzaId(id),
  payload: '<retracted xmlns="urn:xmpp:message-retract:1"/>',
  person: 'erased',
});

let database: TempDatabase;
beforeEach(() => {
  database = new TempDatabase();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await database.dispose();
});

/** Everything said and indexed, in a file that nobody has open. */
async function prepared(): Promise<void> {
  const store = await database.open({ durability: 'normal' });
  await store.commit(batch(1, { room: A, changes: [create(A)], messages: rows }));
  await indexed(store);
  expect(await search(store, A, { text: 'xylophonquartett' })).toContain(1);
  await store.close();
}

/** The writer itself, on this thread, and how many characters it has folded since the last look. */
function counting(): { writer: Writer; folded: () => number } {
  const { searchParts } = searchText;
  let characters = 0;
  jest.spyOn(searchText, 'searchParts').mockImplementation((text) => {
    characters += text.length;
    return searchParts(text);
  });
  const writer = new Writer({ path: database.file, durability: 'normal', busyTimeout: 1_000 });
  writer.open({ now: 1 });
  return {
    writer,
    folded: () => {
      const now = characters;
      characters = 0;
      return now;
    },
  };
}

const waiting = (): number => {
  const db = new Sqlite(database.file, { readonly: true });
  const count = db.prepare('SELECT count(*) FROM message_forget').pluck().get() as number;
  db.close();
  return count;
};
const inFile = (): boolean => ['', '-wal'].some((end) => readFileSync(database.file + end, { flag: 'a+' }).includes('lophonquartett'));

test.each([
  ['retractions of long messages', (id: string) => retraction(id)],
  ['erasing who said them', erased],
])('%s: no commit and no step folds more than its share', async (_, change) => {
  await prepared();
  const { writer, folded } = counting();
  writer.commit(batch(2, { room: A, counters: { rev: 100, seq: COUNT }, changes: rows.map(({ id }) => change(id)) }));
  const first = folded();
  expect(first).toBeGreaterThan(0);
  expect(first).toBeLessThanOrEqual(MOST);
  let all = first;
  let steps = 0;
  while (writer.forget()) {
    const step = folded();
    expect(step).toBeLessThanOrEqual(MOST);
    all += step;
    steps++;
  }
  expect(steps).toBeGreaterThan(COUNT / 4);
  expect(all).toBeGreaterThan(COUNT * LENGTH * 0.9);
  expect(writer.checkpoint()).toBe(true);
  writer.close();
  expect(inFile()).toBe(false);
});

test.each([
  ['a message that is retracted, then its author erased', [retraction, erased]],
  ['a message that is retracted twice', [retraction, retraction]],
])('%s, while its words wait: they are taken out once', async (_, changes) => {
  await prepared();
  const { writer } = counting();
  for (const [i, change] of changes.entries())
    writer.commit(batch(2 + i, { room: A, counters: { rev: 100 + i, seq: COUNT }, changes: rows.map(({ id }) => change(id)) }));
  while (writer.forget());
  writer.checkpoint();
  writer.close();
  expect(inFile()).toBe(false);
  const db = new Sqlite(database.file);
  // The index is as one that was never told of them.
  expect(db.prepare("SELECT count(*) FROM message_text WHERE message_text MATCH 'room : r1'").pluck().get()).toBe(0);
  db.close();
});

test('what expires goes by characters as well as by number', async () => {
  await prepared();
  const { writer, folded } = counting();
  let erasedRows = 0;
  let steps = 0;
  for (let after: string | null = ''; after !== null; steps++) {
    const answer = writer.retain({
      now: 1e12,
      days: { default: 1, max: 1 },
      messages: { default: null, max: null },
      after: after as '',
      budget: 100,
    });
    erasedRows += answer.erased;
    after = answer.next;
    expect(folded()).toBeLessThanOrEqual(MOST);
  }
  expect(erasedRows).toBe(COUNT);
  expect(steps).toBeGreaterThan(COUNT / 3);
  writer.close();
});

test('nothing of it is found between two steps, nor after a crash between them; then the words leave the file', async () => {
  await prepared();
  const { writer } = counting();
  const [kept, ...gone] = rows as [(typeof rows)[0], ...typeof rows];
  writer.commit(batch(2, { room: A, counters: { rev: 100, seq: COUNT }, changes: gone.map(({ id }) => retraction(id)) }));
  const left = waiting();
  expect(left).toBeGreaterThan(COUNT / 2);
  // It ends here, as a process that is killed would.
  writer.close();
  const store = await database.open({ durability: 'normal' });
  expect(await search(store, A, { text: 'xylophonquartett' })).toEqual([kept.seq]);
  for (const text of ['xyloph*', '"xylophonquartett wort7"', 'wort7', 'wort*']) {
    const answer = await store.archive(A, { want: 'page', filter: { upToSeq: Infinity, text }, paging: { max: 50 } });
    expect(answer).toMatchObject({ kind: 'page', rows: text.includes('7') ? [] : [{ id: kept.id }] });
  }
  await store.commit(batch(3, { room: A, counters: { rev: 101, seq: COUNT }, changes: [retraction(kept.id)] }));
  for (let tries = 0; !(await store.checkpoint()); tries++) if (tries > 100) throw new Error('They stay');
  expect(waiting()).toBe(0);
  expect(inFile()).toBe(false);
});

test('erasing a person is over when their words are out of the file of the index', async () => {
  await prepared();
  const store = await database.open({ durability: 'normal' });
  const person = asBare('x@y');
  await store.noteErasure(person, { jid: person, askedBy: administrator(person), askedAt: 1, after: '', rooms: 0, messages: 0, failed: 0 });
  await store.commit(batch(2, { room: A, counters: { rev: 100, seq: COUNT }, changes: rows.map(({ id }) => erased(id)) }));
  await store.noteErasure(person, null);
  expect(waiting()).toBe(0);
  expect(await store.erasures()).toEqual([]);
});

test('a message whose words wait and whose row expires meanwhile', async () => {
  await prepared();
  const { writer } = counting();
  writer.commit(
    batch(2, { room: A, counters: { rev: 100, deliveredRev: 100, seq: COUNT, stamp: 100 }, changes: rows.map(({ id }) => retraction(id)) }),
  );
  for (let after: string | null = ''; after !== null;)
    after = writer.retain({
      now: 1e12,
      days: { default: 1, max: 1 },
      messages: { default: null, max: null },
      after: after as '',
      budget: 100,
    }).next;
  expect(waiting()).toBeGreaterThan(0);
  while (writer.forget());
  writer.checkpoint();
  writer.close();
  expect(inFile()).toBe(false);
});
