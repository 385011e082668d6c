/** What runs a room for `testRoom`: its state machine, a clock that stands still, and what it would have stored as far as it asks for it. */
import { createFeatures } from '../features';
import type { Policy } from '../room/contract/env';
import type { Query } from '../room/contract/asking';
import type { Asking, Command, CommandOutcome, Execution, QueryOutcome } from '../room/contract/commands';
import type { Decision, Effect, Input, Machine, StanzaInput } from '../room/contract/machine';
import type { MessageRow } from '../room/contract/rows';
import { LateMap } from '../room/late-map';
import { PendingChecks, type PendingCheck } from '../room/pending-checks';
import { createRoomFactory } from '../room/room';
import { foldFull, type FullJid, type RoomJid } from '../xmpp/fold';
import { resourceOf, localOf, roomOf } from '../xmpp/jid';
import { bytesInMemory } from '../xmpp/bytes-in-memory';
import { recipientsOf, toXml, type Outgoing } from '../xmpp/outgoing';
import { escapeText } from '../xmpp/xml';
import { escapeAttribute } from '../xmpp/xml';
import { inWords, type Sentence } from '../words';
import type { Plugin } from './api';
import { LIMITS, parse } from './fake-parts';
import { PluginsRefused } from './load';
import { Plugins } from './runtime';
import { TestEvents } from './test-events';
import type { TestPerson, TestRoom, TestRoomOptions } from './test-room';

/** 2026-01-01T00:00:00Z */
const START = 1767225600000;

/** A line of the log that tells of trouble. */
interface Failure {
  readonly text: string;
  readonly fields: object;
}

const ignore = (): void => undefined;

export class FakeRoom implements TestRoom {
  readonly owner: TestPerson;
  private config: unknown;
  private machine: Machine;
  private now = START;
  private drawn = 0;
  private messages: MessageRow[] = [];
  private readonly events = new TestEvents();
  /** What waits for checks, as a service lets it wait. */
  private readonly waiting = { pending: new LateMap<FullJid, PendingCheck>() };
  private readonly checks: PendingChecks<FakeRoom['waiting']>;
  private readonly timers = new Set<{ readonly at: number; readonly run: () => void }>();
  private deadline: number | null = null;
  private readonly heard = new Map<string, string[]>();

  private constructor(
    readonly jid: RoomJid,
    private readonly plugins: Plugins,
    private readonly failures: Failure[],
    options: TestRoomOptions,
  ) {
    this.config = options.config;
    const policy: Policy = {
      mayCreate: () => true,
      isServiceAdmin: () => false,
      knowsDomain: () => true,
      defaults: new Map(),
      limits: LIMITS,
      creation: { roomsPerCreator: null, rooms: null },
      kept: { markers: false, events: false },
      rooms: { conditions: false, ownersNeedPassword: false, avatarPresence: false },
    };
    const make = createRoomFactory({
      // Bytes that differ each time and are the same in each run.
      random: { bytes: (count) => Buffer.from(Array.from({ length: count }, (_, i) => (++this.drawn * 37 + i) % 251)) },
      policy,
      features: createFeatures(LIMITS, undefined, undefined, plugins.features),
    });
    this.machine = make(jid, null);
    this.checks = new PendingChecks({
      after: (ms, run) => this.after(ms, run),
      // Of memory there is enough in a test.
      waits: ignore,
      goOn: (_, input, bytes) => this.give(input, bytes),
      tooMuch: (_, input) => this.refuse(input, inWords('tooBusy')),
    });
    this.owner = this.enter('owner@example.com/home');
    const values = new Map(Object.entries(options.values ?? {}).map(([field, value]) => [field, formValues(value)]));
    this.give({ kind: 'command', command: { name: 'configure', values }, done: insist });
    this.owner.heard();
  }

  static async open(plugin: Plugin, options: TestRoomOptions): Promise<FakeRoom> {
    const failures: Failure[] = [];
    const fail = (fields: object, text: string): void => void failures.push({ text, fields });
    const plugins = Plugins.of(plugin, options.config, { debug: ignore, info: ignore, warn: fail, error: fail });
    const room = new FakeRoom(roomOf(foldFull(options.jid ?? 'room@rooms.example.com')), plugins, failures, options);
    await plugins.open(room.events, { days: 7, rows: 10_000, bytes: 100_000_000 });
    await plugins.start({ execute: (execution) => room.execute(execution), query: (asking) => room.query(asking) });
    return room;
  }

  enter(jid: string, nick = localOf(jid)): TestPerson {
    const full = jid.includes('/') ? jid : `${jid}/test`;
    const send = (xml: string): void => this.send(full, xml);
    const room = escapeAttribute(this.jid);
    send(`<presence to="${room}/${escapeAttribute(nick)}"><x xmlns="http://jabber.org/protocol/muc"/></presence>`);
    return {
      jid: full,
      nick,
      send,
      say: (body) => send(`<message to="${room}" type="groupchat"><body>${escapeText(body)}</body></message>`),
      whisper: (to, body) => send(`<message to="${room}/${escapeAttribute(to)}" type="chat"><body>${escapeText(body)}</body></message>`),
      leave: () => send(`<presence to="${room}/${escapeAttribute(nick)}" type="unavailable"/>`),
      heard: () => {
        const taken = this.heard.get(full) ?? [];
        this.heard.delete(full);
        return taken;
      },
    };
  }

