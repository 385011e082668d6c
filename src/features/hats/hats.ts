/** Hats (XEP-0317): roles with names of a room's own, shown in presence. */
import { accountKey } from '../../xmpp/fold';
import { NS } from '../../xmpp/ns';
import { say } from '../../words';
import { NOTHING_ADDED } from '../../room/contract/additions';
import type { Feature } from '../../room/contract/feature';
import { hatActs, hatsAnswer } from './hat-acts';
import { fitRole, hatRoleOnEntry } from './hat-roles';
import { hats, hatsHash, hatsXml, roleByHats, worn } from './worn';

export const hatsFeature: Feature = {
  name: 'hats',
  rows: [hats.declaration, worn.declaration],
  commands: hatActs,
  hats: hatsAnswer,
  aboutRows: [hats.declaration.name],
  disco: () => [NS.hats],
  info: (room) => {
    const hash = hatsHash(room);
    return hash === undefined ? [] : [{ var: 'hats#hash', type: 'text-single', label: say('hatsHash'), values: [hash] }];
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
    // A ban is one of the account, in whichever spelling it wears something (rule 7).
    if (after === 'outcast') for (const key of worn.keysIn(room, accountKey(jid))) worn.set(room, turn, key, null);
    if (!worn.get(room, jid)) return;
    const before = roleByHats(room, jid);
    // A role that an admin relies on having ended does not come back by a hat.
    if (after === 'none') worn.set(room, turn, jid, null);
    fitRole(room, turn, jid, after === 'none' ? before : undefined, actor.nick);
  },
};
