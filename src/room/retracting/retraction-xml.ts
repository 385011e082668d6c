/** How messages are retracted and moderated, and what is left of them (XEP-0424, XEP-0425): reading and writing the elements. */
import type { RoomJid } from '../../xmpp/fold';
import { NS } from '../../xmpp/ns';
import { formatDateTime } from '../../xmpp/dates';
import { attributes, child, Element, escapeAttribute, escapeText, localName, namespaceOf } from '../../xmpp/xml';
import { messagePayload, ownDelayOf } from '../talking/message-xml';
import type { Passed } from '../talking/room-only';
import type { Millis } from '../contract/rows';

/** By whom a message was retracted who did not write it, and why. */
export interface Moderation {
  /** Occupant JID, or the room's own for somebody who is not in it. */
  readonly by: string;
  /** undefined: the service itself. */
  readonly occupantId: string | undefined;
  readonly reason: string | undefined;
}

/**
 * Which message a stanza retracts, by whatever id it is called there: undefined if it is no retraction, '' if it does not say.
 * In the form of today, or the one of version 0 (`apply-to`).
 */
export function retractedId(stanza: Element): string | undefined {
  const now = child(stanza, 'retract', NS.retract);
  if (now) return (now.attrs['id'] as string | undefined) ?? '';
  const applied = child(stanza, 'apply-to', NS.fasten);
  return applied && child(applied, 'retract', NS.retract0) ? ((applied.attrs['id'] as string | undefined) ?? '') : undefined;
}

/**
 * What is said of a retraction: the id by which everybody knows the message (XEP-0424 §5.1: the stanza-id), then what its author
 * sent, who may have called it by another: some clients (Converse.js 14) know messages by those only, and of several take the last.
 * Ours stands first: archived retractions are known by it. Of further ids in it, which nobody has looked up, nothing is said.
 */
export function retractionPayload(stanza: Element, room: Passed, id: string): string {
  const called = retractedId(stanza);
  let found = called === id;
  const rest = new Element('message', {});
  rest.children = stanza.children.filter((part) => {
    if (typeof part === 'string') return true;
    if (namespaceOf(part) === NS.fasten) return part.attrs['id'] === called || part.attrs['id'] === id;
    if (localName(part) !== 'retract' || namespaceOf(part) !== NS.retract) return true;
    const passes = !found && part.attrs['id'] === called;
    found ||= passes;
    return passes;
  });
  return retractXml(id) + messagePayload(rest, room, 'groupchat');
}

const retractXml = (id: string): string => `<retract xmlns="${NS.retract}" id="${escapeAttribute(id)}"/>`;

const moderatedXml = ({ by, occupantId }: Moderation): string => {
  const head = `<moderated xmlns="${NS.moderate}" by="${escapeAttribute(by)}"`;
  return occupantId === undefined ? `${head}/>` : `${head}><occupant-id xmlns="${NS.occupantId}" id="${occupantId}"/></moderated>`;
};

const reasonXml = ({ reason }: Moderation): string => (reason === undefined ? '' : `<reason>${escapeText(reason)}</reason>`);

/** What the room says of a moderation (XEP-0425 §4.1), followed by the form of version 0 for clients that know only that. */
export function moderationPayload(id: string, moderation: Moderation): string {
  const now = `<retract xmlns="${NS.retract}" id="${escapeAttribute(id)}">${moderatedXml(moderation)}${reasonXml(moderation)}</retract>`;
  const moderated = `<moderated xmlns="${NS.moderate0}" by="${escapeAttribute(moderation.by)}"><retract xmlns="${NS.retract0}"/>${reasonXml(moderation)}</moderated>`;
  return `${now}<apply-to xmlns="${NS.fasten}" id="${escapeAttribute(id)}">${moderated}</apply-to>`;
}

/** What is left of a message (XEP-0424 §4, XEP-0425 §5). */
export interface Burial {
  /** The content as it was. */
  readonly payload: string;
  readonly room: RoomJid;
  readonly stamp: Millis;
  /** The `id` attribute of the message that retracts it. */
  readonly retraction: string;
  readonly moderation?: Moderation;
}

/** The tombstone: no word of the message, but when it was said (§7.9), and, if it retracted another itself, which (XEP-0424 §5). */
export function tombstoneXml({ payload, room, stamp, retraction, moderation }: Burial): string {
  const head = `<retracted${attributes({ xmlns: NS.retract, stamp: formatDateTime(stamp), id: retraction })}`;
  const inner = moderation ? moderatedXml(moderation) + reasonXml(moderation) : '';
  const tombstone = inner === '' ? `${head}/>` : `${head}>${inner}</retracted>`;
  return ownDelayOf(payload, room) + tombstone + (OWN_RETRACTION.exec(payload)?.[0] ?? '');
}

/** How `retractionPayload` begins. */
const OWN_RETRACTION = new RegExp(`^<retract xmlns="${NS.retract}" id="[^"]*"/>`);

/** Whether an archived content is a tombstone: no client can say one. */
export function isTombstone(payload: string, room: RoomJid): boolean {
  return payload.startsWith(`<retracted xmlns="${NS.retract}"`, ownDelayOf(payload, room).length);
}

/** Whether an archived content is a retraction or a moderation: no other message begins so. */
export function isRetraction(payload: string): boolean {
  return payload.startsWith(`<retract xmlns="${NS.retract}" `);
}

/** Ids of each kind that are looked at in one content. */
const MOST_IDS = 5;

/** The ids that an archived content corrects (XEP-0308), as they are written in XML: as a rule one, or none. */
export function correctedIds(payload: string): string[] {
  const ids: string[] = [];
  if (!payload.includes(`="${NS.correct}"`)) return ids;
  for (const [, attrs = ''] of payload.matchAll(REPLACE)) {
    const id = attrs.includes(`="${NS.correct}"`) ? ID.exec(attrs)?.[1] : undefined;
    if (id !== undefined && ids.push(id) >= MOST_IDS) break;
  }
  return ids;
}

/** The first of them, or undefined. */
export function correctedId(payload: string): string | undefined {
  return correctedIds(payload)[0];
}

/** What a message is called by who wrote it, as it is written in XML: its `id`, and `origin-id` (XEP-0359). */
export function ownNames({ clientId, payload }: { readonly clientId: string | null; readonly payload: string }): string[] {
  const names = new Set(clientId === null ? [] : [escapeAttribute(clientId)]);
  for (const [, id = ''] of payload.matchAll(ORIGIN)) if (names.add(id).size > MOST_IDS) break;
  return [...names];
}

/** As `serialize` writes them, perhaps with a prefix: no attribute's value has `<`, `>` or `"` in it. */
const REPLACE = /<(?:[^\s<>:/]+:)?replace( [^<>]*)>/g;
const ID = / id="([^"]*)"/;
const ORIGIN = new RegExp(`<origin-id xmlns="${NS.stanzaId}" id="([^"]*)"/>`, 'g');
