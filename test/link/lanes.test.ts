/** Rooms share the link: each keeps its order, none waits for another's queue, and a barrier is behind all that was queued before it. */
import { once } from 'node:events';
import net from 'node:net';
import fc from '../support/property';
import { pino } from 'pino';
import { linkLimitsOf, type LinkLimits } from '../../src/link/options';
import { Writer } from '../../src/link/writer';
import { address, outgoing, type Outgoing } from '../../src/xmpp/outgoing';
import { asBare } from '../support/jids';

const MB = 1024 * 1024;
const people = Array.from({ length: 1_000 }, (_, i) => address(`user${i}@example.org/phone`));
const said = (room: string, id: string, to: Outgoing['to'] = people, bytes = 300): Outgoing =>
  outgoing('message', `${room}@rooms.example.org`, to, { id }, `<body>${'x'.repeat(bytes)}</body>`);
const ping = (id: string): Outgoing => outgoing('iq', 'rooms.example.org/link', 'example.org', { id, type: 'get' }, '<ping/>');

interface Wire {
  readonly writer: Writer;
  readonly lowered: string[];
  /** Lets the other end read, and resolves with all that it has read when nothing waits any more. */
  readonly read: () => Promise<string>;
}

async function wire(limits: Partial<LinkLimits> = {}): Promise<Wire> {
  const chunks: Buffer[] = [];
  const server = net.createServer((socket) => {
    peer = socket;
    socket.pause();
  });
  let peer: net.Socket | undefined;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  const lowered: string[] = [];
  const writer = new Writer(
    socket,
    {
      domain: 'rooms.example.org',
      queueBytes: 256 * MB,
      roomBytes: 8 * MB,
      memoryBytes: 32 * MB,
      stall: 60_000,
      ...limits,
      log: pino({ level: 'silent' }),
    },
    { drained: () => undefined, lowered: (room) => lowered.push(room), stalled: () => undefined },
  );
  return {
    writer,
    lowered,
    read: async () => {
      while (peer === undefined) await new Promise((resolve) => setImmediate(resolve));
      const ended = once(peer, 'end');
      peer.on('data', (chunk) => chunks.push(chunk));
      peer.resume();
      await writer.emptied();
      socket.end();
      await ended;
      writer.dispose();
      server.close();
      return Buffer.concat(chunks).toString();
    },
  };
}

/** Fills the connection until it takes no more. */
async function fill(writer: Writer): Promise<void> {
  for (let i = 0; i < 40 || !writer.waits; i++) {
    writer.push(said('loud', `m${i}`));
    if (i >= 40) await new Promise((resolve) => setImmediate(resolve));
  }
  await new Promise((resolve) => setImmediate(resolve));
}

test('found B15: behind a reader that has fallen back, a quiet room passes the queue of a loud one, and so does a newcomer those of forty', async () => {
  const { writer, read } = await wire();
  await fill(writer);
  const ahead = writer.queuedOf(asBare('loud@rooms.example.org'));
  expect(ahead).toBeGreaterThan(4 * MB);
  for (let room = 0; room < 40; room++) for (let i = 0; i < 3; i++) writer.push(said(`r${room}`, `r${room}-${i}`));
  writer.push(said('quiet', 'quiet', 'ann@example.org/phone'));
  const all = await read();
  const begin = all.indexOf('id="r0-0"');
  expect(all.indexOf('id="quiet"')).toBeGreaterThan(0);
  // What stood before it when it came: a slice of each of those rooms that had none yet, in turn with the loud one.
  expect(all.indexOf('id="quiet"') - begin).toBeLessThan(2 * 41 * 34 * 1024);
  expect(all.indexOf('id="r0-0"')).toBeLessThan(all.lastIndexOf('id="m39"'));
});

