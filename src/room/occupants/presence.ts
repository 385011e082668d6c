/** Occupants' presence as the room sends it: one template per audience, and who gets which (§7.2.2-7.2.4, §14.5). */
import type { PresenceFacts } from '../contract/saying';
import { langOf } from '../../xmpp/lengths';
import { NS } from '../../xmpp/ns';
import {
  attributes,
  child,
  childElements,
  escapeAttribute,
  escapeText,
  localName,
  namespaceOf,
  serialize,
  textOf,
  type Element,
} from '../../xmpp/xml';
import type { Address, Outgoing } from '../../xmpp/outgoing';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { inWords } from '../../words';
import type { Role } from '../governing/roles';
import { differsByAffiliation } from '../contract/additions';
import { addedFor, additionsTo, type Audience } from './additions';
import { groupsByVersion, groupsOf, withoutOwn, type Group } from './groups';
import { changeMark, heldReach, presentMark } from '../governing/list-versions';
import { isEntering, type Entering, type Occupant, type Session } from './occupants';
import type { RoomState } from '../state';
import { STATUS, statusXml } from './status';
import { passOn, type Passed } from '../talking/room-only';
import type { Turn } from '../turn';

/** A presence's `rest` (see Outgoing) for one audience. */
export function presenceRest(
  state: RoomState,
  facts: PresenceFacts,
  audience: Audience & { readonly id?: string | undefined; readonly mark?: string | undefined },
): string {
  const codes = audience.self ? [STATUS.selfPresence, ...facts.codes, ...(facts.selfCodes ?? [])].sort((a, b) => a - b) : facts.codes;
  const actor =
    facts.actorNick !== undefined
      ? `<actor nick="${escapeAttribute(facts.actorNick)}"/>`
      : facts.actorJid !== undefined
        ? `<actor jid="${escapeAttribute(facts.actorJid)}"/>`
        : '';
  const reason = facts.reason === undefined ? '' : `<reason>${escapeText(facts.reason)}</reason>`;
  const item = attributes({
    affiliation: facts.affiliation,
    jid: audience.jid ? facts.realJid : undefined,
    nick: facts.newNick,
    role: facts.role,
  });
  const itemXml = actor + reason === '' ? `<item${item}/>` : `<item${item}>${actor}${reason}</item>`;
  const { conditions } = state.env.policy.rooms;
  const status = codes.map((code) => statusXml(code, conditions)).join('');
  const head = attributes({ id: audience.id, type: facts.unavailable ? 'unavailable' : undefined });
  const occupantId = facts.occupantId === null ? '' : `<occupant-id xmlns="${NS.occupantId}" id="${facts.occupantId}"/>`;
  const added = facts.added === undefined ? '' : addedFor(facts.added, audience);
  return `${head}>${facts.content}${added}<x xmlns="${NS.mucUser}">${audience.mark ?? ''}${itemXml}${facts.destroy ?? ''}${status}</x>${occupantId}</presence>`;
}

/** An occupant's present state. */
export function presenceOf(state: RoomState, occupant: Occupant, more: Partial<PresenceFacts> = {}): PresenceFacts {
  const shown = occupant.sessions[0] as Session;
  const affiliation = state.affiliationOf(occupant.jid);
  const added = more.unavailable ? undefined : additionsTo(state, occupant, affiliation);
  return {
    affiliation,
    role: occupant.role,
    realJid: shown.jid,
    codes: [],
    occupantId: occupant.id,
    content: shown.presence,
    added,
    ...more,
  };
}

/** A text that keeps the language its stanza stated, unless it has its own: the content is said in stanzas that state none. */
function withLang(element: Element, lang: string | undefined): string {
  const text = serialize(element);
  if (lang === undefined || lang === '' || element.attrs['xml:lang'] !== undefined) return text;
  return text.replace(/^<[^\s/>]+/, (head) => head + attributes({ 'xml:lang': lang }));
}

/** What of a client's presence others see: all but what only the room may say (`talking/room-only.ts`). */
export function presenceContent(stanza: Element, room: Passed, withStatus = true): string {
  let out = '';
  for (const element of childElements(stanza)) {
    const isStatus = localName(element) === 'status' && namespaceOf(element) === '';
    if (!isStatus) out += passOn(element, room, 'presence');
    else if (withStatus) out += withLang(element, langOf(stanza));
  }
  return out;
}

