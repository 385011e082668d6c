/** How many people a room keeps of each affiliation: every list must stay readable, whoever fills it. */
import type { BareJid } from '../../xmpp/fold';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { inWords } from '../../words';
import { briefItem } from './affiliation-lists';
import type { Affiliation } from './roles';
import type { RoomState } from '../state';

interface Growth {
  count: number;
  bytes: number;
}

/** Why the lists cannot take what stands here after a change, by bare JID, or undefined. A list that gets no longer is never full. */
export function growthRefusal(state: RoomState, after: ReadonlyMap<BareJid, Affiliation>): StanzaError | undefined {
  const growths = new Map<Affiliation, Growth>();
  const grow = (jid: BareJid, affiliation: Affiliation, sign: 1 | -1): void => {
    let growth = growths.get(affiliation);
    if (!growth) growths.set(affiliation, (growth = { count: 0, bytes: 0 }));
    growth.count += sign;
    growth.bytes += sign * briefBytes(jid, affiliation);
  };
  for (const [jid, affiliation] of after) {
    const before = state.affiliationRow(jid)?.affiliation ?? 'none';
    if (before === affiliation) continue;
    grow(jid, before, -1);
    grow(jid, affiliation, 1);
  }
  growths.delete('none');
  const { affiliationsPerRoom: max, listBytes } = state.env.policy.limits;
  for (const [affiliation, { count, bytes }] of growths) {
    if (count > 0 && state.affiliations.count(affiliation) + count > max)
      return stanzaError('resource-constraint', inWords('listFull', { max }));
    // A list of owners or admins that is too long is read by pages; those of many are kept readable for every client.
    if (affiliation !== 'member' && affiliation !== 'outcast') continue;
    if (bytes > 0 && state.affiliations.bytes(affiliation).brief + bytes > listBytes)
      return stanzaError('resource-constraint', inWords('listBytesFull'));
  }
  return undefined;
}

/** Why this bare JID cannot be made a member, or undefined. */
export function memberGrowthRefusal(state: RoomState, jids: readonly BareJid[]): StanzaError | undefined {
  return growthRefusal(state, new Map<BareJid, Affiliation>(jids.map((jid) => [jid, 'member'])));
}

const briefBytes = (jid: BareJid, affiliation: Affiliation): number => Buffer.byteLength(briefItem(jid, affiliation));
