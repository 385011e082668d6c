/** Texts chosen by a stranger cost no more than their length (found F1, F4). */
import pino from 'pino';
import { checkNick, lookAlikeKeys, nickKey, tidyNick } from '../../src/xmpp/nick';
import { isFreeform } from '../../src/xmpp/precis';
import { prepareJid, prepareLocal } from '../../src/xmpp/prepare';
import { correctedIds } from '../../src/room/retracting/retraction-xml';
import { fold, searchText } from '../../src/store/sqlite/messages/search-text';
import { createRouter } from '../../src/service/router';
import type { Element } from '../../src/xmpp/xml';
import { measured } from '../support/work';
import { parse } from './parse';

// Before the mend these did not end: the test runner's own limit failed them.
test('found F1: a Hebrew letter, many geresh and a Latin letter are looked at once', () => {
  for (const text of [`\u05d0${'\u05f3'.repeat(50)}a`, `\u05d0${'\u05f3'.repeat(500)}a`]) expect(prepareLocal(text)).toBe(text);
  expect(prepareJid(`\u05d0${'\u05f4\u05f3'.repeat(25)}a@example.com/x`)).toContain('a@example.com/x');
  expect(prepareLocal(`\u05d0${'\u05f3'.repeat(50_000)}a`)).toBeUndefined();
  expect(isFreeform(`\u05d0${'\u05f3'.repeat(50_000)}a`)).toBe(true);
});

test('found F1, same kind: two rows of digits, marks behind a right-to-left letter', () => {
  expect(isFreeform(`${'\u0660'.repeat(100_000)}\u06f0`)).toBe(false);
  expect(isFreeform('\u0660'.repeat(100_000))).toBe(true);
  expect(isFreeform(`${'\u05d0\u05b0'.repeat(50_000)}-`)).toBe(true);
});

const marks = `a${'\u0301\u0316'.repeat(120_000)}`;

test('found F4: a nick of 240,000 combining marks is not normalised', () => {
  expect(checkNick(marks, 64)).toBe('too-long');
  expect(nickKey(marks)).toBe(marks);
  expect(tidyNick(marks)).toBe(marks);
  expect(lookAlikeKeys(marks)).toEqual([marks]);
});

test('found F4: of a long run of marks search keeps thirty, before it normalises', () => {
  expect(fold(`${marks}b`)).toBe('ab');
  // Marks that count are still compared, up to a bound.
  expect([...fold(`\u0939${'\u0941'.repeat(240_000)}`)]).toHaveLength(31);
});

test('found F4, same kind: half-width sound marks, which only normalising makes marks of, count in a run', () => {
  expect([...fold(`\uff76${'\uff9e'.repeat(240_000)}`)]).toHaveLength(30);
  // Of the thirty that are kept, half are ignored; the first of the others joins the letter.
  expect(fold(`\uff76${'\u0301\uff9e'.repeat(48_000)}`)).toBe(`\u30ac${'\u3099'.repeat(14)}`);
  expect(fold('\uff8a\uff9f\uff9d')).toBe('\u30d1\u30f3');
});

test('found F1, same kind: tags that never end are looked at once, where the archive is read as text', () => {
  const began = performance.now();
  expect(searchText(`<body>a</body><${'b'.repeat(200_000)}`)).toBe('a');
  expect(searchText(`<body>a</body>${'<b "'.repeat(50_000)}`)).toBe('a');
  expect(correctedIds(`<x a="urn:xmpp:message-correct:0"/>${'<replace '.repeat(50_000)}`)).toEqual([]);
  // Three minutes before the mend.
  expect(performance.now() - began).toBeLessThan(10_000);
});

const from = "from='mallory@example.com/x' to='a@rooms.example.com' type='groupchat'";
const declarations = (count: number): string => Array.from({ length: count }, (_, i) => ` xmlns:a${i}='u'`).join('');
/** Stanzas of some 240 KB that differ in where prefixes are declared and used. */
const PREFIXES: readonly (readonly [where: string, make: (count: number) => string])[] = [
  ['declared by one element', (count) => `<message ${from}><x xmlns='y'${declarations(count)}/></message>`],
  [
    'declared by one element, and one more by each of its children',
    (count) => `<message ${from}><x xmlns='y'${declarations(count / 2)}>${"<b xmlns:c='u'/>".repeat(count / 2)}</x></message>`,
  ],
  [
    'declared by the stanza and used by one element',
    (count) =>
      `<message ${from}${declarations(count / 2)}><x xmlns='y'${Array.from({ length: count / 2 }, (_, i) => ` a${i}:b='c'`).join('')}/></message>`,
  ],
  [
    'declared by the stanza, and used by an element for each',
    (count) =>
      `<message ${from}${declarations(count / 2)}><x xmlns='y'>${Array.from({ length: count / 2 }, (_, i) => `<a${i}:b/>`).join('')}</x></message>`,
  ],
];

test.each(PREFIXES)('found F4, same kind: many prefixes, %s, are looked at once before a room sees them', (_where, make) => {
  const steps = [2_000, 16_000].map((count) => {
    const stanza: Element = parse(make(count));
    let taken = 0;
    const nothing = (): void => undefined;
    const route = createRouter(
      'rooms.example.com',
      {
        ...{ answer: nothing, send: nothing, bounced: nothing, serviceIq: nothing, subscribe: nothing, unsubscribe: nothing },
        room: () => void taken++,
      },
      pino({ level: 'silent' }),
    );
    const { work } = measured(() => route(stanza, 240_000));
    expect(taken).toBe(1);
    return work.steps;
  }) as [number, number];
  expect(steps[1]).toBeLessThan(10 * steps[0] + 1_000);
  expect(steps[1]).toBeLessThan(10 * 16_000);
});
