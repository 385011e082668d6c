/** Changing nick and availability, leaving, being lost, self-ping: XEP-0045 §7.6, §7.7, §7.14, §11.1; XEP-0410. */
import { coven, crone, gone, hag, hecate, iq, join, noSubject, presence, refusal, result, ROOM, wicca } from './expected';
import { asRoom } from '../support/jids';

const plain = { affiliation: 'none', role: 'participant' };
const owner = { affiliation: 'owner', role: 'moderator' };
const phone = 'hag66@shakespeare.lit/phone';

describe('§7.6 changing the nickname', () => {
  const change = (c: ReturnType<typeof coven>, nick: string, from = hag): void =>
    c.send(`<presence from="${from}" id="ifd1c35" to="${ROOM}/${nick}"/>`);

  test('Examples 49-50 one unavailable with 303 and the new nick, one available, to everybody; 110 to oneself', () => {
    const c = coven(['thirdwitch']);
    change(c, 'oldhag');
    const who = { occupant: 'thirdwitch' };
    c.expect(
      presence('thirdwitch', crone, { ...plain, jid: hag, nick: 'oldhag' }, { type: 'unavailable', codes: [303], ...who }),
      presence('thirdwitch', hag, { ...plain, nick: 'oldhag' }, { type: 'unavailable', codes: [110, 303], ...who }),
      presence('oldhag', crone, { ...plain, jid: hag }, who),
      presence('oldhag', hag, plain, { id: 'ifd1c35', codes: [110], ...who }),
    );
  });

  test('Example 51 spaces are tidied (RFC 8266 §2.1), and 210 tells the asker that the nick is another one', () => {
    const c = coven(['thirdwitch']);
    change(c, ' old  hag ');
    const who = { occupant: 'thirdwitch' };
    c.expect(
      presence('thirdwitch', crone, { ...plain, jid: hag, nick: 'old hag' }, { type: 'unavailable', codes: [303], ...who }),
      presence('thirdwitch', hag, { ...plain, nick: 'old hag' }, { type: 'unavailable', codes: [110, 303], ...who }),
      presence('old hag', crone, { ...plain, jid: hag }, who),
      presence('old hag', hag, plain, { id: 'ifd1c35', codes: [110, 210], ...who }),
    );
    // The client may think for a while that it has what it asked for.
    c.send(`<iq type="get" id="p1" from="${hag}" to="${ROOM}/ old  hag "><ping xmlns="urn:xmpp:ping"/></iq>`);
    c.expect(`<iq type="result" id="p1" from="${ROOM}/ old  hag " to="${hag}"/>`);
    c.send(`<presence from="${hag}" id="ifd1c36" to="${ROOM}/ old  hag "><show>away</show></presence>`);
    expect(c.take()).toHaveLength(2);
  });

  test('a change to one’s own nick with other spaces is none, and says so with 210', () => {
    const c = coven(['thirdwitch']);
    change(c, 'thirdwitch ');
    c.expect(
      presence('thirdwitch', crone, { ...plain, jid: hag }),
      presence('thirdwitch', hag, plain, { id: 'ifd1c35', codes: [110, 210] }),
    );
  });

  test('whoever enters with untidy spaces gets the tidy nick, and 210', () => {
    const c = coven([]);
    join(c, hag, ' third\u00A0witch');
    const entered = c.take().filter((stanza) => stanza.includes('110'));
    expect(entered).toHaveLength(1);
    expect(entered[0]).toContain(`from="${ROOM}/third witch"`);
    expect(entered[0]).toContain('<status code="210"/>');
  });

  test('Example 52 to a nick in use: conflict, from the occupant JID that was addressed; everything stays', () => {
    const c = coven(['thirdwitch']);
    change(c, 'firstwitch');
    c.expect(refusal('presence', `${ROOM}/firstwitch`, hag, 'ifd1c35', 'cancel', 'conflict'));
  });

  test('with several sessions all of them change, each told once with 110', () => {
    const c = coven(['thirdwitch']);
    join(c, phone, 'thirdwitch');
    c.forget();
    change(c, 'oldhag');
    c.expectTo(
      phone,
      presence('thirdwitch', phone, { ...plain, nick: 'oldhag' }, { type: 'unavailable', codes: [110, 303] }),
      presence('oldhag', phone, plain, { codes: [110], occupant: 'thirdwitch' }),
    );
  });

  test('a change of case only is a change', () => {
    const c = coven(['thirdwitch']);
    change(c, 'ThirdWitch');
    expect(c.take()).toHaveLength(4);
  });
});

