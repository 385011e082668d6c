/** Which error, exactly, for each kind of person outside who wants to enter, and for each inside who wants another nickname (§7.2, §7.6). */
import { conversation } from '../support/conversation';
import { bareJidOf, check, comesTo, INSIDE, jidOf, list, message, OUTSIDE, presence, request, stage } from './askers';
import { admin, iq, join, owner, ROOM, X } from './expected';
import { asRoom } from '../support/jids';

const BODY = '<body>Double, double toil and trouble</body>';
const DISCO = '<query xmlns="http://jabber.org/protocol/disco#info"/>';

describe('entering', () => {
  // absent-owner absent-admin absent-member outcast stranger
  const enter = presence('newcomer', X);
  const secret = { 'muc#roomconfig_passwordprotectedroom': '1', 'muc#roomconfig_roomsecret': 'cauldronburn' };
  const x = (content: string): string => `<x xmlns="http://jabber.org/protocol/muc">${content}</x>`;
  const members = { 'muc#roomconfig_membersonly': '1' };
  check(OUTSIDE, [
    { section: '7.2', what: 'a join', stanza: enter, outcomes: 'ok ok ok forbidden ok' },
    {
      section: '7.2.6',
      what: 'a join, members only',
      stanza: enter,
      outcomes: 'ok ok ok forbidden registration-required',
      fields: members,
    },
    {
      section: '7.2.5',
      what: 'a join without the password',
      stanza: enter,
      outcomes: 'ok not-authorized not-authorized forbidden not-authorized',
      fields: secret,
    },
    {
      section: '7.2.5',
      what: 'a join with a wrong password',
      stanza: presence('newcomer', x('<password>x</password>')),
      outcomes: 'ok not-authorized not-authorized forbidden not-authorized',
      fields: secret,
    },
    {
      section: '7.2.5',
      what: 'a join with the password',
      stanza: presence('newcomer', x('<password>cauldronburn</password>')),
      outcomes: 'ok ok ok forbidden ok',
      fields: secret,
    },
    {
      section: '7.2.6',
      what: 'a join with the password, members only',
      stanza: presence('newcomer', x('<password>cauldronburn</password>')),
      outcomes: 'ok ok ok forbidden registration-required',
      fields: { ...secret, ...members },
    },
    {
      section: '7.2.9',
      what: 'a join, full',
      stanza: enter,
      outcomes: 'ok ok service-unavailable/wait forbidden service-unavailable/wait',
      fields: { 'muc#roomconfig_maxusers': '3' },
    },
    {
      section: '7.2.8',
      what: 'a join under a nickname in use',
      stanza: presence('member', X),
      outcomes: 'conflict conflict conflict forbidden conflict',
    },
    {
      section: '17.1',
      what: 'a join under a blank nickname',
      stanza: presence(' ', X),
      outcomes: 'jid-malformed jid-malformed jid-malformed forbidden jid-malformed',
    },
    {
      section: '7.2.1',
      what: 'a join without a nickname',
      stanza: (asker) => presence('', X)(asker).replace(`${ROOM}/`, ROOM),
      outcomes: 'jid-malformed jid-malformed jid-malformed jid-malformed jid-malformed',
    },
  ]);

  test.each([
    ['a join', `<presence from="${jidOf('stranger')}" to="${ROOM}/x" id="i">${X}</presence>`],
    ['a message', message(BODY)('stranger')],
    ['discovery', request('get', DISCO)('stranger')],
    ['a list', list('affiliation="owner"')('stranger')],
  ])('§7.2.10 %s, while the room is locked: item-not-found', (_what, stanza) => {
    const c = conversation();
    join(c, jidOf('owner'), 'owner');
    c.forget();
    comesTo(c, stanza, 'item-not-found');
  });

  test('§10.1.1 creating where it is not allowed: not-allowed', () => {
    comesTo(conversation({ mayCreate: () => false }), presence('x', X)('stranger'), 'not-allowed');
  });

  test.each([
    ['a message to all', message(BODY)('stranger')],
    ['a private message', message(BODY, asRoom(`${ROOM}/nobody`), 'chat')('stranger')],
    ['discovery', request('get', DISCO)('stranger')],
    ['the form', request('get', owner(''))('stranger')],
    ['a list', list('affiliation="owner"')('stranger')],
  ])('§17.2 %s, where there is no room: item-not-found', (_what, stanza) => {
    comesTo(conversation(), stanza, 'item-not-found');
  });
});

describe('a change of nickname', () => {
  check(INSIDE, [
    { section: '7.6', what: 'to one that is free', stanza: presence('fresh'), outcomes: 'ok ok ok ok ok ok' },
    {
      section: '7.6',
      what: 'to one in use',
      stanza: presence('other-member'),
      outcomes: 'conflict conflict conflict conflict conflict conflict',
    },
    {
      section: '17.1',
      what: 'to a blank one',
      stanza: presence(' '),
      outcomes: 'jid-malformed jid-malformed jid-malformed jid-malformed jid-malformed jid-malformed',
    },
  ]);

  test.each(INSIDE)('§7.6 to one that is reserved for somebody else, by %s: conflict', (asker) => {
    const c = stage();
    iq(c, jidOf('owner'), 'set', 'r', admin(`<item affiliation="member" jid="${bareJidOf('absent-member')}" nick="Reserved"/>`));
    c.forget();
    comesTo(c, presence('reserved')(asker), 'conflict');
  });
});
