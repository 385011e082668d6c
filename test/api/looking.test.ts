/** Looking at rooms over the API: who is let in, and what they are told. */
import { enter } from '../service/real-rooms';
import { house, type House } from './house';

const ROOM = 'a@rooms.x.lit';
let h: House;
beforeEach(async () => {
  h = await house();
  await h.play(enter('ann@x.lit/1', ROOM, 'Ann'));
  await h.play(
    `<iq from="ann@x.lit/1" to="${ROOM}" type="set" id="o"><query xmlns="http://jabber.org/protocol/muc#owner"><x xmlns="jabber:x:data" type="submit"/></query></iq>`,
  );
});
afterEach(() => h.close());

test('over the socket nobody needs a token; over TCP everybody does', async () => {
  expect(await h.ask('GET', '/v1/status')).toMatchObject({
    status: 200,
    body: { attached: true, version: '1.2.3', domain: 'rooms.x.lit' },
  });
  expect(await h.ask('GET', '/v1/status', { tcp: true })).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
  expect(await h.ask('GET', '/v1/status', { token: 'parlour_wrong' })).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
  const token = await h.token('read');
  expect(await h.ask('GET', '/v1/status', { token })).toMatchObject({ status: 200, body: { rooms: 1, occupants: 1 } });
});

test('a room, by its address or its name in any spelling', async () => {
  for (const name of [ROOM, 'a', 'A', encodeURIComponent(ROOM)])
    expect(await h.ask('GET', `/v1/rooms/${name}`)).toMatchObject({ status: 200, body: { jid: ROOM, occupants: 1, creator: 'ann@x.lit' } });
  expect(await h.ask('GET', `/v1/rooms/none`)).toMatchObject({
    status: 404,
    headers: { 'content-type': 'application/problem+json; charset=utf-8' },
    body: { type: 'urn:parlour:problem:item-not-found', code: 'item-not-found', status: 404, detail: 'There is no such room.' },
  });
  expect(await h.ask('GET', `/v1/rooms/a@elsewhere.lit`)).toMatchObject({ status: 400, body: { code: 'bad-request' } });
});

test('who is in, and who has an affiliation', async () => {
  expect((await h.ask('GET', `/v1/rooms/a/occupants`)).body).toEqual({
    entries: [
      { nick: 'Ann', occupantId: expect.any(String) as string, jid: 'ann@x.lit', affiliation: 'owner', role: 'moderator', sessions: 1 },
    ],
    next: null,
  });
  expect((await h.ask('GET', `/v1/rooms/a/affiliations?affiliation=owner`)).body).toMatchObject({ entries: [{ jid: 'ann@x.lit' }] });
});

test('what is wrong in a request is said, in the language that is asked for', async () => {
  expect(await h.ask('GET', `/v1/rooms/a/affiliations`)).toMatchObject({
    status: 400,
    body: { detail: 'In affiliation: is needed; it takes owner, admin, member or outcast.' },
  });
  expect(await h.ask('GET', '/v1/rooms?limit=0', { headers: { 'accept-language': 'de-CH,en;q=0.5' } })).toMatchObject({
    status: 400,
    body: { code: 'bad-request', detail: 'Bei limit: takes a whole number from 1 to 500, not "0".' },
  });
  for (const where of ['/nowhere', '/v1/rooms/%E0%A4%A'])
    expect(await h.ask('GET', where)).toMatchObject({ status: 404, body: { code: 'no-such-route' } });
});

test('a page of rooms begins behind a room in any spelling, and the trail is asked for people in any', async () => {
  const names = async (after: string): Promise<unknown> => (await h.ask('GET', `/v1/rooms?after=${encodeURIComponent(after)}`)).body;
  expect(await names('A@Rooms.X.lit')).toMatchObject({ entries: [] });
  expect(await names('0')).toMatchObject({ entries: [{ jid: ROOM }] });
  expect(await h.ask('GET', '/v1/rooms?after=b%40elsewhere.lit')).toMatchObject({ status: 400, body: { code: 'bad-request' } });
  const acts = (await h.ask('GET', '/v1/audit?actor=Ann%40X.lit')).body as { entries: { act: string }[] };
  expect(acts.entries.length).toBeGreaterThan(0);
  expect(await h.ask('GET', '/v1/audit?actor=ann%40x.lit')).toMatchObject({ body: acts });
});
