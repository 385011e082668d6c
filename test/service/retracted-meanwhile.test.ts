/** Messages retracted while somebody's page or history is read: the result has none of their words (C4). */
import { BY_ITSELF } from '../../src/room/contract/audit';
import { NS } from '../../src/xmpp/ns';
import { settle } from './fake-clock';
import { ANN, BOB, CAT, ROOM, rig, type Rig } from './rig';
import { enter, instant, realRooms } from './real-rooms';
import { asBare } from '../support/jids';

const MESSAGES = 1_500;
const page = `<iq from="${BOB}" to="${ROOM}" type="set" id="q"><query xmlns="${NS.mam}"><set xmlns="${NS.rsm}"><max>40</max></set></query></iq>`;

async function crowded(): Promise<Rig> {
  const it = await rig({ makeRoom: realRooms(true), limits: { idleMs: 60_000 } });
  await it.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), enter(BOB, ROOM, 'bob'), enter(CAT, ROOM, 'cat'));
  for (let n = 0; n < MESSAGES; n++)
    await it.play(`<message from="${CAT}" to="${ROOM}" type="groupchat" id="m${n}"><body>secret ${n}</body></message>`);
  it.link.take();
  return it;
}

/** The next read of the archive (or of a history) has its rows now and is answered when the function is called. */
function slowly(it: Rig, call: 'archive' | 'messages'): () => void {
  let letGo = (): void => undefined;
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  const original = it.store[call].bind(it.store) as (room: string, query: never) => Promise<unknown>;
  let first = true;
  it.store[call] = (async (room: string, query: never) => {
    const slow = first;
    first = false;
    const answer = await original(room, query);
    if (slow) await gate;
    return answer;
  }) as never;
  return letGo;
}

async function purge(it: Rig): Promise<void> {
  const done = it.service.execute({
    actor: BY_ITSELF,
    room: ROOM,
    command: {
      name: 'ban-and-retract',
      target: { jid: 'cat@x.lit' },
      minutes: 60 * 24 * 365,
      ban: false,
    } as never,
  });
  for (let i = 0; i < 200; i++) await it.clock.pass(10);
  expect(await done).toMatchObject({ ok: true, retracted: MESSAGES });
}

async function leaveAll(it: Rig): Promise<void> {
  for (const [who, nick] of [
    [ANN, 'ann'],
    [BOB, 'bob'],
    [CAT, 'cat'],
  ])
    await it.play(`<presence from="${who}" to="${ROOM}/${nick}" type="unavailable"/>`);
  for (let i = 0; i < 10; i++) await it.clock.pass(60_000);
}

test('found C4: a purge of 1,500 while a slow page is under way: the page has tombstones', async () => {
  const it = await crowded();
  const letGo = slowly(it, 'archive');
  await it.play(page);
  await purge(it);
  it.link.take();
  letGo();
  await settle();
  await it.clock.pass(100);
  const answer = it.link.take().join('\n');
  expect(answer).not.toContain('secret ');
  expect(answer.match(/<retracted /g)).toHaveLength(40);
  expect(answer).toContain('<fin ');
}, 60_000);

test('found C4: the same when the room was let go and loaded anew meanwhile', async () => {
  const it = await crowded();
  const letGo = slowly(it, 'archive');
  await it.play(page);
  await purge(it);
  await leaveAll(it);
  expect(it.service.stats().rooms.awake ?? 0).toBe(0);
  it.link.take();
  letGo();
  await settle();
  await it.clock.pass(100);
  await it.clock.pass(100);
  const answer = it.link.take().join('\n');
  expect(answer).not.toContain('secret ');
  expect(answer.match(/<retracted /g)).toHaveLength(40);
}, 60_000);

test('C4: a history that is read slowly has nothing of somebody who was erased meanwhile', async () => {
  const it = await crowded();
  const letGo = slowly(it, 'messages');
  await it.play(enter('dan@x.lit/1', ROOM, 'dan'));
  const done = it.service.execute({ actor: BY_ITSELF, room: ROOM, command: { name: 'erase-person', jid: asBare('cat@x.lit') } });
  for (let i = 0; i < 200; i++) await it.clock.pass(10);
  expect(await done).toMatchObject({ ok: true });
  it.link.take();
  letGo();
  await settle();
  await it.clock.pass(100);
  const history = it.link.take().filter((line) => line.includes('dan@x.lit'));
  expect(history.join('\n')).not.toContain('secret ');
  expect(history.join('\n')).toContain('<subject');
}, 60_000);
