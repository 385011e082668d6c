/** Parts about how long people wait: latency beside the servers' own rooms, loop delay, the default rates, pages of archives beside live talk. */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { missing, startServer } from '../../test/e2e/servers/flavours';
import type { Flavour } from '../../test/e2e/servers/server';
import { startLeast, startParlour, THIS_BUILD, type Component } from '../component';
import { live } from '../live';
import { COMPONENT_DOMAIN, idOf, LOADS, SECRET, SERVER_DOMAIN, type Load } from '../loads';
import type { Figure } from '../publish/figures';
import { median } from '../publish/figures';
import { figures } from '../report';
import { ALONE, compare, parlour, through, type Between } from '../rounds';
import { most, steady, type Latency } from '../steady';
import { USUAL } from '../template';
import { Values, type Chosen, type Found, type Part } from './part';

/** Milliseconds that the disk takes for one small durable write, as median. */
function fsyncOf(place: string): number {
  const file = path.join(place, 'fsync');
  const descriptor = openSync(file, 'w');
  const block = Buffer.alloc(4096, 1);
  const took = Array.from({ length: 200 }, () => {
    const start = performance.now();
    writeSync(descriptor, block);
    fsyncSync(descriptor);
    return performance.now() - start;
  });
  closeSync(descriptor);
  rmSync(file);
  return median(took);
}

const SERVERS: readonly Flavour[] = ['prosody (newest)', 'ejabberd (newest)'];
const LATENCY_LOAD: Load = { name: '20 rooms of 20', rooms: 20, occupants: 20, target: 0 };
/** Messages in flight while the most is looked for. */
const IN_FLIGHT = 220;
/** Seconds of it at least: Prosody takes all that was sent before it delivers any. */
const FULL_SECONDS = 5;

export const latency: Part = {
  name: 'latency',
  title: "latency at half of the slower one's capacity, beside the servers' own MUC with archive on and the least durable program",
  rounds: 5,
  minutes: 4.5,
  async run({ rounds, seconds, place, soFar }: Chosen): Promise<Found> {
    const values = new Values();
    const found: Figure[] = [];
    const skipped: string[] = [];
    const fsync = fsyncOf(place);
    for (const flavour of SERVERS) {
      const why = missing(flavour);
      if (why !== null) {
        skipped.push(`${flavour}: ${why}`);
        continue;
      }
      const id = `latency/${flavour.replace(/ \((.*)\)/, '-$1')}`;
      await through(flavour, async (between) => {
        const start = (port: number, below: string): Component =>
          startParlour(THIS_BUILD, port, LATENCY_LOAD, below, { rates: true, serverDomain: between.domain });
        const ours = <T>(body: Parameters<typeof live<T>>[3]): Promise<T> => live(place, LATENCY_LOAD, start, body, between.port);
        const own = <T>(body: Parameters<typeof live<T>>[3]): Promise<T> => withOwnRooms(flavour, place, body);
        const least = <T>(body: Parameters<typeof live<T>>[3]): Promise<T> =>
          live(place, LATENCY_LOAD, (port, below) => startLeast(port, USUAL, below), body, between.port);
        const full = [
          await ours((attachment) => most(attachment, LATENCY_LOAD, IN_FLIGHT, Math.max(FULL_SECONDS, seconds))),
          await own((attachment) => most(attachment, LATENCY_LOAD, IN_FLIGHT, Math.max(FULL_SECONDS, seconds))),
        ];
        const rate = Math.min(...full) / 2;
        process.stdout.write(
          `${flavour}: at ${rate.toFixed(0)} messages/s, half of the slower one's (Parlour ${full.map((one) => one.toFixed(0)).join(', own MUC ')})\n`,
        );
        for (let round = 0; round < rounds; round++) {
          const programs: readonly (readonly [string, typeof ours])[] = [
            ['parlour', ours],
            ['own', own],
            ['least', least],
          ];
          for (const [name, run] of round % 2 === 0 ? programs : [...programs].reverse()) {
            const took = await run<Latency>(async (attachment) => {
              await steady(attachment, LATENCY_LOAD, rate, Math.min(2, seconds));
              return steady(attachment, LATENCY_LOAD, rate, seconds);
            });
            process.stdout.write(`${flavour.padEnd(18)}${name.padEnd(8)} ${told(took)}\n`);
            for (const key of ['p50', 'p99', 'max'] as const) values.add(`${id}/${name}-${key}`, took[key]);
          }
        }
        found.push(
          ...values.figure(`${id}/own-p50`, `${flavour}: its own MUC, p50`, 'ms'),
          ...values.figure(`${id}/own-p99`, `${flavour}: its own MUC, p99`, 'ms'),
          ...values.figure(`${id}/own-max`, `${flavour}: its own MUC, max`, 'ms'),
          ...(['p50', 'p99'] as const).flatMap((key) =>
            values.figure(`${id}/parlour-${key}`, `${flavour}: Parlour, ${key}`, 'ms', {
              most: Number((median(values.of(`${id}/own-${key}`)) + fsync).toPrecision(4)),
              note: `aim: its own MUC's and one fsync, ${fsync.toFixed(2)} ms; at ${rate.toFixed(0)} messages/s`,
            }),
          ),
          ...values.figure(`${id}/parlour-max`, `${flavour}: Parlour, max`, 'ms'),
          ...(['p50', 'p99', 'max'] as const).flatMap((key) =>
            values.figure(`${id}/least-${key}`, `${flavour}: the least durable program, ${key}`, 'ms'),
          ),
        );
      });
      soFar?.({ figures: found, skipped });
    }
    return { figures: found, skipped };
  },
};

