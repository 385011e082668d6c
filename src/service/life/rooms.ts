/** The rooms: which of them are in memory, and what the parts of the service do with each of them. */
import { logRoomLife } from './room-log';
import type { Domain, FullJid, RoomJid } from '../../xmpp/fold';
import type { AskSettings, Bookmark, Effect, Input, Machine, StanzaInput, WakeUp } from '../../room/contract/machine';
import type { RoomRows } from '../../room/contract/rows';
import type { CommandOutcome, Execution } from '../../room/contract/commands';
import type { Link } from '../../link/link';
import type { Store } from '../../store/store';
import { bareOf, domainOf } from '../../xmpp/jid';
import { ArchiveQueries } from '../pipeline/archive-queries';
import type { Part } from './slot';
import type { Budget } from '../budget/budget';
import { Charging } from '../budget/charging';
import { CatchUp } from './catch-up';
import type { Clock } from '../clock';
import { Deadlines } from './deadlines';
import { Deciding } from './deciding';
import { Delivery } from './delivery';
import { Door } from '../budget/door';
import { HeldCommand } from '../pipeline/held-command';
import { Holding } from './holding';
import { Idle } from './idle';
import type { LifeState } from './life';
import type { ServiceLimits } from '../budget/limits';
import { Loader, type MakeRoom } from './loader';
import { Loads } from './loads';
import type { Log } from '../../log';
import { abandonCommand } from '../pipeline/long-commands';
import type { Moment } from '../moment';
import { PendingChecks } from '../../room/pending-checks';
import { Pipeline, type PipelineOwner } from '../pipeline/pipeline';
import { Pressure } from '../budget/pressure';
import { Reads } from '../pipeline/reads';
import { Recovery } from './recovery';
import { INTERNAL, isRefusable, refuseInput, SHUTTING_DOWN, STORE_FAILED, TOO_BUSY, type Refusal } from '../budget/refusals';
import { Relays } from '../presence/relays';
import { Renames } from './renames';
import type { Route } from './route';
import { SleepingLeaves } from './sleeping-leaves';
import { Slot } from './slot';
import { unlessStuck } from './stopping';
import { WaitingRoom } from './waiting';

export interface RoomsOptions {
  /** What one account may ask in a time; without it as much as it likes. */
  readonly budget?: Budget;
  /** Whether a domain is the server's own: its accounts are exempt from shares by domain. */
  readonly isLocal: (domain: Domain) => boolean;
  readonly store: Store;
  readonly link: Link;
  /** By which way a room with so many occupants speaks from now on; 0: it is let go. */
  readonly routeOf: (room: RoomJid, occupants: number) => Route;
  /** Resolves when all that rooms said has left, or the connection is lost. */
  readonly said: () => Promise<unknown>;
  readonly makeRoom: MakeRoom;
  readonly clock: Clock;
  readonly moment: Moment;
  readonly log: Log;
  readonly limits: ServiceLimits;
  /** Something that removes people was lost: verify who is there. */
  readonly reverify: () => void;
  /** A room has somebody woken who is away. */
  readonly wake: (room: RoomJid, effect: WakeUp) => void;
  /** A room is to stand among somebody's bookmarks. */
  readonly bookmark: (room: RoomJid, effect: Bookmark) => void;
  /** What somebody has set for a room in their account matters now. */
  readonly askSettings: (room: RoomJid, effect: AskSettings) => void;
  /** Something of a room is committed, and what it says has been handed to the link. */
  readonly committed: (room: RoomJid, part: Part) => void;
}

/** How many rooms are in each state; `failed` and `resting` only if there are any. */
export type Census = Record<Exclude<LifeState, 'absent' | 'failed' | 'resting'>, number> & { failed?: number; resting?: number };

export class Rooms implements PipelineOwner {
  readonly slots = new Map<RoomJid, Slot>();
  readonly pressure: Pressure;
  readonly pipeline: Pipeline;
  readonly delivery: Delivery;
  readonly deadlines: Deadlines;
  private readonly loader: Loader;
  private readonly leaves: SleepingLeaves;
  private readonly waiting: WaitingRoom;
  private readonly deciding: Deciding;
  private readonly holding: Holding;
  private readonly catchUp: CatchUp;
  private readonly reads: Reads;
  private readonly queries: ArchiveQueries;
  private readonly relays: Relays;
  private readonly idle: Idle;
  private readonly door: Door;
  private readonly recovery: Recovery;
  private readonly renames: Renames;
  private readonly checks: PendingChecks<Slot>;
  private readonly charging: Charging | undefined;

