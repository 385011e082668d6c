/** The `parlour` process at its beginning and its end: signals while it starts, and a log that cannot be written. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import Sqlite from 'better-sqlite3';
import { LogOutput } from '../../src/log-output';

const CLI = path.resolve(__dirname, '../../src/cli.js');
let folder: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'parlour-start-'));
});
afterEach(() => {
  child?.kill('SIGKILL');
  child = undefined;
  rmSync(folder, { recursive: true, force: true });
});

function configured(change: object = {}): string {
  const file = path.join(folder, 'component.json');
  writeFileSync(file, JSON.stringify({ server: { secret: 's', port: 1 }, component: { domain: 'rooms.localhost' }, ...change }));
  return file;
}

const run = (stdout: number | 'pipe', config = configured()): ChildProcess =>
  (child = spawn(process.execPath, [CLI, 'run', '--config', config], { cwd: folder, stdio: ['ignore', stdout, 'pipe'] }));

/** A program that says on standard error that it is being read, and takes a second for it. */
function slowly(): ChildProcess {
  const slow = path.join(folder, 'slow.cjs');
  const mark = `const m = require('module'); const load = m._load; m._load = function (name, ...rest) {
    if (name === 'commander') { process.stderr.write('reading'); const end = Date.now() + 1000; while (Date.now() < end); }
    return load.call(this, name, ...rest); };`;
  writeFileSync(slow, mark);
  return (child = spawn(process.execPath, ['--require', slow, CLI, 'run', '--config', configured()], { cwd: folder }));
}

const ended = (process: ChildProcess): Promise<number | NodeJS.Signals | null> =>
  new Promise((resolve) => process.once('exit', (code, signal) => resolve(code ?? signal)));

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('found G5: a signal during start', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s while the database is waited for ends with 0', async (signal) => {
    const file = path.join(folder, 'parlour.db');
    const other = new Sqlite(file);
    other.exec('BEGIN EXCLUSIVE');
    const started = run('pipe');
    const end = ended(started);
    await pause(1_500);
    started.kill(signal);
    expect(await end).toBe(0);
    other.close();
  });

  test('SIGTERM while the program is still being read ends with 0', async () => {
    const started = slowly();
    const end = ended(started);
    await new Promise((resolve) => started.stderr?.once('data', resolve));
    started.kill('SIGTERM');
    expect(await end).toBe(0);
  });
});

describe('issue Operators, 4: SIGHUP reads the configuration again and never ends `parlour run`', () => {
  /** The next line with this event. */
  const line = (output: AsyncIterator<string>, event: string): Promise<Record<string, unknown>> =>
    output.next().then(({ value, done }): Record<string, unknown> | Promise<Record<string, unknown>> => {
      if (done === true) throw new Error(`The log ended without ${event}.`);
      const fields = JSON.parse(value) as Record<string, unknown>;
      return fields['event'] === event ? fields : line(output, event);
    });

  test('what can be taken is, what needs a restart is named, and a mistake changes nothing', async () => {
    const started = run('pipe');
    const end = ended(started);
    const output = createInterface({ input: started.stdout as Readable })[Symbol.asyncIterator]();
    await line(output, 'link.refused');
    configured({ limits: { nick: 9 }, log: { level: 'debug' }, server: { secret: 's', port: 2 } });
    started.kill('SIGHUP');
    expect(await line(output, 'config.reloaded')).toMatchObject({ taken: ['limits.nick', 'log.level'], restart: ['server.port'] });
    writeFileSync(path.join(folder, 'component.json'), '{ "limits": { "nick": 0 } }');
    started.kill('SIGHUP');
    const refused = await line(output, 'config.refused');
    expect((refused['mistakes'] as string[]).join()).toContain('limits.nick: found 0');
    configured();
    started.kill('SIGHUP');
    expect(await line(output, 'config.reloaded')).toMatchObject({ taken: ['limits.nick', 'log.level'], restart: [] });
    expect(started.exitCode).toBeNull();
    started.kill('SIGTERM');
    expect(await end).toBe(0);
  });

  test('one that comes while the program is still being read does not end it', async () => {
    const started = slowly();
    const end = ended(started);
    await new Promise((resolve) => started.stderr?.once('data', resolve));
    started.kill('SIGHUP');
    const output = createInterface({ input: started.stdout as Readable })[Symbol.asyncIterator]();
    await line(output, 'link.refused');
    started.kill('SIGTERM');
    expect(await end).toBe(0);
  });
});

