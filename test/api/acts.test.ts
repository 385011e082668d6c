/** Each route once, as it is meant: it runs the commands that it declares, and answers what it declares. */
import * as z from 'zod';
import { Revoking } from '../../src/api/posting-room';
import { ROUTES } from '../../src/api/routes';
import { type Scope } from '../../src/api/scopes';
import { Tokens } from '../../src/api/tokens';
import { inWords } from '../../src/words';
import { stanzaError } from '../../src/xmpp/stanza-error';
import { DOMAIN } from '../service/rig';
import { enter, instant } from '../service/real-rooms';
import { house, type Asking, type House, type Reply } from './house';

const ROOM = 'a@rooms.x.lit';
const ANN = 'ann@x.lit/1';
const BOB = 'bob@y.lit/1';
/** What each route is asked for; the id of the latest message stands in the body for `{id}`. */
interface Example extends Asking {
  readonly where: string;
  readonly status?: number;
}
const spoken = `<message from="${BOB}" to="${ROOM}" type="groupchat" id="m1"><body>Buy pills</body></message>`;

const EXAMPLES: Readonly<Record<string, Example>> = {
  'GET /v1/status': { where: '/v1/status' },
  'GET /v1/audit': { where: '/v1/audit?limit=1' },
  'GET /metrics': { where: '/metrics' },
  'GET /healthz': { where: '/healthz' },
  'GET /readyz': { where: '/readyz' },
  'GET /v1/admins': { where: '/v1/admins' },
  'GET /v1/log-level': { where: '/v1/log-level' },
  'PUT /v1/log-level': { where: '/v1/log-level', body: { level: 'debug' } },
  'GET /v1/backups': { where: '/v1/backups' },
  'POST /v1/backups': { where: '/v1/backups' },
  'POST /v1/stop': { where: '/v1/stop' },
  'POST /v1/shut-down': { where: '/v1/shut-down', body: { reason: 'Moving' } },
  'GET /v1/rooms': { where: '/v1/rooms?listed=true&empty=false&idleDays=0' },
  'GET /v1/rooms/:room': { where: '/v1/rooms/a' },
  'GET /v1/rooms/:room/occupants': { where: '/v1/rooms/a/occupants?limit=1' },
  'GET /v1/rooms/:room/affiliations': { where: '/v1/rooms/a/affiliations?affiliation=owner' },
  'PUT /v1/rooms/:room': { where: '/v1/rooms/new', body: { owner: 'Cat@x.lit', options: { 'muc#roomconfig_persistentroom': true } } },
  'GET /v1/rooms/:room/options': { where: '/v1/rooms/a/options' },
  'PUT /v1/rooms/:room/options': { where: '/v1/rooms/a/options', body: { options: { 'muc#roomconfig_roomname': 'Tea' } } },
  'POST /v1/rooms/:room/destroy': { where: '/v1/rooms/a/destroy', body: { reason: 'Over' } },
  'POST /v1/rooms/:room/rename': { where: '/v1/rooms/a/rename', body: { to: 'b' } },
  'POST /v1/rooms/:room/erase': { where: '/v1/rooms/a/erase', body: {} },
  'PUT /v1/rooms/:room/subject': { where: '/v1/rooms/a/subject', body: { text: 'Tea' } },
  'POST /v1/rooms/:room/messages': { where: '/v1/rooms/a/messages', body: { body: 'The kettle boils.' } },
  'POST /v1/rooms/:room/affiliations': {
    where: '/v1/rooms/a/affiliations',
    body: { items: [{ jid: 'bob@y.lit', affiliation: 'outcast', reason: 'Spam' }] },
  },
  'POST /v1/rooms/:room/roles': { where: '/v1/rooms/a/roles', body: { items: [{ nick: 'Bob', role: 'none' }] } },
  'POST /v1/rooms/:room/nicks': { where: '/v1/rooms/a/nicks', body: { nick: 'Bob', to: 'Robert' } },
  'POST /v1/rooms/:room/invitations': { where: '/v1/rooms/a/invitations', body: { jid: 'cat@x.lit' } },
  'POST /v1/rooms/:room/erased-people': { where: '/v1/rooms/a/erased-people', body: { jid: 'bob@y.lit' } },
  'POST /v1/rooms/:room/trim': { where: '/v1/rooms/a/trim', body: {} },
  'GET /v1/rooms/:room/queues': { where: '/v1/rooms/a/queues' },
  'GET /v1/rooms/:room/limits': { where: '/v1/rooms/a/limits' },
  'POST /v1/rooms/:room/mutes': { where: '/v1/rooms/a/mutes', body: { nick: 'Bob', for: '2h', reason: 'Shouting' } },
  'GET /v1/rooms/:room/hats': { where: '/v1/rooms/a/hats' },
  'PUT /v1/rooms/:room/hats': { where: '/v1/rooms/a/hats', body: { uri: 'urn:x:host', title: 'Host', role: 'moderator', hue: '120' } },
  // There is none: that the command is asked for is what is shown here; hats are made and worn below.
  'POST /v1/rooms/:room/hats/destroy': { where: '/v1/rooms/a/hats/destroy', body: { uri: 'urn:x:host' }, status: 404 },
  'POST /v1/rooms/:room/hats/assign': { where: '/v1/rooms/a/hats/assign', body: { uri: 'urn:x:host', nick: 'Bob' }, status: 404 },
  'POST /v1/rooms/:room/hats/unassign': { where: '/v1/rooms/a/hats/unassign', body: { uri: 'urn:x:host', jid: 'bob@y.lit' }, status: 404 },
  // Nobody is muted: that the command is asked for is what is shown here.
  'POST /v1/rooms/:room/unmutes': { where: '/v1/rooms/a/unmutes', body: { jid: 'bob@y.lit' }, status: 404 },
  // Nobody was warned.
  'POST /v1/rooms/:room/withdrawn-warnings': { where: '/v1/rooms/a/withdrawn-warnings', body: { jid: 'bob@y.lit' }, status: 404 },
  'POST /v1/rooms/:room/warnings': { where: '/v1/rooms/a/warnings', body: { jid: 'bob@y.lit', reason: 'Shouting' } },
  // Nothing waits: that the command is asked for is what is shown here.
  'POST /v1/rooms/:room/queues/registration': {
    where: '/v1/rooms/a/queues/registration',
    body: { jid: 'bob@y.lit', allow: true },
    status: 404,
  },
  'POST /v1/rooms/:room/queues/voice': { where: '/v1/rooms/a/queues/voice', body: { jid: 'bob@y.lit', allow: true }, status: 404 },
  'POST /v1/rooms/:room/queues/message': { where: '/v1/rooms/a/queues/message', body: { id: 'none', allow: true }, status: 404 },
  'POST /v1/rooms/:room/moderate': { where: '/v1/rooms/a/moderate', body: { id: '{id}' } },
  'POST /v1/rooms/:room/purge': { where: '/v1/rooms/a/purge', body: { jid: 'bob@y.lit', minutes: '60', ban: true } },
  'GET /v1/rooms/:room/messages': { where: '/v1/rooms/a/messages?text=pills&limit=5&before=' },
  'GET /v1/rooms/:room/numbers': { where: '/v1/rooms/a/numbers' },
  'GET /v1/rooms/:room/audit': { where: '/v1/rooms/a/audit' },
  'POST /v1/bans': { where: '/v1/bans', body: { jids: ['bob@y.lit', 'spam.example'] } },
  'POST /v1/destructions': { where: '/v1/destructions', body: { empty: false, number: 1 } },
  'POST /v1/rooms/:room/posts': { where: '/v1/rooms/a/posts', body: { body: 'Build 7 has failed.' }, token: '{post}' },
  'GET /v1/tokens': { where: '/v1/tokens' },
  'POST /v1/tokens': { where: '/v1/tokens', body: { name: 'bot', scope: 'post', rooms: 'a', postAs: 'Bot' } },
  'DELETE /v1/tokens/:name': { where: '/v1/tokens/ci' },
  'POST /v1/reload': { where: '/v1/reload' },
  'GET /v1/rooms/:room/export': { where: '/v1/rooms/a/export' },
  'POST /v1/rooms/:room/import': { where: '/v1/rooms/c/import', body: '{exported}' },
  'GET /v1/people/:jid/export': { where: '/v1/people/bob@y.lit/export' },
  'POST /v1/forgotten-accounts': { where: '/v1/forgotten-accounts', body: { jid: 'bob@y.lit' } },
  'GET /v1/erasures': { where: '/v1/erasures' },
  'POST /v1/erasures': { where: '/v1/erasures', body: { jid: 'bob@y.lit' } },
  'GET /openapi.json': { where: '/openapi.json' },
};

