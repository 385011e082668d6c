/** Hats: XEP-0317 0.3.1, section by section, and what they do to roles and mentions here. */
import { NS } from '../../src/xmpp/ns';
import type { Conversation } from '../support/conversation';
import { admin, coven, crone, hag, hecate, iq, join, ROOM, status, submit } from './expected';

const COMMANDS = 'http://jabber.org/protocol/commands';
const FORM = 'urn:xmpp:hats:commands';
const HAG = 'hag66@shakespeare.lit';
const HOST = 'http://schemas.example.com/hats#host';
const SCRIBE = 'http://schemas.example.com/hats#scribe';
const WORN = `<hats xmlns="urn:xmpp:hats:0"><hat title="Host" uri="${HOST}" hue="327.255249"/></hats>`;

const form = (fields: Record<string, string>): string => {
  const inner = Object.entries(fields).map(([name, value]) => `<field var="${name}"><value>${value}</value></field>`);
  return `<x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE" type="hidden"><value>${FORM}</value></field>${inner.join('')}</x>`;
};
const command = (node: string, inner = '', session = ''): string =>
  `<command xmlns="${COMMANDS}" node="${FORM}:${node}" action="execute"${session === '' ? '' : ` sessionid="${session}"`}>${inner}</command>`;

/** Runs a command, the form filled in at once. Returns all that was said. */
function run(c: Conversation, node: string, fields?: Record<string, string>, from: string = crone): string[] {
  c.forget();
  iq(c, from, 'set', 'hat', command(node, fields && form(fields)));
  return c.take();
}
const host = (c: Conversation, more: Record<string, string> = {}): string[] =>
  run(c, 'create', { 'hats#title': 'Host', 'hats#uri': HOST, 'hats#hue': '327.255249', ...more });
const assign = (c: Conversation, jid: string = HAG, uri = HOST, from: string = crone): string[] =>
  run(c, 'assign', { 'hats#jid': jid, 'hats#uri': uri }, from);
const unassign = (c: Conversation, jid: string = HAG, uri = HOST): string[] => run(c, 'unassign', { 'hats#jid': jid, 'hats#uri': uri });
const info = (c: Conversation, from: string = hag): string => {
  c.forget();
  iq(c, from, 'get', 'info', '<query xmlns="http://jabber.org/protocol/disco#info"/>');
  return c.take().join('');
};
const hash = (c: Conversation): string | undefined =>
  /<field var="hats#hash" type="text-single" label="Hats hash"><value>([0-9a-f]{40})<\/value>/.exec(info(c))?.[1];
/** How somebody is shown to the owner. */
const shown = (said: readonly string[], nick = 'thirdwitch'): string | undefined =>
  said.filter((xml) => xml.startsWith(`<presence from="${ROOM}/${nick}" to="${crone}"`)).at(-1);
const say = (c: Conversation, from: string, body = '<body>Hail</body>'): string => {
  c.forget();
  c.send(`<message from="${from}" to="${ROOM}" type="groupchat" id="m">${body}</message>`);
  return c.take().join('');
};

describe('§2 discovery', () => {
  test('the feature is there, and a hash in muc#roominfo once there are hats: another for another list', () => {
    const c = coven(['thirdwitch']);
    expect(info(c)).toContain(`<feature var="${NS.hats}"/>`);
    expect(hash(c)).toBeUndefined();
    host(c);
    const one = hash(c);
    run(c, 'create', { 'hats#title': 'Scribe', 'hats#uri': SCRIBE });
    const two = hash(c);
    expect(new Set([one, two, undefined]).size).toBe(3);
    run(c, 'destroy', { 'hats#uri': SCRIBE });
    expect(hash(c)).toBe(one);
    c.restart();
    expect(hash(c)).toBe(one);
  });
});

