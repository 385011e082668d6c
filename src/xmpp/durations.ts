/** Lengths of time as people write them: a whole number of minutes, hours, days or weeks. */

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Milliseconds of a text such as `30m`, `12h`, `2d` or `1w`; undefined: it is none. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = /^([1-9]\d{0,5})([mhdw])$/.exec(text.trim().toLowerCase()) ?? [];
  return count === undefined || unit === undefined ? undefined : Number(count) * (UNITS[unit] as number);
}
