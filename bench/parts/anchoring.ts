/** The part that is reported first: what others who fan out through few sockets come to on the same machine, beside Parlour, round by round. */
import path from 'node:path';
import { natsServer } from '../build-anchors';
import { THIS_BUILD } from '../component';
import { idOf, LOADS, type Load } from '../loads';
import { canHave, ensurePackage } from '../../test/e2e/support/packages';
import { ircRun } from '../irc';
import { natsRun } from '../nats';
import type { Figure } from '../publish/figures';
import { figures, GENERATOR_LIMIT, voidBecause } from '../report';
import { ALONE, compare, parlour } from '../rounds';
import { wasInterrupted } from '../surroundings';
import { Values, type Chosen, type Found, type Part } from './part';
import { packageVersion } from './versions';

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
const OURS: readonly Load[] = [LOADS[0] as Load, LOADS[1] as Load, room(1, 100)];
const CORE: readonly Load[] = [room(100, 1), room(100, 20), room(1, 1_000)];
const DURABLE: readonly Load[] = [room(1, 20), room(1, 1_000)];
/** People in the channel of IRC. */
const CHANNEL = 100;
const INSPIRCD = '/usr/sbin/inspircd';
const NO_ERGO = 'Ergo (IRC): the Go module proxy refuses github.com/ergochat/ergo; InspIRCd, a package of Debian, stands in its place';

const line = (load: string, program: string, rate: number, processor: number, generator: number): string =>
  `${load.padEnd(17)} ${program.padEnd(15)} ${Math.round(rate).toLocaleString('en-US').padStart(12)} deliveries/s, ${processor.toFixed(3)} µs each, generator ${generator.toFixed(2)}${generator > GENERATOR_LIMIT ? '  (the generator was busy: at least this)' : ''}\n`;

export const anchoring: Part = {
  name: 'anchors',
  title: 'what others come to on this machine: NATS core, JetStream on file with fsync, and IRC in a channel of 100 with history',
  rounds: 5,
  minutes: 5,
  async run({ rounds, seconds: wished, place, stop }: Chosen): Promise<Found> {
    const seconds = Math.min(SHORT, wished);
    const values = new Values();
    const nats = natsServer();
    const hasIrc = canHave('inspircd');
    if (hasIrc) await ensurePackage('inspircd');
    const skipped = [
      NO_ERGO,
      ...(hasIrc ? [] : ['InspIRCd is not installed, and only root could install it (apt install inspircd)']),
      ...('missing' in nats ? [nats.missing] : []),
    ];
    /** One that fails is named with its reason, and tells nothing of the others. */
    const attempt = async (what: string, run: () => Promise<void>): Promise<void> => {
      try {
        await run();
      } catch (error) {
        if (wasInterrupted(error)) throw error;
        const [why = ''] = String(error).split('\n');
        process.stdout.write(`${what} FAILED: ${String(error)}\n`);
        skipped.push(`${what}: ${why}`);
      }
    };
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
      if (hasIrc) {
        await attempt('InspIRCd', async () => {
          const below = path.join(place, `irc-${round}`);
          const run = ircRun({ program: INSPIRCD, people: CHANNEL, bytes, warmup: WARMUP, seconds, place: below });
          const { rate, processor, generator, bytes: length } = await Promise.race([run, stop]);
          process.stdout.write(line(`a channel of ${CHANNEL}`, 'InspIRCd', rate, processor, generator));
          values.add('anchors/irc-1x100', rate);
          values.add('anchors/irc-1x100-generator', generator);
          values.add('anchors/irc-1x100-bytes', length);
          const own = mine.get('1x100');
          if (own !== undefined) values.add('anchors/irc-1x100-ours', own / rate);
        });
      }
      if ('missing' in nats) continue;
      for (const [kind, loads] of [
        ['core', CORE],
        ['jetstream', DURABLE],
        ['consumers', [room(1, 1_000)]],
      ] as const) {
        for (const load of loads) {
          await attempt(`NATS ${kind}, ${load.name}`, async () => {
            const below = path.join(place, `nats-${round}-${kind}-${idOf(load)}`);
            const run = natsRun({ program: nats.program, load, bytes, kind, warmup: WARMUP, seconds, place: below });
            const { rate, processor, generator } = await Promise.race([run, stop]);
            process.stdout.write(line(load.name, `NATS ${kind}`, rate, processor, generator));
            const id = `anchors/${kind}-${idOf(load)}`;
            values.add(id, rate);
            values.add(`${id}-generator`, generator);
            // One room of 20 says as much of the disk as a hundred: every message is one fsync.
            const own = mine.get(idOf(load)) ?? mine.get(load.occupants === 20 ? '100x20' : '');
            if (own !== undefined) values.add(`${id}-ours`, own / rate);
          });
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
        ...of('irc', 'InspIRCd, with history', [room(1, CHANNEL)], {}),
        ...values.figure('anchors/irc-1x100-bytes', 'a delivery of InspIRCd', 'bytes'),
        ...OURS.flatMap((load) => values.figure(`anchors/parlour-${idOf(load)}`, `Parlour, ${load.name}`, 'deliveries/s')),
      ],
      skipped,
      versions: {
        ...('missing' in nats ? {} : { 'nats-server': nats.version }),
        ...(hasIrc ? { inspircd: packageVersion('inspircd') } : {}),
      },
    };
  },
};