  constructor(private readonly options: RoomsOptions) {
    const { store, link, clock, moment, log, limits, makeRoom, budget, isLocal } = options;
    const { retryMs, confirmMs, persistMs } = limits;
    const later = (room: RoomJid, input: Input): void => {
      this.input(room, input, 0);
    };
    this.pressure = new Pressure({ link, clock, log, bound: limits.gathered, pauseMs: limits.pauseMs }, () => {
      this.door.update();
    });
    const loads = new Loads(link, limits.unsentBytes);
    this.pipeline = new Pipeline({ store, link, clock, log, retryMs, pressure: this.pressure }, this);
    this.door = new Door(link, this.pressure, loads, this.pipeline, log);
    this.recovery = new Recovery(link, log, options.reverify);
    this.delivery = new Delivery({ clock, confirmMs, persistMs }, this.pipeline, {
      writeDelivered: (slot) => {
        this.writeDelivered(slot);
      },
      certain: (slot) => {
        this.look(slot);
      },
    });
    this.deadlines = new Deadlines({ store, clock, log, retryMs }, (room) => {
      later(room, { kind: 'timer' });
    });
    const groupOf = (jid: FullJid): string => (isLocal(domainOf(jid)) ? bareOf(jid) : domainOf(jid));
    this.loader = new Loader({ store, makeRoom, clock, log, bound: limits.loads, groupOf, retryMs }, this);
    this.leaves = new SleepingLeaves({
      store,
      clock,
      log,
      retryMs,
      groupOf,
      leave: (room, input, bytes) => {
        this.holding.take(this.slots.get(room) ?? this.open(room, input.from), input, bytes);
      },
    });
    this.renames = new Renames(
      { store, clock, log, loader: this.loader, slots: this.slots },
      {
        add: (jid) => this.add(jid),
        decide: (execution) => this.decide(execution),
        unsure: () => this.pipeline.unsure,
        lookAtDeadlines: () => {
          this.deadlines.lookAgain();
        },
      },
    );
    this.waiting = new WaitingRoom(limits, clock, log, this.pressure, {
      refuse: (slot, input, why) => {
        this.door.refuse(slot, slot.jid, input, why);
      },
      lost: (input) => {
        abandonCommand(input, TOO_BUSY);
        options.reverify();
      },
    });
    this.charging =
      budget &&
      new Charging(budget, {
        input: (room, input, size) => {
          this.input(room, input, size);
        },
        refuse: (room, input, why) => {
          this.door.refuse(this.slots.get(room), room, input, why);
        },
        elapsed: () => moment.now,
      });
    this.checks = new PendingChecks({
      after: (ms, run) => clock.after(ms, run),
      waits: (bytes) => {
        if (bytes > 0) this.pressure.add(bytes);
        else this.pressure.remove(-bytes);
      },
      goOn: (slot: Slot, input, bytes) => {
        this.holding.take(slot, input, bytes);
      },
      tooMuch: (slot, input) => {
        this.door.refuse(slot, slot.jid, input, TOO_BUSY);
      },
    });
    const { pipeline, door, charging, waiting, checks } = this;
    this.deciding = new Deciding(
      { clock, moment, log, pipeline, door, charging, checks },
      {
        threw: (slot) => {
          this.fail(slot);
        },
        look: (slot) => {
          this.look(slot);
        },
        wakes: (room) => {
          clock.after(0, () => {
            later(room, { kind: 'timer' });
          });
        },
      },
    );
    this.holding = new Holding({ clock, loads, door, waiting, deciding: this.deciding, pipeline }, (slot) => {
      this.letGoOn(slot);
    });
    this.catchUp = new CatchUp(clock, retryMs, this);
    this.reads = new Reads({ store, clock, log, retryMs, link, loads }, (slot, input) => {
      if (input.effect.purpose === 'say-again' && slot.state === 'catching-up') this.catchUp.answered(slot, input);
      else if (input.effect.purpose === 'history') this.historyRead(slot, input);
    });
    this.queries = new ArchiveQueries({ store, clock, log, pressure: this.pressure, isLocal }, later);
    this.relays = new Relays(link, limits.relayMs, later, isLocal);
    this.idle = new Idle(clock, limits, this.slots, (slot) => {
      this.letGo(slot);
    });
  }