describe('found H1: a log that cannot be written', () => {
  test.each(['json', 'pretty'])('on a full disk (%s) the service goes on and ends when it is told', async (format) => {
    const full = openSync('/dev/full', 'w');
    const started = run(full, configured({ log: { level: 'trace', format } }));
    closeSync(full);
    const end = ended(started);
    await pause(2_500);
    expect(started.exitCode).toBeNull();
    started.kill('SIGTERM');
    expect(await end).toBe(0);
  });

  test('on a pipe that nobody reads it ends when it is told', async () => {
    const started = run('pipe', configured({ log: { level: 'trace' } }));
    started.stdout?.pause();
    const end = ended(started);
    await pause(1_500);
    started.kill('SIGTERM');
    expect(await end).toBe(0);
  });

  const failing = (): { output: LogOutput; text: () => string; refuse: (code: string | null, room?: number) => void } => {
    let written = '';
    let code: string | null = null;
    let room = 0;
    const output = new LogOutput(
      (bytes) => {
        if (code === null) {
          written += bytes.toString();
          return bytes.length;
        }
        if (room === 0) throw Object.assign(new Error('no room'), { code });
        const taken = Math.min(room, bytes.length);
        written += bytes.subarray(0, taken).toString();
        room -= taken;
        return taken;
      },
      (lost, why) => `${lost} lost, ${why}\n`,
    );
    return { output, text: () => written, refuse: (why, left = 0) => ([code, room] = [why, left]) };
  };

  test('lines are dropped, counted and told; half a line is ended', () => {
    const { output, text, refuse } = failing();
    output.write('one\n');
    refuse('ENOSPC', 2);
    output.write('two\n');
    output.write('three\n');
    expect(text()).toBe('one\ntw');
    refuse(null);
    output.write('four\n');
    expect(text()).toBe('one\ntw\n2 lost, ENOSPC\nfour\n');
  });

  test('what a pipe has no room for comes later, in order; only what is too much is dropped', () => {
    const { output, text, refuse } = failing();
    refuse('EAGAIN', 2);
    output.write('one\n');
    output.write('two\n');
    const long = `${'x'.repeat(300_000)}\n`;
    output.write(long);
    refuse(null);
    output.write('three\n');
    expect(text()).toBe('one\ntwo\n1 lost, EAGAIN\nthree\n');
  });
});

test.each(['SIGUSR2', 'SIGHUP'] as const)(
  '%s enables a plug-in that was disabled, and both are logged; a reload hands it another configuration',
  async (signal) => {
    writeFileSync(
      path.join(folder, 'clumsy.mjs'),
      `import { definePlugin, z } from 'parlour/plugin';
     export default definePlugin({
       name: 'clumsy',
       apiVersion: 1,
       config: z.strictObject({ word: z.string().max(9, { error: 'nine letters' }).default('old') }),
       setup: ({ word }, host) => ({
         reconfigure(config) { host.log.info({}, word + ' became ' + config.word); },
         affiliationChanged() { throw new Error('a mistake'); },
         async start() {
           const room = 'tea@rooms.localhost';
           await host.execute(room, { name: 'create', owner: 'ann@x.example', values: { 'muc#roomconfig_persistentroom': true } });
           for (let i = 0; i < 12; i++)
             await host.execute(room, { name: 'set-affiliations', items: [{ jid: 'p' + i + '@x.example', affiliation: 'member' }] });
         },
       }),
     });`,
    );
    const started = run('pipe', configured({ plugins: [{ module: 'clumsy.mjs' }], log: { format: 'json' } }));
    let log = '';
    started.stdout?.on('data', (chunk: Buffer) => (log += chunk.toString()));
    const until = async (line: string): Promise<void> => {
      for (let i = 0; i < 1_000 && !log.includes(line); i++) await pause(50);
      expect(log).toContain(line);
    };
    await until('"event":"plugin.disabled"');
    await until('"event":"plugin.running"');
    expect(log).not.toContain('plugin.enabled');
    started.kill(signal);
    await until('"event":"plugin.enabled"');
    if (signal === 'SIGHUP') {
      configured({ plugins: [{ module: 'clumsy.mjs', config: { word: 'much too long' } }], log: { format: 'json', level: 'debug' } });
      started.kill(signal);
      await until('plugins[0].config.word: nine letters');
      expect(log).not.toContain('became');
      configured({ plugins: [{ module: 'clumsy.mjs', config: { word: 'new' } }], log: { format: 'json' } });
      started.kill(signal);
      await until('old became new');
      await until('"taken":["plugins"],"restart":[]');
      configured({ plugins: [{ module: './clumsy.mjs', config: { word: 'third' } }], log: { format: 'json' } });
      started.kill(signal);
      await until('"taken":[],"restart":["plugins"]');
      expect(log).not.toContain('third');
    }
    const end = ended(started);
    started.kill('SIGTERM');
    expect(await end).toBe(0);
  },
);
