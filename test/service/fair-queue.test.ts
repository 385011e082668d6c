/** Turns by group, and within a group by who asked; bounds that hit the one who asks too much. */
import { FairQueue } from '../../src/service/pipeline/fair-queue';

const drain = (queue: FairQueue<string>): string[] => {
  const all: string[] = [];
  for (let item = queue.next(); item !== undefined; item = queue.next()) all.push(item);
  return all;
};

test('an account with many waits for its own only', () => {
  const queue = new FairQueue<string>({ most: 100, mostOfOne: 10 });
  for (const n of [1, 2, 3]) queue.add('eve', 'eve', `eve ${n}`);
  queue.add('ann', 'ann', 'ann 1');
  queue.add('bob', 'bob', 'bob 1');
  queue.add('ann', 'ann', 'ann 2');
  expect(drain(queue)).toEqual(['eve 1', 'ann 1', 'bob 1', 'eve 2', 'ann 2', 'eve 3']);
  expect(queue).toHaveLength(0);
});

test('many accounts of one group have one turn together, and take turns in it', () => {
  const queue = new FairQueue<string>({ most: 100, mostOfOne: 10 });
  for (const who of ['a', 'b', 'c']) for (const n of [1, 2]) queue.add('evil.example', who, `${who} ${n}`);
  queue.add('ann', 'ann', 'ann 1');
  queue.add('ann', 'ann', 'ann 2');
  expect(drain(queue)).toEqual(['a 1', 'ann 1', 'b 1', 'ann 2', 'c 1', 'a 2', 'b 2', 'c 2']);
});

test('beyond its own bound an account is refused; if all are full the newest of the greediest goes', () => {
  const queue = new FairQueue<string>({ most: 5, mostOfOne: 4 });
  for (const n of [1, 2, 3, 4]) expect(queue.add('eve', 'eve', `eve ${n}`)).toBeUndefined();
  expect(queue.add('eve', 'eve', 'eve 5')).toBe('eve 5');
  expect(queue.add('ann', 'ann', 'ann 1')).toBeUndefined();
  expect(queue.add('bob', 'bob', 'bob 1')).toBe('eve 4');
  expect(queue.add('ann', 'ann', 'ann 2')).toBe('eve 3');
  // Who has as many as the others gains nothing at their cost.
  expect(queue.add('ann', 'ann', 'ann 3')).toBe('ann 3');
  expect(drain(queue)).toEqual(['eve 1', 'ann 1', 'bob 1', 'eve 2', 'ann 2']);
});
