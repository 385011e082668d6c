/** Who is not there gets the messages that mention them (XEP-0452, 0513), if the room wants that: those who belong, or their group. Whoever has said what wakes them is woken instead. */
import { inWords } from '../../words';
import type { BareJid } from '../../xmpp/fold';
import { NS } from '../../xmpp/ns';
import { formatDateTime } from '../../xmpp/dates';
import { escapeAttribute, escapeText, localName, namespaceOf, parseContent, textOf, type Element } from '../../xmpp/xml';
import { mayHearAbsent } from '../../room/talking/archive-readers';
import type { Feature, Said } from '../../room/contract/feature';
import { leaveNotice } from '../../room/talking/notice-queue';
import { booleanOption } from '../../room/contract/options';
import { cutBytes } from '../../room/governing/reasons';
import { isAffiliated } from '../../room/occupants/stays';
import type { RoomState } from '../../room/state';
import { wishOf } from '../wake-ups/wake-wishes';
import { mentionedIn, type Mentioned } from './mentioned';

const option = booleanOption({
  var: 'muc#roomconfig_forwardmentions',
  label: inWords('labelMentionNotices'),
  initial: false,
});

/** People who are sent one message because it names them, and because it mentions a group of theirs. */
const MAX_NAMED = 20;
const MAX_GROUP = 500;

/** Bytes of the message that they are sent. */
const MAX_TEXT = 1000;

export const mentionNotices: Feature = {
  name: 'mention-notices',
  options: [option],
  said,
  listens: (options) => options.get(option),
};

function said(message: Said): void {
  const { room, payload } = message;
  // Most content has no namespace of its own.
  if (!payload.includes('xmlns') || !(payload.includes(NS.reference) || payload.includes(NS.mentions)) || room.locked) return;
  const elements = parseContent(payload);
  if (elements.some(isHintAgainst)) return;
  const people = toBeTold(room, mentionedIn(room, elements));
  if (people.length > 0) forward(message, people);
}

/** The accounts that are sent the message. */
function toBeTold(room: RoomState, { named, groups }: Mentioned): BareJid[] {
  if (named.length === 0 && groups.length === 0) return [];
  const present = new Set([...room.occupants.all()].map(({ jid }) => jid));
  const people = new Set<BareJid>();
  for (const jid of named) {
    if (people.size >= MAX_NAMED) break;
    if (!present.has(jid) && isToBeTold(room, jid)) people.add(jid);
  }
  if (groups.length === 0) return [...people];
  const max = people.size + MAX_GROUP;
  for (const row of room.affiliationRows()) {
    if (people.size >= max) break;
    if (!present.has(row.jid) && groups.some((group) => group(room, row)) && isToBeTold(room, row.jid)) people.add(row.jid);
  }
  return [...people];
}

/** XEP-0334: what nobody may store does not go where it may have to wait for somebody. */
function isHintAgainst(element: Element): boolean {
  return namespaceOf(element) === NS.hints && ['no-store', 'no-permanent-store'].includes(localName(element));
}

/** People who may read the room, and have an affiliation of their own. What is not kept wakes nobody. */
function isToBeTold(room: RoomState, jid: BareJid): boolean {
  // A row of a domain is no person's: nobody of it has asked for anything.
  if (!jid.includes('@') || !isAffiliated(room, jid)) return false;
  return (!room.facts.archived || !wishOf(room, jid)) && mayHearAbsent(room, jid);
}

/** The message as it was said, with all that the room has added (§3.2), to accounts: the same for each of them. */
function forward({ room, turn, out, payload, row }: Said, people: readonly BareJid[]): void {
  const head = `<message xmlns="jabber:client" from="${escapeAttribute(out.from)}" to="${escapeAttribute(room.jid)}"`;
  const delay = `<delay xmlns="${NS.delay}" stamp="${formatDateTime(turn.stamp)}"/>`;
  const forwarded = `<forwarded xmlns="${NS.forward}">${delay}${head}${shortened(out.rest, payload)}</forwarded>`;
  const rest = `><mentions xmlns="${NS.mentionNotice}">${forwarded}</mentions></message>`;
  leaveNotice(room, turn, { to: people, rest, cause: { kind: 'mention', id: row?.id } });
}

/** Of a long message the start of its text, without what comes along. */
function shortened(rest: string, payload: string): string {
  if (Buffer.byteLength(payload) <= MAX_TEXT) return rest;
  const body = parseContent(payload).find((element) => localName(element) === 'body');
  const text = body ? `<body>${escapeText(cutBytes(textOf(body), MAX_TEXT))}</body>` : '';
  return rest.replace(payload, () => text);
}
