/** Entering a room: XEP-0045 §7.1, §7.2, §17.3. */
import type { Conversation } from '../support/conversation';
import { admin, coven, crone, gone, hag, hecate, iq, join, message, noSubject, presence, refusal, ROOM, wicca, X } from './expected';
import { asFull } from '../support/jids';

const owner = { affiliation: 'owner', role: 'moderator' };
const adminItem = { affiliation: 'admin', role: 'moderator' };
const plain = { affiliation: 'none', role: 'participant' };

describe('§7.1-7.2.4 order and audience', () => {
  test('Examples 18, 20-21, 41 the others, then oneself with 110, then the subject; in a semi-anonymous room only moderators see the real JID', () => {
    const c = coven(['secondwitch']);
    join(c, hag, 'thirdwitch');
    c.expect(
      presence('firstwitch', hag, owner),
      presence('secondwitch', hag, adminItem),
      presence('thirdwitch', crone, { ...plain, jid: hag }),
      presence('thirdwitch', wicca, { ...plain, jid: hag }),
      presence('thirdwitch', hag, plain, { id: 'n13mt3l', codes: [110] }),
      noSubject(hag),
    );
  });

  test('§7.2.3 Examples 23-24 in a non-anonymous room everybody sees it, and the joiner is warned with 100', () => {
    const c = coven([], { 'muc#roomconfig_whois': 'anyone' });
    join(c, hag, 'thirdwitch');
    c.expect(
      presence('firstwitch', hag, { ...owner, jid: crone }),
      presence('thirdwitch', crone, { ...plain, jid: hag }),
      presence('thirdwitch', hag, { ...plain, jid: hag }, { id: 'n13mt3l', codes: [100, 110] }),
      noSubject(hag),
    );
  });

  test('§7.2.12 Example 32 in a logged room the joiner is warned with 170', () => {
    const c = coven([], { 'muc#roomconfig_enablelogging': '1' });
    join(c, hag, 'thirdwitch');
    c.expectTo(
      hag,
      presence('firstwitch', hag, owner),
      presence('thirdwitch', hag, plain, { id: 'n13mt3l', codes: [110, 170] }),
      noSubject(hag),
    );
  });

  test('§7.2.13-7.2.15 Examples 33, 40 history comes after self-presence and before the subject; its ids are those of the live copies', () => {
    const c = coven();
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat" id="m1"><body>Thrice the brinded cat hath mew'd.</body></message>`);
    c.expect(message('firstwitch', crone, "<body>Thrice the brinded cat hath mew'd.</body>", 'cat', { id: 'm1' }));
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat" id="m2"><subject>Fire Burn and Cauldron Bubble!</subject></message>`);
    c.forget();
    join(c, hag, 'thirdwitch');
    c.expectTo(
      hag,
      presence('firstwitch', hag, owner),
      presence('thirdwitch', hag, plain, { id: 'n13mt3l', codes: [110] }),
      message('firstwitch', hag, "<body>Thrice the brinded cat hath mew'd.</body>", 'cat', { id: 'm1', delay: '{stamp}' }),
      `<message from="${ROOM}/firstwitch" to="${hag}" type="groupchat"><subject>Fire Burn and Cauldron Bubble!</subject><occupant-id xmlns="urn:xmpp:occupant-id:0" id="{occ:firstwitch}"/><delay xmlns="urn:xmpp:delay" from="${ROOM}" stamp="{stamp}"/></message>`,
    );
  });
});

