/** `npm run bench -- all`: everything that docs/performance.md shows, part by part; each part's figures are kept, and the page written anew, as soon as it is done. */
import { parseArgs } from 'node:util';
import { PARTS } from './parts';
import type { Chosen, Found, Part } from './parts/part';
import { keep, kept, reached, type Figure } from './publish/figures';
import { LOADS, type Load } from './loads';
import { commit, machine } from './publish/machine';
import { publish } from './publish/page';
import { short } from './publish/charts';
import { onADisk, wasInterrupted } from './surroundings';

const USAGE = `npm run bench -- all [options]
  --only A,B      only these parts
  --missing       only parts that have no figures of this commit yet: to go on after an interruption
  --rounds N      rounds of each part, instead of what each part has
  --seconds S     length of each measurement (4)
  --people N      people of a storm, where a part does not have its own number (multicast: 300)
  --load N        one load, where a part can have them apart (profile): ${LOADS.map((load, i) => `${i + 1} = ${load.name}`).join(', ')}
  --keep-nothing  measures and shows the figures all the same; keeps none, and the page stays as it is
${PARTS.map(({ name, title, rounds, minutes }) => `  ${name.padEnd(14)}  ${title} (${rounds} round${rounds === 1 ? '' : 's'}, about ${minutes} min)`).join('\n')}`;

interface Wanted {
  readonly parts: readonly Part[];
  readonly rounds: number | undefined;
  readonly seconds: number;
  readonly people: number | undefined;
  readonly load: Load | undefined;
  readonly keepNothing: boolean;
}

function wanted(args: readonly string[]): Wanted {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      missing: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string', default: '4' },
      people: { type: 'string' },
      load: { type: 'string' },
      'keep-nothing': { type: 'boolean', default: false },
    },
  });
  const names = values.only?.split(',');
  const unknown = names?.find((name) => !PARTS.some((part) => part.name === name));
  if (unknown !== undefined) throw new Error(`"${unknown}" is no part.\n${USAGE}`);
  const seconds = Number(values.seconds);
  const [rounds, people] = [values.rounds, values.people].map((one) => (one === undefined ? undefined : Number(one)));
  const isCount = (one: number | undefined): boolean => one === undefined || (Number.isInteger(one) && one > 0);
  if (!(seconds > 0) || !isCount(rounds) || !isCount(people)) throw new Error(`Numbers are positive.\n${USAGE}`);
  const [now, there] = [commit(), kept()];
  const load = values.load === undefined ? undefined : LOADS[Number(values.load) - 1];
  if (values.load !== undefined && load === undefined) throw new Error(`--load takes 1 to ${LOADS.length}.\n${USAGE}`);
  const parts = PARTS.filter(({ name }) => names === undefined || names.includes(name)).filter(
    ({ name }) => !values.missing || there.get(name)?.commit !== now || there.get(name)?.unfinished === true,
  );
  return { parts, rounds, seconds, people, load, keepNothing: values['keep-nothing'] };
}

const told = (figure: Figure): string => {
  const aim =
    figure.least !== undefined ? `, at least ${short(figure.least)}` : figure.most !== undefined ? `, at most ${short(figure.most)}` : '';
  const isReached = reached(figure);
  const spread = figure.spread === null ? '' : `, spread ${(100 * figure.spread).toFixed(0)} %`;
  return `  ${figure.what}: ${short(figure.value)} ${figure.unit}${aim}${isReached === undefined ? '' : isReached ? ': reached' : ': MISSED'}${spread}`;
};

/** Minutes that a part takes as it is chosen. */
function minutesOf(part: Part, { rounds, seconds, people }: Wanted): number {
  const chosen = rounds ?? part.rounds;
  // Half of a part is what lies around the measurements.
  return part.minutesOf?.({ rounds: chosen, seconds, people }) ?? ((part.minutes * chosen) / part.rounds) * ((1 + seconds / 4) / 2);
}

/** Keeps what a part has found, and writes the page anew. */
function keepOf(part: Part, rounds: number, began: number, found: Found, unfinished: boolean): void {
  keep({
    part: part.name,
    at: new Date().toISOString(),
    commit: commit(),
    took: Math.round((Date.now() - began) / 1000),
    rounds,
    machine: machine(),
    versions: found.versions ?? {},
    figures: [...found.figures],
    skipped: [...(found.skipped ?? [])],
    ...(unfinished ? { unfinished } : {}),
  });
  publish();
}

/** Runs the parts; false if one could not be measured, or, with --keep-nothing, if an aim was missed. */
export async function all(args: readonly string[]): Promise<boolean> {
  const chosen = wanted(args);
  const { parts, seconds, people, load, keepNothing } = chosen;
  const minutes = (some: readonly Part[]): number => some.reduce((sum, part) => sum + minutesOf(part, chosen), 0);
  process.stdout.write(`${parts.length} parts, about ${Math.ceil(minutes(parts))} minutes\n`);
  let isWell = true;
  for (const [i, part] of parts.entries()) {
    process.stdout.write(
      `\n== ${part.name}: ${part.title} (about ${minutes([part]).toFixed(1)} min; ${Math.ceil(minutes(parts.slice(i)))} to go)\n`,
    );
    const began = Date.now();
    const rounds = chosen.rounds ?? part.rounds;
    const soFar = keepNothing ? undefined : (found: Found): void => keepOf(part, rounds, began, found, true);
    try {
      const found = await onADisk((around) => part.run({ ...around, rounds, seconds, people, load, soFar } satisfies Chosen));
      const { figures } = found;
      process.stdout.write(`${figures.map(told).join('\n')}\n`);
      for (const one of found.skipped ?? []) process.stdout.write(`  skipped: ${one}\n`);
      if (!keepNothing) keepOf(part, rounds, began, found, false);
      else if (figures.some((one) => reached(one) === false)) isWell = false;
    } catch (error) {
      if (wasInterrupted(error)) throw error;
      // The others are worth as much without this one.
      isWell = false;
      process.stdout.write(`  FAILED: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    }
    process.stdout.write(`  took ${((Date.now() - began) / 60_000).toFixed(1)} min\n`);
  }
  return isWell;
}
