/** `npm run bench`: Parlour and the baseline in turn under each load, and Parlour's share of the baseline. */
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startBaseline, startParlour } from './component';
import type { Job, Measured } from './generator';
import { LOADS, type Load } from './loads';
import { measure } from './measure';
import { HEADING, runLine, summary, type Program } from './report';
import { templateOf, USUAL, type Template } from './template';

/** Messages in flight; a little over the 1,000 promised, because the window is refilled by whole reads. */
const WINDOW = 1_100;
/** `f_type` of tmpfs, where a durable write costs nothing. */
const TMPFS = 0x01021994;

const USAGE = `npm run bench -- [options]
  --rounds N      runs of each program under each load (3)
  --seconds S     length of a measurement (5), after --warmup S (2)
  --load N        only load N: ${LOADS.map((load, i) => `${i + 1} = ${load.name}`).join(', ')}
  --only PROGRAM  only baseline or parlour, without ratios
  --profile DIR   a CPU profile of each Parlour run into DIR (slows it down)`;

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmup: number;
  readonly loads: readonly Load[];
  readonly programs: readonly Program[];
  readonly profile: string | undefined;
}

function options(): Options {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '5' },
      warmup: { type: 'string', default: '2' },
      load: { type: 'string' },
      only: { type: 'string' },
      profile: { type: 'string' },
    },
  });
  const positive = (name: 'rounds' | 'seconds' | 'warmup'): number => {
    const value = Number(values[name]);
    if (!(value > 0)) throw new Error(`--${name} takes a positive number, not "${values[name]}".\n${USAGE}`);
    return value;
  };
  const load = values.load === undefined ? undefined : LOADS[Number(values.load) - 1];
  if (values.load !== undefined && load === undefined) throw new Error(`--load takes 1 to ${LOADS.length}.\n${USAGE}`);
  // Parlour first: its first delivery is the form of the baseline's.
  const all: readonly Program[] = ['parlour', 'baseline'];
  const programs = all.filter((program) => values.only === undefined || values.only === program);
  if (programs.length === 0) throw new Error(`--only takes baseline or parlour.\n${USAGE}`);
  return {
    rounds: positive('rounds'),
    seconds: positive('seconds'),
    warmup: positive('warmup'),
    loads: load ? [load] : LOADS,
    programs,
    profile: values.profile === undefined ? undefined : path.resolve(values.profile),
  };
}

async function benchmark(chosen: Options, place: string, interrupted: Promise<never>): Promise<void> {
  process.stdout.write(`${HEADING}\n`);
  const results = new Map<Load, Map<Program, Measured[]>>(chosen.loads.map((load) => [load, new Map()]));
  let template: Template = USUAL;
  const nodeOptions = chosen.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${chosen.profile}`];
  for (let round = 0; round < chosen.rounds; round++) {
    for (const load of chosen.loads) {
      const job: Job = { load, window: WINDOW, warmup: chosen.warmup, measure: chosen.seconds };
      for (const program of chosen.programs) {
        const measured = await measure(
          job,
          (port, below) => (program === 'parlour' ? startParlour(port, load, below, nodeOptions) : startBaseline(port, template, below)),
          place,
          interrupted,
        );
        if (program === 'parlour') template = templateOf(measured.sample);
        const runs = results.get(load) as Map<Program, Measured[]>;
        runs.set(program, [...(runs.get(program) ?? []), measured]);
        process.stdout.write(`${runLine(program, load, measured)}\n`);
      }
      if (chosen.programs.length === 2) sameForm(results.get(load) as Map<Program, Measured[]>);
    }
  }
  if (chosen.programs.length < 2) return;
  for (const load of chosen.loads) process.stdout.write(`\n${summary(load, results.get(load) as Map<Program, Measured[]>).join('\n')}\n`);
}

/** Ratios hold at equal bytes only: the latest deliveries of the two programs must have one form and one length. */
function sameForm(runs: ReadonlyMap<Program, readonly Measured[]>): void {
  const [parlour, baseline] = (['parlour', 'baseline'] as const).map((program) => runs.get(program)?.at(-1)?.sample ?? '');
  const same =
    templateOf(parlour ?? '') === templateOf(baseline ?? '') && Buffer.byteLength(parlour ?? '') === Buffer.byteLength(baseline ?? '');
  if (!same) throw new Error(`The deliveries are not alike:\n${parlour}\n${baseline}`);
}

/** Rejects on Ctrl-C or SIGTERM, so that processes and files are cleared away first. */
function interruption(): Promise<never> {
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => reject(new Error(`Interrupted by ${signal}.`)));
  });
  interrupted.catch(() => undefined); // It may come between two measurements; the next one is then refused at once.
  return interrupted;
}

async function main(): Promise<void> {
  const chosen = options();
  const place = mkdtempSync(path.join(tmpdir(), 'parlour-bench-'));
  try {
    if (statfsSync(place).type === TMPFS) {
      throw new Error(`${tmpdir()} lies in memory, where a durable write costs nothing. Set TMPDIR to a directory on a disk.`);
    }
    await benchmark(chosen, place, interruption());
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
