/** Units of time. */

/** Milliseconds since 1970-01-01 UTC, as in every `…At`, `stamp` and `deadline` here. */
export type Millis = number;
