/** A kind of room by one word (`{urn:parlour:room}preset`), within the whole form as clients send it back, and what a private group does for who is added. */
import { conversation, parse, type Conversation, type ConversationOptions } from '../support/conversation';
import type { Command } from '../../src/room/contract/commands';
import { admin, crone, hag, iq, join, owner, ROOM, status, submit, wicca } from './expected';
import { asBare } from '../support/jids';

const PRESET = '{urn:parlour:room}preset';
const FORM = 'jabber:x:data';

/** A room that its creator has entered and not configured. */
function locked(options: ConversationOptions = {}): Conversation {
  const c = conversation(options);
  join(c, crone, 'firstwitch');
  c.forget();
  return c;
}

/** The form as it stands in the answer. */
function form(c: Conversation): string {
  iq(c, crone, 'get', 'form', owner(''));
  return /<x xmlns="jabber:x:data".*<\/x>/.exec(c.take().join(''))?.[0] ?? '';
}

/** What the room is configured as, by field. */
function values(c: Conversation): Record<string, string> {
  const x = parse(form(c));
  const fields = x.getChildren('field', FORM).filter(({ attrs }) => attrs['type'] !== 'hidden');
  return Object.fromEntries(
    fields.map((field): [string, string] => [
      field.attrs['var'] as string,
      field
        .getChildren('value')
        .map((value) => value.getText())
        .join(','),
    ]),
  );
}

/** A value in a form, changed. */
const withValue = (x: string, name: string, value: string): string => {
  const changed = x.replace(
    new RegExp(`(<field [^>]*var="${name.replace(/[{}#]/g, '\\$&')}"[^>]*?)(/>|>(?:(?!</field>).)*</field>)`),
    `$1><value>${value}</value></field>`,
  );
  expect(changed).not.toBe(x);
  return changed;
};

/** One field of a form: `content` is its XML, with options. */
interface FormField {
  readonly var: string;
  readonly type: string;
  readonly values: readonly string[];
  readonly content: string;
}

function fieldsOf(x: string): FormField[] {
  return parse(x)
    .getChildren('field', FORM)
    .map((field) => ({
      var: (field.attrs['var'] as string | undefined) ?? '',
      type: (field.attrs['type'] as string | undefined) ?? '',
      values: field.getChildren('value').map((value) => value.getText()),
      content: field.children.map(String).join(''),
    }));
}

const valueXml = (value: string): string => `<value>${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</value>`;

/** A submitted form of what a client makes of each field. */
const submitted = (x: string, made: (field: FormField) => string): string =>
  `<x xmlns="${FORM}" type="submit">${fieldsOf(x).map(made).join('')}</x>`;

/** What each client makes of the form that it got, by its source: all send the whole of it, those that know no field send it back as it came. */
const CLIENTS: readonly (readonly [string, (x: string) => string])[] = [
  // Dino returns the very element, with labels and options, and another type.
  ['Dino', (x) => x.replace('type="form"', 'type="submit"')],
  // Gajim returns what has a value, with its type and options, and without labels, instructions and what explains.
  [
    'Gajim',
    (x) =>
      submitted(x, ({ var: name, type, content, values }) =>
        type === 'fixed' || values.join('') === ''
          ? ''
          : `<field type="${type}" var="${name}">${content.replace(/<desc>.*?<\/desc>/g, '')}</field>`,
      ),
  ],
  // Profanity returns every field, with an empty value where there is none.
  [
    'Profanity',
    (x) =>
      submitted(x, ({ var: name, type, values }) =>
        type === 'fixed'
          ? ''
          : `<field var="${name}" type="${type}">${(values.length === 0 ? [''] : values).map(valueXml).join('')}</field>`,
      ),
  ],
  // Poezio returns the element, with options only where they were not looked at.
  [
    'Poezio',
    (x) =>
      x
        .replace('type="form"', 'type="submit"')
        .replace(/ label="[^"]*"/g, ' label=""')
        .replace(/<option.*?<\/option>/g, ''),
  ],
  // What XEP-0004 allows beside: another order, with the form's type last, and booleans as words.
  [
    'nobody known',
    (x) =>
      `<x xmlns="${FORM}" type="submit">${fieldsOf(x)
        .filter(({ type }) => type !== 'fixed')
        .reverse()
        .map(({ var: name, type, values }) => {
          const words = values.map((value) => (type === 'boolean' ? (value === '1' ? 'true' : 'false') : value));
          return `<field var="${name}">${words.map(valueXml).join('')}</field>`;
        })
        .join('')}</x>`,
  ],
  // Converse leaves out types, labels, options and what explains.
  [
    'Converse',
    (x) =>
      submitted(x, ({ var: name, type, values }) =>
        type === 'fixed' ? '' : `<field var="${name}">${values.map(valueXml).join('')}</field>`,
      ),
  ],
];

