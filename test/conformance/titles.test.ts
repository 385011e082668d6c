/** Titles are read from sources, whatever way they are written; tests that do not run have none. */
import { resolve } from './row';
import { examplesIn, titlesIn } from './titles';

const SOURCE = `
  test('plain', () => expect(1).toBe(1));
  describe('outer', () => {
    it("inner", async () => {});
    describe.each(['a', 'b'])('%s', (x) => { test.each([1])('%d of it', () => {}); });
    test.each\`n\n\${1}\`('table $n', () => {});
    test(
      \`template \${x} end\`,
      () => {},
    );
    test('two ' + 'parts', () => {});
    test.skip('skipped', () => {});
    test.todo('to do');
    xit('skipped too', () => {});
    describe.skip('skipped whole', () => { test('within', () => {}); });
  });
  if (/x/.test('no title')) pattern.test(text);
  for (const name of names) test(name, () => {});
`;

test('every way of declaring a test', () => {
  expect(titlesIn('some/file', SOURCE).map(({ full }) => full)).toEqual([
    'plain',
    'outer › inner',
    'outer › %s › %d of it',
    'outer › table $n',
    'outer › template ${…} end',
    'outer › two parts',
  ]);
  expect(titlesIn('some/file', SOURCE)[1]).toEqual({ file: 'some/file', title: 'inner', full: 'outer › inner' });
});

test.each([
  ['Example 44 a message', [44]],
  ['§7.2.10 Example 31 locked; §10.1.2 Example 155 unlocked', [31, 155]],
  ['Examples 44-46, 48 and 50 of it', [44, 45, 46, 48, 50]],
  ['Example 44, 3 of them', [44]],
  ['XEP-0410 Example 3, XEP-0045 Example 5, XEP-0059 §2.1 Examples 7-9', [5]],
  ['for example 4', []],
])('%s names %j', (title, expected) => {
  expect(examplesIn(title)).toEqual(expected);
});

test('a row names its tests by file and title, or by example; what is not there is said', () => {
  const titles = [
    ...titlesIn('conversations/a', "test('Examples 1-2 x', () => {}); test('y', () => {})"),
    ...titlesIn('b', "test('Example 3', f)"),
  ];
  const { found, missing } = resolve([{ file: 'conversations/a', title: 'y' }, { file: 'b', title: 'y' }, { examples: [1, 2, 3] }], titles);
  expect(found.map(({ title }) => title)).toEqual(['y', 'Examples 1-2 x']);
  expect(missing).toEqual(['b: y', 'a conversation named Example 3']);
});
