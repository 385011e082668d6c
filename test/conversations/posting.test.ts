/** Programs that post in a room without being in it, each by a token that has a name there. */
import type { By } from '../../src/room/contract/audit';
import type { Command, CommandOutcome } from '../../src/room/contract/commands';
import { NS } from '../../src/xmpp/ns';
import type { Conversation } from '../support/conversation';
import { asBare, asRoom } from '../support/jids';
import { admin, coven, crone, hag, iq, join, refusal, ROOM, wicca } from './expected';
import { shown } from './history-shown';

const operator: By = { kind: 'operator', name: 'root', face: 'http' };
const OPEN = { 'muc#roomconfig_persistentroom': '1' };
const TOKEN = 'token.invalid';

function run(c: Conversation, command: Command, by: By = operator, room: string = ROOM): CommandOutcome | undefined {
  let outcome: CommandOutcome | undefined;
  c.input(room, { kind: 'command', command, by, done: (came) => (outcome = came) });
  return outcome;
}
const allow = (c: Conversation, nick = 'CI', id = 'a1'): CommandOutcome | undefined =>
  run(c, { name: 'allow-posting', id, nick, token: 'ci' });
const post = (c: Conversation, body = 'Build 7 has failed.', id = 'a1'): CommandOutcome | undefined =>
  run(c, { name: 'post', id, body }, { kind: 'token', name: 'ci', face: 'http' });
const refused = (condition: string): object => ({ ok: false, error: expect.objectContaining({ condition }) as object });
/** Archive answers to a query of everything of somebody. */
const foundWith = (c: Conversation, asker: string, jid: string): string[] => {
  c.forget();
  const field = (name: string, value: string): string => `<field var="${name}"><value>${value}</value></field>`;
  iq(
    c,
    asker,
    'set',
    'm',
    `<query xmlns="${NS.mam}"><x xmlns="jabber:x:data" type="submit">${field('FORM_TYPE', NS.mam)}${field('with', jid)}</x></query>`,
  );
  return c.take().filter((stanza) => stanza.startsWith('<message'));
};

test('the room is told once who may post under the name', () => {
  const c = coven(['thirdwitch'], OPEN);
  expect(allow(c)).toEqual({ ok: true });
  const said = c.take();
  expect(said).toHaveLength(2);
  expect(said[0]).toMatch(
    new RegExp(`^<message from="${ROOM}" .*<body>From now on a program posts in this room as "CI", by the token "ci"`),
  );
  post(c);
  expect(c.take().join('')).not.toContain('From now on');
});

test('XEP-0045 §7.4, XEP-0421, XEP-0359: what it says is groupchat from room/NAME without presence, with the occupant-id of the token and a stanza-id', () => {
  const c = coven(['thirdwitch'], OPEN);
  allow(c);
  c.forget();
  const outcome = post(c);
  const said = c.take();
  expect(said).toHaveLength(2);
  const [, id] = /<stanza-id xmlns="urn:xmpp:sid:0" id="([^"]*)"/.exec(said[0] ?? '') ?? [];
  expect(outcome).toEqual({ ok: true, said: id });
  for (const stanza of said)
    expect(stanza).toMatch(
      new RegExp(
        `^<message from="${ROOM}/CI" to="[^"]*" type="groupchat"><body>Build 7 has failed.</body><occupant-id xmlns="urn:xmpp:occupant-id:0" id="[\\w-]{22}"/><stanza-id `,
      ),
    );
  post(c, 'Again');
  const occupantOf = (stanza = ''): string | undefined => /occupant-id:0" id="([^"]*)"/.exec(stanza)?.[1];
  expect(occupantOf(c.take()[0])).toBe(occupantOf(said[0]));
  // §7.2.13: as of anybody else, in the history of who comes later; and after a restart.
  c.restart();
  expect(shown(c).filter((stanza) => stanza.includes(`from="${ROOM}/CI"`))).toHaveLength(2);
});

test('its text is said as it is, and nothing in it is markup', () => {
  const c = coven([], OPEN);
  allow(c);
  c.forget();
  post(c, '</body><x xmlns="evil"/>&');
  expect(c.take()[0]).toContain('<body>&lt;/body&gt;&lt;x xmlns="evil"/&gt;&amp;</body>');
});

