/** The rooms: which are absent, loading, awake, catching up or being released, and what happens to an input in each case. */
import type { Decision, Effect, Input, Machine, StanzaInput } from '../room/machine';
import type { RoomRows } from '../room/rows';
import type { Command, CommandOutcome } from '../room/commands';
import type { Link } from '../link/link';
import type { Store } from '../store/store';
import { ArchiveQueries } from './archive-queries';
import type { Part } from './batch';
import { CatchUp, owesSayings } from './catch-up';
import type { Clock } from './clock';
import { Deadlines } from './deadlines';
import { Delivery } from './delivery';
import { Door } from './door';
import { HeldCommand } from './held-command';
import { Idle } from './idle';
import { withOneAnswer } from './iq-check';
import type { Budget } from './budget/budget';
import { Charging } from './budget/charging';
import { watch } from './budget/watchdog';
import type { ServiceLimits } from './limits';
import { Loader, type MakeRoom } from './loader';
import { Loads } from './loads';
import { LongCommands } from './long-commands';
import type { Log } from './log';
import { Pipeline, type PipelineOwner } from './pipeline';
import { Pressure } from './pressure';
import { Reads } from './reads';
import { Recovery } from './recovery';
import { Relays } from './relays';
import { INTERNAL, isQuery, isRefusable, refuseInput, STORE_FAILED, TOO_BUSY, type Refusal } from './refusals';
import { Slot } from './slot';
import { WaitingRoom } from './waiting';

/** When the service stops: longest wait for the next commit or the confirmation, and how many of them on a disk that is slow. */
const STOP_MS = 10_000;
const STOP_WAITS = 6;

export interface RoomsOptions {
  /** What one account may ask in a time; without it as much as it likes. */
  readonly budget?: Budget;
  /** Whether a domain is the server's own. */
  readonly isLocal?: ((domain: string) => boolean) | undefined;
  readonly store: Store;
  readonly link: Link;
  readonly makeRoom: MakeRoom;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: ServiceLimits;
  /** Something that removes people was lost: verify who is there. */
  readonly reverify: () => void;
  /** Something of a room is committed, and what it says has been handed to the link. */
  readonly committed: (room: string, part: Part) => void;
}

/** How many rooms are in each state; `resting` only if there are any. */
export type Census = Record<Exclude<Slot['state'], 'resting'>, number> & { resting?: number };

export class Rooms implements PipelineOwner {
  readonly slots = new Map<string, Slot>();
  readonly pressure: Pressure;
  readonly pipeline: Pipeline;
  readonly delivery: Delivery;
  readonly deadlines: Deadlines;
  private readonly loads: Loads;
  private readonly loader: Loader;
  private readonly waiting: WaitingRoom;
  private readonly catchUp: CatchUp;
  private readonly reads: Reads;
  private readonly queries: ArchiveQueries;
  private readonly relays: Relays;
  private readonly idle: Idle;
  private readonly door: Door;
  private readonly recovery: Recovery;
  private readonly commands = new LongCommands();
  /** Rooms that lost what the store has not answered: they are loaded when it has. */
  private readonly unsure: Slot[] = [];
  private readonly charging: Charging | undefined;
  /** What waited for a room is being decided: whether the room may be let go is looked at after that. */
  private draining = false;

