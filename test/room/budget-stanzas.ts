/**
 * One stanza at least for each thing that anybody may send to a room, by what takes it: every key of the tables below is a handler, hook, node,
 * form or field that is registered, and `budget.test.ts` refuses one that has no stanza here.
 */
import { NS } from '../../src/xmpp/ns';
import { parseContent, type Element } from '../../src/xmpp/xml';
import type { Command } from '../../src/room/contract/commands';
import { Crowd, ROOM } from './crowd';
import { asBare, asRoom } from '../support/jids';

/** `{from}` stands for whoever sends it. */
export type Texts = readonly string[];

const iq = (type: 'get' | 'set', inner: string, to: string = ROOM): string =>
  `<iq from="{from}" to="${to}" type="${type}" id="i">${inner}</iq>`;
const message = (inner: string, type = ' type="groupchat"', to: string = ROOM): string =>
  `<message from="{from}" to="${to}" id="m"${type}>${inner}</message>`;
const presence = (inner: string, more = '', nick = '/newcomer'): string =>
  `<presence from="{from}" to="${ROOM}${nick}"${more}>${inner}</presence>`;
const field = (name: string, ...values: Texts): string =>
  `<field var="${name}">${values.map((value) => `<value>${value}</value>`).join('')}</field>`;
const form = (formType: string, fields: string, type = 'submit'): string =>
  `<x xmlns="${NS.forms}" type="${type}">${field('FORM_TYPE', formType)}${fields}</x>`;
const admin = (type: 'get' | 'set', ...items: Texts): string => iq(type, `<query xmlns="${NS.mucAdmin}">${items.join('')}</query>`);
const owner = (inner: string): string => iq('set', `<query xmlns="${NS.mucOwner}">${inner}</query>`);
export const configure = (fields: string): string => owner(form(NS.mucRoomConfig, fields));
const MAM = (inner: string): string => iq('set', `<query xmlns="${NS.mam}">${inner}</query>`);
const RSM = (inner: string): string => `<set xmlns="${NS.rsm}">${inner}</set>`;
const both = (inner: string): Texts => [iq('get', inner), iq('set', inner)];
const some = (seq: number): string => Crowd.messageId(seq);
const retracts = (id: string): string => `<retract xmlns="${NS.retract}" id="${id}"/>`;
const X = `<x xmlns="${NS.muc}"/>`;

const SPOKEN: Texts = [
  message('<body>hello</body>'),
  message(`<composing xmlns="${NS.chatStates}"/>`),
  message('<body>hello</body><thread>t</thread>'),
  message(`<body>file</body><reference xmlns="${NS.reference}" type="data"><media-sharing xmlns="${NS.sims}"/></reference>`),
  message(`<body>old</body><delay xmlns="${NS.delay}" stamp="2020-01-01T00:00:00Z"/>`),
  message(`<body>m3</body><mention xmlns="${NS.mentions}" occupantid="nobody"><noping/><active/></mention>`),
  message(`<replace xmlns="${NS.correct}" id="c3"/><body>better</body>`),
  message(`<reactions xmlns="urn:xmpp:reactions:0" id="${some(3)}"><reaction>x</reaction></reactions>`),
];

