/** Lists that one stanza carries are cut by bytes as well as by number, and say that there is more (XEP-0030 §7.3, XEP-0059; found B11: the same kind). */
import { auditing } from '../../src/admin/audit';
import { auditCells, auditRowXml } from '../../src/features/commands/audit-table';
import { tableXml } from '../../src/xmpp/forms';
import { registrationList } from '../../src/service/answers/registrations';
import { BY_ITSELF } from '../../src/room/contract/audit';
import type { Change } from '../../src/room/contract/rows';
import { serviceItems } from '../../src/service/answers/discovery';
import { nodeItems, SERVICE_NODES } from '../../src/service/answers/nodes';
import { fitting } from '../../src/xmpp/list-bytes';
import { parse } from '../support/conversation';
import { MemoryStore } from '../support/memory-store';
import { batch, create, occupant, session } from '../store/batches';
import { asBare, asFull, asRoom } from '../support/jids';
import { asNick, asOccupantId } from '../support/ids';

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
  const node = await SERVICE_NODES.get('http://jabber.org/protocol/muc#rooms')?.items?.(
    asFull('a@b/c'),
    {
      domain,
      adHoc: undefined,
      language: 'en',
      store: { seatsOf: () => Promise.resolve(seats), listOccupied: () => Promise.reject(new Error('not asked')) },
    },
    parse('<query xmlns="http://jabber.org/protocol/disco#items" node="http://jabber.org/protocol/muc#rooms"/>'),
  );
  expect(Buffer.byteLength(node as string)).toBeLessThan(SENT);
  expect(node).toContain('<last>');
  const known = rooms.map(({ jid }) => ({ room: jid, name: '', affiliation: 'member' as const, nick: '<'.repeat(500) }));
  const registrations = await registrationList(asFull('a@b/c'), { registrationsOf: () => Promise.resolve(known) }, 'en');
  expect(Buffer.byteLength(registrations)).toBeLessThan(SENT);
});

test('XEP-0059 §2.2-2.5: the node of the rooms that somebody is in goes on from page to page, forwards and backwards', async () => {
  const disk = new MemoryStore();
  const names = Array.from({ length: 7 }, (_, i) => asRoom(`r${i}@r.lit`));
  const who = asFull('x@y/1');
  const parts = names.map((room) => ({
    room,
    changes: [
      create(room),
      { table: 'occupant', id: asOccupantId('o1'), row: occupant('o1', { nick: asNick('Ex') }) },
      { table: 'session', jid: who, row: session(who, { occupantId: asOccupantId('o1') }) },
    ] satisfies Change[],
  }));
  await disk.commit(batch(1, ...parts));
  const page = async (rsm: string): Promise<string> => {
    const asked = parse(
      `<query xmlns="http://jabber.org/protocol/disco#items" node="http://jabber.org/protocol/muc#rooms">${set(rsm)}</query>`,
    );
    const answer = await nodeItems(
      'http://jabber.org/protocol/muc#rooms',
      who,
      { domain: 'r.lit', adHoc: undefined, language: 'en', store: disk },
      asked,
    );
    return typeof answer === 'string' ? answer : answer.condition;
  };
  const jids = (xml: string): string[] => [...xml.matchAll(/<item jid="([^"]*)"/g)].map(([, jid = '']) => jid);
  expect(jids(await page('<max>3</max>'))).toEqual(names.slice(0, 3));
  expect(jids(await page(`<max>3</max><after>${names[2] as string}</after>`))).toEqual(names.slice(3, 6));
  expect(await page(`<max>3</max><after>${names[5] as string}</after>`)).toContain(
    set(`<first>${names[6] as string}</first><last>${names[6] as string}</last>`),
  );
  expect(jids(await page('<max>2</max><before/>'))).toEqual(names.slice(5));
  expect(jids(await page(`<max>2</max><before>${names[5] as string}</before>`))).toEqual(names.slice(3, 5));
  expect(await page('')).toContain('<count>7</count>');
  expect(
    await nodeItems(
      'http://jabber.org/protocol/muc#rooms',
      who,
      { domain: 'r.lit', adHoc: undefined, language: 'en', store: disk },
      parse(`<query xmlns="x">${set('<after>gone@r.lit</after>')}</query>`),
    ),
  ).toMatchObject({ condition: 'item-not-found' });
});

test('found B11: the audit trail as a table is cut by bytes, and says so', async () => {
  const item = { object: '&'.repeat(200), before: '<'.repeat(200), after: '"'.repeat(200), reason: '>'.repeat(200) };
  const act = {
    id: 1,
    at: 1,
    room: asRoom('a@r.lit'),
    act: 'set-affiliations',
    by: BY_ITSELF,
    count: 100,
    items: Array.from({ length: 100 }, () => item),
  } as const;
  const { run } = auditing({
    domain: 'r.lit',
    store: { audit: ({ limit }) => Promise.resolve(Array.from({ length: limit }, () => act)), hasRoom: () => Promise.resolve(true) },
    clock: { now: () => 1 },
  });
  const { note, table } = await run(new Map(), asBare('admin@b'));
  expect(Buffer.byteLength(tableXml(table?.columns ?? [], table?.rows ?? [], 'en'))).toBeLessThan(450_000);
  expect(String(note?.text)).toContain(String(table?.rows.length));
  const cells = auditCells(act, act.room);
  expect(Buffer.byteLength(auditRowXml(cells, 'en'))).toBeGreaterThanOrEqual(
    Buffer.byteLength(tableXml([], [cells], 'en')) - Buffer.byteLength(tableXml([], [], 'en')),
  );
});

test('one item is given however long it is', () => {
  expect(fitting(['abc', 'd'], (text) => text, false, 2)).toEqual(['abc']);
  expect(fitting(['abc', 'd'], (text) => text, true, 2)).toEqual(['d']);
  expect(fitting([], (text: string) => text)).toEqual([]);
});
