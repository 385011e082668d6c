/** Parts that compare Parlour with the baseline, and with the servers' own rooms, under loads at full speed. */
import { missing } from '../../test/e2e/servers/flavours';
import { FLAVOURS } from '../../test/e2e/servers/server';
import { THIS_BUILD } from '../component';
import type { Measured } from '../generator';
import type { KindName } from '../kinds';
import { idOf, LOADS, type Load } from '../loads';
import type { Figure } from '../publish/figures';
import { figures, isSound, voidBecause, type Round } from '../report';
import { ALONE, BASELINE, compare, LEAST, learnForms, OWN_ROOMS, pairs, parlour, sameForm, through, type Program } from '../rounds';
import { Values, type Chosen, type Found, type Part } from './part';
import { serverVersion } from './versions';

const WARMUP = 2;
/** Through servers there is less to warm up. */
export const WARMUP_ATTACHED = 1;
/** The long measurement, in times the usual one: a minute. */
const LONG = 15;
/** Issue "Fast": shares of the baseline alone. */
const AIMS: Readonly<Record<string, number>> = { '1x1000': 0.9, '100x20': 0.55, '1000x10': 0.4 };

/** Share of the other's deliveries a second and times of its processor, of the sound rounds. */
export function shares(values: Values, id: string, rounds: readonly Round[], name: string): void {
  for (const { first, second } of rounds.filter(isSound)) {
    const [one, other] = [figures(first), figures(second)];
    values.add(`${id}/of-${name}`, one.rate / other.rate);
    if (other.main > 0) values.add(`${id}/main-of-${name}`, one.main / other.main);
    if (other.all > 0) values.add(`${id}/process-of-${name}`, one.all / other.all);
  }
}

/** Deliveries a second and processor time for each of one program. */
export function own(values: Values, id: string, name: string, runs: readonly (Measured | undefined)[]): void {
  for (const run of runs) {
    if (run === undefined || voidBecause(run) !== undefined) continue;
    const { rate, all, server } = figures(run);
    values.add(`${id}/${name}`, rate);
    if (all > 0) values.add(`${id}/${name}-process`, all);
    if (server > 0) values.add(`${id}/${name}-server`, server);
  }
}

export const alone: Part = {
  name: 'alone',
  title: 'alone against the baseline and the least durable program, the three loads',
  rounds: 5,
  minutes: 7.5,
  async run({ rounds, seconds, place, stop }: Chosen): Promise<Found> {
    await learnForms({ place, stop });
    const ours = parlour('parlour', THIS_BUILD, ALONE);
    const results = await compare({
      between: ALONE,
      programs: [ours, BASELINE, LEAST],
      loads: LOADS,
      rounds,
      seconds,
      warmup: WARMUP,
      place,
      stop,
    });
    const values = new Values();
    const found = [...results].flatMap(([load, measured]): Figure[] => {
      const id = `alone/${idOf(load)}`;
      const both = pairs(measured, ours, BASELINE);
      both.forEach(sameForm);
      shares(values, id, both, 'baseline');
      const least = pairs(measured, ours, LEAST);
      least.forEach(sameForm);
      shares(values, id, least, 'least');
      shares(values, `${id}/least`, pairs(measured, LEAST, BASELINE), 'baseline');
      for (const [program, name] of [
        [ours, 'parlour'],
        [BASELINE, 'baseline'],
        [LEAST, 'least'],
      ] as const)
        own(
          values,
          id,
          name,
          measured.map((round) => round.get(program)),
        );
      const aim = AIMS[idOf(load)];
      return [
        ...values.figure(
          `${id}/of-baseline`,
          `${load.name}: share of the baseline's deliveries/s`,
          '',
          aim === undefined ? {} : { least: aim },
        ),
        ...values.figure(`${id}/parlour`, `${load.name}: Parlour`, 'deliveries/s'),
        ...values.figure(`${id}/baseline`, `${load.name}: the baseline`, 'deliveries/s'),
        ...values.figure(`${id}/main-of-baseline`, `${load.name}: processor time of the main thread, of the baseline's`, 'times'),
        ...values.figure(`${id}/process-of-baseline`, `${load.name}: processor time of the process, of the baseline's`, 'times'),
        ...values.figure(`${id}/least/of-baseline`, `${load.name}: the least durable program, share of the baseline's deliveries/s`, ''),
        ...values.figure(`${id}/of-least`, `${load.name}: Parlour, share of the least durable program's deliveries/s`, ''),
        ...values.figure(`${id}/least`, `${load.name}: the least durable program`, 'deliveries/s'),
        ...values.figure(`${id}/main-of-least`, `${load.name}: processor time of the main thread, of the least durable program's`, 'times'),
      ];
    });
    return { figures: found, skipped: unsound(results) };
  },
};

