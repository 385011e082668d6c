/** Administrators of the service erase people and rooms, and trim archives. */
import { StoreFailed } from '../../src/store/failures';
import { settle } from '../service/fake-clock';
import { affiliate, enter, instant, realRooms } from '../service/real-rooms';
import { ANN, BOB, DOMAIN, ROOM } from '../service/rig';
import { BARD, field, hall, session, values, type Hall } from './hall';
import { asBare, asRoom } from '../support/jids';

const OWN = 'urn:parlour:admin';
const ERASE_PERSON = `${OWN}#erase-person`;
const ERASE_ROOM = `${OWN}#erase-room`;
const TRIM = `${OWN}#trim`;
const OTHER = asRoom(`b@${DOMAIN}`);

const submit = (fields: Record<string, string>): string =>
  `<x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE">${values(OWN)}</field>${Object.entries(fields)
    .map(([name, value]) => field(name, value))
    .join('')}</x>`;
const noteOf = (xml: string): string => /<note type="[^"]*">(.*?)<\/note>/.exec(xml)?.[0] ?? xml;
const say = (from: string, room: string, body: string): string =>
  `<message from="${from}" to="${room}" type="groupchat" id="m"><body>${body}</body></message>`;

/** Two rooms of Ann's, in which Bob has spoken too. */
async function spoken(): Promise<Hall> {
  const h = await hall({ makeRoom: realRooms(true) });
  for (const room of [ROOM, OTHER]) {
    await h.play(enter(ANN, room, 'ann'), instant(ANN, room), enter(BOB, room, 'bob'));
    await h.play(say(BOB, room, 'potions'), say(ANN, room, 'tea'), say(BOB, room, 'more potions'));
  }
  await h.play(affiliate(ANN, OTHER, '<item affiliation="member" jid="bob@x.lit" nick="bob"/>'));
  await h.clock.pass(5_000);
  h.link.take();
  return h;
}

const stored = (h: Hall, room: string): string => {
  const found = h.store.disk.rooms.get(asRoom(room));
  return JSON.stringify([found?.rows(), found?.messages, found?.stays]);
};

/** Submits the form of a command and lets so much time pass; answers the note. */
async function run(h: Hall, node: string, fields: Record<string, string>, ms = 1_000): Promise<string> {
  await h.run(node);
  h.link.take();
  await h.run(node, session, submit(fields));
  await h.clock.pass(ms);
  return noteOf(h.link.xml.filter((xml) => xml.startsWith('<iq') && xml.includes(`to="${BARD}"`)).at(-1) ?? '');
}

