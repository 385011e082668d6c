/** Voice, membership and moderator status given and taken, one by one and as lists that are sent back: XEP-0045 §8.3-8.5, §9.1-9.8. */
import type { Conversation } from '../support/conversation';
import { admin, coven, crone, gone, hag, hecate, iq, join, presence, refusal, result, ROOM, submit, wicca, type Item } from './expected';

const participant = { affiliation: 'none', role: 'participant' };
const visitor = { affiliation: 'none', role: 'visitor' };
const member = { affiliation: 'member', role: 'participant' };
const moderator = { affiliation: 'none', role: 'moderator' };
const ACTOR = '<actor nick="firstwitch"/>';
/** The owner, from a client that is not in the room. */
const outside = 'crone1@shakespeare.lit/globe';

/** A change of somebody, as the moderators, the others and that person are shown it, in that order. */
function shown(
  nick: string,
  from: string,
  item: Item,
  inItem: string,
  to: { moderators?: readonly string[]; others?: readonly string[]; more?: object } = {},
): string[] {
  const more = { inItem, ...to.more };
  const self = item.role === 'moderator' ? { ...item, jid: from } : item;
  return [
    ...(to.moderators ?? [crone]).map((each) => presence(nick, each, { ...item, jid: from }, more)),
    ...(to.others ?? []).map((each) => presence(nick, each, item, more)),
    presence(nick, from, self, { ...more, codes: [110] }),
  ];
}

/** Firstwitch sets one item and is told that it worked; then everybody is shown it. */
function grants(c: Conversation, id: string, item: string, expected: readonly string[]): void {
  iq(c, crone, 'set', id, admin(item));
  c.expect(result(crone, id), ...expected);
}

describe('§8.3-8.4 voice', () => {
  test('Examples 94, 96-97 given to a visitor', () => {
    const c = coven(['thirdwitch'], { 'muc#roomconfig_moderatedroom': '1' });
    grants(c, 'voice1', '<item nick="thirdwitch" role="participant"/>', shown('thirdwitch', hag, participant, ACTOR));
  });

  test('Examples 98, 100-101 taken from a participant, also in a room that is not moderated', () => {
    const c = coven(['thirdwitch']);
    grants(c, 'voice2', '<item nick="thirdwitch" role="visitor"/>', shown('thirdwitch', hag, visitor, ACTOR));
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat" id="m"><body>hist</body></message>`);
    c.expect(refusal('message', ROOM, hag, 'm', 'auth', 'forbidden', '<body>hist</body>'));
  });

  test('Example 99 taken with a reason', () => {
    const c = coven(['thirdwitch']);
    const reason = '<reason>Not so worthy after all!</reason>';
    grants(c, 'voice2', `<item nick="thirdwitch" role="visitor">${reason}</item>`, shown('thirdwitch', hag, visitor, ACTOR + reason));
  });

  test('§8.5 Examples 105-106 the voice list sent back: everybody on it is shown', () => {
    const c = coven([], { 'muc#roomconfig_moderatedroom': '1' });
    const [first, second] = ['rosencrantz@hamlet.lit/castle', 'guildenstern@hamlet.lit/castle'];
    join(c, hecate, 'Hecate');
    join(c, first, 'rosencrantz');
    join(c, second, 'guildenstern');
    iq(c, crone, 'set', 'v', admin('<item nick="Hecate" role="participant"/>'));
    c.forget();
    const reason = '<reason>A worthy fellow.</reason>';
    grants(
      c,
      'voice4',
      `<item nick="Hecate" role="visitor"/><item nick="rosencrantz" role="participant">${reason}</item><item nick="guildenstern" role="participant">${reason}</item>`,
      [
        ...shown('Hecate', hecate, visitor, ACTOR, { others: [first, second] }),
        ...shown('rosencrantz', first, participant, ACTOR + reason, { others: [hecate, second] }),
        ...shown('guildenstern', second, participant, ACTOR + reason, { others: [hecate, first] }),
      ],
    );
  });

  test('§8.5 Example 107 not where it takes voice from an admin: nothing of it is applied', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    iq(c, crone, 'set', 'voicetest', admin('<item nick="thirdwitch" role="visitor"/><item nick="secondwitch" role="visitor"/>'));
    c.expect(refusal('iq', ROOM, crone, 'voicetest', 'cancel', 'not-allowed'));
    iq(c, crone, 'get', 'voice3', admin('<item role="visitor"/>'));
    c.expect(result(crone, 'voice3', admin('')));
  });
});

