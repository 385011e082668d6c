/** Documents of any length over the API: slow and broken senders and readers, and what is said when a document cannot be made. */
import { connect, type Socket } from 'node:net';
import { request, type IncomingMessage } from 'node:http';
import { BOUNDS } from '../../src/api/bounds';
import { StoreFailed } from '../../src/store/failures';
import { enter, instant } from '../service/real-rooms';
import { house, type House } from './house';

const ROOM = 'a@rooms.x.lit';
const ANN = 'ann@x.lit/1';

let h: House;
beforeEach(async () => {
  h = await house();
  await h.play(enter(ANN, ROOM, 'Ann'), instant(ANN, ROOM));
});
afterEach(() => h.close());

/** What answers, or that the connection ended. */
async function raw(head: string, begun: (socket: Socket) => Promise<void>): Promise<string> {
  const socket = connect({ path: h.socket });
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.write(head.replaceAll('\n', '\r\n'), () => resolve()));
  // It has to arrive before time is let pass.
  await new Promise((resolve) => setTimeout(resolve, 50));
  await begun(socket);
  await closed;
  return answer;
}

const open = (path: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => request({ socketPath: h.socket, path, agent: false }, resolve).on('error', reject).end());

test('a document that is longer than any other request goes out and comes in', async () => {
  const long = 'x'.repeat(4_000);
  for (let i = 0; i < 100; i++)
    await h.play(`<message from="${ANN}" to="${ROOM}" type="groupchat" id="m${i}"><body>${i} ${long}</body></message>`);
  const { body } = await h.ask('GET', '/v1/rooms/a/export');
  const text = JSON.stringify(body);
  expect(text.length).toBeGreaterThan(BOUNDS.body);
  for (const type of ['application/json', 'application/octet-stream'])
    expect(await h.ask('POST', `/v1/rooms/copy-${type.length}/import`, { body: text, headers: { 'content-type': type } })).toMatchObject({
      status: 200,
      body: { messages: 100, left: [] },
    });
  expect(await h.ask('PUT', '/v1/rooms/a/subject', { body: { text } })).toMatchObject({ status: 413, body: { code: 'too-large' } });
});

test.each([
  ['no JSON', 'Once upon a time'],
  ['another document', '{"format":"parlour-person","version":1,"rows":[]}'],
  ['half of one', '{"format":"parlour-room","version":1,"room":{'],
  ['nothing', ''],
])('%s is no room, and the API says why', async (_, body) => {
  const reply = await h.ask('POST', '/v1/rooms/c/import', { body });
  expect(reply).toMatchObject({ status: 400, body: { code: 'bad-request' } });
  expect((await h.ask('GET', '/v1/rooms/c')).status).toBe(404);
});

const WRONG = '{"format":"parlour-person","version":1,"rows":[]}';
const LONG = ' '.repeat(8 * 1024 * 1024);

test('what is refused at its beginning is refused in words, however much is still being sent', async () => {
  expect(await h.ask('POST', '/v1/rooms/c/import', { body: WRONG + LONG })).toMatchObject({
    status: 400,
    body: { detail: expect.stringMatching(/export of a room/) as string },
  });
  const { body } = await h.ask('GET', '/v1/rooms/a/export');
  expect(await h.ask('POST', '/v1/rooms/a/import', { body: JSON.stringify(body) + LONG })).toMatchObject({
    status: 409,
    body: { code: 'conflict' },
  });
});

test('no content at all is no room either', async () => {
  expect(await h.ask('POST', '/v1/rooms/c/import')).toMatchObject({ status: 400, body: { code: 'bad-request' } });
});

test('who goes away while sending is no mistake in the program, and leaves nothing', async () => {
  const { body } = await h.ask('GET', '/v1/rooms/a/export');
  const text = JSON.stringify(body);
  const head = `POST /v1/rooms/c/import HTTP/1.1\nhost: parlour\ncontent-type: application/json\ncontent-length: ${text.length + 9}\n\n`;
  await raw(head + text, async (socket) => void socket.destroy());
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(h.complaints).toEqual([]);
  expect((await h.ask('GET', '/v1/rooms/c')).status).toBe(404);
});

