#!/usr/bin/env -S node --max-semi-space-size=32
/** The `parlour` command (docs/commands.md): hands the command line to `cli/program.ts`, and its exit code to the system. */
import './early-end';
import { runProgram } from './cli/program';
import { ownTerminal } from './cli/terminal';

// Whoever reads the answer has read enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

runProgram(process.argv.slice(2), ownTerminal()).then(
  (code) => {
    // What runs on, such as the service itself, ends the program when it ends.
    if (code !== 0) process.exit(code);
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
