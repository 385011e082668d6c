/** What reading a large archive costs, at the store: pages, what one occupant said, and full-text search. Run: node dist/bench/archive.js [options] */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import Sqlite from 'better-sqlite3';
import type { ArchiveFilter, ArchivePaging } from '../src/room/contract/archive-query';
import { searchParts, searchText } from '../src/store/sqlite/messages/search-text';
import type { Store } from '../src/store/store';
import { openSqliteStore } from '../src/store/sqlite';
import { fileFor, provide, type Size } from './archive-data';
import { chance, type Chance } from './texts';
import { asRoom } from '../test/support/jids';

const USAGE = `node dist/bench/archive.js [options]
  --folder DIR    where the archive is kept for the next run (a temporary directory, removed at the end)
  --messages N    messages (1000000)
  --rooms N       rooms (1000)
  --queries N     queries of each kind (1000)`;

const PAGE = 50;
const WARM_UP = 100;

/** Milliseconds. */
interface Aim {
  readonly p50: number;
  readonly p99: number;
}
const PAGES: Aim = { p50: 0.5, p99: 10 };
const SEARCH: Aim = { p50: 10, p99: 50 };

/** A message drawn by chance. */
interface Sample {
  readonly room: string;
  readonly seq: number;
  readonly last: number;
  readonly id: string;
  readonly stamp: number;
  readonly occupantId: string;
  readonly lang: string;
  readonly payload: string;
}

/** A kind of query; null: this message gives none of it. */
interface Kind {
  readonly name: string;
  readonly aim: Aim;
  readonly of: (sample: Sample, next: Chance) => { filter?: Partial<ArchiveFilter>; paging?: Partial<ArchivePaging> } | null;
}

const spaced = ({ lang, payload }: Sample): string[] =>
  lang === 'zh' || lang === 'ja' ? [] : (searchParts(searchText(payload)).words.match(/[\p{L}\p{N}\p{M}]+/gu) ?? []);
const unspaced = ({ payload }: Sample): string[] => Array.from(searchParts(searchText(payload)).runs[0] ?? '');
const COMMON: Record<string, string> = { en: 'the', de: 'die', es: 'de', ru: 'и' };

/** Results newest first, as clients ask for them. */
const newest = (text: string | undefined) => (text === undefined || text === '' ? null : { filter: { text }, paging: { before: '' } });
const part = (all: readonly string[], length: number, next: Chance): string[] | null => {
  const from = Math.floor(next() * (all.length - length + 1));
  return all.length < length ? null : all.slice(from, from + length);
};

const KINDS: readonly Kind[] = [
  { name: 'page after a message', aim: PAGES, of: ({ id }) => ({ paging: { after: id } }) },
  { name: 'page before a message', aim: PAGES, of: ({ id }) => ({ paging: { before: id } }) },
  { name: 'page from a time on', aim: PAGES, of: ({ stamp }) => ({ filter: { start: stamp } }) },
  { name: 'page up to a time, backwards', aim: PAGES, of: ({ stamp }) => ({ filter: { end: stamp }, paging: { before: '' } }) },
  { name: 'page at the end, backwards', aim: PAGES, of: () => ({ paging: { before: '' } }) },
  { name: 'page of an occupant, backwards', aim: PAGES, of: ({ occupantId }) => ({ filter: { occupantId }, paging: { before: '' } }) },
  { name: 'page of an occupant from a time on', aim: PAGES, of: ({ occupantId, stamp }) => ({ filter: { occupantId, start: stamp } }) },
  // The longest word of a message is mostly one of which there are few.
  { name: 'search: a rare word', aim: SEARCH, of: (sample) => newest(spaced(sample).sort((a, b) => b.length - a.length)[0]) },
  { name: 'search: the most common word', aim: SEARCH, of: ({ lang }) => newest(COMMON[lang]) },
  {
    name: 'search: a phrase of three words',
    aim: SEARCH,
    of: (sample, next) => {
      const words = part(spaced(sample), 3, next);
      return words && newest(`"${words.join(' ')}"`);
    },
  },
  { name: 'search: the beginning of a word', aim: SEARCH, of: (sample) => newest(spaced(sample)[0]?.slice(0, 2).concat('*')) },
  { name: 'search: one character (CJK)', aim: SEARCH, of: (sample, next) => newest(part(unspaced(sample), 1, next)?.join('')) },
  { name: 'search: two characters (CJK)', aim: SEARCH, of: (sample, next) => newest(part(unspaced(sample), 2, next)?.join('')) },
  { name: 'search: five characters (CJK)', aim: SEARCH, of: (sample, next) => newest(part(unspaced(sample), 5, next)?.join('')) },
  {
    name: 'search: a word of an occupant',
    aim: SEARCH,
    of: (sample) => {
      const word = spaced(sample)[0];
      return word === undefined ? null : { filter: { text: word, occupantId: sample.occupantId }, paging: { before: '' } };
    },
  },
];

