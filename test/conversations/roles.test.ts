/** Roles that outlive a visit, what visitors may do, and nicks that are locked down: XEP-0045 §5.1.3, §7.6, §7.10. */
import type { Conversation } from '../support/conversation';
import { admin, coven, crone, gone, hag, iq, join, message, noSubject, presence, refusal, ROOM, submit } from './expected';
import { nickForm, query, send } from './registration-stanzas';

const plain = { affiliation: 'none', role: 'participant' };
const visitor = { affiliation: 'none', role: 'visitor' };
const owner = { affiliation: 'owner', role: 'moderator' };
const MODERATED = { 'muc#roomconfig_moderatedroom': '1' };
const THIRD = `${ROOM}/thirdwitch`;

const setRole = (c: Conversation, role: string): void => {
  iq(c, crone, 'set', 'role', admin(`<item nick="thirdwitch" role="${role}"/>`));
};
const affiliate = (c: Conversation, affiliation: string, jid: string, nick = ''): void => {
  iq(c, crone, 'set', 'aff', admin(`<item affiliation="${affiliation}" jid="${jid}"${nick === '' ? '' : ` nick="${nick}"`}/>`));
};
const leave = (c: Conversation, who = hag, nick = 'thirdwitch'): void => {
  c.send(`<presence from="${who}" to="${ROOM}/${nick}" type="unavailable"/>`);
};
/** Leaves and comes back; the role after that. */
const comesBackAs = (c: Conversation): string | undefined => {
  leave(c);
  c.forget();
  join(c, hag, 'thirdwitch');
  const self = c.take().find((stanza) => stanza.startsWith('<presence') && stanza.includes('code="110"'));
  return / role="(\w+)"/.exec(self ?? '')?.[1];
};

describe('§5.1.3 roles that outlive a visit in a moderated room', () => {
  test('voice that was given is kept on coming back', () => {
    const c = coven(['thirdwitch'], MODERATED);
    expect(comesBackAs(c)).toBe('visitor');
    setRole(c, 'participant');
    leave(c);
    c.forget();
    join(c, hag, 'thirdwitch');
    c.expect(
      presence('firstwitch', hag, owner),
      presence('thirdwitch', crone, { ...plain, jid: hag }),
      presence('thirdwitch', hag, plain, { id: 'n13mt3l', codes: [110] }),
      noSubject(hag),
    );
  });

  test('whose voice was taken does not regain it by coming back', () => {
    const c = coven(['thirdwitch'], { ...MODERATED, 'muc#roomconfig_membersbydefault': '1' });
    setRole(c, 'visitor');
    expect(comesBackAs(c)).toBe('visitor');
    expect(comesBackAs(c)).toBe('visitor');
  });

  test('after a restart too', () => {
    const c = coven(['thirdwitch'], MODERATED);
    setRole(c, 'participant');
    leave(c);
    c.restart();
    join(c, hag, 'thirdwitch');
    expect(comesBackAs(c)).toBe('participant');
  });

  test('the role of an occupant survives a restart while they are in', () => {
    const c = coven(['thirdwitch'], MODERATED);
    setRole(c, 'participant');
    c.restart();
    c.forget();
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat" id="m"><body>Harpier cries</body></message>`);
    c.expect(
      message('thirdwitch', crone, '<body>Harpier cries</body>', 'h', { id: 'm' }),
      message('thirdwitch', hag, '<body>Harpier cries</body>', 'h', { id: 'm' }),
    );
  });

  test('who was kicked begins anew', () => {
    const c = coven(['thirdwitch'], MODERATED);
    setRole(c, 'participant');
    setRole(c, 'none');
    join(c, hag, 'thirdwitch');
    expect(comesBackAs(c)).toBe('visitor');
  });

  test('a change of affiliation decides anew', () => {
    const c = coven(['thirdwitch'], MODERATED);
    setRole(c, 'participant');
    leave(c);
    affiliate(c, 'member', 'hag66@shakespeare.lit');
    affiliate(c, 'none', 'hag66@shakespeare.lit');
    join(c, hag, 'thirdwitch');
    expect(comesBackAs(c)).toBe('visitor');
  });

  test.each([
    ['registering in the room: an admin has to approve that', [nickForm('thirdwitch')], []],
    ['registering from outside', [], [nickForm('thirdwitch')]],
    ['giving a registration up from outside', [], [query('<remove/>')], [nickForm('thirdwitch')]],
  ])('whose voice was taken does not regain it by %s', (_how, inside: string[], outside: string[], before: string[] = []) => {
    const c = coven(['thirdwitch'], { ...MODERATED, 'muc#roomconfig_membersbydefault': '1' });
    for (const payload of before) send(c, payload);
    setRole(c, 'visitor');
    c.forget();
    for (const payload of inside) {
      send(c, payload);
      expect(c.take().join('')).not.toContain('role="participant"');
    }
    leave(c);
    for (const payload of outside) send(c, payload);
    join(c, hag, 'thirdwitch');
    expect(comesBackAs(c)).toBe('visitor');
  });

  test('in an unmoderated room nothing is kept, and what was kept is forgotten', () => {
    const c = coven(['thirdwitch'], MODERATED);
    setRole(c, 'participant');
    leave(c);
    iq(c, crone, 'set', 'c', submit({ 'muc#roomconfig_moderatedroom': '0' }));
    iq(c, crone, 'set', 'c', submit(MODERATED));
    join(c, hag, 'thirdwitch');
    expect(comesBackAs(c)).toBe('visitor');
    const open = coven(['thirdwitch']);
    setRole(open, 'visitor');
    expect(comesBackAs(open)).toBe('participant');
  });

  test('moderators are made by affiliation, or anew at each visit', () => {
    const c = coven(['thirdwitch'], MODERATED);
    setRole(c, 'moderator');
    expect(comesBackAs(c)).toBe('visitor');
  });

  test('membersbydefault: newcomers to a moderated room have voice', () => {
    const c = coven([], { ...MODERATED, 'muc#roomconfig_membersbydefault': '1' });
    join(c, hag, 'thirdwitch');
    c.expectTo(
      hag,
      presence('firstwitch', hag, owner),
      presence('thirdwitch', hag, plain, { id: 'n13mt3l', codes: [110] }),
      noSubject(hag),
    );
  });
});

