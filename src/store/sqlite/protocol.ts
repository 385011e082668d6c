/** What the store's threads are asked and answer, and how errors cross between them. */
import type { BareJid, Domain, FullJid, RoomJid } from '../../xmpp/fold';
import type { MessageQuery } from '../archive';
import type {
  AuditEntry,
  AuditQuery,
  ChannelPage,
  ChannelQuery,
  FoundRooms,
  ListedRoom,
  Registration,
  RegistrationQuery,
  RoomActivity,
  RoomListPage,
  RoomListQuery,
  RoomSearch,
  Seat,
  SeatQuery,
} from '../directory';
import type { EventBounds, EventPage } from '../events';
import { RoomTaken, StoreFailed, StoreRefused } from '../failures';
import type { AuditBounds, ImportEnd, ImportKey, ImportSlice, Lag, PersonErasure, RetentionStep } from '../maintenance';
import type { Batch, ClaimToken, Refused } from '../room-store';
import type { StoredToken } from '../tokens';
import type { WakeFormRow, WakeUpChanges, WokenRow } from '../wake-ups';
import type { Lease } from './writing/claims';
import type { ArchiveAnswer, ArchiveQuery } from '../../room/contract/archive-query';
import type { StayRow } from '../../room/contract/own-rows';
import type { RowDeclaration } from '../../room/contract/row-declaration';
import type { MessageRow, Millis, RoomRows } from '../../room/contract/rows';
import type { ReadBounds } from './messages/budget';
import type { ConnectionOptions } from './files/connection';
import { messageOf } from './failure';
import type { FillBounds } from './writing/fillers';
import type { RefusedPart } from './messages/progress';

/** What a thread is started with. */
export interface ThreadData extends ConnectionOptions {
  /** For tests, in place of the usual. */
  readonly fillBounds?: FillBounds;
  readonly readBounds?: ReadBounds;
  /** What features keep in rows. */
  readonly rows?: readonly RowDeclaration[];
  /** For a process that shares the database with others. */
  readonly lease?: Lease;
  /** The domains that addresses are folded as the server's own of; left out: all. */
  readonly ownDomains?: readonly Domain[];
  /** Set by tests only, for threads that misbehave. */
  readonly fault?: unknown;
}

/** A batch as the writer gets it. */
export interface HandedBatch extends Batch {
  /** Rooms, by index, whose tokens are not of the claims that this process has. */
  readonly lost?: readonly number[];
}

/** The latest batch that is in, and whom it and those shortly before it refused. */
export interface Latest {
  readonly batch: number;
  readonly refused: readonly RefusedPart[];
}

/** Requests to the writer: what each takes and gives. */
export interface WriterCalls {
  /** Opens and migrates; answers the names of the migrations applied, what folding addresses came to, in sentences, and the number of this process, that it had (`id`). */
  open: { take: { now: Millis; id?: number }; give: { applied: string[]; told: string[]; id: number } };
  claim: { take: { room: RoomJid; token: ClaimToken; now: Millis }; give: null };
  release: { take: RoomJid; give: null };
  commit: { take: HandedBatch; give: readonly Refused[] };
  probe: { take: null; give: null };
  /** Takes some words of retracted messages out of the index. False: there were none. */
  forget: { take: null; give: boolean };
  noteErasure: { take: { jid: BareJid; erasure: PersonErasure | null }; give: null };
  retain: { take: RetentionStep; give: { next: RoomJid | '' | null; erased: number } };
  boundAudit: { take: AuditBounds; give: boolean };
  subscribe: { take: readonly string[]; give: number[] };
  moveCursor: { take: { name: string; number: number }; give: null };
  boundEvents: { take: EventBounds; give: boolean };
  checkpoint: { take: null; give: boolean };
  /** Whether a copy of the database is being made from now on. */
  copying: { take: boolean; give: null };
  addToken: { take: StoredToken; give: boolean };
  rehashToken: { take: { hash: string; next: string }; give: boolean };
  dropToken: { take: string; give: boolean };
  keepWakeUps: { take: WakeUpChanges; give: null };
  beginImport: { take: null; give: ImportKey };
  importSlice: { take: { key: ImportKey; slice: ImportSlice }; give: null };
  endImport: { take: { key: ImportKey; end: ImportEnd; now: Millis }; give: boolean };
  dropImport: { take: ImportKey; give: null };
  close: { take: null; give: null };
}

