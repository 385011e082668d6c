/** Who has voice now, in one place: voice that was taken by somebody, that is kept back for a time, or that whoever had none by default gets when that default ends (§5.1.2, §8.4). */
import { accountKey, type BareJid } from '../../xmpp/fold';
import { featureRows } from '../contract/feature-rows';
import type { Nick } from '../../xmpp/nick';
import type { Occupant } from '../occupants/occupants';
import type { Role } from './roles';
import { showChange, welcomeModerator } from './show-change';
import type { RoomState } from '../state';
import type { Turn } from '../turn';

const MAX = 1_000;

/** By bare JID: voice was revoked. In the order in which that happened: of too many the oldest go. */
const revoked = featureRows<true, BareJid>({
  name: 'revoked-voice',
  says: 'who lost their voice and has not got it back',
  key: ['jid'],
  value: 'flag',
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
  if (!revoked.get(room, jid)) revoked.keep(room, turn, jid, true);
}

/** Whether a moderator has taken their voice, and nobody has given it back. */
export const isRevoked = (room: RoomState, jid: BareJid): boolean => revoked.get(room, jid) !== undefined;

/** Who is in under any address that may be this account (rule 7). */
export const ofAccount = (room: RoomState, jid: BareJid): Occupant[] => {
  const key = accountKey(jid);
  const plain = room.occupants.withId(room.idOf(key));
  return [...(plain ? [plain] : []), ...room.occupants.spelledOtherwise(key)];
};

/** Whoever comes again begins anew. */
export function forgetVoice(room: RoomState, turn: Turn, jid: BareJid): void {
  if (revoked.get(room, jid)) revoked.set(room, turn, jid, null);
}

/** The role that is theirs now by all that says something about their voice; `given`: somebody had given them voice. */
function voiceNow(room: RoomState, jid: BareJid, given: boolean): Role {
  if (room.isSilenced(jid) || isRevoked(room, jid)) return 'visitor';
  const role = room.roleOnEntry(jid);
  return given && role === 'visitor' ? 'participant' : role;
}

/**
 * Something that kept somebody without voice is over: if they are in, and nothing else keeps it from them, they have it again and all are told.
 * `given`: somebody had given them voice; `nick`: of whoever ended it.
 */
export function endSilence(
  room: RoomState,
  turn: Turn,
  jid: BareJid,
  { given = false, nick }: { given?: boolean; nick?: Nick | undefined },
): void {
  for (const occupant of ofAccount(room, jid)) {
    if (occupant.role !== 'visitor') continue;
    const role = voiceNow(room, occupant.jid, given && occupant.jid === jid);
    if (role === 'visitor') continue;
    room.occupants.setRole(occupant, role);
    showChange(room, turn, occupant, nick === undefined ? {} : { actorNick: nick });
    if (role === 'moderator') welcomeModerator(room, turn, occupant);
  }
}

/** Nobody is a visitor by default any more: who was no more than that has voice, and all are told. */
export function giveVoice(room: RoomState, turn: Turn): void {
  for (const occupant of room.occupants.all()) {
    if (occupant.role !== 'visitor' || room.affiliationOf(occupant.jid) !== 'none') continue;
    if (room.isSilenced(occupant.jid) || isRevoked(room, occupant.jid)) continue;
    room.occupants.setRole(occupant, 'participant');
    showChange(room, turn, occupant, {});
  }
}
