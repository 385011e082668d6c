/** What is wrong with a document is told in our words, in the language of whoever reads it, and names the place. */
import { ALL_LANGUAGES, inLanguage, type Language } from '../../src/words';
import { BadDocument } from '../../src/transfer/document';
import { readRoom, readRow, rowHere } from '../../src/transfer/import-rows';
import type { RowDeclaration, Shape } from '../../src/room/contract/row-declaration';
import { createFeatures } from '../../src/features';
import { LIMITS } from '../room/limits';
import { asRoom } from '../support/jids';

const ROOM = {
  jid: 'a@rooms.x.lit',
  state: 'open',
  name: 'Tea',
  listed: true,
  channel: null,
  options: { name: ['Tea'] },
  subject: { xml: '<subject>hi</subject>', text: 'hi', nick: 'ann', setAt: 1 },
  secret: '00ff',
  creator: 'ann@x.lit',
  createdAt: 1,
  keepDays: null,
  keepMessages: 3,
  seq: 1,
  stamp: 1,
};
const ROWS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  affiliation: { jid: 'cat@x.lit', affiliation: 'member', nick: null, reason: null, setBy: null, setAt: 1, expiresAt: null },
  stay: { jid: 'cat@x.lit', begin: 0, end: null },
  feature: { feature: 'visited', key: '', value: true },
  message: {
    seq: 1,
    stamp: 1,
    id: 'one',
    nick: 'ann',
    sender: 'ann@x.lit/a',
    jidShown: true,
    occupantId: null,
    clientId: null,
    lang: null,
    inHistory: true,
    payload: '<body>hi</body>',
    foreignIds: ['two'],
  },
};

/** Everything that JSON can put in the place of something else. */
const WRONG = [undefined, null, true, 5, -1, 1.5, 1e300, '', 'x y@', '<b>', [], [5], ['x'], {}, { more: 1 }, [[]], '\ud800'];

/** What is said in each language; undefined: it is taken. */
function said(read: () => unknown): Readonly<Record<Language, string>> | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (!(error instanceof BadDocument)) throw error;
    const { text } = error;
    return Object.fromEntries(ALL_LANGUAGES.map((language) => [language, inLanguage(text, language)])) as Record<Language, string>;
  }
}

test('the rows that the mistakes are made in are none', () => {
  expect(said(() => readRoom(ROOM))).toBeUndefined();
  for (const [kind, row] of Object.entries(ROWS)) expect(said(() => readRow({ [kind]: row }, 1))).toBeUndefined();
});

test('whatever stands in whichever place, it is told in our words and each language', () => {
  const mistakes: Readonly<Record<Language, string>>[] = [];
  const note = (read: () => unknown): void => {
    const mistake = said(read);
    if (mistake) mistakes.push(mistake);
  };
  for (const wrong of WRONG) {
    for (const key of Object.keys(ROOM)) note(() => readRoom({ ...ROOM, [key]: wrong }));
    for (const key of Object.keys(ROOM.subject)) note(() => readRoom({ ...ROOM, subject: { ...ROOM.subject, [key]: wrong } }));
    note(() => readRoom({ ...ROOM, options: { name: wrong } }));
    note(() => readRoom(wrong));
    for (const [kind, row] of Object.entries(ROWS)) {
      for (const key of Object.keys(row)) note(() => readRow({ [kind]: { ...row, [key]: wrong } }, 7));
      note(() => readRow({ [kind]: { ...row, more: wrong } }, 7));
      note(() => readRow({ [kind]: wrong }, 7));
    }
  }
  expect(mistakes.length).toBeGreaterThan(500);
  for (const mistake of mistakes) {
    // So a schema's own sentences begin.
    expect(mistake.en).not.toMatch(/Invalid|Too (big|small)|Unrecognized|expected|undefined|import[A-Z]/);
    expect(mistake.en).toMatch(/^(room|row 7): /);
    const [, , own = ''] = /^(room|row 7): (?:[\w.]+: )?(.+)$/.exec(mistake.en) ?? [];
    for (const language of ALL_LANGUAGES) if (language !== 'en') expect(mistake[language]).not.toContain(own);
  }
});

test.each([
  [() => readRoom({ ...ROOM, secret: 'zz' }), 'room: secret: it must be pairs of hexadecimal digits'],
  [() => readRoom({ ...ROOM, jid: 'x.lit' }), 'room: jid: it is no address of a room'],
  [() => readRoom({ ...ROOM, creator: '@' }), 'room: creator: it is no address'],
  [() => readRoom({ ...ROOM, state: 'gone' }), 'room: state: it must be one of "locked", "open"'],
  [() => readRoom({ ...ROOM, channel: '{}' }), 'room: channel: it is nothing that a search can show'],
  [() => readRoom({ ...ROOM, seq: undefined }), 'room: seq: it is missing'],
  [() => readRow({ message: { ...ROWS['message'], payload: '<b>' } }, 3), 'row 3: message.payload: its content is not well-formed'],
  [() => readRow({ message: { ...ROWS['message'], seq: 0 } }, 3), 'row 3: message.seq: it must be at least 1'],
  [() => readRow({ message: { ...ROWS['message'], id: '' } }, 3), 'row 3: message.id: it must not be empty'],
  [() => readRow({ stay: { ...ROWS['stay'], ['y'.repeat(50)]: 1 } }, 3), `row 3: stay: nothing called "${'y'.repeat(40)}…" belongs there`],
])('%#: %s', (read, sentence) => {
  expect(said(read)?.en).toBe(sentence);
});

