/** The end of a program, by signal or by its own wish: gracefully at the first, at once at a later one; a bug that nothing caught ends it too. */
import { handOverSignals } from './early-end';
import type { ProgramLog } from './log';
import type { Parlour } from './main';

/** Exit code for a bug that nothing caught (sysexits EX_SOFTWARE). What was said is in the database. */
const BUG = 70;
/** One Ctrl-C may arrive twice, from the terminal and from npm: a signal counts as the second only after so many milliseconds. */
const SAME_SIGNAL = 1_000;

/** What a closed terminal (SIGHUP) means: the end, or that the configuration is to be read again. */
type HangUp = 'ends' | 'reloads';

/** What SIGINT, SIGTERM and SIGHUP do; from `watchSignals` on. */
export interface Signals {
  /** Aborted by a signal, so that what is still starting starts no more: the end that was wished for. */
  readonly starting: AbortSignal;
  /** Waits for a signal or `stop`, also one that has come already, then stops Parlour. */
  untilStopped(parlour: Pick<Parlour, 'stop'>, log: ProgramLog): Promise<void>;
  /** The program wants to end, as by a first signal. */
  stop(why: string): void;
  /** Runs this at each SIGHUP that reloads, and at once if one has come already. */
  onReload(reload: () => void): void;
}

/** Takes over SIGINT, SIGTERM, SIGHUP and exceptions that nothing caught. `log` is for the latter, as soon as there is one. */
export function watchSignals(hangUp: HangUp): Signals {
  let ready: ((why: string) => void) | undefined;
  let early: string | undefined;
  const starting = new AbortController();
  let first: number | undefined;
  let logger: ProgramLog | undefined;
  process.on('uncaughtException', (error) => {
    const text = 'a mistake in the program; it ends, and everything that anybody has seen is saved';
    if (logger) logger.fatal({ event: 'process.failed', err: error }, text);
    else process.stderr.write(`${text}: ${error.stack ?? error.message}\n`);
    process.exit(BUG);
  });
  let reload: (() => void) | undefined;
  let asked = false;
  if (hangUp === 'reloads')
    process.on('SIGHUP', () => {
      if (reload) reload();
      else asked = true;
    });
  for (const name of hangUp === 'ends' ? (['SIGINT', 'SIGTERM', 'SIGHUP'] as const) : (['SIGINT', 'SIGTERM'] as const)) {
    process.on(name, () => {
      if (first === undefined) {
        first = performance.now();
        stop(name);
      } else if (performance.now() - first > SAME_SIGNAL) process.exit(1);
    });
  }
  handOverSignals();
  const stop = (why: string): void => {
    early ??= why;
    starting.abort();
    ready?.(why);
  };
  return {
    starting: starting.signal,
    stop,
    onReload(run) {
      reload = run;
      if (asked) run();
    },
    async untilStopped(parlour, log) {
      logger = log;
      const why = await new Promise<string>((resolve) => {
        ready = resolve;
        if (early !== undefined) resolve(early);
      });
      log.info({ event: 'process.stopping', why }, 'stopping');
      await parlour.stop();
      log.info({ event: 'process.stopped' }, 'stopped');
    },
  };
}
