/** How much waits for the service, and who is told when it is less. */
import type { Link } from '../../link/link';
import type { MulticastOwner } from './contract';
import type { Way } from './way';

/** Bytes of memory that wait for the service: above it the link counts as congested. */
const MOST_HELD = 32 * 1024 * 1024;

export class Holding {
  /** Estimated bytes of memory that wait, of all rooms. */
  readonly held = { memory: 0 };
  /** Rises with whatever leaves. */
  left = 0;
  private wasFull = false;

  constructor(
    private readonly link: Pick<Link, 'congested' | 'overfull' | 'tellLow'>,
    private readonly owner: Pick<MulticastOwner, 'drained' | 'lowered'>,
  ) {}

  get congested(): boolean {
    return this.held.memory > MOST_HELD || this.link.congested;
  }

  get overfull(): boolean {
    return this.held.memory > 1.5 * MOST_HELD || this.link.overfull;
  }

  /** Something more waits. */
  grew(): void {
    if (this.held.memory > MOST_HELD) this.wasFull = true;
  }

  /** Something has left. */
  fell(): void {
    this.left++;
    if (!this.wasFull || this.congested) return;
    this.wasFull = false;
    this.owner.drained();
  }

  /** The same of one room, which may have asked to be told. */
  fellOf(way: Way): void {
    this.fell();
    if (!way.high || way.bytes > 0) return;
    way.high = false;
    if (!this.link.tellLow(way.room)) this.owner.lowered(way.room);
  }
}
