/** Affiliations with an end against a plain model: whatever is given, asked and restarted in between, nobody has one that is over, and nobody loses one early. */
import type { Affiliation } from '../../src/room/governing/roles';
import { coven, crone, iq, ROOM } from '../conversations/expected';
import { asBare } from '../support/jids';
import fc, { runs } from '../support/property';

const HOUR = 3_600_000;
const PEOPLE = ['ann@x.lit', 'bob@y.lit', 'cat@z.lit'];
const GIVEN = ['outcast', 'member', 'admin', 'owner'] as const;

interface Known {
  readonly affiliation: Affiliation;
  readonly end: number;
  readonly then: Affiliation;
}

const acts = fc.array(
  fc.oneof(
    fc.record({
      act: fc.constant('give' as const),
      who: fc.nat(2),
      as: fc.constantFrom(...GIVEN),
      hours: fc.option(fc.integer({ min: 1, max: 400 })),
    }),
    fc.record({ act: fc.constant('take' as const), who: fc.nat(2) }),
    fc.record({ act: fc.constant('pass' as const), hours: fc.integer({ min: 1, max: 300 }) }),
    fc.record({ act: fc.constantFrom('restart' as const, 'wake' as const, 'ask' as const) }),
  ),
  { maxLength: 40 },
);

test('model and room agree after each act, by every way of asking', () => {
  fc.assert(
    fc.property(acts, (list) => {
      const c = coven([], { 'muc#roomconfig_persistentroom': '1' });
      // Hours. The clock also goes on by two seconds and some millihours for each act, which is not noticed in hours.
      let passed = 0;
      const model = new Map<string, Known>();
      const settle = (): void => {
        for (const [who, { end, then }] of model) if (end <= passed) model.set(who, { affiliation: then, end: Infinity, then: 'none' });
      };
      const room = (): Map<string, string> => {
        const found = new Map<string, string>();
        for (const one of GIVEN) {
          c.forget();
          iq(c, crone, 'get', 'l', `<query xmlns="http://jabber.org/protocol/muc#admin"><item affiliation="${one}"/></query>`);
          for (const [, jid = ''] of (c.take()[0] ?? '').matchAll(/<item [^>]*jid="([^"]*)"/g)) found.set(jid, one);
        }
        return found;
      };
      for (const step of list) {
        const who = PEOPLE['who' in step ? step.who : 0] as string;
        const give = (affiliation: Affiliation, hours: number | null): void => {
          const item = { jid: asBare(who), affiliation, ...(hours === null ? {} : { for: hours * HOUR }) };
          c.input(ROOM, { kind: 'command', command: { name: 'set-affiliations', items: [item] }, done: () => undefined });
          const before = model.get(who) ?? { affiliation: 'none', end: Infinity, then: 'none' };
          const lasting = before.end === Infinity ? before.affiliation : before.then;
          const then = affiliation === 'outcast' || before.affiliation === 'outcast' || lasting === affiliation ? 'none' : lasting;
          if (affiliation === 'none') model.delete(who);
          else model.set(who, { affiliation, end: hours === null ? Infinity : passed + hours, then: hours === null ? 'none' : then });
        };
        if (step.act === 'give') give(step.as, step.hours);
        else if (step.act === 'take') give('none', null);
        else if (step.act === 'pass') {
          c.advance(step.hours * HOUR);
          passed += step.hours;
        } else if (step.act === 'restart') c.restart();
        else if (step.act === 'wake') c.input(ROOM, { kind: 'timer' });
        c.advance(2_000);
        settle();
        const expected = [...model]
          .filter(([, { affiliation }]) => affiliation !== 'none')
          .map(([jid, { affiliation }]) => [jid, affiliation]);
        const found = room();
        found.delete('crone1@shakespeare.lit');
        found.delete('wiccarocks@shakespeare.lit');
        expect([...found].sort()).toEqual(expected.sort());
      }
    }),
    runs(100),
  );
});
