/** What an owner may submit for each option, what is kept of it, and what a wrong value is told. */
import { createFeatures } from '../../src/features';
import { BadValue, booleanOption, choiceOption, optionField, RoomOptions, textOption, type Option } from '../../src/room/contract/options';
import { LIMITS } from './limits';

const features = createFeatures(LIMITS);
const all = features.all.flatMap((feature) => (feature.options ?? []) as readonly Option<unknown>[]);
const option = (name: string): Option<unknown> => {
  const found = all.find((one) => one.var === name);
  if (!found) throw new Error(`There is no option ${name}.`);
  return found;
};
const BAD = 'refused';
/** The stored form of submitted values. */
const kept = (name: string, values: readonly string[]): readonly string[] | typeof BAD => {
  const value = option(name).parse(values);
  return value instanceof BadValue ? BAD : option(name).format(value);
};

test.each([
  ['muc#roomconfig_membersonly', ['1'], ['1']],
  ['muc#roomconfig_membersonly', ['true'], ['1']],
  ['muc#roomconfig_membersonly', ['false'], ['0']],
  ['muc#roomconfig_membersonly', [], ['0']],
  ['muc#roomconfig_membersonly', ['yes'], BAD],
  ['muc#roomconfig_membersonly', [''], BAD],
  ['muc#roomconfig_roomname', ['x'.repeat(100)], ['x'.repeat(100)]],
  ['muc#roomconfig_roomname', ['☃'.repeat(100)], ['☃'.repeat(100)]],
  ['muc#roomconfig_roomname', ['😀'.repeat(100)], ['😀'.repeat(100)]],
  ['muc#roomconfig_roomname', ['x'.repeat(101)], BAD],
  ['muc#roomconfig_roomname', [''], []],
  ['muc#roomconfig_roomname', [], []],
  ['muc#roomconfig_whois', ['anyone'], ['anyone']],
  ['muc#roomconfig_whois', ['constructor'], BAD],
  ['muc#roomconfig_whois', [], BAD],
  ['muc#roomconfig_allowpm', ['participants'], ['participants']],
  ['muc#roomconfig_maxusers', ['none'], ['none']],
  ['muc#roomconfig_maxusers', [], ['none']],
  ['muc#roomconfig_maxusers', ['37'], ['37']],
  ['muc#roomconfig_maxusers', ['0'], BAD],
  ['muc#roomconfig_maxusers', ['-5'], BAD],
  ['muc#roomconfig_maxusers', ['1e3'], BAD],
  ['muc#roomconfig_maxusers', ['9999999999'], BAD],
  ['muc#roomconfig_slow_mode_duration', ['20'], ['20']],
  ['muc#roomconfig_slow_mode_duration', ['86401'], BAD],
  ['{urn:parlour:room}newcomerminutes', ['30'], ['30']],
  ['{urn:parlour:room}newcomerminutes', ['soon'], BAD],
  ['{urn:parlour:room}wake', ['mentions'], ['mentions']],
  ['{urn:parlour:room}wake', ['sometimes'], BAD],
  ['muc#maxhistoryfetch', ['0'], ['0']],
  ['muc#maxhistoryfetch', ['5'], ['5']],
  ['muc#maxhistoryfetch', ['many'], BAD],
  ['muc#maxhistoryfetch', ['-1'], BAD],
  ['muc#roomconfig_lang', ['pt-BR'], ['pt-BR']],
  ['muc#roomconfig_lang', [], []],
  ['muc#roomconfig_lang', ['not a tag'], BAD],
  ['{urn:parlour:room}archiveaccess', ['stays'], ['stays']],
  ['{urn:parlour:room}archiveaccess', ['nobody'], BAD],
  ['{urn:parlour:room}archivedays', ['30'], ['30']],
  ['{urn:parlour:room}archivedays', [''], []],
  ['{urn:parlour:room}archivedays', [], []],
  ['{urn:parlour:room}archivedays', ['0'], BAD],
  ['{urn:parlour:room}archivemessages', ['-1'], BAD],
  ['{urn:parlour:room}archivemessages', ['5000'], ['5000']],
] as const)('%s with %j comes to %j', (name, values, expected) => {
  expect(kept(name, values)).toEqual(expected);
});

test('what is stored reads as itself, for every option’s own default', () => {
  for (const one of all) {
    const stored = one.format(one.initial);
    expect(one.format(one.parse(stored))).toEqual(stored);
  }
});

