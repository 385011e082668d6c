/**
 * Imported before everything else: a signal that comes while the program is still being read, or started, is the end that was wished for.
 * Nothing was accepted yet, and what a database was being brought up to is undone or done as by a power cut.
 */
const NAMES = ['SIGINT', 'SIGTERM'] as const;

function end(): void {
  process.exit(0);
}

/** SIGHUP asks for the configuration to be read again: it has not been read yet, or is about to be. */
function stay(): void {}

if (process.argv[2] === 'run') {
  for (const name of NAMES) process.on(name, end);
  process.on('SIGHUP', stay);
}

/** From now on somebody else takes the signals. */
export function handOverSignals(): void {
  for (const name of NAMES) process.off(name, end);
  process.off('SIGHUP', stay);
}