let h: House;
let ran: string[];
let posting: string;
/** What somebody else does before a command is carried out. */
let meanwhile: (name: string) => Promise<unknown>;
beforeEach(async () => {
  ran = [];
  meanwhile = () => Promise.resolve();
  h = await house((parts) => ({
    ...parts,
    execute: async (execution) => {
      ran.push(execution.command.name);
      await meanwhile(execution.command.name);
      return parts.execute(execution);
    },
    shutDown: (by, reason) => {
      ran.push('shut-down');
      return parts.shutDown(by, reason);
    },
  }));
  await h.play(enter(ANN, ROOM, 'Ann'), instant(ANN, ROOM), enter(BOB, ROOM, 'Bob'), spoken);
  const made = await h.ask('POST', '/v1/tokens', { body: { name: 'ci', scope: 'post', rooms: 'a', postAs: 'CI' } });
  posting = made.body['token'] as string;
});
afterEach(() => h.close());

const latest = async (): Promise<string> =>
  ((await h.ask('GET', '/v1/rooms/a/messages?before=&limit=1')).body['entries'] as { id: string }[])[0]?.id ?? '';
async function play({ where, body, status = 200, ...asking }: Example, method: string): Promise<Reply> {
  const how = asking.token === '{post}' ? { ...asking, token: posting } : asking;
  const exported = async (): Promise<string> => JSON.stringify((await h.ask('GET', '/v1/rooms/a/export')).body);
  const of = async (text: string): Promise<unknown> =>
    text === '{exported}' ? exported() : (JSON.parse(JSON.stringify(body).replace('{id}', await latest())) as unknown);
  const filled = body === undefined ? {} : { body: await of(typeof body === 'string' ? body : '') };
  ran.splice(0);
  const reply = await h.ask(method, where, { ...how, ...filled });
  expect({ status: reply.status, body: reply.body }).toMatchObject({ status });
  return reply;
}

