/**
 * Decide, commit, send (design "The pipeline, exactly"): decisions gather in the current batch, one batch is with the store at
 * a time, and nothing of a batch leaves before the store has taken it.
 */
import type { Decision, Effect, Input } from '../room/machine';
import type { Link } from '../link/link';
import type { Refused, Store } from '../store/store';
import { StoreFailed } from '../store/store';
import type { Part } from './batch';
import { BatchBuilder } from './batch';
import type { Clock } from './clock';
import { HeldCommand } from './held-command';
import type { Log } from './log';
import type { Pressure } from './pressure';
import { INTERNAL, STORE_BROKEN, STORE_FAILED, TOO_MANY_ROOMS, type Refusal } from './refusals';
import type { Slot } from './slot';

/** Charged for each input beside its bytes: objects and bookkeeping. */
const OVERHEAD = 400;

/** What the pipeline tells the keeper of the rooms. */
export interface PipelineOwner {
  /** An effect is due: the decision that asked for it is committed. */
  effect(slot: Slot, effect: Effect): void;
  /** A part is committed and its output handed to the link. */
  settled(slot: Slot, part: Part): void;
  /** Everything a room has not committed was dropped; `inputs` asked for it, in order. */
  refused(slot: Slot, inputs: readonly Input[], whyOf: (input: Input) => Refusal): void;
  /** The store takes nothing any more (`closed` says why), or takes again. */
  storeChanged(): void;
}

export interface PipelineOptions {
  readonly store: Pick<Store, 'commit' | 'probe' | 'lastBatch'>;
  readonly link: Pick<Link, 'send'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly pressure: Pressure;
  readonly retryMs: number;
}

export class Pipeline {
  /** Set while the store takes nothing: why. */
  closed: Refusal | undefined;
  batches = 0;
  failures = 0;
  private gathering = new BatchBuilder();
  private flying: BatchBuilder | undefined;
  private scheduled = false;
  /** Undefined until the store has told its latest batch number. */
  private number: number | undefined;
  private whenIdle: (() => void)[] = [];

  constructor(
    private readonly options: PipelineOptions,
    private readonly owner: PipelineOwner,
  ) {}

  /** Learns the batch number; nothing is committed before. Throws StoreFailed. */
  async start(): Promise<void> {
    this.number = await this.options.store.lastBatch();
    if (!this.gathering.empty) this.schedule();
  }

  /** Takes a decision: its output leaves at once if nothing of its room is uncommitted, else with the room's latest part. */
  accept(slot: Slot, input: Input, decision: Decision, bytes: number): void {
    let part = slot.current;
    if (decision.writes.length > 0) {
      if (!part) {
        part = slot.current = this.gathering.part(slot, decision.counters);
        this.schedule();
      }
      this.gathering.write(part, decision);
    } else {
      part ??= slot.flying;
      if (!part) {
        this.release(slot, input, decision, false);
        return;
      }
    }
    part.inputs.push(input);
    part.decisions.push(decision);
    let size = bytes + OVERHEAD;
    for (const out of decision.out) size += out.rest.length;
    part.bytes += size;
    this.options.pressure.add(size);
  }

  /** Writes a quiet room's counters by themselves. */
  persistCounters(slot: Slot): void {
    if (slot.latest || !slot.machine) return;
    slot.current = this.gathering.part(slot, slot.machine.counters);
    this.schedule();
  }

  /** Rooms in which something uncommitted gives this full JID a session. */
  joining(jid: string): string[] {
    const rooms: string[] = [];
    for (const builder of [this.flying, this.gathering]) {
      for (const part of builder?.parts ?? []) {
        if (part.changes?.some((change) => change.table === 'session' && change.jid === jid && change.row)) rooms.push(part.slot.jid);
      }
    }
    return rooms;
  }

  /** Resolves when nothing is uncommitted. */
  idle(): Promise<void> {
    if (!this.flying && this.gathering.empty) return Promise.resolve();
    return new Promise((resolve) => this.whenIdle.push(resolve));
  }

