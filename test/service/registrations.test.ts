/** Giving up all registered nicks at the service, against real rooms: XEP-0077 §3.2, XEP-0045 §7.10. */
import { settle } from './fake-clock';
import { affiliate, enter, instant, realRooms } from './real-rooms';
import { ANN, BOB, DOMAIN, rig, ROOM, type Rig } from './rig';
import { parse } from '../support/conversation';
import { changeRegistrations } from '../../src/service/answers/registrations';
import { asBare, asRoom } from '../support/jids';

const OTHER = `b@${DOMAIN}`;
const THIRD = `c@${DOMAIN}`;
const remove = `<iq from="${BOB}" to="${DOMAIN}" type="set" id="r"><query xmlns="jabber:iq:register"><remove/></query></iq>`;

async function known(): Promise<Rig> {
  const r = await rig({ makeRoom: realRooms(true) });
  for (const room of [ROOM, OTHER, THIRD]) {
    await r.play(enter(ANN, room, 'ann'), instant(ANN, room));
    await r.play(affiliate(ANN, room, `<item affiliation="member" jid="bob@x.lit"${room === THIRD ? '' : ' nick="bob"'}/>`));
  }
  r.link.take();
  return r;
}

test('every room that had a nick of theirs forgets it; memberships that were granted stay', async () => {
  const r = await known();
  expect((await r.store.registrationsOf(asBare('bob@x.lit'), { limit: 100 })).map(({ nick }) => nick)).toEqual(['bob', 'bob', null]);
  r.feed(remove);
  await settle();
  expect(r.link.xml).toEqual([`<iq from="${DOMAIN}" to="${BOB}" type="result" id="r"/>`]);
  expect(await r.store.registrationsOf(asBare('bob@x.lit'), { limit: 100 })).toEqual(
    [ROOM, OTHER, THIRD].map((room) => ({ room, name: '', affiliation: 'member', nick: null })),
  );
});

test('the answer comes when it is certain, and a store that does not save is told of', async () => {
  const r = await known();
  r.store.hold();
  r.feed(remove);
  await settle();
  expect(r.link.take()).toEqual([]);
  r.store.failNext();
  r.store.letGo();
  await settle();
  expect(r.link.take()).toEqual([`${BOB} !resource-constraint`]);
  expect((await r.store.registrationsOf(asBare('bob@x.lit'), { limit: 100 })).filter(({ nick }) => nick !== null)).toHaveLength(2);
  await r.clock.pass(2_000);
  r.feed(remove);
  await settle();
  expect(r.link.take().filter((line) => line.startsWith(BOB))).toEqual([`${BOB}  type="result" id="r"/>`]);
  expect((await r.store.registrationsOf(asBare('bob@x.lit'), { limit: 100 })).every(({ nick }) => nick === null)).toBe(true);
});

test('XEP-0077 §3.2: more nicks than are read at a time are all given up, each once', async () => {
  const left = Array.from({ length: 2_300 }, (_, i) => asRoom(`r${i}@${DOMAIN}`));
  const asked: string[] = [];
  const refusal = await changeRegistrations(
    parse('<query xmlns="jabber:iq:register"><remove/></query>'),
    BOB,
    {
      registrationsOf: (_, { limit }) =>
        Promise.resolve(left.slice(0, limit).map((room) => ({ room, name: '', affiliation: 'member', nick: 'bob' }))),
    },
    ({ room }) => {
      asked.push(room);
      left.splice(left.indexOf(room), 1);
      return Promise.resolve({ ok: true });
    },
  );
  expect([refusal, left.length, asked.length, new Set(asked).size]).toEqual([undefined, 0, 2_300, 2_300]);
});
