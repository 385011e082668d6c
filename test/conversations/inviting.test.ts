/** Mediated invitations, declines, and one-to-one chats that become rooms: XEP-0045 §7.8, §7.9, §9.5; XEP-0249. */
import { conversation, parse } from '../support/conversation';
import {
  admin,
  announced,
  coven,
  crone,
  hag,
  hecate,
  iq,
  join,
  message,
  noSubject,
  notice101,
  presence,
  refusal,
  result,
  ROOM,
  status,
  wicca,
} from './expected';
import { asFull } from '../support/jids';

const MUC = 'http://jabber.org/protocol/muc';
const bare = asFull('hecate@shakespeare.lit');
const REASON = 'Hey Hecate, this is the place for all good witches!';
const user = (inner: string): string => `<x xmlns="${MUC}#user">${inner}</x>`;
const ask = (from: string, inner: string, id = 'nzd143v8'): string =>
  `<message from="${from}" id="${id}" to="${ROOM}">${user(inner)}</message>`;
const invite = (to: string, inner = `<reason>${REASON}</reason>`): string => `<invite to="${to}">${inner}</invite>`;
const direct = (more = ''): string => `<x xmlns="jabber:x:conference" jid="${ROOM}"${more}`;
const sent = (from: string, to: string, after = '', more = ''): string =>
  `<message from="${ROOM}" id="nzd143v8" to="${to}">${user(`<invite from="${from}"><reason>${REASON}</reason></invite>${after}`)}` +
  `${direct(` reason="${REASON}"${more}`)}>${REASON}</x></message>`;
const decline = (from: string, to: string): string =>
  `<message from="${from}" id="jk2vs61v" to="${ROOM}">${user(`<decline to="${to}"><reason>Sorry, I'm too busy right now.</reason></decline>`)}</message>`;
const declined = (to: string): string =>
  `<message from="${ROOM}" id="jk2vs61v" to="${to}">${user(`<decline from="${bare}"><reason>Sorry, I'm too busy right now.</reason></decline>`)}</message>`;