/** A clock that no date can tell, and counts that no room reaches. */
const TOO_LATE = Number.MAX_SAFE_INTEGER;

test('a time that no date can tell is refused: it would end the service, and every list with the room in it', () => {
  for (const key of ['createdAt', 'stamp', 'used', 'seq']) expect(said(() => readRoom({ ...ROOM, [key]: TOO_LATE }))?.en).toContain(key);
  expect(said(() => readRoom({ ...ROOM, subject: { ...ROOM.subject, setAt: TOO_LATE } }))).toBeDefined();
  for (const key of ['setAt', 'expiresAt'])
    expect(said(() => readRow({ affiliation: { ...ROWS['affiliation'], [key]: TOO_LATE } }, 1))).toBeDefined();
  for (const key of ['stamp', 'seq']) expect(said(() => readRow({ message: { ...ROWS['message'], [key]: TOO_LATE } }, 1))).toBeDefined();
});

const brought = [...createFeatures(LIMITS).rows.values()].filter(({ travels }) => travels.includes('room'));
const [HERE, THERE] = [asRoom('a@rooms.x.lit'), asRoom('b@rooms.x.lit')];
const keyOf = ({ key }: RowDeclaration): string => key.map((part) => (part === 'jid' ? 'cat@x.lit' : 'k')).join(' ');
const take = (declaration: RowDeclaration, value: unknown): Readonly<Record<Language, string>> | undefined =>
  said(() => rowHere(declaration, { feature: declaration.name, key: keyOf(declaration), value: JSON.stringify(value) }, HERE, THERE));

const RIGHT: Readonly<Record<string, unknown>> = { number: 1, time: 1, flag: true, content: '<vCard xmlns="vcard-temp"/>' };
function right(shape: Shape): unknown {
  if (typeof shape === 'string') return RIGHT[shape] ?? 'cat@x.lit';
  if ('each' in shape) return [right(shape.each)];
  return Object.fromEntries(Object.entries(shape.members).map(([name, of]) => [name, right(of)]));
}

/** Values of which only the feature knows what they are, and which it reads with care. */
const OPEN: ReadonlySet<string> = new Set(['registration.answers']);

test.each(brought.map((declaration) => [declaration.name, declaration] as const))(
  'rows "%s" of a document are what their feature reads, or refused',
  (name, declaration) => {
    const { value } = declaration;
    expect(take(declaration, right(value))).toBeUndefined();
    expect(value).not.toBe('plain');
    for (const wrong of [null, undefined, -1, 1e300, [null], [5], { more: 1 }, 9e15].filter((one) => one !== undefined))
      if (!(value === 'number' && wrong === -1) && !(value === 'number' && wrong === 9e15))
        expect([wrong, take(declaration, wrong)]).not.toEqual([wrong, undefined]);
    if (typeof value === 'string' || !('members' in value)) return;
    expect(value.optional).toBeDefined();
    for (const [member, of] of Object.entries(value.members)) {
      if (OPEN.has(`${name}.${member}`)) continue;
      expect(of).not.toBe('plain');
      for (const wrong of [undefined, null, {}, [[]], 1e300]) {
        const lacks = (wrong === undefined || wrong === null) && value.optional?.includes(member);
        const found = take(declaration, { ...(right(value) as object), [member]: wrong });
        expect([member, wrong, found === undefined]).toEqual([member, wrong, lacks ?? false]);
      }
    }
  },
);

test('XML in the row of a feature is written anew, or refused: it is sent to the server as it stands', () => {
  const vcard = brought.find(({ name }) => name === 'vcard') as RowDeclaration;
  const hashes: string[] = [];
  expect(take(vcard, { xml: '</vCard></iq><message from="x@rooms.x.lit"/>', hashes })?.en).toContain('not well-formed');
  expect(take(vcard, { xml: '<vCard xmlns="vcard-temp"><FN>', hashes })).toBeDefined();
  const twice = '<vCard xmlns="vcard-temp" a="1" a="2"><x:FN/></vCard>';
  const row = { feature: 'vcard', key: '', value: JSON.stringify({ xml: twice, hashes }) };
  try {
    expect(rowHere(vcard, row, HERE, THERE).value).not.toMatch(/a=.*a=/);
  } catch (error) {
    expect(error).toBeInstanceOf(BadDocument);
  }
});
