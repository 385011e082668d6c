/** docs/performance.md and its charts, from the results that are kept: what stands between the two marks is written here, the rest by hand. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bars, lines, short, type Bar } from './charts';
import { kept, reached, type Figure, type Result } from './figures';
import { TARGETS, type Target } from './targets';

const DOCS = path.resolve(__dirname, '../../../docs');
const PAGE = path.join(DOCS, 'performance.md');
const CHARTS = path.join(DOCS, 'charts');
const BEGIN = '<!-- figures: written by `npm run bench -- publish` -->';
const END = '<!-- end of figures -->';

type Results = ReadonlyMap<string, Result>;

/** What the parts are called on the page, in its order. */
const TITLES: Readonly<Record<string, string>> = {
  anchors: 'Others on the same machine',
  alone: 'Alone, against the baseline',
  profile: 'Where the time goes',
  attached: 'Through real servers',
  multicast: 'Through real servers, by XEP-0033',
  latency: 'Latency, beside the own MUC of servers',
  loads: 'Other loads',
  long: 'A minute at full speed',
  'storm-rounds': 'A thousand people enter at once',
  start: 'Start',
  loop: 'Loop delay',
  'default-rates': 'The default rates',
  paging: 'Pages of archives beside live talk',
  'memory-use': 'Memory',
};

/** A chart of bars: the figures of a part whose ids are like this. */
interface BarChart {
  readonly file: string;
  readonly part: string;
  readonly ids: RegExp;
  readonly title: string;
  readonly unit: string;
}

const BAR_CHARTS: readonly BarChart[] = [
  {
    file: 'anchors',
    part: 'anchors',
    ids: /^anchors\/(?:core|jetstream|consumers|irc|parlour)-\d+x\d+$/,
    title: 'Deliveries a second: Parlour, NATS and IRC',
    unit: '',
  },
  { file: 'alone', part: 'alone', ids: /of-baseline$/, title: 'Alone: share of the baseline', unit: '' },
  {
    file: 'attached',
    part: 'attached',
    ids: /\/(?:parlour|baseline|own)$/,
    title: 'Through real servers: deliveries a second, 100 rooms of 20',
    unit: '',
  },
  {
    file: 'multicast',
    part: 'multicast',
    ids: /\/(?:parlour|plain|baseline|own)$/,
    title: 'By XEP-0033: deliveries a second, 100 rooms of 20',
    unit: '',
  },
  { file: 'latency', part: 'latency', ids: /-p(?:50|99)$/, title: "Latency at half of the slower one's capacity", unit: 'ms' },
  { file: 'loads', part: 'loads', ids: /of-baseline$/, title: 'Other loads: share of the baseline', unit: '' },
  {
    file: 'storm',
    part: 'storm-rounds',
    ids: /\/(?:parlour|baseline)$/,
    title: '1,000 people enter one room: until the last one is in',
    unit: 's',
  },
  { file: 'start', part: 'start', ids: /^start\/\d+$/, title: 'From the start to the first answer', unit: 'ms' },
  { file: 'loop', part: 'loop', ids: /p999$/, title: 'Loop delay p99.9 at half of the maximum, above idle', unit: 'ms' },
  { file: 'memory', part: 'memory-use', ids: /^memory\/(?:session|presence|room|sleeping)/, title: 'Memory in use', unit: 'bytes' },
];

const bar = ({ what, value, values, least, most }: Figure): Bar => {
  const aim = least ?? most;
  return {
    label: what.length > 46 ? `${what.slice(0, 45)}…` : what,
    value,
    from: Math.min(...values),
    to: Math.max(...values),
    ...(aim === undefined ? {} : { aim }),
  };
};

/** The charts of these results, by file name. */
export function chartsOf(results: Results): Map<string, string> {
  const charts = new Map<string, string>();
  for (const { file, part, ids, title, unit } of BAR_CHARTS) {
    const shown = (results.get(part)?.figures ?? []).filter(({ id }) => ids.test(id));
    if (shown.length > 0) charts.set(`${file}.svg`, bars(title, unit, shown.map(bar)));
  }
  const minute = (results.get('long')?.figures ?? []).filter(({ id }) => id.endsWith('/by-second'));
  if (minute.length > 0) {
    const rows = minute.map(({ what, values }) => ({ label: what, values }));
    charts.set('long.svg', lines('A minute at full speed: deliveries a second', 'deliveries/s', 'second', rows));
  }
  return charts;
}

const CHART_OF: ReadonlyMap<string, string> = new Map([
  ...BAR_CHARTS.map(({ part, file }): [string, string] => [part, `${file}.svg`]),
  ['long', 'long.svg'],
]);