/** Requests to the room, by `name namespace`. */
export const REQUESTS: Readonly<Record<string, Texts>> = {
  [`query ${NS.mucAdmin}`]: [
    ...['owner', 'admin', 'member', 'outcast'].map((one) => admin('get', `<item affiliation="${one}"/>`)),
    ...['moderator', 'participant', 'visitor'].map((one) => admin('get', `<item role="${one}"/>`)),
    iq('get', `<query xmlns="${NS.mucAdmin}"><item affiliation="member"/>${RSM('<max>10</max>')}</query>`),
    ...['none', 'visitor', 'participant', 'moderator'].map((one) =>
      admin('set', `<item nick="p7" role="${one}"><reason>so</reason></item>`),
    ),
    ...['owner', 'admin', 'member', 'none', 'outcast'].map((one) => admin('set', `<item jid="m7@x.lit" affiliation="${one}"/>`)),
    ...['owner', 'admin', 'member', 'none', 'outcast'].map((one) => admin('set', `<item jid="p7@x.lit" affiliation="${one}" nick="p7"/>`)),
    admin('set', '<item nick="p8" affiliation="outcast"/>', '<item jid="z.lit" affiliation="outcast"/>'),
  ],
  [`query ${NS.mucOwner}`]: [
    iq('get', `<query xmlns="${NS.mucOwner}"/>`),
    owner(`<x xmlns="${NS.forms}" type="cancel"/>`),
    owner(`<x xmlns="${NS.forms}" type="submit"/>`),
    owner('<destroy jid="other@rooms.x.lit"><reason>so</reason><password>pw</password></destroy>'),
  ],
  [`query ${NS.discoInfo}`]: [iq('get', `<query xmlns="${NS.discoInfo}"/>`)],
  [`query ${NS.discoItems}`]: [
    iq('get', `<query xmlns="${NS.discoItems}"/>`),
    iq('get', `<query xmlns="${NS.discoItems}">${RSM('<max>5</max>')}</query>`),
  ],
  [`ping ${NS.ping}`]: [iq('get', `<ping xmlns="${NS.ping}"/>`)],
  [`query ${NS.register}`]: [
    iq('get', `<query xmlns="${NS.register}"/>`),
    iq('set', `<query xmlns="${NS.register}"><username>somebody</username></query>`),
    iq('set', `<query xmlns="${NS.register}"><remove/></query>`),
    iq('set', `<query xmlns="${NS.register}">${form(NS.mucRegister, field('muc#register_roomnick', 'somebody'))}</query>`),
  ],
  [`query ${NS.mam}`]: [
    iq('get', `<query xmlns="${NS.mam}"/>`),
    MAM(''),
    ...['<max>0</max>', '<max>10</max><before/>', `<after>${some(9)}</after>`, '<before>nothing</before>', '<index>50</index>'].map(
      (page) => MAM(RSM(page)),
    ),
    MAM(`${RSM('<max>10</max><before/>')}<flip-page/>`),
  ],
  [`metadata ${NS.mam}`]: [iq('get', `<metadata xmlns="${NS.mam}"/>`)],
  [`prefs ${NS.mam}`]: both(`<prefs xmlns="${NS.mam}"/>`),
  [`query ${NS.mentions}`]: [
    iq('get', `<query xmlns="${NS.mentions}"/>`),
    iq('set', `<query xmlns="${NS.mentions}">${form(NS.mentions, field('mentions#count', '3'))}</query>`),
  ],
  [`trim ${NS.mamTrim}`]: [
    iq('set', `<trim xmlns="${NS.mamTrim}"><id>${some(20)}</id></trim>`),
    iq('set', `<trim xmlns="${NS.mamTrim}"/>`),
  ],
  [`moderate ${NS.moderate}`]: [some(30), 'nothing'].map((id) =>
    iq('set', `<moderate xmlns="${NS.moderate}" id="${id}"><retract xmlns="${NS.retract}"/><reason>so</reason></moderate>`),
  ),
  [`apply-to ${NS.fasten}`]: [
    iq(
      'set',
      `<apply-to xmlns="${NS.fasten}" id="${some(31)}"><moderate xmlns="${NS.moderate0}"><retract xmlns="${NS.retract0}"/><reason>so</reason></moderate></apply-to>`,
    ),
  ],
  [`command ${NS.commands}`]: [iq('set', `<command xmlns="${NS.commands}" node="nothing" action="execute"/>`)],
  [`vCard ${NS.vcard}`]: [
    iq('get', `<vCard xmlns="${NS.vcard}"/>`),
    iq('set', `<vCard xmlns="${NS.vcard}"><FN>Room</FN><PHOTO><BINVAL>AAAA</BINVAL></PHOTO></vCard>`),
  ],
  [`markers ${NS.readMarkers}`]: [iq('get', `<markers xmlns="${NS.readMarkers}"/>`)],
};

