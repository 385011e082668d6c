/** Loaded before a program (`node --require`): on SIGUSR2 it writes how late its event loop was since the last time, in ms, to the file that PARLOUR_LOOP names. */
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds: a tick that comes on time is this late in the histogram, and taken off. */
const RESOLUTION = 1;
const histogram = monitorEventLoopDelay({ resolution: RESOLUTION });
histogram.enable();

process.on('SIGUSR2', () => {
  const at = (share: number): number => Math.max(0, histogram.percentile(share) / 1e6 - RESOLUTION);
  const file = process.env['PARLOUR_LOOP'] ?? '';
  writeFileSync(`${file}.new`, JSON.stringify({ p50: at(50), p99: at(99), p999: at(99.9), max: at(100) }));
  renameSync(`${file}.new`, file);
  histogram.reset();
});