  constructor(private readonly options: RoomsOptions) {
    const { store, link, clock, log, limits, makeRoom } = options;
    const { retryMs } = limits;
    this.pressure = new Pressure({ link, clock, log, bound: limits.gathered, pauseMs: limits.pauseMs }, () => {
      this.door.update();
    });
    this.loads = new Loads(link, limits.saying);
    this.pipeline = new Pipeline({ store, link, clock, log, retryMs, pressure: this.pressure }, this);
    this.door = new Door(link, this.pressure, this.loads, this.pipeline, log);
    this.recovery = new Recovery(link, log, options.reverify, (input, why) => this.commands.abandon(input, why));
    const delivered = (slot: Slot): void => {
      this.writeDelivered(slot);
    };
    this.delivery = new Delivery(
      { link, clock, confirmMs: limits.confirmMs, persistMs: limits.persistMs },
      this.pipeline,
      delivered,
      (slot) => {
        this.quiet(slot);
      },
    );
    this.deadlines = new Deadlines({ store, clock, log, retryMs }, (room) => {
      this.input(room, { kind: 'timer' }, 0);
    });
    this.loader = new Loader({ store, makeRoom, clock, log, bound: limits.loads, retryMs }, this);
    this.waiting = new WaitingRoom(limits, clock, log, this.pressure, {
      refuse: (slot, input, why) => {
        this.door.refuse(slot, slot.jid, input, why);
      },
      lost: (input) => {
        this.commands.abandon(input, TOO_BUSY);
        options.reverify();
      },
    });
    this.catchUp = new CatchUp(clock, retryMs, this);
    this.reads = new Reads({ store, clock, log, retryMs, link, loads: this.loads }, (slot, input) => {
      if (input.effect.purpose === 'say-again' && slot.state === 'catching-up') this.catchUp.answered(slot, input);
      else if (input.effect.purpose === 'history') this.historyRead(slot, input);
    });
    this.queries = new ArchiveQueries({ store, clock, log }, (room, input) => {
      this.input(room, input, 0);
    });
    this.relays = new Relays(
      link,
      limits.relayMs,
      (room, input) => {
        this.input(room, input, 0);
      },
      options.isLocal,
    );
    this.charging =
      options.budget &&
      new Charging(options.budget, {
        input: (room, input, size) => {
          this.input(room, input, size);
        },
        refuse: (room, input, why) => {
          this.door.refuse(this.slots.get(room), room, input, why);
        },
        elapsed: () => clock.elapsed(),
      });
    this.idle = new Idle(clock, limits, this.slots, (slot) => {
      if (this.mayLetGo(slot)) this.loader.release(slot);
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
  input(jid: string, input: Input, bytes: number): void {
    let slot = this.slots.get(jid);
    if (this.door.shut !== undefined && this.door.turnsAway(slot, jid, input)) return;
    if (input.kind === 'stanza' && this.charging) {
      const machine = slot?.state === 'awake' ? slot.machine : undefined;
      const charged = this.charging.atTheDoor(jid, machine, input, bytes);
      if (charged === undefined) return;
      input = charged;
    }
    slot ??= this.open(jid);
    if (slot.state === 'resting' && isRefusable(input)) {
      this.door.refuse(slot, jid, input, INTERNAL);
      return;
    }
    if (slot.state === 'awake' && this.holds(slot, input, bytes)) this.hold(slot, input, bytes);
    else if (slot.state === 'awake' && (this.pipeline.closed === undefined || isQuery(input))) this.decide(slot, input, bytes);
    else if (this.answersMeanwhile(slot, input)) this.decide(slot, input, bytes);
    else this.waiting.add(slot, input, bytes);
  }

  /** Runs a command; answers when its outcome is certain. */
  command(jid: string, command: Command): Promise<CommandOutcome> {
    return new Promise((resolve) => {
      this.input(jid, new HeldCommand(command, resolve), 0);
    });
  }

  /** Loads a room that has something to say by itself. */
  wake(jid: string): void {
    if (!this.slots.has(jid)) this.open(jid);
  }

  /** A connection is there: awake rooms say again what has not reached the server. */
  online(): void {
    for (const slot of this.slots.values()) {
      slot.catchUpFailed = false;
      // What a room to be reloaded decided for the lost connection: the reload says it again.
      if (slot.state === 'loading') slot.markStale();
      if (slot.state !== 'awake' && slot.state !== 'catching-up') continue;
      const { counters } = slot.machine as Machine;
      if (slot.state === 'catching-up' || slot.owes || counters.rev > counters.deliveredRev) this.catchUp.start(slot);
    }
  }

  /** The link has taken most of what a room had to say. */
  lowered(room: string): void {
    const slot = this.slots.get(room);
    if (slot?.held) this.letGoOn(slot);
  }

  /** The link has taken what waited for it. */
  drained(): void {
    this.pressure.recheck();
    this.reads.drained();
  }

  offline(): void {
    this.options.budget?.releaseAll();
    this.delivery.offline(this.slots.values());
    this.pressure.offline();
    for (const slot of this.slots.values()) if (slot.held) this.letGoOn(slot);
  }

  /** Refuses stanzas from now on; commands are still run. */
  close(): void {
    this.door.close();
  }

  /**
   * Refuses what comes from now on, and resolves when everything decided is committed, confirmed and written, or when the store or the server
   * does not get on with it: what the store has not been given by then it never is, and its askers are told so.
   */
  async stop(): Promise<void> {
    this.door.stop();
    this.options.budget?.releaseAll();
    this.deadlines.stop();
    this.idle.stop();
    const { clock, log, link } = this.options;
    let giveUp = (): void => undefined;
    const late = new Promise<'late'>((resolve) => {
      const wait = (answers: number, left: number): void => {
        giveUp = clock.after(STOP_MS, () => {
          if (this.pipeline.answers === answers || left === 1) resolve('late');
          else wait(this.pipeline.answers, left - 1);
        });
      };
      wait(this.pipeline.answers, STOP_WAITS);
    });
    if ((await Promise.race([this.finish(), late])) === 'late')
      log.error({}, 'the store or the server did not answer in time; stopping all the same');
    giveUp();
    // What was let go on, and had to wait once more.
    this.options.budget?.refuseAll();
    for (const { slot, inputs } of this.pipeline.end()) {
      for (const input of inputs) {
        if (isRefusable(input)) for (const out of refuseInput(slot.jid, input, STORE_FAILED)) link.send(out);
        else this.commands.abandon(input, STORE_FAILED);
      }
    }
  }

  /** Slots by state. */
  census(): Census {
    const census: Census = { loading: 0, awake: 0, 'catching-up': 0, releasing: 0 };
    for (const slot of this.slots.values()) census[slot.state] = (census[slot.state] ?? 0) + 1;
    return census;
  }

  // What the parts of the service call back.

  effect(slot: Slot, effect: Effect): void {
    if (effect.kind === 'read-archive') this.queries.ask(slot.jid, effect);
    else if (effect.kind === 'relay-iq') this.relays.run(slot.jid, effect);
    else this.reads.run(slot, effect);
  }

  settled(slot: Slot, part: Part): void {
    slot.committedRev = part.counters.rev;
    slot.persistedRev = part.counters.deliveredRev;
    if (part.changes) this.deadlines.note(part.changes);
    if (slot.state !== 'catching-up' && !part.stale && part.inputs.length > 0) this.delivery.sent(slot, part.counters.rev);
    this.options.committed(slot.jid, part);
    if (slot.held) this.letGoOn(slot);
    if (!slot.latest) this.quiet(slot);
  }

  refused(slot: Slot, inputs: readonly Input[], whyOf: (input: Input) => Refusal): void {
    if (inputs.length === 0) {
      // Its counters only: nothing was lost.
      this.delivery.persist(slot);
      this.quiet(slot);
      return;
    }
    this.waiting.putBack(slot, this.recovery.refuse(slot, inputs, whyOf, this.writable));
    if (!this.pipeline.unsure) {
      this.loader.load(slot);
      return;
    }
    // Its rows may change yet.
    slot.state = 'loading';
    this.unsure.push(slot);
  }

  certain(): void {
    for (const slot of this.unsure.splice(0)) this.loader.load(slot);
  }

  storeChanged(): void {
    this.door.update();
    if (!this.writable) {
      for (const slot of this.slots.values()) this.answerMeanwhile(slot);
      return;
    }
    for (const slot of this.slots.values()) {
      if (slot.state === 'catching-up') this.catchUp.proceed(slot);
      else if (slot.state === 'awake' && slot.waiting.length > 0) {
        this.drain(slot);
        this.quiet(slot);
      }
    }
  }

  loaded(slot: Slot, rows: RoomRows | null): void {
    const { link, log, clock } = this.options;
    const machine = slot.machine as Machine;
    slot.lastUsed = clock.elapsed();
    // Archive answers to the machine before.
    this.waiting.drain(slot, (one) => one.input.kind === 'messages');
    const owes = owesSayings(slot, rows);
    if (slot.confirmedRev > slot.persistedRev) {
      machine.delivered(slot.confirmedRev);
      this.delivery.persist(slot);
    }
    slot.state = 'awake';
    const saysNow = owes && link.online && !slot.catchUpFailed;
    slot.owes = owes && !saysNow;
    if (saysNow) {
      this.catchUp.start(slot);
      this.answerMeanwhile(slot);
    } else {
      log.debug({ room: slot.jid, exists: rows !== null }, 'room is awake');
      this.caughtUp(slot);
    }
    this.idle.crowded();
  }

  loadFailed(slot: Slot): void {
    this.waiting.refuseAll(slot, INTERNAL);
  }

  rests(slot: Slot): void {
    // Nor does a command wait that its answer was for: it may be long.
    this.waiting.drain(slot, ({ input }) => {
      if (isRefusable(input)) this.door.refuse(slot, slot.jid, input, INTERNAL);
      else if (input.kind === 'archive') this.commands.abandon(input, INTERNAL);
      else return false;
      return true;
    });
  }

  absent(slot: Slot): void {
    this.slots.delete(slot.jid);
  }

  decideNow(slot: Slot, input: Input): void {
    this.decide(slot, input, 0);
  }

  caughtUp(slot: Slot): void {
    if (!slot.latest && slot.committedRev > slot.confirmedRev) this.delivery.sent(slot, slot.committedRev);
    this.drain(slot);
    if (!slot.latest) this.quiet(slot);
  }

  private open(jid: string): Slot {
    const slot = new Slot(jid);
    this.slots.set(jid, slot);
    this.loader.load(slot);
    return slot;
  }

  private decide(slot: Slot, input: Input, bytes: number): void {
    const { clock, log } = this.options;
    const machine = slot.machine as Machine;
    const now = clock.now();
    slot.lastUsed = clock.elapsed();
    if (this.charging && (input.kind === 'stanza' ? input.stanza.name === 'presence' || this.draining : input.kind === 'gone')) {
      if (input.kind === 'gone') this.charging.left(slot.jid, machine, input.jid);
      else if (this.charging.atTheRoom(slot.jid, machine, input as StanzaInput, bytes) === undefined) {
        if (!machine.exists && !slot.latest && !this.draining) this.quiet(slot);
        return;
      }
    }
    let decision: Decision;
    const began = clock.elapsed();
    try {
      decision = machine.decide(input, now);
    } catch (error) {
      this.crashed(slot, input, error);
      return;
    }
    if (input.kind !== 'say-again' && input.kind !== 'messages' && input.kind !== 'timer') slot.barrenLoads = slot.rests = 0;
    if (input.kind === 'stanza' && input.stanza.name === 'iq' && isRefusable(input))
      decision = withOneAnswer(slot.jid, input, decision, log);
    if (slot.state === 'catching-up') {
      for (const effect of decision.effects) if (effect.kind === 'read-messages' && effect.purpose === 'say-again') slot.catchUpReads++;
    }
    if (input.kind === 'command' || input.kind === 'archive') this.commands.decided(input, decision);
    this.pipeline.accept(slot, input, decision, bytes);
    watch(log, slot.jid, input, clock.elapsed() - began);
    if (!machine.exists && !slot.latest && !this.draining) this.quiet(slot);
  }

  /** A room threw: the asker gets an error, and the room is made anew from its rows once all it decided before is committed. */
  private crashed(slot: Slot, input: Input, error: unknown): void {
    this.options.log.error({ room: slot.jid, kind: input.kind, err: error }, 'a room threw while deciding');
    if (slot.state === 'catching-up') slot.catchUpFailed = true;
    slot.state = 'loading';
    slot.reloadDue = true;
    if (isRefusable(input)) this.door.refuse(slot, slot.jid, input, INTERNAL);
    else this.commands.abandon(input, INTERNAL);
    if (!slot.latest) this.quiet(slot);
  }

  private historyRead(slot: Slot, input: Input): void {
    if (slot.state === 'awake' && this.writable) this.decide(slot, input, 0);
    else this.waiting.add(slot, input, 0);
    // What a confirmation left open because of this read.
    if (slot.state === 'awake' && !slot.latest && slot.sentRev > slot.confirmedRev) this.delivery.sent(slot, slot.sentRev);
  }

  /** Whether what comes now waits: the room has much to say still, or something waits for that already. */
  private holds(slot: Slot, input: Input, bytes: number): boolean {
    return slot.held || (!this.door.ending && this.loads.full(slot, input, bytes));
  }

  private hold(slot: Slot, input: Input, bytes: number): void {
    slot.held = true;
    this.loads.watch(slot);
    this.waiting.add(slot, input, bytes);
  }

  /** Decides what was held, as far as there is room for it. */
  private letGoOn(slot: Slot): void {
    if (slot.state !== 'awake' || !this.writable) return;
    this.draining = true;
    this.waiting.release(
      slot,
      ({ input, bytes }) => slot.state !== 'awake' || !this.writable || (!this.door.ending && this.loads.full(slot, input, bytes)),
      ({ input, bytes }) => this.decide(slot, input, bytes),
    );
    this.draining = false;
    slot.held = slot.waiting.length > 0;
    if (slot.held) this.loads.watch(slot);
    else this.quiet(slot);
  }

  /** While nothing can be saved, a room that has something to say again waits for that; what asks it is answered from what is saved. */
  private answersMeanwhile(slot: Slot, input: Input): boolean {
    return !this.writable && slot.state === 'catching-up' && !slot.catchUpBegun && isQuery(input);
  }

  private answerMeanwhile(slot: Slot): void {
    if (slot.state !== 'catching-up') return;
    this.waiting.drain(slot, ({ input, bytes }) => {
      if (!this.answersMeanwhile(slot, input)) return false;
      this.decide(slot, input, bytes);
      return true;
    });
  }

  /** Decides what has waited, until the room has much to say; while the store is closed only what writes nothing. */
  private drain(slot: Slot): void {
    this.draining = true;
    slot.held = false;
    this.waiting.drain(slot, (one) => {
      if (slot.state !== 'awake') return false;
      if (this.holds(slot, one.input, one.bytes)) slot.held = true;
      if (slot.held) return false;
      if (this.writable || isQuery(one.input)) this.decide(slot, one.input, one.bytes);
      else if (isRefusable(one.input)) this.door.refuse(slot, slot.jid, one.input, this.pipeline.closed ?? TOO_BUSY);
      else return false;
      return true;
    });
    this.draining = false;
    if (slot.held) this.loads.watch(slot);
  }

  /** Nothing of the room is uncommitted: what has waited for that. */
  private quiet(slot: Slot): void {
    if (slot.latest) return;
    if (slot.reloadDue) {
      this.loader.load(slot);
    } else if (slot.state === 'catching-up') this.catchUp.proceed(slot);
    else if (slot.state === 'awake' && !(slot.machine as Machine).exists && this.mayLetGo(slot)) this.loader.release(slot);
  }

  private mayLetGo(slot: Slot): boolean {
    const certain = slot.committedRev <= slot.persistedRev || !this.options.link.online;
    return slot.state === 'awake' && certain && !slot.latest && slot.waiting.length === 0 && slot.reads === 0;
  }

  /** Writes what a quiet room only waited to hear of: who has entered for good, and its counters. */
  private writeDelivered(slot: Slot): void {
    if (slot.state === 'awake') this.decide(slot, { kind: 'timer' }, 0);
    this.pipeline.persistCounters(slot);
  }

  private async finish(): Promise<void> {
    await this.pipeline.idle();
    await this.delivery.finish();
    await this.pipeline.idle();
  }
}