/** Requests to the reader. */
export interface ReaderCalls {
  open: { take: null; give: null };
  room: { take: RoomJid; give: RoomRows | null };
  messages: { take: { room: RoomJid; query: MessageQuery }; give: MessageRow[] };
  archive: { take: { room: RoomJid; query: ArchiveQuery }; give: ArchiveAnswer };
  listRooms: { take: RoomListQuery; give: { rooms: ListedRoom[]; count: number; index: number | undefined } };
  listOccupied: { take: RoomListQuery; give: RoomListPage };
  findChannels: { take: ChannelQuery; give: ChannelPage };
  unsaidAfter: { take: { after: RoomJid | ''; limit: number }; give: RoomJid[] };
  dueRooms: { take: { now: Millis; limit: number }; give: { rooms: RoomJid[]; next: Millis | null } };
  roomsOf: { take: { jid: FullJid; after: RoomJid | ''; limit: number }; give: RoomJid[] };
  seatsOf: { take: { jid: FullJid; query: SeatQuery }; give: Seat[] | null };
  registrationsOf: { take: { jid: BareJid; query: RegistrationQuery }; give: Registration[] };
  activityOf: { take: { jid: BareJid; limit: number }; give: RoomActivity[] };
  hasRoom: { take: RoomJid; give: boolean };
  occupiedAfter: { take: { after: RoomJid | ''; limit: number }; give: RoomJid[] };
  erasures: { take: null; give: PersonErasure[] };
  tokens: { take: null; give: StoredToken[] };
  wokenAfter: { take: { after: BareJid | ''; limit: number }; give: WokenRow[] };
  woken: { take: BareJid; give: WokenRow | null };
  wakeForms: { take: null; give: WakeFormRow[] };
  findRooms: { take: RoomSearch; give: FoundRooms };
  roomsAfter: { take: { after: RoomJid | ''; limit: number }; give: RoomJid[] };
  roomsKnowing: { take: { jid: BareJid; after: RoomJid | ''; limit: number }; give: { rooms: RoomJid[]; next: RoomJid | null } };
  staysAfter: { take: { room: RoomJid; after: Pick<StayRow, 'jid' | 'begin'> | null; limit: number }; give: StayRow[] };
  foreignIds: { take: { room: RoomJid; ids: readonly string[] }; give: { id: string; foreign: string }[] };
  people: { take: number; give: { count: number; jids: BareJid[] } };
  sessionsAfter: { take: { after: FullJid | ''; limit: number }; give: { jid: FullJid; address: string }[] };
  /** Of a process that shares the database, by its number. */
  latest: { take: number | null; give: Latest };
  audit: { take: AuditQuery; give: AuditEntry[] };
  eventsAfter: { take: { number: number; limit: number; bytes: number }; give: EventPage };
  lag: { take: null; give: Lag };
  counts: { take: null; give: { rooms: number; occupants: number; messages: number } };
  close: { take: null; give: null };
}

/** What a set of requests looks like. */
export type Calls<C> = { readonly [K in keyof C]: { take: unknown; give: unknown } };

/** One request as it is posted. */
export interface Envelope {
  readonly id: number;
  readonly call: string;
  readonly take: unknown;
}

export type Reply = { readonly id: number; readonly give: unknown } | { readonly id: number; readonly error: PlainError };

/** An error as plain data: classes do not survive the way between threads. */
export interface PlainError {
  readonly kind: 'failed' | 'refused' | 'taken' | 'mistake';
  readonly reason: string;
  readonly message: string;
}

export function toPlain(error: unknown): PlainError {
  if (error instanceof StoreFailed) return { kind: 'failed', reason: error.reason, message: error.message };
  if (error instanceof StoreRefused) return { kind: 'refused', reason: error.reason, message: error.message };
  if (error instanceof RoomTaken) return { kind: 'taken', reason: error.room, message: error.message };
  return { kind: 'mistake', reason: '', message: messageOf(error) };
}

export function fromPlain(plain: PlainError): Error {
  if (plain.kind === 'failed') return new StoreFailed(plain.reason as StoreFailed['reason'], plain.message);
  if (plain.kind === 'refused') return new StoreRefused(plain.reason as StoreRefused['reason'], plain.message);
  if (plain.kind === 'taken') return new RoomTaken(plain.reason);
  return new Error(plain.message);
}
