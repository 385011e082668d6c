/** From measurements to lines of text: one for each run, and the medians as ratios to the baseline. */
import type { Measured } from './generator';
import type { Load } from './loads';
import { median } from './publish/figures';

/** Above this share of a core the generator, not the component, may have been what was measured. */
export const GENERATOR_LIMIT = 0.6;
/** Above this share of a core other programs took from two cores what the component would have had. */
export const OTHERS_LIMIT = 0.3;

export interface Figures {
  /** Deliveries per second. */
  readonly rate: number;
  /** Microseconds of CPU per delivery. */
  readonly main: number;
  readonly all: number;
  /** Of the server between, or of the server itself; 0 without one. */
  readonly server: number;
}

export function figures(measured: Measured): Figures {
  return {
    rate: measured.deliveries / measured.seconds,
    main: measured.mainCpu / 1e3 / measured.deliveries,
    all: measured.allCpu / 1e3 / measured.deliveries,
    server: (measured.serverCores * measured.seconds * 1e6) / measured.deliveries,
  };
}

/** Why a run says nothing about the component, and is left out of the medians; undefined if it is sound. */
export function voidBecause(measured: Measured): string | undefined {
  if (measured.generatorCores > GENERATOR_LIMIT) return `the generator used more than ${GENERATOR_LIMIT} of a core`;
  if (measured.otherCores > OTHERS_LIMIT) return `other programs used more than ${OTHERS_LIMIT} of a core`;
  return undefined;
}

export const HEADING =
  '                             deliveries/s   µs main  µs process   generator  server  others   bytes  messages  pings\n' +
  '                                          (per delivery)        (cores)  (cores)  (cores)  (each)';

/** One run as a line. */
export function runLine(program: string, load: Load, measured: Measured): string {
  const { rate, main, all } = figures(measured);
  const cells = [
    `${load.name.padEnd(17)} ${program.padEnd(10)}`,
    thousands(rate).padStart(12),
    main.toFixed(3).padStart(9),
    all.toFixed(3).padStart(11),
    measured.generatorCores.toFixed(2).padStart(11),
    measured.serverCores.toFixed(2).padStart(7),
    measured.otherCores.toFixed(2).padStart(7),
    String(measured.bytesPerDelivery).padStart(7),
    String(measured.messages).padStart(9),
    String(measured.pings).padStart(6),
  ];
  const why = voidBecause(measured);
  return cells.join(' ') + (why === undefined ? '' : `  VOID: ${why}`);
}

/** One round: each of two programs under the same load, one after the other. */
export interface Round {
  readonly first: Measured;
  readonly second: Measured;
}

/** Whether neither of the two was disturbed. */
export function isSound({ first, second }: Round): boolean {
  return voidBecause(first) === undefined && voidBecause(second) === undefined;
}

/**
 * The medians of a load as lines: the first program's figures in times the second's, taken round by round. Rounds with
 * a void run are left out here. `target`: the aim for the share of deliveries/s, if there is one.
 */
export function summary(name: string, programs: readonly [string, string], rounds: readonly Round[], target: number | undefined): string[] {
  const sound = rounds.filter(isSound).map(({ first, second }) => ({ first: figures(first), second: figures(second) }));
  if (sound.length === 0) return [`${name}: no round was sound, so there is no ratio. Stop other programs, or ask for more --rounds.`];
  const [one, other] = programs;
  const ratios = (key: keyof Figures): number[] => sound.map(({ first, second }) => first[key] / second[key]);
  const of = (which: keyof Round, key: keyof Figures): number => median(sound.map((round) => round[which][key]));
  const rates = ratios('rate');
  const rate = median(rates);
  const spread = (Math.max(...rates) - Math.min(...rates)) / rate;
  const times = (what: string, key: keyof Figures): string =>
    of('first', key) === 0
      ? ''
      : `${what} ${of('first', key).toFixed(2)} µs${of('second', key) === 0 ? '' : `, ${median(ratios(key)).toFixed(2)} times`}`;
  const processor = (): string =>
    [times('main thread', 'main'), times('process', 'all'), times('the server', 'server')].filter((one) => one !== '').join('; ');
  const aim = target === undefined ? '' : `; the aim is ${target}: ${rate >= target ? 'reached' : 'missed'}`;
  return [
    `${name}: ${one} has ${rate.toFixed(2)} of the deliveries/s of ${other} (spread ${(100 * spread).toFixed(0)} % in ${sound.length} rounds; ` +
      `${thousands(of('first', 'rate'))} of ${thousands(of('second', 'rate'))}${aim})`,
    `  CPU per delivery: ${processor()}`,
  ];
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
