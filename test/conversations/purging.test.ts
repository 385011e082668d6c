/** Retracts a person's latest messages and bans the person: an ad-hoc command at the room (XEP-0050) for its moderators. */
import type { Conversation } from '../support/conversation';
import { asBare } from '../support/jids';
import { ASKERS, columns, comesTo, jidOf, stage } from './askers';
import { coven, crone, gone, hag, hecate, iq, join, refusal, result, ROOM, wicca } from './expected';
import { said, shown } from './history-shown';

const COMMANDS = 'http://jabber.org/protocol/commands';
const PURGE = 'urn:parlour:ban-and-retract';
const RETRACT = 'urn:xmpp:message-retract:1';
const WORDS = '<body>DM me for free magic potions!</body>';
const TITLE = "Retract somebody's messages";

const field = (name: string, value: string): string => `<field var="${name}"><value>${value}</value></field>`;
const form = (fields: Record<string, string>): string =>
  `<x xmlns="jabber:x:data" type="submit">${Object.entries({ FORM_TYPE: PURGE, minutes: '60', ...fields })
    .map(([name, value]) => field(name, value))
    .join('')}</x>`;
const command = (session: string, inner = '', action = ''): string =>
  `<command xmlns="${COMMANDS}" node="${PURGE}"${session === '' ? '' : ` sessionid="${session}"`}${action === '' ? '' : ` action="${action}"`}>${inner}</command>`;

/** Asks for the form; answers the session's id. */
function begin(c: Conversation, from: string): string {
  c.forget();
  iq(c, from, 'set', 'b', command(''));
  const session = / sessionid="([^"]*)"/.exec(c.take().join(''))?.[1];
  if (session === undefined) throw new Error('There is no session.');
  return session;
}

/** Runs the command with the form filled in so. */
function purge(c: Conversation, from: string, fields: Record<string, string>): void {
  const session = begin(c, from);
  iq(c, from, 'set', 'p', command(session, form(fields)));
}

const done = (to: string, text: string): string =>
  result(
    to,
    'p',
    `<command xmlns="${COMMANDS}" xml:lang="en" node="${PURGE}" sessionid="{sid:session}" status="completed"><note type="info">${text}</note></command>`,
  );
const badPayload = (to: string): string =>
  refusal('iq', ROOM, to, 'p', 'modify', 'bad-request').replace('</error>', `<bad-payload xmlns="${COMMANDS}"/></error>`);
const bodies = (c: Conversation): string[] => shown(c).flatMap((stanza) => /<body>(.*)<\/body>/.exec(stanza)?.[1] ?? []);

describe('discovery (XEP-0050 §2)', () => {
  const info = (node: string): string => `<query xmlns="http://jabber.org/protocol/disco#info" node="${node}"/>`;
  const items = (node: string): string => `<query xmlns="http://jabber.org/protocol/disco#items" node="${node}"/>`;
  const listed = (inner: string): string => `<query xmlns="http://jabber.org/protocol/disco#items" node="${COMMANDS}">${inner}</query>`;

  test('moderators and admins are shown it, owners more, others only what is for everybody', () => {
    const c = coven(['thirdwitch']);
    for (const who of [crone, wicca, hag, hecate]) iq(c, who, 'get', 'l', items(COMMANDS));
    const item = `<item jid="${ROOM}" node="${PURGE}" name="${TITLE}"/>`;
    const ends =
      `<item jid="${ROOM}" node="urn:parlour:affiliation" name="Give an affiliation, for good or for a time"/>` +
      `<item jid="${ROOM}" node="urn:parlour:mute" name="Mute somebody"/>` +
      `<item jid="${ROOM}" node="urn:parlour:warn" name="Warn somebody"/>` +
      `<item jid="${ROOM}" node="urn:parlour:ends" name="What holds for a time in this room"/>`;
    const audit = `<item jid="${ROOM}" node="urn:parlour:audit" name="Who changed what"/>`;
    const wake = `<item jid="${ROOM}" node="urn:parlour:wake" name="What wakes me"/>`;
    const wish = wake + `<item jid="${ROOM}" node="urn:parlour:tell-me-of-mentions" name="Tell me when I am mentioned"/>`;
    const hats = (...nodes: readonly (readonly [string, string])[]): string =>
      nodes.map(([node, name]) => `<item jid="${ROOM}" node="urn:xmpp:hats:commands:${node}" name="${name}"/>`).join('');
    const list = ['list', 'The hats of this room'] as const;
    const all = hats(
      ['create', 'Create a hat'],
      ['destroy', 'Destroy a hat'],
      ['assign', 'Assign a hat'],
      ['unassign', 'Take a hat away'],
      list,
      ['list-assigned', 'Who wears which hat'],
    );
    c.expect(
      result(crone, 'l', listed(item + ends + audit + wish + all)),
      result(wicca, 'l', listed(item + ends + wish + all)),
      result(hag, 'l', listed(wish + hats(list))),
      result(hecate, 'l', listed(wish)),
    );
  });

  test('the nodes say what they are, and the room that it has commands', () => {
    const c = coven(['thirdwitch']);
    iq(c, hag, 'get', 'l', info(COMMANDS));
    const head = (node: string): string => `<query xmlns="http://jabber.org/protocol/disco#info" node="${node}">`;
    c.expect(
      result(
        hag,
        'l',
        `${head(COMMANDS)}<identity category="automation" type="command-list" name="Commands"/><feature var="${COMMANDS}"/></query>`,
      ),
    );
    iq(c, crone, 'get', 'n', info(PURGE));
    const node = `<identity category="automation" type="command-node" name="${TITLE}"/><feature var="${COMMANDS}"/><feature var="jabber:x:data"/>`;
    c.expect(result(crone, 'n', `${head(PURGE)}${node}</query>`));
    iq(c, crone, 'get', 'i', items(PURGE));
    c.expect(result(crone, 'i', `<query xmlns="http://jabber.org/protocol/disco#items" node="${PURGE}"/>`));
    iq(c, hag, 'get', 'n', info(PURGE));
    c.expect(refusal('iq', ROOM, hag, 'n', 'auth', 'forbidden'));
    iq(c, hag, 'get', 'd', '<query xmlns="http://jabber.org/protocol/disco#info"/>');
    expect(c.take()[0]).toContain(`<feature var="${COMMANDS}"/>`);
  });
});

