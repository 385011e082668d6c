/** What the service answers for itself: XEP-0045 §6.1-6.3, XEP-0059, 0092, 0157, 0199, 0202. */
import { parse } from '../support/conversation';
import { childElements } from '../../src/xmpp/xml';
import { settle } from './fake-clock';
import { ANN, DOMAIN, join, rig, type Rig } from './rig';
import { asRoom } from '../support/jids';

const INFO = 'http://jabber.org/protocol/disco#info';
const ITEMS = 'http://jabber.org/protocol/disco#items';

async function ask(r: Rig, payload: string, type = 'get'): Promise<string> {
  r.link.take();
  r.feed(`<iq from="${ANN}" to="${DOMAIN}" type="${type}" id="q">${payload}</iq>`);
  await settle();
  expect(r.link.xml).toHaveLength(1);
  return r.link.xml[0] as string;
}

const listed = (xml: string): string[] => [...xml.matchAll(/<item jid="([^"]*)"/g)].map((match) => match[1] as string);
const set = (request: string): string => `<query xmlns="${ITEMS}"><set xmlns="http://jabber.org/protocol/rsm">${request}</set></query>`;

async function withRooms(count: number): Promise<Rig> {
  const r = await rig();
  const rooms = Array.from({ length: count }, (_, i) => `r${String(i).padStart(4, '0')}@${DOMAIN}`);
  await r.play(...rooms.map((room) => join(ANN, 'ann', asRoom(room))));
  return r;
}

test('disco#info: the identity first, the features, the contact addresses', async () => {
  const xml = await ask(await rig(), `<query xmlns="${INFO}"/>`);
  const query = childElements(parse(xml))[0];
  expect(query?.children[0]).toMatchObject({ name: 'identity', attrs: { category: 'conference', type: 'text', name: 'Rooms' } });
  const features = [...xml.matchAll(/<feature var="([^"]*)"/g)].map((match) => match[1]);
  expect(features).toEqual(
    expect.arrayContaining([
      'http://jabber.org/protocol/muc',
      INFO,
      ITEMS,
      'http://jabber.org/protocol/rsm',
      'http://jabber.org/protocol/muc#stable_id',
      'urn:xmpp:ping',
      'jabber:iq:version',
      'urn:xmpp:time',
      'vcard-temp',
    ]),
  );
  expect(xml).toMatch(
    /<value>http:\/\/jabber.org\/network\/serverinfo<\/value>.*var="abuse-addresses".*<value>mailto:abuse@x.lit<\/value>/,
  );
  expect(xml).not.toContain('admin-addresses');
});

test.each([INFO, ITEMS])('an unknown node of %s: item-not-found', async (namespace) => {
  expect(await ask(await rig(), `<query xmlns="${namespace}" node="urn:x"/>`)).toContain('<item-not-found');
});

test('ping, version, time', async () => {
  const r = await rig();
  expect(await ask(r, '<ping xmlns="urn:xmpp:ping"/>')).toBe(`<iq from="${DOMAIN}" to="${ANN}" type="result" id="q"/>`);
  expect(await ask(r, '<query xmlns="jabber:iq:version"/>')).toContain('<name>Parlour</name><version>1.2.3</version>');
  expect(await ask(r, '<time xmlns="urn:xmpp:time"/>')).toContain('<tzo>+00:00</tzo><utc>1970-01-01T00:16:40Z</utc>');
});

test('what it does not know: service-unavailable', async () => {
  const r = await rig();
  expect(await ask(r, '<query xmlns="jabber:iq:roster"/>')).toContain('<service-unavailable');
  expect(await ask(r, '<ping xmlns="urn:xmpp:ping"/>', 'set')).toContain('<service-unavailable');
});

test('the room list without RSM is complete up to several hundred, and has no set', async () => {
  const xml = await ask(await withRooms(400), `<query xmlns="${ITEMS}"/>`);
  expect(listed(xml)).toHaveLength(400);
  expect(xml).not.toContain('<set');
});

test('a longer list comes in pages, which join into the whole', async () => {
  const r = await withRooms(1_101);
  let xml = await ask(r, `<query xmlns="${ITEMS}"/>`);
  const all = listed(xml);
  expect(xml).toContain('<count>1101</count>');
  for (let pages = 0; pages < 5 && all.length < 1_101; pages++) {
    xml = await ask(r, set(`<after>${all.at(-1) ?? ''}</after>`));
    all.push(...listed(xml));
  }
  expect(all).toHaveLength(1_101);
  expect(all).toEqual([...new Set(all)].sort());
});

test('RSM: max, last page, page before, count alone', async () => {
  const r = await withRooms(5);
  const name = (i: number): string => `r000${i}@${DOMAIN}`;
  expect(await ask(r, set('<max>2</max>'))).toContain(
    `<set xmlns="http://jabber.org/protocol/rsm"><first index="0">${name(0)}</first><last>${name(1)}</last><count>5</count></set>`,
  );
  expect(listed(await ask(r, set('<max>2</max><before/>')))).toEqual([name(3), name(4)]);
  expect(listed(await ask(r, set(`<max>2</max><before>${name(3)}</before>`)))).toEqual([name(1), name(2)]);
  const count = await ask(r, set('<max>0</max>'));
  expect([listed(count), count.includes('<count>5</count>')]).toEqual([[], true]);
  expect(await ask(r, set('<max>x</max>'))).toContain('<bad-request');
  expect(await ask(r, set('<max>2</max><index>1</index>'))).toContain('<feature-not-implemented');
});

test('the list shows committed rooms only, and a new one at once', async () => {
  const r = await rig();
  r.store.hold();
  r.feed(join(ANN, 'ann'));
  await settle();
  expect(listed(await ask(r, `<query xmlns="${ITEMS}"/>`))).toEqual([]);
  r.store.letGo();
  await settle();
  expect(listed(await ask(r, `<query xmlns="${ITEMS}"/>`))).toEqual([`a@${DOMAIN}`]);
});

test('a store that cannot list: internal-server-error, and it is logged', async () => {
  const r = await rig();
  r.store.listRooms = () => Promise.reject(new Error('unreadable'));
  expect(await ask(r, `<query xmlns="${ITEMS}"/>`)).toContain('<internal-server-error');
  expect(r.complaints).toEqual(['a request to the service could not be answered']);
});
