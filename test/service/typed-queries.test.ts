/** Typed questions to rooms through the service: which also go on while nothing can be saved, and always settle. */
import type { By } from '../../src/room/contract/audit';
import { settle } from './fake-clock';
import { enter, instant, realRooms } from './real-rooms';
import { ANN, BOB, DOMAIN, rig, ROOM, say, type Rig } from './rig';
import { asRoom } from '../support/jids';

const OPERATOR: By = { kind: 'operator', name: 'ada', face: 'command-line', claimed: true };
const ARCHIVE = { what: 'archive', paging: { max: 10 } } as const;

async function room(): Promise<Rig> {
  const r = await rig({ makeRoom: realRooms(true) });
  await r.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), enter(BOB, ROOM, 'bob'));
  await r.play(say(BOB, 'hello'));
  return r;
}

test('query({ actor, room, query }): the answer is typed by the question', async () => {
  const r = await room();
  const { service } = r;
  const occupants = await service.query({ actor: OPERATOR, room: ROOM, query: { what: 'occupants' } });
  expect(occupants.ok && occupants.answer.entries.map(({ nick }) => nick)).toEqual(['ann', 'bob']);
  const archive = await service.query({ actor: OPERATOR, room: ROOM, query: ARCHIVE });
  expect(archive.ok && archive.answer.messages.map(({ nick }) => nick)).toEqual(['bob']);
  const none = await service.query({ actor: OPERATOR, room: asRoom(`none@${DOMAIN}`), query: { what: 'room' } });
  expect(none).toMatchObject({ ok: false, error: { condition: 'item-not-found' } });
});

test('found H4: answered from what is saved while the database refuses writes, and while the service takes nothing new', async () => {
  const r = await room();
  r.store.fail('full');
  await r.play(say(BOB, 'lost'));
  expect(await r.service.query({ actor: OPERATOR, room: ROOM, query: { what: 'room' } })).toMatchObject({
    ok: true,
    answer: { occupants: 2 },
  });
  expect(await r.service.query({ actor: OPERATOR, room: ROOM, query: ARCHIVE })).toMatchObject({ ok: true, answer: { complete: true } });
  expect(r.store.disk.audit).toHaveLength(2);
});

test('every promise has an owner: a question to an archive that answers no more is settled when the service stops', async () => {
  const r = await room();
  r.store.holdReads();
  const asked = r.service.query({ actor: OPERATOR, room: ROOM, query: ARCHIVE });
  await settle();
  const stopped = r.service.stop();
  r.store.letReadsGo();
  await r.clock.pass(60_000);
  await stopped;
  expect(await Promise.race([asked, settle().then(() => 'never')])).not.toBe('never');
});

test('rooms by what operators look for, for those who run the service', async () => {
  const r = await room();
  await r.play(`<presence from="${ANN}" to="${ROOM}/ann" type="unavailable"/>`);
  const found = await r.service.findRooms(OPERATOR, { after: '', limit: 1_000_000, empty: false });
  expect(found).toMatchObject({ ok: true, rooms: [{ jid: ROOM, occupants: 1 }], next: null });
  const account: By = { kind: 'account', name: 'ann@x.lit', face: 'http' };
  expect(await r.service.findRooms(account, { after: '', limit: 9 })).toMatchObject({ ok: false, error: { condition: 'forbidden' } });
});