describe('the form', () => {
  test('with the ban for admins only', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    iq(c, crone, 'set', 'm', `<query xmlns="http://jabber.org/protocol/muc#admin"><item nick="thirdwitch" role="moderator"/></query>`);
    c.forget();
    iq(c, wicca, 'set', 'b', command(''));
    const of = (name: string, type: string, label: string, inner = ''): string =>
      `<field var="${name}" type="${type}" label="${label}">${inner}</field>`;
    const fields =
      `<field var="FORM_TYPE" type="hidden"><value>${PURGE}</value></field>` +
      of('nick', 'text-single', 'Nickname, of somebody in the room or who spoke in that time') +
      of('occupant-id', 'text-single', 'Occupant-id') +
      of('jid', 'jid-single', 'Address of the person') +
      of(
        'minutes',
        'text-single',
        'Messages of the last minutes',
        '<required/><value>60</value><validate xmlns="http://jabber.org/protocol/xdata-validate" datatype="xs:integer"><range min="1" max="525600"/></validate>',
      ) +
      of('reason', 'text-single', 'Reason, shown to everybody');
    const whole = (ban: string): string =>
      `<command xmlns="${COMMANDS}" xml:lang="en" node="${PURGE}" sessionid="{sid:session}" status="executing"><actions execute="complete"><complete/></actions>` +
      `<x xmlns="jabber:x:data" type="form"><title>${TITLE}</title><instructions>{text}</instructions>${fields}${ban}</x></command>`;
    const ban =
      of('ban', 'boolean', 'Ban this person too', '<value>0</value>') +
      of('ban-for', 'text-single', 'How long the ban lasts, such as 12h, 2d or 1w; empty: for good');
    c.expect(result(wicca, 'b', whole(ban)));
    iq(c, hag, 'set', 'b', command(''));
    c.expect(result(hag, 'b', whole('').replace('session}', 'other}')));
  });

  test('is over after a while, and belongs to who was given it', () => {
    const c = coven(['secondwitch']);
    const session = begin(c, crone);
    iq(c, wicca, 'set', 'p', command(session, form({ nick: 'x' })));
    expect(c.take()[0]).toContain('<bad-sessionid');
    c.advance(16 * 60_000);
    iq(c, crone, 'set', 'p', command(session, form({ nick: 'x' })));
    expect(c.take()[0]).toContain('<session-expired');
  });

  test('can be given back, and has one step', () => {
    const c = coven();
    const session = begin(c, crone);
    iq(c, crone, 'set', 'p', command(session, '', 'cancel'));
    expect(c.take()[0]).toContain('status="canceled"');
    iq(c, crone, 'set', 'p', command(session, form({ nick: 'x' }), 'next'));
    expect(c.take()[0]).toContain('<bad-action');
    iq(c, crone, 'set', 'p', command(session, form({ nick: 'x' }), 'dance'));
    expect(c.take()[0]).toContain('<malformed-action');
    iq(c, crone, 'set', 'p', command('', '', 'complete'));
    expect(c.take()[0]).toContain('<bad-sessionid');
    iq(c, crone, 'get', 'p', command(session));
    c.expect(refusal('iq', ROOM, crone, 'p', 'modify', 'bad-request'));
    iq(c, crone, 'set', 'p', `<command xmlns="${COMMANDS}" node="other"/>`);
    c.expect(refusal('iq', ROOM, crone, 'p', 'cancel', 'item-not-found'));
  });

  test.each([
    ['nobody', {}],
    ['two people', { nick: 'thirdwitch', jid: 'hag66@shakespeare.lit' }],
    ['a server', { jid: 'shakespeare.lit' }],
    ['no address', { jid: 'hag 66@shakespeare.lit' }],
    ['no time', { nick: 'thirdwitch', minutes: '0' }],
    ['a long time', { nick: 'thirdwitch', minutes: '525601' }],
    ['half a minute', { nick: 'thirdwitch', minutes: '0.5' }],
    ['perhaps a ban', { nick: 'thirdwitch', ban: 'perhaps' }],
    ['how long a ban lasts, and none', { nick: 'thirdwitch', ban: '0', 'ban-for': '2d' }],
  ])('that names %s', (_, fields) => {
    const c = coven(['thirdwitch']);
    purge(c, crone, fields);
    c.expect(badPayload(crone));
  });
});

