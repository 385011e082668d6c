/** Hats (XEP-0317): roles with names of a room's own, shown in presence. */
import { accountKey, type BareJid } from '../../xmpp/fold';
import { domainOf } from '../../xmpp/jid';
import { NS } from '../../xmpp/ns';
import { inWords } from '../../words';
import { NOTHING_ADDED } from '../../room/contract/additions';
import type { Feature } from '../../room/contract/feature';
import type { Actor } from '../../room/governing/rights';
import { isAffiliated } from '../../room/occupants/stays';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';
import { hatActs, hatsAnswer } from './hat-acts';
import { fitRole, hatRoleOnEntry } from './hat-roles';
import { hats, hatsHash, hatsXml, roleByHats, worn } from './worn';

/** A domain has no affiliation any more, or is banned: those there who have none of their own lose their hats, as they would by losing one of their own. */
function loseByDomain(room: RoomState, turn: Turn, domain: BareJid, actor: Actor): void {
  for (const jid of worn.keys(room)) {
    // One request may name a thousand domains: most wearers are told apart without a new text.
    if (!jid.endsWith(domain) || domainOf(jid) !== domain || isAffiliated(room, jid)) continue;
    const before = roleByHats(room, jid);
    worn.set(room, turn, jid, null);
    fitRole(room, turn, jid, before, actor.nick);
  }
}

export const hatsFeature: Feature = {
  name: 'hats',
  rows: [hats.declaration, worn.declaration],
  commands: hatActs,
  hats: hatsAnswer,
  aboutRows: [hats.declaration.name],
  disco: () => [NS.hats],
  info: (room) => {
    const hash = hatsHash(room);
    return hash === undefined ? [] : [{ var: 'hats#hash', type: 'text-single', label: inWords('hatsHash'), values: [hash] }];
  },
  adds: (room) => worn.count(room) > 0,
  addsToAll: true,
  rowsRead: [hats.declaration.name, worn.declaration.name],
  addToPresence: (room, { jid }) => {
    const all = hatsXml(room, jid);
    return all === '' ? undefined : { ...NOTHING_ADDED, all };
  },
  roleOnEntry: hatRoleOnEntry,
  affiliated: ({ room, turn, jid, after, actor }) => {
    if (!jid.includes('@')) return after === 'none' || after === 'outcast' ? loseByDomain(room, turn, jid, actor) : undefined;
    // A ban is one of the account, in whichever spelling it wears something (rule 7).
    if (after === 'outcast') for (const key of worn.keysIn(room, accountKey(jid))) worn.set(room, turn, key, null);
    if (!worn.get(room, jid)) return;
    const before = roleByHats(room, jid);
    // A role that an admin relies on having ended does not come back by a hat.
    if (after === 'none') worn.set(room, turn, jid, null);
    fitRole(room, turn, jid, after === 'none' ? before : undefined, actor.nick);
  },
};