/** Rounds that do not count, as sentences. */
export function unsound(results: ReadonlyMap<Load, readonly Map<Program, Measured>[]>): string[] {
  return [...results].flatMap(([load, rounds]) =>
    rounds.flatMap((round, i) =>
      [...round].flatMap(([program, measured]) => {
        const why = voidBecause(measured);
        return why === undefined ? [] : [`round ${i + 1} of ${load.name}, ${program.name}: ${why}`];
      }),
    ),
  );
}

/** The load through real servers: with Prosody's fan-out 100 rooms of 20 are enough to see who is the slower one. */
export const ATTACHED = LOADS[1] as Load;

export const attached: Part = {
  name: 'attached',
  title: 'through real servers, against the baseline attached and their own MUC with archive on',
  rounds: 5,
  minutes: 7.5,
  async run({ rounds, seconds, place, stop, soFar }: Chosen): Promise<Found> {
    await learnForms({ place, stop });
    const values = new Values();
    const found: Figure[] = [];
    const skipped: string[] = [];
    const versions: Record<string, string> = {};
    for (const flavour of FLAVOURS) {
      const why = missing(flavour);
      if (why !== null) {
        skipped.push(`${flavour}: ${why}`);
        continue;
      }
      await through(flavour, async (between) => {
        const ours = parlour('parlour', THIS_BUILD, between);
        const programs = [ours, BASELINE, OWN_ROOMS];
        // The newest servers are what aims are about.
        const times = flavour.includes('newest') ? rounds : Math.min(rounds, 3);
        const results = await compare({
          between,
          programs,
          loads: [ATTACHED],
          rounds: times,
          seconds,
          warmup: WARMUP_ATTACHED,
          place,
          stop,
        });
        const measured = results.get(ATTACHED) ?? [];
        skipped.push(...unsound(results).map((one) => `${flavour}, ${one}`));
        const id = `attached/${flavour.replace(/ \((.*)\)/, '-$1')}`;
        pairs(measured, ours, BASELINE).forEach(sameForm);
        shares(values, id, pairs(measured, ours, BASELINE), 'baseline');
        shares(values, id, pairs(measured, ours, OWN_ROOMS), 'own');
        const cells: readonly (readonly [Program, string, string])[] = [
          [ours, 'parlour', 'Parlour'],
          [BASELINE, 'baseline', 'the baseline'],
          [OWN_ROOMS, 'own', 'its own MUC'],
        ];
        for (const [program, name] of cells)
          own(
            values,
            id,
            name,
            measured.map((round) => round.get(program)),
          );
        const aim = flavour === 'prosody (newest)' ? { least: 1.4 } : {};
        found.push(
          ...values.figure(`${id}/of-baseline`, `${flavour}: share of the baseline's deliveries/s`, '', { least: 0.95 }),
          ...values.figure(`${id}/of-own`, `${flavour}: deliveries/s, of its own MUC's`, 'times', aim),
          ...cells.flatMap(([, name, title]) => [
            ...values.figure(`${id}/${name}`, `${flavour}: ${title}`, 'deliveries/s'),
            ...values.figure(`${id}/${name}-process`, `${flavour}: processor time of the component, ${title}`, 'µs a delivery'),
            ...values.figure(`${id}/${name}-server`, `${flavour}: processor time of the server, ${title}`, 'µs a delivery'),
          ]),
        );
      });
      versions[flavour] = serverVersion(flavour);
      soFar?.({ figures: found, skipped, versions });
    }
    return { figures: found, skipped, versions };
  },
};

