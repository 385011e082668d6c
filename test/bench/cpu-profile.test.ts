/** Profiles are read as each function's own share of the span that was measured. */
import { runs, sharesOf, type CpuProfile } from '../../bench/cpu-profile';

const frame = (id: number, functionName: string, url: string): CpuProfile['nodes'][number] => ({
  id,
  callFrame: { functionName, url, lineNumber: 6 },
});
const PROFILE: CpuProfile = {
  nodes: [
    frame(1, '(idle)', ''),
    frame(2, 'write', 'file:///srv/parlour/dist/src/link/writer.js'),
    frame(3, 'write', 'file:///srv/parlour/dist/src/link/writer.js'),
    frame(4, '', '/srv/parlour/node_modules/better-sqlite3/lib/methods/wrappers.js'),
    frame(5, 'start', 'node:internal/main'),
  ],
  startTime: 1_000,
  samples: [5, 1, 2, 3, 4, 5],
  timeDeltas: [0, 100, 100, 50, 150, 100],
};

test('a function has the time until the next sample, whoever called it; what lies outside of the span does not count', () => {
  // From 1100: idle 100, write 50 and 150, the line 100; the last sample has no end.
  expect(sharesOf(PROFILE, { from: 1_100, until: 1_500 })).toEqual([
    { name: 'write (link/writer)', share: 0.5 },
    { name: '(idle)', share: 0.25 },
    { name: '(line 7) (better-sqlite3/lib/methods/wrappers)', share: 0.25 },
  ]);
  expect(sharesOf(PROFILE, { from: 5_000, until: 6_000 })).toEqual([]);
});

test('a thread is known by a file that it runs', () => {
  expect(runs(PROFILE, 'link/writer')).toBe(true);
  expect(runs(PROFILE, 'store/sqlite/writing/writer-thread')).toBe(false);
});
