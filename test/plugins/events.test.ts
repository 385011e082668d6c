/** Events after the commit: written for who asked and for nobody else, told in order, at least once, and without holding up rooms. */
import { createFeatures } from '../../src/features';
import { testRoom } from '../../src/plugin-test';
import type { Hooks, RoomEvent, GapEvent } from '../../src/plugin';
import type { Change } from '../../src/room/contract/rows';
import { LIMITS } from '../room/limits';
import { enter, instant } from '../service/real-rooms';
import { ANN, BOB, ROOM, type Rig } from '../service/rig';
import { serviceWith } from './service-with';
import { MemoryDisk } from '../support/memory-store';
import { pluginsOf, withHooks } from './feature-of';

const soon = (ms = 30): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const message = (from: string, body: string, room: string = ROOM): string =>
  `<message from="${from}" to="${room}" type="groupchat" id="${body}"><body>${body}</body></message>`;

/** Takes all events into a list. */
function taker(kinds: RoomEvent['kind'][], more: Partial<NonNullable<Hooks['events']>> = {}) {
  const taken: (RoomEvent | GapEvent)[] = [];
  const events: Hooks['events'] = { kinds, handle: (event) => void taken.push(event), ...more };
  return { taken, events };
}

const eventsIn = (disk: MemoryDisk): number => disk.eventNumber;
const isEvent = ({ table }: Change): boolean => table === 'event';

async function open(played: Rig, room: string = ROOM): Promise<void> {
  await played.play(enter(ANN, room, 'ann'), instant(ANN, room), enter(BOB, room, 'bob'));
}

describe('what is written', () => {
  test('without a subscriber nothing, whatever happens, and no feature listens', async () => {
    const played = await serviceWith({ said: () => undefined });
    await open(played);
    await played.play(message(ANN, 'hello'));
    expect(played.store.taken.flatMap(({ changes }) => changes.flatMap((one) => one ?? [])).filter(isEvent)).toEqual([]);
    expect(eventsIn(played.disk)).toBe(0);
    expect(createFeatures(LIMITS, undefined, undefined, played.plugins.features).all.map(({ name }) => name)).not.toContain(
      'events of plug-ins',
    );
    await played.plugins.stop();
  });

  test('only of kinds and rooms that somebody asked for', async () => {
    const { taken, events } = taker(['message'], { rooms: ['A@Rooms.x.lit'] });
    const played = await serviceWith({ events });
    await open(played);
    await open(played, 'other@rooms.x.lit');
    await played.play(message(ANN, 'hello'), message(ANN, 'elsewhere', 'other@rooms.x.lit'));
    expect(eventsIn(played.disk)).toBe(1);
    await soon();
    expect(taken).toMatchObject([{ kind: 'message', room: ROOM, body: 'hello' }]);
    await played.plugins.stop();
  });

  test('every kind, in order', async () => {
    const { taken, events } = taker([
      'message',
      'subject',
      'retracted',
      'entered',
      'left',
      'affiliation',
      'created',
      'configured',
      'destroyed',
      'renamed',
    ]);
    const room = await testRoom(withHooks({ events }), { values: { 'muc#roomconfig_roomname': 'Tea' } });
    const ann = room.enter('ann@example.com');
    ann.say('hello');
    const id = /<stanza-id [^>]*id="([^"]+)"/.exec(ann.heard().at(-1) ?? '')?.[1];
    room.owner.send(`<message to="${room.jid}" type="groupchat"><subject>Tea</subject></message>`);
    room.owner.send(
      `<iq to="${room.jid}" type="set" id="a"><query xmlns="http://jabber.org/protocol/muc#admin"><item jid="ann@example.com" affiliation="outcast"/></query></iq>`,
    );
    await room.settle();
    room.owner.send(`<iq to="${room.jid}" type="set" id="d"><query xmlns="http://jabber.org/protocol/muc#owner"><destroy/></query></iq>`);
    await room.settle();
    const ann1 = { jid: 'ann@example.com', nick: 'ann', occupantId: expect.any(String) as string };
    expect(taken).toMatchObject([
      { kind: 'created', jid: 'owner@example.com' },
      { kind: 'entered', jid: 'owner@example.com' },
      { kind: 'configured' },
      { kind: 'entered', ...ann1 },
      { kind: 'message', ...ann1, id, body: 'hello' },
      { kind: 'subject', nick: 'owner', body: 'Tea' },
      { kind: 'left', ...ann1, removed: true },
      { kind: 'affiliation', jid: 'ann@example.com', before: 'none', after: 'outcast' },
      { kind: 'destroyed' },
    ]);
    const numbers = taken.map(({ number }) => number);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    await room.end();
  });
});

