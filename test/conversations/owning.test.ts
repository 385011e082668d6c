/** Configuration and destruction: XEP-0045 §10.2, §10.9. Discovery: §6. */
import { conversation } from '../support/conversation';
import {
  coven,
  crone,
  dataPolicy,
  gone,
  hag,
  hecate,
  iq,
  join,
  notice,
  owner,
  presence,
  refusal,
  result,
  ROOM,
  submit,
  wicca,
} from './expected';
import { asRoom } from '../support/jids';

describe('§10.2 configuration', () => {
  test('the form: FORM_TYPE first, each field once, owners and admins filled in; twice the same', () => {
    const c = coven();
    iq(c, crone, 'get', 'config1', owner(''));
    const [first] = c.take();
    expect(first).toMatch(/<field var="FORM_TYPE" type="hidden"><value>http:\/\/jabber.org\/protocol\/muc#roomconfig<\/value><\/field>/);
    const vars = [...(first as string).matchAll(/<field var="([^"]+)"/g)].map((match) => match[1]);
    expect(vars[0]).toBe('FORM_TYPE');
    expect(new Set(vars).size).toBe(vars.length);
    expect(first).toContain(
      '<field var="muc#roomconfig_roomowners" type="jid-multi" label="Room owners"><value>crone1@shakespeare.lit</value></field>',
    );
    iq(c, crone, 'get', 'config1', owner(''));
    expect(c.take()).toEqual([first]);
  });

  test('Example 164 by somebody else: forbidden; an owner who is outside may', () => {
    const c = coven(['secondwitch']);
    iq(c, wicca, 'get', 'configures', owner(''));
    c.expect(refusal('iq', ROOM, wicca, 'configures', 'auth', 'forbidden'));
    iq(c, 'crone1@shakespeare.lit/elsewhere', 'set', 'c', submit({ 'muc#roomconfig_roomname': 'New' }));
    c.expect(result('crone1@shakespeare.lit/elsewhere', 'c'), notice(crone, 104), notice(wicca, 104));
  });

  test('§10.2.1 Example 171 104 for what is no privacy matter; 170-173 for what is', () => {
    const c = coven();
    iq(c, crone, 'set', 'c', submit({ 'muc#roomconfig_roomdesc': 'x', 'muc#roomconfig_enablelogging': '1' }));
    c.expect(result(crone, 'c'), notice(crone, 104), notice(crone, 170));
    iq(c, crone, 'set', 'c', submit({ 'muc#roomconfig_enablelogging': '0', 'muc#roomconfig_whois': 'anyone' }));
    c.expect(result(crone, 'c'), notice(crone, 172), notice(crone, 171));
    iq(c, crone, 'set', 'c', submit({ 'muc#roomconfig_whois': 'moderators' }));
    c.expect(result(crone, 'c'), notice(crone, 173));
  });

  test('Example 166 sent back unchanged, or cancelled: a result and nothing else', () => {
    const c = coven();
    iq(
      c,
      crone,
      'set',
      'c',
      submit({
        'muc#roomconfig_whois': 'moderators',
        'muc#roomconfig_roomowners': 'crone1@shakespeare.lit',
        'muc#roomconfig_roomadmins': 'wiccarocks@shakespeare.lit',
      }),
    );
    c.expect(result(crone, 'c'));
    iq(c, crone, 'set', 'config2', owner('<x xmlns="jabber:x:data" type="cancel"/>'));
    c.expect(result(crone, 'config2'));
  });

  test('a wrong value: not-acceptable, names the field, and nothing is applied', () => {
    const c = coven();
    iq(c, crone, 'set', 'c', submit({ 'muc#roomconfig_roomname': 'New', 'muc#roomconfig_whois': 'everybody' }));
    const [reply] = c.take();
    expect(reply).toContain('<not-acceptable');
    expect(reply).toContain('muc#roomconfig_whois');
    iq(c, hag, 'get', 'i', '<query xmlns="http://jabber.org/protocol/disco#info"/>');
    expect(c.take()[0]).toContain('name="coven"');
  });

  test('to members-only: those who are no members go with 322, told to all who remain', () => {
    const c = coven(['thirdwitch']);
    iq(c, crone, 'set', 'c', submit({ 'muc#roomconfig_membersonly': '1' }));
    c.expect(
      result(crone, 'c'),
      gone('thirdwitch', hag, { affiliation: 'none' }, { codes: [110, 322] }),
      gone('thirdwitch', crone, { affiliation: 'none', jid: hag }, { codes: [322] }),
      notice(crone, 104),
    );
  });

  test('to non-anonymous: 172, and everybody is shown the JIDs', () => {
    const c = coven(['thirdwitch']);
    iq(c, crone, 'set', 'c', submit({ 'muc#roomconfig_whois': 'anyone' }));
    c.expect(
      result(crone, 'c'),
      presence('firstwitch', hag, { affiliation: 'owner', role: 'moderator', jid: crone }),
      notice(crone, 172),
      notice(hag, 172),
    );
  });

  test('Example 167 lists of people: who is dropped or added gets presence; no owner left is conflict', () => {
    const c = coven(['secondwitch']);
    iq(c, crone, 'set', 'c', submit({ 'muc#roomconfig_roomadmins': [] }));
    const item = { affiliation: 'member', role: 'participant' };
    const inItem = '<actor nick="firstwitch"/>';
    c.expect(
      result(crone, 'c'),
      presence('secondwitch', crone, { ...item, jid: wicca }, { inItem }),
      presence('secondwitch', wicca, item, { inItem, codes: [110] }),
    );
    iq(c, crone, 'set', 'c', submit({ 'muc#roomconfig_roomowners': [] }));
    c.expect(refusal('iq', ROOM, crone, 'c', 'cancel', 'conflict'));
  });

  test('survives a restart', () => {
    const c = coven();
    iq(c, crone, 'set', 'c', submit({ 'muc#roomconfig_roomname': 'A Dark Cave' }));
    c.restart();
    c.forget();
    iq(c, hag, 'get', 'i', '<query xmlns="http://jabber.org/protocol/disco#info"/>');
    expect(c.take()[0]).toContain('name="A Dark Cave"');
  });
});

describe('§10.9 destroying', () => {
  test('Examples 201-203 one presence to each with venue, reason and password as given, then the result', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    const destroy = '<destroy jid="heath@chat.shakespeare.lit"><password>p</password><reason>Macbeth doth come.</reason></destroy>';
    iq(c, crone, 'set', 'begone', owner(destroy));
    const more = { codes: [110], destroy };
    c.expect(
      gone('firstwitch', crone, { affiliation: 'none' }, more),
      gone('secondwitch', wicca, { affiliation: 'none' }, more),
      gone('thirdwitch', hag, { affiliation: 'none' }, more),
      result(crone, 'begone'),
    );
    iq(c, crone, 'get', 'x', owner(''));
    expect(c.take().join('')).toContain('<gone');
  });

  test('Example 204 by somebody else: forbidden', () => {
    const c = coven(['secondwitch']);
    iq(c, wicca, 'set', 'destroytest', owner('<destroy/>'));
    c.expect(refusal('iq', ROOM, wicca, 'destroytest', 'auth', 'forbidden'));
  });

  test('nothing of the former room is in one that takes its name', () => {
    const c = coven([], { 'muc#roomconfig_persistentroom': '1' }, { limits: { destroyedDays: 0 } });
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat" id="m"><body>secret</body></message>`);
    iq(c, crone, 'set', 'begone', owner('<destroy/>'));
    c.restart();
    c.forget();
    join(c, hag, 'thirdwitch');
    expect(c.take().join('')).not.toContain('secret');
    iq(c, crone, 'get', 'x', owner(''));
    c.expect(refusal('iq', ROOM, crone, 'x', 'cancel', 'item-not-found'));
  });
});

