/** The life of a room as a table: what may follow what, whoever asks, and what the counts of loads do. */
import fc, { runs } from '../support/property';
import type { Machine } from '../../src/room/contract/machine';
import { Life, type LifeState } from '../../src/service/life/life';

const machine = {} as Machine;

const STEPS: Readonly<Record<string, (life: Life) => void>> = {
  load: (life) => life.load(),
  take: (life) => life.take(machine),
  'catch up': (life) => life.catchUp(),
  wake: (life) => life.wake(),
  fail: (life) => life.fail(),
  rest: (life) => life.rest(),
  release: (life) => life.release(),
  end: (life) => life.end(),
  works: (life) => life.works(),
};

/** docs/architecture.md "Life of a room": each row of that table. */
const FOLLOWS: Readonly<Record<LifeState, readonly LifeState[]>> = {
  absent: ['loading', 'resting'],
  loading: ['loading', 'catching-up', 'awake', 'absent', 'releasing', 'resting'],
  'catching-up': ['catching-up', 'awake', 'failed'],
  awake: ['catching-up', 'failed', 'releasing'],
  failed: ['failed', 'loading', 'resting'],
  resting: ['loading'],
  releasing: ['absent', 'loading', 'resting'],
};

test('whatever is asked of a life: it takes only the steps of the table, and says so when it is asked for another', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...Object.keys(STEPS)), { maxLength: 40 }), (names) => {
      const life = new Life();
      for (const name of names) {
        const before = life.state;
        const rests = life.rests;
        let threw = false;
        try {
          (STEPS[name] as (life: Life) => void)(life);
        } catch {
          threw = true;
        }
        if (threw) expect([life.state, life.rests]).toEqual([before, rests]);
        else if (life.state !== before) expect(FOLLOWS[before]).toContain(life.state);
        if (['absent', 'resting', 'releasing'].includes(life.state)) expect(life.machine).toBeUndefined();
      }
    }),
    runs(200),
  );
});

test.each([
  ['awake', 'end', (life: Life) => life.end()],
  ['awake', 'load', (life: Life) => life.load()],
  ['absent', 'wake', (life: Life) => life.wake()],
  ['absent', 'fail', (life: Life) => life.fail()],
])('a step that the table does not have is a mistake of ours: %s, then %s', (from, _, step) => {
  const life = new Life();
  if (from === 'awake') {
    life.load();
    life.take(machine);
    life.wake();
  }
  expect(() => {
    step(life);
  }).toThrow(/cannot become/);
  expect(life.state).toBe(from);
});

test('three loads without one decided input make a rest due, then one load between two rests; what works counts from the start', () => {
  const life = new Life();
  for (let i = 0; i < 3; i++) {
    expect(life.isBarren).toBe(false);
    life.load();
  }
  expect(life.isBarren).toBe(true);
  life.rest();
  expect(life.isBarren).toBe(false);
  life.load();
  expect(life.isBarren).toBe(true);
  life.take(machine);
  life.wake();
  life.works();
  expect([life.isBarren, life.rests, life.barrenLoads]).toEqual([false, 0, 0]);
});
