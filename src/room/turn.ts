/** One decision under construction: what it writes, what it says, what it asks for. */
import type { Outgoing } from '../xmpp/outgoing';
import type { Effect, Write } from './machine';
import type { Session } from './occupants';
import type { Millis } from './rows';

export class Turn {
  readonly writes: Write[] = [];
  readonly out: Outgoing[] = [];
  readonly effects: Effect[] = [];
  /** Sessions for which more was held than the bound allows: they go live without history. */
  readonly overflowed = new Set<Session>();

  constructor(
    /** The clock's time, for durations asked for by clients. */
    readonly now: Millis,
    /** The room's time: never before an earlier decision's. */
    readonly stamp: Millis,
  ) {}

  write(write: Write): void {
    this.writes.push(write);
  }

  say(out: Outgoing): void {
    this.out.push(out);
  }
}
