/** The acts of those who run rooms, and by which face each can be had. A route, a command or an ad-hoc command that stands in no row fails the test. */

/** Why a face does not have it. */
interface Missing {
  readonly because: string;
}

/** Ad-hoc commands by their nodes, at the service and at rooms, and a test that plays them: its file and title. */
interface AdHocCell {
  readonly service?: readonly string[];
  readonly room?: readonly string[];
  readonly test: readonly [file: string, title: string];
}

export interface ActRow {
  readonly act: string;
  /** As `GET /v1/rooms`; each is played by test/api/acts.test.ts. */
  readonly http: readonly string[] | Missing;
  /** As `room show`; each is played by test/cli/asking.test.ts. */
  readonly commandLine: readonly string[] | Missing;
  readonly adHoc: AdHocCell | Missing;
}

const ADMIN = 'http://jabber.org/protocol/admin';
const OWN = 'urn:parlour:admin';

const because = (text: string): Missing => ({ because: text });
const PROTOCOL = because('rooms have it in their own protocol (XEP-0045), for everybody who may');
const OPERATORS = because('it is of the machine and not of rooms: for operators alone');
const PROGRAMS = because('programs read it');
const SEVERAL = because('it takes a program that goes from page to page, or asks back');

const room = (method: string, path = ''): string => `${method} /v1/rooms/:room${path}`;

