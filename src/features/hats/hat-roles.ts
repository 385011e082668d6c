/** What hats do to roles: a hat makes its wearers participants or moderators as long as they wear it, and never touches an affiliation. */
import type { BareJid } from '../../xmpp/fold';
import { forgetVoice, isRevoked } from '../../room/governing/voice';
import { isAdmin, type Role } from '../../room/governing/roles';
import { showChange, welcomeModerator } from '../../room/governing/show-change';
import type { Nick } from '../../xmpp/nick';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';
import { forgetKeptRole } from '../voice/kept-roles';
import { roleByHats, worn } from './worn';

const RANK: Readonly<Record<Role, number>> = { none: 0, visitor: 1, participant: 2, moderator: 3 };

/** A role that somebody's hats gave before something was changed. */
type Before = 'participant' | 'moderator' | undefined;

/** The role that they have when they come in, if their hats say something about it: voice that was taken from them since stays taken. */
export function hatRoleOnEntry(room: RoomState, jid: BareJid): Role | undefined {
  if (worn.count(room) === 0) return undefined;
  const role = roleByHats(room, jid);
  if (role === undefined || room.affiliationOf(jid) === 'outcast' || isRevoked(room, jid)) return undefined;
  return RANK[role] > RANK[room.roleFor(room.affiliationOf(jid))] ? role : undefined;
}

/** Shows what somebody's hats are now, and gives or takes the role that goes with them. `before`: what they gave until now. */
export function fitRole(room: RoomState, turn: Turn, jid: BareJid, before: Before, actorNick?: Nick): void {
  const now = roleByHats(room, jid);
  const gains = now !== undefined && (before === undefined || RANK[now] > RANK[before]);
  // What a hat gave or gives is not kept as if somebody had given or taken it.
  if (now !== before) forgetKeptRole(room, turn, jid);
  if (gains) forgetVoice(room, turn, jid);
  const occupant = room.occupants.withId(room.idOf(jid));
  if (!occupant) return;
  const free = !room.isSilenced(jid) && !isAdmin(room.affiliationOf(jid));
  let role = occupant.role;
  if (free && gains && RANK[now] > RANK[role]) role = now;
  else if (free && before !== undefined && now !== before && role === before) role = room.roleOnEntry(jid);
  const rises = role === 'moderator' && occupant.role !== 'moderator';
  if (role !== occupant.role) room.occupants.setRole(occupant, role);
  showChange(room, turn, occupant, actorNick === undefined ? {} : { actorNick });
  if (rises) welcomeModerator(room, turn, occupant);
}