/** Commands of a room, by node: what is filled in. All are executed once, and completed with this. */
export const COMMANDS: Readonly<Record<string, Texts>> = {
  'urn:parlour:ban-and-retract': [
    field('nick', 'p9') + field('minutes', '600000'.slice(0, 4)),
    field('jid', 'p10@x.lit') + field('minutes', '60') + field('ban', '1'),
    field('occupant-id', 'nobody') + field('minutes', '60'),
  ],
  'urn:parlour:affiliation': [
    field('jid', 'm7@x.lit') + field('affiliation', 'outcast') + field('for', '2d') + field('reason', 'so'),
    field('jid', 'p7@x.lit') + field('affiliation', 'admin') + field('for', ''),
  ],
  'urn:parlour:mute': [field('who', 'p7') + field('for', '2d'), field('who', 'p7') + field('for', '0')],
  'urn:parlour:warn': [field('who', 'p7') + field('reason', 'so')],
  'urn:parlour:ends': [field('x', '')],
  'urn:parlour:audit': [field('object', ''), field('object', 'm3@x.lit')],
  'urn:parlour:wake': ['all', 'mentions', 'nothing', 'default'].map((value) => field('{urn:parlour:room}wake', value)),
  'urn:parlour:tell-me-of-mentions': [field('tell', '1'), field('tell', '0')],
  'urn:xmpp:hats:commands:create': [field('hats#title', 'Host') + field('hats#uri', 'urn:example:host')],
  'urn:xmpp:hats:commands:destroy': [field('hats#uri', 'urn:example:host')],
  'urn:xmpp:hats:commands:list': [field('x', '')],
  'urn:xmpp:hats:commands:assign': [field('hats#jid', 'p7@x.lit') + field('hats#uri', 'urn:example:host')],
  'urn:xmpp:hats:commands:unassign': [field('hats#jid', 'p7@x.lit') + field('hats#uri', 'urn:example:host')],
  'urn:xmpp:hats:commands:list-assigned': [field('x', '')],
};

/** What the other faces ask of a room (design rule 5). A name without an example does not compile. */
export const COMMAND_EXAMPLES: Readonly<Record<Command['name'], readonly Command[]>> = {
  create: [{ name: 'create', owner: asBare('ann@x.lit'), values: new Map() }],
  'set-affiliations': [
    { name: 'set-affiliations', items: [{ jid: asBare('m7@x.lit'), affiliation: 'outcast' }] },
    { name: 'set-affiliations', items: [{ jid: asBare('p7@x.lit'), affiliation: 'admin', nick: 'p7', reason: 'so', for: 86_400_000 }] },
  ],
  'set-roles': [{ name: 'set-roles', items: [{ nick: 'p7', role: 'visitor' }] }],
  configure: [{ name: 'configure', values: new Map([['muc#roomconfig_roomname', ['Other']]]) }],
  destroy: [{ name: 'destroy', reason: 'so', alternate: asBare('other@rooms.x.lit'), password: 'pw' }],
  rename: [{ name: 'rename', to: asRoom('other@rooms.x.lit'), reason: 'so' }],
  'change-nick': [{ name: 'change-nick', nick: 'p7', to: 'seven' }],
  'set-subject': [{ name: 'set-subject', text: 'Tea', lang: 'en' }],
  say: [{ name: 'say', body: 'hello', lang: 'en' }],
  'allow-posting': [{ name: 'allow-posting', id: 'a0', nick: 'CI', token: 'ci' }],
  'end-posting': [{ name: 'end-posting', id: 'a0', token: 'ci' }],
  post: [{ name: 'post', id: 'a0', body: 'hello' }],
  invite: [
    { name: 'invite', jid: asBare('new@z.lit'), reason: 'come' },
    { name: 'invite', jid: asBare('m3@x.lit') },
  ],
  'answer-registration': [{ name: 'answer-registration', jid: asBare('nobody@x.lit'), allow: true }],
  'answer-message': [{ name: 'answer-message', id: 'nothing', allow: true }],
  'answer-voice': [{ name: 'answer-voice', jid: asBare('p8@x.lit'), allow: true }],
  mute: [
    { name: 'mute', target: { nick: 'p7' }, for: 60_000, reason: 'so' },
    { name: 'mute', target: { jid: asBare('nobody@x.lit') } },
  ],
  unmute: [{ name: 'unmute', target: { nick: 'p7' } }],
  warn: [{ name: 'warn', target: { nick: 'p7' }, reason: 'so' }],
  unwarn: [{ name: 'unwarn', target: { nick: 'p7' } }],
  'set-hat': [{ name: 'set-hat', uri: 'urn:example:host', title: 'Host', role: 'moderator' }],
  'destroy-hat': [{ name: 'destroy-hat', uri: 'urn:example:host' }],
  'assign-hat': [{ name: 'assign-hat', uri: 'urn:example:host', target: { nick: 'p7' } }],
  'unassign-hat': [{ name: 'unassign-hat', uri: 'urn:example:host', target: { nick: 'p7' } }],
  'set-vcard': [
    { name: 'set-vcard', vcard: parseContent(`<vCard xmlns="${NS.vcard}"><NOTE>so</NOTE></vCard>`)[0] as Element },
    { name: 'set-vcard', vcard: null },
  ],
  moderate: [
    { name: 'moderate', id: some(30), reason: 'so' },
    { name: 'moderate', id: 'nothing' },
  ],
  ask: [
    ...(['room', 'occupants', 'options', 'queues', 'numbers', 'limits', 'hats'] as const).map((what) => ({
      name: 'ask' as const,
      query: { what },
    })),
    ...(['owner', 'admin', 'member', 'outcast'] as const).map((affiliation) => ({
      name: 'ask' as const,
      query: { what: 'affiliations' as const, affiliation },
    })),
  ],
  'ask-archive': [
    { name: 'ask-archive', query: { what: 'archive', paging: { max: 250 } } },
    { name: 'ask-archive', query: { what: 'archive', text: 'hello', with: asBare('p7@x.lit'), paging: { max: 10, before: '' } } },
  ],
  'shut-down': [{ name: 'shut-down', reason: 'so' }],
  unregister: [{ name: 'unregister', jid: asBare('p6@x.lit') }],
  trim: [{ name: 'trim', upToId: some(20) }, { name: 'trim' }],
  erase: [{ name: 'erase' }],
  'erase-person': [
    { name: 'erase-person', jid: asBare('p7@x.lit') },
    { name: 'erase-person', jid: asBare('nobody@x.lit') },
  ],
  forget: [{ name: 'forget', jid: asBare('p8@x.lit') }],
  'ban-and-retract': [{ name: 'ban-and-retract', target: { jid: asBare('p9@x.lit') }, minutes: 60, ban: true }],
};

