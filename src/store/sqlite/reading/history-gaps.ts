/**
 * Long runs of messages that no history shows, as a purge of thousands leaves them: they are remembered once they were found, so that an entry costs what it
 * shows. Whether a message is shown never changes, and what is erased at the old end of a room leaves a gap that is too long, which does no harm.
 */
import type { Span } from '../messages/message-order';

/** Shorter runs are not worth remembering. */
export const LONG_RUN = 64;

/** Rooms, and runs of one room, that are remembered; then it is begun anew. */
const MOST_ROOMS = 1_000;
const MOST_RUNS = 100;

export class HistoryGaps {
  /** By room: runs that do not overlap. */
  private readonly rooms = new Map<number, Span[]>();

  /** The run that this message of the room lies in. */
  at(room: number, seq: number): Span | undefined {
    return this.rooms.get(room)?.find(({ from, to }) => from <= seq && seq <= to);
  }

  /** Remembers a run, together with those that it touches. */
  add(room: number, run: Span): void {
    const known = this.rooms.get(room) ?? [];
    const touched = known.filter(({ from, to }) => from <= run.to + 1 && run.from <= to + 1);
    const whole = { from: Math.min(run.from, ...touched.map(({ from }) => from)), to: Math.max(run.to, ...touched.map(({ to }) => to)) };
    const rest = known.filter((one) => !touched.includes(one));
    if (this.rooms.size >= MOST_ROOMS && !this.rooms.has(room)) this.rooms.clear();
    this.rooms.set(room, [...(rest.length < MOST_RUNS ? rest : []), whole]);
  }
}
