/** The store's interface: everything that lasts goes through it. Every method is asynchronous, and every implementation answers alike. */
import type { BareJid, FullJid, RoomJid } from '../xmpp/fold';
import type { ArchiveAnswer, ArchiveQuery } from '../room/contract/archive-query';
import type { AuditRow } from '../room/contract/audit';
import type { Retention } from '../room/configuring/retention';
import type { AffiliationRow, Change, Counters, MessageRow, RoomRows, Millis } from '../room/contract/rows';

/**
 * One transaction. Arrays are parallel per column (one postMessage of columns is the cheapest shape): `rooms[i]` owns
 * `counters.*[i]` and `changes[i]`; `messages.room[j]` is an index into `rooms`.
 */
export interface Batch {
  /** Rises by one with each batch; kept as a row of the same transaction, so it can be told whether a dead writer's last batch is in. */
  readonly number: number;
  /**
   * The latest batch whose answer was known when this one was made. It builds on the batches since, so the store takes
   * nothing of it if one of them failed, and no part of a room whose part was refused in one of them.
   */
  readonly knows: number;
  readonly rooms: readonly RoomJid[];
  readonly counters: { readonly [K in keyof Counters]: readonly number[] };
  /** In order; null for rooms with messages only. A room's changes are applied before its messages. */
  readonly changes: readonly (readonly Change[] | null)[];
  readonly messages: { readonly room: readonly number[] } & { readonly [K in keyof MessageRow]: readonly MessageRow[K][] };
}

/** Why one room's part of a batch was refused. The other rooms' parts were taken. */
export interface Refused {
  readonly room: RoomJid;
  /** `limit`: rooms per creator or per service; `row`: the database refused a row; `earlier`: the part that this one builds on was refused. */
  readonly reason: 'limit' | 'row' | 'earlier';
  readonly detail: string;
}

/** Thrown by `commit` when nothing of the batch was taken. */
export class StoreFailed extends Error {
  constructor(
    /** `full`: disk or quota; `unavailable`: locked, read-only or I/O; `broken`: corrupt. */
    readonly reason: 'full' | 'unavailable' | 'broken',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'StoreFailed';
  }
}

/** Thrown by `open` with a sentence that says what to change. */
export class StoreRefused extends Error {
  constructor(
    /** `module`: SQLite's own code cannot be loaded, whatever the database. */
    readonly reason: 'in-use' | 'not-ours' | 'newer' | 'unreadable' | 'module',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'StoreRefused';
  }
}

/** Which archived messages of a room to read. All bounds that are given apply together. */
export interface MessageQuery {
  /** Only seq <= this. */
  readonly upToSeq?: number;
  /** Only rev > this (what was committed but perhaps never delivered). */
  readonly afterRev?: number;
  /** Only rows with `inHistory`. */
  readonly historyOnly?: boolean;
  /** Only stamp >= this. */
  readonly since?: Millis;
  /** Only messages from while this bare JID belonged to the room (`stay` rows). */
  readonly stayOf?: BareJid;
  /** At most this many, the newest. */
  readonly limit: number;
  /** Of these, the newest whose contents have at most this many bytes together. */
  readonly maxBytes?: number;
  /** The oldest that fit instead, and one at least, however large it is. */
  readonly oldestFirst?: boolean;
}

/** One small step of a walk over all rooms, in order of their JIDs, that erases expired messages. */
export interface RetentionStep extends Retention {
  readonly now: Millis;
  /** Where the walk is: rooms behind this JID; '' = at the beginning. */
  readonly after: RoomJid | '';
  /** Most rows that this step erases. */
  readonly budget: number;
}

/** A person who is being erased from every room, and the progress. */
export interface PersonErasure {
  /** Bare JIDs: the person, and who asked for it. */
  readonly jid: BareJid;
  readonly askedBy: BareJid;
  readonly askedAt: Millis;
  /** The last room that is done; '' = none yet. */
  readonly after: RoomJid | '';
  /** Rooms looked at, messages erased in them, and rooms in which it failed. */
  readonly rooms: number;
  readonly messages: number;
  readonly failed: number;
}

