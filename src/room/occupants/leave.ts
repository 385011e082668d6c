/** How people leave: by themselves (§7.14), lost (§11.1), or removed by others (§8.2, §9.1, §9.4, §10.2). */
import type { Element } from '../../xmpp/xml';
import { replaceJid } from '../../xmpp/jid';
import { inWords } from '../../words';
import { destroy } from '../configuring/destroy';
import type { Occupant, Session } from './occupants';
import { departureContent, presenceOf, presenceRest, showToOthers, tellOthers, tellSelf } from './presence';
import type { PresenceFacts } from '../contract/saying';
import type { RoomState } from '../state';
import type { Turn } from '../turn';
import { STATUS } from './status';
import type { Role } from '../governing/roles';

/** Presence of type unavailable from a session, to whichever nick it was addressed. */
export function leave(state: RoomState, turn: Turn, stanza: Element, session: Session): void {
  const id = stanza.attrs['id'] as string | undefined;
  endSession(state, turn, session, { content: departureContent(state, turn, stanza, session.occupant.role) }, id);
}

/** A full JID that is known to be gone: its session ends with 333. */
export function lost(state: RoomState, turn: Turn, session: Session, text: string): void {
  // Servers like to name the address in it, which a semi-anonymous room must not tell (§14.5).
  const { nick } = session.occupant;
  const reason = inWords('connectionLost', { text: replaceJid(replaceJid(text, session.address.jid, nick), session.jid, nick) }).in(
    state.facts.language,
  );
  endSession(state, turn, session, { content: '', codes: [STATUS.technicalError], reason }, undefined);
}

/** Sessions of one person in a room. */
const MAX_SESSIONS = 20;

/** At most this many extra sessions are ended for one that enters: only occupants older than the bound have more. */
const MAX_ENDED = 20;

/** One more session enters: of too many, those that came first end (333). */
export function makeRoomForSession(state: RoomState, turn: Turn, occupant: Occupant): void {
  if (occupant.sessions.length < MAX_SESSIONS) return;
  const oldest = [...occupant.sessions].sort((a, b) => a.joinedAt - b.joinedAt || (a.address.jid < b.address.jid ? -1 : 1));
  const reason = inWords('sessionReplaced', { max: MAX_SESSIONS }).in(state.facts.language);
  for (const session of oldest.slice(0, Math.min(MAX_ENDED, occupant.sessions.length - MAX_SESSIONS + 1)))
    endSession(state, turn, session, { content: '', codes: [STATUS.technicalError], reason }, undefined);
}

/** Ends one session; with the last one the occupant leaves, else the others are shown the next session. */
function endSession(state: RoomState, turn: Turn, session: Session, why: Partial<PresenceFacts>, id: string | undefined): void {
  const { occupant } = session;
  if (state.locked && state.occupants.count === 1 && occupant.sessions.length === 1) {
    // §10.1.3: the owner who leaves before configuring destroys the room, and gets one presence only.
    destroy(state, turn, {}, { request: { session, id } });
    return;
  }
  const facts = presenceOf(state, occupant, { unavailable: true, role: 'none', realJid: session.jid, ...why });
  const { role, from } = occupant;
  const departure = { from, facts, jids: [session.address.jid], role };
  if (occupant.sessions.length > 1) {
    const wasShown = occupant.sessions[0] === session;
    state.dropSession(turn, session);
    farewell(state, turn, departure, id);
    state.writeSaying(turn, { kind: 'presence', nick: occupant.nick, facts, jids: departure.jids, role, selfOnly: true });
    if (wasShown) {
      state.writeOccupant(turn, occupant);
      showToOthers(state, turn, occupant);
      tellSelf(state, turn, occupant, presenceOf(state, occupant));
    }
    for (const feature of state.env.features.appeared) feature.appeared?.(state, turn, occupant);
    return;
  }
  state.dropOccupant(turn, occupant);
  farewell(state, turn, departure, id);
  announceDeparture(state, turn, occupant, departure, false);
  endIfEmpty(state, turn);
}

/** Why somebody is removed, and by whom. */
export type Removal = Pick<PresenceFacts, 'affiliation' | 'codes'> &
  Partial<Pick<PresenceFacts, 'reason' | 'actorNick' | 'actorJid' | 'lists'>>;

/**
 * Removes an occupant with all sessions and tells them. The others are told by the function that is returned: §8.2 puts
 * the moderator's IQ result between the two.
 */
export function remove(state: RoomState, turn: Turn, occupant: Occupant, why: Removal): () => void {
  const { role, from } = occupant;
  const facts = presenceOf(state, occupant, { unavailable: true, role: 'none', content: '', ...why });
  const departure = { from, facts, jids: occupant.sessions.map((session) => session.address.jid), role };
  state.dropOccupant(turn, occupant);
  farewell(state, turn, departure);
  return () => {
    announceDeparture(state, turn, occupant, departure, true);
  };
}

/** A temporary room ends with its last occupant (§7.14), and so does one that nobody is left to configure (§10.1.3). */
export function endIfEmpty(state: RoomState, turn: Turn): void {
  if (state.exists && state.occupants.count === 0 && (state.locked || !state.facts.persistent)) state.end(turn);
}

interface Departure {
  /** The occupant JID that it is said from. */
  readonly from: string;
  readonly facts: PresenceFacts;
  /** The sessions that end, as they are spelt. */
  readonly jids: readonly string[];
  /** Until now. */
  readonly role: Role;
}

/** The unavailable presence with 110, to the sessions that end; `id`: of the stanza that it answers. */
export function farewell(state: RoomState, turn: Turn, { from, facts, jids, role }: Departure, id?: string): void {
  const rest = presenceRest(state, facts, { jid: state.seesJids(role), self: true, id });
  for (const to of jids) turn.say({ name: 'presence', from, to, rest, kind: 'farewell' });
}

/** Tells those who remain, and remembers it until it is delivered. */
function announceDeparture(state: RoomState, turn: Turn, occupant: Occupant, { facts, jids, role }: Departure, removed: boolean): void {
  const kept = facts.lists ? { ...facts, lists: undefined } : facts;
  state.writeSaying(turn, {
    kind: 'presence',
    nick: occupant.nick,
    facts: kept,
    jids,
    role,
    ...(occupant.visible ? {} : { selfOnly: true }),
  });
  if (occupant.visible) tellOthers(state, turn, occupant.from, facts, null);
  for (const feature of state.env.features.left) feature.left?.(state, turn, occupant, removed);
}