describe.each(ROUTES.map((route) => ({ route, name: `${route.method} ${route.path}` })))('$name', ({ route, name }) => {
  test('does what it declares, and answers so', async () => {
    const example = EXAMPLES[name];
    if (!example) throw new Error(`${name} has no example here`);
    const reply = await play(example, route.method);
    expect(new Set(ran)).toEqual(new Set(route.commands ?? []));
    if (typeof route.answer !== 'string' && reply.status === 200) expect(z.safeParse(route.answer, reply.body).error).toBeUndefined();
  });
});

test.each(ROUTES.filter(({ scope }) => scope === 'moderate').map((route) => ({ route, name: `${route.method} ${route.path}` })))(
  '$name by a token that moderates',
  async ({ route, name }) => {
    await play({ ...(EXAMPLES[name] as Example), token: await h.token('moderate') }, route.method);
  },
);

test('who did it stands in the audit trail: a token by its name, a login as claimed', async () => {
  await h.ask('POST', '/v1/rooms/a/messages', { token: await h.token('moderate', 'a'), body: { body: 'one' } });
  await h.ask('POST', '/v1/rooms/a/messages', {
    body: { body: 'two' },
    headers: { 'parlour-login': 'root', 'parlour-client': 'command-line' },
  });
  // Over TCP nobody claims anything.
  const headers = { 'parlour-login': 'root', 'parlour-client': 'command-line' };
  await h.ask('POST', '/v1/rooms/a/messages', { token: await h.token('moderate', 'a'), body: { body: 'three' }, headers });
  const { body } = await h.ask('GET', '/v1/rooms/a/audit?limit=3');
  expect((body['entries'] as { act: string; by: object }[]).map(({ act, by }) => ({ act, ...by }))).toEqual([
    { act: 'say', kind: 'token', name: 't2', face: 'http', claimed: false },
    { act: 'say', kind: 'operator', name: 'root', face: 'command-line', claimed: true },
    { act: 'say', kind: 'token', name: 't1', face: 'http', claimed: false },
  ]);
});

