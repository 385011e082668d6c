/**
 * A room, its store and the clients around it, for random play: what is decided is committed at once, what is said waits on a
 * wire that can break, reads are answered late, and the process can die with any part of it undelivered.
 */
import { createFeatures } from '../../src/features';
import { isQuery } from '../../src/room/contract/queries';
import { createRoomFactory } from '../../src/room/room';
import type { Decision, Input, Machine, ReadArchive, ReadMessages, RelayIq } from '../../src/room/contract/machine';
import { isAdmin } from '../../src/room/governing/roles';
import type { RoomRows } from '../../src/room/contract/rows';
import type { RoomEnv } from '../../src/room/contract/env';
import { RoomState } from '../../src/room/state';
import { foldFull, type RoomJid } from '../../src/xmpp/fold';
import { bareOf, resourceOf } from '../../src/xmpp/jid';
import { NS } from '../../src/xmpp/ns';
import { recipientsOf, toXml, type Outgoing } from '../../src/xmpp/outgoing';
import { LIMITS } from './limits';
import { RoomTables } from '../support/room-tables';
import { parse } from '../support/conversation';
import { keepsDeclared } from '../support/declared';
import { Client } from './client';
import { asBare, asFull, asRoom } from '../support/jids';
import { Blown, Fuse } from './fuse';

export const ROOM = asRoom('coven@chat.lit');
/** A service admin, who is an owner everywhere. */
const CHIEF = 'chief@users.lit';

/** A crowd is there to be many: what it is told nobody reads. */
export const CROWD = 'crowd.users.lit';
const isLookedAt = (jid: string): boolean => !jid.includes(`@${CROWD}/`);

export class World {
  readonly tables = new RoomTables();
  readonly fuse = new Fuse();
  readonly clients = new Map<string, Client>();
  /** Everything ever said, for comparing two runs. */
  readonly log: string[] = [];
  /** The number of the latest message when a client last asked to enter. */
  readonly cameAt = new Map<string, number>();
  /** Somebody was erased, who may have been the last owner; the tombstones name no retraction. */
  personErased = false;
  /** Times the room threw and was made anew. */
  private reloads = 0;
  /** Messages sent, for numbering them. */
  numbers = 0;
  machine: Machine;
  now = 1_700_000_000_000;
  /** Numbers of all messages ever archived, also those of former rooms, by id. */
  private readonly seqs = new Map<string, number>();
  private readonly wasEntitled = new Set<string>();
  /** Bodies, each said once, of messages that were retracted. */
  readonly retracted = new Set<string>();
  private wire: { to: string; xml: string }[] = [];
  protected reads: (ReadMessages | ReadArchive)[] = [];
  /** Requests that were passed on and wait for their answers. */
  private relays: RelayIq[] = [];
  private readonly env: RoomEnv;
  private readonly make: (jid: RoomJid, rows: ReturnType<RoomTables['load']>) => Machine;

  /** Bytes drawn, so that all randomness is the same each time. */
  private drawn = 0;

  constructor(
    private readonly held = 50,
    private readonly places = LIMITS.occupants,
  ) {
    const limits = { ...LIMITS, heldForEntering: held, occupants: places };
    this.env = {
      random: { bytes: (count) => Buffer.from(Array.from({ length: count }, (_, i) => (++this.drawn * 37 + i * 11) % 251)) },
      policy: {
        mayCreate: () => true,
        isServiceAdmin: (jid) => jid === CHIEF,
        defaults: new Map(),
        limits,
        creation: { roomsPerCreator: null, rooms: null },
        kept: { markers: false, events: false },
        rooms: { conditions: false, ownersNeedPassword: false, avatarPresence: true },
      },
      features: this.fuse.into(createFeatures(limits)),
      // Small, so that games go through many.
      slices: { messages: 2, bytes: 500, things: 3 },
    };
    const make = createRoomFactory(this.env);
    this.make = (jid, rows) => keepsDeclared(make(jid, rows), this.env.features.rows, { limits, begun: rows });
    this.machine = this.make(ROOM, null);
  }