  /** Whether the store takes writes. */
  get writable(): boolean {
    return this.pipeline.closed === undefined;
  }

  async start(): Promise<void> {
    await this.pipeline.start();
    this.deadlines.start();
    this.idle.start();
  }

  /** One input for one room, `bytes` of its size on the wire: decided now, or put where it waits, or refused. */
  input(jid: RoomJid, input: Input, bytes: number): void {
    let slot = this.slots.get(jid);
    if (this.door.shut !== undefined && this.door.turnsAway(slot, jid, input)) return;
    if (input.kind === 'stanza' && this.charging) {
      const machine = slot?.state === 'awake' ? slot.machine : undefined;
      const charged = this.charging.atTheDoor(jid, machine, slot === undefined, input, bytes);
      if (charged === undefined) return;
      input = charged;
    }
    if (!slot && isLeave(input)) {
      this.leaves.add(jid, input, bytes);
      return;
    }
    slot ??= this.open(jid, input.kind === 'stanza' ? input.from : undefined);
    if (slot.state === 'resting' && isRefusable(input)) this.door.refuse(slot, jid, input, INTERNAL);
    else this.holding.take(slot, input, bytes);
  }

  /** Runs a command; answers when its outcome is certain. */
  execute(execution: Execution): Promise<CommandOutcome> {
    const { command } = execution;
    return command.name === 'rename' ? this.renames.run({ ...execution, command }) : this.decide(execution);
  }

  /** Brings a room along: `work` makes it one while its name is kept free, and then it is awake. Throws what the store and `work` throw. */
  async arrive(room: RoomJid, work: () => Promise<CommandOutcome>): Promise<CommandOutcome> {
    const outcome = await this.renames.whileFree(room, work);
    // It may have deadlines.
    if (outcome.ok) this.deadlines.lookAgain();
    return outcome;
  }

  private decide({ actor, room, command }: Execution): Promise<CommandOutcome> {
    return new Promise((resolve) => {
      this.input(room, new HeldCommand(command, actor, resolve), 0);
    });
  }

  /** Whether a full JID is in that room, as far as the room is in memory. */
  isIn(room: RoomJid, jid: FullJid): boolean {
    return this.slots.get(room)?.machine?.standing?.(jid).nick !== undefined;
  }

  /** Loads a room that has something to say by itself. */
  wake(jid: RoomJid): void {
    if (!this.slots.has(jid)) this.open(jid);
  }

  /** A connection is there: awake rooms say again what has not reached the server. */
  online(): void {
    for (const slot of this.slots.values()) {
      slot.ledger.connected();
      this.sayAgain(slot);
    }
  }

  /** It is not known what of a room has reached anybody: it says again what is not confirmed, as after a lost connection. */
  unsure(room: RoomJid): void {
    const slot = this.slots.get(room);
    if (!slot) return;
    this.delivery.unsure(slot);
    this.sayAgain(slot);
  }

  private sayAgain(slot: Slot): void {
    const { state, ledger, machine } = slot;
    // What a room to be loaded anew decided for the lost connection: the new machine says it again.
    if (state === 'failed') slot.markStale();
    if (state === 'catching-up' || (state === 'awake' && (ledger.owes || isUndelivered(machine as Machine)))) this.catchUp.start(slot);
  }

  /** The link has taken most of what a room had to say. */
  lowered(room: RoomJid): void {
    const slot = this.slots.get(room);
    if (slot) this.letGoOn(slot);
  }

  /** The link has taken what waited for it. */
  drained(): void {
    this.pressure.recheck();
    this.reads.drained();
  }

  offline(): void {
    this.options.budget?.runAll();
    this.delivery.offline(this.slots.values());
    this.pressure.offline();
    for (const slot of this.slots.values()) this.letGoOn(slot);
  }

  /** Refuses stanzas from now on; commands are still run. */
  close(): void {
    this.door.close();
    this.abandonChecks(SHUTTING_DOWN);
  }

