/** Slow mode (XEP-0500): so many seconds between two messages of one account. */
import { NS } from '../../src/xmpp/ns';
import type { Conversation } from '../support/conversation';
import { admin, coven, crone, hag, iq, join, notice, refusal, result, ROOM, submit, wicca } from './expected';

const FIELD = 'muc#roomconfig_slow_mode_duration';
const SLOW = { [FIELD]: '20', 'muc#roomconfig_persistentroom': '1' };
const say = (c: Conversation, from: string, inner = '<body>Double, double</body>'): string[] => {
  c.forget();
  c.send(`<message from="${from}" to="${ROOM}" type="groupchat" id="m">${inner}</message>`);
  return c.take();
};
const isRefused = (said: readonly string[]): boolean => said.join('').includes('<policy-violation');

test('§3.3: the second message within the time is refused, and nobody else gets it; after the time it is said', () => {
  const c = coven(['thirdwitch'], SLOW);
  expect(say(c, hag)).toHaveLength(2);
  c.advance(5_000);
  c.send(`<message from="${hag}" to="${ROOM}" type="groupchat" id="m"><body>Toil</body></message>`);
  c.expect(refusal('message', ROOM, hag, 'm', 'wait', 'policy-violation', '<body>Toil</body>'));
  expect(say(c, hag)[0]).toContain('one message every 20 seconds. Send yours in 15 seconds.');
  c.advance(15_000);
  expect(say(c, hag)).toHaveLength(2);
});

test('§6: it is by account: another session and another nickname make no difference, also after a restart', () => {
  const c = coven(['thirdwitch'], SLOW);
  say(c, hag);
  const phone = 'hag66@shakespeare.lit/phone';
  join(c, phone, 'thirdwitch');
  expect(isRefused(say(c, phone))).toBe(true);
  c.send(`<presence from="${hag}" to="${ROOM}/fourthwitch"/>`);
  expect(isRefused(say(c, hag))).toBe(true);
  c.restart();
  expect(isRefused(say(c, phone))).toBe(true);
  c.send(`<presence from="${hag}" to="${ROOM}/fourthwitch" type="unavailable"/>`);
  c.send(`<presence from="${phone}" to="${ROOM}/fourthwitch" type="unavailable"/>`);
  join(c, hag, 'thirdwitch');
  expect(isRefused(say(c, hag))).toBe(true);
});

test('§3.3: only messages with a body count', () => {
  const c = coven(['thirdwitch'], SLOW);
  const typing = `<composing xmlns="${NS.chatStates}"/>`;
  expect(isRefused(say(c, hag, typing))).toBe(false);
  expect(isRefused(say(c, hag))).toBe(false);
  expect(isRefused(say(c, hag, typing))).toBe(false);
  expect(isRefused(say(c, hag))).toBe(true);
  // A body within something else is none of the message.
  c.advance(20_000);
  say(c, hag, `<forwarded xmlns="${NS.forward}"><message xmlns="jabber:client"><body>said elsewhere</body></message></forwarded>`);
  expect(isRefused(say(c, hag))).toBe(false);
});

test('§3.3: admins and owners are never slowed; a moderator who is neither is', () => {
  const c = coven(['secondwitch', 'thirdwitch'], SLOW);
  iq(c, crone, 'set', 'a', admin('<item nick="thirdwitch" role="moderator"/>'));
  for (const who of [crone, wicca, hag]) say(c, who);
  expect([crone, wicca, hag].map((who) => isRefused(say(c, who)))).toEqual([false, false, true]);
});

test('a message that is refused for another reason does not count', () => {
  const c = coven(['thirdwitch'], SLOW);
  iq(c, crone, 'set', 'a', admin('<item nick="thirdwitch" role="visitor"/>'));
  expect(say(c, hag)[0]).toContain('<forbidden');
  iq(c, crone, 'set', 'a', admin('<item nick="thirdwitch" role="participant"/>'));
  expect(isRefused(say(c, hag))).toBe(false);
});

