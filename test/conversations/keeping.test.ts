/** How long a room keeps what was said: the owner's bounds within the operator's, and what is told of them (XEP-0504). */
import { canonical } from '../support/canonical';
import type { Conversation } from '../support/conversation';
import { coven, crone, dataPolicy, hag, iq, notice, owner, refusal, result, ROOM, submit } from './expected';

const DAYS = '{urn:parlour:room}archivedays';
const MESSAGES = '{urn:parlour:room}archivemessages';
const INFO = '<query xmlns="http://jabber.org/protocol/disco#info"/>';
const RETENTION = { days: { default: 30, max: 365 }, messages: { default: null, max: 1000 } };

/** What the room tells of it: the fields of `muc#roominfo`, and the form of XEP-0504. */
function told(c: Conversation): { days?: string; messages?: string; policy: string } {
  c.forget();
  iq(c, hag, 'get', 'd', INFO);
  const xml = c.take()[0] ?? '';
  const field = (name: string): string | undefined => new RegExp(`var="${name}"[^>]*><value>(.*?)</value>`).exec(xml)?.[1];
  const [days, messages] = [field(DAYS), field(MESSAGES)];
  return {
    ...(days === undefined ? {} : { days }),
    ...(messages === undefined ? {} : { messages }),
    policy: canonical(/<x [^>]*><field[^>]*><value>urn:xmpp:data-policy:0<\/value>.*?<\/x>/.exec(xml)?.[0] ?? '<none/>'),
  };
}

const policy = (hours: string): string => canonical(dataPolicy(hours));

test('§10.2 without bounds everything is kept', () => {
  expect(told(coven())).toEqual({ policy: policy('infinite') });
});

test('§10.2 an owner’s own bounds, and back to the service’s; others are told that the configuration changed', () => {
  const c = coven([], {}, { retention: RETENTION });
  expect(told(c)).toEqual({ days: '30', messages: '1000', policy: policy('720') });
  iq(c, crone, 'set', 'k', submit({ [DAYS]: '100', [MESSAGES]: '50' }));
  c.expect(result(crone, 'k'), notice(crone, 104));
  expect(told(c)).toEqual({ days: '100', messages: '50', policy: policy('2400') });
  c.restart();
  expect(told(c)).toEqual({ days: '100', messages: '50', policy: policy('2400') });
  iq(c, crone, 'set', 'k', submit({ [DAYS]: '', [MESSAGES]: [] }));
  expect(told(c)).toEqual({ days: '30', messages: '1000', policy: policy('720') });
});

test('§10.2 more than the operator allows is refused by the field’s name, and nothing of the form is applied', () => {
  const c = coven([], {}, { retention: RETENTION });
  for (const [field, value] of [
    [DAYS, '366'],
    [MESSAGES, '1001'],
  ] as const) {
    iq(c, crone, 'set', 'k', submit({ 'muc#roomconfig_roomname': 'Other', [field]: value }));
    const [answer = ''] = c.take();
    const text = /<text[^>]*>([^<]*)</.exec(answer)?.[1] ?? '';
    expect(text).toContain(field);
    expect(text).toContain(field === DAYS ? 'from 1 to 365' : 'from 1 to 1000');
    expect(canonical(answer.replace(text, '{text}'))).toBe(canonical(refusal('iq', ROOM, crone, 'k', 'modify', 'not-acceptable')));
  }
  expect(told(c)).toEqual({ days: '30', messages: '1000', policy: policy('720') });
  iq(c, crone, 'get', 'f', owner(''));
  expect(c.take()[0]).not.toContain('Other');
});

test('§10.2 a value set when the operator allowed more is cut to what is allowed now, and does not prevent other changes', () => {
  const retention = { days: { default: 30, max: 365 }, messages: { default: null, max: 1000 } };
  const c = coven([], {}, { retention });
  iq(c, crone, 'set', 'k', submit({ [DAYS]: '300' }));
  // The operator thinks again.
  retention.days.max = 90;
  c.restart();
  expect(told(c)).toEqual({ days: '90', messages: '1000', policy: policy('2160') });
  iq(c, crone, 'set', 'n', submit({ [DAYS]: '300', 'muc#roomconfig_roomname': 'Other' }));
  c.expect(result(crone, 'n'), notice(crone, 104));
  expect(told(c).days).toBe('90');
});

test('§10.2 bounded by number only, the time is unknown', () => {
  const c = coven([], { [MESSAGES]: '10' });
  expect(told(c)).toEqual({ messages: '10', policy: policy('unknown') });
});

test('§10.2 a room that does not keep messages says so, unless it still has some', () => {
  const c = coven([], { 'muc#roomconfig_enablearchiving': '0' });
  expect(told(c)).toEqual({ policy: policy('0') });
  iq(c, crone, 'set', 'k', submit({ 'muc#roomconfig_enablearchiving': '1' }));
  c.send(`<message from="${crone}" to="${ROOM}" type="groupchat"><body>kept</body></message>`);
  iq(c, crone, 'set', 'k', submit({ 'muc#roomconfig_enablearchiving': '0' }));
  expect(told(c)).toEqual({ policy: policy('infinite') });
});
