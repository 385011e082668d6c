/** What only the room may say (found.md, section D): every payload of the table on every way through the room, made from the table. */
import { PASSAGES, passOn, RULES, type Passage, type Rule } from '../../src/room/talking/room-only';
import { foldBare } from '../../src/xmpp/fold';
import { presenceContent } from '../../src/room/occupants/presence';
import { messagePayload } from '../../src/room/talking/message-xml';
import { parse } from '../support/conversation';
import { conversation, type Conversation } from '../support/conversation';
import { coven, crone, hag, iq, join, ROOM, submit, wicca } from '../conversations/expected';
import { asRoom } from '../support/jids';

const PASSED = { jid: ROOM, reserved: new Set<string>() };

const MUC = 'http://jabber.org/protocol/muc';
const SERVICE = 'chat.shakespeare.lit';
const BODY = '<body>hi</body>';

/** Every way to write the room or the service, in letters that a client reads as the same. */
const SPELLINGS = [
  ROOM,
  'COVEN@Chat.Shakespeare.LIT',
  ` ${ROOM}`,
  `${ROOM}/firstwitch`,
  `${ROOM}/`,
  SERVICE,
  'CHAT.shakespeare.lit',
  `${SERVICE}.`,
];

/** Forms that only a room or a service gives out. */
const FORM_TYPES = [
  MUC,
  ...['request', 'roomconfig', 'register', 'roominfo'].map((kind) => `${MUC}#${kind}`),
  'urn:parlour:message-approval',
  'urn:parlour:ban-and-retract',
  'urn:parlour:unheard-of',
  'urn:xmpp:captcha',
  'urn:xmpp:mentions:0',
  'http://jabber.org/protocol/admin',
  'jabber:iq:register',
];

/** What a client may say instead, and how it goes on. */
interface Forged {
  readonly xml: string;
  readonly left: string;
}

/** What a rule is about, forged in each way there is, and what is left of it. */
function forged({ ns, names = ['x', 'hats', 'anything'], treatment }: Rule): Forged[] {
  const lost = (xml: string): Forged => ({ xml, left: '' });
  return names.flatMap((name) => {
    switch (treatment) {
      case 'removed':
        return [
          lost(`<${name} xmlns="${ns}" id="1" by="a@b.lit"><y xmlns="urn:example"/></${name}>`),
          lost(`<p:${name} xmlns:p="${ns}"/>`),
        ];
      case 'removed-by-room':
        return [
          ...SPELLINGS.map((by) => lost(`<${name} xmlns="${ns}" by="${by}" id="1"/>`)),
          ...['', ' ', '&#10;&#9;', '\u00a0'].map((by) => lost(`<${name} xmlns="${ns}" by="${by}" id="1"/>`)),
          lost(`<${name} xmlns="${ns}" id="1"/>`),
          { xml: `<${name} xmlns="${ns}" by="a@b.lit" id="1"/>`, left: `<${name} xmlns="${ns}" by="a@b.lit" id="1"/>` },
        ];
      case 'delay':
        return [
          ...SPELLINGS.map((from) => lost(`<${name} xmlns="${ns}" from="${from}" stamp="2020-01-01T00:00:00Z"/>`)),
          ...['bob@localhost/r', 'localhost', `other@${SERVICE}`, 'no JID@@'].map((from) => ({
            xml: `<${name} xmlns="${ns}" from="${from}" stamp="2020-01-01T00:00:00Z"/>`,
            left: `<${name} xmlns="${ns}" stamp="2020-01-01T00:00:00Z"/>`,
          })),
          {
            xml: `<p:${name} xmlns:p="${ns}" from="a@b" stamp="1">x &lt; y</p:${name}>`,
            left: `<${name} xmlns="${ns}" stamp="1">x &lt; y</${name}>`,
          },
        ];
      case 'removed-moderated':
        return ['urn:xmpp:message-moderate:1', 'urn:xmpp:message-moderate:0'].flatMap((moderate) => [
          lost(`<${name} xmlns="${ns}" id="1"><moderated xmlns="${moderate}" by="${ROOM}/firstwitch"/></${name}>`),
          lost(`<${name} xmlns="${ns}" id="1"><y xmlns="urn:example"><m:moderated xmlns:m="${moderate}"/></y></${name}>`),
        ]);
      case 'removed-form':
        return FORM_TYPES.flatMap((type) => {
          const form = (fields: string): Forged => lost(`<${name} xmlns="${ns}" type="form">${fields}</${name}>`);
          const value = `<value> ${type}&#10;</value>`;
          return [
            form(`<field var="FORM_TYPE">${value}</field>`),
            form(`<field var="FORM_TYPE" type="hidden"><value>urn:example</value><value/>${value}</field>`),
            form(`<field var="FORM_TYPE"><value>urn:example</value></field><field var=" FORM_TYPE ">${value}</field>`),
            form(`<field var="FORM_TYPE" xml:lang="de"><desc/><value xml:lang="en">${type}</value></field>`),
          ];
        });
    }
  });
}

