/** People who are away are woken by what is said (docs/extensions.md): who, for what, and how often. */
import { setOwnDomains } from '../../src/xmpp/fold';
import { NickIndex } from '../../src/features/wake-ups/named';
import type { AffiliationItem } from '../../src/room/contract/commands';
import { conversation, type Conversation, type ConversationOptions } from '../support/conversation';
import { asBare, asDomain, asFull, asRoom } from '../support/jids';
import { admin, announced, coven, crone, hag, iq, join, owner, result, ROOM, submit, wicca } from './expected';
import {
  answer,
  ask,
  denied,
  form,
  HAG,
  members,
  MODE,
  OFFLINE,
  PERSISTENT,
  query,
  registered,
  requirements,
  send,
  verdict,
  WAKE,
} from './registration-stanzas';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PRIVATE = { [PERSISTENT]: '1', 'muc#roomconfig_membersonly': '1', 'muc#roomconfig_whois': 'anyone' };
const BODY = '<body>Round about the cauldron go.</body>';

const say = (c: Conversation, payload = BODY, from = crone): void =>
  c.send(`<message from="${from}" to="${ROOM}" type="groupchat" id="go">${payload}</message>`);
/** Whom the room has woken since the last look, and what for: `messages/mentions`. */
const woken = (c: Conversation): Record<string, string> => {
  const found: Record<string, string> = {};
  for (const stanza of c.take()) {
    const [, to = '', counts = ''] = /^<message from="[^"]*" to="([^"]*)".*"urn:parlour:wake:0"([^>]*)>/.exec(stanza) ?? [];
    if (to === '') continue;
    if (found[to] !== undefined) throw new Error(`${to} was woken twice`);
    found[to] = counts.replace(/\D+/g, ' ').trim().replace(' ', '/');
  }
  return found;
};
const sayAndLook = (c: Conversation, payload = BODY, from = crone): Record<string, string> => {
  c.forget();
  say(c, payload, from);
  return woken(c);
};
const later = (c: Conversation, ms: number): Record<string, string> => {
  c.forget();
  c.advance(ms);
  c.input(ROOM, { kind: 'timer' });
  return woken(c);
};
const leave = (c: Conversation, from = hag, nick = 'thirdwitch'): void => {
  c.send(`<presence from="${from}" to="${ROOM}/${nick}" type="unavailable"/>`);
  c.forget();
};
const show = (c: Conversation, value: string, from = hag, nick = 'thirdwitch'): void => {
  c.send(`<presence from="${from}" to="${ROOM}/${nick}">${value === '' ? '' : `<show>${value}</show>`}</presence>`);
  c.forget();
};
const affiliate = (c: Conversation, jid: string, affiliation = 'member'): void => {
  iq(c, crone, 'set', 'aff', admin(`<item affiliation="${affiliation}" jid="${jid}"/>`));
  c.forget();
};
const wake = (value: string, nick = 'thirdwitch'): string => query(form({ 'muc#register_roomnick': nick, [WAKE]: value }));
const offline = (value: string, nick = 'thirdwitch'): string => query(form({ 'muc#register_roomnick': nick, [OFFLINE]: value }));
const command = (c: Conversation, who: string, value: string): string => {
  iq(c, who, 'set', 'x', '<command xmlns="http://jabber.org/protocol/commands" node="urn:parlour:wake"/>');
  const first = c.take().join('');
  const session = /sessionid="([^"]+)"/.exec(first)?.[1];
  if (session === undefined) return first;
  const filled = `<x xmlns="jabber:x:data" type="submit"><field var="${WAKE}"><value>${value}</value></field></x>`;
  iq(
    c,
    who,
    'set',
    'y',
    `<command xmlns="http://jabber.org/protocol/commands" node="urn:parlour:wake" sessionid="${session}">${filled}</command>`,
  );
  return c.take().join('');
};
/** A private group in which hag was once, and is away. */
const group = (fields: Record<string, string> = {}, options: ConversationOptions = {}): Conversation => {
  const c = conversation(options);
  join(c, crone, 'firstwitch');
  iq(c, crone, 'set', 'create', submit({ ...PRIVATE, ...fields }));
  affiliate(c, HAG);
  join(c, hag, 'thirdwitch');
  leave(c);
  return c;
};
const mention = (jid: string): string => `${BODY}<reference xmlns="urn:xmpp:reference:0" type="mention" uri="xmpp:${jid}"/>`;
const ALL = `${BODY}<mention xmlns="urn:xmpp:mentions:0" mentions="urn:xmpp:mentions:0#channel"/>`;

