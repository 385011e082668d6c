/** CPU time of a process and of its main thread, from /proc (Linux). */
import { readFileSync, readdirSync } from 'node:fs';

export interface Cpu {
  /** Nanoseconds that the main thread has run, user and system. */
  readonly main: number;
  /** Nanoseconds of all threads together. */
  readonly all: number;
}

/** Run time so far. `schedstat` counts nanoseconds, where `stat` counts ticks of 10 ms. A thread that has ended is missing. */
export function cpuOf(pid: number): Cpu {
  const main = ranFor(`/proc/${pid}/task/${pid}/schedstat`);
  let all = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) all += ranFor(`/proc/${pid}/task/${task}/schedstat`);
  return { main, all };
}

function ranFor(file: string): number {
  const [ran] = readFileSync(file, 'utf8').split(' ');
  const nanoseconds = Number(ran);
  if (!Number.isFinite(nanoseconds)) throw new Error(`${file} does not begin with a number; this benchmark needs Linux with schedstat`);
  return nanoseconds;
}

/** Nanoseconds of CPU that the whole machine has spent busy, all processes. Ticks of 10 ms. */
export function busyOfMachine(): number {
  const [line] = readFileSync('/proc/stat', 'utf8').split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (line ?? '').trim().split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softirq + steal) * 10_000_000;
}