  /** Another world with the same rows and clients, in which the process has just been started. Nothing may be under way in this one. */
  copy(): World {
    const copy = new World(this.held, this.places);
    for (const own of ['cameAt', 'seqs', 'retracted', 'wasEntitled'] as const) Object.assign(copy, { [own]: structuredClone(this[own]) });
    Object.assign(copy, { tables: this.tables.copy(), now: this.now, numbers: this.numbers, drawn: this.drawn });
    for (const client of this.clients.values()) if (isLookedAt(client.jid)) copy.client(client.jid).knows(client);
    copy.machine = copy.make(ROOM, shuffled(copy.tables.load(ROOM), copy.now));
    return copy;
  }

  /** The room's state as the machine has it. */
  get state(): RoomState {
    return (this.machine as unknown as { state: RoomState }).state;
  }

  /** The room's state as a fresh machine would read it from the rows. */
  reloaded(): RoomState {
    return new RoomState(ROOM, this.env, this.tables.load(ROOM));
  }

  client(jid: string): Client {
    let client = this.clients.get(jid);
    if (!client) this.clients.set(jid, (client = new Client(jid, (id) => this.seqOf(id))));
    return client;
  }

  /** One stanza from a client. */
  send(text: string): { to: string; xml: string }[] {
    const stanza = parse(text);
    // As the router does: the stanza keeps its spelling.
    const from = foldFull(stanza.attrs['from'] as string);
    const later = this.relays.length + this.asked;
    const reloads = this.reloads;
    const said = this.give({ kind: 'stanza', stanza, from, nick: resourceOf(stanza.attrs['to'] as string) });
    if (stanza.name !== 'iq') return said;
    const asks = !['result', 'error'].includes(String(stanza.attrs['type']));
    const answers = said.filter((out) => out.to === from && /^<iq /.test(out.xml) && / type="(result|error)"/.test(out.xml));
    const passedOn = this.relays.length + this.asked > later ? 1 : 0;
    // Made anew, the room has refused with this one what it was asked before, under the same ids.
    const isWrong = this.reloads === reloads ? answers.length + passedOn !== (asks ? 1 : 0) : asks && answers.length === 0;
    if (isWrong) throw new Error(`${answers.length} answers to ${text}`);
    return said;
  }

  /** How many questions to the archive an IQ waits for. */
  private get asked(): number {
    return this.reads.filter((read) => read.kind === 'read-archive' && read.stanza?.name === 'iq').length;
  }

  /** One input; what it says waits on the wire. */
  give(input: Input): { to: string; xml: string }[] {
    if (input.kind === 'command' && input.command.name === 'erase-person') this.personErased = true;
    const before = this.entitled();
    let decision: Decision;
    try {
      decision = this.fuse.during(() => this.machine.decide(input, this.now++));
    } catch (error) {
      if (!(error instanceof Blown)) throw error;
      return this.threw(input);
    }
    const after = this.entitled();
    if (isQuery(input) && decision.writes.length > 0) throw new Error(`It only asks, and writes: ${JSON.stringify(decision.writes)}`);
    this.commit(decision);
    const said = decision.out.flatMap((out) => recipientsOf(out).filter(isLookedAt).map(heard(out)));
    for (const { to, xml } of said) {
      this.log.push(xml);
      for (const [body] of xml.matchAll(/<body>[^<]*<\/body>/g)) if (this.retracted.has(body)) throw new Error(`It was retracted: ${xml}`);
      // §9.9: admins who are not there are asked at their bare JIDs, and must know about whom.
      const asked = to === bareOf(to) && isAdmin(this.state.affiliationOf(asFull(to)));
      // §7.8.2: a non-anonymous room tells the invited person who invites; a decline tells the inviter who was invited; an error repeats what
      // its recipient wrote.
      const own =
        xml.startsWith('<message') && (/ type="error"|<decline /.test(xml) || (this.state.facts.jidsVisible && xml.includes('<invite ')));
      if (xml.includes(`<result xmlns="${NS.mam}"`)) {
        this.refuseArchiveLeak(to, xml, input);
        continue;
      }
      if (!before.has(to) && !after.has(to) && !this.wasEntitled.has(to) && !asked && !own) refuseLeak(to, xml);
      this.client(to); // It must be able to read whatever is sent to it.
    }
    this.noteHeld(after);
    this.wire.push(...said);
    for (const effect of decision.effects) {
      if (effect.kind === 'relay-iq') this.relays.push(effect);
      else if (effect.kind === 'ask-check') throw new Error('Checks that take time are played with a service');
      else if (effect.kind === 'read-messages' || effect.kind === 'read-archive') this.reads.push(effect);
    }
    // If the room throws at that, whoever waits for an answer is refused.
    return decision.wakes ? [...said, ...this.give({ kind: 'timer' })] : said;
  }

