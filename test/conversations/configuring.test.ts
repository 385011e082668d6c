/** The configuration form from the first request to later ones, and its lists of people: XEP-0045 §10.1.3, §10.2. */
import { conversation, type Conversation } from '../support/conversation';
import { announced, admin, coven, crone, hag, hecate, iq, join, notice, owner, presence, result, submit, wicca } from './expected';

type Values = Record<string, string | readonly string[]>;

const RANGE = '<validate xmlns="http://jabber.org/protocol/xdata-validate" datatype="xs:integer"><range min="0"/></validate>';
const OPEN = '<validate xmlns="http://jabber.org/protocol/xdata-validate" datatype="xs:string"><open/></validate>';
const options = (pairs: Record<string, string>): string =>
  Object.entries(pairs)
    .map(([value, label]) => `<option label="${label}"><value>${value}</value></option>`)
    .join('');
const MENTIONERS = options({ participants: 'Participants', moderators: 'Moderators Only', none: 'Nobody' });
const numbers = ['10', '20', '30', '50', '100', '200', '500', '1000'];

/** Every field in its order, what it is at first, and what stands behind its value. */
const FIELDS: readonly (readonly [name: string, type: string, label: string, initial: string | readonly string[], after?: string])[] = [
  ['muc#roomconfig_roomname', 'text-single', 'Name', []],
  ['muc#roomconfig_roomdesc', 'text-single', 'Description', []],
  ['muc#roomconfig_lang', 'text-single', 'Language', []],
  ['muc#roomconfig_publicroom', 'boolean', 'Show the room in the list of rooms', '1'],
  ['{urn:parlour:room}search', 'boolean', 'Let people find the room by searching, if it is in the list of rooms', '0'],
  ['muc#roomconfig_publiclist', 'boolean', 'Everybody may see who is in the room', '0'],
  ['muc#roomconfig_persistentroom', 'boolean', 'Keep the room when everybody has left', '0'],
  ['muc#roomconfig_membersonly', 'boolean', 'Only members may enter', '0'],
  [
    'muc#roomconfig_getmemberlist',
    'list-multi',
    'Roles that may read the list of members, if the room is non-anonymous',
    ['moderator', 'participant', 'visitor'],
    options({ moderator: 'Moderators', participant: 'Participants', visitor: 'Visitors' }),
  ],
  ['{urn:parlour:room}listversions', 'boolean', 'Tell clients what has changed in the lists of members (XEP-0463)', '0'],
  ['muc#roomconfig_passwordprotectedroom', 'boolean', 'A password is needed to enter', '0'],
  ['muc#roomconfig_roomsecret', 'text-private', 'Password', []],
  [
    'muc#roomconfig_maxusers',
    'list-single',
    'Maximum number of occupants',
    'none',
    numbers.map((number) => options({ [number]: number })).join('') + options({ none: 'No limit' }) + OPEN,
  ],
  [
    'muc#roomconfig_whois',
    'list-single',
    'Who may see real addresses',
    'moderators',
    options({ moderators: 'Moderators only', anyone: 'Anyone' }),
  ],
  [
    'muc#roomconfig_presencebroadcast',
    'list-multi',
    'Roles whose presence everybody sees',
    ['moderator', 'participant', 'visitor'],
    options({
      moderator: 'Moderators',
      participant: 'Participants',
      visitor: 'Visitors',
      none: 'Affiliated people who are not in the room',
    }),
  ],
  ['muc#roomconfig_moderatedroom', 'boolean', 'Only those with voice may speak', '0'],
  ['muc#roomconfig_membersbydefault', 'boolean', 'In a moderated room, newcomers have voice', '0'],
  ['muc#roomconfig_allowvisitornickchange', 'boolean', 'Visitors may change their nickname', '1'],
  ['muc#roomconfig_allowvisitorstatus', 'boolean', 'Visitors may send a status text', '1'],
  ['muc#roomconfig_allowvoicerequests', 'boolean', 'Visitors may ask for voice', '1'],
  [
    'muc#roomconfig_voicerequestmininterval',
    'text-single',
    'Seconds between two requests for voice of one visitor',
    '300',
    RANGE.replace('min="0"', 'min="0" max="86400"'),
  ],
  ['{urn:parlour:room}approvemessages', 'boolean', 'In a moderated room, messages of visitors wait for a moderator', '0'],
  [
    'muc#roomconfig_slow_mode_duration',
    'text-single',
    'Slow mode: seconds between two messages of one person, 0 for none',
    '0',
    RANGE.replace('min="0"', 'min="0" max="86400"'),
  ],
  [
    '{urn:parlour:room}newcomerminutes',
    'text-single',
    'Minutes for which newcomers without an affiliation only listen, 0 for none',
    '0',
    RANGE.replace('min="0"', 'min="0" max="10080"'),
  ],
  ['muc#roomconfig_changesubject', 'boolean', 'Occupants may change the subject', '0'],
  ['muc#roomconfig_allowinvites', 'boolean', 'Members may invite others into a members-only room', '0'],
  ['{urn:parlour:room}inviteaffiliated', 'boolean', 'Invite whoever is made member, admin or owner', '0'],
  [
    'muc#roomconfig_allowpm',
    'list-single',
    'Who may send private messages',
    'anyone',
    options({ anyone: 'Anyone', participants: 'Anyone with voice', moderators: 'Moderators only', none: 'Nobody' }),
  ],
  ['muc#roomconfig_allowqueryusers', 'boolean', 'Occupants may send requests to one another', '1'],
  [
    '{urn:parlour:room}registration',
    'list-single',
    'Who may register with the room, and what they get by it',
    'auto',
    options({
      auto: 'Anyone: a reserved nickname; where members may do what strangers may not, membership once an admin has approved it',
      anyone: 'Anyone: membership at once',
      approval: 'Anyone: membership once an admin has approved it',
      nobody: 'Nobody',
    }),
  ],
  ['{urn:parlour:room}locknicks', 'boolean', 'Whoever has a reserved nickname goes by it and no other', '0'],
  ['{urn:parlour:room}reservenicks', 'boolean', 'Whoever belongs to the room keeps the nickname that they first go by in it', '0'],
  ['muc#maxhistoryfetch', 'text-single', 'Messages that somebody who enters gets at most', '20', RANGE],
  ['muc#roomconfig_enablearchiving', 'boolean', 'Messages are kept', '1'],
  ['muc#roomconfig_forwardmentions', 'boolean', 'Forward messages with mentions to non-present, affiliated users', '0'],
  [
    '{urn:parlour:room}wake',
    'list-single',
    'What wakes those who are away',
    'auto',
    options({ auto: 'As the service does', all: 'Every message', mentions: 'Mentions', nothing: 'Nothing' }),
  ],
  [
    '{urn:xmpp:mentions:0}count',
    'text-single',
    'How many mentions are allowed in a message?',
    '10',
    RANGE.replace('min="0"', 'min="0" max="100"'),
  ],
  ['{urn:xmpp:mentions:0}individual', 'list-single', 'Who can mention individual users?', 'participants', MENTIONERS],
  ['{urn:xmpp:mentions:0}channel', 'list-single', 'Who can mention rooms?', 'moderators', MENTIONERS],
  ['{urn:xmpp:mentions:0}associations', 'list-single', 'Who can mention roles/affiliations?', 'participants', MENTIONERS],
  [
    '{urn:parlour:room}archiveaccess',
    'list-single',
    'Who may read what was said before',
    'entrants',
    options({
      entrants: 'Everyone who may enter',
      members: 'Members, admins and owners',
      stays: 'Everyone, but only what was said while they were there or a member; admins and owners all of it',
    }),
  ],
  ['{urn:parlour:room}archivedays', 'text-single', 'Days for which messages are kept', [], RANGE.replace('"0"', '"1"')],
  ['{urn:parlour:room}archivemessages', 'text-single', 'Messages that are kept at most, the newest', [], RANGE.replace('"0"', '"1"')],
  ['muc#roomconfig_enablelogging', 'boolean', 'Discussions are published', '0'],
  ['{urn:parlour:room}contactjid', 'jid-multi', 'Contact addresses, shown to everybody', []],
  ['{urn:parlour:room}ldapgroup', 'text-single', 'Associated LDAP group', []],
  ['{urn:parlour:room}logs', 'text-single', 'Web address of published discussions', []],
  ['muc#roomconfig_pubsub', 'text-single', 'XMPP URI of an associated publish-subscribe node', []],
  ['muc#roomconfig_roomadmins', 'jid-multi', 'Room admins', []],
  ['muc#roomconfig_roomowners', 'jid-multi', 'Room owners', 'crone1@shakespeare.lit'],
];