const PRIVATE = {
  'muc#roomconfig_membersonly': '1',
  'muc#roomconfig_whois': 'anyone',
  'muc#roomconfig_publicroom': '0',
  'muc#roomconfig_persistentroom': '1',
  '{urn:parlour:room}wake': 'all',
  '{urn:parlour:room}reservenicks': '1',
  '{urn:parlour:room}archiveaccess': 'members',
  '{urn:parlour:room}registration': 'approval',
};
const PUBLIC = {
  'muc#roomconfig_membersonly': '0',
  'muc#roomconfig_whois': 'moderators',
  'muc#roomconfig_publicroom': '1',
  '{urn:parlour:room}search': '1',
  'muc#roomconfig_persistentroom': '1',
  '{urn:parlour:room}wake': 'mentions',
};
const ANNOUNCEMENTS = { 'muc#roomconfig_moderatedroom': '1', 'muc#roomconfig_membersbydefault': '0', 'muc#roomconfig_persistentroom': '1' };

describe.each(CLIENTS)('the whole form as %s sends it', (_, sent) => {
  test.each([
    ['private-group', PRIVATE],
    ['public-channel', PUBLIC],
    ['announcements', ANNOUNCEMENTS],
  ])('%s: what still has the value that the form showed does not count', (name, set) => {
    const c = locked();
    iq(c, crone, 'set', 'create', owner(sent(withValue(form(c), PRESET, name))));
    expect(c.take()[0]).toContain('type="result"');
    const after = values(c);
    expect(after).toMatchObject(set);
    // A preset is a set of ordinary options: nothing else is changed, and it is shown as such.
    const before = values(locked());
    const changed = Object.keys(after).filter((name) => name !== PRESET && after[name] !== before[name]);
    expect(Object.keys(set)).toEqual(expect.arrayContaining(changed));
    expect(after).not.toHaveProperty(PRESET);
  });

  test('one that differs overrides the preset', () => {
    const c = locked();
    const x = withValue(withValue(form(c), PRESET, 'private-group'), '{urn:parlour:room}registration', 'nobody');
    iq(c, crone, 'set', 'create', owner(sent(withValue(x, 'muc#roomconfig_roomname', 'Coven'))));
    expect(values(c)).toMatchObject({ ...PRIVATE, '{urn:parlour:room}registration': 'nobody', 'muc#roomconfig_roomname': 'Coven' });
  });

  test('without a preset the fields say what they say', () => {
    const c = locked();
    const before = values(c);
    iq(c, crone, 'set', 'create', owner(sent(form(c))));
    const { [PRESET]: none, ...fields } = before;
    expect([none, values(c)]).toEqual(['none', fields]);
  });

  test('the defaults of an operator count as shown', () => {
    const c = locked({
      defaults: new Map([
        ['muc#roomconfig_whois', ['anyone']],
        ['muc#roomconfig_membersonly', ['1']],
      ]),
    });
    iq(c, crone, 'set', 'create', owner(sent(withValue(form(c), PRESET, 'public-channel'))));
    expect(values(c)).toMatchObject(PUBLIC);
  });
});

test('there is none of that name: not-acceptable, and two: bad-request; the room stays locked', () => {
  const c = locked();
  iq(c, crone, 'set', 'one', submit({ [PRESET]: 'party' }));
  expect(c.take()).toEqual([expect.stringMatching(/not-acceptable.*private-group, public-channel, announcements/)]);
  iq(c, crone, 'set', 'two', submit({ [PRESET]: ['private-group', 'announcements'] }));
  expect(c.take()).toEqual([expect.stringContaining('bad-request')]);
  expect(values(c)).toHaveProperty([PRESET], 'none');
});

test('a room that is configured has no preset: the field says nothing any more', () => {
  const c = locked();
  iq(c, crone, 'set', 'create', submit({}));
  iq(c, crone, 'set', 'late', submit({ [PRESET]: 'private-group' }));
  expect(values(c)).toMatchObject({ 'muc#roomconfig_membersonly': '0' });
});

test('by a command there is no form: what is given goes before the preset, whatever it is', () => {
  const c = conversation();
  const command: Command = {
    name: 'create',
    owner: asBare('crone1@shakespeare.lit'),
    values: new Map([
      [PRESET, ['private-group']],
      ['muc#roomconfig_whois', ['moderators']],
    ]),
  };
  const outcomes: unknown[] = [];
  c.input(ROOM, { kind: 'command', command, done: (outcome) => outcomes.push(outcome) });
  expect(outcomes).toEqual([{ ok: true }]);
  join(c, crone, 'firstwitch');
  c.forget();
  expect(values(c)).toMatchObject({ ...PRIVATE, 'muc#roomconfig_whois': 'moderators' });
});

