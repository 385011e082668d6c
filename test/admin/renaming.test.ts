/** Administrators of the service rename rooms. */
import { enter, instant, realRooms } from '../service/real-rooms';
import { ANN, BOB, DOMAIN, ROOM } from '../service/rig';
import { BARD, field, hall, session, values, type Hall } from './hall';
import { asRoom } from '../support/jids';

const OWN = 'urn:parlour:admin';
const RENAME = `${OWN}#rename-room`;
const NEW = asRoom(`new@${DOMAIN}`);

async function ann(): Promise<Hall> {
  const h = await hall({ makeRoom: realRooms(true) });
  await h.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), enter(BOB, ROOM, 'bob'));
  await h.clock.pass(5_000);
  h.link.take();
  return h;
}

async function run(h: Hall, fields: Record<string, string>): Promise<string> {
  await h.run(RENAME);
  h.link.take();
  const inner = Object.entries(fields).map(([name, value]) => field(name, value));
  await h.run(RENAME, session, `<x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE">${values(OWN)}</field>${inner.join('')}</x>`);
  const answered = h.link.xml.filter((xml) => xml.startsWith('<iq') && xml.includes(`to="${BARD}"`)).at(-1) ?? '';
  return /<note type="[^"]*">.*?<\/note>/.exec(answered)?.[0] ?? answered;
}

test.each([
  ['its address', NEW],
  ['its address in another spelling', `NeW@${DOMAIN}`],
  ['its name alone', 'new'],
])('a room, by %s: who was in it is told, and the act is one of the administrator', async (_, to) => {
  const h = await ann();
  expect(await run(h, { room: ROOM, to, reason: 'Too loud' })).toBe(`<note type="info">The room ${ROOM} is ${NEW} now.</note>`);
  const told = h.link.xml.filter((xml) => xml.includes(`<destroy jid="${NEW}"><reason>Too loud</reason></destroy>`));
  expect(told.map((xml) => / to="([^"]*)"/.exec(xml)?.[1])).toEqual([ANN, BOB]);
  const acts = await h.store.audit({ room: NEW, limit: 10 });
  expect(acts[0]).toMatchObject({
    act: 'rename',
    by: { kind: 'administrator', name: 'bard@x.lit', face: 'ad-hoc' },
    items: [{ object: ROOM, before: ROOM, after: NEW, reason: 'Too loud' }],
  });
  // What was done before went along, and whoever asks by the old address finds where.
  expect(acts.map(({ act }) => act)).toContain('create');
  expect(await h.store.audit({ room: ROOM, limit: 10 })).toEqual([]);
  expect((await h.store.audit({ object: ROOM, limit: 10 })).map(({ room }) => room)).toEqual([NEW]);
});

test.each([
  ['the name alone', { room: 'a', to: 'new' }, 'is new@rooms.x.lit now'],
  ['a resource of the room', { room: `${ROOM}/ann`, to: 'new' }, 'without a nickname behind it'],
  ['a resource of the new address', { room: ROOM, to: `${NEW}/ann` }, 'without a nickname behind it'],
])('found by a new user: %s', async (_, fields, sentence) => {
  expect(await run(await ann(), fields)).toContain(sentence);
});

test('what cannot be done is said, and how it can', async () => {
  const h = await ann();
  await h.play(enter(ANN, NEW, 'ann'), instant(ANN, NEW));
  expect(await run(h, { room: ROOM, to: NEW })).toContain('<note type="error">There is a room new@');
  expect(await run(h, { room: ROOM, to: 'new@elsewhere.lit' })).toContain(
    `<note type="error">That is no room of this service: their addresses end in @${DOMAIN}.`,
  );
  expect(await run(h, { room: ROOM, to: 'a b' })).toContain('<note type="error">');
  expect(await run(h, { room: `nowhere@${DOMAIN}`, to: 'newer' })).toContain('<note type="error">There is no such room.');
});

test('nobody else', async () => {
  const h = await ann();
  expect(await h.run(RENAME, '', '', ANN)).toContain('<forbidden ');
});
