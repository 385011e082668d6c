/** What is typed at a terminal, and what is printed to one (fault 12). */
import { PassThrough, Readable } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { confirmed, counted } from '../../src/cli/asking';
import { printed } from '../../src/cli/files';
import { harmlessHtml, harmlessJson, table } from '../../src/cli/show';
import { lineOf } from '../../src/cli/terminal';

/** What comes of a question at a terminal at which these keys are pressed. */
function typing(keys: string): Promise<string | null> {
  const input = new PassThrough();
  const output = Object.assign(new PassThrough(), { isTTY: true });
  output.resume();
  const line = lineOf('Which? ', input, output);
  input.write(keys);
  return line;
}

test.each([
  ['a line', 'example.org\r', 'example.org'],
  ['an empty line', '\r', ''],
  ['space', '  \r', ''],
  ['Ctrl-C', '\u0003', null],
  ['Ctrl-C behind some letters', 'exa\u0003', null],
  ['Ctrl-D', '\u0004', null],
])('%s', async (_, keys, line) => {
  expect(await typing(keys)).toBe(line);
});

test('who gives up at a question has not said yes, nor a number', async () => {
  const typed = (): Promise<null> => Promise.resolve(null);
  await expect(confirmed({ typed }, 'All goes.', false)).rejects.toMatchObject({ code: 4, message: 'Nothing was done.' });
  await expect(counted({ typed }, 'All go.', 3, undefined)).rejects.toMatchObject({ code: 4, message: 'Nothing was done.' });
});

describe('a document', () => {
  const EVIL = 'a\u009b31m\u007f\u0085\u202eb\u2066\u200b\u2028\u{e0041}\u{1f642}é';
  const through = async (text: string, shown: boolean, harmless: (piece: string) => string): Promise<string> => {
    // A byte at a time: pieces of the network end anywhere.
    const answer = Readable.from([...Buffer.from(text)].map((byte) => Buffer.of(byte))) as IncomingMessage;
    let said = '';
    await printed(answer, { out: (piece) => void (said += piece), shown }, harmless);
    return said;
  };

  test('in JSON does nothing to a terminal, and says the same', async () => {
    const text = JSON.stringify({ body: EVIL });
    const said = await through(text, true, harmlessJson);
    expect(said).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(JSON.parse(said)).toEqual({ body: EVIL });
    expect(said).toContain('\u{1f642}é');
  });

  test('in HTML has character references there', async () => {
    const said = await through(`<p>${EVIL}\u001b]0;title\u0007\r\n\t</p>\n`, true, harmlessHtml);
    expect(said).toBe('<p>a&#x9b;31m&#x7f;&#x85;&#x202e;b&#x2066;&#x200b;&#x2028;&#xe0041;\u{1f642}é&#x1b;]0;title&#x7;&#xd;\n\t</p>\n');
  });

  test('that goes into a file or another program stays as it is', async () => {
    expect(await through(EVIL, false, harmlessHtml)).toBe(EVIL);
  });
});

test('a cell that somebody made long moves its own line alone', () => {
  const long = 'a'.repeat(1_000);
  const lines = table(
    ['ROOM', 'PEOPLE'],
    [
      ['tea', 1],
      [long, 2],
    ],
  ).split('\n');
  expect(lines).toEqual(['ROOM  PEOPLE', 'tea   1', `${long}  2`]);
});
