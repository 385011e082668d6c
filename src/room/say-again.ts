/** After a crash or a lost link: everything above `deliveredRev` is said again, in the order in which it happened. */
import { foldFull, type FullJid } from '../xmpp/fold';
import { NS } from '../xmpp/ns';
import { outgoing, type Outgoing } from '../xmpp/outgoing';
import { attributes, escapeText } from '../xmpp/xml';
import { say } from '../words';
import { sayAnnouncement, type Announcement } from './announce';
import { showAbsent, showAllJids } from './configure';
import { messageRest, speakerOf } from './message-xml';
import { noticeRest } from './notices';
import { sayDestroyed, type Farewell } from './destroy';
import { welcome } from './enter';
import { farewell } from './leave';
import { isEntering, type Occupant } from './occupants';
import { presenceOf, sayToAll, tellOthers, tellSelf, type PresenceFacts } from './presence';
import type { Role } from './roles';
import type { MessageRow } from './rows';
import { sayRoomPresenceAgain } from './room-presence';
import type { RoomState } from './state';
import { introduce } from './show-change';
import { subjectStanza } from './subject';
import type { Turn } from './turn';

/** What was said and leaves no other row; kept until it is delivered. */
export type Saying =
  /** Somebody left or changed nick: unavailable presence from the former nick. */
  | {
      readonly kind: 'presence';
      readonly nick: string;
      readonly facts: PresenceFacts;
      /** The sessions that get it as their own, with 110: full JIDs as they are spelt. */
      readonly jids: readonly string[];
      readonly role: Role;
      /** One of several sessions ended: the others in the room do not hear of it. */
      readonly selfOnly?: true;
    }
  /** Somebody who is still in went out of the others' sight (§7.2.2). */
  | { readonly kind: 'vanished'; readonly nick: string; readonly facts: PresenceFacts }
  | { readonly kind: 'destroyed'; readonly xml: string; readonly farewells: readonly Farewell[] }
  /** Status codes of a change of configuration (§10.2.1). */
  | {
      readonly kind: 'notice';
      readonly codes: readonly number[];
      /** They are messages too, which are said again themselves. */
      readonly archived?: true;
    }
  /** The subject changed, and no message of the archive tells it: it was not kept, or was trimmed away at once. */
  | { readonly kind: 'subject' }
  /** The room's own presence changed. */
  | { readonly kind: 'room-presence'; readonly content: string }
  /** The room had an address that another had in another spelling: where it is now, for its owners. */
  | { readonly kind: 'set-aside'; readonly former: string; readonly present: string; readonly owners: readonly string[] }
  /** An affiliation changed of somebody who is not there. */
  | ({ readonly kind: 'affiliation' } & Announcement);

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

const NOBODY: ReadonlySet<FullJid> = new Set();

/** Says again occupants' presence, departures, notices and messages, merged by rev; then those entering get everything anew. */
export function sayAgain(state: RoomState, turn: Turn, messages: readonly MessageRow[], joining: ReadonlySet<FullJid> = NOBODY): void {
  const since = state.deliveredRev;
  const steps: { rev: number; say: () => void }[] = [];
  for (const row of messages) steps.push({ rev: row.rev, say: () => sayMessageAgain(state, turn, row) });
  /** The rev at which a session last ended. */
  const ended = new Map<FullJid, number>();
  for (const { rev, what } of state.sayings) {
    if (rev <= since) continue;
    const saying = JSON.parse(what) as Saying;
    for (const jid of endedBy(saying)) ended.set(foldFull(jid), rev);
    const cameBack = (spelt: string): boolean => {
      const jid = foldFull(spelt);
      return (state.occupants.session(jid) !== undefined || joining.has(jid)) && (ended.get(jid) ?? 0) >= rev;
    };
    steps.push({ rev, say: () => saySayingAgain(state, turn, saying, cameBack) });
  }
  for (const { entry } of state.occupants.audiences.entering) entry.holdInstead([]);
  const lateEntries = new Set(state.occupants.outAbove(since));
  for (const occupant of state.occupants.all()) {
    for (const session of occupant.sessions) if (lateEntries.has(session)) state.occupants.enterAgain(session);
    if (occupant.rev > since) steps.push({ rev: occupant.rev, say: () => sayOccupantAgain(state, turn, occupant) });
  }
  steps.sort((a, b) => a.rev - b.rev);
  for (const step of steps) step.say();
  const said = new Map<MessageRow, Omit<Outgoing, 'to'>>();
  const again = (row: MessageRow): Omit<Outgoing, 'to'> => {
    const known = said.get(row) ?? messageAgain(state, row);
    said.set(row, known);
    return known;
  };
  for (const session of [...state.occupants.audiences.entering]) {
    // A joiner who may have got a part of the entry is told who has left since; present occupants follow with the entry.
    for (const stanza of session.entry.departures()) turn.say(stanza);
    // A read for the former entry may still be under way: its answer must not end this one.
    const { entry } = state.occupants.enterAgain(session);
    // The roster tells what happened since the joiner came, and messages since then are held until everything before them is out.
    // Within one millisecond the order is unknown: if older messages must not be read, the history has what may be read.
    const since = state.facts.archiveAccess === 'stays' ? session.joinedAt + 1 : session.joinedAt;
    const missed = messages.filter((row) => row.stamp >= since);
    entry.holdInstead(missed.map((row) => ({ ...again(row), to: [session.address] })));
    state.raise();
    state.writeSession(turn, session);
    const codes = session.askedNick === null ? [] : [210];
    welcome(state, turn, session, {
      codes: state.locked ? [201, ...codes] : codes,
      id: undefined,
      tellOthersToo: false,
      seen: true,
      stanza: undefined,
      upToSeq: missed[0] ? missed[0].seq - 1 : undefined,
    });
  }
  // What was held beyond the bound meanwhile is held no more.
  turn.forgetOverflow();
}

