/** Turns by group, and within a group by who asked; bounds that hit the one who asks too much. */
import { FairQueue } from '../../src/service/pipeline/fair-queue';
import fc, { runs } from '../support/property';
import { measured } from '../support/work';

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

interface Entry {
  readonly group: string;
  readonly who: string;
  readonly item: string;
}

/** The same by looking at everything that waits. */
class Naive {
  /** In the order of turns: groups, in these who asked, in these what they asked for. */
  private lines: { readonly group: string; readonly shares: { readonly who: string; readonly items: string[] }[] }[] = [];

  constructor(
    private readonly most: number,
    private readonly mostOfOne: number,
  ) {}

  private sizeOf(group: string): number {
    return this.lines.find((line) => line.group === group)?.shares.reduce((sum, { items }) => sum + items.length, 0) ?? 0;
  }

  /** What may be dropped for this one: the newest of a largest share of a largest group, or the item itself. */
  droppedFor({ group, who, item }: Entry): readonly (string | undefined)[] {
    const share = this.lines.find((line) => line.group === group)?.shares.find((one) => one.who === who);
    if (share && share.items.length >= this.mostOfOne) return [item];
    if (this.lines.reduce((sum, line) => sum + this.sizeOf(line.group), 0) < this.most) return [undefined];
    const largest = Math.max(0, ...this.lines.map((line) => this.sizeOf(line.group)));
    if (largest <= 1 + this.sizeOf(group) || this.sizeOf(group) === largest) return [item];
    return this.lines
      .filter((line) => this.sizeOf(line.group) === largest)
      .flatMap(({ shares }) => {
        const longest = Math.max(...shares.map(({ items }) => items.length));
        return shares.filter(({ items }) => items.length === longest).map(({ items }) => items.at(-1));
      });
  }

  add({ group, who, item }: Entry, dropped: string | undefined): void {
    for (const { shares } of this.lines) for (const { items } of shares) if (items.at(-1) === dropped) items.pop();
    this.tidy();
    if (dropped === item) return;
    let line = this.lines.find((one) => one.group === group);
    if (!line) this.lines.push((line = { group, shares: [] }));
    const share = line.shares.find((one) => one.who === who);
    if (share) share.items.push(item);
    else line.shares.push({ who, items: [item] });
  }

  next(): string | undefined {
    const line = this.lines.shift();
    const share = line?.shares.shift();
    if (!line || !share) return undefined;
    const item = share.items.shift();
    line.shares.push(share);
    this.lines.push(line);
    this.tidy();
    return item;
  }

  private tidy(): void {
    this.lines = this.lines
      .map(({ group, shares }) => ({ group, shares: shares.filter(({ items }) => items.length > 0) }))
      .filter(({ shares }) => shares.length > 0);
  }
}

test('whatever is added and taken: turns, bounds and what is dropped are those of looking at everything that waits', () => {
  const who = fc.record({ group: fc.constantFrom('a', 'b', 'c', 'd', 'e'), who: fc.constantFrom('1', '2', '3') });
  const acts = fc.array(fc.oneof({ weight: 3, arbitrary: who }, { weight: 1, arbitrary: fc.constant('next' as const) }), { maxLength: 80 });
  fc.assert(
    fc.property(acts, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 6 }), (all, most, mostOfOne) => {
      const queue = new FairQueue<string>({ most, mostOfOne });
      const naive = new Naive(most, mostOfOne);
      for (const [i, act] of all.entries()) {
        if (act === 'next') {
          expect(queue.next()).toBe(naive.next());
          continue;
        }
        const entry = { ...act, item: `${i}` };
        const dropped = queue.add(entry.group, entry.who, entry.item);
        expect(naive.droppedFor(entry)).toContain(dropped);
        naive.add(entry, dropped);
      }
      let left = queue.length;
      for (let item = naive.next(); item !== undefined; item = naive.next(), left--) expect(queue.next()).toBe(item);
      expect([left, queue.next(), queue.length]).toEqual([0, undefined, 0]);
    }),
    runs(500),
  );
});

describe('rule 6: a queue that is full is not looked through for each that comes', () => {
  const MOST = 10_000;
  const full = (place: (i: number) => readonly [group: string, who: string]): FairQueue<string> => {
    const queue = new FairQueue<string>({ most: MOST, mostOfOne: MOST });
    for (let i = 0; i < MOST; i++) queue.add(...place(i), `${i}`);
    return queue;
  };

  test('groups of one each: whoever comes has no place', () => {
    const queue = full((i) => [`g${i}`, 'x']);
    const { result, work } = measured(() => queue.add('new', 'x', 'new'));
    expect(result).toBe('new');
    expect(work.steps).toBeLessThan(50);
  });

  test('groups of two each: the newest of one goes, and what comes next finds the others', () => {
    const queue = full((i) => [`g${i % (MOST / 2)}`, 'x']);
    const dropped: (string | undefined)[] = [];
    const { work } = measured(() => {
      for (let i = 0; i < 100; i++) dropped.push(queue.add(`new${i}`, 'x', `new${i}`));
    });
    expect(new Set(dropped).size).toBe(100);
    expect(dropped.filter((item) => !(Number(item) >= MOST / 2))).toEqual([]);
    expect(work.steps).toBeLessThan(100 * 50);
  });

  test('one group of many who asked once', () => {
    const queue = full((i) => ['evil.lit', `x${i}`]);
    const { work } = measured(() => {
      for (let i = 0; i < 100; i++) queue.add(`new${i}`, 'x', `new${i}`);
    });
    expect(work.steps).toBeLessThan(100 * 50);
  });

  test('…of whom one asked often, until they have no more than the others', () => {
    const queue = full((i) => ['evil.lit', i < 500 ? 'eve' : `x${i}`]);
    const dropped: (string | undefined)[] = [];
    const { work } = measured(() => {
      for (let i = 0; i < 600; i++) dropped.push(queue.add(`new${i}`, 'x', `new${i}`));
    });
    expect(dropped.slice(0, 499)).toEqual(Array.from({ length: 499 }, (_, i) => `${499 - i}`));
    expect(work.steps).toBeLessThan(600 * 50);
  });
});
