/** Child processes and their ports for the servers of the end-to-end tests: start, watch, end by process id. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** How much of a process's output is kept for failure texts, in characters. */
const KEPT_OUTPUT = 400_000;

/** A running child process and what it has said. */
export interface Running {
  readonly child: ChildProcess;
  /** Standard output and standard error together, from the end at most 400,000 characters. */
  output(): string;
  /** True once the process has ended. */
  ended(): boolean;
}

/**
 * Starts a program in a process group of its own, so that a Ctrl-C at the terminal reaches only the test, which then
 * ends the program itself.
 */
export function launch(command: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Running {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  const keep = (chunk: string): void => {
    output = (output + chunk).slice(-KEPT_OUTPUT);
  };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', keep);
  child.on('error', (error) => keep(`could not start ${command}: ${error.message}\n`));
  return { child, output: () => output, ended: () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined };
}

/** Runs a program to its end; throws with its output when it fails or takes longer than `ms`. */
export async function run(
  command: string,
  args: readonly string[],
  ms: number,
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const running = launch(command, args, options);
  const code = await endOf(running, ms);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code ?? 'no answer in time'}:\n${running.output()}`);
  return running.output();
}

/** Waits until the process has ended and its output is complete: its exit code, or null when it is still there (it is then killed) or died of a signal. */
export async function endOf(running: Running, ms: number): Promise<number | null> {
  if (running.child.pid === undefined) return null;
  const timer = setTimeout(() => kill(running.child.pid, 'SIGKILL'), ms);
  if (running.child.exitCode === null && running.child.signalCode === null) await once(running.child, 'close');
  clearTimeout(timer);
  return running.child.exitCode;
}

/** Sends a signal; a process that is already gone is fine. */
export function kill(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** True while a process with this id exists. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Ends a process: SIGTERM, and SIGKILL after `patience` ms; resolves when the id is free. */
export async function end(pid: number, patience = 8_000): Promise<void> {
  kill(pid, 'SIGTERM');
  const deadline = Date.now() + patience;
  while (alive(pid)) {
    if (Date.now() > deadline) kill(pid, 'SIGKILL');
    await delay(30);
  }
}

/** Resolves when somebody accepts connections on the port; throws with the process's output when it ends first or `ms` pass. */
export async function waitForPort(port: number, running: Running, ms: number): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await accepts(port))) {
    if (running.ended()) throw new Error(`the process ended before it listened on port ${port}:\n${running.output()}`);
    if (Date.now() > deadline) throw new Error(`nobody listens on port ${port} after ${ms} ms:\n${running.output()}`);
    await delay(50);
  }
}

/** Starts something; when that fails, cleans up before the failure is passed on. */
export async function startOr(cleanUp: () => Promise<void>, start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
