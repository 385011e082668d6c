/** When a room was last used (issue 14.1): a stored time of entering or speaking, which nothing else moves. */
import type { Command, CommandOutcome } from '../../src/room/contract/commands';
import type { NumbersAnswer } from '../../src/room/contract/asking';
import type { By } from '../../src/room/contract/audit';
import { conversation, type Conversation } from '../support/conversation';
import { asBare, asRoom } from '../support/jids';
import { coven, crone, hag, join, ROOM } from './expected';
import { PERSISTENT } from './registration-stanzas';

const OPERATOR: By = { kind: 'operator', name: 'ada', face: 'command-line', claimed: true };
const HOUR = 3_600_000;
const MOVED = 'cave@chat.shakespeare.lit';

function run(c: Conversation, command: Command, room: string = ROOM): CommandOutcome {
  const outcomes: CommandOutcome[] = [];
  c.input(room, { kind: 'command', command, by: OPERATOR, done: (outcome) => outcomes.push(outcome) });
  expect(outcomes).toHaveLength(1);
  return outcomes[0] as CommandOutcome;
}

function lastUsed(c: Conversation, room: string = ROOM): number {
  const outcome = run(c, { name: 'ask', query: { what: 'numbers' } }, room);
  if (!outcome.ok) throw new Error(outcome.error.condition);
  return (outcome.answer as NumbersAnswer).latest;
}

const called = (name: string): Command => ({ name: 'configure', values: new Map([['muc#roomconfig_roomname', [name]]]) });

const says = (body: string, type = 'groupchat', to: string = ROOM): string =>
  `<message from="${crone}" to="${to}" type="${type}"><body>${body}</body></message>`;

/** Whether the room is used by `act`, seen at once and by what is stored. */
function isUsedBy(c: Conversation, act: () => void): boolean {
  const before = lastUsed(c);
  c.advance(2 * HOUR);
  act();
  const now = lastUsed(c);
  c.restart();
  expect(lastUsed(c)).toBe(now);
  expect(now === before || now >= before + 2 * HOUR).toBe(true);
  return now > before;
}

test.each([true, false])('entering and speaking use a room, archived: %p; leaving and what operators do does not', (archived) => {
  const c = coven([], { [PERSISTENT]: '1', 'muc#roomconfig_enablearchiving': archived ? '1' : '0' });
  const used: [string, boolean, () => void][] = [
    ['entering', true, () => join(c, hag, 'thirdwitch')],
    ['a message', true, () => c.send(says('Double'))],
    ['a private message', true, () => c.send(says('psst', 'chat', `${ROOM}/thirdwitch`))],
    ['the subject', true, () => c.send(`<message from="${crone}" to="${ROOM}" type="groupchat"><subject>Brew</subject></message>`)],
    ['leaving', false, () => c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`)],
    ['a presence', false, () => c.send(`<presence from="${crone}" to="${ROOM}/firstwitch"><show>away</show></presence>`)],
    ['a refused message', false, () => c.send(says('Double').replace(crone, hag))],
    ['a configuration', false, () => run(c, called('Cave'))],
    ['a ban', false, () => run(c, { name: 'set-affiliations', items: [{ jid: asBare('x@y.lit'), affiliation: 'outcast' }] })],
    ['what the room says', false, () => run(c, { name: 'say', body: 'Hear' })],
    ['being erased', false, () => run(c, { name: 'erase-person', jid: asBare('x@y.lit') })],
  ];
  const found = used.map(([what, , act]) => [what, isUsedBy(c, act)]);
  expect(found).toEqual(used.map(([what, does]) => [what, does]));
});

test('a room in which nobody ever was counts from when it was made; another address changes nothing', () => {
  const c = conversation();
  run(c, { name: 'create', owner: asBare('crone1@shakespeare.lit'), values: new Map([[PERSISTENT, ['1']]]) });
  const made = lastUsed(c);
  expect(made).toBeGreaterThan(0);
  c.advance(HOUR);
  run(c, called('Cave'));
  expect(lastUsed(c)).toBe(made);
  join(c, crone, 'firstwitch');
  const entered = lastUsed(c);
  expect(entered).toBeGreaterThanOrEqual(made + HOUR);
  c.advance(HOUR);
  run(c, { name: 'rename', to: asRoom(MOVED) });
  expect(lastUsed(c, MOVED)).toBe(entered);
});

test('what destroys idle rooms asks the same time again', () => {
  const c = coven([], { [PERSISTENT]: '1' });
  const found = lastUsed(c);
  c.advance(HOUR);
  run(c, called('Cave'));
  c.send(says('Double'));
  expect(run(c, { name: 'destroy', only: { idleSince: found } })).toMatchObject({ ok: false, error: { condition: 'conflict' } });
  const spoken = lastUsed(c);
  c.advance(HOUR);
  run(c, called('Den'));
  expect(run(c, { name: 'destroy', only: { idleSince: spoken } })).toMatchObject({ ok: true });
});
