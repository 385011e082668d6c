/** CPU profiles as V8 writes them (`node --cpu-prof`, a file for each thread), read as shares of a span of time by function and file. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const profileSchema = z.object({
  nodes: z.array(z.object({ id: z.number(), callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }) })),
  /** Microseconds, as `process.hrtime` counts. */
  startTime: z.number(),
  samples: z.array(z.number()),
  /** Microseconds from one sample to the next; the first from the start. */
  timeDeltas: z.array(z.number()),
});

export type CpuProfile = z.infer<typeof profileSchema>;

/** A function and its own share of the span, without what it calls. */
export interface Share {
  /** The function and, for Parlour's own, its file. */
  readonly name: string;
  /** 0 to 1. */
  readonly share: number;
}

/** In microseconds, as `process.hrtime` counts. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** All profiles of a folder. Throws if a file is none. */
export function profilesIn(folder: string): CpuProfile[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.cpuprofile'))
    .map((file) => profileSchema.parse(JSON.parse(readFileSync(path.join(folder, file), 'utf8'))));
}

/** Whether a thread runs a file, by the end of its address without `.js`. */
export const runs = ({ nodes }: CpuProfile, file: string): boolean => nodes.some(({ callFrame: { url } }) => url.endsWith(`${file}.js`));

/** What the thread did in the span, the largest first: each function's own time, by function and file. Empty if the profile has nothing of the span. */
export function sharesOf({ nodes, samples, timeDeltas, startTime }: CpuProfile, { from, until }: Span): Share[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const took = new Map<string, number>();
  let [at, whole] = [startTime, 0];
  for (const [i, sample] of samples.entries()) {
    at += timeDeltas[i] ?? 0;
    // A sample stands for the time until the next one.
    const own = timeDeltas[i + 1] ?? 0;
    if (at < from || at > until || own <= 0) continue;
    const name = names.get(sample) ?? '(unknown)';
    took.set(name, (took.get(name) ?? 0) + own);
    whole += own;
  }
  return [...took].map(([name, own]) => ({ name, share: own / whole })).sort((a, b) => b.share - a.share);
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const name = functionName === '' ? `(line ${lineNumber + 1})` : functionName;
  if (url === '') return name;
  const file = url.includes('/dist/src/')
    ? url.slice(url.indexOf('/dist/src/') + '/dist/src/'.length)
    : (/node_modules\/(.*)$/.exec(url)?.[1] ?? url.replace(/^.*\//, ''));
  return `${name} (${file.replace(/\.js$/, '')})`;
}
