/** Forms that people in the room are to answer: messages from the room to each of their sessions, and what it means to cancel one (§8.6). */
import type { Submitted } from '../../xmpp/forms';
import { NS } from '../../xmpp/ns';
import type { Outgoing } from '../../xmpp/outgoing';
import type { Request } from '../../room/contract/feature';
import { sayToAll } from '../../room/occupants/presence';
import { isEntering, type Occupant, type Session } from '../../room/occupants/occupants';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';

/** Forms that one session has to answer at a time: of a hundred at once nobody answers any. The next follow as these are answered. */
const AT_ONCE = 20;

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
  /** What waits for an answer, oldest first: a key that is another once the question is another. */
  readonly pending: (room: RoomState) => readonly string[];
  readonly mayAnswer: (room: RoomState, occupant: Occupant) => boolean;
  /** The form of this key, if it can be asked now. */
  readonly message: (room: RoomState, turn: Turn, key: string) => Omit<Outgoing, 'to'> | undefined;
}

/** What waits for an answer in a room: every session that may give it is sent each form once, also a further one of the same person. */
export class Forms {
  /** Keys that a session was sent. */
  private readonly sent = new WeakMap<Session, Set<string>>();

  constructor(private readonly questions: Questions) {}

  /** These sessions may answer from now on. */
  askNew(room: RoomState, turn: Turn, sessions: readonly Session[]): void {
    for (const session of sessions) if (!this.sent.has(session)) this.sent.set(session, new Set());
    this.ask(room, turn, sessions, []);
  }

  /** Something waits that did not (its key), or something does not wait any more. */
  askAll(room: RoomState, turn: Turn, fresh?: string): void {
    const sessions = [...room.occupants.all()]
      .filter((occupant) => this.questions.mayAnswer(room, occupant))
      .flatMap((occupant) => occupant.sessions);
    this.ask(room, turn, sessions, fresh === undefined ? [] : [fresh]);
  }

  private ask(room: RoomState, turn: Turn, sessions: readonly Session[], fresh: readonly string[]): void {
    if (sessions.length === 0) return;
    const pending = this.questions.pending(room);
    const recipients = new Map<string, Session[]>();
    for (const session of sessions) {
      // Who is in since before the room was last loaded was sent what waited then.
      const before = this.sent.get(session) ?? new Set(pending.filter((key) => !fresh.includes(key)));
      const sent = new Set(pending.filter((key) => before.has(key)));
      this.sent.set(session, sent);
      for (const key of pending) {
        if (sent.size >= AT_ONCE) break;
        if (sent.has(key)) continue;
        sent.add(key);
        const others = recipients.get(key);
        if (others) others.push(session);
        else recipients.set(key, [session]);
      }
    }
    for (const key of pending) {
      const to = recipients.get(key);
      const message = to && this.questions.message(room, turn, key);
      if (!message) continue;
      const live = to.filter((session) => !isEntering(session)).map(({ address }) => address);
      sayToAll(room, turn, message, live, to.filter(isEntering));
    }
  }
}
