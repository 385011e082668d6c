/** The roll of those who may be woken: made of the rows, and kept up with them, so that a message looks only at those whom it may wake. */
import { Remembered } from '../../room/contract/memory';
import type { Facts } from '../../room/contract/facts';
import type { Millis } from '../../room/contract/rows';
import type { Occupant } from '../../room/occupants/occupants';
import { endOf } from '../../room/room-times';
import { reservedNick } from '../../room/occupants/reserved-nicks';
import { LateMap, LateSet } from '../../room/late-map';
import type { RoomState } from '../../room/state';
import { changedWishers, hasWishes, wishers, wishOf } from './wake-wishes';
import type { BareJid } from '../../xmpp/fold';
import { isAtClient } from './away';
import { folded, NickIndex, type Named } from './named';
import { rung } from './rung';
import { wakeOf, wakeRules } from './wake-option';

export interface Roll {
  readonly facts: Facts;
  readonly secret: string;
  /** Of the affiliations. */
  readonly changes: number;
  /** All of them who are at no client: a message is looked at only if there are any. */
  readonly away: LateSet<BareJid>;
  /** Those to be woken by any message who are at no client, and were not woken lately. */
  readonly ready: LateSet<BareJid>;
  /** Those who were, in that order. */
  readonly rested: LateSet<BareJid>;
  /** Those who were mentioned since, and how often. */
  readonly mentioned: LateMap<BareJid, number>;
  /** Those who were ready and may not hear what is said: not asked again before this changes, or a while has gone by. */
  readonly deaf: LateSet<BareJid>;
  deafSince: Millis;
  /** Of those who are away. */
  readonly nicks: NickIndex<BareJid>;
  /** The number of the latest message that is news. */
  seq: number;
  /** A message has come since those who rest were woken, and the room's deadline knows. */
  owes: boolean;
}

const rolls = new Remembered<Roll>('who may be woken');

export const restMs = (room: RoomState): Millis => wakeRules(room).intervalSeconds * 1_000;

/** Whether somebody was woken so lately that they are not woken again by just any message. */
export function isResting(room: RoomState, jid: BareJid, ms: Millis): boolean {
  const row = rung.get(room, jid);
  return row !== undefined && endOf(row.at, ms, room.time) > room.time;
}

/** How often somebody was mentioned since they were woken, without being woken again; after a restart the first of them is known. */
export function unheardMentions(room: RoomState, jid: BareJid): number {
  const kept = rung.get(room, jid)?.mentions ?? 0;
  return kept === 0 ? 0 : Math.max(kept, room.memory.get(rolls)?.mentioned.get(jid) ?? 0);
}

/** The roll as it is now, or undefined if nobody is on it. */
export function rollOf(room: RoomState): Roll | undefined {
  if (!hasWishes(room) || !room.facts.archived) return undefined;
  const known = room.memory.get(rolls);
  const changed = changedWishers(room);
  const { facts } = room;
  const isCurrent = changed && known?.facts === facts && known.changes === room.affiliations.changes && known.secret === room.row?.secret;
  if (!isCurrent) return make(room, known);
  for (const jid of changed) enrol(room, known, jid, room.occupants.withId(room.idOf(jid)));
  return known;
}

function make(room: RoomState, before: Roll | undefined): Roll {
  const roll: Roll = {
    facts: room.facts,
    secret: room.row?.secret ?? '',
    changes: room.affiliations.changes,
    away: new LateSet(),
    ready: new LateSet(),
    rested: new LateSet(),
    mentioned: new LateMap(),
    deaf: new LateSet(),
    deafSince: room.time,
    nicks: new NickIndex(),
    seq: before?.seq ?? room.seq,
    owes: false,
  };
  room.memory.set(rolls, roll);
  // To make everybody's occupant-id would take its time.
  const present = new Map<BareJid, Occupant>();
  for (const occupant of room.occupants.all()) present.set(occupant.jid, occupant);
  // Those who were woken come in the order in which they were.
  const first = rung.keys(room);
  for (const jid of new Set([...first, ...wishers(room)])) {
    enrol(room, roll, jid, present.get(jid));
    const counted = before?.mentioned.get(jid);
    if (counted !== undefined && roll.mentioned.has(jid)) roll.mentioned.set(jid, counted);
  }
  return roll;
}

/** Puts somebody where they belong on the roll. */
function enrol(room: RoomState, roll: Roll, jid: BareJid, occupant: Occupant | undefined): void {
  leaveRoll(roll, jid);
  const wake = wakeOf(room, jid);
  if (wake === undefined || wake === 'nothing') return;
  if (occupant && isAtClient(occupant)) return;
  roll.away.add(jid);
  const nick = wishOf(room, jid)?.nick;
  const belongs = room.affiliationOf(jid) !== 'none';
  if (nick != null) roll.nicks.add(nick, jid, belongs);
  const reserved = reservedNick(room, jid);
  if (reserved !== undefined) roll.nicks.add(reserved, jid, belongs);
  const mentions = rung.get(room, jid)?.mentions ?? 0;
  if (mentions > 0) roll.mentioned.set(jid, mentions);
  if (wake !== 'all') return;
  if (isResting(room, jid, restMs(room))) roll.rested.add(jid);
  else roll.ready.add(jid);
}

function leaveRoll({ away, nicks, ready, rested, mentioned, deaf }: Roll, jid: BareJid): void {
  if (away.delete(jid)) nicks.drop(jid);
  ready.delete(jid);
  rested.delete(jid);
  mentioned.delete(jid);
  deaf.delete(jid);
}

/** Somebody came, went, or is at a client or not from now on; without `occupant` they are not in the room. */
export function enrolAgain(room: RoomState, jid: BareJid, occupant: Occupant | undefined): void {
  room.nobodyAway = undefined;
  const roll = rollOf(room);
  if (roll) enrol(room, roll, jid, occupant);
}

/** Whether a nickname is the one of this person, worn last or reserved, and nobody else in the room wears it. */
export function isTheirs(room: RoomState, { nick, whose }: Named<BareJid>): boolean {
  const wearer = room.occupants.withNick(nick);
  if (wearer && wearer.jid !== whose) return false;
  const reserved = reservedNick(room, whose);
  const worn = wishOf(room, whose)?.nick;
  return (worn != null && folded(worn) === nick) || (reserved !== undefined && folded(reserved) === nick);
}