test('found B15, same kind: with the limits of the configuration one room that says all it may stops nobody else; many that fill the memory do', async () => {
  const { writer, read } = await wire(linkLimitsOf({ stanzaBytes: 262_144, stanzaDepth: 64, queueBytes: 32 * MB }));
  // 33 MB on the wire, and then as much as a room may say at all.
  for (let i = 0; i < 66; i++) writer.push(said('loud', `m${i}`, people, 450));
  expect(writer.congested).toBe(false);
  for (let i = 0; i < 66; i++) writer.push(said('loud', `n${i}`, people, 450));
  expect([writer.congested, writer.overfull]).toEqual([false, false]);
  writer.push(said('quiet', 'quiet', 'ann@example.org/phone'));
  for (let i = 0; i < 200; i++) writer.push(said(`r${i}`, `r${i}`, 'ann@example.org/phone', 200_000));
  expect(writer.congested).toBe(true);
  const all = await read();
  expect(all.indexOf('id="quiet"')).toBeLessThan(all.lastIndexOf('id="n65"'));
});

test('a room is told that it is low when half of its bound has left, and counts for no more than the bound', async () => {
  const { writer, lowered, read } = await wire();
  const large = said('loud', 'large', people, 200_000);
  writer.push(large);
  expect(writer.queued).toBeGreaterThan(190 * MB);
  expect(writer.congested).toBe(false);
  expect([writer.tellLow(asBare('loud@rooms.example.org')), writer.tellLow(asBare('other@rooms.example.org'))]).toEqual([true, false]);
  for (let room = 0; room < 32; room++) writer.push(said(`r${room}`, 'large', people.slice(0, 50), 200_000));
  expect(writer.congested).toBe(true);
  expect(lowered).toEqual([]);
  await read();
  expect(lowered.filter((room) => room.startsWith('loud'))).toHaveLength(1);
  expect(writer.congested).toBe(false);
});

test('memory is bounded by itself: many stanzas for one', async () => {
  const { writer, read } = await wire();
  for (let i = 0; i < 9_000; i++) writer.push(said(`r${i}`, `m${i}`, 'ann@example.org/phone', 4_000));
  expect(writer.queued).toBeLessThan(64 * MB);
  expect(writer.congested).toBe(true);
  await read();
  expect(writer.congested).toBe(false);
});

test('each room’s order is kept, and what is fenced leaves behind all that came before it, whatever is mixed', async () => {
  const step = fc.record({
    room: fc.integer({ min: 0, max: 4 }),
    to: fc.integer({ min: 0, max: 3 }),
    bytes: fc.constantFrom(10, 3_000, 90_000),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof({ weight: 6, arbitrary: step }, fc.constant('fence' as const)), { maxLength: 60 }),
      async (steps) => {
        const { writer, read } = await wire();
        await fill(writer);
        const before: string[][] = [];
        const ids: string[] = [];
        const orders = new Map<number, string[]>();
        for (const [i, one] of steps.entries()) {
          if (one === 'fence') {
            before.push([...ids]);
            writer.fence(ping(`fence${before.length - 1}`));
            continue;
          }
          const list = one.to === 0 ? 'ann@example.org/phone' : people.slice(0, [0, 1, 40, 300][one.to]);
          // Once more than the last of its copies tells: the end of the whole.
          writer.push(said(`r${one.room}`, `s${i}-`, list, one.bytes));
          ids.push(`s${i}-`);
          orders.set(one.room, [...(orders.get(one.room) ?? []), `s${i}-`]);
        }
        const all = await read();
        for (const [n, earlier] of before.entries()) {
          const at = all.indexOf(`id="fence${n}"`);
          expect(at).toBeGreaterThan(0);
          for (const id of earlier) expect(all.lastIndexOf(`id="${id}"`)).toBeLessThan(at);
          expect(all.lastIndexOf('id="m39"')).toBeLessThan(at);
        }
        for (const order of orders.values()) {
          for (let k = 1; k < order.length; k++)
            expect(all.lastIndexOf(`id="${order[k - 1] as string}"`)).toBeLessThan(all.indexOf(`id="${order[k] as string}"`));
        }
      },
    ),
    { numRuns: 8 },
  );
});
