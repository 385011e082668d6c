/** Events after the commit: what happened in rooms, one after the other, and up to where each of those who are told has come. */
import type { EventRow } from '../room/contract/events';
import type { Millis } from '../room/contract/rows';
import type { RoomJid } from '../xmpp/fold';

/** An event as it is told. */
export interface EventEntry extends EventRow {
  /** Rises from event to event, over all rooms, in the order of the commits; numbers may be missing. */
  readonly number: number;
  readonly room: RoomJid;
}

/** What is behind a number. */
export interface EventPage {
  /** In order. Empty: there is nothing behind it. */
  readonly events: readonly EventEntry[];
  /** Up to this number events were removed before their time: whoever is behind it has missed some. 0: none ever were. */
  readonly removedUpTo: number;
}

/** What is kept of events that somebody has not been told: since `before`, at most `rows` of them, and at most `bytes` in them. The oldest go first. */
export interface EventBounds {
  readonly before: Millis;
  readonly rows: number;
  /** As `eventBytes` counts. */
  readonly bytes: number;
}

/** What an event holds in bytes: its text, and 100. */
export function eventBytes(value: string): number {
  return 100 + Buffer.byteLength(value);
}

/**
 * Events. Callers rely on this:
 * - An event is written in the transaction of what it tells of, or not at all; it is in no answer before that is committed.
 * - Its words go when the message they are of is retracted or the room ends, and the event goes when the person that it tells of is erased: what is read
 *   afterwards does not have them. A room that gets another name takes its events with it.
 * - Events that everybody has been told are removed. Before that they are removed only by `boundEvents`, and `removedUpTo` says so.
 */
export interface Events {
  /**
   * These are told of events from now on, and nobody else. One that was told before goes on where it was; a new one begins behind the latest event. Answers up to
   * which number each has been told, in their order. Throws StoreFailed.
   */
  subscribe(names: readonly string[]): Promise<number[]>;
  /** The next events behind this number, at most so many, and no more than about so many bytes but for the first. */
  eventsAfter(number: number, limit: number, bytes: number): Promise<EventPage>;
  /** Notes up to which number somebody has been told. After a loss of power an earlier number may stand there. Throws StoreFailed. */
  moveCursor(name: string, number: number): Promise<void>;
  /** Removes a few events: those that everybody has been told, and those that are too old or too many. True: there may be more. Throws StoreFailed. */
  boundEvents(bounds: EventBounds): Promise<boolean>;
  /** Calls it after each commit with events that this store has made, from now on; undefined: nobody any more. */
  onEvents(listener: (() => void) | undefined): void;
}