test('a request whose content does not come in time is ended; a document has longer', async () => {
  const head = (where: string): string =>
    `POST ${where} HTTP/1.1\nhost: parlour\ncontent-type: application/json\ncontent-length: 1000\n\n{"body":`;
  expect(await raw(head('/v1/rooms/a/messages'), () => h.clock.pass(BOUNDS.requestTime + 1))).toBe('');
  let stillThere = false;
  await raw(head('/v1/rooms/c/import'), async (socket) => {
    await h.clock.pass(BOUNDS.requestTime + 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    stillThere = !socket.destroyed;
    socket.destroy();
  });
  expect(stillThere).toBe(true);
  expect((await h.ask('GET', '/v1/rooms/c')).status).toBe(404);
});

/** A promise, and what fulfils it. */
function gate(): { opened: Promise<void>; open: () => void } {
  let opening = (): void => undefined;
  const opened = new Promise<void>((resolve) => (opening = resolve));
  return { opened, open: () => opening() };
}

describe('an answer that takes long is waited for (fault 2)', () => {
  const kept = { name: 'kept.db', rooms: 1, messages: 2, bytes: 3, removed: [] };
  const slow = [
    ['without content', 'GET', '/v1/people/bob@y.lit/export', undefined],
    ['with content of length 0', 'POST', '/v1/backups', undefined],
    ['with content', 'POST', '/v1/backups', {}],
  ] as const;

  test.each(slow)('a request %s', async (_, method, where, body) => {
    await h.close();
    const [asked, made] = [gate(), gate()];
    const making = async (): Promise<void> => {
      asked.open();
      await made.opened;
    };
    h = await house((parts) => ({
      ...parts,
      backups: { ...parts.backups, make: () => making().then(() => kept), list: () => [], underWay: null },
      transfers: {
        ...parts.transfers,
        exportPerson: async function* () {
          await making();
          yield '{}';
        },
      },
    }));
    const reply = h.ask(method, where, { body });
    await asked.opened;
    await h.clock.pass(BOUNDS.silence + 1);
    made.open();
    expect((await reply).status).toBe(200);
  });

  test('content that nobody reads has its time too, once all is answered', async () => {
    const head = 'GET /v1/status HTTP/1.1\nhost: parlour\ncontent-type: application/json\ncontent-length: 1000\n\n';
    expect(await raw(head, () => h.clock.pass(BOUNDS.requestTime + 1))).toMatch(/^HTTP\/1\.1 200/);
  });
});

describe('what cannot be made', () => {
  const broken = async (pieces: () => AsyncIterable<string>): Promise<House> => {
    await h.close();
    return house((parts) => ({ ...parts, transfers: { ...parts.transfers, exportPerson: pieces } }));
  };

  test('from the beginning: a problem', async () => {
    h = await broken(async function* () {
      if (Date.now() > 0) throw new StoreFailed('full', 'no room');
      yield '';
    });
    expect(await h.ask('GET', '/v1/people/bob@y.lit/export')).toMatchObject({ status: 503, body: { code: 'resource-constraint' } });
  });

  test('in the middle: the connection breaks off, so that nobody takes half of it for all', async () => {
    h = await broken(async function* () {
      yield 'one';
      await Promise.resolve();
      throw new StoreFailed('full', 'no room');
    });
    const response = await open('/v1/people/bob@y.lit/export');
    await expect(
      (async () => {
        for await (const piece of response) void piece;
      })(),
    ).rejects.toThrow(/aborted/);
  });
});

test('who goes away in the middle of a document keeps nobody else out', async () => {
  await h.close();
  let ended = 0;
  h = await house((parts) => ({
    ...parts,
    transfers: {
      ...parts.transfers,
      exportPerson: async function* () {
        try {
          for (;;) yield await Promise.resolve('x'.repeat(10_000));
        } finally {
          ended++;
        }
      },
    },
  }));
  for (let i = 0; i < BOUNDS.answering + 5; i++) (await open('/v1/people/bob@y.lit/export')).destroy();
  for (let i = 0; i < 100 && ended < BOUNDS.answering + 5; i++) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(ended).toBe(BOUNDS.answering + 5);
  expect((await h.ask('GET', '/v1/status')).status).toBe(200);
});
