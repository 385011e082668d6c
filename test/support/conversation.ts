/**
 * Conversations: stanzas in, stanzas out, exact. Runs rooms as the service would, with a store that takes everything at once, so
 * that a test reads as the exchange it is about.
 */
import { appendFileSync } from 'node:fs';
import xml from '@xmpp/xml';
import { createFeatures } from '../../src/features';
import { createRoomFactory } from '../../src/room/room';
import type { DataPolicy } from '../../src/features/data-policy';
import type { Feature } from '../../src/room/contract/feature';
import type { Policy, RoomEnv } from '../../src/room/contract/env';
import type { ArchiveAnswer } from '../../src/room/contract/archive-query';
import type { AskSettings, Bookmark, Input, Machine, ReadArchive, RelayIq, Write } from '../../src/room/contract/machine';
import type { Retention } from '../../src/room/configuring/retention';
import type { Millis, RoomRows } from '../../src/room/contract/rows';
import { wakeStanzas, type WakeForm } from '../../src/service/wake-ups/wake-stanza';
import { foldFull, type BareJid, type RoomJid } from '../../src/xmpp/fold';
import { bareOf, resourceOf } from '../../src/xmpp/jid';
import { outgoing, recipientsOf, toXml } from '../../src/xmpp/outgoing';
import type { Element } from '../../src/xmpp/xml';
import { keepsDeclared } from './declared';
import { RoomTables } from './room-tables';
import { canonical, matchStanza, type Names } from './canonical';
import { asRoom } from './jids';

export interface ConversationOptions {
  /** Features from outside. */
  plugins?: readonly Feature[];
  mayCreate?: (jid: BareJid) => boolean;
  isServiceAdmin?: (jid: BareJid) => boolean;
  knowsDomain?: (domain: string) => boolean;
  /** Which domains are the server's own: all, unless it is given. */
  isLocal?: (domain: string) => boolean;
  defaults?: ReadonlyMap<string, readonly string[]>;
  limits?: Partial<Policy['limits']>;
  retention?: Retention & { ownersTrim?: boolean };
  dataPolicy?: DataPolicy;
  kept?: Partial<Policy['kept']>;
  rooms?: Partial<Policy['rooms']>;
  wakeUps?: Policy['wakeUps'];
  /** In which form people are woken; `groupchat` unless given. */
  wakeForm?: WakeForm;
  /** Runs these machines instead of Parlour's rooms: for tests of the conversation itself. */
  makeRoom?: (jid: RoomJid, rows: RoomRows | null) => Machine;
}

export interface Conversation {
  /** Sends one stanza, given as XML with from and to. */
  send(stanza: string): void;
  /** What was said since the last look is exactly this, in this order, and nothing else. */
  expect(...stanzas: string[]): void;
  /** As `expect`, of what was said to one JID; what was said to others is forgotten. */
  expectTo(jid: string, ...stanzas: string[]): void;
  /** What was said since the last look, as XML. */
  take(): string[];
  /** Forgets what was said until now. */
  forget(): void;
  /** Lets the clock go on. */
  advance(ms: Millis): void;
  /** Rooms are made anew from their rows, as after a restart. `delivered`: whether all that was said had arrived. */
  restart(delivered?: boolean): void;
  /** The operator's configuration is read again, and has other limits. */
  reread(limits: Partial<Policy['limits']>): void;
  /** A request that was passed on, by its id, gets no answer in time. */
  timeOut(id: string): void;
  /** The archive does not answer any more (after so many answers); then it answers what it was asked meanwhile, or fails to. */
  holdArchive(after?: number): void;
  /** `hold`: what is asked because of the answer waits in its turn. */
  answerArchive(answer?: ArchiveAnswer, hold?: boolean): void;
  /** A change that something else made to a room's archive, such as a retraction. */
  change(room: string, change: Write): void;
  /** All rows of a room as one text, to look for words in. */
  rows(room: string): string;
  /** Gives an input that is no stanza to a room. */
  input(room: string, input: Input): void;
  /** Every input from now on, and how many rows its decision wrote. */
  watch(): readonly { readonly input: Input['kind']; readonly writes: number }[];
  /** What the room has asked of accounts since the last look: bookmarks that are to be written, settings that are to be read. */
  asked(): readonly (Bookmark | AskSettings)[];
  /** Notices to people outside that found no place, so far. */
  dropped(): number;
}

