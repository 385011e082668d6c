/** The example plug-ins in folders that know nothing of Parlour: compiled with the types that docs/plugins.md names, loaded by the program as it was built, met by people. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expectResult, roomOfAlice, setStage, strikeStage, type Stage } from './conversations/stage';
import { packageRoot } from './support/package-root';
import { ownerSubmit } from './support/stanzas';
import { describeServers } from './support/suite';

jest.setTimeout(180_000);

const root = packageRoot();
const EXAMPLES = ['welcome', 'webhook'] as const;
type Example = (typeof EXAMPLES)[number];
const folders = new Map<Example, string>();
beforeAll(() => {
  for (const name of EXAMPLES) {
    const folder = mkdtempSync(path.join(tmpdir(), 'parlour-plugin-'));
    folders.set(name, folder);
    cpSync(path.join(root, 'examples/plugins', name), folder, { recursive: true });
  }
});
afterAll(() => {
  for (const folder of folders.values()) rmSync(folder, { recursive: true, force: true });
});

const folderOf = (name: Example): string => folders.get(name) as string;

interface Compiled {
  readonly code: number | null;
  readonly told: string;
}
const compiled = new Map<Example, Compiled>();

/** Compiles what is in the folder against the types of this Parlour, once. */
function compileHere(name: Example): Compiled {
  const known = compiled.get(name) ?? compile(name, root);
  compiled.set(name, known);
  return known;
}

/** Compiles what is in the folder, where Parlour is at this place. */
function compile(name: Example, place: string): Compiled {
  const folder = folderOf(name);
  const file = path.join(folder, 'tsconfig.json');
  const config = readFileSync(path.join(root, 'examples/plugins', name, 'tsconfig.json'), 'utf8');
  writeFileSync(file, config.replaceAll('/opt/parlour', place));
  const { status, stdout } = spawnSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', folder], {
    encoding: 'utf8',
    cwd: folder,
  });
  return { code: status, told: stdout };
}

test.each(EXAMPLES)('the types of %s are found in the folder of Parlour, and nowhere else', (name) => {
  expect(compile(name, '/nowhere').told).toContain("Cannot find module 'parlour/plugin'");
  expect(compileHere(name)).toEqual({ code: 0, told: '' });
});

describeServers(
  'plug-ins from empty folders',
  (server) => {
    let stage: Stage | undefined;
    afterEach(async () => {
      if (stage) await strikeStage(stage);
      stage = undefined;
    });

    it('welcome greets who enters for the first time, and nobody twice, also after a kill', async () => {
      expect(compileHere('welcome').code).toBe(0);
      stage = await setStage(server(), (config) => {
        config['plugins'] = [{ module: path.join(folderOf('welcome'), 'welcome.js'), config: { text: 'Tea is at five.' } }];
      });
      const { bob, parlour } = stage;
      const room = await roomOfAlice(stage);
      await bob.join(room, 'bob');
      await bob.settle(room);
      const greetings = (): number => bob.log().filter((stanza) => stanza.getChildText('body') === 'Tea is at five.').length;
      expect(greetings()).toBe(1);
      await parlour.killHard();
      await parlour.start();
      await bob.leave(room, 'bob');
      await bob.join(room, 'bob');
      await bob.settle(room);
      expect(greetings()).toBe(1);
    });

    it('webhook posts each message in order, though the address is down at first and Parlour restarts meanwhile', async () => {
      expect(compileHere('webhook').code).toBe(0);
      const posted: { kind: string; body?: string; number: number }[] = [];
      const hook: Server = createServer((request, response) => {
        let text = '';
        request.on('data', (chunk: Buffer) => (text += chunk.toString()));
        request.on('end', () => {
          posted.push(JSON.parse(text) as (typeof posted)[number]);
          response.writeHead(204).end();
        });
      });
      const listen = (port: number): Promise<void> => new Promise((resolve) => hook.listen(port, '127.0.0.1', resolve));
      const close = (): Promise<void> => new Promise((resolve) => hook.close(() => resolve()));
      // A port that nobody listens on.
      await listen(0);
      const { port } = hook.address() as AddressInfo;
      await close();
      const room = `hooked@${server().component}`;
      stage = await setStage(server(), (config) => {
        const module = path.join(folderOf('webhook'), 'webhook.js');
        config['plugins'] = [{ module, config: { url: `http://127.0.0.1:${port}/`, rooms: [room] } }];
      });
      const { alice, parlour } = stage;
      await alice.join(room, 'alice');
      expectResult(await alice.iq('set', room, ownerSubmit({})));
      for (const body of ['one', 'two']) await alice.say(room, body);
      await alice.settle(room);
      const deadline = Date.now() + 20_000;
      while (!parlour.log().includes('plugin.failed') && Date.now() < deadline) await delay(50);
      expect(parlour.log()).toContain('plugin.failed');
      await parlour.killHard();
      await parlour.start();
      await alice.say(room, 'three');
      await alice.settle(room);
      expect(posted).toEqual([]);
      await listen(port);
      while (posted.length < 3 && Date.now() < deadline + 40_000) await delay(50);
      expect(posted.map(({ kind, body }) => [kind, body])).toEqual([
        ['message', 'one'],
        ['message', 'two'],
        ['message', 'three'],
      ]);
      // What was taken is not posted again, also after a graceful end.
      expect(await parlour.terminate()).toBe(0);
      await parlour.start();
      await alice.settle(room);
      await delay(1_500);
      expect(posted).toHaveLength(3);
      hook.closeAllConnections();
      await close();
    });
  },
  ['prosody (stable)'],
);
