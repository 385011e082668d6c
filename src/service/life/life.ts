/** The life of one room: its states, and which may follow which. Nothing else assigns them. */
import type { Machine } from '../../room/contract/machine';

/**
 * `absent`: nothing of it is in memory.
 * `loading`: its rows are being read, or wait for their turn.
 * `catching-up`: it says undelivered things again before anything else is decided.
 * `awake`: inputs are decided.
 * `failed`: it threw, or what it wrote was refused; it is loaded anew as soon as nothing of it is uncommitted.
 * `resting`: it was loaded again and again without deciding anything, and is left alone for a while.
 * `releasing`: its claim is being given back.
 */
export type LifeState = 'absent' | 'loading' | 'catching-up' | 'awake' | 'failed' | 'resting' | 'releasing';

/** What may follow (docs/architecture.md "Life of a room"). */
const NEXT: Readonly<Record<LifeState, readonly LifeState[]>> = {
  absent: ['loading', 'resting'],
  // Again: a load that failed is tried once more.
  loading: ['loading', 'catching-up', 'awake', 'releasing', 'resting', 'absent'],
  // Again: the connection was lost meanwhile.
  'catching-up': ['catching-up', 'awake', 'failed'],
  awake: ['catching-up', 'failed', 'releasing'],
  failed: ['loading', 'resting'],
  resting: ['loading'],
  releasing: ['absent', 'loading', 'resting'],
};

/** Loads without one decided input, after which a room rests. */
const BARREN_LOADS = 3;

export class Life {
  private now: LifeState = 'absent';
  private loaded: Machine | undefined;
  private machines = 0;
  private barren = 0;
  private rested = 0;
  private failures = 0;

  get state(): LifeState {
    return this.now;
  }

  /** Makes the decisions. Until it is replaced, that of a failed room still refuses and takes confirmations. */
  get machine(): Machine | undefined {
    return this.loaded;
  }

  /** Rises with each machine: answers for an earlier one are void. */
  get generation(): number {
    return this.machines;
  }

  /** Loads since it last decided something that came from outside, and rests since then. */
  get barrenLoads(): number {
    return this.barren;
  }

  get rests(): number {
    return this.rested;
  }

  /** Whether it was loaded so often in vain that it rests before the next load. */
  get isBarren(): boolean {
    return this.barren >= BARREN_LOADS;
  }

  /** Loads in a row that failed. */
  get failedLoads(): number {
    return this.failures;
  }

  /** Its rows are to be read. */
  load(): void {
    this.to('loading');
    this.barren++;
  }

  /** Loads in vain that are known from an earlier time in memory. */
  remember(barren: number): void {
    this.barren = Math.max(this.barren, barren);
  }

  /** It has its machine, while it is loading; `wake` or `catchUp` follows. */
  take(machine: Machine): void {
    if (this.now !== 'loading') throw new Error(`A room that is ${this.now} takes no machine`);
    this.loaded = machine;
    this.machines++;
    this.failures = 0;
  }

  /** It has no machine: its rows could not be read. */
  loadFailed(): void {
    this.loaded = undefined;
    this.failures++;
  }

  catchUp(): void {
    this.to('catching-up');
  }

  wake(): void {
    this.to('awake');
  }

  /** It threw, or the store refused what it wrote. */
  fail(): void {
    if (this.now !== 'failed') this.to('failed');
  }

  /** It is left alone for a while; one load follows, and then the next rest. */
  rest(): void {
    this.to('resting');
    this.loaded = undefined;
    this.barren = BARREN_LOADS - 1;
    this.rested++;
  }

  release(): void {
    this.to('releasing');
    this.loaded = undefined;
  }

  end(): void {
    this.to('absent');
    this.loaded = undefined;
  }

  /** It has decided something that came from outside: it works. */
  works(): void {
    this.barren = this.rested = 0;
  }

  /** Throws on a step that the table does not have: that is a mistake of ours. */
  private to(state: LifeState): void {
    if (!NEXT[this.now].includes(state)) throw new Error(`A room that is ${this.now} cannot become ${state}`);
    this.now = state;
  }
}