async function withOwnRooms<T>(flavour: Flavour, place: string, body: Parameters<typeof live<T>>[3]): Promise<T> {
  const server = await startServer(flavour, { [SERVER_DOMAIN]: SECRET }, { ownRooms: COMPONENT_DOMAIN });
  try {
    return await live(place, LATENCY_LOAD, undefined, body, server.componentPort);
  } finally {
    await server.stop();
  }
}

const told = ({ p50, p99, p999, max }: Latency): string =>
  `p50 ${p50.toFixed(2)}  p99 ${p99.toFixed(2)}  p99.9 ${p999.toFixed(2)}  max ${max.toFixed(2)} ms`;

/** How late the loop was since the last time, in ms. */
async function loopOf(component: Component | undefined, file: string): Promise<Latency> {
  rmSync(file, { force: true });
  component?.process.kill('SIGUSR2');
  for (let waited = 0; !existsSync(file); waited += 20) {
    if (waited > 10_000) throw new Error('The loop was not told within 10 s.');
    await delay(20);
  }
  return JSON.parse(readFileSync(file, 'utf8')) as Latency;
}

export const loop: Part = {
  name: 'loop',
  title: 'loop delay p99.9 at half of the maximum, above an idle control',
  rounds: 5,
  minutes: 4.5,
  async run({ rounds, seconds, place, stop }: Chosen): Promise<Found> {
    const values = new Values();
    const file = path.join(place, 'loop.json');
    process.env['PARLOUR_LOOP'] = file;
    const build = { ...THIS_BUILD, nodeOptions: ['--require', path.join(__dirname, '../loop-delay.js')] };
    const full = await compare({
      between: ALONE,
      programs: [parlour('parlour', THIS_BUILD, ALONE)],
      loads: LOADS,
      rounds: 1,
      seconds: 3,
      warmup: 1,
      place,
      stop,
    });
    const found: Figure[] = [];
    for (const load of LOADS) {
      const [round] = full.get(load) ?? [];
      const maximum = [...(round?.values() ?? [])].map((one) => figures(one).rate)[0] ?? 0;
      const rate = maximum / load.occupants / 2;
      const id = `loop/${idOf(load)}`;
      for (let n = 0; n < rounds; n++) {
        await live(
          place,
          load,
          (port, below) => startParlour(build, port, load, below, { rates: true, serverDomain: SERVER_DOMAIN }),
          async (attachment, component) => {
            await delay(500);
            await loopOf(component, file);
            await delay(seconds * 1000);
            const idle = await loopOf(component, file);
            await steady(attachment, load, rate, 1);
            await loopOf(component, file);
            await steady(attachment, load, rate, seconds);
            const busy = await loopOf(component, file);
            process.stdout.write(`${load.name.padEnd(18)} idle ${told(idle)}; busy ${told(busy)}\n`);
            values.add(`${id}/p999`, Math.max(0, busy.p999 - idle.p999));
            values.add(`${id}/idle`, idle.p999);
          },
        );
      }
      found.push(
        ...values.figure(
          `${id}/p999`,
          `${load.name}, ${Math.round(rate * load.occupants).toLocaleString('en-US')} deliveries/s: above idle`,
          'ms',
          { most: 20 },
        ),
        ...values.figure(`${id}/idle`, `${load.name}: idle`, 'ms'),
      );
    }
    return { figures: found };
  },
};