/** One entry of the service's room list: committed state only. */
export interface ListedRoom {
  readonly jid: RoomJid;
  readonly name: string;
}

/** A page of the room list, ordered by JID (XEP-0059). */
export interface RoomListQuery {
  readonly max: number;
  readonly after?: string;
  readonly before?: string;
  /** The last page (an empty `<before/>`). */
  readonly last?: boolean;
}

/** Which of the rooms that know somebody. */
export interface RegistrationQuery {
  /** Only those in which they have a nick. */
  readonly named?: boolean;
  /** At most so many, whichever. */
  readonly limit?: number;
}

/** Rooms that are counted, at most, to tell where in the list a page begins (XEP-0059 §2.6). */
export const MAX_COUNTED = 5_000;

export interface RoomListPage {
  readonly rooms: readonly ListedRoom[];
  /** Rooms in the whole list. */
  readonly count: number;
  /** Position of the page's first room in the whole list; undefined: it is above `MAX_COUNTED`. */
  readonly index: number | undefined;
}

/** What one room knows about a bare JID. */
export interface Registration {
  readonly room: RoomJid;
  /** The room's name; '' = none. */
  readonly name: string;
  /** `none`: they only have a reserved nick there. */
  readonly affiliation: Exclude<AffiliationRow['affiliation'], 'outcast'> | 'none';
  /** The reserved nick (§7.10), or null. */
  readonly nick: string | null;
}

/** A room to which somebody belongs. */
export interface RoomActivity {
  readonly room: RoomJid;
  /** Something was archived since they were last in the room; false while any session of theirs is in. */
  readonly active: boolean;
}

/** A full JID in one room. */
export interface Seat {
  readonly room: RoomJid;
  readonly nick: string;
}

/** A page of the rooms that somebody is in, in an order that stays (no particular one): the first ones, or the last ones of what is asked for. */
export interface SeatQuery {
  readonly limit: number;
  readonly after?: string | undefined;
  readonly before?: string | undefined;
  readonly last?: boolean;
}

/** Which acts of the audit trail, the latest first. All fields that are given apply together. */
export interface AuditQuery {
  /** As somebody names it. */
  readonly room?: string;
  /** Bare JID, or the name of an operator, token or plug-in. */
  readonly actor?: string;
  /** Bare JID, option, or id of a message. */
  readonly object?: string;
  readonly from?: Millis;
  readonly to?: Millis;
  /** Only acts before this one. */
  readonly before?: number;
  readonly limit: number;
}

/** One act; `id` rises with each commit. */
export interface AuditEntry extends AuditRow {
  readonly id: number;
  readonly room: RoomJid;
}

/** What is kept of the audit trail: acts since `before`, at most `rows` of them, and at most `bytes` in them: the room that has most of what is too much loses its oldest first. */
export interface AuditBounds {
  readonly before: Millis;
  readonly rows: number;
  /** As `auditBytes` counts. */
  readonly bytes: number;
}

/** What one act holds in bytes: its texts, 100 for the act and 50 for each item. */
export function auditBytes({ items }: Pick<AuditRow, 'items'>): number {
  const texts = items.map(({ object, before, after, reason }) => object + (before ?? '') + (after ?? '') + (reason ?? ''));
  return texts.reduce((sum, text) => sum + 50 + Buffer.byteLength(text), 100);
}

/** How many of the newest messages each index does not have yet, at most. Reads look through these, so nothing is missed. */
export interface Lag {
  readonly time: number;
  readonly occupant: number;
  readonly text: number;
}