describe('§3.1 hats in presence', () => {
  test('what a client says of hats goes no further; what the room says is shown to all, also to who comes later and after a restart', () => {
    const c = coven(['thirdwitch']);
    host(c);
    assign(c);
    c.forget();
    c.send(
      `<presence from="${hag}" to="${ROOM}/thirdwitch"><hats xmlns="urn:xmpp:hats:0"><hat title="King" uri="x:king"/></hats></presence>`,
    );
    expect(shown(c.take())).not.toContain('King');
    c.restart();
    join(c, hecate, 'hecate');
    const seen = c.take().find((xml) => xml.startsWith(`<presence from="${ROOM}/thirdwitch" to="${hecate}"`));
    expect(seen).toContain(WORN);
    expect(c.rows(ROOM)).toContain(HOST);
  });

  test('where nobody wears any, nothing is added, and a new moderator of a non-anonymous room is shown nobody again', () => {
    const c = coven(['thirdwitch'], { 'muc#roomconfig_whois': 'anyone' });
    host(c);
    iq(c, crone, 'set', 'mod', admin('<item nick="thirdwitch" role="moderator"/>'));
    const said = c.take();
    expect(said.join('')).not.toContain('<hats');
    expect(said.filter((xml) => xml.startsWith(`<presence from="${ROOM}/firstwitch"`))).toEqual([]);
  });
});

describe('§3.2 creating and updating', () => {
  test('the form, filled in behind it, and 104 to all', () => {
    const c = coven(['thirdwitch']);
    iq(c, crone, 'set', 'one', command('create'));
    const [asked] = c.take() as [string];
    for (const name of ['hats#title', 'hats#uri', 'hats#hue']) expect(asked).toContain(`<field var="${name}" type="text-single"`);
    expect(asked).toContain(`<value>${FORM}</value>`);
    const session = /sessionid="([^"]+)"/.exec(asked)?.[1];
    iq(c, crone, 'set', 'two', command('create', form({ 'hats#title': 'Host', 'hats#uri': HOST }), session));
    const said = c.take();
    expect(said[0]).toContain('status="completed"');
    const noticed = said.filter((xml) => xml.includes(status(104)));
    expect(noticed.map((xml) => / to="([^"]*)"/.exec(xml)?.[1]).sort()).toEqual([crone, hag]);
  });

  test('an update of what somebody wears is shown', () => {
    const c = coven(['thirdwitch']);
    host(c);
    assign(c);
    expect(shown(host(c, { 'hats#title': 'Hostess' }))).toContain('title="Hostess"');
  });

  test.each([
    ['a URI that is none', { 'hats#uri': 'host' }, 'is no URI'],
    ['one with a blank', { 'hats#uri': 'http://a b' }, 'is no URI'],
    ['one that is long', { 'hats#uri': `x:${'y'.repeat(1000)}` }, 'is no URI'],
    ['a hue that is none', { 'hats#hue': '361' }, 'is no hue'],
    ['a title that is long', { 'hats#title': 'x'.repeat(101) }, 'hats#title'],
    ['no title', { 'hats#title': '' }, 'Title of the hat'],
  ])('refused: %s', (_, fields, sentence) => {
    const c = coven();
    expect(host(c, fields).join('')).toMatch(new RegExp(`<bad-request .*${sentence}`));
    expect(hash(c)).toBeUndefined();
  });

  test('bounded, and an update needs no place', () => {
    const c = coven();
    for (let i = 0; i < 50; i++) host(c, { 'hats#uri': `x:${i}` });
    expect(host(c).join('')).toContain('<resource-constraint ');
    expect(host(c, { 'hats#uri': 'x:7', 'hats#title': 'Seven' }).join('')).toContain('status="completed"');
  });
});

describe('§3.3 destroying', () => {
  test('nobody wears it any more, which is shown; what there is not cannot be destroyed', () => {
    const c = coven(['thirdwitch']);
    host(c);
    run(c, 'create', { 'hats#title': 'Scribe', 'hats#uri': SCRIBE });
    for (const uri of [HOST, SCRIBE]) assign(c, HAG, uri);
    const said = run(c, 'destroy', { 'hats#uri': HOST });
    expect(shown(said)).toContain(`<hats xmlns="urn:xmpp:hats:0"><hat title="Scribe" uri="${SCRIBE}"/></hats>`);
    expect(said.at(-1)).toContain(status(104));
    expect(run(c, 'destroy', { 'hats#uri': HOST }).join('')).toContain('<bad-request ');
    expect(shown(run(c, 'destroy', { 'hats#uri': SCRIBE }))).not.toContain('<hats');
    expect(c.rows(ROOM)).not.toContain('schemas.example.com');
  });
});

