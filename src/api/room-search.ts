/** By what rooms are found, as a request says it: the same for looking at them and for destroying them. */
import type { RoomSearch } from '../store/directory';
import type { BareJid } from '../xmpp/fold';
import { given } from './asked';
import type { ApiParts } from './parts';
import { jid, whole } from './schemas';

const DAY_MS = 24 * 3600_000;

/** What a query and a body have alike. */
export const sought = { creator: jid.optional(), idleDays: whole(0, 36_500).optional() };

/** What a request says of the rooms that it means. */
interface Sought {
  readonly listed?: boolean | undefined;
  readonly empty?: boolean | undefined;
  readonly orphaned?: boolean | undefined;
  readonly creator?: BareJid | undefined;
  /** Days since anything was said. */
  readonly idleDays?: number | undefined;
}

/** The same for the store. */
export function searchOf(
  { listed, empty, orphaned, creator, idleDays }: Sought,
  { clock }: Pick<ApiParts, 'clock'>,
): Omit<RoomSearch, 'after' | 'limit'> {
  return given({ listed, empty, orphaned, creator, idleSince: idleDays === undefined ? undefined : clock.now() - idleDays * DAY_MS });
}
