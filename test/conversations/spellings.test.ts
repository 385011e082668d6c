/** One address is one account, however it is spelt (section A of what was found): ejabberd passes the spelling of a login, Prosody punycode. */
import fc from '../support/property';
import { AffiliationLists } from '../../src/room/governing/affiliation-lists';
import { Occupants } from '../../src/room/occupants/occupants';
import { conversation, type Conversation } from '../support/conversation';
import { foldFull } from '../../src/xmpp/fold';
import { admin, coven, crone, hag, iq, join, ROOM, submit, X } from './expected';

const MUC = 'http://jabber.org/protocol/muc';
const enter = (from: string, to = `${ROOM}/nick`): string => `<presence from="${from}" to="${to}" id="e">${X}</presence>`;
/** Attributes of what was said to one address, whatever its spelling. */
const heard = (said: readonly string[], by: string): string[] => said.filter((stanza) => stanza.includes(` to="${by}"`));
const errorOf = (stanza: string | undefined): string | undefined =>
  /<([a-z-]+) xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"\/>/.exec(stanza ?? '')?.[1];

const ban = (c: Conversation, jid: string): void => iq(c, crone, 'set', 'ban', admin(`<item affiliation="outcast" jid="${jid}"/>`));

describe('A1: an account is itself whatever the spelling of its login', () => {
  test.each([
    ['capitals', 'mallory@shakespeare.lit', 'MalLory@shakespeare.lit/Ph'],
    ['capitals of the domain', 'mallory@shakespeare.lit', 'mallory@Shakespeare.LIT/Ph'],
    ['full width', 'mallory@shakespeare.lit', 'ｍallory@shakespeare.lit/Ph'],
    ['a soft hyphen', 'mallory@shakespeare.lit', 'mal\u00ADlory@shakespeare.lit/Ph'],
    ['Cyrillic capitals', 'маша@shakespeare.lit', 'МАША@shakespeare.lit/Ph'],
    ['decomposed letters', 'josé@shakespeare.lit', 'Jose\u0301@shakespeare.lit/Ph'],
    ['sharp s', 'strasse@shakespeare.lit', 'Straße@shakespeare.lit/Ph'],
    ['a final dot', 'mallory@shakespeare.lit', 'mallory@shakespeare.lit./Ph'],
  ])('A1: who is banned stays out with %s, and is told so in that spelling', (_, listed, login) => {
    const c = coven();
    ban(c, listed);
    c.forget();
    c.send(enter(login));
    const said = c.take();
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(`to="${login}"`);
    expect(errorOf(said[0])).toBe('forbidden');
  });

  test('A1: a ban throws out who came in under another spelling', () => {
    const c = coven(['thirdwitch']);
    c.send(enter('MALLORY@shakespeare.lit/Ph', `${ROOM}/mal`));
    c.forget();
    ban(c, 'mallory@shakespeare.lit');
    expect(heard(c.take(), 'MALLORY@shakespeare.lit/Ph')[0]).toContain('code="301"');
  });

  test('A1, same kind: a second client in another spelling is the same occupant, and each gets its stanzas in its own', () => {
    const c = coven();
    c.send(enter('Mallory@shakespeare.lit/a', `${ROOM}/mal`));
    c.forget();
    c.send(enter('MALLORY@shakespeare.lit/b', `${ROOM}/other`));
    const own = heard(c.take(), 'MALLORY@shakespeare.lit/b');
    expect(own.some((stanza) => stanza.includes(`from="${ROOM}/mal"`) && stanza.includes('code="210"'))).toBe(true);
    c.send(`<message from="mallory@shakespeare.lit/a" to="${ROOM}" type="groupchat"><body>hi</body></message>`);
    const said = c.take();
    expect(heard(said, 'Mallory@shakespeare.lit/a')).toHaveLength(1);
    expect(heard(said, 'MALLORY@shakespeare.lit/b')).toHaveLength(1);
    c.restart();
    c.send(`<presence from="MALLORY@shakespeare.lit/a" to="${ROOM}/mal" type="unavailable"/>`);
    c.forget();
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat"><body>hi</body></message>`);
    expect(heard(c.take(), 'MALLORY@shakespeare.lit/b')).toHaveLength(1);
  });

  test('A1, same kind: service administrators, membership and MAM go by the account', () => {
    const c = coven([], { 'muc#roomconfig_membersonly': '1' }, { isServiceAdmin: (jid) => jid === 'chief@shakespeare.lit' });
    iq(c, crone, 'set', 'm', admin('<item affiliation="member" jid="Member@shakespeare.lit"/>'));
    c.forget();
    for (const login of ['CHIEF@shakespeare.lit/1', 'mEmber@shakespeare.lit/1']) {
      c.send(enter(login, `${ROOM}/${login.slice(0, 3)}`));
      expect(heard(c.take(), login).some((stanza) => stanza.includes('code="110"'))).toBe(true);
    }
    c.send(`<message from="mEmber@shakespeare.lit/1" to="${ROOM}" type="groupchat"><body>kept</body></message>`);
    c.forget();
    const field = (name: string, value: string): string => `<field var="${name}"><value>${value}</value></field>`;
    const query = `<query xmlns="urn:xmpp:mam:2"><x xmlns="jabber:x:data" type="submit">${field('FORM_TYPE', 'urn:xmpp:mam:2')}${field('with', 'MEMBER@Shakespeare.lit')}</x></query>`;
    iq(c, crone.toUpperCase().replace('/DESKTOP', '/desktop'), 'set', 'mam', query);
    const said = c.take();
    expect(said).toHaveLength(2);
    expect(heard(said, 'CRONE1@SHAKESPEARE.LIT/desktop')).toHaveLength(2);
    expect(said[0]).toContain('<body>kept</body>');
  });
});