describe('§7.2.14 the four limits of history', () => {
  const say = (c: Conversation, n: number): void =>
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat" id="m${n}"><body>${n}</body></message>`);
  /** A room in which three messages were said, and two minutes later, one after the other, two more. */
  const talk = (): Conversation => {
    const c = coven();
    for (const n of [1, 2, 3]) say(c, n);
    c.advance(120_000);
    for (const n of [4, 5]) say(c, n);
    c.forget();
    return c;
  };
  /** Thirdwitch enters with this wish and gets, exactly, these messages. */
  const enters = (c: Conversation, history: string, ...messages: readonly number[]): void => {
    join(c, hag, 'thirdwitch', history);
    c.expectTo(
      hag,
      presence('firstwitch', hag, owner),
      presence('thirdwitch', hag, plain, { id: 'n13mt3l', codes: [110] }),
      ...messages.map((n) => message('firstwitch', hag, `<body>${n}</body>`, `${n}`, { id: `m${n}`, delay: '{stamp}' })),
      noSubject(hag),
    );
  };

  test('without wishes: all within the room’s number', () => enters(talk(), '', 1, 2, 3, 4, 5));
  test('Example 35 maxchars counts whole stanzas and never cuts one', () => {
    enters(talk(), '<history maxchars="65000"/>', 1, 2, 3, 4, 5);
    enters(talk(), '<history maxchars="700"/>', 5);
    enters(talk(), '<history maxchars="10"/>');
  });
  test('Example 36 maxstanzas: the newest', () => {
    enters(talk(), '<history maxstanzas="20"/>', 1, 2, 3, 4, 5);
    enters(talk(), '<history maxstanzas="2"/>', 4, 5);
    enters(talk(), '<history maxstanzas="0"/>');
  });
  test('Example 37 seconds', () => {
    enters(talk(), '<history seconds="180"/>', 1, 2, 3, 4, 5);
    enters(talk(), '<history seconds="60"/>', 4, 5);
  });
  test('Example 38 since; what is no date counts as not given', () => {
    enters(talk(), '<history since="1970-01-01T00:00:00Z"/>', 1, 2, 3, 4, 5);
    enters(talk(), '<history since="2026-01-01T00:01:00Z"/>', 4, 5);
    enters(talk(), '<history since="yesterday"/>', 1, 2, 3, 4, 5);
  });
  test('Example 39 maxchars 0: none', () => enters(talk(), '<history maxchars="0"/>'));
  test('the most restrictive of all wins', () => {
    enters(talk(), '<history since="1970-01-01T00:00:00Z" maxstanzas="4" seconds="180"/>', 2, 3, 4, 5);
    enters(talk(), '<history since="1970-01-01T00:00:00Z" maxstanzas="4" seconds="60"/>', 4, 5);
  });
});

test('§16.7.1 Examples 209, 211 the joins that come of a link, without and with a password', () => {
  for (const password of ['', '<password>cauldronburn</password>']) {
    const c = coven(
      [],
      password === '' ? {} : { 'muc#roomconfig_passwordprotectedroom': '1', 'muc#roomconfig_roomsecret': 'cauldronburn' },
    );
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch"><x xmlns="http://jabber.org/protocol/muc">${password}</x></presence>`);
    c.expectTo(hag, presence('firstwitch', hag, owner), presence('thirdwitch', hag, plain, { codes: [110] }), noSubject(hag));
  }
});

