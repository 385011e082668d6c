/** Lists of affiliations: how long a request, an answer and a list may be, pages, reasons, and nicks that cannot be reserved. */
import type { Conversation } from '../support/conversation';
import { admin, coven, crone, hag, hecate, iq, join, refusal, result, ROOM, wicca } from './expected';

const HAG = 'hag66@shakespeare.lit';
const RSM = 'http://jabber.org/protocol/rsm';

const jid = (i: number): string => `w${String(i).padStart(5, '0')}@shakespeare.lit`;
const item = (affiliation: string, i: number): string => `<item affiliation="${affiliation}" jid="${jid(i)}"/>`;
const many = (affiliation: string, from: number, count: number): string =>
  Array.from({ length: count }, (_, i) => item(affiliation, from + i)).join('');

/** Sets that many, a thousand at a time. */
function fill(c: Conversation, affiliation: string, count: number): void {
  for (let from = 0; from < count; from += 1000) iq(c, crone, 'set', 'f', admin(many(affiliation, from, Math.min(1000, count - from))));
  c.forget();
}

const ask = (affiliation: string, set = ''): string => admin(`<item affiliation="${affiliation}"/>${set}`);
const set = (inner: string): string => `<set xmlns="${RSM}">${inner}</set>`;

describe('found B1: one request, one list', () => {
  test('9,000 items in a get: policy-violation, with the limit', () => {
    const c = coven();
    iq(c, crone, 'get', 'l', admin('<item affiliation="member"/>'.repeat(9000)));
    const [said] = c.take();
    expect(said).toContain('<policy-violation ');
    expect(said).toContain('at most 1000 items');
  });

  test('and in a set, of roles too: nothing of it is done', () => {
    const c = coven(['thirdwitch']);
    iq(c, crone, 'set', 'l', admin('<item nick="thirdwitch" role="visitor"/>'.repeat(1001)));
    c.expect(refusal('iq', ROOM, crone, 'l', 'modify', 'policy-violation'));
  });

  test('each list once, however often it is asked for', () => {
    const c = coven(['thirdwitch']);
    fill(c, 'member', 2);
    iq(c, crone, 'get', 'l', admin('<item affiliation="member"/><item role="participant"/>'.repeat(400)));
    const there = `<item affiliation="none" jid="${hag}" nick="thirdwitch" role="participant"/>`;
    c.expect(result(crone, 'l', admin(item('member', 0) + item('member', 1) + there)));
  });
});

