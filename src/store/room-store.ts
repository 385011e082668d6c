/** Running rooms: the right to, their rows, and commits of what they decide. */
import type { RoomJid } from '../xmpp/fold';
import type { Change, Counters, MessageRow, RoomRows } from '../room/contract/rows';

/** Identifies one claim of one room. Tokens are never used again. */
export type ClaimToken = string & { readonly claim: true };

/** A token that a store has made, or stored. */
export function storedToken(text: string): ClaimToken {
  return text as ClaimToken;
}

/** The right to run a room, and its rows; null: there is no such room, and the right to create it. */
export interface Claim {
  readonly token: ClaimToken;
  readonly rows: RoomRows | null;
}

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
  /** The token of each room's claim; null: the room has no claim, and the part is refused if somebody has one. Left out: all are null. */
  readonly tokens?: readonly (ClaimToken | null)[];
  readonly counters: { readonly [K in keyof Counters]: readonly number[] };
  /** In order; null for rooms with messages only. A room's changes are applied before its messages. */
  readonly changes: readonly (readonly Change[] | null)[];
  readonly messages: { readonly room: readonly number[] } & { readonly [K in keyof MessageRow]: readonly MessageRow[K][] };
}

/** Messages as columns, while they gather. */
export type MessageColumns = { room: number[] } & { [K in keyof MessageRow]: MessageRow[K][] };

/** Columns without messages. */
export function emptyColumns(): MessageColumns {
  return {
    room: [],
    seq: [],
    rev: [],
    stamp: [],
    id: [],
    nick: [],
    sender: [],
    jidShown: [],
    occupantId: [],
    clientId: [],
    lang: [],
    inHistory: [],
    payload: [],
  };
}

/** Why one room's part of a batch was refused. The other rooms' parts were taken. */
export interface Refused {
  readonly room: RoomJid;
  /**
   * `limit`: rooms per creator or per service; `row`: the database refused a row; `earlier`: the part that this one builds on was refused; `lost`: the room
   * is not, or no longer, run under this token. What its machine knows is void then: the room is to be claimed anew.
   */
  readonly reason: 'limit' | 'row' | 'earlier' | 'lost';
  readonly detail: string;
}

/**
 * What rooms are run on. Callers rely on this:
 * - One process at a time runs a room. Whoever has its claim is the only one whose commits to it are taken, whatever another process believes: the token is
 *   compared within each transaction.
 * - A claim ends when it is released, when the lease of its process ends (a process that shares its database renews it as long as it lives), and when a
 *   process opens the database for itself alone. It is never ended by a crash of the writer within the process.
 * - Commits are taken in the order in which they are handed in, and answered in that order.
 * - Read your writes: what a commit has answered is in every later answer of the store, and in none before.
 * - One room's part is taken whole or not at all, and no part depends on another.
 * - After a commit that failed (`StoreFailed`), `probe` tells when it is worth trying again: it succeeds only if a commit would find room on the disk.
 */
export interface RoomStore {
  /**
   * Claims a room and reads its rows, with everything in them that was committed before. A second claim by the same store before `release`
   * is a bug (Error). Throws RoomTaken, and StoreFailed; then nothing is claimed.
   */
  claim(room: RoomJid): Promise<Claim>;
  /** Gives the claim of a room back. One that is lost or unknown is no error. */
  release(room: RoomJid): Promise<void>;
  /** Commits the batch as one transaction. Resolves with the rooms that were refused (usually none); throws StoreFailed. */
  commit(batch: Batch): Promise<readonly Refused[]>;
  /** Tries a commit of nothing but a probe row. Throws StoreFailed while writing is impossible. */
  probe(): Promise<void>;
  /** The number of the latest committed batch of this store; of a store just opened, the number above which its own begin. */
  lastBatch(): Promise<number>;
}