describe('§7.8.2 mediated invitations', () => {
  test('Examples 56, 57, 213, 215: in a room with a password, which goes along; a non-anonymous room shows the real JID', () => {
    const c = coven([], {
      'muc#roomconfig_whois': 'anyone',
      'muc#roomconfig_passwordprotectedroom': '1',
      'muc#roomconfig_roomsecret': 'cauldronburn',
    });
    c.send(ask(crone, invite(bare)));
    c.expect(sent('crone1@shakespeare.lit', bare, '<password>cauldronburn</password>', ' password="cauldronburn"'));
  });

  test('Example 217: a password that the client puts in is ignored, the room adds its own', () => {
    const c = coven([], {
      'muc#roomconfig_whois': 'anyone',
      'muc#roomconfig_passwordprotectedroom': '1',
      'muc#roomconfig_roomsecret': 'cauldronburn',
    });
    c.send(ask(crone, `${invite(bare)}<password>another</password>`));
    c.expect(sent('crone1@shakespeare.lit', bare, '<password>cauldronburn</password>', ' password="cauldronburn"'));
    const open = coven([], { 'muc#roomconfig_whois': 'anyone' });
    open.send(ask(crone, `${invite(bare)}<password>another</password>`));
    open.expect(sent('crone1@shakespeare.lit', bare));
  });

  test('Examples 58, 59: a decline finds the inviter', () => {
    const c = coven([], { 'muc#roomconfig_whois': 'anyone' });
    c.send(ask(crone, invite(bare)));
    c.forget();
    c.send(decline(hecate, 'crone1@shakespeare.lit'));
    c.expect(declined(crone));
    c.send(decline(hecate, 'crone1@shakespeare.lit'));
    expect(c.take().join('')).toContain('item-not-found');
  });

  test('in a semi-anonymous room the inviter is shown, and declined, by occupant JID; also after a restart, wherever the inviter is', () => {
    const c = coven(['thirdwitch']);
    c.send(ask(hag, invite(bare)));
    c.expect(sent(`${ROOM}/thirdwitch`, bare));
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    c.restart();
    c.forget();
    c.send(decline(hecate, `${ROOM}/thirdwitch`));
    c.expect(declined('hag66@shakespeare.lit'));
  });

  test('with a reason that would make three times as long an invitation: not-acceptable, and nobody is invited', () => {
    const c = coven();
    const long = invite(bare, `<reason>${'x'.repeat(1001)}</reason>`);
    c.send(ask(crone, long));
    c.expect(refusal('message', ROOM, crone, 'nzd143v8', 'modify', 'not-acceptable', user(long)));
  });

  test('of its kind: a reason in letters of two bytes, and the name of a thread that goes on, have the same bound; a long decline is cut', () => {
    const c = coven(['thirdwitch']);
    for (const inner of [`<reason>${'é'.repeat(501)}</reason>`, `<continue thread="${'x'.repeat(1001)}"/>`]) {
      const long = invite(bare, inner);
      c.send(ask(crone, long));
      c.expect(refusal('message', ROOM, crone, 'nzd143v8', 'modify', 'not-acceptable', user(long)));
    }
    c.send(ask(hag, invite(bare)));
    c.forget();
    const no = `<decline to="${ROOM}/thirdwitch"><reason>${'é'.repeat(10_000)}</reason></decline>`;
    c.send(`<message from="${hecate}" id="no" to="${ROOM}">${user(no)}</message>`);
    c.expect(
      `<message from="${ROOM}" id="no" to="${hag}">${user(`<decline from="${bare}"><reason>${'é'.repeat(500)}</reason></decline>`)}</message>`,
    );
  });

  test('found F11: who is banned is told only to those who may read that list; to others all looks as if they were not', () => {
    const isTo = (stanza: string): boolean => parse(stanza).attrs['to'] === bare;
    const play = (from: string, banned: boolean, again: string): string[] => {
      const c = coven(['thirdwitch']);
      if (banned) iq(c, crone, 'set', 'ban', admin(`<item affiliation="outcast" jid="${bare}"/>`));
      c.forget();
      for (const inner of [invite(bare), invite(bare), again]) c.send(ask(from, inner));
      return c.take().filter((stanza) => !isTo(stanza));
    };
    for (const again of [invite(bare).repeat(50), invite(bare).repeat(51), invite(bare, `<reason>${'x'.repeat(1001)}</reason>`)])
      expect(play(hag, true, again)).toEqual(play(hag, false, again));
    expect(play(crone, true, invite(bare)).join('')).toContain('not-allowed');
    const c = coven(['thirdwitch']);
    iq(c, crone, 'set', 'ban', admin(`<item affiliation="outcast" jid="shakespeare.lit"/>`));
    c.forget();
    c.send(ask(hag, invite(bare)));
    expect(c.take().filter(isTo)).toEqual([]);
  });

  test('in a semi-anonymous room the invited person cannot find out by declining who invited them', () => {
    const answers = ['hag66@shakespeare.lit', 'nobody@shakespeare.lit'].map((guess) => {
      const c = coven(['thirdwitch']);
      c.send(ask(hag, invite(bare)));
      c.forget();
      c.send(decline(hecate, guess));
      return c.take();
    });
    expect(answers[0]).toEqual(answers[1]);
  });

  test('a failed invitation is told to the inviter alone: item-not-found if there is nobody, also after a restart', () => {
    const c = coven(['thirdwitch']);
    c.send(ask(hag, invite(bare)));
    c.restart();
    c.forget();
    c.input(ROOM, { kind: 'bounced', bounce: { jid: bare, condition: 'service-unavailable' } });
    c.expect(refusal('message', ROOM, hag, 'nzd143v8', 'cancel', 'item-not-found', user(`<invite to="${bare}"/>`)));
    c.input(ROOM, { kind: 'bounced', bounce: { jid: bare, condition: 'service-unavailable' } });
    c.expect();
  });

  test('another failure keeps its condition', () => {
    const c = coven(['thirdwitch']);
    c.send(ask(hag, invite(bare)));
    c.forget();
    c.input(ROOM, { kind: 'bounced', bounce: { jid: bare, condition: 'remote-server-timeout' } });
    c.expect(refusal('message', ROOM, hag, 'nzd143v8', 'wait', 'remote-server-timeout', user(`<invite to="${bare}"/>`)));
  });

  test('several at once, all or none: a JID that is none refuses the message', () => {
    const c = coven();
    c.send(ask(crone, `${invite(bare)}${invite('@@')}`));
    c.expect(refusal('message', ROOM, crone, 'nzd143v8', 'modify', 'jid-malformed', user(`${invite(bare)}${invite('@@')}`)));
    c.send(ask(crone, `${invite(bare)}${invite('bard@shakespeare.lit')}`));
    c.expect(sent(`${ROOM}/firstwitch`, bare), sent(`${ROOM}/firstwitch`, 'bard@shakespeare.lit'));
  });

  test('from somebody who is not in: not-acceptable; of an outcast: not-allowed; of an occupant JID: item-not-found', () => {
    const c = coven();
    c.send(ask(hecate, invite('bard@shakespeare.lit')));
    c.expect(refusal('message', ROOM, hecate, 'nzd143v8', 'modify', 'not-acceptable', user(invite('bard@shakespeare.lit'))));
    iq(c, crone, 'set', 'b', admin(`<item affiliation="outcast" jid="${bare}"/>`));
    c.forget();
    c.send(ask(crone, invite(bare)));
    c.expect(refusal('message', ROOM, crone, 'nzd143v8', 'cancel', 'not-allowed', user(invite(bare))));
    c.send(ask(crone, invite(`${ROOM}/x`)));
    c.expect(refusal('message', ROOM, crone, 'nzd143v8', 'cancel', 'item-not-found', user(invite(`${ROOM}/x`))));
  });
});

