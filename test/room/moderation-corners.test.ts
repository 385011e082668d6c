/** Changes of roles and affiliations at their corners: several items about one person, names that objects inherit, strangers who probe. */
import {
  admin,
  announced,
  coven,
  crone,
  gone,
  hag,
  hecate,
  iq,
  join,
  presence,
  refusal,
  result,
  ROOM,
  submit,
  wicca,
} from '../conversations/expected';
import { conversation } from '../support/conversation';

describe('several items of one request', () => {
  test('a role and then a kick of the same person: they are out, and the room goes on', () => {
    const c = coven(['thirdwitch']);
    iq(c, crone, 'set', 'k', admin('<item nick="thirdwitch" role="visitor"/><item nick="thirdwitch" role="none"/>'));
    c.expect(
      gone('thirdwitch', hag, { affiliation: 'none' }, { inItem: '<actor nick="firstwitch"/>', codes: [110, 307] }),
      result(crone, 'k'),
      gone('thirdwitch', crone, { affiliation: 'none', jid: hag }, { inItem: '<actor nick="firstwitch"/>', codes: [307] }),
    );
    join(c, hag, 'thirdwitch');
    c.expectTo(crone, presence('thirdwitch', crone, { affiliation: 'none', role: 'participant', jid: hag }));
  });

  test('a membership and then a ban of the same person: they are out, and the room goes on', () => {
    const c = coven(['thirdwitch']);
    const jid = 'hag66@shakespeare.lit';
    iq(c, crone, 'set', 'b', admin(`<item jid="${jid}" affiliation="member"/><item jid="${jid}" affiliation="outcast"/>`));
    c.expect(
      result(crone, 'b'),
      gone('thirdwitch', hag, { affiliation: 'outcast' }, { inItem: '<actor nick="firstwitch"/>', codes: [110, 301] }),
      gone('thirdwitch', crone, { affiliation: 'outcast', jid: hag }, { inItem: '<actor nick="firstwitch"/>', codes: [301] }),
    );
  });

  test('the only occupant kicks themselves and names a member: the temporary room ends, and nothing is left for the next one', () => {
    const c = coven();
    iq(c, crone, 'set', 'k', admin('<item nick="firstwitch" role="none"/><item jid="hag66@shakespeare.lit" affiliation="outcast"/>'));
    c.forget();
    join(c, hag, 'thirdwitch');
    c.expectTo(
      hag,
      presence('thirdwitch', hag, { affiliation: 'owner', role: 'moderator', jid: hag }, { id: 'n13mt3l', codes: [110, 201] }),
      `<message from="${ROOM}" to="${hag}" type="groupchat"><subject/></message>`,
    );
  });

  test('one nick reserved for two people: conflict, and neither gets it', () => {
    const c = coven();
    iq(
      c,
      crone,
      'set',
      'n',
      admin('<item jid="a@s.lit" affiliation="member" nick="x"/><item jid="b@s.lit" affiliation="member" nick="X"/>'),
    );
    c.expect(refusal('iq', ROOM, crone, 'n', 'cancel', 'conflict'));
    iq(c, crone, 'get', 'l', admin('<item affiliation="member"/>'));
    c.expect(result(crone, 'l', admin('')));
  });
});

test('a nick that nobody could have is not reserved: jid-malformed', () => {
  const c = coven();
  iq(c, crone, 'set', 'n', admin('<item jid="a@s.lit" affiliation="member" nick=" "/>'));
  c.expect(refusal('iq', ROOM, crone, 'n', 'modify', 'jid-malformed'));
});

test.each(['constructor', 'toString', '__proto__', 'Owner'])('"%s" is neither an affiliation nor a role: bad-request', (word) => {
  const c = coven(['thirdwitch']);
  for (const [type, item] of [
    ['set', `<item jid="a@s.lit" affiliation="${word}"/>`],
    ['set', `<item nick="thirdwitch" role="${word}"/>`],
    ['get', `<item affiliation="${word}"/>`],
    ['get', `<item role="${word}"/>`],
  ] as const) {
    iq(c, crone, type, 'w', admin(item));
    c.expect(refusal('iq', ROOM, crone, 'w', 'modify', 'bad-request'));
  }
});

