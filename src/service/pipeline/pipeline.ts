/**
 * Decide, commit, send (architecture.md, rule 1): decisions gather in the current batch, up to two batches are with the store,
 * so that it need not wait for the next one, and nothing of a batch leaves before the store has taken it.
 */
import type { Decision, Effect, Input } from '../../room/contract/machine';
import type { Link } from '../../link/link';
import type { FullJid, RoomJid } from '../../xmpp/fold';
import { kindOf, type Outgoing } from '../../xmpp/outgoing';
import type { Refused, RoomStore } from '../../store/room-store';
import { StoreFailed } from '../../store/failures';
import type { Part } from '../life/slot';
import { BatchBuilder } from './batch';
import type { Clock } from '../clock';
import { Counted } from '../counted';
import { AwaitedCommand } from './awaited-command';
import type { Log } from '../../log';
import type { Pressure } from '../budget/pressure';
import { memoryOf, INTERNAL, STORE_BROKEN, STORE_FAILED, TOO_MANY_ROOMS, type Refusal } from '../budget/refusals';
import { saidBytes } from '../life/loads';
import type { Slot } from '../life/slot';

/** Charged for each input beside its bytes: objects and bookkeeping. */
const OVERHEAD = 400;

/** Batches with the store at a time: one that it writes, and one that it finds when it has done so. */
const UNDER_WAY = 2;

/** A store that has not answered a commit for so long counts as failed. */
const COMMIT_MS = 60_000;

/** A room that has more than so many bytes to be written says nothing sooner if its next message is committed at once: that is more than one turn of the link. */
const AHEAD_BYTES = 8 * 1024 * 1024;

/** So long its messages gather at most, for one commit. */
const GATHER_MS = 20;

/** What the pipeline tells the keeper of the rooms. */
export interface PipelineOwner {
  /** An effect is due: the decision that asked for it is committed. */
  effect(slot: Slot, effect: Effect): void;
  /** A part is committed and its output handed to the link. */
  partSent(slot: Slot, part: Part): void;
  /** Everything a room has not committed was dropped; `inputs` asked for it, in order. */
  refused(slot: Slot, inputs: readonly Input[], whyOf: (input: Input) => Refusal): void;
  /** The store has answered late. Which batches are lost is known now, so their rooms may be loaded. */
  certain(): void;
  /** The store takes nothing any more (`closed` says why), or takes again. */
  storeChanged(): void;
}

export interface PipelineOptions {
  readonly store: Pick<RoomStore, 'commit' | 'probe' | 'lastBatch'>;
  readonly link: Pick<Link, 'send' | 'queuedOf'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly pressure: Pressure;
  readonly retryMs: number;
}

export class Pipeline {
  /** Set while the store takes nothing: why. */
  closed: Refusal | undefined;
  batches = 0;
  readonly counted = new Counted();
  failures = 0;
  /** Batches that the store has answered, whatever it said. */
  answers = 0;
  private ended = false;
  private gathering = new BatchBuilder();
  /** What is with the store, the oldest first: it answers in this order. */
  private flying: BatchBuilder[] = [];
  private scheduled = false;
  /** All that gathers is of rooms that have much to be written: it goes to the store when this runs. */
  private cancelGathering: (() => void) | undefined;
  /** The store has not answered for too long: nobody knows yet what became of what it was given. */
  private hanging = false;
  private cancelLimit: (() => void) | undefined;
  /** The latest batch handed to the store; undefined until the store has told its own. */
  private number: number | undefined;
  /** The latest batch that it has answered. */
  private known = 0;
  private whenIdle: (() => void)[] = [];

  constructor(
    private readonly options: PipelineOptions,
    private readonly owner: PipelineOwner,
  ) {}

  /** Learns the batch number; nothing is committed before. Throws StoreFailed. */
  async start(): Promise<void> {
    this.known = this.number = await this.options.store.lastBatch();
    if (!this.gathering.empty) this.schedule();
  }

  /** Whether what a room lost may yet be committed. */
  get unsure(): boolean {
    return this.hanging;
  }

  /** Takes a decision: its output leaves at once if nothing of its room is uncommitted, else with the room's latest part. */
  accept(slot: Slot, input: Input, decision: Decision, bytes: number): void {
    let part = slot.current;
    if (decision.writes.length > 0 || decision.counts) {
      if (!part) {
        const first = this.gathering.empty;
        part = slot.current = this.gathering.part(slot, decision.counters);
        if (this.options.link.queuedOf(slot.jid) <= AHEAD_BYTES) this.schedule();
        else if (first) this.gather();
      }
      this.gathering.write(part, decision);
    } else {
      part ??= slot.flying;
      if (!part) {
        this.sendDecision(slot, input, decision, false);
        return;
      }
    }
    part.add(input, decision);
    let size = memoryOf(input, bytes) + OVERHEAD;
    let unsentBytes = 0;
    for (const out of decision.out) {
      size += out.rest.length;
      unsentBytes += saidBytes(out);
    }
    part.bytes += size;
    part.unsentBytes += unsentBytes;
    slot.unsentBytes += unsentBytes;
    this.options.pressure.add(size);
  }

