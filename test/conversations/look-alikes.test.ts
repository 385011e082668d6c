/** Nicknames that could be taken for somebody else's (§14.6): told apart within ASCII, refused across scripts. */
import { admin, announced, coven, crone, hag, iq, join, notice101, result, ROOM, wicca } from './expected';

const refused = (c: ReturnType<typeof coven>, nick: string): string => {
  c.forget();
  join(c, hag, nick);
  const [said, ...more] = c.take();
  expect(more).toEqual([]);
  expect(said).toContain('<conflict');
  return said as string;
};

describe('E15: look-alikes', () => {
  test.each([
    ['torn', 'tom'],
    ['user0', 'userO'],
    ['Amold', 'Arnold'],
  ])('E15: %s and %s are two people', (one, other) => {
    const c = coven();
    join(c, wicca, one);
    c.forget();
    join(c, hag, other);
    expect(c.take().join('')).not.toContain('conflict');
  });
  test('E15: a Cyrillic one is refused, and the sentence says whom it looks like', () => {
    const c = coven();
    join(c, wicca, 'paypal');
    expect(refused(c, '\u0440\u0430ypal')).toContain('looks like "paypal"');
  });
});

test.each([
  ['Straße', 'Strasse'],
  ['user1', 'user１'],
  ['Tom', 'TOM'],
])('E15, §7.2.8: %s and %s are one nickname, and the sentence says which is meant', (one, other) => {
  const c = coven();
  join(c, wicca, one);
  expect(refused(c, other)).toContain(`counts as the same as "${one}"`);
  expect(refused(c, one)).toContain('uses or has reserved this nickname');
  // Also while its holder is away.
  const away = coven();
  iq(away, crone, 'set', 'a', admin(`<item affiliation="member" jid="wiccarocks@shakespeare.lit" nick="${one}"/>`));
  expect(refused(away, other)).toContain(`counts as the same as "${one}"`);
});

describe('F14: a reserved nickname while its holder is away', () => {
  const reserved = (): ReturnType<typeof coven> => {
    const c = coven();
    iq(c, crone, 'set', 'a', admin('<item affiliation="member" jid="wiccarocks@shakespeare.lit" nick="paypal"/>'));
    return c;
  };
  test('F14: a look-alike of it is refused at the door, by a nick change and for a registration', () => {
    const c = reserved();
    expect(refused(c, '\u0440\u0430ypal')).toContain('"paypal"');
    join(c, hag, 'thirdwitch');
    c.forget();
    c.send(`<presence from="${hag}" to="${ROOM}/\u0440aypal"/>`);
    expect(c.take().join('')).toContain('<conflict');
    iq(
      c,
      hag,
      'set',
      'r',
      '<query xmlns="jabber:iq:register"><x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>http://jabber.org/protocol/muc#register</value></field><field var="muc#register_roomnick"><value>\u0440aypal</value></field></x></query>',
    );
    expect(c.take().join('')).toContain('<conflict');
  });
  test('F14: also after a restart; its holder may come by either', () => {
    const c = reserved();
    c.restart();
    expect(refused(c, 'p\u0430ypal')).toContain('"paypal"');
    join(c, wicca, 'p\u0430ypal');
    expect(c.take().join('')).toContain('code="110"');
  });
  test('F14: it is free again once the nick is given up', () => {
    const c = reserved();
    iq(c, crone, 'set', 'b', admin('<item affiliation="none" jid="wiccarocks@shakespeare.lit"/>'));
    c.forget();
    join(c, hag, 'p\u0430ypal');
    expect(c.take().join('')).toContain('code="110"');
  });
});

describe('E12: notices about people who are not there', () => {
  const jid = 'hecate@shakespeare.lit';
  test.each(['outcast', 'member', 'none'])(
    'E12: %s: with the reason and the JID to those who may see it, no 301; the 101 names their own',
    (to) => {
      const c = coven(['thirdwitch'], { 'muc#roomconfig_roomadmins': [] });
      if (to === 'none') iq(c, crone, 'set', 'z', admin(`<item affiliation="admin" jid="${jid}"/>`));
      c.forget();
      iq(c, crone, 'set', 'a', admin(`<item affiliation="${to}" jid="${jid}"><reason>because</reason></item>`));
      c.expect(result(crone, 'a'), announced(crone, jid, to, 'because'), notice101(jid, to, 'because'));
    },
  );
  test('E12: in a non-anonymous room everybody is told, with the JID; also after a lost link', () => {
    const c = coven(['thirdwitch'], { 'muc#roomconfig_whois': 'anyone' });
    c.restart();
    c.forget();
    iq(c, crone, 'set', 'a', admin(`<item affiliation="outcast" jid="${jid}"><reason>because</reason></item>`));
    const told = [announced(crone, jid, 'outcast', 'because'), announced(hag, jid, 'outcast', 'because')];
    c.expect(result(crone, 'a'), ...told, notice101(jid, 'outcast', 'because'));
    c.restart(false);
    c.expect(...told);
  });
  test('E12: without a reason there is none in it', () => {
    const c = coven();
    iq(c, crone, 'set', 'a', admin(`<item affiliation="outcast" jid="${jid}"/>`));
    c.expect(result(crone, 'a'), announced(crone, jid, 'outcast'), notice101(jid, 'outcast'));
  });
});