describe('A2: a room is itself whatever the spelling of its address', () => {
  test.each([
    ['capitals', 'cased@chat.shakespeare.lit', 'CaSeD@chat.shakespeare.lit'],
    ['decomposed letters', 'café@chat.shakespeare.lit', 'cafe\u0301@chat.shakespeare.lit'],
    ['Cyrillic capitals', 'зал@chat.shakespeare.lit', 'ЗАЛ@chat.shakespeare.lit'],
    ['sharp s', 'strasse@chat.shakespeare.lit', 'straße@chat.shakespeare.lit'],
    ['capitals of the domain', 'cased@chat.shakespeare.lit', 'cased@Chat.Shakespeare.LIT'],
  ])('A2: %s enter the room that exists; what it says comes from its folded address, answers from the one asked', (_, room, spelt) => {
    const c = conversation();
    c.send(enter(crone, `${room}/first`));
    c.forget();
    c.send(enter(hag, `${spelt}/second`));
    const said = c.take();
    expect(said.filter((stanza) => stanza.includes('code="201"'))).toEqual([]);
    // It is locked until its owner has configured it.
    expect(errorOf(said[0])).toBe('item-not-found');
    expect(said[0]).toContain(`from="${spelt}/second"`);
  });

  test('A2, same kind: an open room entered, spoken in, asked and left by another spelling', () => {
    const c = coven();
    const spelt = 'COVEN@chat.shakespeare.lit';
    c.send(enter(hag, `${spelt}/third`));
    expect(heard(c.take(), hag).map((stanza) => /from="([^"]+)"/.exec(stanza)?.[1])).toEqual([`${ROOM}/firstwitch`, `${ROOM}/third`, ROOM]);
    c.send(`<message from="${hag}" to="${spelt}" type="groupchat"><body>hi</body></message>`);
    for (const stanza of c.take()) expect(stanza).toContain(`from="${ROOM}/third"`);
    c.send(`<iq from="${hag}" to="${spelt}/third" type="get" id="p"><ping xmlns="urn:xmpp:ping"/></iq>`);
    c.expect(`<iq from="${spelt}/third" to="${hag}" type="result" id="p"/>`);
    c.send(`<presence from="${hag}" to="${spelt}/third" type="unavailable"/>`);
    expect(c.take().every((stanza) => stanza.includes(`from="${ROOM}/third"`))).toBe(true);
  });
});

