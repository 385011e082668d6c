/** Mistakes on the way in, as an operator makes them: each ends in a sentence that says what to change. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { endOf, kill, launch } from './servers/process';
import { freePort } from '../support/free-port';
import { CLI, configFor } from './support/parlour';
import { describeServers } from './support/suite';

jest.setTimeout(60_000);

let place: string;
beforeEach(() => {
  place = mkdtempSync(path.join(tmpdir(), 'parlour-e2e-'));
});
afterEach(() => {
  rmSync(place, { recursive: true, force: true });
});

/** Writes a configuration and runs a command with it to the end. */
async function parlour(command: 'run' | 'check', config: unknown): Promise<{ code: number | null; said: string }> {
  const running = launch(process.execPath, [CLI, command, '--config', written(config)]);
  const code = await endOf(running, 30_000);
  return { code, said: running.output() };
}

/** Runs Parlour until it has said something that matches, then ends it. */
async function runUntil(config: unknown, pattern: RegExp): Promise<string> {
  const running = launch(process.execPath, [CLI, 'run', '--config', written(config)]);
  const deadline = Date.now() + 15_000;
  while (!pattern.test(running.output()) && !running.ended() && Date.now() < deadline) await delay(50);
  kill(running.child.pid, 'SIGTERM');
  await endOf(running, 10_000);
  return running.output();
}

function written(config: unknown): string {
  const file = path.join(place, 'component.json');
  writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config, null, 2));
  return file;
}

function local(port: number): Record<string, unknown> {
  return {
    server: { port, secret: 'secret' },
    component: { domain: 'rooms.localhost' },
    database: { path: path.join(place, 'parlour.db') },
  };
}

describe('bad input', () => {
  it.each(['run', 'check'] as const)('%s tells five mistakes in five lines and ends with 2', async (command) => {
    const { code, said } = await parlour(command, {
      server: { port: 99_999, secret: 'secret' },
      component: { domain: 'rooms@localhost' },
      database: { durability: 'sometimes' },
      log: { level: 'loud' },
      colour: 'green',
    });
    expect(code).toBe(2);
    for (const at of ['server.port', 'component.domain', 'database.durability', 'log.level', 'colour'])
      expect(said.split('\n').filter((each) => each.includes(at))).toHaveLength(1);
    expect(said).toContain('99999');
    expect(said).toContain('"full"');
  });

  it('says where the file is not JSON', async () => {
    const { code, said } = await parlour('run', '{\n  "server": {,\n}');
    expect(code).toBe(2);
    expect(said).toMatch(/line 2, column 14/);
  });

  it('refuses the database of another program and leaves it alone', async () => {
    const file = path.join(place, 'parlour.db');
    const other = new Database(file);
    other.exec('CREATE TABLE recipes (name TEXT)');
    other.close();
    const bytes = readFileSync(file);
    for (const command of ['run', 'check'] as const) {
      const { code, said } = await parlour(command, local(await freePort()));
      expect(code).not.toBe(0);
      expect(code).not.toBeNull();
      expect(said).toMatch(/database of another program/);
      expect(said).toMatch(/another path/);
      expect(said).not.toMatch(/\n[ \t]+at /);
    }
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  it('says that nobody listens at the address', async () => {
    const port = await freePort();
    const { code, said } = await parlour('check', local(port));
    expect(code).not.toBe(0);
    expect(said).toContain(`127.0.0.1:${port}`);
    expect(said).toMatch(/server\.host and server\.port/);
    expect(await runUntil(local(port), /cannot reach/)).toContain(`cannot reach 127.0.0.1:${port}`);
  });
});

describeServers(
  'bad input',
  (server) => {
    it('says that the secret is wrong, and what to change on this server', async () => {
      const config = configFor(server(), path.join(place, 'parlour.db'));
      (config['server'] as Record<string, unknown>)['secret'] = 'sesame';
      const { code, said } = await parlour('check', config);
      expect(code).not.toBe(0);
      expect(said).toMatch(/refuses the secret for rooms\.localhost/);
      expect(said).toMatch(/server\.secret/);
      expect(said).not.toContain('sesame');
      const log = await runUntil(config, /refuses the secret/);
      expect(log).toMatch(/refuses the secret for rooms\.localhost/);
      expect(log).not.toContain('sesame');
    });

    it('accepts what is right', async () => {
      const { code, said } = await parlour('check', configFor(server(), path.join(place, 'parlour.db')));
      expect({ code, said }).toMatchObject({ code: 0 });
    });

    it('says that the server does not know the domain', async () => {
      const config = configFor(server(), path.join(place, 'parlour.db'));
      config['component'] = { domain: 'elsewhere.localhost' };
      const { code, said } = await parlour('check', config);
      expect(code).not.toBe(0);
      expect(said).toMatch(/does not know elsewhere\.localhost|refuses the secret for elsewhere\.localhost/);
    });
  },
  ['prosody (stable)', 'ejabberd (stable)'],
);