describe('erasing a person', () => {
  test('who said nothing: a mistyped address is not told to be erased', async () => {
    const h = await spoken();
    expect(await run(h, ERASE_PERSON, { jid: 'bbo@x.lit' })).toMatch(
      /^<note type="info">bbo@x\.lit has said nothing in any room\..* Rooms looked at: 2\..* check the address\.<\/note>$/,
    );
  });

  test('from every room: words, nick and address, whether they are there or not; it is logged, and the answer tells the numbers', async () => {
    const h = await spoken();
    await h.play(`<presence from="${BOB}" to="${OTHER}/bob" type="unavailable"/>`);
    expect(await run(h, ERASE_PERSON, { jid: 'Bob@X.lit' })).toBe(
      '<note type="info">bob@x.lit was erased. Rooms looked at: 2. Messages erased: 4.</note>',
    );
    // Farewells are kept until they have arrived.
    await h.clock.pass(60_000);
    for (const room of [ROOM, OTHER]) {
      expect(stored(h, room)).toContain('tea');
      expect(stored(h, room)).not.toMatch(/bob|potions/);
    }
    expect(h.link.xml.filter((xml) => xml.includes(`to="${BOB}"`)).join()).toContain('<status code="307"/>');
    expect(h.events.filter((event) => event.includes('person'))).toEqual([
      'an administrator erases a person',
      'a person was erased from a room',
      'a person was erased from a room',
      'a person was erased',
    ]);
  });

  test('what takes longer is told by a message', async () => {
    const h = await spoken();
    h.store.holdReads();
    expect(await run(h, ERASE_PERSON, { jid: 'bob@x.lit' }, 10_000)).toContain('bob@x.lit is being erased.');
    h.link.take();
    h.store.letReadsGo();
    await settle();
    await h.clock.pass(1_000);
    expect(h.link.xml.filter((xml) => xml.includes('headline'))).toEqual([
      `<message from="${DOMAIN}" to="bard@x.lit" type="headline"><body>bob@x.lit was erased. Rooms looked at: 2. Messages erased: 4.</body></message>`,
    ]);
  });

  test('two people: one after the other', async () => {
    const h = await spoken();
    h.store.holdReads();
    await run(h, ERASE_PERSON, { jid: 'bob@x.lit' }, 0);
    await run(h, ERASE_PERSON, { jid: 'ann@x.lit' }, 20_000);
    h.link.take();
    h.store.letReadsGo();
    await settle();
    await h.clock.pass(60_000);
    for (const room of [ROOM, OTHER]) expect(stored(h, room)).not.toMatch(/bob|potions|ann@|"ann"|tea/);
    expect(h.link.xml.filter((xml) => xml.includes('headline'))).toHaveLength(2);
  });

  test('the same person twice: the second is remembered until it is done, whatever the first saves meanwhile', async () => {
    const h = await spoken();
    h.store.holdReads();
    await run(h, ERASE_PERSON, { jid: 'bob@x.lit' }, 1_000);
    await run(h, ERASE_PERSON, { jid: 'bob@x.lit' }, 1_000);
    const asked = h.store.disk.erasures.get(asBare('bob@x.lit'))?.askedAt;
    const kept: unknown[] = [];
    const note = h.store.noteErasure.bind(h.store);
    h.store.noteErasure = (jid, erasure) => {
      kept.push(erasure && [erasure.askedAt, erasure.after]);
      return note(jid, erasure);
    };
    h.store.letReadsGo();
    await settle();
    await h.clock.pass(60_000);
    // All that the first saves is the second, which begins with the first room.
    const second = kept.findIndex((one) => JSON.stringify(one) !== JSON.stringify([asked, '']));
    expect(second).toBeGreaterThan(0);
    expect(kept.at(-1)).toBeNull();
    expect(h.store.disk.erasures.size).toBe(0);
  });

  test('a store that cannot save for a while is waited for', async () => {
    const h = await spoken();
    h.store.fail('full');
    // What cannot be remembered is not promised.
    expect(await run(h, ERASE_PERSON, { jid: 'bob@x.lit' }, 3_000)).toContain('<internal-server-error');
    h.store.heal();
    await h.clock.pass(60_000);
    await run(h, ERASE_PERSON, { jid: 'bob@x.lit' }, 0);
    h.store.fail('full');
    await h.clock.pass(3_000);
    h.store.heal();
    await h.clock.pass(60_000);
    for (const room of [ROOM, OTHER]) expect(stored(h, room)).not.toMatch(/bob|potions/);
  });

  test('the program ends in the middle: after the next start it goes on, and whoever asked for it is told', async () => {
    const first = await spoken();
    first.store.holdReads();
    await run(first, ERASE_PERSON, { jid: 'bob@x.lit' }, 500);
    first.erasures.stop();
    expect(first.store.disk.erasures.size).toBe(1);
    const second = await hall({ makeRoom: realRooms(true), disk: first.store.disk });
    await second.erasures.resume();
    await second.clock.pass(60_000);
    for (const room of [ROOM, OTHER]) expect(stored(second, room)).not.toMatch(/bob|potions/);
    expect(second.link.xml.filter((xml) => xml.includes('headline'))).toEqual([
      `<message from="${DOMAIN}" to="bard@x.lit" type="headline"><body>bob@x.lit was erased. Rooms looked at: 2. Messages erased: 4.</body></message>`,
    ]);
    expect(second.store.disk.erasures.size).toBe(0);
    expect(second.events[0]).toBe('resuming erasure');
  });

  test('a room that cannot do it is named in the log, and the rest goes on', async () => {
    const h = await spoken();
    const archive = h.store.archive.bind(h.store);
    h.store.archive = (room, query) => (room === ROOM ? Promise.reject(new StoreFailed('unavailable', 'told to')) : archive(room, query));
    await run(h, ERASE_PERSON, { jid: 'bob@x.lit' }, 60_000);
    expect(h.link.xml.join()).toContain('bob@x.lit could not be erased everywhere; the log says where.');
    expect(h.events).toContain('a person could not be erased from a room');
    expect(stored(h, OTHER)).not.toMatch(/bob|potions/);
  });

  test.each(['bob', 'x.lit', `a@${DOMAIN}`, 'bob@x@lit'])('%s is nobody: refused, and nothing is erased', async (jid) => {
    const h = await spoken();
    expect(await run(h, ERASE_PERSON, { jid })).toBe(`<note type="error">The address "${jid}" is not a valid JID.</note>`);
    expect(h.events).toEqual([]);
  });
});

