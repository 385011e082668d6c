/** The writer reuses its buffers: whatever the reader's pace, what arrives is what was handed in, byte for byte and, of one room, in order. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { pino } from 'pino';
import { Writer } from '../../src/link/writer';
import { address, recipientsOf, toMulticastXml, type Address, toXml, type Outgoing } from '../../src/xmpp/outgoing';

/** A reader that pauses after every `burst` chunks (never, if 0) and digests what it reads. */
async function reader(burst: number): Promise<{ socket: net.Socket; server: net.Server; digest: Promise<string> }> {
  const hash = createHash('sha256');
  let finish: (digest: string) => void = () => undefined;
  const digest = new Promise<string>((resolve) => (finish = resolve));
  const server = net.createServer((socket) => {
    let chunks = 0;
    socket.on('data', (chunk) => {
      hash.update(chunk);
      if (burst > 0 && ++chunks % burst === 0) {
        socket.pause();
        setTimeout(() => socket.resume(), 2);
      }
    });
    socket.on('end', () => finish(hash.digest('hex')));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  return { socket, server, digest };
}

const lists: Address[][] = [];

/** Stanzas of all shapes: one and many addresses, ASCII and not, some larger than a buffer. */
function stanza(i: number): Outgoing {
  const body = 'ä😀x'.repeat(i % 97) + (i % 61 === 0 ? 'y'.repeat(70_000) : i % 13 === 0 ? 'z'.repeat(3_000) : '');
  const rest = ` id="m${i}"><body>${body}</body></message>`;
  const count = [1, 7, 400, 20][i % 4] as number;
  // Some lists are used again, as rooms do while nobody comes or goes.
  const list =
    lists[i % 7] ?? Array.from({ length: i % 61 === 0 ? 3 : count }, (_, k) => address(`user${i}-${k}@example.com/ü${'z'.repeat(k % 50)}`));
  if (i % 7 < 3) lists[i % 7] ??= list;
  const from = `room@rooms.example.com/n<&${i % 9}`;
  if (i % 5 === 0) return { name: 'message', from, to: `one${i}@example.com`, rest };
  // Some leave out the first of the list, or one in the middle, or two.
  const except = list.filter((_, k) => (i % 6 === 1 && k === 0) || (i % 6 < 3 && k === i % 11));
  // Some go to a multicast service: one stanza, with content and without.
  const via = i % 8 === 3 || i % 61 === 0 ? { via: { service: 'multicast.exämple.com', mark: `m${i}` } } : {};
  const out = { name: 'message', from, to: list, rest: i % 24 === 3 ? ` id="m${i}"/>` : rest, ...via } as const;
  return { ...out, ...(except.length > 0 && except.length < list.length ? { except } : {}) };
}

test.each([
  ['a reader that keeps up', 0],
  ['a reader that stops now and then', 20],
])('%s gets every copy whole', async (_, burst) => {
  const { socket, server, digest } = await reader(burst);
  const writer = new Writer(
    socket,
    { domain: 'rooms.example.com', queueBytes: 1e9, roomBytes: 1e8, memoryBytes: 1e9, stall: 60_000, log: pino({ level: 'silent' }) },
    { drained: () => undefined, lowered: () => undefined, stalled: () => undefined },
  );
  const expected = createHash('sha256');
  for (let i = 0; i < 600; i++) {
    const out = stanza(i);
    if (out.via) expected.update(toMulticastXml(out, out.via));
    else for (const to of recipientsOf(out)) expected.update(toXml(out, to));
    writer.push(out);
    if (i % 50 === 0) await turn();
  }
  await writer.emptied();
  expect(writer.queued).toBe(0);
  writer.dispose();
  socket.end();
  expect(await digest).toBe(expected.digest('hex'));
  server.close();
});
