/** Every command settles, with its reason, also one that goes on over many decisions. */
import { BY_ITSELF } from '../../src/room/contract/audit';
import type { CommandOutcome } from '../../src/room/contract/commands';
import type { Command } from '../../src/room/contract/commands';
import type { Input, Machine } from '../../src/room/contract/machine';
import { settle } from './fake-clock';
import { enter, instant, realRooms } from './real-rooms';
import { ANN, BOB, rig, ROOM, say, type Rig, type RigOptions } from './rig';
import { asBare } from '../support/jids';

const ERASE: Command = { name: 'erase-person', jid: asBare('ann@x.lit') };
const PURGE: Command = { name: 'ban-and-retract', target: { jid: asBare('ann@x.lit') }, minutes: 60, ban: false };
const TRIM: Command = { name: 'trim' };

async function room(options: RigOptions = {}): Promise<Rig> {
  const it = await rig({ makeRoom: realRooms(true), ...options });
  for (const stanza of [enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), say(ANN, 'hello'), say(ANN, 'there'), enter(BOB, ROOM, 'bob')])
    await it.play(stanza);
  await it.clock.pass(2_000);
  return it;
}

/** Its outcome, as soon as there is one. */
function begin(it: Rig, command: Command): { outcome: CommandOutcome | undefined } {
  const seen: { outcome: CommandOutcome | undefined } = { outcome: undefined };
  void it.service.execute({ actor: BY_ITSELF, room: ROOM, command }).then((outcome) => (seen.outcome = outcome));
  return seen;
}

const failed = (condition: string): object => ({ ok: false, error: { condition, type: 'wait' } });

/** Rooms that throw at inputs of a kind. */
const throwing =
  (kind: Input['kind']): ((...args: Parameters<ReturnType<typeof realRooms>>) => Machine) =>
  (jid, rows) => {
    const machine = realRooms(true)(jid, rows);
    const decide = machine.decide.bind(machine);
    machine.decide = (input, now) => {
      if (input.kind === kind) throw new Error('the room throws');
      return decide(input, now);
    };
    return machine;
  };

test.each([
  ['erasing a person', ERASE],
  ['banning and retracting', PURGE],
  ['trimming', TRIM],
])('found C3: a room that throws: %s settles', async (_, command) => {
  for (const kind of ['command', 'archive'] as const) {
    const it = await room({ makeRoom: throwing(kind) });
    const seen = begin(it, command);
    await it.clock.pass(5_000);
    expect(seen.outcome).toMatchObject(failed('internal-server-error'));
  }
});

test('found C3: five saves that fail: erasing a person settles', async () => {
  const it = await room();
  const commit = it.store.commit.bind(it.store);
  let saves = 0;
  it.store.archive = ((archive) => (asked, query) => {
    // From the first page on nothing of this room is saved.
    it.store.commit = (batch) => {
      saves++;
      it.store.refuse(ROOM);
      return commit(batch);
    };
    return archive(asked, query);
  })(it.store.archive.bind(it.store));
  const seen = begin(it, ERASE);
  for (let i = 0; i < 10; i++) await it.clock.pass(5_000);
  expect(saves).toBeGreaterThanOrEqual(5);
  // What is read again after each reload counts as the same: it is not tried for ever. The counters are, once a second.
  expect(saves).toBeLessThanOrEqual(10 + 50);
  expect(seen.outcome).toMatchObject(failed('internal-server-error'));
});

test('found C3: a full queue: the answer that a command waits for is dropped, and the command settles', async () => {
  const it = await room({ limits: { waiting: 1 } });
  it.store.holdReads();
  const seen = begin(it, ERASE);
  await settle();
  // Nothing is saved from here on, so what comes waits.
  it.store.fail('full');
  await it.play(say(BOB, 'one'));
  for (let i = 0; i < 10; i++) it.feed(`<presence from="p${i}@x.lit/1" to="${ROOM}/p" type="unavailable"/>`);
  it.store.letReadsGo();
  await settle();
  expect(seen.outcome).toMatchObject(failed('resource-constraint'));
});

test('of the kind of C3: a command is told its outcome once, also if it is refused after it was settled', async () => {
  const it = await room();
  const outcomes: CommandOutcome[] = [];
  void it.service.execute({ actor: BY_ITSELF, room: ROOM, command: ERASE }).then((outcome) => outcomes.push(outcome));
  await it.clock.pass(5_000);
  expect(outcomes).toEqual([{ ok: true, erased: 2 }]);
});