/** Nodes of a room that are no commands. */
export const NODES: readonly string[] = [NS.commands];

/** What one feature's hook for messages to the room takes. */
export const MESSAGES: Readonly<Record<string, Texts>> = {
  invitations: [
    message(`<x xmlns="${NS.mucUser}"><invite to="new@z.lit"><reason>come</reason></invite></x>`, ''),
    message(`<x xmlns="${NS.mucUser}"><invite to="m3@x.lit"><continue thread="t"/></invite></x>`, ''),
    message(`<x xmlns="${NS.mucUser}"><decline to="ann@x.lit"/></x>`, ''),
  ],
  'voice-requests': [
    message(form(NS.mucRequest, field('muc#role', 'participant')), ''),
    message(form(NS.mucRequest, field('muc#role', 'participant') + field('muc#roomnick', 'p8') + field('muc#request_allow', '1')), ''),
  ],
  'message-approval': [message(form('urn:parlour:message-approval', field('message', 'nothing') + field('allow', '1')), '')],
  'registration-approval': [message(form(NS.mucRegister, field('muc#register_roomnick', 'x') + field('muc#register_allow', '1')), '')],
};

/** Every stage of `FeatureSet` that takes something somebody sent, and what reaches all of its features. */
export const STAGES: Readonly<Record<string, Texts>> = {
  listedAgain: [admin('set', '<item jid="m7@x.lit" affiliation="member"/>')],
  addToPresence: [presence('<show>away</show>', '', '/p5')],
  entry: [
    presence(X),
    presence(`<x xmlns="${NS.muc}"><password>pw</password><history maxstanzas="20"/><mav xmlns="${NS.listVersions}" since="1"/></x>`),
  ],
  read: [MAM('')],
  speak: SPOKEN,
  detain: [
    message(retracts(some(5))),
    message(retracts('nothing')),
    message(`<apply-to xmlns="${NS.fasten}" id="${some(5)}"><retract xmlns="${NS.retract0}"/></apply-to>`),
  ],
  changeSubject: [message('<subject>Tea</subject>'), message('<subject/>')],
  whisper: [message('<body>psst</body>', ' type="chat"', `${ROOM}/p7`), message('<body>psst</body>', '', `${ROOM}/nobody`)],
  appear: [presence('<show>dnd</show><status>busy</status>', '', '/p5'), presence('', '', '/another')],
  assignNick: [presence(X, '', '/p7')],
  silences: [presence(X, '', '/late')],
  roleOnEntry: [presence(X, '', '/late')],
  message: Object.values(MESSAGES).flat(),
  bounced: [],
  told: [],
  entered: [presence(X, '', '/first')],
  joined: [presence(`<priority>1</priority>${X}`, ' xml:lang="en"', '/again')],
  appeared: [presence('<show>away</show>', '', '/p5')],
  promoted: [admin('set', '<item nick="p9" role="moderator"/>'), admin('set', '<item jid="p9@x.lit" affiliation="admin"/>')],
  left: [presence('<status>bye</status>', ' type="unavailable"', '/p5')],
  affiliated: [
    admin('set', '<item jid="new@x.lit" affiliation="member" nick="fresh"/>'),
    admin('set', '<item jid="p9@x.lit" affiliation="outcast"/>'),
  ],
  reconfigured: [configure(field('muc#roomconfig_roomname', 'Other')), configure(field('muc#roomconfig_enablearchiving', '0'))],
  timed: [],
  lapsing: [],
  // An owner's destroying ends it, which stands among the requests; renaming is a command.
  ended: [],
  renamed: [],
  roleGiven: [admin('set', '<item nick="p9" role="visitor"/>'), admin('set', '<item nick="p9" role="participant"/>')],
};

