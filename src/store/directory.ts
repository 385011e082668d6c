/** Lists across rooms. */
import type { BareJid, FullJid, RoomJid } from '../xmpp/fold';
import type { Channel } from '../room/contract/channel';
import type { AuditRow } from '../room/contract/audit';
import type { AffiliationRow, Millis } from '../room/contract/rows';
import type { Events } from './events';
import type { PageWanted } from './sorted-page';
import type { TokenStore } from './tokens';
import type { WakeUpStore } from './wake-ups';

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
  readonly limit: number;
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

/** A place in the order of a channel search; by address only the address counts. */
export interface ChannelPlace {
  readonly jid: string;
  readonly occupants: number;
}

/** Where words may stand. */
export type ChannelPart = 'name' | 'description' | 'address';

/** Which rooms that people may find by searching (XEP-0433), a page of them. */
export interface ChannelQuery extends PageWanted<ChannelPlace> {
  /** All of them stand in one of the parts each, in whatever case; none: all rooms. */
  readonly words: readonly string[];
  readonly within: readonly ChannelPart[];
  /** By address upwards, or by the number of occupants downwards and then by address. */
  readonly by: 'address' | 'occupants';
}

/** `occupants`: how many are in it. */
export interface FoundChannel {
  readonly jid: string;
  readonly occupants: number;
  readonly channel: Channel;
}

export interface ChannelPage {
  readonly channels: readonly FoundChannel[];
  /** How many there are in all, and where among them the page begins; undefined: too many to look at. */
  readonly count: number | undefined;
  readonly index: number | undefined;
}

/** JIDs in the order of their bytes in UTF-8. */
export const compareBytes = (a: string, b: string): number => (a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b)));

/** In the order of a channel search. */
export const comparePlaces = (by: ChannelQuery['by'], a: ChannelPlace, b: ChannelPlace): number =>
  by === 'occupants' && a.occupants !== b.occupants ? b.occupants - a.occupants : compareBytes(a.jid, b.jid);

/** Rooms that one search looks at, at most, whatever it finds. */
export const MAX_LOOKED_AT = 5_000;

/** Rooms that are there, behind `after`; all conditions that are given hold. */
export interface RoomSearch {
  readonly after: RoomJid | '';
  readonly limit: number;
  /** Shown in the room list, or hidden. */
  readonly listed?: boolean;
  /** Nobody is in it. */
  readonly empty?: boolean;
  /** Nobody is its owner. */
  readonly orphaned?: boolean;
  readonly creator?: BareJid;
  /** Nobody has entered or spoken since then, and it was made before. */
  readonly idleSince?: Millis;
}

export interface FoundRoom {
  readonly jid: RoomJid;
  readonly name: string;
  /** `locked`: its creator has yet to configure it. */
  readonly state: 'locked' | 'open';
  readonly listed: boolean;
  /** null: they were erased. */
  readonly creator: BareJid | null;
  readonly createdAt: Millis;
  /** When somebody last entered or spoke; if nobody has, when the room was made. */
  readonly latest: Millis;
  readonly occupants: number;
}

/** `next`: where to go on, also if nothing was found; null: that was all. */
export interface FoundRooms {
  readonly rooms: readonly FoundRoom[];
  readonly next: RoomJid | null;
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

/**
 * Lists across rooms, of committed state. Callers rely on this: lists are ordered by the bytes of JIDs in UTF-8 unless another order is named, a page never
 * has more than it was asked for, and whoever goes on behind the last entry of each page gets every entry that was there all the time, once.
 */
export interface Directory extends Events, TokenStore, WakeUpStore {
  listRooms(query: RoomListQuery): Promise<RoomListPage>;
  /** The same of those in which somebody is; a long list may be some seconds old, so that its pages are of one list. */
  listOccupied(query: RoomListQuery): Promise<RoomListPage>;
  /** Rooms that people may find by searching. If there are more than `MAX_LOOKED_AT`, so many are looked at behind (or before) where the page begins. */
  findChannels(query: ChannelQuery): Promise<ChannelPage>;
  /** Whether there is a room of this name, in whatever state. */
  hasRoom(room: RoomJid): Promise<boolean>;
  /** Rooms in whatever state, after `after`. */
  roomsAfter(after: RoomJid | '', limit: number): Promise<RoomJid[]>;
  /** Rooms by what operators look for: looks at `MAX_LOOKED_AT` of them. */
  findRooms(search: RoomSearch): Promise<FoundRooms>;
  /** Rooms with somebody in them, after `after`. */
  occupiedAfter(after: RoomJid | '', limit: number): Promise<RoomJid[]>;
  /** Rooms in which something was committed that has not reached the server, or in which somebody is still entering, after `after`. */
  unsaidAfter(after: RoomJid | '', limit: number): Promise<RoomJid[]>;
  /** The first rooms with a deadline at or before `now`, by deadline, and the earliest later deadline: `now`, if there are more rooms. */
  dueRooms(now: Millis, limit: number): Promise<{ rooms: RoomJid[]; next: Millis | null }>;
  /** Rooms in which this full JID has a session, after `after`. */
  roomsOf(jid: FullJid, after: RoomJid | '', limit: number): Promise<RoomJid[]>;
  /** The same with the nick used in each; null: there is no room of the name that the page is to begin or end at. */
  seatsOf(jid: FullJid, query: SeatQuery): Promise<Seat[] | null>;
  /** Rooms in which this bare JID itself has an affiliation other than outcast, or a reserved nick, listed or not. */
  registrationsOf(jid: BareJid, query: RegistrationQuery): Promise<Registration[]>;
  /**
   * Rooms that hold something of this bare JID, looking at `limit` of them behind `after`: at least these, perhaps one more whose rows only look like it.
   * `next`: where to go on, also if nothing was found; null: that was all.
   */
  roomsKnowing(jid: BareJid, after: RoomJid | '', limit: number): Promise<{ rooms: RoomJid[]; next: RoomJid | null }>;
  /**
   * Open rooms in which this bare JID itself has an affiliation other than outcast, at most `limit`: whether anything was
   * archived since their last visit (`LAST_VISITS`), or at all if there was none.
   */
  activityOf(jid: BareJid, limit: number): Promise<RoomActivity[]>;
  /** Bare JIDs with a session in some room: how many, and the first `limit`. */
  people(limit: number): Promise<{ count: number; jids: BareJid[] }>;
  /** Distinct full JIDs with a session somewhere, after `after`; each in one of its spellings. */
  sessionsAfter(after: FullJid | '', limit: number): Promise<{ jid: FullJid; address: string }[]>;
  /** Rooms that are not destroyed, their occupants, and the message rows kept (also those that wait to be erased). */
  counts(): Promise<{ rooms: number; occupants: number; messages: number }>;
  /** Acts of the audit trail, the latest first. */
  audit(query: AuditQuery): Promise<AuditEntry[]>;
}
