/** Which rooms had messages since somebody was there: XEP-0437. */
import { MemoryDisk } from '../support/memory-store';
import { parse } from '../support/conversation';
import { canonical } from '../support/canonical';
import { settle } from './fake-clock';
import { affiliate, enter, instant, realRooms } from './real-rooms';
import { ANN, BOB, DOMAIN, leave, rig, ROOM, say, type Rig } from './rig';
import { asRoom } from '../support/jids';

const B = asRoom(`b@${DOMAIN}`);
const RAI = '<rai xmlns="urn:xmpp:rai:0"/>';
const subscribe = (from: string): string => `<presence from="${from}" to="${DOMAIN}" id="dwZ3vL">${RAI}</presence>`;
const away = (from: string): string => `<presence from="${from}" to="${DOMAIN}" type="unavailable"/>`;
const indicator = (...rooms: string[]): string =>
  `<rai xmlns="urn:xmpp:rai:0">${rooms.map((room) => `<activity>${room}</activity>`).join('')}</rai>`;

/** Rooms in which ann is owner and bob a member who is not there. */
async function hall(rooms: readonly string[] = [ROOM], disk = new MemoryDisk(), limits = {}): Promise<Rig> {
  const r = await rig({ makeRoom: realRooms(true), disk, limits });
  for (const room of rooms) {
    await r.play(enter(ANN, room, 'ann'), instant(ANN, room), affiliate(ANN, room, '<item jid="bob@x.lit" affiliation="member"/>'));
  }
  r.link.take();
  return r;
}

/** The indicators somebody got of what was just sent, each as the rooms it names. */
async function told(r: Rig, to: string, ...stanzas: string[]): Promise<string[][]> {
  r.link.take();
  r.feed(...stanzas);
  await settle();
  const got = r.link.xml.map(parse).filter((stanza) => stanza.attrs['to'] === to && stanza.getChild('rai', 'urn:xmpp:rai:0'));
  return got.map((stanza) => {
    expect(canonical(String(stanza))).toBe(canonical(`<message from="${DOMAIN}" to="${to}">${String(stanza.getChild('rai'))}</message>`));
    const rai = stanza.getChild('rai', 'urn:xmpp:rai:0');
    return (rai?.getChildren('activity') ?? []).map((activity) => activity.text());
  });
}

