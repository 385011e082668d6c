/** What the content of requests may be: UTF-8 that XML can carry, as much as a request may hold, fields that there are. */
import { request as send } from 'node:http';
import { keyTwice } from '../../src/api/keys-twice';
import { house, type House } from './house';

let home: House;
beforeAll(async () => {
  home = await house();
  expect(await home.ask('PUT', '/v1/rooms/lobby', { body: { owner: 'ada@example.org' } })).toMatchObject({ status: 200 });
});
afterAll(() => home.close());

/** The status and code of an answer to these bytes. */
const raw = (method: string, where: string, content: Buffer | undefined, headers: Record<string, string>): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const request = send({ socketPath: home.socket, path: where, method, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const { code } = JSON.parse(Buffer.concat(parts).toString()) as { code?: string };
        resolve({ status: response.statusCode, code });
      });
    });
    request.on('error', reject);
    request.end(content);
  });
const JSON_TYPE = { 'content-type': 'application/json' };

const messages = async (): Promise<number> => (await home.store.messages('lobby@rooms.example.org' as never, { limit: 100 })).length;

test.each(['\u0000', '\ud800', '\ufffe', 'half a \udc00 pair', 'a\u0008b'])('%j is said by nobody: XML cannot carry it', async (body) => {
  const before = await messages();
  const text = JSON.stringify(body);
  for (const [method, where, content] of [
    ['POST', '/v1/rooms/lobby/messages', `{"body":${text}}`],
    ['PUT', '/v1/rooms/lobby/subject', `{"text":${text}}`],
    ['PUT', '/v1/rooms/lobby/options', `{"options":{"muc#roomconfig_roomname":${text}}}`],
    ['PUT', '/v1/rooms/lobby/options', `{"options":{"muc#roomconfig_roomadmins":[${text}]}}`],
  ] as const)
    expect([where, await raw(method, where, Buffer.from(content), JSON_TYPE)]).toEqual([where, { status: 400, code: 'bad-request' }]);
  expect(await messages()).toBe(before);
});

test('what is beyond the first plane, and new lines, are said', async () => {
  expect(await home.ask('POST', '/v1/rooms/lobby/messages', { body: { body: 'one 🎉\n\ttwo' } })).toMatchObject({ status: 200 });
});

test('content that is no UTF-8 is refused, not read as other letters', async () => {
  const content = Buffer.concat([Buffer.from('{"body":"'), Buffer.from([0xff, 0xc3]), Buffer.from('"}')]);
  expect(await raw('POST', '/v1/rooms/lobby/messages', content, JSON_TYPE)).toEqual({ status: 415, code: 'not-json' });
});

test('a key that stands twice in an object is refused, wherever the object is', async () => {
  const post = (text: string): Promise<unknown> => raw('POST', '/v1/rooms/lobby/messages', Buffer.from(text), JSON_TYPE);
  const refused = { status: 400, code: 'bad-request' };
  expect(await post('{"body":"one","body":"two"}')).toEqual(refused);
  expect(await post('{"body":"one","b\\u006fdy":"two"}')).toEqual(refused);
  expect(await post('{"body":[{"a":1,"b":{"c":"x","c":2}}]}')).toEqual(refused);
  expect(await post(`{"body":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)).toEqual(refused);
  expect(await post('{"body":"{\\"a\\":1,\\"a\\":2} \\\\"}')).toMatchObject({ status: 200 });
  expect(keyTwice('[{"a":{"a":["a","a"]}},{"a":"a:"}]')).toBeUndefined();
  expect(keyTwice('{"":1,"":2}')).toBe('');
});

test('null, nothing and true are no numbers', async () => {
  for (const number of [null, '', false, true, '1.5', [1], ' 1'])
    expect({ number, ...(await home.ask('POST', '/v1/destructions', { body: { idleDays: number, number: 0 } })) }).toMatchObject({
      number,
      status: 400,
      body: { code: 'bad-request', detail: expect.stringContaining('idleDays: takes a whole number from 0 to 36500') as string },
    });
  expect(await home.ask('GET', '/v1/rooms?limit=')).toMatchObject({ status: 400 });
  expect(await home.ask('GET', '/v1/rooms?limit=5')).toMatchObject({ status: 200 });
});

test('a media type without content is no content', async () => {
  expect(await raw('DELETE', '/v1/tokens/nobody', undefined, JSON_TYPE)).toEqual({ status: 404, code: 'item-not-found' });
  expect(await raw('POST', '/v1/backups', undefined, { ...JSON_TYPE, 'content-length': '0' })).toMatchObject({ status: 200 });
});

test('a field that there is not refuses all of them, in a room that is and in one that is made', async () => {
  const options = { 'muc#roomconfig_roomname': 'Changed', 'muc#roomconfig_romname': 'a typing mistake' };
  const wrong = { status: 400, body: { code: 'bad-request', detail: 'Rooms have no option "muc#roomconfig_romname".' } };
  expect(await home.ask('PUT', '/v1/rooms/lobby/options', { body: { options } })).toMatchObject(wrong);
  expect(await home.ask('GET', '/v1/rooms/lobby')).toMatchObject({ body: { name: '' } });
  expect(await home.ask('PUT', '/v1/rooms/other', { body: { owner: 'ada@example.org', options } })).toMatchObject(wrong);
  expect(await home.ask('GET', '/v1/rooms/other')).toMatchObject({ status: 404 });
  expect(await home.ask('PUT', '/v1/rooms/lobby/options', { body: { options: { toString: '1' } } })).toMatchObject({ status: 400 });
});

test('fields and values of a request are counted before they are looked at', async () => {
  const many = Object.fromEntries(Array.from({ length: 15_000 }, (_, i) => [`f${i}`, '']));
  const list = { 'muc#roomconfig_roomadmins': Array.from({ length: 1_001 }, (_, i) => `a${i}@x.lit`) };
  for (const options of [many, list]) {
    const { status, body } = await home.ask('PUT', '/v1/rooms/lobby/options', { body: { options } });
    expect([status, body['detail']]).toEqual([400, 'In options: takes at most 200 fields, and 1000 values in all lists together.']);
  }
});
