/** Random play: the moves people, servers and bad luck can make in a room, as fast-check draws them. */
import fc from '../support/property';
import type { Command } from '../../src/room/contract/commands';
import { NS } from '../../src/xmpp/ns';
import { ROOM } from './world';
import { asBare, asRoom } from '../support/jids';

export { make } from './make';

/** Full JIDs: five accounts of two domains, one of them the service admin, two clients each. */
export const PEOPLE = ['anna@users.lit', 'bert@users.lit', 'clöss@users.lit', 'dora@other.users.lit', 'chief@users.lit'].flatMap((bare) => [
  `${bare}/1`,
  `${bare}/2`,
]);
const NICKS = ['A', 'B', 'C', 'D', 'a'];
const TARGETS = ['anna@users.lit', 'bert@users.lit', 'clöss@users.lit', 'dora@other.users.lit', 'other.users.lit', 'absent@users.lit'];

/** How an account and the room are spelt: as they are folded, or otherwise. */
export type Spelling = 'plain' | 'capitals' | 'decomposed' | 'sharp';
const spelling = fc.constantFrom<Spelling>('plain', 'plain', 'plain', 'plain', 'plain', 'capitals', 'decomposed', 'sharp');

export type Move =
  | { do: 'send'; who: string; xml: string; spelt?: Spelling }
  | { do: 'join'; who: string; nick: string; inX: string; content: string; spelt?: Spelling }
  | { do: 'leave'; who: string; nick: string; spelt?: Spelling }
  | { do: 'gone'; who: string }
  | { do: 'command'; command: Command }
  | { do: 'retract'; who: string; how: 'author' | 'old' | 'moderator'; part: number }
  /** The clock is set, back or ahead. */
  | { do: 'clock'; ms: number }
  /** A feature throws, that many calls from now. */
  | { do: 'fuse'; calls: number }
  /** Everybody reads what was said but one. */
  | { do: 'slow'; who: string }
  | { do: 'answer' | 'settle' | 'timer' }
  | { do: 'deliver' | 'crash' | 'lose-link'; part: number };

const who = fc.constantFrom(...PEOPLE);
const nick = fc.constantFrom(...NICKS);
const affiliation = fc.constantFrom('owner', 'admin', 'member', 'none', 'outcast');
const role = fc.constantFrom('moderator', 'participant', 'visitor', 'none');
const content = fc.constantFrom('', '<show>away</show>', '<priority>5</priority>', '<priority>-1</priority>');

/** Moves by whoever they fit: most are refused to most. */
const send = (xml: fc.Arbitrary<string>): fc.Arbitrary<Move> => fc.record({ do: fc.constant('send' as const), who, xml, spelt: spelling });
const iq = (type: string, query: fc.Arbitrary<string>, to: string = ROOM): fc.Arbitrary<Move> =>
  send(query.map((inner) => `<iq from="{who}" to="${to}" type="${type}" id="i">${inner}</iq>`));
