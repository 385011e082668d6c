/** A room of a stated size, and what one input to it costs: counts of work, rows and output, its archive's answers and all that follows included. */
import { createFeatures } from '../../src/features';
import type { FeatureSet } from '../../src/room/contract/feature-set';
import { messageId, occupantId } from '../../src/room/talking/ids';
import type { Decision, Effect, Input, Machine, Write } from '../../src/room/contract/machine';
import { isQuery } from '../../src/room/contract/queries';
import { createRoomFactory } from '../../src/room/room';
import { bareOf, resourceOf } from '../../src/xmpp/jid';
import { copiesOf, toXml, type Outgoing } from '../../src/xmpp/outgoing';
import { parse } from '../support/conversation';
import { RoomTables } from '../support/room-tables';
import { measured } from '../support/work';
import { LIMITS } from './limits';
import { asBare, asFull, asRoom } from '../support/jids';
import type { OccupantId, StanzaId } from '../../src/room/contract/rows';
import { asNick } from '../support/ids';

export const ROOM = asRoom('crowd@rooms.x.lit');
export const OWNER = 'ann@x.lit/1';
/** One of many in the room, without an affiliation. */
export const SOMEBODY = 'p5@x.lit/1';
/** Neither in the room nor on its lists. */
export const STRANGER = 'stranger@z.lit/1';

/** How many there are of what a stanza may cost. */
export interface Size {
  readonly occupants: number;
  /** Of people who are not there. */
  readonly affiliations: number;
  /** Rows of each feature that keeps some by person. */
  readonly rows: number;
  readonly messages: number;
  /** Rows of each feature that keeps what waits, or what was reserved. */
  readonly waiting?: number;
  /** Everybody is still entering, and nothing has been delivered: as after a crash in a storm of joins. */
  readonly entering?: boolean;
}

/** What it cost; everything is a count. */
export interface Cost {
  /** Steps of loops, texts looked through, in UTF-16 units, and hashes. */
  steps: number;
  characters: number;
  hashes: number;
  /** Rows written, and bytes of them; rows read from the archive. */
  writes: number;
  writtenBytes: number;
  reads: number;
  /** Stanzas put together, their bytes, and what leaves: each to its recipients. */
  outputs: number;
  builtBytes: number;
  stanzas: number;
}

/** Features that keep a row for each of many people, and such a row. */
const ROWS: Readonly<Record<string, (id: string, at: number) => readonly [key: string, value: unknown]>> = {
  'last-visits': (_, at) => [`m${at}@x.lit`, at],
  'kept-roles': (_, at) => [`k${at}@x.lit`, 'visitor'],
  'revoked-voice': (_, at) => [`k${at}@x.lit`, true],
  'invited-members': (_, at) => [`m${at}@x.lit`, 1_700_000_000_000],
  'wake-away': (_, at) => [`m${at}@x.lit`, START],
  'former-ids': (id, at) => [`former${at}`, id],
  markers: (id) => [id, { id: 'zzzzzzzzzzzzzzzzzzzzzz', at: 1_700_000_000_000 }],
  bookmarked: (_, at) => [`m${at}@x.lit`, START],
  // As many as are due are asked for again, in slices: here none is.
  'bookmarks-due': (_, at) => [`b${at}@x.lit`, { at: START + 10_000_000, tries: 1 }],
  'wake-account': (_, at) => [`m${at}@x.lit`, { wake: 'mentions', asked: START, read: START }],
};

