/** Nicks that are kept for somebody: along with an affiliation, or reserved by people who do not belong to the room, until 90 days after their last visit. */
import { RESERVED_NICKS } from '../contract/row-names';
import { Remembered } from '../contract/memory';
import type { BareJid } from '../../xmpp/fold';
import { domainOf, storedBare } from '../../xmpp/jid';
import { nickKey, storedNick, type Nick } from '../../xmpp/nick';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { inWords } from '../../words';
import type { OverRow } from '../contract/feature';
import { featureRows } from '../contract/feature-rows';
import { posterAlike, posterNamed } from './posters';
import { LookAlikes } from './look-alikes';
import { isOver } from '../kept-rows';
import type { Millis } from '../contract/rows';
import { hasPlace } from '../shares';
import type { RoomState } from '../state';
import type { Turn } from '../turn';

/** How long a nick is kept after its holder was last in the room. */
const LIFETIME_MS = 90 * 86_400_000;

interface Reservation {
  readonly nick: Nick;
  /** When the holder was last in the room, or reserved it. */
  readonly seen: Millis;
}

/** By bare JID, in groups by domain, in the order of `seen`: each visit puts its row at the end. */
const rows = featureRows<Reservation, BareJid>(
  {
    name: RESERVED_NICKS,
    says: 'which nickname people without an affiliation reserved, and when they were last in the room',
    key: ['jid'],
    value: { members: { nick: 'nick', seen: 'time' }, optional: [] },
    travels: ['room', 'person'],
    erasing: 'forgets',
    folding: { latest: { member: 'seen' } },
    most: 'limits.affiliationsPerRoom',
    longest: { member: 'nick', limit: 'nick' },
    lifetime: { ms: LIFETIME_MS, since: { member: 'seen' }, renewed: 'by presence' },
  },
  domainOf,
);

export const reservations = rows.declaration;

/** Somebody for whom a nick is kept. */
export interface Holder {
  /** Bare JID. */
  readonly jid: BareJid;
  readonly nick: Nick;
}

/** Reservations by nick. What is in it is compared with the rows, which others may remove. */
interface Index {
  /** The room's secret: a new room of the same name has none of them. */
  readonly secret: string;
  readonly byNick: Map<string, Holder>;
  readonly byLook: LookAlikes<Holder>;
}

const indexes = new Remembered<Index>('reservations by nick');

function indexOf(room: RoomState): Index {
  const secret = room.row?.secret ?? '';
  const known = room.memory.get(indexes);
  if (known?.secret === secret) return known;
  const index: Index = { secret, byNick: new Map(), byLook: new LookAlikes() };
  for (const [jid, { nick }] of rows.entries(room)) add(index, { jid, nick });
  room.memory.set(indexes, index);
  return index;
}

function add({ byNick, byLook }: Index, holder: Holder): void {
  byNick.set(nickKey(holder.nick), holder);
  byLook.add(holder.nick, holder);
}

function drop({ byNick, byLook }: Index, { jid, nick }: Holder): void {
  const holder = byNick.get(nickKey(nick));
  if (holder?.jid !== jid) return;
  byNick.delete(nickKey(nick));
  byLook.remove(nick, holder);
}

/** The nick that somebody has reserved without belonging to the room. One that an admin gave to a member since is that member's. */
function ownReservation(room: RoomState, jid: BareJid): Nick | undefined {
  const row = rows.get(room, jid);
  return row && !isOver(room, reservations, jid) && room.affiliations.holderOf(row.nick) === undefined ? row.nick : undefined;
}

/** The nick that is kept for a bare JID, or undefined. */
export function reservedNick(room: RoomState, jid: BareJid): Nick | undefined {
  return room.affiliationRow(jid)?.nick ?? ownReservation(room, jid);
}

/** For whom a nick is kept, if for anybody (§7.10). */
export function holderOf(room: RoomState, nick: string): Holder | undefined {
  const listed = room.affiliations.holderOf(nick);
  if (listed) return { jid: listed.jid, nick: listed.nick ?? storedNick(nick) };
  const program = posterNamed(room, nick);
  if (program) return program;
  if (rows.count(room) === 0) return undefined;
  const holder = indexOf(room).byNick.get(nickKey(nick));
  return holder && reservedNick(room, holder.jid) === holder.nick ? holder : undefined;
}

/** A nick that is kept for somebody who counts and looks like this one, or undefined. */
export function reservedAlike(room: RoomState, nick: string, counts: (jid: BareJid) => boolean): Nick | undefined {
  const listed = room.affiliations.lookAlike(nick, ({ jid }) => counts(jid))?.nick;
  const program = posterAlike(room, nick);
  if (program && counts(program.jid)) return program.nick;
  if (listed != null) return listed;
  if (rows.count(room) === 0) return undefined;
  return indexOf(room).byLook.find(nick, (one) => counts(one.jid) && reservedNick(room, one.jid) === one.nick)?.nick;
}

/** Why no further nick can be reserved for this bare JID by itself, or undefined: nobody holds more places than are still free. */
export function reservationsFull(room: RoomState, jid: BareJid): StanzaError | undefined {
  const most = room.env.policy.limits.affiliationsPerRoom;
  if (rows.get(room, jid) || hasPlace(room, rows.keys(room), jid, most)) return undefined;
  return stanzaError('resource-constraint', inWords('nicksFull', { max: most }), { type: 'wait' });
}

/** Keeps a nick that was not refused for somebody who has no affiliation; the one that they had is free. */
export function reserve(room: RoomState, turn: Turn, jid: BareJid, nick: Nick): void {
  const index = indexOf(room);
  freeNick(room, turn, jid);
  const former = index.byNick.get(nickKey(nick));
  // What was over and is not removed yet.
  if (former) freeNick(room, turn, former.jid);
  rows.set(room, turn, jid, { nick, seen: turn.stamp });
  add(index, { jid, nick });
}

/** The nick that somebody reserved without belonging to the room is free again; that of an affiliation stays. */
export function freeNick(room: RoomState, turn: Turn, jid: BareJid): void {
  const row = rows.get(room, jid);
  if (!row) return;
  drop(indexOf(room), { jid, nick: row.nick });
  rows.set(room, turn, jid, null);
}

/** Bare JIDs of one domain who have reserved a nick without belonging to the room. */
export const reserversOf = (room: RoomState, domain: BareJid): readonly BareJid[] => rows.keysIn(room, domain);

/** A row was over, and is removed. */
export function dropOver(room: RoomState, { key, value }: OverRow): void {
  drop(indexOf(room), { jid: storedBare(key), nick: (value as Reservation).nick });
}