/** The form with these values, the others being what they are at first. */
function form(values: Values = {}): string {
  const list = (value: string | readonly string[]): readonly string[] => (typeof value === 'string' ? [value] : value);
  const fields = FIELDS.map(([name, type, label, initial, after = '']) => {
    const xml = list(values[name] ?? initial).map((value) => `<value>${value}</value>`);
    return `<field var="${name}" type="${type}" label="${label}">${xml.join('')}${after}</field>`;
  });
  return owner(
    '<x xmlns="jabber:x:data" type="form"><title>{text}</title><instructions>{text}</instructions>' +
      '<field var="FORM_TYPE" type="hidden"><value>http://jabber.org/protocol/muc#roomconfig</value></field>' +
      `${fields.join('')}</x>`,
  );
}

/** What only the first form asks, behind its type. */
const FIRST = /<field var="FORM_TYPE".*?<\/field>/;
const KINDS = options({
  none: 'As the fields below say',
  'private-group': 'Private group: members only, who see each other’s addresses',
  'public-channel': 'Public channel: open to everybody, addresses hidden',
  announcements: 'Announcements: moderators speak, the others read',
});
const PRESET =
  '<field var="{urn:parlour:room}preset" type="list-single" label="Kind of room: sets the fields that go with it, unless you change them here">' +
  `<value>none</value>${KINDS}</field>`;

