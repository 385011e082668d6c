/** found C11: each request, node and form field belongs to one feature. */
import { createFeatures } from '../../src/features';
import { fieldsOf, FeatureClash, onePerKey } from '../../src/features/one-per-key';
import type { Feature } from '../../src/room/contract/feature';
import { OWN_COMMANDS } from '../../src/room/contract/commands';
import { ROOM_REQUESTS } from '../../src/room/iq';
import { COMMAND_EXAMPLES as EXAMPLES } from './budget-stanzas';
import { booleanOption } from '../../src/room/contract/options';
import { LIMITS } from './limits';

const nothing = (): undefined => undefined;
const feature = (name: string, more: Partial<Feature>): Feature => ({ name, ...more });

test('two features with the same request: refused with a sentence that names both', () => {
  const both = ['one', 'two'].map((name) => feature(name, { iq: { 'query urn:x': nothing } }));
  expect(() => onePerKey(both, 'request', ({ iq }) => iq ?? {})).toThrow(
    'The request "query urn:x" belongs to "one", so "two" cannot have it too.',
  );
});

test.each([...ROOM_REQUESTS])('%s is answered by the room itself', (key) => {
  expect(() => onePerKey([feature('mine', { iq: { [key]: nothing } })], 'request', ({ iq }) => iq ?? {}, ROOM_REQUESTS)).toThrow(
    FeatureClash,
  );
});

test('the same node of discovery or of commands', () => {
  const both = ['one', 'two'].map((name) => feature(name, { nodes: { 'urn:x:command': () => ({ info: '', items: '' }) } }));
  expect(() => onePerKey(both, 'node', ({ nodes }) => nodes ?? {})).toThrow('The node "urn:x:command" belongs to "one"');
});

test('the same form field, in two features or in one', () => {
  const option = booleanOption({ var: 'x', label: 'X', initial: false });
  const both = ['one', 'two'].map((name) => feature(name, { options: [option] }));
  expect(() => onePerKey(both, 'form field', fieldsOf)).toThrow('The form field "x" belongs to "one"');
  expect(() => onePerKey([feature('one', { options: [option, option] })], 'form field', fieldsOf)).toThrow(
    '"one" has the form field "x" twice.',
  );
});

test('those of this service do not clash', () => {
  expect(createFeatures(LIMITS).iq.size).toBeGreaterThan(3);
});

test('rule 5: each command is carried out by the room itself or by one feature', () => {
  const { commands } = createFeatures(LIMITS);
  const names = [...OWN_COMMANDS, ...commands.keys()];
  expect(names.sort()).toEqual(Object.keys(EXAMPLES).sort());
  const both = ['one', 'two'].map((name) => feature(name, { commands: { invite: nothing } }));
  expect(() => onePerKey(both, 'command', ({ commands: own }) => (own ?? {}) as Record<string, unknown>)).toThrow('The command "invite"');
});

/** Hooks whose stage is called otherwise. */
const STAGE_OF: Readonly<Record<string, string>> = { enter: 'entry', lapse: 'lapsing', due: 'timed', deadline: 'timed' };

test('a hook stands in the list of its stage: one that stands in none would never run', () => {
  const features = createFeatures(LIMITS);
  const lists = new Map(Object.entries(features).filter(([name, value]) => Array.isArray(value) && name !== 'all')) as ReadonlyMap<
    string,
    readonly Feature[]
  >;
  const unlisted: string[] = [];
  let looked = 0;
  for (const one of features.all) {
    for (const hook of Object.keys(one)) {
      const list = lists.get(STAGE_OF[hook] ?? hook);
      if (!list) continue;
      looked++;
      if (!list.includes(one)) unlisted.push(`${hook} of ${one.name}`);
    }
  }
  expect(unlisted).toEqual([]);
  expect(looked).toBeGreaterThan(50);
});

test('ad-hoc commands of built-in features stand in their list (features/commands/room-commands.ts)', () => {
  expect(createFeatures(LIMITS).all.filter(({ name, adHoc }) => adHoc && name !== 'room-commands')).toEqual([]);
});
