/** What a lost link may and may not do to what was decided: each output says what it is, and all is said that was not said. */
import { settle } from './fake-clock';
import { enter, instant, realRooms } from './real-rooms';
import { ANN, BOB, CAT, join, rig, ROOM, say, type Rig } from './rig';
import { FakeRoom } from './fake-room';

const MUC = 'http://jabber.org/protocol/muc';
const kick = (nick: string): string =>
  `<iq from="${ANN}" to="${ROOM}" type="set" id="k"><query xmlns="${MUC}#admin"><item nick="${nick}" role="none"/></query></iq>`;
const whisper = `<message from="${ANN}" to="${ROOM}/cat" type="chat" id="pm"><body>a secret</body></message>`;

async function room(): Promise<Rig> {
  const it = await rig({ makeRoom: realRooms(true) });
  await it.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM));
  await it.play(enter(BOB, ROOM, 'bob'), enter(CAT, ROOM, 'cat'));
  await it.clock.pass(5_000);
  it.link.take();
  return it;
}

test('found C1: a room that throws while it says again: the message is said at the next connection', async () => {
  let throws = true;
  const first = await rig();
  await first.play(join(ANN, 'ann'), say(ANN, 'one'));
  const it = await rig({
    disk: first.store.disk,
    makeRoom: (jid, rows) => {
      const machine = new FakeRoom(jid, rows, []);
      const decide = machine.decide.bind(machine);
      machine.decide = (input, now) => {
        if (throws && input.kind === 'say-again') throw new Error('it throws');
        return decide(input, now);
      };
      return machine;
    },
  });
  expect(it.link.take()).toEqual([]);
  // It goes on, and what it says is confirmed; what it owes is not.
  expect(await it.play(say(ANN, 'two'))).toEqual([`${ANN} two`]);
  await it.clock.pass(5_000);
  expect(it.store.disk.rooms.get(ROOM)?.counters.deliveredRev).toBe(0);
  throws = false;
  it.offline();
  await it.online();
  expect(it.link.take()).toEqual([`${ANN} say-again: one`, `${ANN} say-again: two`]);
  await it.clock.pass(5_000);
  expect(it.store.disk.rooms.get(ROOM)?.counters.deliveredRev).toBe(3);
});

test('found C2: the link lost and back before a slow commit is answered: a farewell is said once, a private message is not lost', async () => {
  const it = await room();
  it.store.hold();
  await it.play(kick('bob'), whisper);
  it.offline();
  await it.online();
  it.store.letGo();
  await settle();
  await it.clock.pass(5_000);
  const sent = it.link.take();
  expect(sent.filter((line) => line.startsWith(BOB) && line.includes('code="307"'))).toHaveLength(1);
  expect(sent.filter((line) => line.startsWith(CAT) && line.includes('a secret'))).toHaveLength(1);
  expect(sent.filter((line) => line.startsWith(ANN) && line.includes('id="k"'))).toHaveLength(1);
  expect(sent.filter((line) => line.startsWith(CAT) && line.includes('code="307"'))).toHaveLength(1);
});

test('of the kind of C2: a message that no archive keeps is said once, one that is kept too, and so is the end of a room', async () => {
  const it = await room();
  it.store.hold();
  await it.play(
    `<message from="${ANN}" to="${ROOM}" type="groupchat" id="kept"><body>kept</body></message>`,
    `<message from="${ANN}" to="${ROOM}" type="groupchat" id="typing"><composing xmlns="http://jabber.org/protocol/chatstates"/></message>`,
    `<iq from="${ANN}" to="${ROOM}" type="set" id="d"><query xmlns="${MUC}#owner"><destroy/></query></iq>`,
  );
  it.offline();
  await it.online();
  it.store.letGo();
  await settle();
  await it.clock.pass(5_000);
  const sent = it.link.take().filter((line) => line.startsWith(BOB));
  expect(sent.filter((line) => line.includes('composing'))).toHaveLength(1);
  expect(sent.filter((line) => line.includes('<destroy'))).toHaveLength(1);
});

test('found G1: somebody leaves while another enters on a slow disk, and the link is reset: the one who entered is told', async () => {
  const it = await rig({ makeRoom: realRooms(true) });
  await it.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), say(ANN, 'hello'));
  await it.play(enter(CAT, ROOM, 'cat'));
  await it.clock.pass(5_000);
  it.store.holdReads();
  await it.play(enter(BOB, ROOM, 'bob'));
  await it.play(`<presence from="${CAT}" to="${ROOM}/cat" type="unavailable"/>`);
  await it.clock.pass(5_000);
  it.store.hold();
  await it.play(say(ANN, 'there'));
  it.store.letReadsGo();
  await settle();
  it.link.take();
  it.offline();
  await it.online();
  it.store.letGo();
  await settle();
  await it.clock.pass(5_000);
  const told = it.link.take().filter((line) => line.startsWith(BOB));
  expect(told.filter((line) => line.includes('type="unavailable"'))).toHaveLength(1);
  expect(it.store.disk.rooms.get(ROOM)?.counters.deliveredRev).toBe(it.store.disk.rooms.get(ROOM)?.counters.rev);
});

test('found G7: a farewell is not said again to somebody whose new join waits already', async () => {
  const it = await room();
  it.link.held = [];
  await it.play(kick('bob'), kick('cat'));
  it.offline();
  it.link.held = undefined;
  it.store.holdReads();
  await it.online();
  it.link.take();
  await it.play(enter(BOB, ROOM, 'bob'));
  it.store.letReadsGo();
  await settle();
  await it.clock.pass(1_000);
  const sent = it.link.take();
  expect(sent.filter((line) => line.startsWith(BOB) && line.includes('code="307"'))).toEqual([]);
  expect(sent.filter((line) => line.startsWith(BOB) && line.includes('code="110"'))).toHaveLength(1);
  // Who does not come back is told.
  expect(sent.filter((line) => line.startsWith(CAT) && line.includes('code="307"') && line.includes('code="110"'))).toHaveLength(1);
});

test('found C9: a history that was read before access changed is not sent after', async () => {
  const it = await room();
  await it.play(`<message from="${ANN}" to="${ROOM}" type="groupchat" id="s"><body>a secret</body></message>`);
  const DAVE = 'dave@x.lit/1';
  it.store.holdReads();
  await it.play(enter(DAVE, ROOM, 'dave'));
  const field =
    '<field var="FORM_TYPE"><value>http://jabber.org/protocol/muc#roomconfig</value></field><field var="{urn:parlour:room}archiveaccess"><value>members</value></field>';
  await it.play(
    `<iq from="${ANN}" to="${ROOM}" type="set" id="c"><query xmlns="${MUC}#owner"><x xmlns="jabber:x:data" type="submit">${field}</x></query></iq>`,
  );
  it.store.letReadsGo();
  await settle();
  expect(it.link.take().filter((line) => line.startsWith(DAVE) && line.includes('a secret'))).toEqual([]);
});
