/** How submitted forms are read: what a field that is left out means, several values where one is asked for, and blanks round JIDs. */
import { conversation } from '../support/conversation';
import { coven, crone, hag, hecate, iq, join, ROOM, submit, wicca } from './expected';

const SECRET = 'muc#roomconfig_roomsecret';
const TICK = 'muc#roomconfig_passwordprotectedroom';
const MUC = 'http://jabber.org/protocol/muc';

/** A submitted form, field by field as XML. */
const form = (fields: string, type = `${MUC}#roomconfig`): string =>
  `<x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>${type}</value></field>${fields}</x>`;
const owner = (fields: string): string => `<query xmlns="${MUC}#owner">${form(fields)}</query>`;

describe('E4: a password protects', () => {
  const enters = (c: ReturnType<typeof coven>, password = ''): string => {
    c.forget();
    join(c, hag, 'thirdwitch', password);
    return c.take().filter((stanza) => stanza.includes(`to="${hag}"`))[0] as string;
  };
  test.each([
    ['without the tick box', `<field var="${SECRET}"><value>open</value></field>`],
    ['with a tick box that has no value', `<field var="${TICK}"/><field var="${SECRET}"><value>open</value></field>`],
    ['with a tick box that has an empty value', `<field var="${TICK}"><value/></field><field var="${SECRET}"><value>open</value></field>`],
  ])('E4: %s, in a new room and in one that was open', (_, fields) => {
    const fresh = conversation();
    join(fresh, crone, 'firstwitch');
    iq(fresh, crone, 'set', 'a', owner(fields));
    expect(enters(fresh)).toContain('not-authorized');
    const old = coven();
    iq(old, crone, 'set', 'a', owner(fields));
    expect(enters(old)).toContain('not-authorized');
    expect(enters(old, '<password>open</password>')).not.toContain('error');
  });
  test('E4: another password without the tick box leaves a protected room protected', () => {
    const c = coven([], { [TICK]: '1', [SECRET]: 'old' });
    iq(c, crone, 'set', 'a', submit({ [SECRET]: 'new' }));
    expect(enters(c, '<password>old</password>')).toContain('not-authorized');
    expect(enters(c, '<password>new</password>')).not.toContain('error');
  });
  test('E4: a password that is taken away leaves it protected: not-acceptable', () => {
    const c = coven([], { [TICK]: '1', [SECRET]: 'old' });
    iq(c, crone, 'set', 'a', submit({ [SECRET]: '' }));
    expect(c.take().join('')).toContain('not-acceptable');
    expect(enters(c)).toContain('not-authorized');
  });
  test('E4: the tick box taken off opens the room, whatever password stays in the form', () => {
    const c = coven([], { [TICK]: '1', [SECRET]: 'old' });
    iq(c, crone, 'set', 'a', submit({ [TICK]: '0', [SECRET]: 'old' }));
    expect(enters(c)).not.toContain('error');
  });
  test.each(['', '<field var="muc#roomconfig_membersonly"/>'])('E4: a members-only room stays so with %j', (field) => {
    const c = coven([], { 'muc#roomconfig_membersonly': '1' });
    iq(c, crone, 'set', 'a', owner(`${field}<field var="muc#roomconfig_roomname"><value>Cave</value></field>`));
    expect(enters(c)).toContain('registration-required');
  });
});

describe('E17: several values', () => {
  test.each(['muc#roomconfig_roomname', 'muc#roomconfig_roomdesc', SECRET, TICK, 'muc#roomconfig_whois', 'muc#roomconfig_maxusers'])(
    'E17: two in %s, which takes one: bad-request, and nothing changes',
    (name) => {
      const c = coven();
      iq(c, crone, 'set', 'a', owner(`<field var="${name}"><value>1</value><value>1</value></field>`));
      const said = c.take();
      expect(said).toHaveLength(1);
      expect(said[0]).toContain('bad-request');
      expect(said[0]).toContain(name);
    },
  );
  test.each([
    ['a FORM_TYPE', '<field var="FORM_TYPE"><value>urn:xmpp:mam:2</value><value>urn:xmpp:mam:2</value></field>'],
    ['two of FORM_TYPE', `<field var="FORM_TYPE"><value>urn:xmpp:mam:2</value></field>`.repeat(2)],
    ['a jid-single', '<field var="with"><value>a@b.lit</value><value>c@d.lit</value></field>'],
    ['one that is empty', '<field var="start"><value/><value>2020-01-01T00:00:00Z</value></field>'],
    ['words to search for', '<field var="fulltext"><value>a</value><value>b</value></field>'],
  ])('E17: found E17: two values in a query of the archive (%s): bad-request', (_, field) => {
    const c = coven();
    const type = field.includes('FORM_TYPE') ? '' : '<field var="FORM_TYPE"><value>urn:xmpp:mam:2</value></field>';
    iq(c, crone, 'set', 'm', `<query xmlns="urn:xmpp:mam:2"><x xmlns="jabber:x:data" type="submit">${type}${field}</x></query>`);
    const said = c.take();
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('<bad-request');
  });
  test('E17: two values in an unknown field that says it takes one: bad-request', () => {
    const c = coven();
    iq(c, crone, 'set', 'a', owner('<field var="x-strange" type="text-single"><value>1</value><value>2</value></field>'));
    expect(c.take().join('')).toContain('<bad-request');
    iq(c, crone, 'set', 'b', owner('<field var="x-strange" type="text-multi"><value>1</value><value>2</value></field>'));
    expect(c.take().join('')).toContain('type="result"');
  });
  test("E17: two values in a form of the room's commands: bad-request", () => {
    const c = coven();
    const commands = 'xmlns="http://jabber.org/protocol/commands" node="urn:parlour:ban-and-retract"';
    iq(c, crone, 'set', 'a', `<command ${commands}/>`);
    const [, session] = /sessionid="([^"]+)"/.exec(c.take().join('')) as unknown as [string, string];
    const fields = '<field var="nick"><value>a</value><value>b</value></field>';
    iq(c, crone, 'set', 'b', `<command ${commands} sessionid="${session}">${form(fields, 'urn:parlour:ban-and-retract')}</command>`);
    expect(c.take().join('')).toContain('<bad-request');
  });
  test('E17: two nicknames in a registration: bad-request', () => {
    const c = coven();
    const fields = '<field var="muc#register_roomnick"><value>one</value><value>two</value></field>';
    iq(c, hag, 'set', 'a', `<query xmlns="jabber:iq:register">${form(fields, `${MUC}#register`)}</query>`);
    expect(c.take().join('')).toContain('bad-request');
  });
  test('E17: two roles in a request for voice: bad-request', () => {
    const c = coven(['thirdwitch']);
    const fields = '<field var="muc#role"><value>participant</value><value>moderator</value></field>';
    c.send(`<message from="${hag}" to="${ROOM}">${form(fields, `${MUC}#request`)}</message>`);
    expect(c.take().join('')).toContain('bad-request');
  });
});