test('who set something and has no address stands in the lists by kind and name, also when the room has slept', async () => {
  const token = await h.token('moderate', 'a');
  const by = { token };
  const operator = { headers: { 'parlour-login': 'ann' } };
  await h.ask('POST', '/v1/rooms/a/affiliations', { ...by, body: { items: [{ jid: 'one@y.lit', affiliation: 'member' }] } });
  await h.ask('POST', '/v1/rooms/a/affiliations', { ...operator, body: { items: [{ jid: 'two@y.lit', affiliation: 'member' }] } });
  await h.ask('POST', '/v1/rooms/a/affiliations', { body: { items: [{ jid: 'six@y.lit', affiliation: 'member' }] } });
  await h.ask('POST', '/v1/rooms/a/mutes', { ...by, body: { jid: 'one@y.lit' } });
  await h.ask('POST', '/v1/rooms/a/warnings', { ...operator, body: { jid: 'two@y.lit', reason: 'Shouting' } });
  const { body: members } = await h.ask('GET', '/v1/rooms/a/affiliations?affiliation=member');
  expect(
    (members['entries'] as { jid: string; setBy: unknown; setByName: unknown }[]).map((one) => [one.jid, one.setBy, one.setByName]),
  ).toEqual([
    ['one@y.lit', null, 'token t1'],
    ['six@y.lit', null, 'operator socket'],
    ['two@y.lit', null, 'operator ann'],
  ]);
  const { body: limits } = await h.ask('GET', '/v1/rooms/a/limits');
  expect(
    (limits['entries'] as { kind: string; by: unknown; byName: unknown }[]).map((one) => [one.kind, one.by, one.byName]).sort(),
  ).toEqual([
    ['mute', null, 'token t1'],
    ['warning', null, 'operator ann'],
  ]);
});

test('a token that moderates is bound to what an admin of the room may', async () => {
  const token = await h.token('moderate');
  const set = (jid: string, affiliation: string): Promise<Reply> =>
    h.ask('POST', '/v1/rooms/a/affiliations', { token, body: { items: [{ jid, affiliation }] } });
  expect((await set('ann@x.lit', 'outcast')).body['code']).toBe('not-allowed');
  expect((await set('cat@x.lit', 'owner')).body['code']).toBe('forbidden');
  expect((await h.ask('POST', '/v1/rooms/a/roles', { token, body: { items: [{ nick: 'Ann', role: 'none' }] } })).body['code']).toBe(
    'not-allowed',
  );
  expect((await h.ask('POST', '/v1/rooms/a/purge', { token, body: { nick: 'Ann', minutes: 5, ban: true } })).body['code']).toBe(
    'not-allowed',
  );
  expect((await set('bob@y.lit', 'outcast')).status).toBe(200);
});

test('a hat is made, worn, shown and taken by whoever runs the service; each act is in the audit trail', async () => {
  const at = '/v1/rooms/a/hats';
  const hat = { uri: 'urn:x:host', title: 'Host', role: 'moderator' };
  expect((await h.ask('PUT', at, { body: { ...hat, uri: 'no uri' } })).body).toMatchObject({ code: 'bad-request' });
  expect((await h.ask('PUT', at, { body: hat })).status).toBe(200);
  expect((await h.ask('POST', `${at}/assign`, { body: { uri: 'urn:x:host', nick: 'Bob' } })).status).toBe(200);
  expect((await h.ask('POST', `${at}/assign`, { body: { uri: 'urn:x:host', jid: 'bob@y.lit' } })).body).toMatchObject({ code: 'conflict' });
  expect((await h.ask('GET', at)).body['entries']).toEqual([{ ...hat, hue: null, mentions: false, wearers: ['bob@y.lit'] }]);
  const people = (await h.ask('GET', '/v1/rooms/a/occupants')).body['entries'];
  expect(people).toMatchObject([{ nick: 'Ann' }, { nick: 'Bob', role: 'moderator' }]);
  expect((await h.ask('POST', `${at}/unassign`, { body: { uri: 'urn:x:host', nick: 'Bob' } })).status).toBe(200);
  expect((await h.ask('POST', `${at}/destroy`, { body: { uri: 'urn:x:host' } })).status).toBe(200);
  expect((await h.ask('GET', at)).body['entries']).toEqual([]);
  const { body } = await h.ask('GET', '/v1/rooms/a/audit?limit=4');
  expect(body['entries']).toMatchObject([
    { act: 'hats', by: { face: 'http' }, items: [{ object: 'urn:x:host', before: 'Host, moderator', after: null }] },
    { act: 'hats', items: [{ object: 'bob@y.lit', before: 'urn:x:host', after: null }] },
    { act: 'hats', items: [{ object: 'bob@y.lit', before: null, after: 'urn:x:host' }] },
    { act: 'hats', items: [{ object: 'urn:x:host', before: null, after: 'Host, moderator' }] },
  ]);
});