describe('consent: nothing goes to people who never entered, registered or accepted, beyond one invitation', () => {
  test('a thousand strangers are listed, a hundred messages said: a thousand invitations through the queue of notices, nothing else', () => {
    const c = conversation();
    join(c, crone, 'firstwitch');
    iq(c, crone, 'set', 'create', submit(PRIVATE));
    const people = Array.from({ length: 1000 }, (_, i) => `w${i}@heath.example`);
    const told: string[] = [];
    const collect = (): void =>
      void told.push(...c.take().filter((stanza) => stanza.includes('@heath.example"') && !stanza.includes(` to="${crone}"`)));
    for (let i = 0; i < 1000; i += 500)
      iq(
        c,
        crone,
        'set',
        `many${i}`,
        admin(
          people
            .slice(i, i + 500)
            .map((jid) => `<item affiliation="member" jid="${jid}"/>`)
            .join(''),
        ),
      );
    for (let i = 0; i < 100; i++) say(c, mention(people[i] as string));
    collect();
    for (let i = 0; i < 400; i++) {
      c.advance(1000);
      c.input(ROOM, { kind: 'timer' });
      collect();
    }
    // §18.1: each also hears that their affiliation has changed.
    const invited = told.filter((stanza) => !stanza.includes('<status code="101"/>'));
    expect(told.length - invited.length).toBeLessThanOrEqual(1000);
    expect(invited).toHaveLength(1000);
    expect(new Set(invited.map((stanza) => / to="([^"]*)"/.exec(stanza)?.[1])).size).toBe(1000);
    expect(invited.filter((stanza) => !stanza.includes('<invite '))).toEqual([]);
  });

  test('in a private group every message counts from the first entry; elsewhere mentions', () => {
    expect(sayAndLook(group())).toEqual({ [HAG]: '1/0' });
    const open = group({ 'muc#roomconfig_membersonly': '0' });
    expect(sayAndLook(open)).toEqual({});
    expect(sayAndLook(open, mention(HAG))).toEqual({ [HAG]: '0/1' });
  });

  test('who comes in without belonging to the room is never woken', () => {
    const c = coven(['thirdwitch'], { [PERSISTENT]: '1', [WAKE]: 'all' });
    leave(c);
    expect(sayAndLook(c, mention(HAG))).toEqual({});
  });

  test('the owner’s form and the configuration say what holds for those who say nothing', () => {
    expect(sayAndLook(group({ [WAKE]: 'nothing' }), mention(HAG))).toEqual({});
    expect(sayAndLook(group({ [WAKE]: 'mentions' }))).toEqual({});
    const all = { wakeUps: { default: 'all', intervalSeconds: 600 } } as const;
    expect(sayAndLook(group({ 'muc#roomconfig_membersonly': '0' }, all))).toEqual({ [HAG]: '1/0' });
    expect(sayAndLook(group({}, { wakeUps: { default: 'nothing', intervalSeconds: 600 } }), mention(HAG))).toEqual({});
  });

  test('foreign members get mentions until they ask for more', () => {
    const c = group({}, { isLocal: (domain) => domain !== 'shakespeare.lit' });
    expect(sayAndLook(c)).toEqual({});
    expect(sayAndLook(c, mention(HAG))).toEqual({ [HAG]: '0/1' });
    expect(command(c, hag, 'all')).toContain('completed');
    c.advance(HOUR);
    expect(sayAndLook(c)).toMatchObject({ [HAG]: expect.stringContaining('/0') as string });
  });
});

describe('the wish', () => {
  test('§7.10 fields of the registration form: ours, and the alias; only in rooms that archive', () => {
    const c = members();
    ask(c);
    c.expect(result(hag, 'jw81b36f', requirements()));
    send(c, offline('true'));
    c.expect(result(hag, 'nv71va54'), announced(crone, HAG, 'member'));
    ask(c);
    c.expect(result(hag, 'jw81b36f', registered('thirdwitch', '1')));
    send(c, query(form({ 'muc#register_roomnick': 'weirdsister' })));
    c.forget();
    ask(c);
    c.expect(result(hag, 'jw81b36f', registered('weirdsister', '1')));
    send(c, offline('0', 'weirdsister'));
    c.forget();
    ask(c);
    c.expect(result(hag, 'jw81b36f', registered('weirdsister', '0', 'nothing')));
    send(c, offline('perhaps'));
    c.expect(denied(hag, 'nv71va54', 'modify', 'bad-request'));
    send(c, wake('perhaps'));
    c.expect(denied(hag, 'nv71va54', 'modify', 'bad-request'));
    const none = members([], { 'muc#roomconfig_enablearchiving': '0' });
    ask(none);
    none.expect(result(hag, 'jw81b36f', requirements({}, null)));
  });

  test('a field that has the value that was shown does not count: the alias switches mentions neither on nor off', () => {
    const c = members();
    send(c, wake('mentions'));
    send(c, query(form({ 'muc#register_roomnick': 'thirdwitch', [WAKE]: 'mentions', [OFFLINE]: '0' })));
    c.forget();
    ask(c);
    c.expect(result(hag, 'jw81b36f', registered('thirdwitch', '0', 'mentions')));
    send(c, query(form({ 'muc#register_roomnick': 'thirdwitch', [WAKE]: 'mentions', [OFFLINE]: '1' })));
    c.forget();
    ask(c);
    c.expect(result(hag, 'jw81b36f', registered('thirdwitch', '1')));
  });

  test('waits with the registration for approval, and begins then', () => {
    const c = members([], { [MODE]: 'approval', [PERSISTENT]: '1' });
    send(c, wake('all'));
    c.restart();
    c.forget();
    ask(c);
    c.expect(result(hag, 'jw81b36f', requirements({ roomnick: 'thirdwitch' }, '1')));
    expect(sayAndLook(c)).toEqual({});
    answer(c, verdict('1'));
    expect(sayAndLook(c)).toEqual({ [HAG]: '1/0' });
  });

  test('by the command at the room, for whoever may read it', () => {
    const c = coven([], { [PERSISTENT]: '1' });
    expect(command(c, hag, 'all')).toContain('completed');
    expect(sayAndLook(c)).toEqual({ [HAG]: '1/0' });
    expect(command(c, hag, 'nothing')).toContain('completed');
    expect(c.rows(ROOM)).not.toContain('wake-wishes","key":"hag66');
    const closed = coven([], PRIVATE);
    expect(command(closed, hag, 'all')).toContain('forbidden');
    expect(command(c, 'shakespeare.lit', 'all')).toContain('not-allowed');
  });

  test.each(['outcast', 'none'])('ends with the affiliation (%s); being added again does not bring it back', (affiliation) => {
    const c = group();
    command(c, hag, 'all');
    affiliate(c, HAG, affiliation);
    affiliate(c, HAG);
    expect(sayAndLook(c, mention(HAG))).toEqual({});
    join(c, hag, 'thirdwitch');
    leave(c);
    expect(sayAndLook(c)).toEqual({ [HAG]: '1/0' });
  });

  test('ends with the affiliation of a domain, with unregistering, with a decline, with `gone`, and a year unseen', () => {
    const c = members([], { [PERSISTENT]: '1' });
    iq(c, crone, 'set', 'd', admin('<item affiliation="member" jid="shakespeare.lit"/>'));
    command(c, hag, 'all');
    iq(c, crone, 'set', 'd', admin('<item affiliation="none" jid="shakespeare.lit"/>'));
    expect(sayAndLook(c)).toEqual({});
    send(c, wake('all'));
    send(c, query('<remove/>'));
    expect(sayAndLook(c)).toEqual({});
    command(c, hag, 'all');
    c.send(`<message from="${crone}" to="${ROOM}"><x xmlns="http://jabber.org/protocol/muc#user"><invite to="${HAG}"/></x></message>`);
    c.send(`<message from="${hag}" to="${ROOM}"><x xmlns="http://jabber.org/protocol/muc#user"><decline to="${crone}"/></x></message>`);
    expect(sayAndLook(c)).toEqual({});
    command(c, hag, 'all');
    c.input(ROOM, { kind: 'bounced', bounce: { jid: asFull(HAG), condition: 'service-unavailable' } });
    expect(sayAndLook(c)).toEqual({ [HAG]: '1/0' });
    c.input(ROOM, { kind: 'bounced', bounce: { jid: asFull(HAG), condition: 'gone' } });
    c.advance(HOUR);
    expect(sayAndLook(c)).toEqual({});
    command(c, hag, 'all');
    c.advance(366 * 24 * HOUR);
    expect(sayAndLook(c)).toEqual({});
    c.input(ROOM, { kind: 'timer' });
    expect(c.rows(ROOM)).not.toMatch(/"wake-[a-z]+","key":"hag66/);
  });

  test('the right to be woken is asked at delivery: members only, a password, a ban of the domain', () => {
    const c = coven([], { [PERSISTENT]: '1' });
    command(c, hag, 'all');
    iq(c, crone, 'set', 'lock', submit({ 'muc#roomconfig_membersonly': '1' }));
    expect(sayAndLook(c)).toEqual({});
    iq(
      c,
      crone,
      'set',
      'open',
      submit({ 'muc#roomconfig_membersonly': '0', 'muc#roomconfig_passwordprotectedroom': '1', 'muc#roomconfig_roomsecret': 'x' }),
    );
    expect(sayAndLook(c)).toEqual({});
    iq(c, crone, 'set', 'open', submit({ 'muc#roomconfig_passwordprotectedroom': '0' }));
    expect(sayAndLook(c)).toEqual({ [HAG]: '1/0' });
    affiliate(c, 'shakespeare.lit', 'outcast');
    c.advance(HOUR);
    expect(sayAndLook(c)).toEqual({});
    affiliate(c, 'shakespeare.lit', 'none');
    expect(sayAndLook(c)).toEqual({});
  });

  test('a ban in another spelling of the account ends it too, and lifting that does not bring it back', () => {
    setOwnDomains([asDomain('shakespeare.lit')]);
    const c = coven([], { [PERSISTENT]: '1' });
    const [plain, other] = ['fuss@heath.example', 'fu\u00df@heath.example'];
    command(c, `${other}/x`, 'all');
    expect(sayAndLook(c)).toEqual({ [other]: '1/0' });
    affiliate(c, plain, 'outcast');
    affiliate(c, plain, 'none');
    expect(later(c, HOUR)).toEqual({});
    expect(sayAndLook(c)).toEqual({});
    setOwnDomains(undefined);
  });

  test('it ends with an affiliation for a time; of one that others still had for a moment, nobody is woken', () => {
    const c = group();
    command(c, hag, 'all');
    const set = (items: readonly AffiliationItem[]): void =>
      c.input(ROOM, { kind: 'command', command: { name: 'set-affiliations', items }, done: () => undefined });
    set([{ jid: asBare(HAG), affiliation: 'member', for: HOUR }]);
    expect(sayAndLook(c)).toEqual({ [HAG]: '1/0' });
    c.advance(HOUR + 1_000);
    expect(sayAndLook(c)).toEqual({});
    affiliate(c, HAG);
    expect(sayAndLook(c, mention(HAG))).toEqual({});
  });

  test('a room that is over wakes nobody: nothing is left of it, also of who was to be woken later, and a new one of its name does not know them', () => {
    const c = group();
    command(c, hag, 'all');
    expect(sayAndLook(c, mention(HAG))).toEqual({ [HAG]: '1/1' });
    expect(sayAndLook(c, mention(HAG))).toEqual({});
    c.holdArchive();
    say(c, '<body>Ay</body><reply xmlns="urn:xmpp:reply:0" id="0BGxI4k-9sVvq1mVq2oXyA"/>');
    c.forget();
    iq(c, crone, 'set', 'end', owner('<destroy/>'));
    c.answerArchive();
    expect(woken(c)).toEqual({});
    expect(c.rows(ROOM)).not.toMatch(/"wake-/);
    for (const ms of [MINUTE, HOUR, 366 * 24 * HOUR]) expect(later(c, ms)).toEqual({});
    expect(sayAndLook(c, mention(HAG))).toEqual({});
    join(c, crone, 'firstwitch');
    iq(c, crone, 'set', 'create', submit(PRIVATE));
    affiliate(c, HAG);
    expect(sayAndLook(c, mention(HAG))).toEqual({});
  });

  test('a room that has another address wakes from there, once, and its old name nobody', () => {
    const c = group();
    const heath = asRoom('heath@chat.shakespeare.lit');
    expect(sayAndLook(c, mention(HAG))).toEqual({ [HAG]: '1/1' });
    expect(sayAndLook(c, mention(HAG))).toEqual({});
    c.input(ROOM, { kind: 'command', command: { name: 'rename', to: heath }, done: () => undefined });
    expect(later(c, MINUTE)).toEqual({});
    c.input(heath, { kind: 'timer' });
    const [stanza = '', ...more] = c.take().filter((one) => one.includes('urn:parlour:wake:0'));
    expect([more, stanza]).toEqual([[], expect.stringContaining(`<message from="${heath}" to="${HAG}"`)]);
  });

  test('erasing a person ends theirs, and nothing of it stays', () => {
    const c = group();
    say(c, mention(HAG));
    c.input(ROOM, { kind: 'command', command: { name: 'erase-person', jid: asBare(HAG) }, done: () => undefined });
    expect(c.rows(ROOM)).not.toMatch(/"wake-[a-z]+","key":"hag66/);
    expect(sayAndLook(c)).toEqual({});
  });
});

describe('who is mentioned', () => {
  const open = (): Conversation => {
    const c = coven(['secondwitch', 'thirdwitch'], { [PERSISTENT]: '1' });
    affiliate(c, HAG);
    leave(c);
    return c;
  };
  const reply = (to: string): string => `<body>Ay</body><reply xmlns="urn:xmpp:reply:0" id="x" to="${to}"/>`;

  test.each([
    ['by reference', mention(HAG)],
    ['by the address of an occupant', mention(`${ROOM}/thirdwitch`)],
    ['by a reply to a message of theirs (XEP-0461)', reply(`${ROOM}/thirdwitch`)],
    ['by the nickname worn last, folded', '<body>Where is THIRDWITCH?</body>'],
    ['by it in a language', '<body xml:lang="en">thirdwitch: come</body><body xml:lang="de">komm</body>'],
    ['by it before a sign', '<body>@thirdwitch, &lt;come&gt;</body>'],
  ])('XEP-0372, XEP-0461, a nickname: %s', (_how, payload) => {
    expect(sayAndLook(open(), payload)).toEqual({ [HAG]: '0/1' });
  });

  test.each([
    ['as a part of a word', '<body>thirdwitches</body>'],
    ['in a quotation', '<body>&gt; thirdwitch said\nAy</body>'],
    [
      'in what is quoted for other clients (XEP-0461 §3.1)',
      '<body>thirdwitch: Ay</body><reply xmlns="urn:xmpp:reply:0" id="x"/><fallback xmlns="urn:xmpp:fallback:0" for="urn:xmpp:reply:0"><body start="0" end="11"/></fallback>',
    ],
    ['without a ping (XEP-0513 §4.6)', `<body>x</body><mention xmlns="urn:xmpp:mentions:0" jid="${HAG}"><noping/></mention>`],
    ['in what nobody may keep', `${mention(HAG)}<no-store xmlns="urn:xmpp:hints"/>`],
    ['in a reaction', '<body>thirdwitch</body><reactions xmlns="urn:xmpp:reactions:0" id="x"/>'],
    ['in what was encrypted', '<encrypted xmlns="eu.siacs.conversations.axolotl"><payload>thirdwitch</payload></encrypted>'],
  ])('XEP-0461 §3.1, XEP-0513 §4.6: nobody %s', (_how, payload) => {
    expect(sayAndLook(open(), payload)).toEqual({});
  });

  test('not by a nickname that somebody else wears now, and by the own one only', () => {
    const c = open();
    join(c, asFull('hecate@shakespeare.lit/broom'), 'thirdwitch');
    expect(sayAndLook(c, '<body>thirdwitch</body>')).toEqual({});
    join(c, hag, 'weirdsister');
    leave(c, hag, 'weirdsister');
    leave(c, asFull('hecate@shakespeare.lit/broom'));
    expect(sayAndLook(c, '<body>thirdwitch</body>')).toEqual({});
    expect(sayAndLook(c, '<body>weirdsister</body>')).toEqual({ [HAG]: '0/1' });
  });

  test('by a nickname of several words, and by a reserved one', () => {
    const c = members([], { [PERSISTENT]: '1' });
    send(c, wake('mentions', 'Weird Sister'));
    expect(sayAndLook(c, '<body>hail, weird sister!</body>')).toEqual({ [HAG]: '0/1' });
    expect(sayAndLook(c, '<body>weird sisters</body>')).toEqual({});
  });

  test('as one of a group, for moderators; an encrypted message is one of all', () => {
    const c = open();
    expect(sayAndLook(c, ALL)).toEqual({ [HAG]: '0/1' });
    const secret = '<encrypted xmlns="eu.siacs.conversations.axolotl"><header sid="1"/><payload>x</payload></encrypted>';
    expect(sayAndLook(group(), secret)).toEqual({ [HAG]: '1/0' });
  });

  test('XEP-0452 one event, one stanza: who has a wish is woken, others get the notice if the room forwards', () => {
    const c = group({ 'muc#roomconfig_membersonly': '0', 'muc#roomconfig_forwardmentions': '1' });
    affiliate(c, 'never@shakespeare.lit');
    say(c, `${mention(HAG)}<reference xmlns="urn:xmpp:reference:0" type="mention" uri="xmpp:never@shakespeare.lit"/>`);
    const told = c.take().filter((stanza) => !stanza.includes(` to="${crone}"`));
    expect(told.map((stanza) => [/ to="([^"]*)"/.exec(stanza)?.[1], stanza.includes('urn:xmpp:mmn:0')])).toEqual([
      ['never@shakespeare.lit', true],
      [HAG, false],
    ]);
  });
});

describe('a reply without `to` (XEP-0461 §3) mentions whoever said what it names', () => {
  const idOf = (c: Conversation): string => /<stanza-id[^>]* id="([^"]+)"/.exec(c.take().join(''))?.[1] ?? '';
  const reply = (id: string): string => `<body>Ay</body><reply xmlns="urn:xmpp:reply:0" id="${id}"/>`;
  /** A room that wakes for mentions, in which hag has said something and gone. */
  const heath = (): { readonly c: Conversation; readonly id: string } => {
    const c = group({ [WAKE]: 'mentions' });
    join(c, hag, 'thirdwitch');
    c.forget();
    say(c, BODY, hag);
    const id = idOf(c);
    leave(c);
    return { c, id };
  };

  test('once, with the reply; of others, of what is not there and of a message of one’s own nobody is woken', () => {
    const { c, id } = heath();
    expect(sayAndLook(c, reply('0BGxI4k-9sVvq1mVq2oXyA'))).toEqual({});
    expect(sayAndLook(c, reply('x'.repeat(300)))).toEqual({});
    c.forget();
    say(c, reply(id));
    const [stanza = ''] = c.take().filter((one) => one.includes('urn:parlour:wake:0'));
    expect(stanza).toContain(`to="${HAG}"`);
    expect(stanza).toContain('<body>Ay</body>');
    // A second one is told with the count, as any mention.
    expect(sayAndLook(c, reply(id))).toEqual({});
    expect(later(c, MINUTE)).toEqual({ [HAG]: '0/1' });
  });

  test('one message, one wake-up: who is woken by it already, or named by it, is not woken by the archive’s answer', () => {
    const { c, id } = heath();
    expect(sayAndLook(c, `${reply(id)}<reference xmlns="urn:xmpp:reference:0" type="mention" uri="xmpp:${HAG}"/>`)).toEqual({
      [HAG]: '0/1',
    });
    expect(later(c, MINUTE)).toEqual({});
  });

  test('who has come back before the archive answers is not woken', () => {
    const { c, id } = heath();
    c.holdArchive();
    say(c, reply(id));
    join(c, hag, 'thirdwitch');
    c.forget();
    c.answerArchive();
    expect(woken(c)).toEqual({});
  });
});

describe('the stanza', () => {
  test('Prosody’s form has what the person would have seen inside, from the room’s bare JID, with an id and no real JID', () => {
    const c = group();
    say(c);
    c.expectTo(
      HAG,
      `<message from="${ROOM}" to="${HAG}" type="groupchat" id="wake-1">${BODY}<occupant-id xmlns="urn:xmpp:occupant-id:0" id="{occ:firstwitch}"/>` +
        `<stanza-id xmlns="urn:xmpp:sid:0" id="{sid:one}" by="${ROOM}"/><wake xmlns="urn:parlour:wake:0" messages="1" mentions="0"/></message>`,
    );
    say(c);
    expect(later(c, 10 * MINUTE)).toEqual({ [HAG]: '1/0' });
  });

  test('what was missed is told with the count, in the room’s language', () => {
    const c = group({ 'muc#roomconfig_lang': 'de' });
    for (let i = 0; i < 4; i++) say(c);
    c.forget();
    c.advance(10 * MINUTE);
    c.input(ROOM, { kind: 'timer' });
    c.expect(
      `<message from="${ROOM}" to="${HAG}" type="groupchat" id="wake-2"><body>Neue Nachrichten: 3</body><wake xmlns="urn:parlour:wake:0" messages="3" mentions="0"/></message>`,
    );
  });

  test('the doorbell has no words', () => {
    const c = group({}, { wakeForm: 'doorbell' });
    say(c);
    c.expectTo(
      HAG,
      `<message from="${ROOM}" to="${HAG}" id="wake-1"><encrypted xmlns="urn:parlour:wake:0" messages="1" mentions="0"><payload/></encrypted><store xmlns="urn:xmpp:hints"/></message>`,
    );
  });

  test('of a long message the beginning', () => {
    const c = group();
    say(c, `<body>${'x'.repeat(10_000)}</body>`);
    const [stanza = ''] = c.take().filter((one) => one.includes(` to="${HAG}"`));
    expect(/<body>(x+)<\/body>/.exec(stanza)?.[1]).toHaveLength(1000);
  });
});

describe('not too much', () => {
  test('one until they are seen again or the interval is over; then one with the count, also after a restart', () => {
    const c = group();
    expect(sayAndLook(c)).toEqual({ [HAG]: '1/0' });
    for (let i = 0; i < 99; i++) say(c);
    expect(woken(c)).toEqual({});
    c.restart();
    expect(later(c, 9 * MINUTE)).toEqual({});
    expect(later(c, 2 * MINUTE)).toEqual({ [HAG]: '99/0' });
    expect(later(c, 11 * MINUTE)).toEqual({});
    expect(sayAndLook(c)).toEqual({ [HAG]: '1/0' });
    join(c, hag, 'thirdwitch');
    leave(c);
    expect(sayAndLook(c)).toEqual({ [HAG]: '1/0' });
  });

  test('a hundred messages, one per interval: a hundred wake-ups', () => {
    const c = group({}, { wakeUps: { default: 'auto', intervalSeconds: 1 } });
    let count = 0;
    for (let i = 0; i < 100; i++) {
      count += Object.keys(sayAndLook(c)).length;
      c.advance(1100);
    }
    expect(count).toBe(100);
  });

  test('a mention at once, unless one rang in the last minute: then folded, with the count', () => {
    const c = group();
    expect(sayAndLook(c)).toEqual({ [HAG]: '1/0' });
    for (let i = 0; i < 3; i++) expect(sayAndLook(c, mention(HAG))).toEqual({});
    expect(later(c, MINUTE)).toEqual({ [HAG]: '3/3' });
    c.advance(2 * MINUTE);
    expect(sayAndLook(c, mention(HAG))).toEqual({ [HAG]: '1/1' });
  });

  test('who comes back is told of mentions that they were not woken for, once; nobody else hears of it', () => {
    const c = group();
    for (let i = 0; i < 4; i++) say(c, '<body>thirdwitch?</body>');
    c.forget();
    join(c, hag, 'thirdwitch');
    const told = c.take().filter((stanza) => stanza.includes('Mentions of you'));
    expect(told).toEqual([expect.stringMatching(new RegExp(`^<message from="${ROOM}" to="${hag}".*<body>Mentions of you: 3</body>`))]);
    leave(c);
    c.forget();
    join(c, hag, 'thirdwitch');
    expect(c.take().join('')).not.toContain('Mentions of you');
  });

  test('a thousand mentions by one member within a minute: once, and once with the count', () => {
    const c = group({ [WAKE]: 'mentions' });
    expect(sayAndLook(c, mention(HAG))).toEqual({ [HAG]: '0/1' });
    for (let i = 0; i < 999; i++) say(c, mention(HAG));
    expect(woken(c)).toEqual({});
    expect(later(c, MINUTE)).toEqual({ [HAG]: '0/999' });
    expect(later(c, HOUR)).toEqual({});
  });

  test.each([
    ['by name', mention(HAG)],
    ['all of them as a group', ALL],
    ['by a reply', `<body>Ay</body><reply xmlns="urn:xmpp:reply:0" id="x" to="${ROOM}/thirdwitch"/>`],
  ])('six an hour by the mentions of one person, whoever else mentions them: %s', (_, named) => {
    const c = coven(['secondwitch', 'thirdwitch'], { [PERSISTENT]: '1' });
    affiliate(c, HAG);
    leave(c);
    let count = 0;
    for (let i = 0; i < 20; i++) {
      count += Object.keys(sayAndLook(c, named)).length;
      c.advance(90_000);
    }
    expect(count).toBe(6);
    expect(sayAndLook(c, named, wicca)).toEqual({ [HAG]: '0/1' });
    c.advance(HOUR);
    expect(sayAndLook(c, named)).toEqual({ [HAG]: '0/1' });
  });

  test('nobody who is in the room and available, and not the author', () => {
    const c = group();
    join(c, hag, 'thirdwitch');
    expect(sayAndLook(c, mention(HAG))).toEqual({});
    show(c, 'dnd');
    expect(sayAndLook(c, mention(HAG))).toEqual({});
    show(c, 'away');
    c.advance(6 * MINUTE);
    expect(sayAndLook(c, mention(HAG), hag)).toEqual({});
  });

  test('away or xa with every client for five minutes is away, also after a restart; one that leaves may leave such alone', () => {
    const c = group();
    join(c, hag, 'thirdwitch');
    join(c, asFull(`${HAG}/laptop`), 'thirdwitch');
    show(c, 'away', asFull(`${HAG}/laptop`));
    c.advance(HOUR);
    expect(sayAndLook(c)).toEqual({});
    show(c, 'xa');
    c.restart();
    c.advance(4 * MINUTE);
    expect(sayAndLook(c)).toEqual({});
    c.advance(MINUTE);
    expect(sayAndLook(c)).toEqual({ [HAG]: '1/0' });
    show(c, '');
    expect(sayAndLook(c)).toEqual({});
    leave(c);
    c.advance(5 * MINUTE);
    expect(sayAndLook(c)).toEqual({ [HAG]: '1/0' });
  });

  test('only what is kept and for people: no typing notices, subjects, reactions, corrections or retractions', () => {
    const c = group();
    for (const payload of [
      '<composing xmlns="http://jabber.org/protocol/chatstates"/>',
      '<subject>Fire</subject>',
      '<reactions xmlns="urn:xmpp:reactions:0" id="x"><reaction>+</reaction></reactions>',
      '<body>corrected</body><replace xmlns="urn:xmpp:message-correct:0" id="x"/>',
    ])
      expect(sayAndLook(c, payload)).toEqual({});
    iq(c, crone, 'set', 'off', submit({ 'muc#roomconfig_enablearchiving': '0' }));
    expect(sayAndLook(c)).toEqual({});
  });

  test('a clock that was a year ahead keeps nobody from being woken', () => {
    const c = group();
    c.advance(366 * 24 * HOUR);
    join(c, hag, 'thirdwitch');
    leave(c);
    say(c);
    c.advance(-366 * 24 * HOUR);
    expect(sayAndLook(c)).toMatchObject({ [HAG]: expect.any(String) as string });
  });
});

test('of the nicknames of one person only the one that they wore last is looked for', () => {
  const c = coven([], { [PERSISTENT]: '1' });
  affiliate(c, HAG);
  const looked = jest.spyOn(NickIndex.prototype, 'in');
  try {
    for (let i = 0; i < 100; i++) {
      join(c, hag, `word${i} witch`);
      leave(c, hag, `word${i} witch`);
    }
    say(c);
    const index = looked.mock.contexts.at(-1) as NickIndex<unknown>;
    expect(index.size).toBe(1);
  } finally {
    looked.mockRestore();
  }
});
