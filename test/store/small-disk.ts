/** A file system of 2 MiB of its own, where the tests may mount one. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface SmallDisk {
  readonly folder: string;
  remount(how: string): void;
}

/** Runs `work` on a fresh disk and removes it. */
export async function withSmallDisk(work: (disk: SmallDisk) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'parlour-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]);
  try {
    await work({ folder, remount: (how) => void execFileSync('mount', ['-o', `remount,${how}`, folder]) });
  } finally {
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  }
}

let mountable: boolean | undefined;

/** Whether this user may mount (root outside of a container that forbids it). */
export function canMount(): boolean {
  if (mountable !== undefined) return mountable;
  if (process.getuid?.() !== 0) return (mountable = false);
  const folder = mkdtempSync(path.join(tmpdir(), 'parlour-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder]);
    mountable = true;
  } catch {
    mountable = false;
  }
  rmSync(folder, { recursive: true, force: true });
  return mountable;
}
