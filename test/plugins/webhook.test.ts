/** examples/plugins/webhook, by the public entries alone. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { testRoom, type TestRoom } from 'parlour/plugin/test';
import webhook from '../../examples/plugins/webhook/webhook';

interface Posted {
  readonly kind: string;
  readonly body?: string;
  readonly number: number;
  readonly at: string;
}

let server: Server;
let posted: Posted[];
let status: number;
let url: string;
let room: TestRoom | undefined;

beforeEach(async () => {
  [posted, status] = [[], 204];
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      expect([request.method, request.headers['content-type'], request.headers['x-key']]).toEqual(['POST', 'application/json', 'secret']);
      posted.push({ ...(JSON.parse(text) as Posted), at: request.url ?? '' });
      response.writeHead(status).end('thanks');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
afterEach(async () => {
  await room?.end().catch(() => undefined);
  room = undefined;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const ROOM = 'room@rooms.example.com';
const open = async (rooms = [ROOM]): Promise<TestRoom> =>
  (room = await testRoom(webhook, { config: { url, rooms, headers: { 'x-key': 'secret' } } }));
const until = async (done: () => boolean): Promise<void> => {
  for (let i = 0; !done() && i < 500; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(done()).toBe(true);
};

test('posts each message of the chosen rooms, in order, and nothing else', async () => {
  const { owner } = await open();
  owner.say('one');
  owner.say('two');
  await until(() => posted.length === 2);
  expect(posted).toMatchObject([
    { kind: 'message', room: ROOM, nick: 'owner', jid: 'owner@example.com', body: 'one' },
    { kind: 'message', body: 'two' },
  ]);
});

test('posts nothing of other rooms', async () => {
  const { owner } = await open(['other@rooms.example.com']);
  owner.say('one');
  await room?.settle();
  expect(posted).toEqual([]);
});

test('what is to be posted later is posted again, before what comes behind it', async () => {
  const { owner } = await open();
  status = 503;
  owner.say('one');
  owner.say('two');
  await until(() => posted.length === 1);
  status = 200;
  await until(() => posted.length === 3);
  expect(posted.map(({ body }) => body)).toEqual(['one', 'one', 'two']);
  expect(posted[0]?.number).toBe(posted[1]?.number);
  // The failure is told.
  await expect(room?.end()).rejects.toMatchObject({
    message: expect.stringContaining('a plug-in failed') as string,
    cause: new Error('503 Service Unavailable'),
  });
  room = undefined;
});

test('what the address refuses for good is left out, and logged', async () => {
  const { owner } = await open();
  status = 400;
  owner.say('one');
  owner.say('two');
  await until(() => posted.length === 2);
  await expect(room?.end()).rejects.toThrow('was refused by the address');
  room = undefined;
});

test('a reload gives it another address and other rooms; what is no address of a room changes nothing', async () => {
  const { owner } = await open(['other@rooms.example.com']);
  const config = { url, rooms: ['Room@rooms.example.com'], headers: { 'x-key': 'secret' } };
  owner.say('before');
  await room?.settle();
  expect(() => room?.reconfigure({ ...config, url: 'ftp://x.example' })).toThrow('must be an http or https address');
  room?.reconfigure({ ...config, url: `${url}/new` });
  owner.say('one');
  await until(() => posted.length === 1);
  expect(posted).toMatchObject([{ body: 'one', at: '/hook/new' }]);
  room?.reconfigure({ ...config, rooms: ['other@rooms.example.com'] });
  owner.say('two');
  await room?.settle();
  room?.reconfigure(config);
  owner.say('three');
  await until(() => posted.length === 2);
  expect(posted[1]).toMatchObject({ body: 'three', at: '/hook' });
  room?.reconfigure({ ...config, rooms: ['nowhere'] });
  // The failure is told where it is seen next; the rooms of before hold.
  expect(() => owner.say('four')).toThrow('a plug-in threw');
  await until(() => posted.length === 3);
});

test.each([
  [{ url: 'ftp://x.example', rooms: [ROOM] }, 'must be an http or https address'],
  [{ url: 'http://x.example', rooms: [] }, 'rooms'],
  [{ url: 'http://x.example', rooms: ['nowhere'] }, 'no address of a room'],
])('a configuration that it does not take is refused: %j', async (config, sentence) => {
  await expect(async () => testRoom(webhook, { config })).rejects.toThrow(sentence);
});