/** A figure as people read it: value and unit, and the spread of its rounds. */
function told({ value, unit, spread, values }: Figure): string {
  const width = spread === null ? '' : ` (spread ${Math.round(100 * spread)} %, ${values.length} rounds)`;
  return `${short(value)}${unit === '' ? '' : ` ${unit}`}${width}`;
}

const aimOf = ({ least, most }: Figure): string =>
  least !== undefined ? `at least ${short(least)}` : most !== undefined ? `at most ${short(most)}` : '';
const verdict = (figure: Figure): string =>
  ({ true: 'reached', false: 'missed', undefined: '' })[String(reached(figure)) as 'true' | 'false' | 'undefined'];
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  row(head),
  row(head.map(() => '---')),
  ...rows.map(row),
];

function targetRow(target: Target, figures: ReadonlyMap<string, Figure>): string[] {
  const found = target.ids.map((id) => figures.get(id));
  const measured =
    target.ids.length === 0 || found.every((one) => one === undefined)
      ? 'not measured yet'
      : found.map((one) => (one === undefined ? 'not measured' : short(one.value))).join(' / ');
  const verdicts = found.map((one) => (one === undefined ? '–' : verdict(one) || 'reported'));
  const said = measured === 'not measured yet' ? '' : new Set(verdicts).size === 1 ? (verdicts[0] as string) : verdicts.join(' / ');
  const [of] = (target.of ?? []).flatMap((id) => figures.get(id) ?? []);
  return [target.what, target.target, target.stretch, of === undefined ? measured : `${measured} (${told(of)})`, said];
}

/** Profiles: a table for each thread, with each function's own time. */
function profileTables(figures: readonly Figure[]): string[] {
  const threads = new Map<string, Figure[]>();
  for (const one of figures) threads.set(one.note ?? '', [...(threads.get(one.note ?? '') ?? []), one]);
  return [...threads].flatMap(([thread, rows]) => [
    ...table(
      [thread, 'own time'],
      rows.map(({ what, value }) => [what, `${short(value)} %`]),
    ),
    '',
  ]);
}

/** What stands between the marks. */
export function figuresOf(results: Results): string {
  const figures = new Map([...results.values()].flatMap((result) => result.figures.map((one): [string, Figure] => [one.id, one])));
  const parts = Object.entries(TITLES).flatMap(([name, title]) => {
    const result = results.get(name);
    if (result === undefined) return [];
    const versions = Object.entries(result.versions).map(([program, version]) => `${program} ${version}`);
    const chart = CHART_OF.get(name);
    // A series is drawn, not told.
    const rows = result.figures
      .filter(({ id }) => !id.endsWith('/by-second'))
      .map((one) => [one.what, told(one), aimOf(one), verdict(one), one.note ?? '']);
    return [
      `### ${title}`,
      '',
      `Measured ${result.at.slice(0, 10)} at ${result.commit}${versions.length > 0 ? `, with ${versions.join(', ')}` : ''}. Again: \`npm run bench -- all --only ${name}\`.`,
      '',
      ...(chart !== undefined && chartsOf(results).has(chart) ? [`![${title}](charts/${chart})`, ''] : []),
      ...(name === 'profile' ? profileTables(result.figures) : [...table(['what', 'median', 'aim', '', ''], rows), '']),
      ...(result.unfinished === true ? ['It was interrupted: the rest is not measured yet.', ''] : []),
      ...(result.skipped.length > 0 ? ['Not counted:', '', ...result.skipped.map((one) => `- ${one}`), ''] : []),
    ];
  });
  const machines = [...new Set([...results.values()].map(({ machine }) => Object.values(machine).join('; ')))];
  return [
    '## Targets',
    '',
    ...table(
      ['what', 'target', 'stretch', 'measured', ''],
      TARGETS.map((target) => targetRow(target, figures)),
    ),
    '',
    ...(machines.length > 0 ? ['Measured on:', '', ...machines.map((one) => `- ${one}`), ''] : []),
    '## Figures',
    '',
    ...parts,
  ].join('\n');
}

/** The page with these figures in place of those that stand in it. Throws if it lacks its marks. */
export function pageWith(page: string, results: Results): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`docs/performance.md lacks ${begin < 0 ? BEGIN : END}.`);
  return `${page.slice(0, begin)}${BEGIN}\n\n${figuresOf(results)}\n${page.slice(end)}`;
}

/** Writes the page's figures and all charts anew. */
export function publish(): void {
  const results = kept();
  writeFileSync(PAGE, pageWith(readFileSync(PAGE, 'utf8'), results));
  mkdirSync(CHARTS, { recursive: true });
  for (const file of readdirSync(CHARTS).filter((one) => one.endsWith('.svg'))) rmSync(path.join(CHARTS, file));
  for (const [file, text] of chartsOf(results)) writeFileSync(path.join(CHARTS, file), text);
}
