/** One decision under construction: what it writes, what it says, what it asks for. */
import type { Outgoing } from '../xmpp/outgoing';
import type { Effect, Write } from './contract/machine';
import type { Session } from './occupants/occupants';
import type { Millis, StanzaId } from './contract/rows';

const NONE: ReadonlySet<Session> = new Set();

export class Turn {
  // Decisions wait for their commit by the hundred, and most have one of each: `push` would give an empty list room for 17.
  writes: Write[] = [];
  out: Outgoing[] = [];
  readonly effects: Effect[] = [];
  /** Notices to people outside that were said at once. */
  notices = 0;
  /** Notices to people outside that found no place. */
  dropped = 0;
  /** Sessions for which more was held than the bound allows: they go live without history. */
  overflowed: ReadonlySet<Session> = NONE;
  /** Copies of forms that are sent. */
  forms = 0;
  /** Something goes on with a timer input, which is to come soon. */
  wakes = false;
  /** What others see of the presence that is decided, once somebody has asked. */
  presenceContent: string | undefined;
  private ending: Map<object, () => void> | undefined;
  private begun: Set<object> | undefined;
  /** Messages that were buried, by id, each as it was said and as it is now: at the end nobody is told it who would still be. */
  buried: Map<StanzaId, { readonly before: string; readonly after: string }> | undefined;

  constructor(
    /** The clock's time, for durations asked for by clients. */
    readonly now: Millis,
    /** The room's time: never before an earlier decision's. */
    readonly stamp: Millis,
  ) {}

  write(write: Write): void {
    if (this.writes.length === 0) this.writes = [write];
    else this.writes.push(write);
  }

  say(out: Outgoing): void {
    if (this.out.length === 0) this.out = [out];
    else this.out.push(out);
  }

  /** Is to be done when all else is decided, once for each `who`. */
  atEnd(who: object, run: () => void): void {
    this.ending ??= new Map();
    if (!this.ending.has(who)) this.ending.set(who, run);
  }

  /** Whether `who` asks for the first time in this decision. */
  isFirst(who: object): boolean {
    if (this.begun?.has(who)) return false;
    (this.begun ??= new Set()).add(who);
    return true;
  }

  end(): void {
    for (const run of this.ending?.values() ?? []) run();
  }

  overflow(session: Session): void {
    this.overflowed = new Set([...this.overflowed, session]);
  }
}
