/** Roles and affiliations: XEP-0045 §8.2-8.5, §9.1-9.8, §10.3-10.8, §17.4. */
import {
  admin,
  announced,
  coven,
  crone,
  gone,
  hag,
  hecate,
  iq,
  join,
  notice101,
  presence,
  refusal,
  result,
  ROOM,
  submit,
  wicca,
} from './expected';

const plain = { affiliation: 'none', role: 'participant' };

describe('§8.2 kick', () => {
  test('Examples 89-92 the kicked first, then the result, then the others', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    iq(c, wicca, 'set', 'kick1', admin('<item nick="thirdwitch" role="none"><reason>Avaunt, you cullion!</reason></item>'));
    const inItem = '<actor nick="secondwitch"/><reason>Avaunt, you cullion!</reason>';
    c.expect(
      gone('thirdwitch', hag, { affiliation: 'none' }, { codes: [110, 307], inItem }),
      result(wicca, 'kick1'),
      gone('thirdwitch', crone, { affiliation: 'none', jid: hag }, { codes: [307], inItem }),
      gone('thirdwitch', wicca, { affiliation: 'none', jid: hag }, { codes: [307], inItem }),
    );
  });

  test('Example 93 of somebody who stands above: not-allowed; by a participant: forbidden; of nobody: item-not-found', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    iq(c, wicca, 'set', 'kicktest', admin('<item nick="firstwitch" role="none"/>'));
    c.expect(refusal('iq', ROOM, wicca, 'kicktest', 'cancel', 'not-allowed'));
    iq(c, hag, 'set', 'kicktest', admin('<item nick="secondwitch" role="none"/>'));
    c.expect(refusal('iq', ROOM, hag, 'kicktest', 'auth', 'forbidden'));
    iq(c, wicca, 'set', 'kicktest', admin('<item nick="pistol" role="none"/>'));
    c.expect(refusal('iq', ROOM, wicca, 'kicktest', 'cancel', 'item-not-found'));
  });
});

describe('§8.3-8.5 voice', () => {
  test('Examples 95-97 granted: the result, then presence to all', () => {
    const c = coven(['secondwitch', 'thirdwitch'], { 'muc#roomconfig_moderatedroom': '1' });
    iq(c, crone, 'set', 'voice1', admin('<item nick="thirdwitch" role="participant"><reason>A worthy witch indeed!</reason></item>'));
    const more = { inItem: '<actor nick="firstwitch"/><reason>A worthy witch indeed!</reason>' };
    c.expect(
      result(crone, 'voice1'),
      presence('thirdwitch', crone, { ...plain, jid: hag }, more),
      presence('thirdwitch', wicca, { ...plain, jid: hag }, more),
      presence('thirdwitch', hag, plain, { ...more, codes: [110] }),
    );
  });

  test('§8.4 Example 102 never taken from an admin or owner: not-allowed', () => {
    const c = coven(['secondwitch']);
    iq(c, crone, 'set', 'v', admin('<item nick="secondwitch" role="visitor"/>'));
    c.expect(refusal('iq', ROOM, crone, 'v', 'cancel', 'not-allowed'));
  });

  test('§8.5 Examples 103-104 the voice list: nick, role, affiliation, full JID', () => {
    const c = coven(['thirdwitch']);
    iq(c, crone, 'get', 'voice3', admin('<item role="participant"/>'));
    c.expect(result(crone, 'voice3', admin(`<item affiliation="none" jid="${hag}" nick="thirdwitch" role="participant"/>`)));
    iq(c, hag, 'get', 'voice3', admin('<item role="participant"/>'));
    c.expect(refusal('iq', ROOM, hag, 'voice3', 'auth', 'forbidden'));
  });
});

describe('§9.6-9.8 moderator status', () => {
  test('Examples 137, 139-140 granted by an admin; the new moderator is shown the JIDs they may see now', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    iq(c, wicca, 'set', 'mod1', admin('<item nick="thirdwitch" role="moderator"/>'));
    const item = { affiliation: 'none', role: 'moderator', jid: hag };
    const inItem = '<actor nick="secondwitch"/>';
    c.expect(
      result(wicca, 'mod1'),
      presence('thirdwitch', crone, item, { inItem }),
      presence('thirdwitch', wicca, item, { inItem }),
      presence('thirdwitch', hag, item, { inItem, codes: [110] }),
      presence('firstwitch', hag, { affiliation: 'owner', role: 'moderator', jid: crone }),
      presence('secondwitch', hag, { affiliation: 'admin', role: 'moderator', jid: wicca }),
    );
  });

  test('not by a mere moderator: forbidden', () => {
    const c = coven(['thirdwitch']);
    join(c, hecate, 'hecate');
    iq(c, crone, 'set', 'mod1', admin('<item nick="thirdwitch" role="moderator"/>'));
    c.forget();
    iq(c, hag, 'set', 'mod2', admin('<item nick="hecate" role="moderator"/>'));
    c.expect(refusal('iq', ROOM, hag, 'mod2', 'auth', 'forbidden'));
  });
});

