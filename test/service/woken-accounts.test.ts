/** What is counted of wake-ups to accounts that show no sign of life, and given back where nothing was sent. */
import type { Millis } from '../../src/room/contract/rows';
import { MOST_WAITING, WokenAccounts } from '../../src/service/wake-ups/accounts';
import { asBare } from '../support/jids';

const HAG = asBare('hag@x.lit');
const NOW = 1_000_000 as Millis;

test('what was not sent is given back: the account is as it was', () => {
  const accounts = new WokenAccounts();
  expect(accounts.take(HAG, 'doorbell', NOW)).toBe(true);
  accounts.giveBack(HAG, 'doorbell');
  expect(accounts.size).toBe(0);
  for (let i = 0; i < MOST_WAITING; i++) expect(accounts.take(HAG, 'doorbell', NOW)).toBe(true);
  expect(accounts.take(HAG, 'doorbell', NOW)).toBe(false);
});

test('however many are given back, what was sent waits still: only a sign of life ends that', () => {
  const accounts = new WokenAccounts();
  const waiting = MOST_WAITING - 10;
  for (let i = 0; i < waiting; i++) accounts.take(HAG, 'doorbell', NOW);
  for (let i = 0; i < 10; i++) accounts.take(HAG, 'doorbell', NOW);
  for (let i = 0; i < 10; i++) accounts.giveBack(HAG, 'doorbell');
  let more = 0;
  while (accounts.take(HAG, 'doorbell', NOW)) more++;
  expect(more).toBe(10);
  expect(accounts.seen(HAG)).toBe(true);
});

test('tries at their bound stay there, so nobody who is given up on is tried for another twenty', () => {
  const accounts = new WokenAccounts();
  for (let i = 0; i < 40; i++) accounts.take(HAG, 'groupchat', NOW);
  for (let i = 0; i < 20; i++) accounts.giveBack(HAG, 'groupchat');
  expect(accounts.take(HAG, 'groupchat', (NOW + 8 * 86_400_000) as Millis)).toBe(false);
});
