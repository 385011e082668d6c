/** The `muc#admin` protocol (§8-9): reading lists and items, and turning them into commands. */
import { NS } from '../xmpp/ns';
import { attributes, child, childElements, escapeText, localName, namespaceOf, textOf, type Element } from '../xmpp/xml';
import { bareOf } from '../xmpp/jid';
import { tidyNick } from '../xmpp/nick';
import { prepareBareJid, prepareResource } from '../xmpp/prepare';
import { iqResult, stanzaError, type StanzaError } from '../xmpp/stanza-error';
import { say } from '../words';
import { affiliationsRefusal, setAffiliations, type Actor } from './affiliations';
import type { AffiliationItem, RoleItem } from './commands';
import { endIfEmpty } from './leave';
import { isAdmin, isAffiliation, isRole, type Affiliation, type Role } from './roles';
import { rolesRefusal, setRoles } from './role-changes';
import type { RoomState } from './state';
import type { Turn } from './turn';

/** Who sends a stanza, as far as rights go. */
export function actorOf(state: RoomState, from: string): Actor {
  const occupant = state.occupants.session(from)?.occupant;
  const jid = bareOf(from);
  return { jid, affiliation: state.affiliationOf(jid), role: occupant?.role ?? 'none', nick: occupant?.nick };
}

/** An IQ with `<query xmlns='…muc#admin'/>`. Returns the refusal, if any. */
export function adminIq(state: RoomState, turn: Turn, iq: Element, query: Element, from: string): StanzaError | undefined {
  const items = childElements(query).filter((element) => localName(element) === 'item' && namespaceOf(element) === NS.mucAdmin);
  if (items.length === 0) return stanzaError('bad-request', say('queryEmpty'));
  const actor = actorOf(state, from);
  return iq.attrs['type'] === 'get' ? sendList(state, turn, iq, items, actor) : change(state, turn, iq, items, actor);
}

function change(state: RoomState, turn: Turn, iq: Element, elements: readonly Element[], actor: Actor): StanzaError | undefined {
  const affiliations: AffiliationItem[] = [];
  const roles: RoleItem[] = [];
  for (const element of elements) {
    const item = readItem(state, element);
    if ('condition' in item) return concealed(actor, element, item);
    if (probes(state, actor, element)) return stanzaError('forbidden', say('moderatorsOnly'));
    if ('affiliation' in item) affiliations.push(item);
    else roles.push(item);
  }
  const refusal = rolesRefusal(state, actor, roles) ?? affiliationsRefusal(state, actor, affiliations);
  if (refusal) return refusal;
  // §8.2: the kicked, the result, the others. §9.2: the result, "then" the banned and the others.
  const tellOfRoles = setRoles(state, turn, actor, roles);
  turn.say(iqResult(iq, ''));
  const tellOfAffiliations = setAffiliations(state, turn, actor, affiliations);
  tellOfRoles();
  tellOfAffiliations();
  endIfEmpty(state, turn);
  return undefined;
}

/** Who may not make such a change at all is told just that, and not who is in or which JID is none. */
function concealed(actor: Actor, element: Element, refusal: StanzaError): StanzaError {
  if (refusal.condition === 'bad-request' || isAdmin(actor.affiliation)) return refusal;
  if (element.attrs['affiliation'] !== undefined) return stanzaError('forbidden', say('adminsOnly'));
  return actor.role === 'moderator' ? refusal : stanzaError('forbidden', say('moderatorsOnly'));
}

/**
 * Whether an item gives a role to somebody whose JID the asker may not see (§14.5). He could not change the role, but an item that
 * asks for the present one succeeds, and so would tell him that this JID is in the room.
 */
function probes(state: RoomState, actor: Actor, element: Element): boolean {
  const { role, jid, nick } = element.attrs as Record<string, string | undefined>;
  if (role === undefined || jid === undefined || nick !== undefined) return false;
  return !isAdmin(actor.affiliation) && !state.seesJids(actor.role) && prepareBareJid(jid) !== actor.jid;
}

/** One item of a set (§17.4: a role or an affiliation, not both). */
function readItem(state: RoomState, element: Element): AffiliationItem | RoleItem | StanzaError {
  const { role, affiliation, jid: rawJid, nick } = element.attrs as Record<string, string | undefined>;
  if (role !== undefined && affiliation !== undefined) return stanzaError('bad-request', say('itemBoth'));
  const reasonElement = child(element, 'reason', NS.mucAdmin);
  const reason = reasonElement && textOf(reasonElement) !== '' ? { reason: textOf(reasonElement) } : {};
  if (role !== undefined) {
    if (!isRole(role)) return stanzaError('bad-request', say('itemUnknown', { value: role }));
    const byJid = rawJid === undefined ? undefined : occupantNick(state, rawJid);
    const who = nick ?? byJid;
    if (who === undefined)
      return rawJid === undefined ? stanzaError('bad-request', say('itemWho')) : stanzaError('item-not-found', say('noSuchNick'));
    return { nick: who, role, ...reason };
  }
  if (affiliation === undefined) return stanzaError('bad-request', say('itemNeither'));
  if (!isAffiliation(affiliation)) return stanzaError('bad-request', say('itemUnknown', { value: affiliation }));
  if (rawJid === undefined) {
    if (nick === undefined) return stanzaError('bad-request', say('itemWho'));
    const occupant = state.occupants.withNick(nick);
    return occupant ? { jid: occupant.jid, affiliation, ...reason } : stanzaError('item-not-found', say('noSuchNick'));
  }
  const jid = prepareBareJid(rawJid) ?? knownJid(state, rawJid);
  // The room's own address with a nick means the occupant (clients send what they see).
  if (jid === state.jid && rawJid.includes('/')) {
    const occupant = state.occupants.withNick(rawJid.slice(rawJid.indexOf('/') + 1));
    return occupant ? { jid: occupant.jid, affiliation, ...reason } : stanzaError('item-not-found', say('noSuchNick'));
  }
  if (jid === undefined) return stanzaError('jid-malformed', say('itemJid', { jid: rawJid }));
  return { jid, affiliation, ...(nick === undefined ? {} : { nick: tidyNick(prepareResource(nick) ?? nick) || nick }), ...reason };
}

