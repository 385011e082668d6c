/** Who finds a room among their bookmarks (`rooms.bookmarks`): whom those who run the service add, once. How it is written is in service/bookmarks. */
import type { By } from '../../src/room/contract/audit';
import type { Conversation } from '../support/conversation';
import { asBare } from '../support/jids';
import { admin, coven, crone, iq, ROOM } from './expected';

const HAG = asBare('hag66@shakespeare.lit');
const operator: By = { kind: 'operator', name: 'root', face: 'http' };

function sets(c: Conversation, affiliation: 'member' | 'admin' | 'none' | 'outcast', by: By = operator): void {
  c.input(ROOM, { kind: 'command', command: { name: 'set-affiliations', items: [{ jid: HAG, affiliation }] }, by, done: () => undefined });
}
const noted = (c: Conversation): number => c.rows(ROOM).split('"bookmarked"').length - 1;
const room = (more = {}): Conversation =>
  coven(
    [],
    { 'muc#roomconfig_persistentroom': '1' },
    { rooms: { bookmarks: true }, isServiceAdmin: (jid) => jid === 'hecate@shakespeare.lit', ...more },
  );

test('off by default', () => {
  const c = coven([], { 'muc#roomconfig_persistentroom': '1' });
  sets(c, 'member');
  expect(noted(c)).toBe(0);
});

test.each([
  ['an operator', operator],
  ['a token of the API', { kind: 'token', name: 'ci', face: 'http' }],
  ['an administrator of the service', { kind: 'administrator', name: 'hecate@shakespeare.lit', face: 'ad-hoc' }],
] as const)('added by %s; once, however often they are added again', (_, by) => {
  const c = room();
  sets(c, 'member', by);
  expect(noted(c)).toBe(1);
  const rows = c.rows(ROOM);
  sets(c, 'none', by);
  c.advance(1_000);
  sets(c, 'member', by);
  expect(/"bookmarked"[^}]*/.exec(c.rows(ROOM))?.[0]).toBe(/"bookmarked"[^}]*/.exec(rows)?.[0]);
});

test('added by a token that may only moderate, which runs no service: no', () => {
  const c = room();
  sets(c, 'member', { kind: 'token', name: 'bot', face: 'http', rank: 'admin' });
  expect(noted(c)).toBe(0);
});

test('added by an owner of the room, banned, or raised: no', () => {
  const c = room();
  iq(c, crone, 'set', 'a', admin(`<item jid="${HAG}" affiliation="member"/>`));
  sets(c, 'admin');
  sets(c, 'outcast');
  expect(noted(c)).toBe(0);
});
