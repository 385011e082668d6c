/** Creating a room: XEP-0045 §10.1, §7.2.10. */
import { conversation } from '../support/conversation';
import { crone, gone, hag, iq, join, noSubject, notice, owner, presence, refusal, result, ROOM, submit, X } from './expected';

const created = presence(
  'firstwitch',
  crone,
  { affiliation: 'owner', role: 'moderator', jid: crone },
  { id: 'n13mt3l', codes: [110, 201] },
);
const emptySubmit = owner('<x xmlns="jabber:x:data" type="submit"/>');

test('§10.1.1 Examples 153-154 the creator is owner and moderator, told so with 110 and 201 in their first presence', () => {
  const c = conversation();
  join(c, crone, 'firstwitch');
  c.expect(created, noSubject(crone));
});

test('§7.2.10 Example 31 while it is locked nobody else gets in; §10.1.2 Example 155 the empty submit unlocks it', () => {
  const c = conversation();
  join(c, crone, 'firstwitch');
  c.forget();
  join(c, hag, 'thirdwitch');
  c.expect(refusal('presence', `${ROOM}/thirdwitch`, hag, 'n13mt3l', 'cancel', 'item-not-found', X));
  iq(c, crone, 'set', 'create1', emptySubmit);
  c.expect(result(crone, 'create1'));
  join(c, hag, 'thirdwitch');
  c.expect(
    presence('firstwitch', hag, { affiliation: 'owner', role: 'moderator' }),
    presence('thirdwitch', crone, { affiliation: 'none', role: 'participant', jid: hag }),
    presence('thirdwitch', hag, { affiliation: 'none', role: 'participant' }, { id: 'n13mt3l', codes: [110] }),
    noSubject(hag),
  );
});

test('§10.1.1 Example 152 a restricted service refuses with not-allowed and nothing else', () => {
  const c = conversation({ mayCreate: () => false });
  join(c, hag, 'thirdwitch');
  c.expect(refusal('presence', `${ROOM}/thirdwitch`, hag, 'n13mt3l', 'cancel', 'not-allowed', X));
});

const MUC = '<x xmlns="http://jabber.org/protocol/muc"/>';
const ask = (payload: string, type = 'get', nick = ''): string =>
  `<iq from="${hag}" to="${ROOM}${nick}" type="${type}" id="q">${payload}</iq>`;
const tell = (inner: string, type: string, nick = ''): string =>
  `<message from="${hag}" to="${ROOM}${nick}" type="${type}" id="q">${inner}</message>`;
const enters = (inner: string, nick = 'third'): string => `<presence from="${hag}" to="${ROOM}/${nick}" id="q">${inner}</presence>`;
const INFO = 'http://jabber.org/protocol/disco#info';

/** What a stranger may try, to find out whether there is a room. */
const TRIED: Readonly<Record<string, string>> = {
  entering: enters(MUC),
  'entering under a nick that is too long': enters(MUC, 'x'.repeat(200)),
  'entering under the nick of who is in': enters(MUC, 'firstwitch'),
  'entering with a long presence': enters(`${MUC}<a xmlns="b">${'x'.repeat(20_000)}</a>`),
  'presence without a wish to join': enters(''),
  'disco#info': ask(`<query xmlns="${INFO}"/>`),
  'disco#info of an occupant': ask(`<query xmlns="${INFO}"/>`, 'get', '/firstwitch'),
  'the reserved nick': ask(`<query xmlns="${INFO}" node="x-roomuser-item"/>`),
  'muc#traffic': ask(`<query xmlns="${INFO}" node="http://jabber.org/protocol/muc#traffic"/>`),
  'disco#items': ask('<query xmlns="http://jabber.org/protocol/disco#items"/>'),
  'the archive': ask('<query xmlns="urn:xmpp:mam:2"/>', 'set'),
  'the ends of the archive': ask('<metadata xmlns="urn:xmpp:mam:2"/>'),
  'the vCard': ask('<vCard xmlns="vcard-temp"/>'),
  'the vCard of an occupant': ask('<vCard xmlns="vcard-temp"/>', 'get', '/firstwitch'),
  ping: ask('<ping xmlns="urn:xmpp:ping"/>'),
  'ping to an occupant': ask('<ping xmlns="urn:xmpp:ping"/>', 'get', '/firstwitch'),
  registration: ask('<query xmlns="jabber:iq:register"/>'),
  'registering with a form': ask('<query xmlns="jabber:iq:register"><x xmlns="jabber:x:data" type="submit"/></query>', 'set'),
  'a list': ask('<query xmlns="http://jabber.org/protocol/muc#admin"><item affiliation="member"/></query>'),
  'the form of the owner': ask('<query xmlns="http://jabber.org/protocol/muc#owner"/>'),
  'destroying it': ask('<query xmlns="http://jabber.org/protocol/muc#owner"><destroy/></query>', 'set'),
  'the commands': ask('<query xmlns="http://jabber.org/protocol/disco#items" node="http://jabber.org/protocol/commands"/>'),
  'a command': ask('<command xmlns="http://jabber.org/protocol/commands" node="urn:parlour:audit"/>', 'set'),
  'an unknown request': ask('<q xmlns="urn:x"/>'),
  trimming: ask('<trim xmlns="urn:xmpp:mamtrim:0"/>', 'set'),
  moderating: ask('<moderate xmlns="urn:xmpp:message-moderate:1" id="x"><retract xmlns="urn:xmpp:message-retract:1"/></moderate>', 'set'),
  'a message to all': tell('<body>x</body>', 'groupchat'),
  'a retraction': tell('<retract xmlns="urn:xmpp:message-retract:1" id="x"/>', 'groupchat'),
  'a subject': tell('<subject>x</subject>', 'groupchat'),
  'a private message': tell('<body>x</body>', 'chat', '/firstwitch'),
  'a message of no type': tell('<body>x</body>', 'normal'),
  'an invitation': tell('<x xmlns="http://jabber.org/protocol/muc#user"><invite to="a@b.c"/></x>', 'normal'),
  'a decline': tell('<x xmlns="http://jabber.org/protocol/muc#user"><decline to="crone1@shakespeare.lit"/></x>', 'normal'),
  'subscribing to its presence': `<presence from="${hag}" to="${ROOM}" type="subscribe" id="q"/>`,
  'probing an occupant': `<presence from="${hag}" to="${ROOM}/firstwitch" type="probe" id="q"/>`,
  leaving: `<presence from="${hag}" to="${ROOM}/firstwitch" type="unavailable" id="q"/>`,
};

