/** What people have set in their accounts for this room (XEP-0492), as it was read last: one row for each who was asked about and has no wish of their own here. */
import { featureRows } from '../../room/contract/feature-rows';
import type { AccountWake } from '../../room/contract/machine';
import type { Millis } from '../../room/contract/rows';
import { endOf } from '../../room/room-times';
import type { RoomState } from '../../room/state';
import { MAX_WISHES, WAKE_ACCOUNT } from './wake-wishes';
import type { BareJid } from '../../xmpp/fold';

/** What could not be read again for so long does not count any more: the server may have stopped letting us. */
const COUNTS_MS = 30 * 86_400_000;

interface AccountSetting {
  /** `none`: they have set nothing. */
  readonly wake: AccountWake | 'none';
  /** When it was asked for last. */
  readonly asked: Millis;
  /** When it was read last. */
  readonly read: Millis;
}

/** By bare JID, in the order in which they were asked for last. */
export const accountSettings = featureRows<AccountSetting, BareJid>({
  name: WAKE_ACCOUNT,
  says: 'what wakes whom by the settings of their account, when that was asked for and when it was read',
  key: ['jid'],
  value: { members: { wake: 'plain', asked: 'plain', read: 'plain' } },
  travels: ['person'],
  erasing: 'forgets',
  folding: { latest: { member: 'read' } },
  most: MAX_WISHES,
  lifetime: { until: 'their wish ends or is one of their own, or the settings could not be read for 30 days' },
});

/** Whether it was read so long ago that it does not count any more. */
export const isOutdated = (room: RoomState, { read }: AccountSetting): boolean => endOf(read, COUNTS_MS, room.time) <= room.time;

/** What somebody has set in their account for this room; undefined: nothing, as far as is known. */
export function accountWake(room: RoomState, jid: BareJid): AccountWake | undefined {
  const setting = accountSettings.get(room, jid);
  return !setting || setting.wake === 'none' || isOutdated(room, setting) ? undefined : setting.wake;
}
