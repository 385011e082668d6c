/** Whatever happened in a room before: when a person was erased from it, no row of it names them but a ban. */
import fc, { runs } from '../support/property';
import type { CommandOutcome } from '../../src/room/contract/commands';
import { bareOf } from '../../src/xmpp/jid';
import { make, move, PEOPLE, type Move } from './play';
import { ROOM, World } from './world';
import { asBare } from '../support/jids';

jest.setTimeout(30 * 60_000);

const ANNA = 'anna@users.lit/1';
const OPENING: readonly Move[] = [
  { do: 'join', who: ANNA, nick: 'A', inX: '', content: '' },
  {
    do: 'send',
    who: ANNA,
    xml: '<iq from="{who}" to="coven@chat.lit" type="set" id="i"><query xmlns="http://jabber.org/protocol/muc#owner"><x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>http://jabber.org/protocol/muc#roomconfig</value></field><field var="{urn:parlour:room}archiveaccess"><value>stays</value></field></x></query></iq>',
  },
  { do: 'join', who: 'bert@users.lit/1', nick: 'B', inX: '', content: '' },
  { do: 'join', who: 'cleo@users.lit/1', nick: 'C', inX: '', content: '' },
];
const someone = fc.constantFrom(...new Set(PEOPLE.map(bareOf)));

test('no trace in any row, and the command is answered', () => {
  fc.assert(
    fc.property(fc.array(move, { minLength: 1, maxLength: 50, size: 'max' }), someone, (moves, jid) => {
      const world = new World();
      for (const one of [...OPENING, ...moves]) make(world, one);
      world.settle();
      const outcomes: CommandOutcome[] = [];
      // A room that throws while it erases says so, and is asked again (service/commands-settle).
      world.fuse.out();
      world.give({ kind: 'command', command: { name: 'erase-person', jid: asBare(jid) }, done: (outcome) => outcomes.push(outcome) });
      // Farewells are kept until they have arrived.
      world.settle();
      world.settle();
      expect(outcomes).toMatchObject([{ ok: true }]);
      const rows = world.tables.dump(ROOM);
      const ban = world.state.affiliationRow(asBare(jid));
      const named = (ban ? rows.replace(JSON.stringify(ban), '') : rows).match(new RegExp(`.{0,80}"${jid}["/].{0,80}`));
      expect({ ban: ban?.affiliation ?? 'outcast', named: named?.[0] }).toEqual({ ban: 'outcast', named: undefined });
    }),
    runs(150),
  );
});
