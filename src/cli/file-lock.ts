/** One change of a file at a time: a lock beside it, which says who has it. What a killed process left counts no more. */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Ended, EXIT } from './ending';

/** How long another change is waited for, in milliseconds, and between two looks. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 50;

/** Whether it was made; false: it is there. Throws what the file system throws. */
function made(lock: string, text: string): boolean {
  let opened: number;
  try {
    opened = openSync(lock, 'wx', 0o644);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    writeSync(opened, text);
  } catch (error) {
    // An empty lock would be nobody's, and stay.
    rmSync(lock, { force: true });
    throw error;
  } finally {
    closeSync(opened);
  }
  return true;
}

/** Whether its process is no more, as well as can be told: of another machine, or of a lock that is just being written, nothing can. */
function isLeftBehind(lock: string): boolean {
  let text: string;
  try {
    text = readFileSync(lock, 'utf8');
  } catch {
    // It has gone meanwhile, or is not for this user to read.
    return false;
  }
  const [, pid, host] = /^(\d+) (.*)\n$/.exec(text) ?? [];
  if (pid === undefined || host !== hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/**
 * Runs a change of the file while nobody else changes it by this way. `file`: its real path, beside which the lock is. `patience`: milliseconds. Throws Ended if the lock cannot be
 * had, and what the change throws.
 */
export async function alone<T>(file: string, change: () => Promise<T>, patience = PATIENCE_MS): Promise<T> {
  const lock = `${file}.lock`;
  try {
    for (let waited = 0; !made(lock, `${process.pid} ${hostname()}\n`); waited += LOOK_MS) {
      if (isLeftBehind(lock)) {
        rmSync(lock, { force: true });
        continue;
      }
      if (waited >= patience)
        throw new Ended(
          EXIT.refused,
          `Somebody else is changing ${file}: ${lock} is there. Try again; if nobody is, remove that file. Nothing was changed.`,
        );
      await delay(LOOK_MS);
    }
  } catch (error) {
    throw error instanceof Ended
      ? error
      : new Ended(EXIT.refused, `${file} cannot be changed: ${(error as Error).message}. Nothing was changed.`);
  }
  try {
    return await change();
  } finally {
    rmSync(lock, { force: true });
  }
}
