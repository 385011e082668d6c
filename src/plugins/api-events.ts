/** Events: what happened in rooms, told after it was committed. Part of `parlour/plugin`. */
import type { Affiliation } from './api-room';

/** An AbortSignal, also where a plug-in is compiled without the types of one. */
export type Ending = typeof globalThis extends { AbortSignal: { prototype: infer Signal } } ? Signal : { readonly aborted: boolean };

/** Somebody of whom an event tells, as they were then. */
interface Person {
  /** Bare JID. */
  readonly jid: string;
  readonly nick: string;
  readonly occupantId: string;
}

/** What every event of a room has. */
interface InRoom {
  /** Rises from event to event, over all rooms; numbers may be missing. An event that is told again has the same. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Bare JID. */
  readonly room: string;
}

/** What was said by somebody, as far as it is still to be read: who takes it back before it is told takes it from here too. */
interface Words {
  /** stanza-id; of a message that is not archived there is none. */
  readonly id?: string;
  /** undefined: there was none, or it is gone (`taken`). */
  readonly body?: string;
  /** It was retracted, or the room is over. */
  readonly taken?: true;
}

/** What the room itself says is not told. */
export interface MessageEvent extends InRoom, Person, Words {
  readonly kind: 'message';
}

/** Somebody changed the subject. */
export interface SubjectEvent extends InRoom, Person, Words {
  readonly kind: 'subject';
}

/** A message was retracted, moderated or erased. */
export interface RetractedEvent extends InRoom {
  readonly kind: 'retracted';
  /** stanza-id of the message. */
  readonly id: string;
}

/** Somebody's first client came in. */
export interface EnteredEvent extends InRoom, Person {
  readonly kind: 'entered';
}

/** Somebody's last client has gone. */
export interface LeftEvent extends InRoom, Person {
  readonly kind: 'left';
  /** By somebody else's act. */
  readonly removed: boolean;
}

export interface AffiliationEvent extends InRoom {
  readonly kind: 'affiliation';
  /** Bare JID or domain. */
  readonly jid: string;
  readonly before: Affiliation;
  readonly after: Affiliation;
}

export interface CreatedEvent extends InRoom {
  readonly kind: 'created';
  /** Bare JID of who made it. */
  readonly jid: string;
}

export interface ConfiguredEvent extends InRoom {
  readonly kind: 'configured';
}

export interface DestroyedEvent extends InRoom {
  readonly kind: 'destroyed';
}

/** The room has another address from now on: events of it that were not told yet have that one, this one has the former. */
export interface RenamedEvent extends InRoom {
  readonly kind: 'renamed';
  readonly to: string;
}

/** Events up to this number were removed before they were told, since they were too old or too many. Some of them may have been of these kinds and rooms. */
export interface GapEvent {
  readonly kind: 'gap';
  readonly number: number;
}

export type RoomEvent =
  | MessageEvent
  | SubjectEvent
  | RetractedEvent
  | EnteredEvent
  | LeftEvent
  | AffiliationEvent
  | CreatedEvent
  | ConfiguredEvent
  | DestroyedEvent
  | RenamedEvent;

/** What a plug-in wants to be told of. Nothing else is written. */
export interface EventSubscription {
  readonly kinds: readonly RoomEvent['kind'][];
  /** Bare JIDs of rooms; without it all rooms. They are looked at again behind `reconfigure`: a getter may have others then. */
  readonly rooms?: readonly string[];
  /**
   * Is told one event after the other, in order, each at least once: again after a restart that came before it was noted, and again, later and later (one
   * second to five minutes), as long as this throws or rejects. It may take its time; rooms do not wait for it.
   *
   * @param ending aborted when Parlour ends: what is under way has a few seconds left.
   */
  handle(event: RoomEvent | GapEvent, ending: Ending): Promise<void> | void;
}