/** The same of the stanza that is decided, made once: it is asked whether it is too long, and then for itself. */
function ownContent(state: RoomState, turn: Turn, stanza: Element): string {
  return (turn.presenceContent ??= presenceContent(stanza, state));
}

/**
 * The same of an occupant in that role. Where visitors may not send a status text, it is left out: clients put the one they have
 * into every join and departure, and neither is refused for it.
 */
export function shownContent(state: RoomState, turn: Turn, stanza: Element, role: Role): string {
  const withStatus = role !== 'visitor' || state.facts.visitorStatus;
  return withStatus ? ownContent(state, turn, stanza) : presenceContent(stanza, state, false);
}

/** Why what a client adds to its presence is too long to be kept, and told to everybody who enters, or undefined. */
export function longPresence(state: RoomState, turn: Turn, stanza: Element): StanzaError | undefined {
  const max = state.env.policy.limits.presenceBytes;
  return fits(ownContent(state, turn, stanza), max) ? undefined : stanzaError('policy-violation', inWords('presenceLong', { max }));
}

/** The content of a departure: nobody is kept from leaving, so one that is too long says nothing. */
export function departureContent(state: RoomState, turn: Turn, stanza: Element, role: Role): string {
  const content = shownContent(state, turn, stanza, role);
  return fits(content, state.env.policy.limits.presenceBytes) ? content : '';
}

const fits = (content: string, max: number): boolean => content.length <= max / 3 || Buffer.byteLength(content) <= max;

/** The priority a presence states: -128 to 127, 0 if none (RFC 6121 §4.7.2.3). */
export function priorityOf(stanza: Element): number {
  const element = child(stanza, 'priority', '');
  const value = element ? Number.parseInt(textOf(element), 10) : 0;
  return value >= -128 && value <= 127 ? value : 0;
}

/** One recipient's live stanza: sent at once, or held while they are still entering. */
export function sayTo(state: RoomState, turn: Turn, session: Session, out: Omit<Outgoing, 'to'>): void {
  const { name, from, rest, kind = 'reply' } = out;
  const stanza: Outgoing = { name, from, to: [session.address], rest, kind };
  if (isEntering(session)) hold(state, turn, session, stanza);
  else turn.say(stanza);
}

/** Keeps a live stanza for somebody entering; beyond the bounds, history is given up and the session goes live after this turn. */
function hold(state: RoomState, turn: Turn, session: Entering, stanza: Outgoing): void {
  if (state.occupants.isEnteringAside) return;
  const bounds = { messages: state.env.policy.limits.heldForEntering, occupants: state.occupants.count };
  if (!session.entry.hold(stanza, bounds)) turn.overflow(session);
}

/** Says one stanza to a list (a reply unless it is marked: said once), and keeps it for those entering who belong to the audience. */
export function sayToAll(
  state: RoomState,
  turn: Turn,
  out: Omit<Outgoing, 'to'>,
  to: readonly Address[],
  entering: readonly Entering[],
): void {
  // Spelt out: a spread costs a microsecond, and this is said of every message.
  const { name, from, rest, kind = 'reply', except } = out;
  if (except) {
    if (to.length > except.length) turn.say({ name, from, to, rest, kind, except });
  } else if (to.length > 0) turn.say({ name, from, to, rest, kind });
  for (const session of entering) hold(state, turn, session, { name, from, to: [session.address], rest, kind });
}

/**
 * Shows the others an occupant's present state, if they see that role (§7.2.2, presencebroadcast); if they no longer
 * see it, unavailable presence.
 */
export function showToOthers(state: RoomState, turn: Turn, occupant: Occupant, facts: PresenceFacts = presenceOf(state, occupant)): void {
  const seen = state.facts.broadcast.has(occupant.role);
  if (seen) tellOthers(state, turn, occupant.from, facts, occupant);
  else if (occupant.visible) vanish(state, turn, occupant);
  occupant.visible = seen;
}

/** Tells those who saw an occupant until now, and remembers it until it is delivered: the occupant's row does not tell who had seen them. */
function vanish(state: RoomState, turn: Turn, occupant: Occupant): void {
  const facts = presenceOf(state, occupant, { unavailable: true, role: 'none', content: '' });
  state.writeSaying(turn, { kind: 'vanished', nick: occupant.nick, facts });
  tellOthers(state, turn, occupant.from, facts, occupant);
}