describe('§9.1-9.2 bans', () => {
  test('Examples 110, 112-114 without a reason', () => {
    const c = coven(['thirdwitch']);
    const why = { codes: [301], inItem: ACTOR };
    grants(c, 'ban1', '<item affiliation="outcast" jid="hag66@shakespeare.lit"/>', [
      gone('thirdwitch', hag, { affiliation: 'outcast' }, { ...why, codes: [110, 301] }),
      gone('thirdwitch', crone, { affiliation: 'outcast', jid: hag }, why),
    ]);
  });

  test('Examples 118-119 several in one request, with their reasons in the list', () => {
    const c = coven();
    const item = (jid: string): string => `<item affiliation="outcast" jid="${jid}@shakespeare.lit"><reason>Treason</reason></item>`;
    iq(c, outside, 'set', 'ban3', admin(item('lordscroop') + item('sirthomasgrey')));
    c.expectTo(outside, result(outside, 'ban3'));
    iq(c, outside, 'get', 'ban2', admin('<item affiliation="outcast"/>'));
    c.expect(result(outside, 'ban2', admin(item('lordscroop') + item('sirthomasgrey'))));
  });
});

describe('§9.3-9.5 membership', () => {
  const worthy = '<reason>A worthy witch indeed!</reason>';
  const unworthy = '<reason>Not so worthy after all!</reason>';

  test('Examples 120, 122-123 given with a nickname, which is reserved from then on', () => {
    const c = coven(['thirdwitch']);
    grants(
      c,
      'member1',
      '<item affiliation="member" jid="hag66@shakespeare.lit" nick="thirdwitch"/>',
      shown('thirdwitch', hag, member, ACTOR),
    );
    iq(c, crone, 'get', 'l', admin('<item affiliation="member"/>'));
    c.expect(result(crone, 'l', admin('<item affiliation="member" jid="hag66@shakespeare.lit" nick="thirdwitch"/>')));
  });

  test('§9.3 a nickname in an item is prepared as a resource is: it stands in addresses (RFC 7622 §3.4)', () => {
    const c = coven();
    iq(c, crone, 'set', 'm', admin('<item affiliation="member" jid="hag66@shakespeare.lit" nick="e\u0301va"/>'));
    c.forget();
    iq(c, crone, 'get', 'l', admin('<item affiliation="member"/>'));
    c.expect(result(crone, 'l', admin('<item affiliation="member" jid="hag66@shakespeare.lit" nick="\u00e9va"/>')));
  });

  test('§9.3 an item with an empty nickname gives the reserved one free (1.35.4)', () => {
    const c = coven(['thirdwitch']);
    iq(c, crone, 'set', 'm', admin('<item affiliation="member" jid="hag66@shakespeare.lit" nick="thirdwitch"/>'));
    iq(c, crone, 'set', 'm', admin('<item affiliation="member" jid="hag66@shakespeare.lit" nick=""/>'));
    c.forget();
    iq(c, crone, 'get', 'l', admin('<item affiliation="member"/>'));
    c.expect(result(crone, 'l', admin('<item affiliation="member" jid="hag66@shakespeare.lit"/>')));
  });

  test.each([
    ['moved', ['', 'ann'], ''],
    ['moved, in the other order', ['', 'ann'], '', [1, 0]],
    ['swapped', ['bea', 'ann'], 'bea'],
    ['moved to a new one by its holder', ['cat', 'ann'], 'cat'],
  ])('§9.3 reserved nicknames are %s in one request: what it frees, it can give', (_, [a, b], left, order = [0, 1]) => {
    const c = coven();
    const items = (...nicks: readonly (string | undefined)[]): string[] =>
      ['a@x.lit', 'b@x.lit'].map(
        (jid, i) => `<item affiliation="member" jid="${jid}"${nicks[i] === '' ? ' nick=""' : nicks[i] ? ` nick="${nicks[i]}"` : ''}/>`,
      );
    iq(c, crone, 'set', 'm', admin(items('ann', 'bea').join('')));
    c.forget();
    const given = items(a, b);
    iq(c, crone, 'set', 'm', admin(order.map((i) => given[i]).join('')));
    c.expect(result(crone, 'm'));
    // Who holds which is remembered as it stands in the lists, also after a restart.
    for (const again of [false, true]) {
      if (again) c.restart();
      iq(c, crone, 'get', 'l', admin('<item affiliation="member"/>'));
      const listed = c.take().join('');
      expect(listed).toContain('jid="b@x.lit" nick="ann"');
      expect(listed.includes(`jid="a@x.lit" nick="${left}"`)).toBe(left !== '');
      join(c, 'c@x.lit/1', 'ann');
      expect(c.take().join('')).toContain('<conflict');
      join(c, 'b@x.lit/1', 'ann');
      expect(c.take().join('')).toContain('code="110"');
      c.send(`<presence from="b@x.lit/1" to="${ROOM}/ann" type="unavailable"/>`);
      c.forget();
    }
  });

  test('§9.3 a nickname that its holder keeps, or two are to have, stays whose it is, and nothing of the request is done', () => {
    const c = coven();
    const item = (jid: string, nick?: string): string =>
      `<item affiliation="member" jid="${jid}"${nick === undefined ? '' : ` nick="${nick}"`}/>`;
    iq(c, crone, 'set', 'm', admin(item('a@x.lit', 'ann')));
    c.forget();
    for (const items of [
      item('a@x.lit') + item('b@x.lit', 'ann'),
      item('a@x.lit', 'Ann') + item('b@x.lit', 'ann'),
      item('a@x.lit', '') + item('b@x.lit', 'ann') + item('c@x.lit', 'ann'),
      // The last of two items of one JID is what is left of it.
      item('a@x.lit', '') + item('b@x.lit', 'ann') + item('a@x.lit', 'ann'),
    ]) {
      iq(c, crone, 'set', 'm', admin(items));
      expect(c.take().join('')).toContain('<conflict');
    }
    iq(c, crone, 'get', 'l', admin('<item affiliation="member"/>'));
    c.expect(result(crone, 'l', admin('<item affiliation="member" jid="a@x.lit" nick="ann"/>')));
  });

  test('Example 121 given with a reason', () => {
    const c = coven(['thirdwitch']);
    const item = `<item affiliation="member" jid="hag66@shakespeare.lit" nick="thirdwitch">${worthy}</item>`;
    grants(c, 'member1', item, shown('thirdwitch', hag, member, ACTOR + worthy));
  });

  test('Examples 125-127 taken in an open room: they stay, without it', () => {
    const c = coven(['thirdwitch']);
    iq(c, crone, 'set', 'm', admin('<item affiliation="member" jid="hag66@shakespeare.lit"/>'));
    c.forget();
    const item = `<item affiliation="none" jid="hag66@shakespeare.lit">${unworthy}</item>`;
    grants(c, 'member2', item, shown('thirdwitch', hag, participant, ACTOR + unworthy));
  });

  test('Examples 131-133, 136 the list sent back: who lost and who gained is shown', () => {
    const c = coven(['thirdwitch']);
    join(c, hecate, 'hecate');
    iq(c, crone, 'set', 'm', admin('<item affiliation="member" jid="hag66@shakespeare.lit"/>'));
    c.forget();
    grants(
      c,
      'member4',
      '<item affiliation="none" jid="hag66@shakespeare.lit"/><item affiliation="member" jid="hecate@shakespeare.lit"/>',
      [...shown('thirdwitch', hag, participant, ACTOR, { others: [hecate] }), ...shown('hecate', hecate, member, ACTOR, { others: [hag] })],
    );
  });

  test('§7.11 the member list is for everybody inside where real JIDs are seen anyway, else for admins', () => {
    const c = coven(['thirdwitch']);
    iq(c, hag, 'get', 'member3', admin('<item affiliation="member"/>'));
    c.expect(refusal('iq', ROOM, hag, 'member3', 'auth', 'forbidden'));
    iq(c, crone, 'set', 'c', submit({ 'muc#roomconfig_whois': 'anyone' }));
    c.forget();
    iq(c, hag, 'get', 'member3', admin('<item affiliation="member"/>'));
    c.expect(result(hag, 'member3', admin('')));
    iq(c, hecate, 'get', 'member3', admin('<item affiliation="member"/>'));
    c.expect(refusal('iq', ROOM, hecate, 'member3', 'auth', 'forbidden'));
  });
});

