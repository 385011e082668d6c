/** After a crash or a lost link: everything above `deliveredRev` is said again, in the order in which it happened. */
import type { Outgoing } from '../xmpp/outgoing';
import { showAllJids } from './configure';
import { messageRest } from './message-xml';
import { noticeRest } from './notices';
import { sayDestroyed, type Farewell } from './destroy';
import { welcome } from './enter';
import { farewell } from './leave';
import type { Occupant } from './occupants';
import { presenceOf, sayToAll, tellOthers, tellSelf, type PresenceFacts } from './presence';
import type { Role } from './roles';
import type { MessageRow } from './rows';
import type { RoomState } from './state';
import { introduce } from './show-change';
import type { Turn } from './turn';

/** What was said and leaves no other row; kept until it is delivered. */
export type Saying =
  /** Somebody left or changed his nick: unavailable presence from the nick he had. */
  | {
      readonly kind: 'presence';
      readonly nick: string;
      readonly facts: PresenceFacts;
      /** The sessions that get it as their own, with 110. */
      readonly jids: readonly string[];
      readonly role: Role;
    }
  | { readonly kind: 'destroyed'; readonly xml: string; readonly farewells: readonly Farewell[] }
  /** Status codes of a change of configuration (§10.2.1). */
  | { readonly kind: 'notice'; readonly codes: readonly number[] };

/** Most messages said again at once: more than the bound of uncommitted and unwritten work lets gather. */
const MAX_MESSAGES = 100_000;

/** Asks for the messages that may not have arrived; the rest follows when they are read. */
export function askSayAgain(state: RoomState, turn: Turn): void {
  turn.effects.push({
    kind: 'read-messages',
    purpose: 'say-again',
    session: '',
    token: 0,
    upToSeq: state.seq,
    afterRev: state.deliveredRev,
    limit: MAX_MESSAGES,
  });
}

/** Says again occupants' presence, departures, notices and messages, merged by rev; then those entering get everything anew. */
export function sayAgain(state: RoomState, turn: Turn, messages: readonly MessageRow[]): void {
  const since = state.deliveredRev;
  const steps: { rev: number; say: () => void }[] = [];
  for (const row of messages) steps.push({ rev: row.rev, say: () => sayMessageAgain(state, turn, row) });
  for (const row of state.sayings) {
    if (row.rev > since) steps.push({ rev: row.rev, say: () => saySayingAgain(state, turn, JSON.parse(row.what) as Saying) });
  }
  const lateEntries = new Set(state.settled.filter((session) => (session.enteredRev ?? 0) > since));
  for (const occupant of state.occupants.all()) {
    for (const session of occupant.sessions) if (lateEntries.has(session)) state.occupants.enterAgain(session);
    if (occupant.rev > since) steps.push({ rev: occupant.rev, say: () => sayOccupantAgain(state, turn, occupant) });
  }
  steps.sort((a, b) => a.rev - b.rev);
  for (const step of steps) step.say();
  state.settled = state.settled.filter((session) => !lateEntries.has(session));
  for (const session of [...state.occupants.audiences.entering]) {
    // A read for the former entry may still be under way: its answer must not end this one.
    state.occupants.enterAgain(session);
    // What happened since he came is told by the roster, and what was said since then is held until he has all before it.
    const missed = messages.filter((row) => row.stamp >= session.joinedAt);
    session.held = missed.map((row) => ({ ...messageAgain(state, row), to: [session.address] }));
    state.raise();
    state.writeSession(turn, session);
    const codes = session.askedNick === null ? [] : [210];
    welcome(state, turn, session, {
      codes: state.locked ? [201, ...codes] : codes,
      id: undefined,
      tellOthersToo: false,
      stanza: undefined,
      upToSeq: missed[0] ? missed[0].seq - 1 : undefined,
    });
  }
}

function sayMessageAgain(state: RoomState, turn: Turn, row: MessageRow): void {
  const { everyone } = state.occupants.audiences;
  sayToAll(state, turn, messageAgain(state, row), everyone, []);
}

function messageAgain(state: RoomState, row: MessageRow): Omit<Outgoing, 'to'> {
  const from = row.nick === null ? state.jid : `${state.jid}/${row.nick}`;
  return { name: 'message', from, rest: messageRest(row, state.jid) };
}

function sayOccupantAgain(state: RoomState, turn: Turn, occupant: Occupant): void {
  const facts = presenceOf(state, occupant);
  tellOthers(state, turn, occupant.from, facts, occupant);
  const live = occupant.sessions.filter((session) => !session.held);
  tellSelf(state, turn, occupant.from, facts, live, occupant.role);
  if (occupant.role === 'moderator') introduce(state, turn, occupant);
}

function saySayingAgain(state: RoomState, turn: Turn, saying: Saying): void {
  switch (saying.kind) {
    case 'presence': {
      const from = `${state.jid}/${saying.nick}`;
      const present = saying.jids.filter((jid) => state.occupants.session(jid) !== undefined);
      // Who came back since under the same nick must not be told that he is gone; a change of nick he must be told.
      const own = saying.facts.newNick === undefined ? saying.jids.filter((jid) => !present.includes(jid)) : saying.jids;
      farewell(state, turn, from, saying.facts, own, saying.role, undefined);
      const renamed = present.length > 0 ? state.occupants.session(present[0] as string)?.occupant : undefined;
      tellOthers(state, turn, from, saying.facts, renamed ?? null);
      return;
    }
    case 'destroyed':
      for (const to of saying.farewells) {
        if (!state.occupants.session(to.jid)) sayDestroyed(state, turn, to, saying.xml, undefined);
      }
      return;
    case 'notice': {
      const { everyone } = state.occupants.audiences;
      // 172: the room became non-anonymous, and the JIDs that were shown then leave no other trace.
      if (saying.codes.includes(172) && state.facts.jidsVisible) showAllJids(state, turn, new Set());
      for (const code of saying.codes) sayToAll(state, turn, { name: 'message', from: state.jid, rest: noticeRest(code) }, everyone, []);
    }
  }
}