describe('somebody without rights learns nothing from the error', () => {
  test.each([
    ['a nick that nobody has', '<item nick="nobody" affiliation="member"/>'],
    ['a nick that somebody has', '<item nick="firstwitch" affiliation="member"/>'],
    ['no JID at all', '<item jid="@@" affiliation="member"/>'],
  ])('affiliation by %s: forbidden', (_, item) => {
    const c = coven();
    iq(c, hecate, 'set', 'a', admin(item));
    c.expect(refusal('iq', ROOM, hecate, 'a', 'auth', 'forbidden'));
  });

  test('role by the JID of somebody who is in, and of somebody who is not: forbidden', () => {
    const c = coven();
    for (const jid of ['crone1@shakespeare.lit', 'nobody@shakespeare.lit']) {
      iq(c, hecate, 'set', 'a', admin(`<item jid="${jid}" role="none"/>`));
      c.expect(refusal('iq', ROOM, hecate, 'a', 'auth', 'forbidden'));
    }
  });

  test('§14.5 in a semi-anonymous room a participant cannot find out by an item with a JID and a role whether that JID is in: forbidden', () => {
    const c = coven(['thirdwitch']);
    join(c, hecate, 'hecate');
    c.forget();
    for (const jid of ['hecate@shakespeare.lit', 'nobody@shakespeare.lit']) {
      iq(c, hag, 'set', 'a', admin(`<item jid="${jid}" role="participant"/>`));
      c.expect(refusal('iq', ROOM, hag, 'a', 'auth', 'forbidden'));
    }
  });

  test.each([
    ['their own role', 'participant', '<item jid="hag66@shakespeare.lit" role="participant"/>'],
    ['what the room shows of a nick', 'participant', '<item nick="secondwitch" role="moderator"/>'],
  ])('an item that repeats %s is refused as every other (found F11)', (_, role, items) => {
    const c = coven(['secondwitch', 'thirdwitch']);
    iq(c, crone, 'set', 'm', admin(`<item nick="thirdwitch" role="${role}"/>`));
    c.forget();
    iq(c, hag, 'set', 'a', admin(items));
    c.expect(refusal('iq', ROOM, hag, 'a', 'auth', 'forbidden'));
  });

  test('an item that repeats what a moderator sees of a JID succeeds, since it tells nothing', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    iq(c, crone, 'set', 'm', admin('<item nick="thirdwitch" role="moderator"/>'));
    c.forget();
    iq(c, hag, 'set', 'a', admin('<item jid="crone1@shakespeare.lit" role="moderator"/>'));
    c.expect(result(hag, 'a'));
  });
});

test('§9.2 a list that would be too long for one stanza has no reasons', () => {
  const c = coven([], {}, { limits: { listBytes: 1000 } });
  const jids = ['a', 'b', 'c', 'd'].map((name) => `${name}@shakespeare.lit`);
  for (const jid of jids) {
    iq(c, crone, 'set', 'b', admin(`<item jid="${jid}" affiliation="outcast"><reason>${'Treason '.repeat(8_000)}</reason></item>`));
  }
  c.forget();
  iq(c, crone, 'get', 'l', admin('<item affiliation="outcast"/>'));
  c.expect(result(crone, 'l', admin(jids.map((jid) => `<item affiliation="outcast" jid="${jid}"/>`).join(''))));
});

describe('a nick in an item that takes everything from somebody', () => {
  const JID = 'nobody@shakespeare.lit';

  test.each(['outcast', 'none'])('"%s": whoever has that nick is no reason to refuse', (affiliation) => {
    const c = coven(['thirdwitch']);
    iq(c, crone, 'set', 'm', admin(`<item jid="${JID}" affiliation="member"/>`));
    c.forget();
    iq(c, crone, 'set', 'b', admin(`<item jid="${JID}" nick="thirdwitch" affiliation="${affiliation}"/>`));
    c.expectTo(crone, result(crone, 'b'), announced(crone, JID, affiliation));
  });

  test('does not make a ban that is already there a new one without its reason', () => {
    const c = coven();
    iq(c, crone, 'set', 'b', admin(`<item jid="${JID}" affiliation="outcast"><reason>Treason</reason></item>`));
    iq(c, crone, 'set', 'b', admin(`<item jid="${JID}" nick="nobody" affiliation="outcast"/>`));
    c.forget();
    iq(c, crone, 'get', 'l', admin('<item affiliation="outcast"/>'));
    c.expect(result(crone, 'l', admin(`<item affiliation="outcast" jid="${JID}"><reason>Treason</reason></item>`)));
  });
});