describe('§3.4 and §3.7 lists', () => {
  test('the hats, to those inside', () => {
    const c = coven(['thirdwitch']);
    host(c);
    const [list] = run(c, 'list', undefined, hag) as [string];
    expect(list).toContain('status="completed"');
    for (const cell of ['Host', HOST, '327.255249']) expect(list).toContain(`<value>${cell}</value>`);
    expect(run(c, 'list', undefined, hecate).join('')).toContain('<forbidden ');
  });

  test('who wears which, only to those who may see real JIDs', () => {
    const c = coven(['thirdwitch']);
    host(c);
    assign(c);
    const [list] = run(c, 'list-assigned') as [string];
    for (const cell of [HAG, HOST, 'Host', '327.255249']) expect(list).toContain(`<value>${cell}</value>`);
    expect(run(c, 'list-assigned', undefined, hag).join('')).toContain('<forbidden ');
    iq(c, hag, 'get', 'items', `<query xmlns="http://jabber.org/protocol/disco#items" node="${COMMANDS}"/>`);
    expect(c.take().join('')).not.toContain('list-assigned');
    iq(c, crone, 'set', 'open', submit({ 'muc#roomconfig_whois': 'anyone' }));
    expect(run(c, 'list-assigned', undefined, hag).join('')).toContain(HAG);
    expect(run(c, 'list-assigned', undefined, hecate).join('')).toContain('<forbidden ');
  });
});

describe('§3.5-3.6 assigning and removing', () => {
  test('the form offers the hats; all are shown, the wearer too; then it is taken away', () => {
    const c = coven(['thirdwitch']);
    host(c);
    iq(c, crone, 'set', 'ask', command('assign'));
    expect(c.take().join('')).toContain(`<option label="Host"><value>${HOST}</value></option>`);
    const [answered, ...said] = assign(c);
    expect(answered).toContain('status="completed"');
    const inItem = '<actor nick="firstwitch"/>';
    expect(said).toHaveLength(2);
    expect(said.every((xml) => xml.includes(WORN) && xml.includes(inItem))).toBe(true);
    expect(shown(unassign(c))).not.toContain('<hats');
    expect(unassign(c).join('')).toContain('<item-not-found ');
  });

  test('by the place in the room; somebody who is away; twice is a conflict; outcasts and admins’ commands by others are refused', () => {
    const c = coven(['thirdwitch']);
    host(c);
    expect(shown(assign(c, `${ROOM}/thirdwitch`))).toContain(WORN);
    expect(assign(c).join('')).toContain('<conflict ');
    expect(assign(c, 'hecate@shakespeare.lit')).toEqual([expect.stringContaining('status="completed"')]);
    join(c, hecate, 'hecate');
    expect(shown(c.take(), 'hecate')).toContain(WORN);
    iq(c, crone, 'set', 'ban', admin('<item affiliation="outcast" jid="bad@shakespeare.lit"/>'));
    expect(assign(c, 'bad@shakespeare.lit').join('')).toContain('<not-allowed ');
    expect(assign(c, 'shakespeare.lit').join('')).toContain('<bad-request ');
    expect(assign(c, HAG, HOST, hag).join('')).toContain('<forbidden ');
    expect(assign(c, HAG, 'x:none').join('')).toContain('<bad-request ');
  });

  test('bounded: hats of one person, and people with hats', () => {
    const c = coven();
    for (let i = 0; i < 11; i++) host(c, { 'hats#uri': `x:${i}` });
    const said = Array.from({ length: 11 }, (_, i) => assign(c, HAG, `x:${i}`).join(''));
    expect(said.map((xml) => xml.includes('<resource-constraint '))).toEqual([...Array<boolean>(10).fill(false), true]);
    for (let i = 1; i < 200; i++) assign(c, `p${i}@shakespeare.lit`, 'x:0');
    expect(assign(c, 'late@shakespeare.lit', 'x:0').join('')).toContain('<resource-constraint ');
  });
});

