/** A copy of the project's sources on which the pages of docs/ are followed to the letter. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { packageRoot } from '../support/package-root';

/** A block of code of a page, and what is done with it: a new file, a change of one, or lines above one that begins so, in each file of a folder. */
export type Block =
  | { readonly kind: 'file'; readonly file: string; readonly text: string }
  | { readonly kind: 'change'; readonly file: string; readonly before: string; readonly after: string }
  | { readonly kind: 'above'; readonly folder: string; readonly key: string; readonly text: string };

/** The blocks of a page that name a file behind their language. */
export function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  for (const { groups } of page.matchAll(/^```(?<kind>ts|diff) (?<where>[^\n]+)\n(?<text>.*?)^```$/gms)) {
    const { kind, where = '', text = '' } = groups ?? {};
    const [first = '', file = '', key = ''] = where.split(' ');
    if (first === 'above') blocks.push({ kind: 'above', folder: path.dirname(file), key, text });
    else if (kind === 'ts') blocks.push({ kind: 'file', file: first, text });
    else {
      const side = (sign: string): string =>
        text
          .split('\n')
          .filter((line) => line.startsWith(' ') || line.startsWith(sign))
          .map((line) => line.slice(1))
          .join('\n');
      blocks.push({ kind: 'change', file: first, before: side('-'), after: side('+') });
    }
  }
  return blocks;
}

/** A text with this part of it, which it has once, as another. */
function replaced(text: string, before: string, after: string, file: string): string {
  const times = text.split(before).length - 1;
  if (times !== 1) throw new Error(`${file} has this ${times} times, not once:\n${before}`);
  // Not `replace`, which reads `$` in the new text.
  return text.split(before).join(after);
}

/** The copy. */
export class Scratch {
  readonly root = mkdtempSync(path.join(os.tmpdir(), 'parlour-docs-'));
  private readonly tests: string[] = [];

  constructor() {
    for (const name of ['src', 'test', 'package.json'])
      cpSync(path.join(packageRoot(), name), path.join(this.root, name), { recursive: true });
    symlinkSync(path.join(packageRoot(), 'node_modules'), path.join(this.root, 'node_modules'));
  }

  apply(block: Block): void {
    if (block.kind === 'file') {
      const file = path.join(this.root, block.file);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, block.text, { flag: 'wx' });
      if (block.file.endsWith('.test.ts')) this.tests.push(block.file);
    } else if (block.kind === 'change') {
      this.edit(block.file, (text) => replaced(text, block.before, block.after, block.file));
    } else {
      const key = `\n  ${block.key}:`;
      for (const name of readdirSync(path.join(this.root, block.folder)))
        this.edit(path.join(block.folder, name), (text) => replaced(text, key, `\n${block.text.trimEnd()}${key}`, name));
    }
  }

  /** Compiles all sources and the tests that the pages brought, with the project's options. */
  compile(...more: readonly string[]): string {
    const project = JSON.parse(readFileSync(path.join(packageRoot(), 'tsconfig.json'), 'utf8')) as { compilerOptions: object };
    const config = {
      ...project,
      include: ['src', ...this.tests, ...more],
      compilerOptions: { ...project.compilerOptions, sourceMap: false },
    };
    writeFileSync(path.join(this.root, 'tsconfig.json'), JSON.stringify(config));
    return this.run('typescript/bin/tsc', '-p', this.root);
  }

  /** Runs the tests that the pages brought. */
  test(): string {
    writeFileSync(path.join(this.root, 'jest.config.cjs'), `module.exports = { testEnvironment: 'node', transform: {} };`);
    const files = this.tests.map((file) => path.join(this.root, 'dist', file.replace(/\.ts$/, '.js')));
    return this.run('jest/bin/jest.js', '--rootDir', this.root, '--runInBand', '--runTestsByPath', ...files);
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  private edit(file: string, change: (text: string) => string): void {
    const where = path.join(this.root, file);
    writeFileSync(where, change(readFileSync(where, 'utf8')));
  }

  /** '' if it ended well, else what it said. */
  private run(script: string, ...args: readonly string[]): string {
    const { status, stdout, stderr, error } = spawnSync(process.execPath, [path.join(packageRoot(), 'node_modules', script), ...args], {
      cwd: this.root,
      encoding: 'utf8',
    });
    return status === 0 ? '' : `${stdout}${stderr}${error?.message ?? ''}`;
  }
}