test('a hat that XML cannot say is none, and one that stays as it is is no act', async () => {
  const at = '/v1/rooms/a/hats';
  const hat = { uri: 'urn:x:host', title: ' Host ' };
  expect((await h.ask('PUT', at, { body: { ...hat, uri: 'urn:x:host\u0001' } })).body).toMatchObject({ code: 'bad-request' });
  expect((await h.ask('PUT', at, { body: { ...hat, title: '\u0002' } })).body).toMatchObject({ code: 'bad-request' });
  for (let i = 0; i < 3; i++) expect((await h.ask('PUT', at, { body: hat })).status).toBe(200);
  expect((await h.ask('GET', at)).body['entries']).toMatchObject([{ uri: 'urn:x:host', title: 'Host' }]);
  const acts = (await h.ask('GET', '/v1/rooms/a/audit')).body['entries'] as { act: string }[];
  expect(acts.filter(({ act }) => act === 'hats')).toHaveLength(1);
});

test('the domain that bans ask about is that of the people, whatever that of the rooms is called', async () => {
  const ban = (jid: string): Promise<Reply> => h.ask('POST', '/v1/bans', { body: { jids: [jid] } });
  const doubt = { code: 'unconfirmed', doubts: [expect.stringContaining('x.lit') as string] };
  expect((await ban('x.lit')).body).toMatchObject(doubt);
  // Purging bans too where it is asked to.
  const purge = (more: object): Promise<Reply> => h.ask('POST', '/v1/rooms/a/purge', { body: { jid: 'x.lit', minutes: 1, ...more } });
  expect((await purge({ ban: true })).body).toMatchObject(doubt);
  expect((await purge({})).body['code']).not.toBe('unconfirmed');
});

test('the last owner stays, and the sentence says what to do; refusals are counted by their code', async () => {
  const before = h.api.refusals.get('conflict') ?? 0;
  const reply = await h.ask('POST', '/v1/rooms/a/affiliations', { body: { items: [{ jid: 'ann@x.lit', affiliation: 'none' }] } });
  expect(reply.body).toMatchObject({ code: 'conflict', detail: String(inWords('lastOwner')) });
  expect(h.api.refusals.get('conflict')).toBe(before + 1);
  const unauthorized = h.api.refusals.get('unauthorized') ?? 0;
  await h.ask('GET', '/v1/rooms', { tcp: true });
  expect(h.api.refusals.get('unauthorized')).toBe(unauthorized + 1);
});

test('what a program posted is found by its nickname, also with words and by its occupant-id; one of three ways is given', async () => {
  await h.ask('POST', '/v1/rooms/a/posts', { token: posting, body: { body: 'Build 7 has failed.' } });
  const found = async (query: string): Promise<{ payload: string; occupantId: string }[]> =>
    (await h.ask('GET', `/v1/rooms/a/messages?${query}`)).body['entries'] as { payload: string; occupantId: string }[];
  const [post, ...others] = await found('nick=CI');
  expect(others).toEqual([]);
  expect(post?.payload).toContain('Build 7');
  expect(await found(`occupantId=${post?.occupantId ?? ''}`)).toEqual([post]);
  expect(await found('nick=Bob')).toMatchObject([{ payload: expect.stringContaining('Buy pills') as string }]);
  expect(await found('nick=Nobody')).toEqual([]);
  expect(await h.ask('GET', '/v1/rooms/a/messages?nick=CI&with=bob@y.lit')).toMatchObject({ status: 400 });
  await h.ask('DELETE', '/v1/tokens/ci');
  expect(await found(`occupantId=${post?.occupantId ?? ''}`)).toEqual([post]);
});

test('a token of one room gives it no name elsewhere', async () => {
  const token = await h.token('administer', 'a');
  expect(await h.ask('POST', '/v1/rooms/a/rename', { token, body: { to: 'b' } })).toMatchObject({
    status: 403,
    body: { code: 'out-of-scope' },
  });
});

test('a secret is shown to nobody below administer', async () => {
  await h.ask('PUT', '/v1/rooms/a/options', {
    body: { options: { 'muc#roomconfig_passwordprotectedroom': true, 'muc#roomconfig_roomsecret': 'xyzzy' } },
  });
  for (const [scope, shown] of [
    ['read', null],
    ['moderate', null],
    ['administer', ['xyzzy']],
  ] as [Scope, unknown][]) {
    const { body } = await h.ask('GET', '/v1/rooms/a/options', { token: await h.token(scope) });
    expect(body).toHaveProperty('fields');
    expect((body['fields'] as { var: string }[]).find((field) => field.var === 'muc#roomconfig_roomsecret')).toMatchObject({
      values: shown,
    });
  }
});

