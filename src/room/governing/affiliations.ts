/** Changing affiliations (§9.1-9.5, §10.3-10.8): checked all together first, then applied all or nothing (§9.2). */
import { type Actor, affiliationRefusal } from './rights';
import { accountKey, isOwnDomain, type BareJid } from '../../xmpp/fold';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { domainOf, localOf } from '../../xmpp/jid';
import { nickKey, tidyNick } from '../../xmpp/nick';
import { inWords } from '../../words';
import { BY_ITSELF, namedBy, type AuditItem } from '../contract/audit';
import { audit } from '../audit';
import { firstRefusal } from '../contract/feature-set';
import { afterwardsOf, endFrom, endRefusal, endsBefore, withEnd } from './ends';
import { growthRefusal } from './affiliation-limits';
import type { AffiliationItem } from '../contract/commands';
import { announceVersion, isPresent, showChange, welcomeAffiliated, welcomeModerator } from './show-change';
import { remove } from '../occupants/leave';
import { isWorn, nickRefusal } from '../occupants/nicks';
import type { Occupant } from '../occupants/occupants';
import { changeTold, dropOutdated, noteChange } from './list-versions';
import { compareAffiliations, isAdmin, type Affiliation, type Role } from './roles';
import { keptReason } from './reasons';
import type { AffiliationRow, Millis } from '../contract/rows';
import type { Announcement, ListChange, PresenceFacts } from '../contract/saying';
import type { RoomState } from '../state';
import type { Turn } from '../turn';
import { STATUS } from '../occupants/status';

/** The affiliation of exactly this JID, as the lists have it. */
function listed(state: RoomState, jid: BareJid): Affiliation {
  return state.affiliationRow(jid)?.affiliation ?? 'none';
}

/** Whether a nick can be reserved along with this affiliation: a ban takes it away (§9.1), and without any there is no row to keep it. */
function keepsNick({ affiliation }: AffiliationItem): boolean {
  return affiliation !== 'outcast' && affiliation !== 'none';
}

/** Whether an item asks for what already is. */
function isNoChange(state: RoomState, item: AffiliationItem): boolean {
  const row = state.affiliationRow(item.jid);
  const nickStays = item.nick === undefined || !keepsNick(item) || (row?.nick ?? '') === item.nick;
  const reasonStays = item.reason === undefined || !row || row.reason === keptReason(item.reason);
  const lasts = !hasEnd(item) && (row?.expiresAt ?? null) === null;
  return listed(state, item.jid) === item.affiliation && nickStays && reasonStays && lasts;
}

const hasEnd = (item: AffiliationItem): boolean => item.until !== undefined || item.for !== undefined;

/** The items whose condition is met (`only`). */
export function thatHold(state: RoomState, items: readonly AffiliationItem[], now: Millis): readonly AffiliationItem[] {
  return items.filter((item) => {
    const row = state.affiliationRow(item.jid);
    const banned = row?.affiliation === 'outcast';
    if (item.only === 'banned') return banned;
    return item.only === undefined || !banned || !endsBefore(endFrom(item, now), row);
  });
}

/** Those of these people whose affiliation is not yet as the items ask. */
export const changedBy = (state: RoomState, items: readonly AffiliationItem[]): readonly BareJid[] =>
  items.filter((item) => !isNoChange(state, item)).map(({ jid }) => jid);

type Domains = () => ReadonlySet<BareJid>;

/** The domains of who is in and of who is listed: found at most once for all items of a request. */
function knownDomains(state: RoomState): Domains {
  let found: Set<BareJid> | undefined;
  return () => {
    if (found) return found;
    found = new Set();
    for (const row of state.affiliationRows()) found.add(domainOf(row.jid));
    for (const occupant of state.occupants.all()) found.add(domainOf(occupant.jid));
    return found;
  };
}