describe('found B11, F5: lists are bounded', () => {
  test('4,000 members come whole; nobody is added to them, and the sentence says why', () => {
    const c = coven();
    fill(c, 'member', 4000);
    iq(c, crone, 'set', 'm', admin(item('member', 4000)));
    const [said] = c.take();
    expect(said).toContain('<resource-constraint ');
    expect(said).toContain('at most 4000 people');
    iq(c, crone, 'get', 'l', ask('member'));
    c.expect(result(crone, 'l', admin(many('member', 0, 4000))));
    // One for another is possible.
    iq(c, crone, 'set', 'm', admin(`<item affiliation="none" jid="${jid(7)}"/>${item('member', 4000)}`));
    expect(c.take()[0]).toContain('type="result"');
  });

  test('strangers who register are bounded too, and invitations that make members', () => {
    const c = coven(['thirdwitch'], { '{urn:parlour:room}registration': 'anyone' }, { limits: { affiliationsPerRoom: 3 } });
    const register = (i: number): string | undefined => {
      iq(c, `${jid(i)}/x`, 'set', 'r', `<query xmlns="jabber:iq:register"><username>n${i}</username></query>`);
      return c.take().find((xml) => xml.startsWith('<iq'));
    };
    for (const i of [1, 2, 3]) expect(register(i)).toContain('type="result"');
    expect(register(4)).toContain('<resource-constraint ');
    c.send(
      `<iq from="${crone}" to="${ROOM}" type="set" id="c"><query xmlns="http://jabber.org/protocol/muc#owner"><x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>http://jabber.org/protocol/muc#roomconfig</value></field><field var="muc#roomconfig_membersonly"><value>1</value></field></x></query></iq>`,
    );
    c.forget();
    c.send(
      `<message from="${crone}" to="${ROOM}" id="i"><x xmlns="http://jabber.org/protocol/muc#user"><invite to="${jid(9)}"/></x></message>`,
    );
    expect(c.take().join('')).toContain('<resource-constraint ');
  });

  test('a list that would not fit even without reasons takes no more bans; owners are still made, and read by pages', () => {
    const c = coven([], {}, { limits: { listBytes: 1000 } });
    fill(c, 'outcast', 10);
    iq(c, crone, 'set', 'b', admin(many('outcast', 10, 20)));
    expect(c.take()[0]).toContain('<resource-constraint ');
    iq(c, crone, 'set', 'o', admin(many('owner', 100, 30)));
    expect(c.take()[0]).toContain('type="result"');
    iq(c, crone, 'get', 'l', ask('owner'));
    const [said] = c.take();
    expect(said).toContain('<resource-constraint ');
    expect(said).toContain('XEP-0059');
    iq(c, crone, 'get', 'l', ask('owner', set('')));
    expect(c.take()[0]).toMatch(/<count>31<\/count><\/set><\/query><\/iq>$/);
  });

  test('too long with reasons and nicks: without both', () => {
    const c = coven([], {}, { limits: { listBytes: 200 } });
    iq(c, crone, 'set', 'm', admin(`<item affiliation="member" jid="${jid(0)}" nick="one"><reason>${'r'.repeat(150)}</reason></item>`));
    c.forget();
    iq(c, crone, 'get', 'l', ask('member'));
    c.expect(result(crone, 'l', admin(item('member', 0))));
  });

  test('a list of roles that is too long goes without JIDs, then not at all', () => {
    const c = coven(['thirdwitch'], {}, { limits: { listBytes: 90 } });
    iq(c, crone, 'get', 'l', admin('<item role="participant"/>'));
    c.expect(result(crone, 'l', admin('<item affiliation="none" nick="thirdwitch" role="participant"/>')));
    join(c, hecate, 'hecate');
    c.forget();
    iq(c, crone, 'get', 'l', admin('<item role="participant"/>'));
    c.expect(refusal('iq', ROOM, crone, 'l', 'wait', 'resource-constraint'));
  });

  test('pages: forwards, backwards, the last one, the count alone, and after an entry that is gone', () => {
    const c = coven();
    fill(c, 'member', 10);
    const page = (from: number, count: number): string =>
      result(
        crone,
        'p',
        admin(
          many('member', from, count) +
            set(`<first index="${from}">${jid(from)}</first><last>${jid(from + count - 1)}</last><count>10</count>`),
        ),
      );
    const get = (inner: string): void => {
      iq(c, crone, 'get', 'p', ask('member', set(inner)));
    };
    get('<max>3</max>');
    c.expect(page(0, 3));
    get(`<max>3</max><after>${jid(2)}</after>`);
    c.expect(page(3, 3));
    get(`<max>3</max><before>${jid(6)}</before>`);
    c.expect(page(3, 3));
    get('<max>3</max><before/>');
    c.expect(page(7, 3));
    get(`<after>${jid(4)}x</after>`);
    c.expect(page(5, 5));
    get('<max>2</max><index>4</index>');
    c.expect(page(4, 2));
    get('<max>0</max>');
    c.expect(result(crone, 'p', admin(set('<count>10</count>'))));
    iq(c, crone, 'get', 'p', admin(`<item affiliation="member"/><item affiliation="owner"/>${set('')}`));
    c.expect(refusal('iq', ROOM, crone, 'p', 'modify', 'bad-request'));
    iq(c, hag, 'get', 'p', ask('member', set('')));
    c.expect(refusal('iq', ROOM, hag, 'p', 'auth', 'forbidden'));
  });

  test.each(['outcast', 'member'])(
    'of a reason of 60 KB for "%s" 200 bytes are kept, whole characters, and little is said',
    (affiliation) => {
      const c = coven(['secondwitch']);
      iq(c, crone, 'set', 'b', admin(`<item affiliation="${affiliation}" jid="${HAG}"><reason>a${'é'.repeat(30_000)}</reason></item>`));
      expect(Math.max(...c.take().map(({ length }) => length))).toBeLessThan(2000);
      iq(c, crone, 'get', 'l', ask(affiliation));
      c.expect(result(crone, 'l', admin(`<item affiliation="${affiliation}" jid="${HAG}"><reason>a${'é'.repeat(99)}</reason></item>`)));
    },
  );

  test('a long reason of a kick is cut for everybody', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    iq(c, crone, 'set', 'k', admin(`<item nick="thirdwitch" role="none"><reason>${'r'.repeat(60_000)}</reason></item>`));
    expect(Math.max(...c.take().map(({ length }) => length))).toBeLessThan(2000);
  });
});

describe('found C10: a new reason for what already is', () => {
  const ban = (reason: string): string => admin(`<item affiliation="outcast" jid="${HAG}">${reason}</item>`);

  test('is kept, and nobody is told anew', () => {
    const c = coven(['secondwitch']);
    iq(c, crone, 'set', 'b', ban('<reason>Treason</reason>'));
    c.forget();
    iq(c, crone, 'set', 'b', ban('<reason>Bad poetry</reason>'));
    c.expect(result(crone, 'b'));
    iq(c, crone, 'get', 'l', ask('outcast'));
    c.expect(result(crone, 'l', ban('<reason>Bad poetry</reason>')));
  });

  test('the old one stays when none is given, also with a new nick', () => {
    const c = coven();
    iq(c, crone, 'set', 'm', admin(`<item affiliation="member" jid="${HAG}"><reason>Worthy</reason></item>`));
    iq(c, crone, 'set', 'm', admin(`<item affiliation="member" jid="${HAG}" nick="hag"/>`));
    c.forget();
    iq(c, crone, 'get', 'l', ask('member'));
    c.expect(result(crone, 'l', admin(`<item affiliation="member" jid="${HAG}" nick="hag"><reason>Worthy</reason></item>`)));
  });

  test('found F11: not from who may not change it', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    iq(c, wicca, 'set', 'b', admin('<item affiliation="owner" jid="crone1@shakespeare.lit"><reason>Because</reason></item>'));
    c.expect(refusal('iq', ROOM, wicca, 'b', 'auth', 'forbidden'));
    iq(c, hag, 'set', 'b', ban('<reason>Because</reason>'));
    c.expect(refusal('iq', ROOM, hag, 'b', 'auth', 'forbidden'));
  });
});