/** What no feature takes: the room itself does. */
export const ROOM_ITSELF: Texts = [
  ...['subscribe', 'subscribed', 'unsubscribe', 'unsubscribed', 'probe', 'strange'].map((type) =>
    presence('', ` type="${type}"`, type === 'probe' ? '/p7' : ''),
  ),
  presence(X, '', ''),
  presence(''),
  presence('<show>away</show>', '', '/p5'),
  message('<body>hello</body>', ''),
  message('<body>hello</body>', ' type="headline"'),
  iq('get', '<unknown xmlns="urn:example"/>'),
  ...[
    `<ping xmlns="${NS.ping}"/>`,
    `<query xmlns="${NS.version}"/>`,
    `<vCard xmlns="${NS.vcard}"/>`,
    `<query xmlns="${NS.discoInfo}"/>`,
  ].flatMap((inner) => [iq('get', inner, `${ROOM}/p7`), iq('get', inner, `${ROOM}/p5`)]),
  message(
    `<body>@all</body>${['channel', 'moderators', 'member', 'none', 'admin'].map((group) => `<mention xmlns="${NS.mentions}" mentions="${NS.mentions}#${group}"/>`).join('')}`,
  ),
  message(
    `<body>m3</body><reference xmlns="${NS.reference}" type="mention" uri="xmpp:m3@x.lit"/><mention xmlns="${NS.mentions}" occupantid="nobody"/>`,
  ),
  message(`<body>x</body><displayed xmlns="${NS.markers}" id="${some(40)}"/>`),
];

