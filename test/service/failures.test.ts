/** Commits that fail: nothing but errors leaves, rooms are made anew, nobody's leaving is lost. */
import type { RoomJid } from '../../src/xmpp/fold';
import { BY_ITSELF } from '../../src/room/contract/audit';
import { StoreFailed } from '../../src/store/failures';
import { settle } from './fake-clock';
import { enter, instant, realRooms } from './real-rooms';
import { ANN, BOB, CAT, DOMAIN, iq, join, leave, rig, ROOM, say } from './rig';
import { asRoom } from '../support/jids';

const B = asRoom(`b@${DOMAIN}`);

test('one room’s failing row in a batch of many: only that room is refused', async () => {
  const { play, store, link } = await rig();
  const rooms = Array.from({ length: 20 }, (_, i) => asRoom(`r${i}@${DOMAIN}`));
  await play(...rooms.map((room) => join(ANN, 'ann', room)));
  store.hold();
  await play(...rooms.map((room, i) => say(ANN, i === 7 ? 'bad row' : `hello ${i}`, room)));
  store.letGo();
  await settle();
  expect(link.take().sort()).toEqual(rooms.map((_, i) => `${ANN} ${i === 7 ? '!internal-server-error' : `hello ${i}`}`).sort());
  expect(await play(say(ANN, 'again', rooms[7]))).toEqual([`${ANN} again`]);
  expect(store.disk.rooms.get(rooms[7] as RoomJid)?.counters.seq).toBe(1);
});

test('a refused room drops its later decisions too, and refuses their inputs in order; what it says later begins anew', async () => {
  const { play, store, link, journal } = await rig();
  await play(join(ANN, 'ann'), join(CAT, 'cat', B));
  store.hold();
  await play(say(ANN, 'one'), iq(ANN, 'who', 'q1'));
  await play(say(ANN, 'two'), join(BOB, 'bob'));
  await play(say(ANN, 'quick'), say(CAT, 'other', B));
  store.refuse(ROOM);
  store.letGo();
  await settle();
  const sent = link.take();
  expect(sent.filter((line) => !line.startsWith(CAT))).toEqual([
    `${ANN} !internal-server-error`,
    `${ANN} !internal-server-error`,
    `${ANN} !internal-server-error`,
    `${BOB} !internal-server-error`,
    `${ANN} !internal-server-error`,
  ]);
  expect(sent).toContain(`${CAT} other`);
  expect(await play(iq(ANN, 'who', 'q2'))).toEqual([`${ANN} in: ann`]);
  // The first and the second were with the store; of the second it took nothing.
  expect(store.taken.slice(-3).map(({ rooms }) => rooms)).toEqual([[ROOM], [ROOM], [B]]);
  expect(store.disk.rooms.get(ROOM)?.messages).toEqual([]);
  expect(await play(say(ANN, 'anew'))).toEqual([`${ANN} anew`]);
  expect(journal.filter((line) => line.startsWith(B))).toEqual([`${B} presence`, `${B} message other`]);
});

test('a room refused while its next part is with the store: all is refused at once, and it goes on before that part is answered', async () => {
  const { play, store, link, service } = await rig();
  await play(join(ANN, 'ann'));
  store.hold();
  await play(say(ANN, 'one'));
  await play(say(ANN, 'two'));
  await play(say(ANN, 'three'));
  store.refuse(ROOM);
  store.letGo();
  // The first is answered, the second is held.
  store.hold();
  await settle();
  expect(link.take()).toEqual(Array(3).fill(`${ANN} !internal-server-error`));
  expect(await play(iq(ANN, 'who', 'q'), say(ANN, 'anew'))).toEqual([`${ANN} in: ann`]);
  store.letGo();
  await settle();
  expect(link.take()).toEqual([`${ANN} anew`]);
  expect(store.disk.rooms.get(ROOM)?.messages.map(({ payload, seq }) => [payload, seq])).toEqual([['anew', 1]]);
  expect(service.stats()).toMatchObject({ gathered: 0, failures: 1 });
});

test('what cannot be refused is applied again after the reload, before what came meanwhile', async () => {
  const { play, store, link } = await rig();
  await play(join(ANN, 'ann'), join(BOB, 'bob'));
  store.hold();
  await play(say(ANN, 'one'), leave(BOB, 'bob'));
  store.refuse(ROOM);
  store.holdReads();
  store.letGo();
  await settle();
  await play(say(ANN, 'later'));
  store.letReadsGo();
  await settle();
  expect(link.take()).toEqual([`${ANN} ${BOB} left`, `${ANN} later`]);
  expect([...(store.disk.rooms.get(ROOM)?.sessions.keys() ?? [])]).toEqual([ANN]);
});