  /** As the service does it: whoever asked is refused, the room is made anew from its rows, and what cannot be refused is applied again. */
  private threw(input: Input): { to: string; xml: string }[] {
    const refused = [
      ...this.reads.filter((read) => read.kind === 'read-archive' && read.stanza?.name === 'iq'),
      ...(input.kind === 'archive' ? [input.effect] : []),
    ].flatMap((effect) =>
      effect.kind === 'read-archive'
        ? this.machine.refuse({ kind: 'archive', effect, answer: { kind: 'failed' } }, 'internal-server-error', 'It threw.')
        : [],
    );
    const refusals = input.kind === 'archive' ? [] : this.machine.refuse(input, 'internal-server-error', 'It threw.');
    this.deliver();
    this.reloads++;
    this.reads = [];
    const rows = shuffled(this.tables.load(ROOM), this.now);
    this.machine = this.make(ROOM, rows);
    const again = input.kind === 'say-again' || input.kind === 'messages';
    if (again || rows?.sessions.some(({ entering }) => entering)) this.sayAgain();
    // Who leaves has gone already, and reads nothing of it.
    const left = leaverOf(input);
    this.wire = this.wire.filter(({ to }) => to !== left);
    const said = [...refused, ...refusals].flatMap((out) => recipientsOf(out).map(heard(out)));
    if (refusals.length > 0 || again || input.kind === 'archive' || input.kind === 'command') return said;
    return [...said, ...this.give(input)];
  }

  private commit({ writes, counters }: Decision): void {
    for (const write of writes) if (write.table === 'retraction') this.noteRetraction(write.id);
    for (const write of writes) if (write.table === 'message') this.seqs.set(write.row.id, write.row.seq);
    if (writes.length > 0) this.tables.apply(ROOM, writes, counters);
  }

  /** What a message said must not be said any more. */
  private noteRetraction(id: string): void {
    const payload = this.allMessages().find((row) => row.id === id)?.payload ?? '';
    for (const [body] of payload.matchAll(/<body>[^<]*<\/body>/g)) this.retracted.add(body);
  }

  /** Some message, or none. */
  someMessage(part: number): { readonly id: string; readonly sender: string | null } {
    const all = this.allMessages();
    return all[Math.floor(part * all.length)] ?? { id: 'nowhere', sender: null };
  }

  /** Messages held until somebody entitled has entered come later and tell them nothing new. */
  private noteHeld(entitled: ReadonlySet<string>): void {
    for (const jid of this.clients.keys()) {
      if (this.state.occupants.session(asFull(jid))?.entry?.isOut !== false) this.wasEntitled.delete(jid);
      else if (entitled.has(jid)) this.wasEntitled.add(jid);
    }
  }

  /** Full JIDs that may be shown real JIDs now. */
  private entitled(): Set<string> {
    const { occupants, facts } = this.state;
    const entitled = new Set<string>();
    for (const occupant of occupants.all()) {
      if (facts.jidsVisible || occupant.role === 'moderator') for (const { jid } of occupant.sessions) entitled.add(jid);
    }
    return entitled;
  }

