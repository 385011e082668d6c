/** The part that is reported first: what others who fan out through few sockets come to on the same machine, beside Parlour, round by round. */
import path from 'node:path';
import { natsServer } from '../build-anchors';
import { THIS_BUILD } from '../component';
import { idOf, LOADS, type Load } from '../loads';
import { natsRun } from '../nats';
import type { Figure } from '../publish/figures';
import { figures, GENERATOR_LIMIT, voidBecause } from '../report';
import { ALONE, compare, parlour } from '../rounds';
import { Values, type Chosen, type Found, type Part } from './part';

const WARMUP = 1;
/** Seconds of a measurement at most: there are many of them. */
const SHORT = 3;
const room = (rooms: number, occupants: number): Load => ({
  name: `${rooms} room${rooms > 1 ? 's' : ''} of ${occupants}`,
  rooms,
  occupants,
  target: 0,
});
/** What Parlour comes to, and what NATS does: fan-out that keeps nothing, and fan-out of what is on the disk. */
const OURS: readonly Load[] = [LOADS[0] as Load, LOADS[1] as Load];
const CORE: readonly Load[] = [room(100, 1), room(100, 20), room(1, 1_000)];
const DURABLE: readonly Load[] = [room(1, 20), room(1, 1_000)];
const NO_ERGO = 'Ergo (IRC, a channel of 100 with history): the Go module proxy refuses github.com/ergochat/ergo';

export const anchoring: Part = {
  name: 'anchors',
  title: 'what others come to on this machine: NATS core, and JetStream on file with fsync',
  rounds: 5,
  minutes: 3.9,
  async run({ rounds, seconds: wished, place, stop }: Chosen): Promise<Found> {
    const seconds = Math.min(SHORT, wished);
    const values = new Values();
    const nats = natsServer();
    const skipped = [NO_ERGO, ...('missing' in nats ? [nats.missing] : [])];
    const ours = parlour('parlour', THIS_BUILD, ALONE);
    for (let round = 0; round < rounds; round++) {
      const results = await compare({ between: ALONE, programs: [ours], loads: OURS, rounds: 1, seconds, warmup: WARMUP, place, stop });
      const mine = new Map<string, number>();
      let bytes = 0;
      for (const [load, [measured]] of results) {
        const run = measured?.get(ours);
        if (run === undefined) continue;
        bytes = run.bytesPerDelivery;
        if (voidBecause(run) !== undefined) continue;
        mine.set(idOf(load), figures(run).rate);
        values.add(`anchors/parlour-${idOf(load)}`, figures(run).rate);
      }
      if ('missing' in nats) continue;
      for (const [kind, loads] of [
        ['core', CORE],
        ['jetstream', DURABLE],
        ['consumers', [room(1, 1_000)]],
      ] as const) {
        for (const load of loads) {
          const below = path.join(place, `nats-${round}-${kind}-${idOf(load)}`);
          const run = natsRun({ program: nats.program, load, bytes, kind, warmup: WARMUP, seconds, place: below });
          const { rate, processor, generator } = await Promise.race([run, stop]);
          const limited = generator > GENERATOR_LIMIT ? '  (the generator was busy: at least this)' : '';
          process.stdout.write(
            `${load.name.padEnd(17)} NATS ${kind.padEnd(10)} ${Math.round(rate).toLocaleString('en-US').padStart(12)} deliveries/s, ${processor.toFixed(3)} µs each, generator ${generator.toFixed(2)}${limited}\n`,
          );
          const id = `anchors/${kind}-${idOf(load)}`;
          values.add(id, rate);
          values.add(`${id}-generator`, generator);
          // One room of 20 says as much of the disk as a hundred: every message is one fsync.
          const own = mine.get(idOf(load)) ?? mine.get(load.occupants === 20 ? '100x20' : '');
          if (own !== undefined) values.add(`${id}-ours`, own / rate);
        }
      }
    }
    const of = (kind: string, title: string, loads: readonly Load[], aims: Readonly<Record<string, number>>): Figure[] =>
      loads.flatMap((load) => {
        const id = `anchors/${kind}-${idOf(load)}`;
        const busy = Math.max(0, ...values.of(`${id}-generator`)) > GENERATOR_LIMIT;
        const least = aims[idOf(load)];
        return [
          ...values.figure(id, `${title}, ${load.name}`, 'deliveries/s', busy ? { note: 'the generator was busy: it can do more' } : {}),
          ...values.figure(`${id}-ours`, `Parlour, of ${title}, ${load.name}`, 'times', least === undefined ? {} : { least }),
        ];
      });
    return {
      figures: [
        ...of('core', 'NATS core', CORE, {}),
        ...of('jetstream', 'JetStream, one consumer that all hear', DURABLE, { '1x1000': 5 }),
        ...of('consumers', 'JetStream, a consumer for each', [room(1, 1_000)], { '1x1000': 5 }),
        ...OURS.flatMap((load) => values.figure(`anchors/parlour-${idOf(load)}`, `Parlour, ${load.name}`, 'deliveries/s')),
      ],
      skipped,
      versions: 'missing' in nats ? {} : { 'nats-server': nats.version },
    };
  },
};