describe('§7.7 availability', () => {
  const away = '<show>xa</show><status>gone where the goblins go</status>';

  test('Examples 54-55 goes to all, with the client’s own children but none that only the room may add', () => {
    const c = coven(['thirdwitch']);
    c.send(
      `<presence from="${hag}" id="kr7v143h" to="${ROOM}/thirdwitch">${away}<x xmlns="http://jabber.org/protocol/muc#user"><item affiliation="owner" role="moderator"/></x></presence>`,
    );
    c.expect(
      presence('thirdwitch', crone, { ...plain, jid: hag }, { content: away }),
      presence('thirdwitch', hag, plain, { id: 'kr7v143h', codes: [110], content: away }),
    );
  });

  test('a status text keeps the language that its stanza states, unless it has its own (RFC 6120 §8.1.5)', () => {
    const c = coven();
    c.send(
      `<presence from="${crone}" to="${ROOM}/firstwitch" xml:lang="en"><status>away</status><status xml:lang="de">fort</status></presence>`,
    );
    const content = '<status xml:lang="en">away</status><status xml:lang="de">fort</status>';
    c.expect(presence('firstwitch', crone, { affiliation: 'owner', role: 'moderator', jid: crone }, { codes: [110], content }));
  });

  test('a joiner sees the availability that was last set', () => {
    const c = coven();
    c.send(`<presence from="${crone}" to="${ROOM}/firstwitch">${away}</presence>`);
    c.forget();
    join(c, hag, 'thirdwitch');
    c.expectTo(
      hag,
      presence('firstwitch', hag, owner, { content: away }),
      presence('thirdwitch', hag, plain, { id: 'n13mt3l', codes: [110] }),
      noSubject(hag),
    );
  });

  test('of a session that is not the one shown, only its sender hears', () => {
    const c = coven(['thirdwitch']);
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch"><priority>5</priority></presence>`);
    join(c, phone, 'thirdwitch');
    c.forget();
    c.send(`<presence from="${phone}" to="${ROOM}/thirdwitch" id="p"><show>dnd</show></presence>`);
    c.expect(presence('thirdwitch', phone, plain, { id: 'p', codes: [110], content: '<show>dnd</show>' }));
  });
});

