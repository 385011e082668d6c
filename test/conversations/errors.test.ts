/** Which error, exactly, for each kind of asker and each request: the conditions of XEP-0045 are not interchangeable. */
import { ASKERS, check, INSIDE, list, message, OUTSIDE, request, type Asker, type Request } from './askers';
import { owner, ROOM, submit } from './expected';
import { asRoom } from '../support/jids';

const BODY = '<body>Double, double toil and trouble</body>';
const SUBJECT = '<subject>Fire Burn and Cauldron Bubble!</subject>';
const DISCO = '<query xmlns="http://jabber.org/protocol/disco#info"/>';
const ITEMS = '<query xmlns="http://jabber.org/protocol/disco#items"/>';
const PING = '<ping xmlns="urn:xmpp:ping"/>';
const OPEN = { 'muc#roomconfig_whois': 'anyone' };

describe('messages', () => {
  const to = asRoom(`${ROOM}/other-member`);
  // owner admin member moderator participant visitor, then absent-owner absent-admin absent-member outcast stranger
  const away = 'not-acceptable not-acceptable not-acceptable not-acceptable not-acceptable';
  check(ASKERS, [
    { section: '7.4', what: 'a message to all, moderated', stanza: message(BODY), outcomes: `ok ok ok ok ok forbidden ${away}` },
    {
      section: '7.4',
      what: 'a message to all that is no groupchat',
      stanza: message(BODY, ROOM, 'chat'),
      outcomes: `bad-request bad-request bad-request bad-request bad-request bad-request ${away}`,
    },
    { section: '8.1', what: 'the subject', stanza: message(SUBJECT), outcomes: `ok ok forbidden ok forbidden forbidden ${away}` },
    {
      section: '8.1',
      what: 'the subject, where participants may',
      stanza: message(SUBJECT),
      outcomes: `ok ok ok ok ok forbidden ${away}`,
      fields: { 'muc#roomconfig_changesubject': '1' },
    },
    { section: '7.5', what: 'a private message', stanza: message(BODY, to, 'chat'), outcomes: `ok ok ok ok ok ok ${away}` },
    {
      section: '7.5',
      what: 'a private message, for those with voice',
      stanza: message(BODY, to, 'chat'),
      outcomes: `ok ok ok ok ok forbidden ${away}`,
      fields: { 'muc#roomconfig_allowpm': 'participants' },
    },
    {
      section: '7.5',
      what: 'a private message, for moderators',
      stanza: message(BODY, to, 'chat'),
      outcomes: `ok ok forbidden ok forbidden forbidden ${away}`,
      fields: { 'muc#roomconfig_allowpm': 'moderators' },
    },
    {
      section: '7.5',
      what: 'a private message, for nobody',
      stanza: message(BODY, to, 'chat'),
      outcomes: `forbidden forbidden forbidden forbidden forbidden forbidden ${away}`,
      fields: { 'muc#roomconfig_allowpm': 'none' },
    },
    {
      section: '7.5',
      what: 'a groupchat message to one',
      stanza: message(BODY, to),
      outcomes: `bad-request bad-request bad-request bad-request bad-request bad-request ${away}`,
    },
    {
      section: '7.5',
      what: 'a private message to nobody',
      stanza: message(BODY, asRoom(`${ROOM}/nobody`), 'chat'),
      outcomes: `item-not-found item-not-found item-not-found item-not-found item-not-found item-not-found ${away}`,
    },
  ]);
});