test('a refusal names the field', () => {
  for (const [name, values] of [
    ['muc#roomconfig_membersonly', ['maybe']],
    ['muc#roomconfig_whois', ['maybe']],
    ['muc#roomconfig_maxusers', ['maybe']],
    ['muc#maxhistoryfetch', ['maybe']],
    ['muc#roomconfig_lang', ['may be']],
    ['{urn:parlour:room}archivedays', ['maybe']],
    ['{urn:parlour:room}archivemessages', ['maybe']],
    ['muc#roomconfig_roomname', ['x'.repeat(101)]],
  ] as const) {
    expect(String((option(name).parse(values) as BadValue).text)).toContain(name);
  }
});

describe('a room’s options', () => {
  const flag = booleanOption({ var: 'flag', label: 'Flag', initial: false });
  const line = textOption({ var: 'line', label: 'Line', initial: 'first', max: 5 });
  const choice = choiceOption({
    var: 'choice',
    label: 'Choice',
    initial: 'a',
    choices: [
      { value: 'a', label: 'A' },
      { value: 'b', label: 'B' },
    ],
  });
  const NONE = new Map<string, string[]>();

  test('what was submitted counts before the operator’s default, and that before the option’s own', () => {
    const defaults = new Map([['flag', ['1']]]);
    expect(new RoomOptions(NONE, NONE).get(flag)).toBe(false);
    expect(new RoomOptions(NONE, defaults).get(flag)).toBe(true);
    expect(new RoomOptions(new Map([['flag', ['0']]]), defaults).get(flag)).toBe(false);
  });
  test('what can no longer be read falls back to the option’s own', () => {
    expect(new RoomOptions(new Map([['line', ['too long now']]]), NONE).get(line)).toBe('first');
    expect(new RoomOptions(new Map([['choice', ['c']]]), NONE).get(choice)).toBe('a');
  });
  test('an emptied text stays empty, over any default', () => {
    const options = new RoomOptions(NONE, new Map([['line', ['other']]])).with(new Map([['line', []]]));
    expect(options.get(line)).toBe('');
    expect(RoomOptions.fromJson(options.toJson(), new Map([['line', ['other']]])).get(line)).toBe('');
  });
  test('a change leaves the former options as they were', () => {
    const before = new RoomOptions(NONE, NONE);
    const after = before.with(new Map([['flag', ['1']]]));
    expect([before.get(flag), after.get(flag)]).toEqual([false, true]);
  });
  test('a list field shows the present value among its options, also an unusual one', () => {
    const maxUsers = option('muc#roomconfig_maxusers');
    const field = optionField(maxUsers, new RoomOptions(new Map([['muc#roomconfig_maxusers', ['37']]]), NONE));
    expect(field.values).toEqual(['37']);
    expect(field.options?.filter(({ value }) => value === '37')).toHaveLength(1);
  });
});

test('§16.5 every field has its registered type, and stands in the form once', () => {
  const REGISTERED: Record<string, string> = {
    'muc#maxhistoryfetch': 'text-single',
    '{urn:parlour:room}archiveaccess': 'list-single',
    '{urn:parlour:room}archivedays': 'text-single',
    '{urn:parlour:room}archivemessages': 'text-single',
    'muc#roomconfig_allowpm': 'list-single',
    'muc#roomconfig_getmemberlist': 'list-multi',
    'muc#roomconfig_lang': 'text-single',
    'muc#roomconfig_maxusers': 'list-single',
    'muc#roomconfig_presencebroadcast': 'list-multi',
    'muc#roomconfig_pubsub': 'text-single',
    '{urn:parlour:room}contactjid': 'jid-multi',
    '{urn:parlour:room}ldapgroup': 'text-single',
    '{urn:parlour:room}logs': 'text-single',
    '{urn:parlour:room}registration': 'list-single',
    '{urn:xmpp:mentions:0}count': 'text-single',
    '{urn:xmpp:mentions:0}individual': 'list-single',
    '{urn:xmpp:mentions:0}channel': 'list-single',
    '{urn:xmpp:mentions:0}associations': 'list-single',
    'muc#roomconfig_slow_mode_duration': 'text-single',
    '{urn:parlour:room}newcomerminutes': 'text-single',
    '{urn:parlour:room}wake': 'list-single',
    'muc#roomconfig_roomdesc': 'text-single',
    'muc#roomconfig_roomname': 'text-single',
    'muc#roomconfig_roomsecret': 'text-private',
    'muc#roomconfig_voicerequestmininterval': 'text-single',
    'muc#roomconfig_whois': 'list-single',
  };
  const names = all.map(({ var: name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { var: name, type } of all) expect({ name, type }).toEqual({ name, type: REGISTERED[name] ?? 'boolean' });
});
