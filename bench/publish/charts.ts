/** Charts as SVG, written by hand: bars with their aims, and lines over time. Readable on light and dark pages. */

const WIDTH = 820;
const LEFT = 340;
const RIGHT = 90;
const ROW = 26;
const TOP = 44;
const COLOURS = ['#3366cc', '#dc7633', '#2e8b57', '#8e44ad', '#b03a2e', '#7f8c8d'];

/** One bar: a value, the smallest and the largest round, and perhaps the aim. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly from: number;
  readonly to: number;
  readonly aim?: number;
}

/** One line over time: a value for each step, from step 1 on. */
export interface Line {
  readonly label: string;
  readonly values: readonly number[];
}

/** Text as it may stand in XML. */
export function escape(text: string): string {
  return text.replace(/[&<>"]/g, (found) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[found] as string);
}

/** A round number at or above the value: 1, 2 or 5 times a power of ten; 1 for nothing. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  // The tiny surplus: powers of ten are not exact.
  const factor = [1, 2, 5, 10].find((one) => one * power >= value * (1 - 1e-9)) as number;
  return factor * power;
}

/** A number with three digits that count, thousands set off. */
export function short(value: number): string {
  if (value === 0) return '0';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

const at = (x: number): string => String(Math.round(x * 10) / 10);

function frame(title: string, height: number, content: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="12" y="24" font-size="15" font-weight="bold" fill="#222222">${escape(title)}</text>`,
    ...content,
    '</svg>',
    '',
  ].join('\n');
}

/** Horizontal bars with the span of the rounds as a thin line and the aim as a mark; `unit` stands behind the values. */
export function bars(title: string, unit: string, rows: readonly Bar[]): string {
  const most = roundUp(Math.max(0, ...rows.flatMap(({ value, to, aim }) => [value, to, aim ?? 0])));
  const x = (value: number): number => LEFT + (Math.max(0, value) / most) * (WIDTH - LEFT - RIGHT);
  const height = TOP + rows.length * ROW + 28;
  const content = rows.flatMap(({ label, value, from, to, aim }, i) => {
    const y = TOP + i * ROW;
    return [
      `<text x="${LEFT - 8}" y="${y + 16}" text-anchor="end" fill="#222222">${escape(label)}</text>`,
      `<rect x="${LEFT}" y="${y + 4}" width="${at(x(value) - LEFT)}" height="16" fill="${COLOURS[0]}"/>`,
      ...(to > from ? [`<path d="M${at(x(from))} ${y + 12}H${at(x(to))}" stroke="#111111" stroke-width="2"/>`] : []),
      ...(aim === undefined ? [] : [`<path d="M${at(x(aim))} ${y + 1}V${y + 23}" stroke="#c0392b" stroke-width="2"/>`]),
      `<text x="${at(x(Math.max(value, to)) + 6)}" y="${y + 16}" fill="#222222">${escape(`${short(value)} ${unit}`.trim())}</text>`,
    ];
  });
  const legend = `Bar: the median. Black line: from the smallest to the largest round. Red mark: the aim.`;
  return frame(title, height, [...content, `<text x="12" y="${height - 10}" font-size="11" fill="#555555">${legend}</text>`]);
}

/** Lines over time, one value for each `step`; the scale begins at 0. */
export function lines(title: string, unit: string, step: string, rows: readonly Line[]): string {
  const height = 300;
  const [left, bottom] = [80, height - 62];
  const most = roundUp(Math.max(0, ...rows.flatMap(({ values }) => values)));
  const steps = Math.max(2, ...rows.map(({ values }) => values.length));
  const x = (i: number): number => left + (i / (steps - 1)) * (WIDTH - left - 20);
  const y = (value: number): number => bottom - (Math.max(0, value) / most) * (bottom - TOP);
  const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    `<path d="M${left} ${at(y(most * share))}H${WIDTH - 20}" stroke="#dddddd"/>`,
    `<text x="${left - 6}" y="${at(y(most * share) + 4)}" text-anchor="end" fill="#555555">${short(most * share)}</text>`,
  ]);
  const drawn = rows.flatMap(({ label, values }, i) => {
    const colour = COLOURS[i % COLOURS.length] as string;
    const points = values.map((value, n) => `${at(x(n))},${at(y(value))}`).join(' ');
    return [
      `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      `<rect x="${left + i * 220}" y="${height - 24}" width="12" height="12" fill="${colour}"/>`,
      `<text x="${left + i * 220 + 18}" y="${height - 14}" fill="#222222">${escape(label)}</text>`,
    ];
  });
  const axis = `<text x="${WIDTH - 20}" y="${bottom + 18}" text-anchor="end" fill="#555555">${escape(`${unit} by ${step}, 1 to ${steps}`)}</text>`;
  return frame(title, height, [...grid, ...drawn, axis]);
}