/** Stanzas as large as the parser lets them in (262,144 bytes), for a scale: the number of things in them grows with it. */
export const HOSTILE: Readonly<Record<string, (scale: number) => string>> = {
  'affiliations of as many people': (scale) => admin('set', ...times(scale, (i) => `<item jid="h${i}@z.lit" affiliation="member"/>`)),
  'bans of as many people who are in': (scale) =>
    admin('set', ...times(scale, (i) => `<item jid="p${i % 1_000}@x.lit" affiliation="outcast"/>`)),
  'bans of as many domains': (scale) => admin('set', ...times(scale, (i) => `<item jid="h${i}.z.lit" affiliation="outcast"/>`)),
  'roles of as many nicks': (scale) => admin('set', ...times(scale, (i) => `<item nick="p${i % 1_000}" role="visitor"/>`)),
  'one nick for as many people': (scale) =>
    admin('set', ...times(scale, (i) => `<item jid="h${i}@z.lit" affiliation="member" nick="h${i}"/>`)),
  'a body of 125 characters for each': (scale) => message(`<body>${'x'.repeat(125 * scale)}</body>`),
  'a body of as many lines and signs': (scale) => message(`<body>${'&amp; \n'.repeat(10 * scale)}</body>`),
  'a body of as many mentions by nick': (scale) => message(`<body>${times(scale, (i) => `@p${i % 1_000} `).join('')}</body>`),
  'twice as many children': (scale) => message(`<body>x</body>${'<a xmlns="urn:example"/>'.repeat(2 * scale)}`),
  'as many children in one': (scale) => message(`<body>x</body><a xmlns="urn:example">${'<b/>'.repeat(2 * scale)}</a>`),
  'as many bodies': (scale) => message('<body>x</body>'.repeat(scale)),
  'as many references': (scale) =>
    message(
      `<body>x</body>${times(scale, (i) => `<reference xmlns="${NS.reference}" type="mention" uri="xmpp:p${i % 1_000}@x.lit"/>`).join('')}`,
    ),
  'as many mentions': (scale) =>
    message(`<body>x</body>${times(scale, () => `<mention xmlns="${NS.mentions}" mentions="${NS.mentions}#channel"/>`).join('')}`),
  'as many reactions': (scale) =>
    message(
      `<reactions xmlns="urn:xmpp:reactions:0" id="${some(3)}">${times(scale, (i) => `<reaction>${i}</reaction>`).join('')}</reactions>`,
    ),
  'as many retractions': (scale) => message(times(scale, (i) => retracts(`r${i}`)).join('')),
  'as many invitations': (scale) =>
    message(`<x xmlns="${NS.mucUser}">${times(scale, (i) => `<invite to="h${i}@z.lit"/>`).join('')}</x>`, ''),
  'a subject of 100 characters for each': (scale) => message(`<subject>${'x'.repeat(100 * scale)}</subject>`),
  'as many subjects': (scale) => message('<subject>x</subject>'.repeat(scale)),
  'a private message of 100 characters for each': (scale) =>
    message(`<body>${'x'.repeat(100 * scale)}</body>`, ' type="chat"', `${ROOM}/p7`),
  'a status of 100 characters for each': (scale) => presence(`<status>${'x'.repeat(100 * scale)}</status>`, '', '/p5'),
  'presence with as many children': (scale) => presence('<a xmlns="urn:example"/>'.repeat(scale), '', '/p5'),
  'entering with as many children': (scale) => presence(X + '<a xmlns="urn:example"/>'.repeat(scale)),
  'entering with a password of 100 characters for each': (scale) =>
    presence(`<x xmlns="${NS.muc}"><password>${'x'.repeat(100 * scale)}</password></x>`),
  'a form of as many fields': (scale) => configure(times(scale, (i) => field(`field${i}`, 'x')).join('')),
  'a form with as many admins': (scale) => configure(field('muc#roomconfig_roomadmins', ...times(scale, (i) => `h${i}@z.lit`))),
  'a field of as many values': (scale) => configure(field('muc#roomconfig_presencebroadcast', ...times(scale, () => 'visitor'))),
  'a name of 100 characters for each': (scale) => configure(field('muc#roomconfig_roomname', 'x'.repeat(100 * scale))),
  'a search for as many words': (scale) => askArchive(`{${NS.fullText}}fulltext`, 'word7 '.repeat(scale)),
  'a search for as many ids': (scale) => MAM(form(NS.mam, field('ids', ...times(scale, (i) => `id${i}`)))),
  'a registration with as many fields': (scale) =>
    iq('set', `<query xmlns="${NS.register}">${form(NS.mucRegister, times(scale, (i) => field(`f${i}`, 'x')).join(''))}</query>`),
  'a command with as many fields': (scale) =>
    iq(
      'set',
      `<command xmlns="${NS.commands}" node="urn:parlour:ban-and-retract" sessionid="x" action="complete">${form('f', times(scale, (i) => field(`f${i}`, 'x')).join(''))}</command>`,
    ),
  'a picture of 150 characters for each': (scale) =>
    iq('set', `<vCard xmlns="${NS.vcard}"><PHOTO><BINVAL>${'A'.repeat(150 * scale)}</BINVAL></PHOTO></vCard>`),
  'as many pictures': (scale) =>
    iq(
      'set',
      `<vCard xmlns="${NS.vcard}">${times(scale, (i) => `<PHOTO><BINVAL>${Buffer.from(`p${i}`).toString('base64')}</BINVAL></PHOTO>`).join('')}</vCard>`,
    ),
  // What declares prefixes is written again wherever a payload is passed on.
  'a message that declares as many prefixes': (scale) => message(`<body>x</body>${declares(scale)}`),
  'a message whose children declare prefixes under as many': (scale) => message(`<body>x</body>${declares(scale, '<b xmlns:c="u"/>')}`),
  'a subject that declares as many prefixes': (scale) => message(`<subject${prefixes(scale)}>x</subject>`),
  'a private message that declares as many prefixes': (scale) => message(`<body>x</body>${declares(scale)}`, ' type="chat"', `${ROOM}/p7`),
  'an invitation that declares as many prefixes': (scale) =>
    message(`<x xmlns="${NS.mucUser}"><invite to="h@z.lit"><reason${prefixes(scale)}>x</reason></invite></x>${declares(scale)}`, ''),
  'a decline that declares as many prefixes': (scale) =>
    message(`<x xmlns="${NS.mucUser}"><decline to="p7@x.lit"><reason${prefixes(scale)}>x</reason></decline></x>${declares(scale)}`, ''),
  'a request for voice that declares as many prefixes': (scale) =>
    message(form(NS.mucRequest, field('muc#role', 'participant')).replace('<x ', `<x${prefixes(scale)} `), ''),
  'presence that declares as many prefixes': (scale) => presence(declares(scale), '', '/p5'),
  'entering with as many prefixes declared': (scale) => presence(X + declares(scale)),
  'leaving with as many prefixes declared': (scale) => presence(declares(scale), ' type="unavailable"', '/p5'),
  'a request to an occupant that declares as many prefixes': (scale) =>
    iq('get', `<query xmlns="urn:example"${prefixes(scale)}/>`, `${ROOM}/p7`),
  'a vCard that declares as many prefixes': (scale) => iq('set', `<vCard xmlns="${NS.vcard}"${prefixes(scale)}><FN>x</FN></vCard>`),
  'a registration that declares as many prefixes': (scale) =>
    iq(
      'set',
      `<query xmlns="${NS.register}"${prefixes(scale)}>${form(NS.mucRegister, field('muc#register_roomnick', 'somebody'))}</query>`,
    ),
  'a strange request with as many children': (scale) => iq('set', `<a xmlns="urn:example">${'<b/>'.repeat(scale)}</a>`),
};