  /** A result shows a real JID, or answers a question about one, only where the asker may know it. */
  private refuseArchiveLeak(to: string, xml: string, input: Input): void {
    if (input.kind !== 'archive' || foldFull((input.effect.stanza?.attrs['from'] as string | undefined) ?? '') !== to)
      throw new Error(`A result that ${to} did not ask for: ${xml}`);
    const { state } = this;
    const own = state.idOf(asBare(bareOf(to)));
    const trusted = isAdmin(state.affiliationOf(asFull(to))) || state.occupants.withId(own)?.role === 'moderator';
    const row = this.allMessages().find(({ id }) => xml.includes(`<result xmlns="${NS.mam}" id="${id}"`));
    if (!row) throw new Error(`A result that is not in the archive: ${xml}`);
    const mayKnow = trusted || (state.facts.jidsVisible && row.jidShown);
    const shown = /<item jid="([^"]*)"\/>/.exec(xml)?.[1];
    if (shown !== (mayKnow ? (row.sender ?? undefined) : undefined)) throw new Error(`${to} was shown ${String(shown)}: ${xml}`);
    const rest = xml.slice(xml.indexOf('>')).replaceAll(shown ?? to, '');
    if (rest.includes('@users.lit')) throw new Error(`A real JID was sent to ${to}: ${xml}`);
    const author = /var="with"><value>([^<@]*@[^<]*users\.lit)/.exec(String(input.effect.stanza))?.[1];
    if (author !== undefined && author !== bareOf(to) && !mayKnow) throw new Error(`${to} learnt that ${author} said: ${xml}`);
  }

  private seqOf(id: string): number {
    const seq = this.seqs.get(id);
    if (seq === undefined) throw new Error(`A message was sent that was never archived: ${id}`);
    return seq;
  }

  allMessages(): ReturnType<RoomTables['messages']> {
    const everything: ReadMessages = { kind: 'read-messages', purpose: 'say-again', session: '', token: 0, upToSeq: 1e9, limit: 1e9 };
    return this.tables.messages(ROOM, everything);
  }

  /** A client sends a join. Unless it is refused, it starts over, and must miss nothing that is said from now on. */
  join(jid: string, text: string): void {
    this.flush(jid);
    const { seq } = this.machine.counters;
    if (this.send(text).some(({ to, xml }) => to === jid && / type="error"/.test(xml))) return;
    this.client(jid).startsOver();
    this.cameAt.set(jid, seq);
  }

  /** What is on its way to one client arrives. */
  flush(jid: string): void {
    const own = this.wire.filter(({ to }) => to === jid);
    this.wire = this.wire.filter(({ to }) => to !== jid);
    for (const { xml } of own) this.client(jid).receive(xml);
  }

  /** The number of stanzas on their way. */
  get underWay(): number {
    return this.wire.length;
  }

  /** All but one client read what waits: that one is slow. */
  deliverBut(jid: string): void {
    const own = this.wire.filter(({ to }) => to === jid);
    this.wire = this.wire.filter(({ to }) => to !== jid);
    this.deliver();
    this.wire = own;
  }

  /** Delivers the first `count` stanzas on the wire. */
  deliver(count = this.wire.length): void {
    for (const { to, xml } of this.wire.splice(0, count)) this.client(to).receive(xml);
  }

  /** Answers one pending read. */
  answer(): boolean {
    const relay = this.relays.shift();
    if (relay) this.give({ kind: 'relayed', effect: relay, answer: { type: 'timeout' } });
    const effect = this.reads.shift();
    if (effect?.kind === 'read-messages') this.give({ kind: 'messages', effect, rows: this.historyOf(effect) });
    else if (effect) this.answerArchive(effect);
    return effect !== undefined;
  }

  /** What the archive answers to a `read-messages` effect. */
  historyOf(effect: ReadMessages): ReturnType<RoomTables['messages']> {
    return this.tables.messages(ROOM, effect);
  }

  /** The archive answers; so does the room to an IQ, once, unless it has to ask again. */
  private answerArchive(effect: ReadArchive): void {
    const reloads = this.reloads;
    const said = this.give({ kind: 'archive', effect, answer: this.tables.archive(ROOM, effect.query) });
    if (effect.stanza?.name !== 'iq') return;
    const { id, from } = effect.stanza.attrs as Record<'id' | 'from', string>;
    const asker = foldFull(from);
    const answers = said.filter(({ to, xml }) => to === asker && xml.startsWith('<iq ') && xml.includes(` id="${id}"`)).length;
    const again = this.reads.some((read) => read.kind === 'read-archive' && read.stanza === effect.stanza) ? 1 : 0;
    // All that were asked with this one were refused with it, under the same ids.
    if (this.reloads > reloads && answers > 0) return;
    if (answers + again !== 1) throw new Error(`${answers} answers to ${String(effect.stanza)}`);
  }

  /** Everything that is under way arrives, and the room hears of it, as it does when nothing goes wrong. */
  settle(): void {
    while (this.answer());
    this.deliver();
    this.machine.delivered(this.machine.counters.rev);
    this.give({ kind: 'timer' });
    this.tables.apply(ROOM, [], this.machine.counters);
    this.deliver();
  }

  /** The process dies after `arrived` stanzas of those on the wire; a new one wakes the room and says again. */
  crash(arrived: number, slices = Infinity): void {
    this.deliver(arrived);
    this.wire = [];
    this.reads = [];
    this.relays = [];
    this.machine = this.make(ROOM, shuffled(this.tables.load(ROOM), this.now));
    this.sayAgain(slices);
  }

  /** Nothing has arrived, and the process dies once more after so many slices of saying again. */
  dieSayingAgain(slices: number): void {
    this.crash(0, slices);
    this.crash(0);
  }

  /** The connection is lost after `arrived` stanzas; the same machine says again. Reads under way are answered later. */
  loseLink(arrived: number): void {
    this.deliver(arrived);
    this.wire = [];
    this.sayAgain();
  }

  /** Nothing else is decided between asking and the archive's answer (design "The pipeline": catching up). */
  private sayAgain(slices = Infinity): void {
    for (const client of this.clients.values()) client.mayHearAgain();
    const earlier = this.reads;
    this.reads = [];
    this.give({ kind: 'say-again' });
    for (let done = 0; done < slices && isSaidAgain(this.reads[0]); done++) this.answer();
    this.reads.push(...earlier);
  }
}

