/** Lists, archives, probes and deadlines as a room's options have them: XEP-0045 §6.5, §9.5, §10.1.1, §14.6, §17.3. */
import { conversation, type Conversation } from '../support/conversation';
import {
  admin,
  coven,
  crone,
  gone,
  hag,
  hecate,
  iq,
  join,
  message,
  noSubject,
  notice,
  owner as ownerQuery,
  presence,
  refusal,
  result,
  ROOM,
  submit,
  wicca,
  X,
} from './expected';

const plain = { affiliation: 'none', role: 'participant' };
const owner = { affiliation: 'owner', role: 'moderator' };
const THIRD = `${ROOM}/thirdwitch`;

describe('§6.5 the occupants in disco#items', () => {
  const ITEMS = 'http://jabber.org/protocol/disco#items';
  const list = (...nicks: string[]): string =>
    `<query xmlns="${ITEMS}">${nicks.map((nick) => `<item jid="${ROOM}/${nick}"/>`).join('')}</query>`;

  test('Example 12: public, to a stranger', () => {
    const c = coven(['secondwitch'], { 'muc#roomconfig_publiclist': '1' });
    iq(c, hag, 'get', 'kl2fax27', list());
    c.expect(result(hag, 'kl2fax27', list('firstwitch', 'secondwitch')));
  });

  test('Example 13: private, which is the default: nothing to a stranger, all to an occupant', () => {
    const c = coven(['secondwitch']);
    iq(c, hag, 'get', 'kl2fax27', list());
    c.expect(result(hag, 'kl2fax27', list()));
    iq(c, wicca, 'get', 'kl2fax27', list());
    c.expect(result(wicca, 'kl2fax27', list('firstwitch', 'secondwitch')));
  });
});

describe('§9.5 who reads the member list (muc#roomconfig_getmemberlist)', () => {
  const members = admin('<item affiliation="member"/>');
  const open = { 'muc#roomconfig_whois': 'anyone', 'muc#roomconfig_roomadmins': 'wiccarocks@shakespeare.lit' };
  const setUp = (fields: Record<string, string | readonly string[]>): Conversation => {
    const c = coven(['secondwitch', 'thirdwitch'], fields);
    iq(c, crone, 'set', 'aff', admin('<item affiliation="member" jid="hecate@shakespeare.lit" nick="hecate"/>'));
    c.forget();
    return c;
  };
  const listed = admin('<item affiliation="member" jid="hecate@shakespeare.lit" nick="hecate"/>');

  test('Example 130: an admin, always', () => {
    const c = setUp({ ...open, 'muc#roomconfig_getmemberlist': [] });
    iq(c, wicca, 'get', 'member3', members);
    c.expect(result(wicca, 'member3', listed));
  });

  test('in a non-anonymous room the roles that the option names', () => {
    const c = setUp(open);
    iq(c, hag, 'get', 'member3', members);
    c.expect(result(hag, 'member3', listed));
    // A member outside the room reads it by the role that they would have.
    iq(c, hecate, 'get', 'member3', members);
    c.expect(result(hecate, 'member3', listed));
    iq(c, crone, 'set', 'c', submit({ 'muc#roomconfig_getmemberlist': 'moderator' }));
    c.forget();
    iq(c, hag, 'get', 'member3', members);
    c.expect(refusal('iq', ROOM, hag, 'member3', 'auth', 'forbidden'));
    iq(c, hecate, 'get', 'member3', members);
    c.expect(refusal('iq', ROOM, hecate, 'member3', 'auth', 'forbidden'));
  });

  test('in a semi-anonymous room none but admins: it names real JIDs', () => {
    const c = setUp({ 'muc#roomconfig_getmemberlist': ['moderator', 'participant', 'visitor'] });
    iq(c, hag, 'get', 'member3', members);
    c.expect(refusal('iq', ROOM, hag, 'member3', 'auth', 'forbidden'));
  });

  test('nobody from outside without an affiliation', () => {
    const c = setUp(open);
    iq(c, 'pistol@shakespeare.lit/x', 'get', 'member3', members);
    c.expect(refusal('iq', ROOM, 'pistol@shakespeare.lit/x', 'member3', 'auth', 'forbidden'));
  });
});

