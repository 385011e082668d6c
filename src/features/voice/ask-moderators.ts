/** Forms that people in the room are to answer: messages from the room to each of their sessions, and what it means to cancel one (§8.6). */
import type { Submitted } from '../../xmpp/forms';
import { NS } from '../../xmpp/ns';
import type { Outgoing } from '../../xmpp/outgoing';
import type { Request } from '../../room/contract/feature';
import { sayToAll } from '../../room/occupants/presence';
import { isEntering, type Occupant, type Session } from '../../room/occupants/occupants';
import { Remembered } from '../../room/contract/memory';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';

/** Forms that one session has to answer at a time: of a hundred at once nobody answers any. The next follow as these are answered. */
const AT_ONCE = 20;
/** Copies of forms in one decision, of all kinds: when many become moderators at once, each of these forms goes to all of them. */
const COPIES_AT_ONCE = 500;

/**
 * §8.6: a moderator who cancels a form leaves what it asks to the others. A cancelled form need not say which it was (XEP-0004 §3.2);
 * from anybody else, and of any other type, it is no answer.
 */
export function isSkipped({ room, from }: Request, form: Submitted, formType: string): boolean {
  const moderator = room.occupants.session(from)?.occupant.role === 'moderator';
  return form.type === 'cancel' && moderator && (form.formType ?? formType) === formType;
}

/** A finished form as a message without its recipient. A hint keeps it out of archives: it is of use now only. */
export function formMessage(room: RoomState, form: string): Omit<Outgoing, 'to'> {
  return { name: 'message', from: room.jid, rest: `>${form}<no-permanent-store xmlns="${NS.hints}"/></message>` };
}

interface Questions {
  /** What waits for an answer, oldest first: a key that is another once the question is another. Read only as far as it is needed. */
  readonly pending: (room: RoomState) => Iterable<string>;
  /** Whether this key is among these. */
  readonly waits: (room: RoomState, key: string) => boolean;
  readonly mayAnswer: (room: RoomState, occupant: Occupant) => boolean;
  /** The form of this key, if it can be asked now. */
  readonly message: (room: RoomState, turn: Turn, key: string) => Omit<Outgoing, 'to'> | undefined;
}

/**
 * What waits for an answer in a room: every session that may give it is sent each form once, also a further one of the same person. At the end of a decision,
 * each form put together once, and so many copies of all kinds of forms; the sessions that are left have theirs with the next timer inputs.
 */
export class Forms {
  /** Sessions that are to be looked at, in that order. After a restart they get what comes next. */
  private readonly owed = new Remembered<Set<Session>>('forms that are owed');
  constructor(private readonly questions: Questions) {}

  /** These sessions may answer from now on. */
  askNew(room: RoomState, turn: Turn, sessions: readonly Session[]): void {
    for (const session of sessions) this.sentTo(session, nothing);
    this.owe(room, turn, sessions);
  }

  /** Something waits that did not (its key), or something does not wait any more. */
  askAll(room: RoomState, turn: Turn, fresh?: string): void {
    // All are looked at.
    if (!turn.isFirst(this)) return;
    const beginning = new Beginning(this.questions.pending(room));
    for (const occupant of room.occupants.all()) {
      if (!this.questions.mayAnswer(room, occupant)) continue;
      for (const session of occupant.sessions) this.sentTo(session, () => sentBefore(beginning, fresh));
      this.owe(room, turn, occupant.sessions);
    }
  }

  /** A timer input: those that were left have their turn. */
  goOn(room: RoomState, turn: Turn): void {
    if (room.memory.get(this.owed)) this.atEnd(room, turn);
  }

  private owe(room: RoomState, turn: Turn, sessions: readonly Session[]): void {
    if (sessions.length === 0) return;
    const owed = room.memory.get(this.owed) ?? room.memory.set(this.owed, new Set());
    for (const session of sessions) owed.add(session);
    this.atEnd(room, turn);
  }

  private atEnd(room: RoomState, turn: Turn): void {
    turn.atEnd(this, () => {
      this.say(room, turn);
    });
  }

  private say(room: RoomState, turn: Turn): void {
    const owed = room.memory.get(this.owed);
    if (!owed) return;
    const pending = new Beginning(this.questions.pending(room));
    const waits = cached((key) => this.questions.waits(room, key));
    const recipients = new Map<string, Session[]>();
    for (const session of owed) {
      if (turn.forms >= COPIES_AT_ONCE) break;
      owed.delete(session);
      const { occupant } = session;
      if (room.occupants.session(session.jid) !== session || !this.questions.mayAnswer(room, occupant)) continue;
      for (const key of this.fresh(session, pending, waits)) {
        turn.forms++;
        const others = recipients.get(key);
        if (others) others.push(session);
        else recipients.set(key, [session]);
      }
    }
    if (owed.size === 0) room.memory.forget(this.owed);
    else turn.wakes = true;
    for (const [key, to] of recipients) {
      const message = this.questions.message(room, turn, key);
      if (!message) continue;
      const live = to.filter((session) => !isEntering(session)).map(({ address }) => address);
      sayToAll(room, turn, message, live, to.filter(isEntering));
    }
  }

  /** Keys that a session was sent; those that `before` makes, if nobody has looked since the room was loaded. */
  private sentTo(session: Session, before: () => Set<string>): Set<string> {
    const all = (session.sentForms ??= new Map());
    let sent = all.get(this);
    if (!sent) all.set(this, (sent = before()));
    return sent;
  }

  /** What a session is sent now. What does not wait any more makes room for the next. */
  private fresh(session: Session, pending: Beginning, waits: (key: string) => boolean): string[] {
    const sent = this.sentTo(session, nothing);
    for (const key of sent) if (!waits(key)) sent.delete(key);
    const fresh: string[] = [];
    for (let i = 0; sent.size < AT_ONCE; i++) {
      const key = pending.at(i);
      if (key === undefined) break;
      if (sent.has(key)) continue;
      sent.add(key);
      fresh.push(key);
    }
    return fresh;
  }
}

const nothing = (): Set<string> => new Set();

/** Whoever came before the room was last loaded was sent the oldest forms that waited then. One of those was answered since, unless what changed is a new form. */
function sentBefore(pending: Beginning, fresh: string | undefined): Set<string> {
  const sent = new Set<string>();
  for (let i = 0; i < (fresh === undefined ? AT_ONCE - 1 : AT_ONCE); i++) {
    const key = pending.at(i);
    if (key === undefined) break;
    if (key !== fresh) sent.add(key);
  }
  return sent;
}

function cached(asked: (key: string) => boolean): (key: string) => boolean {
  const known = new Map<string, boolean>();
  return (key) => {
    let answer = known.get(key);
    if (answer === undefined) known.set(key, (answer = asked(key)));
    return answer;
  };
}

/** The first of what can be gone through once, read as far as somebody has asked. */
class Beginning {
  private readonly read: string[] = [];
  private readonly rest: Iterator<string>;

  constructor(all: Iterable<string>) {
    this.rest = all[Symbol.iterator]();
  }

  at(i: number): string | undefined {
    while (this.read.length <= i) {
      const next = this.rest.next();
      if (next.done === true) return undefined;
      this.read.push(next.value);
    }
    return this.read[i];
  }
}

declare module '../../room/occupants/occupants' {
  interface Session {
    /** Keys of the forms that it was sent and that may wait still. */
    sentForms?: Map<Forms, Set<string>>;
  }
}