describe('§9.5 members-only rooms', () => {
  const membersOnly = (more: Record<string, string> = {}) => {
    const c = coven([], { 'muc#roomconfig_membersonly': '1', ...more });
    iq(c, crone, 'set', 'm', admin('<item affiliation="member" jid="hag66@shakespeare.lit"/>'));
    join(c, hag, 'thirdwitch');
    c.forget();
    return c;
  };

  test('an admin who invites makes the invited a member', () => {
    const c = membersOnly();
    c.send(ask(crone, invite(bare)));
    c.expect(announced(crone, bare, 'member'), notice101(bare, 'member'), sent(`${ROOM}/firstwitch`, bare));
    join(c, hecate, 'hecate');
    expect(c.take().join('')).not.toContain('type="error"');
  });

  test('Example 135: a mere member may not: forbidden', () => {
    const c = membersOnly();
    c.send(ask(hag, invite(bare)));
    c.expect(refusal('message', ROOM, hag, 'nzd143v8', 'auth', 'forbidden', user(invite(bare))));
  });

  test('…unless the room lets members invite: then the invited becomes a member', () => {
    const c = membersOnly({ 'muc#roomconfig_allowinvites': '1' });
    c.send(ask(hag, invite(bare)));
    c.expect(announced(crone, bare, 'member'), notice101(bare, 'member'), sent(`${ROOM}/thirdwitch`, bare));
  });

  test('Example 134: a new member gets an invitation, with the password', () => {
    const c = membersOnly({ 'muc#roomconfig_passwordprotectedroom': '1', 'muc#roomconfig_roomsecret': 'cauldronburn' });
    iq(c, crone, 'set', 'member4', admin(`<item affiliation="member" jid="${bare}"/>`));
    c.expect(
      result(crone, 'member4'),
      announced(crone, bare, 'member'),
      notice101(bare, 'member'),
      `<message from="${ROOM}" to="${bare}">${user(`<invite from="${ROOM}/firstwitch"/><password>cauldronburn</password>`)}${direct(' password="cauldronburn"')}/></message>`,
    );
  });

  test('an open room sends none, unless it wants to: then a direct one (XEP-0249)', () => {
    const c = coven([], { '{urn:parlour:room}inviteaffiliated': '1' });
    iq(c, crone, 'set', 'm', admin(`<item affiliation="member" jid="${bare}"/>`));
    c.expect(
      result(crone, 'm'),
      announced(crone, bare, 'member'),
      notice101(bare, 'member'),
      `<message from="${ROOM}" to="${bare}">${direct()}/></message>`,
    );
  });
});

