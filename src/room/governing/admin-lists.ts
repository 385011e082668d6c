/** Reading the lists of affiliations and roles (`muc#admin`, §8.5, §9.2, §9.5, §9.8, §10.5, §10.8): whole, or by pages (XEP-0059). */
import { NS } from '../../xmpp/ns';
import { parseRsm, rsmResult, type RsmRequest } from '../../xmpp/rsm';
import { iqResult, stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { short } from '../../xmpp/short';
import { attributes, type Element } from '../../xmpp/xml';
import { inWords } from '../../words';
import { affiliationItem } from './affiliation-lists';
import { type Actor, mayReadAffiliations } from './rights';
import { isAdmin, isAffiliation, isRole, type Affiliation, type Role } from './roles';
import type { RoomState } from '../state';
import type { Turn } from '../turn';

/** One list that is asked for. */
type Wanted = { readonly affiliation: Affiliation } | { readonly role: Role };

interface ListsQuestion {
  readonly query: Element;
  /** Its items. */
  readonly items: readonly Element[];
  readonly actor: Actor;
}

/** Answers the items of a get: each list once, however often it is asked for. Returns the refusal, if any. */
export function sendLists(state: RoomState, turn: Turn, iq: Element, { query, items, actor }: ListsQuestion): StanzaError | undefined {
  const lists = new Map<string, Wanted>();
  for (const { attrs } of items) {
    const list = readWanted(attrs);
    if ('condition' in list) return list;
    const refusal = readingRefusal(state, actor, list);
    if (refusal) return refusal;
    lists.set('role' in list ? `role ${list.role}` : list.affiliation, list);
  }
  const wanted = [...lists.values()];
  const rsm = parseRsm(query);
  if (rsm !== undefined) return 'problem' in rsm ? stanzaError('bad-request', rsm.problem) : sendPage(state, turn, iq, wanted, rsm);
  const inner = whole(state, wanted, false) ?? whole(state, wanted, true);
  if (inner === undefined) return stanzaError('resource-constraint', inWords('listLong'));
  turn.say(iqResult(iq, `<query xmlns="${NS.mucAdmin}">${inner}</query>`));
  return undefined;
}

function readWanted({ role, affiliation }: Readonly<Record<string, string | undefined>>): Wanted | StanzaError {
  if (role !== undefined && affiliation !== undefined) return stanzaError('bad-request', inWords('itemBoth'));
  if (affiliation !== undefined)
    return isAffiliation(affiliation) ? { affiliation } : stanzaError('bad-request', inWords('itemUnknown', { value: short(affiliation) }));
  if (role === undefined) return stanzaError('bad-request', inWords('itemNeither'));
  return isRole(role) ? { role } : stanzaError('bad-request', inWords('itemUnknown', { value: short(role) }));
}

function readingRefusal(state: RoomState, actor: Actor, list: Wanted): StanzaError | undefined {
  if ('role' in list) return mayReadRoles(actor, list.role) ? undefined : stanzaError('forbidden', inWords('moderatorsOnly'));
  return mayReadAffiliations(state, actor, list.affiliation) ? undefined : stanzaError('forbidden', inWords('adminsOnly'));
}

/** §8.5: moderators read the voice list; §9.8: admins the moderator list. */
function mayReadRoles(actor: Actor, role: Role): boolean {
  return isAdmin(actor.affiliation) || (role !== 'moderator' && actor.role === 'moderator');
}

/** These lists whole, if they are not too long for one stanza; `brief`: with what the specification asks for and nothing more. */
function whole(state: RoomState, wanted: readonly Wanted[], brief: boolean): string | undefined {
  let left = state.env.policy.limits.listBytes;
  for (const list of wanted) {
    if ('affiliation' in list) left -= state.affiliations.bytes(list.affiliation)[brief ? 'brief' : 'full'];
  }
  if (left < 0) return undefined;
  let inner = '';
  for (const list of wanted) {
    if ('affiliation' in list) {
      for (const row of state.affiliations.of(list.affiliation)) inner += affiliationItem(row, brief);
      continue;
    }
    for (const { xml } of roleItems(state, list.role, brief)) {
      left -= Buffer.byteLength(xml);
      if (left < 0) return undefined;
      inner += xml;
    }
  }
  return inner;
}

/** An entry, and what names its place: a JID, or of roles the occupant-id. */
interface Entry {
  readonly key: string;
  readonly xml: string;
}

/** §8.5: full JIDs are shown, since who may read this list may see them; an item must have affiliation, nick and role. */
function* roleItems(state: RoomState, role: Role, brief: boolean): Iterable<Entry> {
  for (const occupant of state.occupants.all()) {
    if (occupant.role !== role) continue;
    const affiliation = state.affiliationOf(occupant.jid);
    const jid = brief ? undefined : occupant.sessions[0]?.jid;
    yield { key: occupant.id, xml: `<item${attributes({ affiliation, jid, nick: occupant.nick, role })}/>` };
  }
}

/** Keys in order and the entry at each place. */
interface Book {
  readonly keys: readonly string[];
  readonly entry: (place: number) => string;
}

function book(state: RoomState, list: Wanted): Book {
  if ('affiliation' in list) {
    const rows = state.affiliations.of(list.affiliation);
    return { keys: rows.map(({ jid }) => jid), entry: (place) => affiliationItem(rows[place] as (typeof rows)[number], false) };
  }
  const entries = [...roleItems(state, list.role, false)].sort((a, b) => (a.key < b.key ? -1 : 1));
  return { keys: entries.map(({ key }) => key), entry: (place) => (entries[place] as Entry).xml };
}

/** Sends one page of one list: at most as many items as are asked for, and as fit one stanza. */
function sendPage(state: RoomState, turn: Turn, iq: Element, [list, more]: readonly Wanted[], rsm: RsmRequest): StanzaError | undefined {
  if (!list || more) return stanzaError('bad-request', inWords('pageOfOne'));
  const { keys, entry } = book(state, list);
  const backwards = rsm.before !== undefined;
  // The keys are in order, so a key that is gone has its place all the same (XEP-0059 §2.5).
  const from = rsm.after === undefined ? (rsm.index ?? 0) : place(keys, (key) => key > (rsm.after as string));
  const until = rsm.before ? place(keys, (key) => key >= (rsm.before as string)) : keys.length;
  const most = Math.max(0, Math.min(rsm.max ?? Infinity, until - from));
  let left = state.env.policy.limits.listBytes;
  const items: string[] = [];
  while (items.length < most) {
    const xml = entry(backwards ? until - 1 - items.length : from + items.length);
    left -= Buffer.byteLength(xml);
    if (left < 0 && items.length > 0) break;
    items.push(xml);
  }
  if (backwards) items.reverse();
  const start = backwards ? until - items.length : from;
  const page = items.length === 0 ? {} : { first: keys[start], firstIndex: start, last: keys[start + items.length - 1] };
  const set = rsmResult({ ...page, count: keys.length } as Parameters<typeof rsmResult>[0]);
  turn.say(iqResult(iq, `<query xmlns="${NS.mucAdmin}">${items.join('')}${set}</query>`));
  return undefined;
}

/** The first place at which this holds: from there on it always does. */
function place(keys: readonly string[], holds: (key: string) => boolean): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(keys[middle] as string)) high = middle;
    else low = middle + 1;
  }
  return low;
}
