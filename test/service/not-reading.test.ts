/** A server that does not read: whatever fills the link pauses it and is bounded, and so is the memory of a crowd that was entering. */
import type { Outgoing } from '../../src/xmpp/outgoing';
import { copiesOf, costOf } from '../../src/xmpp/outgoing';
import { MemoryDisk } from '../support/memory-store';
import { enter, instant, realRooms } from './real-rooms';
import { ANN, BOB, DOMAIN, rig, ROOM, say, type Rig } from './rig';

/** Bytes on the wire above which the link is congested. */
const FULL = 256 * 1024;

/** What the link was given since, and what of it waits: it takes nothing. */
interface Unread {
  bytes: number;
  stanzas: number;
  readonly outs: Outgoing[];
}

function readNothing(it: Rig): Unread {
  const unread: Unread = { bytes: 0, stanzas: 0, outs: [] };
  it.link.send = (out) => {
    if (!it.link.online) return;
    const bytes = copiesOf(out) * costOf(out);
    const room = out.from.split('/')[0] as string;
    unread.outs.push(out);
    unread.bytes += bytes;
    unread.stanzas += copiesOf(out);
    it.link.waits.set(room, it.link.queuedOf(room) + bytes);
    it.link.congested = unread.bytes > FULL;
    it.link.overfull = unread.bytes > 2 * FULL;
  };
  return unread;
}

const unarchived = (from: string): string =>
  `<iq from="${from}" to="${ROOM}" type="set" id="c"><query xmlns="http://jabber.org/protocol/muc#owner"><x xmlns="jabber:x:data" type="submit">` +
  '<field var="FORM_TYPE"><value>http://jabber.org/protocol/muc#roomconfig</value></field>' +
  '<field var="muc#roomconfig_enablearchiving"><value>0</value></field></x></query></iq>';
const get = (payload: string, to: string = ROOM): string => `<iq from="${ANN}" to="${to}" type="get" id="q">${payload}</iq>`;
const LONG = 'x'.repeat(500);

/** What somebody sends, again and again. */
const KINDS: Readonly<Record<string, string>> = {
  'messages in a room without an archive': say(ANN, LONG),
  'private messages': `<message from="${ANN}" to="${ROOM}/bob" type="chat" id="p"><body>${LONG}</body></message>`,
  'chat states': `<message from="${ANN}" to="${ROOM}" type="groupchat" id="s"><composing xmlns="http://jabber.org/protocol/chatstates"/></message>`,
  'pages of the archive': `<iq from="${ANN}" to="${ROOM}" type="set" id="q"><query xmlns="urn:xmpp:mam:2"><set xmlns="http://jabber.org/protocol/rsm"><max>50</max></set></query></iq>`,
  'discovery of the room': get('<query xmlns="http://jabber.org/protocol/disco#info"/>'),
  'items of the room': get('<query xmlns="http://jabber.org/protocol/disco#items"/>'),
  'discovery of the service': get('<query xmlns="http://jabber.org/protocol/disco#info"/>', DOMAIN),
  'the list of rooms': get('<query xmlns="http://jabber.org/protocol/disco#items"/>', DOMAIN),
  // Of the same kind: what else answers without writing anything.
  presence: `<presence from="${ANN}" to="${ROOM}/ann"><status>${LONG}</status></presence>`,
  'self-pings': `<iq from="${ANN}" to="${ROOM}/ann" type="get" id="q"><ping xmlns="urn:xmpp:ping"/></iq>`,
  'the owner’s form': get('<query xmlns="http://jabber.org/protocol/muc#owner"/>'),
  'lists of people': get('<query xmlns="http://jabber.org/protocol/muc#admin"><item affiliation="owner"/></query>'),
  refusals: `<iq from="${ANN}" to="${ROOM}" type="get" id="q"><strange xmlns="urn:example"/></iq>`,
};

test.each(Object.entries(KINDS))(
  'found B3: %s: the link that reads nothing is paused, and what waits for it is bounded',
  async (kind, stanza) => {
    const it = await rig({ makeRoom: realRooms(true), disk: new MemoryDisk() });
    await it.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), enter(BOB, ROOM, 'bob'));
    for (let i = 0; i < 60; i++) await it.play(say(ANN, `${i} ${LONG}`));
    if (kind.includes('without an archive')) await it.play(unarchived(ANN));
    await it.clock.pass(1_000);
    const unread = readNothing(it);
    let sent = 0;
    for (; sent < 5_000 && !it.link.paused; sent++) await it.play(stanza);
    expect(it.link.paused).toBe(true);
    // Above the bound by no more than one stanza says.
    expect(unread.bytes).toBeLessThan(FULL + 64 * 1024);
    // When nothing has moved for a while it reads on, and refuses; even that ends.
    const before = unread.bytes;
    await it.clock.pass(10_000);
    for (let i = 0; i < 3_000 && !it.link.paused; i++) await it.play(stanza);
    expect(unread.bytes - before).toBeLessThan(4 * FULL);
    expect(it.service.stats().gathered).toBeLessThan(1024 * 1024);
  },
);

test('found B2: 1,200 people are entering while the server reads nothing, then the link is lost, twice: what is put together is a constant for each', async () => {
  const N = 1_200;
  const it = await rig({ makeRoom: realRooms(true, { occupants: 10_000, waiting: 200 }), disk: new MemoryDisk() });
  await it.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), say(ANN, 'history'));
  let unread = readNothing(it);
  it.feed(...Array.from({ length: N }, (_, i) => enter(`p${i}@x.lit/1`, ROOM, `p${i}`)));
  await it.clock.pass(1_000);
  /** Texts and lists that are not the same object as another, and their bytes. */
  const held = (): { outs: number; texts: number; bytes: number; lists: number } => {
    const texts = new Set(unread.outs.map(({ rest }) => rest));
    const lists = new Set(unread.outs.flatMap(({ to }) => (typeof to === 'string' || to.length === 1 ? [] : [to])));
    return {
      outs: unread.outs.length,
      texts: texts.size,
      bytes: [...texts].reduce((sum, text) => sum + text.length, 0),
      lists: [...lists].reduce((sum, list) => sum + list.length, 0),
    };
  };
  const bounded = (): void => {
    const { outs, texts, bytes, lists } = held();
    expect(outs).toBeLessThan(20 * N);
    expect(texts).toBeLessThan(8 * N);
    expect(bytes).toBeLessThan(4_000 * N);
    expect(lists).toBeLessThan(8 * N);
  };
  bounded();
  for (let lost = 0; lost < 2; lost++) {
    it.offline();
    it.link.waits.clear();
    it.link.congested = it.link.overfull = false;
    unread = readNothing(it);
    await it.online();
    await it.clock.pass(5_000);
    bounded();
  }
  expect(it.store.disk.rooms.get(ROOM)?.sessions.size).toBe(N + 1);
});