/** What the owner of Example 159 wants. */
const WANTED: Values = {
  'muc#roomconfig_roomname': 'A Dark Cave',
  'muc#roomconfig_roomdesc': 'The place for all good witches!',
  'muc#roomconfig_enablelogging': '0',
  'muc#roomconfig_changesubject': '1',
  'muc#roomconfig_allowpm': 'anyone',
  'muc#roomconfig_maxusers': '10',
  'muc#roomconfig_publicroom': '0',
  'muc#roomconfig_persistentroom': '0',
  'muc#roomconfig_moderatedroom': '0',
  'muc#roomconfig_membersonly': '0',
  'muc#roomconfig_passwordprotectedroom': '1',
  'muc#roomconfig_roomsecret': 'cauldronburn',
  'muc#roomconfig_whois': 'moderators',
  'muc#maxhistoryfetch': '50',
  'muc#roomconfig_roomadmins': ['wiccarocks@shakespeare.lit', 'hecate@shakespeare.lit'],
};

describe('§10.1.3 the first configuration', () => {
  const locked = (): Conversation => {
    const c = conversation();
    join(c, crone, 'firstwitch');
    c.forget();
    return c;
  };

  test('Examples 156-157 the form at the defaults, its creator among the owners', () => {
    const c = locked();
    iq(c, crone, 'get', 'create1', owner(''));
    c.expect(result(crone, 'create1', form().replace(FIRST, `$&${PRESET}`)));
  });

  test('Examples 159-160 filled in and sent: a result; §10.2 Examples 163, 165 the next form has those values', () => {
    const c = locked();
    iq(c, crone, 'set', 'create2', submit(WANTED));
    c.expectTo(
      crone,
      result(crone, 'create2'),
      announced(crone, 'wiccarocks@shakespeare.lit', 'admin'),
      announced(crone, 'hecate@shakespeare.lit', 'admin'),
      notice(crone, 104),
    );
    iq(c, crone, 'get', 'config1', owner(''));
    c.expect(
      result(crone, 'config1', form({ ...WANTED, 'muc#roomconfig_roomadmins': ['hecate@shakespeare.lit', 'wiccarocks@shakespeare.lit'] })),
    );
  });

  test('§10.1.3 a field that is left out stays at its default', () => {
    const c = locked();
    iq(c, crone, 'set', 'create2', submit({ 'muc#roomconfig_maxusers': '37' }));
    c.forget();
    iq(c, crone, 'get', 'config1', owner(''));
    const [reply] = c.take();
    expect(reply).toContain('<value>37</value><option');
    expect(reply).toContain('var="muc#roomconfig_publicroom" type="boolean" label="Show the room in the list of rooms"><value>1</value>');
  });
});

