/** Renaming a room, as the service does it: the new name is kept free until the store has answered, and whatever fails leaves the room as it was. */
import { administrator, BY_ITSELF } from '../../src/room/contract/audit';
import type { CommandOutcome } from '../../src/room/contract/commands';
import { MemoryDisk } from '../support/memory-store';
import { settle } from './fake-clock';
import { affiliate, enter, instant, realRooms } from './real-rooms';
import { ANN, BOB, CAT, DOMAIN, leave, rig, ROOM, say, type Rig, type RigOptions } from './rig';
import { asBare, asRoom } from '../support/jids';

const NEW = asRoom(`new@${DOMAIN}`);
const INFO = '<query xmlns="http://jabber.org/protocol/disco#info"/>';
const info = (from: string, room: string): string => `<iq from="${from}" to="${room}" type="get" id="info">${INFO}</iq>`;

/** A room of ann's with bob in it, of which cat is a member, and some messages. */
async function hall(options: RigOptions = {}): Promise<Rig> {
  const r = await rig({ makeRoom: realRooms(true), ...options });
  for (const stanza of [enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), affiliate(ANN, ROOM, '<item jid="cat@x.lit" affiliation="member"/>')])
    await r.play(stanza);
  for (const stanza of [enter(BOB, ROOM, 'bob'), say(ANN, 'one'), say(BOB, 'two')]) await r.play(stanza);
  await r.clock.pass(2_000);
  forget(r);
  return r;
}

function forget(r: Rig): void {
  r.link.take();
}

/** Hands stanzas in, and lets everything happen. */
async function send(r: Rig, ...stanzas: string[]): Promise<void> {
  r.feed(...stanzas);
  await settle();
}

/** What was sent since the last look. */
function taken(r: Rig): string[] {
  const sent = [...r.link.xml];
  forget(r);
  return sent;
}

function begin(r: Rig, to = NEW, room = ROOM): { outcome: CommandOutcome | undefined } {
  const seen: { outcome: CommandOutcome | undefined } = { outcome: undefined };
  void r.service.execute({ actor: BY_ITSELF, room, command: { name: 'rename', to } }).then((outcome) => (seen.outcome = outcome));
  return seen;
}

async function rename(r: Rig, to = NEW, room = ROOM): Promise<CommandOutcome | undefined> {
  const seen = begin(r, to, room);
  await settle();
  return seen.outcome;
}

const failed = (condition: string): object => ({ ok: false, error: { condition } });
const told = (sent: readonly string[], to: string): string[] => sent.filter((one) => one.includes(` to="${to}"`));
const bodies = (r: Rig, room: string): (string | undefined)[] =>
  (r.store.disk.rooms.get(asRoom(room))?.messages ?? []).map(({ payload }) => /<body>(.*)<\/body>/.exec(payload)?.[1]);
const isFree = (r: Rig): void => expect(r.service.stats().rooms).toMatchObject({ loading: 0, releasing: 0 });

/** The room is as it was, and the name is free. */
async function isAsBefore(r: Rig): Promise<void> {
  forget(r);
  expect(r.store.disk.rooms.get(NEW)).toBeUndefined();
  await send(r, say(ANN, 'three'));
  await send(r, info(CAT, NEW));
  isFree(r);
  expect(bodies(r, ROOM)).toEqual(['one', 'two', 'three']);
  expect(await rename(r)).toEqual({ ok: true });
  expect(bodies(r, NEW)).toEqual(['one', 'two', 'three']);
}

test('everybody is told in order, the old name leads to the new one, and there the room goes on', async () => {
  const r = await hall();
  expect(await rename(r)).toEqual({ ok: true });
  const farewells = taken(r);
  expect(farewells.map((one) => / to="([^"]*)"/.exec(one)?.[1])).toEqual([ANN, BOB]);
  expect(farewells.every((one) => one.includes(`<destroy jid="${NEW}"/>`) && one.includes(`from="${ROOM}/`))).toBe(true);
  await send(r, enter(BOB, ROOM, 'bob'));
  expect(taken(r).join('')).toContain(`>xmpp:${NEW}?join</gone>`);
  await send(r, enter(BOB, NEW, 'bob'));
  expect(taken(r).join('')).toContain('<body>two</body>');
  // ann has not followed, and cat was not there.
  await r.clock.pass(1_000);
  expect(taken(r).map((one) => [/ from="([^"]*)"/.exec(one)?.[1], / to="([^"]*)"/.exec(one)?.[1]])).toEqual([
    [NEW, 'ann@x.lit'],
    [NEW, 'cat@x.lit'],
  ]);
  expect(r.complaints).toEqual([]);
});

