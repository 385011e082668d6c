/** The audit trail: each governing act is one row, written with what it changed, and nothing else is. */
import type { By } from '../../src/room/contract/audit';
import type { Command } from '../../src/room/contract/commands';
import { affiliate, enter, instant, realRooms } from './real-rooms';
import { ANN, BOB, CAT, rig, ROOM, type Rig } from './rig';
import { asBare } from '../support/jids';

const OWNER = 'http://jabber.org/protocol/muc#owner';
const set = (from: string, inner: string): string => `<iq from="${from}" to="${ROOM}" type="set" id="i">${inner}</iq>`;
const configure = (from: string, ...fields: [string, string][]): string =>
  set(
    from,
    `<query xmlns="${OWNER}"><x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>http://jabber.org/protocol/muc#roomconfig</value></field>` +
      `${fields.map(([name, value]) => `<field var="${name}"><value>${value}</value></field>`).join('')}</x></query>`,
  );
const say = (from: string, inner: string): string => `<message from="${from}" to="${ROOM}" type="groupchat" id="m">${inner}</message>`;

/** Each act as one line. */
function lines({ store }: Rig): string[] {
  return store.disk.audit.map(({ by, act, count, items }) => {
    const changes = items.map(({ object, before, after, reason }) => [object, before, after, reason].map((text) => text ?? '-').join('|'));
    return `${by.name ?? by.kind} ${by.kind}/${by.face} ${act} ${count}: ${changes.join(', ')}`;
  });
}

async function room(): Promise<Rig> {
  const r = await rig({ makeRoom: realRooms(true) });
  await r.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), enter(BOB, ROOM, 'bob'), enter(CAT, ROOM, 'cat'));
  return r;
}

test('creating and opening a room, entering and speaking: only what governs it is in the trail', async () => {
  const r = await room();
  await r.play(say(BOB, '<body>hello</body>'), `<presence from="${CAT}" to="${ROOM}/cat" type="unavailable"/>`);
  expect(lines(r)).toEqual([
    'ann@x.lit account/xmpp create 1: ann@x.lit|none|owner|-',
    'ann@x.lit occupant/xmpp configure 1: |locked|open|-',
  ]);
});

test('affiliations, roles, subject, configuration, moderation and destruction: who, what, before, after, why', async () => {
  const r = await room();
  const before = lines(r).length;
  await r.play(
    affiliate(ANN, ROOM, '<item affiliation="member" jid="dan@x.lit" nick="dan"><reason>new</reason></item>'),
    affiliate(ANN, ROOM, '<item role="none" nick="cat"><reason>noise</reason></item>'),
    say(ANN, '<subject>Potions</subject>'),
    configure(
      ANN,
      ['muc#roomconfig_roomname', 'Coven'],
      ['muc#roomconfig_passwordprotectedroom', '1'],
      ['muc#roomconfig_roomsecret', 'cauldron'],
    ),
    say(BOB, '<body>spam</body>'),
  );
  const spam = r.store.disk.rooms.get(ROOM)?.messages.at(-1)?.id ?? '';
  await r.play(
    set(
      ANN,
      `<moderate xmlns="urn:xmpp:message-moderate:1" id="${spam}"><retract xmlns="urn:xmpp:message-retract:1"/><reason>ads</reason></moderate>`,
    ),
  );
  await r.play(set(ANN, `<query xmlns="${OWNER}"><destroy jid="b@rooms.x.lit"><reason>moved</reason></destroy></query>`));
  expect(lines(r).slice(before)).toEqual([
    'ann@x.lit occupant/xmpp set-affiliations 1: dan@x.lit|none|member (dan)|new',
    'ann@x.lit occupant/xmpp set-roles 1: cat@x.lit|participant|none|noise',
    'ann@x.lit occupant/xmpp set-subject 1: |-|Potions|-',
    'ann@x.lit occupant/xmpp configure 3: muc#roomconfig_roomname||Coven|-, muc#roomconfig_passwordprotectedroom|0|1|-, muc#roomconfig_roomsecret|-|changed|-',
    `ann@x.lit occupant/xmpp moderate 1: ${spam}|-|bob@x.lit|ads`,
    'ann@x.lit occupant/xmpp destroy 1: |Coven|b@rooms.x.lit|moved',
  ]);
  expect(JSON.stringify(r.store.disk.audit)).not.toContain('cauldron');
});

test('what is refused, and what changes nothing, is no act', async () => {
  const r = await room();
  const before = lines(r);
  await r.play(
    affiliate(BOB, ROOM, '<item affiliation="outcast" jid="ann@x.lit"/>'),
    affiliate(ANN, ROOM, '<item affiliation="owner" jid="ann@x.lit"/>'),
    affiliate(ANN, ROOM, '<item role="participant" nick="bob"/>'),
    configure(ANN, ['muc#roomconfig_roomname', '']),
  );
  expect(lines(r)).toEqual(before);
});