describe('muc#roomconfig_enablearchiving', () => {
  const say = (c: Conversation, text: string): void => {
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat" id="${text}"><body>${text}</body></message>`);
  };

  test('off: messages have no stanza-id, and whoever enters gets no history of them', () => {
    const c = coven([], { 'muc#roomconfig_enablearchiving': '0' });
    say(c, 'hush');
    c.expect(message('firstwitch', crone, '<body>hush</body>', null, { id: 'hush' }));
    join(c, hag, 'thirdwitch');
    c.expectTo(
      hag,
      presence('firstwitch', hag, owner),
      presence('thirdwitch', hag, plain, { id: 'n13mt3l', codes: [110] }),
      noSubject(hag),
    );
  });

  test('switched on later: what is said from then on is kept', () => {
    const c = coven([], { 'muc#roomconfig_enablearchiving': '0' });
    say(c, 'hush');
    iq(c, crone, 'set', 'c', submit({ 'muc#roomconfig_enablearchiving': '1' }));
    c.expect(message('firstwitch', crone, '<body>hush</body>', null, { id: 'hush' }), result(crone, 'c'), notice(crone, 104));
    say(c, 'hear');
    c.expect(message('firstwitch', crone, '<body>hear</body>', 'hear', { id: 'hear' }));
    join(c, hag, 'thirdwitch');
    c.expectTo(
      hag,
      presence('firstwitch', hag, owner),
      presence('thirdwitch', hag, plain, { id: 'n13mt3l', codes: [110] }),
      message('firstwitch', hag, '<body>hear</body>', 'hear', { id: 'hear', delay: '{stamp}' }),
      noSubject(hag),
    );
  });
});

describe('§17.3 probes', () => {
  const probe = (c: Conversation, from: string, nick: string): void => {
    c.send(`<presence from="${from}" to="${ROOM}/${nick}" type="probe"/>`);
  };

  test('to an occupant: their presence, with the real JID for those entitled', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    probe(c, hag, 'firstwitch');
    c.expect(presence('firstwitch', hag, owner));
    probe(c, wicca, 'thirdwitch');
    c.expect(presence('thirdwitch', wicca, { ...plain, jid: hag }));
    probe(c, hag, 'thirdwitch');
    c.expect(presence('thirdwitch', hag, plain, { codes: [110] }));
  });

  test('from outside, to nobody, to the room: nothing', () => {
    const c = coven(['thirdwitch']);
    probe(c, hecate, 'firstwitch');
    probe(c, hag, 'pistol');
    c.send(`<presence from="${hag}" to="${ROOM}" type="probe"/>`);
    c.expect();
  });
});

describe('§10.1.1, §14.6 a room that its creator never configures', () => {
  const MINUTE = 60_000;
  const setUp = (): Conversation => {
    const c = conversation({ limits: { lockedMinutes: 5 } });
    join(c, crone, 'firstwitch');
    c.forget();
    return c;
  };

  test('is given up after a while: its creator is told, and the name is free', () => {
    const c = setUp();
    c.advance(5 * MINUTE - 1000);
    c.input(ROOM, { kind: 'timer' });
    c.expect();
    join(c, hag, 'thirdwitch');
    c.expect(refusal('presence', THIRD, hag, 'n13mt3l', 'cancel', 'item-not-found', X));
    c.advance(1000);
    c.input(ROOM, { kind: 'timer' });
    c.expect(gone('firstwitch', crone, { affiliation: 'none' }, { codes: [110], destroy: '<destroy/>' }));
    join(c, hag, 'thirdwitch');
    expect(c.take().join('')).toContain('code="201"');
  });

  test('after a restart too', () => {
    const c = setUp();
    c.restart();
    c.advance(5 * MINUTE);
    c.input(ROOM, { kind: 'timer' });
    c.expect(gone('firstwitch', crone, { affiliation: 'none' }, { codes: [110], destroy: '<destroy/>' }));
  });

  test('one that was configured stays', () => {
    const c = setUp();
    iq(c, crone, 'set', 'create', ownerQuery('<x xmlns="jabber:x:data" type="submit"/>'));
    c.expect(result(crone, 'create'));
    c.advance(500 * MINUTE);
    c.input(ROOM, { kind: 'timer' });
    c.expect();
  });
});
