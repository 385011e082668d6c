/** Whatever changes between saying and reading, no result of the archive shows, or tells by what it was found, a real JID that its reader may not know. */
import fc, { runs } from '../support/property';
import { NS } from '../../src/xmpp/ns';
import { make } from './make';
import { archiveQuery, PEOPLE, type Move } from './play';
import { ROOM, World } from './world';

jest.setTimeout(30 * 60_000);

const iq = (who: string, type: string, inner: string): Move => ({
  ...{ do: 'send', who },
  xml: `<iq from="{who}" to="${ROOM}" type="${type}" id="i">${inner}</iq>`,
});
const configure = (name: string, value: string): Move =>
  iq(
    'anna@users.lit/1',
    'set',
    `<query xmlns="${NS.mucOwner}"><x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>${NS.mucRoomConfig}</value></field>` +
      `<field var="muc#roomconfig_${name}"><value>${value}</value></field></x></query>`,
  );
const item = (attributes: string): Move => iq('anna@users.lit/1', 'set', `<query xmlns="${NS.mucAdmin}"><item ${attributes}/></query>`);
const joins = (who: string, nick: string): Move => ({ do: 'join', who, nick, inX: '', content: '' });

const OPENING: readonly Move[] = [
  joins('anna@users.lit/1', 'A'),
  configure('persistentroom', '1'),
  joins('bert@users.lit/1', 'B'),
  joins('cleo@users.lit/1', 'C'),
  { do: 'settle' },
];

/** Anna governs, people speak, everybody asks. */
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('anna@users.lit/1', 'bert@users.lit/1', 'cleo@users.lit/1').map((who): Move => ({
      do: 'send',
      who,
      xml: `<message from="{who}" to="${ROOM}" type="groupchat" id="m"><body>hi</body></message>`,
    })),
  },
  { weight: 3, arbitrary: fc.constantFrom('anyone', 'moderators').map((value) => configure('whois', value)) },
  { weight: 1, arbitrary: fc.constantFrom('1', '0').map((value) => configure('membersonly', value)) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('B', 'C'), fc.constantFrom('moderator', 'participant'))
      .map(([n, r]) => item(`nick="${n}" role="${r}"`)),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom('bert@users.lit', 'cleo@users.lit', 'dora@other.users.lit'),
        fc.constantFrom('admin', 'member', 'none', 'outcast'),
      )
      .map(([jid, affiliation]) => item(`jid="${jid}" affiliation="${affiliation}"`)),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...PEOPLE), fc.constantFrom('B', 'C', 'D')).map(([who, nick]) => joins(who, nick)) },
  { weight: 1, arbitrary: fc.constantFrom('bert@users.lit/1', 'cleo@users.lit/1').map((who): Move => ({ do: 'leave', who, nick: 'x' })) },
  { weight: 12, arbitrary: fc.tuple(fc.constantFrom(...PEOPLE), archiveQuery).map(([who, query]) => iq(who, 'set', query)) },
  { weight: 10, arbitrary: fc.constant<Move>({ do: 'answer' }) },
  { weight: 1, arbitrary: fc.constant<Move>({ do: 'settle' }) },
  { weight: 1, arbitrary: fc.constant<Move>({ do: 'crash', part: 1 }) },
);

test('the world, which looks at every result, finds none that says too much; and there are results', () => {
  let results = 0;
  fc.assert(
    fc.property(fc.array(move, { minLength: 10, maxLength: 60, size: 'max' }), (moves) => {
      const world = new World();
      for (const one of [...OPENING, ...moves, { do: 'settle' } as const]) make(world, one);
      results += world.log.filter((xml) => xml.includes(`<result xmlns="${NS.mam}"`)).length;
    }),
    runs(100),
  );
  expect(results).toBeGreaterThan(50);
});