describe('§9.1-9.2 bans', () => {
  test('Examples 111-114, 116-117 the result, then the banned with 301, then the rest', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    iq(c, wicca, 'set', 'ban1', admin('<item affiliation="outcast" jid="hag66@shakespeare.lit"><reason>Treason</reason></item>'));
    const inItem = '<actor nick="secondwitch"/><reason>Treason</reason>';
    c.expect(
      result(wicca, 'ban1'),
      gone('thirdwitch', hag, { affiliation: 'outcast' }, { codes: [110, 301], inItem }),
      gone('thirdwitch', crone, { affiliation: 'outcast', jid: hag }, { codes: [301], inItem }),
      gone('thirdwitch', wicca, { affiliation: 'outcast', jid: hag }, { codes: [301], inItem }),
    );
    iq(c, wicca, 'get', 'ban2', admin('<item affiliation="outcast"/>'));
    c.expect(result(wicca, 'ban2', admin('<item affiliation="outcast" jid="hag66@shakespeare.lit"><reason>Treason</reason></item>')));
  });

  test('Example 115 of an owner by an admin: not-allowed; of oneself: conflict; by a participant: forbidden', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    iq(c, wicca, 'set', 'b', admin('<item affiliation="outcast" jid="crone1@shakespeare.lit"/>'));
    c.expect(refusal('iq', ROOM, wicca, 'b', 'cancel', 'not-allowed'));
    iq(c, crone, 'set', 'b', admin('<item affiliation="outcast" jid="crone1@shakespeare.lit"/>'));
    c.expect(refusal('iq', ROOM, crone, 'b', 'cancel', 'conflict'));
    iq(c, hag, 'set', 'b', admin('<item affiliation="outcast" jid="hecate@shakespeare.lit"/>'));
    c.expect(refusal('iq', ROOM, hag, 'b', 'auth', 'forbidden'));
  });

  test('§9.2 several items: all or nothing', () => {
    const c = coven(['secondwitch']);
    iq(
      c,
      wicca,
      'set',
      'b',
      admin('<item affiliation="outcast" jid="hecate@shakespeare.lit"/><item affiliation="outcast" jid="crone1@shakespeare.lit"/>'),
    );
    c.expect(refusal('iq', ROOM, wicca, 'b', 'cancel', 'not-allowed'));
    iq(c, crone, 'get', 'l', admin('<item affiliation="outcast"/>'));
    c.expect(result(crone, 'l', admin('')));
  });

  test('lifted again: who was banned may enter', () => {
    const c = coven();
    iq(c, crone, 'set', 'b', admin('<item affiliation="outcast" jid="hag66@shakespeare.lit/pda"/>'));
    const bare = 'hag66@shakespeare.lit';
    c.expect(result(crone, 'b'), announced(crone, bare, 'outcast'), notice101(bare, 'outcast'));
    iq(c, crone, 'set', 'b', admin('<item affiliation="none" jid="hag66@shakespeare.lit"/>'));
    c.expect(result(crone, 'b'), announced(crone, bare, 'none'), notice101(bare, 'none'));
    join(c, hag, 'thirdwitch');
    expect(c.take()).toHaveLength(4);
  });
});

describe('§9.3-9.5 membership', () => {
  test('granted to somebody present: the result, then presence to all', () => {
    const c = coven(['thirdwitch']);
    iq(c, crone, 'set', 'member1', admin('<item affiliation="member" jid="hag66@shakespeare.lit"/>'));
    const item = { affiliation: 'member', role: 'participant' };
    const inItem = '<actor nick="firstwitch"/>';
    c.expect(
      result(crone, 'member1'),
      presence('thirdwitch', crone, { ...item, jid: hag }, { inItem }),
      presence('thirdwitch', hag, item, { inItem, codes: [110] }),
    );
  });

  test('§9.4 Examples 124, 126, 128 revoked in a members-only room: removed with 321 and no presence before', () => {
    const c = coven();
    iq(c, crone, 'set', 'm', admin('<item affiliation="member" jid="hag66@shakespeare.lit"/>'));
    iq(c, crone, 'set', 'c', submit({ 'muc#roomconfig_membersonly': '1' }));
    join(c, hag, 'thirdwitch');
    c.forget();
    iq(c, crone, 'set', 'member2', admin('<item affiliation="none" jid="hag66@shakespeare.lit"/>'));
    const inItem = '<actor nick="firstwitch"/>';
    c.expect(
      result(crone, 'member2'),
      gone('thirdwitch', hag, { affiliation: 'none' }, { codes: [110, 321], inItem }),
      gone('thirdwitch', crone, { affiliation: 'none', jid: hag }, { codes: [321], inItem }),
    );
  });

  test('§9.5 Examples 129-130 the member list has affiliation and bare JID, and the nick only if there is one', () => {
    const c = coven(['secondwitch']);
    iq(
      c,
      wicca,
      'set',
      'm',
      admin(
        '<item affiliation="member" jid="hag66@shakespeare.lit" nick="thirdwitch"/><item affiliation="member" jid="hecate@shakespeare.lit"/>',
      ),
    );
    const told = (jid: string): string[] => [announced(crone, jid, 'member'), announced(wicca, jid, 'member'), notice101(jid, 'member')];
    c.expect(result(wicca, 'm'), ...told('hag66@shakespeare.lit'), ...told('hecate@shakespeare.lit'));
    iq(c, wicca, 'get', 'member3', admin('<item affiliation="member"/>'));
    c.expect(
      result(
        wicca,
        'member3',
        admin(
          '<item affiliation="member" jid="hag66@shakespeare.lit" nick="thirdwitch"/><item affiliation="member" jid="hecate@shakespeare.lit"/>',
        ),
      ),
    );
  });
});

