/** Who was woken, and has not been seen since: one row for each, in the order in which they were. */
import type { BareJid } from '../../xmpp/fold';
import { featureRows } from '../../room/contract/feature-rows';
import type { Millis } from '../../room/contract/rows';
import { MAX_WISHES, WAKE_RUNG } from './wake-wishes';

export interface Rung {
  /** When they were woken. */
  readonly at: Millis;
  /** The number of the room's latest message then. */
  readonly seq: number;
  /** Mentions since then. */
  readonly mentions: number;
}

export const rung = featureRows<Rung, BareJid>({
  name: WAKE_RUNG,
  says: 'whom it has woken and has not seen since, when, and for which message',
  key: ['jid'],
  value: { members: { at: 'plain', seq: 'plain', mentions: 'plain' } },
  travels: ['person'],
  erasing: 'forgets',
  folding: { latest: { member: 'at' } },
  most: MAX_WISHES,
  lifetime: { until: 'they are seen, or their wish ends' },
});