function isSaidAgain(read: ReadMessages | ReadArchive | undefined): boolean {
  return read?.kind === 'read-messages' && read.purpose === 'say-again';
}

/** The full JID of who is gone, or leaves, with an input. */
function leaverOf(input: Input): string | undefined {
  if (input.kind === 'gone') return input.jid;
  return input.kind === 'stanza' && input.stanza.name === 'presence' && input.stanza.attrs['type'] === 'unavailable'
    ? input.from
    : undefined;
}

/** A stanza as its recipient gets it, under his folded address: the spelling that it goes to is looked at by other tests. */
const heard =
  (out: Outgoing) =>
  (spelt: string): { to: string; xml: string } => {
    const to = foldFull(spelt);
    return { to, xml: toXml(out, to) };
  };

/** The rows of a room in another order: a store promises none of people and lists. */
function shuffled(rows: RoomRows | null, seed: number): RoomRows | null {
  if (!rows) return null;
  let drawn = seed % 2_147_483_647 || 1;
  const mixed = <T>(list: readonly T[]): T[] =>
    list
      .map((one) => ({ one, at: (drawn = (drawn * 48_271) % 2_147_483_647) }))
      .sort((a, b) => a.at - b.at)
      .map(({ one }) => one);
  return { ...rows, affiliations: mixed(rows.affiliations), occupants: mixed(rows.occupants), sessions: mixed(rows.sessions) };
}

/** A real JID is shown in the item of presence only; bodies of the tests have none. */
function refuseLeak(to: string, xml: string): void {
  if (xml.startsWith('<iq')) return;
  const rest = xml.slice(xml.indexOf('>')).replaceAll(to, '').replaceAll(bareOf(to), '');
  if (rest.includes('@users.lit')) throw new Error(`A real JID was sent to ${to}: ${xml}`);
}