describe('§10.3-10.8 owners and admins', () => {
  test('Examples 186, 188-189 granting admin to somebody present raises their role in that same presence', () => {
    const c = coven(['thirdwitch']);
    iq(c, crone, 'set', 'admin1', admin('<item affiliation="admin" jid="hag66@shakespeare.lit"/>'));
    const item = { affiliation: 'admin', role: 'moderator', jid: hag };
    const inItem = '<actor nick="firstwitch"/>';
    c.expect(
      result(crone, 'admin1'),
      presence('thirdwitch', crone, item, { inItem }),
      presence('thirdwitch', hag, item, { inItem, codes: [110] }),
      presence('firstwitch', hag, { affiliation: 'owner', role: 'moderator', jid: crone }),
    );
  });

  test('by an admin: forbidden; the last owner: conflict; one of two owners may go', () => {
    const c = coven(['secondwitch']);
    iq(c, wicca, 'set', 'o', admin('<item affiliation="admin" jid="hag66@shakespeare.lit"/>'));
    c.expect(refusal('iq', ROOM, wicca, 'o', 'auth', 'forbidden'));
    iq(c, crone, 'set', 'o', admin('<item affiliation="admin" jid="crone1@shakespeare.lit"/>'));
    c.expect(refusal('iq', ROOM, crone, 'o', 'cancel', 'conflict'));
    iq(
      c,
      crone,
      'set',
      'o',
      admin('<item affiliation="owner" jid="hecate@shakespeare.lit"/><item affiliation="admin" jid="crone1@shakespeare.lit"/>'),
    );
    expect(c.take()[0]).toContain('type="result"');
  });

  test('§10.5, §10.8 lists: owners read them; in a semi-anonymous room an admin does not', () => {
    const c = coven(['secondwitch']);
    iq(c, crone, 'get', 'l', admin('<item affiliation="admin"/>'));
    c.expect(result(crone, 'l', admin('<item affiliation="admin" jid="wiccarocks@shakespeare.lit"/>')));
    iq(c, wicca, 'get', 'l', admin('<item affiliation="owner"/>'));
    c.expect(refusal('iq', ROOM, wicca, 'l', 'auth', 'forbidden'));
  });

  test('…and in a non-anonymous one every occupant does (1.35.0)', () => {
    const c = coven(['thirdwitch'], { 'muc#roomconfig_whois': 'anyone' });
    iq(c, hag, 'get', 'l', admin('<item affiliation="owner"/>'));
    c.expect(result(hag, 'l', admin('<item affiliation="owner" jid="crone1@shakespeare.lit"/>')));
  });
});

test('§17.4 malformed items: bad-request; a JID that is none: jid-malformed', () => {
  const c = coven(['thirdwitch']);
  for (const item of [
    '<item nick="thirdwitch" role="none" affiliation="none"/>',
    '<item jid="a@b"/>',
    '<item affiliation="king" jid="a@b"/>',
    '<item affiliation="member"/>',
    '',
  ]) {
    iq(c, crone, 'set', 'x', admin(item));
    c.expect(refusal('iq', ROOM, crone, 'x', 'modify', 'bad-request'));
  }
  iq(c, crone, 'set', 'x', admin('<item affiliation="member" jid="a b@@c"/>'));
  c.expect(refusal('iq', ROOM, crone, 'x', 'modify', 'jid-malformed'));
});

test('somebody with a JID that RFC 7622 forbids can be banned all the same', () => {
  const c = coven();
  const odd = '🦄@shakespeare.lit';
  join(c, `${odd}/field`, 'unicorn');
  c.forget();
  iq(c, crone, 'set', 'b', admin(`<item affiliation="outcast" jid="${odd}"/>`));
  expect(c.take()[0]).toBe(`<iq from="${ROOM}" to="${crone}" type="result" id="b"/>`);
  iq(c, crone, 'set', 'b', admin(`<item affiliation="none" jid="${odd}"/>`));
  expect(c.take()[0]).toBe(`<iq from="${ROOM}" to="${crone}" type="result" id="b"/>`);
});