const TEXT = 'x'.repeat(2_000);
/** Features that keep what waits, and such a row. */
const WAITING: Readonly<Record<string, (id: string, at: number) => readonly [key: string, value: unknown]>> = {
  registration: (_, at) => [`w${at}@d${at}.lit`, { nick: `w${at}`, answers: { 'muc#register_faqentry': [TEXT] } }],
  invitations: (_, at) => [
    `m${at}@x.lit p${at}@x.lit`,
    { inviter: `p${at}@x.lit`, address: `p${at}@x.lit/1`, nick: null, id: TEXT, at: START, asked: true },
  ],
  'held-messages': (_, at) => [
    `zzzzzzzzzzzzzzzzzzz${at}`,
    {
      jid: `p${at}@x.lit`,
      address: `p${at}@x.lit/1`,
      clientId: null,
      lang: null,
      payload: `<body>${TEXT}</body>`,
      body: TEXT,
      archivable: true,
    },
  ],
  'reserved-nicks': (_, at) => [`v${at}@d${at}.lit`, { nick: `v${at}`, seen: START, of: TEXT }],
  'wake-wishes': (_, at) => [`v${at}@d${at}.lit`, { wake: 'all', since: START, seen: START, nick: `v${at}` }],
  'wake-rung': (_, at) => [`v${at}@d${at}.lit`, { at: START, seq: at, mentions: 1 }],
  'voice-requests': (_, at) => [`p${at}@x.lit`, { at: START, waits: true }],
  notices: (_, at) => [`${START} ${at}`, { to: [`m${at}@x.lit`], rest: `>${TEXT}</message>`, cause: { kind: 'mention', id: `id${at}` } }],
};

/** Rows by size and options: they are never changed, and many rooms begin with the same. */
const ROWS_OF = new Map<string, readonly Write[]>();

const SECRET = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
const START = 1_700_000_000_000;
/** Rounds in which a room may ask its archive before an answer is out. */
const MAX_ROUNDS = 200;

export class Crowd {
  readonly features: FeatureSet;
  readonly machine: Machine;
  private readonly tables = new RoomTables();
  private now = START + 10_000_000;
  private drawn = 0;
  /** The latest answer to who sent something, as XML. */
  answer = '';
  /** All that came of the latest input. */
  said: Outgoing[] = [];
  /** What each decision of it cost. */
  decisions: Cost[] = [];

  constructor(
    private readonly size: Size,
    options: Readonly<Record<string, readonly string[]>>,
  ) {
    const limits = { ...LIMITS, occupants: 10_000, waiting: 200 };
    this.features = createFeatures(limits);
    const make = createRoomFactory({
      random: { bytes: (count) => Buffer.alloc(count, ++this.drawn) },
      policy: {
        mayCreate: () => true,
        isServiceAdmin: () => false,
        defaults: new Map(),
        limits,
        creation: { roomsPerCreator: null, rooms: null },
        kept: { markers: true, events: true },
        rooms: { conditions: false, ownersNeedPassword: false, avatarPresence: true },
      },
      features: this.features,
    });
    const deliveredRev = size.entering ? 0 : size.messages + 1;
    const counters = {
      rev: size.messages + 1,
      deliveredRev,
      seq: size.messages,
      stamp: START + size.messages,
      used: START + size.messages,
    };
    const key = JSON.stringify([size, options]);
    let rows = ROWS_OF.get(key);
    if (!rows) ROWS_OF.set(key, (rows = rowsOf(size, options)));
    this.tables.apply(ROOM, rows, counters);
    this.machine = make(ROOM, this.tables.load(ROOM));
    if (size.entering) return;
    // What a room with these options makes of its rows once is no cost of what comes next.
    const { writes, counters: after } = this.machine.decide({ kind: 'timer' }, this.now++);
    this.tables.apply(ROOM, writes, after);
  }

  /** The id of an archived message, by its number. */
  static messageId(seq: number): StanzaId {
    return messageId(START + seq, { bytes: (count) => Buffer.alloc(count, seq) });
  }

  /** Gives a stanza, as text, and says what came of it. */
  send(text: string): Cost {
    const stanza = parse(text);
    const from = stanza.attrs['from'] as string;
    this.answer = '';
    return this.give({ kind: 'stanza', stanza, from: asFull(from), nick: resourceOf(stanza.attrs['to'] as string) }, from);
  }