test.each(Object.entries(TRIED))(
  'found F16: §7.2.10 where creating is restricted, %s tells a stranger nothing of a room that is not configured yet',
  (_, stanza) => {
    const answers = [true, false].map((there) => {
      const c = conversation({ mayCreate: (jid) => crone.startsWith(jid) });
      if (there) join(c, crone, 'firstwitch');
      c.forget();
      c.send(stanza);
      return c.take();
    });
    expect(answers[0]).toEqual(answers[1]);
  },
);

test('§10.1.3 a reserved room: form, submit, result', () => {
  const c = conversation();
  join(c, crone, 'firstwitch');
  c.forget();
  iq(
    c,
    crone,
    'set',
    'create2',
    submit({
      'muc#roomconfig_roomname': 'A Dark Cave',
      'muc#roomconfig_passwordprotectedroom': '1',
      'muc#roomconfig_roomsecret': 'cauldronburn',
    }),
  );
  // §10.2.1: the creator's client may have asked for the features before.
  c.expect(result(crone, 'create2'), notice(crone, 104));
  join(c, hag, 'thirdwitch');
  c.expect(refusal('presence', `${ROOM}/thirdwitch`, hag, 'n13mt3l', 'auth', 'not-authorized', X));
});

test('§10.1.3 Example 161 a blank password of a protected room is not-acceptable, and the room stays locked', () => {
  const c = conversation();
  join(c, crone, 'firstwitch');
  c.forget();
  iq(c, crone, 'set', 'create2', submit({ 'muc#roomconfig_passwordprotectedroom': '1' }));
  c.expect(refusal('iq', ROOM, crone, 'create2', 'modify', 'not-acceptable'));
  join(c, hag, 'thirdwitch');
  c.expect(refusal('presence', `${ROOM}/thirdwitch`, hag, 'n13mt3l', 'cancel', 'item-not-found', X));
});

test('§10.1.3 Example 162 cancelling the first form destroys the room: the farewell, then the result; the name is free at once', () => {
  const c = conversation();
  join(c, crone, 'firstwitch');
  c.forget();
  iq(c, crone, 'set', 'create2', owner('<x xmlns="jabber:x:data" type="cancel"/>'));
  c.expect(gone('firstwitch', crone, { affiliation: 'none' }, { codes: [110], destroy: '<destroy/>' }), result(crone, 'create2'));
  join(c, crone, 'firstwitch');
  c.expect(
    presence(
      'firstwitch',
      crone,
      { affiliation: 'owner', role: 'moderator', jid: crone },
      { id: 'n13mt3l', codes: [110, 201], occupant: 'crone in the second room' },
    ),
    noSubject(crone),
  );
});

test('§10.1.3 the owner who leaves before configuring destroys the room, with one presence', () => {
  const c = conversation();
  join(c, crone, 'firstwitch');
  c.forget();
  c.send(`<presence from="${crone}" to="${ROOM}/firstwitch" type="unavailable" id="bye"/>`);
  c.expect(gone('firstwitch', crone, { affiliation: 'none' }, { id: 'bye', codes: [110], destroy: '<destroy/>' }));
});

test('§10.1 a restart between creation and configuration: still locked, still the owner’s', () => {
  const c = conversation();
  join(c, crone, 'firstwitch');
  c.forget();
  c.restart();
  join(c, hag, 'thirdwitch');
  c.expect(refusal('presence', `${ROOM}/thirdwitch`, hag, 'n13mt3l', 'cancel', 'item-not-found', X));
  iq(c, crone, 'set', 'create1', emptySubmit);
  c.expect(result(crone, 'create1'));
});