test('§3.1, §3.2: the field of the form is a whole number, 104 tells of a change, and disco#info has the duration', () => {
  const c = coven(['thirdwitch'], { 'muc#roomconfig_persistentroom': '1' });
  iq(c, hag, 'get', 'i', `<query xmlns="${NS.discoInfo}"/>`);
  expect(c.take()[0]).toContain('<field var="muc#roominfo_slow_mode_duration" type="text-single" label=');
  iq(c, crone, 'set', 'f', submit({ [FIELD]: '30' }));
  c.expect(result(crone, 'f'), notice(crone, 104), notice(hag, 104));
  iq(c, hag, 'get', 'i', `<query xmlns="${NS.discoInfo}"/>`);
  expect(/<field var="muc#roominfo_slow_mode_duration"[^>]*><value>(\d+)</.exec(c.take()[0] ?? '')?.[1]).toBe('30');
  iq(c, crone, 'get', 'o', `<query xmlns="${NS.mucOwner}"/>`);
  expect(c.take()[0]).toMatch(
    /<field var="muc#roomconfig_slow_mode_duration" type="text-single" [^>]*><value>30<\/value><validate xmlns="[^"]*" datatype="xs:integer"><range min="0"/,
  );
  for (const wrong of ['-1', 'soon', '86401', '1.5']) {
    c.forget();
    iq(c, crone, 'set', 'f', submit({ [FIELD]: wrong }));
    expect(c.take()[0]).toContain('type="error"');
  }
});

test('when it ends, nothing of it is left, and nobody waits', () => {
  const c = coven(['thirdwitch'], SLOW);
  say(c, hag);
  iq(c, crone, 'set', 'f', submit({ [FIELD]: '0' }));
  expect(c.rows(ROOM)).not.toContain('"slow-mode"');
  expect(isRefused(say(c, hag))).toBe(false);
});

test('found C6: a clock that was ahead and is right again keeps nobody waiting for as long as it was wrong', () => {
  const c = coven(['thirdwitch'], SLOW);
  say(c, hag);
  c.advance(-24 * 3_600_000);
  expect(isRefused(say(c, hag))).toBe(false);
  expect(isRefused(say(c, hag))).toBe(true);
});

test('what is over is forgotten as others speak', () => {
  const c = coven(['thirdwitch'], SLOW);
  for (let i = 0; i < 5; i++) {
    join(c, `guest${i}@x.lit/1`, `guest${i}`);
    say(c, `guest${i}@x.lit/1`);
  }
  c.advance(21_000);
  for (let i = 0; i < 3; i++) {
    say(c, hag);
    c.advance(21_000);
  }
  expect(c.rows(ROOM).match(/"feature":"slow-mode"/g)).toHaveLength(1);
});

test('found H22, of the same kind: a message is taken back at any time, with the body for clients that do not know that, and taking it back is not speaking', () => {
  const c = coven(['thirdwitch'], SLOW);
  const id = /<stanza-id [^>]*id="([^"]*)"/.exec(say(c, hag, '<body>my password</body>').join(''))?.[1] as string;
  c.advance(1_000);
  const retraction = `<retract xmlns="${NS.retract}" id="${id}"/><fallback xmlns="urn:xmpp:fallback:0"/><body>/me retracted a message</body><store xmlns="urn:xmpp:hints"/>`;
  expect(isRefused(say(c, hag, retraction))).toBe(false);
  c.advance(19_500);
  expect(isRefused(say(c, hag))).toBe(false);
});

test('found C6: a clock that is set back by less than the time makes nobody’s wait shorter, on another device or after a restart', () => {
  const c = coven(['thirdwitch'], SLOW);
  join(c, 'hag66@shakespeare.lit/phone', 'thirdwitch');
  say(c, hag);
  c.advance(-10_000);
  expect(isRefused(say(c, 'hag66@shakespeare.lit/phone'))).toBe(true);
  c.restart();
  c.advance(29_000);
  expect(isRefused(say(c, 'hag66@shakespeare.lit/phone'))).toBe(true);
  c.advance(2_000);
  expect(isRefused(say(c, hag))).toBe(false);
});

test('§3.3: what waits for a moderator is a message too: it counts when it is sent, and not once more when it is let through', () => {
  const c = coven(['thirdwitch'], { ...SLOW, 'muc#roomconfig_moderatedroom': '1', '{urn:parlour:room}approvemessages': '1' });
  iq(c, crone, 'set', 'v', admin('<item nick="thirdwitch" role="visitor"/>'));
  const held = say(c, hag).join('');
  const id = /var="message"[^>]*><value>([^<]+)</.exec(held)?.[1] ?? '';
  c.advance(5_000);
  expect(isRefused(say(c, hag))).toBe(true);
  c.advance(10_000);
  c.forget();
  const outcomes: unknown[] = [];
  const by = { kind: 'operator', name: 'root', face: 'http' } as const;
  c.input(ROOM, { kind: 'command', command: { name: 'answer-message', id, allow: true }, by, done: (outcome) => outcomes.push(outcome) });
  expect([outcomes, c.take().filter((xml) => xml.includes('Double, double'))]).toEqual([
    [{ ok: true }],
    [expect.anything(), expect.anything()],
  ]);
  c.advance(5_000);
  expect(isRefused(say(c, hag))).toBe(false);
});
