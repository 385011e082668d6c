/** A form that moderators are to answer: a message from the room to each of their sessions (§8.6). */
import { NS } from '../xmpp/ns';
import { sayToAll } from '../room/presence';
import type { Occupant } from '../room/occupants';
import type { RoomState } from '../room/state';
import type { Turn } from '../room/turn';

/** Sends a finished form to these moderators, or to all who are in. A hint keeps it out of archives: it is of use now only. */
export function askModerators(room: RoomState, turn: Turn, form: string, moderators: Iterable<Occupant> = room.occupants.all()): void {
  const rest = `>${form}<no-permanent-store xmlns="${NS.hints}"/></message>`;
  const sessions = [...moderators].filter(({ role }) => role === 'moderator').flatMap((occupant) => occupant.sessions);
  const live = sessions.filter(({ held }) => !held).map(({ address }) => address);
  const entering = sessions.filter(({ held }) => held);
  sayToAll(room, turn, { name: 'message', from: room.jid, rest }, live, entering);
}
