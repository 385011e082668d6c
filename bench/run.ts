/** `npm run bench`: two programs in turn under each load, alone or through real servers, and the ratios of what they came to; or a command of its own, named by the first word. */
import { FLAVOURS, type Flavour } from '../test/e2e/servers/server';
import { all } from './all';
import { buildAnchors } from './build-anchors';
import { api } from './api';
import { away } from './away';
import { THIS_BUILD, type Build } from './component';
import { hostile } from './hostile';
import type { Load } from './loads';
import { memory } from './memory';
import { options, type Options } from './options';
import { buildOf } from './other-build';
import { PARTS } from './parts';
import { publish } from './publish/page';
import { isSound, summary } from './report';
import {
  ALONE,
  BASELINE,
  compare,
  learnForms,
  OWN_ROOMS,
  pairs,
  parlour,
  sameForm,
  through,
  type Between,
  type Surroundings,
} from './rounds';
import { smoke } from './smoke';
import { storm } from './storm';
import { onADisk } from './surroundings';

/** All rounds of all loads with one thing between generator and component, and the summary. */
async function rounds(chosen: Options, between: Between, other: Build | undefined, around: Surroundings): Promise<void> {
  const one = parlour('parlour', THIS_BUILD, between, chosen);
  const second = other === undefined ? BASELINE : parlour(chosen.against ?? '', other, between, { ...chosen, watch: false });
  const own = between.port === undefined || other !== undefined ? [] : [OWN_ROOMS];
  const named = [one, second, ...own].filter(({ name }) => chosen.only === undefined || name === chosen.only);
  const results = await compare({ ...around, ...chosen, between, programs: named });
  const target = (load: Load): number | undefined => (other === undefined && between.port === undefined ? load.target : undefined);
  for (const [load, measured] of results) {
    for (const against of [second, ...own]) {
      const both = pairs(measured, one, against);
      if (both.length === 0) continue;
      if (against === BASELINE) both.filter(isSound).forEach(sameForm);
      const text = summary(`${between.name}, ${load.name}`, [one.name, against.name], both, against === second ? target(load) : undefined);
      process.stdout.write(`\n${text.join('\n')}\n`);
    }
  }
}

async function benchmark(chosen: Options, around: Surroundings): Promise<void> {
  const other = chosen.against === undefined ? undefined : buildOf(chosen.against);
  if (other === undefined) await learnForms(around);
  if (!chosen.attached) return rounds(chosen, ALONE, other, around);
  const flavours: readonly Flavour[] = FLAVOURS.filter((one) => chosen.servers === undefined || one.includes(chosen.servers));
  for (const flavour of flavours) await through(flavour, (between) => rounds(chosen, between, other, around));
}

/** Commands of their own, by the first word; false if they missed what they promise. */
const COMMANDS: Readonly<Record<string, (args: readonly string[]) => Promise<boolean>>> = {
  all,
  'build-anchors': buildAnchors,
  api,
  away,
  hostile,
  memory: async () => (await memory(), true),
  publish: async () => (publish(), true),
  smoke,
  storm,
};

async function main(): Promise<void> {
  const word = process.argv[2] ?? '';
  // A part has its own name as a command too; what is a command already keeps its own options.
  const command =
    COMMANDS[word] ??
    (PARTS.some(({ name }) => name === word) ? (args: readonly string[]) => all(['--keep-nothing', '--only', word, ...args]) : undefined);
  if (word !== 'attached' && command !== undefined) {
    if (!(await command(process.argv.slice(3)))) process.exitCode = 1;
    return;
  }
  const chosen = options();
  await onADisk((around) => benchmark(chosen, around));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
