/** The row that says how far the batches are: it outlives a writer that owed an answer. */
import type { Refused } from '../store';

/** Somebody refused, and in which batch. */
export interface Refusal extends Refused {
  readonly batch: number;
}

/** The row of the table `progress`; `refused` is JSON. */
export interface Progress {
  readonly batch: number;
  readonly refused: string | null;
}

/** The refusals in the latest batches, as many as whoever makes batches may not know of yet. */
export function readRefusals(json: string | null): readonly Refusal[] {
  return json === null ? [] : (JSON.parse(json) as Refusal[]);
}