describe('E17: blanks round a JID', () => {
  test('E17: are no part of it in the lists of owners and admins', () => {
    const c = coven();
    iq(c, crone, 'set', 'a', submit({ 'muc#roomconfig_roomowners': ['crone1@shakespeare.lit ', '\n\thecate@shakespeare.lit\n'] }));
    c.forget();
    iq(c, hecate, 'get', 'b', `<query xmlns="${MUC}#admin"><item affiliation="owner"/></query>`);
    expect(c.take().join('')).toContain('jid="hecate@shakespeare.lit"');
  });
  test('E17: nor among the contacts, nor in a query of the archive', () => {
    const c = coven(['secondwitch']);
    iq(c, crone, 'set', 'a', submit({ '{urn:parlour:room}contactjid': [' crone1@shakespeare.lit'] }));
    iq(c, wicca, 'get', 'b', '<query xmlns="http://jabber.org/protocol/disco#info"/>');
    expect(c.take().join('')).toContain('<value>crone1@shakespeare.lit</value>');
    const query = form(`<field var="with"><value> ${ROOM}/firstwitch </value></field>`, 'urn:xmpp:mam:2');
    iq(c, wicca, 'set', 'm', `<query xmlns="urn:xmpp:mam:2">${query}</query>`);
    expect(c.take().join('')).toContain('<fin xmlns="urn:xmpp:mam:2"');
  });
  const admin = (item: string): string => `<query xmlns="${MUC}#admin">${item}</query>`;
  test.each([
    ['outcast', ' hag66@shakespeare.lit\n'],
    ['member', '\u00a0hag66@shakespeare.lit/pda '],
    ['admin', '\thag66@shakespeare.lit'],
    ['outcast', ` ${ROOM}/thirdwitch`],
  ])('E17: found E17: nor in an item that makes somebody %s (%j)', (affiliation, jid) => {
    const c = coven(['thirdwitch']);
    iq(c, crone, 'set', 'a', admin(`<item affiliation="${affiliation}" jid="${jid.replace('\n', '&#10;').replace('\t', '&#9;')}"/>`));
    expect(c.take().join('')).toContain('type="result"');
    iq(c, crone, 'get', 'b', admin(`<item affiliation="${affiliation}"/>`));
    expect(c.take().join('')).toContain('jid="hag66@shakespeare.lit"');
  });
  test('E17: nor in an item that takes a role from somebody by their JID', () => {
    const c = coven(['thirdwitch']);
    iq(c, crone, 'set', 'a', admin(`<item role="none" jid=" hag66@shakespeare.lit/pda "/>`));
    expect(c.take().join('')).toContain('code="307"');
  });
  test('E17: nor where a room moves, who is invited, and whose invitation is declined', () => {
    const c = coven();
    c.send(`<message from="${crone}" to="${ROOM}"><x xmlns="${MUC}#user"><invite to=" hecate@shakespeare.lit&#9;"/></x></message>`);
    expect(c.take()[0]).toContain('to="hecate@shakespeare.lit"');
    c.send(
      `<message from="hecate@shakespeare.lit/x" to="${ROOM}"><x xmlns="${MUC}#user"><decline to=" ${ROOM}/firstwitch "/></x></message>`,
    );
    expect(c.take()[0]).toContain('<decline from="hecate@shakespeare.lit"');
    iq(c, crone, 'set', 'a', `<query xmlns="${MUC}#owner"><destroy jid=" other@chat.shakespeare.lit "/></query>`);
    expect(c.take().join('')).toContain('<destroy jid="other@chat.shakespeare.lit"/>');
  });
  test('E17: a venue of blanks is none, and with only blanks in it "with" is not given', () => {
    const c = coven();
    iq(
      c,
      crone,
      'set',
      'm',
      `<query xmlns="urn:xmpp:mam:2">${form('<field var="with"><value> </value></field>', 'urn:xmpp:mam:2')}</query>`,
    );
    expect(c.take().join('')).toContain('<fin xmlns="urn:xmpp:mam:2"');
    iq(c, crone, 'set', 'a', `<query xmlns="${MUC}#owner"><destroy jid=" "/></query>`);
    expect(c.take().join('')).toContain('<destroy/>');
  });
});