/** Five rooms of 20 in which everybody says nine tenths of what the default lets them. */
const TALKATIVE: Load = { name: '5 rooms of 20', rooms: 5, occupants: 20, target: 0 };
const DEFAULT_RATE = 10;
/** A message that the rate holds back waits for a tenth of a second or more. */
const HELD_BACK = 1_000 / DEFAULT_RATE;
const BELOW = 0.9;

/** Whether nobody below the default rates is delayed: the slowest hundredth of copies, in turn with the rates at their defaults and at 100,000. */
export const defaults: Part = {
  name: 'default-rates',
  title: 'nobody who stays below the default rates is delayed',
  rounds: 5,
  minutes: 1.3,
  async run({ rounds, seconds, place }: Chosen): Promise<Found> {
    const values = new Values();
    const rate = TALKATIVE.rooms * TALKATIVE.occupants * DEFAULT_RATE * BELOW;
    const between: Between = ALONE;
    for (let round = 0; round < rounds; round++) {
      const both: readonly (readonly [string, boolean])[] = [
        ['defaults', false],
        ['high', true],
      ];
      for (const [name, isHigh] of round % 2 === 0 ? both : [...both].reverse()) {
        const took = await live(
          place,
          TALKATIVE,
          (port, below) => startParlour(THIS_BUILD, port, TALKATIVE, below, { rates: isHigh, serverDomain: between.domain }),
          (attachment) => steady(attachment, TALKATIVE, rate, seconds),
        );
        process.stdout.write(`${name.padEnd(10)} ${told(took)}\n`);
        values.add(`default-rates/${name}-p99`, took.p99);
        values.add(`default-rates/${name}-max`, took.max);
      }
    }
    const of = (name: string): number => median(values.of(`default-rates/${name}`));
    const isKept = of('defaults-max') < of('high-max') + HELD_BACK && of('defaults-p99') <= 1.25 * of('high-p99') + 2;
    values.add('default-rates/kept', isKept ? 1 : 0);
    process.stdout.write(`Nobody below the default rates is delayed: ${isKept ? 'yes' : 'NO'}\n`);
    return {
      figures: [
        ...values.figure('default-rates/kept', 'nobody below the default rates is delayed (1: yes)', '', { least: 1 }),
        ...values.figure('default-rates/defaults-p99', 'p99 with the rates at their defaults', 'ms'),
        ...values.figure('default-rates/high-p99', 'p99 with the rates at 100,000', 'ms'),
        ...values.figure('default-rates/defaults-max', 'the slowest with the rates at their defaults', 'ms'),
        ...values.figure('default-rates/high-max', 'the slowest with the rates at 100,000', 'ms'),
      ],
    };
  },
};

export const paging: Part = {
  name: 'paging',
  title: 'pages of archives beside live talk',
  rounds: 5,
  minutes: 1.3,
  async run({ rounds, seconds, place }: Chosen): Promise<Found> {
    const words = [
      '--messages',
      '100000',
      '--rooms',
      '100',
      '--seconds',
      String(seconds),
      '--rounds',
      String(rounds),
      '--json',
      '--folder',
      path.join(place, 'archive'),
    ];
    const { stdout, stderr, status } = spawnSync(process.execPath, [path.join(__dirname, '../archive-live.js'), ...words], {
      encoding: 'utf8',
    });
    process.stdout.write(stdout);
    if (status !== 0) throw new Error(`archive-live ended with ${status}: ${stderr}`);
    const { alone, beside, pages } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<'alone' | 'beside' | 'pages', number[]>;
    const values = new Values();
    beside.forEach((one, round) => values.add('paging/of-alone', one / (alone[round] as number)));
    pages.forEach((one) => values.add('paging/pages', one));
    beside.forEach((one) => values.add('paging/p99', one));
    return {
      figures: [
        ...values.figure('paging/of-alone', 'p99 of live talk beside 8 readers, of that alone', 'times', { most: 1.5 }),
        ...values.figure('paging/p99', 'p99 of live talk beside 8 readers', 'ms'),
        ...values.figure('paging/pages', 'pages of 50 that the readers get meanwhile', 'pages/s'),
      ],
    };
  },
};
