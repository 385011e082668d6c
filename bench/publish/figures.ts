/** Figures of measurements as they are kept in bench/results: made from the values of rounds, written, and read again. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/** Where results are kept: in the sources, since they are published. */
const RESULTS = path.resolve(__dirname, '../../../bench/results');

const finite = z.number();

const figureSchema = z.strictObject({
  /** What it is found by: part, what was measured, against what; stable from one version to the next. */
  id: z.string().regex(/^[a-z0-9-]+(?:\/[a-z0-9.-]+)+$/),
  /** For people. */
  what: z.string().min(1),
  unit: z.string(),
  /** The median of `values`. */
  value: finite,
  /** One of each sound round. */
  values: z.array(finite).min(1),
  /** Largest less smallest, by the median; null where there is one value, or the median is 0. */
  spread: finite.nullable(),
  /** The aim, if there is one: at least, or at most. */
  least: finite.optional(),
  most: finite.optional(),
  /** What one has to know to read it. */
  note: z.string().optional(),
});

const resultSchema = z.strictObject({
  part: z.string().regex(/^[a-z-]+$/),
  /** When it was measured, ISO 8601. */
  at: z.iso.datetime(),
  commit: z.string(),
  /** Seconds that it took. */
  took: finite,
  rounds: z.number().int().positive(),
  machine: z.record(z.string(), z.string()),
  /** Versions of what was measured, by program. */
  versions: z.record(z.string(), z.string()),
  figures: z.array(figureSchema),
  /** Named things that were not measured, each with the reason. */
  skipped: z.array(z.string()),
  /** It was kept on the way, and the rest did not come. */
  unfinished: z.literal(true).optional(),
});

export type Figure = z.infer<typeof figureSchema>;
export type Result = z.infer<typeof resultSchema>;

/** The aim of a figure. */
export interface Aim {
  readonly least?: number;
  readonly most?: number;
  readonly note?: string;
}

/** The median; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** The value that `share` (0 to 1) of the values do not exceed (nearest rank); NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? NaN;
}

/** Largest less smallest, by the median; null where that says nothing. */
export function spreadOf(values: readonly number[]): number | null {
  const middle = median(values);
  return values.length < 2 || middle === 0 ? null : (Math.max(...values) - Math.min(...values)) / middle;
}

/** A figure from the values of its rounds; nothing if no round was sound. Throws if a value is no number. */
export function figure(id: string, what: string, unit: string, values: readonly number[], aim: Aim = {}): Figure[] {
  if (values.length === 0) return [];
  const odd = values.find((value) => !Number.isFinite(value));
  if (odd !== undefined) throw new Error(`${id} came to ${odd}.`);
  const rounded = values.map((value) => Number(value.toPrecision(6)));
  return [{ id, what, unit, value: median(rounded), values: rounded, spread: spreadOf(rounded), ...aim }];
}

/** Whether a figure reaches its aim; undefined if it has none. */
export function reached({ value, least, most }: Figure): boolean | undefined {
  if (least === undefined && most === undefined) return undefined;
  return value >= (least ?? -Infinity) && value <= (most ?? Infinity);
}

/** Keeps a part's result in place of the one before; refuses what `resultOf` would not read. */
export function keep(result: Result, folder = RESULTS): void {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${result.part}.json`);
  writeFileSync(`${file}.new`, `${JSON.stringify(resultSchema.parse(result), null, 2)}\n`);
  renameSync(`${file}.new`, file);
}

/** The result in a text of JSON; throws with what is wrong in it. */
export function resultOf(text: string): Result {
  return resultSchema.parse(JSON.parse(text));
}

/** All results that are kept, by part. */
export function kept(folder = RESULTS): Map<string, Result> {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.json')) : [];
  const results = files.sort().map((file) => {
    try {
      return resultOf(readFileSync(path.join(folder, file), 'utf8'));
    } catch (error) {
      throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
  return new Map(results.map((result) => [result.part, result]));
}
