/** Whose presence the others see (`muc#roomconfig_presencebroadcast`): XEP-0045 §7.2.2, §10.2.1. */
import type { Conversation } from '../support/conversation';
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
  presence,
  refusal,
  result,
  ROOM,
  submit,
  wicca,
} from './expected';

const visitor = { affiliation: 'none', role: 'visitor' };
const plain = { affiliation: 'none', role: 'participant' };
const owner = { affiliation: 'owner', role: 'moderator' };
const adminItem = { affiliation: 'admin', role: 'moderator' };
const by = '<actor nick="firstwitch"/>';
const BROADCAST = 'muc#roomconfig_presencebroadcast';
const ITEMS = '<query xmlns="http://jabber.org/protocol/disco#items"/>';

/** A moderated room whose visitors are not seen. */
const shy = (who: ('secondwitch' | 'thirdwitch')[] = ['secondwitch', 'thirdwitch']): Conversation =>
  coven(who, { 'muc#roomconfig_moderatedroom': '1', [BROADCAST]: ['moderator', 'participant'] });

const setRole = (c: Conversation, role: string, nick = 'thirdwitch'): void => {
  iq(c, crone, 'set', 'role', admin(`<item nick="${nick}" role="${role}"/>`));
};

describe('§7.2.2 a visitor who is not seen', () => {
  test('enters: sees the others and themselves, the others see nothing', () => {
    const c = shy(['secondwitch']);
    join(c, hag, 'thirdwitch');
    c.expect(
      presence('firstwitch', hag, owner),
      presence('secondwitch', hag, adminItem),
      presence('thirdwitch', hag, visitor, { id: 'n13mt3l', codes: [110] }),
      noSubject(hag),
    );
  });

  test('people who enter later are not shown the visitor', () => {
    const c = shy(['thirdwitch']);
    join(c, hecate, 'hecate');
    c.expect(
      presence('firstwitch', hecate, owner),
      presence('hecate', hecate, visitor, { id: 'n13mt3l', codes: [110] }),
      noSubject(hecate),
    );
  });

  test('changes status: nobody else hears of it', () => {
    const c = shy();
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" id="p1"><show>away</show></presence>`);
    c.expect(presence('thirdwitch', hag, visitor, { id: 'p1', codes: [110], content: '<show>away</show>' }));
  });

  test('changes nick: nobody else hears of it', () => {
    const c = shy();
    c.send(`<presence from="${hag}" to="${ROOM}/oldhag" id="p1"/>`);
    c.expect(
      gone('thirdwitch', hag, { affiliation: 'none', nick: 'oldhag' }, { codes: [110, 303], occupant: 'thirdwitch' }).replace(
        'role="none"',
        'role="visitor"',
      ),
      presence('oldhag', hag, visitor, { id: 'p1', codes: [110], occupant: 'thirdwitch' }),
    );
  });

  test('leaves: nobody else hears of it', () => {
    const c = shy();
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable" id="p1"/>`);
    c.expect(gone('thirdwitch', hag, { affiliation: 'none' }, { id: 'p1', codes: [110] }));
  });

  test('is kicked: only the visitor and the moderator hear of it', () => {
    const c = shy();
    setRole(c, 'none');
    c.expect(gone('thirdwitch', hag, { affiliation: 'none' }, { codes: [110, 307], inItem: by }), result(crone, 'role'));
  });

  test('gets voice: now the others see them', () => {
    const c = shy();
    setRole(c, 'participant');
    c.expect(
      result(crone, 'role'),
      presence('thirdwitch', crone, { ...plain, jid: hag }, { inItem: by }),
      presence('thirdwitch', wicca, { ...plain, jid: hag }, { inItem: by }),
      presence('thirdwitch', hag, plain, { inItem: by, codes: [110] }),
    );
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    c.expect(
      gone('thirdwitch', hag, { affiliation: 'none' }, { codes: [110] }),
      gone('thirdwitch', crone, { affiliation: 'none', jid: hag }),
      gone('thirdwitch', wicca, { affiliation: 'none', jid: hag }),
    );
  });

  test('loses it again: disappears for the others, and knows that they are still in', () => {
    const c = shy();
    setRole(c, 'participant');
    c.forget();
    setRole(c, 'visitor');
    c.expect(
      result(crone, 'role'),
      gone('thirdwitch', crone, { affiliation: 'none', jid: hag }),
      gone('thirdwitch', wicca, { affiliation: 'none', jid: hag }),
      presence('thirdwitch', hag, visitor, { inItem: by, codes: [110] }),
    );
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    c.expect(gone('thirdwitch', hag, { affiliation: 'none' }, { codes: [110] }));
  });

  test('hears what is said, keeps the nick taken, and is named in disco#items to themselves only', () => {
    const c = shy(['thirdwitch']);
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat" id="m"><body>Hail</body></message>`);
    c.expect(
      message('firstwitch', crone, '<body>Hail</body>', 'hail', { id: 'm' }),
      message('firstwitch', hag, '<body>Hail</body>', 'hail', { id: 'm' }),
    );
    join(c, hecate, 'thirdwitch');
    c.expect(
      refusal('presence', `${ROOM}/thirdwitch`, hecate, 'n13mt3l', 'cancel', 'conflict', '<x xmlns="http://jabber.org/protocol/muc"/>'),
    );
    const items = (...nicks: string[]): string =>
      `<query xmlns="http://jabber.org/protocol/disco#items">${nicks.map((nick) => `<item jid="${ROOM}/${nick}"/>`).join('')}</query>`;
    iq(c, crone, 'get', 'd', ITEMS);
    c.expect(result(crone, 'd', items('firstwitch')));
    iq(c, hag, 'get', 'd', ITEMS);
    c.expect(result(hag, 'd', items('firstwitch', 'thirdwitch')));
  });

  test('a probe to a hidden visitor is not answered, their own probe is', () => {
    const c = shy();
    c.send(`<presence from="${crone}" to="${ROOM}/thirdwitch" type="probe"/>`);
    c.expect();
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="probe"/>`);
    c.expect(presence('thirdwitch', hag, visitor, { codes: [110] }));
  });

  test('after a crash only those who had seen the visitor hear of them', () => {
    const c = shy(['secondwitch']);
    c.restart();
    c.forget();
    join(c, hag, 'thirdwitch');
    c.forget();
    c.restart(false);
    for (const stanza of c.take()) expect(stanza).toContain(` to="${hag}"`);
  });

  test('after a crash it is said again that they are out of sight, also if they have left since', () => {
    for (const leaves of [false, true]) {
      const c = shy(['thirdwitch']);
      setRole(c, 'participant');
      c.restart();
      c.forget();
      setRole(c, 'visitor');
      if (leaves) c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
      c.forget();
      c.restart(false);
      c.expectTo(crone, gone('thirdwitch', crone, { affiliation: 'none', jid: hag }));
    }
  });

  test('after a crash a visitor who came into sight is shown', () => {
    const c = shy(['thirdwitch']);
    setRole(c, 'participant');
    c.restart();
    c.forget();
    setRole(c, 'visitor');
    setRole(c, 'participant');
    c.forget();
    c.restart(false);
    c.expectTo(crone, gone('thirdwitch', crone, { affiliation: 'none', jid: hag }), presence('thirdwitch', crone, { ...plain, jid: hag }));
  });

  test('after a restart they are still not seen', () => {
    const c = shy();
    c.restart();
    c.forget();
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" id="p1"><show>dnd</show></presence>`);
    c.expect(presence('thirdwitch', hag, visitor, { id: 'p1', codes: [110], content: '<show>dnd</show>' }));
  });
});

