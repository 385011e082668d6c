/** Rows that are over by themselves are removed as they are declared, of any feature, without code of its own (issue The house, 4). */
import { createFeatures } from '../../src/features';
import type { Feature } from '../../src/room/contract/feature';
import type { Lifetime, Part, RowDeclaration, Shape } from '../../src/room/contract/row-declaration';
import type { Write } from '../../src/room/contract/machine';
import { createRoomFactory } from '../../src/room/room';
import { occupantId } from '../../src/room/talking/ids';
import { asBare, asFull, asRoom } from '../support/jids';
import { RoomTables } from '../support/room-tables';
import { LIMITS } from './limits';
import { asNick } from '../support/ids';

const ROOM = asRoom('coven@rooms.x.lit');
const SECRET = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
const HERE = 'here@x.lit';
const DAY = 86_400_000;
/** When the rows were noted. */
const THEN = 1_700_000_000_000;

/** A feature that nobody wrote code for but its declaration. */
const over: unknown[] = [];
const plain: Feature = {
  name: 'plain',
  rows: [
    {
      ...{ name: 'plain-rows', says: 'what is over after a day', key: ['jid'], value: { members: { at: 'plain' } }, travels: [] },
      ...{ erasing: 'forgets', folding: 'present', most: 10, lifetime: { ms: DAY, since: { member: 'at' } } },
    },
  ],
  over: (_room, _turn, row) => over.push(row),
};

/** A text of each part: a JID is that of somebody who is not there, unless it is said who. */
function textOf(part: Part, jid: string): string {
  if (part === 'jid' || part === 'address') return jid;
  return part === 'nick' ? 'a nick' : part;
}

function valueOf(shape: Shape, jid: string, { since }: Lifetime, at: number): unknown {
  if (since === 'value') return at;
  if (typeof shape === 'string' || !('members' in shape)) throw new Error('a time is a member of an object');
  const members = Object.entries(shape.members).map(([name, of]) => [
    name,
    typeof of === 'string' && of !== 'plain' ? textOf(of, jid) : '',
  ]);
  return { ...(Object.fromEntries(members) as object), [since.member]: at };
}

interface Kept {
  readonly declaration: RowDeclaration;
  readonly at: number;
  readonly jid?: string;
}

/** A room with these rows, and one person in it. */
function roomWith(kept: readonly Kept[]) {
  const tables = new RoomTables();
  const features = createFeatures(LIMITS, undefined, undefined, [plain]);
  const id = occupantId({ secret: SECRET }, asBare(HERE));
  const writes: Write[] = [
    {
      table: 'room',
      row: {
        ...{
          jid: ROOM,
          state: 'open',
          options: '{"muc#roomconfig_persistentroom":["1"]}',
          name: '',
          listed: true,
          subject: null,
          secret: SECRET,
        },
        ...{ creator: asBare(HERE), createdAt: 0, archiveFrom: 0, deadline: null, keepDays: null, keepMessages: null, tombstone: null },
      },
    },
    { table: 'occupant', id, row: { id, jid: asBare(HERE), nick: asNick('here'), role: 'participant', rev: 1 } },
    {
      table: 'session',
      jid: asFull(`${HERE}/1`),
      row: { ...{ jid: asFull(`${HERE}/1`), occupantId: id, presence: '', priority: 0, entering: false, askedNick: null }, joinedAt: 0 },
    },
    ...kept.map(({ declaration, at, jid = 'gone@x.lit' }, i): Write => {
      const { name, key, value, lifetime } = declaration;
      const parts = key.map((part) => textOf(part, jid === HERE ? jid : `${i}${jid}`));
      return {
        table: 'feature',
        feature: name,
        key: parts.join(' '),
        value: JSON.stringify(valueOf(value, jid, lifetime as Lifetime, at)),
      };
    }),
  ];
  tables.apply(ROOM, writes, { rev: 1, deliveredRev: 1, seq: 0, stamp: 0, used: 0 });
  let drawn = 0;
  const machine = createRoomFactory({
    random: { bytes: (count) => Buffer.alloc(count, ++drawn) },
    policy: {
      ...{ mayCreate: () => true, isServiceAdmin: () => false, defaults: new Map(), limits: LIMITS },
      ...{ creation: { rooms: null, roomsPerCreator: null }, kept: { markers: false, events: false } },
      rooms: { conditions: false, ownersNeedPassword: false, avatarPresence: true },
    },
    features,
  })(ROOM, tables.load(ROOM));
  const timer = (now: number): void => {
    const { writes: after, counters } = machine.decide({ kind: 'timer' }, now);
    tables.apply(ROOM, after, counters);
  };
  const left = (name: string): number => (tables.load(ROOM)?.features ?? []).filter(({ feature }) => feature === name).length;
  return { timer, left, deadline: () => tables.load(ROOM)?.room.deadline ?? null };
}

const passing = [...createFeatures(LIMITS, undefined, undefined, [plain]).passing.keys()];
const lifetimeOf = ({ lifetime }: RowDeclaration): Lifetime => lifetime as Lifetime;

test('the features whose rows are over by themselves', () => {
  expect(passing.map(({ name }) => name)).toEqual(['invitations', 'notices-told', 'reserved-nicks', 'wake-wishes', 'plain-rows']);
});

describe.each(passing.map((declaration) => [declaration.name, declaration] as const))('%s', (name, declaration) => {
  const { ms, renewed, wakes = true } = lifetimeOf(declaration);

  test('are kept until their time, and removed then', () => {
    const room = roomWith([{ declaration, at: THEN }]);
    room.timer(THEN + ms - 1);
    expect(room.left(name)).toBe(1);
    room.timer(THEN + ms);
    expect(room.left(name)).toBe(0);
  });

  test('wake the room when the first of them is over, if they do', () => {
    const room = roomWith([THEN - ms, THEN, THEN + 5].map((at) => ({ declaration, at })));
    room.timer(THEN + 10);
    expect(room.left(name)).toBe(2);
    expect(room.deadline()).toBe(wakes ? THEN + ms : null);
    room.timer(THEN + ms);
    expect(room.left(name)).toBe(1);
    expect(room.deadline()).toBe(wakes ? THEN + 5 + ms : null);
  });

  test('of somebody who is there', () => {
    const room = roomWith([{ declaration, at: THEN, jid: HERE }]);
    room.timer(THEN + ms);
    expect(room.left(name)).toBe(renewed === undefined ? 0 : 1);
    if (renewed !== undefined) expect(room.deadline()).toBe(THEN + 2 * ms);
  });

  test('by a clock that was ahead: what is kept for somebody counts from now on, all else is over', () => {
    const room = roomWith([{ declaration, at: THEN + 10 * ms }]);
    room.timer(THEN);
    expect(room.left(name)).toBe(renewed === undefined ? 0 : 1);
    room.timer(THEN + ms);
    expect(room.left(name)).toBe(0);
  });
});

test('its feature is told of a row that was over', () => {
  over.length = 0;
  const declaration = passing.find(({ name }) => name === 'plain-rows') as RowDeclaration;
  const room = roomWith([{ declaration, at: THEN }]);
  room.timer(THEN + DAY);
  expect(over).toEqual([{ rows: 'plain-rows', key: '0gone@x.lit', value: { at: THEN } }]);
});
