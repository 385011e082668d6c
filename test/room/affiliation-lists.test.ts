/** The affiliation in force for somebody: their own row, else their domain's. */
import { AffiliationLists } from '../../src/room/governing/affiliation-lists';
import type { AffiliationRow } from '../../src/room/contract/rows';
import { asBare } from '../support/jids';

const row = (jid: string, affiliation: AffiliationRow['affiliation']): AffiliationRow => ({
  jid: asBare(jid),
  affiliation,
  nick: null,
  reason: null,
  setBy: null,
  setByName: null,
  setAt: 0,
  expiresAt: null,
  afterwards: null,
});

test('§9.2: the own row is in force before that of the domain, which is asked for as long as there is one', () => {
  const lists = new AffiliationLists();
  const inForce = (jid: string) => lists.inForce(asBare(jid))?.affiliation;
  lists.set(asBare('ann@x.lit'), row('ann@x.lit', 'owner'));
  expect(inForce('bob@x.lit')).toBeUndefined();
  lists.set(asBare('x.lit'), row('x.lit', 'member'));
  lists.set(asBare('x.lit'), row('x.lit', 'outcast'));
  expect([inForce('ann@x.lit'), inForce('bob@x.lit'), inForce('bob@y.lit'), inForce('x.lit')]).toEqual([
    'owner',
    'outcast',
    undefined,
    'outcast',
  ]);
  lists.set(asBare('y.lit'), row('y.lit', 'member'));
  lists.set(asBare('x.lit'), null);
  lists.set(asBare('z.lit'), null);
  expect([inForce('bob@x.lit'), inForce('bob@y.lit')]).toEqual([undefined, 'member']);
  lists.clear();
  lists.set(asBare('y.lit'), row('y.lit', 'admin'));
  expect(inForce('bob@y.lit')).toBe('admin');
});
