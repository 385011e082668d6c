/** `npm run bench -- smoke`: a few seconds of 100 rooms of 20 alone, with a wide bound. It tells that something became many times slower, and nothing else. */
import { THIS_BUILD } from './component';
import { LOADS, type Load } from './loads';
import { figures, isSound } from './report';
import { ALONE, BASELINE, compare, learnForms, pairs, parlour, sameForm } from './rounds';
import { onADisk } from './surroundings';

/** Share of the baseline's deliveries a second; on a quiet machine it is above 0.4. */
const LEAST = 0.15;
/** Where other programs take the processors the rates say nothing: then times the baseline's processor time of the main thread; about 2.2 on a quiet machine. */
const MOST_PROCESSOR = 10;
/** One of two runs may fall into a bad second. */
const TRIES = 2;

/** True if the share is high enough in one of the tries. */
export async function smoke(): Promise<boolean> {
  return onADisk(async (around) => {
    await learnForms(around);
    const program = parlour('parlour', THIS_BUILD, ALONE);
    const load = LOADS[1] as Load;
    for (let n = 0; n < TRIES; n++) {
      const results = await compare({
        ...around,
        between: ALONE,
        programs: [program, BASELINE],
        loads: [load],
        rounds: 1,
        seconds: 2,
        warmup: 1,
      });
      const [round] = pairs(results.get(load) ?? [], program, BASELINE);
      if (round === undefined) throw new Error('Nothing was measured.');
      sameForm(round);
      const [ours, theirs] = [figures(round.first), figures(round.second)];
      const [share, times] = [ours.rate / theirs.rate, ours.main / theirs.main];
      process.stdout.write(`smoke: ${share.toFixed(2)} of the baseline's deliveries/s, at least ${LEAST}; `);
      process.stdout.write(`${times.toFixed(1)} times its processor time, at most ${MOST_PROCESSOR} where the machine is busy\n`);
      if (share >= LEAST || (!isSound(round) && times <= MOST_PROCESSOR)) return true;
    }
    return false;
  });
}
