/** Refusing is safe: what is too large to be written again is refused, and a refusal that throws leaves no room dead. */
import { settle } from './fake-clock';
import { enter, instant, realRooms } from './real-rooms';
import { ANN, BOB, iq, join, leave, rig, ROOM, say } from './rig';
import { FakeRoom } from './fake-room';
import { errorReply, stanzaError } from '../../src/xmpp/stanza-error';
import { serializeChildren, serializeChildrenWithin, XmlTooLarge } from '../../src/xmpp/xml';
import { parse } from '../support/conversation';

/** About 250 KB: one long prefix, declared on the stanza and used by each of many children. */
const PREFIX = `p${'x'.repeat(30_000)}`;
const prefixed = (open: string, name: string): string =>
  `<${name} ${open} xmlns:${PREFIX}="urn:p"><body>hello</body>${`<${PREFIX}:a/>`.repeat(7)}</${name}>`;
/** A long namespace in place of the prefix. */
const spaced = (open: string, name: string): string =>
  `<${name} ${open} xmlns:p="urn:${'y'.repeat(120_000)}"><body>hello</body>${'<p:a/>'.repeat(20_000)}</${name}>`;

test('found F10: a stanza whose refusal throws: it is refused, and the room lives', async () => {
  const { play, link } = await rig({ makeRoom: realRooms(true) });
  await play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM));
  link.take();
  for (const large of [spaced, prefixed]) {
    for (const open of [`from="${ANN}" to="${ROOM}" type="groupchat" id="m"`, `from="${BOB}" to="${ROOM}" type="groupchat" id="m"`]) {
      await play(large(open, 'message'));
      const told = link.take();
      expect(told.every((line) => line.length < 1_000_000)).toBe(true);
    }
  }
  expect(await play(spaced(`from="${BOB}" to="${ROOM}" type="groupchat" id="m"`, 'message'))).toEqual([`${BOB} !policy-violation`]);
  expect(await play(spaced(`from="${BOB}" to="${ROOM}/bob" id="p"`, 'presence'))).toEqual([`${BOB} !policy-violation`]);
  expect(await play(spaced(`from="${BOB}" to="${ROOM}" type="get" id="q"`, 'iq').replace('<body>hello</body>', ''))).toHaveLength(1);
  expect(await play(`<message from="${ANN}" to="${ROOM}" type="groupchat" id="m"><body>alive</body></message>`)).toHaveLength(1);
});

test('of the kind of F10: whoever leaves with too much to be written leaves all the same', async () => {
  const { play } = await rig();
  await play(join(ANN, 'ann'), join(BOB, 'bob'));
  expect(await play(spaced(`from="${ANN}" to="${ROOM}/ann" type="unavailable"`, 'presence'))).toEqual([`${BOB} ${ANN} left`]);
});

test('of the kind of F10: a room that throws whatever it is asked, also when it is to refuse, is loaded anew', async () => {
  const { play, store, link } = await rig({
    makeRoom: (jid, rows) => {
      const room = new FakeRoom(jid, rows, []);
      room.refuse = () => {
        throw new Error('the refusal throws');
      };
      return room;
    },
  });
  await play(join(ANN, 'ann'));
  expect(await play(iq(ANN, 'boom', 'q2'))).toEqual([`${ANN} !internal-server-error`]);
  expect(await play(iq(ANN, 'who', 'q3'))).toEqual([`${ANN} in: ann`]);
  store.hold();
  await play(say(ANN, 'one'));
  store.refuse(ROOM);
  store.letGo();
  await settle();
  expect(link.take()).toEqual([`${ANN} !internal-server-error`]);
  expect(await play(leave(ANN, 'ann'), iq(BOB, 'who', 'q4'))).toEqual([`${BOB} in: `]);
});

test('found F10: what is put together is bounded, and an error repeats nothing that is not', () => {
  const huge = parse(spaced('from="a@x.lit/1" to="r@y.lit" id="m"', 'message'));
  expect(() => serializeChildren(huge)).toThrow(XmlTooLarge);
  expect(serializeChildrenWithin(huge, 1_000)).toBeUndefined();
  expect(errorReply(huge, stanzaError('forbidden', ''), 'r@y.lit')?.rest.length).toBeLessThan(300);
  const small = parse('<message from="a@x.lit/1" to="r@y.lit"><body>a &amp; b</body></message>');
  const whole = serializeChildren(small);
  expect(serializeChildrenWithin(small, whole.length)).toBe(whole);
  expect(serializeChildrenWithin(small, whole.length - 1)).toBeUndefined();
});
