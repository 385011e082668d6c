/** Loaded before a program (`node --require`): on SIGUSR2 it collects garbage and writes what is in use to the file that PARLOUR_HEAP names. */
import { writeFileSync } from 'node:fs';

declare const gc: () => void;

process.on('SIGUSR2', () => {
  gc();
  gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  writeFileSync(process.env['PARLOUR_HEAP'] ?? '', JSON.stringify({ heapUsed, external, rss }));
});