describe('lists', () => {
  const away = 'forbidden forbidden forbidden';
  check(ASKERS, [
    {
      section: '9.2',
      what: 'the ban list',
      stanza: list('affiliation="outcast"'),
      outcomes: `ok ok forbidden forbidden forbidden forbidden ok ok ${away}`,
    },
    {
      section: '9.2',
      what: 'the ban list, non-anonymous',
      stanza: list('affiliation="outcast"'),
      outcomes: `ok ok forbidden forbidden forbidden forbidden ok ok ${away}`,
      fields: OPEN,
    },
    {
      section: '9.5',
      what: 'the member list',
      stanza: list('affiliation="member"'),
      outcomes: `ok ok forbidden forbidden forbidden forbidden ok ok ${away}`,
    },
    {
      section: '9.5',
      what: 'the member list, non-anonymous',
      stanza: list('affiliation="member"'),
      // §9.5 "even if not yet an occupant".
      outcomes: 'ok ok ok ok ok ok ok ok ok forbidden forbidden',
      fields: OPEN,
    },
    ...['owner', 'admin'].flatMap((affiliation): Request[] => [
      {
        section: affiliation === 'owner' ? '10.5' : '10.8',
        what: `the ${affiliation} list`,
        stanza: list(`affiliation="${affiliation}"`),
        outcomes: `ok forbidden forbidden forbidden forbidden forbidden ok forbidden ${away}`,
      },
      {
        section: affiliation === 'owner' ? '10.5' : '10.8',
        what: `the ${affiliation} list, non-anonymous`,
        stanza: list(`affiliation="${affiliation}"`),
        outcomes: 'ok ok ok ok ok ok ok ok ok forbidden forbidden',
        fields: OPEN,
      },
    ]),
    {
      section: '8.5',
      what: 'the voice list',
      stanza: list('role="participant"'),
      outcomes: `ok ok forbidden ok forbidden forbidden ok ok ${away}`,
    },
    {
      section: '9.8',
      what: 'the moderator list',
      stanza: list('role="moderator"'),
      outcomes: `ok ok forbidden forbidden forbidden forbidden ok ok ${away}`,
    },
    {
      section: '17.4',
      what: 'a list of neither',
      stanza: list('nick="owner"'),
      outcomes: Array(ASKERS.length).fill('bad-request').join(' '),
    },
  ]);
});

describe('the owner’s requests', () => {
  const others = 'forbidden forbidden forbidden forbidden forbidden';
  const outcomes = `ok ${others} ok forbidden forbidden forbidden forbidden`;
  check(ASKERS, [
    { section: '10.2', what: 'the form', stanza: request('get', owner('')), outcomes },
    { section: '10.2', what: 'the form, filled in', stanza: request('set', submit({ 'muc#roomconfig_roomname': 'Mine' })), outcomes },
    { section: '10.2', what: 'the form, cancelled', stanza: request('set', owner('<x xmlns="jabber:x:data" type="cancel"/>')), outcomes },
    { section: '10.9', what: 'the end of the room', stanza: request('set', owner('<destroy/>')), outcomes },
    {
      section: '10.2',
      what: 'the form with an impossible value',
      stanza: request('set', submit({ 'muc#roomconfig_whois': 'everybody' })),
      outcomes: outcomes.replaceAll('ok', 'not-acceptable'),
    },
    {
      section: '10.2',
      what: 'a list of owners with nobody on it',
      stanza: request('set', submit({ 'muc#roomconfig_roomowners': '' }).replace('<value></value>', '')),
      outcomes: outcomes.replaceAll('ok', 'conflict'),
    },
  ]);
});

describe('discovery and ping', () => {
  const everybody = (outcome: string, askers: readonly Asker[] = ASKERS): string => askers.map(() => outcome).join(' ');
  check(ASKERS, [
    { section: '6.4', what: 'what the room is', stanza: request('get', DISCO), outcomes: everybody('ok') },
    { section: '6.5', what: 'who is in', stanza: request('get', ITEMS), outcomes: everybody('ok') },
    {
      section: '6.4',
      what: 'an unknown node',
      stanza: request('get', DISCO.replace('/>', ' node="x"/>')),
      outcomes: everybody('item-not-found'),
    },
    {
      section: '17.4',
      what: 'an unknown request',
      stanza: request('get', '<query xmlns="urn:example:unknown"/>'),
      outcomes: everybody('service-unavailable'),
    },
    { section: 'XEP-0199', what: 'a ping to the room', stanza: request('get', PING), outcomes: everybody('ok') },
  ]);
  check(OUTSIDE, [
    {
      section: '6.6',
      what: 'what an occupant is',
      stanza: request('get', DISCO, asRoom(`${ROOM}/other-owner`)),
      outcomes: everybody('bad-request', OUTSIDE),
    },
    {
      section: '6.6',
      what: 'what nobody is',
      stanza: request('get', DISCO, asRoom(`${ROOM}/nobody`)),
      outcomes: everybody('bad-request', OUTSIDE),
    },
    {
      section: 'XEP-0410',
      what: 'a ping to an occupant',
      stanza: request('get', PING, asRoom(`${ROOM}/other-owner`)),
      outcomes: everybody('not-acceptable/cancel', OUTSIDE),
    },
    {
      section: 'XEP-0410',
      what: 'a ping to nobody',
      stanza: request('get', PING, asRoom(`${ROOM}/nobody`)),
      outcomes: everybody('not-acceptable/cancel', OUTSIDE),
    },
  ]);
  check(INSIDE, [
    {
      section: 'XEP-0410',
      what: 'a ping to oneself',
      stanza: (asker) => request('get', PING, `${ROOM}/${asker}`)(asker),
      outcomes: everybody('ok', INSIDE),
    },
  ]);
});