  /** Writes a quiet room's counters by themselves. */
  persistCounters(slot: Slot): void {
    if (slot.latest || !slot.machine) return;
    slot.current = this.gathering.part(slot, slot.machine.counters);
    this.schedule();
  }

  /** Rooms in which something uncommitted gives this full JID a session. */
  joining(jid: FullJid): RoomJid[] {
    const rooms: RoomJid[] = [];
    for (const builder of [...this.flying, this.gathering]) {
      for (const part of builder.parts) {
        if (part.changes?.some((change) => change.table === 'session' && change.jid === jid && change.row)) rooms.push(part.slot.jid);
      }
    }
    return rooms;
  }

  /** Resolves when nothing is uncommitted. */
  idle(): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    return new Promise((resolve) => this.whenIdle.push(resolve));
  }

  /** For good: nothing is handed to the store any more. Returns the parts that will never be committed: the caller tells their askers. */
  end(): readonly Part[] {
    this.ended = true;
    this.cancelGathering?.();
    const { parts } = this.gathering;
    this.gathering = new BatchBuilder();
    for (const part of parts) {
      part.dropped = true;
      part.slot.current = undefined;
      this.options.pressure.remove(part.bytes);
    }
    return parts;
  }

  /** Lets what is of rooms with much to be written gather; whatever else comes takes it along. */
  private gather(): void {
    this.cancelGathering ??= this.options.clock.after(GATHER_MS, () => {
      this.cancelGathering = undefined;
      this.flush();
    });
  }

  private schedule(): void {
    this.cancelGathering?.();
    this.cancelGathering = undefined;
    if (this.scheduled || this.flying.length >= UNDER_WAY) return;
    this.scheduled = true;
    // At the end of the current event: what one read from the socket brought is one batch.
    queueMicrotask(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  private flush(): void {
    if (this.flying.length >= UNDER_WAY || this.gathering.empty || this.number === undefined || this.closed || this.ended) return;
    if (this.cancelGathering !== undefined) return;
    const flying = this.gathering;
    this.flying.push(flying);
    if (this.flying.length === 1) this.limit();
    this.gathering = new BatchBuilder();
    for (const part of flying.parts) {
      const { slot } = part;
      part.before = slot.flying;
      slot.flying = part;
      slot.current = undefined;
    }
    this.batches++;
    flying.handedAt = this.options.clock.elapsed();
    this.options.store.commit(flying.build(++this.number, this.known)).then(
      (refused) => {
        this.answered(flying, refused);
      },
      (error: unknown) => {
        this.failed(flying, error);
      },
    );
  }

  private answered(flying: BatchBuilder, refused: readonly Refused[]): void {
    this.land(flying);
    const reasons = new Map(refused.map((one) => [one.room, one]));
    if (reasons.size > 0) this.refuse(flying, reasons);
    if (flying.void && !flying.late)
      this.options.log.error(
        { event: 'store.out-of-order', batch: flying.number },
        'the store took a batch that builds on one that failed',
      );
    // The next batch is with the store while this one's output is written.
    this.flush();
    for (const part of flying.parts) if (!part.dropped) this.sendPart(part);
    this.noteIdle();
  }

  /** The store has answered its oldest batch. */
  private land(flying: BatchBuilder): void {
    if (this.flying.shift() !== flying) throw new Error(`The store answered batch ${flying.number} before an earlier one`);
    this.known = flying.number;
    this.answers++;
    this.counted.commits.note((this.options.clock.elapsed() - flying.handedAt) / 1000);
    this.cancelLimit?.();
    this.cancelLimit = undefined;
    if (this.flying.length > 0) this.limit();
    else if (this.hanging) {
      this.hanging = false;
      this.probeLater();
      this.owner.certain();
    }
    for (const part of flying.parts) {
      if (part.dropped) continue;
      const { slot } = part;
      if (slot.flying === part) slot.flying = undefined;
      else for (let later = slot.flying; later; later = later.before) if (later.before === part) later.before = undefined;
    }
  }

  /** Refused rooms lose also what they decided since. */
  private refuse(flying: BatchBuilder, reasons: ReadonlyMap<string, Refused>): void {
    const refused = flying.parts.filter((part) => !part.dropped && reasons.has(part.slot.jid));
    const later = new Set<Part>();
    for (const { slot } of refused) if (slot.current) later.add(slot.current);
    if (later.size > 0) this.gathering = this.gathering.without(later);
    for (const part of refused) this.refuseRoom(part, reasons.get(part.slot.jid) as Refused);
  }

  private sendPart(part: Part): void {
    const { slot, inputs, decisions, stale } = part;
    slot.unsentBytes -= part.unsentBytes;
    for (let i = 0; i < inputs.length; i++) this.sendDecision(slot, inputs[i] as Input, decisions[i] as Decision, stale);
    this.options.pressure.remove(part.bytes);
    this.owner.partSent(slot, part);
  }

  /** A decision is committed: its output leaves, its effects run, its asker gets the outcome. Of a stale one only replies leave, because the room says the rest again. */
  private sendDecision(slot: Slot, input: Input, decision: Decision, stale: boolean): void {
    const { out, effects } = decision;
    for (const stanza of out) if (!stale || kindOf(stanza) === 'reply') this.send(slot, stanza);
    for (const effect of effects) this.owner.effect(slot, effect);
    if (input instanceof AwaitedCommand) input.settle();
    if (out.length > 0) this.options.pressure.look();
  }

  /** One stanza that cannot be written keeps nothing else from leaving. */
  private send(slot: Slot, stanza: Outgoing): void {
    try {
      this.options.link.send(stanza, slot.jid);
    } catch (error) {
      this.options.log.error({ event: 'stanza.unsendable', room: slot.jid, stanza: stanza.name, err: error }, 'a stanza could not be sent');
    }
  }

  private refuseRoom(part: Part, reason: Refused): void {
    this.failures++;
    this.options.log.error(
      { event: 'store.refused', room: reason.room, reason: reason.reason, detail: reason.detail },
      'the store refused what a room wrote',
    );
    const creators = new Set<Input>();
    if (reason.reason === 'limit') {
      part.decisions.forEach((decision, i) => {
        if (decision.writes.some((write) => write.table === 'room' && write.create)) creators.add(part.inputs[i] as Input);
      });
    }
    const otherwise = reason.reason === 'limit' ? STORE_FAILED : INTERNAL;
    const { slot } = part;
    const parts = slot.current ? [slot.current] : [];
    for (let later = slot.flying; later; later = later.before) parts.unshift(later);
    this.drop(slot, [part, ...parts], (input) => (creators.has(input) ? TOO_MANY_ROOMS : otherwise));
  }

  /** Drops parts of one room that will never be committed. */
  private drop(slot: Slot, parts: readonly Part[], whyOf: (input: Input) => Refusal): void {
    slot.current = undefined;
    slot.flying = undefined;
    const inputs: Input[] = [];
    for (const part of parts) {
      part.dropped = true;
      slot.unsentBytes -= part.unsentBytes;
      inputs.push(...part.inputs);
      this.options.pressure.remove(part.bytes);
    }
    this.owner.refused(slot, inputs, whyOf);
  }

  /** Nothing of the batch was taken: it and what was decided since are refused, and the store is closed until a probe succeeds. */
  private failed(flying: BatchBuilder, error: unknown): void {
    this.land(flying);
    if (flying.void) {
      this.noteIdle();
      return;
    }
    const reason = error instanceof StoreFailed ? error.reason : 'broken';
    this.options.log.error(
      { event: 'store.failed', err: error, reason, rooms: flying.parts.length },
      'the store cannot save: writes are refused until it can',
    );
    this.lose([flying], reason === 'broken' ? STORE_BROKEN : STORE_FAILED);
    this.probeLater();
    this.noteIdle();
  }

  private limit(): void {
    if (this.hanging) return;
    this.cancelLimit = this.options.clock.after(COMMIT_MS, () => {
      this.cancelLimit = undefined;
      this.options.log.error(
        { event: 'store.hanging', ms: COMMIT_MS },
        'the store has not answered a commit for too long: writes are refused until it has',
      );
      this.hanging = true;
      for (const builder of this.flying) builder.late = true;
      this.lose([], STORE_FAILED);
    });
  }

  /** What is with the store and what gathers is lost, and the store is closed. */
  private lose(answered: readonly BatchBuilder[], why: Refusal): void {
    this.failures++;
    const lost = [...answered, ...this.flying, this.gathering];
    for (const builder of this.flying) builder.void = true;
    this.gathering = new BatchBuilder();
    this.closed = why;
    this.owner.storeChanged();
    const parts = new Map<Slot, Part[]>();
    for (const part of lost.flatMap((builder) => builder.parts)) {
      if (part.dropped) continue;
      const ofRoom = parts.get(part.slot);
      if (ofRoom) ofRoom.push(part);
      else parts.set(part.slot, [part]);
    }
    for (const [slot, ofRoom] of parts) this.drop(slot, ofRoom, () => why);
  }

  /** `failures`: probes that failed before. The first, second, fourth, eighth and so on are told. */
  private probeLater(failures = 0): void {
    this.options.clock.after(this.options.retryMs, () => {
      if (this.ended) return;
      this.options.store.probe().then(
        () => {
          this.closed = undefined;
          this.options.log.info({ event: 'store.recovered' }, 'the store saves again');
          this.owner.storeChanged();
          this.flush();
        },
        (error: unknown) => {
          const tries = failures + 1;
          if ((tries & failures) === 0)
            this.options.log.warn({ event: 'store.still-failing', err: error, tries }, 'the store still cannot save');
          this.probeLater(tries);
        },
      );
    });
  }

  private get isIdle(): boolean {
    return this.flying.length === 0 && this.gathering.empty;
  }

  private noteIdle(): void {
    if (!this.isIdle || this.whenIdle.length === 0) return;
    const waiting = this.whenIdle;
    this.whenIdle = [];
    for (const done of waiting) done();
  }
}
