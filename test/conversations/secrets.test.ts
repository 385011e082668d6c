/** What strangers are not told: passwords, archives, lists (found F2, F11). */
import { admin, coven, crone, hag, hecate, iq, refusal, ROOM } from './expected';
import { bare, send } from './registration-stanzas';

const MUC = 'http://jabber.org/protocol/muc#user';
const LOCKED = { 'muc#roomconfig_passwordprotectedroom': '1', 'muc#roomconfig_roomsecret': 'cauldronburn' };
const ARCHIVE = { '{urn:parlour:room}archiveaccess': 'members' };
const invite = (from: string, to: string): string =>
  `<message from="${from}" to="${ROOM}" id="i"><x xmlns="${MUC}"><invite to="${to}"/></x></message>`;
const affiliation = (c: ReturnType<typeof coven>, jid: string): boolean => {
  iq(c, crone, 'get', 'list', admin('<item affiliation="member"/>'));
  return c.take().join('').includes(jid);
};

describe('found F2: what a stranger lacks is not had by registering', () => {
  test.each([
    ['a password', LOCKED],
    ['an archive for members', ARCHIVE],
  ])('registering in an open room with %s waits for an admin', (_, options) => {
    const c = coven([], options);
    send(c);
    c.forget();
    expect(affiliation(c, bare(hag))).toBe(false);
  });

  test('nobody invites themselves, by whatever spelling or device', () => {
    const c = coven(['thirdwitch']);
    for (const to of [bare(hag), hag, bare(hag).toUpperCase()]) {
      c.send(invite(hag, to));
      expect(c.take().join('')).toContain('not-allowed');
    }
  });

  test('a member who is not in the room invites without its password; one who is in, and an owner from outside, with it', () => {
    const c = coven([], LOCKED);
    iq(c, crone, 'set', 'm', admin(`<item affiliation="member" jid="${bare(hag)}"/>`));
    c.forget();
    c.send(invite(hag, 'friend@shakespeare.lit'));
    const without = c.take().join('');
    expect(without).toContain('<invite ');
    expect(without).not.toContain('cauldronburn');
    c.send(
      `<presence from="${hag}" to="${ROOM}/thirdwitch"><x xmlns="http://jabber.org/protocol/muc"><password>cauldronburn</password></x></presence>`,
    );
    c.forget();
    c.send(invite(hag, 'another@shakespeare.lit'));
    expect(c.take().join('')).toContain('cauldronburn');
    c.send(`<presence from="${crone}" to="${ROOM}/firstwitch" type="unavailable"/>`);
    c.forget();
    c.send(invite(crone, 'friend@shakespeare.lit'));
    expect(c.take().join('')).toContain('cauldronburn');
  });
});

describe('found F11: who may not change a list is told only that, whatever it holds', () => {
  test.each(['outcast', 'member', 'admin', 'owner', 'none'])('affiliation %s, listed or not', (wanted) => {
    const c = coven(['secondwitch', 'thirdwitch']);
    iq(
      c,
      crone,
      'set',
      'b',
      admin('<item affiliation="outcast" jid="x@shakespeare.lit"/><item affiliation="member" jid="y@shakespeare.lit"/>'),
    );
    c.forget();
    for (const jid of ['x@shakespeare.lit', 'y@shakespeare.lit', 'z@shakespeare.lit', 'crone1@shakespeare.lit']) {
      iq(c, hag, 'set', 'probe', admin(`<item affiliation="${wanted}" jid="${jid}"/>`));
      c.expect(refusal('iq', ROOM, hag, 'probe', 'auth', 'forbidden'));
    }
  });

  test.each(['none', 'visitor', 'participant', 'moderator'])('role %s of somebody who is in or not', (wanted) => {
    const c = coven(['secondwitch', 'thirdwitch']);
    for (const nick of ['firstwitch', 'secondwitch', 'nobody']) {
      iq(c, hag, 'set', 'probe', admin(`<item role="${wanted}" nick="${nick}"/>`));
      c.expect(refusal('iq', ROOM, hag, 'probe', 'auth', 'forbidden'));
      iq(c, hecate, 'set', 'probe', admin(`<item role="${wanted}" nick="${nick}"/>`));
      c.expect(refusal('iq', ROOM, hecate, 'probe', 'auth', 'forbidden'));
    }
  });
});
