/** Who counts as away: whoever is not in the room, or has had nothing there for five minutes but clients that are `away` or `xa`. */
import type { BareJid } from '../../xmpp/fold';
import { featureRows } from '../../room/contract/feature-rows';
import type { Millis } from '../../room/contract/rows';
import type { Occupant, Session } from '../../room/occupants/occupants';
import { endOf } from '../../room/room-times';
import type { RoomState } from '../../room/state';
import { MAX_WISHES, WAKE_AWAY } from './wake-wishes';
import type { Turn } from '../../room/turn';

/** A client that nobody is at for so long does not keep the phone silent. */
const AWAY_MS = 5 * 60_000;

const rows = featureRows<Millis, BareJid>({
  name: WAKE_AWAY,
  says: 'since when every client of somebody who is to be woken is away',
  key: ['jid'],
  value: 'plain',
  travels: ['person'],
  erasing: 'forgets',
  folding: { latest: 'value' },
  most: MAX_WISHES,
  lifetime: { until: 'one of them is not away, or they leave' },
});

export const awayRows = rows.declaration;

const isClientAway = ({ presence }: Session): boolean => /<show>\s*(?:away|xa)\s*<\/show>/.test(presence);

/** Whether somebody is at one of the clients that this person has in the room. */
export const isAtClient = ({ sessions }: Occupant): boolean => sessions.some((session) => !isClientAway(session));

/** Notes whether somebody with a wish is at any client; without `occupant` they are not in the room. */
export function noteAway(room: RoomState, turn: Turn, jid: BareJid, occupant: Occupant | undefined): void {
  const isAway = occupant !== undefined && !isAtClient(occupant);
  if (isAway !== (rows.get(room, jid) !== undefined)) rows.set(room, turn, jid, isAway ? turn.stamp : null);
}

/** Whether somebody in the room, who is at no client, has been away for long enough. Whoever is not in the room always has. */
export function isAwayForLong(room: RoomState, jid: BareJid): boolean {
  const since = rows.get(room, jid);
  return since === undefined || endOf(since, AWAY_MS, room.time) <= room.time;
}