describe('XEP-0437 §3.1 subscribing', () => {
  test('one message with all rooms that had messages since the last visit; nothing if there were none', async () => {
    const C = `c@${DOMAIN}`;
    const r = await hall([ROOM, B, C]);
    await r.play(enter(BOB, ROOM, 'bob'), enter(BOB, B, 'bob'), enter(BOB, C, 'bob'));
    expect(await told(r, BOB, subscribe(BOB))).toEqual([]);
    await r.play(away(BOB), leave(BOB, 'bob', ROOM), leave(BOB, 'bob', B), leave(BOB, 'bob', C));
    expect(await told(r, BOB, subscribe(BOB))).toEqual([]);
    await r.play(away(BOB), say(ANN, 'one', ROOM), say(ANN, 'two', ROOM), say(ANN, 'three', C));
    r.feed(subscribe(BOB));
    await settle();
    expect(r.link.xml).toEqual([`<message from="${DOMAIN}" to="${BOB}">${indicator(ROOM, C)}</message>`]);
  });

  test('messages during a visit are not new, also after a restart of Parlour', async () => {
    const disk = new MemoryDisk();
    const r = await hall([ROOM], disk);
    await r.play(say(ANN, 'before'), enter(BOB, ROOM, 'bob'), say(ANN, 'with bob'), leave(BOB, 'bob'));
    await r.service.stop();
    const again = await rig({ makeRoom: realRooms(true), disk });
    expect(await told(again, BOB, subscribe(BOB))).toEqual([]);
    expect(await told(again, BOB, say(ANN, 'without'))).toEqual([[ROOM]]);
  });

  test('in a room never visited, any message is new', async () => {
    const r = await hall();
    await r.play(say(ANN, 'hello'));
    expect(await told(r, BOB, subscribe(BOB))).toEqual([[ROOM]]);
  });

  test('a second time begins anew', async () => {
    const r = await hall();
    await r.play(say(ANN, 'hello'));
    expect(await told(r, BOB, subscribe(BOB))).toEqual([[ROOM]]);
    expect(await told(r, BOB, subscribe(BOB))).toEqual([[ROOM]]);
  });

  test('found B11: rooms with long names come in messages that servers take', async () => {
    const r = await rig();
    const name = (i: number): string => `${String(i).padStart(4, '0')}${'&'.repeat(900)}@${DOMAIN}`;
    r.store.activityOf = () => Promise.resolve(Array.from({ length: 300 }, (_, i) => ({ room: asRoom(name(i)), active: true })));
    const messages = await told(r, BOB, subscribe(BOB));
    expect(messages.flat()).toHaveLength(300);
    expect(messages.length).toBeGreaterThan(1);
    for (const stanza of r.link.xml) expect(Buffer.byteLength(stanza)).toBeLessThan(450_000);
  });

  test('many rooms come in several messages', async () => {
    const r = await rig();
    r.store.activityOf = () => Promise.resolve(Array.from({ length: 501 }, (_, i) => ({ room: asRoom(`r${i}@${DOMAIN}`), active: true })));
    expect((await told(r, BOB, subscribe(BOB))).map((rooms) => rooms.length)).toEqual([500, 1]);
  });

  test('presence that asks for nothing is refused as before, and so is one of a server', async () => {
    const r = await rig();
    expect(await r.play(`<presence from="${BOB}" to="${DOMAIN}"/>`)).toEqual([`${BOB} !service-unavailable`]);
    expect(await r.play(subscribe('x.lit'))).toEqual(['x.lit !service-unavailable']);
  });

  test('twenty subscriptions for an account', async () => {
    const r = await rig();
    for (let i = 0; i < 20; i++) expect(await r.play(subscribe(`bob@x.lit/${i}`))).toEqual([]);
    expect(await r.play(subscribe('bob@x.lit/20'))).toEqual(['bob@x.lit/20 !resource-constraint']);
    expect(await r.play(away('bob@x.lit/3'), subscribe('bob@x.lit/20'))).toEqual([]);
  });

  test('when the rooms cannot be read the asker is told that there is no subscription', async () => {
    const r = await hall();
    r.store.activityOf = () => Promise.reject(new Error('unreadable'));
    expect(await r.play(subscribe(BOB))).toEqual([`${BOB} !internal-server-error`]);
    expect(await told(r, BOB, say(ANN, 'hello'))).toEqual([]);
  });
});

