/** Escaping makes a stanza larger than it came: what could not leave again is refused before a room takes it. */
import { withinSize } from '../../src/link/size';
import type { Outgoing } from '../../src/xmpp/outgoing';
import { asDomain } from '../support/jids';
import { enter, instant, realRooms } from './real-rooms';
import { ANN, BOB, rig, ROOM, type Rig } from './rig';

const SENT_BYTES = 512 * 1024;
/** The longest nick and room that these rooms take, with signs that are written longer. */
const LONG = `${'&quot;'.repeat(10)}${'\u4e00'.repeat(10)}`;

async function hall(): Promise<{ r: Rig; all: Outgoing[] }> {
  const r = await rig({ makeRoom: realRooms(true), serverDomain: asDomain('x.lit') });
  await r.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), enter(BOB, ROOM, LONG));
  const all: Outgoing[] = [];
  const send = r.link.send.bind(r.link);
  r.link.send = (out) => {
    all.push(out);
    send(out);
  };
  r.link.take();
  return { r, all };
}

const kinds: readonly (readonly [what: string, make: (content: string) => string])[] = [
  ['a message to all', (content) => `<message from="${BOB}" to="${ROOM}" type="groupchat" id="m">${content}</message>`],
  ['a private message', (content) => `<message from="${BOB}" to="${ROOM}/ann" type="chat" id="m">${content}</message>`],
  [
    'a request to an occupant',
    (content) => `<iq from="${BOB}" to="${ROOM}/ann" type="get" id="m"><q xmlns="urn:example">${content}</q></iq>`,
  ],
];
const contents: readonly (readonly [what: string, content: string])[] = [
  // 256,099 bytes as it came, 556,000 as it would leave; in UTF-16 units it is below the bound.
  ['signs that are escaped beside characters of three bytes', `<body>${'>'.repeat(100_000)}${'\u4e00'.repeat(52_000)}</body>`],
  ['signs that are escaped', `<body>${'>'.repeat(130_000)}</body>`],
  ['characters of three bytes in attributes with quotes', `<a xmlns="urn:x" b='${'"'.repeat(60_000)}${'\u4e00'.repeat(50_000)}'/>`],
];

describe.each(kinds)('%s', (_kind, make) => {
  test.each(contents)('of the kind of found F10: %s: policy-violation, and nothing is kept', async (_what, content) => {
    const { r, all } = await hall();
    const before = r.store.disk.rooms.get(ROOM)?.messages.length ?? 0;
    expect(await r.play(make(content))).toEqual([`${BOB} !policy-violation`]);
    expect(r.store.disk.rooms.get(ROOM)?.messages.length ?? 0).toBe(before);
    for (const out of all) expect(withinSize(out, SENT_BYTES)).toBe(out);
  });
});

test('what is just small enough leaves with all that the room adds, to everybody and from the archive or the history', async () => {
  const { r, all } = await hall();
  const fits = `<body>${'>'.repeat(122_800)}</body>`;
  const id = 'i"\u4e00'.repeat(300).replaceAll('"', '&quot;');
  await r.play(`<message from="${BOB}" to="${ROOM}" type="groupchat" id="${id}" xml:lang="en">${fits}</message>`);
  const live = all.filter(({ rest }) => rest.includes('&gt;&gt;'));
  expect(live.length).toBeGreaterThan(0);
  await r.play(enter('cat@x.lit/1', ROOM, 'cat'));
  await r.play(`<iq from="${ANN}" to="${ROOM}" type="set" id="q"><query xmlns="urn:xmpp:mam:2" queryid="${id}"/></iq>`);
  const copies = all.filter(({ rest }) => rest.includes('&gt;&gt;'));
  expect(copies.length).toBeGreaterThanOrEqual(live.length + 1);
  for (const out of all) expect(withinSize(out, SENT_BYTES)).toBe(out);
});

test('a larger bound of the link lets more through', async () => {
  const r = await rig({ makeRoom: realRooms(true), limits: { sentBytes: 2 * SENT_BYTES } });
  await r.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM));
  const content = `<body>${'>'.repeat(200_000)}</body>`;
  const sent = await r.play(`<message from="${ANN}" to="${ROOM}" type="groupchat" id="m">${content}</message>`);
  expect(sent.join()).not.toContain('policy-violation');
});
