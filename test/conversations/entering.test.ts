/** Entering a room: XEP-0045 §7.1, §7.2, §17.3. */
import { admin, coven, crone, hag, hecate, iq, join, message, noSubject, presence, refusal, ROOM, wicca, X, status } from './expected';

const owner = { affiliation: 'owner', role: 'moderator' };
const adminItem = { affiliation: 'admin', role: 'moderator' };
const plain = { affiliation: 'none', role: 'participant' };

describe('§7.1-7.2.4 order and audience', () => {
  test('the others, then oneself with 110, then the subject; in a semi-anonymous room only moderators see the real JID', () => {
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

  test('§7.2.3 in a non-anonymous room everybody sees it, and the joiner is warned with 100', () => {
    const c = coven([], { 'muc#roomconfig_whois': 'anyone' });
    join(c, hag, 'thirdwitch');
    c.expect(
      presence('firstwitch', hag, { ...owner, jid: crone }),
      presence('thirdwitch', crone, { ...plain, jid: hag }),
      presence('thirdwitch', hag, { ...plain, jid: hag }, { id: 'n13mt3l', codes: [100, 110] }),
      noSubject(hag),
    );
  });

  test('§7.2.12 in a logged room the joiner is warned with 170', () => {
    const c = coven([], { 'muc#roomconfig_enablelogging': '1' });
    join(c, hag, 'thirdwitch');
    c.expectTo(
      hag,
      presence('firstwitch', hag, owner),
      presence('thirdwitch', hag, plain, { id: 'n13mt3l', codes: [110, 170] }),
      noSubject(hag),
    );
  });

  test('§7.2.13-7.2.15 history comes after self-presence and before the subject; its ids are those of the live copies', () => {
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
      `<message from="${ROOM}/firstwitch" to="${hag}" type="groupchat"><subject>Fire Burn and Cauldron Bubble!</subject><delay xmlns="urn:xmpp:delay" from="${ROOM}" stamp="{stamp}"/></message>`,
    );
  });
});

describe('§7.2.14 the four limits of history', () => {
  const talk = (): ReturnType<typeof coven> => {
    const c = coven();
    for (const n of [1, 2, 3]) c.send(`<message from="${crone}" to="${ROOM}" type="groupchat" id="m${n}"><body>${n}</body></message>`);
    c.forget();
    return c;
  };
  const bodies = (c: ReturnType<typeof coven>, history: string): string[] => {
    join(c, hag, 'thirdwitch', history);
    return c.take().flatMap((xml) => /<body>(.*?)<\/body>/.exec(xml)?.[1] ?? []);
  };

  test('without wishes: all within the room’s number', () => expect(bodies(talk(), '')).toEqual(['1', '2', '3']));
  test('maxstanzas: the newest', () => expect(bodies(talk(), '<history maxstanzas="2"/>')).toEqual(['2', '3']));
  test('maxstanzas 0: none', () => expect(bodies(talk(), '<history maxstanzas="0"/>')).toEqual([]));
  test('maxchars 0: none', () => expect(bodies(talk(), '<history maxchars="0"/>')).toEqual([]));
  test('maxchars counts whole stanzas and never cuts one', () => {
    expect(bodies(talk(), '<history maxchars="10"/>')).toEqual([]);
    expect(bodies(talk(), '<history maxchars="700"/>')).toEqual(['3']);
    expect(bodies(talk(), '<history maxchars="65000"/>')).toEqual(['1', '2', '3']);
  });
  test('seconds and since; the most restrictive of all wins', () => {
    const c = talk();
    c.advance(60_000);
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat" id="m4"><body>4</body></message>`);
    c.forget();
    expect(bodies(c, '<history seconds="30"/>')).toEqual(['4']);
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    c.forget();
    expect(bodies(c, '<history since="1970-01-01T00:00:00Z" maxstanzas="2"/>')).toEqual(['3', '4']);
  });
});

describe('§7.2.17 refusals, from the occupant JID that was addressed, with the request’s id', () => {
  const refused = (type: string, condition: string, nick = 'thirdwitch', to = hag, x = X): string =>
    refusal('presence', `${ROOM}/${nick}`, to, 'n13mt3l', type, condition, x);

  test('§7.2.1 no nickname: jid-malformed', () => {
    const c = coven();
    c.send(`<presence from="${hag}" to="${ROOM}" id="273hs51g">${X}</presence>`);
    c.expect(refusal('presence', ROOM, hag, '273hs51g', 'modify', 'jid-malformed', X));
  });

  test('§7.2.5 no password, a wrong one, the right one', () => {
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

  test('§7.2.6 members-only: registration-required', () => {
    const c = coven([], { 'muc#roomconfig_membersonly': '1' });
    join(c, hag, 'thirdwitch');
    c.expect(refused('auth', 'registration-required'));
  });

  test('§7.2.7 banned, by bare JID and by domain: forbidden', () => {
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
    c.expect(refused('auth', 'forbidden', 'imp', 'imp@hell.example/pit'));
  });

  test('§7.2.8 the nickname of another: conflict, also in other case', () => {
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

  test('§7.2.9 a full room: service-unavailable (wait); admins still get in', () => {
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

  test('under another nick it gets the first one, with 210', () => {
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

test('§7.2.18 plain presence from somebody outside: told that he is not in, with 110, 307 and 333', () => {
  const c = coven();
  c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch"/>`);
  c.expect(
    `<presence from="${ROOM}/thirdwitch" to="${hag}" type="unavailable"><x xmlns="http://jabber.org/protocol/muc#user"><item affiliation="none" role="none"><reason>{text}</reason></item>${status(110)}${status(307)}${status(333)}</x></presence>`,
  );
});