const LIMITS: Policy['limits'] = {
  history: 100,
  nick: 60,
  subject: 1000,
  name: 200,
  description: 1000,
  affiliationsPerRoom: 4000,
  listBytes: 400_000,
  presenceBytes: 16_384,
  occupants: 1000,
  heldForEntering: 100,
  destroyedDays: 30,
  lockedMinutes: 60,
  vcardBytes: 20_000,
  waiting: 20,
  archivePage: 250,
  stanzaBytes: 262_144,
};

/** A file that gets all that rooms say. */
const STANZAS = process.env['STANZAS'];

/** 2026-01-01T00:00:00Z */
const START = 1767225600000;

export function conversation(options: ConversationOptions = {}): Conversation {
  let now = START;
  let drawn = 0;
  let said: string[] = [];
  const names: Names = new Map();
  const tables = new RoomTables();
  const rooms = new Map<string, Machine>();
  const limits = { ...LIMITS, ...options.limits };
  const features = createFeatures(limits, options.retention, options.dataPolicy, options.plugins);
  const env: { -readonly [K in keyof RoomEnv]: RoomEnv[K] } = {
    // Bytes that differ each time and are the same in each run.
    random: { bytes: (count) => Buffer.from(Array.from({ length: count }, (_, i) => (++drawn * 37 + i) % 251)) },
    policy: {
      mayCreate: options.mayCreate ?? (() => true),
      isServiceAdmin: options.isServiceAdmin ?? (() => false),
      knowsDomain: options.knowsDomain ?? (() => false),
      ...(options.isLocal ? { isLocal: options.isLocal } : {}),
      defaults: options.defaults ?? new Map(),
      limits,
      creation: { roomsPerCreator: null, rooms: null },
      kept: { markers: false, events: false, ...options.kept },
      rooms: { conditions: false, ownersNeedPassword: false, avatarPresence: true, ...options.rooms },
      ...(options.wakeUps ? { wakeUps: options.wakeUps } : {}),
    },
    features,
  };
  const makeRoom = options.makeRoom ?? createRoomFactory(env);

  const room = (jid: string): Machine => {
    const known = rooms.get(jid);
    if (known) return known;
    const begun = tables.load(jid);
    const machine = keepsDeclared(makeRoom(asRoom(jid), begun), features.rows, { limits, begun });
    rooms.set(jid, machine);
    return machine;
  };

  const hear = (xml: string): void => {
    said.push(xml);
    // For the strict parser (test/strict): one stanza a line.
    if (STANZAS !== undefined) appendFileSync(STANZAS, `${xml.replaceAll('\n', '&#10;')}\n`);
  };

  let woken = 0;
  const asks: (Bookmark | AskSettings)[] = [];
  let dropped = 0;
  let watched: { input: Input['kind']; writes: number }[] = [];
  const give = (jid: string, input: Input): void => {
    const machine = room(jid);
    const decision = machine.decide(input, now++);
    dropped += decision.dropped ?? 0;
    watched.push({ input: input.kind, writes: decision.writes.length });
    // As the service does: what writes nothing leaves the counters alone.
    if (decision.writes.length > 0 || decision.counts) tables.apply(jid, decision.writes, decision.counters);
    for (const out of decision.out) {
      for (const to of recipientsOf(out)) hear(toXml(out, to));
    }
    for (const effect of decision.effects) {
      if (effect.kind === 'read-messages') give(jid, { kind: 'messages', effect, rows: tables.messages(jid, effect) });
      else if (effect.kind === 'relay-iq') passOn(effect);
      else if (effect.kind === 'ask-check') throw new Error('Checks that take time are played with a service');
      else if (effect.kind === 'wake-up') {
        for (const out of wakeStanzas(asRoom(jid), effect, options.wakeForm ?? 'groupchat', () => `wake-${++woken}`))
          for (const to of recipientsOf(out)) hear(toXml(out, to));
      } else if (effect.kind === 'bookmark' || effect.kind === 'ask-settings') asks.push(effect);
      // As the service does.
      else if (effect.kind === 'asks-nobody') asks.length = 0;
      else if (asked && answers-- <= 0) asked.push({ jid, effect });
      else give(jid, { kind: 'archive', effect, answer: tables.archive(jid, effect.query) });
    }
    if (!machine.exists) rooms.delete(jid);
    if (decision.wakes) give(jid, { kind: 'timer' });
  };

  /** What the archive is asked while it does not answer. */
  let asked: { jid: string; effect: ReadArchive }[] | undefined;
  let answers = 0;

  /** Requests that the room passed on, by the id under which they went out. */
  const passedOn = new Map<string, RelayIq>();
  const passOn = (effect: RelayIq): void => {
    const id = `relay-${passedOn.size + 1}`;
    passedOn.set(id, effect);
    hear(toXml(outgoing('iq', effect.from, effect.to, { type: effect.type, id }, effect.payload), effect.to));
  };

  const check = (actual: readonly string[], wanted: readonly string[]): void => {
    const tried: Names = new Map(names);
    const fits = actual.length === wanted.length && wanted.every((stanza, i) => matchStanza(stanza, actual[i] as string, tried));
    if (!fits) {
      // Reported through jest's own diff: one stanza a line, in the quotes that jest does not escape.
      const lines = (stanzas: readonly string[], known?: Names): string =>
        stanzas.map((stanza) => canonical(stanza, known).replaceAll('"', "'")).join('\n');
      expect(lines(actual)).toBe(lines(wanted, names));
      throw new Error('The stanzas look alike but a name stands for two values, or one value has two names.');
    }
    for (const [name, value] of tried) names.set(name, value);
  };

  const self: Conversation = {
    send(text) {
      const stanza = parse(text);
      // As the router does.
      const to = foldFull(stanza.attrs['to'] as string);
      const effect = passedOn.get(stanza.attrs['id'] as string);
      const type = stanza.attrs['type'] as string | undefined;
      if (stanza.name === 'iq' && effect && (type === 'result' || type === 'error')) {
        give(bareOf(to), { kind: 'relayed', effect, answer: { type, stanza } });
        return;
      }
      give(bareOf(to), { kind: 'stanza', stanza, from: foldFull(stanza.attrs['from'] as string), nick: resourceOf(to) });
    },
    expect(...stanzas) {
      check(self.take(), stanzas);
    },
    expectTo(jid, ...stanzas) {
      check(
        self.take().filter((stanza) => parse(stanza).attrs['to'] === jid),
        stanzas,
      );
    },
    reread(changed) {
      const next = { ...limits, ...changed };
      Object.assign(env, {
        policy: { ...env.policy, limits: next },
        features: createFeatures(next, options.retention, options.dataPolicy, options.plugins),
      });
    },
    take() {
      const taken = said;
      said = [];
      return taken;
    },
    forget() {
      said = [];
    },
    dropped: () => dropped,
    asked: () => asks.splice(0),
    watch: () => (watched = []),
    advance(ms) {
      now += ms;
    },
    restart(delivered = true) {
      for (const machine of rooms.values()) {
        if (!delivered) continue;
        machine.delivered(machine.counters.rev);
        const { writes, counters } = machine.decide({ kind: 'timer' }, now);
        tables.apply(machine.jid, writes, counters);
      }
      rooms.clear();
      if (!delivered) for (const jid of tables.unsaid()) give(jid, { kind: 'say-again' });
    },
    timeOut(id) {
      const effect = passedOn.get(id) as RelayIq;
      give(bareOf(effect.asked), { kind: 'relayed', effect, answer: { type: 'timeout' } });
    },
    holdArchive(after = 0) {
      asked ??= [];
      answers = after;
    },
    answerArchive(answer, hold = false) {
      const waiting = asked ?? [];
      asked = hold ? [] : undefined;
      for (const { jid, effect } of waiting) give(jid, { kind: 'archive', effect, answer: answer ?? tables.archive(jid, effect.query) });
    },
    change(jid, change) {
      tables.apply(jid, [change], room(jid).counters);
    },
    rows: (jid) => tables.dump(jid),
    input: give,
  };
  return self;
}

/** One stanza from XML. */
export function parse(text: string): Element {
  const parser = new xml.Parser();
  let parsed: Element | undefined;
  parser.on('element', (element: Element) => (parsed = element));
  parser.on('error', (error: Error) => {
    throw error;
  });
  parser.write(`<stream>${text}</stream>`);
  if (!parsed) throw new Error(`No stanza in: ${text}`);
  parsed.parent = null;
  return parsed;
}
