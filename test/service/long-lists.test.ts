/** Lists that one stanza carries are cut by bytes as well as by number, and say that there is more (XEP-0030 §7.3, XEP-0059; found B11: the same kind). */
import { registrationList } from '../../src/service/registrations';
import { serviceItems } from '../../src/service/discovery';
import { SERVICE_NODES } from '../../src/service/nodes';
import { fitting } from '../../src/xmpp/list-bytes';
import { parse } from '../support/conversation';
import { asFull, asRoom } from '../support/jids';

const SENT = 516_096;
const rooms = Array.from({ length: 500 }, (_, i) => ({
  jid: asRoom(`${String(i).padStart(1_000, 'r')}@rooms.lit`),
  name: '&'.repeat(500),
}));
const list = (rsm = ''): Promise<string> =>
  serviceItems(parse(`<query xmlns="http://jabber.org/protocol/disco#items">${rsm}</query>`), {
    listRooms: ({ last }) => Promise.resolve({ rooms, count: 600, index: last === true ? 100 : 0 }),
  }) as Promise<string>;
const set = (inner: string): string => `<set xmlns="http://jabber.org/protocol/rsm">${inner}</set>`;

test('found B11: the list of rooms with long names is a page that says where it ends', async () => {
  const xml = await list();
  const items = xml.match(/<item /g)?.length as number;
  expect(Buffer.byteLength(xml)).toBeLessThan(SENT);
  expect(items).toBeGreaterThan(100);
  expect(xml).toContain(`<last>${rooms[items - 1]?.jid as string}</last><count>600</count>`);
});

test('found B11: a page from the end keeps its end, and says at which place it begins', async () => {
  const xml = await list(set('<before/>'));
  const items = xml.match(/<item /g)?.length as number;
  expect(Buffer.byteLength(xml)).toBeLessThan(SENT);
  expect(xml).toContain(`<first index="${600 - items}">${rooms[500 - items]?.jid as string}</first>`);
  expect(xml).toContain(`<last>${rooms[499]?.jid as string}</last>`);
});

test('found B11: the rooms that somebody is in, and those that know them', async () => {
  const domain = 'rooms.lit';
  const seats = rooms.map(({ jid }) => ({ room: jid, nick: '&'.repeat(500) }));
  const node = await SERVICE_NODES.get('http://jabber.org/protocol/muc#rooms')?.items?.(asFull('a@b/c'), {
    domain,
    adHoc: undefined,
    store: { seatsOf: () => Promise.resolve(seats) },
  });
  expect(Buffer.byteLength(node as string)).toBeLessThan(SENT);
  expect(node).toContain('<last>');
  const known = rooms.map(({ jid }) => ({ room: jid, name: '', affiliation: 'member' as const, nick: '<'.repeat(500) }));
  const registrations = await registrationList(asFull('a@b/c'), { registrationsOf: () => Promise.resolve(known) });
  expect(Buffer.byteLength(registrations)).toBeLessThan(SENT);
});

test('one item is given however long it is', () => {
  expect(fitting(['abc', 'd'], (text) => text, false, 2)).toEqual(['abc']);
  expect(fitting(['abc', 'd'], (text) => text, true, 2)).toEqual(['d']);
  expect(fitting([], (text: string) => text)).toEqual([]);
});