describe('§10.2.1 changing it', () => {
  test('104; who comes into sight is shown, who goes out of it is gone', () => {
    const c = coven(['thirdwitch'], { 'muc#roomconfig_moderatedroom': '1' });
    iq(c, crone, 'set', 'c', submit({ [BROADCAST]: ['moderator', 'participant'] }));
    c.expect(result(crone, 'c'), gone('thirdwitch', crone, { affiliation: 'none', jid: hag }), notice(crone, 104), notice(hag, 104));
    iq(c, crone, 'set', 'c', submit({ [BROADCAST]: ['moderator', 'participant', 'visitor'] }));
    c.expect(result(crone, 'c'), presence('thirdwitch', crone, { ...visitor, jid: hag }), notice(crone, 104), notice(hag, 104));
  });

  test('104 is said once, whatever else has changed with it', () => {
    const c = coven();
    iq(c, crone, 'set', 'c', submit({ [BROADCAST]: ['moderator'], 'muc#roomconfig_roomname': 'A Dark Cave' }));
    c.expect(result(crone, 'c'), notice(crone, 104));
  });

  test('104 beside 102 and 103 if the roles have changed too', () => {
    const c = coven();
    iq(c, crone, 'set', 'c', submit({ [BROADCAST]: ['moderator', 'none'] }));
    c.expect(result(crone, 'c'), notice(crone, 104), notice(crone, 102));
    iq(c, crone, 'set', 'c', submit({ [BROADCAST]: ['moderator', 'visitor'] }));
    c.expect(result(crone, 'c'), notice(crone, 104), notice(crone, 103));
  });

  test('nobody is seen: everybody sees only themselves', () => {
    const c = coven(['secondwitch'], { [BROADCAST]: [] });
    join(c, hag, 'thirdwitch');
    c.expect(presence('thirdwitch', hag, plain, { id: 'n13mt3l', codes: [110] }), noSubject(hag));
  });

  test('an unknown role: not-acceptable', () => {
    const c = coven();
    iq(c, crone, 'set', 'c', submit({ [BROADCAST]: ['everybody'] }));
    c.expect(refusal('iq', ROOM, crone, 'c', 'modify', 'not-acceptable'));
  });
});