describe('A3: A-labels and U-labels of a domain are one', () => {
  const puny = 'mallory@xn--bcher-kva.localhost/Ph';

  test('A3: the ban of the JID that the room shows removes who came in under punycode, and keeps them out', () => {
    const c = coven();
    c.send(enter(puny));
    expect(c.take().some((stanza) => stanza.includes('jid="mallory@bücher.localhost/Ph"'))).toBe(true);
    ban(c, 'mallory@bücher.localhost');
    expect(heard(c.take(), puny)[0]).toContain('code="301"');
    c.send(enter(puny));
    const said = c.take();
    expect(said.map(errorOf)).toEqual(['forbidden']);
    expect(said[0]).toContain(`to="${puny}"`);
  });

  test('A3, same kind: a banned domain in the other spelling, and one with capitals', () => {
    for (const listed of ['xn--bcher-kva.localhost', 'BÜCHER.localhost', 'bu\u0308cher.localhost.']) {
      const c = coven();
      ban(c, listed);
      c.forget();
      c.send(enter(puny));
      expect(c.take().map(errorOf)).toEqual(['forbidden']);
    }
  });
});

describe('A4: an address that a stanza came from is valid wherever it comes back', () => {
  test.each(['☃@localhost', '😀@localhost', 'a·b@localhost', '٣a@localhost'])(
    'A4: %s is invited, and stands in the owner list that comes back',
    (jid) => {
      const c = coven();
      c.send(`<message from="${crone}" to="${ROOM}" id="i"><x xmlns="${MUC}#user"><invite to="${jid}"/></x></message>`);
      expect(heard(c.take(), jid)).toHaveLength(1);
      iq(c, crone, 'set', 'own', submit({ 'muc#roomconfig_roomowners': ['crone1@shakespeare.lit', jid] }));
      expect(c.take().some((stanza) => stanza.startsWith('<iq ') && stanza.includes('type="result"'))).toBe(true);
      c.send(enter(`${jid}/x`, `${ROOM}/snow`));
      expect(heard(c.take(), `${jid}/x`).some((stanza) => stanza.includes('affiliation="owner"'))).toBe(true);
    },
  );

  test('A4, same kind: what no server would let be an account, from a gateway, in its own room’s form', () => {
    const c = conversation();
    const founder = 'a b@gateway.lit/x';
    join(c, founder, 'first');
    iq(c, founder, 'set', 'c', submit({ 'muc#roomconfig_roomowners': 'a b@gateway.lit' }));
    expect(c.take().some((stanza) => stanza.startsWith('<iq ') && stanza.includes('type="result"'))).toBe(true);
  });
});

describe('A5: names are shown unescaped (XEP-0106)', () => {
  test.each([
    ['friends\\26family', 'friends&amp;family'],
    ['a\\20b\\2fc', 'a b/c'],
    ['c\\5c20d', 'c\\20d'],
  ])('A5: an unnamed room %s is called %s', (local, name) => {
    const c = conversation();
    c.send(enter(crone, `${local}@chat.shakespeare.lit/first`));
    c.forget();
    c.send(
      `<iq from="${crone}" to="${local}@chat.shakespeare.lit" type="get" id="d"><query xmlns="http://jabber.org/protocol/disco#info"/></iq>`,
    );
    const said = c.take();
    expect(said[0]).toContain(`name="${name}"`);
    expect(said[0]).toContain(`from="${local}@chat.shakespeare.lit"`);
  });
});

