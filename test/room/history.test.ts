/** The four limits of §7.2.14: how they are read, and what they leave. */
import { historyRequest } from '../../src/room/talking/history';
import { conversation, parse } from '../support/conversation';
import { crone, hag, iq, join, ROOM, submit } from '../conversations/expected';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const wish = (attributes: string): ReturnType<typeof historyRequest> =>
  historyRequest(parse(`<presence><x xmlns="http://jabber.org/protocol/muc"><history${attributes}/></x></presence>`), NOW);

test.each([
  ['', {}],
  [' maxchars="65000"', { maxChars: 65000 }],
  [' maxstanzas="0"', { maxStanzas: 0 }],
  [' seconds="180"', { since: NOW - 180_000 }],
  [' seconds="0"', { since: NOW }],
  [' since="2026-01-01T11:00:00Z"', { since: NOW - 3_600_000 }],
  [' since="2026-01-01T12:00:00+01:00"', { since: NOW - 3_600_000 }],
  [' since="2026-01-01T11:00:00Z" seconds="60"', { since: NOW - 60_000 }],
  [' since="2026-01-01T11:59:30Z" seconds="60"', { since: NOW - 30_000 }],
  [' maxstanzas="many" maxchars="-1" seconds="1.5" since="yesterday"', {}],
  [' maxstanzas="99999999999999999999"', {}],
])('<history%s/>', (attributes, expected) => expect(wish(attributes)).toEqual(expected));

test('no wishes', () => {
  expect(historyRequest(undefined, NOW)).toEqual({});
  expect(historyRequest(parse('<presence><x xmlns="http://jabber.org/protocol/muc"/></presence>'), NOW)).toEqual({});
});

describe('what a joiner gets', () => {
  /** A room in which five messages were said, one a minute, the third of them in a language of four-byte characters. */
  function talked(fields: Record<string, string> = {}): ReturnType<typeof conversation> {
    const c = conversation();
    join(c, crone, 'firstwitch');
    iq(c, crone, 'set', 'c', submit(fields));
    for (const body of ['1', '2', '😀'.repeat(50), '4', '5']) {
      c.send(`<message from="${crone}" to="${ROOM}" type="groupchat"><body>${body}</body></message>`);
      c.advance(60_000);
    }
    c.forget();
    return c;
  }
  const history = (c: ReturnType<typeof conversation>, inX: string): string[] => {
    join(c, hag, 'thirdwitch', inX);
    return c.take().filter((stanza) => stanza.includes(`to="${hag}"`) && stanza.includes('<delay'));
  };
  const bodies = (stanzas: readonly string[]): string[] => stanzas.map((stanza) => /<body>(.*)<\/body>/.exec(stanza)?.[1] ?? '');

  test('maxchars counts characters of complete stanzas, not bytes or UTF-16 units', () => {
    const whole = history(talked(), '').slice(-3);
    const characters = whole.join('').replaceAll('😀', 'x').length;
    expect(bodies(history(talked(), `<history maxchars="${characters}"/>`))).toEqual(['😀'.repeat(50), '4', '5']);
    expect(bodies(history(talked(), `<history maxchars="${characters - 1}"/>`))).toEqual(['4', '5']);
  });
  test('all limits apply together', () => {
    expect(bodies(history(talked(), '<history seconds="150" maxstanzas="4"/>'))).toEqual(['4', '5']);
    expect(bodies(history(talked(), '<history seconds="1000" maxstanzas="1" maxchars="100000"/>'))).toEqual(['5']);
  });
  test('nobody gets more than the room gives', () => {
    expect(bodies(history(talked({ 'muc#maxhistoryfetch': '2' }), '<history maxstanzas="50"/>'))).toEqual(['4', '5']);
    expect(bodies(history(talked({ 'muc#maxhistoryfetch': '0' }), '<history maxstanzas="50"/>'))).toEqual([]);
  });
  test('subject changes are no history', () => {
    const c = talked();
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat"><subject>x</subject></message>`);
    c.forget();
    join(c, hag, 'thirdwitch');
    const subjects = c.take().filter((stanza) => stanza.includes(`to="${hag}"`) && stanza.includes('<subject>'));
    expect(subjects).toHaveLength(1);
  });
});