const CASES = RULES.flatMap((rule) =>
  (rule.only ?? PASSAGES).map((passage): [what: string, passage: Passage, rule: Rule] => [`${rule.what} ${rule.ns}`, passage, rule]),
);

const kept = (rule: Rule): boolean => rule.ns.startsWith('urn:xmpp:sid');

/** The two people between whom something passes, the one who asks being the owner. */
function room(): Conversation {
  return coven(['thirdwitch'], { 'muc#roomconfig_whois': 'moderators', 'muc#roomconfig_moderatedroom': '0' });
}

/** What reaches the other side of one stanza with these payloads in it. */
function reaches(passage: Passage, xml: string): string[] {
  const c = room();
  switch (passage) {
    case 'presence':
      c.send(`<presence from="${crone}" to="${ROOM}/firstwitch">${xml}<show>away</show></presence>`);
      return c.take();
    case 'groupchat':
      c.send(`<message from="${crone}" to="${ROOM}" type="groupchat">${xml}${BODY}</message>`);
      return [...c.take(), c.rows(ROOM)];
    case 'private':
      c.send(`<message from="${crone}" to="${ROOM}/thirdwitch" type="chat">${xml}${BODY}</message>`);
      return c.take();
    case 'request':
      iq(c, crone, 'get', 'i1', xml, asRoom(`${ROOM}/thirdwitch`));
      return c.take();
    case 'answer':
      iq(c, crone, 'get', 'i1', '<query xmlns="urn:example"/>', asRoom(`${ROOM}/thirdwitch`));
      c.forget();
      c.send(`<iq from="${hag}" to="${ROOM}/firstwitch" type="result" id="relay-1"><query xmlns="urn:example"/>${xml}</iq>`);
      return c.take();
  }
}

describe('D: what only the room may say', () => {
  test.each(CASES)('%s, said in: %s', (_, passage, rule) => {
    for (const { xml, left } of forged(rule)) {
      const [element] = parse(`<message xmlns="jabber:client">${xml}</message>`).getChildElements();
      const want = passage === 'presence' && kept(rule) ? '' : left;
      expect([xml, passOn(element as never, PASSED, passage)]).toEqual([xml, want]);
    }
  });

  test.each(CASES)('D: %s, through a room by: %s', (_, passage, rule) => {
    for (const { xml, left } of forged(rule).slice(0, 12)) {
      const mark = 'forged="1"';
      const marked = xml.replace(/^<([^\s/>]+)/, `<$1 ${mark}`);
      const said = reaches(passage, marked).join('\n');
      expect(said).not.toBe('');
      if (left === '' || (passage === 'presence' && kept(rule))) expect(said.includes(mark)).toBe(false);
      expect(said).not.toContain('bob@localhost');
    }
  });

  test.each(PASSAGES)('D: anything of muc#, and what nobody knows of, in: %s', (passage) => {
    const pass = (xml: string): string =>
      passOn(parse(`<message xmlns="jabber:client">${xml}</message>`).getChildElements()[0] as never, PASSED, passage);
    for (const kind of ['user', 'admin', 'owner', 'unheard-of']) expect(pass(`<x xmlns="${MUC}#${kind}"/>`)).toBe('');
    for (const other of [
      '<x xmlns="vcard-temp:x:update"><photo/></x>',
      '<origin-id xmlns="urn:example" id="1"/>',
      '<private xmlns="urn:xmpp:carbons:2"/>',
      '<x xmlns="jabber:x:conference" jid="other@chat.shakespeare.lit"/>',
      `<forwarded xmlns="urn:xmpp:forward:0"><delay xmlns="urn:xmpp:delay" from="${ROOM}" stamp="2020-01-01T00:00:00Z"/></forwarded>`,
      '<retract xmlns="urn:xmpp:message-retract:1" id="1"/>',
      '<x xmlns="jabber:x:data" type="form"><field var="FORM_TYPE"><value>urn:example</value></field></x>',
    ])
      expect(pass(other)).toBe(other);
  });

  test('D: an invitation carries nothing of what was beside it', () => {
    const c = room();
    const all = RULES.flatMap((rule) => forged(rule).map(({ xml }) => xml.replace(/^<([^\s/>]+)/, '<$1 forged="1"'))).filter(
      (xml) => !xml.includes(`"${MUC}"`) && !xml.includes('jabber:x:data'),
    );
    c.send(
      `<message from="${crone}" to="${ROOM}" id="i">${all.join('')}<x xmlns="${MUC}#user"><invite to="${wicca}"><reason>come</reason>${all.join('')}</invite></x></message>`,
    );
    const said = c.take();
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('come');
    expect(said[0]).not.toContain('forged');
  });
});

