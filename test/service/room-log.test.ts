/** What governs rooms is in the log, with who did it: made, configured, changed, kicked, destroyed. */
import { logRoomLife } from '../../src/service/life/room-log';
import type { Log, LogFields } from '../../src/log';
import type { AuditRow } from '../../src/room/contract/audit';
import { affiliate, enter, instant, realRooms } from './real-rooms';
import { ANN, BOB, rig, ROOM } from './rig';

const noted = (): { log: Log; lines: LogFields[] } => {
  const lines: LogFields[] = [];
  const none = (): void => undefined;
  return { lines, log: { debug: none, info: (fields) => void lines.push(fields), warn: none, error: none } };
};

test('once it is committed: a room that is made, banned from, kicked from and destroyed', async () => {
  const r = await rig({ makeRoom: realRooms(true) });
  await r.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), enter(BOB, ROOM, 'bob'));
  await r.play(affiliate(ANN, ROOM, '<item role="none" nick="bob"/>'));
  await r.play(affiliate(ANN, ROOM, '<item affiliation="outcast" jid="bob@x.lit"/>'));
  const owner = 'http://jabber.org/protocol/muc#owner';
  await r.play(`<iq from="${ANN}" to="${ROOM}" type="set" id="d"><query xmlns="${owner}"><destroy/></query></iq>`);
  expect(r.lines.filter(({ event }) => event.startsWith('room.')).map(({ event, room, by }) => [event, room, by])).toEqual([
    ['room.created', ROOM, 'ann@x.lit'],
    ['room.configured', ROOM, 'ann@x.lit'],
    ['room.kicked', ROOM, 'ann@x.lit'],
    ['room.affiliations-changed', ROOM, 'ann@x.lit'],
    ['room.destroyed', ROOM, 'ann@x.lit'],
  ]);
  expect(r.lines.find(({ event }) => event === 'room.affiliations-changed')?.['of']).toEqual(['bob@x.lit: outcast']);
});

test('of a configuration only the options are named: no passwords, no texts', () => {
  const { log, lines } = noted();
  const row = {
    at: 1,
    by: { kind: 'occupant', name: 'ann@x.lit', face: 'xmpp' },
    act: 'configure',
    count: 2,
    items: [
      { object: 'muc#roomconfig_roomname', before: null, after: 'Secret name', reason: null },
      { object: 'muc#roomconfig_roomsecret', before: null, after: 'changed', reason: null },
    ],
  } as const satisfies AuditRow;
  logRoomLife(log, ROOM, [{ table: 'audit', row }]);
  expect(lines).toEqual([
    {
      event: 'room.configured',
      room: ROOM,
      by: 'ann@x.lit',
      face: 'xmpp',
      count: 2,
      of: ['muc#roomconfig_roomname', 'muc#roomconfig_roomsecret'],
    },
  ]);
});