test('while the commit is under way what comes for the new name waits, and is decided by the renamed room: nobody makes another', async () => {
  const r = await hall();
  r.store.hold();
  const seen = begin(r);
  await settle();
  await send(r, enter(CAT, NEW, 'cat'), info(BOB, NEW));
  expect(taken(r)).toEqual([]);
  expect(seen.outcome).toBeUndefined();
  r.store.letGo();
  await settle();
  const sent = taken(r);
  expect(seen.outcome).toEqual({ ok: true });
  expect(told(sent, CAT).join('')).toContain('<body>two</body>');
  expect(told(sent, CAT).join('')).toContain('affiliation="member"');
  expect(sent.findIndex((one) => one.includes('<destroy '))).toBe(0);
  expect(bodies(r, NEW)).toEqual(['one', 'two']);
});

test('a machine that was loaded for the name when there was no such room writes nothing over it', async () => {
  const r = await hall();
  // It is awake as absent while its answer waits for the link.
  r.store.holdReads();
  await send(r, info(CAT, NEW));
  const seen = begin(r);
  await send(r, enter(CAT, NEW, 'cat'));
  r.store.letReadsGo();
  await settle();
  // The join came first, and made a room: its name is taken.
  await r.clock.pass(1_000);
  expect(seen.outcome).toMatchObject(failed('conflict'));
  expect(bodies(r, ROOM)).toEqual(['one', 'two']);
  expect(await rename(r, asRoom(`newer@${DOMAIN}`))).toEqual({ ok: true });
});

test('a name that is asked about at that moment is waited for', async () => {
  const r = await hall();
  r.store.holdReads();
  await send(r, info(CAT, NEW));
  const seen = begin(r);
  await settle();
  expect(seen.outcome).toBeUndefined();
  r.store.letReadsGo();
  await settle();
  expect(seen.outcome).toEqual({ ok: true });
});

test('a name that stays in use by nobody in particular is given up in time', async () => {
  const r = await hall();
  r.store.holdReads();
  await send(r, info(CAT, NEW));
  const seen = begin(r);
  await r.clock.pass(11_000);
  expect(seen.outcome).toMatchObject(failed('resource-constraint'));
  r.store.letReadsGo();
  await settle();
  await isAsBefore(r);
});

test('of the kind of C3: the service stops while a name is waited for: the command settles', async () => {
  const r = await hall();
  r.store.holdReads();
  await send(r, info(CAT, NEW));
  const seen = begin(r);
  await settle();
  expect(seen.outcome).toBeUndefined();
  void r.service.stop();
  await settle();
  expect(seen.outcome).toMatchObject(failed('resource-constraint'));
  r.store.letReadsGo();
  await settle();
});

test.each([
  ['awake', 0],
  ['asleep', 3_600_000],
])('a room that has the name is left alone, %s', async (_, ms) => {
  const r = await hall();
  await send(r, enter(CAT, NEW, 'cat'), instant(CAT, NEW), say(CAT, 'mine', NEW));
  await r.clock.pass(2_000);
  await send(r, leave(CAT, 'cat', NEW));
  await r.clock.pass(ms);
  const outcome = await rename(r);
  expect(outcome).toMatchObject(failed('conflict'));
  expect(outcome?.ok === false && String(outcome.error.text)).toContain(NEW);
  expect(bodies(r, NEW)).toEqual(['mine']);
  expect(bodies(r, ROOM)).toEqual(['one', 'two']);
  await send(r, enter(CAT, NEW, 'cat'));
  expect(told(taken(r), CAT).join('')).toContain('<body>mine</body>');
});

test('where a room is remembered only, the renamed one takes its place: two rooms change names by way of a third', async () => {
  const r = await hall();
  await send(r, enter(CAT, NEW, 'cat'), instant(CAT, NEW), say(CAT, 'mine', NEW));
  await r.clock.pass(2_000);
  const third = asRoom(`third@${DOMAIN}`);
  expect(await rename(r, third, NEW)).toEqual({ ok: true });
  // It still has its farewells to say.
  const seen = begin(r);
  await r.clock.pass(3_000);
  expect(seen.outcome).toEqual({ ok: true });
  expect(bodies(r, NEW)).toEqual(['one', 'two']);
  expect(bodies(r, third)).toEqual(['mine']);
  await r.clock.pass(3_000);
  expect(await rename(r, ROOM, third)).toEqual({ ok: true });
  expect(bodies(r, ROOM)).toEqual(['mine']);
});