export interface Store {
  /** Opens, locks and migrates. Throws StoreRefused. */
  open(): Promise<void>;
  /** Commits the batch as one transaction. Resolves with the rooms that were refused (usually none); throws StoreFailed. */
  commit(batch: Batch): Promise<readonly Refused[]>;
  /** Tries a commit of nothing but a probe row. Throws StoreFailed while writing is impossible. */
  probe(): Promise<void>;
  /**
   * A room's rows and the right to run it; null: there is no such room, and the right to create it. A second
   * claim before `release` is a bug (Error). Throws StoreFailed, and then nothing is claimed.
   */
  claim(room: RoomJid): Promise<RoomRows | null>;
  /** Gives back the right to run a room. */
  release(room: RoomJid): Promise<void>;
  /** Archived messages, oldest first; never those of a former room of that name. */
  messages(room: RoomJid, query: MessageQuery): Promise<MessageRow[]>;
  /** Answers an archive query. Throws StoreFailed. */
  archive(room: RoomJid, query: ArchiveQuery): Promise<ArchiveAnswer>;
  listRooms(query: RoomListQuery): Promise<RoomListPage>;
  /** Rooms in which something was committed that has not reached the server, or in which somebody is still entering. */
  unsaidRooms(): Promise<RoomJid[]>;
  /** Rooms with a deadline at or before `now`, and the earliest later deadline. */
  dueRooms(now: Millis): Promise<{ rooms: RoomJid[]; next: Millis | null }>;
  /** Rooms in which this full JID has a session. */
  roomsOf(jid: FullJid): Promise<RoomJid[]>;
  /** The same with the nick used in each, a page of them; null: there is no room of the name that the page is to begin or end at. */
  seatsOf(jid: FullJid, query: SeatQuery): Promise<Seat[] | null>;
  /** Rooms in which this bare JID itself has an affiliation other than outcast, or a reserved nick, listed or not, ordered by room. */
  registrationsOf(jid: BareJid, query?: RegistrationQuery): Promise<Registration[]>;
  /**
   * Open rooms in which this bare JID itself has an affiliation other than outcast, ordered by room, at most `limit`: whether anything was
   * archived since their last visit (`LAST_VISITS`), or at all if there was none.
   */
  activityOf(jid: BareJid, limit: number): Promise<RoomActivity[]>;
  /** Whether there is a room of this name, in whatever state. */
  hasRoom(room: RoomJid): Promise<boolean>;
  /** Rooms with somebody in them, in order, after `after`. */
  occupiedAfter(after: RoomJid | '', limit: number): Promise<RoomJid[]>;
  /** Bare JIDs with a session in some room: how many, and the first `limit` in order. */
  people(limit: number): Promise<{ count: number; jids: BareJid[] }>;
  /** Distinct full JIDs with a session somewhere, in order, after `after`; each in one of its spellings. */
  sessionsAfter(after: FullJid | '', limit: number): Promise<{ jid: FullJid; address: string }[]>;
  /** The number of the latest batch that is in. */
  lastBatch(): Promise<number>;
  /** Rooms that are not destroyed, their occupants, and the message rows kept (also those that wait to be erased). */
  counts(): Promise<{ rooms: number; occupants: number; messages: number }>;
  /** Rooms in whatever state, in order, after `after`. */
  roomsAfter(after: RoomJid | '', limit: number): Promise<RoomJid[]>;
  /**
   * Erases expired messages, the oldest first, and never one that may not have reached the server yet.
   * Returns where the next step starts (`after`; null at the end of the walk) and how many rows were erased. Throws StoreFailed.
   */
  retain(step: RetentionStep): Promise<{ next: RoomJid | '' | null; erased: number }>;
  /**
   * Removes what was erased or replaced so far from the files, the write-ahead log included. False: a reader was active,
   * or words wait to be forgotten: some of it may still be there; try again. Throws StoreFailed.
   */
  checkpoint(): Promise<boolean>;
  /** Saves the progress of erasing a person, or (null) removes it when done: answered when no index has words of what was retracted until then. Throws StoreFailed. */
  noteErasure(jid: BareJid, erasure: PersonErasure | null): Promise<void>;
  /** Unfinished erasures, in the order in which they were asked for. */
  erasures(): Promise<PersonErasure[]>;
  /** Acts of the audit trail. */
  audit(query: AuditQuery): Promise<AuditEntry[]>;
  /** Removes a few acts that are too old or too many; true: there may be more. Throws StoreFailed. */
  boundAudit(bounds: AuditBounds): Promise<boolean>;
  /** How far the indexes of the archive are behind. */
  lag(): Promise<Lag>;
  /** Finishes what was accepted, then closes and unlocks. */
  close(): Promise<void>;
}