describe('D: exact', () => {
  test.each([
    ['bücher@räume.lit', ['BÜCHER@xn--rume-loa.lit', 'bu\u0308cher@RÄUME.lit.', ' xn--rume-loa.lit', 'bücher@räume。lit/nick']],
    ['straße@räume.lit', ['strasse@räume.lit', 'STRASSE@XN--RUME-LOA.LIT/x']],
  ])('D: the room %s in capitals, punycode and other letters', (spelt, others) => {
    const jid = asRoom(foldBare(spelt));
    for (const other of [spelt, ...others]) {
      const pass = (xml: string): string =>
        passOn(parse(`<message xmlns="jabber:client">${xml}</message>`).getChildElements()[0] as never, { ...PASSED, jid }, 'groupchat');
      expect([other, pass(`<stanza-id xmlns="urn:xmpp:sid:0" id="1" by="${other}"/>`)]).toEqual([other, '']);
      expect([other, pass(`<archived xmlns="urn:xmpp:mam:tmp" id="1" by="${other}"/>`)]).toEqual([other, '']);
      expect([other, pass(`<delay xmlns="urn:xmpp:delay" stamp="1" from="${other}"/>`)]).toEqual([other, '']);
    }
  });

  test('D: a decline, a subject and a message to be approved carry nothing of it either', () => {
    const c = room();
    const all = RULES.filter(({ only }) => !only || only.includes('groupchat')).flatMap((rule) =>
      forged(rule).map(({ xml }) => xml.replace(/^<([^\s/>]+)/, '<$1 forged="1"')),
    );
    const beside = all.filter(
      (xml) => !xml.includes(`"${MUC}"`) && !xml.includes('jabber:x:data') && !/by="a@b|urn:xmpp:delay|jabber:x:delay|replyroom/.test(xml),
    );
    const invite = `<x xmlns="${MUC}#user"><invite to="${wicca}"/></x>`;
    c.send(`<message from="${crone}" to="${ROOM}" id="i">${invite}</message>`);
    c.forget();
    c.send(
      `<message from="${wicca}" to="${ROOM}">${beside.join('')}<x xmlns="${MUC}#user"><decline to="${crone}"><reason>no</reason>${beside.join('')}</decline></x></message>`,
    );
    const declined = c.take();
    expect(declined.join('')).toContain('<reason>no</reason>');
    expect(declined.join('')).not.toContain('forged');
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat">${beside.join('')}<subject>s</subject></message>`);
    const said = [...c.take(), c.rows(ROOM)].join('');
    expect(said).toContain('<subject>s</subject>');
    expect(said).not.toContain('forged');
  });

  test('D: an error that a client puts beside its words is not said on', () => {
    const c = room();
    const error = '<error type="cancel" by="coven@chat.shakespeare.lit"><gone xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error>';
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat">${BODY}${error}</message>`);
    c.send(`<message from="${hag}" to="${ROOM}/firstwitch" type="chat">${BODY}${error}</message>`);
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch">${error}<show>away</show></presence>`);
    const said = c.take().join('');
    expect(said).toContain('away');
    expect(said).not.toContain('gone');
  });

  test("D: a client's delay gives no real JID away, live, in the archive and in a private message", () => {
    const c = room();
    const delay = '<delay xmlns="urn:xmpp:delay" from="hag66@shakespeare.lit/pda" stamp="2020-01-01T00:00:00Z"/>';
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat">${delay}${BODY}</message>`);
    for (const stanza of c.take()) expect(stanza).toContain('<delay xmlns="urn:xmpp:delay" stamp="2020-01-01T00:00:00Z"/><body>hi</body>');
    expect(c.rows(ROOM)).not.toContain('from=');
    c.send(`<message from="${hag}" to="${ROOM}/firstwitch" type="chat">${delay}${BODY}</message>`);
    const [said] = c.take();
    expect(said).toContain(
      `<delay xmlns="urn:xmpp:delay" stamp="2020-01-01T00:00:00Z"/><body>hi</body><x xmlns="${MUC}#user"/><occupant-id`,
    );
    expect(said).not.toContain('hag66');
  });

  test('D: a request that only a room answers is not passed on to an occupant', () => {
    const c = room();
    iq(c, crone, 'get', 'i1', `<query xmlns="${MUC}#admin"><item affiliation="member"/></query>`, asRoom(`${ROOM}/thirdwitch`));
    const [said] = c.take();
    expect(said).toContain('not-allowed');
  });

  test('D: somebody who enters shows no hats, nor does a nick change or a departure', () => {
    const c = conversation();
    const hats = '<hats xmlns="urn:xmpp:hats:0"><hat uri="urn:boss" title="Boss"/></hats>';
    join(c, crone, 'firstwitch');
    iq(c, crone, 'set', 'create', submit({}));
    join(c, hag, 'thirdwitch', '', hats);
    c.send(`<presence from="${hag}" to="${ROOM}/other">${hats}</presence>`);
    c.send(`<presence from="${hag}" to="${ROOM}/other" type="unavailable">${hats}<status>bye</status></presence>`);
    const said = c.take().join('');
    expect(said).toContain('bye');
    expect(said).not.toContain('urn:xmpp:hats');
  });

  test('D: contents that features keep are filtered as well', () => {
    const stanza = parse(`<message xmlns="jabber:client"><hats xmlns="urn:xmpp:hats:0"/>${BODY}</message>`);
    expect([messagePayload(stanza, PASSED, 'private'), presenceContent(stanza, PASSED)]).toEqual([BODY, BODY]);
  });
});
