/** Taking messages back: who may take back which, and what the room says when a moderator does it (XEP-0424, XEP-0425). What is left of one: `room/retracting/`. */
import type { FullJid } from '../../xmpp/fold';
import { bareOf } from '../../xmpp/jid';
import { isLongerThan } from '../../xmpp/lengths';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { inWords } from '../../words';
import type { Actor } from '../../room/governing/rights';
import { messageId } from '../../room/talking/ids';
import { isRetraction, moderationPayload, tombstoneXml, type Moderation } from '../../room/retracting/retraction-xml';
import { compareAffiliations, isAdmin } from '../../room/governing/roles';
import type { MessageRow } from '../../room/contract/rows';
import { sayAsRoom } from '../../room/talking/speak';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';
import { buryOne, isPresentSubject, isRetracted } from '../../room/retracting/retract';

/** Whether a row that was read is one of this room's: the room may have been destroyed meanwhile, and made anew. */
const isHere = (room: RoomState, row: MessageRow): boolean => room.exists && row.seq > (room.row?.archiveFrom ?? 0);

/** Why this occupant cannot retract a message, or undefined. */
export function retractionRefusal(room: RoomState, row: MessageRow, occupant: { id: string; role: string }): StanzaError | undefined {
  if (!isHere(room, row)) return stanzaError('item-not-found', inWords('retractMissing'));
  // XEP-0424 §5: "by checking the occupant id".
  if (row.occupantId !== occupant.id)
    return stanzaError('forbidden', inWords(occupant.role === 'moderator' ? 'retractModerator' : 'retractOthers'));
  if (isRetracted(room, row)) return stanzaError('conflict', inWords('retractedAlready'));
  if (isRetraction(row.payload)) return stanzaError('not-allowed', inWords('retractRetraction'));
  return isPresentSubject(room, row) ? stanzaError('not-allowed', inWords('retractSubject')) : undefined;
}

/** Why this actor may not moderate messages at all, or undefined: that is for moderators, and for admins also from outside. */
export function moderationForbidden(actor: Actor): StanzaError | undefined {
  if (actor.jid === null || actor.role === 'moderator' || isAdmin(actor.affiliation)) return undefined;
  return stanzaError('forbidden', inWords('moderatorsOnly'));
}

/** Why this actor may not moderate what that bare JID says, or undefined: as for kicking, nobody of a higher affiliation (§8.2). */
export function rankRefusal(room: RoomState, actor: Actor, author: FullJid): StanzaError | undefined {
  if (compareAffiliations(room.affiliationOf(author), actor.affiliation) <= 0) return undefined;
  return stanzaError('not-allowed', inWords('above'));
}

/** Why this actor cannot moderate a message, or undefined. */
export function moderationRefusal(room: RoomState, row: MessageRow, actor: Actor): StanzaError | undefined {
  if (!isHere(room, row)) return stanzaError('item-not-found', inWords('retractMissing'));
  const refusal = row.sender === null ? undefined : rankRefusal(room, actor, bareOf(row.sender));
  if (refusal) return refusal;
  if (row.nick === null && isRetraction(row.payload)) return stanzaError('not-allowed', inWords('retractRetraction'));
  return isPresentSubject(room, row) ? stanzaError('not-allowed', inWords('retractSubject')) : undefined;
}

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
  return reason === undefined || !isLongerThan(reason, max) ? undefined : stanzaError('not-acceptable', inWords('reasonLong', { max }));
}
