/** After a crash or a lost link: everything above `deliveredRev` is said again, in the order in which it happened. */
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
    // What was held is told by roster, history and subject all over again.
    session.held = [];
    const codes = session.askedNick === null ? [] : [210];
    welcome(state, turn, session, { codes: state.locked ? [201, ...codes] : codes, id: undefined, tellOthersToo: false, stanza: undefined });
  }
}

function sayMessageAgain(state: RoomState, turn: Turn, row: MessageRow): void {
  const from = row.nick === null ? state.jid : `${state.jid}/${row.nick}`;
  const { everyone } = state.occupants.audiences;
  sayToAll(state, turn, { name: 'message', from, rest: messageRest(row, state.jid) }, everyone, []);
}

function sayOccupantAgain(state: RoomState, turn: Turn, occupant: Occupant): void {
  const facts = presenceOf(state, occupant);
  tellOthers(state, turn, occupant.from, facts, occupant);
  const live = occupant.sessions.filter((session) => !session.held);
  tellSelf(state, turn, occupant.from, facts, live, occupant.role);
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
      for (const code of saying.codes) sayToAll(state, turn, { name: 'message', from: state.jid, rest: noticeRest(code) }, everyone, []);
    }
  }
}