describe('§9.6-9.8 moderator status', () => {
  const others = presence('firstwitch', hag, { affiliation: 'owner', role: 'moderator', jid: crone });

  test('Example 138 given with a reason', () => {
    const c = coven(['thirdwitch']);
    const reason = '<reason>A worthy witch indeed!</reason>';
    const item = `<item nick="thirdwitch" role="moderator">${reason}</item>`;
    grants(c, 'mod1', item, [...shown('thirdwitch', hag, moderator, ACTOR + reason), others]);
  });

  test('Examples 141-144 taken, without and with a reason', () => {
    for (const reason of ['', '<reason>Not so worthy after all!</reason>']) {
      const c = coven(['thirdwitch']);
      iq(c, crone, 'set', 'm', admin('<item nick="thirdwitch" role="moderator"/>'));
      c.forget();
      const item = `<item nick="thirdwitch" role="participant">${reason}</item>`;
      grants(c, 'mod2', item, shown('thirdwitch', hag, participant, ACTOR + reason));
    }
  });

  test('Example 145 never from an admin or owner: not-allowed', () => {
    const c = coven(['secondwitch']);
    iq(c, crone, 'set', 'modtest', admin('<item nick="secondwitch" role="participant"/>'));
    c.expect(refusal('iq', ROOM, crone, 'modtest', 'cancel', 'not-allowed'));
    iq(c, wicca, 'set', 'modtest', admin('<item nick="firstwitch" role="participant"/>'));
    c.expect(refusal('iq', ROOM, wicca, 'modtest', 'cancel', 'not-allowed'));
  });

  test('§9.8 Examples 146-147 the moderator list: nick, role, affiliation, full JID', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    iq(c, crone, 'set', 'm', admin('<item nick="thirdwitch" role="moderator"/>'));
    c.forget();
    iq(c, crone, 'get', 'mod3', admin('<item role="moderator"/>'));
    c.expect(
      result(
        crone,
        'mod3',
        admin(
          `<item affiliation="owner" jid="${crone}" nick="firstwitch" role="moderator"/>` +
            `<item affiliation="admin" jid="${wicca}" nick="secondwitch" role="moderator"/>` +
            `<item affiliation="none" jid="${hag}" nick="thirdwitch" role="moderator"/>`,
        ),
      ),
    );
    iq(c, hag, 'get', 'mod3', admin('<item role="moderator"/>'));
    c.expect(refusal('iq', ROOM, hag, 'mod3', 'auth', 'forbidden'));
  });

  test('§9.8 Examples 148-149 the moderator list sent back', () => {
    const c = coven(['thirdwitch']);
    join(c, hecate, 'Hecate');
    iq(c, crone, 'set', 'm', admin('<item nick="thirdwitch" role="moderator"/>'));
    c.forget();
    grants(c, 'mod4', '<item nick="thirdwitch" role="participant"/><item nick="Hecate" role="moderator"/>', [
      ...shown('thirdwitch', hag, participant, ACTOR, { moderators: [crone, hecate] }),
      ...shown('Hecate', hecate, moderator, ACTOR, { others: [hag] }),
      presence('firstwitch', hecate, { affiliation: 'owner', role: 'moderator', jid: crone }),
      presence('thirdwitch', hecate, { ...participant, jid: hag }),
    ]);
  });

  test('§9.8 Example 150 not where it takes the status from an owner: nothing of it is applied', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    iq(c, wicca, 'set', 'modtest', admin('<item nick="thirdwitch" role="moderator"/><item nick="firstwitch" role="participant"/>'));
    c.expect(refusal('iq', ROOM, wicca, 'modtest', 'cancel', 'not-allowed'));
    iq(c, crone, 'get', 'voice3', admin('<item role="participant"/>'));
    c.expect(result(crone, 'voice3', admin(`<item affiliation="none" jid="${hag}" nick="thirdwitch" role="participant"/>`)));
  });
});