  private schedule(): void {
    if (this.scheduled || this.flying) return;
    this.scheduled = true;
    // At the end of the current event: what one read from the socket brought is one batch.
    queueMicrotask(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  private flush(): void {
    if (this.flying || this.gathering.empty || this.number === undefined || this.closed) return;
    const flying = this.gathering;
    this.flying = flying;
    this.gathering = new BatchBuilder();
    for (const part of flying.parts) {
      part.slot.flying = part;
      part.slot.current = undefined;
    }
    this.batches++;
    this.options.store.commit(flying.build(++this.number)).then(
      (refused) => {
        this.answered(flying, refused);
      },
      (error: unknown) => {
        this.failed(flying, error);
      },
    );
  }

  private answered(flying: BatchBuilder, refused: readonly Refused[]): void {
    this.flying = undefined;
    for (const part of flying.parts) part.slot.flying = undefined;
    const reasons = new Map(refused.map((one) => [one.room, one]));
    if (reasons.size > 0) {
      const later = new Set<Part>();
      for (const part of flying.parts) if (reasons.has(part.slot.jid) && part.slot.current) later.add(part.slot.current);
      if (later.size > 0) this.gathering = this.gathering.without(later);
      for (const part of flying.parts) {
        const reason = reasons.get(part.slot.jid);
        if (reason) this.refuseRoom(part, reason);
      }
    }
    // The next batch is with the store while this one's output is written.
    this.flush();
    for (const part of flying.parts) {
      if (reasons.has(part.slot.jid)) continue;
      this.settle(part);
    }
    this.noteIdle();
  }

  private settle(part: Part): void {
    const { slot, inputs, decisions, stale } = part;
    for (let i = 0; i < inputs.length; i++) this.release(slot, inputs[i] as Input, decisions[i] as Decision, stale);
    this.options.pressure.remove(part.bytes);
    this.owner.settled(slot, part);
  }

  /** A decision is certain: its output leaves, its effects run, its asker hears of it. */
  private release(slot: Slot, input: Input, decision: Decision, stale: boolean): void {
    const { out, effects } = decision;
    for (const stanza of out) if (!stale || typeof stanza.to === 'string') this.options.link.send(stanza);
    for (const effect of effects) this.owner.effect(slot, effect);
    if (input instanceof HeldCommand) input.settle();
  }

  private refuseRoom(part: Part, reason: Refused): void {
    this.failures++;
    this.options.log.error({ room: reason.room, reason: reason.reason, detail: reason.detail }, 'the store refused what a room wrote');
    const creators = new Set<Input>();
    if (reason.reason === 'limit') {
      part.decisions.forEach((decision, i) => {
        if (decision.writes.some((write) => write.table === 'room' && write.create)) creators.add(part.inputs[i] as Input);
      });
    }
    const otherwise = reason.reason === 'limit' ? STORE_FAILED : INTERNAL;
    this.drop(part.slot, [part, part.slot.current], (input) => (creators.has(input) ? TOO_MANY_ROOMS : otherwise));
  }

  /** Drops parts of one room that will never be committed. */
  private drop(slot: Slot, parts: readonly (Part | undefined)[], whyOf: (input: Input) => Refusal): void {
    slot.current = undefined;
    slot.flying = undefined;
    const inputs: Input[] = [];
    for (const part of parts) {
      if (!part) continue;
      inputs.push(...part.inputs);
      this.options.pressure.remove(part.bytes);
    }
    this.owner.refused(slot, inputs, whyOf);
  }

  /** Nothing of the batch was taken: it and what gathered since are refused, and the store is closed until a probe succeeds. */
  private failed(flying: BatchBuilder, error: unknown): void {
    this.failures++;
    const reason = error instanceof StoreFailed ? error.reason : 'broken';
    this.options.log.error({ err: error, reason, rooms: flying.parts.length }, 'the store cannot save: writes are refused until it can');
    const why = reason === 'broken' ? STORE_BROKEN : STORE_FAILED;
    const gathered = this.gathering;
    this.flying = undefined;
    this.gathering = new BatchBuilder();
    this.closed = why;
    this.owner.storeChanged();
    const parts = new Map<Slot, Part[]>();
    for (const part of [...flying.parts, ...gathered.parts]) {
      const ofRoom = parts.get(part.slot);
      if (ofRoom) ofRoom.push(part);
      else parts.set(part.slot, [part]);
    }
    for (const [slot, ofRoom] of parts) this.drop(slot, ofRoom, () => why);
    this.probeLater();
    this.noteIdle();
  }

  private probeLater(): void {
    this.options.clock.after(this.options.retryMs, () => {
      this.options.store.probe().then(
        () => {
          this.closed = undefined;
          this.options.log.info({}, 'the store saves again');
          this.owner.storeChanged();
          this.flush();
        },
        (error: unknown) => {
          this.options.log.warn({ err: error }, 'the store still cannot save');
          this.probeLater();
        },
      );
    });
  }

  private noteIdle(): void {
    if (this.flying || !this.gathering.empty || this.whenIdle.length === 0) return;
    const waiting = this.whenIdle;
    this.whenIdle = [];
    for (const done of waiting) done();
  }
}
