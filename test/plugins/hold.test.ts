/** Checks that hold: what waits and what does not, and that everything that waits is settled, whatever happens meanwhile (design.md "Features"). */
import { hold, refuse, type Hooks, type Refusal } from '../../src/plugin';
import { testRoom } from '../../src/plugin-test';
import { BY_ITSELF } from '../../src/room/contract/audit';
import { affiliate, enter, instant } from '../service/real-rooms';
import { ANN, BOB, CAT, ROOM } from '../service/rig';
import { withHooks } from './feature-of';
import { serviceWith } from './service-with';

const message = (from: string, body: string): string =>
  `<message from="${from}" to="${ROOM}" type="groupchat" id="${body}"><body>${body}</body></message>`;
const whisper = (from: string, to: string, body: string): string =>
  `<message from="${from}" to="${ROOM}/${to}" type="chat" id="${body}"><body>${body}</body></message>`;
const ping = (from: string): string => `<iq from="${from}" to="${ROOM}/bob" type="get" id="p"><ping xmlns="urn:xmpp:ping"/></iq>`;
const leave = (from: string, nick: string): string => `<presence from="${from}" to="${ROOM}/${nick}" type="unavailable"/>`;

/** Questions that the test answers. */
class Outside {
  readonly asked: { readonly what: string; answer(verdict?: Refusal): void; fail(): void; readonly ending: AbortSignal }[] = [];

  hold(what: string, seconds = 10) {
    return hold(
      (ending) =>
        new Promise((resolve, reject) => {
          this.asked.push({ what, answer: resolve, fail: () => reject(new Error('it is down')), ending });
        }),
      { seconds },
    );
  }

  /** Answers the oldest question. */
  answer(verdict?: Refusal): void {
    const one = this.asked.shift();
    if (!one) throw new Error('Nothing was asked');
    one.answer(verdict);
  }
}

const NO = refuse('not-allowed', 'They said no.');
const bodies = (heard: readonly string[], to: string): string[] =>
  heard.flatMap((xml) => (xml.includes(`to="${to}"`) ? [/<body>([^<]*)</.exec(xml)?.[1] ?? ''] : [])).filter((body) => body !== '');

/** Messages with "?" in them are held. */
async function asking(more: Hooks = {}, failing: 'pass' | 'refuse' = 'refuse') {
  const outside = new Outside();
  const played = await serviceWith({
    checkMessage: { failing, check: ({ body }) => (body?.includes('?') ? outside.hold(body) : undefined) },
    ...more,
  });
  await played.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), enter(BOB, ROOM, 'bob'));
  return { ...played, outside };
}

