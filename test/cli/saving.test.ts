/** An export is its owner's from its first byte on, whatever was laid in its way in a folder of many. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { saved } from '../../src/cli/files';
import type { Progress } from '../../src/cli/progress';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'parlour-saving-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const answer = (): IncomingMessage => Object.assign(Readable.from([Buffer.from('{}')]), { complete: true }) as unknown as IncomingMessage;
const quiet = { at: () => undefined, end: () => undefined };

test.each([
  ['a link to a file of somebody else', (partial: string, victim: string) => symlinkSync(victim, partial)],
  ['a file that all may read and write', (partial: string) => writeFileSync(partial, 'theirs', { mode: 0o666 })],
])('%s has the name of the unfinished one: it stays as it is', async (_, lay) => {
  const [file, victim] = [path.join(folder, 'ann.json'), path.join(folder, 'victim')];
  writeFileSync(victim, 'precious');
  lay(`${file}.partial`, victim);
  await saved(answer(), file, quiet as unknown as Progress);
  expect(readFileSync(file, 'utf8')).toBe('{}');
  expect(lstatSync(file).isFile()).toBe(true);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(victim, 'utf8')).toBe('precious');
  expect(readdirSync(folder).sort()).toEqual(['ann.json', 'ann.json.partial', 'victim']);
});

test.each(['SIGINT', 'SIGTERM'] as const)('whoever ends it half-way (%s) leaves no unfinished file', async (signal) => {
  const file = path.join(folder, 'ann.json');
  const program = `
    const { saved } = require(process.argv[1]);
    const answer = new (require('node:stream').PassThrough)();
    answer.write('{');
    setInterval(() => undefined, 1_000); // As the connection does: it has not ended by itself.
    saved(answer, process.argv[2], { at: () => process.stdout.write('begun'), end() {} });`;
  const child = spawn(process.execPath, ['-e', program, require.resolve('../../src/cli/files'), file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const ended = once(child, 'exit');
  child.kill(signal);
  expect(await ended).toEqual([null, signal]);
  expect(readdirSync(folder)).toEqual([]);
});
