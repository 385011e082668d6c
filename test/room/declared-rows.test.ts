/** What is done to rows of features, computed from what they are declared to hold. */
import { createFeatures } from '../../src/features';
import { rowsOf } from '../../src/features/one-per-key';
import { foldedRow, givesWay, ofRenamed, undeclaredIn, withoutPerson, type StoredRow } from '../../src/room/contract/declared-rows';
import type { RowDeclaration } from '../../src/room/contract/row-declaration';
import { LIMITS } from './limits';

const { rows } = createFeatures(LIMITS);
const declared = (name: string): RowDeclaration => rows.get(name) as RowDeclaration;
const row = (key: string, value: unknown): StoredRow => ({ key, value: JSON.stringify(value) });
const EVE = { jid: 'eve@x.lit', ids: new Set(['id-of-eve']), nicks: new Set(['Eve']) };
const PLAIN: RowDeclaration = {
  name: 'notes',
  says: 'a note',
  key: ['plain', 'nick'],
  value: 'plain',
  travels: [],
  erasing: 'forgets',
  folding: 'present',
  most: 1,
  lifetime: { until: 'never' },
};

describe('erasing a person', () => {
  test('a nickname that somebody else has in a row of theirs is not the person', () => {
    const other = row('bob@x.lit', { nick: 'Eve', answers: {} });
    expect(withoutPerson(declared('registration'), other, EVE)).toBe(other);
  });

  const notice = (to: string[], cause: object, rest = '>x</message>'): StoredRow => row('1 1', { to, rest, cause });

  test('takes them out of a list, and leaves the others in it', () => {
    const left = withoutPerson(declared('notices'), notice(['ann@x.lit', 'eve@x.lit/phone', 'bob@x.lit'], { kind: 'rename' }), EVE);
    expect(JSON.parse(left?.value ?? '')).toMatchObject({ to: ['ann@x.lit', 'bob@x.lit'] });
    expect(withoutPerson(declared('notices'), notice(['eve@x.lit'], { kind: 'rename' }), EVE)).toBeNull();
  });

  test.each([
    ['notices', notice(['ann@x.lit'], { kind: 'registration', jid: 'eve@x.lit' })],
    ['notices', notice(['ann@x.lit'], { kind: 'rename' }, '><invite from="eve@x.lit/1"/></message>')],
    ['notices-told', row('invitation ann@x.lit eve@x.lit', 1)],
    ['invitations', row('ann@x.lit bob@x.lit', { inviter: 'bob@x.lit', address: 'EVE@x.lit/1', nick: null, id: null, at: 1, asked: true })],
    ['markers', row('id-of-eve', { id: 'm', at: 1 })],
    ['wake-wishes', row('eve@x.lit', { wake: 'all', since: 1, seen: 1, nick: null })],
    ['former-ids', row('old', 'id-of-eve')],
    ['reserved-nicks', row('eve@x.lit', { nick: 'E', seen: 1 })],
  ])('removes a row that names them in its key, a member or its text: %s', (name, of) => {
    expect(withoutPerson(declared(name), of, EVE)).toBeNull();
  });

  test('leaves a row that only begins like them, and one that says why it stays', () => {
    const other = row('eve@x.lit.example', 1);
    expect(withoutPerson(declared('last-visits'), other, EVE)).toBe(other);
    const card = row('', { xml: '<vCard><JABBERID>eve@x.lit</JABBERID></vCard>', hashes: [] });
    expect(withoutPerson(declared('vcard'), card, EVE)).toBe(card);
  });

  test('a nickname with blanks at the end of a key', () => {
    expect(withoutPerson(PLAIN, row('a Eve', 1), EVE)).toBeNull();
    expect(withoutPerson(PLAIN, row('a Eve of old', 1), { ...EVE, nicks: new Set(['Eve of old']) })).toBeNull();
    expect(withoutPerson(PLAIN, row('a Eve of old', 1), EVE)).not.toBeNull();
  });
});

test('renaming: what speaks of the room speaks of its new address; what says its former names stays', () => {
  const [from, to] = ['cave@r.lit', 'den@r.lit'];
  const notice = row('1 1', {
    to: ['ann@x.lit'],
    rest: '><x from="cave@r.lit/nick" a="cave@r.lit.x"/></message>',
    cause: { kind: 'rename' },
  });
  expect(JSON.parse(ofRenamed(declared('notices'), notice, from, to).value)).toMatchObject({
    rest: '><x from="den@r.lit/nick" a="cave@r.lit.x"/></message>',
  });
  expect(ofRenamed(declared('notices-told'), row('invitation ann@x.lit cave@r.lit', 1), from, to).key).toBe(
    'invitation ann@x.lit den@r.lit',
  );
  const former = row('7', 'cave@r.lit');
  expect(ofRenamed(declared('former-names'), former, from, to)).toBe(former);
});

test('folding: addresses and the ids that follow from them, in keys, members and lists; not the spelling in which one came', () => {
  const ids = new Map([['old', 'new']]);
  expect(foldedRow(declared('wake-away'), row('EVE@X.lit', 1), ids)).toEqual(row('eve@x.lit', 1));
  expect(foldedRow(declared('former-ids'), row('former', 'old'), ids)).toEqual(row('former', 'new'));
  const invitation = { inviter: 'Bob@x.lit', address: 'Bob@X.lit/Desk', nick: 'Bob', id: null, at: 1, asked: true };
  const folded = foldedRow(declared('invitations'), row('Eve@x.lit Bob@x.lit', invitation), ids);
  expect(folded).toEqual(row('eve@x.lit bob@x.lit', { ...invitation, inviter: 'bob@x.lit' }));
  const waiting = { to: ['Ann@x.lit'], rest: '', cause: { kind: 'affiliation', jid: 'Eve@x.lit', affiliation: 'member' } };
  expect(JSON.parse(foldedRow(declared('notices'), row('1 1', waiting), ids).value)).toMatchObject({
    to: ['ann@x.lit'],
    cause: { jid: 'eve@x.lit' },
  });
});

test('of two rows that become one, the later stays where rows say when they are of', () => {
  expect(givesWay(declared('last-visits'), '3', '4')).toBe(true);
  expect(givesWay(declared('last-visits'), '4', '3')).toBe(false);
  expect(givesWay(declared('reserved-nicks'), '{"seen":1}', '{"seen":2}')).toBe(true);
  expect(givesWay(declared('kept-roles'), '"visitor"', '"participant"')).toBe(false);
});

test('what a declaration does not say is found', () => {
  expect(undeclaredIn(declared('markers'), row('id', { id: 'm', at: 1 }))).toBeUndefined();
  expect(undeclaredIn(declared('markers'), row('id', { id: 'm', at: 1, by: 'eve@x.lit' }))).toBe(
    'The rows "markers" do not declare what is in their member "by".',
  );
  expect(undeclaredIn(declared('markers'), row('id', ['eve@x.lit']))).toContain('value');
  expect(undeclaredIn(declared('erased-nicks'), row('id', 'Eve'))).toContain('value');
});

test('every declaration is whole: what names nobody goes with no export of a person, and names are used once', () => {
  const naming = new Set(['jid', 'address', 'occupant-id', 'nick', 'xml']);
  for (const [name, { key, value, travels, says }] of rows) {
    const names = [...key, ...JSON.stringify(value).split(/\W(?!id)/)].some((part) => naming.has(part));
    expect([name, travels.includes('person') && !names]).toEqual([name, false]);
    expect(says).not.toMatch(/\.$/);
  }
  expect(Object.keys(rowsOf({ rows: [PLAIN] }))).toEqual(['notes']);
});