test('a commit that fails leaves the room as it was, and the command is answered with the reason', async () => {
  const r = await hall();
  r.store.failNext();
  expect(await rename(r)).toMatchObject(failed('resource-constraint'));
  expect(taken(r)).toEqual([]);
  await r.clock.pass(2_000);
  await isAsBefore(r);
});

test('so does one of which the store refuses the room’s part', async () => {
  const r = await hall();
  r.store.refuse(ROOM);
  expect(await rename(r)).toMatchObject(failed('internal-server-error'));
  expect(taken(r)).toEqual([]);
  await isAsBefore(r);
});

test('so does a name that cannot be read', async () => {
  const r = await hall();
  const claim = r.store.claim.bind(r.store);
  r.store.claim = (room) => (room === NEW ? Promise.reject(new Error('no')) : claim(room));
  expect(await rename(r)).toMatchObject(failed('resource-constraint'));
  r.store.claim = claim;
  await isAsBefore(r);
});

test('a room that throws while it is renamed is as it was', async () => {
  let throws = true;
  const make = realRooms(true);
  const r = await hall({
    makeRoom: (jid, rows) => {
      const machine = make(jid, rows);
      const decide = machine.decide.bind(machine);
      machine.decide = (input, now) => {
        if (throws && input.kind === 'command') throw new Error('the room throws');
        return decide(input, now);
      };
      return machine;
    },
  });
  expect(await rename(r)).toMatchObject(failed('internal-server-error'));
  throws = false;
  await isAsBefore(r);
});

test('a commit that is answered too late: the asker hears that it failed, and when the store answers all is as the store has it', async () => {
  const r = await hall();
  r.store.hold();
  const seen = begin(r);
  await settle();
  await r.clock.pass(60_000);
  expect(seen.outcome).toMatchObject(failed('resource-constraint'));
  // Nobody makes a room of that name while it may yet be the renamed one's.
  await send(r, enter(CAT, NEW, 'cat'));
  forget(r);
  r.store.letGo();
  await settle();
  await r.clock.pass(5_000);
  expect(bodies(r, NEW)).toEqual(['one', 'two']);
  const sent = taken(r);
  expect(told(sent, BOB).join('')).toContain(`<destroy jid="${NEW}"/>`);
  expect(sent.filter((one) => one.includes('jabber:x:conference')).length).toBeGreaterThan(0);
  await send(r, enter(CAT, NEW, 'cat'));
  expect(told(taken(r), CAT).join('')).toContain('<body>two</body>');
});

test('a restart between the commit and sending: farewells from the old name, invitations from the new one', async () => {
  const disk = new MemoryDisk();
  const r = await hall({ disk });
  r.offline();
  expect(await rename(r)).toEqual({ ok: true });
  expect(taken(r)).toEqual([]);
  const again = await rig({ makeRoom: realRooms(true), disk });
  const farewells = taken(again);
  expect(farewells.map((one) => / to="([^"]*)"/.exec(one)?.[1])).toEqual([ANN, BOB]);
  expect(farewells.join('')).toContain(`<destroy jid="${NEW}"/>`);
  await again.clock.pass(5_000);
  expect(taken(again).map((one) => / to="([^"]*)"/.exec(one)?.[1])).toEqual(['ann@x.lit', 'cat@x.lit']);
  await send(again, enter(CAT, NEW, 'cat'));
  expect(told(taken(again), CAT).join('')).toContain('<body>two</body>');
});

test('a lost link: who was in it is told when it is back', async () => {
  const r = await hall();
  r.offline();
  expect(await rename(r)).toEqual({ ok: true });
  await r.online();
  const sent = taken(r);
  for (const who of [ANN, BOB]) expect(told(sent, who).join('')).toContain(`<destroy jid="${NEW}"/>`);
});

