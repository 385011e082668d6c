/** The ledger of one room: up to which rev it is committed, said, confirmed and saved as confirmed, and what it says again. Nothing else knows. */
import type { Counters, Rev, RoomRows } from '../../room/contract/rows';
import type { Route } from './route';

export class Ledger {
  private committedRev: Rev = 0;
  /** `deliveredRev` as committed. */
  private savedRev: Rev = 0;
  private saidRev: Rev = 0;
  private confirmedRev: Rev = 0;
  private isOwing = false;
  private attempts = 0;
  private hasBegun = false;
  private reads = 0;
  private threwSayingAgain = false;

  constructor(
    /** The way by which it says things from now on: `rooms.ts` changes it, with the room's size. */
    public route: Route,
  ) {}

  /** Everything up to here was handed to the present connection, or confirmed before. */
  get said(): Rev {
    return this.saidRev;
  }

  /** Everything up to here has reached the server. */
  get confirmed(): Rev {
    return this.confirmedRev;
  }

  /** Everything up to here is committed. */
  get committed(): Rev {
    return this.committedRev;
  }

  /** Whether it is saved that everything committed has reached the server. */
  get isSaved(): boolean {
    return this.committedRev <= this.savedRev;
  }

  /** Whether more is confirmed than the rows say. */
  get isUnsaved(): boolean {
    return this.confirmedRev > this.savedRev;
  }

  /** Whether a machine knows of more confirmations than the rows. */
  isUnsavedIn({ deliveredRev }: Counters): boolean {
    return deliveredRev > this.savedRev;
  }

  /** Something of it is undelivered that it has not said again yet: there was no connection, or it threw while doing so. */
  get owes(): boolean {
    return this.isOwing;
  }

  /** Rises with each attempt to say things again; answers to reads of an earlier one are void. */
  get attempt(): number {
    return this.attempts;
  }

  /** Whether saying again was begun in this attempt. */
  get begun(): boolean {
    return this.hasBegun;
  }

  /** Whether everything that this attempt had to say again was said. */
  get done(): boolean {
    return this.hasBegun && this.reads === 0;
  }

  /** Whether things may be said again now: a room that threw while doing so waits for the next connection. */
  get mayCatchUp(): boolean {
    return this.route.open && !this.threwSayingAgain;
  }

  /** Takes over what the rows say; true if something is to be said again. */
  take(rows: RoomRows | null): boolean {
    const rev = rows?.counters.rev ?? 0;
    this.committedRev = rev;
    this.savedRev = rows?.counters.deliveredRev ?? 0;
    // After a reload more is known to be confirmed than any row says yet; a room begun anew counts from the start.
    this.confirmedRev = Math.min(Math.max(this.confirmedRev, this.savedRev), rev);
    this.saidRev = Math.min(Math.max(this.saidRev, this.confirmedRev), rev);
    const undelivered = rows !== null && (rev > this.saidRev || rows.sessions.some((session) => session.entering));
    this.isOwing = undelivered && !this.mayCatchUp;
    return undelivered;
  }

  commit({ rev, deliveredRev }: Counters): void {
    this.committedRev = rev;
    this.savedRev = deliveredRev;
  }

  /** Everything up to `rev` was handed to the route. False: nothing may be confirmed, since what it owes lies below. */
  say(rev: Rev): boolean {
    if (!this.route.open || this.isOwing) return false;
    if (rev > this.saidRev) this.saidRev = rev;
    return true;
  }

  /** Everything up to `rev` has reached the server. */
  confirm(rev: Rev): void {
    if (rev > this.confirmedRev) this.confirmedRev = rev;
  }

  /** The connection is lost: what was not confirmed counts as not said. */
  lost(): void {
    this.saidRev = this.confirmedRev;
  }

  /** A new connection: what threw is tried once more. */
  connected(): void {
    this.threwSayingAgain = false;
  }

  /** A new attempt to say things again, to be begun when nothing is uncommitted. */
  prepare(): void {
    this.attempts++;
    this.hasBegun = false;
    this.reads = 0;
  }

  begin(): void {
    this.hasBegun = true;
    this.isOwing = false;
  }

  /** Saying again waits for `count` more reads of the archive (less, if negative). */
  expect(count: number): void {
    this.reads += count;
  }

  /** The room threw while saying things again: its marks stay where they were. */
  threw(): void {
    this.threwSayingAgain = true;
  }
}
