/** Rule 7, accounts of other servers: spellings that may be two accounts are two for what is given, and one for what is taken away (of the kind of A1). */
import { setOwnDomains } from '../../src/xmpp/fold';
import type { By } from '../../src/room/contract/audit';
import type { AffiliationItem } from '../../src/room/contract/commands';
import { asBare, asDomain } from '../support/jids';
import { admin, coven, crone, hag, iq, ROOM, submit, X } from './expected';
import type { Conversation } from '../support/conversation';

beforeAll(() => setOwnDomains([asDomain('shakespeare.lit'), asDomain('chat.shakespeare.lit')]));
afterAll(() => setOwnDomains(undefined));

const enter = (c: Conversation, from: string, nick: string): void => {
  c.forget();
  c.send(`<presence from="${from}" to="${ROOM}/${nick}" id="e">${X}</presence>`);
};
const heard = (said: readonly string[], by: string): string[] => said.filter((stanza) => stanza.includes(` to="${by}"`));
const errorOf = (said: readonly string[]): string | undefined =>
  /<([a-z-]+) xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"\/>/.exec(said[0] ?? '')?.[1];
const set = (c: Conversation, jid: string, affiliation: string, more = ''): void =>
  iq(c, crone, 'set', 'i', admin(`<item affiliation="${affiliation}" jid="${jid}"${more}/>`));
const own = (said: readonly string[], by: string): string | undefined => heard(said, by).find((stanza) => stanza.includes('code="110"'));

const PAIRS = [
  ['sharp s', 'strasse@away.lit', 'straße@away.lit'],
  ['a final sigma', 'οδοσ@away.lit', 'οδος@away.lit'],
  ['a joiner', 'क\u094Dष@away.lit', 'क\u094D\u200Dष@away.lit'],
  ['a soft hyphen', 'mallory@away.lit', 'mal\u00ADlory@away.lit'],
  ['letters younger than Unicode 3.2', 'მარი@away.lit', 'ᲛᲐᲠᲘ@away.lit'],
  ['a third between them', 'strasse@away.lit', 'straẞe@away.lit'],
] as const;
const both = PAIRS.flatMap(([what, one, other]) => [
  [what, one, other],
  [`${what}, the other way round`, other, one],
]);

