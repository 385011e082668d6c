/** The end of a program, by signal or by its own wish: gracefully at the first, at once at a later one; a bug that nothing caught ends it too. */
import type { Logger } from 'pino';
import type { Parlour } from './main';

/** Exit code for a bug that nothing caught (sysexits EX_SOFTWARE). What was said is in the database. */
const BUG = 70;
/** Exit code of a program that a signal ended before it had come to its work, as shells count (128 + SIGINT). */
const INTERRUPTED = 130;
/** One Ctrl-C may arrive twice, from the terminal and from npm: a signal counts as the second only after so many milliseconds. */
const SAME_SIGNAL = 1_000;

/** What SIGINT, SIGTERM and SIGHUP do; from `watchSignals` on. */
export interface Signals {
  /** Waits for a signal or `stop`, then stops Parlour. Until this is called a signal ends the program at once. */
  untilStopped(parlour: Pick<Parlour, 'stop'>, log: Logger): Promise<void>;
  /** The program wants to end, as by a first signal. */
  stop(why: string): void;
}

/** Takes over SIGINT, SIGTERM, SIGHUP (a closed terminal) and exceptions that nothing caught. `log` is for the latter, as soon as there is one. */
export function watchSignals(): Signals {
  let ready: ((why: string) => void) | undefined;
  let early: string | undefined;
  let first: number | undefined;
  let logger: Logger | undefined;
  process.on('uncaughtException', (error) => {
    const text = 'a mistake in the program; it ends, and everything that anybody has seen is saved';
    if (logger) logger.fatal({ err: error }, text);
    else process.stderr.write(`${text}: ${error.stack ?? error.message}\n`);
    process.exit(BUG);
  });
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (ready === undefined) process.exit(INTERRUPTED);
      if (first === undefined) {
        first = Date.now();
        ready(name);
      } else if (Date.now() - first > SAME_SIGNAL) process.exit(1);
    });
  }
  return {
    async untilStopped(parlour, log) {
      logger = log;
      const why = await new Promise<string>((resolve) => {
        ready = resolve;
        if (early !== undefined) resolve(early);
      });
      log.info({ why }, 'stopping');
      await parlour.stop();
      log.info({}, 'stopped');
    },
    stop(why) {
      early = why;
      ready?.(why);
    },
  };
}
