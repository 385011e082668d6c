/** The `muc#admin` protocol (§8-9): reading items, and turning them into commands. Lists are read by admin-lists.ts. */
import { NS } from '../../xmpp/ns';
import { child, childElements, escapeText, localName, namespaceOf, textOf, type Element } from '../../xmpp/xml';
import { foldBare, type FullJid } from '../../xmpp/fold';
import { bareOf } from '../../xmpp/jid';
import { tidyNick } from '../../xmpp/nick';
import { outgoing } from '../../xmpp/outgoing';
import { prepareResource } from '../../xmpp/prepare';
import { iqResult, stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { short } from '../../xmpp/short';
import { languageFor } from '../../xmpp/language';
import { personsLanguage } from '../language';
import { inWords } from '../../words';
import { sendLists } from './admin-lists';
import { affiliationsRefusal, setAffiliations, withoutWornNicks } from './affiliations';
import type { Actor } from './rights';
import type { AffiliationItem, RoleItem } from '../contract/commands';
import { endIfEmpty } from '../occupants/leave';
import { isAdmin, isAffiliation, isRole } from './roles';
import { saidReason } from './reasons';
import { rolesRefusal, setRoles } from './kick-and-voice';
import type { RoomState } from '../state';
import type { Turn } from '../turn';
import { writtenAddress } from './written-jid';

/** Items in one request. */
const MAX_ITEMS = 1000;

/** Who sends a stanza, as far as rights go. */
export function actorOf(state: RoomState, from: FullJid): Actor {
  const occupant = state.occupants.session(from)?.occupant;
  const jid = bareOf(from);
  return { jid, affiliation: state.affiliationOf(jid), role: occupant?.role ?? 'none', nick: occupant?.nick };
}

/** An IQ with `<query xmlns='…muc#admin'/>`. Returns the refusal, if any. */
export function adminIq(state: RoomState, turn: Turn, iq: Element, query: Element, from: FullJid): StanzaError | undefined {
  const items = childElements(query).filter((element) => localName(element) === 'item' && namespaceOf(element) === NS.mucAdmin);
  if (items.length === 0) return stanzaError('bad-request', inWords('queryEmpty'));
  if (items.length > MAX_ITEMS) return stanzaError('policy-violation', inWords('itemsMany', { max: MAX_ITEMS }));
  const actor = actorOf(state, from);
  return iq.attrs['type'] === 'get' ? sendLists(state, turn, iq, { query, items, actor }) : change(state, turn, iq, items, actor);
}

function change(state: RoomState, turn: Turn, iq: Element, elements: readonly Element[], actor: Actor): StanzaError | undefined {
  const affiliations: AffiliationItem[] = [];
  const roles: RoleItem[] = [];
  for (const element of elements) {
    const item = readItem(state, element);
    if ('condition' in item) return concealed(actor, element, item);
    if (probes(state, actor, element)) return stanzaError('forbidden', inWords('moderatorsOnly'));
    if ('affiliation' in item) affiliations.push(item);
    else roles.push(item);
  }
  const [changes, unreserved] = withoutWornNicks(state, affiliations);
  const refusal = rolesRefusal(state, actor, roles) ?? affiliationsRefusal(state, actor, changes);
  if (refusal) return refusal;
  // §8.2: the kicked, the result, the others. §9.2: the result, "then" the banned and the others.
  const tellOfRoles = setRoles(state, turn, actor, roles);
  turn.say(iqResult(iq, ''));
  const language = languageFor(iq, actor.jid === null ? undefined : personsLanguage(state, actor.jid));
  for (const { nick } of unreserved) {
    const text = escapeText(inWords('nickInUse', { nick }).in(language));
    turn.say(outgoing('message', state.jid, iq.attrs['from'] as string, {}, `<body>${text}</body>`));
  }
  const tellOfAffiliations = setAffiliations(state, turn, actor, changes);
  tellOfRoles();
  tellOfAffiliations();
  endIfEmpty(state, turn);
  return undefined;
}

/** Who may not make such a change at all is told just that, and not who is in or which JID is none. */
function concealed(actor: Actor, element: Element, refusal: StanzaError): StanzaError {
  if (refusal.condition === 'bad-request' || isAdmin(actor.affiliation)) return refusal;
  if (element.attrs['affiliation'] !== undefined) return stanzaError('forbidden', inWords('adminsOnly'));
  return actor.role === 'moderator' ? refusal : stanzaError('forbidden', inWords('moderatorsOnly'));
}

/**
 * Whether an item gives a role to somebody whose JID the asker may not see (§14.5). The asker could not change the role, but an
 * item that asks for the present one succeeds, and so would reveal that this JID is in the room.
 */
function probes(state: RoomState, actor: Actor, element: Element): boolean {
  const { role, jid, nick } = element.attrs as Record<string, string | undefined>;
  if (role === undefined || jid === undefined || nick !== undefined) return false;
  return !isAdmin(actor.affiliation) && !state.seesJids(actor.role) && foldBare(jid.trim()) !== actor.jid;
}

/** One item of a set (§17.4: a role or an affiliation, not both). */
function readItem(state: RoomState, element: Element): AffiliationItem | RoleItem | StanzaError {
  const { role, affiliation, nick } = element.attrs as Record<string, string | undefined>;
  const rawJid = (element.attrs['jid'] as string | undefined)?.trim();
  if (role !== undefined && affiliation !== undefined) return stanzaError('bad-request', inWords('itemBoth'));
  const reasonElement = child(element, 'reason', NS.mucAdmin);
  const reason = reasonElement && textOf(reasonElement) !== '' ? { reason: saidReason(textOf(reasonElement)) } : {};
  if (role !== undefined) {
    if (!isRole(role)) return stanzaError('bad-request', inWords('itemUnknown', { value: short(role) }));
    const byJid = rawJid === undefined ? undefined : occupantNick(state, rawJid);
    const who = nick ?? byJid;
    if (who === undefined)
      return rawJid === undefined ? stanzaError('bad-request', inWords('itemWho')) : stanzaError('item-not-found', inWords('noSuchNick'));
    return { nick: who, role, ...reason };
  }
  if (affiliation === undefined) return stanzaError('bad-request', inWords('itemNeither'));
  if (!isAffiliation(affiliation)) return stanzaError('bad-request', inWords('itemUnknown', { value: short(affiliation) }));
  if (rawJid === undefined) {
    if (nick === undefined) return stanzaError('bad-request', inWords('itemWho'));
    const occupant = state.occupants.withNick(nick);
    return occupant ? { jid: occupant.jid, affiliation, ...reason } : stanzaError('item-not-found', inWords('noSuchNick'));
  }
  const address = writtenAddress(state, rawJid);
  if (address === 'nobody') return stanzaError('item-not-found', inWords('noSuchNick'));
  if (address === 'malformed') return stanzaError('jid-malformed', inWords('itemJid', { jid: short(rawJid) }));
  const { jid, occupant } = address;
  if (occupant) return { jid, affiliation, ...reason };
  return { jid, affiliation, ...(nick === undefined ? {} : { nick: tidyNick(prepareResource(nick) ?? nick) || nick }), ...reason };
}

/** The nick of a real JID in the room, or of an occupant as clients show them: some clients kick by JID. */
function occupantNick(state: RoomState, rawJid: string): string | undefined {
  const address = writtenAddress(state, rawJid);
  if (typeof address === 'object' && address.occupant) return address.occupant.nick;
  return state.occupants.withId(state.idOf(foldBare(rawJid)))?.nick;
}