describe('the name', () => {
  test.each(['CI', 'ci', 'СI'])('§7.2.8: nobody else comes in as %s while the token lives', (nick) => {
    const c = coven([], OPEN);
    allow(c);
    c.forget();
    join(c, hag, nick);
    c.expect(refusal('presence', `${ROOM}/${nick}`, hag, 'n13mt3l', 'cancel', 'conflict', `<x xmlns="${NS.muc}"/>`));
    c.restart();
    join(c, hag, nick);
    expect(c.take().join('')).toContain('<conflict');
  });

  test('§7.6, §7.10, §9.3: nobody changes to it, registers it or is given it', () => {
    const c = coven(['thirdwitch'], { ...OPEN, '{urn:parlour:room}registration': 'anyone' });
    allow(c);
    c.forget();
    c.send(`<presence from="${hag}" to="${ROOM}/ci"/>`);
    iq(c, hag, 'set', 'r', `<query xmlns="${NS.register}"><username>CI</username></query>`);
    iq(c, crone, 'set', 'a', admin('<item affiliation="member" jid="dan@x.lit" nick="CI"/>'));
    expect(c.take().filter((stanza) => stanza.includes('<conflict'))).toHaveLength(3);
    expect(run(c, { name: 'change-nick', nick: 'thirdwitch', to: 'CI' })).toEqual(refused('conflict'));
  });

  test.each([
    ['worn', 'ThirdWitch', 'conflict'],
    ['reserved', 'Dan', 'conflict'],
    ['a look-alike of a worn one', 'thirdwitсh', 'conflict'],
    ['a look-alike of a reserved one', 'Dаn', 'conflict'],
    ['that of another program', 'Alerts', 'conflict'],
    ['blank', ' ', 'jid-malformed'],
    ['too long', 'x'.repeat(61), 'not-acceptable'],
    ['an occupant-id', `-${'a'.repeat(22)}`, 'not-acceptable'],
  ])('is refused if it is %s', (_, nick, condition) => {
    const c = coven(['thirdwitch'], OPEN);
    iq(c, crone, 'set', 'a', admin('<item affiliation="member" jid="dan@x.lit" nick="Dan"/>'));
    allow(c, 'alerts', 'a2');
    c.forget();
    expect(allow(c, nick)).toEqual(refused(condition));
    c.expect();
    expect(post(c)).toEqual(refused('item-not-found'));
  });

  test('is free when the token is revoked, and nothing is posted under it any more', () => {
    const c = coven([], OPEN);
    allow(c);
    expect(run(c, { name: 'end-posting', id: 'a1', token: 'ci' })).toEqual({ ok: true });
    expect(run(c, { name: 'end-posting', id: 'a1', token: 'ci' })).toEqual(refused('item-not-found'));
    expect(post(c)).toEqual(refused('item-not-found'));
    c.forget();
    join(c, hag, 'CI');
    expect(c.take().join('')).toContain('<status code="110"/>');
  });

  test('at most twenty programs post in one room', () => {
    const c = coven([], OPEN);
    for (let i = 0; i < 20; i++) expect(allow(c, `bot ${i}`, `b${i}`)).toEqual({ ok: true });
    expect(allow(c, 'one more', 'b20')).toEqual(refused('resource-constraint'));
  });
});

test.each([
  ['§7.5 a private message', `<message from="${hag}" to="${ROOM}/CI" type="chat" id="q"><body>hi</body></message>`],
  ['§17.4 a request', `<iq from="${hag}" to="${ROOM}/CI" type="get" id="q"><query xmlns="jabber:iq:version"/></iq>`],
])('%s to it is item-not-found', (_, stanza) => {
  const c = coven(['thirdwitch'], OPEN);
  allow(c);
  c.forget();
  c.send(stanza);
  expect(c.take()).toEqual([expect.stringContaining('<item-not-found')]);
});

test('XEP-0313 §4.1.1: `with` its occupant JID finds what it said, for whoever may read', () => {
  const c = coven(['thirdwitch'], OPEN);
  allow(c);
  post(c, 'one');
  c.send(`<message from="${hag}" to="${ROOM}" type="groupchat"><body>What has it said?</body></message>`);
  post(c, 'two');
  for (const asker of [hag, crone]) {
    const found = foundWith(c, asker, `${ROOM}/ci`);
    expect(found.map((stanza) => /<body>(.*?)<\/body>/.exec(stanza)?.[1])).toEqual(['one', 'two']);
  }
});

