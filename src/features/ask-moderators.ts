/** Forms that moderators are to answer: messages from the room to each of their sessions, and what it means to cancel one (§8.6). */
import type { Submitted } from '../xmpp/forms';
import { NS } from '../xmpp/ns';
import type { Request } from '../room/feature';
import { sayToAll } from '../room/presence';
import type { Occupant } from '../room/occupants';
import type { RoomState } from '../room/state';
import type { Turn } from '../room/turn';

/**
 * §8.6: a moderator who cancels a form leaves what it asks to the others. A cancelled form need not say which it was (XEP-0004 §3.2);
 * from anybody else, and of any other type, it is no answer.
 */
export function isSkipped({ room, from }: Request, form: Submitted, formType: string): boolean {
  const moderator = room.occupants.session(from)?.occupant.role === 'moderator';
  return form.type === 'cancel' && moderator && (form.formType ?? formType) === formType;
}

/** Sends a finished form to these moderators, or to all who are in. A hint keeps it out of archives: it is of use now only. */
export function askModerators(room: RoomState, turn: Turn, form: string, moderators: Iterable<Occupant> = room.occupants.all()): void {
  const rest = `>${form}<no-permanent-store xmlns="${NS.hints}"/></message>`;
  const sessions = [...moderators].filter(({ role }) => role === 'moderator').flatMap((occupant) => occupant.sessions);
  const live = sessions.filter(({ held }) => !held).map(({ address }) => address);
  const entering = sessions.filter(({ held }) => held);
  sayToAll(room, turn, { name: 'message', from: room.jid, rest }, live, entering);
}
