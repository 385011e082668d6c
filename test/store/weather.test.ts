/**
 * A service on a real database whose writer fails in every way while two batches are with it: what anybody sees is stored and is seen once and
 * in order, what is refused is not stored, and what rooms have in mind is what the database has.
 */
import { recipientsOf } from '../../src/xmpp/outgoing';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { systemClock } from '../../src/service/clock';
import type { Service } from '../../src/service/contract';
import { createService } from '../../src/service/service';
import type { Machine } from '../../src/room/contract/machine';
import type { Counters } from '../../src/room/contract/rows';
import { parse } from '../support/conversation';
import { FakeLink } from '../service/fake-link';
import { FakeRoom } from '../service/fake-room';
import { ANN, DOMAIN, join, leave } from '../service/rig';
import type { Storm } from './stormy-writer';
import { TempDatabase } from './temp';
import { asRoom } from '../support/jids';

const ROOMS = Array.from({ length: 5 }, (_, i) => `r${i}@${DOMAIN}`);
const PEOPLE = Array.from({ length: 4 }, (_, i) => `p${i}@x.lit/1`);
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A small generator of numbers, so that a failing seed can be tried again. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}

/** One body or refusal that left. */
interface Sent {
  readonly room: string;
  readonly to: string;
  readonly text: string;
}

class Weather {
  readonly link = new FakeLink();
  readonly service: Service;
  readonly machines = new Map<string, Machine>();
  readonly sent: Sent[] = [];
  /** Said, and not in the database at that moment. */
  readonly unstored: string[] = [];
  readonly complaints = new Map<string, number>();
  private readonly reader: Database;

  constructor(
    readonly database: TempDatabase,
    store: Awaited<ReturnType<TempDatabase['open']>>,
  ) {
    this.reader = new Sqlite(database.file, { readonly: true });
    const isStored = this.reader.prepare('SELECT count(*) FROM message WHERE payload = ?').pluck();
    const { link } = this;
    const send = link.send.bind(link);
    link.send = (out) => {
      send(out);
      const body = /<t>(?:say-again: )?(m\d+)<\/t>/.exec(out.rest)?.[1];
      const refused = out.rest.includes('<error') ? `!${/ id="(\w+)"/.exec(out.rest)?.[1] ?? ''}` : '';
      const text = body ?? refused;
      if (body !== undefined && isStored.get(body) !== 1) this.unstored.push(body);
      if (!link.online) return;
      for (const to of recipientsOf(out)) this.sent.push({ room: out.from, to, text });
    };
    const complain = (_fields: object, message: string): void => {
      this.complaints.set(message, (this.complaints.get(message) ?? 0) + 1);
    };
    this.service = createService({
      domain: DOMAIN,
      store,
      link,
      clock: systemClock,
      random: { bytes: (count) => randomBytes(count) },
      makeRoom: (jid, rows) => {
        const machine = new FakeRoom(jid, rows, []);
        this.machines.set(jid, machine);
        return machine;
      },
      log: { debug: () => undefined, info: () => undefined, warn: complain, error: complain },
      limits: { confirmMs: 3, persistMs: 3, retryMs: 15, idleMs: 60, probesPerSecond: 1 },
      info: { name: 'Rooms', contact: {} },
      version: '1',
    });
  }

  feed(text: string): void {
    this.service.handler.stanza(parse(text), text.length);
  }

  rows<T>(sql: string, ...values: unknown[]): T[] {
    return this.reader.prepare(sql).all(...values) as T[];
  }

  /** The counters of a room in the database. */
  stored(room: string): Pick<Counters, 'rev' | 'deliveredRev' | 'seq'> {
    const [row] = this.rows<Pick<Counters, 'rev' | 'deliveredRev' | 'seq'>>(
      'SELECT rev, delivered_rev AS deliveredRev, c.seq FROM counters c JOIN room ON room.id = room WHERE jid = ?',
      room,
    );
    return row as Pick<Counters, 'rev' | 'deliveredRev' | 'seq'>;
  }

  /** Nothing is under way, and all that was said is known to have arrived. */
  quiet(): boolean {
    if (this.service.stats().gathered > 0) return false;
    return ROOMS.every((room) => {
      const { rev, deliveredRev } = (this.machines.get(room) as Machine).counters;
      return deliveredRev === rev && this.stored(room).deliveredRev === rev;
    });
  }

  end(): void {
    this.reader.close();
  }
}

