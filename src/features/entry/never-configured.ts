/** A new room that its creator never configures is given up after a while (§10.1.1 "An implementation MAY set a timeout"; §14.6). */
import { destroy } from '../../room/configuring/destroy';
import type { Feature } from '../../room/contract/feature';
import { endOf } from '../../room/room-times';
import type { Millis } from '../../room/contract/rows';
import type { RoomState } from '../../room/state';

function deadline(room: RoomState, now = room.time): Millis | null {
  return room.row && room.locked ? endOf(room.row.createdAt, room.env.policy.limits.lockedMinutes * 60_000, now) : null;
}

export const locked: Feature = {
  name: 'locked',
  deadline: (room) => deadline(room),
  due: (room, turn) => {
    // As if the creator had cancelled: the default configuration might show to everybody what was meant to be private.
    if ((deadline(room, turn.now) ?? Infinity) <= turn.now) destroy(room, turn, {});
  },
};
