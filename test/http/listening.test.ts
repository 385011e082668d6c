/** Where HTTP is listened (issue Operators, 1): the socket is for its user alone and takes nobody's place, and what cannot be taken ends nothing. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ended, listenAtPort, listenAtSocket, ListenRefused, tellFailures } from '../../src/http/listening';

let folder: string;
let file: string;
let servers: Server[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'parlour-http-'));
  file = path.join(folder, 'p.sock');
  servers = [];
});
afterEach(async () => {
  for (const server of servers) await ended(server, 0);
  rmSync(folder, { recursive: true, force: true });
});

function server(): Server {
  const made = createServer((_, response) => response.end('here'));
  servers.push(made);
  return made;
}

/** What a process of this user says to the socket, or why it may not. */
function connectAs(uid: number): string {
  const program = `process.setuid(${uid}); require('node:net').connect(${JSON.stringify(file)}).on('connect', function () { console.log('in'); this.destroy(); }).on('error', (e) => console.log(e.code));`;
  return spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' }).stdout.trim();
}

test('the socket has mode 0600, and another user is refused', async () => {
  await listenAtSocket(server(), file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  if (process.getuid?.() !== 0) return;
  // The folder is open to all: the socket itself is the lock.
  chmodSync(folder, 0o755);
  expect(connectAs(65_534)).toBe('EACCES');
  expect(connectAs(0)).toBe('in');
});

test('a socket that a dead process left is replaced; a living one, and what is no socket, are not', async () => {
  const leave = `require('node:net').createServer().listen(${JSON.stringify(file)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', leave]);
  expect(statSync(file).isSocket()).toBe(true);
  await listenAtSocket(server(), file);
  await expect(listenAtSocket(server(), file)).rejects.toThrow(/Another process answers at the socket/);
  const other = path.join(folder, 'file');
  writeFileSync(other, 'kept');
  await expect(listenAtSocket(server(), other)).rejects.toThrow(/a file is there that is no socket/);
  await expect(listenAtSocket(server(), path.join(folder, 'none/p.sock'))).rejects.toThrow(ListenRefused);
});

test('a port that is taken is refused with the key to change', async () => {
  const first = server();
  await listenAtPort(first, { host: '127.0.0.1', port: 0, key: 'api.listen' });
  const { port } = first.address() as { port: number };
  await expect(listenAtPort(server(), { host: '127.0.0.1', port, key: 'api.listen' })).rejects.toThrow(
    /something else listens there. Change api\.listen/,
  );
});

test('a connection that cannot be taken is one line a minute, and the server goes on', async () => {
  const log = { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const one = server();
  tellFailures(one, log);
  await listenAtSocket(one, file);
  for (let i = 0; i < 100; i++) one.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
  expect(log.warn).toHaveBeenCalledTimes(1);
  await new Promise<void>((resolve, reject) => {
    const socket = createConnection(file, () => {
      socket.destroy();
      resolve();
    }).on('error', reject);
  });
});
