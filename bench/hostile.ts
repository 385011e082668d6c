/** `npm run bench -- hostile`: how long the messages of innocents take beside a flood, against the baseline beside the same flood. */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startServer } from '../test/e2e/servers/flavours';
import { FLAVOURS } from '../test/e2e/servers/server';
import { startBaseline, startParlour, THIS_BUILD, type Component } from './component';
import { FLOODS, ROOMS, type HostileJob, type Latencies } from './hostile-generator';
import { COMPONENT_DOMAIN, SECRET, SERVER_DOMAIN } from './loads';
import { median } from './publish/figures';
import { USUAL } from './template';

/** What is promised: at most so many times the baseline's, and so many milliseconds. */
const TIMES = 2;
const MORE = 5;

type Start = (port: number, place: string) => Component;
type FromGenerator =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'measured'; readonly latencies: Latencies }
  | { readonly kind: 'failed'; readonly problem: string };

async function measure(job: HostileJob, start: Start, below: string): Promise<Latencies> {
  const place = mkdtempSync(path.join(below, 'run-'));
  const generator = fork(path.join(__dirname, 'hostile-generator.js'), [JSON.stringify(job)]);
  let component: Component | undefined;
  try {
    return await new Promise<Latencies>((resolve, reject) => {
      generator.once('exit', (code) => reject(new Error(`The generator ended early (${code}).`)));
      generator.on('message', (raw) => {
        const message = raw as FromGenerator;
        if (message.kind === 'failed') reject(new Error(message.problem));
        else if (message.kind === 'measured') resolve(message.latencies);
        else {
          component = start(message.port, place);
          component.process.once('exit', () => reject(new Error('The component ended early.')));
          generator.send({ pid: component.process.pid ?? 0 });
        }
      });
    });
  } finally {
    component?.process.kill('SIGKILL');
    generator.kill('SIGKILL');
    rmSync(place, { recursive: true, force: true });
  }
}

/** All floods with one thing between generator and component; true if all promises were kept. */
async function floods(
  name: string,
  job: Omit<HostileJob, 'flood'>,
  only: string | undefined,
  pairs: number,
  place: string,
): Promise<boolean> {
  process.stdout.write(`\n${name}\n${'flood'.padEnd(22)}${'milliseconds'.padStart(14)}   p50     p99   p99.9     max    came   flooded\n`);
  // The limits are the defaults: the flooder meets them. Nobody is of the server's own domain.
  const programs: readonly (readonly [string, Start])[] = [
    ['parlour', (port, below) => startParlour(THIS_BUILD, port, ROOMS, below, { rates: false, serverDomain: 'localhost' })],
    ['baseline', (port, below) => startBaseline(port, USUAL, below)],
  ];
  let kept = true;
  for (const flood of Object.keys(FLOODS).filter((one) => only === undefined || one === only)) {
    const results = new Map<string, Latencies[]>();
    for (let pair = 0; pair < pairs; pair++) {
      for (const [program, start] of pair % 2 === 0 ? programs : [...programs].reverse()) {
        const found = await measure({ ...job, flood }, start, place);
        results.set(program, [...(results.get(program) ?? []), found]);
        const figures = [found.p50, found.p99, found.p999, found.max].map((value) => value.toFixed(1).padStart(8)).join('');
        process.stdout.write(
          `${flood.padEnd(22)}${program.padStart(12)}${figures}${`${found.came}/${found.expected}`.padStart(12)}${String(found.flooded).padStart(8)}\n`,
        );
      }
    }
    for (const key of ['p50', 'p99', 'p999'] as const) {
      const [ours, theirs] = ['parlour', 'baseline'].map((program) => median((results.get(program) ?? []).map((one) => one[key])));
      const bound = TIMES * (theirs ?? 0) + MORE;
      if ((ours ?? Infinity) <= bound) continue;
      kept = false;
      process.stdout.write(`  MISSED ${key}: ${ours?.toFixed(1)} ms, at most ${bound.toFixed(1)} ms\n`);
    }
    if ((results.get('parlour') ?? []).some(({ came, expected }) => came !== expected)) {
      kept = false;
      process.stdout.write('  MISSED: not every message of the innocents came\n');
    }
  }
  return kept;
}

/** Runs the command with the words after its name; false if a promise was missed. */
export async function hostile(args: readonly string[]): Promise<boolean> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '60' },
      pairs: { type: 'string', default: '5' },
      flood: { type: 'string' },
      servers: { type: 'string' },
    },
  });
  const attached = positionals.includes('attached');
  const place = mkdtempSync(path.join(tmpdir(), 'parlour-hostile-'));
  const [seconds, pairs] = [Number(values.seconds), Number(values.pairs)];
  let kept = true;
  try {
    if (!attached) kept = await floods('alone', { seconds }, values.flood, pairs, place);
    for (const flavour of attached ? FLAVOURS.filter((one) => one.includes(values.servers ?? '')) : []) {
      const server = await startServer(flavour, { [COMPONENT_DOMAIN]: SECRET, [SERVER_DOMAIN]: SECRET });
      try {
        if (!(await floods(flavour, { seconds, server: server.componentPort }, values.flood, pairs, place))) kept = false;
      } finally {
        await server.stop();
      }
    }
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
  process.stdout.write(kept ? '\nAll within 2 times the baseline + 5 ms.\n' : '\nNot all within 2 times the baseline + 5 ms.\n');
  return kept;
}
