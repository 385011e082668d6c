/** Registration with a room (§7.10): who has registered under which nick, who waits to be approved, and how either begins and ends. */
import type { Nick } from '../../xmpp/nick';
import type { BareJid } from '../../xmpp/fold';
import { domainOf } from '../../xmpp/jid';
import { setAffiliations } from '../../room/governing/affiliations';
import type { Actor } from '../../room/governing/rights';
import { featureRows } from '../../room/contract/feature-rows';
import { endIfEmpty } from '../../room/occupants/leave';
import { rename } from '../../room/occupants/nick-change';
import { assignedNick } from '../../room/occupants/nicks';
import { WAITING_REGISTRATIONS } from '../../room/talking/notice-queue';
import { endWish, OFFLINE_FIELD, setWish, WAKE_FIELD, type WishedWake } from '../wake-ups/wake-wishes';
import { freeNick, reserve } from '../../room/occupants/reserved-nicks';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';

/** A registration that an admin has yet to approve (§9.9). */
export interface WaitingRegistration {
  readonly nick: Nick;
  /** What else was filled in, by form field. */
  readonly answers: Readonly<Record<string, readonly string[]>>;
}

/** Registrations that wait, by bare JID, in groups by domain. */
export const waitingRegistrations = featureRows<WaitingRegistration, BareJid>(
  {
    name: WAITING_REGISTRATIONS,
    says: 'who has asked to register, under which nickname, and what they filled in',
    key: ['jid'],
    value: { members: { nick: 'nick', answers: 'plain' }, optional: [] },
    travels: ['room', 'person'],
    erasing: 'forgets',
    folding: 'present',
    most: 'limits.waiting',
    lifetime: { until: 'an admin answers, or they withdraw it' },
  },
  domainOf,
);

/** The registrant is the actor, also when an admin approves it: that later tells a registration from a grant. */
function registrant(state: RoomState, jid: BareJid): Actor {
  return { jid, affiliation: state.affiliationOf(jid), role: 'none', nick: undefined };
}

/** What people without an affiliation of their own get by registering: a membership with the nick, or the nick alone. */
export type Gain = 'member' | 'nick';

/**
 * Reserves a nick that was not refused. Somebody without an affiliation of their own becomes a member if `gain` says so; everybody else
 * keeps theirs. The room is told, and somebody who must use their reserved nick is renamed (210).
 */
export function register(state: RoomState, turn: Turn, jid: BareJid, { nick, answers }: WaitingRegistration, gain: Gain): void {
  waitingRegistrations.set(state, turn, jid, null);
  const row = state.affiliationRow(jid);
  if (row) state.setAffiliation(turn, jid, { ...row, nick });
  else if (gain === 'member') setAffiliations(state, turn, registrant(state, jid), [{ jid, affiliation: 'member', nick }])();
  else reserve(state, turn, jid, nick);
  const wake = wakeIn(answers);
  if (wake !== undefined) setWish(state, turn, jid, wake);
  const occupant = state.occupants.withId(state.idOf(jid));
  const assigned = assignedNick(state, jid);
  if (occupant && assigned !== undefined && assigned !== occupant.nick) rename(state, turn, occupant, assigned);
}

/** What of a registration says what wakes them. One that has waited since another version has the alias alone. */
function wakeIn(answers: WaitingRegistration['answers']): WishedWake | undefined {
  return answers[OFFLINE_FIELD]?.[0] === '1' ? 'all' : (answers[WAKE_FIELD]?.[0] as WishedWake | undefined);
}

/** Makes a member of somebody whose nick cannot be reserved. */
export function registerWithoutNick(state: RoomState, turn: Turn, jid: BareJid): void {
  waitingRegistrations.set(state, turn, jid, null);
  if (!state.affiliationRow(jid)) setAffiliations(state, turn, registrant(state, jid), [{ jid, affiliation: 'member' }])();
}

/**
 * Ends a bare JID's registration and whatever of it waits: the nick is free again, and a membership that came by registering ends
 * too (321 in members-only rooms); one that was granted stays. Does nothing if the JID is not registered.
 */
export function unregister(state: RoomState, turn: Turn, jid: BareJid): void {
  waitingRegistrations.set(state, turn, jid, null);
  endWish(state, turn, jid);
  freeNick(state, turn, jid);
  const row = state.affiliationRow(jid);
  if (!row || row.nick === null) return;
  if (row.affiliation !== 'member' || row.setBy !== jid) {
    state.setAffiliation(turn, jid, { ...row, nick: null });
    return;
  }
  setAffiliations(state, turn, registrant(state, jid), [{ jid, affiliation: 'none' }])();
  endIfEmpty(state, turn);
}
