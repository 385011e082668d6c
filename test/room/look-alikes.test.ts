/** Nicknames by what they look like: whoever stands alone is found as well as those of whom there are several. */
import { LookAlikes } from '../../src/room/occupants/look-alikes';

test('each of those that look alike is found until they are removed, and nobody afterwards', () => {
  const alike = new LookAlikes<{ readonly nick: string }>();
  const [latin, cyrillic, third] = [{ nick: 'paypal' }, { nick: '\u0440aypal' }, { nick: 'p\u0430ypal' }];
  const found = (...without: readonly object[]): object | undefined => alike.find('\u0440\u0430ypal', (one) => !without.includes(one));
  expect(found()).toBeUndefined();
  alike.add(latin.nick, latin);
  // The same one twice is one.
  alike.add(latin.nick, latin);
  expect(found()).toBe(latin);
  expect(found(latin)).toBeUndefined();
  alike.remove(cyrillic.nick, cyrillic);
  expect(found()).toBe(latin);
  alike.add(cyrillic.nick, cyrillic);
  alike.add(third.nick, third);
  expect(found(latin, cyrillic)).toBe(third);
  alike.remove(latin.nick, latin);
  expect(found(third)).toBe(cyrillic);
  alike.remove(cyrillic.nick, cyrillic);
  expect(found()).toBe(third);
  alike.remove(third.nick, third);
  expect(found()).toBeUndefined();
  alike.add(latin.nick, latin);
  expect(found()).toBe(latin);
});
