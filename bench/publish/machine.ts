/** What a measurement was made on, for those who compare. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';

const ROOT = path.resolve(__dirname, '../../..');

/** Processor, memory, system and runtime, by name. */
export function machine(): Record<string, string> {
  const database = new Database(':memory:');
  const { version } = database.prepare('SELECT sqlite_version() AS version').get() as { version: string };
  database.close();
  return {
    processor: `${os.cpus()[0]?.model ?? 'unknown'}, ${os.cpus().length} cores`,
    memory: `${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    system: `${systemName()}, Linux ${os.release()}`,
    runtime: `Node ${process.versions.node}, SQLite ${version}`,
  };
}

function systemName(): string {
  const text = readFileSync('/etc/os-release', 'utf8');
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(text)?.[1] ?? 'unknown';
}

/** The commit that is measured, with + if files differ from it. */
export function commit(): string {
  try {
    const git = (...words: string[]): string => execFileSync('git', ['-C', ROOT, ...words], { encoding: 'utf8' }).trim();
    // Results and the page change while the parts are measured, and are no part of the program.
    const changed = git('status', '--porcelain', '--', 'src', 'migrations', 'package-lock.json');
    return git('rev-parse', '--short=8', 'HEAD') + (changed === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}
