/** Decides one input for one room: what its sender pays, the decision, what becomes of it, and what becomes of the room if it throws. */
import { dateOf } from '../../xmpp/dates';
import type { RoomJid } from '../../xmpp/fold';
import type { Decision, Input, Machine } from '../../room/contract/machine';
import { MOST_AHEAD_MS } from '../../room/room-times';
import type { Charging } from '../budget/charging';
import { watch } from '../budget/watchdog';
import type { Clock } from '../clock';
import type { Door } from '../budget/door';
import { withOneAnswer } from '../pipeline/iq-check';
import type { Log } from '../../log';
import { abandonCommand, commandDecided } from '../pipeline/long-commands';
import type { Moment } from '../moment';
import type { Pipeline } from '../pipeline/pipeline';
import { INTERNAL, isRefusable } from '../budget/refusals';
import type { PendingChecks } from '../../room/pending-checks';
import type { Slot } from './slot';

export interface DecidingOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly moment: Moment;
  readonly log: Log;
  readonly pipeline: Pick<Pipeline, 'accept' | 'counted'>;
  readonly door: Pick<Door, 'refuse'>;
  readonly charging: Charging | undefined;
  readonly checks: Pick<PendingChecks<Slot>, 'takes' | 'hold' | 'decided'>;
}

export interface DecidingOwner {
  /** The room threw: it is loaded anew once all that it decided before is committed. */
  threw(slot: Slot): void;
  /** What was due as soon as nothing of the room is uncommitted may be due now. */
  look(slot: Slot): void;
  /** A room wants a timer input, after this event. */
  wakes(room: RoomJid): void;
}

export class Deciding {
  constructor(
    private readonly options: DecidingOptions,
    private readonly owner: DecidingOwner,
  ) {}

  /**
   * One input of an awake room, or of one that says things again.
   *
   * @param bytes its size on the wire.
   * @param waited it comes from the queue: more may follow, and the caller looks whether the room may be let go.
   */
  decide(slot: Slot, input: Input, bytes: number, waited = false): void {
    const { clock, moment, log, pipeline } = this.options;
    const machine = slot.machine as Machine;
    // Since the decision before it in the same event, if there was one.
    const began = (slot.lastUsed = moment.now);
    if (!this.charged(slot, machine, input, bytes, waited)) {
      if (!waited) this.lookIfGone(slot, machine);
      return;
    }
    if (input.kind === 'stanza' && this.options.checks.takes(slot, input, bytes)) return;
    const now = clock.now();
    let decision: Decision;
    try {
      decision = machine.decide(input, now);
    } catch (error) {
      this.threw(slot, input, error);
      return;
    }
    if (input.kind !== 'say-again' && input.kind !== 'messages' && input.kind !== 'timer') slot.life.works();
    if (input.kind === 'stanza' && input.stanza.name === 'iq' && isRefusable(input))
      decision = withOneAnswer(slot.jid, input, decision, log);
    if (input.kind === 'stanza') pipeline.counted.decided[input.stanza.name as 'message' | 'presence' | 'iq']++;
    if (decision.wakes) this.owner.wakes(slot.jid);
    if (slot.state === 'catching-up') slot.ledger.expect(readsToSayAgain(decision));
    if (input.kind === 'command' || input.kind === 'archive') commandDecided(input, decision);
    const asks = input.kind === 'stanza' && decision.effects.some(({ kind }) => kind === 'ask-check');
    // The stanza is not decided yet: a timer input stands for it.
    if (asks) this.options.checks.hold(slot, input, bytes);
    pipeline.accept(slot, asks ? { kind: 'timer' } : input, decision, asks ? 0 : bytes);
    this.options.checks.decided(slot, input, decision);
    if (input.kind === 'stanza' && input.stanza.name === 'presence') this.options.charging?.decided(machine, input.from);
    if (decision.counters.stamp - now > MOST_AHEAD_MS) this.tellAhead(slot, decision.counters.stamp);
    if (decision.dropped !== undefined)
      log.warn(
        { event: 'room.notices-dropped', room: slot.jid, notices: decision.dropped },
        'notices to people outside the room were dropped: too many of a day, or too many wait',
      );
    watch(log, slot.jid, input, moment.read() - began);
    if (!waited) this.lookIfGone(slot, machine);
  }

  /** Once for each time that a room is loaded. */
  private tellAhead(slot: Slot, stamp: number): void {
    const { jid: room, life } = slot;
    if (slot.toldAhead === life.generation) return;
    slot.toldAhead = life.generation;
    const latest = dateOf(stamp);
    this.options.log.warn(
      { event: 'room.clock-ahead', room, latest },
      'the clock was once ahead: until that time messages of this room are archived just behind the latest',
    );
  }

  /** Whether the input is decided now: what enters is charged here, by what the room knows of its sender, and so is what waited. */
  private charged(slot: Slot, machine: Machine, input: Input, bytes: number, waited: boolean): boolean {
    const { charging } = this.options;
    if (!charging) return true;
    if (input.kind === 'gone') charging.left(slot.jid, machine, input.jid);
    if (input.kind !== 'stanza' || input.answers || (input.stanza.name !== 'presence' && !waited)) return true;
    return charging.atTheRoom(slot.jid, machine, input, bytes) !== undefined;
  }

  /** There is no such room (any more): it may be let go. */
  private lookIfGone(slot: Slot, machine: Machine): void {
    if (!machine.exists) this.owner.look(slot);
  }

  /** The asker gets an error. */
  private threw(slot: Slot, input: Input, error: unknown): void {
    const { log, door } = this.options;
    log.error({ event: 'room.threw', room: slot.jid, kind: input.kind, err: error }, 'a room threw while deciding');
    // A query says nothing again: if one throws while the room catches up, the next machine catches up all the same.
    if (slot.state === 'catching-up' && saysAgain(input)) slot.ledger.threw();
    this.owner.threw(slot);
    if (isRefusable(input)) door.refuse(slot, slot.jid, input, INTERNAL);
    else abandonCommand(input, INTERNAL);
    this.owner.look(slot);
  }
}

function saysAgain(input: Input): boolean {
  return input.kind === 'say-again' || input.kind === 'messages';
}

function readsToSayAgain({ effects }: Decision): number {
  return effects.filter((effect) => effect.kind === 'read-messages' && effect.purpose === 'say-again').length;
}