test('an input that cannot be refused and can never be saved is given up, and who is there is verified', async () => {
  const { play, store, complaints, service } = await rig();
  await play(join(ANN, 'ann'), join(BOB, 'bob'));
  const commit = store.commit.bind(store);
  store.commit = async (batch) => [
    ...(await commit({ ...batch, rooms: [], changes: [] })),
    { room: ROOM, reason: 'row', detail: 'always' },
  ];
  await play(leave(BOB, 'bob'));
  await settle();
  await settle();
  expect(complaints.at(-1)).toBe('an input that cannot be refused could never be saved');
  expect(service.stats().rooms['loading']).toBe(0);
});

test('a creation above a limit is refused with not-allowed, and whoever came along with wait', async () => {
  const { feed, store, link } = await rig();
  const room = asRoom(`limited@${DOMAIN}`);
  store.hold();
  feed(join(ANN, 'ann', room), join(BOB, 'bob', room));
  await settle();
  store.letGo();
  await settle();
  expect(link.take()).toEqual([`${ANN} !not-allowed`, `${BOB} !resource-constraint`]);
  expect(store.disk.rooms.has(room)).toBe(false);
});

test('a full disk: errors only, then writes are refused at the door, queries still answered, and all recovers', async () => {
  const { play, store, clock, link, journal, service } = await rig();
  await play(join(ANN, 'ann'), join(BOB, 'bob'), say(ANN, 'before'));
  store.fail('full');
  expect(await play(say(ANN, 'lost'))).toEqual([`${ANN} !resource-constraint`]);
  const decided = journal.length;
  expect(await play(say(ANN, 'refused'), join(CAT, 'cat', B))).toEqual([`${ANN} !resource-constraint`, `${CAT} !resource-constraint`]);
  expect(journal).toHaveLength(decided);
  expect(await play(iq(ANN, 'who', 'q'))).toEqual([`${ANN} in: ann bob`]);
  await play(leave(BOB, 'bob'));
  await clock.pass(3_000);
  expect(await play(say(ANN, 'still refused'))).toEqual([`${ANN} !resource-constraint`]);
  store.heal();
  await clock.pass(1_000);
  expect(link.take()).toEqual([`${ANN} ${BOB} left`]);
  expect(await play(say(ANN, 'after'))).toEqual([`${ANN} after`]);
  expect(store.disk.rooms.get(ROOM)?.messages.map(({ payload }) => payload)).toEqual(['before', 'after']);
  expect(service.stats().gathered).toBe(0);
});

test('a failed batch refuses the one behind it and what has gathered, in other rooms too', async () => {
  const { play, store, link, clock, service } = await rig();
  const C = asRoom(`c@${DOMAIN}`);
  await play(join(ANN, 'ann'), join(BOB, 'bob', B), join(CAT, 'cat', C));
  store.hold();
  await play(say(ANN, 'one'));
  await play(say(BOB, 'two', B), say(ANN, 'three'));
  await play(say(CAT, 'four', C));
  store.failNext('unavailable');
  store.letGo();
  await settle();
  const refused = link.take();
  expect(refused.sort()).toEqual([...[ANN, ANN, BOB, CAT].map((who) => `${who} !resource-constraint`)].sort());
  expect(service.stats().failures).toBe(1);
  await clock.pass(1_000);
  expect(await play(say(BOB, 'again', B), say(ANN, 'after'))).toEqual([`${BOB} again`, `${ANN} after`]);
  expect(store.disk.rooms.get(B)?.messages.map(({ payload, seq }) => [payload, seq])).toEqual([['again', 1]]);
  expect(store.disk.rooms.get(ROOM)?.messages.map(({ payload }) => payload)).toEqual(['after']);
  expect(service.stats().gathered).toBe(0);
});

test('a query that waits for a second batch leaves when that one is in, not before', async () => {
  const { play, store, link } = await rig();
  await play(join(ANN, 'ann'));
  store.hold();
  await play(say(ANN, 'one'));
  await play(join(BOB, 'bob'));
  await play(iq(ANN, 'who', 'q'));
  store.letGo();
  await settle();
  expect(link.take()).toEqual([`${ANN} one`, `${ANN} bob joined`, `${BOB} bob joined`, `${ANN} in: ann bob`]);
});

