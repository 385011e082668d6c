/** One session's entry: what is held for it, what is dropped, and when its history is given up. */
import { Entry } from '../../src/room/occupants/entry';
import { address, type Outgoing } from '../../src/xmpp/outgoing';

const to = [address('ann@x.lit/1')];
const message = (id: number): Outgoing => ({
  name: 'message',
  from: 'a@r.lit/bob',
  to,
  rest: `><body>${id}</body></message>`,
  kind: 'fan-out',
});
const presence = (nick: string, rest = '/>'): Outgoing => ({ name: 'presence', from: `a@r.lit/${nick}`, to, rest, kind: 'fan-out' });
const gone = (nick: string): Outgoing => presence(nick, ' type="unavailable"/>');
const bounds = { messages: 3, occupants: 2 };

test('§7.1: what comes while an entry goes on is held in its order; once it is out nothing is', () => {
  const entry = new Entry(1);
  entry.begin(7, null);
  for (const stanza of [message(1), presence('bob'), message(2)]) expect(entry.hold(stanza, bounds)).toBe(true);
  expect(entry.everything()).toEqual([message(1), presence('bob'), message(2)]);
  expect(entry.messages()).toEqual([message(1), message(2)]);
  expect([entry.isOut, entry.beganRev, entry.outRev]).toEqual([false, 7, undefined]);
  entry.out(9);
  expect([entry.isOut, entry.outRev, entry.everything()]).toEqual([true, 9, []]);
});

test('more messages than the bound give the history up; presence does not, and of it the latest from each is kept', () => {
  const entry = new Entry(1);
  entry.begin(1, null);
  for (let i = 0; i < 3; i++) expect(entry.hold(message(i), bounds)).toBe(true);
  for (let i = 0; i < 40; i++) expect(entry.hold(presence(i % 2 ? 'bob' : 'cat', `>${i}</presence>`), bounds)).toBe(true);
  expect(entry.everything().length).toBeLessThanOrEqual(2 * (bounds.messages + bounds.occupants));
  expect(entry.hold(message(3), bounds)).toBe(false);
  expect(entry.messages()).toHaveLength(4);
});

test('found by a game, §7.6: the joiner’s own change of nick is kept, also where somebody else takes the nick that they gave up', () => {
  const renamed = (from: string, to: string): Outgoing =>
    presence(from, ` type="unavailable"><x><item nick="${to}"/><status code="110"/><status code="303"/></x></presence>`);
  const own = (nick: string): Outgoing => presence(nick, '><x><item/><status code="110"/></x></presence>');
  const entry = new Entry(1);
  entry.begin(1, null);
  const stanzas = [
    renamed('ann', 'eve'),
    own('eve'),
    renamed('eve', 'ann2'),
    own('ann2'),
    presence('ann'),
    presence('eve'),
    presence('ann'),
  ];
  for (const stanza of stanzas) expect(entry.hold(stanza, { messages: 0, occupants: 3 })).toBe(true);
  for (let i = 1; i < 3; i++) expect(entry.hold(presence('ann', `>${i}</presence>`), { messages: 0, occupants: 3 })).toBe(true);
  expect(entry.everything()).toEqual([
    ...[renamed('ann', 'eve'), renamed('eve', 'ann2'), own('ann2')],
    ...[presence('eve'), presence('ann', '>2</presence>')],
  ]);
});

test('while the roster is due, presence stands in it; only who may have been shown somebody is told that they left', () => {
  const fresh = new Entry(1);
  fresh.begin(1, { codes: [], id: undefined, seen: false });
  for (const stanza of [presence('bob'), gone('cat'), message(1)]) fresh.hold(stanza, bounds);
  expect(fresh.everything()).toEqual([message(1)]);
  const again = new Entry(2);
  again.begin(1, { codes: [], id: undefined, seen: true });
  for (const stanza of [presence('bob'), gone('cat'), message(1)]) again.hold(stanza, bounds);
  expect(again.departures()).toEqual([gone('cat')]);
  expect(again.messages()).toEqual([message(1)]);
});