async function storm(seed: number, losing: boolean): Promise<void> {
  const database = new TempDatabase();
  const dice = new Int32Array(new SharedArrayBuffer(4));
  const fault: Storm = { dice, one: 6 };
  const store = await database.open({ durability: 'normal', threads: { writer: path.join(__dirname, 'stormy-writer.js'), fault } });
  const w = new Weather(database, store);
  await w.service.start();
  w.service.handler.online();
  for (const room of ROOMS) for (const who of [ANN, ...PEOPLE]) w.feed(join(who, `n${who.slice(0, 2)}`, asRoom(room)));
  await sleep(40);
  const roll = numbers(seed);
  Atomics.store(dice, 0, seed | 1);
  const said = new Map<string, string>();
  const last = new Map<string, 'in' | 'out'>();
  for (let i = 0; i < 300; i++) {
    const room = ROOMS[roll(ROOMS.length)] as string;
    const who = PEOPLE[roll(PEOPLE.length)] as string;
    const what = roll(20);
    if (what < 2) {
      w.feed((what === 0 ? leave : join)(who, `n${who.slice(0, 2)}`, asRoom(room)));
      last.set(`${room} ${who}`, what === 0 ? 'out' : 'in');
    } else if (what === 2 && roll(4) === 0)
      w.feed(`<message from="${who}" to="${room}" type="groupchat" id="bad"><body>bad row</body></message>`);
    else if (losing && what === 3 && roll(4) === 0) {
      w.link.online = false;
      w.service.handler.offline('the test took it away');
      await sleep(roll(10));
      w.link.online = true;
      w.service.handler.online();
    } else {
      const id = `m${i}`;
      said.set(id, room);
      w.feed(`<message from="${who}" to="${room}" type="groupchat" id="${id}"><body>${id}</body></message>`);
    }
    if (roll(3) === 0) await (roll(2) === 0 ? new Promise(setImmediate) : sleep(roll(6)));
  }
  Atomics.store(dice, 0, 0);
  await sleep(150);
  // All that is to happen still: answers of a writer that has to be started anew, and what has reached the server being noted.
  for (let i = 0; i < 400 && !w.quiet(); i++) await sleep(50);
  expect([seed, w.unstored]).toEqual([seed, []]);
  expect([seed, w.complaints.get('the store took a batch that builds on one that failed')]).toEqual([seed, undefined]);
  const archived = new Map<string, string[]>();
  for (const room of ROOMS) {
    archived.set(
      room,
      w
        .rows<{ payload: string }>('SELECT payload FROM message m JOIN room ON room.id = m.room WHERE jid = ? ORDER BY seq', room)
        .map(({ payload }) => payload),
    );
  }
  for (const room of ROOMS) {
    const list = archived.get(room) ?? [];
    const seen = w.sent.filter((one) => one.room === room && one.to === ANN && one.text.startsWith('m')).map(({ text }) => text);
    expect([seed, room, losing ? [...new Set(seen)] : seen]).toEqual([seed, room, list]);
    expect([seed, new Set(list).size]).toEqual([seed, list.length]);
  }
  const all = new Set([...archived.values()].flat());
  const refused = w.sent.filter(({ text }) => text.startsWith('!m')).map(({ text }) => text.slice(1));
  for (const id of refused) expect([seed, id, all.has(id)]).toEqual([seed, id, false]);
  if (!losing) {
    expect([seed, refused.length]).toEqual([seed, new Set(refused).size]);
    for (const id of said.keys()) expect([seed, id, all.has(id) || refused.includes(id)]).toEqual([seed, id, true]);
  }
  for (const room of ROOMS) {
    const { rev, deliveredRev, seq } = (w.machines.get(room) as Machine).counters;
    expect([seed, room, { rev, deliveredRev, seq }]).toEqual([seed, room, w.stored(room)]);
    expect([seed, deliveredRev]).toEqual([seed, rev]);
    const sessions = w
      .rows<{ jid: string }>('SELECT s.jid FROM session s JOIN room ON room.id = s.room WHERE room.jid = ? ORDER BY s.jid', room)
      .map(({ jid }) => jid);
    expect([seed, room, [...(w.machines.get(room) as FakeRoom).sessions].sort()]).toEqual([seed, room, sessions]);
    for (const [key, state] of last) {
      if (state === 'out' && key.startsWith(`${room} `))
        expect([seed, key, sessions.includes(key.slice(room.length + 1))]).toEqual([seed, key, false]);
    }
  }
  expect([seed, w.service.stats().gathered]).toEqual([seed, 0]);
  await w.service.stop();
  w.end();
  await database.dispose();
}

test.each([
  [7919, false],
  [15838, false],
  [790_000, true],
  [831_495, true],
])('weather %i: the writer dies in every way, the disk is full, rows are bad; links are lost: %s', storm, 60_000);