const items = (item: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(item, { minLength: 1, maxLength: 3 }).map((all) => `<query xmlns="${NS.mucAdmin}">${all.join('')}</query>`);
const field = (name: string, ...values: string[]): fc.Arbitrary<string> =>
  fc.constantFrom(...values).map((value) => `<field var="muc#roomconfig_${name}"><value>${value}</value></field>`);
const option = (name: string, ...values: string[]): fc.Arbitrary<string> =>
  fc.constantFrom(...values).map((value) => `<field var="{urn:parlour:room}${name}"><value>${value}</value></field>`);
const people = (name: string): fc.Arbitrary<string> =>
  fc
    .uniqueArray(fc.constantFrom(...TARGETS), { maxLength: 3 })
    .map((jids) => `<field var="muc#roomconfig_${name}">${jids.map((jid) => `<value>${jid}</value>`).join('')}</field>`);
const form = fc
  .tuple(
    ...[
      field('membersonly', '0', '1'),
      field('moderatedroom', '0', '1'),
      field('persistentroom', '1', '1', '0'),
      field('whois', 'anyone', 'moderators'),
      field('maxusers', '2', 'none'),
      fc
        .subarray(['moderator', 'participant', 'visitor', 'none'])
        .map((roles) => `<field var="muc#roomconfig_presencebroadcast">${roles.map((one) => `<value>${one}</value>`).join('')}</field>`),
      field('changesubject', '0', '1'),
      field('enablelogging', '0', '1'),
      field('roomname', 'x', 'y'),
      fc.constantFrom('0', '2', '50').map((value) => `<field var="muc#maxhistoryfetch"><value>${value}</value></field>`),
      fc
        .constantFrom('0', '1')
        .map(
          (on) =>
            `<field var="muc#roomconfig_passwordprotectedroom"><value>${on}</value></field><field var="muc#roomconfig_roomsecret"><value>pw</value></field>`,
        ),
      option('registration', 'auto', 'anyone', 'approval', 'nobody'),
      option('locknicks', '0', '1'),
      option('archiveaccess', 'entrants', 'members', 'stays', 'stays'),
      people('roomowners'),
      people('roomadmins'),
    ].map((one) => fc.option(one, { nil: '', freq: 1 })),
  )
  .map((fields) => fields.filter((_, i) => i % 2 === fields.join('').length % 2))
  .map(
    (fields) =>
      `<query xmlns="${NS.mucOwner}"><x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>${NS.mucRoomConfig}</value></field>${fields.join('')}</x></query>`,
  );

/** Whatever anybody may ask of the archive, most of all about people. */
export const archiveQuery = fc
  .record({
    author: fc.constantFrom('', '', '', '', ROOM, `${ROOM}/A`, `${ROOM}/B`, ...TARGETS, 'anna@users.lit/1', 'bert@users.lit/2'),
    words: fc.constantFrom('', '', '', '', '', 'hi', 'nothing'),
    page: fc.constantFrom(
      '',
      '',
      '',
      '',
      '<max>9</max><before/>',
      '<max>0</max>',
      '<max>2</max>',
      '<max>2</max><before/>',
      '<before>nothing</before>',
      '<index>1</index>',
    ),
    flip: fc.constantFrom('', '<flip-page/>'),
  })
  .map(({ author, words, page, flip }) => {
    const filled = (name: string, value: string): string => (value === '' ? '' : `<field var="${name}"><value>${value}</value></field>`);
    const fields = filled('FORM_TYPE', NS.mam) + filled('with', author) + filled(`{${NS.fullText}}fulltext`, words);
    return `<query xmlns="${NS.mam}"><x xmlns="jabber:x:data" type="submit">${fields}</x><set xmlns="${NS.rsm}">${page}</set>${flip}</query>`;
  });

export const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('join' as const),
      who,
      nick,
      spelt: spelling,
      content,
      inX: fc.constantFrom(
        '',
        '',
        '',
        '<password>pw</password>',
        '<history maxstanzas="0"/>',
        '<history maxchars="400"/>',
        '<history maxstanzas="2"/>',
      ),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('leave' as const), who, nick, spelt: spelling }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('gone' as const), who }) },
  { weight: 4, arbitrary: send(fc.tuple(nick, content).map(([n, c]) => `<presence from="{who}" to="${ROOM}/${n}">${c}</presence>`)) },
  {
    weight: 10,
    arbitrary: send(fc.constant(`<message from="{who}" to="${ROOM}" type="groupchat" id="m{n}"><body>hi {n}</body></message>`)),
  },
  {
    weight: 2,
    arbitrary: send(
      fc
        .constantFrom(1, 2, 3)
        .map(
          (back) =>
            `<message from="{who}" to="${ROOM}" type="groupchat" id="m{n}"><replace xmlns="${NS.correct}" id="m{n-${back}}"/><body>hey {n}</body></message>`,
        ),
    ),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('retract' as const),
      who,
      how: fc.constantFrom('author' as const, 'author' as const, 'old' as const, 'moderator' as const),
      part: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    }),
  },
  {
    weight: 2,
    arbitrary: send(
      fc
        .constantFrom('x', 'y', '')
        .map((text) => `<message from="{who}" to="${ROOM}" type="groupchat"><subject>${text}</subject></message>`),
    ),
  },
  {
    weight: 1,
    arbitrary: send(fc.constant(`<message from="{who}" to="${ROOM}" type="groupchat"><composing xmlns="${NS.chatStates}"/></message>`)),
  },
  { weight: 1, arbitrary: send(nick.map((n) => `<message from="{who}" to="${ROOM}/${n}" type="chat"><body>psst</body></message>`)) },
  { weight: 5, arbitrary: iq('set', items(fc.tuple(nick, role).map(([n, r]) => `<item nick="${n}" role="${r}"/>`))) },
  {
    weight: 6,
    arbitrary: iq(
      'set',
      items(fc.tuple(fc.constantFrom(...TARGETS), affiliation).map(([jid, a]) => `<item jid="${jid}" affiliation="${a}"/>`)),
    ),
  },
  {
    weight: 1,
    arbitrary: iq(
      'set',
      items(
        fc.oneof(
          fc.tuple(nick, role).map(([n, r]) => `<item nick="${n}" role="${r}"/>`),
          fc.tuple(nick, affiliation).map(([n, a]) => `<item nick="${n}" affiliation="${a}"/>`),
        ),
      ),
    ),
  },
  {
    weight: 1,
    arbitrary: iq(
      'set',
      items(fc.tuple(fc.constantFrom(...TARGETS), nick).map(([jid, n]) => `<item jid="${jid}" affiliation="member" nick="${n}"/>`)),
    ),
  },
  { weight: 5, arbitrary: iq('set', form) },
  {
    weight: 3,
    arbitrary: iq(
      'set',
      fc
        .oneof({ weight: 3, arbitrary: nick.map((n) => `<username>${n}</username>`) }, fc.constant('<remove/>'))
        .map((inner) => `<query xmlns="${NS.register}">${inner}</query>`),
    ),
  },
  {
    weight: 2,
    arbitrary: send(
      fc
        .tuple(nick, fc.constantFrom('0', '1', '1'))
        .map(
          ([n, allow]) =>
            `<message from="{who}" to="${ROOM}"><x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>${NS.mucRegister}</value></field>` +
            `<field var="muc#register_roomnick"><value>${n}</value></field><field var="muc#register_allow"><value>${allow}</value></field></x></message>`,
        ),
    ),
  },
  {
    weight: 1,
    arbitrary: iq(
      'set',
      fc
        .constantFrom(`<x xmlns="jabber:x:data" type="submit"/>`, `<x xmlns="jabber:x:data" type="cancel"/>`, '<destroy/>')
        .map((inner) => `<query xmlns="${NS.mucOwner}">${inner}</query>`),
    ),
  },
  {
    weight: 2,
    arbitrary: iq(
      'get',
      fc.constantFrom(
        `<query xmlns="${NS.discoInfo}"/>`,
        `<query xmlns="${NS.discoItems}"/>`,
        `<ping xmlns="${NS.ping}"/>`,
        `<query xmlns="${NS.mucOwner}"/>`,
        `<query xmlns="${NS.mucAdmin}"><item affiliation="owner"/></query>`,
        `<query xmlns="${NS.mucAdmin}"><item role="participant"/></query>`,
        '<unknown xmlns="urn:example"/>',
        '',
      ),
    ),
  },
  {
    weight: 1,
    arbitrary: iq(
      'get',
      fc.constantFrom(`<ping xmlns="${NS.ping}"/>`, `<query xmlns="${NS.discoInfo}"/>`, `<vCard xmlns="${NS.vcard}"/>`),
      asRoom(`${ROOM}/A`),
    ),
  },
  // Invitations and what comes back, requests for voice and their approval.
  {
    weight: 3,
    arbitrary: send(
      fc
        .constantFrom(...TARGETS)
        .map((to) => `<message from="{who}" to="${ROOM}" id="v"><x xmlns="${NS.mucUser}"><invite to="${to}"/></x></message>`),
    ),
  },
  {
    weight: 1,
    arbitrary: send(
      fc
        .constantFrom(ROOM, `${ROOM}/A`, 'anna@users.lit')
        .map((to) => `<message from="{who}" to="${ROOM}"><x xmlns="${NS.mucUser}"><decline to="${to}"/></x></message>`),
    ),
  },
  {
    weight: 3,
    arbitrary: send(
      fc.constantFrom('', ...['0', '1'].flatMap((allow) => NICKS.map((nick) => `${allow}${nick}`))).map((answer) => {
        const field = (name: string, value: string): string => `<field var="${name}"><value>${value}</value></field>`;
        const rest = answer === '' ? '' : field('muc#request_allow', answer.slice(0, 1)) + field('muc#roomnick', answer.slice(1));
        const fields = field('FORM_TYPE', NS.mucRequest) + field('muc#role', 'participant') + rest;
        return `<message from="{who}" to="${ROOM}"><x xmlns="jabber:x:data" type="submit">${fields}</x></message>`;
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .oneof(
        fc.constantFrom<Command>({ name: 'shut-down' }, { name: 'shut-down', reason: 'Over.' }),
        fc.constantFrom(...TARGETS).map((jid): Command => ({ name: 'unregister', jid: asBare(jid) })),
        fc
          .tuple(fc.constantFrom(...TARGETS.filter((jid) => jid.includes('@'))), fc.boolean())
          .map(([jid, ban]): Command => ({ name: 'ban-and-retract', target: { jid: asBare(jid) }, minutes: 60, ban })),
        fc.constantFrom(...TARGETS).map((jid): Command => ({ name: 'erase-person', jid: asBare(jid) })),
        fc.constantFrom<Command>({ name: 'erase' }, { name: 'trim' }, { name: 'trim' }),
      )
      .map((command): Move => ({ do: 'command', command })),
  },
  { weight: 6, arbitrary: iq('set', archiveQuery) },
  { weight: 1, arbitrary: iq('get', fc.constantFrom(`<query xmlns="${NS.mam}"/>`, `<metadata xmlns="${NS.mam}"/>`)) },
  { weight: 6, arbitrary: fc.constant<Move>({ do: 'answer' }) },
  { weight: 2, arbitrary: fc.constant<Move>({ do: 'settle' }) },
  { weight: 1, arbitrary: fc.constant<Move>({ do: 'timer' }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 12 }).map((calls): Move => ({ do: 'fuse', calls })) },
  { weight: 1, arbitrary: who.map((one): Move => ({ do: 'slow', who: one })) },
  {
    weight: 2,
    arbitrary: fc
      .oneof(fc.constantFrom(-3_600_000, -1, 60_000, 3_600_000), fc.integer({ min: -86_400_000, max: 86_400_000 }))
      .map((ms): Move => ({ do: 'clock', ms })),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('deliver' as const, 'crash' as const, 'lose-link' as const),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
);