describe('§7.14 leaving', () => {
  test.each(['', '<status>gone where the goblins go</status>'])(
    'Examples 80-83 110 to oneself, role none and the last word "%s" to all',
    (status) => {
      const c = coven(['secondwitch', 'thirdwitch']);
      c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable">${status}</presence>`);
      c.expect(
        gone('thirdwitch', hag, { affiliation: 'none' }, { codes: [110], content: status }),
        gone('thirdwitch', crone, { affiliation: 'none', jid: hag }, { content: status }),
        gone('thirdwitch', wicca, { affiliation: 'none', jid: hag }, { content: status }),
      );
    },
  );

  test('one session of several: only that session is told', () => {
    const c = coven(['thirdwitch']);
    join(c, phone, 'thirdwitch');
    c.forget();
    c.send(`<presence from="${phone}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    expect(c.take().filter((stanza) => stanza.includes('unavailable'))).toHaveLength(1);
  });

  test('unavailable from somebody outside means nothing (§17.3)', () => {
    const c = coven();
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    c.expect();
  });

  test('§17.3 presence of another type neither joins nor leaves', () => {
    const c = coven(['thirdwitch']);
    for (const type of ['subscribed', 'unsubscribe', 'unsubscribed', 'error']) {
      for (const [from, nick] of [
        [hag, 'thirdwitch'],
        [hecate, 'hecate'],
      ] as const) {
        c.send(`<presence from="${from}" to="${ROOM}/${nick}" type="${type}"/>`);
        c.expect();
      }
    }
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="dnd" id="t"/>`);
    c.expect(refusal('presence', `${ROOM}/thirdwitch`, hag, 't', 'modify', 'bad-request'));
    iq(c, hag, 'get', 's2c1', '<ping xmlns="urn:xmpp:ping"/>', asRoom(`${ROOM}/thirdwitch`));
    c.expect(result(hag, 's2c1', '', asRoom(`${ROOM}/thirdwitch`)));
  });

  test('a temporary room ends with its last occupant; the next who comes creates it anew', () => {
    const c = coven();
    c.send(`<presence from="${crone}" to="${ROOM}/firstwitch" type="unavailable"/>`);
    c.forget();
    join(c, hag, 'thirdwitch');
    c.expect(
      presence('thirdwitch', hag, { affiliation: 'owner', role: 'moderator', jid: hag }, { id: 'n13mt3l', codes: [110, 201] }),
      noSubject(hag),
    );
  });

  test('a persistent room stays, with its owner', () => {
    const c = coven([], { 'muc#roomconfig_persistentroom': '1' });
    c.send(`<presence from="${crone}" to="${ROOM}/firstwitch" type="unavailable"/>`);
    c.forget();
    c.restart();
    join(c, hag, 'thirdwitch');
    c.expect(presence('thirdwitch', hag, plain, { id: 'n13mt3l', codes: [110] }), noSubject(hag));
  });
});

test('§11.1 Examples 205-206 a full JID that is gone is removed with 333', () => {
  const c = coven(['thirdwitch']);
  c.input(ROOM, { kind: 'gone', jid: hag, text: 'recipient-unavailable' });
  c.expect(
    gone('thirdwitch', hag, { affiliation: 'none' }, { codes: [110, 333], inItem: '<reason>{text}</reason>' }),
    gone('thirdwitch', crone, { affiliation: 'none', jid: hag }, { codes: [333], inItem: '<reason>{text}</reason>' }),
  );
});

test('§11.1 the reason names nobody’s real JID, whatever the nick has in it', () => {
  const c = coven(['secondwitch']);
  join(c, hag, 'the $& witch');
  c.forget();
  c.input(ROOM, { kind: 'gone', jid: hag, text: `${hag} of hag66@shakespeare.lit is gone` });
  expect(
    c
      .take()
      .join('')
      .match(/<reason>.*?<\/reason>/g),
  ).toEqual(Array(3).fill(expect.stringContaining('the $&amp; witch of the $&amp; witch is gone')));
});

describe('XEP-0410 self-ping', () => {
  const PING = '<ping xmlns="urn:xmpp:ping"/>';

  test('to one’s own occupant JID: a result; after 210 also to the nick that was asked for', () => {
    const c = coven(['thirdwitch']);
    iq(c, hag, 'get', 's2c1', PING, asRoom(`${ROOM}/thirdwitch`));
    c.expect(result(hag, 's2c1', '', asRoom(`${ROOM}/thirdwitch`)));
    join(c, phone, 'wanted');
    c.forget();
    iq(c, phone, 'get', 's2c2', PING, asRoom(`${ROOM}/wanted`));
    c.expect(result(phone, 's2c2', '', asRoom(`${ROOM}/wanted`)));
  });

  test('from a full JID that is not in, whatever the nick: not-acceptable', () => {
    const c = coven(['thirdwitch']);
    for (const from of [phone, hecate]) {
      iq(c, from, 'get', 's2c1', PING, asRoom(`${ROOM}/thirdwitch`));
      c.expect(refusal('iq', `${ROOM}/thirdwitch`, from, 's2c1', 'cancel', 'not-acceptable'));
    }
  });

  test('to the room itself (XEP-0199): a result', () => {
    const c = coven();
    iq(c, hag, 'get', 'p', PING);
    c.expect(result(hag, 'p'));
  });
});
