/** What keeps a database in order, in small steps beside live commits. */
import type { BareJid, RoomJid } from '../xmpp/fold';
import type { AuditRow, By } from '../room/contract/audit';
import type { PortableMessage, StayRow } from '../room/contract/own-rows';
import type { Retention } from '../room/configuring/retention';
import type { AffiliationRow, Counters, FeatureRow, Millis, RoomRow, RoomRows } from '../room/contract/rows';

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
  readonly jid: BareJid;
  readonly askedBy: By;
  readonly askedAt: Millis;
  /** The last room that is done; '' = none yet. */
  readonly after: RoomJid | '';
  /** Rooms looked at, messages erased in them, and rooms in which it failed. */
  readonly rooms: number;
  readonly messages: number;
  readonly failed: number;
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

/** Stands for a room that is being brought along: nobody sees it yet. */
export type ImportKey = number & { readonly importing: true };

/** A key that a store has made. */
export function importKey(room: number): ImportKey {
  return room as ImportKey;
}

/** A part of a room that is brought along, small enough for one transaction. Messages are in order, behind those of the slices before. */
export interface ImportSlice {
  readonly affiliations?: readonly AffiliationRow[];
  /** In the order in which they were first set. */
  readonly features?: readonly FeatureRow[];
  readonly stays?: readonly StayRow[];
  readonly messages?: readonly PortableMessage[];
}

/** The room's own row, with its name, and what is noted of the import. `counters.seq` and `stamp`: at least those of the latest message. */
export interface ImportEnd {
  readonly row: RoomRow;
  readonly counters: Counters;
  readonly audit: AuditRow;
}

/**
 * Retention and erasing. Callers rely on this: each step is bounded, and commits that come meanwhile are taken between two steps; a walk goes on where
 * the last step ended, also in another process. A room that is brought along is nowhere to be seen
 * until all of it is there; one that never was finished goes when the store is opened next. What copies a database is SQLite's own (docs/operating.md).
 */
export interface Maintenance {
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
  /** Removes a few acts of the audit trail that are too old or too many; true: there may be more. Throws StoreFailed. */
  boundAudit(bounds: AuditBounds): Promise<boolean>;
  /** All rows of a room, as of one moment and without a claim: for exports. null: there is no such room. */
  rowsOf(room: RoomJid): Promise<RoomRows | null>;
  /** Stays in a room behind this one, by JID and beginning. */
  staysAfter(room: RoomJid, after: Pick<StayRow, 'jid' | 'begin'> | null, limit: number): Promise<StayRow[]>;
  /** Of messages in a room, by stanza-id: the ids that they had elsewhere. */
  foreignIds(room: RoomJid, ids: readonly string[]): Promise<{ readonly id: string; readonly foreign: string }[]>;
  /** Begins a room that is brought along. Throws StoreFailed. */
  beginImport(): Promise<ImportKey>;
  /** Puts a part of it in place; the same one again changes nothing. Throws StoreFailed, and Error if a row is none that the store takes. */
  importSlice(key: ImportKey, slice: ImportSlice): Promise<void>;
  /** Makes it a room; whoever runs rooms keeps its name free meanwhile. False: there is a room of this name. A remembered one that has nothing to say gives way. Throws as `importSlice`. */
  endImport(key: ImportKey, end: ImportEnd): Promise<boolean>;
  /** Gives it up: what is there of it goes. Throws StoreFailed. */
  dropImport(key: ImportKey): Promise<void>;
  /** How far the indexes of the archive are behind. */
  lag(): Promise<Lag>;
}