describe('§10.2.1 affiliated people who are not there', () => {
  const ALL = ['moderator', 'participant', 'visitor'];
  const reserve = (c: Conversation): void => {
    const member = '<item affiliation="member" jid="hecate@shakespeare.lit" nick="hecate"/>';
    iq(c, crone, 'set', 'm', admin(`${member}<item affiliation="member" jid="nickless@shakespeare.lit"/>`));
    iq(c, crone, 'set', 'b', admin('<item affiliation="outcast" jid="banned@shakespeare.lit"/>'));
    c.forget();
  };

  test('102: from now on those with a reserved nick are shown, at once and to whoever enters', () => {
    const c = coven();
    reserve(c);
    iq(c, crone, 'set', 'c', submit({ [BROADCAST]: [...ALL, 'none'] }));
    c.expect(result(crone, 'c'), notice(crone, 102), gone('hecate', crone, { affiliation: 'member' }));
    join(c, hag, 'thirdwitch');
    c.expectTo(
      hag,
      presence('firstwitch', hag, owner),
      gone('hecate', hag, { affiliation: 'member' }),
      presence('thirdwitch', hag, plain, { id: 'n13mt3l', codes: [110] }),
      noSubject(hag),
    );
  });

  test('after a crash they are said again with the 102', () => {
    const c = coven();
    reserve(c);
    c.restart();
    c.forget();
    iq(c, crone, 'set', 'c', submit({ [BROADCAST]: [...ALL, 'none'] }));
    c.forget();
    c.restart(false);
    c.expect(notice(crone, 102), gone('hecate', crone, { affiliation: 'member' }));
  });

  test('103: from now on they are not', () => {
    const c = coven([], { [BROADCAST]: [...ALL, 'none'] });
    reserve(c);
    iq(c, crone, 'set', 'c', submit({ [BROADCAST]: ALL }));
    c.expect(result(crone, 'c'), notice(crone, 103));
    join(c, hag, 'thirdwitch');
    c.expectTo(
      hag,
      presence('firstwitch', hag, owner),
      presence('thirdwitch', hag, plain, { id: 'n13mt3l', codes: [110] }),
      noSubject(hag),
    );
  });

  test('those of them who are there are shown as they are, once', () => {
    const c = coven([], { [BROADCAST]: [...ALL, 'none'] });
    reserve(c);
    join(c, hecate, 'hecate');
    const member = { affiliation: 'member', role: 'participant' };
    c.expectTo(
      hecate,
      presence('firstwitch', hecate, owner),
      presence('hecate', hecate, member, { id: 'n13mt3l', codes: [110] }),
      noSubject(hecate),
    );
    join(c, hag, 'thirdwitch');
    c.expectTo(
      hag,
      presence('firstwitch', hag, owner),
      presence('hecate', hag, member),
      presence('thirdwitch', hag, plain, { id: 'n13mt3l', codes: [110] }),
      noSubject(hag),
    );
  });
});
