/** Taking messages back: which can be, what is left of them, and what the room says when a moderator does it (XEP-0424, XEP-0425). */
import type { Burying } from '../contract/rows';
import type { FullJid } from '../../xmpp/fold';
import { bareOf } from '../../xmpp/jid';
import { isLongerThan } from '../../xmpp/lengths';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { say } from '../../words';
import type { Actor } from '../governing/rights';
import { atPresentAddress } from '../configuring/former-names';
import { messageId } from '../talking/ids';
import { messageRest } from '../talking/message-xml';
import type { Missed } from '../talking/missed';
import { dropMentions } from '../talking/notice-queue';
import { isRetraction, isTombstone, moderationPayload, tombstoneXml, type Moderation } from './retraction-xml';
import { compareAffiliations, isAdmin } from '../governing/roles';
import type { MessageRow } from '../contract/rows';
import { sayAsRoom } from '../talking/speak';
import type { RoomState } from '../state';
import type { Turn } from '../turn';

/** Whether nothing is left of a message, as far as its row tells, or since it was read. */
export function isRetracted(room: RoomState, row: MessageRow): boolean {
  return room.retracted.has(row.id) || isTombstone(row.payload, room.jid);
}

/** Whether it set the subject that the room has now: that is changed by setting another (§8.1). */
export function isPresentSubject({ subject }: RoomState, row: MessageRow): boolean {
  return (
    subject !== null && subject.setAt === row.stamp && subject.nick === row.nick && !row.inHistory && row.payload.includes(subject.xml)
  );
}

/** Whether a row that was read is one of this room's: the room may have been destroyed meanwhile, and made anew. */
const isHere = (room: RoomState, row: MessageRow): boolean => room.exists && row.seq > (room.row?.archiveFrom ?? 0);

/** Why this occupant cannot retract a message, or undefined. */
export function retractionRefusal(room: RoomState, row: MessageRow, occupant: { id: string; role: string }): StanzaError | undefined {
  if (!isHere(room, row)) return stanzaError('item-not-found', say('retractMissing'));
  // XEP-0424 §5: "by checking the occupant id".
  if (row.occupantId !== occupant.id)
    return stanzaError('forbidden', say(occupant.role === 'moderator' ? 'retractModerator' : 'retractOthers'));
  if (isRetracted(room, row)) return stanzaError('conflict', say('retractedAlready'));
  if (isRetraction(row.payload)) return stanzaError('not-allowed', say('retractRetraction'));
  return isPresentSubject(room, row) ? stanzaError('not-allowed', say('retractSubject')) : undefined;
}

/** Why this actor may not moderate messages at all, or undefined: that is for moderators, and for admins also from outside. */
export function moderationForbidden(actor: Actor): StanzaError | undefined {
  if (actor.jid === null || actor.role === 'moderator' || isAdmin(actor.affiliation)) return undefined;
  return stanzaError('forbidden', say('moderatorsOnly'));
}

/** Why this actor may not moderate what that bare JID says, or undefined: as for kicking, nobody of a higher affiliation (§8.2). */
export function rankRefusal(room: RoomState, actor: Actor, author: FullJid): StanzaError | undefined {
  if (compareAffiliations(room.affiliationOf(author), actor.affiliation) <= 0) return undefined;
  return stanzaError('not-allowed', say('above'));
}

/** Why this actor cannot moderate a message, or undefined. */
export function moderationRefusal(room: RoomState, row: MessageRow, actor: Actor): StanzaError | undefined {
  if (!isHere(room, row)) return stanzaError('item-not-found', say('retractMissing'));
  const refusal = row.sender === null ? undefined : rankRefusal(room, actor, bareOf(row.sender));
  if (refusal) return refusal;
  if (row.nick === null && isRetraction(row.payload)) return stanzaError('not-allowed', say('retractRetraction'));
  return isPresentSubject(room, row) ? stanzaError('not-allowed', say('retractSubject')) : undefined;
}

