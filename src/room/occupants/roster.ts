/** Who is there, told to somebody who enters (§7.2.2): the others, then the joiner; one text for each occupant, shared by all who get it. Where the room shows them, people who are not there too (§10.2.1). */
import { differsByAffiliation } from '../contract/additions';
import type { Audience } from './additions';
import type { RosterDue } from './entry';
import { errorXml, stanzaError } from '../../xmpp/stanza-error';
import { attributes } from '../../xmpp/xml';
import { inWords } from '../../words';
import { hasVersions, listAnswer } from '../governing/list-versions';
import type { Occupant, Session } from './occupants';
import { ownMark, presenceOf, presenceRest } from './presence';
import { sayRoomPresence } from './room-presence';
import type { RoomState } from '../state';
import type { Turn } from '../turn';
import type { StatusCode } from './status';
import type { Outgoing } from '../../xmpp/outgoing';

/**
 * Entries of a room that are told who is there at once, while they are decided. With more under way, each is told when its turn to
 * read history comes, few at a time: else a thousand who enter together make a million presences in one moment.
 */
const AT_ONCE = 16;

/** Whether the roster of one who enters now is to wait for its turn. */
export function rosterWaits(state: RoomState): boolean {
  return state.occupants.audiences.entering.length > AT_ONCE;
}

/** Somebody in the room, as one who is shown others. */
type Reader = Omit<Required<Audience>, 'self'>;

function readerOf(state: RoomState, { role, jid }: Occupant): Reader {
  return { jid: state.seesJids(role), moderator: role === 'moderator', affiliation: state.affiliationOf(jid) };
}

/** What has changed in the lists of affiliations (XEP-0463 § "On Join"), if the client asked. */
function sayLists(state: RoomState, turn: Turn, session: Session, { asked, id }: RosterDue): void {
  if (!asked || !hasVersions(state)) return;
  const to = [session.address];
  const answer = listAnswer(state, turn, session, asked.since);
  if (!answer) {
    const error = errorXml(stanzaError('forbidden', inWords('listsForbidden')), state.jid, session.language ?? state.facts.language);
    turn.say({ name: 'message', from: state.jid, to, rest: `${attributes({ type: 'error', id })}>${error}</message>`, kind: 'fan-out' });
    return;
  }
  for (const rest of answer) turn.say({ name: 'message', from: state.jid, to, rest, kind: 'fan-out' });
}

/** Before all presence what was asked of the lists; then that of all others who are shown, and of those who are not there but are shown all the same. */
export function sayRoster(state: RoomState, turn: Turn, session: Session, due: RosterDue): void {
  sayLists(state, turn, session, due);
  const to = [session.address];
  const reader = readerOf(state, session.occupant);
  for (const other of state.occupants.all()) {
    if (other === session.occupant || !other.visible) continue;
    turn.say({ name: 'presence', from: other.from, to, rest: shownRest(state, other, reader), kind: 'fan-out' });
  }
  if (state.facts.absentShown) for (const presence of absentPeople(state)) turn.say({ ...presence, to, kind: 'fan-out' });
}

/** One's own presence, with 110, which ends the roster; then that of the room, if it has any. */
export function sayOwnPresence(state: RoomState, turn: Turn, session: Session, { codes, id }: Pick<RosterDue, 'codes' | 'id'>): void {
  const { occupant } = session;
  const self = presenceOf(state, occupant, { selfCodes: [...codes, ...entryCodes(state)] });
  const rest = presenceRest(state, self, { ...readerOf(state, occupant), self: true, id, mark: ownMark(state, session, self) });
  turn.say({ name: 'presence', from: occupant.from, to: [session.address], rest, kind: 'fan-out' });
  sayRoomPresence(state, turn, session);
}

/** Codes that warn a joiner about the room (§7.2.3, §7.2.12). */
function entryCodes(state: RoomState): StatusCode[] {
  return state.env.features.all.flatMap((feature) => [...(feature.entryCodes?.(state.options) ?? [])]);
}

/**
 * What others are shown of an occupant, kept as long as it is true: one text for those entitled to real JIDs, one for the rest; one for moderators, where
 * something is added for them; and one for each group, where something is added for some affiliations.
 */
function shownRest(state: RoomState, occupant: Occupant, reader: Reader): string {
  const facts = presenceOf(state, occupant);
  let { shown } = occupant;
  if (
    shown?.content !== facts.content ||
    shown.jid !== facts.realJid ||
    shown.role !== facts.role ||
    shown.affiliation !== facts.affiliation ||
    shown.added !== facts.added
  ) {
    const { content, realJid, role, affiliation, added } = facts;
    shown = {
      content,
      jid: realJid,
      role,
      affiliation,
      added,
      entitled: undefined,
      plain: undefined,
      moderators: undefined,
      groups: undefined,
    };
    occupant.shown = shown;
  }
  const { jid: entitled, moderator, affiliation } = reader;
  if (facts.added && differsByAffiliation(facts.added)) {
    const texts = (shown.groups ??= new Map<string, string>());
    const group = `${moderator} ${affiliation}`;
    const known = texts.get(group) ?? presenceRest(state, facts, { ...reader, self: false });
    texts.set(group, known);
    return known;
  }
  if (moderator && facts.added?.moderators) return (shown.moderators ??= presenceRest(state, facts, { jid: true, self: false, moderator }));
  if (entitled) return (shown.entitled ??= presenceRest(state, facts, { jid: true, self: false }));
  return (shown.plain ??= presenceRest(state, facts, { jid: false, self: false }));
}

/** Absent people who are shown: everybody who enters is sent them, each time. */
const MAX_SHOWN = 1000;

/**
 * Unavailable presence of everybody who has a reserved nickname here and is not in: without one there is no occupant JID that it
 * could come from. §17.3: a JID in it would have to be a full one, and somebody absent has none.
 */
export function absentPeople(state: RoomState): Omit<Outgoing, 'to'>[] {
  const presences: Omit<Outgoing, 'to'>[] = [];
  for (const { jid, nick, affiliation } of state.affiliations.withNick()) {
    if (nick === null || affiliation === 'outcast') continue;
    if (presences.length === MAX_SHOWN) break;
    const occupantId = state.idOf(jid);
    if (state.occupants.withId(occupantId)) continue;
    const facts = { unavailable: true, affiliation, role: 'none', codes: [], occupantId, content: '' } as const;
    presences.push({ name: 'presence', from: `${state.jid}/${nick}`, rest: presenceRest(state, facts, { jid: false, self: false }) });
  }
  return presences;
}
