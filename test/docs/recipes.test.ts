/** Who follows the pages on adding an option, a command and a store gets what compiles and works (issue "The house", 8). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../support/package-root';
import { blocksOf, Scratch } from './scratch';

const PAGES = ['add-a-room-option.md', 'add-a-command.md', 'write-a-store.md'];
const blocks = (page: string): ReturnType<typeof blocksOf> => blocksOf(readFileSync(path.join(packageRoot(), 'docs', page), 'utf8'));

describe('followed to the letter', () => {
  let scratch: Scratch;
  beforeAll(() => (scratch = new Scratch()));
  afterAll(() => scratch.dispose());

  test.each(PAGES)('%s changes what it says', (page) => {
    const all = blocks(page);
    expect(all.some((block) => block.kind === 'file' && block.file.endsWith('.test.ts'))).toBe(true);
    for (const block of all) scratch.apply(block);
  });

  test('all of it compiles, the budget with it', () => {
    expect(scratch.compile('test/room/budget-stanzas.ts')).toBe('');
  });

  test('its tests pass', () => {
    expect(scratch.test()).toBe('');
  });
});

test('A change of lines that are not there is refused', () => {
  const scratch = new Scratch();
  try {
    expect(() => scratch.apply({ kind: 'change', file: 'src/words.ts', before: 'no such line', after: '' })).toThrow('0 times');
  } finally {
    scratch.dispose();
  }
});