test('a link lost while two batches are with the store: what both say to many is said again by the room, once', async () => {
  const { play, store, link, offline, online } = await rig();
  await play(join(ANN, 'ann'));
  store.hold();
  await play(say(ANN, 'one'));
  await play(say(ANN, 'two'));
  offline();
  await online();
  store.letGo();
  await settle();
  await settle();
  expect(link.take()).toEqual([`${ANN} say-again: one`, `${ANN} say-again: two`]);
});

test('a writer that died with the batch in: the store answers with success, and everything leaves once', async () => {
  const { play, store, link } = await rig();
  await play(join(ANN, 'ann'));
  const commit = store.commit.bind(store);
  let taken: Promise<unknown> | undefined;
  let answer = (): void => undefined;
  store.commit = (batch) => {
    taken = commit(batch);
    return new Promise((resolve) => (answer = () => resolve([])));
  };
  await play(say(ANN, 'one'));
  await taken;
  expect(link.take()).toEqual([]);
  store.commit = commit;
  answer();
  await settle();
  expect(link.take()).toEqual([`${ANN} one`]);
  expect(store.disk.rooms.get(ROOM)?.messages).toHaveLength(1);
});

test('a writer that dies again and again: StoreFailed, and the same text sent again gets the same number', async () => {
  const { play, store, clock, link } = await rig();
  await play(join(ANN, 'ann'));
  const commit = store.commit.bind(store);
  store.commit = () => Promise.reject(new StoreFailed('unavailable', 'the writer died three times'));
  expect(await play(say(ANN, 'one'))).toEqual([`${ANN} !resource-constraint`]);
  store.commit = commit;
  await clock.pass(1_000);
  expect(await play(say(ANN, 'one'))).toEqual([`${ANN} one`]);
  expect(store.disk.rooms.get(ROOM)?.messages.map(({ seq }) => seq)).toEqual([1]);
  expect(link.take()).toEqual([]);
});

test('a command whose commit fails is told so', async () => {
  const { play, store, service } = await rig();
  await play(join(ANN, 'ann'));
  store.failNext('full');
  const outcome = await service.execute({ actor: BY_ITSELF, room: ROOM, command: { name: 'set-affiliations', items: [] } });
  expect(outcome).toMatchObject({ ok: false, error: { condition: 'resource-constraint', type: 'wait' } });
});

test('an archive that cannot be read lets the joiner in without history, and it is logged', async () => {
  const { play, store, complaints } = await rig();
  await play(join(ANN, 'ann'), say(ANN, 'one'));
  store.messages = () => Promise.reject(new Error('unreadable'));
  expect(await play(join(BOB, 'reader'))).toEqual([`${ANN} reader joined`, `${BOB} reader joined`]);
  expect(complaints).toEqual(['the archive could not be read']);
});

