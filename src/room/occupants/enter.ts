/** Entering a room (§7.1-7.2): the checks, the order in which the joiner is told everything, and coming in again (§17.3). */
import { languageFor, languageOf } from '../../xmpp/language';
import type { BareJid, FullJid } from '../../xmpp/fold';
import { NS } from '../../xmpp/ns';
import { bareOf } from '../../xmpp/jid';
import { address } from '../../xmpp/outgoing';
import { tidyNick } from '../../xmpp/nick';
import { errorReply, stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { child, type Element } from '../../xmpp/xml';
import { inWords } from '../../words';
import type { Actor } from '../governing/rights';
import { audit } from '../audit';
import { namedBy } from '../contract/audit';
import { WAITS } from '../checks';
import { firstRefusal } from '../contract/feature-set';
import { rosterWaits, sayOwnPresence, sayRoster } from './roster';
import { leadsElsewhere, tombstoneError } from '../configuring/tombstone';
import { newSecret } from '../talking/ids';
import { historyRequest, readHistory } from '../talking/history';
import type { ListQuestion } from './entry';
import { assignedNick, nickRefusal } from './nicks';
import type { Entering, Session } from './occupants';
import { makeRoomForSession } from './leave';
import { longPresence, presenceOf, presenceRest, priorityOf, shownContent, showToOthers, tellSelf } from './presence';
import type { RoomState } from '../state';
import { switchStays } from './stays';
import type { Turn } from '../turn';
import { STATUS, type StatusCode } from './status';

/** A stanza with `<x xmlns='…/muc'/>` from somebody who has no session here. */
export function enter(state: RoomState, turn: Turn, stanza: Element, from: FullJid, nick: string): void {
  const created = !state.exists;
  const jid = bareOf(from);
  const wanted = (created ? undefined : assignedNick(state, jid)) ?? tidyNick(nick);
  const refusal = created ? creationRefusal(state, turn, stanza, from, wanted) : entryRefusal(state, turn, stanza, from, wanted);
  if (refusal === WAITS) return;
  if (refusal) {
    const reply = errorReply(stanza, refusal, state.jid);
    if (reply) turn.say(reply);
    return;
  }
  if (created) create(state, turn, jid, creatorOf(jid));
  const own = state.occupants.withId(state.idOf(jid));
  if (own) makeRoomForSession(state, turn, own);
  const occupant = own ?? state.occupants.add({ id: state.idOf(jid), jid, nick: wanted, role: state.roleOnEntry(jid), rev: 0 });
  const session = state.occupants.attach(
    {
      jid: from,
      ...spellingOf(stanza, from),
      occupantId: occupant.id,
      presence: shownContent(state, turn, stanza, occupant.role),
      priority: priorityOf(stanza),
      entering: true,
      askedNick: occupant.nick === nick ? null : nick,
      joinedAt: turn.stamp,
      heldLists: heldAtFirst(stanza),
    },
    occupant,
  );
  session.language = languageOf(stanza);
  state.used = turn.stamp;
  state.writeOccupant(turn, occupant);
  state.writeSession(turn, session);
  const codes = [...(created ? [STATUS.roomCreated] : []), ...(session.askedNick === null ? [] : [STATUS.nickAssigned])];
  const shown = occupant.sessions[0] === session;
  welcome(state, turn, session, { codes, id: stanza.attrs['id'] as string | undefined, tellOthersToo: !own || shown, stanza });
  if (!own) for (const feature of state.env.features.entered) feature.entered?.(state, turn, occupant, session);
  for (const feature of state.env.features.joined) feature.joined?.(state, turn, occupant, session);
}

/** §10.1.1: who may not create rooms gets `not-allowed` and no details. */
const mayNotCreate = (): StanzaError => stanzaError('not-allowed', inWords('mayNotCreate'));

/** Why somebody cannot create this room (§10.1.1: `not-allowed` and nothing else), or undefined. */
function creationRefusal(state: RoomState, turn: Turn, stanza: Element, from: FullJid, nick: string): StanzaError | undefined {
  // A destroyed room that is remembered can be made again by service admins only, a renamed one by nobody.
  const gone = tombstoneError(state, turn);
  if (gone && (leadsElsewhere(state) || !state.env.policy.isServiceAdmin(bareOf(from)))) return gone;
  if (!state.env.policy.mayCreate(bareOf(from))) return mayNotCreate();
  return longPresence(state, turn, stanza) ?? nickRefusal(state, bareOf(from), nick);
}

/** Why somebody cannot enter this room, or undefined. Order: the lock, `features.entry`, the length of the presence, the nick. */
function entryRefusal(state: RoomState, turn: Turn, stanza: Element, from: FullJid, nick: string): StanzaError | undefined {
  const jid = bareOf(from);
  const affiliation = state.affiliationOf(jid);
  // §7.2.10; to whoever may make no room it is as if there were none.
  if (state.locked && affiliation !== 'owner')
    return state.env.policy.mayCreate(jid) ? stanzaError('item-not-found', inWords('noRoom')) : mayNotCreate();
  const own = state.occupants.withId(state.idOf(jid));
  const entry = { room: state, stanza, jid, affiliation, joinsOwnOccupant: own !== undefined, policy: state.env.policy };
  const refusal = firstRefusal(state.env.features.entry, 'enter', entry);
  const long = longPresence(state, turn, stanza);
  if (refusal ?? long) return refusal ?? long;
  // Another session of an occupant gets the occupant's nick, whatever it asks for (an occupant has one nick).
  return own ? undefined : nickRefusal(state, jid, nick);
}

/** Whoever enters a room that is not there makes it. */
function creatorOf(jid: BareJid): Actor {
  return { jid, affiliation: 'none', role: 'none', nick: undefined };
}

/** The room begins, locked, with its creator as owner (§10.1.1). Also over what is left of a former room of that name. */
export function create(state: RoomState, turn: Turn, creator: BareJid, actor: Actor): void {
  turn.write({ table: 'clear' });
  state.row = {
    jid: state.jid,
    state: 'locked',
    options: '{}',
    name: state.facts.name,
    listed: false,
    subject: null,
    secret: newSecret(state.env.random),
    creator,
    createdAt: turn.stamp,
    archiveFrom: state.seq,
    deadline: null,
    keepDays: null,
    keepMessages: null,
    tombstone: null,
  };
  state.rescheduling = true;
  state.writeRoom(turn, {}, state.env.policy.creation);
  state.setAffiliation(turn, creator, {
    jid: creator,
    affiliation: 'owner',
    nick: null,
    reason: null,
    setBy: null,
    setByName: namedBy(actor.by),
    setAt: turn.stamp,
    expiresAt: null,
    afterwards: null,
  });
  audit(state, turn, actor, 'create', [{ object: creator, before: 'none', after: 'owner' }]);
  switchStays(state, turn);
  for (const feature of state.env.features.created) feature.created?.(state, turn, creator);
}

interface Welcome {
  /** Besides 110, 100 and what the options call for. */
  readonly codes: readonly StatusCode[];
  readonly id: string | undefined;
  readonly tellOthersToo: boolean;
  /** The stanza with the history wishes; undefined: the room's own default. */
  readonly stanza: Element | undefined;
  /** Whether the joiner may have got some of it before. */
  readonly seen?: boolean;
  /** Where history ends; undefined: with the latest message. */
  readonly upToSeq?: number | undefined;
}

/** Everything that a joiner gets, in the order of §7.1: the others, their own presence, history, subject. If many enter, it waits for its turn. */
export function welcome(state: RoomState, turn: Turn, session: Entering, how: Welcome): void {
  const { occupant } = session;
  const due = { codes: how.codes, id: how.id, seen: how.seen ?? false, asked: how.stanza && listQuestion(how.stanza) };
  const waits = rosterWaits(state);
  session.entry.begin(state.rev, waits ? due : null);
  if (!waits) sayRoster(state, turn, session, due);
  if (how.tellOthersToo) {
    showToOthers(state, turn, occupant);
    const siblings = occupant.sessions.filter((other) => other !== session);
    tellSelf(state, turn, occupant, presenceOf(state, occupant), { sessions: siblings });
  }
  if (!waits) sayOwnPresence(state, turn, session, due);
  readHistory(state, turn, session, historyRequest(how.stanza, turn.now), how.upToSeq ?? state.seq);
}

/**
 * A join from a session that is in already: the client lost track, so it gets everything as if it had just joined, and the
 * others get a plain update (§7.2.1, §17.3).
 */
export function enterAgain(state: RoomState, turn: Turn, stanza: Element, session: Session, nick: string): void {
  const { occupant } = session;
  const before = { shown: occupant.sessions[0], presence: occupant.sessions[0]?.presence };
  session.presence = shownContent(state, turn, stanza, occupant.role);
  session.priority = priorityOf(stanza);
  state.occupants.order(occupant);
  for (const stanza of session.entry?.departures() ?? []) turn.say(stanza);
  session.address = address((stanza.attrs['from'] as string | undefined) ?? session.jid);
  const entering = state.occupants.enterAgain(session);
  session.askedNick = nick === occupant.nick ? null : nick;
  state.occupants.holdLists(session, heldAtFirst(stanza));
  const changed = occupant.sessions[0] !== before.shown || occupant.sessions[0]?.presence !== before.presence;
  if (changed) state.writeOccupant(turn, occupant);
  // Delivery of the repeated entry must be confirmed, also if nobody else hears of it.
  else state.raise();
  state.writeSession(turn, session);
  const codes = session.askedNick === null ? [] : [STATUS.nickAssigned];
  welcome(state, turn, entering, { codes, id: stanza.attrs['id'] as string | undefined, tellOthersToo: changed, stanza, seen: true });
}

/** Plain presence from somebody who is not in: they are told, so that their client may join again (§7.2.18). */
export function tellNotInRoom(state: RoomState, turn: Turn, stanza: Element, nick: string): void {
  const facts = {
    unavailable: true,
    affiliation: 'none',
    role: 'none',
    reason: inWords('notInRoom').in(languageFor(stanza)),
    codes: [],
    selfCodes: [STATUS.kicked, STATUS.technicalError],
    occupantId: null,
    content: '',
  } as const;
  const to = stanza.attrs['from'] as string;
  turn.say({ name: 'presence', from: `${state.jid}/${nick}`, to, rest: presenceRest(state, facts, { jid: false, self: true }) });
}

/** What a join asks of the lists of affiliations (XEP-0463 § "Client request"), or undefined: nothing. */
function listQuestion(stanza: Element): ListQuestion | undefined {
  const x = child(stanza, 'x', NS.muc);
  const mav = x && child(x, 'mav', NS.listVersions);
  return mav && { since: mav.attrs['since'] as string | undefined };
}

/** Before it is answered, a client that asks has nothing; one that does not is told changes as they are. */
const heldAtFirst = (stanza: Element): string | null => (listQuestion(stanza) ? '' : null);

/** The spelling that a sender came in with, if it is not the folded one. */
function spellingOf(stanza: Element, from: FullJid): { spelling?: string } {
  const spelling = stanza.attrs['from'] as string | undefined;
  return spelling === undefined || spelling === from ? {} : { spelling };
}

/** Whether a presence asks to join (§7.2.1). */
export function asksToJoin(stanza: Element): boolean {
  return stanza.getChild('x', NS.muc) !== undefined;
}