test('XEP-0425: its messages are moderated like a person’s; a moderator retracts them all by its name, and a ban keeps it from posting', () => {
  const c = coven(['secondwitch', 'thirdwitch'], OPEN);
  allow(c);
  const first = post(c, 'one') as { said: string };
  c.forget();
  iq(c, wicca, 'set', 'm', `<moderate xmlns="${NS.moderate}" id="${first.said}"><retract xmlns="${NS.retract}"/></moderate>`);
  expect(c.take().join('')).toContain('<moderated');
  post(c, 'two');
  expect(run(c, { name: 'ban-and-retract', target: { nick: 'CI' }, minutes: 60, ban: true })).toEqual({ ok: true, retracted: 1 });
  expect(post(c)).toEqual(refused('forbidden'));
  expect(shown(c).join('')).not.toMatch(/<body>(one|two)</);
  expect(c.rows(ROOM)).toContain(`"jid":"a1@${TOKEN}","affiliation":"outcast"`);
});

test('§14: it has a place in rooms where real addresses are shown, and its address is nobody’s', () => {
  const c = coven(['thirdwitch'], { ...OPEN, 'muc#roomconfig_whois': 'anyone' });
  allow(c);
  post(c);
  expect(c.take().join('')).not.toContain(TOKEN);
});

test.each([
  ['only those who run the service let programs post', { name: 'allow-posting', id: 'a9', nick: 'Bot', token: 'b' }],
  ['only those who run the service end it', { name: 'end-posting', id: 'a1', token: 'ci' }],
] as const)('%s', (_, command) => {
  const c = coven([], OPEN);
  allow(c);
  for (const name of [crone, hag])
    expect(run(c, command, { kind: 'account', name: name.split('/')[0] as string, face: 'http' })).toEqual(refused('forbidden'));
});

test('§7.14: not in a temporary room; §17.2 not in one that is not configured; not under another id', () => {
  const c = coven([], { 'muc#roomconfig_persistentroom': '0' });
  expect(allow(c)).toEqual(refused('not-acceptable'));
  const other = coven([], OPEN);
  allow(other);
  expect(post(other, 'x', 'a2')).toEqual(refused('item-not-found'));
  expect(post(other, ' ')).toEqual(refused('bad-request'));
  expect(post(other, 'x'.repeat(10_001))).toEqual(refused('not-acceptable'));
});

test('a room that is destroyed and made again knows nothing of it; one that is renamed neither, and the name is free', () => {
  const c = coven([], OPEN);
  allow(c);
  run(c, { name: 'rename', to: asRoom('cave@chat.shakespeare.lit') });
  expect(run(c, { name: 'post', id: 'a1', body: 'x' }, operator, 'cave@chat.shakespeare.lit')).toEqual(refused('item-not-found'));
  run(c, { name: 'create', owner: asBare('dan@x.lit'), values: new Map(Object.entries(OPEN).map(([key, value]) => [key, [value]])) });
  expect(post(c)).toEqual(refused('item-not-found'));
});

test('a room that is renamed keeps nothing of its programs: their names are free, there is place for others, and going back brings none back', () => {
  const c = coven([], OPEN);
  const cave = asRoom('cave@chat.shakespeare.lit');
  for (let i = 0; i < 20; i++) expect(allow(c, `CI ${i + 1}0`, `a${i}`)).toEqual({ ok: true });
  run(c, { name: 'rename', to: cave });
  expect(c.rows(cave)).not.toContain('posters');
  expect(c.rows(cave)).not.toContain('"token"');
  expect(run(c, { name: 'allow-posting', id: 'b', nick: 'CI 10', token: 'other' }, operator, cave)).toEqual({ ok: true });
  expect(run(c, { name: 'end-posting', id: 'b', token: 'other' }, operator, cave)).toEqual({ ok: true });
  run(c, { name: 'rename', to: ROOM }, operator, cave);
  expect(post(c, 'x', 'a1')).toEqual(refused('item-not-found'));
  expect(run(c, { name: 'end-posting', id: 'a1', token: 'ci' })).toEqual(refused('item-not-found'));
});