test('what the room said and decided in the same batch goes along, what comes behind it does not', async () => {
  const r = await hall();
  r.store.hold();
  await send(r, say(ANN, 'three'));
  await send(r, say(ANN, 'four'));
  // Gathers behind two batches that are with the store.
  await send(r, say(ANN, 'five'));
  const seen = begin(r);
  await settle();
  await send(r, say(ANN, 'six'), enter(CAT, ROOM, 'cat'));
  r.store.letGo();
  await settle();
  expect(seen.outcome).toEqual({ ok: true });
  expect(bodies(r, NEW)).toEqual(['one', 'two', 'three', 'four', 'five']);
  expect(bodies(r, ROOM)).toEqual([]);
  const sent = taken(r);
  expect(told(sent, BOB).filter((one) => one.includes('<body>')).length).toBe(3);
  expect(told(sent, BOB).at(-1)).toContain('<destroy ');
  expect(told(sent, CAT).join('')).toContain('<gone ');
});

test('two renames onto one name: the second finds it taken', async () => {
  const r = await hall();
  const other = asRoom(`other@${DOMAIN}`);
  await send(r, enter(CAT, other, 'cat'), instant(CAT, other));
  await r.clock.pass(2_000);
  const [one, two] = [begin(r), begin(r, NEW, other)];
  await r.clock.pass(1_000);
  expect(one.outcome).toEqual({ ok: true });
  expect(two.outcome).toMatchObject(failed('conflict'));
});

test('two rooms that are to have each other’s name are both refused', async () => {
  const r = await hall();
  await send(r, enter(CAT, NEW, 'cat'), instant(CAT, NEW));
  const [one, two] = [begin(r), begin(r, ROOM, NEW)];
  await r.clock.pass(1_000);
  for (const { outcome } of [one, two]) expect(outcome).toMatchObject(failed('conflict'));
});

test('names without a room: the command is refused, and no name stays taken', async () => {
  const r = await hall();
  const nowhere = asRoom(`nowhere@${DOMAIN}`);
  expect(await rename(r, NEW, nowhere)).toMatchObject(failed('item-not-found'));
  const [one, two] = [begin(r, nowhere, NEW), begin(r, NEW, nowhere)];
  await settle();
  await r.clock.pass(30_000);
  expect([one.outcome?.ok, two.outcome?.ok]).toEqual([false, false]);
  isFree(r);
});

test('to itself', async () => {
  const r = await hall();
  expect(await rename(r, ROOM)).toMatchObject(failed('not-acceptable'));
  await isAsBefore(r);
});

test('while somebody is being erased from all rooms, by name after name, no room changes its name', async () => {
  const r = await hall();
  const erasure = {
    jid: asBare('bob@x.lit'),
    askedBy: administrator(asBare('root@x.lit')),
    askedAt: 1,
    after: '' as const,
    rooms: 0,
    messages: 0,
    failed: 0,
  };
  await r.store.noteErasure(erasure.jid, erasure);
  expect(await rename(r)).toMatchObject({ ok: false, error: { condition: 'resource-constraint', type: 'wait' } });
  await r.store.noteErasure(erasure.jid, null);
  await isAsBefore(r);
});

test('an erasure that begins meanwhile does not miss the room', async () => {
  const r = await hall();
  r.store.hold();
  const seen = begin(r);
  await settle();
  r.store.disk.erasures.set(asBare('bob@x.lit'), {
    jid: asBare('bob@x.lit'),
    askedBy: administrator(asBare('root@x.lit')),
    askedAt: 1,
    after: '',
    rooms: 0,
    messages: 0,
    failed: 0,
  });
  r.store.letGo();
  await settle();
  await r.clock.pass(2_000);
  expect(seen.outcome).toEqual({ ok: true });
  expect(bodies(r, NEW)).toEqual(['one', undefined]);
});

test('the tombstone ends in its time, by itself', async () => {
  const r = await hall();
  await rename(r);
  await r.clock.pass(30 * 86_400_000 + 10_000);
  expect(r.store.disk.rooms.get(ROOM)).toBeUndefined();
  expect(bodies(r, NEW)).toEqual(['one', 'two']);
});

test('XEP-0437: who belongs to it is told of what is said under the new name', async () => {
  const r = await hall();
  await send(r, enter(CAT, ROOM, 'cat'), leave(CAT, 'cat'));
  await send(r, `<presence from="${CAT}" to="${DOMAIN}"><rai xmlns="urn:xmpp:rai:0"/></presence>`);
  forget(r);
  await rename(r);
  await send(r, enter(ANN, NEW, 'ann'), say(ANN, 'three', NEW));
  const told = taken(r).filter((one) => one.includes('<rai '));
  expect(told).toEqual([`<message from="${DOMAIN}" to="${CAT}"><rai xmlns="urn:xmpp:rai:0"><activity>${NEW}</activity></rai></message>`]);
});