describe('found H4: the database refuses writes', () => {
  test('what only asks is answered at once from what is saved, also of a room that has something to say again', async () => {
    const { play, store, link, clock } = await rig();
    await play(join(ANN, 'ann'), join(BOB, 'bob'));
    store.fail('full');
    expect(await play(say(ANN, 'lost'))).toEqual([`${ANN} !resource-constraint`]);
    // Nothing of this room was confirmed to be delivered: it says all of it again when it can.
    expect(await play(iq(ANN, 'who', 'q1'), iq(BOB, 'who', 'q2'))).toEqual([`${ANN} in: ann bob`, `${BOB} in: ann bob`]);
    await clock.pass(12_000);
    expect(link.take()).toEqual([]);
    expect(await play(iq(ANN, 'who', 'q3'))).toEqual([`${ANN} in: ann bob`]);
    store.heal();
    await clock.pass(1_000);
    link.take();
    expect(await play(say(ANN, 'after'))).toContain(`${ANN} after`);
  });

  test('what asked while the batch that fails was with the store is answered too, once', async () => {
    const { play, store, link } = await rig();
    await play(join(ANN, 'ann'), join(BOB, 'bob'));
    store.hold();
    await play(say(ANN, 'lost'), iq(ANN, 'who', 'q1'), iq(BOB, 'who', 'q2'), join(CAT, 'cat'));
    expect(link.take()).toEqual([]);
    store.fail('unavailable');
    store.letGo();
    await settle();
    expect(link.take().sort()).toEqual(
      [`${ANN} !resource-constraint`, `${ANN} in: ann bob`, `${BOB} in: ann bob`, `${CAT} !resource-constraint`].sort(),
    );
  });

  test('of a room that has to be loaded', async () => {
    const before = await rig();
    await before.play(join(ANN, 'ann'), join(BOB, 'bob'));
    await before.service.stop();
    const { play, store, link } = await rig({ disk: before.store.disk });
    await play(say(CAT, 'nothing', B));
    store.fail('full');
    store.holdReads();
    await play(join(CAT, 'cat', B));
    await play(iq(ANN, 'who', 'q1'));
    link.take();
    store.letReadsGo();
    await settle();
    expect(link.take()).toContain(`${ANN} in: ann bob`);
  });

  describe('archives are answered from what is saved', () => {
    const query = (from: string, id: string, inner = ''): string =>
      `<iq from="${from}" to="${ROOM}" type="set" id="${id}"><query xmlns="urn:xmpp:mam:2">${inner}</query></iq>`;
    const search = (words: string): string =>
      `<x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>urn:xmpp:mam:2</value></field><field var="{urn:xmpp:fulltext:0}fulltext"><value>${words}</value></field></x>`;
    const kick = `<iq from="${ANN}" to="${ROOM}" type="set" id="kick"><query xmlns="http://jabber.org/protocol/muc#admin"><item nick="bob" role="none"/></query></iq>`;
    const hall = async () => {
      const r = await rig({ makeRoom: realRooms(true) });
      await r.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), enter(BOB, ROOM, 'bob'));
      await r.play(say(ANN, 'saved words'), say(BOB, 'others'));
      return r;
    };
    const answersOf = (lines: readonly string[], to: string): string => lines.filter((line) => line.startsWith(to)).join('\n');

    test.each([
      ['a page (XEP-0313 §4)', query(BOB, 'q'), ['saved words', 'others', '<fin']],
      ['a search (XEP-0431)', query(BOB, 'q', search('saved')), ['saved words', '<fin']],
      ['its ends (XEP-0313 §5)', `<iq from="${BOB}" to="${ROOM}" type="get" id="q"><metadata xmlns="urn:xmpp:mam:2"/></iq>`, ['<metadata']],
      [
        'a set that is passed on to an occupant (XEP-0045 §17.4)',
        `<iq from="${BOB}" to="${ROOM}/ann" type="set" id="q"><jingle xmlns="urn:xmpp:jingle:1"/></iq>`,
        ['!remote-server-timeout'],
      ],
    ])('%s, of a room that has lost what it decided', async (_, asked, parts) => {
      const r = await hall();
      r.store.fail('full');
      expect(await r.play(say(ANN, 'lost'))).toEqual([`${ANN} !resource-constraint`]);
      const answer = answersOf(await r.play(asked), BOB);
      for (const part of parts) expect(answer).toContain(part);
      expect(answer).not.toContain('lost');
      // What would write is refused as before.
      expect(await r.play(kick)).toEqual([`${ANN} !resource-constraint`]);
      await r.clock.pass(12_000);
      expect(r.link.take()).toEqual([]);
      r.store.heal();
      await r.clock.pass(1_000);
      expect(answersOf(await r.play(say(ANN, 'after')), BOB)).toContain('after');
    });

    test('what was with the store when it failed, and the answer of one that was being read, once each', async () => {
      const r = await hall();
      r.store.holdReads();
      await r.play(query(BOB, 'q1'));
      r.store.hold();
      await r.play(say(ANN, 'lost'), query(BOB, 'q2'));
      r.store.fail('unavailable');
      r.store.letGo();
      await settle();
      r.store.letReadsGo();
      await settle();
      await r.clock.pass(100);
      const answer = answersOf(r.link.take(), BOB);
      expect(answer.match(/<fin/g)).toHaveLength(2);
      expect(answer.match(/<body>saved words/g)).toHaveLength(2);
      expect(answer).not.toContain('!');
    });
  });
});

test('a question that throws while a room waits for the store to say things again: they are said again as soon as the store takes writes', async () => {
  const { play, store, clock, offline, online, feed } = await rig();
  await play(join(ANN, 'ann'));
  store.failNext();
  feed(say(ANN, 'lost'));
  // The room is to say again that Ann is in; before it can, the store fails.
  offline();
  await online();
  expect(await play(iq(ANN, 'boom', 'q1'))).toEqual([`${ANN} !resource-constraint`, `${ANN} !internal-server-error`]);
  await clock.pass(60_000);
  const counters = store.disk.rooms.get(ROOM)?.counters;
  expect(counters).toMatchObject({ rev: 1, deliveredRev: 1 });
  expect(await play(say(ANN, 'anew'))).toEqual([`${ANN} anew`]);
});
