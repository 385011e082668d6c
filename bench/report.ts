/** From measurements to lines of text: one for each run, and the medians as ratios to the baseline. */
import type { Measured } from './generator';
import type { Load } from './loads';

/** Above this share of a core the generator, not the component, may have been what was measured. */
export const GENERATOR_LIMIT = 0.6;
/** Above this share of a core other programs took from two cores what the component would have had. */
export const OTHERS_LIMIT = 0.3;

export type Program = 'baseline' | 'parlour';

export interface Figures {
  /** Deliveries per second. */
  readonly rate: number;
  /** Microseconds of CPU per delivery. */
  readonly main: number;
  readonly all: number;
}

export function figures(measured: Measured): Figures {
  return {
    rate: measured.deliveries / measured.seconds,
    main: measured.mainCpu / 1e3 / measured.deliveries,
    all: measured.allCpu / 1e3 / measured.deliveries,
  };
}

/** Why a run says nothing about the component, and is left out of the medians; undefined if it is sound. */
export function voidBecause(measured: Measured): string | undefined {
  if (measured.generatorCores > GENERATOR_LIMIT) return `the generator used more than ${GENERATOR_LIMIT} of a core`;
  if (measured.otherCores > OTHERS_LIMIT) return `other programs used more than ${OTHERS_LIMIT} of a core`;
  return undefined;
}

export const HEADING =
  '                            deliveries/s   µs main  µs process   generator  others   bytes  messages  pings\n' +
  '                                         (per delivery)        (cores)   (cores)  (each)';

/** One run as a line. */
export function runLine(program: Program, load: Load, measured: Measured): string {
  const { rate, main, all } = figures(measured);
  const cells = [
    `${load.name.padEnd(17)} ${program.padEnd(9)}`,
    thousands(rate).padStart(12),
    main.toFixed(3).padStart(9),
    all.toFixed(3).padStart(11),
    measured.generatorCores.toFixed(2).padStart(11),
    measured.otherCores.toFixed(2).padStart(7),
    String(measured.bytesPerDelivery).padStart(7),
    String(measured.messages).padStart(9),
    String(measured.pings).padStart(6),
  ];
  const why = voidBecause(measured);
  return cells.join(' ') + (why === undefined ? '' : `  VOID: ${why}`);
}

/** The medians of a load, with ratios, as lines. `runs` are all runs; void ones are left out here. */
export function summary(load: Load, runs: ReadonlyMap<Program, readonly Measured[]>): string[] {
  const sound = (program: Program): Figures[] => (runs.get(program) ?? []).filter((run) => voidBecause(run) === undefined).map(figures);
  const [baseline, parlour] = [sound('baseline'), sound('parlour')];
  if (baseline.length === 0 || parlour.length === 0)
    return [`${load.name}: no run of both programs was sound, so there is no ratio. Stop other programs, or ask for more --rounds.`];
  const of = (all: readonly Figures[], key: keyof Figures): number => median(all.map((one) => one[key]));
  const ratio = (key: keyof Figures): number => of(parlour, key) / of(baseline, key);
  const rate = ratio('rate');
  return [
    `${load.name}: ${rate.toFixed(2)} of the baseline's deliveries/s (${thousands(of(parlour, 'rate'))} of ${thousands(of(baseline, 'rate'))}; ` +
      `the aim is ${load.target}: ${rate >= load.target ? 'reached' : 'missed'})`,
    `  CPU per delivery: main thread ${of(parlour, 'main').toFixed(2)} µs, ${ratio('main').toFixed(2)} times the baseline's; ` +
      `process ${of(parlour, 'all').toFixed(2)} µs, ${ratio('all').toFixed(2)} times; medians of ${parlour.length} and ${baseline.length} runs`,
  ];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