  /**
   * Refuses what comes from now on, and resolves when everything decided is committed, confirmed and written, or when the store or the server
   * does not get on with it: what the store has not been given by then it never is, and its askers are told so.
   */
  async stop(): Promise<void> {
    this.door.stop();
    this.abandonChecks(TOO_BUSY);
    this.options.budget?.runAll();
    this.deadlines.stop();
    this.idle.stop();
    this.renames.stop();
    const { clock, log, link } = this.options;
    if (!(await unlessStuck(clock, this.finish(), () => this.pipeline.answers)))
      log.error({ event: 'process.stuck' }, 'the store or the server did not answer in time; stopping all the same');
    // What was let go on, and had to wait once more.
    this.options.budget?.refuseAll();
    for (const { slot, inputs } of this.pipeline.end()) {
      for (const input of inputs) {
        if (isRefusable(input)) for (const out of refuseInput(slot.jid, input, STORE_FAILED)) link.send(out);
        else abandonCommand(input, STORE_FAILED);
      }
    }
  }

  /** Rooms by state. */
  census(): Census {
    const census: Census = { loading: 0, awake: 0, 'catching-up': 0, releasing: 0 };
    for (const { state } of this.slots.values()) if (state !== 'absent') census[state] = (census[state] ?? 0) + 1;
    return census;
  }

  // What the parts of the service call back.

  effect(slot: Slot, effect: Effect): void {
    if (effect.kind === 'read-archive') this.queries.ask(slot.jid, effect);
    else if (effect.kind === 'relay-iq') this.relays.run(slot.jid, effect);
    else if (effect.kind === 'ask-check') this.checks.run(slot, effect);
    else if (effect.kind === 'wake-up') this.options.wake(slot.jid, effect);
    else if (effect.kind === 'bookmark') this.options.bookmark(slot.jid, effect);
    else if (effect.kind === 'ask-settings') this.options.askSettings(slot.jid, effect);
    else this.reads.run(slot, effect);
  }

  partSent(slot: Slot, part: Part): void {
    slot.ledger.commit(part.counters);
    if (part.changes) {
      this.deadlines.note(part.changes);
      logRoomLife(this.options.log, slot.jid, part.changes);
      for (const change of part.changes) if (change.table === 'session' && change.row?.entering) this.pipeline.counted.entries++;
    }
    if (slot.state !== 'catching-up' && !part.stale && part.inputs.length > 0) this.delivery.sent(slot, part.counters.rev);
    this.options.committed(slot.jid, part);
    slot.ledger.route = this.options.routeOf(slot.jid, slot.machine?.occupants ?? 0);
    this.letGoOn(slot);
    this.look(slot);
  }

  refused(slot: Slot, inputs: readonly Input[], whyOf: (input: Input) => Refusal): void {
    if (inputs.length === 0) {
      // Its counters only: nothing was lost.
      this.delivery.persist(slot);
    } else {
      this.waiting.putBack(slot, this.recovery.refuse(slot, inputs, whyOf, this.writable));
      this.fail(slot);
    }
    this.look(slot);
  }

  certain(): void {
    this.renames.certain();
    for (const slot of this.slots.values()) if (slot.state === 'failed') this.look(slot);
  }

  storeChanged(): void {
    this.door.update();
    for (const slot of this.slots.values()) {
      if (!this.writable) this.holding.answerMeanwhile(slot);
      else if (slot.state === 'catching-up') this.catchUp.proceed(slot);
      else if (slot.state === 'awake' && !slot.queue.isEmpty) this.drain(slot);
    }
  }

  loaded(slot: Slot, rows: RoomRows | null): void {
    const { log, clock } = this.options;
    const { life, ledger } = slot;
    slot.lastUsed = clock.elapsed();
    // Archive answers to the machine before.
    this.waiting.drain(slot, (one) => one.input.kind === 'messages');
    const owes = ledger.take(rows);
    if (ledger.isUnsaved) {
      life.machine?.delivered(ledger.confirmed);
      this.delivery.persist(slot);
    }
    if (owes && !ledger.owes) {
      this.catchUp.start(slot);
      this.holding.answerMeanwhile(slot);
    } else {
      life.wake();
      log.debug({ event: 'room.awake', room: slot.jid, exists: rows !== null }, 'room is awake');
      this.caughtUp(slot);
    }
    this.idle.crowded();
  }