test('an affiliation with an end: listed with it, over when it says, everywhere and in one room; an end that is none is refused', async () => {
  const set = (item: object): Promise<Reply> =>
    h.ask('POST', '/v1/rooms/a/affiliations', { body: { items: [{ jid: 'bob@y.lit', affiliation: 'outcast', ...item }] } });
  const bans = async (): Promise<unknown> => (await h.ask('GET', '/v1/rooms/a/affiliations?affiliation=outcast')).body['entries'];
  for (const wrong of [{ for: '2 days' }, { for: '1h', until: '2099-01-01T00:00:00Z' }, { until: 'tomorrow' }])
    expect(await set(wrong)).toMatchObject({ status: 400 });
  expect(await set({ until: '1999-01-01T00:00:00Z' })).toMatchObject({ body: { code: 'not-acceptable' } });
  expect(await set({ affiliation: 'none', for: '1h' })).toMatchObject({ body: { code: 'bad-request' } });
  expect(await bans()).toEqual([]);
  expect((await set({ for: '2d' })).status).toBe(200);
  const [ban] = (await bans()) as { until: string }[];
  expect(ban).toMatchObject({ jid: 'bob@y.lit', afterwards: 'none' });
  // In whole seconds of the room's time.
  expect(Date.parse(ban?.until ?? '') - h.clock.now() - 2 * 86_400_000).toBeGreaterThanOrEqual(0);
  expect(Date.parse(ban?.until ?? '') - h.clock.now() - 2 * 86_400_000).toBeLessThanOrEqual(2_000);
  expect((await set({ affiliation: 'none' })).status).toBe(200);
  expect((await h.ask('POST', '/v1/bans', { body: { jids: ['bob@y.lit'], for: '1h' } })).status).toBe(200);
  expect((await h.ask('POST', '/v1/bans', { body: { jids: ['bob@y.lit'], for: '1h', lift: true } })).status).toBe(400);
  // Nobody is in the room, and it sleeps.
  await h.clock.pass(3_600_000 + 1_000);
  expect(await bans()).toEqual([]);
  const { body } = await h.ask('GET', '/v1/rooms/a/audit?limit=1');
  expect(body['entries']).toMatchObject([
    { act: 'set-affiliations', by: { kind: 'room' }, items: [{ object: 'bob@y.lit', after: 'none' }] },
  ]);
});

test('what destroys many wants their number, and tells it', async () => {
  await h.ask('PUT', '/v1/rooms/b', { body: { owner: 'ann@x.lit' } });
  const destroy = (number: number): Promise<Reply> =>
    h.ask('POST', '/v1/destructions', { body: { creator: 'ann@x.lit', empty: true, number } });
  expect(await destroy(2)).toMatchObject({ status: 409, body: { code: 'number-differs', number: 1 } });
  expect(await destroy(1)).toMatchObject({ status: 200, body: { destroyed: 1, failures: [] } });
  expect((await h.ask('GET', '/v1/rooms/a')).status).toBe(200);
  expect((await h.ask('POST', '/v1/destructions', { body: { number: 1 } })).status).toBe(400);
});

test('a room to which somebody came since it was found is not destroyed under them', async () => {
  for (const room of ['b', 'c']) await h.ask('PUT', `/v1/rooms/${room}`, { body: { owner: 'ann@x.lit' } });
  meanwhile = async (name) => {
    meanwhile = () => Promise.resolve();
    if (name === 'destroy') await h.play(enter(ANN, 'c@rooms.x.lit', 'Ann'));
  };
  expect((await h.ask('POST', '/v1/destructions', { body: { empty: true, number: 2 } })).body).toMatchObject({
    destroyed: 1,
    failures: [{ room: 'c@rooms.x.lit', code: 'conflict' }],
  });
  expect((await h.ask('GET', '/v1/rooms/c/occupants')).body).toMatchObject({ entries: [{ nick: 'Ann' }] });
});

