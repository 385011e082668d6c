/** Administrators of the service make rooms for others, of a kind that one word names. */
import { realRooms } from '../service/real-rooms';
import { ANN, DOMAIN } from '../service/rig';
import { asRoom } from '../support/jids';
import { field, hall, session, values, type Hall } from './hall';

const OWN = 'urn:parlour:admin';
const CREATE = `${OWN}#create-room`;
const ROOM = asRoom(`tea@${DOMAIN}`);

async function run(h: Hall, fields: Record<string, string>): Promise<string> {
  await h.run(CREATE);
  h.link.take();
  const inner = Object.entries(fields).map(([name, value]) => field(name, value));
  return h.run(
    CREATE,
    session,
    `<x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE">${values(OWN)}</field>${inner.join('')}</x>`,
  );
}

test('a private group for somebody, by its name alone', async () => {
  const h = await hall({ makeRoom: realRooms(true) });
  const fields = { room: 'tea', owner: 'Ann@x.lit', name: 'Tea', '{urn:parlour:room}preset': 'private-group' };
  expect(await run(h, fields)).toContain(`<note type="info">The room ${ROOM} was made.</note>`);
  const [configured, made] = await h.store.audit({ room: ROOM, limit: 10 });
  const by = { kind: 'administrator', name: 'bard@x.lit', face: 'ad-hoc' };
  expect(made).toMatchObject({ act: 'create', by, items: [{ object: 'ann@x.lit', after: 'owner' }] });
  const set = Object.fromEntries(configured?.items.map(({ object, after }) => [object, after]) ?? []);
  expect(set).toMatchObject({ 'muc#roomconfig_roomname': 'Tea', 'muc#roomconfig_membersonly': '1', '{urn:parlour:room}wake': 'all' });
  expect(await run(h, fields)).toContain('<note type="error">');
});

test.each([
  ['an owner who is no person', { room: 'tea', owner: 'x.lit', '{urn:parlour:room}preset': 'announcements' }, '<note type="error">'],
  ['a room of another service', { room: 'tea@elsewhere.lit', owner: 'ann@x.lit' }, '<note type="error">That is no room of this service'],
  ['a kind that there is not', { room: 'tea', owner: 'ann@x.lit', '{urn:parlour:room}preset': 'party' }, 'party'],
])('what cannot be done is said: %s', async (_, fields, said) => {
  const h = await hall({ makeRoom: realRooms(true) });
  expect(await run(h, fields)).toContain(said);
  expect(await h.store.audit({ room: ROOM, limit: 10 })).toEqual([]);
});

test('nobody else', async () => {
  expect(await (await hall({ makeRoom: realRooms(true) })).run(CREATE, '', '', ANN)).toContain('<forbidden ');
});
