/** How long a stop waits for the store and the server. */
import type { Clock } from '../clock';

/** Longest wait for the next commit or the confirmation, in ms, and how many of them on a disk that is slow. */
const STOP_MS = 10_000;
const STOP_WAITS = 6;

/**
 * Waits for `work`. True: it is done. False: it gets no further, or takes too long. Rejects as `work` does.
 *
 * @param answers how many answers the store has given so far: while it rises, the work goes on.
 */
export async function unlessStuck(clock: Pick<Clock, 'after'>, work: Promise<void>, answers: () => number): Promise<boolean> {
  let cancel = (): void => undefined;
  const stuck = new Promise<false>((resolve) => {
    const wait = (before: number, left: number): void => {
      cancel = clock.after(STOP_MS, () => {
        if (answers() === before || left === 1) resolve(false);
        else wait(answers(), left - 1);
      });
    };
    wait(answers(), STOP_WAITS);
  });
  try {
    return await Promise.race([work.then(() => true), stuck]);
  } finally {
    cancel();
  }
}