describe('retracting', () => {
  test('each message is moderated on its own, kept, and a tombstone left; others stay', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    const ids = ['m1', 'm2'].map((id) => said(c, hag, WORDS, id));
    said(c, crone, '<body>Toad</body>');
    purge(c, wicca, { nick: 'thirdwitch', reason: 'Spam' });
    const stanzas = c.take();
    expect(stanzas.at(-1)).toContain('<note type="info">Done. Number of messages retracted: 2.</note>');
    const told = stanzas.filter((stanza) => stanza.includes(` to="${crone}"`));
    expect(told.map((stanza) => / id="([^"]*)"><moderated /.exec(stanza)?.[1])).toEqual(ids);
    for (const stanza of told) expect(stanza).toContain('<reason>Spam</reason></retract>');
    const past = shown(c);
    expect(past.map((stanza) => /<body>Toad|<retracted |<retract /.exec(stanza)?.[0])).toEqual([
      '<retracted ',
      '<retracted ',
      '<body>Toad',
    ]);
  });

  test('found H5: the address of an occupant names the one of that nickname; any other of the service is told to be nobody’s', () => {
    const c = coven(['thirdwitch']);
    said(c, hag, WORDS, 'h1');
    purge(c, crone, { jid: `${ROOM}/thirdwitch` });
    expect(c.take().join('')).toContain('Number of messages retracted: 1');
    expect(bodies(c)).not.toContain('DM me for free magic potions!');
    for (const jid of [ROOM, 'heath@chat.shakespeare.lit/thirdwitch', 'chat.shakespeare.lit', 'hag66@chat.shakespeare.lit']) {
      purge(c, crone, { jid });
      expect(c.take().join('')).toMatch(/ type="error".*Addresses of this service are rooms and occupants/);
    }
  });

  test('of the last minutes only', () => {
    const c = coven(['thirdwitch']);
    said(c, hag, '<body>old</body>');
    c.advance(10 * 60_000);
    said(c, hag, WORDS);
    purge(c, crone, { nick: 'thirdwitch', minutes: '5' });
    c.forget();
    expect(bodies(c)).toEqual(['old']);
  });

  test('more than a page, by occupant-id, of somebody who has left; run again there is nothing left', () => {
    const c = coven(['thirdwitch']);
    said(c, hag, WORDS);
    const occupant = (): string => {
      const [first] = shown(c);
      return /<occupant-id [^>]*id="([^"]*)"/.exec(first as string)?.[1] as string;
    };
    const id = occupant();
    for (let i = 0; i < 249; i++) c.send(`<message from="${hag}" to="${ROOM}" type="groupchat" id="n${i}">${WORDS}</message>`);
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    purge(c, crone, { 'occupant-id': id });
    expect(c.take().at(-1)).toContain('retracted: 250.');
    expect(bodies(c)).toEqual([]);
    purge(c, crone, { 'occupant-id': id });
    c.expect(done(crone, 'Done. Number of messages retracted: 0.'));
  });

  test('the subject that the room has stays', () => {
    const c = coven(['secondwitch']);
    said(c, wicca, '<subject>Brooms</subject>');
    purge(c, crone, { nick: 'secondwitch' });
    c.expect(done(crone, 'Done. Number of messages retracted: 0.'));
  });

  test.each(columns(ASKERS, 'ok ok forbidden ok forbidden forbidden ok ok forbidden forbidden forbidden'))(
    'begun by $asker: $outcome',
    ({ asker, outcome }) => {
      comesTo(stage(), `<iq from="${jidOf(asker)}" to="${ROOM}" type="set" id="i">${command('')}</iq>`, outcome);
    },
  );

  test.each([
    ['what somebody above said', 'moderator', { nick: 'other-admin' }, 'cancel', 'not-allowed'],
    ['the same, absent', 'moderator', { jid: 'absent-owner@shakespeare.lit' }, 'cancel', 'not-allowed'],
    ['what nobody said', 'admin', { nick: 'nobody' }, 'cancel', 'item-not-found'],
    ['of an occupant-id that nobody has', 'admin', { 'occupant-id': 'nobody' }, 'cancel', 'item-not-found'],
    ['with a novel for a reason', 'admin', { nick: 'participant', reason: 'x'.repeat(1001) }, 'modify', 'not-acceptable'],
    ['and banning another admin', 'admin', { nick: 'other-admin', ban: '1' }, 'cancel', 'not-allowed'],
    ['and banning oneself', 'admin', { nick: 'admin', ban: '1' }, 'cancel', 'conflict'],
  ])('%s, by %s', (_, asker, fields, type, condition) => {
    const c = stage();
    purge(c, jidOf(asker), fields);
    c.expect(refusal('iq', ROOM, jidOf(asker), 'p', type, condition));
  });

  test('a moderator who is no longer one at the submission', () => {
    const c = coven(['thirdwitch']);
    iq(c, crone, 'set', 'm', `<query xmlns="http://jabber.org/protocol/muc#admin"><item nick="thirdwitch" role="moderator"/></query>`);
    const session = begin(c, hag);
    iq(c, crone, 'set', 'm', `<query xmlns="http://jabber.org/protocol/muc#admin"><item nick="thirdwitch" role="participant"/></query>`);
    c.forget();
    iq(c, hag, 'set', 'p', command(session, form({ nick: 'firstwitch' })));
    c.expect(refusal('iq', ROOM, hag, 'p', 'auth', 'forbidden'));
  });
});