test('§10.2 an owner dropped by the list of owners is an admin from then on, and stays moderator', () => {
  const c = coven(['secondwitch']);
  iq(c, crone, 'set', 'o', admin('<item jid="wiccarocks@shakespeare.lit" affiliation="owner"/>'));
  c.forget();
  iq(c, crone, 'set', 'c', submit({ 'muc#roomconfig_roomowners': 'crone1@shakespeare.lit' }));
  c.expectTo(
    crone,
    result(crone, 'c'),
    presence('secondwitch', crone, { affiliation: 'admin', role: 'moderator', jid: wicca }, { inItem: '<actor nick="firstwitch"/>' }),
  );
});

test('a form that makes the room non-anonymous and somebody a moderator shows them everybody’s JID', () => {
  const c = coven(['secondwitch', 'thirdwitch']);
  iq(
    c,
    crone,
    'set',
    'c',
    submit({ 'muc#roomconfig_whois': 'anyone', 'muc#roomconfig_roomadmins': ['wiccarocks@shakespeare.lit', 'hag66@shakespeare.lit'] }),
  );
  const shown = c.take().filter((stanza) => stanza.includes(`to="${hag}"`) && stanza.startsWith('<presence'));
  for (const [nick, jid] of [
    ['firstwitch', crone],
    ['secondwitch', wicca],
  ] as const) {
    expect(shown.some((stanza) => stanza.includes(`/${nick}"`) && stanza.includes(`jid="${jid}"`))).toBe(true);
  }
});

describe('a locked room', () => {
  test('with two sessions of its creator outlives one of them', () => {
    const c = conversation();
    join(c, crone, 'firstwitch');
    join(c, 'crone1@shakespeare.lit/phone', 'firstwitch');
    c.forget();
    c.send(`<presence from="${crone}" to="${ROOM}/firstwitch" type="unavailable"/>`);
    c.expectTo(crone, gone('firstwitch', crone, { affiliation: 'owner', jid: crone }, { codes: [110] }));
    iq(c, 'crone1@shakespeare.lit/phone', 'set', 'c', submit({}));
    c.expect(result('crone1@shakespeare.lit/phone', 'c'));
  });

  test('outlives the visit of a service admin', () => {
    const c = conversation({ isServiceAdmin: (jid) => jid.startsWith('hecate@') });
    join(c, crone, 'firstwitch');
    join(c, hecate, 'hecate');
    c.forget();
    c.send(`<presence from="${hecate}" to="${ROOM}/hecate" type="unavailable"/>`);
    c.expectTo(crone, gone('hecate', crone, { affiliation: 'owner', jid: hecate }));
    iq(c, crone, 'set', 'c', submit({}));
    c.expect(result(crone, 'c'));
  });

  test('ends when its creator is kicked, also where rooms are persistent by default', () => {
    const c = conversation({ defaults: new Map([['muc#roomconfig_persistentroom', ['1']]]) });
    join(c, crone, 'firstwitch');
    iq(c, crone, 'set', 'k', admin('<item nick="firstwitch" role="none"/>'));
    c.forget();
    join(c, hag, 'thirdwitch');
    c.expectTo(
      hag,
      presence('thirdwitch', hag, { affiliation: 'owner', role: 'moderator', jid: hag }, { id: 'n13mt3l', codes: [110, 201] }),
      `<message from="${ROOM}" to="${hag}" type="groupchat"><subject/></message>`,
    );
  });

  test('§17.2 gives a message from outside item-not-found', () => {
    const c = conversation();
    join(c, crone, 'firstwitch');
    c.forget();
    const body = '<body>hi</body>';
    for (const [to, type] of [
      [ROOM, 'groupchat'],
      [`${ROOM}/firstwitch`, 'chat'],
    ] as const) {
      c.send(`<message from="${hag}" to="${to}" type="${type}" id="m">${body}</message>`);
      c.expect(refusal('message', to, hag, 'm', 'cancel', 'item-not-found', body));
    }
  });
});