  /** Gives a stanza, and says what was said by the first decision; what is to come of it does not come. */
  first(text: string): readonly Outgoing[] {
    const stanza = parse(text);
    this.said = [];
    const from = asFull(stanza.attrs['from'] as string);
    this.decide({ kind: 'stanza', stanza, from, nick: resourceOf(stanza.attrs['to'] as string) }, from, free());
    return this.said;
  }

  give(input: Input, asker = ''): Cost {
    this.said = [];
    this.decisions = [];
    const cost = free();
    let inputs = [input];
    for (let round = 0; inputs.length > 0; round++) {
      if (round > MAX_ROUNDS) throw new Error('The room asks its archive without end.');
      inputs = inputs.flatMap((one) => {
        const own = free();
        const { effects, wakes } = this.decide(one, asker, own);
        this.decisions.push(own);
        const answers = effects
          .filter((effect) => this.isAnswered(effect))
          .map((effect) => this.answerOf(effect, own))
          .filter((input) => input !== undefined);
        if (wakes) answers.push({ kind: 'timer' });
        for (const key of Object.keys(own) as (keyof Cost)[]) cost[key] += own[key];
        return answers;
      });
    }
    return cost;
  }

  /** Histories of those who are entering again wait for their turn. */
  private isAnswered(effect: Effect): boolean {
    return this.size.entering !== true || effect.kind !== 'read-messages' || effect.purpose !== 'history';
  }

  private decide(input: Input, asker: string, cost: Cost): Decision {
    const { result, work } = measured(() => this.machine.decide(input, this.now++));
    cost.steps += work.steps;
    cost.characters += work.characters;
    cost.hashes += work.hashes;
    if (isQuery(input) && result.writes.length > 0) throw new Error(`It only asks, and writes: ${JSON.stringify(result.writes)}`);
    this.note(result, asker, cost);
    this.tables.apply(ROOM, result.writes, result.counters);
    return result;
  }

  private note({ writes, out }: Decision, asker: string, cost: Cost): void {
    cost.writes += writes.length;
    for (const write of writes) cost.writtenBytes += JSON.stringify(write).length;
    cost.outputs += out.length;
    for (const one of out) this.said.push(one);
    // A text that is shared was put together once.
    for (const rest of new Set(out.map((one) => one.rest))) cost.builtBytes += rest.length;
    for (const one of out) {
      cost.stanzas += copiesOf(one);
      if (one.to === asker) this.answer = toXml(one, asker);
    }
  }

  private answerOf(effect: Effect, cost: Cost): Input | undefined {
    if (effect.kind === 'relay-iq') return { kind: 'relayed', effect, answer: { type: 'timeout' } };
    if (effect.kind === 'read-messages') {
      const rows = this.tables.messages(ROOM, effect);
      cost.reads += rows.length;
      return { kind: 'messages', effect, rows };
    }
    if (effect.kind === 'bookmark' || effect.kind === 'ask-settings' || effect.kind === 'asks-nobody') return undefined;
    if (effect.kind === 'wake-up') {
      cost.stanzas += effect.people.length;
      return undefined;
    }
    if (effect.kind === 'ask-check') throw new Error('Checks that take time are played with a service');
    const answer = this.tables.archive(ROOM, effect.query);
    cost.reads += 'rows' in answer ? answer.rows.length : 1;
    return { kind: 'archive', effect, answer };
  }
}

const free = (): Cost => ({
  ...{ steps: 0, characters: 0, hashes: 0, writes: 0, writtenBytes: 0, reads: 0, outputs: 0, builtBytes: 0, stanzas: 0 },
});

