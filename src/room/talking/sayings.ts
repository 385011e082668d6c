/** What is said again after a crash or a lost link, each kind in its way; `saying-again.ts` has the order. */
import type { Saying, PresenceFacts } from '../contract/saying';
import { foldFull, type BareJid } from '../../xmpp/fold';
import { NS } from '../../xmpp/ns';
import { outgoing, type Outgoing } from '../../xmpp/outgoing';
import { attributes, escapeText } from '../../xmpp/xml';
import { inWords } from '../../words';
import { sayAnnouncement, introduce } from '../governing/show-change';
import { showAbsent, showAllJids } from '../configuring/configure';
import { messageRest, speakerOf } from './message-xml';
import { noticeRest } from './notices';
import { sayDestroyed } from '../configuring/destroy';
import { farewell } from '../occupants/leave';
import { isEntering, type EnteringAside, type Occupant, type Session } from '../occupants/occupants';
import { presenceOf, presenceRest, sayTo, sayToAll, tellOthers, tellSelf } from '../occupants/presence';
import type { MessageRow } from '../contract/rows';
import { sayRoomPresenceAgain } from '../occupants/room-presence';
import type { RoomState } from '../state';
import { subjectStanza } from './subject';
import type { Turn } from '../turn';
import { STATUS } from '../occupants/status';

/** An archived message as it was said. */
export function messageAgain(state: RoomState, row: MessageRow): Omit<Outgoing, 'to'> {
  return { name: 'message', from: speakerOf(row, state.jid), rest: messageRest(row, state), kind: 'fan-out' };
}

/** Somebody's present state, to all who are in. A moderator is told again who the others are. */
export function sayOccupantAgain(state: RoomState, turn: Turn, occupant: Occupant): void {
  const facts = presenceOf(state, occupant);
  if (occupant.visible) tellOthers(state, turn, occupant.from, facts, occupant);
  const live = occupant.sessions.filter((session) => !isEntering(session));
  tellSelf(state, turn, occupant, facts, { sessions: live });
  if (occupant.role === 'moderator') introduce(state, turn, occupant);
}

/** The sessions that end with it. */
export function endedBy(saying: Saying): readonly string[] {
  if (saying.kind === 'destroyed') return saying.farewells.map(({ jid }) => jid);
  return saying.kind === 'presence' && saying.facts.newNick === undefined ? saying.jids : [];
}

/**
 * @param aside those who are entering: they hear at once who has left, since their new entry is silent about them.
 * @param cameBack whether a session ended then or later and is in again, so that its own past must not be told to it any more.
 */
export function saySayingAgain(
  state: RoomState,
  turn: Turn,
  saying: Saying,
  aside: EnteringAside,
  cameBack: (jid: string) => boolean,
): void {
  switch (saying.kind) {
    case 'presence': {
      const from = `${state.jid}/${saying.nick}`;
      const own = saying.jids.filter((jid) => !cameBack(jid));
      farewell(state, turn, { from, facts: saying.facts, jids: own, role: saying.role });
      if (saying.selfOnly) return;
      const session = saying.jids.map((jid) => state.occupants.session(foldFull(jid))).find((present) => present !== undefined);
      tellOthers(state, turn, from, saying.facts, session?.occupant ?? null);
      tellEntering(state, turn, { from, facts: saying.facts, subject: session?.occupant ?? null }, aside);
      return;
    }
    case 'destroyed':
      for (const to of saying.farewells) {
        if (!cameBack(to.jid)) sayDestroyed(state, turn, to, saying.xml, undefined);
      }
      return;
    case 'vanished': {
      const { occupantId } = saying.facts;
      const subject = (occupantId === null ? undefined : state.occupants.withId(occupantId)) ?? null;
      const from = `${state.jid}/${saying.nick}`;
      tellOthers(state, turn, from, saying.facts, subject);
      tellEntering(state, turn, { from, facts: saying.facts, subject }, aside);
      return;
    }
    case 'room-presence':
      sayRoomPresenceAgain(state, turn, saying.content);
      return;
    case 'set-aside': {
      const body = inWords('roomSetAside', { former: saying.former, present: saying.present }).in(state.facts.language);
      const inner = `<body>${escapeText(body)}</body><x xmlns="${NS.conference}"${attributes({ jid: state.jid })}/>`;
      for (const owner of saying.owners) turn.say(outgoing('message', state.jid, owner, {}, inner));
      return;
    }
    case 'told':
      // Those who are entering get it behind their entry (`whoEnters`).
      for (const session of sessionsOf(state, saying.jid)) if (!isEntering(session)) sayTo(state, turn, session, toldAgain(state, saying));
      return;
    case 'lists':
      // Before anything was said again nobody had a version any more (`saying-again.ts`).
      return;
    case 'affiliation':
      sayAnnouncement(state, turn, saying);
      return;
    case 'subject': {
      const { everyone } = state.occupants.audiences;
      if (everyone.length > 0) turn.say({ ...subjectStanza(state, everyone), kind: 'fan-out' });
      return;
    }
    case 'notice': {
      const { everyone } = state.occupants.audiences;
      // 172: the room became non-anonymous, and the JIDs that were shown then leave no other trace.
      if (saying.codes.includes(STATUS.nonAnonymous) && state.facts.jidsVisible) showAllJids(state, turn, new Set());
      if (!saying.archived) {
        for (const code of saying.codes)
          sayToAll(state, turn, { name: 'message', from: state.jid, rest: noticeRest(state, code), kind: 'fan-out' }, everyone, []);
      }
      if (saying.codes.includes(STATUS.absentShown) && state.facts.absentShown) showAbsent(state, turn);
    }
  }
}

/** What somebody was told alone. */
type Told = Extract<Saying, { kind: 'told' }>;

const sessionsOf = (state: RoomState, jid: BareJid): readonly Session[] => state.occupants.withId(state.idOf(jid))?.sessions ?? [];
const toldAgain = (state: RoomState, { rest }: Told): Omit<Outgoing, 'to'> => ({ name: 'message', from: state.jid, rest });

/** Those for whom it waits, since they are entering; what is returned tells them, once their entry has begun anew. */
export function whoEnters(state: RoomState, saying: Told): (turn: Turn) => void {
  const sessions = sessionsOf(state, saying.jid).filter(isEntering);
  return (turn) => {
    for (const session of sessions) if (session.occupant.sessions.includes(session)) sayTo(state, turn, session, toldAgain(state, saying));
  };
}

interface Gone {
  /** The occupant JID that it is said from. */
  readonly from: string;
  readonly facts: PresenceFacts;
  /** Whoever it is about, if they are in (again). */
  readonly subject: Occupant | null;
}

/** A departure, to those who are entering but `subject`'s own sessions. */
function tellEntering(state: RoomState, turn: Turn, { from, facts, subject }: Gone, { moderators, others }: EnteringAside): void {
  const own = (subject?.sessions ?? []).filter(isEntering).map(({ address }) => address);
  const ofModerator = subject?.role === 'moderator';
  for (const [to, entitled] of [
    [moderators, true],
    [others, false],
  ] as const) {
    if (to.length === 0) continue;
    const rest = presenceRest(state, facts, { jid: entitled || state.facts.jidsVisible, self: false });
    const except = own.length > 0 && ofModerator === entitled ? { except: own } : {};
    sayToAll(state, turn, { name: 'presence', from, rest, kind: 'fan-out', ...except }, to, []);
  }
}