describe('erasing a room', () => {
  test('with everything in it, and it is logged', async () => {
    const h = await spoken();
    expect(await run(h, ERASE_ROOM, { room: ROOM }, 60_000)).toBe(`<note type="info">${ROOM} was erased.</note>`);
    expect([...h.store.disk.rooms.keys()]).toEqual([OTHER]);
    expect(h.link.xml.filter((xml) => xml.includes('<destroy>') || xml.includes('<destroy/>'))).toHaveLength(2);
    expect(h.events).toContain('an administrator erased a room');
  });

  test('also one that was destroyed and is remembered', async () => {
    const h = await spoken();
    await h.play(
      `<iq from="${ANN}" to="${ROOM}" type="set" id="d"><query xmlns="http://jabber.org/protocol/muc#owner"><destroy/></query></iq>`,
    );
    await h.clock.pass(60_000);
    expect([...h.store.disk.rooms.keys()]).toEqual([ROOM, OTHER]);
    await run(h, ERASE_ROOM, { room: ROOM }, 60_000);
    expect([...h.store.disk.rooms.keys()]).toEqual([OTHER]);
  });

  test.each([
    [`c@${DOMAIN}`, 'There is no such room.'],
    [DOMAIN, 'There is no such room.'],
    ['a@elsewhere.lit', `That is no room of this service: their addresses end in @${DOMAIN}.`],
  ])('%s is no room', async (room, sentence) => {
    const h = await spoken();
    expect(await run(h, ERASE_ROOM, { room })).toBe(`<note type="error">${sentence}</note>`);
    expect(h.store.disk.rooms.size).toBe(2);
  });
});

describe('trimming an archive', () => {
  test('up to a message, or all of it', async () => {
    const h = await spoken();
    const messages = await h.store.messages(ROOM, { limit: 9 });
    expect(await run(h, TRIM, { room: ROOM, id: messages[1]?.id ?? '' })).toBe(
      `<note type="info">The archive of ${ROOM} was trimmed.</note>`,
    );
    expect((await h.store.messages(ROOM, { limit: 9 })).map(({ seq }) => seq)).toEqual([3]);
    await run(h, TRIM, { room: ROOM });
    expect(await h.store.messages(ROOM, { limit: 9 })).toEqual([]);
    expect(await h.store.messages(OTHER, { limit: 9 })).toHaveLength(3);
    expect(h.events).toEqual(['an administrator trimmed the archive of a room', 'an administrator trimmed the archive of a room']);
  });

  test('a message that is not there', async () => {
    const h = await spoken();
    expect(await run(h, TRIM, { room: ROOM, id: 'x' })).toContain('There is no message of this id');
  });
});