describe('found H9: by a nickname of somebody who left', () => {
  const leave = (c: Conversation, who: string, nick = 'thirdwitch'): void =>
    c.send(`<presence from="${who}" to="${ROOM}/${nick}" type="unavailable"/>`);

  test('whoever spoke under it within the time, in whatever case it is written', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    for (const id of ['m1', 'm2']) said(c, hag, WORDS, id);
    leave(c, hag);
    purge(c, wicca, { nick: 'ThirdWitch', ban: '1' });
    expect(c.take().at(-1)).toContain('Done. The person is banned. Number of messages retracted: 2.');
    c.forget();
    join(c, hag, 'thirdwitch');
    expect(c.take()[0]).toContain('<forbidden');
    expect(bodies(c)).toEqual([]);
  });

  test('not whoever spoke before that', () => {
    const c = coven(['thirdwitch']);
    said(c, hag, WORDS);
    leave(c, hag);
    c.advance(10 * 60_000);
    purge(c, crone, { nick: 'thirdwitch', minutes: '5' });
    c.expect(refusal('iq', ROOM, crone, 'p', 'cancel', 'item-not-found'));
  });

  test.each(['gone', 'present'])('asks back if there were two, one of them %s, with their occupant-ids', (second) => {
    const c = coven(['thirdwitch']);
    said(c, hag, WORDS);
    leave(c, hag);
    join(c, hecate, 'thirdwitch');
    if (second === 'gone') {
      said(c, hecate, '<body>Me too</body>');
      leave(c, hecate);
    }
    purge(c, crone, { nick: 'thirdwitch', ban: '1' });
    const [answer = ''] = c.take();
    expect(answer).toContain('<conflict');
    expect(answer.match(/ (\S+) \((last spoke at|in the room now)/g)).toHaveLength(2);
    if (second === 'present') leave(c, hecate);
    expect(bodies(c)).toContain('DM me for free magic potions!');
    const id = [...answer.matchAll(/ (\S+) \(last spoke at/g)].at(-1)?.[1] as string;
    purge(c, crone, { 'occupant-id': id, ban: '1' });
    expect(c.take().at(-1)).toContain('Number of messages retracted: 1.');
    join(c, hag, 'thirdwitch');
    expect(c.take()[0]).toContain('<forbidden');
  });
});

describe('banning too', () => {
  test('somebody present: banned for all first, then retracted', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    const id = said(c, hag, WORDS, 'm1');
    purge(c, wicca, { nick: 'thirdwitch', ban: '1', reason: 'Spam' });
    const stanzas = c.take();
    expect(stanzas).toHaveLength(3 + 2 + 1);
    expect(stanzas[0]).toContain('code="301"');
    expect(stanzas[3]).toContain(`<retract xmlns="${RETRACT}" id="${id}"><moderated`);
    expect(stanzas[5]).toContain('Done. The person is banned. Number of messages retracted: 1.');
    join(c, hag, 'thirdwitch');
    expect(c.take()[0]).toContain('<forbidden');
  });

  test('somebody who has left, by the occupant-id on their messages', () => {
    const c = coven(['thirdwitch']);
    said(c, hag, WORDS);
    const id = /<occupant-id [^>]*id="([^"]*)"/.exec(shown(c)[0] as string)?.[1] as string;
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    purge(c, crone, { 'occupant-id': id, ban: '1' });
    c.forget();
    join(c, hag, 'thirdwitch');
    expect(c.take()[0]).toContain('<forbidden');
    expect(bodies(c)).toEqual([]);
  });

  test('somebody who never came, by address', () => {
    const c = coven();
    purge(c, crone, { jid: 'Hag66@shakespeare.lit/pda', ban: '1' });
    expect(c.take().at(-1)).toContain('Done. The person is banned. Number of messages retracted: 0.');
    join(c, hag, 'thirdwitch');
    expect(c.take()[0]).toContain('<forbidden');
  });

  test('the last one in a temporary room, by an admin from outside: it ends, and that is all', () => {
    const c = coven(['thirdwitch']);
    said(c, hag, WORDS);
    c.send(`<presence from="${crone}" to="${ROOM}/firstwitch" type="unavailable"/>`);
    purge(c, wicca, { nick: 'thirdwitch', ban: '1' });
    c.expect(
      gone('thirdwitch', hag, { affiliation: 'outcast' }, { codes: [110, 301], occupant: 'hag' }),
      done(wicca, 'Done. The person is banned. Number of messages retracted: 0.'),
    );
  });

  test('a moderator who is no admin is offered no ban, and a value for it is ignored', () => {
    const c = stage();
    const id = said(c, jidOf('participant'), WORDS);
    purge(c, jidOf('moderator'), { nick: 'participant', ban: '1' });
    const stanzas = c.take();
    expect(stanzas.join('')).not.toContain('code="301"');
    expect(stanzas[0]).toContain(id);
  });
});