  advance(ms: number): void {
    const until = this.now + ms;
    for (let due = this.due(until); due; due = this.due(until)) {
      this.now = Math.max(this.now, due.at);
      due.run();
    }
    this.now = until;
  }

  /** What is due first until then, if anything. */
  private due(until: number): { readonly at: number; readonly run: () => void } | undefined {
    const { deadline } = this;
    const [first] = [...this.timers].sort((a, b) => a.at - b.at);
    if (deadline !== null && deadline <= until && deadline <= (first?.at ?? Infinity)) {
      this.deadline = null;
      return { at: deadline, run: () => this.give({ kind: 'timer' }) };
    }
    if (!first || first.at > until) return undefined;
    this.timers.delete(first);
    return first;
  }

  private after(ms: number, run: () => void): () => void {
    const timer = { at: this.now + ms, run };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  reconfigure(config: unknown): void {
    const renewal = this.plugins.renewal([{ module: '', config: this.config }], [{ module: '', config }]);
    if (!renewal) throw new Error('Without the hook "reconfigure" this holds from the next start.');
    if ('mistakes' in renewal) throw new PluginsRefused(renewal.mistakes.map(({ path, text }) => `${path}: ${text}`));
    renewal.take();
    this.config = config;
  }

  async settle(): Promise<void> {
    // What the plug-in does is done in promises; each turn of the loop runs all that are ready.
    for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
    this.tellFailures();
  }

  async end(): Promise<void> {
    await this.settle();
    this.checks.abandon(this.waiting, (input) => this.refuse(input, inWords('shuttingDown')));
    await this.plugins.stop();
  }

  /** A question goes the way of a command. */
  private async query<Asked extends Query>({ actor, room, query }: Asking<Asked>): Promise<QueryOutcome<Asked>> {
    const asked: Query = query;
    const command: Command = asked.what === 'archive' ? { name: 'ask-archive', query: asked } : { name: 'ask', query: asked };
    return (await this.execute({ actor, room, command })) as QueryOutcome<Asked>;
  }

  private execute({ actor, command }: Execution): Promise<CommandOutcome> {
    return new Promise((done) => this.give({ kind: 'command', by: actor, command, done }));
  }

  private send(from: string, text: string): void {
    const stanza = parse(text);
    stanza.attrs['from'] = from;
    const nick = resourceOf(foldFull(String(stanza.attrs['to'])));
    const bytes = Buffer.byteLength(text);
    this.give({ kind: 'stanza', stanza, from: foldFull(from), nick, memory: bytesInMemory(stanza, bytes) }, bytes);
  }

  /** `bytes`: of a stanza, as it was written. */
  private give(input: Input, bytes = 0): void {
    if (input.kind === 'stanza' && this.checks.takes(this.waiting, input, bytes)) return;
    const decision = this.machine.decide(input, this.now++);
    this.store(decision);
    this.events.tell();
    this.tell(decision.out);
    if (input.kind === 'stanza' && decision.effects.some(({ kind }) => kind === 'ask-check')) this.checks.hold(this.waiting, input, bytes);
    this.checks.decided(this.waiting, input, decision);
    this.machine.delivered(this.machine.counters.rev);
    for (const effect of decision.effects) this.run(effect);
    this.tellFailures();
  }

  private tell(said: readonly Outgoing[]): void {
    for (const out of said) {
      for (const to of recipientsOf(out)) this.heard.set(to, [...(this.heard.get(to) ?? []), toXml(out, to)]);
    }
  }

  private refuse(input: StanzaInput, why: Sentence): void {
    this.tell(this.machine.refuse(input, 'resource-constraint', why));
  }

  /** In its own tests a plug-in's failure, and whatever it warns of, is an error. */
  private tellFailures(): void {
    const failure = this.failures.shift();
    if (!failure) return;
    const { err, ...fields } = failure.fields as { err?: unknown };
    throw new Error(`${failure.text} ${JSON.stringify(fields)}`, { cause: err });
  }

  private store({ writes }: Decision): void {
    for (const write of writes) {
      this.events.take(this.jid, write);
      if (write.table === 'message') this.messages.push(write.row);
      if (write.table === 'room') this.deadline = write.row.deadline;
      if (write.table === 'retraction')
        this.messages = this.messages.map((row) => (row.id === write.id ? { ...row, payload: write.payload } : row));
    }
  }

  private run(effect: Effect): void {
    if (effect.kind === 'read-messages') {
      const rows = this.messages.filter(({ seq, inHistory }) => inHistory && seq <= effect.upToSeq);
      this.give({ kind: 'messages', effect, rows: rows.slice(rows.length - Math.min(rows.length, effect.limit)) });
    } else if (effect.kind === 'ask-check') this.checks.run(this.waiting, effect);
    else if (effect.kind === 'read-archive') this.give({ kind: 'archive', effect, answer: { kind: 'busy' } });
    else if (effect.kind === 'relay-iq') this.give({ kind: 'relayed', effect, answer: { type: 'offline' } });
  }
}

function insist(outcome: CommandOutcome): void {
  if (!outcome.ok) throw new PluginsRefused([`The room cannot be configured so: ${String(outcome.error.text)}`]);
}

const formValues = (value: boolean | number | string | readonly string[]): readonly string[] =>
  typeof value === 'boolean' ? [value ? '1' : '0'] : typeof value === 'object' ? value : [String(value)];
