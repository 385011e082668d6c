/** The row that says which batches are in: it outlives a writer that died before it answered. */
import type { Refused } from '../../room-store';

/** A refused room, and in which batch. */
export interface RefusedPart extends Refused {
  readonly batch: number;
}

/** The row of the table `progress`; `refused` is JSON. */
export interface Progress {
  readonly batch: number;
  readonly refused: string | null;
}

/** The parts that were refused in the latest batches, of which the maker of batches may not know yet. */
export function readRefused(json: string | null): readonly RefusedPart[] {
  return json === null ? [] : (JSON.parse(json) as RefusedPart[]);
}