function options(): { folder: string | undefined; size: Size; queries: number } {
  const { values } = parseArgs({
    options: {
      folder: { type: 'string' },
      messages: { type: 'string', default: '1000000' },
      rooms: { type: 'string', default: '1000' },
      queries: { type: 'string', default: '1000' },
    },
  });
  const positive = (name: 'messages' | 'rooms' | 'queries'): number => {
    const value = Number(values[name]);
    if (!(value > 0)) throw new Error(`--${name} takes a positive number, not "${values[name]}".\n${USAGE}`);
    return value;
  };
  return {
    folder: values.folder,
    size: { messages: positive('messages'), rooms: positive('rooms'), occupants: 20 },
    queries: positive('queries'),
  };
}

/** Messages drawn by chance, endlessly, and always the same ones. */
function* samples(file: string, messages: number, next: Chance): Generator<Sample> {
  const db = new Sqlite(file, { readonly: true });
  const draw = db.prepare(
    `SELECT room.jid AS room, message.seq, counters.seq AS last, stanza_id AS id, message.stamp, occupant_id AS occupantId, lang, payload
     FROM message JOIN room ON room.id = message.room JOIN counters ON counters.room = message.room WHERE message.id = ?`,
  );
  try {
    for (;;) yield draw.get(1 + Math.floor(next() * messages)) as Sample;
  } finally {
    db.close();
  }
}

async function measure(
  store: Store,
  file: string,
  messages: number,
  kind: Kind,
  queries: number,
): Promise<{ times: number[]; rows: number }> {
  const next = chance(7);
  const times: number[] = [];
  let rows = 0;
  for (const sample of samples(file, messages, next)) {
    const query = kind.of(sample, next);
    if (!query) continue;
    const start = process.hrtime.bigint();
    const answer = await store.archive(asRoom(sample.room), {
      want: 'page',
      filter: { upToSeq: sample.last, ...query.filter },
      paging: { max: PAGE, ...query.paging },
    });
    const time = Number(process.hrtime.bigint() - start) / 1e6;
    if (answer.kind !== 'page') throw new Error(`"${kind.name}" was answered with ${answer.kind}.`);
    times.push(time);
    rows += answer.rows.length;
    if (times.length === queries + WARM_UP) break;
  }
  return { times: times.slice(WARM_UP).sort((a, b) => a - b), rows: rows / times.length };
}

function line({ name, aim }: Kind, { times, rows }: { times: readonly number[]; rows: number }): string {
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] as number;
  const [p50, p99] = [at(0.5), at(0.99)];
  const verdict = p50 < aim.p50 && p99 < aim.p99 ? 'reached' : 'missed';
  return `${name.padEnd(36)} ${p50.toFixed(2).padStart(8)} ${p99.toFixed(2).padStart(8)}  ${rows.toFixed(1).padStart(6)}  ${`< ${aim.p50}, < ${aim.p99}:`.padEnd(13)} ${verdict}`;
}

async function main(): Promise<void> {
  const { folder, size, queries } = options();
  const place = folder === undefined ? mkdtempSync(path.join(tmpdir(), 'parlour-bench-')) : path.resolve(folder);
  mkdirSync(place, { recursive: true });
  const log = (text: string): void => void process.stderr.write(`${text}\n`);
  try {
    const file = fileFor(place, size);
    const made = await provide(file, size, log);
    if (made) {
      const rates = [made.committed, made.indexed].map((rate) => Math.round(rate).toLocaleString('en'));
      console.log(`made: ${rates[0]} messages/s committed; then ${rates[1]} messages/s into the full-text index\n`);
    }
    const store = openSqliteStore({ path: file, durability: 'normal' });
    await store.open();
    console.log(
      `${size.messages.toLocaleString('en')} messages in ${size.rooms.toLocaleString('en')} rooms, pages of ${PAGE}, ${queries} queries each`,
    );
    console.log(`${''.padEnd(36)}   p50 ms   p99 ms    rows  aim`);
    for (const kind of KINDS) console.log(line(kind, await measure(store, file, size.messages, kind, queries)));
    await store.close();
  } finally {
    if (folder === undefined) rmSync(place, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
