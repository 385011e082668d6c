/**
 * Imported before everything else: a signal that comes while the program is still being read, or started, is the end that was wished for.
 * Nothing was accepted yet, and what a database was being brought up to is undone or done as by a power cut.
 */
const NAMES = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function end(): void {
  process.exit(0);
}

if (process.argv[2] === 'run') for (const name of NAMES) process.on(name, end);

/** From now on somebody else takes the signals. */
export function handOverSignals(): void {
  for (const name of NAMES) process.off(name, end);
}