/** A message as it is by now: it may have been retracted since it was read, or said when the room had another address. */
export function asItIs(room: RoomState, row: MessageRow): MessageRow {
  const burying = room.retracted.get(row.id);
  if (!burying) return atPresentAddress(room, row);
  const { payload, person } = burying;
  return person === 'kept' ? { ...row, payload } : { ...row, payload, sender: null, nick: null, clientId: null };
}

/** Retractions that a room knows by heart, since a read that was under way meanwhile does not show them. */
export const REMEMBERED = 1_000;

/** A message that is taken back, if it is there, and what else of the same author is a version of it. */
export interface Taken {
  readonly row: MessageRow | undefined;
  readonly versions: readonly MessageRow[];
}

/**
 * Leaves nothing of a message, if it is there, and its versions but tombstones: in the archive, and for those who would still be told them when they
 * have entered. `retraction`: the `id` attribute of the message that says so.
 */
export function bury(room: RoomState, turn: Turn, { row, versions }: Taken, retraction: string, moderation?: Moderation): void {
  const by = moderation ? { moderation } : {};
  for (const one of [...(row ? [row] : []), ...versions.filter(({ id }) => id !== row?.id)]) {
    if (isRetracted(room, one) || isPresentSubject(room, one)) continue;
    buryOne(room, turn, one, tombstoneXml({ payload: one.payload, room: room.jid, stamp: turn.stamp, retraction, ...by }), 'kept');
  }
}

/** Puts a tombstone in the place of one message. `erased`: who said it is not known any more. */
export function buryOne(room: RoomState, turn: Turn, row: MessageRow, payload: string, person: Burying['person']): void {
  turn.write({ table: 'retraction', id: row.id, payload, person });
  for (const feature of room.env.features.buried) feature.buried?.(room, turn, row.id);
  // Behind all others, also if it was there: the oldest are forgotten.
  room.retracted.delete(row.id);
  room.retracted.set(row.id, { payload, person });
  room.burials++;
  for (const oldest of room.retracted.keys()) {
    if (room.retracted.size <= REMEMBERED) break;
    room.retracted.delete(oldest);
  }
  turn.buried ??= new Map();
  const before = turn.buried.get(row.id)?.before ?? messageRest(row, room);
  turn.buried.set(row.id, { before, after: messageRest({ ...row, payload }, room) });
}

/** Nobody is told what was buried in this turn, neither who is entering nor who is mentioned: one pass over what waits, however many messages that were. */
export function buryWaiting(room: RoomState, turn: Turn): void {
  if (!turn.buried) return;
  dropMentions(room, turn, new Set(turn.buried.keys()));
  const texts = new Map([...turn.buried.values()].map(({ before, after }) => [before, after]));
  const lists = new Set<Missed>();
  for (const { entry } of room.occupants.audiences.entering) {
    entry.rewrite(texts);
    if (entry.missed) lists.add(entry.missed);
  }
  for (const list of lists) list.rewrite(texts);
}

/** As which moderator, and why. */
export function moderationBy(room: RoomState, actor: Actor, reason: string | undefined): Moderation {
  const by = actor.nick === undefined ? room.jid : `${room.jid}/${actor.nick}`;
  return { by, occupantId: actor.jid === null ? undefined : room.idOf(actor.jid), reason };
}

/**
 * A moderator retracts a message with its versions: the room says so to all and keeps it (XEP-0425 §4.1). `inHistory`: whether
 * those who enter later are told that too.
 */
export function moderate(
  room: RoomState,
  turn: Turn,
  taken: Taken & { readonly row: MessageRow },
  moderation: Moderation,
  inHistory: boolean,
): void {
  const retraction = messageId(turn.stamp, room.env.random);
  bury(room, turn, taken, retraction, moderation);
  sayAsRoom(room, turn, { clientId: retraction, lang: null, payload: moderationPayload(taken.row.id, moderation), inHistory });
}

/** The reason for a moderation, if it is not too long: it is kept with every message that it is given for. */
export function reasonRefusal(room: RoomState, reason: string | undefined): StanzaError | undefined {
  const max = room.env.policy.limits.subject;
  return reason === undefined || !isLongerThan(reason, max) ? undefined : stanzaError('not-acceptable', say('reasonLong', { max }));
}
