/** Found E8: an invitation into a members-only room makes a member (§9.5); if there is nobody at the address, nobody stays one. */
import type { Conversation } from '../support/conversation';
import { admin, coven, crone, iq, join, ROOM, submit } from './expected';
import { asFull } from '../support/jids';

const MUC = 'http://jabber.org/protocol/muc';
const bare = asFull('nobody@shakespeare.lit');
const invite = (c: Conversation, jid = bare): void => {
  c.send(`<message from="${crone}" id="i" to="${ROOM}"><x xmlns="${MUC}#user"><invite to="${jid}"/></x></message>`);
  c.forget();
};
const bounce = (
  c: Conversation,
  condition: 'item-not-found' | 'gone' | 'service-unavailable' | 'remote-server-not-found',
  seen = false,
): string => {
  c.input(ROOM, { kind: 'bounced', bounce: { jid: bare, condition, seen } });
  return c.take().join('');
};
const members = (c: Conversation): string => {
  iq(c, crone, 'get', 'm', admin('<item affiliation="member"/>'));
  return c.take().join('');
};
const closed = (): Conversation => coven(['secondwitch'], { 'muc#roomconfig_membersonly': '1', 'muc#roomconfig_persistentroom': '1' });

describe('found E8', () => {
  test.each(['item-not-found', 'gone', 'service-unavailable'] as const)('%s ends the membership, and the inviter is told', (condition) => {
    const c = closed();
    invite(c);
    c.restart();
    c.forget();
    const told = bounce(c, condition);
    expect(told).toContain(`to="${crone}"`);
    expect(told).toContain('<item-not-found');
    expect(told).toContain('no member any more');
    expect(members(c)).not.toContain(bare);
  });

  test('a server that is not found once may be found again; twice ends it', () => {
    const c = closed();
    invite(c);
    bounce(c, 'remote-server-not-found');
    expect(members(c)).toContain(bare);
    invite(c);
    bounce(c, 'remote-server-not-found');
    expect(members(c)).not.toContain(bare);
  });

  test('service-unavailable says nothing of an account that was here before: it may only be away', () => {
    const c = closed();
    invite(c);
    bounce(c, 'service-unavailable', true);
    expect(members(c)).toContain(bare);
  });
});

describe('of its kind: a membership that something else gave stays', () => {
  test('listed by hand before or after', () => {
    const before = closed();
    iq(before, crone, 'set', 'a', admin(`<item affiliation="member" jid="${bare}"/>`));
    invite(before);
    bounce(before, 'item-not-found');
    expect(members(before)).toContain(bare);

    const after = closed();
    invite(after);
    iq(after, crone, 'set', 'a', admin(`<item affiliation="admin" jid="${bare}"/>`));
    iq(after, crone, 'set', 'a', admin(`<item affiliation="member" jid="${bare}"/>`));
    after.forget();
    bounce(after, 'item-not-found');
    expect(members(after)).toContain(bare);
  });

  test.each([
    ['with a reason', '', '<reason>Our gardener</reason>'],
    ['with a nick', ' nick="gardener"', ''],
    ['as they were already', '', ''],
  ])('listed by hand afterwards, %s', (_, more, inner) => {
    const c = closed();
    invite(c);
    iq(c, crone, 'set', 'a', admin(`<item affiliation="member" jid="${bare}"${more}>${inner}</item>`));
    c.restart();
    c.forget();
    bounce(c, 'item-not-found');
    expect(members(c)).toContain(bare);
  });

  test('of somebody who came', () => {
    const c = closed();
    invite(c);
    join(c, `${bare}/x`, 'somebody');
    c.send(`<presence from="${bare}/x" to="${ROOM}/somebody" type="unavailable"/>`);
    invite(c);
    bounce(c, 'item-not-found');
    expect(members(c)).toContain(bare);
  });

  test('in a room that is open nobody became a member, so nothing ends', () => {
    const c = coven(['secondwitch'], { 'muc#roomconfig_persistentroom': '1' });
    invite(c);
    iq(c, crone, 'set', 'c', submit({ 'muc#roomconfig_membersonly': '1' }));
    c.forget();
    expect(bounce(c, 'item-not-found')).not.toContain('no member any more');
  });
});