describe('A6: half an address is taken for a domain only if it can be one', () => {
  const items = ['<item affiliation="member" jid="john"/>', '<item affiliation="outcast" jid="JOHN"/>'];
  test.each(items)('A6: %s is refused with a sentence', (item) => {
    const c = coven();
    iq(c, crone, 'set', 'i', admin(item));
    const said = c.take();
    expect(said.map(errorOf)).toEqual(['not-acceptable']);
    expect(said[0]).toContain('john@example.com');
  });

  test('A6, same kind: in the owner’s form; a domain that the service knows, or somebody in the room is at, is taken', () => {
    const c = coven([], {}, { knowsDomain: (domain) => domain === 'localhost' });
    iq(c, crone, 'set', 'f', submit({ 'muc#roomconfig_roomadmins': 'john' }));
    expect(c.take().map(errorOf)).toEqual(['not-acceptable']);
    iq(c, crone, 'set', 'l', admin('<item affiliation="member" jid="localhost"/>'));
    expect(c.take()[0]).toContain('type="result"');
    c.send(enter('irc@bridge/1', `${ROOM}/irc`));
    c.forget();
    iq(c, crone, 'set', 'b', admin('<item affiliation="member" jid="bridge"/>'));
    expect(c.take()[0]).toContain('type="result"');
  });
});

describe('found B1, same kind: whether half an address can be a domain costs one look at the room, however many are asked for', () => {
  afterEach(() => jest.restoreAllMocks());

  test.each([
    ['domains of who is listed, the last listed last', 'result'],
    ['and one that nobody is at', 'not-acceptable'],
  ])('%s', (_, outcome) => {
    const hosts = Array.from({ length: 300 }, (_each, i) => `host${i}`);
    const c = coven();
    iq(c, crone, 'set', 'm', admin(hosts.map((host) => `<item affiliation="member" jid="somebody@${host}"/>`).join('')));
    c.send(enter('irc@bridge/1', `${ROOM}/irc`));
    c.forget();
    let looks = 0;
    const { all: rows } = AffiliationLists.prototype;
    const { all: people } = Occupants.prototype;
    jest.spyOn(AffiliationLists.prototype, 'all').mockImplementation(function* (this: AffiliationLists) {
      for (const row of rows.call(this)) {
        looks++;
        yield row;
      }
    });
    jest.spyOn(Occupants.prototype, 'all').mockImplementation(function* (this: Occupants) {
      for (const one of people.call(this)) {
        looks++;
        yield one;
      }
    });
    const asked = [...hosts.slice(0, 200), 'bridge', ...(outcome === 'result' ? [] : ['john'])];
    iq(c, crone, 'set', 'd', admin(asked.map((host) => `<item affiliation="member" jid="${host}"/>`).join('')));
    expect(c.take()[0]).toContain(outcome);
    // Once for what is known, once for whom it concerns.
    expect(looks).toBeLessThan(3 * hosts.length);
  });
});

describe('A7: what never shows is dropped from a nick', () => {
  test.each([
    ['a variation selector', '❤\uFE0F', '❤'],
    ['a soft hyphen', 'wit\u00ADch', 'witch'],
    ['a zero-width space', 'wit\u200Bch', 'witch'],
    ['a zero-width joiner', '👩\u200D💻', '👩💻'],
    ['a word joiner at the end', 'witch\u2060', 'witch'],
  ])('A7: %s, and 210 says so', (_, asked, nick) => {
    const c = coven();
    c.send(enter(hag, `${ROOM}/${asked}`));
    const own = heard(c.take(), hag).find((stanza) => stanza.includes('code="110"'));
    expect(own).toContain(`from="${ROOM}/${nick}"`);
    expect(own).toContain('code="210"');
  });

  test('A7, same kind: a change of nick, a ping to the nick asked for, a private message; nothing but such is blank', () => {
    const c = coven(['thirdwitch']);
    c.send(`<presence from="${hag}" to="${ROOM}/❤\uFE0F"/>`);
    expect(heard(c.take(), hag).some((stanza) => stanza.includes('code="210"') && stanza.includes('/❤"'))).toBe(true);
    c.send(`<iq from="${hag}" to="${ROOM}/❤\uFE0F" type="get" id="p"><ping xmlns="urn:xmpp:ping"/></iq>`);
    c.expect(`<iq from="${ROOM}/❤\uFE0F" to="${hag}" type="result" id="p"/>`);
    c.send(`<message from="${crone}" to="${ROOM}/❤\uFE0F" type="chat"><body>psst</body></message>`);
    expect(heard(c.take(), hag)).toHaveLength(1);
    c.send(`<presence from="${hag}" to="${ROOM}/\u200B\uFE0F"/>`);
    expect(errorOf(c.take()[0])).toBeDefined();
  });
});