describe('found E7: a nick that somebody has on', () => {
  test('the affiliation is granted, the nick is not reserved, and who asked is told', () => {
    const c = coven(['thirdwitch']);
    iq(c, crone, 'set', 'm', admin('<item affiliation="member" jid="hecate@shakespeare.lit" nick="thirdwitch"/>'));
    const said = c.take();
    expect(said[0]).toContain('type="result"');
    expect(said[1]).toContain(`<message from="${ROOM}" to="${crone}"><body>The nickname thirdwitch was not reserved`);
    iq(c, crone, 'get', 'l', ask('member'));
    c.expect(result(crone, 'l', admin('<item affiliation="member" jid="hecate@shakespeare.lit"/>')));
  });

  test('one such nick does not spoil the other items; one reserved for somebody else does', () => {
    const c = coven(['thirdwitch']);
    const named = (who: string, nick: string): string => `<item affiliation="member" jid="${who}@shakespeare.lit" nick="${nick}"/>`;
    iq(c, crone, 'set', 'm', admin(named('ann', 'THIRDWITCH') + named('bob', 'bob')));
    expect(c.take()[0]).toContain('type="result"');
    iq(c, crone, 'get', 'l', ask('member'));
    c.expect(result(crone, 'l', admin(`<item affiliation="member" jid="ann@shakespeare.lit"/>${named('bob', 'bob')}`)));
    iq(c, crone, 'set', 'm', admin(named('eve', 'bob')));
    c.expect(refusal('iq', ROOM, crone, 'm', 'cancel', 'conflict'));
  });

  test('the nick reserved before stays reserved', () => {
    const c = coven(['thirdwitch']);
    iq(c, crone, 'set', 'm', admin('<item affiliation="member" jid="ann@shakespeare.lit" nick="ann"/>'));
    iq(c, crone, 'set', 'm', admin('<item affiliation="admin" jid="ann@shakespeare.lit" nick="thirdwitch"/>'));
    c.forget();
    iq(c, crone, 'get', 'l', ask('admin'));
    expect(c.take()[0]).toContain('<item affiliation="admin" jid="ann@shakespeare.lit" nick="ann"/>');
  });
});

describe('found E11: who reads which list', () => {
  const open = { 'muc#roomconfig_whois': 'anyone' };

  test.each(['member', 'admin', 'owner'])(
    'non-anonymous: the %s list, to who is in, an admin elsewhere, and nobody outside',
    (affiliation) => {
      const c = coven(['thirdwitch'], open);
      iq(c, hag, 'get', 'l', ask(affiliation));
      expect(c.take()[0]).toContain('type="result"');
      iq(c, 'wiccarocks@shakespeare.lit/globe', 'get', 'l', ask(affiliation));
      expect(c.take()[0]).toContain('type="result"');
      iq(c, hecate, 'get', 'l', ask(affiliation));
      c.expect(refusal('iq', ROOM, hecate, 'l', 'auth', 'forbidden'));
    },
  );

  test.each(['member', 'admin', 'owner'])('non-anonymous, lists for moderators alone: the %s list not to a participant', (affiliation) => {
    const c = coven(['secondwitch', 'thirdwitch'], { ...open, 'muc#roomconfig_getmemberlist': 'moderator' });
    iq(c, hag, 'get', 'l', ask(affiliation));
    c.expect(refusal('iq', ROOM, hag, 'l', 'auth', 'forbidden'));
    iq(c, wicca, 'get', 'l', ask(affiliation));
    expect(c.take()[0]).toContain('type="result"');
  });

  test.each(['admin', 'owner'])('semi-anonymous: the %s list to owners only', (affiliation) => {
    const c = coven(['secondwitch']);
    iq(c, wicca, 'get', 'l', ask(affiliation));
    c.expect(refusal('iq', ROOM, wicca, 'l', 'auth', 'forbidden'));
  });
});

test('found F5: with "none" shown, of those who are away a thousand at most', () => {
  const c = coven([], { 'muc#roomconfig_presencebroadcast': ['moderator', 'participant', 'visitor', 'none'] });
  for (let from = 0; from < 1500; from += 500) {
    const items = Array.from({ length: 500 }, (_, i) => `<item affiliation="member" jid="${jid(from + i)}" nick="n${from + i}"/>`);
    iq(c, crone, 'set', 'm', admin(items.join('')));
  }
  c.forget();
  join(c, hag, 'thirdwitch');
  expect(c.take().filter((xml) => xml.includes('type="unavailable"'))).toHaveLength(1000);
});
