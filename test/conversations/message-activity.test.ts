/** How many messages an hour are said in a room: XEP-0502. */
import type { Conversation } from '../support/conversation';
import { coven, crone, hag, iq, join, owner, ROOM, submit } from './expected';

const HOUR = 3_600_000;
const FIELD = '{urn:xmpp:muc-activity}message-activity';
const OPEN = { 'muc#roomconfig_persistentroom': '1', 'muc#roomconfig_publicroom': '1' };

const say = (c: Conversation, times = 1, payload = '<body>Double, double toil and trouble</body>'): void => {
  for (let i = 0; i < times; i++) c.send(`<message from="${crone}" to="${ROOM}" type="groupchat">${payload}</message>`);
};
/** The field's value in disco#info; undefined: it is not there. */
const rate = (c: Conversation): string | undefined => {
  c.forget();
  iq(c, hag, 'get', 'lx09df27', '<query xmlns="http://jabber.org/protocol/disco#info"/>');
  const info = c.take()[0] as string;
  const field = `<field var="${FIELD}" type="text-single" label="Messages per hour"><value>`;
  const start = info.indexOf(field);
  if (start < 0) {
    expect(info).not.toContain('muc-activity');
    return undefined;
  }
  return info.slice(start + field.length, info.indexOf('<', start + field.length));
};
const configure = (c: Conversation, fields: Record<string, string>): void => iq(c, crone, 'set', 'cfg', submit(fields));

describe('XEP-0502 §4.1 the field', () => {
  test('is the mean of the whole hours since counting began, as a decimal number', () => {
    const c = coven([], OPEN);
    expect(rate(c)).toBeUndefined();
    say(c, 5);
    expect(rate(c)).toBeUndefined();
    c.advance(HOUR);
    expect(rate(c)).toBe('5');
    say(c, 2);
    expect(rate(c)).toBe('5');
    c.advance(2 * HOUR);
    expect(rate(c)).toBe('2.33');
  });

  test('forgets what is older than a day', () => {
    const c = coven([], OPEN);
    say(c, 48);
    c.advance(24 * HOUR);
    expect(rate(c)).toBe('2');
    c.advance(HOUR);
    expect(rate(c)).toBe('0');
    say(c, 24);
    c.advance(HOUR);
    expect(rate(c)).toBe('1');
    c.advance(1000 * HOUR);
    expect(rate(c)).toBe('0');
  });

  test('survives a restart, but for less than half of the hour that runs', () => {
    const c = coven([], OPEN);
    say(c, 8);
    c.advance(HOUR);
    say(c, 11);
    c.restart();
    c.advance(HOUR);
    expect(rate(c)).toBe('8');
  });

  test.each([
    ['temporary', { 'muc#roomconfig_persistentroom': '0' }],
    ['not listed', { 'muc#roomconfig_publicroom': '0' }],
    ['for members only', { 'muc#roomconfig_membersonly': '1' }],
    ['behind a password', { 'muc#roomconfig_passwordprotectedroom': '1', 'muc#roomconfig_roomsecret': 'x' }],
  ])('is left out where the room is %s (§4.1, §9), and counting begins anew', (_, fields) => {
    const c = coven([], { ...OPEN, ...fields });
    say(c, 5);
    c.advance(HOUR);
    expect(rate(c)).toBeUndefined();
    configure(c, { ...OPEN, 'muc#roomconfig_membersonly': '0', 'muc#roomconfig_passwordprotectedroom': '0' });
    expect(rate(c)).toBeUndefined();
    say(c, 3);
    c.advance(HOUR);
    expect(rate(c)).toBe('3');
    configure(c, fields);
    configure(c, { ...OPEN, 'muc#roomconfig_membersonly': '0', 'muc#roomconfig_passwordprotectedroom': '0' });
    c.restart();
    expect(rate(c)).toBeUndefined();
  });
});

test('XEP-0502 §4.1 a new room of the same name begins anew', () => {
  const c = coven([], OPEN, { limits: { destroyedDays: 0 } });
  say(c, 5);
  iq(c, crone, 'set', 'end', owner('<destroy/>'));
  join(c, crone, 'firstwitch');
  configure(c, OPEN);
  say(c, 2);
  c.advance(HOUR);
  expect(rate(c)).toBe('2');
});

describe('XEP-0502 §5 what counts', () => {
  test.each([
    ['a correction', '<body>x</body><replace xmlns="urn:xmpp:message-correct:0" id="1"/>'],
    ['a retraction', '<body>fallback</body><retract xmlns="urn:xmpp:message-retract:1" id="1"/>'],
    ['a reaction', '<body>👍</body><reactions xmlns="urn:xmpp:reactions:0" id="1"><reaction>👍</reaction></reactions>'],
    ['a typing notice', '<composing xmlns="http://jabber.org/protocol/chatstates"/>'],
    ['a change of subject', '<subject>Fire</subject>'],
  ])('not %s', (_, payload) => {
    const c = coven([], OPEN);
    say(c);
    say(c, 3, payload);
    c.advance(HOUR);
    expect(rate(c)).toBe('1');
  });

  test('not a private message, and not one that was refused; but what is not archived', () => {
    const c = coven(['thirdwitch'], { ...OPEN, 'muc#roomconfig_moderatedroom': '1', 'muc#roomconfig_enablearchiving': '0' });
    say(c);
    c.send(`<message from="${crone}" to="${ROOM}/thirdwitch" type="chat"><body>psst</body></message>`);
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat"><body>may I?</body></message>`);
    c.advance(HOUR);
    expect(rate(c)).toBe('1');
  });
});