function rowsOf(size: Size, options: Readonly<Record<string, readonly string[]>>): Write[] {
  const idOf = (jid: string): OccupantId => occupantId({ secret: SECRET }, asBare(bareOf(jid)));
  const writes: Write[] = [
    {
      table: 'room',
      row: {
        ...{ jid: ROOM, state: 'open', options: JSON.stringify(options), name: '', listed: true, subject: null, secret: SECRET },
        ...{
          creator: asBare(bareOf(OWNER)),
          createdAt: START,
          archiveFrom: 0,
          deadline: null,
          keepDays: null,
          keepMessages: null,
          tombstone: null,
        },
      },
    },
  ];
  const affiliate = (jid: string, affiliation: 'owner' | 'admin' | 'member' | 'outcast', nick: string | null): void => {
    writes.push({
      table: 'affiliation',
      jid: asBare(jid),
      row: {
        jid: asBare(jid),
        affiliation,
        nick: asNick(nick),
        reason: 'a reason',
        setBy: asBare(bareOf(OWNER)),
        setByName: null,
        setAt: START,
        expiresAt: null,
        afterwards: null,
      },
    });
  };
  const occupy = (jid: string, nick: string, role: 'moderator' | 'participant' | 'visitor'): void => {
    const id = idOf(jid);
    writes.push({ table: 'occupant', id, row: { id, jid: asBare(bareOf(jid)), nick: asNick(nick), role, rev: 1 } });
    const presence = '<show>away</show>';
    const row = {
      jid: asFull(jid),
      spelling: null,
      occupantId: id,
      presence,
      priority: 0,
      entering: size.entering === true,
      askedNick: null,
      joinedAt: START,
    };
    writes.push({ table: 'session', jid: asFull(jid), row });
  };
  affiliate(bareOf(OWNER), 'owner', null);
  occupy(OWNER, 'ann', 'moderator');
  const visits = options['muc#roomconfig_moderatedroom']?.[0] === '1';
  for (let i = 0; i < size.occupants; i++) {
    const isMember = i % 3 === 0;
    if (isMember) affiliate(`p${i}@x.lit`, 'member', null);
    occupy(`p${i}@x.lit/1`, `p${i}`, visits && !isMember ? 'visitor' : 'participant');
  }
  for (let i = 0; i < size.affiliations; i++) {
    const which = i % 10;
    affiliate(`m${i}@x.lit`, which === 0 ? 'admin' : which < 3 ? 'outcast' : 'member', which === 5 ? `nick${i}` : null);
  }
  for (let i = 0; i < size.rows; i++) {
    const items = [{ object: `m${i}@x.lit`, before: 'none', after: 'member', reason: 'a reason' }];
    const by = { kind: 'occupant', name: bareOf(OWNER), face: 'xmpp' } as const;
    writes.push({ table: 'audit', row: { at: START + i, by, act: 'set-affiliations', count: 1, items } });
  }
  for (const [feature, rowOf] of Object.entries(ROWS)) {
    // Roles outlive a visit in moderated rooms only.
    if (!visits && (feature === 'kept-roles' || feature === 'revoked-voice')) continue;
    for (let i = 0; i < size.rows; i++) {
      const [key, value] = rowOf(idOf(`m${i}@x.lit`), i);
      writes.push({ table: 'feature', feature, key, value: JSON.stringify(value) });
    }
  }
  for (const [feature, rowOf] of Object.entries(WAITING)) {
    for (let i = 0; i < (size.waiting ?? 0); i++) {
      const [key, value] = rowOf(idOf(`m${i}@x.lit`), i);
      writes.push({ table: 'feature', feature, key, value: JSON.stringify(value) });
    }
  }
  for (let seq = 1; seq <= size.messages; seq++) {
    const who = `p${seq % 5}@x.lit`;
    writes.push({
      table: 'message',
      row: {
        ...{
          seq,
          rev: seq,
          stamp: START + seq,
          id: Crowd.messageId(seq),
          nick: asNick(resourceOf(`x@y/${who.slice(0, who.indexOf('@'))}`)),
        },
        ...{ sender: asFull(`${who}/1`), jidShown: true, occupantId: idOf(who), clientId: `c${seq}`, lang: null, inHistory: true },
        payload: `<body>word${seq} and more</body>`,
      },
    });
  }
  return writes;
}
