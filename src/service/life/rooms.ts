/** The rooms: which of them are in memory, and what is done with each of them, by the parts that `parts.ts` puts together. */
import { logRoomLife } from './room-log';
import type { FullJid, RoomJid } from '../../xmpp/fold';
import type { Effect, Input, Machine, StanzaInput } from '../../room/contract/machine';
import type { RoomRows } from '../../room/contract/rows';
import type { CommandOutcome, Execution } from '../../room/contract/commands';
import type { Part } from './slot';
import type { Deadlines } from './deadlines';
import type { Delivery } from './delivery';
import { AwaitedCommand } from '../pipeline/awaited-command';
import type { LifeState } from './life';
import { abandonCommand } from '../pipeline/long-commands';
import type { Pipeline, PipelineOwner } from '../pipeline/pipeline';
import type { Pressure } from '../budget/pressure';
import { INTERNAL, isRefusable, refuseInput, SHUTTING_DOWN, STORE_FAILED, TOO_BUSY, type Refusal } from '../budget/refusals';
import { makeParts, type RoomsOptions, type RoomsParts } from './parts';
import { Slot } from './slot';
import { unlessStuck } from './stopping';

/** How many rooms are in each state; `failed` and `resting` only if there are any. */
export type Census = Record<Exclude<LifeState, 'absent' | 'failed' | 'resting'>, number> & { failed?: number; resting?: number };

export class Rooms implements PipelineOwner {
  readonly slots = new Map<RoomJid, Slot>();
  readonly pressure: Pressure;
  readonly pipeline: Pipeline;
  readonly delivery: Delivery;
  readonly deadlines: Deadlines;
  private readonly parts: RoomsParts;

  constructor(private readonly options: RoomsOptions) {
    this.parts = makeParts(options, this, {
      input: (room, input, bytes) => {
        this.input(room, input, bytes);
      },
      slots: this.slots,
      open: (jid, who) => this.open(jid, who),
      add: (jid) => this.add(jid),
      decide: (execution) => this.decide(execution),
      fail: (slot) => {
        this.fail(slot);
      },
      look: (slot) => {
        this.look(slot);
      },
      letGo: (slot) => {
        this.letGo(slot);
      },
      letGoOn: (slot) => {
        this.letGoOn(slot);
      },
      historyRead: (slot, input) => {
        this.historyRead(slot, input);
      },
      writeDelivered: (slot) => {
        this.writeDelivered(slot);
      },
    });
    this.pressure = this.parts.pressure;
    this.pipeline = this.parts.pipeline;
    this.delivery = this.parts.delivery;
    this.deadlines = this.parts.deadlines;
  }

  /** Whether the store takes writes. */
  get writable(): boolean {
    return this.pipeline.closed === undefined;
  }

  async start(): Promise<void> {
    await this.pipeline.start();
    this.deadlines.start();
    this.parts.idle.start();
  }

  /** One input for one room, `bytes` of its size on the wire: decided now, or put where it waits, or refused. */
  input(jid: RoomJid, input: Input, bytes: number): void {
    let slot = this.slots.get(jid);
    if (this.parts.door.shut !== undefined && this.parts.door.turnsAway(slot, jid, input)) return;
    if (input.kind === 'stanza' && this.parts.charging) {
      const machine = slot?.state === 'awake' ? slot.machine : undefined;
      const charged = this.parts.charging.atTheDoor(jid, machine, slot === undefined, input, bytes);
      if (charged === undefined) return;
      input = charged;
    }
    if (!slot && isLeave(input)) {
      this.parts.leaves.add(jid, input, bytes);
      return;
    }
    slot ??= this.open(jid, input.kind === 'stanza' ? input.from : undefined);
    if (slot.state === 'resting' && isRefusable(input)) this.parts.door.refuse(slot, jid, input, INTERNAL);
    else this.parts.holding.take(slot, input, bytes);
  }

