/** Voice that was taken by somebody, and voice that whoever had none by default gets when that default ends (§5.1.2, §8.4). */
import type { BareJid } from '../../xmpp/fold';
import { featureRows } from '../contract/feature-rows';
import type { Role } from './roles';
import { showChange } from './show-change';
import type { RoomState } from '../state';
import type { Turn } from '../turn';

const MAX = 1_000;

/** By bare JID: voice was revoked. In the order in which that happened: of too many the oldest go. */
const revoked = featureRows<true, BareJid>({
  name: 'revoked-voice',
  says: 'who lost their voice and has not got it back',
  key: ['jid'],
  value: 'plain',
  travels: ['room', 'person'],
  erasing: 'forgets',
  folding: 'present',
  most: MAX,
  lifetime: { until: 'they get voice, leave an unmoderated room, are put out, or their affiliation changes' },
});

export const revokedVoice = revoked.declaration;

/** A moderator or an admin has given somebody this role. */
export function noteVoice(room: RoomState, turn: Turn, jid: BareJid, role: Role): void {
  if (role !== 'visitor') {
    forgetVoice(room, turn, jid);
    return;
  }
  if (revoked.get(room, jid)) return;
  const oldest = revoked.count(room) >= MAX ? revoked.first(room) : undefined;
  if (oldest) revoked.set(room, turn, oldest[0], null);
  revoked.set(room, turn, jid, true);
}

/** Whoever comes again begins anew. */
export function forgetVoice(room: RoomState, turn: Turn, jid: BareJid): void {
  if (revoked.get(room, jid)) revoked.set(room, turn, jid, null);
}

/** Nobody is a visitor by default any more: who was no more than that has voice, and all are told. */
export function giveVoice(room: RoomState, turn: Turn): void {
  for (const occupant of room.occupants.all()) {
    if (occupant.role !== 'visitor' || room.affiliationOf(occupant.jid) !== 'none' || revoked.get(room, occupant.jid)) continue;
    room.occupants.setRole(occupant, 'participant');
    showChange(room, turn, occupant, {});
  }
}