describe('§7.9 a one-to-one chat becomes a room', () => {
  const THREAD = 'e0ffe42b28561960c6b12b944a092794b9683a38';
  const BODY = `<thread>${THREAD}</thread><body>Thrice the brinded cat hath mew'd.</body>`;
  const delay = (from: string): string => `<delay xmlns="urn:xmpp:delay" from="${from}" stamp="2004-09-29T01:54:37Z"/>`;

  test('Example 61: one of the two makes the room', () => {
    const c = conversation();
    c.send(`<presence from="${crone}" to="${ROOM}/firstwitch"><x xmlns="${MUC}"/></presence>`);
    c.expect(
      presence('firstwitch', crone, { affiliation: 'owner', role: 'moderator', jid: crone }, { codes: [110, 201] }),
      noSubject(crone),
    );
  });

  test('Examples 62, 65: the owner brings history, which keeps its time and gets no other; nobody learns the real JID by it', () => {
    const c = coven();
    c.send(`<message from="${crone}" id="b4va73n0" to="${ROOM}" type="groupchat">${BODY}${delay(crone)}</message>`);
    c.expect(message('firstwitch', crone, delay(ROOM) + BODY, '1', { id: 'b4va73n0' }));
    join(c, hag, 'thirdwitch');
    const [history] = c.take().filter((stanza) => stanza.includes('brinded') && stanza.includes(`to="${hag}"`));
    expect(history?.match(/<delay/g)).toHaveLength(1);
    expect(history).toContain('stamp="2004-09-29T01:54:37');
    expect(history).not.toContain('crone1@');
  });

  test('nobody else may backdate their messages: the room adds the time it got them', () => {
    const c = coven(['thirdwitch']);
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat"><body>x</body>${delay('hag66@shakespeare.lit')}</message>`);
    c.forget();
    join(c, hecate, 'hecate');
    const [history] = c.take().filter((stanza) => stanza.includes('<body>x') && stanza.includes(`to="${hecate}"`));
    expect(history).toContain(`from="${ROOM}" stamp="2026`);
  });

  test('Examples 63, 64: the invited are told that, and in which thread, it goes on', () => {
    const c = coven([], { 'muc#roomconfig_whois': 'anyone' });
    const goesOn = `<continue thread="${THREAD}"/>`;
    c.send(ask(crone, `${invite(wicca, goesOn)}${invite('hag66@shakespeare.lit', goesOn)}`));
    const told = (to: string): string =>
      `<message from="${ROOM}" id="nzd143v8" to="${to}">${user(`<invite from="crone1@shakespeare.lit">${goesOn}</invite>`)}${direct(` continue="true" thread="${THREAD}"`)}/></message>`;
    c.expect(told(wicca), told('hag66@shakespeare.lit'));
  });
});

test('§18.1 status 101 is a message to the bare JID, with the reason and without a body', () => {
  const c = coven();
  iq(c, crone, 'set', 'm', admin(`<item affiliation="member" jid="${bare}"><reason>A worthy witch indeed!</reason></item>`));
  const [, , told] = c.take();
  expect(told).toContain(status(101));
  expect(told).toContain(
    '<item affiliation="member" jid="hecate@shakespeare.lit" role="none"><reason>A worthy witch indeed!</reason></item>',
  );
  expect(told).not.toContain('<body>');
});