describe('§7.2.17 refusals, from the occupant JID that was addressed, with the request’s id', () => {
  const refused = (type: string, condition: string, nick = 'thirdwitch', to = hag, x = X): string =>
    refusal('presence', `${ROOM}/${nick}`, to, 'n13mt3l', type, condition, x);

  test('§7.2.1 Example 19 no nickname: jid-malformed', () => {
    const c = coven();
    c.send(`<presence from="${hag}" to="${ROOM}" id="273hs51g">${X}</presence>`);
    c.expect(refusal('presence', ROOM, hag, '273hs51g', 'modify', 'jid-malformed', X));
  });

  test('§7.2.5 Examples 25-26 no password, a wrong one, the right one', () => {
    const c = coven([], { 'muc#roomconfig_passwordprotectedroom': '1', 'muc#roomconfig_roomsecret': 'cauldronburn' });
    join(c, hag, 'thirdwitch');
    c.expect(refused('auth', 'not-authorized'));
    join(c, hag, 'thirdwitch', '<password>wrong</password>');
    c.expect(
      refused('auth', 'not-authorized', 'thirdwitch', hag, '<x xmlns="http://jabber.org/protocol/muc"><password>wrong</password></x>'),
    );
    join(c, hag, 'thirdwitch', '<password>cauldronburn</password>');
    c.expectTo(
      hag,
      presence('firstwitch', hag, owner),
      presence('thirdwitch', hag, plain, { id: 'n13mt3l', codes: [110] }),
      noSubject(hag),
    );
  });

  test('§7.2.6 Example 27 members-only: registration-required', () => {
    const c = coven([], { 'muc#roomconfig_membersonly': '1' });
    join(c, hag, 'thirdwitch');
    c.expect(refused('auth', 'registration-required'));
  });

  test.each([
    ['auto', /Register with it to become one/],
    ['approval', /Register with it to become one/],
    ['nobody', /Ask an admin of the room to make you a member/],
  ])('§7.2.6 who may not enter is told whether they can register: %s', (mode, sentence) => {
    const c = coven([], { 'muc#roomconfig_membersonly': '1', '{urn:parlour:room}registration': mode });
    join(c, hag, 'thirdwitch');
    expect(c.take().join('')).toMatch(sentence);
  });

  test('§7.2.6 who has registered and waits is told that', () => {
    const c = coven([], { 'muc#roomconfig_membersonly': '1' });
    const form =
      '<x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>http://jabber.org/protocol/muc#register</value></field><field var="muc#register_roomnick"><value>thirdwitch</value></field></x>';
    iq(c, hag, 'set', 'r', `<query xmlns="jabber:iq:register">${form}</query>`);
    c.take();
    join(c, hag, 'thirdwitch');
    expect(c.take().join('')).toMatch(/Your registration waits for an admin to approve it/);
  });

  test('§7.8.1 a direct invitation makes nobody a member: who follows one into a members-only room is refused', () => {
    const c = coven([], { 'muc#roomconfig_membersonly': '1' });
    const invitation = '<x xmlns="jabber:x:conference" jid="coven@chat.shakespeare.lit"/>';
    // It goes from client to client; sent to the room by mistake, it is told so.
    c.send(`<message from="${crone}" to="${ROOM}" id="invite1">${invitation}</message>`);
    c.expect(refusal('message', ROOM, crone, 'invite1', 'modify', 'bad-request', invitation));
    join(c, hag, 'thirdwitch');
    c.expect(refused('auth', 'registration-required'));
  });

  test('§7.2.7 Example 28 banned, by bare JID and by domain: forbidden', () => {
    const c = coven();
    iq(
      c,
      crone,
      'set',
      'ban1',
      admin('<item affiliation="outcast" jid="hag66@shakespeare.lit"/><item affiliation="outcast" jid="hell.example"/>'),
    );
    c.forget();
    join(c, hag, 'thirdwitch');
    c.expect(refused('auth', 'forbidden'));
    join(c, 'imp@hell.example/pit', 'imp');
    c.expect(refused('auth', 'forbidden', 'imp', asFull('imp@hell.example/pit')));
  });

  test('§7.2.8 Example 29 the nickname of another: conflict, also in other case', () => {
    const c = coven();
    join(c, hag, 'firstwitch');
    c.expect(refused('cancel', 'conflict', 'firstwitch'));
    join(c, hag, 'FirstWitch');
    c.expect(refused('cancel', 'conflict', 'FirstWitch'));
  });

  test('§7.2.8 a nickname that is reserved: conflict', () => {
    const c = coven();
    iq(c, crone, 'set', 'member1', admin('<item affiliation="member" jid="hecate@shakespeare.lit" nick="thirdwitch"/>'));
    c.forget();
    join(c, hag, 'thirdwitch');
    c.expect(refused('cancel', 'conflict'));
    join(c, hecate, 'thirdwitch');
    c.expectTo(
      hecate,
      presence('firstwitch', hecate, owner),
      presence('thirdwitch', hecate, { affiliation: 'member', role: 'participant' }, { id: 'n13mt3l', codes: [110] }),
      noSubject(hecate),
    );
  });

  test('§7.2.9 Example 30 a full room: service-unavailable (wait); admins still get in', () => {
    const c = coven([], { 'muc#roomconfig_maxusers': '1' });
    join(c, hag, 'thirdwitch');
    c.expect(refused('wait', 'service-unavailable'));
    join(c, wicca, 'secondwitch');
    c.expectTo(
      wicca,
      presence('firstwitch', wicca, { ...owner, jid: crone }),
      presence('secondwitch', wicca, { ...adminItem, jid: wicca }, { id: 'n13mt3l', codes: [110] }),
      noSubject(wicca),
    );
  });

  test('§17.1 a blank nickname: jid-malformed', () => {
    const c = coven();
    join(c, hag, ' ');
    c.expect(refused('modify', 'jid-malformed', ' '));
  });
});