describe('what waits', () => {
  test('a message, and what its sender sends afterwards, in order; everybody else passes', async () => {
    const { play, outside } = await asking();
    const first = await play(message(BOB, 'one?'), message(BOB, 'two'), ping(BOB), message(ANN, 'meanwhile'));
    expect(bodies(first, ANN)).toEqual(['meanwhile']);
    expect(first.join('')).not.toContain('<iq');
    expect(outside.asked.map(({ what }) => what)).toEqual(['one?']);
    outside.answer();
    const later = await play();
    expect(bodies(later, ANN)).toEqual(['one?', 'two']);
    expect(later.filter((xml) => xml.startsWith('<iq'))).toEqual([expect.stringMatching(/type="result"/)]);
  });

  test('a second question of the same sender waits for the first; what is behind both keeps its place', async () => {
    const { play, outside } = await asking();
    await play(message(BOB, 'one?'), message(BOB, 'two?'), message(BOB, 'three'));
    expect(outside.asked).toHaveLength(1);
    outside.answer();
    expect(bodies(await play(), ANN)).toEqual(['one?']);
    outside.answer(NO);
    const later = await play();
    expect(bodies(later, ANN)).toEqual(['three']);
    expect(later.join('')).toMatch(/type="error".*<not-allowed .*They said no/);
  });

  test('an entry: nobody knows of it before, and by the answer it happens or is refused', async () => {
    const outside = new Outside();
    const { play } = await asking({ checkEntry: { check: ({ jid }) => (jid === 'cat@x.lit' ? outside.hold(jid) : undefined) } });
    expect(await play(enter(CAT, ROOM, 'cat'))).toEqual([]);
    outside.answer(NO);
    expect((await play()).join('')).toMatch(/type="error".*<not-allowed /);
    await play(enter(CAT, ROOM, 'cat'));
    outside.answer();
    expect((await play()).join('')).toContain('<status code="110"/>');
  });

  test('an entry that came first is decided first, and what was said behind it is said', async () => {
    const outside = new Outside();
    const { play } = await asking({ checkEntry: { check: ({ jid }) => (jid === 'cat@x.lit' ? outside.hold(jid) : undefined) } });
    await play(enter(CAT, ROOM, 'cat'), message(CAT, 'hello'));
    outside.answer();
    expect(bodies(await play(), ANN)).toEqual(['hello']);
  });

  test('who is banned while their entry waits is told so, whatever the answer', async () => {
    const outside = new Outside();
    const { play } = await asking({ checkEntry: { check: ({ jid }) => (jid === 'cat@x.lit' ? outside.hold(jid) : undefined) } });
    await play(enter(CAT, ROOM, 'cat'), affiliate(ANN, ROOM, '<item jid="cat@x.lit" affiliation="outcast"/>'));
    outside.answer();
    expect((await play()).join('')).toMatch(/type="error".*<forbidden /);
  });

  test('private messages and presence', async () => {
    const outside = new Outside();
    const { play } = await asking({
      checkPrivateMessage: { failing: 'refuse', check: ({ body }) => outside.hold(body ?? '') },
      checkPresence: { failing: 'refuse', check: ({ nick }) => outside.hold(nick ?? 'presence') },
    });
    await play(whisper(BOB, 'ann', 'psst'));
    outside.answer();
    expect(bodies(await play(), ANN)).toEqual(['psst']);
    await play(`<presence from="${BOB}" to="${ROOM}/rob"/>`);
    outside.answer();
    expect((await play()).join('')).toContain('<status code="303"/>');
    await play(`<presence from="${BOB}" to="${ROOM}/rob"><show>away</show></presence>`);
    outside.answer(NO);
    expect((await play()).join('')).toMatch(/<presence [^>]*type="error".*<not-allowed /);
  });

  test('twenty stanzas at most, and 64 KiB, wait behind one; more are refused with wait', async () => {
    const { play, outside } = await asking();
    const many = Array.from({ length: 22 }, (_, i) => message(BOB, `m${i}`));
    const refused = await play(message(BOB, 'one?'), ...many);
    expect(refused.map((xml) => /id="(m\d+)"/.exec(xml)?.[1])).toEqual(['m20', 'm21']);
    expect(refused[0]).toMatch(/type="wait".*<resource-constraint /);
    outside.answer();
    expect(bodies(await play(), ANN)).toHaveLength(21);
    const large = await play(message(BOB, 'two?'), message(BOB, 'long').replace('long<', `${'x'.repeat(70_000)}<`));
    expect(large.join('')).toMatch(/<resource-constraint /);
  });
});

