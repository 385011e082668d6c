/** Whom a message mentions: references to a JID or an occupant JID (XEP-0372), and explicit mentions of one or of a group (XEP-0513). */
import type { BareJid, FullJid } from '../../xmpp/fold';
import { bareOf, resourceOf } from '../../xmpp/jid';
import { NS } from '../../xmpp/ns';
import { prepareJid } from '../../xmpp/prepare';
import { child, childElements, localName, namespaceOf, type Element } from '../../xmpp/xml';
import type { Affiliation, Role } from '../../room/governing/roles';
import type { AffiliationRow, OccupantId } from '../../room/contract/rows';
import { presentId } from '../../room/talking/former-ids';
import { holderOf } from '../../room/occupants/reserved-nicks';
import { writtenOccupantId } from '../../room/talking/ids';
import type { RoomState } from '../../room/state';
import { absentWithId } from '../archive/known-ids';

/** Who of those that belong to a room and are not there. */
type Group = (room: RoomState, row: AffiliationRow) => boolean;

const everybody: Group = () => true;
/** Absent people have no role; the one they would enter with counts. */
const inRole =
  (role: Role): Group =>
  (room, { jid }) =>
    room.roleOnEntry(jid) === role;
const withAffiliation =
  (affiliation: Affiliation): Group =>
  (_room, row) =>
    row.affiliation === affiliation;

const CHANNEL = `${NS.mentions}#channel`;
/** Every one must be known (XEP-0513 §4.3.2). */
const ASSOCIATIONS: ReadonlyMap<string, Group> = new Map([
  [`${NS.mentions}#moderators`, inRole('moderator')],
  [`${NS.mentions}#participants`, inRole('participant')],
  [`${NS.mentions}#visitors`, inRole('visitor')],
  [`${NS.mentions}#owner`, withAffiliation('owner')],
  [`${NS.mentions}#admin`, withAffiliation('admin')],
  [`${NS.mentions}#member`, withAffiliation('member')],
  // People without an affiliation are known by their presence only.
  [`${NS.mentions}#none`, () => false],
]);

/** The explicit mentions directly in a stanza. A message without any pays a look at its children's names. */
export function mentionsIn(stanza: Element): Element[] {
  const isMention = (element: Element): boolean => localName(element) === 'mention' && namespaceOf(element) === NS.mentions;
  // Asked of every message, and nearly none has any.
  return child(stanza, 'mention', NS.mentions) ? childElements(stanza).filter(isMention) : [];
}

/** The permission that an explicit mention needs; undefined: it is of a kind that the room does not know. */
export function kindOf(mention: Element): 'individual' | 'channel' | 'associations' | undefined {
  const group = mention.attrs['mentions'] as string | undefined;
  if (group === undefined) return 'individual';
  if (group === CHANNEL) return 'channel';
  return ASSOCIATIONS.has(group) ? 'associations' : undefined;
}

/** Those a message mentions, there or not. */
export interface Mentioned {
  /** Bare JIDs. */
  readonly named: readonly BareJid[];
  readonly groups: readonly Group[];
}

/** People whom one message names, and who are looked for. */
export const MOST_NAMED = 20;

/** @param wearerOf whose a nickname is that is reserved for nobody. */
export function mentionedIn(
  room: RoomState,
  elements: readonly Element[],
  wearerOf: (nick: string) => BareJid | undefined = () => undefined,
): Mentioned {
  // Whoever writes it chooses how many it names: so many different ones are looked for, each once.
  const named = new Map<string, BareJid | undefined>();
  const at = (address: FullJid | undefined): void => {
    if (address !== undefined && named.size < MOST_NAMED && !named.has(address)) named.set(address, personAt(room, address, wearerOf));
  };
  const withId = (id: OccupantId): void => {
    if (named.size < MOST_NAMED && !named.has(id)) named.set(id, personWithId(room, id));
  };
  // Each once, however often it is mentioned.
  const groups = new Set<Group>();
  for (const element of elements) {
    const namespace = namespaceOf(element);
    const { type, uri, mentions, occupantid, jid } = element.attrs as Record<string, string | undefined>;
    if (localName(element) === 'reference' && namespace === NS.reference && type === 'mention') at(jidInUri(uri));
    if (localName(element) !== 'mention' || namespace !== NS.mentions) continue;
    // §4.6: "Do not notify the mentioned user"; "Only notify if user is active", and who is not there is not.
    if (child(element, 'noping', NS.mentions) || child(element, 'active', NS.mentions)) continue;
    if (mentions === undefined) {
      if (occupantid === undefined) at(prepareJid(jid ?? ''));
      else withId(writtenOccupantId(occupantid));
    }
    // §4.3.1.1: by its URI another room may be meant.
    else if (mentions === CHANNEL && (uri === undefined || jidInUri(uri) === room.jid)) groups.add(everybody);
    else if (ASSOCIATIONS.has(mentions)) groups.add(ASSOCIATIONS.get(mentions) as Group);
  }
  return { named: [...named.values()].filter((one): one is BareJid => one !== undefined), groups: [...groups] };
}

const personWithId = (room: RoomState, id: OccupantId): BareJid | undefined =>
  room.occupants.withId(presentId(room, id))?.jid ?? absentWithId(room, id);

/** In UTF-16 units: a JID of three parts, each byte of it escaped, and a query. */
const LONGEST_URI = 12_000;

/** The JID in a URI of XMPP (RFC 5122), or undefined. */
function jidInUri(uri = ''): FullJid | undefined {
  if (uri.length > LONGEST_URI) return undefined;
  const path = /^xmpp:([^?#]+)/i.exec(uri)?.[1];
  if (path === undefined) return undefined;
  try {
    return prepareJid(decodeURIComponent(path));
  } catch {
    // A percent sign that begins no escape.
    return undefined;
  }
}

/** The bare JID behind a JID: a person's own, or whose nick is reserved in this room, or who else wears it. */
function personAt(room: RoomState, jid: FullJid | undefined, wearerOf: (nick: string) => BareJid | undefined): BareJid | undefined {
  if (jid === undefined || bareOf(jid) !== room.jid) return jid && bareOf(jid);
  return holderOf(room, resourceOf(jid))?.jid ?? wearerOf(resourceOf(jid));
}