describe('what a hat allows', () => {
  const ROLE = '{urn:parlour:hats}role';

  test('a moderator as long as it is worn: at once, at the next entry, not after it was taken or destroyed; no affiliation', () => {
    const c = coven(['thirdwitch']);
    host(c, { [ROLE]: 'moderator' });
    expect(shown(assign(c))).toContain('<item affiliation="none" jid="hag66@shakespeare.lit/pda" role="moderator">');
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    c.forget();
    join(c, hag, 'thirdwitch');
    expect(shown(c.take())).toContain('role="moderator"');
    expect(shown(unassign(c))).toContain('role="participant"');
    assign(c);
    expect(shown(run(c, 'destroy', { 'hats#uri': HOST }))).toContain('role="participant"');
  });

  test('voice in a moderated room; taken by a moderator it stays taken; with the hat it goes, also for who is away', () => {
    const c = coven(['thirdwitch'], { 'muc#roomconfig_moderatedroom': '1' });
    expect(say(c, hag)).toContain('<forbidden ');
    host(c, { [ROLE]: 'participant' });
    expect(shown(assign(c))).toContain('role="participant"');
    expect(say(c, hag)).not.toContain('<forbidden ');
    iq(c, crone, 'set', 'revoke', admin('<item nick="thirdwitch" role="visitor"/>'));
    expect(say(c, hag)).toContain('<forbidden ');
    unassign(c);
    assign(c);
    expect(say(c, hag)).not.toContain('<forbidden ');
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    unassign(c);
    c.forget();
    join(c, hag, 'thirdwitch');
    expect(shown(c.take())).toContain('role="visitor"');
  });

  test('a mute is stronger; at its end the role is there', () => {
    const c = coven(['thirdwitch']);
    host(c, { [ROLE]: 'moderator' });
    c.input(ROOM, { kind: 'command', command: { name: 'mute', target: { nick: 'thirdwitch' }, for: 60_000 }, done: () => undefined });
    expect(shown(assign(c))).toContain('role="visitor"');
    c.advance(61_000);
    c.forget();
    c.input(ROOM, { kind: 'timer' });
    expect(shown(c.take())).toContain('role="moderator"');
  });

  test('an update that gives another role is one, for who wears it', () => {
    const c = coven(['thirdwitch']);
    host(c);
    assign(c);
    expect(shown(host(c, { [ROLE]: 'moderator' }))).toContain('role="moderator"');
    // A client that knows no more than XEP-0317 renames it, and takes nothing away.
    expect(shown(host(c, { 'hats#title': 'Hostess' }))).toContain('role="moderator"');
    expect(shown(host(c, { [ROLE]: 'none' }))).toContain('role="participant"');
  });

  test('admins and owners are what they are', () => {
    const c = coven(['secondwitch']);
    host(c, { [ROLE]: 'participant' });
    expect(shown(assign(c, 'wiccarocks@shakespeare.lit'), 'secondwitch')).toContain('role="moderator"');
    expect(shown(unassign(c, 'wiccarocks@shakespeare.lit'), 'secondwitch')).toContain('role="moderator"');
  });

  test('whoever loses their affiliation loses their hats', () => {
    const c = coven(['thirdwitch']);
    host(c, { [ROLE]: 'moderator' });
    iq(c, crone, 'set', 'member', admin(`<item affiliation="member" jid="${HAG}"/>`));
    expect(shown(assign(c))).toContain('role="moderator"');
    c.forget();
    iq(c, crone, 'set', 'none', admin(`<item affiliation="none" jid="${HAG}"/>`));
    const last = shown(c.take());
    expect(last).toContain('role="participant"');
    expect(last).not.toContain('<hats');
    expect(c.rows(ROOM)).not.toContain('"hats-worn"');
  });

  test('mentioning the whole room (XEP-0513), for who may not otherwise', () => {
    const c = coven(['thirdwitch']);
    const all = `<body>@all</body><mention xmlns="urn:xmpp:mentions:0" mentions="urn:xmpp:mentions:0#channel"/>`;
    expect(say(c, hag, all)).toContain('<forbidden ');
    host(c, { '{urn:parlour:hats}mentionall': '1' });
    assign(c);
    expect(say(c, hag, all)).not.toContain('<forbidden ');
    unassign(c);
    expect(say(c, hag, all)).toContain('<forbidden ');
  });

  test('it is an act of whoever did it', () => {
    const c = coven(['thirdwitch']);
    host(c, { [ROLE]: 'moderator' });
    assign(c);
    c.forget();
    const audit = (session: string, inner = ''): void =>
      iq(c, crone, 'set', 'audit', `<command xmlns="${COMMANDS}" node="urn:parlour:audit"${session}>${inner}</command>`);
    audit('');
    const session = / sessionid="[^"]+"/.exec(c.take().join(''))?.[0] ?? '';
    audit(session, '<x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>urn:parlour:audit</value></field></x>');
    const [acts] = c.take() as [string];
    expect(acts).toContain(`<value>${HAG}</value>`);
    expect(acts).toContain('Host, moderator');
  });
});

