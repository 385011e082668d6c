/** When a loop is sent, and what is confirmed when it is back: one is under way at a time, and the next one serves all who ask meanwhile. */
import type { Clock } from '../clock';
import type { Loops, Outcome } from './loops';
import type { Standing } from './standing';
import type { Way } from './way';
import { WINDOW } from './window';

/** So many addresses after the latest loop, the next is sent. */
const LOOP_EACH = WINDOW / 4;
/** Milliseconds until what nobody asks about is confirmed. */
const CONFIRM_MS = 1_000;

/** A loop under way. */
interface Flight {
  /** How many stanzas were handed to the link before it. */
  readonly handed: number;
  readonly answer: Promise<boolean>;
}

export interface ConfirmingOptions {
  readonly standing: Standing;
  readonly loops: Loops;
  readonly clock: Pick<Clock, 'after'>;
  /** What became of a loop, and behind which stanza it was; true: the service has handed out all before it. */
  readonly landed: (behind: number, outcome: Outcome) => boolean;
}

export class Confirming {
  /** The loop that is under way, and the answer of the next one. */
  private flight: Flight | undefined;
  private following: Promise<boolean> | undefined;
  private timer = false;
  /** Addresses behind which a loop is. */
  private looped = 0;

  constructor(private readonly options: ConfirmingOptions) {}

  get isUnderWay(): boolean {
    return this.flight !== undefined;
  }

  /** True once everything that the service was given before has been handed out. Never rejects. */
  loop(): Promise<boolean> {
    const { flight } = this;
    if (flight === undefined) return this.fly();
    if (flight.handed === this.options.standing.handed) return flight.answer;
    this.following ??= flight.answer.then((back) => {
      this.following = undefined;
      return back ? (this.flight?.answer ?? this.fly()) : false;
    });
    return this.following;
  }

  /** The same by a loop of its own. */
  fly(): Promise<boolean> {
    const { standing, loops, landed } = this.options;
    const { state, epoch, sent, handed } = standing;
    if (state.kind === 'none') return Promise.resolve(false);
    const behind = sent.latest;
    this.looped = sent.copies;
    const flight: Flight = {
      handed,
      answer: loops.fly(state.service).then((outcome) => {
        if (this.flight === flight) this.flight = undefined;
        return epoch === standing.epoch && landed(behind, outcome);
      }),
    };
    this.flight = flight;
    return flight.answer;
  }

  /** The service was given something: a loop follows now and then. */
  given(): void {
    const { standing, clock } = this.options;
    if (standing.sent.copies - this.looped >= LOOP_EACH) void this.loop();
    if (this.timer) return;
    this.timer = true;
    clock.after(CONFIRM_MS, () => {
      this.timer = false;
      if (!standing.sent.isEmpty) void this.loop();
    });
  }

  /** Everything up to that number has been handed out; `done` with each room of which nothing is left. */
  confirm(behind: number, done: (way: Way) => void): void {
    const { sent } = this.options.standing;
    const before = sent.copies;
    sent.confirm(behind, done);
    this.looped = Math.max(0, this.looped - (before - sent.copies));
  }

  /** Nobody waits for the answer of a loop any more. */
  clear(): void {
    this.flight = this.following = undefined;
    this.looped = 0;
  }
}