describe.each(both)('%s', (_, one, other) => {
  test('who is banned in one spelling does not get in with the other, and is told why', () => {
    const c = coven();
    iq(c, crone, 'set', 'ban', admin(`<item affiliation="outcast" jid="${one}"><reason>spam</reason></item>`));
    enter(c, `${other}/Ph`, 'nick');
    const said = c.take();
    expect(errorOf(said)).toBe('forbidden');
    expect(said[0]).toContain('spam');
    c.restart();
    enter(c, `${other}/Ph`, 'nick');
    expect(errorOf(c.take())).toBe('forbidden');
    set(c, one, 'none');
    enter(c, `${other}/Ph`, 'nick');
    expect(own(c.take(), `${other}/Ph`)).toBeDefined();
  });

  test('a ban goes on holding when what the other spelling had for a time is over: nobody listed them anew', () => {
    const c = coven();
    const by: By = { kind: 'operator', name: 'root', face: 'http' };
    const give = (item: Omit<AffiliationItem, 'jid'>, jid: string): void => {
      c.advance(1_000);
      c.input(ROOM, {
        kind: 'command',
        by,
        command: { name: 'set-affiliations', items: [{ ...item, jid: asBare(jid) }] },
        done: () => undefined,
      });
    };
    give({ affiliation: 'member' }, other);
    give({ affiliation: 'admin', for: 3_600_000 }, other);
    give({ affiliation: 'outcast' }, one);
    c.advance(7_200_000);
    c.input(ROOM, { kind: 'timer' });
    enter(c, `${other}/Ph`, 'nick');
    expect(errorOf(c.take())).toBe('forbidden');
    c.restart();
    enter(c, `${other}/Ph`, 'nick');
    expect(errorOf(c.take())).toBe('forbidden');
    // Listed by somebody, they are meant.
    give({ affiliation: 'member' }, other);
    give({ affiliation: 'admin' }, other);
    enter(c, `${other}/Ph`, 'nick');
    expect(own(c.take(), `${other}/Ph`)).toBeDefined();
  });

  test('a ban throws out who is in under the other spelling', () => {
    const c = coven(['thirdwitch']);
    enter(c, `${other}/Ph`, 'nick');
    c.forget();
    set(c, one, 'outcast');
    const said = c.take();
    expect(heard(said, `${other}/Ph`)[0]).toContain('code="301"');
    expect(heard(said, hag).some((stanza) => stanza.includes('type="unavailable"') && stanza.includes('code="301"'))).toBe(true);
  });

  test('owner, admin, member and a reserved nick are those of one spelling alone', () => {
    const c = coven([], { 'muc#roomconfig_membersonly': '1' });
    set(c, one, 'member', ' nick="held"');
    enter(c, `${other}/Ph`, 'nick');
    expect(errorOf(c.take())).toBe('registration-required');
    iq(c, crone, 'set', 'f', submit({ 'muc#roomconfig_membersonly': '0' }));
    enter(c, `${other}/Ph`, 'held');
    expect(errorOf(c.take())).toBe('conflict');
    set(c, one, 'owner');
    enter(c, `${other}/Ph`, 'nick');
    expect(own(c.take(), `${other}/Ph`)).toContain('affiliation="none"');
    iq(c, `${other}/Ph`, 'get', 'o', '<query xmlns="http://jabber.org/protocol/muc#owner"/>');
    expect(errorOf(c.take())).toBe('forbidden');
    enter(c, `${one}/Ph`, 'held');
    expect(own(c.take(), `${one}/Ph`)).toContain('affiliation="owner"');
  });

  test('both are in as two people, with an occupant-id each', () => {
    const c = coven();
    for (const [jid, nick] of [
      [one, 'first'],
      [other, 'second'],
    ] as const)
      enter(c, `${jid}/Ph`, nick);
    const said = heard(c.take(), crone);
    expect(said).toHaveLength(1);
    c.send(`<message from="${one}/Ph" to="${ROOM}" type="groupchat"><body>a</body></message>`);
    c.send(`<message from="${other}/Ph" to="${ROOM}" type="groupchat"><body>b</body></message>`);
    const ids = heard(c.take(), crone).map((stanza) => /occupant-id:0" id="([^"]*)"/.exec(stanza)?.[1]);
    expect(new Set(ids).size).toBe(2);
  });

  test('a ban takes nothing from who runs the room under the other spelling, and the later word about a member counts', () => {
    const c = coven();
    set(c, other, 'admin');
    set(c, one, 'outcast');
    enter(c, `${other}/Ph`, 'nick');
    expect(own(c.take(), `${other}/Ph`)).toContain('affiliation="admin"');
    const d = coven();
    set(d, other, 'member');
    d.advance(1_000);
    set(d, one, 'outcast');
    enter(d, `${other}/Ph`, 'nick');
    expect(errorOf(d.take())).toBe('forbidden');
    d.advance(1_000);
    set(d, other, 'none');
    set(d, other, 'member');
    enter(d, `${other}/Ph`, 'nick');
    expect(own(d.take(), `${other}/Ph`)).toContain('affiliation="member"');
    d.restart();
    d.send(`<presence from="${other}/Ph" to="${ROOM}" type="unavailable"/>`);
    enter(d, `${other}/Ph`, 'nick');
    expect(own(d.take(), `${other}/Ph`)).toContain('affiliation="member"');
  });
});

test('of several bans of one account the latest counts, and each can be lifted by itself', () => {
  const c = coven();
  for (const jid of ['strasse@away.lit', 'straße@away.lit']) {
    set(c, jid, 'outcast');
    c.advance(1_000);
  }
  set(c, 'straẞe@away.lit', 'outcast');
  for (const lifted of ['straße@away.lit', 'straẞe@away.lit', 'strasse@away.lit']) {
    enter(c, 'STRASSE@away.lit/1', 'nick');
    expect(errorOf(c.take())).toBe('forbidden');
    set(c, lifted, 'none');
  }
  enter(c, 'STRASSE@away.lit/1', 'nick');
  expect(own(c.take(), 'STRASSE@away.lit/1')).toBeDefined();
});

test('on the server’s own domain they are one account for everything', () => {
  const c = coven([], { 'muc#roomconfig_membersonly': '1' });
  set(c, 'strasse@shakespeare.lit', 'member', ' nick="held"');
  enter(c, 'Straße@shakespeare.lit/Ph', 'held');
  expect(own(c.take(), 'Straße@shakespeare.lit/Ph')).toContain('affiliation="member"');
});

test('two spellings are no way to a nickname that looks like another', () => {
  const c = coven();
  enter(c, 'strasse@away.lit/1', 'strasse');
  enter(c, 'straße@away.lit/1', 'straße');
  expect(errorOf(c.take())).toBe('conflict');
});

test.each(both)('rule 7, %s: both have the places of one account in what waits', (_, one, other) => {
  const c = coven([], {
    'muc#roomconfig_moderatedroom': '1',
    'muc#roomconfig_membersbydefault': '0',
    '{urn:parlour:room}approvemessages': '1',
  });
  const says = (from: string, count: number): string[] => {
    c.forget();
    for (let i = 0; i < count; i++)
      c.send(`<message from="${from}/Ph" to="${ROOM}" type="groupchat" id="m${i}"><body>${i}</body></message>`);
    return heard(c.take(), `${from}/Ph`).filter((stanza) => stanza.includes('<resource-constraint'));
  };
  enter(c, `${one}/Ph`, 'nick');
  enter(c, `${other}/Ph`, 'nock');
  // Of twenty places one account has half; others find room.
  expect(says(one, 11)).toHaveLength(1);
  expect(says(other, 1)).toHaveLength(1);
  enter(c, 'ross@away.lit/Ph', 'ross');
  expect(says('ross@away.lit', 1)).toHaveLength(0);
});
