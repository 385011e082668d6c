/** Where stanzas go, and what happens to those that are not as they should be. */
import { settle } from './fake-clock';
import { enter, instant, realRooms } from './real-rooms';
import { ANN, BOB, DOMAIN, iq, join, rig, ROOM } from './rig';
import { asRoom } from '../support/jids';

test('an occupant’s address gives the room its nick; the room’s own address an empty one', async () => {
  const { play } = await rig();
  expect(await play(join(ANN, 'ann/with/slashes'))).toEqual([`${ANN} ann/with/slashes joined`]);
});

test.each([
  ['without from', `<message to="${ROOM}" type="groupchat"><body>x</body></message>`],
  ['without to', `<message from="${ANN}" type="groupchat"><body>x</body></message>`],
  ['for another domain', `<iq from="${ANN}" to="a@other.lit" type="get" id="1"><ping xmlns="urn:xmpp:ping"/></iq>`],
  ['from our own domain', `<message from="${ROOM}/ann" to="${ROOM}" type="groupchat"><body>x</body></message>`],
  ['from our own domain itself', `<iq from="${DOMAIN}" to="${ROOM}" type="get" id="1"><ping xmlns="urn:xmpp:ping"/></iq>`],
  ['an IQ error', `<iq from="${ANN}" to="${ROOM}" type="error" id="1"/>`],
  ['an IQ result to the service', `<iq from="${ANN}" to="${DOMAIN}" type="result" id="1"/>`],
  ['a message error to the service', `<message from="${ANN}" to="${DOMAIN}" type="error"/>`],
  ['presence that asks for nothing', `<presence from="${ANN}" to="${DOMAIN}" type="unavailable"/>`],
  ['a presence probe to the service', `<presence from="${ANN}" to="${DOMAIN}" type="probe"/>`],
  ['a presence probe by a server', `<presence from="x.lit" to="${DOMAIN}" type="probe"/>`],
  ['a presence probe to a resource of the service', `<presence from="${ANN}" to="${DOMAIN}/xyz" type="probe"/>`],
  ['the end of a subscription that never was', `<presence from="${ANN}" to="${DOMAIN}" type="unsubscribe"/>`],
  ['the answer to a subscription that nobody asked for', `<presence from="${ANN}" to="${DOMAIN}" type="subscribed"/>`],
  ['leaving a resource of the service', `<presence from="${ANN}" to="${DOMAIN}/xyz" type="unavailable"/>`],
  ['an IQ result to a resource of the service', `<iq from="${ANN}" to="${DOMAIN}/xyz" type="result" id="1"/>`],
  ['an IQ error to the service', `<iq from="${ANN}" to="${DOMAIN}" type="error" id="1"><error type="cancel"/></iq>`],
  ['a presence error to the service', `<presence from="${ANN}" to="${DOMAIN}" type="error"/>`],
  ['no stanza at all', `<other from="${ANN}" to="${ROOM}"/>`],
])('silence: %s', async (_what, stanza) => {
  const { play, journal } = await rig();
  expect(await play(stanza)).toEqual([]);
  expect(journal).toEqual([]);
});

test.each([
  ['an IQ without id', `<iq from="${ANN}" to="${ROOM}" type="get"><ping xmlns="urn:xmpp:ping"/></iq>`, 'bad-request'],
  ['an IQ of no known type', `<iq from="${ANN}" to="${ROOM}" type="ask" id="1"><ping xmlns="urn:xmpp:ping"/></iq>`, 'bad-request'],
  ['an IQ without type', `<iq from="${ANN}" to="${DOMAIN}" id="1"><ping xmlns="urn:xmpp:ping"/></iq>`, 'bad-request'],
  ['an IQ without payload', `<iq from="${ANN}" to="${DOMAIN}" type="get" id="1"/>`, 'bad-request'],
  ['an IQ with two payloads', `<iq from="${ANN}" to="${ROOM}" type="set" id="1"><a/><b/></iq>`, 'bad-request'],
  ['an IQ to a resource of the service', iq(ANN, 'ping', '1', asRoom(`${DOMAIN}/xyz`)), 'item-not-found'],
  ['a message to a resource of the service', `<message from="${ANN}" to="${DOMAIN}/xyz"><body>x</body></message>`, 'item-not-found'],
  ['a set to a resource of the service', iq(ANN, 'query', '1', asRoom(`${DOMAIN}/xyz`), 'set'), 'item-not-found'],
  ['presence to a resource of the service', `<presence from="${ANN}" to="${DOMAIN}/xyz"/>`, 'item-not-found'],
  ['a groupchat message to the service', `<message from="${ANN}" to="${DOMAIN}" type="groupchat"/>`, 'service-unavailable'],
  ['a message to the service', `<message from="${ANN}" to="${DOMAIN}"><body>x</body></message>`, 'service-unavailable'],
  ['presence to the service', `<presence from="${ANN}" to="${DOMAIN}"/>`, 'service-unavailable'],
])('refused: %s', async (_what, stanza, condition) => {
  const { play, link, journal } = await rig();
  await play();
  const sent = await play(stanza);
  expect(sent).toEqual([`${ANN} !${condition}`]);
  expect([journal, link.xml]).toEqual([[], []]);
});

test('a refusal comes from the address that was asked, keeps the id and names the service', async () => {
  const { feed, link } = await rig();
  feed(iq(ANN, 'a', 'x1', asRoom(`${DOMAIN}/xyz`)));
  expect(link.xml[0]).toContain(`<iq from="${DOMAIN}/xyz" to="${ANN}" type="error" id="x1"><error type="cancel" by="${DOMAIN}">`);
});

test.each([
  ['a message to a room', `<message from="${ANN}" to="${ROOM}" type="groupchat" id="{id}"><body>x</body></message>`],
  ['presence to an occupant', `<presence from="${ANN}" to="${ROOM}/ann" id="{id}"/>`],
  ['a request to the service', `<iq from="${ANN}" to="${DOMAIN}" type="get" id="{id}"><ping xmlns="urn:xmpp:ping"/></iq>`],
])('found F16: an id of 200 KB, in %s: policy-violation, and its beginning', async (_what, stanza) => {
  const { feed, link, journal } = await rig();
  feed(stanza.replace('{id}', 'i'.repeat(200_000)));
  expect(link.xml[0]).toContain('<policy-violation ');
  expect(link.xml[0]?.length).toBeLessThan(3000);
  expect(journal).toEqual([]);
});

test('a subscription to the service is denied, by the service itself whatever resource was addressed', async () => {
  const { feed, link } = await rig();
  feed(`<presence from="${BOB}" to="${DOMAIN}" type="subscribe" id="s"/>`);
  feed(`<presence from="${BOB}" to="${DOMAIN}/xyz" type="subscribe" id="s"/>`);
  const denied = `<presence from="${DOMAIN}" to="${BOB}" type="unsubscribed" id="s"/>`;
  expect(link.xml).toEqual([denied, denied]);
});

test('of the kind of F6: a language of 200 KB is not passed on', async () => {
  const { feed, link } = await rig({ makeRoom: realRooms(true) });
  feed(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM));
  await settle();
  link.xml = [];
  for (const lang of ['x'.repeat(200_000), 'de'])
    feed(`<message from="${ANN}" to="${ROOM}" type="groupchat" xml:lang="${lang}"><body>x</body></message>`);
  await settle();
  expect(link.xml.map((xml) => /xml:lang="([^"]*)"/.exec(xml)?.[1])).toEqual([undefined, 'de']);
});