describe('found H5, of the same kind: whom an address means', () => {
  test('the room’s own with a nickname is the occupant, in any spelling; without one who wears it, or another room’s, is nobody', () => {
    const c = coven(['thirdwitch']);
    host(c);
    expect(assign(c, `${ROOM.toUpperCase()}/thirdwitch`).join('')).toContain('status="completed"');
    expect(shown(unassign(c, `${ROOM}/thirdwitch`))).not.toContain('<hats');
    expect(assign(c, `${ROOM}/nobody`).join('')).toContain('<item-not-found');
    for (const jid of [ROOM, 'other@chat.shakespeare.lit', 'Other@Chat.Shakespeare.lit/x'])
      expect(assign(c, jid).join('')).toContain('<not-acceptable');
    expect(c.rows(ROOM)).not.toContain('hats-worn');
  });
});

test('a ban takes the hats of an account in whichever spelling it wears them (rule 7)', () => {
  const c = coven([]);
  host(c, { 'urn:parlour:hats#role': 'moderator' });
  assign(c, 'mass@far.example');
  assign(c, 'other@far.example');
  iq(
    c,
    crone,
    'set',
    'ban',
    '<query xmlns="http://jabber.org/protocol/muc#admin"><item affiliation="outcast" jid="ma\u00df@far.example"/></query>',
  );
  c.take();
  expect(c.rows(ROOM)).toContain('other@far.example');
  expect(run(c, 'list-assigned').join('')).not.toContain('mass@far.example');
});

test.each(['none', 'outcast'])(
  'whoever belonged to the room by their domain alone loses their hats with its affiliation (%s), and they do not come back',
  (after) => {
    const c = coven([]);
    const set = (affiliation: string): void => iq(c, crone, 'set', 'd', admin(`<item affiliation="${affiliation}" jid="far.example"/>`));
    host(c, { '{urn:parlour:hats}role': 'moderator' });
    set('member');
    for (const jid of ['ann@far.example', 'ben@far.example', 'cat@other.example']) assign(c, jid);
    iq(c, crone, 'set', 'own', admin('<item affiliation="member" jid="ben@far.example"/>'));
    join(c, 'ann@far.example/x', 'ann');
    c.forget();
    set(after);
    const said = c.take();
    if (after === 'none') expect(shown(said, 'ann')).toMatch(/role="participant"(?!.*<hats)/);
    set('member');
    const left = run(c, 'list-assigned').join('');
    expect(['ann@far.example', 'ben@far.example', 'cat@other.example'].map((jid) => left.includes(jid))).toEqual([false, true, true]);
  },
);