  crowded(slot: Slot): void {
    this.waiting.refuseAll(slot, TOO_BUSY);
  }

  loadFailed(slot: Slot): void {
    this.waiting.refuseAll(slot, INTERNAL);
  }

  rests(slot: Slot): void {
    // Nor does a command wait that its answer was for: it may be long.
    this.waiting.drain(slot, ({ input }) => {
      if (isRefusable(input)) this.door.refuse(slot, slot.jid, input, INTERNAL);
      else if (input.kind === 'archive') abandonCommand(input, INTERNAL);
      else return false;
      return true;
    });
  }

  absent(slot: Slot): void {
    this.slots.delete(slot.jid);
    this.options.routeOf(slot.jid, 0);
    this.renames.absent(slot.jid);
  }

  decideNow(slot: Slot, input: Input): void {
    this.deciding.decide(slot, input, 0);
  }

  caughtUp(slot: Slot): void {
    const { ledger } = slot;
    if (!slot.latest && ledger.committed > ledger.confirmed) this.delivery.sent(slot, ledger.committed);
    this.drain(slot);
  }

  /** Loads a room for somebody, or because it or the service needs that. */
  private open(jid: RoomJid, who?: FullJid): Slot {
    const slot = this.add(jid);
    this.loader.load(slot, who);
    for (const { input, bytes } of this.leaves.take(jid)) this.holding.take(slot, input, bytes);
    return slot;
  }

  private add(jid: RoomJid): Slot {
    const slot = new Slot(jid, this.options.routeOf(jid, 0));
    this.slots.set(jid, slot);
    return slot;
  }

  /** It threw, or what it wrote was refused: what waits meets a deadline again. */
  private fail(slot: Slot): void {
    slot.life.fail();
    this.abandonChecksOf(slot, INTERNAL);
    this.waiting.holdNoMore(slot);
  }

  private abandonChecks(why: Refusal): void {
    for (const slot of this.slots.values()) this.abandonChecksOf(slot, why);
  }

  private abandonChecksOf(slot: Slot, why: Refusal): void {
    this.checks.abandon(slot, (input) => {
      this.door.refuse(slot, slot.jid, input, why);
    });
  }

  private historyRead(slot: Slot, input: Input): void {
    if (slot.state === 'awake' && this.writable) this.deciding.decide(slot, input, 0);
    else this.waiting.add(slot, input, 0);
    // What a confirmation left open because of this read.
    const { said, confirmed } = slot.ledger;
    if (slot.state === 'awake' && !slot.latest && said > confirmed) this.delivery.sent(slot, said);
  }

  private letGoOn(slot: Slot): void {
    if (!slot.queue.held) return;
    this.holding.letGoOn(slot);
    this.look(slot);
  }

  private drain(slot: Slot): void {
    this.holding.drain(slot);
    this.look(slot);
  }

  /** What was due as soon as nothing of the room is uncommitted. */
  private look(slot: Slot): void {
    if (slot.latest) return;
    // While the store has not answered, its rows may change yet.
    if (slot.state === 'failed' && !this.pipeline.unsure) this.loader.load(slot);
    else if (slot.state === 'catching-up') this.catchUp.proceed(slot);
    else if (slot.state === 'awake' && !(slot.machine as Machine).exists) this.letGo(slot);
  }

  private letGo(slot: Slot): void {
    if (slot.state === 'awake' && slot.isSettled) this.loader.release(slot);
  }

  /** Writes what a quiet room only waited to hear of: who has entered for good, and its counters. */
  private writeDelivered(slot: Slot): void {
    this.deciding.decide(slot, { kind: 'timer' }, 0);
    // Unless it threw.
    if (slot.state === 'awake') this.pipeline.persistCounters(slot);
  }

  private async finish(): Promise<void> {
    await this.pipeline.idle();
    await this.delivery.finish();
    await this.options.said();
    await this.pipeline.idle();
  }
}

function isLeave(input: Input): input is StanzaInput {
  return input.kind === 'stanza' && input.stanza.name === 'presence' && input.stanza.attrs['type'] === 'unavailable';
}

function isUndelivered({ counters }: Machine): boolean {
  return counters.rev > counters.deliveredRev;
}