test('bans everywhere, in parts, and lifts them without taking memberships away', async () => {
  await h.ask('PUT', '/v1/rooms/b', { body: { owner: 'ann@x.lit' } });
  await h.ask('POST', '/v1/rooms/b/affiliations', { body: { items: [{ jid: 'cat@x.lit', affiliation: 'member' }] } });
  const first = await h.ask('POST', '/v1/bans', { body: { jids: ['bob@y.lit'], limit: 1 } });
  expect(first.body).toEqual({ rooms: 1, changed: 1, failures: [], next: ROOM });
  expect((await h.ask('POST', '/v1/bans', { body: { jids: ['bob@y.lit', 'ann@x.lit'], after: ROOM } })).body).toMatchObject({
    rooms: 1,
    failures: [{ room: 'b@rooms.x.lit', code: 'conflict' }],
    next: null,
  });
  expect((await h.ask('POST', '/v1/bans', { body: { jids: ['bob@y.lit', 'cat@x.lit'], lift: true } })).body).toMatchObject({
    rooms: 2,
    changed: 1,
    failures: [],
  });
  expect((await h.ask('GET', '/v1/rooms/a/affiliations?affiliation=outcast')).body['entries']).toEqual([]);
  expect((await h.ask('GET', '/v1/rooms/b/affiliations?affiliation=member')).body['entries']).toMatchObject([{ jid: 'cat@x.lit' }]);
});

test.each([
  ['a lasting ban', {}],
  ['a ban that ends later', { for: '30d' }],
])('a ban everywhere with an end leaves %s as it is, and is one for everybody else', async (_, lasts) => {
  await h.ask('PUT', '/v1/rooms/b', { body: { owner: 'ann@x.lit' } });
  const ban = { jid: 'bob@y.lit', affiliation: 'outcast', reason: 'for long', ...lasts };
  expect((await h.ask('POST', '/v1/rooms/a/affiliations', { body: { items: [ban] } })).status).toBe(200);
  const bans = async (room: string): Promise<unknown[]> =>
    (await h.ask('GET', `/v1/rooms/${room}/affiliations?affiliation=outcast`)).body['entries'] as unknown[];
  const before = await bans('a');
  expect((await h.ask('POST', '/v1/bans', { body: { jids: ['bob@y.lit'], for: '2d' } })).body).toMatchObject({
    rooms: 2,
    changed: 1,
    failures: [],
  });
  expect(await bans('a')).toEqual(before);
  expect(await bans('b')).toMatchObject([{ jid: 'bob@y.lit', until: expect.any(String) as string }]);
  // One that lasts longer takes its place.
  expect((await h.ask('POST', '/v1/bans', { body: { jids: ['bob@y.lit'] } })).body).toMatchObject({ rooms: 2, failures: [] });
  expect(await bans('a')).toMatchObject([{ jid: 'bob@y.lit', until: null }]);
  expect(await bans('b')).toMatchObject([{ jid: 'bob@y.lit', until: null }]);
});

test('a change that could not be written is an error, and changes nothing', async () => {
  h.store.fail();
  expect(
    await h.ask('POST', '/v1/rooms/a/affiliations', { body: { items: [{ jid: 'bob@y.lit', affiliation: 'outcast' }] } }),
  ).toMatchObject({
    status: 503,
    body: { code: 'resource-constraint' },
  });
});

test('somebody named twice, in any spelling, is refused', async () => {
  const items = ['Bob@y.lit', 'bob@Y.LIT'].map((jid) => ({ jid, affiliation: 'member' }));
  expect(await h.ask('POST', '/v1/rooms/a/affiliations', { body: { items } })).toMatchObject({
    status: 400,
    body: { detail: 'In items: names somebody twice.' },
  });
});

test('under one Idempotency-Key a change is made once, and answered again; another request under it is refused', async () => {
  const headers = { 'idempotency-key': 'k1' };
  const create = (owner: string, token?: string): Promise<Reply> =>
    h.ask('PUT', '/v1/rooms/new', { body: { owner }, headers, ...(token === undefined ? {} : { token }) });
  const [one, two] = await Promise.all([create('cat@x.lit'), create('cat@x.lit')]);
  expect([one.status, two.status]).toEqual([200, 200]);
  expect(ran.filter((name) => name === 'create')).toHaveLength(1);
  expect(await create('bob@x.lit')).toMatchObject({ status: 422, body: { code: 'key-reused' } });
  // Each token has keys of its own.
  expect(await create('cat@x.lit', await h.token('administer'))).toMatchObject({ status: 409, body: { code: 'conflict' } });
});

