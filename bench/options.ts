/** The command line of `npm run bench`. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { FLAVOURS } from '../test/e2e/servers/server';
import { LOADS, type Load } from './loads';

const USAGE = `npm run bench -- [attached] [options], or a command: all, build-anchors, api, away, hostile, memory, publish, smoke, storm, or a part of all
  attached        through real servers instead of the generator's own end of the link, and their own MUC with archive on
  --servers TEXT  only servers whose name has TEXT: ${FLAVOURS.join(', ')}
  --against REV   this build against that of another commit, instead of against the baseline
  --rounds N      runs of each program under each load (3)
  --seconds S     length of a measurement (5), after --warmup S (2)
  --load N        only load N: ${LOADS.map((load, i) => `${i + 1} = ${load.name}`).join(', ')}
  --only PROGRAM  only baseline, parlour or 'own MUC', without ratios
  --default-rates the rates of limits as they come, instead of 100,000
  --watched       this build's metrics are fetched once a second meanwhile; the audit and the API are always on
  --profile DIR   a CPU profile of each Parlour run into DIR (slows it down)`;

export interface Options {
  readonly attached: boolean;
  readonly servers: string | undefined;
  readonly against: string | undefined;
  readonly rounds: number;
  readonly seconds: number;
  readonly warmup: number;
  readonly loads: readonly Load[];
  readonly only: string | undefined;
  readonly defaultRates: boolean;
  readonly profile: string | undefined;
  readonly watch: boolean;
}

/** What the command line asks for; throws with a sentence and the usage. */
export function options(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      servers: { type: 'string' },
      against: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '5' },
      warmup: { type: 'string', default: '2' },
      load: { type: 'string' },
      only: { type: 'string' },
      'default-rates': { type: 'boolean', default: false },
      profile: { type: 'string' },
      watched: { type: 'boolean', default: false },
    },
  });
  const refuse = (sentence: string): never => {
    throw new Error(`${sentence}\n${USAGE}`);
  };
  const positive = (name: 'rounds' | 'seconds' | 'warmup'): number => {
    const value = Number(values[name]);
    return value > 0 ? value : refuse(`--${name} takes a positive number, not "${values[name]}".`);
  };
  const unknown = positionals.find((word) => word !== 'attached');
  if (unknown !== undefined) refuse(`"${unknown}" is no word of this command.`);
  const load = values.load === undefined ? undefined : LOADS[Number(values.load) - 1];
  if (values.load !== undefined && load === undefined) refuse(`--load takes 1 to ${LOADS.length}.`);
  if (values.only !== undefined && !['baseline', 'parlour', 'own MUC'].includes(values.only))
    refuse("--only takes baseline, parlour or 'own MUC'.");
  const { servers } = values;
  if (servers !== undefined && !FLAVOURS.some((flavour) => flavour.includes(servers))) refuse(`No server's name has "${servers}".`);
  return {
    attached: positionals.includes('attached'),
    servers,
    against: values.against,
    rounds: positive('rounds'),
    seconds: positive('seconds'),
    warmup: positive('warmup'),
    loads: load ? [load] : LOADS,
    only: values.only,
    defaultRates: values['default-rates'],
    profile: values.profile === undefined ? undefined : path.resolve(values.profile),
    watch: values.watched,
  };
}