/** Declarations of so many prefixes. */
function prefixes(count: number): string {
  return times(count, (i) => ` xmlns:a${i}="u"`).join('');
}

/** An element that declares so many prefixes, and has as many children of one kind. */
function declares(count: number, inside = ''): string {
  return `<x xmlns="urn:example"${prefixes(count)}>${inside.repeat(count)}</x>`;
}

function times(count: number, make: (i: number) => string): readonly string[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

/** A value for a field of the owner's form, by its type and, where that is not enough, by its name. */
export function valuesFor(field: { readonly var: string; readonly type: string; readonly choices?: readonly string[] }): Texts | undefined {
  const byName: Readonly<Record<string, Texts>> = {
    'muc#maxhistoryfetch': ['7'],
    'muc#roomconfig_voicerequestmininterval': ['60'],
    [`{${NS.mentions}}count`]: ['5'],
    '{urn:parlour:room}archivedays': ['10'],
    '{urn:parlour:room}archivemessages': ['500'],
    '{urn:parlour:room}logs': ['https://x.lit/logs'],
    'muc#roomconfig_pubsub': ['xmpp:pubsub.x.lit?;node=a'],
    'muc#roomconfig_lang': ['de'],
  };
  const named = byName[field.var];
  if (named) return named;
  if (field.type === 'boolean') return ['1', '0'];
  if (field.type.startsWith('list-')) return field.choices;
  if (field.type === 'jid-multi') return ['a@x.lit'];
  return field.type === 'text-single' || field.type === 'text-private' ? ['text'] : undefined;
}

/** Fields of the archive's form, each filled in. */
export const ARCHIVE_FIELDS: Readonly<Record<string, Texts>> = {
  with: ['p7@x.lit', `${ROOM}/p7`, ROOM],
  start: ['2023-11-14T22:13:20Z'],
  end: ['2030-01-01T00:00:00Z'],
  'before-id': [some(50)],
  'after-id': [some(50)],
  ids: [some(51)],
  [`{${NS.fullText}}fulltext`]: ['word7 more'],
  fulltext: ['word7'],
  withtext: ['more'],
  search: ['more'],
  'full-text-search': ['nothing'],
};
export const askArchive = (name: string, value: string): string => MAM(form(NS.mam, field(name, value)));
export const setField = (name: string, value: string): string => configure(field(name, value));
export const discover = (node: string): Texts => [
  iq('get', `<query xmlns="${NS.discoInfo}" node="${node}"/>`),
  iq('get', `<query xmlns="${NS.discoItems}" node="${node}"/>`),
];
export const execute = (node: string): string => iq('set', `<command xmlns="${NS.commands}" node="${node}" action="execute"/>`);
export const complete = (node: string, session: string, fields: string): string =>
  iq(
    'set',
    `<command xmlns="${NS.commands}" node="${node}" sessionid="${session}" action="complete"><x xmlns="${NS.forms}" type="submit">${fields}</x></command>`,
  );