export const long: Part = {
  name: 'long',
  title: 'each of the three loads for 60 s, of the first 5 s of them',
  rounds: 1,
  minutes: 3.7,
  async run({ rounds, seconds, place, stop }: Chosen): Promise<Found> {
    const ours = parlour('parlour', THIS_BUILD, ALONE);
    const all = await compare({
      between: ALONE,
      programs: [ours],
      loads: LOADS,
      rounds,
      seconds: LONG * seconds,
      warmup: WARMUP,
      place,
      stop,
    });
    const values = new Values();
    const found = [...all].flatMap(([load, measured]): Figure[] => {
      const id = `long/${idOf(load)}`;
      for (const round of measured) {
        const run = round.get(ours) as Measured;
        if (voidBecause(run) !== undefined) continue;
        const first = run.bySecond.slice(0, Math.max(1, Math.floor(seconds)));
        values.add(`${id}/of-short`, figures(run).rate / (first.reduce((sum, one) => sum + one, 0) / first.length));
      }
      const last = (measured.at(-1)?.get(ours) as Measured).bySecond;
      return [
        ...values.figure(`${id}/of-short`, `${load.name}: the whole time, of the first seconds`, '', { least: 0.85 }),
        // The values of this one are seconds, in their order.
        { ...series(`${id}/by-second`, load.name, last) },
      ];
    });
    return { figures: found, skipped: unsound(all) };
  },
};

/** A figure whose values are those of one run, second by second. */
function series(id: string, what: string, bySecond: readonly number[]): Figure {
  const values = bySecond.map(Math.round);
  return {
    id,
    what,
    unit: 'deliveries/s',
    value: values.at(-1) ?? 0,
    values,
    spread: null,
    note: 'second by second; the value is the last one',
  };
}

/** Each load of `loads`: what is said, and where. */
const OTHERS: readonly { readonly load: Load; readonly kind: KindName; readonly quietly: boolean }[] = [
  { load: { name: '1 room of 5,000', rooms: 1, occupants: 5_000, target: 0 }, kind: 'messages', quietly: true },
  { load: { name: 'statuses, 100 x 20', rooms: 100, occupants: 20, target: 0 }, kind: 'presence', quietly: false },
  { load: { name: 'private, 100 x 20', rooms: 100, occupants: 20, target: 0 }, kind: 'private', quietly: false },
];

export const loads: Part = {
  name: 'loads',
  title: 'a room of 5,000, changes of status, private messages: alone against the baseline',
  rounds: 5,
  minutes: 3.8,
  async run({ rounds, seconds: wished, place, stop }: Chosen): Promise<Found> {
    await learnForms({ place, stop }, ['messages', 'presence', 'private']);
    const seconds = Math.min(3, wished);
    const ours = parlour('parlour', THIS_BUILD, ALONE);
    const values = new Values();
    const found: Figure[] = [];
    const skipped: string[] = [];
    for (const { load, kind, quietly } of OTHERS) {
      const results = await compare({
        between: ALONE,
        programs: [ours, BASELINE],
        loads: [load],
        rounds,
        seconds,
        warmup: 1,
        kind,
        quietly,
        place,
        stop,
      });
      const measured = results.get(load) ?? [];
      const id = `loads/${kind}-${idOf(load)}`;
      shares(values, id, pairs(measured, ours, BASELINE), 'baseline');
      own(
        values,
        id,
        'parlour',
        measured.map((round) => round.get(ours)),
      );
      skipped.push(...unsound(results));
      found.push(
        ...values.figure(`${id}/of-baseline`, `${load.name}: share of the baseline's deliveries/s`, ''),
        ...values.figure(`${id}/parlour`, `${load.name}: Parlour`, 'deliveries/s'),
      );
    }
    return { figures: found, skipped };
  },
};