test.each<[string, Record<string, string>, boolean]>([
  ['nothing', {}, true],
  ['no preset', { [PRESET]: 'none' }, true],
  ['that it is persistent', { 'muc#roomconfig_persistentroom': '1' }, true],
  ['that it is not', { 'muc#roomconfig_persistentroom': '0' }, false],
])('a room that is made by command is persistent; said of it: %s', (_, said, ok) => {
  const c = conversation();
  const fields = Object.entries(said).map(([field, value]): [string, string[]] => [field, [value]]);
  const command: Command = { name: 'create', owner: asBare('crone1@shakespeare.lit'), values: new Map(fields) };
  const outcomes: unknown[] = [];
  c.input(ROOM, { kind: 'command', command, done: (told) => outcomes.push(told) });
  expect(outcomes).toMatchObject([{ ok }]);
  if (!ok) return;
  join(c, crone, 'firstwitch');
  c.forget();
  expect(values(c)).toMatchObject({ 'muc#roomconfig_persistentroom': '1' });
});

describe('a private group', () => {
  const group = (): Conversation => {
    const c = locked();
    iq(c, crone, 'set', 'create', submit({ [PRESET]: 'private-group' }));
    c.forget();
    return c;
  };
  const add = (c: Conversation, jid: string, nick?: string): void => {
    const named = nick === undefined ? '' : ` nick="${nick}"`;
    iq(c, crone, 'set', 'add', admin(`<item affiliation="member" jid="${jid}"${named}/>`));
  };

  test('who is added gets one invitation, also if they are added again or given more', () => {
    const c = group();
    for (let i = 0; i < 2; i++) add(c, 'hag66@shakespeare.lit');
    iq(c, crone, 'set', 'more', admin('<item affiliation="admin" jid="hag66@shakespeare.lit"/>'));
    const invited = c.take().filter((xml) => xml.includes('<invite '));
    expect(invited.map((xml) => / to="([^"]*)"/.exec(xml)?.[1])).toEqual(['hag66@shakespeare.lit']);
  });

  test('the nick of the item is reserved, else that of the first entry; a later one is not', () => {
    const c = group();
    add(c, 'hag66@shakespeare.lit');
    add(c, 'wiccarocks@shakespeare.lit', 'Second');
    join(c, hag, 'thirdwitch');
    join(c, wicca, 'secondwitch');
    c.send(`<presence from="${hag}" to="${ROOM}/Hag"/>`);
    c.forget();
    iq(c, crone, 'get', 'list', admin('<item affiliation="member"/>'));
    const [list] = c.take() as [string];
    expect(/jid="hag66@shakespeare.lit"[^>]*/.exec(list)?.[0]).toContain('nick="thirdwitch"');
    expect(/jid="wiccarocks@shakespeare.lit"[^>]*/.exec(list)?.[0]).toContain('nick="Second"');
    // The owner's own, who was in when it became one.
    iq(c, crone, 'get', 'owners', admin('<item affiliation="owner"/>'));
    expect(c.take()[0]).toContain('nick="firstwitch"');
    // Over a restart nobody else gets it, and its holder comes back under it.
    c.send(`<presence from="${hag}" to="${ROOM}/Hag" type="unavailable"/>`);
    c.restart();
    add(c, 'hecate@shakespeare.lit');
    c.forget();
    join(c, 'hecate@shakespeare.lit/broom', 'thirdwitch');
    expect(c.take()).toEqual([expect.stringContaining('<conflict ')]);
    join(c, hag, 'thirdwitch');
    expect(c.take().filter((xml) => xml.includes(`to="${hag}"`) && xml.includes(status(110)))).toHaveLength(1);
  });

  test('who is in the room when they are added keeps the nick that they wear; strangers and outcasts reserve nothing', () => {
    const c = locked();
    iq(c, crone, 'set', 'create', submit({ '{urn:parlour:room}reservenicks': '1' }));
    join(c, hag, 'thirdwitch');
    iq(c, crone, 'set', 'ban', admin('<item affiliation="outcast" jid="wiccarocks@shakespeare.lit"/>'));
    add(c, 'hag66@shakespeare.lit');
    c.forget();
    for (const affiliation of ['member', 'outcast']) iq(c, crone, 'get', affiliation, admin(`<item affiliation="${affiliation}"/>`));
    expect(c.take()).toEqual([expect.stringContaining('nick="thirdwitch"'), expect.not.stringContaining('nick=')]);
  });
});
