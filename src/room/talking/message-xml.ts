/** A groupchat message as it leaves: live, reflected and as history alike, so that its id is the same everywhere. */
import type { RoomJid } from '../../xmpp/fold';
import { NS } from '../../xmpp/ns';
import { child, escapeAttribute, namespaceOf, type Element } from '../../xmpp/xml';
import { formatDateTime, parseDateTime } from '../../xmpp/dates';
import type { MessageRow, Millis } from '../contract/rows';
import { namesRoom, passOn, type Passed } from './room-only';

/** What a message carries; an unarchived one has no stanza-id. */
export type MessageParts = Pick<MessageRow, 'clientId' | 'lang' | 'occupantId' | 'payload'> & { readonly id: string | null };

/** The room that a message is from. */
export interface MessageRoom {
  readonly jid: RoomJid;
  /** `messageEnd` of it. */
  readonly messageEnd: string;
}

/** What stands behind the id of an archived live message, the last that is in it. */
export function messageEnd(room: RoomJid): string {
  return `" by="${escapeAttribute(room)}"/></message>`;
}

/** The `rest` (see Outgoing) of a groupchat message; with `delayedSince` as history (§7.2.13). */
export function messageRest(parts: MessageParts, { jid: room, messageEnd: end }: MessageRoom, delayedSince?: Millis): string {
  const { id, clientId, lang, occupantId, payload } = parts;
  // §7.9: history that an owner brought has its time already.
  const delay = delayedSince === undefined || isDelayed(payload, room) ? '' : delayXml(room, delayedSince);
  const head = clientId === null ? TYPE : `${TYPE_ID}${escapeAttribute(clientId)}"`;
  const content = lang === null ? `${head}>${payload}` : `${head} xml:lang="${escapeAttribute(lang)}">${payload}`;
  // What nearly every live message is.
  if (delay === '' && occupantId !== null && id !== null) return `${content}${OCCUPANT_ID}${occupantId}${THEN_STANZA_ID}${id}${end}`;
  const occupant = occupantId === null ? '' : `${OCCUPANT_ID}${occupantId}"/>`;
  const stanza = id === null ? '' : `${STANZA_ID}${id}" by="${escapeAttribute(room)}"/>`;
  return `${content}${occupant}${stanza}${delay}</message>`;
}

// Put together once: each piece of a template is an object more for each message, and must be copied by itself to make the text flat.
const TYPE = ' type="groupchat"';
const TYPE_ID = `${TYPE} id="`;
const OCCUPANT_ID = `<occupant-id xmlns="${NS.occupantId}" id="`;
const STANZA_ID = `<stanza-id xmlns="${NS.stanzaId}" id="`;
const THEN_STANZA_ID = `"/>${STANZA_ID}`;

/**
 * The sender of a message: the author's occupant JID, or the room itself. An erased person has no nick any more; a nick that
 * nobody can have (`-` and their occupant-id) takes its place, so that their messages are not taken for the room's.
 */
export function speakerOf(row: Pick<MessageRow, 'nick' | 'occupantId'>, room: RoomJid): string {
  if (row.nick !== null) return `${room}/${row.nick}`;
  return row.occupantId === null ? room : `${room}/-${row.occupantId}`;
}

/** `<delay/>` from the room (XEP-0203; §7.2.13: from is the room itself). */
export function delayXml(room: RoomJid, stamp: Millis): string {
  return `${delayHead(room)} stamp="${formatDateTime(stamp)}"/>`;
}

/** Whether a content begins with a delay of the room's own. */
function isDelayed(payload: string, room: RoomJid): boolean {
  return payload.startsWith(delayHead(room));
}

/** How a delay of the room's own begins. */
export const delayHead = (room: RoomJid): string => `<delay xmlns="${NS.delay}" from="${escapeAttribute(room)}"`;

/**
 * The delay of a message from before the room (§7.9), as the room's own: if somebody who may says that it was sent earlier, through
 * whomever. Else '', and whatever delays the message has are passed on as they are.
 */
export function relayedDelay(stanza: Element, room: RoomJid, mayBring: () => boolean): string {
  const element = child(stanza, 'delay', NS.delay);
  if (!element || namesRoom(element.attrs['from'], room) || !mayBring()) return '';
  const stamp = parseDateTime((element.attrs['stamp'] as string | undefined) ?? '');
  return stamp === undefined ? '' : delayXml(room, stamp);
}

/** What of a client's message the room passes on: all but what only the room may say (`talking/room-only.ts`). `ownDelay` takes the place of all delays. */
export function messagePayload(stanza: Element, room: Passed, passage: 'groupchat' | 'private', ownDelay = ''): string {
  let out = ownDelay;
  for (const element of stanza.children) {
    if (typeof element === 'string') continue;
    if (ownDelay !== '' && isDelay(namespaceOf(element))) continue;
    out += passOn(element, room, passage);
  }
  return out;
}

/** Whether elements of this namespace say when something was sent: also the one before XEP-0203, which old clients read still. */
const isDelay = (ns: string): boolean => ns === NS.delay || ns === NS.delay0;

/** The delay of the room's own that a content begins with (§7.9), or ''. */
export function ownDelayOf(payload: string, room: RoomJid): string {
  return isDelayed(payload, room) ? payload.slice(0, payload.indexOf('>') + 1) : '';
}