describe('found E6: moderation ends', () => {
  const end = { 'muc#roomconfig_moderatedroom': '0' };
  const voiceOf = (c: Conversation, nick: string): string[] =>
    c
      .take()
      .filter((stanza) => stanza.startsWith('<presence') && stanza.includes(`/${nick}"`))
      .map((stanza) => `${/ to="([^@]*)/.exec(stanza)?.[1]} ${/ role="([^"]*)/.exec(stanza)?.[1]}`);

  test('who is a visitor by default gets voice, told to all', () => {
    const c = coven(['secondwitch', 'thirdwitch'], MODERATED);
    iq(c, crone, 'set', 'c', submit(end));
    expect(voiceOf(c, 'thirdwitch').sort()).toEqual(['crone1 participant', 'hag66 participant', 'wiccarocks participant']);
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat"><body>hm</body></message>`);
    expect(c.take().filter((stanza) => stanza.includes('<body>hm</body>'))).toHaveLength(3);
  });

  test('so it is when newcomers have voice from now on', () => {
    const c = coven(['thirdwitch'], MODERATED);
    iq(c, crone, 'set', 'c', submit({ 'muc#roomconfig_membersbydefault': '1' }));
    expect(voiceOf(c, 'thirdwitch')).toContain('hag66 participant');
  });

  test.each([false, true])('revoked voice stays revoked (after a restart: %s)', (restart) => {
    const c = coven(['thirdwitch'], MODERATED);
    setRole(c, 'participant');
    setRole(c, 'visitor');
    if (restart) c.restart();
    c.forget();
    iq(c, crone, 'set', 'c', submit(end));
    expect(voiceOf(c, 'thirdwitch')).toEqual([]);
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat" id="m"><body>hm</body></message>`);
    expect(c.take().join('')).toContain('<forbidden');
  });

  test('voice revoked from a member stays revoked; voice given again counts', () => {
    const c = coven(['thirdwitch'], MODERATED);
    iq(c, crone, 'set', 'member', admin('<item affiliation="member" jid="hag66@shakespeare.lit"/>'));
    setRole(c, 'visitor');
    c.forget();
    iq(c, crone, 'set', 'c', submit(end));
    expect(voiceOf(c, 'thirdwitch')).toEqual([]);
    const again = coven(['thirdwitch'], MODERATED);
    setRole(again, 'participant');
    setRole(again, 'visitor');
    setRole(again, 'participant');
    again.forget();
    iq(again, crone, 'set', 'c', submit(end));
    expect(voiceOf(again, 'thirdwitch')).toEqual([]);
  });
});

