/** The clock is set back while people are in, then the process dies: they miss nothing that was said since they came (found by games). */
import { make, type Move } from './play';
import { ROOM, World } from './world';

const ANNA = 'anna@users.lit/1';
const BERT = 'bert@users.lit/1';
const says: Move = {
  do: 'send',
  who: ANNA,
  xml: `<message from="{who}" to="${ROOM}" type="groupchat" id="m{n}"><body>hi {n}</body></message>`,
};
const owner = '<query xmlns="http://jabber.org/protocol/muc#owner"><x xmlns="jabber:x:data" type="submit"/></query>';

function room(): World {
  const world = new World(2);
  make(world, { do: 'join', who: ANNA, nick: 'A', inX: '', content: '' });
  make(world, { do: 'send', who: ANNA, xml: `<iq from="{who}" to="${ROOM}" type="set" id="i">${owner}</iq>` });
  make(world, { do: 'join', who: BERT, nick: 'B', inX: '', content: '' });
  return world;
}

const seen = (world: World): number[][] => [ANNA, BERT].map((jid) => [...world.client(jid).seen].sort());

test.each([
  ['and stays so', 0],
  ['and ahead again', 61_000],
  ['and ahead by a day', 86_400_000],
])('found by a game, §7.1: a message said after the clock was set back by a minute, %s', (_, ahead) => {
  const world = room();
  make(world, { do: 'clock', ms: -60_002 });
  make(world, says);
  make(world, { do: 'clock', ms: ahead });
  make(world, { do: 'crash', part: 0 });
  // More than is held for somebody entering: their history is given up.
  for (let i = 0; i < 4; i++) make(world, says);
  world.settle();
  expect(seen(world)).toEqual([
    [1, 2, 3, 4, 5],
    [1, 2, 3, 4, 5],
  ]);
});

test('what was said before somebody came is not told them twice', () => {
  const world = room();
  make(world, says);
  world.settle();
  make(world, { do: 'clock', ms: -3_600_000 });
  make(world, { do: 'join', who: 'dora@other.users.lit/1', nick: 'D', inX: '<history maxstanzas="0"/>', content: '' });
  make(world, says);
  make(world, { do: 'crash', part: 0 });
  world.settle();
  expect([...world.client('dora@other.users.lit/1').seen].filter((seq) => seq > 1)).toEqual([2]);
});

test('found by a game: of two sessions whose times become equal the same one is shown first, before and after the room is loaded', () => {
  const world = room();
  make(world, { do: 'clock', ms: -120_000 });
  make(world, { do: 'join', who: 'bert@users.lit/2', nick: 'B', inX: '', content: '' });
  make(world, { do: 'clock', ms: 1 });
  make(world, says);
  world.settle();
  const [before, after] = [world.state, world.reloaded()].map((state) =>
    [...state.occupants.all()].flatMap(({ sessions }) => sessions.map(({ jid, joinedAt }) => [jid, joinedAt])),
  );
  expect(before?.filter(([jid]) => String(jid).startsWith('bert'))).toHaveLength(2);
  expect(after).toEqual(before);
});
