/** Registered people who want what is said sent to their account while they are not in the room: who they are, and who of them is away. */
import { Remembered } from '../contract/memory';
import type { BareJid } from '../../xmpp/fold';
import { address, type Address } from '../../xmpp/outgoing';
import { mayHearAbsent } from './archive-readers';
import { featureRows } from '../contract/feature-rows';
import type { OccupantId } from '../contract/rows';
import type { RoomState } from '../state';
import type { Turn } from '../turn';

/** The field of the registration form that clients know (Tigase, and Prosody's mod_muc_offline_delivery). */
export const OFFLINE_FIELD = '{http://tigase.org/protocol/muc}offline';

/** People of one room. */
export const MAX_OFFLINE = 1000;

/** Occupant-ids by bare JID: kept, because to compute them all would take its time. */
const rows = featureRows<OccupantId, BareJid>({
  name: 'offline-delivery',
  says: 'whose account gets its messages while they are away, with their occupant-id',
  key: ['jid'],
  value: 'occupant-id',
  travels: ['room', 'person'],
  erasing: 'forgets',
  folding: 'present',
  most: MAX_OFFLINE,
  lifetime: { until: 'the registration ends, or the account refuses' },
});

export const offlineAccounts = rows.declaration;

/** Accounts to send to, as long as the rows are the same and nobody comes or goes. */
const absent = new Remembered<{ readonly version: number; readonly accounts: readonly Address[] }>('accounts that get copies');

export const offlineCount = (room: RoomState): number => rows.count(room);

export function wantsOffline(room: RoomState, jid: BareJid): boolean {
  return room.featureValues('offline-delivery')?.has(jid) === true;
}

/** Somebody wants it, or does not any more. */
export function setOffline(room: RoomState, turn: Turn, jid: BareJid, wanted: boolean): void {
  if (wantsOffline(room, jid) === wanted) return;
  rows.set(room, turn, jid, wanted ? room.idOf(jid) : null);
}

/** Who is away, or may read what is said, may have changed. */
export function forgetAbsent(room: RoomState): void {
  room.memory.forget(absent);
}

/** The accounts of those who want it, are away, and may read what is said. */
export function absentAccounts(room: RoomState): readonly Address[] {
  const known = room.memory.get(absent);
  const version = rows.version(room);
  if (known?.version === version) return known.accounts;
  const accounts = rows
    .entries(room)
    .filter(([jid, id]) => !room.occupants.withId(id) && mayHearAbsent(room, jid))
    .map(([jid]) => address(jid));
  room.memory.set(absent, { version, accounts });
  return accounts;
}
