/** How long a room keeps what was said: the owner's own bound within the operator's. */

/** A bound as the operator sets it; null: none. */
export interface RetentionBound {
  /** Of rooms whose owner has set none. */
  readonly default: number | null;
  /** Holds for every room, whatever its owner has set. */
  readonly max: number | null;
}

/** What the operator lets rooms keep. */
export interface Retention {
  /** No message that is older than so many days… */
  readonly days: RetentionBound;
  /** …and no more than so many of the newest. */
  readonly messages: RetentionBound;
}

/** Everything is kept, unless an owner wants less. */
export const NO_BOUNDS: Retention = { days: { default: null, max: null }, messages: { default: null, max: null } };

/** The bound in force where the owner has set `own` (null: none); null: there is none. */
export function boundInForce(own: number | null, { default: initial, max }: RetentionBound): number | null {
  const wanted = own ?? initial;
  if (wanted === null || max === null) return wanted ?? max;
  return Math.min(wanted, max);
}