/**
 * Tells everybody but `subject`'s own sessions about `subject`: those entitled with the real JID, the others without.
 * `from` is the occupant JID it is said from.
 */
export function tellOthers(state: RoomState, turn: Turn, from: string, facts: PresenceFacts, subject: Occupant | null): void {
  if (facts.lists) {
    tellGroups(state, turn, { from, facts }, groupsByVersion(state, facts.lists), subject);
    return;
  }
  if (facts.added && differsByAffiliation(facts.added)) {
    tellGroups(state, turn, { from, facts }, groupsOf(state), subject);
    return;
  }
  const { moderators, others, entering } = state.occupants.audiences;
  // All that is said of a thousand people shares these lists. Whoever is entering is in none yet.
  const { except } = ownAddresses(subject);
  const isModerator = subject?.role === 'moderator';
  const heldFor = (moderator: boolean) =>
    entering.length === 0
      ? entering
      : entering.filter((session) => session.occupant !== subject && (session.occupant.role === 'moderator') === moderator);
  // Spelt out, as in `sayToAll`.
  const saying = (rest: string, theirs: boolean): Omit<Outgoing, 'to'> =>
    theirs && except ? { name: 'presence', from, rest, kind: 'fan-out', except } : { name: 'presence', from, rest, kind: 'fan-out' };
  const rest = presenceRest(state, facts, { jid: true, self: false, moderator: true });
  sayToAll(state, turn, saying(rest, isModerator), moderators, heldFor(true));
  const same = state.facts.jidsVisible && !facts.added?.moderators;
  const plain = same ? rest : presenceRest(state, facts, { jid: state.facts.jidsVisible, self: false });
  sayToAll(state, turn, saying(plain, !isModerator), others, heldFor(false));
}

/** The same where some get another text than others: one for each group. `subject`: whose sessions are in the groups and get none. */
function tellGroups(
  state: RoomState,
  turn: Turn,
  { from, facts }: { readonly from: string; readonly facts: PresenceFacts },
  groups: readonly Group[],
  subject: Occupant | null,
): void {
  for (const group of groups) {
    const { moderator, affiliation, to, entering, mark } = group;
    const rest = presenceRest(state, facts, { jid: moderator || state.facts.jidsVisible, self: false, moderator, affiliation, mark });
    const held = entering.filter(({ occupant }) => occupant !== subject);
    sayToAll(state, turn, { name: 'presence', from, rest, kind: 'fan-out', ...withoutOwn(state, group, subject) }, to, held);
  }
}

/** The exception that leaves out an occupant's own live sessions, if there are any. */
export function ownAddresses(occupant: Occupant | null): Pick<Outgoing, 'except'> {
  const own = (occupant?.sessions ?? []).filter((session) => !isEntering(session)).map((session) => session.address);
  return own.length === 0 ? {} : { except: own };
}

interface Telling {
  /** Not all of their sessions. */
  readonly sessions?: readonly Session[];
  /** Not their present occupant JID. */
  readonly from?: string;
  /** The stanza that it answers, which keeps its id. */
  readonly request?: { readonly session: Session; readonly id: string | undefined } | undefined;
}

/** Sends an occupant's own sessions their presence, with 110. */
export function tellSelf(state: RoomState, turn: Turn, occupant: Occupant, facts: PresenceFacts, how: Telling = {}): void {
  const { sessions = occupant.sessions, from = occupant.from, request } = how;
  const { role } = occupant;
  for (const session of sessions) {
    const id = request?.session === session ? request.id : undefined;
    const mark = ownMark(state, session, facts);
    const audience = { jid: state.seesJids(role), self: true, moderator: role === 'moderator', affiliation: facts.affiliation, id, mark };
    const rest = presenceRest(state, facts, audience);
    sayTo(state, turn, session, { name: 'presence', from, rest, kind: 'fan-out' });
  }
}

/** The version of the lists in a session's own presence: what it tells changes them, or leaves them as they are. */
export function ownMark(state: RoomState, session: Session, { unavailable, lists }: PresenceFacts): string {
  if (unavailable) return '';
  return (lists && changeMark(lists, heldReach(state, session))) || presentMark(state, session);
}