test('a command over many is one act with its number, and a bounded list of what changed; texts are cut', async () => {
  const r = await room();
  const items = Array.from(
    { length: 300 },
    (_, i) => `<item affiliation="member" jid="p${i}@x.lit"><reason>${'é'.repeat(500)}</reason></item>`,
  );
  await r.play(affiliate(ANN, ROOM, items.join('')));
  const act = r.store.disk.audit.at(-1);
  expect([act?.act, act?.count, act?.items.length]).toEqual(['set-affiliations', 300, 100]);
  for (const { reason } of act?.items ?? []) expect([...(reason ?? '')].length).toBeLessThanOrEqual(200);
});

test('a commit that fails leaves no act, as it leaves no change', async () => {
  const r = await room();
  const before = lines(r);
  r.store.failNext();
  await r.play(affiliate(ANN, ROOM, '<item affiliation="outcast" jid="bob@x.lit"/>'));
  expect(r.store.disk.rooms.get(ROOM)?.affiliations.has(asBare('bob@x.lit'))).toBe(false);
  expect(lines(r)).toEqual(before);
});

describe('execute({ actor, room, command })', () => {
  const OPERATOR: By = { kind: 'operator', name: 'root', face: 'command-line', claimed: true };
  const ban: Command = { name: 'set-affiliations', items: [{ jid: asBare('bob@x.lit'), affiliation: 'outcast', reason: 'spam' }] };

  test('who runs the service may do it, and stands in the trail by name, as claimed', async () => {
    const r = await room();
    expect(await r.service.execute({ actor: OPERATOR, room: ROOM, command: ban })).toEqual({ ok: true });
    expect(r.store.disk.audit.at(-1)).toMatchObject({
      by: OPERATOR,
      act: 'set-affiliations',
      items: [{ object: 'bob@x.lit', after: 'outcast' }],
    });
  });

  test.each([
    ['an occupant without the right', { kind: 'occupant', name: CAT, face: 'http' } as const, 'forbidden'],
    ['an account without the right', { kind: 'account', name: 'dan@x.lit', face: 'http' } as const, 'forbidden'],
  ])('%s is refused as in the room', async (_, actor, condition) => {
    const r = await room();
    const before = lines(r);
    const outcome = await r.service.execute({ actor, room: ROOM, command: ban });
    expect(outcome).toMatchObject({ ok: false, error: { condition } });
    expect(lines(r)).toEqual(before);
  });

  test('an owner, named by account, may: with the name that the room knows', async () => {
    const r = await room();
    const actor: By = { kind: 'account', name: 'ann@x.lit', face: 'http' };
    expect(await r.service.execute({ actor, room: ROOM, command: ban })).toEqual({ ok: true });
    expect(lines(r).at(-1)).toBe('ann@x.lit account/http set-affiliations 1: bob@x.lit|none|outcast|spam');
  });

  test.each([
    ['erase', { name: 'erase' }],
    ['erase-person', { name: 'erase-person', jid: 'bob@x.lit' }],
    ['shut-down', { name: 'shut-down' }],
  ] as [string, Command][])('%s is for those who run the service, not for an owner', async (_, command) => {
    const r = await room();
    const actor: By = { kind: 'occupant', name: ANN, face: 'http' };
    expect(await r.service.execute({ actor, room: ROOM, command })).toMatchObject({ ok: false, error: { condition: 'forbidden' } });
    expect(r.store.disk.rooms.get(ROOM)?.sessions.size).toBe(3);
  });
});

test('erasing a person: an opaque number stands in their place, and reasons about them are gone', async () => {
  const r = await room();
  await r.play(
    affiliate(ANN, ROOM, '<item affiliation="admin" jid="bob@x.lit"><reason>helps</reason></item>'),
    affiliate(BOB, ROOM, '<item affiliation="member" jid="dan@x.lit"/>'),
  );
  await r.service.execute({
    actor: { kind: 'administrator', name: 'root@x.lit', face: 'ad-hoc' },
    room: ROOM,
    command: { name: 'erase-person', jid: asBare('bob@x.lit') },
  });
  const trail = JSON.stringify(r.store.disk.audit);
  expect(trail).not.toContain('bob@x.lit');
  expect(trail).not.toContain('helps');
  expect(trail).toMatch(/"act":"erase-person","count":1,"items":\[\{"object":"erased-\d+"/);
  expect(trail).toContain('dan@x.lit');
});