describe('§5.1.3, §7.6 what visitors may do', () => {
  test('change their nick, unless it is switched off: forbidden, from the nick that was asked for', () => {
    const c = coven(['thirdwitch'], MODERATED);
    c.send(`<presence from="${hag}" to="${ROOM}/oldhag" id="p1"/>`);
    c.expectTo(
      hag,
      presence('thirdwitch', hag, { ...visitor, nick: 'oldhag' }, { type: 'unavailable', codes: [110, 303] }),
      presence('oldhag', hag, visitor, { id: 'p1', codes: [110], occupant: 'thirdwitch' }),
    );
    iq(c, crone, 'set', 'c', submit({ 'muc#roomconfig_allowvisitornickchange': '0' }));
    c.forget();
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" id="p2"/>`);
    c.expect(refusal('presence', THIRD, hag, 'p2', 'auth', 'forbidden'));
    iq(c, crone, 'set', 'v', admin('<item nick="oldhag" role="participant"/>'));
    c.forget();
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" id="p3"/>`);
    expect(c.take().join('')).toContain('code="303"');
  });

  test('send a status text, unless it is switched off: forbidden; plain availability stays allowed', () => {
    const c = coven(['thirdwitch'], { ...MODERATED, 'muc#roomconfig_allowvisitorstatus': '0' });
    const status = '<show>away</show><status>buy eye of newt</status>';
    c.send(`<presence from="${hag}" to="${THIRD}" id="p1">${status}</presence>`);
    c.expect(refusal('presence', THIRD, hag, 'p1', 'auth', 'forbidden', status));
    c.send(`<presence from="${hag}" to="${THIRD}" id="p2"><show>away</show></presence>`);
    c.expect(
      presence('thirdwitch', crone, { ...visitor, jid: hag }, { content: '<show>away</show>' }),
      presence('thirdwitch', hag, visitor, { id: 'p2', content: '<show>away</show>', codes: [110] }),
    );
  });

  test('a status text does not come in with a join either', () => {
    const c = coven([], { ...MODERATED, 'muc#roomconfig_allowvisitorstatus': '0' });
    join(c, hag, 'thirdwitch', '', '<show>away</show><status>buy eye of newt</status>');
    const said = c.take().join('');
    expect(said).toContain('code="110"');
    expect(said).not.toContain('newt');
    join(c, hag, 'thirdwitch', '', '<status>buy toe of frog</status>');
    leave(c);
    expect(c.take().join('')).not.toContain('frog');
  });

  test('nor with leaving', () => {
    const c = coven(['thirdwitch'], { ...MODERATED, 'muc#roomconfig_allowvisitorstatus': '0' });
    c.send(`<presence from="${hag}" to="${THIRD}" type="unavailable"><status>buy eye of newt</status></presence>`);
    c.expect(
      gone('thirdwitch', hag, { affiliation: 'none' }, { codes: [110] }),
      gone('thirdwitch', crone, { affiliation: 'none', jid: hag }),
    );
  });
});

describe('§7.6, §7.10 nicks that are locked down', () => {
  const LOCKED = { '{urn:parlour:room}locknicks': '1' };

  test('whoever has reserved a nick comes in under it, with 210', () => {
    const c = coven([], LOCKED);
    affiliate(c, 'member', 'hag66@shakespeare.lit', 'thirdwitch');
    c.forget();
    join(c, hag, 'oldhag');
    const member = { affiliation: 'member', role: 'participant' };
    c.expect(
      presence('firstwitch', hag, owner),
      presence('thirdwitch', crone, { ...member, jid: hag }),
      presence('thirdwitch', hag, member, { id: 'n13mt3l', codes: [110, 210] }),
      noSubject(hag),
    );
  });

  test('Example 53: another nick is not-acceptable', () => {
    const c = coven([], LOCKED);
    affiliate(c, 'member', 'hag66@shakespeare.lit', 'thirdwitch');
    join(c, hag, 'thirdwitch');
    c.forget();
    c.send(`<presence from="${hag}" to="${ROOM}/oldhag" id="ifd1c35"/>`);
    c.expect(refusal('presence', `${ROOM}/oldhag`, hag, 'ifd1c35', 'cancel', 'not-acceptable'));
  });

  test('whoever has none takes any', () => {
    const c = coven(['thirdwitch'], LOCKED);
    c.send(`<presence from="${hag}" to="${ROOM}/oldhag" id="p1"/>`);
    c.expectTo(
      hag,
      presence('thirdwitch', hag, { ...plain, nick: 'oldhag' }, { type: 'unavailable', codes: [110, 303] }),
      presence('oldhag', hag, plain, { id: 'p1', codes: [110], occupant: 'thirdwitch' }),
    );
  });

  test('not locked: they may enter under another', () => {
    const c = coven();
    affiliate(c, 'member', 'hag66@shakespeare.lit', 'thirdwitch');
    c.forget();
    join(c, hag, 'oldhag');
    expect(c.take().join('')).not.toContain('code="210"');
  });
});