describe('how it is told', () => {
  test('one at a time, again until it is taken, in order; the room goes on meanwhile', async () => {
    const log: string[] = [];
    let broken = true;
    let under = 0;
    const played = await serviceWith({
      events: {
        kinds: ['message'],
        async handle(event) {
          expect(++under).toBe(1);
          await soon(5);
          under--;
          log.push(event.kind === 'message' ? (event.body ?? '') : event.kind);
          if (broken) throw new Error('not now');
        },
      },
    });
    await open(played);
    const heard = await played.play(message(ANN, 'one'), message(ANN, 'two'));
    expect(heard.join('')).toContain('<body>two</body>');
    await soon();
    expect(log).toEqual(['one']);
    expect(played.plugins.states[0]).toMatchObject({ failures: 1, disabled: false });
    broken = false;
    // By itself, after a second.
    await soon(1_200);
    expect(log).toEqual(['one', 'one', 'two']);
    await played.plugins.stop();
  });

  test('what was not taken before a restart is told after it, what was is not', async () => {
    const disk = new MemoryDisk();
    const first: string[] = [];
    const before = await serviceWith(
      {
        events: {
          kinds: ['message'],
          handle(event) {
            if (event.kind === 'message' && event.body === 'two') throw new Error('not now');
            first.push(event.kind);
          },
        },
      },
      { disk },
    );
    await open(before);
    await before.play(message(ANN, 'one'), message(ANN, 'two'));
    await soon();
    await before.plugins.stop();
    await before.service.stop();
    await before.store.close();
    expect(first).toEqual(['message']);
    const { taken, events } = taker(['message']);
    const after = await serviceWith({ events }, { disk });
    await soon();
    expect(taken).toMatchObject([{ body: 'two' }]);
    await after.plugins.stop();
  });

  test('what is retracted before it is told is told without its words; a message is told that it was retracted', async () => {
    const taken: (RoomEvent | GapEvent)[] = [];
    const events = { kinds: ['message', 'retracted'] as const, handle: (event: RoomEvent | GapEvent) => void taken.push(event) };
    let isOpen = false;
    const played = await serviceWith({
      events: {
        ...events,
        async handle(event, ending) {
          while (!isOpen && !ending.aborted) await soon(1);
          events.handle(event);
        },
      },
    });
    await open(played);
    const heard = await played.play(message(ANN, 'first'), message(ANN, 'secret'));
    const id = /<stanza-id [^>]*id="([^"]+)"/.exec(heard.at(-1) ?? '')?.[1];
    const told = await played.play(
      `<iq from="${ANN}" to="${ROOM}" type="set" id="m"><moderate xmlns="urn:xmpp:message-moderate:1" id="${id}"><retract xmlns="urn:xmpp:message-retract:1"/></moderate></iq>`,
    );
    expect(told.join('')).toContain('type="result"');
    // What was read before is read again after a second.
    await soon(1_100);
    isOpen = true;
    await soon();
    expect(taken.map(({ kind }) => kind)).toEqual(['message', 'message', 'retracted']);
    expect(taken[1]).toMatchObject({ id, taken: true });
    expect(taken[1]).not.toHaveProperty('body');
    await played.plugins.stop();
  });

  test('what passes the bound is a gap, told in its place', async () => {
    let broken = true;
    const taken: (RoomEvent | GapEvent)[] = [];
    const played = await serviceWith({
      events: {
        kinds: ['message'],
        handle(event) {
          if (broken) throw new Error('not now');
          taken.push(event);
        },
      },
    });
    await open(played);
    await played.play(...['one', 'two', 'three'].map((body) => message(ANN, body)));
    await soon();
    await played.store.boundEvents({ before: 0, rows: 1, bytes: 1_000_000 });
    broken = false;
    played.plugins.enable();
    await soon();
    expect(taken).toEqual([{ kind: 'gap', number: 2 }, expect.objectContaining({ kind: 'message', number: 3, body: 'three' })]);
    await played.plugins.stop();
  });

  test('a disabled plug-in is told nothing until it is enabled, then all of it', async () => {
    const { taken, events } = taker(['message']);
    const played = await serviceWith({
      events,
      checkPresence: {
        failing: 'pass',
        check: () => {
          throw new Error('a mistake');
        },
      },
    });
    await open(played);
    const cat = 'cat@x.lit/1';
    await played.play(enter(cat, ROOM, 'cat'));
    const away = (from: string): string => `<presence from="${from}" to="${ROOM}/${from.split('@')[0] ?? ''}"><show>away</show></presence>`;
    for (let i = 0; i < 4; i++) await played.play(away(ANN), away(BOB), away(cat));
    expect(played.plugins.states[0]?.disabled).toBe(true);
    await played.play(message(ANN, 'one'), message(ANN, 'two'));
    await soon();
    expect(taken).toEqual([]);
    played.plugins.enable();
    await soon();
    expect(taken).toMatchObject([{ body: 'one' }, { body: 'two' }]);
    await played.plugins.stop();
  });

  test('an event under way at the end has its signal aborted, and is told again', async () => {
    const disk = new MemoryDisk();
    const played = await serviceWith(
      {
        events: {
          kinds: ['message'],
          handle: async (_: unknown, ending: AbortSignal): Promise<void> => {
            await new Promise<unknown>((resolve) => ending.addEventListener('abort', resolve, { once: true }));
            throw new Error('cut off');
          },
        },
      },
      { disk },
    );
    await open(played);
    await played.play(message(ANN, 'one'));
    await soon();
    await played.plugins.stop();
    expect(played.plugins.states[0]?.failures).toBe(0);
    await played.service.stop();
    await played.store.close();
    const { taken, events } = taker(['message']);
    const after = await serviceWith({ events }, { disk });
    await soon();
    expect(taken).toMatchObject([{ body: 'one' }]);
    await after.plugins.stop();
  });
});

test.each([
  [{ kinds: ['message'] }, 'without a function "handle"'],
  [{ kinds: [], handle: String }, 'of no kind'],
  [{ kinds: ['said'], handle: String }, 'the kind "said"'],
  [{ kinds: ['message'], rooms: ['nowhere'], handle: String }, '"nowhere", which is no address of a room'],
])('a mistaken subscription is refused at start: %j', (events, sentence) => {
  expect(() => pluginsOf(withHooks({ events: events as never }))).toThrow(sentence);
});
