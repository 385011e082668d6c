/** The end of a program by signal: gracefully at the first, at once at the second; a bug that nothing caught ends it too. */
import type { Logger } from 'pino';
import type { Parlour } from './main';

/** Exit code for a bug that nothing caught (sysexits EX_SOFTWARE). What was said is in the database. */
const BUG = 70;

/** Waits for SIGINT or SIGTERM, then stops Parlour. */
export async function untilStopped(parlour: Parlour, log: Logger): Promise<void> {
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'a mistake in the program; it ends, and everything that anybody has seen is saved');
    process.exit(BUG);
  });
  const signal = await new Promise<string>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve(name));
  });
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(1));
  log.info({ signal }, 'stopping');
  await parlour.stop();
  log.info({}, 'stopped');
}
