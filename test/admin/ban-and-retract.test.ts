/** Administrators of the service retract a person's messages in a room, and ban the person. */
import { settle } from '../service/fake-clock';
import { enter, instant, realRooms } from '../service/real-rooms';
import { ANN, BOB, ROOM } from '../service/rig';
import { field, hall, session, values, type Hall } from './hall';

const PURGE = 'urn:parlour:ban-and-retract';
const PAGE = 100;

const submit = (fields: Record<string, string>): string =>
  `<x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE">${values(PURGE)}</field>${Object.entries({ room: ROOM, ...fields })
    .map(([name, value]) => field(name, value))
    .join('')}</x>`;

/** Ann's room, in which Bob has said so many things. */
async function spammed(count: number): Promise<Hall> {
  const h = await hall({ makeRoom: realRooms(true) });
  await h.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), enter(BOB, ROOM, 'bob'));
  for (let i = 0; i < count; i++) h.feed(`<message from="${BOB}" to="${ROOM}" type="groupchat" id="m${i}"><body>potions</body></message>`);
  await settle();
  await h.run(PURGE);
  h.link.take();
  return h;
}

const rows = (h: Hall): string[] => (h.store.disk.rooms.get(ROOM)?.messages ?? []).map(({ payload }) => payload);

test('all of it, page by page, is retracted before the answer comes, and told to the room', async () => {
  const h = await spammed(2 * PAGE + 1);
  const answer = await h.run(PURGE, session, submit({ nick: 'bob', ban: '1', reason: 'Spam' }));
  expect(answer).toContain('<note type="info">Done. The person is banned. Number of messages retracted: 201.</note>');
  expect(rows(h).filter((payload) => payload.startsWith('<retracted '))).toHaveLength(201);
  expect(rows(h).join('')).not.toContain('potions');
  const told = h.link.xml.filter(
    (xml) => xml.includes(`to="${ANN}"`) && xml.includes(`<moderated xmlns="urn:xmpp:message-moderate:1" by="${ROOM}"/>`),
  );
  expect(told).toHaveLength(201);
  expect(h.events).toContain('messages are being retracted');
});

test('a page that could not be saved is retracted when the store takes it again', async () => {
  const h = await spammed(PAGE + 1);
  h.store.failNext();
  await h.run(PURGE, session, submit({ nick: 'bob' }));
  expect(rows(h).filter((payload) => payload.includes('potions'))).toHaveLength(PAGE + 1);
  await h.clock.pass(5_000);
  expect(rows(h).join('')).not.toContain('potions');
  expect(rows(h).filter((payload) => payload.startsWith('<retract '))).toHaveLength(PAGE + 1);
  expect(h.link.xml.filter((xml) => xml.startsWith('<iq')).at(-1)).toContain('Number of messages retracted: 101.');
});

test('the asker is not kept waiting for ever', async () => {
  const h = await spammed(1);
  h.store.holdReads();
  await h.run(PURGE, session, submit({ nick: 'bob' }));
  await h.clock.pass(10_000);
  expect(h.link.xml.filter((xml) => xml.startsWith('<iq')).at(-1)).toContain('It is being done');
  h.store.letReadsGo();
  await settle();
  expect(rows(h).join('')).not.toContain('potions');
});

test.each([
  [
    'no room of this service',
    { room: 'a@elsewhere.lit', nick: 'bob' },
    'That is no room of this service: their addresses end in @rooms.x.lit.',
  ],
  ['a room that is not there', { room: 'b@rooms.x.lit', nick: 'bob' }, 'There is no such room.'],
  ['nobody', { nick: 'bart' }, 'Nobody in this room has that nickname, and nobody spoke under it in that time.'],
  ['nobody known', { 'occupant-id': 'x' }, 'Nobody of this occupant-id has said anything here.'],
  ['neither', {}, 'Fill in exactly one of nickname, occupant-id and address.'],
])('%s: said, and nothing is done', async (_, fields, text) => {
  const h = await spammed(1);
  const answer = await h.run(PURGE, session, submit(fields));
  expect(answer).toContain(`<note type="error">${text}</note>`);
  expect(rows(h)).toEqual(['<body>potions</body>']);
});

test('by occupant-id, of somebody who has left', async () => {
  const h = await spammed(1);
  const id = [...(h.store.disk.rooms.get(ROOM)?.occupants.values() ?? [])].find(({ nick }) => nick === 'bob')?.id as string;
  await h.play(`<presence from="${BOB}" to="${ROOM}/bob" type="unavailable"/>`);
  expect(await h.run(PURGE, session, submit({ 'occupant-id': id, ban: '1' }))).toContain(
    'The person is banned. Number of messages retracted: 1.',
  );
  h.link.take();
  expect(await h.play(enter(BOB, ROOM, 'bob'))).toEqual([`${BOB} !forbidden`]);
});