test.each([
  ['a lasting ban', undefined, undefined],
  ['a ban that ends later', 30 * 86_400_000, 30 * 86_400_000],
  ['none but one that ends earlier', 3_600_000, 2 * 86_400_000],
])('a ban with an end leaves %s as it is', (_, lasts, left) => {
  const c = coven(['thirdwitch'], { 'muc#roomconfig_persistentroom': '1' });
  const jid = asBare('hag66@shakespeare.lit');
  c.send(`<message from="${hag}" to="${ROOM}" type="groupchat" id="m">${WORDS}</message>`);
  const item = { jid, affiliation: 'outcast', ...(lasts === undefined ? {} : { for: lasts }) } as const;
  for (const order of [
    { name: 'set-affiliations', items: [item] },
    { name: 'ban-and-retract', target: { jid }, minutes: 60, ban: true, for: 2 * 86_400_000 },
  ] as const)
    c.input(ROOM, { kind: 'command', command: order, done: () => undefined });
  const [, expires] = /"affiliation":"outcast"[^}]*"expiresAt":(null|\d+)/.exec(c.rows(ROOM)) ?? [];
  if (left === undefined) expect(expires).toBe('null');
  else expect(Math.abs(Number(expires) - Date.UTC(2026, 0, 1) - left)).toBeLessThan(5_000);
  expect(bodies(c)).toEqual([]);
});
