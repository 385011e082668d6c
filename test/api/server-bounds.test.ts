/** Who is silent on a connection, and who is waited for (fault 2). The system's timer is not waited for: what it does is said by hand. */
import { once } from 'node:events';
import { connect, type AddressInfo, type Server, type Socket } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { BOUNDS } from '../../src/api/bounds';
import { serverOf } from '../../src/api/server-bounds';

let app: FastifyInstance;
let server: Server;
let answer: (text: string) => void;
let asked: Promise<void>;

beforeEach(async () => {
  app = fastify({ logger: false });
  let arrived = (): void => undefined;
  asked = new Promise((resolve) => (arrived = resolve));
  app.get('/slow', () => {
    arrived();
    return new Promise<string>((resolve) => (answer = resolve));
  });
  app.post('/slow', () => {
    arrived();
    return new Promise<string>((resolve) => (answer = resolve));
  });
  await app.ready();
  server = serverOf(app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.close();
  await app.close();
});

/** Both ends of a connection on which that was sent. */
async function connected(head: string): Promise<{ near: Socket; far: Socket; said: () => string }> {
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let text = '';
  near.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  near.on('error', () => undefined);
  near.write(head.replaceAll('\n', '\r\n'));
  const [far] = await accepted;
  return { near, far, said: () => text };
}

test('a connection is bounded by its silence', async () => {
  const { near, far } = await connected('');
  expect(far.timeout).toBe(BOUNDS.silence);
  far.emit('timeout');
  expect(far.destroyed).toBe(true);
  near.destroy();
});

test.each([
  ['without content', 'GET /slow HTTP/1.1\nhost: parlour\nconnection: close\n\n'],
  ['whose content is there', 'POST /slow HTTP/1.1\nhost: parlour\nconnection: close\ncontent-type: text/plain\ncontent-length: 2\n\nhi'],
])('while a request %s is answered, nobody is silent', async (_, head) => {
  const { near, far, said } = await connected(head);
  await asked;
  far.emit('timeout');
  expect(far.destroyed).toBe(false);
  const closed = once(near, 'close');
  answer('done');
  await closed;
  expect(said()).toMatch(/^HTTP\/1\.1 200[^]*done$/);
});

test('who does not read their answer is silent', async () => {
  const { near, far } = await connected('GET /slow HTTP/1.1\nhost: parlour\n\n');
  await asked;
  near.pause();
  answer('x'.repeat(64 * 1024 * 1024));
  while (far.writableLength === 0) await new Promise((resolve) => setImmediate(resolve));
  far.emit('timeout');
  expect(far.destroyed).toBe(true);
  near.destroy();
});

test('who does not send the rest of their request is silent', async () => {
  const { near, far } = await connected('GET /slow HTTP/1.1\nhost: parlour\ncontent-length: 10\n\n');
  await asked;
  far.emit('timeout');
  expect(far.destroyed).toBe(true);
  near.destroy();
});
