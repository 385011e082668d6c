/** Fair shares of what is scarce. */
import { Shares } from '../../src/room/shares';
import { asDomain } from '../support/jids';

const fill = (shares: Shares, name: string): number => {
  let got = 0;
  for (; shares.has(asDomain(name)); got++) shares.take(asDomain(name));
  return got;
};

test('F13 one domain gets half, the next half of what is left, and whoever gives back finds room again', () => {
  const shares = new Shares(10_000, (domain) => domain === 'home.lit');
  expect(fill(shares, 'a.lit')).toBe(5000);
  expect(fill(shares, 'b.lit')).toBe(2500);
  shares.give(asDomain('a.lit'));
  expect(shares.has(asDomain('a.lit'))).toBe(false);
  for (let i = 0; i < 4999; i++) shares.give(asDomain('a.lit'));
  expect(shares.has(asDomain('a.lit'))).toBe(true);
});

test('F13 the accounts of the server itself may have all that is free', () => {
  const shares = new Shares(100, (domain) => domain === 'home.lit');
  expect(fill(shares, 'a.lit')).toBe(50);
  expect(fill(shares, 'home.lit')).toBe(50);
  expect(shares.has(asDomain('c.lit'))).toBe(false);
});