describe('a token that posts whose making or revoking fails half', () => {
  /** The room that is asked to throw, and how often. */
  let broken: string[] = [];
  let g: House;
  const bot = { name: 'bot', scope: 'post', rooms: 'a', postAs: 'Bot' };
  const states = async (): Promise<unknown[][]> =>
    ((await g.ask('GET', '/v1/tokens')).body['entries'] as Record<string, unknown>[]).map(({ name, state }) => [name, state]);
  beforeEach(async () => {
    broken = [];
    g = await house((parts) => ({
      ...parts,
      execute: (execution) =>
        broken.includes(execution.command.name)
          ? Promise.resolve({ ok: false, error: stanzaError('internal-server-error', inWords('internal')) })
          : parts.execute(execution),
    }));
    await g.play(enter(ANN, ROOM, 'Ann'), instant(ANN, ROOM));
  });
  afterEach(() => g.close());

  test('the room failed, and failed to free the name: the first error is told, it is listed, can be revoked, and is not in force after a restart', async () => {
    broken = ['allow-posting', 'end-posting'];
    expect((await g.ask('POST', '/v1/tokens', { body: bot })).body['code']).toBe('internal-server-error');
    expect(await states()).toEqual([['bot', 'being-revoked']]);
    const next = new Tokens(g.store, DOMAIN);
    await next.load();
    expect(next.list()).toMatchObject([{ name: 'bot', state: 'being-revoked' }]);
    expect((await g.ask('POST', '/v1/tokens', { body: bot })).body['code']).toBe('conflict');
    broken = [];
    expect((await g.ask('DELETE', '/v1/tokens/bot')).status).toBe(200);
    expect(await states()).toEqual([]);
    expect((await g.ask('POST', '/v1/tokens', { body: bot })).status).toBe(200);
    expect(await states()).toEqual([['bot', 'in-force']]);
  });

  test('its name was refused: nothing of it stays', async () => {
    expect((await g.ask('POST', '/v1/tokens', { body: { ...bot, postAs: 'Ann' } })).body['code']).toBe('conflict');
    expect([await states(), g.store.disk.apiTokens.size]).toEqual([[], 0]);
  });

  test('a revoking that failed lets nobody in, also after a restart, and is tried again', async () => {
    const token = (await g.ask('POST', '/v1/tokens', { body: bot })).body['token'] as string;
    const post = { token, body: { body: 'Build 7 has failed.' } };
    expect((await g.ask('POST', '/v1/rooms/a/posts', post)).status).toBe(200);
    broken = ['end-posting'];
    expect((await g.ask('DELETE', '/v1/tokens/bot')).status).toBe(500);
    expect(await states()).toEqual([['bot', 'being-revoked']]);
    expect((await g.ask('POST', '/v1/rooms/a/posts', post)).status).toBe(401);
    const next = new Tokens(g.store, DOMAIN);
    await next.load();
    expect(next.find(token)).toBeUndefined();
    const revoking = new Revoking({ ...g.parts, tokens: next });
    await revoking.again();
    expect(next.list()).toMatchObject([{ name: 'bot', state: 'being-revoked' }]);
    broken = [];
    await revoking.again();
    await revoking.stop();
    expect([next.list(), g.store.disk.apiTokens.size]).toEqual([[], 0]);
  });

  test('the end waits for one token that is being revoked, not for all that are to go', async () => {
    broken = ['end-posting'];
    for (const name of ['bot', 'tob']) {
      await g.ask('POST', '/v1/tokens', { body: { ...bot, name, postAs: name } });
      await g.ask('DELETE', `/v1/tokens/${name}`);
    }
    const next = new Tokens(g.store, DOMAIN);
    await next.load();
    broken = [];
    const revoking = new Revoking({ ...g.parts, tokens: next });
    revoking.begin();
    await revoking.stop();
    expect(next.list()).toMatchObject([{ state: 'being-revoked' }]);
  });
});

test('a token that was revoked lets nobody in, and its secret is told once', async () => {
  const { body } = await h.ask('POST', '/v1/tokens', { body: { name: 'bot', scope: 'read' } });
  const token = body['token'] as string;
  expect(token).toMatch(/^parlour_[\w-]{43}$/);
  expect((await h.ask('GET', '/v1/status', { token })).status).toBe(200);
  expect((await h.ask('POST', '/v1/tokens', { body: { name: 'bot', scope: 'read' } })).body['code']).toBe('conflict');
  expect(JSON.stringify([(await h.ask('GET', '/v1/tokens')).body, [...h.store.disk.apiTokens]])).not.toContain(token);
  await h.ask('DELETE', '/v1/tokens/bot');
  expect((await h.ask('GET', '/v1/status', { token })).status).toBe(401);
});
