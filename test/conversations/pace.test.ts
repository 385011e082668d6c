/** How much one occupant may say at once: XEP-0045 §14.6. */
import { coven, crone, hag, refusal, ROOM } from './expected';

test('§14.6 more than the operator allows at once: policy-violation, wait; later it passes', () => {
  const c = coven(['thirdwitch'], {}, { limits: { messagesPerSecond: 1 } });
  const speak = (from: string): void => c.send(`<message from="${from}" to="${ROOM}" type="groupchat" id="m"><body>x</body></message>`);
  for (let i = 0; i < 5; i++) speak(hag);
  expect(c.take().join('')).not.toContain('type="error"');
  speak(hag);
  c.expect(refusal('message', ROOM, hag, 'm', 'wait', 'policy-violation', '<body>x</body>'));
  // Admins and owners have to be able to act.
  for (let i = 0; i < 20; i++) speak(crone);
  expect(c.take().join('')).not.toContain('type="error"');
  c.advance(1000);
  speak(hag);
  expect(c.take()).toHaveLength(2);
});

test('§14.6 private messages count with the others; presence by itself', () => {
  const c = coven(['thirdwitch'], {}, { limits: { messagesPerSecond: 1, presencePerSecond: 1 } });
  for (let i = 0; i < 5; i++) c.send(`<message from="${hag}" to="${ROOM}/firstwitch" type="chat"><body>x</body></message>`);
  for (let i = 0; i < 5; i++) c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch"><status>${i}</status></presence>`);
  expect(c.take().join('')).not.toContain('type="error"');
  c.send(`<message from="${hag}" to="${ROOM}" type="groupchat" id="m"><body>x</body></message>`);
  c.expect(refusal('message', ROOM, hag, 'm', 'wait', 'policy-violation', '<body>x</body>'));
  c.send(`<presence from="${hag}" to="${ROOM}/oldhag" id="p"/>`);
  c.expect(refusal('presence', `${ROOM}/oldhag`, hag, 'p', 'wait', 'policy-violation'));
});