describe('§7.2.8 several sessions of one account', () => {
  const other = 'hag66@shakespeare.lit/phone';

  test('the second shares the nick; others are told nothing new', () => {
    const c = coven(['thirdwitch']);
    join(c, other, 'thirdwitch');
    c.expect(presence('firstwitch', other, owner), presence('thirdwitch', other, plain, { id: 'n13mt3l', codes: [110] }), noSubject(other));
  });

  test('Example 22 under another nick it gets the first one, with 210', () => {
    const c = coven(['thirdwitch']);
    join(c, other, 'oldhag');
    c.expect(
      presence('firstwitch', other, owner),
      presence('thirdwitch', other, plain, { id: 'n13mt3l', codes: [110, 210] }),
      noSubject(other),
    );
  });

  test('a message goes to both sessions', () => {
    const c = coven(['thirdwitch']);
    join(c, other, 'thirdwitch');
    c.forget();
    c.send(`<message from="${other}" to="${ROOM}" type="groupchat" id="m"><body>hi</body></message>`);
    c.expect(
      message('thirdwitch', crone, '<body>hi</body>', 'hi', { id: 'm' }),
      message('thirdwitch', hag, '<body>hi</body>', 'hi', { id: 'm' }),
      message('thirdwitch', other, '<body>hi</body>', 'hi', { id: 'm' }),
    );
  });
});

test('§17.3 a join from a session that is in already gets everything again; the others nothing if nothing changed', () => {
  const c = coven(['thirdwitch']);
  join(c, hag, 'thirdwitch');
  c.expect(presence('firstwitch', hag, owner), presence('thirdwitch', hag, plain, { id: 'n13mt3l', codes: [110] }), noSubject(hag));
});

test('§7.2.18 Examples 42-43 plain presence from somebody outside: told that they are not in, with 110, 307 and 333', () => {
  const c = coven();
  c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch"/>`);
  const inItem = '<reason>{text}</reason>';
  c.expect(gone('thirdwitch', hag, { affiliation: 'none' }, { codes: [110, 307, 333], inItem, occupant: null }));
});

test('XEP-0311 §3, §4.2: a client that would come back fast is told everything, without an id; what it says is passed on to nobody', () => {
  const c = coven(['thirdwitch']);
  c.send(
    `<presence from="${hecate}" to="${ROOM}/hecate">${X}<presence-session xmlns="urn:xmpp:presence-session:0" session="u8" id="89" type="resume"/></presence>`,
  );
  const said = c.take();
  expect(said.join('')).not.toContain('presence-session');
  expect(
    said.filter((stanza) => stanza.includes(` to="${hecate}"`)).map((stanza) => / from="[^/"]*(?:\/([^"]*))?"/.exec(stanza)?.[1] ?? ''),
  ).toEqual(['firstwitch', 'thirdwitch', 'hecate', '']);
});