/** A JID that we would not prepare, but that a server has: some accept local parts that RFC 7622 forbids, such as emoji. */
function knownJid(state: RoomState, raw: string): string | undefined {
  const jid = bareOf(raw);
  return state.affiliationRow(jid) || state.occupants.withId(state.idOf(jid)) ? jid : undefined;
}

/** The nick of a real JID in the room: some clients kick by JID. */
function occupantNick(state: RoomState, rawJid: string): string | undefined {
  const bare = prepareBareJid(rawJid);
  return bare === undefined ? undefined : state.occupants.withId(state.idOf(bare))?.nick;
}

/** A list by affiliation or role (§8.5, §9.2, §9.5, §9.8, §10.5, §10.8). */
function sendList(state: RoomState, turn: Turn, iq: Element, elements: readonly Element[], actor: Actor): StanzaError | undefined {
  let inner = '';
  for (const element of elements) {
    const { role, affiliation } = element.attrs as Record<string, string | undefined>;
    if (role !== undefined && affiliation !== undefined) return stanzaError('bad-request', say('itemBoth'));
    if (affiliation !== undefined) {
      if (!isAffiliation(affiliation)) return stanzaError('bad-request', say('itemUnknown', { value: affiliation }));
      if (!mayReadAffiliations(state, actor, affiliation)) return stanzaError('forbidden', say('adminsOnly'));
      const items = affiliationItems(state, affiliation, true);
      // §9.2: each MAY have a reason; a list that would get too long for one stanza goes without.
      inner += items.length > MAX_LIST ? affiliationItems(state, affiliation, false) : items;
    } else if (role !== undefined) {
      if (!isRole(role)) return stanzaError('bad-request', say('itemUnknown', { value: role }));
      if (!mayReadRoles(actor, role)) return stanzaError('forbidden', say('moderatorsOnly'));
      inner += roleItems(state, role);
    } else {
      return stanzaError('bad-request', say('itemNeither'));
    }
  }
  turn.say(iqResult(iq, `<query xmlns="${NS.mucAdmin}">${inner}</query>`));
  return undefined;
}

/**
 * §9.2, §9.5: admins read the ban and member lists. §10.5, §10.8: owners read the owner and admin lists; in a non-anonymous
 * room occupants may, since the lists tell nothing new there (1.35.0).
 */
function mayReadAffiliations(state: RoomState, actor: Actor, affiliation: Affiliation): boolean {
  if (actor.affiliation === 'owner') return true;
  if (affiliation === 'outcast') return isAdmin(actor.affiliation);
  if (affiliation === 'member' && isAdmin(actor.affiliation)) return true;
  if (!state.facts.jidsVisible) return false;
  // §9.5: members may read it from outside too, by the role they would have.
  const fromOutside = affiliation === 'member' && actor.role === 'none' && actor.affiliation !== 'none';
  const role = fromOutside ? state.roleFor(actor.affiliation) : actor.role;
  return state.facts.listReaders.has(role);
}

/** §8.5: moderators read the voice list; §9.8: admins the moderator list. */
function mayReadRoles(actor: Actor, role: Role): boolean {
  return isAdmin(actor.affiliation) || (role !== 'moderator' && actor.role === 'moderator');
}

/** Length of a list above which it has no reasons. */
const MAX_LIST = 200_000;

/** Rows in a stable order. */
function affiliationItems(state: RoomState, affiliation: Affiliation, withReasons: boolean): string {
  return [...state.affiliationRows()]
    .filter((row) => row.affiliation === affiliation)
    .sort((a, b) => (a.jid < b.jid ? -1 : 1))
    .map((row) => {
      const reason = row.reason === null || !withReasons ? '' : `<reason>${escapeText(row.reason)}</reason>`;
      const head = `<item${attributes({ affiliation, jid: row.jid, nick: row.nick })}`;
      return reason === '' ? `${head}/>` : `${head}>${reason}</item>`;
    })
    .join('');
}

/** Full JIDs are shown: who may read this list may see them (§8.5). */
function roleItems(state: RoomState, role: Role): string {
  return [...state.occupants.all()]
    .filter((occupant) => occupant.role === role)
    .map((occupant) => {
      const affiliation = state.affiliationOf(occupant.jid);
      return `<item${attributes({ affiliation, jid: occupant.sessions[0]?.address.jid, nick: occupant.nick, role })}/>`;
    })
    .join('');
}
