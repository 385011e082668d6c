/** The part that shows where Parlour's time goes under each load: what the main thread and the store's writer do, by function and file. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { THIS_BUILD } from '../component';
import { profilesIn, runs, sharesOf } from '../cpu-profile';
import { idOf, LOADS } from '../loads';
import type { Figure } from '../publish/figures';
import { figure } from '../publish/figures';
import { figures } from '../report';
import { ALONE, compare, parlour } from '../rounds';
import type { Chosen, Found, Part } from './part';

const WARMUP = 2;
/** Functions that are told of each thread. */
const TOLD = 15;
/** Threads by a file that none of the others runs. */
const THREADS: readonly (readonly [id: string, name: string, file: string])[] = [
  ['main', 'main thread', 'service/service'],
  ['store', "the store's thread", 'store/sqlite/writing/writer-thread'],
];

export const profiling: Part = {
  name: 'profile',
  title: "where the time goes: a CPU profile of Parlour's main thread and of the store's under each load (--load N: one of them)",
  rounds: 1,
  minutes: 1,
  async run({ seconds, place, stop, load: only }: Chosen): Promise<Found> {
    const found: Figure[] = [];
    for (const load of only === undefined ? LOADS : [only]) {
      const folder = path.join(place, `profile-${idOf(load)}`);
      mkdirSync(folder, { recursive: true });
      const program = parlour('parlour', THIS_BUILD, ALONE, { profile: folder });
      const all = await compare({ between: ALONE, programs: [program], loads: [load], rounds: 1, seconds, warmup: WARMUP, place, stop });
      const measured = all.get(load)?.[0]?.get(program);
      if (measured === undefined) throw new Error('Nothing was measured.');
      const profiles = profilesIn(folder);
      for (const [id, thread, file] of THREADS) {
        const profile = profiles.find((one) => runs(one, file));
        const shares = profile === undefined ? [] : sharesOf(profile, measured.span);
        if (shares.length === 0) throw new Error(`No profile of ${thread} under ${load.name}; there are ${profiles.length} profiles.`);
        process.stdout.write(`${load.name}, ${thread}\n`);
        for (const [i, { name, share }] of shares.slice(0, TOLD).entries()) {
          process.stdout.write(`  ${(100 * share).toFixed(1).padStart(5)} %  ${name}\n`);
          const rank = String(i + 1).padStart(2, '0');
          const note = `${load.name}, ${Math.round(figures(measured).rate).toLocaleString('en-US')} deliveries/s: ${thread}`;
          found.push(...figure(`profile/${idOf(load)}/${id}/${rank}`, name, '%', [100 * share], { note }));
        }
      }
    }
    return { figures: found };
  },
};
