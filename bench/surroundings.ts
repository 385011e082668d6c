/** A directory for a measurement, on a disk, and its end when somebody stops it. */
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Surroundings } from './rounds';

/** `f_type` of tmpfs, where a durable write costs nothing. */
const TMPFS = 0x01021994;

/** Runs `body` with a directory of its own, which is removed afterwards; Ctrl-C and SIGTERM reject `stop`, so that processes and files are cleared away first. */
export async function onADisk<T>(body: (around: Surroundings) => Promise<T>): Promise<T> {
  const place = mkdtempSync(path.join(tmpdir(), 'parlour-bench-'));
  try {
    if (statfsSync(place).type === TMPFS)
      throw new Error(`${tmpdir()} lies in memory, where a durable write costs nothing. Set TMPDIR to a directory on a disk.`);
    return await body({ place, stop: interruption() });
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** Whether an error is that of `stop`: somebody ended the measurement, and nothing of it failed. */
export const wasInterrupted = (error: unknown): boolean => error instanceof Error && error.message.startsWith('Interrupted by ');

function interruption(): Promise<never> {
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => reject(new Error(`Interrupted by ${signal}.`)));
  });
  interrupted.catch(() => undefined); // It may come between two measurements; the next one is then refused at once.
  return interrupted;
}
