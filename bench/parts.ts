/** The parts of `npm run bench -- all`, in their order: anchors first. */
import { anchoring } from './parts/anchoring';
import { alone, attached, loads, long } from './parts/comparisons';
import { memoryUse, storm } from './parts/crowds';
import { multicast } from './parts/multicast';
import type { Part } from './parts/part';
import { profiling } from './parts/profiling';
import { starting } from './parts/starting';
import { defaults, latency, loop, paging } from './parts/waiting';

export const PARTS: readonly Part[] = [
  anchoring,
  alone,
  profiling,
  attached,
  multicast,
  latency,
  loads,
  long,
  storm,
  starting,
  loop,
  defaults,
  paging,
  memoryUse,
];