describe('XEP-0437 §4 with a subscription', () => {
  test('a message in a room they are not in is told once, until the next visit', async () => {
    const r = await hall([ROOM, B]);
    await r.play(subscribe(BOB));
    expect(await told(r, BOB, say(ANN, 'one'))).toEqual([[ROOM]]);
    expect(await told(r, BOB, say(ANN, 'two'), say(ANN, 'other', B))).toEqual([[B]]);
    expect(await told(r, BOB, enter(BOB, ROOM, 'bob'), say(ANN, 'three'))).toEqual([]);
    expect(await told(r, BOB, leave(BOB, 'bob'), say(ANN, 'four'), say(ANN, 'five'))).toEqual([[ROOM]]);
  });

  test('not to a session that is in the room, but to another one of the same account', async () => {
    const r = await hall();
    const other = 'bob@x.lit/2';
    await r.play(subscribe(BOB), subscribe(other), enter(BOB, ROOM, 'bob'));
    r.feed(say(ANN, 'one'));
    await settle();
    const got = r.link.xml.filter((xml) => xml.includes('urn:xmpp:rai:0'));
    expect(got).toEqual([`<message from="${DOMAIN}" to="${other}">${indicator(ROOM)}</message>`]);
  });

  test('what is not archived is no activity', async () => {
    const r = await hall();
    await r.play(subscribe(BOB));
    const composing = `<message from="${ANN}" to="${ROOM}" type="groupchat"><composing xmlns="http://jabber.org/protocol/chatstates"/></message>`;
    expect(await told(r, BOB, composing)).toEqual([]);
  });

  test('nothing of rooms to which they do not belong, that banned them, or that ended', async () => {
    const C = `c@${DOMAIN}`;
    const r = await hall([ROOM, B, C]);
    await r.play(affiliate(ANN, C, '<item jid="bob@x.lit" affiliation="none"/>'));
    await r.play(say(ANN, 'before', C), subscribe(BOB));
    expect(await told(r, BOB, say(ANN, 'one', C))).toEqual([]);
    expect(await told(r, BOB, affiliate(ANN, ROOM, '<item jid="bob@x.lit" affiliation="outcast"/>'), say(ANN, 'two'))).toEqual([]);
    await r.play(
      `<iq from="${ANN}" to="${B}" type="set" id="d"><query xmlns="http://jabber.org/protocol/muc#owner"><destroy/></query></iq>`,
    );
    const D = asRoom(`d@${DOMAIN}`);
    expect(await told(r, BOB, enter(ANN, D, 'ann'), instant(ANN, D), say(ANN, 'three', D))).toEqual([]);
    expect(await told(r, BOB, affiliate(ANN, D, '<item jid="bob@x.lit" affiliation="member"/>'), say(ANN, 'four', D))).toEqual([[D]]);
  });

  test('a room that banned them is not named at the subscription', async () => {
    const r = await hall();
    await r.play(say(ANN, 'hello'), affiliate(ANN, ROOM, '<item jid="bob@x.lit" affiliation="outcast"/>'));
    expect(await told(r, BOB, subscribe(BOB))).toEqual([]);
  });

  test('what happens while the rooms are being read is not missed, and not told twice', async () => {
    const r = await hall([ROOM, B]);
    r.store.holdReads();
    r.feed(subscribe(BOB));
    await settle();
    await r.play(say(ANN, 'one'), affiliate(ANN, B, '<item jid="bob@x.lit" affiliation="outcast"/>'), say(ANN, 'two', B));
    r.link.take();
    r.store.letReadsGo();
    await settle();
    expect(r.link.take()).toEqual([`${BOB} >${indicator(ROOM)}</message>`]);
    expect(await told(r, BOB, say(ANN, 'three'), say(ANN, 'four', B))).toEqual([]);
  });
});

describe('XEP-0437 §3.2 the end', () => {
  test('unavailable presence', async () => {
    const r = await hall();
    await r.play(subscribe(BOB), away(BOB));
    expect(await told(r, BOB, say(ANN, 'hello'))).toEqual([]);
  });

  test('an indicator that comes back', async () => {
    const r = await hall([ROOM, B]);
    await r.play(subscribe(BOB), say(ANN, 'hello'));
    await r.play(
      `<message from="${BOB}" to="${DOMAIN}" type="error"><error type="cancel"><service-unavailable xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></message>`,
    );
    expect(await told(r, BOB, say(ANN, 'hello', B))).toEqual([]);
  });

  test('a lost link is not the end: what was said meanwhile is told, and who has gone is found by asking', async () => {
    const r = await hall([ROOM, B], new MemoryDisk(), { probesPerSecond: 100 });
    const other = 'bob@x.lit/2';
    await r.play(subscribe(BOB), subscribe(other));
    r.offline();
    await r.play(say(ANN, 'hello'));
    const gone = parse('<iq type="error"><error type="cancel"><gone xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></iq>');
    r.link.answer = ({ to }) => (to === other ? { type: 'error', stanza: gone } : { type: 'timeout' });
    r.link.take();
    await r.online();
    const got = r.link.sent.filter((line) => line.includes('urn:xmpp:rai:0'));
    expect(got).toEqual([BOB, other].map((to) => `${to} >${indicator(ROOM)}</message>`));
    await r.clock.pass(1_000);
    expect(r.link.requests.map(({ to }) => to)).toEqual(expect.arrayContaining([BOB, other]));
    r.feed(say(ANN, 'hello', B));
    r.link.take();
    await settle();
    expect(r.link.sent.filter((line) => line.includes('urn:xmpp:rai:0'))).toEqual([`${BOB} >${indicator(B)}</message>`]);
  });
});

test('XEP-0030 the service says that it can do this', async () => {
  const r = await rig();
  const [info] = await r.play(
    `<iq from="${BOB}" to="${DOMAIN}" type="get" id="1"><query xmlns="http://jabber.org/protocol/disco#info"/></iq>`,
  );
  expect(info).toContain('<feature var="urn:xmpp:rai:0"/>');
});
