/** A join repeated while the first one still waits for its history (§17.3): nothing that history cannot give again is lost. */
import { createFeatures } from '../../src/features';
import { createRoomFactory } from '../../src/room/room';
import type { Decision, ReadMessages } from '../../src/room/contract/machine';
import { toXml } from '../../src/xmpp/outgoing';
import { LIMITS } from './limits';
import { parse } from '../support/conversation';
import { asFull, asRoom } from '../support/jids';

const ROOM = asRoom('coven@chat.shakespeare.lit');
const crone = 'crone1@shakespeare.lit/desktop';
const wicca = 'wiccarocks@shakespeare.lit/laptop';
const hag = 'hag66@shakespeare.lit/pda';
const MUC = '<x xmlns="http://jabber.org/protocol/muc"/>';
const limits = LIMITS;

/** A room with firstwitch, in which nothing that is read from the archive is there before the test says so. */
function slowRoom() {
  let drawn = 0;
  const room = createRoomFactory({
    random: { bytes: (count) => Buffer.alloc(count, ++drawn) },
    policy: {
      mayCreate: () => true,
      isServiceAdmin: () => false,
      defaults: new Map(),
      limits,
      creation: { rooms: null, roomsPerCreator: null },
      kept: { markers: false, events: false },
      rooms: { conditions: false, ownersNeedPassword: false, avatarPresence: true },
    },
    features: createFeatures(limits),
  })(ROOM, null);
  let now = 1_767_225_600_000;
  const send = (text: string): Decision => {
    const stanza = parse(text);
    const to = stanza.attrs['to'] as string;
    return room.decide({ kind: 'stanza', stanza, from: asFull(stanza.attrs['from'] as string), nick: to.slice(ROOM.length + 1) }, now++);
  };
  const join = (from: string, nick: string): Decision => send(`<presence from="${from}" to="${ROOM}/${nick}">${MUC}</presence>`);
  const rows: Extract<Decision['writes'][number], { table: 'message' }>['row'][] = [];
  const say = (body: string): void => {
    const { writes } = send(`<message from="${crone}" to="${ROOM}" type="groupchat"><body>${body}</body></message>`);
    for (const write of writes) if (write.table === 'message') rows.push(write.row);
  };
  const answer = (effect: ReadMessages): string[] =>
    room.decide({ kind: 'messages', effect, rows: [...rows] }, now++).out.map((out) => toXml(out, hag));

  join(crone, 'firstwitch');
  send(
    `<iq from="${crone}" to="${ROOM}" type="set" id="1"><query xmlns="http://jabber.org/protocol/muc#owner"><x xmlns="jabber:x:data" type="submit"/></query></iq>`,
  );
  return { send, join, say, answer };
}

test('a private message that came in between is delivered, and an archived one once', () => {
  const { send, join, say, answer } = slowRoom();
  say('before');
  const [first] = join(hag, 'thirdwitch').effects;
  send(`<message from="${crone}" to="${ROOM}/thirdwitch" type="chat"><body>psst</body></message>`);
  say('between');
  const [second] = join(hag, 'thirdwitch').effects;

  // The answer to the first entry is void.
  expect(answer(first as ReadMessages)).toEqual([]);
  const told = answer(second as ReadMessages).join('\n');
  const bodies = [...told.matchAll(/<body>(.*?)<\/body>/g)].map((match) => match[1]);
  expect(bodies).toEqual(['before', 'between', 'psst']);
});

test('§7.14 people who left in between are gone for the joiner too, who was shown them at the first entry', () => {
  const { send, join, say } = slowRoom();
  say('before');
  join(wicca, 'secondwitch');
  const shown = join(hag, 'thirdwitch').out.map((out) => toXml(out, hag));
  expect(shown.filter((stanza) => stanza.includes('/secondwitch"'))).toHaveLength(1);
  send(`<presence from="${wicca}" to="${ROOM}/secondwitch" type="unavailable"/>`);
  const again = join(hag, 'thirdwitch').out.map((out) => toXml(out, hag));
  expect(again.filter((stanza) => stanza.includes('/secondwitch"') && stanza.includes('type="unavailable"'))).toHaveLength(1);
});

test('§7.6 the same under another nick: the former one is gone, with 303, before the new one is there', () => {
  const { join, say } = slowRoom();
  say('before');
  join(hag, 'thirdwitch');
  const told = join(hag, 'oldhag').out.filter(({ to }) => to !== crone && JSON.stringify(to).includes('hag66'));
  const own = told.map((out) => toXml(out, hag)).filter((stanza) => stanza.includes('code="110"'));
  expect(own).toHaveLength(2);
  expect(own[0]).toMatch(/thirdwitch".*type="unavailable".*code="303"/);
  expect(own[1]).toContain('/oldhag"');
});