  /** Runs a command; answers when its outcome is certain. */
  execute(execution: Execution): Promise<CommandOutcome> {
    const { command } = execution;
    return command.name === 'rename' ? this.parts.renames.run({ ...execution, command }) : this.decide(execution);
  }

  /** Brings a room along: `work` makes it one while its name is kept free, and then it is awake. Throws what the store and `work` throw. */
  async arrive(room: RoomJid, work: () => Promise<CommandOutcome>): Promise<CommandOutcome> {
    const outcome = await this.parts.renames.whileFree(room, work);
    // It may have deadlines.
    if (outcome.ok) this.deadlines.lookAgain();
    return outcome;
  }

  private decide({ actor, room, command }: Execution): Promise<CommandOutcome> {
    return new Promise((resolve) => {
      this.input(room, new AwaitedCommand(command, actor, resolve), 0);
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
    if (state === 'catching-up' || (state === 'awake' && (ledger.owes || isUndelivered(machine as Machine))))
      this.parts.catchUp.start(slot);
  }

  /** The link has taken most of what a room had to say. */
  lowered(room: RoomJid): void {
    const slot = this.slots.get(room);
    if (slot) this.letGoOn(slot);
  }

  /** The link has taken what waited for it. */
  drained(): void {
    this.pressure.recheck();
    this.parts.reads.drained();
  }

  offline(): void {
    this.options.budget?.runAll();
    this.delivery.offline(this.slots.values());
    this.pressure.offline();
    for (const slot of this.slots.values()) this.letGoOn(slot);
  }

  /** Refuses stanzas from now on; commands are still run. */
  close(): void {
    this.parts.door.close();
    this.abandonChecks(SHUTTING_DOWN);
  }

  /**
   * Refuses what comes from now on, and resolves when everything decided is committed, confirmed and written, or when the store or the server
   * does not get on with it: what the store has not been given by then it never is, and its askers are told so.
   */
  async stop(): Promise<void> {
    this.parts.door.stop();
    this.abandonChecks(TOO_BUSY);
    this.options.budget?.runAll();
    this.deadlines.stop();
    this.parts.idle.stop();
    this.parts.renames.stop();
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
    if (effect.kind === 'read-archive') this.parts.queries.ask(slot.jid, effect);
    else if (effect.kind === 'relay-iq') this.parts.relays.run(slot.jid, effect);
    else if (effect.kind === 'ask-check') this.parts.checks.run(slot, effect);
    else if (effect.kind === 'wake-up') this.options.wake(slot.jid, effect);
    else if (effect.kind === 'bookmark') this.options.bookmark(slot.jid, effect);
    else if (effect.kind === 'ask-settings') this.options.askSettings(slot.jid, effect);
    else if (effect.kind === 'asks-nobody') this.options.asksNobody(slot.jid);
    else this.parts.reads.run(slot, effect);
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
      this.parts.waiting.putBack(slot, this.parts.recovery.refuse(slot, inputs, whyOf, this.writable));
      this.fail(slot);
    }
    this.look(slot);
  }

  certain(): void {
    this.parts.renames.certain();
    for (const slot of this.slots.values()) if (slot.state === 'failed') this.look(slot);
  }

  storeChanged(): void {
    this.parts.door.update();
    for (const slot of this.slots.values()) {
      if (!this.writable) this.parts.holding.answerMeanwhile(slot);
      else if (slot.state === 'catching-up') this.parts.catchUp.proceed(slot);
      else if (slot.state === 'awake' && !slot.queue.isEmpty) this.drain(slot);
    }
  }

  loaded(slot: Slot, rows: RoomRows | null): void {
    const { log, clock } = this.options;
    const { life, ledger } = slot;
    slot.lastUsed = clock.elapsed();
    // Archive answers to the machine before.
    this.parts.waiting.drain(slot, (one) => one.input.kind === 'messages');
    const owes = ledger.take(rows);
    if (ledger.isUnsaved) {
      life.machine?.delivered(ledger.confirmed);
      this.delivery.persist(slot);
    }
    if (owes && !ledger.owes) {
      this.parts.catchUp.start(slot);
      this.parts.holding.answerMeanwhile(slot);
    } else {
      life.wake();
      log.debug({ event: 'room.awake', room: slot.jid, exists: rows !== null }, 'room is awake');
      this.caughtUp(slot);
    }
    this.parts.idle.crowded();
  }

  crowded(slot: Slot): void {
    this.parts.waiting.refuseAll(slot, TOO_BUSY);
  }

  loadFailed(slot: Slot): void {
    this.parts.waiting.refuseAll(slot, INTERNAL);
  }

  rests(slot: Slot): void {
    // Nor does a command wait that its answer was for: it may be long.
    this.parts.waiting.drain(slot, ({ input }) => {
      if (isRefusable(input)) this.parts.door.refuse(slot, slot.jid, input, INTERNAL);
      else if (input.kind === 'archive') abandonCommand(input, INTERNAL);
      else return false;
      return true;
    });
  }

  absent(slot: Slot): void {
    this.slots.delete(slot.jid);
    this.options.routeOf(slot.jid, 0);
    this.parts.renames.absent(slot.jid);
  }

  decideNow(slot: Slot, input: Input): void {
    this.parts.deciding.decide(slot, input, 0);
  }

  caughtUp(slot: Slot): void {
    const { ledger } = slot;
    if (!slot.latest && ledger.committed > ledger.confirmed) this.delivery.sent(slot, ledger.committed);
    this.drain(slot);
  }

  /** Loads a room for somebody, or because it or the service needs that. */
  private open(jid: RoomJid, who?: FullJid): Slot {
    const slot = this.add(jid);
    this.parts.loader.load(slot, who);
    for (const { input, bytes } of this.parts.leaves.take(jid)) this.parts.holding.take(slot, input, bytes);
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
    this.parts.waiting.holdNoMore(slot);
  }

  private abandonChecks(why: Refusal): void {
    for (const slot of this.slots.values()) this.abandonChecksOf(slot, why);
  }

  private abandonChecksOf(slot: Slot, why: Refusal): void {
    this.parts.checks.abandon(slot, (input) => {
      this.parts.door.refuse(slot, slot.jid, input, why);
    });
  }

  private historyRead(slot: Slot, input: Input): void {
    if (slot.state === 'awake' && this.writable) this.parts.deciding.decide(slot, input, 0);
    else this.parts.waiting.add(slot, input, 0);
    // What a confirmation left open because of this read.
    const { said, confirmed } = slot.ledger;
    if (slot.state === 'awake' && !slot.latest && said > confirmed) this.delivery.sent(slot, said);
  }

  private letGoOn(slot: Slot): void {
    if (!slot.queue.held) return;
    this.parts.holding.letGoOn(slot);
    this.look(slot);
  }

  private drain(slot: Slot): void {
    this.parts.holding.drain(slot);
    this.look(slot);
  }

  /** What was due as soon as nothing of the room is uncommitted. */
  private look(slot: Slot): void {
    if (slot.latest) return;
    // While the store has not answered, its rows may change yet.
    if (slot.state === 'failed' && !this.pipeline.unsure) this.parts.loader.load(slot);
    else if (slot.state === 'catching-up') this.parts.catchUp.proceed(slot);
    else if (slot.state === 'awake' && !(slot.machine as Machine).exists) this.letGo(slot);
  }

  private letGo(slot: Slot): void {
    if (slot.state === 'awake' && slot.isSettled) this.parts.loader.release(slot);
  }

  /** Writes what a quiet room only waited to hear of: who has entered for good, and its counters. */
  private writeDelivered(slot: Slot): void {
    this.parts.deciding.decide(slot, { kind: 'timer' }, 0);
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
