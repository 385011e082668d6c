/** Owners and admins made and unmade, one by one and as lists that are sent back: XEP-0045 §10.3-10.8. */
import type { Conversation } from '../support/conversation';
import { admin, announced, coven, crone, hag, hecate, iq, join, notice101, presence, refusal, result, ROOM, wicca } from './expected';

const inItem = '<actor nick="firstwitch"/>';
const first = { affiliation: 'owner', role: 'moderator', jid: crone };
const reasons = { worthy: '<reason>A worthy witch indeed!</reason>', unworthy: '<reason>Not so worthy after all!</reason>' };

/** Firstwitch sets items and is told that it worked; then everybody is shown what changed. */
function sets(c: Conversation, id: string, items: string, expected: readonly string[]): void {
  iq(c, crone, 'set', id, admin(items));
  c.expect(result(crone, id), ...expected);
}

/** A room with firstwitch and Hecate, who is what `affiliation` says. */
function withHecate(affiliation: string): Conversation {
  const c = coven();
  join(c, hecate, 'hecate');
  iq(c, crone, 'set', 'prepare', admin(`<item affiliation="${affiliation}" jid="hecate@shakespeare.lit"/>`));
  c.forget();
  return c;
}

/** What is said when Hecate becomes something while she is out. */
const absent = (affiliation: string): string[] => [
  announced(crone, 'hecate@shakespeare.lit', affiliation),
  notice101('hecate@shakespeare.lit', affiliation),
];

describe('§10.3-10.5 owners', () => {
  const owner = { affiliation: 'owner', role: 'moderator', jid: hecate };
  const item = (affiliation: string, reason = ''): string =>
    `<item affiliation="${affiliation}" jid="hecate@shakespeare.lit">${reason}</item>`;

  test('Examples 172-175 made, without and with a reason: moderator in that same presence, then shown the JIDs', () => {
    for (const reason of ['', reasons.worthy]) {
      const c = withHecate('none');
      sets(c, 'owner1', item('owner', reason), [
        presence('hecate', crone, owner, { inItem: inItem + reason }),
        presence('hecate', hecate, owner, { inItem: inItem + reason, codes: [110] }),
        presence('firstwitch', hecate, first),
      ]);
    }
  });

  test('Examples 177-180 unmade, without and with a reason: an admin stays moderator', () => {
    const item2 = { ...owner, affiliation: 'admin' };
    for (const reason of ['', reasons.unworthy]) {
      const c = withHecate('owner');
      sets(c, 'owner2', item('admin', reason), [
        presence('hecate', crone, item2, { inItem: inItem + reason }),
        presence('hecate', hecate, item2, { inItem: inItem + reason, codes: [110] }),
      ]);
    }
  });

  test('§10.3 Example 176 somebody absent: told in the room, and to that person with 101', () => {
    const c = coven();
    sets(c, 'owner1', item('owner'), absent('owner'));
  });

  test('§10.5 Examples 181-183, 185 the list, and the list sent back by an owner who is not in the room', () => {
    const c = coven();
    const bard = 'crone1@shakespeare.lit/globe';
    iq(c, bard, 'get', 'owner3', admin('<item affiliation="owner"/>'));
    c.expect(result(bard, 'owner3', admin('<item affiliation="owner" jid="crone1@shakespeare.lit"/>')));
    iq(c, bard, 'set', 'owner4', admin(item('owner')));
    c.expectTo(bard, result(bard, 'owner4'));
    iq(c, bard, 'get', 'owner3', admin('<item affiliation="owner"/>'));
    c.expect(
      result(
        bard,
        'owner3',
        admin('<item affiliation="owner" jid="crone1@shakespeare.lit"/><item affiliation="owner" jid="hecate@shakespeare.lit"/>'),
      ),
    );
  });

  test('§10.5 Example 184 not by somebody who is no owner: forbidden', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    for (const from of [hag, wicca, hecate]) {
      iq(c, from, 'set', 'ownertest', admin(item('owner')));
      c.expect(refusal('iq', ROOM, from, 'ownertest', 'auth', 'forbidden'));
    }
  });
});

