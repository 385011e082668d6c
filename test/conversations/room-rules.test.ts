/** What the operator chose of how rooms speak and whom they let in (`rooms` in the configuration). */
import { coven, crone, hag, iq, join, noSubject, presence, ROOM, submit, wicca } from './expected';

const SECRET = { 'muc#roomconfig_passwordprotectedroom': '1', 'muc#roomconfig_roomsecret': 'cauldronburn' };
const phone = 'crone1@shakespeare.lit/phone';

describe('status codes', () => {
  test('E1: are empty, as the schema of XEP-0045 wants them', () => {
    const c = coven();
    join(c, hag, 'thirdwitch');
    iq(c, crone, 'set', 'c', submit({ 'muc#roomconfig_changesubject': '1' }));
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    const said = c.take().join('');
    expect(said).toContain('<status code="110"/>');
    expect(said).toContain('<status code="104"/>');
    expect(said).not.toContain('urn:xmpp:muc:conditions');
  });

  test('E1: carry their conditions (XEP-0306) where the operator wants that, in presence and in notices', () => {
    const c = coven([], {}, { rooms: { conditions: true } });
    join(c, hag, 'thirdwitch');
    iq(c, crone, 'set', 'c', submit({ 'muc#roomconfig_changesubject': '1' }));
    const said = c.take().join('');
    expect(said).toContain('<status code="110"><self-presence xmlns="urn:xmpp:muc:conditions:1"/></status>');
    expect(said).toContain('<status code="104"><configuration-changed xmlns="urn:xmpp:muc:conditions:1"/></status>');
  });
});

describe('the password of a room', () => {
  const enters = (jid: string, nick: string, options = {}): string[] => {
    const c = coven([], SECRET, options);
    join(c, jid, nick);
    return c.take().filter((stanza) => stanza.includes(`to="${jid}"`));
  };
  test('E9: an owner’s second device needs none', () => {
    const c = coven([], SECRET);
    join(c, phone, 'firstwitch');
    c.expectTo(
      phone,
      presence('firstwitch', phone, { affiliation: 'owner', role: 'moderator', jid: crone }, { id: 'n13mt3l', codes: [110] }),
      noSubject(phone),
    );
  });
  test('E9: nor does an owner who comes back into the empty room', () => {
    const c = coven([], { ...SECRET, 'muc#roomconfig_persistentroom': '1' });
    c.send(`<presence from="${crone}" to="${ROOM}/firstwitch" type="unavailable"/>`);
    c.forget();
    join(c, phone, 'firstwitch');
    expect(c.take().join('')).toContain('<status code="110"/>');
  });
  test('E9: an admin and a stranger need it', () => {
    for (const jid of [wicca, hag]) {
      const [said, ...more] = enters(jid, 'somebody');
      expect(more).toEqual([]);
      expect(said).toContain('not-authorized');
    }
  });
  test('E9: with `rooms.ownersNeedPassword` an owner needs it too (§7.2.5)', () => {
    const [said, ...more] = enters(phone, 'firstwitch', { rooms: { ownersNeedPassword: true } });
    expect(more).toEqual([]);
    expect(said).toContain('not-authorized');
  });
});