describe('the same account in any spelling', () => {
  const LOCAL = 'josé.müller';
  const DOMAIN = 'bücher.lit';
  const either = (...texts: string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);
  const respelt = (text: string): fc.Arbitrary<string> =>
    fc.tuple(...[...text].map((char) => either(char, char.toUpperCase(), char.normalize('NFD')))).map((chars) => chars.join(''));
  const fullWidth = (text: string): string => text.replace(/[a-z]/g, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0));
  const spelling = fc
    .tuple(
      fc.oneof(respelt(LOCAL), fc.constant(fullWidth(LOCAL))),
      fc.oneof(respelt(DOMAIN), either('xn--bcher-kva.lit', 'XN--BCHER-KVA.LIT', `${DOMAIN}.`, fullWidth(DOMAIN))),
    )
    .map(([local, domain]) => `${local}@${domain}`);

  /** All that comes of a life in rooms, each stanza under a spelling of its own; spellings of that account are told apart no more. */
  const life = (next: () => string): string[] => {
    const c = coven(['thirdwitch'], { 'muc#roomconfig_moderatedroom': '1' });
    const said: string[] = [];
    const say = (stanza: (jid: string) => string): void => {
      c.send(stanza(next()));
      said.push(
        ...c.take().map((one) => one.replace(/ (to|from)="([^"]*)"/g, (_, name: string, jid: string) => ` ${name}="${foldFull(jid)}"`)),
      );
    };
    const item = (more: string) => (jid: string) =>
      `<iq from="${crone}" to="${ROOM}" type="set" id="i">${admin(`<item ${more} jid="${jid}"/>`)}</iq>`;
    say((jid) => enter(`${jid}/a`));
    say((jid) => `<message from="${jid}/a" to="${ROOM}" type="groupchat"><body>mute</body></message>`);
    say((jid) => `<message from="${crone}" to="${ROOM}" id="v"><x xmlns="${MUC}#user"><invite to="${jid}"/></x></message>`);
    say((jid) => `<message from="${jid}" to="${ROOM}" id="n"><x xmlns="${MUC}#user"><decline to="crone1@shakespeare.lit"/></x></message>`);
    say(item('affiliation="member"'));
    say((jid) => `<message from="${jid}/a" to="${ROOM}" type="groupchat"><body>hi</body></message>`);
    say((jid) => enter(`${jid}/b`, `${ROOM}/other`));
    say((jid) => `<presence from="${jid}/b" to="${ROOM}/renamed"/>`);
    say((jid) => `<iq from="${jid}/a" to="${ROOM}/renamed" type="get" id="p"><ping xmlns="urn:xmpp:ping"/></iq>`);
    say((jid) => `<presence from="${jid}/a" to="${ROOM}/renamed" type="unavailable"/>`);
    say(item('affiliation="admin"'));
    say((jid) => `<iq from="${jid}/b" to="${ROOM}" type="get" id="l">${admin('<item affiliation="member"/>')}</iq>`);
    say(item('affiliation="outcast"'));
    say((jid) => enter(`${jid}/b`));
    return said;
  };

  test('A1-A3: meets the same reactions of a room, whatever each stanza is spelt like', () => {
    const plain = life(() => `${LOCAL}@${DOMAIN}`);
    expect(plain.length).toBeGreaterThan(30);
    fc.assert(
      fc.property(fc.array(spelling, { minLength: 14, maxLength: 14 }), (spellings) => {
        let next = 0;
        expect(life(() => spellings[next++ % 14] as string)).toEqual(plain);
      }),
      { numRuns: 60 },
    );
  });
});
