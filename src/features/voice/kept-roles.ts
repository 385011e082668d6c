/** Roles that outlive a visit in a moderated room (§5.1.3 SHOULD): voice that was given or taken is not lost or regained by coming back. */
import type { BareJid } from '../../xmpp/fold';
import type { Feature } from '../../room/contract/feature';
import { featureRows } from '../../room/contract/feature-rows';
import type { Role } from '../../room/governing/roles';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';
import { mutedVoice } from '../restraints/mutes';
import { forgetVoice, isRevoked, revokedVoice } from '../../room/governing/voice';

const MAX = 1000;

/** Roles by bare JID, in the order in which they were first set: of too many the oldest go. */
const kept = featureRows<'visitor' | 'participant', BareJid>({
  name: 'kept-roles',
  says: 'which role somebody had who left a moderated room',
  key: ['jid'],
  value: 'text',
  travels: ['room', 'person'],
  erasing: 'forgets',
  folding: 'present',
  most: MAX,
  lifetime: { until: 'their role or affiliation changes, or the room is moderated no longer' },
});

/** A role that was kept counts no more. */
export function forgetKeptRole(room: RoomState, turn: Turn, jid: BareJid): void {
  if (kept.get(room, jid) !== undefined) kept.set(room, turn, jid, null);
}

/** Whether a role says something about voice that the affiliation does not. */
function worthKeeping(room: RoomState, jid: BareJid, role: Role): role is 'visitor' | 'participant' {
  return room.facts.moderated && (role === 'visitor' || role === 'participant') && role !== room.roleFor(room.affiliationOf(jid));
}

/** The role of whoever leaves, without what keeps voice from them only for a time: that holds by itself. */
function lasting(room: RoomState, jid: BareJid, role: Role): Role {
  if (role !== 'visitor' || !room.isSilenced(jid)) return role;
  if (isRevoked(room, jid)) return 'visitor';
  return mutedVoice(room, jid) || kept.get(room, jid) === 'participant' ? 'participant' : 'none';
}

export const keptRoles: Feature = {
  name: 'kept-roles',
  rows: [kept.declaration, revokedVoice],
  roleOnEntry: (room, jid) => {
    const role = kept.get(room, jid);
    return role !== undefined && worthKeeping(room, jid, role) ? role : undefined;
  },
  left: (room, turn, { jid, role: last }, removed) => {
    if (!room.facts.persistent && room.occupants.count === 0) return;
    // Who is kicked, banned or struck off begins anew, and everybody does where voice is for all.
    if (removed || !room.facts.moderated) forgetVoice(room, turn, jid);
    const role = lasting(room, jid, last);
    if (removed || !worthKeeping(room, jid, role)) {
      kept.set(room, turn, jid, null);
      return;
    }
    if (kept.get(room, jid) !== role) kept.keep(room, turn, jid, role);
  },
  affiliated: ({ room, turn, jid, after, actor }) => {
    // Voice that was taken does not come back by giving up a registration.
    if (after === 'none' && actor.jid === jid) return;
    kept.set(room, turn, jid, null);
    forgetVoice(room, turn, jid);
  },
  reconfigured: (room, turn) => {
    if (!room.facts.moderated) for (const jid of kept.keys(room)) kept.set(room, turn, jid, null);
  },
};