describe('§10.6-10.8 admins', () => {
  test('Examples 190, 195 of somebody absent, made and unmade: told in the room, and to that person with 101', () => {
    const c = coven();
    sets(c, 'admin1', '<item affiliation="admin" jid="hecate@shakespeare.lit"/>', absent('admin'));
    sets(c, 'admin2', '<item affiliation="member" jid="hecate@shakespeare.lit"/>', absent('member'));
  });

  test('Example 187 made with a reason', () => {
    const c = coven(['thirdwitch']);
    const item = { affiliation: 'admin', role: 'moderator', jid: hag };
    const more = { inItem: inItem + reasons.worthy };
    sets(c, 'admin1', `<item affiliation="admin" jid="hag66@shakespeare.lit">${reasons.worthy}</item>`, [
      presence('thirdwitch', crone, item, more),
      presence('thirdwitch', hag, item, { ...more, codes: [110] }),
      presence('firstwitch', hag, first),
    ]);
  });

  test('Examples 191-194 unmade, without and with a reason: a participant from then on', () => {
    for (const reason of ['', reasons.unworthy]) {
      const c = coven(['secondwitch']);
      const item = { affiliation: 'none', role: 'participant' };
      sets(c, 'admin2', `<item affiliation="none" jid="wiccarocks@shakespeare.lit">${reason}</item>`, [
        presence('secondwitch', crone, { ...item, jid: wicca }, { inItem: inItem + reason }),
        presence('secondwitch', wicca, item, { inItem: inItem + reason, codes: [110] }),
      ]);
    }
  });

  test('§10.8 Examples 196-197 the list, with the nicknames that are reserved', () => {
    const c = coven();
    iq(
      c,
      crone,
      'set',
      'a',
      admin(
        '<item affiliation="admin" jid="wiccarocks@shakespeare.lit" nick="secondwitch"/><item affiliation="admin" jid="hag66@shakespeare.lit"/>',
      ),
    );
    c.forget();
    iq(c, crone, 'get', 'admin3', admin('<item affiliation="admin"/>'));
    c.expect(
      result(
        crone,
        'admin3',
        admin(
          '<item affiliation="admin" jid="hag66@shakespeare.lit"/><item affiliation="admin" jid="wiccarocks@shakespeare.lit" nick="secondwitch"/>',
        ),
      ),
    );
  });

  test('§10.8 Examples 198, 200 the list sent back: who lost and who gained is shown', () => {
    const c = withHecate('none');
    join(c, hag, 'thirdwitch');
    iq(c, crone, 'set', 'a', admin('<item affiliation="admin" jid="hag66@shakespeare.lit"/>'));
    c.forget();
    const lost = { affiliation: 'none', role: 'participant' };
    const gained = { affiliation: 'admin', role: 'moderator', jid: hecate };
    sets(c, 'admin4', '<item affiliation="none" jid="hag66@shakespeare.lit"/><item affiliation="admin" jid="hecate@shakespeare.lit"/>', [
      presence('thirdwitch', crone, { ...lost, jid: hag }, { inItem }),
      presence('thirdwitch', hecate, { ...lost, jid: hag }, { inItem }),
      presence('thirdwitch', hag, lost, { inItem, codes: [110] }),
      presence('hecate', crone, gained, { inItem }),
      presence('hecate', hag, { affiliation: 'admin', role: 'moderator' }, { inItem }),
      presence('hecate', hecate, gained, { inItem, codes: [110] }),
      presence('firstwitch', hecate, first),
      presence('thirdwitch', hecate, { ...lost, jid: hag }),
    ]);
  });

  test('§10.8 Example 199 not by somebody who is no owner: forbidden', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    for (const from of [hag, wicca, hecate]) {
      iq(c, from, 'set', 'admintest', admin('<item affiliation="admin" jid="hecate@shakespeare.lit"/>'));
      c.expect(refusal('iq', ROOM, from, 'admintest', 'auth', 'forbidden'));
    }
  });
});