export const ACTS: readonly ActRow[] = [
  {
    act: 'how the service is',
    http: ['GET /v1/status', 'GET /readyz'],
    commandLine: ['status'],
    adHoc: { service: [`${OWN}#counts`], test: ['test/admin/commands.test.ts', 'our own numbers'] },
  },
  { act: 'whether the process runs', http: ['GET /healthz'], commandLine: because('`status` says it, and more'), adHoc: PROGRAMS },
  { act: 'metrics', http: ['GET /metrics'], commandLine: ['metrics'], adHoc: PROGRAMS },
  {
    act: 'the description of the API',
    http: ['GET /openapi.json'],
    commandLine: because('`schema --api` prints it, without a running Parlour'),
    adHoc: PROGRAMS,
  },
  {
    act: 'how many people are in rooms, and who',
    http: because('`GET /v1/status` counts them, and each room tells who is in it'),
    commandLine: because('`status` counts them, and `occupants` tells who is in a room'),
    adHoc: {
      service: [`${ADMIN}#get-online-users-num`, `${ADMIN}#get-online-users-list`],
      test: ['test/admin/commands.test.ts', 'Examples 49 and 50: the number of people in rooms, each counted once'],
    },
  },
  {
    act: 'who changed what, and when',
    http: ['GET /v1/audit', room('GET', '/audit')],
    commandLine: ['audit'],
    adHoc: {
      service: [`${OWN}#audit`],
      room: ['urn:parlour:audit'],
      test: ['test/admin/audit.test.ts', 'who banned whom, when and why: by room, actor and object, addresses in any spelling'],
    },
  },
  { act: 'who administers the service', http: ['GET /v1/admins'], commandLine: ['admins'], adHoc: OPERATORS },
  { act: 'what is logged', http: ['GET /v1/log-level', 'PUT /v1/log-level'], commandLine: ['log-level'], adHoc: OPERATORS },
  {
    act: 'reading the configuration again',
    http: ['POST /v1/reload'],
    commandLine: ['reload', 'config set', 'config unset'],
    adHoc: OPERATORS,
  },
  {
    act: 'an announcement to everybody',
    http: because('administrators announce, from their clients: people see whom to ask'),
    commandLine: because('administrators announce, from their clients: people see whom to ask'),
    adHoc: {
      service: [`${ADMIN}#announce`],
      test: ['test/admin/commands.test.ts', 'Examples 75 to 78: one message to each client in some room, from the service'],
    },
  },
  { act: 'ending the program, people stay', http: ['POST /v1/stop'], commandLine: ['stop'], adHoc: OPERATORS },
  {
    act: 'ending the service',
    http: ['POST /v1/shut-down'],
    commandLine: ['stop'],
    adHoc: {
      service: [`${ADMIN}#shutdown`],
      test: [
        'test/admin/shut-down.test.ts',
        'Examples 103 to 106: the form, the answer, and after the delay everybody is removed and the program ends',
      ],
    },
  },
  {
    act: 'backups',
    http: ['GET /v1/backups', 'POST /v1/backups'],
    commandLine: ['backup', 'backups'],
    adHoc: {
      service: [`${OWN}#backup`, `${OWN}#backups`],
      test: ['test/admin/backing-up.test.ts', 'a backup is made and listed; no form takes a path'],
    },
  },
  { act: 'finding rooms', http: ['GET /v1/rooms'], commandLine: ['rooms'], adHoc: SEVERAL },
  { act: 'destroying rooms by what they are', http: ['POST /v1/destructions'], commandLine: ['rooms destroy'], adHoc: SEVERAL },
  { act: 'how a room is', http: [room('GET'), room('GET', '/numbers')], commandLine: ['room show'], adHoc: PROTOCOL },
  {
    act: 'making a room for somebody',
    http: [room('PUT')],
    commandLine: ['room create'],
    adHoc: { service: [`${OWN}#create-room`], test: ['test/admin/creating.test.ts', 'a private group for somebody, by its name alone'] },
  },
  {
    act: 'the configuration of a room',
    http: [room('GET', '/options'), room('PUT', '/options')],
    commandLine: ['room configure'],
    adHoc: PROTOCOL,
  },
  {
    act: 'another address for a room',
    http: [room('POST', '/rename')],
    commandLine: ['room rename'],
    adHoc: { service: [`${OWN}#rename-room`], test: ['test/admin/renaming.test.ts', 'what cannot be done is said, and how it can'] },
  },
  {
    act: 'hats: which there are, and who wears them',
    http: [room('GET', '/hats'), room('PUT', '/hats'), ...['destroy', 'assign', 'unassign'].map((what) => room('POST', `/hats/${what}`))],
    commandLine: ['hat list', 'hat set', 'hat destroy', 'hat assign', 'hat unassign'],
    adHoc: {
      room: ['create', 'destroy', 'assign', 'unassign', 'list', 'list-assigned'].map((name) => `urn:xmpp:hats:commands:${name}`),
      test: ['test/conversations/hats.test.ts', 'the form offers the hats; all are shown, the wearer too; then it is taken away'],
    },
  },
  {
    act: "the room's picture, and what else is on its card",
    http: because('its owners set it, from their clients (XEP-0054, XEP-0486)'),
    commandLine: because('its owners set it, from their clients (XEP-0054, XEP-0486)'),
    adHoc: PROTOCOL,
  },
  {
    act: 'mutes',
    http: [room('POST', '/mutes'), room('POST', '/unmutes')],
    commandLine: ['mute', 'unmute'],
    adHoc: {
      room: ['urn:parlour:mute'],
      test: ['test/conversations/mutes.test.ts', 'a moderator mutes for an hour by a command of the room, and ends it by another'],
    },
  },
  {
    act: 'warnings',
    http: [room('POST', '/warnings'), room('POST', '/withdrawn-warnings')],
    commandLine: ['warn', 'unwarn'],
    adHoc: {
      room: ['urn:parlour:warn'],
      test: ['test/conversations/mutes.test.ts', 'a moderator warns by a command of the room'],
    },
  },
  {
    act: 'a message of a program, without being in the room',
    http: [room('POST', '/posts')],
    commandLine: because('a program posts; by hand "room say" does'),
    adHoc: because('who has a client comes into the room'),
  },
  { act: 'a message of the room itself', http: [room('POST', '/messages')], commandLine: ['room say'], adHoc: PROTOCOL },
  { act: 'the subject', http: [room('PUT', '/subject')], commandLine: ['room subject'], adHoc: PROTOCOL },
  { act: 'a room as a document', http: [room('GET', '/export')], commandLine: ['room export'], adHoc: because('it is a file') },
  { act: 'a room from a document', http: [room('POST', '/import')], commandLine: ['room import'], adHoc: because('it is a file') },
  { act: 'destroying a room', http: [room('POST', '/destroy')], commandLine: ['room destroy'], adHoc: PROTOCOL },
  {
    act: 'erasing a room',
    http: [room('POST', '/erase')],
    commandLine: ['room erase'],
    adHoc: {
      service: [`${OWN}#erase-room`],
      test: ['test/admin/erasing.test.ts', 'also one that was destroyed and is remembered'],
    },
  },
  { act: 'who is in a room', http: [room('GET', '/occupants')], commandLine: ['occupants'], adHoc: PROTOCOL },
  {
    act: 'who has an affiliation, and until when; what else holds for a time',
    http: [room('GET', '/affiliations'), room('GET', '/limits')],
    commandLine: ['affiliations', 'limits'],
    adHoc: {
      room: ['urn:parlour:ends'],
      test: [
        'test/conversations/timed-affiliations.test.ts',
        'XEP-0050: an admin gives an affiliation with an end by a command of the room, and sees what has one',
      ],
    },
  },
  {
    act: 'giving and taking affiliations, bans of one room',
    http: [room('POST', '/affiliations')],
    commandLine: ['affiliate', 'ban', 'unban'],
    adHoc: {
      room: ['urn:parlour:affiliation'],
      test: [
        'test/conversations/timed-affiliations.test.ts',
        'XEP-0050: an admin gives an affiliation with an end by a command of the room, and sees what has one',
      ],
    },
  },
  { act: 'bans of all rooms', http: ['POST /v1/bans'], commandLine: ['ban', 'unban'], adHoc: SEVERAL },
  { act: 'roles, kicks', http: [room('POST', '/roles')], commandLine: ['role', 'kick'], adHoc: PROTOCOL },
  {
    act: 'another nickname for somebody',
    http: [room('POST', '/nicks')],
    commandLine: ['nick'],
    adHoc: because('an administrator asks an operator; people change their own'),
  },
  { act: 'inviting', http: [room('POST', '/invitations')], commandLine: ['invite'], adHoc: PROTOCOL },
  { act: 'what waits for an answer', http: [room('GET', '/queues')], commandLine: ['queues'], adHoc: PROTOCOL },
  {
    act: 'answering what waits',
    http: ['registration', 'voice', 'message'].map((what) => room('POST', `/queues/${what}`)),
    commandLine: ['answer'],
    adHoc: PROTOCOL,
  },
  { act: 'what was said', http: [room('GET', '/messages')], commandLine: ['search'], adHoc: PROTOCOL },
  { act: 'taking one message back', http: [room('POST', '/moderate')], commandLine: ['moderate'], adHoc: PROTOCOL },
  {
    act: 'taking back what somebody said',
    http: [room('POST', '/purge')],
    commandLine: ['purge'],
    adHoc: {
      service: ['urn:parlour:ban-and-retract'],
      room: ['urn:parlour:ban-and-retract'],
      test: ['test/admin/ban-and-retract.test.ts', 'by occupant-id, of somebody who has left'],
    },
  },
  {
    act: 'trimming an archive',
    http: [room('POST', '/trim')],
    commandLine: ['trim'],
    adHoc: { service: [`${OWN}#trim`], test: ['test/admin/erasing.test.ts', 'up to a message, or all of it'] },
  },
  {
    act: 'all that is held of somebody',
    http: ['GET /v1/people/:jid/export'],
    commandLine: ['export-person'],
    adHoc: because('it is a file'),
  },
  {
    act: 'erasing somebody from all rooms',
    http: ['POST /v1/erasures', 'GET /v1/erasures'],
    commandLine: ['erase', 'erasures'],
    adHoc: { service: [`${OWN}#erase-person`], test: ['test/admin/erasing.test.ts', 'two people: one after the other'] },
  },
  {
    act: 'erasing somebody from one room',
    http: [room('POST', '/erased-people')],
    commandLine: ['erase'],
    adHoc: because('the command at the service erases them from all rooms'),
  },
  { act: 'forgetting an account that was deleted', http: ['POST /v1/forgotten-accounts'], commandLine: ['forget'], adHoc: OPERATORS },
  {
    act: 'tokens',
    http: ['GET /v1/tokens', 'POST /v1/tokens', 'DELETE /v1/tokens/:name'],
    commandLine: ['token create', 'token list', 'token revoke'],
    adHoc: OPERATORS,
  },
  {
    act: 'what wakes somebody who is away',
    http: because('a wish of a person, in their client'),
    commandLine: because('a wish of a person, in their client'),
    adHoc: {
      room: ['urn:parlour:wake'],
      test: ['test/conversations/wake-ups.test.ts', 'by the command at the room, for whoever may read it'],
    },
  },
  {
    act: 'being told of mentions',
    http: because('a wish of a person, in their client'),
    commandLine: because('a wish of a person, in their client'),
    adHoc: {
      room: ['urn:parlour:tell-me-of-mentions'],
      test: [
        'test/conversations/reserving-nicks.test.ts',
        'found E13: a wish without membership or nick; mentions come while its owner is away',
      ],
    },
  },
];
