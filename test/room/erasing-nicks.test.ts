/** What the nicks of somebody who is being erased cost: each is written once, however many pages tell them (a reader's finding; B7: the same kind). */
import type { CommandOutcome } from '../../src/room/contract/commands';
import { RoomState } from '../../src/room/state';
import { coven, hag, join, ROOM } from '../conversations/expected';
import { said } from '../conversations/history-shown';
import { asBare } from '../support/jids';

const original = RoomState.prototype.setFeatureValue;

test('somebody who spoke under 350 nicks: each is kept once while they are erased, and none is left behind', () => {
  const c = coven([], { 'muc#roomconfig_persistentroom': '1' });
  for (let i = 0; i < 350; i++) {
    join(c, hag, `witch number ${i}`);
    said(c, hag, `<body>word ${i}</body>`);
  }
  const written: string[] = [];
  const set = jest.spyOn(RoomState.prototype, 'setFeatureValue').mockImplementation(function (this: RoomState, ...args) {
    if (args[1] === 'erased-nicks' && args[3] !== null) written.push(args[3]);
    return original.apply(this, args);
  });
  const outcomes: CommandOutcome[] = [];
  c.input(ROOM, {
    kind: 'command',
    command: { name: 'erase-person', jid: asBare('hag66@shakespeare.lit') },
    done: (came) => outcomes.push(came),
  });
  set.mockRestore();
  expect(outcomes).toEqual([{ ok: true, erased: 350 }]);
  const nicks = written.flatMap((json) => JSON.parse(json) as string[]);
  expect(nicks).toHaveLength(350);
  expect(new Set(nicks).size).toBe(350);
  // What others are still to be told of the changes of nick is kept until it has arrived.
  expect(c.rows(ROOM).includes('erased-nicks')).toBe(false);
});