describe('§10.2 the lists of people', () => {
  const inItem = '<actor nick="firstwitch"/>';

  test('Example 168 who was added to the admins is shown so', () => {
    const c = coven(['thirdwitch']);
    iq(c, crone, 'set', 'config2', submit({ 'muc#roomconfig_roomadmins': ['wiccarocks@shakespeare.lit', 'hag66@shakespeare.lit'] }));
    const item = { affiliation: 'admin', role: 'moderator', jid: hag };
    c.expect(
      result(crone, 'config2'),
      presence('thirdwitch', crone, item, { inItem }),
      presence('thirdwitch', hag, item, { inItem, codes: [110] }),
      presence('firstwitch', hag, { affiliation: 'owner', role: 'moderator', jid: crone }),
    );
  });

  test('Examples 169-170 who was added to the owners is shown so, and who was dropped is an admin', () => {
    const c = coven(['secondwitch']);
    const change = (owners: readonly string[], affiliation: string): void => {
      iq(c, crone, 'set', 'config2', submit({ 'muc#roomconfig_roomowners': owners }));
      const item = { affiliation, role: 'moderator', jid: wicca };
      c.expect(
        result(crone, 'config2'),
        presence('secondwitch', crone, item, { inItem }),
        presence('secondwitch', wicca, item, { inItem, codes: [110] }),
      );
    };
    change(['crone1@shakespeare.lit', 'wiccarocks@shakespeare.lit'], 'owner');
    change(['crone1@shakespeare.lit'], 'admin');
  });

  test('an empty line among addresses or choices is nothing: clients send one for an empty list', () => {
    const empty = { 'muc#roomconfig_roomadmins': [], '{urn:parlour:room}contactjid': [], 'muc#roomconfig_getmemberlist': [] };
    const formAfter = (fields: Record<string, string | readonly string[]>): string[] => {
      const c = coven([], { '{urn:parlour:room}contactjid': 'hag66@shakespeare.lit' });
      iq(c, crone, 'set', 'config2', submit(fields));
      expect(c.take()).toContainEqual(expect.stringContaining('type="result" id="config2"'));
      iq(c, crone, 'get', 'config3', owner(''));
      return c.take();
    };
    const blank = { 'muc#roomconfig_roomadmins': '', '{urn:parlour:room}contactjid': '', 'muc#roomconfig_getmemberlist': '' };
    expect(formAfter({ ...blank, 'muc#roomconfig_roomowners': ['crone1@shakespeare.lit', ''] })).toEqual(formAfter(empty));
  });

  test('an owner who is not in the room may fetch and submit the form', () => {
    const c = coven();
    const elsewhere = 'crone1@shakespeare.lit/elsewhere';
    iq(c, elsewhere, 'set', 'config2', submit({ 'muc#roomconfig_roomowners': ['crone1@shakespeare.lit', 'hecate@shakespeare.lit'] }));
    c.expectTo(elsewhere, result(elsewhere, 'config2'));
    iq(c, hecate, 'get', 'config1', owner(''));
    c.expect(
      result(
        hecate,
        'config1',
        form({
          'muc#roomconfig_roomadmins': 'wiccarocks@shakespeare.lit',
          'muc#roomconfig_roomowners': ['crone1@shakespeare.lit', 'hecate@shakespeare.lit'],
        }),
      ),
    );
    iq(c, hecate, 'get', 'l', admin('<item affiliation="owner"/>'));
    expect(c.take()[0]).toContain('hecate@shakespeare.lit');
  });
});
