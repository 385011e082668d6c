/** A service with a stated number of rooms in a real database, and what one request to the service itself costs: counts, not seconds. */
import Database from 'better-sqlite3';
import { createAdminCommands } from '../../src/admin/commands';
import type { Erasures } from '../../src/admin/erasures';
import type { AdHoc } from '../../src/service/answers/ad-hoc';
import { SeenLanguages } from '../../src/service/answers/languages';
import { answerServiceIq, type ServiceIqOptions } from '../../src/service/answers/service-iq';
import { NO_BOUNDS } from '../../src/room/configuring/retention';
import { Reader } from '../../src/store/sqlite/reading/reader';
import type { Change } from '../../src/room/contract/rows';
import { toXml } from '../../src/xmpp/outgoing';
import { affiliation, batch, create, occupant, session } from '../store/batches';
import { TempDatabase } from '../store/temp';
import { parse } from '../support/conversation';
import { asBare, asDomain } from '../support/jids';
import { measuredAsync } from '../support/work';
import { FakeClock } from './fake-clock';
import { asNick, asOccupantId } from '../support/ids';

export const DOMAIN = asDomain('rooms.x.lit');
/** In every room, a member of each, with a nick in every fourth. */
export const KNOWN = 'ann@x.lit/1';
export const STRANGER = 'zoe@z.lit/1';
export const ADMIN = 'bard@x.lit/1';

/** Every room can be found by searching. */
const CHANNEL = JSON.stringify({ name: 'Tea', description: 'and cakes', language: 'en', open: true, nonAnonymous: false });

/** What it cost; everything is a count. */
export interface Cost {
  readonly steps: number;
  readonly characters: number;
  /** Rows of the database that were looked at. */
  readonly rows: number;
  /** Bytes of the answer. */
  readonly bytes: number;
  /** Commands that rooms were given, and stanzas to others. */
  readonly further: number;
}

/** How many rows a statement looks at: those it answers, and those it counts. */
class Rows {
  count = 0;
  /** Statements that go through a whole table. */
  readonly scans = new Set<string>();
  private readonly known = new Map<string, boolean>();
  private readonly undo: (() => void)[] = [];

  constructor(private readonly file: string) {
    const db = new Database(':memory:');
    const prototype = Object.getPrototypeOf(db.prepare('SELECT 1')) as Record<string, (...args: unknown[]) => unknown>;
    db.close();
    for (const name of ['all', 'get'] as const) {
      const original = prototype[name] as (...args: unknown[]) => unknown;
      const note = (source: string, answer: unknown): void => {
        this.note(source, answer);
      };
      prototype[name] = function (this: { source: string }, ...args: unknown[]) {
        const answer = original.apply(this, args);
        note(this.source, answer);
        return answer;
      };
      this.undo.push(() => (prototype[name] = original));
    }
  }

