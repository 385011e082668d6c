/** When people who belong to a room were last in it: what a store compares to tell them of activity since (XEP-0437). */
import { LAST_VISITS } from '../contract/row-names';
import type { BareJid } from '../../xmpp/fold';
import { featureRows } from '../contract/feature-rows';

/** The number of the latest message at the end of somebody's last visit, by bare JID. A decimal number, so that a store can compare it. */
export const lastVisits = featureRows<number, BareJid>({
  name: LAST_VISITS,
  says: 'the number of the latest message when somebody who belongs to it was last in it',
  key: ['jid'],
  value: 'number',
  travels: ['room', 'person'],
  erasing: 'forgets',
  folding: { latest: 'value' },
  most: 'limits.affiliationsPerRoom',
  lifetime: { until: 'the affiliation ends' },
});