/** Whether a JID without @ can be a domain: a name without a dot only if somebody is known to be there; it may be half an address. */
function canBeDomain(state: RoomState, jid: BareJid, known: Domains): boolean {
  return /[.[]/.test(jid) || state.env.policy.knowsDomain?.(jid) === true || known().has(jid);
}

/** Why this address can have no affiliation: it is no person's. One that is listed all the same can be taken off the list. */
function addressRefusal(state: RoomState, { jid, affiliation }: AffiliationItem, known: Domains): StanzaError | undefined {
  if (affiliation === 'none') return undefined;
  const domain = domainOf(jid);
  if (domain === domainOf(state.jid)) return stanzaError('not-acceptable', inWords('itemService'));
  if (!jid.includes('@') && !canBeDomain(state, jid, known)) return stanzaError('not-acceptable', inWords('itemDomain', { jid }));
  return localOf(jid) === '*' ? stanzaError('not-acceptable', inWords('itemWildcard', { jid, domain })) : undefined;
}

/** An item whose nick cannot be reserved, because somebody else goes by it. */
export type Unreserved = AffiliationItem & { readonly nick: string };

/**
 * The affiliation does not wait for the nick: one that somebody else goes by, or that looks like it, is not reserved, and whoever
 * asked is told so. Returns what is left to be done, and the items with such a nick.
 */
export function withoutWornNicks(state: RoomState, items: readonly AffiliationItem[]): [AffiliationItem[], Unreserved[]] {
  const unreserved: Unreserved[] = [];
  const left = items.map((item) => {
    const { nick, ...rest } = item;
    if (nick === undefined || nick === '' || !keepsNick(item) || !isWorn(state, item.jid, nick)) return item;
    unreserved.push({ ...rest, nick });
    return rest;
  });
  return [left, unreserved];
}

/** Why these changes cannot be made, or undefined. */
export function affiliationsRefusal(state: RoomState, actor: Actor, items: readonly AffiliationItem[]): StanzaError | undefined {
  const after = new Map<BareJid, Affiliation>();
  const ending = new Set<BareJid>();
  const reserved = new Map<string, BareJid>();
  const freed = givenUp(state, items);
  const known = knownDomains(state);
  for (const item of items) {
    after.set(item.jid, item.affiliation);
    if (hasEnd(item)) ending.add(item.jid);
    else ending.delete(item.jid);
    // An item equal to the present state does not spoil the request of an admin. To others it would tell the list.
    if (isNoChange(state, item) && (actor.jid === null || isAdmin(actor.affiliation))) continue;
    const target = { jid: item.jid, affiliation: listed(state, item.jid) };
    const refusal =
      affiliationRefusal(actor, target, item.affiliation) ??
      itemEndRefusal(item, state.time) ??
      addressRefusal(state, item, known) ??
      reservationRefusal(state, item, reserved, freed) ??
      refusedBefore(state, actor, item);
    if (refusal) return refusal;
  }
  return lastOwnerRefusal(state, after, ending) ?? growthRefusal(state, after);
}

/** Features from outside are asked about each change. */
function refusedBefore(state: RoomState, actor: Actor, { jid, affiliation, reason }: AffiliationItem): StanzaError | undefined {
  const stage = state.env.features.beforeAffiliation;
  const before = listed(state, jid);
  if (stage.length === 0 || before === affiliation) return undefined;
  return firstRefusal(stage, 'beforeAffiliation', { room: state, actor, jid, before, after: affiliation, reason });
}

/** Whoever has no affiliation has none that could end. */
function itemEndRefusal(item: AffiliationItem, now: Millis): StanzaError | undefined {
  if (!hasEnd(item)) return undefined;
  if (item.affiliation === 'none') return stanzaError('bad-request', inWords('endOfNone'));
  if (item.until !== undefined && item.for !== undefined) return stanzaError('bad-request', inWords('endTwice'));
  return endRefusal(item, now);
}

/**
 * §10.4: the last owner cannot be removed, also not by several items together, and not by an end that comes later: an owner with an end is not one who stays.
 * `ending`: whose item has an end.
 */
function lastOwnerRefusal(
  state: RoomState,
  after: ReadonlyMap<BareJid, Affiliation>,
  ending: ReadonlySet<BareJid>,
): StanzaError | undefined {
  const limits = (jid: BareJid): boolean => ending.has(jid) && state.affiliationRow(jid)?.expiresAt === null;
  const takesOne = [...after].some(([jid, affiliation]) => listed(state, jid) === 'owner' && (affiliation !== 'owner' || limits(jid)));
  if (!takesOne) return undefined;
  for (const { jid, expiresAt } of state.affiliations.of('owner')) if (!after.has(jid) && expiresAt === null) return undefined;
  for (const [jid, affiliation] of after) if (affiliation === 'owner' && !ending.has(jid)) return undefined;
  return stanzaError('conflict', inWords('lastOwner'));
}

/** Whose reserved nicks are free after all of the request. Of several items of one JID, the last decides. */
function givenUp(state: RoomState, items: readonly AffiliationItem[]): ReadonlySet<BareJid> {
  const freed = new Set<BareJid>();
  for (const item of items) {
    const nick = state.affiliationRow(item.jid)?.nick;
    const stays = keepsNick(item) && (item.nick === undefined || nickKey(item.nick) === nickKey(nick ?? ''));
    if (stays) freed.delete(item.jid);
    else freed.add(item.jid);
  }
  return freed;
}

/** §9.3: a nick given with an item is reserved, so it must be possible and nobody else's, also by an earlier item. */
function reservationRefusal(
  state: RoomState,
  item: AffiliationItem,
  reserved: Map<string, BareJid>,
  freed: ReadonlySet<BareJid>,
): StanzaError | undefined {
  if (item.nick === undefined || item.nick === '' || !keepsNick(item)) return undefined;
  const key = nickKey(item.nick);
  if ((reserved.get(key) ?? item.jid) !== item.jid) return stanzaError('conflict', inWords('nickReserved'));
  reserved.set(key, item.jid);
  return nickRefusal(state, item.jid, item.nick, freed);
}

/**
 * Makes changes that were not refused. The removed are told at once, the others by the function that is returned: an IQ
 * result goes between the two (§9.1-9.4). The room may be empty after it (`endIfEmpty`).
 */
export function setAffiliations(state: RoomState, turn: Turn, actor: Actor, items: readonly AffiliationItem[]): () => void {
  const later: (() => void)[] = [];
  const byDomain = domains(state);
  const bySpelling = spellings(state);
  const changed: AuditItem[] = [];
  for (const item of items) {
    if (isNoChange(state, item)) {
      for (const feature of state.env.features.listedAgain) feature.listedAgain?.(state, turn, item.jid);
      continue;
    }
    // "" unsets it (§9.3).
    const kept = item.nick === undefined ? (state.affiliationRow(item.jid)?.nick ?? null) : item.nick === '' ? null : tidyNick(item.nick);
    const listedBefore = listed(state, item.jid);
    const rowBefore = state.affiliationRow(item.jid);
    const expiresAt = endFrom(item, turn.stamp);
    const affected = concerned(state, item, byDomain, bySpelling);
    const before = new Map(affected.map((occupant) => [occupant, state.affiliationOf(occupant.jid)]));
    const row: AffiliationRow | null =
      item.affiliation === 'none'
        ? null
        : {
            jid: item.jid,
            affiliation: item.affiliation,
            nick: keepsNick(item) ? kept : null,
            reason: reasonAfter(state, item),
            setBy: actor.jid,
            setByName: namedBy(actor.by),
            // Whom the room itself gives back what they had, nobody listed anew: a ban of another spelling goes on holding.
            setAt: actor.by === BY_ITSELF && rowBefore?.expiresAt != null ? rowBefore.setAt : turn.stamp,
            expiresAt,
            afterwards: expiresAt === null ? null : afterwardsOf(item, rowBefore),
          };
    state.setAffiliation(turn, item.jid, row);
    const lists = noteChange(state, turn, { jid: item.jid, before: listedBefore, after: item.affiliation });
    changed.push(auditItem(item, listedBefore, rowBefore ?? null, row));
    const why = whyOf(actor, item);
    const occupant = affected.find(({ jid }) => jid === item.jid);
    for (const one of affected)
      later.push(...applyTo(state, turn, one, before.get(one) as Affiliation, one === occupant && lists ? { ...why, lists } : why));
    if (listedBefore === item.affiliation) continue;
    const nick = occupant?.nick ?? kept ?? undefined;
    const present = occupant !== undefined;
    const change = {
      room: state,
      turn,
      jid: item.jid,
      nick,
      before: listedBefore,
      after: item.affiliation,
      present,
      actor,
      reason: item.reason,
      lists,
    };
    later.push(() => {
      for (const feature of state.env.features.affiliated) feature.affiliated?.(change);
      if (!lists) return;
      sayUnsaid(state, turn, { jid: item.jid, affiliation: item.affiliation }, lists);
      changeTold(state, lists);
    });
  }
  audit(state, turn, actor, 'set-affiliations', changed);
  return () => {
    for (const tell of later) tell();
    if (state.facts.listVersions && state.exists && changed.length > 0) dropOutdated(state, turn);
  };
}

/** A change that nobody was told of with its version: of somebody whose presence the others do not see, or whose affiliation in force is the same as before. */
function sayUnsaid(state: RoomState, turn: Turn, change: Announcement, lists: ListChange): void {
  if (state.occupants.count === 0) return;
  state.writeSaying(turn, { kind: 'lists' });
  if (lists.said) return;
  // Their own clients were told with their presence, if it changed.
  const own = state.occupants.withId(state.idOf(change.jid));
  announceVersion(state, turn, change, lists, own && lists.own ? own : null);
}

/** With the nick that is reserved, where that changed. */
function auditItem(
  { jid, affiliation, reason }: AffiliationItem,
  before: Affiliation,
  rowBefore: AffiliationRow | null,
  row: AffiliationRow | null,
): AuditItem {
  const nickStays = (rowBefore?.nick ?? null) === (row?.nick ?? null);
  const named = (one: Affiliation, as: AffiliationRow | null): string => {
    const text = withEnd(one, as?.expiresAt);
    return nickStays || as === null || as.nick === null ? text : `${text} (${as.nick})`;
  };
  return { object: jid, before: named(before, rowBefore), after: named(affiliation, row), reason: reason ?? null };
}

/** The reason given now; without one, the reason of the present affiliation if it stays. */
function reasonAfter(state: RoomState, { jid, affiliation, reason }: AffiliationItem): string | null {
  if (reason !== undefined) return keptReason(reason);
  return listed(state, jid) === affiliation ? (state.affiliationRow(jid)?.reason ?? null) : null;
}

type ByDomain = () => ReadonlyMap<BareJid, readonly Occupant[]>;

/** Who is in, by domain: found at most once for all items of a request. */
function domains(state: RoomState): ByDomain {
  let found: Map<BareJid, Occupant[]> | undefined;
  return () => {
    if (found) return found;
    found = new Map();
    for (const occupant of state.occupants.all()) {
      const domain = domainOf(occupant.jid);
      const there = found.get(domain);
      if (there) there.push(occupant);
      else found.set(domain, [occupant]);
    }
    return found;
  };
}

/** Who is in from other servers under an address that may be spelt otherwise there, by the key of all spellings: found at most once for all items. */
function spellings(state: RoomState): ByDomain {
  let found: Map<BareJid, Occupant[]> | undefined;
  return () => {
    if (found) return found;
    found = new Map();
    for (const occupant of state.occupants.all()) {
      const key = accountKey(occupant.jid);
      if (key === occupant.jid) continue;
      const same = found.get(key);
      if (same) same.push(occupant);
      else found.set(key, [occupant]);
    }
    return found;
  };
}

/** Who is in under another address that may be the same account. */
function alike(state: RoomState, jid: BareJid, bySpelling: ByDomain): Occupant[] {
  if (isOwnDomain(domainOf(jid))) return [];
  const key = accountKey(jid);
  const plain = key === jid ? undefined : state.occupants.withId(state.idOf(key));
  return [...(plain ? [plain] : []), ...(bySpelling().get(key) ?? []).filter((occupant) => occupant.jid !== jid)];
}

/** The occupants for whom an affiliation of this JID or domain is the one in force; a ban is in force for all who may be the same account. */
function concerned(state: RoomState, item: AffiliationItem, byDomain: ByDomain, bySpelling: ByDomain): readonly Occupant[] {
  const { jid } = item;
  const own = state.occupants.withId(state.idOf(jid));
  if (jid.includes('@')) return [...(own ? [own] : []), ...(item.affiliation === 'outcast' ? alike(state, jid, bySpelling) : [])];
  return (byDomain().get(jid) ?? []).filter(
    (occupant) => isPresent(state, occupant) && (occupant === own || state.affiliationRow(occupant.jid) === undefined),
  );
}

type Why = Pick<PresenceFacts, 'actorNick' | 'reason' | 'lists'>;

/** What presence says of why an affiliation changed: the same to all whom it concerns. */
function whyOf({ nick }: Actor, { reason }: AffiliationItem): Why {
  return { ...(nick === undefined ? {} : { actorNick: nick }), ...(reason === undefined ? {} : { reason }) };
}

/** What a changed affiliation does to somebody in the room. */
function applyTo(state: RoomState, turn: Turn, occupant: Occupant, before: Affiliation, why: Why): (() => void)[] {
  const affiliation = state.affiliationOf(occupant.jid);
  if (affiliation === before) return [];
  if (affiliation === 'outcast') return [remove(state, turn, occupant, { affiliation, ...why, codes: [STATUS.banned] })];
  // §9.4: no available presence before the removal of somebody who may not be there any more.
  if (affiliation === 'none' && state.facts.membersOnly)
    return [remove(state, turn, occupant, { affiliation, ...why, codes: [STATUS.affiliationRemoved] })];
  const wasModerator = occupant.role === 'moderator';
  state.occupants.setRole(occupant, roleAfter(state, occupant, before, affiliation));
  return [
    () => {
      // A later item of the same request may have removed them.
      if (!isPresent(state, occupant)) return;
      showChange(state, turn, occupant, why);
      if (why.lists) why.lists.own = true;
      if (!wasModerator && occupant.role === 'moderator') welcomeModerator(state, turn, occupant);
      else if (compareAffiliations(affiliation, before) > 0) welcomeAffiliated(state, turn, occupant);
    },
  ];
}

/** The role after a change of affiliation: admins are moderators; others keep theirs if they came by it otherwise, and no affiliation below admin ends a mute. */
function roleAfter(state: RoomState, { role, jid }: Occupant, before: Affiliation, affiliation: Affiliation): Role {
  if (affiliation === 'owner' || affiliation === 'admin') return 'moderator';
  if (before !== 'owner' && before !== 'admin' && role !== 'visitor') return role;
  if (state.isSilenced(jid)) return 'visitor';
  if (before === 'owner' || before === 'admin') return state.roleFor(affiliation);
  return affiliation === 'member' ? 'participant' : role;
}
