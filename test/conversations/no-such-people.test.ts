/** Addresses that are no person's, requests that contradict themselves, and reasons of bans (found H5, H6, H13-H15, E16). */
import { admin, coven, crone, hag, iq, join, refusal, ROOM } from './expected';

const OWNER = 'http://jabber.org/protocol/muc#owner';
const HAG = 'hag66@shakespeare.lit';
const owner = (inner: string): string => `<query xmlns="${OWNER}">${inner}</query>`;
const field = (name: string, ...values: string[]): string =>
  `<field var="${name}">${values.map((value) => `<value>${value}</value>`).join('')}</field>`;
const form = (inner = ''): string =>
  `<x xmlns="jabber:x:data" type="submit">${field('FORM_TYPE', 'http://jabber.org/protocol/muc#roomconfig')}${inner}</x>`;

test.each(['outcast', 'member', 'admin', 'owner'])('found H5: room/nick as the jid of an item means the occupant: %s', (affiliation) => {
  const c = coven(['thirdwitch']);
  iq(c, crone, 'set', 'a', admin(`<item affiliation="${affiliation}" jid="${ROOM}/thirdwitch"/>`));
  c.forget();
  iq(c, crone, 'get', 'l', admin(`<item affiliation="${affiliation}"/>`));
  const list = c.take().join('');
  expect(list).toContain(HAG);
  expect(list).not.toContain(ROOM + '/');
});

test('found H5: nobody of that nick: item-not-found', () => {
  const c = coven();
  iq(c, crone, 'set', 'a', admin(`<item affiliation="outcast" jid="${ROOM}/nobody"/>`));
  c.expect(refusal('iq', ROOM, crone, 'a', 'cancel', 'item-not-found'));
});

test.each([
  ['H6', '*@spam.example'],
  ['H14', ROOM],
  ['H14', 'anything@chat.shakespeare.lit'],
  ['H14', 'chat.shakespeare.lit'],
])('found %s: %s takes no affiliation, by item or form', (_, jid) => {
  const c = coven();
  for (const affiliation of ['outcast', 'member', 'admin', 'owner']) {
    iq(c, crone, 'set', 'a', admin(`<item affiliation="${affiliation}" jid="${jid}"/>`));
    c.expect(refusal('iq', ROOM, crone, 'a', 'modify', 'not-acceptable'));
  }
  iq(c, crone, 'set', 'f', owner(form(field('muc#roomconfig_roomowners', jid))));
  c.expect(refusal('iq', ROOM, crone, 'f', 'modify', 'not-acceptable'));
});

test.each(['submit', 'cancel'])(
  'found H13: a form of type %s and a destruction in one request: bad-request, and nothing is done',
  (type) => {
    const c = coven();
    iq(c, crone, 'set', 'd', owner(`${form().replace('type="submit"', `type="${type}"`)}<destroy/>`));
    c.expect(refusal('iq', ROOM, crone, 'd', 'modify', 'bad-request'));
  },
);

test.each([ROOM, ROOM.toUpperCase(), `${ROOM}/nick`])('found H15: %s is no venue for itself', (venue) => {
  const c = coven();
  iq(c, crone, 'set', 'd', owner(`<destroy jid="${venue}"/>`));
  c.expect(refusal('iq', ROOM, crone, 'd', 'modify', 'not-acceptable'));
});

test.each([HAG, 'shakespeare.lit'])('found E16: the reason of the ban of %s is told to whom it keeps out', (jid) => {
  const c = coven();
  iq(c, crone, 'set', 'b', admin(`<item affiliation="outcast" jid="${jid}"><reason>Treason</reason></item>`));
  c.forget();
  join(c, hag, 'thirdwitch');
  const told = c.take().join('');
  expect(told).toContain('<forbidden ');
  expect(told).toContain('They gave this reason: Treason');
});

test.each([
  ['registers (§7.10)', 'set', '<query xmlns="jabber:iq:register"><username>tw</username></query>'],
  ['asks for the form of registering (§7.10)', 'get', '<query xmlns="jabber:iq:register"/>'],
  ['asks for the vCard of the room (XEP-0486 §2)', 'get', '<vCard xmlns="vcard-temp"/>'],
] as const)('found E16: the reason is told to a banned person who %s', (_, type, payload) => {
  const c = coven();
  iq(c, crone, 'set', 'b', admin(`<item affiliation="outcast" jid="${HAG}"><reason>Treason</reason></item>`));
  c.forget();
  iq(c, hag, type, 'r', payload);
  expect(c.take().join('')).toContain('They gave this reason: Treason');
});

test('found E16: of a long reason, its first 200 bytes', () => {
  const c = coven();
  iq(c, crone, 'set', 'b', admin(`<item affiliation="outcast" jid="${HAG}"><reason>${'😈'.repeat(5000)}</reason></item>`));
  c.forget();
  join(c, hag, 'thirdwitch');
  expect(c.take().join('')).toContain(`reason: ${'😈'.repeat(50)}</text>`);
});

test('found E16: no reason, no word of one', () => {
  const c = coven();
  iq(c, crone, 'set', 'b', admin(`<item affiliation="outcast" jid="${HAG}"/>`));
  c.take();
  join(c, hag, 'thirdwitch');
  expect(c.take().join('')).not.toContain('They gave');
  iq(c, crone, 'set', 'b', admin(`<item affiliation="none" jid="${HAG}"/>`));
  expect(c.take()[0]).toContain('type="result"');
});