describe('everything that waits is settled', () => {
  const errors = (heard: readonly string[]): string[] =>
    heard.flatMap((xml) =>
      xml.includes('type="error"') ? [`${/ id="([^"]*)"/.exec(xml)?.[1]} ${/<error[^>]*><([a-z-]+)/.exec(xml)?.[1]}`] : [],
    );

  test.each([
    ['refuse', 'one? resource-constraint', []],
    ['pass', undefined, ['one?', 'two']],
  ] as const)('the time is over: as declared for failure (%s)', async (failing, error, said) => {
    const { play, outside, clock } = await asking({}, failing);
    await play(message(BOB, 'one?'), message(BOB, 'two'));
    await clock.pass(10_000);
    const heard = await play();
    expect(errors(heard)).toEqual(error === undefined ? [] : [error]);
    expect(bodies(heard, ANN)).toEqual(error === undefined ? said : ['two']);
    expect(outside.asked[0]?.ending.aborted).toBe(true);
    // Too late: nothing happens.
    outside.answer();
    expect(await play()).toEqual([]);
  });

  test('an entry fails closed: too late, or the answer fails', async () => {
    const outside = new Outside();
    const { play, clock, plugins } = await asking({
      checkEntry: { check: ({ jid }) => (jid === 'cat@x.lit' ? outside.hold(jid) : undefined) },
    });
    await play(enter(CAT, ROOM, 'cat'));
    await clock.pass(10_000);
    expect((await play()).join('')).toMatch(/type="wait".*<resource-constraint /);
    outside.asked.pop();
    await play(enter(CAT, ROOM, 'cat'));
    outside.asked.pop()?.fail();
    expect((await play()).join('')).toMatch(/type="wait".*<internal-server-error /);
    expect(plugins.states[0]).toMatchObject({ failures: 1, disabled: false });
  });

  test('leaving never waits: what was sent before is answered, and the effect is told', async () => {
    const { play, outside } = await asking();
    const heard = await play(message(BOB, 'one?'), ping(BOB), leave(BOB, 'bob'));
    expect(heard.filter((xml) => xml.includes('type="unavailable"') && xml.includes(`to="${ANN}"`))).toHaveLength(1);
    expect(errors(heard)).toEqual(['one? not-acceptable', 'p not-acceptable']);
    expect(outside.asked[0]?.ending.aborted).toBe(true);
    outside.answer();
    expect(await play()).toEqual([]);
  });

  test('who gives up an entry that waits does not enter', async () => {
    const outside = new Outside();
    const { play } = await asking({ checkEntry: { check: ({ jid }) => (jid === 'cat@x.lit' ? outside.hold(jid) : undefined) } });
    await play(enter(CAT, ROOM, 'cat'), leave(CAT, 'cat'));
    expect(outside.asked[0]?.ending.aborted).toBe(true);
    outside.answer();
    expect(await play()).toEqual([]);
  });

  test('a kick settles what the person sent before', async () => {
    const { play, outside } = await asking();
    await play(message(BOB, 'one?'));
    expect(errors(await play(affiliate(ANN, ROOM, '<item nick="bob" role="none"/>')))).toEqual(['one? not-acceptable']);
    outside.answer();
    expect(bodies(await play(), ANN)).toEqual([]);
  });

  test('a room does not sleep while something waits in it', async () => {
    const outside = new Outside();
    const { play, clock, store } = await asking({
      checkEntry: { check: ({ jid }) => (jid === 'ann@x.lit' ? undefined : outside.hold(jid, 600)) },
    });
    await play(leave(ANN, 'ann'), leave(BOB, 'bob'));
    outside.asked.pop();
    await play(enter(CAT, ROOM, 'cat'));
    for (let i = 0; i < 8; i++) {
      await clock.pass(60_000);
      await play();
    }
    expect(store.disk.claims.has(ROOM)).toBe(true);
    outside.asked[0]?.answer();
    expect((await play()).join('')).toContain('<status code="110"/>');
  });

  test.each([
    ['refuse', ['one? resource-constraint'], []],
    ['pass', [], ['one?']],
  ] as const)('the plug-in is disabled meanwhile: as it declares (%s)', async (failing, refused, said) => {
    const { play, outside, plugins } = await asking(
      {
        checkPresence: {
          failing: 'pass',
          check: () => {
            throw new Error('a mistake');
          },
        },
      },
      failing,
    );
    await play(enter(CAT, ROOM, 'cat'), message(BOB, 'one?'));
    const away = (from: string, nick: string): string => `<presence from="${from}" to="${ROOM}/${nick}"><show>away</show></presence>`;
    for (let i = 0; i < 10; i++)
      await play(
        away(ANN, 'ann'),
        away(CAT, 'cat'),
        away('bob@x.lit/2', 'bob'),
        enter('dan@x.lit/1', ROOM, 'dan'),
        away('dan@x.lit/1', 'dan'),
      );
    expect(plugins.states[0]?.disabled).toBe(true);
    outside.answer(failing === 'pass' ? NO : undefined);
    const heard = await play();
    expect([errors(heard), bodies(heard, ANN)]).toEqual([refused, said]);
  });

  test('the link is lost meanwhile: the answer counts, and what is said arrives when it is back', async () => {
    const { play, outside, offline, online } = await asking();
    await play(message(BOB, 'one?'));
    offline();
    outside.answer();
    await play();
    await online();
    expect(bodies(await play(), ANN)).toContain('one?');
  });

  test('the service stops: what waits is refused with wait', async () => {
    const { play, outside, service, heard } = await asking();
    await play(message(BOB, 'one?'), message(BOB, 'two'));
    await service.stop();
    expect(errors(heard())).toEqual(['one? resource-constraint', 'two resource-constraint']);
    expect(outside.asked[0]?.ending.aborted).toBe(true);
  });

  test('the service is shut down: who waited to enter does not', async () => {
    const outside = new Outside();
    const { play, service } = await asking({ checkEntry: { check: ({ jid }) => (jid === 'cat@x.lit' ? outside.hold(jid) : undefined) } });
    await play(enter(CAT, ROOM, 'cat'));
    await service.shutDown(BY_ITSELF);
    outside.answer();
    expect((await play()).filter((xml) => xml.includes(CAT)).join('')).not.toContain('code="110"');
  });

  test('the room fails: what waits is refused with wait', async () => {
    const { play, outside, store } = await asking();
    await play(message(BOB, 'one?'));
    store.refuse(ROOM);
    const heard = await play(message(ANN, 'lost'));
    expect(errors(heard).sort()).toEqual(['lost internal-server-error', 'one? internal-server-error']);
    outside.answer();
    expect(bodies(await play(), ANN)).toEqual([]);
  });

  test('the room is destroyed: what was said to it is refused', async () => {
    const { play, outside, service } = await asking();
    await play(message(BOB, 'one?'));
    await service.execute({ actor: BY_ITSELF, room: ROOM, command: { name: 'destroy' } });
    expect(errors(await play())).toHaveLength(1);
    outside.answer();
    expect(await play()).toEqual([]);
  });
});

