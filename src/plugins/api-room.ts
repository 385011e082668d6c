/** A room as a plug-in sees it, and what it may do in one while a hook runs. Part of `parlour/plugin`. */
import type { Xml } from './markup';

export type Affiliation = 'owner' | 'admin' | 'member' | 'none' | 'outcast';
export type Role = 'moderator' | 'participant' | 'visitor' | 'none';

/** What JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Somebody in the room, as they are now. */
export interface OccupantView {
  readonly nick: string;
  /** Bare JID, folded: the same text for the same account. */
  readonly jid: string;
  /** XEP-0421: the same for as long as the room exists. */
  readonly occupantId: string;
  readonly affiliation: Affiliation;
  readonly role: Role;
  /** Clients that they are in with. */
  readonly sessions: number;
}

/** The plug-in's own rows of a room: they last, and are gone with the room. */
export interface RowsView {
  /** undefined: there is none. The value is not to be changed. */
  get(key: string): Json | undefined;
  /** In the order in which they were first set. */
  keys(): readonly string[];
  readonly count: number;
}

/** The rows, where they may be written. */
export interface Rows extends RowsView {
  /**
   * Sets or (null) removes one. Written in the same transaction as what the room does now.
   * Throws if the plug-in declares no rows, if a new one is more than `rows.most`, or if key or value are too long (256 characters; 16 KiB of JSON).
   */
  set(key: string, value: Json): void;
}

/** A room. What it says is true while the hook runs; afterwards it throws. */
export interface RoomView {
  /** Bare JID. */
  readonly jid: string;
  readonly name: string;
  /** The text of the subject; '' if there is none. */
  readonly subject: string;
  readonly persistent: boolean;
  readonly listed: boolean;
  readonly membersOnly: boolean;
  readonly moderated: boolean;
  /** Everybody sees real JIDs. */
  readonly nonAnonymous: boolean;
  /** What is said is archived. */
  readonly archived: boolean;
  /** People in it. */
  readonly count: number;
  /** Milliseconds since 1970; never goes back within a room. */
  readonly now: number;
  occupant(nick: string): OccupantView | undefined;
  /** Somebody in the room by their JID, bare or full, in whatever spelling. */
  occupantOf(jid: string): OccupantView | undefined;
  /** All of them: as many steps as there are people. */
  occupants(): Iterable<OccupantView>;
  affiliationOf(jid: string): Affiliation;
  /** The value of one of the plug-in's own form fields. Throws for any other. */
  field(name: string): boolean | number | string;
  readonly rows: RowsView;
}

/** A room that something happened in: the plug-in may do something about it at once. */
export interface RoomActs extends RoomView {
  readonly rows: Rows;
  /** A message of the room itself to all, archived. */
  say(body: string, ...more: readonly Xml[]): void;
  /** A message of the room itself to one occupant alone, not archived. Without an occupant of that nick: nothing happens. */
  tell(nick: string, body: string, ...more: readonly Xml[]): void;
  /** Shows everybody an occupant's presence again, since what the plug-in adds to it has changed. */
  show(nick: string): void;
}