describe('§6 discovery', () => {
  const INFO = '<query xmlns="http://jabber.org/protocol/disco#info"/>';
  const ITEMS = '<query xmlns="http://jabber.org/protocol/disco#items"/>';

  test('§6.4 Examples 8-10 the room: identity with its name, what it is like, and muc#roominfo (E2)', () => {
    const c = coven(['thirdwitch'], {
      'muc#roomconfig_roomname': 'A Dark Cave',
      'muc#roomconfig_roomdesc': 'The place for all good witches!',
      'muc#roomconfig_lang': 'en',
      'muc#roomconfig_persistentroom': '1',
    });
    iq(c, hecate, 'get', 'disco3', INFO);
    const feature = (name: string): string => `<feature var="${name}"/>`;
    const field = (name: string, type: string, label: string, value: string): string =>
      `<field var="${name}" type="${type}" label="${label}"><value>${value}</value></field>`;
    const muc = 'http://jabber.org/protocol/muc';
    c.expect(
      result(
        hecate,
        'disco3',
        '<query xmlns="http://jabber.org/protocol/disco#info"><identity category="conference" type="text" name="A Dark Cave"/>' +
          [
            muc,
            'http://jabber.org/protocol/disco#info',
            'http://jabber.org/protocol/disco#items',
            'http://jabber.org/protocol/rsm',
            'urn:xmpp:ping',
            'http://jabber.org/protocol/caps',
          ]
            .map(feature)
            .join('') +
          ['muc_public', 'muc_persistent', 'muc_open', 'urn:parlour:lists:0', 'muc_unsecured', 'muc_semianonymous', 'muc_unmoderated']
            .map(feature)
            .join('') +
          ['urn:xmpp:hats:0', 'jabber:iq:register', `${muc}#register`].map(feature).join('') +
          ['urn:xmpp:mam:2', 'urn:xmpp:mam:2#extended', 'urn:xmpp:fulltext:0'].map(feature).join('') +
          ['urn:xmpp:mentions:0', 'urn:xmpp:mentions:0#channel', 'urn:xmpp:mentions:0#associations'].map(feature).join('') +
          feature('urn:xmpp:mamtrim:0') +
          ['message-retract:1', 'message-retract:1#tombstone', 'message-retract:0', 'message-retract:0#tombstone']
            .map((name) => feature(`urn:xmpp:${name}`))
            .join('') +
          ['message-moderate:1', 'message-moderate:0'].map((name) => feature(`urn:xmpp:${name}`)).join('') +
          feature('http://jabber.org/protocol/commands') +
          [
            'vcard-temp',
            `${muc}#stable_id`,
            'urn:xmpp:occupant-id:0',
            'urn:xmpp:sid:0',
            `${muc}#self-ping-optimization`,
            'urn:parlour:markers:0',
          ]
            .map(feature)
            .join('') +
          `<x xmlns="jabber:x:data" type="result"><field var="FORM_TYPE" type="hidden"><value>${muc}#roominfo</value></field>` +
          field('muc#roomconfig_roomname', 'text-single', 'Name', 'A Dark Cave') +
          field('muc#roominfo_description', 'text-single', 'Description', 'The place for all good witches!') +
          field('muc#roominfo_lang', 'text-single', 'Language', 'en') +
          field('muc#roominfo_occupants', 'text-single', 'Occupants', '2') +
          field(
            'muc#roominfo_slow_mode_duration',
            'text-single',
            'Slow mode: seconds between two messages of one person, 0 for none',
            '0',
          ) +
          field('muc#roominfo_subjectmod', 'boolean', 'Occupants may change the subject', '0') +
          field('muc#roomconfig_changesubject', 'boolean', 'Occupants may change the subject', '0') +
          field('muc#roominfo_changesubject', 'boolean', 'Occupants may change the subject', '0') +
          field('muc#roomconfig_allowinvites', 'boolean', 'Members may invite others into a members-only room', '0') +
          field('muc#roomconfig_allowpm', 'list-single', 'Who may send private messages', 'anyone') +
          field('muc#maxhistoryfetch', 'text-single', 'Messages that somebody who enters gets at most', '20') +
          field('mentions#count', 'text-single', 'How many mentions are allowed in a message?', '10') +
          field('mentions#individual', 'list-single', 'Who can mention individual users?', 'participants') +
          field('mentions#channel', 'list-single', 'Who can mention rooms?', 'moderators') +
          field('mentions#associations', 'list-single', 'Who can mention roles/affiliations?', 'participants') +
          field('{urn:parlour:room}archiveaccess', 'list-single', 'Who may read what was said before', 'entrants') +
          `</x>${dataPolicy('infinite')}</query>`,
      ),
    );
  });

  test('§6.4 contacts, LDAP group and published discussions are told in muc#roominfo; what is no address is refused by its field', () => {
    const c = coven([], {
      '{urn:parlour:room}contactjid': ['crone1@shakespeare.lit'],
      '{urn:parlour:room}ldapgroup': 'cn=witches,dc=shakespeare,dc=lit',
      '{urn:parlour:room}logs': 'https://www.shakespeare.lit/chatlogs/coven/',
    });
    iq(c, hecate, 'get', 'disco3', INFO);
    const [info] = c.take();
    expect(info).toContain(
      'var="muc#roominfo_contactjid" type="jid-multi" label="Contact addresses"><value>crone1@shakespeare.lit</value>',
    );
    expect(info).toContain('label="Associated LDAP group"><value>cn=witches,dc=shakespeare,dc=lit</value>');
    expect(info).toContain('label="URL for discussion logs"><value>https://www.shakespeare.lit/chatlogs/coven/</value>');
    iq(c, crone, 'set', 'x', submit({ '{urn:parlour:room}logs': 'javascript:alert(1)' }));
    const [refused] = c.take();
    expect(refused).toContain('<not-acceptable');
    expect(refused).toContain('{urn:parlour:room}logs takes');
  });

  test('§6.4 muc#roomconfig_pubsub is told in muc#roominfo', () => {
    const uri = 'xmpp:pubsub.shakespeare.lit?;node=the-coven-node';
    const c = coven([], { 'muc#roomconfig_pubsub': uri });
    iq(c, hecate, 'get', 'disco3', INFO);
    const [info] = c.take();
    expect(info).toMatch(/<field[^>]*var="muc#roomconfig_pubsub"[^>]*><value>xmpp:pubsub.shakespeare.lit\?;node=the-coven-node<\/value>/);
  });

  test('§18.1.1 Examples 218, 220 no namespace is discarded, so there is no list of those that pass: service-unavailable', () => {
    const c = coven();
    iq(c, wicca, 'get', 'allow1', '<query xmlns="http://jabber.org/protocol/disco#info" node="http://jabber.org/protocol/muc#traffic"/>');
    c.expect(refusal('iq', ROOM, wicca, 'allow1', 'cancel', 'service-unavailable'));
  });

  test('§6.5 Examples 11-13 occupants: to those inside; an empty list to others', () => {
    const c = coven(['thirdwitch']);
    iq(c, hag, 'get', 'disco4', ITEMS);
    c.expect(
      result(
        hag,
        'disco4',
        `<query xmlns="http://jabber.org/protocol/disco#items"><item jid="${ROOM}/firstwitch"/><item jid="${ROOM}/thirdwitch"/></query>`,
      ),
    );
    iq(c, hecate, 'get', 'disco4', ITEMS);
    c.expect(result(hecate, 'disco4', ITEMS));
  });

  test('§6.6 an occupant, by somebody outside: bad-request', () => {
    const c = coven();
    iq(c, hecate, 'get', 'd', INFO, asRoom(`${ROOM}/firstwitch`));
    c.expect(refusal('iq', `${ROOM}/firstwitch`, hecate, 'd', 'modify', 'bad-request'));
  });

  test('§7.12 Examples 77-78 x-roomuser-item: one’s reserved nick, or an empty result', () => {
    const c = coven();
    const node = (inner: string): string => `<query xmlns="http://jabber.org/protocol/disco#info" node="x-roomuser-item">${inner}</query>`;
    iq(c, hecate, 'get', 'n', node(''));
    c.expect(result(hecate, 'n', node('')));
    iq(
      c,
      crone,
      'set',
      'm',
      `<query xmlns="http://jabber.org/protocol/muc#admin"><item affiliation="member" jid="hecate@shakespeare.lit" nick="Hecate"/></query>`,
    );
    c.forget();
    iq(c, hecate, 'get', 'n', node(''));
    c.expect(result(hecate, 'n', node('<identity category="conference" type="text" name="Hecate"/>')));
  });

  test('a room that does not exist, and an unknown node: item-not-found; an unknown request: service-unavailable', () => {
    const c = conversation();
    iq(c, hag, 'get', 'd', INFO);
    c.expect(refusal('iq', ROOM, hag, 'd', 'cancel', 'item-not-found'));
    join(c, crone, 'firstwitch');
    c.forget();
    iq(c, crone, 'get', 'd', '<query xmlns="http://jabber.org/protocol/disco#info" node="nothing"/>');
    c.expect(refusal('iq', ROOM, crone, 'd', 'cancel', 'item-not-found'));
    iq(c, crone, 'get', 'd', '<query xmlns="urn:example:unknown"/>');
    c.expect(refusal('iq', ROOM, crone, 'd', 'cancel', 'service-unavailable'));
  });
});

