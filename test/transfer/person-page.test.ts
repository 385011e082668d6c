/** The export of a person as a page: everything is in it, and nothing of what strangers wrote is more than text. */
import { asHtml } from '../../src/transfer/person-page';
import { written } from '../../src/transfer/document';
import { ALL_LANGUAGES, type Language } from '../../src/words';

async function page(rows: readonly object[], jid = 'bob@y.lit', language: Language = 'en'): Promise<string> {
  async function* all(): AsyncGenerator<object> {
    for (const row of rows) yield await Promise.resolve(row);
  }
  let text = '';
  for await (const piece of asHtml(written({ format: 'parlour-person', version: 1, exportedAt: 0, jid }, all()), language)) text += piece;
  return text;
}

test('rooms, kinds of rows, words of messages, times for people', async () => {
  const text = await page([
    { room: 'a@rooms.x.lit', affiliation: { jid: 'bob@y.lit', affiliation: 'member', setAt: 1_000, reason: null } },
    { room: 'a@rooms.x.lit', message: { nick: 'Bob', payload: '<body>Buy pills</body>', stamp: 2_000 } },
    { room: 'b@rooms.x.lit', stay: { begin: 1, end: null } },
    { audit: { room: 'b@rooms.x.lit', act: 'kick', items: [{ object: 'x' }] } },
  ]);
  expect([...text.matchAll(/<h2><bdi>(.*?)<\/bdi>/g)].map(([, room]) => room)).toEqual(['a@rooms.x.lit', 'b@rooms.x.lit']);
  expect([...text.matchAll(/<h3>(.*?)<\/h3>/g)].map(([, kind]) => kind)).toEqual([
    'Affiliation',
    'Message',
    'Time in the room',
    'Change, from the audit trail',
  ]);
  expect(text).toContain('<blockquote><bdi>Buy pills</bdi></blockquote>');
  expect(text).toContain('1970-01-01T00:00:02.000Z');
  expect(text).toMatch(/^<!doctype html>[^]*<\/html>\n$/);
});

test('markup of strangers is shown as it was written', async () => {
  const evil = '<script>alert(1)</script><img src=x onerror=alert(1)>&amp;"\'';
  const text = await page(
    [
      { room: evil, affiliation: { [evil]: evil } },
      { [evil]: evil },
      { room: 'a@x', message: { nick: evil, payload: '<body>&lt;script&gt;</body>' } },
    ],
    evil,
  );
  expect(text.match(/<(?!\/?(?:html|head|meta|title|style|body|h1|h2|h3|p|bdi|table|tr|th|td|blockquote)\b|!doctype)/g)).toBeNull();
  expect(text).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
});

test('of whom nothing is held', async () => {
  expect(await page([])).toContain('<p class="nothing">Nothing.</p>');
});

test.each(ALL_LANGUAGES)('in %s nothing of ours is in another language, and the address stands in the title', async (language) => {
  const rows = [
    { room: 'a@rooms.x.lit', affiliation: { jid: 'bob@y.lit', affiliation: 'member', setAt: 1_000, expiresAt: null } },
    { room: 'a@rooms.x.lit', unreadable: { kind: 'feature', feature: 'mutes' } },
    { audit: { act: 'kick' } },
  ];
  const text = (await page(rows, 'bob@y.lit', language)) + (await page([], 'bob@y.lit', language));
  expect(text).toContain(`<html lang="${language}">`);
  expect(text).toMatch(/<h1>[^<]+<bdi>bob@y\.lit<\/bdi>[^<]*<\/h1>/);
  const english = ['What rooms hold', 'As of', 'Given at', 'Change, from', 'Nothing.', 'The service', 'cannot be read', 'Until', 'Address'];
  expect(english.filter((words) => text.includes(words))).toEqual(language === 'en' ? english : []);
});

test('content that is not well-formed is shown as it stands, and what is called as members of every object too', async () => {
  const text = await page([
    { room: 'a@x', message: { payload: '<body>one</b' } },
    { room: 'a@x', constructor: { toString: 1, jid: 'bob@y.lit' } },
  ]);
  expect(text).toContain('&lt;body&gt;one&lt;/b');
  expect(text).toContain('<h3>constructor</h3>');
  expect(text).toMatch(/<th scope="row">toString<\/th>.*<th scope="row">Address<\/th>/);
});
