/** A port chosen for a program that is only being started must not be taken by a connection in between: CI failed by that. */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { FIRST_PORT, freePort, freePorts, LAST_PORT } from '../../src/demo/free-port';
import { freePort as freePortOfWorker } from './free-port';

const RANGE = '/proc/sys/net/ipv4/ip_local_port_range';

test('the range lies outside the one from which the system numbers outgoing connections', () => {
  const [first, last] = (existsSync(RANGE) ? readFileSync(RANGE, 'utf8') : '49152 65535').trim().split(/\s+/).map(Number) as [
    number,
    number,
  ];
  expect(LAST_PORT < first || FIRST_PORT > last).toBe(true);
});

test('a taken port is passed over, and a full range is said to be full', async () => {
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  await expect(freePort(port, port)).rejects.toThrow(`from ${port} to ${port} is taken`);
  const free = await freePort(port, port + 20);
  expect(free).toBeGreaterThan(port);
  server.close();
  await once(server, 'close');
  expect(await freePort(port, port)).toBe(port);
});

test('several ports, and those of one worker of jest, all differ', async () => {
  expect(new Set(await freePorts(5)).size).toBe(5);
  const ports = await Promise.all(Array.from({ length: 100 }, () => freePortOfWorker()));
  expect(new Set(ports).size).toBe(100);
  const server = createServer().listen(ports[0], '127.0.0.1');
  await once(server, 'listening');
  expect((server.address() as AddressInfo).port).toBe(ports[0]);
  server.close();
});
