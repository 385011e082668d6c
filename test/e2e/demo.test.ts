/** `parlour demo` ends cleanly whenever a signal comes: no process and no file of it is left. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endOf, kill, launch, type Running } from './servers/process';
import { CLI } from './support/parlour';
import { describeWith, START_TIMEOUT } from './support/suite';

/** Processes of this machine whose command line names the directory. */
function processesOf(place: string): string[] {
  return readdirSync('/proc').filter((id) => {
    if (!/^\d+$/.test(id)) return false;
    try {
      return readFileSync(`/proc/${id}/cmdline`, 'utf8').includes(place);
    } catch {
      return false; // It ended meanwhile.
    }
  });
}

async function until(what: string, running: Running, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT;
  while (!holds()) {
    if (running.ended() || Date.now() > deadline) throw new Error(`never: ${what}\n${running.output()}`);
    await delay(10);
  }
}

describeWith(['prosody'], 'parlour demo', () => {
  let place: string;
  let running: Running;
  beforeEach(() => {
    place = mkdtempSync(path.join(tmpdir(), 'parlour-demo-test-'));
    // The demonstration makes its own directory within this one.
    running = launch(process.execPath, [CLI, 'demo', '--yes', '--ready-file', `${place}-ready`], {
      env: { ...process.env, TMPDIR: place },
    });
  });
  afterEach(() => {
    for (const id of processesOf(place)) kill(Number(id), 'SIGKILL');
    for (const name of [place, `${place}-ready`]) rmSync(name, { recursive: true, force: true });
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'ends at %s when it runs',
    async (signal) => {
      await until('ready', running, () => existsSync(`${place}-ready`));
      expect(processesOf(place).length).toBeGreaterThan(0);
      kill(running.child.pid, signal);
      // From the terminal and from npm: one Ctrl-C.
      kill(running.child.pid, signal);
      expect(await endOf(running, 15_000)).toBe(0);
      expect(readdirSync(place)).toEqual([]);
      expect(processesOf(place)).toEqual([]);
    },
    START_TIMEOUT,
  );

  test(
    'ends with a sentence when its Prosody ends',
    async () => {
      await until('ready', running, () => existsSync(`${place}-ready`));
      const prosody = processesOf(place).filter((id) => Number(id) !== running.child.pid);
      expect(prosody.length).toBeGreaterThan(0);
      for (const id of prosody) kill(Number(id), 'SIGKILL');
      expect(await endOf(running, 15_000)).toBe(1);
      expect(running.output()).toContain('Prosody has ended, and the demonstration with it.');
      expect(running.output()).not.toContain('component_ports');
      expect(readdirSync(place)).toEqual([]);
    },
    START_TIMEOUT,
  );

  test(
    'ends at SIGINT while Prosody starts',
    async () => {
      await until('Prosody started', running, () => processesOf(place).length > 1);
      kill(running.child.pid, 'SIGINT');
      expect(await endOf(running, 15_000)).toBe(130);
      await delay(300);
      expect(processesOf(place)).toEqual([]);
      expect(readdirSync(place)).toEqual([]);
    },
    START_TIMEOUT,
  );
});
