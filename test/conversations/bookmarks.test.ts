/** Who finds a room among their bookmarks (`rooms.bookmarks`): whom those who run the service add, once. How it is written is in service/bookmarks. */
import type { By } from '../../src/room/contract/audit';
import type { AffiliationItem, Command } from '../../src/room/contract/commands';
import type { Conversation } from '../support/conversation';
import { asBare, asRoom } from '../support/jids';
import { admin, coven, crone, iq, join, ROOM } from './expected';

const HOUR = 3_600_000;

const HAG = asBare('hag66@shakespeare.lit');
const operator: By = { kind: 'operator', name: 'root', face: 'http' };

function sets(
  c: Conversation,
  affiliation: 'member' | 'admin' | 'none' | 'outcast',
  by: By = operator,
  more: Partial<AffiliationItem> = {},
): void {
  const items = [{ jid: HAG, affiliation, ...more }];
  c.input(ROOM, { kind: 'command', command: { name: 'set-affiliations', items }, by, done: () => undefined });
}
const command = (c: Conversation, command: Command): void =>
  c.input(ROOM, { kind: 'command', command, by: operator, done: () => undefined });
/** For whom a bookmark is to be written, and for whom not any more, since the last look. */
const wanted = (c: Conversation): boolean[] =>
  c.asked().flatMap((one) => (one.kind === 'bookmark' && one.jid === HAG ? [one.isWanted] : []));
const noted = (c: Conversation, rows = '"bookmarked"'): number => c.rows(ROOM).split(rows).length - 1;
const isDue = (c: Conversation): boolean => noted(c, '"bookmarks-due"') === 1;
const answers = (c: Conversation): void => c.input(ROOM, { kind: 'account', answer: { about: 'bookmark', jid: HAG } });
const later = (c: Conversation, ms: number): boolean[] => {
  c.advance(ms);
  c.input(ROOM, { kind: 'timer' });
  return wanted(c);
};
const room = (more = {}): Conversation =>
  coven(
    [],
    { 'muc#roomconfig_persistentroom': '1' },
    { rooms: { bookmarks: true }, isServiceAdmin: (jid) => jid === 'hecate@shakespeare.lit', ...more },
  );

test('off by default', () => {
  const c = coven([], { 'muc#roomconfig_persistentroom': '1' });
  sets(c, 'member');
  expect([wanted(c), isDue(c)]).toEqual([[], false]);
});

test.each([
  ['an operator', operator],
  ['a token of the API', { kind: 'token', name: 'ci', face: 'http' }],
  ['an administrator of the service', { kind: 'administrator', name: 'hecate@shakespeare.lit', face: 'ad-hoc' }],
] as const)('added by %s; once, however often they are added again', (_, by) => {
  const c = room();
  sets(c, 'member', by);
  expect([wanted(c), isDue(c), noted(c)]).toEqual([[true], true, 0]);
  answers(c);
  expect([isDue(c), noted(c)]).toEqual([false, 1]);
  sets(c, 'none', by);
  sets(c, 'member', by);
  expect([wanted(c), later(c, 30 * 24 * HOUR), isDue(c)]).toEqual([[], [], false]);
});

test('one that nobody has answered is asked for again after an hour, over restarts, until it is there or a week has gone by', () => {
  const c = room();
  sets(c, 'member');
  wanted(c);
  c.restart();
  expect(later(c, HOUR - 60_000)).toEqual([]);
  expect(later(c, 60_000)).toEqual([true]);
  c.restart();
  expect([later(c, HOUR), noted(c)]).toEqual([[true], 0]);
  const tries = Array.from({ length: 7 * 24 - 3 }, () => later(c, HOUR));
  expect(tries).toEqual(tries.map(() => [true]));
  expect([isDue(c), later(c, HOUR), isDue(c), noted(c)]).toEqual([true, [false], false, 0]);
  // It is nobody's who removed it.
  sets(c, 'none');
  sets(c, 'member');
  expect(wanted(c)).toEqual([true]);
});