function sayMessageAgain(state: RoomState, turn: Turn, row: MessageRow): void {
  const { everyone } = state.occupants.audiences;
  sayToAll(state, turn, messageAgain(state, row), everyone, []);
}

function messageAgain(state: RoomState, row: MessageRow): Omit<Outgoing, 'to'> {
  return { name: 'message', from: speakerOf(row, state.jid), rest: messageRest(row, state), kind: 'fan-out' };
}

function sayOccupantAgain(state: RoomState, turn: Turn, occupant: Occupant): void {
  const facts = presenceOf(state, occupant);
  if (occupant.visible) tellOthers(state, turn, occupant.from, facts, occupant);
  const live = occupant.sessions.filter((session) => !isEntering(session));
  tellSelf(state, turn, occupant.from, facts, live, occupant.role);
  if (occupant.role === 'moderator') introduce(state, turn, occupant);
}

/** The sessions that end with it. */
function endedBy(saying: Saying): readonly string[] {
  if (saying.kind === 'destroyed') return saying.farewells.map(({ jid }) => jid);
  return saying.kind === 'presence' && saying.facts.newNick === undefined ? saying.jids : [];
}

/** `cameBack`: whether a session ended then or later and is in again, so that its own past must not be told to it any more. */
function saySayingAgain(state: RoomState, turn: Turn, saying: Saying, cameBack: (jid: string) => boolean): void {
  switch (saying.kind) {
    case 'presence': {
      const from = `${state.jid}/${saying.nick}`;
      const own = saying.jids.filter((jid) => !cameBack(jid));
      farewell(state, turn, from, saying.facts, own, saying.role, undefined);
      if (saying.selfOnly) return;
      const session = saying.jids.map((jid) => state.occupants.session(foldFull(jid))).find((present) => present !== undefined);
      tellOthers(state, turn, from, saying.facts, session?.occupant ?? null);
      return;
    }
    case 'destroyed':
      for (const to of saying.farewells) {
        if (!cameBack(to.jid)) sayDestroyed(state, turn, to, saying.xml, undefined);
      }
      return;
    case 'vanished': {
      const subject = state.occupants.withId(saying.facts.occupantId ?? '') ?? null;
      tellOthers(state, turn, `${state.jid}/${saying.nick}`, saying.facts, subject);
      return;
    }
    case 'room-presence':
      sayRoomPresenceAgain(state, turn, saying.content);
      return;
    case 'set-aside': {
      const body = say('roomSetAside', { former: saying.former, present: saying.present });
      const inner = `<body>${escapeText(body)}</body><x xmlns="${NS.conference}"${attributes({ jid: state.jid })}/>`;
      for (const owner of saying.owners) turn.say(outgoing('message', state.jid, owner, {}, inner));
      return;
    }
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
      if (saying.codes.includes(172) && state.facts.jidsVisible) showAllJids(state, turn, new Set());
      if (!saying.archived) {
        for (const code of saying.codes)
          sayToAll(state, turn, { name: 'message', from: state.jid, rest: noticeRest(state, code), kind: 'fan-out' }, everyone, []);
      }
      if (saying.codes.includes(102) && state.facts.absentShown) showAbsent(state, turn);
    }
  }
}