test('what cannot wait is refused: reading from outside where entering is held', async () => {
  const outside = new Outside();
  const { play } = await asking({ checkEntry: { check: ({ jid }) => (jid === 'cat@x.lit' ? outside.hold(jid) : undefined) } });
  const heard = await play(`<iq from="${CAT}" to="${ROOM}" type="set" id="q"><query xmlns="urn:xmpp:mam:2"/></iq>`);
  expect(heard.join('')).toMatch(/type="wait".*Enter the room/);
  expect(outside.asked).toEqual([]);
});

test('the room for tests holds too', async () => {
  const outside = new Outside();
  const room = await testRoom(
    withHooks({ checkMessage: { failing: 'refuse', check: ({ body }) => (body?.includes('?') ? outside.hold(body) : undefined) } }),
  );
  room.owner.say('one?');
  room.owner.say('two');
  expect(room.owner.heard()).toEqual([]);
  outside.answer();
  await room.settle();
  expect(bodies(room.owner.heard(), room.owner.jid)).toEqual(['one?', 'two']);
  await room.end();
});

describe('testRoom keeps to the bounds of a service (issue The house, 5)', () => {
  const asks = async (failing: 'pass' | 'refuse' = 'refuse') => {
    const outside = new Outside();
    const check = ({ body }: { readonly body: string | undefined }) => (body?.includes('?') ? outside.hold(body) : undefined);
    const room = await testRoom(withHooks({ checkMessage: { failing, check } }));
    const bob = room.enter('bob@x.lit/1', 'bob');
    room.owner.heard();
    bob.heard();
    return { room, bob, outside };
  };
  const conditions = (heard: readonly string[]): string[] => heard.flatMap((xml) => /<error[^>]*><([a-z-]+)/.exec(xml)?.[1] ?? []);

  test('twenty stanzas, and 64 KiB', async () => {
    const { room, bob, outside } = await asks();
    bob.say('one?');
    for (let i = 0; i < 22; i++) bob.say(`m${i}`);
    expect(conditions(bob.heard())).toEqual(['resource-constraint', 'resource-constraint']);
    outside.answer();
    await room.settle();
    expect(bodies(room.owner.heard(), room.owner.jid)).toHaveLength(21);
    bob.say('two?');
    bob.say('x'.repeat(70_000));
    expect(conditions(bob.heard())).toEqual(['resource-constraint']);
    await room.end();
  });

  test.each([
    ['refuse', ['resource-constraint'], ['two']],
    ['pass', [], ['one?', 'two']],
  ] as const)('the time that the answer may take: as declared for failure (%s)', async (failing, refused, said) => {
    const { room, bob, outside } = await asks(failing);
    bob.say('one?');
    bob.say('two');
    room.advance(9_000);
    expect(room.owner.heard()).toEqual([]);
    room.advance(1_000);
    expect(conditions(bob.heard())).toEqual(refused);
    expect(bodies(room.owner.heard(), room.owner.jid)).toEqual(said);
    expect(outside.asked[0]?.ending.aborted).toBe(true);
    await room.end();
  });

  test('leaving, a kick, and the end', async () => {
    const { room, bob, outside } = await asks();
    bob.say('one?');
    bob.leave();
    expect(conditions(bob.heard())).toEqual(['not-acceptable']);
    const again = room.enter('bob@x.lit/1', 'bob');
    again.say('two?');
    room.owner.send(
      `<iq to="${room.jid}" type="set" id="k"><query xmlns="http://jabber.org/protocol/muc#admin"><item nick="bob" role="none"/></query></iq>`,
    );
    expect(conditions(again.heard())).toEqual(['not-acceptable']);
    room.owner.say('three?');
    await room.end();
    expect(conditions(room.owner.heard())).toEqual(['resource-constraint']);
    expect(outside.asked.map(({ ending }) => ending.aborted)).toEqual([true, true, true]);
  });
});

test('hold() takes a function and a time that is one', () => {
  expect(() => hold(undefined as never)).toThrow(RangeError);
  expect(() => hold(() => Promise.resolve(undefined), { seconds: 601 })).toThrow(RangeError);
  expect(() => hold(() => Promise.resolve(undefined), { seconds: NaN })).toThrow(RangeError);
});
