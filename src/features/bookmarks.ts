/** Whom those who run the service add to a room finds it among their bookmarks (XEP-0402), where their server lets Parlour write there (XEP-0356; `rooms.bookmarks`). */
import type { AffiliationChange, Feature } from '../room/contract/feature';
import { featureRows } from '../room/contract/feature-rows';
import type { Millis } from '../room/contract/rows';
import { isOwnDomain, type BareJid } from '../xmpp/fold';
import { domainOf } from '../xmpp/jid';

/** When somebody's bookmark was asked for, by bare JID: once, so that one that they removed is never written again. */
const written = featureRows<Millis, BareJid>({
  name: 'bookmarked',
  says: 'for whom a bookmark of it was written, and when',
  key: ['jid'],
  value: 'plain',
  travels: ['room', 'person'],
  erasing: 'forgets',
  folding: { latest: 'value' },
  most: 'limits.affiliationsPerRoom',
  lifetime: { until: 'the room ends' },
});

const BY_SERVICE: ReadonlySet<string> = new Set(['operator', 'token', 'administrator']);

/** Whether somebody acts who runs the service, which a token that only moderates does not: nobody else writes into what is other people's. */
const isOfService = ({ room, actor: { by, jid } }: AffiliationChange): boolean =>
  by ? BY_SERVICE.has(by.kind) && by.rank === undefined : jid !== null && room.env.policy.isServiceAdmin(jid);

function added(change: AffiliationChange): void {
  const { room, turn, jid, before, after } = change;
  const { policy } = room.env;
  if (policy.rooms.bookmarks !== true || room.locked || !jid.includes('@') || !isOwnDomain(domainOf(jid))) return;
  if (before !== 'none' || after === 'none' || after === 'outcast') return;
  if (!isOfService(change) || written.get(room, jid) !== undefined) return;
  if (written.count(room) >= policy.limits.affiliationsPerRoom) return;
  written.set(room, turn, jid, turn.stamp);
  turn.effects.push({ kind: 'bookmark', jid, name: room.facts.name, nick: room.affiliationRow(jid)?.nick ?? null });
}

export const bookmarks: Feature = { name: 'bookmarks', rows: [written.declaration], affiliated: added };