describe('design: after a crash everything that may not have arrived is said again', () => {
  test('a join, a message, a change of nick, a departure and a notice, in that order', () => {
    const c = coven(['secondwitch']);
    c.restart();
    join(c, hag, 'thirdwitch');
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat" id="m"><body>hi</body></message>`);
    c.send(`<presence from="${wicca}" to="${ROOM}/second"/>`);
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    iq(c, crone, 'set', 'c', submit({ 'muc#roomconfig_roomdesc': 'x' }));
    const before = c.take().filter((stanza) => stanza.includes(`to="${crone}"`) && !stanza.startsWith('<iq'));
    c.restart(false);
    const after = c.take().filter((stanza) => stanza.includes(`to="${crone}"`));
    // The joiner is gone again: the entry need not be told, the departure must.
    expect(after).toEqual(before.filter((stanza) => !stanza.includes(`/thirdwitch" to="${crone}"><x`)));
  });

  test('somebody who was entering gets the whole entry', () => {
    const c = coven();
    c.restart();
    join(c, hag, 'thirdwitch');
    const before = c.take().filter((stanza) => stanza.includes(`to="${hag}"`));
    c.restart(false);
    const again = c.take().filter((stanza) => stanza.includes(`to="${hag}"`));
    expect(again).toEqual(before.map((stanza) => stanza.replace(' id="n13mt3l"', '')));
  });

  test('the end of a room', () => {
    const c = coven(['thirdwitch']);
    c.restart();
    iq(c, crone, 'set', 'begone', owner('<destroy/>'));
    const before = c.take().filter((stanza) => !stanza.startsWith('<iq'));
    c.restart(false);
    expect(c.take()).toEqual(before);
  });
});