test('whoever is taken off the list again, or banned, before it is written: it is not wanted any more, and an answer that comes late is nothing', () => {
  for (const end of ['none', 'outcast'] as const) {
    const c = room();
    sets(c, 'member');
    sets(c, end);
    expect([wanted(c), isDue(c)]).toEqual([[true, false], false]);
    answers(c);
    expect([noted(c), later(c, HOUR)]).toEqual([0, []]);
  }
});

test('a member for a time: when it is over the bookmark is not wanted any more, also if hundreds are over at once', () => {
  const c = room();
  sets(c, 'member', operator, { for: HOUR });
  expect(wanted(c)).toEqual([true]);
  expect([later(c, HOUR + 1_000), isDue(c)]).toEqual([[false], false]);
  const many = room();
  const items = Array.from({ length: 300 }, (_, i) => ({
    jid: asBare(`witch${i}@shakespeare.lit`),
    affiliation: 'member' as const,
    for: HOUR,
  }));
  command(many, { name: 'set-affiliations', items });
  many.asked();
  many.advance(HOUR + 1_000);
  many.input(ROOM, { kind: 'timer' });
  expect(many.asked().filter((one) => one.kind === 'bookmark' && one.isWanted)).toEqual([]);
  expect(noted(many, '"bookmarks-due"')).toBe(0);
});

test('who was made an admin for a time is a member again, and their bookmark is still wanted', () => {
  const c = room();
  sets(c, 'member');
  sets(c, 'admin', operator, { for: HOUR });
  wanted(c);
  expect([later(c, HOUR + 1_000), isDue(c)]).toEqual([[true], true]);
});

test('a ban of their domain does not meet who is listed by themselves (§9.2): they may come in, and their bookmark is wanted', () => {
  const c = room();
  sets(c, 'member');
  command(c, { name: 'set-affiliations', items: [{ jid: asBare('shakespeare.lit'), affiliation: 'outcast' }] });
  expect([wanted(c), isDue(c)]).toEqual([[true], true]);
  join(c, HAG + '/pda', 'thirdwitch');
  expect(c.take().join('')).toContain('<status code="110"/>');
  sets(c, 'none');
  expect([wanted(c), isDue(c)]).toEqual([[false], false]);
});

test('of a room that was destroyed nothing is wanted any more; of one that has another address, what is due goes along', () => {
  const c = room();
  sets(c, 'member');
  command(c, { name: 'destroy' });
  expect([wanted(c), isDue(c)]).toEqual([[], false]);
  const moved = room();
  const heath = asRoom('heath@chat.shakespeare.lit');
  sets(moved, 'member');
  command(moved, { name: 'rename', to: heath });
  expect([wanted(moved), isDue(moved)]).toEqual([[], false]);
  moved.advance(HOUR);
  moved.input(heath, { kind: 'timer' });
  expect(wanted(moved)).toEqual([true]);
});

test('more than one decision can ask for are asked for in several', () => {
  const c = room();
  const jids = Array.from({ length: 450 }, (_, i) => asBare(`witch${i}@shakespeare.lit`));
  const items = jids.map((jid) => ({ jid, affiliation: 'member' as const }));
  c.input(ROOM, { kind: 'command', command: { name: 'set-affiliations', items }, by: operator, done: () => undefined });
  expect(c.asked()).toHaveLength(450);
  c.advance(HOUR);
  c.input(ROOM, { kind: 'timer' });
  expect(new Set(c.asked().map(({ jid }) => jid)).size).toBe(450);
});

test('added by a token that may only moderate, which runs no service: no', () => {
  const c = room();
  sets(c, 'member', { kind: 'token', name: 'bot', face: 'http', rank: 'admin' });
  expect([wanted(c), isDue(c)]).toEqual([[], false]);
});

test('added by an owner of the room, banned, or raised: no', () => {
  const c = room();
  iq(c, crone, 'set', 'a', admin(`<item jid="${HAG}" affiliation="member"/>`));
  sets(c, 'admin');
  sets(c, 'outcast');
  expect([wanted(c), isDue(c)]).toEqual([[], false]);
});