  private note(source: string, answer: unknown): void {
    if (source.startsWith('EXPLAIN')) return;
    const isCount = /\bcount\(/.test(source) && typeof answer === 'number';
    this.count += isCount ? answer : Array.isArray(answer) ? answer.length : 1;
    if (this.isScan(source)) this.scans.add(source);
  }

  private isScan(source: string): boolean {
    let known = this.known.get(source);
    if (known === undefined) {
      const db = new Database(this.file, { readonly: true });
      const plan = db.prepare(`EXPLAIN QUERY PLAN ${source}`);
      // What is bound says nothing of the plan.
      const names = [...source.matchAll(/@(\w+)/g)].map(([, name = '']) => [name, 1]);
      const marks = [...source.matchAll(/\?/g)].map(() => 1);
      const steps = (names.length > 0 ? plan.all(Object.fromEntries(names)) : plan.all(...marks)) as { detail: string }[];
      db.close();
      // Tables of one row, and what was cut off before, are none.
      known = steps.some(({ detail }) => /^SCAN (?!own\b|there\b|\(subquery|progress\b|room_list\b|CONSTANT)(?!.*USING)/.test(detail));
      this.known.set(source, known);
    }
    return known;
  }

  end(): void {
    for (const one of this.undo) one();
  }
}

export class ServiceCrowd {
  private constructor(
    private readonly database: TempDatabase,
    private readonly reader: Reader,
    private readonly rows: Rows,
    readonly adHoc: AdHoc,
    private readonly options: ServiceIqOptions,
    private readonly clock: FakeClock,
    private readonly further: { count: number },
  ) {}

  static async with(count: number): Promise<ServiceCrowd> {
    const database = new TempDatabase();
    const store = await database.open({ durability: 'normal' });
    const parts = Array.from({ length: count }, (_, i) => {
      const jid = `r${String(i).padStart(5, '0')}@${DOMAIN}`;
      const items = [{ object: 'm@x.lit', before: 'none', after: 'member', reason: 'so' }];
      const by = { kind: 'occupant', name: asBare('ann@x.lit'), face: 'xmpp' } as const;
      const changes: Change[] = [
        create(jid, { name: `Room ${i}`, channel: CHANNEL }),
        { table: 'affiliation', jid: asBare('ann@x.lit'), row: affiliation('ann@x.lit', { nick: asNick(i % 4 ? null : 'ann') }) },
        { table: 'occupant', id: asOccupantId('ann'), row: occupant('ann', { jid: asBare('ann@x.lit') }) },
        { table: 'session', jid: session(KNOWN).jid, row: session(KNOWN, { occupantId: asOccupantId('ann') }) },
        { table: 'occupant', id: asOccupantId(`p${i}`), row: occupant(`p${i}`) },
        {
          table: 'session',
          jid: session(`p${i}@example.org/1`).jid,
          row: session(`p${i}@example.org/1`, { occupantId: asOccupantId(`p${i}`) }),
        },
        { table: 'audit', row: { at: 1_000 + i, by, act: 'set-affiliations', count: 1, items } },
      ];
      return { room: jid, counters: { rev: 1, deliveredRev: 1 }, changes };
    });
    await store.commit(batch(1, ...parts));
    await store.close();
    const rows = new Rows(database.file);
    const reader = new Reader({ path: database.file, durability: 'normal', busyTimeout: 1_000 });
    reader.open();
    const clock = new FakeClock();
    const further = { count: 0 };
    let drawn = 0;
    const common = {
      domain: DOMAIN,
      clock,
      random: { bytes: (bytes: number) => Buffer.alloc(bytes, ++drawn) },
      execute: () => {
        further.count++;
        return Promise.resolve({ ok: true } as const);
      },
    };
    const adHoc = createAdminCommands({
      ...common,
      isServiceAdmin: (jid) => jid === 'bard@x.lit',
      store: {
        audit: (query) => Promise.resolve(reader.audit(query)),
        counts: () => Promise.resolve(reader.counts()),
        hasRoom: (room) => Promise.resolve(reader.hasRoom(room)),
        people: (limit) => Promise.resolve(reader.people(limit)),
        sessionsAfter: (after, limit) => Promise.resolve(reader.sessionsAfter({ after, limit })),
      },
      line: { online: true, congested: false, send: () => void further.count++ },
      // In the background, room by room: that it is asked for is all that counts here.
      erasures: { erase: () => Promise.resolve(undefined) } as unknown as Erasures,
      log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
      backups: { make: () => Promise.resolve({ name: 'x.db', rooms: 1, messages: 1 }), list: () => [] },
      shutDown: () => Promise.resolve(),
    });
    const options: ServiceIqOptions = {
      ...common,
      languages: new SeenLanguages(),
      store: {
        listRooms: (query) => Promise.resolve(reader.listRooms(query)),
        listOccupied: (query) => Promise.resolve(reader.listOccupied(query)),
        findChannels: (query) => Promise.resolve(reader.findChannels(query)),
        seatsOf: (jid, query) => Promise.resolve(reader.seatsOf({ jid, query })),
        registrationsOf: (jid, query) => Promise.resolve(reader.registrationsOf({ jid, query })),
        hasRoom: (room) => Promise.resolve(reader.hasRoom(room)),
      },
      adHoc,
      isAwake: () => false,
      begun: 0,
      info: { name: 'Rooms', description: 'For talking', contact: { abuse: ['mailto:abuse@x.lit'], admin: ['xmpp:bard@x.lit'] } },
      retention: NO_BOUNDS,
      version: '1.2.3',
    };
    return new ServiceCrowd(database, reader, rows, adHoc, options, clock, further);
  }

  /** What one request costs, and its answer. */
  async ask(text: string): Promise<{ cost: Cost; answer: string; scans: readonly string[] }> {
    const iq = parse(text);
    this.rows.count = 0;
    this.rows.scans.clear();
    this.further.count = 0;
    const { result, work } = await measuredAsync(async () => {
      const answer = answerServiceIq(iq, this.options);
      // What waits for a while, such as an announcement for its next page.
      await this.clock.pass(20_000);
      return answer;
    });
    const answer = toXml(result, iq.attrs['from'] as string);
    const { steps, characters } = work;
    const cost = { steps, characters, rows: this.rows.count, bytes: Buffer.byteLength(answer), further: this.further.count };
    return { cost, answer, scans: [...this.rows.scans] };
  }

  async dispose(): Promise<void> {
    this.rows.end();
    this.reader.close();
    await this.database.dispose();
  }
}
